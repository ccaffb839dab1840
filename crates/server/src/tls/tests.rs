//! Over real sockets of the loopback interface.

use super::*;
use crate::keyfile::NodeSeeds;
use crate::seam::SystemRandom;
use counterpart_record::keys::Role;
use rustls::{HandshakeKind, NamedGroup, ProtocolVersion};
use std::sync::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A node's keys and its transport key.
pub(crate) struct Node {
    pub(crate) identity: Identity,
    pub(crate) spki: Vec<u8>,
    pub(crate) party: PartyId,
}

pub(crate) fn node(number: u8) -> Node {
    let keys: Arc<dyn Keys> = Arc::new(NodeSeeds::fresh(&SystemRandom).keys().unwrap());
    let spki = keys.public(Ring::Live).key(Role::Transport).to_spki();
    let identity = Identity::new(keys, Ring::Live).with_handshake(Duration::from_millis(800));
    Node { identity, spki, party: PartyId([number; 32]) }
}

/// Knows one peer.
pub(crate) fn only(peer: &Node) -> Peers {
    let (spki, party) = (peer.spki.clone(), peer.party);
    Arc::new(move |asked| (asked == spki).then_some(party))
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = listener.local_addr().unwrap().to_string();
    (listener, endpoint)
}

/// Accepts one call and, if it is taken, answers one byte with the next.
async fn answer_one(
    listener: &TcpListener,
    acceptor: &Acceptor,
) -> Result<(PartyId, Vec<u8>, ServerStream)> {
    let (stream, _) = listener.accept().await.unwrap();
    let (mut stream, party, spki) = acceptor.accept(stream).await?;
    let byte = stream.read_u8().await.map_err(|error| refused(&error))?;
    stream.write_u8(byte + 1).await.unwrap();
    stream.flush().await.unwrap();
    Ok((party, spki, stream))
}

async fn ask(connector: &Connector, endpoint: &str) -> Result<(u8, ClientStream)> {
    let mut stream = connector.connect(endpoint).await?;
    stream.write_u8(41).await.map_err(|error| refused(&error))?;
    let byte = stream.read_u8().await.map_err(|error| refused(&error))?;
    Ok((byte, stream))
}

#[tokio::test]
async fn a_good_pair_speaks_tls_13_with_the_hybrid_group() {
    let (a, b) = (node(1), node(2));
    let (listener, endpoint) = listener().await;
    let acceptor = b.identity.acceptor(only(&a)).unwrap();
    let connector = a.identity.connector(&b.spki).unwrap();
    // Twice: the second is a full handshake again.
    for _ in 0..2 {
        let (called, asked) =
            tokio::join!(answer_one(&listener, &acceptor), ask(&connector, &endpoint));
        let (party, spki, ours) = called.unwrap();
        let (byte, theirs) = asked.unwrap();
        assert_eq!((party, &spki, byte), (a.party, &a.spki, 42));
        let states: [&CommonState; 2] = [ours.get_ref().1, theirs.get_ref().1];
        for state in states {
            assert_eq!(state.protocol_version(), Some(ProtocolVersion::TLSv1_3));
            assert_eq!(state.handshake_kind(), Some(HandshakeKind::Full));
            let group = state.negotiated_key_exchange_group().unwrap().name();
            assert_eq!(group, NamedGroup::X25519MLKEM768);
        }
        assert!(ours.get_ref().0.nodelay().unwrap() && theirs.get_ref().0.nodelay().unwrap());
        assert_eq!(ours.get_ref().1.server_name(), None);
        assert_eq!(theirs.get_ref().1.tls13_tickets_received(), 0);
    }
}

