//! Partners without a node: what is said of them, and what came from them by hand.
//!
//! A matter with a correspondent follows the same flow as one with a party, with the same forms and
//! clocks; but all its statements are ours. What the correspondent said is our own act
//! [`ENTERED`], which tells how and when it came and what it was. It is no flow: a node that meets
//! one in a channel of two parties holds it back. Spec: docs/spec/correspondent.md.

mod page;

pub use page::{Named, Page};

use crate::flow::{Flow, erased, usual};
use crate::form::{Field, Kind, Who, is_language, table};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::MatterId;
use counterpart_record::strict::json::{Object, Value};

/// Name and version as a statement carries them.
pub const RULES: &str = "apart/1";
/// The statement that describes a correspondent.
pub const DESCRIBED: &str = "correspondent";
/// The statement that says what came from one.
pub const ENTERED: &str = "entered";
/// The nonce of the one matter of a one-sided log in which the correspondent is described.
pub const NONCE: [u8; 16] = *b"counterpart/corr";
/// The disclosure of an entered act that names who took it.
pub const TAKEN_BY: &str = "taken_by";
/// How something can come to a desk.
pub const HOW: &[&str] = &["phone", "mail", "fax", "other-network", "in-person"];
/// What was entered so many seconds after it had come is marked as a late entry. COR-4.
pub const LATE_SECONDS: u64 = 24 * 3_600;

table! {
    /// What a person says of something that came, besides what it was.
    CAME {
        required "how": Choice(HOW);
        required "received_at": Instant;
        optional "taken_by": Line(200);
    }
}

/// What a person says of something that came, as a form.
pub const CAME_KIND: Kind = Kind { name: ENTERED, who: Who::Either, opens: false, fields: CAME };

/// The fields of [`CAME_KIND`].
pub const CAME_FIELDS: &[Field] = CAME;

/// Whether matters of this flow can be led with a correspondent: those that live by acts and
/// clocks alone. A call rings at two desks, terms and figures are agreed by two.
pub fn by_hand(flow: &Flow) -> bool {
    std::ptr::eq(flow, usual())
}

/// Whether a one-sided log takes acts of these rules: those that can be led by hand, and what the
/// node notes of itself.
pub fn takes(rules: &str) -> bool {
    rules == usual().rules() || rules == erased(&MatterId([0; 16]), 0).0
}

/// Something that came from a correspondent, as the coded part of our statement has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// One of [`HOW`].
    pub how: String,
    /// When it came, in seconds (UTC), by the word of whoever entered it.
    pub received_at: u64,
    /// The flow of what came.
    pub rules: String,
    /// The kind of what came.
    pub kind: String,
    /// Its coded fields.
    pub fields: Object,
}

impl Entered {
    /// The body of our statement.
    pub fn body(&self) -> Object {
        Object::default()
            .with("how", self.how.as_str())
            .with("received_at", self.received_at)
            .with("rules", self.rules.as_str())
            .with("kind", self.kind.as_str())
            .with("fields", self.fields.clone())
    }

    /// Reads a statement of this kind; `None` for any other. [`Code::PayloadWrong`] if it is one
    /// and not of the closed form. COR-2.
    pub fn read((rules, kind): (&str, &str), body: &Object) -> Result<Option<Entered>> {
        if (rules, kind) != (RULES, ENTERED) {
            return Ok(None);
        }
        let wrong = |what: &str| Code::PayloadWrong.at(format!("entered: {what}"));
        let text = |name: &str| body.get(name).and_then(Value::as_str).ok_or_else(|| wrong(name));
        let how = text("how")?;
        if !HOW.contains(&how) || body.0.len() != 5 {
            return Err(wrong("how"));
        }
        let received_at = body.get("received_at").and_then(Value::as_int);
        let received_at = received_at.and_then(|at| u64::try_from(at).ok());
        let fields = body.get("fields").and_then(Value::as_object);
        Ok(Some(Entered {
            how: how.to_owned(),
            received_at: received_at.ok_or_else(|| wrong("received_at"))?,
            rules: text("rules")?.to_owned(),
            kind: text("kind")?.to_owned(),
            fields: fields.ok_or_else(|| wrong("fields"))?.clone(),
        }))
    }

