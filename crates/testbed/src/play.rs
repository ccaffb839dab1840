//! Plays the plot of a history, an act at a time, and notes what its clocks come to.

use crate::cast::{START, draft as draft_of};
use crate::table::fates;
use crate::world::World;
use crate::write::submit;
use counterpart_engine::seam::Clock as _;
use counterpart_engine::view::{ActView, MatterView};
use counterpart_engine::{Draft, Target};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::act::Half;
use counterpart_rules::clock::{
    Expiry, IDENTITY_VERIFIED, PROFILES, PauseRule, Profile, Sort, Start, shown,
};
use counterpart_rules::flow::opened_by;
use counterpart_rules::instrument::NAMES;
use counterpart_rules::terms::Sheet;

/// The next act of the plot, if its author runs and may write it. Whether one was tried.
pub fn go_on(world: &mut World) -> bool {
    let Some((half, kind)) = world.plot.rest.first().copied() else { return false };
    let [opener, other] = world.plot.pair;
    let (from, to) = if half == Half::Asking { (opener, other) } else { (other, opener) };
    let ring = world.plot.ring;
    if !world.awake(from) {
        return false;
    }
    at_the_last_moment(world, from);
    if !world.awake(from) {
        return true;
    }
    let draft = match draft(world, from, to, kind) {
        Ok(Some(draft)) => draft,
        // What crossed it may have made it impossible: then the story goes on without.
        Ok(None) => {
            if world.chance.chance(35) {
                world.plot.rest.remove(0);
            }
            world.push(to, from, ring, false);
            return true;
        }
        Err(fault) => {
            world.fail(format!("{}: no act of the plot: {fault}", world.name(from)));
            return true;
        }
    };
    for logged in submit(world, (from, to, ring), vec![draft]) {
        world.plot.matter = Some(logged);
        world.plot.rest.remove(0);
        world.plot.before = world.plot.before.saturating_sub(1);
        let next = world.plot.rest.first().map(|(_, kind)| *kind);
        // The prologue is over: another matter begins.
        if world.plot.before == 0 && next.is_some_and(|kind| opened_by(kind).is_some()) {
            world.plot.matter = None;
        }
    }
    if world.chance.chance(80) {
        world.push(from, to, ring, false);
    }
    true
}

/// Sometimes the act waits until a clock of the matter has almost run out, so that it is in time
/// for its author and late for the other side; sometimes until it has.
fn at_the_last_moment(world: &mut World, from: usize) {
    let node = world.seats[from].node.as_ref();
    let view = world.plot.matter.and_then(|matter| node?.matter(&matter).ok());
    let now = world.seats[from].party.clock.now(world.plot.ring);
    let timers = view.iter().flat_map(|view| &view.state).flat_map(|state| &state.timers);
    let ahead = timers.filter(|timer| timer.runs() && !timer.paused && timer.due > now);
    let wanted = world.focus.clock;
    let ahead = ahead.filter(|timer| wanted.is_none_or(|wanted| wanted == timer.profile));
    let Some(left) = ahead.map(|timer| timer.due - now).min().filter(|left| *left < 6 * 86_400)
    else {
        return;
    };
    match world.chance.below(100) {
        0..20 => world.pass(left.saturating_sub(1)),
        20..35 => world.pass(left + 5),
        _ => {}
    }
}

fn draft(world: &World, from: usize, to: usize, kind: &'static str) -> Result<Option<Draft>> {
    let (peer, ring) = (world.seats[to].party.id, world.plot.ring);
    let Some(node) = world.seats[from].node.as_ref() else { return Ok(None) };
    match kind {
        "propose-terms" => {
            let sheet = short_terms(world, [node.party(), peer]);
            return node.propose_terms(&peer, ring, sheet, Vec::new()).map(Some);
        }
        "accept-terms" | "decline-terms" => {
            let open = node.terms(&peer, ring)?.theirs.is_some();
            let decided = open
                .then(|| node.decide_terms(&peer, ring, kind, kind == "accept-terms", Vec::new()));
            return decided.transpose();
        }
        _ => {}
    }
    let (target, rules, re) = match world.plot.matter {
        None => {
            let rules = opened_by(kind).map(|flow| flow.rules().to_owned()).unwrap_or_default();
            (Target::New { stream: "cybercrime".into() }, rules, Vec::new())
        }
        Some(matter) => {
            let view = match node.matter(&matter) {
                Ok(view) => view,
                Err(Fault { code: Code::MatterUnknown, .. }) => return Ok(None),
                Err(fault) => return Err(fault),
            };
            let Some(flow) = view.flow.filter(|_| view.open.iter().any(|open| open.name == kind))
            else {
                return Ok(None);
            };
            (Target::Matter(matter), flow.rules().to_owned(), view.answers(kind))
        }
    };
    let mut draft = draft_of(peer, ring, target, kind, re);
    draft.rules = rules;
    draft.body = varied(world, kind, draft.body);
    Ok(Some(draft))
}

