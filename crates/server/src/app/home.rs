//! What stays here: notes, an owner, tasks at home. Nothing of it is ever an act, and no other
//! operation but `due`, `calendar` (times and numbers), `status` and the views reads it. HOM-1.

use super::{Names, Step, number, optional, text};
use counterpart_engine::Node;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock::MARKS;
use counterpart_store::{Note, Task};
use std::collections::HashMap;

/// Longest note in bytes.
const NOTE_BYTES: usize = 16 * 1024;
/// Longest task in bytes.
const TASK_BYTES: usize = 1_000;
/// Longest name in bytes.
const NAME_BYTES: usize = 200;
/// Notes beside a matter; the rest is counted, and `note list` has them.
const NOTES_SHOWN: usize = 20;

/// Adds a note to a matter: `text`, and `by` whom if that is to be told.
pub fn add_note(node: &mut Node, args: &Object) -> Result<Step> {
    let (id, _, at) = place(node, args)?;
    let words = bounded(text(args, "text")?, "text", NOTE_BYTES)?;
    let by = bounded_or_none(args, "by")?.unwrap_or_default();
    let number = node.home_mut()?.add_note(&id, at, by, words)?;
    let out = Object::default().with("matter", id.to_string()).with("number", number);
    Ok(Step::Done(out.with("at", at).into()))
}

/// The newest notes of a matter, oldest first.
pub fn notes(node: &mut Node, args: &Object) -> Result<Step> {
    let (id, ..) = place(node, args)?;
    let limit = usize::try_from(number(args, "limit", 100)?).unwrap_or(usize::MAX);
    let home = node.home()?;
    let list = home.notes(&id, limit)?.iter().map(|note| shown_note(note).into()).collect();
    let out = Object::default().with("matter", id.to_string());
    let out = out.with("count", home.count_notes(&id)?).with("notes", Value::Array(list));
    Ok(Step::Done(out.into()))
}

/// Who looks after a matter: sets it to `name`, to nobody, or only tells.
pub fn owner(node: &mut Node, args: &Object) -> Result<Step> {
    let (id, ..) = place(node, args)?;
    let name = bounded_or_none(args, "name")?;
    let nobody = args.get("nobody").and_then(Value::as_bool).unwrap_or(false);
    match (name, nobody) {
        (Some(_), true) => return Err(Code::ArgumentWrong.at("name: and nobody")),
        (None, false) => {}
        (name, _) => node.home_mut()?.set_owner(&id, name)?,
    }
    let owner = node.home()?.owner(&id)?.map_or(Value::Null, Value::from);
    Ok(Step::Done(Object::default().with("matter", id.to_string()).with("owner", owner).into()))
}

/// Adds a task to a matter: `text`, and `due` at a time or after `within` seconds, or neither.
pub fn add_task(node: &mut Node, args: &Object) -> Result<Step> {
    let (matter, ring, made_at) = place(node, args)?;
    let words = bounded(text(args, "text")?, "text", TASK_BYTES)?.to_owned();
    let due = match (args.get("due"), args.get("within")) {
        (None, None) => None,
        (Some(_), None) => Some(number(args, "due", 0)?),
        (None, Some(_)) => Some(made_at.saturating_add(number(args, "within", 0)?)),
        _ => return Err(Code::ArgumentWrong.at("due: and within")),
    };
    // A reminder for a time that is over, or for another century, is a slip of the finger.
    if due.is_some_and(|due| due <= made_at || due > made_at + 100 * 366 * 86_400) {
        return Err(Code::ArgumentWrong.at("due: not ahead, or more than a century"));
    }
    let drill = ring.is_drill();
    let mut task = Task { number: 0, matter, drill, text: words, made_at, due, done_at: None };
    task.number = node.home_mut()?.add_task(&task)?;
    Ok(Step::Done(shown_task(&task, made_at).into()))
}

