//! Attachments: files that travel beside an act, sealed in chunks under a key of their own.
//!
//! ```text
//! sealed bytes   SHA-256 of each sealed chunk, one after the other     the list
//!                chunk 0, chunk 1, ... the last one                    64 KiB of plaintext each
//! root           SHA-256 of the list                                   what the act names
//! chunk          AES-256-GCM, nonce = number (11 bytes) | last (1), no more than 2^32 of them
//! plaintext      the content, then zeros up to a size class
//! ```
//!
//! The chunks are the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar 2015) as `age` uses
//! it. The act names root and size in clear; key, digest and length of the content lie in a
//! disclosure. Erase that, and the sealed bytes say nothing any more, wherever they are; the act
//! and its proofs stay. A chunk can be checked as it comes, and one that came need not come again.
//!
//! Pure: whoever reads and writes files does it one chunk at a time. Spec: docs/spec/attachment.md.

use crate::fault::{Code, Fault, Result};
use crate::hash::{Hash, Whole, sha256};
use crate::key::Random;
use crate::limits;
use crate::seal::padded;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use std::ops::Range;
use zeroize::Zeroizing;

/// Plaintext bytes of a chunk; only the last one of an attachment may have fewer.
pub const CHUNK: usize = 64 * 1024;
/// Bytes by which sealing makes a chunk longer.
pub const TAG: usize = 16;
/// Authenticated beside every chunk.
const CONTEXT: &[u8] = b"counterpart/attachment/1";
/// What a chunk costs besides its plaintext: its tag, and its hash in the list.
const BESIDE: u64 = (TAG + 32) as u64;

/// The key of one attachment, used for no other.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// A new one.
    pub fn fresh(random: &dyn Random) -> Key {
        let mut key = Zeroizing::new([0; 32]);
        random.fill(&mut key[..]);
        Key(key)
    }

    /// From its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Key {
        Key(Zeroizing::new(bytes))
    }

    /// Its bytes, for the disclosure.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> Result<LessSafeKey> {
        let key = UnboundKey::new(&AES_256_GCM, &self.0[..]);
        Ok(LessSafeKey::new(key.map_err(|_| Code::Internal.at("AES-256-GCM key"))?))
    }
}

/// Where everything lies in the sealed bytes of an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Content and padding, in bytes.
    plain: u64,
}

impl Layout {
    /// Of content of so many bytes. [`Code::AttachmentUnfit`] if it is empty or over
    /// [`limits::ATTACHMENT_BYTES`]. ATT-2.
    pub fn of_content(bytes: u64) -> Result<Layout> {
        if bytes == 0 || bytes > limits::ATTACHMENT_BYTES {
            let most = limits::ATTACHMENT_BYTES;
            return Err(Code::AttachmentUnfit.at(format!("{bytes} bytes; from 1 to {most}")));
        }
        Ok(Layout { plain: padded(bytes as usize) as u64 })
    }

    /// Of sealed bytes of a size that an act names. Every size of content has one, and no other
    /// size is taken: [`Code::AttachmentWrong`]. ATT-3.
    pub fn of_sealed(size: u64) -> Result<Layout> {
        let chunks = size.div_ceil(CHUNK as u64 + BESIDE);
        let plain = size.saturating_sub(chunks * BESIDE);
        let layout = Layout { plain };
        let most = padded(limits::ATTACHMENT_BYTES as usize) as u64;
        let fits = (1..=most).contains(&plain)
            && padded(plain as usize) as u64 == plain
            && layout.sealed() == size;
        if fits { Ok(layout) } else { Err(wrong(format!("no attachment has {size} bytes"))) }
    }

    /// Size of the sealed bytes.
    pub fn sealed(&self) -> u64 {
        self.plain + self.chunks() * BESIDE
    }

    /// How many chunks.
    pub fn chunks(&self) -> u64 {
        self.plain.div_ceil(CHUNK as u64)
    }

    /// Bytes of the list at the beginning.
    pub fn list(&self) -> u64 {
        self.chunks() * 32
    }

    /// Where a sealed chunk lies in the sealed bytes.
    pub fn chunk(&self, at: u64) -> Range<u64> {
        let from = |at: u64| self.list() + at * (CHUNK + TAG) as u64;
        from(at)..from(at + 1).min(self.sealed())
    }

