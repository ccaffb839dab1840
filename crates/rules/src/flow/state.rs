//! Where a matter stands, in the same shape for every flow, and how to say it.

use crate::act::Half;
use crate::clock::{self, Sort, Timer, Verdict};
use crate::say::{Lang, Places, Say, choice, deadline, duration, moment, render};
use counterpart_record::strict::json::Value;

/// Where a matter stands at a given time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// What the matter waits for: a phrase key, for example `waiting-acknowledgement`.
    pub stage: &'static str,
    /// Whose turn it is; `None` when closed or not yet delivered.
    pub waiting_for: Option<Half>,
    /// For what, where the stage does not say it: a phrase key.
    pub turn_for: Option<&'static str>,
    /// When it is due, in seconds (UTC), moved by the pauses so far.
    pub due: Option<u64>,
    /// Whose clock `due` is of.
    pub due_of: Option<Half>,
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
    /// Whether something is still held by it, or to come: no period counts from its end. RET-12
    pub kept: bool,
    /// Whether the stream of the matter is raised by both sides at this time.
    pub raised: bool,
    /// Whether it goes before all that can wait: an open call that presses, an open emergency.
    pub presses: bool,
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
    /// By the first digits of an id or a digest.
    Digits,
    /// By its name alone; the value is always `true`.
    Flag,
}

impl State {
    /// A stage at which nothing is due and nobody's turn it is: where a fold begins.
    pub fn at(stage: &'static str) -> State {
        State {
            stage,
            waiting_for: None,
            turn_for: None,
            due: None,
            due_of: None,
            paused: false,
            overdue: false,
            late_by: None,
            contested: false,
            reminders: 0,
            closed: false,
            kept: false,
            raised: false,
            presses: false,
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
            (self.due, self.due_of) = (Some(timer.due), Some(timer.who));
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

    /// The state in sentences: the stage, whose turn it is, the clocks, then the facts.
    pub fn lines(&self, lang: Lang, reader: Reader) -> Vec<String> {
        self.lines_at(lang, reader, &Places::default())
    }

    /// The same for who is somewhere: what is due says what o'clock that is for each side.
    pub fn lines_at(&self, lang: Lang, reader: Reader, places: &Places) -> Vec<String> {
        let say = |say: Say| render(lang, &say);
        let mut lines = vec![say(Say::of(self.stage))];
        if let Some(half) = self.waiting_for {
            lines.push(turn(lang, half, reader));
        }
        lines.extend(self.turn_for.map(|what| say(Say::of(what))));
        // What is late stands above what it waits for. Whose it is says each clock by itself, also
        // where there is one alone: a time without a name would be anybody's.
        if let Some(due) = self.due.filter(|_| self.overdue && self.runs()) {
            lines.insert(0, say(headline(lang, due, reader, places)));
        }
        let clocks = self.timers.iter().flat_map(|timer| clock_lines(timer, lang, reader, places));
        lines.extend(clocks);
        if self.reminders > 0 {
            let reminders = self.reminders.to_string();
            lines.push(say(Say::of("state-reminders").with("count", reminders)));
        }
        lines.extend(self.facts.iter().map(|fact| fact.line(lang)));
        lines
    }

    /// Whether a duty of either side runs: what has ended is told as such, clock by clock.
    fn runs(&self) -> bool {
        self.timers.iter().any(|timer| timer.sort == Sort::Term && timer.runs())
    }
}

/// That something is overdue.
fn headline(lang: Lang, due: u64, reader: Reader, places: &Places) -> Say {
    let at = places.beside(lang, due);
    let by = reader.far(due).map(|seconds| duration(lang, seconds));
    let key = if by.is_some() { "state-overdue-by" } else { "state-overdue" };
    Say::of(key).with("at", at).with("by", by.unwrap_or_default())
}

/// For whom a state is put into sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Somebody of neither side, at any time: both are named, and nothing is counted from now.
    Outside,
    /// Somebody of this half, at this time in seconds (UTC).
    Of(Half, u64),
}

impl Reader {
    /// How many seconds lie between this moment and a time; none for who reads at any time.
    fn far(self, time: u64) -> Option<u64> {
        match self {
            Reader::Outside => None,
            Reader::Of(_, now) => Some(time.abs_diff(now)),
        }
    }

    /// Which of three phrases names a half: for the reader's own, the other, or from outside.
    fn names(self, half: Half) -> &'static str {
        match self {
            Reader::Outside => "outside",
            Reader::Of(own, _) if own == half => "ours",
            Reader::Of(..) => "theirs",
        }
    }
}

