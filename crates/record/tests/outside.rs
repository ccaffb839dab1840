//! Verifiers that we did not write judge what we make: `scitt-cose`, `pycose`, `cwt` and `sd-jwt`
//! (Python) and `golang.org/x/mod` (Go). Ours is accepted, and altered copies are refused; else a
//! verifier that accepts everything would pass for agreement. `./test` installs them in `.venv`;
//! without it each test here says by name that it was skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use counterpart_record::disclose::{Disclosure, digest_text};
use counterpart_record::hash::{Hash, sha256};
use counterpart_record::head::{Head, LogId};
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId, hex};
use counterpart_record::key::VerifyKey;
use counterpart_record::keys::{Keys, Ring, Role, SoftKeys};
use counterpart_record::log::{self, Tree};
use counterpart_record::note::LineKind;
use counterpart_record::payload::{Open, Payload, Seen};
use counterpart_record::receipt;
use counterpart_record::statement::{self, Header, Signed};
use counterpart_record::strict::json::Object;
use zeroize::Zeroizing;

/// A small log of real statements with its keys, and a folder of its own.
struct World {
    folder: PathBuf,
    keys: SoftKeys,
    log: LogId,
    statements: Vec<Signed>,
    tree: Tree,
}

impl World {
    fn new(name: &str) -> World {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        let seeds = |base: u8| {
            Zeroizing::new(std::array::from_fn::<[u8; 32], 7, _>(|i| [base + i as u8; 32]))
        };
        let keys = SoftKeys::new(&[seeds(40), seeds(60)], &[]).unwrap();
        let (owner, peer) = (PartyId([5; 32]), PartyId([6; 32]));
        let channel = ChannelId::between(&owner, &peer, true);
        let log = LogId { channel, owner, epoch: 1 };
        let statements: Vec<Signed> = (0..7).map(|i| statement(&keys, &log, &peer, i)).collect();
        let tree = Tree::of(statements.iter().map(|signed| signed.entry.leaf()));
        World { folder, keys, log, statements, tree }
    }

    fn key(&self, role: Role) -> &VerifyKey {
        self.keys.public(Ring::Drill).key(role)
    }

    fn head(&self, prev_size: u64, size: u64) -> Head {
        let root = self.tree.root_at(size).unwrap();
        let time = 1_700_000_000 + size;
        Head::sign(&self.log, (prev_size, size), root, time, Ring::Drill, &self.keys).unwrap()
    }

