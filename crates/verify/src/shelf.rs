//! The files of a dossier, each marked when it is used: what the index does not name must not be
//! there.

use crate::crew;
use counterpart_record::dossier::bag::{Bag, Far, File};
use counterpart_record::dossier::index::Index;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::key::VerifyKey;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) struct Shelf<'a> {
    bag: Bag<'a>,
    used: Vec<AtomicBool>,
}

impl<'a> Shelf<'a> {
    /// Opens the bag, recomputes every digest once on all threads, and reads the index meanwhile.
    /// DOS-1 to DOS-4.
    pub fn open(
        files: &'a BTreeMap<String, Vec<u8>>,
        far: Option<&'a dyn Far>,
        threads: usize,
    ) -> std::result::Result<(Shelf<'a>, Index<'a>), Vec<Fault>> {
        let bag = Bag::open(files, far)?;
        let read = || bag.file("index.json").and_then(|file| Index::parse(file.bytes()?));
        let check = |range| bag.check(range);
        let (mut faults, index) = crew::spread_beside(threads, bag.digests(), check, read);
        match index {
            Ok(index) if faults.is_empty() => {
                let used = (0..bag.len()).map(|_| AtomicBool::new(false)).collect();
                Ok((Shelf { bag, used }, index))
            }
            // An index that was altered is damaged first of all; what it then says is no matter.
            Err(fault) if faults.is_empty() => {
                faults.push(fault);
                Err(faults)
            }
            _ => Err(faults),
        }
    }

    pub fn len(&self) -> usize {
        self.bag.len()
    }

    /// A file by its path relative to `data/`.
    pub fn file(&self, path: &str) -> Result<File<'a>> {
        self.file_near(path, &mut 0)
    }

    /// As [`Shelf::file`], for files that lie one after another: `near` is where the last one was.
    pub fn file_near(&self, path: &str, near: &mut usize) -> Result<File<'a>> {
        *near = self.bag.place_near(path, *near)?;
        self.used[*near].store(true, Ordering::Relaxed);
        Ok(self.bag.at(*near).1)
    }

    /// A key file.
    pub fn key(&self, path: &str) -> Result<VerifyKey> {
        let pem = std::str::from_utf8(self.file(path)?.bytes()?);
        let key = pem.map_err(|_| Code::KeyMalformed.at("")).and_then(VerifyKey::from_pem);
        key.map_err(|fault| Code::KeyMalformed.at(format!("data/{path}: {}", fault.at)))
    }

    /// Every key file that the index names, read once.
    pub fn keys<'i>(&self, index: &'i Index) -> HashMap<&'i str, Result<VerifyKey>> {
        let mut keys: HashMap<&str, Result<VerifyKey>> = HashMap::new();
        // Most statements name the keys that the one before them named.
        let mut recent = [""; 4];
        let controls = index.credentials.iter().flat_map(|control| &control.receipts);
        let receipts = index.statements.iter().flat_map(|listed| &listed.receipts).chain(controls);
        let named = receipts.map(|receipt| &receipt.log_key_file);
        for path in named.chain(index.statements.iter().map(|listed| &listed.key_file)) {
            let path: &str = path;
            if !recent.contains(&path) {
                keys.entry(path).or_insert_with(|| self.key(path));
                recent.rotate_right(1);
                recent[0] = path;
            }
        }
        keys
    }

    /// The summaries: path, language tag, file. DOS-20.
    pub fn summaries(&self) -> impl Iterator<Item = (&'a str, &'a str, File<'a>)> {
        (0..self.bag.len()).filter_map(|place| {
            let (path, file) = self.bag.at(place);
            Some((path, language(path)?, file))
        })
    }

    /// Files that nothing named. The index and the summaries name themselves. DOS-5.
    pub fn unnamed(&self) -> Vec<Fault> {
        let own = |path: &str| path == "index.json" || language(path).is_some();
        let left = (0..self.bag.len()).filter(|place| !self.used[*place].load(Ordering::Relaxed));
        let left = left.map(|place| self.bag.at(place).0).filter(|path| !own(path));
        left.map(|path| Code::BagWrong.at(format!("data/{path}: not named in the index"))).collect()
    }
}

/// The language tag of a summary.
fn language(path: &str) -> Option<&str> {
    let tag = path.strip_prefix("summary.")?.strip_suffix(".txt")?;
    (!tag.contains('/')).then_some(tag)
}
