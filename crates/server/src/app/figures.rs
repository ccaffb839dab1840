//! Figures: what both sides did for each other, counted so that both come to the same digits.

use super::{Step, number, peer, ring};
use counterpart_engine::Node;
use counterpart_engine::figures::{Cut, Period, Shown};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::hex;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::say::Lang;

/// The figures of a channel: `from`, `to`, `as_of` in seconds (UTC).
pub fn figures(node: &mut Node, args: &Object) -> Result<Step> {
    let (peer, ring) = (peer(node, args)?, ring(args));
    let now = node.now(ring);
    let as_of = number(args, "as_of", now)?;
    if as_of > now {
        return Err(Code::ArgumentWrong.at("as_of: lies ahead"));
    }
    let period = Period { from: number(args, "from", 0)?, to: number(args, "to", as_of + 1)? };
    if period.from >= period.to {
        return Err(Code::ArgumentWrong.at("from, to: the period is empty"));
    }
    let shown = node.figures(&peer, ring, Cut::AsOf(as_of), period)?;
    let mut out = told(&shown);
    for (name, party) in [("own", node.party()), ("peer", peer)] {
        let mut names = Object::default();
        for lang in Lang::ALL {
            names.set(lang.tag(), node.name_of(&party, lang.tag()));
        }
        out.set(&format!("{name}_names"), names);
    }
    out.set("own", node.party().to_string());
    Ok(Step::Done(out.into()))
}

/// The figures, their digest, and what stands beside them.
fn told(shown: &Shown) -> Object {
    let undelivered = shown.undelivered.iter().map(|(matter, since)| {
        Value::from(Object::default().with("matter", matter.to_string()).with("since", *since))
    });
    Object::default()
        .with("figures", shown.figures.to_value())
        .with("digest", hex(&shown.figures.digest()))
        .with("settled", shown.settled)
        .with("undelivered", Value::Array(undelivered.collect()))
        .with("unknown", shown.unknown)
}
