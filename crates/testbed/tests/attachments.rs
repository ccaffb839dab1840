//! What an old backup and an erasure mean for the sealed bytes beside the acts, between two nodes
//! on real disks: what comes back and from whom, what goes and when, and who is told nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

use counterpart_engine::haul::{Ask, Hand, Note, Offer, Reply};
use counterpart_engine::{Logged, Node};
use counterpart_record::attachment::open_all;
use counterpart_record::fault::Code;
use counterpart_record::hash::Hash;
use counterpart_record::keys::Ring;
use counterpart_rules::form::{Attached, Attachment};
use counterpart_store::{Blobs, Presence};
use counterpart_testbed::cast::{Party, TestClock, further, request};
use counterpart_testbed::disk::{Disk, Write};
use counterpart_testbed::files::{attach, fetch_all, seal};
use counterpart_testbed::restore::{end_epochs, restored};
use counterpart_testbed::scratch::Scratch;
use std::sync::Arc;

const RING: Ring = Ring::Live;

struct House {
    party: Party,
    disk: Disk,
    node: Node,
    folder: Scratch,
    last: u64,
}

impl House {
    fn new(name: &'static str, seed: u64, clock: &Arc<TestClock>) -> House {
        let party = Party::new(name, seed, clock.clone()).unwrap();
        let (disk, folder) = (Disk::new().unwrap(), Scratch::new());
        let mut node = party.found(Box::new(disk.clone())).unwrap();
        node.keep_blobs(Blobs::at(folder.path()));
        House { party, disk, node, folder, last: 1 }
    }

    fn blobs(&self) -> &Blobs {
        self.node.blobs().unwrap()
    }

    /// Asks a peer with files beside the request.
    fn asks(&mut self, peer: &House, contents: &[&[u8]]) -> (Logged, Vec<(Attachment, Attached)>) {
        let seal = |content: &&[u8]| {
            seal(self.blobs(), self.party.random.as_ref(), "evidence", content).unwrap()
        };
        let sealed: Vec<_> = contents.iter().map(seal).collect();
        let mut draft = request(peer.party.id, RING);
        assert!(attach(&mut draft, &sealed));
        self.node.submit(draft).unwrap();
        (self.node.ledger().unwrap().remove(0).1.unwrap(), sealed)
    }

    fn says(&mut self, peer: &House, asked: &Logged, kind: &str) {
        self.node.submit(further(peer.party.id, RING, asked.matter, kind)).unwrap();
        self.node.ledger().unwrap().remove(0).1.unwrap();
    }

    fn holds(&self, one: &(Attachment, Attached), content: &[u8]) -> bool {
        let (named, opening) = one;
        if self.blobs().presence(&named.root, named.size) != Presence::Whole {
            return false;
        }
        let sealed = self.blobs().read(&named.root, 0, named.size).unwrap();
        let key = counterpart_record::attachment::Key::from_bytes(opening.key);
        let promised = (opening.bytes, opening.digest);
        open_all(&named.root, &sealed, &key, promised).unwrap() == content
    }

    fn backup(&self) -> (Vec<Write>, Vec<(String, Vec<u8>)>) {
        (self.disk.journal(), self.folder.files().unwrap())
    }

    /// The disk died; the backup is put back, and every log ends and goes on.
    fn restore(&mut self, (writes, files): &(Vec<Write>, Vec<(String, Vec<u8>)>)) {
        self.folder.put_back(files).unwrap();
        let (disk, mut node) = restored(writes, &self.party).unwrap();
        node.keep_blobs(Blobs::at(self.folder.path()));
        end_epochs(&mut node, &self.party, &mut self.last).unwrap();
        (self.disk, self.node) = (disk, node);
    }
}

fn two() -> (House, House) {
    let clock = TestClock::new();
    let (mut a, mut b) = (House::new("Arcadia", 1, &clock), House::new("Borealis", 2, &clock));
    meet(&mut a, &mut b);
    (a, b)
}

