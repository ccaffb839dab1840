//! The payload of an act: strict JSON with a closed set of keys. Rules read the coded fields in
//! `body`; everything else that a person wrote is a disclosure.

use crate::disclose;
use crate::fault::{Code, Fault, Result};
use crate::hash::Hash;
use crate::id::{Entry, hex, unhex};
use crate::limits;
use crate::strict::json::{self, Object, Value};

/// What the author had verified of the peer's log when it signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Leaves of the peer's log.
    pub size: u64,
    /// Its root at that size.
    pub root: Hash,
}

/// What the first act of a matter carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Makes the matter id unique.
    pub nonce: [u8; 16],
    /// Digest of the agreed channel terms; zeros before any are agreed.
    pub terms: Hash,
    /// The line of work.
    pub stream: String,
}

/// The payload of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Which kind of act.
    pub kind: String,
    /// Flow and version, for example `assistance/1`.
    pub rules: String,
    /// Epoch of the author's log.
    pub epoch: u64,
    /// Position among this author's acts in the matter, from 1.
    pub seq: u64,
    /// The author's act before this one in the matter.
    pub prev: Option<Entry>,
    /// The newest head of the peer's log that the author had verified.
    pub seen: Seen,
    /// Acts that this one answers, all in its causal past.
    pub re: Vec<Entry>,
    /// Whether the channel is a drill.
    pub drill: bool,
    /// In the first act of a matter only.
    pub open: Option<Open>,
    /// Coded fields: enumerations, numbers, dates, digests.
    pub body: Object,
    /// Digests of the disclosures (RFC 9901).
    pub sd: Vec<Hash>,
    /// Reserved for release in two steps: an act that has it is held until a node knows how.
    pub late: Option<Object>,
}

const VERSION: i64 = 1;
const KEYS: [&str; 14] = [
    "v", "kind", "rules", "epoch", "seq", "prev", "seen", "re", "drill", "open", "body", "_sd",
    "_sd_alg", "late",
];

impl Payload {
    /// JSON bytes, keys in the order of the specification.
    pub fn encode(&self) -> Vec<u8> {
        let mut object = Object::default()
            .with("v", VERSION)
            .with("kind", self.kind.as_str())
            .with("rules", self.rules.as_str())
            .with("epoch", self.epoch)
            .with("seq", self.seq)
            .with("prev", self.prev.map_or(Value::Null, |entry| entry.to_string().into()))
            .with(
                "seen",
                Object::default().with("size", self.seen.size).with("root", hex(&self.seen.root)),
            )
            .with("re", self.re.iter().map(Entry::to_string).collect::<Vec<_>>())
            .with("drill", self.drill);
        if let Some(open) = &self.open {
            let open = Object::default()
                .with("nonce", hex(&open.nonce))
                .with("terms", hex(&open.terms))
                .with("stream", open.stream.as_str());
            object.0.push(("open".to_owned(), open.into()));
        }
        object.0.push(("body".to_owned(), self.body.clone().into()));
        let digests: Vec<String> = self.sd.iter().map(disclose::digest_text).collect();
        object.0.push(("_sd".to_owned(), digests.into()));
        object.0.push(("_sd_alg".to_owned(), "sha-256".into()));
        if let Some(late) = &self.late {
            object.0.push(("late".to_owned(), late.clone().into()));
        }
        let mut text = String::with_capacity(768);
        object.write(&mut text);
        text.into_bytes()
    }

    /// Reads and checks form, not meaning. [`Code::PayloadWrong`] names the key. REC-13.
    pub fn parse(bytes: &[u8]) -> Result<Payload> {
        let mut object = json::parse_object(bytes)?;
        if let Some((name, _)) = object.0.iter().find(|(name, _)| !KEYS.contains(&name.as_str())) {
            return Err(wrong(&format!("unknown key {name:?}")));
        }
        if number(&object, "v")? != VERSION as u64 {
            return Err(wrong("v"));
        }
        if text(&object, "_sd_alg")? != "sha-256" {
            return Err(wrong("_sd_alg"));
        }
        let seq = number(&object, "seq")?;
        let prev = match object.get("prev") {
            Some(Value::Null) => None,
            Some(Value::Str(hash)) => Some(Entry::parse(hash).map_err(|_| wrong("prev"))?),
            _ => return Err(wrong("prev")),
        };
        if seq == 0 || prev.is_none() != (seq == 1) {
            return Err(wrong("seq and prev"));
        }
        let late = match object.take("late") {
            None => None,
            Some(Value::Object(late)) => Some(late),
            Some(_) => return Err(wrong("late")),
        };
        let Some(Value::Object(body)) = object.take("body") else { return Err(wrong("body")) };
        Ok(Payload {
            kind: name(&object, "kind")?,
            rules: name(&object, "rules")?,
            epoch: number(&object, "epoch")?,
            seq,
            prev,
            seen: seen(&object)?,
            re: list(&object, "re", limits::ANSWERED, Entry::parse)?,
            drill: object.get("drill").and_then(Value::as_bool).ok_or_else(|| wrong("drill"))?,
            open: open(&object)?,
            body,
            sd: digests(&object)?,
            late,
        })
    }
}

fn wrong(what: &str) -> Fault {
    Code::PayloadWrong.at(what)
}

