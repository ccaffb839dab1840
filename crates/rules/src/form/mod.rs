//! Forms: what an act of a kind carries, as a table, and the small walkers over it.
//!
//! One table per kind serves four readers: the check of what an officer wrote ([`check`]), the
//! check of foreign bytes ([`check_coded`], [`check_disclosed`]), the JSON Schema ([`schema()`])
//! and the questions that a CLI or a page asks ([`prompts()`]). Every check reports all faults at
//! once: a duty officer should not meet them one by one.
//!
//! A field is *coded* or *disclosed*, and its [`Sort`] says which. Coded fields (words from a list,
//! numbers, dates, flags) lie in clear in the statement and are all that rules may read. Disclosed
//! fields (text, persons, identifiers) lie beside it and can be erased.

mod attach;
mod fault;
mod language;
mod row;
mod judge;
mod read;
mod prompts;
mod schema;
mod tell;

pub use attach::{Attached, Attachment, WHAT};
pub use fault::{FieldFault, Wrong, as_fault};
pub use language::{assumed, is_language, same_language};
pub use prompts::{Prompt, prompts};
pub use row::{example, syntax};
pub use schema::schema;
pub use tell::{tell, told};

use crate::act::Half;
use counterpart_record::strict::json::{Object, Value};

/// A kind of act: who may write it and what it carries.
#[derive(Debug)]
pub struct Kind {
    /// The code in the act and in the phrase key `kind-<name>`.
    pub name: &'static str,
    /// Whose act it is.
    pub who: Who,
    /// Whether it opens a matter. At least one kind of a flow does.
    pub opens: bool,
    /// The fields, in the order in which a person is asked for them.
    pub fields: &'static [Field],
}

/// Whose act a kind is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The opener's.
    Asking,
    /// The other side's.
    Answering,
    /// Each half may write it; it stays in the half of its author.
    Either,
}

impl Who {
    /// Whether an author of this half may write it.
    pub fn includes(self, half: Half) -> bool {
        match self {
            Who::Asking => half == Half::Asking,
            Who::Answering => half == Half::Answering,
            Who::Either => true,
        }
    }
}

/// One field of a form.
#[derive(Debug)]
pub struct Field {
    /// The name in the body or of the disclosure, and in the phrase key `field-<name>`.
    pub name: &'static str,
    /// What it holds, with its limits.
    pub sort: Sort,
    /// Whether the form is complete without it.
    pub need: Need,
}

