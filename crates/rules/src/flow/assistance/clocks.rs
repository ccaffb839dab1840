//! The clocks of a request: which of them run, from what on, what moves and what ends them.
//!
//! Three sources set them: the request itself (`reply_by`, `formal_by`), what the other side writes
//! (a hold, a question to be answered by a time, a review), and the profiles of the instrument. The
//! instrument's data differ between editions of this program; so do these clocks, never a verdict.

use super::between::Both;
use super::held::{hold_end, hold_profile, unheeded_release};
use super::meant::{fits, for_emergencies, presses};
use crate::act::{Act, Half};
use crate::clock::{
    End, Expiry, IDENTITY_VERIFIED, Pause, PauseRule, Profile, Sort, Start, Stop, Timer, Verdict,
};
use crate::instrument::instrument;
use crate::terms::Terms;

/// Every clock of the matter, in a fixed order. None runs before the side that must act holds what
/// starts it (CLK-4), and a withdrawal leaves nothing due but what is still kept.
pub(super) fn timers(both: &Both<'_>, terms: &Terms, as_of: u64) -> Vec<Timer> {
    let Some(run) = Run::of(both, terms, as_of) else {
        return Vec::new();
    };
    let mut timers = Vec::new();
    if both.asked.ended().is_none() || both.answered.conclusion.is_some() {
        timers.extend(run.asked_for());
        timers.extend(run.by_instrument());
        timers.extend(run.at_once());
        timers.extend(run.replies());
        timers.extend(run.review());
        timers.extend(run.formal());
    }
    timers.extend(run.hold());
    timers
}

/// Whether help is due at once, or was until it came: an aim that was met, or a request that was
/// withdrawn, was due at once all the same. CLK-7, FIG-6
pub(super) fn is_at_once(both: &Both<'_>, terms: &Terms) -> bool {
    let Some(run) = Run::of(both, terms, 0) else { return false };
    run.by_instrument().iter().chain(&run.at_once()).any(Timer::at_once)
}

/// Profiles that two sides may agree on whatever a request rests on.
const ANYWHERE: &[&str] = &["P-LECD-30"];

/// A request that the other side holds.
pub(super) struct Run<'a> {
    pub both: &'a Both<'a>,
    pub request: &'a Act,
    pub terms: &'a Terms,
    /// When the other side came to hold the request.
    held: u64,
    as_of: u64,
    /// The stretches for which the answering side waited for a word of the opener.
    pub stops: Vec<Stop>,
}

impl<'a> Run<'a> {
    pub fn of(both: &'a Both<'a>, terms: &'a Terms, as_of: u64) -> Option<Run<'a>> {
        let request = both.asked.request?;
        // Whoever has written in the matter holds the request, whatever the heads say so far.
        let wrote = (!both.answered.silent()).then_some(request.logged_at);
        let held = request.held_at.or(wrote)?;
        let stops = both.asked_back().into_iter().map(|(from, to)| {
            let to = to.map(|act| act.logged_at);
            Stop { by: Half::Answering, pause: Pause { from: from.logged_at, to } }
        });
        Some(Run { both, request, terms, held, as_of, stops: stops.collect() })
    }

    /// A clock of this profile from `start` to `limit`, ended by `end`.
    fn timer(
        &self,
        profile: &Profile,
        who: Half,
        (start, limit): (u64, u64),
        end: Option<End>,
    ) -> Timer {
        let stops = match profile.pause {
            PauseRule::OpenQuestion => self.stops.clone(),
            PauseRule::Never => Vec::new(),
        };
        Timer::run(profile, who, (start, limit), stops, end, self.as_of)
    }

    /// The time that the request itself names.
    fn asked_for(&self) -> Option<Timer> {
        let profile = self.terms.profile("P-ASKED")?;
        let limit = self.request.instant("reply_by")?.max(self.held);
        Some(self.timer(profile, Half::Answering, (self.held, limit), self.concluded()))
    }

    /// What the instrument sets for such a request.
    fn by_instrument(&self) -> Vec<Timer> {
        self.profiles().filter_map(|profile| self.set(profile)).collect()
    }

    /// The profiles of its instrument that are meant for such a request. The time for travel papers
    /// is of no instrument that binds: where two sides agreed on it, it counts on any basis.
    pub fn profiles(&self) -> impl Iterator<Item = &'a Profile> {
        let (request, terms) = (self.request, self.terms);
        let named = request.word("instrument").and_then(instrument);
        let ids = named.map_or(&[][..], |named| named.profiles);
        let fetched = self.fetched();
        // CLK-40
        let known = |id: &&&str| match **id {
            "P-977-U1" => !fetched,
            "P-977-U2" => fetched,
            _ => true,
        };
        let agreed = ANYWHERE.iter().filter(|id| terms.names(id) && !ids.contains(id));
        let all = ids.iter().chain(agreed).filter(|id| fits(request, id)).filter(known);
        all.filter_map(|id| terms.profile(id)).collect::<Vec<_>>().into_iter()
    }

