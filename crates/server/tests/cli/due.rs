//! What is due, from the command line; and the calendar, read by a program that we did not write.

use crate::running::until;
use crate::world::{World, text};
use counterpart_record::strict::json::{Object, Value, parse_object};
use counterpart_rules::clock;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

fn rows(world: &World, name: &str, args: &[&str]) -> Vec<Object> {
    let value = world.json(name, args);
    value.as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone()).collect()
}

fn asked() -> World {
    let world = World::enrolled();
    world.run("arcadia", &["request", "new", "--file", "request.json"]).good();
    world.carry("arcadia", "borealis", &[]);
    world.carry("borealis", "arcadia", &[]);
    world
}

/// This moment as a form takes it.
fn now() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    clock::shown(seconds).replace(" UTC", "Z").replace(' ', "T")
}

/// Two nodes with a channel of exercises that both hold.
fn exercise() -> World {
    let world = World::enrolled();
    for _ in 0..2 {
        world.carry("arcadia", "borealis", &["--drill"]);
        world.carry("borealis", "arcadia", &["--drill"]);
    }
    world
}

#[test]
fn one_queue_says_who_must_act_by_when() {
    let world = asked();
    for (name, ours) in [("arcadia", false), ("borealis", true)] {
        let all = rows(&world, name, &["due"]);
        let row = all.iter().find(|row| text(row, "profile") == "P-ASKED").unwrap();
        assert_eq!(row.get("ours"), Some(&Value::Bool(ours)), "{name}");
        assert_eq!(text(row, "who"), "answering");
        assert_eq!(row.get("due").and_then(Value::as_int), Some(4_085_092_800));
        let mut last = i64::MIN;
        for row in &all {
            let left = row.get("left").and_then(Value::as_int).unwrap();
            assert!(last <= left, "sorted by time left");
            last = left;
        }
        let mine = rows(&world, name, &["due", "--ours"]);
        let concerns = |row: &Object| {
            ["ours", "held_for_us"].iter().any(|flag| row.get(flag) == Some(&Value::Bool(true)))
        };
        assert!(mine.iter().all(concerns));
    }
    let page = world.run("borealis", &["due"]).good().out;
    assert!(page.contains("you must act") && page.contains("matter show"), "{page}");
    let zh = world.run("borealis", &["due", "--lang", "zh-CN"]).good().out;
    assert!(zh.contains("须由本方行动"), "{zh}");
    let none = World::enrolled();
    assert!(none.run("arcadia", &["due"]).good().out.contains("Nothing is due."));
}

/// However much is open: what waits for us stands first, is counted, and is the next step.
#[test]
fn what_waits_for_us_leads_the_start_screen_and_the_list() {
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    crate::calls::backlog(&world, a, 14);
    let late = crate::world::REQUEST.replace("2099-06-14", "2099-12-31");
    fs::write(world.path("late.json"), late).unwrap();
    let made = world.object(a, &["request", "new", "--file", "late.json"]);
    let matter = text(&made, "matter")[..8].to_owned();
    world.carry(a, b, &[]);
    let about = ["ask", &matter, "--field", "about=period", "--text", "Which zone?"];
    world.run(b, &about).good();
    world.carry(b, a, &[]);
    let first = |page: &str, after: &str| {
        let mut lines = page.lines().skip_while(|line| !line.contains(after));
        lines.nth(usize::from(!after.is_empty())).unwrap().trim().to_owned()
    };
    let page = world.run(a, &[]).good().out;
    assert!(first(&page, "Open matters: 15").starts_with(&matter), "{page}");
    assert!(page.contains("It is your turn in the first of these."), "{page}");
    assert!(page.contains(&format!("matter show {matter}")), "{page}");
    let more = "The first 12; it is your turn in 1 of all.";
    assert!(page.contains(more) && page.contains("matter list --limit 15"), "{page}");
    let zh = world.run(a, &["--lang", "zh-CN"]).good().out;
    assert!(zh.contains("全部事项中轮到本方的：1 项"), "{zh}");
    let page = world.run(a, &["matter", "list", "--limit", "14"]).good().out;
    assert!(first(&page, "").starts_with(&matter), "{page}");
    assert!(page.contains("The first 14; there are more: "), "{page}");
    assert!(!world.run(a, &["matter", "list"]).good().out.contains("there are more"));
    assert_eq!(rows(&world, a, &["matter", "list", "--limit", "14"]).len(), 14);
    // The other side, whose turn it is in all the others, has fourteen of them.
    let status = world.object(b, &[]);
    let count = |name: &str| status.get(name).and_then(Value::as_int);
    assert_eq!((count("open"), count("our_turn")), (Some(15), Some(14)));
}

