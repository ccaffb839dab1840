//! One log over its epochs. Where a backup was restored, a log ends and goes on as a new one that
//! keeps the leaves up to there; what lay behind them in the old one stands aside. A backup may be
//! older than one that was put back before: the epochs are a tree, and the log of today is one way
//! from its root. Each leaf is kept once, with the epoch that it was logged in.

use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::head::{Cosignature, Head, LogId};
use counterpart_record::id::Entry;
use counterpart_record::limits;
use counterpart_record::log::Frontier;
use counterpart_record::party::Control;
use counterpart_store::{Closed, ClosingRow, Owner, Place, Store, Stretch};
use std::collections::{BTreeMap, HashMap};

/// A position in a log: the epoch, and the index or size in it. Positions of one party follow each
/// other in this order, since every epoch has a higher number than those before it.
pub type Spot = (u64, u64);

/// From where on which epoch, oldest first: the way from the first epoch to one of them.
type Way = Vec<(u64, u64)>;

/// The epochs of one log.
#[derive(Default)]
pub struct Line {
    /// The epoch that it began with.
    first: u64,
    /// The later epochs.
    begun: BTreeMap<u64, Begun>,
    /// Which epoch each statement began.
    statements: HashMap<Entry, u64>,
    /// The way to the epoch of today.
    ranges: Way,
    /// Closings as stored, by the epochs that began.
    pub closings: Vec<ClosingRow>,
    /// Where an entry lies that the log of today does not have.
    pub spots: HashMap<Entry, Spot>,
    /// Leaves set aside, by epoch.
    tails: BTreeMap<u64, Tail>,
    /// Leaves of the log of today that a later epoch, which ended, did not have. What it was given
    /// back of them has its place here.
    early: HashMap<Entry, Spot>,
    /// Acts of the log's owner that came before its epoch ended, with their index in our own log.
    pub came: HashMap<Entry, u64>,
}

/// Where an epoch goes on from.
#[derive(Clone, Copy)]
struct Begun {
    /// An older one,
    parent: u64,
    /// and how much of that is kept.
    kept: u64,
    /// The statement that says so.
    statement: Entry,
}

/// What becomes of a log that goes on in another epoch.
#[derive(Debug, PartialEq, Eq)]
pub struct Turn {
    /// So many leaves stay where they are.
    pub stays: u64,
    /// What the log does not have any more.
    pub aside: Vec<Stretch>,
    /// What it has again.
    pub again: Vec<Stretch>,
}

impl Turn {
    /// How many leaves go aside, and how many come back.
    pub fn leaves(&self) -> (u64, u64) {
        let sum = |all: &[Stretch]| all.iter().map(|one| one.to - one.from).sum();
        (sum(&self.aside), sum(&self.again))
    }
}

/// What an old epoch had behind the leaves kept.
#[derive(Default)]
pub struct Tail {
    /// Index of its first leaf.
    pub from: u64,
    /// Its leaves.
    pub entries: Vec<Entry>,
    /// Its heads, smallest first.
    pub heads: Vec<Head>,
    /// The other party's word on the largest of them that has one: ours on a log of the peer's.
    pub cosigned: Option<Cosignature>,
    /// The right edge of that log, once somebody has computed it.
    pub edge: Option<Frontier>,
}

impl Tail {
    /// Behind its last leaf.
    pub fn size(&self) -> u64 {
        self.from + self.entries.len() as u64
    }

    /// Whether the other party cosigned a head over one of its leaves while the epoch lasted.
    pub fn is_cosigned(&self, index: u64) -> bool {
        self.cosigned.as_ref().is_some_and(|cosignature| index < cosignature.size)
    }

    /// The official head over one of its leaves.
    pub fn head_over(&self, index: u64) -> Option<&Head> {
        self.heads.iter().find(|head| head.covers(index))
    }
}

