//! The contract of every store, and the rows that cross it.

use counterpart_record::fault::Result;
use counterpart_record::hash::Hash;
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};

/// Whose log of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// Ours.
    Own,
    /// The peer's, as we mirror it.
    Peer,
}

/// A channel as it is kept. Sizes of logs are read from the heads and rows themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    /// Small number of this channel in this store.
    pub number: u32,
    /// The channel.
    pub channel: ChannelId,
    /// The other party.
    pub peer: PartyId,
    /// Whether it is a drill.
    pub drill: bool,
    /// Epoch of our log.
    pub epoch: u64,
    /// Epoch of the peer's log.
    pub peer_epoch: u64,
    /// The peer holds our log, statements and all, up to here (its word).
    pub peer_held: u64,
    /// We hold the peer's log, statements and all, up to here.
    pub held: u64,
    /// The most of our log that an act of the peer claims to have seen.
    pub peer_seen: u64,
    /// In which epoch of our log that was.
    pub peer_seen_epoch: u64,
}

/// One leaf of our own log with what it commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActRow {
    /// Index in our own log.
    pub index: u64,
    /// The entry.
    pub entry: Entry,
    /// Whether we are the author.
    pub mine: bool,
    /// An own act that a restored backup had lost and that the peer has given back.
    pub regained: bool,
    /// Index in the author's log, in the epoch that the act names.
    pub author_index: u64,
    /// Time of the author's official head, POSIX seconds.
    pub logged_at: u64,
    /// The matter; `None` for root-signed statements.
    pub matter: Option<MatterId>,
    /// What the rules said, as a short text.
    pub verdict: String,
    /// The statement.
    pub statement: Vec<u8>,
    /// Disclosure texts, joined by `~`. Emptied by erasure.
    pub disclosures: String,
}

/// An attachment that an act in our log of a channel names. Erasing a matter takes its rows away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachmentRow {
    /// Index of the act in our own log.
    pub index: u64,
    /// Its place among those of the act.
    pub place: u32,
    /// Names the sealed bytes.
    pub root: Hash,
    /// Size of the sealed bytes.
    pub size: u64,
    /// Whether we are the author of the act.
    pub mine: bool,
    /// The peer says that it has all of one of ours.
    pub taken: bool,
}

/// Where a leaf of the peer's log is in ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Its statement has not come yet.
    Missing,
    /// At this index of our own log.
    Own(u64),
    /// It came and was refused.
    Refused,
}

/// One leaf of the peer's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MirrorRow {
    /// Index in the peer's log.
    pub index: u64,
    /// The entry.
    pub entry: Entry,
    /// Where its statement is.
    pub place: Place,
}

/// A head, encoded as [`counterpart_record::head::Head::encode`] does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadRow {
    /// Whose.
    pub owner: Owner,
    /// Its size, the key.
    pub size: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A cosignature on a head: the peer's on ours, or ours on the peer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignRow {
    /// Whose head.
    pub owner: Owner,
    /// Its size.
    pub size: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// The hash of a complete subtree of 256, 65,536, ... leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeakRow {
    /// Whose log.
    pub owner: Owner,
    /// 8, 16, 24, ...
    pub level: u8,
    /// Index at that level.
    pub index: u64,
    /// The hash.
    pub hash: Hash,
}

/// A root-signed statement: of ourselves or of another party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Its entry.
    pub entry: Entry,
    /// Who signed it.
    pub by: PartyId,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Where a log ended and went on as a new one: what its owner's root-signed statement says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosingRow {
    /// Whose log.
    pub owner: Owner,
    /// The epoch that ended.
    pub ended: u64,
    /// The epoch that began.
    pub epoch: u64,
    /// How many leaves of the one are kept as the first ones of the other.
    pub kept: u64,
    /// The root over them.
    pub root: Hash,
    /// How far we held the log, statements and all, when it ended.
    pub held: u64,
    /// The statement.
    pub statement: Vec<u8>,
}

/// Leaves of one epoch of the peer's log, with the heads over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Of which epoch.
    pub epoch: u64,
    /// Its first leaf.
    pub from: u64,
    /// Behind its last leaf.
    pub to: u64,
}

