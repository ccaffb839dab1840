//! Periods of retention, on the calendar of an exercise; holds; a clock that goes back.

use crate::world::{World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::{Object, Value};
use std::fs;

const DAY: u64 = 86_400;
const A: &str = "arcadia";
const B: &str = "borealis";

/// A request of an exercise that was refused, on a channel that both hold.
fn refused(world: &World) -> String {
    let ask = ["request", "new", "--file", "request.json", "--drill"];
    let matter = text(&world.object(A, &ask), "matter").to_owned();
    world.carry(A, B, &["--drill"]);
    world.run(B, &["refuse", &matter, "--field", "ground=no-reason-given"]).good();
    world.carry(B, A, &["--drill"]);
    world.carry(A, B, &["--drill"]);
    world.carry(B, A, &["--drill"]);
    matter
}

fn advance(world: &World, days: u64) {
    let seconds = (days * DAY).to_string();
    world.run(A, &["drill", "calendar", "--advance", &seconds]).good();
}

fn setting(world: &World, line: &str) {
    let path = world.path("arcadia/config");
    let config = fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = config.lines().filter(|line| !line.starts_with("retain")).collect();
    fs::write(&path, format!("{}\n{line}\n", kept.join("\n"))).unwrap();
}

/// The matters that `erase --due` names, and those that it erased.
fn due(world: &World, more: &[&str]) -> (Vec<String>, usize) {
    let ran = world.object(A, &[&["erase", "--due"], more].concat());
    let list = ran.get("due").and_then(Value::as_array).unwrap();
    let list = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (list, ran.get("erased").and_then(Value::as_array).unwrap().len())
}

fn texts(world: &World, matter: &str) -> bool {
    let shown = world.object(A, &["matter", "show", matter]);
    let acts = shown.get("acts").and_then(Value::as_array).unwrap();
    let disclosed = |act: &Object| {
        act.get("disclosed").and_then(Value::as_object).is_some_and(|object| !object.0.is_empty())
    };
    acts.iter().filter_map(Value::as_object).any(disclosed)
}

fn exercise() -> (World, String) {
    let world = World::enrolled();
    for _ in 0..2 {
        world.carry(A, B, &["--drill"]);
        world.carry(B, A, &["--drill"]);
    }
    let matter = refused(&world);
    (world, matter)
}

/// RET-5, RET-6.
#[test]
fn what_may_and_what_must_be_erased_follows_the_calendar_and_the_holds() {
    let (world, matter) = exercise();
    let none = (Vec::new(), 0);
    advance(&world, 400);
    assert_eq!(due(&world, &["--may"]), none, "no period, nothing is due");
    setting(&world, "retain.*.assistance = 401..460");
    assert_eq!(due(&world, &["--may", "--yes"]), none);
    let early = world.run(A, &["erase", &matter, "--yes", "--json"]);
    assert_eq!(early.fault(), Code::Retained.name());
    advance(&world, 2);
    assert_eq!(due(&world, &["--may"]), (vec![matter.clone()], 0));
    assert_eq!(due(&world, &["--yes"]), none, "it may, and need not yet");
    for (lang, may) in [("en", "may be erased since"), ("zh-CN", "起可删除")] {
        let said = world.run(A, &["due", "--lang", lang]).good().out;
        assert!(said.contains(may) && said.contains(&matter[..8]), "{said}");
        let start = world.run(A, &["--lang", lang]).good().out;
        assert!(start.contains("erase --due"), "{start}");
    }
    advance(&world, 58);
    assert_eq!(due(&world, &[]), (vec![matter.clone()], 0), "without --yes it is only named");
    assert!(texts(&world, &matter));
    // Somebody holds it; neither way erases it.
    let until = "2099-01-01T00:00:00Z";
    let nothing = world.run(A, &["retain", &matter, "--until", until, "--json"]);
    assert_eq!(nothing.fault(), Code::ArgumentWrong.name(), "a hold says why");
    let past = ["retain", &matter, "--until", "2020-01-01T00:00:00Z", "--why", "x", "--json"];
    assert_eq!(world.run(A, &past).fault(), Code::ArgumentWrong.name());
    let why = "An appeal is pending.";
    world.run(A, &["retain", &matter, "--until", until, "--why", why]).good();
    assert_eq!(due(&world, &["--yes"]), none);
    let held = world.run(A, &["erase", &matter, "--yes", "--json"]);
    assert_eq!(held.fault(), Code::Retained.name());
    assert!(world.run(A, &["retain"]).good().out.contains(why));
    assert!(world.run(A, &["due"]).good().out.contains("held until 2099"));
    // It is nobody else's business.
    world.carry(A, B, &["--drill"]);
    let record = fs::read(world.path("borealis/record.db")).unwrap();
    assert!(!record.windows(why.len()).any(|window| window == why.as_bytes()));
    world.run(A, &["retain", &matter, "--lift"]).good();
    assert_eq!(due(&world, &["--yes"]), (vec![matter.clone()], 1));
    assert!(!texts(&world, &matter));
    assert_eq!(due(&world, &["--may", "--yes"]), none, "once");
    let record = fs::read(world.path("arcadia/record.db")).unwrap();
    assert!(!record.windows(why.len()).any(|window| window == why.as_bytes()));
    let checked = world.object(A, &["fsck"]);
    assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())));
}

