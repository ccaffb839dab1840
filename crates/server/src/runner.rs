//! The ledger thread: the one owner of the node and its store. Everything reaches it as a command
//! over a bounded channel; a full one means "busy, ask again". While one batch commits the next
//! gathers, without a timer.
//!
//! Our own people come first. Of the peers, the one is next whose work took least so far
//! (`crate::lanes`), and a parcel with many statements is registered in parts, so that nobody
//! waits for more than one part of another's. What can be done without the record is done before it
//! gets here. See docs/decisions/0014.

use crate::app::{self, Step, TaskMark, task_marks};
use crate::lanes::Lanes;
use crate::quota::{Answered, Guard, Pass};
use crate::tally::What;
use counterpart_engine::due::Warning;
use counterpart_engine::route::Route;
use counterpart_engine::session::{Incoming, Opened, Opener, Pressure};
use counterpart_engine::tick::Tick;
use counterpart_engine::unmatched::Mismatch;
use counterpart_engine::{Draft, Logged, Node, Ticket};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::{Kid, PartyId};
use counterpart_record::key::VerifyKey;
use counterpart_record::keys::Ring;
use counterpart_record::parcel::Closed;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::flow;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::time::timeout;

/// Commands that may wait.
const WAITING: usize = 2048;
/// Commands of our own taken into one round, at the most.
const ROUND: usize = 512;
/// Statements registered in one turn: while other peers have something to do here, while our own
/// people have, and else.
const PART: [usize; 3] = [8, 16, 512];
/// A parcel of which more is left waits for so many times what its last part took, while other
/// peers have something to do here: they find nobody before them nine times in ten.
const REST: u32 = 9;
/// But no longer than that: whoever waits for a slow disk does not wait for it twice.
const LONGEST_REST: Duration = Duration::from_millis(50);
/// Whoever had something to do here a moment ago may have again.
const MOMENT: Duration = Duration::from_secs(1);

type Reply<T> = oneshot::Sender<Result<T>>;

/// A number for each peer that changes when something does.
pub type Marks = BTreeMap<PartyId, u64>;

enum Command {
    Operation { name: String, args: Object, reply: Reply<Value> },
    Lost { peer: PartyId },
    Slow { peer: PartyId, seconds: u64 },
    Called { peer: PartyId, how: Option<Mismatch> },
    Knocked { kid: Kid },
    Tick { test_every: Option<u64>, reply: Reply<Tick> },
    Warnings { since: [u64; 2], reply: Reply<Warned> },
    Peer { peer: PartyId, work: Work },
}

/// What is done for a peer, in its turn.
enum Work {
    Parcel { opened: Box<Opened>, pass: Pass, reply: Reply<Vec<u8>> },
    Answer { opened: Box<Opened>, pass: Pass, reply: Reply<bool> },
    Outgoing { ring: Ring, idle: bool, reply: Reply<Option<Vec<u8>>> },
    Look(Look),
}

/// A short look at the node; it answers by itself.
type Look = Box<dyn FnOnce(&mut Node) + Send>;

/// Marks that clocks passed.
pub struct Warned {
    /// Of both rings, the oldest of each first.
    pub warnings: Vec<Warning>,
    /// Of our own tasks at home, too.
    pub tasks: Vec<TaskMark>,
    /// What the calendar of each ring shows: where the next look begins.
    pub now: [u64; 2],
}

/// The way to the ledger thread. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    commands: mpsc::Sender<Command>,
    opener: Opener,
    /// Who stands at the door for peers.
    pub guard: Arc<Guard>,
    /// One parcel of a peer is opened at a time.
    openings: Arc<Mutex<HashMap<PartyId, Arc<Semaphore>>>>,
    /// Who may connect, and where to call; changes when a peer is accredited or rotates.
    pub routes: watch::Receiver<Vec<Route>>,
    /// How much we have written for each peer: whoever sends to it wakes up, and nobody else.
    pub acts: watch::Receiver<Marks>,
    /// How far each peer has come, in its log and in ours.
    pub heard: watch::Receiver<Marks>,
    /// Counts acts that go out at once: whoever waits to call a peer again does not wait longer.
    pub pressing: watch::Receiver<u64>,
    /// The logs of ours that stand still, as the fault of each: for our own operator. REC-48
    pub stopped: watch::Receiver<Vec<Fault>>,
}

