//! A sheet as a person reads it, and what differs between two of them: the same rows, so that
//! nothing is agreed that was not shown.

use super::{Extended, InForce, Override, Sheet};
use crate::clock::{self, Limit};
use crate::say::{self, Lang, Say, render};
use counterpart_record::id::PartyId;

/// One thing that a sheet says.
struct Row {
    /// By which it is found in another sheet: what it is about, and of which party. Not the label:
    /// a party may bear the name by which a reader is called.
    key: String,
    /// What it is about.
    label: String,
    /// What is agreed: one thing, or several of a list whose order says nothing.
    items: Vec<String>,
    /// Whether it is a list, to which things are added and from which they are taken.
    list: bool,
}

/// What a sheet says, as label and text. `name` names a party for this reader.
pub fn told(lang: Lang, sheet: &Sheet, name: &dyn Fn(&PartyId) -> String) -> Vec<(String, String)> {
    let each = rows(lang, sheet, name).into_iter();
    let mut out: Vec<(String, String)> =
        each.map(|row| (row.label, joined(lang, &row.items))).collect();
    // What nothing was said about is said, too: a reader must not wonder what was left out.
    let say = |key: &str| render(lang, &Say::of(key));
    if sheet.profiles.is_empty() {
        out.push((say("terms-profiles"), say("terms-as-shipped")));
    }
    if sheet.streams.is_empty() {
        out.push((say("terms-streams"), joined(lang, &[])));
    }
    out
}

/// What `to` says otherwise than `from`, a sentence each; nothing if they agree the same.
pub fn differences(
    lang: Lang,
    from: &Sheet,
    to: &Sheet,
    name: &dyn Fn(&PartyId) -> String,
) -> Vec<String> {
    let (from, to) = (rows(lang, from, name), rows(lang, to, name));
    let same = |one: &Row, all: &[Row]| all.iter().position(|other| other.key == one.key);
    let mut out: Vec<String> = Vec::new();
    let mut say = |key: &str, row: &Row, new: &[String], old: &[String]| {
        let args = Say::of(key).with("what", &row.label).with("new", joined(lang, new));
        out.push(render(lang, &args.with("old", joined(lang, old))));
    };
    for row in &to {
        let Some(old) = same(row, &from).map(|at| &from[at]) else {
            say("terms-differ-new", row, &row.items, &[]);
            continue;
        };
        let only = |one: &Row, other: &Row| -> Vec<String> {
            one.items.iter().filter(|item| !other.items.contains(item)).cloned().collect()
        };
        let (added, gone) = (only(row, old), only(old, row));
        match (row.list, added.is_empty(), gone.is_empty()) {
            (_, true, true) => {}
            (false, ..) => say("terms-differ-changed", row, &row.items, &old.items),
            (true, ..) => {
                if !added.is_empty() {
                    say("terms-differ-added", row, &added, &[]);
                }
                if !gone.is_empty() {
                    say("terms-differ-gone", row, &[], &gone);
                }
            }
        }
    }
    for row in from.iter().filter(|row| same(row, &to).is_none()) {
        say("terms-differ-gone", row, &[], &row.items);
    }
    out
}

fn rows(lang: Lang, sheet: &Sheet, name: &dyn Fn(&PartyId) -> String) -> Vec<Row> {
    let say = |key: &str| render(lang, &Say::of(key));
    let row = |key: String, label: String, items, list| Row { key, label, items, list };
    let one = |key: String, label: String, text: String| row(key, label, vec![text], false);
    let mut rows = vec![one("tz".to_owned(), say("cli-terms-tz"), sheet.tz.clone())];
    for side in &sheet.sides {
        let who = name(&side.party);
        let bound = side.instruments.iter().map(|one| bound(lang, one));
        let each = [
            ("terms-zone", vec![side.zone.clone()], false),
            ("terms-week", vec![week(lang, &side.week)], false),
            ("terms-holidays", days(&side.holidays), true),
            ("terms-worked", days(&side.worked), true),
            ("terms-instruments", bound.collect(), true),
        ];
        rows.extend(each.into_iter().map(|(key, items, list)| {
            let label = render(lang, &Say::of(key).with("who", &who));
            row(format!("{key} {}", side.party), label, items, list)
        }));
    }
    for profile in &sheet.profiles {
        let of = clock_name(lang, &profile.id);
        rows.push(row(format!("profile {}", profile.id), of, agreed(lang, profile), false));
    }
    for stream in &sheet.streams {
        let label = Say::of("terms-stream").with("name", say::stream(lang, &stream.name));
        let sharing = say(&format!("terms-sharing-{}", stream.sharing));
        rows.push(one(format!("stream {}", stream.name), render(lang, &label), sharing));
    }
    rows
}

