//! Tests of what emergencies, extensions, missing papers and holds that end come to.

use super::case::{self, Case, DAY, HOUR, START};
use crate::act::{Act, Half};
use crate::clock::{Sort, Verdict};
use crate::flow::assistance::FLOW;
use crate::flow::{Past, Reader, Setting, State, doubts};
use crate::form::FieldFault;
use crate::measure::{End, Met, Observation};
use crate::say::Lang;
use crate::terms::Terms;
use counterpart_record::strict::json::{Value, parse_object};

fn state(case: &Case, as_of: u64) -> State {
    case.state(Terms::usual(), as_of)
}

fn observed(case: &Case) -> Observation {
    let (asking, answering): (Vec<&Act>, Vec<&Act>) =
        (case.asking.iter().collect(), case.answering.iter().collect());
    FLOW.observe(Past { asking: &asking, answering: &answering }, Terms::usual()).remove(0)
}

/// What is doubted of a status that its author would sign at `now`.
fn doubted(case: &Case, status: &str, now: u64) -> Vec<String> {
    let before: Vec<&Act> = case.asking.iter().chain(&case.answering).collect();
    let kind = FLOW.kind("status").unwrap();
    let form = crate::form::plain(kind, &parse_object(status.as_bytes()).unwrap(), Some("en"));
    let (half, terms) = (Half::Answering, Terms::usual());
    let setting = Setting { now, half, terms, before: &before };
    doubts(&FLOW, kind, &form, &setting).iter().map(FieldFault::brief).collect()
}

/// A hold from an hour after the start on.
fn hold(until: u64) -> String {
    case::hold(START + HOUR, until)
}

