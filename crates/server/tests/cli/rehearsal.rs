//! The page about backups, played as it stands: every command of it, in its order, in a folder in
//! the place of the machine's root. What the page says around them is held too.

use crate::running::Running;
use crate::world::{PASSPHRASE, Ran, World, text};
use counterpart_record::strict::json::Value;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../../../docs/operate/backup.md");
const NEWEST: &str = "safe/arcadia-2026-11-22";
const NEXT: &str = "rain after the harvest";

/// The commands of the page, those in blocks and those in the numbered steps of the drill.
fn commands() -> Vec<String> {
    let mut found = Vec::new();
    let mut block = false;
    for line in PAGE.lines() {
        if line.trim_start().starts_with("```") {
            block = !block;
        } else if block {
            found.push(line.trim().to_owned());
        } else if line.starts_with(|c: char| c.is_ascii_digit()) {
            let quoted = line.split('`').skip(1).step_by(2);
            found.extend(quoted.filter(|one| one.starts_with("counterpart ")).map(str::to_owned));
        }
    }
    found
}

/// As typed, with the paths of this folder.
fn here(command: &str) -> Vec<String> {
    let command = command
        .replace("$(date +%F)", "2026-11-21")
        .replace("/media/safe/", "safe/")
        .replace("/srv/", "srv/")
        .replace(" FILE ", &format!(" {NEWEST} "))
        .replace("--after-epoch N", "--after-epoch 5")
        .replace("COPY-OF-ROOT", "copy-of-root");
    assert!(!command.contains(['$', '<', '|']), "{command}");
    command.split(' ').skip(1).map(str::to_owned).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn exchange(world: &World, arcadia: &str, more: &[&str]) {
    for (from, peer, to) in [(arcadia, "Borealis", "borealis"), ("borealis", "Arcadia", arcadia)] {
        let _ = fs::remove_file(world.path("pouch"));
        world.run(from, &[&["pouch", "pack", peer, "pouch"], more].concat()).good();
        world.run(to, &["pouch", "unpack", "pouch"]).good();
    }
}

#[test]
fn the_page_about_backups_is_played_as_it_stands() {
    let world = World::enrolled();
    let root = ["--root", "safe/arcadia-root"];
    for folder in ["safe", "srv"] {
        fs::create_dir(world.path(folder)).unwrap();
    }
    fs::rename(world.path("arcadia-root"), world.path("safe/arcadia-root")).unwrap();
    for more in [&[][..], &["--drill"]] {
        exchange(&world, "arcadia", more);
        exchange(&world, "arcadia", more);
    }
    let made = world.object("arcadia", &["request", "new", "--file", "request.json"]);
    let matter = text(&made, "matter").to_owned();
    exchange(&world, "arcadia", &[]);
    let mut played = Vec::new();
    for command in commands() {
        let words = here(&command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        // What the page says has happened before.
        match &words[..] {
            ["backup", "forget", old] => {
                world.run("arcadia", &["backup", old]).good_with_progress();
            }
            ["rotate", "--drop-older"] => {
                world.run("arcadia", &[&["rotate"], &root[..]].concat()).good();
                exchange(&world, "arcadia", &[]);
                exchange(&world, "arcadia", &["--drill"]);
            }
            // A second time, of the node that is there by then.
            ["--home", "srv/arcadia", "restore", "--root", ..] => {}
            ["--home", "srv/arcadia", "restore", file, ..] => {
                assert_eq!(*file, NEWEST);
                world.run("arcadia", &["backup", NEWEST]).good_with_progress();
                world.run("arcadia", &["remind", &matter]).good();
                exchange(&world, "arcadia", &[]);
                fs::remove_dir_all(world.path("arcadia")).unwrap();
            }
            ["--home", "drill-home", "restore", ..] => {
                copy(&world.path("safe/arcadia-root"), &world.path("copy-of-root"));
            }
            _ => {}
        }
        play(&world, &words);
        played.push(command);
    }
    assert!(played.len() >= 10, "{played:?}");
    // It has come back: what the peer held, too, and the next acts reach it.
    let home = "srv/arcadia";
    exchange(&world, home, &[]);
    exchange(&world, home, &[]);
    let seen = world.object(home, &["matter", "show", &matter]);
    assert_eq!(seen.get("count"), Some(&Value::Int(2)), "{seen:?}");
    world.run(home, &["remind", &matter]).good();
    exchange(&world, home, &[]);
    for name in [home, "borealis"] {
        let checked = world.object(name, &["fsck"]);
        assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())), "{name}");
        assert_eq!(world.json(name, &["proofs"]), Value::Array(Vec::new()));
    }
    // The drill used up nothing that the real root keys know of.
    let number = |root: &str| fs::read_to_string(world.path(root).join("epoch")).unwrap();
    assert_ne!(number("copy-of-root"), number("safe/arcadia-root"));
    older_is_followed(&world, &matter);
}

