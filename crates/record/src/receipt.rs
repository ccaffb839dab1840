//! RFC 9942 receipts: a log's proof that it holds an entry. Ours are built at export from the
//! head that is official for the leaf; receipts of other logs are verified by the same code.

use crate::cose::Sign1;
use crate::fault::{Code, Result};
use crate::hash::Hash;
use crate::head::{Head, LogId, RECEIPT_TYPE};
use crate::id::{Entry, Kid, PartyId};
use crate::key::VerifyKey;
use crate::limits;
use crate::log;
use crate::strict::cbor::{self, Order, Value, Writer};

/// Verifiable data structure 1: RFC9162_SHA256.
pub const RFC9162_SHA256: i64 = 1;

/// An inclusion proof as a receipt carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// Leaves in the tree.
    pub size: u64,
    /// The leaf's index.
    pub index: u64,
    /// The path, from the leaf up.
    pub path: Vec<Hash>,
}

/// Builds the receipt of leaf `index` from its official head. REC-24.
pub fn build(head: &Head, log: &LogId, kid: &Kid, index: u64, path: &[Hash]) -> Vec<u8> {
    let mut proof = Writer::new();
    proof.array(3).uint(head.size).uint(index).array(path.len());
    for hash in path {
        proof.bytes(hash);
    }
    let mut writer = Writer::new();
    writer.tag(crate::cose::TAG_SIGN1).array(4).bytes(&head.receipt_header(log, kid));
    writer.map(1).int(396).map(1).int(-1).array(1).bytes(&proof.finish());
    writer.null().bytes(&head.receipt);
    writer.finish()
}

/// What a verified receipt of one of our logs says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Whose log.
    pub log: LogId,
    /// The leaf.
    pub index: u64,
    /// The official head's range: `prev_size <= index < size`.
    pub prev_size: u64,
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Its time, POSIX seconds by the log owner's clock.
    pub time: u64,
}

/// Verifies a receipt of a Counterpart log for `entry`: deterministic, closed header, the leaf
/// within the signed range. The caller also demands the checkpoint of that origin, size and root
/// with its ML-DSA line; see [`Receipt::rests_on`]. REC-25.
pub fn verify(bytes: &[u8], key: &VerifyKey, entry: &Entry) -> Result<Receipt> {
    let wrong = |what: &str| Code::ReceiptWrong.at(what);
    let message = Sign1::parse(bytes, Order::Deterministic)?;
    let header = &message.signed.protected;
    let Value::Map(pairs) = header else {
        return Err(wrong("header"));
    };
    let claims = header.label(15);
    let claim = |name| claims.and_then(|claims| claims.label(name));
    let range = header.label(-70001).and_then(Value::as_array);
    let Some([Value::Int(prev_size), Value::Int(size)]) = range else {
        return Err(wrong("no signed range"));
    };
    let (Ok(prev_size), Ok(size)) = (u64::try_from(*prev_size), u64::try_from(*size)) else {
        return Err(wrong("signed range"));
    };
    let closed = pairs.len() == 6 && matches!(claims, Some(Value::Map(list)) if list.len() == 3);
    if !closed || header.label(395).and_then(Value::as_i64) != Some(RFC9162_SHA256) {
        return Err(Code::HeaderNotClosed.at("receipt"));
    }
    if header.label(16).and_then(Value::as_text) != Some(RECEIPT_TYPE) {
        return Err(Code::TypeWrong.at("receipt"));
    }
    if header.label(4).and_then(Value::as_bytes) != Some(&key.thumbprint().0) {
        return Err(Code::KidUnknown.at("receipt"));
    }
    let origin = claim(2).and_then(Value::as_text).unwrap_or_default();
    let log = LogId::parse(origin)?;
    let issuer = claim(1).and_then(Value::as_text).unwrap_or_default();
    if PartyId::from_urn(issuer).ok() != Some(log.owner) {
        return Err(Code::IssuerWrong.at("receipt"));
    }
    let time = claim(6).and_then(Value::as_u64).ok_or_else(|| wrong("no time"))?;
    let proofs = inclusions(&message)?;
    let [proof] = &proofs[..] else {
        return Err(wrong("not one proof"));
    };
    if proof.size != size || !(prev_size..size).contains(&proof.index) || message.payload.is_some()
    {
        return Err(wrong("proof outside the signed range"));
    }
    let root = log::root_of_inclusion(&entry.leaf(), proof.index, proof.size, &proof.path)?;
    message.verify(key, b"", Some(&root))?;
    Ok(Receipt { log, index: proof.index, prev_size, size, root, time })
}

impl Receipt {
    /// Whether a head of the same log, verified, is the one that this receipt rests on.
    pub fn rests_on(&self, log: &LogId, head: &Head) -> Result<()> {
        let same = self.log == *log
            && self.size == head.size
            && self.prev_size == head.prev_size
            && self.root == head.root
            && self.time == head.time;
        if same { Ok(()) } else { Err(Code::ReceiptWrong.at("not the receipt of this head")) }
    }
}

