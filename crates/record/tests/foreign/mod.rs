//! Every parser of foreign bytes as a plain function of bytes, each with a good input: one list for
//! the seeded mutator (`mutate.rs`) and for libFuzzer (`fuzz/`). A parser refuses or it reads. It
//! panics only here, when what it accepted has a second spelling or was never signed.

#![allow(dead_code, reason = "each program that includes it uses its part")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use counterpart_record::attachment::{self, Key};
use counterpart_record::cose::{Sign, Sign1};
use counterpart_record::disclose::Disclosure;
use counterpart_record::dossier::bag::{Bag, check_path};
use counterpart_record::dossier::extension::Extension;
use counterpart_record::dossier::index::{Index, Listed, ListedHead, ListedReceipt};
use counterpart_record::dossier::proven::Proven;
use counterpart_record::head::{Cosignature, Head, LogId};
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};
use counterpart_record::inconsistency::{Inconsistency, Proof};
use counterpart_record::key::{Random, VerifyKey};
use counterpart_record::keys::{Keys, PublicRing, Ring, Role, RootKeys, SoftKeys};
use counterpart_record::log::{self, Climb, Tree};
use counterpart_record::note::{Checkpoint, Note, Verifier};
use counterpart_record::parcel::{self, Address, Carried, Closed, Contents, Epochs};
use counterpart_record::party::{Control, Credential, Desk, RootPublic};
use counterpart_record::payload::{Open, Payload, Seen};
use counterpart_record::statement::{self, Header, Signed, Unverified};
use counterpart_record::strict::cbor::{self, Order};
use counterpart_record::strict::json::{self, Object};
use counterpart_record::{receipt, tile};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// A parser under its name, and what it reads without a fault.
pub struct Parser {
    /// The name of its file in `fuzz/fuzz_targets`.
    pub name: &'static str,
    /// A good input.
    pub good: fn(&World) -> Vec<u8>,
    /// The parser.
    pub parse: fn(&[u8]),
}

const fn of(name: &'static str, good: fn(&World) -> Vec<u8>, parse: fn(&[u8])) -> Parser {
    Parser { name, good, parse }
}

/// All of them.
pub const PARSERS: &[Parser] = &[
    of("cbor", |world| world.statement.bytes.clone(), cbor),
    of("json", |world| world.payload.encode(), json),
    of("payload", |world| world.payload.encode(), payload_keys),
    of("disclosure", |world| world.disclosure.text.clone().into(), disclosure),
    of("origin", |world| world.log.origin().into(), origin),
    of("pem", |world| world.ring().key(Role::Log).to_pem().into(), pem),
    of("bundle", |_| vec![0, 1, 7, 0, 2, 8, 9], bundle),
    of("statement", |world| world.statement.bytes.clone(), statement),
    of("sign1", |world| world.receipt.clone(), sign1),
    of("sign", |world| world.credential.clone(), sign),
    of("control", |world| world.credential.clone(), control),
    of("head", |world| world.head.encode(), head),
    of("cosignature", |world| world.cosignature.encode(), cosignature),
    of("receipt", |world| world.receipt.clone(), receipt),
    of("proof", |world| world.proof.encode(), proof),
    of("parcel", |world| world.parcel.clone(), parcel),
    of("contents", |world| world.contents().encode(&world.log.owner), contents_of_a_parcel),
    of("note", |world| world.head.note(&world.log, world.ring()).into(), note),
    of("checkpoint", |_| b"o\n5\nAAAA\n".to_vec(), checkpoint),
    of("vkey", |world| world.log.verifiers(world.ring())[0].to_vkey().into(), vkey),
    of("index", |world| world.index().to_text().unwrap().into(), index),
    of("extension", |_| extension_of_nine().to_text().into(), extension),
    of("manifest", |_| format!("{}  data/a\n", "00".repeat(32)).into(), manifest),
    of("path", |_| b"data/statements/000001.cose".to_vec(), path),
    of("attachment", |_| sealed().1, attachment),
];

