//! Why two heads are of one tree: a consistency proof (RFC 9162 section 2.1.4) with the sizes and
//! roots that it joins, as a file of a dossier. The members are those in which other tools for
//! transparency logs keep such proofs, so that they read it too.

use crate::fault::{Code, Result};
use crate::hash::Hash;
use crate::limits;
use crate::log;
use crate::strict::json::{self, Object, Value};
use base64ct::{Base64, Encoding as _};

/// A proof that the larger tree begins with the smaller one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Size and root of the smaller tree.
    pub old: (u64, Hash),
    /// Size and root of the larger one.
    pub new: (u64, Hash),
    /// The hashes between them.
    pub path: Vec<Hash>,
}

impl Extension {
    /// One line of JSON: `size1`, `size2`, `root1`, `root2`, `proof`, hashes in base64.
    pub fn to_text(&self) -> String {
        let hash = |hash: &Hash| Base64::encode_string(hash);
        let object = Object::default()
            .with("size1", self.old.0)
            .with("size2", self.new.0)
            .with("root1", hash(&self.old.1))
            .with("root2", hash(&self.new.1))
            .with("proof", self.path.iter().map(hash).collect::<Vec<_>>());
        let mut text = String::new();
        object.write(&mut text);
        text + "\n"
    }

    /// Reads the one text that [`Extension::to_text`] writes. Proves nothing yet. DOS-21,
    /// [`Code::StructureWrong`].
    pub fn parse(bytes: &[u8]) -> Result<Extension> {
        let wrong = || Code::StructureWrong.at("not a consistency proof");
        let object = json::parse_object(bytes.strip_suffix(b"\n").ok_or_else(wrong)?)?;
        let size = |name| {
            let size = object.get(name).and_then(Value::as_int);
            size.and_then(|size| u64::try_from(size).ok()).ok_or_else(wrong)
        };
        let hash = |value: Option<&Value>| -> Result<Hash> {
            let bytes = value.and_then(Value::as_str).map(Base64::decode_vec);
            bytes.and_then(|bytes| bytes.ok()?.try_into().ok()).ok_or_else(wrong)
        };
        let path = object.get("proof").and_then(Value::as_array).ok_or_else(wrong)?;
        if path.len() > limits::PROOF_HASHES {
            return Err(Code::TooLarge.at("consistency proof"));
        }
        let extension = Extension {
            old: (size("size1")?, hash(object.get("root1"))?),
            new: (size("size2")?, hash(object.get("root2"))?),
            path: path.iter().map(|item| hash(Some(item))).collect::<Result<_>>()?,
        };
        if extension.to_text().as_bytes() == bytes { Ok(extension) } else { Err(wrong()) }
    }

    /// Whether the larger tree begins with the smaller one. [`Code::ProofWrong`].
    pub fn verify(&self) -> Result<()> {
        log::verify_consistency(self.old.0, self.new.0, &self.old.1, &self.new.1, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Tree;

    #[test]
    fn dos_21_a_proof_is_read_back_and_no_byte_of_it_is_without_meaning() {
        let tree = Tree::of((0..9).map(|i| [i; 32]));
        let extension = Extension {
            old: (3, tree.root_at(3).unwrap()),
            new: (9, tree.root_at(9).unwrap()),
            path: log::prove_consistency(&tree, 3, 9).unwrap(),
        };
        extension.verify().unwrap();
        let text = extension.to_text();
        assert_eq!(Extension::parse(text.as_bytes()).unwrap(), extension);
        for at in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[at] ^= 1;
            let read = Extension::parse(&altered);
            // A size above the other's may give the same path; the heads are what it is held to.
            let good = read.is_ok_and(|read| {
                read.verify().is_ok() && (read.old, read.new) == (extension.old, extension.new)
            });
            assert!(!good, "byte {at}");
        }
        for bad in [text.trim_end().to_owned(), format!("{text}\n"), text.replace(':', ": ")] {
            assert_eq!(Extension::parse(bad.as_bytes()).unwrap_err().code, Code::StructureWrong);
        }
        let long = Extension { path: vec![[0; 32]; limits::PROOF_HASHES + 1], ..extension };
        let fault = Extension::parse(long.to_text().as_bytes()).unwrap_err();
        assert_eq!(fault.code, Code::TooLarge);
    }
}
