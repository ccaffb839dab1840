use super::*;
use crate::form;
use counterpart_record::id::Entry;
use counterpart_record::strict::json::parse_object;

const HELD: u64 = 1_000;
const PERSON: &str = "person-answer";

fn act(kind: &str, logged_at: u64, held_at: Option<u64>) -> Act {
    let (half, body) = match kind {
        "line-test" => (Half::Asking, r#"{"set_by":"schedule"}"#),
        PERSON => (Half::Answering, r#"{"post":"desk"}"#),
        _ => (Half::Answering, "{}"),
    };
    Act {
        entry: Entry([kind.len() as u8; 32]),
        half,
        kind: kind.into(),
        body: parse_object(body.as_bytes()).unwrap(),
        re: Vec::new(),
        logged_at,
        held_at,
    }
}

/// A test that was logged at 900 and held as said, and answers to it, each held as it was logged.
struct Test {
    test: Act,
    answers: Vec<Act>,
}

impl Test {
    fn new(held_at: Option<u64>, answers: &[(&str, u64)]) -> Test {
        let answers = answers.iter().map(|(kind, at)| act(kind, *at, Some(*at)));
        Test { test: act("line-test", 900, held_at), answers: answers.collect() }
    }

    fn with<T>(&self, of: impl FnOnce(Past<'_>) -> T) -> T {
        let answering: Vec<&Act> = self.answers.iter().collect();
        of(Past { asking: &[&self.test], answering: &answering })
    }

    fn verdict(&self, as_of: u64) -> Option<Outcome> {
        self.with(|past| observe(past, Terms::usual(), as_of)).verdict
    }

    fn state(&self, as_of: u64) -> State {
        self.with(|past| FLOW.state(past, Terms::usual(), as_of))
    }

    fn rings(&self, as_of: u64) -> usize {
        self.with(|past| FLOW.rings(past, Terms::usual(), as_of)).len()
    }
}

const LIMIT: u64 = 3_600;
const LATER: u64 = HELD + LIMIT + GIVEN_UP;

/// CAL-11
#[test]
fn a_test_is_answered_once_by_the_machine_and_once_by_a_person() {
    let test = act("line-test", 900, Some(HELD));
    let (machine, person) = (act(MACHINE, 1_001, None), act(PERSON, 1_002, None));
    let permitted = |answering: &[&Act], next: &Act| FLOW.permitted(&[&test], answering, next);
    assert_eq!(FLOW.permitted(&[], &[], &machine), Err(NOT_TESTED));
    assert_eq!(FLOW.permitted(&[], &[], &test), Ok(()));
    assert_eq!(permitted(&[], &test), Err(TESTED));
    assert_eq!(permitted(&[], &person), Ok(()));
    assert_eq!(permitted(&[&person], &machine), Ok(()));
    assert_eq!(permitted(&[&machine], &machine), Err(ANSWERED));
    assert_eq!(permitted(&[&machine, &person], &person), Err(ANSWERED));
    let mut own = person.clone();
    own.half = Half::Asking;
    assert_eq!(permitted(&[], &own), Err(Void::HALF));
}

#[test]
fn the_node_answers_for_itself_once_and_only_for_tests_of_others() {
    let test = Test::new(Some(HELD), &[]);
    assert_eq!(test.with(|past| FLOW.automatic(past, Half::Answering)), Some(MACHINE));
    assert_eq!(test.with(|past| FLOW.automatic(past, Half::Asking)), None);
    let answered = Test::new(Some(HELD), &[(MACHINE, 1_001)]);
    assert_eq!(answered.with(|past| FLOW.automatic(past, Half::Answering)), None);
    let (rules, kind, body) = scheduled();
    assert_eq!((rules, kind), ("line/1", "line-test"));
    assert_eq!(form::check_coded(FLOW.kind(kind).unwrap(), &body), Ok(()));
}

/// CAL-12
#[test]
fn what_comes_of_a_test() {
    let of =
        |held: Option<u64>, answers: &[(&str, u64)], as_of| Test::new(held, answers).verdict(as_of);
    let held = Some(HELD);
    let good = [(MACHINE, HELD + 1), (PERSON, HELD + LIMIT)];
    assert_eq!(of(held, &good, LATER), Some(Outcome::Passed));
    let late = [(MACHINE, HELD + 1), (PERSON, HELD + LIMIT + 1)];
    assert_eq!(of(held, &late, LATER), Some(Outcome::Late));
    let slow = [(MACHINE, HELD + 301), (PERSON, HELD + 400)];
    assert_eq!(of(held, &slow, LATER), Some(Outcome::Late));
    assert_eq!(of(held, &good[..1], LATER - 1), None);
    assert_eq!(of(held, &good[..1], LATER), Some(Outcome::MachineOnly));
    assert_eq!(of(held, &good[1..], LATER), Some(Outcome::Late));
    assert_eq!(of(held, &[], LATER), Some(Outcome::Missed));
    assert_eq!(of(None, &[], LATER), Some(Outcome::NotDelivered));
    assert_eq!(of(None, &[], 900 + LIMIT), None);
    // In time on the one log and late on the other: not passed.
    let mut contested = Test::new(held, &good);
    contested.answers[1].held_at = Some(HELD + LIMIT + 10);
    assert_eq!(contested.verdict(LATER), Some(Outcome::Late));
    assert_eq!(
        Test::new(held, &good).with(|p| observe(p, Terms::usual(), LATER)).person_after,
        Some(LIMIT)
    );
}

#[test]
fn a_test_rings_at_the_desk_until_a_person_answers_or_it_is_given_up() {
    assert_eq!(Test::new(None, &[]).rings(5_000), 0);
    let open = Test::new(Some(HELD), &[(MACHINE, HELD)]);
    assert_eq!((open.rings(HELD), open.rings(LATER - 1), open.rings(LATER)), (1, 1, 0));
    assert_eq!(Test::new(Some(HELD), &[(PERSON, HELD + 9)]).rings(HELD + 9), 0);
}

#[test]
fn every_stage_is_reached_and_said() {
    let held = Some(HELD);
    let (machine, person) = ((MACHINE, HELD + 1), (PERSON, HELD + 2));
    let mut seen = vec!["line-not-tested"];
    for (test, as_of, closed) in [
        (Test::new(None, &[]), 950, false),
        (Test::new(held, &[]), 2_000, false),
        (Test::new(held, &[person]), 2_000, false),
        (Test::new(held, &[machine]), 2_000, false),
        (Test::new(held, &[machine, person]), 2_000, true),
        (Test::new(held, &[]), LATER, true),
    ] {
        let state = test.state(as_of);
        assert_eq!(state.closed, closed, "{}", state.stage);
        assert!(
            state
                .lines(crate::say::Lang::En, crate::flow::Reader::Outside)
                .iter()
                .all(|line| !line.is_empty())
        );
        seen.push(state.stage);
    }
    let none = FLOW.state(Past { asking: &[], answering: &[] }, Terms::usual(), 0);
    assert_eq!(none.stage, "line-not-tested");
    seen.sort_unstable();
    let mut stages = FLOW.stages().to_vec();
    stages.sort_unstable();
    assert_eq!(seen, stages);
}

/// FIG-13: what figures count of a test at any time is what came of it by then.
#[test]
fn figures_count_what_came_of_a_test() {
    let held = Some(HELD);
    let (machine, person) = ((MACHINE, HELD + 1), (PERSON, HELD + 2));
    for answers in [&[][..], &[machine], &[person], &[machine, person], &[machine, (PERSON, LATER)]]
    {
        let test = Test::new(held, answers);
        let seen = test.with(|past| FLOW.observe(past, Terms::usual())).remove(0);
        assert_eq!(seen.counted("machine_answered") == 1, answers.iter().any(|a| a.0 == MACHINE));
        for as_of in [HELD + 3, LATER - 1, LATER, LATER + 9] {
            let came = test.with(|past| observe(past, Terms::usual(), as_of)).verdict;
            let decided = seen.lapses.iter().filter(|(_, at)| *at <= as_of);
            let decided: Vec<&str> = decided.map(|(name, _)| *name).collect();
            assert_eq!(decided, came.map(Outcome::counted).into_iter().collect::<Vec<_>>());
        }
    }
}
