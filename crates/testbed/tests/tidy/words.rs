//! Words that must not stand where they would do harm.

use std::collections::BTreeSet;

use crate::house::{Findings, House, Text};
use crate::tokens::{Token, find, tokens};

/// A row of tokens, the packages that may use it all the same, and whether it binds tests, too.
struct Ban {
    row: &'static [&'static str],
    but: &'static [&'static str],
    in_tests: bool,
}

const fn ban(row: &'static [&'static str], but: &'static [&'static str], in_tests: bool) -> Ban {
    Ban { row, but, in_tests }
}

/// Left-over work, undefined behaviour, and time, chance or I/O that is not an argument.
const BANS: &[Ban] = &[
    ban(&["todo", "!"], &[], true),
    ban(&["unimplemented", "!"], &[], true),
    ban(&["dbg", "!"], &[], true),
    ban(&["unsafe"], &[], true),
    ban(&["SystemTime", ":", ":", "now"], &["server", "testbed"], false),
    ban(&["Instant", ":", ":", "now"], &["server", "testbed"], false),
    ban(&["thread_rng"], &["server", "testbed"], true),
    ban(&["std", ":", ":", "net"], &["server", "testbed"], false),
    // A list would hide what it names from the rows below.
    ban(&["std", ":", ":", "{"], &[], true),
    ban(&["std", ":", ":", "fs"], &["server", "testbed", "store", "verify"], false),
    ban(&["std", ":", ":", "env"], &["server", "testbed", "verify"], false),
    ban(&["std", ":", ":", "process"], &["server", "testbed", "store", "verify"], false),
];

/// Crates below version 1, and others of weight, each with the only places that may name it.
const PLACES: &[(&str, &[&str])] = &[
    ("hpke", &["crates/record/src/seal"]),
    ("rusqlite", &["crates/store/"]),
    ("fluent_bundle", &["crates/rules/src/say"]),
    ("jiff", &["crates/rules/src/clock", "crates/server/"]),
    ("argon2", &["crates/record/src/", "crates/server/"]),
    ("cryptoki", &["crates/server/src/token.rs"]),
    ("rustls", &["crates/server/"]),
    ("hyper", &["crates/server/"]),
];

/// Words that no source may hold.
pub fn banned(house: &House) -> Findings {
    each_source(house, |file, row, found| {
        for ban in BANS {
            let package = file.package().unwrap_or_default();
            if ban.but.contains(&package) || (!ban.in_tests && file.is_test()) {
                continue;
            }
            for at in find(row, ban.row) {
                if ban.in_tests || !row[at].in_test {
                    let line = row[at].line;
                    found.breach(format!("{}:{line} {}", file.path, ban.row.concat()));
                }
            }
        }
    })
}

/// Weighty crates are named in their own place only, so that they can be replaced.
pub fn named_in_one_place(house: &House) -> Findings {
    each_source(house, |file, row, found| {
        for (name, places) in PLACES {
            if file.is_test() || places.iter().any(|place| file.path.starts_with(place)) {
                continue;
            }
            for at in find(row, &[name, ":", ":"]) {
                // `x::hpke::` is a module of somebody else.
                let own = at < 1 || row[at - 1].text != ":";
                if own && !row[at].in_test {
                    found.breach(format!("{}:{} names {name}", file.path, row[at].line));
                }
            }
        }
    })
}

/// No code outside rules knows a flow by name: a new flow is one folder.
pub fn flow_names(house: &House) -> Findings {
    let flows: BTreeSet<&str> = house
        .rust()
        .filter_map(|file| file.path.strip_prefix("crates/rules/src/flow/")?.split_once('/'))
        .map(|(folder, _)| folder)
        .collect();
    let mut found = each_source(house, |file, row, found| {
        let free = ["crates/rules/", "crates/testbed/", "crates/server/src/demo"];
        if file.is_test() || free.iter().any(|place| file.path.starts_with(place)) {
            return;
        }
        for token in row.iter().filter(|token| !token.in_test) {
            for flow in flows.iter().filter(|flow| says(token, flow)) {
                found.breach(format!("{}:{} names the flow {flow}", file.path, token.line));
            }
        }
    });
    println!("flows: {flows:?}");
    if flows.is_empty() {
        found.seen = 0;
    }
    found
}

/// A word of a literal or a part of an identifier, whatever its case.
fn says(token: &Token, flow: &str) -> bool {
    let mut parts = Vec::new();
    for c in token.text.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() || parts.is_empty() {
            parts.push(String::new());
        }
        if let (true, Some(last)) = (c.is_alphanumeric(), parts.last_mut()) {
            last.extend(c.to_lowercase());
        }
    }
    parts.iter().any(|part| part == flow)
}

/// No file tells where somebody's machine keeps things.
pub fn machine_paths(house: &House) -> Findings {
    // Written in two pieces, or this file would break its own law.
    let nowhere = [concat!("/wo", "rk"), concat!("/ro", "ot"), concat!("/ho", "me")];
    let outside_tests = [concat!("/tm", "p")];
    let mut found = Findings::default();
    for file in &house.files {
        found.seen += 1;
        for (at, line) in file.text.lines().enumerate() {
            let mut paths = nowhere.to_vec();
            if !file.is_test() {
                paths.extend(outside_tests);
            }
            for path in paths.iter().filter(|path| holds_path(line, path)) {
                found.breach(format!("{}:{} says {path}", file.path, at + 1));
            }
        }
    }
    found
}

/// `path` stands in `line` as the start of an absolute path, not inside a longer word.
fn holds_path(line: &str, path: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || "._-~*}$)/".contains(c);
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        !before.is_some_and(word)
            && !after.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-')
    })
}

fn each_source(house: &House, mut law: impl FnMut(&Text, &[Token], &mut Findings)) -> Findings {
    let mut found = Findings::default();
    for file in house.rust() {
        found.seen += 1;
        match tokens(&file.text) {
            Ok(row) => law(file, &row, &mut found),
            Err(why) => found.breach(format!("{}: {why}", file.path)),
        }
    }
    found
}
