//! What two sides exchange to see whether they count alike: one digest over the figures, and, so
//! that a difference can be named, digests over the acts that were counted.
//!
//! The leaves below a cut are the same on both sides, since both heads are. What can differ is what
//! a program made of an act: when each log took it in, and its verdict. Each act is a line; lines
//! lie in 256 buckets by the first byte of their entry. Spec: docs/spec/figures.md, FIG-9, FIG-10.

use counterpart_record::hash::{Hash, sha256};
use counterpart_record::id::{Entry, hex, unhex};
use std::collections::BTreeMap;

/// Buckets that lines lie in.
pub const BUCKETS: usize = 256;
/// Digits of a bucket's digest: eight bytes.
const DIGITS: usize = 16;
/// Most lines of a bucket that are named in one act.
pub const NAMED: usize = 400;

/// What one side brings to a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Digest of the figures.
    pub digest: Hash,
    lines: BTreeMap<Entry, Hash>,
}

impl Brought {
    /// From the figures' digest and one line per act.
    pub fn new(digest: Hash, lines: impl IntoIterator<Item = (Entry, Hash)>) -> Brought {
        Brought { digest, lines: lines.into_iter().collect() }
    }

    /// How many acts lie below the cut.
    pub fn count(&self) -> u64 {
        self.lines.len() as u64
    }

    /// The digest of every bucket, sixteen digits each, one after the other.
    pub fn buckets(&self) -> String {
        let mut texts = vec![Vec::new(); BUCKETS];
        for (entry, line) in &self.lines {
            let text: &mut Vec<u8> = &mut texts[usize::from(entry.0[0])];
            text.extend_from_slice(&entry.0);
            text.extend_from_slice(line);
        }
        let each = texts.iter().map(|text| match text.is_empty() {
            true => "0".repeat(DIGITS),
            false => hex(&sha256(&[b"counterpart/figures/bucket/1\0", text])[..DIGITS / 2]),
        });
        each.collect()
    }

    /// The lines of one bucket: 64 digits of the entry and 16 of the line, at most 400; the
    /// word `none` for an empty one.
    pub fn bucket(&self, bucket: u8) -> String {
        let inside = self.lines.iter().filter(|(entry, _)| entry.0[0] == bucket);
        let each = inside.take(NAMED).map(|(entry, line)| format!("{entry}{}", hex(&line[..8])));
        let lines: String = each.collect();
        if lines.is_empty() { "none".to_owned() } else { lines }
    }
}

/// The buckets in which two sides differ. A text of another length differs in all of them.
pub fn differing(one: &str, other: &str) -> Vec<u8> {
    let part = |text: &str, at: usize| {
        text.get(at * DIGITS..(at + 1) * DIGITS).map(str::to_owned).unwrap_or_default()
    };
    let differ = |at: &u8| part(one, usize::from(*at)) != part(other, usize::from(*at));
    (0..=u8::MAX).filter(differ).collect()
}

/// The acts in which two lists of lines differ: the entry, and whether each side has it.
pub fn named(one: &str, other: &str) -> Vec<(Entry, bool, bool)> {
    let (one, other) = (read(one), read(other));
    let entries = one.keys().chain(other.keys());
    let mut differ: Vec<(Entry, bool, bool)> = entries
        .filter(|entry| one.get(*entry) != other.get(*entry))
        .map(|entry| (*entry, one.contains_key(entry), other.contains_key(entry)))
        .collect();
    differ.sort_unstable();
    differ.dedup();
    differ
}

fn read(lines: &str) -> BTreeMap<Entry, &str> {
    let width = 64 + DIGITS;
    let whole = (0..lines.len() / width).filter_map(|at| lines.get(at * width..(at + 1) * width));
    whole.filter_map(|line| Some((Entry(unhex(line.get(..64)?).ok()?), &line[64..]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(first: u8, rest: u8, line: u8) -> (Entry, Hash) {
        let mut entry = [rest; 32];
        entry[0] = first;
        (Entry(entry), [line; 32])
    }

    #[test]
    fn a_difference_leads_to_the_act() {
        // FIG-10
        let mine = [line(3, 1, 1), line(3, 2, 1), line(200, 1, 1)];
        let theirs = [line(3, 1, 1), line(3, 2, 9), line(4, 1, 1), line(200, 1, 1)];
        let (mine, theirs) = (Brought::new([1; 32], mine), Brought::new([2; 32], theirs));
        let buckets = differing(&mine.buckets(), &theirs.buckets());
        assert_eq!(buckets, [3, 4]);
        let of = |bucket| named(&mine.bucket(bucket), &theirs.bucket(bucket));
        assert_eq!(of(3), [(line(3, 2, 0).0, true, true)]);
        assert_eq!(of(4), [(line(4, 1, 0).0, false, true)]);
        assert_eq!(of(200), []);
    }

    #[test]
    fn foreign_texts_are_read_as_far_as_they_go() {
        let mine = Brought::new([1; 32], [line(3, 1, 1)]);
        assert_eq!(differing(&mine.buckets(), "").len(), BUCKETS);
        assert_eq!(differing("", ""), [0u8; 0]);
        assert_eq!(named(&mine.bucket(3), "zz").len(), 1);
        assert_eq!(named("é", &"g".repeat(80)), []);
        assert_eq!(mine.buckets().len(), BUCKETS * DIGITS);
    }
}
