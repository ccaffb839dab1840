//! A statement: the COSE_Sign1 that carries one act. Closed protected header, empty unprotected
//! map, strict JSON payload, Ed25519. The stages are types: only [`Signed`] becomes bytes, only
//! [`Unverified`] is read from bytes, and nothing of it is used before it is [`Verified`].

use crate::cose;
use crate::disclose::{self, Disclosure};
use crate::fault::{Code, Fault, Result};
use crate::id::{ChannelId, Entry, Kid, MatterId, PartyId};
use crate::key::VerifyKey;
use crate::keys::{Keys, Ring, Role};
use crate::limits;
use crate::payload::Payload;
use crate::strict::cbor::{Reader, Writer};

/// The media type of the payload (label 3).
pub const CONTENT_TYPE: &str = "application/json";
/// The type (label 16, RFC 9596) of statements.
pub const TYPE: &str = "application/counterpart-statement+cose";

/// The protected header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The author's statement key (label 4).
    pub kid: Kid,
    /// The author (CWT claim 1).
    pub issuer: PartyId,
    /// The one party it is addressed to (CWT claim 3).
    pub audience: PartyId,
    /// The channel (in CWT claim 2).
    pub channel: ChannelId,
    /// The matter (in CWT claim 2).
    pub matter: MatterId,
    /// When it was signed, in POSIX seconds by the author's clock (CWT claim 6).
    pub issued_at: u64,
}

impl Header {
    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.map(5).int(1).int(-8).int(3).text(CONTENT_TYPE).int(4).bytes(&self.kid.0);
        writer.int(15).map(4).int(1).text(&self.issuer.urn());
        writer.int(2).text(&self.channel.subject(&self.matter));
        writer.int(3).text(&self.audience.urn()).int(6).uint(self.issued_at);
        writer.int(16).text(TYPE);
        writer.finish()
    }

    /// Reads the closed set; the order is that of deterministic CBOR. REC-11.
    fn parse(bytes: &[u8]) -> Result<Header> {
        let wrong = |what: &str| Code::HeaderNotClosed.at(what);
        let mut reader = Reader::new(bytes);
        if reader.map()? != 5 {
            return Err(wrong("not five parameters"));
        }
        label(&mut reader, 1)?;
        if !matches!(reader.int()?, -8 | -19) {
            return Err(Code::AlgorithmUnknown.at("label 1"));
        }
        label(&mut reader, 3)?;
        if reader.text()? != CONTENT_TYPE {
            return Err(wrong("label 3"));
        }
        label(&mut reader, 4)?;
        let kid = Kid(reader.bytes()?.try_into().map_err(|_| wrong("label 4"))?);
        label(&mut reader, 15)?;
        if reader.map()? != 4 {
            return Err(wrong("label 15: not four claims"));
        }
        label(&mut reader, 1)?;
        let issuer = PartyId::from_urn(reader.text()?).map_err(|_| wrong("claim iss"))?;
        label(&mut reader, 2)?;
        let subject = ChannelId::from_subject(reader.text()?);
        let (channel, matter) = subject.map_err(|_| wrong("claim sub"))?;
        label(&mut reader, 3)?;
        let audience = PartyId::from_urn(reader.text()?).map_err(|_| wrong("claim aud"))?;
        label(&mut reader, 6)?;
        let issued_at = reader.uint()?;
        label(&mut reader, 16)?;
        if reader.text()? != TYPE {
            return Err(Code::TypeWrong.at("label 16"));
        }
        reader.end()?;
        Ok(Header { kid, issuer, audience, channel, matter, issued_at })
    }
}

fn label(reader: &mut Reader<'_>, wanted: i64) -> Result<()> {
    if reader.int()? == wanted {
        Ok(())
    } else {
        Err(Code::HeaderNotClosed.at(format!("no label {wanted}, or another before it")))
    }
}

/// A signed statement of our own with its disclosures.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The statement.
    pub bytes: Vec<u8>,
    /// Its entry.
    pub entry: Entry,
    /// What travels beside it.
    pub disclosures: Vec<Disclosure>,
}

/// Signs an act. The caller has judged it; see `rules`.
pub fn sign(
    header: &Header,
    payload: &Payload,
    disclosures: Vec<Disclosure>,
    keys: &dyn Keys,
) -> Result<Signed> {
    disclose::check(&payload.sd, &disclosures, true)?;
    let protected = header.encode();
    let payload_bytes = payload.encode();
    let message = cose::sign1_bytes(&protected, b"", &payload_bytes);
    let signature = keys.sign(Ring::from_drill(payload.drill), Role::Statement, &message)?;
    let mut writer = Writer::new();
    writer.tag(cose::TAG_SIGN1).array(4).bytes(&protected).map(0).bytes(&payload_bytes);
    writer.bytes(&signature);
    let bytes = writer.finish();
    if bytes.len() > limits::STATEMENT_BYTES {
        return Err(Code::TooLarge.at("statement"));
    }
    let entry = Entry::of(&bytes);
    Ok(Signed { bytes, entry, disclosures })
}

