//! ML-KEM-768, half of X-Wing. Our entry points see it only whole: `seal::check_public` takes its
//! encapsulation keys, `seal::open` refuses the other parameter sets; the rest runs through the
//! crate that `hpke` links.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use counterpart_record::fault::Result as RecordResult;
use counterpart_record::seal::{self, Sealed, Suite};
use ml_kem::kem::{Decapsulate as _, KeyExport as _};
use ml_kem::{DecapsulationKey768, EncapsulationKey768, ExpandedDecapsulationKey, MlKem768};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::shelf::{Shelf, hex, read, sized, text, unhex};

type Outcome = Result<(), String>;

/// One case of a Wycheproof group of the kind `kind`.
pub fn wycheproof(shelf: &mut Shelf, case: &str, kind: &str, group: &Value, test: &Value) {
    let set = text(group, "parameterSet");
    if set != "ML-KEM-768" {
        return shelf.not_spoken(case, set, refuse(set));
    }
    let valid = text(test, "result") == "valid";
    let bytes = |name: &str| test[name].as_str().map(unhex);
    let fields = ["seed", "ek", "dk", "c", "K", "m"];
    let fields: BTreeMap<&str, Vec<u8>> =
        fields.into_iter().filter_map(|name| Some((name, bytes(name)?))).collect();
    assert!(text(test, "result") != "acceptable", "unknown shape: {case} {kind}");
    shelf.verdict(case, valid, agree(&fields));
}

/// A CCTV text file: `name = hex` lines of one case, or one bad encapsulation key a line.
pub fn text_file(shelf: &mut Shelf, path: &Path) {
    let case = shelf.name(path);
    let content = if path.extension().is_some_and(|extension| extension == "gz") {
        gunzip(&read(path))
    } else {
        String::from_utf8(read(path)).expect("text")
    };
    let set =
        ["ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"].into_iter().find(|set| case.contains(set));
    let set = set.unwrap_or_else(|| panic!("unknown shape: {case}"));
    if set != "ML-KEM-768" {
        return shelf.not_spoken(&case, set, refuse(set));
    }
    if !content.contains('=') {
        for (at, line) in content.lines().enumerate() {
            shelf.verdict(&format!("{case}:{}", at + 1), false, check_public(&unhex(line)));
        }
        return;
    }
    // Of all intermediate values we hold only those at the ends to their word.
    let ends = ["d", "z", "ek", "dk", "c", "K", "m"];
    let mut fields = BTreeMap::new();
    for line in content.lines() {
        if let Some((name, value)) = line.split_once(" = ")
            && let Some(end) = ends.into_iter().find(|end| *end == name)
        {
            fields.entry(end).or_insert_with(|| unhex(value.trim()));
        }
    }
    if let (Some(d), Some(z)) = (fields.remove("d"), fields.remove("z")) {
        if fields.get("ek").is_some_and(|ek| is_draft(&d, ek)) {
            let ours =
                DecapsulationKey768::from_seed(seed(&[&d[..], &z].concat()).expect("a seed"));
            let same = ours.encapsulation_key().to_bytes()[..] == fields["ek"];
            let refused = if same { Ok(()) } else { Err("another key") };
            shelf.not_spoken(&case, "key out of its seed as in the draft of FIPS 203", refused);
        } else {
            fields.insert("seed", [d, z].concat());
        }
    }
    shelf.verdict(&case, true, agree(&fields));
}

/// Whether `ek` comes out of `d` without the parameter k behind it, as before the final FIPS 203
/// (section C.2 there): the last 32 bytes of an encapsulation key are the first that G gives.
fn is_draft(d: &[u8], ek: &[u8]) -> bool {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA3_512, d);
    ek.ends_with(&hash.as_ref()[..32])
}

fn seed(bytes: &[u8]) -> Result<ml_kem::Seed, String> {
    Ok(sized::<64>(bytes)?.into())
}

