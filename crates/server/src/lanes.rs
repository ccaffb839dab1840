//! Whose turn it is. Work for a peer waits in that peer's lane, and the lane that was served least
//! comes next, measured by the time that its work took: whoever sends much, or what is dear to look
//! at, waits for itself. Pure: the time is given by the caller.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

/// Lanes by a key, each in the order in which its work came.
#[derive(Debug)]
pub struct Lanes<K, T> {
    waiting: BTreeMap<K, Lane<T>>,
    /// What each lane has used, of those that have used more than the floor.
    used: BTreeMap<K, u64>,
    /// Until when a lane is not served, although something waits in it.
    rests: BTreeMap<K, Instant>,
    /// Nobody who comes now has used less: what was not used while nothing waited is not saved up.
    floor: u64,
}

#[derive(Debug)]
struct Lane<T> {
    work: VecDeque<T>,
    /// When it was served last, in turns: of two that have used alike, the older one comes first.
    turn: u64,
}

impl<K: Ord + Copy, T> Lanes<K, T> {
    /// Nothing waits.
    pub fn new() -> Lanes<K, T> {
        let (waiting, used, rests) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Lanes { waiting, used, rests, floor: 0 }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether work waits in another lane than this.
    pub fn others_wait(&self, key: &K) -> bool {
        self.waiting.keys().any(|other| other != key)
    }

    /// At the end of a lane.
    pub fn push(&mut self, key: K, work: T) {
        let floor = self.floor;
        let lane = self.waiting.entry(key).or_insert_with(|| {
            let used = self.used.entry(key).or_insert(floor);
            *used = floor.max(*used);
            Lane { work: VecDeque::new(), turn: 0 }
        });
        lane.work.push_back(work);
    }

    /// Back to the front of its lane: it is not done yet.
    pub fn give_back(&mut self, key: K, work: T) {
        self.push(key, work);
        let lane = self.waiting.get_mut(&key);
        lane.into_iter().for_each(|lane| lane.work.rotate_right(1));
    }

    /// A lane is not served before then: the time between is for whoever comes meanwhile.
    pub fn rest(&mut self, key: K, until: Instant) {
        self.rests.insert(key, until);
    }

    /// When the first of the lanes in which something waits may be served.
    pub fn served_from(&self) -> Option<Instant> {
        let each = self.waiting.keys().map(|key| self.rests.get(key).copied());
        // One that does not rest comes before all that do.
        each.min().flatten()
    }

    /// The next piece of work, from the lane that has used least of those that do not rest.
    pub fn next(&mut self, now: Instant) -> Option<(K, T)> {
        self.rests.retain(|_, until| *until > now);
        let used = |key: &K| self.used.get(key).copied().unwrap_or(self.floor);
        let awake = self.waiting.iter().filter(|(key, _)| !self.rests.contains_key(key));
        let least = awake.min_by_key(|(key, lane)| (used(key), lane.turn, **key));
        let key = least.map(|(key, _)| *key)?;
        self.floor = self.floor.max(used(&key));
        let turn = self.waiting.values().map(|lane| lane.turn).max().unwrap_or(0) + 1;
        let lane = self.waiting.get_mut(&key)?;
        lane.turn = turn;
        let work = lane.work.pop_front()?;
        if lane.work.is_empty() {
            self.waiting.remove(&key);
        }
        let floor = self.floor;
        self.used.retain(|_, used| *used >= floor);
        Some((key, work))
    }

    /// What a piece of work took. At least one unit, so that no work is free.
    pub fn charge(&mut self, key: K, cost: u64) {
        *self.used.entry(key).or_insert(self.floor) += cost.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Plays so many turns; each piece of work says what it costs. What was served, in order.
    fn play(lanes: &mut Lanes<char, u64>, turns: usize) -> String {
        let mut served = String::new();
        for _ in 0..turns {
            let Some((key, cost)) = lanes.next(Instant::now()) else { break };
            lanes.charge(key, cost);
            served.push(key);
        }
        served
    }

    #[test]
    fn whoever_sends_a_hundred_times_as_much_waits_for_itself() {
        let mut lanes = Lanes::new();
        (0..1_000).for_each(|_| lanes.push('b', 10));
        assert_eq!(play(&mut lanes, 50), "b".repeat(50));
        // Another one comes. It has no debt and no claim: it is served next, and then in turns.
        (0..10).for_each(|_| lanes.push('c', 10));
        let served = play(&mut lanes, 20);
        let places: Vec<usize> = served.match_indices('c').map(|(at, _)| at).collect();
        assert_eq!(places.len(), 10, "{served}");
        assert!(places.iter().enumerate().all(|(nth, at)| *at <= 2 * nth + 1), "{served}");
    }

    #[test]
    fn dear_work_is_paid_for_by_who_sends_it() {
        let mut lanes = Lanes::new();
        (0..100).for_each(|_| lanes.push('b', 50));
        (0..100).for_each(|_| lanes.push('c', 1));
        let served = play(&mut lanes, 100);
        // Fifty small ones for each dear one: nobody waits for more than one piece of another's.
        assert!(served.matches('b').count() <= 3, "{served}");
        assert!(!served.contains("bb"), "{served}");
    }

    #[test]
    fn nothing_is_saved_up_in_silence() {
        let mut lanes = Lanes::new();
        (0..200).for_each(|_| lanes.push('b', 10));
        play(&mut lanes, 100);
        // A lane that was silent for long does not push the others aside for as long.
        (0..100).for_each(|_| lanes.push('c', 10));
        let served = play(&mut lanes, 40);
        assert!((19..=21).contains(&served.matches('c').count()), "{served}");
        // And leaving for a moment pays no debt.
        let mut lanes = Lanes::new();
        (0..3).for_each(|_| lanes.push('a', 1));
        lanes.push('b', 1_000);
        play(&mut lanes, 2);
        lanes.push('b', 1_000);
        assert_eq!(play(&mut lanes, 3), "aab");
    }

    #[test]
    fn what_is_given_back_stays_first_in_its_lane() {
        let mut lanes = Lanes::new();
        [1, 2].into_iter().for_each(|cost| lanes.push('b', cost));
        let now = Instant::now();
        let (key, first) = lanes.next(now).unwrap();
        lanes.give_back(key, first);
        assert_eq!(lanes.next(now), Some(('b', 1)));
        assert!(!lanes.others_wait(&'b') && !lanes.is_empty());
        lanes.push('c', 3);
        assert!(lanes.others_wait(&'b') && lanes.others_wait(&'c'));
    }

    #[test]
    fn a_lane_that_rests_leaves_the_time_to_whoever_comes() {
        let (mut lanes, now) = (Lanes::new(), Instant::now());
        let later = |ms| now + Duration::from_millis(ms);
        [1, 2].into_iter().for_each(|work| lanes.push('b', work));
        assert_eq!(lanes.next(now), Some(('b', 1)));
        lanes.rest('b', later(10));
        assert_eq!((lanes.next(later(9)), lanes.served_from()), (None, Some(later(10))));
        assert!(!lanes.is_empty());
        lanes.push('c', 3);
        assert_eq!(lanes.served_from(), None, "somebody is awake");
        assert_eq!(lanes.next(later(9)), Some(('c', 3)));
        assert_eq!(lanes.next(later(10)), Some(('b', 2)));
        assert!(lanes.is_empty() && lanes.served_from().is_none());
    }
}
