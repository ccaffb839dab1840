//! Acts: a form from the command line, from a file, or asked for at the terminal, question by
//! question; then one act of ours.

use super::attachment;
use super::basis;
use super::desk::{Answer, Desk, Door};
use super::page::{table, wrap};
use super::party::next;
use super::request_args::{Form, OfRequest, RequestCommand};
use super::value::{Of, short};
use crate::durable;
use crate::speak;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::limits;
use counterpart_record::strict::json::{self, Object, Value};
use counterpart_rules::clock;
use counterpart_rules::say::{self, Lang, Say};
use std::io::{BufRead as _, IsTerminal as _, Write as _};

/// The kinds of act that open a matter: a request, and a draft of one.
const OPENING: &str = "request";
const DRAFT: &str = "show-draft";

/// `request`.
pub fn request(desk: &Desk, what: &RequestCommand) -> Result<Answer> {
    match what {
        RequestCommand::New { of, as_it_is, form } => {
            let args = whom(of).with("kind", OPENING).with("as_it_is", *as_it_is);
            make(desk, args, form)
        }
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

fn make(desk: &Desk, args: Object, form: &Form) -> Result<Answer> {
    let given = fields(form)?;
    let empty = form.field.is_empty() && form.text.is_none() && form.file.is_none();
    let empty = empty && form.attach.is_empty();
    let fresh = empty && args.get("from").is_none();
    let mut door = desk.door()?;
    let kind = args.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    // On the disk before the act that names them. ATT-9.
    let sealed = attachment::seal(desk, &form.attach)?;
    let args = if form.attach.is_empty() { args } else { args.with("attachments", sealed.told()) };
    let outcome = logged(desk, &mut door, args, (given, fresh));
    // Refused, it takes its files with it. A node that hung up may have logged it all the same.
    if !outcome.as_ref().is_err_and(|fault| fault.code != Code::NotRunning) {
        sealed.keep();
    }
    let logged = outcome?;
    if desk.json {
        return Ok(Answer::json(&logged));
    }
    let matter = Object::default().with("matter", Of::value(&logged).text("matter"));
    let matter = door.call("matter.show", matter)?;
    Ok(Answer::done(told(desk, &door, &kind, Of::value(&logged), Of::value(&matter))))
}

/// Makes an act. A person at a terminal who gave nothing is asked for each field; what is wrong or
/// lacking is asked for again, and nothing that was typed is lost. A pipe is never asked.
pub fn logged(desk: &Desk, door: &mut Door, args: Object, form: (Object, bool)) -> Result<Value> {
    written(desk, door, ("act", &[]), args, form)
}

/// The same by an operation that wants more beside the form: `beside` has the questions for it.
pub fn written(
    desk: &Desk,
    door: &mut Door,
    (op, beside): (&str, &[Value]),
    args: Object,
    (mut fields, empty): (Object, bool),
) -> Result<Value> {
    let mut args = args.with("lang", desk.lang.tag());
    let person = std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !desk.json;
    if person {
        let lacks =
            beside.iter().map(Of::value).filter(|one| args.get(one.text("field")).is_none());
        let lacks: Vec<String> = lacks.map(|one| one.text("field").to_owned()).collect();
        ask(desk, beside, Some(&lacks), &mut args)?;
    }
    let asking = empty && person && asks_for_something(door, &args)?;
    if asking {
        let prompts = prompts(door, &args)?;
        ask(desk, &prompts, None, &mut fields)?;
    }
    let (mut lacked, mut asked) = (false, false);
    loop {
        args.set("fields", fields.clone());
        match door.call(op, args.clone()) {
            Err(fault) if person && again(&fault, asking && !lacked) => {
                // What its receiver wants is asked for once; a form that cannot be signed, always.
                lacked |= fault.code == Code::RequirementsUnmet;
                let told = explained(desk, door, &args, fault.clone());
                // Who was asked for nothing yet has done nothing wrong: it is only asked now.
                if asking || asked || !lacks_only(&fault) {
                    speak::complain(desk.lang, false, &told);
                }
                asked = true;
                let wanted = named(&fault);
                let prompts = prompts(door, &args)?;
                let before = (fields.clone(), args.clone());
                ask(desk, beside, Some(&wanted), &mut args)?;
                ask(desk, &prompts, Some(&wanted), &mut fields)?;
                // What is wrong has no question of its own: asking again would bring nothing.
                if before == (fields.clone(), args.clone()) && !asking {
                    return Err(told);
                }
            }
            Err(fault) => return Err(explained(desk, door, &args, fault)),
            Ok(logged) => return Ok(logged),
        }
    }
}

/// Whether a form is right as far as it goes.
fn lacks_only(fault: &Fault) -> bool {
    fault.code == Code::FieldsWrong && fault.at.split(", ").all(|one| one.ends_with(" (missing)"))
}

fn again(fault: &Fault, requirements: bool) -> bool {
    fault.code == Code::FieldsWrong || fault.code == Code::RequirementsUnmet && requirements
}

fn told(desk: &Desk, door: &Door, kind: &str, logged: Of<'_>, shown: Of<'_>) -> String {
    let matter = short(logged.text("matter"));
    let at = clock::shown(logged.count("logged_at"));
    let kind = desk.say(&format!("kind-{kind}"));
    let said = desk.say_with("cli-logged", &[("kind", &kind), ("matter", matter), ("at", &at)]);
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
            let bytes = durable::read(file, limits::PARCEL_BYTES)?;
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
    if let Some(text) = &form.text {
        given.push(("text", vec![text]));
    }
    for (name, values) in given {
        // A field given twice is a list with two rows; where no list belongs, its form says so.
        match &values[..] {
            [one] => fields.set(name, *one),
            many => fields.set(name, many.to_vec()),
        }
    }
    Ok(fields)
}

/// Whether the form cannot be signed empty. Taking a request up at night should be one line.
fn asks_for_something(door: &mut Door, args: &Object) -> Result<bool> {
    Ok(prompts(door, args)?.iter().any(|prompt| Of::value(prompt).flag("required")))
}

/// The questions of the kind, in the matter, that `args` names.
fn prompts(door: &mut Door, args: &Object) -> Result<Vec<Value>> {
    let mut which = Object::default();
    for name in ["kind", "matter"] {
        if let Some(value) = args.get(name) {
            which.set(name, value.clone());
        }
    }
    let form = door.call("form", which)?;
    Ok(Of::value(&form).list("prompts").to_vec())
}

/// The fields that a fault names, groups and rows by their first word.
fn named(fault: &Fault) -> Vec<String> {
    let each = fault.at.split(", ").filter_map(|one| one.split_once(" ("));
    each.map(|(field, _)| field.to_owned()).collect()
}

/// One field of a form, asked for at the terminal; without one, [`Code::FieldsWrong`] names it.
pub fn one(desk: &Desk, door: &mut Door, args: &Object, name: &str) -> Result<String> {
    let mut given = Object::default();
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !desk.json {
        ask(desk, &prompts(door, args)?, Some(&[name.to_owned()]), &mut given)?;
    }
    let given = given.get(name).and_then(Value::as_str).map(str::to_owned);
    let missing = || Code::FieldsWrong.at(format!("{name} (missing)"));
    given.ok_or_else(missing).map_err(|fault| explained(desk, door, args, fault))
}

/// Asks for each field, or for those in `only`; a blank line leaves a field out.
fn ask(desk: &Desk, prompts: &[Value], only: Option<&[String]>, fields: &mut Object) -> Result<()> {
    if only.is_none() {
        eprintln!("{}\n", desk.say("cli-form-how"));
    }
    for prompt in prompts {
        let prompt = Of::value(prompt);
        let name = prompt.text("field");
        let first = name.split('.').next().unwrap_or(name);
        let wanted = |field: &String| {
            field == name || field == first || field.starts_with(&format!("{name}."))
        };
        if only.is_some_and(|only| !only.iter().any(wanted)) {
            continue;
        }
        if let Some(answer) = question(desk, prompt)? {
            fields.set(name, answer);
        } else if fields.get(name).is_some() && only.is_some() {
            fields.set(name, Value::Null);
        }
    }
    Ok(())
}

fn question(desk: &Desk, prompt: Of<'_>) -> Result<Option<Value>> {
    let words = prompt.of(desk.lang.tag());
    let mark = if prompt.flag("required") { " *" } else { "" };
    let mut page = format!("{}{mark}\n", words.text("label"));
    let choices = prompt.texts("choices");
    for (at, word) in choices.iter().enumerate() {
        page.push_str(&format!("  {:>2}  {}\n", at + 1, cited(desk, prompt, word)));
    }
    if choices.is_empty() {
        page.push_str(&format!("  {}\n", words.text("hint")));
    }
    let mut output = std::io::stderr();
    let shown = output.write_all(format!("{page}> ").as_bytes()).and_then(|()| output.flush());
    shown.map_err(|error| Code::Io.at(error.to_string()))?;
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if read.map_err(|error| Code::Io.at(error.to_string()))? == 0 {
        return Err(Code::ArgumentWrong.at("the input ended before the form"));
    }
    eprintln!();
    let line = line.trim();
    if line.is_empty() {
        return Ok(None);
    }
    // A number chooses from the list; anything else is taken as written.
    let number = line.parse::<usize>().ok().and_then(|number| choices.get(number.wrapping_sub(1)));
    Ok(Some(Value::from(*number.unwrap_or(&line))))
}

/// A choice, with the article under which the instrument of the matter knows it.
fn cited(desk: &Desk, prompt: Of<'_>, word: &str) -> String {
    let choice = choice(desk.lang, prompt, word);
    match prompt.of("articles").text(word) {
        "" => choice,
        article => format!("{choice} ({article})"),
    }
}

/// The phrase of a choice.
fn choice(lang: Lang, prompt: Of<'_>, word: &str) -> String {
    let field = prompt.text("field").rsplit('.').next().unwrap_or_default();
    say::render(lang, &Say::of(format!("choice-{field}-{word}")))
}

/// With the labels of the fields and the sentence of a rule, so that a person need not know their
/// names.
pub fn explained(desk: &Desk, door: &mut Door, args: &Object, fault: Fault) -> Fault {
    let rule = fault.at.rsplit(": ").next().unwrap_or_default();
    if fault.code == Code::NotPermitted && !desk.json && say::known(desk.lang, rule) {
        let sentence = desk.say(rule);
        let sentence = sentence.trim_end_matches(['.', '。']);
        return Fault { at: fault.at.replace(rule, sentence), ..fault };
    }
    let fields = named(&fault);
    let of_form = [Code::FieldsWrong, Code::RequirementsUnmet].contains(&fault.code);
    if !of_form || desk.json || fields.is_empty() {
        return fault;
    }
    let Ok(prompts) = prompts(door, args) else { return fault };
    let each = fault.at.split(", ").map(|one| {
        let Some((name, wrong)) = one.split_once(" (") else { return one.to_owned() };
        let word = wrong.trim_end_matches(')');
        let key = if word.starts_with("type-") { "wrong-type" } else { &format!("wrong-{word}") };
        let wrong = if say::known(desk.lang, key) { desk.say(key) } else { word.to_owned() };
        let prompt = prompts.iter().map(Of::value).find(|prompt| prompt.text("field") == name);
        let label = prompt.map(|prompt| prompt.of(desk.lang.tag()).text("label"));
        label.map_or(format!("{name} ({wrong})"), |label| format!("{name} = {label} ({wrong})"))
    });
    let at = each.collect::<Vec<_>>().join(", ");
    Fault { at, ..fault }
}

/// `form`.
pub fn form(desk: &Desk, kind: &str, matter: Option<&str>) -> Result<Answer> {
    let mut args = Object::default().with("kind", kind);
    if let Some(matter) = matter {
        args.set("matter", matter);
    }
    desk.tell("form", args, |form| {
        let mut out = format!("{}\n\n", desk.say(&format!("kind-{kind}")));
        let mut rows = Vec::new();
        for prompt in form.list("prompts") {
            let prompt = Of::value(prompt);
            let words = prompt.of(desk.lang.tag());
            let mark = if prompt.flag("required") { "*" } else { " " };
            rows.push(vec![
                format!("{mark} {}", prompt.text("field")),
                words.text("label").to_owned(),
                words.text("hint").to_owned(),
            ]);
        }
        out.push_str(&table(&rows));
        out.push_str(&format!("\n{}\n", desk.say("cli-form-required")));
        for prompt in form.list("prompts") {
            let prompt = Of::value(prompt);
            let choices = prompt.texts("choices");
            if choices.is_empty() {
                continue;
            }
            out.push_str(&format!("\n{}\n", prompt.text("field")));
            let words =
                choices.iter().map(|word| vec![format!("  {word}"), cited(desk, prompt, word)]);
            out.push_str(&table(&words.collect::<Vec<_>>()));
        }
        if !form.text("instrument").is_empty() {
            let name = desk.say(&format!("choice-instrument-{}", form.text("instrument")));
            out.push_str(&format!("\n{}\n", desk.say_with("cli-form-basis", &[("name", &name)])));
        }
        if !form.text("reasons_owed").is_empty() {
            let args = [("article", form.text("reasons_owed"))];
            out.push_str(&format!("{}\n", desk.say_with("cli-basis-reasons", &args)));
        }
        out
    })
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
    fn a_fault_names_its_fields() {
        let fault = Code::FieldsWrong.at("facts (missing), persons.victim (type-whole)");
        assert_eq!(named(&fault), ["facts", "persons.victim"]);
        assert!(!lacks_only(&fault) && lacks_only(&Code::FieldsWrong.at("desk (missing)")));
    }

    #[test]
    fn foreign_text_keeps_its_lines_and_nothing_else() {
        assert_eq!(indented("a\n\u{1b}[2Jb", 2, 80), ["  a", "  \u{fffd}[2Jb"]);
    }
}
