//! The real time and the real chance, for everything below that takes them as arguments.

use crate::durable;
use counterpart_engine::seam::Clock;
use counterpart_record::fault::{Code, Result};
use counterpart_record::key::Random;
use counterpart_record::keys::Ring;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Randomness of the operating system, through the generator of the signing library.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        if aws_lc_rs::rand::fill(buffer).is_err() {
            // A key or a nonce that is not random is worse than a node that stands still, and no
            // caller could do anything better.
            eprintln!("counterpart: the system gives no randomness; stopping");
            std::process::abort();
        }
    }
}

/// Civil time in POSIX seconds. A clock before 1970 counts as 0, which every peer refuses.
pub fn now() -> u64 {
    seconds(SystemTime::now())
}

/// A time of the file system in POSIX seconds.
pub fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The file of the calendar of exercises, in the folder of the node.
pub const DRILL_CALENDAR: &str = "drill-calendar";

/// Civil time of the machine, and the drill's calendar: that time and an offset that only grows,
/// kept in `HOME/drill-calendar`.
pub struct SystemClock {
    file: PathBuf,
    offset: AtomicU64,
    /// `HOME/clock-seen`.
    seen_file: PathBuf,
    /// What the machine's clock showed when it was last believed, and how much of that is on disk.
    seen: Mutex<(u64, u64)>,
}

/// The machine's clock is believed as far ahead at once, in seconds.
const LEAP: u64 = 7 * 86_400;

/// How often it is written down, in seconds.
const OFTEN: u64 = 3_600;

/// Whether a clock is believed that showed `seen` and now shows this, while a peer signed a time
/// of `heard`. RET-9
fn is_believed(seen: u64, now: u64, heard: u64) -> bool {
    seen == 0 || now <= seen.saturating_add(LEAP) || now <= heard.saturating_add(LEAP)
}

impl SystemClock {
    /// Of the node in `home`. Without the file the calendar shows the machine's time.
    pub fn of(home: &Path) -> Result<SystemClock> {
        let file = home.join(DRILL_CALENDAR);
        let offset = if file.exists() {
            let text = String::from_utf8(durable::read(&file, 32)?).unwrap_or_default();
            let wrong = |_| Code::ConfigWrong.at("drill-calendar: not a number of seconds");
            text.trim().parse().map_err(wrong)?
        } else {
            0
        };
        let seen_file = home.join("clock-seen");
        // One that cannot be read is one that was never written: the clock is believed.
        let seen =
            durable::read(&seen_file, 32).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let seen = seen.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        let seen = Mutex::new((seen, seen));
        Ok(SystemClock { file, offset: AtomicU64::new(offset), seen_file, seen })
    }
}

impl SystemClock {
    fn write_seen(&self, now: u64) -> Result<()> {
        durable::replace(&self.seen_file, format!("{now}\n").as_bytes())
    }
}

impl Clock for SystemClock {
    fn now(&self, ring: Ring) -> u64 {
        let offset = if ring.is_drill() { self.offset.load(Ordering::Relaxed) } else { 0 };
        now() + offset
    }

    fn vouched(&self, ring: Ring, heard: u64) -> u64 {
        if ring.is_drill() {
            return self.now(ring);
        }
        let (mut seen, now) = (self.seen.lock().unwrap_or_else(PoisonError::into_inner), now());
        if !is_believed(seen.0, now, heard) {
            return seen.0;
        }
        seen.0 = now;
        // What is not written is looked at again after a start: an older time says less.
        if now.abs_diff(seen.1) >= OFTEN && self.write_seen(now).is_ok() {
            seen.1 = now;
        }
        now
    }

    fn vouch(&self) -> Result<()> {
        let (mut seen, now) = (self.seen.lock().unwrap_or_else(PoisonError::into_inner), now());
        self.write_seen(now)?;
        *seen = (now, now);
        Ok(())
    }

    fn advance_drill(&self, seconds: u64) -> Result<u64> {
        // Ten years at once is no exercise but a slip of the finger.
        if seconds == 0 || seconds > 10 * 366 * 86_400 {
            return Err(Code::ArgumentWrong.at("drill calendar: from a second to ten years"));
        }
        let offset = self.offset.load(Ordering::Relaxed) + seconds;
        durable::replace(&self.file, format!("{offset}\n").as_bytes())?;
        self.offset.store(offset, Ordering::Relaxed);
        Ok(self.now(Ring::Drill))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RET-9
    #[test]
    fn a_clock_that_jumped_is_believed_only_with_a_word_for_it() {
        let (seen, week) = (1_800_000_000, LEAP);
        assert!(is_believed(0, seen, 0), "the first look");
        assert!(is_believed(seen, seen + week, 0) && !is_believed(seen, seen + week + 1, 0));
        // A peer whose clock shows as much, and one that was heard long ago.
        let years = seen + 100 * week;
        assert!(is_believed(seen, years, years - 5) && !is_believed(seen, years, seen + 5));
        // One that goes back is not held up; it says less by itself.
        assert!(is_believed(seen, seen - 50 * week, 0));
    }

    #[test]
    fn fills_the_whole_buffer_anew() {
        let (mut a, mut b) = ([0; 64], [0; 64]);
        SystemRandom.fill(&mut a);
        SystemRandom.fill(&mut b);
        assert_ne!(a, b);
        // 64 zero bytes in a row at either end would mean that a part was left out.
        assert!(a[..16] != [0; 16] && a[48..] != [0; 16]);
    }

    #[test]
    fn the_drill_calendar_only_goes_on_and_survives_a_restart() {
        let scratch = crate::scratch::Scratch::new("calendar");
        let clock = SystemClock::of(scratch.path()).unwrap();
        let day = 86_400;
        assert!(clock.advance_drill(day).unwrap() >= now() + day);
        assert!(clock.now(Ring::Live) <= now());
        let again = SystemClock::of(scratch.path()).unwrap();
        assert!(again.now(Ring::Drill) >= now() + day);
        for wrong in [0, u64::MAX] {
            assert_eq!(again.advance_drill(wrong).unwrap_err().code, Code::ArgumentWrong);
        }
        std::fs::write(scratch.join("drill-calendar"), "soon").unwrap();
        let fault = SystemClock::of(scratch.path()).err().unwrap();
        assert_eq!(fault.code, Code::ConfigWrong);
    }

    #[test]
    fn time_is_of_this_century() {
        assert!((1_700_000_000..4_200_000_000).contains(&now()));
    }
}
