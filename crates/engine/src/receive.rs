//! The receiver. Steps 2 to 10 of docs/spec/receive.md on the contents of an opened parcel, in that
//! order, stopping at the first failure; one transaction; nothing is answered before it is on disk.

use crate::bundle::Bundle;
use crate::channel::{Channel, known};
use crate::check::{Checked, Item, Judged, check_all, check_back};
use crate::draft::{Draft, Target};
use crate::heads::{Growth, expected_book, keys_missing, reaches_accredited};
use crate::matter::{ORPHANED, Verdict};
use crate::node::Node;
use crate::regain::{Regained, rejudged};
use crate::stored::reread_coded;
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::{Cosignature, Head};
use counterpart_record::id::{Entry, Kid, MatterId, PartyId};
use counterpart_record::inconsistency::Inconsistency;
use counterpart_record::keys::Ring;
use counterpart_record::parcel::{Carried, Contents};
use counterpart_record::party::{Control, KeyBook};
use counterpart_rules::flow::{self, Void};
use counterpart_store::{
    ActRow, Batch, Control as ControlRow, CosignRow, HeadRow, MirrorRow, Owner, Place,
};
use std::collections::HashMap;

/// Something that a person or a program may want to hear of, after it is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An act came and was registered.
    Act {
        /// From whom.
        peer: PartyId,
        /// On which ring.
        ring: Ring,
        /// In which matter.
        matter: MatterId,
        /// Which act.
        entry: Entry,
        /// Its kind.
        kind: String,
        /// What was decided.
        verdict: Verdict,
    },
    /// Bytes that the peer's head commits to were refused.
    Refused {
        /// From whom.
        peer: PartyId,
        /// Which entry.
        entry: Entry,
        /// Why.
        code: Code,
    },
    /// The peer revoked a key of its own: what it signed since then is contested.
    Revoked {
        /// Who.
        peer: PartyId,
        /// Which key.
        kid: Kid,
        /// Since when misuse is suspected, in seconds (UTC).
        since: u64,
    },
    /// The peer signed two things that cannot both be true; the proof is kept.
    Inconsistent {
        /// Who.
        peer: PartyId,
    },
}

/// What of a parcel is left for another turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Nothing,
    /// What it says of epochs, behind a statement that was taken, and all else.
    Epochs,
    /// Heads of ended epochs of ours or of the peer's: of which, behind so many that were taken.
    Ended(Owner, usize, usize),
    /// Heads, behind so many that were taken; then statements.
    Heads(usize),
    Statements,
}

/// Credentials of a peer, the newest first, under which a cosignature of it may stand: one may have
/// been under way while its keys changed.
const COSIGNERS: usize = 16;

/// What a parcel says besides its statements, checked.
struct News {
    growth: Growth,
    cosigned: Option<CosignRow>,
    held: u64,
}

impl Node {
    /// Registers what a parcel from the pinned peer of a channel brings: its heads and leaves, in
    /// more than one turn if they are many, then at most `most` statements. Says what is left for
    /// another call. A place between two heads is one where the exchange may always be cut: what
    /// was taken is what an earlier parcel would have brought. REC-47
    pub(crate) fn receive(
        &mut self,
        at: usize,
        bundle: &mut Bundle,
        most: usize,
    ) -> Result<(Vec<Notice>, Left)> {
        if self.restored {
            return Err(Code::RestoreUnfinished.at(self.channels[at].row.peer.short()));
        }
        self.channels[at].goes_on()?;
        self.look_behind(at, &bundle.contents)?;
        if self.turn(at, &bundle.contents)? {
            return Ok((Vec::new(), Left::Epochs));
        }
        if !bundle.begun {
            self.note_mirrored(at, &bundle.contents)?;
        }
        let channel = &self.channels[at];
        let book = bundle.book.take().unwrap_or_else(|| expected_book(channel, bundle));
        let outcome = self.receive_part(at, bundle, &book, most);
        bundle.book = Some(book);
        outcome
    }

