//! Acts: a form from the command line, from a file, or asked for at the terminal, question by
//! question; then one act of ours.

use super::ask::{
    Questions, ask, at_terminal, explained, in_members, in_turn, left, named, of_form,
};
use super::attachment;
use super::basis;
use super::desk::{Answer, Desk, Door};
use super::page::wrap;
use super::party::next;
use super::request_args::{AcknowledgeArgs, DeskName, Form, OfRequest, RequestCommand};
use super::value::{Of, short};
use crate::durable;
use crate::problem;
use crate::speak;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::limits;
use counterpart_record::strict::json::{self, Object, Value};
use counterpart_rules::clock;
use counterpart_rules::form::{self, Kind};
use counterpart_rules::say;

/// The kinds of act that open a matter: a request, and a draft of one.
const OPENING: &str = "request";
const DRAFT: &str = "show-draft";

/// `request`.
pub fn request(desk: &Desk, what: &RequestCommand) -> Result<Answer> {
    match what {
        RequestCommand::New { of, form } => open(desk, OPENING, of, form),
        RequestCommand::Check { of, form } => basis::check(desk, OPENING, of, form),
        RequestCommand::Consult { of, form } => open(desk, DRAFT, of, form),
    }
}

/// A new matter that an act of this kind opens.
pub fn open(desk: &Desk, kind: &str, of: &OfRequest, form: &Form) -> Result<Answer> {
    make(desk, whom(of).with("kind", kind), form)
}

/// The arguments of an opening act with its form.
pub fn opening(desk: &Desk, kind: &str, of: &OfRequest, form: &Form) -> Result<Object> {
    let args = whom(of).with("kind", kind).with("lang", desk.lang.tag());
    Ok(args.with("fields", fields(form)?).with("files", attachment::measured(&form.attach)?))
}

/// To whom a matter is opened, as arguments.
pub fn whom(of: &OfRequest) -> Object {
    let mut args = Object::default();
    for (name, value) in [("peer", &of.peer), ("stream", &of.stream), ("from", &of.from)] {
        if let Some(value) = value {
            args.set(name, value.as_str());
        }
    }
    if of.drill {
        args.set("drill", true);
    }
    args
}

/// `act`, and the commands that are named after a kind.
pub fn act(desk: &Desk, kind: &str, matter: &str, form: &Form) -> Result<Answer> {
    make(desk, Object::default().with("kind", kind).with("matter", matter), form)
}

/// `acknowledge`: in the name of a desk, as a call is taken.
pub fn acknowledge(desk: &Desk, args: &AcknowledgeArgs) -> Result<Answer> {
    let mut form = args.form.clone();
    let named = form.field.iter().any(|field| field.starts_with("desk="));
    let DeskName { name, typed } = &args.desk;
    // The name that is set for the whole shift stands behind what this form says.
    let named = named || !typed && fields(&form)?.get("desk").is_some();
    if let Some(name) = name.as_ref().filter(|_| !named) {
        form.field.push(format!("desk={name}"));
    }
    act(desk, "acknowledge", &args.matter, &form)
}

fn make(desk: &Desk, args: Object, form: &Form) -> Result<Answer> {
    // What is wrong with a file is said before anybody is asked for a passphrase.
    fields(form)?;
    made(desk, desk.door()?, args, form)
}

/// Makes an act of a form at this door, and says what comes next.
pub fn made(desk: &Desk, mut door: Door, args: Object, form: &Form) -> Result<Answer> {
    let given = fields(form)?;
    let named = in_language(&given);
    let fresh = is_empty(form) && args.get("from").is_none();
    let args = args.with("as_it_is", form.as_it_is);
    let kind = args.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    let logged = written(desk, &mut door, ("act", None), args, (given, fresh), &form.attach)?;
    if desk.json {
        return Ok(Answer::json(&logged));
    }
    let logged = Of::value(&logged);
    let then = followed(desk, logged.of("then"));
    // It is signed: what goes wrong from here on is no reason to hide that, or it is sent again.
    let asked = Object::default().with("matter", logged.text("matter"));
    let Ok(matter) = door.call("matter.show", asked) else {
        let show = format!("matter show {}", short(logged.text("matter")));
        let said = done(desk, &kind, logged);
        return Ok(Answer::done(format!("{then}{said}\n{}", next(desk, &[&show]))));
    };
    let mut out = then + &told(desk, &door, &kind, logged, Of::value(&matter));
    out.insert_str(0, &assumed(desk, logged, Of::value(&matter), named.as_deref()));
    Ok(Answer::done(out))
}

