//! The command line: one of the doors to the operations in [`crate::app`]. If the node runs, a
//! command talks to it; if not, it takes the folder for as long as it needs.

mod acts;
mod apart;
mod apart_args;
mod args;
mod ask;
mod attachment;
mod attachment_args;
mod basis;
mod by_hand;
mod channel_args;
mod counted;
mod desk;
mod due;
mod figures;
mod help;
mod home;
mod home_args;
mod keep;
mod operate;
mod operate_args;
mod page;
mod party;
mod request_args;
mod ring;
mod ring_args;
mod show;
mod stand;
mod terms;
mod told;
mod value;

use crate::bench;
use crate::demo;
use crate::folder::Folder;
use crate::house;
use crate::serve;
use crate::speak::{self, Exit};
use args::{Command, Common, DrillCommand, Line};
use clap::FromArgMatches as _;
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::Object;
use counterpart_rules::say;
use desk::{Answer, Desk};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{self, ExitCode};

/// Reads the command line, does what it says, and tells how it ended.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let line = match read(&words) {
        Ok(line) => line,
        Err(ended) => return ended,
    };
    let Line { common, command } = &line;
    let answer = Desk::new(common).and_then(|desk| run(&desk, common, command.as_ref()));
    match answer {
        Ok(answer) => {
            print(&answer.text);
            answer.exit.into()
        }
        Err(fault) => {
            let lang = speak::language(common.lang.as_deref());
            speak::complain(lang, common.json, &fault).into()
        }
    }
}

/// The line, or how the program ends where it cannot be read or asked for help alone.
fn read(words: &[OsString]) -> std::result::Result<Line, ExitCode> {
    let lang = speak::language(help::asked_for(words).as_deref());
    let mut tree = help::tree(lang);
    let found = tree.try_get_matches_from_mut(words);
    let read = found
        .and_then(|found| Line::from_arg_matches(&found).map_err(|error| error.format(&mut tree)));
    read.map_err(|error| {
        if error.use_stderr() && help::wants_json(words) {
            // A program reads faults in one form, also where its own line is wrong.
            eprintln!(
                "{}",
                speak::in_json(lang, &Code::ArgumentWrong.at(help::summed(lang, &error)))
            );
        } else if error.use_stderr() {
            eprint!("{}", help::said(lang, &error));
        } else {
            print(&help::said(lang, &error));
        }
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8))
    })
}

fn run(desk: &Desk, common: &Common, command: Option<&Command>) -> Result<Answer> {
    let Some(command) = command else { return stand::stand(desk) };
    match command {
        Command::Init(args) => party::init(desk, args),
        Command::Credential { what } => party::credential(desk, what),
        Command::Fingerprint { peer } => party::fingerprint(desk, peer.as_deref()),
        Command::Accredit { peer, fingerprint, compared, root } => {
            party::accredit(desk, peer, fingerprint.as_deref(), *compared, root)
        }
        Command::Rotate(args) => party::rotate(desk, args),
        Command::Passphrase { what } => operate::passphrase(desk, what),
        Command::Revoke { kid, since, root } => party::revoke(desk, kid, since, root),
        Command::Request { what } => acts::request(desk, what),
        Command::Act { kind, matter, form } => acts::act(desk, kind, matter, form),
        Command::Acknowledge(args) => acts::acknowledge(desk, args),
        Command::Ask(args) => acts::act(desk, "ask", &args.matter, &args.form),
        Command::Supplement(args) => acts::act(desk, "supplement", &args.matter, &args.form),
        Command::Preserve(args) => acts::act(desk, "preserve", &args.matter, &args.form),
        Command::Answer(args) => acts::act(desk, "answer", &args.matter, &args.form),
        Command::Refuse(args) => acts::act(desk, "refuse", &args.matter, &args.form),
        Command::Remind(args) => acts::act(desk, "remind", &args.matter, &args.form),
        Command::Withdraw(args) => acts::act(desk, "withdraw", &args.matter, &args.form),
        Command::Escalate(args) => ring::escalate(desk, args),
        Command::Call { what } => ring::call(desk, what),
        Command::Ring(args) => ring::ring(desk, args),
        Command::Line { what } => ring::line(desk, what),
        Command::Surge { what } => ring::surge(desk, what),
        Command::Form(asked) => ask::form(desk, asked),
        Command::Instrument(asked) => basis::instrument(desk, asked),
        Command::Requirements { what } => basis::requirements(desk, what),
        Command::Matter { what } => show::matter(desk, what),
        Command::Correspondent { what } => apart::correspondent(desk, what),
        Command::Enter(args) => apart::enter(desk, args),
        Command::Page { matter, dir, entry } => apart::page(desk, matter, dir, entry.as_deref()),
        Command::Same { one, other } => apart::same(desk, one, other),
        Command::Note { what } => home::note(desk, what),
        Command::Owner(args) => home::owner(desk, args),
        Command::Task { what } => home::task(desk, what),
        Command::Due { since: Some(since), drill, .. } => due::since(desk, since, *drill),
        Command::Due { ours, limit, .. } => due::due(desk, *ours, *limit),
        Command::Attachment { what } => attachment::attachment(desk, what),
        Command::Calendar { file } => due::calendar(desk, file),
        Command::Terms { what } => terms::terms(desk, what),
        Command::Log(args) => show::log(desk, args),
        Command::Pouch { what } => show::pouch(desk, what),
        Command::Dossier { matter, dir, without_attachments } => {
            show::dossier(desk, matter, dir, *without_attachments)
        }
        Command::Figures(asked) => figures::figures(desk, asked),
        Command::Fsck => show::fsck(desk),
        Command::Rebuild => operate::rebuild(desk),
        Command::Erase(args) => keep::erase(desk, args),
        Command::Retain(args) => keep::retain(desk, args),
        Command::Backup(args) => operate::backup(desk, args),
        Command::Restore { file, home_only, after_epoch, root } => {
            operate::restore(desk, (file.as_deref(), *home_only), *after_epoch, root)
        }
        Command::Doctor => operate::doctor(desk),
        Command::Proofs { what: None } => show::proofs(desk),
        Command::Proofs { what: Some(what) } => operate::export_proof(desk, what),
        Command::Drill { what: DrillCommand::Calendar { advance } } => {
            show::calendar(desk, *advance)
        }
        Command::Verify { words } => Ok(verify(desk, common, words)),
        Command::Demo { headless, dir } => demo(desk, *headless, dir.as_ref()),
        Command::Bench { part } => bench(desk, part.as_deref()),
        Command::Serve => serve(desk),
    }
}

