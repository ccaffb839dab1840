//! What may be erased, what must be, and what somebody here holds back.

use super::desk::{Answer, Desk, Door};
use super::operate_args::{EraseArgs, RetainArgs};
use super::page::table;
use super::value::{Of, short};
use crate::register;
use crate::speak::{Exit, plain};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;

/// `retain`.
pub fn retain(desk: &Desk, args: &RetainArgs) -> Result<Answer> {
    let Some(matter) = &args.matter else { return held(desk) };
    let mut asked = Object::default().with("matter", matter.as_str());
    if args.lift {
        asked.set("lift", true);
    } else {
        let until = args.until.as_deref().unwrap_or_default();
        let until = clock::instant(until).ok_or_else(|| Code::ArgumentWrong.at("--until"))?;
        let why = args.why.as_deref().map(str::trim).filter(|why| !why.is_empty());
        let why = why.ok_or_else(|| Code::ArgumentWrong.at("--why"))?;
        asked.set("until", until);
        asked.set("why", why);
    }
    desk.tell("retain", asked, |done| {
        let matter = short(done.text("matter"));
        let said = match done.number("until") {
            None => desk.say_with("cli-retain-lifted", &[("matter", matter)]),
            Some(until) => {
                let at = clock::shown(until);
                desk.say_with("cli-retain-set", &[("matter", matter), ("at", &at)])
            }
        };
        format!("{said}\n")
    })
}

fn held(desk: &Desk) -> Result<Answer> {
    desk.tell("retention", Object::default(), |shown| {
        let rows: Vec<Vec<String>> = shown
            .list("holds")
            .iter()
            .map(Of::value)
            .map(|hold| {
                let until = clock::shown(hold.count("until"));
                let until = desk.say_with("cli-retention-held", &[("at", &until)]);
                vec![short(hold.text("matter")).to_owned(), until, plain(hold.text("why"))]
            })
            .collect();
        if rows.is_empty() { desk.say("cli-retain-none") + "\n" } else { table(&rows) }
    })
}

/// `erase`: one matter, or with `--due` all whose time has come.
pub fn erase(desk: &Desk, args: &EraseArgs) -> Result<Answer> {
    let Some(matter) = &args.matter else { return due(desk, args) };
    if !args.yes {
        return Err(Code::ArgumentWrong.at(desk.say("cli-erase-confirm")));
    }
    desk.tell("erase", Object::default().with("matter", matter.as_str()), |erased| {
        let (matter, count) = (erased.text("matter"), erased.count("erased").to_string());
        let mut said = desk.say_with("cli-erase-done", &[("matter", matter), ("count", &count)]);
        if erased.count("at_home") > 0 {
            let count = erased.count("at_home").to_string();
            said += &format!("\n{}", desk.say_with("home-erased", &[("count", &count)]));
        }
        format!("{said}\n{}{}\n", older(desk), desk.say("cli-erased-rest"))
    })
}

/// How many backups from before still hold what was erased.
fn older(desk: &Desk) -> String {
    let all = register::list(&desk.home).unwrap_or_default();
    let still = all.iter().filter(|kept| kept.forgotten_at.is_none()).count();
    if still == 0 {
        return String::new();
    }
    format!("{}\n", desk.say_with("cli-erased-backups", &[("count", &still.to_string())]))
}

