//! What comes back after a restored backup. Each side gives the other what it lost of its own log,
//! and shows again what it lost of theirs; nothing is placed before all of it is here.
//! Spec: docs/spec/epoch.md.

use crate::bundle::{Bundle, in_turn};
use crate::channel::{Channel, known, read_control};
use crate::check::is_control;
use crate::line::{Line, Tail};
use crate::matter::ORPHANED;
use crate::node::Node;
use crate::signers::InOrder;
use crate::stored::reread;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::head::{Cosignature, Head, LogId};
use counterpart_record::id::{Entry, MatterId};
use counterpart_record::limits;
use counterpart_record::log::Frontier;
use counterpart_record::parcel::{Carried, Ended, Epochs};
use counterpart_record::party::Credential;
use counterpart_record::statement::Unverified;
use counterpart_store::{ActRow, Batch, ClosedHead, ClosedLeaf, Owner};
use std::collections::HashSet;

/// What came of an ended epoch in one turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regained {
    /// Nothing is missing: statements may be placed.
    Whole,
    /// Something is.
    Not,
    /// Something is, and more of it lies in the parcel: of the log of this one, from which of its
    /// epochs on, behind so many heads.
    Part(Owner, usize, usize),
}

impl Node {
    /// Takes what the peer holds of ended epochs and we lost, and says whether acts may be placed
    /// now: only when both sides speak of the same epoch of our log and nothing is missing, since
    /// the peer's acts may rest on what we lost. REC-42.
    pub(crate) fn regain(&mut self, at: usize, bundle: &Bundle) -> Result<Regained> {
        let said = &bundle.contents.epochs;
        self.note_word(at, said)?;
        let regained = self.regained(at, bundle)?;
        self.channels[at].owes = regained != Regained::Whole;
        let planted = crate::planted::is("placed-before-regained");
        Ok(if planted { Regained::Whole } else { regained })
    }

    /// Notes what the peer says of both logs, for a process to come as well: where parcels travel
    /// by hand, each is made by one of its own. REC-49
    pub(crate) fn note_word(&mut self, at: usize, said: &Epochs) -> Result<()> {
        let channel = &mut self.channels[at];
        // A crash between the two: what it said is noted, and was true.
        let new = channel.hear(said);
        if new { self.store.note_word(channel.row.number, &said.word()) } else { Ok(()) }
    }

    fn regained(&mut self, at: usize, bundle: &Bundle) -> Result<Regained> {
        let (said, channel) = (&bundle.contents.epochs, &self.channels[at]);
        if channel.own.line.is_whole() {
            return Ok(Regained::Whole);
        }
        if said.held != channel.row.epoch {
            return Ok(Regained::Not);
        }
        // Once the peer's log holds that ours went on, nothing of the time before is waited for.
        let settled = !channel.unheard;
        let own = self.take_ended(at, Owner::Own, &said.lost, bundle)?;
        if matches!(own, Regained::Part(..)) {
            return Ok(own);
        }
        let peers = self.take_ended(at, Owner::Peer, &said.shown, bundle)?;
        if matches!(peers, Regained::Part(..)) {
            return Ok(peers);
        }
        let whole = own == Regained::Whole && (peers == Regained::Whole || settled);
        Ok(if whole { Regained::Whole } else { Regained::Not })
    }

    /// Takes what a parcel shows of the ended epochs of either log, as much as one turn allows.
    fn take_ended(
        &mut self,
        at: usize,
        owner: Owner,
        list: &[Ended],
        bundle: &Bundle,
    ) -> Result<Regained> {
        let mut whole = true;
        for (nth, ended) in list.iter().enumerate() {
            let here = |node: &Node| {
                let tail = node.channels[at].side(owner).line.tails().get(&ended.epoch);
                tail.map_or(0, Tail::size)
            };
            let have = here(self);
            if have < ended.size {
                if self.hear_of(at, owner, ended)? {
                    return Ok(Regained::Part(owner, nth, 0));
                }
                let taken = self.set_aside(at, owner, ended, have, bundle)?;
                if taken > 0 && (taken < ended.heads.len() || nth + 1 < list.len()) {
                    return Ok(Regained::Part(owner, nth, taken));
                }
            }
            whole &= here(self) >= ended.size && !ended.more;
        }
        Ok(if whole { Regained::Whole } else { Regained::Not })
    }

