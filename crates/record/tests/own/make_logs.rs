//! How the vectors of logs and of what travels were made; see `make.rs`.

use crate::judge::keys;
use crate::make::{Forge, Party, Shelf, TIME, find, one_line, parties, payload};
use crate::vector::Vector;
use counterpart_record::fault::Code;
use counterpart_record::head::{Cosignature, Head, LogId, cosign_verifiers};
use counterpart_record::id::{ChannelId, Entry};
use counterpart_record::inconsistency::{Inconsistency, Proof};
use counterpart_record::keys::{Keys as _, PublicRing, Ring, Role};
use counterpart_record::log::{Tree, prove_inclusion};
use counterpart_record::parcel::{self, Address, Carried, Contents};
use counterpart_record::receipt;
use counterpart_record::seal;
use counterpart_record::strict::cbor::Writer;

/// A log of nine leaves; its last head is official for leaves 4 to 8.
struct Log {
    owner: Party,
    peer: Party,
    id: LogId,
    entries: Vec<Entry>,
    tree: Tree,
}

impl Log {
    fn new() -> Log {
        let (owner, peer) = parties();
        let channel = ChannelId::between(&owner.id, &peer.id, false);
        let id = LogId { channel, owner: owner.id, epoch: 1 };
        let entries: Vec<Entry> = (0..9).map(|i| Entry([i; 32])).collect();
        let tree = Tree::of(entries.iter().map(Entry::leaf));
        Log { owner, peer, id, entries, tree }
    }

    fn head(&self, range: (u64, u64), time: u64) -> Head {
        let root = self.tree.root_at(range.1).unwrap();
        self.head_of(range, root, time)
    }

    fn head_of(&self, range: (u64, u64), root: [u8; 32], time: u64) -> Head {
        Head::sign(&self.id, range, root, time, Ring::Live, &self.owner.keys).unwrap()
    }

    fn ring(&self) -> &PublicRing {
        self.owner.keys.public(Ring::Live)
    }
}

pub fn all() {
    let log = Log::new();
    heads(&log);
    notes(&log);
    cosignatures(&log);
    receipts(&log);
    parcels(&log);
    inconsistencies(&log);
}

fn heads(log: &Log) {
    let context = vec![("origin", log.id.origin()), ("beside", "control/whole.txt".into())];
    let shelf = Shelf::new("head", context);
    let good = log.head((4, 9), TIME);
    shelf.take("whole", "a head over leaves 4 to 8", "REC-21: three signatures", good.encode());
    let good = Head::parse(&Vector::read("head/whole.txt").body).unwrap();
    let three = "REC-21: an Ed25519 line, an ML-DSA-44 line and the receipt signature, all valid";
    let refuse = |name, code, what, why, change: &dyn Fn(&mut Head)| {
        let mut bad = good.clone();
        change(&mut bad);
        shelf.refuse(name, code, what, why, bad.encode());
    };
    let wrong = Code::SignatureWrong;
    refuse("ed25519-altered", wrong, "a bit of the Ed25519 line", three, &|h| h.ed25519[9] ^= 1);
    refuse("ml-dsa-altered", wrong, "a bit of the ML-DSA line", three, &|h| h.ml_dsa[9] ^= 1);
    refuse("receipt-altered", wrong, "a bit of the receipts'", three, &|h| h.receipt[9] ^= 1);
    refuse("another-time", wrong, "a second later", "the ML-DSA line holds the time", &|h| {
        h.time += 1;
    });
    refuse(
        "range-restated",
        wrong,
        "from leaf 3",
        "the receipts' signature holds the range",
        &|h| {
            h.prev_size = 3;
        },
    );
    refuse("ml-dsa-left-out", wrong, "no ML-DSA line", three, &|h| h.ml_dsa.clear());
    let order = "REC-22: a head is official for at least one leaf";
    refuse("over-nothing", Code::HeadOrder, "from 9 to 9", order, &|h| h.prev_size = 9);
    let small = log.head_of((0, 1), log.entries[0].leaf(), TIME).encode();
    let two = "REC-23: the first two leaves come together";
    shelf.refuse("of-one-leaf", Code::HeadOrder, "a tree of one leaf", two, small);
    let other = LogId { epoch: 2, ..log.id }.origin();
    let told = ["held against the log of the next epoch", "REC-20: the origin names the epoch"];
    shelf.refuse_in("of-another-epoch", wrong, told, ("origin", &other));
}

