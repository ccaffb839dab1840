//! Backups, the way back, erasure, and the look at the house, with real processes.

use crate::world::{World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::{Object, Value};
use counterpart_server::{backup, house};
use std::path::Path;

pub const FACTS: &str = "Somebody entered the mail server of a hospital.";

fn has(bytes: &[u8], what: &str) -> bool {
    bytes.windows(what.len()).any(|window| window == what.as_bytes())
}

/// Whether any file of a folder holds this text, plain or as it lies in the store.
fn holds_text(folder: &Path) -> bool {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).any(|path| {
        let bytes = std::fs::read(path).unwrap();
        has(&bytes, FACTS) || encoded(FACTS).iter().any(|text| has(&bytes, text))
    })
}

/// As it lies in the store: base64url of the disclosure, at one of three shifts.
fn encoded(what: &str) -> Vec<String> {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    let inner = &what[4..what.len() - 4];
    let shifted = (0..3).map(|at| Base64UrlUnpadded::encode_string(&inner.as_bytes()[at..]));
    // The ends depend on what is beside them.
    shifted.map(|text| text[4..text.len() - 4].to_owned()).collect()
}

#[test]
fn a_backup_is_restored_on_another_machine_and_the_peer_gives_back_what_it_lost() {
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    world.carry(a, b, &[]);
    world.carry(b, a, &[]);
    let first = world.object(a, &["request", "new", "--file", "request.json"]);
    world.carry(a, b, &[]);
    let made = world.object(a, &["backup", "arcadia.backup"]);
    let sealed = std::fs::read(world.path("arcadia.backup")).unwrap();
    assert!(!has(&sealed, FACTS) && !encoded(FACTS).iter().any(|text| has(&sealed, text)));
    assert!(!has(&sealed, "SQLite format 3"), "{made:?}");
    assert_eq!(world.run(a, &["backup", "arcadia.backup", "--json"]).fault(), "folder-in-use");
    // It works on, and the peer holds it.
    world.run(a, &["remind", text(&first, "matter")]).good();
    world.carry(a, b, &[]);
    std::fs::remove_dir_all(world.path(a)).unwrap();
    // Put back without the root keys: named, and nothing is left half done.
    let lost = ["restore", "arcadia.backup", "--root", "nowhere", "--json"];
    assert_eq!(world.run(a, &lost).fault(), "root-missing");
    assert!(!world.path(a).exists());
    let back = world.object(a, &["restore", "arcadia.backup"]);
    assert_eq!(back.get("ended"), Some(&Value::Int(2)), "live and drill");
    // In a matter from before it waits for the peer; a new one may be opened.
    let early = world.run(
        a,
        &["withdraw", text(&first, "matter"), "--field", "reason=no-longer-needed", "--json"],
    );
    assert_eq!(early.fault(), "epoch-unheard");
    world.object(a, &["request", "new", "--file", "request.json"]);
    for _ in 0..2 {
        world.carry(a, b, &[]);
        world.carry(b, a, &[]);
    }
    for name in [a, b] {
        let seen = world.object(name, &["matter", "show", text(&first, "matter")]);
        assert_eq!(seen.get("count"), Some(&Value::Int(2)), "{name}: {seen:?}");
        let checked = world.object(name, &["fsck"]);
        assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())), "{name}");
        assert_eq!(world.json(name, &["proofs"]), Value::Array(Vec::new()));
    }
    world
        .run(a, &["withdraw", text(&first, "matter"), "--field", "reason=no-longer-needed"])
        .good();
}

