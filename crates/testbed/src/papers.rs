//! What must hold of attachments at the end of a history, read from the disks: whoever should have
//! the sealed bytes has them and they open to what was sealed, nobody else has any, and what was
//! erased is gone.

use crate::files::Paper;
use crate::world::{SEATS, World};
use counterpart_engine::Node;
use counterpart_engine::attach::Shown;
use counterpart_engine::haul::Ask;
use counterpart_record::attachment::{Key, open_all};
use counterpart_record::fault::Result;
use counterpart_record::hash::Hash;
use counterpart_record::id::hex;
use counterpart_store::Presence;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

/// What one seat holds of what acts name: by root, whether all of it is there.
type Held = BTreeMap<Hash, bool>;

/// Judges all seats.
pub fn judge(world: &mut World) -> Result<()> {
    let mut held: Vec<Held> = Vec::new();
    for seat in 0..SEATS {
        held.push(if world.honest(seat) { folder(world, seat)? } else { Held::new() });
    }
    for paper in world.papers.clone() {
        both(world, &paper, &held);
        others(world, &paper);
    }
    Ok(())
}

/// One folder: every file is named by an act, opens where there is a key, and is what was sealed.
fn folder(world: &mut World, seat: usize) -> Result<Held> {
    let name = world.name(seat);
    let Some(node) = world.seats[seat].node.as_ref() else { return Ok(Held::new()) };
    let named = node.named()?;
    let roots: HashSet<Hash> = named.iter().map(|(root, ..)| *root).collect();
    let blobs = world.seats[seat].blobs.clone();
    let left = blobs.sweep(&roots, Duration::ZERO)?;
    let mut wrong = Vec::new();
    if left > 0 && world.seats[seat].ended == 0 {
        // Only a process that died may leave something to be swept away.
        wrong.push(format!("{left} files that no act names"));
    }
    let mut held: Held = BTreeMap::new();
    for (root, size, _) in &named {
        let whole = blobs.presence(root, *size) == Presence::Whole;
        held.insert(*root, whole);
        if whole && node.trouble(root).is_some() {
            wrong.push(format!("{} is here, and called wrong", hex(&root[..4])));
        }
    }
    let (mut opened, mut closed) = (0, 0);
    for shown in shown(world, node)? {
        let root = shown.named.root;
        match (&shown.opening, shown.presence) {
            (Some(opening), Presence::Whole) => {
                let sealed = blobs.read(&root, 0, shown.named.size)?;
                let (key, promised) =
                    (Key::from_bytes(opening.key), (opening.bytes, opening.digest));
                let content = open_all(&root, &sealed, &key, promised).ok();
                let paper = world.papers.iter().find(|paper| paper.named.root == root);
                // What a hostile party says of a file may be anything.
                let judged = paper.filter(|paper| {
                    let key_of_others = opening.key == [7; 32];
                    world.honest(paper.between.0) && !key_of_others
                });
                if judged.is_some_and(|paper| content.as_ref() != Some(&paper.content)) {
                    wrong.push(format!("{} is not what was sealed", hex(&root[..4])));
                }
                opened += u64::from(content.is_some());
            }
            (None, _) => closed += 1,
            _ => {}
        }
    }
    let lost = world.lost.iter().filter(|(at, root)| *at == seat && held.get(root) == Some(&true));
    let back = lost.count() as u64;
    wrong.into_iter().for_each(|what| world.fail(format!("{name}: {what}")));
    world.tally.add("attachments opened", opened);
    world.tally.add("attachments without their key", closed);
    world.tally.add("attachments that came back", back);
    Ok(held)
}

/// Every attachment that a node shows.
fn shown(world: &World, node: &Node) -> Result<Vec<Shown>> {
    let mut all = Vec::new();
    for (.., id) in &world.matters {
        let Ok(view) = node.matter(id) else { continue };
        let Some(flow) = view.flow else { continue };
        for act in &view.acts {
            all.extend(node.attachments_of(flow, act)?);
        }
    }
    Ok(all)
}

/// Author and peer: each has what it should.
fn both(world: &mut World, paper: &Paper, held: &[Held]) {
    let (author, peer) = paper.between;
    if !world.honest(author) || !world.honest(peer) {
        return;
    }
    let root = paper.named.root;
    let has = |seat: usize| held[seat].get(&root) == Some(&true);
    let (has, got) = (has(author), has(peer));
    // A hostile party may name it as well: what counts is between these two.
    let (said, heard) = (world.names((author, peer), &root), world.names((peer, author), &root));
    let short = hex(&root[..4]);
    // What another names as its own as well is given back to neither. ATT-11.
    let mut others = (0..SEATS).filter(|seat| ![author, peer].contains(seat));
    let given_back = heard && got && !others.any(|other| world.names((peer, other), &root));
    if said && !has && (world.seats[author].restores == 0 || given_back) {
        world.fail(format!("{} lacks {short}, which it attached", world.name(author)));
    }
    if heard && !got && said && has {
        world.fail(format!("{} lacks {short}, which {} has", world.name(peer), world.name(author)));
    }
    let both = said && has && heard && got;
    world.tally.add("attachments that both have", u64::from(both));
    world.tally.add("attachments that nobody has", u64::from((said || heard) && !has && !got));
}

/// Nobody else has any of it or is given any.
fn others(world: &mut World, paper: &Paper) {
    let (author, peer) = paper.between;
    let (root, size) = (paper.named.root, paper.named.size);
    for seat in (0..SEATS).filter(|seat| ![author, peer].contains(seat)) {
        if world.seats[seat].blobs.presence(&root, size) != Presence::None {
            world.fail(format!("{} has what is between others", world.name(seat)));
        }
        let other = world.seats[seat].party.id;
        for (asked, with) in [(author, peer), (peer, author)] {
            // What a crash left behind of an erased file has no key, and is of no use to anybody.
            let left = world.seats[asked].ended > 0 && !world.names((asked, with), &root);
            if !world.honest(asked) || left {
                continue;
            }
            let ask = Ask::Read { from: 0, to: size };
            let node = world.seats[asked].node.as_mut();
            if node.is_some_and(|node| node.admit(&other, &root, &ask).is_ok()) {
                world.fail(format!("{} gives what is between others", world.name(asked)));
            }
        }
    }
}
