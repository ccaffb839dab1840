//! What fills by itself and is spent: a rate with room for a burst. Pure: the time is given by the
//! caller.

use std::time::{Duration, Instant};

/// Seconds.
pub const HOUR: u64 = 3_600;

/// Fills by itself, up to what it holds; what is spent beyond that is a debt.
#[derive(Debug)]
pub struct Bucket {
    per_hour: f64,
    most: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    /// One that is full: what comes in an hour, and what it holds.
    pub fn full((per_hour, most): (u64, u64), at: Instant) -> Bucket {
        Bucket { per_hour: per_hour as f64, most: most as f64, level: most as f64, at }
    }

    fn fill(&mut self, now: Instant) {
        let hours = now.saturating_duration_since(self.at).as_secs_f64() / HOUR as f64;
        self.level = (self.level + hours * self.per_hour).min(self.most);
        self.at = now;
    }

    /// Takes so much out, also what is not in it.
    pub fn spend(&mut self, now: Instant, count: u64) {
        self.fill(now);
        self.level -= count as f64;
    }

    /// What was spent for nothing comes back.
    pub fn give_back(&mut self, count: u64) {
        self.level = (self.level + count as f64).min(self.most);
    }

    /// Takes one out, if there is one.
    pub fn take(&mut self, now: Instant) -> bool {
        let there = self.wait(1, now).is_none();
        if there {
            self.spend(now, 1);
        }
        there
    }

    /// Whether nothing was spent that has not come back.
    pub fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.level >= self.most
    }

    /// How long until there is at least so much in it.
    pub fn wait(&mut self, least: u64, now: Instant) -> Option<Duration> {
        self.fill(now);
        let lacks = least as f64 - self.level;
        let hours = lacks / self.per_hour.max(1.0);
        (lacks > 0.0).then(|| Duration::from_secs_f64(hours * HOUR as f64))
    }
}
