//! The line between duty desks on the command line: calls, the bell, tests, the review, surges.

use super::acts;
use super::ask;
use super::desk::{Answer, Desk, Door};
use super::due::places;
use super::page::table;
use super::party::next;
use super::request_args::Form;
use super::ring_args::{
    CallCommand, EscalateArgs, LineCommand, PostWord, RingArgs, SurgeCommand, TranslatedBy, Words,
};
use super::show;
use super::value::{Of, short};
use crate::speak::{Exit, plain};
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use counterpart_rules::flow::{Flow, flow, flows};
use counterpart_rules::form::{self, as_fault};
use counterpart_rules::say::{self, duration};
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// `call`.
pub fn call(desk: &Desk, what: &CallCommand) -> Result<Answer> {
    match what {
        CallCommand::Raise { peer, urgency, topic, about, needed_by, drill, stream, words } => {
            let args = opening("raise", (peer.as_deref(), *drill, stream.as_deref()));
            let mut fields = fields("raise", words)?;
            let empty = urgency.is_none() && topic.is_none() && words.text.is_none();
            for (name, value) in [("urgency", urgency), ("topic", topic), ("needed_by", needed_by)]
            {
                put(&mut fields, name, value.as_deref());
            }
            if !about.is_empty() {
                fields.set("matters", about.clone());
            }
            write(desk, "raise", args, (fields, empty))
        }
        CallCommand::Ack { matter, post, words } => {
            let mut fields = fields("acknowledge", words)?;
            put(&mut fields, "post", post.map(post_word));
            write(desk, "acknowledge", within("acknowledge", matter), (fields, false))
        }
        CallCommand::Say { matter, ring, post, words } => {
            let mut fields = fields("say", words)?;
            put(&mut fields, "post", post.map(post_word));
            if *ring {
                fields.set("ring", true);
            }
            write(desk, "say", within("say", matter), (fields, words.text.is_none()))
        }
        CallCommand::HandOver { matter, to, post, words } => {
            let mut fields = fields("hand-over", words)?;
            put(&mut fields, "post", post.map(post_word));
            // The form's desk is the one that has the call from now on: never the one that gives it
            // away, whose name is set once for the whole shift.
            fields.take("desk");
            put(&mut fields, "desk", to.as_deref());
            write(desk, "hand-over", within("hand-over", matter), (fields, false))
        }
        CallCommand::Close { matter, outcome, post, words } => {
            let mut fields = fields("close", words)?;
            put(&mut fields, "post", post.map(post_word));
            put(&mut fields, "outcome", outcome.as_deref());
            write(desk, "close", within("close", matter), (fields, false))
        }
        CallCommand::Show { matter } => shown(desk, matter),
        CallCommand::Code { matter } => {
            let args = Object::default().with("matter", matter.as_str());
            desk.tell("spoken", args, |spoken| aloud(desk, spoken))
        }
    }
}

/// `escalate`: the call first, since the matter names it. If the program ends between the two, the
/// call rings, and the matter is named in it.
pub fn escalate(desk: &Desk, args: &EscalateArgs) -> Result<Answer> {
    let mut door = desk.door()?;
    let shown = door.call("matter.show", Object::default().with("matter", args.matter.as_str()))?;
    let shown = Of::value(&shown);
    if !shown.texts("open_kinds").contains(&"escalate") {
        return Err(Code::NotPermitted.at("escalate: not by you, or not now"));
    }
    let asked = Object::default().with("kind", "escalate").with("matter", shown.text("matter"));
    let because = match &args.because {
        Some(because) => because.clone(),
        None if shown.flag("overdue") => "overdue".to_owned(),
        None => ask::one(desk, &mut door, &asked, "escalated_for")?,
    };
    let because = because.as_str();
    if shown.flag("one_sided") {
        return escalate_apart(desk, door, (shown.text("matter"), because), args);
    }
    let topic = match because {
        "danger-to-life" => "danger-to-life",
        "hold-ends-soon" => "evidence-at-risk",
        _ => "request-not-answered",
    };
    let mut lifted = Object::default().with("escalated_for", because);
    put(&mut lifted, "text", args.words.text.as_deref());
    put(&mut lifted, "lang", args.words.text_lang.as_deref());
    // What is wrong with the second act is found before the first is made.
    let kind = flows().iter().find_map(|flow| flow.kind("escalate"));
    let kind = kind.ok_or_else(|| Code::Internal.at("escalate"))?;
    form::check_in(kind, &lifted, Some(desk.lang.tag())).map_err(|faults| as_fault(&faults))?;
    let open = (Some(shown.text("peer")), shown.flag("drill"), Some(shown.text("stream")));
    let mut fields = fields("raise", &args.words)?
        .with("urgency", args.urgency.as_str())
        .with("topic", topic)
        .with("matters", vec![shown.text("matter")]);
    put(&mut fields, "needed_by", args.needed_by.as_deref());
    // What the matter does not show is said before anybody is rung for it. ASK-11
    let within = within("escalate", shown.text("matter")).with("as_it_is", args.as_it_is);
    let checked = within.clone().with("fields", lifted.clone()).with("only_check", true);
    let sound = door.call("act", checked.with("lang", desk.lang.tag()));
    sound.map_err(|fault| ask::explained(desk, &mut door, &within, fault))?;
    let call = acts::logged(desk, &mut door, opening("raise", open), (fields, false))?;
    let call = Of::value(&call).text("matter").to_owned();
    lifted.set("call", call.as_str());
    let lifted = acts::logged(desk, &mut door, within, (lifted, false))?;
    if desk.json {
        let both = Object::default().with("call", call).with("escalated", lifted);
        return Ok(Answer::json(&both.into()));
    }
    let (matter, show) = (short(shown.text("matter")), format!("call show {}", short(&call)));
    let said = desk.say_with("cli-escalated", &[("matter", matter), ("call", short(&call))]);
    let spoken = door.call("spoken", Object::default().with("matter", call.as_str()))?;
    let page = format!("{said}\n\n{}", aloud(desk, Of::value(&spoken)));
    Ok(Answer::done(page + &next(desk, &[&show])))
}

