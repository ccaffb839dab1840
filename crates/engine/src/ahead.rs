//! An act of a peer that rings and has come before its place in the record has.

use counterpart_record::hash::Hash;
use counterpart_record::id::MatterId;
use counterpart_record::payload::Payload;
use counterpart_rules::act::Act;
use counterpart_rules::flow::{self, Flow};

/// An act that rings and whose place in the record has not come.
pub struct Ahead {
    /// Its flow.
    pub flow: &'static Flow,
    /// Its matter.
    pub matter: MatterId,
    /// Where it opens the matter: the line of work, and the digest of the terms that it names.
    pub opens: Option<(String, Hash)>,
    /// The act.
    pub act: Act,
}

/// Whether an act goes out before others that wait.
pub fn presses(payload: &Payload) -> bool {
    let flow = flow::flow(&payload.rules);
    flow.is_some_and(|flow| flow.presses(&payload.kind, &payload.body))
}
