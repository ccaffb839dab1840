//! Names made of hashes: parties, channels, matters, entries; and the fingerprint read aloud.

use crate::fault::{Code, Result};
use crate::hash::{Hash, sha256};
use std::fmt;

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)] as char);
        text.push(DIGITS[usize::from(byte & 15)] as char);
    }
    text
}

/// Reads exactly `N` bytes of lower-case hexadecimal. [`Code::ArgumentWrong`] otherwise.
pub fn unhex<const N: usize>(text: &str) -> Result<[u8; N]> {
    let wrong = || Code::ArgumentWrong.at(format!("not {} lower-case hex digits", N * 2));
    unhex_bytes(text.as_bytes()).ok_or_else(wrong)
}

/// As [`unhex`], from bytes of whatever kind. By a table and without a branch per digit: a
/// manifest and an index of a large dossier have millions of them.
pub fn unhex_bytes<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    const NONE: u8 = 16;
    const VALUE: [u8; 256] = {
        let mut table = [NONE; 256];
        let mut value = 0;
        while value < 16 {
            table[b"0123456789abcdef"[value as usize] as usize] = value;
            value += 1;
        }
        table
    };
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    let mut worst = 0;
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let (high, low) = (VALUE[usize::from(pair[0])], VALUE[usize::from(pair[1])]);
        worst |= high | low;
        *byte = high << 4 | (low & 15);
    }
    (worst < NONE).then_some(bytes)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $bytes]);

        impl $name {
            /// Reads lower-case hexadecimal.
            pub fn parse(text: &str) -> Result<$name> {
                unhex(text).map($name)
            }

            /// The first eight digits, for a person's eye only.
            pub fn short(&self) -> String {
                hex(&self.0[..4])
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.short())
            }
        }
    };
}

id!(
    /// A party: SHA-256("counterpart/party/v1" | Ed25519 root key | ML-DSA-65 root key).
    PartyId, 32
);
id!(
    /// A channel between two parties, live or drill.
    ChannelId, 32
);
id!(
    /// A matter: the first 16 bytes of SHA-256(channel | opener | nonce).
    MatterId, 16
);
id!(
    /// A statement, and so an act: SHA-256 of its bytes. Also the log's leaf entry.
    Entry, 32
);
id!(
    /// A key: its RFC 9679 thumbprint.
    Kid, 32
);

const URN_PARTY: &str = "urn:counterpart:party:";
const URN: &str = "urn:counterpart:";

impl PartyId {
    /// From the root key pair. REC-3.
    pub fn of(ed25519: &[u8; 32], ml_dsa: &[u8]) -> PartyId {
        PartyId(sha256(&[b"counterpart/party/v1", ed25519, ml_dsa]))
    }

    /// A partner without a node, as the node `own` names it. No root key can have this id. COR-1.
    pub fn correspondent(own: &PartyId, nonce: &[u8; 16]) -> PartyId {
        PartyId(sha256(&[b"counterpart/correspondent/v1\0", &own.0, nonce]))
    }

    /// `urn:counterpart:party:<64 hex>`.
    pub fn urn(&self) -> String {
        format!("{URN_PARTY}{self}")
    }

    /// Reads the URN.
    pub fn from_urn(text: &str) -> Result<PartyId> {
        let rest = text.strip_prefix(URN_PARTY);
        PartyId::parse(rest.ok_or_else(|| Code::ArgumentWrong.at("not a party URN"))?)
    }

    /// Twelve groups of five digits: SHA-256("counterpart/fingerprint/v1" | id) mod 10^60.
    /// What two people read to each other before they accredit. REC-4.
    pub fn fingerprint(&self) -> String {
        let mut number = sha256(&[b"counterpart/fingerprint/v1", &self.0]);
        let mut groups = Vec::with_capacity(12);
        for _ in 0..12 {
            // Long division of the 256-bit number by 10^5; the remainders are the groups.
            let mut rest: u64 = 0;
            for byte in &mut number {
                let value = rest << 8 | u64::from(*byte);
                *byte = (value / 100_000) as u8;
                rest = value % 100_000;
            }
            groups.push(format!("{rest:05}"));
        }
        groups.reverse();
        groups.join(" ")
    }
}

impl ChannelId {
    /// The channel between two parties; `drill` makes it another one. REC-5.
    pub fn between(a: &PartyId, b: &PartyId, drill: bool) -> ChannelId {
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        ChannelId(sha256(&[b"counterpart/channel/v1\0", &low.0, &high.0, &[u8::from(drill)]]))
    }

