//! A disk that outlives its node: a store in memory behind a handle, with a journal of every write.
//! From the journal it can be copied, put back to an earlier day, or damaged. On order the next
//! commit fails before it happened, or after it happened.

use crate::trouble::Trouble;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_store::verbs::SignHead;
use counterpart_store::{
    ActRow, AttachmentRow, Batch, ChannelRow, Closed, Control, DocketMark, HeadRow, Loaded,
    MirrorRow, OpenRow, Owner, RetainRow, Sqlite, Store,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One write as it reached the disk.
#[derive(Clone)]
pub enum Write {
    /// [`Store::found`].
    Found(PartyId),
    /// [`Store::keep`].
    Keep(Vec<Control>),
    /// [`Store::open_channel`].
    Open(ChannelRow),
    /// [`Store::mark_restored`].
    Mark(bool),
    /// [`Store::note_word`].
    Word(u32, Vec<u8>),
    /// [`Store::commit`], with the head that was signed in it.
    Commit(Box<Batch>, Option<HeadRow>),
}

/// A handle on a disk. Clones are the same disk.
#[derive(Clone)]
pub struct Disk(Arc<Mutex<Platter>>);

struct Platter {
    store: Sqlite,
    journal: Vec<Write>,
    armed: Option<Trouble>,
    fired: Option<Trouble>,
    full: bool,
}

impl Disk {
    /// An empty disk.
    pub fn new() -> Result<Disk> {
        Disk::written(&[])
    }

    /// A disk with these writes on it.
    pub fn written(writes: &[Write]) -> Result<Disk> {
        let store = Sqlite::in_memory()?;
        let platter = Platter { store, journal: Vec::new(), armed: None, fired: None, full: false };
        let mut disk = Disk(Arc::new(Mutex::new(platter)));
        for write in writes {
            match write {
                Write::Found(party) => disk.found(party)?,
                Write::Keep(controls) => disk.keep(controls)?,
                Write::Open(row) => disk.open_channel(row)?,
                Write::Mark(restored) => disk.mark_restored(*restored)?,
                Write::Word(channel, word) => disk.note_word(*channel, word)?,
                Write::Commit(batch, head) => {
                    let again = || Code::Internal.at("a journal without the head that was signed");
                    disk.commit(batch, &mut |_: &[Entry]| head.clone().ok_or_else(again))?;
                }
            }
        }
        Ok(disk)
    }

    /// Every write so far.
    pub fn journal(&self) -> Vec<Write> {
        self.lock().journal.clone()
    }

    /// A copy of the disk as it is now.
    pub fn copy(&self) -> Result<Disk> {
        Disk::written(&self.journal())
    }

    /// The next commit meets this.
    pub fn arm(&self, trouble: Trouble) {
        self.lock().armed = Some(trouble);
    }

    /// From now on nothing more can be written, or it can again.
    pub fn set_full(&self, full: bool) {
        self.lock().full = full;
    }

    /// What the node was told since the last call: it must end now and start again from here.
    pub fn fired(&self) -> Option<Trouble> {
        self.lock().fired.take()
    }

    /// Nothing waits to go wrong any more.
    pub fn calm(&self) {
        let mut platter = self.lock();
        (platter.armed, platter.fired, platter.full) = (None, None, false);
    }

    fn lock(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Platter {
    fn trouble(&mut self, trouble: Trouble) -> Fault {
        self.fired = Some(trouble);
        Code::Io.at(trouble.name())
    }

    fn write(&mut self, batch: &Batch, sign: &mut SignHead<'_>) -> Result<()> {
        let mut head = None;
        self.store.commit(batch, &mut |read: &[Entry]| {
            let signed = sign(read)?;
            head = Some(signed.clone());
            Ok(signed)
        })?;
        self.journal.push(Write::Commit(Box::new(batch.clone()), head));
        Ok(())
    }
}

impl Store for Disk {
    fn load(&self) -> Result<Loaded> {
        self.lock().store.load()
    }

    fn found(&mut self, party: &PartyId) -> Result<()> {
        let mut platter = self.lock();
        platter.store.found(party)?;
        platter.journal.push(Write::Found(*party));
        Ok(())
    }

    fn keep(&mut self, controls: &[Control]) -> Result<()> {
        let mut platter = self.lock();
        platter.store.keep(controls)?;
        platter.journal.push(Write::Keep(controls.to_vec()));
        Ok(())
    }

    fn open_channel(&mut self, row: &ChannelRow) -> Result<()> {
        let mut platter = self.lock();
        platter.store.open_channel(row)?;
        platter.journal.push(Write::Open(row.clone()));
        Ok(())
    }

    fn commit(&mut self, batch: &Batch, sign: &mut SignHead<'_>) -> Result<()> {
        let mut platter = self.lock();
        if platter.full {
            return Err(platter.trouble(Trouble::DiskFull));
        }
        match platter.armed.take() {
            Some(trouble @ (Trouble::WriteFails | Trouble::KillBeforeCommit)) => {
                Err(platter.trouble(trouble))
            }
            Some(trouble) => {
                platter.write(batch, sign)?;
                Err(platter.trouble(trouble))
            }
            None => platter.write(batch, sign),
        }
    }

    fn mark_restored(&mut self, restored: bool) -> Result<()> {
        let mut platter = self.lock();
        platter.store.mark_restored(restored)?;
        platter.journal.push(Write::Mark(restored));
        Ok(())
    }

    fn note_word(&mut self, channel: u32, word: &[u8]) -> Result<()> {
        let mut platter = self.lock();
        platter.store.note_word(channel, word)?;
        platter.journal.push(Write::Word(channel, word.to_vec()));
        Ok(())
    }

    fn word(&self, channel: u32) -> Result<Vec<u8>> {
        self.lock().store.word(channel)
    }

    fn upgraded(&mut self) -> Result<()> {
        self.lock().store.upgraded()
    }

    fn scrub(&mut self, on: bool) -> Result<()> {
        self.lock().store.scrub(on)
    }

    fn retain(&mut self, matter: &MatterId, row: Option<&RetainRow>) -> Result<()> {
        self.lock().store.retain(matter, row)
    }

    fn retained(&self) -> Result<Vec<RetainRow>> {
        self.lock().store.retained()
    }

    fn worded(&self, latest: u64) -> Result<Vec<(u32, MatterId)>> {
        self.lock().store.worded(latest)
    }

    fn behind(&self, channel: u32) -> Result<Option<u64>> {
        self.lock().store.behind(channel)
    }

    fn closed(&self, channel: u32, owner: Owner) -> Result<Closed> {
        self.lock().store.closed(channel, owner)
    }

    fn entries(&self, channel: u32, owner: Owner, from: u64, to: u64) -> Result<Vec<Entry>> {
        self.lock().store.entries(channel, owner, from, to)
    }

    fn mirror(&self, channel: u32, from: u64, to: u64) -> Result<Vec<MirrorRow>> {
        self.lock().store.mirror(channel, from, to)
    }

    fn mirrored_at(&self, channel: u32, index: u64) -> Result<Option<u64>> {
        self.lock().store.mirrored_at(channel, index)
    }

    fn size(&self, channel: u32, owner: Owner) -> Result<u64> {
        self.lock().store.size(channel, owner)
    }

    fn acts(
        &self,
        channel: u32,
        from: u64,
        to: u64,
        bytes: usize,
        mine: bool,
    ) -> Result<Vec<ActRow>> {
        self.lock().store.acts(channel, from, to, bytes, mine)
    }

    fn controls_in(&self, channel: u32) -> Result<Vec<ActRow>> {
        self.lock().store.controls_in(channel)
    }

    fn in_flight(&self, channel: u32) -> Result<Vec<(u64, Entry)>> {
        self.lock().store.in_flight(channel)
    }

    fn matter(&self, channel: u32, matter: &MatterId) -> Result<Vec<ActRow>> {
        self.lock().store.matter(channel, matter)
    }

    fn matters(&self, limit: usize) -> Result<Vec<(u32, MatterId)>> {
        self.lock().store.matters(limit)
    }

    fn watched(&self) -> Result<Vec<(u32, MatterId)>> {
        self.lock().store.watched()
    }

    fn docket(&self, channel: u32) -> Result<Option<(DocketMark, Vec<OpenRow>)>> {
        self.lock().store.docket(channel)
    }

    fn touched(&self, channel: u32, own: u64, peer: u64) -> Result<Vec<MatterId>> {
        self.lock().store.touched(channel, own, peer)
    }

    fn attachments(&self, channel: u32) -> Result<Vec<AttachmentRow>> {
        self.lock().store.attachments(channel)
    }

    fn attachment(&self, root: &Hash) -> Result<Vec<(u32, AttachmentRow)>> {
        self.lock().store.attachment(root)
    }

    fn note_taken(&mut self, channel: u32, root: &Hash) -> Result<()> {
        self.lock().store.note_taken(channel, root)
    }

    fn said_erased(&self, channel: u32, matter: &MatterId) -> Result<Vec<MatterId>> {
        self.lock().store.said_erased(channel, matter)
    }

    fn own_erasures(&self, channel: u32, from: u64) -> Result<Vec<u64>> {
        self.lock().store.own_erasures(channel, from)
    }

    fn matters_between(&self, first: u64, last: u64) -> Result<Vec<(u32, MatterId)>> {
        self.lock().store.matters_between(first, last)
    }

    fn head_over(&self, channel: u32, owner: Owner, index: u64) -> Result<Option<Vec<u8>>> {
        self.lock().store.head_over(channel, owner, index)
    }

    fn head_at(&self, channel: u32, owner: Owner, size: u64) -> Result<Option<Vec<u8>>> {
        self.lock().store.head_at(channel, owner, size)
    }

    fn head_newest(&self, channel: u32, owner: Owner) -> Result<Option<Vec<u8>>> {
        self.lock().store.head_newest(channel, owner)
    }

    fn heads_after(
        &self,
        channel: u32,
        owner: Owner,
        size: u64,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>> {
        self.lock().store.heads_after(channel, owner, size, limit)
    }

    fn cosigned_from(&self, channel: u32, owner: Owner, size: u64) -> Result<Option<Vec<u8>>> {
        self.lock().store.cosigned_from(channel, owner, size)
    }

    fn cosigned_newest(&self, channel: u32, owner: Owner) -> Result<Option<Vec<u8>>> {
        self.lock().store.cosigned_newest(channel, owner)
    }

    fn peak(&self, channel: u32, owner: Owner, level: u8, index: u64) -> Result<Option<Hash>> {
        self.lock().store.peak(channel, owner, level, index)
    }

    fn proofs(&self) -> Result<Vec<Vec<u8>>> {
        self.lock().store.proofs()
    }

    fn check(&self) -> Result<()> {
        self.lock().store.check()
    }
}
