//! Foreign bytes are read here and nowhere else: strict CBOR and strict JSON.

pub mod cbor;
pub mod json;
