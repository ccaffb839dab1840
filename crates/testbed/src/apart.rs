//! Partners without a node: what an officer writes to them and enters of theirs, while everything
//! else happens. Spec: docs/spec/correspondent.md.

use crate::cast::{further, request};
use crate::world::{Promise, SEATS, World};
use counterpart_engine::view::MatterView;
use counterpart_engine::{Draft, Node};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{ChannelId, Entry, PartyId};
use counterpart_record::keys::Ring;
use counterpart_rules::apart::{Correspondent, ENTERED, Entered, HOW, RULES};
use counterpart_store::{ChannelRow, Owner, Store as _};
use std::collections::BTreeSet;

const ALL: u64 = 1 << 40;

/// An act of a one-sided matter: ours, or one that came by hand. COR-2.
pub fn act(world: &mut World, seat: usize, ring: Ring) {
    if !world.honest(seat) || !world.awake(seat) {
        return;
    }
    let Some(partner) = partner(world, seat) else { return };
    match draft(world, seat, partner, ring) {
        Ok(draft) => write(world, seat, (partner, ring), draft),
        Err(fault) => world.fail(format!("{}: by hand: {fault}", world.name(seat))),
    }
}

fn write(world: &mut World, seat: usize, (partner, ring): (PartyId, Ring), draft: Draft) {
    let results = world.seats[seat].node.as_mut().map(|node| {
        node.submit(draft)?;
        node.ledger()
    });
    let crashed = world.crashed(seat);
    match results {
        Some(Ok(results)) => {
            for (_, logged) in results {
                match logged {
                    Ok(logged) => {
                        world.tell(&format!("{} by hand {}", world.name(seat), logged.index));
                        let (entry, index) = (logged.entry, Some(logged.index));
                        let promise = Promise { peer: partner, ring, entry, index };
                        world.seats[seat].promised.push(promise);
                        world.seats[seat].by_hand.insert((ring.is_drill(), logged.matter));
                        world.tally.add("acts by hand", 1);
                    }
                    Err(fault) if refused(fault.code) => {
                        world.tally.add("acts by hand not permitted", 1);
                    }
                    Err(fault) => world.fail(format!("{}: by hand: {fault}", world.name(seat))),
                }
            }
        }
        Some(Err(fault)) if !crashed => {
            world.fail(format!("{}: ledger by hand: {fault}", world.name(seat)));
        }
        _ => {}
    }
}

/// The text of a one-sided matter goes, once it is closed: nobody else has to hold it first. One
/// that is open is ended first. COR-1, REC-44.
pub fn erase(world: &mut World, seat: usize) {
    let known: Vec<_> = world.seats[seat].by_hand.iter().copied().collect();
    if known.is_empty() || !world.honest(seat) || !world.awake(seat) {
        return;
    }
    let (drill, matter) = known[world.aside.below(known.len() as u64) as usize];
    let Some(node) = world.seats[seat].node.as_ref() else { return };
    // A backup may have lost it, and nobody can give it back.
    let Ok(before) = node.matter(&matter) else { return };
    if !before.state.as_ref().is_some_and(|state| state.closed) {
        let ring = Ring::from_drill(drill);
        let ends = |kinds: &[&str]| ENDS.into_iter().find(|kind| kinds.contains(kind));
        let open: Vec<&str> = before.open.iter().map(|kind| kind.name).collect();
        let Some(kind) = ends(&open) else { return };
        let draft = further(before.peer, ring, matter, kind);
        let draft = Draft { re: before.answers(kind), ..draft };
        return write(world, seat, (before.peer, ring), draft);
    }
    if before.acts.iter().all(|act| act.words() == 0) {
        return;
    }
    match world.erase(seat, &matter) {
        None => {}
        Some(Ok(erased)) => {
            let (entry, index) = (erased.act.entry, Some(erased.act.index));
            let promise = Promise { peer: before.peer, ring: before.ring, entry, index };
            world.seats[seat].promised.push(promise);
            world.tally.add("matters by hand erased", 1);
            let node = world.seats[seat].node.as_ref();
            let after = node.and_then(|node| node.matter(&matter).ok());
            let left = |view: &MatterView| view.acts.iter().any(|act| act.words() > 0);
            if after.is_none_or(|after| left(&after) || !same(&before, &after)) {
                let name = world.name(seat);
                world.fail(format!("{name}: a matter by hand is not what it was, without words"));
            }
        }
        Some(Err(_)) if world.crashed(seat) => {}
        Some(Err(fault)) => world.fail(format!("{}: erases by hand: {fault}", world.name(seat))),
    }
}

/// What ends a matter for one side or the other.
const ENDS: [&str; 4] = ["refuse", "withdraw", "close-request", "answer"];

/// What the rules or the times forbid: a clock may have gone back.
fn refused(code: Code) -> bool {
    matches!(code, Code::NotPermitted | Code::ArgumentWrong | Code::MatterUnknown)
}

