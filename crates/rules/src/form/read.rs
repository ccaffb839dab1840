//! From what a person wrote to the values that are signed. What cannot be read is left as it is,
//! and `judge` names it.

use super::language::{assumed, is_language, listed, same_language};
use super::{Field, FieldFault, Kind, Sort, Wrong, row as line};
use crate::clock;
use counterpart_record::strict::json::{Object, Value, parse_object};

/// The member of every form that names the language of its plain strings.
const LANG: &str = "lang";

/// The language of plain strings.
#[derive(Clone, Copy)]
enum Tongue<'a> {
    /// Named by the author for the whole form, or for a row.
    Named(&'a str),
    /// That of the author's screen: a text whose script is plainly another is not in it.
    Usual(&'a str),
    /// Nobody's.
    Unknown,
}

/// The whole form, with dotted names gathered into their groups.
pub(super) fn plain(
    kind: &Kind,
    given: &Object,
    usual: Option<&str>,
    faults: &mut Vec<FieldFault>,
) -> Object {
    let lang = given.get(LANG).map_or(usual, Value::as_str);
    let named = given.get(LANG).is_some() || usual.is_some();
    if named && !lang.is_some_and(is_language) {
        faults.push(FieldFault::new(LANG, Wrong::Language));
    }
    // A wrong tag was reported once; it should not spoil every text as well.
    let lang = match lang.map(|tag| if is_language(tag) { tag } else { "und" }) {
        Some(tag) if given.get(LANG).is_some() => Tongue::Named(tag),
        Some(tag) => Tongue::Usual(tag),
        None => Tongue::Unknown,
    };
    let mut out = Object::default();
    for (name, value) in given.0.iter().filter(|(name, value)| name != LANG && !blank(value)) {
        let (first, rest) = name.split_once('.').map_or((&**name, None), |(a, b)| (a, Some(b)));
        match (kind.field(first).map(|field| (&field.sort, field)), rest) {
            (Some((Sort::Group(fields), _)), Some(member)) => {
                gather(&mut out, first, fields, member, value, faults);
            }
            (Some((_, field)), None) if out.get(name).is_some() => {
                faults.push(FieldFault::new(field.name, Wrong::Twice));
            }
            (Some((sort, _)), None) => out.set(name, read(sort, value, lang)),
            _ => faults.push(FieldFault::new(name, Wrong::Unknown)),
        }
    }
    out
}

/// Puts `member` into the group `name`.
fn gather(
    out: &mut Object,
    name: &str,
    fields: &'static [Field],
    member: &str,
    value: &Value,
    faults: &mut Vec<FieldFault>,
) {
    let mut group = out.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    if group.get(member).is_some() {
        faults.push(FieldFault::new(format!("{name}.{member}"), Wrong::Twice));
    }
    let field = fields.iter().find(|field| field.name == member);
    group.set(
        member,
        field.map_or_else(|| value.clone(), |f| read(&f.sort, value, Tongue::Unknown)),
    );
    out.set(name, group);
}

/// Null and blank strings mean "not given": a page sends every field that it shows.
fn blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Str(text) => text.trim().is_empty(),
        _ => false,
    }
}

fn read(sort: &Sort, value: &Value, lang: Tongue<'_>) -> Value {
    match (sort, value) {
        (Sort::Group(fields) | Sort::Rows(fields), Value::Object(object)) => {
            Value::Object(row(fields, object, lang))
        }
        (Sort::Rows(fields), Value::Array(items)) => {
            Value::Array(items.iter().map(|item| one_row(fields, item, lang)).collect())
        }
        // A list may be given in parts, each of which may be a list.
        (Sort::Languages(_), Value::Array(items)) => tags(items).unwrap_or_else(|| value.clone()),
        (Sort::Rows(fields), Value::Str(_)) => Value::Array(vec![one_row(fields, value, lang)]),
        (sort, Value::Str(text)) => word(sort, text, lang).unwrap_or_else(|| value.clone()),
        _ => value.clone(),
    }
}

