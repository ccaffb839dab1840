//! What is left at the end: the same on both sides, counted alike, and shown to a third person.

use super::stage::{Stage, Who, flag, number, text};
use super::telling::{Teller, acts, check, member, reaches, show};
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::Value;
use counterpart_rules::flow::flows;
use std::collections::BTreeSet;
use std::path::Path;

use Who::{Arcadia, Borealis};

/// The text of a closed matter goes at one side; its proofs stay, and the other side is told.
pub fn erased(stage: &Stage, told: &mut Teller<'_>, matter: &str) -> Result<()> {
    told.step(&stage.say("erase", &[]));
    let done = stage.at(Arcadia, &["erase", matter, "--yes"])?;
    let count = number(&done, "erased").to_string();
    told.line(&stage.say("erased", &[("who", stage.name(Arcadia)), ("count", &count)]));
    let words = |who: Who| -> Result<usize> {
        let shown = show(stage, who, matter)?;
        let words =
            |act| Ok(member(act, "disclosed")?.as_object().map_or(0, |words| words.0.len()));
        acts(&shown).iter().map(words).sum()
    };
    check(words(Arcadia)? == 0 && words(Borealis)? > 0, "erased here, and there it is")?;
    reaches(stage, matter, "answered")?;
    told.line(&stage.say("erased-kept", &[("who", stage.name(Borealis))]));
    Ok(())
}

/// The same acts, states and clocks; and both records checked again from raw bytes.
pub fn same_on_both_sides(stage: &Stage, told: &mut Teller<'_>, matters: &[String]) -> Result<()> {
    told.step(&stage.say("same", &[]));
    for matter in matters {
        let [ours, theirs] = [show(stage, Arcadia, matter)?, show(stage, Borealis, matter)?];
        for name in ["stage", "count", "due", "overdue", "closed", "reminders"] {
            let member = |value: &Value| value.as_object().and_then(|o| o.get(name).cloned());
            check(member(&ours) == member(&theirs), &format!("{name} differs"))?;
        }
        check(entries(&ours) == entries(&theirs), "acts differ")?;
    }
    for who in Who::ALL {
        let checked = stage.at(who, &["fsck"])?;
        let whole = member(&checked, "faults")?.as_array().is_some_and(<[_]>::is_empty);
        check(whole, "fsck")?;
        let leaves = number(&checked, "leaves").to_string();
        told.line(&stage.say("fsck", &[("who", stage.name(who)), ("leaves", &leaves)]));
    }
    told.line(&stage.say("same-done", &[]));
    Ok(())
}

fn entries(matter: &Value) -> Vec<String> {
    let entry = |act: &Value| text(act, "entry").unwrap_or_default();
    let mut entries: Vec<String> = acts(matter).iter().map(entry).collect();
    entries.sort();
    entries
}

/// Both count, each by itself.
pub fn figures(stage: &Stage, told: &mut Teller<'_>) -> Result<()> {
    told.step(&stage.say("figures", &[]));
    for line in super::figures::both(stage)? {
        told.line(&line);
    }
    told.line(&stage.say("figures-done", &[]));
    Ok(())
}

/// Dossiers, and a fresh process that has nothing but a folder and two fingerprints.
pub fn dossiers(
    stage: &Stage,
    told: &mut Teller<'_>,
    matters: &[String],
    fingerprints: &[String; 2],
) -> Result<()> {
    told.step(&stage.say("dossiers", &[]));
    for (who, matter) in Who::ALL.iter().flat_map(|who| matters.iter().map(move |m| (*who, m))) {
        let name = format!("dossier-{}-{}", who.name().to_lowercase(), &matter[..8]);
        let folder = stage.path(&name);
        stage.at(who, &["dossier", matter, &folder])?;
        let (code, out, err) = verify(stage, &folder, fingerprints)?;
        if code != 0 {
            return Err(Code::Internal.at(format!("verify {name}: {out}{err}")));
        }
    }
    let count = (Who::ALL.len() * matters.len()).to_string();
    let dir = stage.folder.display().to_string();
    told.line(&stage.say("verified", &[("count", &count), ("dir", &dir)]));
    let name = format!("dossier-arcadia-{}", &matters[0][..8]);
    let (folder, forged) = (stage.path(&name), stage.path(&format!("{name}-altered")));
    alter(Path::new(&folder), Path::new(&forged))?;
    let (code, ..) = verify(stage, &forged, fingerprints)?;
    check(code == 1, "an altered dossier is refused")?;
    told.line(&stage.say("altered", &[("dir", &forged)]));
    let strangers =
        [fingerprints[0].clone(), fingerprints[0].replace(' ', "").chars().rev().collect()];
    let (code, ..) = verify(stage, &folder, &strangers)?;
    check(code != 0, "a wrong fingerprint is refused")?;
    Ok(())
}

