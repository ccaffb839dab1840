//! Bad nights: a restore that is killed half way, a peer that lies about what it gives back, keys
//! that were lost behind more than one parcel brings, and everything carried by hand.

use super::order::{stored, story};
use super::stage::{ALL, House, RING, Two, act, newer, put_back, two, valid, whole};
use counterpart_record::disclose::Disclosure;
use counterpart_record::fault::Code;
use counterpart_record::keys::{Ring, SoftKeys};
use counterpart_record::limits;
use counterpart_record::parcel::Carried;
use counterpart_record::party::{Control, Epoch, RootPublic};
use counterpart_record::statement::Unverified;
use counterpart_store::{Owner, Store as _};
use counterpart_testbed::cast::{further, request};
use counterpart_testbed::disk::Write;
use counterpart_testbed::forge::{channel_row, tamper};
use counterpart_testbed::restore::end_epochs;
use std::sync::Arc;

/// It dies between two of the statements that end its logs, or when the last is written and the
/// mark still stands. What lay there may be put back as well, and more than once: no epoch has two
/// histories. REC-41, REC-43
#[test]
fn a_restore_that_is_killed_is_begun_again() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    for ended in [1, 2, 1] {
        two.restore(&backups[1]);
        two.a.end_some(ended);
        let killed = two.a.disk.journal();
        two.a.restart();
        assert!(two.a.node.is_restored());
        end_epochs(&mut two.a.node, &two.a.party, &mut two.a.last).unwrap();
        let fresh = act(&mut two.a.node, request(two.b.party.id, RING)).unwrap().matter;
        two.quiet();
        assert_eq!(two.agree(&matter), valid(&ALL));
        assert_eq!(two.agree(&fresh), valid(&["request"]));
        put_back(&mut two.a, &killed);
        let other = act(&mut two.a.node, request(two.b.party.id, RING)).unwrap().matter;
        two.quiet();
        assert_eq!(two.agree(&matter), valid(&ALL));
        assert_eq!(two.agree(&fresh), valid(&["request"]));
        assert_eq!(two.agree(&other), valid(&["request"]));
    }
    whole(&mut two.a);
    whole(&mut two.b);
}

/// A backup may come between a channel and its first leaf, as it does for a partner without a node:
/// that keeps no other log from going on.
#[test]
fn a_log_without_a_leaf_ends_like_any_other() {
    let mut two = two();
    let mut backup = two.a.disk.journal();
    let first = backup.iter().position(|write| matches!(write, Write::Open(_))).unwrap();
    backup.truncate(first + 1);
    for _ in 0..3 {
        put_back(&mut two.a, &backup);
        assert!(!two.a.node.is_restored());
        whole(&mut two.a);
        two.restore(&backup);
        two.a.end_some(1);
        backup = two.a.disk.journal();
    }
}

/// Whose statements Borealis gives back are Arcadia's own, and what lies beside them is looked at
/// before anything is registered: whoever lies there is refused, and stops nothing. REC-16
#[test]
fn a_peer_that_lies_beside_what_it_gives_back_is_refused() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    // An epoch statement is among what is lost as well.
    put_back(&mut two.a, &backups[2]);
    two.quiet();
    put_back(&mut two.a, &backups[0]);
    let (a, b) = (two.a.party.id, two.b.party.id);
    let strange = Disclosure::new(&[7; 16], "facts", "no word of ours".into()).text;
    let root = RootPublic::of(&two.a.party.root);
    let ours = |act: &Carried, control: bool| match control {
        true => Control::verify(&act.statement, Some(&root)).is_ok(),
        false => Unverified::parse(&act.statement).is_ok_and(|act| act.header().issuer == a),
    };
    for (lie, control) in [("~", false), (strange.as_str(), false), (strange.as_str(), true)] {
        let mut refused = false;
        for _ in 0..2 {
            let word = two.a.node.outgoing(&b, RING, true).unwrap().unwrap();
            two.b.node.incoming(&word).unwrap();
            let word = two.b.node.outgoing(&a, RING, true).unwrap().unwrap();
            let mut lies = 0;
            let word = tamper(&word, &two.b.party, &two.a.party, RING, |contents| {
                for act in contents.acts.iter_mut().filter(|act| ours(act, control)) {
                    act.disclosures = lie.to_owned();
                    lies += 1;
                }
            });
            assert!(lies > 0);
            let fault = two.a.node.incoming(&word.unwrap()).err().map(|fault| fault.code);
            refused |= fault == Some(Code::DisclosureWrong);
            assert!(!two.a.node.is_broken(), "{lie}");
        }
        assert!(refused, "{lie}, {control}");
        act(&mut two.a.node, request(b, RING)).unwrap();
    }
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&ALL));
    whole(&mut two.a);
    whole(&mut two.b);
}