/// Notes that a task is done. Doing it twice changes nothing.
pub fn finish_task(node: &mut Node, args: &Object) -> Result<Step> {
    let wanted = number(args, "task", 0)?;
    let unknown = || Code::ArgumentWrong.at(format!("no task {wanted}"));
    let all = node.home()?.tasks(None, true)?;
    let task = all.iter().find(|task| task.number == wanted).ok_or_else(unknown)?;
    let at = node.now(Ring::from_drill(task.drill));
    let task = node.home_mut()?.finish_task(wanted, at)?.ok_or_else(unknown)?;
    Ok(Step::Done(shown_task(&task, at).into()))
}

/// Tasks of one matter or of all; with `all`, also those that are done.
pub fn tasks(node: &mut Node, args: &Object) -> Result<Step> {
    let matter = match optional(args, "matter") {
        Some(_) => Some(place(node, args)?.0),
        None => None,
    };
    let done = args.get("all").and_then(Value::as_bool).unwrap_or(false);
    let tasks = node.home()?.tasks(matter.as_ref(), done)?;
    let names = Names::of(node);
    let rows = tasks.iter().map(|task| row(node, &names, task).into());
    Ok(Step::Done(Value::Array(rows.collect())))
}

/// Open tasks that are due at some time, as rows of the queue of what is due, marked as ours at
/// home. None if it cannot be read: the clocks of the record are told all the same, and `status`
/// says what is wrong. HOM-5.
pub fn due(node: &Node, names: &Names<'_>) -> Vec<Object> {
    let tasks = open(node).into_iter().filter(|task| task.due.is_some());
    tasks.map(|task| row(node, names, &task)).collect()
}

/// A mark that a task at home has passed, as a clock does: without a word of what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskMark {
    /// The number of the task.
    pub task: u64,
    /// Its matter.
    pub matter: MatterId,
    /// With whom that is.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// 50, 80 or 95 hundredths used up; 100 for its end.
    pub mark: u8,
    /// When it is due, in seconds (UTC).
    pub due: u64,
}

/// The marks that open tasks passed after `since`, of each ring in the order of [`Ring::ALL`], and
/// up to now. HOM-3.
pub fn task_marks(node: &Node, since: [u64; 2]) -> Vec<TaskMark> {
    let mut all = Vec::new();
    for task in open(node) {
        let Some(due) = task.due else { continue };
        let Ok((peer, ring)) = node.place_of(&task.matter) else { continue };
        let (from, now) = (since[usize::from(ring == Ring::ALL[1])], node.now(ring));
        let ends = MARKS.map(|mark| (mark, mark_at(&task, due, mark)));
        for (mark, at) in ends.into_iter().chain([(100, due.saturating_add(1))]) {
            if from < at && at <= now {
                let (task, matter) = (task.number, task.matter);
                all.push(TaskMark { task, matter, peer, ring, mark, due });
            }
        }
    }
    all
}

/// When so many hundredths of the time for a task are used up.
fn mark_at(task: &Task, due: u64, mark: u8) -> u64 {
    let whole = due.saturating_sub(task.made_at);
    task.made_at.saturating_add(whole.saturating_mul(u64::from(mark)) / 100)
}

/// Open tasks.
pub fn open(node: &Node) -> Vec<Task> {
    node.home().and_then(|home| home.tasks(None, false)).unwrap_or_default()
}

/// Who looks after which matter, as far as it can be read.
pub fn owners(node: &Node) -> HashMap<MatterId, String> {
    let owners = node.home().and_then(|home| home.owners()).unwrap_or_default();
    owners.into_iter().collect()
}

