//! Credentials: to show, to give away, to take in; and root-signed statements of our own, which the
//! command line signs with the root keys that the node never has.

use super::{Step, is_shared, names_in, optional, peer, peer_apart, text};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use counterpart_engine::Node;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::Entry;
use counterpart_record::keys::{Ring, Role};
use counterpart_record::party::{Control, Credential};
use counterpart_record::strict::json::{Object, Value};

/// Our credential, or that of a peer.
pub fn show(node: &mut Node, args: &Object) -> Result<Step> {
    let (credential, entry, bytes) = if optional(args, "peer").is_some() {
        let peer = peer_apart(node, args)?;
        let known = node.peer(&peer).ok_or_else(|| Code::PeerUnknown.at(peer.short()))?;
        (known.credential, known.entry, node.held_control(&known.entry)?)
    } else {
        let bytes = node.credential_bytes()?.to_vec();
        (node.credential()?.clone(), Entry::of(&bytes), bytes)
    };
    let out = described(node, &credential)
        .with("entry", entry.to_string())
        .with("bytes", Base64UrlUnpadded::encode_string(&bytes));
    Ok(Step::Done(out.into()))
}

/// The keys of every credential of ours, or of a peer, that we hold, the newest first: which are in
/// force, and since when misuse of those that were revoked is suspected.
pub fn keys(node: &mut Node, args: &Object) -> Result<Step> {
    let given = optional(args, "peer").is_some();
    let party = if given { peer(node, args)? } else { node.party() };
    let held = node.credentials(&party);
    let newest = held.first().map(|newest| newest.version);
    let mut list = Vec::new();
    for credential in &held {
        let mut keys = Vec::new();
        for (ring, role) in Ring::ALL.iter().flat_map(|ring| Role::ALL.map(|role| (*ring, role))) {
            let kid = credential.ring(ring).key(role).thumbprint();
            let in_force = held.first().is_some_and(|newest| {
                newest.ring(ring).key(role) == credential.ring(ring).key(role)
            });
            // Settings that were signed anew name the keys of before: each is told once.
            if in_force && Some(credential.version) != newest {
                continue;
            }
            let revoked = node.suspected_since(&party, &kid);
            let key = Object::default().with("ring", ring.name()).with("role", role.name());
            let key = key.with("kid", kid.to_string()).with("in_force", in_force);
            keys.push(key.with("revoked", revoked.map_or(Value::Null, Value::from)).into());
        }
        let one = Object::default().with("version", credential.version);
        let one = one.with("issued_at", credential.issued_at);
        list.push(Value::from(one.with("keys", Value::Array(keys))));
    }
    let newest = held.first().ok_or_else(|| Code::PeerUnknown.at(party.short()))?;
    let out = Object::default().with("party", party.to_string());
    let out = out.with("names", names_in(node, newest));
    Ok(Step::Done(out.with("credentials", Value::Array(list)).into()))
}

fn described(node: &Node, credential: &Credential) -> Object {
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
        .with("names", names_in(node, credential))
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
    let shared = is_shared(node, &peer.credential.party, &peer.credential.desk.names);
    let out = described(node, &peer.credential)
        .with("shared_name", shared)
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
