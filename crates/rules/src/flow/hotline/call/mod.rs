//! `call/1`: a call from one duty desk to another. It rings until a named desk takes it, is talked
//! through in messages, handed over between shifts, and closed by both.
//!
//! The caller writes `raise`; after that both halves write `acknowledge`, `say`, `hand-over` and
//! `close` alike. `matrix.txt` lists what every act does in every situation.
//!
//! - What rings: `raise`, and a `say` with `ring`. It rings at the other side from the time at
//!   which that side holds it, and at home from the time at which it was logged, so that the
//!   caller's own supervisor learns of a link that is cut (CAL-2, CAL-5).
//! - An act names in `re` what it attends to; one that names nothing attends to the call itself.
//! - Only a named desk ends a ringing: `acknowledge`, `hand-over`, or a `say` or `close` with
//!   `post`; once a desk of a side is named, whatever that side says (CAL-3).
//! - `acknowledge` and `hand-over` hold for an agreed time and then it rings again; `say` and
//!   `close` end the ringing for good (CAL-3).
//! - A side may acknowledge what rings at its own home: its supervisor knows that nobody answers.
//! - The call is closed while the newest act of each half is `close`; whoever speaks again before
//!   the other has closed opens it again. Closed by both in the causal past, it takes no more acts.
//!   Acts that cross are valid alike on both sides.

mod bodies;
mod counted;
mod rung;

use super::ladder::{self, Pace};
use super::review::LineItem;
use crate::act::{Act, Half};
use crate::clock::{self, End, Timer, Verdict};
use crate::flow::ring::{Lack, Live};
use crate::flow::{Fact, Flow, Past, Post, Ring, Shown, State, Void};
use crate::form::{Kind, Who};
use crate::terms::Terms;
pub(in crate::flow::hotline) use bodies::POST;
use bodies::{ACKNOWLEDGE, CLOSE, HAND_OVER, RAISE, SAY};
use counterpart_record::id::Entry;
use counterpart_record::strict::json::{Object, Value};
use rung::{Rung, Standing, observe, rung};

/// The flow.
pub static FLOW: Flow = Flow {
    name: "call",
    version: 1,
    rules: "call/1",
    kinds: KINDS,
    stages: STAGES,
    voids: &[RAISED, NOT_RAISED, NOTHING_RINGS, NO_DESK, CLOSED],
    order,
    answers,
    fold,
    observe: counted::observe,
    live: Some(&LIVE),
};

static LIVE: Live = Live { rings, automatic: |_, _| None, presses, item, spoken: true, lacks };

const KINDS: &[Kind] = &[
    Kind { name: "raise", who: Who::Asking, opens: true, fields: RAISE },
    Kind { name: "acknowledge", who: Who::Either, opens: false, fields: ACKNOWLEDGE },
    Kind { name: "say", who: Who::Either, opens: false, fields: SAY },
    Kind { name: "hand-over", who: Who::Either, opens: false, fields: HAND_OVER },
    Kind { name: "close", who: Who::Either, opens: false, fields: CLOSE },
];

const STAGES: &[&str] = &[
    "call-not-raised",
    "call-on-its-way",
    "call-ringing",
    "call-taken",
    "call-ringing-again",
    "call-open",
    "call-closing",
    "call-closed",
];

const RAISED: Void = Void("void-raised");
const NOT_RAISED: Void = Void("void-not-raised");
const NOTHING_RINGS: Void = Void("void-nothing-rings");
const NO_DESK: Void = Void("void-no-desk");
const CLOSED: Void = Void("void-call-closed");

/// CAL-1
fn order(past: Past<'_>, next: &Act) -> Result<(), Void> {
    if next.kind == "raise" {
        return if past.asking.is_empty() { Ok(()) } else { Err(RAISED) };
    }
    if raise(past).is_none() {
        return Err(NOT_RAISED);
    }
    if is_closed(past) {
        return Err(CLOSED);
    }
    let rings = |entry: &Entry| sources(past).any(|source| source.entry == *entry);
    if next.kind == "acknowledge" && !next.re.iter().all(rings) {
        return Err(NOTHING_RINGS);
    }
    Ok(())
}

/// What the form lacks here: whoever closes while something rings that no desk of theirs has taken
/// has to name one. A side that was left by the other has nothing to take any more. CAL-3
fn lacks(past: Past<'_>, of: Half, kind: &str, form: &Object) -> Option<Lack> {
    let rings = |source: &Act| source.half != of && attention(past, source).is_empty();
    let untaken = sources(past).any(rings) && close(past, of.other()).is_none();
    let silent = kind == "close"
        && form.get("post").is_none()
        && !half(past, of).iter().any(|act| names_desk(act));
    (untaken && silent).then_some(("desk", NO_DESK))
}

fn raise<'a>(past: Past<'a>) -> Option<&'a Act> {
    past.asking.iter().copied().find(|act| act.kind == "raise")
}

