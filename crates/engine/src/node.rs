//! The node: who we are, whom we know, the channels, and the one owner of the store. Everything
//! that changes the record goes through [`Node::settle`], the ledger or the receiver.

use crate::channel::{Channel, read_control};
use crate::docket::Docket;
use crate::draft::Queued;
use crate::gather::Gathered;
use crate::hearth::Hearth;
use crate::seam::{Clock, Crew};
use crate::shelf::Shelf;
use crate::stored::in_store;
use crate::unmatched::Unmatched;
use crate::watch::Watch;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::head::Head;
use counterpart_record::id::{ChannelId, Entry, Kid, PartyId};
use counterpart_record::key::Random;
use counterpart_record::keys::{Keys, PublicRing, Ring, Role};
use counterpart_record::limits;
use counterpart_record::party::{Accreditation, Control, Credential, KeyBook};
use counterpart_rules::apart::Correspondent;
use counterpart_store::{
    ActRow, Batch, Blobs, ChannelRow, Control as ControlRow, CosignRow, HeadRow, Owner, Store,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// The seams of a node besides its store.
#[derive(Clone)]
pub struct Seams {
    /// The secrets.
    pub keys: Arc<dyn Keys>,
    /// Civil time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Hands for verification.
    pub crew: Arc<dyn Crew>,
}

/// A node.
pub struct Node {
    pub(crate) me: PartyId,
    pub(crate) seams: Seams,
    pub(crate) store: Box<dyn Store>,
    /// What stays here.
    pub(crate) hearth: Hearth,
    pub(crate) channels: Vec<Channel>,
    pub(crate) queue: Vec<Queued>,
    pub(crate) next_ticket: u64,
    /// A commit failed: memory and disk may differ, and this value is of no more use.
    pub(crate) broken: bool,
    /// Matters that do something by themselves.
    pub(crate) watch: Watch,
    /// The store is a restored copy, and not every log has gone on as a new one yet.
    pub(crate) restored: bool,
    /// Which matters are open, and when to look at each.
    pub(crate) docket: Docket,
    /// Partners without a node, by their ids.
    pub(crate) correspondents: BTreeMap<PartyId, Correspondent>,
    /// Every root-signed statement that we hold, verified.
    pub(crate) controls: Vec<(Entry, Control, Vec<u8>)>,
    /// Until when each peer asked us to send nothing, in seconds (UTC).
    pub(crate) slow: BTreeMap<PartyId, u64>,
    /// Transport keys that did not fit, since this process began.
    pub(crate) unmatched: Unmatched,
    /// How long texts are kept, and which are old enough.
    pub(crate) shelf: Shelf,
    /// What figures were made of last, by channel number.
    pub(crate) gathered: HashMap<u32, Gathered>,
    /// Where sealed bytes of attachments lie.
    pub(crate) blobs: Option<Blobs>,
    /// Sealed bytes that came and did not hold, until they come right.
    pub(crate) troubled: HashMap<Hash, Code>,
    /// Sealed bytes that are not here, by peer, as they were last looked for: in the order of the
    /// acts that name them.
    pub(crate) missing: HashMap<PartyId, Vec<(Hash, u64)>>,
    /// Sealed bytes that the peer of a channel has said it has, since this process began and since
    /// a log of its ended.
    pub(crate) told: HashSet<(u32, Hash)>,
    /// How many sealed bytes we take of each peer.
    pub(crate) attachment_quota: u64,
}

/// A party that we know.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its newest credential that we hold.
    pub credential: Credential,
    /// The entry of that credential.
    pub entry: Entry,
    /// Whether we accredited it.
    pub accredited: bool,
}

impl Node {
    /// Founds a node in an empty store: its own first credential.
    pub fn found(mut store: Box<dyn Store>, credential: &[u8], seams: Seams) -> Result<Node> {
        let control = Control::verify(credential, None)?;
        let me = control.by();
        store.keep(&[row(&control, credential)])?;
        store.found(&me)?;
        Node::load(store, seams)
    }

