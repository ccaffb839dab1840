//! The side that is called: who may knock, how much, and what each fault looks like outside.

use super::blob::{self, Carrier};
use super::paced::{Paced, Phase};
use super::seats::{Handshakes, Seats};
use super::{BUFFER_BYTES, PATH, PREFER, Pace, read_body};
use crate::calls::{self, Closed};
use crate::knock::Origin;
use crate::problem;
use crate::quota::{Guard, Pass};
use crate::tally::What;
use crate::tls::Acceptor;
use counterpart_record::fault::{Blame, Code, Fault, Result};
use counterpart_record::id::PartyId;
use counterpart_record::limits;
use counterpart_record::strict::json::{Object, Value};
use http_body_util::Full;
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// What a handler gives back in its time: a parcel, none (empty), or a fault.
pub type Answer = Pin<Box<dyn Future<Output = Result<Vec<u8>>> + Send>>;

/// What an authenticated peer asks.
pub enum Asked {
    /// To register a parcel, let in as this, and answer it.
    Parcel(Vec<u8>, Pass),
    /// For whatever there is for it, within so long.
    Poll(Duration),
}

/// Takes what a peer asks. It may be dropped before it is done, when the peer hangs up; a poll also
/// when the door closes.
pub type Handler = Arc<dyn Fn(PartyId, Asked) -> Answer + Send + Sync>;

/// The door for peers.
#[derive(Clone)]
pub struct Door {
    tls: Acceptor,
    handler: Handler,
    carrier: Option<Carrier>,
    pace: Pace,
    seats: Seats,
    handshakes: Handshakes,
    guard: Arc<Guard>,
}

impl Door {
    /// A door at the usual pace.
    pub fn new(tls: Acceptor, handler: Handler, guard: Arc<Guard>) -> Door {
        let per_peer = guard.quotas.limits().connections;
        Door::with_pace(tls, handler, guard, Pace { per_peer, ..Pace::default() })
    }

    /// A door at another pace.
    pub fn with_pace(tls: Acceptor, handler: Handler, guard: Arc<Guard>, pace: Pace) -> Door {
        let handshakes = Handshakes::new(pace.handshakes, pace.per_address);
        let seats = Seats::default();
        Door { tls, handler, carrier: None, pace, seats, handshakes, guard }
    }

    /// With somebody who gives and takes sealed bytes.
    pub fn carrying(self, carrier: Carrier) -> Door {
        Door { carrier: Some(carrier), ..self }
    }

    /// Serves until `shutdown` is ready; then no call is taken, requests under way are answered,
    /// and it returns.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        calls::serve(listener, |call, closed| self.clone().attend(call, closed), shutdown).await;
    }

    /// One connection from its handshake to its end.
    async fn attend(self, stream: TcpStream, mut closed: Closed) {
        let (knocks, tally) = (&self.guard.knocks, &self.guard.tally);
        let Ok(address) = stream.peer_addr() else { return };
        let from = Origin::of(address.ip());
        // Before a byte is read: the costly part of a handshake is ours to do first.
        if !knocks.admit(from, Instant::now()) {
            return tally.count(None, What::Knocks);
        }
        // Callers are nobody until their handshake is done. Whoever has been at it for longest
        // makes room for the newest: a flood of callers who never end it costs one who does
        // nothing.
        let strange = !knocks.is_known(from, Instant::now());
        let (under_way, pushed_out) = self.handshakes.begin(from, strange);
        let accepted = tokio::select! {
            accepted = self.tls.accept(stream) => accepted,
            _ = pushed_out => return tally.count(None, What::Crowd),
        };
        drop(under_way);
        let Ok((stream, peer, spki)) = accepted else {
            return tally.count(None, What::Handshake);
        };
        knocks.welcome(from, peer, Instant::now());
        let Some(_seat) = self.seats.take(peer, self.pace.per_peer) else {
            return self.guard.tally.count(Some(peer), What::Seats);
        };
        let phase = Phase::default();
        let stream = Paced::new(stream, phase.clone(), self.pace);
        let closing = closed.clone();
        let caller = Arc::new(Caller { door: self, peer, spki, phase, closing });
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
    closing: Closed,
}

