//! The questions of a form at a terminal: each field in turn, its answer checked at once, and what
//! is wrong with it said before it is asked for again. An empty answer leaves every question.

use super::basis;
use super::desk::{Answer, Desk, Door, quoted};
use super::page::table;
use super::request_args::FormArgs;
use super::value::Of;
use crate::app;
use crate::speak::plain;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::flow::flow;
use counterpart_rules::form::{self, FieldFault, Kind, Sort};
use counterpart_rules::instrument::instrument;
use counterpart_rules::say::{self, Lang, Say};
use std::io::{BufRead as _, IsTerminal as _, Write as _};

/// Whether a person can be asked.
pub fn at_terminal(desk: &Desk) -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !desk.json
}

/// What a kind of act asks for.
pub struct Questions {
    list: Vec<Value>,
    /// The table behind the questions, by which an answer is checked.
    kind: Option<&'static Kind>,
    /// The clocks of the instrument that was picked.
    clocks: Vec<Value>,
}

impl Questions {
    /// Of the kind, in the matter or on the instrument, that `args` names; of a form that is partly
    /// filled, on the instrument and with the measure that it says. ASK-10
    pub fn of(door: &mut Door, args: &Object) -> Result<Questions> {
        let mut which = Object::default();
        for name in ["kind", "matter", "instrument", "measure", "peer", "drill"] {
            if let Some(value) = args.get(name) {
                which.set(name, value.clone());
            }
        }
        let fields = args.get("fields").and_then(Value::as_object);
        let said = |name: &str| fields.and_then(|fields| fields.get(name)?.as_str());
        if args.get("matter").is_none()
            && let Some(basis) = said("instrument").map(str::trim)
            && instrument(basis).is_some()
        {
            which.set("instrument", basis);
            said("measure").into_iter().for_each(|measure| which.set("measure", measure.trim()));
        }
        let form = door.call("form", which)?;
        let name = args.get("kind").and_then(Value::as_str).unwrap_or_default();
        let kind = flow(Of::value(&form).text("rules")).and_then(|flow| flow.kind(name));
        let form = Of::value(&form);
        let clocks = form.list("clocks").to_vec();
        Ok(Questions { list: form.list("prompts").to_vec(), kind, clocks })
    }

    /// Of a form beside an act.
    pub fn beside(kind: &'static Kind) -> Questions {
        Questions {
            list: app::questions(kind, &app::Picked::default()),
            kind: Some(kind),
            clocks: Vec::new(),
        }
    }

    /// The fields, in the order in which they are asked for.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|one| Of::value(one).text("field"))
    }

    /// Whether the form cannot be signed empty.
    pub fn need_something(&self) -> bool {
        self.list.iter().any(|prompt| Of::value(prompt).flag("required"))
    }

    /// What is wrong with an answer, in sentences. Matters are named by their first digits here,
    /// and whole only in the act.
    fn doubts(&self, desk: &Desk, prompt: Of<'_>, answer: &Value) -> Vec<String> {
        let name = prompt.text("field");
        let first = name.split('.').next().unwrap_or(name);
        let Some(kind) = self.kind else { return Vec::new() };
        if kind.field(first).is_none_or(|field| matches!(field.sort, Sort::Matters(_))) {
            return Vec::new();
        }
        let checked = form::check_field(kind, name, answer, Some(desk.lang.tag()));
        let each = checked.err().unwrap_or_default();
        each.iter().map(|fault| sentence(desk, prompt, fault)).collect()
    }
}

/// A fault with the label of its question.
fn sentence(desk: &Desk, prompt: Of<'_>, fault: &FieldFault) -> String {
    let label = prompt.of(desk.lang.tag()).text("label");
    let mut say = fault.say();
    for (name, value) in &mut say.args {
        if name == "field" {
            *value = label.to_owned();
        }
    }
    plain(&say::render(desk.lang, &say))
}

/// One field of a form, asked for at the terminal; without one, [`Code::FieldsWrong`] names it.
pub fn one(desk: &Desk, door: &mut Door, args: &Object, name: &str) -> Result<String> {
    let mut given = Object::default();
    if at_terminal(desk) {
        ask(desk, &Questions::of(door, args)?, Some(&[name.to_owned()]), &mut given)?;
    }
    let given = given.get(name).and_then(Value::as_str).map(str::to_owned);
    let missing = || Code::FieldsWrong.at(format!("{name} (missing)"));
    given.ok_or_else(missing).map_err(|fault| explained(desk, door, args, fault))
}

