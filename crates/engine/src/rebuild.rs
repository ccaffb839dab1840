//! Everything that follows from acts and heads, made once more from them: subtrees, places and
//! verdicts. What is there is compared first, so that an operator learns whether anything differed.

use crate::channel::Channel;
use crate::fsck::Checked;
use crate::matter::{ORPHANED, entered_names, named};
use crate::node::Node;
use crate::stored::reread_coded;
use crate::tree::grow;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::Entry;
use counterpart_record::log::Frontier;
use counterpart_store::{ActRow, AttachmentRow, Batch, OpenRow, Owner, PeakRow, Place};
use std::collections::HashMap;

/// What was made again, and how much of it was not as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Subtrees of both logs of all channels.
    pub subtrees: u64,
    /// Places of the peers' leaves in our logs.
    pub places: u64,
    /// Verdicts.
    pub verdicts: u64,
    /// Lines of the docket: open matters.
    pub open: u64,
    /// Attachments that acts name.
    pub attachments: u64,
    /// How many of all these differed, byte for byte.
    pub differed: u64,
}

/// Leaves read at once.
const PAGE: u64 = 65_536;

/// In how many lines two queues of a channel differ.
fn differing(known: &[OpenRow], again: &[OpenRow]) -> u64 {
    let lacks = |of: &[OpenRow], line: &&OpenRow| !of.contains(line);
    let gone = known.iter().filter(|line| !again.iter().any(|one| one.matter == line.matter));
    (again.iter().filter(|line| lacks(known, line)).count() + gone.count()) as u64
}

impl Node {
    /// Makes what follows from acts and heads again, and writes what differs.
    /// [`Code::StoreDamaged`] if acts or heads themselves do not hold: then a backup is the way.
    pub fn rebuild(&mut self) -> Result<Rebuilt> {
        let checked = self.fsck_truth()?;
        if let Some(fault) = checked.faults.first() {
            return Err(fault.clone());
        }
        let mut rebuilt = Rebuilt::default();
        // What is damaged may be what it reads: then it is made again from what was mended.
        let read = self.read_whole_docket().is_ok();
        for at in 0..self.channels.len() {
            let channel = &self.channels[at];
            let mut batch = self.batch(at);
            let before = rebuilt.differed;
            self.subtrees(channel, &mut batch, &mut rebuilt)?;
            self.places(channel, &mut batch, &mut rebuilt)?;
            self.attachments_again(channel, &mut batch, &mut rebuilt)?;
            let judged = self.judged(channel, &mut Checked::default())?;
            rebuilt.verdicts += judged.count;
            rebuilt.differed += (judged.wrong.len() + judged.unwatched.len()) as u64;
            (batch.verdicts, batch.watched) = (judged.wrong, judged.unwatched);
            if rebuilt.differed > before {
                let (row, time) = (channel.row.clone(), self.time_of(at));
                batch.subtrees_again = true;
                // A crash before this line: as it was. After it: as it should be.
                self.commit(at, batch, time)?;
                self.reload_channel(at, row)?;
            }
        }
        self.docket_again(read, &mut rebuilt)?;
        Ok(rebuilt)
    }

    /// The docket from nothing; with `read`, the one that is there had been brought up to date.
    fn docket_again(&mut self, read: bool, out: &mut Rebuilt) -> Result<()> {
        self.channels.iter().for_each(Channel::forget_deeds);
        let numbers: Vec<u32> = self.channels.iter().map(|channel| channel.row.number).collect();
        let known: Vec<Vec<OpenRow>> =
            numbers.iter().map(|number| self.docket.forget(*number)).collect();
        self.read_whole_docket()?;
        for (at, known) in known.iter().enumerate() {
            let again = self.docket.of(numbers[at]);
            let differed = if read { differing(known, &again) } else { again.len() as u64 };
            out.open += again.len() as u64;
            out.differed += differed;
            if differed > 0 {
                // A crash before this line: the next look makes it again.
                self.commit(at, self.batch(at), self.time_of(at))?;
            }
        }
        Ok(())
    }

