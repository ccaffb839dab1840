//! `counterpart-verify` as a process: exit codes, JSON, help, and the published sets under
//! `COUNTERPART_DATA` where they are there.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

#[path = "dossier/world.rs"]
mod world;

use counterpart_record::id::unhex;
use counterpart_record::key::{Algorithm, VerifyKey};
use counterpart_record::keys::{Keys as _, Ring};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use world::{A, B, Files, World};

/// Exit code and what was printed.
fn run(words: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart-verify"));
    let output = command.args(words).env("LC_ALL", "C").output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("counterpart-verify-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn of(name: &str, files: &Files) -> Folder {
        let folder = Folder::new(name);
        for (path, bytes) in files {
            folder.put(path, bytes);
        }
        folder
    }

    fn put(&self, path: &str, bytes: &[u8]) -> String {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self, path: &str) -> String {
        self.0.join(path).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn dos_19_a_third_person_with_a_folder_and_two_fingerprints() {
    let world = World::with_a_matter();
    let folder = Folder::of("third", &world.files());
    let root = folder.path("");
    let [one, two] = [&world.fingerprints()[0], &world.fingerprints()[1]];
    let words = ["dossier", &root, "--fingerprint", one, "--fingerprint", two];
    let (code, text) = run(&words);
    assert_eq!(code, 0, "{text}");
    let verdict = "VALID. Everything that can be proven was checked and holds.\n";
    assert!(text.contains("Arcadia") && text.ends_with(verdict), "{text}");
    let (code, text) = run(&[&words[..], &["--lang", "zh-CN"]].concat());
    assert!(code == 0 && text.contains("北境"), "{text}");
    let (code, text) = run(&[&words[..], &["--json"]].concat());
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &json["valid"]), (0, &Value::Bool(true)));
    assert_eq!(json["facts"]["acts"].as_array().unwrap().len(), 5);

    // Not valid: 1, with a name for it. Not checked: 2.
    let (code, text) =
        run(&["dossier", &root, "--fingerprint", one, "--fingerprint", one, "--json"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &json["faults"][0]["code"]), (1, &Value::from("fingerprint-differs")));
    for words in [
        &["dossier", &root, "--fingerprint", one][..],
        &["dossier", &root, "--fingerprint", one, "--fingerprint", "12345"],
        &["dossier", &folder.path("none"), "--fingerprint", one, "--fingerprint", two],
        &["dossier", &root, "--fingerprint", one, "--fingerprint", two, "--key", "x"],
        &["dossier", &root, "--fingerprint"],
        &["dossier", &root, "--colour"],
        &["dossiers"],
        &["statement", &folder.path("data/index.json")],
    ] {
        let (code, text) = run(words);
        assert_eq!(code, 2, "{words:?}: {text}");
        assert!(text.contains("NOT CHECKED"), "{text}");
        let (code, text) = run(&[words, &["--json"]].concat());
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        // An option without its value takes the next word, which is then no flag.
        assert!(code == 2 && (json["checked"] == Value::Bool(false) || json.is_null()), "{text}");
    }
    std::fs::remove_file(folder.path("data/index.json")).unwrap();
    let (code, text) = run(&words);
    assert!(code == 1 && text.contains("data/index.json") && text.contains("missing"), "{text}");
    folder.put("data/a file", b"");
    let (code, text) = run(&words);
    assert!(code == 1 && text.contains("path-outside"), "{text}");
}

