//! What stood when terms were proposed, so that a person sees what a proposal changes.

use crate::matter::Verdict;
use crate::node::Node;
use crate::terms::sheet_of;
use crate::view::MatterView;
use counterpart_record::fault::Result;
use counterpart_record::id::Entry;
use counterpart_record::strict::json::Object;
use counterpart_rules::flow::{self, Past};

/// What stood when a proposal was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stood {
    /// The proposal.
    pub entry: Entry,
    /// The sheet that had been accepted last.
    pub in_force: Option<Object>,
    /// The sheet that the same side had proposed before, where it is another one.
    pub proposed: Option<Object>,
}

impl Node {
    /// What stood when each proposal in a matter was made, for a person to see what it changes; in
    /// the order of our log. Nothing for a matter of another kind. Which of two acceptances that
    /// crossed is in force is for [`Node::terms`] to say (CLK-22).
    pub fn stood(&self, view: &MatterView) -> Result<Vec<Stood>> {
        let agrees = view.flow.is_some_and(|flow| std::ptr::eq(flow, flow::agreeing()));
        if !agrees || view.one_sided {
            return Ok(Vec::new());
        }
        let channel = &self.channels[self.channel_at(&view.peer, view.ring)?];
        let mut accepted: Vec<(u64, Object)> = Vec::new();
        for id in channel.agreeing().into_iter().flatten() {
            let matter = channel.read_matter(&id, self.store.as_ref())?;
            let (asking, answering) = matter.valid();
            let rows = self.store.matter(channel.row.number, &id)?;
            let past = Past { asking: &asking, answering: &answering };
            for (proposal, acceptance) in flow::accepted(past) {
                let row = rows.iter().find(|row| row.entry == acceptance.entry);
                accepted.extend(
                    row.zip(sheet_of(&proposal.body).cloned())
                        .map(|(row, sheet)| (row.index, sheet)),
                );
            }
        }
        accepted.sort_by_key(|(index, _)| *index);
        let mut out: Vec<Stood> = Vec::new();
        let mut before: Option<Object> = None;
        let valid = view.acts.iter().filter(|act| act.verdict == Verdict::Valid);
        for (act, sheet) in valid.filter_map(|act| Some((act, sheet_of(&act.body)?))) {
            let last = accepted.iter().rfind(|(index, _)| *index < act.own_index);
            let in_force = last.map(|(_, sheet)| sheet.clone());
            let proposed =
                before.replace(sheet.clone()).filter(|sheet| Some(sheet) != in_force.as_ref());
            out.push(Stood { entry: act.entry, in_force, proposed });
        }
        Ok(out)
    }
}