/// With a partner without a node there is no line on which a call could ring: the matter alone says
/// that it was lifted, and the page of it goes out by hand.
fn escalate_apart(
    desk: &Desk,
    door: Door,
    (matter, because): (&str, &str),
    args: &EscalateArgs,
) -> Result<Answer> {
    let words = &args.words;
    let form = Form {
        field: vec![format!("escalated_for={because}")],
        text: words.text.clone(),
        text_lang: words.text_lang.clone(),
        as_it_is: args.as_it_is,
        ..Form::default()
    };
    acts::made(desk, door, within("escalate", matter), &form)
}

/// `line`.
pub fn line(desk: &Desk, what: &LineCommand) -> Result<Answer> {
    match what {
        LineCommand::Test { peer, drill, words } => {
            let args = opening("line-test", (peer.as_deref(), *drill, None));
            let fields = fields("line-test", words)?.with("set_by", "person");
            write(desk, "line-test", args, (fields, false))
        }
        LineCommand::Answer { matter, post, words } => {
            let mut fields = fields("person-answer", words)?;
            put(&mut fields, "post", post.map(post_word));
            write(desk, "person-answer", within("person-answer", matter), (fields, false))
        }
        LineCommand::Review { peer, from, to, drill } => {
            let mut args = Object::default();
            put(&mut args, "peer", peer.as_deref());
            if *drill {
                args.set("drill", true);
            }
            for (name, time) in [("from", from), ("to", to)] {
                if let Some(time) = time {
                    args.set(name, instant(name, time)?);
                }
            }
            desk.tell("line.review", args, |review| reviewed(desk, review))
        }
    }
}

/// `surge`.
pub fn surge(desk: &Desk, what: &SurgeCommand) -> Result<Answer> {
    let reply = |kind: &str, matter: &str, words: &Words| {
        write(desk, kind, within(kind, matter), (fields(kind, words)?, false))
    };
    match what {
        SurgeCommand::Propose { peer, from, until, drill, stream, words } => {
            let args = opening("surge-propose", (peer.as_deref(), *drill, stream.as_deref()));
            let mut fields = fields("surge-propose", words)?.with("surge_until", until.as_str());
            put(&mut fields, "surge_from", from.as_deref());
            write(desk, "surge-propose", args, (fields, false))
        }
        SurgeCommand::Agree { matter, words } => reply("surge-agree", matter, words),
        SurgeCommand::Decline { matter, words } => reply("surge-decline", matter, words),
        SurgeCommand::End { matter, words } => reply("surge-end", matter, words),
        SurgeCommand::List => desk.tell("ringing", Object::default(), |ringing| {
            let rows = raised(desk, ringing);
            if rows.is_empty() { desk.say("cli-surge-none") + "\n" } else { table(&rows) }
        }),
    }
}

fn opening(kind: &str, (peer, drill, stream): (Option<&str>, bool, Option<&str>)) -> Object {
    let mut args = Object::default().with("kind", kind);
    put(&mut args, "peer", peer);
    put(&mut args, "stream", stream);
    if drill {
        args.set("drill", true);
    }
    args
}