    /// Starts from a store. The normal run and the recovery after a crash are this same function.
    pub fn load(store: Box<dyn Store>, seams: Seams) -> Result<Node> {
        let loaded = store.load()?;
        let me = loaded.party.ok_or_else(|| Code::FolderNotNode.at("no party in the store"))?;
        let mut node = Node {
            me,
            seams,
            store,
            hearth: Hearth::default(),
            channels: Vec::new(),
            queue: Vec::new(),
            next_ticket: 1,
            broken: false,
            watch: Watch::default(),
            restored: loaded.restored,
            docket: Docket::default(),
            correspondents: BTreeMap::new(),
            controls: Vec::new(),
            slow: BTreeMap::new(),
            unmatched: Unmatched::default(),
            shelf: Shelf::default(),
            gathered: HashMap::new(),
            blobs: None,
            troubled: HashMap::new(),
            missing: HashMap::new(),
            told: HashSet::new(),
            attachment_quota: limits::ATTACHMENT_PEER_BYTES,
        };
        for control in loaded.controls {
            node.take(&control.bytes).map_err(in_store("own list", &control.entry))?;
        }
        for row in loaded.channels {
            node.load_channel(row)?;
        }
        for (number, matter) in node.store.watched()? {
            let at = node.channels.iter().position(|channel| channel.row.number == number);
            let at = at.ok_or_else(|| Code::StoreDamaged.at("watched matter without channel"))?;
            node.watch.note(at, matter);
        }
        node.find_pressing()?;
        if loaded.upgraded {
            // A crash before the second line: it is made again once more, and is the same.
            node.rebuild()?;
            node.store.upgraded()?;
        }
        // A restored copy signs nothing but what ends its logs. REC-43.
        if !node.restored {
            node.settle()?;
        }
        Ok(node)
    }

    /// Our own party.
    pub fn party(&self) -> PartyId {
        self.me
    }

    /// Our newest credential.
    pub fn credential(&self) -> Result<&Credential> {
        self.newest(&self.me).map(|(credential, _)| credential)
    }

    /// The bytes of our newest credential, to give to a peer.
    pub fn credential_bytes(&self) -> Result<&[u8]> {
        let (_, entry) = self.newest(&self.me)?;
        let found = self.controls.iter().find(|(held, ..)| *held == entry);
        found.map(|(.., bytes)| &bytes[..]).ok_or_else(|| Code::Internal.at("own credential"))
    }

    /// The parties that we know, ourselves not among them.
    pub fn peers(&self) -> Vec<Peer> {
        let mut parties: Vec<PartyId> =
            self.controls.iter().map(|(_, control, _)| control.by()).collect();
        parties.sort();
        parties.dedup();
        let known = parties.iter().filter(|party| **party != self.me);
        known.filter_map(|party| self.peer(party)).collect()
    }

    /// One party that we know.
    pub fn peer(&self, party: &PartyId) -> Option<Peer> {
        let (credential, entry) = self.newest(party).ok()?;
        let accredited = self.accreditation(party).is_some();
        Some(Peer { credential: credential.clone(), entry, accredited })
    }

    /// Holds another party's credential, or a newer one of it. Nothing follows from it until it is
    /// accredited. [`Code::CredentialOlder`] for an older one.
    pub fn import_credential(&mut self, bytes: &[u8]) -> Result<Peer> {
        let control = Control::verify(bytes, None)?;
        let Control::Credential(credential) = &control else {
            return Err(Code::StructureWrong.at("not a credential"));
        };
        let party = credential.party;
        if party == self.me {
            return Err(Code::ArgumentWrong.at("this is our own credential"));
        }
        if let Ok((held, _)) = self.newest(&party)
            && credential.version < held.version
        {
            let what = format!("version {} after {}", credential.version, held.version);
            return Err(Code::CredentialOlder.at(what));
        }
        self.keep(&control, bytes)?;
        self.peer(&party).ok_or_else(|| Code::Internal.at("peer"))
    }

    /// Takes our own root-signed statement: an accreditation opens the channels, a newer credential
    /// or a revocation is put into the log of each.
    pub fn adopt(&mut self, bytes: &[u8]) -> Result<Control> {
        self.seams.keys.ready()?;
        let root = self.credential()?.root.clone();
        let control = read_control(bytes, &root)?;
        match &control {
            Control::Accreditation(accreditation) => {
                let known =
                    self.controls.iter().any(|(entry, ..)| *entry == accreditation.credential);
                if !known || self.newest(&accreditation.peer).is_err() {
                    return Err(Code::PeerUnknown.at(accreditation.peer.short()));
                }
            }
            Control::Credential(credential) => {
                let newest = self.credential()?.version;
                if credential.version > newest + 1 {
                    let what = format!("version {} after {newest}", credential.version);
                    return Err(Code::CredentialOrder.at(what));
                }
            }
            Control::Epoch(epoch) => self.close_own(epoch, bytes)?,
            Control::Revocation(revocation) => {
                self.is_ours(&revocation.kid)?;
                self.says_more(revocation)?;
            }
        }
        self.keep(&control, bytes)?;
        // A crash before this line: the statement is held, and `load` settles it.
        if !self.restored {
            self.settle()?;
        }
        Ok(control)
    }

