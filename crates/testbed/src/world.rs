//! The world of one history: three parties with their disks and clocks, the mail between them, and
//! one owned queue of what happens next. One seed decides everything.

use crate::cast::{Party, START, Seeded};
use crate::disk::{Disk, Write};
use crate::files::{Paper, Porch};
use crate::forge::Forge;
use crate::plot::{Focus, Plot};
use crate::room::{Kept, Private, Room};
use crate::scratch::Scratch;
use crate::trouble::{Fate, Group, Tally, Trouble};
use counterpart_engine::Node;
use counterpart_engine::haul::Ask;
use counterpart_engine::session::Pressure;
use counterpart_record::fault::{Fault, Result};
use counterpart_record::hash::{Hash, sha256};
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_record::keys::{Ring, RingSeeds, SoftKeys};
use counterpart_store::Blobs;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// Number of parties.
pub const SEATS: usize = 3;
/// The party that is hostile where one is.
pub const HOSTILE: usize = 2;

/// One party in one history.
pub struct Seat {
    /// Keys, clock, randomness.
    pub party: Party,
    /// What survives.
    pub disk: Disk,
    /// The keys that it ever had.
    pub ring: KeyRing,
    /// What does not; `None` while the process is down.
    pub node: Option<Node>,
    /// The process does nothing before this time.
    pub asleep_until: u64,
    /// The clock stands.
    pub frozen: bool,
    /// Acts that were returned as logged.
    pub promised: Vec<Promise>,
    /// Heads that left the house: channel number, size, root.
    pub published: BTreeSet<(u32, u64, Hash)>,
    /// Where its sealed bytes lie, which survives, too.
    pub folder: Scratch,
    /// That folder as this process sees it, and what it has in hand there; both end with it.
    pub blobs: Blobs,
    /// See above.
    pub porch: Porch,
    /// What stays there, which survives, too.
    pub room: Room,
    /// How often its process has ended.
    pub ended: u64,
    /// What was on the disk when it was backed up, oldest first.
    pub backups: Vec<Backup>,
    /// Matters with partners who have no node; whether on the drill ring.
    pub by_hand: BTreeSet<(bool, MatterId)>,
    /// How often a backup was put back.
    pub restores: u64,
    /// The number of the newest epoch that the root keys signed.
    pub last_epoch: u64,
}

/// What a backup holds.
#[derive(Clone)]
pub struct Backup {
    /// Every write to the record.
    pub writes: Vec<Write>,
    /// The sealed bytes that were whole.
    pub files: Vec<(String, Vec<u8>)>,
    /// What stays here, and what it holds; `None` in histories without.
    pub home: Option<(Vec<u8>, Kept)>,
}

/// The keys that a party ever had, by the version of the credential that names them.
#[derive(Default)]
pub struct KeyRing {
    /// By version, oldest first.
    pub(crate) held: Vec<(u64, Arc<SoftKeys>)>,
    /// Sealing seeds that are no longer the newest.
    pub(crate) older: Vec<Zeroizing<[u8; 32]>>,
    /// The seeds of the newest keys, once there was a rotation.
    pub(crate) last: Option<[RingSeeds; 2]>,
}

/// An act that was returned as logged.
pub struct Promise {
    /// To whom.
    pub peer: PartyId,
    /// On which ring.
    pub ring: Ring,
    /// Which act.
    pub entry: Entry,
    /// Where; anywhere, if a backup had lost it and the peer gave it back.
    pub index: Option<u64>,
}

/// How a parcel travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Pushed; an answer comes back.
    Push,
    /// The answer.
    Reply,
    /// Carried in a bag.
    Bag,
}

/// A parcel on its way.
#[derive(Clone)]
pub struct Mail {
    /// Sender.
    pub from: usize,
    /// Recipient.
    pub to: usize,
    /// Ring.
    pub ring: Ring,
    /// The parcel.
    pub bytes: Vec<u8>,
    /// How.
    pub way: Way,
    /// The carrier has damaged it.
    pub damaged: bool,
    /// Which number it was sent with.
    pub number: u64,
}

pub(crate) enum Event {
    /// A parcel reaches its recipient.
    Arrives(Mail),
    /// A sender learns that no answer came.
    Lost { from: usize, to: usize, ring: Ring },
    /// A process starts.
    Wakes(usize),
    /// What was cut passes again.
    Mends(usize, usize),
    /// An ask for sealed bytes comes late; nobody waits for the answer.
    Asks { from: usize, to: usize, root: Hash, ask: Ask },
}

