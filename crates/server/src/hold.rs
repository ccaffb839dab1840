//! The side that is asked: a poll of a peer that nobody can call is held until there is something
//! for it (REC-45). A held poll is a task that sleeps: it takes no thread, and asks the ledger once
//! when it begins and once when we have written something for that peer.

use crate::runner::Ledger;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::PartyId;
use counterpart_record::keys::Ring;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;
use tokio::time::{Duration, Instant, sleep_until};

/// The polls that are held: one for each peer. A newer one ends the one before, since a peer asks
/// again only after it has lost the connection.
#[derive(Clone, Default)]
pub struct Holds(Arc<Mutex<HashMap<PartyId, oneshot::Sender<()>>>>);

impl Holds {
    /// A parcel for the peer as soon as there is one; none when the time is over, when a newer
    /// poll of it came, or when anybody's standing changed, so that it is looked at again.
    pub async fn poll(&self, ledger: &Ledger, peer: PartyId, wait: Duration) -> Result<Vec<u8>> {
        let deadline = Instant::now() + wait;
        let mut newer = self.begin(peer);
        let (mut acts, mut routes) = (ledger.acts.clone(), ledger.routes.clone());
        routes.borrow_and_update();
        // At first also what could wait: a position, or what an answer that was lost had told.
        let mut idle = true;
        loop {
            let seen = acts.borrow_and_update().get(&peer).copied();
            for ring in Ring::ALL {
                match ledger.outgoing(peer, ring, idle).await {
                    Ok(Some(parcel)) => return Ok(parcel),
                    Ok(None) => {}
                    // A peer that we know and that has no channel yet.
                    Err(fault) if fault.code == Code::NotAccredited => {}
                    Err(fault) => return Err(fault),
                }
            }
            idle = false;
            let written = async {
                let changed = acts.wait_for(|acts| acts.get(&peer).copied() != seen);
                changed.await.is_ok()
            };
            tokio::select! {
                goes_on = written => {
                    if !goes_on {
                        return Err(Code::NotRunning.at("ledger"));
                    }
                }
                _ = routes.changed() => return Ok(Vec::new()),
                _ = &mut newer => return Ok(Vec::new()),
                () = sleep_until(deadline) => return Ok(Vec::new()),
            }
        }
    }

    fn begin(&self, peer: PartyId) -> oneshot::Receiver<()> {
        let (begun, newer) = oneshot::channel();
        // The one before hears it by the loss of its sender.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(peer, begun);
        newer
    }
}
