//! A record that has fallen behind what its node signed, with real processes: each command is a new
//! one, and a pouch the only way. REC-26, REC-41, REC-48.

use crate::world::{World, text};
use counterpart_record::strict::json::Value;
use std::process::Command;

const A: &str = "arcadia";
const B: &str = "borealis";
const REQUEST: [&str; 5] = ["request", "new", "Borealis", "--file", "request.json"];

fn copy(world: &World, from: &str, to: &str) {
    let mut command = Command::new("cp");
    let copied = command.arg("-a").args([world.path(from), world.path(to)]).status().unwrap();
    assert!(copied.success());
}

fn round(world: &World) {
    world.carry(A, B, &[]);
    world.carry(B, A, &[]);
}

/// Epoch and size of Arcadia's log.
fn stands(world: &World) -> (u64, i64) {
    let log = world.object(A, &["log", "Borealis"]);
    let own = log.get("own").and_then(Value::as_object).unwrap().clone();
    let epoch = text(&own, "origin").rsplit('/').next().unwrap().parse().unwrap();
    (epoch, own.get("size").and_then(Value::as_int).unwrap())
}

/// What Borealis packs now stops Arcadia, and the fault names the number.
fn shown(world: &World, file: &str, epoch: u64) {
    world.run(B, &["pouch", "pack", A, file]).good();
    let ran = world.run(A, &["pouch", "unpack", file, "--json"]);
    assert_eq!(ran.fault(), "store-behind");
    assert!(ran.err.contains(&format!("epoch {epoch}\"")), "{}", ran.err);
}

/// Nothing is signed, whoever asks, and everybody who looks is told how to go on.
fn stopped(world: &World, epoch: u64) {
    let before = stands(world);
    for _ in 0..2 {
        let ran = world.run(A, &[&REQUEST[..], &["--json"]].concat());
        assert_eq!(ran.fault(), "store-behind");
        assert!(ran.err.contains(&format!("epoch {epoch}")), "{}", ran.err);
    }
    for (lang, said) in [("en", "Nothing is signed"), ("zh-CN", "暂不与")] {
        let told = world.run(A, &["doctor", "--lang", lang]);
        assert!(told.out.contains(said) && told.out.contains(&epoch.to_string()), "{}", told.out);
        assert!(told.out.contains("--after-epoch"), "{}", told.out);
        let stand = world.run(A, &["--lang", lang]).good().out;
        let step = format!("  counterpart restore --after-epoch {epoch}\n");
        assert!(stand.contains(&step) && !stand.contains("cli-"), "{stand}");
    }
    // What is shown can be pasted; where the root keys are off line, their place is asked for.
    let (here, away) = (world.path("arcadia-root"), world.path("off-line"));
    std::fs::rename(&here, &away).unwrap();
    let stand = world.run(A, &[]).good().out;
    let step = format!("  counterpart restore --root ROOT-FOLDER --after-epoch {epoch}\n");
    assert!(stand.contains(&step), "{stand}");
    std::fs::rename(away, here).unwrap();
    assert_eq!(stands(world), before);
}

/// Both have one record, nobody is named, and they go on.
fn mended(world: &World, matter: &str) {
    for _ in 0..3 {
        round(world);
    }
    for name in [A, B] {
        let seen = world.object(name, &["matter", "show", matter]);
        assert_eq!(seen.get("count"), Some(&Value::Int(1)), "{name}: {seen:?}");
        let checked = world.object(name, &["fsck"]);
        assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())), "{name}");
        assert_eq!(world.json(name, &["proofs"]), Value::Array(Vec::new()));
    }
    world.run(A, &REQUEST).good();
    round(world);
    let told = world.run(A, &["doctor", "--json"]).out;
    assert!(!told.contains("\"behind\""), "{told}");
    assert!(!world.run(A, &[]).good().out.contains("--after-epoch"));
}

