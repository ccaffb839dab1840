//! The keys of a node: what each is for, the seam behind which the secrets lie, and the software
//! that fills it. No secret leaves, so that a hardware token can stand in its place.

use crate::fault::{Code, Result};
use crate::hash::sha256;
use crate::id::Kid;
use crate::key::{Algorithm, Random, SigningKey, VerifyKey};
use crate::seal::{self, Sealed};
use zeroize::Zeroizing;

/// What a signing key is for. Never one key for two of them. REC-9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Signs statements. Ed25519.
    Statement,
    /// Signs own heads and receipts. Ed25519.
    Log,
    /// Signs own heads. ML-DSA-44.
    LogPq,
    /// Cosigns the peer's heads. Ed25519.
    Cosign,
    /// Cosigns the peer's heads. ML-DSA-44.
    CosignPq,
    /// Authenticates the TLS connection as a raw public key (RFC 7250). Ed25519.
    Transport,
}

impl Role {
    /// Every role, in the order in which credentials list them.
    pub const ALL: [Role; 6] =
        [Role::Statement, Role::Log, Role::LogPq, Role::Cosign, Role::CosignPq, Role::Transport];

    /// The algorithm of this role in suite 1.
    pub fn algorithm(self) -> Algorithm {
        match self {
            Role::LogPq | Role::CosignPq => Algorithm::MlDsa44,
            Role::Statement | Role::Log | Role::Cosign | Role::Transport => Algorithm::Ed25519,
        }
    }

    /// Its name in credentials.
    pub fn name(self) -> &'static str {
        match self {
            Role::Statement => "statement",
            Role::Log => "log",
            Role::LogPq => "log_pq",
            Role::Cosign => "cosign",
            Role::CosignPq => "cosign_pq",
            Role::Transport => "transport",
        }
    }
}

/// Live or drill: separate keys, separate channels, separate logs, separate figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ring {
    /// The real thing.
    Live,
    /// Exercises.
    Drill,
}

impl Ring {
    /// Both.
    pub const ALL: [Ring; 2] = [Ring::Live, Ring::Drill];

    /// From the drill byte.
    pub fn from_drill(drill: bool) -> Ring {
        if drill { Ring::Drill } else { Ring::Live }
    }

    /// The drill byte.
    pub fn is_drill(self) -> bool {
        self == Ring::Drill
    }

    /// Its name in credentials.
    pub fn name(self) -> &'static str {
        if self.is_drill() { "drill" } else { "live" }
    }
}

/// The secrets of a node, behind a seam.
pub trait Keys: Send + Sync {
    /// Signs with the key of a role.
    fn sign(&self, ring: Ring, role: Role, message: &[u8]) -> Result<Vec<u8>>;
    /// Opens what was sealed to the key `kid`. [`Code::ParcelNotForUs`] if it is not held.
    fn open(&self, ring: Ring, kid: &Kid, sealed: &Sealed<'_>) -> Result<Vec<u8>>;
    /// The public halves in force.
    fn public(&self, ring: Ring) -> &PublicRing;
    /// Whether the secrets are within reach now: asked before work that would be half done without
    /// them. Those in memory always are.
    fn ready(&self) -> Result<()> {
        Ok(())
    }
}

/// The public halves of one ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicRing {
    /// In the order of [`Role::ALL`].
    keys: [VerifyKey; 6],
    /// The X-Wing sealing key.
    seal: Vec<u8>,
}

impl PublicRing {
    /// From keys in the order of [`Role::ALL`] and a sealing key; each is checked for its role.
    pub fn new(keys: [VerifyKey; 6], seal: Vec<u8>) -> Result<PublicRing> {
        for (role, key) in Role::ALL.iter().zip(&keys) {
            if key.algorithm() != role.algorithm() {
                return Err(Code::KeyMalformed.at(role.name()));
            }
        }
        for (i, key) in keys.iter().enumerate() {
            if keys[..i].contains(key) {
                return Err(Code::KeyMalformed.at("one key for two roles"));
            }
        }
        seal::check_public(&seal)?;
        Ok(PublicRing { keys, seal })
    }

    /// The key of a role.
    pub fn key(&self, role: Role) -> &VerifyKey {
        &self.keys[role as usize]
    }

    /// The sealing key.
    pub fn seal(&self) -> &[u8] {
        &self.seal
    }

    /// The name of the sealing key: SHA-256 of its bytes, since RFC 9679 knows no X-Wing yet.
    pub fn seal_kid(&self) -> Kid {
        seal_kid(&self.seal)
    }
}

/// The name of a sealing key.
pub fn seal_kid(public: &[u8]) -> Kid {
    Kid(sha256(&[b"counterpart/seal/v1", public]))
}

/// Seeds of one ring: one per role in the order of [`Role::ALL`], then the sealing seed.
pub type RingSeeds = Zeroizing<[[u8; 32]; 7]>;

