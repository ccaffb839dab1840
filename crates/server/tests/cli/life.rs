//! A whole life of two nodes by pouch, as a transcript that a reviewer reads, in both languages.

use crate::world::{World, text};
use counterpart_record::strict::json::Value;

/// Runs a call and writes down what a person would see, with everything that changes from run to
/// run replaced.
struct Transcript<'a> {
    world: &'a World,
    lang: &'a str,
    text: String,
}

impl Transcript<'_> {
    fn run(&mut self, name: &str, args: &[&str], code: i32) -> String {
        let mut command = self.world.command(name, args);
        command.env("COUNTERPART_LANG", self.lang).env("COLUMNS", "110");
        let ran = crate::world::Ran::of(&mut command);
        assert_eq!(ran.code, code, "{args:?}: {}{}", ran.out, ran.err);
        let words: Vec<String> = args.iter().map(|word| shell(word)).collect();
        self.text.push_str(&format!("{name}$ counterpart {}\n", words.join(" ")));
        self.text.push_str(&ran.out);
        self.text.push_str(&ran.err);
        self.text.push_str(&format!("[{code}]\n\n"));
        ran.out
    }

    fn finish(self, file: &str) {
        let now = steady(&self.text, self.world);
        let path = format!("{}/tests/cli/{file}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("COUNTERPART_BLESS").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == now,
            "{file} differs from what the program prints. If the change is meant, set \
             COUNTERPART_BLESS=1 and read the difference. Now:\n{now}"
        );
    }
}

fn shell(word: &str) -> String {
    if word.contains(' ') { format!("\"{word}\"") } else { word.to_owned() }
}

/// Ids become `########`, fingerprints become zeros, the folder becomes `DIR`, and times `TIME`.
fn steady(text: &str, world: &World) -> String {
    let mut text = text.replace(&world.dir().display().to_string(), "DIR");
    let prints = ["arcadia", "borealis"].map(|name| world.fingerprint(name));
    for group in prints.iter().flat_map(|print| print.split(' ')) {
        let spaced = group.chars().map(String::from).collect::<Vec<_>>().join(" ");
        text = text.replace(&spaced, "0 0 0 0 0");
    }
    // What is typed, right or wrong.
    let mut parts = text.split("--fingerprint \"");
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (groups, rest) = part.split_once('"').unwrap();
        let zeros: String =
            groups.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        masked.push_str(&format!("--fingerprint \"{zeros}\"{rest}"));
    }
    text = masked;
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() {
            word.push(c);
            continue;
        }
        let id = [8, 32, 64].contains(&word.len()) && word.bytes().all(|b| b.is_ascii_hexdigit());
        out.push_str(if id { "########" } else { &word });
        word.clear();
        out.push(c);
    }
    let lines = out.trim_end().lines().map(without_time);
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// `2026-06-14 01:00:00 UTC` becomes `TIME`, unless it is the far one of the request; what is left
/// until then becomes `LONG`.
fn without_time(line: &str) -> String {
    let line = &without_length(line, " d ", " min");
    let line = &without_length(line, " 天 ", " 分钟");
    let mut parts = line.split(" UTC").map(str::to_owned).collect::<Vec<_>>();
    let last = parts.len() - 1;
    for part in &mut parts[..last] {
        let from = part.len().saturating_sub("2026-06-14 01:00:00".len());
        match part.get(from..) {
            Some(time) if time.starts_with("2099-") => part.replace_range(from.., "LATER"),
            Some(time) if time.starts_with("20") => part.replace_range(from.., "TIME"),
            _ => part.push_str(" UTC"),
        }
    }
    parts.concat()
}

/// A length of thousands of days, from its first digit to its last unit.
fn without_length(line: &str, days: &str, minutes: &str) -> String {
    let found = line.find(days).filter(|at| line[..*at].ends_with(|c: char| c.is_ascii_digit()));
    let Some(at) = found else { return line.to_owned() };
    let from = line[..at].rfind(' ').map_or(0, |at| at + 1);
    let Some(to) = line[at..].find(minutes).map(|to| at + to + minutes.len()) else {
        return line.to_owned();
    };
    if at - from < 4 {
        return line.to_owned();
    }
    format!("{}LONG{}", &line[..from], &line[to..])
}

