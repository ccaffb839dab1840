//! Matters: the queue, and one of them whole.

use super::act::said;
use super::attachment;
use super::due::timer;
use super::{Names, Step, home, names_of, number, terms, text};
use counterpart_engine::elsewhere::TakenAway;
use counterpart_engine::stood::Stood;
use counterpart_engine::tick::Raised;
use counterpart_engine::view::{ActView, Came, MatterView};
use counterpart_engine::{Node, Verdict};
use counterpart_record::fault::Result;
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::flow::Reader;
use counterpart_rules::form::{FieldFault, Kind};
use counterpart_rules::say::{Lang, Places, Say, render};
use std::collections::HashSet;

/// The matters that wait for somebody: those in which it is our turn, then the others; of each the
/// calls that press, those of a raised stream, and what is due soonest. If there is room under the
/// limit, the newest of all others.
pub fn list(node: &mut Node, args: &Object) -> Result<Step> {
    let limit = number(args, "limit", 100)? as usize;
    let raised = node.tick(None)?.raised;
    // CAL-13: a stream that both sides have raised comes first while it lasts.
    let is_raised = |peer: &PartyId, ring: Ring, stream: &str| {
        let same = |one: &Raised| (&one.peer, one.ring) == (peer, ring);
        raised.iter().any(|one| same(one) && one.stream == stream)
    };
    let mut matters = node.open_matters(limit, is_raised)?;
    if matters.len() < limit {
        let known: HashSet<MatterId> = matters.iter().map(|matter| matter.matter).collect();
        let newest = node.matters(limit)?.into_iter();
        matters.extend(newest.filter(|matter| !known.contains(&matter.matter)));
        matters.truncate(limit);
    }
    let (owners, names) = (home::owners(node), Names::of(node));
    let list = matters.iter().map(|matter| {
        let owner = owners.get(&matter.matter);
        let owner = owner.map_or(Value::Null, |name| name.as_str().into());
        Value::from(brief(&names, matter).with("owner", owner))
    });
    Ok(Step::Done(Value::Array(list.collect())))
}

/// One matter with its acts, its state in both languages, and what may be done next.
pub fn show(node: &mut Node, args: &Object) -> Result<Step> {
    let id = node.matter_id(text(args, "matter")?)?;
    let matter = node.matter(&id)?;
    let mut out = brief(&Names::of(node), &matter);
    if let Some(state) = &matter.state {
        let reader = Reader::Of(matter.half, node.now(matter.ring));
        // For who reads here, and for somebody of neither side.
        for (name, reader) in [("lines", reader), ("lines_outside", Reader::Outside)] {
            let mut lines = Object::default();
            for lang in Lang::ALL {
                let places = match reader {
                    Reader::Of(..) => terms::places(node, &matter.peer, matter.ring, lang),
                    Reader::Outside => Places::default(),
                };
                lines.set(lang.tag(), state.lines_at(lang, reader, &places));
            }
            out.set(name, lines);
        }
    }
    if let Some(there) = goes_on_with(&matter) {
        // Where this node can ask there itself.
        let known = node.peers().iter().any(|peer| peer.credential.party == there);
        out.set("goes_on_with", there.to_string());
        out.set("goes_on_names", if known { names_of(node, &there) } else { Object::default() });
    }
    let face = Lang::ALL
        .iter()
        .fold(Object::default(), |face, lang| face.with(lang.tag(), node.face(*lang, &matter)));
    out.set("face", face);
    let formal = matter.state.as_ref().and_then(|state| state.fact("formal_owed"));
    out.set("formal_owed", formal.cloned().unwrap_or(Value::Null));
    out.set("as_of", node.now(matter.ring));
    out.set("zones", terms::zones(node, &matter.peer, matter.ring));
    let about = node.about(&id)?;
    out.set("about_it", about.iter().map(ToString::to_string).collect::<Vec<_>>());
    let taken = node.taken_away(&matter)?;
    out.set("erased_there", Value::Array(taken.iter().map(|one| there(one).into()).collect()));
    let timers = matter.state.iter().flat_map(|state| &state.timers).map(|one| timer(one).into());
    out.set("timers", Value::Array(timers.collect()));
    let open: Vec<&str> = matter.open.iter().map(|kind| kind.name).collect();
    out.set("open_kinds", open);
    // Those that somebody waits for.
    let wanted: Vec<&str> = matter.answers.iter().map(|(kind, _)| *kind).collect();
    out.set("answering_kinds", wanted);
    let may_come: Vec<&str> = matter.may_come.iter().map(|(kind, _)| kind.name).collect();
    out.set("may_come", may_come);
    out.set("home", home::shown(node, &id));
    let attached = attachment::of_matter(node, &matter)?;
    let stood = node.stood(&matter)?;
    let acts = matter.acts.iter().enumerate().map(|(at, act)| {
        let of_act = attached.iter().filter(|(act, ..)| *act == at);
        let rows = of_act.map(|(_, number, shown)| attachment::row(*number, shown).into());
        let mut out = shown(&matter, act).with("attachments", Value::Array(rows.collect()));
        let kind = matter.flow.and_then(|flow| flow.kind(&act.kind));
        let doubts = node.doubts_of(&matter, at);
        let doubts = doubts.iter().filter_map(|doubt| Some(doubted(kind?, doubt).into()));
        out.set("doubts", Value::Array(doubts.collect()));
        if let Some(stood) = stood.iter().find(|stood| stood.entry == act.entry) {
            out.set("stood", before(stood));
        }
        Value::from(out)
    });
    out.set("acts", Value::Array(acts.collect()));
    Ok(Step::Done(out.into()))
}

