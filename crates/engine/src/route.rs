//! How the parties that we know are reached on the network, and by which transport keys.

use crate::channel::Channel;
use crate::node::Node;
use counterpart_record::id::{Entry, Kid, PartyId};
use counterpart_record::keys::{Ring, Role};
use counterpart_record::party::Credential;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A way to a party that we accredited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Which party.
    pub peer: PartyId,
    /// Its transport key (SubjectPublicKeyInfo).
    pub spki: Vec<u8>,
    /// Where it listens; empty if it can only call out.
    pub endpoints: Vec<String>,
    /// Our own transport keys by which it may know us, the likeliest first: that of the newest
    /// credential which it is known to hold, then those of newer ones. None that we revoked.
    pub known_as: Vec<Kid>,
    /// It cannot call us, since our own credential names no endpoint: what it has for us is to be
    /// asked for.
    pub pull: bool,
}

impl Route {
    /// Whether neither side can call the other: what travels travels by hand.
    pub fn by_hand(&self) -> bool {
        self.pull && self.endpoints.is_empty()
    }
}

impl Node {
    /// How each accredited party is reached and known on the network: by its live transport key,
    /// also for the drill channel, whose parcels are sealed with keys of their own. A revoked key
    /// is no route.
    pub fn routes(&self) -> Vec<Route> {
        let pull = self.credential().is_ok_and(|own| own.desk.endpoints.is_empty());
        let live = self.channels.iter();
        let live = live.filter(|channel| channel.ring == Ring::Live && !channel.one_sided);
        let routes = live.filter_map(|channel| {
            let credential = channel.peer.book.newest();
            let held = self.newest(&channel.row.peer).map_or(credential, |(newest, _)| newest);
            let key = held.ring(Ring::Live).key(Role::Transport);
            let revoked = channel.peer.book.suspected_since(&key.thumbprint()).is_some();
            (!revoked).then(|| Route {
                peer: channel.row.peer,
                spki: key.to_spki(),
                endpoints: held.desk.endpoints.clone(),
                known_as: self.known_as(channel),
                pull,
            })
        });
        routes.collect()
    }

    /// The keys that a peer uses now, as far as we know: those that its log names, or those of a
    /// newer credential that came as a file.
    pub(crate) fn newest_keys(&self, at: usize) -> &Credential {
        let channel = &self.channels[at];
        let logged = channel.peer.book.newest();
        let newest = self.newest(&channel.row.peer).map(|(newest, _)| newest);
        newest.ok().filter(|newest| newest.version > logged.version).unwrap_or(logged)
    }

    /// Whether a credential lies behind where its owner's log ended: its keys went with a disk, and
    /// whoever put the backup back may have given its version to other keys since.
    pub(crate) fn is_ended(&self, party: &PartyId, entry: &Entry) -> bool {
        let mut with = self.channels.iter().filter(|channel| channel.row.peer == *party);
        with.any(|channel| channel.peer.line.spots.contains_key(entry))
    }

    /// See [`Route::known_as`]. A credential counts as held when the peer says that it holds our
    /// log beyond it; until then it may know us by any that we ever gave away. WIRE-1, WIRE-2
    fn known_as(&self, channel: &Channel) -> Vec<Kid> {
        let book = &channel.own.book;
        let held = book.in_order().filter(|(from, _)| *from < channel.row.peer_held);
        let held = held.map(|(_, credential)| credential.version).max();
        let mut own: Vec<&Credential> = self.credentials_of(&self.me).map(|(own, _)| own).collect();
        own.retain(|own| held.is_none_or(|held| own.version >= held));
        own.sort_by_key(|own| (Some(own.version) != held, std::cmp::Reverse(own.version)));
        let mut kids: Vec<Kid> = Vec::new();
        for credential in own {
            let kid = credential.ring(Ring::Live).key(Role::Transport).thumbprint();
            if book.suspected_since(&kid).is_none() && !kids.contains(&kid) {
                kids.push(kid);
            }
        }
        kids
    }

    /// A number that changes when a route may have: whoever keeps the routes looks at them then.
    pub fn routing(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.controls.len().hash(&mut hasher);
        for channel in &self.channels {
            let held = |from: &u64| *from < channel.row.peer_held;
            let known = channel.own.book.in_order().filter(|(from, _)| held(from)).count();
            known.hash(&mut hasher);
        }
        hasher.finish()
    }
}
