//! `assistance/1`: one authority asks another for help in a case; the other takes it up, asks
//! back, answers or refuses.
//!
//! The opener writes `request`, `supplement`, `remind`, `withdraw`; the other side `acknowledge`,
//! `ask`, `answer`, `refuse`. `graph.mmd` draws it and `matrix.txt` lists what every act does in
//! every situation; tests compare both with the code.
//!
//! - A matter begins with one `request`. An extension is a matter of its own.
//! - `acknowledge` once: a desk took the request up. A withdrawn request may still be acknowledged,
//!   so that the opener knows that a person has seen it; a concluded one may not.
//! - `ask` at any time before the conclusion. A question is open until a `supplement` names it in
//!   `re`; a supplement may also come unasked. Open questions stop the clock.
//! - `answer` with `final: false` is a part and concludes nothing. A final `answer` or a `refuse`
//!   concludes the matter: after it, in the causal past, nothing of either half is permitted.
//! - `withdraw` in the causal past forbids `ask`, `answer` and `refuse`, and all later acts of the
//!   opener.
//! - Acts that cross are both valid. A request withdrawn and answered at once is shown as both.
//! - The due time is `reply_by`, moved by the time for which questions were open, on the authors'
//!   logs. The clock runs only once the other side holds the request. What is overdue stays open,
//!   and a later conclusion counts as late, or as contested where the two logs differ.
//!
//! Refusing is a conclusion of its own and never counted as an answer; so is the ground
//! `no-reason-given`.

mod answering;
mod asking;
mod bodies;
mod clocks;
mod observe;

use super::{Fact, Flow, Past, Shown, State, Void};
use crate::act::{Act, Half};
use crate::form::{Kind, Who};
use crate::ground;
use crate::terms::Terms;
use answering::Answered;
use asking::Asked;
use counterpart_record::strict::json::Value;

/// The flow.
pub static FLOW: Flow = Flow {
    name: "assistance",
    version: 1,
    rules: "assistance/1",
    kinds: KINDS,
    stages: STAGES,
    voids: VOIDS,
    order,
    fold,
    observe: observe::observe,
    live: None,
};

const KINDS: &[Kind] = &[
    Kind { name: "request", who: Who::Asking, opens: true, fields: bodies::REQUEST },
    Kind { name: "supplement", who: Who::Asking, opens: false, fields: bodies::SUPPLEMENT },
    Kind { name: "remind", who: Who::Asking, opens: false, fields: bodies::REMIND },
    Kind { name: "withdraw", who: Who::Asking, opens: false, fields: bodies::WITHDRAW },
    Kind { name: "acknowledge", who: Who::Answering, opens: false, fields: bodies::ACKNOWLEDGE },
    Kind { name: "ask", who: Who::Answering, opens: false, fields: bodies::ASK },
    Kind { name: "answer", who: Who::Answering, opens: false, fields: bodies::ANSWER },
    Kind { name: "refuse", who: Who::Answering, opens: false, fields: bodies::REFUSE },
];

const STAGES: &[&str] = &[
    "not-opened",
    "waiting-delivery",
    "waiting-acknowledgement",
    "waiting-supplement",
    "waiting-answer",
    "waiting-rest",
    "answered",
    "refused",
    "withdrawn",
    "withdrawn-and-answered",
    "withdrawn-and-refused",
];

const OPENED: Void = Void("void-opened");
const NOT_OPENED: Void = Void("void-not-opened");
const ACKNOWLEDGED: Void = Void("void-acknowledged");
const CONCLUDED: Void = Void("void-concluded");
const WITHDRAWN: Void = Void("void-withdrawn");
const NO_QUESTION: Void = Void("void-no-question");
const VOIDS: &[Void] = &[OPENED, NOT_OPENED, ACKNOWLEDGED, CONCLUDED, WITHDRAWN, NO_QUESTION];