/// Arcadia's keys change, and go with the disk.
fn rotate(two: &mut Two) -> Arc<SoftKeys> {
    let (signed, keys) = newer(&two.a.party);
    let old = std::mem::replace(&mut two.a.party.keys, keys.clone());
    two.a.node.rekey(keys);
    two.a.node.adopt(&signed).unwrap();
    old
}

/// More was lost than one parcel gives back, and what names the keys lies behind it: it comes with
/// the heads that were signed with them.
#[test]
fn keys_that_were_lost_come_with_what_they_signed() {
    for own in [true, false] {
        let mut two = two();
        let b = two.b.party.id;
        let matter = act(&mut two.a.node, request(b, RING)).unwrap().matter;
        two.quiet();
        let backup = two.a.disk.journal();
        if own {
            // More acts than come back in one parcel.
            for _ in 0..150 {
                two.a.node.submit(request(b, RING)).unwrap();
            }
            two.a.node.ledger().unwrap();
        } else {
            // More heads of Borealis' than one parcel has.
            for _ in 0..=limits::PARCEL_HEADS {
                act(&mut two.b.node, request(two.a.party.id, RING)).unwrap();
            }
        }
        two.quiet();
        let old = rotate(&mut two);
        act(&mut two.a.node, further(b, RING, matter, "remind")).unwrap();
        two.quiet();
        two.a.party.keys = old;
        put_back(&mut two.a, &backup);
        two.quiet();
        assert_eq!(two.agree(&matter), valid(&["request", "remind"]), "{own}");
        whole(&mut two.a);
        whole(&mut two.b);
    }
}

/// A backup was made in an epoch before the peer heard of it, and is put back after the peer did:
/// what came behind that epoch's statement came too late for both alike. REC-48
#[test]
fn a_statement_that_was_under_way_in_the_backup_says_what_came_too_late() {
    let mut two = two();
    let b = two.b.party.id;
    let matter = act(&mut two.a.node, request(b, RING)).unwrap().matter;
    two.quiet();
    let older = two.a.disk.journal();
    let unsent = act(&mut two.a.node, further(b, RING, matter, "remind")).unwrap();
    let newest = two.a.disk.journal();
    put_back(&mut two.a, &older);
    let middle = two.a.disk.journal();
    two.quiet();
    put_back(&mut two.a, &newest);
    two.quiet();
    assert_eq!(stored(&two.a, unsent.entry), ["void-orphaned"]);
    assert_eq!(stored(&two.b, unsent.entry), ["void-orphaned"]);
    put_back(&mut two.a, &middle);
    two.quiet();
    assert_eq!(stored(&two.a, unsent.entry), ["void-orphaned"]);
    two.restart();
    two.quiet();
    assert_eq!(stored(&two.a, unsent.entry), ["void-orphaned"]);
    assert_eq!(two.agree(&matter).iter().filter(|(_, said)| said == "valid").count(), 1);
    whole(&mut two.a);
    whole(&mut two.b);
}

/// A bag: packed by a process of its own, and unpacked by one.
fn bag(from: &mut House, to: &mut House) {
    from.restart();
    let parcel = from.node.outgoing(&to.party.id, RING, true).unwrap().unwrap();
    to.restart();
    to.node.incoming(&parcel).unwrap();
}

fn bags(two: &mut Two, most: usize) {
    for _ in 0..most {
        bag(&mut two.a, &mut two.b);
        bag(&mut two.b, &mut two.a);
        two.clock.move_by(60);
    }
}

/// However much is to be said of epochs, by hand it arrives as well: a node remembers what the peer
/// said last. REC-49
#[test]
fn by_bags_alone_more_comes_back_than_one_has_room_for() {
    let mut two = two();
    let (matter, _) = story(&mut two);
    // More statements than a parcel has.
    for _ in 0..40 {
        let here = two.a.disk.journal();
        put_back(&mut two.a, &here);
    }
    bags(&mut two, 5);
    assert_eq!(two.agree(&matter), valid(&ALL));
    // More heads.
    let here = two.a.disk.journal();
    for _ in 0..limits::PARCEL_HEADS + 8 {
        act(&mut two.a.node, request(two.b.party.id, RING)).unwrap();
    }
    let last = act(&mut two.a.node, further(two.b.party.id, RING, matter, "withdraw")).unwrap();
    bags(&mut two, 3);
    put_back(&mut two.a, &here);
    bags(&mut two, 9);
    assert_eq!(stored(&two.a, last.entry), ["valid"]);
    assert_eq!(two.agree(&matter).len(), 6);
    whole(&mut two.a);
    whole(&mut two.b);
}