fn push(from: &mut House, to: &mut House) {
    let sent = from.node.outgoing(&to.party.id, RING, false).unwrap();
    let Some(parcel) = sent else { return };
    let (_, reply) = to.node.respond(&parcel).unwrap();
    if let Some(reply) = reply {
        from.node.incoming(&reply).unwrap();
    }
}

fn quiet(a: &mut House, b: &mut House) {
    for _ in 0..6 {
        push(a, b);
        push(b, a);
        a.party.clock.move_by(60);
    }
}

fn meet(a: &mut House, b: &mut House) {
    a.party.enrol(&mut a.node, &b.party).unwrap();
    b.party.enrol(&mut b.node, &a.party).unwrap();
    quiet(a, b);
}

/// Gives a peer what is owed to it, as a node does that nobody can call.
fn offer_all(from: &mut House, to: &mut House) -> Vec<Hash> {
    let (me, peer) = (from.party.id, to.party.id);
    let (mut hand, mut given) = (Hand::default(), Vec::new());
    for (root, size) in from.node.owed(&peer).unwrap() {
        let mut ask = |ask: Ask| {
            let size = to.node.admit(&me, &root, &ask).unwrap();
            let answered = hand.answer(to.node.blobs().unwrap(), &root, size, ask);
            if let Some(note) = answered.note {
                to.node.note_hauled(&me, &root, note).unwrap();
            }
            match answered.reply.unwrap() {
                Reply::Held(held) => held,
                other => panic!("{other:?}"),
            }
        };
        let held = ask(Ask::Held);
        let mut offer = Offer::new(size, held).unwrap();
        while let Some((first, until)) = offer.next(70_000) {
            let bytes = from.node.blobs().unwrap().read(&root, first, until).unwrap();
            offer.held(ask(Ask::Write { from: first, bytes })).unwrap();
        }
        from.node.note_hauled(&peer, &root, Note::Taken).unwrap();
        given.extend((held < size).then_some(root));
    }
    given
}

/// ATT-11: the key of a file comes back with its act, and the sealed bytes after it, in whichever
/// direction the two can call.
#[test]
fn own_files_that_an_old_backup_lacks_come_back_from_the_peer() {
    for offered in [false, true] {
        let (mut a, mut b) = two();
        let before = a.asks(&b, &[b"from before the backup"]);
        quiet(&mut a, &mut b);
        fetch_all(&mut b.node, &mut a.node).unwrap();
        let backup = a.backup();
        let content = vec![7; 150_000];
        let (asked, after) = a.asks(&b, &[&content, b"small"]);
        quiet(&mut a, &mut b);
        assert_eq!(fetch_all(&mut b.node, &mut a.node).unwrap().len(), 2);
        // Of one that Borealis never had, nobody has the bytes any more.
        let (_, never) = a.asks(&b, &[b"never fetched"]);
        quiet(&mut a, &mut b);

        a.restore(&backup);
        assert!(a.holds(&before.1[0], b"from before the backup"));
        assert!(!a.holds(&after[0], &content));
        quiet(&mut a, &mut b);
        assert!(a.node.matter(&asked.matter).is_ok(), "the act is back");
        if offered {
            assert_eq!(offer_all(&mut b, &mut a), [after[0].0.root, after[1].0.root]);
            assert_eq!(offer_all(&mut b, &mut a), Vec::<Hash>::new(), "said once, and not again");
            assert_eq!(b.node.owed(&a.party.id).unwrap(), []);
        } else {
            let missing = fetch_all(&mut a.node, &mut b.node).unwrap_err();
            assert_eq!(missing.code, Code::AttachmentMissing);
        }
        assert!(a.holds(&after[0], &content) && a.holds(&after[1], b"small"));
        assert!(!a.holds(&never[0], b"never fetched"));
        // And Borealis can fetch again what it loses in turn.
        b.blobs().remove(&after[0].0.root).unwrap();
        assert!(fetch_all(&mut b.node, &mut a.node).is_err(), "the one that nobody has");
        assert!(b.holds(&after[0], &content));
    }
}

