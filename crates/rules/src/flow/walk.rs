//! What the atlases of the flows share: the walk through every situation, its page, and the file
//! that a reviewer has read.

use std::collections::VecDeque;
use std::fmt::Write as _;

/// The first matter found in each situation, in the order found: `situation` tells them apart,
/// `moves` leads on from one.
pub fn walk<M>(
    start: M,
    situation: impl Fn(&M) -> String,
    moves: impl Fn(&M) -> Vec<M>,
) -> Vec<(String, M)> {
    let mut found: Vec<(String, M)> = Vec::new();
    let mut queue = VecDeque::from([start]);
    while let Some(matter) = queue.pop_front() {
        let name = situation(&matter);
        if found.iter().all(|(other, _)| *other != name) {
            queue.extend(moves(&matter));
            found.push((name, matter));
        }
    }
    found
}

/// A line for an act that is tried, and where it leads or why not.
pub fn tried(out: &mut String, label: &str, next: Result<String, &str>) {
    let cell = next.map_or_else(str::to_owned, |next| format!("-> {next}"));
    let _ = writeln!(out, "    {label:<28} {cell}");
}

/// Compares with the file that was reviewed, by its path in this package. `COUNTERPART_BLESS=1`
/// writes it anew.
pub fn reviewed(file: &str, now: &str) {
    let path = format!("{}/src/flow/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("COUNTERPART_BLESS").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == now,
        "{file} differs from the code. If the change is meant, set COUNTERPART_BLESS=1 and \
         read the difference. Now:\n{now}"
    );
}
