//! The story, in order. Each step says what happens, does it, and checks what both sides then see.

use super::line;
use super::stage::{Stage, Who, flag, free_port, number, text};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::strict::json::Value;
use std::path::Path;

use Who::{Arcadia, Borealis};

const STEPS: usize = 13;
const DAY: u64 = 86_400;

/// Plays it.
pub fn play(stage: &mut Stage, tell: &mut dyn FnMut(&str)) -> Result<()> {
    tell(&stage.say("title", &[]));
    let mut told = Teller { tell, step: 0 };
    found(stage, &mut told)?;
    start(stage, &mut told)?;
    let fingerprints = enrol(stage, &mut told)?;
    line::terms(stage, &mut told)?;
    let first = preservation(stage, &mut told)?;
    let fourth = conditions(stage, &mut told)?;
    let second = refusal(stage, &mut told)?;
    let third = silence(stage, &mut told)?;
    let call = line::call(stage, &mut told, &third)?;
    let matters = [&first, &fourth, &second, &third, &call];
    same_on_both_sides(stage, &mut told, &matters)?;
    figures(stage, &mut told)?;
    dossiers(stage, &mut told, &matters, &fingerprints)?;
    next(stage, &mut told)
}

pub(super) struct Teller<'a> {
    tell: &'a mut dyn FnMut(&str),
    step: usize,
}

impl Teller<'_> {
    pub fn step(&mut self, text: &str) {
        self.step += 1;
        (self.tell)(&format!("\n[{}/{STEPS}] {text}", self.step));
    }

    pub fn line(&mut self, text: &str) {
        for line in text.lines() {
            (self.tell)(&format!("      {line}"));
        }
    }
}

fn found(stage: &Stage, told: &mut Teller<'_>) -> Result<()> {
    told.step(&stage.say("found", &[("dir", &stage.folder.display().to_string())]));
    for who in Who::ALL {
        let address = format!("127.0.0.1:{}", free_port()?);
        let args = ["init", "--name", who.name(), "--name-zh", who.name_zh()];
        let network = ["--listen", &address, "--endpoint", &address, "--callback", "+1 555 0100"];
        stage.at(who, &[&args[..], &network].concat())?;
        let home = stage.home(who).display().to_string();
        told.line(&stage.say("founded", &[("who", stage.name(who)), ("home", &home)]));
    }
    Ok(())
}

fn start(stage: &mut Stage, told: &mut Teller<'_>) -> Result<()> {
    told.step(&stage.say("start", &[]));
    for who in Who::ALL {
        let process = stage.start(who)?.to_string();
        told.line(&stage.say("started", &[("who", stage.name(who)), ("process", &process)]));
    }
    Ok(())
}

/// Files are exchanged, fingerprints compared, a wrong one refused, right ones accepted.
fn enrol(stage: &Stage, told: &mut Teller<'_>) -> Result<[String; 2]> {
    told.step(&stage.say("enrol", &[]));
    for who in Who::ALL {
        let file = stage.path(&format!("{}.credential", who.name().to_lowercase()));
        stage.at(who, &["credential", "export", &file])?;
        stage.at(who.other(), &["credential", "import", &file])?;
    }
    let mut fingerprints = Vec::new();
    for who in Who::ALL {
        let fingerprint = text(&stage.at(who, &[])?, "fingerprint")?;
        told.line(&stage.say("reads", &[("who", stage.name(who)), ("groups", &fingerprint)]));
        fingerprints.push(fingerprint);
    }
    let [arcadia, borealis] = [fingerprints[0].clone(), fingerprints[1].clone()];
    let accredit = |who: Who, groups: &str| {
        let peer = who.other().name();
        let how = ["--fingerprint", groups, "--compared", "voice"];
        stage.at(who, &[&["accredit", peer][..], &how].concat())
    };
    expect(accredit(Arcadia, &arcadia), Code::FingerprintDiffers)?;
    told.line(&stage.say("wrong-fingerprint", &[]));
    accredit(Arcadia, &borealis)?;
    accredit(Borealis, &arcadia)?;
    stage.until("accreditation on both sides", || {
        let status = stage.at(Arcadia, &[])?;
        let peers = status.as_object().and_then(|o| o.get("peers")).and_then(Value::as_array);
        let channels = peers.and_then(|peers| peers.first()?.as_object()?.get("channels"));
        let channels = channels.and_then(Value::as_array).unwrap_or_default();
        Ok(!channels.is_empty() && channels.iter().all(|channel| flag(channel, "mutual")))
    })?;
    told.line(&stage.say("enrolled", &[]));
    Ok([arcadia, borealis])
}

