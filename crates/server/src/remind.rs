//! Marks of clocks reach a person without being asked for: the running node looks every few seconds
//! which clocks that concern us have passed a mark or their end, and runs the program that the
//! operator named. What it told is kept, so that a restart neither repeats nor loses any. CLK-34.

use crate::app::TaskMark;
use crate::bell;
use crate::durable;
use crate::folder::Config;
use crate::runner::{Ledger, Warned};
use counterpart_engine::due::Warning;
use counterpart_record::fault::{Code, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

/// How often the node looks.
const EVERY: Duration = Duration::from_secs(5);
/// How often it looks at every clock, and not only at marks that fell since it looked last: an act
/// may come late and start a clock that is half used up.
const WHOLE: Duration = Duration::from_secs(3_600);
/// The file in the node's folder that remembers what was told.
const FILE: &str = "told";
/// Largest such file in bytes: four marks for each of a hundred thousand clocks.
const FILE_BYTES: usize = 64 * 1024 * 1024;

/// Looks until the ledger is gone.
pub async fn watch(ledger: Ledger, home: PathBuf, config: Config) {
    let Some(program) = config.on_due else { return };
    let mut told = match Told::open(&home) {
        Ok(told) => told,
        Err(fault) => return eprintln!("counterpart: {fault}"),
    };
    let (mut since, mut whole) = ([0, 0], Instant::now());
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if whole.elapsed() > WHOLE {
            (since, whole) = ([0, 0], Instant::now());
        }
        let Warned { warnings, tasks, now } = match ledger.warnings(since).await {
            Ok(warned) => warned,
            Err(fault) if fault.code == Code::NotRunning => return,
            // Busy: the next look sees the same.
            Err(_) => continue,
        };
        let ours = warnings.iter().filter(|warning| warning.due.concerns_us());
        let all: Vec<Mark> = ours.map(of_clock).chain(tasks.iter().map(of_task)).collect();
        if since == [0, 0]
            && let Err(fault) = told.keep(&all)
        {
            eprintln!("counterpart: {fault}");
        }
        for passed in clocks(&all, &told) {
            // Noted when it was told: a crash between the two tells it twice, and never not at
            // all. One that could not be told is tried again with the next look at everything.
            let furthest = passed.iter().max_by_key(|mark| mark.mark);
            let Some(furthest) = furthest else { continue };
            if (told.has(furthest) || bell::run(&program, &furthest.words).await)
                && let Err(fault) = told.note(&passed)
            {
                eprintln!("counterpart: {fault}");
            }
        }
        since = now;
    }
}

/// The marks of each clock that has passed one which was not told. Of a clock only the furthest is
/// told, however many fell while the node was down: the others say less.
fn clocks<'a>(all: &'a [Mark], told: &Told) -> Vec<Vec<&'a Mark>> {
    let mut clocks: BTreeMap<&str, Vec<&Mark>> = BTreeMap::new();
    let moving = all.iter().filter(|mark| !mark.still);
    moving.for_each(|mark| clocks.entry(&mark.clock).or_default().push(mark));
    let fresh = |passed: &Vec<&Mark>| passed.iter().any(|mark| !told.has(mark));
    clocks.into_values().filter(fresh).collect()
}

/// A mark that was passed.
struct Mark {
    /// Its clock stands still: nobody is told now, and what was told stays told.
    still: bool,
    /// What it is of: the matter, and the limit with extensions and without pauses. One that was
    /// agreed anew warns anew, and one that stood still does not.
    clock: String,
    /// Hundredths of the limit.
    mark: u8,
    /// The arguments of the program, in this order. CAL-8.
    words: [String; 7],
}

fn of_clock(warning: &Warning) -> Mark {
    let (due, timer) = (&warning.due, &warning.due.timer);
    let ring = due.ring.name();
    let clock = format!("{} {ring} {} {}", due.matter, timer.profile, timer.limit);
    let words = [
        "due".to_owned(),
        due.ring.name().to_owned(),
        warning.mark.to_string(),
        if due.ours { "ours" } else { "held-for-us" }.to_owned(),
        due.timer.profile.to_owned(),
        due.matter.to_string(),
        due.peer.to_string(),
    ];
    Mark { still: timer.paused, clock, mark: warning.mark, words }
}

/// A task of our own is told by its number, and by no word of what it says. HOM-3.
fn of_task(task: &TaskMark) -> Mark {
    let (ring, name) = (task.ring.name(), format!("task-{}", task.task));
    let clock = format!("{} {ring} {name} {}", task.matter, task.due);
    let words = ["due", ring, &task.mark.to_string(), "at-home", &name].map(str::to_owned);
    let [due, ring, mark, whose, name] = words;
    let (matter, peer) = (task.matter.to_string(), task.peer.to_string());
    Mark {
        still: false,
        clock,
        mark: task.mark,
        words: [due, ring, mark, whose, name, matter, peer],
    }
}

impl Mark {
    /// By which it is remembered.
    fn key(&self) -> String {
        format!("{} {}", self.clock, self.mark)
    }
}

/// What was told, by the keys of the marks.
struct Told {
    file: PathBuf,
    marks: BTreeSet<String>,
}

impl Told {
    fn open(home: &Path) -> Result<Told> {
        let file = home.join(FILE);
        let bytes = if file.exists() { durable::read(&file, FILE_BYTES)? } else { Vec::new() };
        // A line that a crash cut short is one that is told again.
        let text = String::from_utf8_lossy(&bytes);
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        Ok(Told { marks: whole.lines().map(str::to_owned).collect(), file })
    }

    fn has(&self, mark: &Mark) -> bool {
        self.marks.contains(&mark.key())
    }