impl Caller {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let count = |what| self.door.guard.tally.count(Some(self.peer), what);
        // Asked per request: a key that was revoked a minute ago ends here, not at the next call.
        if !self.is_known() {
            count(What::NoStanding);
            return hang_up(explain(StatusCode::FORBIDDEN, Code::NotAccredited));
        }
        if let Some(carrier) = self.door.carrier.as_ref().filter(|_| blob::is(&request)) {
            return self.attachment(carrier, request).await;
        }
        if request.uri().path() != PATH {
            count(What::Strange);
            return hang_up(explain(StatusCode::NOT_FOUND, Code::ArgumentWrong));
        }
        if request.method() != Method::POST {
            count(What::Strange);
            let mut response = explain(StatusCode::METHOD_NOT_ALLOWED, Code::ArgumentWrong);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return hang_up(response);
        }
        let wait = wait_asked(&request);
        let announced = request.body().size_hint().exact();
        let quotas = &self.door.guard.quotas;
        let pass = match quotas.admit(self.peer, announced, Instant::now()) {
            Ok(pass) => pass,
            Err(seconds) => return self.turn_away(request.into_body(), seconds).await,
        };
        let parcel = match read_body(request.into_body(), &self.door.pace).await {
            Ok(parcel) => parcel,
            Err(fault) if fault.code == Code::TooLarge => {
                count(What::TooLarge);
                quotas.refused(self.peer, Instant::now());
                return hang_up(explain(StatusCode::PAYLOAD_TOO_LARGE, fault.code));
            }
            Err(fault) => {
                count(What::TooSlow);
                return hang_up(explain(StatusCode::REQUEST_TIMEOUT, fault.code));
            }
        };
        quotas.read(self.peer, parcel.len() as u64, Instant::now());
        let outcome = match wait.filter(|_| parcel.is_empty()) {
            Some(wait) => {
                count(What::Poll);
                quotas.asked(self.peer, Instant::now());
                self.poll(wait.min(self.door.pace.hold)).await
            }
            None => {
                let outcome = (self.door.handler)(self.peer, Asked::Parcel(parcel, pass)).await;
                self.account(outcome.as_ref().err());
                outcome
            }
        };
        match outcome {
            // A poll is long: a key that was revoked meanwhile gets nothing more.
            Ok(_) if !self.is_known() => {
                hang_up(explain(StatusCode::FORBIDDEN, Code::NotAccredited))
            }
            Ok(reply) => carry(reply),
            Err(fault) => refuse(&fault),
        }
    }

    /// A piece of an attachment: what it brings goes to the same account as a parcel.
    async fn attachment(
        &self,
        carrier: &Carrier,
        request: Request<Incoming>,
    ) -> Response<Full<Bytes>> {
        let (quotas, now) = (&self.door.guard.quotas, Instant::now());
        let bytes = request.body().size_hint().exact();
        if let Err(seconds) = quotas.admit(self.peer, bytes, now) {
            return self.turn_away(request.into_body(), seconds).await;
        }
        quotas.read(self.peer, bytes.unwrap_or(limits::ATTACHMENT_PIECE as u64), now);
        let answer = blob::answer(carrier, self.peer, request, &self.door.pace).await;
        answer.unwrap_or_else(|fault| refuse_piece(&fault))
    }

    /// Over quota. Not at once: a connection that is answered late asks seldom, and waits at no
    /// cost. Then it is read, though not looked at: whoever is cut off does not hear why.
    async fn turn_away(&self, body: Incoming, seconds: u64) -> Response<Full<Bytes>> {
        self.door.guard.tally.count(Some(self.peer), What::OverQuota);
        let mut closing = self.closing.clone();
        let _ = timeout(self.door.pace.late_no, closing.wait_for(|closed| *closed)).await;
        let rest = read_body(body, &self.door.pace).await;
        let response = come_again(StatusCode::TOO_MANY_REQUESTS, Code::OverQuota, seconds);
        if rest.is_ok() { response } else { hang_up(response) }
    }

    /// Counts a parcel by what became of it.
    fn account(&self, fault: Option<&Fault>) {
        let what = match fault.map(|fault| (fault.code, fault.code.blame())) {
            None => What::Parcel,
            Some((Code::Busy, _)) => What::Busy,
            Some((_, Blame::Peer | Blame::Officer)) => {
                self.door.guard.quotas.refused(self.peer, Instant::now());
                What::Malformed
            }
            Some(_) => What::Failed,
        };
        self.door.guard.tally.count(Some(self.peer), what);
    }

    /// Held until there is something for the peer, and let go with nothing when the door closes.
    async fn poll(&self, wait: Duration) -> Result<Vec<u8>> {
        let mut closing = self.closing.clone();
        tokio::select! {
            answer = (self.door.handler)(self.peer, Asked::Poll(wait)) => answer,
            _ = async { closing.wait_for(|closed| *closed).await.is_ok() } => Ok(Vec::new()),
        }
    }

    fn is_known(&self) -> bool {
        self.door.tls.party(&self.spki) == Some(self.peer)
    }
}

/// How long a poll may be held, where it is one: `Prefer: wait=50` (RFC 7240 section 4.3).
fn wait_asked(request: &Request<Incoming>) -> Option<Duration> {
    let preferred = request.headers().get(PREFER)?.to_str().ok()?;
    let mut each = preferred.split(',').map(str::trim);
    let seconds = each.find_map(|preference| preference.strip_prefix("wait="))?;
    seconds.parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()))
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
        return come_again(StatusCode::SERVICE_UNAVAILABLE, Code::Busy, 1);
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

/// The last answer on this connection.
fn hang_up(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Not now, but in so many seconds.
fn come_again(status: StatusCode, code: Code, seconds: u64) -> Response<Full<Bytes>> {
    let mut response = explain(status, code);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// What is not there, or not for this peer, is not there for it. ATT-8.
fn refuse_piece(fault: &Fault) -> Response<Full<Bytes>> {
    if fault.code == Code::AttachmentMissing {
        return explain(StatusCode::NOT_FOUND, Code::AttachmentMissing);
    }
    let mut response = refuse(fault);
    // What follows in the connection may be the rest of a body.
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
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