/// A list in words; the phrase for none where it is empty.
fn joined(lang: Lang, items: &[String]) -> String {
    match items {
        [] => render(lang, &Say::of("terms-none-of-them")),
        items => say::list(lang, items),
    }
}

/// Working days: from one to another where they follow each other, else one by one.
fn week(lang: Lang, week: &[u8]) -> String {
    let day = |day: &u8| render(lang, &Say::of(format!("weekday-{day}")));
    let mut all = week.to_vec();
    all.sort_unstable();
    let row = all.windows(2).all(|two| two[0] + 1 == two[1]);
    match &all[..] {
        [first, _, .., last] if row => {
            let ends = Say::of("weekday-span").with("first", day(first)).with("last", day(last));
            render(lang, &ends)
        }
        _ => say::list(lang, &all.iter().map(day).collect::<Vec<_>>()),
    }
}

fn days(days: &[String]) -> Vec<String> {
    let mut days = days.to_vec();
    days.sort_unstable();
    days
}

fn bound(lang: Lang, one: &InForce) -> String {
    let key = format!("choice-instrument-{}", one.name);
    // A name that this program does not know stays as it is; `Sheet::doubts` says so.
    let name = if say::known(lang, &key) { render(lang, &Say::of(key)) } else { one.name.clone() };
    let said = Say::of("cli-terms-bound").with("name", name).with("from", &one.from);
    render(lang, &said)
}

/// What a deadline is for, with its name in the profiles.
fn clock_name(lang: Lang, id: &str) -> String {
    let name = match clock::profile(id) {
        Some(profile) => render(lang, &Say::of(format!("clock-{}", profile.id))),
        None => id.to_owned(),
    };
    render(lang, &Say::of("terms-profile").with("name", name).with("id", id))
}

/// Everything that a row says otherwise than the profile as shipped.
fn agreed(lang: Lang, row: &Override) -> Vec<String> {
    let say = |key: String| render(lang, &Say::of(key));
    let mut all = Vec::new();
    all.extend(row.length.map(|(limit, rolls)| length(lang, limit, rolls)));
    all.extend(row.sort.map(|sort| {
        let sort = say(format!("clock-sort-{}", sort.name()));
        render(lang, &Say::of("terms-sort").with("sort", sort))
    }));
    all.extend(row.pause.map(|pause| say(format!("terms-pause-{}", pause.name()))));
    all.extend(row.extension.as_ref().map(|how| extended(lang, how)));
    all.extend(row.expiry.map(|expiry| say(format!("terms-expiry-{}", expiry.name()))));
    all
}

fn extended(lang: Lang, how: &Extended) -> String {
    let Extended::By { by, asked_by, most, because } = how else {
        return render(lang, &Say::of("terms-extension-none"));
    };
    let by = match by {
        Limit::AsAgreed => render(lang, &Say::of("terms-extension-as-stated")),
        by => length(lang, *by, false),
    };
    let most = Say::of(if *most == 0 { "terms-extension-any" } else { "terms-extension-most" })
        .with("count", most.to_string());
    let said = Say::of(format!("terms-extension-{}", asked_by.name())).with("by", by);
    let said = render(lang, &said.with("most", render(lang, &most)));
    let Some(word) = because else { return said };
    let key = format!("choice-progress-{word}");
    // A name that this program does not know stays as it is; `Sheet::doubts` says so.
    let why = if say::known(lang, &key) { render(lang, &Say::of(key)) } else { word.clone() };
    render(lang, &Say::of("terms-extension-because").with("how", said).with("why", why))
}

