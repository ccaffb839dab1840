//! Export: receipts, proofs and notes are built here, from heads and leaves, when somebody wants to
//! show a matter to a third person.

use crate::channel::{Channel, Side};
use crate::line::Tail;
use crate::matter::{ORPHANED, Verdict};
use crate::node::Node;
use crate::stored::reread;
use crate::tree::Rows;
use crate::view::MatterView;
use counterpart_record::dossier::{Dossier, Held, Item, SignedHead};
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::head::{Cosignature, Head, LogId, cosign_verifiers};
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_record::keys::Role;
use counterpart_record::log::{Nodes, node, prove_consistency, prove_inclusion};
use counterpart_record::party::{Control, Credential};
use counterpart_record::payload::Payload;
use counterpart_record::receipt;
use counterpart_record::strict::json::Value;
use counterpart_rules::flow::Reader;
use counterpart_rules::say::{Lang, Say, face, render};
use counterpart_rules::summary::{self, Page};
use counterpart_store::{ActRow, Owner};

impl Node {
    /// A dossier of one matter: its statements with the receipts of both logs, the heads they rest
    /// on, and every root-signed statement of both parties. [`Code::MatterUnknown`], also if all
    /// that was said in it came too late.
    pub fn dossier(&self, id: &MatterId) -> Result<Dossier> {
        let mut view = self.matter(id)?;
        // What came too late is part of no matter, and of no summary. DOS-22.
        view.acts.retain(|act| act.verdict != Verdict::Void(ORPHANED));
        if view.one_sided {
            // COR-5: a dossier is of two parties, and here one of them signed nothing.
            return Err(Code::NotPermitted.at("void-one-sided"));
        }
        let at = self.channel_at(&view.peer, view.ring)?;
        let channel = &self.channels[at];
        let mut shelf = Shelf { node: self, channel, heads: Vec::new() };
        let (mut statements, mut told) = (Vec::new(), Vec::new());
        for row in self.store.matter(channel.row.number, id)? {
            if row.verdict == ORPHANED {
                continue;
            }
            let (item, act) = self.item(row, channel, &mut shelf)?;
            statements.push(item);
            told.push(act);
        }
        if statements.is_empty() {
            return Err(Code::MatterUnknown.at(id.short()));
        }
        let (mut credentials, mut control_receipts) = (Vec::new(), Vec::new());
        for row in self.store.controls_in(channel.row.number)? {
            let party = if row.mine { self.me } else { channel.row.peer };
            for held in shelf.receipts(&row)? {
                control_receipts.push((credentials.len(), held));
            }
            credentials.push((party, row.statement));
        }
        self.foreign_credential(channel, &mut credentials);
        shelf.anchor(Owner::Own)?;
        shelf.anchor(Owner::Peer)?;
        let checkpoints = shelf.heads;
        let mut dossier = Dossier {
            channel: channel.row.channel,
            drill: channel.row.drill,
            matters: vec![*id],
            statements,
            checkpoints,
            credentials,
            control_receipts,
            beside: Vec::new(),
            summaries: Vec::new(),
            as_of: self.seams.clock.now(channel.ring),
        };
        self.join_heads(channel, &mut dossier)?;
        let parties = newest(&dossier.credentials);
        let page = Page {
            drill: dossier.drill,
            parties: &parties,
            acts: told.iter().map(|told| told.act(*id)).collect(),
        };
        dossier.summaries = Lang::ALL.map(|lang| self.summary(lang, &page, &view)).into();
        Ok(dossier)
    }

    /// An act as the dossier has it, and as its summary tells it.
    fn item(&self, row: ActRow, channel: &Channel, shelf: &mut Shelf<'_>) -> Result<(Item, Told)> {
        let act = reread(&row)?;
        let kid = counterpart_record::statement::Unverified::parse(&row.statement)?.header().kid;
        let (owner, audience) = match row.mine {
            true => (Owner::Own, &channel.peer.log.owner),
            false => (Owner::Peer, &channel.own.log.owner),
        };
        let side = channel.side(owner);
        let signed = self.credentials_in(channel, owner)?;
        let signed = signed.iter().map(|credential| credential.ring(channel.ring));
        let signed = signed.into_iter().find(|ring| ring.key(Role::Statement).thumbprint() == kid);
        let ring = signed.unwrap_or_else(|| side.book.at(row.author_index).ring(channel.ring));
        let receipts = shelf.receipts(&row)?;
        let author = side.log.owner;
        let own = receipts.iter().find(|held| held.party == author);
        let own = own.and_then(|held| shelf.heads.get(held.checkpoint));
        let disclosed = act.disclosures.into_iter();
        let (texts, words) = disclosed.map(|one| (one.text, (one.name, one.value))).unzip();
        let told = Told {
            author,
            audience: *audience,
            own: own.map(|signed| signed.head.time),
            held: receipts.iter().any(|held| held.party != author),
            suspected: side.book.suspected_since(&kid),
            payload: act.payload,
            words,
        };
        let item = Item {
            issuer: author,
            key: ring.key(Role::Statement).clone(),
            disclosures: texts,
            receipts,
            statement: row.statement,
        };
        Ok((item, told))
    }

