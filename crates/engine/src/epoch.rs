//! Epochs. A node whose backup was restored cannot know what it signed after the backup: its logs
//! end where the backup ends, and go on as new ones. Spec: docs/spec/epoch.md.

use crate::channel::{Rows, read_control};
use crate::node::Node;
use crate::regain::{lost, shown};
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::LogId;
use counterpart_record::id::{Entry, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::log::Frontier;
use counterpart_record::parcel::{Contents, Epochs};
use counterpart_record::party::{Control, Epoch};
use counterpart_store::{ClosingRow, Owner};

/// Where one of our logs stands, as an epoch statement over it has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// With whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// The log.
    pub log: LogId,
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: counterpart_record::hash::Hash,
}

impl Node {
    /// Whether the store is a restored copy of which not every log has gone on yet.
    pub fn is_restored(&self) -> bool {
        self.restored
    }

    /// Whether one of the two logs of a channel has ended and gone on.
    pub fn is_over_epochs(&self, peer: &PartyId, ring: Ring) -> bool {
        let at = self.channel_at(peer, ring).ok().map(|at| &self.channels[at]);
        at.is_some_and(|at| !at.own.line.is_whole() || !at.peer.line.is_whole())
    }

    /// Where our logs stand: those that still have to end after a restore, or all of them.
    pub fn endings(&self) -> Vec<Ending> {
        let waits = self.channels.iter().filter(|channel| channel.restored || !self.restored);
        let each = waits.map(|channel| Ending {
            peer: channel.row.peer,
            ring: channel.ring,
            log: channel.own.log,
            size: channel.own.frontier.size(),
            root: channel.own.frontier.root(),
        });
        each.collect()
    }

    /// The store is a restored copy: from here on it signs nothing until each log has ended.
    pub fn mark_restored(store: &mut dyn counterpart_store::Store) -> Result<()> {
        store.mark_restored(true)
    }

    /// Ends the restore: every log has gone on. [`Code::RestoreUnfinished`] if one has not.
    pub fn finish_restore(&mut self) -> Result<()> {
        if let Some(channel) = self.channels.iter().find(|channel| channel.restored) {
            return Err(Code::RestoreUnfinished.at(channel.row.peer.short()));
        }
        self.store.mark_restored(false)?;
        self.restored = false;
        self.settle()
    }

    /// Our own log ends where we stand and goes on. [`Code::EpochWrong`] unless the statement says
    /// exactly that.
    pub(crate) fn close_own(&mut self, epoch: &Epoch, bytes: &[u8]) -> Result<()> {
        let old = LogId::parse(&epoch.old_origin)?;
        let at = self.channels.iter().position(|channel| channel.own.log == old);
        let at = at.ok_or_else(|| Code::EpochWrong.at("no log of ours"))?;
        let channel = &self.channels[at];
        let here = (channel.own.frontier.size(), channel.own.frontier.root());
        if (epoch.kept, epoch.root) != here || epoch.epoch <= old.epoch {
            return Err(Code::EpochWrong.at(format!("leaf {} of {}", epoch.kept, here.0)));
        }
        let mut row = channel.row.clone();
        row.epoch = epoch.epoch;
        let closing = ClosingRow {
            owner: Owner::Own,
            ended: old.epoch,
            epoch: epoch.epoch,
            kept: epoch.kept,
            root: epoch.root,
            held: 0,
            statement: bytes.to_vec(),
        };
        let control = counterpart_store::Control {
            entry: Entry::of(bytes),
            by: self.me,
            bytes: bytes.to_vec(),
        };
        // A crash before this line: nothing was said. After it: the log is a new one, and `settle`
        // puts the statement into it.
        self.close(at, row, closing, vec![control])?;
        self.channels[at].restored = false;
        Ok(())
    }

    fn close(
        &mut self,
        at: usize,
        row: counterpart_store::ChannelRow,
        closing: ClosingRow,
        controls: Vec<counterpart_store::Control>,
    ) -> Result<()> {
        let mut batch = self.batch(at);
        (batch.row, batch.closing, batch.controls) = (Some(row.clone()), Some(closing), controls);
        let time = self.time_of(at);
        self.commit(at, batch, time)?;
        self.reload_channel(at, row)
    }

