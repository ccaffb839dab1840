use super::*;
use crate::clock::{Verdict, instant};
use crate::terms::Sheet;
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::parse_object;

const ASKS: PartyId = PartyId([1; 32]);
const HELPS: PartyId = PartyId([2; 32]);
const YEARLY: &str = r#"{"id":"P-STAT","unit":"yearly","count":301,"rolls":false}"#;

fn ping(unit: &str, count: u32) -> String {
    format!(r#"{{"id":"P-PING","unit":"{unit}","count":{count},"rolls":false}}"#)
}

/// Terms between New York, which opened the matter, and Shanghai.
fn terms(profiles: &str) -> Terms {
    let text = format!(
        r#"{{"v":1,"tz":"{tz}","sides":[
            {{"party":"{ASKS}","zone":"America/New_York","week":[1,2,3,4,5],"holidays":[],
              "worked":[],"instruments":[]}},
            {{"party":"{HELPS}","zone":"Asia/Shanghai","week":[1,2,3,4,5],
              "holidays":["2027-03-01"],"worked":[],"instruments":[]}}],
            "profiles":[{profiles}],"streams":[]}}"#,
        tz = crate::clock::tz_version(),
    );
    let sheet = Sheet::read(&parse_object(text.as_bytes()).unwrap()).unwrap();
    assert_eq!(sheet.doubts([&ASKS, &HELPS]), Vec::<String>::new());
    Terms::of(&sheet, &ASKS)
}

fn at(text: &str) -> u64 {
    instant(text).unwrap()
}

fn done(what: What, digit: u8, logged_at: u64, held_at: u64) -> Deed {
    Deed { what, entry: Entry([digit; 32]), logged_at, held_at }
}

fn stated(number: u16, logged_at: u64) -> Deed {
    let year = Year::numbered(number).unwrap();
    done(What::Stated(year.from, year.to, logged_at), 7, logged_at, logged_at + 60)
}

fn tested(logged_at: u64, held_at: u64) -> Deed {
    done(What::Tested, 8, logged_at, held_at)
}

/// Profile, who, due, and whether it runs.
fn told(timers: &[Timer]) -> Vec<(&'static str, Half, u64, bool)> {
    timers.iter().map(|one| (one.profile, one.who, one.due, one.runs())).collect()
}

use Half::{Answering, Asking};

/// CLK-24
#[test]
fn what_nobody_named_nobody_owes() {
    let usual = [(at("2020-01-01T00:00:00Z"), Terms::usual())];
    let deeds = [(Asking, tested(at("2025-01-01T00:00:00Z"), at("2025-01-01T00:00:00Z")))];
    assert_eq!(duties(&usual, &deeds, at("2027-06-01T00:00:00Z")), []);
    assert_eq!(duties(&[], &deeds, at("2027-06-01T00:00:00Z")), []);
    // What is agreed for a later time is not in force yet.
    let later = terms(YEARLY);
    assert_eq!(
        duties(&[(at("2028-01-01T00:00:00Z"), &later)], &[], at("2027-06-01T00:00:00Z")),
        []
    );
}

/// CLK-25
#[test]
fn each_side_states_the_figures_of_each_year_by_its_own_first_of_march() {
    let terms = terms(YEARLY);
    let agreed = [(at("2026-12-30T12:00:00Z"), &terms)];
    let of = |deeds: &[(Half, Deed)], as_of: &str| duties(&agreed, deeds, at(as_of));
    assert_eq!(of(&[], "2026-12-31T23:59:59Z"), [], "the year is not over");
    let ends = ["2027-03-02T04:59:59Z", "2027-03-01T15:59:59Z"].map(at);
    let owed = [("P-STAT", Asking, ends[0], true), ("P-STAT", Answering, ends[1], true)];
    let open = of(&[], "2027-01-01T00:00:00Z");
    assert_eq!(told(&open), owed);
    assert!(open.iter().all(|timer| timer.year() == Some(2026) && !timer.overdue));
    // A year, and the year before it, stay owed until they are stated. CLK-1
    let late = of(&[], "2028-03-01T16:00:00Z");
    assert_eq!(late.len(), 4);
    assert_eq!(late.iter().filter(|timer| timer.overdue).count(), 3);
    // Each by its own word.
    let mine = (Answering, stated(2026, at("2027-02-01T00:00:00Z")));
    let half = of(&[mine], "2027-03-02T05:00:00Z");
    assert_eq!(told(&half)[0], owed[0]);
    assert!(half[0].overdue && half[1].verdict == Some(Verdict::InTime));
    let after = (Asking, stated(2026, at("2027-03-02T05:00:09Z")));
    let both = of(&[mine, after], "2027-03-03T00:00:00Z");
    assert_eq!(both[0].verdict, Some(Verdict::Late(10)));
    // The newest that was stated is shown, and what is owed.
    let next = of(
        &[mine, after, (Asking, stated(2027, at("2028-01-02T00:00:00Z")))],
        "2028-01-03T00:00:00Z",
    );
    let years: Vec<_> = next.iter().map(|one| (one.year(), one.who, one.runs())).collect();
    let expected = [
        (Some(2026), Answering, false),
        (Some(2027), Asking, false),
        (Some(2027), Answering, true),
    ];
    assert_eq!(years, expected);
}

