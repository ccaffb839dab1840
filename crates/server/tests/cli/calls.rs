//! Two desks on the line: calls that ring over the network, over a dead link, tests and surges.

use crate::running::{Running, acquainted, free, until};
use crate::world::{PASSPHRASE, World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::{self, Object, Value};
use counterpart_server::app::{self, Step};
use counterpart_server::control::Call;
use counterpart_server::house;
use std::os::unix::fs::PermissionsExt as _;

const A: &str = "arcadia";
const B: &str = "borealis";

fn raise(world: &World, name: &str, more: &[&str]) -> String {
    let args = ["call", "raise", "--topic", "danger-to-life", "--text", "A child is in danger."];
    text(&world.object(name, &[&args[..], more].concat()), "matter").to_owned()
}

/// What rings at a desk: why, and how far up.
fn rings(world: &World, name: &str) -> Vec<(String, String)> {
    let ran = world.run(name, &["ring", "--once", "--json"]);
    assert!([0, 1].contains(&ran.code), "{}{}", ran.out, ran.err);
    let value = json::parse_object(ran.out.trim_end().as_bytes());
    let value = value.unwrap();
    let list = value.get("rings").and_then(Value::as_array).unwrap();
    assert_eq!(ran.code, i32::from(!list.is_empty()));
    let of = |one: &Object, name: &str| text(one, name).to_owned();
    let each = list.iter().filter_map(Value::as_object);
    each.map(|one| (of(one, "why"), of(one, "post"))).collect()
}

fn stage(world: &World, name: &str, matter: &str) -> String {
    text(&world.object(name, &["matter", "show", matter]), "stage").to_owned()
}

#[test]
fn a_call_rings_is_taken_talked_through_handed_over_and_closed_by_both() {
    let world = acquainted();
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    let m =
        raise(&world, A, &["--urgency", "flash", "--translation", "zh-CN=有儿童处于危险之中。"]);
    until("it rings", || !rings(&world, B).is_empty());
    assert_eq!(rings(&world, B), [("ring-raised".to_owned(), "desk".to_owned())]);
    assert_eq!(rings(&world, A), []);
    // The start screen says it first, with the command that takes it.
    let said = world.run(B, &[]).good().out;
    let (rings_at, peers_at) =
        (said.find("It rings:").unwrap(), said.find("known to").unwrap_or(usize::MAX));
    assert!(rings_at < peers_at && said.contains(&format!("call ack {}", &m[..8])), "{said}");
    assert!(said.contains("+1 555 0100"), "{said}");
    // Both screens show one code; each reads its own half.
    let code = |name: &str| world.object(name, &["call", "code", &m]);
    let (one, two) = (code(A), code(B));
    assert_eq!(text(&one, "code"), text(&two, "code"));
    assert_eq!(text(&one, "we_read"), text(&two, "they_read"));
    assert_ne!(text(&one, "we_read"), "");
    // Whoever waits at the bell hears that it was taken.
    let mut waits = world.command(B, &["ring", "--seconds", "60"]);
    let waits = waits.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null());
    let waits = waits.spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let nameless = world.run(B, &["call", "ack", &m]);
    assert_eq!(nameless.code, 1, "a desk without a name takes nothing: {}", nameless.out);
    world.run(B, &["call", "ack", &m, "--desk", "Duty desk 2"]).good();
    let waited = waits.wait_with_output().unwrap();
    assert!(waited.status.success());
    assert!(String::from_utf8_lossy(&waited.stdout).contains("taken"));
    until("the word has come", || stage(&world, A, &m) == "call-taken");
    let said = [
        "--text",
        "正在核实。",
        "--translation",
        "en=We are checking.",
        "--translated-by",
        "human",
    ];
    world.run(B, &[&["call", "say", &m], &said[..]].concat()).good();
    world.run(B, &["call", "hand-over", &m, "--to", "Day shift", "--post", "desk"]).good();
    until("the words have come", || {
        world.run(A, &["call", "show", &m]).good().out.contains("We are checking.")
    });
    let page = world.run(A, &["call", "show", &m]).good().out;
    for part in
        ["正在核实。", "a person", "Duty desk 2", "Day shift", "+1 555 0199", text(&one, "code")]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    world.run(A, &["call", "close", &m, "--outcome", "settled"]).good();
    until("it waits for the other", || stage(&world, B, &m) == "call-closing");
    world.run(B, &["call", "close", &m, "--outcome", "settled"]).good();
    until("it is closed", || stage(&world, A, &m) == "call-closed");
    assert_eq!(world.run(A, &["call", "say", &m, "--text", "One more thing."]).code, 1);
    first.end();
    second.end();
    for name in [A, B] {
        world.run(name, &["fsck"]).good();
    }
}

