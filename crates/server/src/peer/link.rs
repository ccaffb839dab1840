//! The side that calls: one connection to one peer, kept open and made anew when it broke.

use super::{BUFFER_BYTES, PATH, PREFER, Pace, read_body};
use crate::problem;
use crate::tls::{Connector, refused};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::limits;
use counterpart_record::strict::json;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::error::Error as _;
use std::io;
use std::time::Duration;
use tokio::time::timeout;

/// A way to one peer.
pub struct PeerLink {
    tls: Connector,
    endpoint: String,
    pace: Pace,
    /// Taken out while a parcel is under way, so that a dropped `send` leaves none half used.
    open: Option<SendRequest<Full<Bytes>>>,
    /// When the peer asked to come again, by its last answer.
    again_in: Option<Duration>,
}

impl PeerLink {
    /// To the peer that `tls` expects, at `host:port`. Connects with the first parcel.
    pub fn new(tls: Connector, endpoint: impl Into<String>) -> PeerLink {
        PeerLink::with_pace(tls, endpoint, Pace::default())
    }

    /// The same at another pace.
    pub fn with_pace(tls: Connector, endpoint: impl Into<String>, pace: Pace) -> PeerLink {
        PeerLink { tls, endpoint: endpoint.into(), pace, open: None, again_in: None }
    }

    /// In how long the peer asked us to come again: with the last [`Code::Busy`] or
    /// [`Code::OverQuota`].
    pub fn again_in(&self) -> Option<Duration> {
        self.again_in
    }

    /// Whether a connection stood when it was last used and nobody has closed it since.
    pub fn is_connected(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.is_closed())
    }

    /// Sends a parcel and waits for the answer, which may be empty. [`Code::PeerUnreachable`],
    /// [`Code::Busy`], [`Code::OverQuota`], [`Code::TooLarge`], a code of [`Connector::connect`],
    /// or the code that the peer gave for the parcel.
    pub async fn send(&mut self, parcel: Vec<u8>) -> Result<Vec<u8>> {
        if parcel.len() > limits::PARCEL_BYTES {
            return Err(Code::TooLarge.at(format!("parcel of {} bytes", parcel.len())));
        }
        self.ask(post(Bytes::from(parcel)), None).await
    }

    /// Asks for what the peer has for us; it may hold the answer back for so long. The answer is
    /// empty if there was nothing. Faults as for [`PeerLink::send`].
    pub async fn poll(&mut self, wait: Duration) -> Result<Vec<u8>> {
        self.ask(post(Bytes::new()), Some(wait)).await
    }

    /// Makes a request and gives what is in the answer. With `wait`, the peer may hold it back.
    pub(super) async fn ask(
        &mut self,
        mut request: Request<Full<Bytes>>,
        wait: Option<Duration>,
    ) -> Result<Vec<u8>> {
        self.again_in = None;
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_static("node.invalid"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        if let Some(wait) = wait.and_then(|wait| format!("wait={}", wait.as_secs()).parse().ok()) {
            headers.insert(PREFER, wait);
        }
        // The peer may have gone since the last parcel, and that shows only now. Then once more on
        // a new connection: a parcel that comes twice is answered alike.
        if let Some(open) = self.open.take().filter(|open| !open.is_closed())
            && let Tried::Answered(answer) = self.exchange(open, request.clone(), wait).await
        {
            return answer;
        }
        let open = self.connect().await?;
        match self.exchange(open, request, wait).await {
            Tried::Answered(answer) => answer,
            Tried::Broken(fault) => Err(fault),
        }
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>> {
        let stream = self.tls.connect(&self.endpoint).await?;
        let handshake = http1::Builder::new()
            .max_headers(32)
            .max_buf_size(BUFFER_BYTES)
            .handshake(TokioIo::new(stream))
            .await;
        let (open, connection) = handshake.map_err(|error| self.broken(&error))?;
        // Ends with the connection, and the connection with `open`.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(open)
    }

    /// One request. The connection is kept only if the answer was read to its end.
    async fn exchange(
        &mut self,
        mut open: SendRequest<Full<Bytes>>,
        request: Request<Full<Bytes>>,
        wait: Option<Duration>,
    ) -> Tried {
        // A poll that is not answered soon after its time hangs on a dead line.
        let patience = wait.map_or(self.pace.answer, |wait| wait + self.pace.late);
        let sent = timeout(patience, async {
            open.ready().await?;
            open.send_request(request).await
        });
        let response = match sent.await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Tried::Broken(self.broken(&error)),
            // A peer that takes a parcel and stays silent is not asked again at once.
            Err(_) => return Tried::Answered(Err(self.silent())),
        };
        let answer = self.read(response).await;
        let broken_off = matches!(&answer, Err(fault) if fault.code == Code::PeerUnreachable);
        if !broken_off {
            self.open = Some(open);
        }
        Tried::Answered(answer)
    }

    async fn read(&mut self, response: Response<Incoming>) -> Result<Vec<u8>> {
        let status = response.status();
        let wait = response.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok());
        let wait = wait.and_then(|wait| wait.parse::<u32>().ok());
        let body = read_body(response.into_body(), &self.pace).await;
        let body = body.map_err(|fault| fault.within(&self.endpoint))?;
        match status {
            StatusCode::OK | StatusCode::NO_CONTENT | StatusCode::PARTIAL_CONTENT => Ok(body),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                let slow = status == StatusCode::TOO_MANY_REQUESTS;
                let seconds = wait.unwrap_or(1).clamp(1, 3_600);
                self.again_in = Some(Duration::from_secs(seconds.into()));
                let code = if slow { Code::OverQuota } else { Code::Busy };
                Err(code.at(format!("{}: again in {seconds} s", self.endpoint)))
            }
            _ => Err(self.said(status, &body)),
        }
    }

    /// The code that the peer gave. Nothing else of what it wrote is taken over.
    fn said(&self, status: StatusCode, body: &[u8]) -> Fault {
        let said = json::parse_object(body).ok().and_then(|object| problem::read(&object));
        let code = said.map_or(Code::StructureWrong, |fault| fault.code);
        code.at(format!("{} answered {}", self.endpoint, status.as_u16()))
    }

    fn silent(&self) -> Fault {
        Code::PeerUnreachable.at(format!("{}: no answer in time", self.endpoint))
    }

    /// A broken connection; the reason of the TLS library lies below that of the HTTP library.
    fn broken(&self, error: &hyper::Error) -> Fault {
        let below = error.source().and_then(|below| below.downcast_ref::<io::Error>());
        let fault = match below {
            Some(below) => refused(below),
            None => Code::PeerUnreachable.at(error.to_string()),
        };
        fault.within(&self.endpoint)
    }
}

fn post(parcel: Bytes) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(parcel));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = hyper::Uri::from_static(PATH);
    request
}

enum Tried {
    Answered(Result<Vec<u8>>),
    /// No answer at all.
    Broken(Fault),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::tests::node;

    #[test]
    fn of_a_refusal_only_a_listed_code_is_taken_over() {
        let (a, b) = (node(1), node(2));
        let link = PeerLink::new(a.identity.connector(&b.spki).unwrap(), "host:1");
        let said = |body: &str| link.said(StatusCode::BAD_REQUEST, body.as_bytes());
        let fault = said(r#"{"code":"urn:counterpart:fault:seal-broken","at":"<b>read me</b>"}"#);
        assert_eq!(fault, Code::SealBroken.at("host:1 answered 400"));
        for body in ["", "<html>", r#"{"code":"urn:counterpart:fault:none"}"#, "[1]"] {
            assert_eq!(said(body).code, Code::StructureWrong, "{body}");
        }
    }
}
