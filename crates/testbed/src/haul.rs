//! Sealed bytes between two parties, and what befalls them on the way. What is asked, kept, given
//! and noted is decided by the engine; here is the carrier, which loses, doubles, delays and spoils
//! pieces, and processes that die in the middle.

use crate::cast::Seeded;
use crate::files::{Paper, attach, seal};
use crate::forge::channel_row;
use crate::trouble::Trouble;
use crate::world::{Event, HOSTILE, Promise, SEATS, World};
use counterpart_engine::Draft;
use counterpart_engine::haul::{Ask, Begun, Fetch, Note, Offer, Reply};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::hash::Hash;
use counterpart_record::keys::Ring;
use counterpart_rules::form::{Attached, Attachment};
use counterpart_store::{Presence, Store as _};

/// A little more than a chunk, so that larger files come in several pieces.
const PIECE: u64 = 70_000;

/// What the carrier did to bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spoilt {
    No,
    /// Their end is missing.
    Short,
    /// They are not those that were asked for.
    Wrong,
}

fn away() -> Fault {
    Code::PeerUnreachable.at("the carrier")
}

impl World {
    /// Sometimes a draft gets files. Gives what was sealed for it.
    pub(crate) fn attach(&mut self, from: usize, to: usize, draft: &mut Draft) -> Vec<Paper> {
        if !self.chance.chance(35) {
            return Vec::new();
        }
        if !self.honest(from) && self.strikes(Trouble::OfOthers, 40) {
            self.claim(to, draft);
            return Vec::new();
        }
        let mut papers = Vec::new();
        let mut sealed: Vec<(Attachment, Attached)> = Vec::new();
        for _ in 0..1 + self.chance.below(2) {
            let most = if self.chance.chance(40) { 300_000 } else { 1_500 };
            let content = noise(&self.chance, 1 + self.chance.below(most) as usize);
            let random = self.seats[from].party.random.clone();
            match seal(&self.seats[from].blobs, random.as_ref(), "evidence", &content) {
                Ok(one) => {
                    let (named, between) = (one.0.clone(), (from, to));
                    papers.push(Paper { named, between, content });
                    sealed.push(one);
                }
                Err(fault) => self.fail(format!("{} cannot seal: {fault}", self.name(from))),
            }
        }
        if !attach(draft, &sealed) {
            self.unsealed(&papers);
            papers.clear();
        }
        papers
    }

    /// The act that was to name them is not there: they go, as they do where somebody attaches.
    pub(crate) fn unsealed(&mut self, papers: &[Paper]) {
        for paper in papers {
            if let Err(fault) = self.seats[paper.between.0].blobs.remove(&paper.named.root) {
                self.fail(format!("a file without an act: {fault}"));
            }
        }
    }

    /// They may be named by an act now.
    pub(crate) fn attached(&mut self, papers: Vec<Paper>) {
        for paper in papers {
            let from = paper.between.0;
            if !self.honest(from) && self.strikes(Trouble::NeverThere, 30) {
                self.hit(Trouble::NeverThere, from);
                self.unsealed(std::slice::from_ref(&paper));
            }
            self.papers.push(paper);
        }
    }

    /// The hostile party names what is another's.
    fn claim(&mut self, to: usize, draft: &mut Draft) {
        let mut others = self.papers.iter().filter(|paper| {
            let (author, other) = paper.between;
            // What never left the house nobody can know.
            let left = || self.seats[other].disk.attachment(&paper.named.root);
            let pair = [author, other];
            pair.contains(&to)
                && !pair.contains(&HOSTILE)
                && left().is_ok_and(|rows| !rows.is_empty())
        });
        let Some(paper) = others.next_back() else { return };
        let opening = Attached {
            key: [7; 32],
            digest: [7; 32],
            bytes: paper.content.len() as u64,
            name: "mine".to_owned(),
            media: None,
        };
        if attach(draft, &[(paper.named.clone(), opening)]) {
            self.hit(Trouble::OfOthers, HOSTILE);
        }
    }

    /// One call for sealed bytes: what is awaited is fetched; what is owed is offered to a party
    /// that cannot call.
    pub(crate) fn haul(&mut self, from: usize, to: usize) {
        if from == to || !self.calls[from][to] || !self.awake(from) {
            return;
        }
        if !self.honest(from) {
            self.pry(to);
        }
        let (peer, afresh) = (self.seats[to].party.id, self.chance.chance(30));
        let awaited = self.seats[from].node.as_mut().map(|node| node.awaited(&peer, afresh));
        if !self.each(from, to, awaited, true) || self.calls[to][from] {
            return;
        }
        let owed = self.seats[from].node.as_mut().map(|node| node.owed(&peer));
        self.each(from, to, owed, false);
    }