fn length(lang: Lang, limit: Limit, rolls: bool) -> String {
    let unit = match (limit, limit.counted()) {
        (Limit::Yearly(month, day), _) => {
            let month = render(lang, &Say::of(format!("month-{month}")));
            Say::of("clock-unit-yearly").with("month", month).with("day", day.to_string())
        }
        (_, Some((unit, count))) => {
            Say::of(format!("clock-unit-{unit}")).with("count", count.to_string())
        }
        // No unit of a sheet.
        (_, None) => return String::new(),
    };
    let unit = render(lang, &unit);
    if !rolls {
        return unit;
    }
    render(lang, &Say::of("terms-rolls").with("length", unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_record::strict::json::parse_object;

    const ASKS: PartyId = PartyId([1; 32]);
    const HELPS: PartyId = PartyId([2; 32]);

    fn sheet(holidays: &str, more: &str) -> Sheet {
        let text = format!(
            r#"{{"v":1,"tz":"2026e","sides":[
                {{"party":"{ASKS}","zone":"Europe/Lisbon","week":[1,2,3,4,5],
                  "holidays":[{holidays}],"worked":[],
                  "instruments":[{{"name":"budapest","from":"2012-12-01"}}]}},
                {{"party":"{HELPS}","zone":"Asia/Singapore","week":[7,1,3],"holidays":[],
                  "worked":["2030-10-12"],"instruments":[]}}],{more}}}"#
        );
        Sheet::read(&parse_object(text.as_bytes()).unwrap()).unwrap()
    }

    fn name(party: &PartyId) -> String {
        if *party == ASKS { "You".to_owned() } else { "Borealis".to_owned() }
    }

    #[test]
    fn every_thing_that_is_agreed_has_a_line_in_both_languages() {
        let more = r#""profiles":[{"id":"P-977-N","unit":"working_days","count":5,"rolls":true}],
            "streams":[{"name":"cybercrime","sharing":"totals"},{"name":"x-y","sharing":"none"}]"#;
        let sheet = sheet(r#""2030-08-09","2030-05-01""#, more);
        let en: Vec<String> =
            told(Lang::En, &sheet, &name).into_iter().map(|(l, t)| format!("{l}: {t}")).collect();
        let expected = [
            "Zone data: 2026e",
            "You, zone: Europe/Lisbon",
            "You, working days: Monday to Friday",
            "You, holidays: 2030-05-01, 2030-08-09",
            "You, days worked all the same: none",
            "You, bound by: Budapest Convention on Cybercrime, in force from 2012-12-01 on",
            "Borealis, zone: Asia/Singapore",
            "Borealis, working days: Monday, Wednesday, Sunday",
            "Borealis, holidays: none",
            "Borealis, days worked all the same: 2030-10-12",
            "Borealis, bound by: none",
            "Deadline agreed otherwise: answer, Directive 2023/977 (P-977-N): 5 working \
             days; one that ends on a day off ends on the next working day",
            "Stream cybercrime: totals are shared",
            "Stream x-y: figures stay at home",
        ];
        assert_eq!(en, expected);
        let zh = told(Lang::ZhCn, &sheet, &name);
        assert_eq!(zh.len(), expected.len());
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(zh.iter().all(|(label, _)| chinese(label)), "{zh:?}");
        assert!(zh.iter().any(|(_, text)| text == "星期一至星期五"), "{zh:?}");
        assert!(zh.iter().any(|(_, text)| text == "2030-05-01、2030-08-09"), "{zh:?}");
        assert!(zh.iter().all(|(_, text)| !text.contains(['{', '[', '"'])), "{zh:?}");
    }

    #[test]
    fn what_differs_is_named_and_nothing_else() {
        let none = r#""profiles":[],"streams":[]"#;
        let yearly = r#""profiles":[{"id":"P-STAT","unit":"yearly","count":301,"rolls":true}],
            "streams":[]"#;
        let yearly = |lang| told(lang, &sheet("", yearly), &name).swap_remove(11);
        let (label, text) = yearly(Lang::En);
        assert_eq!(
            label,
            "Deadline agreed otherwise: figures of the year, stated to the other side (P-STAT)"
        );
        assert!(text.starts_with("by 1 March of the year after;"), "{text}");
        assert!(
            yearly(Lang::ZhCn).1.starts_with("截至次年 3 月 1 日（含当日）"),
            "{}",
            yearly(Lang::ZhCn).1
        );
        let before = sheet(r#""2030-05-01""#, none);
        assert_eq!(differences(Lang::En, &before, &before, &name), Vec::<String>::new());
        let more = r#""profiles":[{"id":"P-977-N","unit":"days","count":9,"rolls":false}],
            "streams":[{"name":"cybercrime","sharing":"full"}]"#;
        let after = sheet(r#""2030-08-09""#, more);
        let expected = [
            "You, holidays: new 2030-08-09",
            "You, holidays: no longer 2030-05-01",
            "Deadline agreed otherwise: answer, Directive 2023/977 (P-977-N): new \
             9 calendar days",
            "Stream cybercrime: new all figures are shared",
        ];
        assert_eq!(differences(Lang::En, &before, &after, &name), expected);
        let plain: Vec<(String, String)> = told(Lang::En, &before, &name);
        let last: Vec<&str> = plain[11..].iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(last, ["as shipped", "none"]);
        let changed = sheet(
            r#""2030-08-09""#,
            &more.replace("\"full\"", "\"none\"").replace("\"count\":9", "\"count\":8"),
        );
        let told = differences(Lang::En, &after, &changed, &name);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].ends_with("8 calendar days, until now 9 calendar days"), "{told:?}");
        let zh = differences(Lang::ZhCn, &after, &changed, &name);
        assert!(zh.len() == 2 && zh.iter().all(|line| !line.contains("until")), "{zh:?}");
        assert_ne!(differences(Lang::En, &before, &sheet("", none), &name).len(), 0);
    }

    /// CLK-28: nothing is agreed that was not shown.
    #[test]
    fn what_a_clock_is_is_told_with_everything_that_differs() {
        let more = r#""profiles":[{"id":"P-977-N","pause":"never","sort":"service-goal",
            "extension":{"asked_by":"answering","unit":"days","count":3,"most":1,
                "because":"waiting-for-judge"}},
            {"id":"P-UN-42","unit":"days","count":90,"rolls":false,"expiry":"until-decision"},
            {"id":"P-977-U1","extension":"none"}],"streams":[]"#;
        let sheet = sheet("", more);
        let lines = |lang| -> Vec<String> {
            told(lang, &sheet, &name)[11..14].iter().map(|(_, text)| text.clone()).collect()
        };
        let en = lines(Lang::En);
        for words in [
            "it counts as: aim",
            "no question stops it",
            "the side that answers may prolong it by 3 calendar days (1 × at the most), only for: \
             waiting for a judge",
        ] {
            assert!(en[0].contains(words), "{words}: {en:?}");
        }
        assert!(
            en[1].contains("90 calendar days") && en[1].contains("goes on until that is decided")
        );
        assert_eq!(en[2], "it cannot be prolonged");
        let zh = lines(Lang::ZhCn).concat();
        let parts =
            ["性质：目标", "提问不使其中止计时", "被请求方可延长 3", "仅限于：等待法官决定"];
        let zh = zh.replace([' ', '\u{2068}', '\u{2069}'], "");
        for part in parts {
            assert!(zh.contains(&part.replace(' ', "")), "{part}: {zh}");
        }
        let told = differences(Lang::En, &sheet_without(), &sheet, &name);
        assert!(told.iter().any(|line| line.contains("P-977-U1")), "{told:?}");
    }

    fn sheet_without() -> Sheet {
        sheet("", r#""profiles":[],"streams":[]"#)
    }

    /// Whatever a party calls itself: nothing of one side is taken for the other's.
    #[test]
    fn a_party_that_bears_the_name_of_the_reader_hides_nothing() {
        let none = r#""profiles":[],"streams":[]"#;
        let (before, after) = (sheet("", none), {
            let mut after = sheet("", none);
            after.sides[1].zone = "Asia/Tokyo".to_owned();
            after
        });
        let you = |_: &PartyId| "You".to_owned();
        let told = differences(Lang::En, &before, &after, &you);
        assert_eq!(told, ["You, zone: Asia/Tokyo, until now Asia/Singapore"]);
    }
}
