//! Our own formats in files that another implementation can be held to: `vectors/README.md` says
//! how they are made. Nothing of them is built in here: neither a name nor a count.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

#[path = "own/vector.rs"]
mod vector;
#[path = "own/judge.rs"]
mod judge;
#[path = "own/make.rs"]
mod make;
#[path = "own/make_logs.rs"]
mod make_logs;

use std::collections::{BTreeMap, BTreeSet};
use vector::Vector;

#[test]
fn every_vector_has_the_verdict_in_its_header() {
    let vectors = Vector::every();
    assert!(!vectors.is_empty());
    for vector in &vectors {
        let found = judge::verdict(&judge::judge(vector));
        assert_eq!(found, vector.get("verdict"), "{}: {}", vector.path, vector.get("what"));
        assert_eq!(vector.path.split('/').next(), Some(vector.get("kind")), "{}", vector.path);
        for told in ["what", "made by", "why"] {
            assert!(vector.get(told).len() > 4, "{}: {told}", vector.path);
        }
    }
}

#[test]
fn each_kind_is_refused_at_least_as_often_as_taken_and_for_more_than_one_reason() {
    let mut kinds: BTreeMap<String, (usize, usize, BTreeSet<String>)> = BTreeMap::new();
    for vector in Vector::every() {
        let (taken, refused, reasons) = kinds.entry(vector.get("kind").into()).or_default();
        match judge::code(vector.get("verdict")) {
            None => *taken += 1,
            Some(code) => {
                *refused += 1;
                reasons.insert(format!("{code:?} {}", vector.get("verdict")));
            }
        }
    }
    for (kind, (taken, refused, reasons)) in kinds {
        println!("vectors_own: {kind}: {taken} taken, {refused} refused");
        assert!(taken > 0 && refused >= taken && reasons.len() > 1, "{kind}: {taken} {refused}");
    }
}

/// A refused vector differs from one that is taken in one thing. Whoever mends that thing is told
/// nothing else: the bytes of the vector from which it was made are taken.
#[test]
fn every_refused_vector_names_a_taken_one_from_which_it_was_made() {
    for vector in Vector::every() {
        let refused = vector.get("verdict") != "taken";
        assert_eq!(refused, vector.maybe("from").is_some(), "{}", vector.path);
        let Some(from) = vector.maybe("from") else { continue };
        let from = Vector::read(from);
        assert_eq!(from.get("verdict"), "taken", "{}", vector.path);
        let told = |vector: &Vector| -> Vec<(String, String)> {
            let about = ["what", "why", "verdict", "from", "made by"];
            let rest = vector.header.iter().filter(|(key, _)| !about.contains(&key.as_str()));
            rest.cloned().collect()
        };
        // Either the bytes differ or one thing that they are held against, never both.
        let apart = told(&from).iter().zip(told(&vector)).filter(|(a, b)| *a != b).count();
        let bytes = usize::from(from.body != vector.body);
        assert_eq!(apart + bytes, 1, "{}", vector.path);
    }
}

/// Writes the vectors that are not there, and none that is:
/// `cargo test -p counterpart-record --test own -- --ignored`.
#[test]
#[ignore = "a generator: vectors are written once"]
fn write_what_is_missing() {
    make::all();
    make_logs::all();
}
