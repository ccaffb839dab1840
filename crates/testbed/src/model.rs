//! The rules of order, written a second time and from the other end: not act by act as they arrive,
//! but from two whole logs. Input is what a log holds; output is the verdict on each act.

use counterpart_engine::Verdict;
use counterpart_record::fault::Result;
use counterpart_record::hash::Hash;
use counterpart_record::head::{Head, LogId};
use counterpart_record::id::{Entry, MatterId};
use counterpart_record::log::empty_root;
use counterpart_record::party::Control;
use counterpart_record::payload::Payload;
use counterpart_record::statement::Unverified;
use counterpart_rules::act::{Act, Half};
use counterpart_rules::flow;
use counterpart_store::{ActRow, Owner, Store};
use std::collections::{BTreeMap, HashMap};

/// The verdict on an act that came too late.
const ORPHANED: &str = "void-orphaned";

/// An epoch, and an index or a size in it.
type Spot = (u64, u64);

/// One act as its log has it.
struct Said {
    entry: Entry,
    matter: MatterId,
    index: Spot,
    payload: Payload,
    kept: String,
}

/// Both logs of a channel as one side's store has them: 0 is its own, 1 the peer's.
pub struct Logs {
    acts: [Vec<Said>; 2],
    heads: [Vec<(Spot, Hash)>; 2],
    known: HashMap<(usize, usize), String>,
    /// The epochs that the logs began with.
    first: [u64; 2],
    /// Acts that are void because they came too late, or are not; and whether they should be.
    orphans: Vec<(Entry, String, bool)>,
}

impl Logs {
    /// Reads both logs of a channel out of one store.
    pub fn read(store: &dyn Store, channel: u32) -> Result<Logs> {
        let mut acts = [Vec::new(), Vec::new()];
        let owners = [Owner::Own, Owner::Peer];
        let lines = owners.map(|owner| begun(store, channel, owner));
        let lines = lines.into_iter().collect::<Result<Vec<_>>>()?;
        let newest = |line: &Begun| line.keys().next_back().copied().unwrap_or(1);
        let lines: Vec<_> = lines.iter().map(|line| epochs(line, newest(line))).collect();
        let late = owners.map(|owner| Late::read(store, channel, owner));
        let late = late.into_iter().collect::<Result<Vec<_>>>()?;
        let mut orphans = Vec::new();
        for row in store.acts(channel, 0, 1 << 40, usize::MAX, false)? {
            if let Some(said) = said(&row)? {
                let side = usize::from(!row.mine);
                let due = late[side].is(&said.entry, said.index);
                if due != (said.kept == ORPHANED) {
                    orphans.push((said.entry, said.kept.clone(), due));
                }
                if !due {
                    acts[side].push(said);
                }
            }
        }
        let mut heads = [Vec::new(), Vec::new()];
        for (side, owner) in [Owner::Own, Owner::Peer].into_iter().enumerate() {
            for bytes in store.heads_after(channel, owner, 0, 1 << 30)? {
                let head = Head::parse(&bytes)?;
                heads[side].push(((epoch_at(&lines[side], head.size - 1), head.size), head.root));
            }
            for closed in store.closed(channel, owner)?.heads {
                let head = Head::parse(&closed.bytes)?;
                heads[side].push(((closed.epoch, head.size), head.root));
            }
        }
        acts.iter_mut().for_each(|acts| acts.sort_by_key(|said| said.index));
        let first = [0, 1].map(|side: usize| lines[side][0].1);
        Ok(Logs { acts, heads, known: HashMap::new(), first, orphans })
    }

    /// Acts whose kept verdict is not the one that follows from both logs: entry, kept, right.
    pub fn wrong(&mut self) -> Vec<(Entry, String, String)> {
        let mut wrong = Vec::new();
        for (entry, kept, due) in &self.orphans {
            let right = if *due { ORPHANED } else { "none of that" };
            wrong.push((*entry, kept.clone(), right.to_owned()));
        }
        for side in 0..2 {
            for at in 0..self.acts[side].len() {
                let right = self.verdict(side, at);
                let said = &self.acts[side][at];
                if said.kept != right {
                    wrong.push((said.entry, said.kept.clone(), right));
                }
            }
        }
        wrong
    }

    /// Who opened a matter: the author of its opening act.
    fn opener(&self, matter: &MatterId) -> Option<usize> {
        (0..2).find(|side| {
            let mut acts = self.acts[*side].iter();
            acts.any(|said| said.matter == *matter && said.payload.open.is_some())
        })
    }

