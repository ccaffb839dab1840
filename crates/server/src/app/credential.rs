//! Credentials: to show, to give away, to take in; and root-signed statements of our own, which the
//! command line signs with the root keys that the node never has.

use super::{Step, names, optional, peer, text};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use counterpart_engine::Node;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::Entry;
use counterpart_record::keys::{Ring, Role};
use counterpart_record::party::{Control, Credential};
use counterpart_record::strict::json::Object;

/// Our credential, or that of a peer.
pub fn show(node: &mut Node, args: &Object) -> Result<Step> {
    let (credential, entry, bytes) = if optional(args, "peer").is_some() {
        let peer = peer(node, args)?;
        let known = node.peer(&peer).ok_or_else(|| Code::PeerUnknown.at(peer.short()))?;
        (known.credential, known.entry, node.held_control(&known.entry)?)
    } else {
        let bytes = node.credential_bytes()?.to_vec();
        (node.credential()?.clone(), Entry::of(&bytes), bytes)
    };
    let out = described(&credential)
        .with("entry", entry.to_string())
        .with("bytes", Base64UrlUnpadded::encode_string(&bytes));
    Ok(Step::Done(out.into()))
}

fn described(credential: &Credential) -> Object {
    let desk = &credential.desk;
    let kids = |ring: Ring| {
        Role::ALL.iter().fold(Object::default(), |object, role| {
            let kid = credential.ring(ring).key(*role).thumbprint();
            object.with(role.name(), kid.to_string())
        })
    };
    Object::default()
        .with("party", credential.party.to_string())
        .with("fingerprint", credential.party.fingerprint())
        .with("version", credential.version)
        .with("names", names(&desk.names))
        .with("callback", desk.callback.clone())
        .with("endpoints", desk.endpoints.clone())
        .with("languages", desk.languages.clone())
        .with("streams", desk.streams.clone())
        .with("issued_at", credential.issued_at)
        .with(
            "keys",
            Object::default().with("live", kids(Ring::Live)).with("drill", kids(Ring::Drill)),
        )
}

/// Takes in another party's credential. Nothing follows from it until it is accredited.
pub fn import(node: &mut Node, args: &Object) -> Result<Step> {
    let peer = node.import_credential(&bytes(args)?)?;
    let out = described(&peer.credential)
        .with("entry", peer.entry.to_string())
        .with("accredited", peer.accredited);
    Ok(Step::Done(out.into()))
}

/// Takes in a root-signed statement of our own.
pub fn adopt(node: &mut Node, args: &Object) -> Result<Step> {
    let control = node.adopt(&bytes(args)?)?;
    let mut out = Object::default().with("kind", control.kind());
    if let Control::Accreditation(accreditation) = &control {
        out.set("peer", accreditation.peer.to_string());
    }
    Ok(Step::Done(out.into()))
}

fn bytes(args: &Object) -> Result<Vec<u8>> {
    let text = text(args, "bytes")?;
    Base64UrlUnpadded::decode_vec(text).map_err(|_| Code::ArgumentWrong.at("bytes: not base64url"))
}