/// The name of the desk is set once for the shift. It is whose word this is, and never the desk to
/// which a call is given.
#[test]
fn the_desk_of_the_shift_is_not_handed_its_own_call() {
    let mut world = World::enrolled();
    let m = raise(&world, A, &["--urgency", "flash"]);
    world.carry(A, B, &[]);
    world.env.push(("COUNTERPART_DESK", "Duty desk 2".into()));
    world.run(B, &["call", "ack", &m]).good();
    let count = || world.object(B, &["matter", "show", &m]).get("count").cloned();
    let before = count();
    for step in [&["call", "hand-over", &m][..], &["call", "hand-over", &m, "--desk", "Desk 2"]] {
        let refused = world.run(B, &[step, &["--json"]].concat());
        assert_eq!((refused.code, refused.fault()), (1, "fields-wrong".to_owned()), "{step:?}");
        assert!(refused.err.contains("desk (missing)"), "{}", refused.err);
    }
    assert_eq!(count(), before, "nothing was signed");
    world.run(B, &["call", "hand-over", &m, "--to", "Day shift"]).good();
    assert!(world.run(B, &["call", "show", &m]).good().out.contains("Day shift"));
}

/// CAL-5, CAL-8
#[test]
fn over_a_dead_link_the_callers_own_ladder_climbs_and_its_program_is_run() {
    let world = acquainted();
    let (script, heard) = (world.path("bell"), world.path("heard"));
    let text = format!("#!/bin/sh\necho \"$@\" >> '{}'\n", heard.display());
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let config = world.path("arcadia/config");
    let settings = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{settings}on_ring = {}\n", script.display())).unwrap();
    let node = Running::start(&world, A);
    // An exercise, since its calendar can be moved on; the live ring counts the same way.
    let m = raise(&world, A, &["--urgency", "flash", "--drill"]);
    assert_eq!(rings(&world, A), []);
    let lines = || std::fs::read_to_string(&heard).unwrap_or_default();
    for (advance, post, event) in
        [("61", "desk", "rings"), ("240", "supervisor", "climbs"), ("300", "principal", "climbs")]
    {
        world.run(A, &["drill", "calendar", "--advance", advance]).good();
        assert_eq!(rings(&world, A), [("ring-not-held".to_owned(), post.to_owned())]);
        let want = format!("{event} drill {post} flash ring-not-held {m}");
        until(&want, || lines().contains(&want));
    }
    // Its own supervisor takes note; that holds at home alone, and the program hears it.
    world.run(A, &["call", "ack", &m, "--desk", "Supervisor", "--post", "supervisor"]).good();
    assert_eq!(rings(&world, A), []);
    until("it stops", || lines().contains("stops drill"));
    assert_eq!(stage(&world, A, &m), "call-on-its-way");
    node.end();
    // The acts lie there, and so does what follows from them after a new start.
    world.run(A, &["drill", "calendar", "--advance", "1000"]).good();
    assert_eq!(rings(&world, A), [("ring-not-held".to_owned(), "desk".to_owned())]);
}

#[test]
fn the_line_is_tested_by_schedule_and_by_hand_and_reviewed() {
    let world = acquainted();
    let config = world.path("arcadia/config");
    let settings = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{settings}line_test_hours = 24\n")).unwrap();
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    // Nobody asked for it: the schedule did, and the other machine has answered.
    let test = || {
        let list = world.json(A, &["matter", "list"]);
        let list = list.as_array().unwrap().to_vec();
        let first = list.first().and_then(Value::as_object).cloned();
        first.filter(|one| text(one, "stage") == "line-waiting-person")
    };
    until("the machine has answered", || test().is_some());
    let m = text(&test().unwrap(), "matter").to_owned();
    assert_eq!(rings(&world, B), [("ring-test".to_owned(), "desk".to_owned())]);
    world.run(B, &["line", "answer", &m, "--desk", "Duty desk 2"]).good();
    until("a person has answered", || stage(&world, A, &m) == "line-answered");
    let by_hand = world.object(B, &["line", "test"]);
    let by_hand = text(&by_hand, "matter").to_owned();
    until("the other way round", || stage(&world, B, &by_hand) == "line-waiting-person");
    let review = world.object(A, &["line", "review", "Borealis"]);
    let of = |side: &str, name: &str| {
        let mut at = review.get("review").and_then(Value::as_object).unwrap();
        for name in [side, "tests"] {
            at = at.get(name).and_then(Value::as_object).unwrap();
        }
        at.get(name).and_then(Value::as_int).unwrap()
    };
    assert_eq!([of("ours", "made"), of("ours", "available"), of("ours", "of")], [1, 1, 1]);
    assert_eq!([of("theirs", "made"), of("theirs", "under_way")], [1, 1]);
    for lang in ["en", "zh-CN"] {
        let page = world.run(A, &["--lang", lang, "line", "review"]).good().out;
        assert!(page.contains("Borealis"), "{page}");
    }
    first.end();
    second.end();
}

