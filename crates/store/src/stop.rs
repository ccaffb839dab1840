//! Whether a log of ours has fallen behind itself: a row of `meta`, which every version of the
//! store has, written in the commit that gives the reason for it.

use crate::verbs::{Batch, Stop};
use rusqlite::{Connection, OptionalExtension as _, params};

fn name(channel: u32) -> String {
    format!("behind-{channel}")
}

/// Writes what a batch says of it, if it says anything.
pub fn write(db: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    let name = name(batch.channel);
    match batch.stop {
        None => Ok(0),
        Some(Stop::Begins(epoch)) => {
            let sql = "INSERT OR REPLACE INTO meta VALUES(?1,?2)";
            db.execute(sql, params![name, &epoch.to_be_bytes()[..]])
        }
        Some(Stop::Ends) => db.execute("DELETE FROM meta WHERE name=?1", params![name]),
    }
    .map(|_| ())
}

/// The epoch, while the log is stopped.
pub fn read(db: &Connection, channel: u32) -> rusqlite::Result<Option<u64>> {
    let sql = "SELECT value FROM meta WHERE name=?1";
    let epoch: Option<[u8; 8]> =
        db.query_row(sql, params![name(channel)], |row| row.get(0)).optional()?;
    Ok(epoch.map(u64::from_be_bytes))
}
