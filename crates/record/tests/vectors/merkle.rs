//! Inclusion and consistency proofs of RFC 9162 with their verdicts.

use std::path::Path;

use base64ct::{Base64, Encoding as _};
use counterpart_record::hash::Hash;
use counterpart_record::log;
use serde_json::Value;

use crate::shelf::{Shelf, json, sized, text};

pub fn file(shelf: &mut Shelf, path: &Path) {
    let vector = json(path);
    let case = shelf.name(path);
    let valid = !vector["wantErr"].as_bool().expect("unknown shape: no `wantErr`");
    let ours = if vector["leafIdx"].is_null() { consistency(&vector) } else { inclusion(&vector) };
    match ours {
        // Two equal roots of any bytes are consistent to whoever compares bytes; ours are hashes.
        Err(Refusal::NoHash(why)) if valid => {
            shelf.not_spoken(&case, "root that is no SHA-256 hash", Err::<(), _>(why));
        }
        Err(Refusal::NoHash(why) | Refusal::Fault(why)) => {
            shelf.verdict(&case, valid, Err::<(), _>(why));
        }
        Ok(()) => shelf.verdict(&case, valid, Ok::<_, String>(())),
    }
}

/// Refused by the type of the argument, or by the proof itself.
enum Refusal {
    NoHash(String),
    Fault(String),
}

fn inclusion(vector: &Value) -> Result<(), Refusal> {
    let leaf = hash(text(vector, "leafHash"))?;
    let root = hash(text(vector, "root"))?;
    let (index, size) = (number(vector, "leafIdx")?, number(vector, "treeSize")?);
    let checked = log::verify_inclusion(&leaf, index, size, &proof(vector)?, &root);
    checked.map_err(|fault| Refusal::Fault(fault.to_string()))
}

fn consistency(vector: &Value) -> Result<(), Refusal> {
    let (old, new) = (number(vector, "size1")?, number(vector, "size2")?);
    let (old_root, new_root) = (hash(text(vector, "root1"))?, hash(text(vector, "root2"))?);
    let checked = log::verify_consistency(old, new, &old_root, &new_root, &proof(vector)?);
    checked.map_err(|fault| Refusal::Fault(fault.to_string()))
}

fn proof(vector: &Value) -> Result<Vec<Hash>, Refusal> {
    match &vector["proof"] {
        Value::Null => Ok(Vec::new()),
        Value::Array(hashes) => {
            hashes.iter().map(|text| hash(text.as_str().expect("unknown shape: proof"))).collect()
        }
        other => panic!("unknown shape: proof {other}"),
    }
}

/// A hash of another length is refused by the type.
fn hash(text: &str) -> Result<Hash, Refusal> {
    let bytes = Base64::decode_vec(text).map_err(|error| Refusal::NoHash(error.to_string()))?;
    sized(&bytes).map_err(Refusal::NoHash)
}

fn number(vector: &Value, member: &str) -> Result<u64, Refusal> {
    let number = &vector[member];
    assert!(number.is_number(), "unknown shape: no number `{member}` in {vector}");
    number.as_u64().ok_or_else(|| Refusal::Fault(format!("{member} is not a size")))
}