/// Verifies a receipt that another implementation made (RFC 9942, RFC9162_SHA256): one of its
/// proofs leads from `entry` to a root that the signature covers.
pub fn verify_foreign(bytes: &[u8], key: &VerifyKey, entry: &Entry) -> Result<Inclusion> {
    let message = Sign1::parse(bytes, Order::Any)?;
    let structure = message.signed.protected.label(395).and_then(Value::as_i64);
    if structure != Some(RFC9162_SHA256) {
        let what = format!("verifiable data structure {structure:?}");
        return Err(Code::AlgorithmUnknown.at(what));
    }
    let mut last = Code::ReceiptWrong.at("no inclusion proof");
    for proof in inclusions(&message)? {
        let root = log::root_of_inclusion(&entry.leaf(), proof.index, proof.size, &proof.path);
        match root.and_then(|root| match &message.payload {
            Some(payload) if payload[..] != root => Err(Code::ReceiptWrong.at("payload")),
            _ => message.verify(key, b"", Some(&root)),
        }) {
            Ok(()) => return Ok(proof),
            Err(fault) => last = fault,
        }
    }
    Err(last)
}

/// The inclusion proofs in the unprotected header: `396: {-1: [bstr .cbor [size, index, path]]}`.
fn inclusions(message: &Sign1) -> Result<Vec<Inclusion>> {
    let wrong = |what: &str| Code::ReceiptWrong.at(what);
    let list = message.signed.unprotected.label(396).and_then(|proofs| proofs.label(-1));
    let list = list.and_then(Value::as_array).ok_or_else(|| wrong("no inclusion proof"))?;
    let mut proofs = Vec::new();
    for item in list {
        let bytes = item.as_bytes().ok_or_else(|| wrong("proof is not a byte string"))?;
        let Value::Array(parts) = cbor::decode(bytes, Order::Any)? else {
            return Err(wrong("proof is not an array"));
        };
        let [size, index, Value::Array(path)] = &parts[..] else {
            return Err(wrong("proof is not size, index and path"));
        };
        let (Some(size), Some(index)) = (size.as_u64(), index.as_u64()) else {
            return Err(wrong("size and index"));
        };
        if path.len() > limits::PROOF_HASHES {
            return Err(Code::TooLarge.at("path"));
        }
        let path = path.iter().map(|hash| hash.as_bytes().and_then(|hash| hash.try_into().ok()));
        let path: Option<Vec<Hash>> = path.collect();
        proofs.push(Inclusion { size, index, path: path.ok_or_else(|| wrong("path"))? });
    }
    Ok(proofs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ChannelId;
    use crate::keys::{Keys, Ring, Role};
    use crate::log::Tree;
    use crate::statement::tests::keys;

    #[test]
    fn an_index_or_a_size_that_was_not_signed_is_refused() {
        let keys = keys();
        let log = LogId { channel: ChannelId([1; 32]), owner: PartyId([2; 32]), epoch: 1 };
        let entries: Vec<Entry> = (0..5u8).map(|i| Entry([i; 32])).collect();
        let tree = Tree::of(entries.iter().map(Entry::leaf));
        let head = Head::sign(&log, (2, 5), tree.root(), 77, Ring::Live, &keys).unwrap();
        let key = keys.public(Ring::Live).key(Role::Log);
        let make = |index: u64| {
            let path = log::prove_inclusion(&tree, index, 5).unwrap();
            build(&head, &log, &key.thumbprint(), index, &path)
        };
        let good = make(3);
        let receipt = verify(&good, key, &entries[3]).unwrap();
        receipt.rests_on(&log, &head).unwrap();
        assert_eq!((receipt.index, receipt.time), (3, 77));
        assert_eq!(verify_foreign(&good, key, &entries[3]).unwrap().index, 3);
        // Leaf 1 is in the tree, but another head is official for it.
        let restated = make(1);
        assert_eq!(verify(&restated, key, &entries[1]).unwrap_err().code, Code::ReceiptWrong);
        assert!(verify_foreign(&restated, key, &entries[1]).is_ok());
        assert!(verify(&good, key, &entries[2]).is_err());
        let later = Head { time: 78, ..head.clone() };
        assert_eq!(receipt.rests_on(&log, &later).unwrap_err().code, Code::ReceiptWrong);
        for i in 0..good.len() {
            let mut bytes = good.clone();
            bytes[i] ^= 1;
            assert!(verify(&bytes, key, &entries[3]).is_err(), "byte {i}");
        }
        let other = keys.public(Ring::Drill).key(Role::Log);
        assert_eq!(verify(&good, other, &entries[3]).unwrap_err().code, Code::KidUnknown);
    }
}
