//! Figures over many acts: from nothing, and one act further. The limits are what nobody can do
//! without: reading and parsing each act once, and folding what was observed.

use super::figures::Figure;
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
use std::path::Path;
use std::time::Instant;

const PASSPHRASE: &str = "measured, not guarded";
const RING: Ring = Ring::Live;
/// Requests; each is taken up, which makes twice as many acts.
const REQUESTS: usize = 10_000;
/// Acts in one commit.
const BATCH: usize = 250;
/// Everything.
const EVER: Period = Period { from: 0, to: u64::MAX };
const NEWEST: Cut = Cut::AsOf(u64::MAX);

/// Both figures.
pub fn measure(folder: &Path, figures: &mut Vec<Figure>) -> Result<()> {
    let (mut a, mut b) = two(folder)?;
    let (at_a, at_b) = (&mut a.node, &mut b.node);
    let (us, peer) = (at_a.party(), at_b.party());
    let mut matters = Vec::new();
    for _ in 0..REQUESTS / BATCH {
        let new = || Target::New { stream: "cybercrime".into() };
        let asked = write(at_a, (0..BATCH).map(|_| draft(peer, new(), "request")))?;
        carry(at_a, at_b)?;
        let taken = asked.iter().map(|id| draft(us, Target::Matter(*id), "acknowledge"));
        write(at_b, taken)?;
        carry(at_b, at_a)?;
        matters.extend(asked);
    }
    carry(at_a, at_b)?;
    let acts = (2 * REQUESTS) as f64;

    at_a.forget_figures();
    let began = Instant::now();
    let shown = at_a.figures(&peer, RING, NEWEST, EVER)?;
    let rate = acts / began.elapsed().as_secs_f64();
    let began = Instant::now();
    for row in at_a.leaves(&peer, RING, u64::MAX)?.iter().filter(|row| row.matter.is_some()) {
        Unverified::parse(&row.statement)?.reread(Vec::new())?;
    }
    let limit = acts / began.elapsed().as_secs_f64();
    let limit = ("reading and parsing each once", limit);
    figures.push(Figure::rate("figures.from-nothing", "acts/s", rate, limit));

    let last = matters.last().ok_or_else(|| Code::Internal.at("no matter"))?;
    write(at_a, [draft(peer, Target::Matter(*last), "remind")].into_iter())?;
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
    figures.push(Figure::cost("figures.one-act-further", "ms", step, limit));
    Ok(())
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
