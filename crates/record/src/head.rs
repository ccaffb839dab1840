//! Heads: a log's signed word on its size and root. One head is a C2SP checkpoint with an Ed25519
//! and an ML-DSA-44 line, and the one COSE signature from which every RFC 9942 receipt of the
//! leaves it covers is built. Cosignatures say that a log only grew, never more.

use crate::cose;
use crate::fault::{Code, Result};
use crate::hash::Hash;
use crate::id::{ChannelId, Kid, PartyId};
use crate::key::VerifyKey;
use crate::keys::{Keys, PublicRing, Ring, Role};
use crate::note::{Checkpoint, LineKind, Verifier};
use crate::strict::cbor::{Reader, Writer};

/// The type (label 16) of receipts.
pub const RECEIPT_TYPE: &str = "application/counterpart-receipt+cose";

/// Whose log of which channel, in which epoch: all that an origin line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogId {
    /// The channel.
    pub channel: ChannelId,
    /// Whose log.
    pub owner: PartyId,
    /// From 1; the next begins where a backup was restored.
    pub epoch: u64,
}

impl LogId {
    /// `counterpart/1/<channel>/<owner>/<epoch>`. REC-20.
    pub fn origin(&self) -> String {
        self.channel.origin(&self.owner, self.epoch)
    }

    /// Reads an origin line. [`Code::OriginWrong`].
    pub fn parse(origin: &str) -> Result<LogId> {
        let wrong = || Code::OriginWrong.at("not counterpart/1/channel/owner/epoch");
        let parts: Vec<&str> = origin.split('/').collect();
        let ["counterpart", "1", channel, owner, epoch] = parts[..] else {
            return Err(wrong());
        };
        let log = LogId {
            channel: ChannelId::parse(channel).map_err(|_| wrong())?,
            owner: PartyId::parse(owner).map_err(|_| wrong())?,
            epoch: epoch.parse().map_err(|_| wrong())?,
        };
        if log.origin() == origin { Ok(log) } else { Err(wrong()) }
    }

    /// The verifiers of the log's own two lines.
    pub fn verifiers(&self, keys: &PublicRing) -> [Verifier; 2] {
        let verifier =
            |kind, role| Verifier { name: self.origin(), kind, key: keys.key(role).clone() };
        [verifier(LineKind::Ed25519, Role::Log), verifier(LineKind::MlDsa44, Role::LogPq)]
    }
}

/// The name under which a party cosigns: `counterpart/1/<party>/cosign`.
pub fn cosigner(party: &PartyId) -> String {
    format!("counterpart/1/{party}/cosign")
}

/// The verifiers of a party's two cosignature lines.
pub fn cosign_verifiers(party: &PartyId, keys: &PublicRing) -> [Verifier; 2] {
    let verifier =
        |kind, role| Verifier { name: cosigner(party), kind, key: keys.key(role).clone() };
    [verifier(LineKind::CosignatureV1, Role::Cosign), verifier(LineKind::MlDsa44, Role::CosignPq)]
}

/// One signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Size of the head before it: this one is official for the leaves `prev_size..size`.
    pub prev_size: u64,
    /// Number of leaves.
    pub size: u64,
    /// Root hash.
    pub root: Hash,
    /// POSIX seconds by the owner's clock; never before that of the head before it.
    pub time: u64,
    /// Ed25519 over the checkpoint (0x01).
    pub ed25519: Vec<u8>,
    /// ML-DSA-44 over the cosigned message with the time (0x06).
    pub ml_dsa: Vec<u8>,
    /// Ed25519 over the Sig_structure of the receipts of this head.
    pub receipt: Vec<u8>,
}

impl Head {
    /// Signs a head.
    pub fn sign(
        log: &LogId,
        (prev_size, size): (u64, u64),
        root: Hash,
        time: u64,
        ring: Ring,
        keys: &dyn Keys,
    ) -> Result<Head> {
        let checkpoint = Checkpoint { origin: log.origin(), size, root };
        let name = &checkpoint.origin;
        let kid = keys.public(ring).key(Role::Log).thumbprint();
        let mut head = Head {
            prev_size,
            size,
            root,
            time,
            ed25519: keys.sign(ring, Role::Log, checkpoint.text().as_bytes())?,
            ml_dsa: keys.sign(
                ring,
                Role::LogPq,
                &checkpoint.message(LineKind::MlDsa44, name, time),
            )?,
            receipt: Vec::new(),
        };
        let message = cose::sign1_bytes(&head.receipt_header(log, &kid), b"", &root);
        head.receipt = keys.sign(ring, Role::Log, &message)?;
        Ok(head)
    }