/// The world.
pub struct World {
    /// Chance of the world; each party has its own.
    pub chance: Arc<Seeded>,
    /// Chance of what one side does alone. It is apart from that of the world, and what it decides
    /// may send parcels and pass time like any other act.
    pub aside: Arc<Seeded>,
    /// Chance of what stays at home.
    pub indoors: Arc<Seeded>,
    /// Whether anything does.
    pub private: Private,
    /// True time, POSIX seconds.
    pub now: u64,
    /// The parties.
    pub seats: Vec<Seat>,
    /// Whether the last party is hostile.
    pub hostile: bool,
    /// Kinds of fault that this history has.
    pub enabled: BTreeSet<Trouble>,
    /// Counts.
    pub tally: Tally,
    /// What the history is played for.
    pub focus: Focus,
    /// The story under the noise.
    pub plot: Plot,
    /// Which faults struck whom, or the way to whom.
    pub struck: BTreeSet<(Trouble, usize)>,
    /// What became of which clocks.
    pub lived: BTreeSet<(&'static str, Fate)>,
    /// What was found wrong.
    pub failures: Vec<String>,
    /// Matters: opener, other side, ring, id.
    pub matters: Vec<(usize, usize, Ring, MatterId)>,
    /// Logs that the hostile party forges from here on, by victim and ring.
    pub forges: BTreeMap<(usize, Ring), Forge>,
    /// Victims that were shown both sides of a staged equivocation.
    pub shown: Vec<(usize, Trouble)>,
    /// Files that were attached to acts.
    pub papers: Vec<Paper>,
    /// Own files that a restored backup did not have, by seat.
    pub lost: BTreeSet<(usize, Hash)>,
    /// Who can call whom for sealed bytes.
    pub(crate) calls: [[bool; SEATS]; SEATS],
    /// Entries that a victim has to refuse in its log.
    pub poisoned: Vec<(usize, Ring, Entry)>,
    /// Victims that the hostile party has begun to show two histories.
    pub split: BTreeSet<usize>,
    /// What has left the hands of its senders, in order.
    pub(crate) archive: Vec<Mail>,
    /// Who cannot reach whom.
    pub(crate) cut: [[bool; SEATS]; SEATS],
    /// The newest parcel that arrived, by sender, recipient and drill.
    pub(crate) arrived: BTreeMap<(usize, usize, bool), u64>,
    /// Numbers mail and events.
    pub(crate) count: u64,
    queue: BTreeMap<(u64, u64), Event>,
    trace: Hash,
    told: bool,
}

struct Cast {
    parties: Vec<Party>,
    accreditations: Vec<Vec<Vec<u8>>>,
}

/// Keys and root-signed statements are the same in every history, and made once.
fn cast() -> Result<&'static Cast> {
    static CAST: OnceLock<Result<Cast>> = OnceLock::new();
    let made = CAST.get_or_init(|| {
        let names = ["Arcadia", "Borealis", "Caldera"];
        let party = |name| Party::new(name, 0, crate::cast::TestClock::new());
        let parties = names.into_iter().map(party).collect::<Result<Vec<_>>>()?;
        let of = |by: &Party| parties.iter().map(|peer| by.accredits(peer)).collect();
        let accreditations = parties.iter().map(of).collect::<Result<_>>()?;
        Ok(Cast { parties, accreditations })
    });
    made.as_ref().map_err(Fault::clone)
}

impl Seat {
    /// A party whose process is down.
    fn new(party: Party, disk: Disk) -> Seat {
        let folder = Scratch::new();
        let blobs = Blobs::at(folder.path());
        Seat {
            party,
            disk,
            folder,
            blobs,
            porch: Porch::default(),
            room: Room::default(),
            ended: 0,
            ring: KeyRing::default(),
            node: None,
            asleep_until: 0,
            frozen: false,
            promised: Vec::new(),
            published: BTreeSet::new(),
            backups: Vec::new(),
            by_hand: BTreeSet::new(),
            restores: 0,
            last_epoch: 1,
        }
    }
}

