//! Backups are put back in any order: an older one after a newer one, and the newer one again. What
//! anybody holds of what was said comes back, nothing counts twice, and what came too late is
//! nobody's on both sides. REC-48.

use super::stage::{ALL, House, RING, Two, act, newer, push, put_back, two, valid, whole};
use counterpart_record::fault::Code;
use counterpart_record::head::LogId;
use counterpart_record::id::{ChannelId, Entry, MatterId};
use counterpart_record::keys::{Keys as _, RootKeys};
use counterpart_record::limits;
use counterpart_record::log::Frontier;
use counterpart_record::parcel::{self, Address, Contents, Epochs};
use counterpart_record::party::{Control, Epoch};
use counterpart_rules::say::{Lang, Say, render};
use counterpart_store::{Owner, Store as _};
use counterpart_testbed::cast::{further, request};
use counterpart_testbed::disk::Write;
use counterpart_testbed::forge::{channel_row, tamper};

/// A matter that grows on both sides, with Arcadia's disk after each step.
pub fn story(two: &mut Two) -> (MatterId, Vec<Vec<Write>>) {
    let (a, b) = (two.a.party.id, two.b.party.id);
    let matter = act(&mut two.a.node, request(b, RING)).unwrap().matter;
    two.quiet();
    let mut backups = vec![two.a.disk.journal()];
    act(&mut two.a.node, further(b, RING, matter, "remind")).unwrap();
    two.quiet();
    act(&mut two.b.node, further(a, RING, matter, "acknowledge")).unwrap();
    two.quiet();
    backups.push(two.a.disk.journal());
    act(&mut two.b.node, further(a, RING, matter, "ask")).unwrap();
    act(&mut two.a.node, further(b, RING, matter, "remind")).unwrap();
    two.quiet();
    backups.push(two.a.disk.journal());
    (matter, backups)
}

/// What was said in an epoch that ended lies there at a place which the log of today has, too, in
/// an older epoch.
#[test]
fn what_an_epoch_that_ended_said_keeps_its_place_where_the_newest_backup_follows() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    put_back(&mut two.a, &backups[0]);
    let said = act(&mut two.a.node, request(two.b.party.id, RING)).unwrap().matter;
    two.quiet();
    put_back(&mut two.a, &backups[2]);
    two.quiet();
    assert_eq!(two.agree(&said), valid(&["request"]));
    assert_eq!(two.agree(&matter), valid(&ALL));
    whole(&mut two.a);
    whole(&mut two.b);
}

/// A statement that was given back lies in the log once more, behind others; whoever lost its disk
/// learns it there, and then the log has it at its first place again.
#[test]
fn receipts_are_of_the_place_that_the_log_of_today_has() {
    let mut two = two();
    let early = two.b.disk.journal();
    let (matter, backups) = story(&mut two);
    put_back(&mut two.a, &backups[0]);
    two.quiet();
    let second = two.a.disk.journal();
    put_back(&mut two.a, &backups[0]);
    two.quiet();
    put_back(&mut two.b, &early);
    two.quiet();
    put_back(&mut two.a, &second);
    two.quiet();
    two.agree(&matter);
}

#[test]
fn an_older_backup_after_a_newer_one_is_followed() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    put_back(&mut two.a, &backups[1]);
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&ALL));
    // It goes on, and what it says then comes back as well.
    let fresh = act(&mut two.a.node, request(two.b.party.id, RING)).unwrap().matter;
    two.quiet();
    put_back(&mut two.a, &backups[0]);
    let early = act(&mut two.a.node, further(two.b.party.id, RING, matter, "withdraw"));
    assert_eq!(early.unwrap_err().code, Code::EpochUnheard);
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&ALL));
    assert_eq!(two.agree(&fresh), valid(&["request"]));
    act(&mut two.a.node, further(two.b.party.id, RING, matter, "withdraw")).unwrap();
    two.quiet();
    assert_eq!(two.agree(&matter).len(), 6);
    whole(&mut two.a);
    whole(&mut two.b);
}

