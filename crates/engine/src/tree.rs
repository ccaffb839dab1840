//! The tree over the leaves of a log, as the store has it: every eighth level of subtrees, and the
//! leaves.

use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::Entry;
use counterpart_record::log::{Frontier, Nodes, node};
use counterpart_store::{Owner, PeakRow, Store};

/// Adds leaves to a frontier and collects the subtrees that the store keeps.
pub fn grow(frontier: &mut Frontier, entries: &[Entry], owner: Owner) -> Vec<PeakRow> {
    let mut peaks = Vec::new();
    for entry in entries {
        frontier.append_with(entry.leaf(), |level, index, hash| {
            if level >= 8 && level % 8 == 0 {
                peaks.push(PeakRow { owner, level, index, hash });
            }
        });
    }
    peaks
}

/// The nodes of a log out of the store: subtrees of 256 leaves and more are kept, the rest is
/// hashed from at most 256 leaves.
pub struct Rows<'a> {
    /// The store.
    pub store: &'a dyn Store,
    /// Which channel.
    pub channel: u32,
    /// Whose log.
    pub owner: Owner,
}

impl Nodes for Rows<'_> {
    fn node(&self, level: u8, index: u64) -> Result<Hash> {
        let (kept, up) = (level / 8 * 8, level % 8);
        let (from, to) = (index << up, (index + 1) << up);
        let mut row: Vec<Hash> = Vec::with_capacity(1 << up);
        if kept == 0 {
            let entries = self.store.entries(self.channel, self.owner, from, to)?;
            row.extend(entries.iter().map(Entry::leaf));
        } else {
            for index in from..to {
                let hash = self.store.peak(self.channel, self.owner, kept, index)?;
                row.extend(hash);
            }
        }
        if row.len() as u64 != to - from {
            return Err(Code::StoreDamaged.at(format!("leaves under node {level}/{index}")));
        }
        while row.len() > 1 {
            row = row.chunks_exact(2).map(|pair| node(&pair[0], &pair[1])).collect();
        }
        row.pop().ok_or_else(|| Code::Internal.at("node"))
    }
}