    /// By how many seconds it was entered late; 0 within the time that a desk has for it. COR-4.
    pub fn late_by(&self, entered_at: u64) -> u64 {
        let after = entered_at.saturating_sub(self.received_at);
        if after > LATE_SECONDS { after } else { 0 }
    }
}

/// A partner without a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correspondent {
    /// Its names by language tag, at least one.
    pub names: Vec<(String, String)>,
    /// Languages that it reads.
    pub languages: Vec<String>,
    /// Numbers to call back.
    pub callback: Vec<String>,
    /// Where it is reached: a word (`mail`, `fax`, a network) and the address there.
    pub addresses: Vec<(String, String)>,
}

/// Most entries in each list of a description.
const MOST: usize = 32;

impl Correspondent {
    /// As it lies beside our statement.
    pub fn to_object(&self) -> Object {
        let pairs = |list: &[(String, String)]| {
            list.iter().fold(Object::default(), |out, (name, value)| out.with(name, value.as_str()))
        };
        let addresses = self.addresses.iter().map(|(kind, at)| {
            Object::default().with("kind", kind.as_str()).with("at", at.as_str()).into()
        });
        Object::default()
            .with("names", pairs(&self.names))
            .with("languages", self.languages.clone())
            .with("callback", self.callback.clone())
            .with("addresses", Value::Array(addresses.collect()))
    }

    /// Reads and checks a description. [`Code::ArgumentWrong`] names the place.
    pub fn read(object: &Object) -> Result<Correspondent> {
        let wrong = |what: &str| Code::ArgumentWrong.at(format!("correspondent: {what}"));
        let list = |name: &str| object.get(name).and_then(Value::as_array).unwrap_or_default();
        let texts = |name: &'static str| -> Result<Vec<String>> {
            let each = list(name).iter().map(|one| one.as_str().and_then(line));
            each.map(|one| one.ok_or_else(|| wrong(name))).collect()
        };
        let names = object.get("names").and_then(Value::as_object);
        let names = names.map(|names| &names.0[..]).unwrap_or_default().iter();
        let names = names.map(|(tag, name)| {
            let name = name.as_str().and_then(line).filter(|_| is_tag(tag));
            Ok((tag.clone(), name.ok_or_else(|| wrong("names"))?))
        });
        let addresses = list("addresses").iter().map(|one| {
            let text = |name: &str| one.as_object()?.get(name)?.as_str().and_then(line);
            let kind = text("kind").filter(|kind| is_tag(kind));
            kind.zip(text("at")).ok_or_else(|| wrong("addresses"))
        });
        let read = Correspondent {
            names: names.collect::<Result<_>>()?,
            languages: texts("languages")?,
            callback: texts("callback")?,
            addresses: addresses.collect::<Result<_>>()?,
        };
        let lists = [read.names.len(), read.languages.len(), read.callback.len()];
        if read.names.is_empty() || lists.iter().any(|n| *n > MOST) || read.addresses.len() > MOST {
            return Err(wrong("names"));
        }
        match read.languages.iter().find(|tag| !is_language(tag)) {
            Some(tag) => Err(wrong(tag)),
            None => Ok(read),
        }
    }

    /// Its name in a language, else its first one.
    pub fn name(&self, tag: &str) -> &str {
        let own = self.names.iter().find(|(other, _)| other == tag);
        own.or(self.names.first()).map_or("", |(_, name)| name)
    }
}

/// One line of text: not empty, at most 200 characters, nothing that moves a cursor.
fn line(text: &str) -> Option<String> {
    let text = text.trim();
    let good =
        !text.is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control);
    good.then(|| text.to_owned())
}

