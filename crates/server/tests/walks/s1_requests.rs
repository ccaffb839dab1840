//! S1: requests for help and evidence. "Asked several times, refused, no reason visible" must show
//! on both sides, and so must a request that went well. Played on the channel for exercises, so
//! that weeks pass in seconds.

use crate::running::{Running, acquainted, until};
use crate::world::{World, text};
use counterpart_record::strict::json::{Object, Value, parse_object};

const A: &str = "arcadia";
const B: &str = "borealis";
const SECRET: &str = "The account was rented on 3 June by a shop that does not exist.";

/// Two authorities whose nodes run.
struct Two {
    world: World,
    nodes: [Running; 2],
}

impl Two {
    fn meet() -> Two {
        let world = acquainted();
        std::fs::write(world.path("request.json"), crate::world::REQUEST).unwrap();
        let nodes = [A, B].map(|name| Running::start(&world, name));
        let two = Two { world, nodes };
        let status = || two.world.run(A, &[]).good().out;
        until("both know each other", || status().contains("accredited by both"));
        two
    }

    fn days(&self, days: u32) {
        for name in [A, B] {
            let advance = (days * 86_400).to_string();
            self.world.run(name, &["drill", "calendar", "--advance", &advance]).good();
        }
    }

    fn shown(&self, name: &str, matter: &str) -> Object {
        let ran = self.world.run(name, &["matter", "show", matter, "--json"]);
        parse_object(ran.out.trim_end().as_bytes()).unwrap_or_default()
    }

    fn count(&self, name: &str, matter: &str) -> i64 {
        self.shown(name, matter).get("count").and_then(Value::as_int).unwrap_or(0)
    }

    /// An act, and the other side holds it.
    fn act(&self, name: &str, matter: &str, kind: &str, more: &[&str]) {
        let before = self.count(name, matter);
        self.world.run(name, &[&["act", kind, matter], more].concat()).good();
        let other = if name == A { B } else { A };
        until(&format!("{kind} held"), || self.count(other, matter) > before);
    }

    /// A request with some fields of its own, and the other side holds it.
    fn ask(&self, fields: &[&str]) -> String {
        let fields: Vec<&str> = fields.iter().flat_map(|field| ["--field", field]).collect();
        let args = ["request", "new", "--drill", "--file", "request.json"];
        let made = self.world.object(A, &[&args[..], &fields].concat());
        let matter = text(&made, "matter").to_owned();
        until("the request is held", || self.count(B, &matter) > 0);
        matter
    }

