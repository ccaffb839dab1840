//! Over real sockets of the loopback interface, both sides ours or one of them raw bytes.

use super::*;
use crate::quota::{Guard, Limits};
use crate::tally::What;
use crate::tls::tests::{Node, node, only};
use crate::tls::{Asks, ClientStream, Connector, Peers, reach};
use counterpart_record::fault::Result;
use counterpart_record::id::PartyId;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Short enough for a test, long enough for a busy machine.
fn hasty() -> Pace {
    Pace {
        head: Duration::from_millis(600),
        body: Duration::from_secs(3),
        body_grace: Duration::from_millis(600),
        idle: Duration::from_millis(2500),
        late_no: Duration::from_millis(20),
        ..Pace::default()
    }
}

/// A running door, and how to close it.
struct Served {
    endpoint: String,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

impl Served {
    async fn close(self) {
        let began = Instant::now();
        self.stop.send(()).unwrap();
        self.done.await.unwrap();
        // An idle connection is let go at once, not after the longest wait.
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
}

async fn serve(node: &Node, peers: Peers, at: &str, pace: Pace, handler: Handler) -> Served {
    guarded(node, peers, at, pace, handler, Arc::new(Guard::new(Limits::default()))).await
}

async fn guarded(
    node: &Node,
    peers: Peers,
    at: &str,
    pace: Pace,
    handler: Handler,
    guard: Arc<Guard>,
) -> Served {
    let asks = Asks { rate: guard.rate(), ..Asks::default() };
    let acceptor = node.identity.acceptor_that_asks(peers, asks).unwrap();
    let listener = TcpListener::bind(at).await.unwrap();
    let endpoint = listener.local_addr().unwrap().to_string();
    let door = Door::with_pace(acceptor, handler, guard, pace);
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(async move {
        let stopped = async move {
            let _ = stopped.await;
        };
        door.serve(listener, stopped).await;
    });
    Served { endpoint, stop, done }
}

fn handler(
    answer: impl Fn(PartyId, Vec<u8>) -> Result<Vec<u8>> + Send + Sync + 'static,
) -> Handler {
    Arc::new(move |peer, asked| {
        let answer = match asked {
            Asked::Parcel(parcel, _) => answer(peer, parcel),
            Asked::Poll(_) => Ok(Vec::new()),
        };
        Box::pin(async move { answer })
    })
}

/// Gives back what came, turned round.
fn mirror() -> Handler {
    handler(|_, parcel| Ok(parcel.into_iter().rev().collect()))
}

/// Nodes 1 and 2, the second serving, and the way from the first to the second.
async fn pair(pace: Pace, handler: Handler) -> (Node, Node, Served, Connector) {
    let (a, b) = (node(1), node(2));
    let served = serve(&b, only(&a), "127.0.0.1:0", pace, handler).await;
    let connector = a.identity.connector(&b.spki).unwrap();
    (a, b, served, connector)
}

/// Writes raw bytes and reads until the other side hangs up.
async fn raw(connector: &Connector, endpoint: &str, bytes: &[u8]) -> String {
    let mut stream = connector.connect(endpoint).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.flush().await.unwrap();
    rest(&mut stream).await
}

async fn rest(stream: &mut ClientStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn parcels_go_and_answers_come_on_one_connection() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    let answer = handler(move |peer, parcel| {
        assert_eq!(peer, PartyId([1; 32]));
        count.fetch_add(1, Ordering::SeqCst);
        Ok(parcel)
    });
    let pace = Pace { per_peer: 1, ..hasty() };
    let (_, _, served, connector) = pair(pace, answer).await;
    let mut link = PeerLink::new(connector.clone(), &served.endpoint);
    let big: Vec<u8> = (0..limits::PARCEL_BYTES).map(|at| (at % 251) as u8).collect();
    for parcel in [vec![1, 2, 3], vec![], vec![0; 100_000], big] {
        assert!(link.send(parcel.clone()).await.unwrap() == parcel);
        assert!(link.is_connected());
    }
    assert_eq!(seen.load(Ordering::SeqCst), 4);
    // The one seat is taken; when its owner leaves, it is free again.
    let mut second = PeerLink::new(connector, &served.endpoint);
    assert_eq!(second.send(vec![1]).await.unwrap_err().code, Code::PeerUnreachable);
    drop(link);
    let mut free = false;
    for _ in 0..50 {
        free = free || second.send(vec![1]).await.is_ok();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(free);
    served.close().await;
}

#[tokio::test]
async fn too_large_is_refused_before_it_is_read_and_while() {
    let (_, _, served, connector) = pair(hasty(), handler(|_, _| panic!("handled"))).await;
    let mut link = PeerLink::new(connector.clone(), &served.endpoint);
    let large = vec![0; limits::PARCEL_BYTES + 1];
    assert_eq!(link.send(large).await.unwrap_err().code, Code::TooLarge);
    assert!(!link.is_connected(), "not even tried");

    let head = format!("POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n");
    let answer = raw(&connector, &served.endpoint, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.ends_with(r#"{"code":"urn:counterpart:fault:too-large"}"#), "{answer}");

    // In chunks, no length is announced.
    let mut stream = connector.connect(&served.endpoint).await.unwrap();
    let head = format!("POST {PATH} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = [b"100000\r\n", &vec![b'a'; 0x10_0000][..], b"\r\n"].concat();
    for _ in 0..17 {
        let _ = stream.write_all(&chunk).await;
    }
    let answer = rest(&mut stream).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}");
    served.close().await;
}

#[tokio::test]
async fn slow_callers_are_let_go_in_head_body_and_silence() {
    let pace = Pace { body: Duration::from_secs(60), ..hasty() };
    let (_, _, served, connector) = pair(pace, mirror()).await;
    let post = format!("POST {PATH} HTTP/1.1\r\nhost: x\r\n");
    let began = Instant::now();
    // A head that grows by a byte now and then, for ever.
    let mut stream = connector.connect(&served.endpoint).await.unwrap();
    stream.write_all(post.as_bytes()).await.unwrap();
    let mut alive = true;
    while alive {
        assert!(began.elapsed() < Duration::from_secs(8), "the head went on");
        let ended = timeout_at(Instant::now() + Duration::from_millis(100), stream.read_u8());
        alive = ended.await.is_err() && stream.write_all(b"a").await.is_ok();
    }
    // A body that stops, and one that comes too slowly to ever be done.
    let head = format!("{post}content-length: 100000\r\n\r\nhalf");
    let answer = raw(&connector, &served.endpoint, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    // Nothing at all.
    assert_eq!(raw(&connector, &served.endpoint, b"").await, "");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    // Meanwhile the door has stayed open for those who speak.
    let mut link = PeerLink::new(connector, &served.endpoint);
    assert_eq!(link.send(vec![1, 2]).await.unwrap(), [2, 1]);
    served.close().await;
}

#[tokio::test]
async fn a_caller_that_takes_no_answer_is_let_go() {
    let pace = Pace { body: Duration::from_millis(800), per_peer: 1, ..hasty() };
    let much = handler(|_, _| Ok(vec![7; limits::PARCEL_BYTES]));
    let (_, _, served, connector) = pair(pace, much).await;
    let mut deaf = connector.connect(&served.endpoint).await.unwrap();
    let request = format!("POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
    deaf.write_all(request.as_bytes()).await.unwrap();
    deaf.flush().await.unwrap();
    // Its seat is the only one; the next caller gets it when the deaf one has lost it.
    let mut link = PeerLink::new(connector, &served.endpoint);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(link.send(vec![1]).await.is_err());
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(link.send(vec![1]).await.unwrap().len(), limits::PARCEL_BYTES);
    served.close().await;
}

#[tokio::test]
async fn an_idle_connection_outlives_the_time_for_a_head() {
    let (_, _, served, connector) = pair(hasty(), mirror()).await;
    let mut link = PeerLink::new(connector, &served.endpoint);
    // Four times 1.2 s are longer than the 2.5 s of the clock, which each request sets anew.
    for _ in 0..4 {
        assert_eq!(link.send(vec![1, 2]).await.unwrap(), [2, 1]);
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert!(link.is_connected());
    }
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert!(!link.is_connected());
    assert_eq!(link.send(vec![1, 2]).await.unwrap(), [2, 1]);
    served.close().await;
}

#[tokio::test]
async fn other_paths_and_methods_do_not_exist() {
    let (_, _, served, connector) = pair(hasty(), handler(|_, _| panic!("handled"))).await;
    for (request, status) in [
        ("POST / HTTP/1.1", "404"),
        ("POST /counterpart/1/parcel/ HTTP/1.1", "404"),
        ("POST /counterpart/2/parcel HTTP/1.1", "404"),
        ("GET /counterpart/1/parcel HTTP/1.1", "405"),
        ("PUT /counterpart/1/parcel HTTP/1.1", "405"),
        ("not HTTP", "400"),
    ] {
        let bytes = format!("{request}\r\nhost: x\r\n\r\n");
        let answer = raw(&connector, &served.endpoint, bytes.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
        assert_eq!(answer.contains("allow: POST"), status == "405", "{answer}");
    }
    served.close().await;
}

#[tokio::test]
async fn faults_keep_their_code_and_lose_their_place() {
    let given = [
        (Code::Busy, "HTTP/1.1 503 ", Code::Busy),
        (Code::SealBroken, "HTTP/1.1 400 ", Code::SealBroken),
        (Code::EntriesMissing, "HTTP/1.1 409 ", Code::EntriesMissing),
        (Code::StoreDamaged, "HTTP/1.1 500 ", Code::Internal),
        (Code::Internal, "HTTP/1.1 500 ", Code::Internal),
    ];
    for (code, status, seen) in given {
        let (_, _, served, connector) =
            pair(hasty(), handler(move |_, _| Err(code.at("private place")))).await;
        let mut link = PeerLink::new(connector.clone(), &served.endpoint);
        assert_eq!(link.send(vec![1]).await.unwrap_err().code, seen);
        assert!(link.is_connected(), "a refusal is an answer");
        let request = format!(
            "POST {PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx"
        );
        let answer = raw(&connector, &served.endpoint, request.as_bytes()).await;
        assert!(answer.starts_with(status), "{answer}");
        assert!(!answer.contains("private"), "{answer}");
        assert_eq!(answer.contains("retry-after: 1\r\n"), code == Code::Busy, "{answer}");
        served.close().await;
    }
}

#[tokio::test]
async fn a_server_that_was_restarted_is_found_again() {
    let (a, b, served, connector) = pair(hasty(), mirror()).await;
    let endpoint = served.endpoint.clone();
    let mut link = PeerLink::new(connector, &endpoint);
    assert_eq!(link.send(vec![1, 2]).await.unwrap(), [2, 1]);
    served.close().await;
    assert_eq!(link.send(vec![1, 2]).await.unwrap_err().code, Code::PeerUnreachable);
    let served = serve(&b, only(&a), &endpoint, hasty(), mirror()).await;
    assert_eq!(link.send(vec![3, 4]).await.unwrap(), [4, 3]);
    served.close().await;
    // And without a failed attempt between.
    let served = serve(&b, only(&a), &endpoint, hasty(), mirror()).await;
    assert_eq!(link.send(vec![5, 6]).await.unwrap(), [6, 5]);
    served.close().await;
}

#[tokio::test]
async fn standing_is_checked_for_each_request() {
    let (a, b) = (node(1), node(2));
    let standing = Arc::new(AtomicBool::new(true));
    let (known, asked) = (only(&a), standing.clone());
    let peers: Peers = Arc::new(move |spki| known(spki).filter(|_| asked.load(Ordering::SeqCst)));
    let served = serve(&b, peers, "127.0.0.1:0", hasty(), mirror()).await;
    let mut link = PeerLink::new(a.identity.connector(&b.spki).unwrap(), &served.endpoint);
    link.send(vec![1]).await.unwrap();
    standing.store(false, Ordering::SeqCst);
    assert_eq!(link.send(vec![1]).await.unwrap_err().code, Code::NotAccredited);
    // And the next call is not taken at all.
    assert_eq!(link.send(vec![1]).await.unwrap_err().code, Code::PeerUnreachable);
    served.close().await;
}

#[tokio::test]
async fn a_request_under_way_is_answered_when_the_door_closes() {
    let (reached, arrived) = oneshot::channel::<()>();
    let reached = std::sync::Mutex::new(Some(reached));
    let slow: Handler = Arc::new(move |_, asked| {
        let Asked::Parcel(parcel, _) = asked else { panic!("a poll") };
        let reached = reached.lock().unwrap().take();
        Box::pin(async move {
            reached.map(|reached| reached.send(()));
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok(parcel)
        })
    });
    let (_, _, served, connector) = pair(hasty(), slow).await;
    let mut link = PeerLink::new(connector, &served.endpoint);
    let asked = tokio::spawn(async move { link.send(vec![9]).await });
    arrived.await.unwrap();
    served.close().await;
    assert_eq!(asked.await.unwrap().unwrap(), [9]);
}

#[tokio::test]
async fn a_peer_that_takes_a_parcel_and_stays_silent_is_left() {
    let asleep: Handler = Arc::new(|_, _| Box::pin(std::future::pending()));
    let (_, _, served, connector) = pair(hasty(), asleep).await;
    let pace = Pace { answer: Duration::from_millis(400), ..hasty() };
    let mut link = PeerLink::with_pace(connector, &served.endpoint, pace);
    let fault = link.send(vec![1]).await.unwrap_err();
    assert_eq!(fault.code, Code::PeerUnreachable);
    assert!(!link.is_connected());
    served.close().await;
}

/// Holds a poll for as long as it may; counts those that it was asked.
fn holding(asked: &Arc<AtomicUsize>) -> Handler {
    let asked = asked.clone();
    Arc::new(move |_, what| {
        let asked = asked.clone();
        Box::pin(async move {
            match what {
                Asked::Parcel(..) => Ok(vec![1]),
                Asked::Poll(wait) => {
                    asked.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(wait).await;
                    Ok(vec![2])
                }
            }
        })
    })
}

/// REC-45
#[tokio::test]
async fn a_poll_is_held_for_as_long_as_was_asked_and_allowed_and_no_clock_ends_it() {
    let asked = Arc::new(AtomicUsize::new(0));
    let pace = Pace { hold: Duration::from_secs(2), idle: Duration::from_millis(700), ..hasty() };
    let (_, _, served, connector) = pair(pace, holding(&asked)).await;
    let mut link = PeerLink::with_pace(connector.clone(), &served.endpoint, pace);
    for (seconds, least, most) in [(1, 1000, 1900), (90, 2000, 3500)] {
        let began = Instant::now();
        assert_eq!(link.poll(Duration::from_secs(seconds)).await.unwrap(), [2]);
        let took = began.elapsed().as_millis();
        // The connection is silent for longer than a head, and longer than a pause, may take.
        assert!((least..most).contains(&took), "{took} ms");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    // An empty body without the header is a parcel, and a body with it is not held.
    assert_eq!(link.send(Vec::new()).await.unwrap(), [1]);
    let head = format!("POST {PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
    let request = format!("{head}prefer: wait=90\r\ncontent-length: 1\r\n\r\nx");
    let answer = raw(&connector, &served.endpoint, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    served.close().await;
}

/// REC-45
#[tokio::test]
async fn a_poll_ends_with_the_door_and_with_the_standing_of_who_asks() {
    let asked = Arc::new(AtomicUsize::new(0));
    let (_, _, served, connector) = pair(hasty(), holding(&asked)).await;
    let mut link = PeerLink::new(connector, &served.endpoint);
    let held = tokio::spawn(async move { link.poll(Duration::from_secs(40)).await });
    while asked.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Held polls are no reason to wait: `close` holds that it takes no time.
    served.close().await;
    assert_eq!(held.await.unwrap().unwrap(), []);

    let (a, b) = (node(1), node(2));
    let standing = Arc::new(AtomicBool::new(true));
    let (known, still) = (only(&a), standing.clone());
    let peers: Peers = Arc::new(move |spki| known(spki).filter(|_| still.load(Ordering::SeqCst)));
    let served = serve(&b, peers, "127.0.0.1:0", hasty(), holding(&asked)).await;
    let mut link = PeerLink::new(a.identity.connector(&b.spki).unwrap(), &served.endpoint);
    let held = tokio::spawn(async move { link.poll(Duration::from_secs(1)).await });
    while asked.load(Ordering::SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    standing.store(false, Ordering::SeqCst);
    // There was something for it when the time was over. It gets nothing of it.
    assert_eq!(held.await.unwrap().unwrap_err().code, Code::NotAccredited);
    served.close().await;
}

#[tokio::test]
async fn a_peer_above_its_quota_is_told_when_to_come_again_and_what_is_small_gets_through() {
    let (a, b) = (node(1), node(2));
    let guard = Arc::new(Guard::new(Limits { mib_per_hour: 2, ..Limits::default() }));
    let (at, door) = ("127.0.0.1:0", guard.clone());
    let served = guarded(&b, only(&a), at, hasty(), mirror(), door).await;
    let mut link = PeerLink::new(a.identity.connector(&b.spki).unwrap(), &served.endpoint);
    let large = vec![7; 1024 * 1024];
    for _ in 0..2 {
        assert_eq!(link.send(large.clone()).await.unwrap().len(), large.len());
    }
    let refused = link.send(large.clone()).await;
    assert!(refused.is_err_and(|fault| fault.code == Code::OverQuota));
    assert!(link.again_in().is_some_and(|again| again <= Duration::from_secs(900)));
    assert!(link.is_connected(), "it was heard to the end");
    // A call that presses fits into a small parcel.
    assert_eq!(link.send(vec![1, 2]).await.unwrap(), [2, 1]);
    assert_eq!(link.again_in(), None);
    let count = |what: What| {
        let all = guard.tally.all();
        all.iter().filter(|(_, other, _)| *other == what).map(|(.., count)| *count).sum::<u64>()
    };
    assert_eq!([count(What::Parcel), count(What::OverQuota), count(What::Malformed)], [3, 1, 0]);
    served.close().await;
}

#[tokio::test]
async fn what_is_malformed_is_soon_not_looked_at() {
    let (a, b) = (node(1), node(2));
    let guard = Arc::new(Guard::new(Limits::default()));
    let wrong = handler(|_, _| Err(Code::SealBroken.at("")));
    let served = guarded(&b, only(&a), "127.0.0.1:0", hasty(), wrong, guard.clone()).await;
    let mut link = PeerLink::new(a.identity.connector(&b.spki).unwrap(), &served.endpoint);
    let mut codes = Vec::new();
    for _ in 0..60 {
        codes.push(link.send(vec![1]).await.unwrap_err().code);
    }
    let looked_at = codes.iter().filter(|code| **code == Code::SealBroken).count();
    assert!((20..30).contains(&looked_at), "{looked_at}");
    assert_eq!(codes.last(), Some(&Code::OverQuota));
    let all = guard.tally.all();
    assert_eq!(all.iter().map(|(.., count)| count).sum::<u64>(), 60, "each is counted: {all:?}");
    served.close().await;
}

#[tokio::test]
async fn callers_who_never_end_their_handshake_make_room_for_one_who_does() {
    let pace = Pace { handshakes: 8, ..hasty() };
    let (_, _, served, connector) = pair(pace, mirror()).await;
    let mut idle = Vec::new();
    for _ in 0..40 {
        idle.push(tokio::net::TcpStream::connect(&served.endpoint).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    // Far sooner than the time in which a handshake must end.
    let mut link = PeerLink::new(connector, &served.endpoint);
    let began = Instant::now();
    assert_eq!(link.send(vec![1, 2]).await.unwrap(), [2, 1]);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    // Of the forty, the eight newest at the most are still there.
    let mut there = 0;
    for stream in &mut idle {
        let read = timeout_at(Instant::now() + Duration::from_millis(5), stream.read_u8()).await;
        there += usize::from(read.is_err());
    }
    assert!((1..=8).contains(&there), "{there}");
    served.close().await;
}

/// How many of so many connections that say nothing are closed at once.
async fn turned_away(endpoint: &str, from: &str, count: usize) -> usize {
    let from = from.parse().ok();
    let (mut streams, mut closed) = (Vec::new(), 0);
    for _ in 0..count {
        streams.push(reach(endpoint, from).await.unwrap());
    }
    // Sooner than a handshake must end.
    tokio::time::sleep(Duration::from_millis(200)).await;
    for stream in &mut streams {
        let read = timeout_at(Instant::now() + Duration::from_millis(2), stream.read_u8()).await;
        closed += usize::from(read.is_ok());
    }
    closed
}

fn counted(guard: &Guard, what: What) -> u64 {
    let all = guard.tally.all();
    all.iter().filter(|(_, other, _)| *other == what).map(|(.., count)| *count).sum()
}

#[tokio::test]
async fn an_address_that_begins_handshakes_without_end_costs_the_others_nothing() {
    let (a, b) = (node(1), node(2));
    let limits = Limits { handshakes_per_minute: 40, ..Limits::default() };
    let guard = Arc::new(Guard::new(limits));
    let pace = Pace { per_address: 64, ..hasty() };
    let served = guarded(&b, only(&a), "127.0.0.1:0", pace, mirror(), guard.clone()).await;
    let began = Instant::now();
    let away = turned_away(&served.endpoint, "127.0.0.2", 60).await;
    // Ten at once, and one more in every second and a half.
    let more = began.elapsed().as_secs() as usize + 1;
    assert!((50 - more..=50).contains(&away), "{away}");
    assert_eq!(counted(&guard, What::Knocks), away as u64, "each is counted");
    // From another address nobody waits.
    let connector = a.identity.connector(&b.spki).unwrap();
    let mut link = PeerLink::new(connector, &served.endpoint);
    assert_eq!(link.send(vec![1, 2]).await.unwrap(), [2, 1]);
    // And at the one that was turned away, somebody comes in when it has been quiet.
    tokio::time::sleep(Duration::from_millis(1800)).await;
    assert_eq!(turned_away(&served.endpoint, "127.0.0.2", 1).await, 0);
    served.close().await;
}

#[tokio::test]
async fn a_peer_that_calls_from_many_addresses_has_one_rate() {
    let (a, b, c) = (node(1), node(2), node(3));
    let limits = Limits { handshakes_per_minute: 20, ..Limits::default() };
    let guard = Arc::new(Guard::new(limits));
    let (first, second) = (only(&a), only(&c));
    let peers: Peers = Arc::new(move |spki| first(spki).or_else(|| second(spki)));
    let served = guarded(&b, peers, "127.0.0.1:0", hasty(), mirror(), guard.clone()).await;
    let mut taken = 0;
    for last in 2..22 {
        let from = std::net::Ipv4Addr::new(127, 0, 0, last).into();
        let connector = a.identity.connector(&b.spki).unwrap().calling_from(from);
        let sent = PeerLink::new(connector, &served.endpoint).send(vec![1, 2]).await;
        taken += usize::from(sent.is_ok());
        assert!(sent.is_ok_and(|answer| answer == [2, 1]) || taken >= 5, "{last}");
    }
    // Five at once, and one more in every three seconds.
    assert!((5..10).contains(&taken), "{taken}");
    let all = guard.tally.all();
    let its = |what| all.iter().find(|(peer, other, _)| (*peer, *other) == (Some(a.party), what));
    assert_eq!(its(What::Knocks).unwrap().2, 20 - taken as u64);
    let mut link = PeerLink::new(c.identity.connector(&b.spki).unwrap(), &served.endpoint);
    assert_eq!(link.send(vec![1, 2]).await.unwrap(), [2, 1]);
    served.close().await;
}
