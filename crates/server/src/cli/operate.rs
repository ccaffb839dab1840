//! What an operator does: backups, the way back from one, the look at the house, and erasure.

use super::args::Root;
use super::desk::{Answer, Desk, absolute};
use super::operate_args::{BackupArgs, BackupCommand, PassphraseCommand, ProofsCommand};
use super::page::table;
use super::party::{backup_step, next};
use super::value::{Of, short};
use crate::backup::{self, key_of};
use crate::doctor::{self, Finding};
use crate::durable;
use crate::folder::{self, Config, Folder};
use crate::house;
use crate::keyfile::NodeSeeds;
use crate::quota::Limits;
use crate::register::{self, Kept};
use crate::speak::{Exit, plain};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use counterpart_rules::say;
use std::path::Path;

/// `passphrase change`.
pub fn passphrase(desk: &Desk, what: &PassphraseCommand) -> Result<Answer> {
    let PassphraseCommand::Change { new_passphrase_file, of_root, root } = what;
    let next = |old: &str| desk.next_passphrase(new_passphrase_file.as_deref(), old, *of_root);
    if *of_root {
        let old = desk.root_passphrase(root)?;
        let place = desk.root_folder(root)?;
        // A wrong one is named before anybody thinks of a new one.
        house::root_keys(&place, &old)?;
        house::change_root_passphrase(&place, &old, &next(&old)?)?;
    } else {
        let folder = Folder::open(&desk.home)?;
        let old = desk.passphrase()?;
        NodeSeeds::open(&folder.key_file(), &old)?;
        house::change_passphrase(&folder, &old, &next(&old)?)?;
    }
    // Of keys that the old one opens, copies lie in the backups of before.
    let kept = register::list(&desk.home).unwrap_or_default();
    let kept = kept.iter().filter(|kept| kept.forgotten_at.is_none()).count();
    if desk.json {
        let of = if *of_root { "root" } else { "node" };
        let value = Object::default().with("changed", of).with("backups", kept as u64);
        return Ok(Answer::json(&value.into()));
    }
    let (key, steps) = if *of_root {
        ("cli-passphrase-root", String::new())
    } else {
        ("cli-passphrase-node", super::party::next(desk, &[&backup_step(), "backup list"]))
    };
    let said = desk.say_with(key, &[("count", &kept.to_string())]);
    Ok(Answer::done(format!("{said}\n{steps}")))
}

/// `backup`: a new one, or what became of those that were made.
pub fn backup(desk: &Desk, args: &BackupArgs) -> Result<Answer> {
    match (&args.what, &args.file) {
        (Some(BackupCommand::List), _) => backups(desk),
        (Some(BackupCommand::Forget { backup, destroyed }), _) => forget(desk, backup, *destroyed),
        (None, Some(file)) => make(desk, file),
        (None, None) => Err(Code::ArgumentWrong.at("FILE")),
    }
}

fn make(desk: &Desk, file: &Path) -> Result<Answer> {
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
        let value = value
            .with("id", made.id)
            .with("record", made.record)
            .with("attachments", made.attachments);
        let value = value.with("bytes", made.file).with("home", made.home);
        return Ok(Answer::json(&value.into()));
    }
    let args = [("file", &*place), ("key", &*key)];
    let mut said = desk.say_with("cli-backup", &args) + "\n" + &desk.say("cli-backup-key") + "\n";
    if !made.home {
        said += &format!("{}\n", desk.say("cli-backup-no-home"));
    }
    Ok(Answer::done(said))
}

/// Which backups there are, and which of them end nothing that was erased since.
fn backups(desk: &Desk) -> Result<Answer> {
    folder::recognise(&desk.home)?;
    let all = register::list(&desk.home)?;
    if desk.json {
        let list = all.iter().map(|kept| {
            let one = Object::default().with("id", kept.id.as_str());
            let one = one.with("file", kept.file.to_string_lossy().into_owned());
            let one = one.with("made_at", kept.made_at);
            Value::from(
                one.with("forgotten_at", kept.forgotten_at.map_or(Value::Null, Value::from)),
            )
        });
        return Ok(Answer::json(&Value::Array(list.collect())));
    }
    if all.is_empty() {
        return Ok(Answer::done(format!("{}\n", desk.say("cli-backups-none"))));
    }
    let rows: Vec<Vec<String>> = all.iter().map(|kept| backup_row(desk, kept)).collect();
    Ok(Answer::done(table(&rows)))
}

fn backup_row(desk: &Desk, kept: &Kept) -> Vec<String> {
    let state = match kept.forgotten_at {
        None => desk.say("cli-backup-kept"),
        Some(at) => desk.say_with("cli-backup-forgotten", &[("at", &clock::shown(at))]),
    };
    let file = plain(&kept.file.to_string_lossy());
    vec![short(&kept.id).to_owned(), clock::shown(kept.made_at), state, file]
}

fn forget(desk: &Desk, which: &str, destroyed: bool) -> Result<Answer> {
    let done = backup::forget(&desk.home, which, destroyed)?;
    if desk.json {
        let keys: Vec<String> = done.keys.iter().map(|key| key.display().to_string()).collect();
        let value = Object::default().with("id", done.id).with("destroyed", keys);
        return Ok(Answer::json(&value.into()));
    }
    let said = desk.say_with("cli-backup-forgot", &[("id", short(&done.id))]);
    Ok(Answer::done(format!("{said}\n{}\n", desk.say("cli-backup-forgot-copies"))))
}

