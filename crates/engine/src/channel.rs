//! A channel in memory: two logs, what each side has seen of the other, and the keys that count.
//! Made from the store by one function, at start and after every recovery.

use crate::agreed::{Agreed, matter_of};
use crate::ahead::Ahead;
use crate::deeds::{Deeds, Upto};
use crate::entered::apart;
use crate::line::{Line, Spot};
use crate::matter::{Known, Matter, ORPHANED, Verdict, parse_verdict};
use crate::stored::{in_store, reread_coded};
use crate::tree::Rows;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::head::{Head, LogId};
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::log::{Frontier, empty_root};
use counterpart_record::parcel::Epochs;
use counterpart_record::party::{Control, Epoch, KeyBook, RootPublic};
use counterpart_record::payload::Seen;
use counterpart_record::statement::Verified;
use counterpart_rules::act::Act;
use counterpart_rules::apart::DESCRIBED;
use counterpart_store::{ActRow, ChannelRow, Owner, Store};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One log of a channel, ours or the mirror of the peer's.
pub struct Side {
    /// Whose, in which epoch.
    pub log: LogId,
    /// Its right edge.
    pub frontier: Frontier,
    /// Its newest head.
    pub head: Option<Head>,
    /// Which of its owner's keys count where.
    pub book: KeyBook,
    /// Its epochs.
    pub line: Line,
}

impl Side {
    /// Time of the newest head, 0 before the first.
    pub fn time(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.time)
    }

    /// The log that signed a head of this size: the one of today, or of the epoch before from which
    /// the leaf below it was kept.
    pub fn log_at(&self, size: u64) -> LogId {
        LogId { epoch: self.line.epoch_of_size(size), ..self.log }
    }

    /// The epoch of an act of this log's owner at an index.
    pub fn epoch_at(&self, index: u64) -> u64 {
        self.line.epoch_at(index)
    }
}

/// One channel.
pub struct Channel {
    /// As stored.
    pub row: ChannelRow,
    /// Live or drill.
    pub ring: Ring,
    /// With a correspondent: our log alone, and nothing of it is ever sent. COR-6.
    pub one_sided: bool,
    /// Our log.
    pub own: Side,
    /// The peer's.
    pub peer: Side,
    /// Own acts that the peer's log does not hold yet, with their index in ours.
    pub in_flight: HashMap<Entry, u64>,
    /// Behind our last own act: what of our log the peer cannot know by itself.
    pub last_mine: u64,
    /// Our log up to here went out in a parcel; forgotten at restart.
    pub offered: u64,
    /// The most of our log that the peer ever said it holds: a word that goes back and forth is no
    /// news.
    pub most_held: u64,
    /// Own acts that press and that the peer does not hold: they go out before what waits.
    pub pressing: BTreeSet<u64>,
    /// Those below this index of our log went out ahead; forgotten at restart.
    pub pressed: u64,
    /// When that was, in seconds (UTC).
    pub pressed_at: u64,
    /// Calls of the peer that came ahead of their place, by their index in its log.
    pub ahead: BTreeMap<u64, Ahead>,
    /// From where on that parcel spoke, and, if it was made small, how far the peer mirrored us.
    pub offered_from: (u64, u64),
    /// Size of the peer's head that we cosigned last.
    pub cosigned: u64,
    /// Size of the peer's head whose cosignature went out last; forgotten at restart.
    pub cosign_sent: u64,
    /// Our position in the peer's log that went out last; forgotten at restart.
    pub held_sent: u64,
    /// Size of our head that the peer cosigned last.
    pub peer_cosigned: u64,
    /// How many of our leaves the peer has mirrored, by its cosignature or by the head of ours that
    /// it showed last: with statements or without.
    pub peer_mirrors: u64,
    /// The peer has shown what we signed in this epoch and do not know: we sign nothing here until
    /// our log ends under a greater number. REC-26, REC-48.
    pub behind: Option<u64>,
    /// The store is a restored copy and this log has not ended yet: we sign nothing here.
    pub restored: bool,
    /// Our log ended and went on, and the peer has not yet shown what it held of us by then.
    pub unheard: bool,
    /// The epoch of our log that the peer last spoke of; forgotten when a log of the two ends.
    pub peer_knows: u64,
    /// The peer has more of our closed epochs than we have again.
    pub owes: bool,
    /// How much of its own closed epochs the peer says that it has; forgotten like that.
    pub peer_regained: Vec<(u64, u64)>,
    /// How much of ours it says that it has; forgotten like that.
    pub peer_mirrored: Vec<(u64, u64)>,
    /// The newest epoch whose statement of the peer is registered.
    pub peer_turned: u64,
    /// Where in our log the statements of the peer's epochs lie.
    pub turned: BTreeMap<u64, Spot>,
    /// Where in the peer's log those of ours lie.
    pub told: BTreeMap<u64, Spot>,
    /// The peer spoke of an epoch that it had ended: it may have lost the newer one.
    pub shows_epoch: bool,
    /// The next parcel shows the peer its own newest head.
    pub show_theirs: bool,
    /// Two acts of the peer in one place were proven since the start: one proof convicts.
    pub convicted: bool,
    /// The peer has accredited us: its accreditation is in its log.
    pub mutual: bool,
    /// What the two sides agreed about this channel.
    pub agreed: Agreed,
    /// What was done in it that its own clocks run by.
    deeds: Mutex<Deeds>,
    /// Matters in memory.
    matters: HashMap<MatterId, Matter>,
    /// What the acts of one batch look up alike; forgotten with each commit.
    looked_up: Mutex<LookedUp>,
}

