//! The JSON Schema (draft 2020-12) of a form: what [`super::check`] accepts without any help.

use super::{Field, Kind, Need, ROWS, Sort, WHAT};
use crate::clock;
use counterpart_record::limits;
use counterpart_record::strict::json::{Object, Value};

/// The schema of the whole form, coded and disclosed fields together. Disclosed ones carry the
/// annotation `"x-disclosed": true`.
pub fn schema(kind: &Kind) -> Object {
    let head = Object::default()
        .with("$schema", "https://json-schema.org/draft/2020-12/schema")
        .with("title", kind.name);
    closed(head, kind.fields)
}

fn closed(head: Object, fields: &[Field]) -> Object {
    let mut properties = Object::default();
    for field in fields {
        let mut one = of(&field.sort);
        if field.disclosed() {
            one.set("x-disclosed", true);
        }
        properties.set(field.name, one);
    }
    let required: Vec<Value> =
        fields.iter().filter(|f| f.required()).map(|f| Value::from(f.name)).collect();
    let mut out = head
        .with("type", "object")
        .with("properties", properties)
        .with("required", required)
        .with("additionalProperties", false);
    let conditions: Vec<Value> = fields.iter().filter_map(condition).collect();
    if !conditions.is_empty() {
        out.set("allOf", conditions);
    }
    let one_of = fields.iter().filter(|field| matches!(field.need, Need::OneOf(_)));
    let one_of: Vec<Value> =
        one_of.map(|field| Object::default().with("required", vec![field.name]).into()).collect();
    if !one_of.is_empty() {
        out.set("anyOf", one_of);
    }
    out
}

fn condition(field: &Field) -> Option<Value> {
    let Need::When(other, words) = field.need else {
        return None;
    };
    let test = Object::default().with(other, Object::default().with("enum", words.to_vec()));
    let given = Object::default().with("properties", test).with("required", vec![other]);
    let then = Object::default().with("required", vec![field.name]);
    Some(Object::default().with("if", given).with("then", then).into())
}

fn of(sort: &Sort) -> Object {
    let string = || Object::default().with("type", "string");
    let count = |n: usize| Value::from(n as u64);
    match sort {
        Sort::Choice(words) | Sort::Named(words) => string().with("enum", words.to_vec()),
        Sort::Flag => Object::default().with("type", "boolean"),
        Sort::Whole(least, most) => integer(*least, *most),
        Sort::Instant => seconds(),
        Sort::Date => string().with("format", "date"),
        Sort::Token(max) => {
            string().with("pattern", "^[A-Za-z0-9.()-]+$").with("maxLength", count(*max))
        }
        Sort::Matters(most) => Object::default()
            .with("type", "array")
            .with("items", string().with("pattern", "^[0-9a-f]{32}$"))
            .with("minItems", count(1))
            .with("maxItems", count(*most))
            .with("uniqueItems", true),
        Sort::Languages(most) => Object::default()
            .with("type", "array")
            .with("items", string().with("maxLength", count(35)))
            .with("minItems", count(1))
            .with("maxItems", count(*most))
            .with("uniqueItems", true),
        Sort::Penalty => string().with("pattern", "^(fine|life|death|P[1-9][0-9]{0,2}[MY])$"),
        Sort::Line(max) => string().with("minLength", count(1)).with("maxLength", count(*max)),
        Sort::Text(max) => {
            let text = string().with("minLength", count(1)).with("maxLength", count(*max));
            let properties = Object::default().with("lang", string()).with("text", text);
            pair(properties, ["lang", "text"])
        }
        Sort::Span => {
            let properties = Object::default().with("from", seconds()).with("to", seconds());
            pair(properties, ["from", "to"])
        }
        Sort::Sheet(_) => Object::default().with("type", "object"),
        Sort::Attachments => attachments(
            Object::default()
                .with("what", string().with("enum", WHAT.to_vec()))
                .with("size", integer(1, limits::JSON_INTEGER))
                .with("root", hex()),
            &["what", "size", "root"],
        ),
        Sort::Attached => attachments(
            Object::default()
                .with("key", hex())
                .with("digest", hex())
                .with("bytes", integer(1, limits::ATTACHMENT_BYTES as i64))
                .with("name", string())
                .with("media", string()),
            &["key", "digest", "bytes", "name"],
        ),
        Sort::Group(fields) => closed(Object::default(), fields).with("minProperties", count(1)),
        Sort::Rows(fields) => Object::default()
            .with("type", "array")
            .with("items", closed(Object::default(), fields))
            .with("minItems", count(1))
            .with("maxItems", count(ROWS)),
    }
}

fn attachments(properties: Object, required: &[&str]) -> Object {
    let row = Object::default()
        .with("type", "object")
        .with("properties", properties)
        .with("required", required.to_vec())
        .with("additionalProperties", false);
    let count = |n: usize| Value::from(n as u64);
    Object::default()
        .with("type", "array")
        .with("items", row)
        .with("minItems", count(1))
        .with("maxItems", count(limits::ATTACHMENTS))
}

fn hex() -> Object {
    Object::default().with("type", "string").with("pattern", "^[0-9a-f]{64}$")
}

fn pair(properties: Object, names: [&str; 2]) -> Object {
    Object::default()
        .with("type", "object")
        .with("properties", properties)
        .with("required", names.to_vec())
        .with("additionalProperties", false)
}

fn integer(least: i64, most: i64) -> Object {
    Object::default().with("type", "integer").with("minimum", least).with("maximum", most)
}

fn seconds() -> Object {
    Object::default()
        .with("type", "integer")
        .with("minimum", 0_u64)
        .with("maximum", clock::LAST)
        .with("description", "seconds since 1970-01-01T00:00:00Z")
}
