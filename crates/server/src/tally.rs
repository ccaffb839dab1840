//! What came to the door and what was turned away there, counted for the monitor. Nothing is
//! dropped without a count.

use counterpart_record::id::PartyId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What is counted, in words of this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A parcel that was answered.
    Parcel,
    /// A poll that was begun.
    Poll,
    /// A parcel that was refused for what it was.
    Malformed,
    /// A parcel that came to nothing for a reason of ours.
    Failed,
    /// A request to which the answer was "busy".
    Busy,
    /// A request above what the peer may ask in a time.
    OverQuota,
    /// A body that was too large.
    TooLarge,
    /// A body that came too slowly or broke off.
    TooSlow,
    /// A request from a peer whose standing has ended.
    NoStanding,
    /// A request for something that is not here.
    Strange,
    /// A connection above those that a peer may have.
    Seats,
    /// A handshake that failed, or that did not end in time.
    Handshake,
    /// A caller that was turned away because too many handshakes were under way.
    Crowd,
    /// A caller whose address or key has begun more handshakes than it may in a time.
    Knocks,
    /// An answer to a parcel of ours, of which not all was taken.
    Answer,
}

impl What {
    /// Every word.
    pub const ALL: [What; 15] = [
        What::Parcel,
        What::Poll,
        What::Malformed,
        What::Failed,
        What::Busy,
        What::OverQuota,
        What::TooLarge,
        What::TooSlow,
        What::NoStanding,
        What::Strange,
        What::Seats,
        What::Handshake,
        What::Crowd,
        What::Knocks,
        What::Answer,
    ];

    /// As the monitor reads it.
    pub fn word(self) -> &'static str {
        match self {
            What::Parcel => "parcel",
            What::Poll => "poll",
            What::Malformed => "malformed",
            What::Failed => "failed",
            What::Busy => "busy",
            What::OverQuota => "over-quota",
            What::TooLarge => "too-large",
            What::TooSlow => "too-slow",
            What::NoStanding => "no-standing",
            What::Strange => "strange",
            What::Seats => "seats",
            What::Handshake => "handshake",
            What::Crowd => "crowd",
            What::Knocks => "knocks",
            What::Answer => "answer",
        }
    }
}

/// The counts since the start. Callers that are nobody yet have no party.
#[derive(Debug, Default)]
pub struct Tally(Mutex<BTreeMap<(Option<PartyId>, What), u64>>);

impl Tally {
    /// One more.
    pub fn count(&self, peer: Option<PartyId>, what: What) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((peer, what)).or_default() += 1;
    }

    /// All that was ever counted, those without a party first.
    pub fn all(&self) -> Vec<(Option<PartyId>, What, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|((peer, what), count)| (*peer, *what, *count)).collect()
    }
}
