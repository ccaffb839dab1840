//! Attachments of a matter: what each is, how much of it is here, and what opens it. The bytes
//! themselves do not pass here: whoever asks seals and opens them beside the ledger, which has
//! other things to do than to encrypt 50 MiB.

use super::{Step, number, peer, ring, text};
use crate::attach;
use counterpart_engine::Node;
use counterpart_engine::attach::Shown;
use counterpart_engine::view::{ActView, MatterView};
use counterpart_record::attachment::Layout;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::{Hash, sha256};
use counterpart_record::id::hex;
use counterpart_record::limits;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::form::{Attached, Attachment, Kind};
use counterpart_rules::say::{self, Lang, Say, render};
use counterpart_store::Presence;

/// All attachments of a matter.
pub fn list(node: &mut Node, args: &Object) -> Result<Step> {
    let matter = node.matter(&node.matter_id(text(args, "matter")?)?)?;
    let all = of_matter(node, &matter)?;
    let list = all.iter().map(|(act, number, shown)| {
        let act = &matter.acts[*act];
        row(*number, shown).with("entry", act.entry.to_string()).with("kind", act.kind.as_str())
    });
    let list = Value::Array(list.map(Value::from).collect());
    let out = Object::default().with("matter", matter.matter.to_string());
    Ok(Step::Done(out.with("attachments", list).into()))
}

/// What opens the attachment `number` of a matter. [`Code::AttachmentErased`] once its key went.
pub fn key(node: &mut Node, args: &Object) -> Result<Step> {
    let matter = node.matter(&node.matter_id(text(args, "matter")?)?)?;
    let wanted = number(args, "number", 0)?;
    let mut all = of_matter(node, &matter)?;
    let found = all.iter().position(|(_, number, _)| *number == wanted);
    let count = all.len();
    let none = || Code::ArgumentWrong.at(format!("attachment {wanted}: the matter has {count}"));
    let (_, _, shown) = all.swap_remove(found.ok_or_else(none)?);
    let Shown { named, opening, .. } = shown;
    let opening = opening.ok_or_else(|| Code::AttachmentErased.at(hex(&named.root[..4])))?;
    Ok(Step::Done(attach::told(&(named, opening)).into()))
}

/// Every attachment that an act names and that was not erased, from number `from` on, some thousand
/// at a time.
pub fn named(node: &mut Node, args: &Object) -> Result<Step> {
    const PAGE: usize = 5_000;
    let from = usize::try_from(number(args, "from", 0)?).unwrap_or(usize::MAX);
    let all = node.named()?;
    let page = all.iter().skip(from).take(PAGE).map(|(root, size, mine)| {
        let row = Object::default().with("root", hex(root)).with("size", *size);
        Value::from(row.with("mine", *mine))
    });
    let out = Object::default().with("attachments", Value::Array(page.collect()));
    Ok(Step::Done(out.with("count", all.len() as u64).into()))
}

/// What goes between us and a peer by hand: sealed bytes that it may lack of ours, and that we lack
/// of its.
pub fn between(node: &mut Node, args: &Object) -> Result<Step> {
    let peer = peer(node, args)?;
    let list = |rows: Vec<(Hash, u64)>| {
        let each = rows.iter().map(|(root, size)| {
            Value::from(Object::default().with("root", hex(root)).with("size", *size))
        });
        Value::Array(each.collect())
    };
    let (ours, theirs) = (node.open_to(&peer, ring(args))?, node.awaited(&peer, true)?);
    Ok(Step::Done(Object::default().with("ours", list(ours)).with("theirs", list(theirs)).into()))
}

/// The attachments of a matter with the place of their act in the view, and their number in the
/// matter, from 1.
pub fn of_matter(node: &Node, matter: &MatterView) -> Result<Vec<(usize, u64, Shown)>> {
    let mut all = Vec::new();
    let Some(flow) = matter.flow else { return Ok(all) };
    for (at, act) in matter.acts.iter().enumerate() {
        for shown in node.attachments_of(flow, act)? {
            all.push((at, all.len() as u64 + 1, shown));
        }
    }
    Ok(all)
}