/// The fields that a fault names, groups and rows by their first word.
pub fn named(fault: &Fault) -> Vec<String> {
    let each = fault.at.split(", ").filter_map(|one| one.split_once(" ("));
    each.map(|(field, _)| field.to_owned()).collect()
}

/// Asks for each field of a new form: the instrument first and the measure after it, and the rest
/// with what these two decide of it. ASK-10.
pub fn in_turn(desk: &Desk, door: &mut Door, args: &Object, fields: &mut Object) -> Result<()> {
    const FIRST: [&str; 2] = ["instrument", "measure"];
    let mut args = args.clone();
    let mut questions = Questions::of(door, &args)?;
    if args.get("matter").is_some()
        || !FIRST.iter().all(|name| questions.names().any(|n| n == *name))
    {
        eprintln!("{}\n", desk.say("cli-form-how"));
        return each(desk, &questions, &|_| true, fields);
    }
    eprintln!("{}\n", desk.say("cli-form-how"));
    for name in FIRST {
        each(desk, &questions, &|field| field == name, fields)?;
        if let Some(picked) = fields.get(name) {
            args.set(name, picked.clone());
            questions = Questions::of(door, &args)?;
        }
    }
    basis::clocks(desk, &questions.clocks).iter().for_each(|line| eprintln!("{line}"));
    each(desk, &questions, &|field| !FIRST.contains(&field), fields)
}

/// Asks for the fields that are meant, one after the other, without those that an answer before
/// has made needless: nobody who asks for something new is asked what it extends.
fn each(
    desk: &Desk,
    questions: &Questions,
    meant: &dyn Fn(&str) -> bool,
    fields: &mut Object,
) -> Result<()> {
    for prompt in questions.list.iter().map(Of::value) {
        let needless = is_needless(prompt, fields) || says_nothing(prompt, fields);
        if meant(prompt.text("field")) && !needless {
            answered(desk, questions, prompt, fields)?;
        }
    }
    Ok(())
}

/// A group that a file has as an object, as its members one by one, which is how they are typed and
/// asked for: so one of them can come on top.
pub fn in_members(fields: &mut Object, name: &str) {
    let Some((group, _)) = name.split_once('.') else { return };
    let Some(Value::Object(members)) = fields.get(group).cloned() else { return };
    fields.0.retain(|(name, _)| name != group);
    for (member, value) in members.0 {
        let name = format!("{group}.{member}");
        if fields.get(&name).is_none() {
            fields.set(&name, value);
        }
    }
}

fn is_needless(prompt: Of<'_>, fields: &Object) -> bool {
    let when = prompt.of("needed_when");
    let other = fields.get(when.text("field")).and_then(Value::as_str);
    other.is_some_and(|word| !when.texts("words").contains(&word))
}

/// Asks for the fields in `only`, or for each; a blank line leaves a field as it is: out of a new
/// form, or with what was written before.
pub fn ask(
    desk: &Desk,
    questions: &Questions,
    only: Option<&[String]>,
    fields: &mut Object,
) -> Result<()> {
    for prompt in questions.list.iter().map(Of::value) {
        let name = prompt.text("field");
        let first = name.split('.').next().unwrap_or(name);
        let wanted = |field: &String| {
            let within = field.split('.').next().unwrap_or(field);
            field == name || field == first || within == name
        };
        let wanted = only.is_none_or(|only| only.iter().any(wanted));
        if wanted && !says_nothing(prompt, fields) {
            answered(desk, questions, prompt, fields)?;
        }
    }
    Ok(())
}

/// Whether a question is about a number that is not there, or is zero.
fn says_nothing(prompt: Of<'_>, fields: &Object) -> bool {
    let Some((group, member)) = prompt.text("beside").split_once('.') else { return false };
    let typed = fields.get(prompt.text("beside"));
    let within = || fields.get(group)?.as_object()?.get(member);
    match typed.or_else(within) {
        Some(Value::Str(text)) => ["", "0"].contains(&text.trim()),
        Some(other) => *other == Value::Null || other.as_int() == Some(0),
        None => true,
    }
}

/// What takes an answer away that was given before.
const AWAY: &str = "-";

