//! A node that nobody can call: it asks, and its peer holds the answer back until there is one.

use crate::monitor::{figure, figures};
use crate::running::{Running, free, until};
use crate::world::{REQUEST, World, text};
use counterpart_record::strict::json::Value;
use std::time::{Duration, Instant};

const A: &str = "arcadia";
const B: &str = "borealis";

/// Arcadia can only call out; Borealis listens if `listens`, and tells a monitor how often it was
/// asked.
fn enrolled(listens: bool) -> (World, String) {
    let (world, address, monitor) = (World::new(), free(), free());
    world.run(A, &["init", "--name", "Arcadia"]).good();
    let init = ["init", "--name", "Borealis", "--listen", &address];
    world.run(B, &init[..if listens { 5 } else { 3 }]).good();
    world.introduce();
    let config = world.path("borealis/config");
    let settings = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{settings}metrics = {monitor}\n")).unwrap();
    std::fs::write(world.path("request.json"), REQUEST).unwrap();
    (world, monitor)
}

fn request(world: &World, name: &str) -> String {
    text(&world.object(name, &["request", "new", "--file", "request.json"]), "matter").to_owned()
}

#[test]
fn what_waits_for_a_node_that_cannot_be_called_reaches_it_at_once() {
    let (world, monitor) = enrolled(true);
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    let polls = || figure(&figures(&monitor), "counterpart_door_total", "what=\"poll\"");
    until("it asks", || polls() >= 1.0);
    // Both sides come to rest: what is left is one question that is held.
    std::thread::sleep(Duration::from_secs(3));
    let before = polls();
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(polls(), before, "an idle line costs one question in 50 s");
    // Borealis has something for it. The question that is held is the one that is answered.
    let m = request(&world, B);
    let begun = Instant::now();
    let shows = |name: &str| world.run(name, &["matter", "show", &m]).code == 0;
    until("the request is there", || shows(A));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(polls() <= before + 2.0, "it was there before the next question");
    // And Borealis hears that it is held, without waiting for another question.
    let held = || {
        let status = world.object(B, &[]);
        let peer = status.get("peers").and_then(Value::as_array).unwrap()[0].clone();
        let peer = peer.as_object().unwrap().clone();
        let channel = peer.get("channels").and_then(Value::as_array).unwrap()[0].clone();
        let channel = channel.as_object().unwrap().clone();
        channel.get("held_by_peer") == channel.get("own_size")
    };
    until("its position came back", held);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    // The other way round nothing has changed: what Arcadia writes goes out by itself.
    world.run(A, &["acknowledge", &m, "--desk", "Duty desk"]).good();
    let stage = || text(&world.object(B, &["matter", "show", &m]), "stage").to_owned();
    until("the acknowledgement is there", || stage() == "waiting-answer");
    // A question that is held does not keep the door open when the node ends.
    let ending = Instant::now();
    second.end();
    assert!(ending.elapsed() < Duration::from_secs(4), "{:?}", ending.elapsed());
    first.end();
    for name in [A, B] {
        world.run(name, &["fsck"]).good();
    }
}

