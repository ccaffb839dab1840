//! Five attacks, each a story that fails. The attacker always has real keys.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

#[path = "attacks/stage.rs"]
mod stage;

use counterpart_engine::{Notice, Verdict};
use counterpart_record::fault::Code;
use counterpart_record::head::{Head, LogId};
use counterpart_record::id::Entry;
use counterpart_record::inconsistency::{Inconsistency, Proof};
use counterpart_record::keys::{Keys as _, Role};
use counterpart_record::limits;
use counterpart_record::log::{Tree, prove_inclusion};
use counterpart_record::parcel::Contents;
use counterpart_record::party::{Control, Revocation};
use counterpart_record::receipt;
use counterpart_rules::say::Lang;
use counterpart_store::{Owner, Store as _};
use counterpart_testbed::cast::{START, further, request};
use counterpart_testbed::disk::{Disk, Write};
use counterpart_testbed::forge::{Forge, channel_row};
use counterpart_testbed::trouble::Trouble;
use stage::{RING, Stage, act, newer_credential, weak_credential};

/// A key is revoked. Whoever still has it signs an act, and its receipt is restated so that the act
/// seems to lie before the revocation.
#[test]
fn an_index_cannot_be_restated_across_a_revocation() {
    let mut stage = Stage::new();
    act(&mut stage.at_a, request(stage.b.id, RING)).unwrap();
    stage.sync_a_to_b();
    let old = stage.a.clone();
    let (newer, keys) = newer_credential(&stage.a, 2);
    stage.at_a.rekey(keys.clone());
    stage.at_a.adopt(&newer).unwrap();
    stage.a.keys = keys;
    let kid = old.keys.public(RING).key(Role::Statement).thumbprint();
    let revocation =
        Revocation { by: old.id, kid, suspected_since: START + 5, issued_at: START + 9 };
    stage.at_a.adopt(&Control::Revocation(revocation).sign(&old.root).unwrap()).unwrap();
    stage.sync_a_to_b();

    // The thief signs with the old key; the log, whose key he has not, even commits to it.
    let stolen = Forge::over(&stage.disk_a, &old, stage.b.id, RING).unwrap();
    let stolen = stolen.request([7; 16], "with a stolen key").unwrap();
    let entry = Entry::of(&stolen.statement);
    let mut log = Forge::over(&stage.disk_a, &stage.a, stage.b.id, RING).unwrap();
    log.commit(vec![stolen], START + 20).unwrap();
    let bytes = log.parcel(&stage.b, &stage.disk_b).unwrap();
    let notices = stage.at_b.incoming(&bytes).unwrap().notices;
    let refused = Notice::Refused { peer: old.id, entry, code: Code::KeyRevoked };
    assert!(notices.contains(&refused), "{notices:?}");

    // Now the receipt: the leaf is at `late`; every restatement of it is refused.
    let row = channel_row(&stage.disk_b, &old.id, RING).unwrap();
    let entries = stage.disk_b.entries(row.number, Owner::Peer, 0, 100).unwrap();
    let head = stage.disk_b.head_newest(row.number, Owner::Peer).unwrap().unwrap();
    let head = Head::parse(&head).unwrap();
    let tree = Tree::of(entries.iter().map(Entry::leaf));
    let late = head.size - 1;
    assert_eq!(entries[late as usize], entry);
    let path = prove_inclusion(&tree, late, head.size).unwrap();
    let key = stage.a.keys.public(RING).key(Role::Log).clone();
    let kid = key.thumbprint();
    let true_one = receipt::build(&head, &log.log(), &kid, late, &path);
    assert_eq!(receipt::verify(&true_one, &key, &entry).unwrap().index, late);
    for index in 0..late {
        let restated = receipt::build(&head, &log.log(), &kid, index, &path);
        let fault = receipt::verify(&restated, &key, &entry).unwrap_err();
        assert_eq!(fault.code, Code::ReceiptWrong, "index {index}");
        // The range is signed: it cannot be widened to make room for another index.
        let wider = Head { prev_size: index, ..head.clone() };
        let restated = receipt::build(&wider, &log.log(), &kid, index, &path);
        assert!(receipt::verify(&restated, &key, &entry).is_err(), "from {index}");
    }
}

