//! How the vectors of acts and of what parties sign were made: a good one, and copies of it in
//! which one thing is wrong and everything else, signatures included, is right.

use crate::judge::{code, judge, keys, verdict};
use crate::vector::{Vector, folder};
use base64ct::{Base64, Encoding as _};
use counterpart_record::attachment::{self, Key};
use counterpart_record::cose;
use counterpart_record::disclose::{Disclosure, digest_text};
use counterpart_record::dossier::extension::Extension;
use counterpart_record::dossier::index::{Index, Listed, ListedHead, ListedReceipt};
use counterpart_record::fault::Code;
use counterpart_record::head::LogId;
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId, hex};
use counterpart_record::keys::{Keys as _, Ring, Role, RootKeys, SoftKeys};
use counterpart_record::log::{Tree, prove_consistency};
use counterpart_record::party::{
    Accreditation, Control, Credential, Desk, Epoch, Revocation, RootPublic,
};
use counterpart_record::payload::{Open, Payload, Seen};
use counterpart_record::strict::cbor::Writer;
use counterpart_record::strict::json::{self, Object, Value};
use zeroize::Zeroizing;

pub const TIME: u64 = 1_800_000_000;

/// A kind of vector: what each file of it says besides its own story.
pub struct Shelf {
    pub kind: &'static str,
    pub context: Vec<(&'static str, String)>,
    pub plain: bool,
}

impl Shelf {
    pub fn new(kind: &'static str, context: Vec<(&'static str, String)>) -> Shelf {
        Shelf { kind, context, plain: false }
    }

    /// For kinds that are text.
    pub fn plain(kind: &'static str) -> Shelf {
        Shelf { kind, context: Vec::new(), plain: true }
    }

    /// One that is taken.
    pub fn take(&self, name: &str, what: &str, why: &str, body: impl Into<Vec<u8>>) {
        self.put(name, what, why, None, &self.context, body.into());
    }

    /// One that is refused, made from the one called `from`.
    pub fn refuse(&self, name: &str, code: Code, what: &str, why: &str, body: impl Into<Vec<u8>>) {
        let from = ("whole", code);
        self.put(name, what, why, Some(from), &self.context, body.into());
    }

    /// As [`Shelf::refuse`], with the bytes of `whole` held against something else.
    pub fn refuse_in(&self, name: &str, code: Code, told: [&str; 2], member: (&str, &str)) {
        let mut context = self.context.clone();
        let place = context.iter_mut().find(|(key, _)| *key == member.0).unwrap();
        place.1 = member.1.to_owned();
        let body = Vector::read(&format!("{}/whole.txt", self.kind)).body;
        self.put(name, told[0], told[1], Some(("whole", code)), &context, body);
    }

