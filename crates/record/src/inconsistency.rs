//! Portable proofs of inconsistency: two signed things of one party that cannot both be true, with
//! the bytes that show it. Input is public keys and signed bytes only; output is exactly one named
//! party. Silence, slowness and lies about the world are not provable and are not here.

use crate::disclose::Disclosure;
use crate::fault::{Code, Result};
use crate::head::{Head, LogId};
use crate::id::{Entry, PartyId};
use crate::keys::{Ring, Role};
use crate::log::Frontier;
use crate::party::{Control, Credential};
use crate::statement::{Unverified, Verified};
use crate::strict::cbor::{Reader, Writer};

const MAGIC: &str = "counterpart/inconsistency/1";

/// What cannot both be true. All of it lies in one log of one epoch, so that a restored backup
/// never convicts an honest party. REC-40.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inconsistency {
    /// Two heads of one log with one size and two roots.
    TwoRoots(Head, Head),
    /// Two heads of one log that are both official for one leaf.
    TwoOfficialHeads(Head, Head),
    /// Two heads of one log, and the leaves of the larger one: its first leaves do not give the
    /// smaller one's root.
    Forked(Head, Head, Vec<Entry>),
    /// Two acts of one author in one place of one matter.
    TwoActs(Vec<u8>, Vec<u8>),
}

impl Inconsistency {
    /// Which kind.
    pub fn name(&self) -> &'static str {
        match self {
            Inconsistency::TwoRoots(..) => "two-roots",
            Inconsistency::TwoOfficialHeads(..) => "two-official-heads",
            Inconsistency::Forked(..) => "forked",
            Inconsistency::TwoActs(..) => "two-acts",
        }
    }

    /// The size of the smaller head of two; none of two acts.
    pub fn size(&self) -> Option<u64> {
        match self {
            Inconsistency::TwoRoots(a, b)
            | Inconsistency::TwoOfficialHeads(a, b)
            | Inconsistency::Forked(a, b, _) => Some(a.size.min(b.size)),
            Inconsistency::TwoActs(..) => None,
        }
    }
}

/// A proof with what is needed to check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Whose log; for two acts, the author's log of the channel and epoch they claim.
    pub log: LogId,
    /// Whether the channel is a drill.
    pub drill: bool,
    /// The root-signed credential whose keys signed both things.
    pub credential: Vec<u8>,
    /// What cannot be.
    pub what: Inconsistency,
}

impl Proof {
    /// Verifies and names the party. [`Code::ProofWrong`] if both things can be true.
    pub fn verify(&self) -> Result<PartyId> {
        let Control::Credential(credential) = Control::verify(&self.credential, None)? else {
            return Err(Code::ProofWrong.at("not a credential"));
        };
        if credential.party != self.log.owner {
            return Err(Code::ProofWrong.at("credential of another party"));
        }
        let shown = match &self.what {
            Inconsistency::TwoRoots(a, b) => {
                self.heads(&credential, a, b)?;
                a.size == b.size && a.root != b.root
            }
            Inconsistency::TwoOfficialHeads(a, b) => {
                self.heads(&credential, a, b)?;
                let same =
                    (a.prev_size, a.size, a.root, a.time) == (b.prev_size, b.size, b.root, b.time);
                !same && a.prev_size.max(b.prev_size) < a.size.min(b.size)
            }
            Inconsistency::Forked(a, b, leaves) => {
                self.heads(&credential, a, b)?;
                let mut frontier = Frontier::new();
                let mut at_a = None;
                for leaf in leaves {
                    frontier.append(leaf.leaf());
                    if frontier.size() == a.size {
                        at_a = Some(frontier.root());
                    }
                }
                frontier.size() == b.size
                    && frontier.root() == b.root
                    && at_a.is_some_and(|root| root != a.root)
            }
            Inconsistency::TwoActs(a, b) => {
                let (a, b) = (self.act(&credential, a)?, self.act(&credential, b)?);
                a.entry != b.entry
                    && a.header.matter == b.header.matter
                    && a.payload.seq == b.payload.seq
            }
        };
        if shown { Ok(credential.party) } else { Err(Code::ProofWrong.at("both can be true")) }
    }

    fn heads(&self, credential: &Credential, a: &Head, b: &Head) -> Result<()> {
        let keys = credential.ring(Ring::from_drill(self.drill));
        a.verify(&self.log, keys)?;
        b.verify(&self.log, keys)
    }

    fn act(&self, credential: &Credential, bytes: &[u8]) -> Result<Verified> {
        let key = credential.ring(Ring::from_drill(self.drill)).key(Role::Statement);
        let none: Vec<Disclosure> = Vec::new();
        let act = Unverified::parse(bytes)?.verify(key, none, false)?;
        let reader = act.header.audience;
        act.belongs(&self.log.owner, &reader, self.drill, self.log.epoch)?;
        if act.header.channel == self.log.channel {
            Ok(act)
        } else {
            Err(Code::ChannelWrong.at("proof"))
        }
    }

    /// The bytes of a proof: a CBOR array of eight.
    pub fn encode(&self) -> Vec<u8> {
        let (kind, a, b, leaves) = match &self.what {
            Inconsistency::TwoRoots(a, b) => (1, a.encode(), b.encode(), Vec::new()),
            Inconsistency::TwoOfficialHeads(a, b) => (2, a.encode(), b.encode(), Vec::new()),
            Inconsistency::Forked(a, b, leaves) => {
                let leaves = leaves.iter().flat_map(|leaf| leaf.0).collect();
                (3, a.encode(), b.encode(), leaves)
            }
            Inconsistency::TwoActs(a, b) => (4, a.clone(), b.clone(), Vec::new()),
        };
        let mut writer = Writer::new();
        writer.array(8).text(MAGIC).uint(kind).text(&self.log.origin());
        writer.uint(self.drill.into()).bytes(&self.credential);
        writer.bytes(&a).bytes(&b).bytes(&leaves);
        writer.finish()
    }

