//! The connection between two nodes: TLS 1.3 (RFC 8446), X25519MLKEM768 and no other group, raw
//! public keys (RFC 7250) pinned on both sides, nothing resumed, nothing sent early. Names and
//! certificates play no part: a peer is its transport key.
//!
//! The connection hides and authenticates what travels. The record does not rest on it: parcels
//! are sealed and acts signed whatever carries them.

use crate::seam::SystemRandom;
use crate::transport::{InForce, Secret};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::hash::sha256;
use counterpart_record::id::{Kid, PartyId, hex, unhex};
use counterpart_record::key::{Algorithm, Random as _, VerifyKey};
use counterpart_record::keys::{Keys, Ring};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer as Spki, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::version::TLS13;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, CommonState, DigitallySignedStruct,
    DistinguishedName, Error, PeerMisbehaved, ServerConfig, SignatureAlgorithm, SignatureScheme,
};
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

/// Which party a transport key (SubjectPublicKeyInfo, DER) speaks for now. Asked in the handshake
/// and again for each request, so that a revoked key ends at once.
pub type Peers = Arc<dyn Fn(&[u8]) -> Option<PartyId> + Send + Sync>;

/// Whether a peer may end one more handshake now; asked once in each, before its signature is
/// looked at.
pub type Rate = Arc<dyn Fn(PartyId) -> bool + Send + Sync>;

/// Longest time in which a handshake must end.
pub const HANDSHAKE: Duration = Duration::from_secs(5);

/// Where a peer cannot be reached because it does not know our key.
pub const OURS_UNKNOWN: &str = "the peer does not know our transport key";

/// The only application protocol.
const ALPN: &[u8] = b"http/1.1";

/// Our side of every connection: the transport key of one ring, and those of before by which a
/// peer may still know us.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The one in force comes first.
    keys: Vec<Known>,
    handshake: Duration,
}

/// Told of a transport key that speaks for no party, once its owner has proven that it is its own.
pub type Strangers = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// Whether a transport key of ours may be shown to those who expect it now.
pub type Shown = Arc<dyn Fn(&Kid) -> bool + Send + Sync>;

/// What the called side asks in each handshake, and whom it tells.
pub struct Asks {
    /// Whether the peer may end one now.
    pub rate: Rate,
    /// Whether a key of before that the caller expects may be shown.
    pub shown: Shown,
    /// Who hears of callers that nobody knows.
    pub strangers: Strangers,
}

impl Default for Asks {
    /// Every peer may, nothing of before is shown, nobody hears.
    fn default() -> Asks {
        Asks { rate: Arc::new(|_| true), shown: Arc::new(|_| false), strangers: Arc::new(|_| {}) }
    }
}

/// One of our keys, as others name it.
#[derive(Clone)]
struct Known {
    kid: Kid,
    key: Arc<CertifiedKey>,
    secret: Arc<dyn Secret>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({})", self.kid.short())
    }
}

impl Known {
    fn new(secret: Arc<dyn Secret>) -> Known {
        let (kid, spki) = (secret.public().thumbprint(), secret.public().to_spki());
        let public = vec![CertificateDer::from(spki.clone())];
        let key = TransportKey { secret: secret.clone(), spki };
        let key = Arc::new(CertifiedKey::new(public, Arc::new(key)));
        Known { kid, key, secret }
    }
}

impl Identity {
    /// From the node's keys. The secret stays behind the seam; each handshake asks it to sign
    /// once, in place: a token that takes long for it would need a thread of its own.
    pub fn new(keys: Arc<dyn Keys>, ring: Ring) -> Identity {
        let known = Known::new(Arc::new(InForce::new(keys, ring)));
        Identity { keys: vec![known], handshake: HANDSHAKE }
    }

    /// The same that can also show keys of before. Which of them may be shown is asked each time.
    pub fn with_older(mut self, older: Vec<Arc<dyn Secret>>) -> Identity {
        self.keys.extend(older.into_iter().map(Known::new));
        self
    }

    /// Whether we have the secret of this transport key.
    pub fn has(&self, kid: &Kid) -> bool {
        self.keys.iter().any(|known| known.kid == *kid)
    }

    /// The same with another limit for the handshake.
    pub fn with_handshake(self, handshake: Duration) -> Identity {
        Identity { handshake, ..self }
    }

    /// The side that is called.
    pub fn acceptor(&self, peers: Peers) -> Result<Acceptor> {
        self.acceptor_that_asks(peers, Asks::default())
    }