    /// The protected header of the receipts of this head (RFC 9942): `1: -8`, `4: kid`,
    /// `15: {iss, sub = origin, iat}`, `16: typ`, `395: 1`, `-70001: [prev_size, size]`. REC-24.
    pub fn receipt_header(&self, log: &LogId, kid: &Kid) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.map(6).int(1).int(-8).int(4).bytes(&kid.0);
        writer.int(15).map(3).int(1).text(&log.owner.urn()).int(2).text(&log.origin());
        writer.int(6).uint(self.time).int(16).text(RECEIPT_TYPE).int(395).int(1);
        writer.int(-70001).array(2).uint(self.prev_size).uint(self.size);
        writer.finish()
    }

    /// The checkpoint.
    pub fn checkpoint(&self, log: &LogId) -> Checkpoint {
        Checkpoint { origin: log.origin(), size: self.size, root: self.root }
    }

    /// Verifies all three signatures with the log keys in force. REC-21.
    pub fn verify(&self, log: &LogId, keys: &PublicRing) -> Result<()> {
        // No receipt is given below tree size 2: every log starts with its owner's credential and
        // the accreditation of the peer.
        if self.size < 2 || self.prev_size >= self.size {
            return Err(Code::HeadOrder.at(format!("{} to {}", self.prev_size, self.size)));
        }
        let mut three = self.signatures(log, keys).into_iter();
        three.try_for_each(|(key, message, signature)| key.verify(&message, signature))
    }

    /// Whether one of the three signatures is of these keys at least: then all three are, or
    /// something in it changed since.
    pub fn is_under(&self, log: &LogId, keys: &PublicRing) -> bool {
        let mut three = self.signatures(log, keys).into_iter();
        three.any(|(key, message, signature)| key.verify(&message, signature).is_ok())
    }

    fn signatures<'a>(
        &'a self,
        log: &LogId,
        keys: &'a PublicRing,
    ) -> [(&'a VerifyKey, Vec<u8>, &'a [u8]); 3] {
        let checkpoint = self.checkpoint(log);
        let (key, key_pq) = (keys.key(Role::Log), keys.key(Role::LogPq));
        let message = checkpoint.message(LineKind::MlDsa44, &checkpoint.origin, self.time);
        let header = self.receipt_header(log, &key.thumbprint());
        let receipt = cose::sign1_bytes(&header, b"", &self.root);
        [
            (key_pq, message, &self.ml_dsa),
            (key, checkpoint.text().into_bytes(), &self.ed25519),
            (key, receipt, &self.receipt),
        ]
    }

    /// The C2SP signed note with the log's two lines.
    pub fn note(&self, log: &LogId, keys: &PublicRing) -> String {
        let [ed25519, ml_dsa] = log.verifiers(keys);
        let mut note = self.checkpoint(log).text();
        note.push('\n');
        note.push_str(&ed25519.line(self.time, &self.ed25519));
        note.push_str(&ml_dsa.line(self.time, &self.ml_dsa));
        note
    }

    /// As it travels and is stored: a CBOR array of seven.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(7).uint(self.prev_size).uint(self.size).bytes(&self.root).uint(self.time);
        writer.bytes(&self.ed25519).bytes(&self.ml_dsa).bytes(&self.receipt);
        writer.finish()
    }

    /// Reads what travels. Nothing is verified.
    pub fn parse(bytes: &[u8]) -> Result<Head> {
        let mut reader = Reader::new(bytes);
        if reader.array()? != 7 {
            return Err(Code::StructureWrong.at("head: not seven parts"));
        }
        let head = Head {
            prev_size: reader.uint()?,
            size: reader.uint()?,
            root: hash(reader.bytes()?)?,
            time: reader.uint()?,
            ed25519: reader.bytes()?.to_vec(),
            ml_dsa: reader.bytes()?.to_vec(),
            receipt: reader.bytes()?.to_vec(),
        };
        reader.end()?;
        Ok(head)
    }

    /// Whether this head is official for leaf `index`: `prev_size <= index < size`. REC-22.
    pub fn covers(&self, index: u64) -> bool {
        (self.prev_size..self.size).contains(&index)
    }
}

fn hash(bytes: &[u8]) -> Result<Hash> {
    bytes.try_into().map_err(|_| Code::StructureWrong.at("head: root is not 32 bytes"))
}

/// A peer's word that a log only grew up to this size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// Which head: its size.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// POSIX seconds by the cosigner's clock.
    pub time: u64,
    /// Ed25519 cosignature/v1 (0x04).
    pub ed25519: Vec<u8>,
    /// ML-DSA-44 (0x06).
    pub ml_dsa: Vec<u8>,
}

impl Cosignature {
    /// Cosigns a checkpoint of the peer's log. The caller has recomputed its root.
    pub fn sign(
        log: &LogId,
        (size, root): (u64, Hash),
        by: &PartyId,
        time: u64,
        ring: Ring,
        keys: &dyn Keys,
    ) -> Result<Cosignature> {
        let checkpoint = Checkpoint { origin: log.origin(), size, root };
        let name = cosigner(by);
        let message = |kind| checkpoint.message(kind, &name, time);
        Ok(Cosignature {
            size,
            root,
            time,
            ed25519: keys.sign(ring, Role::Cosign, &message(LineKind::CosignatureV1))?,
            ml_dsa: keys.sign(ring, Role::CosignPq, &message(LineKind::MlDsa44))?,
        })
    }