/// The coded body of an act with other instruments, measures and times in it: each clock should run
/// somewhere, short or long.
pub fn varied(world: &World, kind: &str, usual: Object) -> Object {
    let pick = |words: &[&'static str]| words[world.chance.below(words.len() as u64) as usize];
    // Around now, on the scale of an hour, of a day, of weeks.
    let around = || {
        let scale = [3_600, 86_400, 20 * 86_400][world.chance.below(3) as usize];
        world.now + 60 + world.chance.below(scale)
    };
    let day = |at: u64| shown(at)[..10].to_owned();
    let mut body = usual;
    match kind {
        "request" => {
            body.set("instrument", pick(NAMES));
            body.set("measure", pick(MEASURES));
            body.set("urgency", pick(&["emergency", "urgent", "normal"]));
            if world.chance.chance(50) {
                body.set("capacity", pick(&["authority", "provider", "notified"]));
            }
            for (name, word) in world.focus.clock.map_or(&[][..], sets) {
                body.set(name, *word);
            }
            if world.chance.chance(50) {
                body.set("reply_by", around());
            }
            if world.chance.chance(50) {
                body.set("formal_follows", true);
                body.set("formal_by", day(around()));
            }
        }
        "ask" | "intend-to-refuse" => body.set("supplement_by", around()),
        "offer" => body.set("accept_by", around()),
        "status" => {
            body.set("extends", true);
            if world.focus.clock == Some("P-LECD-30") {
                body.set("progress", IDENTITY_VERIFIED);
            }
        }
        "postpone" => body.set("review_on", day(around())),
        "renew" => body.set("until", around() + 86_400),
        "preserve" => {
            body.set("effected_at", START - world.chance.below(120) * 86_400);
            body.set("holds_until", around());
            body.set("final", world.chance.chance(50));
        }
        "raise" => {
            body.set("urgency", pick(&["flash", "immediate", "priority", "routine"]));
            body.set("topic", "evidence-at-risk");
            for (name, word) in world.focus.clock.map_or(&[][..], rings) {
                body.set(name, *word);
            }
        }
        "say" => {
            body.set("ring", world.chance.chance(30));
            body.set("post", "desk");
        }
        "close" => {
            body.set("outcome", "settled");
            body.set("post", "desk");
        }
        "line-test" => body.set("set_by", "person"),
        "surge-propose" => body.set("surge_until", around()),
        _ => {}
    }
    body
}

const MEASURES: &[&str] = &["preservation", "subscriber-data", "traffic-data", "content"];

/// The words of a request by which a clock runs.
fn sets(clock: &str) -> &'static [(&'static str, &'static str)] {
    match clock {
        "P-BUD-29" | "P-BUD-16" => &[("instrument", "budapest")],
        "P-BUD-35" => &[("instrument", "budapest"), ("urgency", "emergency")],
        "P-SAP-7" => &[
            ("instrument", "budapest-2nd-protocol"),
            ("measure", "subscriber-data"),
            ("capacity", "provider"),
        ],
        "P-SAP-8" | "P-SAP-8-SUB" => &[
            ("instrument", "budapest-2nd-protocol"),
            ("measure", "subscriber-data"),
            ("capacity", "authority"),
        ],
        "P-SAP-8-TRA" => &[
            ("instrument", "budapest-2nd-protocol"),
            ("measure", "traffic-data"),
            ("capacity", "authority"),
        ],
        "P-EIO-ACK" | "P-EIO-REC" | "P-EIO-EXE" => &[("instrument", "directive-2014-41")],
        "P-EPO-REF" => {
            &[("instrument", "e-evidence"), ("capacity", "notified"), ("urgency", "normal")]
        }
        "P-EPO-REF-8" => {
            &[("instrument", "e-evidence"), ("capacity", "notified"), ("urgency", "emergency")]
        }
        "P-UN-42" => &[("instrument", "hanoi")],
        "P-HELD" => &[("instrument", "reciprocity")],
        "P-EMERGENCY" => &[("instrument", "reciprocity"), ("urgency", "emergency")],
        "P-EPO-10" => &[
            ("instrument", "e-evidence"),
            ("capacity", "provider"),
            ("measure", "content"),
            ("urgency", "normal"),
        ],
        "P-EPO-8" => &[
            ("instrument", "e-evidence"),
            ("capacity", "provider"),
            ("measure", "content"),
            ("urgency", "emergency"),
        ],
        "P-EPO-PR" => {
            &[("instrument", "e-evidence"), ("capacity", "provider"), ("measure", "preservation")]
        }
        "P-977-U1" => &[("instrument", "directive-2023-977"), ("urgency", "emergency")],
        "P-977-U2" => &[("instrument", "directive-2023-977"), ("urgency", "urgent")],
        "P-977-N" | "P-SIENA" => &[("instrument", "directive-2023-977"), ("urgency", "normal")],
        "P-DTL-48" => &[("instrument", "points-2015")],
        "P-LECD-30" => &[("instrument", "points-2015"), ("measure", "travel-papers")],
        _ => &[],
    }
}

