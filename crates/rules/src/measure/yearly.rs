//! The yearly statistics of Directive (EU) 2023/977, Article 18(2): what a party asked of others
//! under that instrument, what it was asked and replied to, what it refused and on which ground,
//! and where a limit was not kept because a court had to authorise. Counted from the same
//! observations as all figures. The schema is `docs/schema/article-18.json`.

use super::figures::Counted;
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::{Object, Value};
use std::collections::BTreeMap;

/// Name and version of the format.
pub const YEARLY: &str = "counterpart/article-18/1";
/// The instrument that is counted.
const INSTRUMENT: &str = "directive-2023-977";

/// What passed between the reporting party and one other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Yearly {
    /// (a) Requests that the reporting party submitted.
    pub submitted: u64,
    /// (b) Requests received: urgent, and not.
    pub received: [u64; 2],
    /// (b) Of those, replied to, in whole or in part.
    pub replied: [u64; 2],
    /// (c) Requests refused, by ground (Article 6).
    pub refused: BTreeMap<String, u64>,
    /// (d) Requests whose limit was not kept because a judicial authorisation had to be obtained
    /// (Article 5(2)).
    pub deviated: u64,
}

impl Yearly {
    /// From what was observed on one channel. `me` is the reporting party's place, 0 or 1, as in a
    /// frame; only what began in `from..to` (seconds, UTC) counts.
    pub fn of(counted: &[Counted], me: usize, from: u64, to: u64) -> Yearly {
        let mut yearly = Yearly::default();
        let inside = counted.iter().filter(|one| {
            (from..to).contains(&one.seen.begun.asking)
                && one.seen.word("instrument") == Some(INSTRUMENT)
        });
        for one in inside {
            if one.by == me {
                yearly.submitted += 1;
                continue;
            }
            let calm = usize::from(one.seen.word("urgency") == Some("normal"));
            let replied = one.seen.counted("answered") + one.seen.counted("partly") > 0;
            yearly.received[calm] += 1;
            yearly.replied[calm] += u64::from(replied);
            if let Some(ground) = one.seen.word("ground") {
                *yearly.refused.entry(ground.to_owned()).or_default() += 1;
            }
            yearly.deviated += u64::from(one.seen.counted("authorisation_needed") > 0);
        }
        yearly
    }

    fn add(&mut self, other: &Yearly) {
        self.submitted += other.submitted;
        for at in 0..2 {
            self.received[at] += other.received[at];
            self.replied[at] += other.replied[at];
        }
        for (ground, many) in &other.refused {
            *self.refused.entry(ground.clone()).or_default() += many;
        }
        self.deviated += other.deviated;
    }

    fn to_object(&self) -> Object {
        let pair = |[urgent, other]: [u64; 2]| {
            Object::default().with("urgent", urgent).with("not_urgent", other)
        };
        let mut refused = Object::default();
        self.refused.iter().for_each(|(ground, many)| refused.set(ground, *many));
        Object::default()
            .with("submitted", self.submitted)
            .with("received", pair(self.received))
            .with("replied", pair(self.replied))
            .with("refused", refused)
            .with("deviated_for_authorisation", self.deviated)
    }
}

/// The report of a year: one entry per other party, and all together. One of an exercise says so.
pub fn report(year: i64, me: &PartyId, drill: bool, others: &[(PartyId, Yearly)]) -> Value {
    let mut all = Yearly::default();
    others.iter().for_each(|(_, yearly)| all.add(yearly));
    let each = others.iter().map(|(party, yearly)| {
        let mut entry = Object::default().with("party", party.to_string());
        entry.0.extend(yearly.to_object().0);
        Value::from(entry)
    });
    let mut out = Object::default().with("format", YEARLY).with("year", year);
    if drill {
        out.set("drill", true);
    }
    out.with("reporting", me.to_string())
        .with("parties", Value::Array(each.collect()))
        .with("all", all.to_object())
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Moment, Observation};

    fn one(by: usize, instrument: &str, urgency: &str, outcome: &str) -> Counted {
        let begun = Moment { asking: 50, answering: 51 };
        let mut seen = Observation::new("request", "measure", "content", begun);
        seen.words.push(("instrument", instrument.into()));
        seen.words.push(("urgency", urgency.into()));
        match outcome {
            "answered" => seen.count("answered", 1),
            "partly" => seen.count("partly", 1),
            "late" => seen.count("authorisation_needed", 1),
            "" => {}
            ground => seen.words.push(("ground", ground.to_owned())),
        }
        Counted { stream: "cybercrime".into(), by, seen }
    }

    #[test]
    fn what_the_article_asks_for_is_counted_and_nothing_else() {
        let counted = [
            one(0, INSTRUMENT, "normal", "answered"),
            one(1, INSTRUMENT, "urgent", "answered"),
            one(1, INSTRUMENT, "emergency", "not-available"),
            one(1, INSTRUMENT, "normal", "partly"),
            one(1, INSTRUMENT, "normal", "late"),
            one(1, "budapest", "normal", "answered"),
        ];
        let yearly = Yearly::of(&counted, 0, 50, 51);
        assert_eq!((yearly.submitted, yearly.received, yearly.replied), (1, [2, 2], [1, 1]));
        assert_eq!(yearly.refused, BTreeMap::from([("not-available".to_owned(), 1)]));
        assert_eq!(yearly.deviated, 1);
        assert_eq!(Yearly::of(&counted, 0, 51, 99), Yearly::default());
        let other = Yearly::of(&counted, 1, 0, 99);
        assert_eq!((other.submitted, other.received), (4, [0, 1]));
        let parties = [(PartyId([2; 32]), yearly.clone()), (PartyId([3; 32]), yearly)];
        let report = report(2026, &PartyId([1; 32]), false, &parties);
        let all = report.as_object().unwrap().get("all").unwrap().as_object().unwrap();
        assert_eq!(all.get("submitted"), Some(&Value::Int(2)));
        fits(&report, &schema(), &schema());
    }

    fn schema() -> Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema/article-18.json");
        counterpart_record::strict::json::parse(&std::fs::read(path).unwrap()).unwrap()
    }

    /// As much of JSON Schema as this one needs: objects with closed members, lists, references.
    fn fits(value: &Value, schema: &Value, root: &Value) {
        let get = |name: &str| schema.as_object().unwrap().get(name);
        if let Some(name) = get("$ref").and_then(Value::as_str) {
            let defs = root.as_object().unwrap().get("$defs").unwrap().as_object().unwrap();
            return fits(value, defs.get(name.rsplit('/').next().unwrap()).unwrap(), root);
        }
        if let Some(expected) = get("const") {
            assert_eq!(value, expected);
        }
        match get("type").and_then(Value::as_str) {
            Some("integer") => assert!(value.as_int().unwrap() >= 0),
            Some("string") => assert_eq!(value.as_str().unwrap().len(), 64),
            Some("array") => {
                let items = get("items").unwrap();
                value.as_array().unwrap().iter().for_each(|item| fits(item, items, root));
            }
            Some("object") => {
                let object = value.as_object().unwrap();
                let known = get("properties").and_then(Value::as_object);
                for (name, member) in &object.0 {
                    let of = known.and_then(|known| known.get(name));
                    let of = of.or(get("additionalProperties").filter(|_| known.is_none()));
                    fits(member, of.unwrap_or_else(|| panic!("{name} is not in the schema")), root);
                }
                for name in get("required").and_then(Value::as_array).unwrap_or_default() {
                    assert!(object.get(name.as_str().unwrap()).is_some(), "{name:?}");
                }
            }
            _ => {}
        }
    }
}
