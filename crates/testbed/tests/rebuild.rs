//! What follows from acts and heads is damaged on the disk: it is noticed, and made again from
//! them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

use counterpart_engine::{Draft, Node};
use counterpart_record::attachment::Layout;
use counterpart_record::fault::Code;
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::apart::{Correspondent, ENTERED, Entered, HOW, RULES};
use counterpart_rules::form::{Attached, Attachment};
use counterpart_store::{Batch, Place, Store as _};
use counterpart_testbed::cast::{Party, TestClock, further, request};
use counterpart_testbed::disk::{Disk, Write};
use counterpart_testbed::files::attach;

const RING: Ring = Ring::Live;

fn push(from: &mut Node, to: &mut Node) {
    let Some(parcel) = from.outgoing(&to.party(), RING, false).unwrap() else { return };
    let (_, reply) = to.respond(&parcel).unwrap();
    if let Some(reply) = reply {
        from.incoming(&reply).unwrap();
    }
}

/// Arcadia's disk after three hundred acts, so that there are kept subtrees, and their answers.
fn lived() -> (Party, Vec<Write>) {
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock).unwrap();
    let disk = Disk::new().unwrap();
    let mut at_a = a.found(Box::new(disk.clone())).unwrap();
    let mut at_b = b.in_memory().unwrap();
    a.enrol(&mut at_a, &b).unwrap();
    b.enrol(&mut at_b, &a).unwrap();
    let now = at_a.now(RING);
    for number in 0..300 {
        let mut draft = request(b.id, RING);
        draft.body.set("reply_by", now + 1_000 + number);
        at_a.submit(draft).unwrap();
    }
    let first = at_a.ledger().unwrap().remove(0).1.unwrap();
    push(&mut at_a, &mut at_b);
    at_b.submit(further(a.id, RING, first.matter, "acknowledge")).unwrap();
    at_b.ledger().unwrap();
    push(&mut at_b, &mut at_a);
    // What was read for the docket goes to the disk with the next act.
    assert_eq!(at_a.waiting().unwrap().0, 300);
    at_a.submit(request(b.id, RING)).unwrap();
    at_a.ledger().unwrap();
    (a, disk.journal())
}

/// ATT-8: the index of what acts attach follows from them.
#[test]
fn what_acts_attach_is_found_again_and_what_was_erased_is_not() {
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock).unwrap();
    let disk = Disk::new().unwrap();
    let (mut at_a, mut at_b) = (a.found(Box::new(disk.clone())).unwrap(), b.in_memory().unwrap());
    a.enrol(&mut at_a, &b).unwrap();
    b.enrol(&mut at_b, &a).unwrap();
    let root = |n: u8| format!("{n:02x}").repeat(32);
    let mut draft = request(b.id, RING);
    let rows = [1, 2].map(|n| {
        let row = Object::default().with("what", "order").with("size", 1072u64);
        Value::from(row.with("root", root(n)))
    });
    draft.body.set("attachments", Value::Array(rows.to_vec()));
    at_a.submit(draft).unwrap();
    let matter = at_a.ledger().unwrap().remove(0).1.unwrap().matter;
    push(&mut at_a, &mut at_b);
    let named = |node: &Node| node.named().unwrap().len();
    assert_eq!((named(&at_a), named(&at_b)), (2, 2));
    assert_eq!(at_b.awaited(&a.id, false).unwrap().len(), 2);
    // To each what the other may ask for, and nothing else.
    let first = (at_a.may_fetch(&b.id, &[1; 32]), at_b.may_fetch(&a.id, &[1; 32]));
    assert_eq!((first.0.unwrap(), first.1.unwrap()), (Some(1072), None));
    let first = (at_a.may_offer(&b.id, &[1; 32]), at_b.may_offer(&a.id, &[1; 32]));
    assert_eq!((first.0.unwrap(), first.1.unwrap()), (None, Some(1072)));
    assert_eq!(at_a.may_fetch(&b.id, &[3; 32]).unwrap(), None);
    at_a.note_taken(&b.id, &[1; 32]).unwrap();
    assert_eq!(at_a.open_to(&b.id, RING).unwrap(), [([2; 32], 1072)]);
    let mut writes = disk.journal();
    let open = |writes: &[Write]| Node::load(Box::new(Disk::written(writes).unwrap()), a.seams());
    let rebuilt = open(&writes).unwrap().rebuild().unwrap();
    assert_eq!((rebuilt.attachments, rebuilt.differed), (2, 0), "{rebuilt:?}");
    for write in &mut writes {
        if let Write::Commit(batch, _) = write {
            batch.attachments.clear();
        }
    }
    let mut lost = open(&writes).unwrap();
    assert_eq!(named(&lost), 0);
    assert_eq!(lost.rebuild().unwrap().differed, 2);
    assert_eq!((named(&lost), lost.rebuild().unwrap().differed), (2, 0));
    // Erased: nobody may have them any more, and no rebuild brings them back. ATT-10.
    at_a.submit(further(b.id, RING, matter, "withdraw")).unwrap();
    at_a.ledger().unwrap();
    push(&mut at_a, &mut at_b);
    assert_eq!(at_a.erase(&matter).unwrap().attachments, 2);
    assert_eq!(at_a.may_fetch(&b.id, &[1; 32]).unwrap(), None);
    let rebuilt = at_a.rebuild().unwrap();
    assert_eq!((named(&at_a), rebuilt.attachments, rebuilt.differed), (0, 0, 0));
    at_b.erase(&matter).unwrap();
    assert!(at_b.awaited(&a.id, false).unwrap().is_empty());
    assert_eq!(at_b.may_offer(&a.id, &[1; 32]).unwrap(), None);
}

