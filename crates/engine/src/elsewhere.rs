//! What the peer says about its own copy of a matter: that it erased the text there. Such an act
//! stands in a matter of its own; whoever reads the matter itself should not have to find it.

use crate::matter::Verdict;
use crate::node::Node;
use crate::view::MatterView;
use counterpart_record::fault::Result;
use counterpart_record::id::{Entry, MatterId};
use counterpart_record::strict::json::Value;
use counterpart_rules::flow::erased_matter;

/// What the peer said of the text of a matter at its own place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenAway {
    /// How many disclosures it says that it erased.
    pub count: u64,
    /// Time of its official head over the act that says so, in seconds (UTC).
    pub at: u64,
    /// That act.
    pub entry: Entry,
    /// The matter of its own in which that act stands.
    pub notice: MatterId,
}

impl Node {
    /// What the peer of a matter told us of erasing its text, oldest first: the peer's word, read
    /// from its acts. It changes no state, and nothing of our own copy. RET-11.
    pub fn taken_away(&self, matter: &MatterView) -> Result<Vec<TakenAway>> {
        if matter.one_sided {
            return Ok(Vec::new());
        }
        let number = self.channels[self.channel_at(&matter.peer, matter.ring)?].row.number;
        let mut out = Vec::new();
        for notice in self.store.said_erased(number, &matter.matter)? {
            let view = self.matter_in(number, &notice)?;
            let rules = view.flow.map_or("", |flow| flow.rules());
            // Any act may hold the digits of a matter; only a notice that counts says this of it.
            let says = view.acts.iter().filter(|act| {
                let about = erased_matter((rules, &act.kind), &act.body);
                !act.mine && act.verdict == Verdict::Valid && about == Some(matter.matter)
            });
            out.extend(says.map(|act| TakenAway {
                count: act.body.get("count").and_then(Value::as_int).unwrap_or(0).unsigned_abs(),
                at: act.logged_at,
                entry: act.entry,
                notice,
            }));
        }
        Ok(out)
    }
}
