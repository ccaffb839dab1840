//! Selective disclosure (RFC 9901): text, persons and identifiers travel beside a statement, which
//! carries only their digests. Erasing one changes no signature, no fold, no clock and no figure.

use crate::fault::{Code, Result};
use crate::hash::{Hash, sha256};
use crate::limits;
use crate::strict::json::{self, Value};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

/// One disclosed member: salt, name and value, and the exact text that is hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// base64url of the JSON array [salt, name, value]: what travels and what is hashed.
    pub text: String,
    /// The member's name.
    pub name: String,
    /// The member's value.
    pub value: Value,
    /// Hashed once, when it is made or read.
    digest: Hash,
}

impl Disclosure {
    /// Makes one with 128 bits of salt.
    pub fn new(salt: &[u8; 16], name: &str, value: Value) -> Disclosure {
        let mut array = format!("[\"{}\",", BASE64URL.encode(salt));
        json::write_string(name, &mut array);
        array.push(',');
        value.write(&mut array);
        array.push(']');
        let text = BASE64URL.encode(array);
        let digest = sha256(&[text.as_bytes()]);
        Disclosure { text, name: name.to_owned(), value, digest }
    }

    /// Reads the travelling text. [`Code::DisclosureWrong`].
    pub fn parse(text: &str) -> Result<Disclosure> {
        let wrong = |what: &str| Code::DisclosureWrong.at(what);
        if text.len() > limits::DISCLOSURE_BYTES {
            return Err(Code::TooLarge.at("disclosure"));
        }
        let bytes = BASE64URL.decode(text).map_err(|_| wrong("not base64url"))?;
        let Value::Array(parts) = json::parse(&bytes).map_err(|f| wrong(&f.to_string()))? else {
            return Err(wrong("not an array"));
        };
        let Ok([Value::Str(salt), Value::Str(name), value]) = <[Value; 3]>::try_from(parts) else {
            return Err(wrong("not salt, name and value"));
        };
        // RFC 9901 section 4.2.1: these names would be mistaken for the mechanism itself.
        if salt.len() < 22 || name == "_sd" || name == "..." || name == "_sd_alg" {
            return Err(wrong("short salt or reserved name"));
        }
        let digest = sha256(&[text.as_bytes()]);
        Ok(Disclosure { text: text.to_owned(), name, value, digest })
    }

    /// Reads texts that travel and are kept as one, joined by `~`. [`Code::TooLarge`] for more than
    /// a statement may have, [`Code::DisclosureWrong`] for an empty one.
    pub fn parse_all(joined: &str) -> Result<Vec<Disclosure>> {
        if joined.is_empty() {
            return Ok(Vec::new());
        }
        let count = joined.bytes().filter(|byte| *byte == b'~').count() + 1;
        if count > limits::DISCLOSURES {
            return Err(Code::TooLarge.at(format!("{count} disclosures")));
        }
        joined.split('~').map(Disclosure::parse).collect()
    }

    /// The texts as one.
    pub fn join(all: &[Disclosure]) -> String {
        let length = all.iter().map(|one| one.text.len() + 1).sum();
        let mut joined = String::with_capacity(length);
        for (i, one) in all.iter().enumerate() {
            if i > 0 {
                joined.push('~');
            }
            joined.push_str(&one.text);
        }
        joined
    }

    /// The digest that stands in `_sd`: SHA-256 over the ASCII text.
    pub fn digest(&self) -> Hash {
        self.digest
    }
}

/// Whether disclosures match the digests of a statement. With `all`, one to one (what a receipt
/// promises); without, some may be missing (they were erased), but none may be strange or double.
/// REC-16.
pub fn check(digests: &[Hash], disclosures: &[Disclosure], all: bool) -> Result<()> {
    let wrong = |what: &str| Err(Code::DisclosureWrong.at(what));
    if all && digests.len() != disclosures.len() {
        return wrong("not as many disclosures as digests");
    }
    for (i, disclosure) in disclosures.iter().enumerate() {
        if !digests.contains(&disclosure.digest()) {
            return wrong(&format!("disclosure {i} is not in the statement"));
        }
        if disclosures[..i].iter().any(|other| other.name == disclosure.name) {
            return wrong(&format!("disclosure {i} is there twice"));
        }
    }
    Ok(())
}

