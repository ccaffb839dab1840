//! Waiting times against a program that was written from the definition alone, in fractions of
//! another language: `outside/survival.py`. It agrees with ours, and not with ours altered.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

use counterpart_record::hash::sha256;
use counterpart_record::strict::json::{Object, Value, parse_object};
use counterpart_rules::measure::Curve;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

type Waits = Vec<(u64, bool)>;

/// Samples of all sizes, with ties and with much that is cut off; always the same ones.
fn samples() -> Vec<Waits> {
    let mut samples = vec![vec![], vec![(5, false)], vec![(0, true)]];
    for sample in 0u64..120 {
        let longest = [3, 20, 1_000][(sample % 3) as usize];
        let waits = (0..sample * 2).map(|one| {
            let hash = sha256(&[&sample.to_be_bytes(), &one.to_be_bytes()]);
            let number = u64::from_be_bytes(hash[..8].try_into().unwrap());
            (number % longest, u64::from(hash[9] % 10) >= sample % 7)
        });
        samples.push(waits.collect());
    }
    samples
}

fn ours(waits: &Waits) -> Object {
    let curve = Curve::of(waits.iter().copied());
    let steps = curve.steps.iter().map(|s| Value::from(vec![s.after, s.at_risk, s.events]));
    let quartiles = curve.quartiles().map(|at| at.map_or(Value::Null, Value::from));
    Object::default()
        .with("steps", Value::Array(steps.collect()))
        .with("quartiles", Value::Array(quartiles.to_vec()))
}

/// What the other program makes of each sample; `None` where it cannot be asked.
fn theirs(samples: &[Waits]) -> Option<Vec<Object>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join(".venv/bin/python");
    if !python.exists() {
        println!("SKIPPED outside_waits: no {}", python.display());
        return None;
    }
    let mut asked = Command::new(&python)
        .arg(root.join("outside/survival.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = String::new();
    for waits in samples {
        let waits = waits
            .iter()
            .map(|(seconds, came)| Value::Array(vec![Value::from(*seconds), Value::from(*came)]));
        let line = Object::default().with("waits", Value::Array(waits.collect()));
        lines += &format!("{}\n", Value::from(line).to_text());
    }
    let mut input = asked.stdin.take().unwrap();
    let writes = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let said = asked.wait_with_output().unwrap();
    writes.join().unwrap().unwrap();
    assert!(said.status.success());
    let said = String::from_utf8(said.stdout).unwrap();
    Some(said.lines().map(|line| parse_object(line.as_bytes()).unwrap()).collect())
}

/// FIG-5, FIG-7.
#[test]
fn outside_waits_are_the_same_to_the_second() {
    let samples = samples();
    let Some(theirs) = theirs(&samples) else { return };
    assert_eq!(theirs.len(), samples.len());
    let mut reached = 0;
    for (waits, theirs) in samples.iter().zip(&theirs) {
        assert_eq!(ours(waits), *theirs, "{waits:?}");
        let quartiles = theirs.get("quartiles").and_then(Value::as_array).unwrap();
        reached += quartiles.iter().filter(|at| **at != Value::Null).count();
    }
    assert!(reached > 200, "{reached}");
}

/// FIG-6: leaving out who still waits is found out.
#[test]
fn outside_waits_differ_where_the_open_ones_are_left_out() {
    let samples = samples();
    let Some(theirs) = theirs(&samples) else { return };
    let without = |waits: &Waits| waits.iter().copied().filter(|(_, came)| *came).collect();
    let differ = samples.iter().zip(&theirs).filter(|(waits, theirs)| {
        let some_open = waits.iter().any(|(_, came)| !came);
        let some_came = waits.iter().any(|(_, came)| *came);
        some_open && some_came && ours(&without(waits)) != **theirs
    });
    assert!(differ.count() > 60);
}
