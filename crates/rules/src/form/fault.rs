//! What can be wrong with a field.

use crate::clock;
use crate::say::Say;
use counterpart_record::fault::{Code, Fault};

/// One thing wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// The field; members and rows with dots: `persons.victim`, `identifiers.2.value`.
    pub field: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// The closed list of what can be wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Needed and not there, or blank.
    Missing,
    /// The kind has no such field, or not in this place.
    Unknown,
    /// Given twice.
    Twice,
    /// Another type; the word names what is expected (`field-type-<word>`).
    Type(&'static str),
    /// Not one of these words.
    NotAChoice(&'static [&'static str]),
    /// Longer than so many characters, or more than so many rows.
    TooLong(usize),
    /// Not within these ends.
    OutOfRange(i64, i64),
    /// Holds a character that no such text needs: a control character.
    Character,
    /// Not a language tag (BCP 47).
    Language,
    /// A plain string, and no member `lang` names its language.
    NoLanguage,
    /// The end is before the beginning.
    Backward,
    /// Not there, and wanted by the instrument (its article) or by the receiver (`peer`).
    Wanted(String),
    /// The instrument, or the receiver (`peer`), does not provide for it.
    NotOffered(String),
    /// The term has ended, or all that it knew of this was taken.
    Spent,
    /// The terms in force do not list the instrument for both sides.
    NotAgreed,
    /// The instrument is in force for both sides from this day on only.
    NotYet(String),
    /// A row that cannot be read; it is written so.
    Row(String),
    /// A translation in the language of the text itself.
    SameLanguage(String),
    /// Over before the act is made; the time is that of the act, in seconds (UTC).
    Past(u64),
    /// Not yet come when the act is made, and told as done.
    Ahead(u64),
    /// Before the end of what was agreed as the least, in seconds (UTC).
    TooSoon(u64),
    /// Said to be over, and held until this time, in seconds (UTC).
    HeldUntil(u64),
    /// Not after the end that it is to move, in seconds (UTC).
    NoLater(u64),
    /// After the latest time that it may name, in seconds (UTC).
    TooLate(u64),
    /// Not an address, name or number of the sort that is named beside it.
    NotOfSort(String),
    /// An address alone, where the person behind it is asked for.
    AddressAlone,
    /// Not so, as far as this matter shows.
    NotSo,
    /// A word of the other side on this is awaited.
    Awaited,
    /// It concerns nobody, by its numbers.
    Nobody,
    /// The receiver does not read the language; it reads these.
    LanguageOf(String),
}

impl FieldFault {
    pub(crate) fn new(field: impl Into<String>, wrong: Wrong) -> FieldFault {
        // The name may be foreign: it is shown to a person, so it stays short and on one line.
        let clean = |c: char| if c.is_control() { '?' } else { c };
        FieldFault { field: field.into().chars().take(80).map(clean).collect(), wrong }
    }

    /// The fault for a person.
    pub fn say(&self) -> Say {
        let say = |what: &str| Say::of(format!("field-fault-{what}")).with("field", &self.field);
        match &self.wrong {
            Wrong::Missing => say("missing"),
            Wrong::Unknown => say("unknown"),
            Wrong::Twice => say("twice"),
            Wrong::Type(expected) => say(&format!("type-{expected}")),
            Wrong::NotAChoice(words) => say("choice").with("words", words.join(", ")),
            Wrong::TooLong(max) => say("long").with("max", max.to_string()),
            Wrong::OutOfRange(least, most) => {
                say("range").with("least", least.to_string()).with("most", most.to_string())
            }
            Wrong::Character => say("character"),
            Wrong::Language => say("language"),
            Wrong::NoLanguage => say("no-language"),
            Wrong::Backward => say("backward"),
            Wrong::Wanted(by) => say("wanted").with("by", by),
            Wrong::NotOffered(by) => say("not-offered").with("by", by),
            Wrong::Spent => say("spent"),
            Wrong::NotAgreed => say("not-agreed"),
            Wrong::NotYet(day) => say("not-yet").with("day", day),
            Wrong::Row(syntax) => say("row").with("syntax", syntax),
            Wrong::SameLanguage(tag) => say("same-language").with("tag", tag),
            Wrong::Past(now) => say("past").with("now", clock::shown(*now)),
            Wrong::Ahead(now) => say("ahead").with("now", clock::shown(*now)),
            Wrong::TooSoon(least) => say("too-soon").with("least", clock::shown(*least)),
            Wrong::HeldUntil(end) => say("held-until").with("end", clock::shown(*end)),
            Wrong::NoLater(end) => say("no-later").with("end", clock::shown(*end)),
            Wrong::TooLate(latest) => say("too-late").with("latest", clock::shown(*latest)),
            Wrong::NotOfSort(sort) => say("not-of-sort").with("sort", sort),
            Wrong::AddressAlone => say("address-alone"),
            Wrong::NotSo => say("not-so"),
            Wrong::Awaited => say("awaited"),
            Wrong::Nobody => say("nobody"),
            Wrong::LanguageOf(tags) => say("language-of").with("words", tags),
        }
    }

    /// What is wrong, as a word: `missing`. It is also the end of the phrase keys
    /// `field-fault-<word>` and `wrong-<word>`.
    pub fn word(&self) -> String {
        self.say().key.trim_start_matches("field-fault-").to_owned()
    }

    /// The fault for a machine: `facts (missing)`.
    pub fn brief(&self) -> String {
        format!("{} ({})", self.field, self.word())
    }
}

/// All of them as one fault of the officer; `at` lists every field and what is wrong with it.
pub fn as_fault(faults: &[FieldFault]) -> Fault {
    Code::FieldsWrong.at(faults.iter().map(FieldFault::brief).collect::<Vec<_>>().join(", "))
}
