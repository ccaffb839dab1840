//! Walks every situation that acts and time can lead to and writes down what each act does in it.
//! `COUNTERPART_BLESS=1` writes the file anew.

use super::tests::{BODIES, Matter};
use super::{FLOW, Half, close};
use crate::flow::Past;
use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;

/// What tells two situations apart, in the words of the file.
fn situation(matter: &Matter) -> String {
    let state = matter.state();
    let mut name = state.stage.to_owned();
    if let Some(half) = state.waiting_for {
        let at = if half == Half::Asking { "caller" } else { "called" };
        let _ = write!(name, ", turn of {at}");
    }
    let (asking, answering): (Vec<_>, Vec<_>) =
        (matter.asking.iter().collect(), matter.answering.iter().collect());
    let past = Past { asking: &asking, answering: &answering };
    for (half, who) in [(Half::Asking, "caller"), (Half::Answering, "called")] {
        if state.stage != "call-closed" && close(past, half).is_some() {
            let _ = write!(name, ", {who} has closed");
        }
    }
    name
}

fn step(matter: &Matter, label: &str) -> Result<Matter, &'static str> {
    let mut next = matter.clone();
    next.write(label).map_err(|void| void.0)?;
    // Only the call itself has a way to go here: the rest is held in the second it is written.
    Ok(if label == "raise" { next } else { next.held() })
}

type Pass = fn(Matter) -> Matter;

/// The moves that nobody writes.
const TIME: [(&str, Pass); 2] = [
    ("(held by the other side)", Matter::held),
    ("(an hour passes)", |matter| matter.later(3_600)),
];

/// The first matter found in each situation, in the order found.
fn atlas() -> Vec<(String, Matter)> {
    let mut found: Vec<(String, Matter)> = Vec::new();
    let mut queue = VecDeque::from([Matter::default()]);
    while let Some(matter) = queue.pop_front() {
        let name = situation(&matter);
        if found.iter().any(|(other, _)| *other == name) {
            continue;
        }
        queue.extend(BODIES.iter().filter_map(|body| step(&matter, body.0).ok()));
        queue.extend(TIME.iter().map(|(_, pass)| pass(matter.clone())));
        found.push((name, matter));
    }
    found
}

fn matrix() -> String {
    let mut out = String::from(
        "What every act does in every situation of call/1, when its author has seen all and names\n\
         what it attends to. An arrow leads to the next situation; a key starting with void- says\n\
         why there is none. Written by the tests; see atlas.rs.\n",
    );
    for (name, matter) in atlas() {
        let _ = write!(out, "\n{name}\n");
        for (label, ..) in BODIES {
            let cell = match step(&matter, label) {
                Ok(next) => format!("-> {}", situation(&next)),
                Err(void) => void.to_owned(),
            };
            let _ = writeln!(out, "    {label:<24} {cell}");
        }
        for (label, pass) in TIME {
            let next = situation(&pass(matter.clone()));
            if next != name {
                let _ = writeln!(out, "    {label:<24} -> {next}");
            }
        }
    }
    out
}

#[test]
fn the_matrix_is_the_one_reviewed() {
    let (now, file) = (matrix(), "src/flow/hotline/call/matrix.txt");
    let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("COUNTERPART_BLESS").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == now,
        "{file} differs from the code. If the change is meant, set COUNTERPART_BLESS=1 and \
         read the difference. Now:\n{now}"
    );
}

#[test]
fn every_stage_and_every_reason_is_reached() {
    let text = matrix();
    let stages: BTreeSet<&str> = atlas().iter().map(|(_, matter)| matter.state().stage).collect();
    for stage in FLOW.stages() {
        assert!(stages.contains(stage), "{stage}");
    }
    // That an acknowledgement names what does not ring is no question of the situation.
    for void in FLOW.voids().iter().filter(|void| void.0 != "void-nothing-rings") {
        assert!(text.contains(void.0), "{}", void.0);
    }
}
