//! What a request rests on: instruments and lines of work by the terms in force, before anything is
//! signed; and what is said of it on the other side.

use crate::world::{World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::{Value, parse_object};

const A: &str = "arcadia";
const B: &str = "borealis";

/// Budapest binds both, Directive 2023/977 not yet; two lines of work.
fn agreed() -> World {
    let world = World::enrolled();
    agree(&world);
    world
}

fn agree(world: &World) {
    let bound = r#""instruments":[{"name":"budapest","from":"2012-12-01"},
        {"name":"directive-2023-977","from":"2999-06-14"}]"#;
    let streams = r#""streams": [{"name":"drugs","sharing":"none"},
        {"name":"arms-trade","sharing":"none"}]"#;
    crate::terms::agree(world, &[], |sheet| {
        sheet.replace("\"instruments\":[]", bound).replace("\"streams\": []", streams)
    });
}

/// ASK-7: a request on an instrument that does not bind both is held up before it is signed, and
/// marked on both sides if it was sent all the same.
#[test]
fn an_instrument_that_the_terms_do_not_list_for_both_is_lacking() {
    let world = agreed();
    let stream = ["--stream", "drugs", "--file", "request.json"];
    let checked = |instrument: &str| {
        let basis = format!("instrument={instrument}");
        let args = [&["request", "check"], &stream[..], &["--field", &basis, "--json"]].concat();
        let ran = world.run(A, &args);
        let value = parse_object(ran.out.trim_end().as_bytes()).unwrap();
        let lacking = value.get("lacking").and_then(Value::as_array).unwrap();
        let wrong = |one: &Value| {
            let one = one.as_object().unwrap();
            (text(one, "field") == "instrument").then(|| text(one, "wrong").to_owned())
        };
        (ran.code, lacking.iter().find_map(wrong))
    };
    assert_eq!(checked("budapest"), (0, None));
    assert_eq!(checked("hanoi"), (1, Some("not-agreed".into())));
    assert_eq!(checked("directive-2023-977").1, Some("not-yet".into()));
    assert_eq!(checked("reciprocity"), (0, None), "it binds nobody, and nothing comes into force");
    let hanoi = ["--field", "instrument=hanoi"];
    let said = world.run(A, &[&["request", "check"], &stream[..], &hanoi].concat()).out;
    assert!(said.contains("the terms in force"), "{said}");
    let new = [&["request", "new"], &stream[..], &hanoi].concat();
    let refused = world.run(A, &[&new[..], &["--json"]].concat());
    assert_eq!((refused.code, refused.fault()), (1, Code::RequirementsUnmet.name().to_owned()));
    let sent = world.object(A, &[&new[..], &["--as-it-is"]].concat());
    world.carry(A, B, &[]);
    for name in [A, B] {
        let page = world.run(name, &["matter", "show", &text(&sent, "matter")[..8]]).good().out;
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains("do not list its instrument for both sides"), "{name}: {page}");
    }
}

/// ASK-8.
#[test]
fn a_new_matter_is_of_a_line_of_work_that_there_is() {
    let world = agreed();
    let new = ["request", "new", "--file", "request.json", "--json"];
    for (stream, named) in
        [(&[][..], "none was named"), (&["--stream", "cybercrime"], "drugs, arms-trade")]
    {
        let refused = world.run(A, &[&new[..], stream].concat());
        assert_eq!((refused.code, refused.fault()), (1, Code::StreamUnknown.name().to_owned()));
        assert!(refused.err.contains(named), "{}", refused.err);
    }
    world.run(A, &[&new[..], &["--stream", "arms-trade"]].concat()).good();
    // Where no terms are in force, those as shipped; never just anything.
    let plain = World::enrolled();
    for strange in ["nosuch", "x/../y", "Cybercrime", ""] {
        let refused = plain.run(A, &[&new[..], &["--stream", strange]].concat());
        assert_eq!(refused.fault(), Code::StreamUnknown.name(), "{strange:?}");
        let until = ["--until", "2999-06-14T12:00:00Z", "--json"];
        let surge = ["surge", "propose", "--stream", strange];
        let refused = plain.run(A, &[&surge[..], &until].concat());
        assert_eq!(refused.fault(), Code::StreamUnknown.name(), "{strange:?}");
    }
    plain.run(A, &[&new[..], &["--stream", "child-abuse-material"]].concat()).good();
    plain.run(A, &new).good();
}

