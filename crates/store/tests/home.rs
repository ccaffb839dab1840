//! What stays here, in its own file: kept, found again, overwritten when it is taken away.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use counterpart_record::fault::Code;
use counterpart_record::id::MatterId;
use counterpart_store::{Home, HomeFile, Task};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const SECRET: &str = "The neighbour saw a grey van.";

fn file(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
    path
}

fn task(matter: MatterId, due: Option<u64>) -> Task {
    let text = SECRET.to_owned();
    Task { number: 0, matter, drill: false, text, made_at: 100, due, done_at: None }
}

fn holds(path: &Path, what: &str) -> bool {
    ["", "-wal", "-shm", "-journal"].iter().any(|end| {
        let bytes = std::fs::read(format!("{}{end}", path.display())).unwrap_or_default();
        bytes.windows(what.len()).any(|window| window == what.as_bytes())
    })
}

#[test]
fn notes_owner_and_tasks_are_there_again_after_a_restart() {
    let path = file("kept.db");
    let (a, b) = (MatterId([1; 16]), MatterId([2; 16]));
    let mut home = HomeFile::create(&path, None).unwrap();
    for (at, text) in [(5, "one"), (6, "two"), (7, "three")] {
        home.add_note(&a, at, "Desk 2", text).unwrap();
    }
    home.set_owner(&a, Some("Desk 1")).unwrap();
    home.set_owner(&a, Some("Desk 2")).unwrap();
    home.set_owner(&b, Some("Desk 3")).unwrap();
    home.set_owner(&b, None).unwrap();
    let numbers: Vec<u64> = [(a, None), (b, Some(900)), (a, Some(800))]
        .map(|(matter, due)| home.add_task(&task(matter, due)).unwrap())
        .into();
    drop(home);
    let mut home = HomeFile::open(&path).unwrap();
    let notes: Vec<String> = home.notes(&a, 2).unwrap().into_iter().map(|n| n.text).collect();
    assert_eq!(notes, ["two", "three"], "the newest ones, oldest first");
    assert_eq!((home.count_notes(&a).unwrap(), home.count_notes(&b).unwrap()), (3, 0));
    assert_eq!(home.owners().unwrap(), [(a, "Desk 2".to_owned())]);
    assert_eq!(home.matters().unwrap(), [a, b]);
    assert_eq!(home.owner(&b).unwrap(), None);
    let order = |home: &HomeFile, matter, done| -> Vec<u64> {
        home.tasks(matter, done).unwrap().iter().map(|task| task.number).collect()
    };
    assert_eq!(order(&home, None, false), [numbers[2], numbers[1], numbers[0]]);
    assert_eq!(order(&home, Some(&a), false), [numbers[2], numbers[0]]);
    let done = home.finish_task(numbers[2], 850).unwrap().unwrap();
    assert_eq!((done.done_at, done.matter), (Some(850), a));
    assert_eq!(home.finish_task(numbers[2], 900).unwrap().unwrap().done_at, Some(850));
    assert_eq!(home.finish_task(77, 900).unwrap(), None);
    assert_eq!(home.finish_task(u64::MAX, 900).unwrap(), None);
    assert_eq!(order(&home, None, false), [numbers[1], numbers[0]]);
    assert_eq!(order(&home, None, true), [numbers[1], numbers[0], numbers[2]]);
    // A number is never given twice: a calendar elsewhere still knows the old one.
    home.forget(&a).unwrap();
    assert!(home.add_task(&task(a, None)).unwrap() > numbers[2]);
    assert_eq!(home.begun_anew().unwrap(), None);
}

#[test]
fn two_matters_are_the_same_in_both_directions_until_one_is_forgotten() {
    let path = file("same.db");
    let [a, b, c] = [1, 2, 3].map(|byte| MatterId([byte; 16]));
    let mut home = HomeFile::create(&path, None).unwrap();
    home.link(&a, &b).unwrap();
    home.link(&b, &a).unwrap();
    home.link(&c, &b).unwrap();
    assert_eq!((home.same(&a).unwrap(), home.same(&b).unwrap()), (vec![b], vec![a, c]));
    home.forget(&a).unwrap();
    assert_eq!((home.same(&a).unwrap(), home.same(&b).unwrap()), (vec![], vec![c]));
}

/// HOM-4.
#[test]
fn what_is_forgotten_is_overwritten_and_nothing_else_goes() {
    let path = file("forgotten.db");
    let (a, b) = (MatterId([1; 16]), MatterId([2; 16]));
    let mut home = HomeFile::create(&path, None).unwrap();
    for number in 0..200 {
        home.add_note(&a, number, SECRET, &format!("{SECRET} {}", "x".repeat(300))).unwrap();
    }
    home.set_owner(&a, Some(SECRET)).unwrap();
    home.add_task(&task(a, Some(900))).unwrap();
    home.add_note(&b, 1, "", "this one stays").unwrap();
    assert!(holds(&path, SECRET));
    assert_eq!(home.forget(&a).unwrap(), 202);
    assert!(!holds(&path, SECRET), "no page and no log of the file has it");
    assert_eq!(home.forget(&a).unwrap(), 0);
    assert_eq!(home.notes(&b, 9).unwrap().len(), 1);
    // Also what was only replaced.
    home.set_owner(&b, Some(SECRET)).unwrap();
    home.set_owner(&b, Some("Desk 1")).unwrap();
    home.forget(&a).unwrap();
    assert!(!holds(&path, SECRET));
}

/// HOM-2, HOM-5.
#[test]
fn the_file_is_its_owners_alone_and_a_damaged_one_is_named_and_left() {
    let path = file("closed.db");
    drop(HomeFile::create(&path, Some(1_234)).unwrap());
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(HomeFile::open(&path).unwrap().begun_anew().unwrap(), Some(1_234));
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA user_version=99").unwrap();
    drop(db);
    assert_eq!(HomeFile::open(&path).err().unwrap().code, Code::StoreVersion);
    for damage in [vec![7; 9_000], Vec::new(), b"SQLite format 3\0".to_vec()] {
        std::fs::write(&path, &damage).unwrap();
        let code = HomeFile::open(&path).err().unwrap().code;
        assert!([Code::HomeUnreadable, Code::StoreVersion].contains(&code), "{code:?}");
        assert_eq!(std::fs::read(&path).unwrap(), damage, "left as it is");
    }
    let missing = HomeFile::open(&file("missing.db")).err().unwrap();
    assert_eq!(missing.code, Code::HomeUnreadable);
}
