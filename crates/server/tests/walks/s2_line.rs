//! S2: a line between two sides that do not trust each other, with scope, procedure, tests and
//! routine review. Played on the channel for exercises, whose calendar the two desks move on
//! together, so that a night at the desk takes a few seconds.

use crate::running::{Running, acquainted, until};
use crate::world::{World, text};
use counterpart_record::strict::json::{Object, Value, parse_object};

const A: &str = "arcadia";
const B: &str = "borealis";

const WORDS: &str = "The logs of the hospital are overwritten at six. Preserve them now.";
const CHINESE: &str = "医院日志将于六时被覆盖，请立即保全。";

/// The two desks, each with a node that runs or does not.
struct Desks {
    world: World,
    nodes: [Option<Running>; 2],
}

impl Desks {
    /// They know each other; both nodes run.
    fn open() -> Desks {
        let world = acquainted();
        std::fs::write(world.path("request.json"), crate::world::REQUEST).unwrap();
        let nodes = [A, B].map(|name| Some(Running::start(&world, name)));
        Desks { world, nodes }
    }

    /// Both calendars go on.
    fn pass(&self, seconds: u32) {
        for name in [A, B] {
            let advance = seconds.to_string();
            self.world.run(name, &["drill", "calendar", "--advance", &advance]).good();
        }
    }

    /// A command that makes an act; the matter.
    fn act(&self, name: &str, args: &[&str]) -> String {
        text(&self.world.object(name, args), "matter").to_owned()
    }

