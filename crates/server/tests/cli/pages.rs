//! What a person reads of a matter: the same words for the same thing, from the reader's side, and
//! next steps that do what they say when they are pasted.

use crate::world::{World, text};
use counterpart_record::strict::json::{self, Value};
use counterpart_rules::clock;
use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

/// A request that was acknowledged and that has a question open.
fn asked() -> (World, String) {
    let mut world = World::enrolled();
    world.env.push(("COLUMNS", "160".into()));
    let made = world.object("arcadia", &["request", "new", "--file", "request.json"]);
    let matter = text(&made, "matter")[..8].to_owned();
    world.carry("arcadia", "borealis", &[]);
    world.run("borealis", &["acknowledge", &matter, "--desk", "Duty desk"]).good();
    let about = ["ask", &matter, "--field", "about=period", "--text", "Which zone?"];
    world.run("borealis", &about).good();
    world.carry("borealis", "arcadia", &[]);
    (world, matter)
}

#[test]
fn queue_and_page_say_whose_turn_it_is_in_the_same_words() {
    let (world, matter) = asked();
    for (name, lang, words) in [
        ("arcadia", "en", "It is your turn."),
        ("borealis", "en", "It is the other side's turn."),
        ("arcadia", "zh-CN", "轮到本方。"),
        ("borealis", "zh-CN", "轮到对方。"),
    ] {
        for page in [&["matter", "show", &matter][..], &["matter", "list"], &[]] {
            let page = world.run(name, &[&["--lang", lang][..], page].concat()).good().out;
            assert!(page.contains(words), "{name} {lang}: {page}");
        }
        let page = world.run(name, &["matter", "show", &matter, "--lang", lang]).good().out;
        let codes = ["asking side", "answering side", "请求方", "P5Y", "KIND", "..."];
        assert!(codes.iter().all(|code| !page.contains(code)), "{page}");
    }
}

#[test]
fn a_clock_says_how_long_is_left_and_then_how_it_was_met() {
    let (world, matter) = asked();
    world.run("arcadia", &["supplement", &matter, "--text", "UTC+8."]).good();
    world.carry("arcadia", "borealis", &[]);
    let page = |lang: &str| world.run("borealis", &["matter", "show", &matter, "--lang", lang]);
    let en = page("en").good().out;
    // The question stood open for a moment, and moved the limit by it.
    let runs = "Clock (your duty): reply by the time asked for, until 2099-06-14 04:0";
    assert!(en.contains(runs) && en.contains(" left\n"), "{en}");
    let zh = page("zh-CN").good().out;
    let runs = "期限（本方义务）：按请求所定时间答复，至 2099-06-14 04:0";
    assert!(zh.contains(runs) && zh.contains(" UTC，剩余 "), "{zh}");
    let fields = ["--field", "extent=full", "--field", "final=yes", "--text", "Kept."];
    world.run("borealis", &[&["answer", &matter][..], &fields].concat()).good();
    let en = page("en").good().out;
    let met = "Clock (your duty): reply by the time asked for, until 2099-06-14 04:0";
    assert!(en.contains(met) && en.contains(" UTC: met in time, at 20"), "{en}");
    let zh = page("zh-CN").good().out;
    assert!(zh.contains("期限（本方义务）：按请求所定时间答复") && zh.contains("按时完成"), "{zh}");
}

