//! What a party says of itself and of others under its root pair: credentials, accreditations,
//! revocations and epochs. Each is a COSE_Sign (RFC 9052) with two signatures, Ed25519 and
//! ML-DSA-65, and both must hold.

use crate::cose::{self, Sign};
use crate::fault::{Code, Fault, Result};
use crate::hash::Hash;
use crate::id::{Entry, Kid, PartyId, hex, unhex};
use crate::key::{Algorithm, VerifyKey};
use crate::keys::{Keys, PublicRing, Ring, Role, RootKeys};
use crate::limits;
use crate::strict::cbor::{Order, Value as Cbor, Writer};
use crate::strict::json::{self, Object, Value};
use base64ct::{Base64UrlUnpadded, Encoding as _};

/// The type (label 16) of root-signed statements.
pub const TYPE: &str = "application/counterpart-credential+cose";

/// The public root pair; the party id is its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootPublic {
    /// Ed25519.
    pub ed25519: VerifyKey,
    /// ML-DSA-65.
    pub ml_dsa: VerifyKey,
}

impl RootPublic {
    /// Of a root pair.
    pub fn of(keys: &RootKeys) -> RootPublic {
        RootPublic { ed25519: keys.ed25519.public().clone(), ml_dsa: keys.ml_dsa.public().clone() }
    }

    /// The party. REC-3.
    pub fn party(&self) -> PartyId {
        let mut ed25519 = [0; 32];
        ed25519.copy_from_slice(self.ed25519.as_bytes());
        PartyId::of(&ed25519, self.ml_dsa.as_bytes())
    }
}

/// How a person reaches the desk. Public among peers; never in a statement's body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    /// The authority's name per language tag, at least one.
    pub names: Vec<(String, String)>,
    /// Call-back numbers.
    pub callback: Vec<String>,
    /// Where the node listens, `host:port`, first choice first; empty if it can only call out.
    pub endpoints: Vec<String>,
    /// Working languages, as BCP 47 tags.
    pub languages: Vec<String>,
    /// Streams it takes part in.
    pub streams: Vec<String>,
}

/// A credential: who a party is and which keys are in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The party, checked against `root`.
    pub party: PartyId,
    /// From 1; each replaces the one before.
    pub version: u64,
    /// The root pair.
    pub root: RootPublic,
    /// Names, numbers, endpoints.
    pub desk: Desk,
    /// Keys for the real thing.
    pub live: PublicRing,
    /// Keys for exercises.
    pub drill: PublicRing,
    /// POSIX seconds.
    pub issued_at: u64,
}

impl Credential {
    /// What an authority says of itself with these keys.
    pub fn new(
        root: &RootKeys,
        keys: &dyn Keys,
        version: u64,
        desk: Desk,
        issued_at: u64,
    ) -> Credential {
        let root = RootPublic::of(root);
        Credential {
            party: root.party(),
            version,
            root,
            desk,
            live: keys.public(Ring::Live).clone(),
            drill: keys.public(Ring::Drill).clone(),
            issued_at,
        }
    }

    /// The keys of a ring.
    pub fn ring(&self, ring: Ring) -> &PublicRing {
        if ring.is_drill() { &self.drill } else { &self.live }
    }

    /// The name in a language, or the first one.
    pub fn name(&self, language: &str) -> &str {
        let names = &self.desk.names;
        let found = names.iter().find(|(tag, _)| tag == language).or(names.first());
        found.map_or("", |(_, name)| name)
    }
}

/// "I have compared the fingerprint and accept this credential." Opens the channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accreditation {
    /// Who accepts.
    pub by: PartyId,
    /// Who is accepted.
    pub peer: PartyId,
    /// Which credential was held when the fingerprint was compared.
    pub credential: Entry,
    /// How it was compared: `voice` or `in-person`.
    pub compared: String,
    /// POSIX seconds.
    pub issued_at: u64,
}

/// "This key is no longer mine to use; what it signed since then is contested."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Who revokes.
    pub by: PartyId,
    /// Which key.
    pub kid: Kid,
    /// POSIX seconds from which misuse is suspected.
    pub suspected_since: u64,
    /// POSIX seconds.
    pub issued_at: u64,
}

