use super::*;
use crate::scratch::Scratch;
use counterpart_record::limits;
use counterpart_store::Presence;
use std::os::unix::fs::PermissionsExt as _;

fn quiet(_: u64, _: u64) {}

fn sealed(scratch: &Scratch, bytes: &[u8]) -> (Blobs, Attachment, Attached) {
    let blobs = blobs(scratch.path());
    fs::write(scratch.join("page.pdf"), bytes).unwrap();
    let made = seal(&blobs, "evidence", &scratch.join("page.pdf"), &mut quiet).unwrap();
    (blobs, made.0, made.1)
}

/// ATT-6.
#[test]
fn a_file_is_sealed_and_comes_back_and_nothing_is_overwritten() {
    let scratch = Scratch::new("attach");
    let content: Vec<u8> = (0..200_000_u32).map(|i| (i % 253) as u8).collect();
    let (blobs, named, opening) = sealed(&scratch, &content);
    assert_eq!((opening.name.as_str(), opening.bytes), ("page.pdf", 200_000));
    assert_eq!(blobs.presence(&named.root, named.size), Presence::Whole);
    let path = blobs.path(&named.root);
    let raw = fs::read(&path).unwrap();
    assert!(!raw.windows(64).any(|window| window == &content[..64]), "plaintext on the disk");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let mut told_bytes = Vec::new();
    let out = scratch.join("out");
    let mut progress = |done, all| told_bytes.push((done, all));
    open(&blobs, (&named, &opening), &out, &mut progress).unwrap();
    assert_eq!(fs::read(&out).unwrap(), content);
    assert_eq!((mode(&out), told_bytes.last()), (0o600, Some(&(200_000, 200_000))));
    let again = open(&blobs, (&named, &opening), &out, &mut quiet).unwrap_err();
    assert_eq!(again.code, Code::FolderInUse);
    check(&blobs, &named).unwrap();
    let (named, opening) = (named, opening);
    assert_eq!(heard(&told(&(named.clone(), opening.clone())).into()).unwrap(), (named, opening));
}

#[test]
fn the_same_file_twice_has_two_keys_and_two_roots() {
    let scratch = Scratch::new("attach-twice");
    let (_, one, first) = sealed(&scratch, b"the same");
    let (_, two, second) = sealed(&scratch, b"the same");
    assert!(one.root != two.root && first.key != second.key && first.digest == second.digest);
}

/// ATT-2.
#[test]
fn what_cannot_be_attached_is_named_and_leaves_nothing() {
    let scratch = Scratch::new("attach-wrong");
    let blobs = blobs(scratch.path());
    let large = scratch.join("large");
    let file = File::create(&large).unwrap();
    let code = |path: &Path| seal(&blobs, "data", path, &mut quiet).unwrap_err().code;
    file.set_len(limits::ATTACHMENT_BYTES + 1).unwrap();
    assert_eq!(code(&large), Code::AttachmentUnfit);
    file.set_len(0).unwrap();
    assert_eq!(code(&large), Code::AttachmentUnfit);
    assert_eq!(code(scratch.path()), Code::AttachmentUnfit);
    assert_eq!(code(&scratch.join("none")), Code::FileAbsent);
    assert_eq!(blobs.bytes().unwrap(), 0);
    for bytes in [1, limits::ATTACHMENT_BYTES - 1, limits::ATTACHMENT_BYTES] {
        file.set_len(bytes).unwrap();
        let (named, opening) = seal(&blobs, "data", &large, &mut quiet).unwrap();
        assert_eq!(opening.bytes, bytes);
        check(&blobs, &named).unwrap();
        blobs.remove(&named.root).unwrap();
    }
    assert_eq!(blobs.bytes().unwrap(), 0);
}

#[test]
fn damage_on_the_disk_is_named_and_no_file_comes_of_it() {
    let scratch = Scratch::new("attach-damage");
    let (blobs, named, opening) = sealed(&scratch, &vec![5; 150_000]);
    let path = blobs.path(&named.root);
    let good = fs::read(&path).unwrap();
    let out = scratch.join("out");
    let opened = |named: &Attachment, opening: &Attached| {
        let fault = open(&blobs, (named, opening), &out, &mut quiet).unwrap_err();
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 2, "{fault}");
        fault.code
    };
    let mut bad = good.clone();
    bad[100_000] ^= 1;
    fs::write(&path, &bad).unwrap();
    assert_eq!(check(&blobs, &named).unwrap_err().code, Code::AttachmentDamaged);
    assert_eq!(opened(&named, &opening), Code::AttachmentWrong);
    fs::write(&path, &good[..good.len() - 1]).unwrap();
    assert_eq!(opened(&named, &opening), Code::AttachmentDamaged);
    fs::write(&path, &good).unwrap();
    let other = Attached { digest: [0; 32], ..opening.clone() };
    assert_eq!(opened(&named, &other), Code::AttachmentWrong);
    blobs.remove(&named.root).unwrap();
    assert_eq!(opened(&named, &opening), Code::AttachmentMissing);
}