/// After an answer somebody can still be asked: it waits, and is not hidden as answered. CLK-6
#[test]
fn a_hold_says_that_it_is_asked_to_last_longer_and_is_never_cut_short_in_silence() {
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    let made = world.object(a, &["request", "new", "--file", "request.json"]);
    let matter = text(&made, "matter")[..8].to_owned();
    world.carry(a, b, &[]);
    let kept = |until: &str| {
        let fields = ["effected_at=2026-01-01T00:00:00Z", "final=yes", "secured=all"];
        let more = ["custodian_class=platform".to_owned(), format!("holds_until={until}")];
        let all = fields.map(str::to_owned).into_iter().chain(more);
        let all: Vec<String> = all.flat_map(|field| ["--field".to_owned(), field]).collect();
        let all = all.iter().map(String::as_str);
        world.run(b, &["preserve", &matter, "--json"].into_iter().chain(all).collect::<Vec<_>>())
    };
    kept("2099-07-01T00:00:00Z").good();
    assert_eq!(world.object(b, &[]).get("our_turn").and_then(Value::as_int), Some(0));
    world.carry(b, a, &[]);
    let longer = ["act", "renew", &matter, "--field", "until=2099-12-01T00:00:00Z"];
    world.run(a, &longer).good();
    world.carry(a, b, &[]);
    assert_eq!(world.object(b, &[]).get("our_turn").and_then(Value::as_int), Some(1));
    // The queue and the list say what for, and the holder cannot promise less than before.
    let due = world.run(b, &["due"]).good().out;
    let asked = "you keep it; asked to hold it until 2099-12-01";
    assert!(due.contains(asked), "{due}");
    let zh = world.run(b, &["due", "--lang", "zh-CN"]).good().out;
    assert!(zh.contains("对方请求延长至 2099-12-01"), "{zh}");
    assert!(world.run(a, &["due"]).good().out.contains("kept for you; asked for until 2099-12-01"));
    let list = world.run(b, &["matter", "list"]).good().out;
    let row = list.lines().find(|row| row.starts_with(&matter)).unwrap();
    assert!(row.contains("It is your turn. A longer hold is asked for"), "{row}");
    let refused = kept("2099-06-01T00:00:00Z");
    assert!(refused.err.contains("holds_until (too-soon)"), "{}", refused.err);
    let release = ["act", "release", &matter, "--field", "released_at=2026-01-02T00:00:00Z"];
    let early = [&release[..], &["--field", "released_for=end-of-hold", "--json"]].concat();
    let refused = world.run(b, &early);
    assert!(refused.err.contains("released_for (held-until)"), "{}", refused.err);
    // By own law it can be let go, and its asker has a turn for it.
    world.run(b, &[&release[..], &["--field", "released_for=law"]].concat()).good();
    world.carry(b, a, &[]);
    let page = world.run(a, &["matter", "show", &matter]).good().out;
    for part in ["It is your turn.", "What was to be held was let go before its time."] {
        assert!(page.contains(part), "{page}");
    }
    let next = page.split("Next:").nth(1).unwrap();
    assert!(next.contains(&format!("escalate {matter}")), "{page}");
}

