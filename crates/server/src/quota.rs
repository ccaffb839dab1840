//! How much one peer may ask of us in a time. Time that work takes is shared by turns
//! (`crate::lanes`); this is for what turns do not bound: the disk, what is sent in vain, and
//! what is malformed. Nothing is lost by it: the peer is told when to come again, and its node
//! slows down by itself. Pure: the time is given by the caller.

use crate::bucket::{Bucket, HOUR};
use crate::folder::Config;
use crate::knock::Knocks;
use crate::tally::{Tally, What};
use counterpart_record::id::PartyId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What each peer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Acts that we register in an hour.
    pub acts_per_hour: u32,
    /// MiB that we take in an hour.
    pub mib_per_hour: u32,
    /// Connections that it may have open.
    pub connections: u32,
    /// Handshakes that it, or an address, may begin in a minute.
    pub handshakes_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            acts_per_hour: 200_000,
            mib_per_hour: 2_048,
            connections: 8,
            handshakes_per_minute: 240,
        }
    }
}

impl Limits {
    /// Those of the settings.
    pub fn of(config: &Config) -> Limits {
        let usual = Limits::default();
        Limits {
            acts_per_hour: config.peer_acts_per_hour.unwrap_or(usual.acts_per_hour),
            mib_per_hour: config.peer_mib_per_hour.unwrap_or(usual.mib_per_hour),
            connections: config.peer_connections.unwrap_or(usual.connections),
            handshakes_per_minute: config
                .peer_handshakes_per_minute
                .unwrap_or(usual.handshakes_per_minute),
        }
    }
}

const MIB: u64 = 1024 * 1024;
/// Parcels that were refused for what they were: so many an hour, so many at once.
const REFUSED: (u64, u64) = (HOUR, 20);
/// Parcels that brought nothing new.
const VAIN: (u64, u64) = (5 * HOUR, 100);
/// Small parcels of a peer that has used up what it may: a call that presses fits into one.
const SMALL: (u64, u64) = (HOUR / 2, 5);
/// Acts that these may bring, all together: enough for what lies before some calls, and beside an
/// hour's worth nothing that would be worth having.
const SMALL_ACTS: (u64, u64) = (HOUR / 10, 120);
/// The largest of those, in bytes: the size class of one in which something presses, and what its
/// seal adds.
pub const SMALL_BYTES: u64 = counterpart_record::limits::PRESSING_BYTES as u64 + 2 * 1024;
/// The longest time that a peer is told to wait, in seconds: it may try again sooner than all of
/// its debt is paid, and is told again.
const LONGEST: u64 = 900;

#[derive(Debug)]
struct Account {
    acts: Bucket,
    bytes: Bucket,
    refused: Bucket,
    vain: Bucket,
    small: Bucket,
    small_acts: Bucket,
}

impl Account {
    /// Until there is room again for what is not small, if there is none.
    fn used_up(&mut self, now: Instant) -> Option<Duration> {
        let waits = [self.acts.wait(1, now), self.bytes.wait(SMALL_BYTES, now)];
        waits.into_iter().flatten().max()
    }

    /// Takes a small one, if it is one and one may come now.
    fn small(&mut self, bytes: Option<u64>, now: Instant) -> bool {
        bytes.is_some_and(|bytes| bytes <= SMALL_BYTES)
            && self.small_acts.wait(1, now).is_none()
            && self.small.take(now)
    }

    /// For how long nothing of it is looked at, since it came in vain or malformed for too long.
    fn in_vain(&mut self, now: Instant) -> Option<Duration> {
        [self.refused.wait(1, now), self.vain.wait(1, now)].into_iter().flatten().max()
    }
}

/// Who stands at the door: what each peer may ask, and the count of what came and was turned away.
#[derive(Debug)]
pub struct Guard {
    /// What each peer may ask.
    pub quotas: Quotas,
    /// How often callers may knock.
    pub knocks: Knocks,
    /// What came.
    pub tally: Tally,
}

impl Guard {
    /// With all accounts full and nothing counted.
    pub fn new(limits: Limits) -> Guard {
        let knocks = Knocks::new(limits.handshakes_per_minute);
        Guard { quotas: Quotas::new(limits), knocks, tally: Tally::default() }
    }

