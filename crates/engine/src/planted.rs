//! Bugs put in on purpose, one at a time, to show that the simulation finds them. Without the
//! feature `planted`, which nothing that ships turns on, `is` is `false` for the compiler.

/// Every bug that can be planted.
pub const ALL: &[&str] = &[
    "answer-before-commit",
    "skip-seen",
    "accept-uncommitted",
    "arrival-order",
    "forget-in-flight",
    "gap-not-rejudged",
    "rejudged-not-stored",
    "cosign-blind",
    "time-back",
    "held-too-far",
    "disclosures-loose",
    "placed-twice",
    "proof-dropped",
    "refusal-not-logged",
    "blinded-by-withholding",
    "halves-mixed",
    "newest-keys-only",
    "watch-forgotten",
    "lost-kept-back",
    "placed-before-regained",
    "erased-bytes-stay",
    "bytes-for-anybody",
    "wrong-bytes-unsaid",
    "lost-not-asked-back",
    "ended-not-shown",
    "note-travels",
    "note-outlives-erasure",
];

#[cfg(feature = "planted")]
mod chosen {
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Position in [`super::ALL`], from 1; 0 is none.
    static CHOSEN: AtomicUsize = AtomicUsize::new(0);

    /// Plants one bug in place of the one before, or none. Returns whether there is such a bug.
    pub fn plant(name: Option<&str>) -> bool {
        let found = name.map(|name| super::ALL.iter().position(|bug| *bug == name));
        let place = found.map_or(Some(0), |found| found.map(|at| at + 1));
        CHOSEN.store(place.unwrap_or(0), Ordering::SeqCst);
        place.is_some()
    }

    pub(crate) fn is(name: &str) -> bool {
        let place = CHOSEN.load(Ordering::SeqCst);
        place > 0 && super::ALL.get(place - 1) == Some(&name)
    }
}

#[cfg(feature = "planted")]
pub(crate) use chosen::is;
#[cfg(feature = "planted")]
pub use chosen::plant;

/// Whether this bug is in now.
#[cfg(not(feature = "planted"))]
pub(crate) const fn is(_name: &str) -> bool {
    false
}
