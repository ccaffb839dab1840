//! The tick: what rings now, and which acts the node makes by itself. It reads the time and changes
//! nothing; whoever calls it submits the drafts and rings the bells. How often it is called decides
//! only how soon a person hears of something, never what is true.

use crate::draft::{Draft, Target};
use crate::matter::Verdict;
use crate::node::Node;
use crate::view::{ActView, Laid};
use crate::watch::{Open, Seen};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::act::Act;
use counterpart_rules::flow::{self, LineItem, scheduled_test};

/// Matters read from the store in one tick and channel, at the most: a peer that raises a hundred
/// thousand calls makes its own calls slow and nobody else's.
const READ: usize = 128;

/// Closed matters whose period of retention is looked at in one tick.
const SHELF: usize = 16;

/// The line of work of a node whose credential names none.
const UNNAMED: &str = "cybercrime";

/// Something that rings at our own desks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ringing {
    /// The matter.
    pub matter: MatterId,
    /// With whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// Whether we opened it.
    pub mine: bool,
    /// Its place in the record has not come yet: it rings, and cannot be taken yet.
    pub ahead: bool,
    /// The line of work.
    pub stream: String,
    /// What rings, how far up, since when.
    pub what: flow::Ring,
}

/// A stream that we and a peer have raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// The matter in which both agreed.
    pub matter: MatterId,
    /// With whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// The line of work.
    pub stream: String,
    /// Until when, in seconds (UTC).
    pub until: u64,
}

/// What a tick finds.
#[derive(Clone, Debug, Default)]
pub struct Tick {
    /// What rings, most pressing first.
    pub rings: Vec<Ringing>,
    /// Acts of the node's own, to be submitted.
    pub drafts: Vec<Draft>,
    /// Streams that are raised.
    pub raised: Vec<Raised>,
    /// Matters that were not looked at yet: the next ticks come to them.
    pub unread: usize,
}

impl Node {
    /// What rings, what is raised, and what the node does by itself. With `test_every`, in seconds,
    /// also a test of each line whose last one of ours is so old.
    pub fn tick(&mut self, test_every: Option<u64>) -> Result<Tick> {
        let mut tick = Tick::default();
        // The clock was seen, and goes on from here. RET-9
        self.vouched(Ring::Live);
        // What is wrong with an old matter keeps no call from ringing: whoever asks for the list of
        // what is due hears of it.
        let _ = self.look_at_shelf(SHELF);
        for at in 0..self.channels.len() {
            let mut open = self.watch.open.remove(&at).unwrap_or_default();
            let read = self.read_open(at, &mut open);
            open.retain(|open| self.look(at, open, &mut tick));
            self.watch.open.insert(at, open);
            read?;
            self.ring_ahead(at, &mut tick);
            tick.drafts.extend(test_every.and_then(|every| self.test_due(at, every)));
        }
        tick.rings.sort_by_key(|one| (one.what.rank(), one.matter));
        Ok(tick)
    }

    /// Reads what was never read and what may have changed, the newest first.
    fn read_open(&mut self, at: usize, open: &mut Vec<Open>) -> Result<()> {
        // A flow that an older program does not know: a newer one finds it in the store.
        let mut unknown = Vec::new();
        let sizes = self.sizes(at);
        // Half of what may be read is for those that nobody has looked at yet.
        let (mut new, mut old) = (READ / 2, READ / 2);
        for one in open.iter_mut().rev() {
            let left = match &one.seen {
                None => &mut new,
                Some(seen) if seen.sizes != sizes => &mut old,
                Some(_) => continue,
            };
            if *left == 0 {
                continue;
            }
            *left -= 1;
            one.seen = self.seen(at, &one.matter)?;
            if one.seen.is_none() {
                unknown.push(one.matter);
            }
            for other in one.seen.iter().flat_map(Seen::about) {
                self.watch.about.entry(other).or_default().insert(one.matter);
            }
            if let Some(seen) = one.seen.as_ref().filter(|seen| seen.mine) {
                let test = seen.asking.first().filter(|_| seen.flow.rules() == scheduled_test().0);
                let last = self.watch.tested.entry(at).or_default();
                *last = test.map_or(*last, |test| test.logged_at.max(*last));
            }
        }
        open.retain(|one| !unknown.contains(&one.matter));
        Ok(())
    }

    fn sizes(&self, at: usize) -> (u64, u64) {
        let channel = &self.channels[at];
        (channel.own.frontier.size(), channel.peer.frontier.size())
    }

    /// A watched matter as the store has it; `None` if this program does not know its flow.
    fn seen(&self, at: usize, id: &MatterId) -> Result<Option<Seen>> {
        let number = self.channels[at].row.number;
        let Laid { matter, stream, terms, .. } = self.lay(number, id, false)?;
        let owned = |acts: Vec<&Act>| acts.into_iter().cloned().collect();
        let (asking, answering) = matter.valid();
        Ok(matter.flow().map(|flow| Seen {
            sizes: self.sizes(at),
            flow,
            mine: matter.opener_mine() == Some(true),
            stream,
            terms,
            asking: owned(asking),
            answering: owned(answering),
        }))
    }

