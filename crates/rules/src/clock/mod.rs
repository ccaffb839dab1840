//! Deadlines, and the only place where civil time is read or written. Pure: `as_of` is an
//! argument, every stored time is UTC, and zone data is part of the program.
//!
//! A duty does not end because a clock did: what is not done by `due` is overdue, stays open, and
//! counts as late when it comes. A pause moves `due` by its own length, and only if it begins
//! before `due`: a question put after the limit does not heal the delay.
//!
//! Every interval is read on two clocks, the author's and the receiver's official head. When they
//! give different verdicts the matter is *contested*: counted as such, never resolved.

mod civil;
mod ical;
mod profile;
mod timer;

pub use civil::{Calendar, Year, Zone, tz_version};
pub use ical::{Event, calendar};
pub use profile::{
    Expiry, Extension, IDENTITY_VERIFIED, Limit, PROFILES, PROGRESS, PauseRule, Profile, Sort,
    Start, profile,
};
pub use timer::{End, MARKS, Stop, Timer};

use jiff::Timestamp;
use jiff::civil::Date;

/// The last second that a form accepts: 9999-12-31T23:59:59Z.
pub const LAST: u64 = 253_402_300_799;

/// A stretch of time in which a clock stands still, in seconds (UTC). `to` is `None` while it
/// lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When it began.
    pub from: u64,
    /// When it ended.
    pub to: Option<u64>,
}

/// One clock: a limit and the pauses that move it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The limit before any pause, in seconds (UTC).
    pub limit: u64,
    /// In any order, and free to overlap.
    pub pauses: Vec<Pause>,
}

/// What a clock says of an act that stopped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// At or before the limit, on both clocks.
    InTime,
    /// After the limit on both clocks, by so many seconds on the author's.
    Late(u64),
    /// In time on one clock and late on the other.
    Contested,
}

impl Clock {
    /// The limit as it stands at `as_of`, moved by the pauses so far.
    pub fn due(&self, as_of: u64) -> u64 {
        let mut due = self.limit;
        for (from, to) in merged(&self.pauses, as_of) {
            if from >= due {
                break;
            }
            due = due.saturating_add(to - from);
        }
        due
    }

    /// Whether the limit has passed at `as_of` with nothing done.
    pub fn overdue(&self, as_of: u64) -> bool {
        as_of > self.due(as_of)
    }

    /// The verdict on an act that its author logged at `logged_at` and the receiver held at
    /// `held_at`, if it is held.
    pub fn verdict(&self, logged_at: u64, held_at: Option<u64>) -> Verdict {
        let by_author = self.overdue(logged_at);
        let by_receiver = held_at.map_or(by_author, |at| self.overdue(at));
        match (by_author, by_receiver) {
            (false, false) => Verdict::InTime,
            (true, true) => Verdict::Late(logged_at - self.due(logged_at)),
            _ => Verdict::Contested,
        }
    }
}

/// The pauses up to `as_of` as disjoint stretches in order. Two questions open at once stop the
/// clock once, not twice.
fn merged(pauses: &[Pause], as_of: u64) -> Vec<(u64, u64)> {
    let mut spans: Vec<(u64, u64)> = pauses
        .iter()
        .map(|pause| (pause.from, pause.to.unwrap_or(as_of).min(as_of)))
        .filter(|(from, to)| from < to)
        .collect();
    spans.sort_unstable();
    let mut out: Vec<(u64, u64)> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

/// Reads a time that names its offset, as RFC 3339 writes it: `2026-06-14T09:00:00+08:00`. A time
/// without an offset is refused: guessing the zone is how forms lose a day. Fractions, leap seconds
/// and other spellings of ISO 8601 are refused, so that a time has one reading. CLK-14.
pub fn instant(text: &str) -> Option<u64> {
    let text = text.trim();
    let shape = text.bytes().enumerate().all(|(at, byte)| match (at, byte) {
        (4 | 7, b'-') | (10, b'T') | (13 | 16 | 22, b':') | (19, b'Z' | b'+' | b'-') => true,
        (17, first) => (b'0'..=b'5').contains(&first),
        (4 | 7 | 10 | 13 | 16 | 19 | 22, _) => false,
        (_, digit) => digit.is_ascii_digit(),
    });
    let whole = text.len() == if text.ends_with('Z') { 20 } else { 25 };
    // RFC 3339: an offset is less than a day.
    let near = text.get(20..22).is_none_or(|hours| hours < "24");
    let time: Timestamp = if shape && whole && near { text.parse().ok()? } else { return None };
    let seconds = u64::try_from(time.as_second()).ok()?;
    (time.subsec_nanosecond() == 0 && seconds <= LAST).then_some(seconds)
}

/// Whether `text` is a day of the calendar in the one form `YYYY-MM-DD`.
pub fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<Date>().is_ok_and(|date| date.to_string() == text)
}

