//! What a request rests on: instruments, what each side published that it needs, and what a request
//! still lacks.

use super::acts;
use super::desk::{Answer, Desk, quoted};
use super::page::{table, wrap};
use super::party::next;
use super::request_args::{Form, OfInstrument, OfRequest, RequirementsCommand};
use super::told;
use super::value::Of;
use crate::speak::{Exit, plain};
use counterpart_record::fault::Result;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use counterpart_rules::flow::publishing;
use counterpart_rules::instrument::instrument as known;
use counterpart_rules::say::{choice, deadline, labelled, list};

const WIDTH: usize = 78;

/// `instrument`.
pub fn instrument(desk: &Desk, asked: &OfInstrument) -> Result<Answer> {
    let mut args = Object::default();
    for (key, value) in [("name", &asked.name), ("peer", &asked.peer)] {
        if let Some(value) = value {
            args.set(key, value.as_str());
        }
    }
    if asked.drill {
        args.set("drill", true);
    }
    let value = desk.door()?.call("instruments", args)?;
    if desk.json {
        return Ok(Answer::json(&value));
    }
    let all: Vec<Of<'_>> = value.as_array().unwrap_or_default().iter().map(Of::value).collect();
    if let (Some(_), [one]) = (&asked.name, &all[..]) {
        return Ok(Answer::done(whole(desk, *one)));
    }
    let rows: Vec<_> = all.iter().map(|one| row(desk, *one)).collect();
    Ok(Answer::done(table(&rows) + "\n" + &next(desk, &["instrument hanoi"])))
}

fn row(desk: &Desk, one: Of<'_>) -> Vec<String> {
    let binds = if one.flag("binds") { "cli-basis-binds" } else { "cli-basis-binds-nobody" };
    let title = desk.say(&format!("choice-instrument-{}", one.text("name")));
    vec![one.text("name").to_owned(), title, desk.say(binds)]
}

/// An instrument, line by line; what nobody has read in the published text has a mark.
fn whole(desk: &Desk, one: Of<'_>) -> String {
    let name = one.text("name");
    let mut out = desk.say(&format!("choice-instrument-{name}")) + "\n\n";
    let mark = |sure: bool| if sure { "" } else { " (?)" };
    let mut line = |text: String| {
        for (at, line) in wrap(&text, WIDTH).iter().enumerate() {
            out.push_str(&format!("{}{line}\n", if at == 0 { "  " } else { "      " }));
        }
    };
    let binds = if one.flag("binds") { "cli-basis-binds" } else { "cli-basis-binds-nobody" };
    line(desk.say(binds));
    let since = one.of("since");
    if !since.text("day").is_empty() {
        let day = format!("{}{}", since.text("day"), mark(since.flag("sure")));
        line(desk.say_with("cli-basis-since", &[("day", &day)]));
    }
    line(desk.say(&format!("cli-basis-{}", one.text("formality"))));
    let each = |list: &str, what: &dyn Fn(Of<'_>) -> String| -> Vec<String> {
        one.list(list).iter().map(Of::value).map(what).collect()
    };
    let measures = each("measures", &|item| {
        let measure = desk.say(&format!("choice-measure-{}", item.text("measure")));
        format!("{measure} {}", article(item))
    });
    let wanted = each("wanted", &|item| {
        format!("{} {}", desk.say(&format!("field-{}", item.text("field"))), article(item))
    });
    let grounds = each("grounds", &|item| {
        let ground = desk.say(&format!("choice-ground-{}", item.text("ground")));
        format!("{ground} {}", article(item))
    });
    let lists = [("measures", measures), ("wanted", wanted), ("grounds", grounds)];
    for (key, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
        let list = list.join("; ");
        line(desk.say_with(&format!("cli-basis-{key}"), &[("list", &list)]));
    }
    let reasons = one.of("reasons");
    if !reasons.text("article").is_empty() {
        let at = format!("{}{}", reasons.text("article"), mark(reasons.flag("sure")));
        line(desk.say_with("cli-basis-reasons", &[("article", &at)]));
    }
    let profiles = one.texts("profiles").into_iter();
    let profiles = profiles.map(|id| format!("{} ({id})", desk.say(&format!("clock-{id}"))));
    let profiles = profiles.collect::<Vec<_>>().join("; ");
    if !profiles.is_empty() {
        line(desk.say_with("cli-basis-profiles", &[("list", &profiles)]));
    }
    for text in sides(desk, one) {
        line(text);
    }
    if one.flag("unsure") {
        out.push_str(&format!("\n{}\n", desk.say("cli-basis-unsure")));
    }
    out
}

