//! Rows on one line, as a person types them: `ip:192.0.2.7; port=443`, or every member by its name:
//! `who=Ministry of Justice; text=...; until=2031-06-14`. [`syntax`] says how, [`example`] shows
//! it, and a test holds that every example of every form is taken.

use super::{Field, Sort};
use counterpart_record::strict::json::Object;

/// The member of a row, as of a form, that names the language of its plain strings.
const LANG: &str = "lang";

/// A row from its line; none if it is not written as [`syntax`] says.
///
/// Members are parted by semicolons; one that no member's name follows belongs to the text before
/// it. The first part may be short: the values of the required members, which come first, with
/// colons between them, where all but the last are words of a list, so that none can be misread.
/// Full-width marks of a Chinese keyboard part as well.
pub(super) fn read(fields: &'static [Field], line: &str) -> Option<Object> {
    let mut out = Object::default();
    for (at, part) in parts(fields, line).into_iter().enumerate() {
        match named(fields, part) {
            Some((name, _)) if out.get(name).is_some() => return None,
            Some((name, value)) => out.set(name, value),
            None if at == 0 => out = short(fields, part)?,
            None => return None,
        }
    }
    (!out.0.is_empty()).then_some(out)
}

/// How a row is written: what must be there, then in brackets what may be.
pub fn syntax(fields: &'static [Field]) -> String {
    let lead = lead(fields);
    let names: Vec<&str> = fields[..lead].iter().map(|field| field.name).collect();
    let mut out = names.join(":");
    for field in &fields[lead..] {
        let gap = if out.is_empty() { "" } else { "; " };
        out += &match field.required() {
            true => format!("{gap}{}=...", field.name),
            false => format!("[{gap}{}=...]", field.name),
        };
    }
    if has_text(fields) {
        out += &format!("[; {LANG}=...]");
    }
    out
}

/// A value of the field, written as a person may write it.
pub fn example(field: &Field) -> String {
    match &field.sort {
        Sort::Choice(words) | Sort::Named(words) => {
            words.first().copied().unwrap_or_default().to_owned()
        }
        Sort::Flag => "yes".to_owned(),
        Sort::Whole(least, most) => 443.clamp(*least, *most).to_string(),
        Sort::Instant => "2030-06-14T09:00:00+08:00".to_owned(),
        Sort::Date => "2030-06-14".to_owned(),
        Sort::Matters(_) => "1f0c6d2ab3e94f5780c1d2e3f4a5b6c7".to_owned(),
        Sort::Token(_) if field.is_matter() => "1f0c6d2ab3e94f5780c1d2e3f4a5b6c7".to_owned(),
        Sort::Token(_) if field.is_party() => "1f0c6d2ab3e94f57".repeat(4),
        Sort::Token(_) => "27.4.a".to_owned(),
        Sort::Penalty => "P10Y".to_owned(),
        Sort::Line(_) | Sort::Text(_) => words(field.name).to_owned(),
        Sort::Languages(_) => "en, zh-CN".to_owned(),
        Sort::Span => "2030-06-01T00:00:00Z/2030-06-14T00:00:00Z".to_owned(),
        Sort::Group(fields) => fields.first().map(example).unwrap_or_default(),
        Sort::Rows(fields) => row(fields),
        Sort::Sheet(_) => "{}".to_owned(),
        Sort::Attachments | Sort::Attached => String::new(),
    }
}

fn words(name: &str) -> &'static str {
    match name {
        "value" => "192.0.2.7",
        "zone" => "UTC+8",
        "who" | "authority" => "Ministry of Justice",
        "scope" => "The persons named",
        "reservations" => "Article 29(4)",
        "desk" => "Duty desk 2",
        "article" => "Section 12(3)",
        _ => "No penalty of death is imposed.",
    }
}

fn row(fields: &'static [Field]) -> String {
    let lead = lead(fields);
    let first: Vec<String> = fields[..lead].iter().map(example).collect();
    let first = (!first.is_empty()).then(|| first.join(":"));
    let rest = fields[lead..].iter().map(|field| format!("{}={}", field.name, example(field)));
    let lang = has_text(fields).then(|| format!("{LANG}=en"));
    first.into_iter().chain(rest).chain(lang).collect::<Vec<_>>().join("; ")
}

/// Whether a row holds words of a language, which it may then name.
fn has_text(fields: &[Field]) -> bool {
    fields.iter().any(|field| matches!(field.sort, Sort::Text(_)))
}

/// How many members the short form begins with; none where it could be misread.
fn lead(fields: &'static [Field]) -> usize {
    let count = fields.iter().take_while(|field| field.required()).count();
    let Some((last, before)) = fields[..count].split_last() else { return 0 };
    let words = before.iter().all(|field| matches!(field.sort, Sort::Choice(_)));
    if words && !matches!(last.sort, Sort::Group(_) | Sort::Rows(_)) { count } else { 0 }
}

fn short(fields: &'static [Field], part: &str) -> Option<Object> {
    let count = lead(fields);
    let values: Vec<&str> = part.splitn(count, [':', '：']).map(str::trim).collect();
    if count == 0 || values.len() != count {
        return None;
    }
    let pairs = fields.iter().zip(values);
    Some(pairs.fold(Object::default(), |row, (field, value)| row.with(field.name, value)))
}

/// `name=value`, where the row has such a member.
fn named<'a>(fields: &'static [Field], part: &'a str) -> Option<(&'static str, &'a str)> {
    let (name, value) = part.split_once(['=', '＝'])?;
    let known = fields.iter().map(|field| field.name).chain([LANG]);
    known.into_iter().find(|known| *known == name.trim()).map(|known| (known, value.trim()))
}

/// The line parted where a semicolon is followed by the name of a member.
fn parts<'a>(fields: &'static [Field], line: &'a str) -> Vec<&'a str> {
    let (mut out, mut from) = (Vec::new(), 0);
    for (at, mark) in line.match_indices([';', '；']) {
        if named(fields, &line[at + mark.len()..]).is_some() {
            out.push(line[from..at].trim());
            from = at + mark.len();
        }
    }
    out.push(line[from..].trim());
    // A mark at the end parts nothing.
    out.iter().map(|part| part.trim_end_matches([';', '；']).trim_end()).collect()
}
