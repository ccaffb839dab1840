//! What must hold at the end of every history, read from the disks.

use crate::apart;
use crate::cast::{body, further};
use crate::forge::channel_row;
use crate::model::Logs;
use crate::play;
use crate::private;
use crate::trouble::Trouble;
use crate::world::{HOSTILE, SEATS, World};
use counterpart_engine::Node;
use counterpart_engine::figures::{Cut, Period};
use counterpart_engine::view::{MatterView, Rung};
use counterpart_record::disclose::{self, Disclosure};
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::{Cosignature, Head};
use counterpart_record::id::{Entry, PartyId};
use counterpart_record::inconsistency::{Inconsistency, Proof};
use counterpart_record::keys::Ring;
use counterpart_record::log::Tree;
use counterpart_record::payload::Payload;
use counterpart_record::statement::Unverified;
use counterpart_rules::clock::Sort;
use counterpart_rules::flow::{self, State};
use counterpart_rules::say::Say;
use counterpart_store::{ActRow, ChannelRow, MirrorRow, Owner, Place, Store as _};
use std::collections::{BTreeMap, BTreeSet};

const ALL: u64 = 1 << 40;
/// Behind every head of every history.
const LAST: Cut = Cut::AsOf(1 << 40);
const EVER: Period = Period { from: 0, to: ALL };

/// Judges the end of a history; what is wrong goes into its failures.
pub fn judge(world: &mut World) -> Result<()> {
    let honest: Vec<usize> = (0..SEATS).filter(|seat| world.honest(*seat)).collect();
    for seat in honest.clone() {
        rebuilt(world, seat)?;
        proofs(world, seat)?;
        for row in world.seats[seat].disk.load()?.channels {
            own_log(world, seat, &row)?;
            mirror(world, seat, &row)?;
            if !apart::is_apart(world, seat, &row) {
                verdicts(world, seat, &row)?;
            }
        }
        promises(world, seat)?;
        apart::judge(world, seat)?;
        private::judge(world, seat)?;
        refusals(world, seat)?;
    }
    for a in honest.clone() {
        for b in honest.iter().copied().filter(|b| a < *b) {
            for ring in Ring::ALL {
                converged(world, a, b, ring)?;
            }
        }
    }
    crate::papers::judge(world)?;
    for seat in honest {
        twin(world, seat)?;
    }
    lived(world);
    Ok(())
}

/// What became of the clocks of all matters.
fn lived(world: &mut World) {
    for (opener, other, _, id) in world.matters.clone() {
        for seat in [opener, other] {
            let node = world.seats[seat].node.as_ref();
            if let Some(view) = node.and_then(|node| node.matter(&id).ok()) {
                play::clocks(world, &view);
            }
        }
    }
    let lived = std::mem::take(&mut world.lived);
    world.tally.fates.extend(lived.into_iter().map(|cell| (cell, 1)));
}

/// The store passes its own check, and what follows from acts and heads is what follows from them.
fn rebuilt(world: &mut World, seat: usize) -> Result<()> {
    let name = world.name(seat);
    let Some(node) = world.seats[seat].node.as_mut() else {
        world.fail(format!("{name} is down after healing"));
        return Ok(());
    };
    let faults = node.fsck()?.faults;
    let rebuilt = if faults.is_empty() { Some(node.rebuild()?) } else { None };
    if let Some(first) = faults.first() {
        world.fail(format!("{name}: fsck: {first} ({} in all)", faults.len()));
    }
    if let Some(rebuilt) = rebuilt.filter(|rebuilt| rebuilt.differed > 0) {
        world.fail(format!("{name}: made again from acts and heads it differs: {rebuilt:?}"));
    }
    Ok(())
}

