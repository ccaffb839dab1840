//! Epochs. A node whose backup was restored cannot know what it signed after the backup: its logs
//! end where the backup ends, and go on as new ones. Each side then gives the other back what the
//! other lost. Spec: docs/spec/epoch.md.

use crate::channel::{Channel, Rows, read_control};
use crate::check::is_control;
use crate::node::Node;
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::{Head, LogId};
use counterpart_record::id::{Entry, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::limits;
use counterpart_record::log::Frontier;
use counterpart_record::parcel::{Carried, Contents, Epochs, Lost};
use counterpart_record::party::{Control, Credential, Epoch};
use counterpart_store::{ActRow, Batch, ClosedHead, ClosedLeaf, ClosingRow, Owner};

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
        let regained = own.closings.iter().map(|closing| closing.ended);
        let mut regained: Vec<u64> = regained.chain(own.tails().keys().copied()).collect();
        regained.sort_unstable();
        regained.dedup();
        let size = |epoch: u64| own.tails().get(&epoch).map_or(0, crate::line::Tail::size);
        let unknown = own.closings.iter().filter(|closing| closing.epoch > channel.peer_knows);
        Ok(Epochs {
            held: channel.row.peer_epoch,
            regained: regained.into_iter().map(|epoch| (epoch, size(epoch))).collect(),
            statements: unknown.map(|closing| closing.statement.clone()).collect(),
            lost: lost(channel),
        })
    }

    /// Whether there is something to say of epochs that the peer may not know.
    pub(crate) fn epochs_wait(&self, at: usize) -> bool {
        let channel = &self.channels[at];
        !channel.own.line.is_whole() && (channel.peer_knows < channel.row.epoch || channel.owes)
    }

    /// Takes back what the peer holds of our own ended epochs, and says whether acts may be placed
    /// now: only when both sides speak of the same epoch of our log and nothing of it is missing,
    /// since the peer's acts may rest on what we lost. REC-42.
    pub(crate) fn regain(&mut self, at: usize, contents: &Contents) -> Result<bool> {
        let said = &contents.epochs;
        let channel = &mut self.channels[at];
        channel.peer_knows = said.held;
        channel.peer_regained.clone_from(&said.regained);
        let whole = self.regained(at, contents)?;
        self.channels[at].owes = !whole;
        Ok(whole || crate::planted::is("placed-before-regained"))
    }

    fn regained(&mut self, at: usize, contents: &Contents) -> Result<bool> {
        let said = &contents.epochs;
        let channel = &self.channels[at];
        if channel.own.line.is_whole() {
            return Ok(true);
        }
        if said.held < channel.row.epoch {
            return Ok(false);
        }
        let Some(lost) = &said.lost else { return Ok(true) };
        let known = self.channels[at].own.line.tails().get(&lost.epoch);
        let have = known.map_or(0, crate::line::Tail::size);
        if have < lost.size {
            self.take_back(at, lost, have, contents)?;
        }
        let known = self.channels[at].own.line.tails().get(&lost.epoch);
        Ok(known.is_some_and(|tail| tail.size() >= lost.size) && !lost.more)
    }

    fn take_back(&mut self, at: usize, lost: &Lost, have: u64, contents: &Contents) -> Result<()> {
        let channel = &self.channels[at];
        let wrong = |what: &str| {
            Code::EpochWrong.at(format!("what was lost of epoch {}: {what}", lost.epoch))
        };
        let base = channel.own.line.tails().get(&lost.epoch).map_or(lost.from, |tail| tail.from);
        if base > channel.own.frontier.size() || (have > 0 && lost.from != have) {
            return Ok(());
        }
        let rows =
            Rows { store: self.store.as_ref(), channel: channel.row.number, owner: Owner::Own };
        let mut frontier = Frontier::load(&rows, base)?;
        let before = channel.own.line.tails().get(&lost.epoch);
        for entry in before.into_iter().flat_map(|tail| &tail.entries) {
            frontier.append(entry.leaf());
        }
        let credentials = own_credentials(channel, contents);
        let log = LogId { epoch: lost.epoch, ..channel.own.log };
        let mut entries = lost.entries.iter();
        for head in &lost.heads {
            let signed =
                credentials.iter().any(|c| head.verify(&log, c.ring(channel.ring)).is_ok());
            if !signed {
                return Err(wrong("not our signature"));
            }
            while frontier.size() < head.size {
                let entry = entries.next().ok_or_else(|| wrong("leaves"))?;
                frontier.append(entry.leaf());
            }
            if frontier.size() != head.size || frontier.root() != head.root {
                return Err(wrong("root"));
            }
        }
        let mut batch = Batch { channel: channel.row.number, ..Batch::default() };
        let taken = lost.entries.len() - entries.len();
        for (entry, index) in lost.entries[..taken].iter().zip(lost.from..) {
            let leaf = ClosedLeaf {
                owner: Owner::Own,
                epoch: lost.epoch,
                index,
                entry: *entry,
                own: None,
            };
            batch.closed_leaves.push(leaf);
        }
        for head in &lost.heads {
            let (epoch, size, bytes) = (lost.epoch, head.size, head.encode());
            batch.closed_heads.push(ClosedHead { owner: Owner::Own, epoch, size, bytes });
        }
        let time = self.time_of(at);
        self.commit(at, batch.clone(), time)?;
        let line = &mut self.channels[at].own.line;
        for leaf in &batch.closed_leaves {
            line.aside(leaf.epoch, leaf.index, leaf.entry);
        }
        for head in &lost.heads {
            line.aside_head(lost.epoch, head.clone());
        }
        Ok(())
    }

    /// Whether a carried statement is one of ours that we lost. The log that ended held the peer's
    /// statements as well, and those are taken as always.
    pub(crate) fn is_lost(&self, at: usize, carried: &Carried, entry: &Entry) -> bool {
        let own = &self.channels[at].own;
        if !own.line.spots.contains_key(entry) {
            return false;
        }
        if is_control(carried) {
            return read_control(&carried.statement, &own.book.newest().root).is_ok();
        }
        let read = counterpart_record::statement::Unverified::parse(&carried.statement);
        read.is_ok_and(|act| act.header().issuer == self.me)
    }

    /// The row of an own act that the peer gives back: its entry is committed to by a head that we
    /// signed, so that nobody can invent one. `None` if it is not one.
    pub(crate) fn given_back(
        &self,
        at: usize,
        carried: &Carried,
        own: u64,
    ) -> Result<Option<ActRow>> {
        let line = &self.channels[at].own.line;
        let entry = Entry::of(&carried.statement);
        let Some((epoch, index)) = line.spots.get(&entry).copied() else { return Ok(None) };
        let head = line.tails().get(&epoch).and_then(|tail| tail.head_over(index));
        let head = head.ok_or_else(|| Code::Internal.at("a leaf aside without a head"))?;
        let (matter, verdict) = if is_control(carried) {
            let root = &self.channels[at].own.book.newest().root;
            (None, read_control(&carried.statement, root)?.kind().to_owned())
        } else {
            let unverified = counterpart_record::statement::Unverified::parse(&carried.statement)?;
            (Some(unverified.header().matter), String::new())
        };
        Ok(Some(ActRow {
            index: own,
            entry,
            mine: true,
            regained: true,
            author_index: index,
            logged_at: head.time,
            matter,
            verdict,
            statement: carried.statement.clone(),
            disclosures: carried.disclosures.clone(),
        }))
    }
}

