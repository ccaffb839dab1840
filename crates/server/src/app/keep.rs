//! What may and what must be erased, and what somebody here holds back.

use super::{Step, names_of, number, optional, text};
use counterpart_engine::Node;
use counterpart_engine::keep::Kept;
use counterpart_record::fault::Result;
use counterpart_record::strict::json::{Object, Value};

/// Closed matters whose text may be erased by the periods in `config`, and the holds.
pub fn retention(node: &mut Node, _args: &Object) -> Result<Step> {
    let kept = node.retention()?;
    let list: Vec<Value> = kept.iter().map(|one| row(node, one).into()).collect();
    let holds = node.retained()?.into_iter().map(|hold| {
        let out = Object::default().with("matter", hold.matter.to_string());
        Value::from(out.with("until", hold.until).with("why", hold.why).with("set_at", hold.set_at))
    });
    let out = Object::default().with("kept", Value::Array(list));
    Ok(Step::Done(out.with("holds", Value::Array(holds.collect())).into()))
}

/// Holds the text of a matter until a time, or with `lift` no longer.
pub fn retain(node: &mut Node, args: &Object) -> Result<Step> {
    let id = node.matter_id(text(args, "matter")?)?;
    let lift = args.get("lift").and_then(Value::as_bool).unwrap_or(false);
    let until = number(args, "until", 0)?;
    let why = optional(args, "why").unwrap_or_default();
    let hold = (!lift).then(|| (until, why.to_owned()));
    node.retain(&id, hold)?;
    let out = Object::default().with("matter", id.to_string());
    let until = if lift { Value::Null } else { Value::from(until) };
    Ok(Step::Done(out.with("until", until).into()))
}

fn row(node: &Node, one: &Kept) -> Object {
    Object::default()
        .with("matter", one.matter.to_string())
        .with("peer", one.peer.to_string())
        .with("peer_names", names_of(node, &one.peer))
        .with("drill", one.ring.is_drill())
        .with("stream", one.stream.as_str())
        .with("flow", one.flow)
        .with("closed_at", one.closed_at)
        .with("may_at", one.may_at)
        .with("must_at", one.must_at)
        .with("held_until", one.held_until.map_or(Value::Null, Value::from))
        .with("may", one.may())
        .with("must", one.must())
}