    /// Reads a proof; [`Proof::verify`] decides.
    pub fn parse(bytes: &[u8]) -> Result<Proof> {
        let wrong = |what: &str| Code::StructureWrong.at(format!("proof: {what}"));
        let mut reader = Reader::new(bytes);
        if reader.array()? != 8 || reader.text()? != MAGIC {
            return Err(wrong("not a proof of version 1"));
        }
        let kind = reader.uint()?;
        let log = LogId::parse(reader.text()?)?;
        let drill = reader.uint()? == 1;
        let credential = reader.bytes()?.to_vec();
        let (a, b, leaves) = (reader.bytes()?, reader.bytes()?, reader.bytes()?);
        reader.end()?;
        let what = match kind {
            1 => Inconsistency::TwoRoots(Head::parse(a)?, Head::parse(b)?),
            2 => Inconsistency::TwoOfficialHeads(Head::parse(a)?, Head::parse(b)?),
            3 => {
                let leaves = leaves.chunks_exact(32).filter_map(|hash| hash.try_into().ok());
                let leaves = leaves.map(Entry).collect();
                Inconsistency::Forked(Head::parse(a)?, Head::parse(b)?, leaves)
            }
            4 => Inconsistency::TwoActs(a.to_vec(), b.to_vec()),
            _ => return Err(wrong("unknown kind")),
        };
        let proof = Proof { log, drill, credential, what };
        // One spelling: a drill byte of 0 or 1, whole leaves, and none but beside a fork.
        if proof.encode() == bytes { Ok(proof) } else { Err(wrong("another spelling")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ChannelId;
    use crate::log::Tree;
    use crate::party::tests::{credential, root};
    use crate::statement::tests::keys;

    struct Cast {
        log: LogId,
        credential: Vec<u8>,
    }

    fn cast() -> Cast {
        let root = root(50);
        let credential = credential(&root);
        let log = LogId { channel: ChannelId([1; 32]), owner: credential.party, epoch: 1 };
        let credential = Control::Credential(Box::new(credential)).sign(&root).unwrap();
        Cast { log, credential }
    }

    fn head(log: &LogId, sizes: (u64, u64), fill: u8, time: u64) -> Head {
        Head::sign(log, sizes, [fill; 32], time, Ring::Live, &keys()).unwrap()
    }

    #[test]
    fn misbehaviour_is_convicted_and_its_honest_look_alike_is_not() {
        let Cast { log, credential } = cast();
        let verdict = |what| {
            let proof = Proof { log, drill: false, credential: credential.clone(), what };
            let read = Proof::parse(&proof.encode()).unwrap();
            assert_eq!(read, proof);
            read.verify()
        };
        let entries: Vec<Entry> = (0..6u8).map(|i| Entry([i; 32])).collect();
        let tree = Tree::of(entries.iter().map(Entry::leaf));
        let real = |prev, size: u64, time| {
            let root = tree.root_at(size).unwrap();
            Head::sign(&log, (prev, size), root, time, Ring::Live, &keys()).unwrap()
        };
        use Inconsistency::{Forked, TwoOfficialHeads, TwoRoots};
        let guilty = [
            TwoRoots(head(&log, (2, 5), 3, 1), head(&log, (2, 5), 4, 1)),
            TwoOfficialHeads(head(&log, (2, 5), 3, 1), head(&log, (4, 7), 4, 2)),
            TwoOfficialHeads(head(&log, (2, 5), 3, 1), head(&log, (2, 5), 3, 9)),
            Forked(head(&log, (0, 3), 9, 1), real(3, 6, 2), entries.clone()),
        ];
        for what in guilty {
            assert_eq!(verdict(what).unwrap(), log.owner);
        }
        let honest = [
            TwoRoots(head(&log, (2, 5), 3, 1), head(&log, (5, 7), 4, 1)),
            TwoRoots(head(&log, (2, 5), 3, 1), head(&log, (2, 5), 3, 1)),
            TwoOfficialHeads(head(&log, (2, 5), 3, 1), head(&log, (5, 7), 4, 2)),
            TwoOfficialHeads(head(&log, (2, 5), 3, 1), head(&log, (2, 5), 3, 1)),
            Forked(real(0, 3, 1), real(3, 6, 2), entries.clone()),
            Forked(head(&log, (0, 3), 9, 1), real(3, 6, 2), entries[..5].to_vec()),
        ];
        for what in honest {
            assert_eq!(verdict(what).unwrap_err().code, Code::ProofWrong);
        }
        // Two epochs are two logs: a restored backup convicts nobody.
        let restored = LogId { epoch: 2, ..log };
        let two = TwoRoots(head(&log, (2, 5), 3, 1), head(&restored, (2, 5), 4, 1));
        assert_eq!(verdict(two).unwrap_err().code, Code::SignatureWrong);
        // A head that its owner never signed convicts nobody.
        let mut forged = head(&log, (2, 5), 4, 1);
        forged.root = [5; 32];
        assert!(verdict(TwoRoots(head(&log, (2, 5), 3, 1), forged)).is_err());
    }
}
