//! A hundred thousand open requests: submitted in bulk, as a queue, and as figures. The limits are
//! what nobody can do without: one signature for each act, reading and parsing each act once,
//! folding what was observed.

use super::figures::Figure;
use super::limit;
use crate::folder::{self, Config};
use crate::house::{self, House};
use counterpart_engine::figures::{Cut, Period};
use counterpart_engine::{Draft, Node, Target};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::party::{Accreditation, Control, Desk};
use counterpart_record::statement::Unverified;
use counterpart_record::strict::json::Object;
use counterpart_rules::flow::usual;
use counterpart_rules::measure::Figures;
use counterpart_store::{Sqlite, Store as _};
use std::path::Path;
use std::time::Instant;

const PASSPHRASE: &str = "measured, not guarded";
const RING: Ring = Ring::Live;
/// Requests that are never answered.
const REQUESTS: usize = 100_000;
/// Acts in one commit.
const BATCH: usize = 250;
/// What a person is shown of a queue.
const PAGE: usize = 100;
/// Everything.
const EVER: Period = Period { from: 0, to: u64::MAX };
const NEWEST: Cut = Cut::AsOf(u64::MAX);

/// All figures. `tell` hears how far it is.
pub fn measure(folder: &Path, tell: &mut dyn FnMut(&str), out: &mut Vec<Figure>) -> Result<()> {
    let (mut a, mut b) = two(folder)?;
    let (at_a, at_b) = (&mut a.node, &mut b.node);
    let peer = at_b.party();
    let (mut writing, mut last) = (0.0, None);
    for batch in 0..REQUESTS / BATCH {
        let new = || Target::New { stream: "cybercrime".into() };
        let began = Instant::now();
        let due = |at: usize| crate::seam::now() + 86_400 + (batch * BATCH + at) as u64;
        let asked = (0..BATCH).map(|at| {
            let mut draft = draft(peer, new(), "request");
            draft.body.set("reply_by", due(at));
            draft
        });
        let asked = write(at_a, asked)?;
        writing += began.elapsed().as_secs_f64();
        carry(at_a, at_b)?;
        last = asked.last().copied();
        if batch % 40 == 39 {
            tell(&format!("many: {} of {REQUESTS} requests", (batch + 1) * BATCH));
        }
    }
    let signed = ("one signature for each", limit::signatures(1400)?);
    out.push(Figure::rate("many.submit", "acts/s", REQUESTS as f64 / writing, signed));
    let last = last.ok_or_else(|| Code::Internal.at("no matter"))?;
    queue(at_b, &at_a.party(), out)?;
    counted(at_a, out)?;
    // The same again, one act further.
    let shown = at_a.figures(&peer, RING, NEWEST, EVER)?;
    write(at_a, [draft(peer, Target::Matter(last), "remind")].into_iter())?;
    carry(at_a, at_b)?;
    let began = Instant::now();
    let again = at_a.figures(&peer, RING, NEWEST, EVER)?;
    let step = began.elapsed().as_secs_f64() * 1e3;
    let began = Instant::now();
    let folded = Figures::of(again.figures.frame.clone(), &again.counted);
    let fold = began.elapsed().as_secs_f64() * 1e3;
    if folded != again.figures || shown.figures == again.figures {
        return Err(Code::Internal.at("figures by steps"));
    }
    let limit = ("folding what was observed", fold);
    out.push(Figure::cost("many.figures-one-act-further", "ms", step, limit));
    start(b, out)
}

/// The queue of the side that is asked: the first look at all of it, then what a person is shown.
fn queue(node: &mut Node, peer: &PartyId, out: &mut Vec<Figure>) -> Result<()> {
    let began = Instant::now();
    let (open, _) = node.waiting()?;
    let rate = open as f64 / began.elapsed().as_secs_f64();
    if open < REQUESTS as u64 {
        return Err(Code::Internal.at("matters are missing in the queue"));
    }
    let parsed = parsed(node, peer)?;
    let limit = ("reading and parsing each act once", parsed);
    out.push(Figure::rate("many.queue-first-look", "matters/s", rate, limit));

    let began = Instant::now();
    let shown = node.open_matters(PAGE, |_, _, _| false)?.len();
    let page = began.elapsed().as_secs_f64() * 1e3;
    let began = Instant::now();
    if node.matters(PAGE)?.len() != shown {
        return Err(Code::Internal.at("matters are missing on the page"));
    }
    let read = began.elapsed().as_secs_f64() * 1e3;
    let limit = ("reading as many matters", read);
    out.push(Figure::cost("many.queue-page", "ms", page, limit));
    // With a period of retention every act is asked once a day for the age of its text. Those of
    // this bench have none, so that no matter is judged here.
    let period = counterpart_engine::Period { stream: None, flow: None, may_days: 0, must_days: 0 };
    node.set_periods(vec![period]);
    let began = Instant::now();
    node.retention(0)?;
    let rate = open as f64 / began.elapsed().as_secs_f64();
    let limit = ("reading and parsing each act once", parsed);
    out.push(Figure::rate("many.retention-scan", "acts/s", rate, limit));
    node.set_periods(Vec::new());
    Ok(())
}

