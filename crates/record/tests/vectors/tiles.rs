//! A C2SP tlog-tiles log that somebody else wrote: every checkpoint opens, its root follows from
//! the tiles and from the entries, every two sizes are consistent, and every file is looked at.

use std::path::{Path, PathBuf};

use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::{Hash, sha256};
use counterpart_record::log::{self, Nodes, Tree};
use counterpart_record::note::{Checkpoint, Note, Verifier};
use counterpart_record::tile::{self, Tiles};

use crate::shelf::{Shelf, file_name, files_below, read};

pub fn file(shelf: &mut Shelf, path: &Path) {
    let name = file_name(path);
    if name == "verifier_key.txt" {
        return whole_log(shelf, path);
    }
    // Everything else belongs to the log beside some verifier key, and is read with it.
    let known =
        name.starts_with("checkpoint") || path.components().any(|c| c.as_os_str() == "tile");
    let keyed = path.ancestors().any(|folder| folder.join("verifier_key.txt").is_file());
    assert!(known && keyed, "unknown shape: {}", path.display());
}

fn whole_log(shelf: &mut Shelf, key: &Path) {
    let vkey = String::from_utf8(read(key)).expect("a verifier key is text");
    let verifier = Verifier::from_vkey(vkey.trim()).expect("a verifier key that we speak");
    let files = files_below(key.parent().expect("a folder"));
    let mut heads = Vec::new();
    for path in files.iter().filter(|path| file_name(path).starts_with("checkpoint")) {
        let case = shelf.name(path);
        let head = open(&read(path), &verifier);
        shelf.verdict(&case, true, head.clone());
        for altered in alterations(&read(path)) {
            shelf.verdict(&format!("{case}, altered"), false, open(&altered, &verifier));
        }
        if let Ok(head) = head {
            heads.push((path.parent().expect("a folder").to_path_buf(), head));
        }
    }
    assert!(!heads.is_empty(), "unknown shape: no checkpoint beside {}", key.display());
    heads.sort_by_key(|(_, head)| head.size);
    let root = heads[0].0.clone();
    let entries = entries(&root, &heads.last().expect("not empty").1);
    let tree = Tree::of(entries.iter().copied());
    for (_, head) in &heads {
        one_head(shelf, &root, head, &tree);
    }
    for pair in pairs(&heads) {
        consistent(shelf, &root, pair, &tree);
    }
    for path in files.iter().filter(|path| path.starts_with(root.join("tile"))) {
        one_tile(shelf, &root, path, &tree);
    }
}

fn open(bytes: &[u8], verifier: &Verifier) -> Result<Checkpoint> {
    let note = Note::parse(bytes)?;
    note.verify(verifier)?;
    let head = note.checkpoint()?;
    if head.origin == verifier.name { Ok(head) } else { Err(Code::OriginWrong.at(head.origin)) }
}

/// Another size, another root, another signature, a text cut short.
fn alterations(bytes: &[u8]) -> Vec<Vec<u8>> {
    let text = std::str::from_utf8(bytes).expect("a checkpoint is text");
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let original = lines.clone();
    let mut altered = Vec::new();
    lines[1].push('1');
    altered.push(lines.join("\n").into_bytes());
    lines = original.clone();
    for line in [2, 4] {
        let at = lines[line].len() - 5;
        let other = if lines[line].as_bytes()[at] == b'A' { "B" } else { "A" };
        lines[line].replace_range(at..=at, other);
        altered.push(lines.join("\n").into_bytes());
        lines = original.clone();
    }
    altered.push(bytes[..bytes.len() - 1].to_vec());
    altered
}

/// Root and proofs of one head, out of the tiles alone.
fn one_head(shelf: &mut Shelf, root: &Path, head: &Checkpoint, tree: &Tree) {
    let case = format!("head of {}", head.size);
    shelf.holds(&case, "root of the entries", tree.root_at(head.size).ok() == Some(head.root));
    let tiles = tiles(root, head.size);
    for index in 0..head.size {
        let proved = log::prove_inclusion(&tiles, index, head.size).and_then(|path| {
            let leaf = tree.node(0, index)?;
            log::verify_inclusion(&leaf, index, head.size, &path, &head.root)?;
            let other = sha256(&[&leaf]);
            let refused = log::verify_inclusion(&other, index, head.size, &path, &head.root);
            assert!(refused.is_err(), "another leaf passes");
            Ok(())
        });
        shelf.verdict(&format!("{case}, leaf {index}"), true, proved);
    }
}

