//! Attachments: which sealed bytes the acts name, who may have them, and what is here of them. The
//! bytes themselves are moved by whoever moves bytes; here is only what the record says of them.

use crate::node::Node;
use crate::view::ActView;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::PartyId;
use counterpart_record::keys::Ring;
use counterpart_record::limits;
use counterpart_rules::flow::Flow;
use counterpart_rules::form::{Attached, Attachment};
use counterpart_store::{AttachmentRow, Blobs, Presence};
use std::collections::HashSet;

/// An attachment as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What the act says of it in clear.
    pub named: Attachment,
    /// What opens it; none where that was erased, or never came.
    pub opening: Option<Attached>,
    /// How much of the sealed bytes is here.
    pub presence: Presence,
    /// Ours, and the peer says that it has all of it.
    pub taken: bool,
    /// What came last did not hold, and was refused.
    pub trouble: Option<Code>,
}

impl Node {
    /// Where sealed bytes lie. Without it this node names attachments and has none.
    pub fn keep_blobs(&mut self, blobs: Blobs) {
        self.blobs = Some(blobs);
    }

    /// Where sealed bytes lie.
    pub fn blobs(&self) -> Option<&Blobs> {
        self.blobs.as_ref()
    }

    /// The attachments of an act.
    pub fn attachments_of(&self, flow: &Flow, act: &ActView) -> Result<Vec<Shown>> {
        let Some(kind) = flow.kind(&act.kind) else { return Ok(Vec::new()) };
        let disclosed = act.disclosed.iter().map(|one| (one.name.as_str(), &one.value));
        let mut opening = kind.attached(disclosed).into_iter();
        let mut all = Vec::new();
        for named in kind.attachments(&act.body) {
            let rows = self.store.attachment(&named.root)?;
            let presence = self.presence(&named.root, named.size);
            let taken = rows.iter().any(|(_, row)| row.mine && row.taken);
            let trouble = self.troubled.get(&named.root).copied();
            all.push(Shown { named, opening: opening.next(), presence, taken, trouble });
        }
        Ok(all)
    }

    /// The size of sealed bytes that this peer may have from us: an act of ours to it names them.
    /// Nothing is told of others. ATT-8.
    pub fn may_fetch(&self, peer: &PartyId, root: &Hash) -> Result<Option<u64>> {
        let rows = self.store.attachment(root)?;
        let of_peer = |number| self.numbers(peer).any(|other| other == number);
        let found = rows.iter().find(|(number, row)| row.mine && of_peer(*number));
        Ok(found.map(|(_, row)| row.size))
    }

    /// The size of sealed bytes that we take from this peer: an act of its names them. ATT-8.
    pub fn may_offer(&mut self, peer: &PartyId, root: &Hash) -> Result<Option<u64>> {
        self.look_for(peer)?;
        let awaited = self.missing.get(peer).and_then(|all| all.iter().find(|one| one.0 == *root));
        if let Some((_, size)) = awaited {
            return Ok(Some(*size));
        }
        // It is here already, and the peer is told so.
        let rows = self.store.attachment(root)?;
        let of_peer = |number| self.numbers(peer).any(|other| other == number);
        let found = rows.iter().find(|(number, row)| !row.mine && of_peer(*number));
        let here = found.filter(|(_, row)| self.presence(root, row.size) == Presence::Whole);
        Ok(here.map(|(_, row)| row.size))
    }

    /// Sealed bytes that acts of a peer name and that are not here, in the order of the acts. The
    /// disk is looked at where an act has come since, or `afresh`; otherwise this costs nothing.
    pub fn awaited(&mut self, peer: &PartyId, afresh: bool) -> Result<Vec<(Hash, u64)>> {
        if afresh {
            self.missing.remove(peer);
        }
        self.look_for(peer)?;
        Ok(self.missing.get(peer).cloned().unwrap_or_default())
    }

    /// Sealed bytes of a peer are here now.
    pub fn note_here(&mut self, peer: &PartyId, root: &Hash) {
        if let Some(missing) = self.missing.get_mut(peer) {
            missing.retain(|(other, _)| other != root);
        }
        self.troubled.remove(root);
    }

