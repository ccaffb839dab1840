//! One clock of a matter as a person sees it: what it is for, who must act, when it is due, how
//! long it stood still and by whose doing, how near its end is, and what came of it.

use super::civil::Year;
use super::profile::{Limit, Profile, Sort, Start, profile};
use super::{Clock, Pause, Verdict, merged};
use crate::act::Half;

/// A stretch in which a clock stood still, and who stopped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The side whose act stopped the clock: the one that asked.
    pub by: Half,
    /// From when to when, in seconds (UTC).
    pub pause: Pause,
}

/// The act that ended a clock, on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Seconds (UTC) of its author's official head.
    pub logged_at: u64,
    /// Seconds (UTC) of the receiver's official head, if it is held.
    pub held_at: Option<u64>,
}

/// One clock of a matter at a given time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Its profile: `P-977-U1`.
    pub profile: &'static str,
    /// What it means.
    pub sort: Sort,
    /// The length that is in force: as agreed, else as shipped.
    pub length: Limit,
    /// Who must act.
    pub who: Half,
    /// When it started, in seconds (UTC).
    pub started_at: u64,
    /// The limit with its extensions and before any pause, in seconds (UTC).
    pub limit: u64,
    /// The limit moved by the pauses so far.
    pub due: u64,
    /// In the order in which they began.
    pub stops: Vec<Stop>,
    /// For how many seconds each side kept it still, up to now or to its end.
    pub stood: [(Half, u64); 2],
    /// Whether it stands still now.
    pub paused: bool,
    /// How much of it is used up, as the last mark that was passed: 0, 50, 80, 95.
    pub level: u8,
    /// When the act that ended it was logged, in seconds (UTC).
    pub stopped_at: Option<u64>,
    /// Whether its end has passed with nothing done. What is overdue stays open.
    pub overdue: bool,
    /// Until when the other side asks for it to last, while its holder has not noted that; a hold
    /// alone. Seconds (UTC).
    pub asked_until: Option<u64>,
    /// Whether it is a hold past its end of which its holder has not said what became of it.
    pub lapsed: bool,
    /// Whether it is a hold that its holder let go before its time, and the side that asked for it
    /// has not answered to that; `due` is when that side heard of it.
    pub let_go: bool,
    /// What it says of the act that ended it. A hold says nothing: it is kept, not met.
    pub verdict: Option<Verdict>,
}

/// The marks at which a running clock warns, in hundredths of its length.
pub const MARKS: [u8; 3] = [50, 80, 95];

impl Timer {
    /// A clock of this profile that started at `started_at` and runs to `limit`, as it stands at
    /// `as_of`; all in seconds (UTC). CLK-1 to CLK-4.
    pub fn run(
        profile: &Profile,
        who: Half,
        (started_at, limit): (u64, u64),
        mut stops: Vec<Stop>,
        ended: Option<End>,
        as_of: u64,
    ) -> Timer {
        stops.sort_by_key(|stop| (stop.pause.from, stop.pause.to));
        let pauses = stops.iter().map(|stop| stop.pause).collect();
        let clock = Clock { limit: limit.max(started_at), pauses };
        // An aim to help at once has no time after which it is late. CLK-7
        let at_once = profile.limit == Limit::AtOnce;
        // A clock stands where the act that ended it found it.
        let at = ended.map_or(as_of, |end| end.logged_at);
        let over = clock.overdue(at);
        let running = ended.is_none();
        let open = |stop: &Stop| stop.pause.from <= at && stop.pause.to.is_none_or(|to| at < to);
        let keeps = profile.sort == Sort::MinimumHold;
        let verdict = ended.filter(|_| !keeps && !at_once);
        let stood = [Half::Asking, Half::Answering].map(|half| {
            let of = stops.iter().filter(|stop| stop.by == half).map(|stop| stop.pause);
            let spans = merged(&of.collect::<Vec<Pause>>(), at);
            (half, spans.iter().map(|(from, to)| to - from).sum())
        });
        Timer {
            profile: profile.id,
            sort: profile.sort,
            length: profile.limit,
            who,
            started_at,
            limit: clock.limit,
            due: clock.due(at),
            stood,
            paused: running && !over && stops.iter().any(open),
            level: if at_once { 0 } else { level(&clock, started_at, at) },
            stopped_at: ended.map(|end| end.logged_at),
            overdue: running && over && !keeps && !at_once,
            asked_until: None,
            lapsed: false,
            let_go: false,
            verdict: verdict.map(|end| clock.verdict(end.logged_at, end.held_at)),
            stops,
        }
    }