    /// Whether the answering side said in time that what is asked for is not at hand. What it says
    /// after the eight hours moves nothing: they are over. CLK-40
    fn fetched(&self) -> bool {
        let short = self.terms.profile("P-977-U1");
        let end = short.and_then(|one| self.terms.limit(one, Half::Answering, self.held));
        let said = self.both.answered.to_fetch.map(|act| act.logged_at);
        said.zip(end).is_some_and(|(said, end)| said <= end)
    }

    /// An emergency for which neither the request nor its instrument sets a time is for now, and
    /// stays in front until it is concluded. A term that is the same without an emergency is no
    /// time for one, and may not even have begun. CLK-35
    fn at_once(&self) -> Option<Timer> {
        let dated = self.request.instant("reply_by").is_some();
        let meant = |profile: &Profile| {
            profile.sort == Sort::Term && for_emergencies(self.request, profile.id)
        };
        if !presses(self.request) || dated || self.profiles().any(meant) {
            return None;
        }
        let profile = self.terms.profile("P-EMERGENCY")?;
        let limit = self.terms.limit(profile, Half::Answering, self.held)?;
        Some(self.timer(profile, Half::Answering, (self.held, limit), self.concluded()))
    }

    fn set(&self, profile: &Profile) -> Option<Timer> {
        self.extended(profile).map(|(timer, _)| timer)
    }

    /// The clock of a profile, and how many extensions are in its limit.
    pub fn extended(&self, profile: &Profile) -> Option<(Timer, u8)> {
        // A hold has its own way.
        if profile.sort == Sort::MinimumHold {
            return None;
        }
        let answered = &self.both.answered;
        let decided = answered.recognised.map(end);
        let (start, ended) = match profile.start {
            // Whoever is notified learns of it when it holds the request.
            Start::Receipt | Start::Contact | Start::Notification => (self.held, self.concluded()),
            Start::AllInformation => (self.complete()?, decided.or(self.concluded())),
            // The record knows the decision, not the service that follows from it.
            Start::Decision | Start::Service => (decided?.logged_at, self.concluded()),
            Start::Verification => (self.verified()?.logged_at, self.concluded()),
            Start::Order => {
                (answered.holding().first()?.instant("effected_at")?, answered.released.map(end))
            }
            _ => return None,
        };
        let ended = match profile.id {
            // A person who has it is the first help; what comes of it has clocks of its own. CLK-8
            "P-BUD-35" | "P-SIENA" => answered.first.map(end),
            "P-EIO-ACK" => answered.has_it.map(end).or(ended),
            "P-EPO-REF" | "P-EPO-REF-8" => self.raised().or(ended),
            "P-EIO-REC" => decided.or(ended),
            // That something is kept does not end the time for which it is kept.
            "P-EPO-PR" => answered.released.or(self.not_kept()).map(end),
            _ => ended,
        };
        let who = profile.who.unwrap_or(Half::Answering);
        let limit = self.terms.limit(profile, who, start)?;
        let (limit, taken) = self.prolonged(profile, who, limit, ended);
        // What was kept for so long as was ordered was kept.
        let kept = profile.id == "P-EPO-PR" && self.as_of > limit && !answered.preserved.is_empty();
        let ended = ended.or(kept.then_some(End { logged_at: limit, held_at: None }));
        let timer = self.timer(profile, who, (start, limit), ended);
        // A transfer shows reception by nobody. One that ends the matter leaves nothing to
        // acknowledge. CLK-8
        let passed_on = profile.id == "P-EIO-ACK" && answered.has_it.is_none();
        Some((if passed_on { needless(timer) } else { timer }, taken))
    }

