//! `note`, `owner`, `task`, and the part of a matter's page that stays here.

use super::acts::indented;
use super::desk::{Answer, Desk};
use super::due;
use super::home_args::{NoteCommand, OwnerArgs, TaskCommand};
use super::page::{table, terminal_width};
use super::party::next;
use super::value::{Of, short};
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::Object;
use counterpart_rules::clock;

/// `note`.
pub fn note(desk: &Desk, what: &NoteCommand) -> Result<Answer> {
    match what {
        NoteCommand::Add { matter, text, by } => {
            let mut args = of(matter).with("text", text.as_str());
            if let Some(by) = by {
                args.set("by", by.as_str());
            }
            desk.tell("note.add", args, |note| {
                let matter = short(note.text("matter"));
                let said = desk.say_with("home-noted", &[("matter", matter)]);
                format!("{said}\n{}", next(desk, &[&format!("matter show {matter}")]))
            })
        }
        NoteCommand::List { matter, limit } => {
            let args = of(matter).with("limit", u64::from(*limit));
            desk.tell("note.list", args, |notes| {
                let mut out = desk.say("home-stays") + "\n";
                out += &lines(desk, notes);
                if notes.list("notes").is_empty() {
                    out += &format!("  {}\n", desk.say("home-notes-none"));
                }
                out
            })
        }
    }
}

/// `owner`.
pub fn owner(desk: &Desk, asked: &OwnerArgs) -> Result<Answer> {
    let mut args = of(&asked.matter);
    if let Some(name) = &asked.name {
        args.set("name", name.as_str());
    }
    if asked.nobody {
        args.set("nobody", true);
    }
    desk.tell("owner", args, |owned| {
        let matter = short(owned.text("matter"));
        let said = match owned.text("owner") {
            "" => desk.say_with("home-owner-nobody", &[("matter", matter)]),
            name => desk.say_with("home-owner-of", &[("matter", matter), ("name", name)]),
        };
        said + "\n"
    })
}

/// `task`.
pub fn task(desk: &Desk, what: &TaskCommand) -> Result<Answer> {
    match what {
        TaskCommand::Add { matter, text, due, within } => {
            let mut args = of(matter).with("text", text.as_str());
            if let Some(due) = due {
                let wrong = || Code::ArgumentWrong.at(format!("--due {due:?}"));
                args.set("due", clock::instant(due).ok_or_else(wrong)?);
            }
            if let Some(within) = within {
                let wrong = || Code::ArgumentWrong.at(format!("--in {within:?}"));
                args.set("within", length(within).ok_or_else(wrong)?);
            }
            desk.tell("task.add", args, |task| {
                let number = task.count("task").to_string();
                let said = match task.number("due") {
                    Some(due) => {
                        let args = [("task", &*number), ("at", &clock::shown(due))];
                        desk.say_with("home-task-set", &args)
                    }
                    None => desk.say_with("home-task-set-open", &[("task", &number)]),
                };
                format!("{said}\n{}", next(desk, &[&format!("task done {number}")]))
            })
        }
        TaskCommand::Done { task } => {
            let args = Object::default().with("task", u64::from(*task));
            desk.tell("task.done", args, |task| {
                let at = clock::shown(task.count("done_at"));
                let number = task.count("task").to_string();
                desk.say_with("home-task-done", &[("task", &number), ("at", &at)]) + "\n"
            })
        }
        TaskCommand::List { matter, all } => {
            let mut args = Object::default().with("all", *all);
            if let Some(matter) = matter {
                args.set("matter", matter.as_str());
            }
            let value = desk.door()?.call("task.list", args)?;
            if desk.json {
                return Ok(Answer::json(&value));
            }
            let list = value.as_array().unwrap_or_default();
            let rows: Vec<_> = list.iter().map(|one| row(desk, Of::value(one))).collect();
            let none = format!("{}\n", desk.say("home-tasks-none"));
            Ok(Answer::done(if rows.is_empty() { none } else { table(&rows) }))
        }
    }
}

fn of(matter: &str) -> Object {
    Object::default().with("matter", matter)
}

/// `30min`, `2h`, `3d` in seconds; hours and days of fixed length, as on a kitchen clock. CLK-10.
fn length(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at(digits);
    let unit = match unit {
        "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    count.parse::<u64>().ok()?.checked_mul(unit).filter(|seconds| *seconds > 0)
}

/// A task on one line.
fn row(desk: &Desk, task: Of<'_>) -> Vec<String> {
    let drill = if task.flag("drill") { desk.say("cli-drill") } else { String::new() };
    let number = task.count("task").to_string();
    let (left, at) = match (task.number("done_at"), task.number("due")) {
        (Some(done), _) => (desk.say("home-done"), clock::shown(done)),
        (None, Some(due)) => (due::left(desk, task), clock::shown(due)),
        (None, None) => (desk.say("home-no-time"), String::new()),
    };
    let what = desk.say_with("home-task", &[("task", &number), ("text", task.text("text"))]);
    vec![left, at, short(task.text("matter")).to_owned(), drill, what]
}

/// What stays here of a matter: nothing if nothing does, so that a page without notes is what it
/// was.
pub fn section(desk: &Desk, home: Of<'_>) -> String {
    let title = format!("\n── {} ──\n", desk.say("home-stays"));
    if !home.text("fault").is_empty() {
        return format!("{title}  {}\n", desk.say("home-unreadable"));
    }
    let (owner, tasks) = (home.text("owner"), home.list("tasks"));
    let same: Vec<&str> = home.texts("same_as").into_iter().map(short).collect();
    let few = owner.is_empty() && tasks.is_empty() && same.is_empty();
    if few && home.list("notes").is_empty() {
        return String::new();
    }
    let mut out = title;
    if !owner.is_empty() {
        out += &format!("  {}\n", desk.say_with("home-owner", &[("name", owner)]));
    }
    if !same.is_empty() {
        out += &format!("  {}\n", desk.say_with("same-as", &[("matters", &same.join(", "))]));
    }
    let rows = tasks.iter().map(|task| {
        let mut row = row(desk, Of::value(task));
        // The matter is the one that the page is about.
        row.remove(2);
        row[0] = format!("  {}", row[0]);
        row
    });
    out += &table(&rows.collect::<Vec<_>>());
    out + &lines(desk, home)
}

/// Notes, each with its time, and how many older ones there are.
fn lines(desk: &Desk, home: Of<'_>) -> String {
    let mut out = String::new();
    let (notes, width) = (home.list("notes"), terminal_width());
    let older = home.count("count").saturating_sub(notes.len() as u64);
    if older > 0 {
        let older = desk.say_with("home-notes-older", &[("count", &older.to_string())]);
        out += &format!("  {older}\n");
    }
    for note in notes {
        let note = Of::value(note);
        let at = clock::shown(note.count("at"));
        let by = note.text("by");
        let head = if by.is_empty() { at } else { format!("{at}  {by}") };
        let body = format!("{head}\n{}", note.text("text"));
        let mut indent = 2;
        for line in body.lines() {
            out += &(indented(line, indent, width).join("\n") + "\n");
            indent = 4;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_a_number_and_its_unit() {
        for (text, seconds) in [("30min", 1_800), ("2h", 7_200), ("3d", 259_200)] {
            assert_eq!(length(text), Some(seconds), "{text}");
        }
        let wrong = ["", "h", "0h", "2", "2 h", "-1d", "2w", "1.5h", "99999999999999999999d"];
        assert!(wrong.iter().all(|text| length(text).is_none()));
    }
}