    /// Adds what one matter has to say, and tells whether it may have more to say later.
    fn look(&self, at: usize, open: &Open, tick: &mut Tick) -> bool {
        let channel = &self.channels[at];
        let Some(seen) = &open.seen else {
            tick.unread += 1;
            return true;
        };
        let now = self.seams.clock.now(channel.ring);
        let terms = channel.agreed.terms(&seen.terms, seen.mine);
        let (matter, peer, ring) = (open.matter, channel.row.peer, channel.ring);
        let rings = seen.with(|past| seen.flow.rings(past, terms, now));
        let state = seen.with(|past| seen.flow.state(past, terms, now));
        let ours = rings.into_iter().find(|ring| ring.half == seen.half());
        let automatic = seen.with(|past| seen.flow.automatic(past, seen.half()));
        let goes_on = !state.closed || ours.is_some() || automatic.is_some();
        let stream = || seen.stream.clone();
        tick.rings.extend(ours.map(|what| {
            let mine = seen.mine;
            Ringing { matter, peer, ring, mine, ahead: false, stream: stream(), what }
        }));
        if state.raised {
            let until = state.fact("surge_until").and_then(Value::as_int);
            let until = until.and_then(|until| u64::try_from(until).ok()).unwrap_or(now);
            tick.raised.push(Raised { matter, peer, ring, stream: stream(), until });
        }
        let silent = channel.stands_still();
        tick.drafts.extend(automatic.filter(|_| !silent).map(|kind| Draft {
            peer,
            ring,
            target: Target::Matter(matter),
            rules: seen.flow.rules().to_owned(),
            kind: kind.to_owned(),
            body: Object::default(),
            disclosed: Vec::new(),
            re: Vec::new(),
        }));
        goes_on
    }

    /// A test of a line, if the last one of ours is older than `every` seconds. Only lines that
    /// stand on both sides are tested, and none for exercises: there nobody waits.
    fn test_due(&self, at: usize, every: u64) -> Option<Draft> {
        let channel = &self.channels[at];
        let last = self.watch.tested.get(&at).copied().unwrap_or(0);
        let now = self.seams.clock.now(channel.ring);
        let unread = self.watch.open.get(&at).is_some_and(|o| o.iter().any(|o| o.seen.is_none()));
        if channel.ring.is_drill() || !channel.mutual || channel.stands_still() || unread {
            return None;
        }
        let (rules, kind, body) = scheduled_test();
        (now >= last.saturating_add(every)).then(|| Draft {
            peer: channel.row.peer,
            ring: channel.ring,
            target: Target::New { stream: self.line_of(at) },
            rules: rules.to_owned(),
            kind: kind.to_owned(),
            body,
            disclosed: Vec::new(),
            re: Vec::new(),
        })
    }

    /// The line of work in which the line to a peer is tested, by hand as by the schedule. ASK-8
    pub fn tested_in(&self, peer: &PartyId, ring: Ring) -> Result<String> {
        Ok(self.line_of(self.channel_at(peer, ring)?))
    }

    /// The first that was agreed; else the first that both credentials name; else the first of
    /// ours.
    fn line_of(&self, at: usize) -> String {
        let channel = &self.channels[at];
        let agreed = channel.agreed.terms(&channel.agreed.in_force(), true);
        if let Some(first) = agreed.streams().next() {
            return first.to_owned();
        }
        let (own, peer) = (channel.own.book.newest(), channel.peer.book.newest());
        let mut both = own.desk.streams.iter().filter(|one| peer.desk.streams.contains(one));
        let named = both.next().or(own.desk.streams.first());
        named.map_or(UNNAMED, String::as_str).to_owned()
    }

    /// What the matters of a line whose first act was logged in `from..to` add to its review, each
    /// with whether we opened it; times in seconds (UTC).
    pub fn line_items(
        &self,
        peer: &PartyId,
        ring: Ring,
        (from, to): (u64, u64),
    ) -> Result<Vec<(bool, LineItem)>> {
        let at = self.channel_at(peer, ring)?;
        let now = self.seams.clock.now(ring);
        let agreed = &self.channels[at].agreed;
        let mut items = Vec::new();
        for (_, id) in self.watch.all.iter().filter(|(place, _)| *place == at) {
            let Some(seen) = self.seen(at, id)? else { continue };
            let first = seen.asking.first().map(|first| first.logged_at);
            if first.is_some_and(|first| (from..to).contains(&first)) {
                let terms = agreed.terms(&seen.terms, seen.mine);
                let item = seen.with(|past| seen.flow.line_item(past, terms, now));
                items.extend(item.map(|item| (seen.mine, item)));
            }
        }
        Ok(items)
    }

    /// The watched matters that say they are about this one: the calls about a request.
    pub fn about(&mut self, id: &MatterId) -> Result<Vec<MatterId>> {
        // After a start some were not read yet.
        while self.tick(None)?.unread > 0 {}
        let about = self.watch.about.get(id);
        Ok(about.map_or(Vec::new(), |about| about.iter().copied().collect()))
    }

    /// The code that two people on a telephone compare. [`Code::NotPermitted`] where there is none.
    pub fn spoken_code(&self, id: &MatterId) -> Result<String> {
        let view = self.matter(id)?;
        let channel = &self.channels[self.channel_at(&view.peer, view.ring)?];
        let opening =
            |act: &&ActView| act.mine == view.mine && act.seq == 1 && act.verdict == Verdict::Valid;
        let first = view.acts.iter().find(opening);
        let code = first.zip(view.flow).and_then(|(first, flow)| {
            flow.spoken(&channel.row.channel, &view.matter, &first.entry)
        });
        code.ok_or_else(|| Code::NotPermitted.at("no code is read aloud in such a matter"))
    }
}