/// The first of the peer's ended epochs of which it does not have everything that we have.
fn lost(channel: &Channel) -> Option<Lost> {
    let said = |epoch: u64| {
        let said = channel.peer_regained.iter().find(|(other, _)| *other == epoch);
        said.map_or(0, |(_, size)| *size)
    };
    let mut tails = channel.peer.line.tails().iter().filter(|(_, tail)| !tail.entries.is_empty());
    let (epoch, tail) = tails.find(|(epoch, tail)| said(**epoch) < tail.size())?;
    if crate::planted::is("lost-kept-back") {
        return None;
    }
    let from = said(*epoch).max(tail.from);
    let heads = tail.heads.iter().filter(|head| head.size > from);
    let most = from + limits::PARCEL_ENTRIES as u64;
    let heads: Vec<Head> =
        heads.filter(|head| head.size <= most).take(limits::PARCEL_HEADS).cloned().collect();
    let to = heads.last().map_or(from, |head| head.size);
    let entries = tail.entries[(from - tail.from) as usize..(to - tail.from) as usize].to_vec();
    let more = tails.any(|(epoch, tail)| said(*epoch) < tail.size());
    Some(Lost { epoch: *epoch, from, entries, heads, size: tail.size(), more })
}

/// Our own credentials, with those that we lost and that this parcel gives back: what they signed
/// in the meantime is ours as well.
fn own_credentials(channel: &Channel, contents: &Contents) -> Vec<Credential> {
    let mut all: Vec<Credential> = channel.own.book.credentials().cloned().collect();
    let root = channel.own.book.newest().root.clone();
    for carried in contents.acts.iter().filter(|carried| is_control(carried)) {
        if let Ok(Control::Credential(credential)) = read_control(&carried.statement, &root) {
            all.push(*credential);
        }
    }
    all
}