/// The words of a call by which a clock runs.
fn rings(clock: &str) -> &'static [(&'static str, &'static str)] {
    match clock {
        "P-CALL-FLASH" | "P-CALL-FLASH-HELD" => &[("urgency", "flash")],
        "P-CALL-IMM" | "P-CALL-IMM-HELD" => &[("urgency", "immediate")],
        "P-CALL-PRIO" | "P-CALL-PRIO-HELD" => &[("urgency", "priority")],
        "P-CALL-ROUT" | "P-CALL-ROUT-HELD" => &[("urgency", "routine")],
        _ => &[],
    }
}

/// Terms by which every clock that has a limit of its own runs for minutes, hours or days.
fn short_terms(world: &World, parties: [PartyId; 2]) -> Object {
    let ids = PROFILES.iter();
    let short = ids.filter(|profile| profile.runs);
    let rows = short.map(|profile| {
        let (unit, most) =
            [("minutes", 600), ("hours", 90), ("days", 12)][world.chance.below(3) as usize];
        let drawn = (unit, 1 + world.chance.below(most));
        // What a year starts ends on a day of the next.
        let (unit, count) = if profile.start == Start::Year { ("yearly", 301) } else { drawn };
        let row = Object::default().with("id", profile.id);
        // An act names the end of some: of them only the rest can be agreed.
        let row = match profile.is_by_act() {
            true => row.with("sort", profile.sort.name()),
            false => row.with("unit", unit).with("count", count).with("rolls", false),
        };
        Value::from(otherwise(row, profile, count))
    });
    let [us, them] = parties;
    Sheet::draft([&us, &them]).with("profiles", Value::Array(rows.collect()))
}

/// Now and then a clock is agreed otherwise in more than its length: both sides have to keep it.
fn otherwise(row: Object, profile: &Profile, count: u64) -> Object {
    match count % 5 {
        1 if profile.can_stand_still() => row.with("pause", PauseRule::Never.name()),
        2 if profile.can_stand_still() => row.with("pause", PauseRule::OpenQuestion.name()),
        3 if profile.id.starts_with("P-EIO-") || profile.id == "P-SIENA" => {
            let by = Object::default().with("asked_by", Half::Answering.name());
            let by = by.with("unit", "hours").with("count", count).with("most", 1_u64);
            row.with("extension", by)
        }
        4 if profile.sort == Sort::MinimumHold => row.with("expiry", Expiry::UntilDecision.name()),
        _ => row,
    }
}

/// What its clocks came to by now, as each side sees it.
pub fn watch(world: &mut World) {
    let Some(matter) = world.plot.matter else { return };
    for seat in world.plot.pair {
        let view = world.seats[seat].node.as_ref().and_then(|node| node.matter(&matter).ok());
        if let Some(view) = view {
            clocks(world, &view);
        }
    }
}

/// Notes what became of the clocks of a matter.
pub fn clocks(world: &mut World, view: &MatterView) {
    let said = |kind: &str| view.acts.iter().any(|act| act.kind == kind);
    let extends = |act: &ActView| act.body.get("extends").and_then(Value::as_bool) == Some(true);
    let extended = [said("renew"), view.acts.iter().any(extends)];
    for timer in view.state.iter().flat_map(|state| &state.timers) {
        let lived = fates(timer, extended).into_iter().map(|fate| (timer.profile, fate));
        world.lived.extend(lived);
    }
}