/// ATT-8, COR-2: the same of a partner without a node, where a scan of what came by hand is named
/// inside an act of ours.
#[test]
fn what_acts_of_a_one_sided_log_attach_is_found_again_row_by_row() {
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let disk = Disk::new().unwrap();
    let mut node = a.found(Box::new(disk.clone())).unwrap();
    let names = vec![("en".into(), "Cascadia".into())];
    let cascadia = Correspondent { names, ..Correspondent::default() };
    let who = node.add_correspondent(&cascadia).unwrap();
    let file = |n: u8| {
        let size = Layout::of_content(5).unwrap().sealed();
        let named = Attachment { what: "evidence".into(), size, root: [n; 32] };
        let (key, digest, name) = ([n; 32], [n; 32], "a scan".to_owned());
        (named, Attached { key, digest, bytes: 5, name, media: None })
    };
    let mut draft = request(who, RING);
    assert!(attach(&mut draft, &[file(1), file(2)]));
    node.submit(draft).unwrap();
    let asked = node.ledger().unwrap().remove(0).1.unwrap();
    clock.move_by(60);
    let mut came = further(who, RING, asked.matter, "answer");
    assert!(attach(&mut came, &[file(3)]));
    let entered = Entered {
        how: HOW[0].to_owned(),
        received_at: node.now(RING),
        rules: came.rules,
        kind: came.kind,
        fields: came.body,
    };
    let (rules, kind) = (RULES.to_owned(), ENTERED.to_owned());
    node.submit(Draft { rules, kind, body: entered.body(), ..came }).unwrap();
    node.ledger().unwrap().remove(0).1.unwrap();
    let rows = |disk: &Disk| {
        let channels = disk.load().unwrap().channels;
        channels.iter().flat_map(|row| disk.attachments(row.number).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(rows(&disk).len(), 3);
    assert_eq!(node.rebuild().unwrap().differed, 0);
    let mut writes = disk.journal();
    for write in &mut writes {
        if let Write::Commit(batch, _) = write {
            batch.attachments.clear();
        }
    }
    let lost = Disk::written(&writes).unwrap();
    assert_eq!(rows(&lost), []);
    let rebuilt = Node::load(Box::new(lost.clone()), a.seams()).unwrap().rebuild().unwrap();
    assert_eq!((rebuilt.attachments, rebuilt.differed), (3, 3));
    assert_eq!(rows(&lost), rows(&disk));
}

#[test]
fn what_is_derived_is_made_again_and_the_truth_is_not_guessed() {
    let (a, writes) = lived();
    let open = |writes: &[Write]| Node::load(Box::new(Disk::written(writes).unwrap()), a.seams());
    let rebuilt = open(&writes).unwrap().rebuild().unwrap();
    assert!(rebuilt.subtrees >= 2 && rebuilt.places > 300 && rebuilt.verdicts > 300, "{rebuilt:?}");
    assert_eq!(rebuilt.differed, 0);

    let mut damaged = writes.clone();
    let (mut verdicts, mut places) = (0, 0);
    for write in &mut damaged {
        let Write::Commit(batch, _) = write else { continue };
        for act in batch.acts.iter_mut().filter(|act| act.matter.is_some()).take(1) {
            act.verdict = "void-seen".into();
            verdicts += 1;
        }
        for leaf in batch.mirror.iter_mut().filter(|leaf| leaf.place != Place::Missing).take(1) {
            leaf.place = Place::Own(0);
            places += 1;
        }
    }
    assert!(verdicts > 0 && places > 0);
    let mut node = open(&damaged).unwrap();
    assert!(!node.fsck().unwrap().faults.is_empty());
    let rebuilt = node.rebuild().unwrap();
    assert!(rebuilt.differed >= verdicts, "{rebuilt:?}");
    assert_eq!(node.fsck().unwrap().faults, []);
    assert_eq!(node.rebuild().unwrap().differed, 0);

    // Acts themselves are the truth: what is wrong there is named and nothing is made up.
    let mut broken = writes;
    for write in &mut broken {
        let Write::Commit(batch, _) = write else { continue };
        if let Some(act) = batch.acts.iter_mut().find(|act| act.matter.is_some()) {
            act.statement.truncate(20);
        }
    }
    let refused = open(&broken).and_then(|mut node| node.rebuild()).unwrap_err();
    assert_eq!(refused.code, Code::StoreDamaged);
    assert!(refused.to_string().contains("leaf"), "the place is named: {refused}");
}

/// What happens to what a commit wrote.
type Damage = fn(&mut Batch);

/// What stands beside logs and heads is held to them: it is named, and nothing is made up for it.
#[test]
fn cosignatures_times_and_the_own_list_are_checked_too() {
    let (a, writes) = lived();
    let open = |writes: &[Write]| Node::load(Box::new(Disk::written(writes).unwrap()), a.seams());
    assert_eq!(open(&writes).unwrap().fsck().unwrap().faults, []);
    let later: Damage = |batch| {
        batch.acts.iter_mut().for_each(|act| act.logged_at += 8_640_000);
    };
    let cases: [(&str, Damage); 4] = [
        ("cosignature", |batch| batch.cosignatures.clear()),
        ("time of leaf", later),
        ("own list", |batch| batch.controls.iter_mut().for_each(|one| one.entry.0[7] ^= 1)),
        ("cosignature", |batch| {
            let all = batch.cosignatures.iter_mut();
            all.for_each(|one| one.bytes.last_mut().into_iter().for_each(|byte| *byte ^= 1));
        }),
    ];
    for (word, damage) in cases {
        let mut damaged = writes.clone();
        for write in &mut damaged {
            if let Write::Commit(batch, _) = write {
                damage(batch);
            }
        }
        let mut node = open(&damaged).unwrap();
        let named = node.fsck().unwrap().faults;
        assert!(named.iter().any(|fault| fault.to_string().contains(word)), "{word}: {named:?}");
        assert!(node.rebuild().is_err(), "{word}");
    }
}

/// CLK-33: the docket is a hint that follows from the record; it is of no consequence when it is
/// lost, and made again when it is wrong.
#[test]
fn a_docket_that_is_lost_or_wrong_is_made_again_from_the_acts() {
    let (a, writes) = lived();
    let open = |writes: &[Write]| Node::load(Box::new(Disk::written(writes).unwrap()), a.seams());
    let dockets = |writes: &mut Vec<Write>, change: fn(&mut Batch)| {
        let commits = writes.iter_mut().filter_map(|write| match write {
            Write::Commit(batch, _) if batch.docket.is_some() => Some(batch),
            _ => None,
        });
        commits.map(|batch| change(batch)).count()
    };
    let mut kept = open(&writes).unwrap();
    let due = kept.due(false, usize::MAX).unwrap();
    assert_eq!(kept.waiting().unwrap(), (301, 0));
    assert!(due.len() >= 300, "{}", due.len());
    assert_eq!(kept.due(false, 7).unwrap(), due[..7], "the first of them, without the others");

    let mut lost = writes.clone();
    assert_eq!(dockets(&mut lost, |batch| batch.docket = None), 1);
    assert_eq!(open(&lost).unwrap().due(false, usize::MAX).unwrap(), due);

    // Written by another program, which may have read the acts otherwise.
    let mut other = writes.clone();
    dockets(&mut other, |batch| {
        let docket = batch.docket.as_mut().unwrap();
        docket.mark.program = "another".into();
        docket.open.truncate(3);
    });
    assert_eq!(open(&other).unwrap().due(false, usize::MAX).unwrap(), due);

    let mut wrong = writes;
    dockets(&mut wrong, |batch| batch.docket.as_mut().unwrap().open.truncate(3));
    let mut node = open(&wrong).unwrap();
    assert!(node.due(false, usize::MAX).unwrap().len() < due.len());
    assert!(node.rebuild().unwrap().differed > 250);
    assert_eq!(node.due(false, usize::MAX).unwrap(), due);
    assert_eq!(node.rebuild().unwrap().differed, 0);
}
