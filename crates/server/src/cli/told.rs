//! One act as a person reads it: what its fields say, in the reader's language; terms as a list,
//! with what they would change; nothing in a shape that only programs read.

use super::acts::indented;
use super::apart;
use super::attachment;
use super::desk::Desk;
use super::page::wrap;
use super::value::{Of, short};
use crate::speak::plain;
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use counterpart_rules::flow::flow;
use counterpart_rules::form::{self, Field, Kind, Sort};
use counterpart_rules::say;
use counterpart_rules::terms::{self, Sheet};

/// One act: what it is, when, how far it has come, and what it says.
pub fn block(desk: &Desk, matter: Of<'_>, act: Of<'_>, title: &str, width: usize) -> Vec<String> {
    let kind = plain(&desk.say(&format!("kind-{}", act.text("kind"))));
    let at = clock::shown(act.count("logged_at"));
    let mark = match act.text("rung") {
        _ if matter.flag("one_sided") => "",
        "anchored" => "●●●",
        "held" => "●●○",
        _ => "●○○",
    };
    let mut lines = wrap(format!("{title}{kind}  {at}  {mark}").trim_end(), width);
    for line in apart::came(desk, act.of("entered")) {
        lines.extend(indented(&line, 2, width));
    }
    let reason = match act.text("reason") {
        "" => act.text("verdict").to_owned(),
        key => desk.say(key),
    };
    match act.text("verdict") {
        "void" => lines.extend(indented(&desk.say_with("cli-void", &[("why", &reason)]), 2, width)),
        "held" => lines.extend(indented(&desk.say_with("cli-held", &[("why", &reason)]), 2, width)),
        _ => {}
    }
    if let Some(since) = act.number("contested") {
        let said = desk.say_with("summary-contested", &[("since", &clock::shown(since))]);
        lines.extend(indented(&said, 2, width));
    }
    let known = flow(matter.text("flow")).and_then(|flow| flow.kind(act.text("kind")));
    let members = act.of("body").members().iter().chain(act.of("disclosed").members());
    for (name, value) in members {
        let field = known.and_then(|kind| kind.field(name));
        if known.is_some_and(|kind| kind.is_attachment(name)) {
            continue;
        }
        let lines_of = match (field.map(|field| &field.sort), value) {
            (Some(Sort::Sheet(_)), Value::Object(sheet)) => {
                let peer = Of::value(matter.get("peer_names").unwrap_or(&Value::Null));
                proposal(desk, sheet, act.of("stood"), (matter.text("peer"), peer))
            }
            _ => fields(desk, known, field, name, value),
        };
        for line in lines_of {
            lines.extend(indented(&line, 2, width));
        }
    }
    for doubt in act.list("doubts").iter().map(Of::value) {
        let line = desk.say_with("cli-doubt", &[("what", doubt.text(desk.lang.tag()))]);
        lines.extend(indented(&line, 2, width));
    }
    for one in act.list("attachments") {
        let line = attachment::cells(desk, Of::value(one)).join("  ");
        let line = desk.say_with("cli-attachment", &[("one", &line)]);
        lines.extend(indented(&line, 2, width));
    }
    if act.count("erased") > 0 {
        let count = act.count("erased").to_string();
        lines.extend(indented(&desk.say_with("cli-erased", &[("count", &count)]), 2, width));
    }
    lines
}

/// The fields of an act of a kind as lines.
pub fn fields_of(desk: &Desk, rules: &str, kind: &str, given: Of<'_>) -> Vec<String> {
    let known = flow(rules).and_then(|flow| flow.kind(kind));
    let each = given.members().iter().flat_map(|(name, value)| {
        fields(desk, known, known.and_then(|kind| kind.field(name)), name, value)
    });
    each.map(|line| plain(&line)).collect()
}

/// A field with its label; a group or a row gives one line for each. Matters by the digits that
/// commands take.
fn fields(
    desk: &Desk,
    kind: Option<&Kind>,
    field: Option<&Field>,
    name: &str,
    value: &Value,
) -> Vec<String> {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let shown = match (field.map(|field| &field.sort), value) {
        (Some(Sort::Token(32)), Value::Str(id)) if id.len() == 32 && hex(id) => {
            Some(Value::from(short(id)))
        }
        (Some(Sort::Matters(_)), Value::Array(all)) => {
            let ids = all.iter().filter_map(Value::as_str).map(|id| Value::from(short(id)));
            Some(Value::Array(ids.collect()))
        }
        _ => None,
    };
    let told = form::told(desk.lang, kind, name, shown.as_ref().unwrap_or(value));
    told.iter().map(|(label, text)| say::labelled(desk.lang, label, text)).collect()
}

/// A proposal of terms: the sheet as a list, then what would change by it.
fn proposal(desk: &Desk, sheet: &Object, stood: Of<'_>, with: (&str, Of<'_>)) -> Vec<String> {
    let mut lines = sheet_of(desk, sheet, with);
    for (name, key) in [("in_force", "terms-differs"), ("proposed", "terms-differs-proposed")] {
        if let Some(before) = stood.of(name).object() {
            lines.extend(changes(desk, before, sheet, (key, with)));
        }
    }
    lines
}

/// A sheet as a list, with both sides by name.
pub fn sheet_of(desk: &Desk, sheet: &Object, with: (&str, Of<'_>)) -> Vec<String> {
    let Some(sheet) = Sheet::read(sheet) else { return vec![desk.say("wrong-type")] };
    let told = terms::told(desk.lang, &sheet, &|party| named(desk, party, with));
    told.iter().map(|(label, text)| say::labelled(desk.lang, label, text)).collect()
}

/// What one sheet says otherwise than the one before it, under a heading.
pub fn changes(
    desk: &Desk,
    before: &Object,
    sheet: &Object,
    (heading, with): (&str, (&str, Of<'_>)),
) -> Vec<String> {
    let (Some(before), Some(sheet)) = (Sheet::read(before), Sheet::read(sheet)) else {
        return Vec::new();
    };
    let name = |party: &PartyId| named(desk, party, with);
    let differs = terms::differences(desk.lang, &before, &sheet, &name);
    if differs.is_empty() {
        // The same as what it was compared with, and as nothing else.
        return vec![desk.say(&format!("{heading}-not"))];
    }
    let lines = differs.into_iter().map(|line| format!("  {line}"));
    std::iter::once(desk.say(heading)).chain(lines).collect()
}

/// The peer by its name; the other of the two is whoever reads.
fn named(desk: &Desk, party: &PartyId, (peer, names): (&str, Of<'_>)) -> String {
    if party.to_string() == peer { desk.name(names) } else { desk.say("cli-half-ours") }
}
