//! Hauling: sealed bytes of attachments between two nodes, a piece at a time, beside the acts and
//! on a connection of their own, so that no act waits for them. What came is on the disk, checked;
//! a link that breaks or a process that dies costs a piece and no more.

use crate::carry::links;
use crate::peer::{Carrier, PeerLink};
use crate::runner::Ledger;
use crate::tls::Identity;
use counterpart_engine::haul::{Answered, Ask, Begun, Fetch, Hand, Note, Offer, Patience, Reply};
use counterpart_engine::route::Route;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::PartyId;
use counterpart_record::limits::ATTACHMENT_PIECE;
use counterpart_store::Blobs;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex as Turn;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep, timeout};

/// How often it is looked whether something is missing, besides whenever a parcel came.
const LOOK: Duration = Duration::from_secs(30);
/// First and longest wait before a peer that could not be reached is called again.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(60));
/// The disk is looked at for all that acts name after this long, whatever came.
const AFRESH: Duration = Duration::from_secs(600);
const PIECE: u64 = ATTACHMENT_PIECE as u64;

/// Bytes that this process has given to peers, and that it has taken from them.
static SENT: AtomicU64 = AtomicU64::new(0);
static CAME: AtomicU64 = AtomicU64::new(0);

/// Sealed bytes that this process has given to peers and taken from them.
pub fn moved() -> (u64, u64) {
    (SENT.load(Ordering::Relaxed), CAME.load(Ordering::Relaxed))
}

/// Keeps one task per route, and changes them as the routes change.
pub async fn supervise(mut ledger: Ledger, identity: Identity, blobs: Blobs, listens: bool) {
    let mut tasks: HashMap<Vec<u8>, (Route, JoinHandle<()>)> = HashMap::new();
    loop {
        let routes = ledger.routes.borrow_and_update().clone();
        tasks.retain(|_, (route, task)| {
            let stays = routes.contains(route);
            if !stays {
                task.abort();
            }
            stays
        });
        for route in routes {
            if route.endpoints.is_empty() || tasks.contains_key(&route.spki) {
                continue;
            }
            // Whoever can call us fetches; whoever cannot is given.
            let offers = route.pull || !listens;
            let (ledger, blobs) = (ledger.clone(), blobs.clone());
            let errand = Errand { ledger, blobs, peer: route.peer, offers };
            let task = tokio::spawn(haul(errand, identity.clone(), route.clone()));
            tasks.insert(route.spki.clone(), (route, task));
        }
        if ledger.routes.changed().await.is_err() {
            tasks.values().for_each(|(_, task)| task.abort());
            return;
        }
    }
}

/// What one task works with.
struct Errand {
    ledger: Ledger,
    blobs: Blobs,
    peer: PartyId,
    /// What we owe is given, since the peer cannot call us for it.
    offers: bool,
}

async fn haul(mut errand: Errand, identity: Identity, route: Route) {
    let mut links = links(&identity, &route);
    let (mut at, mut wait) = (0, RETRY.0);
    let (begun, mut patience) = (Instant::now(), Patience::default());
    let mut looked: Option<Instant> = None;
    while !links.is_empty() {
        errand.ledger.heard.borrow_and_update();
        errand.ledger.acts.borrow_and_update();
        let turn = at % links.len();
        let afresh = looked.is_none_or(|at| at.elapsed() > AFRESH);
        looked = if afresh { Some(Instant::now()) } else { looked };
        if errand.round(&mut links[turn], afresh, (begun, &mut patience)).await.is_err() {
            // As with acts: the state is computed from what is here, and shown where one looks.
            at += 1;
            sleep(wait).await;
            wait = (wait * 2).min(RETRY.1);
            continue;
        }
        wait = RETRY.0;
        let (came, acts) = (&mut errand.ledger.heard, &mut errand.ledger.acts);
        let news = async {
            tokio::select! {
                came = came.changed() => came.is_ok(),
                acts = acts.changed() => acts.is_ok(),
            }
        };
        if timeout(LOOK, news).await == Ok(false) {
            return;
        }
    }
}

