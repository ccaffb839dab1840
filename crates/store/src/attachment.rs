//! What acts name besides their text: one row for each attachment. It follows from the acts, so the
//! table is made where it is missing.

use crate::cell::{fixed, index, key};
use crate::verbs::{AttachmentRow, Batch};
use counterpart_record::hash::Hash;
use counterpart_record::id::MatterId;
use rusqlite::{Connection, Row, params};

/// The table.
pub const TABLE: &str = "
CREATE TABLE IF NOT EXISTS attachment(act INTEGER NOT NULL, place INTEGER NOT NULL,
  root BLOB NOT NULL, size INTEGER NOT NULL, mine INTEGER NOT NULL, taken INTEGER NOT NULL,
  PRIMARY KEY(act, place)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS attachment_root ON attachment(root);
";

const COLUMNS: &str = "act, place, root, size, mine, taken";

fn row(row: &Row<'_>) -> rusqlite::Result<(u32, AttachmentRow)> {
    let key: i64 = row.get(0)?;
    let attachment = AttachmentRow {
        index: index(key),
        place: row.get(1)?,
        root: fixed(row, 2)?,
        size: row.get::<_, i64>(3)? as u64,
        mine: row.get(4)?,
        taken: row.get(5)?,
    };
    Ok(((key >> 40) as u32, attachment))
}

/// Writes the rows of new acts. Part of one commit.
pub fn write(db: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    if batch.attachments_again {
        let range = params![key(batch.channel, 0), key(batch.channel + 1, 0)];
        db.execute("DELETE FROM attachment WHERE act >= ?1 AND act < ?2", range)?;
    }
    let sql = "INSERT OR REPLACE INTO attachment VALUES(?1,?2,?3,?4,?5,?6)";
    let mut insert = db.prepare_cached(sql)?;
    for row in &batch.attachments {
        let (act, size) = (key(batch.channel, row.index), row.size as i64);
        insert.execute(params![act, row.place, &row.root[..], size, row.mine, row.taken])?;
    }
    Ok(())
}

/// Takes the rows of a matter away that are before this index of our log, as its texts go. Part of
/// one commit.
pub fn erase(
    db: &Connection,
    (matter8, matter): (i64, &MatterId),
    (channel, before): (u32, u64),
) -> rusqlite::Result<()> {
    let sql = "DELETE FROM attachment WHERE act IN (SELECT key FROM act WHERE matter8 = ?1
               AND matter = ?2 AND key >= ?3 AND key < ?4)";
    let of = params![matter8, &matter.0[..], key(channel, 0), key(channel, before)];
    db.execute(sql, of).map(|_| ())
}

/// Those of a channel, in the order of our own log.
pub fn of_channel(db: &Connection, channel: u32) -> rusqlite::Result<Vec<AttachmentRow>> {
    let sql = format!("SELECT {COLUMNS} FROM attachment WHERE act >= ?1 AND act < ?2");
    let mut statement = db.prepare_cached(&sql)?;
    let range = params![key(channel, 0), key(channel + 1, 0)];
    let rows = statement.query_map(range, |found| row(found).map(|(_, row)| row))?;
    rows.collect()
}

/// Those that name these sealed bytes, by channel.
pub fn of_root(db: &Connection, root: &Hash) -> rusqlite::Result<Vec<(u32, AttachmentRow)>> {
    let sql = format!("SELECT {COLUMNS} FROM attachment WHERE root = ?1");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![&root[..]], row)?;
    rows.collect()
}

/// The peer of a channel has all of one of ours.
pub fn note_taken(db: &Connection, channel: u32, root: &Hash) -> rusqlite::Result<()> {
    let sql = "UPDATE attachment SET taken = 1 WHERE root = ?1 AND mine = 1 AND taken = 0
               AND act >= ?2 AND act < ?3";
    let of = params![&root[..], key(channel, 0), key(channel + 1, 0)];
    db.execute(sql, of).map(|_| ())
}
