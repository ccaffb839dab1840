//! C2SP tlog-tiles: hashes in tiles of 256, eight tree levels high, and entry bundles. Our store
//! keeps its trees so, and the verifier reads logs that others wrote.

use crate::fault::{Code, Result};
use crate::hash::Hash;
use crate::log::{Nodes, node};

/// Hashes in a full tile.
pub const WIDTH: u64 = 256;
/// Tree levels in a tile.
pub const HEIGHT: u8 = 8;

/// The path of a tile: `tile/<level>/<index>[.p/<width>]`, index in groups of three digits.
/// `level` is `None` for an entry bundle.
pub fn path(level: Option<u8>, index: u64, width: u64) -> String {
    let mut groups = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        groups = format!("x{:03}/{groups}", rest % 1000);
        rest /= 1000;
    }
    let level = level.map_or("entries".to_owned(), |level| level.to_string());
    let partial = if width < WIDTH { format!(".p/{width}") } else { String::new() };
    format!("tile/{level}/{groups}{partial}")
}

/// How many hashes tile `index` of `level` has in a tree of `size` leaves.
pub fn width(level: u8, index: u64, size: u64) -> u64 {
    let hashes = size.checked_shr(u32::from(HEIGHT) * u32::from(level)).unwrap_or(0);
    hashes.saturating_sub(index.saturating_mul(WIDTH)).min(WIDTH)
}

/// Reads nodes out of tiles. `read(level, index, width)` gives the bytes of a tile that has at
/// least `width` hashes.
pub struct Tiles<F> {
    /// Leaves in the tree.
    pub size: u64,
    /// The reader.
    pub read: F,
}

impl<F: Fn(u8, u64, u64) -> Result<Vec<u8>>> Nodes for Tiles<F> {
    fn node(&self, level: u8, index: u64) -> Result<Hash> {
        let (row, up) = (level / HEIGHT, level % HEIGHT);
        let first = index << up;
        let tile = first / WIDTH;
        let width = width(row, tile, self.size);
        let bytes = (self.read)(row, tile, width)?;
        let start = usize::try_from(first % WIDTH).unwrap_or(usize::MAX).saturating_mul(32);
        let short = || Code::StructureWrong.at(format!("tile {row}/{tile} is too short"));
        let part = bytes.get(start..start + (32 << up)).ok_or_else(short)?;
        let mut row: Vec<Hash> = Vec::with_capacity(1 << up);
        for chunk in part.chunks_exact(32) {
            row.push(chunk.try_into().map_err(|_| short())?);
        }
        while row.len() > 1 {
            row = row.chunks_exact(2).map(|pair| node(&pair[0], &pair[1])).collect();
        }
        row.pop().ok_or_else(short)
    }
}

/// Splits an entry bundle: each entry behind its 16-bit big-endian length.
pub fn bundle(bytes: &[u8]) -> Result<Vec<&[u8]>> {
    let short = || Code::StructureWrong.at("entry bundle cut short");
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<2>().ok_or_else(short)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let entry = after.get(..length).ok_or_else(short)?;
        entries.push(entry);
        rest = &after[length..];
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256;
    use crate::log::{Tree, prove_inclusion, verify_inclusion};

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(path(Some(0), 0, 256), "tile/0/000");
        assert_eq!(path(Some(1), 1_234_067, 256), "tile/1/x001/x234/067");
        assert_eq!(path(Some(0), 273, 112), "tile/0/273.p/112");
        assert_eq!(path(None, 273, 112), "tile/entries/273.p/112");
    }

    #[test]
    fn proofs_out_of_tiles_are_those_out_of_the_tree() {
        let leaves: Vec<Hash> = (0..600u64).map(|i| sha256(&[&i.to_be_bytes()])).collect();
        let tree = Tree::of(leaves.iter().copied());
        for size in [1u64, 255, 256, 257, 512, 600] {
            let read = |level: u8, index: u64, count: u64| {
                assert_eq!(count, width(level, index, size));
                let hashes = (index * WIDTH..index * WIDTH + count)
                    .map(|i| tree.node(level * HEIGHT, i).unwrap());
                Ok(hashes.flatten().collect())
            };
            let tiles = Tiles { size, read };
            for index in [0, size / 2, size - 1] {
                let path = prove_inclusion(&tiles, index, size).unwrap();
                let root = tree.root_at(size).unwrap();
                verify_inclusion(&leaves[index as usize], index, size, &path, &root).unwrap();
            }
        }
        let short = Tiles { size: 4, read: |_, _, _| Ok(vec![0; 32]) };
        assert!(short.node(1, 0).is_err());
    }

    #[test]
    fn bundles_are_split_exactly() {
        assert_eq!(bundle(&[0, 1, 7, 0, 0, 0, 2, 8, 9]).unwrap(), [&[7][..], &[], &[8, 9]]);
        assert!(bundle(&[0, 2, 7]).is_err());
        assert!(bundle(&[0]).is_err());
    }
}
