//! What is due: one queue across all matters, and the same as a calendar.

use super::{Names, Step, home, number, ring, terms, text};
use crate::durable;
use counterpart_engine::Node;
use counterpart_engine::due::{Due, Warning};
use counterpart_record::fault::Result;
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::act::Half;
use counterpart_rules::clock::{Event, Timer, Verdict, calendar};
use std::collections::BTreeSet;
use std::path::Path;

/// Reminded when so much of a clock is used up.
const ALARM: u8 = 80;

/// The clocks that run and the tasks at home that have a time, at most `limit`: what is to be done
/// at once, then what has the least time left; with `ours`, those that concern us. CLK-30
pub fn due(node: &mut Node, args: &Object) -> Result<Step> {
    let ours = args.get("ours").and_then(Value::as_bool).unwrap_or(false);
    let limit = usize::try_from(number(args, "limit", u64::MAX)?).unwrap_or(usize::MAX);
    let due = node.due(ours, limit)?;
    let names = Names::of(node);
    let clocks = due.iter().map(|due| (!due.timer.at_once(), row(node, &names, due)));
    let tasks = home::due(node, &names).into_iter().map(|task| (true, task));
    let mut rows: Vec<(bool, Object)> = clocks.chain(tasks).collect();
    rows.sort_by_key(|(can_wait, row)| (*can_wait, row.get("left").and_then(Value::as_int)));
    rows.truncate(limit);
    Ok(Step::Done(Value::Array(rows.into_iter().map(|(_, row)| row.into()).collect())))
}

/// The marks that clocks which concern us passed after `since`, in seconds (UTC), the newest first;
/// of each clock the last one. With `drill` those of exercises, which have a calendar of their own.
pub fn warnings(node: &mut Node, args: &Object) -> Result<Step> {
    let since = number(args, "since", 0)?;
    let ring = ring(args);
    let mut warnings = node.warnings(ring, since)?;
    warnings.retain(|warning| warning.due.concerns_us() && !warning.due.timer.paused);
    warnings.reverse();
    // Several years may be owed in one channel.
    let clock = |warning: &Warning| {
        let timer = &warning.due.timer;
        (warning.due.matter, timer.profile, timer.started_at)
    };
    let mut seen = BTreeSet::new();
    warnings.retain(|warning| seen.insert(clock(warning)));
    let names = Names::of(node);
    let rows = warnings.iter().map(|warning| {
        let row = row(node, &names, &warning.due).with("mark", u64::from(warning.mark));
        Value::from(row.with("at", warning.at))
    });
    let out = Object::default().with("as_of", node.now(ring));
    Ok(Step::Done(out.with("warnings", Value::Array(rows.collect())).into()))
}

fn row(node: &Node, names: &Names<'_>, due: &Due) -> Object {
    let left = due.left();
    let mut out = Object::default()
        .with("matter", due.matter.to_string())
        .with("peer", due.peer.to_string())
        .with("peer_names", names.peer(&due.peer))
        .with("drill", due.ring.is_drill())
        .with("stream", due.stream.as_str())
        .with("stage", due.stage)
        .with("mine", due.mine)
        .with("one_sided", node.correspondent(&due.peer).is_some())
        .with("ours", due.ours)
        .with("held_for_us", due.held_for_us)
        .with("as_of", due.as_of)
        .with("zones", terms::zones(node, &due.peer, due.ring))
        .with("left", left);
    out.0.extend(timer(&due.timer).0);
    out
}

/// A clock as JSON.
pub fn timer(timer: &Timer) -> Object {
    let stood = |half: Half| timer.stood.iter().find(|(by, _)| *by == half).map_or(0, |one| one.1);
    let verdict = match timer.verdict {
        None => Value::Null,
        Some(Verdict::InTime) => "in-time".into(),
        Some(Verdict::Late(_)) => "late".into(),
        Some(Verdict::Contested) => "contested".into(),
    };
    let late = if let Some(Verdict::Late(by)) = timer.verdict { by } else { 0 };
    let length = timer.length.counted().map_or(Value::Null, |(unit, count)| {
        Object::default().with("unit", unit).with("count", u64::from(count)).into()
    });
    Object::default()
        .with("profile", timer.profile)
        .with("sort", timer.sort.name())
        .with("length", length)
        .with("year", timer.year().map_or(Value::Null, |year| u64::from(year).into()))
        .with("who", timer.who.name())
        .with("started_at", timer.started_at)
        .with("limit", timer.limit)
        .with("due", timer.due)
        .with("paused", timer.paused)
        .with("paused_by_asking", stood(Half::Asking))
        .with("paused_by_answering", stood(Half::Answering))
        .with("level", u64::from(timer.level))
        .with("overdue", timer.overdue)
        .with("asked_until", timer.asked_until.map_or(Value::Null, Value::from))
        .with("lapsed", timer.lapsed)
        .with("let_go", timer.let_go)
        .with("stopped_at", timer.stopped_at.map_or(Value::Null, Value::from))
        .with("verdict", verdict)
        .with("late_by", late)
}

/// Writes what concerns us into a new file as a calendar: times, digits of matters, names of
/// profiles, numbers of tasks. Exercises stay out of it. CLK-32, HOM-3.
pub fn export(node: &mut Node, args: &Object) -> Result<Step> {
    let path = Path::new(text(args, "file")?);
    let due = node.due(true, usize::MAX)?;
    let live = due.iter().filter(|due| due.ring == Ring::Live);
    let as_of = node.now(Ring::Live);
    let tasks = home::open(node).into_iter().filter(|task| !task.drill);
    let tasks = tasks.filter_map(|task| {
        let due = task.due?;
        let alarm = task.made_at + due.saturating_sub(task.made_at) / 100 * u64::from(ALARM);
        let alarm = (alarm > as_of).then_some(alarm);
        Some(Event::of_task(task.number, task.made_at, due, alarm))
    });
    let events: Vec<Event> = live.map(event).chain(tasks).collect();
    durable::create(path, calendar(&events, as_of).as_bytes())?;
    let out = Object::default().with("file", path.display().to_string());
    Ok(Step::Done(out.with("events", events.len() as u64).into()))
}

fn event(due: &Due) -> Event {
    let alarm = due.timer.mark_at(ALARM, due.as_of);
    let alarm = (alarm > due.as_of).then_some(alarm);
    Event::of_clock(&due.matter.to_string(), &due.timer, alarm)
}
