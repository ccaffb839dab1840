//! The exchange searched to its end within small bounds, and every bug that is put into the rules
//! is found. `counterpart-testbed --model` goes further.

use counterpart_testbed::exchange::{Bounds, Bug, explore};

const SMALL: Bounds = Bounds::LEAST;

fn holds(bounds: Bounds) {
    let report = explore(&bounds);
    println!("{} states, {} steps deep", report.states, report.depth);
    assert!(report.found.is_none(), "{:?}", report.found);
    assert!(report.states > 100, "a search that goes nowhere: {}", report.states);
}

#[test]
fn two_parties_and_lossy_mail() {
    holds(SMALL);
}

#[test]
fn a_backup_is_restored_at_any_moment() {
    holds(Bounds { acts: [1, 0], mail: 1, restores: 2, ..SMALL });
}

#[test]
fn a_party_that_plays_two_stories_frames_nobody() {
    holds(Bounds { acts: [0, 2], twins: true, ..SMALL });
}

#[test]
fn every_bug_is_found() {
    for bug in Bug::ALL {
        let bounds = Bounds { bug: Some(bug), ..bug.bounds() };
        let report = explore(&bounds);
        let found = report.found.unwrap_or_else(|| panic!("{bug:?}: not found"));
        println!("{bug:?}: {} states: {}: {:?}", report.states, found.fault, found.story);
    }
}
