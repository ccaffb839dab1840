//! What figures count of a request: made, acknowledged, answered, refused, withdrawn, or open; how
//! long each took; whether the term was kept; what was asked back, reminded of, held.

use super::between::Both;
use super::clocks::{is_at_once, timers};
use super::held::holds_until;
use super::prolong::extended;
use crate::act::Act;
use crate::clock::{Clock, Sort, Timer};
use crate::flow::Past;
use crate::measure::{End, Met, Moment, Observation, Term, Wait};
use crate::terms::Terms;

/// One observation for a request that was made.
pub(super) fn observe(past: Past<'_>, terms: &Terms) -> Vec<Observation> {
    let both = Both::fold(past);
    let Some(request) = both.asked.request else { return Vec::new() };
    let measure = request.word("measure").unwrap_or_default();
    let mut seen = Observation::new("request", "measure", measure, Moment::of(request));
    outcome(&mut seen, &both);
    effort(&mut seen, &both, terms);
    words(&mut seen, request, &both);
    waits(&mut seen, &both, is_at_once(&both, terms));
    clocks(&mut seen, &both, timers(&both, terms, 0));
    pauses(&mut seen, &both);
    holds(&mut seen, request, &both, terms);
    vec![seen]
}

/// What became of it. A request withdrawn and answered at once counts as both, as it is shown.
fn outcome(seen: &mut Observation, both: &Both<'_>) {
    let (asked, answered) = (&both.asked, &both.answered);
    let one = u64::from;
    let full = answered.answer().map(|act| !in_part(act));
    let ended_by = |kind: &str| one(answered.conclusion.is_some_and(|act| act.kind == kind));
    seen.count("acknowledged", one(answered.acknowledged.is_some()));
    seen.count("taken_up", one(answered.taken_up.is_some()));
    seen.count("recognised", one(answered.recognised.is_some()));
    seen.count("answered", one(full == Some(true)));
    seen.count("partly", one(full == Some(false)));
    seen.count("refused", ended_by("refuse"));
    seen.count("transferred", ended_by("transfer"));
    seen.count("declined", one(asked.declined.is_some()));
    seen.count("withdrawn", one(asked.withdrawn.is_some()));
    seen.count("open", one(answered.conclusion.is_none() && asked.ended().is_none()));
}

fn in_part(act: &Act) -> bool {
    act.word("extent") == Some("partial") || act.word("secured") == Some("part")
}

/// What it took on both sides.
fn effort(seen: &mut Observation, both: &Both<'_>, terms: &Terms) {
    let (asked, answered) = (&both.asked, &both.answered);
    let one = u64::from;
    seen.count("instalments", answered.parts.len() as u64);
    seen.count("questions", answered.questions.len() as u64);
    seen.count("warnings", answered.warnings.len() as u64);
    seen.count("offers", answered.offers.len() as u64);
    seen.count("supplements", asked.supplements.len() as u64);
    seen.count("reminders", u64::from(asked.reminders));
    seen.count("reminded", one(asked.reminders > 0));
    seen.count("escalated", one(!asked.escalations.is_empty()));
    seen.count("appraised", one(!asked.appraisals.is_empty()));
    // Directive (EU) 2023/977, Article 18(2)(d): the limit moved for a judge's word.
    let judge = |act: &&Act| act.word("progress") == Some("waiting-for-judge");
    let said = answered.statuses.iter().any(|act| judge(act) && act.flag("extends"));
    seen.count("authorisation_needed", one(said && extended(both, terms)));
    let again = asked.request.and_then(|act| act.word("type")) == Some("extension");
    seen.count("extensions", one(again));
}

fn words(seen: &mut Observation, request: &Act, both: &Both<'_>) {
    let (asked, answered) = (&both.asked, &both.answered);
    let mut add = |list, act: Option<&Act>| {
        seen.words.extend(act.and_then(|act| act.word(list)).map(|word| (list, word.to_owned())));
    };
    add("urgency", Some(request));
    add("instrument", Some(request));
    add("ground", answered.conclusion.filter(|act| act.kind == "refuse"));
    add("reason", asked.withdrawn);
    // What each side made of the other's part; of several appraisals the newest counts.
    let appraisal = asked.appraisals.last().copied();
    for list in ["worth", "no_use_because", "timely", "as_evidence"] {
        add(list, appraisal);
    }
    add("quality", answered.appraisals.last().copied());
}

