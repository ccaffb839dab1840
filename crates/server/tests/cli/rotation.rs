//! New keys while the network carries the line: nobody is cut off by a rotation, whoever calls
//! whom, and whoever must be cut off is told so.

use crate::running::{Running, acquainted, free, until};
use crate::world::{REQUEST, World, text};
use counterpart_record::strict::json::{Object, Value};

const A: &str = "arcadia";
const B: &str = "borealis";

fn version(world: &World, name: &str, peer: &str) -> i64 {
    let shown = world.object(name, &["credential", "show", peer]);
    shown.get("version").and_then(Value::as_int).unwrap()
}

fn ask(world: &World, name: &str) -> String {
    text(&world.object(name, &["request", "new", "--file", "request.json"]), "matter").to_owned()
}

fn shows(world: &World, name: &str, matter: &str) -> bool {
    world.run(name, &["matter", "show", matter]).code == 0
}

/// What each of the two asks reaches the other.
fn talk(world: &World) {
    let (of_a, of_b) = (ask(world, A), ask(world, B));
    until("both requests are there", || shows(world, B, &of_a) && shows(world, A, &of_b));
}

/// The names of the findings of `doctor` that are not good.
fn wrong(world: &World, name: &str) -> Vec<String> {
    let found = world.run(name, &["doctor", "--json"]).out;
    let found = counterpart_record::strict::json::parse(found.trim_end().as_bytes()).unwrap();
    let found = found.as_array().unwrap().iter().map(|one| one.as_object().unwrap().clone());
    let bad = found.filter(|one: &Object| one.get("good") == Some(&Value::Bool(false)));
    bad.map(|one| text(&one, "check").to_owned()).collect()
}

/// Transport keys of before that the key file still has: what is over 32 bytes a seed.
fn settle(world: &World, name: &str, peer: &str) {
    let known = || {
        let status = world.object(name, &[]);
        let peers = status.get("peers").and_then(Value::as_array).unwrap().to_vec();
        let peer = peers[0].as_object().unwrap().clone();
        let channels = peer.get("channels").and_then(Value::as_array).unwrap().to_vec();
        channels.iter().all(|channel| {
            let channel = channel.as_object().unwrap();
            channel.get("held_by_peer") == channel.get("own_size")
        })
    };
    until(&format!("{peer} holds all of {name}"), known);
}

/// Both run, have talked, and each holds all of the other.
fn settled() -> (World, Running, Running) {
    let world = acquainted();
    std::fs::write(world.path("request.json"), REQUEST).unwrap();
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    talk(&world);
    settle(&world, A, B);
    (world, first, second)
}

/// WIRE-1, WIRE-2, WIRE-3: each can call the other; neither hears of it but by the line itself.
#[test]
fn a_rotation_does_not_cut_the_line() {
    let (world, first, second) = settled();
    first.end();
    // Twice, and B knows of neither.
    assert_eq!(world.object(A, &["rotate"]).get("version"), Some(&Value::Int(2)));
    assert_eq!(world.object(A, &["rotate"]).get("version"), Some(&Value::Int(3)));
    let long = std::fs::metadata(world.path("arcadia/node.key")).unwrap().len();
    // B writes while A is away: its call expects the oldest key.
    let waits = ask(&world, B);
    let first = Running::start(&world, A);
    until("it is there", || shows(&world, A, &waits));
    until("the new keys are known", || version(&world, B, A) == 3);
    talk(&world);
    settle(&world, A, B);
    assert!(!wrong(&world, A).iter().chain(&wrong(&world, B)).any(|one| one.starts_with("key-")));
    // And they call each other by the new ones when both start again.
    first.end();
    second.end();
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    // What nobody needs any more is gone from the file.
    assert!(std::fs::metadata(world.path("arcadia/node.key")).unwrap().len() < long);
    talk(&world);
    first.end();
    // The keys may stay: the number to call back changes, and the endpoint.
    let config = std::fs::read_to_string(world.path("arcadia/config")).unwrap();
    let old = config.lines().find_map(|line| line.strip_prefix("listen = ")).unwrap().to_owned();
    let config = config.replace(&old, &free()).replace("555 0100", "555 0177");
    std::fs::write(world.path("arcadia/config"), config).unwrap();
    let before = world.object(A, &["credential", "show"]);
    let signed = world.object(A, &["rotate", "--settings-only"]);
    assert_eq!(signed.get("version"), Some(&Value::Int(4)));
    assert_eq!(world.object(A, &["credential", "show"]).get("keys"), before.get("keys"));
    let first = Running::start(&world, A);
    until("the new number is known", || version(&world, B, A) == 4);
    let shown = world.run(B, &["credential", "show", A]).good().out;
    assert!(shown.contains("+1 555 0177"), "{shown}");
    talk(&world);
    first.end();
    second.end();
    for name in [A, B] {
        world.run(name, &["fsck"]).good();
    }
}

/// WIRE-3: a node that nobody can call expects the key that it knows, and is shown it.
#[test]
fn a_node_that_can_only_call_out_hears_of_new_keys() {
    let world = World::new();
    world.run(A, &["init", "--name", "Arcadia", "--listen", &free()]).good();
    world.run(B, &["init", "--name", "Borealis"]).good();
    world.introduce();
    std::fs::write(world.path("request.json"), REQUEST).unwrap();
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    talk(&world);
    first.end();
    world.run(A, &["rotate"]).good();
    let first = Running::start(&world, A);
    until("the new keys are known", || version(&world, B, A) == 2);
    talk(&world);
    // The side that calls out rotates, too: it calls under the key by which it is known.
    second.end();
    world.run(B, &["rotate"]).good();
    let second = Running::start(&world, B);
    until("the new keys are known", || version(&world, A, B) == 2);
    talk(&world);
    first.end();
    second.end();
}

