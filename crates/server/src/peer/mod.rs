//! Push: parcels between two nodes over HTTP/1.1 (RFC 9112) inside the pinned connection.
//!
//! Parcels: `POST /counterpart/1/parcel` with a sealed parcel. The answer is 200 with a parcel,
//! 204 if there is none, 503 with Retry-After when the ledger is busy, 429 with Retry-After when
//! the peer has used up what it may ([`crate::quota`]), and 4xx or 500 with
//! `{"code": "urn:counterpart:fault:..."}`. A peer that cannot be called asks for what there is for
//! it by an empty body and `Prefer: wait=N` (RFC 7240 section 4.3): the answer, a parcel or none,
//! is held back for so many seconds. Delivery is not durable and sending again does no harm, so a
//! broken connection needs no care beyond a new one.

mod blob;
mod door;
mod link;
mod paced;
mod seats;
#[cfg(test)]
mod tests;

pub use blob::Carrier;
pub use door::{Answer, Asked, Door, Handler};
pub use link::PeerLink;

use counterpart_record::fault::{Code, Fault};
use counterpart_record::limits;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Where parcels go. The other paths are those of attachments: see `blob`.
pub const PATH: &str = "/counterpart/1/parcel";

/// The header by which a poll says how long it may be held.
const PREFER: &str = "prefer";

/// How long a poll is held, at the most. Shorter than the minute after which a firewall on the way
/// may forget a silent connection.
pub const HOLD: Duration = Duration::from_secs(50);

/// How long each side waits for the other, and how much it takes from one.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// From the first byte of a request to the end of its head.
    pub head: Duration,
    /// From the head of a request or an answer to the end of its body.
    pub body: Duration,
    /// What a body may take before it must have sent anything; then each byte buys more.
    pub body_grace: Duration,
    /// Least bytes in a second of a body.
    pub body_rate: u64,
    /// Between two requests on one connection.
    pub idle: Duration,
    /// From a parcel sent to the head of the answer: room for a commit under load.
    pub answer: Duration,
    /// How long a poll is held, at the most.
    pub hold: Duration,
    /// How much later than that the answer to a poll may come.
    pub late: Duration,
    /// How long whoever is over quota waits for the answer that says so.
    pub late_no: Duration,
    /// Connections that one peer may have open.
    pub per_peer: u32,
    /// Handshakes that may be under way, of all callers together.
    pub handshakes: usize,
    /// The same of one address.
    pub per_address: usize,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            head: Duration::from_secs(5),
            body: Duration::from_secs(60),
            body_grace: Duration::from_secs(5),
            body_rate: 16 * 1024,
            idle: Duration::from_secs(120),
            answer: Duration::from_secs(60),
            hold: HOLD,
            late_no: Duration::from_secs(1),
            late: Duration::from_secs(15),
            per_peer: 8,
            handshakes: 256,
            per_address: 32,
        }
    }
}

/// Largest buffer of a connection in bytes; a body goes through it in pieces.
const BUFFER_BYTES: usize = 256 * 1024;

/// Reads a body of at most [`limits::PARCEL_BYTES`] at the pace asked for.
/// [`Code::TooLarge`] before it is read where the length is announced; [`Code::PeerUnreachable`]
/// if it breaks off or comes too slowly.
async fn read_body(body: Incoming, pace: &Pace) -> Result<Vec<u8>, Fault> {
    read_up_to(body, pace, limits::PARCEL_BYTES).await
}

/// The same, of at most `most` bytes.
async fn read_up_to(mut body: Incoming, pace: &Pace, most: usize) -> Result<Vec<u8>, Fault> {
    let too_large = || Code::TooLarge.at(format!("body over {most} bytes"));
    let announced = body.size_hint().exact().unwrap_or(0);
    if announced > most as u64 {
        return Err(too_large());
    }
    let began = Instant::now();
    // Only what has come is paid for with memory, not what was announced.
    let mut bytes = Vec::with_capacity((announced as usize).min(BUFFER_BYTES));
    loop {
        let bought = Duration::from_secs(bytes.len() as u64 / pace.body_rate.max(1));
        let deadline = began + pace.body.min(pace.body_grace + bought);
        let frame = timeout_at(deadline, body.frame()).await;
        let frame = frame.map_err(|_| Code::PeerUnreachable.at("body: too slow"))?;
        let Some(frame) = frame else { return Ok(bytes) };
        let frame = frame.map_err(|_| Code::PeerUnreachable.at("body: broken off"))?;
        // Trailers mean nothing here.
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&data);
    }
}