/// A language tag or another short word in the letters of BCP 47.
fn is_tag(text: &str) -> bool {
    let good = |part: &str| {
        (1..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    text.split('-').all(good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::say::{Lang, known};

    fn entered() -> Entered {
        Entered {
            how: "phone".into(),
            received_at: 1_000,
            rules: usual().rules().into(),
            kind: "answer".into(),
            fields: Object::default().with("extent", "full"),
        }
    }

    /// COR-2.
    #[test]
    fn what_came_is_read_back_and_nothing_else_is_taken_for_it() {
        let one = entered();
        let read = |body: &Object| Entered::read((RULES, ENTERED), body);
        assert_eq!(read(&one.body()).unwrap(), Some(one.clone()));
        assert_eq!(Entered::read((usual().rules(), ENTERED), &one.body()).unwrap(), None);
        assert_eq!(Entered::read((RULES, "answer"), &one.body()).unwrap(), None);
        assert!(crate::flow::flow(RULES).is_none(), "no flow: a peer's node holds it back");
        let mut more = one.body();
        more.set("signed_by", "Borealis");
        let pigeon = Entered { how: "pigeon".into(), ..one.clone() };
        for body in [Object::default(), more, pigeon.body()] {
            assert_eq!(read(&body).unwrap_err().code, Code::PayloadWrong);
        }
        for name in ["how", "received_at", "rules", "kind", "fields"] {
            let mut body = one.body();
            body.take(name);
            assert_eq!(read(&body).unwrap_err().code, Code::PayloadWrong, "{name}");
        }
    }

    /// COR-4.
    #[test]
    fn an_entry_is_late_when_a_day_has_passed() {
        let one = entered();
        assert_eq!(one.late_by(0), 0);
        assert_eq!(one.late_by(1_000 + LATE_SECONDS), 0);
        assert_eq!(one.late_by(1_001 + LATE_SECONDS), LATE_SECONDS + 1);
    }

    #[test]
    fn a_description_is_read_back_or_its_wrong_place_is_named() {
        let one = Correspondent {
            names: vec![("en".into(), "Cascadia".into()), ("zh-CN".into(), "卡斯卡迪亚".into())],
            languages: vec!["en".into()],
            callback: vec!["+1 555 0177".into()],
            addresses: vec![("fax".into(), "+1 555 0178".into())],
        };
        assert_eq!(Correspondent::read(&one.to_object()).unwrap(), one);
        assert_eq!((one.name("zh-CN"), one.name("fr")), ("卡斯卡迪亚", "Cascadia"));
        let wrong = [
            Correspondent { names: Vec::new(), ..one.clone() },
            Correspondent { names: vec![("en".into(), "a\u{1b}b".into())], ..one.clone() },
            Correspondent { names: vec![("e n".into(), "x".into())], ..one.clone() },
            Correspondent { languages: vec!["en_US".into()], ..one.clone() },
            Correspondent { callback: vec!["1".into(); 33], ..one.clone() },
            Correspondent { addresses: vec![(String::new(), "x".into())], ..one.clone() },
            Correspondent { addresses: vec![("fax".into(), "x".repeat(201))], ..one },
        ];
        for wrong in wrong {
            let fault = Correspondent::read(&wrong.to_object()).unwrap_err();
            assert_eq!(fault.code, Code::ArgumentWrong, "{wrong:?}");
        }
    }

    #[test]
    fn every_word_has_a_phrase() {
        let mut keys = vec![format!("kind-{ENTERED}"), format!("kind-{DESCRIBED}")];
        keys.extend(HOW.iter().map(|how| format!("choice-how-{how}")));
        keys.extend(CAME_FIELDS.iter().map(|field| format!("field-{}", field.name)));
        for key in keys {
            assert!(Lang::ALL.iter().all(|lang| known(*lang, &key)), "{key}");
        }
    }
}
