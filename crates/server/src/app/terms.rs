//! The terms of a channel: what is in force, what is proposed, and the three acts.

use super::{Step, names_of, optional, peer, ring};
use counterpart_engine::Node;
use counterpart_engine::terms::Proposal;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{PartyId, hex};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::act::Half;
use counterpart_rules::clock::{Zone, tz_version};
use counterpart_rules::form;
use counterpart_rules::instrument::NAMES;
use counterpart_rules::say::{Lang, Places};
use counterpart_rules::terms::Sheet;

/// How the terms with a peer stand, and a sheet to begin with.
pub fn show(node: &mut Node, args: &Object) -> Result<Step> {
    let (peer, ring) = (peer(node, args)?, ring(args));
    let terms = node.terms(&peer, ring)?;
    let agreed = terms.sheet.clone();
    let draft = agreed.clone().unwrap_or_else(|| Sheet::draft([&node.party(), &peer]));
    let in_force = if agreed.is_some() { hex(&terms.in_force) } else { String::new() };
    let out = Object::default()
        .with("peer", peer.to_string())
        .with("peer_names", names_of(node, &peer))
        .with("drill", ring.is_drill())
        .with("tz", tz_version())
        .with("in_force", in_force)
        .with("instruments", instruments(node, &peer, ring)?)
        .with("sheet", agreed.map_or(Value::Null, Value::from))
        .with("ours", proposal(terms.ours))
        .with("theirs", proposal(terms.theirs))
        .with("draft", draft.with("tz", tz_version()));
    Ok(Step::Done(out.into()))
}

/// What holds for each side of every instrument that the terms in force list. What a side publishes
/// of its own accord stands beside what both agreed.
fn instruments(node: &Node, peer: &PartyId, ring: Ring) -> Result<Value> {
    let terms = node.terms_now(peer, ring)?;
    let listed = |name: &&&str| {
        [Half::Asking, Half::Answering].iter().any(|half| terms.bound_from(*half, name).is_some())
    };
    let each = NAMES.iter().filter(listed).map(|name| {
        let sides = super::basis::sides(node, (peer, ring), name)?;
        Ok(Value::from(Object::default().with("name", *name).with("sides", sides)))
    });
    Ok(Value::Array(each.collect::<Result<_>>()?))
}

fn proposal(proposal: Option<Proposal>) -> Value {
    proposal.map_or(Value::Null, |proposal| {
        Object::default()
            .with("entry", proposal.entry.to_string())
            .with("matter", proposal.matter.to_string())
            .with("id", hex(&proposal.id))
            .with("sheet", proposal.sheet)
            .with("doubts", proposal.doubts)
            .into()
    })
}

/// Where the two sides are, by the terms in force, for a reader of ours in a language; nowhere
/// where none were agreed. CLK-16
pub fn places(node: &Node, peer: &PartyId, ring: Ring, lang: Lang) -> Places {
    let Ok(terms) = node.terms_now(peer, ring) else { return Places::default() };
    let zone = |half| terms.zone(half).cloned();
    // Terms are read as for a matter that we would open: we are its asking half.
    let (here, there) = (zone(Half::Asking), zone(Half::Answering));
    Places { here, there, peer: node.name_of(peer, lang.tag()) }
}

/// The names of their zones: ours, theirs.
pub fn zones(node: &Node, peer: &PartyId, ring: Ring) -> Value {
    let places = places(node, peer, ring, Lang::En);
    if places.here.is_none() && places.there.is_none() {
        return Value::Null;
    }
    let name = |zone: &Option<Zone>| zone.as_ref().map_or(Value::Null, |zone| zone.name().into());
    Object::default().with("ours", name(&places.here)).with("theirs", name(&places.there)).into()
}

/// Proposes a sheet; a newer one replaces the one before.
pub fn propose(node: &mut Node, args: &Object) -> Result<Step> {
    let (peer, ring) = (peer(node, args)?, ring(args));
    let sheet = args.get("sheet").and_then(Value::as_object);
    let sheet = sheet.ok_or_else(|| Code::ArgumentWrong.at("sheet: missing"))?.clone();
    let draft = node.propose_terms(&peer, ring, sheet, said(args))?;
    Ok(Step::draft(draft))
}

/// Accepts what the peer proposes.
pub fn accept(node: &mut Node, args: &Object) -> Result<Step> {
    let (peer, ring) = (peer(node, args)?, ring(args));
    let draft = node.decide_terms(&peer, ring, "accept-terms", true, said(args))?;
    Ok(Step::draft(draft))
}

/// Declines what the peer proposes.
pub fn decline(node: &mut Node, args: &Object) -> Result<Step> {
    let (peer, ring) = (peer(node, args)?, ring(args));
    let draft = node.decide_terms(&peer, ring, "decline-terms", false, said(args))?;
    Ok(Step::draft(draft))
}

/// What a person says beside it, in a language.
fn said(args: &Object) -> Vec<(String, Value)> {
    let text = optional(args, "text").map(|text| {
        let usual = optional(args, "lang").unwrap_or("en");
        let lang = optional(args, "text_lang").unwrap_or_else(|| form::assumed(usual, text));
        let text = Object::default().with("lang", lang).with("text", text);
        ("text".to_owned(), Value::from(text))
    });
    text.into_iter().collect()
}