#[tokio::test]
async fn a_caller_that_nobody_knows_is_refused() {
    let (a, b, stranger) = (node(1), node(2), node(3));
    let (listener, endpoint) = listener().await;
    let (heard, asks) = listening();
    let acceptor = b.identity.acceptor_that_asks(only(&a), asks).unwrap();
    let connector = stranger.identity.connector(&b.spki).unwrap();
    let mut told = false;
    for _ in 0..5 {
        let (called, asked) =
            tokio::join!(answer_one(&listener, &acceptor), ask(&connector, &endpoint));
        assert_eq!(called.err().unwrap().code, Code::KidUnknown);
        let fault = asked.err().unwrap();
        assert_eq!(fault.code, Code::PeerUnreachable);
        // The alert can lose the race against the end of the connection.
        told = told || fault.at == "the peer does not know our transport key";
    }
    assert!(told);
    assert_eq!(*heard.lock().unwrap(), vec![stranger.spki; 5]);
}

#[tokio::test]
async fn somebody_else_at_the_endpoint_is_refused() {
    let (a, b, stranger) = (node(1), node(2), node(3));
    let (listener, endpoint) = listener().await;
    let acceptor = stranger.identity.acceptor(only(&a)).unwrap();
    let connector = a.identity.connector(&b.spki).unwrap();
    let (called, asked) =
        tokio::join!(answer_one(&listener, &acceptor), ask(&connector, &endpoint));
    assert!(called.is_err());
    assert_eq!(asked.err().unwrap().code, Code::KidUnknown);
}

/// The keys of callers that nobody knows, as the called side is told of them.
fn listening() -> (Arc<Mutex<Vec<Vec<u8>>>>, Asks) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = heard.clone();
    let strangers: Strangers = Arc::new(move |spki| ear.lock().unwrap().push(spki.to_vec()));
    (heard, Asks { strangers, ..Asks::default() })
}

/// Neither does somebody knock with a key that is not its own: nobody could blame another.
#[tokio::test]
async fn a_caller_without_the_private_key_is_refused() {
    let (a, b, thief) = (node(1), node(2), node(3));
    for known in [&a, &b] {
        let (listener, endpoint) = listener().await;
        let (heard, asks) = listening();
        let acceptor = b.identity.acceptor_that_asks(only(known), asks).unwrap();
        // Shows the key of another and signs with its own.
        let shown = vec![CertificateDer::from(a.spki.clone())];
        let key = CertifiedKey::new(shown, thief.identity.keys[0].key.key.clone());
        let identity = Identity {
            keys: vec![Known { key: Arc::new(key), ..thief.identity.keys[0].clone() }],
            ..thief.identity.clone()
        };
        let connector = identity.connector(&b.spki).unwrap();
        let (called, asked) =
            tokio::join!(answer_one(&listener, &acceptor), ask(&connector, &endpoint));
        assert_eq!(called.err().unwrap().code, Code::KidUnknown);
        assert_eq!(asked.err().unwrap().code, Code::PeerUnreachable);
        assert!(heard.lock().unwrap().is_empty());
    }
}

/// Our own caller, changed in one thing.
fn odd_connector(a: &Node, b: &Node, provider: CryptoProvider, shows_key: bool) -> Connector {
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(PinnedServer {
            spki: b.spki.clone(),
            expects: [expects(&b.spki)],
        }));
    let mut config = if shows_key {
        let resolver = AlwaysResolvesClientRawPublicKeys::new(a.identity.keys[0].key.clone());
        builder.with_client_cert_resolver(Arc::new(resolver))
    } else {
        builder.with_no_client_auth()
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    Connector { inner: TlsConnector::from(Arc::new(config)), handshake: HANDSHAKE, from: None }
}

#[tokio::test]
async fn a_caller_without_the_hybrid_group_is_refused() {
    let (a, b) = (node(1), node(2));
    let (listener, endpoint) = listener().await;
    let acceptor = b.identity.acceptor(only(&a)).unwrap();
    let groups = [aws_lc_rs::kx_group::X25519, aws_lc_rs::kx_group::SECP256R1];
    for group in groups {
        let provider = CryptoProvider { kx_groups: vec![group], ..provider() };
        let connector = odd_connector(&a, &b, provider, true);
        let (called, asked) =
            tokio::join!(answer_one(&listener, &acceptor), ask(&connector, &endpoint));
        assert_eq!(called.err().unwrap().code, Code::AlgorithmUnknown);
        assert_eq!(asked.err().unwrap().code, Code::AlgorithmUnknown);
    }
    // The same caller with the group is taken: nothing else was wrong with it.
    let connector = odd_connector(&a, &b, provider(), true);
    let (called, asked) =
        tokio::join!(answer_one(&listener, &acceptor), ask(&connector, &endpoint));
    assert!(called.is_ok() && asked.is_ok());
}

