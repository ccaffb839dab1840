//! Marks of clocks reach a person without being asked for.

use crate::running::{Running, acquainted, until};
use crate::world::{REQUEST, World, text};
use std::os::unix::fs::PermissionsExt as _;

const A: &str = "arcadia";
const B: &str = "borealis";

/// A time so many seconds from now, as `date` writes it.
fn from_now(seconds: u32) -> String {
    let when = format!("{seconds} seconds");
    let date = std::process::Command::new("date").args(["-u", "+%FT%TZ", "-d", &when]).output();
    String::from_utf8(date.unwrap().stdout).unwrap().trim().to_owned()
}

fn ask(world: &World, reply_in: u32, more: &[&str]) -> String {
    std::fs::write(world.path("request.json"), REQUEST).unwrap();
    let by = format!("reply_by={}", from_now(reply_in));
    let args = ["request", "new", "--file", "request.json", "--field", &by];
    let made = world.object(A, &[&args[..], more].concat());
    text(&made, "matter").to_owned()
}

/// CLK-34, CAL-8
#[test]
fn the_operators_program_hears_of_each_mark_once_over_restarts() {
    let world = acquainted();
    let (script, heard) = (world.path("remind"), world.path("heard"));
    let program = format!("#!/bin/sh\necho \"$@\" >> '{}'\n", heard.display());
    std::fs::write(&script, program).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let config = world.path("borealis/config");
    let settings = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{settings}on_due = {}\n", script.display())).unwrap();
    let (first, second) = (Running::start(&world, A), Running::start(&world, B));
    // An exercise, since its calendar can be moved on; the live ring counts the same way.
    let m = ask(&world, 100_000, &["--drill"]);
    until("it is there", || world.run(B, &["matter", "show", &m]).code == 0);
    let lines = || std::fs::read_to_string(&heard).unwrap_or_default();
    let told = |mark: &str| {
        let words = format!("due drill {mark} ours ");
        lines().lines().filter(|line| line.starts_with(&words) && line.contains(&m)).count()
    };
    let task = ["task", "add", &m, "Call the hospital.", "--in", "20h"];
    world.run(B, &task).good();
    world.run(B, &["drill", "calendar", "--advance", "60000"]).good();
    until("four fifths of our own task are over", || {
        lines().contains("due drill 80 at-home task-1 ")
    });
    assert!(!lines().contains("hospital"), "{}", lines());
    until("half of it is used up", || told("50") >= 1);
    let (half, all) = (told("50"), lines().lines().count());
    assert!(told("100") < half, "{}", lines());
    second.end();
    // While it is down, time goes on; when it is back, it says what it missed, and nothing twice.
    world.run(B, &["drill", "calendar", "--advance", "30000"]).good();
    let second = Running::start(&world, B);
    until("the next mark", || told("80") >= 1);
    assert_eq!(told("50"), half, "{}", lines());
    assert!(lines().lines().count() > all);
    // CLK-7: help that is due at once is told when it begins, and at no other time.
    let urgent = ["--field", "urgency=emergency", "--field", "urgency_why=It is tonight."];
    let urgent = ask(&world, 100_000, &[&urgent[..], &["--drill"]].concat());
    let at_once = |mark: &str| {
        let words = format!("due drill {mark} ours P-BUD-35 {urgent} ");
        lines().lines().filter(|line| line.starts_with(&words)).count()
    };
    until("it is told", || at_once("0") == 1);
    world.run(B, &["drill", "calendar", "--advance", "600"]).good();
    std::thread::sleep(std::time::Duration::from_secs(6));
    let told: Vec<usize> = ["0", "50", "80", "95", "100"].iter().map(|m| at_once(m)).collect();
    assert_eq!(told, [1, 0, 0, 0, 0], "{}", lines());
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b' ';
    assert!(lines().lines().all(|line| line.bytes().all(plain)), "{}", lines());
    first.end();
    second.end();
}

/// CLK-34
#[test]
fn the_start_screen_says_what_passed_since_somebody_looked() {
    let world = World::enrolled();
    let m = ask(&world, 6, &[]);
    world.carry(A, B, &[]);
    let said = world.run(B, &[]).good().out;
    assert!(!said.contains("Passed since"), "{said}");
    // By the clock that the node reads, and not by one that measures how long we waited.
    let end = from_now(8);
    until("its time is over", || from_now(0) > end);
    for (lang, words) in [("en", "Passed since"), ("zh-CN", "自上次查看以来")] {
        // Each looks for the first time since it passed.
        std::fs::remove_file(world.path("borealis/looked")).unwrap();
        let said = world.run(B, &["--lang", lang]).good().out;
        assert!(said.contains(words) && said.contains(&m[..8]), "{said}");
        let again = world.run(B, &["--lang", lang]).good().out;
        assert!(!again.contains(words), "{again}");
    }
}
