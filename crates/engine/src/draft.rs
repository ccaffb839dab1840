//! What a person or a program wants to say, before it is an act; and what it is after.

use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};

/// What a draft is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A new matter in a line of work.
    New {
        /// The stream, for example `cybercrime`.
        stream: String,
    },
    /// A matter that is open.
    Matter(MatterId),
}

/// An act that a person or a program wants to make. Checked against its form by the caller.
#[derive(Clone, Debug)]
pub struct Draft {
    /// To whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// New matter or an open one.
    pub target: Target,
    /// Flow and version, for example `assistance/1`.
    pub rules: String,
    /// Which kind of act.
    pub kind: String,
    /// The coded fields.
    pub body: Object,
    /// The disclosed fields.
    pub disclosed: Vec<(String, Value)>,
    /// Acts that it answers.
    pub re: Vec<Entry>,
}

/// The name of a draft in the queue.
pub type Ticket = u64;

/// A draft that waits for the next commit.
pub(crate) struct Queued {
    pub ticket: Ticket,
    pub channel: usize,
    pub draft: Draft,
}

/// An act of ours that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its entry.
    pub entry: Entry,
    /// Its matter.
    pub matter: MatterId,
    /// Index in our log.
    pub index: u64,
    /// Time of its official head, POSIX seconds.
    pub time: u64,
}
