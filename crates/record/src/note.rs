//! C2SP signed notes, checkpoints (tlog-checkpoint) and cosignatures (tlog-cosignature): Ed25519
//! (0x01), timestamped Ed25519 (0x04) and timestamped ML-DSA-44 (0x06).

use crate::fault::{Code, Result};
use crate::hash::{Hash, sha256};
use crate::key::{Algorithm, VerifyKey};
use crate::limits;
use base64ct::{Base64, Encoding as _};

/// The kinds of signature lines that we speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// 0x01: Ed25519 over the note text.
    Ed25519,
    /// 0x04: Ed25519 cosignature/v1 with a time.
    CosignatureV1,
    /// 0x06: ML-DSA-44 over a `cosigned_message` with a time.
    MlDsa44,
}

impl LineKind {
    /// The signature type byte.
    pub fn byte(self) -> u8 {
        match self {
            LineKind::Ed25519 => 1,
            LineKind::CosignatureV1 => 4,
            LineKind::MlDsa44 => 6,
        }
    }

    fn algorithm(self) -> Algorithm {
        if self == LineKind::MlDsa44 { Algorithm::MlDsa44 } else { Algorithm::Ed25519 }
    }
}

/// The body of a checkpoint: whose log, how large, which root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The origin line.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root hash.
    pub root: Hash,
}

impl Checkpoint {
    /// The note text, without extension lines.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, Base64::encode_string(&self.root))
    }

    /// Reads a note text. Extension lines of other logs are passed over.
    pub fn parse(text: &str) -> Result<Checkpoint> {
        let wrong = |what: &str| Code::NoteMalformed.at(what);
        let mut lines = text.split('\n');
        let mut next = || lines.next().ok_or_else(|| wrong("fewer than three lines"));
        let (origin, size, root) = (next()?, next()?, next()?);
        if origin.is_empty() {
            return Err(wrong("empty origin"));
        }
        let digits = size.bytes().all(|b| b.is_ascii_digit()) && !size.is_empty();
        if !digits || (size.len() > 1 && size.starts_with('0')) {
            return Err(wrong("size is not a decimal number"));
        }
        let size = size.parse().map_err(|_| wrong("size is too large"))?;
        let root = Base64::decode_vec(root).ok().and_then(|bytes| bytes.try_into().ok());
        let root = root.ok_or_else(|| wrong("root is not 32 bytes of base64"))?;
        Ok(Checkpoint { origin: origin.to_owned(), size, root })
    }

    /// The bytes that a line of this kind signs, for `name` at `time` (POSIX seconds).
    pub fn message(&self, kind: LineKind, name: &str, time: u64) -> Vec<u8> {
        match kind {
            LineKind::Ed25519 => self.text().into_bytes(),
            LineKind::CosignatureV1 => {
                format!("cosignature/v1\ntime {time}\n{}", self.text()).into_bytes()
            }
            LineKind::MlDsa44 => {
                let mut message = Vec::with_capacity(96 + name.len() + self.origin.len());
                message.extend_from_slice(b"subtree/v1\n\0");
                message.push(name.len() as u8);
                message.extend_from_slice(name.as_bytes());
                message.extend_from_slice(&time.to_be_bytes());
                message.push(self.origin.len() as u8);
                message.extend_from_slice(self.origin.as_bytes());
                message.extend_from_slice(&0u64.to_be_bytes());
                message.extend_from_slice(&self.size.to_be_bytes());
                message.extend_from_slice(&self.root);
                message
            }
        }
    }
}

/// Who may sign: a name, a kind and a key (C2SP "vkey").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    /// The key name.
    pub name: String,
    /// Which kind of line.
    pub kind: LineKind,
    /// The key.
    pub key: VerifyKey,
}

