//! Two real nodes under kill -9 at random moments: nothing that was acknowledged is lost. And the
//! syncs of an act alone, counted from outside.

// Helpers of tests may fail by unwrap, as tests may.
#![allow(clippy::unwrap_used)]

use counterpart_record::strict::json::{Object, Value};
use counterpart_server::bench::pair::{Pair, Seat};
use counterpart_server::bench::request;
use counterpart_server::control::Call;
use counterpart_server::scratch::Scratch;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const KILLS: usize = 100;

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_counterpart"))
}

fn call(socket: &Path, op: &str, args: Object) -> Option<Value> {
    Call::connect(socket).and_then(|mut call| call.call(op, args)).ok()
}

fn member(value: &Value, name: &str) -> Option<Value> {
    value.as_object()?.get(name).cloned()
}

fn text(value: &Value, name: &str) -> Option<String> {
    member(value, name)?.as_str().map(str::to_owned)
}

/// Entry and matter of each act, and whether the peer's hold was promised too.
type Promised = Arc<Mutex<BTreeMap<String, (String, bool)>>>;

fn keep_asking(socket: PathBuf, args: Object, held: bool, stop: &AtomicBool, kept: &Promised) {
    while !stop.load(Ordering::Relaxed) {
        let Some(done) = call(&socket, "act", args.clone()) else {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        };
        let (entry, matter) = (text(&done, "entry").unwrap(), text(&done, "matter").unwrap());
        kept.lock().unwrap().insert(entry, (matter, held));
    }
}

/// Whether the node shows this act in this matter.
fn shows(seat: &Seat, matter: &str, entry: &str) -> bool {
    let args = Object::default().with("matter", matter);
    let shown = call(&seat.socket(), "matter.show", args);
    let acts = shown.and_then(|shown| member(&shown, "acts"));
    let acts = acts.as_ref().and_then(Value::as_array).unwrap_or_default();
    acts.iter().any(|act| text(act, "entry").as_deref() == Some(entry))
}

/// A small generator with its seed in the output, so that a failure can be told apart.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[test]
fn one_hundred_kills_lose_nothing_that_was_acknowledged() {
    let scratch = Scratch::new("kills");
    let mut pair = Pair::start(scratch.path(), &program()).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let kept: Promised = Arc::default();
    let mut hands = Vec::new();
    for held in [true, false] {
        let mut args = request(&pair);
        if !held {
            args.set("wait", "logged");
        }
        let (socket, stop, kept) = (pair.a.socket(), stop.clone(), kept.clone());
        hands.push(std::thread::spawn(move || keep_asking(socket, args, held, &stop, &kept)));
    }
    let seed = std::process::id() as u64 | 1 << 40;
    println!("seed {seed}");
    let mut dice = Dice(seed);
    for _ in 0..KILLS {
        std::thread::sleep(Duration::from_millis(dice.below(120)));
        let seat = if dice.below(2) == 0 { &mut pair.a } else { &mut pair.b };
        seat.kill_and_restart().unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(200));
    let kept: Vec<_> = kept.lock().unwrap().clone().into_iter().collect();
    let held = kept.iter().filter(|(_, (_, held))| *held).count();
    println!("{} acts acknowledged, {held} of them as held by the peer", kept.len());
    assert!(kept.len() > KILLS / 2 && held > 0);
    for (entry, (matter, held)) in &kept {
        assert!(shows(&pair.a, matter, entry), "{entry} was acknowledged and is lost");
        assert!(!held || shows(&pair.b, matter, entry), "{entry} was held and is lost");
    }
    // What was only logged arrives by itself.
    let (entry, (matter, _)) = kept.iter().next_back().unwrap();
    let began = Instant::now();
    while !shows(&pair.b, matter, entry) {
        assert!(began.elapsed() < Duration::from_secs(90), "{entry} does not arrive");
        std::thread::sleep(Duration::from_millis(100));
    }
    for seat in [&pair.a, &pair.b] {
        let checked = call(&seat.socket(), "fsck", Object::default()).unwrap();
        assert_eq!(member(&checked, "faults").unwrap(), Value::Array(Vec::new()));
    }
    // The clients may hang in a call; they end with the nodes.
    drop(pair);
    for hand in hands {
        hand.join().unwrap();
    }
}

#[test]
fn an_act_alone_costs_at_most_three_syncs() {
    if !Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_ok_and(|s| s.success()) {
        println!("SKIPPED an_act_alone_costs_at_most_three_syncs: strace is not installed");
        return;
    }
    let scratch = Scratch::new("syncs");
    let pair = Pair::start(scratch.path(), &program()).unwrap();
    let args = request(&pair);
    for _ in 0..5 {
        call(&pair.a.socket(), "act", args.clone()).unwrap();
    }
    let log = scratch.join("strace");
    let mut strace = Command::new("strace")
        .args(["-f", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o"])
        .arg(&log)
        .args(["-p", &pair.a.process_id().to_string(), "-p", &pair.b.process_id().to_string()])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(700));
    const ACTS: usize = 20;
    for _ in 0..ACTS {
        call(&pair.a.socket(), "act", args.clone()).unwrap();
    }
    strace.kill().unwrap();
    strace.wait().unwrap();
    let log = std::fs::read_to_string(&log).unwrap_or_default();
    if log.is_empty() {
        println!("SKIPPED an_act_alone_costs_at_most_three_syncs: strace may not look here");
        return;
    }
    let syncs = log.lines().filter(|line| line.contains("sync(")).count();
    println!("{syncs} syncs for {ACTS} acts, one after the other");
    assert!(syncs >= ACTS, "the counter sees nothing");
    // A head or a cosignature that was owed may have gone out once by itself.
    assert!(syncs <= 3 * ACTS + 3, "{syncs} syncs for {ACTS} acts");
}
