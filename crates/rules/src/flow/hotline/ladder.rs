//! The ladder: from when until when something rings, and how far up. It climbs by the clock alone,
//! on the side that is called and on the side that calls.

use crate::clock::Limit;
use crate::flow::Post;
use crate::terms::Terms;

/// How fast a call climbs, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// Within this time a desk takes the call; then the supervisor is rung, and after as long
    /// again the principal.
    pub taken_within: u64,
    /// For so long an acknowledgement holds while nothing follows it.
    pub holds: u64,
}

/// The profiles of each urgency: to take the call, and to follow it up.
const PROFILES: [(&str, &str, &str); 4] = [
    ("flash", "P-CALL-FLASH", "P-CALL-FLASH-HELD"),
    ("immediate", "P-CALL-IMM", "P-CALL-IMM-HELD"),
    ("priority", "P-CALL-PRIO", "P-CALL-PRIO-HELD"),
    ("routine", "P-CALL-ROUT", "P-CALL-ROUT-HELD"),
];

/// The profiles of an urgency: to take the call, and to follow it up. An unknown word cannot be in
/// a valid act; it is as pressing as can be.
pub(super) fn profiles(urgency: &str) -> (&'static str, &'static str) {
    let found = PROFILES.iter().find(|row| row.0 == urgency).unwrap_or(&PROFILES[0]);
    (found.1, found.2)
}

/// The word of the closed list.
pub(super) fn urgency(word: &str) -> &'static str {
    PROFILES.iter().find(|row| row.0 == word).unwrap_or(&PROFILES[0]).0
}

impl Pace {
    /// As the channel's terms have it, else as shipped. CAL-4.
    pub fn of(terms: &Terms, urgency: &str) -> Pace {
        let (take, hold) = profiles(urgency);
        Pace { taken_within: seconds(terms, take), holds: seconds(terms, hold) }
    }

    /// Where the ladder stands `at`, for a ringing that began at `from`. At home, on the side that
    /// calls, nobody is told before a fifth of the time is over; by `needed_by` the ladder is at
    /// its top. CAL-4, CAL-5.
    pub fn post(&self, from: u64, at: u64, home: bool, needed_by: Option<u64>) -> Option<Post> {
        let up = |post: &Post| at >= self.reached_at(*post, from, home, needed_by);
        Post::ALL.into_iter().rev().find(up)
    }

    /// When a ringing that began at `from` comes to a post.
    pub fn reached_at(&self, post: Post, from: u64, home: bool, needed_by: Option<u64>) -> u64 {
        let told = if home { self.taken_within / 5 } else { 0 };
        let after = match post {
            Post::Desk => told,
            Post::Supervisor => self.taken_within,
            Post::Principal => self.taken_within.saturating_mul(2),
        };
        let at = from.saturating_add(after);
        needed_by.map_or(at, |by| at.min(by.max(from)))
    }

    /// The next post above the one reached `at`, and when it is reached.
    pub fn next(
        &self,
        from: u64,
        at: u64,
        home: bool,
        needed_by: Option<u64>,
    ) -> Option<(Post, u64)> {
        let each =
            Post::ALL.into_iter().map(|post| (post, self.reached_at(post, from, home, needed_by)));
        // Where two are reached at once, the higher one is meant.
        let later: Vec<(Post, u64)> = each.filter(|(_, when)| *when > at).collect();
        let first = later.first()?.1;
        later.into_iter().rfind(|(_, when)| *when == first)
    }
}

/// The agreed length of a profile in seconds. Civil days have no place on a line that is staffed
/// day and night: where the terms name some, they are days of 24 hours.
pub(super) fn seconds(terms: &Terms, id: &str) -> u64 {
    let length = |limit: Limit| match limit {
        Limit::Minutes(n) => Some(u64::from(n) * 60),
        Limit::Hours(n) => Some(u64::from(n) * 3_600),
        Limit::Days(n) | Limit::WorkingDays(n) => Some(u64::from(n) * 86_400),
        _ => None,
    };
    let agreed = terms.profile(id).and_then(|profile| length(profile.limit));
    // A length of nothing would ring everybody at once and for ever.
    agreed.or_else(|| crate::clock::profile(id).and_then(|p| length(p.limit))).unwrap_or(0).max(60)
}