    /// Whether it is an aim to help at once: measured, and never late. CLK-7
    pub fn at_once(&self) -> bool {
        self.length == Limit::AtOnce
    }

    /// The marks at which a person is told of it, each with the first second at which it is passed
    /// (UTC), with the pauses up to `as_of`: hundredths of its length, and 100 for its end. Of an
    /// aim to help at once that is its beginning alone, 0. CLK-7, CLK-31
    pub fn marks(&self, as_of: u64) -> Vec<(u8, u64)> {
        if self.at_once() {
            return vec![(0, self.started_at.saturating_add(1))];
        }
        let end = self.mark_at(100, as_of).saturating_add(1);
        let marks = MARKS.map(|mark| (mark, self.mark_at(mark, as_of)));
        marks.into_iter().chain([(100, end)]).collect()
    }

    /// When the clock reaches a mark, in seconds (UTC), with the pauses up to `as_of`.
    pub fn mark_at(&self, mark: u8, as_of: u64) -> u64 {
        let pauses = self.stops.iter().map(|stop| stop.pause).collect();
        at_mark(&Clock { limit: self.limit, pauses }, self.started_at, mark, as_of)
    }

    /// The calendar year that it is about, of a clock that starts when one ends. CLK-25.
    pub fn year(&self) -> Option<u16> {
        let yearly = profile(self.profile).is_some_and(|known| known.start == Start::Year);
        let ended = self.started_at.checked_sub(1).filter(|_| yearly)?;
        Year::of(ended).map(|year| year.number)
    }

    /// Whether it still runs: nothing has ended it.
    pub fn runs(&self) -> bool {
        self.stopped_at.is_none()
    }
}

fn level(clock: &Clock, started_at: u64, at: u64) -> u8 {
    let passed = |mark: &&u8| at >= at_mark(clock, started_at, **mark, at);
    MARKS.iter().rev().find(passed).copied().unwrap_or(0)
}