    /// Fetches or offers each, and returns whether there is still somebody to go on.
    fn each(
        &mut self,
        from: usize,
        to: usize,
        all: Option<Result<Vec<(Hash, u64)>>>,
        fetches: bool,
    ) -> bool {
        let all = match all {
            Some(Ok(all)) => all,
            Some(Err(fault)) => {
                self.fail(format!("{}: what is missing: {fault}", self.name(from)));
                return false;
            }
            None => return false,
        };
        let life = self.seats[from].ended;
        for (root, size) in self.seats[from].porch.patience.ready(all, self.now * 1_000) {
            let outcome = match fetches {
                true => self.fetch((from, to), root, size),
                false => self.offer((from, to), root, size),
            };
            if self.seats[from].ended != life || self.seats[from].node.is_none() {
                return false;
            }
            let now_ms = self.now * 1_000;
            let patience = &mut self.seats[from].porch.patience;
            let settled = match fetches {
                true => patience.fetched(outcome, root, now_ms),
                false => patience.offered(outcome, root, now_ms).map(|()| None),
            };
            match settled {
                Ok(note) => {
                    let _ = note.map(|note| self.note(from, to, &root, note));
                }
                Err(fault) if fault.code == Code::PeerUnreachable => return false,
                Err(fault) => {
                    self.fail(format!("{}: sealed bytes: {fault}", self.name(from)));
                    return false;
                }
            }
        }
        true
    }

    fn fetch(&mut self, (from, to): (usize, usize), root: Hash, size: u64) -> Result<()> {
        let mut fetch = match Fetch::begin(&self.seats[from].blobs, &root, size)? {
            Begun::Here => {
                self.note(from, to, &root, Note::Here);
                return Ok(());
            }
            Begun::Elsewhere => return Ok(()),
            Begun::Comes(fetch) => fetch,
        };
        while let Some((first, until)) = fetch.wants(PIECE) {
            let asked = Ask::Read { from: first, to: until };
            let (reply, spoilt) = self.ask((from, to), root, asked)?;
            let Reply::Bytes { bytes, .. } = reply else {
                self.fail("a piece was asked for, and no bytes came".to_owned());
                return Err(away());
            };
            let came = fetch.came(&bytes);
            self.tally.add("pieces of attachments", 1);
            self.right(from, spoilt, self.honest(to), came.as_ref().err());
            if self.dies(from) {
                return Err(away());
            }
            came?;
        }
        self.erase_amid(from, to);
        if self.seats[from].node.is_none() {
            return Err(away());
        }
        fetch.finish()?;
        if self.dies(from) {
            return Err(away());
        }
        self.note(from, to, &root, Note::Here);
        self.tally.add("attachments fetched", 1);
        let _ = self.ask((from, to), root, Ask::Taken);
        Ok(())
    }

    fn offer(&mut self, (from, to): (usize, usize), root: Hash, size: u64) -> Result<()> {
        let held = |reply: Reply| match reply {
            Reply::Held(held) => Ok(held),
            _ => Err(Code::Internal.at("no count came")),
        };
        let mut offer = Offer::new(size, held(self.ask((from, to), root, Ask::Held)?.0)?)?;
        while let Some((first, until)) = offer.next(PIECE) {
            let bytes = self.seats[from].blobs.read(&root, first, until)?;
            let asked = Ask::Write { from: first, bytes };
            let (reply, _) = self.ask((from, to), root, asked)?;
            self.tally.add("pieces of attachments", 1);
            if self.dies(from) {
                return Err(away());
            }
            offer.held(held(reply)?)?;
        }
        self.note(from, to, &root, Note::Taken);
        self.tally.add("attachments offered", 1);
        Ok(())
    }

