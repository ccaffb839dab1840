//! Push: for each accredited peer that can be called, one task that sends what waits, one parcel
//! under way at a time. While the peer commits one batch, our ledger gathers the next. Where the
//! peer cannot call us, a second task asks it for what it has.

use crate::carry::{RETRY, links, pause, sweep};
use crate::pull::pull;
use crate::runner::Ledger;
use crate::tls::Identity;
use counterpart_engine::route::Route;
use counterpart_record::fault::Code;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// After this long without an act, heads and cosignatures that are owed go out by themselves.
const IDLE: Duration = Duration::from_secs(2);

/// However long a peer asks us to wait: a call that presses is tried again after so long. It takes
/// small parcels all the while.
const PRESSING: Duration = Duration::from_secs(3);

/// Keeps the tasks of each route, and changes them as the routes change. A node that does not
/// listen asks its peers, whatever its credential says.
pub async fn supervise(mut ledger: Ledger, identity: Identity, listens: bool) {
    // A set that is dropped ends its tasks.
    let mut tasks: HashMap<Vec<u8>, (Route, JoinSet<()>)> = HashMap::new();
    loop {
        let routes = ledger.routes.borrow_and_update().clone();
        tasks.retain(|_, (route, _)| routes.contains(route));
        for route in routes {
            if route.endpoints.is_empty() || tasks.contains_key(&route.spki) {
                continue;
            }
            let (mut both, reached) = (JoinSet::new(), Arc::new(Notify::new()));
            both.spawn(push(ledger.clone(), identity.clone(), route.clone(), reached.clone()));
            if route.pull || !listens {
                both.spawn(pull(ledger.clone(), identity.clone(), route.clone(), reached));
            }
            tasks.insert(route.spki.clone(), (route, both));
        }
        if ledger.routes.changed().await.is_err() {
            return;
        }
    }
}

async fn push(mut ledger: Ledger, identity: Identity, route: Route, reached: Arc<Notify>) {
    let mut links = links(&identity, &route);
    let (mut at, mut wait, mut idle, mut slowed) = (0, RETRY.0, true, false);
    // How many calls pressed before the last time that all got through, and whether one has not
    // since: it may have come while the parcel before it was under way.
    let (mut through, mut presses) = (0, false);
    let mut reached_at = None;
    while !links.is_empty() {
        let seen = written(&mut ledger, &route);
        let pressed = *ledger.pressing.borrow();
        let turn = at % links.len();
        match sweep(&ledger, &mut links[turn], &route, idle).await {
            Ok(()) => {
                if std::mem::replace(&mut slowed, false) {
                    ledger.slow(route.peer, 0).await;
                }
                (wait, presses, through) = (RETRY.0, false, pressed);
                if reached_at != Some(turn) && links[turn].is_connected() {
                    reached_at = Some(turn);
                    ledger.called(route.peer, None).await;
                }
            }
            Err(fault) => {
                // What went wrong is not told to anybody here: the state "not held since" is
                // computed from the record, and shown where a person looks.
                ledger.lost(route.peer).await;
                slowed |= fault.code == Code::OverQuota;
                let pause = pause(&ledger, &links[turn], &route, &fault, wait).await;
                presses |= *ledger.pressing.borrow_and_update() != through;
                let pause = if presses { pause.min(PRESSING) } else { pause };
                (at, reached_at) = (at + 1, None);
                tokio::select! {
                    () = sleep(pause) => wait = (wait * 2).min(RETRY.1),
                    // A call that presses is no reason to call more often than at first, and every
                    // reason not to wait for a minute. So is a peer that has just answered.
                    _ = ledger.pressing.changed() => {
                        sleep(RETRY.0).await;
                        (wait, presses) = (RETRY.0, true);
                    }
                    () = reached.notified() => wait = RETRY.0,
                }
                idle = true;
                continue;
            }
        }
        let new = ledger.acts.wait_for(|acts| acts.get(&route.peer).copied() != seen);
        idle = match timeout(IDLE, async { new.await.is_ok() }).await {
            Ok(true) => false,
            Ok(false) => return,
            Err(_) => true,
        };
    }
}

/// How much we have written for the peer of a route.
fn written(ledger: &mut Ledger, route: &Route) -> Option<u64> {
    ledger.acts.borrow_and_update().get(&route.peer).copied()
}
