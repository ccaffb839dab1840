//! Rotation and revocation, and what a crash in the middle of a rotation leaves.

use crate::world::{PASSPHRASE, World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::{Object, Value};
use counterpart_server::house;

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
    world.run(a, &["remind", text(&made, "matter")]).good();
    world.carry(a, b, &[]);
    let held = world.object(b, &["credential", "show", "Arcadia"]);
    assert_eq!(kid(&held, "statement"), kid(&new, "statement"));
    let seen = world.object(b, &["matter", "show", text(&made, "matter")]);
    assert_eq!(seen.get("count"), Some(&Value::Int(2)), "{seen:?}");
    revoke(&kid(&old, "statement")).good();
    world.run(b, &["acknowledge", text(&made, "matter")]).good();
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
    world.run(a, &["acknowledge", text(&made, "matter")]).good();
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
