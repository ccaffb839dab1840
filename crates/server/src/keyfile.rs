//! Secrets at rest: one file per set of seeds, sealed under a passphrase.
//!
//! ```text
//! counterpart-key/1 node argon2id m=65536,t=3,p=1 <salt> <nonce>     the header, also the AAD
//! <base64 of AES-256-GCM(seeds), 64 columns>
//! sha256 <hex of everything above>
//! ```
//!
//! Argon2id (RFC 9106) makes the key from passphrase and salt. The digest in the last line is no
//! secret and protects nothing from an attacker: it tells a damaged file from a wrong passphrase,
//! so that nobody types a right one for an hour.

use crate::durable;
use argon2::{Argon2, Block, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64ct::{Base64, Encoding as _};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::hash::sha256;
use counterpart_record::id::hex;
use counterpart_record::key::{Algorithm, Random, SigningKey, VerifyKey};
use counterpart_record::keys::{PublicRing, RingSeeds, Role, RootKeys, SoftKeys};
use counterpart_record::seal;
use std::path::Path;
use zeroize::{Zeroize as _, Zeroizing};

/// A live transport key that was replaced, while a peer may still know us by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderTransport {
    /// Its seed; if it lies on a token, its public half.
    pub key: Zeroizing<[u8; 32]>,
    /// Whether it lies on a token.
    pub on_token: bool,
}

/// Replaced transport keys that are kept at the most: a peer that slept through more rotations is
/// given the credential by hand.
pub const TRANSPORTS: usize = 8;

/// The seeds of a node: both rings, older sealing seeds that still open old parcels, and transport
/// keys of before.
pub struct NodeSeeds {
    /// Live, then drill. Of a key that lies on a token its public half stands in the place of the
    /// seed: both are 32 bytes.
    pub rings: [RingSeeds; 2],
    /// Newest first.
    pub older: Vec<Zeroizing<[u8; 32]>>,
    /// Newest first, at most [`TRANSPORTS`].
    pub transports: Vec<OlderTransport>,
    /// Whether the Ed25519 keys lie on a token.
    pub on_token: bool,
}

/// The seeds of the root pair: Ed25519, then ML-DSA-65. Kept where the node never looks.
pub struct RootSeeds(pub Zeroizing<[[u8; 32]; 2]>);

impl NodeSeeds {
    /// Fresh seeds for both rings.
    pub fn fresh(random: &dyn Random) -> NodeSeeds {
        let rings = SoftKeys::fresh_seeds(random);
        NodeSeeds { rings, older: Vec::new(), transports: Vec::new(), on_token: false }
    }

    /// The keys that they make. [`Code::Internal`] if a token holds a part of them.
    pub fn keys(&self) -> Result<SoftKeys> {
        if self.on_token {
            return Err(Code::Internal.at("keys on a token without it"));
        }
        SoftKeys::new(&self.rings, &self.older)
    }

    /// The public halves, live and drill. No token is asked for them.
    pub fn public(&self) -> Result<[PublicRing; 2]> {
        let of = |seeds: &RingSeeds| {
            let each = Role::ALL.iter().zip(seeds.iter()).map(|(role, seed)| {
                let algorithm = role.algorithm();
                if self.on_token && algorithm == Algorithm::Ed25519 {
                    return VerifyKey::new(algorithm, seed);
                }
                let key = SigningKey::from_seed(algorithm, &Zeroizing::new(*seed))?;
                Ok(key.public().clone())
            });
            let keys: Vec<VerifyKey> = each.collect::<Result<_>>()?;
            let keys = keys.try_into().map_err(|_| Code::Internal.at("roles"))?;
            PublicRing::new(keys, seal::public_key(&Zeroizing::new(seeds[6]))?)
        };
        Ok([of(&self.rings[0])?, of(&self.rings[1])?])
    }

    fn kind(&self) -> Kind {
        if self.on_token { Kind::Token } else { Kind::Node }
    }

    /// Writes a new key file. [`Code::FolderInUse`] if there is one.
    pub fn create(&self, path: &Path, lock: &Lock<'_>) -> Result<()> {
        durable::create(path, lock.seal(self.kind(), &self.bytes())?.as_bytes())
    }

    /// Writes the key file in the place of the one that is there, whose bytes are overwritten:
    /// after a rotation, without older secrets, or for a new passphrase. RET-2.
    pub fn replace(&self, path: &Path, lock: &Lock<'_>) -> Result<()> {
        durable::supersede(path, lock.seal(self.kind(), &self.bytes())?.as_bytes())
    }

