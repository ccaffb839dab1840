//! The real time and the real chance, for everything below that takes them as arguments.

use crate::durable;
use counterpart_engine::seam::Clock;
use counterpart_record::fault::{Code, Result};
use counterpart_record::key::Random;
use counterpart_record::keys::Ring;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
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

/// Civil time of the machine, and the drill's calendar: that time and an offset that only grows,
/// kept in `HOME/drill-calendar`.
pub struct SystemClock {
    file: PathBuf,
    offset: AtomicU64,
}

impl SystemClock {
    /// Of the node in `home`. Without the file the calendar shows the machine's time.
    pub fn of(home: &Path) -> Result<SystemClock> {
        let file = home.join("drill-calendar");
        let offset = if file.exists() {
            let text = String::from_utf8(durable::read(&file, 32)?).unwrap_or_default();
            let wrong = |_| Code::ConfigWrong.at("drill-calendar: not a number of seconds");
            text.trim().parse().map_err(wrong)?
        } else {
            0
        };
        Ok(SystemClock { file, offset: AtomicU64::new(offset) })
    }
}

impl Clock for SystemClock {
    fn now(&self, ring: Ring) -> u64 {
        let offset = if ring.is_drill() { self.offset.load(Ordering::Relaxed) } else { 0 };
        now() + offset
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