    /// Marks of one clock.
    fn note(&mut self, marks: &[&Mark]) -> Result<()> {
        let keys: Vec<String> = marks.iter().map(|mark| mark.key()).collect();
        let lines: String = keys.iter().map(|key| format!("{key}\n")).collect();
        let open = OpenOptions::new().append(true).create(true).open(&self.file);
        let mut file = open.map_err(durable::io_at(&self.file))?;
        let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(durable::io_at(&self.file))?;
        self.marks.extend(keys);
        Ok(())
    }

    /// Forgets what no clock that runs has passed any more.
    fn keep(&mut self, passed: &[Mark]) -> Result<()> {
        let passed: BTreeSet<String> = passed.iter().map(Mark::key).collect();
        let before = self.marks.len();
        self.marks.retain(|mark| passed.contains(mark));
        if self.marks.len() == before && self.file.exists() {
            return Ok(());
        }
        let text: String = self.marks.iter().map(|mark| format!("{mark}\n")).collect();
        durable::replace(&self.file, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_engine::due::Due;
    use counterpart_record::id::{MatterId, PartyId};
    use counterpart_record::keys::Ring;
    use counterpart_rules::act::Half;
    use counterpart_rules::clock::{Sort, Timer};

    fn warning(mark: u8, limit: u64) -> Mark {
        let timer = Timer {
            profile: "P-DTL-48",
            length: counterpart_rules::clock::Limit::Hours(48),
            sort: Sort::Term,
            who: Half::Answering,
            started_at: 0,
            limit,
            due: limit,
            stops: Vec::new(),
            stood: [(Half::Asking, 0), (Half::Answering, 0)],
            paused: false,
            level: mark,
            stopped_at: None,
            overdue: false,
            asked_until: None,
            lapsed: false,
            let_go: false,
            verdict: None,
        };
        let due = Due {
            matter: MatterId([1; 16]),
            peer: PartyId([2; 32]),
            ring: Ring::Live,
            stream: "$(reboot)".into(),
            stage: "waiting-answer",
            mine: false,
            ours: true,
            held_for_us: false,
            timer,
            as_of: 0,
        };
        of_clock(&Warning { due, mark, at: 0 })
    }

    /// CLK-34
    #[test]
    fn what_was_told_is_remembered_and_a_new_limit_is_new() {
        let scratch = crate::scratch::Scratch::new("told");
        let mut told = Told::open(scratch.path()).unwrap();
        let (half, most) = (warning(50, 1_000), warning(80, 1_000));
        assert!(!told.has(&half));
        told.note(&[&half]).unwrap();
        let again = Told::open(scratch.path()).unwrap();
        assert!(again.has(&half) && !again.has(&most) && !again.has(&warning(50, 2_000)));
        // A line that was cut short was not told.
        let file = scratch.join(FILE);
        let mut text = std::fs::read_to_string(&file).unwrap();
        text.push_str(most.key().trim_end_matches(|c: char| c != '8'));
        std::fs::write(&file, &text).unwrap();
        let mut again = Told::open(scratch.path()).unwrap();
        assert!(again.has(&half) && !again.has(&most));
        // What no clock has passed any more is forgotten, and the rest is kept.
        again.note(&[&most]).unwrap();
        again.keep(std::slice::from_ref(&most)).unwrap();
        let again = Told::open(scratch.path()).unwrap();
        assert!(!again.has(&half) && again.has(&most));
    }

    /// CLK-34: a question stops the clock, the node looks at everything, the answer comes.
    #[test]
    fn what_was_told_is_not_told_again_when_a_clock_goes_on() {
        let scratch = crate::scratch::Scratch::new("stood-still");
        let mut told = Told::open(scratch.path()).unwrap();
        let still = |mark| Mark { still: true, ..warning(mark, 1_000) };
        assert!(clocks(&[still(50)], &told).is_empty(), "nobody is told while it stands still");
        told.note(&[&warning(50, 1_000)]).unwrap();
        told.keep(&[still(50)]).unwrap();
        assert!(clocks(&[warning(50, 1_000)], &told).is_empty());
        let on = [warning(50, 1_000), warning(80, 1_000)];
        let on = clocks(&on, &told);
        assert_eq!((on.len(), on[0].len()), (1, 2));
    }

    /// CLK-34
    #[test]
    fn of_marks_that_fell_together_the_furthest_is_told() {
        let scratch = crate::scratch::Scratch::new("fell");
        let mut told = Told::open(scratch.path()).unwrap();
        let all = [warning(50, 1_000), warning(95, 1_000), warning(80, 1_000), warning(50, 2_000)];
        let marks = |told: &Told| {
            let clocks = clocks(&all, told).into_iter();
            clocks.map(|passed| passed.iter().map(|m| m.mark).max().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(marks(&told), [95, 50]);
        told.note(&[&all[0], &all[1], &all[2]]).unwrap();
        assert_eq!(marks(&told), [50]);
        told.note(&[&all[3]]).unwrap();
        assert!(marks(&Told::open(scratch.path()).unwrap()).is_empty());
    }

    /// CLK-34, CAL-8
    #[test]
    fn the_program_gets_closed_words_and_ids() {
        let words = warning(80, 1_000).words;
        assert_eq!(words[..5], ["due", "live", "80", "ours", "P-DTL-48"]);
        let (matter, peer) = (MatterId([1; 16]), PartyId([2; 32]));
        let ring = Ring::Drill;
        let task = of_task(&TaskMark { task: 17, matter, peer, ring, mark: 100, due: 9 });
        assert_eq!(task.words[..5], ["due", "drill", "100", "at-home", "task-17"]);
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        let mut words = words.iter().chain(&task.words);
        assert!(words.all(|word| word.bytes().all(plain)));
    }
}