/// Nothing proves against an honest party; what was staged is proven.
fn proofs(world: &mut World, seat: usize) -> Result<()> {
    let mut kinds = BTreeSet::new();
    for bytes in world.seats[seat].disk.proofs()? {
        let proof = Proof::parse(&bytes)?;
        match proof.verify() {
            Ok(party) if party == world.seats[HOSTILE].party.id && world.hostile => {
                let acts = matches!(proof.what, Inconsistency::TwoActs(..));
                kinds.insert(if acts { Trouble::TwoActs } else { Trouble::TwoNodes });
                world.tally.add("proofs against the hostile party", 1);
            }
            Ok(party) => world.fail(format!("a proof names an honest party: {}", party.short())),
            Err(fault) => world.fail(format!("a kept proof does not verify: {fault}")),
        }
    }
    let shown: Vec<_> = world.shown.iter().filter(|(to, _)| *to == seat).map(|s| s.1).collect();
    for trouble in shown {
        if !kinds.contains(&trouble) {
            world.fail(format!("no proof of {} at {}", trouble.name(), world.name(seat)));
        }
    }
    Ok(())
}

/// Leaves are there once, heads go forward, what was published still stands, disclosures are all
/// there.
fn own_log(world: &mut World, seat: usize, row: &ChannelRow) -> Result<()> {
    let (name, number) = (world.name(seat), row.number);
    let disk = world.seats[seat].disk.clone();
    let entries = disk.entries(number, Owner::Own, 0, ALL)?;
    let once: BTreeSet<&Entry> = entries.iter().collect();
    if once.len() != entries.len() {
        world.fail(format!("{name}: a leaf is in its log twice"));
    }
    let tree = Tree::of(entries.iter().map(Entry::leaf));
    let published: Vec<_> = world.seats[seat].published.iter().copied().collect();
    for (_, size, root) in published.into_iter().filter(|head| head.0 == number) {
        if tree.root_at(size).ok() != Some(root) {
            world.fail(format!("{name}: a head of {size} that left the house is not kept"));
        }
    }
    let mut last = (0, 0);
    for bytes in disk.heads_after(number, Owner::Own, 0, 1 << 30)? {
        let head = Head::parse(&bytes)?;
        if head.prev_size != last.0 || head.time < last.1 {
            world.fail(format!("{name}: head {} does not follow {last:?}", head.size));
        }
        last = (head.size, head.time);
    }
    let acts = disk.acts(number, 0, ALL, usize::MAX, false)?;
    // Where we said it, and what the peer says that it can give nobody back.
    let (mut erased, mut lost) = (BTreeMap::new(), BTreeSet::new());
    for row in acts.iter().filter(|row| row.matter.is_some()) {
        let act = Unverified::parse(&row.statement)?.reread(Vec::new())?;
        let said = (&*act.payload.rules, &*act.payload.kind);
        match flow::erased_matter(said, &act.payload.body) {
            Some(matter) if row.mine => drop(erased.insert(matter, row.index)),
            matter => lost.extend(matter),
        }
    }
    for act in acts {
        world.tally.add("leaves", 1);
        // What comes after an erasure has a text of its own.
        let until = act.matter.and_then(|matter| erased.get(&matter).copied());
        let gone = until.is_some_and(|until| act.index < until);
        if gone && !act.disclosures.is_empty() {
            world.fail(format!("{name}: leaf {} still has a text that was erased", act.index));
        } else if act.matter.is_some() && !gone && !whole(&act)? {
            let peer_erased = act.matter.is_some_and(|matter| lost.contains(&matter));
            if peer_erased && world.seats[seat].restores > 0 {
                world.tally.add("regained without its text", 1);
                continue;
            }
            world.fail(format!("{name}: leaf {} lacks a disclosure", act.index));
        }
    }
    Ok(())
}

fn whole(row: &ActRow) -> Result<bool> {
    let disclosures = Disclosure::parse_all(&row.disclosures)?;
    let act = Unverified::parse(&row.statement)?.reread(Vec::new())?;
    Ok(disclose::check(&act.payload.sd, &disclosures, true).is_ok())
}

