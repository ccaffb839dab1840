//! SHA-256 (FIPS 180-4): the one hash of the record.

use aws_lc_rs::digest;

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// Up to here parts are put together on the stack: an inner node of a tree has 65 bytes.
const SHORT_BYTES: usize = 128;

/// SHA-256 over the parts, one after the other.
pub fn sha256(parts: &[&[u8]]) -> Hash {
    // One piece is hashed without a context, whose making costs as much as two blocks.
    if let [whole] = parts {
        return taken(digest::digest(&digest::SHA256, whole));
    }
    let mut short = [0; SHORT_BYTES];
    let mut end = 0;
    for part in parts {
        let Some(place) = short.get_mut(end..end + part.len()) else { return long(parts) };
        place.copy_from_slice(part);
        end += part.len();
    }
    taken(digest::digest(&digest::SHA256, &short[..end]))
}

fn long(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    taken(context.finish())
}

/// SHA-256 over what comes piece by piece.
pub struct Whole(digest::Context);

impl Default for Whole {
    fn default() -> Whole {
        Whole(digest::Context::new(&digest::SHA256))
    }
}

impl Whole {
    /// The next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The hash of all of them.
    pub fn finish(self) -> Hash {
        taken(self.0.finish())
    }
}

fn taken(digest: digest::Digest) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest.as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_one_message() {
        assert_eq!(sha256(&[b"a", b"bc"]), sha256(&[b"abc"]));
        assert_eq!(crate::id::hex(&sha256(&[b"abc"]))[..8], *"ba7816bf");
        let mut whole = Whole::default();
        [&b"a"[..], b"", b"bc"].iter().for_each(|piece| whole.update(piece));
        assert_eq!(whole.finish(), sha256(&[b"abc"]));
        assert_eq!(crate::id::hex(&sha256(&[]))[..8], *"e3b0c442");
        let text: Vec<u8> = (0..=255).collect();
        for cut in 0..text.len() {
            for end in cut..text.len() {
                let (first, second) = (&text[..cut], &text[cut..end]);
                assert_eq!(sha256(&[first, second]), sha256(&[&text[..end]]), "{cut} {end}");
            }
        }
    }
}