/// The answer to a question, right by its own table, into the form. An empty line changes nothing:
/// what was held up is never taken away by it and signed without.
fn answered(desk: &Desk, questions: &Questions, prompt: Of<'_>, fields: &mut Object) -> Result<()> {
    let name = prompt.text("field");
    in_members(fields, name);
    let before = fields.get(name).filter(|value| **value != Value::Null).cloned();
    eprint!("{}", page(desk, prompt, fields));
    if let Some(before) = &before {
        let value = written(before);
        eprintln!("  {}", desk.say_with("cli-form-kept", &[("value", &value), ("away", AWAY)]));
    }
    let mut rows: Vec<Value> = Vec::new();
    while let Some(answer) = line(prompt)? {
        if before.is_some() && rows.is_empty() && answer.as_str() == Some(AWAY) {
            fields.set(name, Value::Null);
            return Ok(());
        }
        let doubts = questions.doubts(desk, prompt, &answer);
        if !doubts.is_empty() {
            eprintln!("{}\n{}", doubts.join("\n"), desk.say("cli-form-again"));
        } else if prompt.flag("rows") {
            rows.push(answer);
            // In the form at once: whoever is cut off here has lost no row.
            fields.set(name, Value::Array(rows.clone()));
            eprintln!("{}", desk.say("cli-form-more"));
        } else {
            fields.set(name, answer);
            return Ok(());
        }
    }
    Ok(())
}

/// An answer as it was typed, or as a file had it.
fn written(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        Value::Array(rows) => rows.iter().map(written).collect::<Vec<_>>().join(" | "),
        other => other.to_text(),
    }
}

/// A question with its choices, or with how its answer is written.
fn page(desk: &Desk, prompt: Of<'_>, fields: &Object) -> String {
    let words = prompt.of(desk.lang.tag());
    let wanted = basis::wanted(desk, prompt);
    let mut page = format!("{}{}{wanted}\n", words.text("label"), mark(prompt, fields));
    let choices = prompt.texts("choices");
    for (at, word) in choices.iter().enumerate() {
        page.push_str(&format!("  {:>2}  {}\n", at + 1, cited(desk, prompt, word)));
    }
    if choices.is_empty() {
        page.push_str(&format!("  {}\n", words.text("hint")));
    }
    if !prompt.text("one_of").is_empty() {
        page.push_str(&format!("  {}\n", desk.say("cli-form-one-of")));
    }
    page
}

/// Whether an answer is needed, by what was answered so far.
fn mark(prompt: Of<'_>, fields: &Object) -> &'static str {
    let when = prompt.of("needed_when");
    let other = fields.get(when.text("field")).and_then(Value::as_str);
    let needed = other.is_some_and(|word| when.texts("words").contains(&word));
    match (prompt.flag("required") || needed, prompt.text("one_of")) {
        (true, _) => " *",
        (false, "") => "",
        (false, _) => " +",
    }
}

fn line(prompt: Of<'_>) -> Result<Option<Value>> {
    let mut output = std::io::stderr();
    let shown = output.write_all(b"> ").and_then(|()| output.flush());
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
    let choices = prompt.texts("choices");
    let number = line.parse::<usize>().ok().and_then(|number| choices.get(number.wrapping_sub(1)));
    Ok(Some(Value::from(*number.unwrap_or(&line))))
}

/// What was typed when a form was left, or when it could not be signed: as the file that goes on
/// with it, and as the options for what stands `beside` it.
pub fn left(desk: &Desk, fields: Option<&Object>, beside: &[(&str, &Value)]) {
    let typed = fields.into_iter().flat_map(|fields| &fields.0);
    let typed = Object(typed.filter(|(_, value)| *value != Value::Null).cloned().collect());
    if !typed.0.is_empty() {
        eprintln!("{}\n{}", desk.say("cli-form-left"), Value::Object(typed).to_text());
    }
    let options = beside.iter().filter_map(|(name, value)| {
        let text = value.as_str().map(str::to_owned).unwrap_or_else(|| value.to_text());
        Some(format!("{} {}", option_of(name)?, quoted(&text)))
    });
    let options: Vec<String> = options.collect();
    if !options.is_empty() {
        let options = options.join(" ");
        eprintln!("{}", desk.say_with("cli-form-left-beside", &[("options", &options)]));
    }
}

/// The option by which the command line says what stands beside a form.
fn option_of(name: &str) -> Option<&'static str> {
    let options = [("how", "--how"), ("received_at", "--at"), ("taken_by", "--by")];
    options.into_iter().find(|(known, _)| *known == name).map(|(_, option)| option)
}

