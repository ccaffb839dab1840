//! A node that has fallen behind itself stops, across starts and whatever comes, until its log has
//! ended under a greater number. What nobody signed stops nobody. REC-26, REC-48.

use super::stage::{House, RING, Two, act, newer, put_back, two, valid, whole};
use counterpart_record::fault::Code;
use counterpart_record::parcel::Contents;
use counterpart_store::{Owner, Store as _};
use counterpart_testbed::cast::{further, request};
use counterpart_testbed::disk::{Disk, Write};
use counterpart_testbed::forge::{channel_row, tamper};
use counterpart_testbed::restore::ends;

/// The disk of an older day, copied back by hand.
fn copied_back(house: &mut House, older: &[Write]) {
    house.disk = Disk::written(older).unwrap();
    house.restart();
}

/// What Borealis says next, to Arcadia.
fn hears(two: &mut Two, always: bool, edit: impl FnOnce(&mut Contents)) -> Result<bool, Code> {
    let parcel = two.b.node.outgoing(&two.a.party.id, RING, always).unwrap().unwrap();
    let parcel = tamper(&parcel, &two.b.party, &two.a.party, RING, edit).unwrap();
    two.a.node.incoming(&parcel).map(|incoming| incoming.ask).map_err(|fault| fault.code)
}

/// Everything that Arcadia has signed in its log with Borealis: its leaves, its head, and the
/// cosignature on the other's.
fn signed(two: &Two) -> (u64, Option<Vec<u8>>, Option<Vec<u8>>) {
    let number = channel_row(&two.a.disk, &two.b.party.id, RING).unwrap().number;
    let disk = &two.a.disk;
    (
        disk.size(number, Owner::Own).unwrap(),
        disk.head_newest(number, Owner::Own).unwrap(),
        disk.cosigned_newest(number, Owner::Peer).unwrap(),
    )
}

fn is_stopped(two: &mut Two, epoch: u64) {
    let fault = act(&mut two.a.node, request(two.b.party.id, RING)).unwrap_err();
    let what = format!("{}: epoch {epoch}", two.b.party.id.short());
    assert_eq!((fault.code, fault.at), (Code::StoreBehind, what));
}

/// Neither a start, nor a rotation, nor an epoch of the other side lets it sign.
#[test]
fn nothing_but_a_new_epoch_lets_it_sign_again() {
    let mut two = two();
    let (a, b) = (two.a.party.id, two.b.party.id);
    let asked = act(&mut two.a.node, request(b, RING)).unwrap().matter;
    two.quiet();
    let (older, of_b) = (two.a.disk.journal(), two.b.disk.journal());
    act(&mut two.a.node, further(b, RING, asked, "remind")).unwrap();
    two.quiet();
    copied_back(&mut two.a, &older);
    let before = signed(&two);
    assert_eq!(hears(&mut two, true, |_| {}), Err(Code::StoreBehind));
    is_stopped(&mut two, 1);
    two.a.restart();
    is_stopped(&mut two, 1);
    // A rotation is held and waits; the other ring goes on.
    let (credential, keys) = newer(&two.a.party);
    two.a.party.keys = keys.clone();
    two.a.node.rekey(keys);
    two.a.node.adopt(&credential).unwrap();
    let without = two.a.node.without_newest_credential().unwrap();
    assert!(without.iter().any(|one| one.contains("live")), "{without:?}");
    two.a.restart();
    assert_eq!(signed(&two), before);
    // The other side's log ends and goes on: a channel that is read again stays stopped.
    put_back(&mut two.b, &of_b);
    for always in [false, true] {
        let told = hears(&mut two, always, |contents| contents.yours = None);
        assert_eq!(told, Err(Code::StoreBehind));
        is_stopped(&mut two, 1);
    }
    assert_eq!(signed(&two), before);
    let here = two.a.disk.journal();
    put_back(&mut two.a, &here);
    // What waited follows the statement, which is the first leaf of the log that goes on. REC-41.
    let number = channel_row(&two.a.disk, &b, RING).unwrap().number;
    let leaves = two.a.disk.acts(number, before.0, u64::MAX >> 24, usize::MAX, true).unwrap();
    let kinds: Vec<&str> = leaves.iter().map(|row| &*row.verdict).collect();
    assert_eq!(kinds, ["epoch", "credential"]);
    for _ in 0..2 {
        two.quiet();
    }
    two.a.restart();
    act(&mut two.a.node, further(b, RING, asked, "remind")).unwrap();
    two.quiet();
    assert_eq!(two.b.node.peer(&a).unwrap().credential.version, 2);
    let kinds = two.agree(&asked);
    assert!(kinds.starts_with(&valid(&["request", "remind"])), "{kinds:?}");
    whole(&mut two.a);
    whole(&mut two.b);
}

/// A new epoch under a number that the peer has passed heals nothing and is not signed.
#[test]
fn a_number_below_the_one_that_was_shown_lifts_nothing() {
    let mut two = two();
    let older = two.a.disk.journal();
    put_back(&mut two.a, &older);
    two.quiet();
    let known = channel_row(&two.a.disk, &two.b.party.id, RING).unwrap().epoch;
    copied_back(&mut two.a, &older);
    assert_eq!(hears(&mut two, true, |_| {}), Err(Code::StoreBehind));
    is_stopped(&mut two, known);
    assert_eq!(two.a.node.last_epoch(), known);
    let ending = two.a.node.endings();
    let ending = ending.iter().find(|one| one.ring == RING).unwrap();
    let statement = |epoch| ends(&two.a.party, ending, epoch, 5).unwrap();
    for epoch in [2, known] {
        let below = two.a.node.adopt(&statement(epoch)).unwrap_err();
        assert_eq!(below.code, Code::StoreBehind, "{epoch}");
    }
    two.a.node.adopt(&statement(known + 1)).unwrap();
    two.quiet();
    let asked = act(&mut two.a.node, request(two.b.party.id, RING)).unwrap().matter;
    two.quiet();
    assert_eq!(two.agree(&asked), valid(&["request"]));
}

/// REC-32: what a peer only says makes it show the thing, and stops nothing. REC-35: a cosignature
/// on a head that the log does not have.
#[test]
fn what_nobody_signed_stops_nobody() {
    let mut two = two();
    let older = two.a.disk.journal();
    put_back(&mut two.a, &older);
    two.quiet();
    act(&mut two.b.node, request(two.a.party.id, RING)).unwrap();
    let far = |contents: &mut Contents| contents.epochs.held = u64::MAX >> 12;
    assert_eq!(hears(&mut two, true, far), Ok(true));
    let elsewhere = |size: u64, root: u8| {
        move |contents: &mut Contents| {
            let word = contents.cosignature.as_mut().unwrap();
            word.size += size;
            word.root = [root; 32];
        }
    };
    two.quiet();
    for (size, root, told) in [
        (90, 7, Ok(true)),
        (0, 7, Err(Code::CosignatureStray)),
        (0, 9, Err(Code::CosignatureStray)),
    ] {
        act(&mut two.a.node, request(two.b.party.id, RING)).unwrap();
        let parcel = two.a.node.outgoing(&two.b.party.id, RING, true).unwrap().unwrap();
        two.b.node.incoming(&parcel).unwrap();
        assert_eq!(hears(&mut two, false, elsewhere(size, root)), told);
        assert_eq!(two.a.node.stopped(), []);
    }
    act(&mut two.a.node, request(two.b.party.id, RING)).unwrap();
    whole(&mut two.a);
}
