//! Both sides restore backups, in turn, at once and again, and hold one record. What nobody alive
//! holds is gone for both alike; whoever restores on purpose gains nothing by it. REC-46.

use super::stage::{
    ALL, House, RING, Two, act, newer, push, put_back, strangers, two, valid, whole,
};

use counterpart_engine::seam::Clock as _;
use counterpart_engine::{Node, Target};

use counterpart_record::fault::Code;
use counterpart_record::head::{Cosignature, Head, LogId};
use counterpart_record::id::{Entry, MatterId};
use counterpart_record::keys::{Keys as _, Role};
use counterpart_record::limits;
use counterpart_record::log::Frontier;
use counterpart_record::parcel::{Carried, Contents};
use counterpart_record::party::{Control, Revocation};
use counterpart_record::strict::json::parse_object;
use counterpart_rules::flow::opened_by;
use counterpart_store::{ActRow, Owner, Store as _};
use counterpart_testbed::cast::{START, draft, further, request};
use counterpart_testbed::disk::{Disk, Write};
use counterpart_testbed::forge::{channel_row, tamper};

/// A request that both hold, what the disks were then, and a dispute after it.
fn dispute(two: &mut Two) -> (MatterId, [Vec<Write>; 2]) {
    let (a, b) = (two.a.party.id, two.b.party.id);
    let matter = act(&mut two.a.node, request(b, RING)).unwrap().matter;
    two.quiet();
    let backups = [two.a.disk.journal(), two.b.disk.journal()];
    act(&mut two.a.node, further(b, RING, matter, "remind")).unwrap();
    two.quiet();
    act(&mut two.b.node, further(a, RING, matter, "acknowledge")).unwrap();
    two.quiet();
    act(&mut two.b.node, further(a, RING, matter, "ask")).unwrap();
    act(&mut two.a.node, further(b, RING, matter, "remind")).unwrap();
    two.quiet();
    (matter, backups)
}

fn verdict(house: &House, matter: &MatterId, entry: Entry) -> Option<String> {
    let view = house.node.matter(matter).unwrap();
    view.acts.iter().find(|act| act.entry == entry).map(|act| act.verdict.text())
}

/// Restores in turn until each side has lost three times what it had back from the other.
#[test]
fn what_was_given_back_and_lost_in_turn_is_shown_again_and_counts() {
    let mut two = two();
    let (matter, backups) = dispute(&mut two);
    for _ in 0..3 {
        put_back(&mut two.a, &backups[0]);
        two.quiet();
        assert_eq!(two.agree(&matter), valid(&ALL));
        put_back(&mut two.b, &backups[1]);
        two.quiet();
        assert_eq!(two.agree(&matter), valid(&ALL));
    }
    whole(&mut two.a);
    whole(&mut two.b);
    act(&mut two.a.node, further(two.b.party.id, RING, matter, "withdraw")).unwrap();
    two.quiet();
    assert_eq!(two.agree(&matter).len(), 6);
}

/// Between the losses both go on, and what they say rests on what came back.
#[test]
fn acts_that_rest_on_what_came_back_count_after_the_next_loss() {
    let mut two = two();
    let (a, b) = (two.a.party.id, two.b.party.id);
    let (matter, backups) = dispute(&mut two);
    put_back(&mut two.a, &backups[0]);
    two.quiet();
    act(&mut two.b.node, further(a, RING, matter, "status")).unwrap();
    let own = act(&mut two.b.node, request(a, RING)).unwrap().matter;
    two.quiet();
    act(&mut two.a.node, further(b, RING, own, "acknowledge")).unwrap();
    two.quiet();
    put_back(&mut two.b, &backups[1]);
    two.quiet();
    assert_eq!(two.agree(&matter).len(), 6);
    assert_eq!(two.agree(&own), valid(&["acknowledge", "request"]));
    // And the first one once more, from before all of it.
    put_back(&mut two.a, &backups[0]);
    two.quiet();
    assert_eq!(two.agree(&matter).len(), 6);
    assert_eq!(two.agree(&own), valid(&["acknowledge", "request"]));
}