    /// Shows of each head that the next one of its log extends it.
    fn join_heads(&self, channel: &Channel, dossier: &mut Dossier) -> Result<()> {
        let store = self.store.as_ref();
        for at in 0..dossier.checkpoints.len() {
            let Some(next) = dossier.next_head(at) else { continue };
            let sizes = [at, next].map(|at| dossier.checkpoints[at].head.size);
            let log = dossier.checkpoints[at].log;
            let mine = log.owner == channel.own.log.owner;
            let (owner, side) = match mine {
                true => (Owner::Own, &channel.own),
                false => (Owner::Peer, &channel.peer),
            };
            let rows = Rows { store, channel: channel.row.number, owner };
            let path = match side.line.tails().get(&log.epoch) {
                Some(_) => {
                    prove_consistency(&Aside::of(rows, side, log.epoch)?, sizes[0], sizes[1])?
                }
                None => prove_consistency(&rows, sizes[0], sizes[1])?,
            };
            dossier.checkpoints[at].extended = Some(path);
        }
        Ok(())
    }

    /// Before the peer's first parcel came, its credential is known by the file alone.
    fn foreign_credential(&self, channel: &Channel, credentials: &mut Vec<(PartyId, Vec<u8>)>) {
        let peer = channel.row.peer;
        if credentials.iter().any(|(party, _)| *party == peer) {
            return;
        }
        let first = channel.peer.book.at(0);
        let held = self.credentials_of(&peer).find(|(credential, _)| *credential == first);
        let bytes = held.and_then(|(_, entry)| self.control_bytes(&entry));
        credentials.extend(bytes.map(|bytes| (peer, bytes.to_vec())));
    }

    /// What a person reads first: what the dossier proves, then what this node makes of it. DOS-20
    fn summary(&self, lang: Lang, page: &Page<'_>, view: &MatterView) -> (String, String) {
        let say = |say: Say| render(lang, &say);
        let mut lines = Vec::new();
        for (act, number) in view.acts.iter().zip(1..) {
            let (key, why) = match act.verdict {
                Verdict::Void(why) => ("cli-void", why),
                Verdict::Held(why) => ("cli-held", why),
                Verdict::Valid => continue,
            };
            let what = say(Say::of(key).with("why", say(Say::of(why))));
            let of_act = Say::of("summary-of-act").with("what", what);
            lines.push(say(of_act.with("number", number.to_string())));
        }
        if let Some(state) = &view.state {
            lines.extend(state.lines(lang, Reader::Outside));
        }
        let mut text = page.proven(lang);
        if !lines.is_empty() {
            let name = self.name_of(&self.me, lang.tag());
            text += &format!("\n{}\n", say(Say::of("summary-account").with("name", name)));
            text += &(lines.join("\n") + "\n");
        }
        (lang.tag().to_owned(), text)
    }

    /// The two authorities of a request, with where they are reached; nothing for a matter in which
    /// nobody is asked for anything. ASK-22
    pub fn face(&self, lang: Lang, view: &MatterView) -> Vec<String> {
        if view.acts.first().is_none_or(|act| act.body.get("measure").is_none()) {
            return Vec::new();
        }
        let (asks, asked) = if view.mine { (self.me, view.peer) } else { (view.peer, self.me) };
        let line = |asks: bool, party: &PartyId| {
            let name = self.name_of(party, lang.tag());
            face(lang, asks, &name, &self.numbers_of(party))
        };
        vec![line(true, &asks), line(false, &asked)]
    }

    /// The numbers at which a party is called back: those of its newest credential, or of our
    /// description of a partner without a node.
    fn numbers_of(&self, party: &PartyId) -> Vec<String> {
        if let Some(who) = self.correspondent(party) {
            return who.callback.clone();
        }
        self.newest(party).map_or_else(|_| Vec::new(), |(one, _)| one.desk.callback.clone())
    }

    /// The name of a party in a language, or the first digits of its id.
    pub fn name_of(&self, party: &PartyId, language: &str) -> String {
        if let Some(who) = self.correspondent(party) {
            return who.name(language).to_owned();
        }
        let newest = self.newest(party);
        newest.map_or_else(|_| party.short(), |(one, _)| one.name(language).to_owned())
    }
}

