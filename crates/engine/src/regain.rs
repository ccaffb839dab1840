//! What comes back after a restored backup. Each side gives the other what it lost of its own log,
//! and shows again what it lost of theirs; nothing is placed before all of it is here.
//! Spec: docs/spec/epoch.md.

use crate::channel::{Channel, Rows, Side, known, read_control, reread};
use crate::check::is_control;
use crate::line::{Line, Tail};
use crate::node::Node;
use counterpart_record::disclose;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::head::{Cosignature, Head, LogId};
use counterpart_record::id::Entry;
use counterpart_record::limits;
use counterpart_record::log::Frontier;
use counterpart_record::parcel::{Carried, Contents, Ended};
use counterpart_record::party::{Control, Credential};
use counterpart_record::statement::Unverified;
use counterpart_store::{ActRow, Batch, ClosedHead, ClosedLeaf, Owner};

impl Node {
    /// Takes what the peer holds of ended epochs and we lost, and says whether acts may be placed
    /// now: only when both sides speak of the same epoch of our log and nothing is missing, since
    /// the peer's acts may rest on what we lost. REC-42.
    pub(crate) fn regain(&mut self, at: usize, contents: &Contents) -> Result<bool> {
        let said = &contents.epochs;
        let channel = &mut self.channels[at];
        channel.peer_knows = said.held;
        channel.peer_regained.clone_from(&said.regained);
        channel.peer_mirrored.clone_from(&said.mirrored);
        let whole = self.regained(at, contents)?;
        self.channels[at].owes = !whole;
        Ok(whole || crate::planted::is("placed-before-regained"))
    }

    fn regained(&mut self, at: usize, contents: &Contents) -> Result<bool> {
        let (said, channel) = (&contents.epochs, &self.channels[at]);
        if channel.own.line.is_whole() {
            return Ok(true);
        }
        if said.held < channel.row.epoch {
            return Ok(false);
        }
        // Once the peer's log holds that ours went on, nothing of the time before is waited for.
        let settled = !channel.unheard;
        let own = self.take_ended(at, Owner::Own, said.lost.as_ref(), contents)?;
        let peers = self.take_ended(at, Owner::Peer, said.shown.as_ref(), contents)?;
        Ok(own && (peers || settled))
    }

    /// Takes a piece of an ended epoch of either log, and says whether that was all.
    fn take_ended(
        &mut self,
        at: usize,
        owner: Owner,
        ended: Option<&Ended>,
        contents: &Contents,
    ) -> Result<bool> {
        let Some(ended) = ended else { return Ok(true) };
        let here = |node: &Node| {
            let tail = node.side(at, owner).line.tails().get(&ended.epoch);
            tail.map_or(0, Tail::size)
        };
        let have = here(self);
        if have < ended.size {
            self.set_aside(at, owner, ended, have, contents)?;
        }
        Ok(here(self) >= ended.size && !ended.more)
    }

    fn side(&self, at: usize, owner: Owner) -> &Side {
        let channel = &self.channels[at];
        if owner == Owner::Own { &channel.own } else { &channel.peer }
    }

