//! How far a peer said last that it holds epochs of ours that ended: a row of `meta` for each
//! channel, under the name that stores have had for it from the first.

use rusqlite::{Connection, OptionalExtension as _, params};

fn name(channel: u32) -> String {
    format!("word {channel}")
}

/// Keeps it instead of what was kept before; nothing for an empty one.
pub fn write(db: &Connection, channel: u32, word: &[u8]) -> rusqlite::Result<()> {
    let name = name(channel);
    if word.is_empty() {
        db.execute("DELETE FROM meta WHERE name = ?1", params![name])
    } else {
        db.execute("INSERT OR REPLACE INTO meta VALUES(?1, ?2)", params![name, word])
    }
    .map(|_| ())
}

/// What is kept; empty if nothing is.
pub fn read(db: &Connection, channel: u32) -> rusqlite::Result<Vec<u8>> {
    let sql = "SELECT value FROM meta WHERE name = ?1";
    let word = db.query_row(sql, params![name(channel)], |row| row.get(0)).optional()?;
    Ok(word.unwrap_or_default())
}
