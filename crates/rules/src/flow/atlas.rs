//! Walks every situation that acts and time can lead to in the smaller flows and writes down what
//! each act does in it, as `assistance` and `call` do for themselves. `COUNTERPART_BLESS=1` writes
//! the file anew.

use super::walk::{reviewed, tried, walk};
use super::*;
use crate::measure::Brought;
use counterpart_record::fault::Code;
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::parse_object;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// When the first act is written.
const BEGINNING: u64 = 1_000_000_000;
const HOUR: u64 = 3_600;
const MONTH: u64 = 30 * 86_400;

/// An act that may be tried: how the file calls it, whose it is, its kind, its body.
type Move = (&'static str, Half, &'static str, fn(u64) -> Object);

const EMPTY: fn(u64) -> Object = |_| Object::default();

fn parsed(text: &str) -> Object {
    parse_object(text.as_bytes()).unwrap()
}

fn figures(line: u8) -> (Object, Brought) {
    let mut entry = [7; 32];
    entry[0] = 3;
    let brought = Brought::new([line; 32], [(Entry(entry), [line; 32])]);
    let stated = Stated { from: 0, to: 10, as_of: 20, own_size: 5, other_size: 6 };
    (state_figures(stated, &brought).2, brought)
}

/// What the other side computed: the same, another line, or other rules of counting.
fn computed(line: u8) -> Object {
    let (mut body, _) = figures(line);
    body.0.retain(|(name, _)| ["digest", "lines", "buckets"].contains(&name.as_str()));
    body
}

fn named(_: u64) -> Object {
    Object::default().with("bucket", 3u64).with("named", figures(1).1.bucket(3))
}

fn counted_otherwise(_: u64) -> Object {
    computed(1).with("digest", "0".repeat(64))
}

fn terms(now: u64) -> Object {
    let sheet = Sheet::draft([&PartyId([1; 32]), &PartyId([2; 32])]).with("tz", "2026e");
    let stream = Object::default().with("name", format!("s{now}")).with("sharing", "none");
    Object::default().with("sheet", sheet.with("streams", vec![Value::from(stream)]))
}

use Half::{Answering as B, Asking as A};

