//! Partners without a node: a log of our own for each, in which all statements are ours. Judged by
//! the same flow and shown by the same views as a channel of two, and never sent.
//! Spec: docs/spec/correspondent.md.

use crate::draft::{Draft, Logged, Target};
use crate::entered::{Apart, apart, place};
use crate::matter::{Matter, Verdict, entered_names};
use crate::node::Node;
use crate::stored::reread;
use counterpart_record::disclose::Disclosure;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};
use counterpart_record::keys::{Ring, Role};
use counterpart_record::log::empty_root;
use counterpart_record::payload::{Open, Payload, Seen};
use counterpart_record::statement::{self, Header};
use counterpart_record::strict::json::Object;
use counterpart_rules::act::Half;
use counterpart_rules::apart::{self as rules, Correspondent, Entered};
use counterpart_rules::flow::{Flow, flow};
use counterpart_store::{ActRow, Batch};

impl Node {
    /// Describes a new correspondent, and opens a one-sided log for it on each ring.
    pub fn add_correspondent(&mut self, who: &Correspondent) -> Result<PartyId> {
        self.seams.keys.ready()?;
        if self.restored {
            return Err(Code::RestoreUnfinished.at("correspondent"));
        }
        let mut nonce = [0; 16];
        self.seams.random.fill(&mut nonce);
        let id = PartyId::correspondent(&self.me, &nonce);
        for ring in [Ring::Drill, Ring::Live] {
            let channel = ChannelId::apart(&self.me, &id, ring.is_drill());
            // A crash behind this line leaves a log without a leaf, which nobody sees; the live
            // ring comes last, and makes the correspondent known.
            self.open(channel, id, ring)?;
            self.describe(self.channels.len() - 1, who)?;
        }
        self.correspondents.insert(id, who.clone());
        Ok(id)
    }

    /// Says anew who a correspondent is; what was said before stays in the log.
    /// [`Code::PeerUnknown`].
    pub fn change_correspondent(&mut self, id: &PartyId, who: &Correspondent) -> Result<()> {
        self.seams.keys.ready()?;
        if !self.correspondents.contains_key(id) {
            return Err(Code::PeerUnknown.at(id.short()));
        }
        for ring in Ring::ALL {
            self.describe(self.channel_of(id, ring)?, who)?;
        }
        self.correspondents.insert(*id, who.clone());
        Ok(())
    }

    /// The partners without a node, by their ids.
    pub fn correspondents(&self) -> impl Iterator<Item = (&PartyId, &Correspondent)> {
        self.correspondents.iter()
    }

    /// A partner without a node.
    pub fn correspondent(&self, id: &PartyId) -> Option<&Correspondent> {
        self.correspondents.get(id)
    }

    /// Reads what a one-sided log says last of its correspondent.
    pub(crate) fn note_correspondent(&mut self, number: u32) -> Result<()> {
        let rows = self.store.controls_in(number)?;
        let Some(row) = rows.iter().rfind(|row| row.verdict == rules::DESCRIBED) else {
            return Ok(());
        };
        let act = reread(row)?;
        let said = act.disclosures.iter().find(|one| one.name == rules::DESCRIBED);
        let said = said.and_then(|one| one.value.as_object());
        let said = said.ok_or_else(|| Code::StoreDamaged.at("correspondent"))?;
        self.correspondents.insert(act.header.audience, Correspondent::read(said)?);
        Ok(())
    }

    /// One description at the end of a one-sided log; a new log begins with our credential, so that
    /// whoever is shown a page finds the keys in it. COR-3.
    fn describe(&mut self, at: usize, who: &Correspondent) -> Result<()> {
        let value = who.to_object().into();
        let disclosures = self.disclose(&[(rules::DESCRIBED.to_owned(), value)]);
        let channel = &self.channels[at];
        let (number, id) = (channel.row.number, channel.row.peer);
        let rows = self.store.controls_in(number)?;
        let before: Vec<&ActRow> =
            rows.iter().filter(|row| row.verdict == rules::DESCRIBED).collect();
        let matter = MatterId::of(&channel.row.channel, &self.me, &rules::NONCE);
        let stream = "node".to_owned();
        let payload = Payload {
            kind: rules::DESCRIBED.to_owned(),
            rules: rules::RULES.to_owned(),
            seq: before.len() as u64 + 1,
            prev: before.last().map(|row| row.entry),
            open: before.is_empty().then_some(Open { nonce: rules::NONCE, terms: [0; 32], stream }),
            sd: disclosures.iter().map(Disclosure::digest).collect(),
            ..self.blank(at)
        };
        let header = Header { matter, ..self.header(at, id) };
        let signed = statement::sign(&header, &payload, disclosures, self.seams.keys.as_ref())?;
        let (time, mut batch) = (self.time_of(at), self.batch(at));
        let from = self.channels[at].own.frontier.size();
        let mut leaves = Vec::new();
        if from == 0 {
            let bytes = self.credential_bytes()?.to_vec();
            leaves.push((Entry::of(&bytes), "credential".to_owned(), bytes, String::new()));
        }
        let beside = Disclosure::join(&signed.disclosures);
        leaves.push((signed.entry, rules::DESCRIBED.to_owned(), signed.bytes, beside));
        for ((entry, verdict, statement, disclosures), index) in leaves.into_iter().zip(from..) {
            batch.acts.push(ActRow {
                index,
                entry,
                mine: true,
                regained: false,
                author_index: index,
                logged_at: time,
                matter: None,
                verdict,
                statement,
                disclosures,
            });
        }
        if from == 0 {
            let credential = self.credential()?.clone();
            let control = counterpart_record::party::Control::Credential(Box::new(credential));
            self.channels[at].apply_control(&control, true, 0)?;
        }
        self.commit(at, batch, time)
    }