/// The peer's heads follow from the peer's leaves, foreign acts are placed once, and we cosigned
/// nothing that we did not compute.
fn mirror(world: &mut World, seat: usize, row: &ChannelRow) -> Result<()> {
    let (name, number) = (world.name(seat), row.number);
    let disk = world.seats[seat].disk.clone();
    let ended = !disk.closed(number, Owner::Peer)?.closings.is_empty();
    let mirror = disk.mirror(number, 0, ALL)?;
    let tree = Tree::of(mirror.iter().map(|leaf| leaf.entry.leaf()));
    for bytes in disk.heads_after(number, Owner::Peer, 0, 1 << 30)? {
        let head = Head::parse(&bytes)?;
        if tree.root_at(head.size).ok() != Some(head.root) {
            world.fail(format!(
                "{name}: a mirrored head of {} is not that of its leaves",
                head.size
            ));
        }
    }
    both_lost(world, seat, row)?;
    let mut size = 0;
    while let Some(bytes) = disk.cosigned_from(number, Owner::Peer, size)? {
        let cosignature = Cosignature::parse(&bytes)?;
        if tree.root_at(cosignature.size).ok() != Some(cosignature.root) {
            world.fail(format!("{name} cosigned a root that it did not compute"));
        }
        size = cosignature.size + 1;
    }
    for act in disk.acts(number, 0, ALL, usize::MAX, false)?.iter().filter(|act| !act.mine) {
        let here =
            |leaf: &MirrorRow| leaf.entry == act.entry && leaf.place == Place::Own(act.index);
        let placed = mirror.get(act.author_index as usize).is_some_and(here)
            || (ended && mirror.iter().any(here));
        if !placed {
            world.fail(format!("{name}: leaf {} is not in the peer's log", act.index));
        }
    }
    for leaf in mirror.iter().filter(|leaf| leaf.index < row.held) {
        if leaf.place == Place::Missing {
            world.fail(format!("{name} says that it holds leaf {}, and does not", leaf.index));
        }
    }
    Ok(())
}

/// What an honest party had logged in time counts, whoever lost it since: REC-46. Leaves of an
/// ended epoch that came once more and not with the log that ended were shown.
fn both_lost(world: &mut World, seat: usize, row: &ChannelRow) -> Result<()> {
    let disk = world.seats[seat].disk.clone();
    let leaves = disk.closed(row.number, Owner::Peer)?.leaves;
    let shown: BTreeSet<Entry> =
        leaves.iter().filter(|leaf| leaf.own.is_none()).map(|leaf| leaf.entry).collect();
    let peer = world.seats.iter().position(|other| other.party.id == row.peer);
    let honest = peer.is_some_and(|peer| world.honest(peer));
    for act in disk.acts(row.number, 0, ALL, usize::MAX, false)? {
        if act.mine || act.matter.is_none() {
            continue;
        }
        // Whether an honest party's act is one at all is judged with the other verdicts.
        let orphan = act.verdict == "void-orphaned";
        world.tally.add("acts that came after an epoch without them", u64::from(honest && orphan));
        let again = shown.contains(&act.entry) && act.verdict != "void-orphaned";
        world.tally.add("acts that both sides had lost and count", u64::from(again));
    }
    Ok(())
}

/// Every verdict is the one that follows from both logs by the model.
fn verdicts(world: &mut World, seat: usize, row: &ChannelRow) -> Result<()> {
    let disk = world.seats[seat].disk.clone();
    for (_, kept, right) in Logs::read(&disk, row.number)?.wrong() {
        world.fail(format!("{}: a verdict is {kept}, and should be {right}", world.name(seat)));
    }
    for act in disk.acts(row.number, 0, ALL, usize::MAX, true)? {
        if act.matter.is_some() && act.verdict == "valid" {
            let payload = Unverified::parse(&act.statement)?.reread(Vec::new())?.payload;
            met(world, (seat, &row.peer), &payload);
            *world.tally.acts.entry(payload.kind).or_default() += 1;
        }
    }
    for act in disk.acts(row.number, 0, ALL, usize::MAX, false)?.iter().filter(|act| !act.mine) {
        *world.tally.verdicts.entry(act.verdict.clone()).or_default() += 1;
    }
    Ok(())
}

