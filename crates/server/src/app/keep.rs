//! What may and what must be erased, and what somebody here holds back.

use super::{Step, names_of, number, optional, text};
use counterpart_engine::Node;
use counterpart_engine::keep::Kept;
use counterpart_record::fault::Result;
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};

/// Matters that one call looks at: others wait for it no longer than for a parcel.
const LOOK: usize = 64;

/// Closed matters whose text may be erased by the periods in `config`, and the holds.
/// A part is looked at in each call, and `unread` says how many are left for the next ones. Where
/// the clock jumped ahead, `clock` says so; with `clock_is_right` it is believed. RET-9
pub fn retention(node: &mut Node, args: &Object) -> Result<Step> {
    if args.get("clock_is_right").and_then(Value::as_bool) == Some(true) {
        node.vouch()?;
    }
    let (kept, unread) = node.retention(LOOK)?;
    let list: Vec<Value> = kept.iter().map(|one| row(node, one).into()).collect();
    let holds = node.retained()?.into_iter().map(|hold| {
        let out = Object::default().with("matter", hold.matter.to_string());
        Value::from(out.with("until", hold.until).with("why", hold.why).with("set_at", hold.set_at))
    });
    let (shows, vouched) = (node.now(Ring::Live), node.vouched(Ring::Live));
    let clock = Object::default().with("shows", shows).with("vouched", vouched);
    let clock = if vouched < shows { Value::from(clock) } else { Value::Null };
    let out = Object::default().with("kept", Value::Array(list));
    let out = out.with("unread", unread as u64).with("clock", clock);
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