#[tokio::test]
async fn a_caller_that_would_resume_gets_no_ticket() {
    let (a, b) = (node(1), node(2));
    let (listener, endpoint) = listener().await;
    let acceptor = b.identity.acceptor(only(&a)).unwrap();
    // The library resumes unless it is told not to.
    let connector = odd_connector(&a, &b, provider(), true);
    for _ in 0..2 {
        let (called, asked) =
            tokio::join!(answer_one(&listener, &acceptor), ask(&connector, &endpoint));
        let (_, theirs) = asked.unwrap();
        assert!(called.is_ok());
        assert_eq!(theirs.get_ref().1.tls13_tickets_received(), 0);
        assert_eq!(theirs.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
    }
}

#[tokio::test]
async fn a_caller_without_a_key_is_refused() {
    let (a, b) = (node(1), node(2));
    let (listener, endpoint) = listener().await;
    let acceptor = b.identity.acceptor(only(&a)).unwrap();
    let connector = odd_connector(&a, &b, provider(), false);
    let (called, asked) =
        tokio::join!(answer_one(&listener, &acceptor), ask(&connector, &endpoint));
    assert!(called.is_err() && asked.is_err());
}

#[tokio::test]
async fn a_caller_without_our_protocol_is_refused() {
    let (a, b) = (node(1), node(2));
    let (listener, endpoint) = listener().await;
    let acceptor = b.identity.acceptor(only(&a)).unwrap();
    let resolver = AlwaysResolvesClientRawPublicKeys::new(a.identity.keys[0].key.clone());
    let config = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(PinnedServer {
            spki: b.spki.clone(),
            expects: [expects(&b.spki)],
        }))
        .with_client_cert_resolver(Arc::new(resolver));
    let connector =
        Connector { inner: TlsConnector::from(Arc::new(config)), handshake: HANDSHAKE, from: None };
    let (called, asked) =
        tokio::join!(answer_one(&listener, &acceptor), ask(&connector, &endpoint));
    assert_eq!(called.err().unwrap().code, Code::AlgorithmUnknown);
    assert_eq!(asked.err().unwrap().code, Code::AlgorithmUnknown);
}

/// A ClientHello of TLS 1.2 as bytes, since our library is built without that version: version
/// 0x0303, ECDHE suites, groups x25519 and P-256, and no supported_versions extension.
fn client_hello_of_tls_12() -> Vec<u8> {
    let extensions: &[u8] = &[
        0, 10, 0, 6, 0, 4, 0, 29, 0, 23, // supported_groups
        0, 11, 0, 2, 1, 0, // ec_point_formats
        0, 13, 0, 6, 0, 4, 8, 7, 4, 3, // signature_algorithms: ed25519, ecdsa_p256
    ];
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0]);
    body.extend([0, extensions.len() as u8]);
    body.extend(extensions);
    let length = body.len() as u8;
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(body);
    record
}

#[tokio::test]
async fn a_caller_of_tls_12_is_refused() {
    let (a, b) = (node(1), node(2));
    let (listener, endpoint) = listener().await;
    let acceptor = b.identity.acceptor(only(&a)).unwrap();
    let call = async {
        let mut stream = TcpStream::connect(&endpoint).await.unwrap();
        stream.write_all(&client_hello_of_tls_12()).await.unwrap();
        let mut alert = Vec::new();
        let _ = stream.read_to_end(&mut alert).await;
        alert
    };
    let (called, alert) = tokio::join!(answer_one(&listener, &acceptor), call);
    assert_eq!(called.err().unwrap().code, Code::AlgorithmUnknown);
    // An alert record: fatal, protocol_version.
    assert_eq!((alert[0], &alert[5..]), (21, &[2, 70][..]));
}

