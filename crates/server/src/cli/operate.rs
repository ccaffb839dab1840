//! What an operator does: backups, the way back from one, the look at the house, and erasure.

use super::args::Root;
use super::desk::{Answer, Desk, absolute};
use super::party::next;
use super::value::Of;
use crate::backup::{self, key_of};
use crate::doctor::{self, Finding};
use crate::folder::{Config, Folder};
use crate::house;
use crate::quota::Limits;
use crate::speak::Exit;
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{Object, Value};
use std::path::Path;

/// `backup`.
pub fn backup(desk: &Desk, file: &Path) -> Result<Answer> {
    let file = absolute(file)?;
    let passphrase = desk.passphrase()?;
    let mut told = 0;
    let mut progress = |done: u64, all: u64| {
        let tenth = (done * 10).checked_div(all).unwrap_or(10);
        if tenth > told && !desk.json {
            told = tenth;
            eprintln!("{} %", tenth * 10);
        }
    };
    let made = backup::make(&desk.home, &file, &passphrase, &mut progress)?;
    let (place, key) = (file.display().to_string(), key_of(&file).display().to_string());
    if desk.json {
        let value = Object::default().with("file", place).with("key", key);
        let value = value.with("record", made.record).with("bytes", made.file);
        return Ok(Answer::json(&value.with("home", made.home).into()));
    }
    let args = [("file", &*place), ("key", &*key)];
    let mut said = desk.say_with("cli-backup", &args) + "\n" + &desk.say("cli-backup-key") + "\n";
    if !made.home {
        said += &format!("{}\n", desk.say("cli-backup-no-home"));
    }
    Ok(Answer::done(said))
}

/// `restore`: with a file from the beginning, without one to the end of what was interrupted.
pub fn restore(desk: &Desk, file: Option<&Path>, root: &Root) -> Result<Answer> {
    // The root keys are asked for first: without them nothing would come of it.
    let keys = desk.root_keys(root)?;
    let passphrase = desk.passphrase()?;
    let folder = match file {
        Some(file) => backup::unpack(&absolute(file)?, &desk.home, &passphrase)?,
        None => Folder::open(&desk.home)?,
    };
    let mut house = house::enter(folder, &passphrase)?;
    let ended = backup::finish(&mut house, &desk.root_folder(root)?, &keys)?;
    if desk.json {
        return Ok(Answer::json(&Object::default().with("ended", ended as u64).into()));
    }
    let said = desk.say_with("cli-restored", &[("count", &ended.to_string())]);
    Ok(Answer::done(format!("{said}\n{}", next(desk, &["fsck", "serve"]))))
}

/// `doctor`.
pub fn doctor(desk: &Desk) -> Result<Answer> {
    let mut findings = doctor::house(&desk.home);
    findings.push(doctor::quota(Limits::of(&Config::read(&desk.home)?)));
    let mut door = desk.door()?;
    let status = door.call("status", Object::default())?;
    findings.push(doctor::at_home(Of::value(&status).of("home").object()));
    findings.extend(doctor::peers(Of::value(&status).list("peers")));
    let bad = findings.iter().filter(|finding| !finding.good).count();
    let exit = if bad == 0 { Exit::Done } else { Exit::Operator };
    if desk.json {
        let list = findings.iter().map(|finding| {
            let object = Object::default().with("check", finding.check);
            Value::from(object.with("good", finding.good).with("at", finding.at.as_str()))
        });
        let value = Value::Array(list.collect());
        return Ok(Answer { exit, ..Answer::json(&value) });
    }
    let told = findings.iter().map(|finding| line(desk, finding));
    Ok(Answer { exit, text: told.collect() })
}

fn line(desk: &Desk, Finding { check, good, at }: &Finding) -> String {
    let args = [("at", at.as_str())];
    if *good {
        return format!("  {}\n", desk.say_with(&format!("doctor-{check}"), &args));
    }
    let what = desk.say_with(&format!("doctor-{check}-bad"), &args);
    let remedy = desk.say(&format!("doctor-{check}-do"));
    format!("! {what}\n    {remedy}\n")
}

/// `rebuild`.
pub fn rebuild(desk: &Desk) -> Result<Answer> {
    desk.tell("rebuild", Object::default(), |rebuilt| {
        let count = |name: &str| rebuilt.count(name).to_string();
        let made = ["subtrees", "places", "verdicts", "open"].map(|name| (name, count(name)));
        let args = made.each_ref().map(|(name, count)| (*name, count.as_str()));
        let said = desk.say_with("cli-rebuilt", &args);
        let differed = count("differed");
        let equal = if rebuilt.count("differed") == 0 {
            "cli-rebuilt-equal"
        } else {
            "cli-rebuilt-differed"
        };
        format!("{said}\n{}\n", desk.say_with(equal, &[("count", &differed)]))
    })
}

/// `erase`.
pub fn erase(desk: &Desk, matter: &str, yes: bool) -> Result<Answer> {
    if !yes {
        return Err(Code::ArgumentWrong.at(desk.say("cli-erase-confirm")));
    }
    let args = Object::default().with("matter", matter);
    desk.tell("erase", args, |erased| {
        let (matter, count) = (erased.text("matter"), erased.count("erased").to_string());
        let mut said = desk.say_with("cli-erase-done", &[("matter", matter), ("count", &count)]);
        if erased.count("at_home") > 0 {
            let count = erased.count("at_home").to_string();
            said += &format!("\n{}", desk.say_with("home-erased", &[("count", &count)]));
        }
        format!("{said}\n{}\n", desk.say("cli-erased-rest"))
    })
}
