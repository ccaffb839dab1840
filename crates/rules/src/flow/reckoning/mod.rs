//! `reckoning/1`: two sides see whether they count alike. The opener states a cut, a period and the
//! digest of its figures; the other computes its own at the same cut and answers with its digest.
//! If the two differ, each names the acts of the places in which they do, and the record itself
//! shows which. Programs write these acts; nothing in them is of a person. FIG-9, FIG-10

use super::ring::Live;
use super::{Fact, Flow, Past, Shown, State, Void};
use crate::act::{Act, Half};
use crate::form::{Kind, Who, table};
use crate::measure::{Brought, differing, named};
use crate::terms::Terms;
use counterpart_record::id::hex;
use counterpart_record::strict::json::{Object, Value};
use std::collections::BTreeMap;

/// The flow.
pub static FLOW: Flow = Flow {
    name: "reckoning",
    version: 1,
    rules: "reckoning/1",
    kinds: KINDS,
    stages: &[
        "figures-none",
        "figures-stated",
        "figures-equal",
        "figures-differ",
        "figures-differ-named",
        "figures-counted-otherwise",
    ],
    voids: &[STATED, COMPARED, NOT_STATED, NOT_DIFFERENT, BY_PROGRAM],
    order,
    answers: |_, _, _, _| Vec::new(),
    fold,
    observe: super::unobserved,
    // Watched, so that the running node finds what it has to compare.
    live: Some(&Live {
        rings: |_, _, _| Vec::new(),
        automatic: |_, _| None,
        presses: |_, _| false,
        item: |_, _, _| None,
        spoken: false,
        lacks: |_, _, _, _| None,
    }),
};

const STATED: Void = Void("void-figures-stated");
const COMPARED: Void = Void("void-figures-compared");
const NOT_STATED: Void = Void("void-figures-not-stated");
const NOT_DIFFERENT: Void = Void("void-figures-not-different");
const BY_PROGRAM: Void = Void("void-figures-by-program");

/// Leaves that a log may have.
const LEAVES: i64 = 1 << 40;
/// Places in which both name their lines: behind so many, one more tells nobody anything.
const PLACES: usize = 8;

table! {
    STATE {
        required "from": Instant;
        required "to": Instant;
        required "as_of": Instant;
        required "own_size": Whole(2, LEAVES);
        required "other_size": Whole(2, LEAVES);
        required "digest": Token(64);
        required "lines": Whole(0, LEAVES);
        required "buckets": Token(4_096);
    }
    COMPARE {
        required "digest": Token(64);
        required "lines": Whole(0, LEAVES);
        required "buckets": Token(4_096);
    }
    NAME {
        required "bucket": Whole(0, 255);
        required "named": Token(32_000);
    }
}

/// The kind that is written only where the figures of the two differ.
pub(super) const AFTERMATH: &str = "name-lines";

const KINDS: &[Kind] = &[
    Kind { name: "state-figures", who: Who::Asking, opens: true, fields: STATE },
    Kind { name: "compare-figures", who: Who::Answering, opens: false, fields: COMPARE },
    Kind { name: AFTERMATH, who: Who::Either, opens: false, fields: NAME },
];

/// What the opener states: a period, and a cut as a time and the sizes of both logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Seconds (UTC), included.
    pub from: u64,
    /// Seconds (UTC), not included.
    pub to: u64,
    /// Seconds (UTC).
    pub as_of: u64,
    /// Size of the opener's log.
    pub own_size: u64,
    /// Size of the other's.
    pub other_size: u64,
}

/// Rules, kind and coded body of an act that a program writes.
pub type Written = (&'static str, &'static str, Object);

/// The act that states figures.
pub fn state_figures(stated: Stated, brought: &Brought) -> Written {
    let body = Object::default()
        .with("from", stated.from)
        .with("to", stated.to)
        .with("as_of", stated.as_of)
        .with("own_size", stated.own_size)
        .with("other_size", stated.other_size);
    (FLOW.rules, KINDS[0].name, brought_into(body, brought))
}

/// What was stated, if this is such a matter.
pub fn stated_figures(flow: &Flow, past: Past<'_>) -> Option<Stated> {
    let act = past.asking.first().filter(|_| flow.rules == FLOW.rules)?;
    Some(Stated {
        from: act.instant("from")?,
        to: act.instant("to")?,
        as_of: act.instant("as_of")?,
        own_size: act.instant("own_size")?,
        other_size: act.instant("other_size")?,
    })
}

/// Whether `half` has something to write next; it takes figures to say what.
pub fn figures_wait(flow: &Flow, past: Past<'_>, half: Half) -> bool {
    let seen = Seen::of(past);
    match (seen.state.filter(|_| flow.rules == FLOW.rules), seen.compare) {
        (None, _) => false,
        (Some(_), None) => half == Half::Answering,
        (Some(state), Some(compare)) => {
            let named = |place: &u8| seen.named.contains_key(&(half, *place));
            !places(state, compare).iter().all(named)
        }
    }
}