/// A preservation that is asked back and answered.
fn preservation(stage: &Stage, told: &mut Teller<'_>) -> Result<String> {
    told.step(&stage.say("preservation", &[]));
    let matter = request(stage, told, "preservation", "lang-facts-preservation", 10)?;
    act(stage, told, Borealis, &matter, &["acknowledge", "--field", "desk=Duty desk 2"])?;
    let question = stage.say("text-question", &[]);
    act(stage, told, Borealis, &matter, &["ask", "--field", "about=period", "--text", &question])?;
    let supplement = stage.say("text-supplement", &[]);
    act(stage, told, Arcadia, &matter, &["supplement", "--text", &supplement])?;
    let now = number(&show(stage, Borealis, &matter)?, "last_at");
    let text = stage.say("text-preserved", &[]);
    let preserved = [
        format!("effected_at={now}"),
        format!("holds_until={}", now + 60 * DAY as i64),
        "custodian_class=hosting-provider".to_owned(),
        "secured=all".to_owned(),
        "final=yes".to_owned(),
    ];
    let fields = preserved.iter().flat_map(|field| ["--field", field.as_str()]);
    let args: Vec<&str> = ["preserve", "--text", &text].into_iter().chain(fields).collect();
    act(stage, told, Borealis, &matter, &args)?;
    stands(stage, told, &matter, "answered")?;
    Ok(matter)
}

/// An answer that is ready on conditions: nothing of it leaves before they are accepted.
fn conditions(stage: &Stage, told: &mut Teller<'_>) -> Result<String> {
    told.step(&stage.say("conditions", &[]));
    let matter = request(stage, told, "content", "lang-facts-content", 20)?;
    let [conditions, secret] = ["text-conditions", "text-secret"].map(|key| stage.say(key, &[]));
    let conditions = format!("conditions={conditions}");
    let bound = ["extent=full", "condition.no_onward_transfer=yes", &conditions];
    let bound: Vec<&str> = bound.iter().flat_map(|field| ["--field", field]).collect();
    act(stage, told, Borealis, &matter, &[&["offer"], &bound[..]].concat())?;
    let answer = ["--field", "extent=full", "--field", "final=yes", "--text", &secret];
    let early = stage.at(Borealis, &[&["act", "answer", &matter], &answer[..]].concat());
    expect(early, Code::NotPermitted)?;
    told.line(&stage.say("not-before", &[("who", stage.name(Borealis))]));
    act(stage, told, Arcadia, &matter, &["accept-conditions"])?;
    act(stage, told, Borealis, &matter, &[&["answer"], &answer[..]].concat())?;
    let worth = ["worth=complete", "timely=in-time", "as_evidence=usable"];
    let worth: Vec<&str> = worth.iter().flat_map(|field| ["--field", field]).collect();
    act(stage, told, Arcadia, &matter, &[&["appraise"], &worth[..]].concat())?;
    act(stage, told, Arcadia, &matter, &["account-for-use", "--field", "used=lead"])?;
    stands(stage, told, &matter, "answered")?;
    Ok(matter)
}

/// Evidence asked for three times, and refused without a reason.
fn refusal(stage: &Stage, told: &mut Teller<'_>) -> Result<String> {
    told.step(&stage.say("refusal", &[]));
    let matter = request(stage, told, "evidence-for-concern", "lang-facts-evidence", 30)?;
    for _ in 0..2 {
        days_pass(stage, told, 7)?;
        act(stage, told, Arcadia, &matter, &["remind"])?;
    }
    let shown = show(stage, Borealis, &matter)?;
    check(number(&shown, "reminders") == 2, "two reminders counted")?;
    act(stage, told, Borealis, &matter, &["refuse", "--field", "ground=no-reason-given"])?;
    stands(stage, told, &matter, "refused")?;
    Ok(matter)
}

/// A request that is never answered.
fn silence(stage: &Stage, told: &mut Teller<'_>) -> Result<String> {
    told.step(&stage.say("silence", &[]));
    let matter = request(stage, told, "subscriber-data", "lang-facts-silence", 10)?;
    days_pass(stage, told, 21)?;
    stands(stage, told, &matter, "waiting-acknowledgement")?;
    for who in Who::ALL {
        check(flag(&show(stage, who, &matter)?, "overdue"), "overdue on both sides")?;
    }
    Ok(matter)
}