/// An aim binds nobody: it is told as one, also where it is that of the other side.
#[test]
fn an_aim_of_the_other_side_is_no_duty() {
    let world = World::enrolled();
    let request =
        crate::world::REQUEST.replace(r#""urgency": "normal""#, r#""urgency": "emergency""#);
    fs::write(world.path("request.json"), request).unwrap();
    let fields = ["--field", "urgency_why=A child is in danger."];
    let new = ["request", "new", "--file", "request.json", "--as-it-is"];
    world.run("arcadia", &[&new[..], &fields].concat()).good();
    world.carry("arcadia", "borealis", &[]);
    world.carry("borealis", "arcadia", &[]);
    let page = world.run("arcadia", &["due"]).good().out;
    assert!(page.contains("aim of the other side"), "{page}");
    assert!(world.run("borealis", &["due"]).good().out.contains("your aim"));
}

/// CLK-7: help that is due at once stands first, says how long it has waited, and is never late.
#[test]
fn what_is_due_at_once_stands_first_and_is_told_when_it_begins() {
    let mut world = World::enrolled();
    world.env.push(("COLUMNS", "160".into()));
    let urgent = ["urgency=emergency", "urgency_why=The logs go tonight."];
    let urgent: Vec<&str> = urgent.iter().flat_map(|field| ["--field", *field]).collect();
    let new = [&["request", "new", "--file", "request.json"], &urgent[..]].concat();
    let made = world.object("arcadia", &new);
    let m = text(&made, "matter").to_owned();
    world.carry("arcadia", "borealis", &[]);
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    let first = rows(&world, "borealis", &["due", "--ours"]).remove(0);
    let flag = |name: &str| first.get(name).cloned();
    assert_eq!(text(&first, "profile"), "P-BUD-35");
    let never = (Some(Value::Bool(false)), Some(Value::Int(0)));
    assert_eq!((flag("overdue"), flag("level")), never);
    for (lang, words, over) in [("en", "at once", " over"), ("zh-CN", "立即办理", "已超过 ")]
    {
        for page in [&["due"][..], &["due", "--since", "0"], &[]] {
            let page = world.run("borealis", &[page, &["--lang", lang]].concat()).good().out;
            let line = page.lines().find(|line| line.contains(words) && line.contains(&m[..8]));
            let line = line.unwrap_or_else(|| panic!("{words}: {page}"));
            assert!(!line.contains(over), "{line}");
        }
    }
    let told = world.object("borealis", &["due", "--since", "0"]);
    let told = told.get("warnings").and_then(Value::as_array).unwrap();
    let marks: Vec<_> = told.iter().map(|one| one.as_object().unwrap().get("mark")).collect();
    assert_eq!(marks, [Some(&Value::Int(0))], "once, when it begins");
    world.run("borealis", &["acknowledge", &m, "--desk", "Duty desk"]).good();
    let page = world.run("borealis", &["matter", "show", &m]).good().out;
    assert!(page.contains("(at once)") && page.contains("met after"), "{page}");
    let left = rows(&world, "borealis", &["due"]);
    assert!(left.iter().all(|row| text(row, "profile") != "P-BUD-35"));
}

/// CLK-32.
#[test]
fn outside_calendar() {
    let world = asked();
    world.run("borealis", &["calendar", "due.ics"]).good();
    let written = fs::read_to_string(world.path("due.ics")).unwrap();
    for private in ["Arcadia", "Borealis", "hospital", "192.0.2.7", "preservation"] {
        assert!(!written.contains(private), "{private}: {written}");
    }
    let again = world.run("borealis", &["calendar", "due.ics", "--json"]);
    assert_eq!(again.code, 3, "a file that is there stays as it is");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join(".venv/bin/python");
    if !python.exists() {
        println!("SKIPPED outside_calendar: no {}", python.display());
        return;
    }
    let ask = |name: &str| {
        let script = root.join("outside/icalendar_check.py");
        let ran = Command::new(&python).arg(script).arg(world.path(name)).output().unwrap();
        (ran.status.code(), String::from_utf8(ran.stdout).unwrap())
    };
    let (code, said) = ask("due.ics");
    assert_eq!(code, Some(0));
    let events = written.matches("BEGIN:VEVENT").count();
    assert_eq!(said.lines().count(), events);
    assert!(said.contains(" 4085092800 1"), "{said}");
    let altered = [
        ("ended.ics", written.replacen("END:VEVENT\r\n", "", 1)),
        ("dated.ics", written.replacen("DTSTART:2099", "DTSTART:2O99", 1)),
        ("stamped.ics", written.replacen("DTSTAMP:", "X-STAMP:", 1)),
    ];
    for (name, text) in altered {
        assert_ne!(text, written, "{name}");
        fs::write(world.path(name), text).unwrap();
        assert_eq!(ask(name).0, Some(1), "{name}");
    }
}

/// CLK-31, CLK-36, RET-12: the end of a hold is told on both sides, waits for a word of its holder,
/// and no period counts before it.
#[test]
fn the_end_of_a_hold_is_told_to_both() {
    let world = exercise();
    let ask = ["request", "new", "--file", "request.json", "--drill"];
    let ask = [&ask[..], &["--field", "formal_by=2030-12-31"]].concat();
    let matter = text(&world.object("arcadia", &ask), "matter").to_owned();
    let m = &matter[..8];
    world.carry("arcadia", "borealis", &["--drill"]);
    let from = now();
    let (from, to) = (format!("effected_at={from}"), "holds_until=2031-01-01T00:00:00Z");
    let fields = [&*from, to, "custodian_class=platform", "secured=all", "final=yes"];
    let fields = fields.iter().flat_map(|field| ["--field", field]);
    let preserve: Vec<&str> = ["preserve", m].into_iter().chain(fields).collect();
    world.run("borealis", &preserve).good();
    world.carry("borealis", "arcadia", &["--drill"]);
    world.carry("arcadia", "borealis", &["--drill"]);
    let erasable = || {
        let due = world.object("borealis", &["erase", "--due", "--may"]);
        due.get("due").and_then(Value::as_array).unwrap().len()
    };
    let config = world.path("borealis/config");
    let kept = fs::read_to_string(&config).unwrap();
    fs::write(&config, kept + "retain = 0..0\n").unwrap();
    assert_eq!(erasable(), 0, "held for years to come");
    // Both calendars of exercises go beyond the end. One can be read without being moved.
    for name in ["arcadia", "borealis"] {
        world.run(name, &["drill", "calendar", "--advance", "200000000"]).good();
        let shown = world.run(name, &["drill", "calendar"]).good().out;
        assert!(shown.contains("2033-"), "{shown}");
    }
    for (name, word, zh) in [
        ("arcadia", "kept for you: ask to hold it longer", "可请求延长保全"),
        ("borealis", "say what became of it", "请说明处置情况"),
    ] {
        let due = world.run(name, &["due"]).good().out;
        assert!(due.contains(word), "{name}: {due}");
        let due = world.run(name, &["due", "--lang", "zh-CN"]).good().out;
        assert!(due.contains(zh), "{name}: {due}");
        let passed = world.run(name, &["due", "--since", "0", "--drill"]).good().out;
        assert!(passed.contains("P-BUD-29") || passed.contains("Budapest Art. 29"), "{passed}");
        let page = world.run(name, &["matter", "show", m]).good().out;
        assert!(page.contains("Preserved data was held until 2031"), "{page}");
    }
    let turn = world.object("borealis", &["matter", "show", m]);
    assert_eq!(turn.get("our_turn"), Some(&Value::Bool(true)));
    assert_eq!(erasable(), 1);
    let gone = ["--field", "released_for=end-of-hold"];
    let at = "released_at=2032-12-01T00:00:00Z";
    let release = [&["release", m, "--field", at], &gone[..]].concat();
    world.run("borealis", &[&["act"], &release[..]].concat()).good();
    let turn = world.object("borealis", &["matter", "show", m]);
    assert_eq!(turn.get("our_turn"), Some(&Value::Bool(false)));
}

/// CLK-35: an emergency without a term leads, and the calendar of exercises is told by itself.
#[test]
fn an_emergency_without_a_term_stands_in_front() {
    let world = exercise();
    let text_of = fs::read_to_string(world.path("request.json")).unwrap();
    let mut form = parse_object(text_of.as_bytes()).unwrap();
    form.0.retain(|(name, _)| {
        !["urgency", "reply_by", "measure", "instrument", "identifiers"].contains(&name.as_str())
    });
    form.set("instrument", "reciprocity");
    form.set("identifiers", vec!["account:somebody".to_owned()]);
    form.set("urgency", "emergency");
    form.set("urgency_why", "Danger to a person.");
    form.set("measure", "emergency-disclosure");
    fs::write(world.path("now.json"), Value::from(form).to_text()).unwrap();
    for file in ["request.json", "now.json"] {
        world.run("arcadia", &["request", "new", "--file", file, "--drill"]).good();
    }
    world.carry("arcadia", "borealis", &["--drill"]);
    let due = rows(&world, "borealis", &["due"]);
    assert_eq!(text(&due[0], "profile"), "P-EMERGENCY");
    let start = world.run("borealis", &[]).good().out;
    assert!(start.contains("emergency without a time set"), "{start}");
    // A list that is cut says so; none at all is no list.
    for list in [&["due"][..], &["matter", "list"]] {
        let cut = world.run("borealis", &[list, &["--limit", "1"]].concat()).good().out;
        let more = format!("counterpart {} --limit 2", list.join(" "));
        assert!(cut.contains(&more), "{cut}");
        let whole = world.run("borealis", &[list, &["--limit", "9"]].concat()).good().out;
        assert!(!whole.contains("--limit"), "{whole}");
        assert_eq!(world.run("borealis", &[list, &["--limit", "0"]].concat()).code, 2);
    }
    let since = |more: &[&str]| {
        let told = world.object("borealis", &[&["due", "--since", "0"], more].concat());
        told.get("warnings").and_then(Value::as_array).unwrap().len()
    };
    // Told a second after it began, and as the exercise that it is.
    until("it is told", || since(&["--drill"]) == 1);
    assert_eq!(since(&[]), 0);
    // Nor does it come into the figures of what is real.
    let status = world.object("borealis", &[]);
    let open = |ring: &str| {
        let on_ring = status.get(ring).and_then(Value::as_object).unwrap();
        on_ring.get("open").and_then(Value::as_int).unwrap()
    };
    assert_eq!((open("live"), open("drill")), (0, 2));
    let year = |more: &[&str]| {
        let year = &now();
        world.object("borealis", &[&["figures", "--year", &year[..4]], more].concat())
    };
    assert_eq!(year(&["--drill"]).get("drill"), Some(&Value::Bool(true)));
    assert_eq!(year(&[]).get("drill"), None);
}
