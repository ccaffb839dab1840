//! Who may begin a handshake. One costs about a millisecond before it is known who calls, so it is
//! asked for before the first byte is read: by the caller's address, and for addresses from which
//! no peer has called, by what all strangers together may do. Who calls is known near the end of
//! a handshake; then the key has a rate of its own, whatever addresses it calls from. Pure: the
//! time is given by the caller. Reasons: docs/decisions/0014.

use crate::bucket::{Bucket, HOUR};
use counterpart_record::id::PartyId;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Handshakes of all strangers together: so many an hour, so many at once.
const STRANGERS: (u64, u64) = (25 * HOUR, 400);
/// For so long an address is known after a peer has called from it.
const KNOWN: Duration = Duration::from_secs(7 * 86_400);
/// Above so many addresses, those are forgotten that have used nothing up.
const ADDRESSES: usize = 1_024;

/// Where a call comes from: an address, or the network of 64 bits that one caller has for itself
/// (RFC 6177).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(u64, bool);

impl Origin {
    /// Of an address; one of IPv4 that comes in the form of IPv6 is one of IPv4.
    pub fn of(address: IpAddr) -> Origin {
        match address.to_canonical() {
            IpAddr::V4(address) => Origin(address.to_bits().into(), false),
            IpAddr::V6(address) => Origin((address.to_bits() >> 64) as u64, true),
        }
    }
}

/// The rates of all callers since the start.
#[derive(Debug)]
pub struct Knocks {
    /// Handshakes of one address or key: so many an hour, so many at once.
    each: (u64, u64),
    rates: Mutex<Rates>,
}

#[derive(Debug, Default)]
struct Rates {
    addresses: HashMap<Origin, Bucket>,
    keys: HashMap<PartyId, Bucket>,
    /// Who called last from an address, and when.
    known: HashMap<Origin, (PartyId, Instant)>,
    strangers: Option<Bucket>,
}

impl Knocks {
    /// With so many handshakes a minute for each address and each key, and a quarter of them at
    /// once.
    pub fn new(per_minute: u32) -> Knocks {
        let per_minute = u64::from(per_minute);
        let each = (per_minute * 60, (per_minute / 4).max(1));
        Knocks { each, rates: Mutex::default() }
    }

    /// Whether a caller from there may begin a handshake now.
    pub fn admit(&self, from: Origin, now: Instant) -> bool {
        self.with(|rates| {
            let empty = |bucket: &mut Bucket| bucket.wait(1, now).is_some();
            // Who has used up its own does not use up what the others have.
            if rates.addresses.get_mut(&from).is_some_and(empty) {
                return false;
            }
            if !rates.is_known(from, now) {
                let strangers = rates.strangers.get_or_insert_with(|| Bucket::full(STRANGERS, now));
                // An address that is not let in is not remembered either.
                if !strangers.take(now) {
                    return false;
                }
            }
            if rates.addresses.len() >= ADDRESSES {
                rates.addresses.retain(|_, bucket| !bucket.is_full(now));
            }
            let each = self.each;
            rates.addresses.entry(from).or_insert_with(|| Bucket::full(each, now)).take(now)
        })
    }

    /// Whether the key of a peer may end a handshake now. If not, the addresses from which it
    /// called are those of strangers again.
    pub fn admit_key(&self, peer: PartyId, now: Instant) -> bool {
        self.with(|rates| {
            let each = self.each;
            let key = rates.keys.entry(peer).or_insert_with(|| Bucket::full(each, now));
            let admitted = key.take(now);
            if !admitted {
                rates.known.retain(|_, (other, _)| *other != peer);
            }
            admitted
        })
    }

    /// A peer has ended a handshake from there.
    pub fn welcome(&self, from: Origin, peer: PartyId, now: Instant) {
        self.with(|rates| {
            if rates.known.len() >= ADDRESSES {
                rates.known.retain(|_, (_, at)| now.saturating_duration_since(*at) < KNOWN);
            }
            if rates.known.len() < ADDRESSES || rates.known.contains_key(&from) {
                rates.known.insert(from, (peer, now));
            }
        });
    }

    /// Whether a peer has called from there lately.
    pub fn is_known(&self, from: Origin, now: Instant) -> bool {
        self.with(|rates| rates.is_known(from, now))
    }

    fn with<T>(&self, what: impl FnOnce(&mut Rates) -> T) -> T {
        what(&mut self.rates.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Rates {
    fn is_known(&self, from: Origin, now: Instant) -> bool {
        let at = self.known.get(&from).map(|(_, at)| *at);
        at.is_some_and(|at| now.saturating_duration_since(at) < KNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const B: PartyId = PartyId([2; 32]);
    const C: PartyId = PartyId([3; 32]);

    fn from(number: u32) -> Origin {
        Origin::of(IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number)))
    }

    /// How many of so many handshakes of one address are let in at one moment.
    fn let_in(knocks: &Knocks, address: u32, count: usize, now: Instant) -> usize {
        (0..count).filter(|_| knocks.admit(from(address), now)).count()
    }

    #[test]
    fn an_address_that_knocks_without_end_is_slowed_and_no_other() {
        let (knocks, now) = (Knocks::new(240), Instant::now());
        assert_eq!(let_in(&knocks, 1, 1_000, now), 60);
        assert_eq!(let_in(&knocks, 1, 1_000, now + Duration::from_secs(2)), 8);
        assert_eq!(let_in(&knocks, 2, 3, now), 3);
    }

    #[test]
    fn strangers_from_everywhere_leave_room_for_whom_we_know() {
        let (knocks, now) = (Knocks::new(240), Instant::now());
        knocks.welcome(from(0), C, now);
        let strangers = (1..=10_000).filter(|number| knocks.admit(from(*number), now)).count();
        assert_eq!(strangers, STRANGERS.1 as usize);
        assert!(!knocks.admit(from(20_000), now));
        assert!(knocks.admit(from(0), now));
        // Those who were not let in are not remembered: a flood costs no memory.
        assert!(knocks.rates.lock().unwrap().addresses.len() <= 401);
        assert!(knocks.admit(from(20_000), now + Duration::from_secs(1)));
        assert!(!knocks.is_known(from(0), now + KNOWN));
    }

    #[test]
    fn a_key_has_one_rate_from_wherever_it_calls() {
        let (knocks, now) = (Knocks::new(240), Instant::now());
        (0..100).for_each(|number| knocks.welcome(from(number), B, now));
        knocks.welcome(from(200), C, now);
        assert_eq!((0..100).filter(|_| knocks.admit_key(B, now)).count(), 60);
        // It has made itself a stranger; the other has not.
        assert!(!knocks.is_known(from(0), now) && knocks.is_known(from(200), now));
        assert!(knocks.admit_key(C, now));
        assert!(knocks.admit_key(B, now + Duration::from_secs(1)));
    }

    #[test]
    fn one_network_of_ipv6_is_one_caller() {
        let of = |text: &str| Origin::of(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
        assert_ne!(of("::1"), of("0.0.0.1"));
    }
}