    /// Reads a key file. [`Code::PassphraseWrong`], or [`Code::KeyFileWrong`] if it is damaged or
    /// of another kind.
    pub fn open(path: &Path, passphrase: &str) -> Result<NodeSeeds> {
        let (kind, bytes) = open(path, &[Kind::Node, Kind::Token], passphrase)?;
        // Seeds of 32 bytes, then transport keys of 33: what is over says how many of these.
        let count = bytes.len() % 32;
        let (seeds, last) = bytes.split_at(bytes.len().saturating_sub(count * 33));
        let ((seeds, rest), (last, over)) = (seeds.as_chunks::<32>(), last.as_chunks::<33>());
        let whole = rest.is_empty() && over.is_empty() && last.len() == count;
        if seeds.len() < 14 || !whole || count > TRANSPORTS || last.iter().any(|one| one[0] > 1) {
            return Err(damaged("number of seeds").within(&path.display().to_string()));
        }
        let transports = last.iter().map(|one| {
            let mut key = Zeroizing::new([0; 32]);
            key.copy_from_slice(&one[1..]);
            OlderTransport { key, on_token: one[0] == 1 }
        });
        let transports = transports.collect();
        let ring = |from: usize| {
            let mut ring = Zeroizing::new([[0; 32]; 7]);
            ring.copy_from_slice(&seeds[from..from + 7]);
            ring
        };
        let older = seeds[14..].iter().map(|seed| Zeroizing::new(*seed)).collect();
        let rings = [ring(0), ring(7)];
        Ok(NodeSeeds { rings, older, transports, on_token: kind == Kind::Token })
    }

    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        // In one allocation, or growing would leave copies of the seeds behind.
        let length = (14 + self.older.len()) * 32 + self.transports.len() * 33;
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        let seeds = self.rings.iter().flat_map(|ring| ring.iter());
        seeds.for_each(|seed| bytes.extend_from_slice(seed));
        self.older.iter().for_each(|seed| bytes.extend_from_slice(&seed[..]));
        for one in &self.transports {
            bytes.push(one.on_token.into());
            bytes.extend_from_slice(&one.key[..]);
        }
        bytes
    }
}

impl RootSeeds {
    /// Fresh seeds.
    pub fn fresh(random: &dyn Random) -> RootSeeds {
        let mut seeds = Zeroizing::new([[0; 32]; 2]);
        seeds.iter_mut().for_each(|seed| random.fill(seed));
        RootSeeds(seeds)
    }

    /// The root pair that they make.
    pub fn keys(&self) -> Result<RootKeys> {
        RootKeys::from_seeds(&self.0)
    }

    /// Writes a new key file. [`Code::FolderInUse`] if there is one: a root pair is made once.
    pub fn create(&self, path: &Path, lock: &Lock<'_>) -> Result<()> {
        durable::create(path, lock.seal(Kind::Root, self.0.as_flattened())?.as_bytes())
    }

    /// Writes the key file in the place of the one that is there, whose bytes are overwritten, for
    /// a new passphrase.
    pub fn replace(&self, path: &Path, lock: &Lock<'_>) -> Result<()> {
        durable::supersede(path, lock.seal(Kind::Root, self.0.as_flattened())?.as_bytes())
    }

    /// Reads a key file, with the faults of [`NodeSeeds::open`].
    pub fn open(path: &Path, passphrase: &str) -> Result<RootSeeds> {
        let (_, bytes) = open(path, &[Kind::Root], passphrase)?;
        let (seeds, rest) = bytes.as_chunks::<32>();
        if seeds.len() != 2 || !rest.is_empty() {
            return Err(damaged("number of seeds").within(&path.display().to_string()));
        }
        let mut pair = Zeroizing::new([[0; 32]; 2]);
        pair.copy_from_slice(seeds);
        Ok(RootSeeds(pair))
    }
}

/// The key of one backup. Whoever destroys its file has destroyed the backup, wherever copies of it
/// lie.
pub struct BackupKey(Zeroizing<[u8; 32]>);

impl BackupKey {
    /// A fresh key.
    pub fn fresh(random: &dyn Random) -> BackupKey {
        let mut key = Zeroizing::new([0; 32]);
        random.fill(&mut key[..]);
        BackupKey(key)
    }

    /// The key itself.
    pub fn bytes(&self) -> &[u8] {
        &self.0[..]
    }

    /// Writes a new key file. [`Code::FolderInUse`] if there is one.
    pub fn create(&self, path: &Path, lock: &Lock<'_>) -> Result<()> {
        durable::create(path, lock.seal(Kind::Backup, &self.0[..])?.as_bytes())
    }

