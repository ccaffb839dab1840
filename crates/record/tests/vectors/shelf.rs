//! A set of vectors on disk, and the tally of what became of them.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One set being walked.
pub struct Shelf {
    set: String,
    root: PathBuf,
    agreed: usize,
    not_spoken: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Shelf {
    /// Walks every file of a set, then demands that all verdicts agree and that some were ours to
    /// give. Prints what was not spoken; says so by name when the set is not there.
    pub fn walk(set: &str, mut read: impl FnMut(&mut Shelf, &Path)) {
        let data = std::env::var("COUNTERPART_DATA").unwrap_or_else(|_| "../shared/data".into());
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        // A relative path is meant from the root of the workspace, wherever tests run.
        let root = workspace.join(data).join(set);
        if !root.is_dir() {
            println!("SKIPPED vectors_{set}: {} not there", root.display());
            return;
        }
        let mut shelf = Shelf {
            set: set.to_owned(),
            root: root.clone(),
            agreed: 0,
            not_spoken: BTreeMap::new(),
            wrong: Vec::new(),
        };
        let mut files = files_below(&root);
        files.retain(|path| !is_note(path));
        assert!(!files.is_empty(), "vectors_{set}: no file in {}", root.display());
        for path in files {
            read(&mut shelf, &path);
        }
        shelf.close();
    }

    /// The path of a file within its set, for messages.
    pub fn name(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// One verdict of ours against the published one.
    pub fn verdict<T, E: Display>(&mut self, case: &str, valid: bool, ours: Result<T, E>) {
        match (valid, ours) {
            (true, Ok(_)) | (false, Err(_)) => self.agreed += 1,
            (true, Err(fault)) => self.wrong.push(format!("{case}: refused: {fault}")),
            (false, Ok(_)) => self.wrong.push(format!("{case}: accepted, but must not be")),
        }
    }

    /// Something that must be so for a valid vector.
    pub fn holds(&mut self, case: &str, what: &str, so: bool) {
        if so {
            self.agreed += 1;
        } else {
            self.wrong.push(format!("{case}: {what} differs"));
        }
    }

    /// A vector that the record does not speak: the entry point that would take it refuses it.
    pub fn not_spoken<T, E: Display>(&mut self, case: &str, why: &str, ours: Result<T, E>) {
        match ours {
            Err(_) => *self.not_spoken.entry(why.to_owned()).or_default() += 1,
            Ok(_) => self.wrong.push(format!("{case}: not refused, though not spoken: {why}")),
        }
    }

    /// Prints the tally and gives the verdict on the set.
    fn close(self) {
        for (why, times) in &self.not_spoken {
            println!("refused: not spoken: {}: {why} ({times})", self.set);
        }
        let refused: usize = self.not_spoken.values().sum();
        println!("vectors_{}: {} verdicts agree, {refused} refused", self.set, self.agreed);
        let first: Vec<_> = self.wrong.iter().take(40).cloned().collect();
        assert!(self.wrong.is_empty(), "{} wrong:\n{}", self.wrong.len(), first.join("\n"));
        assert!(self.agreed > 0, "vectors_{}: nothing here is spoken", self.set);
    }
}

/// All files below a folder, in the order of their paths.
pub fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Text for people, beside the vectors.
fn is_note(path: &Path) -> bool {
    let name = file_name(path);
    name.starts_with("README") || name.starts_with("LICENSE") || name.starts_with('.')
}

pub fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).expect("a file name in UTF-8")
}

pub fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn json(path: &Path) -> Value {
    let parsed = serde_json::from_slice(&read(path));
    parsed.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A member that the shape of the file demands.
pub fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("unknown shape: no text `{member}` in {value}"))
}

/// A member that the shape of the file demands.
pub fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    let list = value[member].as_array();
    list.unwrap_or_else(|| panic!("unknown shape: no list `{member}` in {value}"))
}

/// The bytes of a hexadecimal member.
pub fn hex(value: &Value, member: &str) -> Vec<u8> {
    unhex(text(value, member))
}

/// The bytes of a hexadecimal text.
pub fn unhex(text: &str) -> Vec<u8> {
    let digit = |c: u8| char::from(c).to_digit(16).expect("a hexadecimal digit") as u8;
    assert!(text.len().is_multiple_of(2), "unknown shape: odd number of digits");
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// Bytes of the length that a type asks for; the type is the refusal otherwise.
pub fn sized<const N: usize>(bytes: &[u8]) -> Result<[u8; N], String> {
    bytes.try_into().map_err(|_| format!("{} bytes, not {N}", bytes.len()))
}
