//! AEADs, HKDF and HMAC under HPKE, through the crates that `hpke` links. What the suites of the
//! record leave out is asked of the reader of suites or of COSE algorithms, and must be refused.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::ChaCha20Poly1305;
use counterpart_record::fault::Result as RecordResult;
use counterpart_record::key::Algorithm;
use counterpart_record::seal::{SUITE, Suite};
use hkdf::Hkdf;
use serde_json::Value;
use sha2::Sha256;

use crate::kem::refuse_suite;
use crate::shelf::{Shelf, hex, text};

pub fn aead(shelf: &mut Shelf, case: &str, algorithm: &str, group: &Value, test: &Value) {
    let size = |name: &str| group[name].as_u64().expect("unknown shape: sizes of an AEAD");
    let (key, nonce, tag) = (size("keySize"), size("ivSize"), size("tagSize"));
    let ours = match (algorithm, key) {
        ("AES-GCM", 256) => both_ways::<Aes256Gcm>(test),
        ("CHACHA20-POLY1305", 256) => both_ways::<ChaCha20Poly1305>(test),
        _ => {
            let why = format!("{algorithm} with {key} bits");
            let aead = if algorithm == "AES-GCM" && key == 128 { 1 } else { 0xff00 };
            return shelf.not_spoken(case, &why, refuse_suite(Suite { aead, ..SUITE }));
        }
    };
    if (nonce, tag) == (96, 128) {
        shelf.verdict(case, text(test, "result") == "valid", ours);
    } else {
        shelf.not_spoken(case, &format!("{algorithm}, nonce {nonce}, tag {tag} bits"), ours);
    }
}

/// Opens to the message, and seals to the same bytes.
fn both_ways<A: Aead + KeyInit>(test: &Value) -> Result<(), String> {
    let cipher = A::new_from_slice(&hex(test, "key")).map_err(|_| "key length")?;
    let (nonce, aad, msg) = (hex(test, "iv"), hex(test, "aad"), hex(test, "msg"));
    let nonce = nonce[..].try_into().map_err(|_| "nonce length")?;
    let sealed = [hex(test, "ct"), hex(test, "tag")].concat();
    let opened = cipher.decrypt(&nonce, Payload { msg: &sealed, aad: &aad });
    if opened.map_err(|_| "does not open")? != msg {
        return Err("opens to something else".into());
    }
    let again = cipher.encrypt(&nonce, Payload { msg: &msg, aad: &aad });
    if again.map_err(|_| "does not seal")? == sealed {
        Ok(())
    } else {
        Err("seals otherwise".into())
    }
}

pub fn hkdf(shelf: &mut Shelf, case: &str, algorithm: &str, test: &Value) {
    let kdf = match algorithm {
        "HKDF-SHA-256" => 1,
        "HKDF-SHA-384" => 2,
        "HKDF-SHA-512" => 3,
        _ => 0xff00,
    };
    if kdf != SUITE.kdf {
        return shelf.not_spoken(case, algorithm, refuse_suite(Suite { kdf, ..SUITE }));
    }
    let size = test["size"].as_u64().expect("unknown shape: size of HKDF") as usize;
    let mut okm = vec![0; size];
    let key = Hkdf::<Sha256>::new(Some(&hex(test, "salt")), &hex(test, "ikm"));
    let ours = match key.expand(&hex(test, "info"), &mut okm) {
        Ok(()) if okm == hex(test, "okm") => Ok(()),
        Ok(()) => Err("okm differs"),
        Err(_) => Err("length refused"),
    };
    shelf.verdict(case, text(test, "result") == "valid", ours);
}

/// HMAC-SHA256 is the extraction of HKDF with the key as salt (RFC 5869 section 2.2). Nothing here
/// truncates it, so a shorter tag is refused as one that is not the MAC.
pub fn mac(shelf: &mut Shelf, case: &str, algorithm: &str, group: &Value, test: &Value) {
    if algorithm != "HMACSHA256" {
        return shelf.not_spoken(case, algorithm, refuse_cose(algorithm));
    }
    let (mac, _) = Hkdf::<Sha256>::extract(Some(&hex(test, "key")), &hex(test, "msg"));
    let ours = if mac[..] == hex(test, "tag") { Ok(()) } else { Err("tag differs") };
    if group["tagSize"].as_u64() == Some(256) {
        shelf.verdict(case, text(test, "result") == "valid", ours);
    } else {
        shelf.not_spoken(case, "HMAC-SHA256, truncated", ours);
    }
}

/// The reader of COSE algorithm numbers on one that it must not know; 0 is reserved and stands
/// for what has no number at all.
pub fn refuse_cose(algorithm: &str) -> RecordResult<Algorithm> {
    let number = match algorithm {
        "HMACSHA384" => 6,
        "HMACSHA512" => 7,
        "ML-DSA-87" => -50,
        "AES-WRAP" => -3,
        _ => 0,
    };
    Algorithm::from_cose(number)
}