    /// Reads a key file, with the faults of [`NodeSeeds::open`]; [`Code::BackupWrong`] if there is
    /// none.
    pub fn open(path: &Path, passphrase: &str) -> Result<BackupKey> {
        let (_, bytes) = open(path, &[Kind::Backup], passphrase)?;
        let mut key = Zeroizing::new([0; 32]);
        let fits = bytes.len() == key.len();
        if !fits {
            return Err(damaged("length of the key").within(&path.display().to_string()));
        }
        key.copy_from_slice(&bytes);
        Ok(BackupKey(key))
    }
}

/// What a new key file is locked with.
pub struct Lock<'a> {
    /// The passphrase, as UTF-8.
    pub passphrase: &'a str,
    /// What each guess shall cost.
    pub cost: Cost,
    /// Salt and nonce come from here.
    pub random: &'a dyn Random,
}

/// The price of one guess at a passphrase (RFC 9106, one lane).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl Cost {
    /// 64 MiB, three passes: the second choice of RFC 9106 section 4.
    pub const STANDARD: Cost = Cost { memory_kib: 64 * 1024, passes: 3 };
    /// The least that is accepted: 19 MiB, two passes.
    pub const LEAST: Cost = Cost { memory_kib: 19 * 1024, passes: 2 };
    /// The most that is accepted: whoever can write the file shall not choose our memory freely.
    const MOST: Cost = Cost { memory_kib: 1024 * 1024, passes: 16 };

    fn is_accepted(self) -> bool {
        let (least, most) = (Cost::LEAST, Cost::MOST);
        (least.memory_kib..=most.memory_kib).contains(&self.memory_kib)
            && (least.passes..=most.passes).contains(&self.passes)
    }

    fn key(self, passphrase: &str, salt: &[u8; 16]) -> Result<LessSafeKey> {
        let failed = |_| Code::Internal.at("argon2id");
        let params = Params::new(self.memory_kib, self.passes, 1, Some(32)).map_err(failed)?;
        let mut memory = vec![Block::default(); params.block_count()];
        let argon = Argon2::new(argon2::Algorithm::Argon2id, Version::V0x13, params);
        let mut key = Zeroizing::new([0; 32]);
        let made = argon.hash_password_into_with_memory(
            passphrase.as_bytes(),
            salt,
            &mut key[..],
            &mut memory[..],
        );
        memory.iter_mut().for_each(|block| block.zeroize());
        made.map_err(failed)?;
        let key = UnboundKey::new(&AES_256_GCM, &key[..]);
        Ok(LessSafeKey::new(key.map_err(|_| Code::Internal.at("AES-256-GCM key"))?))
    }
}

impl Lock<'_> {
    /// The text of a key file.
    fn seal(&self, kind: Kind, secret: &[u8]) -> Result<String> {
        if !self.cost.is_accepted() {
            return Err(Code::ArgumentWrong.at("cost of a guess"));
        }
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        self.random.fill(&mut salt);
        self.random.fill(&mut nonce);
        let header = header(kind, self.cost, &salt, &nonce);
        let key = self.cost.key(self.passphrase, &salt)?;
        let mut bytes = Vec::with_capacity(secret.len() + AES_256_GCM.tag_len());
        bytes.extend_from_slice(secret);
        // The key is this file's own, since its salt is; so the nonce meets it once.
        let nonce = Nonce::assume_unique_for_key(nonce);
        let sealed = key.seal_in_place_append_tag(nonce, Aad::from(&header), &mut bytes);
        if sealed.is_err() {
            bytes.zeroize();
            return Err(Code::Internal.at("AES-256-GCM"));
        }
        Ok(render(&header, &bytes))
    }
}

/// Whose secrets a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Root,
    Node,
    /// Of a node whose Ed25519 keys lie on a token.
    Token,
    Backup,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Root => "root",
            Kind::Node => "node",
            Kind::Token => "token",
            Kind::Backup => "backup",
        }
    }
}

/// Largest key file in bytes: room for some 700 older sealing seeds.
const FILE_BYTES: usize = 32 * 1024;

type Unsealed = (Kind, Zeroizing<Vec<u8>>);

/// The secret in a key file of one of some kinds, and of which.
fn open(path: &Path, kinds: &[Kind], passphrase: &str) -> Result<Unsealed> {
    let place = path.display().to_string();
    let missing = match kinds {
        [Kind::Root, ..] => Code::RootMissing,
        [Kind::Backup, ..] => Code::BackupWrong,
        _ => Code::FolderNotNode,
    };
    if !path.exists() {
        return Err(missing.at(place));
    }
    let bytes = durable::read(path, FILE_BYTES).map_err(|fault| match fault.code {
        Code::TooLarge => damaged("too long").within(&place),
        _ => fault,
    })?;
    unseal(&bytes, kinds, passphrase).map_err(|fault| fault.within(&place))
}