/// A withdrawal and an answer cross; the withdrawal comes days later in a bag. One side has erased
/// what was disclosed, the other has been rebuilt by a newer start.
#[test]
fn acts_that_cross_mean_the_same_to_an_erased_and_to_an_upgraded_side() {
    let mut stage = Stage::new();
    let asked = act(&mut stage.at_a, request(stage.b.id, RING)).unwrap();
    let other = act(&mut stage.at_a, request(stage.b.id, RING)).unwrap();
    stage.sync_a_to_b();
    act(&mut stage.at_a, further(stage.b.id, RING, asked.matter, "withdraw")).unwrap();
    let bag = stage.at_a.outgoing(&stage.b.id, RING, true).unwrap().unwrap();
    act(&mut stage.at_b, further(stage.a.id, RING, asked.matter, "answer")).unwrap();
    act(&mut stage.at_b, further(stage.a.id, RING, other.matter, "refuse")).unwrap();
    stage.pass(9 * 86_400);
    stage.at_b.incoming(&bag).unwrap();
    stage.quiet();
    let before = [&stage.at_a, &stage.at_b].map(|node| node.matter(&asked.matter).unwrap());

    // A erases every disclosure; B starts anew and judges everything again.
    let mut writes = stage.disk_a.journal();
    for write in &mut writes {
        if let Write::Commit(batch, _) = write {
            batch.acts.iter_mut().for_each(|act| act.disclosures.clear());
        }
    }
    let erased = Disk::written(&writes).unwrap();
    stage.restart_a(erased);
    stage.restart_b();
    for node in [&stage.at_a, &stage.at_b] {
        assert_eq!(node.fsck().unwrap().faults, []);
    }
    for id in [asked.matter, other.matter] {
        let (left, right) = (stage.at_a.matter(&id).unwrap(), stage.at_b.matter(&id).unwrap());
        assert_eq!(left.state, right.state);
        let voids = |view: &counterpart_engine::view::MatterView| {
            let mut all: Vec<_> =
                view.acts.iter().map(|act| (act.entry, act.verdict.text())).collect();
            all.sort();
            all
        };
        assert_eq!(voids(&left), voids(&right));
        assert!(left.acts.iter().all(|act| act.verdict == Verdict::Valid));
        assert!(left.acts.iter().all(|act| act.erased == 1 && act.disclosed.is_empty()));
        assert!(right.acts.iter().all(|act| act.erased == 0));
    }
    let after = [&stage.at_a, &stage.at_b].map(|node| node.matter(&asked.matter).unwrap());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.state, after.state);
        assert_eq!(after.state.as_ref().unwrap().stage, "withdrawn-and-answered");
    }
}

/// The asking side sleeps on the answer, or dates its heads anew, so that the other seems late.
#[test]
fn nobody_is_made_late_by_sleep_or_by_a_second_head() {
    let mut stage = Stage::new();
    let mut draft = request(stage.b.id, RING);
    draft.body.set("reply_by", START + 1_000);
    let asked = act(&mut stage.at_a, draft.clone()).unwrap();
    let slept_on = act(&mut stage.at_a, draft).unwrap();
    // The first is answered in time, and the answer is taken in only days later.
    stage.sync_a_to_b();
    stage.pass(500);
    act(&mut stage.at_b, further(stage.a.id, RING, asked.matter, "answer")).unwrap();
    let bag = stage.at_b.outgoing(&stage.a.id, RING, true).unwrap().unwrap();
    stage.pass(3 * 86_400);
    stage.at_a.incoming(&bag).unwrap();
    stage.quiet();
    for node in [&stage.at_a, &stage.at_b] {
        let state = node.matter(&asked.matter).unwrap().state.unwrap();
        assert_eq!((state.late_by, state.contested), (None, true), "{state:?}");
        let state = node.matter(&slept_on.matter).unwrap().state.unwrap();
        assert!(state.overdue, "the second is still owed: {state:?}");
    }
    // A request that is held back until after its own date is not due before it is held.
    let mut draft = request(stage.b.id, RING);
    draft.body.set("reply_by", START + 4 * 86_400);
    let held_back = act(&mut stage.at_a, draft).unwrap();
    stage.pass(5 * 86_400);
    stage.quiet();
    let view = stage.at_b.matter(&held_back.matter).unwrap();
    let (held_at, state) = (view.acts[0].held_at.unwrap(), view.state.unwrap());
    assert!(state.due.unwrap() >= held_at && held_at > START + 5 * 86_400, "{state:?}");

    // A second head over the same leaves with another time convicts whoever signed it.
    let before = stage.at_b.matter(&held_back.matter).unwrap().acts[0].logged_at;
    let forge = Forge::over(&stage.disk_a, &stage.a, stage.b.id, RING).unwrap();
    let row = channel_row(&stage.disk_b, &stage.a.id, RING).unwrap();
    let held = stage.disk_b.head_newest(row.number, Owner::Peer).unwrap().unwrap();
    let held = Head::parse(&held).unwrap();
    let mut contents = forge.contents(&stage.disk_b).unwrap();
    let again = forge.head((held.prev_size, held.size), held.root, held.time - 86_400).unwrap();
    contents.heads.push(again);
    let bytes = forge.seal(&contents, &stage.b).unwrap();
    assert_eq!(stage.at_b.incoming(&bytes).unwrap_err().code, Code::HeadOrder);
    assert_eq!(stage.named_by_b(), [stage.a.id]);
    assert_eq!(stage.at_b.matter(&held_back.matter).unwrap().acts[0].logged_at, before);
}