impl Line {
    /// Reads what is kept of the closed epochs of a log that is in `epoch` now, and of the peer's
    /// is held up to `held`.
    pub fn load(
        store: &dyn Store,
        channel: u32,
        owner: Owner,
        epoch: u64,
        held: u64,
    ) -> Result<Line> {
        let Closed { closings, leaves, heads } = store.closed(channel, owner)?;
        let mut line = Line { first: epoch, ..Line::default() };
        for closing in closings {
            let parent = parent(&closing)?;
            if parent >= closing.epoch {
                return Err(Code::StoreDamaged.at(format!("epoch {}", closing.epoch)));
            }
            line.first = line.first.min(parent);
            line.note(closing, parent);
        }
        line.ranges = line.way(epoch);
        if line.is_whole() {
            return Ok(line);
        }
        for leaf in leaves {
            line.aside(leaf.epoch, leaf.index, leaf.entry);
            line.came.extend(leaf.own.map(|own| (leaf.entry, own)));
        }
        for head in heads {
            let cosigned = head.cosigned.as_deref().map(Cosignature::parse).transpose()?;
            line.aside_head(head.epoch, Head::parse(&head.bytes)?, cosigned);
        }
        if owner == Owner::Peer {
            // What the log has again came before, and is placed as what lies in it once more.
            for leaf in store.mirror(channel, held, u64::MAX)? {
                if let Place::Own(own) = leaf.place {
                    line.came.insert(leaf.entry, own);
                }
            }
        }
        line.read_early(store, channel, owner)?;
        Ok(line)
    }

    /// The epoch that it began with.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Whether it has had one epoch more than a log may have: the last was begun by a restore, so
    /// that nothing is signed in the one before it, and is never told. REC-49
    pub fn is_spent(&self) -> bool {
        self.closings.len() >= limits::EPOCHS
    }

    /// Whether the log was always one.
    pub fn is_whole(&self) -> bool {
        self.closings.is_empty()
    }

    /// Whether an epoch of this log is known.
    pub fn knows(&self, epoch: u64) -> bool {
        epoch == self.first || self.begun.contains_key(&epoch)
    }

    /// The epoch that a statement began.
    pub fn begun_by(&self, statement: &Entry) -> Option<u64> {
        self.statements.get(statement).copied()
    }

    /// The entry of the statement that began the newest epoch.
    pub fn newest(&self) -> Option<Entry> {
        self.begun.last_key_value().map(|(_, begun)| begun.statement)
    }

    /// The greatest number of its epochs.
    pub fn last(&self) -> u64 {
        self.begun.last_key_value().map_or(self.first, |(epoch, _)| *epoch)
    }

    /// The statement that began an epoch.
    pub fn began(&self, epoch: u64) -> Option<&ClosingRow> {
        self.closings.iter().find(|closing| closing.epoch == epoch)
    }

    /// From where on an epoch has leaves of its own.
    pub fn begins(&self, epoch: u64) -> u64 {
        self.begun.get(&epoch).map_or(0, |begun| begun.kept)
    }

    /// Whether so many leaves more can stand aside, where `again` others come back to the log of
    /// today. Whoever leaves fewer than before is not asked. [`Code::AsideFull`] REC-57
    pub fn takes_aside(&self, more: u64, again: u64) -> Result<()> {
        let here: u64 = self.tails.values().map(|tail| tail.entries.len() as u64).sum();
        let after = here.saturating_sub(again).saturating_add(more);
        if more <= again || after <= limits::LEAVES_ASIDE {
            return Ok(());
        }
        Err(Code::AsideFull.at(format!("{after}, {}", limits::LEAVES_ASIDE)))
    }

    /// Which epoch one goes on from.
    pub fn goes_on_from(&self, epoch: u64) -> u64 {
        self.begun.get(&epoch).map_or(self.first, |begun| begun.parent)
    }

    /// Whether the log of today went through an epoch.
    pub fn is_on_way(&self, epoch: u64) -> bool {
        self.ranges.iter().any(|(_, other)| *other == epoch)
    }

    /// An epoch of which we did not know ended long ago; the log of today goes another way.
    pub fn learn(&mut self, closing: ClosingRow) -> Result<()> {
        let parent = parent(&closing)?;
        self.note(closing, parent);
        self.closings.sort_by_key(|closing| closing.epoch);
        Ok(())
    }

    fn note(&mut self, closing: ClosingRow, parent: u64) {
        let (kept, statement) = (closing.kept, Entry::of(&closing.statement));
        self.begun.insert(closing.epoch, Begun { parent, kept, statement });
        self.statements.insert(statement, closing.epoch);
        self.closings.push(closing);
    }

    /// The way to an epoch. Each keeps more than the first leaf of the one that it goes on from, or
    /// it had not been taken (REC-41): so it rises.
    fn way(&self, epoch: u64) -> Way {
        let (mut way, mut at) = (Vec::new(), epoch);
        while let Some(begun) = self.begun.get(&at) {
            way.push((begun.kept, at));
            at = begun.parent;
        }
        way.push((0, at));
        way.reverse();
        way
    }

