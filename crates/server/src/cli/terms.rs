//! `terms`: what two sides agreed about their channel, and how they come to it.

use super::channel_args::{OfChannel, TermsCommand};
use super::desk::{Answer, Desk};
use super::page::table;
use super::party::next;
use super::value::{Of, short};
use crate::durable;
use counterpart_record::fault::Result;
use counterpart_record::limits;
use counterpart_record::strict::json::{self, Object};
use counterpart_rules::clock;

/// `terms`.
pub fn terms(desk: &Desk, what: &TermsCommand) -> Result<Answer> {
    match what {
        TermsCommand::Show { of, write } => {
            let mut door = desk.door()?;
            let value = door.call("terms.show", channel(desk, of))?;
            let shown = Of::value(&value);
            if let Some(file) = write {
                let draft = shown.of("draft").object().cloned().unwrap_or_default();
                durable::create(file, pretty(&draft).as_bytes())?;
            }
            if desk.json {
                return Ok(Answer::json(&value));
            }
            Ok(Answer::done(page(desk, shown)))
        }
        TermsCommand::Propose { file, of, text } => {
            let bytes = durable::read(file, limits::STATEMENT_BYTES)?;
            let sheet = json::parse_object(&bytes)
                .map_err(|fault| fault.within(&file.display().to_string()))?;
            act(desk, "terms.propose", channel(desk, of).with("sheet", sheet), text.as_deref())
        }
        TermsCommand::Accept { of, text } => {
            act(desk, "terms.accept", channel(desk, of), text.as_deref())
        }
        TermsCommand::Decline { of, text } => {
            act(desk, "terms.decline", channel(desk, of), text.as_deref())
        }
    }
}

fn channel(desk: &Desk, of: &OfChannel) -> Object {
    let mut args = Object::default().with("lang", desk.lang.tag());
    if let Some(peer) = &of.peer {
        args.set("peer", peer.as_str());
    }
    if of.drill {
        args.set("drill", true);
    }
    args
}

fn act(desk: &Desk, op: &str, mut args: Object, text: Option<&str>) -> Result<Answer> {
    if let Some(text) = text {
        args.set("text", text);
    }
    desk.tell(op, args, |logged| {
        let (matter, at) = (short(logged.text("matter")), clock::shown(logged.count("logged_at")));
        let said = desk.say_with("cli-terms-logged", &[("matter", matter), ("at", &at)]);
        format!("{said}\n{}", next(desk, &["terms show", &format!("matter show {matter}")]))
    })
}

fn page(desk: &Desk, shown: Of<'_>) -> String {
    let mut out = match shown.text("in_force") {
        "" => desk.say("cli-terms-none") + "\n",
        id => desk.say_with("cli-terms-in-force", &[("id", short(id))]) + "\n",
    };
    out.push_str(&sheet(desk, shown.of("sheet")));
    let mut steps = Vec::new();
    for (whose, key) in [("ours", "cli-terms-ours"), ("theirs", "cli-terms-theirs")] {
        let proposal = shown.of(whose);
        if proposal.text("id").is_empty() {
            continue;
        }
        let said = desk.say_with(key, &[("id", short(proposal.text("id")))]);
        out.push_str(&format!("\n{said}\n{}", sheet(desk, proposal.of("sheet"))));
        for doubt in proposal.texts("doubts") {
            out.push_str(&format!("  {}\n", desk.say_with("cli-terms-doubt", &[("what", doubt)])));
        }
        if whose == "theirs" {
            steps = vec!["terms accept", "terms decline"];
        }
    }
    if steps.is_empty() {
        steps = vec!["terms show --write terms.json", "terms propose terms.json"];
    }
    out + &next(desk, &steps)
}

/// A sheet as a person reads it; nothing for none.
fn sheet(desk: &Desk, sheet: Of<'_>) -> String {
    let mut rows = vec![];
    let mut row = |key: &str, text: String| rows.push(vec![format!("  {}", desk.say(key)), text]);
    if sheet.text("tz").is_empty() {
        return String::new();
    }
    row("cli-terms-tz", sheet.text("tz").to_owned());
    for side in sheet.list("sides").iter().map(Of::value) {
        let week: Vec<&str> = side.list("week").iter().filter_map(day).collect();
        let days = desk.say_with(
            "cli-terms-side",
            &[
                ("zone", side.text("zone")),
                ("week", &week.join(" ")),
                ("holidays", &side.list("holidays").len().to_string()),
                ("worked", &side.list("worked").len().to_string()),
            ],
        );
        rows.push(vec![format!("  {}", short(side.text("party"))), days]);
        for one in side.list("instruments").iter().map(Of::value) {
            let name = desk.say(&format!("choice-instrument-{}", one.text("name")));
            let said = [("name", &*name), ("from", one.text("from"))];
            rows.push(vec![String::new(), desk.say_with("cli-terms-bound", &said)]);
        }
    }
    for one in sheet.list("profiles").iter().map(Of::value) {
        let unit = desk.say_with(
            &format!("clock-unit-{}", one.text("unit")),
            &[("count", &one.count("count").to_string())],
        );
        rows.push(vec![format!("  {}", one.text("id")), unit]);
    }
    for one in sheet.list("streams").iter().map(Of::value) {
        let sharing = desk.say(&format!("terms-sharing-{}", one.text("sharing")));
        rows.push(vec![format!("  {}", one.text("name")), sharing]);
    }
    table(&rows)
}

/// ISO 8601 numbers of the days; every reader of either language knows them.
fn day(day: &json::Value) -> Option<&'static str> {
    let names = ["1", "2", "3", "4", "5", "6", "7"];
    day.as_int().and_then(|day| names.get(usize::try_from(day - 1).ok()?).copied())
}

/// JSON that a person edits: one member or element on a line, down to lists of plain values.
fn pretty(sheet: &Object) -> String {
    let mut out = String::from("{\n");
    for (i, (name, value)) in sheet.0.iter().enumerate() {
        let end = if i + 1 < sheet.0.len() { ",\n" } else { "\n" };
        match value.as_array() {
            Some(items) if !items.is_empty() => {
                let rows: Vec<String> = items.iter().map(|item| item.to_text()).collect();
                out.push_str(&format!("  \"{name}\": [\n    {}\n  ]{end}", rows.join(",\n    ")));
            }
            _ => out.push_str(&format!("  \"{name}\": {}{end}", value.to_text())),
        }
    }
    out + "}\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_for_an_editor_is_the_same_sheet() {
        let sheet = json::parse_object(br#"{"v":1,"sides":[{"a":[1]},{"a":[]}],"p":[]}"#).unwrap();
        assert_eq!(json::parse_object(pretty(&sheet).as_bytes()).unwrap(), sheet);
        assert!(pretty(&sheet).lines().count() > 5);
    }
}
