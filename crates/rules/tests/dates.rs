//! Civil time against vectors that were computed elsewhere: `vectors/dates.json`, written by
//! `outside/dates.py` from Python's zoneinfo, which also computes them again here.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

use counterpart_record::strict::json::{Object, Value, parse_object};
use counterpart_rules::clock::{Calendar, Limit, instant, tz_version};
use std::path::{Path, PathBuf};
use std::process::Command;

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/dates.json")
}

fn whole() -> Object {
    parse_object(&std::fs::read(file()).unwrap()).unwrap()
}

fn text<'a>(vector: &'a Object, name: &str) -> &'a str {
    vector.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn texts<'a>(vector: &'a Object, name: &str) -> Vec<&'a str> {
    let list = vector.get(name).and_then(Value::as_array).unwrap_or_default();
    list.iter().map(|item| item.as_str().unwrap()).collect()
}

fn calendar(vector: &Object) -> Option<Calendar> {
    let week = vector.get("week").and_then(Value::as_array);
    let week = week.map_or(vec![1, 2, 3, 4, 5], |days| {
        days.iter().map(|day| u8::try_from(day.as_int().unwrap()).unwrap()).collect()
    });
    let (holidays, worked) = (texts(vector, "holidays"), texts(vector, "worked"));
    Calendar::new(text(vector, "zone"), &week, &holidays, &worked)
}

fn length(vector: &Object, name: &str) -> Limit {
    let (unit, count) = &vector.get(name).and_then(Value::as_object).unwrap().0[0];
    let number = || u32::try_from(count.as_int().unwrap()).unwrap();
    match unit.as_str() {
        "minutes" => Limit::Minutes(number()),
        "hours" => Limit::Hours(number()),
        "days" => Limit::Days(number()),
        "working-days" => Limit::WorkingDays(number()),
        "months" => Limit::Months(number()),
        "yearly" => {
            let (month, day) = count.as_str().unwrap().split_once('-').unwrap();
            Limit::Yearly(month.parse().unwrap(), day.parse().unwrap())
        }
        other => panic!("unit {other}"),
    }
}

/// What the program makes of a vector, as times are compared: in seconds, or as a day.
fn made(vector: &Object) -> Option<String> {
    match text(vector, "is") {
        "limit" => {
            let rolls = vector.get("rolls").and_then(Value::as_bool).unwrap_or(false);
            let start = instant(text(vector, "start")).unwrap();
            Some(calendar(vector)?.limit(start, length(vector, "limit"), rolls)?.to_string())
        }
        "extended" => {
            // CLK-28: one more stretch behind the limit, as often as it was taken.
            let rolls = vector.get("rolls").and_then(Value::as_bool).unwrap_or(false);
            let (days, start) = (calendar(vector)?, instant(text(vector, "start")).unwrap());
            let more = length(vector, "more");
            let times = vector.get("times").and_then(Value::as_int).unwrap();
            let mut end = days.limit(start, length(vector, "limit"), rolls)?;
            for _ in 0..times {
                end = days.limit(end, more, rolls)?;
            }
            Some(end.to_string())
        }
        "in-year" => {
            let year = vector.get("year").and_then(Value::as_int).unwrap();
            let (month, day) = text(vector, "day").split_once('-').unwrap();
            let rolls = vector.get("rolls").and_then(Value::as_bool).unwrap_or(false);
            let day = (month.parse().unwrap(), day.parse().unwrap());
            let end = calendar(vector)?.in_year(u16::try_from(year).unwrap(), day, rolls)?;
            Some(end.to_string())
        }
        "day-end" => Some(calendar(vector)?.day_end(text(vector, "day"))?.to_string()),
        "day-of" => calendar(vector)?.day_of(instant(text(vector, "at")).unwrap()),
        "instant" => instant(text(vector, "text")).map(|seconds| seconds.to_string()),
        other => panic!("vector of kind {other}"),
    }
}

/// CLK-10 to CLK-15.
#[test]
fn vectors_dates() {
    let whole = whole();
    let header = whole.get("header").and_then(Value::as_object).unwrap();
    assert_eq!(text(header, "tz"), tz_version(), "the zone data of the vectors and of the program");
    let vectors = whole.get("vectors").and_then(Value::as_array).unwrap();
    let mut refused = 0;
    for vector in vectors {
        let vector = vector.as_object().unwrap();
        let due = vector.get("due").and_then(Value::as_str);
        let due = due.map(|due| match instant(due) {
            Some(seconds) => seconds.to_string(),
            None => due.to_owned(),
        });
        assert_eq!(made(vector), due, "{}", Value::from(vector.clone()).to_text());
        refused += usize::from(due.is_none());
    }
    println!("vectors_dates: {} of {} refused", refused, vectors.len());
    assert!(vectors.len() >= 200 && refused >= 50);
}

/// Python computes every vector again, and finds the one that we alter.
#[test]
fn outside_dates() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join(".venv/bin/python");
    if !python.exists() {
        println!("SKIPPED outside_dates: no {}", python.display());
        return;
    }
    let ask = |file: &Path| {
        let asked = Command::new(&python).arg(root.join("outside/dates.py")).arg(file).output();
        let asked = asked.unwrap();
        (asked.status.code(), String::from_utf8_lossy(&asked.stdout).into_owned())
    };
    let (code, said) = ask(&file());
    assert_eq!(code, Some(0), "{said}");
    let kept = std::fs::read_to_string(file()).unwrap();
    let altered = kept.replacen("\"due\": \"2026-03-29T21:59:59Z\"", "\"due\": null", 1);
    assert_ne!(kept, altered);
    let other = std::env::temp_dir().join(format!("counterpart-dates-{}", std::process::id()));
    std::fs::write(&other, altered).unwrap();
    let (code, said) = ask(&other);
    std::fs::remove_file(&other).unwrap();
    assert!(code == Some(1) && said.contains("1 differ"), "{said}");
}
