//! A call overtakes. A log is ordered, and what lies in it is registered in its order; but the desk
//! must not sleep until ten thousand other acts have come. So a sender puts a call that lies behind
//! a backlog into its next parcel, with the heads and leaves that commit to it and little else; and
//! a receiver that can check head, leaf and signature rings for it, though it registers nothing
//! before its place has come. CAL-15.

use crate::ahead::{Ahead, presses};
use crate::bundle::Bundle;
use crate::channel::Channel;
use crate::check::{Checked, check_act};
use crate::node::Node;
use crate::session::Said;
use crate::stored::reread_coded;
use crate::tick::{Ringing, Tick};
use counterpart_record::fault::Result;
use counterpart_record::head::Head;
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::limits;
use counterpart_record::parcel::{Carried, Contents};
use counterpart_record::party::KeyBook;
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
/// Leaves before one that presses that a small parcel names, so that some of the backlog can go
/// with it.
const NEAR: u64 = 512;
/// Bytes of a leaf in a parcel.
const LEAF: usize = 32;
/// Bytes around a thing in a parcel, at the most.
const SLACK: usize = 16;

/// A parcel in the making that must not grow large.
struct Small {
    contents: Contents,
    /// Bytes that are left.
    room: usize,
    /// How far its leaves go.
    to: u64,
    /// What presses: looked at first by the peer.
    first: BTreeMap<u64, Carried>,
    rest: BTreeMap<u64, Carried>,
}

impl Small {
    fn of(contents: Contents) -> Small {
        Small { contents, room: 0, to: 0, first: BTreeMap::new(), rest: BTreeMap::new() }
    }

    fn spend(&mut self, bytes: usize) -> bool {
        let left = self.room.checked_sub(bytes);
        self.room = left.unwrap_or(self.room);
        left.is_some()
    }

    /// Names the leaves up to here.
    fn name(&mut self, to: u64) -> bool {
        let leaves = usize::try_from(to.saturating_sub(self.to)).unwrap_or(usize::MAX);
        let named = self.spend(leaves.saturating_mul(LEAF));
        self.to = if named { self.to.max(to) } else { self.to };
        named
    }

    fn show(&mut self, head: Head) -> bool {
        let leaves = usize::try_from(head.size.saturating_sub(self.to)).unwrap_or(usize::MAX);
        let bytes = leaves.saturating_mul(LEAF).saturating_add(head.encode().len() + SLACK);
        let shown = self.spend(bytes);
        if shown {
            self.to = head.size;
            self.contents.heads.push(head);
        }
        shown
    }

    fn carry(&mut self, row: &ActRow, first: bool) -> bool {
        if self.first.contains_key(&row.index) || self.rest.contains_key(&row.index) {
            return true;
        }
        let carried = self.spend(row.statement.len() + row.disclosures.len() + SLACK);
        if carried {
            let (statement, disclosures) = (row.statement.clone(), row.disclosures.clone());
            let acts = if first { &mut self.first } else { &mut self.rest };
            acts.insert(row.index, Carried { statement, disclosures });
        }
        carried
    }

    fn contents(self, entries: Vec<Entry>) -> Contents {
        // Keys whose place no head reaches come when one does.
        let (to, acts) = (self.to, self.first.into_iter().chain(self.rest));
        let acts = acts.filter(|(index, _)| *index < to).map(|(_, act)| act);
        let acts = acts.chain(self.contents.acts).collect();
        Contents { acts, entries, ..self.contents }
    }
}

impl Node {
    /// Own acts that press and that the peer does not hold: after a start or an epoch, and where it
    /// says that it holds less than it did.
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
        let from = cut.max(channel.pressed(self.now(Ring::Live)));
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

