//! Programs that we did not write read our dossier with nothing but its folder: `bagit` the bag,
//! `scitt-cose` every statement with every receipt as the index names them, `sd-jwt` the
//! disclosures. Altered copies are refused. `./test` installs them in `.venv`; without it each
//! test here says by name that it was skipped.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

#[path = "dossier/world.rs"]
mod world;

use base64ct::{Base64, Encoding as _};
use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use world::World;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn installed(test: &str, program: &str) -> Option<PathBuf> {
    let path = workspace().join(".venv/bin").join(program);
    if path.exists() {
        return Some(path);
    }
    println!("SKIPPED {test}: {program} is not installed; `./test` installs it");
    None
}

/// A dossier on disk.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    for (path, bytes) in World::with_a_matter().files() {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn index(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("data/index.json")).unwrap()).unwrap()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap()
}

/// Accepted, or refused as the program refuses. Any other end is neither.
fn accepts(output: &Output) -> bool {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(!text.contains("Traceback"), "{text}");
    match output.status.code() {
        Some(0) => true,
        Some(1) => false,
        other => panic!("ended with {other:?}: {text}"),
    }
}

#[test]
fn outside_bagit_accepts_the_bag_and_refuses_altered_ones() {
    let Some(bagit) = installed("outside_bagit", "bagit.py") else { return };
    let folder = folder("bagit");
    let valid = || {
        let output = Command::new(&bagit).arg("--validate").arg(&folder).output().unwrap();
        accepts(&output)
    };
    assert!(valid());
    for path in ["data/index.json", "data/summary.en.txt", "bag-info.txt"] {
        let path = folder.join(path);
        let good = fs::read(&path).unwrap();
        fs::write(&path, [&good[..], b" "].concat()).unwrap();
        assert!(!valid(), "{}", path.display());
        fs::write(&path, good).unwrap();
    }
    fs::remove_file(folder.join("data/summary.en.txt")).unwrap();
    assert!(!valid());
}

#[test]
fn outside_scitt_cose_accepts_every_receipt_as_the_index_names_it() {
    let Some(scitt) = installed("outside_scitt_cose_dossier", "scitt-cose") else { return };
    let folder = folder("scitt-dossier");
    let data = folder.join("data");
    let path = |value: &Value| data.join(value.as_str().unwrap());
    let judge = |statement: &Value, receipt: &Value, leaf: &str| {
        let output = Command::new(&scitt)
            .arg("--statement")
            .arg(path(&statement["file"]))
            .arg("--statement-pubkey")
            .arg(path(&statement["key_file"]))
            .arg("--receipt")
            .arg(path(&receipt["file"]))
            .arg("--receipt-log-pubkey")
            .arg(path(&receipt["log_key_file"]))
            .args(["--leaf-entry-hex", leaf, "--json"])
            .output();
        accepts(&output.unwrap())
    };
    let index = index(&folder);
    let statements = list(&index, "statements");
    let mut judged = 0;
    for (i, statement) in statements.iter().enumerate() {
        let leaf = statement["leaf_entry_hex"].as_str().unwrap();
        let other = &statements[(i + 1) % statements.len()];
        for receipt in list(statement, "receipts") {
            assert!(judge(statement, receipt, leaf), "{receipt}");
            assert!(!judge(statement, receipt, other["leaf_entry_hex"].as_str().unwrap()));
            judged += 1;
        }
    }
    assert_eq!(judged, 9);
}

#[test]
fn outside_scitt_cose_accepts_every_proof_between_heads() {
    let Some(python) = installed("outside_scitt_cose_extensions", "python") else { return };
    let folder = folder("scitt-extensions");
    let data = folder.join("data");
    let hex = |value: &Value| {
        let bytes = Base64::decode_vec(value.as_str().unwrap()).unwrap();
        counterpart_record::id::hex(&bytes)
    };
    let judge = |proof: &Value, size: u64| {
        let path = list(proof, "proof").iter().map(hex);
        let mut words = vec![hex(&proof["root1"]), hex(&proof["root2"])];
        words.extend([proof["size1"].to_string(), size.to_string()]);
        let script = workspace().join("outside/consistency.py");
        accepts(&Command::new(&python).arg(script).args(words).args(path).output().unwrap())
    };
    let mut judged = 0;
    for head in list(&index(&folder), "checkpoints") {
        let Some(file) = head["extended"].as_str() else { continue };
        let proof: Value = serde_json::from_slice(&fs::read(data.join(file)).unwrap()).unwrap();
        let size = proof["size2"].as_u64().unwrap();
        assert!(judge(&proof, size), "{file}");
        let mut altered = proof.clone();
        altered["root2"] = proof["root1"].clone();
        assert!(!judge(&altered, size), "{file}");
        judged += 1;
    }
    assert!(judged > 2, "{judged}");
}

#[test]
fn outside_sd_jwt_finds_every_disclosure_in_its_statement() {
    let Some(python) = installed("outside_sd_jwt_dossier", "python") else { return };
    let folder = folder("sd-jwt-dossier");
    let data = folder.join("data");
    for statement in list(&index(&folder), "statements") {
        let file = data.join(statement["disclosures"].as_str().unwrap());
        let texts = fs::read_to_string(file).unwrap();
        let mut program = Command::new(&python)
            .arg(workspace().join("outside/disclosures.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        program.stdin.take().unwrap().write_all(texts.as_bytes()).unwrap();
        let output = program.wait_with_output().unwrap();
        assert!(accepts(&output));
        let bytes = fs::read(data.join(statement["file"].as_str().unwrap())).unwrap();
        let digests = String::from_utf8(output.stdout).unwrap();
        assert_eq!(digests.lines().count(), texts.lines().count());
        for line in digests.lines() {
            let digest = line.split(' ').next().unwrap().as_bytes();
            assert!(bytes.windows(digest.len()).any(|window| window == digest), "{line}");
        }
    }
}
