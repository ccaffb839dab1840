//! Every operation is reachable from the command line, through the control socket of a node that
//! another process runs.

use crate::world::{PASSPHRASE, World, text};
use counterpart_record::strict::json::{self, Object, Value};
use counterpart_server::app::{self, OPERATIONS};
use counterpart_server::{house, problem};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::mpsc::{Receiver, Sender, channel};

/// Answers like the running node, one line after the other, and tells which operations came.
fn answer(stream: &UnixStream, house: &mut house::House, seen: &Sender<String>) {
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { return };
        let request = json::parse_object(line.as_bytes()).unwrap();
        let op = text(&request, "op").to_owned();
        let args = request.get("args").and_then(Value::as_object).cloned().unwrap_or_default();
        let reply = Object::default().with("id", request.get("id").cloned().unwrap());
        let reply = match app::run_alone(&mut house.node, &op, &args) {
            Ok(value) => reply.with("ok", value),
            Err(fault) => reply.with("fault", problem::object(&fault)),
        };
        let _ = seen.send(op);
        let mut stream = stream;
        writeln!(stream, "{}", Value::from(reply).to_text()).unwrap();
    }
}

fn listen(world: &World) -> Receiver<String> {
    let home = world.path("arcadia");
    let mut house = house::open(&home, PASSPHRASE).unwrap();
    let listener = UnixListener::bind(home.join("control.sock")).unwrap();
    let (tell, seen) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(&stream.unwrap(), &mut house, &tell);
        }
    });
    seen
}

/// What is done beside a matter with a peer: partners without a node, and what stays here.
fn beside(run: &dyn Fn(&[&str]) -> crate::world::Ran, m: &str) {
    run(&["correspondent", "add", "Cascadia"]);
    run(&["correspondent", "list"]);
    let came = ["--how", "mail", "--at", "2026-01-01T00:00:00Z", "--file", "request.json"];
    let came = run(&[&["enter", "request", "--from", "Cascadia"], &came[..]].concat()).out;
    let came = json::parse_object(came.trim_end().as_bytes()).unwrap();
    run(&["page", m, "to-print"]);
    run(&["same", m, text(&came, "matter")]);
    run(&["note", "add", m, "Ask again."]);
    run(&["note", "list", m]);
    run(&["owner", m, "Desk 2"]);
    let task = run(&["task", "add", m, "Call the hospital.", "--in", "2h"]).out;
    let task = json::parse_object(task.trim_end().as_bytes()).unwrap();
    let task = task.get("task").and_then(Value::as_int).unwrap().to_string();
    run(&["task", "list"]);
    run(&["task", "done", &task]);
}

/// Nothing is left to decide, and nobody told two stories; but the operations were asked for.
fn in_vain(world: &World) {
    let asked: [(&[&str], &str); 2] = [
        (&["terms", "decline", "--json"], "terms-none"),
        (&["proofs", "export", "1", "proof", "--json"], "argument-wrong"),
    ];
    for (words, fault) in asked {
        assert_eq!(crate::world::Ran::of(&mut world.command("arcadia", words)).fault(), fault);
    }
}

