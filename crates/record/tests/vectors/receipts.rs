//! Signed statements with receipts of other logs: the signature of the statement and the receipt
//! are judged apart, as `expected.json` says them apart.

use std::path::Path;

use counterpart_record::cose::Sign1;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::Entry;
use counterpart_record::key::VerifyKey;
use counterpart_record::receipt;
use counterpart_record::strict::cbor::{Order, Value};

use crate::shelf::{Shelf, file_name, files_below, json, read, text, unhex};

pub fn file(shelf: &mut Shelf, path: &Path) {
    match file_name(path) {
        "expected.json" => folder(shelf, path.parent().expect("a folder")),
        "statement.cose" | "payload.bin" => assert!(path.with_file_name("expected.json").exists()),
        name if name.ends_with(".pub") || name.starts_with("receipt") => {
            assert!(path.with_file_name("expected.json").exists());
        }
        other => panic!("unknown shape: {other}"),
    }
}

fn folder(shelf: &mut Shelf, folder: &Path) {
    let case = shelf.name(folder);
    let expected = json(&folder.join("expected.json"));
    let flag = |name: &str| expected[name].as_bool().unwrap_or_else(|| panic!("{case}: no {name}"));
    let statement = read(&folder.join("statement.cose"));
    let entry = Entry::of(&statement);
    shelf.holds(&case, "leaf entry", entry.0[..] == unhex(text(&expected, "leaf_entry")));

    let issuer = pem(folder, "issuer-key.pub");
    let message = Sign1::parse(&statement, Order::Any);
    let signed =
        issuer.and_then(|key| message.as_ref().map_err(Clone::clone)?.verify(&key, b"", None));
    if let Err(fault) = &signed
        && matches!(fault.code, Code::AlgorithmUnknown | Code::KeyMalformed)
        && flag("statement_signature_valid")
    {
        shelf.not_spoken(&case, "algorithm of the statement", signed);
    } else {
        shelf.verdict(&format!("{case}: statement"), flag("statement_signature_valid"), signed);
    }
    if let (Ok(message), Ok(payload)) = (&message, std::fs::read(folder.join("payload.bin"))) {
        shelf.holds(&case, "payload", message.payload.as_deref() == Some(&payload[..]));
    }

    for path in files_below(folder).iter().filter(|path| file_name(path).starts_with("receipt")) {
        let case = format!("{case}: {}", file_name(path));
        let bytes = read(path);
        let ours = pem(folder, "log-key.pub").and_then(|key| verify(&bytes, &key, &entry));
        match structure(&bytes) {
            Some(receipt::RFC9162_SHA256) => {
                shelf.verdict(&case, flag("receipt_valid"), ours);
            }
            other => {
                let why = format!("verifiable data structure {other:?}");
                shelf.not_spoken(&case, &why, ours);
            }
        }
    }
}

/// Our verdict on a foreign receipt. Any byte of it matters: an altered one must fall, which is
/// asked of every accepted one.
fn verify(bytes: &[u8], key: &VerifyKey, entry: &Entry) -> Result<()> {
    let proof = receipt::verify_foreign(bytes, key, entry)?;
    let mut stranger = *entry;
    stranger.0[0] ^= 1;
    assert!(receipt::verify_foreign(bytes, key, &stranger).is_err(), "another entry passes");
    let mut altered = bytes.to_vec();
    // The last byte belongs to the signature.
    *altered.last_mut().expect("not empty") ^= 1;
    assert!(receipt::verify_foreign(&altered, key, entry).is_err(), "another signature passes");
    assert!(proof.index < proof.size);
    Ok(())
}

fn structure(bytes: &[u8]) -> Option<i64> {
    let message = Sign1::parse(bytes, Order::Any).ok()?;
    message.signed.protected.label(395).and_then(Value::as_i64)
}

fn pem(folder: &Path, name: &str) -> Result<VerifyKey> {
    let bytes = read(&folder.join(name));
    VerifyKey::from_pem(std::str::from_utf8(&bytes).expect("PEM is text"))
}
