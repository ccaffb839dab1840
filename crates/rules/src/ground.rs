//! Grounds for refusing, with the instruments that know them.
//!
//! The list is offered for any instrument; [`Ground::sources`] says where a ground comes from, so
//! that a screen can put the fitting ones first. Bank secrecy and the fiscal nature of an offence
//! are never grounds and are not listed. "No reason given" is a ground like any other, so that it
//! is counted instead of hidden.

use crate::instrument::{self, Cite};

/// The ground that stands for silence about the reason.
pub const NO_REASON: &str = "no-reason-given";

/// One ground: its code, and where it is written: (instrument, article). A ground without a source
/// belongs to the requested party's own law or to the facts of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The code in the act and in the phrase key `choice-ground-<name>`.
    pub name: &'static str,
    /// Where the ground is written.
    pub sources: &'static [(&'static str, &'static str)],
}

const D977: &str = "directive-2023-977";
const BUDAPEST: &str = "budapest";
const HANOI: &str = "hanoi";
const EPO: &str = "e-evidence";

macro_rules! grounds {
    ($($name:literal: $sources:expr,)*) => {
        /// Every ground that this version knows.
        pub const GROUNDS: &[Ground] = &[$(Ground { name: $name, sources: $sources },)*];
        /// The codes alone, in the same order.
        pub const NAMES: &[&str] = &[$($name,)*];
    };
}

grounds! {
    "not-available": &[(D977, "6")],
    "not-in-form": &[(D977, "6"), (HANOI, "40")],
    "authorisation-denied": &[(D977, "6")],
    "category-not-allowed": &[(D977, "6")],
    "wrong-or-out-of-date": &[(D977, "6")],
    "national-security": &[(D977, "6")],
    "harm-to-investigation-or-person": &[(D977, "6")],
    "harm-to-legal-person": &[(D977, "6")],
    "minor-or-no-offence": &[(D977, "6")],
    "originator-did-not-consent": &[(D977, "6")],
    "political-offence": &[(BUDAPEST, "27")],
    "essential-interests": &[(BUDAPEST, "27"), (HANOI, "40")],
    "own-investigation": &[(BUDAPEST, "27")],
    "own-law-forbids": &[(HANOI, "40")],
    "discriminatory-prosecution": &[(HANOI, "40")],
    "immunity-or-privilege": &[(EPO, "12")],
    "press-freedom": &[(EPO, "12")],
    "fundamental-rights": &[(EPO, "12")],
    "ne-bis-in-idem": &[(EPO, "12")],
    "dual-criminality": &[(EPO, "12")],
    "own-law": &[],
    "lapse-of-time": &[],
    "military-offence": &[],
    "death-penalty-or-torture": &[],
    "not-competent": &[],
    "requester-not-verified": &[],
    "disproportionate-burden": &[],
    "measure-unknown": &[],
    "no-reason-given": &[],
}

/// The ground of this code.
pub fn ground(name: &str) -> Option<&'static Ground> {
    GROUNDS.iter().find(|ground| ground.name == name)
}

impl Ground {
    /// Where the instrument knows this ground, if it does.
    pub fn article(&self, instrument: &str) -> Option<&'static str> {
        self.sources.iter().find(|(name, _)| *name == instrument).map(|(_, article)| *article)
    }
}

/// Every ground, those that the instrument knows first. The others stay on offer: a requested
/// party's own law is its own, whatever the instrument says.
pub fn offered(instrument: &str) -> Vec<&'static Ground> {
    let mut all: Vec<&Ground> = GROUNDS.iter().collect();
    all.sort_by_key(|ground| ground.article(instrument).is_none());
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

    #[test]
    fn sources_are_instruments_and_codes_are_unique() {
        for (i, ground) in GROUNDS.iter().enumerate() {
            assert_eq!(ground.name, NAMES[i]);
            assert!(!NAMES[..i].contains(&ground.name), "{} twice", ground.name);
            for (instrument, article) in ground.sources {
                assert!(instrument::NAMES.contains(instrument), "{instrument}");
                assert!(!article.is_empty());
            }
        }
        assert!(ground(NO_REASON).is_some());
        assert!(ground("bank-secrecy").is_none());
    }

    #[test]
    fn the_grounds_of_the_instrument_come_first_and_none_is_lost() {
        let names: Vec<&str> = offered("hanoi").iter().map(|ground| ground.name).collect();
        let first = ["not-in-form", "essential-interests", "own-law-forbids"];
        assert_eq!(names[..3], first);
        assert_eq!(names.len(), NAMES.len());
        assert_eq!(ground("not-in-form").unwrap().article("hanoi"), Some("40"));
        assert!(reason_owed("budapest").is_some() && reason_owed("reciprocity").is_none());
    }
}