    /// Judges and signs one draft for a one-sided log: an act of ours, or what came by hand.
    pub(crate) fn write_apart(
        &mut self,
        at: usize,
        batch: &mut Batch,
        draft: Draft,
        time: u64,
    ) -> Result<Logged> {
        let disclosures = self.disclose(&draft.disclosed);
        let mut nonce = [0; 16];
        self.seams.random.fill(&mut nonce);
        let now = self.now(self.channels[at].ring);
        let blank = self.blank(at);
        let header = self.header(at, draft.peer);
        let channel = &mut self.channels[at];
        if channel.restored {
            return Err(Code::RestoreUnfinished.at(channel.row.peer.short()));
        }
        let came = Entered::read((&draft.rules, &draft.kind), &draft.body)?;
        let inner = came.as_ref().map_or(&draft.rules, |came| &came.rules);
        if !rules::takes(inner) || flow(inner).is_some_and(|flow| Flow::lone(flow).is_some()) {
            return Err(Code::NotPermitted.at(format!("{inner}: void-one-sided")));
        }
        let (matter, open) = match draft.target {
            Target::Matter(matter) => (matter, None),
            Target::New { stream } => {
                let matter = MatterId::of(&channel.row.channel, &self.me, &nonce);
                (matter, Some(Open { nonce, terms: channel.agreed.in_force(), stream }))
            }
        };
        let index = channel.own.frontier.size() + batch.acts.len() as u64;
        let known = channel.matter(&matter, self.store.as_ref(), open.is_some())?;
        let (seq, prev) = place(known);
        let payload = Payload {
            kind: draft.kind,
            rules: draft.rules,
            seq,
            prev,
            re: draft.re,
            open,
            body: draft.body,
            sd: disclosures.iter().map(Disclosure::digest).collect(),
            ..blank
        };
        let mut one = apart(&payload, Entry([0; 32]), (index, time), known)?;
        permit(&one, known, &matter, now)?;
        let header = Header { matter, ..header };
        let signed = statement::sign(&header, &payload, disclosures, self.seams.keys.as_ref())?;
        one.known.act.entry = signed.entry;
        batch.attachments.extend(entered_names(&payload, index, true));
        known.add(one.known, one.mine);
        batch.acts.push(ActRow {
            index,
            entry: signed.entry,
            mine: true,
            regained: false,
            author_index: index,
            logged_at: time,
            matter: Some(matter),
            verdict: Verdict::Valid.text(),
            statement: signed.bytes,
            disclosures: Disclosure::join(&signed.disclosures),
        });
        Ok(Logged { entry: signed.entry, matter, index, time })
    }

    /// What every payload of a one-sided log has alike: nobody else's log was seen.
    fn blank(&self, at: usize) -> Payload {
        let row = &self.channels[at].row;
        Payload {
            kind: String::new(),
            rules: String::new(),
            epoch: row.epoch,
            seq: 1,
            prev: None,
            seen: Seen { size: 0, root: empty_root() },
            re: Vec::new(),
            drill: row.drill,
            open: None,
            body: Object::default(),
            sd: Vec::new(),
            late: None,
        }
    }

    fn header(&self, at: usize, audience: PartyId) -> Header {
        let channel = &self.channels[at];
        Header {
            kid: self.seams.keys.public(channel.ring).key(Role::Statement).thumbprint(),
            issuer: self.me,
            audience,
            channel: channel.row.channel,
            matter: MatterId([0; 16]),
            issued_at: self.seams.clock.now(channel.ring),
        }
    }
}

/// Judges a statement by what lies before it in our log, as it will be judged ever after. COR-3.
fn permit(one: &Apart, matter: &Matter, id: &MatterId, now: u64) -> Result<()> {
    if !one.known.opens && matter.flow().is_none() {
        return Err(Code::MatterUnknown.at(id.short()));
    }
    if let Some(came) = &one.entered {
        let began = matter.half(Half::Asking).first();
        in_time(came, began.map_or(0, |first| first.act.logged_at), now)?;
    }
    match matter.judge(&one.known) {
        Verdict::Valid => Ok(()),
        Verdict::Void(reason) | Verdict::Held(reason) => {
            Err(Code::NotPermitted.at(format!("{}: {reason}", one.known.act.kind)))
        }
    }
}

/// COR-4: what came cannot have come later than now, nor before what it belongs to.
fn in_time(came: &Entered, began: u64, now: u64) -> std::result::Result<(), Fault> {
    if came.received_at > now {
        return Err(Code::ArgumentWrong.at("received_at: it has not come yet"));
    }
    if came.received_at < began {
        return Err(Code::ArgumentWrong.at("received_at: before the matter began"));
    }
    Ok(())
}
