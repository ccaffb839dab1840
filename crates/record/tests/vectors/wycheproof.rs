//! Project Wycheproof, by the type of the test group.

use std::path::Path;

use counterpart_record::key::{Algorithm, SigningKey, VerifyKey};
use counterpart_record::seal::{SUITE, Suite};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::kem::{self, refuse_suite};
use crate::shelf::{Shelf, hex, json, list, sized, text, unhex};
use crate::symmetric::{self, refuse_cose};

/// Types of groups in which nothing is spoken, all of Wycheproof's others. A type that is not in
/// this list and not judged below is of unknown shape.
const FOREIGN: &[&str] = &[
    "BlsAggregateVerify",
    "BlsHashToG2",
    "BlsSigVerify",
    "ChunkedEncryption",
    "DaeadTest",
    "DsaP1363Verify",
    "DsaVerify",
    "EcCurveTest",
    "EcdsaBitcoinVerify",
    "FpeListTest",
    "FpeStrTest",
    "IndCpaTest",
    "JsonWebCrypto",
    "JsonWebEncryption",
    "JsonWebKey",
    "JsonWebSignature",
    "KeywrapTest",
    "MacWithIvTest",
    "PbeTest",
    "PbkdfTest",
    "PrimalityTest",
    "RsaesOaepDecrypt",
    "RsaesPkcs1Decrypt",
    "RsassaPkcs1Generate",
    "RsassaPkcs1Verify",
    "RsassaPssVerify",
    "RsassaPssWithParametersVerify",
];

pub fn file(shelf: &mut Shelf, path: &Path) {
    let file = json(path);
    // Some files name an algorithm only in their name.
    let algorithm = file["algorithm"].as_str().unwrap_or("none").to_owned();
    for group in list(&file, "testGroups") {
        let kind = text(group, "type");
        for test in list(group, "tests") {
            let case = format!("{} {}", shelf.name(path), test["tcId"]);
            let result = text(test, "result");
            assert!(matches!(result, "valid" | "invalid" | "acceptable"), "{case}: {result}");
            one(shelf, &case, (kind, &algorithm), group, test);
        }
    }
}

fn one(shelf: &mut Shelf, case: &str, what: (&str, &str), group: &Value, test: &Value) {
    let (kind, algorithm) = what;
    match kind {
        "EddsaVerify" => eddsa(shelf, case, group, test),
        "EcdsaP1363Verify" => ecdsa(shelf, case, group, test),
        "EcdsaVerify" => ecdsa_der(shelf, case, group, test),
        "MlDsaVerify" => mldsa(shelf, case, algorithm, group, test),
        "MlDsaSign" => mldsa_sign(shelf, case, algorithm, group, test),
        "AeadTest" => symmetric::aead(shelf, case, algorithm, group, test),
        "HkdfTest" => symmetric::hkdf(shelf, case, algorithm, test),
        "MacTest" => symmetric::mac(shelf, case, algorithm, group, test),
        "XdhComp" => kem::x25519(shelf, case, group, test),
        "MLKEMTest" | "MLKEMEncapsTest" | "MLKEMDecapsValidationTest" | "MLKEMKeyGen" => {
            kem::wycheproof(shelf, case, kind, group, test);
        }
        "XdhAsnComp" | "XdhJwkComp" | "XdhPemComp" => {
            let refused = VerifyKey::from_pem(test["public"].as_str().unwrap_or_default());
            shelf.not_spoken(case, &format!("encoded keys, {kind}"), refused);
        }
        _ if kind.starts_with("Ecdh") => {
            shelf.not_spoken(case, kind, refuse_suite(Suite { kem: 0x10, ..SUITE }));
        }
        _ if FOREIGN.contains(&kind) => match group["publicKeyDer"].as_str() {
            Some(der) if kind != "EcdsaBitcoinVerify" => {
                shelf.not_spoken(case, algorithm, VerifyKey::from_spki(&unhex(der)));
            }
            _ => shelf.not_spoken(case, algorithm, refuse_cose(algorithm)),
        },
        _ => panic!("unknown shape: {case}: group of type {kind}"),
    }
}

/// `valid`, or `acceptable`, which no group of signatures that we judge has: decided with eyes
/// open if one comes.
fn is_valid(case: &str, test: &Value) -> bool {
    assert!(text(test, "result") != "acceptable", "{case}: undecided: {}", test["comment"]);
    text(test, "result") == "valid"
}

fn eddsa(shelf: &mut Shelf, case: &str, group: &Value, test: &Value) {
    let key = VerifyKey::from_spki(&hex(group, "publicKeyDer"));
    let curve = text(&group["publicKey"], "curve");
    if curve != "edwards25519" {
        return shelf.not_spoken(case, curve, key);
    }
    let raw = VerifyKey::new(Algorithm::Ed25519, &hex(&group["publicKey"], "pk"));
    shelf.holds(case, "key out of DER", key == raw);
    let ours = key.and_then(|key| key.verify(&hex(test, "msg"), &hex(test, "sig")));
    shelf.verdict(case, is_valid(case, test), ours);
}

