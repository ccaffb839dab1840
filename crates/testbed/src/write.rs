//! What every act of a history goes through: its node's ledger, and the promise that follows.

use crate::world::{Promise, World};
use counterpart_engine::{Draft, Logged};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::MatterId;
use counterpart_record::keys::Ring;
use std::collections::BTreeMap;

/// Commits drafts of one party to one peer together. The matters of those that were logged.
pub fn submit(
    world: &mut World,
    (from, to, ring): (usize, usize, Ring),
    drafts: Vec<Draft>,
) -> Vec<MatterId> {
    let mut papers = BTreeMap::new();
    for mut draft in drafts {
        let attached = world.attach(from, to, &mut draft);
        match world.seats[from].node.as_mut().map(|node| node.submit(draft)) {
            Some(Ok(ticket)) => drop(papers.insert(ticket, attached)),
            Some(Err(fault)) => {
                world.fail(format!("{} cannot submit: {fault}", world.name(from)));
            }
            None => {}
        }
    }
    let results = world.seats[from].node.as_mut().map(|node| node.ledger());
    let Some(results) = results else { return Vec::new() };
    let crashed = world.crashed(from);
    let mut matters = Vec::new();
    match results {
        // What was returned as logged is promised, whatever happens next.
        Ok(results) => {
            for (ticket, logged) in results {
                let attached = papers.remove(&ticket).unwrap_or_default();
                match &logged {
                    Ok(logged) => {
                        matters.push(logged.matter);
                        world.attached(attached);
                    }
                    Err(_) => world.unsealed(&attached),
                }
                promise(world, (from, to, ring), logged);
            }
        }
        // Whether the acts are there only the disk knows.
        Err(_) if crashed => papers.into_values().for_each(|all| world.attached(all)),
        Err(fault) => world.fail(format!("{}: ledger: {fault}", world.name(from))),
    }
    matters
}

/// What was returned as logged must be there at the end.
pub fn promise(world: &mut World, (from, to, ring): (usize, usize, Ring), logged: Result<Logged>) {
    match logged {
        Ok(logged) => {
            let line = format!("{} logs {} {}", world.name(from), logged.index, ring.name());
            world.tell(&line);
            let peer = world.seats[to].party.id;
            let (entry, index) = (logged.entry, logged.index);
            world.seats[from].promised.push(Promise { peer, ring, entry, index: Some(index) });
            if !world.matters.iter().any(|known| known.3 == logged.matter) {
                world.matters.push((from, to, ring, logged.matter));
            }
        }
        Err(fault) if matches!(fault.code, Code::NotPermitted | Code::MatterUnknown) => {
            // Its own acts never send a party's sight of the other log back.
            if fault.at.contains("void-seen") || fault.at.contains("held") {
                world.fail(format!("{} cannot go on: {fault}", world.name(from)));
            }
            world.tally.add("drafts not permitted", 1);
        }
        Err(fault) if fault.code == Code::EpochUnheard && world.seats[from].restores > 0 => {
            world.tally.add("drafts that wait for what was lost", 1);
        }
        // A forger's own node is shown heads that it never signed, and stands still. An honest one
        // never may.
        Err(fault) if fault.code == Code::StoreBehind && !world.honest(from) => {
            world.tally.add("a forger's own node stood still", 1);
        }
        Err(fault) => world.fail(format!("{}: {fault}", world.name(from))),
    }
}
