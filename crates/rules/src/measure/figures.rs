//! The figures of a channel below a cut: from observations to counts, terms and waiting times, and
//! to one text whose digest both sides can compare. Spec: docs/spec/figures.md.

use super::observation::{End, Met, Observation, Term, Wait};
use super::survival::{Curve, Step};
use crate::act::Half;
use crate::clock;
use counterpart_record::hash::{Hash, sha256};
use counterpart_record::id::{ChannelId, PartyId, hex};
use counterpart_record::strict::json::{Object, Value};
use std::collections::BTreeMap;

/// Name and version of the format; also what the digest is bound to.
pub const FORMAT: &str = "counterpart/figures/1";

/// Whose clock a wait is read on, in the order in which curves are kept.
const CLOCKS: [&str; 2] = ["asking", "asked"];

/// One end of a cut: a head of one party's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutHead {
    /// Leaves.
    pub size: u64,
    /// Root.
    pub root: Hash,
    /// Its time, seconds (UTC).
    pub time: u64,
}

/// What both sides must agree on before they can count alike. FIG-1
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The channel.
    pub channel: ChannelId,
    /// Whether it is the channel for exercises, whose figures are never mixed with real ones.
    pub drill: bool,
    /// Both parties, the lower id first: nothing here depends on who computes.
    pub parties: [PartyId; 2],
    /// The head of each party's log, in the same order.
    pub heads: [CutHead; 2],
    /// As if it were this second (UTC): what is open is cut off here.
    pub as_of: u64,
    /// What began at or after this second, on the clock of the party that opened it.
    pub from: u64,
    /// And before this one.
    pub to: u64,
}

/// An observation and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The line of work.
    pub stream: String,
    /// Who opened the matter: 0 or 1, as in [`Frame::parties`].
    pub by: usize,
    /// What was observed.
    pub seen: Observation,
}

/// What a row of figures is about. Rows over all kinds, or all streams and kinds, leave these out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// What is counted.
    pub sort: &'static str,
    /// Who asked: 0 or 1, as in [`Frame::parties`].
    pub by: usize,
    /// The line of work; `None` is all of them.
    pub stream: Option<String>,
    /// The choice list of the kind and the kind; `None` is all of them.
    pub kind: Option<(&'static str, String)>,
}

/// Done in time, late, or contested between the two clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// On both clocks.
    pub in_time: u64,
    /// On both clocks.
    pub late: u64,
    /// In time on one clock and late on the other: counted, never resolved.
    pub contested: u64,
}

/// One row of figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// By name; `made` is always there.
    pub counts: BTreeMap<&'static str, u64>,
    /// By choice list and word.
    pub words: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// By profile and by what met the term.
    pub terms: BTreeMap<&'static str, BTreeMap<&'static str, Timing>>,
    /// Stretches in which a clock stood still: how many, and their seconds on the clock of the
    /// asking party and on that of the other.
    pub pauses: (u64, u64, u64),
    /// By what was waited for: on the clock of the asking party, and on that of the other.
    pub waits: BTreeMap<&'static str, [Curve; 2]>,
}

/// The figures of one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// What they are about.
    pub frame: Frame,
    /// Rows, in the order of their keys.
    pub cells: BTreeMap<Key, Cell>,
}

impl Figures {
    /// Counts. The order of the observations does not matter.
    pub fn of(frame: Frame, counted: &[Counted]) -> Figures {
        let inside = counted.iter().filter(|one| frame.covers(&one.seen));
        Figures { cells: tally(inside, frame.as_of), frame }
    }

    /// As one JSON value: the same observations under the same frame give the same text.
    pub fn to_value(&self) -> Value {
        let frame = &self.frame;
        let heads = frame.parties.iter().zip(&frame.heads).map(|(party, head)| {
            Object::default()
                .with("party", party.to_string())
                .with("size", head.size)
                .with("root", hex(&head.root))
                .with("time", head.time)
        });
        Object::default()
            .with("format", FORMAT)
            .with("channel", frame.channel.to_string())
            .with("drill", frame.drill)
            .with("heads", heads.collect::<Vec<_>>())
            .with("as_of", frame.as_of)
            .with("from", frame.from)
            .with("to", frame.to)
            .with("rows", rows(&self.cells, &frame.parties.map(|party| party.to_string())))
            .into()
    }

    /// What two sides compare: a digest over the text of [`Figures::to_value`]. FIG-8
    pub fn digest(&self) -> Hash {
        sha256(&[FORMAT.as_bytes(), &[0], self.to_value().to_text().as_bytes()])
    }
}

impl Frame {
    /// Whether an observation began within the period. FIG-3
    pub fn covers(&self, seen: &Observation) -> bool {
        (self.from..self.to).contains(&seen.begun.asking)
    }
}

/// The rows of what was observed.
pub(super) fn tally<'a>(
    counted: impl Iterator<Item = &'a Counted>,
    as_of: u64,
) -> BTreeMap<Key, Cell> {
    let mut piles: BTreeMap<Key, Vec<&Observation>> = BTreeMap::new();
    for one in counted {
        for key in keys(one) {
            piles.entry(key).or_default().push(&one.seen);
        }
    }
    piles.into_iter().map(|(key, pile)| (key, Cell::of(&pile, as_of))).collect()
}

/// Rows as JSON, in the order of their keys; `names` are those of who asked and who was asked.
pub(super) fn rows(cells: &BTreeMap<Key, Cell>, names: &[String; 2]) -> Value {
    let rows = cells.iter().map(|(key, cell)| {
        let mut row = Object::default()
            .with("sort", key.sort)
            .with("asked_by", names[key.by].as_str())
            .with("asked", names[1 - key.by].as_str())
            .with("stream", key.stream.as_deref().map_or(Value::Null, Value::from));
        let kind = key.kind.as_ref();
        row.set("kind_of", kind.map_or(Value::Null, |(list, _)| Value::from(*list)));
        row.set("kind", kind.map_or(Value::Null, |(_, kind)| Value::from(kind.as_str())));
        cell.write(&mut row);
        Value::from(row)
    });
    Value::Array(rows.collect())
}

