//! Rotation and revocation, and what a crash in the middle of a rotation leaves.

use crate::world::{PASSPHRASE, Ran, World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::{Object, Value};
use counterpart_server::house;
use std::process::{Command, Stdio};
use std::time::Instant;

fn kid(credential: &Object, role: &str) -> String {
    let keys = credential.get("keys").and_then(Value::as_object).unwrap();
    text(keys.get("live").and_then(Value::as_object).unwrap(), role).to_owned()
}

#[test]
fn new_keys_reach_the_peer_and_old_ones_are_revoked() {
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    world.carry(a, b, &[]);
    world.carry(b, a, &[]);
    let made = world.object(a, &["request", "new", "--file", "request.json"]);
    // Sealed to the old key before the rotation, opened after it.
    world.run(b, &["pouch", "pack", "Arcadia", "under-way"]).good();
    let old = world.object(a, &["credential", "show"]);
    assert_eq!(world.object(a, &["rotate"]).get("version"), Some(&Value::Int(2)));
    world.object(a, &["pouch", "unpack", "under-way"]);
    let new = world.object(a, &["credential", "show"]);
    assert_ne!(kid(&old, "statement"), kid(&new, "statement"));
    let revoke = |kid: &str| {
        let args = ["revoke", kid, "--since", "2026-01-01T00:00:00Z", "--json"];
        world.run(a, &args)
    };
    assert_eq!(revoke(&kid(&new, "statement")).fault(), "not-permitted");
    // A slip of the keyboard revokes nothing, and is in no log.
    let log = || world.run(a, &["log", "Borealis", "--json"]).good().out;
    let before = log();
    assert_eq!(revoke(&"ab".repeat(32)).fault(), Code::KeyNotOurs.name());
    let of_peer = world.object(a, &["credential", "show", "Borealis"]);
    assert_eq!(revoke(&kid(&of_peer, "statement")).fault(), Code::KeyNotOurs.name());
    assert_eq!(log(), before);
    world.run(a, &["remind", text(&made, "matter")]).good();
    world.carry(a, b, &[]);
    let held = world.object(b, &["credential", "show", "Arcadia"]);
    assert_eq!(kid(&held, "statement"), kid(&new, "statement"));
    let seen = world.object(b, &["matter", "show", text(&made, "matter")]);
    assert_eq!(seen.get("count"), Some(&Value::Int(2)), "{seen:?}");
    revoke(&kid(&old, "statement")).good();
    world.run(b, &["acknowledge", text(&made, "matter"), "--desk", "Duty desk"]).good();
    world.carry(a, b, &[]);
    world.carry(b, a, &[]);
    for name in [a, b] {
        let checked = world.object(name, &["fsck"]);
        assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())));
        let seen = world.object(name, &["matter", "show", text(&made, "matter")]);
        assert_eq!(text(&seen, "stage"), "waiting-answer");
    }
}

/// RET-1, RET-2.
#[test]
fn older_secrets_are_destroyed_when_every_peer_has_the_newest() {
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    let both = |more: &[&str]| {
        world.carry(a, b, more);
        world.carry(b, a, more);
    };
    both(&[]);
    both(&["--drill"]);
    let drop =
        |more: &[&str]| world.run(a, &[&["rotate", "--drop-older", "--json"], more].concat());
    assert!(drop(&[]).good().out.contains("\"dropped\":0"));
    world.run(a, &["rotate"]).good();
    // Sealed to the old keys; it comes too late.
    world.run(b, &["pouch", "pack", "Arcadia", "recorded"]).good();
    let awaited = drop(&[]);
    assert_eq!(awaited.fault(), Code::KeysAwaited.name());
    assert!(awaited.err.contains("Borealis (live)") && awaited.err.contains("Borealis (drill)"));
    both(&[]);
    let awaited = drop(&[]);
    assert!(!awaited.err.contains("(live)") && awaited.err.contains("(drill)"), "{}", awaited.err);
    both(&["--drill"]);
    // Another name of the file shows what became of its bytes.
    let (key, witness) = (world.path("arcadia/node.key"), world.path("witness"));
    std::fs::hard_link(&key, &witness).unwrap();
    assert!(drop(&[]).good().out.contains("\"dropped\":2"));
    assert!(std::fs::read(&witness).unwrap().iter().all(|byte| *byte == 0));
    assert!(std::fs::read(&key).unwrap().len() < std::fs::read(&witness).unwrap().len());
    let late = world.run(a, &["pouch", "unpack", "recorded", "--json"]);
    assert_eq!(late.fault(), "parcel-not-for-us");
    // Nothing is lost by it: what it carried comes again.
    let made = world.object(b, &["request", "new", "--file", "request.json"]);
    both(&[]);
    world.carry(b, a, &[]);
    world.run(a, &["acknowledge", text(&made, "matter"), "--desk", "Duty desk"]).good();
    both(&[]);
    // Somebody may insist.
    world.run(a, &["rotate"]).good();
    assert_eq!(drop(&[]).fault(), "keys-awaited");
    assert!(drop(&["--anyway"]).good().out.contains("\"dropped\":2"));
    world.run(a, &["fsck"]).good();
}

