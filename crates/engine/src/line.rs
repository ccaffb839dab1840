//! One log over its epochs. Where a backup was restored, a log ends and goes on as a new one that
//! keeps the leaves up to there; what lay behind them in the old one stands aside.

use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::head::{Cosignature, Head};
use counterpart_record::id::Entry;
use counterpart_store::{Closed, ClosingRow, Owner, Store};
use std::collections::{BTreeMap, HashMap};

/// A position in a log: the epoch, and the index or size in it. Positions of one party follow each
/// other in this order, since every epoch has a higher number than those before it.
pub type Spot = (u64, u64);

/// The epochs of one log.
#[derive(Default)]
pub struct Line {
    /// From this leaf on, this epoch; oldest first.
    ranges: Vec<(u64, u64)>,
    /// Closings as stored.
    pub closings: Vec<ClosingRow>,
    /// Where an entry lies that the log of today does not have.
    pub spots: HashMap<Entry, Spot>,
    /// Leaves set aside, by epoch.
    tails: BTreeMap<u64, Tail>,
    /// Acts of the log's owner that came before its epoch ended, with their index in our own log.
    pub came: HashMap<Entry, u64>,
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
    /// Reads what is kept of the closed epochs of a log that is in `epoch` now.
    pub fn load(store: &dyn Store, channel: u32, owner: Owner, epoch: u64) -> Result<Line> {
        let Closed { closings, leaves, heads } = store.closed(channel, owner)?;
        let mut line = Line::default();
        let first = closings.first().map_or(epoch, |closing| closing.ended);
        line.ranges.push((0, first));
        for closing in closings {
            line.went_on(closing);
        }
        for leaf in leaves {
            line.aside(leaf.epoch, leaf.index, leaf.entry);
            line.came.extend(leaf.own.map(|own| (leaf.entry, own)));
        }
        for head in heads {
            let cosigned = head.cosigned.as_deref().map(Cosignature::parse).transpose()?;
            line.aside_head(head.epoch, Head::parse(&head.bytes)?, cosigned);
        }
        Ok(line)
    }

    /// The epoch that it began with.
    pub fn first(&self) -> u64 {
        self.closings.first().map_or(self.epoch_at(0), |closing| closing.ended)
    }

    /// Whether the log was always one.
    pub fn is_whole(&self) -> bool {
        self.closings.is_empty()
    }

    /// The log went on in a new epoch.
    pub fn went_on(&mut self, closing: ClosingRow) {
        self.ranges.retain(|(from, _)| *from < closing.kept);
        self.ranges.push((closing.kept, closing.epoch));
        self.closings.push(closing);
    }

    /// A leaf of an old epoch. They come in order. What was given back lies in later epochs once
    /// more, and its place is the first.
    pub fn aside(&mut self, epoch: u64, index: u64, entry: Entry) {
        let fresh = Tail { from: index, ..Tail::default() };
        self.tails.entry(epoch).or_insert(fresh).entries.push(entry);
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
        let mut sizes: BTreeMap<u64, u64> =
            self.closings.iter().map(|closing| (closing.ended, 0)).collect();
        sizes.extend(self.tails.iter().map(|(epoch, tail)| (*epoch, tail.size())));
        sizes.into_iter().collect()
    }

    /// From where on a log of an ended epoch is another than that of today.
    pub fn kept_of(&self, epoch: u64) -> u64 {
        let after = self.closings.iter().filter(|closing| closing.epoch > epoch);
        after.map(|closing| closing.kept).min().unwrap_or(u64::MAX)
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

    /// Whether an epoch statement names another root for a size.
    pub fn contradicts(&self, size: u64, root: &Hash) -> bool {
        self.closings.iter().any(|closing| closing.kept == size && closing.root != *root)
    }

    /// The most of a closed epoch that was held when it ended, with its place. Of the last one of
    /// which more was held than it kept: one may have ended before anything of it came.
    pub fn last_held(&self) -> Option<(Spot, &Head)> {
        self.closings.iter().rev().find_map(|closing| {
            let tail = self.tails.get(&closing.ended)?;
            let head = tail.heads.iter().rev().find(|head| head.size <= closing.held)?;
            Some(((closing.ended, head.size), head))
        })
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
