//! Attachments in a form: what the act says of each in clear, and what a disclosure beside it says
//! of how to open it. ATT-1.

use super::{Field, FieldFault, Kind, Sort, Wrong};
use counterpart_record::attachment::Layout;
use counterpart_record::hash::Hash;
use counterpart_record::id::{hex, unhex};
use counterpart_record::limits;
use counterpart_record::strict::json::{Object, Value};

/// What an attachment is.
pub const WHAT: &[&str] = &["order", "data", "translation", "evidence", "other"];
/// Longest name of a file, in characters.
const NAME: usize = 200;
/// Longest media type, in characters.
const MEDIA: usize = 100;

/// An attachment as the act names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// One of [`WHAT`].
    pub what: String,
    /// Size of the sealed bytes.
    pub size: u64,
    /// Names the sealed bytes.
    pub root: Hash,
}

/// What opens an attachment. Erased with the text of its matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The key.
    pub key: [u8; 32],
    /// SHA-256 of the content.
    pub digest: Hash,
    /// Length of the content.
    pub bytes: u64,
    /// The name that its author gave it. For reading: never the name of a file here.
    pub name: String,
    /// The media type that its author states.
    pub media: Option<String>,
}

impl Kind {
    /// Whether such an act may carry attachments.
    pub fn carries(&self) -> bool {
        self.place(|sort| matches!(sort, Sort::Attachments)).is_some()
    }

    fn place(&self, fits: fn(&Sort) -> bool) -> Option<&'static Field> {
        self.fields.iter().find(|field| fits(&field.sort))
    }

    /// The attachments that the coded body of an act names; none if they are not well formed.
    pub fn attachments(&self, body: &Object) -> Vec<Attachment> {
        let field = self.place(|sort| matches!(sort, Sort::Attachments));
        let rows = field.and_then(|field| body.get(field.name)).and_then(Value::as_array);
        let rows = rows.unwrap_or_default().iter().map(attachment).collect::<Option<_>>();
        rows.filter(|rows: &Vec<_>| distinct(rows)).unwrap_or_default()
    }

    /// What opens them, out of the disclosures; none where that was erased or is not well formed.
    pub fn attached<'a>(
        &self,
        disclosed: impl IntoIterator<Item = (&'a str, &'a Value)>,
    ) -> Vec<Attached> {
        let Some(field) = self.place(|sort| matches!(sort, Sort::Attached)) else {
            return Vec::new();
        };
        let found = disclosed.into_iter().find(|(name, _)| *name == field.name);
        let rows = found.and_then(|(_, value)| value.as_array()).unwrap_or_default();
        rows.iter().map(attached).collect::<Option<_>>().unwrap_or_default()
    }

    /// Whether a field says what is attached, and so is never typed by a person.
    pub fn is_attachment(&self, name: &str) -> bool {
        let sort = self.field(name).map(|field| &field.sort);
        matches!(sort, Some(Sort::Attachments | Sort::Attached))
    }

    /// Puts attachments into a form. Nothing happens for a kind that carries none.
    pub fn attach(&self, form: &mut Object, all: &[(Attachment, Attached)]) {
        let coded = self.place(|sort| matches!(sort, Sort::Attachments));
        let disclosed = self.place(|sort| matches!(sort, Sort::Attached));
        let (Some(coded), Some(disclosed)) = (coded, disclosed) else { return };
        if all.is_empty() {
            return;
        }
        let named = all.iter().map(|(one, _)| {
            let row = Object::default().with("what", one.what.as_str()).with("size", one.size);
            Value::from(row.with("root", hex(&one.root)))
        });
        form.set(coded.name, Value::Array(named.collect()));
        let opening = all.iter().map(|(_, one)| {
            let row = Object::default()
                .with("key", hex(&one.key))
                .with("digest", hex(&one.digest))
                .with("bytes", one.bytes)
                .with("name", one.name.as_str());
            Value::from(match &one.media {
                Some(media) => row.with("media", media.as_str()),
                None => row,
            })
        });
        form.set(disclosed.name, Value::Array(opening.collect()));
    }
}

