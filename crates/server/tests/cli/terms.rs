//! Terms of a channel from the command line, on two nodes by pouch.

use crate::world::{World, text};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock::{Calendar, Limit};

/// Arcadia changes the draft of a sheet and proposes it, Borealis accepts, and both hold that.
pub fn agree(world: &World, more: &[&str], change: impl FnOnce(String) -> String) {
    let run = |name: &str, args: &[&str]| world.run(name, &[args, more].concat()).good();
    run("arcadia", &["terms", "show", "--write", "terms.json"]);
    let file = world.path("terms.json");
    let sheet = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, change(sheet)).unwrap();
    run("arcadia", &["terms", "propose", "terms.json"]);
    world.carry("arcadia", "borealis", more);
    run("borealis", &["terms", "accept"]);
    world.carry("borealis", "arcadia", more);
}

/// A number of an object.
#[track_caller]
pub fn number(of: &Object, name: &str) -> u64 {
    of.get(name).and_then(Value::as_int).unwrap() as u64
}

const PROFILES: &str =
    r#""profiles": [{"id":"P-977-N","unit":"working_days","count":5,"rolls":false}]"#;

#[test]
fn two_sides_agree_their_terms() {
    let mut world = World::enrolled();
    world.env.push(("COLUMNS", "90".into()));
    let shown = world.object("arcadia", &["terms", "show", "--write", "terms.json"]);
    assert_eq!(text(&shown, "in_force"), "");
    let file = world.path("terms.json");
    let draft = std::fs::read_to_string(&file).unwrap();
    assert!(draft.contains("\"zone\":\"UTC\""), "{draft}");
    let mended = draft
        .replacen("\"zone\":\"UTC\"", "\"zone\":\"Europe/Brussels\"", 1)
        .replacen("\"zone\":\"UTC\"", "\"zone\":\"Asia/Shanghai\"", 1)
        .replacen("\"holidays\":[]", "\"holidays\":[\"2026-10-01\"]", 1)
        .replace("\"profiles\": []", PROFILES);
    std::fs::write(&file, mended.replacen("Asia/Shanghai", "Asia/Beijing", 1)).unwrap();
    let refused = world.run("arcadia", &["terms", "propose", "terms.json", "--json"]);
    assert_eq!((refused.code, refused.fault()), (1, "terms-unfit".to_owned()));
    assert!(refused.err.contains("Asia/Beijing"), "{}", refused.err);
    std::fs::write(&file, mended).unwrap();
    world.run("arcadia", &["terms", "propose", "terms.json"]).good();
    let none = world.run("borealis", &["terms", "accept", "--json"]);
    assert_eq!((none.code, none.fault()), (1, "terms-none".to_owned()));
    world.carry("arcadia", "borealis", &[]);
    let page = world.run("borealis", &["terms", "show"]).good().out;
    for words in ["Asia/Shanghai", "5 working days", "terms accept"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let zh = world.run("borealis", &["terms", "show", "--lang", "zh-CN"]).good().out;
    assert!(zh.contains("5 个工作日"), "{zh}");
    world.run("borealis", &["terms", "accept", "--text", "Agreed."]).good();
    world.carry("borealis", "arcadia", &[]);
    let both = ["arcadia", "borealis"].map(|name| world.object(name, &["terms", "show"]));
    assert_eq!(text(&both[0], "in_force").len(), 64);
    assert_eq!(text(&both[0], "in_force"), text(&both[1], "in_force"));
    assert_eq!(both[0].get("theirs"), Some(&Value::Null));
    // A new matter counts by them: five working days in Shanghai, from receipt.
    let fields = ["instrument=directive-2023-977", "measure=information", "link=The same server."];
    let fields: Vec<&str> = fields.iter().flat_map(|field| ["--field", *field]).collect();
    let args = [&["request", "new", "--file", "request.json"], &fields[..]].concat();
    world.run("arcadia", &args).good();
    world.carry("arcadia", "borealis", &[]);
    let due = world.json("borealis", &["due", "--ours"]);
    let rows = due.as_array().unwrap().iter().map(|row| row.as_object().unwrap());
    let row = rows.into_iter().find(|row| text(row, "profile") == "P-977-N").unwrap();
    let number = |name: &str| row.get(name).and_then(Value::as_int).unwrap() as u64;
    let shanghai = Calendar::new("Asia/Shanghai", &[1, 2, 3, 4, 5], &[], &[]).unwrap();
    let expected = shanghai.limit(number("started_at"), Limit::WorkingDays(5), false);
    assert_eq!(Some(number("due")), expected);
    changed_terms_show_what_changes(&world);
    // A node that starts again knows them, and a new matter names them.
    world.run("arcadia", &["request", "new", "--file", "request.json"]).good();
    world.carry("arcadia", "borealis", &[]);
    let list = world.json("borealis", &["matter", "list"]);
    let stages: Vec<&str> = list.as_array().unwrap().iter().map(stage).collect();
    assert!(stages.contains(&"terms-accepted"), "{stages:?}");
    assert!(stages.contains(&"waiting-acknowledgement"), "{stages:?}");
}

/// The other side proposes anew, in a matter of its own: a list, and what differs from what stands.
fn changed_terms_show_what_changes(world: &World) {
    world.run("borealis", &["terms", "show", "--write", "anew.json"]).good();
    let file = world.path("anew.json");
    let sheet = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, sheet.replace("\"count\":5", "\"count\":4")).unwrap();
    let said = world.run("borealis", &["terms", "propose", "anew.json"]).good().out;
    let matter = said.split("matter show ").nth(1).unwrap().trim();
    world.carry("borealis", "arcadia", &[]);
    for (name, lang, who, differs) in [
        ("arcadia", "en", "Borealis, zone: Asia/Shanghai", "4 working days, until now 5 working"),
        ("borealis", "en", "You, zone: Asia/Shanghai", "4 working days, until now 5 working days"),
        ("arcadia", "zh-CN", "Borealis的时区：Asia/Shanghai", "4 个工作日，此前为 5 个工作日"),
        ("borealis", "zh-CN", "本方的时区：Asia/Shanghai", "4 个工作日，此前为 5 个工作日"),
    ] {
        for page in [&["matter", "show", matter][..], &["terms", "show"]] {
            let page = world.run(name, &[page, &["--lang", lang]].concat()).good().out;
            // Lines are broken where the terminal ends.
            let whole = |text: &str| text.split_whitespace().collect::<String>();
            let (read, who, differs) = (whole(&page), whole(who), whole(differs));
            assert!(read.contains(&who) && read.contains(&differs), "{page}");
            assert!(!page.contains(['{', '[', '"']), "{page}");
            assert_eq!(read.matches("untilnow").count() + read.matches("此前为").count(), 1);
        }
    }
    let zone = world.run("borealis", &["matter", "show", matter]).good().out;
    assert!(zone.contains("What differs from the terms in force:"), "{zone}");
}

