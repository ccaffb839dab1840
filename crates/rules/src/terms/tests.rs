use super::*;
use crate::clock::{Expiry, PauseRule, Start};
use counterpart_record::strict::json::{Object, Value, parse_object};

const ASKS: PartyId = PartyId([1; 32]);
const HELPS: PartyId = PartyId([2; 32]);

fn sheet(change: impl FnOnce(String) -> String) -> Object {
    let text = format!(
        r#"{{"v":1,"tz":"{tz}","sides":[
            {{"party":"{asks}","zone":"Europe/Brussels","week":[1,2,3,4,5],"holidays":[],
              "worked":[],"instruments":[{{"name":"budapest","from":"2012-12-01"}}]}},
            {{"party":"{helps}","zone":"Asia/Shanghai","week":[1,2,3,4,5],
              "holidays":["2026-10-01","2026-10-02"],"worked":["2026-10-10"],"instruments":[]}}],
            "profiles":[{{"id":"P-977-N","unit":"working_days","count":5,"rolls":false}}],
            "streams":[{{"name":"cybercrime","sharing":"totals"}}]}}"#,
        tz = clock::tz_version(),
        asks = ASKS,
        helps = HELPS,
    );
    parse_object(change(text).as_bytes()).unwrap()
}

#[test]
fn without_an_agreement_every_profile_stands_as_shipped() {
    let terms = Terms::usual();
    for profile in clock::PROFILES {
        assert_eq!(terms.profile(profile.id), Some(profile));
    }
    assert_eq!(terms.profile("P-NONE"), None);
    assert_eq!((terms.id, terms.tz_differs()), ([0; 32], false));
    assert_eq!(
        (terms.sharing("cybercrime"), terms.bound_from(Half::Asking, "hanoi")),
        ("none", None)
    );
}

/// CLK-11, CLK-21: the calendar is that of the side that must act, whoever opened the matter.
#[test]
fn each_side_counts_by_its_own_calendar() {
    let read = Sheet::read(&sheet(|text| text)).unwrap();
    assert!(read.doubts([&ASKS, &HELPS]).is_empty());
    let start = clock::instant("2026-09-30T08:00:00Z").unwrap();
    for (opener, who, due) in [
        (ASKS, Half::Answering, "2026-10-09T15:59:59Z"),
        (HELPS, Half::Asking, "2026-10-09T15:59:59Z"),
        (HELPS, Half::Answering, "2026-10-07T21:59:59Z"),
    ] {
        let terms = Terms::of(&read, &opener);
        let profile = terms.profile("P-977-N").unwrap();
        assert_eq!(profile.limit, Limit::WorkingDays(5));
        assert_eq!(terms.limit(profile, who, start), clock::instant(due), "{who:?}");
    }
    let terms = Terms::of(&read, &ASKS);
    let zones =
        [Half::Asking, Half::Answering].map(|half| terms.zone(half).map(|zone| zone.name()));
    assert_eq!(zones, [Some("Europe/Brussels"), Some("Asia/Shanghai")]);
    assert_eq!(Terms::usual().zone(Half::Asking), None, "CLK-16");
    assert_eq!(terms.bound_from(Half::Asking, "budapest"), Some("2012-12-01"));
    assert_eq!((terms.sharing("cybercrime"), terms.sharing("drugs")), ("totals", "none"));
}

const SORTS: &str = "profiles.1.sort (term|minimum-hold|service-goal|own-reminder)";
const PAUSES: &str = "profiles.1.pause (never|open-question)";
const EXPIRIES: &str = "profiles.1.expiry (overdue|hold-ends|until-decision|goal-missed|reminder)";
const MOST: &str = "profiles.1.extension.most (missing)";

/// A wrong unit is named with those that there are.
const UNIT: &str = "profiles.1.unit (minutes|hours|days|working_days|months|yearly)";