/// A digest as it stands in `_sd`.
pub fn digest_text(digest: &Hash) -> String {
    BASE64URL.encode(digest)
}

/// Reads a digest out of `_sd`.
pub fn parse_digest(text: &str) -> Result<Hash> {
    let bytes = BASE64URL.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| Code::DisclosureWrong.at("not a digest"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_is_that_of_the_example_in_rfc_9901() {
        // RFC 9901 section 4.2.3, the disclosure of "family_name".
        let text = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
        let disclosure = Disclosure::parse(text).unwrap();
        assert_eq!((disclosure.name.as_str(), disclosure.value), ("family_name", "Möbius".into()));
        let digest = sha256(&[text.as_bytes()]);
        assert_eq!(digest_text(&digest), "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
    }

    #[test]
    fn texts_travel_as_one() {
        let one = Disclosure::new(&[1; 16], "facts", "a \"quoted\"\n line".into());
        let two = Disclosure::new(&[2; 16], "reference", "b".into());
        let all = [one, two];
        let joined = Disclosure::join(&all);
        assert_eq!(Disclosure::parse_all(&joined).unwrap(), all);
        assert_eq!(Disclosure::parse_all("").unwrap(), []);
        let code = |text: &str| Disclosure::parse_all(text).unwrap_err().code;
        for bad in ["~", &format!("{joined}~"), &format!("~{joined}"), "a~~b"] {
            assert_eq!(code(bad), Code::DisclosureWrong, "{bad}");
        }
        assert_eq!(code(&"~".repeat(limits::DISCLOSURES)), Code::TooLarge);
    }

    #[test]
    fn a_text_has_one_spelling() {
        // 43 characters carry 258 bits: the last two must be zero, or two texts were one digest.
        let good = digest_text(&[0; 32]);
        assert_eq!(parse_digest(&good).unwrap(), [0; 32]);
        let mut bad = vec![good.replace("AAA", "AA="), good.clone() + "=", good.clone() + " "];
        bad.push(good[..42].to_owned() + "B");
        bad.push(good[..42].to_owned());
        for text in bad {
            assert_eq!(parse_digest(&text).unwrap_err().code, Code::DisclosureWrong, "{text}");
        }
    }

    #[test]
    fn missing_strange_double_and_renamed_are_refused() {
        let one = Disclosure::new(&[1; 16], "facts", "a".into());
        let two = Disclosure::new(&[2; 16], "reference", "b".into());
        let digests = [one.digest(), two.digest()];
        check(&digests, &[two.clone(), one.clone()], true).unwrap();
        check(&digests, std::slice::from_ref(&one), false).unwrap();
        let renamed = Disclosure::new(&[1; 16], "fact", "a".into());
        for bad in [vec![one.clone()], vec![one.clone(), one.clone()], vec![two, renamed]] {
            assert_eq!(check(&digests, &bad, true).unwrap_err().code, Code::DisclosureWrong);
        }
        let same_name = Disclosure::new(&[3; 16], "facts", "c".into());
        let digests = [one.digest(), same_name.digest()];
        assert!(check(&digests, &[one, same_name], true).is_err());
        let encode = |text: &str| BASE64URL.encode(text);
        for bad in [
            "%".to_owned(),
            encode("{}"),
            encode("[\"AAAAAAAAAAAAAAAAAAAAAA\",\"a\"]"),
            encode("[\"short\",\"a\",1]"),
            encode("[\"AAAAAAAAAAAAAAAAAAAAAA\",\"_sd\",[]]"),
        ] {
            assert_eq!(Disclosure::parse(&bad).unwrap_err().code, Code::DisclosureWrong, "{bad}");
        }
    }
}
