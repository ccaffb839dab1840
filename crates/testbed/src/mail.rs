//! The carriers: push and pouch, what they lose, double, delay and damage, and the hand-over to the
//! node at the other end.

use crate::forge::channel_row;
use crate::trouble::Trouble;
use crate::world::{Event, Mail, Way, World};
use counterpart_engine::Notice;
use counterpart_record::fault::{Blame, Code, Fault, Result};
use counterpart_record::head::Head;
use counterpart_record::keys::Ring;
use counterpart_store::{Owner, Store as _};

impl World {
    /// What a node wants to send to another, if it runs and wants to.
    pub fn outgoing(
        &mut self,
        from: usize,
        to: usize,
        ring: Ring,
        always: bool,
    ) -> Option<Vec<u8>> {
        if !self.awake(from) {
            return None;
        }
        let peer = self.seats[to].party.id;
        let made = self.seats[from].node.as_mut()?.outgoing(&peer, ring, always);
        match made {
            Ok(bytes) => bytes,
            Err(fault) => {
                self.fail(format!("{} makes no parcel: {fault}", self.name(from)));
                None
            }
        }
    }

    /// The head that stands at the end of a log has left the house.
    pub fn publish(&mut self, from: usize, to: usize, ring: Ring) -> Result<()> {
        let peer = self.seats[to].party.id;
        let seat = &mut self.seats[from];
        let row = channel_row(&seat.disk, &peer, ring)?;
        if let Some(bytes) = seat.disk.head_newest(row.number, Owner::Own)? {
            let head = Head::parse(&bytes)?;
            seat.published.insert((row.number, head.size, head.root));
        }
        Ok(())
    }

    /// Pushes what waits.
    pub fn push(&mut self, from: usize, to: usize, ring: Ring, always: bool) {
        let Some(bytes) = self.outgoing(from, to, ring, always) else { return };
        self.post(from, to, ring, bytes, Way::Push);
    }

    /// A fault happened to a parcel, and so to both ends of its way.
    fn hit_way(&mut self, trouble: Trouble, mail: &Mail) {
        self.hit(trouble, mail.from);
        self.struck.insert((trouble, mail.to));
    }

    /// Hands a parcel to a carrier.
    pub fn post(&mut self, from: usize, to: usize, ring: Ring, bytes: Vec<u8>, way: Way) {
        if let Err(fault) = self.publish(from, to, ring) {
            self.fail(format!("publish: {fault}"));
        }
        let Some(bytes) = self.hostile_edit(from, to, ring, bytes, way) else {
            return self.later(30, Event::Lost { from: to, to: from, ring });
        };
        self.count += 1;
        let number = self.count;
        let mail = Mail { from, to, ring, bytes, way, damaged: false, number };
        let line = format!("{way:?} {} to {} {}", self.name(from), self.name(to), ring.name());
        self.tell(&line);
        self.archive.push(mail.clone());
        match way {
            Way::Bag => self.carry_bag(mail),
            Way::Push | Way::Reply => self.carry(mail),
        }
    }

    fn carry_bag(&mut self, mail: Mail) {
        if self.strikes(Trouble::BagNever, 15) {
            return self.hit_way(Trouble::BagNever, &mail);
        }
        if self.strikes(Trouble::BagTwice, 25) {
            self.hit_way(Trouble::BagTwice, &mail);
            let after = 3_600 + self.chance.below(12 * 86_400);
            self.later(after, Event::Arrives(mail.clone()));
        }
        let late = self.strikes(Trouble::BagLate, 60);
        if late {
            self.hit_way(Trouble::BagLate, &mail);
        }
        let after = self.chance.below(if late { 9 * 86_400 } else { 7_200 });
        self.later(600 + after, Event::Arrives(mail));
    }

    fn carry(&mut self, mut mail: Mail) {
        let (from, to, ring) = (mail.from, mail.to, mail.ring);
        let (lost, asker) = match mail.way {
            Way::Reply => (Trouble::ReplyLost, to),
            _ => (Trouble::RequestLost, from),
        };
        let (asker, other) = if asker == from { (from, to) } else { (to, from) };
        let unheard = Event::Lost { from: asker, to: other, ring };
        if self.cut[from][to] {
            return self.later(30, unheard);
        }
        if self.strikes(lost, 15) {
            self.hit_way(lost, &mail);
            return self.later(30, unheard);
        }
        for (trouble, percent) in [(Trouble::Truncated, 8), (Trouble::Corrupted, 8)] {
            if self.strikes(trouble, percent) {
                self.hit_way(trouble, &mail);
                self.damage(&mut mail, trouble);
            }
        }
        if self.strikes(Trouble::Duplicated, 12) {
            self.hit_way(Trouble::Duplicated, &mail);
            let after = self.chance.below(3_600);
            self.later(1 + after, Event::Arrives(mail.clone()));
        }
        let delayed = self.strikes(Trouble::Delayed, 15);
        if delayed {
            self.hit_way(Trouble::Delayed, &mail);
        }
        let after = self.chance.below(if delayed { 3_600 } else { 4 });
        self.later(1 + after, Event::Arrives(mail));
    }