/// The party with which the matter goes on, where a transfer names one.
fn goes_on_with(matter: &MatterView) -> Option<PartyId> {
    let theirs = matter.acts.iter().rev().filter(|act| act.verdict == Verdict::Valid);
    let gone = theirs.filter_map(|act| act.body.get("party").and_then(Value::as_str)).next();
    gone.and_then(|party| PartyId::parse(party).ok())
}

/// A doubt in both languages.
fn doubted(kind: &Kind, doubt: &FieldFault) -> Object {
    let out = Object::default().with("field", doubt.field.as_str()).with("wrong", doubt.word());
    Lang::ALL.iter().fold(out, |out, lang| out.with(lang.tag(), said(*lang, kind, doubt)))
}

/// Takes the text of a closed matter away; the record says that it was done.
pub fn erase(node: &mut Node, args: &Object) -> Result<Step> {
    let id = node.matter_id(text(args, "matter")?)?;
    let erased = node.erase(&id)?;
    let out = Object::default().with("matter", erased.matter.to_string());
    let out = out
        .with("erased", erased.count)
        .with("at_home", erased.at_home)
        .with("attachments", erased.attachments)
        .with("entry", erased.act.entry.to_string());
    Ok(Step::Done(out.into()))
}

/// What the peer said of the text at its own place. RET-11.
fn there(taken: &TakenAway) -> Object {
    Object::default()
        .with("count", taken.count)
        .with("at", taken.at)
        .with("entry", taken.entry.to_string())
        .with("matter", taken.notice.to_string())
}

fn brief(names: &Names<'_>, matter: &MatterView) -> Object {
    let mut out = Object::default()
        .with("matter", matter.matter.to_string())
        .with("peer", matter.peer.to_string())
        .with("drill", matter.ring.is_drill())
        .with("one_sided", matter.one_sided)
        .with("mine", matter.mine)
        .with("stream", matter.stream.as_str())
        .with("flow", matter.flow.map_or("", |flow| flow.rules()));
    out.set("peer_names", names.peer(&matter.peer));
    out.set("count", matter.acts.len() as u64);
    let contested = matter.acts.iter().filter(|act| act.contested.is_some()).count();
    out.set("contested", contested as u64);
    out.set("last_at", matter.acts.last().map_or(0, |act| act.logged_at));
    let measure = matter.acts.first().and_then(|act| act.body.get("measure"));
    out.set("measure", measure.cloned().unwrap_or(Value::Null));
    if let Some(state) = &matter.state {
        out.set("stage", state.stage);
        let turn = state.waiting_for.map_or("", |half| half.name());
        let ours = !turn.is_empty() && (turn == "asking") == matter.mine;
        out.set("our_turn", ours);
        out.set("their_turn", !turn.is_empty() && !ours);
        let mut what = Object::default();
        if let Some(key) = state.turn_for {
            for lang in Lang::ALL {
                what.set(lang.tag(), render(lang, &Say::of(key)));
            }
        }
        out.set("turn_for", what);
        out.set("due", state.due.map_or(Value::Null, Value::from));
        let of = state.due_of.map_or(Value::Null, |half| (half == matter.half).into());
        out.set("due_ours", of);
        out.set("overdue", state.overdue);
        out.set("closed", state.closed);
        out.set("reminders", u64::from(state.reminders));
    }
    out
}

fn shown(matter: &MatterView, act: &ActView) -> Object {
    let disclosed = attachment::readable(matter, act);
    let (verdict, reason) = match act.verdict {
        Verdict::Valid => ("valid", ""),
        Verdict::Void(reason) => ("void", reason),
        Verdict::Held(reason) => ("held", reason),
    };
    Object::default()
        .with("entry", act.entry.to_string())
        .with("mine", act.mine)
        .with("kind", act.kind.as_str())
        .with("seq", act.seq)
        .with("body", act.body.clone())
        .with("disclosed", disclosed)
        .with("erased", act.erased as u64)
        .with("re", act.re.iter().map(|entry| entry.to_string()).collect::<Vec<_>>())
        .with("issued_at", act.issued_at)
        .with("logged_at", act.logged_at)
        .with("held_at", act.held_at.map_or(Value::Null, Value::from))
        .with("own_index", act.own_index)
        .with("peer_index", act.peer_index.map_or(Value::Null, Value::from))
        .with("rung", act.rung.name())
        .with("verdict", verdict)
        .with("reason", reason)
        .with("contested", act.contested.map_or(Value::Null, Value::from))
        .with("entered", act.came.as_ref().map_or(Value::Null, |came| entered(came).into()))
}

/// The sheets that a proposal of terms is compared with.
fn before(stood: &Stood) -> Object {
    let sheet = |sheet: &Option<Object>| sheet.clone().map_or(Value::Null, Value::from);
    Object::default()
        .with("in_force", sheet(&stood.in_force))
        .with("proposed", sheet(&stood.proposed))
}

/// How something came that was entered by hand.
fn entered(came: &Came) -> Object {
    Object::default()
        .with("how", came.how.as_str())
        .with("received_at", came.received_at)
        .with("taken_by", came.taken_by.as_str())
        .with("late_by", came.late_by)
}