/// The rows that an observation counts in: its own, all kinds of its stream, all streams.
fn keys(one: &Counted) -> [Key; 3] {
    let key = |stream: Option<&String>, kind| Key {
        sort: one.seen.sort,
        by: one.by,
        stream: stream.cloned(),
        kind,
    };
    let kind = (one.seen.kind_field, one.seen.kind.clone());
    [key(Some(&one.stream), Some(kind)), key(Some(&one.stream), None), key(None, None)]
}

impl Cell {
    fn of(pile: &[&Observation], as_of: u64) -> Cell {
        let mut cell = Cell::default();
        cell.counts.insert("made", pile.len() as u64);
        let mut waits: BTreeMap<&'static str, [Vec<(u64, bool)>; 2]> = BTreeMap::new();
        for seen in pile {
            cell.add(seen, as_of);
            for wait in &seen.waits {
                let [asking, answering] = waits.entry(wait.name).or_default();
                asking.push(waited(wait, Half::Asking, as_of));
                answering.push(waited(wait, Half::Answering, as_of));
            }
        }
        let curves = waits.into_iter().map(|(name, both)| (name, both.map(Curve::of)));
        cell.waits = curves.collect();
        cell
    }

    fn add(&mut self, seen: &Observation, as_of: u64) {
        for (name, many) in &seen.counts {
            *self.counts.entry(name).or_default() += many;
        }
        for (list, word) in &seen.words {
            *self.words.entry(list).or_default().entry(word.clone()).or_default() += 1;
        }
        for (name, _) in seen.lapses.iter().filter(|(_, at)| *at <= as_of) {
            *self.counts.entry(name).or_default() += 1;
        }
        for term in &seen.terms {
            let Met::Done(verdict) = &term.met else { continue };
            let timing = self.terms.entry(term.profile).or_default().entry(term.name).or_default();
            match verdict {
                clock::Verdict::InTime => timing.in_time += 1,
                clock::Verdict::Late(_) => timing.late += 1,
                clock::Verdict::Contested => timing.contested += 1,
            }
        }
        // Whoever was asked is late with the answer; whoever asked, with its own part. FIG-14
        for (half, name) in [(Half::Answering, "overdue"), (Half::Asking, "overdue_asking")] {
            let owed = |term: &Term| match &term.met {
                Met::Owed(clock) => term.duty == Some(half) && clock.overdue(as_of),
                Met::Done(_) => false,
            };
            if seen.terms.iter().any(owed) {
                *self.counts.entry(name).or_default() += 1;
            }
        }
        for (from, to) in &seen.pauses {
            let length = |half| to.map_or(as_of, |to| to.on(half)).saturating_sub(from.on(half));
            self.pauses.0 += 1;
            self.pauses.1 += length(Half::Asking);
            self.pauses.2 += length(Half::Answering);
        }
    }

    fn write(&self, row: &mut Object) {
        let mut counts = Object::default();
        self.counts.iter().for_each(|(name, many)| counts.set(name, *many));
        row.set("counts", counts);
        let mut lists = Object::default();
        for (list, words) in &self.words {
            let mut tally = Object::default();
            words.iter().for_each(|(word, many)| tally.set(word, *many));
            lists.set(list, tally);
        }
        row.set("words", lists);
        let mut terms = Object::default();
        for (profile, ends) in &self.terms {
            let mut by_end = Object::default();
            for (name, timing) in ends {
                let timing = Object::default()
                    .with("in_time", timing.in_time)
                    .with("late", timing.late)
                    .with("contested", timing.contested);
                by_end.set(name, timing);
            }
            terms.set(profile, by_end);
        }
        row.set("terms", terms);
        let (many, asking, answering) = self.pauses;
        let pauses = Object::default()
            .with("count", many)
            .with("seconds_by_asking_clock", asking)
            .with("seconds_by_asked_clock", answering);
        row.set("pauses", pauses);
        let waits = self.waits.iter().flat_map(|(name, curves)| {
            let clocks = CLOCKS.iter().zip(curves);
            clocks.map(|(clock, of)| Value::from(curve(name, clock, of)))
        });
        row.set("waits", Value::Array(waits.collect()));
    }
}

/// How long a wait was on one clock, and whether it ended with what was waited for.
fn waited(wait: &Wait, half: Half, as_of: u64) -> (u64, bool) {
    let (until, came) = match wait.end {
        End::Reached(at) => (at.on(half), true),
        End::Left(at) => (at.on(half), false),
        End::Open => (as_of, false),
    };
    (until.saturating_sub(wait.from.on(half)), came)
}

fn curve(name: &str, clock: &str, curve: &Curve) -> Object {
    let [lower, median, upper] = curve.quartiles().map(|at| at.map_or(Value::Null, Value::from));
    // Three columns instead of a list of triples: JSON here is at most eight levels deep.
    let column = |of: fn(&Step) -> u64| curve.steps.iter().map(of).collect::<Vec<u64>>();
    Object::default()
        .with("until", name)
        .with("clock", clock)
        .with("observed", curve.observed)
        .with("reached", curve.reached)
        .with("lower_quartile", lower)
        .with("median", median)
        .with("upper_quartile", upper)
        .with("last", curve.last)
        .with("after", column(|step| step.after))
        .with("at_risk", column(|step| step.at_risk))
        .with("events", column(|step| step.events))
}
