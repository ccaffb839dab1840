//! The Merkle tree of RFC 9162 section 2.1 over SHA-256: appending, roots, proofs and their
//! verification. Leaf hashes are SHA-256(0x00 | entry); see [`crate::id::Entry::leaf`].

use crate::fault::{Code, Result};
use crate::hash::{Hash, sha256};
use crate::limits;

/// The hash of an inner node: SHA-256(0x01 | left | right).
pub fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// The root of the empty tree: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The right edge of a tree: the roots of its perfect subtrees, largest first. Enough to append
/// and to know the root, in 63 hashes at the most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The empty tree.
    pub fn new() -> Frontier {
        Frontier::default()
    }

    /// From the leaf hashes of a whole tree.
    pub fn of(leaves: impl IntoIterator<Item = Hash>) -> Frontier {
        let mut frontier = Frontier::new();
        for leaf in leaves {
            frontier.append(leaf);
        }
        frontier
    }

    /// From the complete subtrees of a tree of `size` leaves.
    pub fn load(nodes: &dyn Nodes, size: u64) -> Result<Frontier> {
        let mut peaks = Vec::new();
        let mut from = 0;
        for level in (0..63u8).rev().filter(|level| size >> level & 1 == 1) {
            peaks.push(nodes.node(level, from >> level)?);
            from += 1 << level;
        }
        Ok(Frontier { size, peaks })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds one leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, |_, _, _| {});
    }

    /// Adds one leaf hash and tells of every subtree that it completes: level, index, hash.
    pub fn append_with(&mut self, leaf: Hash, mut complete: impl FnMut(u8, u64, Hash)) {
        let mut hash = leaf;
        let mut level = 0;
        complete(0, self.size, hash);
        while self.size >> level & 1 == 1 {
            let left = self.peaks.pop().unwrap_or_default();
            hash = node(&left, &hash);
            level += 1;
            complete(level, self.size >> level, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => empty_root(),
            Some(last) => peaks.fold(*last, |right, left| node(left, &right)),
        }
    }
}

/// Where proofs read from: the hashes of complete subtrees.
pub trait Nodes {
    /// The hash over leaves `index << level .. (index + 1) << level`, all of which exist.
    fn node(&self, level: u8, index: u64) -> Result<Hash>;
}

/// The inclusion path of leaf `index` in the tree of `size` leaves (RFC 9162 section 2.1.3.1).
pub fn prove_inclusion(nodes: &dyn Nodes, index: u64, size: u64) -> Result<Vec<Hash>> {
    if index >= size {
        return Err(Code::ProofWrong.at(format!("leaf {index} is not in a tree of {size}")));
    }
    let mut path = Vec::new();
    descend(nodes, index, 0, size, &mut path)?;
    Ok(path)
}

fn descend(nodes: &dyn Nodes, index: u64, from: u64, to: u64, path: &mut Vec<Hash>) -> Result<()> {
    if to - from == 1 {
        return Ok(());
    }
    let middle = from + split(to - from);
    if index < middle {
        descend(nodes, index, from, middle, path)?;
        path.push(range(nodes, middle, to)?);
    } else {
        descend(nodes, index, middle, to, path)?;
        path.push(range(nodes, from, middle)?);
    }
    Ok(())
}

/// The consistency proof between two sizes (RFC 9162 section 2.1.4.1). Empty for equal sizes and
/// for the empty tree.
pub fn prove_consistency(nodes: &dyn Nodes, old: u64, new: u64) -> Result<Vec<Hash>> {
    if old > new {
        return Err(Code::ProofWrong.at(format!("{old} is more than {new}")));
    }
    let mut path = Vec::new();
    if old > 0 && old < new {
        extend(nodes, old, 0, new, true, &mut path)?;
    }
    Ok(path)
}

fn extend(
    nodes: &dyn Nodes,
    old: u64,
    from: u64,
    to: u64,
    whole: bool,
    path: &mut Vec<Hash>,
) -> Result<()> {
    if old == to {
        if !whole {
            path.push(range(nodes, from, to)?);
        }
        return Ok(());
    }
    let middle = from + split(to - from);
    if old <= middle {
        extend(nodes, old, from, middle, whole, path)?;
        path.push(range(nodes, middle, to)?);
    } else {
        extend(nodes, old, middle, to, false, path)?;
        path.push(range(nodes, from, middle)?);
    }
    Ok(())
}

/// The root over leaves `from..to`, where `from` is aligned as proofs need it.
fn range(nodes: &dyn Nodes, from: u64, to: u64) -> Result<Hash> {
    let count = to - from;
    if count.is_power_of_two() {
        let level = count.trailing_zeros() as u8;
        return nodes.node(level, from >> level);
    }
    let middle = from + split(count);
    Ok(node(&range(nodes, from, middle)?, &range(nodes, middle, to)?))
}

/// The largest power of two smaller than `count`.
fn split(count: u64) -> u64 {
    1 << (63 - (count - 1).leading_zeros())
}

/// The root that a path leads to from a leaf hash (RFC 9162 section 2.1.3.2).
pub fn root_of_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash]) -> Result<Hash> {
    climb(leaf, index, size, path, |_, left, right| node(left, right))
}

/// The last node of each level on the way up. Leaves that lie near each other share most of their
/// way: what was hashed for the one need not be hashed again for the other.
#[derive(Clone, Debug, Default)]
pub struct Climb {
    /// Left, right and the node over both.
    last: Vec<Option<[Hash; 3]>>,
}