/// Starts the thread. It ends when every [`Ledger`] is gone, or with the fault after which memory
/// and disk may differ; then the process must end and start again from the store.
pub fn start(node: Node, guard: Arc<Guard>) -> (Ledger, JoinHandle<Result<()>>) {
    let (commands, waiting) = mpsc::channel(WAITING);
    let (tell_routes, routes) = watch::channel(node.routes());
    let (tell_acts, acts) = watch::channel(sums(node.written()));
    let (heard, told) = watch::channel(sums(node.heard()));
    let (pressing, presses) = watch::channel(0);
    let (tell_stopped, stopped) = watch::channel(node.stopped());
    let (opener, guards) = (node.opener(), guard.clone());
    let thread = std::thread::spawn(move || {
        let (waiters, lanes, active) = (Waiters::default(), Lanes::new(), BTreeMap::new());
        let (acts, routes, stopped) = (tell_acts, tell_routes, tell_stopped);
        let tell = Tell { routes, acts, heard, pressing, stopped };
        let routing = Cell::new(node.routing());
        Runner { node, waiters, lanes, active, tell, routing, guard: guards }.run(waiting)
    });
    let (openings, heard, pressing) = (Arc::default(), told, presses);
    let ledger =
        Ledger { commands, opener, openings, guard, routes, acts, heard, pressing, stopped };
    (ledger, thread)
}

/// Both channels of a peer in one number.
fn sums(of: impl Iterator<Item = (PartyId, u64)>) -> Marks {
    let mut sums = Marks::new();
    of.for_each(|(peer, more)| *sums.entry(peer).or_default() += more);
    sums
}

impl Ledger {
    /// Does an operation; see [`app::OPERATIONS`]. [`Code::Busy`] if too much waits.
    pub async fn operation(&self, name: String, args: Object) -> Result<Value> {
        self.ask(|reply| Command::Operation { name, args, reply }).await
    }

    /// Registers a parcel of an authenticated peer, let in as this; the answer is empty if there is
    /// none.
    pub async fn parcel(&self, peer: PartyId, (bytes, pass): (Vec<u8>, Pass)) -> Result<Vec<u8>> {
        let opened = self.open(peer, bytes).await?;
        self.ask(|reply| Command::Peer { peer, work: Work::Parcel { opened, pass, reply } }).await
    }

    /// A parcel to send, if there is enough to say; with `idle`, anything is enough.
    pub async fn outgoing(&self, peer: PartyId, ring: Ring, idle: bool) -> Result<Option<Vec<u8>>> {
        let work = |reply| Work::Outgoing { ring, idle, reply };
        self.ask(|reply| Command::Peer { peer, work: work(reply) }).await
    }

    /// Registers what a peer answered to our parcel; whether it waits for our word on it. Of one
    /// that has used up what it may, only its word is taken; of one that answers in vain without
    /// end, nothing for a while: [`Code::PeerUnreachable`].
    pub async fn answer(&self, peer: PartyId, bytes: Vec<u8>) -> Result<bool> {
        let (quotas, now) = (&self.guard.quotas, Instant::now());
        let taken = quotas.admit_answer(peer, bytes.len() as u64, now);
        if !matches!(taken, Answered::All(_)) {
            self.guard.tally.count(Some(peer), What::Answer);
        }
        if taken == Answered::Nothing {
            return Err(Code::PeerUnreachable.at("its answers come to nothing"));
        }
        quotas.read(peer, bytes.len() as u64, now);
        let opened = self.open(peer, bytes).await;
        let mut opened = opened.inspect_err(|_| quotas.refused(peer, now))?;
        let pass = match taken {
            Answered::All(pass) => pass,
            // Without its statements it brings no acts.
            Answered::Word | Answered::Nothing => {
                opened.drop_statements();
                Pass::Usual
            }
        };
        self.ask(|reply| Command::Peer { peer, work: Work::Answer { opened, pass, reply } }).await
    }

