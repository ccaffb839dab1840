//! What an act says, for a person to read: labels and choices in the reader's language, the words
//! of the author as they are. Whatever a peer put in is kept on its line and cannot turn it round.

use super::language::same_language;
use super::{Field, Kind, Sort, WHAT};
use crate::clock;
use crate::say::{self, Lang, Say};
use counterpart_record::strict::json::{Object, Value};

/// Longest identifier that is shown whole: a digest, that two people may compare.
const DIGITS: usize = 64;

/// A member of a body or a disclosure as label and text; a group or a row gives one for each.
/// `kind` is none for kinds that this version does not know, whose names stay as they are.
pub fn tell(lang: Lang, kind: Option<&Kind>, name: &str, value: &Value) -> Vec<(String, String)> {
    let lines = told(lang, kind, name, value).into_iter();
    lines.map(|(label, text)| (plain(&label), plain(&text))).collect()
}

/// [`tell`] with the line breaks of the author, and with every other character, too: for whoever
/// sees to what the terminal does with them.
pub fn told(lang: Lang, kind: Option<&Kind>, name: &str, value: &Value) -> Vec<(String, String)> {
    let field = kind.and_then(|kind| kind.field(name));
    let label = |key: &str| match field {
        // A label of a form may say how to write it; who reads it is told what it is.
        Some(_) if say::known(lang, &format!("told-{key}")) => {
            say::render(lang, &Say::of(format!("told-{key}")))
        }
        Some(_) => say::render(lang, &Say::of(format!("field-{key}"))),
        None => plain(key),
    };
    match (field.map(|field| &field.sort), value) {
        (Some(Sort::Group(members)), Value::Object(object)) => {
            let each = object.0.iter().map(|(member, value)| {
                let field = members.iter().find(|field| field.name == member);
                (label(&format!("{name}-{member}")), one(lang, field, value))
            });
            each.collect()
        }
        (Some(Sort::Rows(members)), Value::Array(rows)) => {
            let each = rows.iter().map(|row| {
                let cells = row.as_object().map_or(&[][..], |object| &object.0);
                let cells = cells.iter().map(|(member, value)| {
                    one(lang, members.iter().find(|field| field.name == member), value)
                });
                (label(name), cells.collect::<Vec<_>>().join("  "))
            });
            each.collect()
        }
        (Some(Sort::Attachments), Value::Array(rows)) => {
            let each = rows
                .iter()
                .filter_map(Value::as_object)
                .map(|row| (label(name), attachment(lang, row).unwrap_or_else(|| value.to_text())));
            each.collect()
        }
        // The key is nobody's to read off a page.
        (Some(Sort::Attached), Value::Array(rows)) => {
            let each = rows.iter().filter_map(Value::as_object).map(|row| {
                let text = |name| row.get(name).and_then(Value::as_str).unwrap_or_default();
                let bytes = row.get("bytes").and_then(Value::as_int).unwrap_or(0);
                let bytes = say::size(u64::try_from(bytes).unwrap_or(0));
                (label(name), format!("{}  {bytes}  {}", text("name"), text("digest")))
            });
            each.collect()
        }
        _ => vec![(label(name), one(lang, field, value))],
    }
}

/// What it is, how large it is sealed, and its root.
fn attachment(lang: Lang, row: &Object) -> Option<String> {
    let what = row.get("what")?.as_str().filter(|what| WHAT.contains(what))?;
    let size = u64::try_from(row.get("size")?.as_int()?).ok()?;
    let what = say::render(lang, &Say::of(format!("attachment-{what}")));
    Some(format!("{what}  {}  {}", say::size(size), row.get("root")?.as_str()?))
}

fn one(lang: Lang, field: Option<&Field>, value: &Value) -> String {
    let say = |key: String| say::render(lang, &Say::of(key));
    let inner = |name: &str| value.as_object().and_then(|object| object.get(name));
    match (field.map(|field| &field.sort), value) {
        // A word that the list does not have is its author's: shown as it is, and marked.
        (Some(Sort::Choice(_) | Sort::Named(_)), Value::Str(word)) => {
            say::choice(lang, field.map_or("", |field| field.name), word)
        }
        (Some(Sort::Instant), Value::Int(seconds)) => {
            say::moment(lang, u64::try_from(*seconds).unwrap_or(0))
        }
        (Some(Sort::Penalty), Value::Str(text)) => penalty(lang, text),
        // What no person reads through: its beginning and its length.
        (Some(Sort::Token(_)), Value::Str(text)) if text.len() > DIGITS => {
            let first: String = text.chars().take(8).collect();
            let count = text.chars().count().to_string();
            let long = Say::of("long-digits").with("first", first).with("count", count);
            say::render(lang, &long)
        }
        (Some(Sort::Matters(_) | Sort::Languages(_)), Value::Array(all)) => {
            let all: Vec<String> =
                all.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            say::list(lang, &all)
        }
        (_, Value::Bool(yes)) => say(if *yes { "cli-yes" } else { "cli-no" }.to_owned()),
        (Some(Sort::Span), Value::Object(_)) => {
            let end = |name| inner(name).and_then(Value::as_int).unwrap_or(0);
            let ends = ["from", "to"].map(|name| u64::try_from(end(name)).unwrap_or(0));
            ends.map(clock::shown).join(" – ")
        }
        (_, Value::Str(text)) => text.clone(),
        // A text travels with its language; the words are what is read.
        (_, other) => match inner("text").and_then(Value::as_str) {
            Some(text) => match inner("lang").and_then(Value::as_str) {
                // Whoever reads another language should know which one it is.
                Some(tag) if !same_language(tag, lang.tag()) => format!("[{tag}] {text}"),
                _ => text.to_owned(),
            },
            None => other.to_text(),
        },
    }
}

