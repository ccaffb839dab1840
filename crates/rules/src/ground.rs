//! Grounds for refusing, with the instruments that know them.
//!
//! The list is offered for any instrument; [`Ground::sources`] says where a ground comes from, so
//! that a screen can put the fitting ones first. Bank secrecy and the fiscal nature of an offence
//! are never grounds and are not listed. "No reason given" is a ground like any other, so that it
//! is counted instead of hidden.

use crate::instrument::{self, Cite};

/// The ground that stands for silence about the reason.
pub const NO_REASON: &str = "no-reason-given";

/// The ground that stands for a request narrower than the one made.
pub const TOO_WIDE: &str = "disproportionate-burden";

/// Grounds that are an article of the requested party's own law: a refusal for one of them cites
/// the article and says what it says. ASK-9.
pub const OWN_LAW: &[&str] = &["own-law", "own-law-forbids", "lapse-of-time"];

/// One ground: its code, and where it is written: (instrument, article). A ground without a source
/// belongs to the requested party's own law or to the facts of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The code in the act and in the phrase key `choice-ground-<name>`.
    pub name: &'static str,
    /// Where the ground is written.
    pub sources: &'static [(&'static str, Cite)],
    /// Whether it stands whatever the instrument says: the requested party's own law, or the facts
    /// of the request.
    pub general: bool,
}

const fn read(article: &'static str) -> Cite {
    Cite { article, sure: true }
}

const fn known(article: &'static str) -> Cite {
    Cite { article, sure: false }
}

const D977: (&str, Cite) = ("directive-2023-977", read("6"));
const BUDAPEST: (&str, Cite) = ("budapest", known("27"));
const HANOI: (&str, Cite) = ("hanoi", known("40"));
const EPO: (&str, Cite) = ("e-evidence", read("12"));
/// By reference to the grounds of the Convention, Art. 25(4) and 27(4).
const SECOND: (&str, Cite) = ("budapest-2nd-protocol", known("8(8)"));
const AGREEMENT: (&str, Cite) = ("agreement-2000", known("3"));
const ORDER: (&str, Cite) = ("directive-2014-41", known("11"));

macro_rules! grounds {
    (@general) => { false };
    (@general general) => { true };
    ($($name:literal: $sources:expr $(, $general:ident)?;)*) => {
        /// Every ground that this version knows.
        pub const GROUNDS: &[Ground] = &[$(Ground {
            name: $name,
            sources: $sources,
            general: grounds!(@general $($general)?),
        },)*];
        /// The codes alone, in the same order.
        pub const NAMES: &[&str] = &[$($name,)*];
    };
}

grounds! {
    "not-available": &[D977];
    "not-in-form": &[D977, HANOI];
    "authorisation-denied": &[D977];
    "category-not-allowed": &[D977];
    "wrong-or-out-of-date": &[D977];
    "national-security": &[D977, ORDER];
    "harm-to-investigation-or-person": &[D977];
    "harm-to-legal-person": &[D977];
    "minor-or-no-offence": &[D977];
    "originator-did-not-consent": &[D977];
    "political-offence": &[BUDAPEST, SECOND, AGREEMENT];
    "essential-interests": &[BUDAPEST, SECOND, HANOI, AGREEMENT];
    "own-investigation": &[BUDAPEST, AGREEMENT];
    "own-law-forbids": &[HANOI, SECOND], general;
    "discriminatory-prosecution": &[HANOI, AGREEMENT];
    "immunity-or-privilege": &[EPO, ORDER];
    "press-freedom": &[EPO, ORDER];
    "fundamental-rights": &[EPO, ORDER];
    "ne-bis-in-idem": &[EPO, AGREEMENT, ORDER], general;
    "dual-criminality": &[EPO, AGREEMENT, ORDER], general;
    "own-law": &[], general;
    "lapse-of-time": &[], general;
    "military-offence": &[AGREEMENT], general;
    "death-penalty-or-torture": &[], general;
    "not-competent": &[], general;
    "requester-not-verified": &[], general;
    "disproportionate-burden": &[], general;
    "measure-unknown": &[], general;
    "no-reason-given": &[], general;
}

