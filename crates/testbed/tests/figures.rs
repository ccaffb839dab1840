//! Both sides compute the same figures, whatever way and in whatever order the acts came.

#![allow(clippy::unwrap_used)]

use counterpart_engine::figures::{Cut, Period, Shown};
use counterpart_engine::{Logged, Node};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::MatterId;
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::parse_object;
use counterpart_rules::measure::Cell;
use counterpart_testbed::cast::{Party, START, Seeded, TestClock, further, memory, request};
use counterpart_testbed::disk::{Disk, Write};
use std::sync::Arc;

const RING: Ring = Ring::Live;
const ALL: Period = Period { from: 0, to: u64::MAX };

struct Pair {
    a: Party,
    b: Party,
    at_a: Node,
    at_b: Node,
}

/// Two parties whose clocks differ by half a minute.
fn pair() -> Pair {
    let clocks = [TestClock::new(), TestClock::new()];
    clocks[1].move_by(30);
    let a = Party::new("Arcadia", 1, clocks[0].clone()).unwrap();
    let b = Party::new("Borealis", 2, clocks[1].clone()).unwrap();
    let (at_a, at_b) = a.meets(&b, [memory().unwrap(), memory().unwrap()]).unwrap();
    Pair { a, b, at_a, at_b }
}

fn act(node: &mut Node, draft: counterpart_engine::Draft) -> Result<Logged> {
    node.submit(draft)?;
    node.ledger().unwrap().pop().unwrap().1
}

impl Pair {
    fn pass(&self, seconds: i64) {
        self.a.clock.move_by(seconds);
        self.b.clock.move_by(seconds);
    }

    fn sync(&mut self, ring: Ring) {
        for _ in 0..4 {
            for (from, to) in [(true, false), (false, true)] {
                let (sender, taker) = match (from, to) {
                    (true, _) => (&mut self.at_a, &mut self.at_b),
                    _ => (&mut self.at_b, &mut self.at_a),
                };
                let Some(parcel) = sender.outgoing(&taker.party(), ring, false).unwrap() else {
                    continue;
                };
                if let (_, Some(reply)) = taker.respond(&parcel).unwrap() {
                    sender.incoming(&reply).unwrap();
                }
            }
        }
    }

    fn ask(&mut self) -> MatterId {
        act(&mut self.at_a, request(self.b.id, RING)).unwrap().matter
    }

    fn figures(&mut self, cut: Cut, ring: Ring) -> [Shown; 2] {
        [
            self.at_a.figures(&self.b.id, ring, cut, ALL).unwrap(),
            self.at_b.figures(&self.a.id, ring, cut, ALL).unwrap(),
        ]
    }
}

fn all(shown: &Shown) -> &Cell {
    shown.figures.cells.iter().find(|(key, _)| key.stream.is_none()).unwrap().1
}

#[test]
fn what_was_asked_answered_refused_and_left_open_is_counted_alike() {
    let mut pair = pair();
    let [answered, refused, open] = [pair.ask(), pair.ask(), pair.ask()];
    pair.pass(60);
    pair.sync(RING);
    pair.pass(600);
    for (matter, kind) in [(answered, "acknowledge"), (answered, "answer"), (refused, "refuse")] {
        act(&mut pair.at_b, further(pair.a.id, RING, matter, kind)).unwrap();
    }
    act(&mut pair.at_a, further(pair.b.id, RING, open, "remind")).unwrap();
    pair.pass(40);
    pair.sync(RING);
    let as_of = START + 2_000;
    let [at_a, at_b] = pair.figures(Cut::AsOf(as_of), RING);
    assert_eq!(at_a.figures.to_value().to_text(), at_b.figures.to_value().to_text());
    assert_eq!(at_a.figures.digest(), at_b.figures.digest());
    let cell = all(&at_a);
    let count = |name: &str| cell.counts.get(name).copied().unwrap_or(0);
    assert_eq!((count("made"), count("acknowledged"), count("answered")), (3, 1, 1));
    assert_eq!((count("refused"), count("open"), count("reminders")), (1, 1, 1));
    assert_eq!(cell.words["ground"]["no-reason-given"], 1);
    // Asked at 0, held at 60, answered at 660, held by the asking side at 700: each on one clock.
    let [asking, asked] = &cell.waits["answer"];
    assert_eq!((asking.steps[0].after, asked.steps[0].after), (700, 600));
    // Refused in the same second: that comes after, and the open one is at risk too. FIG-5, FIG-6
    assert_eq!((asking.steps[0].at_risk, asking.observed, asking.reached), (3, 3, 1));
    assert_eq!(asking.last, 2_000);
    let lines = pair.at_a.figure_lines(&pair.b.id, RING, Cut::AsOf(as_of)).unwrap();
    let theirs = pair.at_b.figure_lines(&pair.a.id, RING, Cut::AsOf(as_of)).unwrap();
    let sorted = |lines: Vec<counterpart_engine::figures::Line>| {
        let mut lines: Vec<_> = lines.into_iter().map(|line| (line.entry, line.digest)).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines.len(), 7);
    assert_eq!(sorted(lines), sorted(theirs));
}

