//! The terms of a channel: what the two sides agreed about clocks, zones, holidays, streams and the
//! sharing of figures. Folds and clocks read them; whether an act is valid never depends on them.

use crate::clock::{self, Profile};
use counterpart_record::hash::Hash;

/// The terms that hold in a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The digest that an opening act carries; zeros where nothing was agreed.
    pub id: Hash,
    profiles: Vec<Profile>,
}

impl Terms {
    /// What holds where nothing was agreed.
    pub fn usual() -> Terms {
        Terms { id: [0; 32], profiles: clock::PROFILES.to_vec() }
    }

    /// The profile of this name, as agreed.
    pub fn profile(&self, id: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_agreement_every_profile_stands_as_shipped() {
        let terms = Terms::usual();
        for profile in clock::PROFILES {
            assert_eq!(terms.profile(profile.id), Some(profile));
        }
        assert_eq!(terms.profile("P-NONE"), None);
    }
}