    fn look_for(&mut self, peer: &PartyId) -> Result<()> {
        if self.missing.contains_key(peer) {
            return Ok(());
        }
        let rows = self.rows(peer)?;
        let missing = within(&rows).filter(|r| self.presence(&r.root, r.size) != Presence::Whole);
        let missing = missing.map(|row| (row.root, row.size)).collect();
        self.missing.insert(*peer, missing);
        Ok(())
    }

    /// Sealed bytes that acts of ours name which the peer holds, and that it has not said it has.
    pub fn owed(&self, peer: &PartyId) -> Result<Vec<(Hash, u64)>> {
        let mut owed = Vec::new();
        for channel in self.channels.iter().filter(|channel| channel.row.peer == *peer) {
            // Before it holds the act, it does not know what they are.
            let held = channel.row.peer_held;
            let rows = self.store.attachments(channel.row.number)?;
            let open = rows.iter().filter(|row| row.mine && !row.taken && row.index < held);
            owed.extend(open.map(|row| (row.root, row.size)));
        }
        Ok(owed)
    }

    /// Sealed bytes that acts of ours on a channel name and that the peer has not said it has: what
    /// goes along by hand, with the acts or after them.
    pub fn open_to(&self, peer: &PartyId, ring: Ring) -> Result<Vec<(Hash, u64)>> {
        let channel = &self.channels[self.channel_at(peer, ring)?];
        let rows = self.store.attachments(channel.row.number)?;
        let open = rows.iter().filter(|row| row.mine && !row.taken);
        Ok(open.map(|row| (row.root, row.size)).collect())
    }

    /// The peer says that it has all of one of ours. It proves nothing, and is noted for us.
    pub fn note_taken(&mut self, peer: &PartyId, root: &Hash) -> Result<()> {
        let numbers: Vec<u32> = self.numbers(peer).collect();
        for number in numbers {
            self.store.note_taken(number, root)?;
        }
        Ok(())
    }

    /// Notes for a person that sealed bytes came wrong, or (none) that they did not this time.
    pub fn note_trouble(&mut self, root: Hash, code: Option<Code>) {
        match code {
            Some(code) => self.troubled.insert(root, code),
            None => self.troubled.remove(&root),
        };
    }

    /// Every attachment that an act names and that was not erased: root, size, and whether it is
    /// ours. What is ours must be here.
    pub fn named(&self) -> Result<Vec<(Hash, u64, bool)>> {
        let mut all = Vec::new();
        for channel in &self.channels {
            let rows = self.store.attachments(channel.row.number)?;
            all.extend(rows.iter().map(|row| (row.root, row.size, row.mine)));
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    fn numbers(&self, peer: &PartyId) -> impl Iterator<Item = u32> {
        let of_peer = self.channels.iter().filter(move |channel| channel.row.peer == *peer);
        of_peer.map(|channel| channel.row.number)
    }

    /// What acts of a peer name, each once.
    fn rows(&self, peer: &PartyId) -> Result<Vec<AttachmentRow>> {
        let mut all = Vec::new();
        for number in self.numbers(peer) {
            let rows = self.store.attachments(number)?;
            all.extend(rows.into_iter().filter(|row| !row.mine));
        }
        let mut seen = HashSet::new();
        all.retain(|row| seen.insert(row.root));
        Ok(all)
    }

    fn presence(&self, root: &Hash, size: u64) -> Presence {
        self.blobs.as_ref().map_or(Presence::None, |blobs| blobs.presence(root, size))
    }

    /// Whether sealed bytes are here: an act that names others is not made. ATT-9.
    pub fn has(&self, attachment: &Attachment) -> Result<()> {
        match self.presence(&attachment.root, attachment.size) {
            Presence::Whole => Ok(()),
            _ => Err(Code::AttachmentMissing.at(counterpart_record::id::hex(&attachment.root))),
        }
    }
}

/// Those of a peer that we take: a peer that attaches without end fills its share of the disk and
/// no more.
fn within(rows: &[AttachmentRow]) -> impl Iterator<Item = &AttachmentRow> {
    let mut sum = 0_u64;
    rows.iter().take_while(move |row| {
        sum = sum.saturating_add(row.size);
        sum <= limits::ATTACHMENT_PEER_BYTES
    })
}
