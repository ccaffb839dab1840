//! The terms of a channel as its record has them: which sheets were accepted, and which of them is
//! in force. Read from the one matter of each side; nothing else is searched. CLK-21, CLK-22.

use crate::matter::{Known, Matter};
use counterpart_record::hash::Hash;
use counterpart_record::id::{ChannelId, MatterId, PartyId};
use counterpart_rules::act::{Act, Half};
use counterpart_rules::flow::{self, Past};
use counterpart_rules::owed::both_hold;
use counterpart_rules::terms::{Sheet, Terms};
use std::sync::Arc;

/// What two sides agreed in a channel.
#[derive(Clone, Debug, Default)]
pub struct Agreed {
    /// Every sheet that was accepted, with what it comes to where we ask and where the peer does.
    all: Vec<(Hash, Arc<Terms>, Arc<Terms>)>,
    /// The id of the one in force; zeros before any.
    in_force: Hash,
}

/// Terms that came into force.
pub struct Span {
    /// When, in seconds (UTC).
    pub from: u64,
    /// Their id.
    pub id: Hash,
    /// Whether in the matter that we opened.
    pub ours: bool,
}

/// One acceptance, and where it lies in the logs.
struct Acceptance<'a> {
    sheet: Sheet,
    known: &'a Known,
}

/// The matter in which `opener` proposes terms.
pub fn matter_of(channel: &ChannelId, opener: &PartyId) -> Option<MatterId> {
    flow::agreeing().lone().map(|nonce| MatterId::of(channel, opener, &nonce))
}

impl Agreed {
    /// From both matters: the one that we opened, then the peer's.
    pub fn read(ours: &Matter, theirs: &Matter, me: &PartyId, peer: &PartyId) -> Agreed {
        let (by_peer, by_us) = (acceptances(ours), acceptances(theirs));
        let mut all: Vec<(Hash, Arc<Terms>, Arc<Terms>)> = Vec::new();
        for one in by_peer.iter().chain(&by_us) {
            let sheet = &one.sheet;
            // What names other parties agrees nothing between these two.
            if !fits(sheet, me, peer) || all.iter().any(|(id, ..)| *id == sheet.id) {
                continue;
            }
            let (mine, theirs) = (Terms::of(sheet, me), Terms::of(sheet, peer));
            all.push((sheet.id, Arc::new(mine), Arc::new(theirs)));
        }
        let fit = |one: &&Acceptance<'_>| fits(&one.sheet, me, peer);
        let newest = newest(by_peer.iter().rfind(fit), by_us.iter().rfind(fit));
        Agreed { all, in_force: newest.map_or([0; 32], |one| one.sheet.id) }
    }

    /// From when on which terms were in force, in that order: from the time at which both logs held
    /// the acceptance. Both matters are given with the times at which each act was held. CLK-24
    pub fn spans(ours: &Matter, theirs: &Matter, me: &PartyId, peer: &PartyId) -> Vec<Span> {
        let (by_peer, by_us) = (acceptances(ours), acceptances(theirs));
        let fit = |one: &&Acceptance<'_>| fits(&one.sheet, me, peer);
        let both = |one: &Acceptance<'_>| both_hold(&one.known.act);
        let all = by_peer.iter().chain(&by_us).filter(fit);
        let mut times: Vec<u64> = all.filter_map(both).collect();
        times.sort_unstable();
        times.dedup();
        let each = times.into_iter().filter_map(|from| {
            let by_then =
                |one: &&Acceptance<'_>| fit(one) && both(one).is_some_and(|at| at <= from);
            let peers = by_peer.iter().rfind(by_then);
            let one = newest(peers, by_us.iter().rfind(by_then))?;
            let ours = peers.is_some_and(|peers| std::ptr::eq(peers, one));
            Some(Span { from, id: one.sheet.id, ours })
        });
        each.collect()
    }

    /// Whether terms were ever agreed that set a clock of the channel itself.
    pub fn sets_duties(&self) -> bool {
        self.all.iter().any(|(_, terms, _)| terms.of_channel().next().is_some())
    }

    /// The id that an opening act of ours names now.
    pub fn in_force(&self) -> Hash {
        self.in_force
    }

    /// The terms that hold in a matter whose opening act names `id`, opened by us or by the peer.
    pub fn terms(&self, id: &Hash, mine: bool) -> &Terms {
        let found = self.all.iter().find(|(known, ..)| known == id);
        found.map_or(Terms::usual(), |(_, ours, theirs)| if mine { ours } else { theirs })
    }
}

fn fits(sheet: &Sheet, me: &PartyId, peer: &PartyId) -> bool {
    [me, peer].iter().all(|party| sheet.sides.iter().any(|side| side.party == **party))
}

fn newest<'a, 'b>(
    one: Option<&'a Acceptance<'b>>,
    other: Option<&'a Acceptance<'b>>,
) -> Option<&'a Acceptance<'b>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(later(one, other)),
        (one, other) => one.or(other),
    }
}

/// Of two acceptances, the one whose author had seen the other; of two that crossed, the one with
/// the greater entry, so that both sides say the same. CLK-22.
fn later<'a, 'b>(one: &'a Acceptance<'b>, other: &'a Acceptance<'b>) -> &'a Acceptance<'b> {
    let saw =
        |later: &Acceptance<'_>, earlier: &Acceptance<'_>| earlier.known.place < later.known.seen;
    match (saw(one, other), saw(other, one)) {
        (true, false) => one,
        (false, true) => other,
        _ if one.known.act.entry.0 > other.known.act.entry.0 => one,
        _ => other,
    }
}

fn acceptances(matter: &Matter) -> Vec<Acceptance<'_>> {
    let (asking, answering) = matter.valid();
    let past = Past { asking: &asking, answering: &answering };
    let known =
        |act: &Act| matter.half(Half::Answering).iter().find(|known| known.act.entry == act.entry);
    let each = flow::accepted(past).into_iter().filter_map(|(proposal, act)| {
        Some(Acceptance { sheet: flow::sheet(proposal)?, known: known(act)? })
    });
    let agreeing = matter.flow().is_some_and(|flow| flow.lone().is_some());
    if agreeing { each.collect() } else { Vec::new() }
}
