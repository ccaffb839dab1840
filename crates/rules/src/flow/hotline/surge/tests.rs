use super::*;
use counterpart_record::id::Entry;
use counterpart_record::strict::json::{Object, parse_object};

const DAY: u64 = 86_400;

fn act(kind: &str, half: Half, body: &str, at: u64) -> Act {
    Act {
        entry: Entry([kind.len() as u8; 32]),
        half,
        kind: kind.into(),
        body: parse_object(body.as_bytes()).unwrap(),
        re: Vec::new(),
        logged_at: at,
        held_at: Some(at),
    }
}

fn proposal(from: Option<u64>, until: u64) -> Act {
    let mut body = Object::default();
    if let Some(from) = from {
        body.set("surge_from", from);
    }
    let mut act = act("surge-propose", Half::Asking, "{}", 100);
    act.body = body.with("surge_until", until);
    act
}

fn reply(kind: &str) -> Act {
    act(kind, Half::Answering, "{}", 200)
}

fn state(asking: &[&Act], answering: &[&Act], as_of: u64) -> State {
    FLOW.state(Past { asking, answering }, Terms::usual(), as_of)
}

/// CAL-13
#[test]
fn a_surge_lasts_from_the_agreement_until_its_time_is_over() {
    let (propose, agree) = (proposal(None, 1_000), reply("surge-agree"));
    let stage = |agreed: bool, as_of| {
        let replies = [&agree];
        let state = state(&[&propose], &replies[..usize::from(agreed)], as_of);
        (state.stage, state.raised, state.closed)
    };
    assert_eq!(stage(false, 150), ("surge-proposed", false, false));
    assert_eq!(stage(true, 200), ("surge-lasting", true, false));
    assert_eq!(stage(true, 999), ("surge-lasting", true, false));
    assert_eq!(stage(true, 1_000), ("surge-over", false, true));
    assert_eq!(stage(false, 1_000), ("surge-lapsed", false, true));
    let later = proposal(Some(500), 1_000);
    assert_eq!(state(&[&later], &[&agree], 499).stage, "surge-agreed");
    assert!(state(&[&later], &[&agree], 500).raised);
}

#[test]
fn either_side_ends_it_and_what_raises_nothing_prevails() {
    let (propose, agree) = (proposal(None, 1_000), reply("surge-agree"));
    let own_end = act("surge-end", Half::Asking, "{}", 300);
    let their_end = act("surge-end", Half::Answering, "{}", 300);
    assert_eq!(state(&[&propose, &own_end], &[&agree], 400).stage, "surge-ended");
    assert_eq!(state(&[&propose], &[&agree, &their_end], 400).stage, "surge-ended");
    // Taken back and agreed at once: both are valid, and nothing is raised.
    assert_eq!(FLOW.permitted(&[&propose], &[], &own_end), Ok(()));
    assert_eq!(FLOW.permitted(&[&propose], &[], &agree), Ok(()));
    assert!(!state(&[&propose, &own_end], &[&agree], 250).raised);
    let decline = reply("surge-decline");
    assert_eq!(state(&[&propose], &[&decline], 400).stage, "surge-declined");
}

/// CAL-13
#[test]
fn it_is_decided_once_and_no_longer_than_a_season() {
    let (propose, agree) = (proposal(None, 1_000), reply("surge-agree"));
    let (decline, end) = (reply("surge-decline"), reply("surge-end"));
    assert_eq!(FLOW.permitted(&[], &[], &agree), Err(NOT_PROPOSED));
    assert_eq!(FLOW.permitted(&[&propose], &[], &propose), Err(PROPOSED));
    assert_eq!(FLOW.permitted(&[&propose], &[&agree], &decline), Err(DECIDED));
    assert_eq!(FLOW.permitted(&[&propose], &[&agree], &end), Ok(()));
    assert_eq!(FLOW.permitted(&[&propose], &[&agree, &end], &end), Err(OVER));
    assert_eq!(FLOW.permitted(&[&propose], &[&decline], &agree), Err(OVER));
    for (from, until) in [(100, 100), (100, 99), (100, 101 + LONGEST)] {
        let wrong = proposal(Some(from), until);
        assert_eq!(FLOW.permitted(&[], &[], &wrong), Err(TOO_LONG), "{from} {until}");
    }
    assert_eq!(FLOW.permitted(&[], &[], &proposal(Some(100), 100 + LONGEST)), Ok(()));
    // Without a beginning the length shows only at the agreement, and is cut there.
    let endless = proposal(None, 1_000 * DAY);
    let last = 200 + LONGEST;
    assert!(state(&[&endless], &[&agree], last - 1).raised);
    assert_eq!(state(&[&endless], &[&agree], last).stage, "surge-over");
}

#[test]
fn nothing_proposed_is_a_stage_too() {
    assert_eq!(state(&[], &[], 0).stage, "surge-not-proposed");
}
