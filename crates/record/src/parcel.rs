//! A parcel: everything that waits for one peer, sealed once. Nothing in it that is unsigned may
//! do more than make the pinned peer send again. Not record: the format may change by version.

use crate::fault::{Code, Result};
use crate::hash::Hash;
use crate::head::{Cosignature, Head};
use crate::id::{ChannelId, Entry, Kid, PartyId};
use crate::key::Random;
use crate::keys::{Keys, PublicRing, Ring};
use crate::limits;
use crate::seal::{self, Sealed, Suite, padded};
use crate::strict::cbor::{Reader, Writer};

const MAGIC: &str = "counterpart/parcel/1";
/// Room for a head or a cosignature with both of its signatures, and for the tag of what is sealed.
const HEAD_ROOM: usize = 3072;
const TAG_ROOM: usize = 16;

/// The outside of a parcel: enough to know for whom it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Who claims to have sent it.
    pub sender: PartyId,
    /// For whom.
    pub recipient: PartyId,
    /// On which channel.
    pub channel: ChannelId,
}

/// An act as it travels: the statement and its disclosures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// A COSE_Sign1 statement, or a root-signed COSE_Sign.
    pub statement: Vec<u8>,
    /// The disclosure texts, joined by `~` as RFC 9901 section 4 joins them and as they are kept;
    /// empty beside a root-signed statement. At most [`limits::DISCLOSURES`].
    pub disclosures: String,
}

/// What travels of epochs: nothing, as long as neither side restored a backup. REC-41.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Epochs {
    /// The epoch of the recipient's log that `held` is about.
    pub held: u64,
    /// How much of each ended epoch of its own log the sender has: epoch and size.
    pub regained: Vec<(u64, u64)>,
    /// The same of the recipient's log.
    pub mirrored: Vec<(u64, u64)>,
    /// The sender's root-signed epoch statements that the recipient may lack, oldest first.
    pub statements: Vec<Vec<u8>>,
    /// The newest of the recipient's that the sender holds, where the recipient may not know it:
    /// its own root signatures cannot be invented. REC-48.
    pub yours: Vec<u8>,
    /// What the recipient lost of its own log, by epoch. Its own signatures on the heads cannot be
    /// invented; the cosignature is the sender's.
    pub lost: Vec<Ended>,
    /// What the recipient lost of the sender's log. The cosignature is the recipient's own, which
    /// cannot be invented. REC-46.
    pub shown: Vec<Ended>,
}

/// Leaves and heads of an ended epoch of a log, behind what was kept of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Which epoch.
    pub epoch: u64,
    /// The root-signed statement that began it, where the recipient may not know it; else empty.
    pub began: Vec<u8>,
    /// Index of the first of `entries`.
    pub from: u64,
    /// Leaf entries up to the last head.
    pub entries: Vec<Entry>,
    /// Heads, each following the one before.
    pub heads: Vec<Head>,
    /// The word of the other party on one of these heads, given while it followed that epoch.
    pub cosignature: Option<Cosignature>,
    /// How many leaves that log had as far as the sender knows.
    pub size: u64,
    /// A later epoch follows, of which the recipient lacks something as well.
    pub more: bool,
}

impl Epochs {
    /// What its sender says of both logs, as it is kept until the sender says something else.
    pub fn word(&self) -> Vec<u8> {
        let (regained, mirrored) = (self.regained.clone(), self.mirrored.clone());
        Epochs { held: self.held, regained, mirrored, ..Epochs::default() }.encode()
    }

    /// Reads what was kept so. Any fault of [`Contents::parse`].
    pub fn of_word(bytes: &[u8]) -> Result<Epochs> {
        Epochs::parse(bytes)
    }

    fn encode(&self) -> Vec<u8> {
        if *self == Epochs::default() {
            return Vec::new();
        }
        let mut writer = Writer::new();
        writer.array(7).uint(self.held);
        for sizes in [&self.regained, &self.mirrored] {
            writer.array(sizes.len());
            for (epoch, size) in sizes {
                writer.array(2).uint(*epoch).uint(*size);
            }
        }
        writer.array(self.statements.len());
        for statement in &self.statements {
            writer.bytes(statement);
        }
        writer.bytes(&self.yours);
        for ended in [&self.lost, &self.shown] {
            writer.array(ended.len());
            ended.iter().for_each(|ended| ended.encode(&mut writer));
        }
        writer.finish()
    }

