//! Instruments: the legal bases on which one party asks another, as data. One is picked first; it
//! decides which measures are offered, which fields a request needs beyond those that are always
//! needed, which grounds are offered first, whether a refusal owes a reason, and which deadline
//! profiles apply by default.
//!
//! What a fact rests on is part of it: [`Cite::sure`] is true where somebody read it in the
//! published text. Everything else comes from general knowledge, and a screen says so: "check
//! before relying". None of this decides whether an act is valid: two nodes may hold different
//! editions of these data and must still agree on every verdict.
//!
//! Per party (in force from, reservations, central authority, languages) an instrument has no
//! single answer: each party publishes its own.

/// Where something is written, and whether that was read there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cite {
    /// The article, in the numbering of the instrument.
    pub article: &'static str,
    /// Read in the published text; otherwise from general knowledge, to be checked.
    pub sure: bool,
}

/// A measure that an instrument provides for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provided {
    /// The measure, as in the form of a request.
    pub measure: &'static str,
    /// Where.
    pub cite: Cite,
}

/// A field that an instrument wants in a request, beyond those that no request goes without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The field of the form.
    pub field: &'static str,
    /// For these measures; empty for all.
    pub measures: &'static [&'static str],
    /// Where.
    pub cite: Cite,
}

/// How much form a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formality {
    /// A formal request between central authorities.
    Formal,
    /// An expedited request now, a formal one later.
    Expedited,
    /// A form of the instrument, between the competent authorities.
    Form,
    /// No form beyond what both sides expect of each other.
    Informal,
}

impl Formality {
    /// The word in phrase keys and in JSON output.
    pub fn name(self) -> &'static str {
        match self {
            Formality::Formal => "formal",
            Formality::Expedited => "expedited",
            Formality::Form => "form",
            Formality::Informal => "informal",
        }
    }
}

/// Measures by which one desk helps another without a formal request, whatever else the instrument
/// wants one for.
const AT_THE_DESK: &[&str] = &["information", "advice", "locate-person"];

/// One instrument.
#[derive(Debug)]
pub struct Instrument {
    /// The code in an act and in the phrase key `choice-instrument-<name>`.
    pub name: &'static str,
    /// Whether it binds anybody in law.
    pub binds: bool,
    /// The day from which it is in force or applies at all (`YYYY-MM-DD`), and whether that was
    /// read. `None`: not in force, or it never comes into force.
    pub since: Option<(&'static str, bool)>,
    /// How much form a request needs.
    pub formality: Formality,
    /// What it provides for; empty where it names no measure and any may be asked for.
    pub measures: &'static [Provided],
    /// What it wants in a request.
    pub wanted: &'static [Wanted],
    /// Where it says that a refusal gives its reasons, if it does.
    pub reasons: Option<Cite>,
    /// The deadline profiles that apply unless both sides agreed on others.
    pub profiles: &'static [&'static str],
}

const fn read(article: &'static str) -> Cite {
    Cite { article, sure: true }
}

const fn known(article: &'static str) -> Cite {
    Cite { article, sure: false }
}

const fn gives(measure: &'static str, cite: Cite) -> Provided {
    Provided { measure, cite }
}

