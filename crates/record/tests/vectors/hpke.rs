//! HPKE: the suites with X-Wing through `seal`, sealing and opening; the KEM alone by sealing a
//! message under the published shared secret and opening it with the published secret key. All
//! other suites and modes must be refused.

use std::path::Path;
use std::sync::Mutex;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use counterpart_record::key::Random;
use counterpart_record::seal::{self, SUITE, SUITE_CHACHA, Sealed, Suite};
use hkdf::Hkdf;
use serde_json::Value;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::shelf::{Shelf, hex, json, list, sized};

pub fn file(shelf: &mut Shelf, path: &Path) {
    let file = json(path);
    let vectors = file.as_array().expect("unknown shape: not a list of vectors");
    for (at, vector) in vectors.iter().enumerate() {
        let case = format!("{} {at}", shelf.name(path));
        if vector["kem_id"].is_u64() {
            suite(shelf, &case, vector);
        } else if vector["eseed"].is_string() {
            xwing(shelf, &case, vector);
        } else {
            panic!("unknown shape: {case}");
        }
    }
}

fn suite(shelf: &mut Shelf, case: &str, vector: &Value) {
    let id = |name: &str| {
        let number = vector[name].as_u64().and_then(|number| u16::try_from(number).ok());
        number.unwrap_or_else(|| panic!("unknown shape: {case}: no {name}"))
    };
    let suite = Suite { kem: id("kem_id"), kdf: id("kdf_id"), aead: id("aead_id") };
    let (mode, messages) = (id("mode"), encryptions(vector));
    let name =
        format!("KEM {:#06x}, KDF {}, AEAD {}, mode {mode}", suite.kem, suite.kdf, suite.aead);
    let secret = sized::<32>(&hex(vector, "skRm")).map(Zeroizing::new);
    let (info, enc) = (hex(vector, "info"), hex(vector, "enc"));
    let open = |message: &Message| {
        // Keys of another length belong to another KEM; the suite must be the refusal.
        let secret = secret.clone().unwrap_or_else(|_| Zeroizing::new([0; 32]));
        let Message { aad, ciphertext, .. } = message;
        let sealed = Sealed { suite, info: &info, aad, enc: &enc, ciphertext };
        seal::open(&secret, &sealed)
    };
    if (suite != SUITE && suite != SUITE_CHACHA) || mode != 0 {
        let nothing = Message { aad: vec![], ciphertext: vec![0; 16], plaintext: vec![] };
        return shelf.not_spoken(case, &name, open(messages.first().unwrap_or(&nothing)));
    }
    let secret = secret.clone().expect("unknown shape: secret key of X-Wing");
    let public = hex(vector, "pkRm");
    shelf.holds(case, "public key", seal::public_key(&secret).ok() == Some(public.clone()));
    let (first, later) = messages.split_first().expect("unknown shape: no encryption");
    shelf.holds(case, "first message", open(first).ok().as_ref() == Some(&first.plaintext));
    let mut altered = first.clone();
    altered.ciphertext[0] ^= 1;
    shelf.verdict(&format!("{case}, altered"), false, open(&altered));
    for message in later {
        // One parcel, one encapsulation, one message.
        shelf.not_spoken(case, "a later message of one context", open(message));
    }
    let random = Fixed(Mutex::new(hex(vector, "ikmE")));
    let sealed = seal::seal(suite, &public, &info, &first.aad, first.plaintext.clone(), &random);
    shelf.holds(case, "sealing", sealed.ok() == Some((enc.clone(), first.ciphertext.clone())));
}

#[derive(Clone)]
struct Message {
    aad: Vec<u8>,
    ciphertext: Vec<u8>,
    plaintext: Vec<u8>,
}

fn encryptions(vector: &Value) -> Vec<Message> {
    if vector["encryptions"].is_null() {
        // Export-only suites encrypt nothing.
        return Vec::new();
    }
    list(vector, "encryptions")
        .iter()
        .map(|one| Message {
            aad: hex(one, "aad"),
            ciphertext: hex(one, "ct"),
            plaintext: hex(one, "pt"),
        })
        .collect()
}

/// The KEM alone. Decapsulation is inside `seal::open`, so the key schedule of RFC 9180 section 5.1
/// is computed here from the published shared secret; only if ours is the same does it open.
fn xwing(shelf: &mut Shelf, case: &str, vector: &Value) {
    let secret = Zeroizing::new(sized::<32>(&hex(vector, "sk")).expect("a secret key"));
    let (public, enc) = (hex(vector, "pk"), hex(vector, "ct"));
    let shared = hex(vector, "ss");
    shelf.holds(case, "public key", seal::public_key(&secret).ok() == Some(public.clone()));
    shelf.verdict(case, true, seal::check_public(&public));
    let open = |shared: &[u8]| {
        let (key, nonce) = schedule(shared, b"info");
        let cipher = Aes256Gcm::new(&key.into());
        let payload = Payload { msg: b"message", aad: b"aad" };
        let ciphertext = cipher.encrypt(&nonce.into(), payload).expect("seals");
        let sealed =
            Sealed { suite: SUITE, info: b"info", aad: b"aad", enc: &enc, ciphertext: &ciphertext };
        seal::open(&secret, &sealed)
    };
    shelf.verdict(case, true, open(&shared));
    let mut other = shared.clone();
    other[0] ^= 1;
    shelf.verdict(&format!("{case}, another secret"), false, open(&other));
    let random = Fixed(Mutex::new(hex(vector, "eseed")));
    let sealed = seal::seal(SUITE, &public, b"", b"", Vec::new(), &random);
    shelf.holds(case, "encapsulated key", sealed.is_ok_and(|(ours, _)| ours == enc));
}

/// Key and base nonce of base mode for the suite that we write.
fn schedule(shared: &[u8], info: &[u8]) -> ([u8; 32], [u8; 12]) {
    let id = [&b"HPKE"[..], &SUITE.kem.to_be_bytes(), &SUITE.kdf.to_be_bytes()].concat();
    let id = [&id[..], &SUITE.aead.to_be_bytes()].concat();
    let extract = |salt: &[u8], label: &str, ikm: &[u8]| {
        let labelled = [b"HPKE-v1", &id[..], label.as_bytes(), ikm].concat();
        Hkdf::<Sha256>::extract(Some(salt), &labelled)
    };
    let (psk_id, _) = extract(b"", "psk_id_hash", b"");
    let (info, _) = extract(b"", "info_hash", info);
    let context = [&[0], &psk_id[..], &info[..]].concat();
    let (_, secret) = extract(shared, "secret", b"");
    let (mut key, mut nonce) = ([0; 32], [0; 12]);
    for (label, out) in [("key", &mut key[..]), ("base_nonce", &mut nonce[..])] {
        let length = (out.len() as u16).to_be_bytes();
        let labelled = [&length, &b"HPKE-v1"[..], &id, label.as_bytes(), &context].concat();
        secret.expand(&labelled, out).expect("a short output");
    }
    (key, nonce)
}

/// The published randomness, byte by byte; more than published is a fault of the caller.
struct Fixed(Mutex<Vec<u8>>);

impl Random for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        let mut rest = self.0.lock().expect("not poisoned");
        assert!(rest.len() >= buffer.len(), "asks for more randomness than the vector gives");
        buffer.copy_from_slice(&rest[..buffer.len()]);
        rest.drain(..buffer.len());
    }
}
