//! One history: the repertoire of acts between random pairs while things go wrong, then healing,
//! then the oracle.

use crate::apart;
use crate::cast::{draft as draft_of, further, request};
use crate::line;
use crate::oracle;
use crate::play;
use crate::plot::Focus;
use crate::private;
use crate::room::Private;
use crate::trouble::{Tally, Trouble};
use crate::world::{SEATS, Way, World};
use crate::write::{promise, submit};
use counterpart_engine::figures::{Cut, Period};
use counterpart_engine::view::MatterView;
use counterpart_engine::{Draft, Node, Target};
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::PartyId;
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value, parse_object};
use counterpart_rules::flow;
use counterpart_rules::terms::Sheet;

/// What came of one seed.
#[derive(Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// What it was played for.
    pub focus: Focus,
    /// What was found wrong; empty if all held.
    pub failures: Vec<String>,
    /// Counts.
    pub tally: Tally,
    /// Digest of the trace.
    pub trace: Hash,
}

/// Plays one seed. With `told`, the trace goes to standard error.
pub fn play(seed: u64, told: bool) -> Outcome {
    play_for(seed, told, Focus::default())
}

/// Plays one seed for something that it should show.
pub fn play_for(seed: u64, told: bool, focus: Focus) -> Outcome {
    play_with(seed, told, focus, Private::Troubled)
}

/// The same with what stays here, without it, or without anything going wrong there.
pub fn play_with(seed: u64, told: bool, focus: Focus, private: Private) -> Outcome {
    match World::new(seed, told, focus, private) {
        Ok(mut world) => {
            let steps = 20 + world.chance.below(41);
            for _ in 0..steps {
                step(&mut world);
                if !world.failures.is_empty() {
                    break;
                }
            }
            world.heal();
            if let Err(fault) = oracle::judge(&mut world) {
                world.fail(format!("the oracle cannot read: {fault}"));
            }
            let trace = world.trace();
            Outcome { seed, focus, failures: world.failures, tally: world.tally, trace }
        }
        Err(fault) => Outcome {
            seed,
            focus,
            failures: vec![format!("no world: {fault}")],
            tally: Tally::default(),
            trace: [0; 32],
        },
    }
}

fn step(world: &mut World) {
    let longest = [60, 3_600, 86_400][world.chance.below(3) as usize];
    let seconds = 5 + world.chance.below(longest);
    world.pass(seconds);
    trouble(world);
    let from = world.chance.below(SEATS as u64) as usize;
    let to = (from + 1 + world.chance.below(SEATS as u64 - 1) as usize) % SEATS;
    let ring = Ring::from_drill(world.chance.chance(25));
    play::watch(world);
    let share = if world.focus == Focus::default() { 26 } else { 45 };
    match world.chance.below(100) {
        roll if roll < share && play::go_on(world) => {}
        0..52 => act(world, from, to, ring),
        52..74 => {
            let always = world.chance.chance(20);
            world.push(from, to, ring, always);
        }
        74..82 => bag(world, from, to, ring),
        _ => world.hostile_step(to, ring),
    }
    if world.chance.chance(8) {
        apart::act(world, from, ring);
    }
    if world.aside.chance(10) {
        apart::erase(world, from);
    }
    if world.aside.chance(8) {
        world.loses_erasure(from);
    }
    private::act(world);
    if let Some(paper) = world.papers.len().checked_sub(1).filter(|_| world.chance.chance(60)) {
        let among = world.chance.below(paper.min(3) as u64 + 1) as usize;
        let (one, other) = world.papers[paper - among].between;
        world.haul(other, one);
        world.haul(one, other);
    }
}

