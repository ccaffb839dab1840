//! What stays here: notes, owners and tasks are with us after everything, and never with anybody
//! else.

use crate::world::{World, text};
use counterpart_record::strict::json::{Object, Value};
use std::path::Path;

const NOTE: &str = "Our source is the sister of the clerk.";
const OWNER: &str = "Night desk on the eleventh floor";
const WRITER: &str = "Inspector Lantern, cybercrime unit";
const TASK: &str = "Ask the court for the paper file.";

/// Whether any file under a path holds this text, plain or at one of the three shifts of base64.
fn anywhere(path: &Path, what: &str) -> bool {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    if path.is_dir() {
        let mut inside = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        return inside.any(|path| anywhere(&path, what));
    }
    let bytes = std::fs::read(path).unwrap_or_default();
    let inner = &what[3..what.len() - 3];
    let shifts = (0..3).map(|at| Base64UrlUnpadded::encode_string(&inner.as_bytes()[at..]));
    let shifts = shifts.map(|text| text[4..text.len() - 4].to_owned());
    shifts
        .chain([what.to_owned()])
        .any(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

fn noted() -> (World, String) {
    let world = World::enrolled();
    world.carry("arcadia", "borealis", &[]);
    world.carry("borealis", "arcadia", &[]);
    let made = world.object("arcadia", &["request", "new", "--file", "request.json"]);
    let matter = text(&made, "matter").to_owned();
    world.run("arcadia", &["note", "add", &matter, NOTE, "--by", WRITER]).good();
    world.run("arcadia", &["owner", &matter, OWNER]).good();
    world.run("arcadia", &["task", "add", &matter, TASK, "--in", "2h"]).good();
    (world, matter)
}

fn home(world: &World, matter: &str) -> Object {
    let shown = world.object("arcadia", &["matter", "show", matter]);
    shown.get("home").and_then(Value::as_object).unwrap().clone()
}

/// HOM-1: the bytes of all that leaves, searched.
#[test]
fn nothing_that_stays_here_leaves_in_a_parcel_a_dossier_or_a_figure() {
    let (world, matter) = noted();
    let (a, b) = ("arcadia", "borealis");
    world.carry(a, b, &[]);
    world.run(b, &["acknowledge", &matter, "--field", "desk=Duty"]).good();
    world.carry(b, a, &[]);
    world.carry(a, b, &[]);
    world.run(a, &["dossier", &matter, "case"]).good();
    world.run(a, &["calendar", "due.ics"]).good();
    let figures = world.run(a, &["figures", "--json"]).good().out;
    std::fs::write(world.path("figures.json"), figures).unwrap();
    let pouches = std::fs::read_dir(world.dir()).unwrap().map(|entry| entry.unwrap().path());
    let pouches = pouches.filter(|p| p.file_name().unwrap().to_string_lossy().contains("pouch-"));
    let left = ["borealis", "case", "due.ics", "figures.json"].map(|name| world.path(name));
    let left: Vec<_> = left.into_iter().chain(pouches).collect();
    assert!(left.len() > 7, "{left:?}");
    for private in [NOTE, OWNER, TASK, WRITER] {
        assert!(anywhere(&world.path("arcadia/home.db"), private), "{private}: kept");
        assert!(!anywhere(&world.path("arcadia/record.db"), private), "{private}: in the record");
        for path in &left {
            assert!(!anywhere(path, private), "{private}: in {}", path.display());
        }
    }
    // The other way round the search finds what did travel, sealed parcels aside.
    assert!(anywhere(&world.path("borealis"), crate::operate::FACTS));
    assert!(anywhere(&world.path("case"), crate::operate::FACTS));
    let theirs = world.object(b, &["matter", "show", &matter]);
    let theirs = theirs.get("home").and_then(Value::as_object).unwrap();
    assert_eq!(theirs.get("count"), Some(&Value::Int(0)));
}

/// HOM-3.
#[test]
fn a_task_stands_beside_the_clocks_and_is_told_apart() {
    let (world, matter) = noted();
    let due = world.json("arcadia", &["due"]);
    let rows = due.as_array().unwrap().iter().filter_map(Value::as_object);
    let tasks: Vec<&Object> = rows.clone().filter(|row| row.get("task").is_some()).collect();
    assert_eq!(tasks.len(), 1);
    assert_eq!(text(tasks[0], "matter"), matter);
    assert!(tasks[0].get("profile").is_none() && tasks[0].get("sort").is_none());
    let left: Vec<i64> = rows.map(|row| row.get("left").and_then(Value::as_int).unwrap()).collect();
    assert!(left.is_sorted(), "{left:?}");
    let page = world.run("arcadia", &["due", "--ours"]).good().out;
    assert!(page.contains("ours, at home") && page.contains(TASK), "{page}");
    let page = world.run("arcadia", &["due", "--lang", "zh-CN"]).good().out;
    assert!(page.contains("本方内部任务"), "{page}");
    // A calendar travels further than we do.
    world.run("arcadia", &["calendar", "due.ics"]).good();
    let calendar = std::fs::read_to_string(world.path("due.ics")).unwrap();
    let number = tasks[0].get("task").and_then(Value::as_int).unwrap();
    assert!(calendar.contains(&format!("SUMMARY:TASK {number}\r\n")), "{calendar}");
    let event = calendar.split("BEGIN:VEVENT").find(|event| event.contains("TASK")).unwrap();
    assert!(!event.contains(&matter[..8]), "{event}");
    let soon = world.object("arcadia", &["task", "add", &matter, "Now", "--in", "1min"]);
    let soon = soon.get("task").and_then(Value::as_int).unwrap().to_string();
    let list = world.run("arcadia", &["matter", "list"]).good().out;
    assert!(list.contains(OWNER), "{list}");
    world.run("arcadia", &["task", "done", &soon]).good();
    let twice = world.object("arcadia", &["task", "done", &soon]);
    assert!(twice.get("done_at").and_then(Value::as_int).is_some());
    let open = world.json("arcadia", &["task", "list"]);
    assert_eq!(open.as_array().unwrap().len(), 1);
    let all = world.json("arcadia", &["task", "list", &matter, "--all"]);
    assert_eq!(all.as_array().unwrap().len(), 2);
}

/// What is nearly over comes onto the first screen, by the calendar of its matter.
#[test]
fn a_task_reminds_of_itself() {
    let world = World::enrolled();
    let request = ["request", "new", "--drill", "--file", "request.json"];
    let made = world.object("arcadia", &request);
    world.run("arcadia", &["task", "add", text(&made, "matter"), TASK, "--in", "100min"]).good();
    let first = |advance: &str| {
        world.run("arcadia", &["drill", "calendar", "--advance", advance]).good();
        world.run("arcadia", &[]).good().out
    };
    let page = first("4000");
    assert!(!page.contains(TASK), "two thirds: {page}");
    let page = first("1000");
    assert!(page.contains(TASK) && page.contains("left"), "five sixths: {page}");
    let page = first("2000");
    assert!(page.contains(TASK) && page.contains("over"), "{page}");
    let tasks = world.json("arcadia", &["task", "list"]);
    let task = tasks.as_array().unwrap()[0].as_object().unwrap();
    assert_eq!(task.get("overdue"), Some(&Value::Bool(true)));
    let number = task.get("task").and_then(Value::as_int).unwrap().to_string();
    world.run("arcadia", &["task", "done", &number]).good();
    assert!(!first("1").contains(TASK));
}

#[test]
fn a_matter_shows_apart_what_stays_here() {
    let (world, matter) = noted();
    for (lang, title) in [("en", "Stays here: never logged, never sent"), ("zh-CN", "只留在本方")]
    {
        let page = world.run("arcadia", &["matter", "show", &matter, "--lang", lang]).good().out;
        let (above, below) = page.split_once(title).unwrap();
        for private in [NOTE, OWNER, TASK, WRITER] {
            assert!(!above.contains(private) && below.contains(private), "{private}: {page}");
        }
    }
    let bare = world.object("arcadia", &["request", "new", "--file", "request.json"]);
    let page = world.run("arcadia", &["matter", "show", text(&bare, "matter")]).good().out;
    assert!(!page.contains("Stays here"), "{page}");
    let notes = world.run("arcadia", &["note", "list", &matter]).good().out;
    assert!(notes.contains(NOTE), "{notes}");
    world.run("arcadia", &["owner", &matter, "--nobody"]).good();
    assert_eq!(home(&world, &matter).get("owner"), Some(&Value::Null));
    let told = world.run("arcadia", &["owner", &matter]).good().out;
    assert!(told.contains("Nobody"), "{told}");
    let wrong: [&[&str]; 6] = [
        &["note", "add", &matter, "  "],
        &["note", "add", &matter, "a\u{1b}[2Jb"],
        &["task", "add", &matter, "x", "--due", "2001-01-01T00:00:00Z"],
        &["task", "add", &matter, "x", "--due", "tomorrow"],
        &["task", "add", &matter, "x", "--in", "2w"],
        &["task", "done", "4711"],
    ];
    for args in wrong {
        let ran = world.run("arcadia", &[args, &["--json"]].concat());
        assert_eq!(ran.fault(), "argument-wrong", "{args:?}");
    }
    let long = "x".repeat(17_000);
    let ran = world.run("arcadia", &["note", "add", &matter, &long, "--json"]);
    assert_eq!(ran.fault(), "too-large");
    let ran = world.run("arcadia", &["note", "add", &"f".repeat(32), "x", "--json"]);
    assert_eq!(ran.fault(), "matter-unknown");
    assert_eq!(home(&world, &matter).get("count"), Some(&Value::Int(1)));
}

/// HOM-2.
#[test]
fn what_stays_here_is_in_the_backup_and_back_after_it() {
    let (world, matter) = noted();
    let before = home(&world, &matter);
    let made = world.object("arcadia", &["backup", "good"]);
    assert_eq!(made.get("home"), Some(&Value::Bool(true)));
    assert!(!anywhere(&world.path("good"), NOTE), "sealed");
    std::fs::rename(world.path("arcadia"), world.path("old")).unwrap();
    world.run("arcadia", &["restore", "good"]).good();
    let after = home(&world, &matter);
    for same in ["owner", "notes", "count"] {
        assert_eq!(before.get(same), after.get(same), "{same}");
    }
    assert_eq!(after.get("tasks").and_then(Value::as_array).unwrap().len(), 1);
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(world.path("arcadia/home.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// HOM-5: notes come back without a restore of the record; not those of what was erased since.
#[test]
fn what_stays_here_is_put_back_alone() {
    let (world, matter) = noted();
    let (a, b) = ("arcadia", "borealis");
    let other = world.object(a, &["request", "new", "--file", "request.json"]);
    let other = text(&other, "matter");
    world.run(a, &["note", "add", other, "This note goes with its matter."]).good();
    world.run(a, &["backup", "good"]).good_with_progress();
    // A file that is whole is never replaced.
    let whole = world.run(a, &["restore", "good", "--home-only", "--json"]);
    assert_eq!(whole.fault(), "folder-in-use");
    world.carry(a, b, &[]);
    world.run(b, &["refuse", other, "--field", "ground=no-reason-given"]).good();
    world.carry(b, a, &[]);
    world.carry(a, b, &[]);
    world.run(a, &["erase", other, "--yes"]).good();
    std::fs::write(world.path("arcadia/home.db"), vec![7; 9_000]).unwrap();
    let back = world.object(a, &["restore", "good", "--home-only"]);
    assert_eq!(back.get("forgotten"), Some(&Value::Int(1)), "{back:?}");
    assert!(std::fs::read(world.path("arcadia/home.db.before")).unwrap() == vec![7; 9_000]);
    let found = home(&world, &matter);
    assert_eq!(found.get("count"), Some(&Value::Int(1)));
    assert_eq!(text(&found, "owner"), OWNER);
    assert_eq!(home(&world, other).get("count"), Some(&Value::Int(0)));
    assert!(!anywhere(&world.path("arcadia/home.db"), "This note goes with its matter."));
    // The record went on: nothing of it ended.
    world.run(a, &["remind", &matter]).good();
    let checked = world.object(a, &["fsck"]);
    assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())));
    // One that was begun anew is put aside, too; a second copy aside is not overwritten.
    std::fs::remove_file(world.path("arcadia/home.db")).unwrap();
    world.run(a, &["note", "add", &matter, "New."]).good();
    let again = world.run(a, &["restore", "good", "--home-only", "--json"]);
    assert_eq!(again.fault(), "folder-in-use");
    std::fs::remove_file(world.path("arcadia/home.db.before")).unwrap();
    let said = world.run(a, &["restore", "good", "--home-only"]).good().out;
    assert!(said.contains("are back") && said.contains("home.db.before"), "{said}");
}

/// HOM-4.
#[test]
fn an_erased_matter_takes_its_notes_along_and_other_matters_keep_theirs() {
    let (world, matter) = noted();
    let (a, b) = ("arcadia", "borealis");
    let other = world.object(a, &["request", "new", "--file", "request.json"]);
    world.run(a, &["note", "add", text(&other, "matter"), "This one stays."]).good();
    assert_eq!(world.run(a, &["erase", &matter, "--yes", "--json"]).fault(), "not-permitted");
    assert_eq!(home(&world, &matter).get("count"), Some(&Value::Int(1)), "nothing half done");
    world.carry(a, b, &[]);
    world.run(b, &["refuse", &matter, "--field", "ground=no-reason-given"]).good();
    world.carry(b, a, &[]);
    world.carry(a, b, &[]);
    let erased = world.object(a, &["erase", &matter, "--yes"]);
    assert_eq!(erased.get("at_home"), Some(&Value::Int(3)), "{erased:?}");
    for private in [NOTE, OWNER, TASK] {
        assert!(!anywhere(&world.path(a), private), "{private}");
    }
    assert_eq!(home(&world, text(&other, "matter")).get("count"), Some(&Value::Int(1)));
}

/// HOM-5.
#[test]
fn a_missing_home_is_made_anew_and_said_and_a_damaged_one_is_left_and_named() {
    let (world, matter) = noted();
    let file = world.path("arcadia/home.db");
    let first = world.run("arcadia", &[]).good().out;
    assert!(!first.contains("begun anew"), "{first}");
    std::fs::write(&file, vec![7; 9_000]).unwrap();
    assert_eq!(
        world.run("arcadia", &["note", "add", &matter, "x", "--json"]).fault(),
        "home-unreadable"
    );
    // The record and its clocks are told all the same.
    let shown = world.object("arcadia", &["matter", "show", &matter]);
    assert_eq!(shown.get("count"), Some(&Value::Int(1)));
    world.run("arcadia", &["due"]).good();
    assert!(world.run("arcadia", &[]).good().out.contains("home.db"));
    assert!(world.run("arcadia", &["doctor"]).out.contains("home.db"));
    let made = world.object("arcadia", &["backup", "without"]);
    assert_eq!(made.get("home"), Some(&Value::Bool(false)), "said, and the record is backed up");
    assert_eq!(std::fs::read(&file).unwrap(), vec![7; 9_000], "left as it is");
    std::fs::remove_file(&file).unwrap();
    let first = world.run("arcadia", &[]).good().out;
    assert!(first.contains("begun anew"), "{first}");
    let first = world.run("arcadia", &["--lang", "zh-CN"]).good().out;
    assert!(first.contains("重新建立"), "{first}");
    world.run("arcadia", &["note", "add", &matter, "Again."]).good();
}

/// HOM-4: also where an older copy lies beside it; one that cannot be read is named first.
#[test]
fn an_erasure_reaches_the_older_copy_of_what_stays_here() {
    let (world, matter) = noted();
    let (a, b) = ("arcadia", "borealis");
    world.run(a, &["backup", "good"]).good_with_progress();
    let (file, before) = (world.path("arcadia/home.db"), world.path("arcadia/home.db.before"));
    std::fs::remove_file(&file).unwrap();
    world.run(a, &["note", "add", &matter, "Only in the older copy."]).good();
    world.object(a, &["restore", "good", "--home-only"]);
    assert!(anywhere(&before, "Only in the older copy."));
    world.carry(a, b, &[]);
    world.run(b, &["refuse", &matter, "--field", "ground=no-reason-given"]).good();
    world.carry(b, a, &[]);
    world.carry(a, b, &[]);
    let whole = std::fs::read(&before).unwrap();
    std::fs::write(&before, vec![7; 9_000]).unwrap();
    let refused = world.run(a, &["erase", &matter, "--yes", "--json"]);
    assert_eq!(refused.fault(), "home-unreadable");
    assert!(refused.err.contains("home.db.before"), "{}", refused.err);
    assert_eq!(home(&world, &matter).get("count"), Some(&Value::Int(1)), "nothing half done");
    std::fs::write(&before, whole).unwrap();
    let erased = world.object(a, &["erase", &matter, "--yes"]);
    assert_eq!(erased.get("at_home"), Some(&Value::Int(4)), "{erased:?}");
    assert!(
        !anywhere(&world.path(a), "Only in the older copy.") && !anywhere(&world.path(a), NOTE)
    );
}