#[test]
fn the_command_line_offers_every_operation() {
    let world = World::enrolled();
    let print = world.fingerprint("borealis");
    world.carry("borealis", "arcadia", &[]);
    world.carry("arcadia", "borealis", &[]);
    world.run("borealis", &["terms", "show", "--write", "terms.json"]).good();
    world.run("borealis", &["terms", "propose", "terms.json"]).good();
    world.run("borealis", &["pouch", "pack", "Arcadia", "from-borealis"]).good();
    let seen = listen(&world);
    // The passphrase of the node is not needed by a command that talks to it; that of the root is.
    let run = |args: &[&str]| {
        let mut command = world.command("arcadia", args);
        crate::world::Ran::of(command.arg("--json")).good()
    };
    run(&[]);
    run(&["pouch", "unpack", "from-borealis"]);
    run(&["credential", "import", "borealis.credential"]);
    run(&["accredit", "Borealis", "--compared", "voice", "--fingerprint", &print]);
    run(&["form", "request"]);
    run(&["request", "check", "--file", "request.json"]);
    run(&["instrument", "hanoi"]);
    run(&["requirements", "show"]);
    let attach = ["--attach", "order=request.json"];
    let made = run(&[&["request", "new", "--file", "request.json"], &attach[..]].concat()).out;
    let made = json::parse_object(made.trim_end().as_bytes()).unwrap();
    let m = text(&made, "matter");
    run(&["matter", "list"]);
    run(&["matter", "show", m]);
    run(&["attachment", "list", m]);
    run(&["attachment", "save", m, "1", "copy.json"]);
    let call = ["--urgency", "flash", "--topic", "other", "--text", "Are you there?"];
    let made = run(&[&["call", "raise"], &call[..]].concat()).out;
    let made = json::parse_object(made.trim_end().as_bytes()).unwrap();
    run(&["call", "code", text(&made, "matter")]);
    run(&["ring", "--once"]);
    run(&["line", "review"]);
    beside(&run, m);
    run(&["log", "--limit", "3"]);
    run(&["fsck"]);
    run(&["rebuild"]);
    let open = world.run("arcadia", &["erase", m, "--yes", "--json"]);
    assert_eq!(open.fault(), "not-permitted");
    run(&["erase", "--due"]);
    run(&["retain", m, "--until", "2099-01-01T00:00:00Z", "--why", "An appeal is pending."]);
    run(&["proofs"]);
    run(&["pouch", "pack", "Borealis", "to-borealis", "--attachments"]);
    run(&["dossier", m, "case"]);
    run(&["figures", "--peer", "Borealis"]);
    let stated = run(&["figures", "--agree"]).out;
    let stated = json::parse_object(stated.trim_end().as_bytes()).unwrap();
    run(&["figures", "--answer", text(&stated, "matter")]);
    run(&["figures", "--year", "2026"]);
    run(&["figures", "--by-hand"]);
    run(&["drill", "calendar", "--advance", "60"]);
    run(&["credential", "show", "Borealis"]);
    run(&["credential", "keys"]);
    run(&["due"]);
    run(&["due", "--since", "2026-01-01T00:00:00Z"]);
    run(&["calendar", "due.ics"]);
    run(&["terms", "show"]);
    run(&["terms", "propose", "terms.json"]);
    run(&["terms", "accept"]);
    in_vain(&world);
    let seen: BTreeSet<String> = seen.try_iter().collect();
    let all: BTreeSet<String> = OPERATIONS.iter().map(|op| op.name.to_owned()).collect();
    assert_eq!(seen, all);
    // Relative paths are those of the caller, not those of the node.
    assert!(world.path("to-borealis").is_file() && world.path("case/bagit.txt").is_file());
}

#[test]
fn a_running_node_needs_no_passphrase_from_the_caller() {
    let world = World::enrolled();
    let _seen = listen(&world);
    let mut command = world.command("arcadia", &["request", "new", "--file", "request.json"]);
    let ran = crate::world::Ran::of(command.env_remove("COUNTERPART_PASSPHRASE")).good();
    assert!(ran.out.contains("running node"), "{}", ran.out);
    assert_eq!(world.run("arcadia", &["rotate", "--json"]).fault(), "folder-locked");
    let fault = world.run("arcadia", &["matter", "show", "ffffffff", "--json"]).fault();
    assert_eq!(fault, "matter-unknown");
}

#[test]
fn every_command_has_help_with_an_example() {
    let world = World::new();
    let mut left = vec![Vec::<String>::new()];
    let mut count = 0;
    while let Some(path) = left.pop() {
        let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
        if path.first().is_some_and(|word| word == "verify") {
            continue;
        }
        args.push("--help");
        let help = world.run("arcadia", &args).good().out;
        assert!(help.contains("Example:\n  counterpart "), "{path:?}: {help}");
        count += 1;
        let commands = help.split("Commands:\n").nth(1).unwrap_or_default();
        for line in commands.lines().take_while(|line| !line.is_empty()) {
            if let Some(name) = line.strip_prefix("  ").filter(|line| !line.starts_with(' ')) {
                let name = name.split(' ').next().unwrap().to_owned();
                left.push([&path[..], &[name]].concat());
            }
        }
    }
    assert!(count > 30, "{count}");
}
