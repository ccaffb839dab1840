//! The keys of a party from its first credential on, and those that are revoked: what is looked up
//! to revoke one, and what follows from it. REC-17

use crate::channel::Channel;
use crate::node::Node;
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::Head;
use counterpart_record::id::{Kid, PartyId};
use counterpart_record::party::{Control, Credential, Revocation};
use counterpart_store::Owner;

/// A revocation that lies in a log of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Who revoked a key of its own.
    pub by: PartyId,
    /// Which key.
    pub kid: Kid,
    /// Since when misuse is suspected, in seconds (UTC).
    pub since: u64,
    /// When our log first held it, in seconds (UTC).
    pub held_at: u64,
}

impl Node {
    /// Every credential of a party that we hold and that counts or counted, the newest first.
    pub fn credentials(&self, party: &PartyId) -> Vec<&Credential> {
        let held = self.credentials_of(party).filter(|(_, entry)| !self.is_ended(party, entry));
        let mut held: Vec<&Credential> = held.map(|(credential, _)| credential).collect();
        held.sort_by_key(|credential| std::cmp::Reverse(credential.version));
        held
    }

    /// Since when misuse of a key of a party is suspected, if the party revoked it.
    pub fn suspected_since(&self, party: &PartyId, kid: &Kid) -> Option<u64> {
        let revocations = self.controls.iter().filter_map(|(_, control, _)| match control {
            Control::Revocation(one) if one.by == *party && one.kid == *kid => Some(one),
            _ => None,
        });
        revocations.map(|one| one.suspected_since).min()
    }

    /// Whether a revocation says more than those before it. [`Code::RevokedBefore`]
    pub(crate) fn says_more(&self, revocation: &Revocation) -> Result<()> {
        match self.suspected_since(&self.party(), &revocation.kid) {
            Some(since) if since <= revocation.suspected_since => {
                let since = counterpart_rules::clock::shown(since);
                Err(Code::RevokedBefore.at(format!("{}, {since}", revocation.kid.short())))
            }
            _ => Ok(()),
        }
    }

    /// The keys that peers revoked, each once, by when our log first held that; the calendar of
    /// exercises says nothing of it.
    pub fn revoked_by_peers(&self) -> Result<Vec<Revoked>> {
        let mut all: Vec<Revoked> = Vec::new();
        let live = |channel: &&Channel| !channel.one_sided && !channel.row.drill;
        for channel in self.channels.iter().filter(live) {
            let number = channel.row.number;
            let rows = self.store.controls_in(number)?;
            for row in rows.iter().filter(|row| !row.mine && row.verdict == "revocation") {
                let Control::Revocation(one) = Control::reread(&row.statement)? else { continue };
                let head = self.store.head_over(number, Owner::Own, row.index)?;
                let head = head.map(|bytes| Head::parse(&bytes)).transpose()?;
                let held_at = head.map_or(row.logged_at, |head| head.time);
                let Revocation { by, kid, suspected_since: since, .. } = one;
                match all.iter_mut().find(|held| (held.by, held.kid) == (by, kid)) {
                    Some(held) if held.since == since => held.held_at = held.held_at.min(held_at),
                    _ => all.push(Revoked { by, kid, since, held_at }),
                }
            }
        }
        all.sort_by_key(|revoked| revoked.held_at);
        Ok(all)
    }
}
