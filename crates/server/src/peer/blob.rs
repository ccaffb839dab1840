//! Sealed bytes of attachments between two nodes, in pieces that either side can check.
//!
//! ```text
//! GET  /counterpart/1/attachment/<root>        Range: bytes=a-b        206: those bytes
//! PUT  /counterpart/1/attachment/<root>        Content-Range: a-b/n    200: how many are held now
//! GET  /counterpart/1/attachment/<root>/held                           200: how many are held
//! PUT  /counterpart/1/attachment/<root>/held                           204: "I have all of it"
//! ```
//!
//! Whoever can call fetches; a node that nobody can call offers. What the caller may not know of
//! is 404, and so is what is not there. ATT-8.

use super::{Pace, PeerLink, read_up_to};
use counterpart_engine::haul::{Ask, Reply};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::{PartyId, hex, unhex};
use counterpart_record::limits::ATTACHMENT_PIECE;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE};
use hyper::{Method, Request, Response, StatusCode, Uri};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

const PATH: &str = "/counterpart/1/attachment/";
const HELD: &str = "/held";

/// Gives and takes sealed bytes of an authenticated peer. [`Code::AttachmentMissing`] for all that
/// the peer shall not know of.
pub type Carrier = Arc<dyn Fn(PartyId, Hash, Ask) -> Carried + Send + Sync>;

/// What a [`Carrier`] gives in its time.
pub type Carried = Pin<Box<dyn Future<Output = Result<Reply>> + Send>>;

/// Whether a request is one of these.
pub(super) fn is(request: &Request<Incoming>) -> bool {
    request.uri().path().starts_with(PATH)
}

/// Answers one. The place of a fault stays here.
pub(super) async fn answer(
    carrier: &Carrier,
    peer: PartyId,
    request: Request<Incoming>,
    pace: &Pace,
) -> Result<Response<Full<Bytes>>> {
    let (root, ask) = read(request, pace).await?;
    Ok(match carrier(peer, root, ask).await? {
        Reply::Held(count) => Response::new(Full::new(Bytes::from(count.to_string()))),
        Reply::Noted => with_status(StatusCode::NO_CONTENT, Vec::new()),
        Reply::Bytes { from, size, bytes } => {
            let to = from + bytes.len() as u64;
            let mut response = with_status(StatusCode::PARTIAL_CONTENT, bytes);
            let kind = HeaderValue::from_static("application/octet-stream");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            let range = format!("bytes {from}-{}/{size}", to.saturating_sub(1));
            let range = HeaderValue::from_str(&range).map_err(|_| Code::Internal.at("range"))?;
            response.headers_mut().insert(CONTENT_RANGE, range);
            response
        }
    })
}

fn with_status(status: StatusCode, bytes: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(bytes)));
    *response.status_mut() = status;
    response
}

async fn read(request: Request<Incoming>, pace: &Pace) -> Result<(Hash, Ask)> {
    let unknown = || Code::AttachmentMissing.at("");
    let rest = request.uri().path().strip_prefix(PATH).ok_or_else(unknown)?;
    let (name, held) = match rest.strip_suffix(HELD) {
        Some(name) => (name, true),
        None => (rest, false),
    };
    let root = unhex(name).map_err(|_| unknown())?;
    let ask = match (request.method(), held) {
        (&Method::GET, true) => Ask::Held,
        (&Method::PUT, true) => Ask::Taken,
        (&Method::GET, false) => {
            let (from, to) = range(request.headers(), &RANGE, "bytes=")?;
            if to - from > ATTACHMENT_PIECE as u64 {
                return Err(Code::TooLarge.at("range"));
            }
            Ask::Read { from, to }
        }
        (&Method::PUT, false) => {
            let (from, to) = range(request.headers(), &CONTENT_RANGE, "bytes ")?;
            let bytes = read_up_to(request.into_body(), pace, ATTACHMENT_PIECE).await?;
            if bytes.len() as u64 != to - from {
                return Err(Code::AttachmentWrong.at("range"));
            }
            Ask::Write { from, bytes }
        }
        _ => return Err(unknown()),
    };
    Ok((root, ask))
}

/// `bytes=a-b` with both ends, the last one included; what is behind a slash is left out.
fn range(headers: &HeaderMap, name: &HeaderName, unit: &str) -> Result<(u64, u64)> {
    let read = || -> Option<(u64, u64)> {
        let text = headers.get(name)?.to_str().ok()?.strip_prefix(unit)?;
        let (from, to) = text.split('/').next()?.split_once('-')?;
        let (from, to) = (from.parse().ok()?, to.parse::<u64>().ok()?.checked_add(1)?);
        (from < to).then_some((from, to))
    };
    read().ok_or_else(|| Code::ArgumentWrong.at("range"))
}

impl PeerLink {
    /// Bytes `from..to` of the peer's. [`Code::AttachmentMissing`] if it has none for us.
    pub async fn piece(&mut self, root: &Hash, from: u64, to: u64) -> Result<Vec<u8>> {
        let mut request = request(Method::GET, root, "", Vec::new())?;
        put(&mut request, &RANGE, format!("bytes={from}-{}", to.saturating_sub(1)))?;
        let bytes = self.ask(request, None).await?;
        if bytes.len() as u64 > to - from {
            return Err(Code::AttachmentWrong.at("more bytes than were asked for"));
        }
        Ok(bytes)
    }

    /// How much the peer holds of ours.
    pub async fn held(&mut self, root: &Hash) -> Result<u64> {
        let answer = self.ask(request(Method::GET, root, HELD, Vec::new())?, None).await?;
        count(&answer)
    }

    /// Gives the peer bytes of ours from `from` on; how much it holds then.
    pub async fn offer(
        &mut self,
        root: &Hash,
        from: u64,
        size: u64,
        bytes: Vec<u8>,
    ) -> Result<u64> {
        let last = (from + bytes.len() as u64).saturating_sub(1);
        let mut request = request(Method::PUT, root, "", bytes)?;
        put(&mut request, &CONTENT_RANGE, format!("bytes {from}-{last}/{size}"))?;
        count(&self.ask(request, None).await?)
    }

    /// Tells the peer that we have all of one of its.
    pub async fn taken(&mut self, root: &Hash) -> Result<()> {
        self.ask(request(Method::PUT, root, HELD, Vec::new())?, None).await.map(|_| ())
    }
}

fn request(method: Method, root: &Hash, end: &str, body: Vec<u8>) -> Result<Request<Full<Bytes>>> {
    let mut request = Request::new(Full::new(Bytes::from(body)));
    *request.method_mut() = method;
    let path = Uri::try_from(format!("{PATH}{}{end}", hex(root)));
    *request.uri_mut() = path.map_err(|_| Code::Internal.at("path"))?;
    Ok(request)
}

fn put(request: &mut Request<Full<Bytes>>, name: &HeaderName, value: String) -> Result<()> {
    let value = HeaderValue::from_str(&value).map_err(|_| Code::Internal.at("header"))?;
    request.headers_mut().insert(name, value);
    Ok(())
}

fn count(answer: &[u8]) -> Result<u64> {
    let text = std::str::from_utf8(answer).ok().filter(|text| text.len() <= 20);
    let wrong = || -> Fault { Code::StructureWrong.at("not a count of bytes") };
    text.and_then(|text| text.parse().ok()).ok_or_else(wrong)
}