/// What was read from the store and cannot change before the next commit.
#[derive(Clone, Copy, Default)]
struct LookedUp {
    /// A size of our log and its signed root.
    signed: Option<(u64, Hash)>,
    /// How much of the peer's log we held, how large it was, and what of it was seen.
    seen: Option<((u64, u64), Seen)>,
}

/// Behind every leaf.
const NOWHERE: Spot = (u64::MAX, u64::MAX);

/// What presses goes ahead again after so many seconds.
const AGAIN: u64 = 3;

/// Matters kept in memory per channel; beyond it all are read again when needed.
const MATTERS_KEPT: usize = 20_000;

impl Channel {
    /// The log of one of the two.
    pub fn side(&self, owner: Owner) -> &Side {
        if owner == Owner::Own { &self.own } else { &self.peer }
    }

    /// The same, to change it.
    pub fn side_mut(&mut self, owner: Owner) -> &mut Side {
        if owner == Owner::Own { &mut self.own } else { &mut self.peer }
    }

    /// Reads a channel from the store and recomputes both roots against the newest heads.
    pub fn load(
        row: ChannelRow,
        me: PartyId,
        own: KeyBook,
        peer: KeyBook,
        store: &dyn Store,
    ) -> Result<Channel> {
        let side = |owner, party, epoch, book| {
            let size = store.size(row.number, owner)?;
            let frontier = Frontier::load(&Rows { store, channel: row.number, owner }, size)?;
            let head = store.head_newest(row.number, owner)?;
            let head = head.map(|bytes| Head::parse(&bytes)).transpose()?;
            let at_head = head.as_ref().map_or((0, empty_root()), |head| (head.size, head.root));
            if at_head != (frontier.size(), frontier.root()) {
                return Err(Code::StoreDamaged.at("a log does not give the root of its head"));
            }
            let log = LogId { channel: row.channel, owner: party, epoch };
            let line = Line::load(store, row.number, owner, epoch, row.held)?;
            Ok(Side { log, frontier, head, book, line })
        };
        let number = row.number;
        let mut channel = Channel {
            ring: Ring::from_drill(row.drill),
            one_sided: row.channel != ChannelId::between(&me, &row.peer, row.drill),
            own: side(Owner::Own, me, row.epoch, own)?,
            peer: side(Owner::Peer, row.peer, row.peer_epoch, peer)?,
            in_flight: HashMap::new(),
            last_mine: 0,
            offered: 0,
            offered_from: (u64::MAX, 0),
            most_held: row.peer_held,
            pressing: BTreeSet::new(),
            pressed: 0,
            pressed_at: 0,
            ahead: BTreeMap::new(),
            cosigned: cosigned(store, number, Owner::Peer)?,
            peer_cosigned: cosigned(store, number, Owner::Own)?,
            peer_mirrors: cosigned(store, number, Owner::Own)?,
            cosign_sent: 0,
            held_sent: u64::MAX,
            behind: store.behind(number)?,
            restored: false,
            unheard: false,
            peer_knows: 0,
            owes: false,
            peer_regained: Vec::new(),
            peer_mirrored: Vec::new(),
            peer_turned: 0,
            turned: BTreeMap::new(),
            told: BTreeMap::new(),
            shows_epoch: false,
            show_theirs: false,
            convicted: false,
            mutual: false,
            agreed: Agreed::default(),
            deeds: Mutex::default(),
            matters: HashMap::new(),
            looked_up: Mutex::default(),
            row,
        };
        channel.hear(&Epochs::of_word(&store.word(number)?)?);
        channel.read_agreed(store)?;
        channel.note_controls(store)?;
        channel.note_in_flight(store)?;
        Ok(channel)
    }

