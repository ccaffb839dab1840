//! What stays here: the private part of the matters, as the node has it. Nothing in this package
//! reads it to make an act, a parcel, a dossier or a figure. HOM-1.

use crate::hearth::Attic;
use crate::matter::{ORPHANED, erased};
use crate::node::Node;
use crate::stored::reread_coded;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_store::Home;

impl Node {
    /// Gives the node its home, or the fault for which it cannot be read. The record and all that
    /// follows from it work without: a note must never keep a call from ringing. HOM-5. What the
    /// record says was erased goes from it with [`Node::forget_erased_at_home`], or with the next
    /// commit.
    pub fn furnish(&mut self, home: Result<Box<dyn Home>>) {
        self.hearth.home = Some(home);
        self.hearth.behind = true;
    }

    /// What stays here. [`Code::HomeUnreadable`], or the fault for which it could not be opened.
    pub fn home(&self) -> Result<&dyn Home> {
        match &self.hearth.home {
            Some(Ok(home)) => Ok(home.as_ref()),
            Some(Err(fault)) => Err(fault.clone()),
            None => Err(Code::HomeUnreadable.at("none")),
        }
    }

    /// The same, to write into.
    pub fn home_mut(&mut self) -> Result<&mut dyn Home> {
        match &mut self.hearth.home {
            Some(Ok(home)) => Ok(home.as_mut()),
            Some(Err(fault)) => Err(fault.clone()),
            None => Err(Code::HomeUnreadable.at("none")),
        }
    }

    /// Where older copies of it lie, which the erasure of a matter reaches, too.
    pub fn furnish_attic(&mut self, attic: Attic) {
        self.hearth.attic = Some(attic);
    }

    /// Takes away what older copies hold of a matter. One that cannot be read keeps the matter from
    /// being erased: nobody could say that nothing is left of it. HOM-4.
    pub(crate) fn forget_in_attic(&self, matter: &MatterId) -> Result<u64> {
        let Some(attic) = &self.hearth.attic else { return Ok(0) };
        let mut copies = attic()?;
        copies.iter_mut().map(|copy| copy.forget(matter)).sum()
    }

    /// Takes away what stays here of a matter. A node that was never given a home has nothing; one
    /// whose home cannot be read must not say that it erased what may lie there. HOM-4.
    pub(crate) fn forget_at_home(&mut self, matter: &MatterId) -> Result<u64> {
        if self.hearth.home.is_none() || crate::planted::is("note-outlives-erasure") {
            return Ok(0);
        }
        self.home_mut()?.forget(matter)
    }

    /// Takes away what stays here of matters whose text was erased and that this file still has:
    /// an older copy was put back, or a peer gave back the act of ours that says so. What was
    /// written here after an erasure stays. Gives how many things went. HOM-4.
    pub fn forget_erased_at_home(&mut self) -> Result<u64> {
        if self.hearth.home.is_none() {
            return Ok(0);
        }
        let mut count = 0;
        for at in 0..self.channels.len() {
            count += self.forget_erased_in(at)?;
        }
        self.hearth.behind = false;
        Ok(count)
    }

    fn forget_erased_in(&mut self, at: usize) -> Result<u64> {
        let channel = &self.channels[at];
        let (number, size) = (channel.row.number, channel.own.frontier.size());
        let known = self.home()?.erased_to(number)?;
        if known > size {
            // It knows more than a record that was put back: what the record learns again goes
            // again.
            self.home_mut()?.set_erased_to(number, size)?;
            return Ok(0);
        }
        let mut count = 0;
        for index in self.store.own_erasures(number, known)? {
            for row in self.store.acts(number, index, index + 1, usize::MAX, true)? {
                let said = erased(&reread_coded(&row)?.payload, index);
                if let Some((matter, _)) = said.filter(|_| row.verdict != ORPHANED) {
                    // A file that was put aside since it is damaged keeps this one from nothing.
                    let older = self.forget_in_attic(&matter).unwrap_or(0);
                    count += older + self.forget_at_home(&matter)?;
                }
            }
            self.home_mut()?.set_erased_to(number, index + 1)?;
        }
        Ok(count)
    }

    /// The same after a commit. A home that cannot be read or written to now keeps the record from
    /// nothing (HOM-5), and is looked at again with the next commit.
    pub(crate) fn catch_up_at_home(&mut self) {
        if self.hearth.behind {
            let _ = self.forget_erased_at_home();
        }
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
