//! Which acts say that the text of a matter was erased: a peer's at its place, ours here. An index
//! over the acts that are there: nothing is kept beside them, so it belongs to no version of the
//! store, is made where it is missing, and cannot say anything else than they do.

use crate::cell::{all, fixed, index, key};
use counterpart_record::id::MatterId;
use rusqlite::{Connection, params};

/// The index. The hexadecimal bytes are `erased_matter`, the name of the coded field.
pub const INDEX: &str = "
CREATE INDEX IF NOT EXISTS act_notice ON act(key)
  WHERE instr(statement, x'6572617365645f6d6174746572') > 0;
";

/// The matters of a channel in which an act of the peer has that field and names this matter. Only
/// whoever reads the act knows what it says of it.
pub fn naming(db: &Connection, channel: u32, matter: &MatterId) -> rusqlite::Result<Vec<MatterId>> {
    let sql = "SELECT matter FROM act INDEXED BY act_notice
               WHERE instr(statement, x'6572617365645f6d6174746572') > 0 AND mine = 0
               AND key >= ?1 AND key < ?2 AND matter IS NOT NULL AND instr(statement, ?3) > 0
               ORDER BY key";
    let name = matter.to_string();
    let named = params![key(channel, 0), key(channel + 1, 0), name.as_bytes()];
    all(db, sql, named, |row| Ok(MatterId(fixed(row, 0)?)))
}

/// Where in our log of a channel, from an index on, acts of ours have that field.
pub fn own(db: &Connection, channel: u32, from: u64) -> rusqlite::Result<Vec<u64>> {
    let sql = "SELECT key FROM act INDEXED BY act_notice
               WHERE instr(statement, x'6572617365645f6d6174746572') > 0 AND mine > 0
               AND key >= ?1 AND key < ?2 ORDER BY key";
    let range = params![key(channel, from), key(channel + 1, 0)];
    all(db, sql, range, |row| row.get(0).map(index))
}
