//! Who may sit at the door: connections of each peer, and callers who are nobody yet.

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
    under_way: Arc<Mutex<Counted>>,
}

/// How many there were, and those that are not over, by their number.
type Counted = (u64, BTreeMap<u64, oneshot::Sender<()>>);

/// A handshake, under way until it is dropped.
pub(super) struct UnderWay {
    handshakes: Handshakes,
    number: u64,
}

impl Handshakes {
    pub(super) fn new(most: usize) -> Handshakes {
        Handshakes { most: most.max(1), under_way: Arc::default() }
    }

    /// One more. If there are too many, the oldest hears it by the loss of its sender.
    pub(super) fn begin(&self) -> (UnderWay, oneshot::Receiver<()>) {
        let (sender, pushed_out) = oneshot::channel();
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let number = under_way.0;
        under_way.0 += 1;
        if under_way.1.len() >= self.most {
            under_way.1.pop_first();
        }
        under_way.1.insert(number, sender);
        (UnderWay { handshakes: self.clone(), number }, pushed_out)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut under_way =
            self.handshakes.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.1.remove(&self.number);
    }
}