    /// Whether one of our credentials named this key, on either ring; also one that a backup had
    /// lost and that peers gave back. [`Code::KeyNotOurs`]
    fn is_ours(&self, kid: &Kid) -> Result<()> {
        let named = |ring: &PublicRing| {
            let signs = Role::ALL.iter().any(|role| ring.key(*role).thumbprint() == *kid);
            signs || ring.seal_kid() == *kid
        };
        let names = |own: &Credential| Ring::ALL.iter().any(|ring| named(own.ring(*ring)));
        if self.credentials_of(&self.me).any(|(own, _)| names(own)) {
            return Ok(());
        }
        for channel in &self.channels {
            if self.credentials_in(channel, Owner::Own)?.iter().any(names) {
                return Ok(());
            }
        }
        Err(Code::KeyNotOurs.at(kid.short()))
    }

    /// Whether a commit failed. Then the process must end and start again from the store: whether
    /// the batch is on disk is not known.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Moves the drill's calendar on by so many seconds.
    pub fn advance_drill(&self, seconds: u64) -> Result<u64> {
        self.seams.clock.advance_drill(seconds)
    }

    /// The peers, by name and ring, whose log does not hold our newest credential as far as we know
    /// it: they may still seal to the keys of an older one. RET-1.
    pub fn without_newest_credential(&self) -> Result<Vec<String>> {
        let (_, newest) = self.newest(&self.me)?;
        let mut without = Vec::new();
        for channel in self.channels.iter().filter(|channel| !channel.one_sided) {
            let number = channel.row.number;
            let leaves = self.store.controls_in(number)?;
            let leaf = leaves.iter().find(|row| row.mine && row.entry == newest);
            let held = match leaf {
                Some(row) => self.store.mirrored_at(number, row.index)?.is_some(),
                None => false,
            };
            if !held {
                let (name, ring) = (self.name_of(&channel.row.peer, "en"), channel.ring.name());
                without.push(format!("{name} ({ring})"));
            }
        }
        Ok(without)
    }

    /// Replaces the keys, before a newer credential of our own that names them is adopted: the
    /// heads over it are signed with the new ones.
    pub fn rekey(&mut self, keys: Arc<dyn Keys>) {
        self.seams.keys = keys;
    }

    pub(crate) fn open(&mut self, channel: ChannelId, peer: PartyId, ring: Ring) -> Result<()> {
        let number = self.channels.len() as u32 + 1;
        let row = ChannelRow {
            number,
            channel,
            peer,
            drill: ring.is_drill(),
            epoch: 1,
            peer_epoch: 1,
            peer_held: 0,
            held: 0,
            peer_seen: 0,
            peer_seen_epoch: 0,
        };
        self.store.open_channel(&row)?;
        self.load_channel(row)
    }

    /// Reads a channel again after one of its logs went on in a new epoch. What is only in memory
    /// (what went out, what the peer said) is forgotten, which makes both sides say it again.
    pub(crate) fn reload_channel(&mut self, at: usize, row: ChannelRow) -> Result<()> {
        let (own, peer) = self.books(&row)?;
        let restored = self.channels[at].restored;
        self.channels[at] = Channel::load(row, self.me, own, peer, self.store.as_ref())?;
        self.channels[at].restored = restored;
        self.find_pressing()
    }

    fn load_channel(&mut self, row: ChannelRow) -> Result<()> {
        let (own, peer) = self.books(&row)?;
        let mut channel = Channel::load(row, self.me, own, peer, self.store.as_ref())?;
        channel.restored = self.restored && !channel.own.line.is_spent();
        let described = (channel.one_sided && !channel.row.drill).then_some(channel.row.number);
        self.channels.push(channel);
        described.map_or(Ok(()), |number| self.note_correspondent(number))
    }