/// What `half` writes next, with what it brings itself; `None` if nothing is left to say.
pub fn next_figures(past: Past<'_>, half: Half, brought: &Brought) -> Option<Written> {
    let seen = Seen::of(past);
    let (state, compare) = (seen.state?, seen.compare);
    let Some(compare) = compare else {
        let body = brought_into(Object::default(), brought);
        return (half == Half::Answering).then_some((FLOW.rules, KINDS[1].name, body));
    };
    let mut left = places(state, compare).into_iter();
    let bucket = left.find(|bucket| !seen.named.contains_key(&(half, *bucket)))?;
    let body =
        Object::default().with("bucket", u64::from(bucket)).with("named", brought.bucket(bucket));
    Some((FLOW.rules, KINDS[2].name, body))
}

fn brought_into(body: Object, brought: &Brought) -> Object {
    body.with("digest", hex(&brought.digest))
        .with("lines", brought.count())
        .with("buckets", brought.buckets())
}

/// What both halves have written.
struct Seen<'a> {
    state: Option<&'a Act>,
    compare: Option<&'a Act>,
    named: BTreeMap<(Half, u8), &'a str>,
}

impl<'a> Seen<'a> {
    fn of(past: Past<'a>) -> Seen<'a> {
        let first = |acts: &[&'a Act], kind| acts.iter().find(|act| act.kind == kind).copied();
        let named = past.asking.iter().chain(past.answering).filter_map(|act| {
            let lines = act.word("named")?;
            Some(((act.half, bucket(act)?), lines))
        });
        Seen {
            state: first(past.asking, "state-figures"),
            compare: first(past.answering, "compare-figures"),
            named: named.collect(),
        }
    }
}

/// The places in which both name their lines.
fn places(state: &Act, compare: &Act) -> Vec<u8> {
    let buckets = |act: &Act| act.word("buckets").unwrap_or_default().to_owned();
    let mut places = differing(&buckets(state), &buckets(compare));
    places.truncate(PLACES);
    places
}

fn bucket(act: &Act) -> Option<u8> {
    act.body.get("bucket").and_then(Value::as_int).and_then(|number| u8::try_from(number).ok())
}

fn order(past: Past<'_>, next: &Act) -> Result<(), Void> {
    // An act of this flow without what a program computes is a person's question what is open.
    if next.body.0.is_empty() {
        return Err(BY_PROGRAM);
    }
    let seen = Seen::of(past);
    match (next.kind.as_str(), seen.state, seen.compare) {
        ("state-figures", None, _) => Ok(()),
        ("state-figures", Some(_), _) => Err(STATED),
        (_, None, _) => Err(NOT_STATED),
        ("compare-figures", Some(_), None) => Ok(()),
        ("compare-figures", Some(_), Some(_)) => Err(COMPARED),
        (_, Some(_), None) => Err(NOT_DIFFERENT),
        (_, Some(state), Some(compare)) => {
            let fits = |place: &u8| {
                Some(*place) == bucket(next) && !seen.named.contains_key(&(next.half, *place))
            };
            let open = places(state, compare).iter().any(fits);
            if open { Ok(()) } else { Err(NOT_DIFFERENT) }
        }
    }
}

fn fold(past: Past<'_>, _terms: &Terms, _as_of: u64) -> State {
    let seen = Seen::of(past);
    let Some(state) = seen.state else { return State::at("figures-none") };
    let mut facts = Vec::new();
    for name in ["from", "to", "as_of"] {
        let at = state.instant(name).map_or(Value::Null, Value::from);
        facts.push(Fact { name, value: at, shown: Shown::Instant });
    }
    let lines = state.body.get("lines").cloned().unwrap_or(Value::Null);
    facts.push(Fact { name: "lines", value: lines, shown: Shown::Plain });
    let Some(compare) = seen.compare else {
        let waiting_for = Some(Half::Answering);
        return State { waiting_for, facts, ..State::at("figures-stated") };
    };
    if state.word("digest") == compare.word("digest") {
        return State { closed: true, facts, ..State::at("figures-equal") };
    }
    let places = places(state, compare);
    if places.is_empty() {
        return State { closed: true, facts, ..State::at("figures-counted-otherwise") };
    }
    let missing = |half: Half| places.iter().any(|at| !seen.named.contains_key(&(half, *at)));
    let waiting_for = [Half::Asking, Half::Answering].into_iter().find(|half| missing(*half));
    for place in &places {
        let of = |half| seen.named.get(&(half, *place)).copied();
        if let (Some(one), Some(other)) = (of(Half::Asking), of(Half::Answering)) {
            for (entry, ..) in named(one, other) {
                let value = Value::from(entry.to_string());
                facts.push(Fact { name: "differs", value, shown: Shown::Plain });
            }
        }
    }
    let stage = if waiting_for.is_some() { "figures-differ" } else { "figures-differ-named" };
    State { waiting_for, closed: waiting_for.is_none(), facts, ..State::at(stage) }
}

#[cfg(test)]
mod tests;