fn ecdsa(shelf: &mut Shelf, case: &str, group: &Value, test: &Value) {
    let key = VerifyKey::from_spki(&hex(group, "publicKeyDer"));
    let ours = key.and_then(|key| key.verify(&hex(test, "msg"), &hex(test, "sig")));
    match (text(&group["publicKey"], "curve"), text(group, "sha")) {
        ("secp256r1", "SHA-256") => shelf.verdict(case, is_valid(case, test), ours),
        (curve, hash) => shelf.not_spoken(case, &format!("ECDSA on {curve} with {hash}"), ours),
    }
}

/// COSE knows only the fixed-length form of ECDSA signatures (RFC 9053 section 2.1).
fn ecdsa_der(shelf: &mut Shelf, case: &str, group: &Value, test: &Value) {
    let key = VerifyKey::from_spki(&hex(group, "publicKeyDer"));
    let ours = key.and_then(|key| key.verify(&hex(test, "msg"), &hex(test, "sig")));
    let curve = text(&group["publicKey"], "curve");
    shelf.not_spoken(case, &format!("ECDSA on {curve}, signature in DER"), ours);
}

fn mldsa(shelf: &mut Shelf, case: &str, name: &str, group: &Value, test: &Value) {
    let Some(algorithm) = parameter_set(name) else {
        return shelf.not_spoken(case, name, refuse_cose(name));
    };
    let key = VerifyKey::new(algorithm, &hex(group, "publicKey"));
    if let (Some(der), Ok(key)) = (group["publicKeyDer"].as_str(), &key) {
        shelf.holds(case, "key out of DER", VerifyKey::from_spki(&unhex(der)).as_ref() == Ok(key));
    }
    let message = test["msg"].as_str().map(unhex).unwrap_or_default();
    let ours = key.and_then(|key| key.verify(&message, &hex(test, "sig")));
    match unspoken_form(test) {
        Some(why) => shelf.not_spoken(case, &format!("{name}, {why}"), ours),
        None => shelf.verdict(case, is_valid(case, test), ours),
    }
}

/// Keys from seeds are ours to make; signatures are hedged here, so a published one is verified
/// with our key and not made again. Expanded keys have no entry point: there the public key that
/// the group names does the verifying.
fn mldsa_sign(shelf: &mut Shelf, case: &str, name: &str, group: &Value, test: &Value) {
    let Some(algorithm) = parameter_set(name) else {
        return shelf.not_spoken(case, name, refuse_cose(name));
    };
    let message = test["msg"].as_str().map(unhex).unwrap_or_default();
    let signature = test["sig"].as_str().map(unhex).unwrap_or_default();
    let seed = group["privateSeed"].as_str().map(unhex);
    let key: Result<VerifyKey, String> = match &seed {
        Some(seed) => sized::<32>(seed).and_then(|seed| {
            let key = SigningKey::from_seed(algorithm, &Zeroizing::new(seed));
            let key = key.map_err(|fault| fault.to_string())?;
            let made = key.sign(&message).map_err(|fault| fault.to_string())?;
            key.public().verify(&message, &made).map_err(|fault| fault.to_string())?;
            Ok(key.public().clone())
        }),
        None => match group["publicKey"].as_str() {
            Some(public) => VerifyKey::new(algorithm, &unhex(public)).map_err(|f| f.to_string()),
            None => Err("no public key".into()),
        },
    };
    if let (Some(_), Ok(key), Some(public)) = (&seed, &key, group["publicKey"].as_str()) {
        shelf.holds(case, "public key of the seed", key.as_bytes() == unhex(public));
    }
    let ours =
        key.and_then(|key| key.verify(&message, &signature).map_err(|fault| fault.to_string()));
    match unspoken_form(test) {
        Some(why) => shelf.not_spoken(case, &format!("{name}, {why}"), ours),
        None => shelf.verdict(case, is_valid(case, test), ours),
    }
}

fn parameter_set(name: &str) -> Option<Algorithm> {
    match name {
        "ML-DSA-44" => Some(Algorithm::MlDsa44),
        "ML-DSA-65" => Some(Algorithm::MlDsa65),
        "ML-DSA-87" => None,
        other => panic!("unknown shape: {other}"),
    }
}

/// Valid signatures in a form that the record leaves out: with a context, or over `mu` alone.
fn unspoken_form(test: &Value) -> Option<&'static str> {
    if text(test, "result") != "valid" {
        None
    } else if test["ctx"].as_str().is_some_and(|ctx| !ctx.is_empty()) {
        Some("with a context")
    } else if test["msg"].is_null() {
        Some("over mu")
    } else {
        None
    }
}
