//! The check of a dossier, as a story: bag, index, parties, heads, keys, acts, chains.

use crate::acts::{self, Desk};
use crate::crew;
use crate::derived;
use crate::growth;
use crate::heads::{Hand, Heads};
use crate::parties::{self, Parties};
use crate::report::{About, Act, Attachment, Contents, Finding, Report};
use crate::shelf::Shelf;
use counterpart_record::dossier::bag::Far;
use counterpart_record::dossier::index::Index;
use counterpart_record::fault::Result;
use counterpart_record::head::LogId;
use counterpart_record::id;
use counterpart_record::key::VerifyKey;
use counterpart_record::party::KeyBook;
use counterpart_rules::say::Say;
use std::collections::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};

/// Checks a dossier from all of its files (paths relative to its folder, as
/// [`counterpart_record::dossier::Dossier::files`] gives them) and the two fingerprints that the
/// person was told by the parties themselves. Spaces in fingerprints do not matter. `threads` is
/// how many may work at once.
pub fn check(files: &BTreeMap<String, Vec<u8>>, fingerprints: &[String], threads: usize) -> Report {
    check_beside(files, None, fingerprints, threads)
}

/// As [`check`], with attachments that are read a part at a time.
pub fn check_beside(
    files: &BTreeMap<String, Vec<u8>>,
    far: Option<&dyn Far>,
    fingerprints: &[String],
    threads: usize,
) -> Report {
    let mut contents = Contents::default();
    let mut unchecked = Vec::new();
    let told = story((files, far), fingerprints, threads, &mut contents, &mut unchecked);
    let findings = told.unwrap_or_else(|findings| findings);
    if !findings.is_empty() && contents.acts.is_empty() {
        unchecked.push(Say::of("verify-unchecked-rest"));
    }
    Report { about: About::Dossier(Box::new(contents)), findings, unchecked }
}

/// `Err` where going on would be without ground; the findings of the rest in `Ok`.
fn story(
    (files, far): (&BTreeMap<String, Vec<u8>>, Option<&dyn Far>),
    fingerprints: &[String],
    threads: usize,
    contents: &mut Contents,
    unchecked: &mut Vec<Say>,
) -> std::result::Result<Vec<Finding>, Vec<Finding>> {
    let (shelf, index) = Shelf::open(files, far, threads)
        .map_err(|faults| faults.into_iter().map(Finding::from).collect::<Vec<_>>())?;
    contents.files = shelf.len();
    let entries = parties::entries(&index, &shelf)?;
    let parties = Parties::read(&index, &shelf, fingerprints)?;
    contents.channel = Some(index.channel);
    contents.drill = index.drill;
    contents.parties = parties.sides.iter().map(|side| side.newest().clone()).collect();

    let mut findings = Vec::new();
    let mut heads = Heads::of(&index, &entries);
    let verified = crew::spread(threads, index.checkpoints.len(), |range| {
        range.map(|place| heads.verify(place, &index, &shelf, &parties)).collect()
    });
    for standing in verified {
        heads.standing.push(standing.map_err(|finding| findings.push(finding)).ok());
    }
    contents.heads = heads.standing.iter().flatten().count();
    let (broken, alone) = growth::check(&heads, &index, &shelf);
    findings.extend(broken);
    for at in alone {
        let file = &*index.checkpoints[at].file;
        unchecked.push(Say::of("verify-unchecked-cosigned").with("file", file));
    }

    let keys = shelf.keys(&index);
    let places = placed(&index, &entries, &heads, &shelf, &keys, &mut findings);
    let books = books(&heads, &parties, &places, &mut findings);
    findings.extend(heads.agree(&index, &books));
    doubts_about_parties(&parties, &index, &places, unchecked);

    let desk = Desk {
        index: &index,
        shelf: &shelf,
        parties: &parties,
        heads: &heads,
        keys: &keys,
        books: &books,
        roots: &heads.roots(),
        revoked: &acts::revoked(&parties, &places),
    };
    let work = |hand: &mut Hand, range: std::ops::Range<usize>| {
        range.map(|place| acts::check(&desk, place, hand)).collect()
    };
    let checked = crew::spread_with(threads, index.statements.len(), work, Hand::default);
    let before = findings.len();
    collect(checked, &index, contents, unchecked, &mut findings);
    // An act that does not hold leaves a hole; naming the act is enough.
    if findings.len() == before {
        findings.extend(acts::chains(&contents.acts, &index));
    }
    // What is wrong above left files unread, which says nothing of whether they are named.
    if findings.is_empty() {
        findings.extend(derived::check((&shelf, &index, &heads), contents, unchecked));
        findings.extend(shelf.unnamed().into_iter().map(Finding::from));
    }
    Ok(findings)
}