    /// The same, that asks and tells more in each handshake.
    pub fn acceptor_that_asks(&self, peers: Peers, asks: Asks) -> Result<Acceptor> {
        let Asks { rate, shown, strangers } = asks;
        let verifier = Arc::new(PinnedClients { peers: peers.clone(), rate, strangers });
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_protocol_versions(&[&TLS13])
            .map_err(misconfigured)?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(Arc::new(Expected { keys: self.keys.clone(), shown }));
        config.alpn_protocols = vec![ALPN.to_vec()];
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.max_early_data_size = 0;
        let inner = TlsAcceptor::from(Arc::new(config));
        Ok(Acceptor { inner, peers, handshake: self.handshake })
    }

    /// The side that calls, for the one peer whose transport key this is (SubjectPublicKeyInfo).
    pub fn connector(&self, peer: &[u8]) -> Result<Connector> {
        let first = self.keys.first().ok_or_else(|| Code::Internal.at("no transport key"))?;
        self.connector_as(&first.kid, peer)
    }

    /// The same that shows one of our keys, in force or of before. [`Code::KidUnknown`] if we do
    /// not have it.
    pub fn connector_as(&self, kid: &Kid, peer: &[u8]) -> Result<Connector> {
        let ours = self.keys.iter().find(|known| known.kid == *kid);
        let ours = ours.ok_or_else(|| Code::KidUnknown.at(kid.short()))?;
        let verifier = Arc::new(PinnedServer { spki: peer.to_vec(), expects: [expects(peer)] });
        let resolver = AlwaysResolvesClientRawPublicKeys::new(ours.key.clone());
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider()))
            .with_protocol_versions(&[&TLS13])
            .map_err(misconfigured)?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_client_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![ALPN.to_vec()];
        config.resumption = Resumption::disabled();
        config.enable_early_data = false;
        // The name tells nobody whom we call.
        config.enable_sni = false;
        let inner = TlsConnector::from(Arc::new(config));
        Ok(Connector { inner, handshake: self.handshake, from: None })
    }
}

/// Takes calls.
#[derive(Clone)]
pub struct Acceptor {
    inner: TlsAcceptor,
    peers: Peers,
    handshake: Duration,
}

impl Acceptor {
    /// Ends the handshake. The party is that of the pinned key; the key itself is returned too,
    /// to ask [`Acceptor::party`] again.
    pub async fn accept(&self, stream: TcpStream) -> Result<(ServerStream, PartyId, Vec<u8>)> {
        // Without it, small answers wait for an acknowledgement that the peer delays.
        stream.set_nodelay(true).map_err(|error| refused(&error))?;
        let handshake = timeout(self.handshake, self.inner.accept(stream)).await;
        let stream = handshake
            .map_err(|_| Code::PeerUnreachable.at("handshake: no end in time"))?
            .map_err(|error| refused(&error))?;
        let state: &CommonState = stream.get_ref().1;
        check_protocol(state)?;
        let spki = state.peer_certificates().and_then(<[_]>::first);
        let spki = spki.ok_or_else(|| Code::KidUnknown.at("no transport key"))?.to_vec();
        let party = self.party(&spki).ok_or_else(|| Code::KidUnknown.at("transport key"))?;
        Ok((stream, party, spki))
    }

    /// Which party the key speaks for now.
    pub fn party(&self, spki: &[u8]) -> Option<PartyId> {
        (self.peers)(spki)
    }
}

/// Calls one peer.
#[derive(Clone)]
pub struct Connector {
    inner: TlsConnector,
    handshake: Duration,
    from: Option<IpAddr>,
}

impl Connector {
    /// The same, that calls from one of several addresses of this machine.
    pub fn calling_from(self, address: IpAddr) -> Connector {
        Connector { from: Some(address), ..self }
    }

    /// Calls `endpoint`, `host:port`. [`Code::PeerUnreachable`] if nobody answers there in time,
    /// [`Code::KidUnknown`] if somebody else does, [`Code::AlgorithmUnknown`] if the two sides
    /// have no version or group in common.
    ///
    /// In TLS 1.3 the caller is done before the called has judged the caller's key: its refusal
    /// comes with the first read, and [`refused`] gives it its name.
    pub async fn connect(&self, endpoint: &str) -> Result<ClientStream> {
        let late = |_| Code::PeerUnreachable.at(format!("{endpoint}: no answer in time"));
        let connected = timeout(self.handshake, reach(endpoint, self.from)).await;
        let connected = connected.map_err(late)?.and_then(|stream| {
            stream.set_nodelay(true)?;
            Ok(stream)
        });
        let stream = connected.map_err(|error| refused(&error).within(endpoint))?;
        // Required by the interface; not sent, and not looked at.
        let name = ServerName::try_from("node.invalid").map_err(|_| Code::Internal.at("name"))?;
        let handshake = timeout(self.handshake, self.inner.connect(name, stream)).await;
        let stream = handshake.map_err(late)?.map_err(|error| refused(&error).within(endpoint))?;
        check_protocol(stream.get_ref().1).map_err(|fault| fault.within(endpoint))?;
        Ok(stream)
    }
}

