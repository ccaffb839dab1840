//! Every parser of foreign bytes under a seeded mutator: it refuses or it reads, it never panics,
//! and what it reads of our own formats has no second spelling. `MUTATE_ROUNDS` makes it longer.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use counterpart_record::cose::{Sign, Sign1};
use counterpart_record::disclose::Disclosure;
use counterpart_record::head::{Cosignature, Head, LogId};
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};
use counterpart_record::inconsistency::{Inconsistency, Proof};
use counterpart_record::key::{Random, VerifyKey};
use counterpart_record::keys::{Keys, Ring, Role, RootKeys, SoftKeys};
use counterpart_record::note::{Checkpoint, Note, Verifier};
use counterpart_record::parcel::{self, Address, Carried, Closed, Contents};
use counterpart_record::party::{Control, Credential, Desk, RootPublic};
use counterpart_record::payload::{Open, Payload, Seen};
use counterpart_record::statement::{self, Header, Unverified};
use counterpart_record::strict::cbor::{self, Order};
use counterpart_record::strict::json::{self, Object};
use counterpart_record::{receipt, tile};
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// xorshift64*: the same seed gives the same mutants.
struct Dice(AtomicU64);

impl Dice {
    fn next(&self) -> u64 {
        let mut x = self.0.load(Ordering::Relaxed);
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.0.store(x, Ordering::Relaxed);
        x.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// One to four changes: a flipped bit, a telling byte, a cut, a doubled or a moved part.
    fn mutate(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(out.len());
            match self.below(6) {
                0 if !out.is_empty() => out[at] ^= 1 << self.below(8),
                1 if !out.is_empty() => {
                    let telling = [0, 1, 0x7f, 0x80, 0xff, 0x1b, 0x5b, 0x9b, 0xbf, b'"', b'\\'];
                    out[at] = telling[self.below(telling.len())];
                }
                2 => out.truncate(at),
                3 => {
                    let part = out[at..(at + self.below(40)).min(out.len())].to_vec();
                    out.splice(at..at, part);
                }
                4 => drop(out.drain(at..(at + self.below(9)).min(out.len()))),
                _ => out.push(self.next() as u8),
            }
        }
        out
    }
}

impl Random for Dice {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.iter_mut().for_each(|byte| *byte = self.next() as u8);
    }
}

type Parser = Box<dyn Fn(&[u8])>;

