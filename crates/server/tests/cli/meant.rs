//! What an act says is so, or its author means it all the same: escalations, articles of own law,
//! persons by role, what is let go, and where a request goes on.

use crate::world::{World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::Value;

const A: &str = "arcadia";
const B: &str = "borealis";

/// A request of Arcadia that Borealis holds.
fn asked() -> (World, String) {
    let world = World::enrolled();
    let made = world.object(A, &["request", "new", "--file", "request.json"]);
    let matter = text(&made, "matter")[..8].to_owned();
    world.carry(A, B, &[]);
    world.carry(B, A, &[]);
    (world, matter)
}

fn with<'a>(command: &[&'a str], fields: &[&'a str]) -> Vec<&'a str> {
    let fields = fields.iter().flat_map(|field| ["--field", *field]);
    command.iter().copied().chain(fields).collect()
}

fn page(world: &World, name: &str, matter: &str, lang: &str) -> String {
    let page = world.run(name, &["matter", "show", matter, "--lang", lang]).good().out;
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// ASK-11: nobody is rung for what the matter does not show, unless its author means it.
#[test]
fn a_matter_is_lifted_for_what_it_shows_or_as_it_is() {
    let (world, m) = asked();
    let matters = || world.json(A, &["matter", "list"]).as_array().unwrap().len();
    let before = matters();
    for why in ["overdue", "refused-without-reason", "hold-ends-soon", "answer-of-no-use"] {
        let lift = ["escalate", &m, "--because", why, "--text", "Well?"];
        let doubted = world.run(A, &[&lift[..], &["--json"]].concat());
        assert_eq!(doubted.fault(), Code::Doubtful.name(), "{why}");
        assert!(doubted.err.contains("escalated_for (not-so)"), "{}", doubted.err);
    }
    assert_eq!(matters(), before, "no call was made");
    let lift = ["escalate", &m, "--because", "overdue", "--text", "It was due by telephone."];
    let zh = world.run(A, &[&lift[..], &["--lang", "zh-CN"]].concat());
    assert!(zh.err.contains("并非如此") && zh.err.contains("--as-it-is"), "{}", zh.err);
    world.run(A, &[&lift[..], &["--as-it-is"]].concat()).good();
    world.carry(A, B, &[]);
    for name in [A, B] {
        assert!(page(&world, name, &m, "en").contains("not so, as far as this matter shows"));
    }
    // Nobody has acknowledged it: that is so.
    let true_one = ["escalate", &m, "--because", "no-acknowledgement", "--text", "Well?"];
    world.run(A, &true_one).good();
}

/// ASK-9: as the law of whoever refuses is written.
#[test]
fn an_article_of_own_law_is_written_in_its_own_language() {
    for article in ["第十二条", "Section 12(3)"] {
        let (world, m) = asked();
        let given = format!("article={article}");
        let refuse = with(&["refuse", &m], &["ground=own-law", &given, "text=It is forbidden."]);
        world.run(B, &refuse).good();
        world.carry(B, A, &[]);
        for name in [A, B] {
            let page = page(&world, name, &m, "zh-CN");
            assert!(page.contains(article), "{page}");
        }
    }
}

/// ASK-1: persons in a role, and minors among those of a role.
#[test]
fn persons_are_stated_by_role_with_the_minors_among_them() {
    let world = World::enrolled();
    let checked = |persons: &str| {
        let request = crate::world::REQUEST;
        let usual = r#"{"suspect": 1, "suspect_minors": 0}"#;
        std::fs::write(world.path("who.json"), request.replace(usual, persons)).unwrap();
        let ran = world.run(A, &["request", "check", "--file", "who.json", "--json"]);
        (ran.code, ran.out)
    };
    let (code, said) = checked(r#"{"victim_minors": 3}"#);
    assert!(code == 1 && said.contains(r#""signable":false"#), "{said}");
    for (persons, wrong) in [
        (r#"{"suspect": 0}"#, r#""field":"persons","wrong":"nobody""#),
        (r#"{"victim": 3}"#, r#""field":"persons.victim_minors","wrong":"missing""#),
        (r#"{"victim": 3, "victim_minors": 4}"#, r#""wrong":"range""#),
    ] {
        let (code, said) = checked(persons);
        assert!(code == 1 && said.contains(wrong), "{persons}: {said}");
    }
    // By the name of the member, not of the group alone.
    let (_, said) = checked(r#"{"victim": 3}"#);
    for words in ["Minors among the victims: missing", "被害人中的未成年人"] {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(checked(r#"{"victim": 3, "victim_minors": 2}"#).0, 0);
    // FIELD: that a formal request will follow, and when.
    let without = ["request", "check", "--file", "request.json", "--field", "formal_by=", "--json"];
    let said = world.run(A, &without).out;
    assert!(said.contains(r#""field":"formal_by","wrong":"missing""#), "{said}");
}

/// ASK-4: after a final preservation, too.
#[test]
fn whoever_asked_for_a_hold_can_ask_to_let_go_of_it() {
    let (world, m) = asked();
    let held = ["effected_at=2026-01-01T00:00:00Z", "holds_until=2099-01-01T00:00:00Z"];
    let more = ["custodian_class=platform", "secured=all", "final=yes"];
    world.run(B, &with(&["preserve", &m], &[&held[..], &more].concat())).good();
    world.carry(B, A, &[]);
    let unasked = ["released_at=2026-01-02T00:00:00Z", "released_for=asked"];
    let unasked = with(&["act", "release", &m], &unasked);
    let doubted = world.run(B, &[&unasked[..], &["--json"]].concat());
    assert!(doubted.err.contains("released_for (not-so)"), "{}", doubted.err);
    world.run(A, &with(&["act", "let-go", &m], &["reason=obtained-otherwise"])).good();
    world.carry(A, B, &[]);
    for (lang, words) in
        [("en", "no longer needs what is held"), ("zh-CN", "请求方不再需要所保全的数据")]
    {
        let page = page(&world, B, &m, lang);
        let next = page.find("act release").unwrap_or_else(|| panic!("{page}"));
        assert!(page.contains(words) && next > 0, "{page}");
    }
    world.run(B, &unasked).good();
    world.carry(B, A, &[]);
    let shown = world.object(A, &["matter", "show", &m]);
    assert_eq!(shown.get("our_turn"), Some(&Value::Bool(false)));
}

/// A transfer to another authority leaves its asker a next step.
#[test]
fn a_request_that_goes_on_elsewhere_is_made_there() {
    let (world, m) = asked();
    let transfer = |party: &str| {
        let party = format!("party={party}");
        let fields = ["goes_on=there", "authority=Office of Cascadia", &party];
        world.run(B, &with(&["act", "transfer", &m, "--json"], &fields))
    };
    let doubted = transfer("zzz");
    assert!(doubted.err.contains("party (type-party)"), "{}", doubted.err);
    transfer("").good();
    world.carry(B, A, &[]);
    let shown = world.run(A, &["matter", "show", &m]).good().out;
    let next = shown.split("Next:").nth(1).unwrap();
    let first = format!("counterpart request new PEER --from {m}");
    assert_eq!(next.lines().map(str::trim).find(|line| !line.is_empty()), Some(&*first));
    assert!(next.contains("close-request"), "{shown}");
    world.run(A, &["act", "close-request", &m]).good();
    let shown = world.object(A, &["matter", "show", &m]);
    assert_eq!(shown.get("our_turn"), Some(&Value::Bool(false)));
}

/// ASK-6: what a side needs is written so that it can be read, and its own example can be signed.
#[test]
fn languages_are_tags_and_an_instrument_counts_from_its_day() {
    let world = World::enrolled();
    for wrong in ["languages=English", "languages=cn"] {
        let refused = world.run(B, &with(&["requirements", "publish", "--json"], &[wrong]));
        assert_eq!(refused.fault(), Code::FieldsWrong.name(), "{wrong}");
        assert!(refused.err.contains("languages (language)"), "{}", refused.err);
    }
    let form = world.object(B, &["form", "publish-needs"]);
    let prompts = form.get("prompts").and_then(Value::as_array).unwrap();
    let shown = prompts.iter().filter_map(Value::as_object);
    let shown: Vec<String> = shown
        .map(|prompt| format!("{}={}", text(prompt, "field"), text(prompt, "example")))
        .collect();
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    world.run(B, &with(&["requirements", "publish"], &shown)).good();
    let later = ["languages=en、zh-CN", "accepted=budapest; in_force_from=2098-01-01"];
    world.run(B, &with(&["requirements", "publish"], &later)).good();
    world.carry(B, A, &[]);
    let published = world.run(A, &["requirements", "show"]).good().out;
    assert!(published.contains("en") && published.contains("zh-CN"), "{published}");
    let checked = world.run(A, &["request", "check", "--file", "request.json"]);
    assert!(checked.code == 1 && checked.out.contains("2098-01-01 only"), "{}", checked.out);
}
