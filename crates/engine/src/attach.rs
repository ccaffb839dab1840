//! Attachments: which sealed bytes the acts name, who may have them, and what is here of them. The
//! bytes themselves are moved by whoever moves bytes; here is only what the record says of them.

use crate::node::Node;
use crate::view::ActView;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::PartyId;
use counterpart_record::keys::Ring;
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

    /// How many sealed bytes we take of each peer. Without this, [`limits::ATTACHMENT_PEER_BYTES`].
    ///
    /// [`limits::ATTACHMENT_PEER_BYTES`]: counterpart_record::limits::ATTACHMENT_PEER_BYTES
    pub fn set_attachment_quota(&mut self, bytes: u64) {
        self.attachment_quota = bytes;
        self.missing.clear();
    }

    /// How many sealed bytes the acts of a peer name that were not erased, and how many of them we
    /// take. Of those above, what comes later in its log is not asked for. ATT-8.
    pub fn attachment_use(&self, peer: &PartyId) -> Result<(u64, u64)> {
        let rows = self.rows(peer)?;
        let named = rows.iter().filter(|row| !row.mine).fold(0_u64, |sum, row| {
            // The sizes are the peer's word, each within its limit.
            sum.saturating_add(row.size)
        });
        Ok((named, self.attachment_quota))
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
            let trouble = self.trouble(&named.root);
            all.push(Shown { named, opening: opening.next(), presence, taken, trouble });
        }
        Ok(all)
    }

    /// The size of sealed bytes that this peer may have from us: an act of ours to it names them,
    /// or an act of its own that nobody else's names, and it lost them with an old backup. Nothing
    /// is told of others. ATT-8, ATT-11.
    pub fn may_fetch(&self, peer: &PartyId, root: &Hash) -> Result<Option<u64>> {
        let rows = self.store.attachment(root)?;
        let of_peer = |number| self.numbers(peer).any(|other| other == number);
        if crate::planted::is("bytes-for-anybody") {
            return Ok(rows.first().map(|(_, row)| row.size));
        }
        let ours = rows.iter().find(|(number, row)| row.mine && of_peer(*number));
        // Whoever names what is another's gets nothing by it.
        let alone = rows.iter().all(|(number, row)| !row.mine && of_peer(*number));
        let theirs = rows.first().filter(|_| alone);
        let theirs = theirs.filter(|(_, row)| self.presence(root, row.size) == Presence::Whole);
        Ok(ours.or(theirs).map(|(_, row)| row.size))
    }

    /// The size of sealed bytes that we take from this peer: an act of its names them, or one of
    /// ours to it, and we lost them. ATT-8, ATT-11.
    pub fn may_offer(&mut self, peer: &PartyId, root: &Hash) -> Result<Option<u64>> {
        self.look_for(peer)?;
        let awaited = self.missing.get(peer).and_then(|all| all.iter().find(|one| one.0 == *root));
        if let Some((_, size)) = awaited {
            return Ok(Some(*size));
        }
        // It is here already, and the peer is told so.
        let rows = self.store.attachment(root)?;
        let of_peer = |number| self.numbers(peer).any(|other| other == number);
        let found = rows.iter().find(|(number, _)| of_peer(*number));
        let here = found.filter(|(_, row)| self.presence(root, row.size) == Presence::Whole);
        Ok(here.map(|(_, row)| row.size))
    }

    /// Sealed bytes that are not here and that a peer may have: those that its acts name, in the
    /// order of the acts, then those of ours that it holds and we lost (ATT-11). The disk is looked
    /// at where an act has come since, or `afresh`; otherwise this costs nothing.
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
        let lacks = |row: &&AttachmentRow| self.presence(&row.root, row.size) != Presence::Whole;
        let theirs = within(rows.iter().filter(|row| !row.mine), self.attachment_quota);
        let keeps = self.blobs.is_some() && !crate::planted::is("lost-not-asked-back");
        let lost = rows.iter().filter(|row| row.mine && keeps);
        let missing = theirs.filter(lacks).chain(lost.filter(lacks));
        let missing = missing.map(|row| (row.root, row.size)).collect();
        self.missing.insert(*peer, missing);
        Ok(())
    }

    /// Sealed bytes that a peer may lack and that it has not said it has: those that acts of ours
    /// name which it holds; and where a log of its ended, all that acts between us name, until it
    /// has said of each once more that it is there (ATT-11).
    pub fn owed(&self, peer: &PartyId) -> Result<Vec<(Hash, u64)>> {
        let mut owed = Vec::new();
        for channel in self.channels.iter().filter(|channel| channel.row.peer == *peer) {
            // Before it holds the act, it does not know what they are.
            let held = channel.row.peer_held;
            let lost = !channel.peer.line.is_whole();
            for row in self.store.attachments(channel.row.number)? {
                let said = self.told.contains(&(channel.row.number, row.root));
                let open = if lost { !said } else { row.mine && !row.taken };
                if open && row.index < held && self.gives(peer, &row)? {
                    owed.push((row.root, row.size));
                }
            }
        }
        Ok(owed)
    }

    /// Whether we may give it, and have it where it is the peer's own.
    fn gives(&self, peer: &PartyId, row: &AttachmentRow) -> Result<bool> {
        Ok(row.mine || self.may_fetch(peer, &row.root)?.is_some())
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
            self.told.insert((number, *root));
            self.store.note_taken(number, root)?;
        }
        Ok(())
    }

    /// Why sealed bytes that came last were refused; none if they held.
    pub fn trouble(&self, root: &Hash) -> Option<Code> {
        self.troubled.get(root).copied()
    }

    /// Notes for a person that sealed bytes came wrong, or (none) that they did not this time.
    pub fn note_trouble(&mut self, root: Hash, code: Option<Code>) {
        match code {
            Some(_) if crate::planted::is("wrong-bytes-unsaid") => None,
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

    /// The numbers of the channels with a peer.
    pub(crate) fn numbers(&self, peer: &PartyId) -> impl Iterator<Item = u32> {
        let of_peer = self.channels.iter().filter(move |channel| channel.row.peer == *peer);
        of_peer.map(|channel| channel.row.number)
    }

    /// What acts between us and a peer name, each once.
    fn rows(&self, peer: &PartyId) -> Result<Vec<AttachmentRow>> {
        let mut all = Vec::new();
        for number in self.numbers(peer) {
            all.extend(self.store.attachments(number)?);
        }
        let mut seen = HashSet::new();
        all.retain(|row| seen.insert(row.root));
        Ok(all)
    }

    fn presence(&self, root: &Hash, size: u64) -> Presence {
        self.blobs.as_ref().map_or(Presence::None, |blobs| blobs.presence(root, size))
    }

    /// Whether sealed bytes are here: an act that names others is not made. ATT-9.
    pub fn has(&self, root: &Hash, size: u64) -> Result<()> {
        match self.presence(root, size) {
            Presence::Whole => Ok(()),
            _ => Err(Code::AttachmentMissing.at(counterpart_record::id::hex(root))),
        }
    }
}

/// Those of a peer that we take, up to so many bytes: a peer that attaches without end fills its
/// share of the disk and no more.
fn within<'a>(
    rows: impl Iterator<Item = &'a AttachmentRow>,
    most: u64,
) -> impl Iterator<Item = &'a AttachmentRow> {
    let mut sum = 0_u64;
    rows.take_while(move |row| {
        sum = sum.saturating_add(row.size);
        sum <= most
    })
}
