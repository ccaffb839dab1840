//! The figures for a monitor, fetched over HTTP from a node that runs and read by a strict reader
//! of the text format of Prometheus.

use crate::running::{Running, free, until};
use crate::world::{REQUEST, World};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

/// One line of the text: name, labels as written, value.
pub type Sample = (String, String, f64);

/// Fetches and reads what the listener at `address` tells.
pub fn figures(address: &str) -> Vec<Sample> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("Content-Type: text/plain; version=0.0.4"), "{head}");
    assert!(head.contains(&format!("Content-Length: {}", body.len())), "{head}");
    read(body).unwrap_or_else(|why| panic!("{why}\n{body}"))
}

/// The sum over all samples of a name whose labels contain a text.
pub fn figure(samples: &[Sample], name: &str, label: &str) -> f64 {
    let fits = samples.iter().filter(|(other, labels, _)| other == name && labels.contains(label));
    fits.map(|(.., value)| value).sum()
}

/// The text format 0.0.4: HELP, then TYPE, then the samples of one name together, each label set
/// once, every line ended.
fn read(body: &str) -> Result<Vec<Sample>, String> {
    if !body.ends_with('\n') {
        return Err("the last line does not end".into());
    }
    let (mut samples, mut types) = (Vec::<Sample>::new(), BTreeMap::new());
    let (mut helped, mut open) = (String::new(), String::new());
    for line in body.lines() {
        let wrong = |why: &str| Err(format!("{why}: {line:?}"));
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let Some((name, help)) = rest.split_once(' ') else { return wrong("no help") };
            if types.contains_key(name) || help.is_empty() {
                return wrong("twice, or empty");
            }
            helped = name.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let Some((name, kind)) = rest.split_once(' ') else { return wrong("no type") };
            let counter = name.ends_with("_total");
            if name != helped
                || (kind, counter) != (if counter { "counter" } else { "gauge" }, counter)
            {
                return wrong("a type without its help, or of another kind than its name");
            }
            types.insert(name.to_owned(), kind.to_owned());
            open = name.to_owned();
        } else {
            let (name, labels, value) = sample(line).ok_or(format!("not a sample: {line:?}"))?;
            if name != open {
                return wrong("a sample away from its type");
            }
            if samples.iter().any(|(n, l, _)| (n, l) == (&name, &labels)) {
                return wrong("a series twice");
            }
            samples.push((name, labels, value));
        }
    }
    Ok(samples)
}

fn sample(line: &str) -> Option<Sample> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}')?),
        None => (series, ""),
    };
    let word = |text: &str| {
        let mut bytes = text.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_lowercase())
            && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let mut each = labels.split(',').filter(|label| !label.is_empty());
    let good = each.all(|label| {
        let Some((key, value)) = label.split_once('=') else { return false };
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        word(key) && value.is_some_and(|value| !value.contains(['"', '\\']))
    });
    (word(name) && good)
        .then(|| (name.to_owned(), labels.to_owned(), value.parse().ok()))
        .and_then(|(name, labels, value): (_, _, Option<f64>)| Some((name, labels, value?)))
}

#[test]
fn the_reader_is_strict() {
    let good = "# HELP a_total x\n# TYPE a_total counter\na_total{p=\"1\"} 2\na_total 3\n";
    assert_eq!(read(good).unwrap().len(), 2);
    for (from, to) in [
        ("a_total 3\n", "a_total 3"),
        ("counter", "gauge"),
        ("a_total 3", "a_total{p=\"1\"} 3"),
        ("a_total 3", "b_total 3"),
        ("a_total 3", "a_total three"),
        ("a_total 3", "A_total 3"),
        ("{p=\"1\"}", "{p=1}"),
        ("# HELP a_total x\n", ""),
    ] {
        assert!(read(&good.replacen(from, to, 1)).is_err(), "{to:?}");
    }
}

/// A node that works tells a monitor what it does, and nothing of whom or what it is about: not in
/// the figures, and not in what it prints.
#[test]
fn a_busy_node_tells_figures_and_nothing_personal() {
    let (world, monitor) = (World::new(), free());
    let (a, b) = ("arcadia", "borealis");
    for (name, title) in [(a, "Arcadia"), (b, "Borealis")] {
        let init = ["init", "--name", title, "--listen", &free(), "--callback", "+1 555 0100"];
        world.run(name, &init).good();
    }
    world.introduce();
    let config = world.path("borealis/config");
    let settings = std::fs::read_to_string(&config).unwrap();
    // A program that cannot be run is something to print.
    let on_ring = "on_ring = /nowhere/at/all";
    std::fs::write(&config, format!("{settings}metrics = {monitor}\n{on_ring}\n")).unwrap();
    std::fs::write(world.path("request.json"), REQUEST).unwrap();
    let printed = world.path("printed");
    let (first, second) = (Running::start(&world, a), printing(&world, b, &printed));
    world.run(a, &["request", "new", "--file", "request.json"]).good();
    let words = ["--topic", "danger-to-life", "--text", "A child is in danger."];
    world.run(a, &[&["call", "raise", "--urgency", "flash"], &words[..]].concat()).good();
    let open = || figure(&figures(&monitor), "counterpart_matters_open", "ring=\"live\"");
    until("both matters are there", || open() == 2.0);
    // What is there may have come in the answer to a call of ours, which is no parcel at the door.
    let parcels = || figure(&figures(&monitor), "counterpart_door_total", "what=\"parcel\"");
    until("a parcel came to the door", || {
        world.run(a, &["request", "new", "--file", "request.json"]).good();
        parcels() >= 1.0
    });
    let told = figures(&monitor);
    assert!(figure(&told, "counterpart_log_size", "ring=\"live\"") >= 4.0, "{told:?}");
    until("it has printed why the program did not run", || {
        std::fs::read_to_string(&printed).unwrap().contains("on_ring")
    });
    first.end();
    second.end();
    let printed = std::fs::read_to_string(&printed).unwrap();
    let told = format!("{told:?}");
    for personal in [
        "child",
        "danger",
        "192.0.2.7",
        "hospital",
        "Court",
        "Arcadia",
        "555 0100",
        "suspect",
        "preservation",
    ] {
        assert!(!told.contains(personal), "{personal}: {told}");
        // What is printed for the operator names nobody either.
        assert!(!printed.contains(personal), "{personal}: {printed}");
    }
}

/// A node that runs, with everything that it prints in a file.
fn printing(world: &World, name: &str, file: &Path) -> Running {
    let out = std::fs::File::create(file).unwrap();
    let err = out.try_clone().unwrap();
    let child = world.command(name, &["serve"]).stdout(out).stderr(err).spawn().unwrap();
    let running = Running(child);
    until("it runs", || std::fs::read_to_string(file).unwrap().contains("runs"));
    running
}
