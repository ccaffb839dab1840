//! A call of a peer that has come before its place in the record has.

use counterpart_record::hash::Hash;
use counterpart_record::id::MatterId;
use counterpart_record::payload::Payload;
use counterpart_rules::act::Act;
use counterpart_rules::flow::{self, Flow};

/// A call whose place in the record has not come.
pub struct Ahead {
    /// Its flow.
    pub flow: &'static Flow,
    /// The matter that it opens.
    pub matter: MatterId,
    /// Its line of work.
    pub stream: String,
    /// The digest of the terms that it names.
    pub terms: Hash,
    /// The act.
    pub act: Act,
}

/// Whether an act goes out before others that wait.
pub fn presses(payload: &Payload) -> bool {
    let flow = flow::flow(&payload.rules);
    flow.is_some_and(|flow| flow.presses(&payload.kind, &payload.body))
}