/// When a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The form is not signable without it.
    Always,
    /// It may be left out.
    Never,
    /// It must be there when the coded field of the same form holds one of these words.
    When(&'static str, &'static [&'static str]),
    /// At least one of these members of its group must be there, itself among them.
    OneOf(&'static [&'static str]),
    /// It says more of the number of this name beside it, and is asked for where that is there and
    /// not zero. A form without it is doubted (ASK-11), not wrong.
    Beside(&'static str),
}

/// What a field holds. Lengths are in characters (Unicode scalar values).
#[derive(Debug)]
pub enum Sort {
    /// Coded: one word of a closed list.
    Choice(&'static [&'static str]),
    /// Coded: one word of a list that grows with editions of this program. Any word of its
    /// form is right in a signed act, whoever reads it; our own forms take those of the list. ASK-6
    Named(&'static [&'static str]),
    /// Coded: yes or no.
    Flag,
    /// Coded: a whole number, both ends included.
    Whole(i64, i64),
    /// Coded: a time in seconds (UTC).
    Instant,
    /// Coded: a day, `YYYY-MM-DD`.
    Date,
    /// Coded: an identifier of at most so many of `A-Z a-z 0-9 . ( ) -`, never words.
    Token(usize),
    /// Coded: other matters by their id, 32 digits each, at most so many, each once.
    Matters(usize),
    /// Coded: a maximum penalty: `fine`, `P6M`, `P10Y` (ISO 8601 duration), `life`, `death`.
    Penalty,
    /// Coded: named members of coded sorts, at least one of them.
    Group(&'static [Field]),
    /// Coded: an object whose shape a reader of its own judges, which names every wrong place.
    Sheet(fn(&Object) -> Vec<String>),
    /// Coded: what is attached, by kind, size and root. ATT-1.
    Attachments,
    /// Disclosed: text in a language, `{"lang": "en", "text": "..."}`.
    Text(usize),
    /// Disclosed: one line without a language: a reference, a number, an address.
    Line(usize),
    /// Disclosed: `{"from": seconds, "to": seconds}` (UTC), both included.
    Span,
    /// Disclosed: languages by their tags (BCP 47), at most so many, each once.
    Languages(usize),
    /// Disclosed: a list of rows, each with these members.
    Rows(&'static [Field]),
    /// Disclosed: what opens each of the attachments. ATT-1.
    Attached,
}

/// Most rows in a [`Sort::Rows`] field.
pub const ROWS: usize = 200;

impl Kind {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Field {
    /// Whether the form is not signable without it, whatever else it holds.
    pub fn required(&self) -> bool {
        self.need == Need::Always
    }

    /// Whether it is an identifier that names one matter: a person gives its first digits, and an
    /// act carries it whole.
    pub fn is_matter(&self) -> bool {
        let names = ["consulted", "call", "erased_matter"];
        matches!(self.sort, Sort::Token(_)) && names.contains(&self.name)
    }

    /// Whether it is an identifier that names a party.
    pub fn is_party(&self) -> bool {
        matches!(self.sort, Sort::Token(_)) && self.name == "party"
    }

    /// Whether it travels beside the statement instead of inside it.
    pub fn disclosed(&self) -> bool {
        use Sort::{Attached, Languages, Line, Rows, Span, Text};
        matches!(self.sort, Text(_) | Line(_) | Languages(_) | Span | Rows(_) | Attached)
    }
}

/// A form that may be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The coded fields, in the order of the table, so that one form gives one body.
    pub body: Object,
    /// The fields that become disclosures, in the order of the table.
    pub disclosed: Vec<(String, Value)>,
}

/// Checks what a person wrote and brings it into the form that is signed.
///
/// It is lenient in spelling and strict in content: times may be RFC 3339 with an offset, numbers
/// and flags may be words, `persons.victim` may stand for a member of `persons`, blank means not
/// given, a row may be one line ([`syntax`]), and a plain string may stand for a text if `given`
/// has a member `lang` that names its language. Every fault is reported.
pub fn check(kind: &Kind, given: &Object) -> Result<Checked, Vec<FieldFault>> {
    check_in(kind, given, None)
}

/// [`check`] where `lang` is the usual language of plain strings: that of a text for which `given`
/// names none, unless its script says otherwise ([`assumed`]).
pub fn check_in(
    kind: &Kind,
    given: &Object,
    lang: Option<&str>,
) -> Result<Checked, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let mut plain = read::plain(kind, given, lang, &mut faults);
    judge::members("", kind.fields, &plain, &mut faults);
    judge::named(kind, &plain, &mut faults);
    if faults.is_empty() {
        attach::pair(kind, &plain, &mut faults);
        read::translated(kind, &plain, &mut faults);
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut checked = Checked { body: Object::default(), disclosed: Vec::new() };
    for field in kind.fields {
        match plain.take(field.name) {
            Some(value) if field.disclosed() => {
                checked.disclosed.push((field.name.to_owned(), value));
            }
            Some(value) => checked.body.set(field.name, value),
            None => {}
        }
    }
    Ok(checked)
}

/// What a person wrote as [`check`] reads it, with dotted names gathered and words read, whatever
/// is wrong with it: for checks that look at what is there.
pub fn plain(kind: &Kind, given: &Object, lang: Option<&str>) -> Object {
    read::plain(kind, given, lang, &mut Vec::new())
}

/// What is wrong with one answer to one question, whatever else its form lacks.
pub fn check_field(
    kind: &Kind,
    name: &str,
    value: &Value,
    lang: Option<&str>,
) -> Result<(), Vec<FieldFault>> {
    let mut faults = Vec::new();
    let given = Object::default().with(name, value.clone());
    let plain = read::plain(kind, &given, lang, &mut faults);
    for (name, value) in &plain.0 {
        if let Some(field) = kind.field(name) {
            judge::value(name, &field.sort, value, &mut faults);
        }
    }
    judge::named(kind, &plain, &mut faults);
    // What its group lacks besides is another question.
    faults.retain(|fault| fault.wrong != Wrong::Missing || fault.field.starts_with(name));
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Checks the body of an act as it stands in a statement: known coded fields only, all that are
/// needed, nothing that should have been disclosed.
pub fn check_coded(kind: &Kind, body: &Object) -> Result<(), Vec<FieldFault>> {
    let mut faults = Vec::new();
    for (name, value) in &body.0 {
        match kind.field(name) {
            Some(field) if !field.disclosed() => {
                judge::value(name, &field.sort, value, &mut faults);
            }
            _ => faults.push(FieldFault::new(name, Wrong::Unknown)),
        }
    }
    let coded = kind.fields.iter().filter(|field| !field.disclosed());
    judge::missing("", coded, body, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Checks disclosures that came with a foreign act: known names, each once, right types. Missing
/// ones are no fault, since text may be erased; and nothing here decides validity.
pub fn check_disclosed(kind: &Kind, names: &[(String, Value)]) -> Result<(), Vec<FieldFault>> {
    let mut faults = Vec::new();
    for (i, (name, value)) in names.iter().enumerate() {
        match kind.field(name) {
            Some(_) if names[..i].iter().any(|(other, _)| other == name) => {
                faults.push(FieldFault::new(name, Wrong::Twice));
            }
            Some(field) if field.disclosed() => {
                judge::value(name, &field.sort, value, &mut faults);
            }
            _ => faults.push(FieldFault::new(name, Wrong::Unknown)),
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Writes a field table. Each line is `required` or `optional`, then the name and the [`Sort`];
/// `when "field" in [words]` behind an optional one says when it must be there. `draft` is an
/// optional field that never must be.
macro_rules! table {
    (@need required) => { $crate::form::Need::Always };
    (@need optional) => { $crate::form::Need::Never };
    (@need draft) => { $crate::form::Need::Never };
    ($($(#[$doc:meta])* $vis:vis $table:ident {
        $($need:ident $name:literal: $sort:expr $(, when $other:literal in $words:expr)?;)*
    })*) => {$(
        $(#[$doc])*
        $vis const $table: &[$crate::form::Field] = {
            #[allow(unused_imports)]
            use $crate::form::Sort::*;
            &[$($crate::form::Field {
                name: $name,
                sort: $sort,
                need: $crate::form::table!(@line $need $($other $words)?),
            },)*]
        };
    )*};
    (@line draft $other:literal $words:expr) => { $crate::form::Need::Never };
    (@line $need:ident) => { $crate::form::table!(@need $need) };
    (@line $need:ident $other:literal $words:expr) => {
        $crate::form::Need::When($other, $words)
    };
}
pub(crate) use table;

#[cfg(test)]
mod tests;
