//! A partner without a node: a page goes out, an answer is entered by hand.

use super::stage::{Stage, Who, flag, text};
use super::telling::{Ask, Teller, acts, check, drill_time, each, expect, show};
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::Value;
use counterpart_rules::clock;

use Who::{Arcadia, Borealis};

/// Cascadia has no node; Borealis never hears of it. COR-1 to COR-7.
pub fn cascadia(stage: &Stage, told: &mut Teller<'_>, fingerprint: &str) -> Result<()> {
    told.step(&stage.say("apart", &[]));
    let add = ["correspondent", "add", "Cascadia", "--name-zh", "卡斯卡迪亚", "--language", "en"];
    stage.at(Arcadia, &[&add[..], &["--callback", "+1 555 0177"]].concat())?;
    let ask = Ask { measure: "subscriber-data", facts: "lang-facts-silence", days: 20 };
    let fields = ask.fields(stage)?;
    let new = ["request", "new", "Cascadia", "--drill"];
    let matter = text(&stage.at(Arcadia, &[&new[..], &each(&fields)].concat())?, "matter")?;
    let page = stage.path("page-for-cascadia");
    stage.at(Arcadia, &["page", &matter, &page])?;
    let (code, out, err) = stage.verifier(&["page", &page, "--fingerprint", fingerprint])?;
    check(code == 0, &format!("the page verifies: {out}{err}"))?;
    told.line(&stage.say("page", &[("who", stage.name(Arcadia)), ("dir", &page)]));
    let enter = |how: &str, args: &[&str]| -> Result<Value> {
        let at = clock::shown(drill_time(stage, Arcadia)?);
        let at = at.replace(" UTC", "Z").replace(' ', "T");
        let how = ["--how", how, "--at", &at, "--by", "Inspector Lantern"];
        stage.at(Arcadia, &[&["enter"], args, &how].concat())
    };
    enter("phone", &["acknowledge", &matter, "--field", "desk=Cascadia duty desk"])?;
    told.line(&stage.say("entered-phone", &[("who", stage.name(Arcadia))]));
    let words = stage.say("text-cascadia", &[]);
    let answer = ["--field", "extent=full", "--field", "final=yes", "--text", &words];
    enter("mail", &[&["answer", &matter], &answer[..]].concat())?;
    told.line(&stage.say("entered-mail", &[("who", stage.name(Arcadia))]));
    let shown = show(stage, Arcadia, &matter)?;
    check(
        flag(&shown, "one_sided") && text(&shown, "stage")? == "answered",
        "one-sided, answered",
    )?;
    check(acts(&shown).iter().filter(|act| flag(act, "mine")).count() == 1, "one act is ours")?;
    expect(show(stage, Borealis, &matter), Code::MatterUnknown)?;
    let dossier = stage.at(Arcadia, &["dossier", &matter, &stage.path("none")]);
    check(dossier.is_err(), "a one-sided matter is no dossier")?;
    told.line(&stage.say("one-sided", &[]));
    Ok(())
}
