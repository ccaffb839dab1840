//! Two nodes that run, and the command line beside them.

use crate::world::{World, text};
use counterpart_record::strict::json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// A node that runs until the value is dropped.
struct Running(Child);

impl Running {
    fn start(world: &World, name: &str) -> Running {
        let mut command = world.command(name, &["serve"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("runs"), "{line}");
        Running(child)
    }

    /// As Ctrl-C or a service manager would.
    fn end(mut self) {
        let pid = self.0.id().to_string();
        assert!(std::process::Command::new("kill").arg(&pid).status().unwrap().success());
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that nobody had a moment ago.
fn free() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[track_caller]
fn until(what: &str, mut held: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !held() {
        assert!(begun.elapsed() < Duration::from_secs(60), "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn two_nodes_that_run_enrol_and_answer() {
    let world = World::new();
    let (a, b) = ("arcadia", "borealis");
    std::fs::write(world.path("request.json"), crate::world::REQUEST).unwrap();
    for (name, title) in [(a, "Arcadia"), (b, "Borealis")] {
        world.run(name, &["init", "--name", title, "--listen", &free()]).good();
        world.run(name, &["credential", "export", &format!("{name}.credential")]).good();
    }
    let prints = [world.fingerprint(a), world.fingerprint(b)];
    let (first, second) = (Running::start(&world, a), Running::start(&world, b));
    for (name, peer, print) in [(a, b, &prints[1]), (b, a, &prints[0])] {
        world.run(name, &["credential", "import", &format!("{peer}.credential")]).good();
        let args = ["accredit", peer, "--compared", "voice", "--fingerprint", print];
        world.run(name, &args).good();
    }
    let made = world.object(a, &["request", "new", "--file", "request.json"]);
    let m = text(&made, "matter");
    until("the request is there", || world.run(b, &["matter", "show", m]).code == 0);
    let said = world.run(b, &[]).good().out;
    assert!(said.contains("The node runs.") && said.contains("your turn"), "{said}");
    world.run(b, &["acknowledge", m]).good();
    let stage = |name: &str| text(&world.object(name, &["matter", "show", m]), "stage").to_owned();
    until("the acknowledgement is there", || stage(a) == "waiting-answer");
    second.end();
    // What is written while the peer is away waits for it.
    world.run(a, &["remind", m]).good();
    let second = Running::start(&world, b);
    let reminders = || world.object(b, &["matter", "show", m]).get("reminders").cloned();
    until("the reminder is there", || reminders() == Some(Value::Int(1)));
    first.end();
    second.end();
    for name in [a, b] {
        world.run(name, &["fsck"]).good();
    }
}
