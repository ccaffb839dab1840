//! A matter in memory, and the judgement of one act in its causal past. Own and foreign acts are
//! judged by the same function: never by arrival, clock or policy. Spec: docs/spec/order.md.

use crate::line::Spot;
use counterpart_record::fault::Result;
use counterpart_record::id::{Entry, MatterId};
use counterpart_record::limits;
use counterpart_record::payload::Payload;
use counterpart_record::strict::json::Object;
use counterpart_rules::act::{Act, Half};
use counterpart_rules::apart::Entered;
use counterpart_rules::flow::{self, Flow, Void};
use counterpart_store::AttachmentRow;

/// Behind every position.
const ALL: Spot = (u64::MAX, u64::MAX);

/// What was decided of an act. It stays registered and receipted whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It counts.
    Valid,
    /// It never counts, for this reason (a phrase key).
    Void(&'static str),
    /// It waits, for this reason (a phrase key): an earlier act of its author, or a newer program.
    Held(&'static str),
}

/// An earlier act of the author has not come yet.
pub const HELD_GAP: &str = "held-gap";
/// Rules, kind or a reserved key that this program does not know.
pub const HELD_UNKNOWN: &str = "held-unknown";
/// An act of an epoch that its author had closed before it came. It is part of no matter.
pub const ORPHANED: &str = Void::ORPHANED.0;

impl Verdict {
    /// As it is stored.
    pub fn text(self) -> String {
        match self {
            Verdict::Valid => "valid".to_owned(),
            Verdict::Void(reason) | Verdict::Held(reason) => reason.to_owned(),
        }
    }
}

/// One act of a matter.
#[derive(Clone, Debug)]
pub struct Known {
    /// As the rules see it.
    pub act: Act,
    /// Index in our own log.
    pub own_index: u64,
    /// Where it lies in the author's log.
    pub place: Spot,
    /// Position among its author's acts.
    pub seq: u64,
    /// The act before it.
    pub prev: Option<Entry>,
    /// How much of the other side's log its author had seen.
    pub seen: Spot,
    /// Whether the root that it names for that size is the one that was signed there, and whether
    /// its author had not claimed to have seen more before.
    pub seen_good: bool,
    /// Flow and version.
    pub rules: String,
    /// Whether it opens the matter.
    pub opens: bool,
    /// Whether it has the reserved key `late`.
    pub late: bool,
    /// What was decided.
    pub verdict: Verdict,
}

impl Known {
    /// From a payload; `verdict` is decided later.
    pub fn new(payload: &Payload, act: Act, own_index: u64, place: Spot, seen: Spot) -> Known {
        Known {
            seen_good: true,
            act,
            own_index,
            place,
            seq: payload.seq,
            prev: payload.prev,
            seen,
            rules: payload.rules.clone(),
            opens: payload.open.is_some(),
            late: payload.late.is_some(),
            verdict: Verdict::Held(HELD_GAP),
        }
    }
}

/// Everything known of one matter.
#[derive(Clone, Debug, Default)]
pub struct Matter {
    /// Whether we opened it; unknown until the opening act is there.
    opener_mine: Option<bool>,
    /// Acts of the opener, by index in its log.
    asking: Vec<Known>,
    /// Acts of the other side, by index in its log.
    answering: Vec<Known>,
}

impl Matter {
    /// Which half an act of this author belongs to. Who never opened a matter answers in it.
    pub fn half_of(&self, mine: bool, opens: bool) -> Half {
        if opens || self.opener_mine == Some(mine) { Half::Asking } else { Half::Answering }
    }

    /// Whether we are the opener.
    pub fn opener_mine(&self) -> Option<bool> {
        self.opener_mine
    }

    /// Whether we may have acted in it in an epoch that ended.
    pub fn began_before(&self, epoch: u64) -> bool {
        let mut acts = self.asking.iter().chain(&self.answering);
        self.opener_mine != Some(true) || acts.any(|known| known.opens && known.place.0 < epoch)
    }

    /// The acts of one half, by index in the author's log.
    pub fn half(&self, half: Half) -> &[Known] {
        if half == Half::Asking { &self.asking } else { &self.answering }
    }

    fn half_mut(&mut self, half: Half) -> &mut Vec<Known> {
        if half == Half::Asking { &mut self.asking } else { &mut self.answering }
    }

    /// The flow, by the opening act.
    pub fn flow(&self) -> Option<&'static Flow> {
        self.asking.iter().find(|known| known.opens).and_then(|known| flow::flow(&known.rules))
    }

    /// Whether it does something by itself, so that the node watches it.
    pub fn is_live(&self) -> bool {
        self.flow().is_some_and(Flow::is_live)
    }

    /// The last act of a half's chain: what the next one of that author follows.
    pub fn last(&self, half: Half) -> Option<&Known> {
        self.chain(half, ALL, u64::MAX).pop()
    }

    /// A half's chain from `seq` 1 on: one act in each place, the one with the lowest index; only
    /// acts with an index below `cut` and a place below `seq`; it ends at the first hole.
    fn chain(&self, half: Half, cut: Spot, seq: u64) -> Vec<&Known> {
        let acts = self.half(half);
        // One pass, since a peer may write long matters. Acts lie by index, so the first one in a
        // place is the one that counts; a place beyond their number is behind a hole.
        let mut places: Vec<Option<&Known>> = vec![None; acts.len()];
        for known in acts.iter().take_while(|known| known.place < cut) {
            let place = usize::try_from(known.seq - 1).ok().and_then(|at| places.get_mut(at));
            if let Some(place @ None) = place {
                *place = Some(known);
            }
        }
        let mut chain: Vec<&Known> = Vec::new();
        for known in places.into_iter().map_while(|place| place) {
            let prev = chain.last().map(|known| known.act.entry);
            if known.seq >= seq || known.prev != prev {
                break;
            }
            chain.push(known);
        }
        chain
    }

    /// The valid acts of both halves, for the fold that a person sees.
    pub fn valid(&self) -> (Vec<&Act>, Vec<&Act>) {
        let half = |half| valid(self.chain(half, ALL, u64::MAX));
        (half(Half::Asking), half(Half::Answering))
    }

    /// Adds an act, judges it and whatever waited for it, and returns its verdict and the own
    /// indexes of older acts whose verdict changed.
    pub fn add(&mut self, mut known: Known, mine: bool) -> (Verdict, Vec<(u64, Verdict)>) {
        let half = known.act.half;
        self.opened(&known, mine);
        known.verdict = self.judge(&known);
        let verdict = known.verdict;
        let acts = self.half_mut(half);
        let at = acts.partition_point(|other| other.place < known.place);
        acts.insert(at, known);
        (verdict, self.settle(half))
    }

    /// Adds an act with the verdict that was decided when it was registered.
    pub fn restore(&mut self, mut known: Known, mine: bool, verdict: Verdict) {
        self.opened(&known, mine);
        // What it had seen is not asked again: only an act whose sight was good waits for a gap.
        known.verdict = verdict;
        let acts = self.half_mut(known.act.half);
        let at = acts.partition_point(|other| other.place < known.place);
        acts.insert(at, known);
    }

    /// An opening act tells which half its author is. Acts of a foreign opener that came before it
    /// were filed as answers; ours cannot have come so, since we act in no matter that we do not
    /// know.
    fn opened(&mut self, known: &Known, mine: bool) {
        if !known.opens || self.opener_mine.is_some() {
            return;
        }
        self.opener_mine = Some(mine);
        if !mine && !crate::planted::is("halves-mixed") {
            self.asking.append(&mut self.answering);
            self.asking.iter_mut().for_each(|early| early.act.half = Half::Asking);
        }
    }

    /// Judges again what waited for an earlier act of its author.
    fn settle(&mut self, half: Half) -> Vec<(u64, Verdict)> {
        let mut changed = Vec::new();
        loop {
            if crate::planted::is("gap-not-rejudged") {
                return changed;
            }
            // What can no longer wait lies in the chain or right behind it; the rest still does,
            // and is not looked at again for each act that comes.
            let waits = |known: &&Known| known.verdict == Verdict::Held(HELD_GAP);
            let chain = self.chain(half, ALL, u64::MAX);
            let behind = chain.len() as u64 + 1;
            let next = chain
                .into_iter()
                .find(waits)
                .or_else(|| self.half(half).iter().filter(waits).find(|known| known.seq == behind));
            let judged = next.map(|known| (known.own_index, self.judge(known)));
            let Some((own_index, verdict)) = judged else { return changed };
            if verdict == Verdict::Held(HELD_GAP) {
                return changed;
            }
            for known in self.half_mut(half) {
                if known.own_index == own_index {
                    known.verdict = verdict;
                }
            }
            changed.push((own_index, verdict));
        }
    }

    /// What an act is, by its causal past and nothing else. ORD-1, ORD-9.
    pub fn judge(&self, known: &Known) -> Verdict {
        let half = known.act.half;
        // ORD-2
        let same_place = |other: &&Known| other.seq == known.seq && other.place < known.place;
        if self.half(half).iter().any(|other| same_place(&other)) {
            return Verdict::Void(Void::EQUIVOCATION.0);
        }
        // ORD-10
        if known.seq > limits::MATTER_ACTS {
            return Verdict::Void(Void::LIMIT.0);
        }
        // ORD-4, and before the gap: what waits is judged again, also after a restart, by its chain
        // alone.
        if !known.seen_good {
            return Verdict::Void(Void::SEEN.0);
        }
        let own = self.chain(half, ALL, known.seq);
        // ORD-3
        if own.len() as u64 + 1 < known.seq {
            return Verdict::Held(HELD_GAP);
        }
        if own.last().map(|last| last.act.entry) != known.prev {
            return Verdict::Void(Void::EQUIVOCATION.0);
        }
        if own.last().is_some_and(|last| last.seen > known.seen) {
            return Verdict::Void(Void::SEEN.0);
        }
        let cut = if crate::planted::is("arrival-order") { ALL } else { known.seen };
        let other = self.chain(half.other(), cut, u64::MAX);
        let in_past = |entry: &Entry| own.iter().chain(&other).any(|past| past.act.entry == *entry);
        // ORD-5
        if !known.act.re.iter().all(in_past) {
            return Verdict::Void(Void::RE.0);
        }
        // ORD-6
        if known.opens != (half == Half::Asking && known.seq == 1) {
            return Verdict::Void(Void::HALF.0);
        }
        let opened = if half == Half::Asking { own.first() } else { other.first() };
        let rules = opened.map_or(&known.rules, |first| &first.rules);
        // ORD-7
        let Some(flow) = flow::flow(&known.rules).filter(|_| !known.late) else {
            return Verdict::Held(HELD_UNKNOWN);
        };
        // ORD-8
        if *rules != known.rules {
            return Verdict::Void(Void::KIND.0);
        }
        if flow.kind(&known.act.kind).is_none() {
            return Verdict::Held(HELD_UNKNOWN);
        }
        let (own, other) = (valid(own), valid(other));
        let (asking, answering) =
            if half == Half::Asking { (&own, &other) } else { (&other, &own) };
        match flow.permitted(asking, answering, &known.act) {
            Ok(()) => Verdict::Valid,
            Err(Void(reason)) => Verdict::Void(reason),
        }
    }

    /// What was decided of the act at an index of our own log.
    pub fn verdict_at(&self, own_index: u64) -> Option<Verdict> {
        let mut acts = self.asking.iter().chain(&self.answering);
        acts.find(|known| known.own_index == own_index).map(|known| known.verdict)
    }

    /// The entry that stands in the same place as `known` and counts, if there is one.
    pub fn rival(&self, known: &Known) -> Option<Entry> {
        let mut acts = self.half(known.act.half).iter();
        let rival = acts.find(|other| other.seq == known.seq);
        rival.map(|other| other.act.entry).filter(|entry| *entry != known.act.entry)
    }
}