/// A mark is a limit of its own: what moves the limit moves it, too.
fn at_mark(clock: &Clock, started_at: u64, mark: u8, as_of: u64) -> u64 {
    let length = u128::from(clock.limit.saturating_sub(started_at));
    // Rounded up, so that a mark is never early; it is below the length, so it fits.
    let part = (length * u128::from(mark)).div_ceil(100);
    let limit = started_at.saturating_add(u64::try_from(part).unwrap_or(u64::MAX));
    Clock { limit, pauses: clock.pauses.clone() }.due(as_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn timer(id: &str, stops: Vec<Stop>, ended: Option<End>, as_of: u64) -> Timer {
        Timer::run(profile(id).unwrap(), Half::Answering, (1_000, 2_000), stops, ended, as_of)
    }

    fn stop(from: u64, to: Option<u64>) -> Stop {
        Stop { by: Half::Answering, pause: Pause { from, to } }
    }

    /// CLK-2.
    #[test]
    fn marks_are_passed_in_order_and_pauses_move_them() {
        for (as_of, level) in [(1_000, 0), (1_499, 0), (1_500, 50), (1_800, 80), (1_950, 95)] {
            assert_eq!(timer("P-977-U1", vec![], None, as_of).level, level, "{as_of}");
        }
        let paused = timer("P-977-U1", vec![stop(1_100, Some(1_400))], None, 1_799);
        assert_eq!((paused.level, paused.due, paused.paused), (0, 2_300, false));
        assert_eq!(paused.mark_at(50, 1_799), 1_800);
        assert_eq!(paused.stood, [(Half::Asking, 0), (Half::Answering, 300)]);
        let early = timer("P-977-U1", vec![stop(1_100, Some(1_400))], None, 1_200);
        assert_eq!(early.stood[1], (Half::Answering, 100));
    }

    /// CLK-7: what is to be done at once is told once, and is never late.
    #[test]
    fn an_aim_to_help_at_once_is_told_when_it_begins_and_is_never_late() {
        let run = |profile: &Profile, limit, ended, as_of| {
            Timer::run(profile, Half::Answering, (1_000, limit), vec![], ended, as_of)
        };
        let aim = profile("P-BUD-35").unwrap();
        let open = run(aim, 1_000, None, 90_000);
        assert_eq!((open.runs(), open.overdue, open.level), (true, false, 0));
        assert_eq!(open.marks(90_000), [(0, 1_001)]);
        let end = End { logged_at: 5_000, held_at: Some(5_001) };
        assert_eq!(run(aim, 1_000, Some(end), 90_000).verdict, None);
        // With a length that two sides agreed on it is a clock as any other.
        let agreed = Profile { limit: Limit::Minutes(10), ..*aim };
        let open = run(&agreed, 1_600, None, 1_601);
        assert_eq!((open.overdue, open.level), (true, 95));
        let passed: Vec<u8> = open.marks(1_601).iter().map(|(mark, _)| *mark).collect();
        assert_eq!(passed, [50, 80, 95, 100]);
        assert_eq!(open.marks(1_601)[3], (100, 1_601));
        let late = run(&agreed, 1_600, Some(end), 90_000);
        assert_eq!(late.verdict, Some(Verdict::Late(3_400)));
    }

    /// CLK-1, CLK-3.
    #[test]
    fn what_is_overdue_stays_open_and_counts_as_late_when_it_comes() {
        let open = timer("P-977-U1", vec![], None, 2_001);
        assert!(open.overdue && open.runs() && open.verdict.is_none());
        let end = |logged_at, held_at| Some(End { logged_at, held_at });
        let late = timer("P-977-U1", vec![], end(2_050, Some(2_060)), 9_000);
        assert_eq!((late.overdue, late.verdict), (false, Some(Verdict::Late(50))));
        let contested = timer("P-977-U1", vec![], end(1_990, Some(2_001)), 9_000);
        assert_eq!(contested.verdict, Some(Verdict::Contested));
    }

    #[test]
    fn a_hold_ends_without_a_verdict() {
        let hold = timer("P-BUD-29", vec![], None, 5_000);
        assert!(!hold.overdue && hold.level == 95);
        let ended = timer("P-BUD-29", vec![], Some(End { logged_at: 10, held_at: None }), 9);
        assert_eq!(ended.verdict, None);
    }

    #[test]
    fn an_open_pause_shows_and_a_late_one_does_not() {
        assert!(timer("P-977-U1", vec![stop(1_900, None)], None, 9_000).paused);
        let late = timer("P-977-U1", vec![stop(2_100, None)], None, 9_000);
        assert!(!late.paused && late.overdue);
    }

    proptest! {
        #[test]
        fn a_level_never_falls_while_time_goes_on(
            length in 0u64..5_000,
            spans in prop::collection::vec((0u64..6_000, 0u64..900), 0..6),
            early in 0u64..9_000,
            more in 0u64..9_000,
        ) {
            let stops: Vec<Stop> = spans.iter().map(|(f, l)| stop(*f, Some(f + l))).collect();
            let at = |as_of| {
                let profile = profile("P-977-U1").unwrap();
                Timer::run(profile, Half::Answering, (50, 50 + length), stops.clone(), None, as_of)
            };
            let (then, later) = (at(early), at(early + more));
            prop_assert!(then.level <= later.level && then.due <= later.due);
            prop_assert!(!then.overdue || later.overdue);
            prop_assert!(!later.overdue || later.level == 95);
        }
    }
}
