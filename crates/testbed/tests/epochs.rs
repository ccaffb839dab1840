//! A backup is restored. What the backup had lost and the peer held comes back and counts; what
//! nobody else held is gone; nobody honest is named; both sides end with one record. REC-41,
//! REC-42, REC-43, and DOS-22 in the dossiers.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

#[path = "epochs/behind.rs"]
mod behind;
#[path = "epochs/bounds.rs"]
mod bounds;
#[path = "epochs/keys.rs"]
mod keys;
#[path = "epochs/nights.rs"]
mod nights;
#[path = "epochs/order.rs"]
mod order;
#[path = "epochs/stage.rs"]
mod stage;
#[path = "epochs/turns.rs"]
mod turns;

use counterpart_engine::Node;
use counterpart_record::fault::Code;
use counterpart_record::id::{ChannelId, Entry, PartyId};
use counterpart_record::keys::Keys as _;
use counterpart_record::log::{Frontier, empty_root};
use counterpart_record::parcel::{self, Address, Contents, Epochs};
use counterpart_record::party::{Control, Epoch};
use counterpart_store::{Owner, Store as _};
use counterpart_testbed::cast::{further, request};
use counterpart_testbed::forge::channel_row;
use counterpart_testbed::restore::{end_epochs, restored};
use counterpart_testbed::room::{Kept, Room};
use stage::{RING, Two, act, push, two, valid};

#[test]
fn what_the_backup_lost_and_the_peer_held_comes_back_and_counts() {
    let mut two = two();
    let (a, b) = (two.a.party.id, two.b.party.id);
    let asked = act(&mut two.a.node, request(b, RING)).unwrap();
    two.quiet();
    let backup = two.a.disk.journal();
    // It works on: a reminder that the peer holds and answers, and one that nobody ever sees.
    act(&mut two.a.node, further(b, RING, asked.matter, "remind")).unwrap();
    let other = act(&mut two.a.node, request(b, RING)).unwrap();
    two.quiet();
    act(&mut two.b.node, further(a, RING, asked.matter, "acknowledge")).unwrap();
    two.quiet();
    act(&mut two.b.node, further(a, RING, asked.matter, "ask")).unwrap();
    push(&mut two.b.node, &mut two.a.node);
    let lost = act(&mut two.a.node, request(b, RING)).unwrap();
    let late = two.a.node.outgoing(&b, RING, true).unwrap().unwrap();

    two.restore(&backup);
    // Before its logs have ended it signs nothing and says nothing.
    let early = act(&mut two.a.node, request(b, RING)).unwrap_err();
    assert_eq!(early.code, Code::RestoreUnfinished);
    assert_eq!(two.a.node.outgoing(&b, RING, true).unwrap_err().code, Code::RestoreUnfinished);
    assert_eq!(two.a.node.finish_restore().unwrap_err().code, Code::RestoreUnfinished);
    end_epochs(&mut two.a.node, &two.a.party, &mut two.a.last).unwrap();

    // It signs before it hears from the peer: in a new matter, not in one from before.
    let unheard = act(&mut two.a.node, further(b, RING, asked.matter, "withdraw")).unwrap_err();
    assert_eq!(unheard.code, Code::EpochUnheard);
    let fresh = act(&mut two.a.node, request(b, RING)).unwrap();
    two.quiet();
    let kinds = two.agree(&asked.matter);
    assert_eq!(kinds, valid(&["acknowledge", "ask", "request", "remind"]));
    assert_eq!(two.agree(&other.matter), valid(&["request"]));
    assert_eq!(two.agree(&fresh.matter), valid(&["request"]));
    // What nobody else held is gone, and a late bag with it is refused whole.
    assert_eq!(two.a.node.matter(&lost.matter).unwrap_err().code, Code::MatterUnknown);
    assert_eq!(two.b.node.incoming(&late).unwrap_err().code, Code::EpochClosed);
    assert_eq!(two.b.node.matter(&lost.matter).unwrap_err().code, Code::MatterUnknown);
    // And they go on, across restarts.
    act(&mut two.a.node, further(b, RING, asked.matter, "withdraw")).unwrap();
    two.restart();
    two.quiet();
    assert_eq!(two.agree(&asked.matter).len(), 5);
}