/// The verifier, which needs no node and no keys.
fn verify(desk: &Desk, common: &Common, words: &[OsString]) -> Answer {
    let words = words.iter().map(|word| word.to_string_lossy().into_owned());
    let json = common.json.then(|| "--json".to_owned());
    let lang = ["--lang".to_owned(), desk.lang.tag().to_owned()];
    let words: Vec<String> = words.chain(json).chain(lang).collect();
    let (code, text) = counterpart_verify::command::run_words(&words);
    let exit = match code {
        0 => Exit::Done,
        1 => Exit::Refused,
        _ => Exit::Usage,
    };
    Answer { text, exit }
}

/// Plays the demo in a folder that stays.
fn demo(desk: &Desk, headless: bool, dir: Option<&PathBuf>) -> Result<Answer> {
    let folder = match dir {
        Some(dir) => dir.clone(),
        None => std::env::temp_dir().join(format!("counterpart-demo-{}", process::id())),
    };
    // At a terminal a person reads along; a program wants it over.
    let pause = if headless { 0 } else { 250 };
    demo::run(&folder, desk.lang, &mut |line| {
        print(&format!("{line}\n"));
        std::thread::sleep(std::time::Duration::from_millis(pause));
    })?;
    Ok(Answer::done(String::new()))
}

/// Measures, and prints each figure beside its limit.
fn bench(desk: &Desk, part: Option<&str>) -> Result<Answer> {
    let figures = bench::run(part, &mut |doing| eprintln!("{}", say::placed(desk.lang, doing)))?;
    if desk.json {
        return Ok(Answer::done(bench::to_json(&figures) + "\n"));
    }
    let lines: Vec<String> = figures.iter().map(|figure| figure.line(desk.lang)).collect();
    Ok(Answer::done(lines.join("\n") + "\n"))
}

/// Runs the node until it is asked to end.
fn serve(desk: &Desk) -> Result<Answer> {
    let folder = Folder::open(&desk.home)?;
    let config = folder.config()?;
    let house = house::enter(folder, &desk.passphrase()?)?;
    if house.node.is_restored() {
        return Err(Code::RestoreUnfinished.at(desk.home.display().to_string()));
    }
    // A token is opened now, while somebody looks, and not when the first act waits for it.
    house.keys.ready()?;
    let name = house.node.credential()?.name(desk.lang.tag()).to_owned();
    let secrets = (house.keys, house.older);
    let voice = (config.lang.unwrap_or(desk.lang), desk.json);
    serve::run(&house.folder, house.node, secrets, &config, voice, |address| {
        let address = address.map(|address| address.to_string());
        if desk.json {
            let ready = Object::default().with("listening", address.unwrap_or_default());
            print(&Answer::json(&ready.into()).text);
            return;
        }
        let said = match &address {
            Some(at) => desk.say_with("cli-serving", &[("name", &name), ("at", at)]),
            None => desk.say_with("cli-serving-calls-out", &[("name", &name)]),
        };
        print(&format!("{said}\n{}\n", desk.say("cli-serving-end")));
    })?;
    let ended = if desk.json { String::new() } else { desk.say("cli-served") + "\n" };
    Ok(Answer::done(ended))
}

/// Whoever reads may have gone away; the exit code still says how it ended.
fn print(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
}
