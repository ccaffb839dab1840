//! Strict JSON (RFC 8259, RFC 7493): UTF-8 without BOM, no duplicate names after unescaping, no
//! lone surrogates, integers only and within 2^53 - 1, no -0, bounded depth. Two correct nodes
//! read the same value or both refuse.

use crate::fault::{Code, Fault, Result};
use crate::limits;
use std::fmt::Write as _;

/// A JSON value. Numbers are integers; objects keep the order of their members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer within 2^53 - 1.
    Int(i64),
    /// A string.
    Str(String),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(Object),
}

/// The members of an object, in the order written, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(pub Vec<(String, Value)>);

impl Value {
    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::Str(text) = self { Some(text) } else { None }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(number) = self { Some(*number) } else { None }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(flag) = self { Some(*flag) } else { None }
    }

    /// The elements, if it is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Value::Array(items) = self { Some(items) } else { None }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Object(object) = self { Some(object) } else { None }
    }

    /// Compact JSON text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// Appends compact JSON text.
    pub fn write(&self, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::Bool(true) => out.push_str("true"),
            Value::Bool(false) => out.push_str("false"),
            Value::Int(number) => {
                let _ = write!(out, "{number}");
            }
            Value::Str(text) => write_string(text, out),
            Value::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Value::Object(object) => object.write(out),
        }
    }
}

impl Object {
    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Takes the member of this name out; the others keep their order.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(at).1)
    }

    /// Adds a member at the end, or replaces the one of this name.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        match self.0.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Adds a member at the end and returns the object, for building.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Object {
        self.set(name, value);
        self
    }

    /// Appends compact JSON text.
    pub fn write(&self, out: &mut String) {
        out.push('{');
        for (i, (name, value)) in self.0.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            write_string(name, out);
            out.push(':');
            value.write(out);
        }
        out.push('}');
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Str(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Str(text)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}
impl From<u64> for Value {
    /// Sizes, sequence numbers and seconds: all far below 2^53.
    fn from(number: u64) -> Value {
        Value::Int(i64::try_from(number).unwrap_or(limits::JSON_INTEGER))
    }
}
impl From<bool> for Value {
    fn from(flag: bool) -> Value {
        Value::Bool(flag)
    }
}
impl From<Object> for Value {
    fn from(object: Object) -> Value {
        Value::Object(object)
    }
}
impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Value {
        Value::Array(items.into_iter().map(Into::into).collect())
    }
}

/// Reads one JSON value that fills `bytes`. [`Code::JsonMalformed`] names the byte offset.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    parse_within(bytes, limits::JSON_DEPTH)
}

/// The same for what our own program wrote around values that are as deep as [`parse`] allows: the
/// outermost value is at depth 0, and none is deeper than `depth`, which bounds the recursion.
pub fn parse_within(bytes: &[u8], depth: usize) -> Result<Value> {
    let text = std::str::from_utf8(bytes)
        .map_err(|e| Code::JsonMalformed.at(format!("not UTF-8 at byte {}", e.valid_up_to())))?;
    let mut parser = Parser { text, at: 0, deepest: depth };
    parser.space();
    let value = parser.value(0)?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.fault("more after the value"));
    }
    Ok(value)
}

/// Reads one JSON object that fills `bytes`.
pub fn parse_object(bytes: &[u8]) -> Result<Object> {
    match parse(bytes)? {
        Value::Object(object) => Ok(object),
        _ => Err(Code::JsonMalformed.at("not an object")),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    deepest: usize,
}

impl Parser<'_> {
    fn fault(&self, what: &str) -> Fault {
        Code::JsonMalformed.at(format!("{what} at byte {}", self.at))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let hit = self.peek() == Some(byte);
        self.at += usize::from(hit);
        hit
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.fault("not a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        if depth > self.deepest {
            return Err(self.fault("nested too deep"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::Str),
            Some(b'-' | b'0'..=b'9') => self.integer(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.fault("not a value")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value> {
        self.at += 1;
        let mut members: Vec<(String, Value)> = Vec::new();
        self.space();
        if self.take(b'}') {
            return Ok(Value::Object(Object(members)));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.fault("not a name"));
            }
            let name = self.string()?;
            if members.iter().any(|(other, _)| *other == name) {
                return Err(self.fault("name twice"));
            }
            // Comparing each name with all before it is quadratic, so the count is bounded low.
            if members.len() >= limits::ITEMS / 10 {
                return Err(self.fault("too many members"));
            }
            self.space();
            if !self.take(b':') {
                return Err(self.fault("no colon"));
            }
            self.space();
            let value = self.value(depth + 1)?;
            members.push((name, value));
            self.space();
            if self.take(b'}') {
                return Ok(Value::Object(Object(members)));
            }
            if !self.take(b',') {
                return Err(self.fault("no comma"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            if items.len() >= limits::ITEMS {
                return Err(self.fault("too many elements"));
            }
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take(b']') {
                return Ok(Value::Array(items));
            }
            if !self.take(b',') {
                return Err(self.fault("no comma"));
            }
        }
    }

    fn integer(&mut self) -> Result<Value> {
        let start = self.at;
        let negative = self.take(b'-');
        let digits = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let text = &self.text[digits..self.at];
        if text.is_empty() || (text.len() > 1 && text.starts_with('0')) {
            return Err(self.fault("not an integer"));
        }
        if matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            return Err(self.fault("fraction or exponent"));
        }
        if negative && text == "0" {
            return Err(self.fault("-0"));
        }
        let number: i64 =
            self.text[start..self.at].parse().map_err(|_| self.fault("integer too large"))?;
        if number.abs() > limits::JSON_INTEGER {
            return Err(self.fault("integer too large"));
        }
        Ok(Value::Int(number))
    }

    fn string(&mut self) -> Result<String> {
        self.at += 1;
        let start = self.at;
        // Most strings have no escape: one search, one copy.
        self.at += plain(&self.text.as_bytes()[start..]);
        if self.take(b'"') {
            return Ok(self.text[start..self.at - 1].to_owned());
        }
        let mut out = self.text[start..self.at].to_owned();
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                0..=0x1f => return Err(self.fault("control character")),
                _ => {
                    let run = self.at;
                    self.at += plain(&self.text.as_bytes()[run..]);
                    out.push_str(&self.text[run..self.at]);
                }
            }
        }
        Err(self.fault("string without end"))
    }

    fn escape(&mut self) -> Result<char> {
        let byte = self.peek().ok_or_else(|| self.fault("string without end"))?;
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.four()?;
                if !(0xd800..0xe000).contains(&first) {
                    return char::from_u32(first).ok_or_else(|| self.fault("no character"));
                }
                let paired = first < 0xdc00 && self.take(b'\\') && self.take(b'u');
                let second = if paired { self.four()? } else { 0 };
                if !(0xdc00..0xe000).contains(&second) {
                    return Err(self.fault("lone surrogate"));
                }
                let scalar = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                char::from_u32(scalar).ok_or_else(|| self.fault("no character"))?
            }
            _ => return Err(self.fault("unknown escape")),
        })
    }

    fn four(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let digits = digits.ok_or_else(|| self.fault("not four hex digits"))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| self.fault("not four hex digits"))
    }
}

pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    loop {
        let (run, after) = rest.split_at(plain(rest.as_bytes()));
        out.push_str(run);
        let Some(byte) = after.bytes().next() else { break };
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            _ => {
                let _ = write!(out, "\\u{byte:04x}");
            }
        }
        rest = &after[1..];
    }
    out.push('"');
}

/// How many bytes at the beginning stand in a string as they are. Looked at in blocks, which the
/// compiler turns into a few instructions each: most of an act is text.
fn plain(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let none = |block: &&[u8]| !block.iter().fold(false, |any, byte| any | special(byte));
    let blocks = bytes.chunks_exact(BLOCK).take_while(none).count() * BLOCK;
    blocks + bytes[blocks..].iter().position(special).unwrap_or(bytes.len() - blocks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_it_should() {
        let text = br#" {"a":[1,-2,true,null],"b":{"c":"\u00e9\ud83d\ude00\n"}} "#;
        let object = parse_object(text).unwrap();
        assert_eq!(object.get("a").unwrap().as_array().unwrap().len(), 4);
        let inner = object.get("b").unwrap().as_object().unwrap();
        assert_eq!(inner.get("c").unwrap().as_str().unwrap(), "é😀\n");
        assert_eq!(parse(b"9007199254740991").unwrap(), Value::Int(limits::JSON_INTEGER));
    }

    #[test]
    fn a_string_is_read_and_written_the_same_wherever_its_special_bytes_lie() {
        for length in [0, 1, 31, 32, 33, 64, 100] {
            assert_eq!(plain("é".repeat(length).as_bytes()), 2 * length);
            for at in 0..length {
                for special in ['"', '\\', '\n', '\u{1f}', '\0'] {
                    let mut text = "x".repeat(length);
                    text.replace_range(at..=at, &special.to_string());
                    assert_eq!(plain(text.as_bytes()), at);
                    let mut out = String::new();
                    write_string(&text, &mut out);
                    assert_eq!(parse(out.as_bytes()).unwrap(), Value::Str(text));
                }
            }
        }
    }

    #[test]
    fn refuses_what_two_readers_could_read_differently() {
        let deep = format!("{}1{}", "[".repeat(9), "]".repeat(9));
        let fine = format!("{}1{}", "[".repeat(8), "]".repeat(8));
        assert!(parse(fine.as_bytes()).is_ok());
        assert!(parse_within(deep.as_bytes(), 9).is_ok());
        assert!(parse_within(deep.as_bytes(), 8).is_err());
        for bad in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\":1,\"a\":2}",
            "{\"k\":1,\"\\u006b\":2}",
            "\u{feff}{}",
            "1.0",
            "1e3",
            "-0",
            "01",
            "+1",
            "-",
            "9007199254740992",
            "-9007199254740992",
            "99999999999999999999999",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\\ud800x\"",
            "\"\\u12g4\"",
            "\"\\x\"",
            "\"a\nb\"",
            "'a'",
            "{a:1}",
            "nul",
            "NaN",
            "1 2",
            "\"open",
            &deep,
        ] {
            assert_eq!(parse(bad.as_bytes()).unwrap_err().code, Code::JsonMalformed, "{bad}");
        }
        assert!(parse(b"\"\xff\"").is_err());
        assert!(parse(b"\"\xed\xa0\x80\"").is_err());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            (-limits::JSON_INTEGER..=limits::JSON_INTEGER).prop_map(Value::Int),
            any::<String>().prop_map(Value::Str),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|m| Value::Object(Object(m.into_iter().collect()))),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in any_value()) {
            prop_assert_eq!(parse(value.to_text().as_bytes()).unwrap(), value);
        }

        #[test]
        fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = parse(&bytes) {
                prop_assert_eq!(parse(value.to_text().as_bytes()).unwrap(), value);
            }
        }
    }
}
