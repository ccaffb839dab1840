//! CCTV: the corners of Ed25519 (JSON, with flags) and of ML-KEM (text).
//!
//! The policy of the record is `verify_strict`: cofactorless, S < L, A and R canonical and not of
//! small order. So a vector is valid exactly if none of its flags names one of those; a component
//! of low order inside an otherwise sound point is no fault as long as it leaves no residue.

use std::path::Path;

use counterpart_record::key::{Algorithm, VerifyKey};
use serde_json::Value;

use crate::kem;
use crate::shelf::{Shelf, hex, json, list, text};

pub fn file(shelf: &mut Shelf, path: &Path) {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => vectors(shelf, path),
        Some("txt") | Some("gz") => kem::text_file(shelf, path),
        _ => panic!("unknown shape: {}", path.display()),
    }
}

fn vectors(shelf: &mut Shelf, path: &Path) {
    let file = json(path);
    let vectors = file.as_array().expect("unknown shape: not a list of vectors");
    for vector in vectors {
        let case = format!("{} {}", shelf.name(path), vector["number"]);
        let (key, signature) = (hex(vector, "key"), hex(vector, "sig"));
        let message = text(vector, "msg").as_bytes();
        let ours = VerifyKey::new(Algorithm::Ed25519, &key)
            .and_then(|key| key.verify(message, &signature));
        shelf.verdict(&case, is_strict(vector), ours);
    }
}

fn is_strict(vector: &Value) -> bool {
    let flags = if vector["flags"].is_null() { &[] } else { list(vector, "flags") };
    flags.iter().all(|flag| match flag.as_str() {
        Some("low_order_component_A" | "low_order_component_R") => true,
        Some("low_order_A" | "low_order_R" | "low_order_residue") => false,
        Some("non_canonical_A" | "non_canonical_R" | "reencoded_k") => false,
        _ => panic!("unknown shape: flag {flag}"),
    })
}