/// Process, disk and clock.
fn trouble(world: &mut World) {
    let seat = world.chance.below(SEATS as u64) as usize;
    if world.strikes(Trouble::Killed, 8) && world.seats[seat].node.is_some() {
        world.hit(Trouble::Killed, seat);
        world.kill(seat);
    }
    if world.strikes(Trouble::Paused, 8) {
        world.hit(Trouble::Paused, seat);
        world.pause(seat);
    }
    if world.strikes(Trouble::Rotated, 3) {
        world.rotate(seat);
    }
    let armed = [
        Trouble::KillBeforeCommit,
        Trouble::KillAfterCommit,
        Trouble::WriteFails,
        Trouble::WriteUncertain,
    ];
    for trouble in armed {
        if world.strikes(trouble, 6) {
            world.seats[seat].disk.arm(trouble);
        }
    }
    if world.strikes(Trouble::DiskFull, 5) && world.seats[seat].node.is_some() {
        world.seats[seat].disk.set_full(true);
    }
    if world.strikes(Trouble::Restored, 16) {
        world.restore(seat);
    }
    if world.strikes(Trouble::BitFlip, 2) {
        crate::rot::flip(world, seat);
    }
    let days = |world: &World| 1 + world.chance.below(5 * 86_400) as i64;
    if world.strikes(Trouble::ClockForward, 6) {
        world.hit(Trouble::ClockForward, seat);
        world.seats[seat].party.clock.move_by(days(world));
    }
    if world.strikes(Trouble::ClockBack, 6) {
        world.hit(Trouble::ClockBack, seat);
        world.seats[seat].party.clock.move_by(-days(world));
    }
    if world.strikes(Trouble::ClockFrozen, 6) {
        world.hit(Trouble::ClockFrozen, seat);
        world.seats[seat].frozen = !world.seats[seat].frozen;
    }
    let other = (seat + 1) % SEATS;
    if world.strikes(Trouble::CutBothWays, 4) {
        world.hit(Trouble::CutBothWays, seat);
        world.struck.insert((Trouble::CutBothWays, other));
        world.cut(seat, other);
        world.cut(other, seat);
    }
    if world.strikes(Trouble::CutOneWay, 4) {
        world.hit(Trouble::CutOneWay, seat);
        world.struck.insert((Trouble::CutOneWay, other));
        world.cut(seat, other);
    }
    if world.strikes(Trouble::Replayed, 8) {
        world.replay();
    }
}

/// Up to three drafts in one commit, then mostly a push.
fn act(world: &mut World, from: usize, to: usize, ring: Ring) {
    if !world.awake(from) {
        return;
    }
    let count = 1 + if world.chance.chance(20) { world.chance.below(3) } else { 0 };
    let mut drafts = match line::by_itself(world, from, to, ring) {
        Ok(drafts) => drafts,
        Err(fault) => return world.fail(format!("{}: no tick: {fault}", world.name(from))),
    };
    for _ in 0..count {
        match draft(world, from, to, ring) {
            Ok(draft) => drafts.push(draft),
            Err(fault) => return world.fail(format!("no draft: {fault}")),
        }
    }
    drafts.extend(line::figures(world, from, to, ring));
    submit(world, (from, to, ring), drafts);
    if world.seats[from].node.is_none() {
        return;
    }
    look(world, from, to, ring);
    erase(world, from);
    if world.chance.chance(75) {
        world.push(from, to, ring, false);
    }
}

/// Sometimes the text of a closed matter goes: of one of some that are looked at.
fn erase(world: &mut World, from: usize) {
    if world.matters.is_empty() || !world.chance.chance(15) {
        return;
    }
    let first = world.chance.below(world.matters.len() as u64) as usize;
    let mut all = world.matters.clone();
    all.rotate_left(first);
    all.retain(|(a, b, ..)| [a, b].contains(&&from));
    for (a, b, ring, matter) in all.into_iter().take(12) {
        let to = if a == from { b } else { a };
        let before = world.named(from);
        match world.erase(from, &matter) {
            None => return,
            Some(Ok(erased)) => {
                world.tally.add("matters whose text was erased", 1);
                if world.honest(from) {
                    world.gone(from, before);
                }
                return promise(world, (from, to, ring), Ok(erased.act));
            }
            Some(Err(_)) if world.crashed(from) => return,
            Some(Err(fault)) => promise(world, (from, to, ring), Err(fault)),
        }
    }
}

/// Figures in the midst of things: they are gathered by steps, and must not care.
fn look(world: &mut World, from: usize, to: usize, ring: Ring) {
    let peer = world.seats[to].party.id;
    let (cut, period) = (Cut::AsOf(1 << 40), Period { from: 0, to: 1 << 40 });
    let Some(node) = world.seats[from].node.as_mut() else { return };
    match node.figures(&peer, ring, cut, period) {
        Ok(_) => world.tally.add("figures in between", 1),
        Err(fault) if matches!(fault.code, Code::CutNotShared | Code::NotAccredited) => {}
        Err(_) if world.crashed(from) => {}
        Err(fault) => world.fail(format!("{}: figures: {fault}", world.name(from))),
    }
}