fn play(lang: &str, file: &str) {
    let world = World::new();
    std::fs::write(world.path("request.json"), crate::world::REQUEST).unwrap();
    let mut t = Transcript { world: &world, lang, text: String::new() };
    let (a, b) = ("arcadia", "borealis");
    t.run(a, &[], 0);
    t.run(
        a,
        &["init", "--name", "Arcadia", "--name-zh", "阿卡迪亚", "--callback", "+1 555 0100"],
        0,
    );
    t.run(b, &["init", "--name", "Borealis", "--listen", "127.0.0.1:7777"], 0);
    t.run(a, &[], 0);
    t.run(a, &["credential", "export", "arcadia.credential"], 0);
    t.run(b, &["credential", "export", "borealis.credential"], 0);
    t.run(a, &["credential", "import", "borealis.credential"], 0);
    t.run(b, &["credential", "import", "arcadia.credential"], 0);
    t.run(a, &["fingerprint", "borealis"], 0);
    t.run(a, &[], 0);
    let (fa, fb) = (world.fingerprint(a), world.fingerprint(b));
    let accredit = |peer, print| ["accredit", peer, "--compared", "voice", "--fingerprint", print];
    // One digit of the third group, as it is misheard.
    let wrong = if &fb[12..13] == "0" { "1" } else { "0" };
    let misheard = format!("{}{wrong}{}", &fb[..12], &fb[13..]);
    t.run(a, &accredit("Borealis", &misheard), 1);
    t.run(a, &accredit("Borealis", &fb), 0);
    t.run(b, &accredit("Arcadia", &fa), 0);
    t.run(a, &["request", "new", "--field", "urgency=sometimes"], 1);
    t.run(a, &["request", "new", "--file", "request.json"], 0);
    let list = world.json(a, &["matter", "list"]);
    let first = list.as_array().unwrap()[0].as_object().unwrap();
    let matter = text(first, "matter")[..8].to_owned();
    let m = matter.as_str();
    t.run(a, &["pouch", "pack", "Borealis", "p1"], 0);
    t.run(b, &["pouch", "unpack", "p1"], 0);
    t.run(b, &[], 0);
    t.run(b, &["acknowledge", m, "--desk", "Duty desk"], 0);
    t.run(b, &["ask", m, "--field", "about=period", "--text", "Which time zone?"], 0);
    t.run(b, &["remind", m], 1);
    t.run(b, &["pouch", "pack", "Arcadia", "p2"], 0);
    t.run(a, &["pouch", "unpack", "p2"], 0);
    t.run(a, &["matter", "show", m], 0);
    t.run(a, &["supplement", m, "--text", "UTC+8."], 0);
    t.run(a, &["pouch", "pack", "Borealis", "p3"], 0);
    t.run(b, &["pouch", "unpack", "p3"], 0);
    let done = ["--field", "extent=full", "--field", "final=yes", "--text", "Preserved."];
    t.run(b, &[&["answer", m], &done[..]].concat(), 0);
    t.run(b, &["pouch", "pack", "Arcadia", "p4"], 0);
    t.run(a, &["pouch", "unpack", "p4"], 0);
    t.run(a, &["pouch", "unpack", "p4"], 0);
    t.run(a, &["matter", "show", m], 0);
    t.run(a, &["matter", "list"], 0);
    t.run(a, &["log"], 0);
    t.run(a, &["fsck"], 0);
    t.run(a, &["proofs"], 0);
    t.run(a, &["dossier", m, "case"], 0);
    t.run(a, &["form", "ask"], 0);
    t.run(a, &[], 0);
    t.finish(file);
}

#[test]
fn a_first_call_by_pouch_reads_well_in_english() {
    play("en", "first-call.en.txt");
}

#[test]
fn a_first_call_by_pouch_reads_well_in_chinese() {
    play("zh-CN", "first-call.zh-CN.txt");
}

#[test]
fn a_dossier_of_the_command_line_verifies_with_both_fingerprints_only() {
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    world.carry(b, a, &[]);
    let made = world.object(a, &["request", "new", "--file", "request.json"]);
    let m = text(&made, "matter");
    let taken = world.carry(a, b, &[]);
    let notices = taken.get("notices").and_then(Value::as_array).unwrap();
    assert_eq!(notices.len(), 1, "{taken:?}");
    world.run(b, &["refuse", m, "--field", "ground=no-reason-given"]).good();
    world.carry(b, a, &[]);
    let seen = world.object(a, &["matter", "show", m]);
    assert_eq!(text(&seen, "stage"), "refused");
    world.run(a, &["dossier", m, "case"]).good();
    let (fa, fb) = (world.fingerprint(a), world.fingerprint(b));
    let verify = |first: &str, second: &str| {
        let prints = ["--fingerprint", first, "--fingerprint", second];
        // No node is needed, and none is there.
        world.run("nowhere", &[&["verify", "dossier", "case"], &prints[..]].concat())
    };
    assert_eq!(verify(&fa, &fb).code, 0);
    let other = format!("{}{}", if fb.starts_with('1') { '2' } else { '1' }, &fb[1..]);
    let refused = verify(&fa, &other);
    assert_eq!(refused.code, 1, "{}", refused.out);
    // One byte of one statement.
    let statements = world.path("case/data/statements");
    let file = std::fs::read_dir(statements).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(verify(&fa, &fb).code, 1);
}

#[test]
fn an_exercise_is_a_channel_of_its_own() {
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    let moved = world.object(a, &["drill", "calendar", "--advance", "864000"]);
    let shows = moved.get("drill_time").and_then(Value::as_int).unwrap();
    let made = world.object(a, &["request", "new", "--drill", "--file", "request.json"]);
    assert!(made.get("logged_at").and_then(Value::as_int).unwrap() >= shows);
    let m = text(&made, "matter");
    // The live channel knows nothing of it.
    world.carry(a, b, &[]);
    assert_eq!(world.json(b, &["matter", "list"]).as_array().unwrap().len(), 0);
    let taken = world.carry(a, b, &["--drill"]);
    assert_eq!(taken.get("drill"), Some(&Value::Bool(true)));
    let seen = world.object(b, &["matter", "show", m]);
    assert_eq!(seen.get("drill"), Some(&Value::Bool(true)));
    let said = world.run(b, &["matter", "show", m]).good().out;
    assert!(said.contains("THIS IS AN EXERCISE"), "{said}");
}
