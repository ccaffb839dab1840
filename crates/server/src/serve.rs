//! `serve`: the running node. A ledger thread, the door for peers, the tasks that push, and the
//! control socket.

use crate::app::OPERATIONS;
use crate::attach;
use crate::bell;
use crate::calls;
use crate::control;
use crate::folder::{Config, Folder};
use crate::haul;
use crate::hold::Holds;
use crate::metrics;
use crate::peer::{Asked, Door};
use crate::push;
use crate::quota::{Guard, Limits, Quotas};
use crate::remind;
use crate::runner::{self, Ledger};
use crate::seam::now;
use crate::speak;
use crate::tls::{Asks, Identity, Peers, Rate, Shown};
use crate::transport::Secret;
use counterpart_engine::Node;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::PartyId;
use counterpart_record::keys::{Keys, Ring};
use counterpart_record::strict::json::Value;
use counterpart_rules::say::Lang;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Sealed bytes that no act names are taken away at this age.
const LEFT_BEHIND: std::time::Duration = std::time::Duration::from_secs(86_400);

/// What a connection is authenticated with: the keys in force, and transport keys of before.
pub type Secrets = (Arc<dyn Keys>, Vec<Arc<dyn Secret>>);

/// How the operator is spoken to: in which language, and whether a program reads it.
pub type Voice = (Lang, bool);

/// Runs until SIGTERM or SIGINT, or until the ledger can no longer vouch for what is on disk.
/// `ready` is called once, with the address that peers reach, when every door is open.
pub fn run(
    folder: &Folder,
    mut node: Node,
    secrets: Secrets,
    config: &Config,
    voice: Voice,
    ready: impl FnOnce(Option<SocketAddr>),
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Code::Io.at(error.to_string()))?;
    // What has changed since the queue was kept last is read now, and not while a peer waits.
    node.waiting()?;
    let guard = Arc::new(Guard::new(Limits::of(config)));
    // What a dead process left behind; what somebody is sealing just now is younger.
    let named = node.named()?.into_iter().map(|(root, ..)| root).collect();
    attach::blobs(folder.path()).sweep(&named, LEFT_BEHIND)?;
    let (ledger, thread) = runner::start(node, guard);
    let complaining = runtime.spawn(complain(ledger.stopped.clone(), voice));
    let (tell_end, end) = watch::channel(false);
    // The ledger ends by itself only with a fault; then everything else has to end too.
    let watcher = std::thread::spawn(move || {
        let outcome = thread.join().unwrap_or_else(|_| Err(Code::Internal.at("ledger thread")));
        let _ = tell_end.send(true);
        outcome
    });
    let doors = runtime.block_on(open(folder, ledger, secrets, config, end, ready));
    complaining.abort();
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    let _ = std::fs::remove_file(folder.control_socket());
    let outcome = watcher.join().unwrap_or_else(|_| Err(Code::Internal.at("ledger thread")));
    doors.and(outcome)
}

async fn open(
    folder: &Folder,
    ledger: Ledger,
    (keys, older): Secrets,
    config: &Config,
    end: watch::Receiver<bool>,
    ready: impl FnOnce(Option<SocketAddr>),
) -> Result<()> {
    // Heard from here on: whoever is told that the node runs may end it in the next moment.
    let asked = Signals::listen()?;
    let identity = Identity::new(keys, Ring::Live).with_older(older);
    let blobs = attach::blobs(folder.path());
    let (tell_closing, closing) = watch::channel(false);
    let closed = || {
        let mut closing = closing.clone();
        async move {
            let _ = closing.wait_for(|closing| *closing).await;
        }
    };
    let mut listening = None;
    let mut tasks = Vec::new();
    if let Some(address) = config.listen {
        let listener = calls::listen(address).await?;
        listening = listener.local_addr().ok();
        let rate = ledger.guard.rate();
        let acceptor = identity.acceptor_that_asks(peers(&ledger), asks(&ledger, rate))?;
        let door = Door::new(acceptor, parcels(&ledger), ledger.guard.clone());
        let door = door.carrying(haul::carrier(&ledger, &blobs));
        let closed = closed();
        tasks.push(tokio::spawn(async move { door.serve(listener, closed).await }));
    }
    let mut watched = None;
    if let Some(address) = config.metrics {
        let listener = calls::listen(address).await?;
        let home = folder.path().to_owned();
        watched = Some(tokio::spawn(metrics::serve(listener, ledger.clone(), home)));
    }
    let socket = control::listen(&folder.control_socket())?;
    let handler = operations(&ledger);
    let closed = closed();
    tasks.push(tokio::spawn(async move { control::serve(socket, handler, closed).await }));
    let ticking = tokio::spawn(bell::watch(ledger.clone(), config.clone()));
    let listens = config.listen.is_some();
    let hauling = haul::supervise(ledger.clone(), identity.clone(), blobs, listens);
    let hauling = tokio::spawn(hauling);
    let home = folder.path().to_owned();
    let reminding = tokio::spawn(remind::watch(ledger.clone(), home, config.clone()));
    let pushing = tokio::spawn(push::supervise(ledger, identity, listens));
    ready(listening);
    asked.wait(end).await;
    let _ = tell_closing.send(true);
    for task in tasks {
        let _ = task.await;
    }
    watched.inspect(|task| task.abort());
    for task in [ticking, reminding, hauling, pushing] {
        task.abort();
        let _ = task.await;
    }
    Ok(())
}

