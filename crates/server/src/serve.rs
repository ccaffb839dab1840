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
use crate::quota::{Guard, Limits};
use crate::remind;
use crate::runner::{self, Ledger};
use crate::tls::{Asks, Identity, Peers, Rate, Shown};
use crate::transport::Secret;
use counterpart_engine::Node;
use counterpart_record::fault::{Code, Result};
use counterpart_record::keys::{Keys, Ring};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Sealed bytes that no act names are taken away at this age.
const LEFT_BEHIND: std::time::Duration = std::time::Duration::from_secs(86_400);

/// What a connection is authenticated with: the keys in force, and transport keys of before.
pub type Secrets = (Arc<dyn Keys>, Vec<Arc<dyn Secret>>);

/// Runs until SIGTERM or SIGINT, or until the ledger can no longer vouch for what is on disk.
/// `ready` is called once, with the address that peers reach, when every door is open.
pub fn run(
    folder: &Folder,
    mut node: Node,
    secrets: Secrets,
    config: &Config,
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
    let (tell_end, end) = watch::channel(false);
    // The ledger ends by itself only with a fault; then everything else has to end too.
    let watcher = std::thread::spawn(move || {
        let outcome = thread.join().unwrap_or_else(|_| Err(Code::Internal.at("ledger thread")));
        let _ = tell_end.send(true);
        outcome
    });
    let doors = runtime.block_on(open(folder, ledger, secrets, config, end, ready));
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
                Asked::Parcel(bytes) => ledger.parcel(peer, bytes).await,
                Asked::Poll(wait) => holds.poll(&ledger, peer, wait).await,
            }
        })
    })
}

fn operations(ledger: &Ledger) -> control::Handler {
    let ledger = ledger.clone();
    Arc::new(move |name, args| {
        let ledger = ledger.clone();
        Box::pin(async move {
            if !OPERATIONS.iter().any(|operation| operation.name == name) {
                return Err(Code::ArgumentWrong.at(format!("no operation {name:?}")));
            }
            ledger.operation(name, args).await
        })
    })
}