/// What stays here of a matter, beside the matter itself: or why it cannot be read.
pub fn shown(node: &Node, id: &MatterId) -> Object {
    let read = || -> Result<Object> {
        let home = node.home()?;
        let notes = home.notes(id, NOTES_SHOWN)?;
        let notes = Value::Array(notes.iter().map(|note| shown_note(note).into()).collect());
        let tasks = home.tasks(Some(id), true)?;
        let names = Names::of(node);
        let tasks = tasks.iter().map(|task| row(node, &names, task).into()).collect();
        let tasks = Value::Array(tasks);
        Ok(Object::default()
            .with("owner", home.owner(id)?.map_or(Value::Null, Value::from))
            .with("same_as", home.same(id)?.iter().map(ToString::to_string).collect::<Vec<_>>())
            .with("count", home.count_notes(id)?)
            .with("notes", notes)
            .with("tasks", tasks))
    };
    read().unwrap_or_else(|fault| Object::default().with("fault", fault.to_string()))
}

/// How what stays here stands, for `status`.
pub fn standing(node: &Node) -> Object {
    let read = || -> Result<Object> {
        let home = node.home()?;
        let anew = home.begun_anew()?.map_or(Value::Null, Value::from);
        let tasks = home.tasks(None, false)?.len() as u64;
        Ok(Object::default().with("begun_anew_at", anew).with("tasks", tasks))
    };
    read().unwrap_or_else(|fault| Object::default().with("fault", fault.to_string()))
}

/// The matter that `args` names, its ring, and what the clock of that ring shows.
fn place(node: &Node, args: &Object) -> Result<(MatterId, Ring, u64)> {
    let id = node.matter_id(text(args, "matter")?)?;
    let (_, ring) = node.place_of(&id)?;
    Ok((id, ring, node.now(ring)))
}

fn bounded<'a>(words: &'a str, name: &str, most: usize) -> Result<&'a str> {
    let words = words.trim();
    if words.len() > most {
        return Err(Code::TooLarge.at(format!("{name}: {} bytes, limit {most}", words.len())));
    }
    let moves = |c: char| c.is_control() && c != '\n' && c != '\t';
    if words.is_empty() || words.chars().any(moves) {
        return Err(Code::ArgumentWrong.at(format!("{name}: empty, or not plain text")));
    }
    Ok(words)
}

fn bounded_or_none<'a>(args: &'a Object, name: &str) -> Result<Option<&'a str>> {
    optional(args, name).map(|words| bounded(words, name, NAME_BYTES)).transpose()
}

fn shown_note(note: &Note) -> Object {
    Object::default()
        .with("number", note.number)
        .with("at", note.at)
        .with("by", note.by.as_str())
        .with("text", note.text.as_str())
}

fn shown_task(task: &Task, as_of: u64) -> Object {
    let time = |time: Option<u64>| time.map_or(Value::Null, Value::from);
    let used = |due: u64| {
        let marks = MARKS.iter().rev();
        let passed = marks.copied().find(|mark| mark_at(task, due, *mark) <= as_of);
        if as_of > due { 100 } else { u64::from(passed.unwrap_or(0)) }
    };
    let open = task.due.filter(|_| task.done_at.is_none());
    Object::default()
        .with("task", task.number)
        .with("matter", task.matter.to_string())
        .with("drill", task.drill)
        .with("text", task.text.as_str())
        .with("made_at", task.made_at)
        .with("due", time(task.due))
        .with("done_at", time(task.done_at))
        .with("overdue", open.is_some_and(|due| as_of > due))
        .with("level", open.map_or(0, used))
}

/// A task as a row of a queue: with whom the matter is, and how much time is left.
fn row(node: &Node, names: &Names<'_>, task: &Task) -> Object {
    let as_of = node.now(Ring::from_drill(task.drill));
    let seconds = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
    let left = task.due.map_or(Value::Null, |due| (seconds(due) - seconds(as_of)).into());
    let mut out = shown_task(task, as_of).with("as_of", as_of).with("left", left);
    out.set("ours", true);
    // A matter that a restored backup lost, and that nobody gave back, still has its tasks.
    if let Ok((peer, _)) = node.place_of(&task.matter) {
        out.set("peer", peer.to_string());
        out.set("peer_names", names.peer(&peer));
    }
    out
}
