//! The node as a service: its unit as systemd reads it, what a busy node asks of the kernel against
//! what the unit allows, and its end by SIGTERM.

use crate::running::{Running, acquainted, until};
use crate::world::{World, text};
use counterpart_record::strict::json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const UNIT: &str = include_str!("../../../../packaging/counterpart.service");

fn has(program: &str, test: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    let there = command.status().is_ok_and(|status| status.success());
    if !there {
        println!("SKIPPED {test}: {program} is not installed");
    }
    there
}

/// The value of an option of the unit.
fn option(name: &str) -> &'static str {
    let line = UNIT.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("{name} is not in the unit"))
}

#[test]
fn systemd_understands_the_unit_and_finds_it_closed() {
    if !has("systemd-analyze", "systemd_understands_the_unit_and_finds_it_closed") {
        return;
    }
    let world = World::new();
    let unit = world.path("counterpart.service");
    let text = UNIT.replace("/usr/local/bin/counterpart", env!("CARGO_BIN_EXE_counterpart"));
    assert_ne!(text, UNIT);
    fs::write(&unit, &text).unwrap();
    let analyze = |args: &[&str], unit: &Path| {
        let output = Command::new("systemd-analyze").args(args).arg(unit).output().unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.success(), said.into_owned())
    };
    let (good, said) = analyze(&["verify"], &unit);
    assert!(good && said.is_empty(), "{said}");
    // One that it does not understand is named: the check checks.
    let broken = world.path("broken.service");
    fs::write(&broken, text.replace("ProtectSystem=strict", "ProtectSystem=perhaps")).unwrap();
    assert!(!analyze(&["verify"], &broken).1.is_empty());
    // Exposure of ten at the most, in tenths.
    let (good, said) = analyze(&["security", "--offline=true", "--threshold=20"], &unit);
    assert!(good, "{said}");
}

/// The system calls of a set, as systemd knows it, with the sets in it.
fn calls(set: &str) -> BTreeSet<String> {
    let output = Command::new("systemd-analyze").arg("syscall-filter").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut sets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut current = "";
    for line in text.lines() {
        if line.starts_with('@') {
            current = line.trim();
        } else if line.starts_with(' ') && !line.trim().starts_with('#') {
            sets.entry(current).or_default().push(line.trim());
        }
    }
    let mut all = BTreeSet::new();
    let mut open = vec![set];
    while let Some(one) = open.pop() {
        for name in sets.get(one).into_iter().flatten() {
            if name.starts_with('@') {
                open.push(name);
            } else {
                all.insert((*name).to_owned());
            }
        }
    }
    assert!(all.len() > 100, "{set}: {all:?}");
    all
}

/// A node that strace looks at; what it wrote, when the node has ended.
fn traced(world: &World, work: impl FnOnce()) -> String {
    let log = world.path("strace");
    let inner = world.command("arcadia", &["serve"]);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(&log).arg(inner.get_program()).args(inner.get_args());
    command.env_clear().current_dir(world.dir()).stdin(Stdio::null()).stdout(Stdio::piped());
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("runs"), "{line}");
    work();
    let pid = fs::read_to_string(world.path("arcadia/lock")).unwrap();
    assert!(Command::new("kill").arg(pid.trim()).status().unwrap().success());
    assert!(child.wait().unwrap().success(), "SIGTERM is a clean end");
    fs::read_to_string(log).unwrap()
}

/// The options are tried as far as that goes without a service manager: every call, every family
/// of addresses and every file that is written to is looked up in what the unit allows.
#[test]
fn a_busy_node_keeps_to_what_its_unit_allows() {
    let test = "a_busy_node_keeps_to_what_its_unit_allows";
    if !has("strace", test) || !has("systemd-analyze", test) {
        return;
    }
    let world = acquainted();
    fs::write(world.path("request.json"), crate::world::REQUEST).unwrap();
    let second = Running::start(&world, "borealis");
    let log = traced(&world, || {
        let made = world.object("arcadia", &["request", "new", "--file", "request.json"]);
        let matter = text(&made, "matter").to_owned();
        let count = |name: &str, count: i64| {
            let ran = world.run(name, &["matter", "show", &matter, "--json"]);
            ran.code == 0 && ran.out.contains(&format!("\"count\":{count}"))
        };
        until("it arrives", || count("borealis", 1));
        world.run("borealis", &["acknowledge", &matter, "--desk", "Duty desk"]).good();
        until("the answer arrives", || count("arcadia", 2));
        world.run("arcadia", &["backup", "while-it-runs"]).good_with_progress();
    });
    second.end();
    let allowed = calls(option("SystemCallFilter"));
    let families: Vec<&str> = option("RestrictAddressFamilies").split(' ').collect();
    let mut made = BTreeSet::new();
    for line in log.lines() {
        let call = line.split_once(' ').map_or(line, |(_, call)| call.trim_start());
        let Some((name, args)) = call.split_once('(') else { continue };
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            continue;
        }
        made.insert(name.to_owned());
        if name == "socket" {
            assert!(families.iter().any(|family| args.starts_with(family)), "{line}");
        }
        let executes = args.contains("PROT_WRITE|PROT_EXEC");
        assert!(option("MemoryDenyWriteExecute") == "yes" && !executes, "{line}");
        let writes =
            name == "openat" && ["O_WRONLY", "O_RDWR"].iter().any(|word| args.contains(word));
        // ProtectSystem=strict leaves the node its own folder and a /tmp of its own.
        let own = world.dir().to_str().unwrap();
        let path = args.split('"').nth(1).unwrap_or_default();
        assert!(!writes || path.starts_with(own) || path == "/dev/null", "{line}");
    }
    println!("{} calls: {made:?}", made.len());
    let strange: Vec<&String> = made.difference(&allowed).collect();
    assert!(made.len() > 40 && strange.is_empty(), "{strange:?}");
}

#[test]
fn a_node_that_is_told_to_end_ends_although_somebody_hangs_on() {
    let world = World::enrolled();
    let node = Running::start(&world, "arcadia");
    let socket = world.path("arcadia/control.sock");
    let mut client = UnixStream::connect(&socket).unwrap();
    client.write_all(b"{\"id\":1,\"op\":\"sta").unwrap();
    world.run("arcadia", &["request", "new", "--file", "request.json"]).good();
    let begun = Instant::now();
    node.end();
    let limit = option("TimeoutStopSec").parse().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(limit), "{:?}", begun.elapsed());
    drop(client);
    let checked = world.object("arcadia", &["fsck"]);
    assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())));
    let again = Running::start(&world, "arcadia");
    assert_eq!(world.json("arcadia", &["matter", "list"]).as_array().unwrap().len(), 1);
    again.end();
}

#[test]
fn a_node_that_says_it_runs_can_be_told_to_end_in_the_same_moment() {
    let world = World::enrolled();
    for _ in 0..5 {
        // Stands ready, since starting it would give the node the moment that this is about.
        let mut killer = Command::new("sh");
        killer.args(["-c", "read -r pid; kill \"$pid\""]).stdin(Stdio::piped());
        let mut killer = killer.spawn().unwrap();
        let mut pipe = killer.stdin.take().unwrap();
        std::thread::sleep(Duration::from_millis(20));
        let mut node = Running::start(&world, "arcadia");
        pipe.write_all(format!("{}\n", node.id()).as_bytes()).unwrap();
        assert!(killer.wait().unwrap().success());
        let ended = node.0.wait().unwrap();
        assert!(ended.success(), "{ended}");
    }
}
