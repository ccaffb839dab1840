//! `assistance/1`: one authority asks another for help in a case; the other takes it up, asks
//! back, secures, answers or refuses; and what became of the answer is said.
//!
//! `graph.mmd` draws it and `matrix.txt` lists what every act does in every phase; tests compare
//! both with the code.
//!
//! The opener: `request`, `supplement`, `go-on`, `remind`, `renew`, `lodge-formal`,
//! `let-go`, `accept-conditions`, `decline-conditions`, `account-for-use`, `escalate`, `appraise`,
//! `ask-consent`, `withdraw`, `close-request`. The other side: `acknowledge`, `take-up`,
//! `recognise`, `ask`, `warn`, `examine`, `status`, `postpone`, `transfer`, `preserve`, `release`,
//! `intend-to-refuse`, `refuse`, `offer`, `answer`, `consent`, `appraise-request`.
//!
//! - A matter begins with one `request`. An extension is a matter of its own.
//! - `acknowledge` once: a desk has it. `take-up` once: a competent unit works on it. `recognise`
//!   once: the legal decision to carry it out. None needs the others. A withdrawn request may still
//!   be acknowledged, so that the opener knows that a person has seen it; a concluded one may not.
//! - `ask`, `intend-to-refuse` and an `acknowledge` that finds the papers not complete are open
//!   until a `supplement` names them, `warn` until a `go-on` does; `withdraw` is the other answer
//!   to a warning. All of them stop the clock.
//! - `offer` says that an answer is ready on conditions. Its content is not sent with it. Until the
//!   newest offer is accepted, `answer` is void, so no content can cross the border before the
//!   acceptance is in the log that the answering side has seen. `decline-conditions` ends the
//!   matter without content.
//! - `preserve` says what is held and until when; the holder notes a `renew` by preserving anew.
//!   `release` lets it go; the opener asks for that by `let-go`, also after the end.
//! - A final `answer` or `preserve`, a `refuse`, and a `transfer` that goes on elsewhere conclude
//!   the matter. After that the opener may `appraise`, `ask-consent`, `account-for-use`, `renew`,
//!   `let-go`, `lodge-formal`, `escalate` and at last `close-request`; the other side may note a
//!   renewal, `release`, `consent` and `appraise-request`.
//! - `withdraw` in the causal past forbids all that would carry the request out.
//! - Acts that cross are both valid. A request withdrawn and answered at once is shown as both.
//! - The due time is `reply_by`, moved by the time for which the opener was asked back, on the
//!   authors' logs. The clock runs only once the other side holds the request. What is overdue
//!   stays open, and a later conclusion counts as late, or as contested where the logs differ.
//!
//! Refusing is a conclusion of its own and never counted as an answer; so is the ground
//! `no-reason-given`. What is examined, and for which doubts, stays at home: `examine` and
//! `status` say only that it is, and how far.

mod answering;
mod asking;
mod between;
mod bodies;
mod clocks;
mod facts;
mod held;
mod meant;
mod observe;
mod prolong;
mod replies;
mod untrue;

use super::{Flow, Past, State, Void};
use crate::act::{Act, Half};
use crate::clock::{Sort, Timer};
use crate::form::{Field, Kind, Who};
use crate::terms::Terms;
use asking::HEEDING;
use between::Both;
pub(in crate::flow) use bodies::{DRAFT, MEASURE};
use counterpart_record::id::Entry;
use held::unheeded_release;
pub(in crate::flow) use held::{held_to, least_reach};
pub(in crate::flow) use prolong::idle_extension;
pub(in crate::flow) use untrue::untrue;

/// The flow.
pub static FLOW: Flow = Flow {
    name: "assistance",
    version: 1,
    rules: "assistance/1",
    kinds: KINDS,
    stages: STAGES,
    voids: VOIDS,
    order,
    answers,
    fold,
    observe: observe::observe,
    live: None,
};

