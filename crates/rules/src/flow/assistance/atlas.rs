//! Walks every situation that acts can lead to and writes it down twice: as the phase x act matrix
//! that a reviewer reads, and as a graph. `COUNTERPART_BLESS=1` writes the files anew.

use super::FLOW;
use super::between::Both;
use super::tests::{BODIES, Matter, refs};
use crate::act::Half;
use crate::flow::Past;
use crate::flow::walk::reviewed;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// All that an act may depend on, and nothing else: two matters alike in this permit the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Situation {
    phase: String,
    once: [bool; 3],
    asked_back: [bool; 3],
    hold: (bool, bool),
    received: [bool; 2],
    consent: bool,
}

impl Situation {
    fn of(matter: &Matter) -> Situation {
        let (asking, answering) = (refs(&matter.asking), refs(&matter.answering));
        let both = Both::fold(Past { asking: &asking, answering: &answering });
        let (asked, answered) = (&both.asked, &both.answered);
        let open = both.open_offer().is_some();
        Situation {
            phase: phase(&both),
            once: [answered.acknowledged, answered.taken_up, answered.recognised]
                .map(|act| act.is_some()),
            asked_back: [
                both.open_questions().next().is_some(),
                both.open_warnings().next().is_some(),
                open,
            ],
            hold: (answered.hold().is_some(), answered.released.is_some()),
            received: [!answered.received.is_empty(), !answered.contents.is_empty()],
            consent: asked.consents.len() > answered.consents.len(),
        }
    }
}

/// How far the matter has come, in the words of the files.
fn phase(both: &Both<'_>) -> String {
    if both.asked.request.is_none() {
        return "not opened".to_owned();
    }
    let ends = [
        (both.asked.withdrawn.is_some(), "withdrawn"),
        (both.asked.declined.is_some(), "conditions declined"),
        (both.answered.conclusion.is_some(), "concluded"),
        (both.asked.closed.is_some(), "closed"),
    ];
    let words: Vec<&str> = ends.iter().filter(|(holds, _)| *holds).map(|(_, word)| *word).collect();
    if words.is_empty() { "open".to_owned() } else { words.join(", ") }
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

/// What ends a matter, each side for itself.
const ENDS: [(&str, &str); 8] = [
    ("withdraw", "answer"),
    ("withdraw", "preserve, final"),
    ("withdraw", "refuse"),
    ("withdraw", "transfer, there"),
    ("decline-conditions", "preserve, final"),
    ("decline-conditions", "refuse"),
    ("decline-conditions", "transfer, there"),
    ("accept-conditions", "refuse"),
];

/// A matter, and what each act comes to in it.
struct Place {
    matter: Matter,
    stage: &'static str,
    situation: Situation,
    moves: Vec<(&'static str, Result<Matter, &'static str>)>,
}

impl Place {
    fn of(matter: Matter) -> Place {
        let moves = BODIES.iter().map(|body| (body.0, step(&matter, body.0))).collect();
        let (stage, situation) = (matter.state().stage, Situation::of(&matter));
        Place { matter, stage, situation, moves }
    }

    fn next(&self) -> impl Iterator<Item = &Matter> {
        self.moves.iter().filter_map(|(_, next)| next.as_ref().ok())
    }

    fn outcomes(&self) -> Vec<&'static str> {
        self.moves
            .iter()
            .map(|(_, next)| next.as_ref().map_or_else(|void| *void, |_| "ok"))
            .collect()
    }
}

/// The first matter found in each stage and situation, in the order found. What is written once is
/// told apart only where nothing else is open: it bears on nothing but itself.
fn atlas() -> &'static [Place] {
    static FOUND: OnceLock<Vec<Place>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut queue = VecDeque::from([Matter::default()]);
        while let Some(matter) = queue.pop_front() {
            let mut key = (matter.state().stage, Situation::of(&matter));
            if key.1.asked_back != [false; 3] || key.1.hold != (false, false) {
                key.1.once = [false; 3];
            }
            if !seen.insert(key) {
                continue;
            }
            let place = Place::of(matter);
            queue.extend(place.next().cloned());
            if place.stage == "waiting-delivery" {
                queue.push_back(place.matter.held());
            }
            let crossed = ENDS.iter().filter_map(|(one, other)| cross(&place.matter, one, other));
            queue.extend(crossed);
            found.push(place);
        }
        found
    })
}

/// By phase, then by act: everything that can come of it.
fn outcomes() -> BTreeMap<String, BTreeMap<&'static str, BTreeSet<&'static str>>> {
    let mut out: BTreeMap<String, BTreeMap<_, BTreeSet<_>>> = BTreeMap::new();
    for place in atlas() {
        let row = out.entry(place.situation.phase.clone()).or_default();
        for (body, outcome) in BODIES.iter().zip(place.outcomes()) {
            row.entry(body.0).or_default().insert(outcome);
        }
    }
    out
}