/// The faults that struck either party of a valid act.
fn met(world: &mut World, (seat, peer): (usize, &PartyId), payload: &Payload) {
    let flow = flow::flow(&payload.rules);
    let Some((flow, kind)) = flow.and_then(|flow| Some((flow, flow.kind(&payload.kind)?))) else {
        return;
    };
    let other = (0..SEATS).find(|at| world.seats[*at].party.id == *peer);
    for (trouble, _) in world.struck.iter().filter(|(_, at)| *at == seat || Some(*at) == other) {
        // A cell counts histories.
        world.tally.met.insert((flow.name(), kind.name, *trouble), 1);
    }
}

/// Nothing that was returned as logged is missing.
fn promises(world: &mut World, seat: usize) -> Result<()> {
    let mut lost = 0;
    for promise in &world.seats[seat].promised {
        let disk = &world.seats[seat].disk;
        let row = channel_row(disk, &promise.peer, promise.ring)?;
        let (from, to) = promise.index.map_or((0, ALL), |index| (index, index + 1));
        let kept = disk.entries(row.number, Owner::Own, from, to)?;
        lost += u64::from(!kept.contains(&promise.entry));
    }
    if lost > 0 {
        world.fail(format!("{} lost {lost} acts that were logged", world.name(seat)));
    }
    Ok(())
}

/// Every poison leaf has its logged answer.
fn refusals(world: &mut World, seat: usize) -> Result<()> {
    let poisoned = world.poisoned.iter().filter(|(to, ..)| *to == seat);
    for (_, ring, entry) in poisoned.cloned().collect::<Vec<_>>() {
        let disk = &world.seats[seat].disk;
        let row = channel_row(disk, &world.seats[HOSTILE].party.id, ring)?;
        let mut said = false;
        for act in disk.acts(row.number, 0, ALL, usize::MAX, true)? {
            if act.matter.is_some() {
                let payload = Unverified::parse(&act.statement)?.reread(Vec::new())?.payload;
                let about = payload.body.get("entry").and_then(|value| value.as_str());
                said |= payload.kind == "refused" && about == Some(&entry.to_string());
            }
        }
        if !said {
            world.fail(format!("{} did not log its refusal", world.name(seat)));
        }
    }
    Ok(())
}

/// Two honest parties hold the same acts with the same verdicts, states and roots.
fn converged(world: &mut World, a: usize, b: usize, ring: Ring) -> Result<()> {
    let names = format!("{} and {} ({})", world.name(a), world.name(b), ring.name());
    for (one, other) in [(a, b), (b, a)] {
        let (disk, peer) = (&world.seats[one].disk, &world.seats[other].disk);
        let row = channel_row(disk, &world.seats[other].party.id, ring)?;
        let over = channel_row(peer, &world.seats[one].party.id, ring)?;
        let own = disk.entries(row.number, Owner::Own, 0, ALL)?;
        let seen = peer.entries(over.number, Owner::Peer, 0, ALL)?;
        let cosigned = disk.cosigned_newest(row.number, Owner::Own)?;
        let cosigned = cosigned.map(|bytes| Cosignature::parse(&bytes)).transpose()?;
        let all = own.len() as u64;
        if own != seen || over.held != all {
            let held = over.held;
            let what =
                format!("{names} differ: {all} leaves, {} mirrored, {held} held", seen.len());
            world.fail(what);
        } else if cosigned.map(|cosignature| cosignature.size) != Some(all) {
            world.fail(format!("{names}: the newest head is not cosigned"));
        }
    }
    if !world.failures.is_empty() {
        return Ok(());
    }
    figures(world, a, b, ring)?;
    let matters: Vec<_> = world
        .matters
        .iter()
        .filter(|m| (m.0.min(m.1), m.0.max(m.1), m.2) == (a, b, ring))
        .collect();
    let restored = world.seats[a].restores + world.seats[b].restores > 0;
    let mut gone = 0;
    let (mut wrong, mut agreed) = (Vec::new(), 0);
    for (at, (.., id)) in matters.iter().enumerate() {
        let (Some(left), Some(right)) = (&world.seats[a].node, &world.seats[b].node) else { break };
        let unknown =
            |node: &Node| node.matter(id).is_err_and(|fault| fault.code == Code::MatterUnknown);
        if restored && unknown(left) && unknown(right) {
            gone += 1;
            continue;
        }
        let (left_view, right_view) = (left.matter(id)?, right.matter(id)?);
        wrong.extend(differ(&left_view, &right_view));
        if at == 0 {
            wrong.extend(shown_to_a_third_person(left, right, &left_view)?);
        }
    }
    if let (Some(left), Some(right)) = (&world.seats[a].node, &world.seats[b].node) {
        let terms = [left.terms(&right.party(), ring)?, right.terms(&left.party(), ring)?];
        if (terms[0].in_force, &terms[0].sheet) != (terms[1].in_force, &terms[1].sheet) {
            wrong.push("the two sides name other terms in force".into());
        }
        agreed = u64::from(terms[0].sheet.is_some());
    }
    world.tally.add("terms in force compared", agreed);
    let count = matters.len() as u64;
    world.tally.add("matters compared", count - gone);
    world.tally.add("matters that only a dead disk held", gone);
    wrong.into_iter().for_each(|what| world.fail(format!("{names}: {what}")));
    Ok(())
}