/// The wrong file first, then the right one: the newer backup is put back after the older.
#[test]
fn a_newer_backup_after_an_older_one_is_followed_back() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    put_back(&mut two.a, &backups[0]);
    two.quiet();
    let fresh = act(&mut two.a.node, request(two.b.party.id, RING)).unwrap().matter;
    two.quiet();
    put_back(&mut two.a, &backups[1]);
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&ALL));
    assert_eq!(two.agree(&fresh), valid(&["request"]));
    whole(&mut two.a);
    whole(&mut two.b);
}

/// Every order of three backups, each twice, with a restart of both after each.
#[test]
fn every_order_of_three_backups_ends_with_one_record() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut two = two();
        let (matter, backups) = story(&mut two);
        for which in order.into_iter().chain(order) {
            put_back(&mut two.a, &backups[which]);
            two.quiet();
            two.restart();
            act(&mut two.a.node, further(two.b.party.id, RING, matter, "remind")).unwrap();
            two.quiet();
            two.agree(&matter);
        }
        assert_eq!(two.agree(&matter).len(), 5 + 6, "{order:?}");
        whole(&mut two.a);
        whole(&mut two.b);
    }
}

/// In no order does it matter that nobody could be reached between two of them.
#[test]
fn epochs_that_nobody_heard_of_are_no_obstacle() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    let unheard = |two: &mut Two, which: usize| {
        put_back(&mut two.a, &backups[which]);
        act(&mut two.a.node, request(two.b.party.id, RING)).unwrap();
    };
    for which in [2, 0, 1] {
        unheard(&mut two, which);
    }
    // It has signed in three epochs, and only of the last does anybody hear.
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&ALL));
    // A backup made in an epoch of which the peer never heard.
    unheard(&mut two, 1);
    let middle = two.a.disk.journal();
    put_back(&mut two.a, &backups[0]);
    two.quiet();
    put_back(&mut two.a, &middle);
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&ALL));
    whole(&mut two.a);
    whole(&mut two.b);
}

/// Both sides, in turn and in any order of their backups.
#[test]
fn both_sides_put_back_older_backups_in_turn() {
    let mut two = two();
    let (a, b) = (two.a.party.id, two.b.party.id);
    let matter = act(&mut two.a.node, request(b, RING)).unwrap().matter;
    two.quiet();
    let mut backups = Vec::new();
    for kind in ["acknowledge", "ask", "status"] {
        backups.push([two.a.disk.journal(), two.b.disk.journal()]);
        act(&mut two.b.node, further(a, RING, matter, kind)).unwrap();
        two.quiet();
        act(&mut two.a.node, further(b, RING, matter, "remind")).unwrap();
        two.quiet();
    }
    for (side, which) in [(0, 2), (1, 1), (0, 0), (1, 2), (1, 0), (0, 1), (1, 1), (0, 2)] {
        let house = if side == 0 { &mut two.a } else { &mut two.b };
        put_back(house, &backups[which][side]);
        two.quiet();
        assert_eq!(two.agree(&matter).len(), 7, "{side} {which}");
        whole(&mut two.a);
        whole(&mut two.b);
    }
}

pub fn stored(house: &House, entry: Entry) -> Vec<String> {
    let rows = house.disk.acts(1, 0, 1 << 40, usize::MAX, false).unwrap();
    rows.into_iter().filter(|row| row.entry == entry).map(|row| row.verdict).collect()
}