    /// Notes the statement that began an epoch of which we did not know, shown with what is there
    /// of it. Whether one was noted: one in a turn, like any other. REC-49.
    fn hear_of(&mut self, at: usize, owner: Owner, ended: &Ended) -> Result<bool> {
        let side = self.channels[at].side(owner);
        if ended.epoch >= side.log.epoch {
            return Err(wrong(ended, "not an epoch that ended"));
        }
        let empty = ended.began.is_empty() || ended.heads.is_empty();
        if empty || side.line.knows(ended.epoch) {
            return Ok(false);
        }
        let root = side.book.newest().root.clone();
        let (epoch, old) = self.begins(at, owner, &ended.began, &root)?;
        if epoch.epoch != ended.epoch {
            return Err(wrong(ended, "another epoch"));
        }
        self.learn(at, owner, &epoch, old, &ended.began)?;
        Ok(true)
    }

    /// Leaves and heads that follow the ones that stand aside already, under signatures of the
    /// log's owner; and the cosignature of the other party. Says how many heads were taken: no more
    /// than of a log of today in one turn. REC-46, REC-49.
    fn set_aside(
        &mut self,
        at: usize,
        owner: Owner,
        ended: &Ended,
        have: u64,
        bundle: &Bundle,
    ) -> Result<usize> {
        let line = &self.channels[at].side(owner).line;
        let from = if have > 0 { have } else { line.aside_from(ended.epoch) };
        if !line.knows(ended.epoch) || ended.from != from || ended.heads.is_empty() {
            return Ok(0);
        }
        let heads = &ended.heads[..in_turn(&ended.heads, from)];
        // What we signed ourselves nobody can make more of.
        if owner == Owner::Peer {
            let to = heads.last().map_or(from, |head| head.size);
            line.takes_aside(to.saturating_sub(from), 0)?;
        }
        // Its statement may have come before the leaves that it keeps. They have come since, or
        // nothing of it is taken.
        let begun = line.began(ended.epoch).filter(|begun| begun.kept == from);
        if let Some(begun) = begun
            && !self.is_as_held(at, owner, line.goes_on_from(ended.epoch), (from, &begun.root))?
        {
            return Err(wrong(ended, "what it kept"));
        }
        let edge = line.tails().get(&ended.epoch).and_then(|tail| tail.edge.clone());
        let edge = match edge.filter(|edge| edge.size() == from) {
            Some(edge) => Some(edge),
            None => self.edge(at, owner, ended.epoch, from)?,
        };
        let Some(edge) = edge else { return Ok(0) };
        let edge = self.check_heads(at, owner, (ended, heads), edge, bundle)?;
        let cosigned = self.check_cosigned(at, owner, (ended, heads), bundle)?;
        self.keep_aside(at, owner, (ended, heads), cosigned)?;
        let leaves = (edge.size() - from) as usize;
        if have == 0 && leaves > 0 {
            let Node { store, channels, .. } = self;
            let channel = &mut channels[at];
            let number = channel.row.number;
            channel.side_mut(owner).line.read_early(store.as_ref(), number, owner)?;
        }
        self.channels[at].side_mut(owner).line.reaches(ended.epoch, edge);
        Ok(heads.len())
    }

    /// What was checked, durably, with the cosignature on one of the heads.
    fn keep_aside(
        &mut self,
        at: usize,
        owner: Owner,
        (ended, heads): (&Ended, &[Head]),
        cosigned: Option<Cosignature>,
    ) -> Result<()> {
        let mut batch = Batch { channel: self.channels[at].row.number, ..Batch::default() };
        let to = heads.last().map_or(ended.from, |head| head.size);
        for (entry, index) in ended.entries.iter().zip(ended.from..to) {
            let (epoch, entry) = (ended.epoch, *entry);
            batch.closed_leaves.push(ClosedLeaf { owner, epoch, index, entry, own: None });
        }
        for head in heads {
            let word = cosigned.as_ref().filter(|word| word.size == head.size);
            batch.closed_heads.push(ClosedHead {
                owner,
                epoch: ended.epoch,
                size: head.size,
                bytes: head.encode(),
                cosigned: word.map(Cosignature::encode),
            });
        }
        let time = self.time_of(at);
        // A crash before this line: it is asked for again. After it: it stands aside.
        self.commit(at, batch.clone(), time)?;
        let line = &mut self.channels[at].side_mut(owner).line;
        for leaf in &batch.closed_leaves {
            line.aside(leaf.epoch, leaf.index, leaf.entry);
        }
        for head in heads {
            let word = cosigned.clone().filter(|word| word.size == head.size);
            line.aside_head(ended.epoch, head.clone(), word);
        }
        Ok(())
    }