/// Runs one parser by its name.
pub fn run(name: &str, bytes: &[u8]) {
    let parser = PARSERS.iter().find(|parser| parser.name == name);
    (parser.unwrap().parse)(bytes);
}

fn cbor(bytes: &[u8]) {
    if let Ok(value) = cbor::decode(bytes, Order::Deterministic) {
        assert_eq!(cbor::encode(&value), bytes);
    }
    let _ = cbor::decode(bytes, Order::Any);
}

fn json(bytes: &[u8]) {
    if let Ok(value) = json::parse(bytes) {
        assert_eq!(json::parse(value.to_text().as_bytes()).unwrap(), value);
    }
}

fn payload_keys(bytes: &[u8]) {
    if let Ok(payload) = Payload::parse(bytes) {
        assert_eq!(Payload::parse(&payload.encode()).unwrap(), payload);
    }
}

fn disclosure(bytes: &[u8]) {
    let _ = Disclosure::parse(&text(bytes));
}

fn origin(bytes: &[u8]) {
    if let Ok(log) = LogId::parse(&text(bytes)) {
        assert_eq!(log.origin().as_bytes(), bytes);
    }
}

fn pem(bytes: &[u8]) {
    let _ = VerifyKey::from_pem(&text(bytes));
}

fn bundle(bytes: &[u8]) {
    let _ = tile::bundle(bytes);
}

fn statement(bytes: &[u8]) {
    if let Ok(unverified) = Unverified::parse(bytes) {
        let key = world().ring().key(Role::Statement);
        let verified = unverified.verify(key, vec![world().disclosure.clone()], true);
        // Whatever verifies is what was signed.
        assert!(verified.is_err() || bytes == world().statement.bytes);
    }
}

fn sign1(bytes: &[u8]) {
    let _ = Sign1::parse(bytes, Order::Any);
}

fn sign(bytes: &[u8]) {
    let _ = Sign::parse(bytes, Order::Any);
}

/// ML-DSA signs the same words differently each time, so that a good input of another process is
/// not ours byte for byte. It says the same, and has one spelling.
fn control(bytes: &[u8]) {
    let Ok(control) = Control::verify(bytes, None) else { return };
    let ours = &world().credential;
    assert_eq!(control, Control::verify(ours, None).unwrap());
    assert_eq!(bytes.len(), ours.len());
}

fn head(bytes: &[u8]) {
    if let Ok(head) = Head::parse(bytes) {
        assert_eq!(head.encode(), bytes);
    }
}

fn cosignature(bytes: &[u8]) {
    if let Ok(cosignature) = Cosignature::parse(bytes) {
        assert_eq!(cosignature.encode(), bytes);
    }
}

fn receipt(bytes: &[u8]) {
    let (key, entry) = (world().ring().key(Role::Log), Entry([5; 32]));
    assert!(receipt::verify(bytes, key, &entry).is_err());
    let _ = receipt::verify_foreign(bytes, key, &entry);
    // The short way that serves the receipts of one head takes nothing that the long one refuses.
    let known = world().proven.another(bytes, &world().statement.entry, &mut Climb::default());
    if known.is_some_and(|receipt| receipt.is_ok()) {
        receipt::verify(bytes, key, &world().statement.entry).unwrap();
    }
}

fn proof(bytes: &[u8]) {
    if let Ok(proof) = Proof::parse(bytes) {
        assert_eq!(proof.encode(), bytes);
        // Two equal heads convict nobody, and neither does a mutant of them.
        assert!(proof.verify().is_err());
    }
}

fn parcel(bytes: &[u8]) {
    let open = |bytes| Closed::parse(bytes)?.open(Ring::Live, &world().keys);
    // What another process made holds a head that was signed differently; see `control`.
    let Ok(contents) = open(bytes) else { return };
    let ours = open(&world().parcel).unwrap();
    assert_eq!((bytes.len(), contents.acts), (world().parcel.len(), ours.acts));
}

/// What a pinned peer sealed is as foreign as the outside.
fn contents_of_a_parcel(bytes: &[u8]) {
    if let Ok((sender, contents)) = Contents::parse(bytes) {
        assert_eq!(contents.encode(&sender), bytes);
    }
}

