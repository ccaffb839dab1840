//! What terms ask of both sides by the calendar: the figures of a year and tests of the line, from
//! the command line.

use crate::terms::{self, number};
use crate::world::{World, text};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock::Year;

/// The rows of the queue for a profile.
fn owed(world: &World, name: &str, profile: &str) -> Vec<Object> {
    let due = world.json(name, &["due"]);
    let rows = due.as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone());
    rows.filter(|row| text(row, "profile") == profile).collect()
}

/// The terms have this profile, and say so in words.
fn agree(world: &World, profile: &str, more: &[&str]) {
    terms::agree(world, more, |sheet| {
        let sheet = sheet.replacen("\"zone\":\"UTC\"", "\"zone\":\"Asia/Shanghai\"", 1);
        sheet.replace("\"profiles\": []", profile)
    });
    let page = world.run("borealis", &[&["terms", "show"], more].concat()).good().out;
    assert!(page.contains("1 March of the year after") || page.contains("30 calendar"), "{page}");
    world.carry("arcadia", "borealis", more);
}

/// CLK-24, CLK-25, CLK-27
#[test]
fn the_figures_of_a_year_are_owed_from_its_end() {
    let world = World::enrolled();
    let yearly = r#""profiles": [{"id":"P-STAT","unit":"yearly","count":301,"rolls":false}]"#;
    agree(&world, yearly, &["--drill"]);
    assert!(owed(&world, "arcadia", "P-STAT").is_empty(), "the year goes on");
    let ahead = |name: &str, seconds: u64| {
        let seconds = seconds.to_string();
        number(&world.object(name, &["drill", "calendar", "--advance", &seconds]), "drill_time")
    };
    let year = Year::of(ahead("arcadia", 1)).unwrap();
    for name in ["arcadia", "borealis"] {
        let now = ahead(name, 1);
        ahead(name, year.to - now + 9 * 86_400);
    }
    let both = ["arcadia", "borealis"].map(|name| owed(&world, name, "P-STAT"));
    for (name, rows) in ["arcadia", "borealis"].iter().zip(&both) {
        assert_eq!(rows.len(), 2, "{name}");
        assert!(rows.iter().all(|row| number(row, "year") == u64::from(year.number)), "{name}");
    }
    let told = |rows: &[Object]| {
        let each = rows.iter().map(|row| (number(row, "due"), text(row, "who").to_owned()));
        each.collect::<Vec<_>>()
    };
    assert_eq!(told(&both[0]), told(&both[1]));
    let ours: Vec<u64> = both[0]
        .iter()
        .chain(&both[1])
        .filter(|row| row.get("ours") == Some(&Value::Bool(true)))
        .map(|row| number(row, "due"))
        .collect();
    let last = |zone: &str| {
        let calendar = counterpart_rules::clock::Calendar::new(zone, &[1], &[], &[]).unwrap();
        calendar.day_end(&format!("{}-03-01", year.number + 1)).unwrap()
    };
    let mut ends = [last("Asia/Shanghai"), last("UTC")];
    let mut found: [u64; 2] = ours.try_into().unwrap();
    ends.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, ends);
    // In words, in both languages, with the command that does it.
    let page = world.run("arcadia", &["due"]).good().out;
    let named = format!("figures of the year, stated to the other side: {}", year.number);
    assert!(page.contains(&named) && page.contains("you must act"), "{page}");
    let zh = world.run("arcadia", &["due", "--lang", "zh-CN"]).good().out;
    assert!(zh.contains(&format!("年度统计，须向对方提交：{} 年", year.number)), "{zh}");
    let matter = text(&both[0][0], "matter").to_owned();
    let shown = world.run("arcadia", &["matter", "show", &matter]).good().out;
    let command = format!("figures --agree --year {} --peer Borealis --drill", year.number);
    assert!(shown.contains(&command), "{shown}");
    stated(&world, &matter, &command);
}

/// A part of the year does not do; the whole does, and then the page asks no more.
fn stated(world: &World, matter: &str, command: &str) {
    let args: Vec<&str> = command.split(' ').collect();
    let part = ["figures", "--agree", "--peer", "Borealis", "--drill"];
    world.run("arcadia", &part).good();
    let both_ways = || {
        world.carry("arcadia", "borealis", &["--drill"]);
        world.carry("borealis", "arcadia", &["--drill"]);
    };
    both_ways();
    assert_eq!(owed(world, "arcadia", "P-STAT").len(), 2);
    world.run("arcadia", &args).good();
    both_ways();
    for name in ["arcadia", "borealis"] {
        let left = owed(world, name, "P-STAT");
        assert_eq!(left.len(), 1, "{name}");
        assert_eq!(left[0].get("ours"), Some(&Value::Bool(name == "borealis")));
    }
    let shown = world.run("arcadia", &["matter", "show", matter]).good().out;
    assert!(!shown.contains("--agree") && shown.contains("met in time"), "{shown}");
    // The year that goes on is stated when it is over: sooner it would meet nothing.
    let count = || world.json("arcadia", &["matter", "list"]).as_array().unwrap().len();
    let (before, next) = (count(), (args[3].parse::<u32>().unwrap() + 1).to_string());
    for year in ["12026", &next] {
        let early = ["figures", "--agree", "--year", year, "--drill", "--json"];
        let wrong = world.run("arcadia", &early);
        assert_eq!(wrong.fault(), "argument-wrong");
    }
    assert_eq!(count(), before);
}

/// CLK-26, CLK-27, CLK-32
#[test]
fn tests_of_the_line_are_owed_by_both_and_stand_in_the_calendar() {
    let world = World::enrolled();
    agree(&world, r#""profiles": [{"id":"P-PING","unit":"days","count":30,"rolls":false}]"#, &[]);
    let both = ["arcadia", "borealis"].map(|name| owed(&world, name, "P-PING"));
    assert_eq!((both[0].len(), both[1].len()), (2, 2));
    let before = number(&both[0][0], "started_at");
    assert_eq!(number(&both[1][1], "started_at"), before);
    world.run("arcadia", &["calendar", "due.ics"]).good();
    let written = std::fs::read_to_string(world.path("due.ics")).unwrap();
    let named = format!("SUMMARY:{} P-PING", &text(&both[0][0], "matter")[..8]);
    assert_eq!(written.matches("BEGIN:VEVENT").count(), 1, "{written}");
    assert!(written.contains(&named), "{written}");
    let page = world.run("borealis", &["matter", "show", text(&both[0][0], "matter")]).good().out;
    assert!(page.contains("line test Arcadia"), "{page}");
    let zh = world.run("borealis", &["due", "--lang", "zh-CN"]).good().out;
    assert!(zh.contains("下一次线路测试"), "{zh}");
    // Borealis tests: both clocks begin anew, at both.
    world.run("borealis", &["line", "test", "Arcadia"]).good();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    world.carry("borealis", "arcadia", &[]);
    world.carry("arcadia", "borealis", &[]);
    let both = ["arcadia", "borealis"].map(|name| owed(&world, name, "P-PING"));
    let starts: Vec<u64> = both.iter().flatten().map(|row| number(row, "started_at")).collect();
    assert_eq!(starts.len(), 4);
    assert!(starts.iter().all(|at| *at == starts[0] && *at > before), "{starts:?} {before}");
}
