//! An act as the rules see it: who said what kind of thing, the coded body, and the two times.

use counterpart_record::id::Entry;
use counterpart_record::strict::json::{Object, Value};

/// Which of the two authors of a matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Half {
    /// The party that opened the matter.
    Asking,
    /// The party that the matter was opened with.
    Answering,
}

impl Half {
    /// The other author.
    pub fn other(self) -> Half {
        match self {
            Half::Asking => Half::Answering,
            Half::Answering => Half::Asking,
        }
    }

    /// The word used in phrase keys and in JSON output.
    pub fn name(self) -> &'static str {
        match self {
            Half::Asking => "asking",
            Half::Answering => "answering",
        }
    }
}

/// One act in a matter, reduced to what rules may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The digest of the statement: the name that `re` of later acts uses.
    pub entry: Entry,
    /// Its author.
    pub half: Half,
    /// The kind, for example `request`.
    pub kind: String,
    /// The coded fields. Disclosures are not here, on purpose.
    pub body: Object,
    /// The acts that this one answers; all lie in its causal past.
    pub re: Vec<Entry>,
    /// Seconds (UTC) of the author's official head over the act.
    pub logged_at: u64,
    /// Seconds (UTC) of the receiver's official head over the act; `None` until it is held.
    pub held_at: Option<u64>,
}

impl Act {
    /// A coded field that holds a word.
    pub fn word(&self, field: &str) -> Option<&str> {
        self.body.get(field).and_then(Value::as_str)
    }

    /// A coded field that holds a time, in seconds (UTC).
    pub fn instant(&self, field: &str) -> Option<u64> {
        self.body.get(field).and_then(Value::as_int).and_then(|n| u64::try_from(n).ok())
    }

    /// A coded field that holds yes or no; absent is no.
    pub fn flag(&self, field: &str) -> bool {
        self.body.get(field).and_then(Value::as_bool).unwrap_or(false)
    }
}