#[test]
fn a_rotation_needs_the_own_root() {
    let world = World::enrolled();
    let ran = world.run("arcadia", &["rotate", "--root", "borealis-root", "--json"]);
    assert_eq!(ran.fault(), "party-wrong");
    world.run("arcadia", &["fsck"]).good();
    assert!(!world.path("arcadia/node.key.next").exists());
}

#[test]
fn a_crash_in_a_rotation_leaves_a_node_that_opens() {
    let world = World::enrolled();
    let home = world.path("arcadia");
    let (key, next) = (home.join("node.key"), home.join("node.key.next"));
    let old = std::fs::read(&key).unwrap();
    world.run("arcadia", &["rotate"]).good();
    assert!(!next.exists());
    let new = std::fs::read(&key).unwrap();
    // After the new credential was adopted and before the key file was replaced.
    std::fs::write(&next, &new).unwrap();
    std::fs::write(&key, &old).unwrap();
    let made = world.run("arcadia", &["request", "new", "--file", "request.json"]);
    assert_eq!(made.good().code, 0);
    assert!(!next.exists());
    // Before it was adopted: what was prepared is not used.
    std::fs::write(&next, &old).unwrap();
    world.run("arcadia", &["fsck"]).good();
    assert!(!next.exists());
    // Neither fits: nothing is guessed.
    std::fs::write(&key, &old).unwrap();
    let ran = world.run("arcadia", &["fsck", "--json"]);
    assert_eq!(ran.fault(), "key-file-wrong");
    assert_eq!(std::fs::read(&key).unwrap(), old);
}

#[test]
fn a_founding_that_stopped_is_no_node_and_leaves_no_doubt() {
    let world = World::new();
    let home = world.path("arcadia");
    world.run("arcadia", &["init", "--name", "Arcadia"]).good();
    // As after a crash before the last step.
    std::fs::remove_file(home.join("config")).unwrap();
    assert_eq!(world.run("arcadia", &["fsck", "--json"]).fault(), "folder-not-node");
    assert_eq!(world.run("arcadia", &["init", "--name", "A", "--json"]).fault(), "folder-in-use");
    assert!(house::open(&home, PASSPHRASE).is_err());
}

const NEXT: &str = "rain after the harvest";

/// Changes the passphrase; the old one comes from the environment like that of every command.
fn change(world: &World, old: &str, new: &str, more: &[&str]) -> Command {
    let args = [&["passphrase", "change"], more].concat();
    let mut command = world.command("arcadia", &args);
    command.env("COUNTERPART_PASSPHRASE", old).env("COUNTERPART_NEW_PASSPHRASE", new);
    command
}

/// Whether a passphrase opens the node.
fn opens(world: &World, passphrase: &str) -> bool {
    let mut command = world.command("arcadia", &["fsck", "--json"]);
    let ran = Ran::of(command.env("COUNTERPART_PASSPHRASE", passphrase));
    assert!(ran.code == 0 || ran.fault() == "passphrase-wrong", "{}", ran.err);
    ran.code == 0
}