/// What the check of each statement gave, in the order of the index.
fn collect(
    checked: Vec<std::result::Result<(Act, bool), Finding>>,
    index: &Index<'_>,
    contents: &mut Contents,
    unchecked: &mut Vec<Say>,
    findings: &mut Vec<Finding>,
) {
    contents.acts.reserve(checked.len());
    for (place, result) in checked.into_iter().enumerate() {
        match result {
            Ok((act, whole)) => {
                let file = &*index.statements[place].file;
                if !whole {
                    unchecked.push(Say::of("verify-unchecked-receipt").with("file", file));
                }
                if act.attachments.contains(&Attachment::Absent) {
                    unchecked.push(Say::of("verify-unchecked-attachment").with("file", file));
                }
                contents.acts.push(act);
            }
            Err(finding) => findings.push(finding),
        }
    }
}

/// Where root-signed statements lie in the logs: log, place in the index, leaf. DOS-10.
fn placed(
    index: &Index,
    entries: &[id::Entry],
    heads: &Heads<'_>,
    shelf: &Shelf<'_>,
    keys: &HashMap<&str, Result<VerifyKey>>,
    findings: &mut Vec<Finding>,
) -> Vec<(LogId, usize, u64)> {
    let (mut places, mut hand) = (Vec::new(), Hand::default());
    for (listed, entry) in index.credentials.iter().zip(entries) {
        // The same statement may be there twice; its first place stands for it.
        let at = entries.iter().position(|other| other == entry).unwrap_or_default();
        for receipt in &listed.receipts {
            match heads.receipt(receipt, entry, shelf, keys, &mut hand) {
                Ok(Some(found)) => places.push((found.log, at, found.index)),
                Ok(None) => {}
                Err(fault) => findings.push(Finding { fault, of: Some(receipt.party) }),
            }
        }
    }
    places
}

/// The keys in force, per log that has a head in the dossier.
fn books(
    heads: &Heads<'_>,
    parties: &Parties,
    places: &[(LogId, usize, u64)],
    findings: &mut Vec<Finding>,
) -> HashMap<LogId, KeyBook> {
    let mut books = HashMap::new();
    for standing in heads.standing.iter().flatten() {
        let log = standing.log;
        if let Entry::Vacant(free) = books.entry(log) {
            let own = parties.places(log, places);
            match parties.book(&log, &own) {
                Ok(book) => {
                    free.insert(book);
                }
                Err(finding) => findings.push(finding),
            }
        }
    }
    books
}

fn doubts_about_parties(
    parties: &Parties,
    index: &Index,
    places: &[(LogId, usize, u64)],
    unchecked: &mut Vec<Say>,
) {
    for at in parties.unplaced(places) {
        let file = &*index.credentials[at].file;
        unchecked.push(Say::of("verify-unchecked-placed").with("file", file));
    }
    for side in &parties.sides {
        if !parties.accredited(&side.party) {
            let name = side.newest().name("en").to_owned();
            unchecked.push(Say::of("verify-unchecked-accredited").with("party", name));
        }
    }
}