/// CLK-20.
#[test]
fn a_sheet_is_closed_and_every_wrong_place_is_named() {
    for (from, to, place) in [
        ("\"v\":1", "\"v\":2", "v"),
        ("\"v\":1", "\"v\":1,\"more\":1", "more"),
        ("\"week\":[1,2,3,4,5]", "\"week\":[]", "sides.1.week"),
        ("\"week\":[1,2,3,4,5]", "\"week\":[1,1]", "sides.1.week"),
        ("\"week\":[1,2,3,4,5]", "\"week\":[8]", "sides.1.week.1"),
        ("2026-10-02", "2026-10-32", "sides.2.holidays.2"),
        ("2026-10-02", "2026-10-01", "sides.2.holidays"),
        ("2012-12-01", "2012", "sides.1.instruments.1.from"),
        ("Europe/Brussels", "Brussels, a street", "sides.1.zone"),
        ("\"count\":5", "\"count\":0", "profiles.1.count"),
        ("working_days", "weeks", UNIT),
        (",\"rolls\":false", "", "profiles.1.rolls (missing: true|false)"),
        ("\"rolls\":false", "\"rolls\":1", "profiles.1.rolls (true|false)"),
        (",\"count\":5", "", "profiles.1.count (missing: 1-36500)"),
        ("\"id\":\"P-977-N\",", "", "profiles.1.id (missing)"),
        ("\"streams\":[", "\"strands\":[", "streams (missing)"),
        (",\"unit\":\"working_days\",\"count\":5,\"rolls\":false", "", "profiles.1"),
        ("\"rolls\":false", "\"rolls\":false,\"sort\":\"rule\"", SORTS),
        ("\"rolls\":false", "\"rolls\":false,\"pause\":true", PAUSES),
        ("\"rolls\":false", "\"rolls\":false,\"expiry\":\"ends\"", EXPIRIES),
        (
            "\"rolls\":false",
            "\"rolls\":false,\"extension\":1",
            "profiles.1.extension (none|an object)",
        ),
        ("\"rolls\":false", "\"rolls\":false,\"extension\":{}", MOST),
        ("\"totals\"", "\"some\"", "streams.1.sharing"),
        (&HELPS.to_string(), &ASKS.to_string(), "sides"),
        (&HELPS.to_string(), "nobody", "sides.2.party"),
    ] {
        let altered = sheet(|text| text.replacen(from, to, 1));
        let wrong = shape(&altered);
        assert!(wrong.iter().any(|one| one == place), "{place}: {wrong:?}");
        assert_eq!(Sheet::read(&altered), None, "{place}");
    }
    let empty = shape(&Object::default());
    assert!(empty.len() >= 5, "{empty:?}");
}

/// Whether an act is valid never depends on what a program happens to know.
#[test]
fn unknown_names_are_doubts_and_no_fault_of_shape() {
    let strange = sheet(|text| {
        let text = text.replace("Europe/Brussels", "Europe/Ruritania").replace("P-977-N", "P-NEW");
        text.replace("\"budapest\"", "\"zenda\"").replace(clock::tz_version(), "2031a")
    });
    assert!(shape(&strange).is_empty());
    let read = Sheet::read(&strange).unwrap();
    let doubts = read.doubts([&ASKS, &PartyId([3; 32])]);
    assert_eq!(doubts.len(), 5, "{doubts:?}");
    let terms = Terms::of(&read, &ASKS);
    assert!(terms.tz_differs());
    assert_eq!((terms.zone(Half::Asking), terms.zone(Half::Answering).is_some()), (None, true));
    assert_eq!(terms.calendar(Half::Asking), &Calendar::usual());
    assert_eq!(terms.profile("P-977-N"), clock::profile("P-977-N"));
}