    fn parse(bytes: &[u8]) -> Result<Epochs> {
        if bytes.is_empty() {
            return Ok(Epochs::default());
        }
        let mut reader = Reader::new(bytes);
        if reader.array()? != 7 {
            return Err(Code::ParcelMalformed.at("epochs"));
        }
        let held = reader.uint()?;
        let (regained, mirrored) = (sizes(&mut reader)?, sizes(&mut reader)?);
        let mut statements = Vec::new();
        for _ in 0..few(reader.array()?, limits::EPOCH_STATEMENTS)? {
            statements.push(reader.bytes()?.to_vec());
        }
        let yours = reader.bytes()?.to_vec();
        let (lost, shown) = (ended(&mut reader)?, ended(&mut reader)?);
        reader.end()?;
        Ok(Epochs { held, regained, mirrored, statements, yours, lost, shown })
    }
}

impl Ended {
    fn encode(&self, writer: &mut Writer) {
        writer.array(8).uint(self.epoch).uint(self.from).uint(self.size).uint(self.more.into());
        writer.bytes(&self.began);
        let entries: Vec<u8> = self.entries.iter().flat_map(|entry| entry.0).collect();
        writer.bytes(&entries).array(self.heads.len());
        for head in &self.heads {
            writer.bytes(&head.encode());
        }
        writer.bytes(&self.cosignature.as_ref().map(Cosignature::encode).unwrap_or_default());
    }

    fn parse(reader: &mut Reader<'_>) -> Result<Ended> {
        if reader.array()? != 8 {
            return Err(Code::ParcelMalformed.at("epochs"));
        }
        let (epoch, from, size) = (reader.uint()?, reader.uint()?, reader.uint()?);
        let more = reader.uint()? != 0;
        let began = reader.bytes()?.to_vec();
        let entries = entries(reader.bytes()?)?;
        let heads = heads(reader)?;
        let cosignature = cosignature(reader.bytes()?)?;
        Ok(Ended { epoch, began, from, entries, heads, cosignature, size, more })
    }
}

fn ended(reader: &mut Reader<'_>) -> Result<Vec<Ended>> {
    (0..few(reader.array()?, limits::EPOCHS)?).map(|_| Ended::parse(reader)).collect()
}

fn sizes(reader: &mut Reader<'_>) -> Result<Vec<(u64, u64)>> {
    let mut sizes = Vec::new();
    for _ in 0..few(reader.array()?, limits::EPOCHS)? {
        if reader.array()? != 2 {
            return Err(Code::ParcelMalformed.at("epochs"));
        }
        sizes.push((reader.uint()?, reader.uint()?));
    }
    Ok(sizes)
}

fn cosignature(bytes: &[u8]) -> Result<Option<Cosignature>> {
    (!bytes.is_empty()).then(|| Cosignature::parse(bytes)).transpose()
}

fn few(count: usize, most: usize) -> Result<usize> {
    if count > most { Err(Code::TooLarge.at("epochs")) } else { Ok(count) }
}

fn entries(raw: &[u8]) -> Result<Vec<Entry>> {
    if !raw.len().is_multiple_of(32) || raw.len() / 32 > limits::PARCEL_ENTRIES {
        return Err(Code::ParcelMalformed.at("entries"));
    }
    raw.chunks_exact(32).map(|hash| fixed(hash).map(Entry)).collect()
}

fn heads(reader: &mut Reader<'_>) -> Result<Vec<Head>> {
    let count = reader.array()?;
    if count > limits::PARCEL_HEADS {
        return Err(Code::TooLarge.at("heads in a parcel"));
    }
    (0..count).map(|_| Head::parse(reader.bytes()?)).collect()
}

