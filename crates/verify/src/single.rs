//! Checks of one thing by itself: a statement, a receipt, a checkpoint, a proof.

use crate::report::Report;
use base64ct::{Base64, Encoding as _};
use counterpart_record::cose::Sign1;
use counterpart_record::disclose::Disclosure;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::hash::Hash;
use counterpart_record::head::Head;
use counterpart_record::id::{Entry, hex};
use counterpart_record::key::VerifyKey;
use counterpart_record::log;
use counterpart_record::note::{LineKind, Note, Verifier};
use counterpart_record::receipt::{self, Receipt};
use counterpart_record::statement::Unverified;
use counterpart_record::strict::cbor::Order;
use counterpart_record::strict::json::{self, Object, Value};
use counterpart_rules::clock;
use counterpart_rules::say::Say;

/// Puts what a check told, or its fault, into a report.
fn report(kind: &'static str, unchecked: &[&str], told: Result<Vec<(Say, Object)>>) -> Report {
    let mut report = Report::single(kind);
    match told {
        Ok(told) => {
            told.into_iter().for_each(|(sentence, facts)| report.tell(sentence, facts));
            report.unchecked = unchecked.iter().map(|key| Say::of(*key)).collect();
        }
        Err(fault) => report.findings.push(fault.into()),
    }
    report
}

/// A statement of ours under a key that the person trusts, with the disclosures that are there.
pub fn statement(bytes: &[u8], key: &VerifyKey, disclosures: &[String]) -> Report {
    let told = || {
        let unverified = Unverified::parse(bytes)?;
        let disclosures = disclosures.iter().map(|text| Disclosure::parse(text));
        let verified = unverified.verify(key, disclosures.collect::<Result<_>>()?, false)?;
        let (header, payload) = (&verified.header, &verified.payload);
        let sentence = Say::of("verify-statement")
            .with("kind", payload.kind.as_str())
            .with("rules", payload.rules.as_str())
            .with("author", header.issuer.to_string())
            .with("audience", header.audience.to_string())
            .with("seq", payload.seq.to_string())
            .with("matter", header.matter.to_string())
            .with("time", clock::shown(header.issued_at));
        let facts = Object::default()
            .with("entry", verified.entry.to_string())
            .with("author", header.issuer.to_string())
            .with("audience", header.audience.to_string())
            .with("channel", header.channel.to_string())
            .with("matter", header.matter.to_string())
            .with("kind", payload.kind.as_str())
            .with("seq", payload.seq)
            .with("drill", payload.drill)
            .with("signed_at", header.issued_at)
            .with("disclosures", verified.disclosures.len() as u64)
            .with("digests", payload.sd.len() as u64);
        let counted = Say::of("verify-act-part")
            .with("shown", verified.disclosures.len().to_string())
            .with("digests", payload.sd.len().to_string());
        Ok(vec![(sentence, facts), (counted, Object::default())])
    };
    report("statement", &["verify-unchecked-key"], told())
}

/// Any COSE_Sign1 with its payload inside.
pub fn foreign_statement(bytes: &[u8], key: &VerifyKey) -> Report {
    let told = || {
        Sign1::parse(bytes, Order::Any)?.verify(key, b"", None)?;
        let entry = Entry::of(bytes).to_string();
        let sentence = Say::of("verify-foreign-statement").with("entry", entry.as_str());
        Ok(vec![(sentence, Object::default().with("entry", entry))])
    };
    report("statement", &["verify-unchecked-foreign"], told())
}

/// A receipt of one of our logs and, if given, the checkpoint that it rests on.
pub fn receipt(
    bytes: &[u8],
    entry: &Entry,
    log_key: &VerifyKey,
    checkpoint: Option<(&[u8], &[Verifier])>,
) -> Report {
    let told = || {
        let receipt = receipt::verify(bytes, log_key, entry)?;
        if let Some((note, verifiers)) = checkpoint {
            rests_on(&receipt, note, verifiers)?;
        }
        let sentence = Say::of("verify-receipt")
            .with("party", receipt.log.owner.to_string())
            .with("index", receipt.index.to_string())
            .with("size", receipt.size.to_string())
            .with("time", clock::shown(receipt.time));
        let facts = Object::default()
            .with("entry", entry.to_string())
            .with("origin", receipt.log.origin())
            .with("index", receipt.index)
            .with("prev_size", receipt.prev_size)
            .with("size", receipt.size)
            .with("root", hex(&receipt.root))
            .with("time", receipt.time);
        Ok(vec![(sentence, facts)])
    };
    let doubts = ["verify-unchecked-checkpoint"];
    report("receipt", if checkpoint.is_some() { &[] } else { &doubts }, told())
}

