//! A vector: a file with a header, a blank line and the bytes that a parser is given.

use base64ct::{Base64, Encoding as _};
use std::path::{Path, PathBuf};

const FIRST: &str = "Counterpart vector";

/// One file.
#[derive(Clone, Debug)]
pub struct Vector {
    /// Where it lies, below `vectors/`.
    pub path: String,
    /// Members of the header in the order written; a name may come more than once.
    pub header: Vec<(String, String)>,
    pub body: Vec<u8>,
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

impl Vector {
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.header.iter().filter(|(key, _)| key == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    pub fn maybe(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    pub fn get(&self, name: &str) -> &str {
        self.maybe(name).unwrap_or_else(|| panic!("{}: no {name}", self.path))
    }

    pub fn number(&self, name: &str) -> u64 {
        self.get(name).parse().unwrap()
    }

    /// The vector that this one needs to be judged.
    pub fn beside(&self) -> Vector {
        Vector::read(self.get("beside"))
    }

    pub fn read(path: &str) -> Vector {
        let text = std::fs::read_to_string(folder().join(path)).unwrap();
        let (header, body) = text.split_once("\n\n").unwrap_or_else(|| panic!("{path}: no body"));
        let mut lines = header.lines();
        assert_eq!(lines.next(), Some(FIRST), "{path}");
        let header = lines.map(|line| {
            let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("{path}: {line}"));
            (key.to_owned(), value.to_owned())
        });
        let mut vector =
            Vector { path: path.to_owned(), header: header.collect(), body: body.into() };
        if vector.get("body") == "base64" {
            let text: String = body.split_ascii_whitespace().collect();
            vector.body = Base64::decode_vec(&text).unwrap();
        }
        vector
    }

    /// Every file below `vectors/` but the page that explains them.
    pub fn every() -> Vec<Vector> {
        let mut found = Vec::new();
        for kind in std::fs::read_dir(folder()).unwrap() {
            let kind = kind.unwrap().path();
            if !kind.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(&kind).unwrap() {
                let path = file.unwrap().path();
                let path = path.strip_prefix(folder()).unwrap().to_str().unwrap().to_owned();
                found.push(Vector::read(&path));
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }

    /// Written once: a file that is there is never written again.
    pub fn write_once(&self) {
        let path = folder().join(&self.path);
        if path.exists() {
            return;
        }
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut text = format!("{FIRST}\n");
        for (key, value) in &self.header {
            assert!(!value.contains('\n'), "{}: {key}", self.path);
            text += &format!("{key}: {value}\n");
        }
        text.push('\n');
        if self.get("body") == "base64" {
            for line in Base64::encode_string(&self.body).as_bytes().chunks(96) {
                text += std::str::from_utf8(line).unwrap();
                text.push('\n');
            }
        } else {
            text += std::str::from_utf8(&self.body).unwrap();
        }
        std::fs::write(path, text).unwrap();
    }
}
