//! What can be done with a node, once for every door: command line, control socket and, later, desk
//! and API. An operation takes a JSON object and gives a JSON value; one that makes an act gives a
//! draft, which the ledger commits together with all others that wait.

mod act;
mod apart;
mod attachment;
mod basis;
mod credential;
mod dossier;
mod due;
mod figures;
mod home;
mod keep;
mod log;
mod matter;
mod pouch;
mod rings;
mod status;
mod terms;

pub use act::{Picked, questions};
pub use home::{TaskMark, task_marks};

use crate::problem;
use counterpart_engine::node::Peer;
use counterpart_engine::{Draft, Logged, Node, Target};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::PartyId;
use counterpart_record::keys::Ring;
use counterpart_record::party::Credential;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::say::Lang;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// Fewer digits than these behind a name are part of it, as a number or a year may be.
const TOLD_APART: usize = 6;

/// What an operation comes to.
pub enum Step {
    /// It is done.
    Done(Value),
    /// An act to be made, and one that is made after it; [`logged_with`] makes that one and gives
    /// the value once the first is on disk.
    Draft(Box<Draft>, Option<Box<Draft>>),
}

impl Step {
    /// One act to be made.
    fn draft(draft: Draft) -> Step {
        Step::Draft(Box::new(draft), None)
    }
}

/// One operation.
pub struct Operation {
    /// Its name on every door.
    pub name: &'static str,
    /// Does it.
    run: fn(&mut Node, &Object) -> Result<Step>,
}

/// Every operation. A test holds that the command line offers all of them.
pub const OPERATIONS: &[Operation] = &[
    Operation { name: "status", run: status::status },
    Operation { name: "drill.calendar", run: status::calendar },
    Operation { name: "credential.show", run: credential::show },
    Operation { name: "credential.keys", run: credential::keys },
    Operation { name: "credential.import", run: credential::import },
    Operation { name: "adopt", run: credential::adopt },
    Operation { name: "act", run: act::act },
    Operation { name: "form", run: act::form },
    Operation { name: "request.check", run: act::check },
    Operation { name: "instruments", run: basis::instruments },
    Operation { name: "requirements", run: basis::requirements },
    Operation { name: "matter.list", run: matter::list },
    Operation { name: "matter.show", run: matter::show },
    Operation { name: "correspondent.describe", run: apart::describe },
    Operation { name: "correspondent.list", run: apart::list },
    Operation { name: "enter", run: apart::enter },
    Operation { name: "page", run: apart::page },
    Operation { name: "same", run: apart::same },
    Operation { name: "note.add", run: home::add_note },
    Operation { name: "note.list", run: home::notes },
    Operation { name: "owner", run: home::owner },
    Operation { name: "task.add", run: home::add_task },
    Operation { name: "task.done", run: home::finish_task },
    Operation { name: "task.list", run: home::tasks },
    Operation { name: "attachment.list", run: attachment::list },
    Operation { name: "attachment.key", run: attachment::key },
    Operation { name: "attachment.named", run: attachment::named },
    Operation { name: "attachment.between", run: attachment::between },
    Operation { name: "due", run: due::due },
    Operation { name: "warnings", run: due::warnings },
    Operation { name: "calendar", run: due::export },
    Operation { name: "terms.show", run: terms::show },
    Operation { name: "terms.propose", run: terms::propose },
    Operation { name: "terms.accept", run: terms::accept },
    Operation { name: "terms.decline", run: terms::decline },
    Operation { name: "ringing", run: rings::ringing },
    Operation { name: "spoken", run: rings::spoken },
    Operation { name: "line.review", run: rings::review },
    Operation { name: "log.show", run: log::show },
    Operation { name: "fsck", run: log::fsck },
    Operation { name: "rebuild", run: log::rebuild },
    Operation { name: "erase", run: matter::erase },
    Operation { name: "retention", run: keep::retention },
    Operation { name: "retain", run: keep::retain },
    Operation { name: "proofs", run: log::proofs },
    Operation { name: "proofs.export", run: log::export_proof },
    Operation { name: "pouch.pack", run: pouch::pack },
    Operation { name: "pouch.unpack", run: pouch::unpack },
    Operation { name: "dossier", run: dossier::dossier },
    Operation { name: "figures", run: figures::figures },
    Operation { name: "figures.agree", run: figures::agree },
    Operation { name: "figures.answer", run: figures::answer },
    Operation { name: "figures.year", run: figures::year },
    Operation { name: "figures.by_hand", run: figures::by_hand },
];