fn consistent(shelf: &mut Shelf, root: &Path, pair: [&Checkpoint; 2], tree: &Tree) {
    let [old, new] = pair;
    let case = format!("{} to {}", old.size, new.size);
    let proved = log::prove_consistency(&tiles(root, new.size), old.size, new.size);
    let path = match proved {
        Ok(path) => path,
        Err(fault) => return shelf.verdict(&case, true, Err::<(), _>(fault)),
    };
    let check =
        |old_root: &Hash| log::verify_consistency(old.size, new.size, old_root, &new.root, &path);
    shelf.verdict(&case, true, check(&old.root));
    // Nothing is claimed about the empty tree.
    if old.size > 0 {
        shelf.verdict(&format!("{case}, altered"), false, check(&sha256(&[&old.root])));
    }
    shelf.holds(&case, "old root", tree.root_at(old.size).ok() == Some(old.root));
}

/// Each head with the next, and with the largest.
fn pairs(heads: &[(PathBuf, Checkpoint)]) -> Vec<[&Checkpoint; 2]> {
    let heads: Vec<&Checkpoint> = heads.iter().map(|(_, head)| head).collect();
    let mut pairs = Vec::new();
    for (at, old) in heads.iter().enumerate() {
        if heads.len() <= 64 {
            pairs.extend(heads[at..].iter().map(|new| [*old, *new]));
        } else {
            pairs.extend(heads.get(at + 1).map(|new| [*old, *new]));
            pairs.push([*old, heads[heads.len() - 1]]);
        }
    }
    pairs
}

/// The nodes of a tree of `size`, from the smallest file that has them.
fn tiles(root: &Path, size: u64) -> Tiles<impl Fn(u8, u64, u64) -> Result<Vec<u8>>> {
    let root = root.to_path_buf();
    let read = move |level: u8, index: u64, width: u64| {
        let found = (width..=tile::WIDTH)
            .map(|wider| root.join(tile::path(Some(level), index, wider)))
            .find(|path| path.is_file());
        found.map(|path| read(&path)).ok_or_else(|| Code::Io.at(format!("tile {level}/{index}")))
    };
    Tiles { size, read }
}

/// Leaf hashes of the largest head: from its entry bundles, or from the lowest tiles where the log
/// comes without entries.
fn entries(root: &Path, head: &Checkpoint) -> Vec<Hash> {
    let mut leaves = Vec::new();
    while (leaves.len() as u64) < head.size {
        let index = leaves.len() as u64 / tile::WIDTH;
        let width = tile::width(0, index, head.size);
        let bundle = root.join(tile::path(None, index, width));
        if bundle.is_file() {
            let bytes = read(&bundle);
            let entries = tile::bundle(&bytes).expect("an entry bundle");
            assert_eq!(entries.len() as u64, width, "{}", bundle.display());
            leaves.extend(entries.iter().map(|entry| sha256(&[&[0], entry])));
        } else {
            let nodes = tiles(root, head.size);
            let first = index * tile::WIDTH;
            leaves.extend((first..first + width).map(|i| nodes.node(0, i).expect("a leaf")));
        }
    }
    leaves
}

/// A tile or a bundle says what the tree says, and its path is the one that we would give it.
fn one_tile(shelf: &mut Shelf, root: &Path, path: &Path, tree: &Tree) {
    let case = shelf.name(path);
    let below = path.strip_prefix(root).expect("below the log");
    let parts: Vec<&str> = below.iter().map(|part| part.to_str().expect("UTF-8")).collect();
    let (digits, width) = match parts.iter().position(|part| part.ends_with(".p")) {
        Some(at) => (&parts[2..=at], parts[at + 1].parse().expect("a width")),
        None => (&parts[2..], tile::WIDTH),
    };
    let index = digits.iter().fold(0u64, |index, group| {
        let group = group.trim_start_matches('x').trim_end_matches(".p");
        index * 1000 + group.parse::<u64>().unwrap_or_else(|_| panic!("unknown shape: {case}"))
    });
    let level: Option<u8> = match parts[1] {
        "entries" => None,
        level => Some(level.parse().unwrap_or_else(|_| panic!("unknown shape: {case}"))),
    };
    let named = tile::path(level, index, width);
    shelf.holds(&case, "path", Path::new(&named) == below);
    let bytes = read(path);
    let hashes: Vec<Hash> = match level {
        Some(_) => bytes.chunks(32).map(|hash| hash.try_into().expect("whole hashes")).collect(),
        None => {
            let entries = tile::bundle(&bytes).expect("an entry bundle");
            entries.iter().map(|entry| sha256(&[&[0], entry])).collect()
        }
    };
    let first = index * tile::WIDTH;
    let same = hashes.len() as u64 == width
        && hashes.iter().zip(first..).all(|(hash, at)| {
            tree.node(level.unwrap_or(0) * tile::HEIGHT, at).is_ok_and(|node| node == *hash)
        });
    shelf.holds(&case, "content", same);
    if level.is_none() {
        let cut = &bytes[..bytes.len() - 1];
        shelf.verdict(&format!("{case}, cut short"), false, tile::bundle(cut));
    }
}