/// A newer backup has an act that the peer had never heard of when an older one was put back. In
/// between its author said something else in that place. The act comes too late: it is nobody's,
/// on both sides, and the author may say it again.
#[test]
fn an_act_that_comes_after_the_epoch_that_does_not_have_it_is_nobodys() {
    let mut two = two();
    let b = two.b.party.id;
    let matter = act(&mut two.a.node, request(b, RING)).unwrap().matter;
    two.quiet();
    let older = two.a.disk.journal();
    act(&mut two.a.node, further(b, RING, matter, "remind")).unwrap();
    two.quiet();
    let unsent = act(&mut two.a.node, further(b, RING, matter, "remind")).unwrap();
    let newer = two.a.disk.journal();

    put_back(&mut two.a, &older);
    two.quiet();
    let said = act(&mut two.a.node, further(b, RING, matter, "withdraw")).unwrap();
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&["request", "remind", "withdraw"]));

    put_back(&mut two.a, &newer);
    assert_eq!(stored(&two.a, unsent.entry), ["valid"]);
    two.quiet();
    assert_eq!(stored(&two.a, unsent.entry), ["void-orphaned"]);
    assert_eq!(stored(&two.b, unsent.entry), ["void-orphaned"]);
    assert_eq!(stored(&two.a, said.entry), ["valid"]);
    two.restart();
    two.quiet();
    let kinds = two.agree(&matter);
    // Nor is it in what a person reads of the matter in a dossier. DOS-22.
    let dossier = two.b.node.dossier(&matter).unwrap();
    let late = render(Lang::En, &Say::of("void-orphaned"));
    assert!(dossier.summaries.iter().all(|(_, text)| !text.contains(&late)));
    let counted = kinds.iter().filter(|(_, verdict)| verdict == "valid");
    assert_eq!(counted.count(), 3, "{kinds:?}");
    whole(&mut two.a);
    whole(&mut two.b);
    // And once more the other way round.
    put_back(&mut two.a, &older);
    two.quiet();
    assert_eq!(stored(&two.b, unsent.entry), ["void-orphaned"]);
    assert_eq!(stored(&two.a, unsent.entry), ["void-orphaned"]);
    two.agree(&matter);
    whole(&mut two.a);
    whole(&mut two.b);
}

/// The root folder lies in two copies, and a clock goes back: the number of the new epoch lies
/// below one that the peer knows. The peer shows that one, and a greater number is the way on.
#[test]
fn a_number_below_one_that_the_peer_knows_is_seen_and_mended() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    put_back(&mut two.a, &backups[2]);
    two.quiet();
    let known = channel_row(&two.a.disk, &two.b.party.id, RING).unwrap().epoch;
    // The other copy of the root folder knows nothing of it.
    two.clock.move_by(-1_000_000);
    two.a.last = 1;
    put_back(&mut two.a, &backups[1]);
    let below = channel_row(&two.a.disk, &two.b.party.id, RING).unwrap().epoch;
    assert!(below < known);
    let parcel = two.a.node.outgoing(&two.b.party.id, RING, true).unwrap().unwrap();
    assert_eq!(two.b.node.incoming(&parcel).unwrap_err().code, Code::EpochClosed);
    let word = two.b.node.outgoing(&two.a.party.id, RING, false).unwrap().unwrap();
    let fault = two.a.node.incoming(&word).unwrap_err();
    let what = format!("{}: epoch {known}", two.b.party.id.short());
    assert_eq!((fault.code, fault.at), (Code::StoreBehind, what));
    two.restart();
    let stands = act(&mut two.a.node, request(two.b.party.id, RING)).unwrap_err();
    assert_eq!(stands.code, Code::StoreBehind);
    // Its log ends once more, under a number above that, which the record knows.
    two.a.last = 1;
    let here = two.a.disk.journal();
    put_back(&mut two.a, &here);
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&ALL));
    whole(&mut two.a);
    whole(&mut two.b);
}

/// More ended epochs than one parcel has statements of. REC-49.
#[test]
fn seventy_epochs_are_told_and_regained() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    for round in 0..70 {
        put_back(&mut two.a, &backups[round % 3]);
        if round % 10 == 0 {
            two.quiet();
        }
    }
    for _ in 0..6 {
        two.quiet();
    }
    assert_eq!(two.agree(&matter), valid(&ALL));
    // All in one line, none of which the peer hears of until the last.
    for _ in 0..70 {
        let here = two.a.disk.journal();
        put_back(&mut two.a, &here);
    }
    let parcel = two.a.node.outgoing(&two.b.party.id, RING, true).unwrap().unwrap();
    assert!(parcel.len() < 1024 * 1024, "{}", parcel.len());
    push(&mut two.a.node, &mut two.b.node);
    for _ in 0..4 {
        two.quiet();
    }
    assert_eq!(two.agree(&matter), valid(&ALL));
    let number = channel_row(&two.b.disk, &two.a.party.id, RING).unwrap().number;
    let closings = two.b.disk.closed(number, Owner::Peer).unwrap().closings.len();
    assert!(closings >= 70, "{closings}");
    act(&mut two.a.node, further(two.b.party.id, RING, matter, "withdraw")).unwrap();
    two.quiet();
    assert_eq!(two.agree(&matter).len(), 6);
}