    /// Heads over the leaves that come, behind the right edge of what is here of that epoch. Says
    /// how far it reaches with them.
    fn check_heads(
        &self,
        at: usize,
        owner: Owner,
        (ended, heads): (&Ended, &[Head]),
        mut edge: Frontier,
        bundle: &Bundle,
    ) -> Result<Frontier> {
        let channel = &self.channels[at];
        let side = channel.side(owner);
        let tail = side.line.tails().get(&ended.epoch);
        let log = LogId { epoch: ended.epoch, ..side.log };
        let mut signers = InOrder::of(self.signers(channel, owner, bundle)?, |one| one.version);
        let mut entries = ended.entries.iter();
        let last = tail.and_then(|tail| tail.heads.last());
        let mut before = (edge.size(), last.map_or(0, |last| last.time));
        for head in heads {
            if head.prev_size != before.0 || head.time < before.1 {
                return Err(wrong(ended, "order of heads"));
            }
            if head.size - head.prev_size.min(head.size) > limits::HEAD_LEAVES {
                return Err(Code::TooLarge.at(format!("ended head {}", head.size)));
            }
            before = (head.size, head.time);
            let good = |c: &Credential| head.verify(&log, c.ring(channel.ring)).is_ok();
            if !signers.signed(good) {
                return Err(match owner {
                    Owner::Own => wrong(ended, "not our signature"),
                    Owner::Peer => newer_keys(ended),
                });
            }
            while edge.size() < head.size {
                edge.append(entries.next().ok_or_else(|| wrong(ended, "leaves"))?.leaf());
            }
            if edge.size() != head.size || edge.root() != head.root {
                return Err(wrong(ended, "root"));
            }
        }
        Ok(edge)
    }

    /// The other party's word on one of these heads. On a head of the peer's it is our own. One on
    /// a head that comes in a later turn is looked at then.
    fn check_cosigned(
        &self,
        at: usize,
        owner: Owner,
        (ended, heads): (&Ended, &[Head]),
        bundle: &Bundle,
    ) -> Result<Option<Cosignature>> {
        let Some(word) = &ended.cosignature else { return Ok(None) };
        let on = |head: &Head| (head.size, head.root) == (word.size, word.root);
        if !heads.iter().any(on) {
            // What was taken before of this parcel may be what it is on.
            let left = ended.heads.iter().any(on) || bundle.begun;
            return if left { Ok(None) } else { Err(Code::CosignatureStray.at("no such head")) };
        }
        let channel = &self.channels[at];
        let (side, ring) = (channel.side(owner), channel.ring);
        let other = if owner == Owner::Own { Owner::Peer } else { Owner::Own };
        let log = LogId { epoch: ended.epoch, ..side.log };
        let signers = self.signers(channel, other, bundle)?;
        let party = &channel.side(other).log.owner;
        let good = signers.iter().any(|one| word.verify(&log, party, one.ring(ring)).is_ok());
        match owner {
            _ if good => Ok(Some(word.clone())),
            Owner::Own => Err(newer_keys(ended)),
            Owner::Peer => Err(Code::SignatureWrong.at("cosignature")),
        }
    }

    /// Whether a carried statement is one of ours that we lost. The log that ended held the peer's
    /// statements as well, and those are taken as always.
    pub(crate) fn is_lost(&self, at: usize, carried: &Carried, entry: &Entry) -> bool {
        let own = &self.channels[at].own;
        if !own.line.spots.contains_key(entry) {
            return false;
        }
        if is_control(carried) {
            return read_control(&carried.statement, &own.book.newest().root).is_ok();
        }
        let read = Unverified::parse(&carried.statement);
        read.is_ok_and(|act| act.header().issuer == self.me)
    }