    /// Where a matter stands; both sides say the same.
    fn stage(&self, matter: &str) -> String {
        let stage = |name: &str| {
            let shown = self.shown(name, matter);
            shown.get("stage").and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        until("both say the same", || stage(A) == stage(B));
        stage(A)
    }

    fn page(&self, name: &str, matter: &str) -> String {
        self.world.run(name, &["matter", "show", matter]).good().out
    }

    /// The time of the exercise, so many days on.
    fn in_days(&self, days: i64) -> String {
        let said = self.world.object(A, &["drill", "calendar", "--advance", "1"]);
        (said.get("drill_time").and_then(Value::as_int).unwrap() + days * 86_400).to_string()
    }
}

#[test]
fn requests_for_help_and_evidence_leave_a_trace_that_neither_side_can_tell_otherwise() {
    let two = Two::meet();
    what_a_request_needs_is_known_before_it_is_sent(&two);
    let answered = one_goes_well_and_its_content_comes_when_its_conditions_are_accepted(&two);
    let refused = one_is_asked_for_three_times_and_refused_without_a_reason(&two);
    let late = one_is_not_answered_until_it_is_lifted_above_the_desk(&two);
    both_count_the_same_and_a_third_person_can_check(two, &[answered, refused, late]);
}

fn what_a_request_needs_is_known_before_it_is_sent(two: &Two) {
    let published = ["languages=en", "wanted=any:any:link", "wanted=any:preservation:custodian"];
    let fields: Vec<&str> = published.iter().flat_map(|field| ["--field", field]).collect();
    let publish = ["requirements", "publish", "--drill"];
    two.world.run(B, &[&publish[..], &fields].concat()).good();
    until("the requirements have come", || {
        two.world.run(A, &["requirements", "show", "--drill", "--json"]).out.contains("custodian")
    });
    // Everything that is missing is said at once, by the form, the instrument and the receiver.
    let bare = ["request", "check", "--drill", "--field", "measure=preservation"];
    let checked =
        two.world.run(A, &[&bare[..], &["--field", "instrument=budapest", "--json"]].concat());
    assert_eq!(checked.code, 1);
    for field in ["necessity", "authorising_body", "purpose", "persons", "custodian"] {
        assert!(checked.out.contains(field), "{field}: {}", checked.out);
    }
    // And a request that lacks something is not sent by mistake.
    let new = two.world.run(A, &["request", "new", "--drill", "--file", "request.json", "--json"]);
    assert_eq!((new.code, new.fault()), (1, "requirements-unmet".to_owned()));
}

fn one_goes_well_and_its_content_comes_when_its_conditions_are_accepted(two: &Two) -> String {
    let by = format!("reply_by={}", two.in_days(10));
    let m = two.ask(&["custodian=A shop of servers", &by]);
    // Receipted: the other side's log holds it, and the asking side can prove it.
    let acts = two.shown(A, &m);
    let first = acts.get("acts").and_then(Value::as_array).unwrap()[0].as_object().unwrap();
    assert_ne!(text(first, "rung"), "logged");
    two.act(B, &m, "acknowledge", &["--field", "desk=Duty desk 2"]);
    two.act(B, &m, "take-up", &[]);
    // Asked back: the clock stands still for as long as the other side waits for an answer.
    let due = two.shown(B, &m).get("due").and_then(Value::as_int).unwrap();
    two.act(B, &m, "ask", &["--field", "about=period", "--text", "Which time zone?"]);
    two.days(3);
    two.act(A, &m, "supplement", &["--text", "UTC+8."]);
    let moved = two.shown(B, &m).get("due").and_then(Value::as_int).unwrap() - due;
    assert!((3 * 86_400..3 * 86_400 + 60).contains(&moved), "{moved}");
    two.act(B, &m, "recognise", &["--field", "recognised=whole"]);
    let (now, until_day) = (two.in_days(0), two.in_days(90));
    let (effected, holds) = (format!("effected_at={now}"), format!("holds_until={until_day}"));
    let preserved = [&*effected, &holds, "custodian_class=hosting-provider", "secured=all"];
    let preserved: Vec<&str> = preserved.iter().flat_map(|field| ["--field", field]).collect();
    two.act(B, &m, "preserve", &[&preserved[..], &["--field", "final=no"]].concat());
    // The answer is ready on conditions; nothing of it leaves before they are accepted.
    let conditions = ["--field", "extent=full", "--field", "condition.no_onward_transfer=yes"];
    let offer = [&conditions[..], &["--field", "conditions=It is not handed on."]].concat();
    two.act(B, &m, "offer", &offer);
    let answer = ["--field", "extent=full", "--field", "final=yes", "--text", SECRET];
    assert_eq!(two.world.run(B, &[&["act", "answer", &m], &answer[..]].concat()).code, 1);
    assert!(!two.page(A, &m).contains(SECRET));
    two.act(A, &m, "accept-conditions", &[]);
    two.act(B, &m, "answer", &answer);
    assert!(two.page(A, &m).contains(SECRET));
    assert_eq!(two.stage(&m), "answered");
    // What it was worth, and what was done with it.
    let worth = ["--field", "worth=complete", "--field", "timely=in-time"];
    two.act(A, &m, "appraise", &[&worth[..], &["--field", "as_evidence=usable"]].concat());
    two.act(B, &m, "appraise-request", &["--field", "quality=complete"]);
    two.act(A, &m, "account-for-use", &["--field", "used=lead"]);
    m
}

fn one_is_asked_for_three_times_and_refused_without_a_reason(two: &Two) -> String {
    let by = format!("reply_by={}", two.in_days(30));
    let m = two.ask(&[
        "custodian=A shop of servers",
        "measure=evidence-for-concern",
        "instrument=reciprocity",
        &by,
    ]);
    for _ in 0..2 {
        two.days(7);
        two.act(A, &m, "remind", &[]);
    }
    two.act(B, &m, "refuse", &["--field", "ground=no-reason-given"]);
    assert_eq!(two.stage(&m), "refused");
    for name in [A, B] {
        let shown = two.shown(name, &m);
        assert_eq!(shown.get("reminders").and_then(Value::as_int), Some(2));
        let page = two.page(name, &m);
        assert!(page.contains("no reason"), "{page}");
    }
    m
}

fn one_is_not_answered_until_it_is_lifted_above_the_desk(two: &Two) -> String {
    let by = format!("reply_by={}", two.in_days(5));
    // Who was behind an address can be told only with its port and the time.
    let alone = ["request", "check", "--drill", "--file", "request.json", "--json"];
    let alone = two.world.run(A, &[&alone[..], &["--field", "measure=subscriber-data"]].concat());
    assert!(alone.out.contains("address-alone"), "{}", alone.out);
    let whole = "identifiers=ip:192.0.2.7; port=51514; at=2026-05-30T22:14:05+02:00";
    let m = two.ask(&["custodian=A shop of servers", "measure=subscriber-data", whole, &by]);
    two.days(6);
    for name in [A, B] {
        let said = two.world.run(name, &["due"]).good().out;
        assert!(said.contains(&m[..8]) && said.contains("over"), "{said}");
    }
    // A wrong word makes neither a call nor an act.
    let wrong = two.world.run(A, &["escalate", &m, "--because", "boredom", "--text", "Well?"]);
    assert_eq!(wrong.code, 1, "{}", wrong.out);
    assert_eq!(two.count(A, &m), 1);
    let why = ["--because", "overdue", "--text", "It was due yesterday. The hold ends on Friday."];
    let lifted = two.world.object(A, &[&["escalate", &m], &why[..]].concat());
    let call = text(&lifted, "call").to_owned();
    until("the call rings there", || {
        two.world.run(B, &["ring", "--once", "--json"]).out.contains(&call)
    });
    let refused = two.world.run(B, &["escalate", &m, "--because", "overdue", "--text", "Me too"]);
    assert_eq!(refused.code, 1, "only the side that asked lifts a matter");
    two.world.run(B, &["call", "ack", &call, "--desk", "Supervisor of the day"]).good();
    two.act(B, &m, "acknowledge", &["--field", "desk=Supervisor of the day"]);
    let answer = ["--field", "extent=partial", "--field", "final=yes", "--text", "A name."];
    two.act(B, &m, "answer", &answer);
    // It came, and it came late, on both clocks.
    for name in [A, B] {
        let shown = two.shown(name, &m);
        let timers = shown.get("timers").and_then(Value::as_array).unwrap().iter();
        let mut timers = timers.filter_map(Value::as_object);
        let asked = timers.find(|timer| text(timer, "profile") == "P-ASKED").unwrap();
        assert_eq!(text(asked, "verdict"), "late");
        assert!(asked.get("late_by").and_then(Value::as_int).is_some_and(|by| by > 86_300));
        let page = two.page(name, &m);
        assert!(page.contains(&call[..8]), "the matter names the call about it: {page}");
    }
    m
}

fn both_count_the_same_and_a_third_person_can_check(two: Two, matters: &[String]) {
    // One states what it counted; the other compares with what it counts by itself.
    let stated = two.world.object(A, &["figures", "--drill", "--agree"]);
    let stated = text(&stated, "matter").to_owned();
    until("both count the same", || two.stage(&stated) == "figures-equal");
    let counted = two.world.run(B, &["figures", "--drill", "--json"]).good().out;
    assert!(counted.contains("no-reason-given"), "the refusal counts by its ground: {counted}");
    let prints = [A, B].map(|name| two.world.fingerprint(name));
    for (name, matter) in [A, B].iter().flat_map(|name| matters.iter().map(move |m| (*name, m))) {
        let folder = format!("dossier-{name}-{}", &matter[..8]);
        two.world.run(name, &["dossier", matter, &folder]).good();
        let verify = ["verify", "dossier", &folder, "--fingerprint", &prints[0]];
        let verify = [&verify[..], &["--fingerprint", &prints[1]]].concat();
        two.world.run(name, &verify).good();
    }
    for node in two.nodes {
        node.end();
    }
    for name in [A, B] {
        two.world.run(name, &["fsck"]).good();
    }
}