#[test]
fn two_nodes_that_cannot_be_called_are_told_to_carry_a_pouch() {
    let (world, _) = enrolled(false);
    for lang in ["en", "zh-CN"] {
        let said = world.run(A, &["--lang", lang]).good().out;
        assert!(said.contains("counterpart pouch pack"), "{said}");
        let looked = world.run(A, &["--lang", lang, "doctor"]).out;
        assert!(
            looked.lines().any(|line| line.starts_with("! ") && line.contains("Peer")
                || line.starts_with("! ") && line.contains("对方")),
            "{looked}"
        );
    }
    let findings = world.run(A, &["doctor", "--json"]).out;
    assert!(findings.contains(r#""check":"carrier","good":false"#), "{findings}");
    let (world, _) = enrolled(true);
    let findings = world.run(A, &["doctor", "--json"]).out;
    assert!(findings.contains(r#""check":"carrier","good":true"#), "{findings}");
}

/// What is over quota is not lost, and whoever waits knows why; a call goes out all the same.
#[test]
fn a_peer_that_takes_no_more_says_so_and_a_call_still_reaches_it() {
    let (world, monitor) = enrolled(true);
    let config = world.path("borealis/config");
    let settings = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{settings}peer_acts_per_hour = 2\n")).unwrap();
    let looked = world.run(B, &["doctor"]).out;
    assert!(looked.contains("handshakes a minute): 2, 2048, 8, 240"), "{looked}");
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    let refused = || figure(&figures(&monitor), "counterpart_door_total", "what=\"over-quota\"");
    // Each is small, and a few small ones get through; then there is an end.
    until("it takes no more", || {
        request(&world, A);
        refused() >= 1.0
    });
    until("it is told", || world.run(A, &[]).good().out.contains("asks us to slow down"));
    let said = world.run(A, &["--lang", "zh-CN"]).good().out;
    assert!(said.contains("放慢速度"), "{said}");
    // Both sides know of it.
    let slowed = |args: &[&str], words: &str| world.run(B, args).out.contains(words);
    assert!(slowed(&[], "slows Arcadia down") && slowed(&["--lang", "zh-CN"], "正在限制"));
    assert!(slowed(&["doctor"], "peer_acts_per_hour"));
    let last = request(&world, A);
    let words = ["--topic", "danger-to-life", "--text", "A child is in danger."];
    world.run(A, &[&["call", "raise", "--urgency", "flash"], &words[..]].concat()).good();
    let rings = || world.run(B, &["ring", "--once"]).code == 1;
    until("it rings", rings);
    until("what waited came with it", || world.run(B, &["matter", "show", &last]).code == 0);
    first.end();
    second.end();
}

/// CAL-15: a backlog of long acts that is shorter than a parcel, to a node that takes no more of
/// them. Whoever calls whom, the call arrives.
#[test]
fn a_flash_call_passes_where_only_small_parcels_are_taken() {
    for called in [true, false] {
        let world = World::new();
        world.run(A, &["init", "--name", "Arcadia", "--listen", &free()]).good();
        let (address, monitor) = (free(), free());
        let init = ["init", "--name", "Borealis", "--listen", &address];
        world.run(B, &init[..if called { 5 } else { 3 }]).good();
        world.introduce();
        let facts = "They wrote to us again. ".repeat(640);
        let long = REQUEST.replace("Somebody entered the mail server of a hospital.", &facts);
        std::fs::write(world.path("request.json"), long).unwrap();
        let config = world.path("borealis/config");
        let settings = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, format!("{settings}metrics = {monitor}\npeer_acts_per_hour = 4\n"))
            .unwrap();
        let (first, second) = (Running::start(&world, A), Running::start(&world, B));
        let turned_away = || {
            let seen = figures(&monitor);
            let count = |what: &str| figure(&seen, "counterpart_door_total", what);
            count("what=\"over-quota\"") + count("what=\"answer\"")
        };
        until("its hour's worth is used up", || {
            request(&world, A);
            turned_away() >= 1.0
        });
        first.end();
        let waiting: Vec<String> = (0..12).map(|_| request(&world, A)).collect();
        let words = ["--topic", "danger-to-life", "--text", "A child is in danger."];
        world.run(A, &[&["call", "raise", "--urgency", "flash"], &words[..]].concat()).good();
        let first = Running::start(&world, A);
        until("it rings", || world.run(B, &["ring", "--once"]).code == 1);
        // The others wait: it did not ring because all of them were taken.
        assert_ne!(world.run(B, &["matter", "show", &waiting[11]]).code, 0);
        if called {
            let says = |lang: &str, words: &str| {
                world.run(A, &["--lang", lang]).good().out.contains(words)
            };
            until("it is told", || says("en", "at the earliest") && says("zh-CN", "最早于"));
        }
        first.end();
        second.end();
    }
}