const KINDS: &[Kind] = &[
    Kind { opens: true, ..asking("request", bodies::REQUEST) },
    asking("supplement", bodies::SUPPLEMENT),
    asking("go-on", bodies::GO_ON),
    asking("remind", bodies::REMIND),
    asking("renew", bodies::RENEW),
    asking("let-go", bodies::LET_GO),
    asking("lodge-formal", bodies::LODGE_FORMAL),
    asking("accept-conditions", bodies::ACCEPT_CONDITIONS),
    asking("decline-conditions", bodies::DECLINE_CONDITIONS),
    asking("account-for-use", bodies::ACCOUNT_FOR_USE),
    asking("escalate", bodies::ESCALATE),
    asking("appraise", bodies::APPRAISE),
    asking("ask-consent", bodies::ASK_CONSENT),
    asking("withdraw", bodies::WITHDRAW),
    asking("close-request", bodies::CLOSE_REQUEST),
    answering("acknowledge", replies::ACKNOWLEDGE),
    answering("take-up", replies::TAKE_UP),
    answering("recognise", replies::RECOGNISE),
    answering("ask", replies::ASK),
    answering("warn", replies::WARN),
    answering("examine", replies::EXAMINE),
    answering("status", replies::STATUS),
    answering("postpone", replies::POSTPONE),
    answering("transfer", replies::TRANSFER),
    answering("preserve", replies::PRESERVE),
    answering("release", replies::RELEASE),
    answering("intend-to-refuse", replies::INTEND_TO_REFUSE),
    answering("refuse", replies::REFUSE),
    answering("offer", replies::OFFER),
    answering("answer", replies::ANSWER),
    answering("consent", replies::CONSENT),
    answering("appraise-request", replies::APPRAISE_REQUEST),
];

const fn asking(name: &'static str, fields: &'static [Field]) -> Kind {
    Kind { name, who: Who::Asking, opens: false, fields }
}

const fn answering(name: &'static str, fields: &'static [Field]) -> Kind {
    Kind { name, who: Who::Answering, opens: false, fields }
}

const STAGES: &[&str] = &[
    "not-opened",
    "waiting-delivery",
    "waiting-acknowledgement",
    "waiting-supplement",
    "waiting-go-on",
    "waiting-acceptance",
    "waiting-content",
    "waiting-answer",
    "waiting-rest",
    "postponed",
    "answered",
    "refused",
    "transferred",
    "declined",
    "withdrawn",
    "withdrawn-and-answered",
    "withdrawn-and-refused",
];

const OPENED: Void = Void("void-opened");
const NOT_OPENED: Void = Void("void-not-opened");
const ACKNOWLEDGED: Void = Void("void-acknowledged");
const TAKEN_UP: Void = Void("void-taken-up");
const RECOGNISED: Void = Void("void-recognised");
const CONCLUDED: Void = Void("void-concluded");
const WITHDRAWN: Void = Void("void-withdrawn");
const DECLINED: Void = Void("void-declined");
const CLOSED: Void = Void("void-closed");
const NOT_ENDED: Void = Void("void-not-ended");
const NO_QUESTION: Void = Void("void-no-question");
const NO_WARNING: Void = Void("void-no-warning");
const NO_OFFER: Void = Void("void-no-offer");
const CONDITIONS_OPEN: Void = Void("void-conditions-open");
const NO_HOLD: Void = Void("void-no-hold");
const RELEASED: Void = Void("void-released");
const NOTHING_RECEIVED: Void = Void("void-nothing-received");
const NO_CONSENT_ASKED: Void = Void("void-no-consent-asked");
const VOIDS: &[Void] = &[
    OPENED,
    NOT_OPENED,
    ACKNOWLEDGED,
    TAKEN_UP,
    RECOGNISED,
    CONCLUDED,
    WITHDRAWN,
    DECLINED,
    CLOSED,
    NOT_ENDED,
    NO_QUESTION,
    NO_WARNING,
    NO_OFFER,
    CONDITIONS_OPEN,
    NO_HOLD,
    RELEASED,
    NOTHING_RECEIVED,
    NO_CONSENT_ASKED,
];

fn order(past: Past<'_>, next: &Act) -> Result<(), Void> {
    let both = Both::fold(past);
    match next.half {
        Half::Asking => both.asked.permits(&both.answered, next),
        Half::Answering => both.answered.permits(&both.asked, next),
    }
}

fn answers(past: Past<'_>, terms: &Terms, _half: Half, kind: &str) -> Vec<Entry> {
    let both = Both::fold(past);
    if HEEDING.contains(&kind) {
        let told = unheeded_release(&both, terms).map(|act| act.entry);
        return told.into_iter().chain(both.answers(kind)).collect();
    }
    both.answers(kind)
}

/// The two halves read together. Each half was folded from its own author's acts alone; only here
/// do they meet.
fn fold(past: Past<'_>, terms: &Terms, as_of: u64) -> State {
    let both = Both::fold(past);
    let stage = stage(&both);
    let timers = clocks::timers(&both, terms, as_of);
    // CLK-36: what became of what was held is for its holder to say.
    let lapsed = timers.iter().any(|timer| timer.lapsed);
    let waiting = waiting_for(&both, terms, stage);
    let unsaid = (lapsed && waiting.is_none()).then_some("turn-for-lapsed");
    let waiting_for = waiting.or(lapsed.then_some(Half::Answering));
    let closed = both.asked.ended().is_some() || both.answered.conclusion.is_some();
    State {
        turn_for: turn_for(&both, terms, stage).or(unsaid),
        waiting_for,
        reminders: both.asked.reminders,
        closed,
        presses: !closed && both.asked.request.is_some_and(meant::presses),
        kept: kept(&both, &timers, as_of),
        facts: facts::facts(&both, terms, lapsed),
        ..State::at(stage)
    }
    .clocked(timers)
}