    /// How much is whole of the first `have` of the sealed bytes: nothing, the list, or the list
    /// and whole chunks; and how many chunks those are.
    pub fn whole(&self, have: u64) -> (u64, u64) {
        if have < self.list() {
            return (0, 0);
        }
        if have >= self.sealed() {
            return (self.sealed(), self.chunks());
        }
        let chunks = (have - self.list()) / (CHUNK + TAG) as u64;
        (self.list() + chunks * (CHUNK + TAG) as u64, chunks)
    }

    /// Plaintext bytes of a chunk, content and padding.
    fn plain_of(&self, at: u64) -> u64 {
        (self.plain - at * CHUNK as u64).min(CHUNK as u64)
    }
}

/// The list of an attachment, checked against the root that its act names.
#[derive(Clone, Debug)]
pub struct Chunks {
    layout: Layout,
    hashes: Vec<Hash>,
}

impl Chunks {
    /// Reads the first bytes of what is sealed. [`Code::AttachmentWrong`]. ATT-4.
    pub fn parse(root: &Hash, layout: Layout, list: &[u8]) -> Result<Chunks> {
        if list.len() as u64 != layout.list() || sha256(&[list]) != *root {
            return Err(wrong("the list is not that of the root"));
        }
        let hashes = list.chunks_exact(32).map(|one| {
            let mut hash = [0; 32];
            hash.copy_from_slice(one);
            hash
        });
        Ok(Chunks { layout, hashes: hashes.collect() })
    }

    /// Whether these are the bytes of a chunk. [`Code::AttachmentWrong`]. ATT-4.
    pub fn check(&self, at: u64, sealed: &[u8]) -> Result<()> {
        let hash = usize::try_from(at).ok().and_then(|at| self.hashes.get(at));
        let range = self.layout.chunk(at);
        if sealed.len() as u64 == range.end.saturating_sub(range.start)
            && hash == Some(&sha256(&[sealed]))
        {
            Ok(())
        } else {
            Err(wrong(format!("chunk {at} is not that of the list")))
        }
    }
}

/// What sealing gives besides the chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Names the sealed bytes.
    pub root: Hash,
    /// Stands before the chunks.
    pub list: Vec<u8>,
    /// SHA-256 of the content.
    pub digest: Hash,
}

/// Seals content chunk by chunk. ATT-5.
pub struct Sealer {
    cipher: LessSafeKey,
    layout: Layout,
    bytes: u64,
    next: u64,
    list: Vec<u8>,
    digest: Whole,
}

impl Sealer {
    /// For content of exactly so many bytes, under a key that seals nothing else.
    pub fn new(key: &Key, bytes: u64) -> Result<Sealer> {
        let layout = Layout::of_content(bytes)?;
        let (cipher, digest) = (key.cipher()?, Whole::default());
        let list = Vec::with_capacity(layout.list() as usize);
        Ok(Sealer { cipher, layout, bytes, next: 0, list, digest })
    }

    /// Where everything lies.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// How many bytes of content the next chunk takes; `None` behind the last one. It may be none
    /// at all: then the chunk is padding.
    pub fn wants(&self) -> Option<usize> {
        let left = self.bytes.saturating_sub(self.next * CHUNK as u64);
        (self.next < self.layout.chunks()).then_some(left.min(CHUNK as u64) as usize)
    }

    /// Seals as much content as [`Sealer::wants`] in the place where it lies.
    pub fn seal(&mut self, mut content: Vec<u8>) -> Result<Vec<u8>> {
        if self.wants() != Some(content.len()) {
            return Err(Code::AttachmentUnfit.at("the file changed while it was read"));
        }
        self.digest.update(&content);
        content.resize(self.layout.plain_of(self.next) as usize, 0);
        let last = self.next + 1 == self.layout.chunks();
        let sealed = self.cipher.seal_in_place_append_tag(
            nonce(self.next, last),
            Aad::from(CONTEXT),
            &mut content,
        );
        sealed.map_err(|_| Code::Internal.at("AES-256-GCM"))?;
        self.list.extend_from_slice(&sha256(&[&content]));
        self.next += 1;
        Ok(content)
    }

