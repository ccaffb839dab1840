//! The clocks of a request: which of them run, from what on, what stops them.

use super::between::Both;
use crate::act::{Act, Half};
use crate::clock::{End, Pause, Stop, Timer};
use crate::terms::Terms;

/// Every clock of the matter, in a fixed order. None runs before the other side holds the request
/// (CLK-4), and a withdrawal leaves nothing due.
pub(super) fn timers(both: &Both<'_>, terms: &Terms, as_of: u64) -> Vec<Timer> {
    asked_for(both, terms, as_of).into_iter().collect()
}

/// The time that the request itself names.
fn asked_for(both: &Both<'_>, terms: &Terms, as_of: u64) -> Option<Timer> {
    let (asked, answered) = (&both.asked, &both.answered);
    let request = asked.request?;
    let limit = request.instant("reply_by")?;
    if asked.ended().is_some() && answered.conclusion.is_none() {
        return None;
    }
    // Whoever has written in the matter holds the request, whatever the heads say so far.
    let held = request.held_at.or((!answered.silent()).then_some(request.logged_at))?;
    let profile = terms.profile("P-ASKED")?;
    let ended = answered.conclusion.map(end);
    let stops = asked_back(both);
    Some(Timer::run(profile, Half::Answering, (held, limit.max(held)), stops, ended, as_of))
}

/// The stretches for which the answering side waited for a word of the opener.
fn asked_back(both: &Both<'_>) -> Vec<Stop> {
    let stops = both.asked_back().into_iter().map(|(from, to)| {
        let to = to.map(|act| act.logged_at);
        Stop { by: Half::Answering, pause: Pause { from: from.logged_at, to } }
    });
    stops.collect()
}

fn end(act: &Act) -> End {
    End { logged_at: act.logged_at, held_at: act.held_at }
}