    fn receipt(&self, head: &Head, index: u64) -> Vec<u8> {
        let path = log::prove_inclusion(&self.tree, index, head.size).unwrap();
        let kid = self.key(Role::Log).thumbprint();
        receipt::build(head, &self.log, &kid, index, &path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn statement(keys: &SoftKeys, log: &LogId, peer: &PartyId, number: u8) -> Signed {
    let nonce = [number; 16];
    let disclosures = vec![
        Disclosure::new(&[number; 16], "facts", "Ein Satz, 一句话, \"quoted\" \u{1f512}".into()),
        Disclosure::new(&[number + 100; 16], "reference", "A-17/b".into()),
    ];
    let payload = Payload {
        kind: "request".into(),
        rules: "assistance/1".into(),
        epoch: 1,
        seq: 1,
        prev: None,
        seen: Seen { size: 2, root: [4; 32] },
        re: vec![],
        drill: true,
        open: Some(Open { nonce, terms: [0; 32], stream: "cybercrime".into() }),
        body: Object::default().with("urgency", "urgent").with("number", i64::from(number)),
        sd: disclosures.iter().map(Disclosure::digest).collect(),
        late: None,
    };
    let header = Header {
        kid: keys.public(Ring::Drill).key(Role::Statement).thumbprint(),
        issuer: log.owner,
        audience: *peer,
        channel: log.channel,
        matter: MatterId::of(&log.channel, &log.owner, &nonce),
        issued_at: 1_700_000_000 + u64::from(number),
    };
    statement::sign(&header, &payload, disclosures, keys).unwrap()
}

/// The path of a program in `.venv`, or `None` after saying what is skipped.
fn installed(test: &str, program: &str) -> Option<PathBuf> {
    let path = workspace().join(".venv/bin").join(program);
    if path.exists() {
        return Some(path);
    }
    println!("SKIPPED {test}: {program} is not installed; `./test` installs it");
    None
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
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

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut altered = bytes.to_vec();
    altered[at] ^= 1;
    altered
}

/// Where `part` begins in `bytes`.
fn position(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).expect("part of the bytes")
}

#[test]
fn outside_scitt_cose_accepts_statements_and_receipts_and_refuses_altered_ones() {
    let Some(scitt) = installed("outside_scitt_cose", "scitt-cose") else { return };
    let world = World::new("scitt-cose");
    let issuer = world.write("issuer.pem", world.key(Role::Statement).to_pem());
    let log_key = world.write("log.pem", world.key(Role::Log).to_pem());
    let judge = |name: &str, statement: &[u8], receipt: &[u8], entry: &Entry| {
        let statement = world.write(&format!("{name}.statement.cose"), statement);
        let receipt = world.write(&format!("{name}.receipt.cose"), receipt);
        let output = Command::new(&scitt)
            .arg("--statement")
            .arg(statement)
            .arg("--statement-pubkey")
            .arg(&issuer)
            .arg("--receipt")
            .arg(receipt)
            .arg("--receipt-log-pubkey")
            .arg(&log_key)
            .args(["--leaf-entry-hex", &hex(&entry.0), "--json"])
            .output()
            .unwrap();
        accepts(&output)
    };
    for (prev_size, size, index) in [(2, 7, 2), (2, 7, 6), (0, 2, 1), (5, 6, 5)] {
        let head = world.head(prev_size, size);
        let signed = &world.statements[index as usize];
        let receipt = world.receipt(&head, index);
        let name = format!("good-{size}-{index}");
        assert!(judge(&name, &signed.bytes, &receipt, &signed.entry), "{name}");
    }
    let head = world.head(2, 7);
    let (good, receipt) = (&world.statements[3], world.receipt(&head, 3));
    let path = log::prove_inclusion(&world.tree, 3, 7).unwrap();
    let in_payload = position(&good.bytes, b"urgent");
    let in_path = position(&receipt, &path[1]);
    let last = good.bytes.len() - 1;
    for (name, statement, receipt, entry) in [
        ("payload", flipped(&good.bytes, in_payload), receipt.clone(), good.entry),
        ("signature", flipped(&good.bytes, last), receipt.clone(), good.entry),
        ("path", good.bytes.clone(), flipped(&receipt, in_path), good.entry),
        ("head", good.bytes.clone(), flipped(&receipt, receipt.len() - 1), good.entry),
        ("leaf", good.bytes.clone(), receipt.clone(), world.statements[4].entry),
        ("other", good.bytes.clone(), world.receipt(&head, 4), good.entry),
    ] {
        assert!(!judge(&format!("bad-{name}"), &statement, &receipt, &entry), "{name}");
    }
}

#[test]
fn outside_pycose_and_cwt_verify_statements_and_refuse_altered_ones() {
    let Some(python) = installed("outside_pycose_and_cwt", "python") else { return };
    let world = World::new("pycose-cwt");
    let judge = |name: &str, bytes: &[u8], key: &VerifyKey| {
        let statement = world.write(&format!("{name}.cose"), bytes);
        let pem = world.write(&format!("{name}.pem"), key.to_pem());
        let script = workspace().join("outside/cose.py");
        accepts(&Command::new(&python).arg(script).arg(statement).arg(pem).output().unwrap())
    };
    let (good, key) = (&world.statements[0].bytes, world.key(Role::Statement));
    assert!(judge("good", good, key));
    assert!(!judge("payload", &flipped(good, position(good, b"urgent")), key));
    assert!(!judge("header", &flipped(good, position(good, b"application/json")), key));
    assert!(!judge("signature", &flipped(good, good.len() - 1), key));
    assert!(!judge("key", good, world.key(Role::Log)));
}

#[test]
fn outside_scitt_cose_agrees_on_consistency() {
    let Some(python) = installed("outside_consistency", "python") else { return };
    let world = World::new("consistency");
    let judge = |old: (u64, Hash), new: (u64, Hash), path: &[Hash]| {
        let script = workspace().join("outside/consistency.py");
        let output = Command::new(&python)
            .arg(script)
            .args([hex(&old.1), hex(&new.1), old.0.to_string(), new.0.to_string()])
            .args(path.iter().map(|hash| hex(hash)))
            .output()
            .unwrap();
        accepts(&output)
    };
    for (old, new) in [(2, 7), (3, 7), (4, 6), (6, 7)] {
        let roots = (world.tree.root_at(old).unwrap(), world.tree.root_at(new).unwrap());
        let path = log::prove_consistency(&world.tree, old, new).unwrap();
        assert!(judge((old, roots.0), (new, roots.1), &path), "{old} to {new}");
        let other = sha256(&[&roots.0]);
        assert!(!judge((old, other), (new, roots.1), &path), "{old} to {new}, altered");
    }
}

#[test]
fn outside_sd_jwt_agrees_on_the_digests_of_disclosures() {
    let Some(python) = installed("outside_sd_jwt", "python") else { return };
    let world = World::new("sd-jwt");
    let disclosures: Vec<&Disclosure> =
        world.statements.iter().flat_map(|signed| &signed.disclosures).collect();
    let texts: Vec<&str> = disclosures.iter().map(|one| one.text.as_str()).collect();
    let list = world.write("disclosures.txt", texts.join("\n"));
    let output = Command::new(python)
        .arg(workspace().join("outside/disclosures.py"))
        .stdin(fs::File::open(list).unwrap())
        .output()
        .unwrap();
    assert!(accepts(&output));
    let theirs = String::from_utf8(output.stdout).unwrap();
    let ours: Vec<String> = disclosures
        .iter()
        .map(|one| format!("{} {}", digest_text(&one.digest()), one.name))
        .collect();
    assert_eq!(theirs.lines().collect::<Vec<_>>(), ours);
}

#[test]
fn outside_go_opens_checkpoints_and_computes_the_same_roots() {
    let Some(go) = installed("outside_go_note", "go-note") else { return };
    let world = World::new("go-note");
    let verifiers = world.log.verifiers(world.keys.public(Ring::Drill));
    let [ed25519, ml_dsa] = &verifiers;
    for size in [2, 3, 7] {
        let head = world.head(0, size);
        let text = head.checkpoint(&world.log).text();
        let note = format!(
            "{text}\n{}{}",
            ed25519.line(0, &head.ed25519),
            ml_dsa.line(head.time, &head.ml_dsa)
        );
        assert_eq!(ed25519.kind, LineKind::Ed25519);
        let open = |note: &str| {
            let file = world.write(&format!("checkpoint.{size}"), note);
            Command::new(&go).args(["open", &ed25519.to_vkey()]).arg(file).output().unwrap()
        };
        let opened = open(&note);
        assert!(accepts(&opened), "{}", String::from_utf8_lossy(&opened.stderr));
        assert_eq!(String::from_utf8(opened.stdout).unwrap(), text);
        assert!(!accepts(&open(&note.replacen(&format!("\n{size}\n"), "\n9\n", 1))));

        let leaves: Vec<String> = world.statements[..size as usize]
            .iter()
            .map(|signed| hex(&signed.entry.leaf()))
            .collect();
        let file = world.write(&format!("leaves.{size}"), leaves.join("\n"));
        let root = Command::new(&go).arg("root").arg(file).output().unwrap();
        assert!(accepts(&root));
        assert_eq!(String::from_utf8(root.stdout).unwrap().trim(), hex(&head.root));
    }
}
