//! The side that is called: who may knock, how much, and what each fault looks like outside.

use super::paced::{Paced, Phase};
use super::{BUFFER_BYTES, PATH, Pace, read_body};
use crate::calls::{self, Closed};
use crate::problem;
use crate::tls::Acceptor;
use counterpart_record::fault::{Blame, Code, Fault, Result};
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::{Object, Value};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// What a handler gives back in its time: a parcel, none (empty), or a fault.
pub type Answer = Pin<Box<dyn Future<Output = Result<Vec<u8>>> + Send>>;

/// Takes a parcel of an authenticated peer. It may be dropped before it is done, when the peer
/// hangs up.
pub type Handler = Arc<dyn Fn(PartyId, Vec<u8>) -> Answer + Send + Sync>;

/// The door for peers.
#[derive(Clone)]
pub struct Door {
    tls: Acceptor,
    handler: Handler,
    pace: Pace,
    seats: Seats,
    handshakes: Arc<Semaphore>,
}

impl Door {
    /// A door at the usual pace.
    pub fn new(tls: Acceptor, handler: Handler) -> Door {
        Door::with_pace(tls, handler, Pace::default())
    }

    /// A door at another pace.
    pub fn with_pace(tls: Acceptor, handler: Handler, pace: Pace) -> Door {
        let handshakes = Arc::new(Semaphore::new(pace.handshakes));
        Door { tls, handler, pace, seats: Seats::default(), handshakes }
    }

    /// Serves until `shutdown` is ready; then no call is taken, requests under way are answered,
    /// and it returns.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        calls::serve(listener, |call, closed| self.clone().attend(call, closed), shutdown).await;
    }

    /// One connection from its handshake to its end.
    async fn attend(self, stream: TcpStream, mut closed: Closed) {
        // Callers are nobody until their handshake is done: a flood of them is turned away here,
        // and costs those who are connected nothing.
        let Ok(permit) = self.handshakes.clone().try_acquire_owned() else { return };
        let Ok((stream, peer, spki)) = self.tls.accept(stream).await else { return };
        drop(permit);
        let Some(_seat) = self.seats.take(peer, self.pace.per_peer) else { return };
        let phase = Phase::default();
        let stream = Paced::new(stream, phase.clone(), self.pace);
        let caller = Arc::new(Caller { door: self, peer, spki, phase });
        let service = service_fn(move |request| {
            let caller = caller.clone();
            async move {
                let _busy = caller.phase.busy();
                Ok::<_, Infallible>(caller.answer(request).await)
            }
        });
        let connection = http1::Builder::new()
            .header_read_timeout(None)
            .max_headers(32)
            .max_buf_size(BUFFER_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = closed.wait_for(|closed| *closed) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// A peer on one connection.
struct Caller {
    door: Door,
    peer: PartyId,
    spki: Vec<u8>,
    phase: Phase,
}

impl Caller {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let hang_up = |mut response: Response<Full<Bytes>>| {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            response
        };
        // Asked per request: a key that was revoked a minute ago ends here, not at the next call.
        if self.door.tls.party(&self.spki) != Some(self.peer) {
            return hang_up(explain(StatusCode::FORBIDDEN, Code::NotAccredited));
        }
        if request.uri().path() != PATH {
            return hang_up(explain(StatusCode::NOT_FOUND, Code::ArgumentWrong));
        }
        if request.method() != Method::POST {
            let mut response = explain(StatusCode::METHOD_NOT_ALLOWED, Code::ArgumentWrong);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return hang_up(response);
        }
        let parcel = match read_body(request.into_body(), &self.door.pace).await {
            Ok(parcel) => parcel,
            Err(fault) if fault.code == Code::TooLarge => {
                return hang_up(explain(StatusCode::PAYLOAD_TOO_LARGE, fault.code));
            }
            Err(fault) => return hang_up(explain(StatusCode::REQUEST_TIMEOUT, fault.code)),
        };
        match (self.door.handler)(self.peer, parcel).await {
            Ok(reply) => carry(reply),
            Err(fault) => refuse(&fault),
        }
    }
}

fn carry(reply: Vec<u8>) -> Response<Full<Bytes>> {
    let empty = reply.is_empty();
    let mut response = Response::new(Full::new(Bytes::from(reply)));
    if empty {
        *response.status_mut() = StatusCode::NO_CONTENT;
    } else {
        let kind = HeaderValue::from_static("application/octet-stream");
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}

/// A fault of the handler. The place stays here: what is wrong inside is nobody's business, and
/// what is wrong with the parcel its sender finds by the code.
fn refuse(fault: &Fault) -> Response<Full<Bytes>> {
    if fault.code == Code::Busy {
        let mut response = explain(StatusCode::SERVICE_UNAVAILABLE, Code::Busy);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    }
    match fault.code.blame() {
        Blame::Peer | Blame::Officer => explain(StatusCode::BAD_REQUEST, fault.code),
        Blame::World if fault.code == Code::EntriesMissing => {
            explain(StatusCode::CONFLICT, fault.code)
        }
        Blame::Operator | Blame::World | Blame::Bug => {
            explain(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal)
        }
    }
}

fn explain(status: StatusCode, code: Code) -> Response<Full<Bytes>> {
    let Object(mut members) = problem::object(&code.at(""));
    members.retain(|(name, _)| name == "code");
    let body = Value::Object(Object(members)).to_text();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Who has how many connections open.
#[derive(Clone, Default)]
struct Seats(Arc<Mutex<HashMap<PartyId, usize>>>);

/// One connection, counted until it is dropped.
struct Seat {
    seats: Seats,
    peer: PartyId,
}

impl Seats {
    fn take(&self, peer: PartyId, most: usize) -> Option<Seat> {
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
