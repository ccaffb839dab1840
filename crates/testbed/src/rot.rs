//! A bit at rest becomes another. Whatever starts from such a disk must notice before it signs.

use crate::disk::{Disk, Write};
use crate::trouble::Trouble;
use crate::world::World;
use counterpart_engine::Node;
use counterpart_record::fault::Result;

/// Copies a party's disk with one bit changed. Starting from the copy or checking it must fail; the
/// party then goes on from its good disk.
pub fn flip(world: &mut World, seat: usize) {
    let mut writes = world.seats[seat].disk.journal();
    let Some(what) = damage(world, &mut writes) else { return };
    world.hit(Trouble::BitFlip, seat);
    match noticed(world, seat, &writes) {
        Ok(true) => {}
        Ok(false) => world.fail(format!("a bit in {what} changed and nobody noticed")),
        Err(fault) => world.fail(format!("damaged disk: {fault}")),
    }
}

fn noticed(world: &World, seat: usize, writes: &[Write]) -> Result<bool> {
    let disk = Disk::written(writes)?;
    Ok(match Node::load(Box::new(disk), world.seats[seat].party.seams()) {
        Err(_) => true,
        Ok(node) => node.fsck().map_or(true, |checked| !checked.faults.is_empty()),
    })
}

/// Changes one bit of one thing that a commit wrote.
fn damage(world: &World, writes: &mut [Write]) -> Option<&'static str> {
    let pick = |count: usize| world.chance.below(count as u64) as usize;
    let last = writes.len();
    for _ in 0..20 {
        let Write::Commit(batch, head) = &mut writes[pick(last)] else { continue };
        let bit = 1 << world.chance.below(8);
        let flip = |bytes: &mut [u8]| {
            let at = world.chance.below(bytes.len() as u64) as usize;
            bytes[at] ^= bit;
        };
        let acts = batch.acts.len();
        match world.chance.below(5) {
            0 if acts > 0 => {
                flip(&mut batch.acts[pick(acts)].statement);
                return Some("a statement");
            }
            1 if acts > 0 => {
                flip(&mut batch.acts[pick(acts)].entry.0);
                return Some("a leaf of the own log");
            }
            2 if !batch.mirror.is_empty() => {
                let count = batch.mirror.len();
                flip(&mut batch.mirror[pick(count)].entry.0);
                return Some("a leaf of the mirror");
            }
            3 if !batch.peer_heads.is_empty() => {
                let count = batch.peer_heads.len();
                flip(&mut batch.peer_heads[pick(count)].bytes);
                return Some("a head of the peer");
            }
            4 => {
                let Some(head) = head else { continue };
                flip(&mut head.bytes);
                return Some("an own head");
            }
            _ => {}
        }
    }
    None
}