    /// Leaves and heads that follow the ones that stand aside already, under signatures of the
    /// log's owner; and the cosignature of the other party. REC-46.
    fn set_aside(
        &mut self,
        at: usize,
        owner: Owner,
        ended: &Ended,
        have: u64,
        contents: &Contents,
    ) -> Result<()> {
        let side = self.side(at, owner);
        let tail = side.line.tails().get(&ended.epoch);
        let base = tail.map_or(ended.from, |tail| tail.from);
        if ended.epoch >= side.log.epoch || base < side.line.kept_of(ended.epoch) {
            return Err(wrong(ended, "not an epoch that ended there"));
        }
        if base > side.frontier.size() || (have > 0 && ended.from != have) {
            return Ok(());
        }
        let taken = self.check_heads(at, owner, ended, contents)?;
        let cosigned = self.check_cosigned(at, owner, ended, contents)?;
        let mut batch = Batch { channel: self.channels[at].row.number, ..Batch::default() };
        for (entry, index) in ended.entries[..taken].iter().zip(ended.from..) {
            let (epoch, entry) = (ended.epoch, *entry);
            batch.closed_leaves.push(ClosedLeaf { owner, epoch, index, entry, own: None });
        }
        for head in &ended.heads {
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
        let line = self.line_mut(at, owner);
        for leaf in &batch.closed_leaves {
            line.aside(leaf.epoch, leaf.index, leaf.entry);
        }
        for head in &ended.heads {
            let word = cosigned.clone().filter(|word| word.size == head.size);
            line.aside_head(ended.epoch, head.clone(), word);
        }
        Ok(())
    }

    /// Every head over the leaves that stand aside and those that come. Says how many of these.
    fn check_heads(
        &self,
        at: usize,
        owner: Owner,
        ended: &Ended,
        contents: &Contents,
    ) -> Result<usize> {
        let (channel, side) = (&self.channels[at], self.side(at, owner));
        let tail = side.line.tails().get(&ended.epoch);
        let base = tail.map_or(ended.from, |tail| tail.from);
        let rows = Rows { store: self.store.as_ref(), channel: channel.row.number, owner };
        let mut frontier = Frontier::load(&rows, base)?;
        for entry in tail.into_iter().flat_map(|tail| &tail.entries) {
            frontier.append(entry.leaf());
        }
        let log = LogId { epoch: ended.epoch, ..side.log };
        let signers = self.signers(side, contents);
        let mut entries = ended.entries.iter();
        let mut before = (base, 0);
        if let Some(last) = tail.and_then(|tail| tail.heads.last()) {
            before = (last.size, last.time);
        }
        for head in &ended.heads {
            if head.prev_size != before.0 || head.time < before.1 {
                return Err(wrong(ended, "order of heads"));
            }
            before = (head.size, head.time);
            if !signers.iter().any(|c| head.verify(&log, c.ring(channel.ring)).is_ok()) {
                return Err(match owner {
                    Owner::Own => wrong(ended, "not our signature"),
                    Owner::Peer => newer_keys(ended),
                });
            }
            while frontier.size() < head.size {
                frontier.append(entries.next().ok_or_else(|| wrong(ended, "leaves"))?.leaf());
            }
            if frontier.size() != head.size || frontier.root() != head.root {
                return Err(wrong(ended, "root"));
            }
        }
        Ok(ended.entries.len() - entries.len())
    }

    fn line_mut(&mut self, at: usize, owner: Owner) -> &mut Line {
        let channel = &mut self.channels[at];
        if owner == Owner::Own { &mut channel.own.line } else { &mut channel.peer.line }
    }

    /// The other party's word on one of these heads. On a head of the peer's it is our own.
    fn check_cosigned(
        &self,
        at: usize,
        owner: Owner,
        ended: &Ended,
        contents: &Contents,
    ) -> Result<Option<Cosignature>> {
        let Some(word) = &ended.cosignature else { return Ok(None) };
        let on = |head: &Head| (head.size, head.root) == (word.size, word.root);
        if !ended.heads.iter().any(on) {
            return Err(Code::RootDiffers.at("cosignature on another head"));
        }
        let (side, ring) = (self.side(at, owner), self.channels[at].ring);
        let other = if owner == Owner::Own { Owner::Peer } else { Owner::Own };
        let by = self.side(at, other);
        let log = LogId { epoch: ended.epoch, ..side.log };
        let signers = self.signers(by, contents);
        let party = &by.log.owner;
        let good = signers.iter().any(|one| word.verify(&log, party, one.ring(ring)).is_ok());
        match owner {
            _ if good => Ok(Some(word.clone())),
            Owner::Own => Err(newer_keys(ended)),
            Owner::Peer => Err(Code::SignatureWrong.at("cosignature")),
        }
    }

    /// The credentials of a log's owner, with those that this parcel itself carries: they may be
    /// among what was lost, and what they signed in the meantime holds as well.
    fn signers(&self, side: &Side, contents: &Contents) -> Vec<Credential> {
        let mut all: Vec<Credential> = side.book.credentials().cloned().collect();
        let kept = self.credentials_of(&side.log.owner).map(|(credential, _)| credential);
        all.extend(kept.cloned());
        let root = side.book.newest().root.clone();
        for carried in contents.acts.iter().filter(|carried| is_control(carried)) {
            if let Ok(Control::Credential(credential)) = read_control(&carried.statement, &root) {
                all.push(*credential);
            }
        }
        all
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
    /// its place in the epoch that ended.
    pub(crate) fn take_back_act(
        &mut self,
        at: usize,
        batch: &mut Batch,
        carried: &Carried,
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
        let act = reread(&row)?;
        disclose::check(&act.payload.sd, &act.disclosures, false)?;
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
pub(crate) fn lost(channel: &Channel) -> Option<Ended> {
    let withheld = crate::planted::is("lost-kept-back");
    piece(&channel.peer.line, &channel.peer_regained).filter(|_| !withheld)
}

/// What the peer lost of our log, and we had back from it before.
pub(crate) fn shown(channel: &Channel) -> Option<Ended> {
    if channel.peer.line.is_whole() || crate::planted::is("ended-not-shown") {
        return None;
    }
    piece(&channel.own.line, &channel.peer_mirrored)
}

/// The first of the ended epochs of a log of which the peer does not have everything that we have,
/// from where it ends there.
fn piece(line: &Line, there: &[(u64, u64)]) -> Option<Ended> {
    let said = |epoch: u64| {
        let said = there.iter().find(|(other, _)| *other == epoch);
        said.map_or(0, |(_, size)| *size)
    };
    let mut tails = line.tails().iter().filter(|(_, tail)| !tail.entries.is_empty());
    let (epoch, tail) = tails.find(|(epoch, tail)| said(**epoch) < tail.size())?;
    let from = said(*epoch).max(tail.from);
    let heads = tail.heads.iter().filter(|head| head.size > from);
    let most = from + limits::PARCEL_ENTRIES as u64;
    let heads: Vec<_> =
        heads.filter(|head| head.size <= most).take(limits::PARCEL_HEADS).cloned().collect();
    let to = heads.last().map_or(from, |head| head.size);
    let entries = tail.entries[(from - tail.from) as usize..(to - tail.from) as usize].to_vec();
    let word = tail.cosigned.clone().filter(|word| (from + 1..=to).contains(&word.size));
    let more = tails.any(|(epoch, tail)| said(*epoch) < tail.size());
    let (epoch, size) = (*epoch, tail.size());
    Some(Ended { epoch, from, entries, heads, cosignature: word, size, more })
}