fn matrix() -> String {
    let mut out = String::from(
        "What every act of assistance/1 comes to in every phase, when its author has seen all:\n\
         ok, or the reason why it is void; both where it depends on what else was written, and\n\
         then the reason says on what. The same holds whatever the times are. Written by the\n\
         tests; see atlas.rs.\n",
    );
    let outcomes = outcomes();
    let mut phases: Vec<&String> = outcomes.keys().collect();
    phases.sort_by_key(|phase| {
        (phase.matches(',').count(), *phase != "not opened", *phase != "open")
    });
    for phase in phases {
        let _ = write!(out, "\n{phase}\n");
        for (label, half, ..) in BODIES {
            let cell: Vec<&str> = outcomes[phase][label].iter().copied().collect();
            let _ = writeln!(out, "    {:<9} {label:<22} {}", half.name(), cell.join(" | "));
        }
    }
    out
}

fn graph() -> String {
    let mut edges: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
    let place = |stage: &str| FLOW.stages().iter().position(|s| *s == stage).unwrap();
    let mut reached = BTreeSet::new();
    let mut add = |from: &Matter, to: &Matter, label: &'static str| {
        let ends = (place(from.state().stage), place(to.state().stage));
        // What changes nothing that the stage tells is in the matrix.
        if ends.0 != ends.1 {
            let labels = edges.entry(ends).or_default();
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
    };
    for place in atlas() {
        for ((label, half, ..), (_, next)) in BODIES.iter().zip(&place.moves) {
            // Nobody answers what he does not hold.
            let early = place.stage == "waiting-delivery" && *half == Half::Answering;
            if let (false, Ok(next)) = (early, next) {
                add(&place.matter, next, label);
                reached.insert(next.state().stage);
            }
        }
        if place.stage == "waiting-delivery" {
            add(&place.matter, &place.matter.held(), "(held by the other side)");
        }
    }
    // Crossings are drawn where nothing else leads.
    for Place { matter, .. } in atlas().iter().filter(|place| place.stage == "waiting-answer") {
        for (other, label) in [("answer", "withdraw x answer"), ("refuse", "withdraw x refuse")] {
            let both = cross(matter, "withdraw", other);
            if let Some(both) = both.filter(|both| !reached.contains(both.state().stage)) {
                add(matter, &both, label);
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
    for ended in atlas().iter().filter(|place| place.matter.state().closed) {
        let line = format!("    {} --> [*]\n", id(place(ended.stage)));
        if !out.contains(&line) {
            out.push_str(&line);
        }
    }
    out
}

#[test]
fn the_matrix_is_the_one_reviewed() {
    let text = matrix();
    reviewed("assistance/matrix.txt", &text);
    let stages: BTreeSet<&str> = atlas().iter().map(|place| place.stage).collect();
    for stage in FLOW.stages() {
        assert!(stages.contains(stage), "{stage}");
    }
    for void in FLOW.voids() {
        assert!(text.contains(void.0), "{}", void.0);
    }
    let outcomes = outcomes();
    for kind in FLOW.kinds() {
        let bodies = || BODIES.iter().filter(|body| body.2 == kind.name);
        let ok = outcomes.values().any(|row| bodies().any(|body| row[body.0].contains("ok")));
        assert!(ok, "{} is permitted nowhere", kind.name);
    }
}

#[test]
fn the_graph_is_drawn_from_the_code() {
    reviewed("assistance/graph.mmd", &graph());
}

/// A situation tells all that matters: whatever led to one, each act comes to the same there.
#[test]
fn one_situation_behaves_in_one_way() {
    let mut rows: BTreeMap<Situation, Vec<&str>> = BTreeMap::new();
    for place in atlas() {
        rows.insert(place.situation.clone(), place.outcomes());
    }
    let mut compared = 0;
    for place in atlas() {
        // Every seventh way on: enough to meet each situation on many ways.
        for next in place.next().skip(compared % 7).step_by(7) {
            let next = Place::of(next.clone());
            if let Some(known) = rows.get(&next.situation) {
                assert_eq!(*known, next.outcomes(), "{:?}", kinds(&next.matter));
                compared += 1;
            }
        }
    }
    assert!(compared > rows.len(), "{compared} of {}", rows.len());
}

fn kinds(matter: &Matter) -> Vec<&str> {
    matter.asking.iter().chain(&matter.answering).map(|act| act.kind.as_str()).collect()
}