    fn damage(&mut self, mail: &mut Mail, trouble: Trouble) {
        let at = self.chance.below(mail.bytes.len() as u64) as usize;
        if trouble == Trouble::Truncated {
            mail.bytes.truncate(at);
        } else if let Some(byte) = mail.bytes.get_mut(at) {
            *byte ^= 1 << self.chance.below(8);
        }
        mail.damaged = true;
    }

    /// Somebody sends a copy of an old parcel.
    pub fn replay(&mut self) {
        if self.archive.is_empty() {
            return;
        }
        let at = self.chance.below(self.archive.len() as u64) as usize;
        let mut mail = self.archive[at].clone();
        // Nobody waits for an answer to it.
        mail.way = Way::Bag;
        self.hit_way(Trouble::Replayed, &mail);
        self.later(1, Event::Arrives(mail));
    }

    /// A parcel reaches its recipient, who may be asleep.
    pub(crate) fn arrive(&mut self, mail: Mail) {
        let Mail { from, to, ring, .. } = mail;
        if !self.awake(to) {
            return match mail.way {
                Way::Bag => self.later(1_800, Event::Arrives(mail)),
                Way::Push => self.later(30, Event::Lost { from, to, ring }),
                Way::Reply => (),
            };
        }
        let newest = self.arrived.entry((from, to, ring.is_drill())).or_default();
        if *newest > mail.number {
            self.hit_way(Trouble::Reordered, &mail);
        } else {
            *newest = mail.number;
        }
        self.hand(&mail);
    }

    /// Gives a parcel to the node it is for. Returns what the node noticed, if it took it.
    pub fn hand(&mut self, mail: &Mail) -> Option<Vec<Notice>> {
        let Mail { from, to, ring, .. } = *mail;
        let node = self.seats[to].node.as_mut()?;
        let result = match mail.way {
            Way::Push => node.respond(&mail.bytes),
            Way::Reply | Way::Bag => node.incoming(&mail.bytes).map(|incoming| (incoming, None)),
        };
        if self.crashed(to) {
            if mail.way == Way::Push {
                self.later(30, Event::Lost { from, to, ring });
            }
            return None;
        }
        match result {
            Ok((incoming, reply)) => {
                let line = format!("  {} took it: {}", self.name(to), summary(&incoming.notices));
                self.tell(&line);
                if let Some(reply) = reply {
                    self.post(to, from, ring, reply, Way::Reply);
                }
                Some(incoming.notices)
            }
            Err(fault) => {
                self.refused(mail, &fault);
                None
            }
        }
    }

    /// Foreign bytes may be refused if they were damaged or forged; honest ones never.
    fn refused(&mut self, mail: &Mail, fault: &Fault) {
        let (from, to) = (self.name(mail.from), self.name(mail.to));
        let line = format!("  {to} refused it: {}", fault.code.name());
        self.tell(&line);
        let before = fault.code == Code::EpochClosed && self.seats[mail.from].restores > 0;
        let excused = mail.damaged || before || !self.honest(mail.from);
        if !self.honest(mail.to) {
            return;
        }
        if !excused {
            self.fail(format!("{to} refused an honest parcel of {from}: {fault}"));
        } else if matches!(fault.code.blame(), Blame::Bug | Blame::Operator) {
            self.fail(format!("{to} blames itself for a parcel of {from}: {fault}"));
        }
        if mail.way == Way::Push {
            self.later(30, Event::Lost { from: mail.from, to: mail.to, ring: mail.ring });
        }
    }
}

fn summary(notices: &[Notice]) -> String {
    let each = notices.iter().map(|notice| match notice {
        Notice::Act { kind, verdict, .. } => format!("{kind} {}", verdict.text()),
        Notice::Refused { code, .. } => format!("refused {}", code.name()),
        Notice::Revoked { since, .. } => format!("revoked since {since}"),
        Notice::Inconsistent { .. } => "inconsistent".to_owned(),
    });
    each.collect::<Vec<_>>().join(", ")
}