/// CAL-3: words in nobody's name leave it ringing, and are not the last ones.
#[test]
fn a_call_rings_on_until_a_named_desk_has_it() {
    let world = acquainted();
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    let m = raise(&world, A, &["--urgency", "flash"]);
    until("it rings", || !rings(&world, B).is_empty());
    let said = world.run(B, &["call", "say", &m, "--text", "hm"]).good().out;
    assert!(said.contains("It rings on here until a named desk takes it"), "{said}");
    assert_eq!(rings(&world, B), [("ring-raised".to_owned(), "desk".to_owned())]);
    let close = ["call", "close", &m, "--outcome", "settled"];
    let nameless = world.run(B, &[&close[..], &["--json"]].concat());
    assert!(nameless.err.contains("desk (missing)"), "{}", nameless.err);
    assert_eq!(rings(&world, B).len(), 1);
    world.run(B, &[&close[..], &["--desk", "Duty desk 2"]].concat()).good();
    assert_eq!(rings(&world, B), []);
    // One thing is left to the caller, and the screen says which.
    until("the word has come", || stage(&world, A, &m) == "call-closing");
    let page = world.run(A, &["call", "show", &m]).good().out;
    let next = page.split("Next:").nth(1).unwrap();
    assert_eq!(next.trim().lines().next(), Some(&*format!("counterpart call close {}", &m[..8])));
    assert!(!next.contains("call ack"), "{page}");
    world.run(A, &close).good();
    until("it is closed", || stage(&world, B, &m) == "call-closed");
    first.end();
    second.end();
}

#[test]
fn a_stream_is_raised_by_both_for_a_time() {
    let world = acquainted();
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    let soon = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let soon = (soon.as_secs() + 3_600).to_string();
    let until_when = ["--until", &*soon, "--text", "Attacks on hospitals."];
    let made = world.object(
        A,
        &[&["surge", "propose", "--stream", "fraud", "--drill"], &until_when[..]].concat(),
    );
    let m = text(&made, "matter").to_owned();
    until("the proposal is there", || world.run(B, &["matter", "show", &m]).code == 0);
    // Once that time is over, nothing is left to agree to.
    world.run(B, &["drill", "calendar", "--advance", "7200"]).good();
    assert_eq!(stage(&world, B, &m), "surge-lapsed");
    // Longer than a surge may last, it is not cut in silence.
    let long = ["surge", "propose", "--stream", "fraud", "--until", "2999-01-01T00:00:00Z"];
    let ran = world.run(A, &[&long[..], &["--text", "x", "--json"]].concat());
    assert!(ran.err.contains("surge_until (too-late)"), "{}", ran.err);
    let month = (soon.parse::<u64>().unwrap() + 30 * 86_400).to_string();
    let later = ["--until", &*month, "--text", "Attacks on hospitals."];
    let made = world.object(A, &[&["surge", "propose", "--stream", "fraud"], &later[..]].concat());
    let m = text(&made, "matter").to_owned();
    until("the proposal is there", || world.run(B, &["matter", "show", &m]).code == 0);
    world.run(B, &["surge", "agree", &m]).good();
    for name in [A, B] {
        until("it lasts", || stage(&world, name, &m) == "surge-lasting");
        let said = world.run(name, &[]).good().out;
        assert!(said.contains("Raised by both sides:") && said.contains("fraud"), "{said}");
    }
    // What is due sooner stands behind it while it lasts, and before it when it is over.
    let request = |more: &[&str]| {
        let args = ["request", "new", "--file", "request.json"];
        text(&world.object(A, &[&args[..], more].concat()), "matter").to_owned()
    };
    std::fs::write(world.path("request.json"), crate::world::REQUEST).unwrap();
    let other = request(&[]);
    let later = ["--stream", "fraud", "--field", "reply_by=2999-06-14T12:00:00Z"];
    let raised = request(&later);
    let order = || -> Vec<String> {
        let list = world.json(A, &["matter", "list"]);
        let each = list.as_array().unwrap().iter().filter_map(Value::as_object);
        each.map(|one| text(one, "matter").to_owned()).filter(|id| *id != m).collect()
    };
    assert_eq!(order()[..2], [raised.clone(), other.clone()]);
    world.run(A, &["surge", "end", &m]).good();
    assert_eq!(order()[..2], [other, raised]);
    until("it is over", || stage(&world, B, &m) == "surge-ended");
    assert!(world.run(B, &["surge", "list"]).good().out.contains("No stream"));
    first.end();
    second.end();
}

