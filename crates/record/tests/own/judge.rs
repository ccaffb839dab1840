//! How each kind of vector is judged: by the functions that the node and the verifier call.

use crate::vector::Vector;
use counterpart_record::attachment::{self, Key};
use counterpart_record::disclose::Disclosure;
use counterpart_record::dossier::extension::Extension;
use counterpart_record::dossier::index::Index;
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::{Cosignature, Head, LogId};
use counterpart_record::id::{Entry, PartyId, unhex};
use counterpart_record::inconsistency::Proof;
use counterpart_record::key::VerifyKey;
use counterpart_record::keys::{PublicRing, Ring, SoftKeys};
use counterpart_record::note::{Note, Verifier};
use counterpart_record::parcel::Closed;
use counterpart_record::party::{Control, Credential, RootPublic};
use counterpart_record::payload::Payload;
use counterpart_record::receipt;
use counterpart_record::statement::Unverified;
use zeroize::Zeroizing;

/// Takes it or says why not.
pub fn judge(vector: &Vector) -> Result<()> {
    match vector.get("kind") {
        "statement" => statement(vector),
        "payload" => Payload::parse(&vector.body).map(|_| ()),
        "disclosure" => Disclosure::parse(text(vector)).map(|_| ()),
        "control" => control(vector),
        "head" => Head::parse(&vector.body)?.verify(&log(vector), &ring(vector)),
        "note" => note(vector),
        "cosignature" => {
            let by = PartyId::parse(vector.get("by")).unwrap();
            Cosignature::parse(&vector.body)?.verify(&log(vector), &by, &ring(vector))
        }
        "receipt" => of_a_receipt(vector),
        "parcel" => parcel(vector),
        "attachment" => sealed(vector),
        "index" => Index::parse(&vector.body).map(|_| ()),
        "extension" => Extension::parse(&vector.body)?.verify(),
        "inconsistency" => {
            let named = Proof::parse(&vector.body)?.verify()?;
            assert_eq!(named.to_string(), vector.get("names"), "{}", vector.path);
            Ok(())
        }
        kind => panic!("{}: nobody judges {kind}", vector.path),
    }
}

/// With root, key, length and digest as act and disclosure give them.
fn sealed(vector: &Vector) -> Result<()> {
    let hex = |name| unhex(vector.get(name)).unwrap();
    let told = (vector.number("bytes"), hex("digest"));
    let key = Key::from_bytes(hex("key"));
    attachment::open_all(&hex("root"), &vector.body, &key, told).map(|_| ())
}

fn text(vector: &Vector) -> &str {
    std::str::from_utf8(&vector.body).unwrap().trim_end_matches('\n')
}

fn log(vector: &Vector) -> LogId {
    LogId::parse(vector.get("origin")).unwrap()
}

/// The credential in the vector beside, taken as it is.
fn credential(vector: &Vector) -> Credential {
    match Control::verify(&vector.beside().body, None) {
        Ok(Control::Credential(credential)) => *credential,
        other => panic!("{}: {other:?}", vector.path),
    }
}

fn ring(vector: &Vector) -> PublicRing {
    credential(vector).live
}

fn statement(vector: &Vector) -> Result<()> {
    let key = VerifyKey::from_pem(&pem(vector.get("key"))).unwrap();
    let texts = vector.all("disclosure");
    let disclosures = texts.into_iter().map(|text| Disclosure::parse(text).unwrap()).collect();
    let verified = Unverified::parse(&vector.body)?.verify(&key, disclosures, true)?;
    let party = |name| PartyId::parse(vector.get(name)).unwrap();
    let (author, reader) = (party("author"), party("reader"));
    verified.belongs(&author, &reader, false, vector.number("epoch"))
}

fn pem(key: &str) -> String {
    format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n")
}

fn control(vector: &Vector) -> Result<()> {
    let root = vector.maybe("beside").map(|_| -> RootPublic { credential(vector).root });
    Control::verify(&vector.body, root.as_ref()).map(|_| ())
}

fn note(vector: &Vector) -> Result<()> {
    let note = Note::parse(&vector.body)?;
    note.checkpoint()?;
    for vkey in vector.all("vkey") {
        note.verify(&Verifier::from_vkey(vkey).unwrap())?;
    }
    Ok(())
}

/// With the head that it must rest on. REC-25.
fn of_a_receipt(vector: &Vector) -> Result<()> {
    let key = VerifyKey::from_pem(&pem(vector.get("key"))).unwrap();
    let entry = Entry::parse(vector.get("entry")).unwrap();
    let receipt = receipt::verify(&vector.body, &key, &entry)?;
    let head = vector.beside();
    receipt.rests_on(&log(&head), &Head::parse(&head.body).unwrap())
}

/// `keys: N` is the recipient whose seeds are bytes N, N+1, N+2 ... for the live ring and N+10,
/// N+11 ... for the drill ring, each filling one seed.
fn parcel(vector: &Vector) -> Result<()> {
    let keys = keys(vector.number("keys") as u8);
    Closed::parse(&vector.body)?.open(Ring::Live, &keys).map(|_| ())
}

pub fn keys(first: u8) -> SoftKeys {
    let ring = |base: u8| Zeroizing::new(std::array::from_fn(|i| [base + i as u8; 32]));
    SoftKeys::new(&[ring(first), ring(first + 10)], &[]).unwrap()
}

/// What the header says of the outcome: `taken`, or the code and the place of the fault.
pub fn verdict(outcome: &Result<()>) -> String {
    match outcome {
        Ok(()) => "taken".to_owned(),
        Err(fault) if fault.at.is_empty() => format!("refused, {}", fault.code.name()),
        Err(fault) => {
            format!("refused, {}: {}", fault.code.name(), fault.at.replace('\n', "\\n"))
        }
    }
}

/// The code in a verdict.
pub fn code(verdict: &str) -> Option<Code> {
    let name = verdict.strip_prefix("refused, ")?;
    let name = name.split(':').next()?;
    Code::ALL.iter().copied().find(|code| code.name() == name)
}