/// A leaf of a closed epoch that the log of today does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedLeaf {
    /// Whose log.
    pub owner: Owner,
    /// The epoch that ended.
    pub epoch: u64,
    /// Index in that epoch's log.
    pub index: u64,
    /// The entry.
    pub entry: Entry,
    /// Where an act of the log's owner is in our own log, if it came before the epoch ended.
    pub own: Option<u64>,
}

/// A head over such leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedHead {
    /// Whose log.
    pub owner: Owner,
    /// The epoch that ended.
    pub epoch: u64,
    /// Its size.
    pub size: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The other party's cosignature on it, if there is one: ours on a head of the peer's.
    pub cosigned: Option<Vec<u8>>,
}

/// A matter whose text somebody here wants kept for longer. It is never logged and never sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetainRow {
    /// Which.
    pub matter: MatterId,
    /// Until then, POSIX seconds.
    pub until: u64,
    /// Why, in words of whoever set it.
    pub why: String,
    /// When it was set.
    pub set_at: u64,
}

/// All that is kept of the closed epochs of one log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// Closings, by the epochs that began.
    pub closings: Vec<ClosingRow>,
    /// Leaves, by epoch and index.
    pub leaves: Vec<ClosedLeaf>,
    /// Heads, by epoch and size.
    pub heads: Vec<ClosedHead>,
}

/// An open matter in the queue: a hint about when to look at it. All times in seconds (UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRow {
    /// Which.
    pub matter: MatterId,
    /// Its line of work.
    pub stream: String,
    /// No clock of it ends before. `None`: none runs.
    pub due: Option<u64>,
    /// No clock of it that concerns us ends before.
    pub ours: Option<u64>,
    /// No clock of it that is a duty ends before.
    pub duty: Option<u64>,
    /// When its clocks reach a mark or their end, in order.
    pub marks: Vec<u64>,
    /// Whether a clock stands still: then the times above are the earliest that can be.
    pub moving: bool,
    /// Nothing is expected of anybody any more, and a clock runs all the same.
    pub closed: bool,
    /// It is our turn.
    pub turn: bool,
    /// It goes before what does not press.
    pub presses: bool,
}

/// Up to where a channel was looked at for the queue, and by which program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocketMark {
    /// The version of the program.
    pub program: String,
    /// Epochs of our log and of the peer's.
    pub epochs: (u64, u64),
    /// Leaves of our log.
    pub own: u64,
    /// Leaves of the peer's log.
    pub peer: u64,
}

impl DocketMark {
    /// Whether the same logs only grew since, and are read by the same program.
    pub fn grew_into(&self, now: &DocketMark) -> bool {
        let same = (&self.program, self.epochs) == (&now.program, now.epochs);
        same && self.own <= now.own && self.peer <= now.peer
    }
}

/// What has changed in the queue of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Docketed {
    /// What was there is thrown away first.
    pub again: bool,
    /// Matters as they are now.
    pub open: Vec<OpenRow>,
    /// Matters that are no longer in it.
    pub shut: Vec<MatterId>,
    /// Up to where.
    pub mark: DocketMark,
}

/// The stop of a log of ours that has fallen behind itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The peer has shown what we signed in this epoch and do not know: nothing is signed until the
    /// log ends once more under a greater number.
    Begins(u64),
    /// It has ended.
    Ends,
}

/// Everything that one commit on one channel makes durable.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Which channel; see [`ChannelRow::number`].
    pub channel: u32,
    /// New leaves of our own log.
    pub acts: Vec<ActRow>,
    /// New leaves of the peer's log.
    pub mirror: Vec<MirrorRow>,
    /// Leaves of the peer's log whose statement has come now: index and place.
    pub placed: Vec<(u64, Place)>,
    /// Verdicts that changed: own index and text.
    pub verdicts: Vec<(u64, String)>,
    /// New heads of the peer.
    pub peer_heads: Vec<HeadRow>,
    /// New cosignatures.
    pub cosignatures: Vec<CosignRow>,
    /// Completed subtrees.
    pub peaks: Vec<PeakRow>,
    /// These subtrees stand in the place of all that are there.
    pub subtrees_again: bool,
    /// The channel as it is after.
    pub row: Option<ChannelRow>,
    /// A stop begins or ends here.
    pub stop: Option<Stop>,
    /// Root-signed statements that came.
    pub controls: Vec<Control>,
    /// Proofs of inconsistency.
    pub proofs: Vec<Vec<u8>>,
    /// Matters that do something by themselves, so that a node finds them without reading all.
    pub watched: Vec<MatterId>,
    /// What has changed in the queue.
    pub docket: Option<Docketed>,
    /// Attachments that the new acts name.
    pub attachments: Vec<AttachmentRow>,
    /// These stand in the place of all that are there.
    pub attachments_again: bool,
    /// The texts of these matters are taken away: those of acts before this index of our log.
    pub erased: Vec<(MatterId, u64)>,
    /// A log ends here.
    pub closing: Option<ClosingRow>,
    /// Leaves and heads of the peer's log that the one that goes on does not have, in order and to
    /// the end of the log.
    pub aside: Vec<Stretch>,
    /// Those of epochs that ended which it has again, in order, behind what is left of the log.
    pub again: Vec<Stretch>,
    /// Leaves of a closed epoch that the peer has given back, or shown once more of its own.
    pub closed_leaves: Vec<ClosedLeaf>,
    /// Heads over them.
    pub closed_heads: Vec<ClosedHead>,
}