fn unseal(bytes: &[u8], kinds: &[Kind], passphrase: &str) -> Result<Unsealed> {
    let text = std::str::from_utf8(bytes).map_err(|_| damaged("not text"))?;
    known_format(text)?;
    let sealed = parse(text)?;
    let kind = sealed.kind;
    if !kinds.contains(&kind) {
        let (found, wanted) = (kind.name(), kinds[0].name());
        return Err(damaged(&format!("{found} keys where {wanted} keys belong")));
    }
    let key = sealed.cost.key(passphrase, &sealed.salt)?;
    let mut secret = Zeroizing::new(sealed.ciphertext);
    let nonce = Nonce::assume_unique_for_key(sealed.nonce);
    let opened = key.open_in_place(nonce, Aad::from(&sealed.header), &mut secret);
    let length = opened.map_err(|_| Code::PassphraseWrong.at(kind.name()))?.len();
    secret.truncate(length);
    Ok((kind, secret))
}

/// A whole file of a format that a later program writes is not damaged, and a backup of today is
/// no remedy for it. Every format ends with the digest of what is above it.
fn known_format(text: &str) -> Result<()> {
    let format = text.strip_prefix("counterpart-key/").and_then(|rest| rest.split(' ').next());
    let number = format.and_then(|number| number.parse::<u32>().ok());
    let whole = text
        .rsplit_once("sha256 ")
        .is_some_and(|(above, digest)| digest.trim_end() == hex(&sha256(&[above.as_bytes()])));
    match number.filter(|number| whole && *number != 1) {
        Some(number) => {
            Err(Code::StoreVersion.at(format!("format {number}, this program knows 1")))
        }
        None => Ok(()),
    }
}

struct Sealed {
    header: String,
    kind: Kind,
    cost: Cost,
    salt: [u8; 16],
    nonce: [u8; 12],
    ciphertext: Vec<u8>,
}

/// Reads the text of a key file. There is one text for one content: it must be the text that
/// [`render`] makes of what was read, so that no changed byte passes.
fn parse(text: &str) -> Result<Sealed> {
    let (header, rest) = text.split_once('\n').ok_or_else(|| damaged("no header"))?;
    let (body, _digest) = rest.rsplit_once("sha256 ").ok_or_else(|| damaged("no digest"))?;
    let body: String = body.lines().collect();
    let ciphertext = Base64::decode_vec(&body).map_err(|_| damaged("not base64"))?;
    if render(header, &ciphertext) != text {
        return Err(damaged("digest"));
    }
    let words: Vec<&str> = header.split(' ').collect();
    let ["counterpart-key/1", kind, "argon2id", cost, salt_text, nonce_text] = words[..] else {
        return Err(damaged("header"));
    };
    let kinds = [Kind::Root, Kind::Node, Kind::Token, Kind::Backup];
    let kind = kinds.into_iter().find(|k| k.name() == kind).ok_or_else(|| damaged("kind"))?;
    let cost = parse_cost(cost).filter(|cost| cost.is_accepted());
    let cost = cost.ok_or_else(|| damaged("argon2id parameters"))?;
    let (mut salt, mut nonce) = ([0; 16], [0; 12]);
    let read =
        |text: &str, into: &mut [u8]| Base64::decode(text, into).map(<[u8]>::len) == Ok(into.len());
    if !read(salt_text, &mut salt) || !read(nonce_text, &mut nonce) {
        return Err(damaged("salt or nonce"));
    }
    Ok(Sealed { header: header.to_owned(), kind, cost, salt, nonce, ciphertext })
}

fn parse_cost(text: &str) -> Option<Cost> {
    let (memory, passes) = text.strip_prefix("m=")?.strip_suffix(",p=1")?.split_once(",t=")?;
    Some(Cost { memory_kib: memory.parse().ok()?, passes: passes.parse().ok()? })
}

fn header(kind: Kind, cost: Cost, salt: &[u8; 16], nonce: &[u8; 12]) -> String {
    let Cost { memory_kib, passes } = cost;
    let (salt, nonce) = (Base64::encode_string(salt), Base64::encode_string(nonce));
    let kind = kind.name();
    format!("counterpart-key/1 {kind} argon2id m={memory_kib},t={passes},p=1 {salt} {nonce}")
}

fn render(header: &str, ciphertext: &[u8]) -> String {
    let mut text = format!("{header}\n");
    for line in Base64::encode_string(ciphertext).as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    let digest = hex(&sha256(&[text.as_bytes()]));
    text.push_str(&format!("sha256 {digest}\n"));
    text
}

fn damaged(what: &str) -> Fault {
    Code::KeyFileWrong.at(what)
}

#[cfg(test)]
mod tests;
