//! Keys and signatures. One predicate per algorithm, so that no two correct nodes disagree:
//! Ed25519 is strict (cofactorless, S < L, canonical A and R, neither of small order),
//! ML-DSA is FIPS 204 with the empty context, ECDSA P-256 serves foreign statements only.
//! The library verifies without cofactor, checks S < L and compares R as bytes, which only the
//! canonical ones equal; the small orders and the canonical A are checked here: decision 0016.

use crate::fault::{Code, Result};
use crate::hash::sha256;
use crate::id::Kid;
use crate::strict::cbor::Writer;
use aws_lc_rs::signature::{self as aws, KeyPair as _};
use base64ct::{Base64, Encoding as _};
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use std::sync::LazyLock;
use zeroize::Zeroizing;

/// A signature algorithm, with its COSE number (RFC 9053, RFC 9964).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// EdDSA with Ed25519: -8. Readers take -19 (fully specified) too.
    Ed25519,
    /// ECDSA on P-256 with SHA-256: -7. Verified in foreign statements, never written.
    Es256,
    /// ML-DSA-44: -48.
    MlDsa44,
    /// ML-DSA-65: -49.
    MlDsa65,
}

impl Algorithm {
    /// The COSE algorithm number that we write.
    pub fn cose(self) -> i64 {
        match self {
            Algorithm::Ed25519 => -8,
            Algorithm::Es256 => -7,
            Algorithm::MlDsa44 => -48,
            Algorithm::MlDsa65 => -49,
        }
    }

    /// Reads a COSE algorithm number. [`Code::AlgorithmUnknown`] otherwise.
    pub fn from_cose(number: i64) -> Result<Algorithm> {
        match number {
            -8 | -19 => Ok(Algorithm::Ed25519),
            -7 | -9 => Ok(Algorithm::Es256),
            -48 => Ok(Algorithm::MlDsa44),
            -49 => Ok(Algorithm::MlDsa65),
            other => Err(Code::AlgorithmUnknown.at(format!("COSE algorithm {other}"))),
        }
    }

    /// Length of a signature in bytes.
    pub fn signature_bytes(self) -> usize {
        match self {
            Algorithm::Ed25519 | Algorithm::Es256 => 64,
            Algorithm::MlDsa44 => 2420,
            Algorithm::MlDsa65 => 3309,
        }
    }

    fn public_bytes(self) -> usize {
        match self {
            Algorithm::Ed25519 => 32,
            Algorithm::Es256 => 65,
            Algorithm::MlDsa44 => 1312,
            Algorithm::MlDsa65 => 1952,
        }
    }

    /// DER of the SubjectPublicKeyInfo up to the key itself (RFC 8410, RFC 5480, RFC 9881).
    fn spki_prefix(self) -> &'static [u8] {
        match self {
            Algorithm::Ed25519 => &[0x30, 42, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 33, 0],
            Algorithm::Es256 => &[
                0x30, 89, 0x30, 19, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86,
                0x48, 0xce, 0x3d, 3, 1, 7, 3, 66, 0,
            ],
            Algorithm::MlDsa44 => &[
                0x30, 0x82, 0x05, 0x32, 0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17, 3,
                0x82, 0x05, 0x21, 0,
            ],
            Algorithm::MlDsa65 => &[
                0x30, 0x82, 0x07, 0xb2, 0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 18, 3,
                0x82, 0x07, 0xa1, 0,
            ],
        }
    }
}

/// A public key that was checked once and verifies many times.
#[derive(Clone)]
pub struct VerifyKey {
    algorithm: Algorithm,
    parsed: aws::ParsedPublicKey,
    /// Its name, which every statement is compared with.
    kid: Kid,
}

impl PartialEq for VerifyKey {
    fn eq(&self, other: &VerifyKey) -> bool {
        self.algorithm == other.algorithm && self.as_bytes() == other.as_bytes()
    }
}
impl Eq for VerifyKey {}

impl std::fmt::Debug for VerifyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifyKey({:?}, {})", self.algorithm, self.thumbprint().short())
    }
}

