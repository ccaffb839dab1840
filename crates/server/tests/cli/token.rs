//! Keys on a token, with SoftHSM2, which we did not write: a node that signs with it, one that it
//! is taken from, a folder that is stolen, a token that is lost.

use crate::running::{Running, free, until};
use crate::world::{World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const A: &str = "arcadia";
const B: &str = "borealis";
const PIN: &str = "490217";
const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

/// A world with a module and a token named `arcadia`; `None` where there is no SoftHSM2.
fn world(test: &str) -> Option<(World, &'static str)> {
    let Some(module) = MODULES.into_iter().find(|path| Path::new(path).is_file()) else {
        println!("SKIPPED {test}: SoftHSM2 is not installed");
        return None;
    };
    let mut world = World::new();
    let tokens = world.path("tokens");
    fs::create_dir(&tokens).unwrap();
    let conf = world.path("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nobjectstore.backend = file\n", tokens.display());
    fs::write(&conf, text).unwrap();
    world.env.push(("SOFTHSM2_CONF", conf));
    world.env.push(("COUNTERPART_PIN", PathBuf::from(PIN)));
    token(&world, A);
    Some((world, module))
}

fn token(world: &World, label: &str) {
    let mut command = Command::new("softhsm2-util");
    command.env("SOFTHSM2_CONF", world.path("softhsm2.conf")).stdout(Stdio::null());
    command.args(["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "7712904"]);
    assert!(command.status().unwrap().success());
}

/// Objects on all tokens, those of the tokens themselves left out.
fn objects(world: &World) -> usize {
    let tokens = fs::read_dir(world.path("tokens")).unwrap().map(|entry| entry.unwrap().path());
    let files = tokens.flat_map(|token| fs::read_dir(token).unwrap());
    let names = files.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(".object") && name != "token.object").count()
}

fn pull(world: &World) {
    fs::rename(world.path("tokens"), world.path("pulled")).unwrap();
    fs::create_dir(world.path("tokens")).unwrap();
}

fn put_back(world: &World) {
    fs::remove_dir_all(world.path("tokens")).unwrap();
    fs::rename(world.path("pulled"), world.path("tokens")).unwrap();
}

/// Arcadia on the token, Borealis with its keys in a file, both able to call each other.
fn acquainted(world: &World, module: &str) {
    let on_token = ["--pkcs11", module, "--token", A];
    for (name, title, more) in [(A, "Arcadia", &on_token[..]), (B, "Borealis", &[])] {
        let init = ["init", "--name", title, "--listen", &free()];
        world.run(name, &[&init[..], more].concat()).good();
    }
    world.introduce();
    fs::write(world.path("request.json"), crate::world::REQUEST).unwrap();
}

fn ask(world: &World) -> String {
    let made = world.object(A, &["request", "new", "--file", "request.json"]);
    text(&made, "matter").to_owned()
}

fn fault(world: &World, args: &[&str]) -> String {
    world.run(A, &[args, &["--json"]].concat()).fault()
}

fn has(world: &World, name: &str, matter: &str, count: i64) -> bool {
    let ran = world.run(name, &["matter", "show", matter, "--json"]);
    ran.code == 0 && ran.out.contains(&format!("\"count\":{count}"))
}

#[track_caller]
fn whole(world: &World) {
    for name in [A, B] {
        let checked = world.object(name, &["fsck"]);
        assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())), "{name}");
        assert_eq!(world.json(name, &["proofs"]), Value::Array(Vec::new()));
    }
}

#[test]
fn a_node_on_a_token_exchanges_and_goes_on_after_the_token_was_out() {
    let Some((world, module)) = world("a_node_on_a_token_exchanges") else { return };
    acquainted(&world, module);
    assert_eq!(objects(&world), 16, "four pairs on each ring");
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    let matter = ask(&world);
    until("it arrives", || has(&world, B, &matter, 1));
    world.run(B, &["acknowledge", &matter, "--desk", "Duty desk"]).good();
    until("the answer arrives", || has(&world, A, &matter, 2));
    pull(&world);
    // Nothing can be signed: named, for acts of ours and for what comes in, and nothing is lost.
    let request = ["request", "new", "--file", "request.json"];
    assert_eq!(fault(&world, &request), Code::TokenAbsent.name());
    world.run(B, &["ask", &matter, "--field", "about=period", "--text", "Which zone?"]).good();
    assert_eq!(fault(&world, &["remind", &matter]), Code::TokenAbsent.name());
    assert!(has(&world, A, &matter, 2), "what is there can be read");
    put_back(&world);
    // The same process goes on, by itself.
    world.run(A, &["remind", &matter]).good();
    until("what waited arrives", || has(&world, A, &matter, 4) && has(&world, B, &matter, 4));
    first.end();
    second.end();
    whole(&world);
}

