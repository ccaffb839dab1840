//! The docket: which matters are open, and when a clock of each ends or warns next. It is kept so
//! that a queue of many costs what is shown of it, and it is a hint about where to look and nothing
//! more: what is said of a matter is read from its acts. It follows from acts and heads, is brought
//! up to them before it is used, and can be thrown away at any time. CLK-33.

use counterpart_record::fault::Result;
use counterpart_record::id::MatterId;
use counterpart_store::{DocketMark, Docketed, OpenRow};
use std::collections::{BTreeMap, BTreeSet};

/// A matter by the number of its channel.
pub(crate) type Key = (u32, MatterId);

/// Where a clock stands in the queue: an aim to help at once before all else, then what is due
/// soonest. CLK-7, CLK-30
pub type Turn = (bool, u64);

/// Where a matter stands in a list.
type Place = ((bool, bool, bool), u64);

/// Where a matter stands in a list: what waits for us is never behind what waits for others. Then
/// what presses, then what the caller chose (CAL-13), then what is due soonest.
fn place((turn, presses, chosen): (bool, bool, bool), due: u64) -> Place {
    ((!turn, !presses, !chosen), due)
}

/// The docket of all channels.
#[derive(Default)]
pub(crate) struct Docket {
    lines: BTreeMap<Key, OpenRow>,
    /// To be read before anything is said.
    pub unread: BTreeSet<Key>,
    /// Up to where each channel was looked at.
    marks: BTreeMap<u32, DocketMark>,
    /// What the store does not have as it is here.
    unsaved: BTreeSet<Key>,
    /// Matters that change by the clock alone: what rings, what is raised.
    pub live: BTreeSet<Key>,
    /// Channels of which the store may have what is no longer so.
    again: BTreeSet<u32>,
    /// In which calendar year each channel was looked at whose terms ask for something every year.
    years: BTreeMap<u32, u16>,
    /// Up to which time each channel was looked at for clocks that ended, in seconds (UTC).
    looked: BTreeMap<u32, u64>,
}

impl Docket {
    /// Every matter in which a clock runs, with the place in the queue before which none of it
    /// stands, in that order; with `ours`, of those clocks alone that concern us. Only what presses
    /// can have an aim that goes before all else.
    pub fn by_due(&self, ours: bool) -> Vec<(Turn, Key)> {
        let first =
            |line: &OpenRow| Some((!line.presses, if ours { line.ours? } else { line.due? }));
        let lines = self.lines.iter();
        let mut all: Vec<(Turn, Key)> =
            lines.filter_map(|(key, line)| Some((first(line)?, *key))).collect();
        all.sort_unstable();
        all
    }

    /// The matters that wait for nobody and in which a clock ended since this was asked last: an
    /// end alone can change whose turn it is. CLK-36
    pub fn ended(&mut self, channel: u32, now: u64) -> Vec<Key> {
        let since = self.looked.insert(channel, now).unwrap_or(0);
        if since == now {
            return Vec::new();
        }
        let ended = |line: &OpenRow| line.closed && line.due.is_some_and(|due| due < now);
        let mut keys = self.warned(channel, since, now);
        keys.retain(|key| self.lines.get(key).is_some_and(ended));
        keys
    }

