//! Strict CBOR (RFC 8949). Our own structures must be deterministic (section 4.2.1: shortest
//! lengths, definite, map keys sorted by their bytes and each once, no floats). Structures that
//! other software signs may order their maps as they like; everything else holds for them too.

use crate::fault::{Code, Fault, Result};
use crate::limits;

/// How maps may be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Keys sorted by their encoded bytes, as RFC 8949 section 4.2.1 asks: everything we write.
    Deterministic,
    /// Keys in any order, each once: what other COSE writers may send.
    Any,
}

/// A CBOR value without floats and without indefinite lengths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Major type 0 and 1, within i64 plus the upper half of u64.
    Int(i128),
    /// Major type 2.
    Bytes(Vec<u8>),
    /// Major type 3.
    Text(String),
    /// Major type 4.
    Array(Vec<Value>),
    /// Major type 5, in the order of the bytes.
    Map(Vec<(Value, Value)>),
    /// Major type 6.
    Tag(u64, Box<Value>),
    /// `false` and `true`.
    Bool(bool),
    /// `null`.
    Null,
}

impl Value {
    /// The value under an integer label of a map.
    pub fn label(&self, label: i64) -> Option<&Value> {
        let Value::Map(pairs) = self else { return None };
        let key = Value::Int(i128::from(label));
        pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The byte string, if it is one.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// The unsigned integer, if it is one within u64.
    pub fn as_u64(&self) -> Option<u64> {
        if let Value::Int(number) = self { u64::try_from(*number).ok() } else { None }
    }

    /// The integer, if it is one within i64.
    pub fn as_i64(&self) -> Option<i64> {
        if let Value::Int(number) = self { i64::try_from(*number).ok() } else { None }
    }

    /// The elements, if it is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Value::Array(items) = self { Some(items) } else { None }
    }
}

/// Reads one value that fills `bytes`. [`Code::CborMalformed`] names the byte offset.
pub fn decode(bytes: &[u8], order: Order) -> Result<Value> {
    let mut reader = Reader { bytes, at: 0, order };
    let value = reader.value()?;
    reader.end()?;
    Ok(value)
}

