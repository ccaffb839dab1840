//! What one-sided matters come to in figures: our own count, from our one log. COR-8.

use crate::node::Node;
use crate::view::Laid;
use counterpart_record::fault::Result;
use counterpart_record::id::PartyId;
use counterpart_record::keys::Ring;
use counterpart_rules::act::Half;
use counterpart_rules::flow::Past;
use counterpart_rules::measure::Counted;
use std::collections::BTreeMap;

impl Node {
    /// What was observed of the matters with each correspondent; `by` is 0 for what we opened. Of
    /// what was entered, also how it came, and how much of it was entered late (COR-4).
    pub fn by_hand(&self, ring: Ring) -> Result<BTreeMap<PartyId, Vec<Counted>>> {
        let mut out: BTreeMap<PartyId, Vec<Counted>> = BTreeMap::new();
        let apart = self.channels.iter().filter(|one| one.one_sided && one.ring == ring);
        for channel in apart {
            let number = channel.row.number;
            let counted = out.entry(channel.row.peer).or_default();
            for id in self.store.touched(number, 0, 0)? {
                counted.extend(observed(self.lay(number, &id, true)?));
            }
        }
        Ok(out)
    }
}

/// What figures count of one matter.
fn observed(laid: Laid<'_>) -> Vec<Counted> {
    let Some(flow) = laid.matter.flow() else { return Vec::new() };
    let (asking, answering) = laid.matter.valid();
    let mine = laid.matter.opener_mine() == Some(true);
    let terms = laid.channel.agreed.terms(&laid.terms, mine);
    let past = Past { asking: &asking, answering: &answering };
    let mut seen = flow.observe(past, terms);
    if let Some(first) = seen.first_mut() {
        let came: Vec<_> = laid.acts.iter().filter_map(|act| act.came.as_ref()).collect();
        first.count("entered", came.len() as u64);
        first.count("entered_late", came.iter().filter(|came| came.late_by > 0).count() as u64);
        first.words.extend(came.iter().map(|came| ("how", came.how.clone())));
    }
    let by = usize::from(laid.matter.half_of(true, false) != Half::Asking);
    let counted = seen.into_iter();
    counted.map(|seen| Counted { stream: laid.stream.clone(), by, seen }).collect()
}