/// "My log of this channel goes on as a new one from here."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// Whose log.
    pub by: PartyId,
    /// The origin that ends.
    pub old_origin: String,
    /// How many of its leaves are kept.
    pub kept: u64,
    /// Its root at that size.
    pub root: Hash,
    /// The number of the epoch that begins.
    pub epoch: u64,
    /// Why: `restored`, `key-lost` or `repaired`.
    pub reason: String,
    /// POSIX seconds.
    pub issued_at: u64,
}

/// Any root-signed statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// See [`Credential`].
    Credential(Box<Credential>),
    /// See [`Accreditation`].
    Accreditation(Accreditation),
    /// See [`Revocation`].
    Revocation(Revocation),
    /// See [`Epoch`].
    Epoch(Epoch),
}

impl Control {
    /// Who signed it.
    pub fn by(&self) -> PartyId {
        match self {
            Control::Credential(c) => c.party,
            Control::Accreditation(a) => a.by,
            Control::Revocation(r) => r.by,
            Control::Epoch(e) => e.by,
        }
    }

    /// Its kind, as in the payload.
    pub fn kind(&self) -> &'static str {
        match self {
            Control::Credential(_) => "credential",
            Control::Accreditation(_) => "accreditation",
            Control::Revocation(_) => "revocation",
            Control::Epoch(_) => "epoch",
        }
    }

    fn issued_at(&self) -> u64 {
        match self {
            Control::Credential(c) => c.issued_at,
            Control::Accreditation(a) => a.issued_at,
            Control::Revocation(r) => r.issued_at,
            Control::Epoch(e) => e.issued_at,
        }
    }

    /// Signs with both root keys. REC-8.
    pub fn sign(&self, keys: &RootKeys) -> Result<Vec<u8>> {
        let payload = Value::Object(self.payload()).to_text().into_bytes();
        let mut protected = Writer::new();
        protected.map(3).int(3).text(crate::statement::CONTENT_TYPE);
        protected.int(15).map(2).int(1).text(&self.by().urn()).int(6).uint(self.issued_at());
        protected.int(16).text(TYPE);
        let protected = protected.finish();
        let mut writer = Writer::new();
        writer.tag(cose::TAG_SIGN).array(4).bytes(&protected).map(0).bytes(&payload).array(2);
        for key in [&keys.ed25519, &keys.ml_dsa] {
            let mut header = Writer::new();
            header.map(2).int(1).int(key.public().algorithm().cose());
            header.int(4).bytes(&key.public().thumbprint().0);
            let header = header.finish();
            let message = cose::sign_bytes(&protected, &header, b"", &payload);
            writer.array(3).bytes(&header).map(0).bytes(&key.sign(&message)?);
        }
        let bytes = writer.finish();
        if bytes.len() > limits::CONTROL_BYTES {
            return Err(Code::TooLarge.at(self.kind()));
        }
        Ok(bytes)
    }

    /// Reads and verifies. A credential proves itself by the root pair inside it; everything else
    /// needs the `root` of the party that is claimed. REC-8.
    pub fn verify(bytes: &[u8], root: Option<&RootPublic>) -> Result<Control> {
        if bytes.len() > limits::CONTROL_BYTES {
            return Err(Code::TooLarge.at("credential"));
        }
        let (message, control) = parse(bytes)?;
        let own;
        let root = match (&control, root) {
            (_, Some(root)) => root,
            (Control::Credential(credential), None) => {
                own = credential.root.clone();
                &own
            }
            (_, None) => return Err(Code::PartyWrong.at("root keys not known")),
        };
        if root.party() != control.by() {
            return Err(Code::PartyWrong.at("root keys do not give the party id"));
        }
        check_header(&message, &control)?;
        let [first, second] = &message.signers[..] else {
            return Err(Code::StructureWrong.at("not two signatures"));
        };
        for (signer, key) in [(first, &root.ed25519), (second, &root.ml_dsa)] {
            let kid = signer.protected.label(4).and_then(Cbor::as_bytes);
            let two = matches!(&signer.protected, Cbor::Map(pairs) if pairs.len() == 2);
            if !two || signer.unprotected != Cbor::Map(Vec::new()) {
                return Err(Code::HeaderNotClosed.at("signer"));
            }
            if kid != Some(&key.thumbprint().0) {
                return Err(Code::KidUnknown.at("root key"));
            }
            message.verify(signer, key, b"", None)?;
        }
        Ok(control)
    }

    /// Reads one that was verified before it was kept.
    pub fn reread(bytes: &[u8]) -> Result<Control> {
        parse(bytes).map(|(_, control)| control)
    }

    fn payload(&self) -> Object {
        let base = Object::default().with("v", 1i64).with("kind", self.kind());
        let base = base.with("issued_at", self.issued_at());
        match self {
            Control::Credential(c) => write_credential(base, c),
            Control::Accreditation(a) => base
                .with("by", a.by.to_string())
                .with("peer", a.peer.to_string())
                .with("credential", a.credential.to_string())
                .with("compared", a.compared.as_str()),
            Control::Revocation(r) => base
                .with("by", r.by.to_string())
                .with("kid", r.kid.to_string())
                .with("suspected_since", r.suspected_since),
            Control::Epoch(e) => base
                .with("by", e.by.to_string())
                .with("old_origin", e.old_origin.as_str())
                .with("kept", e.kept)
                .with("root", hex(&e.root))
                .with("epoch", e.epoch)
                .with("reason", e.reason.as_str()),
        }
    }
}

