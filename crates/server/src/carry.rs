//! What push and pull share: a link to a peer, and what goes over it until nothing waits.

use crate::peer::PeerLink;
use crate::runner::Ledger;
use crate::tls::{Identity, OURS_UNKNOWN};
use counterpart_engine::route::Route;
use counterpart_engine::unmatched::Mismatch;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::keys::Ring;
use std::time::Duration;
use tokio::time::sleep;

/// First and longest wait before a peer that could not be reached is called again.
pub const RETRY: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(60));

/// The ways to a peer: one for each endpoint that its credential names, under each of our transport
/// keys by which it may know us; one that fails gives way to the next. WIRE-1
pub fn links(identity: &Identity, route: &Route) -> Vec<PeerLink> {
    let ways =
        route.known_as.iter().flat_map(|kid| route.endpoints.iter().map(move |at| (kid, at)));
    let links = ways.filter_map(|(kid, endpoint)| {
        let connector = identity.connector_as(kid, &route.spki).ok()?;
        Some(PeerLink::new(connector, endpoint.clone()))
    });
    links.collect()
}

/// What a failed call says of keys, if it does.
fn mismatch(fault: &Fault) -> Option<Mismatch> {
    match fault.code {
        Code::KidUnknown => Some(Mismatch::TheirsUnknown),
        Code::PeerUnreachable if fault.at.ends_with(OURS_UNKNOWN) => Some(Mismatch::OursUnknown),
        _ => None,
    }
}

/// Sends on both rings until nothing presses; with `idle`, also what could wait.
pub async fn sweep(ledger: &Ledger, link: &mut PeerLink, route: &Route, idle: bool) -> Result<()> {
    for ring in Ring::ALL {
        let mut idle = idle;
        while let Some(parcel) = ledger.outgoing(route.peer, ring, idle).await? {
            let answer = link.send(parcel).await?;
            idle = !answer.is_empty() && take(ledger, route, answer).await?;
        }
    }
    Ok(())
}

/// Registers what a peer answered; whether it waits for our word: it asks for what came before, or
/// has sent acts. An answer that the ledger
/// has no room for now is given to it a little later: it is the peer's word that it holds our
/// acts, and asking for it again costs a parcel.
pub async fn take(ledger: &Ledger, route: &Route, answer: Vec<u8>) -> Result<bool> {
    loop {
        match ledger.answer(route.peer, answer.clone()).await {
            Err(fault) if fault.code == Code::Busy => sleep(Duration::from_millis(5)).await,
            other => return other,
        }
    }
}

/// How long to wait after a peer could not be reached or would not take what we have: what it asked
/// for, else `usual`. That it asks us to slow down is shown to people.
pub async fn pause(
    ledger: &Ledger,
    link: &PeerLink,
    route: &Route,
    fault: &Fault,
    usual: Duration,
) -> Duration {
    // What was noted stays until a call gets through: the alert that says it may be lost.
    if let Some(how) = mismatch(fault) {
        ledger.called(route.peer, Some(how)).await;
    }
    let asked = link.again_in();
    if let Some(asked) = asked.filter(|_| fault.code == Code::OverQuota) {
        ledger.slow(route.peer, asked.as_secs()).await;
    }
    asked.map_or(usual, |asked| asked.max(usual))
}