    fn receive_part(
        &mut self,
        at: usize,
        bundle: &Bundle,
        book: &KeyBook,
        most: usize,
    ) -> Result<(Vec<Notice>, Left)> {
        let contents = &bundle.contents;
        let channel = &self.channels[at];
        if !bundle.begun {
            is_committed(channel, bundle)?;
            reaches_accredited(channel, contents, book)?;
        }
        let cosigned = self.check_cosignature(at, contents, book)?;
        let count = bundle.heads_in_turn(channel.peer.frontier.size());
        let growth = match self.heads(at, contents, count, book) {
            Ok(growth) => growth,
            Err((fault, None)) => return Err(fault),
            Err((fault, Some(what))) => return Err(self.convict(at, *what, fault)?),
        };
        let headed = count == contents.heads.len();
        let regained = if headed { self.regain(at, bundle)? } else { Regained::Not };
        let whole = regained == Regained::Whole;
        let window = self.window(at, &growth, most)?;
        let mut items = self.place(at, bundle, &window)?;
        // What comes back is judged by heads of the peer that have to be on disk before.
        let back = !bundle.headed && items.iter().any(|item| matches!(item, Item::Back(_)));
        let most = if back || !whole { 0 } else { most.min(self.up_to_epoch(at, &items, &window)) };
        let left = match regained {
            _ if !headed => Left::Heads(count),
            Regained::Part(owner, nth, count) => Left::Ended(owner, nth, count),
            Regained::Whole if items.len() > most => Left::Statements,
            _ => Left::Nothing,
        };
        items.truncate(most);
        check_back(&items)?;
        let crew = self.seams.crew.as_ref();
        let judged = check_all(&self.channels[at], &self.me, crew, &items);
        let news = News { growth, cosigned, held: contents.held };
        let believed = self.channels[at].row.peer_held;
        let registered = self.register(at, news, &window, &items, judged);
        // What was judged is in memory already, whether or not it reached the disk.
        self.broken |= registered.is_err();
        if registered.is_ok() {
            let channel = &mut self.channels[at];
            channel.ahead = channel.ahead.split_off(&channel.row.held);
            channel.pressing = channel.pressing.split_off(&channel.row.peer_held);
            if channel.row.peer_held < believed {
                self.find_pressing()?;
            }
            if whole && headed && !bundle.headed {
                self.look_ahead(at, bundle, book)?;
            }
        }
        registered.map(|notices| (notices, left))
    }

    /// The head of ours that the peer shows tells how far it mirrors us. It may have gone back.
    fn note_mirrored(&mut self, at: usize, contents: &Contents) -> Result<()> {
        let Some(shown) = &contents.yours else { return Ok(()) };
        let number = self.channels[at].row.number;
        if self.store.head_at(number, Owner::Own, shown.size)? == Some(shown.encode()) {
            self.channels[at].peer_mirrors = shown.size;
        }
        Ok(())
    }

    /// The peer's cosignature on a head of ours. Looked at before anything is changed.
    fn check_cosignature(
        &self,
        at: usize,
        contents: &Contents,
        book: &KeyBook,
    ) -> Result<Option<CosignRow>> {
        let channel = &self.channels[at];
        let ended = !channel.own.line.is_whole() && contents.epochs.held < channel.row.epoch;
        let newer = |cosignature: &&Cosignature| cosignature.size > channel.peer_cosigned && !ended;
        let Some(cosignature) = contents.cosignature.as_ref().filter(newer) else {
            return Ok(None);
        };
        let (size, number) = (cosignature.size, channel.row.number);
        let head = self.store.head_at(number, Owner::Own, size)?;
        let head = head.map(|bytes| Head::parse(&bytes)).transpose()?;
        if head.map(|head| head.root) != Some(cosignature.root) {
            return Err(Code::CosignatureStray.at(format!("head {size}")));
        }
        // It has no place in a log that would say which keys count: it may have been signed before
        // a rotation that we know, or after one that this very parcel brings.
        let peer = channel.row.peer;
        let most = if crate::planted::is("newest-keys-only") { 1 } else { COSIGNERS };
        let good = book.credentials().take(most).any(|credential| {
            let keys = credential.ring(channel.ring);
            cosignature.verify(&channel.own.log_at(size), &peer, keys).is_ok()
        });
        if !good && contents.from > channel.row.held {
            return Err(keys_missing(contents));
        }
        if !good {
            return Err(Code::SignatureWrong.at("cosignature"));
        }
        Ok(Some(CosignRow { owner: Owner::Own, size, bytes: cosignature.encode() }))
    }