#[cfg(unix)]
#[test]
fn dos_3_a_link_is_not_followed() {
    let world = World::with_a_matter();
    let folder = Folder::of("link", &world.files());
    let place = folder.path("data/index.json");
    std::fs::rename(&place, folder.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(folder.path("elsewhere"), &place).unwrap();
    let [one, two] = [&world.fingerprints()[0], &world.fingerprints()[1]];
    let (code, text) =
        run(&["dossier", &folder.path(""), "--fingerprint", one, "--fingerprint", two]);
    assert!(code == 1 && text.contains("path-outside"), "{text}");
}

/// Whoever is handed a folder and told two fingerprints makes these mistakes first.
#[test]
fn a_newcomer_is_told_what_to_do() {
    let world = World::with_a_matter();
    let folder = Folder::of("newcomer", &world.files());
    let root = folder.path("");
    let [one, two] = [&world.fingerprints()[0], &world.fingerprints()[1]];
    let prints = ["--fingerprint", one, "--fingerprint", two];
    let (code, text) = run(&[&["dossier", root.as_str()], &prints[..]].concat());
    // What was said is read from what was signed.
    assert!(code == 0 && text.contains("    Urgency: urgent\n    text_0: words\n"), "{text}");
    let dashes = [one.replace(' ', "-"), two.replace(' ', ".")];
    let dashed = ["--fingerprint", &dashes[0], "--fingerprint", &dashes[1]];
    assert_eq!(run(&[&["dossier", root.as_str()], &dashed[..]].concat()).0, 0);
    let inside = folder.path("data");
    let file = folder.path("bagit.txt");
    let keys = folder.path("data/keys");
    for (words, wanted, advice) in [
        (vec![root.as_str()], "no check of this name", "counterpart-verify dossier DIR"),
        (vec!["dossier", &root], "Two fingerprints are needed", "Never take them from"),
        (vec!["dossier", &file], "a folder is needed", "Unpack it first"),
        (vec!["dossier", &inside], "not the folder of the dossier itself", "Name that folder"),
        (vec!["dossier", &keys], "not that of a dossier", "in which bagit.txt lies"),
    ] {
        let more = if wanted.starts_with("Two") { &prints[..2] } else { &prints[..] };
        let (code, text) = run(&[&words, more].concat());
        assert!(code == 2 && text.contains(wanted) && text.contains(advice), "{text}");
        let (_, chinese) = run(&[&words, more, &["--lang", "zh-CN"]].concat());
        assert!(!chinese.contains(wanted) && chinese.contains("未予核验"), "{chinese}");
    }
    for left in [".DS_Store", "data/Thumbs.db", "data/keys/._a.pem"] {
        folder.put(left, b"x");
        let (code, text) = run(&[&["dossier", root.as_str()], &prints[..]].concat());
        assert!(code == 1 && text.contains(&format!("no part of the dossier: {left}")), "{text}");
        assert!(text.contains("Delete this one file"), "{text}");
        std::fs::remove_file(folder.path(left)).unwrap();
    }
    assert_eq!(run(&[&["dossier", root.as_str()], &prints[..]].concat()).0, 0);
}

#[test]
fn the_parts_of_a_dossier_by_themselves() {
    let world = World::with_a_matter();
    let files = world.files();
    let folder = Folder::of("parts", &files);
    let path = |name: &str| folder.path(&format!("data/{name}"));
    let statement = &world.dossier.statements[0];
    let key = path(&format!("keys/{}.pem", statement.key.thumbprint()));
    let log_key = path(&format!("keys/{}.pem", statement.receipts[0].log_key.thumbprint()));
    let other_key = path(&format!("keys/{}.pem", world.dossier.statements[1].key.thumbprint()));
    let (file, receipt) = (path("statements/000001.cose"), path("receipts/000001-1.cose"));
    let text = path("disclosures/000001.txt");
    let strange = path("disclosures/000002.txt");
    let number = statement.receipts[0].checkpoint + 1;
    let checkpoint = path(&format!("checkpoints/{number:04}.txt"));
    let vkeys_file = path(&format!("vkeys/{number:04}.txt"));
    let vkeys = world.sides[A].log.verifiers(world.sides[A].keys.public(Ring::Drill));
    let [ed25519, ml_dsa] = vkeys.map(|verifier| verifier.to_vkey());
    let stranger = world.sides[B].log.verifiers(world.sides[B].keys.public(Ring::Drill));
    let stranger = stranger[0].to_vkey();
    let entry = world.dossier.statements[0].statement.as_slice();
    let entry = counterpart_record::id::Entry::of(entry).to_string();
    let other = "00".repeat(32);
    for (wanted, words) in [
        (0, &["statement", &file, "--key", &key, "--disclosure", &text][..]),
        (1, &["statement", &file, "--key", &key, "--disclosure", &strange]),
        (1, &["statement", &file, "--key", &other_key]),
        (0, &["statement", &file, "--key", &key, "--foreign"]),
        (1, &["statement", &receipt, "--key", &key]),
        (2, &["statement", &file, "--key", &file]),
        (0, &["receipt", &receipt, "--statement", &file, "--log-key", &log_key]),
        (0, &["receipt", &receipt, "--entry", &entry, "--log-key", &log_key, "--foreign"]),
        (1, &["receipt", &receipt, "--entry", &other, "--log-key", &log_key]),
        (1, &["receipt", &receipt, "--statement", &file, "--log-key", &key]),
        (2, &["receipt", &receipt, "--log-key", &log_key]),
        (0, &["checkpoint", &checkpoint, "--vkey", &ed25519, "--vkey", &ml_dsa]),
        (1, &["checkpoint", &checkpoint, "--vkey", &ed25519, "--vkey", &stranger]),
        // The file of a dossier has the keys of all lines, cosignatures among them. DOS-24
        (0, &["checkpoint", &checkpoint, "--vkey", &vkeys_file]),
        (1, &["checkpoint", &checkpoint, "--vkey", &path("vkeys/0002.txt")]),
        (2, &["checkpoint", &checkpoint]),
        (2, &["checkpoint", &checkpoint, "--vkey", "a+b+c"]),
    ] {
        let (code, text) = run(words);
        assert_eq!(code, wanted, "{words:?}: {text}");
        assert_eq!(text.contains("NOT "), wanted != 0, "{text}");
    }
    let receipt = ["receipt", &receipt, "--statement", &file, "--log-key", &log_key];
    for (wanted, checkpoint, vkeys) in [
        (0, checkpoint.as_str(), vec![&ed25519, &ml_dsa]),
        (0, &checkpoint, vec![&vkeys_file]),
        (1, &checkpoint, vec![&ed25519]),
        (1, &path("checkpoints/0001.txt"), vec![&ed25519, &ml_dsa]),
    ] {
        let mut words = [&receipt[..], &["--checkpoint", checkpoint]].concat();
        vkeys.iter().for_each(|vkey| words.extend(["--vkey", vkey.as_str()]));
        let (code, text) = run(&words);
        assert_eq!(code, wanted, "{words:?}: {text}");
    }
}

#[test]
fn every_command_has_help_with_an_example_in_both_languages() {
    let (code, all) = run(&[]);
    assert_eq!(code, 2);
    let commands =
        ["dossier", "statement", "receipt", "checkpoint", "inclusion", "consistency", "log"];
    for command in commands {
        assert!(all.contains(&format!("counterpart-verify {command} ")));
        let (code, text) = run(&[command, "--help"]);
        assert!(code == 0 && text.contains("Example: counterpart-verify"), "{text}");
        assert_eq!(run(&["help", command]).1, text);
        let (code, text) = run(&[command, "--help", "--lang", "zh_CN.UTF-8"]);
        assert!(code == 0 && text.contains("示例"), "{text}");
    }
}

/// A published set, or `None` with its name printed.
fn set(name: &str) -> Option<PathBuf> {
    let data = std::env::var_os("COUNTERPART_DATA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = data.unwrap_or(beside).join(name);
    if !path.is_dir() {
        println!("SKIPPED verify process: no set {name}");
        return None;
    }
    Some(path)
}

fn walk(path: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

fn files(path: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(path, &mut found);
    found.retain(|path| path.to_string_lossy().ends_with(ending));
    found.sort();
    found
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn published_proofs() {
    let Some(set) = set("merkle") else { return };
    let mut verdicts = [0, 0];
    for (folder, command) in [("inclusion", "inclusion"), ("consistency", "consistency")] {
        for file in files(&set.join(folder), ".json") {
            let wrong = json(&file)["wantErr"].as_bool().unwrap();
            let (code, text) = run(&[command, file.to_str().unwrap()]);
            assert_eq!(code, i32::from(wrong), "{}: {text}", file.display());
            verdicts[usize::from(wrong)] += 1;
        }
    }
    assert!(verdicts.iter().all(|count| *count > 0), "{verdicts:?}");
}

#[test]
fn published_receipts() {
    let Some(set) = set("scitt_receipts") else { return };
    let cases = files(&set, "expected.json");
    assert!(!cases.is_empty());
    for case in cases {
        let expected = json(&case);
        let file = |name: &str| case.with_file_name(name).to_str().unwrap().to_owned();
        let statement = file("statement.cose");
        let verdict = |name: &str| i32::from(!expected[name].as_bool().unwrap());
        let words = ["statement", &statement, "--key", &file("issuer-key.pub"), "--foreign"];
        let (code, text) = run(&words);
        assert_eq!(code, verdict("statement_signature_valid"), "{}: {text}", case.display());
        let (receipt, key) = (file("receipt.cose"), file("log-key.pub"));
        let words =
            ["receipt", &receipt, "--statement", &statement, "--log-key", &key, "--foreign"];
        let (code, text) = run(&words);
        assert_eq!(code, verdict("receipt_valid"), "{}: {text}", case.display());
    }
}

#[test]
fn published_logs() {
    let Some(set) = set("tlog_tiles") else { return };
    let logs: Vec<PathBuf> = std::fs::read_dir(&set)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("tile").is_dir())
        .collect();
    assert!(!logs.is_empty());
    let vkey = set.join("verifier_key.txt");
    for log in logs {
        let mut all = Vec::new();
        walk(&log, &mut all);
        let name = |path: &PathBuf| path.strip_prefix(&log).unwrap().to_str().unwrap().to_owned();
        let good: Files = all.iter().map(|p| (name(p), std::fs::read(p).unwrap())).collect();
        let folder = Folder::of("tlog", &good);
        let words = ["log", &folder.path(""), "--vkey", vkey.to_str().unwrap()];
        let (code, text) = run(&words);
        assert_eq!(code, 0, "{text}");
        for (path, bytes) in good.iter().filter(|(_, bytes)| !bytes.is_empty()) {
            let mut altered = bytes.clone();
            *altered.last_mut().unwrap() ^= 1;
            folder.put(path, &altered);
            let (code, text) = run(&words);
            assert_eq!(code, 1, "{path}: {text}");
            folder.put(path, bytes);
        }
        for checkpoint in good.keys().filter(|path| path.starts_with("checkpoint")) {
            let file = log.join(checkpoint);
            let words = ["checkpoint", file.to_str().unwrap(), "--vkey", vkey.to_str().unwrap()];
            assert_eq!(run(&words).0, 0, "{checkpoint}");
        }
    }
}

fn published_key(key: &Value) -> Option<VerifyKey> {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    let part = |name: &str| -> Option<Vec<u8>> {
        match (key[name].as_str(), key[format!("{name}_hex")].as_str()) {
            (Some(text), _) => Base64UrlUnpadded::decode_vec(text).ok(),
            (_, Some(hex)) => unhex::<32>(&hex.to_lowercase()).ok().map(Vec::from),
            _ => None,
        }
    };
    match key["crv"].as_str()? {
        "P-256" => {
            let point = [vec![4], part("x")?, part("y")?].concat();
            VerifyKey::new(Algorithm::Es256, &point).ok()
        }
        "Ed25519" => VerifyKey::new(Algorithm::Ed25519, &part("x")?).ok(),
        _ => None,
    }
}

#[test]
fn published_statements() {
    let Some(set) = set("cose") else { return };
    let folder = Folder::new("cose");
    let mut verdicts = [0, 0];
    for file in files(&set, ".json") {
        let case = json(&file);
        let signer = &case["input"]["sign0"];
        let key = published_key(&signer["key"]);
        let (Some(key), true) = (key, signer["external"].is_null()) else {
            // Several signers, other algorithms, or data outside the file.
            println!("SKIPPED verify process: {}", file.display());
            continue;
        };
        let hex = case["output"]["cbor"].as_str().unwrap().to_lowercase();
        let pairs = (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16));
        let bytes: Vec<u8> = pairs.map(Result::unwrap).collect();
        let (message, pem) = (folder.put("m", &bytes), folder.put("k", key.to_pem().as_bytes()));
        let wrong = case["fail"].as_bool().unwrap_or(false);
        let (code, text) = run(&["statement", &message, "--key", &pem, "--foreign"]);
        assert_eq!(code, i32::from(wrong), "{}: {text}", file.display());
        verdicts[usize::from(wrong)] += 1;
    }
    assert!(verdicts.iter().all(|count| *count > 0), "{verdicts:?}");
}