/// One after the other, each with its act; what cannot be erased now is named and left.
fn due(desk: &Desk, args: &EraseArgs) -> Result<Answer> {
    let mut door = desk.door()?;
    let mut asked = Object::default();
    if args.clock_is_right {
        asked.set("clock_is_right", true);
    }
    let mut value = door.call("retention", asked)?;
    while Of::value(&value).count("unread") > 0 {
        value = door.call("retention", Object::default())?;
    }
    let all = Of::value(&value).list("kept").iter().map(Of::value);
    let word = if args.may { "may" } else { "must" };
    let due: Vec<Of<'_>> = all.filter(|one| one.flag(word)).collect();
    let mut done: Vec<(Of<'_>, Result<Value>)> = Vec::new();
    if args.yes {
        for one in &due {
            let asked = Object::default().with("matter", one.text("matter"));
            done.push((*one, door.call("erase", asked)));
        }
    }
    let failed = done.iter().any(|(_, outcome)| outcome.is_err());
    let exit = if failed { Exit::Refused } else { Exit::Done };
    if desk.json {
        let list = due.iter().map(|one| Value::from(one.text("matter")));
        let erased = done.iter().filter_map(|(_, outcome)| outcome.as_ref().ok().cloned());
        let left = done.iter().filter_map(|(one, outcome)| {
            let fault = outcome.as_ref().err()?;
            let out = Object::default().with("matter", one.text("matter"));
            Some(Value::from(out.with("fault", crate::problem::object(fault))))
        });
        let out = Object::default().with("due", Value::Array(list.collect()));
        let out = out.with("erased", Value::Array(erased.collect()));
        let out = out.with("left", Value::Array(left.collect()));
        let clock = value.as_object().and_then(|value| value.get("clock")).cloned();
        let out = out.with("clock", clock.unwrap_or(Value::Null));
        return Ok(Answer { exit, ..Answer::json(&out.into()) });
    }
    let leap = leapt(desk, Of::value(&value));
    if due.is_empty() {
        return Ok(Answer::done(format!("{leap}{}\n", desk.say("cli-erase-none"))));
    }
    if !args.yes {
        let rows: Vec<Vec<String>> = due.iter().map(|one| row(desk, *one)).collect();
        let yes = desk.say("cli-erase-due-yes");
        return Ok(Answer::done(format!("{leap}{}\n{yes}\n", table(&rows))));
    }
    let mut out = leap;
    out.extend(done.iter().map(|(one, outcome)| told(desk, *one, outcome)));
    out.push_str(&format!("{}{}\n", older(desk), desk.say("cli-erased-rest")));
    Ok(Answer { exit, text: out })
}

/// What to do where the clock jumped ahead. RET-9
fn leapt(desk: &Desk, value: Of<'_>) -> String {
    let clock = value.of("clock");
    let Some(shows) = clock.number("shows") else { return String::new() };
    let (shows, seen) = (clock::shown(shows), clock::shown(clock.count("vouched")));
    desk.say_with("cli-erase-leap", &[("shows", &shows), ("seen", &seen)]) + "\n"
}

fn told(desk: &Desk, one: Of<'_>, outcome: &Result<Value>) -> String {
    let matter = short(one.text("matter"));
    match outcome {
        Ok(erased) => {
            let count = Of::value(erased).count("erased").to_string();
            desk.say_with("cli-erase-done", &[("matter", matter), ("count", &count)]) + "\n"
        }
        Err(Fault { code, at }) => {
            let what = desk.say_with(&format!("fault-{}", code.name()), &[("at", at)]);
            format!("{matter}: {what}\n")
        }
    }
}

/// What may be erased and what must be, for the list of what is due. Empty without a period.
pub fn section(desk: &Desk, door: &mut Door) -> Result<String> {
    let value = door.call("retention", Object::default())?;
    let all = Of::value(&value).list("kept").iter().map(Of::value);
    let rows: Vec<Vec<String>> = all.map(|one| row(desk, one)).collect();
    if rows.is_empty() {
        return Ok(String::new());
    }
    Ok(format!("\n{}\n{}", desk.say("cli-retention"), table(&rows)))
}

/// One line for the start screen. Empty if nothing waits.
pub fn first(desk: &Desk, door: &mut Door) -> Result<String> {
    let value = door.call("retention", Object::default())?;
    let all: Vec<Of<'_>> = Of::value(&value).list("kept").iter().map(Of::value).collect();
    let count = |word: &str| all.iter().filter(|one| one.flag(word)).count();
    let leap = leapt(desk, Of::value(&value));
    let unread = Of::value(&value).count("unread").to_string();
    let more = match &*unread {
        "0" => String::new(),
        _ => desk.say_with("cli-stand-retention-more", &[("count", &unread)]) + "\n",
    };
    if count("may") == 0 {
        let gap = if leap.is_empty() && more.is_empty() { "" } else { "\n" };
        return Ok(format!("{gap}{leap}{more}"));
    }
    let (may, must) = (count("may").to_string(), count("must").to_string());
    let said = desk.say_with("cli-stand-retention", &[("count", &may), ("must", &must)]);
    Ok(format!("\n{leap}{said}\n{more}"))
}

fn row(desk: &Desk, one: Of<'_>) -> Vec<String> {
    let held = one.number("held_until").filter(|_| !one.flag("may"));
    let (key, at) = match held {
        Some(until) => ("cli-retention-held", until),
        None if one.flag("must") => ("cli-retention-must-since", one.count("must_at")),
        None => ("cli-retention-must", one.count("must_at")),
    };
    let may = clock::shown(one.count("may_at"));
    vec![
        short(one.text("matter")).to_owned(),
        desk.name(one.of("peer_names")),
        plain(one.text("stream")),
        desk.say_with("cli-retention-may", &[("at", &may)]),
        desk.say_with(key, &[("at", &clock::shown(at))]),
    ]
}