/// What a node starts from.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Our own party id; `None` in a new store.
    pub party: Option<PartyId>,
    /// All root-signed statements, in the order in which they came.
    pub controls: Vec<Control>,
    /// All channels.
    pub channels: Vec<ChannelRow>,
    /// The store is a restored copy, and the epochs that this asks for are not all there yet.
    pub restored: bool,
    /// The store was brought up from an older format: what follows from acts and heads has to be
    /// made again.
    pub upgraded: bool,
}

/// Signs the head of our own log over entries that were read back from the store.
pub type SignHead<'a> = dyn FnMut(&[Entry]) -> Result<HeadRow> + 'a;

/// A store. Each verb is one transaction, durable when it returns.
pub trait Store: Send {
    /// What a node starts from.
    fn load(&self) -> Result<Loaded>;
    /// Writes our own party id into a new store.
    fn found(&mut self, party: &PartyId) -> Result<()>;
    /// Keeps root-signed statements outside any channel.
    fn keep(&mut self, controls: &[Control]) -> Result<()>;
    /// Opens a channel.
    fn open_channel(&mut self, row: &ChannelRow) -> Result<()>;
    /// One commit. If the batch has acts, their entries are read back from the store before `sign`
    /// is called with them, and the head it returns is kept in the same transaction.
    fn commit(&mut self, batch: &Batch, sign: &mut SignHead<'_>) -> Result<()>;

    /// Notes that the store is a restored copy, or that all that follows from it was done.
    fn mark_restored(&mut self, restored: bool) -> Result<()>;

    /// Notes what the peer of a channel said last of epochs that ended: what
    /// [`ChannelRow::peer_held`] is for the log of today. Empty forgets it.
    fn note_word(&mut self, channel: u32, word: &[u8]) -> Result<()>;
    /// What was noted so; empty if nothing.
    fn word(&self, channel: u32) -> Result<Vec<u8>>;

    /// Notes that after an upgrade all that follows from acts and heads was made again.
    fn upgraded(&mut self) -> Result<()>;

    /// Before an erasure (`true`): what is deleted is overwritten. After it: nothing that was
    /// deleted is left in any file of the store.
    fn scrub(&mut self, on: bool) -> Result<()>;

    /// Keeps the text of a matter for longer, in the place of what was said before; `None` takes
    /// that away.
    fn retain(&mut self, matter: &MatterId, row: Option<&RetainRow>) -> Result<()>;
    /// Every matter whose text is kept for longer.
    fn retained(&self) -> Result<Vec<RetainRow>>;
    /// Matters with text whose newest act has a time of at most `latest`.
    fn worded(&self, latest: u64) -> Result<Vec<(u32, MatterId)>>;

    /// The epoch by which our log of a channel has fallen behind itself, while it is stopped.
    fn behind(&self, channel: u32) -> Result<Option<u64>>;
    /// What is kept of the closed epochs of a log.
    fn closed(&self, channel: u32, owner: Owner) -> Result<Closed>;
    /// Leaves of a log, `from..to`.
    fn entries(&self, channel: u32, owner: Owner, from: u64, to: u64) -> Result<Vec<Entry>>;
    /// Places of the peer's leaves, `from..to`.
    fn mirror(&self, channel: u32, from: u64, to: u64) -> Result<Vec<MirrorRow>>;
    /// Where our leaf `index` is in the peer's log, if it is there.
    fn mirrored_at(&self, channel: u32, index: u64) -> Result<Option<u64>>;
    /// Number of leaves.
    fn size(&self, channel: u32, owner: Owner) -> Result<u64>;
    /// Own log rows `from..to`, at most until `bytes` of statements and disclosures are reached;
    /// with `mine`, only those whose author we are.
    fn acts(
        &self,
        channel: u32,
        from: u64,
        to: u64,
        bytes: usize,
        mine: bool,
    ) -> Result<Vec<ActRow>>;
    /// The root-signed statements in our log of a channel.
    fn controls_in(&self, channel: u32) -> Result<Vec<ActRow>>;
    /// Own statements that are not in the peer's log as far as we hold it: index and entry.
    fn in_flight(&self, channel: u32) -> Result<Vec<(u64, Entry)>>;
    /// All acts of a matter, in the order of our own log.
    fn matter(&self, channel: u32, matter: &MatterId) -> Result<Vec<ActRow>>;
    /// The matters with the newest acts (channel and matter), newest first, at most `limit`.
    fn matters(&self, limit: usize) -> Result<Vec<(u32, MatterId)>>;
    /// Attachments that acts of a channel name, in the order of our own log.
    fn attachments(&self, channel: u32) -> Result<Vec<AttachmentRow>>;
    /// The acts that name these sealed bytes, by channel.
    fn attachment(&self, root: &Hash) -> Result<Vec<(u32, AttachmentRow)>>;
    /// The peer of a channel has all of one of ours: a note for us, which proves nothing.
    fn note_taken(&mut self, channel: u32, root: &Hash) -> Result<()>;
    /// Every matter that was ever watched, by channel.
    fn watched(&self) -> Result<Vec<(u32, MatterId)>>;
    /// The queue of a channel as it was kept last, and up to where it was looked at.
    fn docket(&self, channel: u32) -> Result<Option<(DocketMark, Vec<OpenRow>)>>;
    /// The matters with acts from `own` on in our log, and those of our acts from `peer` on in the
    /// peer's.
    fn touched(&self, channel: u32, own: u64, peer: u64) -> Result<Vec<MatterId>>;
    /// The matters in which an act of the peer may say that it erased the text of this one, in the
    /// order of our own log: what each says is for the reader of its acts to tell.
    fn said_erased(&self, channel: u32, matter: &MatterId) -> Result<Vec<MatterId>>;
    /// Where in our log, from an index on, acts of ours may say that the text of a matter was
    /// erased, in order.
    fn own_erasures(&self, channel: u32, from: u64) -> Result<Vec<u64>>;
    /// Matters whose first eight bytes lie in a range, both ends included.
    fn matters_between(&self, first: u64, last: u64) -> Result<Vec<(u32, MatterId)>>;
    /// The official head for leaf `index`: the first with a size above it.
    fn head_over(&self, channel: u32, owner: Owner, index: u64) -> Result<Option<Vec<u8>>>;
    /// The head of exactly this size.
    fn head_at(&self, channel: u32, owner: Owner, size: u64) -> Result<Option<Vec<u8>>>;
    /// The newest head.
    fn head_newest(&self, channel: u32, owner: Owner) -> Result<Option<Vec<u8>>>;
    /// Heads with a size above `size`, smallest first, at most `limit`.
    fn heads_after(
        &self,
        channel: u32,
        owner: Owner,
        size: u64,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>>;
    /// The smallest cosigned head whose size is at least `size`: its cosignature.
    fn cosigned_from(&self, channel: u32, owner: Owner, size: u64) -> Result<Option<Vec<u8>>>;
    /// The newest cosignature on a head of `owner`.
    fn cosigned_newest(&self, channel: u32, owner: Owner) -> Result<Option<Vec<u8>>>;
    /// The hash of a complete subtree of at least 256 leaves.
    fn peak(&self, channel: u32, owner: Owner, level: u8, index: u64) -> Result<Option<Hash>>;
    /// All proofs of inconsistency.
    fn proofs(&self) -> Result<Vec<Vec<u8>>>;
    /// The store's own check of itself, page by page.
    fn check(&self) -> Result<()>;
}
