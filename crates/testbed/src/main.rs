//! `counterpart-testbed`: plays seeded histories of three parties and judges their end.

use clap::Parser;
use counterpart_rules::clock::PROFILES;
use counterpart_testbed::exchange::{Bounds, Bug, explore};
use counterpart_testbed::history::{Outcome, play_for};
use counterpart_testbed::plot::Focus;
use counterpart_testbed::table::kinds;
use counterpart_testbed::trouble::{Tally, Trouble};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

/// Plays seeded histories of three parties: requests and answers between them while parcels are
/// lost, doubled, delayed and damaged, processes are killed, disks fail, clocks jump and a party is
/// hostile. Then everything heals, and what must hold is read from the disks.
///
/// Example: counterpart-testbed --seeds 1000
#[derive(Parser)]
#[command(name = "counterpart-testbed", version)]
struct Arguments {
    /// How many histories.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Tell everything that happens, on standard error.
    #[arg(long)]
    trace: bool,
    /// How many histories at once; 0 is one per core.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Put each of the known bugs into the engine and demand that it is found within 300 seeds.
    #[arg(long)]
    planted: bool,
    /// Search the model of the exchange to its end instead, and demand that each bug that is put
    /// into it is found.
    #[arg(long)]
    model: bool,
    /// Print which kinds of act met which faults, and what became of which clocks.
    #[arg(long)]
    table: bool,
    /// Afterwards play histories for each combination of act and fault and for each fate of a clock
    /// that was not met; with a thousand seeds or more this is done anyway.
    #[arg(long)]
    seek: bool,
    /// Play a story with this kind of act.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Have this fault happen.
    #[arg(long, value_name = "FAULT")]
    fault: Option<String>,
    /// Have this clock run.
    #[arg(long, value_name = "PROFILE")]
    clock: Option<String>,
    /// Play with this bug in the engine.
    #[arg(long, value_name = "NAME")]
    plant: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.planted {
        return planted(&arguments);
    }
    if arguments.model {
        return model();
    }
    if let Some(name) = &arguments.plant
        && !plant(Some(name))
    {
        return ExitCode::from(2);
    }
    let Some(focus) = focus(&arguments) else { return ExitCode::from(2) };
    let begin = Instant::now();
    let jobs = (0..arguments.seeds).map(|at| (arguments.from + at, focus)).collect::<Vec<_>>();
    let (mut tally, mut failed) = run(&arguments, &jobs, false);
    println!("{} histories in {:.1} s", arguments.seeds, begin.elapsed().as_secs_f64());
    let mut played = arguments.seeds;
    if arguments.seek || arguments.seeds >= 1_000 {
        played += seek(&arguments, &mut tally, &mut failed);
    }
    report(&tally);
    failed.iter().for_each(tell);
    let missed = tally.missed();
    if arguments.seeds >= 300 && !missed.is_empty() {
        let names: Vec<&str> = missed.iter().map(|trouble| trouble.name()).collect();
        println!("never happened: {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    let uncounted = tally.uncounted();
    if !uncounted.is_empty() {
        println!("never counted: {}", uncounted.join(", "));
        if arguments.seeds >= 1_000 {
            return ExitCode::FAILURE;
        }
    }
    let unsaid = tally.unsaid();
    if !unsaid.is_empty() {
        println!("never valid: {}", unsaid.join(", "));
        // What follows from an answer long after it is rare: fewer histories prove nothing.
        if arguments.seeds >= 1_000 {
            return ExitCode::FAILURE;
        }
    }
    let combined = combined(&tally, &arguments);
    println!("{} passed, {} failed", played - failed.len() as u64, failed.len());
    if failed.is_empty() && combined { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the histories are played for.
fn focus(arguments: &Arguments) -> Option<Focus> {
    let known = |found: bool, name: &str| {
        if !found {
            eprintln!("There is no {name:?}; --table shows all.");
        }
        found
    };
    let mut focus = Focus::default();
    if let Some(name) = &arguments.kind {
        focus.kind = kinds().iter().map(|(_, kind)| *kind).find(|kind| kind == name);
        known(focus.kind.is_some(), name).then_some(())?;
    }
    if let Some(name) = &arguments.fault {
        focus.trouble = Trouble::ALL.iter().copied().find(|trouble| trouble.name() == name);
        known(focus.trouble.is_some(), name).then_some(())?;
    }
    if let Some(name) = &arguments.clock {
        focus.clock = PROFILES.iter().map(|profile| profile.id).find(|id| id == name);
        known(focus.clock.is_some(), name).then_some(())?;
    }
    Some(focus)
}

/// Plays histories for what was not met, round by round, until all of it was or nothing more helps.
fn seek(arguments: &Arguments, tally: &mut Tally, failed: &mut Vec<Outcome>) -> u64 {
    let (begin, mut played) = (Instant::now(), 0);
    for round in 0..ROUNDS {
        let cells = tally.unmet().concat();
        if cells.is_empty() {
            break;
        }
        eprintln!("round {}: {} combinations not met", round + 1, cells.len());
        let seed = |at: usize| SOUGHT + round * 10_000 + at as u64;
        let jobs = cells.iter().enumerate().map(|(at, (_, focus))| (seed(at), *focus));
        let (more, wrong) = run(arguments, &jobs.collect::<Vec<_>>(), false);
        tally.merge(&more);
        failed.extend(wrong);
        played += cells.len() as u64;
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!("{played} more for what had not been met, in {seconds:.1} s");
    played
}

/// The first seed of histories that are played for something, and how often each is tried.
const SOUGHT: u64 = 1_000_000_000;
const ROUNDS: u64 = 40;

/// A history that failed, and how to see it again.
fn tell(outcome: &Outcome) {
    let mut failures = outcome.failures.clone();
    failures.dedup();
    let more = if failures.len() > 3 { "; and more" } else { "" };
    failures.truncate(3);
    println!("seed {}: {}{more}", outcome.seed, failures.join("; "));
    let Focus { kind, trouble, clock } = outcome.focus;
    let fault = trouble.map(Trouble::name);
    let of = [("kind", kind), ("fault", fault), ("clock", clock)].into_iter();
    let of = of.filter_map(|(name, word)| Some(format!(" --{name} {}", word?)));
    let of: String = of.collect();
    println!("  replay: counterpart-testbed --from {} --seeds 1 --trace{of}", outcome.seed);
}

/// Tells how much of what could be met together was.
fn combined(tally: &Tally, arguments: &Arguments) -> bool {
    if arguments.table {
        tally.tables().iter().for_each(|line| println!("{line}"));
    }
    let mut whole = true;
    let tables = [("acts with faults", tally.met.len()), ("clocks with fates", tally.fates.len())];
    for ((what, met), unmet) in tables.into_iter().zip(tally.unmet()) {
        println!("{what}: {met} of {} combinations", met + unmet.len());
        if !unmet.is_empty() && (arguments.seek || arguments.seeds >= 1_000) {
            let names: Vec<&str> = unmet.iter().map(|cell| &*cell.0).collect();
            println!("  never met: {}", names.join(", "));
        }
        // What is rarer than all that was sought may be left, by name: one in twenty at the most.
        whole &= unmet.len() * 20 <= met + unmet.len();
    }
    // Fewer histories prove nothing.
    whole || arguments.seeds < 1_000
}

/// Plays seeds on several threads. With `first`, stops soon after the first failure.
fn run(arguments: &Arguments, jobs: &[(u64, Focus)], first: bool) -> (Tally, Vec<Outcome>) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let hands = match arguments.threads {
        // Two traces at once cannot be read.
        _ if arguments.trace => 1,
        0 => cores,
        given => given,
    };
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (send, receive) = mpsc::channel();
    let (mut tally, mut failed) = (Tally::default(), Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..hands {
            let send = send.clone();
            let (next, stop) = (&next, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let job = jobs.get(next.fetch_add(1, Ordering::Relaxed));
                    let Some((seed, focus)) = job else { return };
                    if send.send(play_for(*seed, arguments.trace, *focus)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        for (done, outcome) in receive.iter().enumerate() {
            tally.merge(&outcome.tally);
            if !outcome.failures.is_empty() {
                stop.store(first, Ordering::Relaxed);
                failed.push(outcome);
            }
            if (done + 1) % 100 == 0 && !first {
                eprintln!("{} of {}, {} failed", done + 1, jobs.len(), failed.len());
            }
        }
    });
    failed.sort_by_key(|outcome| outcome.seed);
    (tally, failed)
}

/// Every order of things within bounds, not a sample of them.
fn model() -> ExitCode {
    let (mut good, mut bad) = (0, 0);
    let mut count = |held: bool| if held { good += 1 } else { bad += 1 };
    for (name, bounds) in Bounds::ALL {
        let begin = Instant::now();
        let report = explore(&bounds);
        let seconds = begin.elapsed().as_secs_f64();
        println!("{name:<28} {:>8} states, {} deep, {seconds:.1} s", report.states, report.depth);
        if let Some(found) = &report.found {
            println!("  {}: {:?}", found.fault, found.story);
        }
        count(report.found.is_none());
    }
    for bug in Bug::ALL {
        let report = explore(&Bounds { bug: Some(bug), ..bug.bounds() });
        let fault = report.found.as_ref().map_or("NOT FOUND", |found| &found.fault);
        println!("{:<28} {:>8} states  {fault}", format!("{bug:?}"), report.states);
        count(report.found.is_some());
    }
    println!("{good} held or found, {bad} not");
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report(tally: &Tally) {
    let mut group = None;
    for trouble in Trouble::ALL {
        if group != Some(trouble.group()) {
            group = Some(trouble.group());
            println!("{:?}", trouble.group());
        }
        let count = tally.troubles.get(trouble).copied().unwrap_or(0);
        println!("  {:<24} {count}", trouble.name());
    }
    let lists = [("Acts", &tally.acts), ("Verdicts", &tally.verdicts)];
    for (title, list) in lists {
        println!("{title}");
        list.iter().for_each(|(name, count)| println!("  {name:<24} {count}"));
    }
    println!("Counted");
    tally.other.iter().for_each(|(name, count)| println!("  {name:<32} {count}"));
}

/// A simulation that finds nothing proves nothing: each planted bug must be found.
#[cfg(feature = "planted")]
fn planted(arguments: &Arguments) -> ExitCode {
    let mut lost = 0;
    for bug in counterpart_engine::planted::ALL {
        plant(Some(bug));
        let begin = Instant::now();
        let jobs: Vec<_> = (0..300).map(|at| (arguments.from + at, Focus::default())).collect();
        let (_, failed) = run(arguments, &jobs, true);
        let seconds = begin.elapsed().as_secs_f64();
        match failed.first() {
            Some(outcome) => {
                println!(
                    "{bug:<22} seed {:<4} {seconds:5.1} s  {}",
                    outcome.seed, outcome.failures[0]
                );
            }
            None => {
                println!("{bug:<22} NOT FOUND in 300 seeds, {seconds:.1} s");
                lost += 1;
            }
        }
    }
    plant(None);
    let all = counterpart_engine::planted::ALL.len();
    println!("{} planted bugs found, {lost} not found", all - lost);
    if lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(feature = "planted")]
fn plant(name: Option<&str>) -> bool {
    let known = counterpart_engine::planted::plant(name);
    if !known {
        eprintln!("There is no such bug. Known: {}", counterpart_engine::planted::ALL.join(", "));
    }
    known
}

#[cfg(not(feature = "planted"))]
fn planted(_: &Arguments) -> ExitCode {
    plant(None);
    ExitCode::from(2)
}

#[cfg(not(feature = "planted"))]
fn plant(_: Option<&str>) -> bool {
    eprintln!("This build has no planted bugs. Build it with: cargo build --features planted");
    false
}