fn text<'a>(object: &'a Object, name: &str) -> Result<&'a str> {
    object.get(name).and_then(Value::as_str).ok_or_else(|| wrong(name))
}

/// A short lower-case name: it becomes a phrase key and a metric label.
fn name(object: &Object, name: &str) -> Result<String> {
    let text = text(object, name)?;
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-./".contains(&b);
    if (1..=64).contains(&text.len()) && text.bytes().all(good) {
        Ok(text.to_owned())
    } else {
        Err(wrong(name))
    }
}

fn number(object: &Object, name: &str) -> Result<u64> {
    let number = object.get(name).and_then(Value::as_int);
    number.and_then(|n| u64::try_from(n).ok()).ok_or_else(|| wrong(name))
}

fn member<'a>(object: &'a Object, name: &str) -> Result<&'a Object> {
    object.get(name).and_then(Value::as_object).ok_or_else(|| wrong(name))
}

fn closed(object: &Object, keys: &[&str], name: &str) -> Result<()> {
    let same = object.0.len() == keys.len() && keys.iter().all(|key| object.get(key).is_some());
    if same { Ok(()) } else { Err(wrong(name)) }
}

fn list<T>(
    object: &Object,
    name: &str,
    most: usize,
    read: impl Fn(&str) -> Result<T>,
) -> Result<Vec<T>> {
    let items = object.get(name).and_then(Value::as_array).ok_or_else(|| wrong(name))?;
    if items.len() > most {
        return Err(Code::TooLarge.at(name));
    }
    items
        .iter()
        .map(|item| item.as_str().and_then(|text| read(text).ok()).ok_or_else(|| wrong(name)))
        .collect()
}

fn digests(object: &Object) -> Result<Vec<Hash>> {
    let digests = list(object, "_sd", limits::DISCLOSURES, disclose::parse_digest)?;
    let twice = digests.iter().enumerate().any(|(i, digest)| digests[..i].contains(digest));
    if twice { Err(wrong("_sd has a digest twice")) } else { Ok(digests) }
}

fn seen(object: &Object) -> Result<Seen> {
    let seen = member(object, "seen")?;
    closed(seen, &["size", "root"], "seen")?;
    let root = unhex(text(seen, "root")?).map_err(|_| wrong("seen.root"))?;
    Ok(Seen { size: number(seen, "size")?, root })
}

fn open(object: &Object) -> Result<Option<Open>> {
    if object.get("open").is_none() {
        return Ok(None);
    }
    let open = member(object, "open")?;
    closed(open, &["nonce", "terms", "stream"], "open")?;
    Ok(Some(Open {
        nonce: unhex(text(open, "nonce")?).map_err(|_| wrong("open.nonce"))?,
        terms: unhex(text(open, "terms")?).map_err(|_| wrong("open.terms"))?,
        stream: name(open, "stream")?,
    }))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> Payload {
        Payload {
            kind: "request".into(),
            rules: "assistance/1".into(),
            epoch: 1,
            seq: 1,
            prev: None,
            seen: Seen { size: 4, root: [4; 32] },
            re: vec![Entry([9; 32])],
            drill: true,
            open: Some(Open { nonce: [1; 16], terms: [0; 32], stream: "cybercrime".into() }),
            body: Object::default().with("urgency", "urgent").with("reply_by", 1_800_000_000i64),
            sd: vec![[7; 32], [8; 32]],
            late: None,
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let full = sample();
        assert_eq!(Payload::parse(&full.encode()).unwrap(), full);
        let next = Payload {
            seq: 2,
            prev: Some(Entry([3; 32])),
            open: None,
            late: Some(Object::default()),
            ..full
        };
        assert_eq!(Payload::parse(&next.encode()).unwrap(), next);
    }

    #[test]
    fn every_change_of_form_is_named() {
        let text = String::from_utf8(sample().encode()).unwrap();
        for (from, to, place) in [
            ("\"v\":1", "\"v\":2", "v"),
            ("\"v\":1,", "\"v\":1,\"x\":1,", "unknown key"),
            ("\"seq\":1", "\"seq\":2", "seq and prev"),
            ("\"seq\":1", "\"seq\":0", "seq and prev"),
            ("\"seq\":1", "\"seq\":-1", "seq"),
            ("\"prev\":null", "\"prev\":\"00\"", "prev"),
            ("\"drill\":true", "\"drill\":1", "drill"),
            ("\"kind\":\"request\"", "\"kind\":\"Request\"", "kind"),
            ("sha-256", "sha-512", "_sd_alg"),
            ("\"size\":4,", "", "seen"),
            ("\"stream\":", "\"streams\":", "open"),
            ("\"body\":{", "\"body\":[],\"bodies\":{", "unknown key"),
        ] {
            assert!(text.contains(from), "{from}");
            let fault = Payload::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert_eq!(fault.code, Code::PayloadWrong, "{to}");
            assert!(fault.at.contains(place), "{to}: {fault}");
        }
        let doubled = Payload { sd: vec![[7; 32], [7; 32]], ..sample() };
        assert!(Payload::parse(&doubled.encode()).is_err());
        let many = Payload { re: vec![Entry([9; 32]); 17], ..sample() };
        assert_eq!(Payload::parse(&many.encode()).unwrap_err().code, Code::TooLarge);
    }
}
