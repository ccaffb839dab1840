//! The ledger: takes all drafts that wait for a channel, judges and signs each in the causal past
//! that it has now, and makes them durable in one commit with one head.

use crate::ahead::presses;
use crate::channel::{Channel, known};
use crate::draft::{Draft, Logged, Queued, Target, Ticket};
use crate::matter::Verdict;
use crate::node::Node;
use counterpart_record::disclose::Disclosure;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::{Entry, MatterId};
use counterpart_record::keys::{Keys, Role};
use counterpart_record::payload::{Open, Payload};
use counterpart_record::statement::{self, Header, Signed};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::flow::{Flow, Void, flow};
use counterpart_store::{ActRow, Batch, Store};

/// Drafts of one channel in one commit, at the most.
const BATCH: usize = 512;

impl Node {
    /// Puts a draft into the queue. It is acknowledged by [`Node::ledger`], not by this.
    pub fn submit(&mut self, draft: Draft) -> Result<Ticket> {
        let channel = self.channel_of(&draft.peer, draft.ring)?;
        // What an act promises can be fetched. ATT-9.
        if self.blobs.is_some() {
            let named = crate::matter::named_in((&draft.rules, &draft.kind), &draft.body, 0, true);
            named.iter().try_for_each(|row| self.has(&row.root, row.size))?;
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.queue.push(Queued { ticket, channel, draft });
        Ok(ticket)
    }

    /// Whether drafts wait.
    pub fn has_drafts(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Takes what waits: one commit per channel. Each draft's own result is returned; a fault of
    /// the commit itself is the outer error and ends the process.
    pub fn ledger(&mut self) -> Result<Vec<(Ticket, Result<Logged>)>> {
        let mut results = Vec::new();
        // Without the keys nothing is begun: each draft goes back, and nothing is half done.
        if !self.queue.is_empty()
            && let Err(fault) = self.seams.keys.ready()
        {
            let waiting = std::mem::take(&mut self.queue);
            return Ok(waiting.into_iter().map(|one| (one.ticket, Err(fault.clone()))).collect());
        }
        while !self.queue.is_empty() {
            let channel = self.queue[0].channel;
            let mut taken = Vec::new();
            let mut left = Vec::new();
            for queued in std::mem::take(&mut self.queue) {
                let take = queued.channel == channel && taken.len() < BATCH;
                if take { taken.push(queued) } else { left.push(queued) }
            }
            self.queue = left;
            let time = self.time_of(channel);
            let mut batch = self.batch(channel);
            for Queued { ticket, draft, .. } in taken {
                results.push((ticket, self.write(channel, &mut batch, draft, time)));
            }
            if !batch.acts.is_empty() {
                // A crash before this line: nothing was promised. After it: logged.
                let committed = self.commit(channel, batch, time);
                if !crate::planted::is("answer-before-commit") {
                    committed?;
                }
            }
        }
        Ok(results)
    }

    /// An empty batch for a channel.
    pub(crate) fn batch(&self, channel: usize) -> Batch {
        Batch { channel: self.channels[channel].row.number, ..Batch::default() }
    }

    /// The time of our next head: ours, and never before the last one.
    pub(crate) fn time_of(&self, channel: usize) -> u64 {
        let side = &self.channels[channel];
        let last = if crate::planted::is("time-back") { 0 } else { side.own.time() };
        self.seams.clock.now(side.ring).max(last)
    }

    /// Judges and signs one draft and adds it to a batch.
    pub(crate) fn write(
        &mut self,
        at: usize,
        batch: &mut Batch,
        mut draft: Draft,
        time: u64,
    ) -> Result<Logged> {
        if crate::planted::is("note-travels")
            && let Target::Matter(matter) = &draft.target
        {
            let notes = self.home().and_then(|home| home.notes(matter, 1)).unwrap_or_default();
            // As the texts of a person are disclosed.
            let text = |text: String| Object::default().with("lang", "en").with("text", text);
            let told = notes.into_iter().map(|note| ("note".to_owned(), text(note.text).into()));
            draft.disclosed.extend(told);
        }
        match self.channels[at].one_sided {
            true => self.write_apart(at, batch, draft, time),
            false => {
                self.channels[at].goes_on()?;
                self.write_between(at, batch, draft, time)
            }
        }
    }

    /// For a channel of two parties.
    fn write_between(
        &mut self,
        at: usize,
        batch: &mut Batch,
        draft: Draft,
        time: u64,
    ) -> Result<Logged> {
        let disclosures = self.disclose(&draft.disclosed);
        let mut nonce = [0; 16];
        self.seams.random.fill(&mut nonce);
        let me = self.me;
        let channel = &mut self.channels[at];
        channel.may_sign()?;
        let index = channel.own.frontier.size() + batch.acts.len() as u64;
        let (matter, open) = match draft.target {
            Target::Matter(matter) => (matter, None),
            Target::New { stream } => {
                let lone = flow(&draft.rules).and_then(Flow::lone);
                let nonce = lone.unwrap_or(nonce);
                let matter = MatterId::of(&channel.row.channel, &me, &nonce);
                // REC-42: the one matter of a flow may have begun before the backup was made.
                if lone.is_some() && channel.unheard {
                    return Err(Code::EpochUnheard.at(matter.short()));
                }
                // CLK-22: a flow with one matter goes on in it.
                let there = lone.is_some()
                    && channel.matter(&matter, self.store.as_ref(), false)?.flow().is_some();
                let open = Open { nonce, terms: channel.agreed.in_force(), stream };
                (matter, (!there).then_some(open))
            }
        };
        if channel.restored {
            return Err(Code::RestoreUnfinished.at(channel.row.peer.short()));
        }
        let place = place(channel, &matter, open.is_some(), self.store.as_ref())?;
        let payload = Payload {
            kind: draft.kind,
            rules: draft.rules,
            epoch: channel.row.epoch,
            seq: place.map_or(1, |(seq, _)| seq + 1),
            prev: place.map(|(_, prev)| prev),
            seen: channel.seen(self.store.as_ref())?,
            re: draft.re,
            drill: channel.row.drill,
            open,
            body: draft.body,
            sd: disclosures.iter().map(Disclosure::digest).collect(),
            late: None,
        };
        let attachments = crate::matter::named(&payload, index, true);
        let header = Header {
            kid: self.seams.keys.public(channel.ring).key(Role::Statement).thumbprint(),
            issuer: me,
            audience: channel.row.peer,
            channel: channel.row.channel,
            matter,
            issued_at: self.seams.clock.now(channel.ring),
        };
        let mut permitted = permit(channel, header, payload, disclosures, self.store.as_ref())?;
        let signed = permitted.sign(self.seams.keys.as_ref())?;
        let logged = Logged { entry: signed.entry, matter, index, time };
        batch.acts.push(register(channel, signed, permitted, index, time, self.store.as_ref())?);
        batch.attachments.extend(attachments);
        if channel.matter(&matter, self.store.as_ref(), false)?.is_live() {
            batch.watched.push(matter);
        }
        Ok(logged)
    }

    pub(crate) fn disclose(&self, disclosed: &[(String, Value)]) -> Vec<Disclosure> {
        let mut salts = vec![0; 16 * disclosed.len()];
        self.seams.random.fill(&mut salts);
        let salts = salts.chunks_exact(16).map(|chunk| {
            let mut salt = [0; 16];
            salt.copy_from_slice(chunk);
            salt
        });
        let each = salts.zip(disclosed);
        each.map(|(salt, (name, value))| Disclosure::new(&salt, name, value.clone())).collect()
    }
}

/// The last place of our half in a matter: its number and its entry.
fn place(
    channel: &mut Channel,
    matter: &MatterId,
    opens: bool,
    store: &dyn Store,
) -> Result<Option<(u64, Entry)>> {
    let (unheard, epoch) = (channel.unheard, channel.row.epoch);
    let known = channel.matter(matter, store, opens)?;
    if !opens && known.flow().is_none() {
        return Err(Code::MatterUnknown.at(matter.short()));
    }
    // What we said last in it may be among what the backup had lost. REC-42.
    if unheard && !opens && known.began_before(epoch) {
        return Err(Code::EpochUnheard.at(matter.short()));
    }
    let half = known.half_of(true, opens);
    Ok(known.last(half).map(|last| (last.seq, last.act.entry)))
}

/// An act that the rules allow now. Only [`permit`] makes one, and only it can be signed.
struct Permitted {
    header: Header,
    payload: Payload,
    disclosures: Vec<Disclosure>,
}

impl Permitted {
    /// The disclosures go over to what is signed.
    fn sign(&mut self, keys: &dyn Keys) -> Result<Signed> {
        let disclosures = std::mem::take(&mut self.disclosures);
        statement::sign(&self.header, &self.payload, disclosures, keys)
    }
}

/// Judges a draft as its receiver will. A draft that would be void goes back to the officer.
fn permit(
    channel: &mut Channel,
    header: Header,
    payload: Payload,
    disclosures: Vec<Disclosure>,
    store: &dyn Store,
) -> Result<Permitted> {
    let sight = channel.sight(store, true, &payload.seen)?;
    let whole = channel.own.line.is_whole();
    let matter = channel.matter(&header.matter, store, payload.open.is_some())?;
    let half = matter.half_of(true, payload.open.is_some());
    let act = counterpart_rules::act::Act {
        entry: Entry([0; 32]),
        half,
        kind: payload.kind.clone(),
        body: payload.body.clone(),
        re: payload.re.clone(),
        logged_at: 0,
        held_at: None,
    };
    let probe = crate::matter::Known::new(&payload, act, u64::MAX, (u64::MAX, u64::MAX), sight);
    match matter.judge(&probe) {
        Verdict::Valid => Ok(Permitted { header, payload, disclosures }),
        // What we said last rests on a part of the peer's log that is still coming back. REC-42.
        Verdict::Void(reason) if reason == Void::SEEN.0 && !whole => {
            Err(Code::EpochUnheard.at(header.matter.short()))
        }
        Verdict::Void(reason) | Verdict::Held(reason) => Err(refusal(&probe.act.kind, reason)),
    }
}

fn refusal(kind: &str, reason: &str) -> Fault {
    Code::NotPermitted.at(format!("{kind}: {reason}"))
}

/// The row of a signed act, which is now part of its matter.
fn register(
    channel: &mut Channel,
    signed: Signed,
    permitted: Permitted,
    index: u64,
    time: u64,
    store: &dyn Store,
) -> Result<ActRow> {
    let Permitted { header, payload, .. } = permitted;
    let opens = payload.open.is_some();
    let row = ActRow {
        index,
        entry: signed.entry,
        mine: true,
        regained: false,
        author_index: index,
        logged_at: time,
        matter: Some(header.matter),
        verdict: Verdict::Valid.text(),
        statement: signed.bytes,
        disclosures: Disclosure::join(&signed.disclosures),
    };
    if presses(&payload) {
        channel.pressing.insert(index);
    }
    let sight = channel.sight(store, true, &payload.seen)?;
    let matter = channel.matter(&header.matter, store, opens)?;
    let half = matter.half_of(true, opens);
    let verified =
        statement::Verified { entry: signed.entry, header, payload, disclosures: Vec::new() };
    matter.add(known(&verified, half, &row, sight), true);
    Ok(row)
}
