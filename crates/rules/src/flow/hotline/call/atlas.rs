//! Walks every situation that acts and time can lead to and writes down what each act does in it.
//! `COUNTERPART_BLESS=1` writes the file anew.

use super::tests::{BODIES, Matter};
use super::{FLOW, Half, close};
use crate::flow::Past;
use crate::flow::walk::{reviewed, tried, walk};
use std::collections::BTreeSet;
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

fn atlas() -> Vec<(String, Matter)> {
    let on = |matter: &Matter| {
        let written = BODIES.iter().filter_map(|body| step(matter, body.0).ok());
        written.chain(TIME.iter().map(|(_, pass)| pass(matter.clone()))).collect()
    };
    walk(Matter::default(), situation, on)
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
            tried(&mut out, label, step(&matter, label).map(|next| situation(&next)));
        }
        for (label, pass) in TIME {
            let next = situation(&pass(matter.clone()));
            if next != name {
                tried(&mut out, label, Ok(next));
            }
        }
    }
    out
}

#[test]
fn the_matrix_is_the_one_reviewed() {
    reviewed("hotline/call/matrix.txt", &matrix());
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