fn verify(
    stage: &Stage,
    folder: &str,
    fingerprints: &[String; 2],
) -> Result<(i32, String, String)> {
    let [a, b] = fingerprints;
    stage.verifier(&["dossier", folder, "--fingerprint", a, "--fingerprint", b])
}

/// A copy with one letter of a statement changed.
fn alter(folder: &Path, copy: &Path) -> Result<()> {
    let io = |error: std::io::Error| Code::Io.at(error.to_string());
    let mut folders = vec![folder.to_path_buf()];
    let mut first = None;
    while let Some(next) = folders.pop() {
        let target = copy.join(next.strip_prefix(folder).unwrap_or(&next));
        std::fs::create_dir_all(&target).map_err(io)?;
        for entry in std::fs::read_dir(&next).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let to = copy.join(path.strip_prefix(folder).unwrap_or(&path));
            std::fs::copy(&path, &to).map_err(io)?;
            if next.ends_with("statements") {
                first = Some(to);
            }
        }
    }
    let file = first.ok_or_else(|| Code::FileMissing.at("statement"))?;
    let mut bytes = std::fs::read(&file).map_err(io)?;
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&file, bytes).map_err(io)
}

/// Every kind of act that the rules know was played and is valid on both sides. Two are written
/// only after something went wrong between two nodes, which no exercise of honest ones shows.
pub fn repertoire(stage: &Stage, told: &mut Teller<'_>) -> Result<()> {
    told.step(&stage.say("repertoire", &[]));
    let played = [played(stage, Arcadia)?, played(stage, Borealis)?];
    let kinds = flows().iter().flat_map(|flow| flow.kinds().iter().map(|kind| (*flow, kind.name)));
    let (aftermath, wanted): (Vec<_>, Vec<_>) =
        kinds.partition(|(flow, kind)| flow.is_aftermath(kind));
    let (mut done, mut missing) = (0, Vec::new());
    for (flow, kind) in &wanted {
        let act = (flow.rules().to_owned(), (*kind).to_owned());
        match played.iter().all(|played| played.contains(&act)) {
            true => done += 1,
            false => missing.push(format!("{} {kind}", flow.name())),
        }
    }
    let args = [("done", &*done.to_string()), ("all", &*wanted.len().to_string())];
    told.line(&stage.say("repertoire-done", &args));
    check(missing.is_empty(), &format!("never played: {}", missing.join(", ")))?;
    let names: Vec<String> =
        aftermath.iter().map(|(_, kind)| stage.word(&format!("kind-{kind}"))).collect();
    let names = names.join(&stage.say("and", &[]));
    told.line(&stage.say("repertoire-not", &[("names", &names)]));
    next(stage, told);
    Ok(())
}

/// The kinds of the valid acts that lie between the two, each with its flow, as one side sees them.
fn played(stage: &Stage, who: Who) -> Result<BTreeSet<(String, String)>> {
    let mut kinds = BTreeSet::new();
    let all = stage.at(who, &["matter", "list", "--limit", "1000"])?;
    for brief in all.as_array().unwrap_or_default() {
        if flag(brief, "one_sided") {
            continue;
        }
        let matter = show(stage, who, &text(brief, "matter")?)?;
        let rules = text(&matter, "flow")?;
        for act in acts(&matter) {
            if text(act, "verdict")? == "valid" {
                kinds.insert((rules.clone(), text(act, "kind")?));
            }
        }
    }
    Ok(kinds)
}

fn next(stage: &Stage, told: &mut Teller<'_>) {
    told.line(&stage.say("next", &[]));
    let passphrase = stage.path("passphrase");
    let home = stage.home(Borealis).display().to_string();
    let program = stage.program.display();
    let with = format!("{program} --home {home} --passphrase-file {passphrase}");
    for line in ["", " matter list", " due", " serve"] {
        told.line(&format!("  {with}{line}"));
    }
    told.line(&stage.say("next-docs", &[]));
}