/// CLK-23: nobody agrees a limit that no clock keeps.
#[test]
fn a_profile_of_which_no_clock_runs_is_doubted_by_name() {
    for profile in clock::PROFILES {
        let read = Sheet::read(&sheet(|text| {
            let text = text.replace("P-977-N", profile.id);
            match profile.start {
                Start::Year => {
                    text.replace(r#""working_days","count":5"#, r#""yearly","count":301"#)
                }
                _ => text,
            }
        }));
        let read = read.unwrap();
        let doubts = read.doubts([&ASKS, &HELPS]);
        let agreed = profile.runs && !profile.is_by_act();
        assert_eq!(doubts.is_empty(), agreed, "{}: {doubts:?}", profile.id);
        assert!(doubts.iter().all(|doubt| doubt.contains(profile.id)), "{doubts:?}");
    }
    let idle: Vec<&str> =
        clock::PROFILES.iter().filter(|one| !one.runs).map(|one| one.id).collect();
    let expected = ["P-NIS-24", "P-NIS-72", "P-NIS-1M"];
    assert_eq!(idle, expected);
    let why = |id: &str| {
        let row =
            Override { id: id.to_owned(), pause: Some(PauseRule::Never), ..Override::default() };
        row.applied(clock::profile(id).unwrap()).1.concat()
    };
    assert!(why("P-NIS-24").contains("no act says when an entity became aware"));
    assert!(why("P-NIS-1M").contains("no act says that an incident was notified"));
}

/// CLK-28: sort, pause, extension and end of each profile are for two sides to agree.
#[test]
fn what_a_clock_is_can_be_agreed_and_only_that_is_said() {
    let with = |id: &str, more: &str| {
        let row = format!(r#"{{"id":"{id}",{more}}}"#);
        let old = r#"{"id":"P-977-N","unit":"working_days","count":5,"rolls":false}"#;
        let sheet = Sheet::read(&sheet(|text| text.replace(old, &row))).unwrap();
        let doubts = sheet.doubts([&ASKS, &HELPS]);
        (*Terms::of(&sheet, &ASKS).profile(id).unwrap(), doubts)
    };
    let usual = |id: &str| *clock::profile(id).unwrap();
    let (profile, doubts) = with("P-977-N", r#""pause":"never""#);
    assert_eq!(profile, Profile { pause: PauseRule::Never, ..usual("P-977-N") });
    assert!(doubts.is_empty(), "{doubts:?}");
    let (profile, _) = with("P-977-N", r#""sort":"service-goal""#);
    let goal = (clock::Sort::ServiceGoal, Expiry::GoalMissed, Limit::Days(7));
    assert_eq!((profile.sort, profile.expiry, profile.limit), goal);
    let by = r#""extension":{"asked_by":"answering","unit":"days","count":3,"most":2,
        "because":"being-translated"}"#;
    let (profile, doubts) = with("P-DTL-48", by);
    let extension = profile.extension.unwrap();
    assert_eq!((extension.by, extension.most), (Limit::Days(3), 2));
    assert_eq!((extension.because, doubts), (&["being-translated"][..], vec![]));
    assert_eq!(with("P-977-U1", r#""extension":"none""#).0.extension, None);
    let (profile, _) = with("P-UN-42", r#""expiry":"until-decision""#);
    assert_eq!(profile.expiry, Expiry::UntilDecision);
    // What no clock could keep is named with its reason, and stands as shipped.
    let stated = r#""extension":{"asked_by":"answering","unit":"as_stated","most":0}"#;
    let asks = r#""extension":{"asked_by":"asking","unit":"days","count":3,"most":1}"#;
    let unknown = by.replace("being-translated", "tea");
    for (id, more, why) in [
        ("P-UN-42", r#""sort":"term""#, "sort: what is kept stays a hold"),
        ("P-977-N", r#""sort":"minimum-hold""#, "sort: nothing is kept by it"),
        ("P-977-N", r#""expiry":"hold-ends""#, "expiry: it follows from the sort"),
        ("P-UN-42", r#""pause":"open-question""#, "pause: no question can stop it"),
        ("P-REPLY", r#""pause":"open-question""#, "pause: no question can stop it"),
        ("P-CALL-FLASH", r#""pause":"open-question""#, "pause: no question can stop it"),
        ("P-PING", r#""pause":"open-question""#, "pause: no question can stop it"),
        ("P-UN-42", stated, "extension: a hold is prolonged by preserving anew"),
        ("P-ASKED", stated, "extension: no act prolongs it"),
        ("P-977-N", asks, "extension: the asking side renews holds alone"),
        ("P-977-N", &unknown, "extension: the reason is not known here"),
        ("P-ASKED", r#""unit":"days","count":3,"rolls":false"#, "unit: an act names its end"),
        ("P-LECD-30", r#""unit":"yearly","count":301,"rolls":false"#, "not yearly"),
    ] {
        let (profile, doubts) = with(id, more);
        assert_eq!(doubts, [format!("profile {id} ({why})")], "{more}");
        assert_eq!(profile, usual(id), "{id} {more}");
    }
    for (id, more) in [("P-977-N", stated), ("P-EPO-PR", asks), ("P-LECD-30", by)] {
        let (profile, doubts) = with(id, more);
        assert!(doubts.is_empty() && profile.extension.is_some(), "{id}: {doubts:?}");
    }
}

/// CLK-25: a day of the year is a number, of a day that there is; what a year starts has one, and
/// nothing else.
#[test]
fn a_day_of_the_year_is_agreed_for_what_a_year_starts() {
    let with = |id: &str, count: &str| {
        let limit = format!(r#""id":"{id}","unit":"yearly","count":{count}"#);
        sheet(|text| text.replace(r#""id":"P-977-N","unit":"working_days","count":5"#, &limit))
    };
    for (count, day) in [("301", (3, 1)), ("229", (2, 29)), ("101", (1, 1)), ("1231", (12, 31))] {
        let read = Sheet::read(&with("P-STAT", count)).unwrap();
        assert_eq!(read.profiles[0].length, Some((Limit::Yearly(day.0, day.1), false)));
        let of: Vec<_> = Terms::of(&read, &ASKS).of_channel().map(|one| one.id).collect();
        assert_eq!(of, ["P-STAT"]);
    }
    for count in ["0", "1", "31", "100", "132", "230", "1301", "12310", "-301", "\"301\""] {
        let wrong = shape(&with("P-STAT", count));
        assert!(wrong.iter().any(|one| one == "profiles.1.count"), "{count}: {wrong:?}");
    }
    let doubts = |sheet: &Object| Sheet::read(sheet).unwrap().doubts([&ASKS, &HELPS]);
    assert_eq!(doubts(&with("P-977-N", "301")), ["profile P-977-N (not yearly)"]);
    let days = sheet(|text| text.replace("P-977-N", "P-STAT"));
    assert_eq!(doubts(&days), ["profile P-STAT (unit: yearly)"]);
    assert_eq!(doubts(&with("P-STAT", "301")), Vec::<String>::new());
    let usual: Vec<_> = Terms::usual().of_channel().collect();
    assert!(usual.is_empty(), "CLK-24: {usual:?}");
}

#[test]
fn the_draft_can_be_proposed_as_it_is() {
    let draft = Sheet::draft([&ASKS, &HELPS]);
    let read = Sheet::read(&draft).unwrap();
    assert!(read.doubts([&HELPS, &ASKS]).is_empty());
    let other = draft.with("streams", Value::Array(Vec::new())).with("tz", "2020a");
    assert_ne!(Sheet::read(&other).unwrap().id, read.id);
}