/// `restore`: with a file from the beginning, without one to the end of what was interrupted, or
/// once more under a number above `after`.
pub fn restore(
    desk: &Desk,
    (file, home_only): (Option<&Path>, bool),
    after: Option<u64>,
    root: &Root,
) -> Result<Answer> {
    if let (Some(file), true) = (file, home_only) {
        return restore_home(desk, file);
    }
    // The root keys are asked for first: without them nothing would come of it.
    let keys = desk.root_keys(root)?;
    let passphrase = desk.passphrase()?;
    let root = desk.root_folder(root)?;
    let folder = match file {
        Some(file) => backup::unpack(&absolute(file)?, &desk.home, &passphrase, (&root, &keys))?,
        None => Folder::open(&desk.home)?,
    };
    let mut house = house::enter(folder, &passphrase)?;
    if after.is_some() && !house.node.is_restored() {
        // Marked when nothing is left that could be refused: until its logs have ended the node
        // signs nothing.
        backup::may_end(&house, &root, &keys, after.unwrap_or(0))?;
        house.node.end_again()?;
    }
    let ended = backup::finish(&mut house, &root, &keys, after.unwrap_or(0))?;
    if desk.json {
        return Ok(Answer::json(&Object::default().with("ended", ended as u64).into()));
    }
    let said = desk.say_with("cli-restored", &[("count", &ended.to_string())]);
    Ok(Answer::done(format!("{said}\n{}", next(desk, &["fsck", "serve"]))))
}

/// `restore --home-only`: what stays here, without what belongs to matters that were erased since.
fn restore_home(desk: &Desk, file: &Path) -> Result<Answer> {
    let passphrase = desk.passphrase()?;
    let (folder, aside) = backup::unpack_home(&absolute(file)?, &desk.home, &passphrase)?;
    let mut house = house::enter(folder, &passphrase)?;
    let forgotten = house.forgotten + house.node.forget_erased_at_home()?;
    let aside = aside.map(|path| path.display().to_string());
    if desk.json {
        let value = Object::default().with("forgotten", forgotten);
        let aside = aside.map_or(Value::Null, Value::from);
        return Ok(Answer::json(&value.with("aside", aside).into()));
    }
    let mut said = desk.say("home-restored") + "\n";
    if forgotten > 0 {
        let count = forgotten.to_string();
        said += &format!("{}\n", desk.say_with("home-restored-erased", &[("count", &count)]));
    }
    if let Some(aside) = aside {
        said += &format!("{}\n", desk.say_with("home-restored-aside", &[("file", &aside)]));
    }
    Ok(Answer::done(said + &next(desk, &["task list"])))
}

/// `doctor`.
pub fn doctor(desk: &Desk) -> Result<Answer> {
    let mut findings = doctor::house(&desk.home);
    findings.push(doctor::quota(Limits::of(&Config::read(&desk.home)?)));
    let mut door = desk.door()?;
    let status = door.call("status", Object::default())?;
    findings.extend(status.as_object().and_then(doctor::restored));
    findings.push(doctor::at_home(Of::value(&status).of("home").object()));
    let own = door.call("credential.show", Object::default())?;
    findings.extend(own.as_object().map(doctor::credential));
    findings.extend(own.as_object().and_then(|own| doctor::settings(&desk.home, own)));
    let retention = door.call("retention", Object::default())?;
    findings.extend(retention.as_object().map(doctor::leap));
    let peers = Of::value(&status).list("peers");
    findings.extend(doctor::behind(peers));
    findings.extend(doctor::peers(peers));
    findings.extend(status.as_object().map(doctor::knocked).unwrap_or_default());
    findings.extend(doctor::attachment_use(peers));
    for peer in peers.iter().map(Of::value).filter(|peer| peer.flag("accredited")) {
        let asked = Object::default().with("peer", peer.text("party"));
        let terms = door.call("terms.show", asked)?;
        let told = peer.object().zip(terms.as_object());
        findings.extend(told.and_then(|(peer, terms)| doctor::zones(peer, terms)));
    }
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
    let at = say::placed(desk.lang, at);
    let args = [("at", at.as_str())];
    if *good {
        return format!("  {}\n", desk.say_with(&format!("doctor-{check}"), &args));
    }
    let what = desk.say_with(&format!("doctor-{check}-bad"), &args);
    let remedy = desk.say(&format!("doctor-{check}-do"));
    format!("! {what}\n    {remedy}\n")
}

/// `proofs export`.
pub fn export_proof(desk: &Desk, what: &ProofsCommand) -> Result<Answer> {
    let ProofsCommand::Export { number, file } = what;
    let asked = Object::default().with("number", *number);
    let value = desk.door()?.call("proofs.export", asked)?;
    let proof = Of::value(&value);
    let bytes = Base64UrlUnpadded::decode_vec(proof.text("bytes"));
    let bytes = bytes.map_err(|_| Code::Internal.at("proofs.export: bytes"))?;
    let mut file = absolute(file)?;
    if file.is_dir() {
        file.push(format!("proof-{number}-{}.cbor", short(proof.text("party"))));
    }
    // One that lies there is not overwritten: it may be evidence.
    durable::create(&file, &bytes)?;
    let (place, kind) = (file.display().to_string(), proof.text("what"));
    if desk.json {
        let value = Object::default()
            .with("file", place)
            .with("bytes", bytes.len() as u64)
            .with("party", proof.text("party"))
            .with("fingerprint", proof.text("fingerprint"))
            .with("what", kind);
        return Ok(Answer::json(&value.into()));
    }
    let kind = desk.say(&format!("cli-proof-{kind}"));
    let party = short(proof.text("party"));
    let said = [("file", &*place), ("party", party), ("kind", &*kind)];
    let said = desk.say_with("cli-proof-exported", &said);
    let print = proof.text("fingerprint");
    let named = super::party::file_word(&file)?;
    let check = format!("counterpart-verify inconsistency {named} --fingerprint \"{print}\"");
    Ok(Answer::done(format!("{said}\n  {check}\n{}\n", desk.say("cli-proof-print"))))
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