/// The partner of a party. A backup may have lost it.
fn partner(world: &mut World, seat: usize) -> Option<PartyId> {
    let node = world.seats[seat].node.as_mut()?;
    let first = node.correspondents().map(|(id, _)| *id).next();
    if first.is_some() {
        return first;
    }
    let names = vec![("en".to_owned(), "Cascadia".to_owned())];
    let added = node.add_correspondent(&Correspondent { names, ..Correspondent::default() });
    let crashed = world.crashed(seat);
    match added {
        Ok(id) if !crashed => Some(id),
        Err(fault) if !crashed => {
            world.fail(format!("{}: no correspondent: {fault}", world.name(seat)));
            None
        }
        _ => None,
    }
}

/// A request, or any act in one of the last matters; as if written here or as if it had come.
fn draft(world: &World, seat: usize, partner: PartyId, ring: Ring) -> Result<Draft> {
    let here = &world.seats[seat];
    let chance = &world.chance;
    let node = here.node.as_ref().ok_or_else(|| Code::Internal.at("down"))?;
    let known = here.by_hand.iter().filter(|(drill, _)| *drill == ring.is_drill());
    let known: Vec<_> = known.filter_map(|(_, id)| node.matter(id).ok()).collect();
    let comes = chance.chance(50);
    let view = known.get(chance.below(known.len() as u64 + 2) as usize);
    let mut draft = match view.and_then(|view| Some((view, view.flow?))) {
        Some((view, flow)) => {
            let kinds = flow.kinds();
            let mut kind = kinds[chance.below(kinds.len() as u64) as usize].name;
            if !view.answers.is_empty() && chance.chance(50) {
                kind = view.answers[chance.below(view.answers.len() as u64) as usize].0;
            }
            let may_come = view.may_come.iter().find(|(one, _)| comes && one.name == kind);
            let re = may_come.map_or_else(|| view.answers(kind), |(_, answers)| answers.clone());
            Draft { re, ..further(partner, ring, view.matter, kind) }
        }
        None => request(partner, ring),
    };
    if comes {
        let back = if chance.chance(20) { chance.below(200_000) } else { 0 };
        let came = Entered {
            how: HOW[chance.below(HOW.len() as u64) as usize].to_owned(),
            received_at: node.now(ring).saturating_sub(back),
            rules: draft.rules,
            kind: draft.kind,
            fields: draft.body,
        };
        draft = Draft { rules: RULES.into(), kind: ENTERED.into(), body: came.body(), ..draft };
    }
    Ok(draft)
}

/// Whether the log of a channel is of one side alone.
pub fn is_apart(world: &World, seat: usize, row: &ChannelRow) -> bool {
    row.channel != ChannelId::between(&world.seats[seat].party.id, &row.peer, row.drill)
}

/// What was written by hand is in nobody else's house, is no proof for a third person, and is the
/// same to a node that starts now. COR-1, COR-3, COR-6.
pub fn judge(world: &mut World, seat: usize) -> Result<()> {
    let disk = &world.seats[seat].disk;
    let mut own: BTreeSet<Entry> = BTreeSet::new();
    for row in disk.load()?.channels.iter().filter(|row| is_apart(world, seat, row)) {
        // Our credentials everybody has.
        let acts = disk.acts(row.number, 0, ALL, usize::MAX, false)?;
        own.extend(acts.iter().filter(|act| act.matter.is_some()).map(|act| act.entry));
    }
    let mut wrong = Vec::new();
    for other in (0..SEATS).filter(|other| *other != seat) {
        let disk = &world.seats[other].disk;
        for row in disk.load()?.channels {
            for owner in [Owner::Own, Owner::Peer] {
                let mut leaves = disk.entries(row.number, owner, 0, ALL)?;
                leaves.extend(disk.closed(row.number, owner)?.leaves.iter().map(|leaf| leaf.entry));
                if leaves.iter().any(|entry| own.contains(entry)) {
                    wrong.push(format!("{} has what is of one side alone", world.name(other)));
                }
            }
        }
    }
    let here = &world.seats[seat];
    let fresh = Node::load(Box::new(here.disk.copy()?), here.party.seams())?;
    let mut compared = 0;
    for (_, id) in &here.by_hand {
        let Some(node) = &here.node else { break };
        let (live, again) = match (node.matter(id), fresh.matter(id)) {
            (Ok(live), Ok(again)) => (live, again),
            (Err(one), Err(other)) if here.restores > 0 && one.code == other.code => continue,
            _ => {
                wrong.push(format!("{} does not know a matter by hand", world.name(seat)));
                continue;
            }
        };
        if !live.one_sided || !same(&live, &again) {
            wrong.push(format!("{}: a matter by hand differs", world.name(seat)));
        }
        if node.dossier(id).is_ok() {
            wrong.push(format!("{}: a dossier of what only one side says", world.name(seat)));
        }
        compared += 1;
    }
    world.tally.add("matters by hand compared", compared);
    wrong.into_iter().for_each(|what| world.fail(what));
    Ok(())
}

/// Whether two views of a matter show the same acts and the same state.
fn same(one: &MatterView, other: &MatterView) -> bool {
    let facts = |view: &MatterView| {
        let acts = view.acts.iter();
        let acts = acts.map(|act| (act.entry, act.verdict.text(), act.logged_at, act.mine));
        acts.collect::<Vec<_>>()
    };
    facts(one) == facts(other) && one.state == other.state
}