/// REC-26: the folder of an older day was copied back by hand.
#[test]
fn a_record_that_was_copied_back_by_hand_signs_nothing_in_any_process() {
    let world = World::enrolled();
    round(&world);
    copy(&world, A, "older");
    let asked = world.object(A, &REQUEST);
    round(&world);
    std::fs::rename(world.path(A), world.path("gone")).unwrap();
    std::fs::rename(world.path("older"), world.path(A)).unwrap();
    shown(&world, "first", 1);
    stopped(&world, 1);
    // Keys are changed at once, on a bad day; only this log waits with it.
    let before = stands(&world);
    world.run(A, &["rotate"]).good();
    assert_eq!(stands(&world), before, "no head is signed over the new credential");
    world.carry(A, B, &[]);
    assert_eq!(world.json(B, &["proofs"]), Value::Array(Vec::new()));
    shown(&world, "second", 1);
    world.run(A, &["restore", "--after-epoch", "1"]).good();
    mended(&world, text(&asked, "matter"));
    assert_eq!(world.json(B, &["proofs"]), Value::Array(Vec::new()));
    let peers = world.object(B, &["credential", "show", "Arcadia"]);
    assert_eq!(peers.get("version"), Some(&Value::Int(2)), "{peers:?}");
}

/// A copy of the root keys from before any restore, beside one whose clock ran ahead.
fn two_copies_of_the_root(world: &World) {
    copy(world, "arcadia-root", "root-b");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let ahead = (now.as_secs() + 1_000_000) << 20;
    std::fs::write(world.path("arcadia-root/epoch"), format!("{ahead}\n")).unwrap();
}

fn put_back(world: &World, backup: &str, root: &str) {
    std::fs::remove_dir_all(world.path(A)).unwrap();
    world.run(A, &["restore", backup, "--root", root]).good();
}

/// REC-48: the other copy of the root folder, or a clock that went back.
#[test]
fn a_number_that_lies_too_low_is_named_by_the_next_pouch_and_mended() {
    let world = World::enrolled();
    two_copies_of_the_root(&world);
    round(&world);
    world.run(A, &["backup", "b0"]).good_with_progress();
    let asked = world.object(A, &REQUEST);
    world.carry(A, B, &[]);
    put_back(&world, "b0", "arcadia-root");
    round(&world);
    round(&world);
    let known = stands(&world).0;
    put_back(&world, "b0", "root-b");
    assert!(stands(&world).0 < known);
    // Borealis has not heard of it yet. Its pouch shows all the same what it knows.
    shown(&world, "first", known);
    stopped(&world, known);
    world.run(A, &["pouch", "pack", B, "below"]).good();
    assert_eq!(world.run(B, &["pouch", "unpack", "below", "--json"]).fault(), "epoch-closed");
    // Whoever types a smaller number: the record knows better.
    world.run(A, &["restore", "--after-epoch", "1", "--root", "root-b"]).good();
    assert!(stands(&world).0 > known);
    mended(&world, text(&asked, "matter"));
}

/// REC-41: neither copy of the root folder knows of the newest epoch, and the clock is behind it.
/// The record knows, and the numbers of two restores of it differ.
#[test]
fn two_restores_of_one_backup_never_have_one_number() {
    let world = World::enrolled();
    two_copies_of_the_root(&world);
    round(&world);
    world.run(A, &["backup", "b0"]).good_with_progress();
    put_back(&world, "b0", "arcadia-root");
    round(&world);
    round(&world);
    world.run(A, &["backup", "b1"]).good_with_progress();
    let known = stands(&world).0;
    let mut bags = Vec::new();
    for name in ["root-x", "root-y"] {
        copy(&world, "root-b", name);
        put_back(&world, "b1", name);
        let number = stands(&world).0;
        let kept = std::fs::read_to_string(world.path(name).join("epoch")).unwrap();
        assert_eq!(kept.trim(), number.to_string(), "what lies beside the root keys was signed");
        world.run(A, &REQUEST).good();
        let bag = format!("bag-{name}");
        world.run(A, &["pouch", "pack", B, &bag]).good();
        bags.push((number, bag));
    }
    bags.sort();
    assert!(known < bags[0].0 && bags[0].0 < bags[1].0, "{known}: {bags:?}");
    for (_, bag) in &bags {
        world.run(B, &["pouch", "unpack", bag]).good();
    }
    assert_eq!(world.json(B, &["proofs"]), Value::Array(Vec::new()));
}