    /// An ask and its answer, through the carrier.
    fn ask(
        &mut self,
        (from, to): (usize, usize),
        root: Hash,
        mut ask: Ask,
    ) -> Result<(Reply, Spoilt)> {
        let life = self.seats[from].ended;
        self.pass(self.chance.below(4));
        let gone = |world: &World| world.seats[from].ended != life || !world.awake(from);
        if self.cut[from][to] || self.cut[to][from] || gone(self) {
            return Err(away());
        }
        if self.strikes(Trouble::PieceLost, 8) {
            self.hit(Trouble::PieceLost, from);
            if self.chance.chance(50) {
                let _ = self.deliver((from, to), root, ask, Spoilt::No);
            }
            return Err(away());
        }
        if self.strikes(Trouble::PieceLate, 8) {
            self.hit(Trouble::PieceLate, from);
            let (after, ask) = (60 + self.chance.below(20_000), ask.clone());
            self.later(after, Event::Asks { from, to, root, ask });
        }
        let mut spoilt = Spoilt::No;
        if let Ask::Write { bytes, .. } = &mut ask {
            spoilt = self.spoil(from, bytes);
        }
        if self.strikes(Trouble::PieceDoubled, 10) {
            self.hit(Trouble::PieceDoubled, from);
            let _ = self.deliver((from, to), root, ask.clone(), spoilt);
        }
        let mut reply = self.deliver((from, to), root, ask, spoilt)?;
        if let Reply::Bytes { bytes, .. } = &mut reply {
            spoilt = self.spoil(to, bytes);
        }
        if gone(self) { Err(away()) } else { Ok((reply, spoilt)) }
    }

    /// Comes late; nobody waits for the answer.
    pub(crate) fn late(&mut self, from: usize, to: usize, root: Hash, ask: Ask) {
        let _ = self.deliver((from, to), root, ask, Spoilt::No);
    }

    /// What the asked party does with it.
    fn deliver(
        &mut self,
        (from, to): (usize, usize),
        root: Hash,
        ask: Ask,
        spoilt: Spoilt,
    ) -> Result<Reply> {
        if !self.awake(to) {
            return Err(away());
        }
        let caller = self.seats[from].party.id;
        let seat = &mut self.seats[to];
        let size = seat.node.as_mut().ok_or_else(away)?.admit(&caller, &root, &ask)?;
        let hand = seat.porch.hands.entry(caller).or_default();
        let answered = hand.answer(&seat.blobs, &root, size, ask);
        if let Some(Note::Trouble(_) | Note::Here) = answered.note {
            self.right(to, spoilt, self.honest(from), answered.reply.as_ref().err());
        }
        if self.dies(to) {
            return Err(away());
        }
        if let Some(note) = answered.note {
            self.note(to, from, &root, note);
        }
        answered.reply
    }

    /// Whether bytes were judged as what they are.
    fn right(&mut self, seat: usize, spoilt: Spoilt, honest: bool, fault: Option<&Fault>) {
        let refused = fault.is_some_and(|fault| fault.code == Code::AttachmentWrong);
        match spoilt {
            Spoilt::Wrong if !refused => {
                self.fail(format!("{} took bytes that are not those", self.name(seat)));
            }
            Spoilt::No if refused && honest => {
                self.fail(format!("{} refused bytes that are those", self.name(seat)));
            }
            _ => {}
        }
    }

    /// Notes what came of it, and looks whether a person would learn of what was wrong.
    fn note(&mut self, seat: usize, peer: usize, root: &Hash, note: Note) {
        let id = self.seats[peer].party.id;
        let Some(node) = self.seats[seat].node.as_mut() else { return };
        let noted = node.note_hauled(&id, root, note);
        let said = node.trouble(root);
        if let Err(fault) = noted {
            self.fail(format!("{}: {note:?}: {fault}", self.name(seat)));
        }
        if let Note::Trouble(Some(code)) = note
            && said != Some(code)
        {
            self.fail(format!("{} does not say that bytes came wrong", self.name(seat)));
        }
    }

    /// Another bit, a missing end, or bytes of a hostile party's own.
    fn spoil(&mut self, from: usize, bytes: &mut Vec<u8>) -> Spoilt {
        if bytes.is_empty() {
            return Spoilt::No;
        }
        if !self.honest(from) && self.strikes(Trouble::WrongBytes, 50) {
            self.hit(Trouble::WrongBytes, from);
            *bytes = noise(&self.chance, bytes.len());
            return Spoilt::Wrong;
        }
        if !self.strikes(Trouble::PieceDamaged, 8) {
            return Spoilt::No;
        }
        self.hit(Trouble::PieceDamaged, from);
        let at = self.chance.below(bytes.len() as u64) as usize;
        if self.chance.chance(40) {
            bytes.truncate(at);
            return Spoilt::Short;
        }
        bytes[at] ^= 1 << self.chance.below(8);
        Spoilt::Wrong
    }

