//! The examples of the COSE working group. COSE_Sign1 and COSE_Sign are ours to judge, tagged or
//! not; encryption, MACs, countersignatures and foreign algorithms must be refused.

use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use counterpart_record::cose::{self, Sign, Sign1, Signed};
use counterpart_record::fault::{Code, Result};
use counterpart_record::key::{Algorithm, VerifyKey};
use counterpart_record::strict::cbor::{self, Order};
use serde_json::Value;

use crate::shelf::{Shelf, file_name, hex, json, list, read, text, unhex};

/// Labels of countersignatures: RFC 8152 (7, 9) and RFC 9338 (11, 12).
const COUNTERSIGNATURES: [i64; 4] = [7, 9, 11, 12];

pub fn file(shelf: &mut Shelf, path: &Path) {
    let case = shelf.name(path);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => message(shelf, &case, &json(path)),
        // X.509 is no way to name a key here: a certificate is not a public key.
        Some("der") => {
            shelf.not_spoken(&case, "X.509 certificate", VerifyKey::from_spki(&read(path)));
        }
        Some("pem" | "crt") => {
            let pem = String::from_utf8(read(path)).expect("PEM is text");
            shelf.not_spoken(&case, "X.509 certificate", VerifyKey::from_pem(&pem));
        }
        _ => panic!("unknown shape: {}", file_name(path)),
    }
}

fn message(shelf: &mut Shelf, case: &str, vector: &Value) {
    let input = &vector["input"];
    let bytes = unhex(text(&vector["output"], "cbor"));
    let content = match &input["plaintext"] {
        Value::String(text) => text.clone().into_bytes(),
        _ => hex(input, "plaintext_hex"),
    };
    let example = Example { vector, bytes: &bytes, content: &content };
    if input["sign0"].is_object() {
        sign1(shelf, case, &example, &input["sign0"]);
    } else if input["sign"].is_object() {
        sign(shelf, case, &example, &input["sign"]);
    } else {
        let kinds = ["encrypted", "enveloped", "mac", "mac0"];
        let kind = kinds.iter().find(|kind| input[**kind].is_object());
        let kind = kind.unwrap_or_else(|| panic!("unknown shape: {case}"));
        shelf.not_spoken(case, &format!("COSE {kind}"), as_signed(&bytes));
    }
}

struct Example<'a> {
    vector: &'a Value,
    bytes: &'a [u8],
    content: &'a [u8],
}

impl Example<'_> {
    fn valid(&self) -> bool {
        !self.vector["fail"].as_bool().unwrap_or(false)
    }
}

fn sign1(shelf: &mut Shelf, case: &str, example: &Example<'_>, signer: &Value) {
    let key = key(signer);
    let external = external(signer, &example.vector["input"]);
    let parsed = Sign1::parse(example.bytes, Order::Any);
    let ours = parsed
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|message| message.verify(&key.clone()?, &external, Some(example.content)));
    let signed = parsed.as_ref().ok().map(|message| &message.signed);
    judge(shelf, case, example.valid(), spoken(signer, signed), ours);
    let Ok(message) = &parsed else { return };
    countersignatures(shelf, case, &message.signed.unprotected);
    let covered = &example.vector["intermediates"]["ToBeSign_hex"];
    if let (true, Some(covered)) = (example.valid(), covered.as_str()) {
        let payload = message.payload.as_deref().unwrap_or(example.content);
        let ours = cose::sign1_bytes(&message.signed.protected_bytes, &external, payload);
        shelf.holds(case, "Sig_structure", ours == unhex(covered));
    }
}

