//! What the two agree on beforehand, and the line between their desks.

use super::stage::{Stage, Who, text};
use super::story::{Teller, advance, check, show};
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{self, Value};
use counterpart_rules::say::{Lang, Say, render};

use Who::{Arcadia, Borealis};

/// Zones and a holiday, agreed by an act of each side; later matters name the sheet.
pub(super) fn terms(stage: &Stage, told: &mut Teller<'_>) -> Result<()> {
    told.step(&stage.say("terms", &[]));
    let io = |error: std::io::Error| Code::Io.at(error.to_string());
    let file = stage.path("terms.json");
    stage.at(Arcadia, &["terms", "show", "--drill", "--write", &file])?;
    let sheet = std::fs::read_to_string(&file).map_err(io)?;
    let sheet = sheet.replacen("\"zone\":\"UTC\"", "\"zone\":\"Europe/Lisbon\"", 1).replacen(
        "\"zone\":\"UTC\"",
        "\"zone\":\"Asia/Singapore\"",
        1,
    );
    check(sheet.contains("Lisbon") && sheet.contains("Singapore"), "the sheet has two zones")?;
    std::fs::write(&file, sheet).map_err(io)?;
    stage.at(Arcadia, &["terms", "propose", &file, "--drill"])?;
    stage.until("terms proposed", || {
        Ok(stage.at(Borealis, &["terms", "accept", "--drill"]).is_ok())
    })?;
    let in_force = |who| text(&stage.at(who, &["terms", "show", "--drill"])?, "in_force");
    stage.until("terms in force on both sides", || {
        Ok(in_force(Arcadia)?.len() == 64 && in_force(Arcadia)? == in_force(Borealis)?)
    })?;
    let digits = in_force(Arcadia)?;
    told.line(&stage.say("terms-done", &[("digits", &digits[..16])]));
    Ok(())
}

/// The silent request is lifted above the desk: a call that climbs until somebody takes it.
pub(super) fn call(stage: &Stage, told: &mut Teller<'_>, about: &str) -> Result<String> {
    told.step(&stage.say("call", &[]));
    let words = stage.say("text-call", &[]);
    let other = if stage.lang == Lang::En { Lang::ZhCn } else { Lang::En };
    let other = format!("{}={}", other.tag(), render(other, &Say::of("demo-text-call")));
    let why = ["escalate", about, "--because", "overdue", "--urgency", "flash", "--text", &words];
    let lifted = stage.at(Arcadia, &[&why[..], &["--translation", &other]].concat())?;
    let call = text(&lifted, "call")?;
    told.line(&stage.say("call-raised", &[("who", stage.name(Arcadia)), ("matter", &call[..8])]));
    let rings = |who: Who, post: &str| -> Result<bool> {
        let (_, out, _) = ringing(stage, who)?;
        let value = json::parse_object(out.trim().as_bytes())?;
        let list = value.get("rings").and_then(Value::as_array).unwrap_or_default();
        let here = |ring: &Value| text(ring, "matter").is_ok_and(|matter| matter == call);
        Ok(list.iter().any(|ring| here(ring) && text(ring, "post").is_ok_and(|at| at == post)))
    };
    stage.until("the call rings at the desk", || rings(Borealis, "desk"))?;
    told.line(&stage.say("call-rings", &[("who", stage.name(Borealis))]));
    // Nobody takes it. Nobody has to do anything for it to climb, on either side.
    for who in Who::ALL {
        advance(stage, who, 310)?;
    }
    for who in Who::ALL {
        stage.until("the call climbs", || rings(who, "supervisor"))?;
    }
    told.line(&stage.say("call-climbs", &[]));
    let took = ["call", "ack", &call, "--desk", "Supervisor", "--post", "supervisor"];
    stage.at(Borealis, &took)?;
    stage.until("the call is taken", || Ok(stage_of(stage, Arcadia, &call)? == "call-taken"))?;
    told.line(&stage.say("call-taken", &[("who", stage.name(Borealis))]));
    let code = |who| text(&stage.at(who, &["call", "code", &call])?, "code");
    let (ours, theirs) = (code(Arcadia)?, code(Borealis)?);
    check(ours == theirs, "both screens show one code")?;
    told.line(&stage.say("call-code", &[("code", &ours)]));
    for who in Who::ALL {
        stage.at(who, &["call", "close", &call, "--outcome", "settled"])?;
    }
    for who in Who::ALL {
        stage.until("closed by both", || Ok(stage_of(stage, who, &call)? == "call-closed"))?;
    }
    told.line(&stage.say("call-closed", &[]));
    Ok(call)
}

fn ringing(stage: &Stage, who: Who) -> Result<(i32, String, String)> {
    let home = stage.home(who).display().to_string();
    stage.program(&["--home", &home, "--json", "ring", "--once"])
}

fn stage_of(stage: &Stage, who: Who, matter: &str) -> Result<String> {
    text(&show(stage, who, matter)?, "stage")
}