fn within(kind: &str, matter: &str) -> Object {
    Object::default().with("kind", kind).with("matter", matter)
}

fn put(object: &mut Object, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        object.set(name, value);
    }
}

fn post_word(post: PostWord) -> &'static str {
    match post {
        PostWord::Desk => "desk",
        PostWord::Supervisor => "supervisor",
        PostWord::Principal => "principal",
    }
}

fn instant(name: &str, text: &str) -> Result<u64> {
    clock::instant(text)
        .ok_or_else(|| Code::ArgumentWrong.at(format!("--{name}: not a time with its offset")))
}

/// The words of an act of a kind, with the desk's name where its form has a place for it.
fn fields(kind: &str, words: &Words) -> Result<Object> {
    let mut fields = Object::default();
    put(&mut fields, "text", words.text.as_deref());
    put(&mut fields, "lang", words.text_lang.as_deref());
    let live = |flow: &&&Flow| flow.is_live() && flow.kind(kind).is_some();
    let known = flows().iter().find(live).and_then(|flow| flow.kind(kind));
    if known.is_some_and(|kind| kind.field("desk").is_some()) {
        put(&mut fields, "desk", words.desk.as_deref());
    }
    let by = match words.translated_by {
        TranslatedBy::Human => "human",
        TranslatedBy::Machine => "machine",
    };
    let rows = words.translation.iter().map(|given| {
        let (lang, text) = given.split_once('=').ok_or_else(|| {
            Code::ArgumentWrong.at(format!("--translation {given:?}: not LANG=TEXT"))
        })?;
        let text = Object::default().with("lang", lang).with("text", text);
        Ok(Object::default().with("translated_by", by).with("text", text).into())
    });
    let rows: Vec<Value> = rows.collect::<Result<_>>()?;
    if !rows.is_empty() {
        fields.set("translations", Value::Array(rows));
    }
    Ok(fields)
}

/// Makes the act and says what comes next.
fn write(desk: &Desk, kind: &str, args: Object, given: (Object, bool)) -> Result<Answer> {
    let mut door = desk.door()?;
    let named = acts::in_language(&given.0);
    let value = acts::logged(desk, &mut door, args, given)?;
    if desk.json {
        return Ok(Answer::json(&value));
    }
    let logged = Of::value(&value);
    let (matter, at) = (short(logged.text("matter")), clock::shown(logged.count("logged_at")));
    let said = [("kind", &*desk.say(&format!("kind-{kind}"))), ("matter", matter), ("at", &*at)];
    let mut out = desk.say_with("cli-logged", &said) + "\n";
    let way = if door.is_running() { "cli-logged-pushed" } else { "cli-logged-waits" };
    out.push_str(&format!("{}\n", desk.say(way)));
    let args = Object::default().with("matter", logged.text("matter"));
    let whole = door.call("matter.show", args.clone())?;
    let whole = Of::value(&whole);
    out.push_str(&acts::assumed(desk, logged, whole, named.as_deref()));
    // CAL-3: who only said something has taken nothing.
    let waits = |kind: &str| whole.texts("answering_kinds").contains(&kind);
    if kind == "say" && waits("acknowledge") && whole.flag("our_turn") {
        out.push_str(&format!("{}\n", desk.say_with("cli-rings-on", &[("matter", matter)])));
    }
    let mut show = format!("matter show {matter}");
    if let Ok(spoken) = door.call("spoken", args) {
        out.push_str(&format!("\n{}", aloud(desk, Of::value(&spoken))));
        show = format!("call show {matter}");
    }
    let mut steps = vec![show.as_str()];
    if !door.is_running() {
        steps.push("serve");
    }
    Ok(Answer::done(out + &next(desk, &steps)))
}

/// The code and the number, as they are read aloud.
fn aloud(desk: &Desk, spoken: Of<'_>) -> String {
    let peer = desk.name(spoken.of("peer_names"));
    let (ours, theirs) = (spoken.text("we_read"), spoken.text("they_read"));
    let said = [("code", spoken.text("code")), ("ours", ours), ("theirs", theirs), ("peer", &peer)];
    let mut out = desk.say_with("cli-code", &said) + "\n";
    let numbers = spoken.texts("callback").into_iter().map(plain).collect::<Vec<_>>().join(", ");
    let line = match numbers.is_empty() {
        true => desk.say_with("cli-callback-none", &[("peer", &peer)]),
        false => desk.say_with("cli-callback", &[("peer", &peer), ("numbers", &numbers)]),
    };
    out.push_str(&format!("{line}\n"));
    out
}

