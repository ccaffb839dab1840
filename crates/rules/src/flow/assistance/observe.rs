//! What figures count of a request: made, acknowledged, answered, refused, withdrawn, or open; how
//! long each took; whether the term was kept; what was asked back, reminded of, held.

use super::answering::Answered;
use super::asking::Asked;
use crate::act::Act;
use crate::clock::{Clock, Sort};
use crate::flow::Past;
use crate::measure::{End, Met, Moment, Observation, Term, Wait};
use crate::terms::Terms;

/// One observation for a request that was made.
pub(super) fn observe(past: Past<'_>, terms: &Terms) -> Vec<Observation> {
    let asked = Asked::fold(past.asking);
    let answered = Answered::fold(past.answering);
    let Some(request) = asked.request else { return Vec::new() };
    let measure = request.word("measure").unwrap_or_default();
    let mut seen = Observation::new("request", "measure", measure, Moment::of(request));
    outcome(&mut seen, &asked, &answered);
    words(&mut seen, request, &asked, &answered);
    waits(&mut seen, &asked, &answered);
    clocks(&mut seen, &asked, &answered, terms);
    pauses(&mut seen, &asked, &answered);
    holds(&mut seen, request, &asked, &answered);
    vec![seen]
}

/// What became of it. A request withdrawn and answered at once counts as both, as it is shown.
fn outcome(seen: &mut Observation, asked: &Asked<'_>, answered: &Answered<'_>) {
    let extent = answered.concluded_by("answer").map(|act| act.word("extent"));
    let one = u64::from;
    seen.count("acknowledged", one(answered.acknowledged.is_some()));
    seen.count("answered", one(extent.is_some_and(|extent| extent != Some("partial"))));
    seen.count("partly", one(extent == Some(Some("partial"))));
    seen.count("refused", one(answered.concluded_by("refuse").is_some()));
    seen.count("withdrawn", one(asked.withdrawn.is_some()));
    seen.count("open", one(answered.conclusion.is_none() && asked.withdrawn.is_none()));
    seen.count("instalments", answered.parts.len() as u64);
    seen.count("questions", answered.questions.len() as u64);
    seen.count("supplements", asked.supplements.len() as u64);
    seen.count("reminders", u64::from(asked.reminders));
    seen.count("reminded", one(asked.reminders > 0));
    let again = asked.request.and_then(|act| act.word("type")) == Some("extension");
    seen.count("extensions", one(again));
}

fn words(seen: &mut Observation, request: &Act, asked: &Asked<'_>, answered: &Answered<'_>) {
    let mut add = |list, act: Option<&Act>| {
        seen.words.extend(act.and_then(|act| act.word(list)).map(|word| (list, word.to_owned())));
    };
    add("urgency", Some(request));
    add("instrument", Some(request));
    add("ground", answered.concluded_by("refuse"));
    add("reason", asked.withdrawn);
}

fn waits(seen: &mut Observation, asked: &Asked<'_>, answered: &Answered<'_>) {
    let from = seen.begun;
    let ended = answered.conclusion.or(asked.withdrawn);
    let mut wait = |name, came: Option<&Act>, left: Option<&Act>| {
        let end = match (came, left) {
            (Some(act), _) => End::Reached(Moment::of(act)),
            (None, Some(act)) => End::Left(Moment::of(act)),
            (None, None) => End::Open,
        };
        seen.waits.push(Wait { name, from, end });
    };
    wait("acknowledgement", answered.acknowledged, ended);
    wait("answer", answered.concluded_by("answer"), ended);
    wait("conclusion", answered.conclusion, asked.withdrawn);
}

/// Every clock of the matter. Its end does not depend on when it is looked at; whether it is
/// overdue is for the figures to say.
fn clocks(seen: &mut Observation, asked: &Asked<'_>, answered: &Answered<'_>, terms: &Terms) {
    let timers = super::clocks::timers(asked, answered, terms, 0);
    let duties = timers.iter().filter(|timer| timer.sort == Sort::Term).count();
    seen.count("no_term", u64::from(duties == 0 && asked.withdrawn.is_none()));
    for timer in timers.into_iter().filter(|t| matches!(t.sort, Sort::Term | Sort::ServiceGoal)) {
        let by = answered.conclusion.filter(|act| timer.stopped_at == Some(act.logged_at));
        let (name, met) = match (timer.verdict, by.map(|act| act.kind.as_str())) {
            (Some(verdict), Some("refuse")) => ("refused", Met::Done(verdict)),
            (Some(verdict), Some(_)) => ("answered", Met::Done(verdict)),
            (Some(verdict), None) => ("done", Met::Done(verdict)),
            (None, _) => {
                let pauses = timer.stops.iter().map(|stop| stop.pause).collect();
                ("open", Met::Owed(Clock { limit: timer.limit, pauses }))
            }
        };
        let duty = timer.sort == Sort::Term;
        seen.terms.push(Term { profile: timer.profile, duty, name, met });
    }
}

/// A question stops the clock until it is answered or the matter ends.
fn pauses(seen: &mut Observation, asked: &Asked<'_>, answered: &Answered<'_>) {
    let ended = answered.conclusion.or(asked.withdrawn);
    for question in &answered.questions {
        let to = asked.supplement_to(question).or(ended).map(Moment::of);
        seen.pauses.push((Moment::of(question), to));
    }
}

fn holds(seen: &mut Observation, request: &Act, asked: &Asked<'_>, answered: &Answered<'_>) {
    let lodged = asked.supplements.iter().any(|act| act.word("formal_lodged_on").is_some());
    seen.count("formal_announced", u64::from(request.flag("formal_follows")));
    seen.count("formal_lodged", u64::from(lodged));
    seen.count("held", u64::from(answered.holds_until.is_some()));
    if let (Some(until), false) = (answered.holds_until, lodged) {
        seen.lapses.push(("held_in_vain", until));
    }
}
