//! What push, pull and pouch share: which parcel to send, and what to answer to one that came.
//! Carriers only move the bytes.

use crate::bundle::Bundle;
use crate::node::Node;
use crate::receive::{Left, Notice};
use crate::unmatched::{Knocked, Mismatch, Unmatched};
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::{Cosignature, Head};
use counterpart_record::id::{ChannelId, Kid, PartyId};
use counterpart_record::keys::{Keys, Ring, Role};
use counterpart_record::limits;
use counterpart_record::parcel::{self, Address, Carried, Closed, Contents};
use counterpart_record::party::Credential;
use counterpart_store::Owner;
use std::sync::Arc;

/// What came of a parcel.
#[derive(Debug)]
pub struct Incoming {
    /// From whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// We lack what came before: the answer must tell the peer from where to send again.
    pub ask: bool,
    /// It changed what we hold, of the peer's log or of its word about ours.
    pub news: bool,
    /// What happened.
    pub notices: Vec<Notice>,
}

/// Opens parcels: the seal, the padding, the sender inside, the form of what is in it. It needs our
/// keys and nothing of the record, so that this work is done where it costs nobody else.
#[derive(Clone)]
pub struct Opener {
    me: PartyId,
    keys: Arc<dyn Keys>,
}

/// An opened parcel. Nothing in it is verified.
#[derive(Debug)]
pub struct Opened {
    /// From whom, as it says.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    bundle: Bundle,
    /// How much of the peer's log we mirrored before it, and how far the peer had come in all.
    before: Option<(u64, u64)>,
    notices: Vec<Notice>,
    ask: bool,
}

impl Opener {
    /// Opens a parcel. Any fault of [`Closed::parse`] and [`Closed::open`];
    /// [`Code::ParcelNotForUs`]; [`Code::ChannelWrong`] for a channel that is not one of the two.
    pub fn open(&self, bytes: &[u8]) -> Result<Opened> {
        let closed = Closed::parse(bytes)?;
        let Address { sender, recipient, channel } = closed.address;
        if recipient != self.me {
            return Err(Code::ParcelNotForUs.at(recipient.short()));
        }
        let of = |ring: &Ring| ChannelId::between(&self.me, &sender, ring.is_drill()) == channel;
        let ring = Ring::ALL.into_iter().find(of);
        let ring = ring.ok_or_else(|| Code::ChannelWrong.at(channel.to_string()))?;
        let bundle = Bundle::new(closed.open(ring, self.keys.as_ref())?);
        let (before, notices, ask) = (None, Vec::new(), false);
        Ok(Opened { peer: sender, ring, bundle, before, notices, ask })
    }
}

impl Opened {
    /// How many statements it carries.
    pub fn statements(&self) -> usize {
        self.bundle.entries.len()
    }

    /// Leaves them out: heads, cosignature and position remain, which are its word that it
    /// holds our acts. What was left out comes again, since we do not say that we hold it.
    pub fn drop_statements(&mut self) {
        self.bundle.drop_statements();
    }
}

/// What there is to say now.
pub(crate) struct Said {
    pub contents: Contents,
    /// How far its statements go, where not all of them fit.
    pub covered: Option<u64>,
    /// Up to where what presses was put ahead.
    pub pressed: u64,
    /// Whether it puts something ahead.
    pub ahead: bool,
    /// Where the peer stood: if it stands there again after this parcel, the next one can wait.
    pub stand: (u64, u64),
}

/// How much a channel wants to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pressure {
    /// Nothing.
    None,
    /// A head, a cosignature or a position: may ride with the next act or wait for an idle moment.
    Idle,
    /// Acts of ours that were not offered yet.
    Acts,
}

impl Node {
    /// How much the channel with a peer wants to send.
    pub fn pressure(&self, peer: &PartyId, ring: Ring) -> Result<Pressure> {
        let channel = &self.channels[self.channel_at(peer, ring)?];
        let size = channel.own.frontier.size();
        Ok(if channel.own.line.is_spent() {
            Pressure::None
        } else if channel.offered < channel.last_mine {
            Pressure::Acts
        } else if channel.row.peer_held < size
            || channel.cosign_sent < channel.cosigned
            || self.epochs_wait(self.channel_at(peer, ring)?)
        {
            Pressure::Idle
        } else {
            Pressure::None
        })
    }

    /// How far the peer says it holds our log, statements and all.
    pub fn held_by_peer(&self, peer: &PartyId, ring: Ring) -> Result<u64> {
        Ok(self.channels[self.channel_at(peer, ring)?].row.peer_held)
    }

