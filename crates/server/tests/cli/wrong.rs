//! Bad input of every kind: a named fault with its exit code, and nothing lost.

use crate::world::{PASSPHRASE, Ran, World, text};
use std::collections::BTreeMap;
use std::path::Path;

/// Every file of a node and its bytes; the lock names the last process.
fn bytes(home: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(home).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        // SQLite may fold its journal into the file on any opening; fsck looks at the content.
        if name == "node.key" || name == "config" {
            out.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
    out
}

fn json(world: &World, name: &str, args: &[&str]) -> Ran {
    world.run(name, &[args, &["--json"]].concat())
}

/// A parcel to Borealis, and files that are less than they should be.
fn spoil(world: &World) {
    world.run("arcadia", &["pouch", "pack", "Borealis", "whole"]).good();
    let whole = std::fs::read(world.path("whole")).unwrap();
    std::fs::write(world.path("short"), &whole[..whole.len() / 2]).unwrap();
    let mut turned = whole.clone();
    let middle = turned.len() / 2;
    turned[middle] ^= 1;
    std::fs::write(world.path("turned"), turned).unwrap();
    std::fs::write(world.path("words"), "not a parcel").unwrap();
    std::fs::write(world.path("half.json"), "{\"type\": ").unwrap();
}

#[test]
fn each_wrong_call_has_a_named_fault_and_loses_nothing() {
    let world = World::enrolled();
    let a = "arcadia";
    let made = world.object(a, &["request", "new", "--file", "request.json"]);
    let m = text(&made, "matter").to_owned();
    world.object(a, &["request", "new", "--file", "request.json"]);
    spoil(&world);
    let before = bytes(&world.path(a));
    let print = world.fingerprint(a);
    let (zero, kid) = ("0".repeat(64), "f".repeat(64));
    let accredit = |peer, print| ["accredit", peer, "--compared", "voice", "--fingerprint", print];
    let calls: &[(&[&str], &str, i32)] = &[
        (&["matter", "show", "ffffffff"], "matter-unknown", 1),
        (&["matter", "show", "ff"], "argument-wrong", 1),
        (&["acknowledge", "ffffffff"], "matter-unknown", 1),
        (&["request", "new", "Cascadia"], "peer-unknown", 1),
        (&["request", "new"], "fields-wrong", 1),
        (&["request", "new", "--field", "oops"], "argument-wrong", 1),
        (&["request", "new", "--file", "half.json"], "json-malformed", 1),
        (&["request", "new", "--file", "missing.json"], "file-absent", 1),
        (&["request", "new", "--field", "no_such_field=1"], "fields-wrong", 1),
        (&["acknowledge", &m, "--desk", "Duty desk"], "not-permitted", 1),
        (&["act", "dance", &m], "argument-wrong", 1),
        (&["form", "dance"], "argument-wrong", 1),
        (&accredit("Cascadia", &print), "peer-unknown", 1),
        (&accredit("Borealis", &print), "fingerprint-differs", 1),
        (&accredit("Borealis", "12345"), "argument-wrong", 1),
        (&["credential", "import", "missing"], "file-absent", 1),
        (&["credential", "import", "words"], "cbor-malformed", 1),
        (&["credential", "import", "arcadia.credential"], "argument-wrong", 1),
        (&["credential", "export", "whole"], "folder-in-use", 3),
        (&["credential", "show", "Cascadia"], "peer-unknown", 1),
        (&["fingerprint", "Cascadia"], "peer-unknown", 1),
        (&["pouch", "pack", "Borealis", "whole"], "folder-in-use", 3),
        (&["pouch", "pack", "Cascadia", "new"], "peer-unknown", 1),
        (&["pouch", "unpack", "missing"], "file-absent", 1),
        (&["pouch", "unpack", "words"], "parcel-malformed", 1),
        (&["pouch", "unpack", "whole"], "parcel-not-for-us", 1),
        (&["dossier", "ffffffff", "new"], "matter-unknown", 1),
        (&["dossier", &m, "arcadia"], "folder-in-use", 3),
        (&["log", "Cascadia"], "peer-unknown", 1),
        (&["revoke", "12", "--since", "2026-01-01T00:00:00Z"], "argument-wrong", 1),
        (&["revoke", &kid, "--since", "tomorrow"], "argument-wrong", 1),
        (&["revoke", &zero, "--since", "2026-01-01T00:00:00Z", "--root", "x"], "root-missing", 3),
        (&["rotate", "--root", "x"], "root-missing", 3),
        (&["drill", "calendar", "--advance", "0"], "argument-wrong", 1),
        (&["init", "--name", "Again"], "folder-in-use", 3),
        (&["verify", "dossier", "missing"], "", 2),
    ];
    for (args, code, exit) in calls {
        let ran = json(&world, a, args);
        assert_eq!(ran.code, *exit, "{args:?}: {}{}", ran.out, ran.err);
        if !code.is_empty() {
            assert_eq!(ran.fault(), *code, "{args:?}");
        }
    }
    for (file, code) in [("short", "cbor-malformed"), ("turned", "seal-broken")] {
        assert_eq!(json(&world, "borealis", &["pouch", "unpack", file]).fault(), code, "{file}");
    }
    world.object("borealis", &["pouch", "unpack", "whole"]);
    assert_eq!(bytes(&world.path(a)), before);
    for name in [a, "borealis"] {
        let checked = world.object(name, &["fsck"]);
        assert_eq!(checked.get("faults").and_then(|f| f.as_array()).unwrap().len(), 0);
        assert_eq!(world.json(name, &["matter", "list"]).as_array().unwrap().len(), 2);
    }
}

#[test]
fn a_form_with_faults_names_all_of_them() {
    let world = World::enrolled();
    let args = ["request", "new", "--field", "urgency=sometimes", "--field", "max_penalty=much"];
    let ran = world.run("arcadia", &args);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.err.trim_end().lines().count(), 2, "what happened, what to do: {}", ran.err);
    for field in ["urgency", "max_penalty", "facts", "necessity", "persons", "legal_basis", "type"]
    {
        assert!(ran.err.contains(field), "{field}: {}", ran.err);
    }
}

