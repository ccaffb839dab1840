//! The strict reading of a value against its sort. Own forms reach it after `read`, foreign
//! bytes reach it as they came.

use super::language::is_language;
use super::row::syntax;
use super::{Field, FieldFault, Kind, Need, ROWS, Sort, Wrong, attach};
use crate::clock;
use counterpart_record::id::MatterId;
use counterpart_record::strict::json::{Object, Value};

type Faults = Vec<FieldFault>;

/// A closed object: every member known and right, every needed member there.
pub(super) fn members(path: &str, fields: &'static [Field], object: &Object, faults: &mut Faults) {
    for (name, given) in &object.0 {
        let place = join(path, name);
        match fields.iter().find(|field| field.name == name) {
            Some(field) => value(&place, &field.sort, given, faults),
            None => faults.push(FieldFault::new(place, Wrong::Unknown)),
        }
    }
    missing(path, fields, object, faults);
}

/// Reports the needed ones among `fields` that `object` lacks.
pub(super) fn missing(
    path: &str,
    fields: impl IntoIterator<Item = &'static Field>,
    object: &Object,
    faults: &mut Faults,
) {
    for field in fields {
        let needed = match field.need {
            Need::Always => true,
            Need::Never | Need::Beside(_) => false,
            Need::OneOf(of) => {
                // Said once, by the name of the group.
                let none = of.iter().all(|name| object.get(name).is_none());
                if none && of.first() == Some(&field.name) {
                    let place = if path.is_empty() { field.name } else { path };
                    faults.push(FieldFault::new(place, Wrong::Missing));
                }
                false
            }
            Need::When(other, words) => {
                object.get(other).and_then(Value::as_str).is_some_and(|word| words.contains(&word))
            }
        };
        if needed && object.get(field.name).is_none() {
            faults.push(FieldFault::new(join(path, field.name), Wrong::Missing));
        }
    }
}

/// Longest name in a [`Sort::Named`] field, in characters.
const NAME: usize = 64;

/// Names that this edition does not know. Own forms only: what a peer signed by another edition is
/// as valid as what we do. ASK-6
pub(super) fn named(kind: &Kind, plain: &Object, faults: &mut Faults) {
    for field in kind.fields {
        let Sort::Named(words) = field.sort else { continue };
        let wrong = plain.get(field.name).is_some_and(|given| choice(words, given).is_err());
        if wrong && faults.iter().all(|fault| fault.field != field.name) {
            faults.push(FieldFault::new(field.name, Wrong::NotAChoice(words)));
        }
    }
}

/// One value.
pub(super) fn value(path: &str, sort: &Sort, given: &Value, faults: &mut Faults) {
    let verdict = match sort {
        Sort::Choice(words) => choice(words, given),
        Sort::Named(words) => token(NAME, given).map_err(|_| Wrong::NotAChoice(words)),
        Sort::Flag => given.as_bool().map(|_| ()).ok_or(Wrong::Type("flag")),
        Sort::Whole(least, most) => whole(*least, *most, given),
        Sort::Instant => instant(given),
        Sort::Date => spelled("date", given, clock::is_date),
        Sort::Token(max) => token(*max, given),
        Sort::Matters(most) => matters(*most, given),
        Sort::Languages(most) => languages(*most, given),
        Sort::Attachments => attach::judge_named(given),
        Sort::Attached => attach::judge_opening(given),
        Sort::Penalty => spelled("penalty", given, is_penalty),
        Sort::Line(max) => match given {
            Value::Str(line) => text(*max, line, false),
            _ => Err(Wrong::Type("line")),
        },
        Sort::Text(max) => return in_language(path, *max, given, faults),
        Sort::Group(fields) => return group(path, fields, given, faults),
        Sort::Span => return span(path, given, faults),
        Sort::Sheet(shape) => return sheet(path, *shape, given, faults),
        Sort::Rows(fields) => return rows(path, fields, given, faults),
    };
    if let Err(wrong) = verdict {
        faults.push(FieldFault::new(path, wrong));
    }
}

