//! The limits: the same primitives that the work cannot do without, in a bare loop on the same
//! cores.

use crate::seam::SystemRandom;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::sha256;
use counterpart_record::key::{Algorithm, Random as _, SigningKey};
use counterpart_record::seal;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How long each loop runs.
const SPAN: Duration = Duration::from_millis(1500);

/// Cores that work can be spread over.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What could be done at the most.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// In a second, with all cores.
    pub per_second: f64,
    /// In a second of one core, by the CPU time that was used.
    pub per_core: f64,
}

/// CPU seconds that this process has used.
fn cpu_seconds() -> f64 {
    super::pair::cpu_seconds("self")
}

/// Rounds in a second over all cores of `round`, which counts what it did.
fn spread(
    span: Duration,
    make: impl Fn() -> Result<Box<dyn FnMut() -> u64 + Send>>,
) -> Result<Limit> {
    let mut rounds = Vec::new();
    for _ in 0..cores() {
        rounds.push(make()?);
    }
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let done: u64 = std::thread::scope(|scope| {
        let hands: Vec<_> = rounds
            .iter_mut()
            .map(|round| {
                scope.spawn(move || {
                    let mut done = 0;
                    while began.elapsed() < span {
                        done += round();
                    }
                    done
                })
            })
            .collect();
        hands.into_iter().filter_map(|hand| hand.join().ok()).sum()
    });
    Ok(Limit {
        per_second: done as f64 / began.elapsed().as_secs_f64(),
        per_core: done as f64 / (cpu_seconds() - cpu).max(0.01),
    })
}

struct Keys {
    ed25519: SigningKey,
    ml_dsa: SigningKey,
}

impl Keys {
    fn new() -> Result<Keys> {
        let mut seed = Zeroizing::new([0; 32]);
        SystemRandom.fill(&mut seed[..]);
        Ok(Keys {
            ed25519: SigningKey::from_seed(Algorithm::Ed25519, &seed)?,
            ml_dsa: SigningKey::from_seed(Algorithm::MlDsa44, &seed)?,
        })
    }

    /// One head: three signatures, and their verification by the peer.
    fn head(&self) {
        for (key, times) in [(&self.ed25519, 2), (&self.ml_dsa, 1)] {
            for _ in 0..times {
                self.both(key);
            }
        }
    }

    /// One cosignature: two signatures, and their verification.
    fn cosignature(&self) {
        self.both(&self.ed25519);
        self.both(&self.ml_dsa);
    }

    fn both(&self, key: &SigningKey) {
        let message = [7; 160];
        let signature = key.sign(&message).unwrap_or_default();
        // A limit that did not verify would be no limit.
        assert!(key.public().verify(&message, &signature).is_ok());
    }
}

/// Acts in a second that two nodes could exchange if signing, verifying, hashing and sealing were
/// all there is: `batch` acts share two heads, two cosignatures and two parcels; each act is one
/// signature, one strict verification, and SHA-256 over its bytes on both sides.
pub fn exchange(batch: usize, statement: usize, disclosed: usize) -> Result<Limit> {
    let batch = batch.max(1);
    spread(SPAN, || {
        let keys = Keys::new()?;
        let secret = Zeroizing::new([9; 32]);
        let public = seal::public_key(&secret)?;
        let act = vec![1u8; statement];
        let beside = vec![2u8; disclosed / 10 + 1];
        let parcel = vec![3u8; (statement + disclosed) * batch + 8192];
        let reply = vec![4u8; 8192];
        let carry = move |plain: &[u8]| {
            let sealed = seal::seal(seal::SUITE, &public, b"", b"", plain.to_vec(), &SystemRandom);
            let (enc, ciphertext) = sealed.unwrap_or_default();
            let sealed = seal::Sealed {
                suite: seal::SUITE,
                info: b"",
                aad: b"",
                enc: &enc,
                ciphertext: &ciphertext,
            };
            assert!(seal::open(&secret, &sealed).is_ok());
        };
        Ok(Box::new(move || {
            for _ in 0..batch {
                let signature = keys.ed25519.sign(&act).unwrap_or_default();
                assert!(keys.ed25519.public().verify(&act, &signature).is_ok());
                for _ in 0..2 {
                    std::hint::black_box(sha256(&[&act]));
                    for _ in 0..10 {
                        std::hint::black_box(sha256(&[&beside]));
                    }
                }
            }
            for _ in 0..2 {
                keys.head();
                keys.cosignature();
            }
            carry(&parcel);
            carry(&reply);
            batch as u64
        }))
    })
}

/// Ed25519 signatures in a second over all cores, of messages of this size.
pub fn signatures(bytes: usize) -> Result<f64> {
    let limit = spread(SPAN, || {
        let (keys, message) = (Keys::new()?, vec![1u8; bytes]);
        Ok(Box::new(move || {
            assert!(keys.ed25519.sign(&message).is_ok());
            1
        }))
    })?;
    Ok(limit.per_second)
}

/// Strict Ed25519 verifications in a second over all cores, of messages of this size.
pub fn strict_verify(bytes: usize, span: Duration) -> Result<Limit> {
    spread(span, || {
        let keys = Keys::new()?;
        let message = vec![5u8; bytes];
        let signature = keys.ed25519.sign(&message)?;
        Ok(Box::new(move || {
            assert!(keys.ed25519.public().verify(&message, &signature).is_ok());
            1
        }))
    })
}

/// The same as ed25519-dalek does it, which the aim was set against: decision 0016.
pub fn strict_dalek(bytes: usize, span: Duration) -> Result<Limit> {
    spread(span, || {
        let keys = Keys::new()?;
        let message = vec![5u8; bytes];
        let wrong = |_| Code::Internal.at("ed25519-dalek");
        let signature = keys.ed25519.sign(&message)?;
        let signature = ed25519_dalek::Signature::from_slice(&signature).map_err(wrong)?;
        let public = keys.ed25519.public().as_bytes();
        let public = ed25519_dalek::VerifyingKey::try_from(public).map_err(wrong)?;
        Ok(Box::new(move || {
            assert!(public.verify_strict(&message, &signature).is_ok());
            1
        }))
    })
}

/// SHA-256 of one inner node in a second, on one core.
pub fn node_hashes() -> f64 {
    let (began, mut done, mut hash) = (Instant::now(), 0u64, [0; 32]);
    while began.elapsed() < SPAN {
        for _ in 0..1000 {
            hash = sha256(&[&[1], &hash, &hash]);
        }
        done += 1000;
    }
    std::hint::black_box(hash);
    done as f64 / began.elapsed().as_secs_f64()
}

/// Median time of an append of `bytes` and its fdatasync in `folder`, in milliseconds.
pub fn sync_ms(folder: &Path, bytes: usize) -> Result<f64> {
    let path = folder.join("sync-limit");
    let io = |error: std::io::Error| Code::Io.at(error.to_string());
    let mut file = std::fs::File::create(&path).map_err(io)?;
    let block = vec![0u8; bytes];
    let mut times = Vec::new();
    for round in 0..200 {
        // Over what is there already, as a write-ahead log does after its first turn.
        file.seek(SeekFrom::Start((round % 50) * bytes as u64)).map_err(io)?;
        let began = Instant::now();
        file.write_all(&block).and_then(|()| file.sync_data()).map_err(io)?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let _ = std::fs::remove_file(&path);
    Ok(median(&mut times))
}

/// The middle one.
pub fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}
