//! What a person reads of a matter besides its stage and its clock, in a fixed order: first what
//! was asked, then what the other side made of it, then what became of the answer.

use super::between::Both;
use super::held::{hold_end, holds_until};
use super::prolong::extended;
use crate::act::Act;
use crate::flow::{Fact, Shown};
use crate::ground;
use crate::instrument::instrument;
use crate::terms::{Basis, Terms};
use counterpart_record::strict::json::Value;

/// The facts of both halves; `lapsed` says that what was held is past its end.
pub(super) fn facts(both: &Both<'_>, terms: &Terms, lapsed: bool) -> Vec<Fact> {
    let mut facts = Facts(Vec::new());
    asked(both, terms, &mut facts);
    way(both, terms, lapsed, &mut facts);
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
    facts.add("formal_owed", formal_owed(both).map(Value::from), Shown::Choice("formality"));
    facts.word("let_go_asked", both.open_let_go(), "reason");
    facts.count("escalations", asked.escalations.len());
    facts.word("escalated_for", asked.escalations.last().copied(), "escalated_for");
}

/// The formal request that the request announces or its instrument asks for, while none is lodged
/// and one would still serve. ASK-21
fn formal_owed(both: &Both<'_>) -> Option<&'static str> {
    let request = both.asked.request.filter(|_| both.asked.formal.is_empty())?;
    let refused = both.answered.conclusion.is_some_and(|act| act.kind == "refuse");
    if refused || both.asked.ended().is_some() || both.asked.closed.is_some() {
        return None;
    }
    if request.flag("formal_follows") {
        return Some("formal-follows");
    }
    instrument(request.word("instrument")?)?.formal(request.word("measure")?)
}

fn way(both: &Both<'_>, terms: &Terms, lapsed: bool, facts: &mut Facts) {
    let answered = &both.answered;
    let logged = |act: Option<&Act>| act.map(|act| act.logged_at);
    facts.time("acknowledged_at", logged(answered.acknowledged));
    facts.time("taken_up_at", logged(answered.taken_up));
    facts.time("recognised_at", logged(answered.recognised));
    facts.word("recognised", answered.recognised, "recognised");
    facts.word("goes_on", answered.transfers.last().copied(), "goes_on");
    facts.time("to_fetch_since", logged(answered.to_fetch));
    let progress = answered.progress;
    let of = |kind: &str| progress.filter(|act| act.kind == kind);
    facts.time("examined_since", logged(of("examine")));
    facts.word("progress", of("status"), "progress");
    // Said in a matter none of whose terms can be prolonged, it prolongs nothing.
    facts.flag("extended", extended(both, terms));
    facts.word("postponed_for", of("postpone"), "postponed_for");
    facts.plain("review_on", of("postpone"), "review_on");
    let expected = answered.expected_at();
    facts.time("expected_at", expected.filter(|_| answered.conclusion.is_none()));
    facts.flag("incomplete", both.open_questions().any(|act| act.kind == "acknowledge"));
    facts.count("questions", answered.questions.len());
    facts.count("questions_open", both.open_questions().count());
    let intent = both.open_questions().filter(|act| act.kind == "intend-to-refuse").last();
    facts.word("would_refuse_for", intent, "ground");
    facts.time("supplement_by", both.open_questions().filter_map(supplement_by).min());
    facts.count("warnings", answered.warnings.len());
    facts.word("danger", both.open_warnings().last(), "danger");
    facts.count("parts", answered.parts.len());
    let held = if lapsed { "held_until" } else { "holds_until" };
    facts.time(held, holds_until(both, terms));
    facts.word("secured", answered.hold(), "secured");
    facts.time("renewal_until", both.open_renewals().last().and_then(|act| act.instant("until")));
    let released = answered.released.and_then(|act| act.instant("released_at"));
    facts.time("released_at", released);
    // What a release cannot undo: it was to be held for longer.
    let end = hold_end(both, terms).filter(|end| released.is_some_and(|at| at < *end));
    facts.time("was_to_be_held_until", end);
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
    let instrument = both.asked.request.and_then(|act| act.word("instrument"));
    // ASK-9: where the instrument has it, whoever refused need not have typed it. What nobody has
    // read in the published text is shown with a mark, and never signed on anybody's behalf.
    let stated = refusal.and_then(|act| act.word("ground")).and_then(ground::ground);
    if let Some(cite) = stated.zip(instrument).and_then(|(stated, name)| stated.cite(name)) {
        let mark = if cite.sure { "" } else { " (?)" };
        facts.word("ground_in", both.asked.request, "instrument");
        let article = Value::from(format!("{}{mark}", cite.article));
        facts.add("ground_article", Some(article), Shown::Plain);
    }
    let silent = refusal.and_then(|act| act.word("ground")) == Some(ground::NO_REASON);
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

#[cfg(test)]
mod tests {
    use crate::flow::assistance::FLOW;
    use crate::flow::assistance::tests::Matter;
    use crate::form;
    use counterpart_record::strict::json::{Value, parse_object};

    /// ASK-21: announced, or wanted by the instrument; until it is lodged, by the request or since.
    #[test]
    fn a_formal_request_that_is_to_come_is_told_until_it_is_lodged() {
        let owed = |matter: &Matter| {
            let state = matter.state();
            state.fact("formal_owed").and_then(Value::as_str).map(str::to_owned)
        };
        let mut matter = Matter::of(&["request"]);
        matter.asking[0].body.set("instrument", "agreement-2000");
        matter.asking[0].body.set("measure", "content");
        assert_eq!(owed(&matter).as_deref(), Some("formal-first"));
        matter.asking[0].body.set("formal_follows", true);
        assert_eq!(owed(&matter).as_deref(), Some("formal-follows"), "its author's word");
        matter.asking[0].body.set("instrument", "reciprocity");
        assert_eq!(owed(&matter).as_deref(), Some("formal-follows"), "announced all the same");
        let mut first = matter.clone();
        first.asking[0].body.set("lodged_on", "2026-06-01");
        assert_eq!(owed(&first), None);
        let day = first.state().fact("formal_lodged_on").cloned();
        assert_eq!(day, Some(Value::from("2026-06-01")));
        matter.write("lodge-formal", false).unwrap();
        assert_eq!(owed(&matter), None);
    }

    /// ASK-9: own law is cited, and whoever finds a request too wide says which one it would take.
    #[test]
    fn a_refusal_says_on_what_it_rests() {
        let kind = FLOW.kind("refuse").unwrap();
        let wrong = |text: &str| -> Vec<String> {
            let given = parse_object(text.as_bytes()).unwrap();
            let faults = form::check_in(kind, &given, Some("en")).err().unwrap_or_default();
            faults.iter().map(form::FieldFault::brief).collect()
        };
        for ground in ["own-law", "own-law-forbids", "lapse-of-time"] {
            let bare = format!(r#"{{"ground":"{ground}"}}"#);
            assert_eq!(wrong(&bare), ["article (missing)", "text (missing)"], "{ground}");
            let cited =
                format!(r#"{{"ground":"{ground}","article":"84","text":"Ten years are over."}}"#);
            assert!(wrong(&cited).is_empty(), "{ground}");
            // As their laws number them, whoever's they are.
            for article in ["第十二条", "Section 12(3)", "§ 78 Abs. 3 StGB"] {
                let own = format!(r#"{{"ground":"{ground}","article":"{article}","text":"x"}}"#);
                assert!(wrong(&own).is_empty(), "{ground} {article}");
            }
            let clear = parse_object(bare.as_bytes()).unwrap();
            assert_eq!(form::check_coded(kind, &clear), Ok(()), "words are disclosed: {ground}");
            let coded = clear.with("article", "84");
            assert!(form::check_coded(kind, &coded).is_err(), "words are never coded: {ground}");
        }
        assert_eq!(wrong(r#"{"ground":"disproportionate-burden"}"#), ["would_help (missing)"]);
        assert!(wrong(r#"{"ground":"no-reason-given"}"#).is_empty());
        assert!(
            wrong(r#"{"ground":"political-offence"}"#).is_empty(),
            "the instrument has its article"
        );
    }

    /// ASK-9: the article comes from the instrument where it knows the ground, with a mark where
    /// nobody has read it.
    #[test]
    fn the_article_of_a_ground_is_that_of_the_instrument() {
        let mut matter = Matter::of(&["request", "refuse"]);
        for (instrument, ground, article) in [
            ("directive-2023-977", "national-security", Some("6")),
            ("hanoi", "essential-interests", Some("40 (?)")),
            ("budapest-2nd-protocol", "political-offence", Some("8(8) (?)")),
            ("agreement-2000", "military-offence", Some("3 (?)")),
            ("hanoi", "no-reason-given", None),
            ("reciprocity", "political-offence", None),
        ] {
            matter.asking[0].body.set("instrument", instrument);
            matter.answering[0].body.set("ground", ground);
            let state = matter.state();
            let found = state.fact("ground_article").and_then(Value::as_str);
            assert_eq!(found, article, "{instrument} {ground}");
            assert_eq!(state.fact("ground_in").is_some(), article.is_some());
        }
    }
}
