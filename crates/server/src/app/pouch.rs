//! The pouch: a parcel as a file, for a USB stick or any other carrier.

use super::{Step, peer, ring, text};
use crate::durable;
use counterpart_engine::{Node, Notice};
use counterpart_record::fault::Result;
use counterpart_record::limits;
use counterpart_record::strict::json::{Object, Value};
use std::path::Path;

/// Writes what a peer may lack into a new file, always with our newest head and position.
pub fn pack(node: &mut Node, args: &Object) -> Result<Step> {
    let (peer, ring) = (peer(node, args)?, ring(args));
    let path = Path::new(text(args, "file")?);
    let parcel = node.outgoing(&peer, ring, true)?.unwrap_or_default();
    // A stick may be lost: until the peer answers, everything in it is offered again.
    node.lost(&peer, ring)?;
    durable::create(path, &parcel)?;
    let out = Object::default()
        .with("file", path.display().to_string())
        .with("bytes", parcel.len() as u64)
        .with("peer", peer.to_string());
    Ok(Step::Done(out.into()))
}

/// Takes in a file that a peer packed. Twice does no harm.
pub fn unpack(node: &mut Node, args: &Object) -> Result<Step> {
    let file = Path::new(text(args, "file")?);
    let bytes = durable::read_named(file, limits::PARCEL_BYTES)?;
    let incoming = node.incoming(&bytes).map_err(|fault| match fault.at.as_str() {
        // Of what does not open there is no more to say than which file it is.
        "" => fault.code.at(file.display().to_string()),
        _ => fault,
    })?;
    let notices = incoming.notices.iter().map(|notice| Value::from(noticed(notice)));
    let out = Object::default()
        .with("peer", incoming.peer.to_string())
        .with("drill", incoming.ring.is_drill())
        .with("gap", incoming.ask)
        .with("notices", Value::Array(notices.collect()));
    Ok(Step::Done(out.into()))
}

/// A notice as JSON.
pub fn noticed(notice: &Notice) -> Object {
    match notice {
        Notice::Act { matter, entry, kind, verdict, .. } => Object::default()
            .with("notice", "act")
            .with("matter", matter.to_string())
            .with("entry", entry.to_string())
            .with("kind", kind.as_str())
            .with("verdict", verdict.text()),
        Notice::Refused { entry, code, .. } => Object::default()
            .with("notice", "refused")
            .with("entry", entry.to_string())
            .with("code", code.name()),
        Notice::Revoked { peer, kid, since } => Object::default()
            .with("notice", "revoked")
            .with("peer", peer.to_string())
            .with("kid", kid.to_string())
            .with("since", *since),
        Notice::Inconsistent { peer } => {
            Object::default().with("notice", "inconsistent").with("peer", peer.to_string())
        }
    }
}
