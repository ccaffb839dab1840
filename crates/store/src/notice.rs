//! Which acts of peers say that they erased the text of a matter. An index over the acts that are
//! there: nothing is kept beside them, so it belongs to no version of the store, is made where it
//! is missing, and cannot say anything else than they do.

use crate::cell::{all, fixed, key};
use counterpart_record::id::MatterId;
use rusqlite::{Connection, params};

/// The index. The hexadecimal bytes are `erased_matter`, the name of the coded field.
pub const INDEX: &str = "
CREATE INDEX IF NOT EXISTS act_erased ON act(key)
  WHERE mine = 0 AND instr(statement, x'6572617365645f6d6174746572') > 0;
";

/// The matters of a channel in which an act of the peer has that field and names this matter. Only
/// whoever reads the act knows what it says of it.
pub fn naming(db: &Connection, channel: u32, matter: &MatterId) -> rusqlite::Result<Vec<MatterId>> {
    let sql = "SELECT matter FROM act INDEXED BY act_erased
               WHERE mine = 0 AND instr(statement, x'6572617365645f6d6174746572') > 0
               AND key >= ?1 AND key < ?2 AND matter IS NOT NULL AND instr(statement, ?3) > 0
               ORDER BY key";
    let name = matter.to_string();
    let named = params![key(channel, 0), key(channel + 1, 0), name.as_bytes()];
    all(db, sql, named, |row| Ok(MatterId(fixed(row, 0)?)))
}