fn shown(desk: &Desk, matter: &str) -> Result<Answer> {
    let mut door = desk.door()?;
    let args = Object::default().with("matter", matter);
    let spoken = door.call("spoken", args.clone())?;
    let whole = door.call("matter.show", args)?;
    if desk.json {
        let both = Object::default().with("spoken", spoken).with("matter", whole);
        return Ok(Answer::json(&both.into()));
    }
    let page = show::whole(desk, Of::value(&whole));
    Ok(Answer::done(format!("{}\n{page}", aloud(desk, Of::value(&spoken)))))
}

/// `ring`: waits until something rings, and then until nothing rings any more.
pub fn ring(desk: &Desk, args: &RingArgs) -> Result<Answer> {
    let begun = Instant::now();
    let mut door = desk.door()?;
    let bell = std::io::stderr().is_terminal();
    let (mut rang, mut told) = (false, String::new());
    loop {
        let value = door.call("ringing", Object::default())?;
        let ringing = Of::value(&value);
        let rings = !ringing.list("rings").is_empty();
        let over = args.once
            || args.seconds.is_some_and(|most| begun.elapsed() >= Duration::from_secs(most));
        if over || (rang && !rings) {
            let exit = if rings { Exit::Refused } else { Exit::Done };
            return Ok(ended(desk, &value, (rang, exit), &door));
        }
        rang |= rings;
        let page = if desk.json { String::new() } else { rows(desk, ringing) };
        let mut errors = std::io::stderr();
        if page != told {
            let _ = errors.write_all(page.as_bytes());
            told = page;
        }
        if rings && bell {
            let _ = errors.write_all(b"\x07").and_then(|()| errors.flush());
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn ended(desk: &Desk, value: &Value, (rang, exit): (bool, Exit), door: &Door) -> Answer {
    if desk.json {
        return Answer { exit, ..Answer::json(value) };
    }
    let page = rows(desk, Of::value(value));
    let text = match (page.is_empty(), rang) {
        (false, _) => page,
        (true, true) => desk.say("cli-ring-taken") + "\n",
        (true, false) => desk.say("cli-ring-none") + "\n",
    };
    let alone = if door.is_running() { String::new() } else { desk.say("cli-ring-alone") + "\n" };
    Answer { text: text + &alone, exit }
}

/// What rings, one block each, most pressing first, with the command that takes it. Empty if
/// nothing does.
pub fn rows(desk: &Desk, ringing: Of<'_>) -> String {
    let mut out = String::new();
    for one in ringing.list("rings") {
        let one = Of::value(one);
        let (peer, matter) = (desk.name(one.of("peer_names")), short(one.text("matter")));
        let urgency = desk.say(&format!("choice-urgency-{}", one.text("urgency")));
        let post = desk.say(&format!("choice-post-{}", one.text("post")));
        let drill =
            if one.flag("drill") { format!("{}  ", desk.say("cli-drill")) } else { String::new() };
        out.push_str(&format!("{drill}{}\n", desk.say(one.text("why"))));
        let places = places(one, &peer);
        let since = places.beside(desk.lang, one.count("since"));
        let said = [("peer", &*peer), ("urgency", &*urgency), ("post", &*post), ("since", &*since)];
        out.push_str(&format!("  {}\n", desk.say_with("cli-ring", &said)));
        let next = one.of("next");
        if next.number("at").is_some() {
            let post = desk.say(&format!("choice-post-{}", next.text("post")));
            let said = [("post", &*post), ("at", &*places.beside(desk.lang, next.count("at")))];
            out.push_str(&format!("  {}\n", desk.say_with("cli-ring-next", &said)));
        }
        let numbers: Vec<String> = one.texts("callback").into_iter().map(plain).collect();
        if !numbers.is_empty() {
            let said = [("peer", &*peer), ("numbers", &*numbers.join(", "))];
            out.push_str(&format!("  {}\n", desk.say_with("cli-callback", &said)));
        }
        if one.flag("ahead") {
            out.push_str(&format!("  {}\n", desk.say("cli-ring-ahead")));
            out.push_str(&format!("  {} call code {matter}\n", desk.me));
            continue;
        }
        let take = if one.text("why") == "ring-test" { "line answer" } else { "call ack" };
        let take = format!("{take} {matter}");
        out.push_str(&format!("  {} {take}\n", desk.me));
    }
    out
}

fn raised(desk: &Desk, ringing: Of<'_>) -> Vec<Vec<String>> {
    let rows = ringing.list("raised").iter().map(|one| {
        let one = Of::value(one);
        let drill = if one.flag("drill") { desk.say("cli-drill") } else { String::new() };
        let until = [("at", &*clock::shown(one.count("until")))];
        vec![
            short(one.text("matter")).to_owned(),
            drill,
            desk.name(one.of("peer_names")),
            plain(&say::stream(desk.lang, one.text("stream"))),
            desk.say_with("cli-surge-until", &until),
        ]
    });
    rows.collect()
}

/// What the start screen says first: what rings, then which streams are raised.
pub fn first(desk: &Desk, ringing: Of<'_>) -> String {
    let mut out = String::new();
    let rings = rows(desk, ringing);
    if !rings.is_empty() {
        out.push_str(&format!("\n{}\n{rings}", desk.say("cli-ringing")));
    }
    let rows = raised(desk, ringing);
    if !rows.is_empty() {
        out.push_str(&format!("\n{}\n{}", desk.say("cli-surges"), table(&rows)));
    }
    out
}

/// The command that writes an act of a kind in a matter of the line.
pub fn to_write(rules: &str, kind: &str, matter: &str) -> Option<String> {
    let live = flow(rules).is_some_and(Flow::is_live);
    let command = match kind {
        _ if !live => return None,
        "acknowledge" => "call ack",
        "say" => "call say",
        "hand-over" => "call hand-over",
        "close" => "call close",
        "person-answer" => "line answer",
        "surge-agree" => "surge agree",
        "surge-decline" => "surge decline",
        "surge-end" => "surge end",
        _ => return None,
    };
    Some(format!("{command} {matter}"))
}

fn reviewed(desk: &Desk, review: Of<'_>) -> String {
    let peer = desk.name(review.of("peer_names"));
    let (from, to) = (clock::shown(review.count("from")), clock::shown(review.count("to")));
    let said = [("peer", &*peer), ("from", &*from), ("to", &*to)];
    let mut out = desk.say_with("cli-review", &said) + "\n";
    if review.flag("drill") {
        out.push_str(&format!("{}\n", desk.say("summary-drill")));
    }
    for (side, heading) in [("ours", "cli-review-ours"), ("theirs", "cli-review-theirs")] {
        out.push_str(&format!("\n{}\n", desk.say_with(heading, &[("peer", &peer)])));
        let side = review.of("review").of(side);
        out.push_str(&table(&calls(desk, side)));
        let tests = side.of("tests");
        let count = |name: &str| tests.count(name).to_string();
        let args = [count("made"), count("available"), count("of"), count("under_way")];
        let args =
            [("made", &*args[0]), ("passed", &*args[1]), ("of", &*args[2]), ("open", &*args[3])];
        out.push_str(&format!("  {}\n", desk.say_with("cli-review-tests", &args)));
        for (name, word) in [
            ("late", "late"),
            ("machine_only", "machine-only"),
            ("missed", "missed"),
            ("not_delivered", "not-delivered"),
        ] {
            if tests.count(name) > 0 {
                let word = desk.say(&format!("choice-line_verdict-{word}"));
                out.push_str(&format!("    {}  {word}\n", tests.count(name)));
            }
        }
        let surges = [side.count("surges").to_string(), side.count("surges_agreed").to_string()];
        let args = [("made", &*surges[0]), ("agreed", &*surges[1])];
        out.push_str(&format!("  {}\n", desk.say_with("cli-review-surges", &args)));
    }
    out
}

fn calls(desk: &Desk, side: Of<'_>) -> Vec<Vec<String>> {
    let titles = ["urgency", "made", "taken", "middle", "most", "again", "supervisor", "principal"];
    let title = titles.iter().map(|name| desk.say(&format!("cli-review-{name}")));
    let mut rows = vec![std::iter::once("  ".to_owned()).chain(title).collect::<Vec<_>>()];
    for calls in side.list("calls") {
        let calls = Of::value(calls);
        let after = calls.of("taken_after");
        let long = |name: &str| {
            after.number(name).map_or("–".to_owned(), |seconds| duration(desk.lang, seconds))
        };
        let urgency = desk.say(&format!("choice-urgency-{}", calls.text("urgency")));
        let there = calls.of("came_to_there");
        let mut row = vec!["  ".to_owned(), urgency];
        row.extend(["made", "taken"].map(|name| calls.count(name).to_string()));
        row.extend([long("middle"), long("most"), calls.count("rang_again").to_string()]);
        row.extend(["supervisor", "principal"].map(|name| there.count(name).to_string()));
        rows.push(row);
    }
    rows
}
