//! `status`: where this node stands.

use super::{Step, names, names_in, names_of};
use counterpart_engine::Node;
use counterpart_engine::route::Route;
use counterpart_engine::unmatched::Mismatch;
use counterpart_record::fault::Result;
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};

/// Who we are, whom we know, how each channel stands, what is open.
pub fn status(node: &mut Node, _args: &Object) -> Result<Step> {
    let credential = node.credential()?;
    let mut out = Object::default()
        .with("party", node.party().to_string())
        .with("names", names(&credential.desk.names))
        .with("fingerprint", node.party().fingerprint())
        .with("version", credential.version);
    let by_hand: Vec<_> = node.routes().into_iter().filter(Route::by_hand).collect();
    let mut peers = Vec::new();
    for peer in node.peers() {
        let party = peer.credential.party;
        let mut channels = Vec::new();
        for standing in node.standing() {
            if standing.peer == party {
                channels.push(Value::from(
                    Object::default()
                        .with("drill", standing.ring.is_drill())
                        .with("own_size", standing.own_size)
                        .with("held_by_peer", standing.held_by_peer)
                        .with("peer_size", standing.peer_size)
                        .with("held", standing.held)
                        .with("cosigned_by_peer", standing.cosigned_by_peer)
                        .with("mutual", standing.mutual)
                        .with("last_from_peer", standing.peer_time)
                        .with("behind_epoch", standing.behind.map_or(Value::Null, Value::from)),
                ));
            }
        }
        let (attached, most) = node.attachment_use(&party)?;
        peers.push(Value::from(
            Object::default()
                .with("party", party.to_string())
                .with("names", names_in(node, &peer.credential))
                .with("fingerprint", party.fingerprint())
                .with("accredited", peer.accredited)
                .with("endpoints", peer.credential.desk.endpoints.clone())
                .with("asks_to_wait", node.asks_to_wait(&party).unwrap_or(0))
                .with("keys", node.unmatched().of(&party).map_or("", Mismatch::word))
                .with("by_hand", by_hand.iter().any(|route| route.peer == party))
                .with("attachment_bytes", attached)
                .with("attachment_limit", most)
                .with("channels", Value::Array(channels)),
        ));
    }
    out.set("peers", Value::Array(peers));
    out.set("knocked", Value::Array(knocked(node)));
    out.set("revoked", Value::Array(revoked(node)?));
    out.set("correspondents", node.correspondents().count() as u64);
    let (open, overdue) = node.waiting()?;
    out.set("open", open);
    out.set("overdue", overdue);
    out.set("our_turn", node.our_turns()?);
    for ring in Ring::ALL {
        let (open, overdue) = node.waiting_on(ring)?;
        out.set(ring.name(), Object::default().with("open", open).with("overdue", overdue));
    }
    out.set("restored", node.is_restored());
    out.set("home", super::home::standing(node));
    out.set("proofs", node.proofs()?.len() as u64);
    Ok(Step::Done(out.into()))
}

/// Transport keys with which somebody called and that no credential in force names; with the peer,
/// if it is one that it had before.
fn knocked(node: &Node) -> Vec<Value> {
    let each = node.strange_callers().into_iter().map(|(knocked, whose)| {
        let whose = whose.map(|peer| peer.to_string());
        let object = Object::default()
            .with("kid", knocked.kid.to_string())
            .with("count", knocked.count)
            .with("last", knocked.last);
        Value::from(object.with("party", whose.unwrap_or_default()))
    });
    each.collect()
}

/// The keys that peers revoked, and since when misuse is suspected.
fn revoked(node: &Node) -> Result<Vec<Value>> {
    let each = node.revoked_by_peers()?.into_iter().map(|one| {
        let object = Object::default()
            .with("party", one.by.to_string())
            .with("names", names_of(node, &one.by))
            .with("kid", one.kid.to_string())
            .with("since", one.since)
            .with("held_at", one.held_at);
        Value::from(object)
    });
    Ok(each.collect())
}

/// What the drill's calendar shows; moved on before, by `seconds`, if they are given. For exercises
/// that play weeks in an hour.
pub fn calendar(node: &mut Node, args: &Object) -> Result<Step> {
    let shows = match args.get("seconds") {
        None => node.now(Ring::Drill),
        Some(_) => node.advance_drill(super::number(args, "seconds", 0)?)?,
    };
    Ok(Step::Done(Object::default().with("drill_time", shows).into()))
}