/// The same proposal once more, with nothing in force: it says the same as the one before it, and
/// as no terms that there are.
#[test]
fn a_proposal_is_called_the_same_only_as_what_it_was_compared_with() {
    let mut world = World::enrolled();
    world.env.push(("COLUMNS", "160".into()));
    world.run("arcadia", &["terms", "show", "--write", "terms.json"]).good();
    world.run("arcadia", &["terms", "propose", "terms.json"]).good();
    world.carry("arcadia", "borealis", &[]);
    world.run("borealis", &["terms", "decline"]).good();
    world.carry("borealis", "arcadia", &[]);
    let said = world.object("arcadia", &["terms", "propose", "terms.json"]);
    let matter = text(&said, "matter")[..8].to_owned();
    world.carry("arcadia", "borealis", &[]);
    for (lang, same, never) in [
        ("en", "It says the same as the proposal before it.", "the terms in force"),
        ("zh-CN", "内容与前一份提案相同。", "现行条款"),
    ] {
        let args = ["matter", "show", &matter, "--lang", lang];
        let page = world.run("borealis", &args).good().out;
        assert!(page.contains(same) && !page.contains(never), "{page}");
    }
    // Once they are in force, the same proposal says the same as these.
    world.run("borealis", &["terms", "accept"]).good();
    world.carry("borealis", "arcadia", &[]);
    world.run("arcadia", &["terms", "propose", "terms.json"]).good();
    world.carry("arcadia", "borealis", &[]);
    let page = world.run("borealis", &["terms", "show"]).good().out;
    assert!(page.contains("It says the same as the terms in force."), "{page}");
}