fn notes(log: &Log) {
    let head = log.head((4, 9), TIME);
    let at = (head.size, head.root);
    let peer = &log.peer;
    let by = Cosignature::sign(&log.id, at, &peer.id, TIME, Ring::Live, &peer.keys).unwrap();
    let theirs = peer.keys.public(Ring::Live);
    let note = head.note(&log.id, log.ring()) + &by.lines(&peer.id, theirs);
    let mut context = Vec::new();
    for verifier in log.id.verifiers(log.ring()) {
        context.push(("vkey", verifier.to_vkey()));
    }
    for verifier in cosign_verifiers(&peer.id, theirs) {
        context.push(("vkey", verifier.to_vkey()));
    }
    let shelf = Shelf { context, ..Shelf::plain("note") };
    shelf.take("whole", "a head with both parties' lines", "each line is its key's", note);
    let whole = String::from_utf8(Vector::read("note/whole.txt").body).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let without = |gone: usize| {
        let kept = lines.iter().enumerate().filter(|(i, _)| *i != gone);
        kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    let each = "C2SP signed-note: a line of each key that is asked for";
    for (gone, name) in [(4, "no-ed25519"), (5, "no-ml-dsa"), (6, "no-cosignature"), (7, "no-last")]
    {
        shelf.refuse(name, Code::SignatureWrong, "one line is left out", each, without(gone));
    }
    let size = whole.replacen("\n9\n", "\n8\n", 1);
    shelf.refuse("another-size", Code::SignatureWrong, "the size is 8", each, size);
    let (form, malformed) = ("C2SP tlog-checkpoint: origin, size, root", Code::NoteMalformed);
    let zero = whole.replacen("\n9\n", "\n09\n", 1);
    shelf.refuse("size-with-a-zero", malformed, "the size is 09", form, zero);
    let cut = lines[..4].join("\n") + "\n";
    shelf.refuse("no-lines", malformed, "no signature at all", form, cut);
    let returned = whole.replacen('\n', "\r\n", 1);
    shelf.refuse("carriage-return", malformed, "a carriage return", form, returned);
    let blank = whole.replacen("\n\n", "\n", 1);
    shelf.refuse("no-blank-line", malformed, "text and lines run together", form, blank);
}

fn cosignatures(log: &Log) {
    let peer = &log.peer;
    // A credential of the peer goes along, by which its lines are checked.
    let beside = Shelf::new("control", Vec::new());
    let of_peer = "the peer's credential, for the vectors of its cosignatures";
    beside.take("of-the-peer", of_peer, "nothing is wrong with it", peer.credential_bytes());
    let shelf = Shelf::new(
        "cosignature",
        vec![
            ("origin", log.id.origin()),
            ("by", peer.id.to_string()),
            ("beside", "control/of-the-peer.txt".into()),
        ],
    );
    let at = (9, log.tree.root());
    let good = Cosignature::sign(&log.id, at, &peer.id, TIME, Ring::Live, &peer.keys).unwrap();
    let both = "an Ed25519 and an ML-DSA-44 line over origin, size, root and time";
    shelf.take("whole", "the word of the peer that the log only grew", both, good.encode());
    let good = Cosignature::parse(&Vector::read("cosignature/whole.txt").body).unwrap();
    let refuse = |name, what, change: &dyn Fn(&mut Cosignature)| {
        let mut bad = good.clone();
        change(&mut bad);
        shelf.refuse(name, Code::SignatureWrong, what, both, bad.encode());
    };
    refuse("another-size", "the size is 8", &|c| c.size = 8);
    refuse("another-root", "a bit of the root differs", &|c| c.root[0] ^= 1);
    refuse("another-time", "a second later", &|c| c.time += 1);
    refuse("ed25519-altered", "a bit of the Ed25519 line differs", &|c| c.ed25519[9] ^= 1);
    refuse("ml-dsa-altered", "a bit of the ML-DSA line differs", &|c| c.ml_dsa[9] ^= 1);
    let behind = [&good.encode()[..], &[0]].concat();
    let form = "deterministic CBOR ends where it ends";
    shelf.refuse("a-byte-behind", Code::CborMalformed, "one byte after the end", form, behind);
    let other = LogId { epoch: 2, ..log.id }.origin();
    let told = ["held against the log of the next epoch", both];
    shelf.refuse_in("of-another-epoch", Code::SignatureWrong, told, ("origin", &other));
}

fn receipts(log: &Log) {
    let key = log.ring().key(Role::Log);
    let shelf = Shelf::new(
        "receipt",
        vec![
            ("key", one_line(key)),
            ("entry", log.entries[6].to_string()),
            ("beside", "head/whole.txt".into()),
        ],
    );
    let head = Head::parse(&Vector::read("head/whole.txt").body).unwrap();
    let path = |index| prove_inclusion(&log.tree, index, 9).unwrap();
    let kid = key.thumbprint();
    let whole = receipt::build(&head, &log.id, &kid, 6, &path(6));
    shelf.take("whole", "leaf 6 of 9", "RFC 9942, REC-24, REC-25", whole.clone());
    let refuse = |name, code, what, why, body: Vec<u8>| shelf.refuse(name, code, what, why, body);
    let range = "REC-25: the index lies in the range that is signed";
    let wrong = Code::ReceiptWrong;
    let moved = receipt::build(&head, &log.id, &kid, 3, &path(3));
    refuse("before-the-range", wrong, "a proof of leaf 3", range, moved);
    let proof = |size: u64, index: u64| {
        let mut writer = Writer::new();
        writer.array(3).uint(size).uint(index).array(path(6).len());
        for hash in path(6) {
            writer.bytes(&hash);
        }
        writer.finish()
    };
    let at = find(&whole, &proof(9, 6));
    let restated = |size, index| {
        let mut bytes = whole.clone();
        let proof = proof(size, index);
        bytes[at..at + proof.len()].copy_from_slice(&proof);
        bytes
    };
    let size = "REC-25: the proof is of the size that is signed";
    refuse("another-size", wrong, "a proof in a tree of 10", size, restated(10, 6));
    let leads = "the path leads to the root that is signed";
    let signature = Code::SignatureWrong;
    refuse("another-index", signature, "the same path for leaf 7", leads, restated(9, 7));
    let mut path_altered = whole.clone();
    path_altered[at + 9] ^= 1;
    refuse("path-altered", signature, "a bit of a hash differs", leads, path_altered);
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    refuse("signature-altered", signature, "a bit of S differs", leads, flipped);
    let other = log.owner.keys.public(Ring::Drill).key(Role::Log).thumbprint();
    let named = "REC-24: label 4 names the key of the log";
    let kid = receipt::build(&head, &log.id, &other, 6, &path(6));
    refuse("names-another-key", Code::KidUnknown, "label 4 is another key's", named, kid);
    let earlier = log.head((4, 9), TIME - 1);
    let earlier = receipt::build(&earlier, &log.id, &key.thumbprint(), 6, &path(6));
    let rests = "REC-25: it rests on the checkpoint of its origin, size, root and time";
    refuse("of-another-time", wrong, "a second before its head", rests, earlier);
    let wide = log.head((2, 9), TIME);
    let wide = receipt::build(&wide, &log.id, &key.thumbprint(), 6, &path(6));
    refuse("of-another-range", wrong, "signed from leaf 2 on", rests, wide);
    let told = ["held against another entry", leads];
    shelf.refuse_in("of-another-leaf", signature, told, ("entry", &log.entries[5].to_string()));
}

fn parcels(log: &Log) {
    let Log { owner, peer, .. } = log;
    let shelf = Shelf::new("parcel", vec![("keys", "40".into())]);
    let recipient = keys(40);
    let ring = recipient.public(Ring::Live);
    let address = Address { sender: owner.id, recipient: peer.id, channel: log.id.channel };
    let act = Carried { statement: Forge::new(owner, peer).sign(owner), ..carried() };
    let contents = Contents {
        heads: vec![log.head((4, 9), TIME)],
        epoch: 1,
        from: 4,
        entries: log.entries[4..].to_vec(),
        acts: vec![act],
        held: 2,
        ..Contents::default()
    };
    let whole = parcel::seal(&address, ring, &contents, &Same).unwrap();
    shelf.take("whole", "one act under one head", "nothing is wrong with it", whole);
    let whole = Vector::read("parcel/whole.txt").body;
    let by_hand = |inside: &[u8], pad: u8, stated: usize, size: usize| {
        let mut plain = (stated as u32).to_be_bytes().to_vec();
        plain.extend_from_slice(inside);
        plain.resize(size, pad);
        sealed(&address, ring, &plain)
    };
    let inside = contents.encode(&owner.id);
    let size = (inside.len() + 4).next_power_of_two();
    let hand = by_hand(&inside, 0, inside.len(), size);
    shelf.take("by-hand", "the same, put together by hand", "the next ones are made so", hand);
    let malformed = Code::ParcelMalformed;
    let zeros = "REC-32: the padding is zeros";
    let padded = by_hand(&inside, 1, inside.len(), size);
    shelf.refuse("padding-of-ones", malformed, "ones after the contents", zeros, padded);
    let class = "REC-31: zeros up to a size class";
    let loose = by_hand(&inside, 0, inside.len(), size + 1);
    shelf.refuse("not-a-size-class", malformed, "one zero too many", class, loose);
    let long = by_hand(&inside, 0, size, size);
    shelf.refuse("length-beyond-the-end", malformed, "the length is the whole's", class, long);
    let other = contents.encode(&peer.id);
    let sender = by_hand(&other, 0, other.len(), size);
    let same = "REC-32: the sender inside is the sender outside";
    shelf.refuse(
        "another-sender-inside",
        Code::SenderWrong,
        "the recipient sends it",
        same,
        sender,
    );
    let behind = [&inside[..], &[0]].concat();
    let behind = by_hand(&behind, 0, behind.len(), size);
    let form = "deterministic CBOR ends where it ends";
    shelf.refuse("a-byte-behind", Code::CborMalformed, "one byte after the contents", form, behind);
    let mut altered = whole.clone();
    *altered.last_mut().unwrap() ^= 1;
    let sealed = "REC-30: sealed by HPKE with the address in its info";
    shelf.refuse("altered", Code::SealBroken, "a bit of the tag differs", sealed, altered);
    let mut readdressed = whole.clone();
    readdressed[find(&whole, &log.id.channel.0)] ^= 1;
    let told = "the channel outside differs";
    shelf.refuse("readdressed", Code::SealBroken, told, sealed, readdressed);
    let mut magic = whole.clone();
    magic[21] = b'2';
    shelf.refuse("another-version", malformed, "counterpart/parcel/2", "version 1", magic);
    let told = ["opened with the keys of another recipient", sealed];
    shelf.refuse_in("to-another", Code::ParcelNotForUs, told, ("keys", "70"));
}

/// Sealed by hand, so that the inside can be anything.
fn sealed(address: &Address, ring: &PublicRing, plain: &[u8]) -> Vec<u8> {
    let (suite, kid) = (seal::SUITE, ring.seal_kid());
    let info = [
        "counterpart/parcel/1".as_bytes(),
        &[0],
        &address.sender.0,
        &address.recipient.0,
        &address.channel.0,
        &kid.0,
    ];
    let sealed = seal::seal(suite, ring.seal(), &info.concat(), b"", plain.to_vec(), &Same);
    let (enc, ciphertext) = sealed.unwrap();
    let mut writer = Writer::new();
    writer.array(8).text("counterpart/parcel/1").array(3);
    writer.uint(suite.kem.into()).uint(suite.kdf.into()).uint(suite.aead.into());
    writer.bytes(&address.sender.0).bytes(&address.recipient.0).bytes(&address.channel.0);
    writer.bytes(&kid.0).bytes(&enc).bytes(&ciphertext);
    writer.finish()
}

fn carried() -> Carried {
    Carried { statement: Vec::new(), disclosures: crate::make::disclosure().text }
}

/// The same bytes each time.
struct Same;

impl counterpart_record::key::Random for Same {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(5);
    }
}