/// ASK-8: whichever lines of work are agreed, the line between the desks can be tested, and a
/// matter that is older than the terms can be called about and lifted.
#[test]
fn agreed_lines_of_work_close_neither_the_line_nor_an_older_matter() {
    let world = World::enrolled();
    let made = world.object(A, &["request", "new", "--file", "request.json"]);
    let old = text(&made, "matter").to_owned();
    world.carry(A, B, &[]);
    world.run(B, &["acknowledge", &old, "--desk", "Duty desk"]).good();
    world.carry(B, A, &[]);
    agree(&world);
    let stream = |matter: &str| {
        let shown = world.object(A, &["matter", "show", matter]);
        text(&shown, "stream").to_owned()
    };
    assert_eq!(stream(&old), "cybercrime");
    let test = world.object(A, &["line", "test"]);
    assert_eq!(stream(text(&test, "matter")), "drugs", "as by the schedule");
    let lifted = ["escalate", &old, "--because", "other", "--text", "No answer so far."];
    let lifted = world.object(A, &lifted);
    assert_eq!(stream(text(&lifted, "call")), "cybercrime");
    let call = ["call", "raise", "--urgency", "flash", "--topic", "other", "--text", "Help."];
    let about = [&call[..], &["--about", &old[..8]]].concat();
    assert_eq!(stream(text(&world.object(A, &about), "matter")), "cybercrime");
    // A call about nothing is of a line of work of the channel; no other comes in behind a matter.
    let strange = [&about[..], &["--stream", "fraud"]].concat();
    for args in [&call[..], &strange] {
        let refused = world.run(A, &[args, &["--json"]].concat());
        assert_eq!(refused.fault(), Code::StreamUnknown.name(), "{args:?}");
    }
    world.run(A, &[&call[..], &["--stream", "arms-trade"]].concat()).good();
}

/// ASK-10: a fault that names what is not provided for names what is.
#[test]
fn a_fault_offers_what_the_instrument_provides_for_and_nothing_else() {
    let world = World::enrolled();
    let police = ["--field", "instrument=directive-2023-977", "--field", "measure=preservation"];
    let new = [&["request", "new", "--file", "request.json"], &police[..]].concat();
    let refused = world.run(A, &new);
    let said = refused.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("measure = ") && said.contains("information"), "{said}");
    for other in ["take-down", "real-time-traffic", "preservation,"] {
        assert!(!said.contains(other), "{other}: {said}");
    }
    // Of an instrument that is none, all instruments are named.
    let strange = ["request", "new", "--file", "request.json", "--field", "instrument=warsaw"];
    let refused = world.run(A, &strange);
    assert!(refused.err.contains("budapest") && refused.err.contains("hanoi"), "{}", refused.err);
}

/// What a side publishes of an instrument stands beside what both agreed, wherever the instrument
/// is read: on its own page, in the terms, and where a request is drawn up.
#[test]
fn what_each_side_says_of_an_instrument_is_shown_wherever_it_is_read() {
    let world = agreed();
    let needs = r#"{"languages": ["en"], "accepted": [{"instrument": "budapest",
        "in_force_from": "2013-01-01", "authority": "Office of the Attorney of Borealis",
        "reservations": {"lang": "en", "text": "Article 29(4): dual criminality."},
        "languages": "en"}]}"#;
    std::fs::write(world.path("needs.json"), needs).unwrap();
    world.run(B, &["requirements", "publish", "--file", "needs.json"]).good();
    world.carry(B, A, &[]);
    let check = ["request", "check", "--stream", "drugs", "--file", "request.json"];
    for (page, lang, from) in [
        (&["instrument", "budapest"][..], "en", "in force from 2012-12-01 by the terms"),
        (&["instrument", "budapest", "Borealis"], "zh-CN", "按条款自 2012-12-01 起生效"),
        (&["terms", "show"], "en", "in force from 2012-12-01 by the terms"),
        (&check, "en", "in force from 2012-12-01 by the terms"),
    ] {
        let out = world.run(A, &[page, &["--lang", lang]].concat()).good().out;
        let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
        for said in [from, "Office of the Attorney of Borealis", "Article 29(4)", "2013-01-01"] {
            assert!(words.contains(said), "{page:?}: {said}: {out}");
        }
    }
    let all = world.json(A, &["instrument", "budapest"]);
    let one = all.as_array().unwrap()[0].as_object().unwrap();
    let sides = one.get("sides").and_then(Value::as_array).unwrap();
    let theirs = sides[1].as_object().unwrap();
    assert_eq!((text(theirs, "in_force_from"), sides.len()), ("2012-12-01", 2));
    let published = theirs.get("published").and_then(Value::as_object).unwrap();
    assert_eq!(published.get("languages").unwrap().to_text(), r#"["en"]"#);
    assert_eq!(world.run(A, &["instrument", "budapest", "Cascadia"]).code, 1);
}