const fn wants(field: &'static str, measures: &'static [&'static str], cite: Cite) -> Wanted {
    Wanted { field, measures, cite }
}

const PRESERVING: &[&str] = &["preservation"];
const STORED: &[&str] = &["subscriber-data", "traffic-data", "content"];

macro_rules! instruments {
    ($($name:literal { $($body:tt)* })*) => {
        /// Every instrument that this version knows.
        pub const INSTRUMENTS: &[Instrument] = &[$(Instrument { name: $name, $($body)* },)*];
        /// The codes alone, in the same order.
        pub const NAMES: &[&str] = &[$($name,)*];
    };
}

instruments! {
    "budapest" {
        binds: true,
        since: Some(("2004-07-01", false)),
        formality: Formality::Expedited,
        measures: &[
            gives("preservation", read("29")),
            gives("expedited-disclosure", known("30")),
            gives("subscriber-data", known("31")),
            gives("traffic-data", known("31")),
            gives("content", known("31")),
            gives("real-time-traffic", known("33")),
            gives("information", read("35")),
            gives("advice", known("35")),
            gives("locate-person", known("35")),
        ],
        wanted: &[
            wants("link", PRESERVING, read("29(2)(c)")),
            wants("formal_follows", PRESERVING, read("29(2)(f)")),
            wants("identifiers", STORED, known("31")),
        ],
        reasons: Some(known("27(7)")),
        profiles: &["P-BUD-29", "P-BUD-16", "P-BUD-35"],
    }
    "budapest-2nd-protocol" {
        binds: true,
        since: None,
        formality: Formality::Form,
        measures: &[
            gives("information", known("6")),
            gives("subscriber-data", known("8")),
            gives("traffic-data", known("8")),
            gives("emergency-disclosure", known("10")),
        ],
        wanted: &[
            wants("custodian", &["subscriber-data", "traffic-data"], known("8(3)")),
            wants("identifiers", &["subscriber-data", "traffic-data"], known("8(3)")),
            wants("offence_text", &["subscriber-data", "traffic-data"], known("8(3)")),
            wants("urgency_why", &["emergency-disclosure"], known("10(3)")),
        ],
        reasons: Some(known("8(8)")),
        profiles: &["P-SAP-7", "P-SAP-8", "P-SAP-8-SUB", "P-SAP-8-TRA"],
    }
    "hanoi" {
        binds: true,
        since: None,
        formality: Formality::Expedited,
        measures: &[
            gives("preservation", known("42")),
            gives("expedited-disclosure", known("43")),
            gives("subscriber-data", known("44")),
            gives("traffic-data", known("44")),
            gives("content", known("44")),
            gives("real-time-traffic", known("45")),
            gives("information", known("41")),
            gives("advice", known("41")),
            gives("locate-person", known("41")),
            gives("freezing", known("50")),
        ],
        wanted: &[
            wants("link", PRESERVING, known("42(2)(c)")),
            wants("formal_follows", PRESERVING, known("42(2)(f)")),
            wants("identifiers", STORED, known("44")),
        ],
        reasons: Some(known("40")),
        profiles: &["P-UN-42"],
    }
    "agreement-2000" {
        binds: true,
        since: Some(("2001-03-08", false)),
        formality: Formality::Formal,
        measures: &[
            gives("subscriber-data", known("1")),
            gives("traffic-data", known("1")),
            gives("content", known("1")),
            gives("information", known("1")),
            gives("locate-person", known("1")),
            gives("freezing", known("1")),
        ],
        wanted: &[
            wants("offence_text", &[], known("4")),
            wants("contact", &[], known("4")),
        ],
        reasons: Some(known("3")),
        profiles: &[],
    }
    "directive-2023-977" {
        binds: true,
        since: Some(("2024-12-12", false)),
        formality: Formality::Form,
        measures: &[gives("information", read("5"))],
        wanted: &[wants("link", &[], known("5(3)"))],
        reasons: Some(known("6(2)")),
        profiles: &["P-977-U1", "P-977-U2", "P-977-N", "P-SIENA"],
    }
    "e-evidence" {
        binds: true,
        since: Some(("2026-08-18", true)),
        formality: Formality::Form,
        measures: &[
            gives("preservation", known("6")),
            gives("subscriber-data", known("5")),
            gives("traffic-data", known("5")),
            gives("content", known("5")),
            gives("emergency-disclosure", known("10")),
        ],
        wanted: &[
            wants("custodian", &[], known("5(5)")),
            wants("identifiers", &[], known("5(5)")),
            wants("period", STORED, known("5(5)")),
            wants("offence_text", &[], known("5(5)")),
        ],
        reasons: Some(known("12")),
        profiles: &["P-EPO-10", "P-EPO-8", "P-EPO-REF", "P-EPO-REF-8", "P-EPO-PR"],
    }
    "directive-2014-41" {
        binds: true,
        since: Some(("2017-05-22", false)),
        formality: Formality::Form,
        measures: &[
            gives("subscriber-data", known("10(2)")),
            gives("traffic-data", known("10")),
            gives("content", known("10")),
            gives("real-time-traffic", known("28")),
            gives("information", known("10(2)")),
            gives("preservation", known("32")),
            gives("freezing", known("32")),
        ],
        wanted: &[
            wants("offence_text", &[], known("5(1)")),
            wants("link", &[], known("5(1)")),
        ],
        reasons: Some(known("16(2)")),
        profiles: &["P-EIO-ACK", "P-EIO-REC", "P-EIO-EXE"],
    }
    "points-2015" {
        binds: false,
        since: Some(("2015-09-25", true)),
        formality: Formality::Informal,
        measures: &[],
        wanted: &[],
        reasons: None,
        profiles: &["P-DTL-48", "P-LECD-30"],
    }
    "reciprocity" {
        binds: false,
        since: None,
        formality: Formality::Informal,
        measures: &[],
        wanted: &[],
        reasons: None,
        profiles: &[],
    }
}

/// The instrument of this code.
pub fn instrument(name: &str) -> Option<&'static Instrument> {
    INSTRUMENTS.iter().find(|instrument| instrument.name == name)
}

