//! The contents of an opened parcel on their way into the record, a part at a time.

use crate::check::is_control;
use counterpart_record::head::Head;
use counterpart_record::id::Entry;
use counterpart_record::limits;
use counterpart_record::parcel::Contents;
use counterpart_record::party::{Control, Credential, KeyBook};
use counterpart_store::Owner;
use std::collections::HashMap;

/// Heads, and new leaves under them, that are registered in one turn: a parcel may bring 512 and
/// 65,536, and whoever waits behind it waits for one turn. docs/decisions/0014.
const TURN: (usize, u64) = (32, 4_096);

/// What was opened, with what can be known of it without the record.
#[derive(Debug)]
pub(crate) struct Bundle {
    pub contents: Contents,
    /// The entries of its statements, in their order.
    pub entries: Vec<Entry>,
    /// Where each of them lies in its author's log, if the parcel itself says so.
    pub places: Vec<Option<u64>>,
    /// The credentials among them whose own signatures are good, by entry and place; not those of
    /// an epoch that ended, which count nowhere in the log of today.
    pub credentials: Vec<(Entry, u64, Box<Credential>)>,
    /// All that it carries, of whichever epoch: what was lost may be signed with keys that were.
    pub signers: Vec<(Entry, Credential)>,
    /// The keys of the peer with these, once somebody has asked for them.
    pub book: Option<KeyBook>,
    /// A part of it is registered.
    pub begun: bool,
    /// Its heads and leaves are registered, and so is a part of its statements.
    pub headed: bool,
}

impl Bundle {
    pub fn new(contents: Contents) -> Bundle {
        let entries: Vec<Entry> =
            contents.acts.iter().map(|act| Entry::of(&act.statement)).collect();
        let mut found: HashMap<Entry, Option<u64>> =
            entries.iter().map(|entry| (*entry, None)).collect();
        for (nth, entry) in contents.entries.iter().enumerate() {
            if let Some(place) = found.get_mut(entry) {
                place.get_or_insert(contents.from.saturating_add(nth as u64));
            }
        }
        let places: Vec<Option<u64>> =
            entries.iter().map(|entry| found.get(entry).copied().flatten()).collect();
        let (mut credentials, mut signers) = (Vec::new(), Vec::new());
        for (act, (entry, place)) in contents.acts.iter().zip(entries.iter().zip(&places)) {
            let shown = || contents.epochs.shown.iter().any(|ended| ended.entries.contains(entry));
            if is_control(act)
                && signers.len() < limits::CREDENTIALS
                && let Ok(Control::Credential(one)) = Control::verify(&act.statement, None)
            {
                signers.push((*entry, (*one).clone()));
                credentials.extend(place.filter(|_| !shown()).map(|place| (*entry, place, one)));
            }
        }
        let (book, begun, headed) = (None, false, false);
        Bundle { contents, entries, places, credentials, signers, book, begun, headed }
    }

    /// Nothing of what it carries is registered now; new keys count for its heads all the same.
    pub fn drop_statements(&mut self) {
        self.contents.acts.clear();
        self.entries.clear();
        self.places.clear();
    }

    /// How many of its heads are registered in one turn, where so many leaves are mirrored.
    pub fn heads_in_turn(&self, mirrored: u64) -> usize {
        in_turn(&self.contents.heads, mirrored)
    }

    /// So many heads, and what else was no statement, were registered; heads are left.
    pub fn heads_taken(&mut self, count: usize) {
        self.begun = true;
        self.contents.heads.drain(..count);
    }

    /// So many heads of the nth ended epoch, and what came before them, were registered; others are
    /// left. REC-49
    pub fn ended_taken(&mut self, owner: Owner, nth: usize, count: usize) {
        self.begun = true;
        let contents = &mut self.contents;
        contents.heads.clear();
        let epochs = &mut contents.epochs;
        let ended = if owner == Owner::Own { &mut epochs.lost } else { &mut epochs.shown };
        if let Some(ended) = ended.get_mut(nth) {
            let to = ended.heads.drain(..count).next_back().map_or(ended.from, |head| head.size);
            let leaves = usize::try_from(to - ended.from).unwrap_or(usize::MAX);
            ended.entries.drain(..leaves.min(ended.entries.len()));
            ended.from = to;
        }
    }

    /// What remains to be said after a part was registered: the statements alone.
    pub fn go_on(&mut self) {
        (self.begun, self.headed) = (true, true);
        let contents = &mut self.contents;
        (contents.cosignature, contents.yours) = (None, None);
        contents.epochs.lost.clear();
        contents.epochs.shown.clear();
        contents.heads.clear();
        contents.entries.clear();
    }
}

/// How many of these heads are registered in one turn, where so many leaves are there.
pub(crate) fn in_turn(heads: &[Head], here: u64) -> usize {
    let (mut leaves, mut size) = (0, here);
    let fits = |(nth, head): &(usize, &Head)| {
        leaves += head.size.saturating_sub(size);
        size = size.max(head.size);
        *nth == 0 || (*nth < TURN.0 && leaves <= TURN.1)
    };
    heads.iter().enumerate().take_while(fits).count()
}
