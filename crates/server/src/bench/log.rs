//! Appends and proofs, at sizes that a small and a large authority reach.

use super::figures::Figure;
use super::limit;
use counterpart_record::fault::Result;
use counterpart_record::hash::Hash;
use counterpart_record::id::Entry;
use counterpart_record::log::{Frontier, Tree, prove_inclusion, verify_inclusion};
use std::time::Instant;

/// Sizes of the tree.
const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];
/// What is done at each.
const COUNT: u64 = 20_000;

fn leaf(i: u64) -> Hash {
    let mut entry = [0; 32];
    entry[..8].copy_from_slice(&i.to_be_bytes());
    Entry(entry).leaf()
}

/// Both figures at each size: flat means that the ratio does not fall.
pub fn measure(figures: &mut Vec<Figure>) -> Result<()> {
    let hashes = limit::node_hashes();
    for size in SIZES {
        let tree = Tree::of((0..size).map(leaf));
        let mut frontier = Frontier::load(&tree, size)?;
        let began = Instant::now();
        for i in size..size + COUNT {
            frontier.append(leaf(i));
        }
        let rate = COUNT as f64 / began.elapsed().as_secs_f64();
        // A leaf hash, and one inner node for each leaf in the long run.
        let limit = ("two hashes for each leaf", hashes / 2.0);
        figures.push(Figure::rate(format!("log.append.{size}"), "leaves/s", rate, limit));
        let root = tree.root();
        let depth = f64::from(64 - (size - 1).leading_zeros());
        let began = Instant::now();
        for i in 0..COUNT {
            let index = i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % size;
            let path = prove_inclusion(&tree, index, size)?;
            verify_inclusion(&leaf(index), index, size, &path, &root)?;
        }
        let rate = COUNT as f64 / began.elapsed().as_secs_f64();
        // Verifying takes one hash a level and the leaf's own.
        let limit = ("the hashes of one path", hashes / (depth + 1.0));
        figures.push(Figure::rate(format!("log.prove.{size}"), "proofs/s", rate, limit));
    }
    Ok(())
}
