//! A person at a terminal: nobody is asked for a form that could not be signed, nothing that was
//! typed is lost, and nothing that was held up is signed because somebody pressed the enter key.

use crate::apart::typed;
use crate::world::{World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::{Object, Value};

const A: &str = "arcadia";

fn requested(world: &World) -> String {
    let made = world.object(A, &["request", "new", "--file", "request.json"]);
    text(&made, "matter").to_owned()
}

/// The lines that answer a form in the order in which it asks: what is `given`, and an empty line
/// for the rest. Questions in `needless` do not come.
fn answers(form: &Object, given: &[(&str, &str)], needless: &[&str]) -> Vec<String> {
    const FIRST: [&str; 2] = ["instrument", "measure"];
    let answer = |field: &str| given.iter().find(|(name, _)| *name == field).map(|(_, one)| *one);
    let mut lines: Vec<String> =
        FIRST.iter().map(|field| answer(field).unwrap().to_owned()).collect();
    let prompts = form.get("prompts").and_then(Value::as_array).unwrap();
    for prompt in prompts.iter().filter_map(Value::as_object) {
        let field = text(prompt, "field");
        // How many of them are minors is asked of those that there are.
        let beside = prompt.get("beside").and_then(Value::as_str).unwrap_or_default();
        let nobody = !beside.is_empty() && answer(beside).is_none();
        if FIRST.contains(&field) || needless.contains(&field) || nobody {
            continue;
        }
        lines.push(answer(field).unwrap_or_default().to_owned());
        // A list goes on until an empty line.
        if prompt.get("rows") == Some(&Value::Bool(true)) && answer(field).is_some() {
            lines.push(String::new());
        }
    }
    lines
}

/// Peer and rules come before the first question, at a terminal and in a pipe.
#[test]
fn nobody_is_asked_for_a_form_that_could_not_be_signed() {
    let world = World::enrolled();
    let matter = requested(&world);
    for (args, words) in [
        (&["request", "new", "Nobody"][..], "no such peer"),
        (&["call", "raise", "Nobody"], "no such peer"),
        (&["requirements", "publish", "Nobody"], "no such peer"),
        (&["answer", &matter], "The rules do not allow this act now"),
    ] {
        let Some(seen) = typed(&world, args, &[]) else { return };
        assert!(seen.contains(words) && !seen.contains("> "), "{args:?}: {seen}");
    }
    // What may not be written is not asked for field by field by a program either.
    let piped = world.run(A, &["answer", &matter, "--json"]);
    assert_eq!(piped.fault(), Code::NotPermitted.name());
    world.run(A, &["withdraw", &matter, "--field", "reason=no-longer-needed"]).good();
    let seen = typed(&world, &["withdraw", &matter], &[]).unwrap();
    assert!(seen.contains("do not allow") && !seen.contains("> "), "{seen}");
    assert_eq!(world.run(A, &["withdraw", &matter, "--json"]).fault(), Code::NotPermitted.name());
}

/// However a form ends that was not signed: what was typed is there to go on with.
#[test]
fn what_was_typed_is_never_lost() {
    let world = World::enrolled();
    // The input ends in the middle of the form.
    let cut = ["reciprocity", "advice", "\u{4}"];
    let Some(seen) = typed(&world, &["request", "new"], &cut) else { return };
    assert!(seen.contains(r#"{"instrument":"reciprocity","measure":"advice"}"#), "{seen}");
    // A form is refused for what nobody was asked for: it lacks nearly everything.
    let bare = [&["reciprocity", "advice"][..], &[""; 90]].concat();
    let seen = typed(&world, &["request", "new"], &bare).unwrap();
    assert!(seen.contains(r#"{"instrument":"reciprocity","measure":"advice"}"#), "{seen}");
    // Beside the form, too, as the options that say it.
    let add = ["correspondent", "add", "Cascadia", "--language", "en"];
    world.run(A, &add).good();
    let from = ["enter", "request", "--from", "Cascadia", "--file", "request.json"];
    let lacking = ["--field", "facts="];
    let came = ["phone", "2026-01-02T03:04:05Z", "", "", ""];
    let seen = typed(&world, &[&from[..], &lacking].concat(), &came).unwrap();
    assert!(seen.contains("--how phone --at 2026-01-02T03:04:05Z"), "{seen}");
    // Where nobody can be asked, the options are named as they are written.
    let piped = world.run(A, &from).err;
    assert!(piped.contains("--how = How it came") && piped.contains("--at = "), "{piped}");
}

/// An empty line at the second asking keeps what was held up, and nothing is signed by it.
#[test]
fn an_empty_line_signs_nothing_that_was_held_up() {
    let world = World::enrolled();
    let doubted = ["request", "new", "--file", "request.json", "--field", "identifiers=ip:999.1"];
    let Some(seen) = typed(&world, &doubted, &["", ""]) else { return };
    assert!(seen.contains("So far: ip:999.1"), "{seen}");
    assert!(world.json(A, &["matter", "list"]).as_array().unwrap().is_empty(), "{seen}");
    // Whoever has nothing to keep says so.
    let cleared = ["request", "new", "--file", "request.json", "--field", "custodian=\u{7}"];
    let seen = typed(&world, &cleared, &["-"]).unwrap();
    assert_eq!(world.json(A, &["matter", "list"]).as_array().unwrap().len(), 1, "{seen}");
}

/// A whole form, question by question: an address alone is held up and asked for once more, an
/// empty line leaves it, and the form is there to go on with. Nobody who asks for something new and
/// without haste is asked what it extends or why it is urgent.
#[test]
fn a_request_that_is_typed_is_asked_for_in_order_and_held_up_whole() {
    let world = World::enrolled();
    let args = ["form", "request", "--instrument", "reciprocity", "--measure", "subscriber-data"];
    let form = world.object(A, &args);
    let given = [
        ("instrument", "reciprocity"),
        ("measure", "subscriber-data"),
        ("type", "new"),
        ("urgency", "normal"),
        ("offence", "illegal-access"),
        ("max_penalty", "P5Y"),
        ("purpose", "investigation"),
        ("legal_basis", "Article 12"),
        ("authorising_body", "Court of Arcadia"),
        ("necessity", "Logs vanish."),
        ("persons.suspect", "1"),
        ("persons.suspect_minors", "0"),
        ("assured", "none"),
        ("facts", "Somebody entered."),
        ("identifiers", "ip:192.0.2.7"),
    ];
    let needless = ["extension_of", "urgency_why", "assurances"];
    let mut lines = answers(&form, &given, &needless);
    lines.push(String::new());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let Some(seen) = typed(&world, &["request", "new"], &lines) else { return };
    for words in ["The request that is extended", "Why it is urgent", "Given by"] {
        assert!(!seen.contains(words), "{words}: {seen}");
    }
    assert!(seen.contains("So far: ip:192.0.2.7"), "{seen}");
    assert!(seen.contains(r#""identifiers":["ip:192.0.2.7"]"#), "{seen}");
    assert!(world.json(A, &["matter", "list"]).as_array().unwrap().is_empty(), "{seen}");
    // With port and time the same lines are signed.
    let whole = "ip:192.0.2.7; port=443; at=2026-01-02T03:04:05Z";
    let lines: Vec<&str> =
        lines.iter().map(|line| if *line == "ip:192.0.2.7" { whole } else { *line }).collect();
    let seen = typed(&world, &["request", "new"], &lines[..lines.len() - 1]).unwrap();
    assert_eq!(world.json(A, &["matter", "list"]).as_array().unwrap().len(), 1, "{seen}");
}

/// CAL-7: the language of a translation can be named where it is typed.
#[test]
fn the_language_of_a_translation_is_named_in_its_line() {
    let world = World::enrolled();
    let raise = ["call", "raise", "--urgency", "routine", "--topic", "other", "--text", "Hello."];
    let call = text(&world.object(A, &raise), "matter").to_owned();
    let form = world.object(A, &["form", "say", "--matter", &call]);
    let prompts = form.get("prompts").and_then(Value::as_array).unwrap();
    let lines = prompts.iter().filter_map(Value::as_object).flat_map(|prompt| {
        match text(prompt, "field") {
            "text" => vec!["We are checking."],
            "translations" => vec!["human:Wir schauen.; lang=de", ""],
            _ => vec![""],
        }
    });
    let lines: Vec<&str> = lines.collect();
    let Some(seen) = typed(&world, &["call", "say", &call], &lines) else { return };
    assert!(seen.contains("[; lang=...]"), "the question tells how: {seen}");
    let shown = world.object(A, &["matter", "show", &call]);
    let acts = shown.get("acts").and_then(Value::as_array).unwrap();
    let last = acts.last().and_then(Value::as_object).unwrap();
    let said = Value::from(last.get("disclosed").and_then(Value::as_object).unwrap().clone());
    assert!(said.to_text().contains(r#"{"lang":"de","text":"Wir schauen."}"#), "{seen}");
}

/// One other matter is named as everywhere, by its first digits, and the question says so; the act
/// carries it whole.
#[test]
fn a_matter_in_a_form_is_named_by_its_first_digits() {
    let world = World::enrolled();
    let form = world.run(A, &["form", "request"]).good().out;
    let line = form.lines().find(|line| line.contains("Consultation before")).unwrap();
    assert!(line.contains("One matter by its digits") && !line.contains("27.4.a"), "{form}");
    let zh = world.run(A, &["--lang", "zh-CN", "form", "transfer"]).good().out;
    let line = zh.lines().find(|line| line.trim_start().starts_with("party")).unwrap();
    assert!(line.contains("一方的编号") && !line.contains("27.4.a"), "{zh}");
    let before = requested(&world);
    let named = format!("consulted={}", &before[..8]);
    let made = world.object(A, &["request", "new", "--file", "request.json", "--field", &named]);
    let shown = world.object(A, &["matter", "show", text(&made, "matter")]);
    let acts = shown.get("acts").and_then(Value::as_array).unwrap();
    let body = acts[0].as_object().unwrap().get("body").and_then(Value::as_object).unwrap();
    assert_eq!(text(body, "consulted"), before);
}