/// ASK-9: a refusal says on what it rests, in the words of the instrument of its matter.
#[test]
fn a_refusal_rests_on_a_ground_of_its_instrument_or_on_own_law_that_is_cited() {
    let world = World::enrolled();
    let police = ["instrument=directive-2023-977", "measure=information"];
    let police: Vec<&str> = police.iter().flat_map(|field| ["--field", field]).collect();
    let new = [&["request", "new", "--file", "request.json"], &police[..]].concat();
    let made = world.object(A, &new);
    let m = text(&made, "matter").to_owned();
    world.carry(A, B, &[]);
    let refuse = |fields: &[&str]| {
        let fields: Vec<&str> = fields.iter().flat_map(|field| ["--field", *field]).collect();
        world.run(B, &[&["refuse", &m], &fields[..]].concat())
    };
    for (fields, said) in [
        (&["ground=political-offence"][..], "not provided for"),
        (&["ground=nosuch"], "not one of the choices"),
    ] {
        let wrong = refuse(fields);
        assert_eq!(wrong.code, 1);
        let err = wrong.err.split_whitespace().collect::<Vec<_>>().join(" ");
        let form = format!("counterpart form refuse --matter {m}");
        for words in [said, "not-available", "own-law", &form] {
            assert!(err.contains(words), "{words}: {err}");
        }
        assert!(!err.contains("press-freedom"), "of another instrument: {err}");
    }
    for bare in ["ground=own-law", "ground=disproportionate-burden"] {
        assert_eq!(refuse(&[bare, "text="]).code, 1, "{bare}");
    }
    refuse(&["ground=national-security"]).good();
    world.carry(B, A, &[]);
    let page = world.run(A, &["matter", "show", &m[..8]]).good().out;
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("Article of the ground there: 6"), "{page}");
}

/// ASK-10: what the instrument that was picked decides of a form.
#[test]
fn a_form_offers_what_its_instrument_provides_for() {
    let world = agreed();
    let form = |more: &[&str]| world.run(A, &[&["form", "request"], more].concat()).good().out;
    let budapest = form(&["--instrument", "budapest", "--measure", "preservation"]);
    let measures = budapest.split("\nmeasure\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert!(
        measures.contains("real-time-traffic") && !measures.contains("take-down"),
        "{measures}"
    );
    assert!(budapest.contains("29(2)(c)") && budapest.contains("(60 calendar days)"), "{budapest}");
    let any = form(&[]);
    assert!(any.contains("take-down") && !any.contains("29(2)(c)"), "{any}");
    let first: Vec<&str> = any.lines().filter(|line| line.starts_with("* ")).take(2).collect();
    assert!(first[0].contains("instrument") && first[1].contains("measure"), "{first:?}");
}

/// ASK-10: at a terminal the instrument is asked for first, and decides what comes after it.
#[test]
fn a_person_is_asked_for_the_instrument_first() {
    let world = World::enrolled();
    let lines = [&["directive-2023-977", "1"][..], &[""; 80]].concat();
    let Some(seen) = crate::apart::typed(&world, &["request", "new"], &lines) else { return };
    let at = |words: &str| seen.find(words).unwrap_or_else(|| panic!("{words}: {seen}"));
    assert!(at("Instrument") < at("Measure asked for"), "{seen}");
    assert!(at("Measure asked for") < at("Urgency"), "{seen}");
    let measures = &seen[at("Measure asked for")..at("Urgency")];
    assert!(measures.contains("information") && !measures.contains("preservation"), "{measures}");
    assert!(measures.contains("(8 h)") && measures.contains("(3 calendar days)"), "{measures}");
    let unknown = world.run(A, &["form", "request", "--instrument", "warsaw", "--json"]);
    assert_eq!(unknown.fault(), Code::ArgumentWrong.name());
}