    /// Whether our log can go on at all. [`Code::LogSpent`] REC-49
    pub fn goes_on(&self) -> Result<()> {
        let spent = self.own.line.is_spent();
        if spent { Err(Code::LogSpent.at(self.row.peer.short())) } else { Ok(()) }
    }

    /// What the peer says of epochs that ended, as it said it last. Whether it says anything new.
    /// It does no more than make us send what it lacks. REC-32
    pub fn hear(&mut self, said: &Epochs) -> bool {
        let same = self.peer_knows == said.held
            && self.peer_regained == said.regained
            && self.peer_mirrored == said.mirrored;
        if !same {
            self.peer_knows = said.held;
            self.peer_regained.clone_from(&said.regained);
            self.peer_mirrored.clone_from(&said.mirrored);
        }
        !same
    }

    /// What of ours is under way, and whether the peer has heard of our newest epoch.
    fn note_in_flight(&mut self, store: &dyn Store) -> Result<()> {
        if self.one_sided {
            return Ok(());
        }
        for (index, entry) in store.in_flight(self.row.number)? {
            if crate::planted::is("forget-in-flight") {
                break;
            }
            self.in_flight.insert(entry, index);
            self.last_mine = index + 1;
        }
        self.unheard = self.is_unheard(store)?;
        Ok(())
    }

    /// Whether our log went on and the peer has not shown that it knows.
    fn is_unheard(&self, store: &dyn Store) -> Result<bool> {
        let Some(entry) = self.own.line.newest() else { return Ok(false) };
        let rows = store.controls_in(self.row.number)?;
        let place = rows.iter().find(|row| row.entry == entry).map(|row| row.index);
        let heard = place.map(|place| store.mirrored_at(self.row.number, place)).transpose()?;
        Ok(heard.flatten().is_none())
    }

    /// Up to where what presses went out ahead, a moment ago. Nobody says whether it arrived: a
    /// peer that asked us to slow down takes the word of an answer and leaves the rest. So it goes
    /// ahead once more until the peer holds it.
    pub fn pressed(&self, now: u64) -> u64 {
        if now.saturating_sub(self.pressed_at) < AGAIN { self.pressed } else { 0 }
    }

    /// How far the peer has come: a number that changes whenever something new of it is registered.
    pub fn heard(&self) -> u64 {
        let (row, mirrored) = (&self.row, self.peer.frontier.size());
        let both = row.held + self.most_held + self.peer_cosigned + mirrored;
        // What the peer knows is any number that it says.
        both.wrapping_add(row.peer_epoch).wrapping_add(self.peer_knows)
    }