#[test]
fn what_the_other_does_not_hold_is_in_no_figure_and_nothing_settles_before_both_went_on() {
    // FIG-1, FIG-2
    let mut pair = pair();
    assert_eq!(
        pair.at_a.figures(&pair.b.id, RING, Cut::AsOf(START), ALL).unwrap_err().code,
        Code::CutNotShared
    );
    pair.ask();
    pair.sync(RING);
    pair.pass(1_000);
    let lost = pair.ask();
    let shown = pair.at_a.figures(&pair.b.id, RING, Cut::AsOf(START + 5_000), ALL).unwrap();
    assert_eq!(all(&shown).counts["made"], 1);
    assert_eq!(shown.undelivered, [(lost, START + 1_000)]);
    assert!(!shown.settled);
    let early = Cut::AsOf(START + 500);
    assert!(!pair.figures(early, RING)[0].settled);
    let cut = Cut::At(shown.heads.0.size, shown.heads.1.size, START + 5_000);
    pair.sync(RING);
    let [at_a, at_b] = pair.figures(early, RING);
    assert!(at_a.settled && at_b.settled);
    assert_eq!(at_a.figures.digest(), at_b.figures.digest());
    assert_eq!(all(&at_a).counts["made"], 1);
    // The same cut by its sizes, long after: what came later changes nothing. FIG-4
    let again = pair.at_a.figures(&pair.b.id, RING, cut, ALL).unwrap();
    assert_eq!(again.figures, shown.figures);
    let [now, _] = pair.figures(Cut::AsOf(START + 5_000), RING);
    assert_eq!(all(&now).counts["made"], 2);
    assert_eq!(now.undelivered, []);
    // Heads newer than the time, and sizes at which no head was signed.
    for cut in [Cut::At(shown.heads.0.size, shown.heads.1.size, START - 1), Cut::At(1, 1, START)] {
        let fault = pair.at_a.figures(&pair.b.id, RING, cut, ALL).unwrap_err();
        assert_eq!(fault.code, Code::CutNotShared);
    }
}

#[test]
fn exercises_are_counted_by_themselves() {
    let mut pair = pair();
    pair.ask();
    act(&mut pair.at_a, request(pair.b.id, Ring::Drill)).unwrap();
    act(&mut pair.at_a, request(pair.b.id, Ring::Drill)).unwrap();
    pair.sync(RING);
    pair.sync(Ring::Drill);
    let as_of = Cut::AsOf(START + 9_999);
    for (ring, made) in [(RING, 1), (Ring::Drill, 2)] {
        let [at_a, at_b] = pair.figures(as_of, ring);
        assert_eq!(all(&at_a).counts["made"], made);
        assert_eq!(at_a.figures.frame.drill, ring.is_drill());
        assert_eq!(at_a.figures.digest(), at_b.figures.digest());
    }
}

