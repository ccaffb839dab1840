//! Calls, line tests and surges in a history, and what a node does of itself in between.

use crate::world::World;
use counterpart_engine::figures::{Cut, Period};
use counterpart_engine::view::MatterView;
use counterpart_engine::{Draft, Target};
use counterpart_record::fault::{Code, Result};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::parse_object;
use counterpart_rules::flow::opened_by;

/// Kinds that open a matter, each with how often it is taken among a hundred.
const OPENING: [(&str, u64); 3] = [("raise", 60), ("line-test", 25), ("surge-propose", 15)];

/// An act in a matter of the line: a further one in the newest that the author knows, or one that
/// opens another.
pub fn draft(world: &World, from: usize, to: usize, ring: Ring) -> Result<Option<Draft>> {
    let peer = world.seats[to].party.id;
    let Some(node) = world.seats[from].node.as_ref() else { return Ok(None) };
    let between =
        world.matters.iter().rev().filter(|(a, b, r, _)| {
            *r == ring && [*a, *b].contains(&from) && [*a, *b].contains(&to)
        });
    let known = between.filter_map(|(.., id)| node.matter(id).ok());
    let live = |view: &MatterView| view.flow.is_some_and(|flow| flow.is_live());
    // Mostly the newest in which there is something to do, so that calls are talked through.
    let mut live = known.filter(|view| live(view) && !view.open.is_empty());
    let Some(view) = live.next().filter(|_| world.chance.chance(85)) else {
        let roll = world.chance.below(100);
        let kind = OPENING.iter().scan(0, |sum, (kind, share)| {
            *sum += share;
            Some((kind, *sum))
        });
        let mut kind = kind.filter(|(_, sum)| roll < *sum).map(|(kind, _)| *kind);
        let kind = kind.next().unwrap_or("raise");
        let target = Target::New { stream: "cybercrime".into() };
        let rules = opened_by(kind).map(|flow| flow.rules().to_owned()).unwrap_or_default();
        return Ok(Some(made(world, (peer, ring), target, rules, kind)));
    };
    let Some(flow) = view.flow else { return Ok(None) };
    let mut kinds: Vec<&str> = view.open.iter().map(|kind| kind.name).collect();
    // Sometimes what is not permitted, so that refusals and crossings are played, too.
    if kinds.is_empty() || world.chance.chance(15) {
        kinds = flow.kinds().iter().map(|kind| kind.name).collect();
    }
    let kind = kinds[world.chance.below(kinds.len() as u64) as usize];
    let target = Target::Matter(view.matter);
    let mut draft = made(world, (peer, ring), target, flow.rules().to_owned(), kind);
    if world.chance.chance(80) {
        draft.re = view.answers(kind);
    }
    Ok(Some(draft))
}

fn made(
    world: &World,
    (peer, ring): (counterpart_record::id::PartyId, Ring),
    target: Target,
    rules: String,
    kind: &str,
) -> Draft {
    let urgency = ["flash", "immediate", "priority", "routine"][world.chance.below(4) as usize];
    let until = crate::cast::START + 86_400 * (1 + world.chance.below(60));
    let body = match kind {
        "raise" => format!(r#"{{"urgency":"{urgency}","topic":"evidence-at-risk"}}"#),
        "say" if world.chance.chance(50) => r#"{"ring":true,"post":"desk"}"#.to_owned(),
        "say" => format!(r#"{{"ring":{}}}"#, world.chance.chance(30)),
        "close" if world.chance.chance(50) => r#"{"outcome":"settled","post":"desk"}"#.to_owned(),
        "close" => r#"{"outcome":"settled"}"#.to_owned(),
        "line-test" => r#"{"set_by":"person"}"#.to_owned(),
        "surge-propose" => format!(r#"{{"surge_until":{until}}}"#),
        _ => "{}".to_owned(),
    };
    let body = parse_object(body.as_bytes()).unwrap_or_default();
    let (disclosed, re) = (Vec::new(), Vec::new());
    Draft { peer, ring, target, rules, kind: kind.to_owned(), body, disclosed, re }
}

/// What the node of a seat does by itself towards a peer on a ring.
pub fn by_itself(world: &mut World, from: usize, to: usize, ring: Ring) -> Result<Vec<Draft>> {
    let peer = world.seats[to].party.id;
    let Some(node) = world.seats[from].node.as_mut() else { return Ok(Vec::new()) };
    let tick = node.tick(None)?;
    let (rings, climbed) = (tick.rings.len() as u64, tick.rings.iter().filter(|r| r.mine).count());
    world.tally.add("rings heard", rings);
    world.tally.add("rings heard at home", climbed as u64);
    let drafts = tick.drafts.into_iter().filter(|d| (d.peer, d.ring) == (peer, ring));
    let drafts: Vec<Draft> = drafts.collect();
    world.tally.add("acts that a node made by itself", drafts.len() as u64);
    Ok(drafts)
}

/// Sometimes a party states its figures, and its node goes on where figures are compared.
pub fn figures(world: &mut World, from: usize, to: usize, ring: Ring) -> Vec<Draft> {
    let peer = world.seats[to].party.id;
    let states = world.chance.chance(5);
    let Some(node) = world.seats[from].node.as_mut() else { return Vec::new() };
    let ever = Period { from: 0, to: 1 << 33 };
    let stated = states.then(|| node.state_figures(&peer, ring, Cut::AsOf(1 << 33), ever));
    let answers = node.figures_due().map(|drafts| {
        let ours = drafts.into_iter().filter(|draft| (draft.peer, draft.ring) == (peer, ring));
        ours.collect::<Vec<Draft>>()
    });
    let mut out = Vec::new();
    for drafts in stated.map(|draft| draft.map(|one| vec![one])).into_iter().chain([answers]) {
        match drafts {
            Ok(drafts) => out.extend(drafts),
            Err(fault) if matches!(fault.code, Code::CutNotShared | Code::NotAccredited) => {}
            Err(_) if world.crashed(from) => return Vec::new(),
            Err(fault) => world.fail(format!("{}: figures stated: {fault}", world.name(from))),
        }
    }
    out
}