/// However much a peer shows of epochs, the ledger takes a bounded part in a turn: a statement,
/// or so many heads and leaves of one ended epoch. Counted, not timed. REC-49.
#[test]
fn what_is_shown_of_epochs_is_taken_a_turn_at_a_time() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    for backup in &backups {
        for _ in 0..40 {
            act(&mut two.a.node, request(two.b.party.id, RING)).unwrap();
            push(&mut two.a.node, &mut two.b.node);
        }
        put_back(&mut two.a, backup);
        two.quiet();
    }
    put_back(&mut two.a, &backups[0]);
    // The peer's disk, too, so that both logs are shown and statements are taken.
    let older = two.b.disk.journal();
    put_back(&mut two.b, &older);
    let mut most = (0, 0, 0);
    let mut turns = 0;
    for round in 0..12 {
        let (from, to) =
            if round % 2 == 0 { (&mut two.b, &mut two.a) } else { (&mut two.a, &mut two.b) };
        let parcel = from.node.outgoing(&to.party.id, RING, true).unwrap().unwrap();
        let mut opened = to.node.opener().open(&parcel).unwrap();
        let mut before = here(to, &from.party.id);
        loop {
            let done = to.node.take_in(&mut opened, usize::MAX).unwrap().is_some();
            let now = here(to, &from.party.id);
            let step = |one: usize, other: usize| other.saturating_sub(one);
            most.0 = most.0.max(step(before.0, now.0));
            most.1 = most.1.max(step(before.1, now.1));
            most.2 = most.2.max(step(before.2, now.2));
            turns += 1;
            before = now;
            if done {
                break;
            }
        }
    }
    assert_eq!(most.0, 1, "statements");
    assert_eq!(most.1, 32, "heads");
    assert!(most.2 <= 4_096, "leaves: {}", most.2);
    assert!(turns > 20, "{turns}");
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&ALL));
    whole(&mut two.a);
    whole(&mut two.b);
}

/// How much of epochs a store holds: statements, heads and leaves that stand aside of our own log.
fn here(house: &House, peer: &counterpart_record::id::PartyId) -> (usize, usize, usize) {
    let number = channel_row(&house.disk, peer, RING).unwrap().number;
    let own = house.disk.closed(number, Owner::Own).unwrap();
    let peers = house.disk.closed(number, Owner::Peer).unwrap();
    (own.closings.len() + peers.closings.len(), own.heads.len(), own.leaves.len())
}

/// Whoever looks at the record between two turns finds it whole, also where what comes back was
/// signed with keys that were lost as well and come back behind it.
#[test]
fn the_record_is_whole_between_any_two_turns() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    let old = two.a.party.keys.clone();
    let (signed, keys) = newer(&two.a.party);
    two.a.party.keys = keys.clone();
    two.a.node.rekey(keys);
    two.a.node.adopt(&signed).unwrap();
    two.quiet();
    act(&mut two.a.node, further(two.b.party.id, RING, matter, "remind")).unwrap();
    two.quiet();
    two.a.party.keys = old;
    put_back(&mut two.a, &backups[0]);
    push(&mut two.a.node, &mut two.b.node);
    put_back(&mut two.a, &backups[1]);
    let said = two.a.node.outgoing(&two.b.party.id, RING, true).unwrap().unwrap();
    two.b.node.incoming(&said).unwrap();
    let word = two.b.node.outgoing(&two.a.party.id, RING, true).unwrap().unwrap();
    let mut opened = two.a.node.opener().open(&word).unwrap();
    let mut turns = 1;
    while two.a.node.take_in(&mut opened, 1).unwrap().is_none() {
        turns += 1;
        assert_eq!(two.a.node.fsck().unwrap().faults, [], "turn {turns}");
    }
    assert!(turns > 4, "{turns}");
    two.quiet();
    assert_eq!(two.agree(&matter).len(), 6);
}