fn word(sort: &Sort, text: &str, lang: Tongue<'_>) -> Option<Value> {
    let trimmed = text.trim();
    match sort {
        Sort::Flag => match trimmed {
            "true" | "yes" | "是" => Some(Value::Bool(true)),
            "false" | "no" | "否" => Some(Value::Bool(false)),
            _ => None,
        },
        Sort::Whole(..) => trimmed.parse().ok().map(Value::Int),
        Sort::Instant => seconds(trimmed),
        Sort::Matters(_) => {
            let ids = trimmed.split([',', ' ']).filter(|id| !id.is_empty());
            Some(ids.collect::<Vec<_>>().into())
        }
        Sort::Languages(_) => Some(listed(trimmed).collect::<Vec<_>>().into()),
        Sort::Penalty => penalty(trimmed),
        Sort::Span => {
            let (from, to) = trimmed.split_once('/')?;
            Some(Object::default().with("from", seconds(from)?).with("to", seconds(to)?).into())
        }
        Sort::Text(_) => match lang {
            Tongue::Named(tag) => Some(in_language(tag, trimmed)),
            Tongue::Usual(tag) => Some(in_language(assumed(tag, trimmed), trimmed)),
            Tongue::Unknown => None,
        },
        Sort::Choice(_) | Sort::Named(_) | Sort::Date | Sort::Token(_) | Sort::Line(_) => {
            Some(Value::Str(trimmed.to_owned()))
        }
        Sort::Sheet(_) => parse_object(trimmed.as_bytes()).ok().map(Value::Object),
        Sort::Group(_) | Sort::Rows(_) => None,
        Sort::Attachments | Sort::Attached => None,
    }
}

/// Lists of tags as one; none if there is anything but words.
fn tags(items: &[Value]) -> Option<Value> {
    let words = items.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
    Some(words.into_iter().flat_map(listed).collect::<Vec<_>>().into())
}

fn in_language(lang: &str, text: &str) -> Value {
    Object::default().with("lang", lang).with("text", text).into()
}

/// RFC 3339 with an offset, or seconds.
fn seconds(text: &str) -> Option<Value> {
    let text = text.trim();
    clock::instant(text).or_else(|| text.parse().ok()).map(Value::from)
}

/// A bare number means years, since that is how penalties are spoken of.
fn penalty(text: &str) -> Option<Value> {
    let years = text.strip_suffix("years").or_else(|| text.strip_suffix("year")).unwrap_or(text);
    let number: u16 = years.trim().parse().ok()?;
    Some(Value::Str(format!("P{number}Y")))
}

fn row(fields: &'static [Field], object: &Object, lang: Tongue<'_>) -> Object {
    // A row may name the language of its own texts.
    let own = object.get(LANG).and_then(Value::as_str).filter(|tag| is_language(tag));
    let own = own.filter(|_| fields.iter().any(|field| matches!(field.sort, Sort::Text(_))));
    let lang = own.map_or(lang, Tongue::Named);
    let members = object.0.iter().filter(|(name, _)| own.is_none() || name != LANG);
    let mut out = Object::default();
    for (name, value) in members.filter(|(_, value)| !blank(value)) {
        let field = fields.iter().find(|field| field.name == name);
        out.set(name, field.map_or_else(|| value.clone(), |f| read(&f.sort, value, lang)));
    }
    out
}

/// A row as an object, or on one line.
fn one_row(fields: &'static [Field], value: &Value, lang: Tongue<'_>) -> Value {
    match value {
        Value::Object(object) => Value::Object(row(fields, object, lang)),
        Value::Str(text) => line::read(fields, text)
            .map_or_else(|| value.clone(), |pairs| Value::Object(row(fields, &pairs, lang))),
        _ => value.clone(),
    }
}

/// A translation is in another language than what it translates. Own forms only: what a peer
/// signed is shown as it is. CAL-7
pub(super) fn translated(kind: &Kind, plain: &Object, faults: &mut Vec<FieldFault>) {
    let tongue =
        |object: &Object| object.get("text")?.as_object()?.get(LANG)?.as_str().map(str::to_owned);
    let Some(own) = tongue(plain) else { return };
    for field in kind.fields {
        let Sort::Rows(members) = field.sort else { continue };
        if !members.iter().any(|member| member.name == "translated_by") {
            continue;
        }
        let rows = plain.get(field.name).and_then(Value::as_array).unwrap_or_default();
        for (at, row) in rows.iter().enumerate() {
            let tag = row.as_object().and_then(tongue);
            if let Some(tag) = tag.filter(|tag| same_language(tag, &own)) {
                let place = format!("{}.{}", field.name, at + 1);
                faults.push(FieldFault::new(place, Wrong::SameLanguage(tag)));
            }
        }
    }
}