fn inconsistencies(log: &Log) {
    let shelf = Shelf::new("inconsistency", vec![("names", log.owner.id.to_string())]);
    let credential = Vector::read("control/whole.txt").body;
    let proof = |what: Inconsistency| {
        Proof { log: log.id, drill: false, credential: credential.clone(), what }.encode()
    };
    let head = |range, fill: u8, time| log.head_of(range, [fill; 32], time);
    let act = |change: &dyn Fn(&mut Forge)| {
        let mut forge = Forge::new(&log.owner, &log.peer);
        change(&mut forge);
        forge.sign(&log.owner)
    };
    let one = act(&|_| ());
    let two = act(&|f| {
        let mut payload = payload();
        payload.body.set("urgency", "normal");
        f.payload = payload.encode();
    });
    use Inconsistency::{Forked, TwoActs, TwoOfficialHeads, TwoRoots};
    let why = "REC-40: two signed things of one party that cannot both be true";
    let whole = proof(TwoRoots(head((4, 9), 3, TIME), head((4, 9), 4, TIME)));
    shelf.take("whole", "two heads of one size with two roots", why, whole.clone());
    let official = TwoOfficialHeads(head((2, 5), 3, TIME), head((4, 7), 4, TIME + 1));
    shelf.take("two-official-heads", "both are official for leaf 4", why, proof(official));
    let forked = Forked(head((0, 3), 9, TIME), log.head((3, 9), TIME + 1), log.entries.clone());
    shelf.take("forked", "the larger log does not begin with the smaller", why, proof(forked));
    shelf.take("two-acts", "two acts in one place", why, proof(TwoActs(one.clone(), two.clone())));
    let wrong = Code::ProofWrong;
    let honest = "REC-40: both can be true, and nobody is named";
    let refuse =
        |name, what, bad: Inconsistency| shelf.refuse(name, wrong, what, honest, proof(bad));
    let (first, next) = (head((2, 5), 3, TIME), head((5, 7), 4, TIME + 1));
    refuse("one-head-twice", "the same head twice", TwoRoots(first.clone(), first.clone()));
    refuse("two-sizes", "two roots of two sizes", TwoRoots(first.clone(), next.clone()));
    refuse("one-after-the-other", "ranges that meet", TwoOfficialHeads(first.clone(), next));
    let grown = Forked(log.head((0, 3), TIME), log.head((3, 9), TIME + 1), log.entries.clone());
    refuse("grown", "the larger log begins with the smaller", grown);
    refuse("one-act-twice", "the same act twice", TwoActs(one.clone(), one.clone()));
    let mut altered = first.clone();
    altered.root = [9; 32];
    let forged = proof(TwoRoots(first, altered));
    let signed = "REC-40: both are signed by the party that is named";
    shelf.refuse("never-signed", Code::SignatureWrong, "one root is forged", signed, forged);
    let drill = crate::make::replace(&whole, b"/1\x00\x59", b"/1\x02\x59");
    let form = "one spelling: the drill byte is 0 or 1";
    shelf.refuse("drill-byte-of-two", Code::StructureWrong, "the drill byte is 2", form, drill);
    let more = [&whole[..whole.len() - 1], &[0x41, 7]].concat();
    let form = "one spelling: leaves are whole, and only beside a fork";
    shelf.refuse("part-of-a-leaf", Code::StructureWrong, "one byte of a leaf", form, more);
}
