//! `due` and `calendar`: what must be done by when, across all matters.

use super::desk::{Answer, Desk, path_argument};
use super::keep;
use super::page::table;
use super::party::next;
use super::show::{marks, more};
use super::value::{Of, short};
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock::{self, Zone};
use counterpart_rules::say::{Places, deadline, duration, now_at};
use std::path::Path;

/// `due`.
pub fn due(desk: &Desk, ours: bool, limit: u32) -> Result<Answer> {
    // One more than is shown, to know whether there are more.
    let most = u64::from(limit).saturating_add(1);
    let asked = Object::default().with("ours", ours).with("limit", most);
    let mut door = desk.door()?;
    let value = door.call("due", asked)?;
    let all = value.as_array().unwrap_or_default();
    let list = &all[..all.len().min(limit as usize)];
    if desk.json {
        return Ok(Answer::json(&Value::Array(list.to_vec())));
    }
    let texts = keep::section(desk, &mut door)?;
    let Some(first) = list.first() else {
        let none = desk.say("cli-due-none");
        return Ok(Answer::done(format!("{none}\n{texts}{}", next(desk, &["matter list"]))));
    };
    let rows: Vec<Vec<String>> = list.iter().map(|one| row(desk, Of::value(one))).collect();
    let show = format!("matter show {}", short(Of::value(first).text("matter")));
    let mut out = table(&rows);
    if list.len() < all.len() {
        out.push_str(&more(desk, list.len(), "due", limit));
    }
    let now = now(desk, list);
    Ok(Answer::done(format!("{out}{now}{texts}{}", next(desk, &[&show]))))
}

/// Where the two sides are, as an operation tells it.
pub fn places(of: Of<'_>, peer: &str) -> Places {
    let zone = |side: &str| Zone::named(of.of("zones").text(side));
    Places { here: zone("ours"), there: zone("theirs"), peer: peer.to_owned() }
}

/// What o'clock it is with everybody in a queue: by the calendar that all go by, or if there is
/// nothing else in it, by that of exercises.
fn now(desk: &Desk, list: &[Value]) -> String {
    let zoned = || list.iter().map(Of::value).filter(|row| row.of("zones").object().is_some());
    let drill = zoned().all(|row| row.flag("drill"));
    let rows = || zoned().filter(|row| row.flag("drill") == drill);
    let all: Vec<Places> =
        rows().map(|row| places(row, &desk.name(row.of("peer_names")))).collect();
    let as_of = rows().map(|row| row.count("as_of")).next().unwrap_or(0);
    now_at(desk.lang, &all, as_of).map_or(String::new(), |line| format!("\n{line}\n"))
}

/// `due --since`: the marks that clocks which concern us have passed.
pub fn since(desk: &Desk, time: &str, drill: bool) -> Result<Answer> {
    let since = clock::instant(time).or_else(|| time.parse().ok());
    let since = since.ok_or_else(|| {
        Code::ArgumentWrong.at("--since: a time, such as 2030-06-14T09:00:00+08:00")
    })?;
    let asked = Object::default().with("since", since).with("drill", drill);
    let value = desk.door()?.call("warnings", asked)?;
    if desk.json {
        return Ok(Answer::json(&value));
    }
    let told = Of::value(&value);
    let rows: Vec<Vec<String>> =
        told.list("warnings").iter().map(|one| marked(desk, one)).collect();
    if rows.is_empty() {
        return Ok(Answer::done(format!("{}\n", desk.say("cli-due-none"))));
    }
    Ok(Answer::done(table(&rows)))
}

/// A mark on one line: when it was passed, how much is used up, of which clock.
pub fn marked(desk: &Desk, warning: &Value) -> Vec<String> {
    let warning = Of::value(warning);
    let mark = warning.count("mark").to_string();
    let key = match &*mark {
        "0" => "cli-stand-at-once",
        "100" => "cli-stand-over",
        _ => "cli-stand-mark",
    };
    let mut row = row(desk, warning);
    row.truncate(6);
    row.insert(0, clock::shown(warning.count("at")));
    row.insert(1, desk.say_with(key, &[("mark", &mark)]));
    row
}

