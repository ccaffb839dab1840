//! What the engine needs from outside, as small object-safe traits. Keys and randomness are seams
//! of the record; see [`counterpart_record::keys::Keys`] and [`counterpart_record::key::Random`].

use counterpart_record::fault::{Code, Result};
use counterpart_record::keys::Ring;

/// Civil time. It enters records; it never serves a timeout. The drill ring may have a calendar of
/// its own, so that an exercise can play in a day what takes a month.
pub trait Clock: Send + Sync {
    /// POSIX seconds on a ring.
    fn now(&self, ring: Ring) -> u64;

    /// The time of a ring by which something may end for good. It is what the clock shows, or, if
    /// that lies more than a week behind what it showed last and behind `heard`, the newest time
    /// that a peer signed, what it showed last. RET-9
    fn vouched(&self, ring: Ring, _heard: u64) -> u64 {
        self.now(ring)
    }

    /// A person says that the clock is right.
    fn vouch(&self) -> Result<()> {
        Ok(())
    }

    /// Moves the drill's calendar on, and says what it shows now. There is no way back, and none
    /// for the live ring.
    fn advance_drill(&self, _seconds: u64) -> Result<u64> {
        Err(Code::ArgumentWrong.at("this node has no drill calendar"))
    }
}

/// Runs many independent checks at once: one after the other in the simulation, on threads in the
/// node. The result must not depend on which.
pub trait Crew: Send + Sync {
    /// Calls `job` once for each number below `count`.
    fn run(&self, count: usize, job: &(dyn Fn(usize) + Sync));
}

/// One after the other.
pub struct Inline;

impl Crew for Inline {
    fn run(&self, count: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..count).for_each(job);
    }
}

/// On as many scoped threads as there are cores.
pub struct Threads;

impl Crew for Threads {
    fn run(&self, count: usize, job: &(dyn Fn(usize) + Sync)) {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let hands = cores.min(count.div_ceil(16));
        if hands <= 1 {
            return Inline.run(count, job);
        }
        let next = std::sync::atomic::AtomicUsize::new(0);
        let work = || {
            loop {
                let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                if i >= count {
                    return;
                }
                job(i);
            }
        };
        std::thread::scope(|scope| {
            (1..hands).for_each(|_| drop(scope.spawn(work)));
            work();
        });
    }
}
