//! The logs themselves: heads, newest leaves, the check from raw bytes, proofs of inconsistency.

use super::{Step, number, peer, ring};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use counterpart_engine::Node;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::hex;
use counterpart_record::inconsistency::Proof;
use counterpart_record::party::Control;
use counterpart_record::strict::json::{Object, Value};

/// Both heads of a channel and the newest leaves of our own log.
pub fn show(node: &mut Node, args: &Object) -> Result<Step> {
    let (peer, ring) = (peer(node, args)?, ring(args));
    let (own, theirs) = node.logs(&peer, ring)?;
    let head = |log: &counterpart_engine::view::LogView| {
        Value::from(
            Object::default()
                .with("origin", log.origin.as_str())
                .with("size", log.size)
                .with("root", hex(&log.root))
                .with("time", log.time)
                .with("cosigned", log.cosigned)
                .with("note", log.note.as_str())
                .with("vkeys", log.vkeys.clone()),
        )
    };
    let leaves = node.leaves(&peer, ring, number(args, "limit", 20)?)?;
    let leaves = leaves.iter().map(|leaf| {
        let matter = leaf.matter.map_or(Value::Null, |id| id.to_string().into());
        let revoked = match Control::reread(&leaf.statement) {
            Ok(Control::Revocation(one)) if leaf.matter.is_none() => Object::default()
                .with("kid", one.kid.to_string())
                .with("since", one.suspected_since),
            _ => Object::default(),
        };
        let leaf = Object::default()
            .with("index", leaf.index)
            .with("entry", leaf.entry.to_string())
            .with("mine", leaf.mine)
            .with("author_index", leaf.author_index)
            .with("logged_at", leaf.logged_at)
            .with("matter", matter)
            .with("verdict", leaf.verdict.as_str());
        let said = revoked.0.into_iter();
        Value::from(said.fold(leaf, |leaf, (name, value)| leaf.with(&name, value)))
    });
    let leaves = Value::Array(leaves.collect());
    let out = Object::default()
        .with("own", head(&own))
        .with("peer", head(&theirs))
        .with("leaves", leaves);
    Ok(Step::Done(out.into()))
}

/// Checks the whole record again from raw bytes.
pub fn fsck(node: &mut Node, _args: &Object) -> Result<Step> {
    let checked = node.fsck()?;
    let faults = checked.faults.iter().map(|fault| crate::problem::object(fault).into());
    let out = Object::default()
        .with("leaves", checked.leaves)
        .with("heads", checked.heads)
        .with("statements", checked.statements)
        .with("faults", Value::Array(faults.collect()));
    Ok(Step::Done(out.into()))
}

/// Makes again what follows from acts and heads, and says whether anything differed.
pub fn rebuild(node: &mut Node, _args: &Object) -> Result<Step> {
    let rebuilt = node.rebuild()?;
    let out = Object::default()
        .with("subtrees", rebuilt.subtrees)
        .with("places", rebuilt.places)
        .with("verdicts", rebuilt.verdicts)
        .with("open", rebuilt.open)
        .with("attachments", rebuilt.attachments)
        .with("differed", rebuilt.differed);
    Ok(Step::Done(out.into()))
}

/// The proofs that a peer signed two things that cannot both be true.
pub fn proofs(node: &mut Node, _args: &Object) -> Result<Step> {
    let mut list = Vec::new();
    for bytes in node.proofs()? {
        list.push(Value::from(proof(&bytes)?));
    }
    Ok(Step::Done(Value::Array(list)))
}

fn proof(bytes: &[u8]) -> Result<Object> {
    let proof = Proof::parse(bytes)?;
    let party = proof.verify()?;
    Ok(Object::default()
        .with("party", party.to_string())
        .with("fingerprint", party.fingerprint())
        .with("what", proof.what.name())
        .with("origin", proof.log.origin())
        .with("bytes", Base64UrlUnpadded::encode_string(bytes)))
}

/// One of them, counted from 1 in the order of `proofs`: a file that convicts by itself. REC-55
pub fn export_proof(node: &mut Node, args: &Object) -> Result<Step> {
    let nth = number(args, "number", 0)?;
    let at = usize::try_from(nth).ok().and_then(|nth| nth.checked_sub(1));
    let proofs = node.proofs()?;
    let found = at.and_then(|at| proofs.get(at));
    let found = found.ok_or_else(|| Code::ArgumentWrong.at(format!("no proof {nth}")))?;
    Ok(Step::Done(proof(found)?.into()))
}
