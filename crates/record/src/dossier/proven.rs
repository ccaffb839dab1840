//! Receipts of one head share one COSE signature: it covers the protected header and the root,
//! not the leaf. Verified once, it serves every leaf of that head; what is left per receipt is
//! the path.

use crate::cose;
use crate::fault::{Code, Result};
use crate::hash::Hash;
use crate::id::Entry;
use crate::key::VerifyKey;
use crate::limits;
use crate::log::Climb;
use crate::receipt::{self, Receipt};
use crate::strict::cbor::Reader;

/// The signature of a head's receipts, verified.
#[derive(Clone, Debug)]
pub struct Proven {
    protected: Vec<u8>,
    signature: Vec<u8>,
    /// What the first receipt said; all but its index holds for every other one.
    pub receipt: Receipt,
}

impl Proven {
    /// Verifies one receipt in full; see [`receipt::verify`].
    pub fn first(bytes: &[u8], key: &VerifyKey, entry: &Entry) -> Result<Proven> {
        let receipt = receipt::verify(bytes, key, entry)?;
        let parts = Parts::parse(bytes)?;
        Ok(Proven {
            protected: parts.protected.to_vec(),
            signature: parts.signature.to_vec(),
            receipt,
        })
    }

    /// Verifies another receipt under the same header and signature. `None` if it carries others:
    /// then only [`receipt::verify`] can say. `climb` remembers the way of the receipt before.
    pub fn another(
        &self,
        bytes: &[u8],
        entry: &Entry,
        climb: &mut Climb,
    ) -> Option<Result<Receipt>> {
        let parts = match Parts::parse(bytes) {
            Ok(parts) => parts,
            Err(fault) => return Some(Err(fault)),
        };
        let same = parts.protected == self.protected && parts.signature == self.signature;
        same.then(|| self.leads_to_root(&parts, entry, climb))
    }

    fn leads_to_root(
        &self,
        parts: &Parts<'_>,
        entry: &Entry,
        climb: &mut Climb,
    ) -> Result<Receipt> {
        let known = &self.receipt;
        if parts.size != known.size || !(known.prev_size..known.size).contains(&parts.index) {
            return Err(Code::ReceiptWrong.at("proof outside the signed range"));
        }
        if climb.root(&entry.leaf(), parts.index, parts.size, &parts.path)? != known.root {
            return Err(Code::ProofWrong.at("path does not lead to the root"));
        }
        Ok(Receipt { index: parts.index, ..known.clone() })
    }
}

/// A receipt in the one form that [`receipt::build`] writes, taken apart; nothing is verified.
struct Parts<'a> {
    protected: &'a [u8],
    size: u64,
    index: u64,
    path: Vec<Hash>,
    signature: &'a [u8],
}

impl<'a> Parts<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Parts<'a>> {
        let wrong = |what: &str| Code::ReceiptWrong.at(what);
        let mut reader = Reader::new(bytes);
        if reader.tag()? != cose::TAG_SIGN1 || reader.array()? != 4 {
            return Err(wrong("not a COSE_Sign1"));
        }
        let protected = reader.bytes()?;
        let one = reader.map()? == 1
            && reader.int()? == 396
            && reader.map()? == 1
            && reader.int()? == -1
            && reader.array()? == 1;
        if !one {
            return Err(wrong("not one proof"));
        }
        let mut proof = Reader::new(reader.bytes()?);
        if proof.array()? != 3 {
            return Err(wrong("proof is not size, index and path"));
        }
        let (size, index) = (proof.uint()?, proof.uint()?);
        let length = proof.array()?;
        if length > limits::PROOF_HASHES {
            return Err(Code::TooLarge.at("path"));
        }
        let mut path = Vec::with_capacity(length);
        for _ in 0..length {
            path.push(proof.bytes()?.try_into().map_err(|_| wrong("path"))?);
        }
        proof.end()?;
        if reader.value()? != crate::strict::cbor::Value::Null {
            return Err(wrong("payload is not detached"));
        }
        let signature = reader.bytes()?;
        reader.end()?;
        Ok(Parts { protected, size, index, path, signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::{Head, LogId};
    use crate::id::{ChannelId, PartyId};
    use crate::keys::{Keys, Ring, Role};
    use crate::log::{self, Tree};
    use crate::statement::tests::keys;

    #[test]
    fn what_one_signature_proves_for_one_leaf_it_proves_for_the_others_and_no_more() {
        let keys = keys();
        let log = LogId { channel: ChannelId([1; 32]), owner: PartyId([2; 32]), epoch: 1 };
        let entries: Vec<Entry> = (0..9u8).map(|i| Entry([i; 32])).collect();
        let tree = Tree::of(entries.iter().map(Entry::leaf));
        let sign = |range, time| Head::sign(&log, range, tree.root(), time, Ring::Live, &keys);
        let (head, later) = (sign((3, 9), 77).unwrap(), sign((3, 9), 78).unwrap());
        let key = keys.public(Ring::Live).key(Role::Log);
        let make = |head: &Head, index: usize| {
            let path = log::prove_inclusion(&tree, index as u64, 9).unwrap();
            receipt::build(head, &log, &key.thumbprint(), index as u64, &path)
        };
        let proven = Proven::first(&make(&head, 4), key, &entries[4]).unwrap();
        let climb = &mut Climb::default();
        for (index, entry) in entries.iter().enumerate().skip(3) {
            let bytes = make(&head, index);
            let found = proven.another(&bytes, entry, climb).unwrap().unwrap();
            assert_eq!(found, receipt::verify(&bytes, key, entry).unwrap());
            // The two ways of verifying agree on every altered byte.
            for i in 0..bytes.len() {
                let mut bytes = bytes.clone();
                bytes[i] ^= 1;
                let refused = proven.another(&bytes, entry, climb).is_none_or(|r| r.is_err());
                assert!(refused, "leaf {index} byte {i}");
            }
        }
        let wrong = proven.another(&make(&head, 5), &entries[6], climb).unwrap().unwrap_err();
        assert_eq!(wrong.code, Code::ProofWrong);
        let restated = proven.another(&make(&head, 2), &entries[2], climb).unwrap().unwrap_err();
        assert_eq!(restated.code, Code::ReceiptWrong);
        assert!(proven.another(&make(&later, 5), &entries[5], climb).is_none());
    }
}
