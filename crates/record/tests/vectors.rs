//! Published vectors through the record's own entry points.
//!
//! Each test walks whatever lies in its set under `COUNTERPART_DATA` (by default `../shared/data`
//! beside the workspace) and asks that our verdict is the published one. No file name and no count
//! is built in: other selections of the same sources may be put in their place. A vector of an
//! algorithm or a structure that the record does not speak must be *refused* by the entry point
//! that would take it, and is counted and named; a file of unknown shape fails the test; so does a
//! set of which nothing is spoken.
//!
//! Three primitives reach the record only inside `hpke` and have no entry point of their own:
//! ML-KEM-768, X25519 and the AEADs with HKDF under them. They run through the crates that `hpke`
//! links, in the versions that it links (Cargo resolves one of each), and once more whole, as
//! X-Wing and as a sealed message, through `counterpart_record::seal`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

#[path = "vectors/cose.rs"]
mod cose;
#[path = "vectors/ed25519.rs"]
mod ed25519;
#[path = "vectors/hpke.rs"]
mod hpke;
#[path = "vectors/kem.rs"]
mod kem;
#[path = "vectors/merkle.rs"]
mod merkle;
#[path = "vectors/receipts.rs"]
mod receipts;
#[path = "vectors/shelf.rs"]
mod shelf;
#[path = "vectors/symmetric.rs"]
mod symmetric;
#[path = "vectors/tiles.rs"]
mod tiles;
#[path = "vectors/wycheproof.rs"]
mod wycheproof;

use shelf::Shelf;

#[test]
fn vectors_cose() {
    Shelf::walk("cose", cose::file);
}

#[test]
fn vectors_scitt_receipts() {
    Shelf::walk("scitt_receipts", receipts::file);
}

#[test]
fn vectors_merkle() {
    Shelf::walk("merkle", merkle::file);
}

#[test]
fn vectors_tlog_tiles() {
    Shelf::walk("tlog_tiles", tiles::file);
}

#[test]
fn vectors_cctv() {
    Shelf::walk("cctv", ed25519::file);
}

#[test]
fn vectors_wycheproof() {
    Shelf::walk("wycheproof", wycheproof::file);
}

#[test]
fn vectors_hpke() {
    Shelf::walk("hpke", hpke::file);
}
