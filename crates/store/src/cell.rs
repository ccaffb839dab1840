//! How a place in a log is one integer key, and fixed bytes out of a row.

use crate::verbs::Owner;
use rusqlite::{Connection, Row};

const INDEX_BITS: u32 = 40;

/// The key of an index: the channel's number above it.
pub fn key(channel: u32, index: u64) -> i64 {
    (i64::from(channel) << INDEX_BITS) | index.min((1 << INDEX_BITS) - 1) as i64
}

/// Heads of both logs share a table: the owner is one more bit.
pub fn log(channel: u32, owner: Owner) -> u32 {
    channel << 1 | u32::from(owner == Owner::Peer)
}

/// The index in a key.
pub fn index(key: i64) -> u64 {
    (key & ((1 << INDEX_BITS) - 1)) as u64
}

/// Bytes of one length.
pub fn fixed<const N: usize>(row: &Row<'_>, column: usize) -> rusqlite::Result<[u8; N]> {
    let bytes: Vec<u8> = row.get(column)?;
    bytes.try_into().map_err(|_| {
        rusqlite::Error::InvalidColumnType(column, "length".into(), rusqlite::types::Type::Blob)
    })
}

/// Every row of a query.
pub fn all<T>(
    db: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    db.prepare_cached(sql)?.query_map(values, read)?.collect()
}
