//! Transport keys that did not fit, as an operator has to hear of them: whoever rotated its keys
//! and is not known by the new ones stands before a door that does not say why. In memory alone;
//! what is still so is soon noticed again.

use counterpart_record::id::{Kid, PartyId};
use std::collections::BTreeMap;

/// Keys of callers that are remembered: those that called most, and of the others the newest.
const MOST: usize = 16;

/// What went wrong when a peer was last called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It does not know our transport key: it lacks our newest credential.
    OursUnknown,
    /// Whoever answered showed a key that is not the one of the credential that we hold.
    TheirsUnknown,
}

impl Mismatch {
    /// As the operation `status` has it.
    pub fn word(self) -> &'static str {
        match self {
            Mismatch::OursUnknown => "ours-unknown",
            Mismatch::TheirsUnknown => "theirs-unknown",
        }
    }
}

/// A key with which somebody called, and that no credential in force names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knocked {
    /// The key.
    pub kid: Kid,
    /// How often.
    pub count: u64,
    /// When last, in seconds (UTC).
    pub last: u64,
}

/// All of it since the start.
#[derive(Debug, Default)]
pub struct Unmatched {
    calls: BTreeMap<PartyId, Mismatch>,
    knocked: Vec<Knocked>,
}

impl Unmatched {
    /// How the last call of a peer ended, as far as keys are concerned.
    pub fn called(&mut self, peer: PartyId, how: Option<Mismatch>) {
        match how {
            Some(how) => drop(self.calls.insert(peer, how)),
            None => drop(self.calls.remove(&peer)),
        }
    }

    /// What was wrong when a peer was last called.
    pub fn of(&self, peer: &PartyId) -> Option<Mismatch> {
        self.calls.get(peer).copied()
    }

    /// Somebody called with a key that nobody here knows.
    pub fn knocked(&mut self, kid: Kid, now: u64) {
        let before = self.knocked.iter().position(|knocked| knocked.kid == kid);
        let count = before.map_or(0, |at| self.knocked.remove(at).count) + 1;
        if self.knocked.len() >= MOST {
            // Whoever makes a new key for each call pushes out only others like itself.
            let fewest = self.knocked.iter().map(|knocked| knocked.count).min();
            let first = self.knocked.iter().position(|knocked| Some(knocked.count) == fewest);
            self.knocked.remove(first.unwrap_or_default());
        }
        self.knocked.push(Knocked { kid, count, last: now });
    }

    /// Keys that knocked, the newest last.
    pub fn callers(&self) -> &[Knocked] {
        &self.knocked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_keys_are_remembered_and_counted() {
        let mut unmatched = Unmatched::default();
        (0..40u8).for_each(|nth| unmatched.knocked(Kid([nth; 32]), nth.into()));
        unmatched.knocked(Kid([30; 32]), 99);
        let callers = unmatched.callers();
        assert_eq!(callers.len(), MOST);
        assert_eq!(callers.last(), Some(&Knocked { kid: Kid([30; 32]), count: 2, last: 99 }));
        assert_eq!(callers[0].kid, Kid([24; 32]));
        (100..200u8).for_each(|nth| unmatched.knocked(Kid([nth; 32]), nth.into()));
        assert!(unmatched.callers().iter().any(|knocked| knocked.kid == Kid([30; 32])));
        assert_eq!(unmatched.callers().len(), MOST);
        let peer = PartyId([1; 32]);
        unmatched.called(peer, Some(Mismatch::OursUnknown));
        assert_eq!(unmatched.of(&peer), Some(Mismatch::OursUnknown));
        unmatched.called(peer, None);
        assert_eq!(unmatched.of(&peer), None);
    }
}
