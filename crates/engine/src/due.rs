//! What is due: every clock that runs, across all matters, and the warnings that fall between two
//! times. Pure in what the record holds and what the clock shows; nothing here is logged or sent.

use crate::docket::{Key, Turn};
use crate::node::Node;
use counterpart_record::fault::Result;
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_rules::clock::{Sort, Timer};
use std::collections::BinaryHeap;

/// One clock that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// In which matter.
    pub matter: MatterId,
    /// With whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// The line of work.
    pub stream: String,
    /// Where the matter stands: a phrase key.
    pub stage: &'static str,
    /// Whether we opened it.
    pub mine: bool,
    /// Whether we must act.
    pub ours: bool,
    /// Whether it is a hold that we asked for: near its end it is for us to renew it.
    pub held_for_us: bool,
    /// The clock.
    pub timer: Timer,
    /// The time at which it was read, in seconds (UTC).
    pub as_of: u64,
}

/// A mark that a clock passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Which clock.
    pub due: Due,
    /// 50, 80 or 95 hundredths used up; 100 for its end; 0 for the beginning of an aim to help at
    /// once.
    pub mark: u8,
    /// When, in seconds (UTC).
    pub at: u64,
}

impl Due {
    /// Seconds left; below zero once it is overdue.
    pub fn left(&self) -> i64 {
        let seconds = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
        seconds(self.timer.due) - seconds(self.as_of)
    }

    /// Where it stands in the queue. CLK-30
    fn turn(&self) -> Turn {
        (!self.timer.at_once(), self.timer.due)
    }

    /// Whether a person of ours should hear of it: we must act, or what is kept for us runs out.
    pub fn concerns_us(&self) -> bool {
        self.ours || self.held_for_us
    }

    /// The marks passed after `since` and up to now: of a clock that stands still those that it had
    /// passed before, so that whoever told them knows that they are the same. CLK-34
    fn warnings(&self, since: u64) -> Vec<Warning> {
        let all = self.timer.marks(self.as_of).into_iter();
        let passed = all.filter(|(_, at)| since < *at && *at <= self.as_of);
        passed.map(|(mark, at)| Warning { due: self.clone(), mark, at }).collect()
    }
}

impl Node {
    /// The clocks that run, at most `limit`: what is to be done at once, then what is due first;
    /// with `ours`, those that concern us. CLK-30.
    pub fn due(&mut self, ours: bool, limit: usize) -> Result<Vec<Due>> {
        self.read_whole_docket()?;
        // Of the clocks read so far, the ends of the first `limit`.
        let mut ends = BinaryHeap::new();
        let mut out = Vec::new();
        for (earliest, key) in self.docket.by_due(ours) {
            if ends.len() >= limit && ends.peek().is_none_or(|last| *last < earliest) {
                break;
            }
            for due in self.due_in(key)?.into_iter().filter(|due| !ours || due.concerns_us()) {
                ends.push(due.turn());
                if ends.len() > limit {
                    ends.pop();
                }
                out.push(due);
            }
        }
        out.sort_by_key(|due| (due.turn(), due.matter, due.timer.profile));
        out.truncate(limit);
        Ok(out)
    }

    /// How many matters wait for somebody, and in how many of them a duty is overdue.
    pub fn waiting(&mut self) -> Result<(u64, u64)> {
        self.read_whole_docket()?;
        Ok((self.docket.waiting(), self.docket.overdue(|number| self.now_of(number))))
    }

    /// In how many matters it is our turn.
    pub fn our_turns(&mut self) -> Result<u64> {
        self.read_whole_docket()?;
        Ok(self.docket.our_turns())
    }

    /// Of one ring: how many matters wait for somebody, and in how many of them a duty is overdue.
    /// An exercise is no case.
    pub fn waiting_on(&mut self, ring: Ring) -> Result<(u64, u64)> {
        self.read_whole_docket()?;
        let on_ring = self.channels.iter().filter(|channel| channel.ring == ring);
        let numbers: Vec<u32> = on_ring.map(|channel| channel.row.number).collect();
        let now = self.seams.clock.now(ring);
        Ok(self.docket.counts(|number| numbers.contains(&number), now))
    }

    /// The warnings that fell after `since` and up to now, oldest first: marks at 50, 80 and 95
    /// hundredths, the end, and the beginning of an aim to help at once. The same record and the
    /// same two times give the same warnings. CLK-31.
    pub fn warnings(&mut self, ring: Ring, since: u64) -> Result<Vec<Warning>> {
        self.read_whole_docket()?;
        let now = self.seams.clock.now(ring);
        let on_ring = self.channels.iter().filter(|channel| channel.ring == ring);
        let numbers: Vec<u32> = on_ring.map(|channel| channel.row.number).collect();
        let mut all: Vec<Warning> = Vec::new();
        let of = |number: &u32| self.docket.warned(*number, since, now);
        let keys: Vec<Key> = numbers.iter().flat_map(of).collect();
        for key in keys {
            let running = self.due_in(key)?;
            // Of several aims that began with one receipt the last of them says it, which is the
            // one that lasts: an emergency is told of once. CLK-7
            let told = running.iter().rposition(|due| due.timer.at_once());
            let each = running.iter().enumerate();
            let each = each.filter(|(at, due)| !due.timer.at_once() || Some(*at) == told);
            all.extend(each.flat_map(|(_, due)| due.warnings(since)));
        }
        all.sort_by_key(|warning| (warning.at, warning.due.matter, warning.mark));
        Ok(all)
    }

    /// The clocks that run in one matter.
    fn due_in(&mut self, key: Key) -> Result<Vec<Due>> {
        let Some(stand) = self.stand_of(key)? else { return Ok(Vec::new()) };
        let as_of = self.seams.clock.now(stand.ring);
        let running = stand.state.timers.iter().filter(|timer| timer.runs());
        let due = running.map(|timer| Due {
            matter: key.1,
            peer: stand.peer,
            ring: stand.ring,
            stream: stand.stream.clone(),
            stage: stand.state.stage,
            mine: stand.mine,
            // What its holder let go it need not be told.
            ours: timer.who == stand.half && !timer.let_go,
            held_for_us: timer.sort == Sort::MinimumHold && timer.who != stand.half,
            timer: timer.clone(),
            as_of,
        });
        Ok(due.collect())
    }
}