impl VerifyKey {
    /// From raw bytes: 32 for Ed25519, 0x04|X|Y for P-256, the FIPS 204 encoding for ML-DSA.
    /// [`Code::KeyMalformed`] for a wrong length, a point off the curve, or one of small order.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<VerifyKey> {
        let wrong = |what: &str| Code::KeyMalformed.at(format!("{algorithm:?}: {what}"));
        if bytes.len() != algorithm.public_bytes() {
            return Err(wrong("wrong length"));
        }
        let kind: &'static dyn aws::VerificationAlgorithm = match algorithm {
            Algorithm::Ed25519 => {
                point(bytes).map_err(wrong)?;
                &aws::ED25519
            }
            // The other forms of a point are shorter, or are not written in a COSE_Key.
            Algorithm::Es256 if bytes[0] != 4 => return Err(wrong("not an uncompressed point")),
            Algorithm::Es256 => &aws::ECDSA_P256_SHA256_FIXED,
            Algorithm::MlDsa44 => &aws::ML_DSA_44,
            Algorithm::MlDsa65 => &aws::ML_DSA_65,
        };
        let parsed = aws::ParsedPublicKey::new(kind, bytes).map_err(|_| wrong("not a key"))?;
        Ok(VerifyKey { algorithm, parsed, kid: thumbprint(algorithm, bytes) })
    }

    /// Which algorithm it verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The raw public key.
    pub fn as_bytes(&self) -> &[u8] {
        self.parsed.as_ref()
    }

    /// Whether `signature` is this key's over `message`. [`Code::SignatureWrong`] otherwise.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        let strict = self.algorithm != Algorithm::Ed25519 || !is_small_order(signature);
        if strict && self.parsed.verify_sig(message, signature).is_ok() {
            return Ok(());
        }
        Err(Code::SignatureWrong.at(format!("{:?}", self.algorithm)))
    }

    /// The RFC 9679 thumbprint: SHA-256 of the deterministic COSE_Key with its required members.
    pub fn thumbprint(&self) -> Kid {
        self.kid
    }

    /// SubjectPublicKeyInfo in DER.
    pub fn to_spki(&self) -> Vec<u8> {
        [self.algorithm.spki_prefix(), self.as_bytes()].concat()
    }

    /// Reads a SubjectPublicKeyInfo in DER.
    pub fn from_spki(der: &[u8]) -> Result<VerifyKey> {
        use Algorithm::{Ed25519, Es256, MlDsa44, MlDsa65};
        for algorithm in [Ed25519, Es256, MlDsa44, MlDsa65] {
            if let Some(bytes) = der.strip_prefix(algorithm.spki_prefix()) {
                return VerifyKey::new(algorithm, bytes);
            }
        }
        Err(Code::KeyMalformed.at("not an Ed25519, P-256, ML-DSA-44 or ML-DSA-65 public key"))
    }

    /// PEM with the label PUBLIC KEY (RFC 7468).
    pub fn to_pem(&self) -> String {
        let text = Base64::encode_string(&self.to_spki());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        pem
    }

    /// Reads PEM with the label PUBLIC KEY.
    pub fn from_pem(pem: &str) -> Result<VerifyKey> {
        let wrong = || Code::KeyMalformed.at("not a PEM file with a PUBLIC KEY");
        let body = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----");
        let body =
            body.and_then(|b| b.strip_suffix("-----END PUBLIC KEY-----")).ok_or_else(wrong)?;
        let text: String = body.split_ascii_whitespace().collect();
        VerifyKey::from_spki(&Base64::decode_vec(&text).map_err(|_| wrong())?)
    }
}

/// Whether these are the bytes of a point of the curve, canonical and not of small order.
fn point(bytes: &[u8]) -> std::result::Result<(), &'static str> {
    let compressed = CompressedEdwardsY::from_slice(bytes).map_err(|_| "wrong length")?;
    let point = compressed.decompress().ok_or("not a point of the curve")?;
    if point.is_small_order() {
        return Err("of small order");
    }
    // A non-canonical y would verify as another key.
    if point.compress() == compressed { Ok(()) } else { Err("not canonical") }
}

/// Whether R, the first half of an Ed25519 signature, is one of the eight points of small order in
/// its canonical form; in no other form is it ever equal to the R that the library computes.
fn is_small_order(signature: &[u8]) -> bool {
    static SMALL: LazyLock<[[u8; 32]; 8]> =
        LazyLock::new(|| EIGHT_TORSION.map(|point| point.compress().to_bytes()));
    SMALL.iter().any(|small| signature.starts_with(small))
}