fn same_on_both_sides(stage: &Stage, told: &mut Teller<'_>, matters: &[&String]) -> Result<()> {
    told.step(&stage.say("same", &[]));
    for matter in matters {
        let [ours, theirs] =
            [stage.at(Arcadia, &["matter", "show", matter])?, show(stage, Borealis, matter)?];
        for name in ["stage", "count", "due", "overdue", "closed", "reminders"] {
            let member = |value: &Value| value.as_object().and_then(|o| o.get(name).cloned());
            check(member(&ours) == member(&theirs), &format!("{name} differs"))?;
        }
        check(entries(&ours) == entries(&theirs), "acts differ")?;
    }
    for who in Who::ALL {
        let checked = stage.at(who, &["fsck"])?;
        let faults = checked.as_object().and_then(|object| object.get("faults"));
        check(faults.and_then(Value::as_array).is_some_and(<[_]>::is_empty), "fsck")?;
        let leaves = number(&checked, "leaves").to_string();
        told.line(&stage.say("fsck", &[("who", stage.name(who)), ("leaves", &leaves)]));
    }
    told.line(&stage.say("same-done", &[]));
    Ok(())
}

fn figures(stage: &Stage, told: &mut Teller<'_>) -> Result<()> {
    told.step(&stage.say("figures", &[]));
    for line in super::figures::both(stage)? {
        told.line(&line);
    }
    told.line(&stage.say("figures-done", &[]));
    Ok(())
}

