//! Epochs. A node whose backup was restored cannot know what it signed after the backup: its logs
//! end where the backup ends, and go on as new ones. Spec: docs/spec/epoch.md.

use crate::channel::{Channel, Side, read_control};
use crate::line::Tail;
use crate::node::Node;
use crate::regain::{lost, shown};
use crate::tree::{Rows, grow};
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::head::LogId;
use counterpart_record::id::{Entry, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::limits;
use counterpart_record::log::Frontier;
use counterpart_record::parcel::{Contents, Epochs};
use counterpart_record::party::{Control, Epoch, RootPublic};
use counterpart_store::{Batch, ChannelRow, ClosingRow, Owner, Stop};

/// Where one of our logs stands, as an epoch statement over it has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// With whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// The log: in the epoch of its last leaf. One that has no leaf yet began in a restore that
    /// was killed; the log goes on from where that one went on, and nobody signed anything in it.
    pub log: LogId,
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Hash,
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
        let waits = waits.filter(|channel| !channel.own.line.is_spent());
        let each = waits.map(|channel| Ending {
            peer: channel.row.peer,
            ring: channel.ring,
            log: channel.own.log_at(channel.own.frontier.size()),
            size: channel.own.frontier.size(),
            root: channel.own.frontier.root(),
        });
        each.collect()
    }

    /// Our logs are to end once more, as after a restore, since a number of theirs lies below one
    /// that a peer knows: from here on nothing is signed until each has. REC-48
    pub fn end_again(&mut self) -> Result<()> {
        // A crash behind this line: the next start finds a restored copy and ends its logs.
        self.store.mark_restored(true)?;
        self.restored = true;
        for channel in &mut self.channels {
            channel.restored = !channel.own.line.is_spent();
        }
        Ok(())
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
    /// exactly that. REC-41.
    pub(crate) fn close_own(&mut self, epoch: &Epoch, bytes: &[u8]) -> Result<()> {
        let old = LogId::parse(&epoch.old_origin)?;
        let here = |own: &Side| (own.frontier.size(), own.frontier.root());
        let is_old = |channel: &Channel| channel.own.log_at(here(&channel.own).0) == old;
        let at = self.channels.iter().position(is_old);
        let at = at.ok_or_else(|| Code::EpochWrong.at("no log of ours"))?;
        let channel = &self.channels[at];
        channel.goes_on()?;
        let (here, line) = (here(&channel.own), &channel.own.line);
        // A log that was opened and has no leaf yet ends as well: what the dead disk put there is
        // in the epoch before.
        let more = epoch.kept > line.begins(old.epoch) || epoch.kept == 0;
        let follows = epoch.epoch > line.last() && more;
        if (epoch.kept, epoch.root) != here || !follows {
            return Err(Code::EpochWrong.at(format!("leaf {} of {}", epoch.kept, here.0)));
        }
        // A number that the peer has passed already would be given twice, or not be followed.
        if channel.behind.is_some_and(|behind| epoch.epoch <= behind) {
            return channel.may_sign();
        }
        let mut row = channel.row.clone();
        row.epoch = epoch.epoch;
        let control = counterpart_store::Control {
            entry: Entry::of(bytes),
            by: self.me,
            bytes: bytes.to_vec(),
        };
        // A crash before this line: nothing was said. After it: the log is a new one, and `settle`
        // puts the statement into it. What it had fallen behind has ended with the old one.
        let mut batch = self.batch(at);
        batch.stop = Some(Stop::Ends);
        batch.closing = Some(closing(Owner::Own, (old.epoch, 0), epoch, bytes));
        batch.controls = vec![control];
        self.close(at, row, batch)?;
        self.channels[at].restored = false;
        Ok(())
    }

    fn close(&mut self, at: usize, row: ChannelRow, mut batch: Batch) -> Result<()> {
        batch.row = Some(row.clone());
        // What the peer said was about logs that end here. A crash before the commit: it is asked
        // for once more.
        self.store.note_word(row.number, &[])?;
        let time = self.time_of(at);
        self.commit(at, batch, time)?;
        self.reload_channel(at, row)
    }

    /// The peer's log has gone on, if its parcel shows so: whether a statement of it was taken, and
    /// others may follow in another turn, since each is two signatures and a channel read again. A
    /// parcel of an epoch that has ended is refused whole: what it brings was signed by a node that
    /// is no more. REC-41, REC-49.
    pub(crate) fn turn(&mut self, at: usize, contents: &Contents) -> Result<bool> {
        let root = self.channels[at].peer.book.newest().root.clone();
        for bytes in &contents.epochs.statements {
            let closings = &self.channels[at].peer.line.closings;
            if closings.iter().any(|closing| closing.statement == *bytes) {
                continue;
            }
            let (epoch, old) = self.begins(at, Owner::Peer, bytes, &root)?;
            if epoch.epoch > self.channels[at].row.peer_epoch {
                self.close_peers(at, &epoch, old, bytes)?;
            } else {
                self.learn(at, Owner::Peer, &epoch, old, bytes)?;
            }
            return Ok(true);
        }
        let (said, held) = (contents.epoch, self.channels[at].row.peer_epoch);
        match said.cmp(&held) {
            std::cmp::Ordering::Equal => Ok(false),
            std::cmp::Ordering::Less => {
                self.channels[at].shows_epoch = true;
                Err(Code::EpochClosed.at(format!("{said}, now {held}")))
            }
            std::cmp::Ordering::Greater => {
                // We know less than it believes. Our position tells it so.
                Err(Code::EntriesMissing.at(format!("epoch {said} after {held}")))
            }
        }
    }

    /// Reads an epoch statement of either log and compares it with what we hold of the epoch that
    /// it goes on from. Of leaves that we do not hold yet the head that comes over them must say
    /// the same. [`Code::EpochWrong`], [`Code::EntriesMissing`], [`Code::TooLarge`].
    pub(crate) fn begins(
        &self,
        at: usize,
        owner: Owner,
        bytes: &[u8],
        root: &RootPublic,
    ) -> Result<(Epoch, LogId)> {
        let Control::Epoch(epoch) = read_control(bytes, root)? else {
            return Err(Code::EpochWrong.at("not an epoch statement"));
        };
        let old = LogId::parse(&epoch.old_origin)?;
        let channel = &self.channels[at];
        let side = channel.side(owner);
        if (old.channel, old.owner) != (side.log.channel, side.log.owner) {
            return Err(Code::EpochWrong.at(epoch.old_origin));
        }
        if side.line.knows(epoch.epoch) {
            return Err(Code::EpochWrong.at(format!("two epochs {}", epoch.epoch)));
        }
        // The first epoch is one of them.
        if side.line.closings.len() + 1 >= limits::EPOCHS {
            return Err(Code::TooLarge.at(format!("epoch {}", epoch.epoch)));
        }
        if !side.line.knows(old.epoch) {
            // A backup of ours lost the statement before it. Our position tells the peer so.
            let what = format!("epoch {} after {}", epoch.epoch, old.epoch);
            return Err(Code::EntriesMissing.at(what));
        }
        let follows = epoch.epoch > old.epoch && epoch.kept > side.line.begins(old.epoch);
        let kept = (epoch.kept, &epoch.root);
        if !follows || !self.is_as_held(at, owner, old.epoch, kept)? {
            let what = format!("not as we hold leaf {} of {}", epoch.kept, old.origin());
            return Err(Code::EpochWrong.at(what));
        }
        Ok((epoch, old))
    }

    /// Whether what a statement keeps of an epoch has the root that it names, and ends where a head
    /// ends, as far as we hold it.
    pub(crate) fn is_as_held(
        &self,
        at: usize,
        owner: Owner,
        old: u64,
        (kept, root): (u64, &Hash),
    ) -> Result<bool> {
        let channel = &self.channels[at];
        let side = channel.side(owner);
        let (line, size) = (&side.line, side.frontier.size());
        let number = channel.row.number;
        let today = old == side.log.epoch || (line.is_on_way(old) && kept <= line.aside_from(old));
        let here = line.tails().get(&old).map_or(0, Tail::size);
        if kept > if today { size } else { here } {
            return Ok(true);
        }
        let headed = if today {
            self.store.head_at(number, owner, kept)?.is_some()
        } else {
            let heads = line.tails().get(&old).into_iter().flat_map(|tail| &tail.heads);
            heads.into_iter().any(|head| head.size == kept)
        };
        let edge = self.edge(at, owner, old, kept)?;
        Ok(headed && edge.is_some_and(|edge| edge.root() == *root))
    }

    /// The right edge of the log of an epoch at a size, if all leaves before it are here.
    pub(crate) fn edge(
        &self,
        at: usize,
        owner: Owner,
        epoch: u64,
        size: u64,
    ) -> Result<Option<Frontier>> {
        let channel = &self.channels[at];
        let side = channel.side(owner);
        let rows = Rows { store: self.store.as_ref(), channel: channel.row.number, owner };
        let Some((from, leaves)) = side.line.leaves(epoch, size, side.frontier.size()) else {
            return Ok(None);
        };
        let mut edge = Frontier::load(&rows, from)?;
        leaves.iter().for_each(|entry| edge.append(entry.leaf()));
        Ok(Some(edge))
    }

    /// Notes an epoch that ended long ago, without going there: the log of today went another way.
    pub(crate) fn learn(
        &mut self,
        at: usize,
        owner: Owner,
        epoch: &Epoch,
        old: LogId,
        bytes: &[u8],
    ) -> Result<()> {
        let closing = closing(owner, (old.epoch, 0), epoch, bytes);
        let mut batch = Batch { channel: self.channels[at].row.number, ..Batch::default() };
        batch.closing = Some(closing.clone());
        let time = self.time_of(at);
        // A crash before this line: it is said again. After it: it is known.
        self.commit(at, batch, time)?;
        self.channels[at].side_mut(owner).line.learn(closing)
    }

    /// The peer's log goes on from an epoch of it: from the one that we follow or from an older one
    /// whose leaves stand aside, since a backup may be older than one that was put back before.
    /// What it does not have any more stands aside, and what it has again comes back. REC-48.
    fn close_peers(&mut self, at: usize, epoch: &Epoch, old: LogId, bytes: &[u8]) -> Result<()> {
        let channel = &self.channels[at];
        let line = &channel.peer.line;
        let turn = line.turns(channel.peer.frontier.size(), old.epoch, epoch.kept);
        let (more, again) = turn.leaves();
        line.takes_aside(more, again)?;
        let store = self.store.as_ref();
        let rows = Rows { store, channel: channel.row.number, owner: Owner::Peer };
        let mut edge = Frontier::load(&rows, turn.stays)?;
        let mut batch = self.batch(at);
        for one in &turn.again {
            batch.peaks.extend(grow(&mut edge, line.stretch(one), Owner::Peer));
        }
        let mut row = channel.row.clone();
        batch.closing = Some(closing(Owner::Peer, (row.peer_epoch, row.held), epoch, bytes));
        row.peer_epoch = epoch.epoch;
        row.held = row.held.min(turn.stays);
        (batch.aside, batch.again) = (turn.aside, turn.again);
        let number = row.number;
        // A crash before this line: the parcel comes again. After it: the old epoch stands aside.
        self.close(at, row, batch)?;
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
        // Those on the way to today that it does not name, too: a backup may lie in an epoch that
        // it never heard of.
        let listed = |epoch: u64| {
            let mut named = channel.peer_mirrored.iter().map(|(named, _)| *named);
            epoch == channel.peer_knows || named.any(|named| named == epoch)
        };
        let heard = channel.peer_knows > 0;
        let lacks = |closing: &&ClosingRow| {
            let passed = heard && own.is_on_way(closing.epoch) && !listed(closing.epoch);
            closing.epoch > channel.peer_knows || passed
        };
        let unknown = own.closings.iter().filter(lacks).take(limits::EPOCH_STATEMENTS);
        Ok(Epochs {
            held: channel.row.peer_epoch,
            regained: own.sizes(),
            mirrored: peer.sizes(),
            statements: unknown.map(|closing| closing.statement.clone()).collect(),
            yours: if channel.shows_epoch { self.newest_of_theirs(at) } else { Vec::new() },
            lost: lost(channel),
            shown: shown(channel),
        })
    }

    /// The statement that began the newest epoch of the peer's log that we know; empty if it is the
    /// first one.
    pub(crate) fn newest_of_theirs(&self, at: usize) -> Vec<u8> {
        let channel = &self.channels[at];
        let newest = channel.peer.line.began(channel.row.peer_epoch);
        newest.map(|closing| closing.statement.clone()).unwrap_or_default()
    }

    /// Whether there is something to say of epochs that the peer may not know.
    pub(crate) fn epochs_wait(&self, at: usize) -> bool {
        let channel = &self.channels[at];
        let ours = channel.peer_knows < channel.row.epoch || channel.owes;
        channel.shows_epoch || (!channel.own.line.is_whole() && ours)
    }
}

/// The row of a statement, with the epoch that ended and how far that was held.
fn closing(owner: Owner, (ended, held): (u64, u64), epoch: &Epoch, bytes: &[u8]) -> ClosingRow {
    ClosingRow {
        owner,
        ended,
        epoch: epoch.epoch,
        kept: epoch.kept,
        root: epoch.root,
        held,
        statement: bytes.to_vec(),
    }
}