fn parse(bytes: &[u8]) -> Result<(Sign, Control)> {
    let message = Sign::parse(bytes, Order::Deterministic)?;
    let payload = message.payload.as_deref();
    let payload = payload.ok_or_else(|| Code::StructureWrong.at("no payload"))?;
    let control = read(&json::parse_object(payload)?)?;
    Ok((message, control))
}

fn check_header(message: &Sign, control: &Control) -> Result<()> {
    let header = &message.protected;
    let claims = header.label(15);
    let claim = |name| claims.and_then(|claims| claims.label(name));
    let Cbor::Map(pairs) = header else {
        return Err(Code::HeaderNotClosed.at("credential"));
    };
    let closed = pairs.len() == 3
        && matches!(claims, Some(Cbor::Map(list)) if list.len() == 2)
        && message.unprotected == Cbor::Map(Vec::new())
        && header.label(3).and_then(Cbor::as_text) == Some(crate::statement::CONTENT_TYPE);
    if !closed {
        return Err(Code::HeaderNotClosed.at("credential"));
    }
    if header.label(16).and_then(Cbor::as_text) != Some(TYPE) {
        return Err(Code::TypeWrong.at("credential"));
    }
    if claim(1).and_then(Cbor::as_text) != Some(&control.by().urn()) {
        return Err(Code::IssuerWrong.at("credential"));
    }
    if claim(6).and_then(Cbor::as_u64) != Some(control.issued_at()) {
        return Err(Code::PayloadWrong.at("issued_at"));
    }
    Ok(())
}

fn base64(bytes: &[u8]) -> Value {
    Value::Str(Base64UrlUnpadded::encode_string(bytes))
}

fn write_credential(base: Object, c: &Credential) -> Object {
    let ring = |ring: &PublicRing| {
        let mut object = Object::default();
        for role in Role::ALL {
            object.set(role.name(), base64(ring.key(role).as_bytes()));
        }
        object.with("seal", base64(ring.seal()))
    };
    let mut names = Object::default();
    for (tag, name) in &c.desk.names {
        names.set(tag, name.as_str());
    }
    let list = |items: &[String]| Value::from(items.to_vec());
    base.with("version", c.version)
        .with("suite", 1i64)
        .with("party", c.party.to_string())
        .with(
            "root",
            Object::default()
                .with("ed25519", base64(c.root.ed25519.as_bytes()))
                .with("ml_dsa_65", base64(c.root.ml_dsa.as_bytes())),
        )
        .with("names", names)
        .with("callback", list(&c.desk.callback))
        .with("endpoints", list(&c.desk.endpoints))
        .with("languages", list(&c.desk.languages))
        .with("streams", list(&c.desk.streams))
        .with("live", ring(&c.live))
        .with("drill", ring(&c.drill))
}

/// A reader of one closed object: every member must be asked for.
struct Members<'a> {
    object: &'a Object,
    asked: std::cell::Cell<usize>,
}

fn wrong(name: &str) -> Fault {
    Code::PayloadWrong.at(name)
}

impl<'a> Members<'a> {
    fn new(object: &'a Object) -> Members<'a> {
        Members { object, asked: 0.into() }
    }

    fn get(&self, name: &str) -> Result<&'a Value> {
        self.asked.set(self.asked.get() + 1);
        self.object.get(name).ok_or_else(|| wrong(name))
    }