/// A time alone is nobody's: that of a single clock stands with its name and its side.
#[test]
fn a_clock_that_runs_alone_says_what_it_is_for_and_whose() {
    let world = World::enrolled();
    let request = crate::world::REQUEST
        .replace(r#""instrument": "budapest""#, r#""instrument": "reciprocity""#);
    let request = request.replace(r#""reply_by": "2099-06-14T12:00:00+08:00", "#, "");
    let request = request.replace(r#""formal_by": "2099-12-31""#, r#""formal_by": "2099-01-02""#);
    std::fs::write(world.path("request.json"), request).unwrap();
    let made = world.object("arcadia", &["request", "new", "--file", "request.json"]);
    let matter = text(&made, "matter")[..8].to_owned();
    world.carry("arcadia", "borealis", &[]);
    world.carry("borealis", "arcadia", &[]);
    let shown = world.object("borealis", &["matter", "show", &matter]);
    assert_eq!(shown.get("timers").and_then(|list| Some(list.as_array()?.len())), Some(1));
    for (name, whose, row) in [
        ("arcadia", "Clock (your duty): lodge the formal request", "you: due 2099-01-02"),
        ("borealis", "Clock (duty of the other side): lodge", "other side: due 2099-01-02"),
    ] {
        let page = world.run(name, &["matter", "show", &matter]).good().out;
        assert!(page.contains(whose) && !page.contains("Due by"), "{page}");
        for list in [&["matter", "list"][..], &[]] {
            let page = world.run(name, list).good().out;
            assert!(page.contains(row), "{page}");
        }
    }
    let zh = world.run("borealis", &["matter", "list", "--lang", "zh-CN"]).good().out;
    assert!(zh.contains("对方期限 2099-01-02"), "{zh}");
}

/// Each command that a page proposes does what it says as it stands, from where the page was shown.
/// What needs more to be said asks for it at a terminal; where there is none it names what is
/// missing, and nothing else is wrong with it.
#[test]
fn every_next_step_can_be_pasted() {
    let (world, matter) = asked();
    let opening = ["terms", "show", "--write", "terms.json"];
    world.run("arcadia", &opening).good();
    world.run("arcadia", &["terms", "propose", "terms.json"]).good();
    world.carry("arcadia", "borealis", &[]);
    let proposed = world.json("borealis", &["matter", "list"]);
    let flows = proposed.as_array().unwrap().iter().filter_map(|one| one.as_object());
    let terms = flows.into_iter().find(|one| text(one, "flow").starts_with("accord")).unwrap();
    let terms = text(terms, "matter")[..8].to_owned();
    let mut steps = BTreeSet::new();
    for name in ["arcadia", "borealis"] {
        for page in [
            &[][..],
            &["due"],
            &["matter", "show", &matter],
            &["matter", "show", &terms],
            &["terms", "show"],
        ] {
            for line in world.run(name, page).good().out.lines() {
                let Some(step) = line.strip_prefix("  counterpart ") else { continue };
                // The name of an act stands beside its command, two spaces apart.
                let step = step.split("  ").next().unwrap();
                steps.insert((name, step.to_owned()));
            }
        }
    }
    assert!(steps.len() > 20, "{steps:?}");
    // The sheet that a page offers to write is not there yet.
    std::fs::remove_file(world.path("terms.json")).unwrap();
    let (mut done, mut asks) = (0, 0);
    for (name, step) in steps.iter().filter(|(_, step)| step != "serve") {
        // Two steps of one page may exclude each other: each is tried where it was offered.
        let world = world.copied();
        let words: Vec<&str> = step.split(' ').collect();
        let ran = world.run(name, &[&words[..], &["--json"]].concat());
        if ran.code == 0 {
            done += 1;
            continue;
        }
        asks += 1;
        assert_eq!(ran.fault(), "fields-wrong", "{name}: {step}: {}{}", ran.out, ran.err);
        let fault = json::parse_object(ran.err.trim_end().as_bytes()).unwrap();
        let fault = fault.get("fault").and_then(Value::as_object).unwrap();
        let lacks = text(fault, "at").split(", ").all(|one| one.ends_with(" (missing)"));
        assert!(lacks, "{name}: {step}: {}", ran.err);
    }
    assert!(done > 5 && asks > 5, "{done} {asks}");
}

/// What a person reads first in a dossier says all that was said, in words; and the log says what
/// was decided in the language of who reads.
#[test]
fn a_summary_and_a_log_hold_no_codes() {
    let (world, matter) = asked();
    world.run("arcadia", &["terms", "show", "--write", "terms.json"]).good();
    let said = world.object("arcadia", &["terms", "propose", "terms.json"]);
    let terms = text(&said, "matter")[..8].to_owned();
    world.carry("arcadia", "borealis", &[]);
    for (matter, en, zh) in [
        (&matter, "What the question is about: period", "询问事项：期间"),
        (&matter, "Identifiers: IP address  192.0.2.7", "识别信息：IP 地址  192.0.2.7"),
        (&terms, "Borealis, working days: Monday to Friday", "Borealis的工作日：星期一至星期五"),
    ] {
        let folder = format!("case-{}", zh.len() * 100 + en.len());
        world.run("arcadia", &["dossier", matter, &folder]).good();
        for (tag, words) in [("en", en), ("zh-CN", zh)] {
            let file = world.path(&format!("{folder}/data/summary.{tag}.txt"));
            let summary = std::fs::read_to_string(file).unwrap();
            assert!(summary.contains(words), "{words}: {summary}");
            // Words in another language than the page are marked with theirs.
            assert!(!summary.replace("[en]", "").contains(['{', '[']), "{summary}");
        }
    }
    let log = world.run("arcadia", &["log", "--lang", "zh-CN"]).good().out;
    assert!(log.contains("有效") && log.contains("凭证") && !log.contains("valid"), "{log}");
}

/// What waits for us is a next step, also where it is nothing of every day.
#[test]
fn a_proposal_that_waits_for_us_offers_its_answers_first() {
    let world = World::enrolled();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let until = clock::shown(now + 7 * 86_400).replace(" UTC", "Z").replace(' ', "T");
    let propose = ["surge", "propose", "Borealis", "--until", &until, "--text", "A week."];
    let made = world.object("arcadia", &propose);
    let matter = text(&made, "matter")[..8].to_owned();
    world.carry("arcadia", "borealis", &[]);
    let page = world.run("borealis", &["matter", "show", &matter]).good().out;
    let next = page.split("Next:").nth(1).unwrap();
    let first = next.trim().lines().next().unwrap();
    assert_eq!(first, format!("counterpart surge agree {matter}"), "{page}");
    assert!(!page.contains("dossier"), "{page}");
}