/// Keys that were replaced since sign a second head over what they once covered.
#[test]
fn a_second_head_from_before_a_rotation_convicts_as_well() {
    let mut stage = Stage::new();
    act(&mut stage.at_a, request(stage.b.id, RING)).unwrap();
    stage.quiet();
    let row = channel_row(&stage.disk_b, &stage.a.id, RING).unwrap();
    let held = stage.disk_b.head_newest(row.number, Owner::Peer).unwrap().unwrap();
    let held = Head::parse(&held).unwrap();
    let before = Forge::over(&stage.disk_a, &stage.a, stage.b.id, RING).unwrap();
    let sizes = (held.prev_size, held.size);
    let second = before.head(sizes, held.root, held.time - 86_400).unwrap();
    let (newer, keys) = newer_credential(&stage.a, 2);
    stage.at_a.rekey(keys.clone());
    stage.at_a.adopt(&newer).unwrap();
    stage.a.keys = keys;
    act(&mut stage.at_a, request(stage.b.id, RING)).unwrap();
    stage.quiet();

    let forge = Forge::over(&stage.disk_a, &stage.a, stage.b.id, RING).unwrap();
    let mut contents = forge.contents(&stage.disk_b).unwrap();
    contents.heads.push(second);
    let bytes = forge.seal(&contents, &stage.b).unwrap();
    assert_eq!(stage.at_b.incoming(&bytes).unwrap_err().code, Code::HeadOrder);
    assert_eq!(stage.named_by_b(), [stage.a.id]);
}