    fn text(&self, name: &str) -> Result<&'a str> {
        self.get(name)?.as_str().filter(|t| t.len() <= 1024).ok_or_else(|| wrong(name))
    }

    fn number(&self, name: &str) -> Result<u64> {
        let number = self.get(name)?.as_int().and_then(|n| u64::try_from(n).ok());
        number.ok_or_else(|| wrong(name))
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>> {
        let text = self.get(name)?.as_str().ok_or_else(|| wrong(name))?;
        Base64UrlUnpadded::decode_vec(text).map_err(|_| wrong(name))
    }

    fn key(&self, name: &str, algorithm: Algorithm) -> Result<VerifyKey> {
        VerifyKey::new(algorithm, &self.bytes(name)?)
    }

    fn object(&self, name: &str) -> Result<Members<'a>> {
        Ok(Members::new(self.get(name)?.as_object().ok_or_else(|| wrong(name))?))
    }

    fn texts(&self, name: &str) -> Result<Vec<String>> {
        let items = self.get(name)?.as_array().filter(|items| items.len() <= 64);
        let texts = items.ok_or_else(|| wrong(name))?.iter().map(|item| {
            item.as_str().filter(|t| t.len() <= 256).map(str::to_owned).ok_or_else(|| wrong(name))
        });
        texts.collect()
    }

    /// Nothing is there that was not asked for.
    fn closed(&self) -> Result<()> {
        let same = self.asked.get() == self.object.0.len();
        if same { Ok(()) } else { Err(wrong("unknown member")) }
    }
}

fn read(object: &Object) -> Result<Control> {
    let members = Members::new(object);
    if members.number("v")? != 1 {
        return Err(wrong("v"));
    }
    let issued_at = members.number("issued_at")?;
    let id = |name| members.text(name).and_then(|t| PartyId::parse(t).map_err(|_| wrong(name)));
    let control = match members.text("kind")? {
        "credential" => Control::Credential(Box::new(read_credential(&members, issued_at)?)),
        "accreditation" => Control::Accreditation(Accreditation {
            by: id("by")?,
            peer: id("peer")?,
            credential: Entry::parse(members.text("credential")?)
                .map_err(|_| wrong("credential"))?,
            compared: members.text("compared")?.to_owned(),
            issued_at,
        }),
        "revocation" => Control::Revocation(Revocation {
            by: id("by")?,
            kid: Kid::parse(members.text("kid")?).map_err(|_| wrong("kid"))?,
            suspected_since: members.number("suspected_since")?,
            issued_at,
        }),
        "epoch" => Control::Epoch(Epoch {
            by: id("by")?,
            old_origin: members.text("old_origin")?.to_owned(),
            kept: members.number("kept")?,
            root: unhex(members.text("root")?).map_err(|_| wrong("root"))?,
            epoch: members.number("epoch")?,
            reason: members.text("reason")?.to_owned(),
            issued_at,
        }),
        _ => return Err(wrong("kind")),
    };
    members.closed()?;
    Ok(control)
}

fn read_credential(members: &Members<'_>, issued_at: u64) -> Result<Credential> {
    if members.number("suite")? != 1 {
        return Err(Code::SuiteUnknown.at("credential"));
    }
    let root = members.object("root")?;
    let public = RootPublic {
        ed25519: root.key("ed25519", Algorithm::Ed25519)?,
        ml_dsa: root.key("ml_dsa_65", Algorithm::MlDsa65)?,
    };
    root.closed()?;
    let party = PartyId::parse(members.text("party")?).map_err(|_| wrong("party"))?;
    if public.party() != party {
        return Err(Code::PartyWrong.at("root keys do not give the party id"));
    }
    let names = members.object("names")?.object;
    let names = names.0.iter().map(|(tag, name)| {
        let name = name.as_str().filter(|n| (1..=256).contains(&n.len()));
        Ok((tag.clone(), name.ok_or_else(|| wrong("names"))?.to_owned()))
    });
    let names: Vec<_> = names.collect::<Result<_>>()?;
    let version = members.number("version")?;
    if names.is_empty() || version == 0 {
        return Err(wrong("names or version"));
    }
    Ok(Credential {
        party,
        version,
        root: public,
        desk: Desk {
            names,
            callback: members.texts("callback")?,
            endpoints: members.texts("endpoints")?,
            languages: members.texts("languages")?,
            streams: members.texts("streams")?,
        },
        live: read_ring(&members.object("live")?)?,
        drill: read_ring(&members.object("drill")?)?,
        issued_at,
    })
}