    fn stage(&self, name: &str, matter: &str) -> String {
        let ran = self.world.run(name, &["matter", "show", matter, "--json"]);
        let shown = parse_object(ran.out.trim_end().as_bytes()).unwrap_or_default();
        shown.get("stage").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn until_stage(&self, name: &str, matter: &str, stage: &str) {
        until(&format!("{name}: {stage}"), || self.stage(name, matter) == stage);
    }

    /// What rings at a desk, as `post why`.
    fn hears(&self, name: &str) -> Vec<String> {
        let ran = self.world.run(name, &["ring", "--once", "--json"]);
        let value = parse_object(ran.out.trim_end().as_bytes()).unwrap();
        let rings = value.get("rings").and_then(Value::as_array).unwrap().iter();
        let each = rings.filter_map(Value::as_object);
        each.map(|one| format!("{} {}", text(one, "post"), text(one, "why"))).collect()
    }

    fn review(&self, name: &str) -> Object {
        let review = self.world.object(name, &["line", "review", "--drill"]);
        review.get("review").and_then(Value::as_object).unwrap().clone()
    }
}

#[test]
fn two_desks_hold_a_line_through_a_night() {
    let mut desks = Desks::open();
    in_the_evening_the_line_is_tested(&desks);
    let (request, call) = at_three_a_call_climbs_until_it_is_taken(&desks);
    it_is_talked_through_and_handed_over(&desks, &request, &call);
    the_next_night_the_link_is_cut(&mut desks);
    for_some_days_both_raise_the_stream(&desks);
    both_review_the_line_and_count_the_same(desks);
}

fn in_the_evening_the_line_is_tested(desks: &Desks) {
    // In the evening Arcadia tests the line. The other machine answers by itself, and that is not
    // enough: a person at the other desk has to answer, too, and is rung for it.
    let test = desks.act(A, &["line", "test", "--drill"]);
    desks.until_stage(A, &test, "line-waiting-person");
    assert_eq!(desks.hears(B), ["desk ring-test"]);
    desks.act(B, &["line", "answer", &test, "--desk", "Duty desk 2"]);
    desks.until_stage(A, &test, "line-answered");
}

/// The request and the call.
fn at_three_a_call_climbs_until_it_is_taken(desks: &Desks) -> (String, String) {
    // A request has been lying there. At three in the morning it becomes a call about that request.
    let request = desks.act(A, &["request", "new", "--drill", "--file", "request.json"]);
    let call = ["call", "raise", "--drill", "--urgency", "flash", "--topic", "evidence-at-risk"];
    let chinese = format!("zh-CN={CHINESE}");
    let about = ["--about", &request[..8], "--text", WORDS, "--translation", &chinese];
    let call = desks.act(A, &[&call[..], &about].concat());
    desks.until_stage(B, &call, "call-ringing");
    assert_eq!(desks.hears(B), ["desk ring-raised"]);
    assert_eq!(desks.hears(A), [""; 0]);
    let about = desks.world.run(B, &["matter", "show", &request]).good().out;
    assert!(about.contains(&format!("Calls about this matter: {}", &call[..8])), "{about}");

    // Nobody is at the desk. Nobody has to do anything for the call to climb, on either side.
    desks.pass(310);
    assert_eq!(desks.hears(B), ["supervisor ring-raised"]);
    assert_eq!(desks.hears(A), ["supervisor ring-not-taken"]);
    let taken = ["--desk", "Supervisor of the night", "--post", "supervisor"];
    desks.act(B, &[&["call", "ack", &call], &taken[..]].concat());
    desks.until_stage(A, &call, "call-taken");
    assert_eq!(desks.hears(A), [""; 0]);

    // They telephone, on the numbers of the credentials, and read the code to each other by halves.
    let code = |name: &str| desks.world.object(name, &["call", "code", &call]);
    let (ours, theirs) = (code(A), code(B));
    assert_eq!(text(&ours, "we_read"), text(&theirs, "they_read"));
    assert_eq!(text(&ours, "they_read"), text(&theirs, "we_read"));
    let number = theirs.get("callback").and_then(Value::as_array).unwrap();
    assert_eq!(number, [Value::from("+1 555 0100")]);
    (request, call)
}

fn it_is_talked_through_and_handed_over(desks: &Desks, request: &str, call: &str) {
    // To have taken it up is not enough either: nothing follows, and it rings again.
    desks.pass(901);
    assert_eq!(desks.hears(B), ["desk ring-again"]);
    let said = ["--text", "已向机房发出保全令。", "--translation", "en=An order is on its way."];
    desks.act(B, &[&["call", "say", call], &said[..]].concat());
    desks.until_stage(A, call, "call-open");

    // At seven the night hands over. A hand-over has to be followed up, like an acknowledgement.
    desks.pass(3 * 3_600);
    let over = ["--to", "Day shift", "--text", "保全回执九时到。"];
    desks.act(B, &[&["call", "hand-over", call], &over[..]].concat());
    desks.act(B, &["act", "acknowledge", request, "--field", "desk=Day shift"]);
    desks.act(B, &["call", "say", call, "--text", "日志已保全。"]);
    let page = desks.world.run(A, &["call", "show", call]).good().out;
    assert!(page.contains(WORDS) && page.contains("医院日志将于六时被覆盖"), "{page}");
    for name in [A, B] {
        desks.act(name, &["call", "close", call, "--outcome", "settled"]);
    }
    for name in [A, B] {
        desks.until_stage(name, call, "call-closed");
        assert_eq!(desks.hears(name), [""; 0]);
    }
}

fn the_next_night_the_link_is_cut(desks: &mut Desks) {
    // The next night the link is cut. The call cannot ring there, so it rings at home, and the
    // screen says that it is the link and not the people.
    desks.nodes[1].take().unwrap().end();
    let dead =
        ["call", "raise", "--drill", "--urgency", "immediate", "--topic", "attack-under-way"];
    let dead = desks.act(A, &[&dead[..], &["--text", "Are you there?"]].concat());
    desks.pass(1_000);
    assert_eq!(desks.hears(A), ["supervisor ring-not-held"]);
    assert_eq!(desks.stage(A, &dead), "call-on-its-way");
    let said = desks.world.run(A, &[]).good().out;
    assert!(said.contains("+1 555 0199"), "the number to try stands on the first screen: {said}");
    // It comes back, and the call is there within a minute.
    desks.nodes[1] = Some(Running::start(&desks.world, B));
    desks.until_stage(B, &dead, "call-ringing");
    desks.act(B, &["call", "ack", &dead, "--desk", "Duty desk 2"]);
    desks.act(B, &["call", "say", &dead, "--text", "线路曾中断。"]);
    desks.until_stage(A, &dead, "call-open");
}

fn for_some_days_both_raise_the_stream(desks: &Desks) {
    // For the days after it both raise the stream; either could end it, and it ends by itself.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let month = (now.as_secs() + 30 * 86_400).to_string();
    let surge = ["surge", "propose", "--drill", "--until", &month];
    let surge = desks.act(A, &[&surge[..], &["--text", "Attacks on hospitals."]].concat());
    desks.until_stage(B, &surge, "surge-proposed");
    desks.act(B, &["surge", "agree", &surge]);
    desks.until_stage(A, &surge, "surge-lasting");
    desks.pass(90 * 86_400);
    for name in [A, B] {
        desks.until_stage(name, &surge, "surge-over");
    }
}

fn both_review_the_line_and_count_the_same(desks: Desks) {
    // The review: each side counts what it holds, and both count the same.
    desks.pass(60);
    let (one, two) = (desks.review(A), desks.review(B));
    assert_eq!(one.get("ours").unwrap().to_text(), two.get("theirs").unwrap().to_text());
    assert_eq!(one.get("theirs").unwrap().to_text(), two.get("ours").unwrap().to_text());
    for node in desks.nodes.into_iter().flatten() {
        node.end();
    }
    for name in [A, B] {
        desks.world.run(name, &["fsck"]).good();
    }
}
