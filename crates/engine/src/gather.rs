//! What figures are made of: the acts of a channel that both logs hold below a cut, observed matter
//! by matter. Observations are kept, and only matters with something new are read again; from
//! nothing or by steps, the result is the same.

use crate::channel::{Channel, known};
use crate::matter::{Matter, ORPHANED, Verdict, parse_verdict};
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::head::Head;
use counterpart_record::id::MatterId;
use counterpart_record::statement::Unverified;
use counterpart_rules::act::Half;
use counterpart_rules::flow::Past;
use counterpart_rules::measure::{Counted, CutHead};
use counterpart_store::{ActRow, Owner, Place, Store};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Rows read at once.
const PAGE: u64 = 4_096;

/// The heads of one log, smallest first.
#[derive(Default)]
pub struct Heads(Vec<CutHead>);

impl Heads {
    fn extend(&mut self, store: &dyn Store, channel: u32, owner: Owner) -> Result<()> {
        loop {
            let last = self.0.last().map_or(0, |head| head.size);
            let more = store.heads_after(channel, owner, last, PAGE as usize)?;
            if more.is_empty() {
                return Ok(());
            }
            for bytes in more {
                let Head { size, root, time, .. } = Head::parse(&bytes)?;
                self.0.push(CutHead { size, root, time });
            }
        }
    }

    /// The time of the official head of a leaf: the first with a size above its index.
    fn time(&self, index: u64) -> Option<u64> {
        self.0.get(self.0.partition_point(|head| head.size <= index)).map(|head| head.time)
    }

    /// The head of exactly this size.
    pub fn at(&self, size: u64) -> Option<CutHead> {
        self.0.binary_search_by_key(&size, |head| head.size).ok().map(|at| self.0[at])
    }

    /// The newest head up to a time, and whether there is one behind that time: heads never go
    /// back, so that nothing more can come in between.
    pub fn as_of(&self, time: u64) -> (Option<CutHead>, bool) {
        let behind = self.0.partition_point(|head| head.time <= time);
        (behind.checked_sub(1).map(|at| self.0[at]), behind < self.0.len())
    }

    /// The newest head of at most this size.
    pub fn within(&self, size: u64) -> Option<CutHead> {
        let behind = self.0.partition_point(|head| head.size <= size);
        behind.checked_sub(1).map(|at| self.0[at])
    }
}

/// One act below a cut as both logs have it. Two sides that count differently differ in one of
/// these, since the leaves themselves are the same.
pub struct Line {
    /// The entry.
    pub entry: counterpart_record::id::Entry,
    /// Digest over where and when each log took it in, and what was decided of it.
    pub digest: Hash,
}

/// What a matter comes to.
#[derive(Default)]
pub struct Observed {
    /// What figures count of it.
    pub counted: Vec<Counted>,
    /// Its flow is not known to this program.
    pub unknown: bool,
}

/// What was gathered of one channel, up to one cut.
#[derive(Default)]
pub struct Gathered {
    epochs: (u64, u64),
    own: u64,
    peer: u64,
    /// The heads of our log.
    pub own_heads: Heads,
    /// Those of the peer's.
    pub peer_heads: Heads,
    /// By matter.
    pub matters: BTreeMap<MatterId, Observed>,
    /// Matters with an act that is not below the cut in both logs.
    unsettled: BTreeSet<MatterId>,
}

impl Gathered {
    /// For a channel as it is now; what was gathered under an older epoch is of no use.
    pub fn of(channel: &Channel) -> Gathered {
        Gathered { epochs: (channel.row.epoch, channel.row.peer_epoch), ..Gathered::default() }
    }

    /// Whether it can go on to a cut at these sizes.
    pub fn leads_to(&self, channel: &Channel, own: u64, peer: u64) -> bool {
        self.epochs == (channel.row.epoch, channel.row.peer_epoch)
            && self.own <= own
            && self.peer <= peer
    }

    /// Reads the heads that came since.
    pub fn read_heads(&mut self, store: &dyn Store, channel: u32) -> Result<()> {
        self.own_heads.extend(store, channel, Owner::Own)?;
        self.peer_heads.extend(store, channel, Owner::Peer)
    }

    /// Goes on to a cut: sizes of our log and of the peer's.
    pub fn extend(&mut self, store: &dyn Store, channel: &Channel, cut: (u64, u64)) -> Result<()> {
        let number = channel.row.number;
        let mut touched: BTreeMap<MatterId, Vec<ActRow>> = BTreeMap::new();
        let from_nothing = self.own == 0;
        self.rows(store, number, cut.0, |row| {
            if let Some(matter) = row.matter {
                let rows = touched.entry(matter).or_default();
                // Text beside an act is not read for figures, and may be erased.
                rows.extend(from_nothing.then_some(ActRow { disclosures: String::new(), ..row }));
            }
        })?;
        let places = if from_nothing { Some(places(store, number, cut.1)?) } else { None };
        if !from_nothing {
            for matter in std::mem::take(&mut self.unsettled) {
                touched.entry(matter).or_default();
            }
            for (matter, rows) in &mut touched {
                *rows = store.matter(number, matter)?;
                rows.retain(|row| row.index < cut.0);
            }
        }
        for (matter, rows) in touched {
            let asks = |row: &ActRow| row.mine || channel.peer.line.came.contains_key(&row.entry);
            let place = |row: &ActRow| match (&places, asks(row)) {
                (_, false) => Ok(Some(row.author_index)),
                (Some(places), true) => Ok(places.get(&row.index).copied()),
                (None, true) => store.mirrored_at(number, row.index),
            };
            let observed = self.observe((store, channel), &matter, &rows, cut.1, &place)?;
            self.matters.insert(matter, observed);
        }
        (self.own, self.peer) = cut;
        Ok(())
    }

