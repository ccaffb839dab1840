//! `terms`: what two sides agreed about their channel, and how they come to it.

use super::acts::indented;
use super::basis;
use super::channel_args::{OfChannel, TermsCommand};
use super::desk::{Answer, Desk, quoted};
use super::page::terminal_width;
use super::party::{file_word, next};
use super::told;
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
            let wrote = write.as_ref().map(|file| file_word(file)).transpose()?;
            Ok(Answer::done(page(desk, shown, wrote)))
        }
        TermsCommand::Propose { file, of, text } => {
            let bytes = durable::read_named(file, limits::STATEMENT_BYTES)?;
            let sheet = json::parse_object(&bytes)
                .map_err(|fault| fault.within(&file.display().to_string()))?;
            act(desk, "terms.propose", of, (Some(sheet), text.as_deref()))
        }
        TermsCommand::Accept { of, text } => act(desk, "terms.accept", of, (None, text.as_deref())),
        TermsCommand::Decline { of, text } => {
            act(desk, "terms.decline", of, (None, text.as_deref()))
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

fn act(
    desk: &Desk,
    op: &str,
    of: &OfChannel,
    (sheet, text): (Option<Object>, Option<&str>),
) -> Result<Answer> {
    let mut args = channel(desk, of);
    if let Some(sheet) = sheet {
        args.set("sheet", sheet);
    }
    if let Some(text) = text {
        args.set("text", text);
    }
    // The channel as it was named here, so that the next command is about the same one.
    let mut show = "terms show".to_owned();
    if let Some(peer) = &of.peer {
        show.push_str(&format!(" {}", quoted(peer)));
    }
    show.push_str(if of.drill { " --drill" } else { "" });
    desk.tell(op, args, |logged| {
        let (matter, at) = (short(logged.text("matter")), clock::shown(logged.count("logged_at")));
        let said = desk.say_with("cli-terms-logged", &[("matter", matter), ("at", &at)]);
        format!("{said}\n{}", next(desk, &[&show, &format!("matter show {matter}")]))
    })
}

/// What is in force and what waits; `wrote` is the file that a sheet to begin with went into.
fn page(desk: &Desk, shown: Of<'_>, wrote: Option<String>) -> String {
    let width = terminal_width();
    let mut out = match shown.text("in_force") {
        "" => desk.say("cli-terms-none") + "\n",
        id => desk.say_with("cli-terms-in-force", &[("id", short(id))]) + "\n",
    };
    let with = (shown.text("peer"), shown.of("peer_names"));
    let list = |lines: Vec<String>, out: &mut String| {
        let lines = lines.iter().flat_map(|line| indented(line, 2, width));
        lines.for_each(|line| out.push_str(&format!("{line}\n")));
    };
    let in_force = shown.of("sheet").object();
    if let Some(sheet) = in_force {
        list(told::sheet_of(desk, sheet, with), &mut out);
        list(published(desk, shown), &mut out);
    }
    let channel = desk.channel(with.1, with.0, shown.flag("drill"));
    let mut steps = Vec::new();
    for (whose, key) in [("ours", "cli-terms-ours"), ("theirs", "cli-terms-theirs")] {
        let proposal = shown.of(whose);
        let Some(sheet) = proposal.of("sheet").object() else { continue };
        let said = desk.say_with(key, &[("id", short(proposal.text("id")))]);
        out.push_str(&format!("\n{said}\n"));
        list(told::sheet_of(desk, sheet, with), &mut out);
        if let Some(before) = in_force {
            list(told::changes(desk, before, sheet, ("terms-differs", with)), &mut out);
        }
        for doubt in proposal.texts("doubts") {
            out.push_str(&format!("  {}\n", desk.say_with("cli-terms-doubt", &[("what", doubt)])));
        }
        if whose == "theirs" {
            steps = vec![format!("terms accept {channel}"), format!("terms decline {channel}")];
        }
    }
    match wrote {
        Some(file) => steps = vec![format!("terms propose {file} {channel}")],
        None if steps.is_empty() => {
            steps.push(format!("terms show {channel} --write terms.json"));
        }
        None => {}
    }
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    out + &next(desk, &steps)
}

/// What each side published about the instruments of the terms in force; nothing where neither did.
fn published(desk: &Desk, shown: Of<'_>) -> Vec<String> {
    let all = shown.list("instruments").iter().map(Of::value);
    let told = all.filter(|one| {
        let mut sides = one.list("sides").iter().map(Of::value);
        sides.any(|side| side.of("published").object().is_some())
    });
    let each = told.flat_map(|one| {
        let title = desk.say(&format!("choice-instrument-{}", one.text("name")));
        let names = shown.of("peer_names").object().cloned().unwrap_or_default();
        let one = one.object().cloned().unwrap_or_default().with("peer_names", names);
        let one = json::Value::from(one);
        let sides = basis::sides(desk, Of::value(&one));
        sides.into_iter().map(move |side| format!("{title}. {side}"))
    });
    each.collect()
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