    /// The one-sided channel of a node with a correspondent of its own. No two parties have it.
    /// COR-1.
    pub fn apart(own: &PartyId, correspondent: &PartyId, drill: bool) -> ChannelId {
        let parts = [&own.0[..], &correspondent.0, &[u8::from(drill)]];
        ChannelId(sha256(&[b"counterpart/apart/v1\0", parts[0], parts[1], parts[2]]))
    }

    /// The origin line of `owner`'s log of this channel in `epoch`. REC-20.
    pub fn origin(&self, owner: &PartyId, epoch: u64) -> String {
        format!("counterpart/1/{self}/{owner}/{epoch}")
    }

    /// The subject of acts in `matter`: `urn:counterpart:<channel>:<matter>`.
    pub fn subject(&self, matter: &MatterId) -> String {
        format!("{URN}{self}:{matter}")
    }

    /// Reads a subject.
    pub fn from_subject(text: &str) -> Result<(ChannelId, MatterId)> {
        let pair = text.strip_prefix(URN).and_then(|rest| rest.split_once(':'));
        let (channel, matter) = pair.ok_or_else(|| Code::ArgumentWrong.at("not a subject URN"))?;
        Ok((ChannelId::parse(channel)?, MatterId::parse(matter)?))
    }
}

impl MatterId {
    /// From the opener's nonce. REC-12.
    pub fn of(channel: &ChannelId, opener: &PartyId, nonce: &[u8; 16]) -> MatterId {
        let hash = sha256(&[&channel.0, &opener.0, nonce]);
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        MatterId(id)
    }
}

impl Entry {
    /// The entry of these statement bytes.
    pub fn of(statement: &[u8]) -> Entry {
        Entry(sha256(&[statement]))
    }

    /// The RFC 9162 leaf hash: SHA-256(0x00 | entry).
    pub fn leaf(&self) -> Hash {
        sha256(&[&[0], &self.0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprint_is_the_number_modulo_ten_to_the_sixty() {
        let text = PartyId([7; 32]).fingerprint();
        assert_eq!(text.len(), 12 * 5 + 11);
        assert!(text.split(' ').all(|group| group.len() == 5));
        // Horner, digit by digit, against the hash taken as one number modulo 10^9.
        let hash = sha256(&[b"counterpart/fingerprint/v1", &[7; 32]]);
        let low = hash.iter().fold(0u64, |n, byte| (n * 256 + u64::from(*byte)) % 1_000_000_000);
        let digits: String = text.split(' ').collect();
        assert_eq!(digits[51..].parse::<u64>().unwrap(), low);
    }

    #[test]
    fn channels_have_no_direction_and_drill_is_another() {
        let (a, b) = (PartyId([1; 32]), PartyId([2; 32]));
        assert_eq!(ChannelId::between(&a, &b, false), ChannelId::between(&b, &a, false));
        assert_ne!(ChannelId::between(&a, &b, false), ChannelId::between(&a, &b, true));
    }

    /// COR-1.
    #[test]
    fn a_one_sided_channel_is_that_of_no_two_parties() {
        let (a, b) = (PartyId([1; 32]), PartyId([2; 32]));
        let ids = [
            ChannelId::apart(&a, &b, false),
            ChannelId::apart(&b, &a, false),
            ChannelId::apart(&a, &b, true),
            ChannelId::between(&a, &b, false),
            ChannelId::between(&a, &b, true),
        ];
        for (at, id) in ids.iter().enumerate() {
            assert!(!ids[..at].contains(id), "{at}");
        }
        assert_ne!(PartyId::correspondent(&a, &[1; 16]), PartyId::correspondent(&b, &[1; 16]));
        assert_ne!(PartyId::correspondent(&a, &[1; 16]), PartyId::correspondent(&a, &[2; 16]));
    }

    #[test]
    fn hex_is_exact() {
        assert_eq!(unhex::<2>("0aff").unwrap(), [10, 255]);
        for bad in ["0AFF", "0af", "0aff0", "0ag0", "+aff"] {
            assert!(unhex::<2>(bad).is_err(), "{bad}");
        }
        let channel = ChannelId([3; 32]);
        let subject = channel.subject(&MatterId([4; 16]));
        assert_eq!(ChannelId::from_subject(&subject).unwrap(), (channel, MatterId([4; 16])));
        assert!(ChannelId::from_subject(&format!("{subject}0")).is_err());
    }
}