/// Where help is due at once, how long it took until somebody said a first word, too. CLK-7
fn waits(seen: &mut Observation, both: &Both<'_>, at_once: bool) {
    let (asked, answered) = (&both.asked, &both.answered);
    let from = seen.begun;
    let left = asked.withdrawn.or(asked.declined);
    let ended = answered.conclusion.or(left);
    let mut wait = |name, came: Option<&Act>, left: Option<&Act>| {
        let end = match (came, left) {
            (Some(act), _) => End::Reached(Moment::of(act)),
            (None, Some(act)) => End::Left(Moment::of(act)),
            (None, None) => End::Open,
        };
        seen.waits.push(Wait { name, from, end });
    };
    wait("acknowledgement", answered.acknowledged, ended);
    wait("taking-up", answered.taken_up, ended);
    wait("recognition", answered.recognised, ended);
    wait("answer", answered.answer(), ended);
    wait("conclusion", answered.conclusion, left);
    if at_once {
        wait("first-word", answered.first, left);
    }
}

/// Every clock of the matter. Its end does not depend on when it is looked at; whether it is
/// overdue is for the figures to say.
fn clocks(seen: &mut Observation, both: &Both<'_>, timers: Vec<Timer>) {
    let (asked, answered) = (&both.asked, &both.answered);
    let duties = timers.iter().filter(|timer| timer.sort == Sort::Term).count();
    seen.count("no_term", u64::from(duties == 0 && asked.ended().is_none()));
    let counts = |t: &Timer| matches!(t.sort, Sort::Term | Sort::ServiceGoal) && !t.at_once();
    for timer in timers.into_iter().filter(counts) {
        let by = answered.conclusion.filter(|act| timer.stopped_at == Some(act.logged_at));
        let (name, met) = match (timer.verdict, by.map(|act| act.kind.as_str())) {
            (Some(verdict), Some("refuse")) => ("refused", Met::Done(verdict)),
            (Some(verdict), Some(_)) => ("answered", Met::Done(verdict)),
            (Some(verdict), None) => ("done", Met::Done(verdict)),
            // A reply that nobody waited for any more: neither met nor owed.
            (None, _) if timer.stopped_at.is_some() => continue,
            (None, _) => {
                let pauses = timer.stops.iter().map(|stop| stop.pause).collect();
                ("open", Met::Owed(Clock { limit: timer.limit, pauses }))
            }
        };
        let duty = Some(timer.who).filter(|_| timer.sort == Sort::Term);
        seen.terms.push(Term { profile: timer.profile, duty, name, met });
    }
}

/// Asking back stops the clock until there is an answer or the matter ends.
fn pauses(seen: &mut Observation, both: &Both<'_>) {
    let (asked, answered) = (&both.asked, &both.answered);
    let ended = answered.conclusion.or(asked.withdrawn).or(asked.declined);
    for (from, to) in both.asked_back() {
        seen.pauses.push((Moment::of(from), to.or(ended).map(Moment::of)));
    }
}

fn holds(seen: &mut Observation, request: &Act, both: &Both<'_>, terms: &Terms) {
    let (asked, answered) = (&both.asked, &both.answered);
    let lodged = !asked.formal.is_empty();
    seen.count("formal_announced", u64::from(request.flag("formal_follows")));
    seen.count("formal_lodged", u64::from(lodged));
    seen.count("held", u64::from(!answered.preserved.is_empty()));
    seen.count("renewals", asked.renewals.len() as u64);
    seen.count("released", u64::from(answered.released.is_some()));
    if let (Some(until), false) = (holds_until(both, terms), lodged) {
        seen.lapses.push(("held_in_vain", until));
    }
}
