//! What push and pull share: a link to a peer, and what goes over it until nothing waits.

use crate::peer::PeerLink;
use crate::runner::Ledger;
use crate::tls::Identity;
use counterpart_engine::node::Route;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::keys::Ring;
use std::time::Duration;
use tokio::time::sleep;

/// First and longest wait before a peer that could not be reached is called again.
pub const RETRY: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(60));

/// The ways to a peer: one for each endpoint that its credential names.
pub fn links(identity: &Identity, route: &Route) -> Vec<PeerLink> {
    let links = route.endpoints.iter().filter_map(|endpoint| {
        Some(PeerLink::new(identity.connector(&route.spki).ok()?, endpoint.clone()))
    });
    links.collect()
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
    let asked = link.again_in();
    if let Some(asked) = asked.filter(|_| fault.code == Code::OverQuota) {
        ledger.slow(route.peer, asked.as_secs()).await;
    }
    asked.map_or(usual, |asked| asked.max(usual))
}
