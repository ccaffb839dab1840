//! Partners without a node: who they are, what came from them by hand, the page that goes out.

use super::act::{Unsound, Wish, only_checked};
use super::{Step, optional, text};
use crate::durable;
use counterpart_engine::{Draft, Node, Target};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{Entry, PartyId};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::act::Half;
use counterpart_rules::apart::{CAME_KIND, Correspondent, ENTERED, Entered, RULES, by_hand};
use counterpart_rules::form;
use std::path::Path;

/// Describes a new correspondent, or with `correspondent` anew one that there is: `names` by
/// language, `languages`, `callback`, `addresses`.
pub fn describe(node: &mut Node, args: &Object) -> Result<Step> {
    let who = Correspondent::read(args)?;
    let id = match optional(args, "correspondent") {
        Some(wanted) => {
            let id = found(node, wanted)?;
            node.change_correspondent(&id, &who)?;
            id
        }
        None => {
            // Two of one name could not be told apart on the command line.
            let taken = |name: &str| node.correspondents().any(|(_, other)| is_named(other, name));
            if let Some((_, name)) = who.names.iter().find(|(_, name)| taken(name)) {
                return Err(Code::Ambiguous.at(name.as_str()));
            }
            node.add_correspondent(&who)?
        }
    };
    Ok(Step::Done(shown(&id, &who).into()))
}

/// The correspondents, or the one that `correspondent` names.
pub fn list(node: &mut Node, args: &Object) -> Result<Step> {
    let only = optional(args, "correspondent").map(|wanted| found(node, wanted)).transpose()?;
    let all = node.correspondents().filter(|(id, _)| only.is_none_or(|only| only == **id));
    Ok(Step::Done(Value::Array(all.map(|(id, who)| shown(id, who).into()).collect())))
}

fn shown(id: &PartyId, who: &Correspondent) -> Object {
    let mut out = Object::default().with("correspondent", id.to_string());
    out.0.extend(who.to_object().0);
    out
}

fn is_named(who: &Correspondent, name: &str) -> bool {
    who.names.iter().any(|(_, own)| own.eq_ignore_ascii_case(name))
}

/// A correspondent by its id, by the first digits of it, or by its name.
pub fn found(node: &Node, wanted: &str) -> Result<PartyId> {
    let fits = |(id, who): &(&PartyId, &Correspondent)| {
        (wanted.len() >= 4 && id.to_string().starts_with(wanted)) || is_named(who, wanted)
    };
    let mut all = node.correspondents().filter(fits);
    match (all.next(), all.next()) {
        (Some((id, _)), None) => Ok(*id),
        (None, _) => Err(Code::PeerUnknown.at(wanted)),
        _ => Err(Code::Ambiguous.at(wanted)),
    }
}