    fn put(
        &self,
        name: &str,
        what: &str,
        why: &str,
        from: Option<(&str, Code)>,
        context: &[(&'static str, String)],
        body: Vec<u8>,
    ) {
        let path = format!("{}/{name}.txt", self.kind);
        if folder().join(&path).exists() {
            return;
        }
        let mut header = vec![
            ("kind".to_owned(), self.kind.to_owned()),
            ("what".to_owned(), what.to_owned()),
            ("why".to_owned(), why.to_owned()),
            ("made by".to_owned(), "crates/record/tests/own/make.rs, format 0.1.0".to_owned()),
        ];
        let context = context.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        header.extend(context);
        let form = if self.plain { "text" } else { "base64" };
        header.push(("body".to_owned(), form.to_owned()));
        let mut vector = Vector { path, header, body };
        let found = verdict(&judge(&vector));
        // What is expected stands in this file; the place alone is taken from the reader.
        assert_eq!(code(&found), from.map(|(_, code)| code), "{}: {found}", vector.path);
        vector.header.insert(1, ("verdict".to_owned(), found));
        if let Some((from, _)) = from {
            vector.header.insert(5, ("from".to_owned(), format!("{}/{from}.txt", self.kind)));
        }
        vector.write_once();
    }
}

/// One of two parties that do not exist.
pub struct Party {
    pub root: RootKeys,
    pub keys: SoftKeys,
    pub id: PartyId,
    pub credential: Credential,
}

impl Party {
    pub fn new(seed: u8, first: u8, name: &str) -> Party {
        let root = RootKeys::from_seeds(&Zeroizing::new([[seed; 32], [seed + 1; 32]])).unwrap();
        let keys = keys(first);
        let desk = Desk { names: vec![("en".into(), name.into())], ..Desk::default() };
        let credential = Credential::new(&root, &keys, 1, desk, TIME);
        Party { id: credential.party, root, keys, credential }
    }

    pub fn credential_bytes(&self) -> Vec<u8> {
        Control::Credential(Box::new(self.credential.clone())).sign(&self.root).unwrap()
    }
}

/// Arcadia writes, Borealis reads.
pub fn parties() -> (Party, Party) {
    (Party::new(1, 10, "Arcadia"), Party::new(5, 40, "Borealis"))
}

pub fn all() {
    let (a, b) = parties();
    statements(&a, &b);
    payloads();
    disclosures();
    controls(&a, &b);
    indexes(&a, &b);
    extensions();
    attachments();
}

pub fn one_line(key: &counterpart_record::key::VerifyKey) -> String {
    Base64::encode_string(&key.to_spki())
}

pub fn disclosure() -> Disclosure {
    Disclosure::new(&[3; 16], "facts", "The account was used at the time stated.".into())
}

pub fn payload() -> Payload {
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
        sd: vec![disclosure().digest()],
        late: None,
    }
}

/// A statement taken apart, put together again with whatever was changed, and signed.
pub struct Forge {
    pub tag: u64,
    pub algorithm: i64,
    pub content: &'static str,
    pub kid: Vec<u8>,
    pub issuer: String,
    pub subject: String,
    pub audience: String,
    pub kind: &'static str,
    pub more: bool,
    pub unprotected: bool,
    pub payload: Vec<u8>,
}

impl Forge {
    pub fn new(author: &Party, reader: &Party) -> Forge {
        let channel = ChannelId::between(&author.id, &reader.id, false);
        let matter = MatterId::of(&channel, &author.id, &[6; 16]);
        let key = author.keys.public(Ring::Live).key(Role::Statement);
        Forge {
            tag: cose::TAG_SIGN1,
            algorithm: -8,
            content: "application/json",
            kid: key.thumbprint().0.to_vec(),
            issuer: author.id.urn(),
            subject: channel.subject(&matter),
            audience: reader.id.urn(),
            kind: "application/counterpart-statement+cose",
            more: false,
            unprotected: false,
            payload: payload().encode(),
        }
    }