/// The acts that ring, in no order that matters.
fn sources<'a>(past: Past<'a>) -> impl Iterator<Item = &'a Act> {
    let all = past.asking.iter().chain(past.answering).copied();
    all.filter(|act| act.kind == "raise" || (act.kind == "say" && act.flag("ring")))
}

fn half<'a>(past: Past<'a>, half: Half) -> &'a [&'a Act] {
    if half == Half::Asking { past.asking } else { past.answering }
}

/// The `close` of a half that has not spoken since.
fn close<'a>(past: Past<'a>, of: Half) -> Option<&'a Act> {
    half(past, of).last().copied().filter(|act| act.kind == "close")
}

/// CAL-6
fn is_closed(past: Past<'_>) -> bool {
    close(past, Half::Asking).is_some() && close(past, Half::Answering).is_some()
}

/// Whether `act` attends to `source`: it names it, or names nothing and `source` is the call.
fn names(act: &Act, source: &Act) -> bool {
    act.re.contains(&source.entry) || (act.re.is_empty() && source.kind == "raise")
}

/// Whether a desk is named by it: of one that only says something, by the coded word beside the
/// name, since the name can be erased.
fn names_desk(act: &Act) -> bool {
    ["acknowledge", "hand-over"].contains(&act.kind.as_str()) || act.word("post").is_some()
}

/// What the side that is called did about `source`, from the first act on by which a named desk of
/// it attends to it. Empty while nobody has taken it. CAL-3
fn attention<'a>(past: Past<'a>, source: &Act) -> &'a [&'a Act] {
    let all = half(past, source.half.other());
    let desk = all.iter().position(|act| names_desk(act)).unwrap_or(all.len());
    let first = all[desk..].iter().position(|act| names(act, source));
    first.map_or(&[], |first| &all[desk + first..])
}

/// What an act of this kind attends to when its author says nothing else: all that rings from the
/// other side; for an acknowledgement, if nothing does, what rings at home.
fn answers(past: Past<'_>, _terms: &Terms, of: Half, kind: &str) -> Vec<Entry> {
    if kind == "raise" {
        return Vec::new();
    }
    let left = close(past, of.other());
    let open = |source: &&Act| {
        let ends = |act: &&Act| ["say", "close"].contains(&act.kind.as_str());
        close(past, source.half).is_none() && !attention(past, source).iter().any(ends)
    };
    let from = |from: Half| -> Vec<Entry> {
        sources(past).filter(|act| act.half == from).filter(open).map(|act| act.entry).collect()
    };
    match (from(of.other()), left) {
        (theirs, _) if !theirs.is_empty() => theirs,
        // Nothing rings: whoever was left by the other side closes, too.
        (_, Some(left)) if kind == "close" => vec![left.entry],
        (_, Some(_)) => Vec::new(),
        (_, None) if kind == "acknowledge" => from(of),
        (theirs, None) => theirs,
    }
}

/// Flash and immediate calls, and whatever rings on purpose, do not wait for a quiet moment.
fn presses(kind: &str, body: &Object) -> bool {
    let word = |name| body.get(name).and_then(Value::as_str);
    match kind {
        "raise" => matches!(word("urgency"), Some("flash" | "immediate")),
        "say" => body.get("ring").and_then(Value::as_bool) == Some(true),
        _ => false,
    }
}

/// What rings at each side: at most one ring for each, the one that is highest up.
fn rings(past: Past<'_>, terms: &Terms, as_of: u64) -> Vec<Ring> {
    let mut out: Vec<Ring> = Vec::new();
    for rung in rung(past, terms) {
        let Some(ring) = rung.ring(as_of) else { continue };
        let rank = |ring: &Ring| (ring.post, std::cmp::Reverse(ring.since));
        match out.iter_mut().find(|other| other.half == ring.half) {
            Some(other) if rank(other) < rank(&ring) => *other = ring,
            Some(_) => {}
            None => out.push(ring),
        }
    }
    out
}

/// What a review counts of a call.
fn item(past: Past<'_>, terms: &Terms, as_of: u64) -> Option<LineItem> {
    let raise = raise(past)?;
    let observed = observe(past, &rung(past, terms), as_of);
    let since = |at: u64| observed.held_at.map(|held| at.saturating_sub(held));
    Some(LineItem::Call {
        urgency: ladder::urgency(raise.word("urgency").unwrap_or_default()),
        taken_after: observed.taken_at.and_then(since),
        held: observed.held_at.is_some(),
        reached: observed.reached,
        again: observed.again,
        closed: is_closed(past),
    })
}

fn fold(past: Past<'_>, terms: &Terms, as_of: u64) -> State {
    let all = rung(past, terms);
    let (stage, waiting_for) = stage(past, &all, as_of);
    let mut state = State::at(stage).clocked(timers(past, terms, as_of));
    state.waiting_for = waiting_for;
    // What was done in time is no longer due, and of nobody.
    if !state.timers.iter().any(Timer::runs) {
        (state.due, state.due_of) = (None, None);
    }
    state.closed = stage == "call-closed";
    let pressing = |act: &Act| presses("raise", &act.body);
    state.presses = !state.closed && raise(past).is_some_and(pressing);
    state.facts = facts(past, &all, as_of);
    state
}

