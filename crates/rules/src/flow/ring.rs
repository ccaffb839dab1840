//! What rings, at whose desk, and how far up. A ring is computed from acts, heads and a time, by
//! both sides alike; nobody sends it, and a link that is cut cannot keep it silent.

use super::{LineItem, Past, Void};
use crate::act::Half;
use crate::terms::Terms;
use counterpart_record::id::Entry;
use counterpart_record::strict::json::Object;

/// Whose telephone rings: the posts of the ladder, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Post {
    /// The duty desk, day and night.
    Desk,
    /// Whoever supervises the desk.
    Supervisor,
    /// The principal, or whoever stands in.
    Principal,
}

impl Post {
    /// All of them, lowest first.
    pub const ALL: [Post; 3] = [Post::Desk, Post::Supervisor, Post::Principal];

    /// The word in acts, JSON and the phrase key `choice-post-<name>`.
    pub fn name(self) -> &'static str {
        match self {
            Post::Desk => "desk",
            Post::Supervisor => "supervisor",
            Post::Principal => "principal",
        }
    }
}

/// How pressing a call is, most pressing first.
pub const URGENCY: &[&str] = &["flash", "immediate", "priority", "routine"];

/// Something that rings at one side until a person there attends to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    /// The act that rings.
    pub act: Entry,
    /// Whose people hear it.
    pub half: Half,
    /// How far up it has come.
    pub post: Post,
    /// Since when it has rung without a pause, in seconds (UTC).
    pub since: u64,
    /// The next post and when it is reached, in seconds (UTC).
    pub next: Option<(Post, u64)>,
    /// Why, as a phrase key: `ring-raised`.
    pub why: &'static str,
    /// How pressing, as a word of `choice-urgency-<word>`.
    pub urgency: &'static str,
}

impl Ring {
    /// Where it stands in a list: the most pressing first, then the highest up, then the oldest.
    pub fn rank(&self) -> (usize, std::cmp::Reverse<Post>, u64) {
        let urgency = URGENCY.iter().position(|word| *word == self.urgency);
        (urgency.unwrap_or(URGENCY.len()), std::cmp::Reverse(self.post), self.since)
    }
}

/// A field, and why an act is void without it.
pub(super) type Lack = (&'static str, Void);

/// What a flow does by itself, without a person: it rings, and it answers what is for a machine.
/// All of it is pure; the engine asks and the running node acts.
pub(super) struct Live {
    /// What rings now.
    pub rings: fn(Past<'_>, &Terms, u64) -> Vec<Ring>,
    /// The kind of act that the node of a half makes now.
    pub automatic: fn(Past<'_>, Half) -> Option<&'static str>,
    /// Whether an act of a kind with a body goes out at once.
    pub presses: fn(&str, &Object) -> bool,
    /// What a matter adds to the review of a line.
    pub item: fn(Past<'_>, &Terms, u64) -> Option<LineItem>,
    /// Whether its matters have a code that is read aloud.
    pub spoken: bool,
    /// The field that an act of a kind by a half must have here and that this body does not, and
    /// why it is void for that.
    pub lacks: fn(Past<'_>, Half, &str, &Object) -> Option<Lack>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Live")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_pressing_ring_comes_first() {
        let ring = |urgency, post, since| Ring {
            act: Entry([0; 32]),
            half: Half::Asking,
            post,
            since,
            next: None,
            why: "ring-raised",
            urgency,
        };
        let order = [
            ring("flash", Post::Supervisor, 9),
            ring("flash", Post::Desk, 3),
            ring("flash", Post::Desk, 4),
            ring("routine", Post::Principal, 1),
        ];
        assert!(order.windows(2).all(|pair| pair[0].rank() < pair[1].rank()));
    }
}