/// Terms are agreed in one matter per side, whose name both know: the backup may not have it, and
/// the peer may.
#[test]
fn the_one_matter_of_a_flow_waits_for_the_peer_after_a_restore() {
    let mut two = two();
    let (a, b) = (two.a.party.id, two.b.party.id);
    let propose = |node: &mut Node| {
        let sheet = counterpart_rules::terms::Sheet::draft([&a, &b]);
        let draft = node.propose_terms(&b, RING, sheet, Vec::new()).unwrap();
        act(node, draft)
    };
    let backup = two.a.disk.journal();
    let lost = propose(&mut two.a.node).unwrap();
    two.quiet();
    two.restore(&backup);
    end_epochs(&mut two.a.node, &two.a.party, &mut two.a.last).unwrap();

    let early = propose(&mut two.a.node).unwrap_err();
    assert_eq!(early.code, Code::EpochUnheard);
    two.quiet();
    let again = propose(&mut two.a.node).unwrap();
    two.quiet();
    assert_eq!(again.matter, lost.matter);
    assert_eq!(two.agree(&lost.matter), valid(&["propose-terms", "propose-terms"]));
}

#[test]
fn one_backup_restored_twice_and_both_sides_restored_at_once_end_with_one_record() {
    let mut two = two();
    let (a, b) = (two.a.party.id, two.b.party.id);
    let asked = act(&mut two.a.node, request(b, RING)).unwrap();
    two.quiet();
    let backups = (two.a.disk.journal(), two.b.disk.journal());
    for kind in ["acknowledge", "ask"] {
        act(&mut two.b.node, further(a, RING, asked.matter, kind)).unwrap();
        two.quiet();
    }
    for _ in 0..2 {
        two.restore(&backups.0);
        end_epochs(&mut two.a.node, &two.a.party, &mut two.a.last).unwrap();
        two.quiet();
        act(&mut two.a.node, further(b, RING, asked.matter, "remind")).unwrap();
        two.quiet();
        two.agree(&asked.matter);
    }
    assert_eq!(two.agree(&asked.matter).len(), 5);
    // Now both disks die at once. Each gives the other what it still has: nothing of what came
    // after both backups is left, and nothing contradicts.
    two.restore(&backups.0);
    let (disk, node) = restored(&backups.1, &two.b.party).unwrap();
    (two.b.disk, two.b.node) = (disk, node);
    end_epochs(&mut two.a.node, &two.a.party, &mut two.a.last).unwrap();
    end_epochs(&mut two.b.node, &two.b.party, &mut two.b.last).unwrap();
    two.quiet();
    assert_eq!(two.agree(&asked.matter), valid(&["request"]));
    act(&mut two.b.node, further(a, RING, asked.matter, "acknowledge")).unwrap();
    two.quiet();
    assert_eq!(two.agree(&asked.matter).len(), 2);
}

#[test]
fn an_epoch_statement_that_does_not_follow_is_refused() {
    let mut two = two();
    let ending = two.a.node.endings().remove(0);
    let statement = |by: PartyId, kept, root, epoch| {
        Control::Epoch(Epoch {
            by,
            old_origin: ending.log.origin(),
            kept,
            root,
            epoch,
            reason: "restored".into(),
            issued_at: 5,
        })
    };
    let (id, root) = (two.a.party.id, two.a.party.root.clone());
    for (kept, hash, epoch) in [
        (ending.size - 1, ending.root, 9),
        (ending.size, [7; 32], 9),
        (ending.size, ending.root, 1),
    ] {
        let bytes = statement(id, kept, hash, epoch).sign(&root).unwrap();
        assert_eq!(two.a.node.adopt(&bytes).unwrap_err().code, Code::EpochWrong);
    }
    // A peer that names another root for leaves that we hold is refused, and nothing changes.
    let channel = ChannelId::between(&id, &two.b.party.id, false);
    let address = Address { sender: id, recipient: two.b.party.id, channel };
    let before = two.b.node.standing();
    let row = channel_row(&two.b.disk, &id, RING).unwrap();
    let entries = two.b.disk.entries(row.number, Owner::Peer, 0, 1).unwrap();
    let inside = Frontier::of(entries.iter().map(Entry::leaf)).root();
    // The last is true, and lies where no head ends: nothing of today could stand on it.
    for (kept, hash) in
        [(ending.size, [7; 32]), (ending.size - 1, ending.root), (0, empty_root()), (1, inside)]
    {
        let bytes = statement(id, kept, hash, 9).sign(&root).unwrap();
        let epochs = Epochs { statements: vec![bytes], ..Epochs::default() };
        let contents = Contents { epoch: 9, epochs, ..Contents::default() };
        let (to, random) = (two.b.party.keys.public(RING), two.a.party.random.as_ref());
        let parcel = parcel::seal(&address, to, &contents, random).unwrap();
        assert_eq!(two.b.node.incoming(&parcel).unwrap_err().code, Code::EpochWrong);
        assert_eq!(two.b.node.standing(), before);
    }
    let asked = act(&mut two.a.node, request(two.b.party.id, RING)).unwrap();
    two.quiet();
    assert_eq!(two.agree(&asked.matter), valid(&["request"]));
}

