//! What may be published. A count of one to four could point to a case, so it is left out; and so
//! is as much beside it as is needed that sums do not give it back. The owner sees everything; this
//! is for what leaves the house. FIG-11, FIG-12

use super::figures::{Cell, Figures, Key};
use counterpart_record::strict::json::{Object, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Counts from 1 up to below this are left out.
pub const SMALL: u64 = 5;
/// Name and version of the format.
pub const PUBLISHED: &str = "counterpart/figures-published/1";
/// Times are rounded up to this many seconds: a time to the second could point to a case.
const HOUR: u64 = 3_600;
/// A prime; ranks over its field are ranks over the fractions for the small numbers here.
const PRIME: u128 = (1 << 61) - 1;

/// The outcomes that add up to what was made.
const OUTCOMES: &[&str] =
    &["answered", "partly", "refused", "transferred", "declined", "withdrawn", "open"];
/// What else is published; the first is a part of the second.
const PARTS: &[(&str, &str)] = &[("acknowledged", "made"), ("overdue", "open")];
/// Choice lists whose words add up to a count.
const LISTS: &[(&str, &str)] = &[("ground", "refused"), ("urgency", "made")];

/// One count in one row, by its path: `refused`, `ground/own-law`.
type Place = (Key, String);

/// Counts that may be published, and those that may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    values: BTreeMap<Place, u64>,
    hidden: BTreeSet<Place>,
    /// A total and its parts. In each, whoever knows all but one knows that one.
    sums: Vec<Vec<Place>>,
}

impl Published {
    /// From figures.
    pub fn of(figures: &Figures) -> Published {
        let mut table =
            Published { values: BTreeMap::new(), hidden: BTreeSet::new(), sums: Vec::new() };
        for (key, cell) in &figures.cells {
            table.row(key, cell);
        }
        table.across(figures);
        let small = table.values.iter().filter(|(_, many)| (1..SMALL).contains(*many));
        table.hidden = small.map(|(place, _)| place.clone()).collect();
        while table.weak().is_some_and(|place| table.hidden.insert(place)) {}
        table
    }

    /// The count at a place; `None` if it is left out.
    fn shown(&self, place: &Place) -> Option<u64> {
        self.values.get(place).copied().filter(|_| !self.hidden.contains(place))
    }

    fn row(&mut self, key: &Key, cell: &Cell) {
        let count = |name: &str| cell.counts.get(name).copied().unwrap_or(0);
        let place = |name: &str| (key.clone(), name.to_owned());
        for name in OUTCOMES.iter().chain(&["made"]).chain(PARTS.iter().map(|(part, _)| part)) {
            self.values.insert(place(name), count(name));
        }
        self.sums.push([&["made"], OUTCOMES].concat().into_iter().map(place).collect());
        for (part, whole) in PARTS {
            // The rest is a count of its own: whoever knows two of the three knows all.
            let rest = place(&format!("{whole}-without-{part}"));
            self.values.insert(rest.clone(), count(whole).saturating_sub(count(part)));
            self.sums.push(vec![place(whole), place(part), rest]);
        }
        for (list, whole) in LISTS {
            let mut sum = vec![place(whole)];
            for (word, many) in cell.words.get(list).into_iter().flatten() {
                let at = place(&format!("{list}/{word}"));
                self.values.insert(at.clone(), *many);
                sum.push(at);
            }
            self.sums.push(sum);
        }
    }

    /// Kinds add up to their stream, streams to all.
    fn across(&mut self, figures: &Figures) {
        let paths: BTreeSet<String> = self.values.keys().map(|(_, path)| path.clone()).collect();
        for total in figures.cells.keys().filter(|key| key.kind.is_none()) {
            let part = |key: &&Key| {
                let inside = match &total.stream {
                    Some(_) => key.stream == total.stream && key.kind.is_some(),
                    None => key.stream.is_some() && key.kind.is_none(),
                };
                inside && (key.sort, key.by) == (total.sort, total.by)
            };
            let parts: Vec<&Key> = figures.cells.keys().filter(part).collect();
            for path in &paths {
                let all = std::iter::once(total).chain(parts.iter().copied());
                let places = all.map(|key| (key.clone(), path.clone()));
                let sum: Vec<Place> = places.filter(|at| self.values.contains_key(at)).collect();
                if sum.len() > 1 {
                    self.sums.push(sum);
                }
            }
        }
    }

    /// A count that has to be left out, too.
    fn weak(&self) -> Option<Place> {
        self.lonely().or_else(|| self.determined())
    }

    /// Where what is left out of a sum is one count, or comes to less than a count may: one more.
    fn lonely(&self) -> Option<Place> {
        self.sums.iter().find_map(|sum| {
            let hidden = |at: &&Place| self.hidden.contains(at);
            let many: Vec<&Place> = sum.iter().filter(hidden).collect();
            let parts = many.iter().filter(|at| ***at != sum[0]);
            let left_out: u64 = parts.map(|at| self.values[*at]).sum();
            let thin = many.len() == 1 || (left_out < SMALL && !self.hidden.contains(&sum[0]));
            if many.is_empty() || !thin { None } else { self.companion(sum) }
        })
    }

