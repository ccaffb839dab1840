//! A node that has fallen behind itself: a peer shows, under the node's own signatures, what its
//! record does not have. Whatever it signed next could be a second history beside the one that the
//! peer holds, so it signs nothing for that log until the log has ended under a greater number.
//! REC-26, REC-48.

use crate::channel::{Channel, read_control};
use crate::node::Node;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::head::{Head, LogId};
use counterpart_record::id::Entry;
use counterpart_record::parcel::Contents;
use counterpart_record::party::Control;
use counterpart_store::{Batch, Stop};

impl Node {
    /// Looks at what a parcel shows of ourselves, before anything else of it is taken.
    /// [`Code::StoreBehind`] if it shows more than we know, or anything has before.
    /// [`Code::EntriesMissing`] where it only says so: nobody signed that, and our position makes
    /// the peer show it. REC-32.
    pub(crate) fn look_behind(&mut self, at: usize, contents: &Contents) -> Result<()> {
        let channel = &self.channels[at];
        let shown = [overtaken(channel, contents), outgrown(channel, contents)];
        let most = shown.into_iter().flatten().max();
        if most > channel.behind {
            self.stop(at, most)?;
        }
        let channel = &self.channels[at];
        channel.may_sign()?;
        let said = contents.epochs.held;
        if said > channel.row.epoch {
            return Err(Code::EntriesMissing.at(format!("our epoch {said}")));
        }
        let size = channel.own.frontier.size();
        // Of the log that goes on, or that never ended.
        let today = channel.own.line.is_whole() || said == channel.row.epoch;
        match &contents.cosignature {
            Some(word) if today && word.size > size => {
                Err(Code::EntriesMissing.at(format!("our head {} after {size}", word.size)))
            }
            _ => Ok(()),
        }
    }

    /// The logs for which nothing is signed, as [`Code::StoreBehind`] each.
    pub fn stopped(&self) -> Vec<Fault> {
        self.channels.iter().filter_map(|channel| channel.may_sign().err()).collect()
    }

    fn stop(&mut self, at: usize, epoch: Option<u64>) -> Result<()> {
        let mut batch = Batch { channel: self.channels[at].row.number, ..Batch::default() };
        batch.stop = epoch.map(Stop::Begins);
        let time = self.time_of(at);
        // A crash before this line: nothing was signed since, and the peer shows it again. After
        // it: every process that opens this record knows.
        self.commit(at, batch, time)?;
        self.channels[at].behind = epoch;
        Ok(())
    }

    /// The greatest number of an epoch of ours that this record knows of, its own or one that a
    /// peer has shown: that of the next one has to be greater. REC-41.
    pub fn last_epoch(&self) -> u64 {
        let known = self.channels.iter();
        let known = known.map(|channel| channel.behind.max(Some(channel.own.line.last())));
        known.max().flatten().unwrap_or(1)
    }
}

impl Channel {
    /// Whether nothing is signed for our log, for now or for good.
    pub fn stands_still(&self) -> bool {
        self.behind.is_some() || self.own.line.is_spent()
    }

    /// Whether anything may be signed for our log. [`Code::StoreBehind`] names the peer and the
    /// number that a new epoch has to exceed.
    pub fn may_sign(&self) -> Result<()> {
        let what = |epoch| format!("{}: epoch {epoch}", self.row.peer.short());
        self.behind.map_or(Ok(()), |epoch| Err(Code::StoreBehind.at(what(epoch))))
    }
}

/// The peer shows a head of our own, with our signatures, that is larger than our log. We signed it
/// and do not know it: our store is an old copy, and of that epoch. REC-26.
fn outgrown(channel: &Channel, contents: &Contents) -> Option<u64> {
    let larger = |head: &&Head| head.size > channel.own.frontier.size();
    let head = contents.yours.as_ref().filter(larger)?;
    let mut credentials = channel.own.book.credentials();
    let ours = credentials.any(|own| head.verify(&channel.own.log, own.ring(channel.ring)).is_ok());
    ours.then_some(channel.own.log.epoch)
}

/// The peer shows an epoch of ours that we do not know, under our own root: somebody restored this
/// node elsewhere, or a clock went back since. REC-48.
fn overtaken(channel: &Channel, contents: &Contents) -> Option<u64> {
    let bytes = &contents.epochs.yours;
    let own = &channel.own;
    if bytes.is_empty() || own.line.begun_by(&Entry::of(bytes)).is_some() {
        return None;
    }
    match read_control(bytes, &own.book.newest().root) {
        Ok(Control::Epoch(epoch)) if epoch.epoch > own.log.epoch => {
            let old = LogId::parse(&epoch.old_origin).ok()?;
            (old.channel == own.log.channel).then_some(epoch.epoch)
        }
        _ => None,
    }
}
