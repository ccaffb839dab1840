//! The house as the laws see it: packages, sources, other text, and where each lies.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What a law found: how much it looked at, and every breach as one line.
#[derive(Default)]
pub struct Findings {
    pub seen: usize,
    pub broken: Vec<String>,
}

impl Findings {
    pub fn breach(&mut self, line: String) {
        self.broken.push(line);
    }

    /// In a stable order, each breach once.
    pub fn sorted(mut self) -> Findings {
        self.broken.sort();
        self.broken.dedup();
        self
    }
}

/// A text file and its path from the root of the house, with `/` between the parts.
pub struct Text {
    pub path: String,
    pub text: String,
    /// Declared by its parent as `#[cfg(test)] mod name;`.
    pub for_tests: bool,
}

impl Text {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The package folder that the file lies in: `record` for `crates/record/src/id.rs`.
    pub fn package(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// A file of `src/`, which ends up in what people run.
    pub fn is_source(&self) -> bool {
        self.is_rust() && self.path.split('/').nth(2) == Some("src")
    }

    /// A file that exists for tests alone.
    pub fn is_test(&self) -> bool {
        self.for_tests || self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

/// Everything that the laws read.
pub struct House {
    /// What `cargo metadata` says.
    pub metadata: Value,
    /// Every text file, in the order of the paths.
    pub files: Vec<Text>,
}

impl House {
    /// The workspace that this test was built in.
    pub fn real() -> House {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize().expect("the workspace root");
        let run = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1"])
            .current_dir(&root)
            .output()
            .expect("cargo metadata runs");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let metadata = serde_json::from_slice(&run.stdout).expect("cargo metadata is JSON");
        House { metadata, files: texts(&root) }
    }

    /// A small house that breaks one law, and the complaints that it must give.
    pub fn fixture(law: &str) -> (House, Vec<String>) {
        let root = here().join("fixtures").join(law);
        let read = |name: &str| fs::read_to_string(root.join(name)).ok();
        let metadata = read("metadata.json").map_or(Value::Null, |text| {
            serde_json::from_str(&text).expect("metadata.json of the fixture is JSON")
        });
        let expected = read("expected.txt").unwrap_or_else(|| panic!("{law}: no expected.txt"));
        let mut files = texts(&root);
        files.retain(|file| file.path != "expected.txt" && file.path != "metadata.json");
        (House { metadata, files }, expected.lines().map(str::to_owned).collect())
    }

    pub fn rust(&self) -> impl Iterator<Item = &Text> {
        self.files.iter().filter(|file| file.is_rust())
    }
}

/// The folder of the laws.
pub fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tidy")
}

/// Every text file below `root`, without what is built, installed or made to break a law.
fn texts(root: &Path) -> Vec<Text> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let entry = entry.expect("a readable entry");
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let kind = entry.file_type().expect("a file type");
            // `.git` is a file in a work tree that was added to a clone.
            if name == ".git" {
                continue;
            }
            if kind.is_dir() {
                // What tools leave beside the sources; `.gitignore` names it, too.
                let left = [".venv", ".tools", "artifacts", "corpus"].contains(&&*name);
                let built = left || name.starts_with("target");
                if !built && path != here().join("fixtures") {
                    folders.push(path);
                }
            } else if kind.is_file() && name != ".git" {
                // A work tree has a file of that name, which says where the repository lies.
                let Ok(text) = fs::read_to_string(&path) else { continue };
                let below = path.strip_prefix(root).expect("below the root");
                let path = below.to_string_lossy().replace('\\', "/");
                files.push(Text { path, text, for_tests: false });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let for_tests: Vec<String> = files.iter().flat_map(test_modules).collect();
    for file in &mut files {
        file.for_tests = for_tests.iter().any(|stem| {
            file.path.strip_prefix(stem).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        });
    }
    files
}

/// Paths, without `.rs`, of the modules that a file declares for tests alone.
fn test_modules(file: &Text) -> Vec<String> {
    if !file.is_rust() || !file.text.contains("#[cfg(test)]") {
        return Vec::new();
    }
    let Ok(tree) = syn::parse_file(&file.text) else { return Vec::new() };
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let inside = match name {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        _ => file.path.trim_end_matches(".rs").to_owned(),
    };
    let modules = tree.items.iter().filter_map(|item| match item {
        syn::Item::Mod(module) if module.content.is_none() && is_test(&module.attrs) => {
            Some(format!("{inside}/{}", module.ident))
        }
        _ => None,
    });
    modules.collect()
}

/// Whether an item is marked `#[cfg(test)]`.
pub fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|name| name == "test")
    })
}