    /// Opens a parcel beside the ledger, one of each peer at a time. What comes over a connection
    /// is of the party at its other end, and of nobody else.
    async fn open(&self, peer: PartyId, bytes: Vec<u8>) -> Result<Box<Opened>> {
        let turn = {
            let mut openings = self.openings.lock().unwrap_or_else(PoisonError::into_inner);
            openings.entry(peer).or_insert_with(|| Arc::new(Semaphore::new(1))).clone()
        };
        let closed = |_| Code::NotRunning.at("ledger");
        let turn = turn.acquire_owned().await.map_err(closed)?;
        let opener = self.opener.clone();
        let work = move || {
            let _turn = turn;
            if Closed::parse(&bytes)?.address.sender != peer {
                return Err(Code::SenderWrong.at("parcel of another party than the connection"));
            }
            opener.open(&bytes).map(Box::new)
        };
        let opened = tokio::task::spawn_blocking(work).await;
        opened.unwrap_or_else(|_| Err(Code::NotRunning.at("ledger")))
    }

    /// A number that changes when something new of a peer was registered.
    pub fn reach(&self, peer: PartyId) -> u64 {
        self.heard.borrow().get(&peer).copied().unwrap_or(0)
    }

    /// A peer asks us to send nothing for so many seconds; none, and it takes what we send.
    pub async fn slow(&self, peer: PartyId, seconds: u64) {
        let _ = self.commands.send(Command::Slow { peer, seconds }).await;
    }

    /// How a call of a peer ended, as far as transport keys are concerned.
    pub async fn called(&self, peer: PartyId, how: Option<Mismatch>) {
        let _ = self.commands.send(Command::Called { peer, how }).await;
    }

    /// Somebody calls with a transport key that no credential in force names. Noted if there is
    /// room for it now.
    pub fn knocked(&self, spki: &[u8]) {
        let Ok(key) = VerifyKey::from_spki(spki) else { return };
        let _ = self.commands.try_send(Command::Knocked { kid: key.thumbprint() });
    }

    /// Looks at the node for a moment on behalf of a peer, in its turn: nothing that takes long,
    /// and nothing that makes an act.
    pub async fn look<T: Send + 'static>(
        &self,
        peer: PartyId,
        look: impl FnOnce(&mut Node) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let boxed = |reply: Reply<T>| -> Look {
            Box::new(move |node| {
                // Whoever asked may have stopped waiting.
                let _ = reply.send(look(node));
            })
        };
        self.ask(|reply| Command::Peer { peer, work: Work::Look(boxed(reply)) }).await
    }

    /// Our last parcel to a peer did not arrive.
    pub async fn lost(&self, peer: PartyId) {
        let _ = self.commands.send(Command::Lost { peer }).await;
    }

    /// What rings now; acts that the node makes by itself are made on the way.
    pub async fn tick(&self, test_every: Option<u64>) -> Result<Tick> {
        self.ask(|reply| Command::Tick { test_every, reply }).await
    }

    /// The marks of clocks that fell after these times, of each ring in the order of
    /// [`Ring::ALL`].
    pub async fn warnings(&self, since: [u64; 2]) -> Result<Warned> {
        self.ask(|reply| Command::Warnings { since, reply }).await
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        match self.commands.try_send(command(reply)) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(Code::Busy.at("ledger")),
            Err(TrySendError::Closed(_)) => return Err(Code::NotRunning.at("ledger")),
        }
        answer.await.unwrap_or_else(|_| Err(Code::NotRunning.at("ledger")))
    }
}

/// An act on its way: who wants to hear of it, and when.
struct Pending {
    reply: Reply<Value>,
    /// Not when it is logged, but when the peer holds it: the channel to watch.
    until_held: Option<(PartyId, Ring)>,
    /// Whether it goes out at once.
    presses: bool,
    /// What is made once it is logged.
    then: Option<Box<Draft>>,
}

