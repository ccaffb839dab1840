use super::*;
use crate::measure::Brought;
use crate::say::{Lang, known};
use counterpart_record::id::Entry;

fn line(first: u8, line: u8) -> (Entry, [u8; 32]) {
    let mut entry = [7; 32];
    entry[0] = first;
    (Entry(entry), [line; 32])
}

fn stated() -> Stated {
    Stated { from: 0, to: 10, as_of: 20, own_size: 5, other_size: 6 }
}

fn act(half: Half, (_, kind, body): Written) -> Act {
    Act {
        entry: Entry([9; 32]),
        half,
        kind: kind.into(),
        body,
        re: Vec::new(),
        logged_at: 30,
        held_at: Some(31),
    }
}

/// Both sides write until neither has anything left to say.
fn settle(mine: &Brought, theirs: &Brought) -> (Vec<Act>, Vec<Act>) {
    let mut asking = vec![act(Half::Asking, state_figures(stated(), mine))];
    let mut answering: Vec<Act> = Vec::new();
    FLOW.permitted(&[], &[], &asking[0]).unwrap();
    loop {
        let mut wrote = false;
        for half in [Half::Answering, Half::Asking] {
            let (a, b): (Vec<&Act>, Vec<&Act>) =
                (asking.iter().collect(), answering.iter().collect());
            let brought = if half == Half::Asking { mine } else { theirs };
            let past = Past { asking: &a, answering: &b };
            let Some(written) = next_figures(past, half, brought) else { continue };
            let next = act(half, written);
            FLOW.permitted(&a, &b, &next).unwrap();
            wrote = true;
            if half == Half::Asking { asking.push(next) } else { answering.push(next) }
        }
        if !wrote {
            return (asking, answering);
        }
    }
}

fn state((asking, answering): &(Vec<Act>, Vec<Act>)) -> State {
    let (a, b): (Vec<&Act>, Vec<&Act>) = (asking.iter().collect(), answering.iter().collect());
    FLOW.state(Past { asking: &a, answering: &b }, Terms::usual(), 99)
}

#[test]
fn equal_figures_end_the_matter() {
    // FIG-9
    let brought = Brought::new([1; 32], [line(3, 1), line(4, 1)]);
    let acts = settle(&brought, &brought);
    assert_eq!((acts.0.len(), acts.1.len()), (1, 1));
    let state = state(&acts);
    assert_eq!((state.stage, state.closed), ("figures-equal", true));
    let (a, b): (Vec<&Act>, Vec<&Act>) = (acts.0.iter().collect(), acts.1.iter().collect());
    for (half, written) in
        [(Half::Asking, state_figures(stated(), &brought)), (Half::Answering, compare(&brought))]
    {
        assert!(FLOW.permitted(&a, &b, &act(half, written)).is_err());
    }
    assert_eq!(stated_figures(&FLOW, Past { asking: &a, answering: &b }), Some(stated()));
    assert_eq!(FLOW.open_kinds(Half::Answering, &a, &[]).len(), 0);
}

fn compare(brought: &Brought) -> Written {
    (FLOW.rules, "compare-figures", brought_into(Object::default(), brought))
}

#[test]
fn where_two_records_differ_the_acts_are_named() {
    // FIG-10
    let mine = Brought::new([1; 32], [line(3, 1), line(4, 1), line(250, 1)]);
    let theirs = Brought::new([2; 32], [line(3, 1), line(4, 2)]);
    let acts = settle(&mine, &theirs);
    let state = state(&acts);
    assert_eq!((state.stage, state.closed), ("figures-differ-named", true));
    let differs = state.facts.iter().filter(|fact| fact.name == "differs");
    let differs: Vec<_> = differs.map(|fact| fact.value.as_str().unwrap().to_owned()).collect();
    assert_eq!(differs, [line(4, 1).0.to_string(), line(250, 1).0.to_string()]);
    // Nobody names lines where the two agree, or twice.
    let (a, b): (Vec<&Act>, Vec<&Act>) = (acts.0.iter().collect(), acts.1.iter().collect());
    for place in [3u64, 4] {
        let body = Object::default().with("bucket", place).with("named", mine.bucket(place as u8));
        let again = act(Half::Asking, (FLOW.rules, "name-lines", body));
        assert_eq!(FLOW.permitted(&a, &b, &again).unwrap_err(), NOT_DIFFERENT);
    }
}

#[test]
fn programs_that_count_otherwise_are_told_apart_from_records_that_differ() {
    let lines = [line(3, 1), line(4, 1)];
    let acts = settle(&Brought::new([1; 32], lines), &Brought::new([2; 32], lines));
    assert_eq!(state(&acts).stage, "figures-counted-otherwise");
}

#[test]
fn nothing_is_compared_before_it_is_stated() {
    let brought = Brought::new([1; 32], [line(3, 1)]);
    let early = act(Half::Answering, compare(&brought));
    assert_eq!(FLOW.permitted(&[], &[], &early).unwrap_err(), NOT_STATED);
    assert_eq!(next_figures(Past { asking: &[], answering: &[] }, Half::Answering, &brought), None);
    let body = Object::default().with("bucket", 3u64).with("named", "none");
    let state = act(Half::Asking, state_figures(stated(), &brought));
    let name = act(Half::Asking, (FLOW.rules, "name-lines", body));
    assert_eq!(FLOW.permitted(&[&state], &[], &name).unwrap_err(), NOT_DIFFERENT);
    let mut empty = name;
    empty.body = Object::default();
    assert_eq!(order(Past { asking: &[&state], answering: &[] }, &empty).unwrap_err(), BY_PROGRAM);
}

#[test]
fn most_that_differs_still_fits_one_statement() {
    let many = (0..2_000u16).map(|n| {
        let mut entry = [5; 32];
        entry[1..3].copy_from_slice(&n.to_be_bytes());
        (Entry(entry), [1; 32])
    });
    let mine = Brought::new([1; 32], many);
    let acts = settle(&mine, &Brought::new([2; 32], []));
    for act in acts.0.iter().chain(&acts.1) {
        let bytes = Value::from(act.body.clone()).to_text().len();
        assert!(bytes < 40_000, "{}: {bytes}", act.kind);
    }
    assert_eq!(state(&acts).stage, "figures-differ-named");
}

#[test]
fn every_fact_has_a_phrase() {
    for name in ["from", "to", "as_of", "lines", "differs"] {
        for lang in Lang::ALL {
            assert!(known(lang, &format!("fact-{name}")), "{name}");
        }
    }
}
