//! Every parser of foreign bytes under a seeded mutator: it refuses or it reads, it never panics,
//! and what it reads of our own formats has no second spelling. `MUTATE_ROUNDS` makes it longer.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use counterpart_record::cose::{Sign, Sign1};
use counterpart_record::disclose::Disclosure;
use counterpart_record::head::{Cosignature, Head, LogId};
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};
use counterpart_record::inconsistency::{Inconsistency, Proof};
use counterpart_record::key::{Random, VerifyKey};
use counterpart_record::keys::{Keys, PublicRing, Ring, Role, RootKeys, SoftKeys};
use counterpart_record::note::{Checkpoint, Note, Verifier};
use counterpart_record::parcel::{self, Address, Carried, Closed, Contents};
use counterpart_record::party::{Control, Credential, Desk, RootPublic};
use counterpart_record::payload::{Open, Payload, Seen};
use counterpart_record::statement::{self, Header, Signed, Unverified};
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

/// Name, a good input, and a parser that panics only if an accepted input has two spellings.
type Target<'a> = (&'static str, Vec<u8>, Box<dyn Fn(&[u8]) + 'a>);

fn target<'a>(
    name: &'static str,
    good: impl Into<Vec<u8>>,
    parse: impl Fn(&[u8]) + 'a,
) -> Target<'a> {
    (name, good.into(), Box::new(parse))
}

/// The good inputs: what one party says to a peer, with the keys that made it.
struct World {
    keys: SoftKeys,
    log: LogId,
    credential: Vec<u8>,
    disclosure: Disclosure,
    payload: Payload,
    statement: Signed,
    head: Head,
    cosignature: Cosignature,
    receipt: Vec<u8>,
    parcel: Vec<u8>,
    proof: Proof,
}

impl World {
    fn new() -> World {
        let dice = Dice(7.into());
        let keys = SoftKeys::new(&SoftKeys::fresh_seeds(&dice), &[]).unwrap();
        let ring = keys.public(Ring::Live);
        let root = RootKeys::from_seeds(&Zeroizing::new([[1; 32], [2; 32]])).unwrap();
        let (me, peer) = (RootPublic::of(&root).party(), PartyId([9; 32]));
        let channel = ChannelId::between(&me, &peer, false);
        let log = LogId { channel, owner: me, epoch: 1 };
        let credential = credential(&root, &keys);
        let disclosure = Disclosure::new(&[3; 16], "facts", "words".into());
        let payload = payload(&disclosure);
        let header = Header {
            kid: ring.key(Role::Statement).thumbprint(),
            issuer: me,
            audience: peer,
            channel,
            matter: MatterId::of(&channel, &me, &[6; 16]),
            issued_at: 6,
        };
        let disclosures = vec![disclosure.clone()];
        let statement = statement::sign(&header, &payload, disclosures, &keys).unwrap();
        let head = Head::sign(&log, (0, 2), [7; 32], 8, Ring::Live, &keys).unwrap();
        let at = (2, [7; 32]);
        let cosignature = Cosignature::sign(&log, at, &peer, 9, Ring::Live, &keys).unwrap();
        let kid = ring.key(Role::Log).thumbprint();
        let receipt = receipt::build(&head, &log, &kid, 1, &[[8; 32]]);
        let address = Address { sender: me, recipient: peer, channel };
        let contents = contents(&statement, &head, &cosignature);
        let parcel = parcel::seal(&address, ring, &contents, &dice).unwrap();
        let what = Inconsistency::TwoRoots(head.clone(), head.clone());
        let proof = Proof { log, drill: false, credential: credential.clone(), what };
        World {
            keys,
            log,
            credential,
            disclosure,
            payload,
            statement,
            head,
            cosignature,
            receipt,
            parcel,
            proof,
        }
    }

    fn ring(&self) -> &PublicRing {
        self.keys.public(Ring::Live)
    }

