//! Where a matter stands, in the same shape for every flow, and how to say it.

use crate::act::Half;
use crate::clock::{self, Sort, Timer, Verdict};
use crate::say::{Lang, Say, duration, render};
use counterpart_record::strict::json::Value;

/// Where a matter stands at a given time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// What the matter waits for: a phrase key, for example `waiting-acknowledgement`.
    pub stage: &'static str,
    /// Whose turn it is; `None` when closed or not yet delivered.
    pub waiting_for: Option<Half>,
    /// When it is due, in seconds (UTC), moved by the pauses so far.
    pub due: Option<u64>,
    /// Whether `due` stands still at this moment.
    pub paused: bool,
    /// Whether `due` has passed and nothing has concluded the matter. It stays open.
    pub overdue: bool,
    /// By how many seconds the conclusion came late, on both clocks.
    pub late_by: Option<u64>,
    /// Whether the conclusion was in time on one clock and late on the other.
    pub contested: bool,
    /// How often the asking side reminded.
    pub reminders: u32,
    /// Whether nothing more is expected of either side.
    pub closed: bool,
    /// Whether the stream of the matter is raised by both sides at this time.
    pub raised: bool,
    /// Every clock of the matter, in a fixed order; what is above is their headline.
    pub timers: Vec<Timer>,
    /// What else the flow knows, in a fixed order.
    pub facts: Vec<Fact>,
}

/// One more thing that a flow knows of a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The name, and the phrase key `fact-<name>`.
    pub name: &'static str,
    /// The value, as JSON output shows it.
    pub value: Value,
    /// How a person reads the value.
    pub shown: Shown,
}

/// How a person reads the value of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As it is: a count or an identifier.
    Plain,
    /// As a word of the choice list of this field.
    Choice(&'static str),
    /// As a time in UTC.
    Instant,
    /// By its name alone; the value is always `true`.
    Flag,
}

impl State {
    /// A stage at which nothing is due and nobody's turn it is: where a fold begins.
    pub fn at(stage: &'static str) -> State {
        State {
            stage,
            waiting_for: None,
            due: None,
            paused: false,
            overdue: false,
            late_by: None,
            contested: false,
            reminders: 0,
            closed: false,
            raised: false,
            timers: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// With its clocks, and with the headline that follows from the duties among them: what is
    /// overdue, else what is due first of the side whose turn it is, else of the other. When none
    /// runs any more, the verdicts of those that ended last.
    pub fn clocked(mut self, timers: Vec<Timer>) -> State {
        let duties = || timers.iter().filter(|timer| timer.sort == Sort::Term);
        let running = || duties().filter(|timer| timer.runs());
        let turn = |timer: &&Timer| Some(timer.who) == self.waiting_for;
        let first = running()
            .filter(|timer| timer.overdue)
            .min_by_key(|timer| timer.due)
            .or_else(|| running().filter(turn).min_by_key(|timer| timer.due))
            .or_else(|| running().min_by_key(|timer| timer.due));
        let last = duties().filter_map(|timer| timer.stopped_at).max();
        let ended = || duties().filter(|timer| timer.stopped_at.is_some_and(|at| Some(at) == last));
        if let Some(timer) = first.or_else(|| ended().min_by_key(|timer| timer.due)) {
            self.due = Some(timer.due);
            (self.paused, self.overdue) = (timer.paused, timer.overdue);
        }
        let verdicts = || ended().filter(|_| first.is_none()).filter_map(|timer| timer.verdict);
        let late = |verdict| if let Verdict::Late(by) = verdict { Some(by) } else { None };
        self.late_by = verdicts().filter_map(late).max();
        self.contested = self.late_by.is_none() && verdicts().any(|one| one == Verdict::Contested);
        self.timers = timers;
        self
    }

    /// The fact of this name.
    pub fn fact(&self, name: &str) -> Option<&Value> {
        self.facts.iter().find(|fact| fact.name == name).map(|fact| &fact.value)
    }

    /// The state in sentences: the stage, the clock, then the facts.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let say = |say: Say| render(lang, &say);
        let mut lines = vec![say(Say::of(self.stage))];
        if let Some(half) = self.waiting_for {
            let half = say(Say::of(format!("half-{}", half.name())));
            lines.push(say(Say::of("state-waiting-for").with("half", half)));
        }
        if let Some(due) = self.due {
            let (key, place) = match (self.overdue, self.paused) {
                // What is late stands above what it waits for.
                (true, _) => ("state-overdue", 0),
                (false, true) => ("state-due-paused", lines.len()),
                (false, false) => ("state-due", lines.len()),
            };
            lines.insert(place, say(Say::of(key).with("at", clock::shown(due))));
        }
        if let Some(late) = self.late_by {
            lines.push(say(Say::of("state-late").with("by", duration(lang, late))));
        }
        if self.contested {
            lines.push(say(Say::of("state-contested")));
        }
        // A single duty is the headline already; of it only the pauses are left to say.
        let said = matches!(&self.timers[..], [only] if only.sort == Sort::Term);
        let clocks = self.timers.iter().flat_map(|timer| clock_lines(timer, lang));
        lines.extend(clocks.skip(usize::from(said)));
        if self.reminders > 0 {
            let reminders = self.reminders.to_string();
            lines.push(say(Say::of("state-reminders").with("count", reminders)));
        }
        lines.extend(self.facts.iter().map(|fact| fact.line(lang)));
        lines
    }
}

/// One clock in sentences: what it is for and when it ends, how near that is, and who kept it
/// still for how long.
fn clock_lines(timer: &Timer, lang: Lang) -> Vec<String> {
    let say = |say: Say| render(lang, &say);
    let key = match (timer.stopped_at, timer.verdict, timer.overdue) {
        (None, _, true) => "timer-overdue",
        (None, ..) => "timer-runs",
        (Some(_), Some(Verdict::Late(_)), _) => "timer-late",
        (Some(_), Some(Verdict::Contested), _) => "timer-contested",
        (Some(_), Some(Verdict::InTime), _) => "timer-in-time",
        (Some(_), None, _) => "timer-over",
    };
    let name = say(Say::of(format!("clock-{}", timer.profile)));
    let sort = say(Say::of(format!("clock-sort-{}", timer.sort.name())));
    let half = say(Say::of(format!("half-{}", timer.who.name())));
    let line = Say::of(key).with("name", name).with("sort", sort).with("half", half);
    let mut lines = vec![say(line.with("at", clock::shown(timer.due)))];
    // Shorter ones are in the JSON; a person has no use for them.
    for (half, seconds) in timer.stood.iter().filter(|(_, seconds)| *seconds >= 600) {
        let half = say(Say::of(format!("half-{}", half.name())));
        let by = duration(lang, *seconds);
        lines.push(say(Say::of("timer-stood").with("half", half).with("by", by)));
    }
    lines
}

impl Fact {
    /// The fact as a line for a person.
    pub fn line(&self, lang: Lang) -> String {
        let text = match (&self.value, self.shown) {
            (Value::Str(word), Shown::Choice(field)) => {
                render(lang, &Say::of(format!("choice-{field}-{word}")))
            }
            (Value::Int(seconds), Shown::Instant) => {
                clock::shown(u64::try_from(*seconds).unwrap_or_default())
            }
            (Value::Str(word), _) => word.clone(),
            (other, _) => other.to_text(),
        };
        let key = Say::of(format!("fact-{}", self.name));
        let say = if self.shown == Shown::Flag { key } else { key.with("value", text) };
        render(lang, &say)
    }
}
