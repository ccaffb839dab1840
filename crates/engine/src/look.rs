//! Looking: how the queue is brought up to the record, a piece at a time, and what of a matter goes
//! into it. CLK-33.

use crate::docket::Key;
use crate::node::Node;
use crate::view::{MatterView, Stand};
use counterpart_record::fault::Result;
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_rules::clock::{Sort, Timer, Year};
use counterpart_store::{DocketMark, OpenRow};

/// Matters read in one piece, so that whoever has more urgent things to do can do them between.
const PIECE: usize = 256;

impl Node {
    /// Brings the queue a piece further: how many matters are left to be read. CLK-33.
    pub fn read_docket(&mut self) -> Result<usize> {
        for at in 0..self.channels.len() {
            self.notice(at)?;
        }
        let mut read: Vec<Key> = self.docket.live.iter().copied().collect();
        for _ in 0..PIECE {
            read.extend(self.docket.unread.pop_first());
        }
        for key in read {
            self.stand_of(key)?;
        }
        Ok(self.docket.unread.len())
    }

    /// Brings the queue up to what the record holds.
    pub(crate) fn read_whole_docket(&mut self) -> Result<()> {
        while self.read_docket()? > 0 {}
        Ok(())
    }

    /// Reads one matter for a queue, and keeps its line as it is now.
    pub(crate) fn stand_of(&mut self, key: Key) -> Result<Option<Stand>> {
        let stand = self.stand(key.0, &key.1)?;
        let line = stand.as_ref().and_then(|stand| line(key.1, stand, self.now_of(key.0)));
        let at = self.channels.iter().position(|channel| channel.row.number == key.0);
        let live = at.is_some_and(|at| self.watch.all.contains(&(at, key.1)));
        self.docket.set(key, line, live);
        Ok(stand)
    }

    /// The time of a channel's ring.
    pub(crate) fn now_of(&self, channel: u32) -> u64 {
        let found = self.channels.iter().find(|one| one.row.number == channel);
        self.seams.clock.now(found.map_or(Ring::Live, |channel| channel.ring))
    }

    /// Notes what was written or heard of in a channel since it was looked at last.
    fn notice(&mut self, at: usize) -> Result<()> {
        let channel = &self.channels[at];
        let number = channel.row.number;
        let now = DocketMark {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            epochs: (channel.row.epoch, channel.row.peer_epoch),
            own: channel.own.frontier.size(),
            peer: channel.peer.frontier.size(),
        };
        let (store, all) = (&self.store, &self.watch.all);
        let live = |key: &Key| all.contains(&(at, key.1));
        let from = self.docket.notice(number, now, || store.docket(number), live)?;
        let mut touched = match from {
            Some((own, peer)) => self.store.touched(number, own, peer)?,
            None => Vec::new(),
        };
        // The clocks of the channel itself stand in the matter that agreed them. They change with
        // what is done in others, and one starts when a year ends.
        if self.channels[at].agreed.sets_duties() {
            let year = Year::of(self.now_of(number)).map_or(0, |year| year.number);
            if self.docket.turns(number, year) || !touched.is_empty() {
                touched.extend(self.channels[at].agreeing().into_iter().flatten());
            }
        }
        self.docket.unread.extend(touched.into_iter().map(|matter| (number, matter)));
        // What is held comes to its end without an act, and then it is its holder's turn.
        let ended = self.docket.ended(number, self.now_of(number));
        self.docket.unread.extend(ended);
        Ok(())
    }

    /// The matters that wait for somebody, at most `limit`: those in which it is our turn, then the
    /// others; of each, what presses, then what `first` chooses by peer, ring and stream, then what
    /// is due soonest.
    pub fn open_matters(
        &mut self,
        limit: usize,
        first: impl Fn(&PartyId, Ring, &str) -> bool,
    ) -> Result<Vec<MatterView>> {
        self.read_whole_docket()?;
        let chosen = |number: u32, stream: &str| {
            let channel = self.channels.iter().find(|channel| channel.row.number == number);
            channel.is_some_and(|channel| first(&channel.row.peer, channel.ring, stream))
        };
        let list = self.docket.open_by(chosen);
        list.iter().take(limit).map(|(number, id)| self.matter_in(*number, id)).collect()
    }
}

/// What is kept of a matter; `None` when nothing is expected of anybody and no clock runs.
fn line(matter: MatterId, stand: &Stand, now: u64) -> Option<OpenRow> {
    let timers = || stand.state.timers.iter().filter(|timer| timer.runs());
    // After an answer something more may have been asked.
    let over = stand.state.closed && stand.state.waiting_for.is_none();
    if over && timers().next().is_none() {
        return None;
    }
    let end = |timer: &Timer| timer.mark_at(100, until(timer, now));
    let mut marks: Vec<u64> =
        timers().flat_map(|timer| timer.marks(until(timer, now))).map(|(_, at)| at).collect();
    marks.sort_unstable();
    marks.dedup();
    Some(OpenRow {
        matter,
        stream: stand.stream.clone(),
        due: timers().map(end).min(),
        ours: timers().filter(|timer| stand.concerns_us(timer)).map(end).min(),
        duty: timers().filter(|timer| timer.sort == Sort::Term).map(end).min(),
        marks,
        moving: timers().any(|timer| stands_still(timer, now)),
        closed: over,
        turn: stand.state.waiting_for == Some(stand.half),
        presses: stand.state.presses,
    })
}

fn stands_still(timer: &Timer, now: u64) -> bool {
    now <= timer.due && timer.stops.iter().any(|stop| stop.pause.to.is_none())
}

/// Up to when the pauses of a clock are counted: all of them, or, while one lasts, none, so that
/// what is kept is the earliest that can be and does not depend on when it was read.
fn until(timer: &Timer, now: u64) -> u64 {
    if stands_still(timer, now) {
        return timer.started_at;
    }
    timer.stops.iter().filter_map(|stop| stop.pause.to).max().map_or(now, |last| last.max(now))
}