    /// How much of our log the peer holds by its own word. That may be about the log that ended: it
    /// holds no more of this one than was kept.
    pub fn holds(&self, said: u64) -> u64 {
        let kept = self.own.line.closings.last().map(|closing| closing.kept);
        let most = kept.filter(|_| self.peer_knows < self.row.epoch);
        said.min(most.unwrap_or(self.own.frontier.size()))
    }

    /// Notes that the peer holds less of our log than we believed, even where nothing else of its
    /// parcel can be taken: each side may lack what the other does not send. REC-32 allows it: it
    /// makes us send again and no more.
    pub fn holds_less(&mut self, said: u64) {
        self.row.peer_held = self.row.peer_held.min(self.holds(said));
    }

    /// Every root-signed statement of the channel. What the peer had seen is as the row has it.
    fn note_controls(&mut self, store: &dyn Store) -> Result<()> {
        let seen = (self.row.peer_seen_epoch, self.row.peer_seen);
        let rows = store.controls_in(self.row.number)?;
        for row in rows.iter().filter(|row| row.verdict != DESCRIBED) {
            let place = format!("leaf {} of our log for {}", row.index, self.row.peer.short());
            self.note_control(row).map_err(in_store(&place, &row.entry))?;
            self.note_turn(row);
            if row.mine
                && self.own.line.begun_by(&row.entry).is_some()
                && let Some(index) = store.mirrored_at(self.row.number, row.index)?
            {
                self.note_told(&row.entry, index);
            }
        }
        (self.row.peer_seen_epoch, self.row.peer_seen) = seen;
        Ok(())
    }

    /// A root-signed statement that lies in our log takes effect.
    pub fn note_control(&mut self, row: &ActRow) -> Result<()> {
        let side = if row.mine { &mut self.own } else { &mut self.peer };
        let root = side.book.newest().root.clone();
        if row.regained || (!row.mine && side.line.spots.contains_key(&row.entry)) {
            // It lies in an epoch that ended. What was revoked stays revoked; a rotation that the
            // log of today does not have counts nowhere in it.
            match read_control(&row.statement, &root)? {
                Control::Revocation(revocation) => {
                    side.book.revoke(revocation.kid, revocation.suspected_since);
                }
                Control::Epoch(epoch) if !row.mine => self.turned(&epoch),
                _ => {}
            }
            return Ok(());
        }
        self.apply_control(&read_control(&row.statement, &root)?, row.mine, row.author_index)
    }

    /// The effect of a root-signed statement at an index of its author's log.
    pub fn apply_control(&mut self, control: &Control, mine: bool, index: u64) -> Result<()> {
        let side = if mine { &mut self.own } else { &mut self.peer };
        match control {
            Control::Credential(credential) => side.book.rotate(index, (**credential).clone()),
            Control::Revocation(revocation) => {
                side.book.revoke(revocation.kid, revocation.suspected_since);
                Ok(())
            }
            Control::Accreditation(accreditation) => {
                self.mutual |= !mine && accreditation.peer == self.own.log.owner;
                Ok(())
            }
            Control::Epoch(epoch) if !mine => {
                self.turned(epoch);
                Ok(())
            }
            Control::Epoch(_) => Ok(()),
        }
    }

    /// The peer's statement of an epoch is registered. What it had seen, it may have lost with the
    /// rest; but one of an older epoch that comes after it says nothing new.
    fn turned(&mut self, epoch: &Epoch) {
        if epoch.epoch > self.peer_turned {
            self.peer_turned = epoch.epoch;
            (self.row.peer_seen_epoch, self.row.peer_seen) = (0, 0);
        }
    }

    /// Where in our log a statement of a peer's epoch lies, if a row is one.
    pub fn note_turn(&mut self, row: &ActRow) {
        if let (false, Some(epoch)) = (row.mine, self.peer.line.begun_by(&row.entry)) {
            let spot = (self.own.line.epoch_at(row.index), row.index);
            self.turned.entry(epoch).or_insert(spot);
        }
    }