/// Does an operation by its name. [`Code::ArgumentWrong`] for an unknown one.
pub fn run(node: &mut Node, name: &str, args: &Object) -> Result<Step> {
    let found = OPERATIONS.iter().find(|operation| operation.name == name);
    let found = found.ok_or_else(|| Code::ArgumentWrong.at(format!("no operation {name:?}")))?;
    (found.run)(node, args).map_err(|fault| match optional(args, "matter") {
        // What rings is not unknown: the record of it is still on its way. CAL-15
        Some(digits) if fault.code == Code::MatterUnknown && node.comes(digits) => {
            Code::MatterComing.at(digits)
        }
        _ => fault,
    })
}

/// Does an operation to its end on a node that nobody else has: one act, one commit.
pub fn run_alone(node: &mut Node, name: &str, args: &Object) -> Result<Value> {
    match run(node, name, args)? {
        Step::Done(value) => Ok(value),
        Step::Draft(draft, then) => {
            let act = made(node, *draft)?;
            Ok(logged_with(node, &act, then))
        }
    }
}

/// Makes one act on a node in which nothing else waits.
fn made(node: &mut Node, draft: Draft) -> Result<Logged> {
    node.submit(draft)?;
    let result = node.ledger()?.pop().ok_or_else(|| Code::Internal.at("ledger"))?;
    result.1
}

/// What a person gets for an act that is on disk, and the act that is made after it, if one is:
/// where that cannot be made the first stands all the same, so `then` tells what kept it. If the
/// program ends in between, nobody hears of the first either, and finds it in the record.
pub fn logged_with(node: &mut Node, act: &Logged, then: Option<Box<Draft>>) -> Value {
    let out = logged(act);
    let Some(then) = then else { return out.into() };
    let mut told = Object::default().with("kind", then.kind.as_str());
    if let Target::Matter(matter) = &then.target {
        told.set("matter", matter.to_string());
    }
    match made(node, *then) {
        Ok(act) => told.set("entry", act.entry.to_string()),
        Err(fault) => told.set("fault", problem::object(&fault)),
    }
    out.with("then", told).into()
}

/// What a person gets for an act that is on disk.
fn logged(act: &Logged) -> Object {
    Object::default()
        .with("entry", act.entry.to_string())
        .with("matter", act.matter.to_string())
        .with("index", act.index)
        .with("logged_at", act.time)
}

/// A text argument.
fn text<'a>(args: &'a Object, name: &str) -> Result<&'a str> {
    optional(args, name).ok_or_else(|| Code::ArgumentWrong.at(format!("{name}: missing")))
}

/// A text argument that may be left out.
fn optional<'a>(args: &'a Object, name: &str) -> Option<&'a str> {
    args.get(name).and_then(Value::as_str)
}

/// A number that may be left out.
fn number(args: &Object, name: &str, otherwise: u64) -> Result<u64> {
    match args.get(name) {
        None => Ok(otherwise),
        Some(value) => value
            .as_int()
            .and_then(|number| u64::try_from(number).ok())
            .ok_or_else(|| Code::ArgumentWrong.at(name)),
    }
}

/// `drill: true` or nothing.
fn ring(args: &Object) -> Ring {
    Ring::from_drill(args.get("drill").and_then(Value::as_bool).unwrap_or(false))
}

/// A peer by its id, by the first digits of it, or by its name in any language. With one
/// accredited peer it may be left out. Of one name that two parties go by, the one that we
/// accredited is meant. [`Code::OneSided`] of a partner without a node.
fn peer(node: &Node, args: &Object) -> Result<PartyId> {
    peer_among(node, args, true).map_err(|fault| match optional(args, "peer") {
        // It is known, and is no peer.
        Some(wanted) if fault.code == Code::PeerUnknown && apart::found(node, wanted).is_ok() => {
            Code::OneSided.at(wanted)
        }
        _ => fault,
    })
}

