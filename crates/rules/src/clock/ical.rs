//! Due times for the calendar of a phone or a desk (RFC 5545). A calendar travels further than the
//! record does: it holds times, digits of matters, names of profiles and numbers of tasks, and
//! nothing of a case.

use super::Timer;
use jiff::Timestamp;
use std::fmt::Write as _;

/// One due time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What it is told by: the matter's digits and a profile, or the number of a task.
    name: String,
    /// What it keeps when it is exported again, so that it moves and is not doubled.
    uid: String,
    due: u64,
    firm: bool,
    alarm_at: Option<u64>,
}

impl Event {
    /// A clock of a matter, which is given in digits; `alarm_at` is when to be reminded, in seconds
    /// (UTC), `None` if that has passed.
    pub fn of_clock(matter: &str, timer: &Timer, alarm_at: Option<u64>) -> Event {
        let (profile, started) = (timer.profile, timer.started_at);
        Event {
            name: format!("{} {profile}", matter.get(..8).unwrap_or(matter)),
            uid: format!("{matter}-{profile}-{started}"),
            due: timer.due,
            firm: !timer.paused,
            alarm_at,
        }
    }

    /// A task at home: its number and its times, in seconds (UTC), and not even its matter. HOM-3.
    pub fn of_task(number: u64, made_at: u64, due: u64, alarm_at: Option<u64>) -> Event {
        let (name, uid) = (format!("TASK {number}"), format!("task-{number}-{made_at}"));
        Event { name, uid, due, firm: true, alarm_at }
    }
}

/// The calendar as it stands at `as_of`, in seconds (UTC). Times that no calendar can hold are left
/// out. CLK-32.
pub fn calendar(events: &[Event], as_of: u64) -> String {
    let mut out = String::new();
    line(&mut out, "BEGIN:VCALENDAR");
    line(&mut out, "VERSION:2.0");
    line(&mut out, "PRODID:-//Counterpart//counterpart//EN");
    line(&mut out, "CALSCALE:GREGORIAN");
    for event in events {
        one(&mut out, event, as_of);
    }
    line(&mut out, "END:VCALENDAR");
    out
}

fn one(out: &mut String, event: &Event, as_of: u64) {
    let (Some(due), Some(stamp)) = (utc(event.due), utc(as_of)) else { return };
    let name = &event.name;
    line(out, "BEGIN:VEVENT");
    line(out, &format!("UID:{}@counterpart.invalid", event.uid));
    line(out, &format!("DTSTAMP:{stamp}"));
    line(out, &format!("DTSTART:{due}"));
    line(out, &format!("SUMMARY:{name}"));
    let firm = if event.firm { "CONFIRMED" } else { "TENTATIVE" };
    line(out, &format!("STATUS:{firm}"));
    line(out, "CLASS:PRIVATE");
    line(out, "TRANSP:TRANSPARENT");
    if let Some(alarm) = event.alarm_at.and_then(utc) {
        line(out, "BEGIN:VALARM");
        line(out, "ACTION:DISPLAY");
        line(out, &format!("DESCRIPTION:{name}"));
        line(out, &format!("TRIGGER;VALUE=DATE-TIME:{alarm}"));
        line(out, "END:VALARM");
    }
    line(out, "END:VEVENT");
}

/// `20260614T010000Z` (RFC 5545, 3.3.5, form 2).
fn utc(seconds: u64) -> Option<String> {
    let time = Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    Some(time.strftime("%Y%m%dT%H%M%SZ").to_string())
}

/// One content line: at most 75 octets, then folded (RFC 5545, 3.1). All of them are ASCII.
fn line(out: &mut String, text: &str) {
    let mut rest = text;
    let mut room = 75;
    while rest.len() > room {
        let (now, later) = rest.split_at(room);
        let _ = write!(out, "{now}\r\n ");
        (rest, room) = (later, 74);
    }
    let _ = write!(out, "{rest}\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::Half;
    use crate::clock::profile;

    fn event(due: u64) -> Event {
        let profile = profile("P-977-U1").unwrap();
        let timer = Timer::run(profile, Half::Answering, (100, due), vec![], None, 100);
        Event::of_clock(&"1f".repeat(16), &timer, Some(due / 2))
    }

    /// HOM-3.
    #[test]
    fn a_task_is_told_by_its_number_and_its_times() {
        let text = calendar(&[Event::of_task(17, 1_781_000_000, 1_781_398_800, None)], 0);
        assert!(text.contains("\r\nSUMMARY:TASK 17\r\n"), "{text}");
        assert!(text.contains("\r\nUID:task-17-1781000000@counterpart.invalid\r\n"), "{text}");
        assert!(text.contains("\r\nDTSTART:20260614T010000Z\r\n"), "{text}");
    }

    /// CLK-32.
    #[test]
    fn lines_are_folded_and_hold_nothing_but_times_and_names_of_profiles() {
        let text = calendar(&[event(1_781_398_800)], 1_781_000_000);
        assert!(text.contains("\r\nDTSTART:20260614T010000Z\r\n"), "{text}");
        for one in text.split("\r\n") {
            assert!(one.len() <= 75 && one.is_ascii(), "{one}");
        }
        let whole = text.replace("\r\n ", "");
        let uid = format!("UID:{}-P-977-U1-100@counterpart.invalid\r\n", "1f".repeat(16));
        assert!(whole.contains(&uid), "{whole}");
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    }

    #[test]
    fn a_time_beyond_the_calendar_is_left_out() {
        let text = calendar(&[event(u64::MAX)], 0);
        assert!(!text.contains("VEVENT"));
    }
}