    /// After the last chunk.
    pub fn finish(self) -> Result<Sealed> {
        if self.wants().is_some() {
            return Err(Code::Internal.at("attachment: chunks are missing"));
        }
        Ok(Sealed { root: sha256(&[&self.list]), digest: self.digest.finish(), list: self.list })
    }
}

/// Opens sealed bytes chunk by chunk. Nothing of the content may be used before
/// [`Opener::finish`]. ATT-6.
pub struct Opener {
    cipher: LessSafeKey,
    chunks: Chunks,
    /// Bytes of content that are still to come.
    left: u64,
    next: u64,
    promised: Hash,
    digest: Whole,
}

impl Opener {
    /// With what the disclosure says: the key, and length and digest of the content.
    pub fn new(key: &Key, chunks: Chunks, bytes: u64, digest: Hash) -> Result<Opener> {
        if Layout::of_content(bytes).ok() != Some(chunks.layout) {
            return Err(wrong("length of the content"));
        }
        let cipher = key.cipher()?;
        Ok(Opener {
            cipher,
            chunks,
            left: bytes,
            next: 0,
            promised: digest,
            digest: Whole::default(),
        })
    }

    /// Opens the next chunk; gives its content without padding. [`Code::AttachmentWrong`].
    pub fn open(&mut self, mut sealed: Vec<u8>) -> Result<Vec<u8>> {
        let at = self.next;
        self.chunks.check(at, &sealed)?;
        let last = at + 1 == self.chunks.layout.chunks();
        let plain = self.cipher.open_in_place(nonce(at, last), Aad::from(CONTEXT), &mut sealed[..]);
        let plain = plain.map_err(|_| wrong(format!("the seal of chunk {at} does not open")))?;
        let content = (plain.len() as u64).min(self.left) as usize;
        if plain[content..].iter().any(|byte| *byte != 0) {
            return Err(wrong("padding is not zeros"));
        }
        self.digest.update(&plain[..content]);
        self.left -= content as u64;
        self.next += 1;
        sealed.truncate(content);
        Ok(sealed)
    }

    /// After the last chunk: whether it was all, and the content that was promised.
    pub fn finish(self) -> Result<()> {
        if self.next != self.chunks.layout.chunks() || self.left > 0 {
            return Err(wrong("chunks are missing"));
        }
        if self.digest.finish() == self.promised { Ok(()) } else { Err(wrong("digest")) }
    }
}

/// The number of the chunk and whether it is the last one. The key is used for one attachment, so
/// no nonce comes twice under it.
fn nonce(at: u64, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&at.to_be_bytes());
    nonce[11] = last.into();
    Nonce::assume_unique_for_key(nonce)
}

fn wrong(what: impl Into<String>) -> Fault {
    Code::AttachmentWrong.at(what)
}

/// Seals and opens content that fits in memory: for tests and for other readers to compare with.
pub fn seal_all(key: &Key, content: &[u8]) -> Result<(Sealed, Vec<u8>)> {
    let mut sealer = Sealer::new(key, content.len() as u64)?;
    let (mut chunks, mut rest) = (Vec::new(), content);
    while let Some(count) = sealer.wants() {
        let (now, later) = rest.split_at(count);
        chunks.extend(sealer.seal(now.to_vec())?);
        rest = later;
    }
    let sealed = sealer.finish()?;
    let bytes = [&sealed.list[..], &chunks].concat();
    Ok((sealed, bytes))
}

/// Opens sealed bytes that fit in memory. [`Code::AttachmentWrong`].
pub fn open_all(
    root: &Hash,
    sealed: &[u8],
    key: &Key,
    (bytes, digest): (u64, Hash),
) -> Result<Vec<u8>> {
    let layout = Layout::of_sealed(sealed.len() as u64)?;
    let (list, _) = sealed.split_at(layout.list() as usize);
    let mut opener = Opener::new(key, Chunks::parse(root, layout, list)?, bytes, digest)?;
    let mut content = Vec::with_capacity(bytes as usize);
    for at in 0..layout.chunks() {
        let range = layout.chunk(at);
        content.extend(opener.open(sealed[range.start as usize..range.end as usize].to_vec())?);
    }
    opener.finish()?;
    Ok(content)
}

#[cfg(test)]
mod tests;
