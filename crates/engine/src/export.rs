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
use counterpart_record::head::{Cosignature, Head, LogId};
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_record::keys::Role;
use counterpart_record::log::{Nodes, node, prove_consistency, prove_inclusion};
use counterpart_record::receipt;
use counterpart_rules::flow::Reader;
use counterpart_rules::form::{Field, Sort, tell};
use counterpart_rules::say::{Lang, Say, face, labelled, render};
use counterpart_rules::terms::{self, Sheet};
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
        let mut statements = Vec::new();
        for row in self.store.matter(channel.row.number, id)? {
            if row.verdict == ORPHANED {
                continue;
            }
            let act = reread(&row)?;
            let side = if row.mine { &channel.own } else { &channel.peer };
            let kid =
                counterpart_record::statement::Unverified::parse(&row.statement)?.header().kid;
            let owner = if row.mine { Owner::Own } else { Owner::Peer };
            let signed = self.credentials_in(channel, owner)?;
            let signed = signed.iter().map(|credential| credential.ring(channel.ring));
            let signed =
                signed.into_iter().find(|ring| ring.key(Role::Statement).thumbprint() == kid);
            let ring = signed.unwrap_or_else(|| side.book.at(row.author_index).ring(channel.ring));
            statements.push(Item {
                issuer: side.log.owner,
                key: ring.key(Role::Statement).clone(),
                disclosures: act.disclosures.into_iter().map(|d| d.text).collect(),
                receipts: shelf.receipts(&row)?,
                statement: row.statement,
            });
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
            summaries: Lang::ALL.iter().map(|lang| self.summary(*lang, &view)).collect(),
            as_of: self.seams.clock.now(channel.ring),
        };
        self.join_heads(channel, &mut dossier)?;
        Ok(dossier)
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

    /// What a person reads first.
    fn summary(&self, lang: Lang, view: &MatterView) -> (String, String) {
        let say = |say: Say| render(lang, &say);
        let name = |party: &PartyId| self.name_of(party, lang.tag());
        let (me, peer) = (name(&self.me), name(&view.peer));
        let (asks, answers) = if view.mine { (&me, &peer) } else { (&peer, &me) };
        let mut lines = vec![
            say(Say::of("summary-title").with("matter", view.matter.to_string())),
            say(Say::of("summary-between").with("asks", asks).with("answers", answers)),
        ];
        if view.ring.is_drill() {
            lines.push(say(Say::of("summary-drill")));
        }
        lines.extend(self.face(lang, view));
        lines.push(String::new());
        for act in &view.acts {
            let author = if act.mine { &me } else { &peer };
            let kind = say(Say::of(format!("kind-{}", act.kind)));
            let mut line = Say::of("summary-act")
                .with("at", counterpart_rules::clock::shown(act.logged_at))
                .with("author", author)
                .with("kind", kind);
            line = line.with("rung", say(Say::of(format!("rung-{}", act.rung.name()))));
            lines.push(say(line));
            if let Verdict::Void(why) | Verdict::Held(why) = act.verdict {
                let key = match act.verdict {
                    Verdict::Void(_) => "cli-void",
                    _ => "cli-held",
                };
                lines.push(format!("    {}", say(Say::of(key).with("why", say(Say::of(why))))));
            }
            if let Some(since) = act.contested {
                let since = counterpart_rules::clock::shown(since);
                let said = say(Say::of("summary-contested").with("since", since));
                lines.push(format!("    {said}"));
            }
            let kind = view.flow.and_then(|flow| flow.kind(&act.kind));
            let beside = act.disclosed.iter().map(|one| (&one.name, &one.value));
            // What opens an attachment is no word for a page.
            let opens = |name: &str| kind.is_some_and(|kind| kind.is_attachment(name));
            let beside = beside.filter(|(name, _)| !opens(name));
            for (field, value) in act.body.0.iter().map(|(name, value)| (name, value)).chain(beside)
            {
                let told = match (kind.and_then(|kind| kind.field(field)), value.as_object()) {
                    (Some(Field { sort: Sort::Sheet(_), .. }), Some(sheet)) => {
                        let sheet = Sheet::read(sheet);
                        sheet.map_or(Vec::new(), |sheet| terms::told(lang, &sheet, &name))
                    }
                    _ => tell(lang, kind, field, value),
                };
                let labelled = told.iter().map(|(label, text)| labelled(lang, label, text));
                lines.extend(labelled.map(|line| format!("    {line}")));
            }
        }
        lines.push(String::new());
        if let Some(state) = &view.state {
            lines.extend(state.lines(lang, Reader::Outside));
        }
        lines.push(say(Say::of("summary-proof")));
        (lang.tag().to_owned(), lines.join("\n") + "\n")
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
            self.heads.push(SignedHead { log, head, note, extended: None });
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
        let mut note = head.note(&log, side.book.at(head.size - 1).ring(channel.ring));
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
            }
        }
        self.heads.push(SignedHead { log, head, note, extended: None });
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