/// Dossiers, and a fresh process that has nothing but a folder and two fingerprints.
fn dossiers(
    stage: &Stage,
    told: &mut Teller<'_>,
    matters: &[&String],
    fingerprints: &[String; 2],
) -> Result<()> {
    told.step(&stage.say("dossiers", &[]));
    for (who, matter) in Who::ALL.iter().flat_map(|who| matters.iter().map(move |m| (*who, *m))) {
        let name = format!("dossier-{}-{}", who.name().to_lowercase(), &matter[..8]);
        let folder = stage.path(&name);
        stage.at(who, &["dossier", matter, &folder])?;
        let (code, out, err) = verify(stage, &folder, fingerprints)?;
        if code != 0 {
            return Err(Code::Internal.at(format!("verify {name}: {out}{err}")));
        }
        told.line(&stage.say("verified", &[("dir", &folder)]));
    }
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

fn next(stage: &Stage, told: &mut Teller<'_>) -> Result<()> {
    told.step(&stage.say("next", &[]));
    let passphrase = stage.path("passphrase");
    let home = stage.home(Borealis).display().to_string();
    let program = stage.program.display();
    let with = format!("--home {home} --passphrase-file {passphrase}");
    for line in [
        format!("{program} {with}"),
        format!("{program} {with} matter list"),
        format!("{program} {with} log --drill"),
        format!("{program} {with} serve"),
    ] {
        told.line(&line);
    }
    told.line(&stage.say("next-docs", &[]));
    Ok(())
}

/// A request on the drill channel, which the peer then holds.
fn request(
    stage: &Stage,
    told: &mut Teller<'_>,
    measure: &str,
    facts: &str,
    days: u64,
) -> Result<String> {
    let now = drill_time(stage, Arcadia)?;
    let words = |key: &str| stage.say(key, &[]);
    let fields = [
        ("type", "new".to_owned()),
        ("measure", measure.to_owned()),
        ("instrument", "reciprocity".to_owned()),
        ("urgency", "normal".to_owned()),
        ("offence", "illegal-access".to_owned()),
        ("max_penalty", "P5Y".to_owned()),
        ("purpose", "investigation".to_owned()),
        ("persons.suspect", "1".to_owned()),
        ("assured", "none".to_owned()),
        ("reply_by", (now + days * DAY).to_string()),
        ("legal_basis", words("lang-basis")),
        ("authorising_body", words("lang-body")),
        ("necessity", words("lang-necessity")),
        ("facts", words(facts)),
    ];
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut args = vec!["request", "new", "Borealis", "--drill"];
    fields.iter().for_each(|field| args.extend(["--field", field]));
    let done = stage.at(Arcadia, &args)?;
    let matter = text(&done, "matter")?;
    told.line(&stage.say("asked", &[("who", stage.name(Arcadia)), ("matter", &matter[..8])]));
    held(stage, Arcadia, &matter, &text(&done, "entry")?)?;
    told.line(&stage.say("held", &[("who", stage.name(Borealis))]));
    Ok(matter)
}

/// An act in a matter, which the other side then holds.
fn act(stage: &Stage, told: &mut Teller<'_>, who: Who, matter: &str, args: &[&str]) -> Result<()> {
    let kind = format!("did-{}", args[0]);
    let args = [&["act", args[0], matter], &args[1..]].concat();
    let done = stage.at(who, &args)?;
    held(stage, who, matter, &text(&done, "entry")?)?;
    told.line(&stage.say(&kind, &[("who", stage.name(who))]));
    Ok(())
}

/// Waits until the other side's log holds an act.
fn held(stage: &Stage, who: Who, matter: &str, entry: &str) -> Result<()> {
    stage.until("act held by the other side", || {
        let shown = show(stage, who, matter)?;
        let acts = shown.as_object().and_then(|o| o.get("acts")).and_then(Value::as_array);
        let act = acts
            .unwrap_or_default()
            .iter()
            .find(|act| text(act, "entry").is_ok_and(|found| found == entry));
        let rung = act.and_then(|act| text(act, "rung").ok());
        let there = stage.at(who.other(), &["matter", "show", matter]).is_ok();
        Ok(there && rung.is_some_and(|rung| rung != "logged"))
    })
}

pub(super) fn show(stage: &Stage, who: Who, matter: &str) -> Result<Value> {
    stage.at(who, &["matter", "show", matter])
}

fn entries(matter: &Value) -> Vec<String> {
    let acts = matter.as_object().and_then(|o| o.get("acts")).and_then(Value::as_array);
    let entry = |act: &Value| text(act, "entry").unwrap_or_default();
    let mut entries: Vec<String> = acts.unwrap_or_default().iter().map(entry).collect();
    entries.sort();
    entries
}

/// Both sides see the same; it is told once, in the words that both programs use.
fn stands(stage: &Stage, told: &mut Teller<'_>, matter: &str, wanted: &str) -> Result<()> {
    let mut seen = Vec::new();
    for who in Who::ALL {
        let shown = show(stage, who, matter)?;
        let found = text(&shown, "stage")?;
        check(found == wanted, &format!("{} sees {found}, not {wanted}", who.name()))?;
        let lines = shown.as_object().and_then(|o| o.get("lines")).and_then(Value::as_object);
        let lines = lines.and_then(|lines| lines.get(stage.lang.tag())).and_then(Value::as_array);
        seen.push(lines.unwrap_or_default().to_vec());
    }
    check(seen[0] == seen[1], "both see the same")?;
    told.line(&stage.say("both-see", &[]));
    for line in seen[0].iter().filter_map(Value::as_str) {
        told.line(&format!("  | {line}"));
    }
    Ok(())
}

/// The calendars of both drills go on.
fn days_pass(stage: &Stage, told: &mut Teller<'_>, days: u64) -> Result<()> {
    for who in Who::ALL {
        advance(stage, who, days * DAY)?;
    }
    told.line(&stage.say("days", &[("days", &days.to_string())]));
    Ok(())
}

pub(super) fn advance(stage: &Stage, who: Who, seconds: u64) -> Result<Value> {
    stage.at(who, &["drill", "calendar", "--advance", &seconds.to_string()])
}

/// What the drill's calendar shows, one second later: asking moves it.
fn drill_time(stage: &Stage, who: Who) -> Result<u64> {
    let shown = number(&advance(stage, who, 1)?, "drill_time");
    u64::try_from(shown).map_err(|_| Code::Internal.at("drill time"))
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

fn expect<T>(outcome: Result<T>, code: Code) -> Result<()> {
    match outcome {
        Err(fault) if fault.code == code => Ok(()),
        Err(fault) => Err(fault),
        Ok(_) => Err(Code::Internal.at(format!("{} was not raised", code.name()))),
    }
}

pub(super) fn check(held: bool, what: &str) -> std::result::Result<(), Fault> {
    if held { Ok(()) } else { Err(Code::Internal.at(format!("demo: {what}"))) }
}