impl Climb {
    /// As [`root_of_inclusion`], for the same result in the end and a few hashes on the way.
    pub fn root(&mut self, leaf: &Hash, index: u64, size: u64, path: &[Hash]) -> Result<Hash> {
        self.last.resize(self.last.len().max(path.len()), None);
        climb(leaf, index, size, path, |step, left, right| match &mut self.last[step] {
            Some([l, r, over]) if l == left && r == right => *over,
            place => {
                let over = node(left, right);
                *place = Some([*left, *right, over]);
                over
            }
        })
    }
}

fn climb(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    mut over: impl FnMut(usize, &Hash, &Hash) -> Hash,
) -> Result<Hash> {
    let wrong = |what: &str| Code::ProofWrong.at(what);
    if index >= size {
        return Err(wrong("leaf index outside the tree"));
    }
    if path.len() > limits::PROOF_HASHES {
        return Err(wrong("path too long"));
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for (step, sibling) in path.iter().enumerate() {
        if last == 0 {
            return Err(wrong("path too long"));
        }
        if at & 1 == 1 || at == last {
            hash = over(step, sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = over(step, &hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    if last == 0 { Ok(hash) } else { Err(wrong("path too short")) }
}

/// Whether a leaf is in the tree with this root. [`Code::ProofWrong`] otherwise.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: &Hash,
) -> Result<()> {
    if root_of_inclusion(leaf, index, size, path)? == *root {
        Ok(())
    } else {
        Err(Code::ProofWrong.at("path does not lead to the root"))
    }
}

/// Whether the tree of `new` leaves extends that of `old` (RFC 9162 section 2.1.4.2).
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    path: &[Hash],
) -> Result<()> {
    let wrong = |what: &str| Err(Code::ProofWrong.at(what));
    if old > new {
        return wrong("old tree larger than the new one");
    }
    if old == new || old == 0 {
        return match (path.is_empty(), old == 0 || old_root == new_root) {
            (false, _) => wrong("path where none is needed"),
            (_, false) => wrong("two roots for one size"),
            _ => Ok(()),
        };
    }
    if path.is_empty() || path.len() > limits::PROOF_HASHES {
        return wrong("path empty or too long");
    }
    let mut rest = path;
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let first = if old.is_power_of_two() {
        *old_root
    } else {
        rest = &path[1..];
        path[0]
    };
    let (mut low, mut high) = (first, first);
    for hash in rest {
        if last == 0 {
            return wrong("path too long");
        }
        if at & 1 == 1 || at == last {
            low = node(hash, &low);
            high = node(hash, &high);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            high = node(&high, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return wrong("path too short");
    }
    if low == *old_root && high == *new_root {
        Ok(())
    } else {
        wrong("path does not lead to both roots")
    }
}

/// All nodes of a small tree in memory.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    frontier: Frontier,
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// From leaf hashes.
    pub fn of(leaves: impl IntoIterator<Item = Hash>) -> Tree {
        let mut tree = Tree::default();
        for leaf in leaves {
            tree.append(leaf);
        }
        tree
    }

    /// Adds one leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        let levels = &mut self.levels;
        self.frontier.append_with(leaf, |level, _, hash| {
            let level = usize::from(level);
            if levels.len() == level {
                levels.push(Vec::new());
            }
            levels[level].push(hash);
        });
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The root at an earlier size.
    pub fn root_at(&self, size: u64) -> Result<Hash> {
        if size == 0 { Ok(empty_root()) } else { range(self, 0, size) }
    }
}

impl Nodes for Tree {
    fn node(&self, level: u8, index: u64) -> Result<Hash> {
        let row = self.levels.get(usize::from(level));
        let place = usize::try_from(index).ok();
        let hash = row.zip(place).and_then(|(row, place)| row.get(place));
        hash.copied().ok_or_else(|| Code::ProofWrong.at("beyond the tree"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(i: u64) -> Hash {
        sha256(&[&[0], &i.to_be_bytes()])
    }

    #[test]
    fn every_proof_up_to_seventy_leaves_holds_and_every_change_is_seen() {
        let tree = Tree::of((0..70).map(leaf));
        for size in 1..=70 {
            let root = tree.root_at(size).unwrap();
            let frontier = Frontier::of((0..size).map(leaf));
            let mut climbed = Climb::default();
            assert_eq!(root, frontier.root());
            assert_eq!(Frontier::load(&tree, size).unwrap(), frontier);
            for index in 0..size {
                let path = prove_inclusion(&tree, index, size).unwrap();
                verify_inclusion(&leaf(index), index, size, &path, &root).unwrap();
                assert_eq!(climbed.root(&leaf(index), index, size, &path).unwrap(), root);
                for step in 0..path.len() {
                    let mut altered = path.clone();
                    altered[step][7] ^= 1;
                    let found = climbed.root(&leaf(index), index, size, &altered).unwrap();
                    assert_ne!(found, root, "what is remembered replaces no sibling");
                }
                assert!(verify_inclusion(&leaf(index + 1), index, size, &path, &root).is_err());
                if index + 1 < size {
                    assert!(verify_inclusion(&leaf(index), index + 1, size, &path, &root).is_err());
                }
            }
            for old in 0..=size {
                let path = prove_consistency(&tree, old, size).unwrap();
                let before = tree.root_at(old).unwrap();
                verify_consistency(old, size, &before, &root, &path).unwrap();
                if old > 0 && old < size {
                    assert!(verify_consistency(old, size, &root, &before, &path).is_err());
                    let mut longer = path.clone();
                    longer.push(leaf(0));
                    assert!(verify_consistency(old, size, &before, &root, &longer).is_err());
                    let shorter = &path[..path.len() - 1];
                    assert!(verify_consistency(old, size, &before, &root, shorter).is_err());
                }
            }
        }
        assert!(prove_inclusion(&tree, 70, 70).is_err());
        assert!(prove_consistency(&tree, 71, 70).is_err());
        assert_eq!(tree.root_at(71).unwrap_err().code, Code::ProofWrong);
    }
}