/// The inside of a parcel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Heads of the sender's log that the recipient may lack, each following the one before: every
    /// leaf then has its official head on both sides.
    pub heads: Vec<Head>,
    /// The sender's epoch of these heads.
    pub epoch: u64,
    /// Index of the first of `entries` in the sender's log.
    pub from: u64,
    /// New leaf entries of the sender's log up to the last head.
    pub entries: Vec<Entry>,
    /// Statements that these heads commit to.
    pub acts: Vec<Carried>,
    /// On the recipient's newest head that the sender has checked.
    pub cosignature: Option<Cosignature>,
    /// The sender holds the recipient's log, statements and all, up to here.
    pub held: u64,
    /// The recipient's own newest head that the sender holds, where the recipient may have
    /// forgotten it: its signature on it cannot be invented.
    pub yours: Option<Head>,
    /// After a backup was restored on either side.
    pub epochs: Epochs,
}

impl Contents {
    /// The plaintext without its length and padding: a CBOR array of ten.
    pub fn encode(&self, sender: &PartyId) -> Vec<u8> {
        self.encode_behind(sender, Vec::new())
    }

    /// The same behind what is there already.
    fn encode_behind(&self, sender: &PartyId, before: Vec<u8>) -> Vec<u8> {
        let mut writer = Writer::behind(before);
        writer.array(10).bytes(&sender.0).uint(self.epoch);
        writer.array(self.heads.len());
        for head in &self.heads {
            writer.bytes(&head.encode());
        }
        let entries: Vec<u8> = self.entries.iter().flat_map(|entry| entry.0).collect();
        writer.uint(self.from).bytes(&entries).array(self.acts.len());
        for act in &self.acts {
            writer.array(2).bytes(&act.statement).text(&act.disclosures);
        }
        writer.bytes(&self.cosignature.as_ref().map(Cosignature::encode).unwrap_or_default());
        writer.uint(self.held);
        writer.bytes(&self.yours.as_ref().map(Head::encode).unwrap_or_default());
        writer.bytes(&self.epochs.encode());
        writer.finish()
    }

    /// About how many bytes the plaintext has: no fewer, but for what is rarely there.
    fn room(&self) -> usize {
        let act = |act: &Carried| act.statement.len() + act.disclosures.len() + 16;
        let acts: usize = self.acts.iter().map(act).sum();
        acts + self.entries.len() * 32 + self.heads.len() * HEAD_ROOM + 3 * HEAD_ROOM
    }

    /// Reads the plaintext and who it says sent it; nothing in it is verified.
    /// [`Code::ParcelMalformed`], [`Code::TooLarge`].
    pub fn parse(bytes: &[u8]) -> Result<(PartyId, Contents)> {
        let wrong = |what: &str| Code::ParcelMalformed.at(what);
        let mut reader = Reader::new(bytes);
        if reader.array()? != 10 {
            return Err(wrong("not ten parts"));
        }
        let sender = PartyId(fixed(reader.bytes()?)?);
        let epoch = reader.uint()?;
        let heads = heads(&mut reader)?;
        let from = reader.uint()?;
        let entries = entries(reader.bytes()?)?;
        let count = reader.array()?;
        if count > limits::PARCEL_STATEMENTS {
            return Err(Code::TooLarge.at("statements in a parcel"));
        }
        let mut acts = Vec::with_capacity(count);
        for _ in 0..count {
            if reader.array()? != 2 {
                return Err(wrong("act"));
            }
            let statement = reader.bytes()?.to_vec();
            acts.push(Carried { statement, disclosures: reader.text()?.to_owned() });
        }
        let cosignature = cosignature(reader.bytes()?)?;
        let held = reader.uint()?;
        let yours = reader.bytes()?;
        let yours = if yours.is_empty() { None } else { Some(Head::parse(yours)?) };
        let epochs = Epochs::parse(reader.bytes()?)?;
        reader.end()?;
        let contents =
            Contents { heads, epoch, from, entries, acts, cosignature, held, yours, epochs };
        Ok((sender, contents))
    }
}

fn fixed(bytes: &[u8]) -> Result<Hash> {
    bytes.try_into().map_err(|_| Code::ParcelMalformed.at("not 32 bytes"))
}

fn info(address: &Address, kid: &Kid) -> Vec<u8> {
    [MAGIC.as_bytes(), &[0], &address.sender.0, &address.recipient.0, &address.channel.0, &kid.0]
        .concat()
}

