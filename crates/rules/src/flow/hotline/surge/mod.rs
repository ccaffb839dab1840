//! `surge/1`: a stream that both sides raise for a time, after an attack or before a great event.
//! While it lasts, the matters of the stream come first on both sides' lists. It binds nobody to
//! more than that, and it ends by itself.
//!
//! One side proposes a time, the other agrees or declines; either ends it early, also the one that
//! proposed it, before or after the agreement. The stream is that of the matter. Whether it lasts
//! is a question of the time alone and never of an act that did not come (CAL-13).

use super::review::LineItem;
use crate::act::{Act, Half};
use crate::flow::ring::Live;
use crate::flow::{Fact, Flow, Past, Shown, State, Void, unobserved};
use crate::form::{Kind, Who, table};
use crate::terms::Terms;
use counterpart_record::strict::json::Value;

/// The flow.
pub static FLOW: Flow = Flow {
    name: "surge",
    version: 1,
    rules: "surge/1",
    kinds: KINDS,
    stages: STAGES,
    voids: &[PROPOSED, NOT_PROPOSED, DECIDED, OVER, TOO_LONG],
    order,
    answers: |_, _, _, _| Vec::new(),
    fold,
    observe: unobserved,
    live: Some(&Live {
        rings: |_, _, _| Vec::new(),
        automatic: |_, _| None,
        presses: |_, _| false,
        item,
        spoken: false,
        lacks: |_, _, _, _| None,
    }),
};

table! {
    PROPOSE {
        optional "surge_from": Instant;
        required "surge_until": Instant;
        required "text": Text(4_000);
    }

    REPLY {
        optional "desk": Line(300);
        optional "text": Text(4_000);
    }
}

const KINDS: &[Kind] = &[
    Kind { name: "surge-propose", who: Who::Asking, opens: true, fields: PROPOSE },
    Kind { name: "surge-agree", who: Who::Answering, opens: false, fields: REPLY },
    Kind { name: "surge-decline", who: Who::Answering, opens: false, fields: REPLY },
    Kind { name: "surge-end", who: Who::Either, opens: false, fields: REPLY },
];

const STAGES: &[&str] = &[
    "surge-not-proposed",
    "surge-proposed",
    "surge-agreed",
    "surge-lasting",
    "surge-over",
    "surge-declined",
    "surge-ended",
    "surge-lapsed",
];

const PROPOSED: Void = Void("void-surge-proposed");
const NOT_PROPOSED: Void = Void("void-surge-not-proposed");
const DECIDED: Void = Void("void-surge-decided");
const OVER: Void = Void("void-surge-over");
const TOO_LONG: Void = Void("void-surge-too-long");

/// Longest time of one agreement, in seconds: 90 days. A stream that is always raised is not.
pub(in crate::flow) const LONGEST: u64 = 90 * 86_400;

/// CAL-13
fn order(past: Past<'_>, next: &Act) -> Result<(), Void> {
    if next.kind == "surge-propose" {
        return match next.instant("surge_from").zip(next.instant("surge_until")) {
            _ if !past.asking.is_empty() => Err(PROPOSED),
            Some((from, until)) if until <= from || until - from > LONGEST => Err(TOO_LONG),
            _ => Ok(()),
        };
    }
    if past.asking.is_empty() {
        return Err(NOT_PROPOSED);
    }
    if has(past, "surge-end").is_some() || has(past, "surge-decline").is_some() {
        return Err(OVER);
    }
    if next.kind != "surge-end" && has(past, "surge-agree").is_some() {
        return Err(DECIDED);
    }
    Ok(())
}

fn has<'a>(past: Past<'a>, kind: &str) -> Option<&'a Act> {
    past.asking.iter().chain(past.answering).copied().find(|act| act.kind == kind)
}

/// From when until when, in seconds (UTC): as proposed; without a beginning, from the agreement on;
/// never longer than [`LONGEST`].
fn span(past: Past<'_>) -> Option<(u64, u64)> {
    let proposal = past.asking.first()?;
    let agreed = has(past, "surge-agree").map_or(proposal.logged_at, |act| act.logged_at);
    let from = proposal.instant("surge_from").unwrap_or(agreed);
    let until = proposal.instant("surge_until")?;
    Some((from, until.min(from.saturating_add(LONGEST))))
}

/// What a review counts of a surge.
fn item(past: Past<'_>, _terms: &Terms, _as_of: u64) -> Option<LineItem> {
    past.asking.first()?;
    Some(LineItem::Surge { agreed: has(past, "surge-agree").is_some() })
}

fn fold(past: Past<'_>, _terms: &Terms, as_of: u64) -> State {
    let span = span(past);
    let over = span.is_some_and(|(_, until)| as_of >= until);
    let begun = span.is_some_and(|(from, _)| as_of >= from);
    let agreed = has(past, "surge-agree").is_some();
    let stage = match span {
        None => "surge-not-proposed",
        // Ended and agreed, or declined and ended, can cross: what raises nothing prevails.
        Some(_) if has(past, "surge-decline").is_some() => "surge-declined",
        Some(_) if has(past, "surge-end").is_some() => "surge-ended",
        Some(_) if agreed && over => "surge-over",
        Some(_) if over => "surge-lapsed",
        Some(_) if agreed && begun => "surge-lasting",
        Some(_) if agreed => "surge-agreed",
        Some(_) => "surge-proposed",
    };
    let mut state = State::at(stage);
    state.waiting_for = (stage == "surge-proposed").then_some(Half::Answering);
    let open = ["surge-not-proposed", "surge-proposed", "surge-agreed", "surge-lasting"];
    state.closed = !open.contains(&stage);
    state.raised = stage == "surge-lasting";
    for (name, at) in [("surge_from", 0), ("surge_until", 1)] {
        let value = span.map(|(from, until)| Value::from([from, until][at]));
        state.facts.extend(value.map(|value| Fact { name, value, shown: Shown::Instant }));
    }
    state
}

#[cfg(test)]
mod tests;