/// What became of the act that followed, if one did: a draft that was to end with the request. The
/// page of the draft offers it again. ASK-5
fn followed(desk: &Desk, then: Of<'_>) -> String {
    let matter = short(then.text("matter"));
    if matter.is_empty() {
        return String::new();
    }
    let Some(fault) = then.of("fault").object().and_then(problem::read) else {
        return desk.say_with("cli-draft-submitted", &[("matter", matter)]) + "\n";
    };
    let (why, _) = say::fault(desk.lang, &fault);
    desk.say_with("cli-draft-stays", &[("matter", matter), ("why", &why)]) + "\n"
}

/// That an act is on disk, in one line.
fn done(desk: &Desk, kind: &str, logged: Of<'_>) -> String {
    let at = clock::shown(logged.count("logged_at"));
    let kind = desk.say(&format!("kind-{kind}"));
    let args = [("kind", &*kind), ("matter", short(logged.text("matter"))), ("at", &*at)];
    desk.say_with("cli-logged", &args)
}

/// Whether a form says nothing yet.
pub fn is_empty(form: &Form) -> bool {
    let empty = form.field.is_empty() && form.text.is_none() && form.file.is_none();
    empty && form.attach.is_empty()
}

/// The fields whose language the author of a form named; none where it is that of all of them.
pub fn in_language(fields: &Object) -> Option<Vec<String>> {
    let named = |value: &Value| value.as_object().is_some_and(|text| text.get("lang").is_some());
    let each = fields.0.iter().filter(|(_, value)| named(value)).map(|(name, _)| name.clone());
    fields.get("lang").is_none().then(|| each.collect())
}

/// In which language the texts of an act were signed, where the author named none and it is not
/// that of the screen; `named` as [`in_language`] gives it.
pub fn assumed(desk: &Desk, logged: Of<'_>, matter: Of<'_>, named: Option<&[String]>) -> String {
    let Some(named) = named else { return String::new() };
    let acts = matter.list("acts").iter().map(Of::value);
    let mut act = acts.filter(|act| act.text("entry") == logged.text("entry"));
    let texts = act.next().map_or(&[][..], |act| act.of("disclosed").members());
    let mut tags: Vec<&str> = texts
        .iter()
        .filter(|(name, _)| !named.contains(name))
        .filter_map(|(_, text)| text.as_object()?.get("lang")?.as_str())
        .filter(|tag| !form::same_language(tag, desk.lang.tag()))
        .collect();
    tags.dedup();
    let say = |tag: &&str| desk.say_with("cli-lang-assumed", &[("tag", tag)]) + "\n";
    tags.iter().map(say).collect()
}

/// Makes an act. A person at a terminal who gave nothing is asked for each field; what is wrong or
/// lacking is asked for again, and nothing that was typed is lost. A pipe is never asked.
pub fn logged(desk: &Desk, door: &mut Door, args: Object, form: (Object, bool)) -> Result<Value> {
    written(desk, door, ("act", None), args, form, &[])
}