#[tokio::test]
async fn a_caller_that_says_nothing_is_let_go_in_time() {
    let (a, b) = (node(1), node(2));
    let (listener, endpoint) = listener().await;
    let acceptor = b.identity.acceptor(only(&a)).unwrap();
    let silent = TcpStream::connect(&endpoint).await.unwrap();
    let began = tokio::time::Instant::now();
    let fault = answer_one(&listener, &acceptor).await.err().unwrap();
    assert_eq!(fault.code, Code::PeerUnreachable);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    drop(silent);
}

#[tokio::test]
async fn a_peer_that_says_nothing_is_unreachable_in_time() {
    let (a, b) = (node(1), node(2));
    let (listener, endpoint) = listener().await;
    let connector = a.identity.connector(&b.spki).unwrap();
    let fault = connector.connect(&endpoint).await.err().unwrap();
    assert_eq!(fault.code, Code::PeerUnreachable);
    drop(listener);
    assert_eq!(connector.connect(&endpoint).await.err().unwrap().code, Code::PeerUnreachable);
}

/// WIRE-3: each caller is shown the key that it expects, if it is one that may be shown.
#[tokio::test]
async fn a_key_of_before_is_shown_to_whoever_expects_it_and_to_nobody_else() {
    let (a, b) = (node(1), node(2));
    // B has new keys; A still expects the old one.
    let new = node(2);
    let before: Arc<dyn Secret> = Arc::new(Lent(b.identity.keys[0].clone()));
    let kid = before.public().thumbprint();
    let rotated = new.identity.clone().with_older(vec![before]);
    assert!(rotated.has(&kid) && !new.identity.has(&kid));
    for (shown, expected, good) in [
        (true, &b.spki, true),
        (true, &new.spki, true),
        (false, &b.spki, false),
        (false, &new.spki, true),
    ] {
        let (listener, endpoint) = listener().await;
        let asks = Asks { shown: Arc::new(move |_| shown), ..Asks::default() };
        let acceptor = rotated.acceptor_that_asks(only(&a), asks).unwrap();
        let connector = a.identity.connector(expected).unwrap();
        let (called, asked) =
            tokio::join!(answer_one(&listener, &acceptor), ask(&connector, &endpoint));
        assert_eq!((called.is_ok(), asked.is_ok()), (good, good), "{shown}");
    }
    // As a caller it shows the one that it is told to.
    for (kid, known) in [(&kid, &b), (&new.identity.keys[0].kid, &new)] {
        let (listener, endpoint) = listener().await;
        let acceptor = a.identity.acceptor(only(known)).unwrap();
        let connector = rotated.connector_as(kid, &a.spki).unwrap();
        let (called, asked) =
            tokio::join!(answer_one(&listener, &acceptor), ask(&connector, &endpoint));
        assert_eq!((called.unwrap().1, asked.unwrap().0), (known.spki.clone(), 42));
    }
    assert_eq!(new.identity.connector_as(&kid, &a.spki).err().unwrap().code, Code::KidUnknown);
}

/// The key of another identity of this test.
struct Lent(Known);

impl Secret for Lent {
    fn public(&self) -> &VerifyKey {
        self.0.secret.public()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.0.secret.sign(message)
    }
}

#[test]
fn what_is_expected_is_salted_and_of_one_form() {
    let (one, other) = (expects(b"key"), expects(b"key"));
    assert_ne!(one.as_ref(), other.as_ref());
    let salt_of = |name: &DistinguishedName| salt(name).unwrap();
    assert_eq!(name(&salt_of(&one), b"key").as_ref(), one.as_ref());
    assert_ne!(name(&salt_of(&one), b"another").as_ref(), one.as_ref());
    // 0x30 75 { 0x31 73 { 0x30 71 { OID 2.5.4.3, UTF8String of 64 } } }
    assert_eq!((one.as_ref().len(), &one.as_ref()[..4]), (77, &[0x30, 75, 0x31, 73][..]));
    for short in [&b"0"[..], &one.as_ref()[3..], &one.as_ref()[2..76]] {
        assert!(salt(&DistinguishedName::in_sequence(short)).is_none());
    }
}