    pub fn sign(&self, author: &Party) -> Vec<u8> {
        let mut header = Writer::new();
        header.map(5 + usize::from(self.more)).int(1).int(self.algorithm);
        header.int(3).text(self.content).int(4).bytes(&self.kid);
        header.int(15).map(4).int(1).text(&self.issuer).int(2).text(&self.subject);
        header.int(3).text(&self.audience).int(6).uint(TIME).int(16).text(self.kind);
        if self.more {
            header.int(17).int(1);
        }
        let protected = header.finish();
        let message = cose::sign1_bytes(&protected, b"", &self.payload);
        let signature = author.keys.sign(Ring::Live, Role::Statement, &message).unwrap();
        let mut writer = Writer::new();
        writer.tag(self.tag).array(4).bytes(&protected).map(usize::from(self.unprotected));
        if self.unprotected {
            writer.int(4).int(1);
        }
        writer.bytes(&self.payload).bytes(&signature);
        writer.finish()
    }
}

fn statements(a: &Party, b: &Party) {
    let key = a.keys.public(Ring::Live).key(Role::Statement);
    let other = a.keys.public(Ring::Drill).key(Role::Statement);
    let shelf = Shelf::new(
        "statement",
        vec![
            ("key", one_line(key)),
            ("author", a.id.to_string()),
            ("reader", b.id.to_string()),
            ("epoch", "1".into()),
            ("disclosure", disclosure().text),
        ],
    );
    let forged = |change: &dyn Fn(&mut Forge)| {
        let mut forge = Forge::new(a, b);
        change(&mut forge);
        forge.sign(a)
    };
    let whole = forged(&|_| ());
    shelf.take("whole", "an act as it travels", "nothing is wrong with it", whole.clone());
    let fully = forged(&|f| f.algorithm = -19);
    shelf.take("ed25519-by-its-own-number", "label 1 is -19", "REC-11: readers take -19", fully);
    let refuse = |name, code, what, why, body| shelf.refuse(name, code, what, why, body);
    let closed = "REC-11: the protected header is a closed set";
    let more = forged(&|f| f.more = true);
    refuse("one-parameter-more", Code::HeaderNotClosed, "label 17 is there too", closed, more);
    let content = forged(&|f| f.content = "text/plain");
    refuse("other-content-type", Code::HeaderNotClosed, "label 3 is text/plain", closed, content);
    let algorithm = forged(&|f| f.algorithm = -7);
    refuse("other-algorithm", Code::AlgorithmUnknown, "label 1 is -7", closed, algorithm);
    let kind = forged(&|f| f.kind = "application/counterpart-receipt+cose");
    refuse("type-of-a-receipt", Code::TypeWrong, "label 16 is that of a receipt", closed, kind);
    let tag = forged(&|f| f.tag = 98);
    let form = "REC-10: a COSE_Sign1 with an empty unprotected map";
    refuse("tag-of-cose-sign", Code::StructureWrong, "the tag is 98", form, tag);
    let open = forged(&|f| f.unprotected = true);
    refuse("unprotected-header", Code::StructureWrong, "label 4 is unprotected", form, open);
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let strict = "REC-10: the signature is that of the key";
    refuse("signature-altered", Code::SignatureWrong, "one bit of S differs", strict, flipped);
    let strict = "the key verifies strictly: S is below the order of the group (RFC 8032)";
    let larger = with_larger_s(&whole);
    refuse("s-plus-the-order", Code::SignatureWrong, "S + L instead of S", strict, larger);
    let kid = forged(&|f| f.kid = other.thumbprint().0.to_vec());
    let named = "REC-11: label 4 names the key that signed";
    refuse("names-another-key", Code::KidUnknown, "label 4 is another key's", named, kid);
    let long = [&whole[..2], &[0x5a, 0, 0], &whole[3..]].concat();
    let shortest = "REC-10: deterministic CBOR, lengths as short as they can be";
    assert_eq!(whole[2], 0x59, "a protected header of more than 255 bytes");
    refuse("length-not-shortest", Code::CborMalformed, "a length of four bytes", shortest, long);
    let behind = [&whole[..], &[0]].concat();
    refuse("a-byte-behind", Code::CborMalformed, "one byte after the end", shortest, behind);
    of_another_place(&shelf, a, b);
}

/// Whole, and not of the log that they are held against.
fn of_another_place(shelf: &Shelf, a: &Party, b: &Party) {
    let forged = |change: &dyn Fn(&mut Forge)| {
        let mut forge = Forge::new(a, b);
        change(&mut forge);
        forge.sign(a)
    };
    let refuse = |name, code, what, why, body| shelf.refuse(name, code, what, why, body);
    let matter = forged(&|f| f.subject = f.subject[..f.subject.len() - 1].to_owned() + "0");
    let nonce = "REC-14: the matter of an opening act follows from its nonce";
    refuse("matter-of-another-nonce", Code::ChannelWrong, "the matter differs", nonce, matter);
    let drill = payload_of(|p| p.drill = true);
    let drill = forged(&|f| f.payload = drill.clone());
    let ring = "REC-14: the drill byte is that of the log";
    refuse("an-exercise-on-the-live-ring", Code::DrillDiffers, "drill is true", ring, drill);
    let epoch = payload_of(|p| p.epoch = 2);
    let epoch = forged(&|f| f.payload = epoch.clone());
    let of_log = "REC-14: the epoch is that of the log";
    refuse("another-epoch", Code::EpochDiffers, "epoch is 2 in a log of epoch 1", of_log, epoch);
    let sd = payload_of(|p| p.sd.push([9; 32]));
    let sd = forged(&|f| f.payload = sd.clone());
    let one = "REC-16: disclosures match the digests one to one";
    refuse("disclosure-missing", Code::DisclosureWrong, "one digest more", one, sd);
    let strange = Disclosure::new(&[4; 16], "facts", "Something else.".into()).text;
    shelf.refuse_in(
        "disclosure-strange",
        Code::DisclosureWrong,
        ["the disclosure is another one", one],
        ("disclosure", &strange),
    );
    shelf.refuse_in(
        "for-another-reader",
        Code::AudienceWrong,
        ["held against the log of a third party", "REC-14: the audience reads it"],
        ("reader", &PartyId([7; 32]).to_string()),
    );
    shelf.refuse_in(
        "by-another-author",
        Code::IssuerWrong,
        ["held against the log of a third party", "REC-14: the issuer owns the log"],
        ("author", &PartyId([7; 32]).to_string()),
    );
}

/// The same signature to a reader who does not ask whether S is below the order L of the group.
fn with_larger_s(statement: &[u8]) -> Vec<u8> {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = statement.to_vec();
    let from = bytes.len() - 32;
    let mut carry = 0;
    for (byte, more) in bytes[from..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    bytes
}

fn payload_of(change: impl Fn(&mut Payload)) -> Vec<u8> {
    let mut payload = payload();
    change(&mut payload);
    payload.encode()
}

fn payloads() {
    let shelf = Shelf::plain("payload");
    let whole = String::from_utf8(payload().encode()).unwrap();
    shelf.take("whole", "the payload of an opening act", "nothing is wrong with it", whole.clone());
    let next = payload_of(|p| {
        (p.seq, p.prev, p.open) = (2, Some(Entry([8; 32])), None);
        p.late = Some(Object::default().with("how", "by phone"));
    });
    shelf.take("next", "a second act, said to be late", "REC-13: late is reserved", next);
    let digest = digest_text(&disclosure().digest());
    let twice = format!("\"{digest}\",\"{digest}\"");
    let keys = "REC-13: the keys are a closed set";
    let json = "RFC 8259 and RFC 7493: strict JSON, so that two readers never differ";
    let (json_code, wrong) = (Code::JsonMalformed, Code::PayloadWrong);
    for (name, code, what, why, from, to) in [
        ("one-key-more", wrong, "a key more", keys, "{\"v\":1", "{\"note\":1,\"v\":1"),
        ("another-version", wrong, "v is 2", keys, "\"v\":1", "\"v\":2"),
        ("seq-from-zero", wrong, "seq is 0", "REC-13: seq counts from 1", "\"seq\":1", "\"seq\":0"),
        (
            "second-without-first",
            wrong,
            "seq is 2 and prev null",
            "REC-13: prev is null exactly when seq is 1",
            "\"seq\":1",
            "\"seq\":2",
        ),
        ("other-digests", wrong, "_sd_alg is sha-1", keys, "\"sha-256\"", "\"sha-1\""),
        ("seen-without-root", wrong, "root renamed", keys, "\"root\"", "\"roof\""),
        ("drill-a-number", wrong, "drill is 0", keys, "\"drill\":false", "\"drill\":0"),
        ("kind-in-capitals", wrong, "kind is Request", keys, "\"request\"", "\"Request\""),
        ("name-twice", json_code, "v twice", json, "{\"v\":1", "{\"v\":1,\"v\":1"),
        (
            "name-twice-after-unescaping",
            json_code,
            "kind again, one letter escaped",
            json,
            "{\"v\":1",
            "{\"k\\u0069nd\":\"x\",\"v\":1",
        ),
        ("fraction", json_code, "v is 1.0", json, "\"v\":1", "\"v\":1.0"),
        ("minus-zero", json_code, "v is -0", json, "\"v\":1", "\"v\":-0"),
        (
            "too-large",
            json_code,
            "epoch is 2^53",
            json,
            "\"epoch\":1",
            "\"epoch\":9007199254740992",
        ),
        ("lone-surrogate", json_code, "half a pair", json, "\"urgent\"", "\"\\ud800\""),
        ("comma-too-many", json_code, "a comma at the end", json, "}", ",}"),
        ("too-deep", json_code, "nine levels", json, "\"urgent\"", "[[[[[[[1]]]]]]]"),
        ("byte-order-mark", json_code, "begins with U+FEFF", json, "{\"v\":1", "\u{feff}{\"v\":1"),
    ] {
        assert!(whole.contains(from), "{name}");
        shelf.refuse(name, code, what, why, whole.replacen(from, to, 1));
    }
    let doubled = whole.replacen(&format!("\"{digest}\""), &twice, 1);
    let once = "each digest stands once";
    shelf.refuse("digest-twice", wrong, "one digest twice", once, doubled);
}

fn disclosures() {
    let shelf = Shelf::plain("disclosure");
    let whole = disclosure().text;
    shelf.take(
        "whole",
        "a text beside a statement",
        "RFC 9901: salt, name, value",
        whole.clone() + "\n",
    );
    let of = |array: &str| {
        let text = Base64::encode_string(array.as_bytes());
        text.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned() + "\n"
    };
    let salt = "AwMDAwMDAwMDAwMDAwMDAw";
    let rfc = "RFC 9901 section 4.2.1: salt, name and value";
    let wrong = Code::DisclosureWrong;
    let refuse = |name, what, why, body: String| shelf.refuse(name, wrong, what, why, body);
    let short = of("[\"AwMD\",\"facts\",1]");
    refuse("short-salt", "a salt of four characters", "128 bits keep it from being guessed", short);
    refuse("reserved-name", "the name is _sd", rfc, of(&format!("[\"{salt}\",\"_sd\",1]")));
    refuse("dots-for-a-name", "the name is ...", rfc, of(&format!("[\"{salt}\",\"...\",1]")));
    refuse("no-name", "an element of an array", rfc, of(&format!("[\"{salt}\",1]")));
    refuse("an-object", "not an array", rfc, of("{}"));
    refuse("padded", "= at the end", "base64url without padding", whole.clone() + "==\n");
    let loose = of(&format!("[\"{salt}\",\"facts\",1.5]"));
    refuse("a-fraction", "the value is 1.5", "strict JSON: integers alone", loose);
}

fn controls(a: &Party, b: &Party) {
    let shelf = Shelf::new("control", Vec::new());
    let whole = a.credential_bytes();
    shelf.take("whole", "a credential", "the root pair inside it gives the party id", whole);
    let whole = Vector::read("control/whole.txt").body;
    let under = Shelf::new("control", vec![("beside", "control/whole.txt".into())]);
    let signed = |control: Control| control.sign(&a.root).unwrap();
    let accreditation = Control::Accreditation(Accreditation {
        by: a.id,
        peer: b.id,
        credential: Entry([9; 32]),
        compared: "voice".into(),
        issued_at: TIME,
    });
    let kid = a.keys.public(Ring::Live).key(Role::Statement).thumbprint();
    let log = LogId { channel: ChannelId::between(&a.id, &b.id, false), owner: a.id, epoch: 1 };
    let revocation = Revocation { by: a.id, kid, suspected_since: TIME, issued_at: TIME };
    let epoch = Epoch {
        by: a.id,
        old_origin: log.origin(),
        kept: 7,
        root: [3; 32],
        epoch: 2,
        reason: "restored".into(),
        issued_at: TIME,
    };
    let both = "REC-8: both root keys of the party signed";
    under.take("accreditation", "the acceptance of a peer", both, signed(accreditation));
    under.take("revocation", "a key taken back", both, signed(Control::Revocation(revocation)));
    under.take("epoch", "a log begun again", both, signed(Control::Epoch(epoch)));
    let wrong = Code::SignatureWrong;
    let mut pq = whole.clone();
    *pq.last_mut().unwrap() ^= 1;
    shelf.refuse("second-signature-altered", wrong, "a bit of ML-DSA-65 differs", both, pq);
    let root = RootPublic::of(&a.root);
    let mut first = whole.clone();
    // Its last byte lies before the second signer: an array, its header, in it the key's name.
    first[find(&whole, &root.ml_dsa.thumbprint().0) - 11] ^= 1;
    shelf.refuse("first-signature-altered", wrong, "a bit of Ed25519 differs", both, first);
    let renamed = replace(&whole, b"\"Arcadia\"", b"\"Arkadia\"");
    shelf.refuse("altered-name", wrong, "one letter of the name differs", both, renamed);
    let strange = Control::Credential(Box::new(Credential { party: b.id, ..a.credential.clone() }));
    let own = "REC-8: the root keys inside a credential give its party id";
    shelf.refuse("of-another-party", Code::PartyWrong, "party is another", own, signed(strange));
    let behind = [&whole[..], &[0]].concat();
    let form = "deterministic CBOR ends where it ends";
    shelf.refuse("a-byte-behind", Code::CborMalformed, "one byte after the end", form, behind);
    let tag = [&[0xd2], &whole[2..]].concat();
    let form = "REC-8: a COSE_Sign with tag 98";
    shelf.refuse("tag-of-cose-sign1", Code::StructureWrong, "the tag is 18", form, tag);
}

pub fn find(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).unwrap()
}

pub fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = find(bytes, from);
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

fn indexes(a: &Party, b: &Party) {
    let channel = ChannelId::between(&a.id, &b.id, false);
    let origin = LogId { channel, owner: a.id, epoch: 1 }.origin();
    let receipt = ListedReceipt {
        party: a.id,
        file: "receipts/000001-1.cose".into(),
        log_key_file: "keys/log.pem".into(),
        checkpoint_file: "checkpoints/0001.txt".into(),
    };
    let head = |number: usize, size, extended: Option<&'static str>| ListedHead {
        party: a.id,
        file: format!("checkpoints/{number:04}.txt").into(),
        origin: origin.clone().into(),
        size,
        extended: extended.map(Into::into),
    };
    let index = Index {
        channel,
        drill: false,
        matters: vec![MatterId([3; 16])],
        statements: vec![Listed {
            file: "statements/000001.cose".into(),
            entry: Entry([4; 32]),
            issuer: a.id,
            kid: a.keys.public(Ring::Live).key(Role::Statement).thumbprint(),
            key_file: "keys/author.pem".into(),
            disclosures: Some("disclosures/000001.txt".into()),
            receipts: vec![receipt],
        }],
        checkpoints: vec![head(1, 3, Some("extensions/0001.json")), head(2, 5, None)],
        credentials: Vec::new(),
    };
    let whole = index.to_text().unwrap();
    let shelf = Shelf::plain("index");
    shelf.take("whole", "one statement under two heads", "nothing is wrong with it", whole.clone());
    let erased = Listed { disclosures: None, ..index.statements[0].clone() };
    let erased = Index { statements: vec![erased], ..index.clone() }.to_text().unwrap();
    shelf.take("erased", "no disclosure is left", "DOS-6: then the member is null", erased);
    let form = "DOS-4: exactly these members in this order, without white space or escapes";
    let path = "DOS-3: a path stays inside the bag and is plain";
    let (wrong, outside) = (Code::StructureWrong, Code::PathOutside);
    for (name, code, what, why, from, to) in [
        ("white-space", wrong, "a blank after a colon", form, "\"size\":3", "\"size\": 3"),
        ("another-version", wrong, "version is 2", form, "\"version\":1", "\"version\":2"),
        ("one-member-more", wrong, "a time", form, "\"size\":3", "\"size\":3,\"time\":7"),
        ("one-member-less", wrong, "no extended", form, ",\"extended\":null", ""),
        ("size-with-a-zero", wrong, "size is 03", form, "\"size\":3", "\"size\":03"),
        ("size-beyond-2-53", wrong, "too large", form, "\"size\":3", "\"size\":9007199254740992"),
        ("hash-in-capitals", wrong, "a digit A", form, "0404\"", "0A04\""),
        ("no-newline", wrong, "no newline at the end", form, "]}\n", "]}"),
        ("two-newlines", wrong, "two newlines at the end", form, "]}\n", "]}\n\n"),
        (
            "up-and-out",
            outside,
            "a segment of two full stops",
            path,
            "statements/000001",
            "../statements/000001",
        ),
        ("from-the-root", outside, "begins with /", path, "\"keys/log.pem", "\"/keys/log.pem"),
        ("escaped", outside, "an escape in a path", path, "keys/log", "keys/\\u006cog"),
        ("hidden", outside, "a name that begins with .", path, "keys/log", "keys/.log"),
    ] {
        assert!(whole.contains(from), "{name}");
        shelf.refuse(name, code, what, why, whole.replacen(from, to, 1));
    }
}