#[test]
fn a_backup_that_is_damaged_or_without_its_key_is_named_and_changes_nothing() {
    let world = World::enrolled();
    world.run("arcadia", &["backup", "good"]).good_with_progress();
    let file = std::fs::read(world.path("good")).unwrap();
    let key = std::fs::read(world.path("good.key")).unwrap();
    std::fs::rename(world.path("arcadia"), world.path("old")).unwrap();
    let root = ["--root", "arcadia-root"];
    let restore =
        |name: &str| world.run("new", &[&["restore", name, "--json"], &root[..]].concat());
    assert_eq!(restore("none").fault(), "backup-wrong");
    for (name, bytes) in [
        ("cut", file[..file.len() - 1000].to_vec()),
        ("half", file[..file.len() / 2].to_vec()),
        ("other", b"counterpart-ledger/1 0000000000000000\n".to_vec()),
        ("bit", file.iter().enumerate().map(|(i, b)| if i == 5000 { b ^ 1 } else { *b }).collect()),
    ] {
        std::fs::write(world.path(name), bytes).unwrap();
        std::fs::write(world.path(&format!("{name}.key")), &key).unwrap();
        assert_eq!(restore(name).fault(), "backup-wrong", "{name}");
        std::fs::remove_dir_all(world.path("new")).unwrap();
    }
    // By key: who destroys the small file has destroyed the large one.
    std::fs::remove_file(world.path("good.key")).unwrap();
    assert_eq!(restore("good").fault(), "backup-wrong");
    std::fs::write(world.path("good.key"), &key).unwrap();
    // The root keys of another party could not end its logs: named, and nothing is left that would
    // be in the way of the right ones.
    let other = world.run("new", &["restore", "good", "--root", "borealis-root", "--json"]);
    assert_eq!(other.fault(), "root-missing");
    let left = std::fs::read_dir(world.path("new")).unwrap().map(|one| one.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["lock"]);
    let good = world.run("new", &[&["restore", "good"], &root[..]].concat());
    assert_eq!(good.code, 0, "{}", good.err);
}

/// RET-3, RET-4.
#[test]
fn a_backup_ends_by_its_key_and_the_register_says_so() {
    let world = World::enrolled();
    let list = || {
        let list = world.json("arcadia", &["backup", "list"]);
        let list = list.as_array().unwrap().iter().filter_map(Value::as_object);
        let ended = |one: &Object| one.get("forgotten_at").is_some_and(|at| at.as_int().is_some());
        list.map(|one| (text(one, "id").to_owned(), ended(one))).collect::<Vec<_>>()
    };
    assert!(list().is_empty());
    let first = world.object("arcadia", &["backup", "first"]);
    let second = world.object("arcadia", &["backup", "second"]);
    let (one, two) = (text(&first, "id").to_owned(), text(&second, "id").to_owned());
    assert_eq!(list(), [(one.clone(), false), (two.clone(), false)]);
    assert_ne!(one, two);
    let keys = ["first.key", "second.key"].map(|name| std::fs::read(world.path(name)).unwrap());
    assert_ne!(keys[0], keys[1]);
    // By its file; another name of the key shows what became of it.
    std::fs::hard_link(world.path("first.key"), world.path("witness")).unwrap();
    world.run("arcadia", &["backup", "forget", "first"]).good();
    assert!(!world.path("first.key").exists() && world.path("first").exists());
    assert!(std::fs::read(world.path("witness")).unwrap().iter().all(|byte| *byte == 0));
    // By its id, from a medium that is away first.
    std::fs::rename(world.path("second.key"), world.path("away")).unwrap();
    let forget = |which: &str, more: &[&str]| {
        world.run("arcadia", &[&["backup", "forget", which, "--json"], more].concat())
    };
    assert_eq!(forget(&two[..6], &[]).fault(), Code::BackupKeyAway.name());
    assert_eq!(forget("nothing", &[]).fault(), Code::BackupKeyAway.name());
    assert!(world.run("arcadia", &["backup", "forget", "nothing"]).err.contains("backup list"));
    assert_eq!(list(), [(one.clone(), true), (two.clone(), false)]);
    std::fs::rename(world.path("away"), world.path("second.key")).unwrap();
    forget(&two[..6], &[]).good();
    assert_eq!(list(), [(one, true), (two, true)]);
    assert!(!world.path("second.key").exists());
    world.run("arcadia", &["backup", "third"]).good_with_progress();
    std::fs::remove_file(world.path("third.key")).unwrap();
    forget("third", &["--destroyed"]).good();
    // Neither of the large files says anything any more.
    for name in ["first", "second", "third"] {
        let restored = world.run("new", &["restore", name, "--root", "arcadia-root", "--json"]);
        assert_eq!(restored.fault(), "backup-wrong");
    }
    for lang in ["en", "zh-CN"] {
        let said = world.run("arcadia", &["backup", "list", "--lang", lang]).good().out;
        assert!(said.lines().count() == 3 && !said.contains("cli-backup"), "{said}");
    }
}