fn sign(shelf: &mut Shelf, case: &str, example: &Example<'_>, body: &Value) {
    let signers = list(body, "signers");
    let parsed = Sign::parse(example.bytes, Order::Any);
    let message = match &parsed {
        Ok(message) if message.signers.len() == signers.len() => message,
        Ok(_) => return shelf.verdict(case, example.valid(), Err::<(), _>("other signers")),
        Err(fault) if fault.code == Code::HeaderNotClosed => {
            let why = "critical header parameters";
            return shelf.not_spoken(case, why, Err::<(), _>(fault));
        }
        Err(fault) => return shelf.verdict(case, example.valid(), Err::<(), _>(fault)),
    };
    countersignatures(shelf, case, &message.unprotected);
    let mut outcomes = Vec::new();
    for (at, (signer, signed)) in signers.iter().zip(&message.signers).enumerate() {
        let external = external(signer, &example.vector["input"]);
        let ours = key(signer)
            .and_then(|key| message.verify(signed, &key, &external, Some(example.content)));
        countersignatures(shelf, case, &signed.unprotected);
        let covered = &example.vector["intermediates"]["signers"][at]["ToBeSign_hex"];
        if let (true, Some(covered)) = (example.valid(), covered.as_str()) {
            let payload = message.payload.as_deref().unwrap_or(example.content);
            let (body, own) = (&message.protected_bytes, &signed.protected_bytes);
            let ours = cose::sign_bytes(body, own, &external, payload);
            shelf.holds(case, "Sig_structure", ours == unhex(covered));
        }
        outcomes.push((spoken(signer, Some(signed)), ours));
    }
    if example.valid() {
        for (spoken, ours) in outcomes {
            judge(shelf, case, true, spoken, ours);
        }
    } else {
        // A message with several signers falls with any one of them.
        let all: Result<Vec<()>> = outcomes.into_iter().map(|(_, ours)| ours).collect();
        shelf.verdict(case, false, all);
    }
}

fn judge(
    shelf: &mut Shelf,
    case: &str,
    valid: bool,
    spoken: std::result::Result<(), String>,
    ours: Result<()>,
) {
    match spoken {
        Err(why) if valid => shelf.not_spoken(case, &why, ours),
        _ => shelf.verdict(case, valid, ours),
    }
}

/// Whether algorithm, curve and headers are ones that the record speaks, or which is not.
fn spoken(signer: &Value, signed: Option<&Signed>) -> std::result::Result<(), String> {
    let algorithm = ["protected", "unprotected"]
        .iter()
        .find_map(|bucket| signer[bucket]["alg"].as_str())
        .or_else(|| signer["alg"].as_str())
        .unwrap_or("none");
    let curve = signer["key"]["crv"].as_str().unwrap_or("none");
    if signed.is_some_and(|signed| signed.protected.label(2).is_some()) {
        return Err("critical header parameters".into());
    }
    match (algorithm, curve) {
        ("EdDSA", "Ed25519") | ("ES256", "P-256") => Ok(()),
        _ => Err(format!("{algorithm} with a key on {curve}")),
    }
}

/// Each countersignature in an unprotected header, which no entry point of ours takes.
fn countersignatures(shelf: &mut Shelf, case: &str, unprotected: &cbor::Value) {
    for label in COUNTERSIGNATURES {
        if let Some(value) = unprotected.label(label) {
            let why = format!("countersignature, label {label}");
            shelf.not_spoken(case, &why, as_signed(&cbor::encode(value)));
        }
    }
}

/// Bytes that are neither COSE_Sign1 nor COSE_Sign, through both doors. Without a tag some have
/// the same number of parts; then the algorithm is the refusal.
fn as_signed(bytes: &[u8]) -> Result<()> {
    let one = Sign1::parse(bytes, Order::Any).and_then(|m| m.signed.algorithm());
    let many = Sign::parse(bytes, Order::Any).and_then(|m| m.signers[0].algorithm());
    one.or(many).map(|_| ())
}

fn external(signer: &Value, input: &Value) -> Vec<u8> {
    let found = [signer, input].into_iter().find_map(|place| place["external"].as_str());
    found.map(unhex).unwrap_or_default()
}

/// The key of a signer through our own reader; keys on other curves are its to refuse.
fn key(signer: &Value) -> Result<VerifyKey> {
    let key = &signer["key"];
    let x = coordinate(key, "x");
    match text(key, "kty") {
        "OKP" => VerifyKey::new(Algorithm::Ed25519, &x),
        "EC" | "EC2" => {
            let y = coordinate(key, "y");
            VerifyKey::new(Algorithm::Es256, &[&[4], &x[..], &y[..]].concat())
        }
        _ => VerifyKey::from_spki(&x),
    }
}

fn coordinate(key: &Value, name: &str) -> Vec<u8> {
    let plain = key[name]
        .as_str()
        .map(|text| Base64UrlUnpadded::decode_vec(text.trim_end_matches('=')).expect("base64url"));
    let hex = key[format!("{name}_hex")].as_str().map(unhex);
    plain.or(hex).unwrap_or_default()
}
