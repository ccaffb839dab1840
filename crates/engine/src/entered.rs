//! A statement of a one-sided log as the rules see it. All are ours and lie in one log, so what
//! comes before in it is the causal past; what was entered by hand is given to the other half.
//! COR-2, COR-3.

use crate::matter::{Known, Matter};
use counterpart_record::fault::Result;
use counterpart_record::id::Entry;
use counterpart_record::payload::Payload;
use counterpart_rules::act::{Act, Half};
use counterpart_rules::apart::Entered;

/// What stands for one of our statements in its matter.
pub struct Apart {
    /// As the matter keeps it, judged by its place in our log.
    pub known: Known,
    /// Whether it is an act of our own, and not of the correspondent.
    pub mine: bool,
    /// What came and how, if it was entered.
    pub entered: Option<Entered>,
}

/// One statement behind those that `matter` has: at this index of our log, under a head of this
/// time. [`counterpart_record::fault::Code::PayloadWrong`].
pub fn apart(
    payload: &Payload,
    entry: Entry,
    (index, logged_at): (u64, u64),
    matter: &Matter,
) -> Result<Apart> {
    let entered = Entered::read((&payload.rules, &payload.kind), &payload.body)?;
    let (mine, opens) = (entered.is_none(), payload.open.is_some());
    let half = matter.half_of(mine, opens);
    // COR-4: what came counts from when it came; nobody but us holds any of it.
    let time = entered.as_ref().map_or(logged_at, |entered| entered.received_at);
    let act = Act {
        entry,
        half,
        kind: entered.as_ref().map_or(&payload.kind, |entered| &entered.kind).clone(),
        body: entered.as_ref().map_or(&payload.body, |entered| &entered.fields).clone(),
        re: payload.re.clone(),
        logged_at: time,
        held_at: Some(time),
    };
    // The statements of a matter are one chain, and its halves are counted apart.
    let last = matter.half(half).last();
    let (seq, prev) = last.map_or((1, None), |last| (last.seq + 1, Some(last.act.entry)));
    let mut known = Known::new(payload, act, index, (0, index), (0, index));
    (known.seq, known.prev) = (seq, prev);
    if let Some(entered) = &entered {
        known.rules.clone_from(&entered.rules);
    }
    Ok(Apart { known, mine, entered })
}

/// The place of the next statement in a one-sided matter: its number, and the one before it.
pub fn place(matter: &Matter) -> (u64, Option<Entry>) {
    let halves = [matter.half(Half::Asking), matter.half(Half::Answering)];
    let all = halves.iter().flat_map(|half| half.iter());
    let last = all.clone().max_by_key(|known| known.own_index);
    (all.count() as u64 + 1, last.map(|last| last.act.entry))
}