/// CLK-25
#[test]
fn a_part_of_a_year_or_a_year_that_goes_on_is_not_the_year() {
    let terms = terms(YEARLY);
    let agreed = [(at("2026-02-01T00:00:00Z"), &terms)];
    let year = Year::numbered(2026).unwrap();
    let (late, early) = (year.to + 9_000, year.to - 9_000);
    for (from, to, as_of, logged_at, meets) in [
        (year.from, year.to, late, late, true),
        (year.from, year.to, year.to - 1, late, true),
        (year.from, year.to, year.to - 2, late, false),
        (year.from, year.to, late, early, false),
        (year.from, year.to - 1, late, late, false),
        (year.from + 1, year.to, late, late, false),
        (0, year.to, late, late, false),
    ] {
        let deed = done(What::Stated(from, to, as_of), 7, logged_at, logged_at);
        let timers = duties(&agreed, &[(Asking, deed)], year.to + 20_000);
        assert_eq!(timers[0].runs(), !meets, "{from} {to} {as_of} {logged_at}");
    }
}

/// CLK-25: a year is asked for by what is in force when it ends.
#[test]
fn terms_at_the_end_of_a_year_say_whether_it_is_owed() {
    let (with, without) = (terms(YEARLY), terms(""));
    let agreed = [
        (at("2026-05-01T00:00:00Z"), &with),
        (at("2027-07-01T00:00:00Z"), &without),
        (at("2028-12-31T23:59:59Z"), &with),
    ];
    let timers = duties(&agreed, &[], at("2029-06-01T00:00:00Z"));
    let years: Vec<_> = timers.iter().map(|one| (one.year(), one.overdue)).collect();
    assert_eq!(
        years,
        [(Some(2026), true); 2].into_iter().chain([(Some(2028), true); 2]).collect::<Vec<_>>()
    );
}

/// CLK-26
#[test]
fn a_test_by_either_side_ends_the_interval_of_both_and_begins_the_next() {
    let terms = terms(&ping("days", 30));
    let begun = at("2026-09-01T12:00:00Z");
    let agreed = [(begun, &terms)];
    // A test before it was agreed begins nothing.
    let before = (Asking, tested(begun - 900, begun - 800));
    let open = duties(&agreed, &[before], begun + 5);
    let ends = ["2026-10-02T03:59:59Z", "2026-10-01T15:59:59Z"].map(at);
    let owed = [("P-PING", Asking, ends[0], true), ("P-PING", Answering, ends[1], true)];
    assert_eq!(told(&open), owed);
    assert!(open.iter().all(|timer| timer.started_at == begun && timer.year().is_none()));
    // Shanghai tests when its own day is over by a second, and New York's is not.
    let test = (Answering, tested(ends[1] + 1, ends[1] + 5));
    let met = duties(&agreed, &[before, test], ends[1] + 60);
    let verdicts: Vec<_> = met.iter().map(|timer| timer.verdict).collect();
    assert_eq!(verdicts, [Some(Verdict::InTime), Some(Verdict::Late(1)), None, None]);
    assert!(met[2..].iter().all(|timer| timer.started_at == ends[1] + 5 && timer.runs()));
    // Logged in time and held too late: contested, and the next begins when both have it. CLK-3
    let test = (Answering, tested(ends[1], ends[1] + 1));
    let met = duties(&agreed, &[test], ends[1] + 60);
    assert_eq!(met[1].verdict, Some(Verdict::Contested));
    // Of many, the last one counts; in whatever order they are given.
    let days = |days: u64| begun + days * 86_400;
    let mut many = [(Asking, tested(days(3), days(3))), (Answering, tested(days(2), days(2) + 9))];
    let one = duties(&agreed, &many, days(5));
    many.reverse();
    assert_eq!(one, duties(&agreed, &many, days(5)));
    let starts: Vec<u64> = one.iter().map(|timer| timer.started_at).collect();
    assert_eq!(starts, [days(2) + 9, days(2) + 9, days(3), days(3)]);
}

/// CLK-26: terms that change something else do not give more time; another length starts afresh.
#[test]
fn an_interval_that_is_agreed_anew_goes_on_and_another_starts() {
    let month = terms(&ping("days", 30));
    let same = terms(&format!("{},{YEARLY}", ping("days", 30)));
    let week = terms(&ping("days", 7));
    let without = terms("");
    let begun = at("2026-06-01T00:00:00Z");
    let days = |days: u64| begun + days * 86_400;
    let start = |agreed: &[(u64, &Terms)], as_of: u64| {
        let timers = duties(agreed, &[], as_of);
        timers.iter().map(|timer| timer.started_at).next()
    };
    assert_eq!(start(&[(begun, &month), (days(20), &same)], days(25)), Some(begun));
    assert_eq!(start(&[(begun, &month), (days(20), &week)], days(25)), Some(days(20)));
    assert_eq!(start(&[(begun, &month), (days(20), &without)], days(25)), None);
    let again = [(begun, &month), (days(20), &without), (days(22), &month)];
    assert_eq!(start(&again, days(25)), Some(days(22)));
}

/// CLK-24: an act that one log does not hold starts and ends nothing.
#[test]
fn only_what_both_logs_hold_is_a_deed() {
    let (rules, kind, body) = scheduled_test();
    let flow = crate::flow::flow(rules).unwrap();
    let mut act = Act {
        entry: Entry([3; 32]),
        half: Asking,
        kind: kind.into(),
        body,
        re: Vec::new(),
        logged_at: 50,
        held_at: None,
    };
    assert_eq!(
        (deed(flow, Past { asking: &[&act], answering: &[] }), both_hold(&act)),
        (None, None)
    );
    act.held_at = Some(40);
    let past = Past { asking: &[&act], answering: &[] };
    assert_eq!(deed(flow, past), Some(done(What::Tested, 3, 50, 40)));
    assert_eq!(both_hold(&act), Some(50));
    assert_eq!(deed(crate::flow::usual(), past), None);
    assert_eq!(deed(flow, Past { asking: &[], answering: &[] }), None);
}