/// A request, or a further act in a matter of the two that the author knows.
fn draft(world: &World, from: usize, to: usize, ring: Ring) -> Result<Draft> {
    if world.chance.chance(30)
        && let Some(draft) = line::draft(world, from, to, ring)?
    {
        return Ok(draft);
    }
    let peer = world.seats[to].party.id;
    let Some(node) = world.seats[from].node.as_ref() else { return Ok(request(peer, ring)) };
    // Sometimes it looks for an old one in which somebody waits.
    let deep = world.chance.chance(15);
    let mut between: Vec<MatterView> = Vec::new();
    let all = world.matters.iter().rev();
    for (.., id) in
        all.filter(|(a, b, r, _)| *r == ring && [*a, *b].contains(&from) && [*a, *b].contains(&to))
    {
        match node.matter(id) {
            Ok(view) if view.flow.is_some_and(|flow| flow.is_live()) => {}
            Ok(view) => between.push(view),
            Err(fault) if fault.code == Code::MatterUnknown => {}
            Err(fault) => return Err(fault),
        }
        let waited = |view: &MatterView| view.answers.iter().any(|(kind, _)| *kind == "consent");
        // Mostly the newest that it knows, so that matters grow long.
        let enough = !deep && between.len() > world.chance.below(4) as usize;
        if between.last().is_some_and(waited) || enough {
            break;
        }
    }
    if world.chance.chance(5) {
        return terms(world, node, peer, ring);
    }
    let Some(view) = between.pop().filter(|_| !world.chance.chance(12)) else {
        return Ok(opening(world, peer, ring));
    };
    let Some(flow) = view.flow else { return Ok(request(peer, ring)) };
    let mut kinds: Vec<&str> = view.open.iter().map(|kind| kind.name).collect();
    if kinds.is_empty() || world.chance.chance(20) {
        kinds = flow.kinds().iter().map(|kind| kind.name).collect();
    }
    // What ends a matter is rare, so that matters live long enough.
    let mut kind = kinds[world.chance.below(kinds.len() as u64) as usize];
    if ENDS.contains(&kind) && world.chance.chance(60) {
        kind = kinds[world.chance.below(kinds.len() as u64) as usize];
    }
    // What somebody waits for, and what more can follow, comes more often than by chance.
    let next: Vec<&str> = FOLLOWED.into_iter().filter(|kind| kinds.contains(kind)).collect();
    let rare: Vec<&str> = RARE.into_iter().filter(|kind| kinds.contains(kind)).collect();
    if !rare.is_empty() && world.chance.chance(50) {
        kind = rare[world.chance.below(rare.len() as u64) as usize];
    } else if !view.answers.is_empty() && world.chance.chance(60) {
        kind = view.answers[world.chance.below(view.answers.len() as u64) as usize].0;
    } else if !next.is_empty() && world.chance.chance(35) {
        kind = next[world.chance.below(next.len() as u64) as usize];
    }
    let mut draft = further(peer, ring, view.matter, kind);
    draft.rules = flow.rules().to_owned();
    if kind == "answer" && world.chance.chance(50) {
        draft.body = parse_object(br#"{"extent":"partial","final":false}"#).unwrap_or_default();
    }
    // Mostly what the flow proposes, sometimes nothing.
    if world.chance.chance(80) {
        draft.re = view.answers(kind);
        draft.re.truncate(4);
    }
    Ok(draft)
}

/// What much can follow.
const FOLLOWED: [&str; 4] = ["offer", "preserve", "answer", "warn"];

/// What only much that came before makes possible.
const RARE: [&str; 4] = ["ask-consent", "consent", "renew", "release"];

/// What ends a matter for one side or both.
const ENDS: [&str; 6] =
    ["refuse", "withdraw", "answer", "decline-conditions", "close-request", "drop-draft"];

/// Mostly a request; sometimes a draft of one is shown first, or what one needs is published.
fn opening(world: &World, peer: PartyId, ring: Ring) -> Draft {
    let kind = match world.chance.below(100) {
        0..85 => return request(peer, ring),
        85..95 => "show-draft",
        _ => "publish-needs",
    };
    let target = Target::New { stream: "cybercrime".into() };
    let mut draft = draft_of(peer, ring, target, kind, Vec::new());
    draft.rules = flow::opened_by(kind).map_or(draft.rules, |flow| flow.rules().to_owned());
    draft
}

/// A sheet for the channel, each time another one; or a decision on the one that waits.
fn terms(world: &World, node: &Node, peer: PartyId, ring: Ring) -> Result<Draft> {
    if node.terms(&peer, ring)?.theirs.is_some() && world.chance.chance(70) {
        let accepts = world.chance.chance(70);
        let kind = if accepts { "accept-terms" } else { "decline-terms" };
        return node.decide_terms(&peer, ring, kind, accepts, Vec::new());
    }
    let name = format!("stream-{}", world.chance.below(1_000));
    let stream = Object::default().with("name", name).with("sharing", "totals");
    let sheet = Sheet::draft([&node.party(), &peer]).with("streams", vec![Value::from(stream)]);
    node.propose_terms(&peer, ring, sheet, Vec::new())
}

fn bag(world: &mut World, from: usize, to: usize, ring: Ring) {
    if let Some(bytes) = world.outgoing(from, to, ring, true) {
        world.post(from, to, ring, bytes, Way::Bag);
    }
}