/// The same by an operation that wants more beside the form: `beside` is the form of that. Files
/// are sealed once the form is right, and not before. Whatever goes wrong, what a person typed is
/// not lost with it: it is shown as what goes on with it.
pub fn written(
    desk: &Desk,
    door: &mut Door,
    (op, beside): (&str, Option<&'static Kind>),
    args: Object,
    (mut fields, empty): (Object, bool),
    files: &[String],
) -> Result<Value> {
    let mut args = args.with("lang", desk.lang.tag());
    let (given, before) = (fields.clone(), args.clone());
    let beside = beside.map(Questions::beside);
    let questions = (op, beside.as_ref());
    let outcome = asked_for(desk, door, questions, (&mut args, &mut fields), (empty, files));
    if outcome.is_err() && at_terminal(desk) {
        let names = beside.iter().flat_map(Questions::names);
        let typed = names.filter(|name| args.get(name) != before.get(name));
        let typed: Vec<(&str, &Value)> =
            typed.filter_map(|name| Some((name, args.get(name)?))).collect();
        left(desk, if fields == given { None } else { Some(&fields) }, &typed);
    }
    outcome
}

/// Asks at a terminal for what is needed, tries, and asks again for what is wrong.
fn asked_for(
    desk: &Desk,
    door: &mut Door,
    (op, beside): (&str, Option<&Questions>),
    (args, fields): (&mut Object, &mut Object),
    (empty, files): (bool, &[String]),
) -> Result<Value> {
    let person = at_terminal(desk);
    let lacks = beside.into_iter().flat_map(Questions::names).filter(|_| person);
    let lacks: Vec<String> =
        lacks.filter(|name| args.get(name).is_none()).map(str::to_owned).collect();
    if person && (empty || !lacks.is_empty()) {
        possible(desk, door, op, args, fields)?;
    }
    if let Some(beside) = beside.filter(|_| !lacks.is_empty()) {
        ask(desk, beside, Some(&lacks), args)?;
    }
    let asking = empty && person && Questions::of(door, args)?.need_something();
    if asking {
        in_turn(desk, door, args, fields)?;
    }
    let (mut lacked, mut asked) = (false, false);
    loop {
        args.set("fields", fields.clone());
        match carried_out(desk, door, op, args, files) {
            Err(fault) if person && again(&fault, asking && !lacked) => {
                // What its receiver wants is asked for once; a form that cannot be signed, always.
                lacked |= fault.code == Code::RequirementsUnmet;
                let told = explained(desk, door, args, fault.clone());
                // Who was asked for nothing yet has done nothing wrong: it is only asked now.
                if asking || asked || !lacks_only(&fault) {
                    speak::complain(desk.lang, false, &told);
                }
                asked = true;
                let wanted = named(&fault);
                let before = (fields.clone(), args.clone());
                if let Some(beside) = beside {
                    ask(desk, beside, Some(&wanted), args)?;
                }
                ask(desk, &Questions::of(door, args)?, Some(&wanted), fields)?;
                // Whoever answers nothing has had enough.
                if before == (fields.clone(), args.clone()) {
                    return Err(told);
                }
            }
            Err(fault) => return Err(explained(desk, door, args, fault)),
            Ok(logged) => return Ok(logged),
        }
    }
}

/// ASK-23: whether there is somebody to say it to, and the rules would take it; nobody is asked for
/// a form that could not be signed whatever it says.
fn possible(desk: &Desk, door: &mut Door, op: &str, args: &Object, fields: &Object) -> Result<()> {
    let probe = args.clone().with("fields", fields.clone()).with("only_check", true);
    match door.call(op, probe) {
        Err(fault) if of_form(&fault) => Ok(()),
        // What the form says it is about can have a line of work.
        Err(fault) if fault.code == Code::StreamUnknown && args.get("stream").is_none() => Ok(()),
        Err(fault) => Err(explained(desk, door, args, fault)),
        Ok(_) => Ok(()),
    }
}

/// Whether a form is right as far as it goes.
fn lacks_only(fault: &Fault) -> bool {
    fault.code == Code::FieldsWrong && fault.at.split(", ").all(|one| one.ends_with(" (missing)"))
}

/// One try. With files, the form is checked before any of them is sealed: nobody waits for 50 MiB
/// to hear that a field is missing. They are on the disk before the act that names them. ATT-9.
fn carried_out(
    desk: &Desk,
    door: &mut Door,
    op: &str,
    args: &Object,
    files: &[String],
) -> Result<Value> {
    if files.is_empty() {
        return door.call(op, args.clone());
    }
    let measured = attachment::measured(files)?;
    door.call(op, args.clone().with("files", measured).with("only_check", true))?;
    let sealed = attachment::seal(desk, files)?;
    let outcome = door.call(op, args.clone().with("attachments", sealed.told()));
    // Refused, it takes its files with it. A node that hung up may have logged it all the same.
    if !outcome.as_ref().is_err_and(|fault| fault.code != Code::NotRunning) {
        sealed.keep();
    }
    outcome
}

fn again(fault: &Fault, requirements: bool) -> bool {
    of_form(fault) && (requirements || fault.code != Code::RequirementsUnmet)
}

fn told(desk: &Desk, door: &Door, kind: &str, logged: Of<'_>, shown: Of<'_>) -> String {
    let (matter, said) = (short(logged.text("matter")), done(desk, kind, logged));
    if shown.flag("one_sided") {
        let steps = [format!("page {matter} page-{matter}"), format!("matter show {matter}")];
        let steps = next(desk, &[&steps[0], &steps[1]]);
        return format!("{said}\n{}\n{steps}", desk.say("one-sided-logged"));
    }
    let on_its_way = if door.is_running() { "cli-logged-pushed" } else { "cli-logged-waits" };
    let show = format!("matter show {matter}");
    let drill = if shown.flag("drill") { " --drill" } else { "" };
    let peer = desk.handle(shown.of("peer_names"), shown.text("peer"));
    let pack = format!("pouch pack {peer} to-{peer}{drill}");
    let steps = match door {
        Door::Running(_) => vec![show.as_str()],
        Door::Alone(_) => vec![show.as_str(), "serve", &pack],
    };
    format!("{said}\n{}\n{}", desk.say(on_its_way), next(desk, &steps))
}

/// The form as it stands on the command line and in the file.
pub fn fields(form: &Form) -> Result<Object> {
    let mut fields = match &form.file {
        Some(file) => {
            let bytes = durable::read_named(file, limits::PARCEL_BYTES)?;
            json::parse_object(&bytes).map_err(|fault| fault.within(&file.display().to_string()))?
        }
        None => Object::default(),
    };
    let mut given: Vec<(&str, Vec<&str>)> = Vec::new();
    for field in &form.field {
        let (name, value) = field
            .split_once('=')
            .ok_or_else(|| Code::ArgumentWrong.at(format!("--field {field:?}: not NAME=VALUE")))?;
        match given.iter_mut().find(|(other, _)| *other == name) {
            Some((_, values)) => values.push(value),
            None => given.push((name, vec![value])),
        }
    }
    for (name, value) in [("text", &form.text), ("lang", &form.text_lang)] {
        given.extend(value.as_ref().map(|value| (name, vec![value.as_str()])));
    }
    for (name, values) in given {
        in_members(&mut fields, name);
        // A field given twice is a list with two rows; where no list belongs, its form says so.
        match &values[..] {
            [one] => fields.set(name, *one),
            many => fields.set(name, many.to_vec()),
        }
    }
    Ok(fields)
}

/// A text of a person, in lines that fit, each with the same indent.
pub fn indented(text: &str, indent: usize, width: usize) -> Vec<String> {
    let lines = wrap(&plain_lines(text), width.saturating_sub(indent).max(20));
    lines.iter().map(|line| format!("{}{line}", " ".repeat(indent))).collect()
}

/// Foreign text whose line breaks stay and whose other control characters do not.
fn plain_lines(text: &str) -> String {
    text.split('\n').map(speak::plain).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_from_the_line_and_repeat_as_rows() {
        let field = |text: &str| text.to_owned();
        let form = Form {
            field: vec![field("a=1=2"), field("rows=x:1"), field("rows=y:2")],
            text: Some("words".into()),
            ..Form::default()
        };
        let text = Value::from(fields(&form).unwrap()).to_text();
        assert_eq!(text, r#"{"a":"1=2","rows":["x:1","y:2"],"text":"words"}"#);
        let wrong = Form { field: vec![field("none")], ..Form::default() };
        assert_eq!(fields(&wrong).unwrap_err().code, Code::ArgumentWrong);
    }

    #[test]
    fn a_form_that_only_lacks_something_is_right_so_far() {
        let fault = Code::FieldsWrong.at("facts (missing), persons.victim (type-whole)");
        assert!(!lacks_only(&fault) && lacks_only(&Code::FieldsWrong.at("desk (missing)")));
    }

    #[test]
    fn foreign_text_keeps_its_lines_and_nothing_else() {
        assert_eq!(indented("a\n\u{1b}[2Jb", 2, 80), ["  a", "  \u{fffd}[2Jb"]);
    }
}
