//! What a person reads of a matter besides its stage and its clock, in a fixed order: first what
//! was asked, then what the other side made of it, then what became of the answer.

use super::between::Both;
use super::clocks::extendable;
use crate::act::Act;
use crate::flow::{Fact, Shown};
use crate::ground;
use crate::terms::{Basis, Terms};
use counterpart_record::strict::json::Value;

/// The facts of both halves.
pub(super) fn facts(both: &Both<'_>, terms: &Terms) -> Vec<Fact> {
    let mut facts = Facts(Vec::new());
    asked(both, terms, &mut facts);
    way(both, terms, &mut facts);
    outcome(both, &mut facts);
    after(both, &mut facts);
    facts.0
}

struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, name: &'static str, value: Option<Value>, shown: Shown) {
        self.0.extend(value.map(|value| Fact { name, value, shown }));
    }

    fn word(&mut self, name: &'static str, act: Option<&Act>, field: &'static str) {
        let word = act.and_then(|act| act.word(field)).map(Value::from);
        self.add(name, word, Shown::Choice(field));
    }

    fn plain(&mut self, name: &'static str, act: Option<&Act>, field: &'static str) {
        let word = act.and_then(|act| act.word(field)).map(Value::from);
        self.add(name, word, Shown::Plain);
    }

    fn count(&mut self, name: &'static str, count: usize) {
        self.add(name, (count > 0).then(|| Value::from(count as u64)), Shown::Plain);
    }

    fn time(&mut self, name: &'static str, time: Option<u64>) {
        self.add(name, time.map(Value::from), Shown::Instant);
    }

    fn flag(&mut self, name: &'static str, holds: bool) {
        self.add(name, holds.then_some(Value::Bool(true)), Shown::Flag);
    }
}

fn asked(both: &Both<'_>, terms: &Terms, facts: &mut Facts) {
    let (request, asked) = (both.asked.request, &both.asked);
    for name in ["measure", "instrument", "urgency"] {
        facts.word(name, request, name);
    }
    // ASK-7: both sides read it off the terms that the request names, and off its author's log.
    let basis = request.and_then(|act| Some((act, act.word("instrument")?)));
    match basis.map(|(act, name)| terms.basis(name, act.logged_at)) {
        Some(Basis::Unlisted) => facts.flag("basis_not_agreed", true),
        Some(Basis::Early(day)) => {
            facts.add("basis_in_force_from", Some(Value::from(day)), Shown::Plain);
        }
        _ => {}
    }
    facts.count("supplements", asked.supplements.len());
    facts.count("go_ons", asked.go_ons.len());
    facts.count("renewals", asked.renewals.len());
    facts.plain("formal_lodged_on", asked.formal.last().copied(), "lodged_on");
    facts.count("escalations", asked.escalations.len());
    facts.word("escalated_for", asked.escalations.last().copied(), "escalated_for");
}

fn way(both: &Both<'_>, terms: &Terms, facts: &mut Facts) {
    let answered = &both.answered;
    let logged = |act: Option<&Act>| act.map(|act| act.logged_at);
    facts.time("acknowledged_at", logged(answered.acknowledged));
    facts.time("taken_up_at", logged(answered.taken_up));
    facts.time("recognised_at", logged(answered.recognised));
    facts.word("recognised", answered.recognised, "recognised");
    facts.word("goes_on", answered.transfers.last().copied(), "goes_on");
    let progress = answered.progress;
    let of = |kind: &str| progress.filter(|act| act.kind == kind);
    facts.time("examined_since", logged(of("examine")));
    facts.word("progress", of("status"), "progress");
    // Said in a matter none of whose terms can be prolonged, it prolongs nothing.
    let extended = answered.statuses.iter().any(|act| act.flag("extends"));
    let request = both.asked.request;
    facts.flag("extended", extended && request.is_some_and(|act| extendable(act, terms)));
    facts.word("postponed_for", of("postpone"), "postponed_for");
    facts.plain("review_on", of("postpone"), "review_on");
    let expected = answered.expected_at();
    facts.time("expected_at", expected.filter(|_| answered.conclusion.is_none()));
    facts.count("questions", answered.questions.len());
    facts.count("questions_open", both.open_questions().count());
    let intent = both.open_questions().filter(|act| act.kind == "intend-to-refuse").last();
    facts.word("would_refuse_for", intent, "ground");
    facts.time("supplement_by", both.open_questions().filter_map(supplement_by).min());
    facts.count("warnings", answered.warnings.len());
    facts.word("danger", both.open_warnings().last(), "danger");
    facts.count("parts", answered.parts.len());
    facts.time("holds_until", answered.holds_until());
    facts.word("secured", answered.hold(), "secured");
    facts.time("renewal_until", both.open_renewals().last().and_then(|act| act.instant("until")));
    facts.time("released_at", answered.released.and_then(|act| act.instant("released_at")));
    facts.count("offers", answered.offers.len());
    facts.flag("conditions_open", both.open_offer().is_some());
    facts.count("conditions_accepted", both.asked.accepted.len());
    facts.flag("conditions_declined", both.asked.declined.is_some());
}

fn supplement_by(question: &Act) -> Option<u64> {
    question.instant("supplement_by")
}

fn outcome(both: &Both<'_>, facts: &mut Facts) {
    let conclusion = both.answered.conclusion;
    let refusal = conclusion.filter(|act| act.kind == "refuse");
    facts.word("extent", conclusion, "extent");
    facts.word("ground", refusal, "ground");
    facts.plain("article", refusal, "article");
    let silent = refusal.and_then(|act| act.word("ground")) == Some(ground::NO_REASON);
    let instrument = both.asked.request.and_then(|act| act.word("instrument"));
    let owed = silent && instrument.is_some_and(|name| ground::reason_owed(name).is_some());
    facts.flag("reason_owed", owed);
    facts.word("reason", both.asked.withdrawn, "reason");
}

fn after(both: &Both<'_>, facts: &mut Facts) {
    let (asked, answered) = (&both.asked, &both.answered);
    let appraisal = asked.appraisals.last().copied();
    facts.word("worth", appraisal, "worth");
    facts.word("no_use_because", appraisal, "no_use_because");
    facts.word("timely", appraisal, "timely");
    facts.word("as_evidence", appraisal, "as_evidence");
    facts.word("quality", answered.appraisals.last().copied(), "quality");
    facts.count("consents", asked.consents.len());
    facts.count("consents_open", both.open_consents().count());
    facts.word("consented", answered.consents.last().copied(), "consented");
    facts.count("accounts", asked.accounts.len());
    facts.word("used", asked.accounts.last().copied(), "used");
    facts.time("closed_at", asked.closed.map(|act| act.logged_at));
}
