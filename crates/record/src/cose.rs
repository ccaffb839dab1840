//! COSE_Sign1 and COSE_Sign (RFC 9052), as far as statements need them: the structures, the bytes
//! that are signed, and verification with a key that the caller has chosen. `statement`, `receipt`
//! and `party` put their closed sets of headers on top.

use crate::fault::{Code, Result};
use crate::key::{Algorithm, VerifyKey};
use crate::strict::cbor::{self, Order, Value, Writer};

/// The CBOR tag of COSE_Sign1.
pub const TAG_SIGN1: u64 = 18;
/// The CBOR tag of COSE_Sign.
pub const TAG_SIGN: u64 = 98;

/// The bytes that a COSE_Sign1 signature covers: Sig_structure with context "Signature1".
pub fn sign1_bytes(protected: &[u8], external: &[u8], payload: &[u8]) -> Vec<u8> {
    // Hot: one act is one of these, and its room is known.
    let mut writer = Writer::with_room(protected.len() + external.len() + payload.len() + 32);
    writer.array(4).text("Signature1").bytes(protected).bytes(external).bytes(payload);
    writer.finish()
}

/// The bytes that one signer of a COSE_Sign covers: Sig_structure with context "Signature".
pub fn sign_bytes(body: &[u8], signer: &[u8], external: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(5).text("Signature").bytes(body).bytes(signer).bytes(external).bytes(payload);
    writer.finish()
}

/// One set of headers with its signature.
pub struct Signed {
    /// The protected bucket, as signed: empty if the map is empty.
    pub protected_bytes: Vec<u8>,
    /// The protected map.
    pub protected: Value,
    /// The unprotected map.
    pub unprotected: Value,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Signed {
    /// The algorithm, from the protected bucket or, as RFC 9052 section 3.1 lets others do, from
    /// the unprotected one.
    pub fn algorithm(&self) -> Result<Algorithm> {
        let label = self.protected.label(1).or_else(|| self.unprotected.label(1));
        let number = label.and_then(Value::as_i64);
        Algorithm::from_cose(number.ok_or_else(|| Code::AlgorithmUnknown.at("none given"))?)
    }

    /// `crit` (label 2) names nothing that we do not understand, which is everything.
    fn check_critical(&self) -> Result<()> {
        match self.protected.label(2) {
            Some(_) => Err(Code::HeaderNotClosed.at("critical parameters")),
            None => Ok(()),
        }
    }

    fn check_key(&self, key: &VerifyKey) -> Result<()> {
        self.check_critical()?;
        if self.algorithm()? == key.algorithm() {
            Ok(())
        } else {
            Err(Code::AlgorithmUnknown.at("not the algorithm of the key"))
        }
    }

    fn parse(parts: &[Value], order: Order) -> Result<Signed> {
        let wrong = |what: &str| Code::StructureWrong.at(what);
        let [Value::Bytes(bytes), unprotected @ Value::Map(_), Value::Bytes(signature)] = parts
        else {
            return Err(wrong("headers or signature"));
        };
        let protected =
            if bytes.is_empty() { Value::Map(Vec::new()) } else { cbor::decode(bytes, order)? };
        let Value::Map(pairs) = &protected else {
            return Err(wrong("protected header is not a map"));
        };
        // RFC 9052 section 3: an empty map is signed as an empty string, however it was sent.
        let protected_bytes = if pairs.is_empty() { Vec::new() } else { bytes.clone() };
        if let Value::Map(outer) = unprotected
            && outer.iter().any(|(name, _)| pairs.iter().any(|(other, _)| other == name))
        {
            return Err(wrong("label in both headers"));
        }
        Ok(Signed {
            protected_bytes,
            protected,
            unprotected: unprotected.clone(),
            signature: signature.clone(),
        })
    }
}

/// A COSE_Sign1 as it came.
pub struct Sign1 {
    /// Headers and signature.
    pub signed: Signed,
    /// The payload; `None` if detached.
    pub payload: Option<Vec<u8>>,
}

impl Sign1 {
    /// Reads a COSE_Sign1. Ours carry tag 18; under [`Order::Any`] the tag may be left out, as
    /// RFC 9052 section 2 allows where the context tells.
    pub fn parse(bytes: &[u8], order: Order) -> Result<Sign1> {
        let parts = untag(cbor::decode(bytes, order)?, TAG_SIGN1, order)?;
        let [protected, unprotected, payload, signature] = &parts[..] else {
            return Err(Code::StructureWrong.at("not four parts"));
        };
        let headers = [protected.clone(), unprotected.clone(), signature.clone()];
        Ok(Sign1 { signed: Signed::parse(&headers, order)?, payload: payload_of(payload)? })
    }

