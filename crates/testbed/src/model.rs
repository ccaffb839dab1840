//! The rules of order, written a second time and from the other end: not act by act as they arrive,
//! but from two whole logs. Input is what a log holds; output is the verdict on each act.

use counterpart_engine::Verdict;
use counterpart_record::fault::Result;
use counterpart_record::hash::Hash;
use counterpart_record::head::Head;
use counterpart_record::id::{Entry, MatterId};
use counterpart_record::log::empty_root;
use counterpart_record::payload::Payload;
use counterpart_record::statement::Unverified;
use counterpart_rules::act::{Act, Half};
use counterpart_rules::flow;
use counterpart_store::{ActRow, Owner, Store};
use std::collections::HashMap;

/// One act as its log has it.
struct Said {
    entry: Entry,
    matter: MatterId,
    index: u64,
    payload: Payload,
    kept: String,
}

/// Both logs of a channel as one side's store has them: 0 is its own, 1 the peer's.
pub struct Logs {
    acts: [Vec<Said>; 2],
    heads: [HashMap<u64, Hash>; 2],
    known: HashMap<(usize, usize), String>,
}

impl Logs {
    /// Reads both logs of a channel out of one store.
    pub fn read(store: &dyn Store, channel: u32) -> Result<Logs> {
        let mut acts = [Vec::new(), Vec::new()];
        for row in store.acts(channel, 0, 1 << 40, usize::MAX, false)? {
            if let Some(said) = said(&row)? {
                acts[usize::from(!row.mine)].push(said);
            }
        }
        let mut heads = [HashMap::new(), HashMap::new()];
        for (side, owner) in [Owner::Own, Owner::Peer].into_iter().enumerate() {
            for bytes in store.heads_after(channel, owner, 0, 1 << 30)? {
                let head = Head::parse(&bytes)?;
                heads[side].insert(head.size, head.root);
            }
        }
        acts.iter_mut().for_each(|acts| acts.sort_by_key(|said| said.index));
        Ok(Logs { acts, heads, known: HashMap::new() })
    }

    /// Acts whose kept verdict is not the one that follows from both logs: entry, kept, right.
    pub fn wrong(&mut self) -> Vec<(Entry, String, String)> {
        let mut wrong = Vec::new();
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
    fn chain(&self, side: usize, matter: &MatterId, below: u64) -> Vec<usize> {
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
        let mut own = self.chain(side, &matter, u64::MAX);
        own.retain(|other| self.acts[side][*other].payload.seq < payload.seq);
        let root = match payload.seen.size {
            0 => Some(&empty_root()).copied(),
            size => self.heads[1 - side].get(&size).copied(),
        };
        let most = earlier.iter().map(|other| other.payload.seen.size).max().unwrap_or(0);
        let saw = root == Some(payload.seen.root) && payload.seen.size >= most;
        if !saw {
            return "void-seen".into();
        }
        if own.len() as u64 + 1 < payload.seq {
            return "held-gap".into();
        }
        if own.last().map(|last| self.acts[side][*last].entry) != payload.prev {
            return "void-equivocation".into();
        }
        let last_seen = own.last().map_or(0, |last| self.acts[side][*last].payload.seen.size);
        if last_seen > payload.seen.size {
            return "void-seen".into();
        }
        let other = self.chain(1 - side, &matter, payload.seen.size);
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
        match flow.permitted(asking, answering, &act(entry, half, &payload, index)) {
            Ok(()) => Verdict::Valid.text(),
            Err(void) => void.0.into(),
        }
    }

    fn valid(&mut self, chain: &[(usize, usize)], half: Half) -> Vec<Act> {
        let mut valid = Vec::new();
        for (side, at) in chain {
            if self.verdict(*side, *at) == "valid" {
                let said = &self.acts[*side][*at];
                valid.push(act(said.entry, half, &said.payload, said.index));
            }
        }
        valid
    }
}

fn said(row: &ActRow) -> Result<Option<Said>> {
    let Some(matter) = row.matter else { return Ok(None) };
    let payload = Unverified::parse(&row.statement)?.reread(Vec::new())?.payload;
    let (entry, index, kept) = (row.entry, row.author_index, row.verdict.clone());
    Ok(Some(Said { entry, matter, index, payload, kept }))
}

fn act(entry: Entry, half: Half, payload: &Payload, logged_at: u64) -> Act {
    let (kind, body, re) = (payload.kind.clone(), payload.body.clone(), payload.re.clone());
    Act { entry, half, kind, body, re, logged_at, held_at: None }
}