/// Foreign bytes with the structure of a statement. Shows who claims to have written it.
pub struct Unverified<'a> {
    bytes: &'a [u8],
    protected: &'a [u8],
    payload: &'a [u8],
    signature: &'a [u8],
    header: Header,
    /// If the caller has hashed these bytes already.
    entry: Option<Entry>,
}

impl<'a> Unverified<'a> {
    /// Reads the structure and the closed header: deterministic CBOR throughout, so the bytes are
    /// the only encoding of what they say. REC-10, REC-11.
    pub fn parse(bytes: &'a [u8]) -> Result<Unverified<'a>> {
        if bytes.len() > limits::STATEMENT_BYTES {
            return Err(Code::TooLarge.at("statement"));
        }
        let wrong = |what: &str| Code::StructureWrong.at(what);
        let mut reader = Reader::new(bytes);
        if reader.tag()? != cose::TAG_SIGN1 || reader.array()? != 4 {
            return Err(wrong("not a COSE_Sign1"));
        }
        let protected = reader.bytes()?;
        if reader.map()? != 0 {
            return Err(wrong("unprotected header not empty"));
        }
        let payload = reader.bytes()?;
        let signature = reader.bytes()?;
        reader.end()?;
        if signature.len() != 64 {
            return Err(wrong("signature length"));
        }
        let header = Header::parse(protected)?;
        Ok(Unverified { bytes, protected, payload, signature, header, entry: None })
    }

    /// The claimed header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// As [`Unverified::parse`], for bytes whose SHA-256 the caller has computed: it is not
    /// computed again.
    pub fn parse_hashed(bytes: &'a [u8], entry: Entry) -> Result<Unverified<'a>> {
        Ok(Unverified { entry: Some(entry), ..Unverified::parse(bytes)? })
    }

    /// The entry of these bytes.
    pub fn entry(&self) -> Entry {
        self.entry.unwrap_or_else(|| Entry::of(self.bytes))
    }

    /// Verifies the signature, then reads the payload. Whether the key was in force is the
    /// caller's to know. Disclosures: see [`disclose::check`].
    pub fn verify(
        self,
        key: &VerifyKey,
        disclosures: Vec<Disclosure>,
        all: bool,
    ) -> Result<Verified> {
        if key.thumbprint() != self.header.kid {
            return Err(Code::KidUnknown.at(self.header.kid.short()));
        }
        key.verify(&cose::sign1_bytes(self.protected, b"", self.payload), self.signature)?;
        self.read(disclosures, all)
    }

    /// For statements that this node verified before it stored them: reads without verifying the
    /// signature again.
    pub fn reread(self, disclosures: Vec<Disclosure>) -> Result<Verified> {
        self.read(disclosures, false)
    }

    fn read(self, disclosures: Vec<Disclosure>, all: bool) -> Result<Verified> {
        let entry = self.entry();
        let payload = Payload::parse(self.payload)?;
        disclose::check(&payload.sd, &disclosures, all)?;
        Ok(Verified { entry, header: self.header, payload, disclosures })
    }
}

/// A statement whose signature holds and whose form is right.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Its entry.
    pub entry: Entry,
    /// Its header.
    pub header: Header,
    /// Its payload.
    pub payload: Payload,
    /// What came beside it.
    pub disclosures: Vec<Disclosure>,
}

impl Verified {
    /// Checks that it belongs on this channel: from `author` to `reader`, drill and epoch as the
    /// log it lies in, matter as its opening says. REC-14.
    pub fn belongs(
        &self,
        author: &PartyId,
        reader: &PartyId,
        drill: bool,
        epoch: u64,
    ) -> std::result::Result<(), Fault> {
        self.addressed(author, reader, ChannelId::between(author, reader, drill))?;
        self.fits(author, drill, epoch)
    }

    /// The same for a statement of `author` in its own one-sided log about a correspondent, which
    /// never belongs on a channel of two parties. COR-1.
    pub fn belongs_apart(
        &self,
        author: &PartyId,
        correspondent: &PartyId,
        drill: bool,
        epoch: u64,
    ) -> std::result::Result<(), Fault> {
        self.addressed(author, correspondent, ChannelId::apart(author, correspondent, drill))?;
        self.fits(author, drill, epoch)
    }