fn read_ring(members: &Members<'_>) -> Result<PublicRing> {
    let keys: Result<Vec<VerifyKey>> =
        Role::ALL.iter().map(|role| members.key(role.name(), role.algorithm())).collect();
    let keys = keys?.try_into().map_err(|_| wrong("ring"))?;
    let ring = PublicRing::new(keys, members.bytes("seal")?)?;
    members.closed()?;
    Ok(ring)
}

/// Which keys of a party count where: its credentials by the index in its own log from which each
/// is in force, and its revocations. REC-17.
#[derive(Clone, Debug)]
pub struct KeyBook {
    /// Oldest first: from this index of the author's log on, this credential.
    credentials: Vec<(u64, Credential)>,
    /// Revoked keys with the time since which misuse is suspected.
    revoked: Vec<(Kid, u64)>,
}

impl KeyBook {
    /// Starts with the credential that was accredited.
    pub fn new(credential: Credential) -> KeyBook {
        KeyBook { credentials: vec![(0, credential)], revoked: Vec::new() }
    }

    /// The newest credential.
    pub fn newest(&self) -> &Credential {
        &self.credentials[self.credentials.len() - 1].1
    }

    /// Every credential, newest first.
    pub fn credentials(&self) -> impl Iterator<Item = &Credential> {
        self.credentials.iter().rev().map(|(_, credential)| credential)
    }

    /// Every credential with the index of its author's log from which it is in force, oldest first.
    pub fn in_order(&self) -> impl Iterator<Item = (u64, &Credential)> {
        self.credentials.iter().map(|(from, credential)| (*from, credential))
    }

    /// The credential in force at an index of the author's log.
    pub fn at(&self, index: u64) -> &Credential {
        let later = self.credentials.iter().rev().find(|(from, _)| *from <= index);
        &later.unwrap_or(&self.credentials[0]).1
    }

    /// A newer credential takes effect at an index of the author's log. A credential that is held
    /// already changes nothing. The one at leaf 0 takes the place of the one accredited, whichever
    /// version each is: REC-56. [`Code::CredentialOrder`] if it does not follow,
    /// [`Code::TooLarge`] if there are [`limits::CREDENTIALS`] already.
    pub fn rotate(&mut self, index: u64, credential: Credential) -> Result<()> {
        if self.credentials.iter().any(|(_, held)| *held == credential) {
            return Ok(());
        }
        if let (0, [(_, first)]) = (index, &mut self.credentials[..])
            && first.root == credential.root
        {
            *first = credential;
            return Ok(());
        }
        if self.credentials.len() >= limits::CREDENTIALS {
            return Err(Code::TooLarge.at(format!("credential {}", credential.version)));
        }
        let newest = self.newest();
        let (from, _) = &self.credentials[self.credentials.len() - 1];
        let follows = credential.version == newest.version + 1
            && credential.root == newest.root
            && *from <= index;
        if !follows {
            let what = format!("version {} after {}", credential.version, newest.version);
            return Err(Code::CredentialOrder.at(what));
        }
        self.credentials.push((index, credential));
        Ok(())
    }

    /// A revocation that has reached our own log. Of two the earlier time counts.
    pub fn revoke(&mut self, kid: Kid, suspected_since: u64) {
        match self.revoked.iter_mut().find(|(held, _)| *held == kid) {
            Some((_, since)) => *since = suspected_since.min(*since),
            None => self.revoked.push((kid, suspected_since)),
        }
    }

    /// Since when misuse of a revoked key is suspected.
    pub fn suspected_since(&self, kid: &Kid) -> Option<u64> {
        self.revoked.iter().find(|(held, _)| held == kid).map(|(_, since)| *since)
    }

