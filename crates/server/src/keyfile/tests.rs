use super::*;
use crate::scratch::Scratch;
use crate::seam::SystemRandom;
use counterpart_record::keys::{Keys as _, Ring, Role};
use std::os::unix::fs::PermissionsExt as _;

fn lock(passphrase: &str) -> Lock<'_> {
    Lock { passphrase, cost: Cost::LEAST, random: &SystemRandom }
}

fn code<T>(result: Result<T>) -> Code {
    result.err().unwrap().code
}

#[test]
fn keys_come_back_the_same() {
    let scratch = Scratch::new("keyfile");
    let path = scratch.join("node.key");
    let mut seeds = NodeSeeds::fresh(&SystemRandom);
    seeds.older.push(Zeroizing::new([5; 32]));
    let older = |fill: u8, on_token| OlderTransport { key: Zeroizing::new([fill; 32]), on_token };
    seeds.transports = vec![older(6, false), older(7, true)];
    seeds.create(&path, &lock("correct horse")).unwrap();
    let read = NodeSeeds::open(&path, "correct horse").unwrap();
    assert_eq!((&read.rings, &read.older), (&seeds.rings, &seeds.older));
    assert_eq!(read.transports, seeds.transports);
    let (a, b) = (seeds.keys().unwrap(), read.keys().unwrap());
    assert_eq!(a.public(Ring::Drill), b.public(Ring::Drill));
    let signature = b.sign(Ring::Live, Role::Transport, b"m").unwrap();
    a.public(Ring::Live).key(Role::Transport).verify(b"m", &signature).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let root = RootSeeds::fresh(&SystemRandom);
    let path = scratch.join("root.key");
    root.create(&path, &lock("battery staple")).unwrap();
    assert_eq!(RootSeeds::open(&path, "battery staple").unwrap().0, root.0);
    root.keys().unwrap();
}

#[test]
fn a_wrong_passphrase_and_a_wrong_place_have_their_names() {
    let scratch = Scratch::new("wrong");
    let (node, root) = (scratch.join("node.key"), scratch.join("root.key"));
    assert_eq!(code(NodeSeeds::open(&node, "p")), Code::FolderNotNode);
    assert_eq!(code(RootSeeds::open(&root, "p")), Code::RootMissing);
    NodeSeeds::fresh(&SystemRandom).create(&node, &lock("p")).unwrap();
    assert_eq!(code(NodeSeeds::open(&node, "P")), Code::PassphraseWrong);
    assert_eq!(code(NodeSeeds::open(&node, "")), Code::PassphraseWrong);
    assert_eq!(code(RootSeeds::open(&node, "p")), Code::KeyFileWrong);
    let again = NodeSeeds::fresh(&SystemRandom).create(&node, &lock("p"));
    assert_eq!(code(again), Code::FolderInUse);
    NodeSeeds::open(&node, "p").unwrap();
}

#[test]
fn replacing_changes_the_passphrase_and_nothing_else() {
    let scratch = Scratch::new("replace");
    let path = scratch.join("node.key");
    let seeds = NodeSeeds::fresh(&SystemRandom);
    seeds.create(&path, &lock("old")).unwrap();
    seeds.replace(&path, &lock("new")).unwrap();
    assert_eq!(code(NodeSeeds::open(&path, "old")), Code::PassphraseWrong);
    assert_eq!(NodeSeeds::open(&path, "new").unwrap().rings, seeds.rings);
}

#[test]
fn every_flipped_byte_and_every_cut_is_damage() {
    let seeds = NodeSeeds::fresh(&SystemRandom);
    let text = lock("p").seal(Kind::Node, &seeds.bytes()).unwrap().into_bytes();
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone();
            bytes[at] ^= 1 << bit;
            assert_eq!(code(unseal(&bytes, &[Kind::Node], "p")), Code::KeyFileWrong, "{at}");
        }
        assert_eq!(code(unseal(&text[..at], &[Kind::Node], "p")), Code::KeyFileWrong, "{at}");
    }
    let longer = [&text[..], b"\n"].concat();
    assert_eq!(code(unseal(&longer, &[Kind::Node], "p")), Code::KeyFileWrong);
}

/// An attacker can make the digest fit, but not the tag: header and ciphertext are bound.
#[test]
fn forged_with_a_fitting_digest_is_refused() {
    let text = lock("p").seal(Kind::Root, &[7; 64]).unwrap();
    let Sealed { header, ciphertext, .. } = parse(&text).unwrap();
    let mut flipped = ciphertext.clone();
    flipped[9] ^= 1;
    let other = render(&header, &flipped);
    assert_eq!(code(unseal(other.as_bytes(), &[Kind::Root], "p")), Code::PassphraseWrong);
    // As node keys, the same seeds would sign as something else.
    let other = render(&header.replace(" root ", " node "), &ciphertext);
    assert_eq!(code(unseal(other.as_bytes(), &[Kind::Node], "p")), Code::PassphraseWrong);
    for cost in ["m=8,t=2,p=1", "m=19456,t=1,p=1", "m=4000000000,t=3,p=1", "m=19456,t=2,p=2"] {
        let other = render(&header.replace("m=19456,t=2,p=1", cost), &ciphertext);
        assert_eq!(code(unseal(other.as_bytes(), &[Kind::Root], "p")), Code::KeyFileWrong);
    }
    assert_eq!(*unseal(text.as_bytes(), &[Kind::Root], "p").unwrap().1, [7; 64]);
}

#[test]
fn a_cheap_lock_is_refused() {
    let cost = Cost { memory_kib: 8, passes: 1 };
    let lock = Lock { passphrase: "p", cost, random: &SystemRandom };
    assert_eq!(code(lock.seal(Kind::Root, &[7; 64])), Code::ArgumentWrong);
}