    /// Where in the peer's log a statement of an epoch of ours lies, if an entry is one: what comes
    /// there behind it and is not of that epoch comes too late, whether the statement itself was
    /// given back or had been under way. Says which epoch. REC-48.
    pub fn note_told(&mut self, entry: &Entry, index: u64) -> Option<u64> {
        let epoch = self.own.line.begun_by(entry)?;
        self.told.insert(epoch, (self.peer.line.epoch_at(index), index));
        Some(epoch)
    }

    /// An act of the peer claims to have seen so much of our log: whether that is no less than one
    /// before it. ORD-4
    pub fn peer_sees(&mut self, sight: Spot) -> bool {
        let most = (self.row.peer_seen_epoch, self.row.peer_seen);
        (self.row.peer_seen_epoch, self.row.peer_seen) = most.max(sight);
        sight >= most
    }

    /// Whether an act of an ended epoch of the peer came in time, and a backup of ours lost it
    /// since. Then it lies where it lay. REC-46.
    pub fn puts_back(&self, row: &mut ActRow, epoch: u64) -> Result<bool> {
        let spot = self.proven(&row.entry).filter(|(ended, _)| *ended == epoch);
        let Some(spot) = spot else { return Ok(false) };
        row.author_index = spot.1;
        row.logged_at = self.peer.line.time_of(spot)?;
        Ok(true)
    }

    /// Whether an act came to the other side only after a later epoch of its author that does not
    /// have it: then it is nobody's, although a backup that was put back later has it again. The
    /// other side's log says so, where it lies in it `now`, or one of it that ended. REC-48.
    pub fn passed(&self, mine: bool, entry: &Entry, spot: Spot, now: Spot) -> bool {
        let (side, other, today) = if mine {
            (&self.own, &self.peer, &self.told)
        } else {
            (&self.peer, &self.own, &self.turned)
        };
        let spots = &other.line.spots;
        let came = spots.get(entry).map_or(now, |came| now.min(*came));
        side.line.without(spot).any(|(epoch, statement)| {
            let before = spots.get(&statement);
            let told = before.into_iter().chain(today.get(&epoch)).min();
            told.is_some_and(|told| *told < came)
        })
    }

    /// The peer's log holds, at a place, that an epoch of ours began. Own acts that it does not
    /// hold yet and that this epoch does not have come too late, wherever none of its logs held
    /// them before.
    pub fn left_behind(&mut self, statement: &Entry, at: u64) -> Vec<u64> {
        if self.note_told(statement, at).is_none() {
            return Vec::new();
        }
        let late = |(entry, own): &(&Entry, &u64)| {
            self.passed(true, entry, (self.own.line.epoch_at(**own), **own), NOWHERE)
        };
        let mut left: Vec<u64> = self.in_flight.iter().filter(late).map(|(_, own)| *own).collect();
        left.sort_unstable();
        left
    }

    /// The next look reads a matter again.
    pub fn forget_matter(&mut self, id: &MatterId) {
        self.matters.remove(id);
    }

    /// Where an act of the peer lies in an ended epoch, if two words of our own show that it came
    /// to us before that epoch ended: we cosigned a head over it there, or of a later epoch that
    /// still had it, and a log of ours that ended as well holds it. Nobody else can make either.
    /// REC-46.
    pub fn proven(&self, entry: &Entry) -> Option<Spot> {
        let line = &self.peer.line;
        let spot = line.spots.get(entry).copied()?;
        let mut later = line.tails().range(spot.0..);
        let covered = later.any(|(epoch, tail)| tail.is_cosigned(spot.1) && line.has(*epoch, spot));
        (covered && self.own.line.spots.contains_key(entry)).then_some(spot)
    }

