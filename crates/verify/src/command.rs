//! The command line of the verifier: the checks of this package on files. Reads, never writes; no
//! network. `counterpart-verify` is this and nothing else, and `counterpart verify` is the same.

use crate::folder::{Folder, io, read};
use crate::report::{self, Finding, Report};
use crate::{dossier, inconsistency, page, parties, single, tlog};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::Entry;
use counterpart_record::key::VerifyKey;
use counterpart_record::note::Verifier;
use counterpart_record::strict::json::Object;
use counterpart_rules::say::{self, Lang, Say};
use std::path::Path;

/// Command, how it is called, an example.
const COMMANDS: [(&str, &str, &str); 9] = [
    (
        "dossier",
        "DIR --fingerprint \"12345 ...\" --fingerprint \"...\"",
        "dossier matter-17 --fingerprint \"$(cat arcadia.txt)\" --fingerprint \
         \"$(cat borealis.txt)\"",
    ),
    (
        "page",
        "DIR --fingerprint \"12345 ...\"",
        "page from-arcadia --fingerprint \"$(cat arcadia.txt)\"",
    ),
    (
        "statement",
        "FILE --key PEM [--disclosure FILE]... [--foreign]",
        "statement data/statements/000001.cose --key data/keys/author.pem",
    ),
    (
        "receipt",
        "FILE (--entry HEX | --statement FILE) --log-key PEM [--checkpoint FILE --vkey VKEY...] \
         [--foreign]",
        "receipt data/receipts/000001-1.cose --statement data/statements/000001.cose --log-key \
         data/keys/log.pem",
    ),
    (
        "checkpoint",
        "FILE --vkey VKEY...",
        "checkpoint data/checkpoints/0001.txt --vkey data/vkeys/0001.txt",
    ),
    ("inclusion", "FILE.json", "inclusion happy-path.json"),
    ("consistency", "FILE.json", "consistency happy-path.json"),
    (
        "inconsistency",
        "FILE --fingerprint \"12345 ...\"",
        "inconsistency proof-1.cbor --fingerprint \"$(cat arcadia.txt)\"",
    ),
    ("log", "DIR --vkey VKEY...", "log tiles --vkey verifier_key.txt"),
];

/// Options that take a value; each may be given more than once where that makes sense.
const VALUES: [&str; 9] = [
    "--fingerprint",
    "--key",
    "--disclosure",
    "--entry",
    "--statement",
    "--log-key",
    "--checkpoint",
    "--vkey",
    "--lang",
];

/// Does what the words say; gives the exit code (DOS-19: 0 valid, 1 not valid, 2 could not be
/// checked) and the text for the output.
pub fn run_words(words: &[String]) -> (u8, String) {
    let args = Args::read(words);
    let lang = args.as_ref().ok().and_then(|args| args.value("--lang").ok());
    let lang = lang.map_or_else(language_of_the_locale, Lang::from_tag);
    let json = words.iter().any(|word| word == "--json");
    match args.and_then(|args| run(&args, lang)) {
        Ok(Outcome::Help(text)) => (if words.is_empty() { 2 } else { 0 }, text),
        Ok(Outcome::Checked(report)) => {
            let text = if json { line(report.to_json(lang)) } else { report.to_text(lang) };
            (u8::from(!report.is_valid()), text)
        }
        Err(fault) => {
            (2, if json { line(refused(lang, &fault)) } else { not_checked(lang, &fault) })
        }
    }
}

enum Outcome {
    Help(String),
    Checked(Box<Report>),
}

fn run(args: &Args, lang: Lang) -> Result<Outcome> {
    let Some((command, rest)) = args.words.split_first() else {
        return Ok(Outcome::Help(help(lang, None)));
    };
    if command == "help" {
        return Ok(Outcome::Help(help(lang, rest.first().map(String::as_str))));
    }
    if !COMMANDS.iter().any(|(name, _, _)| name == command) {
        return Err(Code::ArgumentWrong.at(format!("not a command: {command}")));
    }
    if args.has("--help") {
        return Ok(Outcome::Help(help(lang, Some(command))));
    }
    let [subject] = rest else {
        return Err(Code::ArgumentWrong.at(format!("{command}: one file or folder")));
    };
    args.only(allowed(command))?;
    let subject = Path::new(subject);
    let report = match command.as_str() {
        "dossier" => check_dossier(args, subject)?,
        "page" => match Folder::held(subject, threads())? {
            Ok(files) => page::check(&files, fingerprint(args)?),
            Err(fault) => wrong_folder("page", fault),
        },
        "statement" => {
            let (bytes, key) = (read(subject)?, key(args.value("--key")?)?);
            if args.has("--foreign") {
                single::foreign_statement(&bytes, &key)
            } else {
                let files = args.values("--disclosure");
                let files: Vec<String> =
                    files.map(|file| text(Path::new(file))).collect::<Result<_>>()?;
                let texts = files.iter().flat_map(|text| text.lines().map(str::to_owned));
                single::statement(&bytes, &key, &texts.collect::<Vec<_>>())
            }
        }
        "receipt" => check_receipt(args, subject)?,
        "checkpoint" => single::checkpoint(&read(subject)?, &verifiers(args)?),
        "inclusion" => single::inclusion(&read(subject)?),
        "consistency" => single::consistency(&read(subject)?),
        "inconsistency" => inconsistency::check(&read(subject)?, fingerprint(args)?),
        _ => match Folder::held(subject, threads())? {
            Ok(files) => tlog::check(&files, &verifiers(args)?),
            Err(fault) => wrong_folder("log", fault),
        },
    };
    checked(report)
}