    fn rows(
        &self,
        store: &dyn Store,
        number: u32,
        to: u64,
        mut each: impl FnMut(ActRow),
    ) -> Result<()> {
        let mut from = self.own;
        while from < to {
            let until = to.min(from + PAGE);
            store.acts(number, from, until, usize::MAX, false)?.into_iter().for_each(&mut each);
            from = until;
        }
        Ok(())
    }

    /// One matter, from those of its acts that both logs hold below the cut. FIG-2
    fn observe(
        &mut self,
        (store, channel): (&dyn Store, &Channel),
        id: &MatterId,
        rows: &[ActRow],
        peer: u64,
        place: &dyn Fn(&ActRow) -> Result<Option<u64>>,
    ) -> Result<Observed> {
        let mut matter = Matter::default();
        let (mut stream, mut named) = (String::new(), [0; 32]);
        for row in rows {
            let act = Unverified::parse(&row.statement)?.reread(Vec::new())?;
            let open = act.payload.open.as_ref();
            let Some(peer_index) = place(row)?.filter(|index| *index < peer) else {
                self.unsettled.insert(*id);
                continue;
            };
            stream = open.map_or(stream, |open| open.stream.clone());
            named = open.map_or(named, |open| open.terms);
            let sight = channel.sight(store, row.mine, &act.payload.seen)?;
            let mut known = known(&act, matter.half_of(row.mine, open.is_some()), row, sight);
            known.act.held_at = match row.mine {
                true => self.peer_heads.time(peer_index),
                false => self.own_heads.time(row.index),
            };
            let verdict = parse_verdict(&row.verdict)?;
            if verdict != Verdict::Void(ORPHANED) {
                matter.restore(known, row.mine, verdict);
            }
        }
        let Some(flow) = matter.flow() else {
            let unknown = !matter.half(Half::Asking).is_empty();
            return Ok(Observed { unknown, ..Observed::default() });
        };
        let (asking, answering) = matter.valid();
        let mine = matter.opener_mine() == Some(true);
        let lower = channel.own.log.owner < channel.peer.log.owner;
        let by = usize::from(mine != lower);
        let past = Past { asking: &asking, answering: &answering };
        let seen = flow.observe(past, channel.agreed.terms(&named, mine));
        let counted = seen.into_iter().map(|seen| Counted { stream: stream.clone(), by, seen });
        Ok(Observed { counted: counted.collect(), unknown: false })
    }
}

/// Matters that we opened and the peer does not hold yet, and since when our log has them.
pub fn undelivered(store: &dyn Store, channel: &Channel) -> Result<Vec<(MatterId, u64)>> {
    let mut waiting: Vec<u64> = channel.in_flight.values().copied().collect();
    waiting.sort_unstable();
    let mut matters = Vec::new();
    for index in waiting {
        for row in store.acts(channel.row.number, index, index + 1, usize::MAX, true)? {
            let Some(matter) = row.matter else { continue };
            let act = Unverified::parse(&row.statement)?.reread(Vec::new())?;
            matters.extend(act.payload.open.map(|_| (matter, row.logged_at)));
        }
    }
    Ok(matters)
}

/// Where our acts lie in the peer's log below a size: our index, the peer's index.
fn places(store: &dyn Store, number: u32, peer: u64) -> Result<HashMap<u64, u64>> {
    let mut places = HashMap::new();
    let mut from = 0;
    while from < peer {
        let until = peer.min(from + PAGE);
        for leaf in store.mirror(number, from, until)? {
            if let Place::Own(own) = leaf.place {
                places.insert(own, leaf.index);
            }
        }
        from = until;
    }
    Ok(places)
}

/// Every act below a cut, in the order of our log.
pub fn lines(
    store: &dyn Store,
    channel: &Channel,
    heads: (&Heads, &Heads),
    cut: (u64, u64),
) -> Result<Vec<Line>> {
    let number = channel.row.number;
    let places = places(store, number, cut.1)?;
    let lower = channel.own.log.owner < channel.peer.log.owner;
    let mut lines = Vec::new();
    let mut from = 0;
    while from < cut.0 {
        let until = cut.0.min(from + PAGE);
        for row in store.acts(number, from, until, usize::MAX, false)? {
            let asks = row.mine || channel.peer.line.came.contains_key(&row.entry);
            let peer = if asks { places.get(&row.index).copied() } else { Some(row.author_index) };
            let Some(peer) = peer.filter(|index| *index < cut.1 && row.matter.is_some()) else {
                continue;
            };
            let time = |heads: &Heads, index| {
                heads.time(index).ok_or_else(|| Code::StoreDamaged.at("leaf without head"))
            };
            let own = (row.index, time(heads.0, row.index)?);
            let peer = (peer, time(heads.1, peer)?);
            let (one, other) = if lower { (own, peer) } else { (peer, own) };
            let digest = counterpart_record::hash::sha256(&[
                b"counterpart/figures/line/1\0",
                &row.entry.0,
                &one.0.to_be_bytes(),
                &one.1.to_be_bytes(),
                &other.0.to_be_bytes(),
                &other.1.to_be_bytes(),
                row.verdict.as_bytes(),
            ]);
            lines.push(Line { entry: row.entry, digest });
        }
        from = until;
    }
    Ok(lines)
}