/// An act of a dossier, for its summary.
struct Told {
    author: PartyId,
    audience: PartyId,
    /// Since when its author's log has it.
    own: Option<u64>,
    held: bool,
    suspected: Option<u64>,
    payload: Payload,
    words: Vec<(String, Value)>,
}

impl Told {
    fn act(&self, matter: MatterId) -> summary::Act<'_> {
        summary::Act {
            matter,
            author: self.author,
            audience: self.audience,
            rules: &self.payload.rules,
            kind: &self.payload.kind,
            body: &self.payload.body,
            disclosed: &self.words,
            logged_at: self.own,
            held: self.held,
            contested: self.suspected.filter(|since| self.own.is_none_or(|own| own >= *since)),
        }
    }
}

/// The newest credential of each party in a dossier.
fn newest(credentials: &[(PartyId, Vec<u8>)]) -> Vec<Credential> {
    let mut all: Vec<Credential> = Vec::new();
    for (_, bytes) in credentials {
        // Each epoch of a log begins with the credential again; it is one all the same.
        match Control::reread(bytes) {
            Ok(Control::Credential(found)) if !all.contains(&found) => all.push(*found),
            _ => {}
        }
    }
    all.sort_by_key(|credential| credential.version);
    let mut newest: Vec<Credential> = Vec::new();
    for credential in all.into_iter().rev() {
        if newest.iter().all(|one| one.party != credential.party) {
            newest.push(credential);
        }
    }
    newest
}

/// Heads that receipts of this dossier rest on, each once.
struct Shelf<'a> {
    node: &'a Node,
    channel: &'a Channel,
    heads: Vec<SignedHead>,
}