/// REC-16, REC-44: what the peer had erased before the backup was restored comes back as what it
/// was, without its words; the act that was refused without them would stand on one side alone.
#[test]
fn what_the_peer_erased_meanwhile_comes_back_without_its_words_and_counts() {
    let mut two = two();
    let (a, b) = (two.a.party.id, two.b.party.id);
    two.quiet();
    let backup = two.a.disk.journal();
    let asked = act(&mut two.a.node, request(b, RING)).unwrap();
    two.quiet();
    for kind in ["acknowledge", "refuse"] {
        act(&mut two.b.node, further(a, RING, asked.matter, kind)).unwrap();
    }
    two.quiet();
    two.restore(&backup);
    let erased = two.b.node.erase(&asked.matter).unwrap();
    assert!(erased.count >= 3, "{erased:?}");
    end_epochs(&mut two.a.node, &two.a.party, &mut two.a.last).unwrap();
    two.quiet();
    assert_eq!(two.agree(&asked.matter), valid(&["acknowledge", "refuse", "request"]));
    let view = two.a.node.matter(&asked.matter).unwrap();
    assert!(view.acts.iter().all(|act| act.disclosed.is_empty() && act.erased > 0));
}

/// REC-44: a backup brings the words back that were erased after it was made; the act that says so
/// comes back from the peer, and they go again.
#[test]
fn what_was_erased_after_the_backup_is_erased_again() {
    let mut two = two();
    let (a, b) = (two.a.party.id, two.b.party.id);
    let asked = act(&mut two.a.node, request(b, RING)).unwrap();
    two.quiet();
    act(&mut two.b.node, further(a, RING, asked.matter, "refuse")).unwrap();
    two.quiet();
    let backup = two.a.disk.journal();
    two.a.node.erase(&asked.matter).unwrap();
    two.quiet();
    two.restore(&backup);
    let words = |two: &Two| {
        let view = two.a.node.matter(&asked.matter).unwrap();
        view.acts.iter().map(|act| act.disclosed.len()).sum::<usize>()
    };
    assert!(words(&two) > 0, "the backup has them");
    end_epochs(&mut two.a.node, &two.a.party, &mut two.a.last).unwrap();
    two.quiet();
    assert_eq!(words(&two), 0);
    two.agree(&asked.matter);
    assert!(two.b.node.matter(&asked.matter).unwrap().acts.iter().any(|a| !a.disclosed.is_empty()));
}

/// HOM-4: the backup brings what stays here back as well, and it goes with the act that the peer
/// gives back, or at the next start if it could not be read then. What is written after an erasure
/// stays.
#[test]
fn what_stays_here_of_a_matter_erased_after_the_backup_goes_again() {
    for readable in [true, false] {
        let mut two = two();
        let (a, b) = (two.a.party.id, two.b.party.id);
        let asked = act(&mut two.a.node, request(b, RING)).unwrap();
        two.quiet();
        act(&mut two.b.node, further(a, RING, asked.matter, "refuse")).unwrap();
        two.quiet();
        let mut room = Room::default();
        two.a.node.furnish(room.open());
        let note = |node: &mut Node, text: &str| {
            node.home_mut().unwrap().add_note(&asked.matter, 1, "", text).unwrap();
        };
        let notes = |node: &Node| {
            let notes = node.home().unwrap().notes(&asked.matter, 9).unwrap();
            notes.into_iter().map(|note| note.text).collect::<Vec<_>>()
        };
        note(&mut two.a.node, "before");
        let (backup, home) = (two.a.disk.journal(), room.copy().unwrap());
        assert_eq!(two.a.node.erase(&asked.matter).unwrap().at_home, 1);
        note(&mut two.a.node, "after");
        two.a.node.furnish(room.open());
        assert_eq!(two.a.node.forget_erased_at_home().unwrap(), 0);
        assert_eq!(notes(&two.a.node), ["after"]);
        two.quiet();
        two.restore(&backup);
        room.put_back(&home, &Kept::default()).unwrap();
        two.a.node.furnish(room.open());
        assert_eq!(two.a.node.forget_erased_at_home().unwrap(), 0);
        assert_eq!(notes(&two.a.node), ["before"], "nobody has said yet that it was erased");
        if !readable {
            two.a.node.furnish(Err(Code::HomeUnreadable.at("home.db")));
        }
        end_epochs(&mut two.a.node, &two.a.party, &mut two.a.last).unwrap();
        two.quiet();
        two.agree(&asked.matter);
        if !readable {
            two.a.node.furnish(room.open());
            assert_eq!(two.a.node.forget_erased_at_home().unwrap(), 1);
        }
        assert_eq!(notes(&two.a.node), [""; 0]);
    }
}