/// The command that lists the choices of the form that an operation was given.
pub fn form_of(args: &Object) -> Option<String> {
    let text = |name| args.get(name).and_then(Value::as_str);
    let fields = args.get("fields").and_then(Value::as_object);
    let field = |name| fields.and_then(|fields| fields.get(name)).and_then(Value::as_str);
    let mut form = format!("counterpart form {}", text("kind")?);
    if let Some(matter) = text("matter") {
        form.push_str(&format!(" --matter {}", quoted(matter)));
    } else if let Some(basis) = field("instrument").filter(|basis| known(basis).is_some()) {
        form.push_str(&format!(" --instrument {basis}"));
    }
    Some(form)
}

/// Where the instrument wants a field, and of which formal request it is to tell, behind its label;
/// nothing if neither.
pub fn wanted(desk: &Desk, prompt: Of<'_>) -> String {
    let mut out = match article(prompt.of("wanted")).as_str() {
        "" => String::new(),
        article => format!(" {}", desk.say_with("cli-form-wanted", &[("article", article)])),
    };
    if !prompt.text("formality").is_empty() {
        let word = choice(desk.lang, "formality", prompt.text("formality"));
        out.push_str(&format!(" {}", desk.say_with("cli-form-formality", &[("word", &word)])));
    }
    out
}

/// The clocks that the instrument of a form sets, with the lengths in force; nothing for none.
pub fn clocks(desk: &Desk, clocks: &[Value]) -> Vec<String> {
    let each = clocks.iter().map(Of::value).map(|one| {
        let length = one.of("length");
        let length = length.object().map(|_| (length.text("unit"), length.count("count")));
        let mark = if one.flag("sure") { "" } else { " (?)" };
        format!("  {}{mark}", deadline(desk.lang, one.text("profile"), length, None))
    });
    let each: Vec<String> = each.collect();
    let head = (!each.is_empty()).then(|| desk.say("cli-form-clocks"));
    head.into_iter().chain(each).collect()
}

/// What a form rests on: its instrument, the clocks of it, and whether a refusal owes reasons.
pub fn of_form(desk: &Desk, form: Of<'_>) -> String {
    let mut out = String::new();
    if !form.text("instrument").is_empty() {
        let name = choice(desk.lang, "instrument", form.text("instrument"));
        out.push_str(&format!("\n{}\n", desk.say_with("cli-form-basis", &[("name", &name)])));
    }
    for line in clocks(desk, form.list("clocks")) {
        out.push_str(&format!("{line}\n"));
    }
    if !form.text("reasons_owed").is_empty() {
        let args = [("article", form.text("reasons_owed"))];
        out.push_str(&format!("{}\n", desk.say_with("cli-basis-reasons", &args)));
    }
    out
}

/// An article, with a mark where nobody has read it in the published text.
fn article(item: Of<'_>) -> String {
    let mark = if item.text("article").is_empty() || item.flag("sure") { "" } else { " (?)" };
    format!("{}{mark}", item.text("article"))
}

