//! What a flow tells of one matter so that it can be counted: moments, ends, words. Nothing here
//! depends on the time at which figures are asked for, so an observation is made once and stays
//! good until another act comes.

use crate::act::{Act, Half};
use crate::clock;

/// When one act came about, on each party's own clock: the time of the official head by which that
/// party's log took it in. An interval is only ever taken between two times of one clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// On the clock of the party that opened the matter, seconds (UTC).
    pub asking: u64,
    /// On the clock of the other party, seconds (UTC).
    pub answering: u64,
}

impl Moment {
    /// Of an act. An act that only its author holds has one time, and is not counted in figures.
    pub fn of(act: &Act) -> Moment {
        let held = act.held_at.unwrap_or(act.logged_at);
        match act.half {
            Half::Asking => Moment { asking: act.logged_at, answering: held },
            Half::Answering => Moment { asking: held, answering: act.logged_at },
        }
    }

    /// On one of the two clocks.
    pub fn on(self, half: Half) -> u64 {
        match half {
            Half::Asking => self.asking,
            Half::Answering => self.answering,
        }
    }
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// What was waited for came.
    Reached(Moment),
    /// The wait ended without it: something else concluded the matter. Censored at that moment.
    Left(Moment),
    /// It has not ended. Censored at the time of the figures, and never left out. FIG-6
    Open,
}

/// A wait for one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What is waited for; the phrase key is `figure-wait-<name>`.
    pub name: &'static str,
    /// Since when.
    pub from: Moment,
    /// How it ended.
    pub end: End,
}

/// A clock of the matter: a duty with a limit, or a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Its profile: `P-977-U1`.
    pub profile: &'static str,
    /// Whose duty it is, if it is one: only what is owed by one is overdue.
    pub duty: Option<Half>,
    /// What met it (`answered`, `refused`, `done`); the phrase key is `figure-<name>`. Refusals
    /// are a row of their own and never added to answers.
    pub name: &'static str,
    /// How it stands.
    pub met: Met,
}

/// How a duty with a limit stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// It was done; in time, late, or contested between the two clocks.
    Done(clock::Verdict),
    /// It is still owed: overdue once the clock has run out.
    Owed(clock::Clock),
}

/// One matter, or one thing in it that is counted by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What is counted, for example `request`; the phrase key is `figure-sort-<sort>`.
    pub sort: &'static str,
    /// Its kind within the sort (the measure asked for); the phrase key is
    /// `choice-<kind_field>-<kind>`.
    pub kind: String,
    /// The choice list that `kind` is a word of.
    pub kind_field: &'static str,
    /// When it began: the asking party's clock says which period it belongs to. FIG-3
    pub begun: Moment,
    /// Named counts; the phrase key is `figure-<name>`.
    pub counts: Vec<(&'static str, u64)>,
    /// Words to tally, by choice list: `("ground", "no-reason-given")`.
    pub words: Vec<(&'static str, String)>,
    /// Waits.
    pub waits: Vec<Wait>,
    /// Duties with a limit.
    pub terms: Vec<Term>,
    /// Stretches in which a clock stood still; the second moment is missing while one lasts.
    pub pauses: Vec<(Moment, Option<Moment>)>,
    /// Counts that come due at a time (seconds, UTC) unless something had prevented it: a hold
    /// that ended with no formal request.
    pub lapses: Vec<(&'static str, u64)>,
}

impl Observation {
    /// Nothing known yet but what it is and when it began.
    pub fn new(
        sort: &'static str,
        kind_field: &'static str,
        kind: &str,
        begun: Moment,
    ) -> Observation {
        Observation {
            sort,
            kind: kind.to_owned(),
            kind_field,
            begun,
            counts: Vec::new(),
            words: Vec::new(),
            waits: Vec::new(),
            terms: Vec::new(),
            pauses: Vec::new(),
            lapses: Vec::new(),
        }
    }

    /// Adds a count; nothing is added for zero.
    pub fn count(&mut self, name: &'static str, many: u64) {
        if many > 0 {
            self.counts.push((name, many));
        }
    }

    /// The count of this name.
    pub fn counted(&self, name: &str) -> u64 {
        self.counts.iter().filter(|(other, _)| *other == name).map(|(_, many)| many).sum()
    }

    /// The first word of this list.
    pub fn word(&self, list: &str) -> Option<&str> {
        self.words.iter().find(|(other, _)| *other == list).map(|(_, word)| word.as_str())
    }
}
