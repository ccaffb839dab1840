//! What is held, and until when: prolonged, never shortened, let go too soon.

use super::FLOW;
use super::tests::{Matter, refs};
use crate::act::{Act, Half};
use crate::flow::{Past, State};
use crate::terms::Terms;
use counterpart_record::strict::json::Value;

fn state(matter: &Matter, as_of: u64) -> State {
    let (asking, answering) = (refs(&matter.asking), refs(&matter.answering));
    FLOW.state(Past { asking: &asking, answering: &answering }, Terms::usual(), as_of)
}

fn answers(matter: &Matter, kind: &str) -> usize {
    let (asking, answering) = (refs(&matter.asking), refs(&matter.answering));
    let past = Past { asking: &asking, answering: &answering };
    FLOW.answers(past, Half::Asking, kind).len()
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
        assert_eq!(answers(&matter, "escalate"), usize::from(turn.is_some()));
        for label in ["escalate", "lodge-formal", "close-request"] {
            let mut heeded = matter.clone();
            heeded.write(label, false).unwrap();
            assert_eq!(state(&heeded, 100).waiting_for, None, "{why} {label}");
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
