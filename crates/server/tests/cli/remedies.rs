//! What a fault says to do is what helps, where it was met.

use crate::world::{PASSPHRASE, Ran, World, text};
use counterpart_record::fault::Code;

const A: &str = "arcadia";

/// The fault and both its sentences, in English.
fn told(ran: &Ran) -> String {
    format!("{} {}", ran.fault(), ran.err)
}

fn json(world: &World, name: &str, args: &[&str]) -> String {
    told(&world.run(name, &[args, &["--json"]].concat()))
}

#[test]
fn keys_and_credentials_that_do_not_fit_say_what_helps() {
    let world = World::enrolled();
    let other = json(&world, A, &["rotate", "--root", "borealis-root"]);
    assert!(other.starts_with("root-missing") && other.contains("another party"), "{other}");
    assert!(!other.contains("accredit"), "{other}");
    // A key that is in force.
    let own = world.object(A, &["credential", "show"]);
    let keys = own.get("keys").and_then(|keys| keys.as_object()).unwrap();
    let live = keys.get("live").and_then(|ring| ring.as_object()).unwrap();
    let args = ["revoke", text(live, "statement"), "--since", "2026-01-01T00:00:00Z"];
    let held = json(&world, A, &args);
    assert!(
        held.starts_with(Code::KeyInForce.name()) && held.contains("counterpart rotate"),
        "{held}"
    );
    // After a rotation that somebody else made necessary, every old key is named by a command.
    let rotated = world.run(A, &["rotate", "--compromised"]).good().out;
    assert!(rotated.contains("credential keys"), "{rotated}");
    // A credential that is older than the one held.
    world.run(A, &["credential", "export", "second.credential"]).good();
    world.run("borealis", &["credential", "import", "second.credential"]).good();
    let older = json(&world, "borealis", &["credential", "import", "arcadia.credential"]);
    assert!(
        older.starts_with(Code::CredentialOlder.name()) && older.contains("newer one stays"),
        "{older}"
    );
}

#[test]
fn what_is_typed_wrong_is_told_as_what_was_typed() {
    let world = World::enrolled();
    let name = json(&world, "new", &["init", "--name", ""]);
    assert!(name.starts_with("argument-wrong") && !name.contains("line 3"), "{name}");
    let mut command = world.command("short", &["init", "--name", "Short", "--json"]);
    let short = told(&Ran::of(command.env("COUNTERPART_PASSPHRASE", "short")));
    assert!(short.contains("5 characters, at least 12"), "{short}");
    let mut command = world.command(A, &["passphrase", "change", "--json"]);
    let same = told(&Ran::of(command.env("COUNTERPART_NEW_PASSPHRASE", PASSPHRASE)));
    assert!(same.contains("the new one is the old one"), "{same}");
    let peer = json(&world, A, &["fingerprint", "Nobody"]);
    assert!(peer.contains("`counterpart`"), "{peer}");
    let matter = json(&world, A, &["matter", "show", "ffffffff"]);
    assert!(matter.contains("`counterpart matter list`"), "{matter}");
    // A line that cannot be read is a fault like any other to a program, in either language.
    for words in [&["accredit", "x"][..], &["dance"], &["log", "--limit", "few"]] {
        for lang in ["en", "zh-CN"] {
            let ran = world.run(A, &[words, &["--json", "--lang", lang]].concat());
            assert_eq!((ran.code, ran.fault().as_str()), (2, "argument-wrong"), "{words:?}");
        }
    }
}

#[test]
fn a_pouch_that_does_not_open_is_named() {
    let world = World::enrolled();
    world.run(A, &["pouch", "pack", "Borealis", "whole"]).good();
    let mut bytes = std::fs::read(world.path("whole")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(world.path("turned"), bytes).unwrap();
    let broken = json(&world, "borealis", &["pouch", "unpack", "turned"]);
    assert!(broken.starts_with("seal-broken") && broken.contains("turned"), "{broken}");
}

#[test]
fn figures_that_cannot_be_counted_name_the_peer() {
    let world = World::enrolled();
    let ran =
        json(&world, A, &["figures", "--peer", "Borealis", "--as-of", "2026-01-01T00:00:00Z"]);
    assert!(ran.starts_with("cut-not-shared") && ran.contains("Borealis"), "{ran}");
}

/// DOS-24
#[test]
fn a_head_of_our_log_goes_to_others_with_its_keys() {
    let world = World::enrolled();
    world.run(A, &["request", "new", "--file", "request.json"]).good();
    let said = world.run(A, &["log", "Borealis", "--checkpoint", "head.txt"]).good().out;
    assert!(said.contains("verify checkpoint"), "{said}");
    let checked = ["verify", "checkpoint", "head.txt", "--vkey", "head.txt.vkeys"];
    let checked = world.run("nowhere", &checked).good().out;
    assert!(checked.contains("0x06") && checked.contains("0x01"), "{checked}");
    let again = json(&world, A, &["log", "Borealis", "--checkpoint", "head.txt"]);
    assert!(again.starts_with("folder-in-use"), "{again}");
}