    fn dies(&mut self, seat: usize) -> bool {
        let dies = self.strikes(Trouble::KilledHauling, 5);
        if dies {
            self.hit(Trouble::KilledHauling, seat);
            self.kill(seat);
        }
        dies
    }

    /// Sometimes a matter between the two is erased while something of it is under way.
    fn erase_amid(&mut self, seat: usize, other: usize) {
        // After all has healed nobody says anything new.
        if !self.honest(seat) || self.enabled.is_empty() || !self.chance.chance(4) {
            return;
        }
        let between = self
            .matters
            .iter()
            .filter(|(a, b, ..)| (a.min(b), a.max(b)) == (&seat.min(other), &seat.max(other)));
        for (.., ring, matter) in between.copied().collect::<Vec<_>>() {
            let before = self.named(seat);
            match self.erase(seat, &matter) {
                None => {}
                Some(Ok(erased)) => {
                    self.gone(seat, before);
                    let (peer, entry) = (self.seats[other].party.id, erased.act.entry);
                    let index = Some(erased.act.index);
                    self.seats[seat].promised.push(Promise { peer, ring, entry, index });
                    self.tally.add("matters erased while bytes moved", 1);
                    return;
                }
                // The matter is open, or not known here, or the disk failed.
                Some(Err(_)) if self.crashed(seat) => return,
                Some(Err(_)) => {}
            }
        }
    }

    /// Whether an act between a seat and another names it and was not erased at that seat.
    pub(crate) fn names(&self, (seat, other): (usize, usize), root: &Hash) -> bool {
        let (disk, peer) = (&self.seats[seat].disk, self.seats[other].party.id);
        let rows = disk.attachment(root).unwrap_or_default();
        Ring::ALL.into_iter().any(|ring| {
            let row = channel_row(disk, &peer, ring);
            row.is_ok_and(|row| rows.iter().any(|(number, _)| *number == row.number))
        })
    }

    /// What acts that a seat holds name.
    pub(crate) fn named(&self, seat: usize) -> Vec<(Hash, u64)> {
        let named = self.seats[seat].node.as_ref().and_then(|node| node.named().ok());
        named.unwrap_or_default().into_iter().map(|(root, size, _)| (root, size)).collect()
    }

    /// After an erasure: what no act names any more is not there any more. ATT-10.
    pub(crate) fn gone(&mut self, seat: usize, before: Vec<(Hash, u64)>) {
        let named = self.named(seat);
        for (root, size) in before.into_iter().filter(|one| !named.contains(one)) {
            self.tally.add("attachments erased", 1);
            if self.seats[seat].blobs.presence(&root, size) != Presence::None {
                self.fail(format!("{} erased words, and kept their file", self.name(seat)));
            }
        }
    }

    /// The hostile party asks for what is between others.
    fn pry(&mut self, to: usize) {
        if to == HOSTILE || !self.awake(to) {
            return;
        }
        let me = self.seats[HOSTILE].party.id;
        for paper in self.papers.clone() {
            let (author, other) = paper.between;
            if author == HOSTILE || other == HOSTILE || !self.strikes(Trouble::OfOthers, 60) {
                continue;
            }
            self.hit(Trouble::OfOthers, HOSTILE);
            let (root, size) = (paper.named.root, paper.named.size);
            let with = if author == to { other } else { author };
            // What a crash left behind of an erased file has no key, and is of no use to anybody.
            if self.seats[to].ended > 0 && !self.names((to, with), &root) {
                continue;
            }
            for ask in [Ask::Read { from: 0, to: size }, Ask::Taken] {
                let Some(node) = self.seats[to].node.as_mut() else { return };
                if node.admit(&me, &root, &ask).is_ok() {
                    self.fail(format!("{} gives what is between others", self.name(to)));
                }
            }
        }
    }

    /// All faults have ended: calls until nothing moves any more.
    pub(crate) fn haul_all(&mut self) {
        for _ in 0..6 {
            self.pass(120);
            for from in 0..SEATS {
                for to in (0..SEATS).filter(|to| *to != from) {
                    if self.honest(from) && self.honest(to) {
                        self.haul(from, to);
                    }
                }
            }
        }
    }
}

/// Bytes of a seed.
fn noise(chance: &Seeded, count: usize) -> Vec<u8> {
    let mut state = 1 + chance.below(u64::MAX - 1);
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}