/// The two learn of each other's loss a parcel at a time, and start anew between any two of them.
#[test]
fn it_comes_back_across_restarts_and_whoever_speaks_first() {
    for first in [true, false] {
        let mut two = two();
        let (matter, backups) = dispute(&mut two);
        put_back(&mut two.a, &backups[0]);
        two.quiet();
        put_back(&mut two.b, &backups[1]);
        for round in 0..12 {
            let (from, to) = if (round % 2 == 0) == first {
                (&mut two.a, &mut two.b)
            } else {
                (&mut two.b, &mut two.a)
            };
            push(&mut from.node, &mut to.node);
            for house in [&mut two.a, &mut two.b] {
                let disk = Box::new(house.disk.clone());
                house.node = Node::load(disk, house.party.seams()).unwrap();
            }
        }
        two.quiet();
        assert_eq!(two.agree(&matter), valid(&ALL));
    }
}

/// Each has a bag of before in which the other says that it holds all; then both lost that, and
/// each sends from behind what the other has not.
#[test]
fn both_lost_what_old_bags_say_that_they_hold() {
    let mut two = strangers();
    let early = [two.a.disk.journal(), two.b.disk.journal()];
    two.quiet();
    let (a, b) = (two.a.party.id, two.b.party.id);
    let bags = [two.a.node.outgoing(&b, RING, true), two.b.node.outgoing(&a, RING, true)];
    let [from_a, from_b] = bags.map(|bag| bag.unwrap().unwrap());
    put_back(&mut two.a, &early[0]);
    put_back(&mut two.b, &early[1]);
    two.a.node.incoming(&from_b).unwrap();
    two.b.node.incoming(&from_a).unwrap();
    two.quiet();
    let matter = act(&mut two.a.node, request(b, RING)).unwrap().matter;
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&["request"]));
}

/// A head of an epoch that went on from another covers what that one had.
#[test]
fn a_word_on_a_later_epoch_proves_what_it_still_had() {
    let mut two = two();
    let (a, b) = (two.a.party.id, two.b.party.id);
    let early = [two.a.disk.journal(), two.b.disk.journal()];
    let matter = act(&mut two.a.node, request(b, RING)).unwrap().matter;
    let newer = two.a.disk.journal();
    // Borealis hears of the request and of the next epoch at once, and cosigns the newest head.
    put_back(&mut two.a, &newer);
    two.quiet();
    act(&mut two.b.node, further(a, RING, matter, "acknowledge")).unwrap();
    two.quiet();
    put_back(&mut two.a, &early[0]);
    two.quiet();
    put_back(&mut two.b, &early[1]);
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&["acknowledge", "request"]));
}

/// Six long requests of Borealis, and a call behind them.
fn behind_a_backlog(two: &mut Two) -> MatterId {
    let a = two.a.party.id;
    for _ in 0..6 {
        let mut long = request(a, RING);
        long.disclosed.push(("facts".to_owned(), "They wrote again. ".repeat(850).into()));
        act(&mut two.b.node, long).unwrap();
    }
    let mut call = draft(a, RING, Target::New { stream: "cybercrime".into() }, "raise", Vec::new());
    call.rules = opened_by("raise").unwrap().rules().into();
    call.body = parse_object(br#"{"urgency":"flash","topic":"danger-to-life"}"#).unwrap();
    call.disclosed.clear();
    act(&mut two.b.node, call).unwrap().matter
}

/// The peer held all of it and lost it: the call goes ahead of the backlog once more. CAL-15.
#[test]
fn a_call_that_the_peer_lost_goes_ahead_again() {
    let mut two = two();
    let early = two.a.disk.journal();
    let call = behind_a_backlog(&mut two);
    two.quiet();
    put_back(&mut two.a, &early);
    push(&mut two.a.node, &mut two.b.node);
    let a = two.a.party.id;
    let parcel = two.b.node.outgoing(&a, RING, true).unwrap().unwrap();
    assert!(parcel.len() <= limits::PRESSING_BYTES + 2_048, "{}", parcel.len());
    two.quiet();
    assert_eq!(two.agree(&call), valid(&["raise"]));
}

/// A call behind a backlog goes out in a small parcel, from where the peer has mirrored us. It may
/// have lost that.
#[test]
fn a_call_gets_through_to_one_that_lost_what_it_had_mirrored() {
    let mut two = strangers();
    let early = two.a.disk.journal();
    two.quiet();
    let call = behind_a_backlog(&mut two);
    put_back(&mut two.a, &early);
    for _ in 0..12 {
        push(&mut two.b.node, &mut two.a.node);
        two.clock.move_by(3_600);
    }
    assert_eq!(two.agree(&call), valid(&["raise"]));
}

/// Both disks die at once, after each had given the other back what it lost: from late backups all
/// of it is there, from early ones nothing, and either way on both sides.
#[test]
fn both_at_once_hold_the_same_or_have_both_lost_it() {
    let mut two = two();
    let (matter, early) = dispute(&mut two);
    for side in [0, 1] {
        put_back(if side == 0 { &mut two.a } else { &mut two.b }, &early[side]);
        two.quiet();
    }
    let late = [two.a.disk.journal(), two.b.disk.journal()];
    let again = act(&mut two.a.node, further(two.b.party.id, RING, matter, "remind")).unwrap();
    two.quiet();
    put_back(&mut two.a, &late[0]);
    put_back(&mut two.b, &late[1]);
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&ALL));
    assert_eq!(verdict(&two.a, &matter, again.entry), None, "nobody alive held it");
}