/// Acts that are logged and wait for the peer to hold them, by channel and index in our log.
type Waiters = HashMap<(PartyId, Ring), BTreeMap<u64, (Reply<Value>, Value)>>;

struct Runner {
    node: Node,
    waiters: Waiters,
    lanes: Lanes<PartyId, Work>,
    /// When something was last done for each peer; for ourselves without one.
    active: BTreeMap<Option<PartyId>, Instant>,
    tell: Tell,
    /// The state of the node of which the routes were told.
    routing: Cell<u64>,
    guard: Arc<Guard>,
}

/// Who is told of what.
struct Tell {
    routes: watch::Sender<Vec<Route>>,
    acts: watch::Sender<Marks>,
    heard: watch::Sender<Marks>,
    pressing: watch::Sender<u64>,
    stopped: watch::Sender<Vec<Fault>>,
}

impl Runner {
    fn run(mut self, mut waiting: mpsc::Receiver<Command>) -> Result<()> {
        let clock = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let clock = clock.map_err(|error| Code::Io.at(error.to_string()))?;
        loop {
            let mut own = Vec::new();
            if self.lanes.is_empty() {
                let Some(first) = waiting.blocking_recv() else { return Ok(()) };
                self.sort(first, &mut own);
            } else if let Some(until) = self.lanes.served_from() {
                let rest = until.saturating_duration_since(Instant::now());
                let first = clock.block_on(async { timeout(rest, waiting.recv()).await });
                if let Ok(Some(first)) = first {
                    self.sort(first, &mut own);
                }
            }
            while own.len() < ROUND
                && let Ok(next) = waiting.try_recv()
            {
                self.sort(next, &mut own);
            }
            self.own(own)?;
            self.turn()?;
            self.tell_held();
        }
    }

    fn sort(&mut self, command: Command, own: &mut Vec<Command>) {
        match command {
            Command::Peer { peer, work } => self.lanes.push(peer, work),
            command => own.push(command),
        }
    }

    /// What our own people ask: drafts are gathered and committed together, before anything is
    /// sent.
    fn own(&mut self, commands: Vec<Command>) -> Result<()> {
        let mut drafts: HashMap<Ticket, Pending> = HashMap::new();
        let mut rest = Vec::new();
        for command in commands {
            match command {
                Command::Operation { name, args, reply } => {
                    self.active.insert(None, Instant::now());
                    self.operation(&name, &args, reply, &mut drafts)?;
                }
                other => rest.push(other),
            }
        }
        if !drafts.is_empty() {
            let results = self.node.ledger()?;
            if drafts.values().any(|pending| pending.presses) {
                self.tell.pressing.send_modify(|count| *count += 1);
            }
            self.answer(results, drafts)?;
        }
        self.tell_marks();
        for command in rest {
            match command {
                Command::Lost { peer } => {
                    for ring in Ring::ALL {
                        // A peer without a channel has nothing that could be lost.
                        let _ = self.node.lost(&peer, ring);
                    }
                }
                Command::Slow { peer, seconds } => self.node.slow(peer, seconds),
                Command::Called { peer, how } => self.node.called(peer, how),
                Command::Knocked { kid } => self.node.knocked(kid),
                Command::Tick { test_every, reply } => {
                    let outcome = self.tick(test_every);
                    self.send(reply, outcome)?;
                }
                Command::Warnings { since, reply } => {
                    let outcome = self.warnings(since);
                    self.send(reply, outcome)?;
                }
                Command::Operation { .. } | Command::Peer { .. } => {}
            }
        }
        Ok(())
    }