/// What could not be read is not wrong: where nothing worse was found, it was not checked. DOS-19.
fn checked(report: Report) -> Result<Outcome> {
    let worse = report.findings.iter().any(|finding| finding.fault.code != Code::Io);
    match report.findings.first() {
        Some(unread) if !worse => Err(unread.fault.clone()),
        _ => Ok(Outcome::Checked(Box::new(report))),
    }
}

fn allowed(command: &str) -> &'static [&'static str] {
    match command {
        "dossier" | "page" | "inconsistency" => &["--fingerprint"],
        "statement" => &["--key", "--disclosure", "--foreign"],
        "receipt" => {
            &["--entry", "--statement", "--log-key", "--checkpoint", "--vkey", "--foreign"]
        }
        "checkpoint" | "log" => &["--vkey"],
        _ => &[],
    }
}

fn check_dossier(args: &Args, subject: &Path) -> Result<Report> {
    let fingerprints: Vec<String> = args.values("--fingerprint").map(str::to_owned).collect();
    let wrong = |found: String| Err(Code::ArgumentWrong.at(format!("--fingerprint: {found}")));
    if fingerprints.len() != 2 {
        return wrong(fingerprints.len().to_string());
    }
    for given in &fingerprints {
        let digits = parties::digits(given);
        if digits.len() != 60 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return wrong(format!("{given:?}"));
        }
    }
    is_a_dossier(subject)?;
    match Folder::of_dossier(subject, threads())? {
        Ok(folder) => {
            Ok(dossier::check_beside(&folder.files, Some(&folder), &fingerprints, threads()))
        }
        Err(fault) => Ok(wrong_folder("dossier", fault)),
    }
}

/// The one fingerprint of a page's author.
fn fingerprint(args: &Args) -> Result<&str> {
    let given: Vec<&str> = args.values("--fingerprint").collect();
    let [given] = given[..] else {
        return Err(Code::ArgumentWrong.at(format!("--fingerprint: {}", given.len())));
    };
    let digits = parties::digits(given);
    if digits.len() != 60 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Code::ArgumentWrong.at(format!("--fingerprint: {given:?}")));
    }
    Ok(given)
}

/// Whether this is the folder of a dossier, if only of a damaged one: most who meet a fault here
/// have unpacked it into another folder, or not at all.
fn is_a_dossier(subject: &Path) -> Result<()> {
    if subject.is_file() {
        return Err(Code::ArgumentWrong.at(format!("not a folder: {}", subject.display())));
    }
    let tags = ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"];
    let any = |folder: &Path| tags.iter().any(|name| folder.join(name).exists());
    let list = std::fs::read_dir(subject).map_err(|error| io(subject, &error))?;
    if any(subject) {
        return Ok(());
    }
    let inner = list.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir());
    let near = subject.parent().map(Path::to_owned).into_iter().chain(inner);
    Err(match near.into_iter().find(|folder| any(folder)) {
        Some(found) => Code::ArgumentWrong.at(format!("a dossier inside: {}", found.display())),
        None => Code::ArgumentWrong.at(format!("no dossier: {}", subject.display())),
    })
}

fn check_receipt(args: &Args, subject: &Path) -> Result<Report> {
    let bytes = read(subject)?;
    let entry = match (args.value("--entry"), args.value("--statement")) {
        (Ok(hex), Err(_)) => Entry::parse(hex).map_err(|fault| fault.within("--entry"))?,
        (Err(_), Ok(file)) => Entry::of(&read(Path::new(file))?),
        _ => return Err(Code::ArgumentWrong.at("--entry or --statement")),
    };
    let key = key(args.value("--log-key")?)?;
    if args.has("--foreign") {
        return Ok(single::foreign_receipt(&bytes, &entry, &key));
    }
    if !args.has("--checkpoint") {
        return Ok(single::receipt(&bytes, &entry, &key, None));
    }
    let checkpoint = read(Path::new(args.value("--checkpoint")?))?;
    let verifiers = verifiers(args)?;
    Ok(single::receipt(&bytes, &entry, &key, Some((&checkpoint, &verifiers))))
}

/// Words and options, in the order given.
struct Args {
    words: Vec<String>,
    options: Vec<(String, String)>,
}

