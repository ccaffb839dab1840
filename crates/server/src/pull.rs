//! Pull: a node that nobody can call asks each peer for what it has. The question is an empty
//! request that the peer keeps open until it has something, or for the time named in it (RFC 7240
//! section 4.3; REC-45), and the answer is a parcel like any other. Nothing rests on who asked.

use crate::carry::{RETRY, links, pause, sweep, take};
use crate::peer::HOLD;
use crate::runner::Ledger;
use crate::tls::Identity;
use counterpart_engine::route::Route;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, sleep, sleep_until};

/// Two questions to one peer are at least so far apart, unless the first was answered by something
/// new: a peer that answers at once with nothing does not make us ask ever faster.
const LEAST: Duration = Duration::from_secs(1);

/// Asks until the task is ended. `reached` is told when a peer answers that did not before:
/// whatever waits to call it again need not wait longer.
pub async fn pull(ledger: Ledger, identity: Identity, route: Route, reached: Arc<Notify>) {
    let mut links = links(&identity, &route);
    let (mut at, mut wait, mut away) = (0, RETRY.0, true);
    while !links.is_empty() {
        let begun = Instant::now();
        let turn = at % links.len();
        let link = &mut links[turn];
        let answer = link.poll(HOLD).await;
        if answer.is_ok() && std::mem::replace(&mut away, false) {
            ledger.called(route.peer, None).await;
            reached.notify_one();
        }
        let outcome = match answer {
            Ok(answer) if answer.is_empty() => Ok(false),
            Ok(answer) => {
                let before = ledger.reach(route.peer);
                match take(&ledger, &route, answer).await {
                    // Our position goes back at once: the peer's people see that it arrived, and
                    // it does not send the same again.
                    Ok(_) => sweep(&ledger, link, &route, true)
                        .await
                        .map(|()| ledger.reach(route.peer) != before),
                    Err(fault) => Err(fault),
                }
            }
            Err(fault) => Err(fault),
        };
        match outcome {
            Ok(news) => {
                wait = RETRY.0;
                if !news {
                    sleep_until(begun + LEAST).await;
                }
            }
            Err(fault) => {
                ledger.lost(route.peer).await;
                let pause = pause(&ledger, &links[turn], &route, &fault, wait).await;
                (at, away) = (at + 1, true);
                sleep(pause).await;
                wait = (wait * 2).min(RETRY.1);
            }
        }
    }
}