/// WIRE-2: keys that somebody else may have are not used again. The line is cut, both operators are
/// told, and the credential as a file heals it.
#[test]
fn keys_that_were_compromised_are_not_used_again() {
    let (world, first, second) = settled();
    first.end();
    let said = world.run(A, &["rotate", "--compromised"]).good().out;
    assert!(said.contains("credential export") && said.contains("revoke"), "{said}");
    let first = Running::start(&world, A);
    // Each has something to say: whoever calls nobody is told nothing of the other's keys.
    let waits = ask(&world, A);
    ask(&world, B);
    until("both are told", || {
        let (a, b) = (wrong(&world, A), wrong(&world, B));
        let has = |found: &[String], name: &str| found.iter().any(|one| one == name);
        has(&a, "key-ours") && has(&b, "key-strange") && has(&b, "key-theirs")
    });
    for lang in ["en", "zh-CN"] {
        let said = world.run(A, &["--lang", lang, "doctor"]).out;
        assert!(said.contains("credential export"), "{said}");
        let said = world.run(B, &["--lang", lang, "doctor"]).out;
        assert!(said.contains("credential import"), "{said}");
    }
    // Whoever only looks where he stands hears of it, too, and is sent there.
    for (name, peer) in [(A, "Borealis"), (B, "Arcadia")] {
        let stand = world.run(name, &[]).good().out;
        assert!(stand.contains(&format!("{peer}: the line is cut")), "{stand}");
        assert!(stand.trim_end().ends_with(" doctor"), "{stand}");
        let said = world.run(name, &["doctor"]).out;
        assert!(said.contains(&format!("{peer} (")), "{said}");
    }
    assert!(!shows(&world, B, &waits) && version(&world, B, A) == 1);
    world.run(A, &["credential", "export", "new.credential"]).good();
    world.run(B, &["credential", "import", "new.credential"]).good();
    until("it is there", || shows(&world, B, &waits));
    talk(&world);
    until("the findings are gone", || {
        !wrong(&world, A)
            .iter()
            .chain(&wrong(&world, B))
            .any(|one| one == "key-ours" || one == "key-theirs")
    });
    first.end();
    second.end();
}

/// A exports its credential, rotates, and only then do the two accredit each other: B by the old
/// file.
fn out_of_date(world: &World, rotations: &[&[&str]]) {
    for (name, title) in [(A, "Arcadia"), (B, "Borealis")] {
        world.run(name, &["init", "--name", title, "--listen", &free()]).good();
        world.run(name, &["credential", "export", &format!("{name}.credential")]).good();
    }
    for how in rotations {
        world.run(A, &[&["rotate"], *how].concat()).good();
    }
    for ((name, peer), title) in [((A, B), "Borealis"), ((B, A), "Arcadia")] {
        world.run(name, &["credential", "import", &format!("{peer}.credential")]).good();
        let print = world.fingerprint(peer);
        let args = ["accredit", title, "--compared", "voice", "--fingerprint", &print];
        world.run(name, &args).good();
    }
    std::fs::write(world.path("request.json"), REQUEST).unwrap();
}

/// REC-56: by pouch it comes right by itself, and the dossier shows that each accepted the other.
#[test]
fn an_outdated_credential_enrols_by_pouch() {
    let settings: &[&str] = &["--settings-only"];
    for rotations in [[&[][..], &[]], [settings, settings]] {
        let world = World::new();
        out_of_date(&world, &rotations);
        let matter = ask(&world, A);
        for _ in 0..2 {
            world.carry(A, B, &[]);
            world.carry(B, A, &[]);
        }
        world.run(B, &["acknowledge", &matter, "--desk", "Duty desk"]).good();
        world.carry(B, A, &[]);
        world.carry(A, B, &[]);
        assert_eq!(version(&world, B, A), 3);
        let prints = [world.fingerprint(A), world.fingerprint(B)];
        for name in [A, B] {
            let dir = format!("dossier-{name}");
            world.run(name, &["dossier", &matter, &dir]).good();
            let print = |nth: usize| ["--fingerprint".to_owned(), prints[nth].clone()];
            let [own, peer] = [print(0), print(1)];
            let args = ["verify", "dossier", &dir, &own[0], &own[1], &peer[0], &peer[1]];
            let said = world.run(name, &args).good().out;
            assert!(!said.contains("accreditation"), "{said}");
        }
    }
}

/// By network, too, if the key of the connection is the same; if it is not, both are told what to
/// do, and that does it.
#[test]
fn an_outdated_credential_enrols_by_network_or_both_are_told() {
    let settings: &[&str] = &["--settings-only"];
    let world = World::new();
    out_of_date(&world, &[settings, settings]);
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    talk(&world);
    assert_eq!(version(&world, B, A), 3);
    drop((first, second));

    let world = World::new();
    out_of_date(&world, &[&[], &[]]);
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    let (of_a, of_b) = (ask(&world, A), ask(&world, B));
    until("both are told, or have spoken", || {
        let (a, b) = (wrong(&world, A), wrong(&world, B));
        let has = |found: &[String], name: &str| found.iter().any(|one| one == name);
        has(&a, "key-ours") && has(&b, "key-theirs")
    });
    world.run(A, &["credential", "export", "new.credential"]).good();
    world.run(B, &["credential", "import", "new.credential"]).good();
    until("both requests are there", || shows(&world, B, &of_a) && shows(&world, A, &of_b));
    first.end();
    second.end();
}