/// What came from a correspondent: an act of the other half, in a matter or opening one, with how
/// and when it came. It becomes an act of ours that says so. COR-2.
pub fn enter(node: &mut Node, args: &Object) -> Result<Step> {
    let wish = Wish::of(node, args)?;
    if node.correspondent(&wish.peer).is_none() || !by_hand(wish.flow) {
        return Err(Code::NotPermitted.at(format!("{}: entered-two-sided", wish.kind.name)));
    }
    wish.permitted(node, wish.own_half(args).map(Half::other))?;
    let mut came = Object::default();
    for name in ["how", "received_at", "taken_by"] {
        if let Some(value) = args.get(name) {
            came.set(name, value.clone());
        }
    }
    // All that is wrong is said at once, of what came and of how.
    let received_at = came.get("received_at").and_then(Value::as_int);
    let received_at = received_at.and_then(|at| u64::try_from(at).ok());
    let inner = match received_at {
        // Judged at the time at which it came: what is over by now was not over then.
        Some(at) => wish.sound(node, at),
        None => wish.checked().map_err(|wrong| Unsound { wrong, ..Unsound::default() }),
    };
    let came = form::check_in(&CAME_KIND, &came, Some(wish.lang));
    let (came, inner) = match (came, inner) {
        (Ok(came), Ok(inner)) => (came, inner),
        (came, inner) => {
            let mut unsound = inner.err().unwrap_or_default();
            unsound.wrong.splice(0..0, came.err().unwrap_or_default());
            return Err(unsound.fault(Vec::new()));
        }
    };
    if only_checked(args) {
        return Ok(Step::Done(Object::default().with("checked", true).into()));
    }
    let word = |name: &str| came.body.get(name).and_then(Value::as_str).unwrap_or_default();
    let received_at = came.body.get("received_at").and_then(Value::as_int).unwrap_or(0);
    let entered = Entered {
        how: word("how").to_owned(),
        received_at: u64::try_from(received_at)
            .map_err(|_| Code::ArgumentWrong.at("received_at"))?,
        rules: wish.flow.rules().to_owned(),
        kind: wish.kind.name.to_owned(),
        fields: inner.body,
    };
    let re = match (args.get("re").and_then(Value::as_array), &wish.target) {
        (Some(list), _) => {
            let read = |item: &Value| Entry::parse(item.as_str().unwrap_or_default());
            list.iter().map(read).collect::<Result<_>>()?
        }
        (None, Target::Matter(id)) => {
            let view = node.matter(id)?;
            let kinds = view.may_come.into_iter().find(|(kind, _)| kind.name == wish.kind.name);
            kinds.map(|(_, answers)| answers).unwrap_or_default()
        }
        (None, Target::New { .. }) => Vec::new(),
    };
    Ok(Step::draft(Draft {
        peer: wish.peer,
        ring: wish.ring,
        target: wish.target,
        rules: RULES.to_owned(),
        kind: ENTERED.to_owned(),
        body: entered.body(),
        disclosed: inner.disclosed.into_iter().chain(came.disclosed).collect(),
        re,
    }))
}

/// Writes the page of an act of ours into a new folder: the newest of a matter, or the one that
/// `entry` names by its first digits. COR-7.
pub fn page(node: &mut Node, args: &Object) -> Result<Step> {
    let id = node.matter_id(text(args, "matter")?)?;
    let entry = match optional(args, "entry") {
        Some(digits) => {
            let view = node.matter(&id)?;
            let fits = |entry: &&Entry| digits.len() >= 4 && entry.to_string().starts_with(digits);
            let all: Vec<Entry> = view.acts.iter().map(|act| act.entry).collect();
            let mut found = all.iter().filter(fits);
            match (found.next(), found.next()) {
                (Some(entry), None) => Some(*entry),
                (None, _) => return Err(Code::ArgumentWrong.at(format!("no act {digits}"))),
                _ => return Err(Code::Ambiguous.at(digits)),
            }
        }
        None => None,
    };
    let folder = Path::new(text(args, "dir")?);
    let files = node.page(&id, entry)?;
    if folder.symlink_metadata().is_ok() {
        return Err(Code::FolderInUse.at(folder.display().to_string()));
    }
    // Written beside and renamed, so that there is no half page under the name given.
    let draft = folder.with_extension("draft");
    if draft.exists() {
        std::fs::remove_dir_all(&draft).map_err(durable::io_at(&draft))?;
    }
    durable::make_folder(&draft)?;
    for (name, bytes) in &files {
        durable::create(&draft.join(name), bytes)?;
    }
    std::fs::rename(&draft, folder).map_err(durable::io_at(folder))?;
    let out = Object::default().with("dir", folder.display().to_string());
    let out = out.with("files", files.len() as u64).with("matter", id.to_string());
    Ok(Step::Done(out.with("fingerprint", node.party().fingerprint()).into()))
}

/// Notes that two matters are the same, however they came. Stays here.
pub fn same(node: &mut Node, args: &Object) -> Result<Step> {
    let (one, other) = (node.matter_id(text(args, "one")?)?, node.matter_id(text(args, "other")?)?);
    node.place_of(&one)?;
    node.place_of(&other)?;
    if one == other {
        return Err(Code::ArgumentWrong.at("one matter, twice"));
    }
    node.home_mut()?.link(&one, &other)?;
    let out = Object::default().with("one", one.to_string()).with("other", other.to_string());
    Ok(Step::Done(out.into()))
}