impl Instrument {
    /// Where it provides for the measure; `None` if it does not, or names no measures at all.
    pub fn provides(&self, measure: &str) -> Option<Cite> {
        self.measures.iter().find(|one| one.measure == measure).map(|one| one.cite)
    }

    /// Whether the measure can be asked for on this basis.
    pub fn offers(&self, measure: &str) -> bool {
        self.measures.is_empty() || self.provides(measure).is_some()
    }

    /// The fields that it wants in a request for this measure.
    pub fn wants(&self, measure: &str) -> impl Iterator<Item = &'static Wanted> {
        let measure = measure.to_owned();
        let fits = move |one: &&Wanted| {
            one.measures.is_empty() || one.measures.contains(&measure.as_str())
        };
        self.wanted.iter().filter(fits)
    }

    /// Which formal request goes with one for this measure, in the words in which a side publishes
    /// it; none where the request itself is all the form there is. ASK-21
    pub fn formal(&self, measure: &str) -> Option<&'static str> {
        match self.formality {
            _ if !self.offers(measure) => None,
            Formality::Formal => Some("formal-first"),
            Formality::Expedited if !AT_THE_DESK.contains(&measure) => Some("formal-follows"),
            Formality::Expedited | Formality::Form | Formality::Informal => None,
        }
    }

    /// Whether anything said of it here is from general knowledge and has to be checked.
    pub fn unsure(&self) -> bool {
        let cites = self.measures.iter().map(|one| one.cite);
        let cites = cites.chain(self.wanted.iter().map(|one| one.cite)).chain(self.reasons);
        self.since.is_some_and(|(_, sure)| !sure) || cites.into_iter().any(|cite| !cite.sure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_days_are_days() {
        for (i, one) in INSTRUMENTS.iter().enumerate() {
            assert_eq!(one.name, NAMES[i]);
            assert!(!NAMES[..i].contains(&one.name), "{} twice", one.name);
            assert!(one.since.is_none_or(|(day, _)| crate::clock::is_date(day)), "{}", one.name);
            for (at, provided) in one.measures.iter().enumerate() {
                let before = &one.measures[..at];
                assert!(before.iter().all(|other| other.measure != provided.measure));
            }
        }
        assert!(instrument("warsaw").is_none());
    }

    #[test]
    fn what_binds_nobody_names_no_measure_and_owes_no_reason() {
        for one in INSTRUMENTS.iter().filter(|one| !one.binds) {
            assert!(one.measures.is_empty() && one.wanted.is_empty() && one.reasons.is_none());
            assert!(one.offers("advice"));
        }
    }

    #[test]
    fn a_measure_decides_what_is_wanted() {
        let budapest = instrument("budapest").unwrap();
        assert_eq!(budapest.provides("preservation"), Some(read("29")));
        assert!(!budapest.offers("take-down") && budapest.unsure());
        let fields =
            |measure| -> Vec<&str> { budapest.wants(measure).map(|one| one.field).collect() };
        assert_eq!(fields("preservation"), ["link", "formal_follows"]);
        assert_eq!(fields("content"), ["identifiers"]);
        assert!(fields("advice").is_empty());
        assert!(!instrument("points-2015").unwrap().unsure());
    }

    /// ASK-21
    #[test]
    fn the_formality_of_an_instrument_says_which_formal_request_goes_with_a_measure() {
        let formal = |name: &str, measure| instrument(name).unwrap().formal(measure);
        assert_eq!(formal("agreement-2000", "content"), Some("formal-first"));
        assert_eq!(formal("hanoi", "preservation"), Some("formal-follows"));
        assert_eq!(formal("budapest", "advice"), None, "a desk helps a desk");
        assert_eq!(formal("budapest", "take-down"), None, "it has no such measure");
        assert_eq!(formal("e-evidence", "content"), None, "its form is the request");
        assert_eq!(formal("reciprocity", "content"), None);
    }
}