    /// How much of our log each peer cannot know by itself: behind our last act in each channel.
    /// Whoever sends looks here for what is new without asking for a parcel.
    pub fn written(&self) -> impl Iterator<Item = (PartyId, u64)> + '_ {
        let two = self.channels.iter().filter(|channel| !channel.one_sided);
        two.map(|channel| (channel.row.peer, channel.last_mine))
    }

    /// How far each peer has come: what we hold of its log and of its word about ours. It changes
    /// whenever something new of that peer was registered.
    pub fn heard(&self) -> impl Iterator<Item = (PartyId, u64)> + '_ {
        let two = self.channels.iter().filter(|channel| !channel.one_sided);
        two.map(|channel| (channel.row.peer, channel.heard()))
    }

    /// A peer asks us to send nothing for so many seconds. Forgotten at restart: it will say so
    /// again.
    pub fn slow(&mut self, peer: PartyId, seconds: u64) {
        let until = self.seams.clock.now(Ring::Live).saturating_add(seconds);
        self.slow.insert(peer, until);
    }

    /// Until when a peer asked us to send nothing, in seconds (UTC).
    pub fn asks_to_wait(&self, peer: &PartyId) -> Option<u64> {
        let now = self.seams.clock.now(Ring::Live);
        self.slow.get(peer).copied().filter(|until| *until > now)
    }

    /// How the last call of a peer ended, as far as transport keys are concerned.
    pub fn called(&mut self, peer: PartyId, how: Option<Mismatch>) {
        self.unmatched.called(peer, how);
    }

    /// Somebody called with a transport key that no credential in force names.
    pub fn knocked(&mut self, kid: Kid) {
        let now = self.seams.clock.now(Ring::Live);
        self.unmatched.knocked(kid, now);
    }

    /// Transport keys that did not fit, since the start.
    pub fn unmatched(&self) -> &Unmatched {
        &self.unmatched
    }

    /// Transport keys that knocked and are not in force now, with whose they were: a peer may call
    /// with one that it replaced.
    pub fn strange_callers(&self) -> Vec<(Knocked, Option<PartyId>)> {
        let peers = self.peers();
        let kid_of =
            |credential: &Credential| credential.ring(Ring::Live).key(Role::Transport).thumbprint();
        let in_force = |kid: &Kid| peers.iter().any(|peer| kid_of(&peer.credential) == *kid);
        let whose = |kid: &Kid| {
            let mut parties = peers.iter().map(|peer| peer.credential.party);
            parties.find(|party| self.credentials_of(party).any(|(one, _)| kid_of(one) == *kid))
        };
        let strange = self.unmatched.callers().iter().filter(|knocked| !in_force(&knocked.kid));
        strange.map(|knocked| (*knocked, whose(&knocked.kid))).collect()
    }

    /// Every channel of two parties: peer and ring.
    pub fn channels(&self) -> Vec<(PartyId, Ring)> {
        let two = self.channels.iter().filter(|channel| !channel.one_sided);
        two.map(|channel| (channel.row.peer, channel.ring)).collect()
    }

    /// A parcel with what the peer may lack, from where it says it holds our log. `None` if there
    /// is nothing to say, unless `always`. Making one is not durable: sending again is idempotent.
    pub fn outgoing(
        &mut self,
        peer: &PartyId,
        ring: Ring,
        always: bool,
    ) -> Result<Option<Vec<u8>>> {
        let at = self.channel_at(peer, ring)?;
        if self.restored {
            return Err(Code::RestoreUnfinished.at(peer.short()));
        }
        self.channels[at].goes_on()?;
        let said = self.contents(at)?;
        let Said { mut contents, covered, pressed, ahead, stand } =
            match self.in_a_small_one(at, &said)? {
                Some(small) => small,
                None => said,
            };
        let (waits, now) = (self.epochs_wait(at), self.now(Ring::Live));
        // Beside its newest head: a copy of it may be of before either. REC-26, REC-48.
        let shows = always || self.channels[at].show_theirs;
        let theirs = if shows { self.newest_of_theirs(at) } else { Vec::new() };
        let channel = &mut self.channels[at];
        if shows {
            contents.yours = channel.peer.head.clone();
            contents.epochs.yours = theirs;
            channel.show_theirs = false;
        }
        let silent = contents.heads.is_empty()
            && contents.acts.is_empty()
            && contents.yours.is_none()
            && contents.cosignature.is_none()
            && contents.held == channel.held_sent
            && contents.epochs.lost.is_empty()
            && contents.epochs.shown.is_empty()
            && !waits;
        if silent && !always {
            return Ok(None);
        }
        // What was cut goes out with the next parcel at once; but if the peer stands where it stood
        // before the last one, then sending faster would bring nothing.
        let again = std::mem::replace(&mut channel.offered_from, stand) == stand;
        if again {
            // It may have lost what it mirrored, with an old backup. It says so again if not.
            channel.peer_mirrors = channel.row.peer_held;
        }
        let all = contents.heads.last().map_or(channel.offered, |head| head.size);
        channel.offered = if again { channel.last_mine.max(all) } else { covered.unwrap_or(all) };
        channel.pressed = pressed;
        channel.pressed_at = if ahead { now } else { channel.pressed_at };
        channel.shows_epoch = false;
        channel.cosign_sent = channel.cosigned;
        channel.held_sent = contents.held;
        let address = Address { sender: self.me, recipient: *peer, channel: channel.row.channel };
        let keys = self.newest_keys(at).ring(ring);
        parcel::seal(&address, keys, &contents, self.seams.random.as_ref()).map(Some)
    }

    /// The last parcel did not arrive: everything in it is to be offered again.
    pub fn lost(&mut self, peer: &PartyId, ring: Ring) -> Result<()> {
        let at = self.channel_at(peer, ring)?;
        let channel = &mut self.channels[at];
        (channel.offered, channel.cosign_sent, channel.held_sent) = (0, 0, u64::MAX);
        (channel.offered_from, channel.pressed) = ((u64::MAX, 0), 0);
        channel.peer_mirrors = channel.row.peer_held;
        Ok(())
    }

    /// What opens parcels for us, wherever it is done: it takes no part in the record.
    pub fn opener(&self) -> Opener {
        Opener { me: self.me, keys: self.seams.keys.clone() }
    }

    /// Opens and registers a parcel, whoever brought it. [`Code::EntriesMissing`] is answered by
    /// our position alone, from which the peer sends again.
    pub fn incoming(&mut self, bytes: &[u8]) -> Result<Incoming> {
        let mut opened = self.opener().open(bytes)?;
        loop {
            if let Some(incoming) = self.take_in(&mut opened, usize::MAX)? {
                return Ok(incoming);
            }
        }
    }

    /// What a responder does with a parcel: registers it, then answers if there is anything to say.
    pub fn respond(&mut self, bytes: &[u8]) -> Result<(Incoming, Option<Vec<u8>>)> {
        let mut opened = self.opener().open(bytes)?;
        loop {
            if let Some(incoming) = self.take_in(&mut opened, usize::MAX)? {
                let reply = self.reply(&opened, &incoming)?;
                return Ok((incoming, reply));
            }
        }
    }

    /// Registers at most `most` statements of an opened parcel, and what else it brings; `None` if
    /// there are more: then it is to be called again, and other work may be done between. What was
    /// registered stays so, and a crash between two calls costs no more than sending again.
    pub fn take_in(&mut self, opened: &mut Opened, most: usize) -> Result<Option<Incoming>> {
        self.seams.keys.ready()?;
        let (peer, ring) = (opened.peer, opened.ring);
        // COR-6: nothing comes from a correspondent but by hand.
        let fits = |channel: &crate::channel::Channel| {
            !channel.one_sided && channel.row.peer == peer && channel.ring == ring
        };
        let at = self.channels.iter().position(fits);
        let at = at.ok_or_else(|| Code::PeerUnknown.at(peer.short()))?;
        let now = (self.channels[at].peer.frontier.size(), self.channels[at].heard());
        let before = *opened.before.get_or_insert(now);
        let (held, headed) = (self.channels[at].row.held, opened.bundle.headed);
        // Our own head over what is taken at once is no larger than a peer takes. REC-47
        match self.receive(at, &mut opened.bundle, most.min(limits::PARCEL_ACTS)) {
            Ok((notices, left)) => {
                opened.notices.extend(notices);
                match left {
                    Left::Nothing => {}
                    Left::Epochs => return Ok(None),
                    Left::Ended(owner, nth, taken) => {
                        opened.bundle.ended_taken(owner, nth, taken);
                        return Ok(None);
                    }
                    Left::Heads(taken) => {
                        opened.bundle.heads_taken(taken);
                        return Ok(None);
                    }
                    // Whatever is wrong with us, a parcel is never taken without end.
                    Left::Statements if headed && self.channels[at].row.held == held => {
                        return Err(Code::Internal.at("a turn that took nothing"));
                    }
                    Left::Statements => {
                        opened.bundle.go_on();
                        return Ok(None);
                    }
                }
            }
            Err(fault) if fault.code == Code::EntriesMissing => {
                self.channels[at].holds_less(opened.bundle.contents.held);
                self.note_word(at, &opened.bundle.contents.epochs)?;
                self.find_pressing()?;
                opened.ask = true;
            }
            Err(fault) => return Err(fault),
        }
        let notices = std::mem::take(&mut opened.notices);
        let news = self.channels[at].heard() != before.1;
        Ok(Some(Incoming { peer, ring, ask: opened.ask, news, notices }))
    }

    /// The answer to a parcel that was taken to its end, if there is anything to say.
    pub fn reply(&mut self, opened: &Opened, incoming: &Incoming) -> Result<Option<Vec<u8>>> {
        let at = self.channel_at(&incoming.peer, incoming.ring)?;
        let before = opened.before.map(|(mirrored, _)| mirrored);
        if Some(self.channels[at].peer.frontier.size()) == before {
            // No news: it may have come back from an old copy, and its own newest head tells it.
            self.channels[at].show_theirs = true;
        }
        // Of an answer the peer may take its word alone: what presses in it has not gone out.
        let before = (self.channels[at].pressed, self.channels[at].pressed_at);
        let reply = self.outgoing(&incoming.peer, incoming.ring, incoming.ask)?;
        (self.channels[at].pressed, self.channels[at].pressed_at) = before;
        Ok(reply)
    }

    fn contents(&self, at: usize) -> Result<Said> {
        let channel = &self.channels[at];
        let number = channel.row.number;
        let from = channel.row.peer_held;
        let heads = self.store.heads_after(number, Owner::Own, from, limits::PARCEL_HEADS)?;
        let mut heads = heads.iter().map(|bytes| Head::parse(bytes)).collect::<Result<Vec<_>>>()?;
        let most = from + limits::PARCEL_ENTRIES as u64;
        heads.retain(|head| head.size <= most);
        let to = heads.last().map_or(from, |head| head.size);
        let entries = self.store.entries(number, Owner::Own, from, to)?;
        let mut rows = self.store.acts(number, from, to, limits::PARCEL_FILL, true)?;
        rows.truncate(limits::PARCEL_ACTS);
        let end = rows.last().map_or(from, |last| last.index + 1);
        let ahead = self.put_ahead(channel, (end, to), &mut rows)?;
        // Heads behind a rotation are signed with keys that only the new credential names, so
        // root-signed statements travel even where the acts before them are cut.
        let cut = rows.last().map(|last| last.index + 1).filter(|cut| *cut < to);
        if let Some(cut) = cut {
            let controls = self.store.controls_in(number)?;
            rows.extend(controls.into_iter().filter(|c| c.mine && (cut..to).contains(&c.index)));
        }
        // What the peer lost of its own and we hold goes back to it, where it comes in our log.
        let came = channel.peer.line.came.values().copied();
        let mut came: Vec<u64> = came.filter(|own| (from..to).contains(own)).collect();
        came.sort_unstable();
        for own in came.into_iter().take(limits::PARCEL_ACTS / 8) {
            rows.extend(self.store.acts(number, own, own + 1, usize::MAX, false)?);
        }
        let pressed = ahead.last().map_or(channel.pressed, |last| last.index + 1);
        let is_ahead = !ahead.is_empty();
        let acts = ahead
            .into_iter()
            .chain(rows)
            .map(|row| Carried { statement: row.statement, disclosures: row.disclosures });
        let (epochs, mut acts) = (self.epochs(at)?, acts.collect());
        self.with_keys(at, &epochs, &mut acts)?;
        let cosignature = if channel.cosign_sent < channel.cosigned {
            let newest = self.store.cosigned_newest(number, Owner::Peer)?;
            newest.map(|bytes| Cosignature::parse(&bytes)).transpose()?
        } else {
            None
        };
        let contents = Contents {
            heads,
            epoch: channel.row.epoch,
            from,
            entries,
            acts,
            cosignature,
            held: channel.row.held + u64::from(crate::planted::is("held-too-far")),
            yours: None,
            epochs,
        };
        let covered = cut.filter(|cut| *cut < channel.last_mine);
        Ok(Said { contents, covered, pressed, ahead: is_ahead, stand: (from, 0) })
    }
}