/// What holds of an instrument for each side of a channel, a line each; nothing where no peer was
/// meant.
pub fn sides(desk: &Desk, one: Of<'_>) -> Vec<String> {
    let name = desk.name(one.of("peer_names"));
    let each = one.list("sides").iter().map(Of::value).map(|side| {
        let mut said = Vec::new();
        let mut add = |key: &str, text: &str| {
            if !text.is_empty() {
                said.push(desk.say_with(key, &[("value", text)]));
            }
        };
        let published = side.of("published");
        add("cli-side-agreed", side.text("in_force_from"));
        add("cli-side-from", published.text("in_force_from"));
        add("cli-side-authority", published.text("authority"));
        add("cli-side-languages", &published.texts("languages").join(", "));
        add("cli-side-reservations", published.of("reservations").text("text"));
        if said.is_empty() {
            said.push(desk.say("cli-side-nothing"));
        }
        let who = if side.flag("mine") { desk.say("cli-side-you") } else { name.clone() };
        let said = list(desk.lang, &said);
        labelled(desk.lang, &who, &said)
    });
    each.collect()
}

/// `requirements`.
pub fn requirements(desk: &Desk, what: &RequirementsCommand) -> Result<Answer> {
    match what {
        RequirementsCommand::Publish { of, form } => {
            let opening = publishing().kinds().iter().find(|kind| kind.opens);
            acts::open(desk, opening.map_or("", |kind| kind.name), of, form)
        }
        RequirementsCommand::Show { of } => desk.tell("requirements", acts::whom(of), |shown| {
            let mut out = String::new();
            for (side, key) in [("theirs", "cli-needed-theirs"), ("ours", "cli-needed-ours")] {
                out.push_str(&format!("{}\n", desk.say(key)));
                out.push_str(&publication(desk, shown.of(side)));
                out.push('\n');
            }
            out
        }),
    }
}

fn publication(desk: &Desk, one: Of<'_>) -> String {
    if one.text("kind").is_empty() {
        return format!("  {}\n", desk.say("cli-needed-none"));
    }
    let at = clock::shown(one.count("published_at"));
    let mut out = format!("  {}\n", desk.say_with("cli-needed-at", &[("at", &at)]));
    for line in told::fields_of(desk, publishing().rules(), one.text("kind"), one.of("fields")) {
        for (at, line) in wrap(&line, WIDTH).iter().enumerate() {
            out.push_str(&format!("{}{line}\n", if at == 0 { "  " } else { "      " }));
        }
    }
    out
}

/// `request check`: nothing is signed or sent. What lacks ends the command as refused, so that a
/// script can ask.
pub fn check(desk: &Desk, kind: &str, of: &OfRequest, form: &Form) -> Result<Answer> {
    let args = acts::opening(desk, kind, of, form)?;
    let value = desk.door()?.call("request.check", args)?;
    let checked = Of::value(&value);
    let exit = if checked.flag("complete") { Exit::Done } else { Exit::Refused };
    if desk.json {
        return Ok(Answer { exit, ..Answer::json(&value) });
    }
    let mut out = String::new();
    for one in checked.list("lacking") {
        out.push_str(&format!("  {}\n", plain(Of::value(one).text(desk.lang.tag()))));
    }
    let verdict = match (checked.flag("complete"), checked.flag("signable")) {
        (true, _) => "cli-check-complete",
        (false, true) => "cli-check-signable",
        (false, false) => "cli-check-not-signable",
    };
    out.push_str(&format!("{}\n", desk.say(verdict)));
    let published = match checked.number("published_at") {
        Some(at) => desk.say_with("cli-check-published", &[("at", &clock::shown(at))]),
        None => desk.say("cli-check-not-published"),
    };
    out.push_str(&format!("{published}\n"));
    let basis = checked.of("instrument");
    for text in sides(desk, basis) {
        for (at, line) in wrap(&text, WIDTH).iter().enumerate() {
            out.push_str(&format!("{}{line}\n", if at == 0 { "  " } else { "      " }));
        }
    }
    if basis.flag("unsure") {
        let name = format!("instrument {}", basis.text("name"));
        out.push_str(&format!("{}\n{}", desk.say("cli-basis-unsure"), next(desk, &[&name])));
    }
    Ok(Answer { text: out, exit })
}