/// Both sides count alike at one cut, by steps as from nothing.
fn figures(world: &mut World, a: usize, b: usize, ring: Ring) -> Result<()> {
    let names = format!("{} and {} ({})", world.name(a), world.name(b), ring.name());
    let mut digests = Vec::new();
    for (one, other) in [(a, b), (b, a)] {
        let peer = world.seats[other].party.id;
        let Some(node) = world.seats[one].node.as_mut() else { return Ok(()) };
        for _ in 0..2 {
            let shown = node.figures(&peer, ring, LAST, EVER)?;
            digests.push(shown.figures.digest());
            world.tally.add("rows of figures", shown.figures.cells.len() as u64);
            node.forget_figures();
        }
    }
    if digests.iter().any(|digest| *digest != digests[0]) {
        world.fail(format!("{names}: the figures differ"));
    }
    let here = |known: &&(usize, usize, Ring, _)| {
        known.2 == ring && [known.0, known.1].contains(&a) && [known.0, known.1].contains(&b)
    };
    let restored = world.seats[a].restores + world.seats[b].restores > 0;
    let matters: Vec<_> = world.matters.iter().filter(here).map(|known| known.3).collect();
    for matter in matters {
        let Some(node) = world.seats[a].node.as_ref() else { return Ok(()) };
        let Ok(view) = node.matter(&matter) else { continue };
        match view.state.map(|state| state.stage) {
            Some("figures-equal") => world.tally.add("figures compared and equal", 1),
            // Whoever restored a backup takes in anew what it had taken in after it, and later.
            Some(stage) if stage.starts_with("figures-differ") && restored => {
                world.tally.add("figures stated before a restore that differ after it", 1);
            }
            Some(stage) if stage.starts_with("figures-differ") => {
                world.fail(format!("{names}: figures stated in {} differ", matter.short()));
            }
            _ => {}
        }
    }
    Ok(())
}

fn differ(left: &MatterView, right: &MatterView) -> Option<String> {
    let facts = |view: &MatterView| {
        let mut acts: Vec<_> = view
            .acts
            .iter()
            .map(|act| (act.entry, act.verdict.text(), act.logged_at, act.held_at, act.rung))
            .collect();
        acts.sort();
        acts
    };
    let [ours, theirs] = [left, right].map(shared);
    if ours != theirs {
        return Some(format!("states differ: {ours:?} and {theirs:?}"));
    }
    for view in [left, right] {
        let mut timers = view.state.iter().flat_map(|state| &state.timers);
        if timers.any(|one| one.sort == Sort::OwnReminder && one.who != view.half) {
            return Some("a reminder is shown to a side that it does not bind".into());
        }
    }
    if facts(left) != facts(right) {
        return Some("acts or verdicts of a matter differ".into());
    }
    let low = left.acts.iter().any(|act| act.rung != Rung::Anchored);
    low.then(|| "an act is not anchored".into())
}