fn order(past: Past<'_>, next: &Act) -> Result<(), Void> {
    let asked = Asked::fold(past.asking);
    let answered = Answered::fold(past.answering);
    match next.half {
        Half::Asking => asked.permits(&answered, next),
        Half::Answering => answered.permits(&asked, next),
    }
}

/// The two halves read together. Each half was folded from its own author's acts alone; only here
/// do they meet.
fn fold(past: Past<'_>, terms: &Terms, as_of: u64) -> State {
    let asked = Asked::fold(past.asking);
    let answered = Answered::fold(past.answering);
    let stage = stage(&asked, &answered);
    State {
        waiting_for: match stage {
            "waiting-supplement" => Some(Half::Asking),
            "waiting-acknowledgement" | "waiting-answer" | "waiting-rest" => Some(Half::Answering),
            _ => None,
        },
        reminders: asked.reminders,
        closed: asked.withdrawn.is_some() || answered.conclusion.is_some(),
        facts: facts(&asked, &answered),
        ..State::at(stage)
    }
    .clocked(clocks::timers(&asked, &answered, terms, as_of))
}

fn stage(asked: &Asked<'_>, answered: &Answered<'_>) -> &'static str {
    let Some(request) = asked.request else {
        return "not-opened";
    };
    let refused = answered.conclusion.map(|act| act.kind == "refuse");
    match (asked.withdrawn.is_some(), refused) {
        (true, Some(true)) => "withdrawn-and-refused",
        (true, Some(false)) => "withdrawn-and-answered",
        (true, None) => "withdrawn",
        (false, Some(true)) => "refused",
        (false, Some(false)) => "answered",
        // Whoever has written in the matter holds the request, whatever the heads say so far.
        (false, None) if request.held_at.is_none() && answered.silent() => "waiting-delivery",
        (false, None) if answered.open_questions(asked).next().is_some() => "waiting-supplement",
        (false, None) if !answered.parts.is_empty() => "waiting-rest",
        (false, None) if answered.acknowledged.is_none() => "waiting-acknowledgement",
        (false, None) => "waiting-answer",
    }
}

fn facts(asked: &Asked<'_>, answered: &Answered<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |name, value: Option<Value>, shown| {
        facts.extend(value.map(|value| Fact { name, value, shown }));
    };
    let word = |act: Option<&Act>, field| act.and_then(|act| act.word(field)).map(Value::from);
    let count = |n: usize| (n > 0).then(|| Value::from(n as u64));
    let request = asked.request;
    for name in ["measure", "instrument", "urgency"] {
        add(name, word(request, name), Shown::Choice(name));
    }
    let time = answered.acknowledged.map(|act| Value::from(act.logged_at));
    add("acknowledged_at", time, Shown::Instant);
    let expected = answered.acknowledged.and_then(|act| act.instant("expected_at"));
    add("expected_at", expected.map(Value::from), Shown::Instant);
    add("questions", count(answered.questions.len()), Shown::Plain);
    add("questions_open", count(answered.open_questions(asked).count()), Shown::Plain);
    add("supplements", count(asked.supplements.len()), Shown::Plain);
    add("parts", count(answered.parts.len()), Shown::Plain);
    let time = answered.holds_until.map(Value::from);
    add("holds_until", time, Shown::Instant);
    let (answer, refusal) = (answered.concluded_by("answer"), answered.concluded_by("refuse"));
    add("extent", word(answer, "extent"), Shown::Choice("extent"));
    add("ground", word(refusal, "ground"), Shown::Choice("ground"));
    add("article", word(refusal, "article"), Shown::Plain);
    let silent = refusal.and_then(|act| act.word("ground")) == Some(ground::NO_REASON);
    let instrument = request.and_then(|act| act.word("instrument"));
    let owed = silent && instrument.is_some_and(ground::reason_owed);
    add("reason_owed", owed.then_some(Value::Bool(true)), Shown::Flag);
    add("reason", word(asked.withdrawn, "reason"), Shown::Choice("reason"));
    facts
}

#[cfg(test)]
mod atlas;
#[cfg(test)]
mod tests;