    /// Verifies both signatures with the cosigning keys of `by`.
    pub fn verify(&self, log: &LogId, by: &PartyId, keys: &PublicRing) -> Result<()> {
        let checkpoint = Checkpoint { origin: log.origin(), size: self.size, root: self.root };
        let name = cosigner(by);
        let message = |kind| checkpoint.message(kind, &name, self.time);
        keys.key(Role::CosignPq).verify(&message(LineKind::MlDsa44), &self.ml_dsa)?;
        keys.key(Role::Cosign).verify(&message(LineKind::CosignatureV1), &self.ed25519)
    }

    /// The two signature lines for the note.
    pub fn lines(&self, by: &PartyId, keys: &PublicRing) -> String {
        let [ed25519, ml_dsa] = cosign_verifiers(by, keys);
        ed25519.line(self.time, &self.ed25519) + &ml_dsa.line(self.time, &self.ml_dsa)
    }

    /// As it travels and is stored: a CBOR array of five.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(5).uint(self.size).bytes(&self.root).uint(self.time);
        writer.bytes(&self.ed25519).bytes(&self.ml_dsa);
        writer.finish()
    }

    /// Reads what travels. Nothing is verified.
    pub fn parse(bytes: &[u8]) -> Result<Cosignature> {
        let mut reader = Reader::new(bytes);
        if reader.array()? != 5 {
            return Err(Code::StructureWrong.at("cosignature: not five parts"));
        }
        let cosignature = Cosignature {
            size: reader.uint()?,
            root: hash(reader.bytes()?)?,
            time: reader.uint()?,
            ed25519: reader.bytes()?.to_vec(),
            ml_dsa: reader.bytes()?.to_vec(),
        };
        reader.end()?;
        Ok(cosignature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::Note;
    use crate::statement::tests::keys;

    fn log() -> LogId {
        LogId { channel: ChannelId([1; 32]), owner: PartyId([2; 32]), epoch: 1 }
    }

    #[test]
    fn a_head_is_a_note_and_each_change_is_seen() {
        let keys = keys();
        let public = keys.public(Ring::Live);
        let head = Head::sign(&log(), (2, 5), [3; 32], 1_700_000_000, Ring::Live, &keys).unwrap();
        head.verify(&log(), public).unwrap();
        assert_eq!(Head::parse(&head.encode()).unwrap(), head);
        let note = Note::parse(head.note(&log(), public).as_bytes()).unwrap();
        let [ed25519, ml_dsa] = log().verifiers(public);
        assert_eq!(note.verify(&ed25519).unwrap(), 0);
        assert_eq!(note.verify(&ml_dsa).unwrap(), head.time);
        for changed in [
            Head { size: 6, ..head.clone() },
            Head { prev_size: 1, ..head.clone() },
            Head { root: [4; 32], ..head.clone() },
            Head { time: head.time + 1, ..head.clone() },
        ] {
            assert_eq!(changed.verify(&log(), public).unwrap_err().code, Code::SignatureWrong);
        }
        let other = LogId { epoch: 2, ..log() };
        assert!(head.verify(&other, public).is_err());
        let small = Head { size: 1, prev_size: 0, ..head };
        assert_eq!(small.verify(&log(), public).unwrap_err().code, Code::HeadOrder);
    }

    #[test]
    fn a_cosignature_is_two_lines_of_another_name() {
        let keys = keys();
        let public = keys.public(Ring::Drill);
        let by = PartyId([7; 32]);
        let at = (5, [3; 32]);
        let cosignature = Cosignature::sign(&log(), at, &by, 9, Ring::Drill, &keys).unwrap();
        cosignature.verify(&log(), &by, public).unwrap();
        assert_eq!(Cosignature::parse(&cosignature.encode()).unwrap(), cosignature);
        assert!(cosignature.verify(&log(), &PartyId([8; 32]), public).is_err());
        let head = Head::sign(&log(), (0, 5), [3; 32], 9, Ring::Drill, &keys).unwrap();
        let text = head.note(&log(), public) + &cosignature.lines(&by, public);
        let note = Note::parse(text.as_bytes()).unwrap();
        for verifier in cosign_verifiers(&by, public) {
            assert_eq!(note.verify(&verifier).unwrap(), 9);
        }
    }

    #[test]
    fn origins_are_read_exactly() {
        assert_eq!(LogId::parse(&log().origin()).unwrap(), log());
        for bad in ["", "counterpart/1/x/y/1", &format!("{}0/", log().origin()), "a/b/c/d/e"] {
            assert_eq!(LogId::parse(bad).unwrap_err().code, Code::OriginWrong);
        }
        let zero = log().origin().replace("/1", "/01");
        assert!(LogId::parse(&zero).is_err());
    }
}