    /// The rows of all acts whose text was not erased. That a peer has one is a note, and is kept.
    fn attachments_again(
        &self,
        channel: &Channel,
        batch: &mut Batch,
        out: &mut Rebuilt,
    ) -> Result<()> {
        const STEP: usize = 4 * 1024 * 1024;
        let number = channel.row.number;
        let known = self.store.attachments(number)?;
        let (mut from, size) = (0, self.store.size(number, Owner::Own)?);
        let mut again: Vec<AttachmentRow> = Vec::new();
        while from < size {
            let rows = self.store.acts(number, from, size, STEP, false)?;
            let Some(last) = rows.last() else { break };
            from = last.index + 1;
            let whole = |row: &&ActRow| row.matter.is_some() && !row.disclosures.is_empty();
            for row in rows.iter().filter(whole).filter(|row| row.verdict != ORPHANED) {
                let payload = reread_coded(row)?.payload;
                let names = if channel.one_sided { entered_names } else { named };
                again.extend(names(&payload, row.index, row.mine));
            }
        }
        for row in &mut again {
            row.taken = known.iter().any(|one| one.root == row.root && one.taken);
        }
        out.attachments += again.len() as u64;
        let lacks = |of: &[AttachmentRow], row: &&AttachmentRow| !of.contains(row);
        let differed = again.iter().filter(|row| lacks(&known, row)).count()
            + known.iter().filter(|row| lacks(&again, row)).count();
        out.differed += differed as u64;
        (batch.attachments, batch.attachments_again) = (again, true);
        Ok(())
    }

    /// All subtrees go into the batch; they replace those that are there if anything is written.
    fn subtrees(&self, channel: &Channel, batch: &mut Batch, out: &mut Rebuilt) -> Result<()> {
        let number = channel.row.number;
        for owner in [Owner::Own, Owner::Peer] {
            let mut frontier = Frontier::new();
            let (mut from, size) = (0, self.store.size(number, owner)?);
            while from < size {
                let entries = self.store.entries(number, owner, from, size.min(from + PAGE))?;
                from += entries.len() as u64;
                for peak in grow(&mut frontier, &entries, owner) {
                    let PeakRow { level, index, hash, .. } = peak;
                    let held = self.store.peak(number, owner, level, index)?;
                    out.subtrees += 1;
                    out.differed += u64::from(held != Some(hash));
                    batch.peaks.push(peak);
                }
                if entries.is_empty() {
                    return Err(Code::StoreDamaged.at(format!("leaf {from} of channel {number}")));
                }
            }
        }
        Ok(())
    }

    /// Where each leaf of the peer's log that we hold lies in ours, or that it was refused.
    fn places(&self, channel: &Channel, batch: &mut Batch, out: &mut Rebuilt) -> Result<()> {
        let number = channel.row.number;
        let mut places: HashMap<Entry, Place> = HashMap::new();
        let size = self.store.size(number, Owner::Own)?;
        let mut from = 0;
        while from < size {
            let rows = self.store.acts(number, from, size, 4 << 20, false)?;
            let Some(last) = rows.last() else { break };
            from = last.index + 1;
            for row in &rows {
                places.insert(row.entry, Place::Own(row.index));
                if row.mine && row.matter.is_some() {
                    let payload = reread_coded(row)?.payload;
                    let rules = (payload.rules.as_str(), payload.kind.as_str());
                    let refused = counterpart_rules::flow::refused_entry(rules, &payload.body);
                    refused.map(|entry| places.entry(entry).or_insert(Place::Refused));
                }
            }
        }
        for leaf in self.store.mirror(number, 0, channel.row.held)? {
            let right = places.get(&leaf.entry).copied();
            let right = right.ok_or_else(|| Code::StoreDamaged.at("a leaf that we hold"))?;
            out.places += 1;
            if leaf.place != right {
                out.differed += 1;
                batch.placed.push((leaf.index, right));
            }
        }
        Ok(())
    }

    /// Whether the roots of the heads follow from the leaves: what all else is made from.
    fn fsck_truth(&self) -> Result<Checked> {
        let mut checked = Checked::default();
        self.check_list(&mut checked.faults)?;
        for channel in &self.channels {
            self.check_logs(channel, &mut checked)?;
            self.judged(channel, &mut checked)?;
        }
        Ok(checked)
    }
}