/// CLK-35: with no term, no aim or an own reminder alone, an emergency is for now.
#[test]
fn an_emergency_without_a_term_is_due_at_once_until_it_is_concluded() {
    for (instrument, measure) in [
        ("reciprocity", "content"),
        ("budapest", "content"),
        ("e-evidence", "content"),
        // A term that any request has is no time for an emergency.
        ("points-2015", "information"),
        ("directive-2014-41", "content"),
        ("budapest-2nd-protocol", "traffic-data"),
    ] {
        let mut case = Case::asked(instrument, measure, "emergency", "");
        let aim = case.timer("P-EMERGENCY", START + HOUR).unwrap();
        assert_eq!((aim.who, aim.due, aim.sort), (Half::Answering, START + 60, Sort::ServiceGoal));
        // CLK-7: told when it comes, and never late.
        assert_eq!(aim.marks(START + HOUR), [(0, START + 61)], "{instrument}");
        assert!(aim.runs() && !aim.overdue && aim.level == 0, "{instrument}");
        case.reply("acknowledge", "{}", START + HOUR);
        assert!(case.timer("P-EMERGENCY", START + DAY).unwrap().runs(), "a desk has it, no more");
        case.reply("answer", r#"{"extent":"full","final":true}"#, START + 2 * HOUR);
        assert!(!case.timer("P-EMERGENCY", START + DAY).unwrap().runs());
    }
    let by = format!(r#","reply_by":{}"#, START + DAY);
    for (instrument, urgency, more) in [
        ("reciprocity", "normal", ""),
        ("reciprocity", "emergency", &*by),
        ("directive-2023-977", "emergency", ""),
    ] {
        let case = Case::asked(instrument, "content", urgency, more);
        assert!(case.timer("P-EMERGENCY", START + HOUR).is_none(), "{instrument} {urgency}");
    }
    let danger = Case::asked("reciprocity", "emergency-disclosure", "urgent", "");
    assert!(danger.timer("P-EMERGENCY", START + HOUR).is_some());
}

/// CLK-35: it is for now also while papers are missing and the term has not begun.
#[test]
fn an_emergency_waits_in_front_while_papers_are_missing() {
    let mut case = Case::asked("budapest-2nd-protocol", "traffic-data", "emergency", "");
    case.reply("acknowledge", r#"{"complete":false}"#, START + HOUR);
    let running = |case: &Case| -> Vec<&str> {
        let timers = state(case, START + DAY).timers.into_iter();
        timers.filter(|timer| timer.runs()).map(|timer| timer.profile).collect()
    };
    assert_eq!(running(&case), ["P-EMERGENCY"]);
    case.say(Half::Asking, "supplement", "{}", START + 2 * HOUR, Some(case.answering[0].entry));
    assert_eq!(running(&case), ["P-SAP-8", "P-EMERGENCY"]);
}

/// FIG-6, CLK-7: a withdrawal takes no emergency out of the figures.
#[test]
fn an_emergency_that_was_withdrawn_was_waited_for() {
    let withdraw = r#"{"reason":"no-longer-needed"}"#;
    for instrument in ["budapest", "reciprocity"] {
        let waited = |case: &Case| {
            let waits = observed(case).waits.into_iter();
            let mut of = waits.filter(|wait| wait.name == "first-word").map(|wait| wait.end);
            (of.next(), of.count())
        };
        let mut silent = Case::asked(instrument, "content", "emergency", "");
        assert!(matches!(waited(&silent), (Some(End::Open), 0)), "{instrument}");
        silent.say(Half::Asking, "withdraw", withdraw, START + HOUR, None);
        assert!(matches!(waited(&silent), (Some(End::Left(_)), 0)), "{instrument}");
        let mut heard = Case::asked(instrument, "content", "emergency", "");
        heard.reply("acknowledge", "{}", START + 600);
        heard.say(Half::Asking, "withdraw", withdraw, START + HOUR, None);
        assert!(matches!(waited(&heard), (Some(End::Reached(_)), 0)), "{instrument}");
    }
}

/// CLK-8: a transfer acknowledges nothing, not even where it ends the matter.
#[test]
fn a_request_that_goes_elsewhere_was_acknowledged_by_nobody() {
    let there = r#"{"goes_on":"there"}"#;
    for (at, late) in [(START + DAY, false), (START + 10 * DAY, true)] {
        let mut case = Case::asked("directive-2014-41", "content", "normal", "");
        case.reply("transfer", there, at);
        let timer = case.timer("P-EIO-ACK", START + 20 * DAY).unwrap();
        assert!(!timer.runs() && timer.verdict != Some(Verdict::InTime));
        assert_eq!(timer.verdict.is_some(), late);
        let counted = observed(&case).terms.iter().any(|term| term.profile == "P-EIO-ACK");
        assert_eq!(counted, late);
    }
    let mut case = Case::asked("directive-2014-41", "content", "normal", "");
    case.reply("acknowledge", "{}", START + HOUR);
    case.reply("transfer", there, START + DAY);
    let timer = case.timer("P-EIO-ACK", START + 20 * DAY).unwrap();
    assert_eq!(timer.verdict, Some(Verdict::InTime), "somebody had it before it went");
}

/// CLK-36: the end of a hold is told, and its holder says what became of it.
#[test]
fn a_hold_that_ended_waits_for_a_word_of_its_holder() {
    let until = START + 70 * DAY;
    let mut case = Case::asked("hanoi", "preservation", "normal", "");
    case.reply("preserve", &hold(until), START + HOUR);
    let before = state(&case, until);
    assert_eq!((before.waiting_for, before.fact("held_until")), (None, None));
    assert_eq!(before.fact("holds_until"), Some(&Value::from(until)));
    let after = state(&case, until + 1);
    assert_eq!((after.waiting_for, after.closed), (Some(Half::Answering), true));
    assert_eq!((after.fact("holds_until"), after.overdue), (None, false));
    assert_eq!(after.fact("held_until"), Some(&Value::from(until)));
    let timer = case.timer("P-UN-42", until + 1).unwrap();
    assert!(timer.runs() && timer.lapsed && timer.verdict.is_none());
    for reader in [Reader::Outside, Reader::Of(Half::Asking, until + DAY)] {
        for lang in Lang::ALL {
            let lines = after.lines(lang, reader).join("\n");
            let word = if lang == Lang::En { "was not said" } else { "尚未说明" };
            assert!(lines.contains(word), "{lines}");
        }
    }
    // Any of the three ends it: held on, let go, or of no more use to who asked.
    let at = until + DAY;
    let released = format!(r#"{{"released_at":{at},"released_for":"end-of-hold"}}"#);
    let ways = [
        (Half::Answering, "preserve", hold(until + 90 * DAY), true),
        (Half::Answering, "release", released, false),
        (Half::Asking, "close-request", "{}".to_owned(), false),
    ];
    for (half, kind, body, runs) in ways {
        let mut one = Case { asking: case.asking.clone(), answering: case.answering.clone() };
        one.say(half, kind, &body, until + DAY, None);
        let state = state(&one, until + 2 * DAY);
        assert_eq!(state.waiting_for, None, "{kind}");
        let timer = one.timer("P-UN-42", until + 2 * DAY).unwrap();
        assert_eq!((timer.runs(), timer.lapsed), (runs, false), "{kind}");
    }
}

/// RET-12: no period counts while a hold runs, a renewal waits, or a formal request is to come.
#[test]
fn what_is_held_or_to_come_keeps_a_closed_matter() {
    let until = START + 70 * DAY;
    let mut case = Case::asked("budapest", "preservation", "normal", "");
    assert!(!state(&case, START + HOUR).kept);
    case.reply("preserve", &hold(until), START + HOUR);
    let kept = |case: &Case, as_of| state(case, as_of).kept;
    assert!(kept(&case, until) && !kept(&case, until + 1));
    let wish = format!(r#"{{"until":{}}}"#, until + 90 * DAY);
    let mut asked = Case { asking: case.asking.clone(), answering: case.answering.clone() };
    let renewal = asked.say(Half::Asking, "renew", &wish, until - DAY, None);
    assert!(kept(&asked, until + DAY), "a renewal waits");
    let noted = hold(until + 90 * DAY);
    asked.say(Half::Answering, "preserve", &noted, until + DAY, Some(renewal));
    assert!(kept(&asked, until + 90 * DAY) && !kept(&asked, until + 91 * DAY));
    case.say(Half::Asking, "lodge-formal", r#"{"lodged_on":"2026-06-02"}"#, until - DAY, None);
    assert!(kept(&case, until + 900 * DAY), "until it is decided");
    case.reply("release", r#"{"released_for":"handed-over"}"#, until + DAY);
    assert!(!kept(&case, until + 900 * DAY));
    let announced = r#","formal_follows":true,"formal_by":"2026-09-30""#;
    let mut case = Case::asked("reciprocity", "preservation", "normal", announced);
    case.reply("answer", r#"{"extent":"full","final":true}"#, START + HOUR);
    assert!(kept(&case, START + 90 * DAY) && !kept(&case, START + 200 * DAY));
}

/// FIG-14: an answered request is not overdue because its author owes the formal one.
#[test]
fn what_the_asking_side_owes_is_its_own() {
    let announced = r#","formal_follows":true,"formal_by":"2026-06-30""#;
    let mut case = Case::asked("reciprocity", "preservation", "normal", announced);
    case.reply("answer", r#"{"extent":"full","final":true}"#, START + HOUR);
    let owed = |seen: &Observation| {
        let owed = seen.terms.iter().filter(|term| matches!(term.met, Met::Owed(_)));
        owed.map(|term| (term.profile, term.duty)).collect::<Vec<_>>()
    };
    assert_eq!(owed(&observed(&case)), [("P-FORMAL", Some(Half::Asking))]);
}

/// Directive (EU) 2023/977, Art. 5(2) and 18(2)(d): a judge moves the limit to the time that is
/// told with the reason.
#[test]
fn a_judge_moves_the_limit_of_the_directive_and_is_counted() {
    let mut case = Case::asked("directive-2023-977", "information", "emergency", "");
    let expected = START + 20 * HOUR;
    let told =
        format!(r#"{{"progress":"waiting-for-judge","extends":true,"expected_at":{expected}}}"#);
    assert!(doubted(&case, &told, START + HOUR).is_empty());
    let queued = told.replace("waiting-for-judge", "queued");
    assert_eq!(doubted(&case, &queued, START + HOUR), ["progress (choice)"]);
    let bare = r#"{"progress":"waiting-for-judge","extends":true}"#;
    assert_eq!(doubted(&case, bare, START + HOUR), ["expected_at (missing)"]);
    // The limit is at START + 8 h and the minute after which it was held.
    for (to, doubt) in [(2 * HOUR, true), (8 * HOUR + 60, true), (8 * HOUR + 61, false)] {
        let sooner = told.replace(&expected.to_string(), &(START + to).to_string());
        let doubts = doubted(&case, &sooner, START + HOUR);
        assert_eq!(doubts == ["expected_at (no-later)"], doubt, "{to}: {doubts:?}");
        assert_eq!(doubts.is_empty(), !doubt);
    }
    let counted = |case: &Case| observed(case).counted("authorisation_needed");
    case.reply("status", bare, START + HOUR);
    assert_eq!(counted(&case), 0, "no time was told, and nothing moved");
    case.reply("status", &queued, START + HOUR);
    assert_eq!(counted(&case), 0, "no judge");
    case.reply("status", &told, START + 2 * HOUR);
    assert_eq!(
        (case.timer("P-977-U1", START + 3 * HOUR).unwrap().due, counted(&case)),
        (expected, 1)
    );
    case.reply("answer", r#"{"extent":"full","final":true}"#, START + 19 * HOUR);
    let ended = case.timer("P-977-U1", START + 30 * HOUR).unwrap();
    assert_eq!(ended.verdict, Some(Verdict::InTime));
}

/// ASK-11: what prolongs nothing is doubted before it is signed, and prolongs nothing.
#[test]
fn an_extension_is_taken_once_and_while_its_term_runs() {
    let status = r#"{"progress":"queued","extends":true}"#;
    let mut case = Case::asked("directive-2014-41", "content", "normal", "");
    let due = |case: &Case| case.timer("P-EIO-REC", START + DAY).unwrap().due;
    let (first, now) = (due(&case), START + DAY);
    let late = START + 40 * DAY;
    assert!(doubted(&case, status, now).is_empty());
    assert_eq!(doubted(&case, status, late), ["extends (spent)"], "its time is over");
    case.reply("status", status, now);
    let moved = due(&case);
    assert!(moved >= first + 30 * DAY - 1);
    assert_eq!(doubted(&case, status, now + HOUR), ["extends (spent)"], "taken before");
    case.reply("status", status, now + HOUR);
    assert_eq!(due(&case), moved);
    let mut met = Case::asked("directive-2014-41", "content", "normal", "");
    met.reply("recognise", r#"{"recognised":"whole"}"#, now);
    assert_eq!(doubted(&met, status, now + HOUR), ["extends (spent)"], "the term was met");
    met.reply("status", status, now + HOUR);
    assert_eq!((due(&met), state(&met, late).fact("extended")), (first, None), "nor moved");
    let mut over = Case::asked("directive-2014-41", "content", "normal", "");
    over.reply("status", status, late);
    let timer = over.timer("P-EIO-REC", late + DAY).unwrap();
    assert_eq!((timer.due, timer.overdue), (first, true), "what comes late heals nothing");
    assert_eq!(state(&over, late + DAY).fact("extended"), None);
}

/// ASK-13: that papers are missing is a question, and an event of the clock.
#[test]
fn papers_that_are_not_complete_are_asked_for() {
    let mut case = Case::asked("budapest-2nd-protocol", "traffic-data", "normal", "");
    assert!(case.timer("P-SAP-8", START + HOUR).is_some());
    let desk = case.reply("acknowledge", r#"{"complete":false}"#, START + HOUR);
    let waits = state(&case, START + DAY);
    assert_eq!((waits.stage, waits.waiting_for), ("waiting-supplement", Some(Half::Asking)));
    assert!(waits.fact("incomplete").is_some() && waits.fact("acknowledged_at").is_some());
    assert!(case.timer("P-SAP-8", START + DAY).is_none(), "not before all is there");
    case.say(Half::Asking, "supplement", "{}", START + 2 * DAY, Some(desk));
    let goes_on = state(&case, START + 3 * DAY);
    assert_eq!((goes_on.stage, goes_on.fact("incomplete")), ("waiting-answer", None));
    let timer = case.timer("P-SAP-8", START + 3 * DAY).unwrap();
    assert_eq!(timer.started_at, START + 2 * DAY + 60);
    let mut complete = Case::asked("budapest-2nd-protocol", "traffic-data", "normal", "");
    complete.reply("acknowledge", r#"{"complete":true}"#, START + HOUR);
    assert_eq!(state(&complete, START + DAY).stage, "waiting-answer");
}

/// What an order keeps is kept for as long as it says, whatever the answer says; a renewal by who
/// asked moves it once.
#[test]
fn data_kept_by_order_is_kept_for_the_whole_time() {
    let mut case = Case::asked("e-evidence", "preservation", "normal", "");
    let sixty = START + 60 * DAY + DAY / 2 - 1;
    case.reply("preserve", &hold(START + 8 * DAY), START + HOUR);
    assert_eq!(case.timer("P-HELD", START + DAY).unwrap().due, sixty);
    let own = case.timer("P-EPO-PR", START + DAY).unwrap();
    assert_eq!((own.due, own.runs(), own.verdict), (sixty, true, None));
    let until = START + 90 * DAY;
    case.say(Half::Asking, "renew", &format!(r#"{{"until":{until}}}"#), START + DAY, None);
    let renewed = case.timer("P-EPO-PR", START + 2 * DAY).unwrap();
    assert_eq!(renewed.due, sixty + 30 * DAY);
    let kept = case.timer("P-EPO-PR", until + DAY).unwrap();
    assert_eq!((kept.runs(), kept.overdue), (false, false));
    let mut refused = Case::asked("e-evidence", "preservation", "normal", "");
    refused.reply("refuse", r#"{"ground":"press-freedom"}"#, START + HOUR);
    assert!(!refused.timer("P-EPO-PR", START + DAY).unwrap().runs());
}