fn extensions() {
    let tree = Tree::of((0..9).map(|i| [i; 32]));
    let at = |size| (size, tree.root_at(size).unwrap());
    let path = prove_consistency(&tree, 3, 9).unwrap();
    let good = Extension { old: at(3), new: at(9), path };
    let whole = good.to_text();
    let shelf = Shelf::plain("extension");
    shelf.take("whole", "a tree of 3 leaves grew to 9", "RFC 9162 section 2.1.4", whole.clone());
    let leads = "DOS-21: the path leads to both roots, and to nothing else";
    let refuse = |name, what, change: &dyn Fn(&mut Extension)| {
        let mut bad = good.clone();
        change(&mut bad);
        shelf.refuse(name, Code::ProofWrong, what, leads, bad.to_text());
    };
    refuse("path-altered", "one bit of a hash differs", &|e| e.path[1][0] ^= 1);
    refuse("path-shorter", "the last hash is left out", &|e| e.path.truncate(e.path.len() - 1));
    refuse("path-longer", "one hash more", &|e| e.path.push([0; 32]));
    refuse("another-root", "the old root is another tree's", &|e| e.old.1 = [7; 32]);
    refuse("sizes-exchanged", "from 9 to 3", &|e| (e.old.0, e.new.0) = (9, 3));
    refuse("a-path-for-nothing", "one size, and a path", &|e| e.new = e.old);
    let blank = whole.replacen(':', ": ", 1);
    let form = "DOS-21: one line of strict JSON without white space";
    shelf.refuse("white-space", Code::StructureWrong, "a blank after a colon", form, blank);
    let Value::Object(mut more) = json::parse(whole.trim().as_bytes()).unwrap() else { panic!() };
    more.set("note", 1i64);
    let more = Value::Object(more).to_text() + "\n";
    shelf.refuse("one-member-more", Code::StructureWrong, "a note", form, more);
}

