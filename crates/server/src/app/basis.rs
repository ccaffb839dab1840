//! `instruments`: the legal bases that this version knows, as data; and `requirements`: what each
//! side of a channel published about what a request needs.

use super::{Step, names_of, optional, peer, ring};
use counterpart_engine::Node;
use counterpart_engine::view::ActView;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::PartyId;
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::act::Half;
use counterpart_rules::ground;
use counterpart_rules::instrument::{Cite, INSTRUMENTS, Instrument, instrument};

/// The instrument of this name.
pub fn known(name: &str) -> Option<&'static Instrument> {
    instrument(name)
}

/// All instruments, or the one named. [`Code::ArgumentWrong`] if there is none of that name. With
/// `peer`, or with the only one, each says what holds for the two sides of that channel.
pub fn instruments(node: &mut Node, args: &Object) -> Result<Step> {
    let with = match (optional(args, "peer"), peer(node, args)) {
        (Some(_), Err(fault)) => return Err(fault),
        (_, with) => with.ok(),
    };
    let told = |one: &Instrument| -> Result<Value> {
        let mut out = shown(one);
        if let Some(peer) = &with {
            out.set("peer", peer.to_string());
            out.set("peer_names", names_of(node, peer));
            out.set("sides", sides(node, (peer, ring(args)), one.name)?);
        }
        Ok(out.into())
    };
    let all: Vec<&Instrument> = match optional(args, "name") {
        None => INSTRUMENTS.iter().collect(),
        Some(name) => {
            let found = known(name);
            vec![found.ok_or_else(|| Code::ArgumentWrong.at(format!("instrument {name:?}")))?]
        }
    };
    Ok(Step::Done(Value::Array(all.into_iter().map(told).collect::<Result<_>>()?)))
}

/// What holds of an instrument for each side of a channel: ours, then the peer's. From when on it
/// binds the side is in the terms, agreed by both; its central authority, its reservations and its
/// languages are its own to publish.
pub fn sides(node: &Node, (peer, ring): (&PartyId, Ring), name: &str) -> Result<Value> {
    let terms = node.terms_now(peer, ring)?;
    let each = [(Half::Asking, node.party()), (Half::Answering, *peer)];
    let each = each.into_iter().map(|(half, party)| {
        let mine = half == Half::Asking;
        let mut out = Object::default().with("party", party.to_string()).with("mine", mine);
        if let Some(from) = terms.bound_from(half, name) {
            out.set("in_force_from", from);
        }
        let published = node.published(peer, ring, mine)?;
        if let Some(row) = published.as_ref().and_then(|act| accepted(act, name)) {
            out.set("published", row.clone());
        }
        Ok(Value::from(out))
    });
    Ok(Value::Array(each.collect::<Result<_>>()?))
}

/// The row of a publication about an instrument on which its author takes requests.
fn accepted<'a>(act: &'a ActView, name: &str) -> Option<&'a Object> {
    let rows = act.disclosed.iter().find(|one| one.name == "accepted")?.value.as_array()?;
    let mut rows = rows.iter().filter_map(Value::as_object);
    rows.find(|row| row.get("instrument").and_then(Value::as_str) == Some(name))
}

/// An instrument as JSON; `sure` is false where nobody has read the published text.
pub fn shown(one: &Instrument) -> Object {
    let measures = one
        .measures
        .iter()
        .map(|given| Value::from(cited(given.cite).with("measure", given.measure)));
    let wanted = one.wanted.iter().map(|wanted| {
        let out = cited(wanted.cite).with("field", wanted.field);
        Value::from(out.with("measures", wanted.measures.to_vec()))
    });
    let grounds = ground::GROUNDS.iter().filter_map(|ground| {
        Some(Value::from(cited(ground.cite(one.name)?).with("ground", ground.name)))
    });
    let since = one.since.map(|(day, sure)| Object::default().with("day", day).with("sure", sure));
    Object::default()
        .with("name", one.name)
        .with("binds", one.binds)
        .with("since", since.map_or(Value::Null, Value::from))
        .with("formality", one.formality.name())
        .with("measures", Value::Array(measures.collect()))
        .with("wanted", Value::Array(wanted.collect()))
        .with("grounds", Value::Array(grounds.collect()))
        .with("reasons", one.reasons.map_or(Value::Null, |cite| cited(cite).into()))
        .with("profiles", one.profiles.to_vec())
        .with("unsure", one.unsure())
}

/// An article as JSON; `sure` is false where nobody has read the published text.
pub fn cited(cite: Cite) -> Object {
    Object::default().with("article", cite.article).with("sure", cite.sure)
}

/// What we and the peer published, the newest of each.
pub fn requirements(node: &mut Node, args: &Object) -> Result<Step> {
    let (peer, ring) = (peer(node, args)?, ring(args));
    let mut out = Object::default().with("peer", peer.to_string());
    for (name, mine) in [("ours", true), ("theirs", false)] {
        let published = node.published(&peer, ring, mine)?;
        out.set(name, published.as_ref().map_or(Value::Null, |act| publication(act).into()));
    }
    Ok(Step::Done(out.into()))
}

fn publication(act: &ActView) -> Object {
    let mut fields = act.body.clone();
    for disclosure in &act.disclosed {
        fields.set(&disclosure.name, disclosure.value.clone());
    }
    Object::default()
        .with("kind", act.kind.as_str())
        .with("published_at", act.logged_at)
        .with("fields", fields)
}