fn thumbprint(algorithm: Algorithm, bytes: &[u8]) -> Kid {
    let mut key = Writer::new();
    match algorithm {
        Algorithm::Ed25519 => {
            key.map(3).int(1).int(1).int(-1).int(6).int(-2).bytes(bytes);
        }
        Algorithm::Es256 => {
            key.map(4).int(1).int(2).int(-1).int(1);
            key.int(-2).bytes(&bytes[1..33]).int(-3).bytes(&bytes[33..]);
        }
        Algorithm::MlDsa44 | Algorithm::MlDsa65 => {
            key.map(3).int(1).int(7).int(3).int(algorithm.cose());
            key.int(-1).bytes(bytes);
        }
    }
    Kid(sha256(&[&key.finish()]))
}

/// A secret signing key in memory, made from a 32-byte seed.
pub struct SigningKey {
    inner: Inner,
    public: VerifyKey,
}

enum Inner {
    Ed25519(aws::Ed25519KeyPair),
    MlDsa(aws::PqdsaKeyPair),
}

impl SigningKey {
    /// Ed25519 (RFC 8032 seed), ML-DSA-44 or ML-DSA-65 (FIPS 204 xi). The seed is the secret.
    pub fn from_seed(algorithm: Algorithm, seed: &Zeroizing<[u8; 32]>) -> Result<SigningKey> {
        let bad = || Code::Internal.at("key from seed");
        let (inner, public) = match algorithm {
            Algorithm::Ed25519 => {
                let pair =
                    aws::Ed25519KeyPair::from_seed_unchecked(&seed[..]).map_err(|_| bad())?;
                let public = pair.public_key().as_ref().to_vec();
                (Inner::Ed25519(pair), public)
            }
            Algorithm::MlDsa44 | Algorithm::MlDsa65 => {
                let kind = if algorithm == Algorithm::MlDsa44 {
                    &aws::ML_DSA_44_SIGNING
                } else {
                    &aws::ML_DSA_65_SIGNING
                };
                let pair = aws::PqdsaKeyPair::from_seed(kind, &seed[..]).map_err(|_| bad())?;
                let public = pair.public_key().as_ref().to_vec();
                (Inner::MlDsa(pair), public)
            }
            Algorithm::Es256 => return Err(Code::AlgorithmUnknown.at("ES256 is never written")),
        };
        Ok(SigningKey { inner, public: VerifyKey::new(algorithm, &public)? })
    }

    /// The public half.
    pub fn public(&self) -> &VerifyKey {
        &self.public
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        match &self.inner {
            Inner::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Inner::MlDsa(pair) => {
                let mut signature = vec![0; self.public.algorithm.signature_bytes()];
                pair.sign(message, &mut signature).map_err(|_| Code::Internal.at("ML-DSA"))?;
                Ok(signature)
            }
        }
    }
}