/// ATT-11: whoever lost what was given to it is given it again by a node that it cannot call.
#[test]
fn a_peer_that_restored_an_old_backup_is_offered_again_what_it_had() {
    let (mut a, mut b) = two();
    let backup = b.backup();
    let (_, sealed) = a.asks(&b, &[b"an order"]);
    quiet(&mut a, &mut b);
    assert_eq!(offer_all(&mut a, &mut b), [sealed[0].0.root]);
    assert_eq!(a.node.owed(&b.party.id).unwrap(), []);
    b.restore(&backup);
    quiet(&mut a, &mut b);
    assert!(!b.holds(&sealed[0], b"an order"));
    assert_eq!(offer_all(&mut a, &mut b), [sealed[0].0.root]);
    assert!(b.holds(&sealed[0], b"an order"));
    assert_eq!(a.node.owed(&b.party.id).unwrap(), []);
}

/// ATT-10, REC-44: a backup brings back sealed bytes that were erased after it was made. They go
/// with the words, when the act comes back that says so, and not some day later.
#[test]
fn files_that_were_erased_after_the_backup_go_again_at_once() {
    let (mut a, mut b) = two();
    let (asked, sealed) = a.asks(&b, &[b"a page"]);
    quiet(&mut a, &mut b);
    fetch_all(&mut b.node, &mut a.node).unwrap();
    b.says(&a, &asked, "refuse");
    quiet(&mut a, &mut b);
    let backup = a.backup();
    assert_eq!(a.node.erase(&asked.matter).unwrap().attachments, 1);
    assert_eq!(a.folder.files().unwrap(), []);
    quiet(&mut a, &mut b);
    a.restore(&backup);
    assert!(a.holds(&sealed[0], b"a page"), "the backup has it");
    quiet(&mut a, &mut b);
    assert_eq!(a.folder.files().unwrap(), []);
    assert_eq!(a.node.named().unwrap(), []);
    assert_eq!(fetch_all(&mut a.node, &mut b.node).unwrap(), Vec::<Hash>::new());
    // Borealis keeps its own house.
    assert!(b.holds(&sealed[0], b"a page"));
}

/// ATT-8: a root stands in clear in an act; whoever names it in an act of its own gets nothing by
/// it, and neither does a third party that only knows it.
#[test]
fn naming_the_file_of_another_gives_nobody_its_bytes() {
    let (mut a, mut b) = two();
    let clock = a.party.clock.clone();
    let mut c = House::new("Caldera", 3, &clock);
    meet(&mut c, &mut b);
    let (asked, sealed) = a.asks(&b, &[b"for Borealis alone"]);
    quiet(&mut a, &mut b);
    fetch_all(&mut b.node, &mut a.node).unwrap();
    let (root, size) = (sealed[0].0.root, sealed[0].0.size);
    let all = [Ask::Read { from: 0, to: size }, Ask::Taken, Ask::Held];
    let refused = |b: &mut House, ask: &Ask| b.node.admit(&c.party.id, &root, ask).unwrap_err();
    for ask in &all {
        assert_eq!(refused(&mut b, ask).code, Code::AttachmentMissing);
    }
    // Its own node would not: what it names has to be there (ATT-9).
    let mut draft = request(b.party.id, RING);
    attach(&mut draft, &sealed);
    assert_eq!(c.node.submit(draft.clone()).unwrap_err().code, Code::AttachmentMissing);
    let mut other = Node::load(Box::new(c.disk.clone()), c.party.seams()).unwrap();
    other.submit(draft).unwrap();
    other.ledger().unwrap().remove(0).1.unwrap();
    let parcel = other.outgoing(&b.party.id, RING, false).unwrap().unwrap();
    b.node.respond(&parcel).unwrap();
    for ask in &all[..2] {
        assert_eq!(refused(&mut b, ask).code, Code::AttachmentMissing);
    }
    // Nor does its naming them keep the bytes when the matter is erased. ATT-10.
    b.says(&a, &asked, "refuse");
    quiet(&mut a, &mut b);
    b.node.erase(&asked.matter).unwrap();
    assert_eq!(b.folder.files().unwrap(), []);
    for ask in &all[..2] {
        assert_eq!(refused(&mut b, ask).code, Code::AttachmentMissing);
    }
}