/// The ground of this code.
pub fn ground(name: &str) -> Option<&'static Ground> {
    GROUNDS.iter().find(|ground| ground.name == name)
}

impl Ground {
    /// Where the instrument knows this ground, if it does, and whether that was read there.
    pub fn cite(&self, instrument: &str) -> Option<Cite> {
        self.sources.iter().find(|(name, _)| *name == instrument).map(|(_, cite)| *cite)
    }

    /// Whether somebody can refuse for it what was asked on this basis: the instrument knows it, or
    /// it stands whatever the instrument says. Where nothing is listed for an instrument, and for a
    /// name that this program does not know, all of them can be.
    pub fn fits(&self, instrument: &str) -> bool {
        let lists = GROUNDS.iter().any(|ground| ground.cite(instrument).is_some());
        self.general || !lists || self.cite(instrument).is_some()
    }
}

/// The grounds for refusing what was asked on this basis: those that the instrument knows, then
/// those that stand whatever it says: a requested party's own law is its own.
pub fn offered(instrument: &str) -> Vec<&'static Ground> {
    let mut all: Vec<&Ground> = GROUNDS.iter().filter(|one| one.fits(instrument)).collect();
    all.sort_by_key(|ground| ground.cite(instrument).is_none());
    all
}

/// Where the instrument asks for the reasons of a refusal, so that one without is shown as owing
/// them.
pub fn reason_owed(instrument: &str) -> Option<Cite> {
    instrument::instrument(instrument).and_then(|instrument| instrument.reasons)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::INSTRUMENTS;

    #[test]
    fn sources_are_instruments_and_codes_are_unique() {
        for (i, ground) in GROUNDS.iter().enumerate() {
            assert_eq!(ground.name, NAMES[i]);
            assert!(!NAMES[..i].contains(&ground.name), "{} twice", ground.name);
            for (instrument, cite) in ground.sources {
                assert!(instrument::NAMES.contains(instrument), "{instrument}");
                assert!(!cite.article.is_empty());
            }
            // What no instrument knows could be stated nowhere else.
            assert!(ground.general || !ground.sources.is_empty(), "{}", ground.name);
        }
        assert!(ground(NO_REASON).is_some() && ground(TOO_WIDE).is_some());
        assert!(OWN_LAW.iter().all(|name| ground(name).is_some_and(|one| one.general)));
        assert!(ground("bank-secrecy").is_none());
    }

    #[test]
    fn the_grounds_of_the_instrument_come_first_and_those_of_others_are_not_offered() {
        let names = |basis| -> Vec<&str> { offered(basis).iter().map(|one| one.name).collect() };
        let hanoi = names("hanoi");
        assert_eq!(hanoi[..3], ["not-in-form", "essential-interests", "own-law-forbids"]);
        assert!(hanoi.contains(&"own-law") && !hanoi.contains(&"political-offence"));
        let police = names("directive-2023-977");
        assert!(!police.contains(&"political-offence") && police.contains(&"not-available"));
        assert_eq!(names("reciprocity").len(), NAMES.len(), "nothing is written that could forbid");
        assert_eq!(ground("not-in-form").unwrap().cite("hanoi"), Some(known("40")));
        assert!(reason_owed("budapest").is_some() && reason_owed("reciprocity").is_none());
    }

    /// An instrument that binds says for which grounds a request on it can be refused.
    #[test]
    fn every_instrument_that_binds_knows_grounds() {
        for one in INSTRUMENTS {
            let known = GROUNDS.iter().any(|ground| ground.cite(one.name).is_some());
            assert_eq!(known, one.binds, "{}", one.name);
        }
        let second = ground("political-offence").unwrap().cite("budapest-2nd-protocol").unwrap();
        assert!(!second.sure, "from general knowledge");
    }
}
