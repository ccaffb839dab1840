//! `accord/1`: the two sides agree the terms of their channel. Each side has one matter for it: its
//! nonce is fixed, so the two ids are known to both, and the terms in force are found without a
//! search.
//!
//! The opener writes `propose-terms`, again and again if it likes: a newer proposal replaces the
//! one before. The other side writes `accept-terms` or `decline-terms` and names the proposal in
//! `re`; only the newest one that it has seen can be decided, and once. An acceptance that crosses
//! a newer proposal stands. In force is what was accepted last (CLK-22).

use super::{Fact, Flow, Past, Shown, State, Void};
use crate::act::{Act, Half};
use crate::form::{Kind, Who, table};
use crate::terms::{Sheet, Terms, shape};
use counterpart_record::id::{Entry, hex};
use counterpart_record::strict::json::Value;

/// The flow.
pub static FLOW: Flow = Flow {
    name: "accord",
    version: 1,
    rules: "accord/1",
    kinds: KINDS,
    stages: &["terms-none", "terms-proposed", "terms-accepted", "terms-declined"],
    voids: &[NO_PROPOSAL, DECIDED],
    order,
    answers,
    fold,
    observe: super::unobserved,
    live: None,
};

/// The nonce of every matter of this flow.
pub(super) const NONCE: [u8; 16] = *b"counterpart/term";

const KINDS: &[Kind] = &[
    Kind { name: "propose-terms", who: Who::Asking, opens: true, fields: PROPOSAL },
    Kind { name: "accept-terms", who: Who::Answering, opens: false, fields: ACCEPTANCE },
    Kind { name: "decline-terms", who: Who::Answering, opens: false, fields: DECLINE },
];

const NO_PROPOSAL: Void = Void("void-terms-no-proposal");
const DECIDED: Void = Void("void-terms-decided");

table! {
    /// The sheet, in clear: it holds names of zones and instruments, days and numbers.
    PROPOSAL {
        required "sheet": Sheet(shape);
        optional "text": Text(4_000);
    }

    /// Nothing but the name of the proposal, in `re`.
    ACCEPTANCE {
        optional "text": Text(4_000);
    }

    /// Says what would help, if anything.
    DECLINE {
        optional "text": Text(4_000);
    }
}

/// The sheet of a proposal.
pub(super) fn sheet(proposal: &Act) -> Option<Sheet> {
    proposal.body.get("sheet").and_then(Value::as_object).and_then(Sheet::read)
}

/// The proposals of this matter that were accepted, each with the act that accepted it, in the
/// order in which the answering side did.
pub(super) fn accepted<'a>(past: Past<'a>) -> Vec<(&'a Act, &'a Act)> {
    let accepts = past.answering.iter().filter(|act| act.kind == "accept-terms");
    let each = accepts.filter_map(|act| named(past, act).map(|proposal| (proposal, *act)));
    each.collect()
}

/// The proposal that waits for a decision, if there is one.
pub(super) fn open(past: Past<'_>) -> Option<&Act> {
    let newest = past.asking.iter().rev().find(|act| act.kind == "propose-terms")?;
    let decided = past.answering.iter().any(|act| act.re.contains(&newest.entry));
    (!decided).then_some(*newest)
}

fn named<'a>(past: Past<'a>, act: &Act) -> Option<&'a Act> {
    past.asking.iter().find(|proposal| act.re.contains(&proposal.entry)).copied()
}

fn order(past: Past<'_>, next: &Act) -> Result<(), Void> {
    if next.half == Half::Asking {
        return Ok(());
    }
    match open(past) {
        _ if past.asking.is_empty() => Err(NO_PROPOSAL),
        None => Err(DECIDED),
        Some(proposal) if next.re == [proposal.entry] => Ok(()),
        Some(_) => Err(NO_PROPOSAL),
    }
}

/// A decision is about the proposal that waits.
fn answers(past: Past<'_>, _terms: &Terms, _: Half, kind: &str) -> Vec<Entry> {
    let waiting = open(past).filter(|_| kind != "propose-terms");
    waiting.map(|proposal| proposal.entry).into_iter().collect()
}

fn fold(past: Past<'_>, _: &Terms, _as_of: u64) -> State {
    let waiting = open(past).is_some();
    let agreed = accepted(past);
    let last = past.answering.last().map(|act| act.kind.as_str());
    let stage = match last {
        _ if waiting => "terms-proposed",
        Some("accept-terms") => "terms-accepted",
        Some(_) => "terms-declined",
        None => "terms-none",
    };
    let id = agreed.last().and_then(|(proposal, _)| sheet(proposal));
    let id = id.map(|sheet| Value::from(hex(&sheet.id)));
    State {
        waiting_for: waiting.then_some(Half::Answering),
        closed: !waiting,
        facts: id
            .map(|value| Fact { name: "terms_accepted", value, shown: Shown::Digits })
            .into_iter()
            .collect(),
        ..State::at(stage)
    }
}

#[cfg(test)]
mod tests;
