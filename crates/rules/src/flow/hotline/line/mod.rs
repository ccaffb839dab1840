//! `line/1`: a test of the line. One side asks whether anybody is there; the other side's node
//! answers by itself, and a person at its duty desk answers, too. Both are recorded, so a line
//! that only machines answer is not taken for one that people answer.
//!
//! - A matter is one test: `line-test`, then `machine-answer` and `person-answer`, once each, in
//!   any order (CAL-11).
//! - The clocks are those of the side that answers: they start when it holds the test. What comes
//!   late is late and counts so; a test that nobody answered within a day of its limit is missed,
//!   and rings no more (CAL-12).
//! - A test rings at the duty desk alone. It climbs no ladder: it is a test.

use super::call::POST;
use super::ladder;
use super::review::LineItem;
use crate::act::{Act, Half};
use crate::clock::{self, End, Timer, Verdict};
use crate::flow::ring::Live;
use crate::flow::{Fact, Flow, Past, Post, Ring, Shown, State, Void};
use crate::form::{Kind, Who, table};
use crate::measure::{self, Met, Moment, Observation, Term, Wait};
use crate::terms::Terms;
use counterpart_record::strict::json::{Object, Value};

/// The flow.
pub static FLOW: Flow = Flow {
    name: "line",
    version: 1,
    rules: "line/1",
    kinds: KINDS,
    stages: STAGES,
    voids: &[TESTED, NOT_TESTED, ANSWERED],
    order,
    answers: |_, _, _, _| Vec::new(),
    fold,
    observe: counted,
    live: Some(&Live {
        rings,
        automatic,
        presses: |_, _| false,
        item,
        spoken: false,
        lacks: |_, _, _, _| None,
    }),
};

table! {
    TEST {
        required "set_by": Choice(&["schedule", "person"]);
        optional "text": Text(2_000);
    }

    PERSON {
        required "desk": Line(300);
        optional "post": Choice(POST);
        optional "text": Text(2_000);
    }
}

const MACHINE: &str = "machine-answer";
const KINDS: &[Kind] = &[
    Kind { name: "line-test", who: Who::Asking, opens: true, fields: TEST },
    Kind { name: MACHINE, who: Who::Answering, opens: false, fields: &[] },
    Kind { name: "person-answer", who: Who::Answering, opens: false, fields: PERSON },
];

const STAGES: &[&str] = &[
    "line-not-tested",
    "line-on-its-way",
    "line-waiting-both",
    "line-waiting-machine",
    "line-waiting-person",
    "line-answered",
    "line-missed",
];

const TESTED: Void = Void("void-tested");
const NOT_TESTED: Void = Void("void-not-tested");
const ANSWERED: Void = Void("void-test-answered");

/// How long after the limit of its person a test is given up, in seconds.
const GIVEN_UP: u64 = 86_400;

/// The opening act of a test that nobody set by hand: rules, kind and body.
pub fn scheduled() -> (&'static str, &'static str, Object) {
    (FLOW.rules, KINDS[0].name, Object::default().with("set_by", "schedule"))
}

/// CAL-11
fn order(past: Past<'_>, next: &Act) -> Result<(), Void> {
    match (next.kind.as_str(), past.asking.is_empty()) {
        ("line-test", true) => Ok(()),
        ("line-test", false) => Err(TESTED),
        (_, true) => Err(NOT_TESTED),
        (kind, false) if answer(past, kind).is_some() => Err(ANSWERED),
        _ => Ok(()),
    }
}

fn answer<'a>(past: Past<'a>, kind: &str) -> Option<&'a Act> {
    past.answering.iter().copied().find(|act| act.kind == kind)
}

