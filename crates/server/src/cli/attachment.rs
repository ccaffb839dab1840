//! Attachments at the command line: files sealed beside an act, and opened into files again.

use super::attachment_args::AttachmentCommand;
use super::desk::{Answer, Desk, absolute, path_argument};
use super::page::table;
use super::party::next;
use super::value::Of;
use crate::attach;
use counterpart_record::fault::{Code, Result};
use counterpart_record::limits;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::form::{Attached, Attachment, WHAT};
use counterpart_rules::say::size;
use std::path::Path;

/// Below this many bytes nobody waits long enough to want to know how far it is.
const LONG: u64 = 8 * 1024 * 1024;

/// `attachment`.
pub fn attachment(desk: &Desk, what: &AttachmentCommand) -> Result<Answer> {
    match what {
        AttachmentCommand::List { matter } => {
            let args = Object::default().with("matter", matter.as_str());
            desk.tell("attachment.list", args, |listed| {
                let all = listed.list("attachments");
                if all.is_empty() {
                    return format!("{}\n", desk.say("cli-attachments-none"));
                }
                let rows: Vec<_> = all.iter().map(|one| cells(desk, Of::value(one))).collect();
                table(&rows) + &saves(desk, matter, all)
            })
        }
        AttachmentCommand::Save { matter, number, file } => save(desk, matter, *number, file),
    }
}

/// The command that opens an attachment into a file whose name is ours, not its author's.
pub fn to_save(matter: &str, number: u64) -> String {
    format!("attachment save {matter} {number} attachment-{matter}-{number}")
}

/// What can be opened; nothing is offered that is not here.
fn saves(desk: &Desk, matter: &str, all: &[Value]) -> String {
    let here = all.iter().map(Of::value).filter(|one| one.text("state") == "here");
    let steps: Vec<String> = here.map(|one| to_save(matter, one.count("number"))).collect();
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    if steps.is_empty() { String::new() } else { next(desk, &steps) }
}

fn save(desk: &Desk, matter: &str, number: u32, file: &Path) -> Result<Answer> {
    let place = path_argument(file)?;
    if file.symlink_metadata().is_ok() {
        return Err(Code::FolderInUse.at(place));
    }
    let args = Object::default().with("matter", matter).with("number", u64::from(number));
    let found = attach::heard(&desk.door()?.call("attachment.key", args)?)?;
    let blobs = attach::blobs(&desk.home);
    let mut progress = progress(desk);
    attach::open(&blobs, (&found.0, &found.1), &absolute(file)?, &mut progress)?;
    let (named, opening) = found;
    let digest = counterpart_record::id::hex(&opening.digest);
    if desk.json {
        let out = Object::default().with("file", place).with("what", named.what);
        let out = out.with("bytes", opening.bytes).with("digest", digest);
        return Ok(Answer::json(&out.with("name", opening.name).into()));
    }
    let bytes = size(opening.bytes);
    let args = [("file", &*place), ("size", &bytes), ("digest", &digest), ("name", &opening.name)];
    let (said, warned) = (desk.say_with("cli-attachment-saved", &args), "cli-attachment-unopened");
    Ok(Answer::done(format!("{said}\n{}\n", desk.say(warned))))
}

/// An attachment on one line: number, what, name, size, state.
pub fn cells(desk: &Desk, one: Of<'_>) -> Vec<String> {
    let name = match one.text("name") {
        "" => String::new(),
        name => crate::speak::plain(name),
    };
    let what = desk.say(&format!("attachment-{}", one.text("what")));
    let bytes = one.number("bytes").unwrap_or_else(|| one.count("size"));
    vec![one.count("number").to_string(), what, name, size(bytes), state(desk, one)]
}

fn state(desk: &Desk, one: Of<'_>) -> String {
    match one.text("state") {
        // What had come before stays, and is asked for again.
        "coming" | "waiting" if !one.text("trouble").is_empty() => desk.say("attachment-refused"),
        "coming" => {
            let (have, of) = (size(one.count("have")), size(one.count("size")));
            desk.say_with("attachment-coming", &[("have", &have), ("size", &of)])
        }
        "here" if one.flag("taken") => desk.say("attachment-taken"),
        state => desk.say(&format!("attachment-{state}")),
    }
}

/// Says every tenth of what takes a while.
pub fn progress(desk: &Desk) -> impl FnMut(u64, u64) {
    let (mut told, json) = (0, desk.json);
    move |done, all| {
        let tenth = (done * 10).checked_div(all).unwrap_or(10);
        if tenth > told && !json && all >= LONG {
            told = tenth;
            eprintln!("{} %", tenth * 10);
        }
    }
}

/// Seals what `--attach` names, for the argument of an act. What is refused takes away what was
/// sealed before it.
pub fn seal(desk: &Desk, given: &[String]) -> Result<Sealed> {
    let mut sealed = Sealed { blobs: attach::blobs(&desk.home), files: Vec::new() };
    let most = limits::ATTACHMENTS;
    if given.len() > most {
        return Err(Code::AttachmentUnfit.at(format!("{} files; at most {most}", given.len())));
    }
    for one in given {
        let (what, path) = parts(one)?;
        let made = attach::seal(&sealed.blobs, what, Path::new(path), &mut progress(desk))?;
        sealed.files.push(made);
    }
    Ok(sealed)
}

/// `KIND=PATH`.
fn parts(given: &str) -> Result<(&str, &str)> {
    let (what, path) = given.split_once('=').unwrap_or((given, ""));
    if !WHAT.contains(&what) || path.is_empty() {
        let place = format!("--attach {given:?}: not KIND=PATH ({})", WHAT.join(", "));
        return Err(Code::ArgumentWrong.at(place));
    }
    Ok((what, path))
}

/// What `--attach` names, for a check: nothing is opened and nothing is sealed.
pub fn measured(given: &[String]) -> Result<Value> {
    let each = given.iter().map(|one| {
        let (what, path) = parts(one)?;
        let row =
            Object::default().with("what", what).with("name", attach::name_of(Path::new(path)));
        let data = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file);
        Ok(Value::from(match data {
            Some(data) => row.with("bytes", data.len()),
            None => row,
        }))
    });
    each.collect::<Result<_>>().map(Value::Array)
}

/// Files that were sealed for an act that is not logged yet.
pub struct Sealed {
    blobs: counterpart_store::Blobs,
    files: Vec<(Attachment, Attached)>,
}

impl Sealed {
    /// As an argument of the act.
    pub fn told(&self) -> Value {
        Value::Array(self.files.iter().map(|one| attach::told(one).into()).collect())
    }

    /// The act is logged: they stay.
    pub fn keep(mut self) {
        self.files.clear();
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        for (named, _) in &self.files {
            // One that stays behind is named by no act, and swept up later.
            let _ = self.blobs.remove(&named.root);
        }
    }
}