fn attachments() {
    let key = Key::from_bytes([7; 32]);
    let content = b"Order of the court of Arcadia, page 1 of 1.";
    let (made, whole) = attachment::seal_all(&key, content).unwrap();
    let context = vec![
        ("root", hex(&made.root)),
        ("key", hex(key.bytes())),
        ("bytes", content.len().to_string()),
        ("digest", hex(&made.digest)),
    ];
    let shelf = Shelf::new("attachment", context);
    let code = Code::AttachmentWrong;
    shelf.take("whole", "one chunk", "ATT-4, ATT-5, ATT-6", whole.clone());
    let size = "ATT-3: every size of content has one size of sealed bytes, and no other is taken";
    shelf.refuse("cut", code, "the last byte is missing", size, &whole[..whole.len() - 1]);
    shelf.refuse("longer", code, "one byte more", size, [&whole[..], &[0]].concat());
    shelf.refuse("empty", code, "nothing at all", size, Vec::new());
    let listed = "ATT-4: the list is that of the root, each chunk that of the list";
    let flip = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    shelf.refuse("list-altered", code, "one bit of the list", listed, flip(3));
    shelf.refuse("chunk-altered", code, "one bit of the chunk", listed, flip(40));
    shelf.refuse("tag-altered", code, "one bit of the tag", listed, flip(whole.len() - 1));
    let opens = "ATT-6: key, length and digest are those of the disclosure";
    let refuse = |name, what, member| shelf.refuse_in(name, code, [what, opens], member);
    let zeros = "00".repeat(32);
    refuse("another-root", "the act names other bytes", ("root", &zeros));
    refuse("another-key", "the key of something else", ("key", &zeros));
    refuse("another-digest", "the digest of other content", ("digest", &zeros));
    refuse("length-less", "a byte of content counts as padding", ("bytes", "42"));
    refuse("length-more", "a byte of padding counts as content", ("bytes", "44"));
    refuse("length-of-another-class", "too long for one chunk of a KiB", ("bytes", "1025"));
}