/// RET-7.
#[test]
fn a_clock_that_goes_back_erases_nothing() {
    let (world, matter) = exercise();
    setting(&world, "retain = 30");
    advance(&world, 40);
    assert_eq!(due(&world, &[]), (vec![matter.clone()], 0));
    // Something is signed at that time; then the calendar is set back behind it.
    let later = refused(&world);
    let calendar = world.path("arcadia/drill-calendar");
    for days in [39, 35, 0] {
        fs::write(&calendar, format!("{}\n", days * DAY)).unwrap();
        assert_eq!(due(&world, &["--yes"]), (Vec::new(), 0), "{days}");
    }
    fs::write(&calendar, format!("{}\n", 41 * DAY)).unwrap();
    assert_eq!(due(&world, &["--yes"]), (vec![matter], 1));
    assert!(texts(&world, &later), "closed later, kept longer");
}

/// REC-44: an open matter and one that the peer does not hold whole are named and left.
#[test]
fn what_cannot_be_erased_now_does_not_stop_the_rest() {
    let (world, first) = exercise();
    setting(&world, "retain = 30");
    let second = refused(&world);
    // An act of ours that the peer does not hold yet.
    world.run(A, &["act", "close-request", &first]).good();
    advance(&world, 40);
    let (named, erased) = due(&world, &[]);
    assert!(named.contains(&first) && named.contains(&second) && erased == 0, "{named:?}");
    let ran = world.run(A, &["erase", "--due", "--yes", "--json"]);
    assert_eq!(ran.code, 1);
    let said = counterpart_record::strict::json::parse_object(ran.out.trim_end().as_bytes());
    let said = said.unwrap();
    let left = said.get("left").and_then(Value::as_array).unwrap()[0].as_object().unwrap();
    assert_eq!(text(left, "matter"), first);
    assert!(texts(&world, &first) && !texts(&world, &second));
}

/// RET-9: years do not go because a clock says so.
#[test]
fn a_clock_that_jumped_ahead_erases_nothing_until_somebody_says_that_it_is_right() {
    let world = World::new();
    world.run(A, &["init", "--name", "Arcadia"]).good();
    world.run(A, &["correspondent", "add", "Cascadia"]).good();
    fs::write(world.path("request.json"), crate::world::REQUEST).unwrap();
    let made = world.object(A, &["request", "new", "Cascadia", "--file", "request.json"]);
    let matter = text(&made, "matter");
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = seconds.as_secs();
    let came = counterpart_rules::clock::shown(now).replace(" UTC", "Z").replace(' ', "T");
    let refuse = ["enter", "refuse", matter, "--how", "mail", "--at", &came];
    world.run(A, &[&refuse[..], &["--field", "ground=no-reason-given"]].concat()).good();
    setting(&world, "retain = 0..0");
    assert_eq!(due(&world, &[]).0, [matter]);
    // As if the clock had shown this when it was last believed, and jumped since.
    fs::write(world.path("arcadia/clock-seen"), format!("{}\n", now - 8 * DAY)).unwrap();
    assert_eq!(due(&world, &["--yes"]), (vec![], 0));
    let erase = world.run(A, &["erase", matter, "--yes", "--json"]);
    assert_eq!(erase.fault(), Code::Retained.name());
    assert!(texts(&world, matter));
    for (lang, words) in [("en", "If the clock is right"), ("zh-CN", "如时钟无误")] {
        let said = world.run(A, &["--lang", lang, "erase", "--due"]).good().out;
        assert!(said.contains(words) && said.contains("--clock-is-right"), "{said}");
        let said = world.run(A, &["--lang", lang]).good().out;
        assert!(said.contains(words), "{said}");
    }
    // Somebody says that it is; from then on it is believed.
    assert_eq!(due(&world, &["--clock-is-right", "--yes"]), (vec![matter.to_owned()], 1));
    assert!(!texts(&world, matter));
    let said = world.run(A, &["erase", "--due"]).good().out;
    assert!(!said.contains("--clock-is-right"), "{said}");
    let kept = fs::read_to_string(world.path("arcadia/clock-seen")).unwrap();
    assert!(kept.trim().parse::<u64>().unwrap() >= now);
}

/// RET-10.
#[test]
fn what_is_in_force_is_never_due() {
    let world = World::enrolled();
    let publish = ["requirements", "publish", "Borealis", "--field", "languages=en"];
    let words = ["--text", "By day, the registry answers within two hours."];
    let published = world.object(A, &[&publish[..], &words[..]].concat());
    assert!(texts(&world, text(&published, "matter")));
    setting(&world, "retain = 0");
    assert_eq!(due(&world, &["--may", "--yes"]), (Vec::new(), 0));
    assert!(texts(&world, text(&published, "matter")));
}