/// One clock on one line: time left first, since by that the queue is sorted behind what is to be
/// done at once.
pub fn row(desk: &Desk, due: Of<'_>) -> Vec<String> {
    // The partner stands in the same row.
    let at = places(due, "").beside(desk.lang, due.count("due"));
    let drill = marks(desk, due);
    let what = match due.number("task") {
        // HOM-3: beside the clocks, and never taken for one of them.
        Some(task) => {
            let args = [("task", &*task.to_string()), ("text", due.text("text"))];
            desk.say_with("home-task", &args)
        }
        None => {
            let length = due.of("length");
            let length = length.object().map(|_| (length.text("unit"), length.count("count")));
            deadline(desk.lang, due.text("profile"), length, due.number("year"))
        }
    };
    vec![
        left(desk, due),
        at,
        short(due.text("matter")).to_owned(),
        drill,
        desk.name(due.of("peer_names")),
        what,
        whose(desk, due),
        mark(desk, due),
    ]
}

/// How much time is left, or by how much it is over.
pub fn left(desk: &Desk, due: Of<'_>) -> String {
    let left = due.get("left").and_then(Value::as_int).unwrap_or(0);
    let by = duration(desk.lang, left.unsigned_abs());
    let key = match (due.flag("paused"), left < 0, due.text("sort")) {
        _ if due.of("length").text("unit") == "at-once" => "cli-due-at-once",
        (true, ..) => "cli-due-paused",
        (_, true, "minimum-hold") => "cli-due-hold-ended",
        (_, true, _) => "cli-due-over",
        _ => "cli-due-left",
    };
    desk.say_with(key, &[("by", &by)])
}

fn whose(desk: &Desk, due: Of<'_>) -> String {
    let asked = due.number("asked_until").map(clock::shown);
    if let Some(at) = asked.filter(|_| due.text("sort") == "minimum-hold") {
        let key = if due.flag("held_for_us") { "cli-due-renewing" } else { "cli-due-keep-longer" };
        return desk.say_with(key, &[("at", &at)]);
    }
    let key = match (due.text("sort"), due.flag("ours"), due.flag("held_for_us")) {
        _ if due.number("task").is_some() => "home-due",
        ("minimum-hold", _, true) if due.flag("let_go") => "cli-due-let-go",
        ("minimum-hold", ..) if due.flag("let_go") => "cli-due-let-go-unheeded",
        ("minimum-hold", _, true) if due.flag("lapsed") => "cli-due-lapsed-renew",
        ("minimum-hold", ..) if due.flag("lapsed") => "cli-due-lapsed-keep",
        ("minimum-hold", _, true) => "cli-due-renew",
        ("minimum-hold", ..) => "cli-due-keep",
        ("own-reminder", ..) => "cli-due-own",
        ("service-goal", true, _) => "cli-due-aim",
        ("service-goal", false, _) => "cli-due-aim-theirs",
        (_, true, _) => "cli-due-ours",
        _ => "cli-due-theirs",
    };
    desk.say(key)
}

/// How much of it is used up, from the first mark on.
fn mark(desk: &Desk, due: Of<'_>) -> String {
    match due.count("level") {
        0 => String::new(),
        _ if due.flag("overdue") => String::new(),
        level => desk.say_with("cli-due-level", &[("level", &level.to_string())]),
    }
}

/// `calendar`.
pub fn calendar(desk: &Desk, file: &Path) -> Result<Answer> {
    let args = Object::default().with("file", path_argument(file)?);
    desk.tell("calendar", args, |made| {
        let count = made.count("events").to_string();
        let said = [("file", made.text("file")), ("count", &*count)];
        desk.say_with("cli-calendar", &said) + "\n"
    })
}