impl Verifier {
    /// The first four bytes of SHA-256(name | newline | type | key).
    pub fn id(&self) -> [u8; 4] {
        let parts = [self.name.as_bytes(), b"\n", &[self.kind.byte()], self.key.as_bytes()];
        let hash = sha256(&parts);
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// `<name>+<hex id>+<base64(type | key)>`.
    pub fn to_vkey(&self) -> String {
        let material = [&[self.kind.byte()], self.key.as_bytes()].concat();
        let id = crate::id::hex(&self.id());
        format!("{}+{id}+{}", self.name, Base64::encode_string(&material))
    }

    /// Reads a vkey. [`Code::KeyMalformed`] names what is wrong.
    pub fn from_vkey(text: &str) -> Result<Verifier> {
        let wrong = |what: &str| Code::KeyMalformed.at(format!("verifier key: {what}"));
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(material)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong("not name+id+key"));
        };
        let material = Base64::decode_vec(material).map_err(|_| wrong("not base64"))?;
        let (kind, key) = match material.split_first() {
            Some((1, key)) => (LineKind::Ed25519, key),
            Some((4, key)) => (LineKind::CosignatureV1, key),
            Some((6, key)) => (LineKind::MlDsa44, key),
            _ => return Err(wrong("unknown type")),
        };
        let key = VerifyKey::new(kind.algorithm(), key)?;
        let verifier = Verifier { name: name.to_owned(), kind, key };
        if !name_is_good(name) || crate::id::hex(&verifier.id()) != id {
            return Err(wrong("name or id does not fit"));
        }
        Ok(verifier)
    }

    /// A signature line over a checkpoint, from the signature over [`Checkpoint::message`].
    pub fn line(&self, time: u64, signature: &[u8]) -> String {
        let mut blob = self.id().to_vec();
        if self.kind != LineKind::Ed25519 {
            blob.extend_from_slice(&time.to_be_bytes());
        }
        blob.extend_from_slice(signature);
        format!("\u{2014} {} {}\n", self.name, Base64::encode_string(&blob))
    }
}

/// A note as it came: text and lines, nothing verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The text, up to and with its last newline.
    pub text: String,
    /// Name, id and signature bytes of each line.
    pub lines: Vec<(String, [u8; 4], Vec<u8>)>,
}

impl Note {
    /// Reads a signed note. [`Code::NoteMalformed`] names the fault.
    pub fn parse(bytes: &[u8]) -> Result<Note> {
        let wrong = |what: &str| Code::NoteMalformed.at(what);
        if bytes.len() > limits::NOTE_BYTES {
            return Err(Code::TooLarge.at("note"));
        }
        let all = std::str::from_utf8(bytes).map_err(|_| wrong("not UTF-8"))?;
        if all.chars().any(|c| c < ' ' && c != '\n') {
            return Err(wrong("control character"));
        }
        let split = all.rfind("\n\n").ok_or_else(|| wrong("no empty line"))?;
        let (text, signatures) = (&all[..split + 1], &all[split + 2..]);
        let body = signatures.strip_suffix('\n').ok_or_else(|| wrong("no newline at the end"))?;
        let mut lines = Vec::new();
        for line in body.split('\n') {
            let parts = line.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' '));
            let (name, blob) = parts.ok_or_else(|| wrong("not a signature line"))?;
            let blob = Base64::decode_vec(blob).map_err(|_| wrong("signature not base64"))?;
            let (id, signature) =
                blob.split_first_chunk::<4>().ok_or_else(|| wrong("signature too short"))?;
            if !name_is_good(name) || signature.is_empty() {
                return Err(wrong("key name or signature"));
            }
            lines.push((name.to_owned(), *id, signature.to_vec()));
            if lines.len() > limits::NOTE_SIGNATURES {
                return Err(Code::TooLarge.at("note signatures"));
            }
        }
        Ok(Note { text: text.to_owned(), lines })
    }

    /// The checkpoint in the text.
    pub fn checkpoint(&self) -> Result<Checkpoint> {
        Checkpoint::parse(&self.text)
    }

    /// Verifies the line of a known key and returns its time (0 for kind 0x01). A line of that
    /// key that does not verify refuses the note; no line of it is [`Code::SignatureWrong`] too.
    pub fn verify(&self, verifier: &Verifier) -> Result<u64> {
        let id = verifier.id();
        let known = |line: &&(String, [u8; 4], Vec<u8>)| line.0 == verifier.name && line.1 == id;
        let mut found = None;
        for (_, _, blob) in self.lines.iter().filter(known) {
            let (time, signature) = match (verifier.kind, blob.split_first_chunk::<8>()) {
                (LineKind::Ed25519, _) => (0, &blob[..]),
                (_, Some((time, signature))) => (u64::from_be_bytes(*time), signature),
                (_, None) => return Err(Code::NoteMalformed.at("signature without time")),
            };
            if time > i64::MAX as u64 {
                return Err(Code::NoteMalformed.at("time too large"));
            }
            let message = match verifier.kind {
                LineKind::Ed25519 => self.text.clone().into_bytes(),
                LineKind::CosignatureV1 => {
                    format!("cosignature/v1\ntime {time}\n{}", self.text).into_bytes()
                }
                LineKind::MlDsa44 => {
                    self.checkpoint()?.message(LineKind::MlDsa44, &verifier.name, time)
                }
            };
            verifier.key.verify(&message, signature)?;
            found = Some(time);
        }
        found.ok_or_else(|| Code::SignatureWrong.at(format!("no line of {}", verifier.name)))
    }
}