    /// The first word of the answering side that it has verified who somebody is.
    fn verified(&self) -> Option<&'a Act> {
        let said = |act: &&&Act| act.word("progress") == Some(IDENTITY_VERIFIED);
        self.both.answered.statuses.iter().find(said).copied()
    }

    /// A conclusion by which nothing is kept.
    fn not_kept(&self) -> Option<&'a Act> {
        self.both.answered.conclusion.filter(|act| act.kind != "preserve")
    }

    /// What an authority that was notified says about it: the ground that it raises, or that it
    /// raises none and lets the order stand.
    fn raised(&self) -> Option<End> {
        let answered = &self.both.answered;
        let intent = answered.intents.first();
        let said = [intent.copied(), answered.recognised];
        said.into_iter().flatten().min_by_key(|act| act.logged_at).map(end)
    }

    /// When the papers were complete: at receipt, or with the last answer to a question that came
    /// before the decision. `None` while such a question is open.
    fn complete(&self) -> Option<u64> {
        let decided = self.both.answered.recognised.map_or(u64::MAX, |act| act.logged_at);
        let asked = self.both.asked_back().into_iter();
        let before = asked.filter(|(question, _)| question.logged_at <= decided);
        let mut at = self.held;
        for (_, answer) in before {
            let answer = answer?;
            at = at.max(answer.held_at.unwrap_or(answer.logged_at));
        }
        Some(at)
    }

    /// What is kept: at least as long as any act that set or noted it says and as the profile
    /// wants. A renewal moves it only when its holder has noted it, by preserving anew. CLK-6.
    fn hold(&self) -> Option<Timer> {
        let answered = &self.both.answered;
        let start = answered.holding().first()?.instant("effected_at")?;
        let profile = hold_profile(self.request, self.terms)?;
        let limit = hold_end(self.both, self.terms)?;
        // It goes on until the formal request is decided. Else, past its end, whoever holds it says
        // what became of it, unless the other side has no more use for it. CLK-36
        let waits = profile.expiry == Expiry::UntilDecision
            && !self.both.asked.formal.is_empty()
            && answered.conclusion.is_none_or(|act| act.kind == "preserve");
        let lapsed = self.as_of > limit && !waits;
        let asked = &self.both.asked;
        let needless = lapsed && (asked.closed.is_some() || asked.ended().is_some());
        let over = needless.then_some(End { logged_at: limit, held_at: None });
        // Let go before its time, it ended when that was heard of, and stays before the eyes of who
        // asked for it until it is heeded. CLK-6
        let early = unheeded_release(self.both, self.terms);
        let limit = early.map_or(limit, |act| act.held_at.unwrap_or(act.logged_at));
        let ended = answered.released.filter(|_| early.is_none()).map(end).or(over);
        let mut timer = self.timer(profile, Half::Answering, (start, limit), ended);
        timer.asked_until = self.both.open_renewals().filter_map(|act| act.instant("until")).max();
        timer.let_go = early.is_some();
        timer.lapsed = lapsed && timer.runs() && !timer.let_go;
        Some(timer)
    }

    /// What the opener is asked to answer by a time: a question, an intended refusal, an offer.
    fn replies(&self) -> Vec<Timer> {
        let over = self.concluded();
        let each = self.both.asked_back().into_iter().filter_map(|(question, answer)| {
            let limit = question.instant("supplement_by").or(question.instant("accept_by"))?;
            let profile = self.terms.profile("P-REPLY")?;
            let start = question.held_at?;
            let ended = answer.map(end).or(over);
            let limits = (start, limit.max(start));
            let timer = self.timer(profile, Half::Asking, limits, ended);
            Some(if answer.is_none() { needless(timer) } else { timer })
        });
        each.collect()
    }

    /// When the other side said that it looks again at what it postponed.
    fn review(&self) -> Option<Timer> {
        let newest = self.both.answered.progress.filter(|act| act.kind == "postpone")?;
        let day = newest.word("review_on")?;
        let limit = self.terms.calendar(Half::Answering).day_end(day)?;
        let profile = self.terms.profile("P-REVIEW")?;
        let ends = (newest.logged_at, limit);
        Some(self.timer(profile, Half::Answering, ends, self.concluded()))
    }

    /// The formal request that the opener announced.
    fn formal(&self) -> Option<Timer> {
        let day = self.request.word("formal_by")?;
        let limit = self.terms.calendar(Half::Asking).day_end(day)?;
        let profile = self.terms.profile("P-FORMAL")?;
        let ended = self.both.asked.formal.first().map(|act| end(act));
        // A refusal leaves nothing that a formal request could follow.
        let refused = self.both.answered.conclusion.filter(|act| act.kind == "refuse").map(end);
        Some(self.timer(profile, Half::Asking, (self.request.logged_at, limit), ended.or(refused)))
    }

    fn concluded(&self) -> Option<End> {
        self.both.answered.conclusion.map(end)
    }
}

/// What a conclusion ended before its time was neither met nor missed.
fn needless(mut timer: Timer) -> Timer {
    timer.verdict = timer.verdict.filter(|verdict| *verdict != Verdict::InTime);
    timer
}

fn end(act: &Act) -> End {
    End { logged_at: act.logged_at, held_at: act.held_at }
}

#[cfg(test)]
mod tests;