#[test]
fn names_that_fit_two_things_are_ambiguous() {
    let world = World::enrolled();
    // A second party that calls itself the same.
    world.run("other", &["init", "--name", "Borealis"]).good();
    world.run("other", &["credential", "export", "other.credential"]).good();
    world.run("arcadia", &["credential", "import", "other.credential"]).good();
    assert_eq!(json(&world, "arcadia", &["fingerprint", "Borealis"]).fault(), "ambiguous");
    let print = world.fingerprint("other");
    let party = text(&world.object("other", &["fingerprint"]), "party").to_owned();
    let shown = world.object("arcadia", &["fingerprint", &party[..8]]);
    assert_eq!(text(&shown, "fingerprint"), print);
}

#[test]
fn passphrases_are_asked_for_by_name() {
    let world = World::enrolled();
    let fault = |edit: &dyn Fn(&mut std::process::Command)| {
        let mut command = world.command("arcadia", &["log", "--json"]);
        edit(&mut command);
        let ran = Ran::of(&mut command);
        (ran.fault(), ran.code)
    };
    let missing = fault(&|command| {
        command.env_remove("COUNTERPART_PASSPHRASE");
    });
    assert_eq!(missing, ("passphrase-missing".to_owned(), 3));
    let wrong = fault(&|command| {
        command.env("COUNTERPART_PASSPHRASE", "tea after the storm");
    });
    assert_eq!(wrong, ("passphrase-wrong".to_owned(), 3));
    std::fs::write(world.path("secret"), PASSPHRASE).unwrap();
    let mut command = world.command("arcadia", &["log", "--passphrase-file", "secret"]);
    Ran::of(command.env_remove("COUNTERPART_PASSPHRASE")).good();
    let mut command = world.command("short", &["init", "--name", "Short", "--json"]);
    let ran = Ran::of(command.env("COUNTERPART_PASSPHRASE", "short"));
    assert_eq!((ran.fault().as_str(), ran.code), ("passphrase-unfit", 1));
    assert!(!world.path("short").exists());
}

#[test]
fn wrong_folders_are_told_apart() {
    let world = World::enrolled();
    let code = |name: &str| json(&world, name, &["log"]).fault();
    assert_eq!(code("nowhere"), "folder-not-node");
    assert!(!world.path("nowhere").exists());
    assert_eq!(code("arcadia-root"), "folder-not-node");
    assert_eq!(code("request.json"), "folder-not-node");
    // Nothing is founded where something lies, and a founding that is refused leaves nothing.
    std::fs::create_dir(world.path("full")).unwrap();
    std::fs::write(world.path("full/letter"), "dear").unwrap();
    assert_eq!(json(&world, "full", &["init", "--name", "X"]).fault(), "folder-in-use");
    let root = json(&world, "new", &["init", "--name", "X", "--root", "full"]);
    assert_eq!(root.fault(), "folder-in-use");
    assert_eq!(code("new"), "folder-not-node");
    let inside = json(&world, "new", &["init", "--name", "X", "--root", "new/root"]);
    assert_eq!(inside.fault(), "argument-wrong");
    assert_eq!(json(&world, "new", &["init", "--name", " "]).fault(), "argument-wrong");
    world.run("new", &["init", "--name", "X"]).good();
}