    /// Where all sums together give one count back: one more in a sum that it stands in.
    fn determined(&self) -> Option<Place> {
        self.solved().into_iter().find_map(|at| {
            let mut with = self.sums.iter().filter(|sum| sum.contains(at));
            with.find_map(|sum| self.companion(sum))
        })
    }

    /// The smallest count of a sum that is there and shown; parts before the total.
    fn companion(&self, sum: &[Place]) -> Option<Place> {
        let shown = |at: &&Place| !self.hidden.contains(*at) && self.values[*at] > 0;
        let parts = sum[1..].iter().filter(shown).min_by_key(|at| self.values[*at]);
        parts.or_else(|| sum[..1].iter().find(shown)).cloned()
    }

    /// The hidden counts that follow from the sums: Gauss over a prime field, where a row that is
    /// left with one unknown gives it away.
    fn solved(&self) -> Vec<&Place> {
        let unknown: Vec<&Place> = self.hidden.iter().collect();
        let at = |place: &Place| unknown.binary_search(&place).ok();
        let mut rows: Vec<Vec<u128>> = Vec::new();
        for sum in &self.sums {
            let mut row = vec![0; unknown.len()];
            for (i, place) in sum.iter().enumerate() {
                if let Some(at) = at(place) {
                    row[at] = if i == 0 { PRIME - 1 } else { 1 };
                }
            }
            reduce(&mut rows, row);
        }
        let alone = rows.iter().filter(|row| row.iter().filter(|c| **c != 0).count() == 1);
        let places = alone.filter_map(|row| row.iter().position(|c| *c != 0));
        places.map(|at| unknown[at]).collect()
    }

    /// As JSON: a count that is left out is null. Waiting times only where enough are behind them.
    pub fn to_value(&self, figures: &Figures) -> Value {
        let frame = &figures.frame;
        let rows = figures.cells.iter().map(|(key, cell)| {
            let shown = |name: &str| {
                let many = self.shown(&(key.clone(), name.to_owned()));
                many.map_or(Value::Null, Value::from)
            };
            let kind = key.kind.as_ref().map_or(Value::Null, |(_, kind)| kind.as_str().into());
            let mut row = Object::default()
                .with("sort", key.sort)
                .with("asked_by", frame.parties[key.by].to_string())
                .with("asked", frame.parties[1 - key.by].to_string())
                .with("stream", key.stream.as_deref().map_or(Value::Null, Value::from))
                .with("kind", kind);
            let names = ["made"].iter().chain(OUTCOMES).chain(PARTS.iter().map(|(part, _)| part));
            names.for_each(|name| row.set(name, shown(name)));
            for (list, _) in LISTS {
                let mut words = Object::default();
                for word in cell.words.get(list).into_iter().flat_map(|words| words.keys()) {
                    words.set(word, shown(&format!("{list}/{word}")));
                }
                row.set(list, words);
            }
            row.set("waits", waits(cell));
            Value::from(row)
        });
        Object::default()
            .with("format", PUBLISHED)
            .with("drill", frame.drill)
            .with("as_of", frame.as_of)
            .with("from", frame.from)
            .with("to", frame.to)
            .with("left_out_below", SMALL)
            .with("rows", Value::Array(rows.collect()))
            .into()
    }
}

/// Quartiles in whole hours, where at least [`SMALL`] came and at least as many have not or none.
fn waits(cell: &Cell) -> Object {
    let mut out = Object::default();
    for (name, curves) in &cell.waits {
        let curve = &curves[1];
        let open = curve.observed - curve.reached;
        if curve.reached < SMALL || (1..SMALL).contains(&open) {
            continue;
        }
        let hours = |at: Option<u64>| at.map_or(Value::Null, |s| s.div_ceil(HOUR).into());
        let hours = curve.quartiles().map(hours);
        out.set(name, Value::Array(hours.to_vec()));
    }
    out
}

/// Adds a row to rows in reduced echelon form.
fn reduce(rows: &mut Vec<Vec<u128>>, mut row: Vec<u128>) {
    let lead = |row: &[u128]| row.iter().position(|c| *c != 0);
    for other in rows.iter() {
        if let Some(at) = lead(other) {
            take(&mut row, other, at);
        }
    }
    let Some(at) = lead(&row) else { return };
    let inverse = power(row[at], PRIME - 2);
    row.iter_mut().for_each(|c| *c = *c * inverse % PRIME);
    rows.iter_mut().for_each(|other| take(other, &row, at));
    rows.push(row);
}

/// Takes as much of `other`, which has 1 at `at`, from `row` as leaves 0 there.
fn take(row: &mut [u128], other: &[u128], at: usize) {
    let times = row[at];
    if times != 0 {
        for (c, o) in row.iter_mut().zip(other) {
            *c = (*c + (PRIME - times) * o) % PRIME;
        }
    }
}

fn power(mut base: u128, mut times: u128) -> u128 {
    let mut out = 1;
    while times > 0 {
        if times & 1 == 1 {
            out = out * base % PRIME;
        }
        base = base * base % PRIME;
        times >>= 1;
    }
    out
}

#[cfg(test)]
mod tests;
