//! Under which credentials of a log's owner something may be signed: those that we hold, those that
//! lie in our log, and those that a parcel carries beside what was lost.

use crate::bundle::Bundle;
use crate::channel::{Channel, read_control};
use crate::node::Node;
use counterpart_record::fault::Result;
use counterpart_record::id::Entry;
use counterpart_record::parcel::{Carried, Epochs};
use counterpart_record::party::{Control, Credential};
use counterpart_store::Owner;
use std::collections::HashSet;

/// Credentials of one party by their versions. Within one epoch of a log its keys only go forward,
/// so that none is tried again for a later head: whoever shows many heads under many credentials
/// makes us verify as many signatures as there are of both together, and not of each with each.
/// REC-57
pub(crate) struct InOrder<T = Credential> {
    all: Vec<T>,
    at: usize,
}

impl<T: PartialEq> InOrder<T> {
    pub fn of(mut all: Vec<T>, version: impl Fn(&T) -> u64) -> InOrder<T> {
        all.sort_by_key(version);
        all.dedup();
        InOrder { all, at: 0 }
    }

    /// Whether the credential that signed the thing before, or a newer one, is good for the next.
    pub fn signed(&mut self, good: impl FnMut(&T) -> bool) -> bool {
        let found = self.all[self.at..].iter().position(good);
        self.at = found.map_or(self.all.len(), |further| self.at + further);
        found.is_some()
    }
}

impl Node {
    /// Every credential of the owner of a log that we hold or that our log holds: one that a backup
    /// had lost and that was given back lies in the log alone, since no key of it counts today.
    pub(crate) fn credentials_in(
        &self,
        channel: &Channel,
        owner: Owner,
    ) -> Result<Vec<Credential>> {
        let side = channel.side(owner);
        let held = self.credentials_of(&side.log.owner);
        let (mut all, mut known): (Vec<Credential>, HashSet<Entry>) =
            held.map(|(credential, entry)| (credential.clone(), entry)).unzip();
        let root = &side.book.newest().root;
        for row in self.store.controls_in(channel.row.number)? {
            if row.mine == (owner == Owner::Own)
                && row.verdict == "credential"
                && known.insert(row.entry)
                && let Control::Credential(credential) = read_control(&row.statement, root)?
            {
                all.push(*credential);
            }
        }
        Ok(all)
    }

    /// The same, with those that a parcel itself carries: they may be among what was lost, and what
    /// they signed in the meantime holds as well.
    pub(crate) fn signers(
        &self,
        channel: &Channel,
        owner: Owner,
        bundle: &Bundle,
    ) -> Result<Vec<Credential>> {
        let mut all = self.credentials_in(channel, owner)?;
        let root = &channel.side(owner).book.newest().root;
        let carried = bundle.signers.iter().filter(|(_, one)| one.root == *root);
        all.extend(carried.map(|(_, one)| one.clone()));
        Ok(all)
    }

    /// Adds the keys to what a parcel shows of ended epochs, where the peer may not have them: its
    /// own that it lost, wherever they lie, and ours that it does not hold yet. It checks what is
    /// shown before it takes any statement (REC-42), so they cannot wait for their places. REC-34.
    pub(crate) fn with_keys(
        &self,
        at: usize,
        epochs: &Epochs,
        acts: &mut Vec<Carried>,
    ) -> Result<()> {
        if epochs.lost.is_empty() && epochs.shown.is_empty() {
            return Ok(());
        }
        let channel = &self.channels[at];
        let held = channel.row.peer_held;
        for row in self.store.controls_in(channel.row.number)? {
            let lacks = match row.mine {
                true => row.index >= held,
                false => channel.peer.line.spots.contains_key(&row.entry),
            };
            let there = |act: &Carried| act.statement == row.statement;
            if lacks && row.verdict == "credential" && !acts.iter().any(there) {
                acts.push(Carried { statement: row.statement, disclosures: row.disclosures });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// REC-57: counted, not timed.
    #[test]
    fn keys_only_go_forward_and_each_is_tried_once() {
        let mut tried = 0;
        let mut find = |signers: &mut InOrder<u64>, version: u64| {
            signers.signed(|one| {
                tried += 1;
                *one == version
            })
        };
        let mut signers = InOrder::of(vec![7, 3, 5, 3, 9], |version| *version);
        for (version, signed) in [(3, true), (3, true), (7, true), (9, true), (9, true)] {
            assert_eq!(find(&mut signers, version), signed, "{version}");
        }
        assert!(!find(&mut signers, 5), "a log does not go back to older keys");
        tried = 0;
        let most: Vec<u64> = (0..1_024).collect();
        let mut signers = InOrder::of(most, |version| *version);
        for head in 0..32 {
            signers.signed(|one| {
                tried += 1;
                *one == if head % 2 == 0 { 1_023 } else { 0 }
            });
        }
        assert!(tried <= 1_024 + 32, "{tried}");
    }
}
