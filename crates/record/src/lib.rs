//! What is true: statements, logs, heads, receipts, credentials, parcels, dossiers.
//!
//! Pure: no I/O, no clock, no async, no `unsafe`; time, randomness and keys are arguments. Foreign
//! bytes are decoded here and nowhere else. The bytes are specified in `docs/spec/`; `REC-n` in a
//! comment is the numbered requirement that a line meets.
//!
//! Modules in reading order; a module uses only those below it.

pub mod dossier;
pub mod inconsistency;
pub mod parcel;
pub mod party;
pub mod receipt;
pub mod head;
pub mod statement;
pub mod payload;
pub mod disclose;
pub mod note;
pub mod tile;
pub mod log;
pub mod cose;
pub mod keys;
pub mod attachment;
pub mod seal;
pub mod key;
pub mod id;
pub mod hash;
pub mod strict;
pub mod limits;
pub mod fault;
