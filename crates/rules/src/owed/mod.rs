//! What the terms of a channel ask of both sides by the calendar, and no matter asks: the figures
//! of each year, and a test of the line every so often. These clocks run where terms name them and
//! nowhere else (CLK-24), start and end only with what both logs hold, and count by the terms that
//! were in force when they started.

use crate::act::{Act, Half};
use crate::clock::{End, Limit, Profile, Start, Timer, Year};
use crate::flow::{Flow, Past, scheduled_test, stated_figures};
use crate::terms::Terms;
use counterpart_record::id::Entry;

/// Something that a side did in a channel and that a clock of the channel starts or ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// What was done.
    what: What,
    /// The act.
    entry: Entry,
    /// Seconds (UTC) of its author's official head.
    logged_at: u64,
    /// Seconds (UTC) of the receiver's.
    held_at: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Figures were stated: from, to (not included), as of, in seconds (UTC).
    Stated(u64, u64, u64),
    /// The line was tested.
    Tested,
}

impl Deed {
    /// From when on both logs have it, in seconds (UTC). CLK-4
    fn both_at(&self) -> u64 {
        self.logged_at.max(self.held_at)
    }

    fn end(&self) -> End {
        End { logged_at: self.logged_at, held_at: Some(self.held_at) }
    }

    /// Whether it states the figures of a whole year, which was over by then. CLK-25
    fn states(&self, year: Year) -> bool {
        let What::Stated(from, to, as_of) = self.what else { return false };
        let whole = (from, to) == (year.from, year.to);
        whole && as_of.saturating_add(1) >= year.to && self.logged_at >= year.to
    }
}

/// From when on both logs hold an act, in seconds (UTC); `None` while one of them does not.
pub fn both_hold(act: &Act) -> Option<u64> {
    act.held_at.map(|held_at| held_at.max(act.logged_at))
}

/// What the opener of a matter did by opening it, if a clock of the channel reads that and both
/// logs hold it: what the other side never got says nothing to it.
pub fn deed(flow: &Flow, past: Past<'_>) -> Option<Deed> {
    let act = past.asking.first()?;
    let stated = stated_figures(flow, past).map(|one| What::Stated(one.from, one.to, one.as_of));
    let tested = (flow.rules() == scheduled_test().0).then_some(What::Tested);
    let (what, held_at) = (stated.or(tested)?, act.held_at?);
    Some(Deed { what, entry: act.entry, logged_at: act.logged_at, held_at })
}

/// The clocks of a channel at `as_of`. `agreed` are the terms with the time from which each was in
/// force, in that order; `deeds` what either side did, in any order. Every clock that runs, and of
/// those that ended the newest of each sort and side. All times in seconds (UTC).
pub fn duties(agreed: &[(u64, &Terms)], deeds: &[(Half, Deed)], as_of: u64) -> Vec<Timer> {
    let begun = agreed.partition_point(|(from, _)| *from <= as_of);
    let of = Duties { agreed: &agreed[..begun], deeds, as_of };
    let mut timers = of.yearly();
    timers.extend(of.interval());
    timers
}

struct Duties<'a> {
    agreed: &'a [(u64, &'a Terms)],
    deeds: &'a [(Half, Deed)],
    as_of: u64,
}

impl Duties<'_> {
    /// The terms in force at a time.
    fn terms(&self, at: u64) -> Option<&Terms> {
        let begun = self.agreed.partition_point(|(from, _)| *from <= at);
        begun.checked_sub(1).map(|last| self.agreed[last].1)
    }

    fn timer(&self, terms: &Terms, profile: &Profile, who: Half, run: Run) -> Option<Timer> {
        let limit = match (profile.limit, run.year) {
            // On the same day for both, each in its own zone, also where the year is another.
            (Limit::Yearly(month, day), Some(year)) => {
                let after = year.number.checked_add(1)?;
                terms.calendar(who).in_year(after, (month, day), profile.rolls)?
            }
            _ => terms.limit(profile, who, run.from)?,
        };
        let span = (run.from, limit);
        Some(Timer::run(profile, who, span, Vec::new(), run.end, self.as_of))
    }

    /// The figures of every year that is over and at whose end terms asked for them. Each side
    /// states its own. CLK-25
    fn yearly(&self) -> Vec<Timer> {
        let mut timers: Vec<Timer> = Vec::new();
        let mut next = self.agreed.first().and_then(|(from, _)| Year::of(*from));
        while let Some(year) = next.filter(|year| year.to <= self.as_of) {
            next = Year::of(year.to);
            let Some(terms) = self.terms(year.to - 1) else { continue };
            let Some(profile) = named(terms, Start::Year) else { continue };
            for who in [Half::Asking, Half::Answering] {
                let of = self.deeds.iter().filter(|(by, deed)| *by == who && deed.states(year));
                let first = of.min_by_key(|(_, deed)| (deed.both_at(), deed.entry.0));
                let end = first.map(|(_, deed)| deed.end());
                let run = Run { year: Some(year), from: year.to, end };
                timers.extend(self.timer(terms, profile, who, run));
            }
        }
        // Of the years that were stated one is enough to say so.
        let last = |who| timers.iter().rposition(|timer| timer.who == who && !timer.runs());
        let kept = [last(Half::Asking), last(Half::Answering)];
        let each = timers.into_iter().enumerate();
        let each = each.filter(|(at, timer)| timer.runs() || kept.contains(&Some(*at)));
        each.map(|(_, timer)| timer).collect()
    }

    /// The interval between tests of the line: from the last one, whoever set it, or from when the
    /// interval was agreed. CLK-26
    fn interval(&self) -> Vec<Timer> {
        let length = |terms: &Terms| {
            named(terms, Start::LastTest).map(|profile| (profile.limit, profile.rolls))
        };
        let Some(now) = self.agreed.last().and_then(|(_, terms)| length(terms)) else {
            return Vec::new();
        };
        // What is agreed anew and asks for the same changes nothing; another length starts afresh.
        let same = self.agreed.iter().rev().take_while(|(_, terms)| length(terms) == Some(now));
        let since = same.last().map_or(0, |(from, _)| *from);
        let tests = self.deeds.iter().map(|(_, deed)| deed);
        let mut tests: Vec<&Deed> = tests
            .filter(|deed| deed.what == What::Tested && deed.both_at() > since)
            .filter(|deed| deed.both_at() <= self.as_of)
            .collect();
        tests.sort_by_key(|deed| (deed.both_at(), deed.entry.0));
        let mut runs = Vec::new();
        if let Some((last, before)) = tests.split_last() {
            let from = before.last().map_or(since, |deed| deed.both_at());
            runs.push(Run { year: None, from, end: Some(last.end()) });
        }
        let from = tests.last().map_or(since, |deed| deed.both_at());
        runs.push(Run { year: None, from, end: None });
        let each = runs.into_iter().flat_map(|run| {
            [Half::Asking, Half::Answering].into_iter().filter_map(move |who| {
                let terms = self.terms(run.from)?;
                self.timer(terms, named(terms, Start::LastTest)?, who, run)
            })
        });
        each.collect()
    }
}

/// One run of a clock: which year it is about, from when, in seconds (UTC), and what ended it.
#[derive(Clone, Copy)]
struct Run {
    year: Option<Year>,
    from: u64,
    end: Option<End>,
}

fn named(terms: &Terms, start: Start) -> Option<&Profile> {
    terms.of_channel().find(|profile| profile.start == start)
}

#[cfg(test)]
mod tests;