/// A cursor over CBOR bytes that checks as it goes; for hot paths that need no tree of values.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    order: Order,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte, demanding deterministic encoding.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0, order: Order::Deterministic }
    }

    /// How many bytes were read.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Whether all bytes were read; more of them is a fault.
    pub fn end(&self) -> Result<()> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.fault("more after the value")) }
    }

    /// An array header: the number of elements.
    pub fn array(&mut self) -> Result<usize> {
        self.sized(4, "not an array")
    }

    /// A map header: the number of pairs.
    pub fn map(&mut self) -> Result<usize> {
        self.sized(5, "not a map")
    }

    /// A tag number.
    pub fn tag(&mut self) -> Result<u64> {
        self.of(6, "not a tag")
    }

    /// A byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.of(2, "not a byte string")?;
        self.slice(length)
    }

    /// A text string.
    pub fn text(&mut self) -> Result<&'a str> {
        let length = self.of(3, "not a text string")?;
        let slice = self.slice(length)?;
        std::str::from_utf8(slice).map_err(|_| self.fault("text not UTF-8"))
    }

    /// An unsigned integer.
    pub fn uint(&mut self) -> Result<u64> {
        self.of(0, "not an unsigned integer")
    }

    /// Any integer within i64.
    pub fn int(&mut self) -> Result<i64> {
        let (major, number) = self.head()?;
        let number = i64::try_from(number).map_err(|_| self.fault("integer too large"))?;
        match major {
            0 => Ok(number),
            1 => Ok(-1 - number),
            _ => Err(self.fault("not an integer")),
        }
    }

    /// Any value.
    pub fn value(&mut self) -> Result<Value> {
        self.nested(0)
    }

    fn fault(&self, what: &str) -> Fault {
        Code::CborMalformed.at(format!("{what} at byte {}", self.at))
    }

    fn slice(&mut self, length: u64) -> Result<&'a [u8]> {
        let left = self.bytes.len() - self.at;
        let length = usize::try_from(length).ok().filter(|n| *n <= left);
        let length = length.ok_or_else(|| self.fault("string longer than the data"))?;
        let slice = &self.bytes[self.at..self.at + length];
        self.at += length;
        Ok(slice)
    }

    /// Major type and argument, in the shortest form only.
    fn head(&mut self) -> Result<(u8, u64)> {
        let first = *self.bytes.get(self.at).ok_or_else(|| self.fault("no value"))?;
        self.at += 1;
        let (major, info) = (first >> 5, first & 31);
        let width = match info {
            0..=23 => return Ok((major, u64::from(info))),
            24..=27 => 1usize << (info - 24),
            _ => return Err(self.fault("indefinite length or reserved form")),
        };
        let bytes = self.bytes.get(self.at..self.at + width);
        let bytes = bytes.ok_or_else(|| self.fault("cut short"))?;
        let number = bytes.iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        self.at += width;
        let least = [24, 1 << 8, 1 << 16, 1 << 32][usize::from(info - 24)];
        if major != 7 && number < least {
            return Err(self.fault("not the shortest form"));
        }
        Ok((major, number))
    }

    fn of(&mut self, wanted: u8, what: &str) -> Result<u64> {
        let (major, number) = self.head()?;
        if major == wanted { Ok(number) } else { Err(self.fault(what)) }
    }

    fn sized(&mut self, wanted: u8, what: &str) -> Result<usize> {
        let number = self.of(wanted, what)?;
        self.count(number)
    }

    fn count(&self, number: u64) -> Result<usize> {
        let count = usize::try_from(number).ok().filter(|n| *n <= limits::ITEMS);
        count.ok_or_else(|| self.fault("too many elements"))
    }

    fn nested(&mut self, depth: usize) -> Result<Value> {
        if depth > limits::CBOR_DEPTH {
            return Err(self.fault("nested too deep"));
        }
        let start = self.at;
        let (major, number) = self.head()?;
        Ok(match major {
            0 => Value::Int(i128::from(number)),
            1 => Value::Int(-1 - i128::from(number)),
            2 => Value::Bytes(self.slice(number)?.to_vec()),
            3 => {
                let slice = self.slice(number)?;
                let text = std::str::from_utf8(slice).map_err(|_| self.fault("text not UTF-8"))?;
                Value::Text(text.to_owned())
            }
            4 => {
                let count = self.count(number)?;
                let mut items = Vec::with_capacity(count.min(64));
                for _ in 0..count {
                    items.push(self.nested(depth + 1)?);
                }
                Value::Array(items)
            }
            5 => self.pairs(number, depth)?,
            6 => Value::Tag(number, Box::new(self.nested(depth + 1)?)),
            _ => match self.bytes[start] {
                0xf4 => Value::Bool(false),
                0xf5 => Value::Bool(true),
                0xf6 => Value::Null,
                _ => return Err(self.fault("float or other simple value")),
            },
        })
    }

    fn pairs(&mut self, number: u64, depth: usize) -> Result<Value> {
        let count = self.count(number)?;
        let mut pairs: Vec<(Value, Value)> = Vec::with_capacity(count.min(64));
        let mut before: &[u8] = &[];
        for i in 0..count {
            let start = self.at;
            let key = self.nested(depth + 1)?;
            let bytes = &self.bytes[start..self.at];
            match self.order {
                Order::Deterministic if i > 0 && bytes <= before => {
                    return Err(self.fault("map keys not in order"));
                }
                Order::Any if pairs.iter().any(|(other, _)| *other == key) => {
                    return Err(self.fault("map key twice"));
                }
                _ => before = bytes,
            }
            let value = self.nested(depth + 1)?;
            pairs.push((key, value));
        }
        Ok(Value::Map(pairs))
    }
}