    /// Asked in each handshake of a peer; one that is turned away is counted.
    pub fn rate(self: &Arc<Guard>) -> Arc<dyn Fn(PartyId) -> bool + Send + Sync> {
        let guard = self.clone();
        Arc::new(move |peer| {
            let admitted = guard.knocks.admit_key(peer, Instant::now());
            if !admitted {
                guard.tally.count(Some(peer), What::Knocks);
            }
            admitted
        })
    }
}

/// As what a parcel is let in, which decides the account that its acts go to. It is said when the
/// parcel comes and not found out when its acts are counted: by then its own bytes are spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// There was room for it, whatever it is.
    Usual,
    /// There was none, and it is small.
    Small,
}

/// What is taken of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// All of it.
    All(Pass),
    /// Heads, cosignature and position; what it carries comes again.
    Word,
    /// Nothing: it has answered in vain, or what is malformed, for too long.
    Nothing,
}

/// The accounts of all peers since the start.
#[derive(Debug)]
pub struct Quotas {
    limits: Limits,
    accounts: Mutex<HashMap<PartyId, Account>>,
}

impl Quotas {
    /// All full.
    pub fn new(limits: Limits) -> Quotas {
        Quotas { limits, accounts: Mutex::default() }
    }

    /// What each peer may do.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// As what a parcel of so many bytes is looked at now; without a number it may be any. Else in
    /// how many seconds to come again.
    pub fn admit(&self, peer: PartyId, bytes: Option<u64>, now: Instant) -> Result<Pass, u64> {
        self.with(peer, now, |account| {
            let (in_vain, used_up) = (account.in_vain(now), account.used_up(now));
            if in_vain.is_none() {
                // A poll brings nothing that could be too much.
                if used_up.is_none() || bytes == Some(0) {
                    return Ok(Pass::Usual);
                }
                if account.small(bytes, now) {
                    return Ok(Pass::Small);
                }
            }
            let wait = in_vain.max(used_up).unwrap_or_default();
            Err((wait.as_secs() + 1).min(LONGEST))
        })
    }

    /// For how many seconds a peer that has used up what it may is slowed down still; people are
    /// told.
    pub fn slowed(&self, peer: PartyId, now: Instant) -> Option<u64> {
        self.with(peer, now, |account| account.used_up(now).map(|wait| wait.as_secs() + 1))
    }

    /// What is taken of an answer to a parcel of ours. It cannot be sent back, and it may be the
    /// peer's word that it holds our acts; so that word is taken whatever else it brought.
    /// A small one is taken whole now and then: a call that presses may be in it.
    pub fn admit_answer(&self, peer: PartyId, bytes: u64, now: Instant) -> Answered {
        self.with(peer, now, |account| {
            if account.in_vain(now).is_some() {
                Answered::Nothing
            } else if account.used_up(now).is_none() {
                Answered::All(Pass::Usual)
            } else if account.small(Some(bytes), now) {
                Answered::All(Pass::Small)
            } else {
                Answered::Word
            }
        })
    }

    /// A parcel of so many bytes was read.
    pub fn read(&self, peer: PartyId, bytes: u64, now: Instant) {
        self.with(peer, now, |account| account.bytes.spend(now, bytes));
    }

    /// A parcel that was let in as `pass` was registered: so many acts, or nothing new at all.
    pub fn brought(&self, peer: PartyId, pass: Pass, (acts, news): (u64, bool), now: Instant) {
        self.with(peer, now, |account| {
            if pass == Pass::Small {
                account.small_acts.spend(now, acts);
            }
            account.acts.spend(now, acts);
            account.vain.spend(now, u64::from(!news));
            if news {
                account.vain.give_back(1);
            }
        });
    }

    /// A poll was begun. One that was answered is followed by the word that the answer arrived,
    /// which is news.
    pub fn asked(&self, peer: PartyId, now: Instant) {
        self.with(peer, now, |account| account.vain.spend(now, 1));
    }

    /// A parcel was refused for what it was.
    pub fn refused(&self, peer: PartyId, now: Instant) {
        self.with(peer, now, |account| account.refused.spend(now, 1));
    }