    /// Positions in `acts[side]` of that side's chain in a matter: place by place, the act with the
    /// lowest index, as long as each follows the one before.
    fn chain(&self, side: usize, matter: &MatterId, below: Spot) -> Vec<usize> {
        let mut chain: Vec<usize> = Vec::new();
        loop {
            let place = chain.len() as u64 + 1;
            let next = self.acts[side].iter().position(|said| {
                said.matter == *matter && said.payload.seq == place && said.index < below
            });
            let prev = chain.last().map(|at| self.acts[side][*at].entry);
            match next.filter(|at| self.acts[side][*at].payload.prev == prev) {
                Some(at) => chain.push(at),
                None => return chain,
            }
        }
    }

    fn verdict(&mut self, side: usize, at: usize) -> String {
        if let Some(verdict) = self.known.get(&(side, at)) {
            return verdict.clone();
        }
        let verdict = self.judge(side, at);
        self.known.insert((side, at), verdict.clone());
        verdict
    }

    fn judge(&mut self, side: usize, at: usize) -> String {
        let said = &self.acts[side][at];
        let (matter, payload) = (said.matter, said.payload.clone());
        let (entry, index) = (said.entry, said.index);
        let earlier = &self.acts[side][..at];
        let twice = |other: &Said| other.matter == matter && other.payload.seq == payload.seq;
        if earlier.iter().any(twice) {
            return "void-equivocation".into();
        }
        if payload.seq > 4_096 {
            return "void-limit".into();
        }
        let mut own = self.chain(side, &matter, (u64::MAX, u64::MAX));
        own.retain(|other| self.acts[side][*other].payload.seq < payload.seq);
        // What an author had seen, it may have lost with the end of an epoch.
        let same = earlier.iter().filter(|other| other.index.0 == index.0);
        let most = same.map(|other| self.sight(side, &other.payload)).max();
        let sight = self.sight(side, &payload);
        if !self.named(side, &payload) || most.is_some_and(|most| sight < most) {
            return "void-seen".into();
        }
        if own.len() as u64 + 1 < payload.seq {
            return "held-gap".into();
        }
        if own.last().map(|last| self.acts[side][*last].entry) != payload.prev {
            return "void-equivocation".into();
        }
        let last_seen = own.last().map(|last| self.sight(side, &self.acts[side][*last].payload));
        if last_seen.is_some_and(|last| last > sight) {
            return "void-seen".into();
        }
        let other = self.chain(1 - side, &matter, sight);
        let own: Vec<(usize, usize)> = own.into_iter().map(|at| (side, at)).collect();
        let other: Vec<(usize, usize)> = other.into_iter().map(|at| (1 - side, at)).collect();
        let past = |one: &Entry| {
            own.iter().chain(&other).any(|(side, at)| self.acts[*side][*at].entry == *one)
        };
        if !payload.re.iter().all(past) {
            return "void-re".into();
        }
        let opener = self.opener(&matter);
        let half = if opener == Some(side) { Half::Asking } else { Half::Answering };
        if payload.open.is_some() != (half == Half::Asking && payload.seq == 1) {
            return "void-half".into();
        }
        let Some(flow) = flow::flow(&payload.rules) else { return "held-unknown".into() };
        if flow.kind(&payload.kind).is_none() {
            return "held-unknown".into();
        }
        let (mine, theirs) = (self.valid(&own, half), self.valid(&other, half.other()));
        let (mine, theirs): (Vec<&Act>, Vec<&Act>) =
            (mine.iter().collect(), theirs.iter().collect());
        let (asking, answering) =
            if half == Half::Asking { (&mine, &theirs) } else { (&theirs, &mine) };
        match flow.permitted(asking, answering, &act(entry, half, &payload, index.1)) {
            Ok(()) => Verdict::Valid.text(),
            Err(void) => void.0.into(),
        }
    }

    /// The head of the other log that an act names as seen, if it was signed.
    fn head(&self, side: usize, payload: &Payload) -> Option<Spot> {
        let named = (payload.seen.size, payload.seen.root);
        let mut heads = self.heads[1 - side].iter();
        heads.find(|((_, size), root)| (*size, *root) == named).map(|(spot, _)| *spot)
    }

