//! The line between the two desks: a call that climbs, tests of the line, a surge.

use super::stage::{Stage, Who, number, text};
use super::telling::{DAY, Teller, advance, check, drill_time, list, made, member, reaches};
use counterpart_record::fault::Result;
use counterpart_record::strict::json::{self, Value};
use counterpart_rules::say::{Lang, Say, render};

use Who::{Arcadia, Borealis};

/// The silent request is lifted above the desk: a call that climbs until somebody takes it.
pub fn call(stage: &Stage, told: &mut Teller<'_>, about: &str) -> Result<String> {
    told.step(&stage.say("call", &[]));
    let (words, other) = (stage.say("text-call", &[]), translation(stage, "text-call"));
    let why = ["escalate", about, "--because", "overdue", "--urgency", "flash", "--text", &words];
    let lifted = stage.at(Arcadia, &[&why[..], &["--translation", &other]].concat())?;
    let call = text(&lifted, "call")?;
    told.line(&stage.say("call-raised", &[("who", stage.name(Arcadia)), ("matter", &call[..8])]));
    stage.until("the call rings at the desk", || rings(stage, Borealis, &call, "desk"))?;
    told.line(&stage.say("call-rings", &[("who", stage.name(Borealis))]));
    // Nobody takes it. Nobody has to do anything for it to climb, on either side.
    for who in Who::ALL {
        advance(stage, who, 310)?;
    }
    for who in Who::ALL {
        stage.until("the call climbs", || rings(stage, who, &call, "supervisor"))?;
    }
    told.line(&stage.say("call-climbs", &[]));
    made(stage, Borealis, &["call", "ack", &call, "--desk", "Supervisor", "--post", "supervisor"])?;
    reaches(stage, &call, "call-taken")?;
    told.line(&stage.say("call-taken", &[("who", stage.name(Borealis))]));
    let code = |who| text(&stage.at(who, &["call", "code", &call])?, "code");
    let (ours, theirs) = (code(Arcadia)?, code(Borealis)?);
    check(ours == theirs, "both screens show one code")?;
    told.line(&stage.say("call-code", &[("code", &ours)]));
    let (words, other) = (stage.say("text-say", &[]), translation(stage, "text-say"));
    let say = ["call", "say", &call, "--text", &words, "--translation", &other];
    made(stage, Borealis, &[&say[..], &["--translated-by", "human"]].concat())?;
    told.line(&stage.say("call-said", &[("who", stage.name(Borealis))]));
    made(stage, Borealis, &["call", "hand-over", &call, "--to", "Day shift", "--post", "desk"])?;
    told.line(&stage.say("call-handed", &[("who", stage.name(Borealis))]));
    for who in Who::ALL {
        made(stage, who, &["call", "close", &call, "--outcome", "settled"])?;
    }
    reaches(stage, &call, "call-closed")?;
    told.line(&stage.say("call-closed", &[]));
    Ok(call)
}

/// A test of the line, which the machine and a person answer; a stream that both raise for a time;
/// and the review of it all, alike on both sides.
pub fn line(stage: &Stage, told: &mut Teller<'_>) -> Result<Vec<String>> {
    told.step(&stage.say("line", &[]));
    let test = made(stage, Arcadia, &["line", "test", "Borealis", "--drill"])?;
    reaches(stage, &test, "line-waiting-person")?;
    told.line(&stage.say("line-machine", &[("who", stage.name(Borealis))]));
    made(stage, Borealis, &["line", "answer", &test, "--desk", "Duty desk 2"])?;
    reaches(stage, &test, "line-answered")?;
    told.line(&stage.say("line-person", &[("who", stage.name(Borealis))]));
    let until = |days: u64| Ok((drill_time(stage, Arcadia)? + days * DAY).to_string());
    let words = stage.say("text-surge", &[]);
    let propose = |days: u64| -> Result<String> {
        let args = ["surge", "propose", "--drill", "--until", &until(days)?, "--text", &words];
        made(stage, Arcadia, &args)
    };
    let long = propose(80)?;
    made(stage, Borealis, &["surge", "decline", &long])?;
    reaches(stage, &long, "surge-declined")?;
    told.line(&stage.say("surge-declined", &[("who", stage.name(Borealis))]));
    let surge = propose(7)?;
    made(stage, Borealis, &["surge", "agree", &surge])?;
    reaches(stage, &surge, "surge-lasting")?;
    told.line(&stage.say("surge-agreed", &[]));
    made(stage, Arcadia, &["surge", "end", &surge])?;
    reaches(stage, &surge, "surge-ended")?;
    told.line(&stage.say("surge-ended", &[("who", stage.name(Arcadia))]));
    // CAL-14: what one side began is what the other side sees begun by its peer.
    let review = |who: Who, half: &str| -> Result<Value> {
        let shown = stage.at(who, &["line", "review", "--drill"])?;
        Ok(member(member(&shown, "review")?, half)?.clone())
    };
    stage.until("one review on both sides", || {
        let ours = review(Arcadia, "ours")?;
        Ok(number(member(&ours, "tests")?, "passed") == 1 && ours == review(Borealis, "theirs")?)
    })?;
    told.line(&stage.say("line-review", &[]));
    Ok(vec![test, long, surge])
}

fn rings(stage: &Stage, who: Who, call: &str, post: &str) -> Result<bool> {
    let home = stage.home(who).display().to_string();
    let (_, out, _) = stage.program(&["--home", &home, "--json", "ring", "--once"])?;
    let value = json::parse(out.trim().as_bytes())?;
    let mut list = list(&value, "rings").iter();
    let same = |value, name: &str, wanted: &str| text(value, name).is_ok_and(|is| is == wanted);
    Ok(list.any(|ring| same(ring, "matter", call) && same(ring, "post", post)))
}

/// A sentence of the story in the other language, as the command line takes a translation.
fn translation(stage: &Stage, key: &str) -> String {
    let other = if stage.lang == Lang::En { Lang::ZhCn } else { Lang::En };
    format!("{}={}", other.tag(), render(other, &Say::of(format!("demo-{key}"))))
}