    /// From whom, to whom, on which channel; nobody writes to itself.
    fn addressed(
        &self,
        author: &PartyId,
        audience: &PartyId,
        channel: ChannelId,
    ) -> std::result::Result<(), Fault> {
        let header = &self.header;
        if header.issuer != *author {
            return Err(Code::IssuerWrong.at(""));
        }
        if header.audience != *audience || author == audience {
            return Err(Code::AudienceWrong.at(""));
        }
        if header.channel != channel {
            return Err(Code::ChannelWrong.at("sub"));
        }
        Ok(())
    }

    fn fits(&self, author: &PartyId, drill: bool, epoch: u64) -> std::result::Result<(), Fault> {
        let header = &self.header;
        if self.payload.drill != drill {
            return Err(Code::DrillDiffers.at(""));
        }
        if self.payload.epoch != epoch {
            return Err(Code::EpochDiffers.at(format!("{} in {epoch}", self.payload.epoch)));
        }
        if let Some(open) = &self.payload.open
            && header.matter != MatterId::of(&header.channel, author, &open.nonce)
        {
            return Err(Code::ChannelWrong.at("matter is not that of the nonce"));
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::keys::SoftKeys;
    use crate::payload::tests::sample;
    use zeroize::Zeroizing;

    pub(crate) fn keys() -> SoftKeys {
        let seeds = |base: u8| {
            Zeroizing::new(std::array::from_fn::<[u8; 32], 7, _>(|i| [base + i as u8; 32]))
        };
        SoftKeys::new(&[seeds(10), seeds(20)], &[]).unwrap()
    }

    pub(crate) fn signed(keys: &SoftKeys) -> Signed {
        let disclosures = vec![Disclosure::new(&[1; 16], "facts", "text".into())];
        let sd = disclosures.iter().map(Disclosure::digest).collect();
        let payload = Payload { sd, ..sample() };
        let (a, b) = (PartyId([1; 32]), PartyId([2; 32]));
        let channel = ChannelId::between(&a, &b, true);
        let nonce = payload.open.as_ref().unwrap().nonce;
        let header = Header {
            kid: keys.public(Ring::Drill).key(Role::Statement).thumbprint(),
            issuer: a,
            audience: b,
            channel,
            matter: MatterId::of(&channel, &a, &nonce),
            issued_at: 1_700_000_000,
        };
        sign(&header, &payload, disclosures, keys).unwrap()
    }

    #[test]
    fn what_is_signed_is_verified_and_belongs_where_it_says() {
        let keys = keys();
        let signed = signed(&keys);
        let key = keys.public(Ring::Drill).key(Role::Statement);
        let read =
            |bytes: &[u8]| Unverified::parse(bytes)?.verify(key, signed.disclosures.clone(), true);
        let verified = read(&signed.bytes).unwrap();
        assert_eq!(verified.entry, signed.entry);
        let (a, b) = (PartyId([1; 32]), PartyId([2; 32]));
        verified.belongs(&a, &b, true, 1).unwrap();
        for (author, reader, drill, epoch, code) in [
            (b, a, true, 1, Code::IssuerWrong),
            (a, PartyId([3; 32]), true, 1, Code::AudienceWrong),
            (a, b, false, 1, Code::ChannelWrong),
            (a, b, true, 2, Code::EpochDiffers),
        ] {
            assert_eq!(verified.belongs(&author, &reader, drill, epoch).unwrap_err().code, code);
        }
        let mut live = verified.clone();
        live.payload.drill = false;
        assert_eq!(live.belongs(&a, &b, true, 1).unwrap_err().code, Code::DrillDiffers);
        let at = signed.bytes.windows(9).position(|part| part == b"statement").unwrap();
        let mut other_type = signed.bytes.clone();
        other_type[at..at + 9].copy_from_slice(b"statemenu");
        assert_eq!(read(&other_type).unwrap_err().code, Code::TypeWrong);
        for i in 0..signed.bytes.len() {
            let mut bytes = signed.bytes.clone();
            bytes[i] ^= 1;
            assert!(read(&bytes).is_err(), "byte {i}");
        }
        let other = keys.public(Ring::Live).key(Role::Statement);
        let unverified = Unverified::parse(&signed.bytes).unwrap();
        let fault = unverified.verify(other, signed.disclosures.clone(), true).unwrap_err();
        assert_eq!(fault.code, Code::KidUnknown);
    }
}