#[test]
fn a_restore_that_was_interrupted_signs_nothing_until_it_is_ended() {
    let world = World::enrolled();
    world.run("arcadia", &["drill", "calendar", "--advance", "8640000"]).good();
    world.run("arcadia", &["backup", "good"]).good_with_progress();
    std::fs::rename(world.path("arcadia"), world.path("old")).unwrap();
    let home = world.path("arcadia");
    let passphrase = crate::world::PASSPHRASE;
    let root = world.path("arcadia-root");
    let keys = house::root_keys(&root, passphrase).unwrap();
    drop(backup::unpack(&world.path("good"), &home, passphrase, (&root, &keys)).unwrap());
    let request = ["request", "new", "Borealis", "--file", "request.json", "--json"];
    assert_eq!(world.run("arcadia", &request).fault(), "restore-unfinished");
    assert_eq!(world.run("arcadia", &["serve", "--json"]).fault(), "restore-unfinished");
    // It says where it stands, wants its own root keys, and its exercises go on where they were.
    for (lang, words) in [("en", "was not brought to its end"), ("zh-CN", "恢复尚未完成")] {
        for args in [&["--lang", lang][..], &["doctor", "--lang", lang]] {
            let said = world.run("arcadia", args).out;
            assert!(said.contains(words) && said.contains("counterpart restore"), "{said}");
        }
    }
    let wrong = world.run("arcadia", &["restore", "--root", "borealis-root", "--json"]);
    assert_eq!(wrong.fault(), "root-missing");
    let calendar = |name: &str| std::fs::read(world.path(name).join("drill-calendar")).unwrap();
    assert_eq!(calendar("arcadia"), calendar("old"));
    world.run("arcadia", &["restore"]).good();
    world.run("arcadia", &["request", "new", "Borealis", "--file", "request.json"]).good();
    assert_eq!(world.run("arcadia", &["restore", "--json"]).fault(), "not-permitted");
}

/// REC-44.
#[test]
fn an_erased_matter_keeps_its_proofs_and_no_file_keeps_its_text() {
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    world.carry(a, b, &[]);
    world.carry(b, a, &[]);
    let made = world.object(a, &["request", "new", "--file", "request.json"]);
    let matter = text(&made, "matter");
    world.carry(a, b, &[]);
    let open = world.run(a, &["erase", matter, "--yes", "--json"]);
    assert_eq!(open.fault(), "not-permitted");
    world.run(b, &["refuse", matter, "--field", "ground=no-reason-given"]).good();
    world.carry(b, a, &[]);
    world.carry(a, b, &[]);
    assert!(holds_text(&world.path(a)), "the text is there to begin with");
    assert_eq!(world.run(a, &["erase", matter, "--json"]).fault(), "argument-wrong");
    let before = world.object(a, &["matter", "show", matter]);
    let erased = world.object(a, &["erase", matter, "--yes"]);
    assert!(matches!(erased.get("erased"), Some(Value::Int(3..))), "{erased:?}");
    assert!(!holds_text(&world.path(a)), "no page and no log of the store has it");
    let after = world.object(a, &["matter", "show", matter]);
    for same in ["stage", "count", "lines"] {
        assert_eq!(before.get(same), after.get(same));
    }
    let checked = world.object(a, &["fsck"]);
    assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())));
    // A third person still believes it, and the peer learns that it was done.
    world.run(a, &["dossier", matter, "case"]).good();
    let prints = [world.fingerprint(a), world.fingerprint(b)];
    let args =
        ["verify", "dossier", "case", "--fingerprint", &prints[0], "--fingerprint", &prints[1]];
    assert_eq!(world.run(a, &args).code, 0);
    world.carry(a, b, &[]);
    let told = world.json(b, &["matter", "list"]);
    let told = told.as_array().unwrap().iter().filter_map(Value::as_object);
    assert!(told.into_iter().any(|one| text(one, "flow") == "bounce/1"));
    assert!(holds_text(&world.path(b)), "each side erases for itself");
}

