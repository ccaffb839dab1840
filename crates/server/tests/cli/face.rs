//! What stands on the face of a request: both authorities with where they are reached day and
//! night, and the formal request that goes with it.

use crate::world::{Ran, World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::{Object, Value};

const A: &str = "arcadia";
const B: &str = "borealis";

/// Two authorities of which one has a number.
fn founded() -> World {
    let world = World::new();
    let names = ["--name", "Arcadia", "--name-zh", "阿卡迪亚", "--callback", "+1 555 0100"];
    world.run(A, &[&["init"], &names[..]].concat()).good();
    let names = ["--name", "Borealis", "--callback", "+2 555 0200", "--callback", "+2 555 0201"];
    world.run(B, &[&["init"], &names[..]].concat()).good();
    world.introduce();
    std::fs::write(world.path("request.json"), crate::world::REQUEST).unwrap();
    world.carry(A, B, &[]);
    world.carry(B, A, &[]);
    world
}

fn requested(world: &World, more: &[&str]) -> String {
    let args = [&["request", "new", "Borealis", "--file", "request.json"], more].concat();
    let made = world.object(A, &args);
    world.carry(A, B, &[]);
    text(&made, "matter").to_owned()
}

const FACE: [&str; 2] = [
    "Requesting authority: Arcadia; reached day and night at +1 555 0100",
    "Requested authority: Borealis; reached day and night at +2 555 0200, +2 555 0201",
];
const FACE_ZH: [&str; 2] = [
    "请求机关：阿卡迪亚；全天候联系方式：+1 555 0100",
    "被请求机关：Borealis；全天候联系方式：+2 555 0200、+2 555 0201",
];

#[track_caller]
fn faced(page: &str, face: &[&str]) {
    let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for line in face {
        assert!(flat.contains(line), "{line}: {page}");
    }
}

/// ASK-22: on both screens, on the page that goes out and in the summary of a dossier, in both
/// languages; and not where nobody is asked for anything.
#[test]
fn both_authorities_stand_on_a_request_with_where_they_are_reached() {
    let world = founded();
    let matter = requested(&world, &[]);
    for name in [A, B] {
        faced(&world.run(name, &["matter", "show", &matter]).good().out, &FACE);
        let zh = world.run(name, &["--lang", "zh-CN", "matter", "show", &matter]).good().out;
        faced(&zh, &FACE_ZH);
    }
    world.carry(B, A, &[]);
    world.run(A, &["page", &matter, "page"]).good();
    let page = std::fs::read_to_string(world.path("page/page.txt")).unwrap();
    faced(&page, &[&FACE[..], &FACE_ZH].concat());
    let print = world.fingerprint(A);
    let verify = ["verify", "page", "page", "--fingerprint", &print];
    assert_eq!(Ran::of(&mut world.command("nowhere", &verify)).code, 0);
    // Another number on it is another page.
    let other = page.replace("+2 555 0200", "+2 555 0900");
    std::fs::write(world.path("page/page.txt"), other).unwrap();
    let altered = Ran::of(&mut world.command("nowhere", &[&verify[..], &["--json"]].concat()));
    let said = altered.out + &altered.err;
    assert!(altered.code != 0 && said.contains("page-differs"), "{said}");
    world.run(A, &["dossier", &matter, "case"]).good();
    for (lang, face) in [("en", FACE), ("zh-CN", FACE_ZH)] {
        let summary = world.path(&format!("case/data/summary.{lang}.txt"));
        faced(&std::fs::read_to_string(summary).unwrap(), &face);
    }
    let raise = ["call", "raise", "Borealis", "--urgency", "routine", "--topic", "other"];
    let call = world.object(A, &[&raise[..], &["--text", "Hello."]].concat());
    let page = world.run(A, &["matter", "show", text(&call, "matter")]).good().out;
    assert!(!page.contains("Requested authority"), "{page}");
}

fn lacking(world: &World, more: &[&str]) -> Vec<String> {
    let args = [&["request", "check", "--file", "request.json"], more, &["--json"]].concat();
    let ran = world.run(A, &args);
    let checked = counterpart_record::strict::json::parse_object(ran.out.trim_end().as_bytes());
    let checked: Object = checked.unwrap();
    let list = checked.get("lacking").and_then(Value::as_array).unwrap().iter();
    let said = |one: &Value| {
        let one = one.as_object().unwrap();
        format!("{} {}", text(one, "field"), text(one, "wrong"))
    };
    list.map(said).collect()
}

/// ASK-21: what a side publishes about the formal request holds up one that does not say so, in
/// the check, in the form and before it is signed; what is still to come stands on the page of
/// both, and among the next steps of whoever owes it.
#[test]
fn the_formality_of_the_receiver_drives_the_request() {
    let world = founded();
    let publish = |word: &str| {
        let formality = format!("formality={word}");
        let args = ["requirements", "publish", "Arcadia", "--field", "languages=en", "--field"];
        world.run(B, &[&args[..], &[&formality]].concat()).good();
        world.carry(B, A, &[]);
    };
    assert!(lacking(&world, &[]).is_empty());
    publish("formal-first");
    assert_eq!(lacking(&world, &[]), ["lodged_on wanted"]);
    let words = world.run(A, &["request", "check", "--file", "request.json"]).out;
    assert!(words.contains("Formal request lodged on: wanted by the other side"), "{words}");
    let held = world.run(A, &["request", "new", "--file", "request.json", "--json"]);
    assert_eq!(held.fault(), Code::RequirementsUnmet.name());
    let form = ["form", "request", "--instrument", "budapest", "--measure", "preservation"];
    let form = world.run(A, &form).good().out;
    let line = form.lines().find(|line| line.contains("lodged_on")).unwrap();
    assert!(line.contains("a formal request comes first"), "{form}");
    let lodged = ["--field", "lodged_on=2026-01-02"];
    assert!(lacking(&world, &lodged).is_empty());
    let at_night = ["--field", "urgency=emergency", "--field", "urgency_why=A life."];
    assert!(lacking(&world, &at_night).is_empty());
    let first = requested(&world, &lodged);
    let page = world.run(B, &["matter", "show", &first]).good().out;
    assert!(page.contains("Formal request lodged on 2026-01-02"), "{page}");
    assert!(!page.contains("none is lodged yet"), "{page}");
    publish("formal-follows");
    assert!(lacking(&world, &[]).is_empty(), "it says that one follows");
    let silent = ["--field", "formal_follows=no", "--field", "instrument=reciprocity"];
    assert_eq!(lacking(&world, &silent), ["formal_follows wanted"]);
    publish("no-formal");
    assert!(lacking(&world, &silent).is_empty());
    // What is to come is told on both sides, and is the next step of the one that owes it.
    let matter = requested(&world, &[]);
    let owed = "Formality: a formal request follows; none is lodged yet";
    let next = |name: &str| -> (String, String) {
        let page = world.run(name, &["matter", "show", &matter]).good().out;
        let steps = page.split("Next:").nth(1).unwrap().to_owned();
        (page, steps)
    };
    let ((ours, steps), (theirs, others)) = (next(A), next(B));
    assert!(ours.contains(owed) && theirs.contains(owed), "{ours}{theirs}");
    let lodge = format!("counterpart act lodge-formal {}", &matter[..8]);
    assert!(steps.contains(&lodge) && !others.contains(&lodge), "{ours}");
    let act = ["act", "lodge-formal", &matter, "--field", "lodged_on=2026-01-02"];
    world.run(A, &act).good();
    let (after, steps) = next(A);
    assert!(!after.contains("none is lodged yet") && !steps.contains(&lodge), "{after}");
}

/// A file that is not there is named, and nobody is sent to look at his disk for it.
#[test]
fn a_file_that_is_not_there_is_named() {
    let world = founded();
    for args in [
        &["request", "new", "--file", "nowhere.json"][..],
        &["request", "new", "--file", "request.json", "--attach", "order=nowhere.json"],
        &["terms", "propose", "nowhere.json"],
        &["credential", "import", "nowhere.json"],
        &["pouch", "unpack", "nowhere.json"],
    ] {
        let ran = world.run(A, &[args, &["--json"]].concat());
        assert_eq!((ran.fault().as_str(), ran.code), (Code::FileAbsent.name(), 1), "{args:?}");
        assert!(ran.err.contains("nowhere.json"), "{}", ran.err);
        let zh = world.run(A, &[&["--lang", "zh-CN"], args].concat()).err;
        assert!(zh.contains("没有该文件") && !zh.contains("os error"), "{zh}");
    }
}
