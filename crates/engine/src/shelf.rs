//! How long texts are kept: the periods that an operator sets, and what was looked up by them.

use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::Ring;

/// Seconds of a day of retention.
pub(crate) const DAY: u64 = 86_400;

/// A closed matter whose text is still there and whose first date has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub matter: MatterId,
    /// With whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// The line of work.
    pub stream: String,
    /// Its flow, without a version.
    pub flow: &'static str,
    /// When it closed, POSIX seconds: by the later of both logs.
    pub closed_at: u64,
    /// It may be erased since.
    pub may_at: u64,
    /// It must be erased by.
    pub must_at: u64,
    /// Somebody here holds it, until then.
    pub held_until: Option<u64>,
    /// The time at which this was read.
    pub as_of: u64,
}

impl Kept {
    /// Whether nothing speaks against erasing it.
    pub fn may(&self) -> bool {
        self.may_at <= self.as_of && !self.is_held()
    }

    /// Whether its time is over.
    pub fn must(&self) -> bool {
        self.must_at <= self.as_of && !self.is_held()
    }

    /// Whether somebody holds it still.
    pub fn is_held(&self) -> bool {
        self.held_until.is_some_and(|until| self.as_of < until)
    }
}

/// How long the text of closed matters is kept, in days of 86,400 seconds after they closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Of this line of work; of all if none is named.
    pub stream: Option<String>,
    /// Of this flow, by its name without a version; of all if none is named.
    pub flow: Option<String>,
    /// Not erased before.
    pub may_days: u32,
    /// Erased by then.
    pub must_days: u32,
}

/// Matters whose newest act is old enough, by channel, as far as they were looked at.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The times of both rings then.
    pub at: [u64; 2],
    /// Those that are to be looked at still, the last one first.
    pub unread: Vec<(u32, MatterId)>,
    /// What was found of the others.
    pub kept: Vec<Kept>,
}

/// What was asked last, and for which day: the first look of a day reads every text's time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    pub periods: Vec<Period>,
    /// What was looked up last.
    pub seen: Option<Seen>,
}

impl Shelf {
    pub fn new(periods: Vec<Period>) -> Shelf {
        Shelf { periods, seen: None }
    }

    /// The period of a matter: the one that names most. RET-5.
    pub fn period(&self, stream: &str, flow: &str) -> Option<&Period> {
        let fits = |period: &&Period| {
            period.stream.as_deref().is_none_or(|named| named == stream)
                && period.flow.as_deref().is_none_or(|named| named == flow)
        };
        let weight = |period: &&Period| (period.stream.is_some(), period.flow.is_some());
        self.periods.iter().filter(fits).max_by_key(weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RET-5.
    #[test]
    fn the_period_that_names_most_counts() {
        let period = |stream: Option<&str>, flow: Option<&str>, may_days| Period {
            stream: stream.map(str::to_owned),
            flow: flow.map(str::to_owned),
            may_days,
            must_days: may_days,
        };
        let shelf = Shelf::new(vec![
            period(Some("fraud"), Some("call"), 4),
            period(None, None, 1),
            period(None, Some("call"), 2),
            period(Some("fraud"), None, 3),
        ]);
        for (stream, flow, expected) in [
            ("fraud", "call", 4),
            ("fraud", "other", 3),
            ("cybercrime", "call", 2),
            ("cybercrime", "other", 1),
        ] {
            assert_eq!(shelf.period(stream, flow).unwrap().may_days, expected, "{stream} {flow}");
        }
        assert!(Shelf::default().period("fraud", "call").is_none());
    }
}
