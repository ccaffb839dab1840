//! Hauling: sealed bytes of attachments between two nodes, a piece at a time, beside the acts and
//! on a connection of their own, so that no act waits for them. What came is on the disk, checked;
//! a link that breaks or a process that dies costs a piece and no more.

use crate::carry::links;
use crate::peer::{Ask, Carrier, PeerLink, Reply};
use crate::runner::Ledger;
use crate::tls::Identity;
use counterpart_engine::node::Route;
use counterpart_record::attachment::Layout;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::PartyId;
use counterpart_record::limits::ATTACHMENT_PIECE;
use counterpart_store::{Blobs, Presence, Taking};
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
/// What a peer did not have, or had in a wrong form, is asked for again after this long.
const AGAIN: Duration = Duration::from_secs(60);
/// The disk is looked at for all that acts name after this long, whatever came.
const AFRESH: Duration = Duration::from_secs(600);
/// Attachments that are asked for in one round.
const ROUND: usize = 64;
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
            let hand = Hand { ledger, blobs, peer: route.peer, offers };
            let task = tokio::spawn(haul(hand, identity.clone(), route.clone()));
            tasks.insert(route.spki.clone(), (route, task));
        }
        if ledger.routes.changed().await.is_err() {
            tasks.values().for_each(|(_, task)| task.abort());
            return;
        }
    }
}

/// What one task works with.
struct Hand {
    ledger: Ledger,
    blobs: Blobs,
    peer: PartyId,
    /// What we owe is given, since the peer cannot call us for it.
    offers: bool,
}

async fn haul(mut hand: Hand, identity: Identity, route: Route) {
    let mut links = links(&identity, &route);
    let (mut at, mut wait) = (0, RETRY.0);
    let mut later: HashMap<Hash, Instant> = HashMap::new();
    let mut looked: Option<Instant> = None;
    while !links.is_empty() {
        hand.ledger.heard.borrow_and_update();
        hand.ledger.acts.borrow_and_update();
        let turn = at % links.len();
        let afresh = looked.is_none_or(|at| at.elapsed() > AFRESH);
        looked = if afresh { Some(Instant::now()) } else { looked };
        if hand.round(&mut links[turn], afresh, &mut later).await.is_err() {
            // As with acts: the state is computed from what is here, and shown where one looks.
            at += 1;
            sleep(wait).await;
            wait = (wait * 2).min(RETRY.1);
            continue;
        }
        wait = RETRY.0;
        let (came, acts) = (&mut hand.ledger.heard, &mut hand.ledger.acts);
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

impl Hand {
    /// Fetches what is missing, one after the other; offers what is owed if nobody can call us.
    async fn round(
        &self,
        link: &mut PeerLink,
        afresh: bool,
        later: &mut HashMap<Hash, Instant>,
    ) -> Result<()> {
        let peer = self.peer;
        later.retain(|_, at| *at > Instant::now());
        let awaited = self.ledger.look(peer, move |node| node.awaited(&peer, afresh)).await?;
        // A peer that names much and has none of it is not asked for all of it at once.
        let now = awaited.into_iter().filter(|(root, _)| !later.contains_key(root)).take(ROUND);
        for (root, size) in now.collect::<Vec<_>>() {
            let outcome = self.fetch(link, root, size).await;
            self.settle(outcome, root, later).await?;
        }
        if !self.offers {
            return Ok(());
        }
        let owed = self.ledger.look(peer, move |node| node.owed(&peer)).await?;
        for (root, size) in owed {
            if later.contains_key(&root) {
                continue;
            }
            let outcome = self.offer(link, root, size).await;
            self.settle(outcome, root, later).await?;
        }
        Ok(())
    }

    /// One attachment that is not there or not right keeps no other back.
    async fn settle(
        &self,
        outcome: Result<()>,
        root: Hash,
        later: &mut HashMap<Hash, Instant>,
    ) -> Result<()> {
        let code = match outcome {
            Ok(()) => None,
            Err(fault) => match fault.code {
                Code::AttachmentMissing | Code::AttachmentWrong | Code::Busy => Some(fault.code),
                _ => return Err(fault),
            },
        };
        if code.is_some() {
            later.insert(root, Instant::now() + AGAIN);
        }
        let note = self.ledger.look(self.peer, move |node| {
            node.note_trouble(root, code.filter(|code| *code == Code::AttachmentWrong));
            Ok(())
        });
        note.await
    }

    async fn fetch(&self, link: &mut PeerLink, root: Hash, size: u64) -> Result<()> {
        if self.blobs.presence(&root, size) == Presence::Whole {
            // Somebody brought it by hand.
            return self.here(root).await;
        }
        let blobs = self.blobs.clone();
        let Some(mut taking) = off(move || blobs.take(&root, size)).await? else { return Ok(()) };
        while taking.have() < taking.size() {
            let (from, to) = (taking.have(), taking.next(PIECE));
            let bytes = link.piece(&root, from, to).await?;
            let outcome;
            (taking, outcome) = push(taking, bytes).await?;
            outcome?;
            if taking.have() == from {
                return Err(Code::AttachmentWrong.at("too few bytes"));
            }
        }
        off(move || taking.finish()).await?;
        self.here(root).await?;
        // Told for the author's screen; if it gets lost, nothing is.
        let _ = link.taken(&root).await;
        Ok(())
    }

    async fn here(&self, root: Hash) -> Result<()> {
        let peer = self.peer;
        let note = self.ledger.look(peer, move |node| {
            node.note_here(&peer, &root);
            Ok(())
        });
        note.await
    }

    async fn offer(&self, link: &mut PeerLink, root: Hash, size: u64) -> Result<()> {
        let layout = Layout::of_sealed(size)?;
        let mut held = link.held(&root).await?;
        while held < size {
            let to = next_piece(&layout, held);
            let blobs = self.blobs.clone();
            let bytes = off(move || blobs.read(&root, held, to)).await?;
            SENT.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            let now = link.offer(&root, held, size, bytes).await?;
            if now <= held {
                return Err(Code::AttachmentWrong.at("the peer holds no more than before"));
            }
            held = now;
        }
        let peer = self.peer;
        self.ledger.look(peer, move |node| node.note_taken(&peer, &root)).await
    }
}

/// The list, then as many whole chunks as fit into a piece.
fn next_piece(layout: &Layout, held: u64) -> u64 {
    if held < layout.list() { layout.list() } else { layout.whole(held + PIECE).0 }
}

/// Gives it back also where the bytes did not hold: what came before them is good.
async fn push(mut taking: Taking, bytes: Vec<u8>) -> Result<(Taking, Result<()>)> {
    off(move || {
        let before = taking.have();
        let outcome = taking.push(&bytes);
        CAME.fetch_add(taking.have() - before, Ordering::Relaxed);
        Ok((taking, outcome))
    })
    .await
}

/// What waits for the disk or hashes much, away from the tasks that serve peers.
async fn off<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Code::Internal.at("a task of the disk")))
}