/// The coded field.
pub(super) fn judge_named(given: &Value) -> Result<(), Wrong> {
    let rows = rows(given)?;
    let read: Option<Vec<Attachment>> = rows.iter().map(attachment).collect();
    match read {
        Some(read) if distinct(&read) => Ok(()),
        Some(_) => Err(Wrong::Twice),
        None => Err(Wrong::Type("attachments")),
    }
}

/// The disclosure.
pub(super) fn judge_opening(given: &Value) -> Result<(), Wrong> {
    let whole = rows(given)?.iter().all(|row| attached(row).is_some());
    if whole { Ok(()) } else { Err(Wrong::Type("attachments")) }
}

/// ATT-1: both, or neither, and row by row of one size.
pub(super) fn pair(kind: &Kind, form: &Object, faults: &mut Vec<FieldFault>) {
    let coded = kind.place(|sort| matches!(sort, Sort::Attachments));
    let disclosed = kind.place(|sort| matches!(sort, Sort::Attached));
    let (Some(coded), Some(disclosed)) = (coded, disclosed) else { return };
    let named = kind.attachments(form);
    let pairs = form.0.iter().map(|(name, value)| (name.as_str(), value));
    let opening = kind.attached(pairs);
    let there = [coded, disclosed].map(|field| form.get(field.name).is_some());
    let fits = named.len() == opening.len()
        && named.iter().zip(&opening).all(|(named, opening)| {
            Layout::of_content(opening.bytes).is_ok_and(|layout| layout.sealed() == named.size)
        });
    if there[0] != there[1] || !fits {
        faults.push(FieldFault::new(coded.name, Wrong::Type("attachments")));
    }
}

fn rows(given: &Value) -> Result<&[Value], Wrong> {
    let rows = given.as_array().ok_or(Wrong::Type("attachments"))?;
    match rows.len() {
        0 => Err(Wrong::Missing),
        count if count > limits::ATTACHMENTS => Err(Wrong::TooLong(limits::ATTACHMENTS)),
        _ => Ok(rows),
    }
}

fn distinct(rows: &[Attachment]) -> bool {
    rows.len() <= limits::ATTACHMENTS
        && rows.iter().enumerate().all(|(at, row)| rows[..at].iter().all(|o| o.root != row.root))
}

fn attachment(row: &Value) -> Option<Attachment> {
    let row = row.as_object().filter(|row| row.0.len() == 3)?;
    let what = row.get("what")?.as_str().filter(|what| WHAT.contains(what))?.to_owned();
    let size = u64::try_from(row.get("size")?.as_int()?).ok()?;
    // ATT-3
    Layout::of_sealed(size).ok()?;
    Some(Attachment { what, size, root: unhex(row.get("root")?.as_str()?).ok()? })
}

