//! `correspondent`, `enter`, `page`, `same`, and what a matter's page says of a one-sided matter.

use super::acts;
use super::apart_args::{CorrespondentCommand, Described, EnterArgs};
use super::desk::{Answer, Desk, absolute, path_argument};
use super::page::{table, wrap};
use super::party::{file_word, next};
use super::value::{Of, short};
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::apart::CAME_KIND;
use counterpart_rules::clock;
use counterpart_rules::say::duration;
use std::path::Path;

/// `correspondent`.
pub fn correspondent(desk: &Desk, what: &CorrespondentCommand) -> Result<Answer> {
    let told = |key: &'static str| {
        move |who: Of<'_>| {
            let (name, id) = (desk.name(who.of("names")), short(who.text("correspondent")));
            let steps = [format!("request new {id}"), format!("enter request --from {id}")];
            let steps = next(desk, &[&steps[0], &steps[1]]);
            format!("{}\n{steps}", desk.say_with(key, &[("name", &name), ("id", id)]))
        }
    };
    match what {
        CorrespondentCommand::Add(who) => {
            desk.tell("correspondent.describe", described(who)?, told("correspondent-added"))
        }
        CorrespondentCommand::Change { correspondent, described: who } => {
            let args = described(who)?.with("correspondent", correspondent.as_str());
            desk.tell("correspondent.describe", args, told("correspondent-changed"))
        }
        CorrespondentCommand::List => list(desk, Object::default()),
        CorrespondentCommand::Show { correspondent } => {
            list(desk, Object::default().with("correspondent", correspondent.as_str()))
        }
    }
}

fn described(who: &Described) -> Result<Object> {
    let mut names = Object::default().with("en", who.name.as_str());
    if let Some(name) = &who.name_zh {
        names.set("zh-CN", name.as_str());
    }
    let addresses = who.address.iter().map(|one| {
        let wrong = || Code::ArgumentWrong.at(format!("--address {one:?}: not KIND=ADDRESS"));
        let (kind, at) = one.split_once('=').ok_or_else(wrong)?;
        Ok(Object::default().with("kind", kind).with("at", at).into())
    });
    Ok(Object::default()
        .with("names", names)
        .with("languages", who.language.clone())
        .with("callback", who.callback.clone())
        .with("addresses", Value::Array(addresses.collect::<Result<_>>()?)))
}

fn list(desk: &Desk, args: Object) -> Result<Answer> {
    let value = desk.door()?.call("correspondent.list", args)?;
    if desk.json {
        return Ok(Answer::json(&value));
    }
    let mut out = String::new();
    for who in value.as_array().unwrap_or_default().iter().map(Of::value) {
        out += &format!("{}  {}\n", short(who.text("correspondent")), desk.name(who.of("names")));
        let mut rows = Vec::new();
        for (name, key) in
            [("languages", "correspondent-languages"), ("callback", "correspondent-callback")]
        {
            let list = who.texts(name).join(", ");
            rows.extend((!list.is_empty()).then(|| vec![format!("  {}", desk.say(key)), list]));
        }
        for address in who.list("addresses").iter().map(Of::value) {
            rows.push(vec![format!("  {}", address.text("kind")), address.text("at").to_owned()]);
        }
        out += &table(&rows);
    }
    Ok(Answer::done(if out.is_empty() { desk.say("correspondent-none") + "\n" } else { out }))
}

/// `enter`.
pub fn enter(desk: &Desk, asked: &EnterArgs) -> Result<Answer> {
    let mut args = Object::default().with("kind", asked.kind.as_str());
    if let Some(at) = &asked.at {
        let wrong = || Code::ArgumentWrong.at(format!("--at {at:?}"));
        args.set("received_at", clock::instant(at).ok_or_else(wrong)?);
    }
    if let Some(how) = asked.how {
        args.set("how", how.word());
    }
    let named = [
        ("matter", &asked.matter),
        ("peer", &asked.from),
        ("taken_by", &asked.by),
        ("stream", &asked.stream),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            args.set(name, value.as_str());
        }
    }
    if asked.drill {
        args.set("drill", true);
    }
    let mut door = desk.door()?;
    let args = args.with("as_it_is", asked.form.as_it_is);
    let (form, given) = (&asked.form, acts::fields(&asked.form)?);
    let given = (given, acts::is_empty(form));
    let how = ("enter", Some(&CAME_KIND));
    let logged = acts::written(desk, &mut door, how, args, given, &form.attach)?;
    if desk.json {
        return Ok(Answer::json(&logged));
    }
    let matter = short(Of::value(&logged).text("matter"));
    let kind = desk.say(&format!("kind-{}", asked.kind));
    let said = desk.say_with("one-sided-entered", &[("kind", &kind), ("matter", matter)]);
    Ok(Answer::done(format!("{said}\n{}", next(desk, &[&format!("matter show {matter}")]))))
}

/// `page`.
pub fn page(desk: &Desk, matter: &str, dir: &Path, entry: Option<&str>) -> Result<Answer> {
    let mut args = Object::default().with("matter", matter).with("dir", path_argument(dir)?);
    if let Some(entry) = entry {
        args.set("entry", entry);
    }
    let named = file_word(&absolute(dir)?)?;
    desk.tell("page", args, |made| {
        let said = desk.say_with("page-written", &[("dir", made.text("dir"))]);
        let print = made.text("fingerprint");
        let verify = format!("verify page {named} --fingerprint \"{print}\"");
        format!("{said}\n{}", next(desk, &[&verify]))
    })
}

/// `same`.
pub fn same(desk: &Desk, one: &str, other: &str) -> Result<Answer> {
    let args = Object::default().with("one", one).with("other", other);
    desk.tell("same", args, |same| {
        let args = [("one", short(same.text("one"))), ("other", short(same.text("other")))];
        desk.say_with("same-said", &args) + "\n"
    })
}

/// How an act came that was entered by hand; nothing for one that was signed by its author.
pub fn came(desk: &Desk, entered: Of<'_>) -> Vec<String> {
    if entered.text("how").is_empty() {
        return Vec::new();
    }
    let how = desk.say(&format!("choice-how-{}", entered.text("how")));
    let at = clock::shown(entered.count("received_at"));
    let mut lines = vec![desk.say_with("one-sided-came", &[("how", &how), ("at", &at)])];
    if !entered.text("taken_by").is_empty() {
        lines.push(desk.say_with("one-sided-taken", &[("name", entered.text("taken_by"))]));
    }
    if entered.count("late_by") > 0 {
        let by = duration(desk.lang, entered.count("late_by"));
        lines.push(desk.say_with("one-sided-late", &[("by", &by)]));
    }
    lines
}

/// What may come from the correspondent now.
pub fn may_come(desk: &Desk, matter: Of<'_>, width: usize) -> String {
    let id = short(matter.text("matter"));
    let rows = matter.texts("may_come").into_iter().map(|kind| {
        let label = desk.say(&format!("kind-{kind}"));
        vec![format!("  {} enter {kind} {id}", desk.me), format!("# {label}")]
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    let said = wrap(&desk.say("one-sided-may-come"), width).join("\n");
    format!("\n{said}\n{}", table(&rows))
}