/// Writes deterministic CBOR, if the caller gives map keys in order.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An empty writer.
    pub fn new() -> Writer {
        Writer(Vec::new())
    }

    /// An empty writer with room for so many bytes.
    pub fn with_room(bytes: usize) -> Writer {
        Writer(Vec::with_capacity(bytes))
    }

    /// A writer that goes on behind what is there already.
    pub fn behind(bytes: Vec<u8>) -> Writer {
        Writer(bytes)
    }

    /// The bytes.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    fn head(&mut self, major: u8, number: u64) -> &mut Self {
        let top = major << 5;
        match number {
            0..=23 => self.0.push(top | number as u8),
            24..=0xff => self.0.extend_from_slice(&[top | 24, number as u8]),
            0x100..=0xffff => {
                self.0.push(top | 25);
                self.0.extend_from_slice(&(number as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.0.push(top | 26);
                self.0.extend_from_slice(&(number as u32).to_be_bytes());
            }
            _ => {
                self.0.push(top | 27);
                self.0.extend_from_slice(&number.to_be_bytes());
            }
        }
        self
    }

    /// An integer.
    pub fn int(&mut self, number: i64) -> &mut Self {
        if number >= 0 {
            self.head(0, number.unsigned_abs())
        } else {
            self.head(1, number.unsigned_abs() - 1)
        }
    }

    /// An unsigned integer.
    pub fn uint(&mut self, number: u64) -> &mut Self {
        self.head(0, number)
    }

    /// A byte string.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.head(2, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// A text string.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.head(3, text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// An array header; the elements follow.
    pub fn array(&mut self, count: usize) -> &mut Self {
        self.head(4, count as u64)
    }

    /// A map header; the pairs follow, keys in order.
    pub fn map(&mut self, count: usize) -> &mut Self {
        self.head(5, count as u64)
    }

    /// A tag; its content follows.
    pub fn tag(&mut self, number: u64) -> &mut Self {
        self.head(6, number)
    }

    /// `null`.
    pub fn null(&mut self) -> &mut Self {
        self.0.push(0xf6);
        self
    }

    /// Bytes that are CBOR already.
    pub fn raw(&mut self, encoded: &[u8]) -> &mut Self {
        self.0.extend_from_slice(encoded);
        self
    }

    /// Any value; its maps are written sorted.
    pub fn value(&mut self, value: &Value) -> &mut Self {
        match value {
            Value::Int(number) if *number >= 0 => self.head(0, *number as u64),
            Value::Int(number) => self.head(1, (-1 - *number) as u64),
            Value::Bytes(bytes) => self.bytes(bytes),
            Value::Text(text) => self.text(text),
            Value::Array(items) => {
                self.array(items.len());
                for item in items {
                    self.value(item);
                }
                self
            }
            Value::Map(pairs) => {
                let mut sorted: Vec<(Vec<u8>, &Value)> =
                    pairs.iter().map(|(key, value)| (encode(key), value)).collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                self.map(sorted.len());
                for (key, value) in sorted {
                    self.raw(&key).value(value);
                }
                self
            }
            Value::Tag(number, inner) => self.tag(*number).value(inner),
            Value::Bool(flag) => {
                self.0.push(if *flag { 0xf5 } else { 0xf4 });
                self
            }
            Value::Null => self.null(),
        }
    }
}

/// Deterministic bytes of a value.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.value(value);
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn refuses_what_is_not_deterministic() {
        for (hex, why) in [
            ("1817", "not the shortest form"),
            ("190017", "not the shortest form"),
            ("1a0000ffff", "not the shortest form"),
            ("1b00000000ffffffff", "not the shortest form"),
            ("5800", "not the shortest form"),
            ("5f4100ff", "indefinite"),
            ("9f01ff", "indefinite"),
            ("bf0102ff", "indefinite"),
            ("a201020102", "not in order"),
            ("a202010102", "not in order"),
            ("f93c00", "float"),
            ("fa3f800000", "float"),
            ("f7", "float or other"),
            ("e0", "float or other"),
            ("f818", "float or other"),
            ("0000", "more after"),
            ("41", "longer than"),
            ("5bffffffffffffffff00", "longer than"),
            ("9b0000000100000000", "too many"),
            ("61ff", "UTF-8"),
            ("", "no value"),
            ("19ff", "cut short"),
        ] {
            let fault = decode(&bytes(hex), Order::Deterministic).unwrap_err();
            assert_eq!(fault.code, Code::CborMalformed);
            assert!(fault.at.contains(why), "{hex}: {fault}");
        }
        assert!(decode(&bytes("a202010102"), Order::Any).is_ok());
        assert!(decode(&bytes("a201020102"), Order::Any).is_err());
        let deep = [vec![0x81; 17], vec![0]].concat();
        assert!(decode(&deep, Order::Any).is_err());
        assert!(decode(&deep[1..], Order::Any).is_ok());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<u64>().prop_map(|n| Value::Int(i128::from(n))),
            any::<u64>().prop_map(|n| Value::Int(-1 - i128::from(n))),
            prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
            any::<String>().prop_map(Value::Text),
            any::<bool>().prop_map(Value::Bool),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                (any::<u64>(), inner.clone()).prop_map(|(n, v)| Value::Tag(n, Box::new(v))),
                prop::collection::btree_map(any::<u32>(), inner, 0..6).prop_map(|m| Value::Map(
                    m.into_iter().map(|(k, v)| (Value::Int(i128::from(k)), v)).collect()
                )),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in any_value()) {
            prop_assert_eq!(decode(&encode(&value), Order::Deterministic).unwrap(), value);
        }

        #[test]
        fn any_bytes_are_refused_or_written_the_same(
            bytes in prop::collection::vec(any::<u8>(), 0..48)
        ) {
            if let Ok(value) = decode(&bytes, Order::Deterministic) {
                prop_assert_eq!(encode(&value), bytes);
            }
        }
    }
}
