//! What a person enters: texts in their own language, rows on one line, times that can be meant,
//! and files that are sealed only once the form is right.

use crate::world::{World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::{Object, Value};
use std::time::{SystemTime, UNIX_EPOCH};

const A: &str = "arcadia";
const B: &str = "borealis";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The newest act of a matter.
fn newest(world: &World, name: &str, matter: &str) -> Object {
    let shown = world.object(name, &["matter", "show", matter]);
    let acts = shown.get("acts").and_then(Value::as_array).unwrap();
    acts.last().and_then(Value::as_object).unwrap().clone()
}

fn lang(act: &Object, field: &str) -> String {
    let disclosed = act.get("disclosed").and_then(Value::as_object).unwrap();
    let of = disclosed.get(field).and_then(Value::as_object).unwrap();
    text(of, "lang").to_owned()
}

/// CAL-7: the line of docs/operate/calls.md on an English screen, and what its options change.
#[test]
fn a_text_is_signed_in_its_own_language() {
    let world = World::enrolled();
    let raise = ["call", "raise", "--urgency", "routine", "--topic", "other", "--text", "Hello."];
    let made = world.object(A, &raise);
    let m = text(&made, "matter").to_owned();
    assert_eq!(lang(&newest(&world, A, &m), "text"), "en");
    let say = ["call", "say", &m, "--text", "正在核实。", "--translation", "en=We are checking."];
    let said = world.run(A, &say).good().out;
    assert!(said.contains("signed as zh") && said.contains("--text-lang"), "{said}");
    assert_eq!(lang(&newest(&world, A, &m), "text"), "zh");
    let named = world.run(A, &[&say[..], &["--text-lang", "zh-CN"]].concat()).good().out;
    assert!(!named.contains("signed as"), "{named}");
    assert_eq!(lang(&newest(&world, A, &m), "text"), "zh-CN");
    // Whoever reads another language sees which one it is.
    let page = world.run(A, &["call", "show", &m]).good().out;
    assert!(page.contains("[zh-CN] 正在核实。") && !page.contains("[en]"), "{page}");
    let page = world.run(A, &["--lang", "zh-CN", "call", "show", &m]).good().out;
    assert!(page.contains("[en] Hello.") && !page.contains("[zh-CN]"), "{page}");
    let same = ["call", "say", &m, "--text", "We check.", "--translation", "en-GB=We check."];
    let same = world.run(A, &[&same[..], &["--json"]].concat());
    assert_eq!(same.fault(), "fields-wrong");
    assert!(same.err.contains("translations.1 (same-language)"), "{}", same.err);
    let wrong = ["call", "say", &m, "--text", "x", "--text-lang", "no_tag", "--json"];
    assert!(world.run(A, &wrong).err.contains("lang (language)"));
}

#[test]
fn assurances_are_one_line_and_are_kept_whole() {
    let world = World::enrolled();
    let row = "assurances=who=Ministry of Justice; text=None; is used.; until=2099-06-14";
    let args = ["request", "new", "--file", "request.json", "--field", "assured=given"];
    let lacking = world.run(A, &[&args[..], &["--json"]].concat());
    assert!(lacking.err.contains("assurances (missing)"), "{}", lacking.err);
    let made = world.object(A, &[&args[..], &["--field", row]].concat());
    let act = newest(&world, A, text(&made, "matter"));
    let rows = act.get("disclosed").and_then(Value::as_object).unwrap().get("assurances").unwrap();
    assert_eq!(
        rows.to_text(),
        r#"[{"who":"Ministry of Justice","text":{"lang":"en","text":"None; is used."},"#.to_owned()
            + r#""until":"2099-06-14"}]"#
    );
    let said = world.run(A, &["form", "request"]).good().out;
    for part in [
        "who=...; text=...[; scope=...][; until=...]",
        "sort:value[; port=...]",
        "+ persons.suspect",
        "? assurances: required when assured is given",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// ASK-11: said before anything is signed, by the name of the field.
#[test]
fn times_that_cannot_be_meant_are_not_signed() {
    let world = World::enrolled();
    let fault = |name: &str, args: &[&str]| {
        let ran = world.run(name, &[args, &["--json"]].concat());
        // A call is corrected; of everything else its author may say that it is meant.
        let code = if args[0] == "call" { Code::FieldsWrong } else { Code::Doubtful };
        assert_eq!(ran.fault(), code.name(), "{args:?}");
        ran.err
    };
    let request = ["request", "new", "--file", "request.json"];
    let past = fault(A, &[&request[..], &["--field", "reply_by=2020-01-01T00:00:00Z"]].concat());
    assert!(past.contains("reply_by (past)"), "{past}");
    let checked = world
        .run(A, &["request", "check", "--file", "request.json", "--field", "formal_by=2001-01-01"]);
    assert!(checked.out.contains("is over already"), "{}", checked.out);
    let call = ["call", "raise", "--urgency", "flash", "--topic", "other", "--text", "Help."];
    let past = fault(A, &[&call[..], &["--needed-by", "2020-01-01T00:00:00Z"]].concat());
    assert!(past.contains("needed_by (past)"), "{past}");
    let made = world.object(A, &request);
    let m = text(&made, "matter").to_owned();
    world.carry(A, B, &[]);
    let hold = |from: &str, to: &str| {
        let (from, to) = (format!("effected_at={from}"), format!("holds_until={to}"));
        let more = ["custodian_class=platform", "secured=all", "final=no"];
        let mut args = vec!["preserve".to_owned(), m.clone()];
        for field in [&*from, &*to].into_iter().chain(more) {
            args.extend(["--field".to_owned(), field.to_owned()]);
        }
        args
    };
    let refused = |args: Vec<String>| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        fault(B, &args)
    };
    let both = refused(hold("2095-01-01T00:00:00Z", "2020-01-01T00:00:00Z"));
    assert!(both.contains("effected_at (ahead)") && both.contains("holds_until (past)"), "{both}");
    let short = refused(hold(&(now() - 60).to_string(), &(now() + 86_400).to_string()));
    assert!(short.contains("holds_until (too-soon)"), "{short}");
    // Nothing of it was signed.
    assert_eq!(world.object(B, &["matter", "show", &m]).get("count"), Some(&Value::Int(1)));
}

/// ASK-11: what this program takes for a mistake may be none. Its author has the last word, and
/// whoever reads the act sees the doubt.
#[test]
fn what_is_doubted_can_be_signed_as_it_is() {
    let world = World::enrolled();
    let strange = ["--field", "identifiers=domain:localhost"];
    let request = [&["request", "new", "--file", "request.json"], &strange[..]].concat();
    let refused = world.run(A, &request);
    assert_eq!(refused.code, 1);
    let said = refused.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("--as-it-is") && said.contains("identifiers.1.value"), "{said}");
    let check = [&["request", "check", "--file", "request.json"], &strange[..]].concat();
    let checked = world.run(A, &[&check[..], &["--json"]].concat());
    let checked = counterpart_record::strict::json::parse_object(checked.out.trim().as_bytes());
    let checked = checked.unwrap();
    let flags = ["signable", "complete"].map(|name| checked.get(name).cloned());
    assert_eq!(flags, [Some(Value::Bool(true)), Some(Value::Bool(false))]);
    let made = world.object(A, &[&request[..], &["--as-it-is"]].concat());
    let m = text(&made, "matter").to_owned();
    // In an act of the matter, too; and what a table does not allow stays unsigned.
    let supplement = ["supplement", &m, "--text", "More.", "--as-it-is"];
    world.run(A, &[&supplement[..], &["--field", "identifiers=ip:999"]].concat()).good();
    let wrong = ["--field", "max_penalty=much", "--as-it-is", "--json"];
    assert_eq!(world.run(A, &[&request[..], &wrong].concat()).fault(), "fields-wrong");
    world.carry(A, B, &[]);
    for name in [A, B] {
        let shown = world.object(name, &["matter", "show", &m]);
        let acts = shown.get("acts").and_then(Value::as_array).unwrap();
        let doubts = |act: &Value| {
            let act = act.as_object().unwrap();
            assert_eq!(text(act, "verdict"), "valid");
            act.get("doubts").and_then(Value::as_array).unwrap().len()
        };
        assert_eq!(acts.iter().map(doubts).collect::<Vec<_>>(), [1, 1], "{name}");
    }
}

#[test]
fn an_act_of_another_sort_of_matter_is_named() {
    let world = World::enrolled();
    let made = world.object(A, &["request", "new", "--file", "request.json"]);
    let m = text(&made, "matter").to_owned();
    for args in [
        &["surge", "end", &m][..],
        &["call", "close", &m, "--outcome", "settled"],
        &["call", "say", &m, "--text", "Hello."],
    ] {
        let ran = world.run(A, &[args, &["--json"]].concat());
        assert_eq!((ran.fault().as_str(), ran.code), ("kind-elsewhere", 1), "{args:?}");
        let ran = world.run(A, args);
        assert!(ran.err.contains("counterpart surge list"), "{}", ran.err);
        assert!(ran.err.lines().all(|line| line.len() < 260), "{}", ran.err);
    }
}

#[test]
fn a_request_is_acknowledged_in_the_name_of_a_desk() {
    let mut world = World::enrolled();
    let made = world.object(A, &["request", "new", "--file", "request.json"]);
    let m = text(&made, "matter").to_owned();
    world.carry(A, B, &[]);
    let nameless = world.run(B, &["acknowledge", &m, "--json"]);
    assert!(nameless.err.contains("desk (missing)"), "{}", nameless.err);
    world.env.push(("COUNTERPART_DESK", "Night shift".into()));
    world.run(B, &["acknowledge", &m]).good();
    assert!(world.run(B, &["matter", "show", &m]).good().out.contains("Night shift"));
    // What a form says stands before the name that is set for the shift, and behind one that is
    // typed.
    std::fs::write(world.path("ack.json"), r#"{"desk": "Harbour desk"}"#).unwrap();
    for (more, desk, other) in [
        (&["--file", "ack.json"][..], "Harbour desk", "Night shift"),
        (&["--file", "ack.json", "--desk", "Third desk"], "Third desk", "Night shift"),
        // Typed, it is typed, also where it is that of the shift.
        (&["--file", "ack.json", "--desk", "Night shift"], "Night shift", "Harbour desk"),
        (&["--field", "desk=Field desk"], "Field desk", "Night shift"),
    ] {
        let made = world.object(A, &["request", "new", "--file", "request.json"]);
        let m = text(&made, "matter").to_owned();
        world.carry(A, B, &[]);
        world.run(B, &[&["acknowledge", &m], more].concat()).good();
        let page = world.run(B, &["matter", "show", &m]).good().out;
        assert!(page.contains(desk) && !page.contains(other), "{page}");
    }
}

/// ATT-9: nobody waits for a file to be sealed to hear that a field is missing.
#[test]
fn a_form_is_checked_before_its_files_are_sealed() {
    let world = World::enrolled();
    let made = world.object(A, &["request", "new", "--file", "request.json"]);
    let m = text(&made, "matter").to_owned();
    world.carry(A, B, &[]);
    let file = std::fs::File::create(world.path("large")).unwrap();
    file.set_len(24 * 1024 * 1024).unwrap();
    let answer = ["answer", &m, "--field", "extent=full", "--field", "final=yes"];
    let attached = [&answer[..], &["--attach", "evidence=large"]].concat();
    let ran = world.run(B, &attached);
    assert_eq!(ran.code, 1);
    assert!(!ran.err.contains('%'), "it was sealed first: {}", ran.err);
    let ran = world.run(B, &[&attached[..], &["--text", "Here it is."]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let shown = newest(&world, B, &m);
    assert_eq!(shown.get("attachments").and_then(Value::as_array).unwrap().len(), 1);
}

/// What is typed comes on top of the file, also where the file has it within a group; and a form
/// that was given back with both is read again.
#[test]
fn a_member_of_a_group_comes_on_top_of_a_file() {
    let world = World::enrolled();
    let both = r#"{"persons": {"suspect": 4, "victim": 1, "victim_minors": 0},
        "persons.suspect_minors": "1", "measure": "preservation"}"#;
    std::fs::write(world.path("both.json"), both).unwrap();
    let kept = std::fs::read_to_string(world.path("request.json")).unwrap();
    for (file, victims) in [("request.json", None), ("both.json", Some(1))] {
        if file == "both.json" {
            // The rest of the form stands in the other one.
            let rest = kept.rsplit_once("\"persons\"").unwrap();
            let rest = format!("{}{}", rest.0, rest.1.split_once("},").unwrap().1);
            let both = both.replace("\"measure\": \"preservation\"}", &rest.trim()[1..]);
            std::fs::write(world.path(file), both).unwrap();
        }
        let more = ["--field", "persons.suspect=2", "--field", "persons.suspect_minors=1"];
        let made = world.object(A, &[&["request", "new", "--file", file], &more[..]].concat());
        let act = newest(&world, A, text(&made, "matter"));
        let body = act.get("body").and_then(Value::as_object).unwrap();
        let persons = body.get("persons").and_then(Value::as_object).unwrap();
        assert_eq!(persons.get("suspect"), Some(&Value::Int(2)), "{persons:?}");
        assert_eq!(persons.get("suspect_minors"), Some(&Value::Int(1)));
        assert_eq!(persons.get("victim"), victims.map(Value::Int).as_ref());
    }
}
