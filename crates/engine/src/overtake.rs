//! A call overtakes. A log is ordered, and what lies in it is registered in its order; but the desk
//! must not sleep until ten thousand other acts have come. So a sender puts a call that lies behind
//! a backlog into its next parcel, with the heads and leaves that commit to it and little else; and
//! a receiver that can check head, leaf and signature rings for it, though it registers nothing
//! before its place has come. CAL-15.

use crate::ahead::{Ahead, presses};
use crate::bundle::Bundle;
use crate::channel::{Channel, reread_coded};
use crate::check::{Checked, check_act};
use crate::node::Node;
use crate::tick::{Ringing, Tick};
use counterpart_record::fault::Result;
use counterpart_record::head::Head;
use counterpart_record::id::MatterId;
use counterpart_rules::act::{Act, Half};
use counterpart_rules::flow::{self, Past};
use counterpart_store::{ActRow, Owner};
use std::collections::BTreeMap;

/// Acts that a sender puts ahead of a backlog in one parcel, and that a receiver looks at.
const MOST: usize = 8;
/// Calls of one peer that ring before their place has come.
const RINGING: usize = 64;
/// Bytes of the backlog beside them: on a slow line they would be what the call waits for.
const BESIDE: usize = 32 * 1024;

impl Node {
    /// Own acts that press and that the peer does not hold, after a start.
    pub(crate) fn find_pressing(&mut self) -> Result<()> {
        for (at, matter) in &self.watch.all {
            let channel = &self.channels[*at];
            if channel.in_flight.is_empty() {
                continue;
            }
            let rows = self.store.matter(channel.row.number, matter)?;
            let ours = rows.iter().filter(|row| row.mine && row.index >= channel.row.peer_held);
            let mut found = Vec::new();
            for row in ours {
                if presses(&reread_coded(row)?.payload) {
                    found.push(row.index);
                }
            }
            self.channels[*at].pressing.extend(found);
        }
        Ok(())
    }

    /// Of the acts in `cut..to` of our log, which a parcel has no room for, those that press and
    /// were not put ahead yet; `rows`, what it has room for, gives way to them.
    pub(crate) fn put_ahead(
        &self,
        channel: &Channel,
        (cut, to): (u64, u64),
        rows: &mut Vec<ActRow>,
    ) -> Result<Vec<ActRow>> {
        let from = cut.max(channel.pressed);
        let mut ahead = Vec::new();
        for index in channel.pressing.range(from..to.max(from)).take(MOST) {
            let row = self.store.acts(channel.row.number, *index, index + 1, usize::MAX, true)?;
            ahead.extend(row);
        }
        if !ahead.is_empty() {
            let mut bytes = 0;
            let fits = |row: &&ActRow| {
                bytes += row.statement.len() + row.disclosures.len();
                bytes <= BESIDE
            };
            // One at the least: the peer's position has to move.
            let few = rows.iter().take_while(fits).count().max(1);
            rows.truncate(few);
        }
        Ok(ahead)
    }

    /// What a parcel carries ahead of its place: statements that its heads commit to and that lie
    /// behind one that is missing. Looked at like any other; nothing is kept but in memory, since
    /// the peer sends it again where it belongs.
    pub(crate) fn look_ahead(&mut self, at: usize, bundle: &Bundle) -> Result<()> {
        let acts = bundle.contents.acts.iter().zip(bundle.entries.iter().zip(&bundle.places));
        let channel = &self.channels[at];
        let missing = channel.row.held..channel.peer.frontier.size();
        let mut found = Vec::new();
        for (carried, (entry, place)) in acts.take(MOST) {
            let Some(index) = place.filter(|index| missing.contains(index)) else { continue };
            // What it says of leaves that were mirrored before is nobody's word but its own.
            let number = channel.row.number;
            if self.store.entries(number, Owner::Peer, index, index + 1)? != [*entry] {
                continue;
            }
            let checked = check_act(channel, &self.me, carried, index, &channel.peer.book);
            let Ok(Checked::Act(act)) = checked else {
                continue;
            };
            let payload = &act.payload;
            let Some(flow) = flow::flow(&payload.rules) else { continue };
            if !presses(payload) || payload.epoch != channel.peer.epoch_at(index) {
                continue;
            }
            let (matter, opens) = match &payload.open {
                Some(open) => {
                    let matter = carried_matter(channel, &open.nonce);
                    (matter, Some((open.stream.clone(), open.terms)))
                }
                None => (act.header.matter, None),
            };
            // What goes on in a call that has not come itself: the call rings for both.
            if opens.is_none() && !self.watch.all.contains(&(at, matter)) {
                continue;
            }
            let over = bundle.contents.heads.iter().find(|head| head.covers(index));
            let act = Act {
                entry: *entry,
                half: Half::Asking,
                kind: payload.kind.clone(),
                body: payload.body.clone(),
                re: payload.re.clone(),
                logged_at: over.map_or(channel.peer.time(), |head: &Head| head.time),
                held_at: Some(self.seams.clock.now(channel.ring)),
            };
            found.push((index, Ahead { flow, matter, opens, act }));
        }
        let ahead = &mut self.channels[at].ahead;
        for (index, one) in found {
            if ahead.len() < RINGING {
                ahead.entry(index).or_insert(one);
            }
        }
        Ok(())
    }