#[test]
fn from_early_backups_on_both_sides_it_is_gone_for_both() {
    let mut two = two();
    let (matter, early) = dispute(&mut two);
    put_back(&mut two.a, &early[0]);
    two.quiet();
    put_back(&mut two.a, &early[0]);
    put_back(&mut two.b, &early[1]);
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&["request"]));
    act(&mut two.b.node, further(two.a.party.id, RING, matter, "acknowledge")).unwrap();
    two.quiet();
    assert_eq!(two.agree(&matter).len(), 2);
}

/// REC-16: the words that its author erased in between stay away, and the act counts.
#[test]
fn what_its_author_erased_in_between_counts_without_its_words() {
    let mut two = two();
    let (a, b) = (two.a.party.id, two.b.party.id);
    let backups = [two.a.disk.journal(), two.b.disk.journal()];
    let asked = act(&mut two.a.node, request(b, RING)).unwrap();
    two.quiet();
    act(&mut two.b.node, further(a, RING, asked.matter, "refuse")).unwrap();
    two.quiet();
    put_back(&mut two.a, &backups[0]);
    two.quiet();
    two.a.node.erase(&asked.matter).unwrap();
    two.quiet();
    put_back(&mut two.b, &backups[1]);
    two.quiet();
    assert_eq!(two.agree(&asked.matter), valid(&["refuse", "request"]));
    let view = two.b.node.matter(&asked.matter).unwrap();
    assert!(view.acts.iter().all(|act| act.disclosed.is_empty()));
}

/// A credential that a restored backup had lost comes back as what was said, and counts in no log
/// of today: on neither side, whoever loses next.
#[test]
fn a_rotation_that_was_lost_comes_back_and_moves_no_key() {
    let mut two = two();
    let (matter, backups) = dispute(&mut two);
    let old = two.a.party.keys.clone();
    let (signed, keys) = newer(&two.a.party);
    two.a.party.keys = keys.clone();
    let lost = keys.public(RING).key(Role::Statement).thumbprint();
    two.a.node.rekey(keys);
    two.a.node.adopt(&signed).unwrap();
    two.quiet();
    act(&mut two.a.node, further(two.b.party.id, RING, matter, "remind")).unwrap();
    two.quiet();
    // Whoever still has the newer keys' backup would use it; here they went with the disk.
    two.a.party.keys = old;
    put_back(&mut two.a, &backups[0]);
    two.quiet();
    assert_eq!(two.agree(&matter).len(), 6);
    put_back(&mut two.b, &backups[1]);
    two.quiet();
    assert_eq!(two.agree(&matter).len(), 6);
    // The keys that went with the disk may be in other hands: they are ours to revoke.
    let (by, suspected_since) = (two.a.party.id, START);
    let revocation = Revocation { by, kid: lost, suspected_since, issued_at: START + 1 };
    let signed = Control::Revocation(revocation).sign(&two.a.party.root).unwrap();
    two.a.node.adopt(&signed).unwrap();
    two.quiet();
    assert_eq!(two.agree(&matter).len(), 6);
}

/// After Arcadia had restored and Borealis gave back what it held, Borealis lost it. Arcadia
/// answers what its node answers, changed by its own hand.
fn hostile(two: &mut Two, edit: impl Fn(&mut Contents)) -> Result<(), Code> {
    for _ in 0..8 {
        if let Some(parcel) = two.b.node.outgoing(&two.a.party.id, RING, true).unwrap() {
            two.a.node.incoming(&parcel).unwrap();
        }
        let parcel = two.a.node.outgoing(&two.b.party.id, RING, true).unwrap().unwrap();
        let parcel = tamper(&parcel, &two.a.party, &two.b.party, RING, &edit).unwrap();
        two.b.node.incoming(&parcel).map_err(|fault| fault.code)?;
        two.clock.move_by(60);
    }
    Ok(())
}

