//! `figures --by-hand`: how much was asked of partners without a node, what came of it, and in what
//! time. Our own word alone. COR-8.

use super::desk::Desk;
use super::figures::{legend, length, one, period};
use super::page::table;
use super::value::Of;
use crate::speak::plain;
use counterpart_record::strict::json::Value;
use std::fmt::Write as _;

/// The columns of a correspondent, after its name.
const COLUMNS: [&str; 7] =
    ["made", "acknowledged", "answered", "partly", "refused", "open", "overdue"];

/// The page.
pub fn page(desk: &Desk, shown: Of<'_>) -> String {
    let mut out = desk.say("cli-by-hand") + "\n";
    if shown.flag("drill") {
        let _ = writeln!(out, "{}", desk.say("summary-drill"));
    }
    let _ = writeln!(out, "{}", period(desk, shown, "cli-by-hand-ever", "cli-by-hand-period"));
    let _ = writeln!(out, "{}", desk.say("cli-by-hand-own"));
    let rows: Vec<Of<'_>> = shown.list("rows").iter().map(Of::value).collect();
    if rows.is_empty() {
        let _ = writeln!(out, "\n{}", desk.say("cli-figures-none"));
        return out;
    }
    for (ours, key) in [(true, "cli-by-hand-we-asked"), (false, "cli-by-hand-they-asked")] {
        let asked = |row: &Of<'_>| (row.text("asked_by") == shown.text("own")) == ours;
        let asked: Vec<Of<'_>> = rows.iter().copied().filter(asked).collect();
        if asked.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{}", desk.say(key));
        out.push_str(&partners(desk, shown, ours));
        out.push('\n');
        asked.iter().for_each(|row| one(desk, &mut out, *row));
    }
    let _ = writeln!(out, "\n{}", legend(desk));
    out
}

/// Each correspondent on a line.
fn partners(desk: &Desk, shown: Of<'_>, ours: bool) -> String {
    let mut head = vec!["  ".to_owned()];
    head.extend(COLUMNS.map(|name| desk.say(&format!("figure-{name}"))));
    head.push(desk.say("cli-by-hand-half"));
    let mut rows = vec![head];
    for partner in shown.list("correspondents").iter().map(Of::value) {
        let of = |row: &Of<'_>| {
            let whole = matches!(row.get("stream"), Some(Value::Null));
            whole && (row.text("asked_by") == shown.text("own")) == ours
        };
        for row in partner.list("rows").iter().map(Of::value).filter(of) {
            let name = desk.name(partner.of("names"));
            let mut line = vec![format!("  {}", plain(&name))];
            line.extend(COLUMNS.map(|name| row.of("counts").count(name).to_string()));
            let waits = row.list("waits").iter().map(Of::value);
            let mut answer = waits.filter(|wait| wait.text("until") == "answer");
            line.push(length(desk, answer.next().and_then(|wait| wait.number("median"))));
            rows.push(line);
        }
    }
    table(&rows)
}