/// Random acts, carried at random: step by step and from nothing, here and there. FIG-4
#[test]
fn figures_by_steps_are_those_from_nothing_on_both_sides() {
    for seed in 0..12 {
        let mut pair = pair();
        let chance: Arc<Seeded> = Seeded::new(seed);
        let mut matters = Vec::new();
        for _ in 0..60 {
            pair.pass(chance.below(5_000) as i64);
            if matters.is_empty() || chance.chance(30) {
                let mut draft = request(pair.b.id, RING);
                let due = START + chance.below(300_000);
                draft.body.set("reply_by", due);
                matters.push(act(&mut pair.at_a, draft).unwrap().matter);
            } else {
                let matter = matters[chance.below(matters.len() as u64) as usize];
                let kinds = ["remind", "supplement", "withdraw", "acknowledge", "ask", "answer"];
                let kind = kinds[chance.below(6) as usize];
                let ours = ["remind", "supplement", "withdraw"].contains(&kind);
                let (node, peer) = match ours {
                    true => (&mut pair.at_a, pair.b.id),
                    false => (&mut pair.at_b, pair.a.id),
                };
                let mut draft = further(peer, RING, matter, kind);
                if kind == "answer" && chance.chance(50) {
                    draft.body = parse_object(br#"{"extent":"partial","final":false}"#).unwrap();
                }
                // Many are not permitted, or not known there yet.
                let _ = act(node, draft);
            }
            if chance.chance(25) {
                pair.sync(RING);
                pair.figures(Cut::AsOf(START + 1_000_000), RING);
            }
        }
        pair.sync(RING);
        let cut = Cut::AsOf(START + 1_000_000);
        let by_steps = pair.figures(cut, RING);
        pair.at_a.forget_figures();
        pair.at_b.forget_figures();
        let from_nothing = pair.figures(cut, RING);
        assert_eq!(by_steps[0].figures, from_nothing[0].figures, "seed {seed}");
        assert_eq!(by_steps[1].figures, from_nothing[1].figures, "seed {seed}");
        assert_eq!(by_steps[0].figures.digest(), by_steps[1].figures.digest(), "seed {seed}");
        assert!(all(&by_steps[0]).counts["made"] > 3);
    }
}

/// FIG-9: one states, the other's node compares by itself, and not as often as it is asked to.
#[test]
fn the_running_node_compares_what_was_stated() {
    let mut pair = pair();
    pair.ask();
    pair.sync(RING);
    pair.pass(100);
    let mut stated = Vec::new();
    for _ in 0..2 {
        let cut = Cut::AsOf(START + 5_000);
        let period = Period { from: 0, to: START + 5_001 };
        let draft = pair.at_a.state_figures(&pair.b.id, RING, cut, period).unwrap();
        stated.push(act(&mut pair.at_a, draft).unwrap().matter);
        pair.sync(RING);
    }
    for node in [&mut pair.at_a, &mut pair.at_b] {
        node.tick(None).unwrap();
    }
    assert_eq!(pair.at_a.figures_due().unwrap().len(), 0);
    let stage = |node: &Node, id| node.matter(id).unwrap().state.unwrap().stage;
    for id in &stated {
        let mut due = pair.at_b.figures_due().unwrap();
        assert_eq!(due.len(), 1);
        act(&mut pair.at_b, due.pop().unwrap()).unwrap();
        pair.at_b.tick(None).unwrap();
        // The other one waits for its minute.
        assert_eq!(pair.at_b.figures_due().unwrap().len(), 0);
        pair.pass(60);
        pair.sync(RING);
        assert_eq!([stage(&pair.at_a, id), stage(&pair.at_b, id)], ["figures-equal"; 2]);
    }
    assert_eq!(pair.at_b.figures_due().unwrap().len(), 0);
}

/// One store is altered behind its node's back: the figures differ, and both sides learn which act
/// it is. FIG-9, FIG-10
#[test]
fn where_one_store_was_altered_both_sides_name_the_act() {
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock.clone()).unwrap();
    let disk = Disk::new().unwrap();
    let (at_a, at_b) = a.meets(&b, [memory().unwrap(), Box::new(disk.clone())]).unwrap();
    let mut pair = Pair { a, b, at_a, at_b };
    let [one, two] = [pair.ask(), pair.ask()];
    pair.sync(RING);
    pair.pass(60);
    act(&mut pair.at_b, further(pair.a.id, RING, one, "acknowledge")).unwrap();
    let told = act(&mut pair.at_b, further(pair.a.id, RING, two, "refuse")).unwrap();
    pair.sync(RING);
    let compare = |pair: &mut Pair| {
        pair.pass(120);
        let as_of = Cut::AsOf(START + 1_000);
        let stated = pair
            .at_a
            .state_figures(&pair.b.id, RING, as_of, Period { from: 0, to: 1 << 33 })
            .unwrap();
        let matter = act(&mut pair.at_a, stated).unwrap().matter;
        pair.sync(RING);
        // Each writes what it has to, until nobody has.
        for _ in 0..4 {
            for node in [&mut pair.at_b, &mut pair.at_a] {
                if let Some(draft) = node.answer_figures(&matter).unwrap() {
                    act(node, draft).unwrap();
                }
            }
            pair.sync(RING);
        }
        let state = pair.at_a.matter(&matter).unwrap().state.unwrap();
        assert_eq!(Some(&state), pair.at_b.matter(&matter).unwrap().state.as_ref());
        let named = state.facts.iter().filter(|fact| fact.name == "differs");
        (state.stage, named.map(|fact| fact.value.to_text()).collect::<String>())
    };
    assert_eq!(compare(&mut pair), ("figures-equal", String::new()));

    // Somebody turns the refusal at Borealis into an act that never counted.
    let mut writes = disk.journal();
    let entry = told.entry;
    for write in &mut writes {
        let Write::Commit(batch, _) = write else { continue };
        let acts = batch.acts.iter_mut().filter(|act| act.entry == entry);
        acts.for_each(|act| act.verdict = "void-seen".into());
    }
    let altered = Box::new(Disk::written(&writes).unwrap());
    pair.at_b = Node::load(altered, pair.b.seams()).unwrap();
    let (stage, named) = compare(&mut pair);
    assert_eq!(stage, "figures-differ-named");
    assert!(named.contains(&entry.to_string()[..16]), "{named} {entry}");
}
