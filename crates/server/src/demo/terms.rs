//! What the two agree on beforehand.

use super::stage::{Stage, Who, text};
use super::telling::{Teller, check};
use counterpart_record::fault::{Code, Result};

use Who::{Arcadia, Borealis};

/// Zones and a holiday: first declined, since the holiday is missing, then agreed by an act of each
/// side. Later matters name the sheet.
pub fn agree(stage: &Stage, told: &mut Teller<'_>) -> Result<()> {
    told.step(&stage.say("terms", &[]));
    let io = |error: std::io::Error| Code::Io.at(error.to_string());
    let file = stage.path("terms.json");
    stage.at(Arcadia, &["terms", "show", "--drill", "--write", &file])?;
    let sheet = std::fs::read_to_string(&file).map_err(io)?;
    let zone = "\"zone\":\"UTC\"";
    let sheet = sheet.replacen(zone, "\"zone\":\"Europe/Lisbon\"", 1);
    let sheet = sheet.replacen(zone, "\"zone\":\"Asia/Singapore\"", 1);
    check(sheet.contains("Lisbon") && sheet.contains("Singapore"), "the sheet has two zones")?;
    let decide = |sheet: &str, args: &[&str]| -> Result<()> {
        std::fs::write(&file, sheet).map_err(io)?;
        stage.at(Arcadia, &["terms", "propose", &file, "--drill"])?;
        stage.until("terms proposed", || Ok(stage.at(Borealis, args).is_ok()))
    };
    let why = stage.say("text-terms", &[]);
    decide(&sheet, &["terms", "decline", "--drill", "--text", &why])?;
    told.line(&stage.say("terms-declined", &[("who", stage.name(Borealis))]));
    let sheet = sheet.replace("\"holidays\":[]", "\"holidays\":[\"2030-08-09\"]");
    check(sheet.contains("2030-08-09"), "the sheet has a holiday")?;
    // Until the answer that declined has come, the proposal before still waits.
    decide(&sheet, &["terms", "accept", "--drill"])?;
    let in_force = |who| text(&stage.at(who, &["terms", "show", "--drill"])?, "in_force");
    stage.until("terms in force on both sides", || {
        Ok(in_force(Arcadia)?.len() == 64 && in_force(Arcadia)? == in_force(Borealis)?)
    })?;
    let digits = in_force(Arcadia)?;
    told.line(&stage.say("terms-done", &[("digits", &digits[..16])]));
    Ok(())
}
