//! Who may sit at the door: connections of each peer, and callers who are nobody yet.

use crate::knock::Origin;
use counterpart_record::id::PartyId;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Who has how many connections open.
#[derive(Clone, Default)]
pub(super) struct Seats(Arc<Mutex<HashMap<PartyId, u32>>>);

/// One connection, counted until it is dropped.
pub(super) struct Seat {
    seats: Seats,
    peer: PartyId,
}

impl Seats {
    /// One of `most`, if it is free.
    pub(super) fn take(&self, peer: PartyId, most: u32) -> Option<Seat> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(peer).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Seat { seats: self.clone(), peer })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.peer);
            }
        }
    }
}

/// The handshakes under way, oldest first.
#[derive(Clone)]
pub(super) struct Handshakes {
    most: usize,
    /// Origin one address.
    each: usize,
    under_way: Arc<Mutex<Counted>>,
}

/// How many there were, and those that are not over, by their number.
#[derive(Default)]
struct Counted {
    begun: u64,
    open: BTreeMap<u64, Begun>,
}

/// A caller who is nobody yet. It hears by the loss of the sender that it is to make room.
struct Begun {
    from: Origin,
    /// No peer has called from there lately.
    strange: bool,
    _told: oneshot::Sender<()>,
}

/// A handshake, under way until it is dropped.
pub(super) struct UnderWay {
    handshakes: Handshakes,
    number: u64,
}

impl Handshakes {
    pub(super) fn new(most: usize, each: usize) -> Handshakes {
        Handshakes { most: most.max(1), each: each.max(1), under_way: Arc::default() }
    }

    /// One more. If there are too many from its address, the oldest of these makes room; if there
    /// are too many in all, the oldest of a stranger, else the oldest.
    pub(super) fn begin(&self, from: Origin, strange: bool) -> (UnderWay, oneshot::Receiver<()>) {
        let (told, pushed_out) = oneshot::channel();
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let number = under_way.begun;
        under_way.begun += 1;
        let open = &mut under_way.open;
        let mut same = open.iter().filter(|(_, begun)| begun.from == from).map(|(nth, _)| *nth);
        let oldest = same.next();
        // The one that was taken is counted, too.
        let out = if same.count() + 1 >= self.each && oldest.is_some() {
            oldest
        } else if open.len() >= self.most {
            let stranger = open.iter().find(|(_, begun)| begun.strange).map(|(nth, _)| *nth);
            stranger.or_else(|| open.keys().next().copied())
        } else {
            None
        };
        out.map(|number| open.remove(&number));
        open.insert(number, Begun { from, strange, _told: told });
        (UnderWay { handshakes: self.clone(), number }, pushed_out)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut under_way =
            self.handshakes.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.open.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn from(number: u8) -> Origin {
        Origin::of(Ipv4Addr::new(10, 0, 0, number).into())
    }

    #[test]
    fn one_address_pushes_itself_out_and_strangers_before_those_we_know() {
        let handshakes = Handshakes::new(6, 3);
        let begin = |number, strange| handshakes.begin(from(number), strange);
        let gone = |(_, told): &mut (UnderWay, oneshot::Receiver<()>)| {
            told.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed)
        };
        let mut known = begin(1, false);
        let mut flood: Vec<_> = (0..10).map(|_| begin(2, true)).collect();
        let left = flood.iter_mut().map(gone).filter(|gone| !gone).count();
        assert_eq!((left, gone(&mut known)), (3, false));
        // Origin many addresses: strangers make room, the oldest first.
        let mut others: Vec<_> = (3..=12).map(|number| begin(number, true)).collect();
        assert!(flood.iter_mut().all(gone) && !gone(&mut known));
        assert!(!gone(&mut others[9]) && gone(&mut others[0]));
        drop(known);
        let mut again: Vec<_> = (21..=26).map(|number| begin(number, false)).collect();
        assert!(others.iter_mut().all(gone));
        let mut last = begin(27, true);
        assert!(gone(&mut again[0]) && !gone(&mut again[1]) && !gone(&mut last));
    }
}
