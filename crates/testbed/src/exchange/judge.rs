//! What must hold in every state, and what must come about once the carriers work again.

use super::step::{Step, after, extends};
use super::{Act, Bounds, Kept, Party, Receipt, World};
use std::collections::BTreeSet;

/// Rounds in which two sides come to rest: one statement each way in each.
const ROUNDS: usize = 16;

/// What is broken in this state, if anything is.
pub fn broken(world: &World, bounds: &Bounds) -> Option<String> {
    safety(world, bounds).or_else(|| healed(world, bounds))
}

fn safety(world: &World, bounds: &Bounds) -> Option<String> {
    for node in &world.nodes {
        let acts: Vec<&Act> = node.memory.acts().collect();
        let all: BTreeSet<&Act> = acts.iter().copied().collect();
        if all.len() < acts.len() {
            return Some("an act is registered twice".into());
        }
        for author in 0..2 {
            if honest(author, bounds) && !in_order(&acts, author) {
                return Some("a half has a gap, or a place taken twice".into());
            }
        }
        if let Some(forged) = acts.iter().find(|act| !world.signed.contains(act)) {
            return Some(format!("{forged:?} was never signed"));
        }
        if node.memory.proof && honest(1 - node.party, bounds) {
            return Some("a proof names an honest party".into());
        }
    }
    for party in 0..2 {
        if honest(party, bounds) && world.split[usize::from(party)] {
            return Some("an honest party published two heads that exclude each other".into());
        }
    }
    receipts(world, bounds)
}

/// A party with two nodes on one key is none.
fn honest(party: Party, bounds: &Bounds) -> bool {
    party == 0 || !bounds.twins
}

/// The acts of a half, in the order of the log: place after place.
fn in_order(acts: &[&Act], author: Party) -> bool {
    let half = acts.iter().filter(|act| act.author == author);
    half.enumerate().all(|(i, act)| usize::from(act.seq) == i + 1)
}

/// A receipt means: on the disk of whoever gave it, until a published epoch names what it lost.
fn receipts(world: &World, bounds: &Bounds) -> Option<String> {
    for receipt in &world.receipts {
        if !honest(receipt.by, bounds) {
            continue;
        }
        let mut nodes = world.nodes.iter().filter(|node| node.party == receipt.by);
        let kept = |kept: &Kept| kept.registers(&receipt.act) || kept.epoch > receipt.epoch;
        if !nodes.all(|node| kept(&node.memory)) {
            return Some(format!("{receipt:?} and its log lacks the act"));
        }
    }
    None
}

/// Both sides send until nothing changes; then both hold the same acts, and every receipted one
/// unless its giver lost it and said so. A party that plays two stories is not healed but shown.
fn healed(world: &World, bounds: &Bounds) -> Option<String> {
    if bounds.twins {
        return shown(world, bounds);
    }
    let mut world = world.clone();
    for _ in 0..ROUNDS {
        let before: Vec<Kept> = world.nodes.iter().map(|node| node.memory.clone()).collect();
        for (from, to) in [(0, 1), (1, 0)] {
            world.mail.clear();
            world = after(&world, Step::Send(from), bounds.bug);
            world = after(&world, Step::Deliver(0, to), bounds.bug);
            world.nodes[to].disk = world.nodes[to].memory.clone();
        }
        if world.nodes.iter().zip(&before).all(|(node, before)| node.memory == *before) {
            return agreed(&world, bounds);
        }
    }
    Some("the two sides never come to rest".into())
}

/// I5 and I7: who has heard both stories can show that they were told. Both nodes of the party that
/// plays them send what they have; where neither extends the other, there is a proof.
fn shown(world: &World, bounds: &Bounds) -> Option<String> {
    let mut world = world.clone();
    let tellers: Vec<usize> =
        (0..world.nodes.len()).filter(|at| world.nodes[*at].party == 1).collect();
    for teller in &tellers {
        world.mail.clear();
        world = after(&world, Step::Send(*teller), bounds.bug);
        world = after(&world, Step::Deliver(0, 0), bounds.bug);
    }
    let log = |at: &usize| &world.nodes[*at].memory.log;
    let one = |a: &usize, b: &usize| extends(log(a), log(b)) || extends(log(b), log(a));
    let two = tellers.iter().any(|a| tellers.iter().any(|b| !one(a, b)));
    let silent = two && !world.nodes[0].memory.proof;
    silent.then(|| "two stories were heard, and nothing shows it".into())
}

fn agreed(world: &World, bounds: &Bounds) -> Option<String> {
    if let Some(fault) = safety(world, bounds) {
        return Some(format!("after healing: {fault}"));
    }
    let acts = |at: usize| world.nodes[at].memory.acts().copied().collect::<BTreeSet<Act>>();
    let (ours, theirs) = (acts(0), acts(1));
    if ours != theirs {
        return Some(format!("after healing one side holds {ours:?} and the other {theirs:?}"));
    }
    if world.nodes.iter().any(|node| node.memory.unheard) {
        return Some("after healing a restored node still waits".into());
    }
    // An act whose receipt is held is gone only if both logs ended after it.
    let ended = |party: u8, epoch: u8| world.nodes[usize::from(party)].memory.epoch > epoch;
    let gone = |receipt: &Receipt| {
        ended(receipt.by, receipt.epoch) && ended(receipt.act.author, receipt.act.epoch)
    };
    let held = |receipt: &Receipt| ours.contains(&receipt.act) || gone(receipt);
    let lost = world.receipts.iter().find(|receipt| !held(receipt));
    lost.map(|receipt| format!("{receipt:?} was lost for good"))
}

/// What a step may not do: a mirror is only ever extended, in one epoch and on one disk. A party
/// that plays two stories is met with a proof and not with a second mirror.
pub fn broken_between(before: &World, step: Step, next: &World) -> Option<String> {
    if matches!(step, Step::Restore(_) | Step::Crash(_)) {
        return None;
    }
    let mut nodes = before.nodes.iter().zip(&next.nodes);
    let turned = nodes.any(|(old, new)| {
        let (old, new) = (&old.memory, &new.memory);
        old.mirror_epoch == new.mirror_epoch && !extends(&new.mirror, &old.mirror)
    });
    turned.then(|| "a mirror left the story that it had followed".into())
}