/// The same where one of them is about to be accredited: there a name that two go by means neither.
fn peer_apart(node: &Node, args: &Object) -> Result<PartyId> {
    peer_among(node, args, false)
}

fn peer_among(node: &Node, args: &Object, accredited_first: bool) -> Result<PartyId> {
    let peers = node.peers();
    let Some(wanted) = optional(args, "peer") else {
        let accredited: Vec<PartyId> =
            peers.iter().filter(|peer| peer.accredited).map(|peer| peer.credential.party).collect();
        return match &accredited[..] {
            [only] => Ok(*only),
            [] => Err(Code::PeerUnknown.at("none is accredited yet")),
            // Which they are says what to give.
            several => {
                let named = several.iter().map(|party| node.name_of(party, "en"));
                Err(Code::Ambiguous.at(named.collect::<Vec<_>>().join(", ")))
            }
        };
    };
    let fits = |peer: &&Peer| {
        let id = peer.credential.party.to_string();
        (wanted.len() >= 4 && id.starts_with(wanted)) || is_named(peer, wanted)
    };
    let mut found: Vec<_> = peers.iter().filter(fits).collect();
    let by_name = found.iter().all(|peer| is_named(peer, wanted));
    let shared = accredited_first && found.len() > 1 && by_name;
    if shared && found.iter().filter(|peer| peer.accredited).count() == 1 {
        // Whoever gives himself the name of a party that we work with does not take it from it.
        found.retain(|peer| peer.accredited);
    }
    match &found[..] {
        [peer] => Ok(peer.credential.party),
        [] => Err(Code::PeerUnknown.at(wanted)),
        _ => {
            let ids: Vec<String> = found.iter().map(|peer| peer.credential.party.short()).collect();
            Err(Code::Ambiguous.at(format!("{wanted}: {}", ids.join(", "))))
        }
    }
}

/// Whether a person who gives this name may mean that party. Digits behind it, as this program
/// shows them, are those of its id, whatever it calls itself.
fn is_named(peer: &Peer, wanted: &str) -> bool {
    let (name, digits) = seen_as(wanted);
    let id = peer.credential.party.to_string();
    let mut names = peer.credential.desk.names.iter();
    names.any(|(_, own)| seen_as(own).0 == name) && id.starts_with(&digits)
}

/// Signs of a name that nobody sees: none of them tells one name from another.
const UNSEEN: [RangeInclusive<char>; 12] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{e0000}'..='\u{e0fff}',
];

/// A name as an eye takes it, without case, spaces and signs that have no width; and the digits in
/// brackets behind it, if they are of the sort by which this program tells two of one name apart
/// ([`apart_from`]): a name that ends with another party's digits is read as that party's.
fn seen_as(name: &str) -> (String, String) {
    let unseen = |c: &char| {
        c.is_whitespace() || c.is_control() || UNSEEN.iter().any(|range| range.contains(c))
    };
    let seen = name.chars().filter(|c| !unseen(c)).flat_map(char::to_lowercase);
    // Brackets and digits of full width look the same in a Chinese name.
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    let (mut name, mut behind) = (seen.map(narrow).collect::<String>(), String::new());
    while let Some((before, digits)) = digits_behind(&name) {
        // The last ones are those that this program put there.
        if behind.is_empty() {
            behind = digits.to_owned();
        }
        name = before.to_owned();
    }
    (name, behind)
}

fn digits_behind(name: &str) -> Option<(&str, &str)> {
    let (before, digits) = name.strip_suffix(')')?.rsplit_once('(')?;
    let ours = digits.len() >= TOLD_APART && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (ours && !before.is_empty()).then_some((before, digits))
}