impl Args {
    fn read(words: &[String]) -> Result<Args> {
        let mut args = Args { words: Vec::new(), options: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if VALUES.contains(&word.as_str()) {
                let value = words.next().ok_or_else(|| Code::ArgumentWrong.at(word.as_str()))?;
                args.options.push((word.clone(), value.clone()));
            } else if ["--json", "--foreign", "--help"].contains(&word.as_str()) || word == "-h" {
                let word = if word == "-h" { "--help" } else { word };
                args.options.push((word.to_owned(), String::new()));
            } else if word.starts_with('-') {
                return Err(Code::ArgumentWrong.at(word.as_str()));
            } else {
                args.words.push(word.clone());
            }
        }
        Ok(args)
    }

    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.options.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    fn value(&self, name: &str) -> Result<&str> {
        let found = self.options.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str()).ok_or_else(|| Code::ArgumentWrong.at(name))
    }

    fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(n, _)| n == name)
    }

    /// Nothing is given that the command would pass over in silence.
    fn only(&self, allowed: &[&str]) -> Result<()> {
        let common = ["--json", "--lang", "--help"];
        let known = |name: &str| allowed.contains(&name) || common.contains(&name);
        match self.options.iter().find(|(name, _)| !known(name)) {
            Some((name, _)) => Err(Code::ArgumentWrong.at(name.as_str())),
            None => Ok(()),
        }
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn language_of_the_locale() -> Lang {
    let set = |name: &&str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    let names = ["COUNTERPART_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
    let name = names.into_iter().find(set);
    Lang::from_tag(&name.and_then(|name| std::env::var(name).ok()).unwrap_or_default())
}

/// A text file without the newline that editors put at its end.
fn text(path: &Path) -> Result<String> {
    let text = String::from_utf8(read(path)?);
    let text = text.map_err(|_| Code::ArgumentWrong.at(path.display().to_string()))?;
    Ok(text.trim_end().to_owned())
}

fn key(path: &str) -> Result<VerifyKey> {
    VerifyKey::from_pem(&text(Path::new(path))?).map_err(|fault| fault.within(path))
}

/// The verifier keys, each as it stands or in a file.
fn verifiers(args: &Args) -> Result<Vec<Verifier>> {
    let mut verifiers = Vec::new();
    for value in args.values("--vkey") {
        // A file may hold several, each a line, as a dossier has them. DOS-24.
        let vkeys = if value.contains('+') { value.to_owned() } else { text(Path::new(value))? };
        let each = vkeys.lines().map(Verifier::from_vkey);
        let each: Result<Vec<Verifier>> = each.collect();
        verifiers.extend(each.map_err(|fault| fault.within("--vkey"))?);
    }
    if verifiers.is_empty() { Err(Code::ArgumentWrong.at("--vkey")) } else { Ok(verifiers) }
}

/// A folder that is itself wrong is a finding, not a reason to say nothing.
fn wrong_folder(kind: &'static str, fault: Fault) -> Report {
    let mut report = Report::single(kind);
    report.findings.push(Finding::from(fault));
    report
}

fn help(lang: Lang, only: Option<&str>) -> String {
    let say = |key: &str| say::render(lang, &Say::of(key));
    let mut text = format!("{}\n", say("verify-help"));
    for (name, usage, example) in COMMANDS {
        if only.is_none_or(|only| only == name) {
            let what = say(&format!("verify-help-{name}"));
            text += &format!("\n  counterpart-verify {name} {usage}\n      {what}\n");
            let heading = say("verify-help-example");
            text += &format!("      {heading} counterpart-verify {example}\n");
        }
    }
    text + &format!("\n{}\n{}\n", say("verify-help-options"), say("verify-help-exit"))
}

fn line(object: Object) -> String {
    let mut text = String::new();
    object.write(&mut text);
    text + "\n"
}

fn refused(lang: Lang, fault: &Fault) -> Object {
    let (what, advice) = report::told(lang, fault);
    let fault = Object::default()
        .with("code", fault.code.name())
        .with("urn", fault.code.urn())
        .with("at", fault.at.as_str())
        .with("what", what)
        .with("do", advice);
    Object::default().with("checked", false).with("fault", fault)
}

fn not_checked(lang: Lang, fault: &Fault) -> String {
    let (what, advice) = report::told(lang, fault);
    let closing = say::render(lang, &Say::of("verify-not-checked"));
    format!("{what} [{}]\n{advice}\n\n{closing}\n", fault.code.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_is_not_called_wrong() {
        let report = |codes: &[Code]| {
            let mut report = Report::single("page");
            report.findings.extend(codes.iter().map(|code| Finding::from(code.at("data/x"))));
            checked(report).map(|outcome| match outcome {
                Outcome::Checked(report) => report.findings.len(),
                Outcome::Help(_) => 0,
            })
        };
        assert_eq!(report(&[Code::Io, Code::Io]).unwrap_err().code, Code::Io);
        assert_eq!(report(&[Code::Io, Code::AttachmentWrong]).unwrap(), 2);
        assert_eq!(report(&[]).unwrap(), 0);
    }
}