impl World {
    /// A world at its beginning: everybody has enrolled everybody.
    pub fn new(seed: u64, told: bool, focus: Focus, private: Private) -> Result<World> {
        let cast = cast()?;
        let chance = Seeded::new(seed);
        let wanted = focus.trouble;
        let hostile = chance.chance(50) || wanted.is_some_and(|one| one.group() == Group::Peer);
        // Swarm: half of the faults, so that each is also met without the others.
        let all = Trouble::ALL.iter().copied();
        let enabled = all.filter(|one| chance.chance(50) || wanted == Some(*one)).collect();
        let mut world = World {
            chance,
            aside: Seeded::new(seed ^ 1 << 62),
            indoors: Seeded::new(seed ^ 1 << 61),
            private,
            now: START,
            seats: Vec::new(),
            hostile,
            enabled,
            tally: Tally::default(),
            focus,
            plot: Plot::of(seed, SEATS, focus),
            struck: BTreeSet::new(),
            lived: BTreeSet::new(),
            failures: Vec::new(),
            matters: Vec::new(),
            forges: BTreeMap::new(),
            shown: Vec::new(),
            poisoned: Vec::new(),
            papers: Vec::new(),
            lost: BTreeSet::new(),
            calls: [[true; SEATS]; SEATS],
            split: BTreeSet::new(),
            cut: [[false; SEATS]; SEATS],
            queue: BTreeMap::new(),
            archive: Vec::new(),
            arrived: BTreeMap::new(),
            count: 0,
            trace: [0; 32],
            told,
        };
        for (at, party) in cast.parties.iter().enumerate() {
            let party = party.again(seed);
            let disk = Disk::new()?;
            let mut node = party.found(Box::new(disk.clone()))?;
            for (other, peer) in cast.parties.iter().enumerate().filter(|(i, _)| *i != at) {
                node.import_credential(&peer.credential)?;
                node.adopt(&cast.accreditations[at][other])?;
            }
            let seat = Seat::new(party, disk);
            if world.honest(at) {
                node.keep_blobs(seat.blobs.clone());
            }
            world.seats.push(seat);
            world.furnish(at, &mut node);
            world.seats[at].node = Some(node);
        }
        world.unreachable();
        Ok(world)
    }

