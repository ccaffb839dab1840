//! S16: two authorities that trust each other little compute the same figures from one record, see
//! that they are the same, and publish what may be published.

use crate::world::{World, text};
use counterpart_record::strict::json::{Object, Value};

fn matter(made: &Object) -> String {
    text(made, "matter").to_owned()
}

fn count(figures: &Object, name: &str) -> i64 {
    let rows = figures.get("figures").and_then(Value::as_object).unwrap();
    let rows = rows.get("rows").and_then(Value::as_array).unwrap();
    let all = rows.iter().filter_map(Value::as_object);
    let all = all.filter(|row| row.get("stream") == Some(&Value::Null));
    let counts = all.filter_map(|row| row.get("counts").and_then(Value::as_object));
    counts.filter_map(|counts| counts.get(name).and_then(Value::as_int)).sum()
}

/// Arcadia asked three times: one answered, one refused without a reason, one left open.
fn worked() -> World {
    let world = World::enrolled();
    let request = ["request", "new", "--drill", "--file", "request.json"];
    let made: Vec<String> = (0..3).map(|_| matter(&world.object("arcadia", &request))).collect();
    world.carry("arcadia", "borealis", &["--drill"]);
    world.run("borealis", &["acknowledge", &made[0], "--desk", "Duty desk"]).good();
    let answer =
        ["answer", &made[0], "--field", "extent=full", "--field", "final=yes", "--text", "Held."];
    world.run("borealis", &answer).good();
    world.run("borealis", &["refuse", &made[1], "--field", "ground=no-reason-given"]).good();
    world.carry("borealis", "arcadia", &["--drill"]);
    world.run("arcadia", &["remind", &made[2]]).good();
    for (from, to) in [("arcadia", "borealis"), ("borealis", "arcadia"), ("arcadia", "borealis")] {
        world.carry(from, to, &["--drill"]);
    }
    world
}

#[test]
fn both_sides_compute_the_same_figures_and_the_record_says_so() {
    let world = worked();
    // A time that both logs have gone past: the same cut on both sides without a word. FIG-1
    let at_a = world.object("arcadia", &["figures", "--peer", "Borealis", "--drill"]);
    let at_b = world.object("borealis", &["figures", "--peer", "Arcadia", "--drill"]);
    for (name, many) in
        [("made", 3), ("acknowledged", 1), ("answered", 1), ("refused", 1), ("open", 1)]
    {
        assert_eq!((count(&at_a, name), count(&at_b, name)), (many, many), "{name}");
    }
    let as_of = at_a.get("figures").and_then(Value::as_object).unwrap().get("as_of").unwrap();
    let as_of = counterpart_rules::clock::shown(as_of.as_int().unwrap() as u64);
    let as_of = as_of.replace(" UTC", "Z").replace(' ', "T");
    let same = |name: &str| world.object(name, &["figures", "--drill", "--as-of", &as_of]);
    assert_eq!(same("arcadia").get("figures"), same("borealis").get("figures"));
    assert_eq!(text(&same("arcadia"), "digest"), text(&same("borealis"), "digest"));
    // One states them, the other compares. FIG-9
    let stated = matter(&world.object("arcadia", &["figures", "--drill", "--agree"]));
    world.carry("arcadia", "borealis", &["--drill"]);
    let told = world.run("borealis", &["figures", "--answer", &stated]).good().out;
    assert!(told.contains("compared"), "{told}");
    world.carry("borealis", "arcadia", &["--drill"]);
    for (name, lang, said) in [("arcadia", "en", "same figures"), ("borealis", "zh-CN", "统计相同")]
    {
        let shown = world.run(name, &["matter", "show", &stated, "--lang", lang]).good().out;
        assert!(shown.contains(said), "{shown}");
    }
    let nothing = world.run("arcadia", &["figures", "--answer", &stated]).good().out;
    assert!(nothing.contains("Nothing is left"), "{nothing}");
}

