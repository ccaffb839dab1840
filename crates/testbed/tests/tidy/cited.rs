//! What is promised is kept somewhere: fault codes are raised, tested and phrased, and the
//! numbered requirements of `docs/spec/` are cited.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::Item;

use crate::house::{Findings, House};
use crate::tokens::{find, tokens};

const FAULTS: &str = "crates/record/src/fault.rs";
const LANGUAGES: &[&str] = &["en.ftl", "zh-CN.ftl"];

/// Every code of the closed list is raised somewhere and named in a test.
pub fn fault_codes(house: &House) -> Findings {
    let mut found = Findings::default();
    let (mut raised, mut tested) = (BTreeSet::new(), BTreeSet::new());
    for file in house.rust().filter(|file| file.path != FAULTS) {
        let Ok(row) = tokens(&file.text) else { continue };
        for at in find(&row, &["Code", ":", ":"]) {
            let Some(name) = row.get(at + 3) else { continue };
            if file.is_test() || row[at].in_test {
                tested.insert(name.text.clone());
            } else {
                raised.insert(name.text.clone());
            }
        }
    }
    for (code, _) in codes(house) {
        found.seen += 1;
        if !raised.contains(&code) {
            found.breach(format!("{code} is never raised"));
        }
        if !tested.contains(&code) {
            found.breach(format!("{code} is in no test"));
        }
    }
    found.sorted()
}

/// Every code has its two sentences in both languages: what happened (`fault-<name>`) and what to
/// do (`fault-<name>-do`).
pub fn fault_phrases(house: &House) -> Findings {
    let mut found = Findings::default();
    for language in LANGUAGES {
        let files = house.files.iter().filter(|file| file.path.ends_with(language));
        let phrases: Vec<&str> = files.flat_map(|file| file.text.lines()).collect();
        println!("phrases: {} lines in {language}", phrases.len());
        if phrases.is_empty() {
            continue;
        }
        for (_, name) in codes(house) {
            found.seen += 1;
            for key in [format!("fault-{name}"), format!("fault-{name}-do")] {
                if !phrases.iter().any(|line| is_key(line, &key)) {
                    found.breach(format!("{key} has no phrase in {language}"));
                }
            }
        }
    }
    found.sorted()
}

/// Each requirement is cited by code or tests.
pub fn uncited_requirements(house: &House) -> Findings {
    let mut found = Findings::default();
    let defined = defined(house);
    let cited = cited(house, &defined);
    for (id, path) in &defined {
        found.seen += 1;
        if !cited.contains_key(id) {
            found.breach(format!("{id} of {path} is cited nowhere"));
        }
    }
    found.sorted()
}

/// Each requirement that code cites is defined, and only once.
pub fn undefined_requirements(house: &House) -> Findings {
    let mut found = Findings::default();
    let defined = defined(house);
    for (id, path) in cited(house, &defined) {
        found.seen += 1;
        if !defined.contains_key(&id) {
            found.breach(format!("{path} cites {id}, which no spec defines"));
        }
    }
    for (id, times) in definitions(house).fold(BTreeMap::new(), count) {
        if times > 1 {
            found.breach(format!("{id} is defined {times} times"));
        }
    }
    found.sorted()
}

/// The variants of `Code` with their short names, in the order of the `codes!` list.
fn codes(house: &House) -> Vec<(String, String)> {
    let Some(file) = house.files.iter().find(|file| file.path == FAULTS) else {
        return Vec::new();
    };
    let Ok(tree) = syn::parse_file(&file.text) else { return Vec::new() };
    let list = tree.items.iter().find_map(|item| match item {
        Item::Macro(list) if list.mac.path.is_ident("codes") => Some(list.mac.tokens.clone()),
        _ => None,
    });
    list.map(variants).unwrap_or_default()
}

/// `Name Blame "name"` as written in the list; attributes are groups and fall out.
fn variants(list: TokenStream) -> Vec<(String, String)> {
    let trees: Vec<TokenTree> = list.into_iter().collect();
    trees
        .windows(3)
        .filter_map(|three| match three {
            [TokenTree::Ident(code), TokenTree::Ident(_), TokenTree::Literal(name)] => {
                Some((code.to_string(), name.to_string().trim_matches('"').to_owned()))
            }
            _ => None,
        })
        .collect()
}

/// The line begins the phrase of exactly this key.
fn is_key(line: &str, key: &str) -> bool {
    line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
}

/// Requirement ids with the spec file that defines them.
fn defined(house: &House) -> BTreeMap<String, String> {
    definitions(house).collect()
}

/// Every `**XXX-n**` of the spec: the id as its own words, at the start of a requirement.
fn definitions(house: &House) -> impl Iterator<Item = (String, String)> {
    house
        .files
        .iter()
        .filter(|file| file.path.starts_with("docs/spec/") && file.path.ends_with(".md"))
        .flat_map(|file| {
            file.text
                .split("**")
                .skip(1)
                .step_by(2)
                .map(|bold| bold.trim_end_matches(['.', ':']))
                .filter(|bold| ids(bold).first().is_some_and(|id| id == bold))
                .map(|id| (id.to_owned(), file.path.clone()))
        })
}

/// Requirement ids in Rust sources, with one file each. Only prefixes that the spec uses count:
/// `SHA-256` is nobody's requirement.
fn cited(house: &House, defined: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let prefixes: BTreeSet<&str> = defined.keys().filter_map(|id| id.split('-').next()).collect();
    let mut cited = BTreeMap::new();
    for file in house.rust() {
        for id in ids(&file.text) {
            if id.split('-').next().is_some_and(|prefix| prefixes.contains(prefix)) {
                cited.insert(id, file.path.clone());
            }
        }
    }
    cited
}

/// Words such as `REC-12`: two or more capitals, one hyphen, digits.
fn ids(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| {
            word.split_once('-').is_some_and(|(letters, digits)| {
                letters.len() >= 2
                    && letters.bytes().all(|b| b.is_ascii_uppercase())
                    && !digits.is_empty()
                    && digits.bytes().all(|b| b.is_ascii_digit())
            })
        })
        .map(str::to_owned)
        .collect()
}

fn count(mut times: BTreeMap<String, u32>, (id, _): (String, String)) -> BTreeMap<String, u32> {
    *times.entry(id).or_default() += 1;
    times
}