    fn named(&self, side: usize, payload: &Payload) -> bool {
        let nothing = payload.seen.size == 0 && payload.seen.root == empty_root();
        nothing || self.head(side, payload).is_some()
    }

    fn sight(&self, side: usize, payload: &Payload) -> Spot {
        // A claim that nobody signed stands at the beginning.
        self.head(side, payload).unwrap_or((self.first[1 - side], payload.seen.size))
    }

    fn valid(&mut self, chain: &[(usize, usize)], half: Half) -> Vec<Act> {
        let mut valid = Vec::new();
        for (side, at) in chain {
            if self.verdict(*side, *at) == "valid" {
                let said = &self.acts[*side][*at];
                valid.push(act(said.entry, half, &said.payload, said.index.1));
            }
        }
        valid
    }
}

/// Every epoch of a log after the first: what it goes on from, how much of that it keeps, and the
/// statement that says so.
type Begun = BTreeMap<u64, (u64, u64, Entry)>;

fn begun(store: &dyn Store, channel: u32, owner: Owner) -> Result<Begun> {
    let mut begun = Begun::new();
    for closing in store.closed(channel, owner)?.closings {
        let Control::Epoch(epoch) = Control::reread(&closing.statement)? else { continue };
        let old = LogId::parse(&epoch.old_origin)?.epoch;
        begun.insert(epoch.epoch, (old, epoch.kept, Entry::of(&closing.statement)));
    }
    Ok(begun)
}

/// Where the epochs of the log of an epoch begin: leaf and epoch, oldest first. Each goes on from
/// one before it, and those that this one does not come from are left out.
fn epochs(begun: &Begun, mut at: u64) -> Vec<Spot> {
    let mut begins: Vec<Spot> = Vec::new();
    while let Some((old, kept, _)) = begun.get(&at) {
        begins.push((*kept, at));
        at = *old;
    }
    begins.push((0, at));
    begins.reverse();
    begins
}

/// Acts of a log that came to the other side when its own log already held a later epoch without
/// them, by the order of that log in all of its epochs. REC-48.
struct Late {
    begun: Begun,
    places: HashMap<Entry, Spot>,
}

impl Late {
    fn read(store: &dyn Store, channel: u32, owner: Owner) -> Result<Late> {
        let reader = if owner == Owner::Own { Owner::Peer } else { Owner::Own };
        let mut places = HashMap::new();
        for leaf in store.closed(channel, reader)?.leaves {
            let place = places.entry(leaf.entry).or_insert((leaf.epoch, leaf.index));
            *place = (*place).min((leaf.epoch, leaf.index));
        }
        let today = store.entries(channel, reader, 0, 1 << 40)?;
        let begins = begun(store, channel, reader)?;
        let begins = epochs(&begins, begins.keys().next_back().copied().unwrap_or(1));
        for (entry, index) in today.into_iter().zip(0..) {
            let spot = (epoch_at(&begins, index), index);
            let place = places.entry(entry).or_insert(spot);
            *place = (*place).min(spot);
        }
        Ok(Late { begun: begun(store, channel, owner)?, places })
    }

    fn is(&self, entry: &Entry, spot: Spot) -> bool {
        self.begun.range(spot.0 + 1..).any(|(epoch, (_, _, statement))| {
            let begins = epochs(&self.begun, *epoch);
            let has = epoch_at(&begins, spot.1) == spot.0;
            let told = self.places.get(statement);
            let came = self.places.get(entry);
            !has && told.is_some_and(|told| came.is_none_or(|came| told < came))
        })
    }
}

fn epoch_at(begins: &[Spot], index: u64) -> u64 {
    let begun = begins.iter().rev().find(|(from, _)| *from <= index);
    begun.map_or(1, |(_, epoch)| *epoch)
}

fn said(row: &ActRow) -> Result<Option<Said>> {
    let Some(matter) = row.matter else { return Ok(None) };
    let payload = Unverified::parse(&row.statement)?.reread(Vec::new())?.payload;
    let index = (payload.epoch, row.author_index);
    let (entry, kept) = (row.entry, row.verdict.clone());
    Ok(Some(Said { entry, matter, index, payload, kept }))
}

fn act(entry: Entry, half: Half, payload: &Payload, logged_at: u64) -> Act {
    let (kind, body, re) = (payload.kind.clone(), payload.body.clone(), payload.re.clone());
    Act { entry, half, kind, body, re, logged_at, held_at: None }
}
