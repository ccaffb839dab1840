//! What a fault says of its place is said in both languages: a sentence that is raised in English
//! has a phrase by which it is found again.

use counterpart_rules::say::{Lang, placed};

use crate::house::{Findings, House};
use crate::tokens::{Token, tokens};

/// Functions that put what they are given into the place of a fault.
const RAISES: &[&str] =
    &["at", "wrong", "not", "lost", "missing", "damaged", "absent", "unfit", "unknown", "fault"];
/// Names of values that become such a place.
const PLACES: &[&str] = &["what", "place"];

/// Details with two English words or more beside each other in a Chinese sentence.
pub fn untold(house: &House) -> Findings {
    let mut found = Findings::default();
    for file in house.rust() {
        let aside = ["crates/testbed/", "crates/server/src/bench", "crates/server/src/demo"];
        let free = aside.iter().any(|folder| file.path.starts_with(folder));
        if free || file.is_test() || file.path.ends_with("/tests.rs") {
            continue;
        }
        let Ok(row) = tokens(&file.text) else { continue };
        for at in (0..row.len()).filter(|at| !row[*at].in_test) {
            let Some(detail) = raised(&row[at..]) else { continue };
            found.seen += 1;
            if is_english(&placed(Lang::ZhCn, &detail)) {
                found.breach(format!("{}: {detail}", file.path));
            }
        }
    }
    found.sorted()
}

/// The text that begins a row of tokens as `at("...")`, `at(format!("..."` or
/// `let what = format!("..."`, something in the place of each variable.
fn raised(row: &[Token]) -> Option<String> {
    let is = |at: usize, words: &[&str]| {
        row.get(at..at + words.len())
            .is_some_and(|row| row.iter().zip(words).all(|(token, word)| token.text == *word))
    };
    let name = row[0].text.as_str();
    let raises = RAISES.contains(&name) && is(1, &["("]);
    let names = PLACES.contains(&name) && is(1, &["=", "format"]);
    if !(raises || names) {
        return None;
    }
    let mut at = 2 + usize::from(is(2, &["&"]));
    at += if is(at, &["format", "!", "("]) { 3 } else { 0 };
    let text: syn::LitStr = syn::parse_str(&row.get(at)?.text).ok()?;
    Some(filled(&text.value()))
}

/// A format with its variables filled in.
fn filled(format: &str) -> String {
    let (mut out, mut within) = (String::new(), false);
    for c in format.chars() {
        match c {
            '{' => within = true,
            '}' if within => {
                out.push_str("x7");
                within = false;
            }
            _ if within => {}
            c => out.push(c),
        }
    }
    out
}

/// Two words of letters alone, one after the other.
fn is_english(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let word = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.windows(2).any(|two| word(two[0].trim_matches('"')) && word(two[1].trim_matches(',')))
}