    /// Whether a leaf lies in the log of an epoch.
    pub fn has(&self, epoch: u64, spot: Spot) -> bool {
        let way = self.way(epoch);
        let mut ends = way.iter().skip(1).map(|(from, _)| *from).chain([u64::MAX]);
        way.iter().any(|(from, one)| {
            let end = ends.next().unwrap_or(u64::MAX);
            *one == spot.0 && (*from..end).contains(&spot.1)
        })
    }

    /// The epochs that began after that of a leaf and did not have it, with their statements.
    pub fn without(&self, spot: Spot) -> impl Iterator<Item = (u64, Entry)> {
        let later = self.begun.range(spot.0.saturating_add(1)..);
        let without = later.filter(move |(epoch, _)| !self.has(**epoch, spot));
        without.map(|(epoch, begun)| (*epoch, begun.statement))
    }

    /// What becomes of the log of today, of so many leaves, if it goes on from `kept` leaves of an
    /// epoch that is known.
    pub fn turns(&self, size: u64, parent: u64, kept: u64) -> Turn {
        let mut way = self.way(parent);
        way.retain(|(from, _)| *from < kept);
        let stays = meet((&self.ranges, size), (&way, kept));
        let aside = behind(&self.ranges, size, stays);
        let mut again = Vec::new();
        for one in behind(&way, kept, stays) {
            let here = self.tails.get(&one.epoch).map_or(0, Tail::size);
            let to = one.to.min(here);
            if one.from < to {
                again.push(Stretch { to, ..one });
            }
            if to < one.to {
                break;
            }
        }
        Turn { stays, aside, again }
    }

    /// The leaves of the log of an epoch up to a size that are not those of the log of today, and
    /// from where on. `None` if some of them are not here.
    pub fn leaves(&self, epoch: u64, size: u64, today: u64) -> Option<(u64, Vec<Entry>)> {
        let mut way = self.way(epoch);
        way.retain(|(from, _)| *from < size);
        let from = meet((&self.ranges, today), (&way, size));
        let mut leaves = Vec::new();
        for one in behind(&way, size, from) {
            let stretch = self.stretch(&one);
            if stretch.is_empty() {
                return None;
            }
            leaves.extend_from_slice(stretch);
        }
        Some((from, leaves))
    }

    /// Where what stands aside of an epoch begins: behind what the log of today has of it.
    pub fn aside_from(&self, epoch: u64) -> u64 {
        let on = self.ranges.iter().position(|(_, one)| *one == epoch);
        let next = on.and_then(|at| self.ranges.get(at + 1)).map(|(from, _)| *from);
        next.unwrap_or_else(|| self.begins(epoch))
    }

    /// Notes which leaves of the log of today a later epoch did not have. It is so only where a
    /// newer backup was put back after an older one.
    pub fn read_early(&mut self, store: &dyn Store, channel: u32, owner: Owner) -> Result<()> {
        let reach = self.reach();
        if reach.0 >= reach.1 {
            return Ok(());
        }
        let entries = store.entries(channel, owner, reach.0, reach.1)?;
        self.early.clear();
        self.grows(reach.0, &entries);
        Ok(())
    }

    /// The same of leaves that came to the log of today at `from`: the statement that it went on
    /// may have come before what it kept.
    pub fn grows(&mut self, from: u64, entries: &[Entry]) {
        let reach = self.reach();
        let spots = entries.iter().zip(from..).filter(|(_, at)| (reach.0..reach.1).contains(at));
        let spots: Vec<(Entry, Spot)> =
            spots.map(|(entry, at)| (*entry, (self.epoch_at(at), at))).collect();
        for (entry, first) in spots {
            self.early.insert(entry, first);
            if self.spots.get(&entry).is_some_and(|spot| *spot >= first) {
                self.spots.remove(&entry);
            }
        }
    }

    /// Which leaves of the log of today a later epoch, which ended, may not have had.
    fn reach(&self) -> (u64, u64) {
        let later = self.tails.keys().filter(|epoch| !self.is_on_way(**epoch));
        let mut reach = (u64::MAX, 0);
        for epoch in later {
            let from = meet((&self.ranges, u64::MAX), (&self.way(*epoch), u64::MAX));
            let newer = self.ranges.iter().find(|(_, one)| one > epoch);
            let to = newer.map_or(u64::MAX, |(begins, _)| *begins);
            reach = (reach.0.min(from), reach.1.max(to));
        }
        reach
    }

