//! What is due: every clock that runs, across all matters, and the warnings that fall between two
//! times. Pure in what the record holds and what the clock shows; nothing here is logged or sent.

use crate::node::Node;
use crate::view::Stand;
use counterpart_record::fault::Result;
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_rules::clock::{MARKS, Sort, Timer};
use std::collections::BTreeSet;

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
    /// 50, 80 or 95 hundredths used up; 100 for its end.
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

    /// Whether a person of ours should hear of it: we must act, or what is kept for us runs out.
    pub fn concerns_us(&self) -> bool {
        self.ours || self.held_for_us
    }

    /// The marks passed after `since` and up to now.
    fn warnings(&self, since: u64) -> Vec<Warning> {
        if self.timer.paused {
            return Vec::new();
        }
        let marks = MARKS.map(|mark| (mark, self.timer.mark_at(mark, self.as_of)));
        let all = marks.into_iter().chain([(100, self.timer.due.saturating_add(1))]);
        let passed = all.filter(|(_, at)| since < *at && *at <= self.as_of);
        passed.map(|(mark, at)| Warning { due: self.clone(), mark, at }).collect()
    }
}

impl Node {
    /// Every clock that runs, what is due first at the front. The first call reads all matters;
    /// later ones only those that are open or have changed. CLK-30.
    pub fn due(&mut self) -> Result<Vec<Due>> {
        let watched = match self.watched.take() {
            Some(watched) => watched,
            None => self.store.matters(usize::MAX)?.into_iter().collect(),
        };
        let mut still = BTreeSet::new();
        let mut out = Vec::new();
        for (number, id) in watched {
            let Some(stand) = self.stand(number, &id)? else { continue };
            let Stand { peer, ring, mine, half, stream, state } = stand;
            let running: Vec<Timer> = state.timers.into_iter().filter(Timer::runs).collect();
            if !state.closed || !running.is_empty() {
                still.insert((number, id));
            }
            let as_of = self.seams.clock.now(ring);
            out.extend(running.into_iter().map(|timer| Due {
                matter: id,
                peer,
                ring,
                stream: stream.clone(),
                stage: state.stage,
                mine,
                ours: timer.who == half,
                held_for_us: timer.sort == Sort::MinimumHold && timer.who != half,
                timer,
                as_of,
            }));
        }
        self.watched = Some(still);
        out.sort_by_key(|due| (due.timer.due, due.matter, due.timer.profile));
        Ok(out)
    }

    /// The warnings that fell after `since` and up to now, oldest first: marks at 50, 80 and 95
    /// hundredths, and the end. The same record and the same two times give the same warnings.
    /// CLK-31.
    pub fn warnings(&mut self, ring: Ring, since: u64) -> Result<Vec<Warning>> {
        let due = self.due()?;
        let on_ring = due.iter().filter(|due| due.ring == ring);
        let mut all: Vec<Warning> = on_ring.flat_map(|due| due.warnings(since)).collect();
        all.sort_by_key(|warning| (warning.at, warning.due.matter, warning.mark));
        Ok(all)
    }
}