/// The two signals by which a person or a service manager asks this process to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        let heard = |kind| signal(kind).map_err(|error| Code::Io.at(error.to_string()));
        let terminate = heard(SignalKind::terminate())?;
        Ok(Signals { terminate, interrupt: heard(SignalKind::interrupt())? })
    }

    /// Until somebody asks, or the ledger ended by itself.
    async fn wait(mut self, mut end: watch::Receiver<bool>) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = end.wait_for(|end| *end) => {}
        }
    }
}

/// Who may connect: asked in every handshake and again for each request.
fn peers(ledger: &Ledger) -> Peers {
    let routes = ledger.routes.clone();
    Arc::new(move |spki| {
        routes.borrow().iter().find(|route| route.spki == spki).map(|route| route.peer)
    })
}

/// Which transport keys of before a peer may still know us by. Whoever comes with a key of its own
/// that no credential in force names is noted, so that the operator can be told.
fn asks(ledger: &Ledger, rate: Rate) -> Asks {
    let (routes, ledger) = (ledger.routes.clone(), ledger.clone());
    let shown: Shown =
        Arc::new(move |kid| routes.borrow().iter().any(|route| route.known_as.contains(kid)));
    Asks { rate, shown, strangers: Arc::new(move |spki| ledger.knocked(spki)) }
}

fn parcels(ledger: &Ledger) -> crate::peer::Handler {
    let (ledger, holds) = (ledger.clone(), Holds::default());
    Arc::new(move |peer, asked| {
        let (ledger, holds) = (ledger.clone(), holds.clone());
        Box::pin(async move {
            match asked {
                Asked::Parcel(bytes, pass) => ledger.parcel(peer, (bytes, pass)).await,
                Asked::Poll(wait) => holds.poll(&ledger, peer, wait).await,
            }
        })
    })
}

/// That nothing is signed for a log any more is said in the operator's words: at the start, since
/// nobody may have seen it before, and when it begins; `doctor` says it for as long as it lasts.
/// REC-26, REC-48
async fn complain(mut stopped: watch::Receiver<Vec<Fault>>, (lang, json): Voice) {
    let mut said = Vec::new();
    loop {
        let now = stopped.borrow_and_update().clone();
        for fault in unsaid(&now, &said) {
            speak::complain(lang, json, fault);
        }
        said = now;
        if stopped.changed().await.is_err() {
            return;
        }
    }
}

fn unsaid<'a>(now: &'a [Fault], said: &'a [Fault]) -> impl Iterator<Item = &'a Fault> {
    now.iter().filter(|fault| !said.contains(fault))
}

/// Which peers have used up what they may ask, and until when, beside what `status` says of each:
/// the door knows, the ledger does not.
fn note_slowed(quotas: &Quotas, status: &mut Value) {
    let Value::Object(status) = status else { return };
    let peers = status.0.iter_mut().filter(|(name, _)| name == "peers");
    let peers = peers.filter_map(|(_, all)| match all {
        Value::Array(all) => Some(all),
        _ => None,
    });
    for peer in peers.flatten() {
        let Value::Object(peer) = peer else { continue };
        let party = peer.get("party").and_then(Value::as_str);
        let party = party.and_then(|text| PartyId::parse(text).ok());
        if let Some(left) = party.and_then(|party| quotas.slowed(party, Instant::now())) {
            peer.set("slowed_until", now().saturating_add(left));
        }
    }
}

fn operations(ledger: &Ledger) -> control::Handler {
    let ledger = ledger.clone();
    Arc::new(move |name, args| {
        let ledger = ledger.clone();
        Box::pin(async move {
            if !OPERATIONS.iter().any(|operation| operation.name == name) {
                return Err(Code::ArgumentWrong.at(format!("no operation {name:?}")));
            }
            let standing = name == "status";
            let mut told = ledger.operation(name, args).await?;
            if standing {
                note_slowed(&ledger.guard.quotas, &mut told);
            }
            Ok(told)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// REC-48: each log once, and once more when the number is another.
    #[test]
    fn a_log_that_stands_still_is_told_once() {
        let stopped = |text: &str| Code::StoreBehind.at(text);
        let (one, two) = (stopped("0f1e2d3c: epoch 1"), stopped("4b5a6978: epoch 7"));
        let told = |now: &[Fault], said: &[Fault]| {
            unsaid(now, said).map(|fault| fault.at.clone()).collect::<Vec<_>>()
        };
        let both = [one.clone(), two.clone()];
        assert_eq!(told(&both, &[]), [one.at.clone(), two.at.clone()]);
        assert_eq!(told(&both, &both[..1]).join(" "), two.at);
        assert_eq!(told(&both, &both), [""; 0]);
        let later = stopped("0f1e2d3c: epoch 9");
        assert_eq!(told(&[later.clone(), two], &both), [later.at]);
    }
}