fn attached(row: &Value) -> Option<Attached> {
    let row = row.as_object()?;
    let line = |name: &str, most: usize| {
        let text = row.get(name)?.as_str()?;
        let good = !text.trim().is_empty()
            && text.chars().count() <= most
            && !text.chars().any(char::is_control);
        good.then(|| text.to_owned())
    };
    let media = row.get("media").map(|_| line("media", MEDIA));
    let known = 4 + usize::from(media.is_some());
    let bytes = u64::try_from(row.get("bytes")?.as_int()?).ok()?;
    // ATT-2
    Layout::of_content(bytes).ok().filter(|_| row.0.len() == known)?;
    Some(Attached {
        key: unhex(row.get("key")?.as_str()?).ok()?,
        digest: unhex(row.get("digest")?.as_str()?).ok()?,
        bytes,
        name: line("name", NAME)?,
        media: match media {
            Some(media) => Some(media?),
            None => None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::usual;
    use crate::form::{check, check_coded, check_disclosed};
    use counterpart_record::strict::json::parse_object;

    fn kind(name: &str) -> &'static Kind {
        usual().kind(name).unwrap()
    }

    fn one(seed: u8, bytes: u64) -> (Attachment, Attached) {
        let size = Layout::of_content(bytes).unwrap().sealed();
        let named = Attachment { what: "evidence".into(), size, root: [seed; 32] };
        let name = format!("page {seed}.pdf");
        let media = (seed == 1).then(|| "application/pdf".to_owned());
        (named, Attached { key: [seed; 32], digest: [9; 32], bytes, name, media })
    }

    fn answer(all: &[(Attachment, Attached)]) -> Object {
        let words = r#"{"extent": "full", "final": true, "text": {"lang": "en", "text": "Here."}}"#;
        let mut form = parse_object(words.as_bytes()).unwrap();
        kind("answer").attach(&mut form, all);
        form
    }

    /// ATT-1.
    #[test]
    fn the_act_names_them_and_the_disclosure_opens_them() {
        let all = [one(1, 3), one(2, limits::ATTACHMENT_BYTES)];
        let checked = check(kind("answer"), &answer(&all)).unwrap();
        let coded = checked.body.get("attachments").unwrap().to_text();
        for secret in ["pdf", "key", "digest", "0909"] {
            assert!(!coded.contains(secret), "{coded}");
        }
        check_coded(kind("answer"), &checked.body).unwrap();
        check_disclosed(kind("answer"), &checked.disclosed).unwrap();
        let named = kind("answer").attachments(&checked.body);
        let disclosed = checked.disclosed.iter().map(|(name, value)| (name.as_str(), value));
        let opening = kind("answer").attached(disclosed);
        assert_eq!(named.into_iter().zip(opening).collect::<Vec<_>>(), all);
        // Erased: they are named still, and nothing opens them.
        assert!(kind("answer").attached([]).is_empty());
        // ASK-2: content that waits for a word on its conditions cannot come with the offer.
        assert!(!kind("offer").carries() && kind("answer").carries() && kind("request").carries());
    }

    fn words(form: &Object) -> Vec<String> {
        check(kind("answer"), form).unwrap_err().iter().map(FieldFault::brief).collect()
    }

    #[test]
    fn one_without_the_other_and_more_than_sixteen_are_not_signable() {
        let whole = answer(&[one(1, 3)]);
        for name in ["attachments", "attached"] {
            let mut half = whole.clone();
            half.0.retain(|(other, _)| other != name);
            assert_eq!(words(&half), ["attachments (type-attachments)"], "without {name}");
        }
        let mut other = whole.clone();
        other.set("attached", answer(&[one(1, 3000)]).get("attached").unwrap().clone());
        assert_eq!(words(&other), ["attachments (type-attachments)"]);
        let many = |count: u8| answer(&(1..=count).map(|i| one(i, 5)).collect::<Vec<_>>());
        for count in [15, 16] {
            check(kind("answer"), &many(count)).unwrap();
        }
        assert!(words(&many(17)).contains(&"attachments (long)".to_owned()));
        let twice = answer(&[one(1, 3), one(1, 3)]);
        assert!(words(&twice).contains(&"attachments (twice)".to_owned()));
    }

    #[test]
    fn foreign_rows_are_closed() {
        let body = check(kind("answer"), &answer(&[one(1, 3)])).unwrap().body;
        let text = Value::Object(body).to_text();
        for (from, to) in [
            (r#""what":"evidence""#, r#""what":"program""#),
            (r#""size":1072"#, r#""size":1073"#),
            (r#""size":1072"#, r#""size":-1"#),
            (r#""size":1072,"#, ""),
            (r#""size":1072"#, r#""size":1072,"name":"x""#),
            ("0101", "01"),
            ("0101", "01g1"),
        ] {
            assert!(text.contains(from), "{from}: {text}");
            let wrong = parse_object(text.replacen(from, to, 1).as_bytes()).unwrap();
            assert!(check_coded(kind("answer"), &wrong).is_err(), "{to}");
            assert!(kind("answer").attachments(&wrong).is_empty(), "{to}");
        }
    }
}