/// A statement about one of Arcadia's epochs, under any root.
fn statement(two: &Two, root: &RootKeys, of: u64, kept: u64, epoch: u64) -> Vec<u8> {
    let row = channel_row(&two.b.disk, &two.a.party.id, RING).unwrap();
    let log = LogId { channel: row.channel, owner: two.a.party.id, epoch: of };
    let entries = two.b.disk.entries(row.number, Owner::Peer, 0, kept).unwrap();
    let epoch = Epoch {
        by: two.a.party.id,
        old_origin: log.origin(),
        kept,
        root: Frontier::of(entries.iter().map(Entry::leaf)).root(),
        epoch,
        reason: "restored".into(),
        issued_at: 5,
    };
    Control::Epoch(epoch).sign(root).unwrap()
}

/// What a peer says of our epochs counts under our own root alone: it stops nobody, and puts no
/// branch into our log that we did not begin.
#[test]
fn a_peer_that_lies_about_our_epochs_gains_nothing() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    put_back(&mut two.a, &backups[2]);
    two.quiet();
    put_back(&mut two.a, &backups[0]);
    let b = two.b.party.id;
    let said = two.a.node.outgoing(&b, RING, true).unwrap().unwrap();
    two.b.node.incoming(&said).unwrap();
    let forged = statement(&two, &two.b.party.root, 1, 4, 9_999_999_999);
    let word = two.b.node.outgoing(&two.a.party.id, RING, true).unwrap().unwrap();
    let begun = |two: &Two| {
        let number = channel_row(&two.a.disk, &b, RING).unwrap().number;
        two.a.disk.closed(number, Owner::Own).unwrap().closings
    };
    let before = begun(&two);
    let lie = tamper(&word, &two.b.party, &two.a.party, RING, |contents| {
        let unknown = contents.epochs.lost.iter_mut().filter(|ended| !ended.began.is_empty());
        assert_eq!(unknown.map(|ended| ended.began = forged.clone()).count(), 1);
    });
    assert_eq!(two.a.node.incoming(&lie.unwrap()).unwrap_err().code, Code::KidUnknown);
    // What else it brought may be taken, since it is true; nothing follows the lie.
    assert_eq!(begun(&two), before);
    let lie = tamper(&word, &two.b.party, &two.a.party, RING, |contents| {
        contents.epochs.yours = forged.clone();
    });
    two.a.node.incoming(&lie.unwrap()).unwrap();
    act(&mut two.a.node, request(b, RING)).unwrap();
    two.quiet();
    assert_eq!(two.agree(&matter), valid(&ALL));
    whole(&mut two.a);
    whole(&mut two.b);
}

/// Epochs without end are refused, and cost whoever makes them the channel. REC-49.
#[test]
fn the_epochs_of_a_log_have_an_end() {
    let mut two = two();
    let (matter, _) = story(&mut two);
    let channel = ChannelId::between(&two.a.party.id, &two.b.party.id, false);
    let address = Address { sender: two.a.party.id, recipient: two.b.party.id, channel };
    let held = channel_row(&two.b.disk, &two.a.party.id, RING).unwrap().held;
    let mut say = |numbers: std::ops::Range<u64>| {
        let root = &two.a.party.root;
        let all = numbers.clone().map(|number| statement(&two, root, 1, held, number));
        let epochs = Epochs { statements: all.collect(), ..Epochs::default() };
        let contents = Contents { epoch: numbers.end - 1, epochs, ..Contents::default() };
        let (to, random) = (two.b.party.keys.public(RING), two.a.party.random.as_ref());
        let parcel = parcel::seal(&address, to, &contents, random).unwrap();
        two.b.node.incoming(&parcel).map(|_| ()).map_err(|fault| fault.code)
    };
    let each = limits::EPOCH_STATEMENTS as u64;
    assert_eq!(say(2..2 + each + 1), Err(Code::TooLarge), "in one parcel");
    // The first epoch is one of them.
    let most = limits::EPOCHS as u64 + 1;
    for from in (2..most).step_by(each as usize) {
        assert_eq!(say(from..most.min(from + each)), Ok(()), "{from}");
    }
    assert_eq!(say(most..most + 1), Err(Code::TooLarge), "of one log");
    // What was held is there and counts, and the store is whole.
    let kinds = two.b.node.matter(&matter).unwrap().acts;
    assert!(kinds.len() == 5 && kinds.iter().all(|act| act.verdict.text() == "valid"));
    assert_eq!(two.b.node.fsck().unwrap().faults, []);
}
