//! The clocks of a request: which of them run, from what on, what stops them.

use super::answering::Answered;
use super::asking::Asked;
use crate::act::{Act, Half};
use crate::clock::{End, Pause, Stop, Timer};
use crate::terms::Terms;

/// Every clock of the matter, in a fixed order. None runs before the other side holds the request
/// (CLK-4), and a withdrawal leaves nothing due.
pub(super) fn timers(
    asked: &Asked<'_>,
    answered: &Answered<'_>,
    terms: &Terms,
    as_of: u64,
) -> Vec<Timer> {
    asked_for(asked, answered, terms, as_of).into_iter().collect()
}

/// The time that the request itself names.
fn asked_for(
    asked: &Asked<'_>,
    answered: &Answered<'_>,
    terms: &Terms,
    as_of: u64,
) -> Option<Timer> {
    let request = asked.request?;
    let limit = request.instant("reply_by")?;
    if asked.withdrawn.is_some() && answered.conclusion.is_none() {
        return None;
    }
    // Whoever has written in the matter holds the request, whatever the heads say so far.
    let held = request.held_at.or((!answered.silent()).then_some(request.logged_at))?;
    let profile = terms.profile("P-ASKED")?;
    let ended = answered.conclusion.map(end);
    let stops = questions(asked, answered);
    Some(Timer::run(profile, Half::Answering, (held, limit.max(held)), stops, ended, as_of))
}

/// The stretches for which questions of the answering side were open.
fn questions(asked: &Asked<'_>, answered: &Answered<'_>) -> Vec<Stop> {
    let stops = answered.questions.iter().map(|question| {
        let to = asked.supplement_to(question).map(|act| act.logged_at);
        Stop { by: Half::Answering, pause: Pause { from: question.logged_at, to } }
    });
    stops.collect()
}

fn end(act: &Act) -> End {
    End { logged_at: act.logged_at, held_at: act.held_at }
}