fn note(bytes: &[u8]) {
    let _ = Note::parse(bytes).and_then(|note| note.checkpoint());
}

fn checkpoint(bytes: &[u8]) {
    let _ = Checkpoint::parse(&text(bytes));
}

fn vkey(bytes: &[u8]) {
    let _ = Verifier::from_vkey(&text(bytes));
}

fn index(bytes: &[u8]) {
    if let Ok(index) = Index::parse(bytes) {
        assert_eq!(index.to_text().unwrap().as_bytes(), bytes);
    }
}

fn extension(bytes: &[u8]) {
    if let Ok(extension) = Extension::parse(bytes) {
        assert_eq!(extension.to_text().as_bytes(), bytes);
        let _ = extension.verify();
    }
}

/// As the manifest and as the tag manifest of a bag that has little else.
fn manifest(bytes: &[u8]) {
    let tags = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"];
    for name in &tags[2..] {
        let mut files: BTreeMap<String, Vec<u8>> =
            tags.iter().map(|tag| ((*tag).to_owned(), Vec::new())).collect();
        files.insert((*name).to_owned(), bytes.to_vec());
        files.insert("data/a".to_owned(), Vec::new());
        if let Ok(bag) = Bag::open(&files, None) {
            let _ = bag.check(0..bag.digests());
        }
    }
}

fn path(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && check_path(text).is_ok()
    {
        assert!(!text.split('/').any(|part| part.is_empty() || part.starts_with('.')));
        assert!(text.is_ascii() && !text.contains(['\\', '\0', ':']));
    }
}

/// Whatever opens under the root, the key and the digest of an act is what was sealed.
fn attachment(bytes: &[u8]) {
    let (made, good) = sealed();
    let key = Key::from_bytes([5; 32]);
    let opened = attachment::open_all(&made.root, bytes, &key, (4, made.digest));
    assert!(opened.is_err() || bytes == good);
}

fn sealed() -> (attachment::Sealed, Vec<u8>) {
    attachment::seal_all(&Key::from_bytes([5; 32]), b"list").unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn extension_of_nine() -> Extension {
    let tree = Tree::of((0..9).map(|i| [i; 32]));
    let at = |size| (size, tree.root_at(size).unwrap());
    let path = log::prove_consistency(&tree, 3, 9).unwrap();
    Extension { old: at(3), new: at(9), path }
}

/// One number after the other: the same world every time.
struct Counted(AtomicU64);

impl Random for Counted {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.iter_mut().for_each(|byte| *byte = self.0.fetch_add(1, Ordering::Relaxed) as u8);
    }
}

/// The world, made once.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::new)
}

/// The good inputs: what one party says to a peer, with the keys that made it.
pub struct World {
    pub keys: SoftKeys,
    pub log: LogId,
    pub credential: Vec<u8>,
    pub disclosure: Disclosure,
    pub payload: Payload,
    pub statement: Signed,
    pub head: Head,
    pub cosignature: Cosignature,
    pub receipt: Vec<u8>,
    pub proven: Proven,
    pub parcel: Vec<u8>,
    pub proof: Proof,
}