#[test]
fn a_stolen_folder_signs_nothing() {
    let Some((mut world, module)) = world("a_stolen_folder_signs_nothing") else { return };
    acquainted(&world, module);
    let before = objects(&world);
    // The thief has folder and passphrase, and a token of the same name.
    pull(&world);
    token(&world, A);
    let request = ["request", "new", "--file", "request.json"];
    assert_eq!(fault(&world, &request), Code::TokenAbsent.name());
    assert_eq!(fault(&world, &["serve"]), Code::TokenAbsent.name());
    world.run(A, &["fsck"]).good();
    assert_eq!(world.json(A, &["matter", "list"]), Value::Array(Vec::new()));
    put_back(&world);
    // With the token and a wrong PIN no more.
    world.env.retain(|(name, _)| *name != "COUNTERPART_PIN");
    assert_eq!(fault(&world, &request), "passphrase-missing", "no PIN, nobody to ask");
    fs::write(world.path("pin"), "000000\n").unwrap();
    let config = fs::read_to_string(world.path("arcadia/config")).unwrap();
    let pin = world.path("pin");
    fs::write(
        world.path("arcadia/config"),
        format!("{config}pkcs11_pin_file = {}\n", pin.display()),
    )
    .unwrap();
    assert_eq!(fault(&world, &request), Code::PinWrong.name());
    let doctor = world.run(A, &["doctor", "--json"]).out;
    assert!(doctor.contains("\"check\":\"pin\",\"good\":false"), "{doctor}");
    fs::write(&pin, format!("{PIN}\n")).unwrap();
    ask(&world);
    let doctor = world.run(A, &["doctor", "--json"]).out;
    assert!(doctor.contains("\"check\":\"token\",\"good\":true"), "{doctor}");
    assert_eq!(objects(&world), before);
}

#[test]
fn keys_move_onto_a_token_to_another_and_back() {
    let Some((world, module)) = world("keys_move_onto_a_token") else { return };
    acquainted(&world, module);
    let both = || {
        for _ in 0..2 {
            world.carry(A, B, &[]);
            world.carry(B, A, &[]);
        }
    };
    both();
    let matter = ask(&world);
    // A rotation on the token leaves the new pairs alone, beside the transport key by which the
    // peer knows this node until it has the new one.
    world.run(A, &["rotate"]).good();
    assert_eq!(objects(&world), 18);
    both();
    world.run(A, &["matter", "list"]).good();
    assert_eq!(objects(&world), 16);
    // The token is lost for good: another one, with the root keys.
    pull(&world);
    assert_eq!(fault(&world, &["remind", &matter]), Code::TokenAbsent.name());
    token(&world, "second");
    let config = world.path("arcadia/config");
    let set = |from: &str, to: &str| {
        let text = fs::read_to_string(&config).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&config, text.replace(from, to)).unwrap();
    };
    set("pkcs11_token = arcadia", "pkcs11_token = second");
    world.run(A, &["rotate"]).good();
    assert_eq!(objects(&world), 16);
    world.run(A, &["remind", &matter]).good();
    both();
    assert!(has(&world, B, &matter, 2));
    // Back into the file: then no token is needed any more.
    let text = fs::read_to_string(&config).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("pkcs11")).collect();
    fs::write(&config, kept.join("\n") + "\n").unwrap();
    assert_eq!(fault(&world, &["remind", &matter]), Code::ConfigWrong.name());
    world.run(A, &["rotate"]).good();
    fs::remove_dir_all(world.path("tokens")).unwrap();
    world.run(A, &["remind", &matter]).good();
    both();
    assert!(has(&world, B, &matter, 3));
    whole(&world);
}

#[test]
fn a_founding_that_fails_leaves_nothing_on_the_token() {
    let Some((world, module)) = world("a_founding_that_fails") else { return };
    let init =
        |more: &[&str]| world.run(A, &[&["init", "--name", "Arcadia", "--json"], more].concat());
    let absent = init(&["--pkcs11", module, "--token", "nobody"]);
    assert_eq!(absent.fault(), Code::TokenAbsent.name());
    let missing = init(&["--pkcs11", "/nowhere.so", "--token", A]);
    assert_eq!(missing.fault(), Code::TokenAbsent.name());
    // A token that cannot do Ed25519, as many cannot.
    let conf = world.path("softhsm2.conf");
    let text = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, format!("{text}slots.mechanisms = CKM_SHA256,CKM_RSA_PKCS\n")).unwrap();
    assert_eq!(init(&["--pkcs11", module, "--token", A]).fault(), Code::TokenUnfit.name());
    fs::write(&conf, text).unwrap();
    assert!(!world.path("arcadia/config").exists());
    assert_eq!(objects(&world), 0);
    init(&["--pkcs11", module, "--token", A]).good();
    assert_eq!(objects(&world), 16);
    // The key file holds no secret of what lies on the token: its pairs cannot be taken out.
    let shown = world.object(A, &["credential", "show"]);
    assert_eq!(shown.get("version"), Some(&Value::Int(1)));
}