/// A time for a person: `2026-06-14 01:00:00 UTC`.
pub fn shown(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok());
    // A number outside the calendar comes from foreign bytes; it is shown as it is.
    time.map_or_else(|| seconds.to_string(), |t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// The same without its seconds: `2026-06-14 01:00 UTC`.
pub fn minute(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok());
    time.map_or_else(|| seconds.to_string(), |t| t.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// A length of time in whole days, hours and minutes, rounded down.
pub fn parts(seconds: u64) -> (u64, u64, u64) {
    (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pause(from: u64, to: u64) -> Pause {
        Pause { from, to: Some(to) }
    }

    #[test]
    fn a_pause_moves_the_limit_by_its_length() {
        let clock = Clock { limit: 100, pauses: vec![pause(10, 30), pause(20, 40)] };
        assert_eq!(clock.due(200), 130);
        assert!(!clock.overdue(130));
        assert!(clock.overdue(131));
    }

    #[test]
    fn an_open_pause_keeps_the_limit_ahead() {
        let clock = Clock { limit: 100, pauses: vec![Pause { from: 90, to: None }] };
        assert_eq!(clock.due(1_000), 1_010);
        assert!(!clock.overdue(1_000));
    }

    #[test]
    fn a_pause_after_the_limit_heals_nothing() {
        let clock = Clock { limit: 100, pauses: vec![Pause { from: 101, to: None }] };
        assert_eq!(clock.due(500), 100);
        assert!(clock.overdue(500));
    }

    #[test]
    fn two_clocks_that_differ_are_contested() {
        let clock = Clock { limit: 100, pauses: vec![] };
        assert_eq!(clock.verdict(100, Some(100)), Verdict::InTime);
        assert_eq!(clock.verdict(99, None), Verdict::InTime);
        assert_eq!(clock.verdict(160, Some(170)), Verdict::Late(60));
        assert_eq!(clock.verdict(90, Some(101)), Verdict::Contested);
    }

    #[test]
    fn times_name_their_offset() {
        assert_eq!(instant("1970-01-02T00:00:00Z"), Some(86_400));
        assert_eq!(instant("1970-01-02T08:00:00+08:00"), Some(86_400));
        for bad in ["2026-06-14T09:00:00", "2026-06-14", "soon", "1969-12-31T23:59:59Z", "86400"] {
            assert_eq!(instant(bad), None, "{bad}");
        }
        assert_eq!(instant("1970-01-01T00:00:00.5Z"), None);
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert!(is_date("2024-02-29"));
        for bad in ["2023-02-29", "2024-2-29", "20240229", "2024-02-30", "", "2024-02-29T00"] {
            assert!(!is_date(bad), "{bad}");
        }
        assert_eq!(shown(86_400), "1970-01-02 00:00:00 UTC");
        assert_eq!(parts(2 * 86_400 + 3 * 3_600 + 59), (2, 3, 0));
    }

    proptest! {
        #[test]
        fn due_never_moves_back_and_never_past_the_pauses(
            limit in 0u64..1_000,
            spans in prop::collection::vec((0u64..1_000, 0u64..1_000), 0..8),
            early in 0u64..2_000,
            more in 0u64..2_000,
        ) {
            let pauses = spans.iter().map(|(from, len)| pause(*from, from + len)).collect();
            let clock = Clock { limit, pauses };
            let total: u64 = spans.iter().map(|(_, len)| len).sum();
            let (then, later) = (clock.due(early), clock.due(early + more));
            prop_assert!(limit <= then && then <= later && later <= limit + total);
        }

        #[test]
        fn the_order_of_pauses_does_not_matter(
            spans in prop::collection::vec((0u64..500, 0u64..500), 0..8),
            as_of in 0u64..2_000,
        ) {
            let pauses: Vec<Pause> = spans.iter().map(|(f, l)| pause(*f, f + l)).collect();
            let backward: Vec<Pause> = pauses.iter().rev().copied().collect();
            let a = Clock { limit: 250, pauses };
            let b = Clock { limit: 250, pauses: backward };
            prop_assert_eq!(a.due(as_of), b.due(as_of));
        }
    }
}