/// Whether another party that we know, or we ourselves, go by one of these names, or by one that
/// looks the same.
fn is_shared(node: &Node, party: &PartyId, names: &[(String, String)]) -> bool {
    let seen = |names: &[(String, String)]| {
        names.iter().map(|(_, name)| seen_as(name).0).collect::<Vec<_>>()
    };
    let given = seen(names);
    let is_given = |others: &[(String, String)]| seen(others).iter().any(|own| given.contains(own));
    let peers = node.peers();
    let mut others = peers.iter().filter(|peer| peer.credential.party != *party);
    node.credential().is_ok_and(|own| is_given(&own.desk.names))
        || others.any(|other| is_given(&other.credential.desk.names))
}

/// A peer, or a correspondent by its id, by the first digits of it, or by its name. Only a peer can
/// be left out.
fn partner(node: &Node, args: &Object) -> Result<PartyId> {
    let by_name = optional(args, "peer").map(|wanted| apart::found(node, wanted));
    match (peer_among(node, args, true), by_name) {
        (Ok(_), Some(Ok(_))) => Err(Code::Ambiguous.at(optional(args, "peer").unwrap_or_default())),
        (Err(fault), Some(Ok(found))) if fault.code == Code::PeerUnknown => Ok(found),
        (_, Some(Err(fault))) if fault.code == Code::Ambiguous => Err(fault),
        (peer, _) => peer,
    }
}

/// The names of a party, by language.
fn names(names: &[(String, String)]) -> Object {
    names.iter().fold(Object::default(), |object, (tag, name)| object.with(tag, name.as_str()))
}

/// The names of a peer by the languages of this program; with the first digits of its id where
/// another party that we know goes by the same name.
fn names_of(node: &Node, peer: &PartyId) -> Object {
    let known = node.peer(peer).map(|peer| peer.credential.desk.names);
    let shared = known.is_some_and(|names| is_shared(node, peer, &names));
    Lang::ALL.iter().fold(Object::default(), |names, lang| {
        let name = node.name_of(peer, lang.tag());
        names.with(lang.tag(), if shared { apart_from(&name, peer) } else { name })
    })
}

/// The names of peers in one operation: each is found once, however many rows name it.
struct Names<'a> {
    node: &'a Node,
    found: RefCell<HashMap<PartyId, Object>>,
}

impl Names<'_> {
    fn of(node: &Node) -> Names<'_> {
        Names { node, found: RefCell::default() }
    }

    /// As [`names_of`].
    fn peer(&self, peer: &PartyId) -> Object {
        let mut found = self.found.borrow_mut();
        found.entry(*peer).or_insert_with(|| names_of(self.node, peer)).clone()
    }
}

/// The names of a peer as it gives them; told apart like those of [`names_of`].
fn names_in(node: &Node, credential: &Credential) -> Object {
    let (party, given) = (&credential.party, &credential.desk.names);
    if *party == node.party() || !is_shared(node, party, given) {
        return names(given);
    }
    given
        .iter()
        .fold(Object::default(), |object, (tag, name)| object.with(tag, apart_from(name, party)))
}

fn apart_from(name: &str, party: &PartyId) -> String {
    format!("{name} ({})", party.short())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What looks like one name is one, so that it is told apart by digits that nobody chooses.
    #[test]
    fn names_that_look_alike_are_one() {
        let name = |name: &str| seen_as(name).0;
        for other in [
            "borealis",
            "Borealis ",
            "Bore\u{200b}alis",
            "\u{202e}Borealis",
            "Borealis (0f1e2d3c)",
            "Borealis\u{a0}\u{ff08}0F1E2D3C\u{ff09}",
            "Borealis (0f1e2d3c) (4b5a6978)",
            "\u{ff22}orealis",
        ] {
            assert_eq!(name(other), "borealis", "{other:?}");
        }
        for other in ["Borealis 2", "Borealis (2)", "Borealis (2026)", "Borealis (East)", ""] {
            assert_ne!(name(other), "borealis", "{other:?}");
        }
        // Digits alone are a name.
        assert_eq!(name("(0f1e2d3c)"), "(0f1e2d3c)");
        assert_eq!(seen_as("Borealis (0F1E2D3C) (4b5a6978)").1, "4b5a6978");
    }
}