    /// The peer's log has gone on, if its parcel shows so. A parcel of an epoch that has ended is
    /// refused whole: what it brings was signed by a node that is no more. REC-41.
    pub(crate) fn turn(&mut self, at: usize, contents: &Contents) -> Result<()> {
        let root = self.channels[at].peer.book.newest().root.clone();
        for bytes in &contents.epochs.statements {
            let control = read_control(bytes, &root)?;
            let Control::Epoch(epoch) = control else {
                return Err(Code::EpochWrong.at("not an epoch statement"));
            };
            let old = LogId::parse(&epoch.old_origin)?;
            let channel = &self.channels[at];
            let ours = old.channel == channel.row.channel && old.owner == channel.row.peer;
            if !ours {
                return Err(Code::EpochWrong.at(epoch.old_origin));
            }
            let mut closings = channel.peer.line.closings.iter();
            if epoch.epoch > channel.row.peer_epoch {
                self.close_peers(at, &epoch, old, bytes)?;
            } else if closings.any(|c| c.epoch == epoch.epoch && c.statement != *bytes) {
                return Err(Code::EpochWrong.at(format!("two epochs {}", epoch.epoch)));
            }
        }
        let (said, held) = (contents.epoch, self.channels[at].row.peer_epoch);
        match said.cmp(&held) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Less => Err(Code::EpochClosed.at(format!("{said}, now {held}"))),
            std::cmp::Ordering::Greater => {
                // We know less than it believes. Our position tells it so.
                Err(Code::EntriesMissing.at(format!("epoch {said} after {held}")))
            }
        }
    }

    fn close_peers(&mut self, at: usize, epoch: &Epoch, old: LogId, bytes: &[u8]) -> Result<()> {
        let channel = &self.channels[at];
        if old.epoch > channel.row.peer_epoch {
            // A backup of ours lost the statement before it. Our position tells the peer so.
            let what = format!("epoch {} after {}", old.epoch, channel.row.peer_epoch);
            return Err(Code::EntriesMissing.at(what));
        }
        let size = channel.peer.frontier.size();
        // What we hold of the leaves that it keeps is what it keeps. Of those that we do not hold
        // yet the head that comes over them must say the same.
        let follows = channel.peer.line.epoch_of_size(epoch.kept) == old.epoch
            && channel.peer.line.closings.iter().all(|closing| closing.kept <= epoch.kept);
        let store = self.store.as_ref();
        let rows = Rows { store, channel: channel.row.number, owner: Owner::Peer };
        let same = epoch.kept > size || Frontier::load(&rows, epoch.kept)?.root() == epoch.root;
        if !follows || !same {
            let what = format!("not as we hold leaf {} of {}", epoch.kept, old.origin());
            return Err(Code::EpochWrong.at(what));
        }
        let mut row = channel.row.clone();
        let closing = ClosingRow {
            owner: Owner::Peer,
            ended: row.peer_epoch,
            epoch: epoch.epoch,
            kept: epoch.kept,
            root: epoch.root,
            held: row.held,
            statement: bytes.to_vec(),
        };
        row.peer_epoch = epoch.epoch;
        row.held = row.held.min(epoch.kept);
        let number = row.number;
        // A crash before this line: the parcel comes again. After it: the old epoch stands aside.
        self.close(at, row, closing, Vec::new())?;
        // With its backup it may have lost sealed bytes, too: it says of each again that it is
        // there. ATT-11.
        self.told.retain(|(channel, _)| *channel != number);
        Ok(())
    }

    /// What a parcel says of epochs.
    pub(crate) fn epochs(&self, at: usize) -> Result<Epochs> {
        let channel = &self.channels[at];
        let (own, peer) = (&channel.own.line, &channel.peer.line);
        if own.is_whole() && peer.is_whole() {
            return Ok(Epochs::default());
        }
        let unknown = own.closings.iter().filter(|closing| closing.epoch > channel.peer_knows);
        Ok(Epochs {
            held: channel.row.peer_epoch,
            regained: own.sizes(),
            mirrored: peer.sizes(),
            statements: unknown.map(|closing| closing.statement.clone()).collect(),
            lost: lost(channel),
            shown: shown(channel),
        })
    }

    /// Whether there is something to say of epochs that the peer may not know.
    pub(crate) fn epochs_wait(&self, at: usize) -> bool {
        let channel = &self.channels[at];
        !channel.own.line.is_whole() && (channel.peer_knows < channel.row.epoch || channel.owes)
    }
}