/// A connection to `host:port`, from a certain address of ours if one is named.
pub async fn reach(endpoint: &str, from: Option<IpAddr>) -> io::Result<TcpStream> {
    let Some(from) = from else { return TcpStream::connect(endpoint).await };
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in lookup_host(endpoint).await?.filter(|to| to.is_ipv4() == from.is_ipv4()) {
        let socket = if from.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.bind((from, 0).into())?;
        match socket.connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A connection that a peer opened.
pub type ServerStream = server::TlsStream<TcpStream>;
/// A connection that we opened.
pub type ClientStream = client::TlsStream<TcpStream>;

/// A broken connection as a fault, also when the reason arrives later, inside an I/O error.
pub fn refused(error: &io::Error) -> Fault {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match tls {
        None => Code::PeerUnreachable.at(error.to_string()),
        Some(Error::AlertReceived(AlertDescription::AccessDenied)) => {
            Code::PeerUnreachable.at(OURS_UNKNOWN)
        }
        Some(
            Error::PeerIncompatible(_)
            | Error::AlertReceived(
                AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion,
            ),
        ) => Code::AlgorithmUnknown.at(format!("TLS: {error}")),
        Some(Error::InvalidCertificate(_) | Error::NoCertificatesPresented) => {
            Code::KidUnknown.at("transport key")
        }
        Some(_) => Code::PeerUnreachable.at(format!("TLS: {error}")),
    }
}

/// A caller that offers no protocol at all passes the handshake, but not here.
fn check_protocol(state: &CommonState) -> Result<()> {
    if state.alpn_protocol() == Some(ALPN) {
        return Ok(());
    }
    Err(Code::AlgorithmUnknown.at("TLS: no common application protocol"))
}

fn misconfigured(error: Error) -> Fault {
    Code::Internal.at(format!("TLS: {error}"))
}

/// One hybrid group, two suites of 256 bits. Never the default of the process.
fn provider() -> CryptoProvider {
    use rustls::crypto::aws_lc_rs::cipher_suite as suite;
    CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768],
        cipher_suites: vec![suite::TLS13_AES_256_GCM_SHA384, suite::TLS13_CHACHA20_POLY1305_SHA256],
        ..aws_lc_rs::default_provider()
    }
}

/// What the caller expects of the called, in its first message: `salt | SHA-256(...)` in the only
/// place that TLS has for it (certificate_authorities, RFC 8446 section 4.2.4), as an X.501 name
/// with one common name. Salted anew for each link, so that it says nothing to whoever does not
/// hold the key already. WIRE-3
fn expects(spki: &[u8]) -> DistinguishedName {
    let mut salt = [0; SALT];
    SystemRandom.fill(&mut salt);
    name(&salt, spki)
}

const SALT: usize = 16;

/// Length of the whole value: the salt and the first half of the digest.
const EXPECTS: usize = 32;

fn name(salt: &[u8; SALT], spki: &[u8]) -> DistinguishedName {
    let digest = sha256(&[b"counterpart/expects/v1", &salt[..], spki]);
    let text = hex(&[&salt[..], &digest[..EXPECTS - SALT]].concat());
    // RDNSequence { SET { SEQUENCE { 2.5.4.3, UTF8String } } }, every length below 128.
    let length = text.len() as u8;
    let common_name = [0x06, 3, 0x55, 0x04, 0x03, 0x0c, length];
    let mut name = [&[0x31, length + 9, 0x30, length + 7], &common_name[..]].concat();
    name.extend_from_slice(text.as_bytes());
    DistinguishedName::in_sequence(&name)
}

/// The salt in such a name.
fn salt(name: &DistinguishedName) -> Option<[u8; SALT]> {
    let digits = name.as_ref().get(13..)?;
    let bytes = unhex::<EXPECTS>(std::str::from_utf8(digits).ok()?).ok()?;
    bytes[..SALT].try_into().ok()
}

