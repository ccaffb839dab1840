//! The list of named exceptions. It may only shrink, and it never lies: an exception that is
//! longer, shorter or gone must be written down anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::house::here;

/// Demands that the breaches of a law are exactly those on the list.
pub fn compare(law: &str, breaches: Vec<String>) {
    let list = fs::read_to_string(list()).expect("tidy/ratchet.txt");
    let breaches: BTreeSet<String> = breaches.into_iter().map(|b| format!("{law}: {b}")).collect();
    if std::env::var_os("TIDY_RATCHET").is_some_and(|wish| wish == "write") {
        return write(law, &breaches);
    }
    let listed: BTreeSet<String> = of_law(law, &list).map(str::to_owned).collect();
    let new: Vec<_> = breaches.difference(&listed).map(|b| format!("not allowed: {b}")).collect();
    let gone: Vec<_> = listed.difference(&breaches).map(|b| format!("out of date: {b}")).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "{}\n{}\nIf this is better than before, run once with TIDY_RATCHET=write.",
        new.join("\n"),
        gone.join("\n"),
    );
}

fn list() -> PathBuf {
    here().join("ratchet.txt")
}

fn of_law<'a>(law: &str, list: &'a str) -> impl Iterator<Item = &'a str> {
    let prefix = format!("{law}: ");
    list.lines().filter(move |line| line.starts_with(&prefix))
}

/// Replaces the lines of one law and leaves the rest. Tests of several laws may run in several
/// processes at once, so a lock file stands by while the list is rewritten.
fn write(law: &str, breaches: &BTreeSet<String>) {
    let lock = std::env::temp_dir().join("counterpart-tidy-ratchet.lock");
    while fs::create_dir(&lock).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let list_now = fs::read_to_string(list()).expect("tidy/ratchet.txt");
    let prefix = format!("{law}: ");
    let (notes, rules): (Vec<&str>, Vec<&str>) =
        list_now.lines().partition(|line| line.is_empty() || line.starts_with('#'));
    let mut lines: BTreeSet<String> =
        rules.into_iter().filter(|line| !line.starts_with(&prefix)).map(str::to_owned).collect();
    lines.extend(breaches.iter().cloned());
    let mut text = notes.join("\n") + "\n";
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    fs::write(list(), text).expect("tidy/ratchet.txt can be written");
    fs::remove_dir(&lock).expect("the lock is ours");
}