/// Starts the node once more: what it knew of the queue is in its store.
fn start(house: House, out: &mut Vec<Figure>) -> Result<()> {
    let House { folder, mut node, keys, .. } = house;
    let us = node.party();
    let first = node.matters(1)?.remove(0);
    write(&mut node, [draft(first.peer, Target::Matter(first.matter), "acknowledge")].into_iter())?;
    drop(node);
    let open = || Sqlite::open(&folder.record(), false);
    let began = Instant::now();
    let mut node = Node::load(Box::new(open()?), house::seams(keys, &folder)?)?;
    let (waiting, _) = node.waiting()?;
    let took = began.elapsed().as_secs_f64() * 1e3;
    if waiting < REQUESTS as u64 || node.party() != us {
        return Err(Code::Internal.at("matters are missing after a start"));
    }
    drop(node);
    let began = Instant::now();
    let kept = open()?.docket(1)?.map_or(0, |(_, lines)| lines.len());
    let read = began.elapsed().as_secs_f64() * 1e3;
    if kept < REQUESTS {
        return Err(Code::Internal.at("the queue was not kept"));
    }
    out.push(Figure::cost("many.start", "ms", took, ("reading what is kept of each", read)));
    Ok(())
}

/// Figures over all acts, from nothing.
fn counted(node: &mut Node, out: &mut Vec<Figure>) -> Result<()> {
    let peer = node.peers().remove(0).credential.party;
    node.forget_figures();
    let began = Instant::now();
    node.figures(&peer, RING, NEWEST, EVER)?;
    let rate = REQUESTS as f64 / began.elapsed().as_secs_f64();
    let limit = ("reading and parsing each act once", parsed(node, &peer)?);
    out.push(Figure::rate("many.figures-from-nothing", "acts/s", rate, limit));
    Ok(())
}

/// Acts in a second that are read from the store and parsed.
fn parsed(node: &Node, peer: &PartyId) -> Result<f64> {
    let began = Instant::now();
    let mut count = 0;
    for row in node.leaves(peer, RING, u64::MAX)?.iter().filter(|row| row.matter.is_some()) {
        Unverified::parse(&row.statement)?.reread(Vec::new())?;
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}

fn draft(peer: PartyId, target: Target, kind: &str) -> Draft {
    let opens = matches!(target, Target::New { .. });
    Draft {
        peer,
        ring: RING,
        target,
        rules: usual().rules().to_owned(),
        kind: kind.to_owned(),
        body: if opens { super::opening() } else { Object::default() },
        disclosed: Vec::new(),
        re: Vec::new(),
    }
}

fn write(node: &mut Node, drafts: impl Iterator<Item = Draft>) -> Result<Vec<MatterId>> {
    for draft in drafts {
        node.submit(draft)?;
    }
    node.ledger()?.into_iter().map(|(_, logged)| Ok(logged?.matter)).collect()
}

/// Until neither has anything more to say.
fn carry(from: &mut Node, to: &mut Node) -> Result<()> {
    for _ in 0..3 {
        for back in [false, true] {
            let (from, to) = if back { (&mut *to, &mut *from) } else { (&mut *from, &mut *to) };
            let Some(parcel) = from.outgoing(&to.party(), RING, false)? else { continue };
            if let (_, Some(answer)) = to.respond(&parcel)? {
                from.incoming(&answer)?;
            }
        }
    }
    Ok(())
}

/// Two nodes in this process that have accredited each other.
fn two(at: &Path) -> Result<(House, House)> {
    let mut made = Vec::new();
    for name in ["asks", "asked"] {
        let desk = Desk { names: vec![("en".into(), name.into())], ..Desk::default() };
        let config = Config { desk, ..Config::default() };
        let home = at.join(name);
        let root = folder::root_beside(&home);
        made.push((house::found(&home, &root, &config, PASSPHRASE, PASSPHRASE)?, root));
    }
    let mut credentials = Vec::new();
    for (house, _) in &made {
        credentials.push(house.node.credential_bytes()?.to_vec());
    }
    for (at, (house, root)) in made.iter_mut().enumerate() {
        let theirs = &credentials[1 - at];
        let peer = house.node.import_credential(theirs)?.credential.party;
        let accreditation = Control::Accreditation(Accreditation {
            by: house.node.party(),
            peer,
            credential: Entry::of(theirs),
            compared: "in-person".into(),
            issued_at: crate::seam::now(),
        });
        let keys = house::root_keys(root, PASSPHRASE)?;
        house.node.adopt(&accreditation.sign(&keys)?)?;
    }
    let mut made = made.into_iter().map(|(house, _)| house);
    made.next().zip(made.next()).ok_or_else(|| Code::Internal.at("two nodes"))
}
