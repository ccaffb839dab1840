//! `act`: every act of every flow, checked against its form before it is a draft; and `form`, which
//! tells what an act of a kind asks for.

use super::{Step, optional, peer, ring, text};
use counterpart_engine::{Draft, Node, Target};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::Entry;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::flow::{Flow, flow, flows, opened_by, usual};
use counterpart_rules::form::{self, Kind, Sort, as_fault, prompts};
use counterpart_rules::say::{Lang, render};
use std::borrow::Cow;

/// An act in a matter, or one that opens a matter. `fields` is the form; all faults in it are
/// reported at once.
pub fn act(node: &mut Node, args: &Object) -> Result<Step> {
    let kind_name = text(args, "kind")?;
    let (flow, target, peer, ring) = match optional(args, "matter") {
        Some(digits) => {
            let id = node.matter_id(digits)?;
            let view = node.matter(&id)?;
            let flow = view.flow.ok_or_else(|| Code::NotPermitted.at("unknown flow"))?;
            (flow, Target::Matter(id), view.peer, view.ring)
        }
        None => {
            let stream = optional(args, "stream").unwrap_or("cybercrime").to_owned();
            (named(args, kind_name)?, Target::New { stream }, peer(node, args)?, ring(args))
        }
    };
    let kind = kind(flow, kind_name)?;
    let empty = Object::default();
    let fields = args.get("fields").and_then(Value::as_object).unwrap_or(&empty);
    let fields = expand(node, kind, fields);
    let lang = optional(args, "lang").unwrap_or("en");
    let checked = form::check_in(kind, &fields, Some(lang)).map_err(|faults| as_fault(&faults))?;
    let re = answered(node, &target, kind, args)?;
    Ok(Step::Draft(Box::new(Draft {
        peer,
        ring,
        target,
        rules: flow.rules().to_owned(),
        kind: kind.name.to_owned(),
        body: checked.body,
        disclosed: checked.disclosed,
        re,
    })))
}

/// The acts named in `re`; a supplement without any answers the questions that are open.
fn answered(node: &Node, target: &Target, kind: &Kind, args: &Object) -> Result<Vec<Entry>> {
    if let Some(list) = args.get("re").and_then(Value::as_array) {
        let read = |item: &Value| Entry::parse(item.as_str().unwrap_or_default());
        return list.iter().map(read).collect();
    }
    match target {
        Target::Matter(matter) if kind.name == "supplement" => node.unanswered(matter),
        Target::Matter(matter) => node.answers(matter, kind.name),
        Target::New { .. } => Ok(Vec::new()),
    }
}

/// Other matters are named by their first digits, as everywhere; an act carries them whole. What
/// cannot be found is left as it is, and the check of the form names it.
fn expand<'a>(node: &Node, kind: &Kind, fields: &'a Object) -> Cow<'a, Object> {
    let mut fields = Cow::Borrowed(fields);
    for field in kind.fields.iter().filter(|field| matches!(field.sort, Sort::Matters(_))) {
        let whole = |digits: &str| {
            node.matter_id(digits).map_or_else(|_| digits.to_owned(), |id| id.to_string())
        };
        let given = match fields.get(field.name) {
            Some(Value::Str(text)) => text.split([',', ' ']).filter(|id| !id.is_empty()).collect(),
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !given.is_empty() {
            let whole = given.into_iter().map(whole).collect::<Vec<_>>();
            fields.to_mut().set(field.name, whole);
        }
    }
    fields
}

/// The flow that `rules` names, else the one that a kind opens a matter of, else the usual one.
fn named(args: &Object, kind: &str) -> Result<&'static Flow> {
    match optional(args, "rules") {
        None => Ok(opened_by(kind).unwrap_or_else(usual)),
        Some(rules) => {
            flow(rules).ok_or_else(|| Code::ArgumentWrong.at(format!("rules {rules:?}")))
        }
    }
}

fn kind(flow: &'static Flow, name: &str) -> Result<&'static Kind> {
    flow.kind(name).ok_or_else(|| {
        let kinds: Vec<&str> = flow.kinds().iter().map(|kind| kind.name).collect();
        Code::ArgumentWrong.at(format!("kind {name:?}, not one of {}", kinds.join(", ")))
    })
}

/// What an act of a kind asks for: prompts in both languages and the JSON Schema.
pub fn form(node: &mut Node, args: &Object) -> Result<Step> {
    let name = text(args, "kind")?;
    let flow = match optional(args, "matter") {
        Some(digits) => {
            let view = node.matter(&node.matter_id(digits)?)?;
            view.flow.ok_or_else(|| Code::NotPermitted.at("unknown flow"))?
        }
        // A kind of the usual flow needs no more words than itself; another one is looked for.
        None => match named(args, name)? {
            flow if flow.kind(name).is_some() || optional(args, "rules").is_some() => flow,
            other => {
                flows().iter().find(|flow| flow.kind(name).is_some()).copied().unwrap_or(other)
            }
        },
    };
    let kind = kind(flow, name)?;
    let prompts = prompts(kind);
    let list = prompts.iter().map(|prompt| {
        let mut out = Object::default().with("field", prompt.name.as_str());
        for lang in Lang::ALL {
            let label = render(lang, &prompt.label);
            let hint = render(lang, &prompt.hint);
            out.set(lang.tag(), Object::default().with("label", label).with("hint", hint));
        }
        out.set("choices", prompt.choices.to_vec());
        Value::from(out.with("required", prompt.field.required()))
    });
    let list = Value::Array(list.collect());
    // As text: a schema nests deeper than the strict reader at the other end of a socket allows.
    let schema = Value::from(form::schema(kind)).to_text();
    let out = Object::default().with("prompts", list).with("schema", schema);
    Ok(Step::Done(out.into()))
}
