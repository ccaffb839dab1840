//! The call code: six digits that both screens show, so that two people on a telephone know that
//! each has the same call in front of them.
//!
//! It proves that whoever reads it sees this call on one of the two nodes, or a record of it. It
//! does not prove who the person is, and one guess in a million is right; so each side reads one
//! half of it, and nobody reads all six digits to a voice that has not read its own three.

use counterpart_record::hash::sha256;
use counterpart_record::id::{ChannelId, Entry, MatterId};

const DOMAIN: &[u8] = b"counterpart/call-code/v1";

/// The code of a call: SHA-256 over the domain, a zero byte, the channel (which is made of both
/// parties' ids, and those of their root keys), the matter and the entry of the act that raised it,
/// read as a number, modulo a million. CAL-9.
pub fn call_code(channel: &ChannelId, matter: &MatterId, raised: &Entry) -> String {
    let digest = sha256(&[DOMAIN, &[0], &channel.0, &matter.0, &raised.0]);
    let number =
        digest.iter().fold(0, |rest: u64, byte| (rest * 256 + u64::from(*byte)) % 1_000_000);
    format!("{:03} {:03}", number / 1_000, number % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed apart from this program:
    /// `int(sha256(b"counterpart/call-code/v1\0" + b"\1"*32 + b"\2"*16 + b"\3"*32)) % 10**6`.
    #[test]
    fn the_code_is_what_anybody_computes_from_the_same_three_things() {
        let code = |c, m, e| call_code(&ChannelId([c; 32]), &MatterId([m; 16]), &Entry([e; 32]));
        assert_eq!(code(1, 2, 3), "441 781");
        // CAL-9: the ring, the matter and the act each change it.
        for other in [code(9, 2, 3), code(1, 9, 3), code(1, 2, 9)] {
            assert_ne!(other, code(1, 2, 3));
            let digits = other.bytes().filter(u8::is_ascii_digit).count();
            assert_eq!((digits, other.len(), &other[3..4]), (6, 7, " "));
        }
    }
}
