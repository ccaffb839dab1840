//! Figures of a side: one government has many authorities, and what one party did with all of them
//! is counted together. Each channel has its own cut, so these figures are the counting party's own
//! and are compared with nobody; what is shared are the figures of each channel.

use super::figures::{Cell, Counted, Key, rows, tally};
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::{Object, Value};
use std::collections::BTreeMap;

/// Name and version of the format.
pub const SIDE: &str = "counterpart/figures-side/1";

/// Figures with several parties together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Who counts.
    pub own: PartyId,
    /// With whom, in the order of their ids.
    pub members: Vec<PartyId>,
    /// Whether on the channels for exercises.
    pub drill: bool,
    /// The time of the figures, and the period: seconds (UTC), the end not included.
    pub as_of: u64,
    /// From.
    pub from: u64,
    /// To.
    pub to: u64,
    /// Rows; 0 is the party that counts, 1 the side.
    pub cells: BTreeMap<Key, Cell>,
}

impl Side {
    /// From what was observed with each member; `by` is 0 for what the counting party opened.
    pub fn of(
        own: PartyId,
        mut members: Vec<PartyId>,
        drill: bool,
        (as_of, from, to): (u64, u64, u64),
        counted: &[Counted],
    ) -> Side {
        members.sort_unstable();
        let inside = counted.iter().filter(|one| (from..to).contains(&one.seen.begun.asking));
        let cells = tally(inside, as_of);
        Side { own, members, drill, as_of, from, to, cells }
    }

    /// As one JSON value.
    pub fn to_value(&self) -> Value {
        let members = self.members.iter().map(|party| Value::from(party.to_string()));
        Object::default()
            .with("format", SIDE)
            .with("own", self.own.to_string())
            .with("members", Value::Array(members.collect()))
            .with("drill", self.drill)
            .with("as_of", self.as_of)
            .with("from", self.from)
            .with("to", self.to)
            .with("rows", rows(&self.cells, &[self.own.to_string(), "side".to_owned()]))
            .into()
    }
}
