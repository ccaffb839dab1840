//! The story, in order. Each step says what happens, does it, and checks what both sides then see.

use super::stage::{Stage, Who, flag, free_port, text};
use super::telling::{Teller, check, expect, list};
use super::{apart, judge, line, request, terms};
use counterpart_record::fault::{Code, Result};

use Who::{Arcadia, Borealis};

const STEPS: usize = 17;

/// Plays it.
pub fn play(stage: &mut Stage, tell: &mut dyn FnMut(&str)) -> Result<()> {
    tell(&stage.say("title", &[]));
    let mut told = Teller::new(tell, STEPS);
    let told = &mut told;
    found(stage, told)?;
    let fingerprints = enrol(stage, told)?;
    terms::agree(stage, told)?;
    let draft = request::draft(stage, told)?;
    let hospital = request::preservation(stage, told, &draft)?;
    let account = request::conditions(stage, told)?;
    let turns = request::turns(stage, told)?;
    let refused = request::refusal(stage, told)?;
    let silent = request::silence(stage, told)?;
    let call = line::call(stage, told, &silent)?;
    let lines = line::line(stage, told)?;
    apart::cascadia(stage, told, &fingerprints[0])?;
    judge::erased(stage, told, &hospital)?;
    let mut matters = vec![hospital, account, refused, silent, call, draft];
    matters.extend(turns.into_iter().chain(lines));
    judge::same_on_both_sides(stage, told, &matters)?;
    judge::figures(stage, told)?;
    judge::dossiers(stage, told, &matters, &fingerprints)?;
    judge::repertoire(stage, told)?;
    told.done()
}

/// Two folders, two processes.
fn found(stage: &mut Stage, told: &mut Teller<'_>) -> Result<()> {
    told.step(&stage.say("found", &[("dir", &stage.folder.display().to_string())]));
    for who in Who::ALL {
        let address = format!("127.0.0.1:{}", free_port()?);
        let args = ["init", "--name", who.name(), "--name-zh", who.name_zh()];
        let network = ["--listen", &address, "--endpoint", &address, "--callback", "+1 555 0100"];
        stage.at(who, &[&args[..], &network].concat())?;
        let process = stage.start(who)?.to_string();
        let home = stage.home(who).display().to_string();
        let args = [("who", stage.name(who)), ("home", &home), ("process", &process)];
        told.line(&stage.say("founded", &args));
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
        let channels =
            list(&status, "peers").first().map_or(&[][..], |peer| list(peer, "channels"));
        Ok(!channels.is_empty() && channels.iter().all(|channel| flag(channel, "mutual")))
    })?;
    told.line(&stage.say("enrolled", &[]));
    check(arcadia != borealis, "two fingerprints")?;
    Ok([arcadia, borealis])
}