/// Every flow that has no matrix of its own, with the acts that are tried in it.
const FLOWS: [(&Flow, &[Move]); 7] = [
    (
        &consultation::FLOW,
        &[
            ("show-draft", A, "show-draft", EMPTY),
            ("redraft", A, "redraft", EMPTY),
            ("drop-draft", A, "drop-draft", |_| parsed(r#"{"dropped_for":"submitted"}"#)),
            ("comment", B, "comment", |_| parsed(r#"{"prospect":"complete"}"#)),
        ],
    ),
    (
        &needs::FLOW,
        &[("publish-needs", A, "publish-needs", |_| parsed(r#"{"formality":"no-formal"}"#))],
    ),
    (
        &bounce::FLOW,
        &[
            ("refused", A, "refused", |_| refused(&Entry([2; 32]), Code::StructureWrong).2),
            ("erased", A, "erased", |_| erased(&MatterId([3; 16]), 2).2),
        ],
    ),
    (
        &reckoning::FLOW,
        &[
            ("state-figures", A, "state-figures", |_| figures(1).0),
            ("compare, equal", B, "compare-figures", |_| computed(1)),
            ("compare, one line differs", B, "compare-figures", |_| computed(2)),
            ("compare, other digest alone", B, "compare-figures", counted_otherwise),
            ("name-lines, the opener", A, "name-lines", named),
            ("name-lines, the other", B, "name-lines", named),
            ("name-lines, without lines", A, "name-lines", EMPTY),
        ],
    ),
    (
        &accord::FLOW,
        &[
            ("propose-terms", A, "propose-terms", terms),
            ("accept-terms", B, "accept-terms", EMPTY),
            ("decline-terms", B, "decline-terms", EMPTY),
        ],
    ),
    (
        &hotline::line::FLOW,
        &[
            ("line-test", A, "line-test", |_| parsed(r#"{"set_by":"person"}"#)),
            ("machine-answer", B, "machine-answer", EMPTY),
            ("person-answer", B, "person-answer", |_| parsed(r#"{"post":"desk"}"#)),
        ],
    ),
    (
        &hotline::surge::FLOW,
        &[
            ("surge-propose, at once", A, "surge-propose", |now| {
                Object::default().with("surge_until", now + 10 * HOUR)
            }),
            ("surge-propose, later", A, "surge-propose", |now| {
                Object::default()
                    .with("surge_from", now + MONTH)
                    .with("surge_until", now + 2 * MONTH)
            }),
            ("surge-propose, a year", A, "surge-propose", |now| {
                Object::default().with("surge_from", now).with("surge_until", now + 12 * MONTH)
            }),
            ("surge-agree", B, "surge-agree", EMPTY),
            ("surge-decline", B, "surge-decline", EMPTY),
            ("surge-end, the proposer", A, "surge-end", EMPTY),
            ("surge-end, the other", B, "surge-end", EMPTY),
        ],
    ),
];

/// A matter, and the time in it.
#[derive(Clone, Default)]
struct Matter {
    /// The move that opened it.
    opened: &'static str,
    asking: Vec<Act>,
    answering: Vec<Act>,
    passed: u64,
}

impl Matter {
    fn with<T>(&self, of: impl FnOnce(Past<'_>) -> T) -> T {
        let (asking, answering): (Vec<_>, Vec<_>) =
            (self.asking.iter().collect(), self.answering.iter().collect());
        of(Past { asking: &asking, answering: &answering })
    }

    fn now(&self) -> u64 {
        BEGINNING + self.passed
    }

    fn write(&self, flow: &Flow, (label, half, kind, body): &Move) -> Result<Matter, Void> {
        let mut next = self.clone();
        let written = self.asking.len() + self.answering.len();
        let act = Act {
            entry: Entry([u8::try_from(written + 1).unwrap(); 32]),
            half: *half,
            kind: (*kind).to_owned(),
            body: body(self.now()),
            re: self.with(|past| flow.answers(past, Terms::usual(), *half, kind)),
            logged_at: self.now(),
            held_at: None,
        };
        self.with(|past| flow.permitted(past.asking, past.answering, &act))?;
        next.opened = if written == 0 { label } else { self.opened };
        if *half == A {
            next.asking.push(act)
        } else {
            next.answering.push(act)
        }
        Ok(next)
    }

    /// The other side holds everything.
    fn held(mut self) -> Matter {
        let now = self.now();
        let acts = self.asking.iter_mut().chain(&mut self.answering);
        acts.for_each(|act| act.held_at = act.held_at.or(Some(now)));
        self
    }

    fn later(mut self, seconds: u64) -> Matter {
        self.passed += seconds;
        self
    }

    /// What tells two situations apart, in the words of the file.
    fn situation(&self, flow: &Flow) -> String {
        let state = self.with(|past| flow.state(past, Terms::usual(), self.now()));
        let mut name = state.stage.to_owned();
        let turn = match state.waiting_for {
            Some(A) => ", turn of the opener",
            Some(B) => ", turn of the other",
            None => "",
        };
        // A flow that can be opened in two ways tells them apart.
        if let Some((_, how)) = self.opened.split_once(", ") {
            let _ = write!(name, " ({how})");
        }
        name.push_str(turn);
        name.push_str(if state.overdue { ", overdue" } else { "" });
        name.push_str(if state.raised { ", raised" } else { "" });
        name.push_str(if state.closed { ", closed" } else { "" });
        let rings = self.with(|past| flow.rings(past, Terms::usual(), self.now()));
        name.push_str(if rings.is_empty() { "" } else { ", rings" });
        name
    }
}

type Pass = fn(Matter) -> Matter;

/// The moves that nobody writes.
const TIME: [(&str, Pass); 3] = [
    ("(held by the other side)", Matter::held),
    ("(an hour passes)", |matter| matter.later(HOUR)),
    ("(a month passes)", |matter| matter.later(MONTH)),
];

fn atlas(flow: &Flow, moves: &[Move]) -> Vec<(String, Matter)> {
    let on = |matter: &Matter| {
        let written = moves.iter().filter_map(|one| matter.write(flow, one).ok());
        written.chain(TIME.iter().map(|(_, pass)| pass(matter.clone()))).collect()
    };
    walk(Matter::default(), |matter| matter.situation(flow), on)
}

fn matrix() -> String {
    let mut out = String::from(
        "What every act does in every situation of the smaller flows, when its author has seen\n\
         all and names what it attends to. An arrow leads to the next situation; a key starting\n\
         with void- says why there is none. Written by the tests; see atlas.rs.\n",
    );
    for (flow, moves) in FLOWS {
        let _ = write!(out, "\n{}\n", flow.rules());
        for (name, matter) in atlas(flow, moves) {
            let _ = write!(out, "\n  {name}\n");
            for one in moves {
                let next = matter.write(flow, one).map(|next| next.situation(flow));
                tried(&mut out, one.0, next.map_err(|void| void.0));
            }
            for (label, pass) in TIME {
                let next = pass(matter.clone()).situation(flow);
                if next != name {
                    tried(&mut out, label, Ok(next));
                }
            }
        }
    }
    out
}

#[test]
fn the_matrix_is_the_one_reviewed() {
    reviewed("matrix.txt", &matrix());
}

#[test]
fn every_flow_kind_stage_and_reason_is_reached() {
    let own = ["assistance", "call"];
    let all: Vec<&str> = flows().iter().map(|flow| flow.name()).collect();
    let here: Vec<&str> = FLOWS.iter().map(|(flow, _)| flow.name()).collect();
    assert!(all.iter().all(|name| own.contains(name) != here.contains(name)), "{all:?}");
    let text = matrix();
    for (flow, moves) in FLOWS {
        let tried: BTreeSet<&str> = moves.iter().map(|one| one.2).collect();
        assert!(flow.kinds().iter().all(|kind| tried.contains(kind.name)), "{}", flow.name());
        let found = atlas(flow, moves);
        let at = |matter: &Matter| {
            matter.with(|past| flow.state(past, Terms::usual(), matter.now()).stage)
        };
        let stages: BTreeSet<&str> = found.iter().map(|(_, matter)| at(matter)).collect();
        for stage in flow.stages() {
            assert!(stages.contains(stage), "{}: {stage}", flow.name());
        }
        // A program's act without what the program computes has no body either: that is said first.
        for void in flow.voids().iter().filter(|void| void.0 != "void-figures-by-program") {
            assert!(text.contains(void.0), "{}: {}", flow.name(), void.0);
        }
    }
}