/// The node answers for itself, once.
fn automatic(past: Past<'_>, half: Half) -> Option<&'static str> {
    let due = half == Half::Answering && !past.asking.is_empty();
    (due && answer(past, MACHINE).is_none()).then_some(MACHINE)
}

/// The two clocks: that of the machine, and that of the person.
const CLOCKS: [(&str, &str); 2] = [(MACHINE, "P-LINE-MACH"), ("person-answer", "P-LINE-PERS")];

/// When the other side held the test.
fn held(past: Past<'_>) -> Option<u64> {
    let test = past.asking.first()?;
    test.held_at.or_else(|| past.answering.first().map(|act| act.logged_at))
}

fn timers(past: Past<'_>, terms: &Terms, as_of: u64) -> Vec<Timer> {
    let Some(held) = held(past) else { return Vec::new() };
    let each = CLOCKS.iter().filter_map(|(kind, id)| {
        let end = answer(past, kind);
        let end = end.map(|act| End { logged_at: act.logged_at, held_at: act.held_at });
        let profile = terms.profile(id).or_else(|| clock::profile(id))?;
        let span = (held, held.saturating_add(ladder::seconds(terms, id)));
        Some(Timer::run(profile, Half::Answering, span, Vec::new(), end, as_of))
    });
    each.collect()
}

/// From when on nobody waits for this test any more. CAL-12.
fn given_up(past: Past<'_>, terms: &Terms) -> Option<u64> {
    let start = held(past).or_else(|| past.asking.first().map(|test| test.logged_at))?;
    let limit = start.saturating_add(ladder::seconds(terms, CLOCKS[1].1));
    Some(limit.saturating_add(GIVEN_UP))
}

fn rings(past: Past<'_>, terms: &Terms, as_of: u64) -> Vec<Ring> {
    let (Some(test), Some(since)) = (past.asking.first(), held(past)) else { return Vec::new() };
    let over = given_up(past, terms).is_some_and(|at| as_of >= at);
    if over || answer(past, CLOCKS[1].0).is_some() {
        return Vec::new();
    }
    vec![Ring {
        act: test.entry,
        half: Half::Answering,
        post: Post::Desk,
        since,
        next: None,
        why: "ring-test",
        urgency: "routine",
    }]
}

fn fold(past: Past<'_>, terms: &Terms, as_of: u64) -> State {
    let (machine, person) = (answer(past, MACHINE), answer(past, CLOCKS[1].0));
    let over = given_up(past, terms).is_some_and(|at| as_of >= at);
    let stage = match (machine.is_some(), person.is_some()) {
        _ if past.asking.is_empty() => "line-not-tested",
        (true, true) => "line-answered",
        _ if over => "line-missed",
        _ if held(past).is_none() => "line-on-its-way",
        (false, false) => "line-waiting-both",
        (false, true) => "line-waiting-machine",
        (true, false) => "line-waiting-person",
    };
    let mut state = State::at(stage).clocked(timers(past, terms, as_of));
    state.closed = ["line-answered", "line-missed"].contains(&stage);
    let waits = ["line-waiting-both", "line-waiting-machine", "line-waiting-person"];
    state.waiting_for = waits.contains(&stage).then_some(Half::Answering);
    let observed = observe(past, terms, as_of);
    let mut add = |name, value: Option<Value>, shown| {
        state.facts.extend(value.map(|value| Fact { name, value, shown }));
    };
    let test = past.asking.first();
    let set_by = test.and_then(|act| act.word("set_by")).map(Value::from);
    add("set_by", set_by, Shown::Choice("set_by"));
    let time = |act: Option<&Act>| act.map(|act| Value::from(act.logged_at));
    add("machine_at", time(machine), Shown::Instant);
    add("person_at", time(person), Shown::Instant);
    let passed = observed.verdict.map(|verdict| Value::from(verdict.name()));
    add("line_verdict", passed, Shown::Choice("line_verdict"));
    state
}

/// What came of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Machine and person answered in time, on both clocks.
    Passed,
    /// Both answered, one of them late, or late on one of the two clocks.
    Late,
    /// Only the machine answered before the test was given up.
    MachineOnly,
    /// The other side held it, and no person and no machine answered.
    Missed,
    /// It never came to the other side, as far as this side knows.
    NotDelivered,
}

