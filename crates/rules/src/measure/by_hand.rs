//! What was asked and answered by hand: matters with partners without a node, counted like all
//! others. There is one log, ours, and one word, ours: these figures stay here, have no digest, and
//! are in no figure of a channel. COR-8.

use super::figures::{Cell, Counted, Key, rows, tally};
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::{Object, Value};
use std::collections::BTreeMap;

/// Name and version of the format.
pub const BY_HAND: &str = "counterpart/figures-by-hand/1";

/// Our own count of one-sided matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// Who counts.
    pub own: PartyId,
    /// Whether on the channels for exercises.
    pub drill: bool,
    /// The time of the figures, and the period: seconds (UTC), the end not included.
    pub as_of: u64,
    /// From.
    pub from: u64,
    /// To.
    pub to: u64,
    /// With all correspondents together; 0 is the party that counts, 1 the correspondents.
    pub all: BTreeMap<Key, Cell>,
    /// With each of them, in the order of their ids; those with nothing in the period, too.
    pub each: BTreeMap<PartyId, BTreeMap<Key, Cell>>,
}

impl ByHand {
    /// From what was observed with each correspondent; `by` is 0 for what the counting party
    /// opened.
    pub fn of(
        own: PartyId,
        drill: bool,
        (as_of, from, to): (u64, u64, u64),
        observed: &BTreeMap<PartyId, Vec<Counted>>,
    ) -> ByHand {
        let inside = |one: &&Counted| (from..to).contains(&one.seen.begun.asking);
        let all = tally(observed.values().flatten().filter(inside), as_of);
        let each =
            observed.iter().map(|(id, counted)| (*id, tally(counted.iter().filter(inside), as_of)));
        ByHand { own, drill, as_of, from, to, all, each: each.collect() }
    }

    /// As one JSON value.
    pub fn to_value(&self) -> Value {
        let own = self.own.to_string();
        let each = self.each.iter().map(|(id, cells)| {
            let names = [own.clone(), id.to_string()];
            let one = Object::default().with("correspondent", id.to_string());
            Value::from(one.with("rows", rows(cells, &names)))
        });
        Object::default()
            .with("format", BY_HAND)
            .with("own", own.as_str())
            .with("drill", self.drill)
            .with("as_of", self.as_of)
            .with("from", self.from)
            .with("to", self.to)
            .with("rows", rows(&self.all, &[own.clone(), "by-hand".to_owned()]))
            .with("correspondents", Value::Array(each.collect()))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{End, Moment, Observation, Wait};

    const OWN: PartyId = PartyId([1; 32]);

    fn asked(at: u64, answered: Option<u64>) -> Counted {
        let moment = |at| Moment { asking: at, answering: at };
        let mut seen = Observation::new("request", "measure", "information", moment(at));
        seen.count("answered", u64::from(answered.is_some()));
        seen.count("open", u64::from(answered.is_none()));
        let end = answered.map_or(End::Open, |at| End::Reached(moment(at)));
        seen.waits.push(Wait { name: "answer", from: moment(at), end });
        Counted { stream: "cybercrime".to_owned(), by: 0, seen }
    }

    /// COR-8: each correspondent by itself, and all together; nothing that anybody could compare.
    #[test]
    fn what_was_asked_by_hand_is_counted_for_each_and_for_all() {
        let (one, other) = (PartyId([7; 32]), PartyId([8; 32]));
        let observed = BTreeMap::from([
            (one, vec![asked(100, Some(700)), asked(200, None), asked(5_000, Some(5_001))]),
            (other, vec![asked(300, Some(400))]),
            (PartyId([9; 32]), Vec::new()),
        ]);
        let figures = ByHand::of(OWN, false, (1_000, 0, 1_000), &observed);
        let whole = Key { sort: "request", by: 0, stream: None, kind: None };
        let cell = &figures.all[&whole];
        assert_eq!((cell.counts["made"], cell.counts["answered"]), (3, 2));
        assert_eq!(cell.waits["answer"][1].quartiles()[1], Some(600), "the open one waits, too");
        assert_eq!(figures.each[&one][&whole].counts["made"], 2);
        assert_eq!(figures.each[&other][&whole].waits["answer"][1].quartiles()[1], Some(100));
        assert!(figures.each[&PartyId([9; 32])].is_empty());
        let text = figures.to_value().to_text();
        assert!(text.starts_with(r#"{"format":"counterpart/figures-by-hand/1""#), "{text}");
        for shared in ["digest", "channel", "heads"] {
            assert!(!text.contains(shared), "{shared}");
        }
    }
}