/// Whether a fault is one of a form, and not of what the form is for.
pub fn of_form(fault: &Fault) -> bool {
    [Code::FieldsWrong, Code::Doubtful, Code::RequirementsUnmet].contains(&fault.code)
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
    if fault.code == Code::KindElsewhere && !desk.json {
        let kind = desk.say(&format!("kind-{}", fault.at));
        return Fault { at: kind, ..fault };
    }
    let fields = named(&fault);
    if !of_form(&fault) || desk.json || fields.is_empty() {
        return fault;
    }
    let Ok(questions) = Questions::of(door, args) else { return fault };
    let each = fault.at.split(", ").map(|one| {
        let Some((name, wrong)) = one.split_once(" (") else { return one.to_owned() };
        let word = wrong.trim_end_matches(')');
        let key = if word.starts_with("type-") { "wrong-type" } else { &format!("wrong-{word}") };
        let wrong = if say::known(desk.lang, key) { desk.say(key) } else { word.to_owned() };
        let prompt = questions.list.iter().map(Of::value).find(|one| one.text("field") == name);
        let wrong = match prompt.map_or(Vec::new(), |prompt| prompt.texts("choices")) {
            all if !all.is_empty() && ["choice", "not-offered"].contains(&word) => {
                let args = [("wrong", &*wrong), ("words", &say::list(desk.lang, &all))];
                desk.say_with("wrong-choices", &args)
            }
            _ => wrong,
        };
        let label = prompt.map(|prompt| prompt.of(desk.lang.tag()).text("label").to_owned());
        // What stands beside a form is no field of it: the command line has an option for it.
        let option = option_of(name).filter(|_| label.is_none());
        let label = label.or(option.map(|_| desk.say(&format!("field-{name}"))));
        let name = option.unwrap_or(name);
        let field = label.map_or(name.to_owned(), |label| format!("{name} = {label}"));
        desk.say_with("wrong-of", &[("field", &field), ("wrong", &wrong)])
    });
    let at = say::list(desk.lang, &each.collect::<Vec<_>>());
    // Which command tells what the words mean.
    let unknown = ["(choice)", "(not-offered)"].iter().any(|wrong| fault.at.contains(wrong));
    let at = match basis::form_of(args).filter(|_| unknown) {
        Some(form) => desk.say_with("wrong-see-form", &[("at", &at), ("form", &form)]),
        None => at,
    };
    Fault { at, ..fault }
}

/// `form`.
pub fn form(desk: &Desk, asked: &FormArgs) -> Result<Answer> {
    let kind = &asked.kind;
    let mut args = Object::default().with("kind", kind.as_str());
    let picked = [("matter", &asked.matter), ("instrument", &asked.instrument)];
    for (name, value) in picked.into_iter().chain([("measure", &asked.measure)]) {
        if let Some(value) = value {
            args.set(name, value.as_str());
        }
    }
    desk.tell("form", args, |form| {
        let mut out = format!("{}\n\n", desk.say(&format!("kind-{kind}")));
        let mut rows = Vec::new();
        for prompt in form.list("prompts") {
            let prompt = Of::value(prompt);
            let words = prompt.of(desk.lang.tag());
            let when = !prompt.of("needed_when").text("field").is_empty();
            let one_of = !prompt.text("one_of").is_empty();
            let mark = match (prompt.flag("required"), one_of, when) {
                (true, ..) => "*",
                (_, true, _) => "+",
                (.., true) => "?",
                _ => " ",
            };
            rows.push(vec![
                format!("{mark} {}", prompt.text("field")),
                words.text("label").to_owned() + &basis::wanted(desk, prompt),
                words.text("hint").to_owned(),
            ]);
        }
        out.push_str(&table(&rows));
        out.push_str(&format!("\n{}\n", desk.say("cli-form-required")));
        let prompts = || form.list("prompts").iter().map(Of::value);
        if prompts().any(|prompt| !prompt.text("one_of").is_empty()) {
            out.push_str(&format!("+ {}\n", desk.say("cli-form-one-of")));
        }
        for prompt in prompts() {
            let when = prompt.of("needed_when");
            if when.text("field").is_empty() {
                continue;
            }
            let words = when.texts("words").join(", ");
            let args =
                [("field", prompt.text("field")), ("other", when.text("field")), ("words", &words)];
            out.push_str(&format!("? {}\n", desk.say_with("cli-form-when", &args)));
        }
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
        out.push_str(&basis::of_form(desk, form));
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_its_fields() {
        let fault = Code::FieldsWrong.at("facts (missing), persons.victim (type-whole)");
        assert_eq!(named(&fault), ["facts", "persons.victim"]);
    }
}