impl Shelf<'_> {
    /// The receipts of both logs for a leaf of ours, as far as they are there.
    fn receipts(&mut self, row: &ActRow) -> Result<Vec<Held>> {
        let author = if row.mine { Owner::Own } else { Owner::Peer };
        if let Some(aside) = self.aside(author, row)? {
            // Its author's receipt is of the epoch that it was said in.
            let other = if row.mine {
                let index = self.node.store.mirrored_at(self.channel.row.number, row.index)?;
                index.map(|index| self.receipt(Owner::Peer, index)).transpose()?
            } else {
                Some(self.receipt(Owner::Own, row.index)?)
            };
            return Ok([aside].into_iter().chain(other).collect());
        }
        let mut held = vec![self.receipt(Owner::Own, row.index)?];
        // What came before an epoch of its author ended may lie elsewhere in the log of today.
        let came = self.channel.peer.line.came.contains_key(&row.entry);
        let peer_index = if row.mine || came {
            self.node.store.mirrored_at(self.channel.row.number, row.index)?
        } else {
            Some(row.author_index)
        };
        if let Some(index) = peer_index {
            held.push(self.receipt(Owner::Peer, index)?);
        }
        Ok(held)
    }

    /// The receipt of its author's log for an act in an epoch that ended, behind what was kept.
    fn aside(&mut self, owner: Owner, row: &ActRow) -> Result<Option<Held>> {
        let (store, channel) = (self.node.store.as_ref(), self.channel);
        let side = channel.side(owner);
        let Some((epoch, index)) = side.line.spots.get(&row.entry).copied() else {
            return Ok(None);
        };
        let tail = side.line.tails().get(&epoch);
        let tail = tail.ok_or_else(|| Code::Internal.at("no leaves aside"))?;
        let head = tail.head_over(index).cloned();
        let head = head.ok_or_else(|| Code::StoreDamaged.at("leaf without head"))?;
        let rows = Rows { store, channel: channel.row.number, owner };
        let nodes = Aside::of(rows, side, epoch)?;
        let path = prove_inclusion(&nodes, index, head.size)?;
        let log = LogId { epoch, ..side.log };
        let held = self.node.credentials_in(channel, owner)?;
        let signed = held.iter().find(|one| head.verify(&log, one.ring(channel.ring)).is_ok());
        let credential = signed.ok_or_else(|| Code::KidUnknown.at(log.origin()))?;
        let ring = credential.ring(channel.ring);
        let key = ring.key(Role::Log).clone();
        let receipt = receipt::build(&head, &log, &key.thumbprint(), index, &path);
        let same = |signed: &SignedHead| signed.log == log && signed.head == head;
        let found = self.heads.iter().position(same);
        let checkpoint = found.unwrap_or_else(|| {
            let note = head.note(&log, ring);
            let vkeys = log.verifiers(ring).into();
            self.heads.push(SignedHead { log, head, note, vkeys, extended: None });
            self.heads.len() - 1
        });
        Ok(Some(Held { party: log.owner, receipt, log_key: key, checkpoint }))
    }

    fn receipt(&mut self, owner: Owner, index: u64) -> Result<Held> {
        let (store, channel) = (self.node.store.as_ref(), self.channel);
        let number = channel.row.number;
        let head = store.head_over(number, owner, index)?;
        let head = Head::parse(&head.ok_or_else(|| Code::StoreDamaged.at("leaf without head"))?)?;
        let path = prove_inclusion(&Rows { store, channel: number, owner }, index, head.size)?;
        let side = channel.side(owner);
        let key = side.book.at(head.size - 1).ring(channel.ring).key(Role::Log).clone();
        let log = side.log_at(head.size);
        let receipt = receipt::build(&head, &log, &key.thumbprint(), index, &path);
        let checkpoint = self.checkpoint(owner, head)?;
        Ok(Held { party: side.log.owner, receipt, log_key: key, checkpoint })
    }

    /// A peer cosigns the newest head that a parcel brings. Where the last head that receipts rest
    /// on has no cosignature, the first later one that has goes along: what it extends, it covers.
    fn anchor(&mut self, owner: Owner) -> Result<()> {
        let (channel, store) = (self.channel, self.node.store.as_ref());
        let log = channel.side(owner).log;
        let last = self.heads.iter().filter(|signed| signed.log == log);
        let Some(last) = last.map(|signed| signed.head.size).max() else { return Ok(()) };
        let Some(bytes) = store.cosigned_from(channel.row.number, owner, last)? else {
            return Ok(());
        };
        let size = Cosignature::parse(&bytes)?.size;
        let head = store.head_at(channel.row.number, owner, size)?;
        let head = head.ok_or_else(|| Code::StoreDamaged.at("cosignature without head"))?;
        self.checkpoint(owner, Head::parse(&head)?).map(|_| ())
    }

    fn checkpoint(&mut self, owner: Owner, head: Head) -> Result<usize> {
        let (channel, store) = (self.channel, self.node.store.as_ref());
        let (side, other) = match owner {
            Owner::Own => (&channel.own, &channel.peer),
            Owner::Peer => (&channel.peer, &channel.own),
        };
        let log = side.log_at(head.size);
        let same = |signed: &SignedHead| signed.log == log && signed.head == head;
        if let Some(at) = self.heads.iter().position(same) {
            return Ok(at);
        }
        let ring = side.book.at(head.size - 1).ring(channel.ring);
        let (mut note, mut vkeys) = (head.note(&log, ring), Vec::from(log.verifiers(ring)));
        let cosigned = store.cosigned_from(channel.row.number, owner, head.size)?;
        let cosigned = cosigned.map(|bytes| Cosignature::parse(&bytes)).transpose()?;
        if let Some(cosignature) = cosigned.filter(|c| c.size == head.size) {
            // It may have been made before a rotation of the other party's keys.
            let mut rings =
                other.book.credentials().map(|credential| credential.ring(channel.ring));
            let by = &other.log.owner;
            let ring = rings.find(|r| cosignature.verify(&log, by, r).is_ok());
            if let Some(ring) = ring {
                note.push_str(&cosignature.lines(by, ring));
                vkeys.extend(cosign_verifiers(by, ring));
            }
        }
        self.heads.push(SignedHead { log, head, note, vkeys, extended: None });
        Ok(self.heads.len() - 1)
    }
}

/// The nodes of an epoch that ended: up to what was kept those of the log of today, then the leaves
/// that stand aside.
struct Aside<'a> {
    rows: Rows<'a>,
    from: u64,
    leaves: Vec<Entry>,
}

impl<'a> Aside<'a> {
    fn of(rows: Rows<'a>, side: &Side, epoch: u64) -> Result<Aside<'a>> {
        let size = side.line.tails().get(&epoch).map_or(0, Tail::size);
        let leaves = side.line.leaves(epoch, size, side.frontier.size());
        let (from, leaves) = leaves.ok_or_else(|| Code::StoreDamaged.at("leaves aside"))?;
        Ok(Aside { rows, from, leaves })
    }
}

impl Nodes for Aside<'_> {
    fn node(&self, level: u8, index: u64) -> Result<Hash> {
        if (index + 1) << level <= self.from {
            return self.rows.node(level, index);
        }
        if level > 0 {
            let left = self.node(level - 1, 2 * index)?;
            return Ok(node(&left, &self.node(level - 1, 2 * index + 1)?));
        }
        let leaf = self.leaves.get((index - self.from) as usize);
        leaf.map(Entry::leaf).ok_or_else(|| Code::StoreDamaged.at("a leaf aside"))
    }
}