    /// Every matter that waits for somebody, in the order of [`place`].
    pub fn open_by(&self, chosen: impl Fn(u32, &str) -> bool) -> Vec<Key> {
        let open = self.lines.iter().filter(|(_, line)| !line.closed);
        let rank = |(key, line): (&Key, &OpenRow)| {
            let due = line.duty.or(line.due).unwrap_or(u64::MAX);
            let first = chosen(key.0, &line.stream);
            (place((line.turn, line.presses, first), due), *key)
        };
        let mut all: Vec<(Place, Key)> = open.map(rank).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, key)| key).collect()
    }

    /// In how many matters it is our turn.
    pub fn our_turns(&self) -> u64 {
        self.lines.values().filter(|line| !line.closed && line.turn).count() as u64
    }

    /// The matters in which a clock may have reached a mark after `since` and up to `now`.
    pub fn warned(&self, channel: u32, since: u64, now: u64) -> Vec<Key> {
        let fell = |line: &OpenRow| {
            line.marks.iter().any(|mark| (since < *mark || line.moving) && *mark <= now)
        };
        let of = self.lines.range((channel, MatterId([0; 16]))..=(channel, MatterId([255; 16])));
        of.filter(|(_, line)| fell(line)).map(|(key, _)| *key).collect()
    }

    /// How many matters wait for somebody.
    pub fn waiting(&self) -> u64 {
        self.lines.values().filter(|line| !line.closed).count() as u64
    }

    /// In how many matters a duty is overdue. One that stands still is not: its end moves on.
    pub fn overdue(&self, now: impl Fn(u32) -> u64) -> u64 {
        let late = |(key, line): &(&Key, &OpenRow)| {
            !line.moving && line.duty.is_some_and(|due| due < now(key.0))
        };
        self.lines.iter().filter(late).count() as u64
    }

    /// Of some channels: how many matters wait for somebody, and in how many a duty is overdue.
    pub fn counts(&self, of: impl Fn(u32) -> bool, now: u64) -> (u64, u64) {
        let lines = || self.lines.iter().filter(|(key, _)| of(key.0)).map(|(_, line)| line);
        let late = |line: &&OpenRow| !line.moving && line.duty.is_some_and(|due| due < now);
        let open = lines().filter(|line| !line.closed).count();
        (open as u64, lines().filter(late).count() as u64)
    }

    /// A matter was read: it is open as this says, or not at all.
    pub fn set(&mut self, key: Key, line: Option<OpenRow>, live: bool) {
        if live && line.is_some() {
            self.live.insert(key);
        } else {
            self.live.remove(&key);
        }
        let before = match line.clone() {
            Some(line) => self.lines.insert(key, line),
            None => self.lines.remove(&key),
        };
        if before != line {
            self.unsaved.insert(key);
        }
    }

    /// A channel stands at `now`: from where on in both logs it has to be looked at, if at all.
    /// `kept` is what the store has of it, `live` tells what changes by the clock alone.
    pub fn notice(
        &mut self,
        channel: u32,
        now: DocketMark,
        kept: impl FnOnce() -> Result<Option<(DocketMark, Vec<OpenRow>)>>,
        live: impl Fn(&Key) -> bool,
    ) -> Result<Option<(u64, u64)>> {
        if !self.marks.contains_key(&channel)
            && !self.again.contains(&channel)
            && let Some((mark, lines)) = kept()?
        {
            // Which of them are live is seen when each is read.
            self.unread.extend(lines.iter().map(|line| (channel, line.matter)).filter(live));
            self.lines.extend(lines.into_iter().map(|line| ((channel, line.matter), line)));
            self.marks.insert(channel, mark);
        }
        let from = match self.marks.get(&channel) {
            Some(mark) if *mark == now => return Ok(None),
            Some(mark) if mark.grew_into(&now) => (mark.own, mark.peer),
            // A log that goes on in another epoch is another log, and another program may read the
            // same acts otherwise.
            _ => {
                self.forget(channel);
                (0, 0)
            }
        };
        self.marks.insert(channel, now);
        Ok(Some(from))
    }

    /// Whether a channel is looked at for the first time in this calendar year: then a clock may
    /// have started by itself, without an act.
    pub fn turns(&mut self, channel: u32, year: u16) -> bool {
        self.years.insert(channel, year) != Some(year)
    }

    /// Forgets a channel; the next look reads all of it. Gives what was known.
    pub fn forget(&mut self, channel: u32) -> Vec<OpenRow> {
        let known = self.of(channel);
        self.lines.retain(|key, _| key.0 != channel);
        self.unread.retain(|key| key.0 != channel);
        self.live.retain(|key| key.0 != channel);
        self.unsaved.retain(|key| key.0 != channel);
        self.marks.remove(&channel);
        self.years.remove(&channel);
        self.looked.remove(&channel);
        self.again.insert(channel);
        known
    }

    /// What is known of a channel.
    pub fn of(&self, channel: u32) -> Vec<OpenRow> {
        let lines = self.lines.iter().filter(|(key, _)| key.0 == channel);
        lines.map(|(_, line)| line.clone()).collect()
    }

    /// What the next commit on this channel keeps of the queue; nothing while there is more to
    /// read, and nothing if the store has it as it is.
    pub fn unsaved(&mut self, channel: u32) -> Option<Docketed> {
        let mark = self.marks.get(&channel)?.clone();
        let first = (channel, MatterId([0; 16]));
        let last = (channel, MatterId([255; 16]));
        if self.unread.range(first..=last).next().is_some() {
            return None;
        }
        let again = self.again.remove(&channel);
        let changed: Vec<Key> = self.unsaved.range(first..=last).copied().collect();
        let mut out = Docketed { again, open: Vec::new(), shut: Vec::new(), mark };
        for key in &changed {
            self.unsaved.remove(key);
            match self.lines.get(key) {
                Some(line) => out.open.push(line.clone()),
                None => out.shut.push(key.1),
            }
        }
        (again || !changed.is_empty()).then_some(out)
    }
}