    fn encodings(&self) -> Vec<Target<'_>> {
        vec![
            target("cbor", &*self.statement.bytes, |bytes| {
                if let Ok(value) = cbor::decode(bytes, Order::Deterministic) {
                    assert_eq!(cbor::encode(&value), bytes);
                }
                let _ = cbor::decode(bytes, Order::Any);
            }),
            target("json", self.payload.encode(), |bytes| {
                if let Ok(value) = json::parse(bytes) {
                    assert_eq!(json::parse(value.to_text().as_bytes()).unwrap(), value);
                }
            }),
            target("payload", self.payload.encode(), |bytes| {
                if let Ok(payload) = Payload::parse(bytes) {
                    assert_eq!(Payload::parse(&payload.encode()).unwrap(), payload);
                }
            }),
            target("disclosure", &*self.disclosure.text, |bytes| {
                let _ = Disclosure::parse(&text(bytes));
            }),
            target("origin", self.log.origin(), |bytes| {
                if let Ok(log) = LogId::parse(&text(bytes)) {
                    assert_eq!(log.origin().as_bytes(), bytes);
                }
            }),
            target("pem", self.ring().key(Role::Log).to_pem(), |bytes| {
                let _ = VerifyKey::from_pem(&text(bytes));
            }),
            target("bundle", [0, 1, 7, 0, 2, 8, 9], |bytes| drop(tile::bundle(bytes))),
        ]
    }

    fn signed_things(&self) -> Vec<Target<'_>> {
        vec![
            target("statement", &*self.statement.bytes, |bytes| {
                if let Ok(unverified) = Unverified::parse(bytes) {
                    let key = self.ring().key(Role::Statement);
                    let verified = unverified.verify(key, vec![self.disclosure.clone()], true);
                    // Whatever verifies is what was signed.
                    assert!(verified.is_err() || bytes == self.statement.bytes);
                }
            }),
            target("sign1", &*self.receipt, |bytes| drop(Sign1::parse(bytes, Order::Any))),
            target("sign", &*self.credential, |bytes| drop(Sign::parse(bytes, Order::Any))),
            target("control", &*self.credential, |bytes| {
                assert!(Control::verify(bytes, None).is_err() || bytes == self.credential);
            }),
            target("head", self.head.encode(), |bytes| {
                if let Ok(head) = Head::parse(bytes) {
                    assert_eq!(head.encode(), bytes);
                }
            }),
            target("cosignature", self.cosignature.encode(), |bytes| {
                if let Ok(cosignature) = Cosignature::parse(bytes) {
                    assert_eq!(cosignature.encode(), bytes);
                }
            }),
            target("receipt", &*self.receipt, |bytes| {
                let (key, entry) = (self.ring().key(Role::Log), Entry([5; 32]));
                assert!(receipt::verify(bytes, key, &entry).is_err());
                let _ = receipt::verify_foreign(bytes, key, &entry);
            }),
            target("proof", self.proof.encode(), |bytes| {
                if let Ok(proof) = Proof::parse(bytes) {
                    // Two equal heads convict nobody, and neither does a mutant of them.
                    assert!(proof.verify().is_err());
                }
            }),
        ]
    }

    fn sealed_and_noted_things(&self) -> Vec<Target<'_>> {
        let [verifier, _] = self.log.verifiers(self.ring());
        vec![
            target("parcel", &*self.parcel, |bytes| {
                let closed = Closed::parse(bytes);
                let opened = closed.and_then(|closed| closed.open(Ring::Live, &self.keys));
                assert!(opened.is_err() || bytes == self.parcel);
            }),
            target("note", self.head.note(&self.log, self.ring()), |bytes| {
                let _ = Note::parse(bytes).and_then(|note| note.checkpoint());
            }),
            target("checkpoint", "o\n5\nAAAA\n", |bytes| {
                let _ = Checkpoint::parse(&text(bytes));
            }),
            target("vkey", verifier.to_vkey(), |bytes| {
                let _ = Verifier::from_vkey(&text(bytes));
            }),
        ]
    }
}

fn credential(root: &RootKeys, keys: &SoftKeys) -> Vec<u8> {
    let desk = Desk { names: vec![("en".into(), "Arcadia".into())], ..Desk::default() };
    let credential = Credential::new(root, keys, 1, desk, 5);
    Control::Credential(Box::new(credential)).sign(root).unwrap()
}

fn payload(disclosure: &Disclosure) -> Payload {
    Payload {
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
    }
}

fn contents(statement: &Signed, head: &Head, cosignature: &Cosignature) -> Contents {
    let disclosures = Disclosure::join(&statement.disclosures);
    Contents {
        heads: vec![head.clone()],
        epoch: 1,
        from: 0,
        entries: vec![statement.entry; 2],
        acts: vec![Carried { statement: statement.bytes.clone(), disclosures }],
        cosignature: Some(cosignature.clone()),
        held: 2,
        yours: None,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn no_parser_panics_and_nothing_has_two_spellings() {
    let rounds: u32 =
        std::env::var("MUTATE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(4_000);
    let world = World::new();
    let themes = [world.encodings(), world.signed_things(), world.sealed_and_noted_things()];
    for (name, good, parse) in themes.into_iter().flatten() {
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