/// Randomness, as an argument.
pub trait Random: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::{EdwardsPoint, Scalar};
    use ed25519_dalek::Verifier as _;

    fn key(algorithm: Algorithm) -> SigningKey {
        SigningKey::from_seed(algorithm, &Zeroizing::new([9; 32])).unwrap()
    }

    #[test]
    fn signs_and_verifies_and_refuses_each_flip() {
        for algorithm in [Algorithm::Ed25519, Algorithm::MlDsa44, Algorithm::MlDsa65] {
            let key = key(algorithm);
            let mut signature = key.sign(b"message").unwrap();
            assert_eq!(signature.len(), algorithm.signature_bytes());
            key.public().verify(b"message", &signature).unwrap();
            assert!(key.public().verify(b"massage", &signature).is_err());
            assert!(key.public().verify(b"message", &signature[1..]).is_err());
            signature[5] ^= 1;
            let fault = key.public().verify(b"message", &signature).unwrap_err();
            assert_eq!(fault.code, Code::SignatureWrong);
        }
    }

    #[test]
    fn pem_goes_both_ways() {
        for algorithm in [Algorithm::Ed25519, Algorithm::MlDsa44, Algorithm::MlDsa65] {
            let key = key(algorithm).public().clone();
            assert_eq!(VerifyKey::from_pem(&key.to_pem()).unwrap(), key);
        }
        for bad in ["", "-----BEGIN PUBLIC KEY-----\nMCowBQ\n-----END PUBLIC KEY-----", "x"] {
            assert_eq!(VerifyKey::from_pem(bad).unwrap_err().code, Code::KeyMalformed);
        }
    }

    #[test]
    fn small_order_and_non_canonical_keys_are_refused() {
        let mut one = [0; 32];
        one[0] = 1;
        let mut minus_one = [0xff; 32];
        (minus_one[0], minus_one[31]) = (0xec, 0x7f);
        let mut p_plus_one = [0xff; 32];
        (p_plus_one[0], p_plus_one[31]) = (0xee, 0x7f);
        let zero = [0; 32];
        // y = p + 3 is a point when read modulo p, and not of small order.
        let mut p_plus_three = [0xff; 32];
        (p_plus_three[0], p_plus_three[31]) = (0xf0, 0x7f);
        for bytes in [one, minus_one, p_plus_one, zero, p_plus_three] {
            let fault = VerifyKey::new(Algorithm::Ed25519, &bytes).unwrap_err();
            assert_eq!(fault.code, Code::KeyMalformed);
        }
    }

    /// What one vector of the sweep below has about it.
    struct Corner {
        key: EdwardsPoint,
        /// The signature's R, and what to add to S.
        r: EdwardsPoint,
        wrap: bool,
    }

    /// S = r + k a, so that the equation holds but for the parts of small order.
    fn signature(corner: &Corner, r: Scalar, a: Scalar, message: &[u8]) -> [u8; 64] {
        let (big_r, key) = (corner.r.compress(), corner.key.compress());
        let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA512);
        for part in [&big_r.as_bytes()[..], key.as_bytes(), message] {
            hash.update(part);
        }
        let k = hash.finish().as_ref().try_into().unwrap();
        let s = (r + Scalar::from_bytes_mod_order_wide(&k) * a).to_bytes();
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(big_r.as_bytes());
        signature[32..].copy_from_slice(&s);
        if corner.wrap {
            // The order of the base point, little endian: S + L says the same modulo L.
            let order = BASEPOINT_ORDER_LOW;
            let mut carry = 0;
            for (at, byte) in signature[32..].iter_mut().enumerate() {
                let order = if at == 31 { 0x10 } else { order.get(at).copied().unwrap_or(0) };
                let sum = u16::from(*byte) + u16::from(order) + carry;
                (*byte, carry) = ((sum & 0xff) as u8, sum >> 8);
            }
        }
        signature
    }

    /// RFC 8032 section 5.1: L = 2^252 + 27742317777372353535851937790883648493.
    const BASEPOINT_ORDER_LOW: [u8; 16] =
        27_742_317_777_372_353_535_851_937_790_883_648_493_u128.to_le_bytes();

    #[test]
    fn the_verdict_on_ed25519_is_that_of_verify_strict_in_every_corner() {
        let a = Scalar::from(0x0123_4567_89ab_cdef_u64);
        let (mut taken, mut refused, mut lax) = (0, 0, 0);
        for at in 0..8 * 9 * 2 * 12_u64 {
            let (twist, big, wrap, n) = (at % 8, at / 8 % 9, at / 72 % 2 == 1, at / 144);
            let message = n.to_le_bytes();
            let key = EdwardsPoint::mul_base(&a) + EIGHT_TORSION[twist as usize];
            // R is of small order, or sound but for a part of small order.
            let r = if big == 8 { Scalar::ZERO } else { Scalar::from(n + 77) };
            let part = if big == 8 { n % 8 } else { big };
            let r_point = EdwardsPoint::mul_base(&r) + EIGHT_TORSION[part as usize];
            let corner = Corner { key, r: r_point, wrap };
            let signature = signature(&corner, r, a, &message);
            let bytes = key.compress().to_bytes();
            let theirs = ed25519_dalek::VerifyingKey::from_bytes(&bytes).unwrap();
            let (plain, signed) = (theirs, signature.into());
            let theirs = theirs.verify_strict(&message, &signed).is_ok();
            lax += u32::from(plain.verify(&message, &signed).is_ok() && !theirs);
            let ours = VerifyKey::new(Algorithm::Ed25519, &bytes).unwrap();
            let ours = ours.verify(&message, &signature).is_ok();
            assert_eq!(ours, theirs, "twist {twist} R {big} wrap {wrap} message {n}");
            if ours { taken += 1 } else { refused += 1 }
        }
        // Among them are some that only the rule about small orders refuses.
        assert!(taken > 50 && refused > 1000 && lax > 5, "{taken} {refused} {lax}");
    }

    #[test]
    fn thumbprint_is_that_of_rfc_9679_for_its_example() {
        // RFC 9679 section 5.4 example: the P-256 key of its COSE_Key.
        let x = crate::id::unhex::<32>(
            "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d",
        );
        let y = crate::id::unhex::<32>(
            "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c",
        );
        let bytes = [&[4][..], &x.unwrap(), &y.unwrap()].concat();
        let key = VerifyKey::new(Algorithm::Es256, &bytes).unwrap();
        assert_eq!(
            key.thumbprint().to_string(),
            "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"
        );
    }
}
