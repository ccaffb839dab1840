//! The house law as a test. Each law reads the whole house and lists what breaks it; each has a
//! small house under `tidy/fixtures/` that must break it, with the complaints it must give.
//!
//! `TIDY_RATCHET=write` rewrites `tidy/ratchet.txt` from the house as it stands: use it after
//! something shrank, and read the difference before committing it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

#[path = "tidy/cited.rs"]
mod cited;
#[path = "tidy/details.rs"]
mod details;
#[path = "tidy/house.rs"]
mod house;
#[path = "tidy/lengths.rs"]
mod lengths;
#[path = "tidy/order.rs"]
mod order;
#[path = "tidy/packages.rs"]
mod packages;
#[path = "tidy/ratchet.rs"]
mod ratchet;
#[path = "tidy/tokens.rs"]
mod tokens;
#[path = "tidy/words.rs"]
mod words;

use house::{Findings, House};

/// A law: its name, which is also the folder of its fixture, and how it reads a house.
type Law = (&'static str, fn(&House) -> Findings);

/// Laws that hold without exception.
const STRICT: &[Law] = &[
    ("edges", packages::edges),
    ("reach", packages::reach),
    ("order", order::modules),
    ("width", lengths::width),
    ("banned", words::banned),
    ("named", words::named_in_one_place),
    ("flows", words::flow_names),
    ("paths", words::machine_paths),
    ("undefined", cited::undefined_requirements),
];

/// Laws with a list of named exceptions that may only shrink.
const RATCHETED: &[Law] = &[
    ("lengths", lengths::lengths),
    ("codes", cited::fault_codes),
    ("phrases", cited::fault_phrases),
    ("requirements", cited::uncited_requirements),
    ("details", details::untold),
];

fn keep(law: &str) {
    let house = House::real();
    if let Some((_, read)) = STRICT.iter().find(|(name, _)| *name == law) {
        let found = read(&house);
        println!("{law}: {} looked at, {} broken", found.seen, found.broken.len());
        assert!(found.broken.is_empty(), "{}", found.broken.join("\n"));
        return;
    }
    let (_, read) = RATCHETED.iter().find(|(name, _)| *name == law).expect("a law of that name");
    let found = read(&house);
    println!("{law}: {} looked at, {} on the ratchet", found.seen, found.broken.len());
    ratchet::compare(law, found.broken);
}

macro_rules! laws {
    ($($test:ident $law:literal,)*) => {
        $(#[test] fn $test() { keep($law); })*

        /// No law is written down and then not run.
        #[test]
        fn every_law_runs() {
            let run = [$($law),*];
            for (name, _) in STRICT.iter().chain(RATCHETED) {
                assert!(run.contains(name), "{name} is never run");
            }
        }
    };
}

laws! {
    edges_between_packages_point_down "edges",
    low_floors_reach_no_runtime "reach",
    modules_use_only_those_below "order",
    lines_fit_the_column "width",
    files_and_functions_are_short "lengths",
    banned_words_are_absent "banned",
    weighty_crates_are_named_in_one_place "named",
    flow_names_stay_in_rules "flows",
    no_path_of_a_machine "paths",
    fault_codes_are_raised_and_tested "codes",
    fault_codes_are_phrased_in_both_languages "phrases",
    cited_requirements_are_defined "undefined",
    requirements_are_cited "requirements",
    what_faults_say_is_said_in_both_languages "details",
}

/// A law that cannot be broken holds nothing: each fixture breaks its law in the way it says.
#[test]
fn fixtures_break_their_law() {
    for (name, read) in STRICT.iter().chain(RATCHETED) {
        let (house, expected) = House::fixture(name);
        let found = read(&house);
        assert!(!expected.is_empty(), "{name}: expected.txt is empty");
        assert_eq!(found.broken, expected, "{name}");
    }
}