    /// The keys that count in a channel at its beginning: ours and the peer's. A correspondent has
    /// none, and nothing is ever verified or sealed with what stands there instead.
    fn books(&self, row: &ChannelRow) -> Result<(KeyBook, KeyBook)> {
        let own = self.own_first(row.number)?;
        let two = row.channel == ChannelId::between(&self.me, &row.peer, row.drill);
        let peer = if two { self.accredited(&row.peer)? } else { own.clone() };
        Ok((KeyBook::new(own), KeyBook::new(peer)))
    }

    /// One commit on a channel: appends what the batch has, signs our head over what the store read
    /// back, and brings the memory up to it. After a fault here memory and disk may differ: the
    /// process must end and start again from the store.
    pub(crate) fn commit(&mut self, at: usize, mut batch: Batch, time: u64) -> Result<()> {
        if signs(&batch)
            && let Err(fault) = self.channels[at].may_sign()
        {
            // Whoever made the batch was to ask before: memory is ahead of the disk now.
            self.broken = true;
            return Err(fault);
        }
        let channel = &mut self.channels[at];
        let entries: Vec<Entry> = batch.acts.iter().map(|act| act.entry).collect();
        let before = channel.own.frontier.clone();
        let peaks = crate::tree::grow(&mut channel.own.frontier, &entries, Owner::Own);
        batch.peaks.extend(peaks);
        batch.docket = self.docket.unsaved(batch.channel);
        // Without its words nobody could ever open them: the peer had erased what it gives back.
        let mute = batch.acts.iter().filter(|act| act.disclosures.is_empty());
        let mute: HashSet<u64> = mute.map(|act| act.index).collect();
        batch.attachments.retain(|row| !mute.contains(&row.index));
        let expected = channel.own.frontier.root();
        let (log, ring) = (channel.own.log, channel.ring);
        let (keys, mut signed) = (self.seams.keys.clone(), None);
        let mut sign = |read: &[Entry]| {
            let mut frontier = before.clone();
            read.iter().for_each(|entry| frontier.append(entry.leaf()));
            if frontier.root() != expected {
                return Err(Code::StoreDamaged.at("entries read back give another root"));
            }
            let sizes = (before.size(), frontier.size());
            let head = Head::sign(&log, sizes, expected, time, ring, keys.as_ref())?;
            let row = HeadRow { owner: Owner::Own, size: head.size, bytes: head.encode() };
            signed = Some(head);
            Ok(row)
        };
        let erases = !batch.erased.is_empty();
        let named = if erases { self.store.attachments(batch.channel)? } else { Vec::new() };
        // Whoever erases by hand was told before if the store cannot be scrubbed now.
        let _ = erases.then(|| self.store.scrub(true));
        if let Err(fault) = self.store.commit(&batch, &mut sign) {
            self.broken = true;
            return Err(fault);
        }
        let _ = erases.then(|| self.store.scrub(false));
        // The keys are gone; the sealed bytes follow. What cannot be removed now says nothing, and
        // is swept away later. ATT-10.
        let named = named.iter().chain(batch.attachments.iter().filter(|_| erases));
        let peer = self.channels[at].row.peer;
        let _ = self.forget(&peer, named.map(|row| row.root));
        batch.watched.iter().for_each(|matter| self.watch.note(at, *matter));
        let channel = &mut self.channels[at];
        if !batch.attachments.is_empty() || erases {
            self.missing.remove(&channel.row.peer);
        }
        let agreeing = channel.agreeing();
        if batch.acts.iter().any(|act| act.matter.is_some() && agreeing.contains(&act.matter)) {
            channel.read_agreed(self.store.as_ref())?;
        }
        let sent = |act: &&ActRow| act.mine && !act.regained && !channel.one_sided;
        for act in batch.acts.iter().filter(sent) {
            channel.in_flight.insert(act.entry, act.index);
            channel.last_mine = act.index + 1;
        }
        if signed.is_some() {
            channel.own.head = signed;
        }
        channel.forget_looked_up();
        self.hearth.behind |= erases;
        self.catch_up_at_home();
        Ok(())
    }

    /// The time of a ring, seconds (UTC).
    pub fn now(&self, ring: Ring) -> u64 {
        self.seams.clock.now(ring)
    }

    /// The channel with a peer on a ring.
    pub(crate) fn channel_at(&self, peer: &PartyId, ring: Ring) -> Result<usize> {
        let id = ChannelId::between(&self.me, peer, ring.is_drill());
        let found = self.channels.iter().position(|channel| channel.row.channel == id);
        found.ok_or_else(|| match self.peer(peer) {
            Some(_) => Code::NotAccredited.at(peer.short()),
            None => Code::PeerUnknown.at(peer.short()),
        })
    }