impl Errand {
    /// Fetches what is missing, one after the other; offers what is owed if nobody can call us.
    async fn round(
        &self,
        link: &mut PeerLink,
        afresh: bool,
        (begun, patience): (Instant, &mut Patience),
    ) -> Result<()> {
        let peer = self.peer;
        let now = || u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let awaited = self.ledger.look(peer, move |node| node.awaited(&peer, afresh)).await?;
        for (root, size) in patience.ready(awaited, now()) {
            let outcome = self.fetch(link, root, size).await;
            self.note(patience.fetched(outcome, root, now())?, root).await?;
        }
        if !self.offers {
            return Ok(());
        }
        let owed = self.ledger.look(peer, move |node| node.owed(&peer)).await?;
        for (root, size) in patience.ready(owed, now()) {
            let outcome = self.offer(link, root, size).await;
            patience.offered(outcome, root, now())?;
        }
        Ok(())
    }

    async fn note(&self, note: Option<Note>, root: Hash) -> Result<()> {
        let Some(note) = note else { return Ok(()) };
        let peer = self.peer;
        self.ledger.look(peer, move |node| node.note_hauled(&peer, &root, note)).await
    }

    async fn fetch(&self, link: &mut PeerLink, root: Hash, size: u64) -> Result<()> {
        let blobs = self.blobs.clone();
        let mut fetch = match off(move || Fetch::begin(&blobs, &root, size)).await? {
            Begun::Here => return self.note(Some(Note::Here), root).await,
            Begun::Elsewhere => return Ok(()),
            Begun::Comes(fetch) => fetch,
        };
        while let Some((from, to)) = fetch.wants(PIECE) {
            let bytes = link.piece(&root, from, to).await?;
            let kept;
            // Given back also where the bytes did not hold: what came before them is good.
            (fetch, kept) = off(move || {
                let kept = fetch.came(&bytes);
                Ok((fetch, kept))
            })
            .await?;
            CAME.fetch_add(kept?, Ordering::Relaxed);
        }
        off(move || fetch.finish()).await?;
        self.note(Some(Note::Here), root).await?;
        // Told for the author's screen; if it gets lost, nothing is.
        let _ = link.taken(&root).await;
        Ok(())
    }

    async fn offer(&self, link: &mut PeerLink, root: Hash, size: u64) -> Result<()> {
        let mut offer = Offer::new(size, link.held(&root).await?)?;
        while let Some((from, to)) = offer.next(PIECE) {
            let blobs = self.blobs.clone();
            let bytes = off(move || blobs.read(&root, from, to)).await?;
            SENT.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            offer.held(link.offer(&root, from, size, bytes).await?)?;
        }
        self.note(Some(Note::Taken), root).await
    }
}

/// What waits for the disk or hashes much, away from the tasks that serve peers.
async fn off<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Code::Internal.at("a task of the disk")))
}

/// The hand of each peer at our door.
type Hands = Arc<Mutex<HashMap<PartyId, Arc<Turn<Hand>>>>>;

/// Gives and takes sealed bytes at the door.
pub fn carrier(ledger: &Ledger, blobs: &Blobs) -> Carrier {
    let (ledger, blobs) = (ledger.clone(), blobs.clone());
    let hands = Hands::default();
    Arc::new(move |peer, root, ask| {
        let hand = {
            let mut hands = hands.lock().unwrap_or_else(PoisonError::into_inner);
            hands.entry(peer).or_default().clone()
        };
        let (ledger, blobs) = (ledger.clone(), blobs.clone());
        Box::pin(async move {
            // However many connections it has, a peer is served one piece after the other.
            let mut hand = hand.lock().await;
            answer(&ledger, blobs, &mut hand, (peer, root), ask).await
        })
    })
}

async fn answer(
    ledger: &Ledger,
    blobs: Blobs,
    hand: &mut Hand,
    (peer, root): (PartyId, Hash),
    ask: Ask,
) -> Result<Reply> {
    // ATT-8: asked with every piece, so that what is erased ends here.
    let (size, ask) = ledger
        .look(peer, move |node| {
            let size = node.admit(&peer, &root, &ask)?;
            Ok((size, ask))
        })
        .await?;
    let (mut work, begun) = (std::mem::take(hand), Instant::now());
    let answered: Answered;
    (*hand, answered) = off(move || {
        let answered = work.answer(&blobs, &root, size, ask);
        Ok((work, answered))
    })
    .await?;
    if answered.reopened {
        // A peer that goes from one to the other makes us hash what is there each time. It waits as
        // long again, so that at most half a core is its.
        sleep(begun.elapsed()).await;
    }
    CAME.fetch_add(answered.kept, Ordering::Relaxed);
    if let Some(note) = answered.note {
        ledger.look(peer, move |node| node.note_hauled(&peer, &root, note)).await?;
    }
    if let Ok(Reply::Bytes { bytes, .. }) = &answered.reply {
        SENT.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
    answered.reply
}
