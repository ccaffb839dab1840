//! Histories as an ordinary test: a few fresh seeds, the seeds that once failed, and the same seed
//! twice. The thousand are played by the binary.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

use counterpart_rules::clock::PROFILES;
use counterpart_testbed::history::{play, play_for, play_with};
use counterpart_testbed::plot::Focus;
use counterpart_testbed::room::Private;
use counterpart_testbed::trouble::Tally;
use std::path::Path;

/// Seeds that every run plays, away from those of the binary.
const FRESH: std::ops::Range<u64> = 500_000..500_040;

fn holds(seed: u64) -> Tally {
    let outcome = play(seed, false);
    let failures = outcome.failures.join("; ");
    let replay = format!("counterpart-testbed --from {seed} --seeds 1 --trace");
    assert!(outcome.failures.is_empty(), "seed {seed}: {failures}\n  replay: {replay}");
    outcome.tally
}

#[test]
fn forty_histories_hold() {
    let mut tally = Tally::default();
    let middle = FRESH.start + 20;
    std::thread::scope(|scope| {
        let half = scope.spawn(|| (FRESH.start..middle).map(holds).collect::<Vec<_>>());
        (middle..FRESH.end).map(holds).for_each(|one| tally.merge(&one));
        half.join().unwrap().iter().for_each(|one| tally.merge(one));
    });
    assert!(tally.other["matters compared"] > 100, "{tally:?}");
    assert!(tally.troubles.len() > 30, "{tally:?}");
    // Calls, tests and surges are played, ring, climb at home, and are the same after a restart.
    let kinds = ["raise", "say", "hand-over", "close", "line-test", "machine-answer"];
    for kind in kinds.into_iter().chain(["person-answer", "surge-propose"]) {
        assert!(tally.acts[kind] > 0, "{kind}: {tally:?}");
    }
    for count in ["rings heard", "rings heard at home", "rings compared"] {
        assert!(tally.other[count] > 0, "{count}: {tally:?}");
    }
    assert!(tally.other["acts that a node made by itself"] > 0, "{tally:?}");
    // Files are attached, carried in both directions of a call, and open to what was sealed.
    for count in ["fetched", "offered", "opened", "that both have"] {
        assert!(tally.other[format!("attachments {count}").as_str()] > 10, "{count}: {tally:?}");
    }
    // What one side alone has: written by hand or kept at home, and erased. COR-1, HOM-4.
    for count in ["written at home", "matters with what stays here", "acts by hand"] {
        assert!(tally.other[count] > 50, "{count}: {tally:?}");
    }
    assert!(tally.other["matters by hand erased"] > 0, "{tally:?}");
    assert!(tally.other["words at home that were overwritten"] > 0, "{tally:?}");
    // Plots carry matters on under the noise, so that acts and clocks meet what goes wrong.
    assert!(tally.met.len() > 900 && tally.fates.len() > 50, "{:?}", tally.unmet());
    println!("{} kinds of fault, {:?}", tally.troubles.len(), tally.acts);
}

/// HOM-1: with what stays at home or without, the same happens: events in their order, verdicts,
/// and all that is counted. What is in the parcels is judged at the end of each history.
#[test]
fn what_stays_at_home_changes_nothing_else() {
    let mut kept = 0;
    for seed in FRESH.end..FRESH.end + 4 {
        let played = [Private::Quiet, Private::Without].map(|private| {
            let outcome = play_with(seed, false, Focus::default(), private);
            assert_eq!(outcome.failures, [""; 0], "seed {seed}");
            outcome
        });
        let [with, without] = played;
        kept += with.tally.other["written at home"];
        assert_eq!(with.trace, without.trace, "seed {seed}");
        let record = |tally: &Tally| {
            let mut tally = tally.clone();
            tally.other.retain(|name, _| !AT_HOME.contains(name));
            tally
        };
        assert_eq!(record(&with.tally), record(&without.tally), "seed {seed}");
    }
    assert!(kept > 10, "{kept}");
}

/// What is counted of what stays at home alone.
const AT_HOME: [&str; 6] = [
    "written at home",
    "matters erased with what stays here",
    "matters with what stays here",
    "words at home that were overwritten",
    "homes put back alone",
    "things that went again",
];

/// Each file holds lines of explanation that begin with `#`, and seeds, with the clock that the
/// history was played for if there was one. What a number plays changes with every step that the
/// play learns, so that these are more histories and no proof of what is explained: that is in the
/// stories (`epochs`, `attachments`) and in the planted bugs.
#[test]
fn seeds_that_failed_once_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let mut played = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with('#'), "{}: no header", path.display());
        let seeds = text.lines().filter(|line| !line.starts_with('#'));
        for line in seeds {
            let (seed, clock) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
            let seed: u64 = seed.parse().expect("one seed per line");
            let clock = PROFILES.iter().map(|profile| profile.id).find(|id| *id == clock);
            let outcome = play_for(seed, false, Focus { clock, ..Focus::default() });
            assert_eq!(outcome.failures, [""; 0], "{line}");
            played += 1;
        }
    }
    assert!(played > 0, "no seed is kept");
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in [3, 13, 163, 328] {
        let (one, other) = (play(seed, false), play(seed, false));
        assert_eq!(one.trace, other.trace, "seed {seed}");
        assert_eq!(one.tally, other.tally, "seed {seed}");
        assert_ne!(one.trace, play(seed + 1, false).trace);
    }
}