/// Non-empty, no space, no plus, and short enough for a `cosigned_message`.
fn name_is_good(name: &str) -> bool {
    (1..=255).contains(&name.len()) && !name.chars().any(|c| c.is_whitespace() || c == '+')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SigningKey;
    use zeroize::Zeroizing;

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "counterpart/1/test".into(), size: 7, root: [5; 32] }
    }

    fn signed() -> (String, Vec<Verifier>) {
        let mut note = checkpoint().text() + "\n";
        let mut verifiers = Vec::new();
        for kind in [LineKind::Ed25519, LineKind::CosignatureV1, LineKind::MlDsa44] {
            let seed = Zeroizing::new([kind.byte(); 32]);
            let key = SigningKey::from_seed(kind.algorithm(), &seed).unwrap();
            let name = "counterpart/1/test".to_owned();
            let verifier = Verifier { name, kind, key: key.public().clone() };
            let message = checkpoint().message(kind, &verifier.name, 1_700_000_000);
            note += &verifier.line(1_700_000_000, &key.sign(&message).unwrap());
            verifiers.push(verifier);
        }
        (note, verifiers)
    }

    #[test]
    fn three_kinds_of_lines_verify_and_their_keys_are_readable() {
        let (text, verifiers) = signed();
        let note = Note::parse(text.as_bytes()).unwrap();
        assert_eq!(note.checkpoint().unwrap(), checkpoint());
        for verifier in &verifiers {
            let time = note.verify(verifier).unwrap();
            assert_eq!(time > 0, verifier.kind != LineKind::Ed25519);
            assert_eq!(Verifier::from_vkey(&verifier.to_vkey()).unwrap(), *verifier);
        }
        let changed = text.replace("\n7\n", "\n8\n");
        let note = Note::parse(changed.as_bytes()).unwrap();
        for verifier in &verifiers {
            assert_eq!(note.verify(verifier).unwrap_err().code, Code::SignatureWrong);
        }
        let stranger = Verifier { name: "someone/else".into(), ..verifiers[0].clone() };
        assert!(note.verify(&stranger).is_err());
    }

    #[test]
    fn malformed_notes_and_checkpoints_are_refused() {
        let (good, _) = signed();
        for bad in [
            good.trim_end().to_owned(),
            good.replace("\n\n", "\n"),
            good.replace('\u{2014}', "-"),
            good.replace("\n7\n", "\n7\u{0}\n"),
            format!("{good}x\n"),
            String::new(),
        ] {
            assert_eq!(Note::parse(bad.as_bytes()).unwrap_err().code, Code::NoteMalformed);
        }
        for bad in
            ["a\n07\nAA==\n", "a\n7\nAA==\n", "\n7\n", "a\n+7\n", "a\n18446744073709551616\n"]
        {
            assert_eq!(Checkpoint::parse(bad).unwrap_err().code, Code::NoteMalformed);
        }
    }
}
