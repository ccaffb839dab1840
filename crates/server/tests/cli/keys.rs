//! Rotation and revocation, and what a crash in the middle of a rotation leaves.

use crate::running::until;
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
    assert_eq!(revoke(&kid(&new, "statement")).fault(), "key-in-force");
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

/// Which acts of a matter are marked contested, in their order.
fn contested(world: &World, name: &str, matter: &str) -> Vec<bool> {
    let shown = world.object(name, &["matter", "show", matter]);
    let acts = shown.get("acts").and_then(Value::as_array).unwrap().to_vec();
    let acts = acts.iter().map(|act| act.as_object().unwrap());
    let marked = acts.map(|act| act.get("contested") != Some(&Value::Null)).collect::<Vec<_>>();
    let count = marked.iter().filter(|marked| **marked).count() as i64;
    assert_eq!(shown.get("contested"), Some(&Value::Int(count)));
    marked
}

/// Every key of every credential that is listed: whether it is in force, and since when revoked.
fn listed_keys(world: &World, name: &str, args: &[&str]) -> Vec<(String, [Value; 2])> {
    let listed = world.object(name, &[&["credential", "keys"], args].concat());
    let mut found = Vec::new();
    for one in listed.get("credentials").and_then(Value::as_array).unwrap() {
        for key in one.as_object().unwrap().get("keys").and_then(Value::as_array).unwrap() {
            let key = key.as_object().unwrap();
            let state = [key.get("in_force"), key.get("revoked")].map(Option::unwrap);
            found.push((text(key, "kid").to_owned(), state.map(Value::clone)));
        }
    }
    found
}

/// DOS-18: what a key signed since its misuse is suspected is contested, on both sides, and the
/// peer is told; which keys there were is listed.
#[test]
fn what_a_revoked_key_signed_is_contested_on_both_sides() {
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    let made = world.object(a, &["request", "new", "--file", "request.json"]);
    let matter = text(&made, "matter");
    world.carry(a, b, &[]);
    world.carry(b, a, &[]);
    let old = kid(&world.object(a, &["credential", "show"]), "statement");
    world.run(a, &["rotate"]).good();
    world.run(a, &["remind", matter]).good();
    let contested = |name: &str| contested(&world, name, matter);
    assert_eq!(contested(a), [false, false]);
    let keys = |name: &str, args: &[&str]| listed_keys(&world, name, args);
    let listed = keys(a, &[]);
    assert_eq!(listed.len(), 24);
    assert!(listed.contains(&(old.clone(), [Value::Bool(false), Value::Null])), "{listed:?}");
    let revoke = |since: &str| world.run(a, &["revoke", &old, "--since", since, "--json"]);
    revoke("2026-01-01T00:00:00Z").good();
    // Once more says nothing more; that it began earlier does.
    assert_eq!(revoke("2026-01-01T00:00:00Z").fault(), Code::RevokedBefore.name());
    assert_eq!(revoke("2026-01-01T00:00:01Z").fault(), Code::RevokedBefore.name());
    revoke("2025-01-01T00:00:00Z").good();
    let since = Value::Int(1_735_689_600);
    assert!(keys(a, &[]).contains(&(old.clone(), [Value::Bool(false), since.clone()])));
    assert_eq!(contested(a), [true, false]);
    assert_eq!(contested(b), [false]);
    let log = world.run(a, &["log", "Borealis"]).good().out;
    assert!(log.contains(&format!("key {}", &old[..8])), "{log}");

    let taken = world.carry(a, b, &[]);
    let notices = taken.get("notices").and_then(Value::as_array).unwrap().to_vec();
    let told = notices.iter().filter_map(Value::as_object);
    let told = told.filter(|one| text(one, "notice") == "revoked").count();
    assert_eq!(told, 2, "{notices:?}");
    assert_eq!(contested(b), [true, false]);
    assert!(keys(b, &["Arcadia"]).contains(&(old.clone(), [Value::Bool(false), since])));
    for (lang, word) in [("en", "contested"), ("zh-CN", "有争议")] {
        let _ = std::fs::remove_file(world.path("borealis/looked"));
        let stand = world.run(b, &["--lang", lang]).good().out;
        assert!(stand.contains(&old[..8]) && stand.contains(word), "{stand}");
        for name in [a, b] {
            let page = world.run(name, &["--lang", lang, "matter", "show", matter]).good().out;
            assert!(page.to_lowercase().matches(word).count() >= 2, "{page}");
        }
    }
    // It was seen, though what came in the second of a look is shown by the next one, too.
    until("it was seen", || !world.run(b, &[]).good().out.contains(&old[..8]));
    world.carry(b, a, &[]);
    for name in [a, b] {
        let dir = format!("dossier-{name}");
        world.run(name, &["dossier", matter, &dir]).good();
        for (lang, word) in [("en", "Contested"), ("zh-CN", "有争议")] {
            let summary = world.path(&format!("{dir}/data/summary.{lang}.txt"));
            let summary = std::fs::read_to_string(summary).unwrap();
            assert_eq!(summary.matches(word).count(), 1, "{summary}");
        }
        let (of_a, of_b) = (world.fingerprint(a), world.fingerprint(b));
        let args = ["verify", "dossier", &dir, "--fingerprint", &of_a, "--fingerprint", &of_b];
        let said = world.run(name, &args).good().out;
        assert_eq!(said.matches("ontested").count(), 1, "{said}");
    }
}