    /// An own act that the peer gives back, at the end of our log. It is judged like any other, in
    /// its place in the epoch that ended. `index` is where it lies in the peer's log.
    pub(crate) fn take_back_act(
        &mut self,
        at: usize,
        batch: &mut Batch,
        carried: &Carried,
        index: u64,
    ) -> Result<u64> {
        let own = self.channels[at].own.frontier.size() + batch.acts.len() as u64;
        let row = self.given_back(at, carried, own)?;
        let mut row = row.ok_or_else(|| Code::Internal.at("not among what was lost"))?;
        let channel = &mut self.channels[at];
        let Some(matter) = row.matter else {
            channel.note_control(&row)?;
            batch.acts.push(row);
            return Ok(own);
        };
        let spot = channel.own.line.spots.get(&row.entry).copied();
        let now = (channel.peer.line.epoch_at(index), index);
        if spot.is_some_and(|spot| channel.passed(true, &row.entry, spot, now)) {
            row.verdict = ORPHANED.to_owned();
            batch.acts.push(row);
            return Ok(own);
        }
        let act = reread(&row)?;
        let sight = channel.sight(self.store.as_ref(), true, &act.payload.seen)?;
        let opens = act.payload.open.is_some();
        let matter = channel.matter(&matter, self.store.as_ref(), false)?;
        let known = known(&act, matter.half_of(true, opens), &row, sight);
        let (verdict, changed) = matter.add(known, true);
        if matter.is_live() {
            batch.watched.extend(row.matter);
        }
        row.verdict = verdict.text();
        if !row.disclosures.is_empty() {
            batch.attachments.extend(crate::matter::named(&act.payload, row.index, true));
        }
        // What was erased before the backup was put back is there again, and goes again. REC-44.
        batch.erased.extend(crate::matter::erased(&act.payload, own));
        rejudged(batch, changed);
        batch.acts.push(row);
        Ok(own)
    }

    /// The peer's log holds that an epoch of ours began, and not yet our acts that this epoch does
    /// not have: when they come there, they come too late, and are nobody's on either side. REC-48.
    pub(crate) fn leave_behind(
        &mut self,
        at: usize,
        batch: &mut Batch,
        (statement, index): (&Entry, u64),
    ) -> Result<Vec<MatterId>> {
        let channel = &mut self.channels[at];
        let (number, mut matters) = (channel.row.number, Vec::new());
        for own in channel.left_behind(statement, index) {
            for row in self.store.acts(number, own, own + 1, usize::MAX, false)? {
                if let (Some(matter), false) = (row.matter, row.regained) {
                    batch.verdicts.push((own, ORPHANED.to_owned()));
                    matters.push(matter);
                }
            }
        }
        if !matters.is_empty() {
            let gone: HashSet<u64> = batch.verdicts.iter().map(|(own, _)| *own).collect();
            batch.attachments = self.store.attachments(number)?;
            batch.attachments.retain(|row| !gone.contains(&row.index));
            batch.attachments_again = true;
        }
        Ok(matters)
    }

    /// These matters are read again, after what was in them went.
    pub(crate) fn look_again(&mut self, at: usize, matters: &[MatterId]) -> Result<()> {
        let channel = &mut self.channels[at];
        let number = channel.row.number;
        let agreeing = channel.agreeing();
        channel.forget_deeds();
        for matter in matters.iter().chain(agreeing.iter().flatten()) {
            channel.forget_matter(matter);
            self.docket.unread.insert((number, *matter));
        }
        if matters.iter().any(|matter| agreeing.contains(&Some(*matter))) {
            channel.read_agreed(self.store.as_ref())?;
        }
        Ok(())
    }