    /// A leaf of an old epoch. They come in order. What was given back lies in later epochs once
    /// more, and its place is the first.
    pub fn aside(&mut self, epoch: u64, index: u64, entry: Entry) {
        let fresh = Tail { from: index, ..Tail::default() };
        self.tails.entry(epoch).or_insert(fresh).entries.push(entry);
        if self.early.get(&entry).is_some_and(|first| *first < (epoch, index)) {
            return;
        }
        let spot = self.spots.entry(entry).or_insert((epoch, index));
        *spot = (*spot).min((epoch, index));
    }

    /// A head of an old epoch, with the other party's cosignature on it. They come in order.
    pub fn aside_head(&mut self, epoch: u64, head: Head, cosigned: Option<Cosignature>) {
        let tail = self.tails.entry(epoch).or_default();
        tail.heads.push(head);
        tail.cosigned = cosigned.or(tail.cosigned.take());
    }

    /// How much of each ended epoch is here: epoch and size.
    pub fn sizes(&self) -> Vec<(u64, u64)> {
        let today = self.ranges.last().map(|(_, epoch)| *epoch);
        let known = [self.first].into_iter().chain(self.begun.keys().copied());
        let ended = known.filter(|epoch| Some(*epoch) != today);
        let size = |epoch: &u64| self.tails.get(epoch).map_or(0, Tail::size);
        ended.map(|epoch| (epoch, size(&epoch))).collect()
    }

    /// The right edge of an ended epoch was computed over all that is here of it.
    pub fn reaches(&mut self, epoch: u64, edge: Frontier) {
        if let Some(tail) = self.tails.get_mut(&epoch) {
            tail.edge = Some(edge);
        }
    }

    /// The time of the official head over a leaf that stands aside.
    pub fn time_of(&self, (epoch, index): Spot) -> Result<u64> {
        let head = self.tails.get(&epoch).and_then(|tail| tail.head_over(index));
        head.map(|head| head.time).ok_or_else(|| Code::Internal.at("a leaf aside without a head"))
    }

    /// What stands aside, by epoch.
    pub fn tails(&self) -> &BTreeMap<u64, Tail> {
        &self.tails
    }

    /// The epoch of a leaf of the log of today.
    pub fn epoch_at(&self, index: u64) -> u64 {
        let range = self.ranges.iter().rev().find(|(from, _)| *from <= index);
        range.map_or(1, |(_, epoch)| *epoch)
    }

    /// The epoch of the head of a size of the log of today.
    pub fn epoch_of_size(&self, size: u64) -> u64 {
        self.epoch_at(size.saturating_sub(1))
    }

    /// Whether an epoch statement over the log of today says otherwise than a head that covers the
    /// leaves from `from` to `size`: another root, or that the head reaches over the place where
    /// the log went on.
    pub fn contradicts(&self, from: u64, size: u64, root: &Hash) -> bool {
        let wrong = |closing: &ClosingRow| {
            let here = closing.kept == size && closing.root != *root;
            let over = (from + 1..size).contains(&closing.kept);
            let parent = self.begun.get(&closing.epoch).map(|begun| begun.parent);
            let today = parent == Some(self.epoch_of_size(closing.kept));
            today && (here || (over && self.is_on_way(closing.epoch)))
        };
        self.closings.iter().any(wrong)
    }

    /// The most of a closed epoch that was held when it ended, with its place. Of the last one of
    /// which more was held than it kept: one may have ended before anything of it came.
    pub fn last_held(&self) -> Option<(Spot, &Head)> {
        self.closings.iter().rev().find_map(|closing| {
            let held = behind(&self.way(closing.ended), closing.held, 0);
            held.iter().rev().find_map(|one| {
                let tail = self.tails.get(&one.epoch)?;
                let within = |head: &&Head| one.from < head.size && head.size <= one.to;
                let head = tail.heads.iter().rev().find(within)?;
                Some(((one.epoch, head.size), head))
            })
        })
    }

    /// The leaves of a stretch of ended epochs; none if they are not here.
    pub fn stretch(&self, one: &Stretch) -> &[Entry] {
        let tail = self.tails.get(&one.epoch);
        let slice = tail.and_then(|tail| {
            let at = |index: u64| usize::try_from(index.checked_sub(tail.from)?).ok();
            tail.entries.get(at(one.from)?..at(one.to)?)
        });
        slice.unwrap_or_default()
    }