/// A backup is restored, and bags from before and after it arrive. Nobody honest is named.
#[test]
fn a_restored_backup_and_an_old_bag_name_nobody() {
    let mut stage = Stage::new();
    let asked = act(&mut stage.at_a, request(stage.b.id, RING)).unwrap();
    stage.sync_a_to_b();
    let backup = stage.disk_b.journal();
    act(&mut stage.at_b, further(stage.a.id, RING, asked.matter, "acknowledge")).unwrap();
    let old_from_b = stage.at_b.outgoing(&stage.a.id, RING, true).unwrap().unwrap();
    act(&mut stage.at_a, further(stage.b.id, RING, asked.matter, "remind")).unwrap();
    let old_from_a = stage.at_a.outgoing(&stage.b.id, RING, true).unwrap().unwrap();
    act(&mut stage.at_b, further(stage.a.id, RING, asked.matter, "ask")).unwrap();
    stage.quiet();

    // B's disk dies; what it has is the backup. Bags of both from before arrive now.
    stage.disk_b = Disk::written(&backup).unwrap();
    stage.restart_b();
    assert!(stage.at_a.incoming(&old_from_b).unwrap().notices.is_empty());
    let _ = stage.at_b.incoming(&old_from_a);
    // The peer's cosignature is on heads that B does not know: it stops, and signs nothing.
    let size = stage.own_size_b();
    let newest = stage.at_a.outgoing(&stage.b.id, RING, true).unwrap();
    let fault = newest.map(|bytes| stage.at_b.incoming(&bytes));
    assert!(fault.is_none_or(|result| result.map_or(true, |taken| taken.notices.is_empty())));
    assert_eq!(stage.own_size_b(), size);
    assert_eq!((stage.named_by_a(), stage.named_by_b()), (vec![], vec![]));

    // What B signs in a new epoch convicts nobody, whatever was signed in the old one.
    let row = channel_row(&stage.disk_a, &stage.b.id, RING).unwrap();
    let heads = stage.disk_a.heads_after(row.number, Owner::Peer, 2, 100).unwrap();
    assert!(!heads.is_empty());
    let forge = Forge::over(&stage.disk_b, &stage.b, stage.a.id, RING).unwrap();
    for old in heads.iter().map(|bytes| Head::parse(bytes).unwrap()) {
        let log = LogId { epoch: 2, ..forge.log() };
        let keys = stage.b.keys.as_ref();
        let sizes = (old.prev_size, old.size);
        let new = Head::sign(&log, sizes, [9; 32], old.time, RING, keys).unwrap();
        for epoch in [1, 2] {
            let proof = Proof {
                log: LogId { epoch, ..log },
                drill: false,
                credential: stage.b.credential.clone(),
                what: Inconsistency::TwoRoots(old.clone(), new.clone()),
            };
            assert_eq!(proof.verify().unwrap_err().code, Code::SignatureWrong);
        }
    }
}

/// A peer commits to poison: nothing of it is taken, the refusal is in the log, and the channel
/// goes on, also after a restart and in front of a third person.
#[test]
fn poison_is_refused_in_the_log_and_the_channel_goes_on() {
    let poisons = [
        (Trouble::DisclosureMissing, Code::DisclosureWrong),
        (Trouble::DisclosureDoubled, Code::DisclosureWrong),
        (Trouble::DisclosureRenamed, Code::DisclosureWrong),
        (Trouble::EscapedKey, Code::JsonMalformed),
        (Trouble::SmallOrder, Code::SignatureWrong),
        (Trouble::ForeignIssuer, Code::IssuerWrong),
    ];
    let mut stage = Stage::new();
    let mut forge = Forge::over(&stage.disk_a, &stage.a, stage.b.id, RING).unwrap();
    let mut refused = Vec::new();
    for (i, (poison, code)) in (10u8..).zip(poisons) {
        let bad = forge.poison([i; 16], poison, stage.b.id).unwrap();
        let good = forge.request([i + 100; 16], "a good one behind it").unwrap();
        let entries = [&bad, &good].map(|act| Entry::of(&act.statement));
        forge.commit(vec![bad, good], START + u64::from(i)).unwrap();
        let bytes = forge.parcel(&stage.b, &stage.disk_b).unwrap();
        let notices = stage.at_b.incoming(&bytes).unwrap().notices;
        let expected = Notice::Refused { peer: stage.a.id, entry: entries[0], code };
        assert!(notices.contains(&expected), "{}: {notices:?}", poison.name());
        let went_on = notices.iter().any(|notice| match notice {
            Notice::Act { entry, verdict, .. } => {
                (*entry, *verdict) == (entries[1], Verdict::Valid)
            }
            _ => false,
        });
        assert!(went_on, "{}: {notices:?}", poison.name());
        refused.push(entries[0].to_string());
        if i % 2 == 0 {
            stage.restart_b();
        }
    }
    // A credential whose statement key is of small order, under good root signatures.
    let weak = weak_credential(&stage.a);
    let entry = Entry::of(&weak.statement);
    forge.commit(vec![weak], START + 60).unwrap();
    let bytes = forge.parcel(&stage.b, &stage.disk_b).unwrap();
    let notices = stage.at_b.incoming(&bytes).unwrap().notices;
    let expected = Notice::Refused { peer: stage.a.id, entry, code: Code::KeyMalformed };
    assert!(notices.contains(&expected), "{notices:?}");
    refused.push(entry.to_string());

    let matters = stage.at_b.matters(100).unwrap();
    for entry in &refused {
        let said = matters.iter().flat_map(|view| &view.acts).filter(|act| {
            act.mine && act.body.get("entry").and_then(|value| value.as_str()) == Some(entry)
        });
        assert_eq!(said.count(), 1, "one logged answer to {entry}");
    }
    // B answers one of the good ones, and a third person believes the dossier.
    let open = matters.iter().find(|view| !view.mine && view.flow.is_some()).unwrap();
    act(&mut stage.at_b, further(stage.a.id, RING, open.matter, "answer")).unwrap();
    assert_eq!(stage.at_b.fsck().unwrap().faults, []);
    let files = stage.at_b.dossier(&open.matter).unwrap().files().unwrap();
    let prints = [stage.a.id.fingerprint(), stage.b.id.fingerprint()];
    let report = counterpart_verify::dossier::check(&files, &prints, 1);
    assert!(report.is_valid(), "{}", report.to_text(Lang::En));
    assert_eq!(stage.named_by_b(), []);
}