/// It keeps the proof back: then its act is void with the reader, who stays whole and goes on. What
/// it shows later changes nothing that was decided.
#[test]
fn whoever_withholds_the_proof_is_not_believed_and_harms_nobody() {
    let mut two = two();
    let (matter, backups) = dispute(&mut two);
    put_back(&mut two.a, &backups[0]);
    two.quiet();
    put_back(&mut two.b, &backups[1]);
    hostile(&mut two, |contents| contents.epochs.shown.clear()).unwrap();
    let orphans = |two: &Two| {
        let rows = two.b.disk.acts(1, 0, 1 << 40, usize::MAX, false).unwrap();
        rows.iter().filter(|row| row.verdict == "void-orphaned").count()
    };
    assert_eq!(orphans(&two), 2, "the two reminders");
    whole(&mut two.b);
    two.quiet();
    assert_eq!(orphans(&two), 2);
    whole(&mut two.b);
    two.b.restart();
    let fresh = act(&mut two.a.node, request(two.b.party.id, RING)).unwrap();
    two.quiet();
    act(&mut two.b.node, further(two.a.party.id, RING, fresh.matter, "acknowledge")).unwrap();
    two.quiet();
    assert_eq!(two.agree(&fresh.matter), valid(&["acknowledge", "request"]));
    // The reader's next loss does not make it hold what it never had.
    assert_eq!(verdict(&two.b, &matter, fresh.entry), None);
}

/// A node on a copy of the dead disk goes on in the epoch that ended. The act is real, its head is
/// real, and it was never registered in time.
struct Late {
    row: ActRow,
    head: Head,
}

fn late(two: &mut Two, dead: &Disk, matter: MatterId) -> Late {
    let mut old = Node::load(Box::new(dead.clone()), two.a.party.seams()).unwrap();
    let said = act(&mut old, further(two.b.party.id, RING, matter, "withdraw")).unwrap();
    let number = channel_row(dead, &two.b.party.id, RING).unwrap().number;
    let head = Head::parse(&dead.head_newest(number, Owner::Own).unwrap().unwrap()).unwrap();
    let mut rows = dead.acts(number, said.index, head.size, usize::MAX, false).unwrap();
    assert_eq!((rows.len(), rows[0].entry), (1, said.entry));
    Late { row: rows.remove(0), head }
}

/// What Borealis says of the head that Arcadia's other hand signed.
fn unsaid(contents: &mut Contents) {
    (contents.yours, contents.cosignature) = (None, None);
}

/// What Arcadia's node says to Borealis now, with the late act behind its log.
fn with_late(two: &mut Two, late: &Late, edit: impl Fn(&mut Contents)) -> Vec<u8> {
    let (a, b) = (&mut two.a, &mut two.b);
    let word = b.node.outgoing(&a.party.id, RING, true).unwrap().unwrap();
    // Its own node would stand still before the head that its other hand signed.
    let word = tamper(&word, &b.party, &a.party, RING, unsaid).unwrap();
    a.node.incoming(&word).unwrap();
    let row = channel_row(&a.disk, &b.party.id, RING).unwrap();
    let mut entries = a.disk.entries(row.number, Owner::Own, 0, 1 << 40).unwrap();
    entries.push(late.row.entry);
    let size = entries.len() as u64;
    let root = Frontier::of(entries.iter().map(Entry::leaf)).root();
    let log = LogId { channel: row.channel, owner: a.party.id, epoch: row.epoch };
    let (time, keys) = (two.clock.now(RING), a.party.keys.as_ref());
    let head = Head::sign(&log, (size - 1, size), root, time, RING, keys).unwrap();
    let parcel = a.node.outgoing(&b.party.id, RING, true).unwrap().unwrap();
    tamper(&parcel, &a.party, &b.party, RING, |contents| {
        contents.heads.push(head);
        contents.entries.push(late.row.entry);
        let (statement, disclosures) = (late.row.statement.clone(), late.row.disclosures.clone());
        contents.acts.push(Carried { statement, disclosures });
        edit(contents);
    })
    .unwrap()
}