/// Whose turn it is: the one sentence of queues and pages.
fn turn(lang: Lang, half: Half, reader: Reader) -> String {
    let name = render(lang, &Say::of(format!("half-{}", half.name())));
    render(lang, &Say::of(format!("state-turn-{}", reader.names(half))).with("half", name))
}

/// One clock in sentences: what it is for and whose, how far it is or how it ended, and who kept
/// it still for how long.
fn clock_lines(timer: &Timer, lang: Lang, reader: Reader, places: &Places) -> Vec<String> {
    let say = |say: Say| render(lang, &say);
    let half = |half: Half| say(Say::of(format!("half-{}", half.name())));
    let whose = Say::of(format!("clock-whose-{}", reader.names(timer.who)));
    let sort = say(Say::of(format!("clock-sort-{}", timer.sort.name())));
    let whose = say(whose.with("sort", sort).with("half", half(timer.who)));
    let length = timer.length.counted().map(|(unit, count)| (unit, u64::from(count)));
    let name = deadline(lang, timer.profile, length, timer.year().map(u64::from));
    let (key, by) = stands(timer, reader);
    let mut line = Say::of(key).with("whose", whose).with("name", name);
    // What is over is told in one time alone, so that a page stays calm.
    let at = if timer.runs() { places.beside(lang, timer.due) } else { clock::shown(timer.due) };
    line = line.with("at", at);
    if let Some(by) = by {
        line = line.with("by", duration(lang, by));
    }
    if let Some(stopped) = timer.stopped_at {
        line = line.with("ended", clock::shown(stopped));
    }
    let mut lines = vec![say(line)];
    // Shorter ones are in the JSON; a person has no use for them.
    for (by, seconds) in timer.stood.iter().filter(|(_, seconds)| *seconds >= 600) {
        let line = Say::of(format!("timer-stood-{}", reader.names(*by))).with("half", half(*by));
        lines.push(say(line.with("by", duration(lang, *seconds))));
    }
    lines
}

/// How a clock stands: its phrase, and the length of time in it. CLK-1, CLK-3, CLK-6.
fn stands(timer: &Timer, reader: Reader) -> (&'static str, Option<u64>) {
    if timer.at_once() {
        let waited = timer.stopped_at.map(|at| at.saturating_sub(timer.started_at));
        return match (waited, reader.far(timer.due)) {
            (Some(by), _) => ("timer-at-once-done", Some(by)),
            (None, Some(by)) => ("timer-at-once-for", Some(by)),
            (None, None) => ("timer-at-once", None),
        };
    }
    match (timer.stopped_at, timer.verdict) {
        (Some(_), Some(Verdict::InTime)) => return ("timer-in-time", None),
        (Some(_), Some(Verdict::Late(by))) => return ("timer-late", Some(by)),
        (Some(_), Some(Verdict::Contested)) => return ("timer-contested", None),
        (Some(_), None) => return ("timer-ended", None),
        (None, _) => {}
    }
    let Some(by) = reader.far(timer.due) else {
        if timer.let_go {
            return ("timer-let-go-at", None);
        }
        if timer.lapsed {
            return ("timer-lapsed-at", None);
        }
        return (if timer.overdue { "timer-overdue" } else { "timer-runs" }, None);
    };
    let past = matches!(reader, Reader::Of(_, now) if now > timer.due);
    if timer.let_go {
        return ("timer-let-go", Some(by));
    }
    if timer.lapsed {
        return ("timer-lapsed", Some(by));
    }
    let key = match (timer.overdue, timer.paused, past) {
        (true, ..) => "timer-overdue-by",
        (false, true, _) => "timer-paused",
        // A hold that goes on until the formal request is decided.
        (false, false, true) => "timer-past",
        (false, false, false) => "timer-left",
    };
    (key, Some(by))
}

impl Fact {
    /// The fact as a line for a person.
    pub fn line(&self, lang: Lang) -> String {
        let text = match (&self.value, self.shown) {
            (Value::Str(word), Shown::Choice(field)) => choice(lang, field, word),
            (Value::Int(seconds), Shown::Instant) => {
                moment(lang, u64::try_from(*seconds).unwrap_or_default())
            }
            (Value::Str(digits), Shown::Digits) => digits.chars().take(8).collect(),
            (Value::Str(word), _) => word.clone(),
            (other, _) => other.to_text(),
        };
        let key = Say::of(format!("fact-{}", self.name));
        let say = if self.shown == Shown::Flag { key } else { key.with("value", text) };
        render(lang, &say)
    }
}