    /// The peer's leaves from the first whose statement we lack, a few more than `most` of them:
    /// those that are mirrored already, with the new ones behind.
    fn window(&self, at: usize, growth: &Growth, most: usize) -> Result<Vec<Entry>> {
        let channel = &self.channels[at];
        let (from, mirrored) = (channel.row.held, channel.peer.frontier.size());
        let to = from.saturating_add(most as u64).saturating_add(1);
        let mut window = if from < mirrored.min(to) {
            self.store.entries(channel.row.number, Owner::Peer, from, mirrored.min(to))?
        } else {
            Vec::new()
        };
        let more = usize::try_from(to.saturating_sub(mirrored)).unwrap_or(usize::MAX);
        window.extend(growth.entries.iter().take(more));
        Ok(window)
    }

    /// Step 3: what of the window can be placed, up to the first statement that is missing.
    fn place<'a>(&self, at: usize, bundle: &'a Bundle, window: &[Entry]) -> Result<Vec<Item<'a>>> {
        let channel = &self.channels[at];
        let carried = bundle.entries.iter().zip(&bundle.contents.acts);
        let carried: HashMap<&Entry, &Carried> = carried.collect();
        let mut items = Vec::new();
        for entry in window {
            if let Some(own) = channel.peer.line.came.get(entry) {
                // It came before the peer lost it, and lies in the peer's log once more.
                items.push(Item::Again(*own));
                continue;
            }
            match (channel.in_flight.get(entry), carried.get(entry)) {
                (Some(own), _) => items.push(Item::Ours(*own)),
                (None, Some(carried)) if self.is_lost(at, carried, entry) => {
                    items.push(Item::Back(carried));
                }
                (None, Some(carried)) => items.push(Item::Theirs(carried)),
                (None, None) => break,
            }
        }
        Ok(items)
    }

    /// Up to where statements are taken at once: one of ours that began an epoch which we had lost
    /// is taken alone, since it decides what of our log came too late. REC-48.
    fn up_to_epoch(&self, at: usize, items: &[Item<'_>], window: &[Entry]) -> usize {
        let line = &self.channels[at].own.line;
        let began = |(item, entry): (&Item<'_>, &Entry)| {
            matches!(item, Item::Back(_)) && line.begun_by(entry).is_some()
        };
        let found = items.iter().zip(window).position(began).filter(|_| !line.is_whole());
        found.map_or(usize::MAX, |place| place.max(1))
    }

    /// Steps 7 to 10: one batch, judged as it is built, committed with our own head and our
    /// cosignature on theirs.
    fn register(
        &mut self,
        at: usize,
        news: News,
        window: &[Entry],
        items: &[Item<'_>],
        judged: Vec<Option<Judged>>,
    ) -> Result<Vec<Notice>> {
        let time = self.time_of(at);
        let mut batch = self.batch(at);
        let mut notices = Vec::new();
        let mut refusals = Vec::new();
        let held = self.channels[at].row.held;
        let mirrored = self.channels[at].peer.frontier.size();
        self.channels[at].peer.line.grows(mirrored, &news.growth.entries);
        let mut places = vec![Place::Missing; window.len()];
        let (mut settled, mut left_behind) = (Vec::new(), Vec::new());
        for (offset, (item, judged)) in items.iter().zip(judged).enumerate() {
            let (index, entry) = (held + offset as u64, window[offset]);
            places[offset] = match (item, judged) {
                (Item::Ours(own), _) => {
                    settled.push(entry);
                    self.channels[at].note_told(&entry, index);
                    Place::Own(*own)
                }
                (Item::Again(own), _) => Place::Own(*own),
                (Item::Back(carried), _) => {
                    left_behind.extend(self.leave_behind(at, &mut batch, (&entry, index))?);
                    Place::Own(self.take_back_act(at, &mut batch, carried, index)?)
                }
                (Item::Theirs(carried), Some(Ok(checked))) => {
                    let logged_at = self.official_time(at, index, &news.growth.heads)?;
                    let own = self.channels[at].own.frontier.size() + batch.acts.len() as u64;
                    let row = arrived(checked, carried, Arrival { entry, own, index, logged_at });
                    notices.extend(self.take_act(at, &mut batch, row)?);
                    Place::Own(own)
                }
                (Item::Theirs(_), Some(Err(fault))) => {
                    refusals.push((entry, fault.code));
                    Place::Refused
                }
                (Item::Theirs(_), None) => return Err(Code::Internal.at("not checked")),
            };
        }
        let peer = self.channels[at].row.peer;
        for (entry, code) in &refusals {
            notices.push(Notice::Refused { peer, entry: *entry, code: *code });
            self.refuse(at, &mut batch, entry, *code, time)?;
        }
        for (nth, entry) in news.growth.entries.iter().enumerate() {
            let index = mirrored + nth as u64;
            let place = usize::try_from(index - held).ok().and_then(|at| places.get(at));
            let place = place.cloned().unwrap_or(Place::Missing);
            batch.mirror.push(MirrorRow { index, entry: *entry, place });
        }
        let waited = usize::try_from(mirrored - held).unwrap_or(usize::MAX);
        let placed = places.into_iter().take(waited).enumerate();
        let placed = placed.filter(|(_, place)| *place != Place::Missing);
        batch.placed.extend(placed.map(|(offset, place)| (held + offset as u64, place)));
        self.take_heads(at, &mut batch, news, items.len() as u64, time)?;
        if is_empty(&batch) {
            return Ok(notices);
        }
        // A crash before this line: the peer sends again. After it: registered, and the same
        // parcel gets the same answer.
        self.commit(at, batch, time)?;
        self.channels[at].settled(&settled);
        self.look_again(at, &left_behind)?;
        Ok(notices)
    }

    /// The time of the peer's official head over one of its leaves.
    fn official_time(&self, at: usize, index: u64, heads: &[Head]) -> Result<u64> {
        if let Some(head) = heads.iter().find(|head| head.covers(index)) {
            return Ok(head.time);
        }
        let held = self.store.head_over(self.channels[at].row.number, Owner::Peer, index)?;
        let held = held.ok_or_else(|| Code::Internal.at("no head over a held leaf"))?;
        Ok(Head::parse(&held)?.time)
    }

    /// Judges one foreign statement and adds its row.
    fn take_act(&mut self, at: usize, batch: &mut Batch, arrived: Arrived) -> Result<Vec<Notice>> {
        let Arrived { mut row, checked } = arrived;
        let channel = &mut self.channels[at];
        let act = match checked {
            Checked::Control(control) => {
                let revoked = match &*control {
                    Control::Revocation(revocation) => Some(Notice::Revoked {
                        peer: revocation.by,
                        kid: revocation.kid,
                        since: revocation.suspected_since,
                    }),
                    _ => None,
                };
                self.take_control(at, batch, *control, row)?;
                return Ok(revoked.into_iter().collect());
            }
            Checked::Act(act) => act,
        };
        let id = act.header.matter;
        let notice = |channel: &Channel, verdict| Notice::Act {
            peer: channel.row.peer,
            ring: channel.ring,
            matter: id,
            entry: act.entry,
            kind: act.payload.kind.clone(),
            verdict,
        };
        let late = act.payload.epoch < channel.peer.epoch_at(row.author_index);
        let epoch = act.payload.epoch;
        let lost = late && !channel.puts_back(&mut row, epoch)?;
        let now = (channel.own.log.epoch, row.index);
        if lost || channel.passed(false, &row.entry, (epoch, row.author_index), now) {
            // Its author ended the epoch that it names before it came to us. It has no place.
            row.verdict = ORPHANED.to_owned();
            batch.acts.push(row);
            return Ok(vec![notice(channel, Verdict::Void(ORPHANED))]);
        }
        let seen = act.payload.seen;
        let named = channel.spot_of_ours(self.store.as_ref(), &seen)?;
        let sight = named.unwrap_or((channel.own.line.first(), seen.size));
        let goes_on = late || channel.peer_sees(sight);
        let seen_good = (named.is_some() && goes_on) || crate::planted::is("skip-seen");
        let opens = act.payload.open.is_some();
        let matter = channel.matter(&id, self.store.as_ref(), false)?;
        let mut known = known(&act, matter.half_of(false, opens), &row, sight);
        known.seen_good = seen_good;
        let rival = matter.rival(&known);
        let (verdict, changed) = matter.add(known, false);
        if matter.is_live() && !crate::planted::is("watch-forgotten") {
            batch.watched.push(id);
        }
        row.verdict = verdict.text();
        // What comes back without its text has no key either, and is not asked for; see `rebuild`.
        if !row.disclosures.is_empty() {
            batch.attachments.extend(crate::matter::named(&act.payload, row.index, false));
        }
        rejudged(batch, changed);
        let mut notices = vec![notice(channel, verdict)];
        if let (Verdict::Void(reason), Some(rival)) = (verdict, rival)
            && reason == Void::EQUIVOCATION.0
            && !self.channels[at].convicted
            && self.two_acts(at, batch, &row, &rival)?
        {
            self.channels[at].convicted = true;
            notices.push(Notice::Inconsistent { peer: self.channels[at].row.peer });
        }
        batch.acts.push(row);
        Ok(notices)
    }

    /// A foreign root-signed statement takes effect.
    fn take_control(
        &mut self,
        at: usize,
        batch: &mut Batch,
        control: Control,
        row: ActRow,
    ) -> Result<()> {
        let channel = &mut self.channels[at];
        if channel.peer.line.spots.contains_key(&row.entry) {
            channel.note_control(&row)?;
        } else {
            channel.apply_control(&control, false, row.author_index)?;
        }
        channel.note_turn(&row);
        let (entry, by, bytes) = (row.entry, control.by(), row.statement.clone());
        batch.controls.push(ControlRow { entry, by, bytes: bytes.clone() });
        batch.acts.push(row);
        self.remember(control, &bytes);
        Ok(())
    }

    /// Two acts in one place: nothing freezes, and the proof is kept.
    fn two_acts(&self, at: usize, batch: &mut Batch, row: &ActRow, rival: &Entry) -> Result<bool> {
        let Some(matter) = &row.matter else { return Ok(false) };
        let stored = self.store.matter(self.channels[at].row.number, matter)?;
        let mut rows = stored.iter().chain(&batch.acts);
        let Some(other) = rows.find(|other| other.entry == *rival) else { return Ok(false) };
        let what = Inconsistency::TwoActs(other.statement.clone(), row.statement.clone());
        let epoch = reread_coded(row)?.payload.epoch;
        let proof = self.proof(at, what, row.author_index, epoch)?;
        let shown = proof.verify().is_ok();
        if shown {
            batch.proofs.push(proof.encode());
        }
        Ok(shown)
    }

    /// Our logged answer to bytes that the peer committed to and that we could not take. REC-36.
    fn refuse(
        &mut self,
        at: usize,
        batch: &mut Batch,
        entry: &Entry,
        code: Code,
        time: u64,
    ) -> Result<()> {
        let (peer, ring) = (self.channels[at].row.peer, self.channels[at].ring);
        if crate::planted::is("refusal-not-logged") {
            return Ok(());
        }
        let (rules, kind, body) = flow::refused(entry, code);
        let draft = Draft {
            peer,
            ring,
            target: Target::New { stream: "node".to_owned() },
            rules: rules.to_owned(),
            kind: kind.to_owned(),
            body,
            disclosed: Vec::new(),
            re: Vec::new(),
        };
        self.write(at, batch, draft, time).map(|_| ())
    }

    /// The peer's heads and cosignature, ours on its newest head, and how far each side holds the
    /// other's log. A cosignature says append-only and nothing more. REC-35.
    fn take_heads(
        &mut self,
        at: usize,
        batch: &mut Batch,
        news: News,
        placed: u64,
        time: u64,
    ) -> Result<()> {
        let me = self.me;
        let News { growth, cosigned, held } = news;
        let channel = &mut self.channels[at];
        for head in &growth.heads {
            let row = HeadRow { owner: Owner::Peer, size: head.size, bytes: head.encode() };
            batch.peer_heads.push(row);
        }
        batch.peaks.extend(growth.peaks);
        if let Some(head) = growth.heads.last() {
            let keys = self.seams.keys.as_ref();
            let point = (head.size, head.root);
            let cosignature = Cosignature::sign(
                &channel.peer.log_at(head.size),
                point,
                &me,
                time,
                channel.ring,
                keys,
            )?;
            let bytes = cosignature.encode();
            batch.cosignatures.push(CosignRow { owner: Owner::Peer, size: head.size, bytes });
            channel.cosigned = head.size;
        }
        if let Some(row) = cosigned {
            channel.peer_cosigned = row.size;
            channel.peer_mirrors = row.size;
            batch.cosignatures.push(row);
        }
        let before = channel.row.clone();
        channel.row.held += if crate::planted::is("placed-twice") { 0 } else { placed };
        channel.row.peer_held = channel.holds(held);
        channel.most_held = channel.most_held.max(channel.row.peer_held);
        if before != channel.row || !batch.acts.is_empty() {
            batch.row = Some(channel.row.clone());
        }
        channel.peer.frontier = growth.frontier;
        if let Some(head) = growth.heads.into_iter().next_back() {
            channel.peer.head = Some(head);
        }
        Ok(())
    }
}

/// A foreign statement on its way into a batch.
struct Arrived {
    row: ActRow,
    checked: Checked,
}

/// Where a foreign statement lies: in our log, in its author's, and since when there.
struct Arrival {
    entry: Entry,
    own: u64,
    index: u64,
    logged_at: u64,
}

fn arrived(checked: Checked, carried: &Carried, place: Arrival) -> Arrived {
    let (matter, verdict) = match &checked {
        Checked::Act(act) => (Some(act.header.matter), String::new()),
        Checked::Control(control) => (None, control.kind().to_owned()),
    };
    let row = ActRow {
        index: place.own,
        entry: place.entry,
        mine: false,
        regained: false,
        author_index: place.index,
        logged_at: place.logged_at,
        matter,
        verdict,
        statement: carried.statement.clone(),
        disclosures: carried.disclosures.clone(),
    };
    Arrived { row, checked }
}

/// Every statement is one of the leaves that the parcel names, but for keys of what is shown of
/// ended epochs: a credential of one of the two proves itself. REC-34.
fn is_committed(channel: &Channel, bundle: &Bundle) -> Result<()> {
    let roots = [&channel.own.book.newest().root, &channel.peer.book.newest().root];
    let key = |entry: &Entry| {
        let mut keys = bundle.signers.iter();
        keys.any(|(other, one)| other == entry && roots.contains(&&one.root))
    };
    let strays = bundle.entries.iter().zip(&bundle.places).filter(|(_, at)| at.is_none());
    let mut strays = strays.filter(|(entry, _)| !key(entry));
    match strays.next() {
        Some((entry, _)) if !crate::planted::is("accept-uncommitted") => {
            Err(Code::EntryNotInHead.at(entry.short()))
        }
        _ => Ok(()),
    }
}

fn is_empty(batch: &Batch) -> bool {
    batch.acts.is_empty()
        && batch.mirror.is_empty()
        && batch.placed.is_empty()
        && batch.peer_heads.is_empty()
        && batch.cosignatures.is_empty()
        && batch.row.is_none()
}