#[test]
fn damaged_files_are_named_and_left_as_they_are() {
    let world = World::enrolled();
    let home = world.path("arcadia");
    let code = || json(&world, "arcadia", &["log"]).fault();
    let key = std::fs::read(home.join("node.key")).unwrap();
    let mut turned = key.clone();
    let middle = turned.len() / 2;
    turned[middle] ^= 2;
    for damaged in [&key[..key.len() / 2], &turned, b""] {
        std::fs::write(home.join("node.key"), damaged).unwrap();
        assert_eq!(code(), "key-file-wrong");
        assert_eq!(std::fs::read(home.join("node.key")).unwrap(), damaged);
    }
    // Whole, but of another node.
    std::fs::copy(world.path("borealis/node.key"), home.join("node.key")).unwrap();
    assert_eq!(code(), "key-file-wrong");
    std::fs::write(home.join("node.key"), &key).unwrap();
    let record = std::fs::read(home.join("record.db")).unwrap();
    std::fs::write(home.join("record.db"), vec![0x55; record.len()]).unwrap();
    assert_eq!(code(), "store-damaged");
    std::fs::write(home.join("record.db"), &record).unwrap();
    world.run("arcadia", &["log"]).good();
    let config = std::fs::read_to_string(home.join("config")).unwrap();
    std::fs::write(home.join("config"), config.clone() + "colour = red\n").unwrap();
    assert_eq!(json(&world, "arcadia", &["serve"]).fault(), "config-wrong");
    // Somebody else listens where the node would.
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let lines = config.lines().filter(|line| !line.starts_with("listen"));
    let lines: Vec<&str> = lines.collect();
    let listen = format!("{}\nlisten = {}\n", lines.join("\n"), other.local_addr().unwrap());
    std::fs::write(home.join("config"), listen).unwrap();
    assert_eq!(json(&world, "arcadia", &["serve"]).fault(), "address-in-use");
    std::fs::write(home.join("config"), &config).unwrap();
    std::fs::remove_file(home.join("record.db")).unwrap();
    assert_eq!(code(), "store-damaged");
}

#[test]
fn a_root_signed_statement_that_changed_on_the_disk_is_named_with_its_place() {
    let world = World::enrolled();
    let path = world.path("arcadia/record.db");
    let (record, credential) =
        (std::fs::read(&path).unwrap(), std::fs::read(world.path("arcadia.credential")).unwrap());
    // The last bytes of its second signature, wherever the record keeps them.
    let part = &credential[credential.len() - 64..];
    let places: Vec<usize> =
        (0..record.len() - 64).filter(|at| record[*at..].starts_with(part)).collect();
    let mut named = std::collections::BTreeSet::new();
    for at in places {
        let mut changed = record.clone();
        changed[at + 30] ^= 4;
        std::fs::write(&path, &changed).unwrap();
        for command in ["fsck", "log"] {
            let ran = json(&world, "arcadia", &[command]);
            assert_eq!(ran.fault(), "store-damaged", "{} {}", ran.out, ran.err);
            let told = ran.out + &ran.err;
            let place =
                ["credential of our own", "leaf "].into_iter().find(|place| told.contains(place));
            named.insert(place.unwrap_or_else(|| panic!("{told}")));
        }
    }
    assert_eq!(named.len(), 2, "the list of statements, and the logs");
    std::fs::write(&path, &record).unwrap();
    world.run("arcadia", &["fsck"]).good();
}

#[test]
fn a_folder_that_another_process_has_is_locked() {
    let world = World::enrolled();
    let held = counterpart_server::folder::Folder::open(&world.path("arcadia")).unwrap();
    let ran = json(&world, "arcadia", &["log"]);
    assert_eq!((ran.fault().as_str(), ran.code), ("folder-locked", 3));
    assert!(ran.err.contains(&std::process::id().to_string()), "{}", ran.err);
    assert_eq!(json(&world, "arcadia", &["rotate"]).fault(), "folder-locked");
    drop(held);
    world.run("arcadia", &["log"]).good();
}

#[test]
fn what_cannot_be_read_ends_with_two() {
    let world = World::new();
    for args in [&["dance"][..], &["matter", "show"], &["log", "--limit", "few"], &["--lang", "de"]]
    {
        assert_eq!(world.run("arcadia", args).code, 2, "{args:?}");
    }
}
