//! What stands in the store beside logs and heads: the cosignatures on heads, the times of acts,
//! the own list of root-signed statements. Each is held to what it is of.

use crate::channel::{Channel, Side};
use crate::node::Node;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::head::{Cosignature, Head};
use counterpart_record::id::Entry;
use counterpart_store::{ActRow, Owner};
use std::collections::BTreeSet;

/// The times by which a log took its leaves in.
pub(crate) struct Times {
    /// Size and time of every head of today, smallest first.
    heads: Vec<(u64, u64)>,
    /// Of every head, also of those of epochs that ended.
    all: BTreeSet<u64>,
    /// Whether the log has had one epoch only.
    whole: bool,
}

impl Times {
    /// Whether an act at `index` of this log can have been logged at `time`: by the first head over
    /// it, or, where leaves were moved by an epoch that ended, by one of its heads.
    pub fn allow(&self, index: u64, time: u64) -> bool {
        let over = self.heads.partition_point(|(size, _)| *size <= index);
        let first = self.heads.get(over).map(|(_, at)| *at);
        first == Some(time) || !self.whole && self.all.contains(&time)
    }
}

impl Node {
    /// The own list: each statement under its own name.
    pub(crate) fn check_list(&self, out: &mut Vec<Fault>) -> Result<()> {
        for control in self.store.load()?.controls {
            if control.entry != Entry::of(&control.bytes) {
                let what = format!("root-signed statement {}, own list", control.entry);
                out.push(Code::StoreDamaged.at(what));
            }
        }
        Ok(())
    }

    /// Every cosignature on the heads of a log: on a head that is there, by a key of the other
    /// party. Of the peer's log the newest head has ours, which was written with it. REC-20
    pub(crate) fn check_cosignatures(
        &self,
        channel: &Channel,
        owner: Owner,
        out: &mut Vec<Fault>,
    ) -> Result<()> {
        let number = channel.row.number;
        let (side, by, other) = match owner {
            Owner::Own => (&channel.own, &channel.row.peer, Owner::Peer),
            Owner::Peer => (&channel.peer, &self.me, Owner::Own),
        };
        let signers = self.credentials_in(channel, other)?;
        let place = |size: u64| format!("cosignature, {}, size {size}", side.log.origin());
        let (mut from, mut last) = (0, 0);
        while let Some(bytes) = self.store.cosigned_from(number, owner, from)? {
            let Ok(word) = Cosignature::parse(&bytes) else {
                // Which one it is, only what cannot be read would say.
                out.push(Code::StoreDamaged.at(place(from)));
                return Ok(());
            };
            let head = self.store.head_at(number, owner, word.size)?;
            let head = head.map(|bytes| Head::parse(&bytes)).transpose()?;
            let log = side.log_at(word.size);
            let good =
                signers.iter().any(|one| word.verify(&log, by, one.ring(channel.ring)).is_ok());
            // Until a peer has given back what a restore lost, its keys may be among it.
            if head.is_none_or(|head| head.root != word.root) {
                out.push(Code::RootDiffers.at(place(word.size)));
            } else if !good && !channel.unheard {
                out.push(Code::SignatureWrong.at(place(word.size)));
            }
            if word.size < from {
                return Ok(());
            }
            (from, last) = (word.size + 1, word.size);
        }
        let size = side.frontier.size();
        if owner == Owner::Peer && side.line.is_whole() && last != size && !channel.one_sided {
            out.push(Code::StoreDamaged.at(place(size)));
        }
        Ok(())
    }

    /// When each side of a channel took its leaves in.
    pub(crate) fn times(&self, channel: &Channel) -> Result<[Times; 2]> {
        let of = |side: &Side, owner: Owner| -> Result<Times> {
            let mut heads = Vec::new();
            for bytes in self.store.heads_after(channel.row.number, owner, 0, usize::MAX >> 1)? {
                let head = Head::parse(&bytes)?;
                heads.push((head.size, head.time));
            }
            let ended = side.line.tails().values().flat_map(|tail| &tail.heads);
            let all = heads.iter().map(|(_, time)| *time).chain(ended.map(|head| head.time));
            Ok(Times { all: all.collect(), whole: side.line.is_whole(), heads })
        };
        Ok([of(&channel.own, Owner::Own)?, of(&channel.peer, Owner::Peer)?])
    }
}

/// Whether the time that is kept with an act is that of its author's official head.
pub(crate) fn timely(times: &[Times; 2], row: &ActRow) -> bool {
    let [own, peer] = times;
    let of = if row.mine { own } else { peer };
    row.matter.is_none() || of.allow(row.author_index, row.logged_at)
}