/// What waits for a peer that was away is tried again ever more rarely, up to once a minute. A call
/// that presses does not wait for that.
#[test]
fn a_pressing_call_goes_out_at_once_to_a_peer_that_was_away() {
    let world = World::new();
    // Arcadia can only call out, so that nothing of it is fetched by the other side.
    world.run(A, &["init", "--name", "Arcadia"]).good();
    world.run(B, &["init", "--name", "Borealis", "--listen", &free()]).good();
    world.introduce();
    let first = Running::start(&world, A);
    // After the sixth attempt, at about 8 seconds, the next one is 8 seconds away.
    std::thread::sleep(std::time::Duration::from_millis(8_500));
    let second = Running::start(&world, B);
    let begun = std::time::Instant::now();
    raise(&world, A, &["--urgency", "flash"]);
    until("it rings", || !rings(&world, B).is_empty());
    let took = begun.elapsed();
    assert!(took < std::time::Duration::from_secs(5), "{took:?}");
    first.end();
    second.end();
}

/// So many requests in the record of a node that does not run, for the one peer that it has.
pub fn backlog(world: &World, name: &str, count: usize) {
    let mut house = house::open(&world.path(name), PASSPHRASE).unwrap();
    let peer = house.node.routes().pop().unwrap().peer.to_string();
    let fields = json::parse_object(crate::world::REQUEST.as_bytes()).unwrap();
    let act = Object::default().with("kind", "request").with("as_it_is", true);
    let act = act.with("peer", peer).with("lang", "en").with("fields", fields);
    for _ in 0..count {
        let Step::Draft(draft, _) = app::run(&mut house.node, "act", &act).unwrap() else {
            panic!("no draft")
        };
        house.node.submit(*draft).unwrap();
    }
    assert!(house.node.ledger().unwrap().iter().all(|(_, logged)| logged.is_ok()));
}

/// CAL-15: over the network, from the disk, whatever lies before it.
#[test]
fn what_rings_goes_before_a_backlog_from_one_process_to_another() {
    let world = acquainted();
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    let call = raise(&world, A, &["--urgency", "routine"]);
    until("it rings", || !rings(&world, B).is_empty());
    world.run(B, &["call", "say", &call, "--text", "We listen.", "--desk", "Duty desk"]).good();
    until("it is heard", || stage(&world, A, &call) == "call-open");
    first.end();
    backlog(&world, A, 2_000);
    world.run(A, &["call", "say", &call, "--ring", "--text", "It goes on."]).good();
    let flash = raise(&world, A, &["--urgency", "flash"]);
    let mut bell = Call::connect(&world.path("borealis/control.sock")).unwrap();
    let mut heard = || -> Vec<(String, bool)> {
        let ringing = bell.call("ringing", Object::default()).unwrap();
        let list = ringing.as_object().unwrap().get("rings").unwrap().as_array().unwrap().to_vec();
        let each = list.iter().filter_map(Value::as_object);
        let ahead = |one: &Object| one.get("ahead").and_then(Value::as_bool).unwrap();
        each.map(|one| (text(one, "matter").to_owned(), ahead(one))).collect()
    };
    assert_eq!(heard(), []);
    let first = Running::start(&world, A);
    let mut before = Vec::new();
    until("both ring before their place has come", || {
        before = heard();
        before.len() == 2
    });
    // The voice on the telephone is known before its place has come; taking the call waits for it,
    // and says so. CAL-9
    let of_flash = || Object::default().with("matter", flash.as_str());
    let mut line = Call::connect(&world.path("borealis/control.sock")).unwrap();
    let spoken = line.call("spoken", of_flash()).unwrap();
    let ours = world.object(A, &["call", "code", &flash]);
    let spoken = spoken.as_object().unwrap();
    assert_eq!(text(spoken, "code"), text(&ours, "code"));
    assert_eq!(text(spoken, "we_read"), text(&ours, "they_read"));
    if let Err(fault) = line.call("matter.show", of_flash()) {
        assert_eq!(fault.code, Code::MatterComing, "{fault:?}");
    }
    before.sort();
    let mut both = vec![(call.clone(), true), (flash.clone(), true)];
    both.sort();
    assert_eq!(before, both);
    // The backlog comes, and with it their place; neither stops ringing for it, and none is lost.
    until("they are in their place", || {
        let now = heard();
        assert_eq!(now.len(), 2, "{now:?}");
        now.iter().all(|(_, ahead)| !ahead)
    });
    for matter in [&call, &flash] {
        world.run(B, &["call", "say", matter, "--text", "We come.", "--desk", "Night"]).good();
    }
    assert_eq!(heard(), []);
    assert_eq!(world.object(B, &[]).get("open").and_then(Value::as_int), Some(2_002));
    first.end();
    second.end();
    world.run(B, &["fsck"]).good();
}