/// Shows the ended epoch with the late act in it.
fn with_more(contents: &mut Contents, late: &Late) {
    let shown = contents.epochs.shown.first_mut().expect("something is shown");
    assert_eq!(shown.heads.last().map(|last| last.size), Some(late.head.prev_size));
    shown.entries.push(late.row.entry);
    shown.heads.push(late.head.clone());
    shown.size = late.head.size;
}

#[test]
fn nobody_puts_an_act_into_an_epoch_that_had_ended() {
    let mut two = two();
    let (matter, backups) = dispute(&mut two);
    let dead = Disk::written(&two.a.disk.journal()).unwrap();
    put_back(&mut two.a, &backups[0]);
    two.quiet();
    let late = late(&mut two, &dead, matter);
    // Borealis, which lost nothing, takes it for what it is; so its own log holds it.
    let parcel = with_late(&mut two, &late, |_| {});
    two.b.node.incoming(&parcel).unwrap();
    assert_eq!(stored(&two.b, late.row.entry), ["void-orphaned"]);
    let word = two.b.node.outgoing(&two.a.party.id, RING, true).unwrap().unwrap();
    let word = tamper(&word, &two.b.party, &two.a.party, RING, unsaid).unwrap();
    two.a.node.incoming(&word).unwrap();

    put_back(&mut two.b, &backups[1]);
    // A word over it that is not the reader's own, and other leaves under the reader's word.
    let log = LogId { epoch: 1, ..log_of(&two.a, &two.b) };
    let (by, keys) = (two.b.party.id, two.a.party.keys.clone());
    let point = (late.head.size, late.head.root);
    let forged = Cosignature::sign(&log, point, &by, 9, RING, keys.as_ref()).unwrap();
    let parcel = with_late(&mut two, &late, |contents| {
        with_more(contents, &late);
        let shown = contents.epochs.shown.first_mut().unwrap();
        shown.cosignature = Some(forged.clone());
    });
    assert_eq!(two.b.node.incoming(&parcel).unwrap_err().code, Code::SignatureWrong);
    let parcel = with_late(&mut two, &late, |contents| {
        let shown = contents.epochs.shown.first_mut().unwrap();
        *shown.entries.last_mut().unwrap() = late.row.entry;
    });
    assert_eq!(two.b.node.incoming(&parcel).unwrap_err().code, Code::EpochWrong);
    whole(&mut two.b);
    // All that is true, with the late act behind it.
    let parcel = with_late(&mut two, &late, |contents| with_more(contents, &late));
    two.b.node.incoming(&parcel).unwrap();
    assert_eq!(stored(&two.b, late.row.entry), ["void-orphaned"]);
    let kinds: Vec<String> =
        two.b.node.matter(&matter).unwrap().acts.iter().map(|act| act.kind.clone()).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "remind").count(), 2);
    assert!(
        two.b
            .node
            .matter(&matter)
            .unwrap()
            .acts
            .iter()
            .all(|act| act.kind != "withdraw" || act.verdict.text() == "void-orphaned")
    );
    whole(&mut two.b);
}

fn log_of(house: &House, peer: &House) -> LogId {
    let row = channel_row(&house.disk, &peer.party.id, RING).unwrap();
    LogId { channel: row.channel, owner: house.party.id, epoch: row.epoch }
}

/// The verdicts of an entry in a log.
fn stored(house: &House, entry: Entry) -> Vec<String> {
    let rows = house.disk.acts(1, 0, 1 << 40, usize::MAX, false).unwrap();
    rows.into_iter().filter(|row| row.entry == entry).map(|row| row.verdict).collect()
}

/// Arcadia knew of two epochs of Borealis', and its backup of none: what Borealis says to it rests
/// on one that is not named any more, and is asked for instead of refused.
#[test]
fn an_epoch_that_rests_on_one_that_was_lost_is_asked_for() {
    let mut two = two();
    let (matter, backups) = dispute(&mut two);
    put_back(&mut two.b, &backups[1]);
    two.quiet();
    let later = two.b.disk.journal();
    put_back(&mut two.b, &later);
    // It has heard how far Arcadia knows its epochs, and says what comes after.
    let word = two.a.node.outgoing(&two.b.party.id, RING, true).unwrap().unwrap();
    two.b.node.incoming(&word).unwrap();
    put_back(&mut two.a, &backups[0]);
    let parcel = two.b.node.outgoing(&two.a.party.id, RING, true).unwrap().unwrap();
    assert!(two.a.node.incoming(&parcel).unwrap().ask);
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&ALL));
}