#[test]
fn figures_are_read_by_a_person_a_table_a_page_and_the_public() {
    let world = worked();
    let page = world.run("arcadia", &["figures", "--drill"]).good().out;
    for said in ["You asked Borealis", "no reason given 1", "1 of 3 so far", "████", "reminders 1"]
    {
        assert!(page.to_lowercase().contains(&said.to_lowercase()), "{said}: {page}");
    }
    let page = world.run("borealis", &["figures", "--drill", "--lang", "zh-CN"]).good().out;
    assert!(page.contains("Arcadia向本方提出") && page.contains("按时"), "{page}");
    let table = world.run("arcadia", &["figures", "--drill", "--csv"]).good().out;
    assert!(table.starts_with("sort,asked_by,asked,stream,kind,figure,value\r\n"), "{table}");
    assert!(table.contains(",ground/no-reason-given,1\r\n"), "{table}");
    world.run("arcadia", &["figures", "--drill", "--svg", "figures.svg"]).good();
    let drawn = std::fs::read_to_string(world.path("figures.svg")).unwrap();
    assert!(drawn.starts_with("<svg ") && drawn.contains("prefers-color-scheme:dark"), "{drawn}");
    let again = world.run("arcadia", &["figures", "--drill", "--svg", "figures.svg", "--json"]);
    assert_eq!(again.fault(), "folder-in-use");
    // Three requests are too few for the public: nothing but what is nought is left. FIG-11
    let published = world.object("arcadia", &["figures", "--drill", "--published"]);
    let rows = published.get("rows").and_then(Value::as_array).unwrap();
    assert!(!rows.is_empty());
    for row in rows.iter().filter_map(Value::as_object) {
        assert_eq!((row.get("made"), row.get("refused")), (Some(&Value::Null), Some(&Value::Null)));
    }
    let year = world.object("arcadia", &["figures", "--year", "2026"]);
    assert_eq!(text(&year, "format"), "counterpart/article-18/1");
}

#[test]
fn what_cannot_be_figured_says_why() {
    let world = worked();
    let fault =
        |args: &[&str]| world.run("arcadia", &[&["figures", "--json"], args].concat()).fault();
    assert_eq!(fault(&[]), "cut-not-shared");
    assert_eq!(fault(&["--drill", "--as-of", "2199-01-01"]), "argument-wrong");
    assert_eq!(fault(&["--drill", "--from", "soon"]), "argument-wrong");
    assert_eq!(fault(&["--drill", "--from", "2026-02-01", "--to", "2026-01-01"]), "argument-wrong");
    assert_eq!(fault(&["--drill", "--answer", "ffffffff"]), "matter-unknown");
    let list = world.json("arcadia", &["matter", "list"]);
    let first = list.as_array().unwrap()[0].as_object().unwrap();
    assert_eq!(fault(&["--answer", &matter(first)]), "not-permitted");
}

/// S11: what one authority did with all authorities of another government.
#[test]
fn a_side_is_counted_together() {
    let world = worked();
    world.run("cascadia", &["init", "--name", "Cascadia"]).good();
    world.run("cascadia", &["credential", "export", "cascadia.credential"]).good();
    world.run("arcadia", &["credential", "import", "cascadia.credential"]).good();
    world.run("cascadia", &["credential", "import", "arcadia.credential"]).good();
    for (name, peer) in [("arcadia", "Cascadia"), ("cascadia", "Arcadia")] {
        let print = world.fingerprint(&peer.to_lowercase());
        let args = ["accredit", peer, "--compared", "voice", "--fingerprint", &print];
        world.run(name, &args).good();
    }
    let request = ["request", "new", "Arcadia", "--drill", "--file", "request.json"];
    world.object("cascadia", &request);
    for (from, to) in [("cascadia", "arcadia"), ("arcadia", "cascadia"), ("cascadia", "arcadia")] {
        world.carry(from, to, &["--drill"]);
    }
    let both = ["figures", "--drill", "--peer", "Borealis", "--peer", "Cascadia"];
    let side = world.object("arcadia", &both);
    let rows = side.get("figures").and_then(Value::as_object).unwrap();
    assert_eq!(text(rows, "format"), "counterpart/figures-side/1");
    // Three that Arcadia made, and one that it was asked.
    assert_eq!(count(&side, "made"), 4);
    let page = world.run("arcadia", &both).good().out;
    for said in ["Borealis, Cascadia", "You asked", "asked you", "compared with nobody"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let twice = ["figures", "--drill", "--peer", "Borealis", "--peer", "borealis", "--json"];
    assert_eq!(world.run("arcadia", &twice).fault(), "argument-wrong");
    let table = [&both[..], &["--csv", "--json"]].concat();
    assert_eq!(world.run("arcadia", &table).fault(), "argument-wrong");
}