/// Whether something is still held, or a longer hold or a formal request is still to come: nobody
/// counts the time since such a matter closed. RET-12
fn kept(both: &Both<'_>, timers: &[Timer], as_of: u64) -> bool {
    let counts = |timer: &&Timer| matches!(timer.sort, Sort::MinimumHold | Sort::Term);
    let held = |timer: &Timer| match timer.sort {
        Sort::MinimumHold => !timer.lapsed && !timer.let_go,
        _ => as_of <= timer.due,
    };
    let runs = timers.iter().filter(|timer| timer.runs());
    let renewal = both.asked.closed.is_none() && both.open_renewals().next().is_some();
    renewal || runs.filter(counts).any(held)
}

fn stage(both: &Both<'_>) -> &'static str {
    let (asked, answered) = (&both.asked, &both.answered);
    let Some(request) = asked.request else {
        return "not-opened";
    };
    let outcome = answered.conclusion.map(|act| match act.kind.as_str() {
        "refuse" => "refused",
        "transfer" => "transferred",
        _ => "answered",
    });
    match (asked.withdrawn.is_some(), outcome) {
        (true, Some("refused")) => return "withdrawn-and-refused",
        (true, Some("answered")) => return "withdrawn-and-answered",
        (true, _) => return "withdrawn",
        // What came although the conditions were declined is what came.
        (false, Some(outcome)) => return outcome,
        (false, None) if asked.declined.is_some() => return "declined",
        // Whoever has written in the matter holds the request, whatever the heads say so far.
        (false, None) if request.held_at.is_none() && answered.silent() => {
            return "waiting-delivery";
        }
        (false, None) => {}
    }
    let taken = [answered.acknowledged, answered.progress].iter().any(Option::is_some);
    if both.open_questions().next().is_some() {
        "waiting-supplement"
    } else if both.open_warnings().next().is_some() {
        "waiting-go-on"
    } else if both.open_offer().is_some() {
        "waiting-acceptance"
    } else if both.owed_offer().is_some() {
        "waiting-content"
    } else if answered.progress.is_some_and(|act| act.kind == "postpone") {
        "postponed"
    } else if !answered.parts.is_empty() {
        "waiting-rest"
    } else if taken {
        "waiting-answer"
    } else {
        "waiting-acknowledgement"
    }
}

/// Whose turn it is; after the end, whoever was asked for something more.
fn waiting_for(both: &Both<'_>, terms: &Terms, stage: &str) -> Option<Half> {
    match stage {
        "not-opened" | "waiting-delivery" => None,
        // What was to be held is gone: whoever asked for it must know before all else.
        _ if unheeded_release(both, terms).is_some() => Some(Half::Asking),
        "waiting-supplement" | "waiting-go-on" | "waiting-acceptance" => Some(Half::Asking),
        "transferred" if both.gone_elsewhere().is_some() => Some(Half::Asking),
        "answered" | "refused" | "transferred" | "declined" => after(both),
        _ if stage.starts_with("withdrawn") => after(both),
        _ => Some(Half::Answering),
    }
}

fn after(both: &Both<'_>) -> Option<Half> {
    let open = both.open_consents().next().or(both.open_renewals().next());
    let open = open.or(both.open_let_go());
    open.map(|_| Half::Answering)
}

/// For what the turn is, where the stage does not say it.
fn turn_for(both: &Both<'_>, terms: &Terms, stage: &str) -> Option<&'static str> {
    match waiting_for(both, terms, stage)? {
        Half::Answering if both.open_renewals().next().is_some() => Some("turn-for-renewal"),
        Half::Answering if both.open_consents().next().is_some() => Some("turn-for-consent"),
        Half::Answering if both.open_let_go().is_some() => Some("turn-for-let-go"),
        Half::Asking if unheeded_release(both, terms).is_some() => Some("turn-for-release"),
        Half::Asking if stage == "transferred" => Some("turn-for-transfer"),
        _ => None,
    }
}

#[cfg(test)]
mod afterwards;
#[cfg(test)]
mod atlas;
#[cfg(test)]
mod case;
#[cfg(test)]
mod holding;
#[cfg(test)]
mod tests;
