//! A log in a folder of C2SP tlog-tiles: its checkpoints, hash tiles and entry bundles, whoever
//! wrote it.

use crate::report::{Finding, Report};
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::{Hash, sha256};
use counterpart_record::log::{self, Tree};
use counterpart_record::note::{Checkpoint, Note, Verifier};
use counterpart_record::strict::json::Object;
use counterpart_record::tile::{self, Tiles};
use counterpart_rules::say::Say;
use std::collections::BTreeMap;

/// Checks a log from the files of its folder: every file `checkpoint` or `checkpoint.<name>` opens
/// under each verifier, its root is that of the entry bundles, every hash in the tiles is that of
/// the tree, and each checkpoint is consistent with each larger one by proofs out of the tiles.
pub fn check(files: &BTreeMap<String, Vec<u8>>, verifiers: &[Verifier]) -> Report {
    let mut report = Report::single("log");
    let mut checkpoints: Vec<(&str, Checkpoint)> = Vec::new();
    for (path, bytes) in files {
        if path == "checkpoint" || path.starts_with("checkpoint.") {
            match open(bytes, verifiers) {
                Ok(checkpoint) => checkpoints.push((path, checkpoint)),
                Err(fault) => report.findings.push(fault.within(path).into()),
            }
        }
    }
    if checkpoints.is_empty() && report.findings.is_empty() {
        report.findings.push(Code::FileMissing.at("checkpoint").into());
    }
    checkpoints.sort_by_key(|(_, checkpoint)| checkpoint.size);
    let largest = checkpoints.last().map_or(0, |(_, checkpoint)| checkpoint.size);
    let rows = match leaves(files, largest) {
        Ok(leaves) => rows(leaves),
        Err(fault) => {
            report.findings.push(fault.into());
            return report;
        }
    };
    let tree = Tree::of(rows[0].iter().copied());
    if let Err(fault) = full_tiles(files, &rows, largest) {
        report.findings.push(fault.into());
    }
    for (path, checkpoint) in &checkpoints {
        match root(files, &tree, &rows, checkpoint) {
            Ok(()) => report.tell(
                Say::of("verify-log-checkpoint")
                    .with("file", *path)
                    .with("size", checkpoint.size.to_string()),
                Object::default(),
            ),
            Err(fault) => report.findings.push(fault.within(path).into()),
        }
    }
    let mut pairs = 0u64;
    for (i, (path, new)) in checkpoints.iter().enumerate() {
        for (_, old) in &checkpoints[..i] {
            match consistent(files, old, new) {
                Ok(()) => pairs += 1,
                Err(fault) => {
                    let place = format!("{path} after size {}", old.size);
                    report.findings.push(Finding::from(fault.within(&place)));
                }
            }
        }
    }
    let facts = Object::default()
        .with("checkpoints", checkpoints.len() as u64)
        .with("size", largest)
        .with("pairs", pairs);
    let say = Say::of("verify-log")
        .with("size", largest.to_string())
        .with("checkpoints", checkpoints.len().to_string())
        .with("pairs", pairs.to_string());
    report.tell(say, facts);
    report
}

fn open(bytes: &[u8], verifiers: &[Verifier]) -> Result<Checkpoint> {
    let note = Note::parse(bytes)?;
    for verifier in verifiers {
        note.verify(verifier)?;
    }
    note.checkpoint()
}

/// A partial tile or bundle may have been replaced by a fuller one, which serves as well.
fn read(
    files: &BTreeMap<String, Vec<u8>>,
    level: Option<u8>,
    index: u64,
    width: u64,
) -> Result<&[u8]> {
    let found = (width..=tile::WIDTH).find_map(|w| files.get(&tile::path(level, index, w)));
    let bytes = found.ok_or_else(|| Code::FileMissing.at(tile::path(level, index, width)))?;
    Ok(bytes)
}

/// The leaf hashes, SHA-256(0x00 | entry), of the first `width` entries of a bundle.
fn bundle(files: &BTreeMap<String, Vec<u8>>, index: u64, width: u64) -> Result<Vec<Hash>> {
    let entries = tile::bundle(read(files, None, index, width)?)?;
    let some = entries.get(..usize::try_from(width).unwrap_or(usize::MAX));
    let some = some.ok_or_else(|| Code::EntriesMissing.at(tile::path(None, index, width)))?;
    Ok(some.iter().map(|entry| sha256(&[&[0], entry])).collect())
}

