//! The JSON value of an operation, read for a person. What is missing reads as empty: the value
//! comes from this program, and a page with a hole is better than none.

use counterpart_record::strict::json::{Object, Value};

/// An object, or nothing.
#[derive(Clone, Copy)]
pub struct Of<'a>(Option<&'a Object>);

impl<'a> Of<'a> {
    /// Of a value.
    pub fn value(value: &'a Value) -> Of<'a> {
        Of(value.as_object())
    }

    /// A member as it is.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.0?.get(name)
    }

    /// An inner object.
    pub fn of(&self, name: &str) -> Of<'a> {
        Of(self.get(name).and_then(Value::as_object))
    }

    /// The object itself.
    pub fn object(&self) -> Option<&'a Object> {
        self.0
    }

    /// A text.
    pub fn text(&self, name: &str) -> &'a str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A number; none if it is null or missing.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.as_int().and_then(|number| u64::try_from(number).ok())
    }

    /// A count.
    pub fn count(&self, name: &str) -> u64 {
        self.number(name).unwrap_or(0)
    }

    /// Yes or no.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A list.
    pub fn list(&self, name: &str) -> &'a [Value] {
        self.get(name).and_then(Value::as_array).unwrap_or_default()
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Vec<&'a str> {
        self.list(name).iter().filter_map(Value::as_str).collect()
    }

    /// Its members in order.
    pub fn members(&self) -> &'a [(String, Value)] {
        self.0.map_or(&[], |object| &object.0)
    }
}

/// The first eight digits of an id, for a person's eye.
pub fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}
