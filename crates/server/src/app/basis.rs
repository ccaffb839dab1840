//! `instruments`: the legal bases that this version knows, as data; and `requirements`: what each
//! side of a channel published about what a request needs.

use super::{Step, optional, peer, ring};
use counterpart_engine::Node;
use counterpart_engine::view::ActView;
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::ground;
use counterpart_rules::instrument::{Cite, INSTRUMENTS, Instrument, instrument};

/// The instrument of this name.
pub fn known(name: &str) -> Option<&'static Instrument> {
    instrument(name)
}

/// All instruments, or the one named. [`Code::ArgumentWrong`] if there is none of that name.
pub fn instruments(_node: &mut Node, args: &Object) -> Result<Step> {
    let Some(name) = optional(args, "name") else {
        let all = INSTRUMENTS.iter().map(|one| Value::from(shown(one)));
        return Ok(Step::Done(Value::Array(all.collect())));
    };
    let found = known(name).ok_or_else(|| Code::ArgumentWrong.at(format!("instrument {name:?}")));
    Ok(Step::Done(Value::Array(vec![shown(found?).into()])))
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
        let article = ground.article(one.name)?;
        Some(Value::from(Object::default().with("ground", ground.name).with("article", article)))
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

fn cited(cite: Cite) -> Object {
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