fn leaves(files: &BTreeMap<String, Vec<u8>>, size: u64) -> Result<Vec<Hash>> {
    let mut leaves = Vec::new();
    for index in 0..size.div_ceil(tile::WIDTH) {
        leaves.extend(bundle(files, index, tile::width(0, index, size))?);
    }
    Ok(leaves)
}

fn tiles(
    files: &BTreeMap<String, Vec<u8>>,
    size: u64,
) -> Tiles<impl Fn(u8, u64, u64) -> Result<Vec<u8>>> {
    let read =
        move |level, index, width| read(files, Some(level), index, width).map(<[u8]>::to_vec);
    Tiles { size, read }
}

/// The root is that of the entries, and what lies at the right edge of the tree of this size
/// (the last bundle, the last tile of each level) is what the entries give.
fn root(
    files: &BTreeMap<String, Vec<u8>>,
    tree: &Tree,
    rows: &[Vec<Hash>],
    checkpoint: &Checkpoint,
) -> Result<()> {
    let size = checkpoint.size;
    if tree.root_at(size)? != checkpoint.root {
        return Err(Code::RootDiffers.at("root of the entry bundles"));
    }
    let last = size.saturating_sub(1) / tile::WIDTH;
    let width = tile::width(0, last, size);
    if size > 0 && !same(&rows[0], last, &bundle(files, last, width)?) {
        return Err(Code::RootDiffers.at(tile::path(None, last, width)));
    }
    for (level, row) in rows.iter().enumerate() {
        let level = u8::try_from(level).unwrap_or(u8::MAX);
        let hashes = size.checked_shr(u32::from(tile::HEIGHT) * u32::from(level)).unwrap_or(0);
        if hashes > 0 {
            whole_tile(files, row, level, (hashes - 1) / tile::WIDTH, size)?;
        }
    }
    Ok(())
}

/// Every full tile of the largest tree.
fn full_tiles(files: &BTreeMap<String, Vec<u8>>, rows: &[Vec<Hash>], size: u64) -> Result<()> {
    for (level, row) in rows.iter().enumerate() {
        for index in 0..row.len() as u64 / tile::WIDTH {
            whole_tile(files, row, u8::try_from(level).unwrap_or(u8::MAX), index, size)?;
        }
    }
    Ok(())
}

fn whole_tile(
    files: &BTreeMap<String, Vec<u8>>,
    row: &[Hash],
    level: u8,
    index: u64,
    size: u64,
) -> Result<()> {
    let width = tile::width(level, index, size);
    let bytes = read(files, Some(level), index, width)?;
    let hashes = bytes.chunks(32).map(|chunk| Hash::try_from(chunk).unwrap_or_default());
    let hashes: Vec<Hash> = hashes.take(usize::try_from(width).unwrap_or(usize::MAX)).collect();
    let good = hashes.len() as u64 == width && same(row, index, &hashes);
    if good { Ok(()) } else { Err(Code::ProofWrong.at(tile::path(Some(level), index, width))) }
}

fn same(row: &[Hash], tile: u64, hashes: &[Hash]) -> bool {
    let first = usize::try_from(tile * tile::WIDTH).unwrap_or(usize::MAX);
    row.get(first..first.saturating_add(hashes.len())) == Some(hashes)
}

/// What the tiles must hold: the leaf hashes, and above them the root of each 256 of the row
/// below.
fn rows(leaves: Vec<Hash>) -> Vec<Vec<Hash>> {
    let mut rows = vec![leaves];
    while let Some(below) = rows.last().filter(|row| row.len() as u64 >= tile::WIDTH) {
        let groups = below.chunks_exact(tile::WIDTH as usize);
        let row = groups.map(|group| Tree::of(group.iter().copied()).root()).collect();
        rows.push(row);
    }
    rows
}

fn consistent(files: &BTreeMap<String, Vec<u8>>, old: &Checkpoint, new: &Checkpoint) -> Result<()> {
    let path = log::prove_consistency(&tiles(files, new.size), old.size, new.size)?;
    if old.origin != new.origin {
        return Err(Code::OriginWrong.at(old.origin.as_str()));
    }
    if old.size == 0 && old.root != log::empty_root() {
        return Err(Code::RootDiffers.at("empty tree"));
    }
    log::verify_consistency(old.size, new.size, &old.root, &new.root, &path)
}
