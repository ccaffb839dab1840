//! Every parser of foreign bytes under a seeded mutator: it refuses or it reads, it never panics,
//! and what it reads of our own formats has no second spelling. `MUTATE_ROUNDS` makes it longer;
//! `fuzz/` has the same parsers under libFuzzer.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

#[path = "foreign/mod.rs"]
mod foreign;

use foreign::{PARSERS, world};
use std::collections::BTreeSet;
use std::path::Path;

/// xorshift64*: the same seed gives the same mutants.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// One to four changes: a flipped bit, a telling byte, a cut, a doubled or a moved part.
    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(out.len());
            match self.below(6) {
                0 if !out.is_empty() => out[at] ^= 1 << self.below(8),
                1 if !out.is_empty() => {
                    let telling = [0, 1, 0x7f, 0x80, 0xff, 0x1b, 0x5b, 0x9b, 0xbf, b'"', b'\\'];
                    out[at] = telling[self.below(telling.len())];
                }
                2 => out.truncate(at),
                3 => {
                    let part = out[at..(at + self.below(40)).min(out.len())].to_vec();
                    out.splice(at..at, part);
                }
                4 => drop(out.drain(at..(at + self.below(9)).min(out.len()))),
                _ => out.push(self.next() as u8),
            }
        }
        out
    }
}

#[test]
fn no_parser_panics_and_nothing_has_two_spellings() {
    let rounds: u32 =
        std::env::var("MUTATE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(4_000);
    for parser in PARSERS {
        let good = (parser.good)(world());
        (parser.parse)(&good);
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ good.len() as u64);
        for round in 0..rounds {
            let mutant = dice.mutate(&good);
            let outcome = std::panic::catch_unwind(|| (parser.parse)(&mutant));
            assert!(outcome.is_ok(), "{}, round {round}: {mutant:02x?}", parser.name);
        }
    }
}

/// `FUZZ_CORPUS=fuzz/corpus` also leaves each good input there, for libFuzzer to begin with.
#[test]
fn every_parser_has_a_fuzz_target_and_every_target_a_parser() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let targets = std::fs::read_dir(fuzz.join("fuzz_targets")).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(&format!("foreign::run(\"{name}\", bytes)")), "{name}: {text}");
        name
    });
    let targets: BTreeSet<String> = targets.collect();
    let parsers: BTreeSet<String> = PARSERS.iter().map(|parser| parser.name.to_owned()).collect();
    assert_eq!(targets, parsers);
    let cargo = std::fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    let named: BTreeSet<String> = cargo
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""))
        .map(str::to_owned)
        .collect();
    assert_eq!(named, parsers);
    let Ok(corpus) = std::env::var("FUZZ_CORPUS") else { return };
    for parser in PARSERS {
        let folder = Path::new(&corpus).join(parser.name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("good"), (parser.good)(world())).unwrap();
    }
}