    /// Of two that have business, one may be a node that nobody can call.
    fn unreachable(&mut self) {
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            match self.chance.below(4) {
                0 => self.calls[one][other] = false,
                1 => self.calls[other][one] = false,
                _ => {}
            }
        }
    }

    /// One line of the trace. It holds no digest: ML-DSA signatures differ from run to run.
    pub fn tell(&mut self, line: &str) {
        self.trace = sha256(&[&self.trace, line.as_bytes()]);
        if self.told {
            eprintln!("{:>9} {line}", self.now - START);
        }
    }

    /// The digest of the trace so far.
    pub fn trace(&self) -> Hash {
        self.trace
    }

    /// Something that must not be.
    pub fn fail(&mut self, what: String) {
        self.tell(&format!("FAILURE {what}"));
        self.failures.push(what);
    }

    /// Whether a party is honest in this history.
    pub fn honest(&self, seat: usize) -> bool {
        !(self.hostile && seat == HOSTILE)
    }

    /// The name of a party.
    pub fn name(&self, seat: usize) -> &'static str {
        self.seats[seat].party.name
    }

    /// Whether a fault of this kind happens now.
    pub fn strikes(&self, trouble: Trouble, percent: u64) -> bool {
        let times = if self.focus.trouble == Some(trouble) { 3 } else { 1 };
        self.enabled.contains(&trouble) && self.chance.chance(percent * times)
    }

    /// A fault happened.
    pub fn hit(&mut self, trouble: Trouble, of: usize) {
        self.tally.hit(trouble);
        self.struck.insert((trouble, of));
        self.tell(&format!("{} {}", trouble.name(), self.name(of)));
    }

    /// Time passes, and what was to happen meanwhile happens.
    pub fn pass(&mut self, seconds: u64) {
        let until = self.now + seconds;
        while let Some(((at, _), event)) = self.next_before(until) {
            self.to(at);
            self.happen(event);
        }
        self.to(until);
    }

    fn next_before(&mut self, until: u64) -> Option<((u64, u64), Event)> {
        let first = self.queue.first_entry().filter(|first| first.key().0 <= until)?;
        Some(first.remove_entry())
    }

    fn to(&mut self, time: u64) {
        let passed = time.saturating_sub(self.now) as i64;
        self.now = self.now.max(time);
        for seat in self.seats.iter().filter(|seat| !seat.frozen) {
            seat.party.clock.move_by(passed);
        }
    }

    /// Something will happen.
    pub(crate) fn later(&mut self, seconds: u64, event: Event) {
        self.count += 1;
        self.queue.insert((self.now + seconds, self.count), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrives(mail) => self.arrive(mail),
            Event::Lost { from, to, ring } => {
                let peer = self.seats[to].party.id;
                if let Some(Err(fault)) =
                    self.seats[from].node.as_mut().map(|node| node.lost(&peer, ring))
                {
                    self.fail(format!("lost: {fault}"));
                }
            }
            Event::Wakes(seat) => self.wake(seat),
            Event::Mends(from, to) => self.cut[from][to] = false,
            Event::Asks { from, to, root, ask } => self.late(from, to, root, ask),
        }
    }

    /// Ends a process; it starts again from its disk after a while.
    pub fn kill(&mut self, seat: usize) {
        self.ends(seat);
        let after = self.chance.below(7_200);
        self.later(after, Event::Wakes(seat));
    }

    /// What a process had in hand is gone with it; what it was writing may be torn.
    pub(crate) fn ends(&mut self, seat: usize) {
        let at = &mut self.seats[seat];
        (at.node, at.porch) = (None, Porch::default());
        at.blobs = Blobs::at(at.folder.path());
        at.ended += 1;
        if !self.strikes(Trouble::PieceTorn, 60) {
            return;
        }
        match self.seats[seat].folder.tear(&self.chance) {
            Ok(true) => self.hit(Trouble::PieceTorn, seat),
            Ok(false) => {}
            Err(fault) => self.fail(format!("{}: {fault}", self.name(seat))),
        }
    }

    /// Stops a process for a while without ending it.
    pub fn pause(&mut self, seat: usize) {
        self.seats[seat].asleep_until = self.now + 1 + self.chance.below(3_600);
    }

    /// Nothing passes from one to the other for a while.
    pub fn cut(&mut self, from: usize, to: usize) {
        self.cut[from][to] = true;
        let after = 600 + self.chance.below(3 * 86_400);
        self.later(after, Event::Mends(from, to));
    }

    /// Starts a process from its disk, if it is down.
    pub fn wake(&mut self, seat: usize) {
        if self.seats[seat].node.is_some() {
            return;
        }
        self.seats[seat].disk.set_full(false);
        if let Err(fault) = self.keys_in_force(seat) {
            return self.fail(format!("{} has no keys: {fault}", self.name(seat)));
        }
        let (disk, seams) = (self.seats[seat].disk.clone(), self.seats[seat].party.seams());
        match Node::load(Box::new(disk), seams) {
            Ok(mut node) => {
                self.tell(&format!("starts {}", self.name(seat)));
                if self.honest(seat) {
                    node.keep_blobs(self.seats[seat].blobs.clone());
                }
                self.furnish(seat, &mut node);
                self.seats[seat].node = Some(node);
            }
            // A start may have to finish what a rotation began, and so it writes.
            Err(_) if self.crashed(seat) => {}
            Err(fault) => self.fail(format!("{} does not start: {fault}", self.name(seat))),
        }
    }

    /// Whether a process runs and does something now.
    pub fn awake(&self, seat: usize) -> bool {
        self.seats[seat].node.is_some() && self.seats[seat].asleep_until <= self.now
    }

    /// After a call that may have written: whether the disk failed in it. Then the process ends.
    pub fn crashed(&mut self, seat: usize) -> bool {
        let Some(trouble) = self.seats[seat].disk.fired() else { return false };
        self.hit(trouble, seat);
        self.kill(seat);
        true
    }

    /// All faults end: what was on its way arrives or not, everybody runs, clocks are set right.
    pub fn heal(&mut self) {
        self.tell("heals");
        self.enabled.clear();
        self.cut = [[false; SEATS]; SEATS];
        for at in 0..SEATS {
            let seat = &mut self.seats[at];
            seat.disk.calm();
            (seat.asleep_until, seat.frozen) = (0, false);
            self.wake(at);
            self.furnish_again(at);
        }
        self.pass(20 * 86_400);
        for seat in &self.seats {
            use counterpart_engine::seam::Clock as _;
            seat.party.clock.move_by(self.now as i64 - seat.party.clock.now(Ring::Live) as i64);
        }
        for _ in 0..12 {
            if !self.exchange_all() {
                break;
            }
        }
        self.haul_all();
    }

    /// One round between all. Returns whether anybody still wants to say something.
    fn exchange_all(&mut self) -> bool {
        let mut wanted = false;
        for from in 0..SEATS {
            for to in (0..SEATS).filter(|to| *to != from) {
                for ring in Ring::ALL {
                    let peer = self.seats[to].party.id;
                    let Some(node) = self.seats[from].node.as_mut() else { continue };
                    // Nobody knows what of it arrived: all of it is offered again.
                    let _ = node.lost(&peer, ring);
                    let pressure = node.pressure(&peer, ring).unwrap_or(Pressure::None);
                    wanted |= pressure > Pressure::None && self.honest(from) && self.honest(to);
                    self.push(from, to, ring, false);
                    self.pass(60);
                }
            }
        }
        wanted
    }
}