    /// The position that a size and root name: in the log of today, whose own root for that size
    /// is given, or in an epoch that ended.
    pub fn spot(&self, size: u64, root: &Hash, today: Option<&Hash>) -> Option<Spot> {
        if today == Some(root) {
            return Some((self.epoch_of_size(size), size));
        }
        let named = |head: &&Head| head.size == size && head.root == *root;
        let found = self.tails.iter().find(|(_, tail)| tail.heads.iter().any(|head| named(&head)));
        found.map(|(epoch, _)| (*epoch, size))
    }
}

/// The older epoch that a closing goes on from.
fn parent(closing: &ClosingRow) -> Result<u64> {
    match Control::reread(&closing.statement)? {
        Control::Epoch(epoch) => Ok(LogId::parse(&epoch.old_origin)?.epoch),
        _ => Err(Code::StoreDamaged.at("not an epoch statement")),
    }
}

/// How many leaves two logs of these sizes have in common, by the ways that they went.
fn meet((one, size): (&Way, u64), (other, limit): (&Way, u64)) -> u64 {
    let end = |way: &Way, at: usize, size: u64| {
        way.get(at + 1).map_or(size, |(from, _)| (*from).min(size))
    };
    let mut common = 0;
    for at in 0..one.len().min(other.len()) {
        if one[at] != other[at] {
            break;
        }
        let ends = (end(one, at, size), end(other, at, limit));
        common = ends.0.min(ends.1);
        if ends.0 != ends.1 {
            break;
        }
    }
    common
}

/// The stretches of a log of this size behind so many leaves.
fn behind(way: &Way, size: u64, leaves: u64) -> Vec<Stretch> {
    let ends = way.iter().skip(1).map(|(from, _)| (*from).min(size)).chain([size]);
    let all = way.iter().zip(ends);
    let cut =
        all.map(|((from, epoch), to)| Stretch { epoch: *epoch, from: (*from).max(leaves), to });
    cut.filter(|one| one.from < one.to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// REC-48: of a leaf that an epoch gave back, and that then comes where it was said first, the
    /// first place counts, whichever of the two came before.
    #[test]
    fn a_leaf_that_comes_late_lies_where_it_was_said() {
        let (said, other) = (Entry([6; 32]), Entry([5; 32]));
        let begun = |kept| Begun { parent: 1, kept, statement: Entry([0; 32]) };
        let entries = vec![other, other, other, said];
        let mut line = Line {
            first: 1,
            begun: [(5, begun(5)), (9, begun(7))].into(),
            ranges: vec![(0, 1), (7, 9)],
            tails: [(5, Tail { from: 5, entries, ..Tail::default() })].into(),
            spots: [(said, (5, 8))].into(),
            ..Line::default()
        };
        line.grows(4, &[Entry([4; 32])]);
        assert_eq!((line.spots.get(&said), line.early.len()), (Some(&(5, 8)), 0));
        line.grows(5, &[Entry([1; 32]), said, Entry([2; 32])]);
        assert_eq!((line.spots.get(&said), line.early.get(&said)), (None, Some(&(1, 6))));
        assert_eq!(line.early.len(), 2, "what lies in the epoch of today came after it");
        // And it stays so when the epoch shows it once more.
        line.aside(5, 9, said);
        assert_eq!(line.spots.get(&said), None);
    }

    /// REC-57
    #[test]
    fn so_many_leaves_stand_aside_and_no_more() {
        let most = limits::LEAVES_ASIDE;
        let entries = vec![Entry([7; 32]); most as usize - 10];
        let tail = Tail { from: 2, entries, ..Tail::default() };
        let line = Line { tails: [(1, tail)].into(), ..Line::default() };
        for (more, again, fits) in [(10, 0, true), (11, 0, false), (11, 1, true), (900, 899, true)]
        {
            let taken = line.takes_aside(more, again);
            assert_eq!(taken.is_ok(), fits, "{more} {again}");
            let code = taken.err().map(|fault| (fault.code, fault.at));
            let full = (Code::AsideFull, format!("{}, {most}", most + 1));
            assert_eq!(code, (!fits).then_some(full));
        }
        // Whoever leaves fewer aside than before is taken in any case.
        let entries = vec![Entry([7; 32]); most as usize + 10];
        let line = Line {
            tails: [(1, Tail { from: 2, entries, ..Tail::default() })].into(),
            ..Line::default()
        };
        assert!(line.takes_aside(5, 5).is_ok() && line.takes_aside(5, 4).is_err());
    }
}