/// RET-11: who looks at the matter need not find the notice.
#[test]
fn a_matter_says_what_the_peer_erased_of_it_at_its_place() {
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    world.carry(a, b, &[]);
    world.carry(b, a, &[]);
    let [matter, other] = [(); 2].map(|()| {
        let made = world.object(a, &["request", "new", "--file", "request.json"]);
        text(&made, "matter").to_owned()
    });
    world.carry(a, b, &[]);
    world.run(b, &["refuse", &matter, "--field", "ground=no-reason-given"]).good();
    world.carry(b, a, &[]);
    world.carry(a, b, &[]);
    let there = |who: &str, matter: &str| {
        let shown = world.object(who, &["matter", "show", matter]);
        shown.get("erased_there").and_then(Value::as_array).unwrap().to_vec()
    };
    let done = world.object(a, &["erase", &matter, "--yes"]);
    assert_eq!(there(b, &matter), [], "what was not sent is not known");
    world.carry(a, b, &[]);
    let told = there(b, &matter);
    let [Value::Object(told)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(told.get("count"), done.get("erased"));
    assert_eq!(told.get("entry"), done.get("entry"));
    // Its time is that of the act, which stands in a matter of its own.
    let notice = world.object(b, &["matter", "show", text(told, "matter")]);
    assert_eq!(notice.get("last_at"), told.get("at"));
    assert_eq!((there(b, &other), there(a, &matter)), (Vec::new(), Vec::new()));
    let count = told.get("count").and_then(Value::as_int).unwrap();
    let act = &text(told, "entry")[..8];
    let says = [
        ("en", format!("says that it erased the texts of this matter at its place: {count}")),
        ("zh-CN", format!("在其本地删除本事项的文本 {count} 份")),
    ];
    for (lang, line) in &says {
        let page = |who: &str, matter: &str| {
            let said = world.run(who, &["matter", "show", matter, "--lang", lang]).good().out;
            // A narrow page breaks the line.
            said.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let said = page(b, &matter);
        assert!(said.contains(line) && said.contains(act), "{said}");
        let silent = [page(b, &other), page(a, &matter)];
        assert!(silent.iter().all(|said| !said.contains(line)), "{silent:?}");
    }
    // Both have erased it, and each says so of the other.
    world.run(b, &["erase", &matter, "--yes"]).good();
    world.carry(b, a, &[]);
    assert_eq!((there(a, &matter).len(), there(b, &matter).len()), (1, 1));
}

#[test]
fn the_doctor_names_what_is_wrong_and_what_to_do() {
    let world = World::enrolled();
    let found = |world: &World| {
        let ran = world.run("arcadia", &["doctor", "--json"]);
        let list = counterpart_record::strict::json::parse(ran.out.trim_end().as_bytes()).unwrap();
        let bad = list.as_array().unwrap().iter().filter_map(Value::as_object);
        let bad = bad.filter(|one| one.get("good") == Some(&Value::Bool(false)));
        let bad: Vec<String> = bad.map(|one| text(one, "check").to_owned()).collect();
        (bad, ran.code)
    };
    let (bad, code) = found(&world);
    for (lang, never) in [("en", "There is no backup"), ("zh-CN", "没有可供恢复的备份")] {
        let said = world.run("arcadia", &["doctor", "--lang", lang]).out;
        assert!(said.contains(never), "{said}");
    }
    assert!(bad.contains(&"backup-none".to_owned()) && bad.contains(&"root".to_owned()), "{bad:?}");
    assert!(!bad.contains(&"rights".to_owned()), "a new node is closed: {bad:?}");
    assert_eq!(code, 3);
    world.run("arcadia", &["backup", "good"]).good_with_progress();
    std::fs::rename(world.path("arcadia-root"), world.path("safe")).unwrap();
    let (bad, _) = found(&world);
    assert!(
        !bad.iter().any(|one| one.starts_with("backup")) && !bad.contains(&"root".to_owned()),
        "{bad:?}"
    );
    use std::os::unix::fs::PermissionsExt as _;
    let key = world.path("arcadia/node.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(found(&world).0.contains(&"rights".to_owned()));
    for lang in ["en", "zh-CN"] {
        let said = world.run("arcadia", &["doctor", "--lang", lang]).out;
        assert!(said.contains("node.key") && said.lines().any(|line| line.starts_with("    ")));
        assert!(!said.contains("doctor-"), "{said}");
    }
}