/// `fine`, `life`, `death`, or one to three digits of months or years without a leading zero.
pub(super) fn is_penalty(word: &str) -> bool {
    let digits = word.strip_prefix('P').and_then(|rest| rest.strip_suffix(['M', 'Y']));
    match digits {
        Some(digits) => {
            (1..=3).contains(&digits.len())
                && !digits.starts_with('0')
                && digits.bytes().all(|b| b.is_ascii_digit())
        }
        None => ["fine", "life", "death"].contains(&word),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn choice(words: &'static [&'static str], given: &Value) -> Result<(), Wrong> {
    let word = given.as_str().ok_or(Wrong::NotAChoice(words))?;
    if words.contains(&word) { Ok(()) } else { Err(Wrong::NotAChoice(words)) }
}

fn whole(least: i64, most: i64, given: &Value) -> Result<(), Wrong> {
    let number = given.as_int().ok_or(Wrong::Type("whole"))?;
    if (least..=most).contains(&number) { Ok(()) } else { Err(Wrong::OutOfRange(least, most)) }
}

fn instant(given: &Value) -> Result<(), Wrong> {
    let seconds = given.as_int().and_then(|n| u64::try_from(n).ok());
    if seconds.is_some_and(|s| s <= clock::LAST) { Ok(()) } else { Err(Wrong::Type("instant")) }
}

fn spelled(expected: &'static str, given: &Value, fits: fn(&str) -> bool) -> Result<(), Wrong> {
    if given.as_str().is_some_and(fits) { Ok(()) } else { Err(Wrong::Type(expected)) }
}

fn token(max: usize, given: &Value) -> Result<(), Wrong> {
    let word = given.as_str().ok_or(Wrong::Type("token"))?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b".()-".contains(&b);
    if word.is_empty() || !word.bytes().all(allowed) {
        Err(Wrong::Type("token"))
    } else if word.len() > max {
        Err(Wrong::TooLong(max))
    } else {
        Ok(())
    }
}

fn matters(most: usize, given: &Value) -> Result<(), Wrong> {
    let wrong = Wrong::Type("matters");
    let list = given.as_array().filter(|list| !list.is_empty()).ok_or(wrong.clone())?;
    if list.len() > most {
        return Err(Wrong::TooLong(most));
    }
    for (i, one) in list.iter().enumerate() {
        let id = one.as_str().ok_or(wrong.clone())?;
        MatterId::parse(id).map_err(|_| wrong.clone())?;
        if list[..i].contains(one) {
            return Err(Wrong::Twice);
        }
    }
    Ok(())
}

fn languages(most: usize, given: &Value) -> Result<(), Wrong> {
    let list = given.as_array().ok_or(Wrong::Language)?;
    if list.is_empty() {
        return Err(Wrong::Missing);
    }
    if list.len() > most {
        return Err(Wrong::TooLong(most));
    }
    for (i, tag) in list.iter().enumerate() {
        if !tag.as_str().is_some_and(is_language) {
            return Err(Wrong::Language);
        }
        if list[..i].contains(tag) {
            return Err(Wrong::Twice);
        }
    }
    Ok(())
}

fn text(max: usize, given: &str, lines: bool) -> Result<(), Wrong> {
    if given.trim().is_empty() {
        Err(Wrong::Missing)
    } else if given.chars().count() > max {
        Err(Wrong::TooLong(max))
    } else if given.chars().any(|c| c.is_control() && !(lines && "\n\t".contains(c))) {
        Err(Wrong::Character)
    } else {
        Ok(())
    }
}

fn in_language(path: &str, max: usize, given: &Value, faults: &mut Faults) {
    let mut fault = |wrong| faults.push(FieldFault::new(path, wrong));
    if matches!(given, Value::Str(_)) {
        return fault(Wrong::NoLanguage);
    }
    let members = given.as_object().filter(|object| object.0.len() == 2);
    let pair = members
        .and_then(|object| Some((object.get("lang")?.as_str()?, object.get("text")?.as_str()?)));
    let Some((lang, words)) = pair else {
        return fault(Wrong::Type("text"));
    };
    if !is_language(lang) {
        fault(Wrong::Language);
    }
    if let Err(wrong) = text(max, words, true) {
        fault(wrong);
    }
}

fn group(path: &str, fields: &'static [Field], given: &Value, faults: &mut Faults) {
    match given.as_object() {
        Some(object) if object.0.is_empty() || says_no(fields, object) => {
            faults.push(FieldFault::new(path, Wrong::Missing));
        }
        Some(object) => members(path, fields, object, faults),
        None => faults.push(FieldFault::new(path, Wrong::Type("group"))),
    }
}

/// Whether a group of flags says no to each: conditions that are none, for example.
fn says_no(fields: &[Field], object: &Object) -> bool {
    let flags = fields.iter().all(|field| matches!(field.sort, Sort::Flag));
    flags && object.0.iter().all(|(_, given)| given.as_bool() == Some(false))
}

fn span(path: &str, given: &Value, faults: &mut Faults) {
    let ends = given.as_object().filter(|object| object.0.len() == 2).and_then(|object| {
        let (from, to) = (object.get("from")?, object.get("to")?);
        (instant(from).is_ok() && instant(to).is_ok()).then(|| (from.as_int(), to.as_int()))
    });
    match ends {
        None => faults.push(FieldFault::new(path, Wrong::Type("span"))),
        Some((from, to)) if from > to => faults.push(FieldFault::new(path, Wrong::Backward)),
        Some(_) => {}
    }
}

fn sheet(path: &str, shape: fn(&Object) -> Vec<String>, given: &Value, faults: &mut Faults) {
    match given.as_object() {
        Some(object) => faults.extend(
            shape(object).iter().map(|at| FieldFault::new(join(path, at), Wrong::Type("sheet"))),
        ),
        None => faults.push(FieldFault::new(path, Wrong::Type("sheet"))),
    }
}

fn rows(path: &str, fields: &'static [Field], given: &Value, faults: &mut Faults) {
    let Some(items) = given.as_array() else {
        return faults.push(FieldFault::new(path, Wrong::Type("rows")));
    };
    if items.is_empty() {
        faults.push(FieldFault::new(path, Wrong::Missing));
    } else if items.len() > ROWS {
        return faults.push(FieldFault::new(path, Wrong::TooLong(ROWS)));
    }
    for (i, item) in items.iter().enumerate() {
        let place = format!("{path}.{}", i + 1);
        match item.as_object() {
            Some(row) => members(&place, fields, row, faults),
            None => faults.push(FieldFault::new(place, Wrong::Row(syntax(fields)))),
        }
    }
}