/// The checkpoint has the receipt's origin, size, root and, in its ML-DSA line, time. REC-25.
pub(crate) fn rests_on(receipt: &Receipt, note: &[u8], verifiers: &[Verifier]) -> Result<()> {
    let note = Note::parse(note)?;
    let checkpoint = note.checkpoint()?;
    let mut head = Head {
        prev_size: receipt.prev_size,
        size: checkpoint.size,
        root: checkpoint.root,
        time: 0,
        ed25519: Vec::new(),
        ml_dsa: Vec::new(),
        receipt: Vec::new(),
    };
    for verifier in verifiers {
        let time = note.verify(verifier)?;
        if verifier.kind == LineKind::MlDsa44 && verifier.name == checkpoint.origin {
            head.time = time;
        }
    }
    if head.time == 0 {
        return Err(Code::ReceiptWrong.at("no verifier key for the log's ML-DSA-44 line"));
    }
    if checkpoint.origin != receipt.log.origin() {
        return Err(Code::OriginWrong.at("checkpoint"));
    }
    receipt.rests_on(&receipt.log, &head)
}

/// A receipt that another implementation made.
pub fn foreign_receipt(bytes: &[u8], entry: &Entry, log_key: &VerifyKey) -> Report {
    let told = || {
        let proof = receipt::verify_foreign(bytes, log_key, entry)?;
        let sentence = Say::of("verify-foreign-receipt")
            .with("index", proof.index.to_string())
            .with("size", proof.size.to_string());
        let facts = Object::default().with("entry", entry.to_string());
        Ok(vec![(sentence, facts.with("index", proof.index).with("size", proof.size))])
    };
    report("receipt", &["verify-unchecked-signed"], told())
}

/// A checkpoint: every verifier key that is given must have a line on it that holds.
pub fn checkpoint(bytes: &[u8], verifiers: &[Verifier]) -> Report {
    let told = || {
        let note = Note::parse(bytes)?;
        let checkpoint = note.checkpoint()?;
        let sentence = Say::of("verify-checkpoint")
            .with("origin", checkpoint.origin.as_str())
            .with("size", checkpoint.size.to_string())
            .with("root", hex(&checkpoint.root));
        let mut lines = Vec::new();
        let mut told = Vec::new();
        for verifier in verifiers {
            let time = note.verify(verifier)?;
            let shown = if time == 0 { "-".to_owned() } else { clock::shown(time) };
            let kind = format!("0x{:02x}", verifier.kind.byte());
            let name = verifier.name.as_str();
            let line = Say::of("verify-line").with("name", name).with("kind", kind.as_str());
            told.push((line.with("time", shown), Object::default()));
            lines.push(Object::default().with("name", name).with("kind", kind).with("time", time));
        }
        let facts = Object::default()
            .with("origin", checkpoint.origin.as_str())
            .with("size", checkpoint.size)
            .with("root", hex(&checkpoint.root))
            .with("lines", lines);
        told.insert(0, (sentence, facts));
        Ok(told)
    };
    report("checkpoint", &[], told())
}

/// An inclusion proof as JSON: `leafIdx`, `treeSize`, `root`, `leafHash`, `proof`, hashes in
/// base64 (the form of transparency-dev/merkle). Other members are passed over.
pub fn inclusion(bytes: &[u8]) -> Report {
    let told = || {
        let proof = json::parse_object(bytes)?;
        let (index, size) = (number(&proof, "leafIdx")?, number(&proof, "treeSize")?);
        let (leaf, root) = (hash(&proof, "leafHash")?, hash(&proof, "root")?);
        log::verify_inclusion(&leaf, index, size, &path(&proof)?, &root)?;
        let sentence = Say::of("verify-inclusion")
            .with("index", index.to_string())
            .with("size", size.to_string());
        Ok(vec![(sentence, Object::default().with("index", index).with("size", size))])
    };
    report("inclusion", &[], told())
}

/// A consistency proof as JSON: `size1`, `size2`, `root1`, `root2`, `proof`.
pub fn consistency(bytes: &[u8]) -> Report {
    let told = || {
        let proof = json::parse_object(bytes)?;
        let (old, new) = (number(&proof, "size1")?, number(&proof, "size2")?);
        let (before, after) = (hash(&proof, "root1")?, hash(&proof, "root2")?);
        log::verify_consistency(old, new, &before, &after, &path(&proof)?)?;
        let sentence =
            Say::of("verify-consistency").with("old", old.to_string()).with("new", new.to_string());
        Ok(vec![(sentence, Object::default().with("old", old).with("new", new))])
    };
    report("consistency", &[], told())
}

fn wrong(name: &str) -> Fault {
    Code::StructureWrong.at(name)
}

fn number(object: &Object, name: &str) -> Result<u64> {
    let number = object.get(name).and_then(Value::as_int);
    number.and_then(|n| u64::try_from(n).ok()).ok_or_else(|| wrong(name))
}

fn hash(object: &Object, name: &str) -> Result<Hash> {
    // In these files an empty tree's root may be null, which is no hash and proves nothing.
    object.get(name).and_then(decode).ok_or_else(|| wrong(name))
}

fn decode(value: &Value) -> Option<Hash> {
    Base64::decode_vec(value.as_str()?).ok()?.try_into().ok()
}

fn path(object: &Object) -> Result<Vec<Hash>> {
    match object.get("proof") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            items.iter().map(|item| decode(item).ok_or_else(|| wrong("proof"))).collect()
        }
        Some(_) => Err(wrong("proof")),
    }
}
