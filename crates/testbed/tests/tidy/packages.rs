//! Edges between packages, and what the low floors can reach.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::house::{Findings, House};

/// Who may depend on whom, DESIGN section 2. A package that is not here has no floor.
const EDGES: &[(&str, &[&str])] = &[
    ("server", &["engine", "store", "verify", "rules", "record"]),
    ("testbed", &["engine", "store", "verify", "rules", "record"]),
    ("engine", &["store", "rules", "record"]),
    ("store", &["record"]),
    ("verify", &["rules", "record"]),
    ("rules", &["record"]),
    ("record", &[]),
];

/// Pure packages, and what they must not reach over any number of edges.
const PURE: &[&str] = &["record", "rules", "verify"];
const IMPURE: &[&str] = &["tokio", "rusqlite", "hyper", "rustls", "axum", "mio"];

/// Crates that only the packages named beside them may depend on.
const OWNED: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("tokio", &["server"]),
    ("hyper", &["server"]),
    ("hyper-util", &["server"]),
    ("rustls", &["server"]),
    ("tokio-rustls", &["server"]),
    ("clap", &["server", "verify", "testbed"]),
    ("hpke", &["record"]),
];

/// Every edge between two of our packages is allowed.
pub fn edges(house: &House) -> Findings {
    let mut found = Findings::default();
    for package in ours(house) {
        let name = floor(package);
        let Some((_, below)) = EDGES.iter().find(|(upper, _)| *upper == name) else {
            found.breach(format!("{name} has no floor"));
            continue;
        };
        for dependency in array(&package["dependencies"]) {
            let Some(lower) = text(&dependency["name"]).strip_prefix("counterpart-") else {
                continue;
            };
            found.seen += 1;
            if !below.contains(&lower) {
                found.breach(format!("{name} -> {lower} is not an edge of the house"));
            }
        }
    }
    found.sorted()
}

/// The pure packages reach no runtime, and weighty crates have one owner each.
pub fn reach(house: &House) -> Findings {
    let mut found = Findings::default();
    for package in ours(house) {
        let name = floor(package);
        for dependency in array(&package["dependencies"]) {
            let crate_name = text(&dependency["name"]);
            let Some((_, owners)) = OWNED.iter().find(|(owned, _)| *owned == crate_name) else {
                continue;
            };
            found.seen += 1;
            if !owners.contains(&name) {
                found.breach(format!("{name} depends on {crate_name}; only {owners:?} may"));
            }
        }
        if PURE.contains(&name) {
            let reached = reached_from(house, text(&package["id"]));
            found.seen += reached.len();
            for impure in IMPURE.iter().filter(|impure| reached.contains(**impure)) {
                found.breach(format!("{name} reaches {impure}"));
            }
        }
    }
    found.sorted()
}

/// Names of all packages that `id` reaches over ordinary and build dependencies.
fn reached_from<'a>(house: &'a House, id: &'a str) -> BTreeSet<&'a str> {
    let names: BTreeMap<&str, &str> = array(&house.metadata["packages"])
        .iter()
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    let nodes: BTreeMap<&str, &Value> = array(&house.metadata["resolve"]["nodes"])
        .iter()
        .map(|node| (text(&node["id"]), node))
        .collect();
    let mut reached = BTreeSet::new();
    let mut open = vec![id];
    while let Some(next) = open.pop() {
        for edge in nodes.get(next).map_or(&[][..], |node| array(&node["deps"])) {
            let shipped = array(&edge["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev");
            let to = text(&edge["pkg"]);
            if shipped && reached.insert(to) {
                open.push(to);
            }
        }
    }
    reached.into_iter().filter_map(|id| names.get(id).copied()).collect()
}

fn ours(house: &House) -> impl Iterator<Item = &Value> {
    array(&house.metadata["packages"])
        .iter()
        .filter(|package| text(&package["name"]).starts_with("counterpart"))
}

/// The name of one of our packages without its prefix.
fn floor(package: &Value) -> &str {
    let name = text(&package["name"]);
    match name.strip_prefix("counterpart-") {
        Some(floor) => floor,
        // The program that people run carries the plain name.
        None => "server",
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