fn valid(chain: Vec<&Known>) -> Vec<&Act> {
    let valid = chain.into_iter().filter(|known| known.verdict == Verdict::Valid);
    valid.map(|known| &known.act).collect()
}

/// Reads a stored verdict back. The reasons are a closed list, so a strange one is damage.
pub fn parse_verdict(text: &str) -> Result<Verdict> {
    use counterpart_record::fault::Code;
    if text == "valid" {
        return Ok(Verdict::Valid);
    }
    let held = [HELD_GAP, HELD_UNKNOWN].into_iter().find(|reason| *reason == text);
    if let Some(reason) = held {
        return Ok(Verdict::Held(reason));
    }
    let flows = flow::flows().iter().flat_map(|flow| flow.voids());
    let void = Void::COMMON.iter().chain(flows).find(|void| void.0 == text);
    void.map(|void| Verdict::Void(void.0)).ok_or_else(|| Code::StoreDamaged.at("verdict"))
}

/// The matter whose words our own act at an index of our log says were erased, and that index.
pub(crate) fn erased(payload: &Payload, index: u64) -> Option<(MatterId, u64)> {
    let said = (&*payload.rules, &*payload.kind);
    flow::erased_matter(said, &payload.body).map(|matter| (matter, index))
}

/// The attachments that an act names, as rows. None for a kind that this program does not know.
pub(crate) fn named(payload: &Payload, index: u64, mine: bool) -> Vec<AttachmentRow> {
    // Without a disclosure nobody could ever open them.
    if payload.sd.is_empty() {
        return Vec::new();
    }
    named_in((&payload.rules, &payload.kind), &payload.body, index, mine)
}

/// The same of a statement of a one-sided log, which may stand for one that came by hand: a scan of
/// what came lies here sealed like what goes out, and it is ours to keep. COR-2.
pub(crate) fn entered_names(payload: &Payload, index: u64, mine: bool) -> Vec<AttachmentRow> {
    // One that cannot be read was never registered.
    let came = Entered::read((&payload.rules, &payload.kind), &payload.body).ok().flatten();
    came.map_or_else(
        || named(payload, index, mine),
        |came| named_in((&came.rules, &came.kind), &came.fields, index, mine),
    )
}

/// The same of an act of these rules and this kind, whoever signed it.
pub(crate) fn named_in(
    (rules, kind): (&str, &str),
    body: &Object,
    index: u64,
    mine: bool,
) -> Vec<AttachmentRow> {
    let kind = flow::flow(rules).and_then(|flow| flow.kind(kind));
    let named = kind.map_or(Vec::new(), |kind| kind.attachments(body));
    let each = named.iter().zip(0..).map(|(one, place)| AttachmentRow {
        index,
        place,
        root: one.root,
        size: one.size,
        mine,
        taken: false,
    });
    each.collect()
}