/// Everything that the fields of a case say of each other is so.
fn agree(fields: &BTreeMap<&str, Vec<u8>>) -> Outcome {
    let field = |name: &str| fields.get(name).map(Vec::as_slice);
    let mut looked = 0;
    let mut same = |what: &str, ours: &[u8], theirs: Option<&[u8]>| match theirs {
        Some(theirs) if theirs != ours => Err(format!("{what} differs")),
        Some(_) => {
            looked += 1;
            Ok(())
        }
        None => Ok(()),
    };
    let seeded = match field("seed") {
        Some(bytes) => Some(DecapsulationKey768::from_seed(seed(bytes)?)),
        None => None,
    };
    let expanded = match field("dk") {
        Some(dk) => Some(from_expanded(dk)?),
        None => None,
    };
    for key in [&seeded, &expanded].into_iter().flatten() {
        same("ek", &key.encapsulation_key().to_bytes(), field("ek"))?;
        if let Some(c) = field("c") {
            let shared = key.decapsulate_slice(c).map_err(|_| "length of c")?;
            same("K", &shared, field("K"))?;
        }
    }
    if let Some(ek) = field("ek") {
        check_public(ek)?;
    }
    if let (Some(ek), Some(m)) = (field("ek"), field("m")) {
        let ek = EncapsulationKey768::new(&sized::<1184>(ek)?.into()).map_err(|_| "ek")?;
        let (c, shared) = ek.encapsulate_deterministic(&sized::<32>(m)?.into());
        same("c", &c, field("c"))?;
        same("K", &shared, field("K"))?;
    }
    if looked == 0 { Err("nothing to compare".into()) } else { Ok(()) }
}

/// The expanded form is what FIPS 203 writes down; our secrets are seeds, and the library calls
/// the way from it deprecated for that reason.
#[allow(deprecated, reason = "the vectors give keys in no other form")]
fn from_expanded(dk: &[u8]) -> Result<DecapsulationKey768, String> {
    use ml_kem::ExpandedKeyEncoding as _;
    let dk: ExpandedDecapsulationKey<MlKem768> = sized::<2400>(dk)?.into();
    DecapsulationKey768::from_expanded_bytes(&dk).map_err(|_| "dk".to_owned())
}

/// An encapsulation key as the first part of an X-Wing key, through our own door.
fn check_public(ek: &[u8]) -> Outcome {
    let base_point = [&[9u8][..], &[0; 31]].concat();
    seal::check_public(&[ek, &base_point].concat()).map_err(|fault| fault.to_string())
}

/// What our door says to the other parameter sets by their HPKE names.
fn refuse(set: &str) -> RecordResult<Vec<u8>> {
    let kem = match set {
        "ML-KEM-512" => 0x40,
        "ML-KEM-1024" => 0x42,
        other => panic!("unknown shape: {other}"),
    };
    refuse_suite(Suite { kem, ..seal::SUITE })
}

/// `seal::open` for a suite that it must not know.
pub fn refuse_suite(suite: Suite) -> RecordResult<Vec<u8>> {
    let sealed = Sealed { suite, info: b"", aad: b"", enc: b"", ciphertext: b"" };
    seal::open(&Zeroizing::new([0; 32]), &sealed)
}

/// The gzip of the system; the packed files are few and no library is linked for them.
fn gunzip(bytes: &[u8]) -> String {
    let mut run = Command::new("gzip")
        .arg("-dc")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("gzip runs");
    let mut input = run.stdin.take().expect("piped");
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = run.wait_with_output().expect("gzip ends");
    writer.join().expect("no panic").expect("gzip reads");
    assert!(output.status.success(), "gzip");
    String::from_utf8(output.stdout).expect("text")
}

/// X25519, the other half.
///
/// "Acceptable" is decided on purpose: X-Wing (RFC 7748 functions under a hash over both shares,
/// both ciphertexts and the public key) takes every u-coordinate, on the twist, not canonical or
/// of low order alike, since the combiner binds it and ML-KEM holds. So the published value must
/// come out, whatever the flag.
pub fn x25519(shelf: &mut Shelf, case: &str, group: &Value, test: &Value) {
    let curve = text(group, "curve");
    if curve != "curve25519" {
        return shelf.not_spoken(case, curve, refuse_suite(Suite { kem: 0x21, ..seal::SUITE }));
    }
    let ours = sized::<32>(&hex(test, "private")).and_then(|secret| {
        let shared = x25519_dalek::x25519(secret, sized(&hex(test, "public"))?);
        if shared[..] == hex(test, "shared") { Ok(()) } else { Err("shared differs".to_owned()) }
    });
    let valid = matches!(text(test, "result"), "valid" | "acceptable");
    shelf.verdict(case, valid, ours);
}
