//! What an act says that cannot be meant, seen from its matter: said to its author before it is
//! signed, and beside it to whoever reads it. ASK-11

use crate::matter::Verdict;
use crate::node::Node;
use crate::view::{ActView, MatterView};
use counterpart_record::strict::json::Object;
use counterpart_rules::act::{Act, Half};
use counterpart_rules::flow::{Setting, doubts};
use counterpart_rules::form::{FieldFault, Kind};
use counterpart_rules::terms::Terms;

impl Node {
    /// The doubts about an act of a kind that is written in a matter at `now`, in seconds (UTC).
    /// `form` is as `form::plain` reads it.
    pub fn doubts(
        &self,
        matter: &MatterView,
        kind: &Kind,
        form: &Object,
        now: u64,
    ) -> Vec<FieldFault> {
        self.doubts_after(matter, &matter.acts, (kind, form), (matter.half, now))
    }

    /// The doubts about an act that stands in a matter: at the time at which its author logged it,
    /// or at which it came, and after the acts before it. What was erased is not doubted.
    pub fn doubts_of(&self, matter: &MatterView, at: usize) -> Vec<FieldFault> {
        let Some(act) = matter.acts.get(at) else { return Vec::new() };
        let Some(kind) = matter.flow.and_then(|flow| flow.kind(&act.kind)) else {
            return Vec::new();
        };
        let mut form = act.body.clone();
        act.disclosed.iter().for_each(|one| form.set(&one.name, one.value.clone()));
        let now = act.came.as_ref().map_or(act.logged_at, |came| came.received_at);
        let half = if act.mine { matter.half } else { matter.half.other() };
        self.doubts_after(matter, &matter.acts[..at], (kind, &form), (half, now))
    }

    fn doubts_after(
        &self,
        matter: &MatterView,
        before: &[ActView],
        (kind, form): (&Kind, &Object),
        (half, now): (Half, u64),
    ) -> Vec<FieldFault> {
        let Some(flow) = matter.flow else { return Vec::new() };
        let before: Vec<Act> = before
            .iter()
            .filter(|act| act.verdict == Verdict::Valid)
            .map(|act| Act {
                entry: act.entry,
                half: if act.mine { matter.half } else { matter.half.other() },
                kind: act.kind.clone(),
                body: act.body.clone(),
                re: act.re.clone(),
                logged_at: act.logged_at,
                held_at: act.held_at,
            })
            .collect();
        let before: Vec<&Act> = before.iter().collect();
        let channel = self.channel_at(&matter.peer, matter.ring).ok();
        let terms = channel.map_or(Terms::usual(), |at| {
            self.channels[at].agreed.terms(&matter.terms, matter.mine)
        });
        doubts(flow, kind, form, &Setting { now, terms, half, before: &before })
    }
}