    /// What rings although its place has not come.
    pub(crate) fn ring_ahead(&self, at: usize, tick: &mut Tick) {
        let channel = &self.channels[at];
        let now = self.seams.clock.now(channel.ring);
        let mut further: BTreeMap<MatterId, Vec<&Ahead>> = BTreeMap::new();
        for (_, one) in channel.ahead.range(channel.row.held..) {
            let Some((stream, terms)) = &one.opens else {
                further.entry(one.matter).or_default().push(one);
                continue;
            };
            let terms = channel.agreed.terms(terms, false);
            let past = Past { asking: &[&one.act], answering: &[] };
            let rings = one.flow.rings(past, terms, now);
            let ours = rings.into_iter().find(|ring| ring.half == Half::Answering);
            tick.rings.extend(ours.map(|what| ringing(channel, one.matter, false, stream, what)));
        }
        for (matter, acts) in further {
            tick.rings.extend(self.rings_further(at, matter, &acts, now));
        }
    }

    /// What acts that came ahead of their place ring in a matter that has come, as if they lay
    /// at its end. One that turns out void, because its author had seen the call closed, stops
    /// ringing in its place.
    fn rings_further(
        &self,
        at: usize,
        matter: MatterId,
        acts: &[&Ahead],
        now: u64,
    ) -> Option<Ringing> {
        let channel = &self.channels[at];
        let mut open = self.watch.open.get(&at)?.iter();
        let seen = open.find(|open| open.matter == matter)?.seen.as_ref()?;
        let theirs = seen.half().other();
        let here = acts.iter().filter(|one| one.flow.rules() == seen.flow.rules());
        let acts: Vec<Act> = here.map(|one| Act { half: theirs, ..one.act.clone() }).collect();
        let with = |past: &[Act], half: Half| -> Vec<Act> {
            let more = acts.iter().filter(|_| half == theirs);
            past.iter().chain(more).cloned().collect()
        };
        let asking = with(&seen.asking, Half::Asking);
        let answering = with(&seen.answering, Half::Answering);
        let (asking, answering): (Vec<&Act>, Vec<&Act>) =
            (asking.iter().collect(), answering.iter().collect());
        let past = Past { asking: &asking, answering: &answering };
        let terms = channel.agreed.terms(&seen.terms, seen.mine);
        let rings = seen.flow.rings(past, terms, now);
        // What has come rings by itself.
        let ahead = |ring: &flow::Ring| acts.iter().any(|act| act.entry == ring.act);
        let ours = rings.into_iter().find(|ring| ring.half == seen.half()).filter(ahead);
        ours.map(|what| ringing(channel, matter, seen.mine, &seen.stream, what))
    }
}

fn ringing(
    channel: &Channel,
    matter: MatterId,
    mine: bool,
    stream: &str,
    what: flow::Ring,
) -> Ringing {
    let (peer, ring) = (channel.row.peer, channel.ring);
    Ringing { matter, peer, ring, mine, ahead: true, stream: stream.to_owned(), what }
}

/// The matter that an opening act of the peer opens.
fn carried_matter(channel: &Channel, nonce: &[u8; 16]) -> MatterId {
    MatterId::of(&channel.row.channel, &channel.row.peer, nonce)
}
