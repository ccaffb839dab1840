//! What o'clock it is for either side, beside the times that a person must not miss. CLK-16

use crate::terms::{agree, number};
use crate::world::{World, text};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock::{Calendar, shown};

const HERE: &str = "Europe/Brussels";
const THERE: &str = "Asia/Shanghai";

/// Arcadia in Brussels, Borealis in Shanghai, by terms that both agreed.
fn agreed(more: &[&str]) -> World {
    let mut world = World::enrolled();
    world.env.push(("COLUMNS", "160".into()));
    // In the draft our own side comes first.
    agree(&world, more, |sheet| {
        let sheet = sheet.replacen("\"zone\":\"UTC\"", &format!("\"zone\":\"{HERE}\""), 1);
        sheet.replacen("\"zone\":\"UTC\"", &format!("\"zone\":\"{THERE}\""), 1)
    });
    world
}

/// What clocks of a zone show: the time of the day, and whether it is the next day there.
fn o_clock(zone: &str, seconds: u64, next: &str) -> String {
    let local = Calendar::new(zone, &[1], &[], &[]).unwrap().shown(seconds);
    let day = if local[..10] == shown(seconds)[..10] { "" } else { next };
    format!("{day}{}", &local[11..16])
}

fn in_english(seconds: u64, ours: &str, theirs: &str, peer: &str) -> String {
    let told = |zone: &str| {
        let at = o_clock(zone, seconds, "");
        let next = o_clock(zone, seconds, "+").starts_with('+');
        at + if next { " the next day" } else { "" }
    };
    format!("({} here, {} at {peer})", told(ours), told(theirs))
}

fn zones(of: &Object) -> [String; 2] {
    let zones = of.get("zones").and_then(Value::as_object).unwrap();
    ["ours", "theirs"].map(|side| text(zones, side).to_owned())
}

#[test]
fn deadlines_say_what_o_clock_they_are_on_either_side() {
    let world = agreed(&[]);
    let made = world.object("arcadia", &["request", "new", "--file", "request.json"]);
    let matter = text(&made, "matter").to_owned();
    world.carry("arcadia", "borealis", &[]);
    world.carry("borealis", "arcadia", &[]);
    for (name, ours, theirs, peer) in
        [("arcadia", HERE, THERE, "Borealis"), ("borealis", THERE, HERE, "Arcadia")]
    {
        let show = world.object(name, &["matter", "show", &matter]);
        assert_eq!(zones(&show), [ours, theirs]);
        let due = number(&show, "due");
        assert_eq!(due, 4_085_092_800, "the time that the request names");
        let page = world.run(name, &["matter", "show", &matter]).good().out;
        let local = in_english(due, ours, theirs, peer);
        assert!(page.contains(&format!("{} {local}", shown(due))), "{local}: {page}");
        // Once what o'clock it is now; and nothing beside the times of what was done.
        assert_eq!(page.matches("It is now ").count(), 1, "{page}");
        let acts = page.lines().filter(|line| line.contains("●○"));
        assert!(acts.clone().count() > 0 && acts.clone().all(|line| !line.contains("here")));
        let zh = world.run(name, &["matter", "show", &matter, "--lang", "zh-CN"]).good().out;
        let next = |zone| o_clock(zone, due, "次日 ");
        let local = format!("（本方 {}、{peer}当地 {}）", next(ours), next(theirs));
        assert!(zh.contains(&local) && zh.contains("现在是 "), "{local}: {zh}");
        // In the queue the partner stands in the same row.
        let rows = world.json(name, &["due"]);
        let row = rows.as_array().unwrap()[0].as_object().unwrap();
        assert_eq!(zones(row), [ours, theirs]);
        let queue = world.run(name, &["due"]).good().out;
        let local = in_english(due, ours, theirs, "x").replace("at x", "there");
        assert!(queue.contains(&format!("{} {local}", shown(due))), "{local}: {queue}");
        assert_eq!(queue.matches("It is now ").count(), 1, "{queue}");
        assert!(queue.contains(&format!("at {peer})")), "{queue}");
        let outside = show.get("lines_outside").and_then(Value::as_object).unwrap();
        assert!(!Value::from(outside.clone()).to_text().contains("here,"), "{outside:?}");
    }
}

#[test]
fn a_call_says_what_o_clock_it_is_where_it_rings() {
    let world = agreed(&[]);
    let raise = ["call", "raise", "Borealis", "--urgency", "flash", "--topic", "evidence-at-risk"];
    let raise = [&raise[..], &["--text", "The logs expire tonight."]].concat();
    let made = world.object("arcadia", &raise);
    let matter = text(&made, "matter").to_owned();
    world.carry("arcadia", "borealis", &[]);
    let ringing = world.run("borealis", &["ring", "--once"]);
    let one = world.run("borealis", &["ring", "--once", "--json"]);
    let one =
        counterpart_record::strict::json::parse_object(one.out.trim_end().as_bytes()).unwrap();
    let rings = one.get("rings").and_then(Value::as_array).unwrap();
    let ring = rings[0].as_object().unwrap();
    assert_eq!(zones(ring), [THERE, HERE]);
    let since = number(ring, "since");
    let local = in_english(since, THERE, HERE, "Arcadia");
    assert!(ringing.out.contains(&local), "{local}: {}", ringing.out);
    let next = number(ring.get("next").and_then(Value::as_object).unwrap(), "at");
    let local = in_english(next, THERE, HERE, "Arcadia");
    assert!(ringing.out.contains(&local), "{local}: {}", ringing.out);
    let shows = world.run("borealis", &["call", "show", &matter]).good().out;
    assert_eq!(shows.matches("It is now ").count(), 1, "{shows}");
    let zh = world.run("borealis", &["call", "show", &matter, "--lang", "zh-CN"]).good().out;
    assert!(zh.contains("现在是 ") && zh.contains("Arcadia当地 "), "{zh}");
}

#[test]
fn where_nobody_named_a_zone_nothing_is_said_of_it() {
    let world = World::enrolled();
    let made = world.object("arcadia", &["request", "new", "--file", "request.json"]);
    let matter = text(&made, "matter").to_owned();
    world.carry("arcadia", "borealis", &[]);
    let show = world.object("borealis", &["matter", "show", &matter]);
    assert_eq!(show.get("zones"), Some(&Value::Null));
    for args in [&["matter", "show", &*matter][..], &["due"]] {
        let page = world.run("borealis", args).good().out;
        assert!(!page.contains("It is now") && !page.contains(" here"), "{page}");
    }
}