    /// Verifies with a key; a detached payload is given by the caller.
    pub fn verify(&self, key: &VerifyKey, external: &[u8], detached: Option<&[u8]>) -> Result<()> {
        self.signed.check_key(key)?;
        let payload = self.payload.as_deref().or(detached);
        let payload = payload.ok_or_else(|| Code::StructureWrong.at("no payload"))?;
        let message = sign1_bytes(&self.signed.protected_bytes, external, payload);
        key.verify(&message, &self.signed.signature)
    }
}

/// A COSE_Sign as it came: one payload, one or more signers.
pub struct Sign {
    /// The body's protected bucket, as signed.
    pub protected_bytes: Vec<u8>,
    /// The body's protected map.
    pub protected: Value,
    /// The body's unprotected map.
    pub unprotected: Value,
    /// The payload; `None` if detached.
    pub payload: Option<Vec<u8>>,
    /// The signers, in the order of the bytes.
    pub signers: Vec<Signed>,
}

impl Sign {
    /// Reads a COSE_Sign; as for [`Sign1::parse`], with tag 98.
    pub fn parse(bytes: &[u8], order: Order) -> Result<Sign> {
        let parts = untag(cbor::decode(bytes, order)?, TAG_SIGN, order)?;
        let [protected, unprotected, payload, Value::Array(signers)] = &parts[..] else {
            return Err(Code::StructureWrong.at("not four parts with a list of signers"));
        };
        if signers.is_empty() {
            return Err(Code::StructureWrong.at("no signer"));
        }
        let body = [protected.clone(), unprotected.clone(), Value::Bytes(Vec::new())];
        let body = Signed::parse(&body, order)?;
        body.check_critical()?;
        let mut list = Vec::with_capacity(signers.len());
        for signer in signers {
            let parts = signer.as_array();
            let parts = parts.ok_or_else(|| Code::StructureWrong.at("signer is not an array"))?;
            list.push(Signed::parse(parts, order)?);
        }
        Ok(Sign {
            protected_bytes: body.protected_bytes,
            protected: body.protected,
            unprotected: body.unprotected,
            payload: payload_of(payload)?,
            signers: list,
        })
    }

    /// Verifies one signer with a key.
    pub fn verify(
        &self,
        signer: &Signed,
        key: &VerifyKey,
        external: &[u8],
        detached: Option<&[u8]>,
    ) -> Result<()> {
        signer.check_key(key)?;
        let payload = self.payload.as_deref().or(detached);
        let payload = payload.ok_or_else(|| Code::StructureWrong.at("no payload"))?;
        let message = sign_bytes(&self.protected_bytes, &signer.protected_bytes, external, payload);
        key.verify(&message, &signer.signature)
    }
}

fn untag(value: Value, tag: u64, order: Order) -> Result<Vec<Value>> {
    match value {
        Value::Tag(number, inner) if number == tag => match *inner {
            Value::Array(parts) => Ok(parts),
            _ => Err(Code::StructureWrong.at("not an array")),
        },
        Value::Array(parts) if order == Order::Any => Ok(parts),
        _ => Err(Code::StructureWrong.at(format!("not a CBOR array with tag {tag}"))),
    }
}

fn payload_of(value: &Value) -> Result<Option<Vec<u8>>> {
    match value {
        Value::Bytes(bytes) => Ok(Some(bytes.clone())),
        Value::Null => Ok(None),
        _ => Err(Code::StructureWrong.at("payload is neither a byte string nor null")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SigningKey;
    use zeroize::Zeroizing;

    fn sign1(protected: &[u8], unprotected: &Value, tag: u64, key: &SigningKey) -> Vec<u8> {
        let covered = if protected == [0xa0] { &[][..] } else { protected };
        let signature = key.sign(&sign1_bytes(covered, b"", b"payload")).unwrap();
        let mut writer = Writer::new();
        writer.tag(tag).array(4).bytes(protected).value(unprotected).bytes(b"payload");
        writer.bytes(&signature);
        writer.finish()
    }

    #[test]
    fn headers_are_checked_before_the_signature_counts() {
        let key = SigningKey::from_seed(Algorithm::Ed25519, &Zeroizing::new([1; 32])).unwrap();
        let none = Value::Map(Vec::new());
        let alg = Value::Map(vec![(Value::Int(1), Value::Int(-8))]);
        let check = |bytes: &[u8]| {
            Sign1::parse(bytes, Order::Any).and_then(|m| m.verify(key.public(), b"", None))
        };
        check(&sign1(&[0xa1, 1, 0x27], &none, 18, &key)).unwrap();
        check(&sign1(&[0xa0], &alg, 18, &key)).unwrap();
        check(&sign1(&[], &alg, 18, &key)).unwrap();
        for (bytes, code) in [
            (sign1(&[0xa1, 1, 0x27], &none, 98, &key), Code::StructureWrong),
            (sign1(&[0xa1, 1, 0x27], &alg, 18, &key), Code::StructureWrong),
            (sign1(&[0xa1, 1, 0x26], &none, 18, &key), Code::AlgorithmUnknown),
            (sign1(&[0xa0], &none, 18, &key), Code::AlgorithmUnknown),
            (sign1(&[0xa2, 1, 0x27, 2, 0x81, 1], &none, 18, &key), Code::HeaderNotClosed),
            (sign1(&[0x81, 1], &none, 18, &key), Code::StructureWrong),
        ] {
            assert_eq!(check(&bytes).unwrap_err().code, code);
        }
    }
}