/// An attachment as JSON, without what opens it.
pub fn row(number: u64, shown: &Shown) -> Object {
    let Shown { named, opening, presence, taken, trouble } = shown;
    let (state, have) = match (opening, presence) {
        (None, _) => ("erased", 0),
        (_, Presence::Whole) => ("here", named.size),
        (_, Presence::Part(have)) => ("coming", *have),
        (_, Presence::None) => ("waiting", 0),
    };
    let out = Object::default()
        .with("number", number)
        .with("what", named.what.as_str())
        .with("size", named.size)
        .with("root", hex(&named.root))
        .with("state", state)
        .with("have", have)
        .with("taken", *taken)
        .with("trouble", trouble.map_or("", Code::name));
    let Some(opening) = opening else { return out };
    let out = out.with("name", opening.name.as_str()).with("bytes", opening.bytes);
    let out = out.with("digest", hex(&opening.digest));
    match &opening.media {
        Some(media) => out.with("media", media.as_str()),
        None => out,
    }
}

/// The disclosures of an act for a reader: without what opens its attachments.
pub fn readable(matter: &MatterView, act: &ActView) -> Object {
    let kind = matter.flow.and_then(|flow| flow.kind(&act.kind));
    let opens = |name: &str| kind.is_some_and(|kind| kind.is_attachment(name));
    let shown = act.disclosed.iter().filter(|one| !opens(&one.name));
    shown.fold(Object::default(), |out, one| out.with(&one.name, one.value.clone()))
}

/// Puts the sealed files that `attachments` names into the form of an act. They must be here
/// before the act is: what it promises can be fetched. ATT-9.
pub fn put(node: &Node, args: &Object, kind: &Kind, form: &mut Object) -> Result<()> {
    let given = args.get("attachments").and_then(Value::as_array).unwrap_or_default();
    let all = given.iter().map(attach::heard).collect::<Result<Vec<(Attachment, Attached)>>>()?;
    if !all.is_empty() && !kind.carries() {
        return Err(Code::AttachmentUnfit.at(format!("not to an act {}", kind.name)));
    }
    for (named, _) in &all {
        node.has(&named.root, named.size)?;
    }
    kind.attach(form, &all);
    Ok(())
}

/// Files that are to be sealed once the form of their act is right stand in it until then. What is
/// wrong with the files themselves is said when they are sealed.
pub fn stand_in(args: &Object, kind: &Kind, form: &mut Object) -> Result<()> {
    fit(args, kind, form)?;
    match kind.carries() || args.get("files").is_none() {
        true => Ok(()),
        false => Err(Code::AttachmentUnfit.at(format!("not to an act {}", kind.name))),
    }
}

/// Files that are to go with an act and are not sealed yet, by `what`, `name` and `bytes` (none for
/// what is no file): those that fit stand in its form as if they were; what is wrong with the
/// others is said of all of them. ATT-1, ATT-2.
pub fn fit(args: &Object, kind: &Kind, form: &mut Object) -> Result<Vec<Value>> {
    let given = args.get("files").and_then(Value::as_array).unwrap_or_default();
    let (mut fits, mut wrong) = (Vec::new(), Vec::new());
    let mut tell = |phrase: Say, word: &str| {
        let mut row = Object::default().with("field", "attachments").with("wrong", word);
        Lang::ALL.into_iter().for_each(|lang| row.set(lang.tag(), render(lang, &phrase)));
        wrong.push(Value::from(row));
    };
    if given.len() > limits::ATTACHMENTS {
        let phrase = Say::of("check-files-many").with("count", given.len().to_string());
        tell(phrase.with("most", limits::ATTACHMENTS.to_string()), "too-many");
    }
    if !given.is_empty() && !kind.carries() {
        tell(Say::of("check-files-none"), "unknown");
    }
    for (at, row) in given.iter().filter_map(Value::as_object).enumerate() {
        let (what, name) = (text(row, "what")?.to_owned(), text(row, "name")?.to_owned());
        let bytes = row.get("bytes").and_then(Value::as_int);
        let Some(bytes) = bytes.and_then(|bytes| u64::try_from(bytes).ok()) else {
            tell(Say::of("check-file-away").with("file", name), "missing");
            continue;
        };
        let Ok(layout) = Layout::of_content(bytes) else {
            let most = say::size(limits::ATTACHMENT_BYTES);
            let phrase = Say::of("check-file-unfit").with("file", name).with("most", most);
            tell(phrase.with("size", say::size(bytes)), "unfit");
            continue;
        };
        // Stands for what sealing would give: no key is made, and nothing is read.
        let stand = sha256(&[&at.to_be_bytes()]);
        let named = Attachment { what, size: layout.sealed(), root: stand };
        fits.push((named, Attached { key: stand, digest: stand, bytes, name, media: None }));
    }
    fits.truncate(limits::ATTACHMENTS);
    kind.attach(form, &fits);
    Ok(wrong)
}