/// What a peer has in hand here: one piece at a time, and what it offers kept open from piece to
/// piece, so that what is on the disk is checked again once and not with every piece.
type Hands = Arc<Mutex<HashMap<PartyId, Arc<Turn<Option<(Hash, Taking)>>>>>>;

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
            let mut kept = hand.lock().await;
            let mut porter = Porter { ledger, blobs, kept: &mut kept, peer, root };
            porter.answer(ask).await
        })
    })
}

struct Porter<'a> {
    ledger: Ledger,
    blobs: Blobs,
    kept: &'a mut Option<(Hash, Taking)>,
    peer: PartyId,
    root: Hash,
}

impl Porter<'_> {
    async fn answer(&mut self, ask: Ask) -> Result<Reply> {
        let (peer, root) = (self.peer, self.root);
        let ours = matches!(ask, Ask::Read { .. } | Ask::Taken);
        // ATT-8: asked with every piece, so that what is erased ends here.
        let size = self.ledger.look(peer, move |node| {
            if ours { node.may_fetch(&peer, &root) } else { node.may_offer(&peer, &root) }
        });
        let size = size.await?.ok_or_else(|| Code::AttachmentMissing.at(""))?;
        match ask {
            Ask::Read { from, to } => {
                let (blobs, to) = (self.blobs.clone(), to.min(size));
                if from >= to {
                    return Err(Code::ArgumentWrong.at("range"));
                }
                let bytes = off(move || blobs.read(&root, from, to)).await?;
                SENT.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                Ok(Reply::Bytes { from, size, bytes })
            }
            Ask::Taken => {
                self.ledger.look(peer, move |node| node.note_taken(&peer, &root)).await?;
                Ok(Reply::Noted)
            }
            _ if self.blobs.presence(&root, size) == Presence::Whole => Ok(Reply::Held(size)),
            Ask::Held => {
                let taking = self.open(size).await?;
                let held = taking.have();
                *self.kept = Some((root, taking));
                Ok(Reply::Held(held))
            }
            Ask::Write { from, bytes } => self.write(size, from, bytes).await.map(Reply::Held),
        }
    }

    async fn write(&mut self, size: u64, from: u64, bytes: Vec<u8>) -> Result<u64> {
        let taking = self.open(size).await?;
        let (root, held) = (self.root, taking.have());
        if held != from {
            *self.kept = Some((root, taking));
            return Ok(held);
        }
        let (mut taking, outcome) = push(taking, bytes).await?;
        let code = outcome.as_ref().err().map(|fault| fault.code);
        let note = self.ledger.look(self.peer, move |node| {
            node.note_trouble(root, code.filter(|code| *code == Code::AttachmentWrong));
            Ok(())
        });
        note.await?;
        let held = taking.have();
        if held < size {
            // What was good stays open, whatever came behind it.
            *self.kept = Some((root, taking));
            return outcome.map(|()| held);
        }
        off(move || taking.finish()).await?;
        let peer = self.peer;
        let note = self.ledger.look(peer, move |node| {
            node.note_here(&peer, &root);
            Ok(())
        });
        note.await?;
        Ok(size)
    }

    /// Takes what is coming in hand; [`Code::Busy`] while our own call to this peer has it.
    async fn open(&mut self, size: u64) -> Result<Taking> {
        if let Some((root, taking)) = self.kept.take()
            && root == self.root
        {
            return Ok(taking);
        }
        let (blobs, root, begun) = (self.blobs.clone(), self.root, Instant::now());
        let taking = off(move || blobs.take(&root, size)).await?;
        // A peer that goes from one to the other makes us hash what is there each time. It waits as
        // long again, so that at most half a core is its.
        sleep(begun.elapsed()).await;
        taking.ok_or_else(|| Code::Busy.at("attachment"))
    }
}