    /// Own acts that the peer's log holds now. The epoch statement among them: the peer has shown
    /// everything that it held of us before.
    pub fn settled(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.in_flight.remove(entry);
        }
        if self.unheard {
            let statement = self.own.line.newest();
            self.unheard = statement.is_some_and(|entry| self.in_flight.contains_key(&entry));
        }
    }

    /// What an act that we sign now has seen: the newest head of the peer all of whose statements
    /// we hold. It never goes back, however many heads come without their statements. REC-15.
    pub fn seen(&self, store: &dyn Store) -> Result<Seen> {
        let at = (self.row.held, self.peer.head.as_ref().map_or(0, |head| head.size));
        let mut looked_up = self.looked_up();
        if let Some((_, seen)) = looked_up.seen.filter(|(known, _)| *known == at) {
            return Ok(seen);
        }
        let seen = self.look_seen(store)?;
        looked_up.seen = Some((at, seen));
        Ok(seen)
    }

    /// What was looked up may be of the past now.
    pub fn forget_looked_up(&self) {
        *self.looked_up() = LookedUp::default();
    }

    fn looked_up(&self) -> MutexGuard<'_, LookedUp> {
        self.looked_up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_seen(&self, store: &dyn Store) -> Result<Seen> {
        let (number, held) = (self.row.number, self.row.held);
        let mut newest = self.peer.head.clone().filter(|head| head.size <= held);
        if newest.is_none() && held > 0 && !crate::planted::is("blinded-by-withholding") {
            let parse = |bytes: Option<Vec<u8>>| bytes.map(|bytes| Head::parse(&bytes)).transpose();
            let over = parse(store.head_over(number, Owner::Peer, held - 1)?)?;
            let below = match &over {
                Some(over) if over.size > held => {
                    parse(store.head_at(number, Owner::Peer, over.prev_size)?)?
                }
                _ => None,
            };
            newest = over.filter(|over| over.size <= held).or(below);
        }
        // Right after the peer's log ended and went on: what we had seen by then is still the most.
        if let Some((spot, last)) = self.peer.line.last_held() {
            let size = newest.as_ref().map_or(0, |head| head.size);
            if (self.peer.line.epoch_of_size(size), size) < spot {
                newest = Some(last.clone());
            }
        }
        Ok(newest.map_or(Seen { size: 0, root: empty_root() }, |head| Seen {
            size: head.size,
            root: head.root,
        }))
    }

    /// The root of our log at a size, if we signed a head there; nothing seen is the empty root.
    fn signed_root(&self, store: &dyn Store, size: u64) -> Result<Option<Hash>> {
        if size == 0 {
            return Ok(Some(empty_root()));
        }
        if let Some(head) = self.own.head.as_ref().filter(|head| head.size == size) {
            return Ok(Some(head.root));
        }
        let mut looked_up = self.looked_up();
        if let Some((_, root)) = looked_up.signed.filter(|(known, _)| *known == size) {
            return Ok(Some(root));
        }
        let head = store.head_at(self.row.number, Owner::Own, size)?;
        let root = head.map(|bytes| Head::parse(&bytes)).transpose()?.map(|head| head.root);
        looked_up.signed = root.map(|root| (size, root));
        Ok(root)
    }

    /// What was done in it that its own clocks run by, as far as it was read.
    pub fn deeds(&self) -> MutexGuard<'_, Deeds> {
        self.deeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where it stands: what was read up to here is read.
    pub fn upto(&self) -> Upto {
        let sizes = (self.own.frontier.size(), self.peer.frontier.size());
        ((self.row.epoch, self.row.peer_epoch), sizes)
    }

    /// The next look reads from the beginning what was done.
    pub fn forget_deeds(&self) {
        *self.deeds() = Deeds::default();
    }

    /// What the peer's acts name as seen of our log, if we signed that.
    pub fn spot_of_ours(&self, store: &dyn Store, seen: &Seen) -> Result<Option<Spot>> {
        let today = self.signed_root(store, seen.size)?;
        Ok(self.own.line.spot(seen.size, &seen.root, today.as_ref()))
    }

    /// The position that an act names as seen of the other side's log. Whether the root it names is
    /// right was judged when it was registered.
    pub fn sight(&self, store: &dyn Store, mine: bool, seen: &Seen) -> Result<Spot> {
        let (line, row) =
            if mine { (&self.peer.line, &self.row) } else { (&self.own.line, &self.row) };
        if line.is_whole() {
            return Ok((line.first(), seen.size));
        }
        let spot = if mine {
            let head = store.head_at(row.number, Owner::Peer, seen.size)?;
            let head = head.map(|bytes| Head::parse(&bytes)).transpose()?;
            let today = if seen.size == 0 { Some(empty_root()) } else { head.map(|h| h.root) };
            line.spot(seen.size, &seen.root, today.as_ref())
        } else {
            self.spot_of_ours(store, seen)?
        };
        // A claim that nobody signed stands at the beginning, where it stands for ever.
        Ok(spot.unwrap_or((line.first(), seen.size)))
    }

    /// A matter, read from the store if it is not in memory. `fresh` skips the reading for a
    /// matter id that was made just now from a random nonce.
    pub fn matter(&mut self, id: &MatterId, store: &dyn Store, fresh: bool) -> Result<&mut Matter> {
        if self.matters.len() > MATTERS_KEPT {
            self.matters.clear();
        }
        if !self.matters.contains_key(id) {
            let matter = if fresh { Matter::default() } else { self.read_matter(id, store)? };
            self.matters.insert(*id, matter);
        }
        self.matters.get_mut(id).ok_or_else(|| Code::Internal.at("matter"))
    }

    /// The matters in which terms are proposed: ours, then the peer's.
    pub fn agreeing(&self) -> [Option<MatterId>; 2] {
        let (me, peer) = (&self.own.log.owner, &self.row.peer);
        [me, peer].map(|opener| matter_of(&self.row.channel, opener))
    }

    /// Reads again what was agreed: at the start, and after an act in one of those matters.
    pub fn read_agreed(&mut self, store: &dyn Store) -> Result<()> {
        let read = |id: Option<MatterId>| {
            id.map_or(Ok(Matter::default()), |id| self.read_matter(&id, store))
        };
        let [ours, theirs] = self.agreeing();
        let (ours, theirs) = (read(ours)?, read(theirs)?);
        self.agreed = Agreed::read(&ours, &theirs, &self.own.log.owner, &self.row.peer);
        Ok(())
    }

    /// A matter as the store has it, with the verdicts that were decided.
    pub fn read_matter(&self, id: &MatterId, store: &dyn Store) -> Result<Matter> {
        let mut matter = Matter::default();
        for row in store.matter(self.row.number, id)? {
            let act = reread_coded(&row)?;
            if self.one_sided {
                let place = (row.index, row.logged_at);
                let one = apart(&act.payload, row.entry, place, &matter)?;
                matter.restore(one.known, one.mine, parse_verdict(&row.verdict)?);
                continue;
            }
            let half = matter.half_of(row.mine, act.payload.open.is_some());
            let sight = self.sight(store, row.mine, &act.payload.seen)?;
            let verdict = parse_verdict(&row.verdict)?;
            if verdict != Verdict::Void(ORPHANED) {
                matter.restore(known(&act, half, &row, sight), row.mine, verdict);
            }
        }
        Ok(matter)
    }
}

/// An act as the rules see it, from a verified statement and where it lies.
pub fn known(
    act: &Verified,
    half: counterpart_rules::act::Half,
    row: &ActRow,
    sight: Spot,
) -> Known {
    let seen = Act {
        entry: act.entry,
        half,
        kind: act.payload.kind.clone(),
        body: act.payload.body.clone(),
        re: act.payload.re.clone(),
        logged_at: row.logged_at,
        held_at: None,
    };
    Known::new(&act.payload, seen, row.index, (act.payload.epoch, row.author_index), sight)
}

/// Verifies a root-signed statement of a party whose root is known.
pub fn read_control(bytes: &[u8], root: &RootPublic) -> Result<Control> {
    Control::verify(bytes, Some(root))
}

fn cosigned(store: &dyn Store, channel: u32, owner: Owner) -> Result<u64> {
    use counterpart_record::head::Cosignature;
    let newest = store.cosigned_newest(channel, owner)?;
    Ok(newest.map(|bytes| Cosignature::parse(&bytes)).transpose()?.map_or(0, |c| c.size))
}