impl World {
    fn new() -> World {
        let dice = Counted(AtomicU64::new(7));
        let keys = SoftKeys::new(&SoftKeys::fresh_seeds(&dice), &[]).unwrap();
        let ring = keys.public(Ring::Live);
        let root = RootKeys::from_seeds(&Zeroizing::new([[1; 32], [2; 32]])).unwrap();
        let (me, peer) = (RootPublic::of(&root).party(), PartyId([9; 32]));
        let channel = ChannelId::between(&me, &peer, false);
        let log = LogId { channel, owner: me, epoch: 1 };
        let credential = credential(&root, &keys);
        let disclosure = Disclosure::new(&[3; 16], "facts", "words".into());
        let payload = payload(&disclosure);
        let header = Header {
            kid: ring.key(Role::Statement).thumbprint(),
            issuer: me,
            audience: peer,
            channel,
            matter: MatterId::of(&channel, &me, &[6; 16]),
            issued_at: 6,
        };
        let disclosures = vec![disclosure.clone()];
        let statement = statement::sign(&header, &payload, disclosures, &keys).unwrap();
        let tree = Tree::of([Entry([5; 32]).leaf(), statement.entry.leaf()]);
        let at = (2, tree.root());
        let head = Head::sign(&log, (0, 2), at.1, 8, Ring::Live, &keys).unwrap();
        let cosignature = Cosignature::sign(&log, at, &peer, 9, Ring::Live, &keys).unwrap();
        let kid = ring.key(Role::Log).thumbprint();
        let path = log::prove_inclusion(&tree, 1, 2).unwrap();
        let receipt = receipt::build(&head, &log, &kid, 1, &path);
        let proven = Proven::first(&receipt, ring.key(Role::Log), &statement.entry).unwrap();
        let address = Address { sender: me, recipient: peer, channel };
        let contents = contents(&statement, &head, &cosignature);
        let parcel = parcel::seal(&address, ring, &contents, &dice).unwrap();
        let what = Inconsistency::TwoRoots(head.clone(), head.clone());
        let proof = Proof { log, drill: false, credential: credential.clone(), what };
        World {
            keys,
            log,
            credential,
            disclosure,
            payload,
            statement,
            head,
            cosignature,
            receipt,
            proven,
            parcel,
            proof,
        }
    }

    pub fn ring(&self) -> &PublicRing {
        self.keys.public(Ring::Live)
    }

    /// What is in the parcel.
    pub fn contents(&self) -> Contents {
        contents(&self.statement, &self.head, &self.cosignature)
    }

    /// An index that names one of everything.
    pub fn index(&self) -> Index<'static> {
        let receipt = ListedReceipt {
            party: self.log.owner,
            file: "receipts/000001-1.cose".into(),
            log_key_file: "keys/b.pem".into(),
            checkpoint_file: "checkpoints/0001.txt".into(),
        };
        Index {
            channel: self.log.channel,
            drill: false,
            matters: vec![MatterId([3; 16])],
            statements: vec![Listed {
                file: "statements/000001.cose".into(),
                entry: self.statement.entry,
                issuer: self.log.owner,
                kid: self.ring().key(Role::Statement).thumbprint(),
                key_file: "keys/a.pem".into(),
                disclosures: Some("disclosures/000001.txt".into()),
                receipts: vec![receipt],
            }],
            checkpoints: vec![ListedHead {
                party: self.log.owner,
                file: "checkpoints/0001.txt".into(),
                origin: self.log.origin().into(),
                size: 2,
                extended: Some("extensions/0001.json".into()),
            }],
            credentials: Vec::new(),
        }
    }
}

fn credential(root: &RootKeys, keys: &SoftKeys) -> Vec<u8> {
    let desk = Desk { names: vec![("en".into(), "Arcadia".into())], ..Desk::default() };
    let credential = Credential::new(root, keys, 1, desk, 5);
    Control::Credential(Box::new(credential)).sign(root).unwrap()
}

fn payload(disclosure: &Disclosure) -> Payload {
    Payload {
        kind: "request".into(),
        rules: "assistance/1".into(),
        epoch: 1,
        seq: 1,
        prev: None,
        seen: Seen { size: 2, root: [4; 32] },
        re: vec![Entry([5; 32])],
        drill: false,
        open: Some(Open { nonce: [6; 16], terms: [0; 32], stream: "fraud".into() }),
        body: Object::default().with("urgency", "urgent"),
        sd: vec![disclosure.digest()],
        late: None,
    }
}

fn contents(statement: &Signed, head: &Head, cosignature: &Cosignature) -> Contents {
    let disclosures = statement.disclosures.iter().map(|each| each.text.clone()).collect();
    Contents {
        heads: vec![head.clone()],
        epoch: 1,
        from: 0,
        entries: vec![statement.entry; 2],
        acts: vec![Carried { statement: statement.bytes.clone(), disclosures }],
        cosignature: Some(cosignature.clone()),
        held: 2,
        yours: None,
        epochs: Epochs::default(),
    }
}
