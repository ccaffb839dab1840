//! Sealing: HPKE base mode (RFC 9180) with X-Wing, the only place that names the library.
//! Whoever opens it knows that nobody on the way could read it, not who sent it: what is inside
//! proves itself by signatures.

use crate::fault::{Code, Result};
use crate::key::Random;
use hpke::aead::{AesGcm256, ChaCha20Poly1305};
use hpke::inout::InOutBuf;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

/// A suite: HPKE KEM, KDF and AEAD identifiers, carried on every parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suite {
    /// HPKE KEM id.
    pub kem: u16,
    /// HPKE KDF id.
    pub kdf: u16,
    /// HPKE AEAD id.
    pub aead: u16,
}

/// X-Wing (0x647a), HKDF-SHA256, AES-256-GCM: what we write.
pub const SUITE: Suite = Suite { kem: 0x647a, kdf: 1, aead: 2 };
/// X-Wing (0x647a), HKDF-SHA256, ChaCha20-Poly1305: what we read too.
pub const SUITE_CHACHA: Suite = Suite { kem: 0x647a, kdf: 1, aead: 3 };

/// Length of the encapsulated key, in bytes.
pub const ENC_BYTES: usize = 1120;
/// Length of a sealing public key, in bytes.
pub const PUBLIC_BYTES: usize = 1216;

/// What arrives: suite, encapsulated key, ciphertext and the context both sides know.
pub struct Sealed<'a> {
    /// Which suite.
    pub suite: Suite,
    /// Context bound into the key schedule.
    pub info: &'a [u8],
    /// Authenticated beside the ciphertext.
    pub aad: &'a [u8],
    /// The encapsulated key.
    pub enc: &'a [u8],
    /// The ciphertext with its tag.
    pub ciphertext: &'a [u8],
}

/// Seals to a public key, where the plaintext lies. Returns the encapsulated key and the ciphertext
/// with its tag.
pub fn seal(
    suite: Suite,
    public: &[u8],
    info: &[u8],
    aad: &[u8],
    mut plaintext: Vec<u8>,
    random: &dyn Random,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let key = <XWing as Kem>::PublicKey::from_bytes(public)
        .map_err(|_| Code::KeyMalformed.at("sealing key"))?;
    let mode = OpModeS::Base;
    let mut rng = Seam(random);
    let fail = |_| Code::Internal.at("seal");
    let text = InOutBuf::from(&mut plaintext[..]);
    let (enc, tag) = match suite {
        SUITE => {
            let (enc, mut context) = hpke::setup_sender_with_rng::<AesGcm256, HkdfSha256, XWing>(
                &mode, &key, info, &mut rng,
            )
            .map_err(fail)?;
            (enc, context.seal_inout_detached(text, aad).map_err(fail)?.to_bytes())
        }
        SUITE_CHACHA => {
            let (enc, mut context) =
                hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
                    &mode, &key, info, &mut rng,
                )
                .map_err(fail)?;
            (enc, context.seal_inout_detached(text, aad).map_err(fail)?.to_bytes())
        }
        other => return Err(unknown(other)),
    };
    plaintext.extend_from_slice(&tag);
    Ok((enc.to_bytes().to_vec(), plaintext))
}

/// Opens with the 32-byte secret. [`Code::SuiteUnknown`], [`Code::SealBroken`].
pub fn open(secret: &Zeroizing<[u8; 32]>, sealed: &Sealed<'_>) -> Result<Vec<u8>> {
    if sealed.suite != SUITE && sealed.suite != SUITE_CHACHA {
        return Err(unknown(sealed.suite));
    }
    let broken = || Code::SealBroken.at("");
    let key = <XWing as Kem>::PrivateKey::from_bytes(&secret[..]).map_err(|_| broken())?;
    let enc = <XWing as Kem>::EncappedKey::from_bytes(sealed.enc).map_err(|_| broken())?;
    let mode = OpModeR::Base;
    if sealed.suite == SUITE {
        hpke::setup_receiver::<AesGcm256, HkdfSha256, XWing>(&mode, &key, &enc, sealed.info)
            .and_then(|mut context| context.open(sealed.ciphertext, sealed.aad))
    } else {
        hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, XWing>(&mode, &key, &enc, sealed.info)
            .and_then(|mut context| context.open(sealed.ciphertext, sealed.aad))
    }
    .map_err(|_| broken())
}

/// Padded length in bytes: a power of two from 1 KiB up to 64 KiB, then the next of eight steps per
/// doubling (at most an eighth of padding), so that sizes tell little. REC-31.
pub fn padded(length: usize) -> usize {
    let least = length.max(1024);
    let top = least.next_power_of_two();
    if top <= 65_536 {
        return top;
    }
    let step = top / 16;
    least.div_ceil(step) * step
}

/// The public key of a 32-byte secret (the X-Wing seed).
pub fn public_key(secret: &Zeroizing<[u8; 32]>) -> Result<Vec<u8>> {
    let key = <XWing as Kem>::PrivateKey::from_bytes(&secret[..])
        .map_err(|_| Code::KeyMalformed.at("sealing key"))?;
    Ok(<XWing as Kem>::sk_to_pk(&key).to_bytes().to_vec())
}

/// Whether these bytes are a sealing public key.
pub fn check_public(public: &[u8]) -> Result<()> {
    <XWing as Kem>::PublicKey::from_bytes(public)
        .map(|_| ())
        .map_err(|_| Code::KeyMalformed.at("sealing key"))
}

fn unknown(suite: Suite) -> crate::fault::Fault {
    let Suite { kem, kdf, aead } = suite;
    Code::SuiteUnknown.at(format!("KEM {kem:#06x}, KDF {kdf}, AEAD {aead}"))
}

/// Our randomness seam, as the library wants it.
struct Seam<'a>(&'a dyn Random);

impl hpke::rand_core::TryRng for Seam<'_> {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> std::result::Result<(), Self::Error> {
        self.0.fill(buffer);
        Ok(())
    }
}

impl hpke::rand_core::TryCryptoRng for Seam<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Random for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(42);
        }
    }

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let secret = Zeroizing::new([3; 32]);
        let public = public_key(&secret).unwrap();
        assert_eq!(public.len(), PUBLIC_BYTES);
        for suite in [SUITE, SUITE_CHACHA] {
            let (enc, ciphertext) =
                seal(suite, &public, b"info", b"aad", b"text".to_vec(), &Fixed).unwrap();
            assert_eq!(enc.len(), ENC_BYTES);
            let sealed =
                |info, aad| Sealed { suite, info, aad, enc: &enc, ciphertext: &ciphertext };
            assert_eq!(open(&secret, &sealed(b"info", b"aad")).unwrap(), b"text");
            for wrong in [sealed(b"other", b"aad"), sealed(b"info", b"other")] {
                assert_eq!(open(&secret, &wrong).unwrap_err().code, Code::SealBroken);
            }
            let other = Zeroizing::new([4; 32]);
            let fault = open(&other, &sealed(b"info", b"aad")).unwrap_err();
            assert_eq!(fault.code, Code::SealBroken);
        }
        let suite = Suite { kem: 0x20, ..SUITE };
        let fault = seal(suite, &public, b"", b"", Vec::new(), &Fixed).unwrap_err();
        assert_eq!(fault.code, Code::SuiteUnknown);
    }
}