/// Shows each caller the key that it expects, if that is one of ours and may be shown; else the
/// one in force.
struct Expected {
    keys: Vec<Known>,
    shown: Shown,
}

impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Expected")
    }
}

impl ResolvesServerCert for Expected {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let (first, older) = self.keys.split_first()?;
        // One name: whoever sends a thousand shall not have them all hashed.
        let asked = hello.certificate_authorities().and_then(<[_]>::first);
        let asked = asked.and_then(|asked| Some((asked.as_ref(), salt(asked)?)));
        let fits = |known: &&Known| {
            asked.is_some_and(|(asked, salt)| {
                name(&salt, &known.secret.public().to_spki()).as_ref() == asked
            })
        };
        let found = older.iter().find(fits).filter(|known| (self.shown)(&known.kid));
        Some(found.unwrap_or(first).key.clone())
    }

    fn only_raw_public_keys(&self) -> bool {
        true
    }
}

/// A transport key behind the seam, as the TLS library sees it.
struct TransportKey {
    secret: Arc<dyn Secret>,
    spki: Vec<u8>,
}

impl fmt::Debug for TransportKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransportKey({})", self.secret.public().thumbprint().short())
    }
}

impl SigningKey for TransportKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let signer = TransportSigner { secret: self.secret.clone() };
        offered.contains(&SignatureScheme::ED25519).then(|| Box::new(signer) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<Spki<'_>> {
        Some(Spki::from(&self.spki[..]))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

struct TransportSigner {
    secret: Arc<dyn Secret>,
}

impl fmt::Debug for TransportSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransportSigner")
    }
}

impl Signer for TransportSigner {
    fn sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        let signature = self.secret.sign(message);
        signature.map_err(|fault| Error::General(fault.to_string()))
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// Judges callers: their key must be that of a party we know.
struct PinnedClients {
    peers: Peers,
    rate: Rate,
    strangers: Strangers,
}

/// Judges the called: its key must be the one expected.
#[derive(Debug)]
struct PinnedServer {
    spki: Vec<u8>,
    /// Told to it before it shows one.
    expects: [DistinguishedName; 1],
}

type Checked<T> = std::result::Result<T, Error>;

/// What a key that nobody pinned is called; the other side reads it as "access denied".
const UNKNOWN: Error = Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);

/// The same strict predicate that judges every other signature of the house.
fn check_signature(
    message: &[u8],
    spki: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
) -> Checked<HandshakeSignatureValid> {
    let bad = |error| Error::InvalidCertificate(error);
    if signed.scheme != SignatureScheme::ED25519 {
        return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
    }
    let key = VerifyKey::from_spki(spki).map_err(|_| bad(CertificateError::BadEncoding))?;
    if key.algorithm() != Algorithm::Ed25519 {
        return Err(bad(CertificateError::BadEncoding));
    }
    let verdict = key.verify(message, signed.signature());
    verdict.map_err(|_| bad(CertificateError::BadSignature))?;
    Ok(HandshakeSignatureValid::assertion())
}

impl fmt::Debug for PinnedClients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinnedClients")
    }
}

impl ClientCertVerifier for PinnedClients {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        spki: &CertificateDer<'_>,
        more: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Checked<ClientCertVerified> {
        if !more.is_empty() {
            return Err(UNKNOWN);
        }
        // A key that nobody knows is refused with the signature: anybody can show a public key, and
        // only the owner of one shall be told of.
        if (self.peers)(spki).is_none_or(|peer| (self.rate)(peer)) {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(Error::General("handshakes: more than a peer may begin".into()))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _spki: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Checked<HandshakeSignatureValid> {
        Err(Error::General("TLS 1.2".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        spki: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Checked<HandshakeSignatureValid> {
        let valid = check_signature(message, spki, signed)?;
        if (self.peers)(spki).is_some() {
            return Ok(valid);
        }
        (self.strangers)(spki);
        Err(UNKNOWN)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ServerCertVerifier for PinnedServer {
    fn verify_server_cert(
        &self,
        spki: &CertificateDer<'_>,
        more: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Checked<ServerCertVerified> {
        let expected = more.is_empty() && **spki == *self.spki;
        if expected { Ok(ServerCertVerified::assertion()) } else { Err(UNKNOWN) }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _spki: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Checked<HandshakeSignatureValid> {
        Err(Error::General("TLS 1.2".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        spki: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Checked<HandshakeSignatureValid> {
        check_signature(message, spki, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        Some(&self.expects)
    }
}

#[cfg(test)]
pub(crate) mod tests;