/// RET-8
#[test]
fn a_new_passphrase_takes_the_place_of_the_old_one() {
    let world = World::enrolled();
    world.run("arcadia", &["backup", "before"]).good_with_progress();
    let witness = world.path("witness");
    std::fs::hard_link(world.path("arcadia/node.key"), &witness).unwrap();
    // What does not fit is named with its remedy, and changes nothing.
    for (old, new, fault) in [
        (PASSPHRASE, "elevenchars", "passphrase-unfit"),
        (PASSPHRASE, PASSPHRASE, "passphrase-unfit"),
        (NEXT, "any other one at all", "passphrase-wrong"),
    ] {
        assert_eq!(Ran::of(&mut change(&world, old, new, &["--json"])).fault(), fault);
    }
    let short = Ran::of(&mut change(&world, PASSPHRASE, "elevenchars", &[]));
    assert!(short.err.contains("at least 12") && !short.err.contains("--help"), "{}", short.err);
    assert!(opens(&world, PASSPHRASE));
    let said = Ran::of(&mut change(&world, PASSPHRASE, NEXT, &[])).good().out;
    assert!(said.contains("1 kept") && said.contains("counterpart rotate"), "{said}");
    assert!(opens(&world, NEXT) && !opens(&world, PASSPHRASE));
    assert!(std::fs::read(&witness).unwrap().iter().all(|byte| *byte == 0), "overwritten");
    // The backup keeps the passphrase of its day.
    let restore = |passphrase: &str| {
        let mut command = world.command("restored", &["restore", "before", "--json"]);
        command.args(["--root", "arcadia-root", "--root-passphrase-file", "root-passphrase"]);
        Ran::of(command.env("COUNTERPART_PASSPHRASE", passphrase))
    };
    std::fs::write(world.path("root-passphrase"), PASSPHRASE).unwrap();
    assert_eq!(restore(NEXT).fault(), "passphrase-wrong");
    restore(PASSPHRASE).good();
    // The root keys have one of their own; the node's is not asked for.
    let of_root = ["--of-root", "--lang", "zh-CN"];
    let said = Ran::of(&mut change(&world, PASSPHRASE, NEXT, &of_root)).good().out;
    assert!(said.contains("根密钥已用新口令密封"), "{said}");
    let mut rotate = world.command("arcadia", &["rotate", "--json"]);
    Ran::of(rotate.env("COUNTERPART_PASSPHRASE", NEXT)).good();
    let again = Ran::of(&mut change(&world, PASSPHRASE, NEXT, &["--of-root", "--json"]));
    assert_eq!(again.fault(), "passphrase-wrong");
}

/// RET-8
#[test]
fn a_change_of_the_passphrase_that_is_killed_leaves_one_that_opens() {
    let world = World::enrolled();
    let (mut now, mut next) = (PASSPHRASE, NEXT);
    let begun = Instant::now();
    Ran::of(&mut change(&world, now, next, &[])).good();
    let whole = begun.elapsed();
    (now, next) = (next, now);
    let mut changed = 0;
    for nth in 0..8 {
        let mut child = change(&world, now, next, &[]).stdout(Stdio::null()).spawn().unwrap();
        // The last part is where the files change.
        std::thread::sleep(whole * (60 + 6 * nth) / 100);
        let _ = child.kill();
        child.wait().unwrap();
        let (old, new) = (opens(&world, now), opens(&world, next));
        assert!(old != new, "exactly one opens: {old} {new}");
        if new {
            changed += 1;
            (now, next) = (next, now);
        }
        let left = std::fs::read_dir(world.path("arcadia")).unwrap();
        let mut left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let ends = [".superseded", ".draft"];
        let lies = |name: String| ends.iter().any(|end| name.ends_with(end));
        assert!(!left.any(lies), "the next start ends what was begun");
    }
    println!("{changed} of 8 were through");
    Ran::of(&mut change(&world, now, next, &[])).good();
    assert!(opens(&world, next));
}