    /// Where something presses that the peer does not have, and the parcel that would be made now
    /// is larger than what a peer takes that asked us to slow down: one that is not. `None` if that
    /// is not so, or cannot be done: then the usual one goes. CAL-15
    ///
    /// What is behind what presses waits, and of what lies before it only the leaves and heads must
    /// be there. Where these alone are too many for a peer that asked us to slow down, the parcel
    /// brings as many as it can hold; the peer's answer says that it mirrors them, and the next one
    /// goes on from there.
    pub(crate) fn in_a_small_one(&self, at: usize, usual: &Said) -> Result<Option<Said>> {
        let channel = &self.channels[at];
        let held = channel.row.peer_held;
        let waits =
            channel.pressing.range(held.max(channel.pressed(self.now(Ring::Live)))..).next();
        let Some(first) = waits.copied() else { return Ok(None) };
        let most = limits::PRESSING_BYTES - 4;
        // The peer may have to be shown its own newest head as well.
        let newest = channel.peer.head.as_ref().map_or(0, |head| head.encode().len());
        // And, beside it, how its newest epoch began.
        let epochs = &usual.contents.epochs;
        let began = if epochs.yours.is_empty() { self.newest_of_theirs(at).len() } else { 0 };
        let yours = newest + began + SLACK;
        if usual.contents.encode(&self.me).len() + yours <= most {
            return Ok(None);
        }
        let mirrored = channel.peer_mirrors.clamp(held, channel.own.frontier.size());
        let near = first - held < NEAR;
        let from = if near { held } else { mirrored.min(first) };
        let controls = self.store.controls_in(channel.row.number)?;
        // Whatever is signed now may be signed with keys that come behind what presses: they would
        // have to go ahead, too, and then it is no small parcel.
        if controls.iter().any(|row| row.mine && row.index > first) {
            return Ok(None);
        }
        let mut keys = controls.into_iter().filter(|row| row.mine);
        // Its keys before its heads: they are signed with what these bring. Those that the peer has
        // not got lie at or behind `held`.
        let mut shown = Vec::new();
        self.with_keys(at, &usual.contents.epochs, &mut shown)?;
        let contents = Contents {
            heads: Vec::new(),
            from,
            entries: Vec::new(),
            acts: shown,
            ..usual.contents.clone()
        };
        let used = contents.encode(&self.me).len() + yours + SLACK;
        let mut small = Small { room: most.saturating_sub(used), to: from, ..Small::of(contents) };
        let there =
            keys.all(|row| row.index < held || (row.index >= from && small.carry(&row, false)));
        if !there || !small.name(mirrored.max(from)) {
            return Ok(None);
        }
        let pressed = self.fill(channel, &mut small, (mirrored, first))?;
        // In more than one, only where a larger one would not pass: each is a way there and back.
        // And what is larger by itself has to wait.
        let steps = self.asks_to_wait(&channel.row.peer).is_some() && small.to > mirrored;
        if pressed <= first && !steps {
            return Ok(None);
        }
        let mut covered = held;
        if near && pressed > first {
            let rows = self.store.acts(channel.row.number, held, small.to, BESIDE, true)?;
            let fits = rows.iter().take_while(|row| small.carry(row, false));
            covered = fits.last().map_or(held, |row| row.index + 1);
        }
        let covered = Some(covered).filter(|covered| *covered < channel.last_mine);
        let entries = self.store.entries(channel.row.number, Owner::Own, from, small.to)?;
        let contents = small.contents(entries);
        let (ahead, stand) = (pressed > first, (held, mirrored + 1));
        Ok(Some(Said { contents, covered, pressed, ahead, stand }))
    }

    /// Heads up to the one over the first that presses, then what presses, as far as there is room;
    /// behind which of these.
    fn fill(
        &self,
        channel: &Channel,
        small: &mut Small,
        (mirrored, first): (u64, u64),
    ) -> Result<u64> {
        let number = channel.row.number;
        for bytes in self.store.heads_after(number, Owner::Own, mirrored, limits::PARCEL_HEADS)? {
            if small.to > first || !small.show(Head::parse(&bytes)?) {
                break;
            }
        }
        let mut pressed = channel.pressed.min(first);
        for index in channel.pressing.range(first..small.to.max(first)).take(MOST) {
            let rows = self.store.acts(number, *index, index + 1, usize::MAX, true)?;
            if !rows.iter().all(|row| small.carry(row, true)) {
                break;
            }
            pressed = index + 1;
        }
        Ok(pressed)
    }

    /// What a parcel carries ahead of its place: statements that its heads commit to and that lie
    /// behind one that is missing. Looked at like any other; nothing is kept but in memory, since
    /// the peer sends it again where it belongs.
    pub(crate) fn look_ahead(&mut self, at: usize, bundle: &Bundle, book: &KeyBook) -> Result<()> {
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
            let checked = check_act(channel, &self.me, carried, index, book);
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

    /// The calls that rang ahead of their place and whose matters begin with these digits.
    fn coming(&self, digits: &str) -> impl Iterator<Item = (&Channel, &Ahead)> {
        let channels = self.channels.iter();
        let all = channels.flat_map(|channel| {
            let ahead = channel.ahead.range(channel.row.held..);
            ahead.filter(|(_, one)| one.opens.is_some()).map(move |(_, one)| (channel, one))
        });
        let digits = digits.to_owned();
        all.filter(move |(_, one)| one.matter.to_string().starts_with(&digits))
    }

    /// Whether a matter is known by a call that rang, and has not come in its place.
    pub fn comes(&self, digits: &str) -> bool {
        self.coming(digits).next().is_some()
    }

    /// The code that is read aloud in a call that rang ahead of its place, with whom it is of: the
    /// voice on the telephone is known before the record has come. CAL-9, CAL-15
    pub fn spoken_ahead(&self, digits: &str) -> Option<(MatterId, PartyId, String)> {
        let mut found = self.coming(digits).filter(|_| digits.len() >= 4);
        let ((channel, one), None) = (found.next()?, found.next()) else { return None };
        let code = one.flow.spoken(&channel.row.channel, &one.matter, &one.act.entry)?;
        Some((one.matter, channel.row.peer, code))
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