/// Seals contents to the recipient's keys. REC-30.
pub fn seal(
    address: &Address,
    recipient: &PublicRing,
    contents: &Contents,
    random: &dyn Random,
) -> Result<Vec<u8>> {
    // A large parcel is written once and sealed where it lies.
    let mut plain = Vec::with_capacity(padded(contents.room() + 4) + TAG_ROOM);
    plain.extend_from_slice(&[0; 4]);
    let mut plain = contents.encode_behind(&address.sender, plain);
    let length = (plain.len() - 4) as u32;
    plain[..4].copy_from_slice(&length.to_be_bytes());
    plain.resize(padded(plain.len()), 0);
    let kid = recipient.seal_kid();
    let info = info(address, &kid);
    let (enc, sealed) = seal::seal(seal::SUITE, recipient.seal(), &info, b"", plain, random)?;
    let Suite { kem, kdf, aead } = seal::SUITE;
    let mut writer = Writer::with_room(sealed.len() + enc.len() + 512);
    writer.array(8).text(MAGIC);
    writer.array(3).uint(kem.into()).uint(kdf.into()).uint(aead.into());
    writer.bytes(&address.sender.0).bytes(&address.recipient.0).bytes(&address.channel.0);
    writer.bytes(&kid.0).bytes(&enc).bytes(&sealed);
    let bytes = writer.finish();
    if bytes.len() > limits::PARCEL_BYTES { Err(Code::TooLarge.at("parcel")) } else { Ok(bytes) }
}

/// A parcel whose outside was read.
pub struct Closed<'a> {
    /// Who to whom.
    pub address: Address,
    suite: Suite,
    kid: Kid,
    enc: &'a [u8],
    ciphertext: &'a [u8],
}

