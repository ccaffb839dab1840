//! Push: for each accredited peer that can be called, one task that sends what waits, one parcel
//! under way at a time. While the peer commits one batch, our ledger gathers the next.

use crate::peer::PeerLink;
use crate::runner::Ledger;
use crate::tls::Identity;
use counterpart_engine::node::Route;
use counterpart_record::fault::{Code, Result};
use counterpart_record::keys::Ring;
use std::collections::HashMap;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// After this long without an act, heads and cosignatures that are owed go out by themselves.
const IDLE: Duration = Duration::from_secs(2);
/// First and longest wait before a peer that could not be reached is called again.
const RETRY: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(60));

/// Keeps one task per route, and changes them as the routes change.
pub async fn supervise(mut ledger: Ledger, identity: Identity) {
    let mut tasks: HashMap<Vec<u8>, (Route, JoinHandle<()>)> = HashMap::new();
    loop {
        let routes = ledger.routes.borrow_and_update().clone();
        tasks.retain(|_, (route, task)| {
            let stays = routes.contains(route);
            if !stays {
                task.abort();
            }
            stays
        });
        for route in routes {
            if route.endpoints.is_empty() || tasks.contains_key(&route.spki) {
                continue;
            }
            let task = tokio::spawn(push(ledger.clone(), identity.clone(), route.clone()));
            tasks.insert(route.spki.clone(), (route, task));
        }
        if ledger.routes.changed().await.is_err() {
            tasks.values().for_each(|(_, task)| task.abort());
            return;
        }
    }
}

async fn push(mut ledger: Ledger, identity: Identity, route: Route) {
    let links = route.endpoints.iter().filter_map(|endpoint| {
        Some(PeerLink::new(identity.connector(&route.spki).ok()?, endpoint.clone()))
    });
    let mut links: Vec<PeerLink> = links.collect();
    let (mut at, mut wait, mut idle) = (0, RETRY.0, true);
    while !links.is_empty() {
        ledger.acts.borrow_and_update();
        let turn = at % links.len();
        match sweep(&ledger, &mut links[turn], &route, idle).await {
            Ok(()) => wait = RETRY.0,
            Err(_) => {
                // What went wrong is not told to anybody here: the state "not held since" is
                // computed from the record, and shown where a person looks.
                ledger.lost(route.peer).await;
                at += 1;
                ledger.pressing.borrow_and_update();
                tokio::select! {
                    () = sleep(wait) => wait = (wait * 2).min(RETRY.1),
                    // A call that presses is no reason to call more often than at first, and every
                    // reason not to wait for a minute.
                    _ = ledger.pressing.changed() => {
                        sleep(RETRY.0).await;
                        wait = RETRY.0;
                    }
                }
                idle = true;
                continue;
            }
        }
        idle = match timeout(IDLE, ledger.acts.changed()).await {
            Ok(Ok(())) => false,
            Ok(Err(_)) => return,
            Err(_) => true,
        };
    }
}

/// Sends on both rings until nothing presses.
async fn sweep(ledger: &Ledger, link: &mut PeerLink, route: &Route, idle: bool) -> Result<()> {
    for ring in Ring::ALL {
        let mut idle = idle;
        while let Some(parcel) = ledger.outgoing(route.peer, ring, idle).await? {
            let answer = link.send(parcel).await?;
            idle = if answer.is_empty() { false } else { busy_answer(ledger, answer).await? };
        }
    }
    Ok(())
}

/// An answer that the ledger has no room for now is given to it a little later: it is the peer's
/// word that it holds our acts, and asking for it again costs a parcel.
async fn busy_answer(ledger: &Ledger, answer: Vec<u8>) -> Result<bool> {
    loop {
        match ledger.answer(answer.clone()).await {
            Err(fault) if fault.code == Code::Busy => sleep(Duration::from_millis(5)).await,
            other => return other,
        }
    }
}
