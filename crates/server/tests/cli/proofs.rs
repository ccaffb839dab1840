//! A party that tells two stories, the proof that remains of it, and a third person who has nothing
//! but the file and a fingerprint.

use crate::world::{World, text};
use counterpart_record::strict::json::Value;
use std::fs;

/// REC-40, REC-55
#[test]
fn a_proof_leaves_the_node_and_convicts_by_itself() {
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    world.carry(a, b, &[]);
    world.carry(b, a, &[]);
    assert_eq!(
        world.run(b, &["proofs", "export", "1", "none", "--json"]).fault(),
        "argument-wrong"
    );
    // One node in two places, each with a log that goes on in its own way.
    fs::create_dir(world.path("twin")).unwrap();
    for entry in fs::read_dir(world.path(a)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), world.path("twin").join(entry.file_name())).unwrap();
    }
    for (node, pouch) in [(a, "one"), ("twin", "other")] {
        world.run(node, &["request", "new", "--file", "request.json"]).good();
        world.run(node, &["pouch", "pack", "Borealis", pouch]).good();
    }
    world.run(b, &["pouch", "unpack", "one"]).good();
    let fault = world.run(b, &["pouch", "unpack", "other", "--json"]).fault();
    assert!(["root-differs", "head-order"].contains(&&*fault), "{fault}");
    let list = world.run(b, &["proofs"]).good().out;
    assert!(list.contains("proofs export 1"), "{list}");
    let out = world.object(b, &["proofs", "export", "1", "proof.cbor"]);
    let print = world.fingerprint(a);
    assert_eq!(text(&out, "fingerprint"), print);
    // What lies there is not overwritten; a folder gets a file of its own.
    let again = world.run(b, &["proofs", "export", "1", "proof.cbor", "--json"]);
    assert_eq!(again.fault(), "folder-in-use");
    fs::create_dir(world.path("evidence")).unwrap();
    let said = world.run(b, &["proofs", "export", "1", "evidence"]).good().out;
    assert!(said.contains("counterpart-verify inconsistency"), "{said}");
    assert_eq!(fs::read_dir(world.path("evidence")).unwrap().count(), 1);
    // The third person has no node.
    let check = |file: &str, print: &str, more: &[&str]| {
        let args = ["verify", "inconsistency", file, "--fingerprint", print];
        world.run("nowhere", &[&args[..], more].concat())
    };
    for (lang, word) in [("en", "Arcadia"), ("zh-CN", "不能同时为真")] {
        let ran = check("proof.cbor", &print, &["--lang", lang]);
        assert!(ran.code == 0 && ran.out.contains(word), "{}{}", ran.out, ran.err);
    }
    let ran = check("proof.cbor", &print, &["--json"]);
    assert!(ran.out.contains(text(&out, "what")), "{}", ran.out);
    let other = check("proof.cbor", &world.fingerprint(b), &[]);
    assert_eq!(other.code, 1, "{}", other.out);
    let mut bytes = fs::read(world.path("proof.cbor")).unwrap();
    let last = bytes.len() - 40;
    bytes[last] ^= 1;
    fs::write(world.path("altered.cbor"), &bytes).unwrap();
    assert_eq!(check("altered.cbor", &print, &[]).code, 1);
    let status = world.object(b, &[]);
    assert_eq!(status.get("proofs"), Some(&Value::Int(1)));
}