/// A state without the reminders that its owner alone is shown. CLK-5.
fn shared(view: &MatterView) -> Option<State> {
    let mut state = view.state.clone()?;
    state.timers.retain(|timer| timer.sort != Sort::OwnReminder);
    Some(state)
}

/// A dossier of either side convinces a verifier that has two fingerprints and nothing else.
fn shown_to_a_third_person(left: &Node, right: &Node, view: &MatterView) -> Result<Vec<String>> {
    let prints = [left.party().fingerprint(), right.party().fingerprint()];
    let mut wrong = Vec::new();
    if view.acts.iter().all(|act| act.verdict.text() == "void-orphaned") {
        return Ok(wrong);
    }
    let files = left.dossier(&view.matter)?.files()?;
    if files.iter().any(|(_, bytes)| private::leaks(bytes)) {
        wrong.push("the dossier has what stays at home".to_owned());
    }
    let report = counterpart_verify::dossier::check(&files, &prints, 1);
    if let Some(finding) = report.findings.first() {
        wrong.push(format!("the dossier is not accepted: {}", finding.fault));
    }
    // Both logs are anchored by now, so nothing may be left on the word of one side; but of an
    // epoch that ended, the last head may have found no cosignature. Attached files stay outside of
    // this dossier.
    let files = |say: &&Say| say.key == "verify-unchecked-attachment";
    let ended = left.is_over_epochs(&view.peer, view.ring)
        || right.is_over_epochs(&left.party(), view.ring);
    if let Some(say) = report.unchecked.iter().find(|say| !ended && !files(say)) {
        wrong.push(format!("the dossier leaves something unchecked: {}", say.key));
    }
    Ok(wrong)
}

/// A node that ran all the time and one that starts now from its disk allow the same next acts and
/// say the same of themselves.
fn twin(world: &mut World, seat: usize) -> Result<()> {
    let copy = world.seats[seat].disk.copy()?;
    let mut fresh = Node::load(Box::new(copy), world.seats[seat].party.seams())?;
    let known = world.matters.clone();
    let mut differ = None;
    for (a, b, ring, id) in known.into_iter().filter(|m| m.0 == seat || m.1 == seat).take(6) {
        let peer = world.seats[if a == seat { b } else { a }].party.id;
        let Some(live) = world.seats[seat].node.as_mut() else { return Ok(()) };
        for kind in ["remind", "acknowledge", "ask", "answer", "withdraw"] {
            let mut results = Vec::new();
            for node in [&mut *live, &mut fresh] {
                let mut draft = further(peer, ring, id, kind);
                draft.body = body(kind);
                node.submit(draft)?;
                let result = node.ledger()?.pop().map(|(_, result)| result);
                let said = |logged: counterpart_engine::Logged| (logged.index, logged.time);
                results.push(result.map(|r| r.map(said).map_err(|fault| fault.to_string())));
            }
            if results[0] != results[1] {
                differ = Some(format!("{kind}: {:?} and {:?}", results[0], results[1]));
            }
        }
    }
    if let Some(live) = world.seats[seat].node.as_mut() {
        // A restart knows of every call what the node knew that ran on.
        let (mut one, mut other) = (live.tick(None)?, fresh.tick(None)?);
        while one.unread + other.unread > 0 {
            (one, other) = (live.tick(None)?, fresh.tick(None)?);
        }
        // What has come ahead of its place is in memory alone, and comes again. CAL-15
        one.rings.retain(|ring| !ring.ahead);
        other.rings.retain(|ring| !ring.ahead);
        if (&one.rings, &one.raised) != (&other.rings, &other.raised) {
            differ = Some(format!("what rings: {:?} and {:?}", one.rings, other.rings));
        }
        world.tally.add("rings compared", one.rings.len() as u64);
    }
    if let Some(what) = differ {
        world.fail(format!("{} live and restarted differ: {what}", world.name(seat)));
    }
    Ok(())
}