/// A maximum penalty in words; what is not written as one stays as it is.
fn penalty(lang: Lang, text: &str) -> String {
    if ["fine", "life", "death"].contains(&text) {
        return say::render(lang, &Say::of(format!("penalty-{text}")));
    }
    let unit = if text.ends_with('Y') { "years" } else { "months" };
    let count = text.strip_prefix('P').and_then(|rest| rest.strip_suffix(['Y', 'M']));
    match count.filter(|count| count.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(count) => {
            let one = if count == "1" { "one-" } else { "" };
            say::render(lang, &Say::of(format!("penalty-{one}{unit}")).with("count", count))
        }
        None => text.to_owned(),
    }
}

/// On one line, without what moves a terminal's cursor or turns the direction of writing.
fn plain(text: &str) -> String {
    let turns = |c: char| {
        let marks = matches!(c, '\u{200e}' | '\u{200f}');
        marks || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    text.chars().map(|c| if c.is_control() || turns(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::usual;

    #[test]
    fn what_is_known_is_named_and_what_is_not_cannot_do_harm() {
        let kind = usual().kind("request");
        let told = |lang, name: &str, value: Value| tell(lang, kind, name, &value);
        let urgent = told(Lang::En, "urgency", "urgent".into());
        assert_eq!(urgent, [("Urgency".to_owned(), "urgent".to_owned())]);
        assert_ne!(told(Lang::ZhCn, "urgency", "urgent".into()), urgent);
        let text = Object::default().with("lang", "en").with("text", "one\u{1b}[2J\ntwo\u{202e}");
        assert_eq!(told(Lang::En, "facts", text.into())[0].1, "one [2J two ");
        let persons = Object::default().with("suspect", 1i64).with("victim", 2i64);
        assert_eq!(told(Lang::En, "persons", persons.into()).len(), 2);
        for (written, read) in [("P5Y", "5 years"), ("P1Y", "1 year"), ("P18M", "18 months")] {
            assert_eq!(told(Lang::En, "max_penalty", written.into())[0].1, read);
        }
        assert_eq!(told(Lang::ZhCn, "max_penalty", "P18M".into())[0].1, "18 个月");
        assert_eq!(told(Lang::En, "max_penalty", "life".into())[0].1, "life imprisonment");
        assert_eq!(told(Lang::En, "max_penalty", "P\u{7}Y".into())[0].1, "P Y");
        let kind = usual().kind("answer");
        let row = Object::default().with("what", "order").with("size", 1072u64);
        let rows = Value::Array(vec![row.with("root", "00".repeat(32)).into()]);
        let named = tell(Lang::En, kind, "attachments", &rows)[0].1.clone();
        assert!(named.starts_with("order  2 KiB  0000"), "{named}");
        let row = Object::default().with("key", "ab".repeat(32)).with("name", "a\u{202e}.pdf");
        let rows = Value::Array(vec![row.with("bytes", 9u64).into()]);
        let opening = tell(Lang::ZhCn, kind, "attached", &rows)[0].1.clone();
        assert!(opening.starts_with("a .pdf  9 B") && !opening.contains("abab"), "{opening}");
        let kind = crate::flow::flow("reckoning/1").and_then(|flow| flow.kind("state-figures"));
        let long = tell(Lang::En, kind, "buckets", &"ab".repeat(2_048).into());
        assert_eq!(long[0].1, "abababab… (4096 digits)");
        let digest = tell(Lang::En, kind, "digest", &"ab".repeat(32).into());
        assert_eq!(digest[0].1.len(), 64);
        let strange = tell(Lang::En, None, "no\u{7}such", &true.into());
        assert_eq!(strange, [("no such".to_owned(), "yes".to_owned())]);
        let strange = told(Lang::En, "urgency", "strange".into()).remove(0).1;
        assert_eq!(strange, "strange (not known here)");
        // What another edition may know is shown as it is, and as not known here. ASK-6
        for (lang, expected) in [
            (Lang::En, "warsaw-2031 (not known here)"),
            (Lang::ZhCn, "warsaw-2031（本程序未收录）"),
        ] {
            assert_eq!(told(lang, "instrument", "warsaw-2031".into())[0].1, expected);
        }
    }
}