    /// One piece of work for the peer whose turn it is.
    fn turn(&mut self) -> Result<()> {
        let begun = Instant::now();
        let Some((peer, work)) = self.lanes.next(begun) else { return Ok(()) };
        let left = self.work(peer, work);
        let (now, took) = (Instant::now(), begun.elapsed());
        self.lanes.charge(peer, u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        self.active.insert(Some(peer), now);
        if let Some(left) = left? {
            self.lanes.give_back(peer, left);
            if self.others_at_work(&peer) {
                self.lanes.rest(peer, now + (took * REST).min(LONGEST_REST));
            }
        }
        Ok(())
    }

    /// What is left of it, if it is not done.
    fn work(&mut self, peer: PartyId, work: Work) -> Result<Option<Work>> {
        match work {
            Work::Parcel { mut opened, pass, reply } => {
                let outcome = match self.node.take_in(&mut opened, self.part(&peer)) {
                    Ok(None) => return Ok(Some(Work::Parcel { opened, pass, reply })),
                    Ok(Some(incoming)) => {
                        self.account(peer, pass, &incoming);
                        self.node.reply(&opened, &incoming)
                    }
                    Err(fault) => Err(self.told(fault)),
                };
                self.send(reply, outcome.map(Option::unwrap_or_default))?;
            }
            Work::Answer { mut opened, pass, reply } => {
                let outcome = match self.node.take_in(&mut opened, self.part(&peer)) {
                    Ok(None) => return Ok(Some(Work::Answer { opened, pass, reply })),
                    Ok(Some(incoming)) => {
                        self.account(peer, pass, &incoming);
                        // Acts that came in an answer are acknowledged at once, as those are that
                        // came in a parcel: their author waits for our word.
                        Ok(incoming.ask || !incoming.notices.is_empty())
                    }
                    Err(fault) => Err(self.told(fault)),
                };
                self.send(reply, outcome)?;
            }
            Work::Outgoing { ring, idle, reply } => {
                let outcome = self.node.pressure(&peer, ring).and_then(|pressure| {
                    let enough = pressure == Pressure::Acts || (idle && pressure > Pressure::None);
                    if enough { self.node.outgoing(&peer, ring, false) } else { Ok(None) }
                });
                self.send(reply, outcome)?;
            }
            Work::Look(look) => look(&mut self.node),
        }
        Ok(None)
    }

    /// That nothing is signed any more is for our own operator, not for the peer whose parcel
    /// showed it. REC-26, REC-48.
    fn told(&self, fault: Fault) -> Fault {
        if fault.code == Code::StoreBehind {
            self.tell.stopped.send_if_modified(|told| {
                let now = self.node.stopped();
                let changed = *told != now;
                *told = now;
                changed
            });
        }
        fault
    }

    /// What a parcel brought goes to the account of who sent it, by how it was let in.
    fn account(&self, peer: PartyId, pass: Pass, incoming: &Incoming) {
        let brought = (incoming.notices.len() as u64, incoming.news);
        self.guard.quotas.brought(peer, pass, brought, Instant::now());
    }

    /// How many statements of a peer are registered before it is looked whether others wait.
    fn part(&self, peer: &PartyId) -> usize {
        let own = self.active.get(&None);
        if self.others_at_work(peer) {
            PART[0]
        } else if own.is_some_and(|when| when.elapsed() < MOMENT) {
            PART[1]
        } else {
            PART[2]
        }
    }

    /// Whether other peers than this have something to do here, or had a moment ago. Our own people
    /// come before every lane, and wait for one part.
    fn others_at_work(&self, peer: &PartyId) -> bool {
        let others = self.active.iter().filter(|(who, _)| who.is_some() && **who != Some(*peer));
        let mut recent = others.map(|(_, when)| when.elapsed() < MOMENT);
        self.lanes.others_wait(peer) || recent.any(|recent| recent)
    }

    /// Tells whoever sends what was written, and whoever asks how far a peer has come.
    fn tell_marks(&self) {
        let change = |marks: &mut Marks, now: Marks| {
            let changed = *marks != now;
            *marks = now;
            changed
        };
        self.tell.acts.send_if_modified(|marks| change(marks, sums(self.node.written())));
        self.tell.heard.send_if_modified(|marks| change(marks, sums(self.node.heard())));
        self.tell_routes();
    }

    /// Tells whoever calls and whoever is called of new keys, of a peer or of our own that a peer
    /// now knows: they come with parcels as well as by hand. WIRE-2
    fn tell_routes(&self) {
        let routing = self.node.routing();
        if self.routing.replace(routing) == routing {
            return;
        }
        self.tell.routes.send_if_modified(|routes| {
            let now = self.node.routes();
            let changed = *routes != now;
            *routes = now;
            changed
        });
    }

    fn operation(
        &mut self,
        name: &str,
        args: &Object,
        reply: Reply<Value>,
        drafts: &mut HashMap<Ticket, Pending>,
    ) -> Result<()> {
        let outcome = match app::run(&mut self.node, name, args) {
            Ok(Step::Draft(draft, then)) => {
                let wait = args.get("wait").and_then(Value::as_str) == Some("held");
                let until_held = wait.then_some((draft.peer, draft.ring));
                let flow = flow::flow(&draft.rules);
                let presses = flow.is_some_and(|flow| flow.presses(&draft.kind, &draft.body));
                match self.node.submit(*draft) {
                    Ok(ticket) => {
                        drafts.insert(ticket, Pending { reply, until_held, presses, then });
                        return Ok(());
                    }
                    Err(fault) => Err(fault),
                }
            }
            Ok(Step::Done(value)) => Ok(value),
            Err(fault) => Err(fault),
        };
        self.send(reply, outcome)
    }

    /// Answers; a fault after which memory and disk may differ ends the thread too. Whoever has the
    /// answer sees the marks that go with it.
    fn send<T>(&self, reply: Reply<T>, outcome: Result<T>) -> Result<()> {
        self.tell_marks();
        let fault = outcome.as_ref().err().filter(|_| self.node.is_broken()).cloned();
        let _ = reply.send(outcome);
        fault.map_or(Ok(()), Err)
    }

    fn warnings(&mut self, since: [u64; 2]) -> Result<Warned> {
        let now = Ring::ALL.map(|ring| self.node.now(ring));
        let mut warnings = Vec::new();
        for (ring, since) in Ring::ALL.into_iter().zip(since) {
            warnings.extend(self.node.warnings(ring, since)?);
        }
        Ok(Warned { warnings, tasks: task_marks(&self.node, since), now })
    }

    fn tick(&mut self, test_every: Option<u64>) -> Result<Tick> {
        let mut tick = self.node.tick(test_every)?;
        tick.drafts.extend(self.node.figures_due()?);
        if tick.drafts.is_empty() {
            return Ok(tick);
        }
        for draft in std::mem::take(&mut tick.drafts) {
            self.node.submit(draft)?;
        }
        // One that is no longer permitted is gone; the next tick would find it again if it were.
        self.node.ledger()?;
        Ok(tick)
    }

    fn answer(
        &mut self,
        results: Vec<(Ticket, Result<Logged>)>,
        mut drafts: HashMap<Ticket, Pending>,
    ) -> Result<()> {
        for (ticket, result) in results {
            let Some(pending) = drafts.remove(&ticket) else { continue };
            let Pending { reply, until_held, then, .. } = pending;
            let node = &mut self.node;
            let told = result.map(|act| (act.index, app::logged_with(node, &act, then)));
            match (told, until_held) {
                (Ok((index, value)), Some(channel)) => {
                    let waiters = self.waiters.entry(channel).or_default();
                    waiters.insert(index, (reply, value));
                }
                (told, _) => {
                    let _ = reply.send(told.map(|(_, value)| value));
                }
            }
        }
        // What followed may have failed like any commit.
        if self.node.is_broken() { Err(Code::Io.at("ledger: what followed")) } else { Ok(()) }
    }

    /// Tells whoever waits for the peer to hold an act, after a parcel that may have said so.
    fn tell_held(&mut self) {
        for ((peer, ring), waiters) in &mut self.waiters {
            let held = self.node.held_by_peer(peer, *ring).unwrap_or(0);
            let rest = waiters.split_off(&held);
            for (_, (reply, value)) in std::mem::replace(waiters, rest) {
                let _ = reply.send(Ok(value));
            }
        }
    }
}
