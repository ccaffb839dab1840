//! Rotation and revocation, and what a crash in the middle of a rotation leaves.

use crate::world::{PASSPHRASE, World, text};
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