/// CLK-23, CLK-28: what differs of a clock is shown before it is accepted, both sides keep it, and
/// what nothing could keep is refused with the reason.
#[test]
fn more_of_a_clock_than_its_length_is_agreed() {
    let mut world = World::enrolled();
    world.env.push(("COLUMNS", "160".into()));
    world.run("arcadia", &["terms", "show", "--write", "terms.json"]).good();
    let file = world.path("terms.json");
    let draft = std::fs::read_to_string(&file).unwrap();
    let propose = |rows: &str| {
        let rows = format!("\"profiles\": [{rows}]");
        std::fs::write(&file, draft.replace("\"profiles\": []", &rows)).unwrap();
        world.run("arcadia", &["terms", "propose", "terms.json", "--json"])
    };
    for (rows, named) in [
        (r#"{"id":"P-977-N","unit":"days","count":5}"#, "profiles.1.rolls (missing: true|false)"),
        (
            r#"{"id":"P-NIS-24","unit":"hours","count":20,"rolls":false}"#,
            "no act says when an entity became aware",
        ),
        (r#"{"id":"P-UN-42","pause":"open-question"}"#, "no question can stop it"),
    ] {
        let refused = propose(rows);
        assert_eq!(refused.fault(), "terms-unfit");
        assert!(refused.err.contains(named), "{named}: {}", refused.err);
    }
    propose(
        r#"{"id":"P-977-N","pause":"never","sort":"service-goal"},
            {"id":"P-LECD-30","unit":"days","count":20,"rolls":false}"#,
    )
    .good();
    world.carry("arcadia", "borealis", &[]);
    for (lang, words) in [("en", "no question stops it"), ("zh-CN", "提问不使其中止计时")]
    {
        let page = world.run("borealis", &["terms", "show", "--lang", lang]).good().out;
        assert!(page.contains(words), "{page}");
    }
    world.run("borealis", &["terms", "accept"]).good();
    world.carry("borealis", "arcadia", &[]);
    let fields = ["instrument=reciprocity", "measure=travel-papers"];
    let fields: Vec<&str> = fields.iter().flat_map(|field| ["--field", *field]).collect();
    let args = [&["request", "new", "--file", "request.json"], &fields[..]].concat();
    let made = world.object("arcadia", &args);
    let matter = text(&made, "matter").to_owned();
    world.carry("arcadia", "borealis", &[]);
    let said = ["act", "status", &matter, "--field", "progress=identity-verified"];
    world.run("borealis", &said).good();
    world.carry("borealis", "arcadia", &[]);
    world.carry("arcadia", "borealis", &[]);
    let due = |name: &str| {
        let due = world.json(name, &["due"]);
        let rows = due.as_array().unwrap().iter().map(|row| row.as_object().unwrap());
        let row = rows.into_iter().find(|row| text(row, "profile") == "P-LECD-30").unwrap();
        let number = |name: &str| row.get(name).and_then(Value::as_int).unwrap();
        (number("started_at"), number("due"))
    };
    assert_eq!(due("arcadia"), due("borealis"));
    let (start, end) = due("arcadia");
    assert!((20 * 86_400..21 * 86_400).contains(&(end - start)), "{start} {end}");
}

fn stage(matter: &Value) -> &str {
    text(matter.as_object().unwrap(), "stage")
}