    fn with<T>(&self, peer: PartyId, now: Instant, what: impl FnOnce(&mut Account) -> T) -> T {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let each = |limit: u64| Bucket::full((limit, limit), now);
        what(accounts.entry(peer).or_insert_with(|| Account {
            acts: each(self.limits.acts_per_hour.into()),
            bytes: each(u64::from(self.limits.mib_per_hour) * MIB),
            refused: Bucket::full(REFUSED, now),
            vain: Bucket::full(VAIN, now),
            small: Bucket::full(SMALL, now),
            small_acts: Bucket::full(SMALL_ACTS, now),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const B: PartyId = PartyId([2; 32]);
    const C: PartyId = PartyId([3; 32]);
    const LARGE: Option<u64> = Some(1024 * 1024);

    fn quotas(limits: Limits) -> (Quotas, Instant) {
        (Quotas::new(limits), Instant::now())
    }

    fn later(at: Instant, seconds: u64) -> Instant {
        at + Duration::from_secs(seconds)
    }

    #[test]
    fn what_is_used_up_comes_back_with_time_and_concerns_nobody_else() {
        let limits = Limits { acts_per_hour: 3_600, ..Limits::default() };
        let (quotas, now) = quotas(limits);
        quotas.brought(B, Pass::Usual, (3_500, true), now);
        assert_eq!(quotas.admit(B, LARGE, now), Ok(Pass::Usual));
        // One parcel may go beyond it: what it costs is known when it is there.
        quotas.brought(B, Pass::Usual, (400, true), now);
        let wait = quotas.admit(B, LARGE, now).unwrap_err();
        assert_eq!(wait, 302);
        assert_eq!(quotas.admit(B, LARGE, later(now, wait)), Ok(Pass::Usual));
        assert_eq!(quotas.admit(C, LARGE, now), Ok(Pass::Usual));
        // A day of silence saves up no more than an hour's worth.
        let day = later(now, 86_400);
        quotas.brought(B, Pass::Usual, (3_601, true), day);
        assert!(quotas.admit(B, None, day).is_err());
    }

    #[test]
    fn bytes_count_whatever_is_in_them() {
        let (quotas, now) = quotas(Limits { mib_per_hour: 60, ..Limits::default() });
        (0..60).for_each(|_| quotas.read(B, MIB, now));
        assert_eq!(quotas.admit(B, LARGE, now), Err(4));
        quotas.read(B, 600 * MIB, now);
        // However large the debt, it is told to come within a time that a person would wait.
        assert_eq!(quotas.admit(B, LARGE, now), Err(LONGEST));
    }

    #[test]
    fn a_small_parcel_gets_through_now_and_then_all_the_same() {
        let (quotas, now) = quotas(Limits { acts_per_hour: 10, ..Limits::default() });
        quotas.brought(B, Pass::Usual, (1_000, true), now);
        let taken = |seconds: u64| {
            let now = later(now, seconds);
            (0..100).filter(|_| quotas.admit(B, Some(SMALL_BYTES), now).is_ok()).count()
        };
        assert_eq!(taken(0), SMALL.1 as usize);
        assert_eq!(taken(4), 2);
        assert!(quotas.admit(B, Some(SMALL_BYTES + 1), later(now, 60)).is_err());
        assert!(quotas.admit(B, None, later(now, 60)).is_err());
    }

    /// Whoever sends nothing but small parcels comes to little more than what it may.
    #[test]
    fn small_parcels_are_no_way_around_the_quota() {
        let (quotas, now) = quotas(Limits { acts_per_hour: 10, ..Limits::default() });
        let mut came = 0;
        for second in 0..3_600 {
            let now = later(now, second);
            if let Ok(pass) = quotas.admit(B, Some(SMALL_BYTES), now) {
                quotas.brought(B, pass, (20, true), now);
                came += 20;
            }
        }
        assert!((100..=10 + 20 + 120 + 360 + 20).contains(&came), "{came}");
        assert!(quotas.slowed(B, later(now, 3_600)).is_some_and(|left| left > 3_600));
        assert_eq!(quotas.slowed(C, now), None);
        // After a while of silence a call gets through again.
        assert_eq!(quotas.admit(B, Some(SMALL_BYTES), later(now, 3_900)), Ok(Pass::Small));
    }

    /// A large parcel that crosses the limit was let in as what it is: its acts use up nothing of
    /// what small ones may bring, and a call comes through. CAL-15
    #[test]
    fn a_backlog_that_crosses_the_limit_of_bytes_leaves_room_for_a_call() {
        let (quotas, now) = quotas(Limits { mib_per_hour: 8, ..Limits::default() });
        let mut large = 0;
        for second in 0..3_600 {
            let now = later(now, second);
            if let Ok(pass) = quotas.admit(B, LARGE, now) {
                assert_eq!(pass, Pass::Usual);
                quotas.read(B, MIB, now);
                quotas.brought(B, pass, (600, true), now);
                large += 1;
            }
            // One that was under way meanwhile, as the answer to a parcel of ours.
            if let Answered::All(pass) = quotas.admit_answer(B, MIB, now) {
                quotas.read(B, MIB, now);
                quotas.brought(B, pass, (600, true), now);
                large += 1;
            }
        }
        assert!((8..=17).contains(&large), "{large}");
        let end = later(now, 3_600);
        assert!(quotas.admit(B, LARGE, end).is_err() && quotas.slowed(B, end).is_some());
        for second in 0..10 {
            let now = later(end, 2 * second);
            assert_eq!(quotas.admit(B, Some(SMALL_BYTES), now), Ok(Pass::Small), "{second}");
            quotas.brought(B, Pass::Small, (1, true), now);
        }
    }

    #[test]
    fn whoever_sends_what_is_malformed_is_soon_not_looked_at() {
        let (quotas, now) = quotas(Limits::default());
        let mut looked_at = 0;
        // A thousand in a second.
        for nth in 0..1_000 {
            let now = now + Duration::from_millis(nth);
            if quotas.admit(B, Some(100), now).is_ok() {
                looked_at += 1;
                quotas.refused(B, now);
            }
        }
        assert!((20..=22).contains(&looked_at), "{looked_at}");
        // Not even small ones: they are what it was.
        assert!(quotas.admit(B, Some(1), now + Duration::from_millis(999)).is_err());
        assert_eq!(quotas.admit(B, LARGE, later(now, 60)), Ok(Pass::Usual));
    }

    #[test]
    fn of_an_answer_the_word_is_taken_when_the_rest_is_too_much() {
        let (quotas, now) = quotas(Limits { acts_per_hour: 10, ..Limits::default() });
        let large = 1024 * 1024;
        assert_eq!(quotas.admit_answer(B, large, now), Answered::All(Pass::Usual));
        quotas.brought(B, Pass::Usual, (1_000, true), now);
        assert_eq!(quotas.admit_answer(B, large, now), Answered::Word);
        // A call that presses comes in a small one, whoever called whom.
        let small = |at| quotas.admit_answer(B, SMALL_BYTES, at) == Answered::All(Pass::Small);
        assert_eq!((0..20).filter(|_| small(now)).count(), SMALL.1 as usize);
        assert!(small(later(now, 11)));
        (0..120).for_each(|_| quotas.brought(B, Pass::Usual, (0, false), now));
        assert_eq!(quotas.admit_answer(B, large, now), Answered::Nothing);
        assert_eq!(quotas.admit_answer(B, large, later(now, 60)), Answered::Word);
        assert_eq!(quotas.admit_answer(C, large, now), Answered::All(Pass::Usual));
    }

    #[test]
    fn sending_the_same_again_is_free_a_hundred_times() {
        let (quotas, now) = quotas(Limits::default());
        (0..99).for_each(|_| quotas.brought(B, Pass::Usual, (0, false), now));
        assert_eq!(quotas.admit(B, LARGE, now), Ok(Pass::Usual));
        (0..5).for_each(|_| quotas.brought(B, Pass::Usual, (0, false), now));
        assert!(quotas.admit(B, LARGE, now).is_err());
        assert_eq!(quotas.admit(B, LARGE, later(now, 3)), Ok(Pass::Usual));
        // What brings something is no waste, however often it comes.
        (0..10_000).for_each(|_| quotas.brought(C, Pass::Usual, (1, true), now));
        assert_eq!(quotas.admit(C, LARGE, now), Ok(Pass::Usual));
    }
}