    /// The statement key `kid`, if it was in force at the author's index and is not revoked in the
    /// reader's log. [`Code::KidUnknown`], [`Code::KeyRevoked`].
    pub fn statement_key(&self, ring: Ring, kid: &Kid, index: u64) -> Result<&VerifyKey> {
        if self.suspected_since(kid).is_some() {
            return Err(Code::KeyRevoked.at(kid.short()));
        }
        let key = self.at(index).ring(ring).key(Role::Statement);
        if key.thumbprint() == *kid { Ok(key) } else { Err(Code::KidUnknown.at(kid.short())) }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::statement::tests::keys;
    use zeroize::Zeroizing;

    pub(crate) fn root(seed: u8) -> RootKeys {
        RootKeys::from_seeds(&Zeroizing::new([[seed; 32], [seed + 1; 32]])).unwrap()
    }

    pub(crate) fn credential(root: &RootKeys) -> Credential {
        let desk = Desk {
            names: vec![("en".into(), "Arcadia".into()), ("zh-CN".into(), "阿卡迪亚".into())],
            callback: vec!["+1 555 0100".into()],
            endpoints: vec!["127.0.0.1:7000".into()],
            languages: vec!["en".into()],
            streams: vec!["cybercrime".into()],
        };
        Credential::new(root, &keys(), 1, desk, 1_700_000_000)
    }

    #[test]
    fn every_kind_is_read_back_and_needs_both_signatures() {
        let root = root(50);
        let credential = credential(&root);
        let by = credential.party;
        let controls = [
            Control::Credential(Box::new(credential.clone())),
            Control::Accreditation(Accreditation {
                by,
                peer: PartyId([9; 32]),
                credential: Entry([8; 32]),
                compared: "voice".into(),
                issued_at: 5,
            }),
            Control::Revocation(Revocation {
                by,
                kid: Kid([7; 32]),
                suspected_since: 4,
                issued_at: 5,
            }),
            Control::Epoch(Epoch {
                by,
                old_origin: "counterpart/1/a/b/1".into(),
                kept: 7,
                root: [6; 32],
                epoch: 2,
                reason: "restored".into(),
                issued_at: 5,
            }),
        ];
        for control in controls {
            let bytes = control.sign(&root).unwrap();
            let public = RootPublic::of(&root);
            assert_eq!(Control::verify(&bytes, Some(&public)).unwrap(), control);
            let alone = Control::verify(&bytes, None);
            assert_eq!(alone.is_ok(), matches!(control, Control::Credential(_)));
            let stranger = RootPublic::of(&self::root(60));
            let fault = Control::verify(&bytes, Some(&stranger)).unwrap_err();
            assert_eq!(fault.code, Code::PartyWrong);
            // One flipped bit anywhere, also in the second signature alone, refuses all of it.
            for i in (0..bytes.len()).step_by(37).chain([bytes.len() - 1, bytes.len() - 3400]) {
                let mut changed = bytes.clone();
                changed[i.min(bytes.len() - 1)] ^= 1;
                assert!(Control::verify(&changed, Some(&public)).is_err(), "byte {i}");
            }
        }
        let other = Credential { party: PartyId([1; 32]), ..credential };
        let bytes = Control::Credential(Box::new(other)).sign(&root).unwrap();
        assert_eq!(Control::verify(&bytes, None).unwrap_err().code, Code::PartyWrong);
    }

    #[test]
    fn keys_count_at_the_authors_index_until_revoked_in_ours() {
        let root = root(50);
        let first = credential(&root);
        let swapped = Credential {
            version: 2,
            live: first.drill.clone(),
            drill: first.live.clone(),
            ..first.clone()
        };
        let old = first.live.key(Role::Statement).thumbprint();
        let new = swapped.live.key(Role::Statement).thumbprint();
        let mut book = KeyBook::new(first.clone());
        let skipped = Credential { version: 3, ..swapped.clone() };
        assert_eq!(book.rotate(10, skipped).unwrap_err().code, Code::CredentialOrder);
        book.rotate(10, swapped).unwrap();
        book.rotate(0, first).unwrap();
        assert!(book.statement_key(Ring::Live, &old, 9).is_ok());
        assert_eq!(book.statement_key(Ring::Live, &old, 10).unwrap_err().code, Code::KidUnknown);
        assert!(book.statement_key(Ring::Live, &new, 10).is_ok());
        assert_eq!(book.statement_key(Ring::Live, &new, 9).unwrap_err().code, Code::KidUnknown);
        book.revoke(old, 3);
        assert_eq!(book.statement_key(Ring::Live, &old, 9).unwrap_err().code, Code::KeyRevoked);
        // What was misused for longer than was thought: an earlier time counts, a later one not.
        book.revoke(old, 4);
        assert_eq!(book.suspected_since(&old), Some(3));
        book.revoke(old, 2);
        assert_eq!(book.suspected_since(&old), Some(2));
    }
}
