//! Work shared by threads: each part is taken by whoever is free.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many items a thread takes at once: large enough that taking costs nothing, small enough
/// that the last one does not keep the others waiting.
const SHARE: usize = 8;

/// Does `work` on `0..count` in shares, on `threads` threads, and returns what it gave in order.
pub fn spread<T: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(Range<usize>) -> Vec<T> + Sync,
) -> Vec<T> {
    spread_beside(threads, count, work, || ()).0
}

/// As [`spread`], with something of its own for each thread.
pub fn spread_with<S, T: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(&mut S, Range<usize>) -> Vec<T> + Sync,
    own: impl Fn() -> S + Sync,
) -> Vec<T> {
    shared(threads, count, work, own, || ()).0
}

/// As [`spread`], while the calling thread first does something else.
pub fn spread_beside<T: Send, R>(
    threads: usize,
    count: usize,
    work: impl Fn(Range<usize>) -> Vec<T> + Sync,
    beside: impl FnOnce() -> R,
) -> (Vec<T>, R) {
    shared(threads, count, |(), range| work(range), || (), beside)
}

fn shared<S, T: Send, R>(
    threads: usize,
    count: usize,
    work: impl Fn(&mut S, Range<usize>) -> Vec<T> + Sync,
    own: impl Fn() -> S + Sync,
    beside: impl FnOnce() -> R,
) -> (Vec<T>, R) {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<T>)>> = Mutex::new(Vec::new());
    let run = || {
        let (mut state, mut parts) = (own(), Vec::new());
        loop {
            let start = next.fetch_add(SHARE, Ordering::Relaxed);
            if start >= count {
                break;
            }
            parts.push((start, work(&mut state, start..count.min(start + SHARE))));
        }
        // A thread that panicked ends the whole check; its lock is not ours to judge.
        done.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).append(&mut parts);
    };
    let result = std::thread::scope(|scope| {
        for _ in 1..threads.min(count.div_ceil(SHARE)) {
            scope.spawn(run);
        }
        let result = beside();
        run();
        result
    });
    let mut parts = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    parts.sort_unstable_by_key(|(start, _)| *start);
    let mut all = Vec::with_capacity(count);
    parts.into_iter().for_each(|(_, part)| all.extend(part));
    (all, result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_done_once_and_in_order() {
        for threads in [1, 2, 5] {
            for count in [0, 1, 16, 17, 1000] {
                let (done, beside) = spread_beside(threads, count, Vec::from_iter, || 7);
                assert_eq!(done, Vec::from_iter(0..count));
                assert_eq!(beside, 7);
            }
        }
    }
}