    /// The channel with a peer or with a correspondent on a ring.
    pub(crate) fn channel_of(&self, partner: &PartyId, ring: Ring) -> Result<usize> {
        let id = ChannelId::apart(&self.me, partner, ring.is_drill());
        let found = self.channels.iter().position(|channel| channel.row.channel == id);
        found.map_or_else(|| self.channel_at(partner, ring), Ok)
    }

    /// Holds a root-signed statement, durably.
    pub(crate) fn keep(&mut self, control: &Control, bytes: &[u8]) -> Result<()> {
        self.store.keep(&[row(control, bytes)])?;
        self.remember(control.clone(), bytes);
        Ok(())
    }

    /// Holds a root-signed statement in memory; the caller made it durable.
    pub(crate) fn remember(&mut self, control: Control, bytes: &[u8]) {
        let entry = Entry::of(bytes);
        if !self.controls.iter().any(|(held, ..)| *held == entry) {
            self.controls.push((entry, control, bytes.to_vec()));
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        let control = match Control::verify(bytes, None) {
            Ok(control) => control,
            Err(fault) if fault.code != Code::PartyWrong => return Err(fault),
            Err(fault) => {
                // Not a credential: the root is that of a credential that came before.
                let roots = self.controls.iter().filter_map(|(_, control, _)| match control {
                    Control::Credential(credential) => Some(&credential.root),
                    _ => None,
                });
                let verified = roots.map(|root| read_control(bytes, root)).find(Result::is_ok);
                verified.unwrap_or(Err(fault))?
            }
        };
        self.remember(control, bytes);
        Ok(())
    }

    pub(crate) fn credentials_of(
        &self,
        party: &PartyId,
    ) -> impl Iterator<Item = (&Credential, Entry)> + use<'_> {
        let party = *party;
        self.controls.iter().filter_map(move |(entry, control, _)| match control {
            Control::Credential(credential) if credential.party == party => {
                Some((&**credential, *entry))
            }
            _ => None,
        })
    }

    pub(crate) fn control_bytes(&self, entry: &Entry) -> Option<&[u8]> {
        self.controls.iter().find(|(held, ..)| held == entry).map(|(.., bytes)| &bytes[..])
    }

    pub(crate) fn newest(&self, party: &PartyId) -> Result<(&Credential, Entry)> {
        let counts = self.credentials_of(party).filter(|(_, entry)| !self.is_ended(party, entry));
        let newest = counts.max_by_key(|(credential, _)| credential.version);
        newest.ok_or_else(|| Code::PeerUnknown.at(party.short()))
    }

    /// The credential with which our log of a channel began, or will begin: the one in force then.
    fn own_first(&self, channel: u32) -> Result<Credential> {
        let rows = self.store.controls_in(channel)?;
        let leaves = rows.iter().filter(|row| row.mine).map(|row| row.entry);
        let mut leaves = leaves.filter_map(|leaf| {
            let mut credentials = self.credentials_of(&self.me);
            credentials.find(|(_, entry)| *entry == leaf).map(|(credential, _)| credential)
        });
        leaves.next().map_or_else(|| self.credential().cloned(), |first| Ok(first.clone()))
    }

    fn accreditation(&self, peer: &PartyId) -> Option<&Accreditation> {
        self.controls.iter().find_map(|(_, control, _)| match control {
            Control::Accreditation(a) if a.by == self.me && a.peer == *peer => Some(a),
            _ => None,
        })
    }

    /// The credential of a peer that our accreditation names.
    fn accredited(&self, peer: &PartyId) -> Result<Credential> {
        let named = self.accreditation(peer).map(|accreditation| accreditation.credential);
        let mut credentials = self.credentials_of(peer);
        let found = credentials.find(|(_, entry)| Some(*entry) == named);
        found
            .map(|(credential, _)| credential.clone())
            .ok_or_else(|| Code::NotAccredited.at(peer.short()))
    }
}

/// Whether a batch carries a signature of ours: a head over its acts, or a cosignature.
fn signs(batch: &Batch) -> bool {
    let ours = |row: &CosignRow| row.owner == Owner::Peer;
    !batch.acts.is_empty() || batch.cosignatures.iter().any(ours)
}

fn row(control: &Control, bytes: &[u8]) -> ControlRow {
    ControlRow { entry: Entry::of(bytes), by: control.by(), bytes: bytes.to_vec() }
}