/// Name, a good input, and a parser that panics only if an accepted input has two spellings.
fn targets() -> Vec<(&'static str, Vec<u8>, Parser)> {
    let dice = Dice(7.into());
    let keys = SoftKeys::new(&SoftKeys::fresh_seeds(&dice), &[]).unwrap();
    let root = RootKeys::from_seeds(&Zeroizing::new([[1; 32], [2; 32]])).unwrap();
    let ring = keys.public(Ring::Live).clone();
    let public = RootPublic::of(&root);
    let (me, peer) = (public.party(), PartyId([9; 32]));
    let channel = ChannelId::between(&me, &peer, false);
    let log = LogId { channel, owner: me, epoch: 1 };
    let credential = Control::Credential(Box::new(Credential {
        party: me,
        version: 1,
        root: public,
        desk: Desk { names: vec![("en".into(), "Arcadia".into())], ..Desk::default() },
        live: ring.clone(),
        drill: keys.public(Ring::Drill).clone(),
        issued_at: 5,
    }))
    .sign(&root)
    .unwrap();
    let disclosure = Disclosure::new(&[3; 16], "facts", "words".into());
    let payload = Payload {
        kind: "request".into(),
        rules: "assistance/1".into(),
        epoch: 1,
        seq: 1,
        prev: None,
        seen: Seen { size: 2, root: [4; 32] },
        re: vec![Entry([5; 32])],
        drill: false,
        open: Some(Open { nonce: [6; 16], terms: [0; 32], stream: "fraud".into() }),
        body: Object::default().with("urgency", "urgent"),
        sd: vec![disclosure.digest()],
        late: None,
    };
    let header = Header {
        kid: ring.key(Role::Statement).thumbprint(),
        issuer: me,
        audience: peer,
        channel,
        matter: MatterId::of(&channel, &me, &[6; 16]),
        issued_at: 6,
    };
    let signed = statement::sign(&header, &payload, vec![disclosure.clone()], &keys).unwrap();
    let head = Head::sign(&log, (0, 2), [7; 32], 8, Ring::Live, &keys).unwrap();
    let at = (2, [7; 32]);
    let cosigned = Cosignature::sign(&log, at, &peer, 9, Ring::Live, &keys).unwrap();
    let key = ring.key(Role::Log).clone();
    let built = receipt::build(&head, &log, &key.thumbprint(), 1, &[[8; 32]]);
    let note = head.note(&log, &ring);
    let vkey = log.verifiers(&ring)[0].to_vkey();
    let contents = Contents {
        heads: vec![head.clone()],
        epoch: 1,
        from: 0,
        entries: vec![signed.entry; 2],
        acts: vec![Carried {
            statement: signed.bytes.clone(),
            disclosures: vec![disclosure.text.clone()],
        }],
        cosignature: Some(cosigned.clone()),
        held: 2,
    };
    let address = Address { sender: me, recipient: peer, channel };
    let sealed = parcel::seal(&address, &ring, &contents, &dice).unwrap();
    let proof = Proof {
        log,
        drill: false,
        credential: credential.clone(),
        what: Inconsistency::TwoRoots(head.clone(), head.clone()),
    };
    let pem = key.to_pem();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    vec![
        (
            "cbor",
            signed.bytes.clone(),
            Box::new(|bytes| {
                if let Ok(value) = cbor::decode(bytes, Order::Deterministic) {
                    assert_eq!(cbor::encode(&value), bytes);
                }
                let _ = cbor::decode(bytes, Order::Any);
            }),
        ),
        (
            "json",
            payload.encode(),
            Box::new(|bytes| {
                if let Ok(value) = json::parse(bytes) {
                    assert_eq!(json::parse(value.to_text().as_bytes()).unwrap(), value);
                }
            }),
        ),
        (
            "payload",
            payload.encode(),
            Box::new(|bytes| {
                if let Ok(payload) = Payload::parse(bytes) {
                    assert_eq!(Payload::parse(&payload.encode()).unwrap(), payload);
                }
            }),
        ),
        (
            "statement",
            signed.bytes.clone(),
            Box::new(move |bytes| {
                if let Ok(unverified) = Unverified::parse(bytes) {
                    let key = ring.key(Role::Statement);
                    let verified = unverified.verify(key, vec![disclosure.clone()], true);
                    // Whatever verifies is what was signed.
                    assert!(verified.is_err() || bytes == signed.bytes);
                }
            }),
        ),
        ("sign1", built.clone(), Box::new(|bytes| drop(Sign1::parse(bytes, Order::Any)))),
        ("sign", credential.clone(), Box::new(|bytes| drop(Sign::parse(bytes, Order::Any)))),
        (
            "control",
            credential.clone(),
            Box::new(move |bytes| {
                assert!(Control::verify(bytes, None).is_err() || bytes == credential);
            }),
        ),
        (
            "head",
            head.encode(),
            Box::new(|bytes| {
                if let Ok(head) = Head::parse(bytes) {
                    assert_eq!(head.encode(), bytes);
                }
            }),
        ),
        (
            "cosignature",
            cosigned.encode(),
            Box::new(|bytes| {
                if let Ok(cosignature) = Cosignature::parse(bytes) {
                    assert_eq!(cosignature.encode(), bytes);
                }
            }),
        ),
        (
            "receipt",
            built,
            Box::new(move |bytes| {
                let entry = Entry([5; 32]);
                assert!(receipt::verify(bytes, &key, &entry).is_err());
                let _ = receipt::verify_foreign(bytes, &key, &entry);
            }),
        ),
        (
            "note",
            note.into_bytes(),
            Box::new(|bytes| {
                let _ = Note::parse(bytes).and_then(|note| note.checkpoint());
            }),
        ),
        (
            "checkpoint",
            b"o\n5\nAAAA\n".to_vec(),
            Box::new(move |bytes| {
                let _ = Checkpoint::parse(&text(bytes));
            }),
        ),
        (
            "vkey",
            vkey.into_bytes(),
            Box::new(move |bytes| {
                let _ = Verifier::from_vkey(&text(bytes));
            }),
        ),
        (
            "pem",
            pem.into_bytes(),
            Box::new(move |bytes| {
                let _ = VerifyKey::from_pem(&text(bytes));
            }),
        ),
        (
            "parcel",
            sealed.clone(),
            Box::new(move |bytes| {
                let opened = Closed::parse(bytes).and_then(|closed| closed.open(Ring::Live, &keys));
                assert!(opened.is_err() || bytes == sealed);
            }),
        ),
        (
            "proof",
            proof.encode(),
            Box::new(|bytes| {
                if let Ok(proof) = Proof::parse(bytes) {
                    // The good input is two equal heads, which convict nobody; neither does a mutant.
                    assert!(proof.verify().is_err());
                }
            }),
        ),
        (
            "disclosure",
            disclosure_text(),
            Box::new(move |bytes| {
                let _ = Disclosure::parse(&text(bytes));
            }),
        ),
        (
            "origin",
            log.origin().into_bytes(),
            Box::new(move |bytes| {
                if let Ok(log) = LogId::parse(&text(bytes)) {
                    assert_eq!(log.origin().as_bytes(), bytes);
                }
            }),
        ),
        ("bundle", vec![0, 1, 7, 0, 2, 8, 9], Box::new(|bytes| drop(tile::bundle(bytes)))),
    ]
}

fn disclosure_text() -> Vec<u8> {
    Disclosure::new(&[3; 16], "facts", "words".into()).text.into_bytes()
}

#[test]
fn no_parser_panics_and_nothing_has_two_spellings() {
    let rounds: u32 =
        std::env::var("MUTATE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(4_000);
    for (name, good, parse) in targets() {
        parse(&good);
        let dice = Dice((0x9e37_79b9_7f4a_7c15 ^ good.len() as u64).into());
        for round in 0..rounds {
            let mutant = dice.mutate(&good);
            let run = std::panic::AssertUnwindSafe(|| parse(&mutant));
            let outcome = std::panic::catch_unwind(run);
            assert!(outcome.is_ok(), "{name}, round {round}: {mutant:02x?}");
        }
    }
}
