//! Periods of retention: when the text of a closed matter may be erased, and by when it must be.
//! Nothing here is logged or sent, and nothing is erased by itself: a person says so, matter by
//! matter or for all whose time has come. Spec: docs/spec/retention.md.

use crate::node::Node;
pub use crate::shelf::Kept;
use crate::shelf::{DAY, Period, Seen, Shelf};
use crate::view::MatterView;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::MatterId;
use counterpart_record::keys::Ring;
use counterpart_store::{Owner, RetainRow};

impl Node {
    /// The periods that this node keeps from now on.
    pub fn set_periods(&mut self, periods: Vec<Period>) {
        self.shelf = Shelf::new(periods);
    }

    /// The closed matters whose text may be erased, what must go first at the front, and how many
    /// were not looked at yet: at most `most` are in one call, each once a day. Without a period
    /// there is none. RET-5, RET-6.
    pub fn retention(&mut self, most: usize) -> Result<(Vec<Kept>, usize)> {
        self.look_at_shelf(most)?;
        let Some(mut seen) = self.shelf.seen.take() else { return Ok((Vec::new(), 0)) };
        let holds = self.store.retained()?;
        for one in &mut seen.kept {
            let held = holds.iter().find(|row| row.matter == one.matter);
            (one.held_until, one.as_of) = (held.map(|row| row.until), self.vouched(one.ring));
        }
        let come = seen.kept.iter().filter(|one| one.may_at <= one.as_of);
        let mut come: Vec<Kept> = come.cloned().collect();
        come.sort_by_key(|one| (one.must_at, one.matter));
        let unread = seen.unread.len();
        self.shelf.seen = Some(seen);
        Ok((come, unread))
    }

    /// Looks at so many more of the matters whose newest act is old enough; the first look of a day
    /// begins anew. A node that runs does it a few at a time, so that nobody waits for all.
    pub(crate) fn look_at_shelf(&mut self, most: usize) -> Result<()> {
        let Some(least) = self.shelf.periods.iter().map(|period| period.may_days).min() else {
            return Ok(());
        };
        let now = Ring::ALL.map(|ring| self.vouched(ring));
        let day = |times: [u64; 2]| times.map(|at| at / DAY);
        let mut seen = match self.shelf.seen.take().filter(|seen| day(seen.at) == day(now)) {
            Some(seen) => seen,
            None => {
                let latest = now.iter().max().copied().unwrap_or(0);
                let before = latest.saturating_sub(u64::from(least) * DAY);
                Seen { at: now, unread: self.store.worded(before)?, kept: Vec::new() }
            }
        };
        for (number, id) in seen.unread.split_off(seen.unread.len().saturating_sub(most)) {
            seen.kept.extend(self.kept(number, &id)?);
        }
        self.shelf.seen = Some(seen);
        Ok(())
    }

    /// The time of a ring by which a text may go for good. RET-9
    pub fn vouched(&self, ring: Ring) -> u64 {
        let two = self.channels.iter().filter(|channel| !channel.one_sided && !channel.row.drill);
        let heard = two.map(|channel| channel.peer.time()).max().unwrap_or(0);
        self.seams.clock.vouched(ring, heard)
    }

    /// A person says that the clock is right, however far it went ahead. RET-9
    pub fn vouch(&mut self) -> Result<()> {
        self.seams.clock.vouch()
    }

    /// Where a matter stands with its period. `None` if there is no period for it, if it is open,
    /// if nothing is left of its text, or if the clock shows less than the channel has seen.
    fn kept(&self, number: u32, id: &MatterId) -> Result<Option<Kept>> {
        let Some(kept) = self.period_of(number, id)? else { return Ok(None) };
        // A clock that went back says nothing about how long something was kept. RET-7.
        let newest = self.store.head_newest(number, Owner::Own)?;
        let newest =
            newest.map(|bytes| counterpart_record::head::Head::parse(&bytes)).transpose()?;
        Ok(Some(kept).filter(|kept| newest.is_none_or(|head| head.time <= kept.as_of)))
    }

