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
