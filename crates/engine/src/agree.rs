//! Two sides see whether they count alike: one states a cut, a period and the digest of its
//! figures; the other computes its own and answers; where they differ, both name the acts. Each
//! step is an act, so that the record shows who said what. FIG-9, FIG-10

use crate::draft::{Draft, Target};
use crate::figures::{Cut, Period, Shown};
use crate::node::Node;
use crate::watch::Seen;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_rules::flow::{self, Past, Stated, Written};
use counterpart_rules::measure::Brought;

/// Seconds between two comparisons with one peer.
const PAUSE: u64 = 60;
/// Matters that are tried at once, since the cut of one may be out of reach.
const TRIES: usize = 16;
/// The line of work under which figures are compared.
const STREAM: &str = "figures";

impl Node {
    /// The act by which we state our figures at a cut.
    pub fn state_figures(
        &mut self,
        peer: &PartyId,
        ring: Ring,
        cut: Cut,
        period: Period,
    ) -> Result<Draft> {
        let shown = self.figures(peer, ring, cut, period)?;
        let as_of = shown.figures.frame.as_of;
        let (own_size, other_size) = (shown.heads.0.size, shown.heads.1.size);
        let brought = self.brought(peer, ring, &shown)?;
        let Period { from, to } = period;
        let stated = Stated { from, to, as_of, own_size, other_size };
        let target = Target::New { stream: STREAM.to_owned() };
        Ok(draft(*peer, ring, target, flow::state_figures(stated, &brought)))
    }

    /// What we have to write next in a matter in which figures are compared; `None` if nothing.
    /// [`Code::NotPermitted`] in another matter, [`Code::CutNotShared`] if its cut is not ours.
    pub fn answer_figures(&mut self, id: &MatterId) -> Result<Option<Draft>> {
        let mut found = None;
        for channel in &self.channels {
            if !self.store.matter(channel.row.number, id)?.is_empty() {
                found = Some(channel);
            }
        }
        let channel = found.ok_or_else(|| Code::MatterUnknown.at(id.short()))?;
        let (peer, ring) = (channel.row.peer, channel.ring);
        let matter = channel.read_matter(id, self.store.as_ref())?;
        let (asking, answering) = matter.valid();
        let past = Past { asking: &asking, answering: &answering };
        let stated = matter.flow().and_then(|flow| flow::stated_figures(flow, past));
        let stated = stated.ok_or_else(|| Code::NotPermitted.at("no figures are stated here"))?;
        let mine = matter.opener_mine() == Some(true);
        let (own, other) = match mine {
            true => (stated.own_size, stated.other_size),
            false => (stated.other_size, stated.own_size),
        };
        let period = Period { from: stated.from, to: stated.to };
        let cut = Cut::At(own, other, stated.as_of);
        let shown = self.figures(&peer, ring, cut, period)?;
        let brought = self.brought(&peer, ring, &shown)?;
        let next = flow::next_figures(past, matter.half_of(true, false), &brought);
        Ok(next.map(|written| draft(peer, ring, Target::Matter(*id), written)))
    }

    /// What the running node has to write where figures are compared, at most once a minute and
    /// peer: an older cut is counted from nothing, and a peer that states one after the other must
    /// not keep us busy with it. A tick has to come before, which reads those matters.
    pub fn figures_due(&mut self) -> Result<Vec<Draft>> {
        let mut due = Vec::new();
        for at in 0..self.channels.len() {
            let channel = &self.channels[at];
            let now = self.now(channel.ring);
            let last = self.watch.reckoned.get(&at).copied();
            if channel.stands_still() || last.is_some_and(|last| now < last.saturating_add(PAUSE)) {
                continue;
            }
            let open = self.watch.open.get(&at).into_iter().flatten();
            let waits = open.filter(|open| {
                let seen = open.seen.as_ref();
                let waits = |seen: &Seen| {
                    seen.with(|past| flow::figures_wait(seen.flow, past, seen.half()))
                };
                seen.is_some_and(waits)
            });
            let waits: Vec<MatterId> = waits.take(TRIES).map(|open| open.matter).collect();
            for id in waits {
                match self.answer_figures(&id) {
                    // Its heads are not here yet, or never will be: the next one.
                    Err(fault) if fault.code == Code::CutNotShared => {}
                    answer => {
                        self.watch.reckoned.insert(at, now);
                        due.extend(answer?);
                        break;
                    }
                }
            }
        }
        Ok(due)
    }

    fn brought(&mut self, peer: &PartyId, ring: Ring, shown: &Shown) -> Result<Brought> {
        let as_of = shown.figures.frame.as_of;
        let cut = Cut::At(shown.heads.0.size, shown.heads.1.size, as_of);
        let lines = self.figure_lines(peer, ring, cut)?;
        let lines = lines.into_iter().map(|line| (line.entry, line.digest));
        Ok(Brought::new(shown.figures.digest(), lines))
    }
}

fn draft(peer: PartyId, ring: Ring, target: Target, (rules, kind, body): Written) -> Draft {
    let (rules, kind) = (rules.to_owned(), kind.to_owned());
    Draft { peer, ring, target, rules, kind, body, disclosed: Vec::new(), re: Vec::new() }
}