    fn period_of(&self, number: u32, id: &MatterId) -> Result<Option<Kept>> {
        let view = self.matter_in(number, id)?;
        // What is in force never closes. RET-10.
        let Some(flow) = view.flow.filter(|flow| flow.lone().is_none()).map(|flow| flow.name())
        else {
            return Ok(None);
        };
        let Some(period) = self.shelf.period(&view.stream, flow) else { return Ok(None) };
        let texts = view.acts.iter().any(|act| act.words() > 0);
        let as_of = self.vouched(view.ring);
        if !texts {
            return Ok(None);
        }
        let Some(closed_at) = self.closed_at(number, &view, as_of)? else { return Ok(None) };
        let after = |days: u32| closed_at.saturating_add(u64::from(days) * DAY);
        let held = self.store.retained()?.into_iter().find(|row| row.matter == *id);
        Ok(Some(Kept {
            matter: *id,
            peer: view.peer,
            ring: view.ring,
            flow,
            closed_at,
            may_at: after(period.may_days),
            must_at: after(period.must_days),
            held_until: held.map(|row| row.until),
            as_of,
            stream: view.stream,
        }))
    }

    /// When a matter closed: with its newest act by the later of both logs, or by the clock after
    /// that, with the end of what was held at the latest. RET-5, RET-12.
    fn closed_at(&self, number: u32, view: &MatterView, as_of: u64) -> Result<Option<u64>> {
        if !view.state.as_ref().is_some_and(|state| state.closed && !state.kept) {
            return Ok(None);
        }
        let times = view.acts.iter().map(|act| act.logged_at.max(act.held_at.unwrap_or(0)));
        let mut from = times.max().unwrap_or(0);
        if from >= as_of || self.was_closed(number, &view.matter, from)? {
            return Ok(Some(from));
        }
        let mut to = as_of;
        while to - from > 1 {
            let middle = from + (to - from) / 2;
            if self.was_closed(number, &view.matter, middle)? {
                to = middle;
            } else {
                from = middle;
            }
        }
        Ok(Some(to))
    }

    /// Refuses to erase what is held or kept: [`Code::Retained`] says until when. RET-6.
    pub(crate) fn erasable(&self, number: u32, id: &MatterId, ring: Ring) -> Result<()> {
        let now = self.vouched(ring);
        let held = self.store.retained()?.into_iter().find(|row| row.matter == *id);
        if let Some(row) = held.filter(|row| now < row.until) {
            return Err(Code::Retained.at(counterpart_rules::clock::shown(row.until)));
        }
        match self.period_of(number, id)?.filter(|kept| now < kept.may_at) {
            Some(kept) => Err(Code::Retained.at(counterpart_rules::clock::shown(kept.may_at))),
            None => Ok(()),
        }
    }

    /// Holds the text of a matter until a time, whatever the periods say; `None` lets it go. It
    /// stays here: nobody else learns of it. RET-6.
    pub fn retain(&mut self, id: &MatterId, hold: Option<(u64, String)>) -> Result<()> {
        let ring = self.matter(id)?.ring;
        let set_at = self.now(ring);
        if hold.as_ref().is_some_and(|(until, _)| *until <= set_at) {
            return Err(Code::ArgumentWrong.at("--until: no time to come"));
        }
        let row = hold.map(|(until, why)| RetainRow { matter: *id, until, why, set_at });
        // Whatever was said before about why is overwritten like the text of a matter.
        self.store.scrub(true)?;
        self.store.retain(id, row.as_ref())?;
        self.store.scrub(false)
    }

    /// Every hold that somebody here has set, also those that are over.
    pub fn retained(&self) -> Result<Vec<RetainRow>> {
        self.store.retained()
    }

    /// A matter was erased: it is no longer among those to look at.
    pub(crate) fn shelved(&mut self, id: &MatterId) {
        if let Some(seen) = &mut self.shelf.seen {
            seen.unread.retain(|(_, matter)| matter != id);
            seen.kept.retain(|one| one.matter != *id);
        }
    }
}