/// Settings that were written into `config` and never signed are with nobody.
#[test]
fn settings_that_no_credential_names_are_told() {
    let world = World::enrolled();
    let told = || {
        let found = world.run("arcadia", &["doctor", "--json"]).out;
        let found = counterpart_record::strict::json::parse(found.trim_end().as_bytes()).unwrap();
        let found = found.as_array().unwrap().iter().map(|one| one.as_object().unwrap().clone());
        let mut found = found.filter(|one| text(one, "check") == "settings");
        let found = found.next().unwrap();
        (found.get("good") == Some(&Value::Bool(true)), text(&found, "at").to_owned())
    };
    assert_eq!(told(), (true, String::new()));
    let config = world.path("arcadia/config");
    let written = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{written}callback = +1 555 0142\n")).unwrap();
    assert_eq!(told(), (false, "callback".to_owned()));
    for (lang, do_this) in [("en", "with the root keys"), ("zh-CN", "根密钥")] {
        let said = world.run("arcadia", &["--lang", lang, "doctor"]).out;
        assert!(said.contains("rotate --settings-only") && said.contains(do_this), "{said}");
    }
    world.run("arcadia", &["rotate", "--settings-only"]).good();
    assert_eq!(told(), (true, String::new()));
}

/// A party that gives itself the name of one that we work with takes nothing from it.
#[test]
fn two_parties_of_one_name_are_told_apart() {
    let world = World::enrolled();
    let a = "arcadia";
    world.run("other", &["init", "--name", "Borealis"]).good();
    world.run("other", &["credential", "export", "other.credential"]).good();
    let digits = |name: &str| text(&world.object(name, &["fingerprint"]), "party")[..8].to_owned();
    let (first, second) = (digits("borealis"), digits("other"));
    for (lang, word) in [("en", "goes by this name"), ("zh-CN", "也使用此名称")] {
        let said = world.run(a, &["--lang", lang, "credential", "import", "other.credential"]);
        let said = said.good().out;
        assert!(said.contains(word), "{said}");
        // The next step names this one, and works when it is pasted.
        assert!(said.contains(&format!("fingerprint {second}")), "{said}");
    }
    // So is one that writes the digits of another behind its name.
    let third = format!("Borealis\u{200b} ({first})");
    world.run("third", &["init", "--name", &third]).good();
    world.run("third", &["credential", "export", "third.credential"]).good();
    let said = world.run(a, &["credential", "import", "third.credential"]).good().out;
    assert!(said.contains("goes by this name"), "{said}");
    let shown = world.object(a, &["fingerprint", &digits("third")]);
    let names = shown.get("names").and_then(Value::as_object).unwrap();
    assert!(text(names, "en").ends_with(&format!(" ({})", digits("third"))), "{names:?}");
    let told = world.run(a, &["doctor"]).out;
    assert!(told.contains(&first) && !told.contains(&format!("({first}) ({first})")), "{told}");
    let said = world.run(a, &["fingerprint", &second]).good().out;
    assert!(said.contains(&format!("accredit {second} --compared")), "{said}");
    // The name alone is still that of the one that was accredited.
    let made = world.object(a, &["request", "new", "Borealis", "--file", "request.json"]);
    let shown = world.object(a, &["matter", "show", text(&made, "matter")]);
    assert_eq!(text(&shown, "peer")[..8], first);
    world.carry(a, "borealis", &[]);
    let print = world.fingerprint("other");
    let args = ["accredit", &second, "--compared", "voice", "--fingerprint", &print];
    let said = world.run(a, &args).good().out;
    assert!(said.contains(&format!("pouch pack {second}")), "{said}");
    // Now either may be meant, and the remedy says by what they are told apart.
    let fault = world.run(a, &["pouch", "pack", "Borealis", "to-both", "--json"]);
    assert_eq!(fault.fault(), Code::Ambiguous.name());
    assert!(fault.err.contains(&first) && fault.err.contains(&second), "{}", fault.err);
    let made = world.object(a, &["request", "new", &second, "--file", "request.json"]);
    let listed = world.run(a, &["matter", "list"]).good().out;
    for digits in [&first, &second] {
        assert!(listed.contains(&format!("Borealis ({digits})")), "{listed}");
    }
    let shown = world.object(a, &["matter", "show", text(&made, "matter")]);
    assert_eq!(text(&shown, "peer")[..8], second);
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
    // What insisting costs is said before.
    for (lang, words) in [("en", "calls fail both ways"), ("zh-CN", "双方互相呼叫均会失败")]
    {
        let told = world.run(a, &["rotate", "--drop-older", "--lang", lang]).err;
        let told: String = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let plain = told.replace(' ', "").contains(&words.replace(' ', ""));
        assert!(plain && told.contains("credential export"), "{told}");
    }
    assert!(drop(&["--anyway"]).good().out.contains("\"dropped\":2"));
    world.run(a, &["fsck"]).good();
}

#[test]
fn a_rotation_needs_the_own_root() {
    let world = World::enrolled();
    let ran = world.run("arcadia", &["rotate", "--root", "borealis-root", "--json"]);
    assert_eq!(ran.fault(), "root-missing");
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
    assert_eq!(world.run("arcadia", &["fsck", "--json"]).fault(), "folder-incomplete");
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
