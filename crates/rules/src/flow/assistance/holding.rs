//! Tests of what is held, and until when: prolonged, never shortened, let go too soon.

use super::FLOW;
use super::case::{Case, DAY, HOUR, START, hold};
use super::tests::{Matter, refs};
use crate::act::{Act, Half};
use crate::flow::{Past, Reader, State};
use crate::say::Lang;
use crate::terms::Terms;
use counterpart_record::strict::json::Value;

fn state(matter: &Matter, as_of: u64) -> State {
    let (asking, answering) = (refs(&matter.asking), refs(&matter.answering));
    FLOW.state(Past { asking: &asking, answering: &answering }, Terms::usual(), as_of)
}

fn answers(matter: &Matter, kind: &str) -> usize {
    let (asking, answering) = (refs(&matter.asking), refs(&matter.answering));
    let past = Past { asking: &asking, answering: &answering };
    FLOW.answers(past, Terms::usual(), Half::Asking, kind).len()
}

/// Without an instrument that has a least, so that only what was said counts.
fn held(until: u64) -> Matter {
    let mut matter = Matter::of(&["request", "preserve, final"]);
    matter.asking[0].body.set("instrument", "reciprocity");
    matter.answering[0].body.set("holds_until", until);
    matter
}

fn last(acts: &mut [Act]) -> &mut Act {
    acts.last_mut().unwrap()
}

/// CLK-6: the latest time counts, and a wish that nobody met stays one.
#[test]
fn a_hold_is_never_shortened_and_a_shorter_one_notes_nothing() {
    let mut matter = held(5_000);
    matter.write("renew", false).unwrap();
    assert_eq!(state(&matter, 100).turn_for, Some("turn-for-renewal"));
    matter.write("preserve, final", false).unwrap();
    last(&mut matter.answering).body.set("holds_until", 4_000_u64);
    let after = state(&matter, 100);
    assert_eq!(after.fact("holds_until"), Some(&Value::Int(5_000)));
    assert_eq!(after.fact("renewal_until"), Some(&Value::Int(9_000)), "not noted");
    let hold = after.timers.iter().find(|timer| timer.profile == "P-HELD").unwrap();
    assert_eq!((hold.due, hold.asked_until), (5_000, Some(9_000)));
    assert_eq!(after.waiting_for, Some(Half::Answering));
    // Somewhat longer is a word on it, and the whole of it, too.
    for until in [6_000_u64, 9_000] {
        last(&mut matter.answering).body.set("holds_until", until);
        let after = state(&matter, 100);
        assert_eq!((after.waiting_for, after.turn_for), (None, None));
        assert_eq!(
            after.timers.last().map(|timer| (timer.due, timer.asked_until)),
            Some((until, None))
        );
    }
}

/// A hold that was let go is over: what is preserved after it is another.
#[test]
fn a_new_hold_does_not_end_when_an_old_one_would_have() {
    let mut matter = Matter::of(&["request", "preserve", "release", "preserve"]);
    matter.asking[0].body.set("instrument", "reciprocity");
    last(&mut matter.answering).body.set("holds_until", 3_000_u64);
    assert_eq!(state(&matter, 100).fact("holds_until"), Some(&Value::Int(3_000)));
}

/// CLK-6: of two holds each is its own, and what was noted of the first was noted.
#[test]
fn a_renewal_that_was_noted_is_not_open_again_with_the_next_hold() {
    let held = |labels: &[&str]| {
        let mut matter = Matter::of(labels);
        matter.asking[0].body.set("instrument", "reciprocity");
        matter
    };
    let mut matter = held(&["request", "preserve", "renew", "preserve"]);
    assert_eq!(last(&mut matter.answering).re, [matter.asking[1].entry]);
    last(&mut matter.answering).body.set("holds_until", 9_000_u64);
    for label in ["release", "preserve"] {
        matter.write(label, false).unwrap();
    }
    last(&mut matter.answering).body.set("holds_until", 3_000_u64);
    let after = state(&matter, 100);
    assert_eq!((after.fact("renewal_until"), after.turn_for), (None, None));
    let asked = after.timers.iter().find(|timer| timer.profile == "P-HELD").unwrap().asked_until;
    assert_eq!(asked, None);
    matter.write("preserve", false).unwrap();
    assert!(last(&mut matter.answering).re.is_empty(), "nothing is left to note");
    matter.write("answer", false).unwrap();
    assert_eq!(state(&matter, 100).waiting_for, None);
    // A wish that nobody met is still one.
    let open = held(&["request", "preserve", "renew", "release", "preserve"]);
    let open = state(&open, 100);
    assert_eq!(open.fact("renewal_until"), Some(&Value::Int(9_000)));
}

