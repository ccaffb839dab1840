//! What stays here: the private part of the matters, as the node has it. Nothing in this package
//! reads it to make an act, a parcel, a dossier or a figure. HOM-1.

use crate::node::{Attic, Node};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_store::Home;

impl Node {
    /// Gives the node its home, or the fault for which it cannot be read. The record and all that
    /// follows from it work without: a note must never keep a call from ringing. HOM-5.
    pub fn furnish(&mut self, home: Result<Box<dyn Home>>) {
        self.home = Some(home);
    }

    /// What stays here. [`Code::HomeUnreadable`], or the fault for which it could not be opened.
    pub fn home(&self) -> Result<&dyn Home> {
        match &self.home {
            Some(Ok(home)) => Ok(home.as_ref()),
            Some(Err(fault)) => Err(fault.clone()),
            None => Err(Code::HomeUnreadable.at("none")),
        }
    }

    /// The same, to write into.
    pub fn home_mut(&mut self) -> Result<&mut dyn Home> {
        match &mut self.home {
            Some(Ok(home)) => Ok(home.as_mut()),
            Some(Err(fault)) => Err(fault.clone()),
            None => Err(Code::HomeUnreadable.at("none")),
        }
    }

    /// Where older copies of it lie, which the erasure of a matter reaches, too.
    pub fn furnish_attic(&mut self, attic: Attic) {
        self.attic = Some(attic);
    }

    /// Takes away what older copies hold of a matter. One that cannot be read keeps the matter from
    /// being erased: nobody could say that nothing is left of it. HOM-4.
    pub(crate) fn forget_in_attic(&self, matter: &MatterId) -> Result<u64> {
        let Some(attic) = &self.attic else { return Ok(0) };
        let mut copies = attic()?;
        copies.iter_mut().map(|copy| copy.forget(matter)).sum()
    }

    /// Takes away what stays here of a matter. A node that was never given a home has nothing; one
    /// whose home cannot be read must not say that it erased what may lie there. HOM-4.
    pub(crate) fn forget_at_home(&mut self, matter: &MatterId) -> Result<u64> {
        if self.home.is_none() { Ok(0) } else { self.home_mut()?.forget(matter) }
    }

    /// Takes away what stays here of matters whose text was erased: after an older copy was put
    /// back. Gives how many things that were. HOM-4.
    pub fn forget_erased_at_home(&mut self) -> Result<u64> {
        let mut count = 0;
        for id in self.home()?.matters()? {
            let gone = match self.matter(&id) {
                Ok(view) => {
                    let erased = view.acts.iter().any(|act| act.erased > 0);
                    erased && view.acts.iter().all(|act| act.words() == 0)
                }
                // The record may have lost it, and a peer may give it back.
                Err(fault) if fault.code == Code::MatterUnknown => false,
                Err(fault) => return Err(fault),
            };
            if gone {
                count += self.forget_at_home(&id)?;
            }
        }
        Ok(count)
    }

    /// With whom a matter is, and on which ring. [`Code::MatterUnknown`].
    pub fn place_of(&self, matter: &MatterId) -> Result<(PartyId, Ring)> {
        let mut first = [0; 8];
        first.copy_from_slice(&matter.0[..8]);
        let first = u64::from_be_bytes(first);
        let all = self.store.matters_between(first, first)?;
        let number = all.iter().find(|(_, id)| id == matter).map(|(number, _)| *number);
        let channel = self.channels.iter().find(|channel| Some(channel.row.number) == number);
        let channel = channel.ok_or_else(|| Code::MatterUnknown.at(matter.short()))?;
        Ok((channel.row.peer, channel.ring))
    }
}