/// An epoch is named before the leaves that it keeps are shown. When they come, its statement says
/// otherwise: nothing of that epoch is taken. REC-48
#[test]
fn a_statement_that_came_before_its_leaves_is_held_against_them() {
    for lies in [false, true] {
        let mut two = two();
        let early = two.b.disk.journal();
        let (_, backups) = story(&mut two);
        put_back(&mut two.a, &backups[2]);
        two.quiet();
        act(&mut two.a.node, request(two.b.party.id, RING)).unwrap();
        two.quiet();
        let row = channel_row(&two.a.disk, &two.b.party.id, RING).unwrap();
        let second = row.epoch;
        put_back(&mut two.a, &backups[0]);
        two.quiet();
        put_back(&mut two.b, &early);
        let (mut faults, mut shown) = (Vec::new(), 0);
        for _ in 0..4 {
            let word = two.b.node.outgoing(&two.a.party.id, RING, true).unwrap().unwrap();
            two.a.node.incoming(&word).unwrap();
            let word = two.a.node.outgoing(&two.b.party.id, RING, true).unwrap().unwrap();
            let word = tamper(&word, &two.a.party, &two.b.party, RING, |contents| {
                shown = shown.max(contents.epochs.shown.len());
                for bytes in contents.epochs.statements.iter_mut().filter(|_| lies) {
                    let Control::Epoch(epoch) = Control::reread(bytes).unwrap() else { panic!() };
                    if epoch.epoch == second {
                        let lie = Control::Epoch(Epoch { root: [7; 32], ..epoch });
                        *bytes = lie.sign(&two.a.party.root).unwrap();
                    }
                }
            });
            faults.extend(two.b.node.incoming(&word.unwrap()).err().map(|fault| fault.code));
            assert_eq!(two.b.node.fsck().unwrap().faults, []);
        }
        assert_eq!(shown, 2, "the first epoch and the second");
        assert_eq!(faults.contains(&Code::EpochWrong), lies, "{faults:?}");
        let number = channel_row(&two.b.disk, &two.a.party.id, RING).unwrap().number;
        let leaves = two.b.disk.closed(number, Owner::Peer).unwrap().leaves;
        assert_eq!(leaves.iter().any(|leaf| leaf.epoch == second), !lies);
    }
}

/// A log that was begun anew too often comes to rest: nothing is signed twice in its last epoch, no
/// parcel that the peer could not read goes out, and the other channels go on. REC-49
#[test]
fn a_log_that_was_begun_anew_too_often_rests_and_keeps_nobody_back() {
    let mut two = two();
    let (matter, _) = story(&mut two);
    for _ in 1..limits::EPOCHS {
        two.a.end_some(1);
    }
    for _ in 0..4 {
        two.quiet();
    }
    // So many epochs the peer follows, and the last of them is one like any other.
    act(&mut two.a.node, further(two.b.party.id, RING, matter, "withdraw")).unwrap();
    two.quiet();
    assert_eq!(two.agree(&matter).len(), 6);
    let here = two.a.disk.journal();
    let (a, b) = (two.a.party.id, two.b.party.id);
    put_back(&mut two.a, &here);
    two.a.restart();
    let rests = Some(Code::LogSpent);
    let said = act(&mut two.a.node, request(b, RING));
    assert_eq!(said.err().map(|fault| fault.code), rests);
    let said = two.a.node.outgoing(&b, RING, true);
    assert_eq!(said.err().map(|fault| fault.code), rests);
    let word = two.b.node.outgoing(&a, RING, true).unwrap().unwrap();
    assert_eq!(two.a.node.incoming(&word).err().map(|fault| fault.code), rests);
    act(&mut two.a.node, request(b, Ring::Drill)).unwrap();
    let word = two.a.node.outgoing(&b, Ring::Drill, false).unwrap().unwrap();
    assert!(!two.b.node.incoming(&word).unwrap().notices.is_empty());
    assert_eq!(two.a.node.fsck().unwrap().faults, []);
    let here = two.a.disk.journal();
    put_back(&mut two.a, &here);
    assert_eq!(two.a.node.matter(&matter).unwrap().acts.len(), 6);
}