/// What `--after-epoch` cannot do leaves the node as it was: it goes on signing. REC-48
#[test]
fn logs_that_cannot_end_once_more_leave_a_node_as_it_was() {
    let mut world = World::enrolled();
    fs::write(world.path("right"), PASSPHRASE).unwrap();
    let passphrases = ["--root-passphrase-file", "right"];
    let largest = u64::MAX.to_string();
    for (root, after, passphrase, fault) in [
        ("arcadia-root", "5", "not that one", "passphrase-wrong"),
        ("borealis-root", "5", PASSPHRASE, "root-missing"),
        ("arcadia-root", &largest, PASSPHRASE, "argument-wrong"),
    ] {
        let args = ["restore", "--root", root, "--after-epoch", after, "--json"];
        world.env.push(("COUNTERPART_PASSPHRASE", passphrase.into()));
        let refused = world.run("arcadia", &[&args[..], &passphrases].concat());
        world.env.pop();
        assert_eq!(refused.fault(), fault, "{root} {after}");
        world.run("arcadia", &["request", "new", "--file", "request.json"]).good();
        assert!(!world.path(root).join("epoch").exists(), "no number was used up: {fault}");
    }
    exchange(&world, "arcadia", &[]);
    assert_eq!(world.json("borealis", &["matter", "list"]).as_array().unwrap().len(), 3);
    // And what it can do is done.
    let args = ["restore", "--root", "arcadia-root", "--after-epoch", "5"];
    world.run("arcadia", &args).good();
    world.run("arcadia", &["request", "new", "--file", "request.json"]).good();
}

fn play(world: &World, words: &[&str]) {
    if let ["--home", home, "serve"] = words {
        return Running::start(world, home).end();
    }
    let run = |old: &str, new: &str| {
        let mut command = world.command("arcadia", words);
        command.env("COUNTERPART_PASSPHRASE", old).env("COUNTERPART_NEW_PASSPHRASE", new);
        let ran = Ran::of(&mut command);
        assert_eq!(ran.code, 0, "{words:?}\n{}{}", ran.out, ran.err);
    };
    run(PASSPHRASE, NEXT);
    if words.starts_with(&["passphrase"]) {
        // And back, for what the page says after it.
        run(NEXT, PASSPHRASE);
    }
}

/// An older backup after the newer one: the peer follows and gives back what that one lost. REC-48.
fn older_is_followed(world: &World, matter: &str) {
    let older = ["restore", "safe/arcadia-2026-11-21", "--root", "safe/arcadia-root"];
    world.run("older", &older).good();
    exchange(world, "older", &[]);
    exchange(world, "older", &[]);
    let seen = world.object("older", &["matter", "show", matter]);
    assert_eq!(seen.get("count"), Some(&Value::Int(3)), "{seen:?}");
    // Once more under a number above one that nobody ever gave: the peer follows that, too.
    let number = fs::read_to_string(world.path("safe/arcadia-root/epoch")).unwrap();
    let above = (number.trim().parse::<u64>().unwrap() + (9 << 20)).to_string();
    let again = ["restore", "--root", "safe/arcadia-root", "--after-epoch", &above];
    world.run("older", &again).good();
    let number = fs::read_to_string(world.path("safe/arcadia-root/epoch")).unwrap();
    assert!(number.trim().parse::<u64>().unwrap() > above.parse::<u64>().unwrap());
    exchange(world, "older", &[]);
    exchange(world, "older", &[]);
    world.run("older", &["remind", matter]).good();
    exchange(world, "older", &[]);
    for name in ["older", "borealis"] {
        let seen = world.object(name, &["matter", "show", matter]);
        assert_eq!(seen.get("count"), Some(&Value::Int(4)), "{name} {seen:?}");
        let checked = world.object(name, &["fsck"]);
        assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())), "{name}");
        assert_eq!(world.json(name, &["proofs"]), Value::Array(Vec::new()));
    }
}