    /// The row of an own act that the peer gives back: its entry is committed to by a head that we
    /// signed, so that nobody can invent one. `None` if it is not one.
    fn given_back(&self, at: usize, carried: &Carried, own: u64) -> Result<Option<ActRow>> {
        let line = &self.channels[at].own.line;
        let entry = Entry::of(&carried.statement);
        let Some((epoch, index)) = line.spots.get(&entry).copied() else { return Ok(None) };
        let (matter, verdict) = if is_control(carried) {
            let root = &self.channels[at].own.book.newest().root;
            (None, read_control(&carried.statement, root)?.kind().to_owned())
        } else {
            let unverified = Unverified::parse(&carried.statement)?;
            (Some(unverified.header().matter), String::new())
        };
        Ok(Some(ActRow {
            index: own,
            entry,
            mine: true,
            regained: true,
            author_index: index,
            logged_at: line.time_of((epoch, index))?,
            matter,
            verdict,
            statement: carried.statement.clone(),
            disclosures: carried.disclosures.clone(),
        }))
    }
}

/// Signed with keys of the peer that we do not know. A backup of ours may have lost its newer
/// credential, and it may believe that we have it: our position tells it so.
fn newer_keys(ended: &Ended) -> Fault {
    Code::EntriesMissing.at(format!("keys of the peer in epoch {}", ended.epoch))
}

fn wrong(ended: &Ended, what: &str) -> Fault {
    Code::EpochWrong.at(format!("what was lost of epoch {}: {what}", ended.epoch))
}

/// Verdicts of older acts that changed: of this batch, or of one before.
pub(crate) fn rejudged(batch: &mut Batch, changed: Vec<(u64, crate::matter::Verdict)>) {
    for (index, verdict) in changed {
        match batch.acts.iter_mut().find(|act| act.index == index) {
            Some(act) => act.verdict = verdict.text(),
            None if crate::planted::is("rejudged-not-stored") => {}
            None => batch.verdicts.push((index, verdict.text())),
        }
    }
}

/// What the peer lost of its own log and we hold.
pub(crate) fn lost(channel: &Channel) -> Vec<Ended> {
    if crate::planted::is("lost-kept-back") {
        return Vec::new();
    }
    pieces(&channel.peer.line, &channel.peer_regained)
}

/// What the peer lost of our log, and we had back from it before.
pub(crate) fn shown(channel: &Channel) -> Vec<Ended> {
    if channel.peer.line.is_whole() || crate::planted::is("ended-not-shown") {
        return Vec::new();
    }
    pieces(&channel.own.line, &channel.peer_mirrored)
}

/// The ended epochs of a log of which the peer does not have everything that we have, each from
/// where it ends there; as many of them as a parcel has room for. The next one goes on from what
/// the peer says then, which is remembered: by hand, too, all of it arrives.
fn pieces(line: &Line, there: &[(u64, u64)]) -> Vec<Ended> {
    let said = |epoch: u64| {
        let said = there.iter().find(|(other, _)| *other == epoch);
        said.map_or(0, |(_, size)| *size)
    };
    let lacks =
        |(epoch, tail): &(&u64, &Tail)| !tail.entries.is_empty() && said(**epoch) < tail.size();
    let mut room = (limits::PARCEL_HEADS, limits::PARCEL_ENTRIES as u64);
    let mut pieces: Vec<Ended> = Vec::new();
    for (epoch, tail) in line.tails().iter().filter(lacks) {
        let from = said(*epoch).max(tail.from);
        let heads = tail.heads.iter().filter(|head| head.size > from);
        let heads = heads.take_while(|head| head.size - from <= room.1).take(room.0);
        let heads: Vec<Head> = heads.cloned().collect();
        let Some(to) = heads.last().map(|head| head.size) else {
            pieces.last_mut().into_iter().for_each(|last| last.more = true);
            break;
        };
        room = (room.0 - heads.len(), room.1 - (to - from));
        let entries = &tail.entries[(from - tail.from) as usize..(to - tail.from) as usize];
        let word = tail.cosigned.clone().filter(|word| (from + 1..=to).contains(&word.size));
        let named = there.iter().any(|(other, _)| other == epoch);
        let began = line.began(*epoch).filter(|_| !named);
        pieces.push(Ended {
            epoch: *epoch,
            began: began.map(|closing| closing.statement.clone()).unwrap_or_default(),
            from,
            entries: entries.to_vec(),
            heads,
            cosignature: word,
            size: tail.size(),
            more: false,
        });
        if to < tail.size() {
            break;
        }
    }
    pieces
}