/// REC-47: leaves that stand for nothing cost a signature each four thousand, and would cost
/// whoever takes them a row each.
#[test]
fn leaves_without_statements_are_taken_in_turns_and_not_without_end() {
    let mut stage = Stage::new();
    let number = channel_row(&stage.disk_b, &stage.a.id, RING).unwrap().number;
    let mirrored = |stage: &Stage| stage.disk_b.size(number, Owner::Peer).unwrap();
    let before = mirrored(&stage);
    let mut forge = Forge::over(&stage.disk_a, &stage.a, stage.b.id, RING).unwrap();
    // One head over too many.
    forge.commit_to_nothing(limits::HEAD_LEAVES + 1, START + 10).unwrap();
    let bytes = forge.parcel(&stage.b, &stage.disk_b).unwrap();
    assert_eq!(stage.at_b.incoming(&bytes).unwrap_err().code, Code::TooLarge);
    assert_eq!(mirrored(&stage), before);
    // As many as fit into a parcel, under as few heads as may be.
    let mut forge = Forge::over(&stage.disk_a, &stage.a, stage.b.id, RING).unwrap();
    for nth in 1..16 {
        forge.commit_to_nothing(limits::HEAD_LEAVES, START + 10 + nth).unwrap();
    }
    let bytes = forge.parcel(&stage.b, &stage.disk_b).unwrap();
    let mut opened = stage.at_b.opener().open(&bytes).unwrap();
    let mut turns = Vec::new();
    loop {
        let before = mirrored(&stage);
        let done = stage.at_b.take_in(&mut opened, 64).unwrap();
        turns.push(mirrored(&stage) - before);
        if done.is_some() {
            break;
        }
    }
    assert_eq!(turns, [limits::HEAD_LEAVES; 15]);
    // Many small heads: a turn has an end in signatures, too.
    for nth in 0..80 {
        forge.commit_to_nothing(1, START + 100 + nth).unwrap();
    }
    let bytes = forge.parcel(&stage.b, &stage.disk_b).unwrap();
    let mut opened = stage.at_b.opener().open(&bytes).unwrap();
    let mut turns = 1;
    while stage.at_b.take_in(&mut opened, 64).unwrap().is_none() {
        turns += 1;
    }
    assert_eq!((turns, mirrored(&stage)), (3, forge.size()));
    // Further than that it gets with statements alone; nothing of the parcel is kept.
    let there = mirrored(&stage);
    forge.commit_to_nothing(limits::HEAD_LEAVES, START + 200).unwrap();
    forge.commit_to_nothing(limits::HEAD_LEAVES, START + 201).unwrap();
    let contents = forge.contents(&stage.disk_b).unwrap();
    let skip = forge.size() - limits::PARCEL_ENTRIES as u64;
    let entries = contents.entries[(skip - contents.from) as usize..].to_vec();
    let bytes = forge.seal(&Contents { from: skip, entries, ..contents }, &stage.b).unwrap();
    assert!(stage.at_b.incoming(&bytes).unwrap().ask);
    assert_eq!(mirrored(&stage), there);
    stage.restart_b();
    assert_eq!(stage.at_b.fsck().unwrap().faults, []);
}