/// What is least attended to decides.
fn stage(past: Past<'_>, all: &[Rung<'_>], as_of: u64) -> (&'static str, Option<Half>) {
    if raise(past).is_none() {
        return ("call-not-raised", None);
    }
    if is_closed(past) {
        return ("call-closed", None);
    }
    let away = || all.iter().filter(|rung| !rung.home);
    let at = |standing: Standing| away().find(|rung| rung.standing(as_of) == standing);
    if let Some(rung) = at(Standing::Again) {
        return ("call-ringing-again", Some(rung.at()));
    }
    if let Some(rung) = at(Standing::Rings) {
        return ("call-ringing", Some(rung.at()));
    }
    if at(Standing::OnItsWay).is_some() {
        return ("call-on-its-way", None);
    }
    if let Some(rung) = at(Standing::Taken) {
        return ("call-taken", Some(rung.at()));
    }
    for half in [Half::Asking, Half::Answering] {
        if close(past, half).is_some() {
            return ("call-closing", Some(half.other()));
        }
    }
    ("call-open", None)
}

/// The duty to take the call, the one to follow it up, and that to reply at all. CAL-4.
fn timers(past: Past<'_>, terms: &Terms, as_of: u64) -> Vec<Timer> {
    let Some((raise, held_at)) = raise(past).and_then(|act| Some((act, act.held_at?))) else {
        return Vec::new();
    };
    let urgency = raise.word("urgency").unwrap_or_default();
    let (take, hold) = ladder::profiles(urgency);
    let pace = Pace::of(terms, urgency);
    let answering = attention(past, raise);
    let withdrawn = close(past, Half::Asking);
    let mut out = Vec::new();
    let mut run = |id: &str, from: u64, length: u64, done: Option<&Act>| {
        let Some(profile) = terms.profile(id).or_else(|| clock::profile(id)) else { return };
        let span = (from, from.saturating_add(length));
        let ended = done.into_iter().chain(withdrawn).min_by_key(|act| act.logged_at);
        let end = ended.map(|act| End { logged_at: act.logged_at, held_at: act.held_at });
        let mut timer = Timer::run(profile, Half::Answering, span, vec![], end, as_of);
        // What the caller took back before its time was neither met nor missed.
        let needless = ended.is_some_and(|act| act.half == Half::Asking);
        timer.verdict = timer.verdict.filter(|one| !needless || *one != Verdict::InTime);
        out.push(timer);
    };
    run(take, held_at, pace.taken_within, answering.first().copied());
    let replies = |act: &&&Act| act.kind == "say" || act.kind == "close";
    let reply = past.answering.iter().find(replies).copied();
    let holds = |act: &&&Act| act.kind == "acknowledge" || act.kind == "hand-over";
    if let Some(held) = answering.iter().rfind(holds) {
        let follows = past.answering.iter().skip_while(|act| act.entry != held.entry).find(replies);
        run(hold, held.logged_at, pace.holds, follows.copied());
    }
    let replies = terms.profile("P-DTL-48").and_then(|profile| {
        let end = terms.limit(profile, Half::Answering, held_at)?;
        Some(end.saturating_sub(held_at))
    });
    run("P-DTL-48", held_at, replies.unwrap_or_default(), reply);
    out
}

fn facts(past: Past<'_>, all: &[Rung<'_>], as_of: u64) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |name, value: Option<Value>, shown| {
        facts.extend(value.map(|value| Fact { name, value, shown }));
    };
    let Some(raise) = raise(past) else { return facts };
    let word = |act: Option<&Act>, field| act.and_then(|act| act.word(field)).map(Value::from);
    add("urgency", word(Some(raise), "urgency"), Shown::Choice("urgency"));
    add("topic", word(Some(raise), "topic"), Shown::Choice("topic"));
    add("needed_by", raise.instant("needed_by").map(Value::from), Shown::Instant);
    let observed = observe(past, all, as_of);
    add("taken_at", observed.taken_at.map(Value::from), Shown::Instant);
    let post = |post: Option<Post>| post.map(|post| Value::from(post.name()));
    add("rung_there", post(observed.reached[1]), Shown::Choice("post"));
    add("rung_home", post(observed.reached[0]), Shown::Choice("post"));
    let count = |n: usize| (n > 0).then(|| Value::from(n as u64));
    add("rung_again", count(observed.again), Shown::Plain);
    let both = || past.asking.iter().chain(past.answering);
    add("messages", count(both().filter(|act| act.kind == "say").count()), Shown::Plain);
    add("handed_over", count(both().filter(|act| act.kind == "hand-over").count()), Shown::Plain);
    let outcome = |half| word(close(past, half), "outcome");
    add("outcome_asking", outcome(Half::Asking), Shown::Choice("outcome"));
    add("outcome_answering", outcome(Half::Answering), Shown::Choice("outcome"));
    facts
}

#[cfg(test)]
mod atlas;
#[cfg(test)]
mod tests;
