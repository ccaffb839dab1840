//! Keys are replaced while parcels are under way: new ones for everything but the root.

use crate::trouble::Trouble;
use crate::world::World;
use counterpart_record::fault::Result;
use counterpart_record::id::PartyId;
use counterpart_record::keys::{Keys as _, Ring, SoftKeys};
use counterpart_record::party::{Control, Credential};
use counterpart_store::Store;
use std::sync::Arc;
use zeroize::Zeroizing;

impl World {
    /// A party replaces its keys. A crash in the middle is ended by the next start.
    pub(crate) fn rotate(&mut self, seat: usize) {
        if !self.awake(seat) || !self.honest(seat) {
            return;
        }
        self.hit(Trouble::Rotated, seat);
        // Backups from before hold keys that nobody seals to any more; whoever rotates makes a
        // new one.
        self.seats[seat].backups.clear();
        if let Err(fault) = self.replace_keys(seat)
            && !self.crashed(seat)
        {
            self.fail(format!("{} cannot rotate: {fault}", self.name(seat)));
        }
    }

    fn replace_keys(&mut self, seat: usize) -> Result<()> {
        let at = &mut self.seats[seat];
        let Some(node) = at.node.as_mut() else { return Ok(()) };
        let held: Credential = node.credential()?.clone();
        if at.ring.held.is_empty() {
            at.ring.held.push((held.version, at.party.keys.clone()));
            at.ring.older.extend(at.party.sealing.clone());
        }
        if let Some(seeds) = &at.ring.last {
            at.ring.older.extend(seeds.iter().map(|ring| Zeroizing::new(ring[6])));
        }
        let seeds = SoftKeys::fresh_seeds(at.party.random.as_ref());
        let keys = Arc::new(SoftKeys::new(&seeds, &at.ring.older)?);
        let credential = Credential {
            version: held.version + 1,
            live: keys.public(Ring::Live).clone(),
            drill: keys.public(Ring::Drill).clone(),
            ..held
        };
        at.ring.held.push((credential.version, keys.clone()));
        at.ring.last = Some(seeds);
        let signed = Control::Credential(Box::new(credential)).sign(&at.party.root)?;
        at.party.keys = keys.clone();
        node.rekey(keys);
        node.adopt(&signed)?;
        Ok(())
    }

    /// Before a start: the keys that the newest credential on the disk names.
    pub(crate) fn keys_in_force(&mut self, seat: usize) -> Result<()> {
        let at = &mut self.seats[seat];
        if at.ring.held.is_empty() {
            return Ok(());
        }
        let version = newest(&at.disk, &at.party.id)?;
        if let Some((_, keys)) = at.ring.held.iter().find(|(held, _)| *held == version) {
            at.party.keys = keys.clone();
        }
        at.ring.held.retain(|(held, _)| *held <= version);
        Ok(())
    }
}

fn newest(store: &dyn Store, party: &PartyId) -> Result<u64> {
    let mut version = 0;
    for control in store.load()?.controls.iter().filter(|control| control.by == *party) {
        if let Ok(Control::Credential(credential)) = Control::verify(&control.bytes, None) {
            version = version.max(credential.version);
        }
    }
    Ok(version)
}
