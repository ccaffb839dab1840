//! Folders that older programs wrote: opened, brought up, checked, worked on with and restored
//! from. And those of newer ones: refused, and left as they are.

use crate::world::{World, text};
use counterpart_record::hash::sha256;
use counterpart_record::strict::json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const OLD: &str = "format-1";
const FORMATS: [&str; 2] = [OLD, "format-2"];
/// Where the number of the format stands in a store, four bytes (SQLite's file format, 1.3).
const NUMBER: std::ops::Range<usize> = 60..64;

fn golden(format: &str) -> World {
    let world = World::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let archive = folder.join(format!("{format}.tar.gz"));
    let unpacked = Command::new("tar").arg("-C").arg(world.dir()).arg("-xzf").arg(archive).status();
    assert!(unpacked.unwrap().success());
    fs::write(world.path("request.json"), crate::world::REQUEST).unwrap();
    world
}

fn number(record: &Path) -> u32 {
    let bytes = fs::read(record).unwrap();
    u32::from_be_bytes(bytes[NUMBER].try_into().unwrap())
}

#[track_caller]
fn whole(world: &World, name: &str) {
    let checked = world.object(name, &["fsck"]);
    assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())), "{name}");
    let rebuilt = world.object(name, &["rebuild"]);
    assert_eq!(rebuilt.get("differed"), Some(&Value::Int(0)), "{name}: {rebuilt:?}");
}

fn both(world: &World) {
    for _ in 0..2 {
        world.carry("arcadia", "borealis", &[]);
        world.carry("borealis", "arcadia", &[]);
    }
}

#[test]
fn every_format_opens_holds_and_goes_on() {
    for format in FORMATS {
        let world = golden(format);
        // Two calls, one of them over; the exercise did not travel.
        for (name, expected) in
            [("arcadia", &[false, false, true][..]), ("borealis", &[false, true])]
        {
            whole(&world, name);
            let list = world.json(name, &["matter", "list"]);
            let list = list.as_array().unwrap().iter().filter_map(Value::as_object);
            let closed: Vec<bool> =
                list.map(|one| one.get("closed") == Some(&Value::Bool(true))).collect();
            assert_eq!(closed, expected, "{format}, {name}");
        }
        both(&world);
        let made = world.object("arcadia", &["request", "new", "--file", "request.json"]);
        let matter = text(&made, "matter");
        both(&world);
        world.run("borealis", &["acknowledge", matter, "--desk", "Duty desk"]).good();
        let answer = ["answer", matter, "--field", "extent=full", "--field", "final=yes"];
        world.run("borealis", &[&answer[..], &["--text", "Preserved."]].concat()).good();
        both(&world);
        for name in ["arcadia", "borealis"] {
            let shown = world.object(name, &["matter", "show", matter]);
            assert_eq!(shown.get("count"), Some(&Value::Int(3)), "{format}, {name}: {shown:?}");
            whole(&world, name);
        }
        world.run("arcadia", &["rotate"]).good();
        world.run("arcadia", &["backup", "again"]).good_with_progress();
    }
}

#[test]
fn a_golden_backup_is_restored() {
    let world = golden("format-2");
    fs::remove_dir_all(world.path("cascadia")).unwrap();
    world.run("cascadia", &["restore", "cascadia.backup"]).good();
    whole(&world, "cascadia");
    let own = world.object("cascadia", &["credential", "show"]);
    let names = own.get("names").and_then(Value::as_object).unwrap();
    assert_eq!(text(names, "en"), "Cascadia");
}

#[test]
fn an_older_store_is_brought_up_once_and_its_copy_kept() {
    let world = golden(OLD);
    let (record, kept) =
        (world.path("arcadia/record.db"), world.path("arcadia/record.db.before-3"));
    assert_eq!(number(&record), 1);
    world.run("arcadia", &["fsck"]).good();
    assert_eq!((number(&record), number(&kept)), (3, 1));
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&kept).unwrap();
    world.run("arcadia", &["fsck"]).good();
    assert!(fs::read(&kept).unwrap() == before, "the copy is made once");
    // The way back: the copy in the place of the store is the store of before.
    fs::copy(&kept, &record).unwrap();
    world.run("arcadia", &["fsck"]).good();
    assert_eq!(number(&record), 3);
}

#[test]
fn a_newer_format_is_named_and_left_untouched() {
    let world = golden("format-2");
    let home = world.path("arcadia");
    let refused = |file: PathBuf, newer: Vec<u8>| {
        let good = fs::read(&file).unwrap();
        fs::write(&file, &newer).unwrap();
        for args in [&["fsck"][..], &["backup", "refused"], &["rotate"]] {
            let ran = world.run("arcadia", &[args, &["--json"]].concat());
            let name = file.display();
            assert_eq!(ran.fault(), "store-version", "{name}: {args:?}");
        }
        assert!(fs::read(&file).unwrap() == newer, "{}", file.display());
        fs::write(&file, good).unwrap();
    };
    let record = home.join("record.db");
    let mut bytes = fs::read(&record).unwrap();
    bytes[NUMBER].copy_from_slice(&99u32.to_be_bytes());
    refused(record, bytes);
    let read = |name: &str| fs::read_to_string(home.join(name)).unwrap();
    let config = read("config");
    assert!(config.contains("format = 1"), "{config}");
    refused(home.join("config"), config.replace("format = 1", "format = 2").into_bytes());
    let key = read("node.key").replacen("counterpart-key/1", "counterpart-key/2", 1);
    let (above, _) = key.rsplit_once("sha256 ").unwrap();
    let digest = counterpart_record::id::hex(&sha256(&[above.as_bytes()]));
    refused(home.join("node.key"), format!("{above}sha256 {digest}\n").into_bytes());
    let backup = world.path("cascadia.backup");
    let mut bytes = fs::read(&backup).unwrap();
    let at = "counterpart-backup/".len();
    bytes[at..=at].copy_from_slice(b"2");
    fs::write(&backup, bytes).unwrap();
    let ran =
        world.run("new", &["restore", "cascadia.backup", "--root", "cascadia-root", "--json"]);
    assert_eq!(ran.fault(), "store-version");
    world.run("arcadia", &["fsck"]).good();
}

#[test]
fn a_store_whose_upgrade_is_killed_is_the_old_one_or_the_new_one() {
    let (mut old, mut new) = (0, 0);
    for step in 0..24 {
        let world = golden(OLD);
        let mut child = world.command("arcadia", &["fsck"]);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Most of the time goes into the passphrase; what follows is looked at finely.
        let kept = world.path("arcadia/record.db.before-3");
        if step % 2 == 0 {
            while !kept.exists() && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_micros(100));
            }
            std::thread::sleep(Duration::from_micros(700 * (step / 2)));
        } else {
            std::thread::sleep(Duration::from_millis(15 * step));
        }
        let _ = child.kill();
        let _ = child.wait();
        if kept.exists() {
            assert_eq!(number(&kept), 1);
        }
        // The old program would find its store, or none that it may touch: nothing in between.
        let copy = world.path("as-it-is");
        fs::create_dir(&copy).unwrap();
        for end in ["", "-wal", "-shm"] {
            let name = format!("record.db{end}");
            let _ = fs::copy(world.path("arcadia").join(&name), copy.join(&name));
        }
        match counterpart_store::upgrade::found(&copy.join("record.db")).unwrap() {
            1 => old += 1,
            3 => new += 1,
            other => panic!("format {other}"),
        }
        whole(&world, "arcadia");
    }
    println!("{old} times the old one, {new} times the new one");
    assert!(old > 0 && new > 0);
}
