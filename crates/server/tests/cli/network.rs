//! Two nodes that run, and the command line beside them.

use crate::running::{Running, free, until};
use crate::world::{World, text};
use counterpart_record::strict::json::Value;

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
    world.run(b, &["acknowledge", m, "--desk", "Duty desk"]).good();
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
