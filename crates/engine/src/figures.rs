//! Figures of a channel below a cut. Both sides compute the same: a cut is a head of each log, both
//! cosigned, and only what both logs hold below it counts. Spec: docs/spec/figures.md.

use crate::gather::{Gathered, lines, undelivered};
use crate::node::Node;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_rules::measure::{Counted, CutHead, Figures, Frame};

pub use crate::gather::Line;

/// Which figures are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// What began at or after this second (UTC), on the clock of the party that opened it.
    pub from: u64,
    /// And before this one.
    pub to: u64,
}

/// Where to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// At the newest head of each log up to this second (UTC).
    AsOf(u64),
    /// At these sizes: our log, the peer's, as of this second.
    At(u64, u64, u64),
}

/// Figures, and what stands beside them.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What both sides compute alike.
    pub figures: Figures,
    /// What was counted, for those who count otherwise.
    pub counted: Vec<Counted>,
    /// The heads: ours, the peer's.
    pub heads: (CutHead, CutHead),
    /// Both logs have gone on behind the time: nothing more can come in below the cut.
    pub settled: bool,
    /// Matters of ours that the peer does not hold, and since when: no clock of the peer runs for
    /// them, and they are in no shared figure.
    pub undelivered: Vec<(MatterId, u64)>,
    /// Matters in a flow that this program does not know.
    pub unknown: u64,
}

impl Node {
    /// The figures of a channel. [`Code::CutNotShared`] if the cut is not one that both sides have
    /// cosigned, or if something in it is newer than the time that is asked for.
    pub fn figures(
        &mut self,
        peer: &PartyId,
        ring: Ring,
        cut: Cut,
        period: Period,
    ) -> Result<Shown> {
        let at = self.channel_at(peer, ring)?;
        let (cut, settled) = self.cut(at, cut)?;
        self.gather(at, &cut)?;
        let (channel, me) = (&self.channels[at], self.me);
        let gathered = &self.gathered[&channel.row.number];
        let lower = me < channel.row.peer;
        let order = |own, peer| if lower { [own, peer] } else { [peer, own] };
        let parties = if lower { [me, channel.row.peer] } else { [channel.row.peer, me] };
        let frame = Frame {
            channel: channel.row.channel,
            drill: channel.row.drill,
            parties,
            heads: order(cut.own, cut.peer),
            as_of: cut.as_of,
            from: period.from,
            to: period.to,
        };
        let observed = gathered.matters.values();
        let counted: Vec<Counted> =
            observed.clone().flat_map(|observed| observed.counted.iter().cloned()).collect();
        Ok(Shown {
            figures: Figures::of(frame, &counted),
            counted,
            heads: (cut.own, cut.peer),
            settled,
            undelivered: undelivered(self.store.as_ref(), channel)?,
            unknown: observed.filter(|observed| observed.unknown).count() as u64,
        })
    }

    /// Every act below a cut with what our record says of it.
    pub fn figure_lines(&mut self, peer: &PartyId, ring: Ring, cut: Cut) -> Result<Vec<Line>> {
        let at = self.channel_at(peer, ring)?;
        let (cut, _) = self.cut(at, cut)?;
        let channel = &self.channels[at];
        let heads = &self.gathered[&channel.row.number];
        let heads = (&heads.own_heads, &heads.peer_heads);
        lines(self.store.as_ref(), channel, heads, (cut.own.size, cut.peer.size))
    }

    /// The heads of a cut. Both must be cosigned by the other side: the cosignature on a later head
    /// says the same of every head before it. FIG-1
    fn cut(&mut self, at: usize, cut: Cut) -> Result<(Heads, bool)> {
        let name = self.name_of(&self.channels[at].row.peer, "en");
        let channel = &self.channels[at];
        let number = channel.row.number;
        let gathered = self.gathered.entry(number).or_insert_with(|| Gathered::of(channel));
        if !gathered.leads_to(channel, u64::MAX, u64::MAX) {
            *gathered = Gathered::of(channel);
        }
        gathered.read_heads(self.store.as_ref(), number)?;
        let (own, peer) = (&gathered.own_heads, &gathered.peer_heads);
        let (by_peer, by_us) = (channel.peer_cosigned, channel.cosigned);
        let missing = |whose: &str| Code::CutNotShared.at(format!("{name}: {whose}"));
        match cut {
            Cut::AsOf(as_of) => {
                let ((own_head, own_behind), (peer_head, peer_behind)) =
                    (own.as_of(as_of), peer.as_of(as_of));
                let own_head = own_head.ok_or_else(|| missing("no head of ours so early"))?;
                let peer_head = peer_head.ok_or_else(|| missing("no head of theirs so early"))?;
                let cosigned = own_head.size <= by_peer && peer_head.size <= by_us;
                let own = own.within(own_head.size.min(by_peer));
                let peer = peer.within(peer_head.size.min(by_us));
                let own = own.ok_or_else(|| missing("no head of ours is cosigned yet"))?;
                let peer = peer.ok_or_else(|| missing("no head of theirs is cosigned yet"))?;
                Ok((Heads { own, peer, as_of }, cosigned && own_behind && peer_behind))
            }
            Cut::At(own_size, peer_size, as_of) => {
                let own = own.at(own_size).filter(|head| head.size <= by_peer);
                let peer = peer.at(peer_size).filter(|head| head.size <= by_us);
                let own = own.ok_or_else(|| missing("our head"))?;
                let peer = peer.ok_or_else(|| missing("their head"))?;
                if own.time.max(peer.time) > as_of {
                    return Err(missing("a head is newer than the time asked for"));
                }
                Ok((Heads { own, peer, as_of }, true))
            }
        }
    }

    /// Gathers up to a cut: on from what is there, or anew for an older cut.
    fn gather(&mut self, at: usize, cut: &Heads) -> Result<()> {
        let channel = &self.channels[at];
        let number = channel.row.number;
        let (own, peer) = (cut.own.size, cut.peer.size);
        let store = self.store.as_ref();
        let gathered = self.gathered.entry(number).or_insert_with(|| Gathered::of(channel));
        if !gathered.leads_to(channel, own, peer) {
            *gathered = Gathered::of(channel);
            gathered.read_heads(store, number)?;
        }
        let done = gathered.extend(store, channel, (own, peer));
        if done.is_err() {
            // Half of it may be there: the next one begins from nothing.
            self.gathered.remove(&number);
        }
        done
    }

    /// Forgets what was gathered, so that the next figures are computed from the acts alone.
    pub fn forget_figures(&mut self) {
        self.gathered.clear();
    }
}

/// A cut: our head, the peer's, and the time.
struct Heads {
    own: CutHead,
    peer: CutHead,
    as_of: u64,
}