impl Outcome {
    /// All of them, best first.
    pub const ALL: [Outcome; 5] = [
        Outcome::Passed,
        Outcome::Late,
        Outcome::MachineOnly,
        Outcome::Missed,
        Outcome::NotDelivered,
    ];

    /// The word in JSON and in the phrase key `choice-line_verdict-<word>`.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Late => "late",
            Outcome::MachineOnly => "machine-only",
            Outcome::Missed => "missed",
            Outcome::NotDelivered => "not-delivered",
        }
    }

    /// The name of its count in figures.
    fn counted(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Late => "answered_late",
            Outcome::MachineOnly => "machine_only",
            Outcome::Missed => "missed",
            Outcome::NotDelivered => "not_delivered",
        }
    }
}

/// What a review and the figures count of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Observed {
    /// What came of it; none while it can still pass.
    verdict: Option<Outcome>,
    /// Seconds from when the other side held it to the person's answer, on the other side's log.
    person_after: Option<u64>,
}

/// What a review counts of a test.
fn item(past: Past<'_>, terms: &Terms, as_of: u64) -> Option<LineItem> {
    past.asking.first()?;
    let Observed { verdict: outcome, person_after } = observe(past, terms, as_of);
    Some(LineItem::Test { outcome, person_after })
}

/// What figures count of a test. Of all that were decided, those that passed are the share of the
/// time for which the line was there. FIG-13
fn counted(past: Past<'_>, terms: &Terms) -> Vec<Observation> {
    let Some(test) = past.asking.first() else { return Vec::new() };
    let (from, set_by) = (Moment::of(test), test.word("set_by").unwrap_or_default());
    let mut seen = Observation::new("line-test", "set_by", set_by, from);
    let given_up = given_up(past, terms);
    for (name, count, act) in [
        ("machine-answer", "machine_answered", answer(past, MACHINE)),
        ("person-answer", "person_answered", answer(past, CLOCKS[1].0)),
    ] {
        seen.count(count, u64::from(act.is_some()));
        let end = act.map_or(measure::End::Open, |act| measure::End::Reached(Moment::of(act)));
        seen.waits.push(Wait { name, from, end });
    }
    for timer in timers(past, terms, 0) {
        if let Some(verdict) = timer.verdict {
            let met = Met::Done(verdict);
            seen.terms.push(Term { profile: timer.profile, duty: None, name: "done", met });
        }
    }
    // What was answered by both is decided at once; what was not, when it is given up.
    let decided = observe(past, terms, 0).verdict.map(|outcome| (outcome, 0));
    let late = || given_up.and_then(|at| Some((observe(past, terms, at).verdict?, at)));
    seen.lapses.extend(decided.or_else(late).map(|(outcome, at)| (outcome.counted(), at)));
    vec![seen]
}

/// Reads it off the two clocks.
fn observe(past: Past<'_>, terms: &Terms, as_of: u64) -> Observed {
    let person = answer(past, CLOCKS[1].0);
    let held = held(past);
    let over = given_up(past, terms).is_some_and(|at| as_of >= at);
    let both = person.is_some() && answer(past, MACHINE).is_some();
    let verdicts = timers(past, terms, as_of);
    let in_time = verdicts.iter().all(|timer| timer.verdict == Some(Verdict::InTime));
    let verdict = match (both, over) {
        (true, _) => Some(if in_time { Outcome::Passed } else { Outcome::Late }),
        (false, false) => None,
        (false, true) if held.is_none() => Some(Outcome::NotDelivered),
        // A person who answered without the machine was there all the same; the machine was not.
        (false, true) if person.is_some() => Some(Outcome::Late),
        (false, true) if answer(past, MACHINE).is_some() => Some(Outcome::MachineOnly),
        (false, true) => Some(Outcome::Missed),
    };
    let person_after = person.zip(held).map(|(act, held)| act.logged_at.saturating_sub(held));
    Observed { verdict, person_after }
}

#[cfg(test)]
mod tests;