/// Keys in memory, from seeds.
pub struct SoftKeys {
    rings: [SoftRing; 2],
}

struct SoftRing {
    signing: Vec<SigningKey>,
    /// Newest first: a parcel sealed before a rotation still opens.
    sealing: Vec<(Kid, Zeroizing<[u8; 32]>)>,
    public: PublicRing,
}

impl SoftKeys {
    /// From the seeds of the live and the drill ring, and older sealing seeds that are still held.
    pub fn new(seeds: &[RingSeeds; 2], older: &[Zeroizing<[u8; 32]>]) -> Result<SoftKeys> {
        Ok(SoftKeys { rings: [ring(&seeds[0], older)?, ring(&seeds[1], older)?] })
    }

    /// Fresh seeds for both rings.
    pub fn fresh_seeds(random: &dyn Random) -> [RingSeeds; 2] {
        let fresh = || {
            let mut seeds = Zeroizing::new([[0; 32]; 7]);
            seeds.iter_mut().for_each(|seed| random.fill(seed));
            seeds
        };
        [fresh(), fresh()]
    }

    fn ring(&self, ring: Ring) -> &SoftRing {
        &self.rings[ring as usize]
    }
}

fn ring(seeds: &RingSeeds, older: &[Zeroizing<[u8; 32]>]) -> Result<SoftRing> {
    let mut signing = Vec::new();
    for (role, seed) in Role::ALL.iter().zip(seeds.iter()) {
        signing.push(SigningKey::from_seed(role.algorithm(), &Zeroizing::new(*seed))?);
    }
    let mut sealing = Vec::new();
    let newest = Zeroizing::new(seeds[6]);
    for seed in std::iter::once(&newest).chain(older) {
        sealing.push((seal_kid(&seal::public_key(seed)?), seed.clone()));
    }
    let keys: Vec<VerifyKey> = signing.iter().map(|key| key.public().clone()).collect();
    let keys = keys.try_into().map_err(|_| Code::Internal.at("roles"))?;
    let public = PublicRing::new(keys, seal::public_key(&newest)?)?;
    Ok(SoftRing { signing, sealing, public })
}

/// Opens what was sealed to one of these secrets. [`Code::ParcelNotForUs`] if it was to none.
pub fn open_with(
    held: &[(Kid, Zeroizing<[u8; 32]>)],
    kid: &Kid,
    sealed: &Sealed<'_>,
) -> Result<Vec<u8>> {
    let found = held.iter().find(|(name, _)| name == kid);
    let (_, secret) = found.ok_or_else(|| Code::ParcelNotForUs.at(kid.short()))?;
    seal::open(secret, sealed)
}

impl Keys for SoftKeys {
    fn sign(&self, ring: Ring, role: Role, message: &[u8]) -> Result<Vec<u8>> {
        self.ring(ring).signing[role as usize].sign(message)
    }

    fn open(&self, ring: Ring, kid: &Kid, sealed: &Sealed<'_>) -> Result<Vec<u8>> {
        open_with(&self.ring(ring).sealing, kid, sealed)
    }

    fn public(&self, ring: Ring) -> &PublicRing {
        &self.ring(ring).public
    }
}

/// The root pair of a party, kept off line. Signs credentials and what else binds the party. REC-1.
pub struct RootKeys {
    /// Ed25519.
    pub ed25519: SigningKey,
    /// ML-DSA-65.
    pub ml_dsa: SigningKey,
}

impl RootKeys {
    /// From two seeds.
    pub fn from_seeds(seeds: &Zeroizing<[[u8; 32]; 2]>) -> Result<RootKeys> {
        Ok(RootKeys {
            ed25519: SigningKey::from_seed(Algorithm::Ed25519, &Zeroizing::new(seeds[0]))?,
            ml_dsa: SigningKey::from_seed(Algorithm::MlDsa65, &Zeroizing::new(seeds[1]))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);
    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    #[test]
    fn rings_share_no_key_and_roles_share_none() {
        let seeds = SoftKeys::fresh_seeds(&Counting(1.into()));
        let keys = SoftKeys::new(&seeds, &[]).unwrap();
        let (live, drill) = (keys.public(Ring::Live), keys.public(Ring::Drill));
        for role in Role::ALL {
            assert_ne!(live.key(role), drill.key(role));
            let signature = keys.sign(Ring::Live, role, b"m").unwrap();
            live.key(role).verify(b"m", &signature).unwrap();
            assert!(drill.key(role).verify(b"m", &signature).is_err());
        }
        assert_ne!(live.seal_kid(), drill.seal_kid());
        let mut doubled = live.keys.clone();
        doubled[5] = doubled[0].clone();
        assert!(PublicRing::new(doubled, live.seal.clone()).is_err());
    }
}