impl<'a> Closed<'a> {
    /// Reads the outside. [`Code::TooLarge`], [`Code::ParcelMalformed`].
    pub fn parse(bytes: &'a [u8]) -> Result<Closed<'a>> {
        if bytes.len() > limits::PARCEL_BYTES {
            return Err(Code::TooLarge.at("parcel"));
        }
        let wrong = |what: &str| Code::ParcelMalformed.at(what);
        let mut reader = Reader::new(bytes);
        let start = reader.array().and_then(|count| Ok((count, reader.text()?)));
        if !matches!(start, Ok((8, MAGIC))) {
            return Err(wrong("not a parcel of version 1"));
        }
        if reader.array()? != 3 {
            return Err(wrong("suite"));
        }
        let mut suite = [0u16; 3];
        for part in &mut suite {
            *part = u16::try_from(reader.uint()?).map_err(|_| wrong("suite"))?;
        }
        let address = Address {
            sender: PartyId(fixed(reader.bytes()?)?),
            recipient: PartyId(fixed(reader.bytes()?)?),
            channel: ChannelId(fixed(reader.bytes()?)?),
        };
        let kid = Kid(fixed(reader.bytes()?)?);
        let (enc, ciphertext) = (reader.bytes()?, reader.bytes()?);
        reader.end()?;
        let [kem, kdf, aead] = suite;
        Ok(Closed { address, suite: Suite { kem, kdf, aead }, kid, enc, ciphertext })
    }

    /// Opens it with our keys and checks padding and the sender inside. REC-32.
    pub fn open(&self, ring: Ring, keys: &dyn Keys) -> Result<Contents> {
        let info = info(&self.address, &self.kid);
        let sealed = Sealed {
            suite: self.suite,
            info: &info,
            aad: b"",
            enc: self.enc,
            ciphertext: self.ciphertext,
        };
        let plain = keys.open(ring, &self.kid, &sealed)?;
        let wrong = |what: &str| Code::ParcelMalformed.at(what);
        let (length, rest) = plain.split_first_chunk::<4>().ok_or_else(|| wrong("too short"))?;
        let length = u32::from_be_bytes(*length) as usize;
        if length > rest.len() || padded(length + 4) != plain.len() {
            return Err(wrong("length"));
        }
        let (inner, padding) = rest.split_at(length);
        if padding.iter().any(|byte| *byte != 0) {
            return Err(wrong("padding is not zeros"));
        }
        let (sender, contents) = Contents::parse(inner)?;
        if sender != self.address.sender {
            return Err(Code::SenderWrong.at(""));
        }
        Ok(contents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::tests::keys;

    struct Fixed;
    impl Random for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(5);
        }
    }

    fn address() -> Address {
        let (sender, recipient) = (PartyId([1; 32]), PartyId([2; 32]));
        let channel = ChannelId::between(&sender, &recipient, false);
        Address { sender, recipient, channel }
    }

    fn contents() -> Contents {
        Contents {
            heads: Vec::new(),
            epoch: 1,
            from: 3,
            entries: vec![Entry([4; 32]), Entry([5; 32])],
            acts: vec![Carried { statement: vec![1, 2], disclosures: "a~b".into() }],
            cosignature: None,
            held: 9,
            yours: None,
            epochs: Epochs {
                held: 1,
                regained: vec![(1, 7)],
                mirrored: vec![(1, 8), (3, 9)],
                statements: vec![vec![8]],
                yours: vec![9],
                lost: vec![Ended {
                    epoch: 1,
                    began: vec![4],
                    from: 5,
                    entries: vec![Entry([6; 32])],
                    heads: Vec::new(),
                    cosignature: Some(Cosignature {
                        size: 6,
                        root: [7; 32],
                        time: 8,
                        ed25519: vec![9; 64],
                        ml_dsa: vec![10; 2420],
                    }),
                    size: 9,
                    more: true,
                }],
                shown: vec![
                    Ended { epoch: 2, size: 4, ..Ended::default() },
                    Ended { epoch: 3, size: 5, ..Ended::default() },
                ],
            },
        }
    }

    #[test]
    fn what_is_sealed_is_opened_by_the_recipient_alone() {
        let keys = keys();
        let ring = keys.public(Ring::Live);
        let bytes = seal(&address(), ring, &contents(), &Fixed).unwrap();
        let closed = Closed::parse(&bytes).unwrap();
        assert_eq!(closed.address, address());
        assert_eq!(closed.open(Ring::Live, &keys).unwrap(), contents());
        let fault = closed.open(Ring::Drill, &keys).unwrap_err();
        assert_eq!(fault.code, Code::ParcelNotForUs);
        for i in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[i] ^= 1;
            let opened = Closed::parse(&changed).and_then(|c| c.open(Ring::Live, &keys));
            assert!(opened.is_err(), "byte {i}");
        }
    }

    #[test]
    fn a_sender_who_claims_to_be_another_inside_is_refused() {
        let keys = keys();
        let ring = keys.public(Ring::Live);
        let inner = contents().encode(&PartyId([9; 32]));
        let mut plain = (inner.len() as u32).to_be_bytes().to_vec();
        plain.extend_from_slice(&inner);
        plain.resize(padded(plain.len()), 0);
        let forge = |plain: &[u8]| {
            let kid = ring.seal_kid();
            let info = info(&address(), &kid);
            let (enc, sealed) =
                seal::seal(seal::SUITE, ring.seal(), &info, b"", plain.to_vec(), &Fixed).unwrap();
            let closed = Closed {
                address: address(),
                suite: seal::SUITE,
                kid,
                enc: &enc,
                ciphertext: &sealed,
            };
            closed.open(Ring::Live, &keys).unwrap_err().code
        };
        assert_eq!(forge(&plain), Code::SenderWrong);
        let last = plain.len() - 1;
        plain[last] = 1;
        assert_eq!(forge(&plain), Code::ParcelMalformed);
        assert_eq!(forge(&[0, 0]), Code::ParcelMalformed);
        assert_eq!(forge(&[255; 1024]), Code::ParcelMalformed);
    }

    #[test]
    fn sizes_fall_into_classes() {
        assert_eq!(padded(1), 1024);
        assert_eq!(padded(1025), 2048);
        assert_eq!(padded(65_536), 65_536);
        assert_eq!(padded(65_537), 73_728);
        for length in [70_000, 1_000_000, 9_999_999] {
            let size = padded(length);
            assert!(size >= length && size - length <= length / 8);
        }
    }
}
