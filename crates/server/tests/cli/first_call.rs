//! The page about a first call, played as it stands: every command of it in its order, and what it
//! says that the program prints.

use crate::running::{Running, free};
use crate::world::{Ran, World};
use std::fs;
use std::time::{Duration, Instant};

const PAGE: &str = include_str!("../../../../docs/operate/first-call.md");
const PRINTS: [(&str, &str); 2] = [
    ("arcadia", "81997 75856 99439 00189 80216 15021 65172 70497 29974 90493 18062 62551"),
    ("borealis", "60253 72582 92091 54661 45604 92894 46112 48843 54464 35482 34644 07365"),
];
const MATTER: &str = "b5076c68";

/// What one person types, and what the page says comes back.
struct Shown {
    who: String,
    command: String,
    out: Vec<String>,
    section: String,
}

fn shown() -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let (mut block, mut open, mut section) = (false, false, String::new());
    for line in PAGE.lines() {
        if line.starts_with("```") {
            (block, open) = (!block, false);
        } else if let Some(title) = line.strip_prefix("## ") {
            section = title.to_owned();
        } else if let Some((who, command)) = line.split_once("$ ").filter(|_| block) {
            open = true;
            let (who, command) = (who.to_owned(), command.to_owned());
            all.push(Shown { who, command, out: Vec::new(), section: section.clone() });
        } else if let Some(last) = all.last_mut().filter(|_| open) {
            match last.command.strip_suffix('\\') {
                Some(begun) => last.command = format!("{begun}{}", line.trim_start()),
                None => last.out.push(line.to_owned()),
            }
        }
    }
    all
}

/// The words of a command, with quotes as a shell takes them.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('"').enumerate();
    let words = parts.flat_map(|(nth, part)| match nth % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// The same line on any two days: numbers, times and places differ, how many files there are does
/// not.
fn shape(line: &str) -> String {
    let hex = |word: &str| word.bytes().all(|b| b.is_ascii_hexdigit());
    let differs = |word: &str| {
        let number = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        number || ([8, 32].contains(&word.len()) && hex(word))
    };
    let words: Vec<&str> = line.trim_end().split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let mut ends = line.chars().filter(|c| !c.is_ascii_alphanumeric());
    let mut out = String::new();
    for (nth, word) in words.iter().enumerate() {
        let counted = words.get(nth + 1) == Some(&"files");
        out.push_str(if differs(word) && !counted { "#" } else { word });
        out.extend(ends.next());
    }
    out.trim_end().to_owned()
}

/// Whether what was printed is what the page shows; `...` stands for any lines.
fn alike(page: &[String], printed: &[String]) -> bool {
    match page.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first.trim() == "..." => {
            (0..=printed.len()).any(|skipped| alike(rest, &printed[skipped..]))
        }
        Some((first, rest)) => {
            printed.first().is_some_and(|line| shape(line) == shape(first))
                && alike(rest, &printed[1..])
        }
    }
}

/// The page, with the folders, doors and numbers of this run.
struct Here {
    world: World,
    doors: [String; 2],
    matter: String,
    running: Vec<Running>,
    differs: Vec<String>,
}

impl Here {
    fn translate(&self, text: &str) -> String {
        let dir = self.world.dir().display().to_string();
        let mut text = text.replace(MATTER, &self.matter).replace("/media", &dir);
        for ((name, print), door) in PRINTS.iter().zip(&self.doors) {
            let (host, real) = (format!("node.{name}.example:7777"), self.world.path(name));
            if real.exists() {
                text = text.replace(print, &self.world.fingerprint(name));
            }
            text = text
                .replace(&format!("/var/lib/{name}/node"), &real.display().to_string())
                .replace(&format!("/var/lib/{name}"), &dir)
                .replace(&host, door);
        }
        text
    }

    fn play(&mut self, shown: &Shown) {
        let command = self.translate(&shown.command);
        let door = &self.doors[usize::from(shown.who == "borealis")];
        let words = words(&command.replace("0.0.0.0:7777", door));
        let args: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        match (words[0].as_str(), &args[..]) {
            ("export", _) => return,
            ("cat", [file]) => {
                fs::write(self.world.path(file), shown.out.join("\n")).unwrap();
                return;
            }
            (_, ["serve"]) => {
                let names = ["arcadia", "borealis"];
                self.running = names.map(|name| Running::start(&self.world, name)).into();
                return;
            }
            _ => assert_eq!(words[0], "counterpart"),
        }
        let asked = ["New passphrase", "The same again:", "Passphrase of the node:"];
        let page = shown.out.iter().filter(|line| !asked.iter().any(|asks| line.starts_with(asks)));
        let page: Vec<String> = page.map(|line| self.translate(line)).collect();
        let looks = args.is_empty() || args.starts_with(&["matter", "show"]);
        let begun = Instant::now();
        loop {
            let mut call = self.world.command(&shown.who, &args);
            let ran = Ran::of(call.env("COLUMNS", "110"));
            assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command}: {}", ran.out);
            let printed: Vec<String> = ran.out.lines().map(str::to_owned).collect();
            let found = printed.iter().find_map(|line| line.strip_prefix("Request in matter "));
            if let Some(matter) = found {
                self.matter = matter[..8].to_owned();
            }
            if page.is_empty() || alike(&page, &printed) {
                return;
            }
            // What travels between two nodes that run takes a moment.
            if !looks || begun.elapsed() > Duration::from_secs(10) {
                let (page, out) = (page.join("\n"), ran.out);
                self.differs.push(format!("{page}\n--- is\n$ {command}\n{out}"));
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the page says that the other side does as well.
    fn other_side(&self, shown: &Shown) {
        let run = |args: &[&str]| {
            self.world.run("borealis", args).good();
        };
        let command = shown.command.as_str();
        if command.starts_with("counterpart credential export") {
            run(&["credential", "export", "borealis.credential"]);
        } else if command.starts_with("counterpart credential import") {
            run(&["credential", "import", "arcadia.credential"]);
        } else if command.starts_with("counterpart accredit") {
            let print = self.world.fingerprint("arcadia");
            run(&["accredit", "Arcadia", "--compared", "voice", "--fingerprint", &print]);
        }
    }
}

#[test]
fn the_page_about_a_first_call_is_played_as_it_stands() {
    let doors = [free(), free()];
    let (world, matter) = (World::new(), MATTER.to_owned());
    let mut here = Here { world, doors, matter, running: Vec::new(), differs: Vec::new() };
    fs::create_dir(here.world.path("stick")).unwrap();
    let all = shown();
    assert!(all.len() >= 18, "{}", all.len());
    for shown in &all {
        if shown.section.starts_with("5.") {
            here.running.drain(..).for_each(Running::end);
        }
        here.play(shown);
        here.other_side(shown);
    }
    assert!(here.differs.is_empty(), "the page shows\n{}", here.differs.join("\n=== and shows\n"));
}
