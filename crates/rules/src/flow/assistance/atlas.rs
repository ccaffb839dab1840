//! Walks every situation that acts can lead to and writes it down twice: as the situation x act
//! matrix that a reviewer reads, and as a graph. `COUNTERPART_BLESS=1` writes the files anew.

use super::FLOW;
use super::tests::{BODIES, Matter};
use crate::act::Half;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

/// What tells two situations apart, in the words of the files.
fn situation(matter: &Matter) -> String {
    let state = matter.state();
    let mut name = state.stage.to_owned();
    // The stage says these by itself where it is narrow enough.
    let ambiguous = ["waiting-supplement", "waiting-rest", "withdrawn"].contains(&state.stage);
    if ambiguous {
        let taken = state.fact("acknowledged_at").is_some();
        name += if taken { ", acknowledged" } else { ", not acknowledged" };
    }
    if state.stage == "waiting-supplement" && state.fact("parts").is_some() {
        name += ", answered in part";
    }
    name
}

/// One move from `matter`: the matter after it, or the reason why the act would be void.
fn step(matter: &Matter, label: &str) -> Result<Matter, &'static str> {
    let mut next = matter.clone();
    next.write(label, true).map_err(|void| void.0).map(|()| next)
}

/// Both moves made without sight of the other.
fn cross(matter: &Matter, one: &str, other: &str) -> Option<Matter> {
    let (a, b) = (step(matter, one).ok()?, step(matter, other).ok()?);
    let mut both = matter.clone();
    both.asking = a.asking;
    both.answering = b.answering;
    Some(both)
}

fn labels(half: Half) -> impl Iterator<Item = &'static str> {
    BODIES.iter().filter(move |body| body.1 == half).map(|body| body.0)
}

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
        if matter.state().stage == "waiting-delivery" {
            queue.push_back(matter.held());
        }
        for one in labels(Half::Asking) {
            queue.extend(labels(Half::Answering).filter_map(|other| cross(&matter, one, other)));
        }
        found.push((name, matter));
    }
    found
}

fn matrix() -> String {
    let mut out = String::from(
        "What every act does in every situation of assistance/1, when its author has seen all.\n\
         An arrow leads to the next situation; a key starting with void- says why there is none.\n\
         The same reasons hold whatever the times are. Written by the tests; see atlas.rs.\n",
    );
    for (name, matter) in atlas() {
        let _ = write!(out, "\n{name}\n");
        for (label, ..) in BODIES {
            let cell = match step(&matter, label) {
                Ok(next) => format!("-> {}", situation(&next)),
                Err(void) => void.to_owned(),
            };
            let _ = writeln!(out, "    {label:<22} {cell}");
        }
    }
    out
}

fn graph() -> String {
    let mut edges: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
    let place = |stage: &str| FLOW.stages().iter().position(|s| *s == stage).unwrap();
    let mut add = |from: &Matter, to: &Matter, label: &str| {
        let ends = (place(from.state().stage), place(to.state().stage));
        let labels = edges.entry(ends).or_default();
        if !labels.iter().any(|other| other == label) {
            labels.push(label.to_owned());
        }
    };
    let found = atlas();
    let mut reached = BTreeSet::new();
    for (_, matter) in &found {
        for (label, half, ..) in BODIES {
            // Nobody answers what he does not hold.
            let early = matter.state().stage == "waiting-delivery" && *half == Half::Answering;
            if let (false, Ok(next)) = (early, step(matter, label)) {
                add(matter, &next, label);
                reached.insert(next.state().stage);
            }
        }
        if matter.state().stage == "waiting-delivery" {
            add(matter, &matter.held(), "(held by the other side)");
        }
    }
    // Crossings are drawn where nothing else leads.
    for (_, matter) in found.iter().filter(|(_, m)| m.state().stage != "waiting-delivery") {
        for one in labels(Half::Asking) {
            for other in labels(Half::Answering) {
                let both = cross(matter, one, other);
                if let Some(both) = both.filter(|both| !reached.contains(both.state().stage)) {
                    add(matter, &both, &format!("{one} x {other}"));
                }
            }
        }
    }
    let mut out = String::from("stateDiagram-v2\n");
    for stage in FLOW.stages() {
        let _ = writeln!(out, "    state \"{stage}\" as {}", stage.replace('-', "_"));
    }
    let id = |i: usize| FLOW.stages()[i].replace('-', "_");
    out.push_str("    [*] --> not_opened\n");
    for ((from, to), labels) in &edges {
        let _ = writeln!(out, "    {} --> {}: {}", id(*from), id(*to), labels.join(", "));
    }
    for (_, matter) in found.iter().filter(|(_, matter)| matter.state().closed) {
        let line = format!("    {} --> [*]\n", id(place(matter.state().stage)));
        if !out.contains(&line) {
            out.push_str(&line);
        }
    }
    out
}

fn compare(file: &str, now: &str) {
    let path = format!("{}/src/flow/assistance/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("COUNTERPART_BLESS").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == now,
        "{file} differs from the code. If the change is meant, set COUNTERPART_BLESS=1 and \
         read the difference. Now:\n{now}"
    );
}

#[test]
fn the_matrix_is_the_one_reviewed() {
    compare("matrix.txt", &matrix());
}

#[test]
fn the_graph_is_drawn_from_the_code() {
    compare("graph.mmd", &graph());
}

#[test]
fn every_stage_and_every_reason_is_reached() {
    let text = matrix();
    let stages: BTreeSet<&str> = atlas().iter().map(|(_, matter)| matter.state().stage).collect();
    for stage in FLOW.stages() {
        assert!(stages.contains(stage), "{stage}");
    }
    for void in FLOW.voids() {
        assert!(text.contains(void.0), "{}", void.0);
    }
}

/// The names of the situations tell apart all that matters: whatever led to one, each act does the
/// same there.
#[test]
fn one_situation_behaves_in_one_way() {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut layer = vec![Matter::default()];
    for _ in 0..5 {
        let mut next = Vec::new();
        for matter in &layer {
            let outcomes = BODIES.iter().map(|body| step(matter, body.0));
            let steps: Vec<Result<Matter, &str>> = outcomes.collect();
            // Whether it is permitted; where it leads may depend on how many questions are open.
            let row: Vec<String> = steps
                .iter()
                .map(|step| step.as_ref().map_or_else(|void| (*void).to_owned(), |_| "ok".into()))
                .collect();
            let known = rows.entry(behaviour(matter)).or_insert_with(|| row.clone());
            assert_eq!(*known, row, "{}", situation(matter));
            next.extend(steps.into_iter().flatten());
        }
        layer = next;
    }
    assert!(rows.len() > 8);
}

/// The situation, and whether there is any question that a supplement could name.
fn behaviour(matter: &Matter) -> String {
    let asked = matter.state().fact("questions").is_some();
    format!("{}, asked: {asked}", situation(matter))
}