/// CLK-6: what is said, shown and counted of the end of a hold is the one end that its clock has.
#[test]
fn a_hold_that_was_promised_for_less_than_the_least_ends_with_the_least() {
    let mut case = Case::asked("budapest", "preservation", "normal", "");
    let promised = START + 10 * DAY;
    case.reply("preserve", &hold(START, promised), START + HOUR);
    let sixty = START + 60 * DAY + DAY / 2 - 1;
    let day = |days: u64| case.state(Terms::usual(), START + days * DAY);
    for days in [5, 30] {
        assert_eq!(day(days).fact("holds_until"), Some(&Value::from(sixty)), "day {days}");
        assert_eq!(day(days).timers.last().unwrap().due, sixty);
    }
    assert_eq!(day(61).fact("held_until"), Some(&Value::from(sixty)));
    let said = day(61).lines(Lang::En, Reader::Outside).join("\n");
    assert_eq!(said.matches(&crate::clock::shown(sixty)).count(), 2, "fact and clock: {said}");
    let seen = |case: &Case| {
        let (asking, answering) = (refs(&case.asking), refs(&case.answering));
        let past = Past { asking: &asking, answering: &answering };
        (FLOW.observe(past, Terms::usual()).remove(0).lapses, {
            FLOW.answers(past, Terms::usual(), Half::Asking, "escalate").len()
        })
    };
    assert_eq!(seen(&case), (vec![("held_in_vain", sixty)], 0));
    // Let go between the two, it was let go too soon.
    let gone = format!(r#"{{"released_at":{},"released_for":"end-of-hold"}}"#, START + 20 * DAY);
    case.reply("release", &gone, START + 20 * DAY);
    let after = case.state(Terms::usual(), START + 21 * DAY);
    assert_eq!((after.waiting_for, after.turn_for), (Some(Half::Asking), Some("turn-for-release")));
    assert_eq!(after.fact("was_to_be_held_until"), Some(&Value::from(sixty)));
    assert_eq!(seen(&case), (vec![], 1));
}

/// Whoever asked for a hold learns that it ended before its time, and has a turn until it has said
/// something to it.
#[test]
fn a_hold_let_go_before_its_time_is_the_turn_of_its_asker() {
    for (why, turn) in [
        ("end-of-hold", Some(Half::Asking)),
        ("law", Some(Half::Asking)),
        ("asked", None),
        ("handed-over", None),
    ] {
        let mut matter = held(9_000);
        matter.write("release", false).unwrap();
        last(&mut matter.answering).body.set("released_for", why);
        let after = state(&matter, 100);
        assert_eq!(after.waiting_for, turn, "{why}");
        assert_eq!(after.fact("was_to_be_held_until"), Some(&Value::Int(9_000)));
        // CLK-31: the end that came early is a mark as any other, until it is heeded.
        let hold = |state: &State| state.timers.iter().find(|one| one.profile == "P-HELD").cloned();
        let early = hold(&after).unwrap();
        assert_eq!((early.runs(), early.let_go), (turn.is_some(), turn.is_some()), "{why}");
        let heard = last(&mut matter.answering).held_at.unwrap();
        let end = early.marks(heard + 1).pop();
        let heard = heard.max(early.started_at);
        assert!(turn.is_none() || end == Some((100, heard + 1)), "{why} {end:?}");
        for lang in Lang::ALL {
            let lines = after.lines(lang, Reader::Outside).join("\n");
            let word = if lang == Lang::En { "let go before its time," } else { "提前解除" };
            assert!(turn.is_none() || lines.contains(word), "{lines}");
        }
        assert_eq!(answers(&matter, "escalate"), usize::from(turn.is_some()));
        for label in ["escalate", "lodge-formal", "close-request"] {
            let mut heeded = matter.clone();
            heeded.write(label, false).unwrap();
            let heeded = state(&heeded, 100);
            assert_eq!(heeded.waiting_for, None, "{why} {label}");
            assert!(hold(&heeded).is_none_or(|one| !one.runs() && !one.let_go), "{why} {label}");
        }
    }
    // At its end it is nobody's turn, and nothing was cut short.
    let mut matter = held(6_000);
    matter.write("release", false).unwrap();
    last(&mut matter.answering).body.set("released_for", "end-of-hold");
    let after = state(&matter, 100);
    assert_eq!((after.waiting_for, after.fact("was_to_be_held_until")), (None, None));
    // While the request is open the word goes before what the other side still owes.
    let mut open = Matter::of(&["request", "preserve", "release"]);
    last(&mut open.answering).body.set("released_for", "law");
    last(&mut open.answering).body.set("released_at", 50_u64);
    assert_eq!(state(&open, 100).waiting_for, Some(Half::Asking));
    open.write("remind", false).unwrap();
    assert_eq!(state(&open, 100).waiting_for, Some(Half::Answering));
}

/// Whoever asked for a hold can say that nobody needs it any more, also after the end.
#[test]
fn what_nobody_needs_any_more_is_asked_to_be_let_go() {
    let mut matter = held(9_000);
    assert_eq!(state(&matter, 100).waiting_for, None);
    matter.write("renew", false).unwrap();
    matter.write("let-go", false).unwrap();
    let asked = state(&matter, 100);
    assert_eq!(asked.waiting_for, Some(Half::Answering));
    assert_eq!(asked.turn_for, Some("turn-for-let-go"), "not the longer hold of before");
    assert_eq!(asked.fact("let_go_asked"), Some(&Value::from("no-longer-needed")));
    assert_eq!(asked.fact("renewal_until"), None);
    // A later wish to hold it on takes its place.
    let mut on = matter.clone();
    on.write("renew", false).unwrap();
    assert_eq!(state(&on, 100).turn_for, Some("turn-for-renewal"));
    // Its release answers it, and is nobody's turn although it comes before the time.
    let (asking, answering) = (refs(&matter.asking), refs(&matter.answering));
    let past = Past { asking: &asking, answering: &answering };
    assert_eq!(
        FLOW.answers(past, Terms::usual(), Half::Answering, "release"),
        [matter.asking[2].entry]
    );
    matter.write("release", false).unwrap();
    let after = state(&matter, 100);
    assert_eq!((after.waiting_for, after.fact("let_go_asked")), (None, None));
    assert!(matter.write("let-go", false).is_err(), "nothing is held");
    // While it is open, and after it was withdrawn, too.
    for labels in [&["request", "preserve"][..], &["request", "preserve", "withdraw"]] {
        let mut open = Matter::of(labels);
        open.write("let-go", false).unwrap();
        assert_eq!(state(&open, 100).turn_for, Some("turn-for-let-go"), "{labels:?}");
    }
    let mut closed = held(9_000);
    closed.write("close-request", false).unwrap();
    assert!(closed.write("let-go", false).is_err());
}

/// A request that goes on elsewhere has to be made there by whoever made it.
#[test]
fn a_transfer_that_goes_on_elsewhere_leaves_its_asker_a_turn() {
    let mut matter = Matter::of(&["request", "transfer, there"]);
    let gone = state(&matter, 100);
    assert_eq!(gone.waiting_for, Some(Half::Asking));
    assert_eq!((gone.stage, gone.turn_for), ("transferred", Some("turn-for-transfer")));
    assert_eq!(answers(&matter, "close-request"), 1);
    matter.write("close-request", false).unwrap();
    assert_eq!(state(&matter, 100).waiting_for, None);
    let here = Matter::of(&["request", "transfer, here"]);
    assert_eq!(state(&here, 100).waiting_for, Some(Half::Answering));
}