/// Something that a person did about a ringing: when, and for how long it holds; for good if
/// `until` is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Take {
    /// When the side that is rung knew of it, in seconds (UTC).
    pub at: u64,
    /// When it rings again unless something follows.
    pub until: Option<u64>,
}

/// A stretch of ringing, in seconds (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spell {
    /// From when.
    pub from: u64,
    /// Until when; `None` while it lasts, or until it begins.
    pub to: Option<u64>,
}

/// When something rings that began at `start` and was attended to so. The last spell is the one
/// that lasts or is still to come; none if it was attended to for good. CAL-3.
pub(super) fn spells(start: u64, takes: &[Take]) -> Vec<Spell> {
    let mut out = Vec::new();
    let mut from = Some(start);
    for take in takes {
        if let Some(from) = from.filter(|from| *from <= take.at) {
            out.push(Spell { from, to: Some(take.at) });
        }
        from = take.until.map(|until| until.max(take.at));
        if from.is_none() {
            break;
        }
    }
    out.extend(from.map(|from| Spell { from, to: None }));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::URGENCY;

    const PACE: Pace = Pace { taken_within: 300, holds: 900 };

    /// CAL-4
    #[test]
    fn a_ladder_climbs_by_the_clock_alone() {
        let away = |at| PACE.post(1_000, at, false, None);
        assert_eq!(away(999), None);
        assert_eq!((away(1_000), away(1_299)), (Some(Post::Desk), Some(Post::Desk)));
        assert_eq!((away(1_300), away(1_599)), (Some(Post::Supervisor), Some(Post::Supervisor)));
        assert_eq!(away(1_600), Some(Post::Principal));
        let home = |at| PACE.post(1_000, at, true, None);
        assert_eq!((home(1_059), home(1_060)), (None, Some(Post::Desk)));
        assert_eq!(home(1_300), Some(Post::Supervisor));
        assert_eq!(PACE.next(1_000, 1_000, false, None), Some((Post::Supervisor, 1_300)));
        assert_eq!(PACE.next(1_000, 1_000, true, None), Some((Post::Desk, 1_060)));
        assert_eq!(PACE.next(1_000, 1_600, false, None), None);
    }

    #[test]
    fn the_top_is_reached_by_the_time_at_which_help_is_needed() {
        let by = Some(1_100);
        assert_eq!(PACE.post(1_000, 1_099, false, by), Some(Post::Desk));
        assert_eq!(PACE.post(1_000, 1_100, false, by), Some(Post::Principal));
        assert_eq!(PACE.next(1_000, 1_000, false, by), Some((Post::Principal, 1_100)));
        // Needed before it came: everybody at once, and never before it began.
        assert_eq!(PACE.post(1_000, 1_000, true, Some(10)), Some(Post::Principal));
        assert_eq!(PACE.post(1_000, 999, true, Some(10)), None);
    }

    /// CAL-3
    #[test]
    fn what_is_taken_up_rings_again_unless_something_follows() {
        let spell = |from, to| Spell { from, to };
        let take = |at, until| Take { at, until };
        assert_eq!(spells(100, &[]), [spell(100, None)]);
        assert_eq!(spells(100, &[take(150, None)]), [spell(100, Some(150))]);
        // Taken in the second in which it came: it rang for no time, and it was taken.
        assert_eq!(spells(100, &[take(100, None)]), [spell(100, Some(100))]);
        let held = [take(150, Some(200))];
        assert_eq!(spells(100, &held), [spell(100, Some(150)), spell(200, None)]);
        // Taken up again while it holds: no ringing in between.
        let twice = [take(150, Some(200)), take(180, Some(230)), take(300, None)];
        let rung = [spell(100, Some(150)), spell(230, Some(300))];
        assert_eq!(spells(100, &twice), rung);
        // What comes after the end for good changes nothing.
        assert_eq!(spells(100, &[take(150, None), take(160, Some(200))]), [spell(100, Some(150))]);
    }

    #[test]
    fn every_urgency_has_its_pace_and_the_more_pressing_is_faster() {
        let terms = Terms::usual();
        let paces: Vec<Pace> = URGENCY.iter().map(|word| Pace::of(terms, word)).collect();
        for pair in paces.windows(2) {
            assert!(pair[0].taken_within < pair[1].taken_within && pair[0].holds < pair[1].holds);
        }
        assert_eq!(paces[0], Pace { taken_within: 300, holds: 900 });
    }
}
