//! What rings at our desks, what two people on a telephone need, and the review of a line.

use super::{Step, names_in, number, peer, ring, terms, text};
use counterpart_engine::Node;
use counterpart_engine::tick::{Raised, Ringing, Tick};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::flow::line_review;

/// What rings at our desks now, most pressing first; the streams that are raised.
pub fn ringing(node: &mut Node, _args: &Object) -> Result<Step> {
    // The drafts of this tick are those of the running node's next one: whoever looks does nothing.
    let tick = node.tick(None)?;
    Ok(Step::Done(told(node, &tick).into()))
}

/// A tick as JSON.
pub fn told(node: &Node, tick: &Tick) -> Object {
    let rings = tick.rings.iter().map(|ringing| Value::from(rings(node, ringing)));
    let raised = tick.raised.iter().map(|raised| Value::from(raised_stream(node, raised)));
    Object::default()
        .with("rings", Value::Array(rings.collect()))
        .with("raised", Value::Array(raised.collect()))
        .with("unread", tick.unread as u64)
}

fn rings(node: &Node, ringing: &Ringing) -> Object {
    let what = &ringing.what;
    let next = what.next.map_or(Value::Null, |(post, at)| {
        Object::default().with("post", post.name()).with("at", at).into()
    });
    Object::default()
        .with("matter", ringing.matter.to_string())
        .with("peer", ringing.peer.to_string())
        .with("peer_names", peer_names(node, &ringing.peer))
        .with("drill", ringing.ring.is_drill())
        .with("mine", ringing.mine)
        .with("ahead", ringing.ahead)
        .with("stream", ringing.stream.as_str())
        .with("urgency", what.urgency)
        .with("post", what.post.name())
        .with("why", what.why)
        .with("since", what.since)
        .with("next", next)
        .with("zones", terms::zones(node, &ringing.peer, ringing.ring))
        .with("callback", callback(node, &ringing.peer))
}

fn raised_stream(node: &Node, raised: &Raised) -> Object {
    Object::default()
        .with("matter", raised.matter.to_string())
        .with("peer", raised.peer.to_string())
        .with("peer_names", peer_names(node, &raised.peer))
        .with("drill", raised.ring.is_drill())
        .with("stream", raised.stream.as_str())
        .with("until", raised.until)
}

fn peer_names(node: &Node, party: &PartyId) -> Object {
    node.peer(party).map_or(Object::default(), |peer| names_in(node, &peer.credential))
}

/// The numbers to call back: those of the credential, and of nothing that anybody wrote since.
/// CAL-10.
fn callback(node: &Node, party: &PartyId) -> Vec<String> {
    node.peer(party).map_or(Vec::new(), |peer| peer.credential.desk.callback)
}

/// What two people on a telephone need: the code that both screens show, which half of it is ours
/// to read, and the number to call back.
pub fn spoken(node: &mut Node, args: &Object) -> Result<Step> {
    let digits = text(args, "matter")?;
    let (id, party, mine, code) = match node.spoken_ahead(digits) {
        // They call us.
        Some((id, peer, code)) => (id, peer, false, code),
        None => {
            let id = node.matter_id(digits)?;
            let view = node.matter(&id)?;
            (id, view.peer, view.mine, node.spoken_code(&id)?)
        }
    };
    let (first, last) = code.split_once(' ').ok_or_else(|| Code::Internal.at("code"))?;
    let (ours, theirs) = if mine { (first, last) } else { (last, first) };
    let out = Object::default()
        .with("matter", id.to_string())
        .with("code", code.as_str())
        .with("we_read", ours)
        .with("they_read", theirs)
        .with("peer", party.to_string())
        .with("peer_names", peer_names(node, &party))
        .with("callback", callback(node, &party));
    Ok(Step::Done(out.into()))
}

/// The review of a line with a peer: `from`, `to` in seconds (UTC); without them the last 30 days.
pub fn review(node: &mut Node, args: &Object) -> Result<Step> {
    let (peer, ring) = (peer(node, args)?, ring(args));
    let now = node.now(ring);
    let to = number(args, "to", now.saturating_add(1))?;
    let from = number(args, "from", to.saturating_sub(30 * 86_400))?;
    if from >= to {
        return Err(Code::ArgumentWrong.at("the time to review ends before it begins"));
    }
    let items = node.line_items(&peer, ring, (from, to))?;
    let out = Object::default()
        .with("peer", peer.to_string())
        .with("peer_names", peer_names(node, &peer))
        .with("drill", ring.is_drill())
        .with("from", from)
        .with("to", to)
        .with("as_of", now)
        .with("review", line_review(&items));
    Ok(Step::Done(out.into()))
}
