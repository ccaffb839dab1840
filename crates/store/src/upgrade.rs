//! The format of a store has a number, and a store of an older one is brought up to that of this
//! program: a copy is kept first, then everything changes in one transaction, so that a store is
//! the old one or the new one whatever moment the power fails at. A store of a newer format is
//! read no further than its number.
//!
//! To change a table: a new [`VERSION`], a step in `STEPS`, the same change in the schema of
//! `sqlite.rs`, and the folder that the program before wrote kept as a golden one.

use counterpart_record::fault::{Code, Fault, Result};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, params};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The format that this program reads and writes.
pub const VERSION: i64 = 3;

/// One step: from the format of its place in the list, counted from 1, to the next.
type Step = fn(&Transaction<'_>) -> rusqlite::Result<()>;

const STEPS: &[Step] = &[from_1, from_2];

/// Brings the store in `path` to the format of this program, if it has an older one. What follows
/// from acts and heads is made again by whoever opens it next: the mark `upgraded` asks for it.
/// [`Code::StoreVersion`] for a newer format or one that nobody knows; nothing is changed then.
pub fn bring_up(path: &Path) -> Result<()> {
    if known(path)? == VERSION {
        return Ok(());
    }
    // A crash from here on: the copy is there or it is not; the store is the old one.
    keep_copy(path, &kept(path, VERSION))?;
    let mut db = Connection::open(path).map_err(damaged)?;
    db.execute_batch("PRAGMA synchronous=FULL").map_err(damaged)?;
    climb(&mut db, STEPS)
}

/// The format of a store that this program can read, if only by bringing it up.
pub fn known(path: &Path) -> Result<i64> {
    if !path.exists() {
        return Err(Code::FolderNotNode.at(path.display().to_string()));
    }
    let found = found(path)?;
    if (1..=VERSION).contains(&found) { Ok(found) } else { Err(other(found)) }
}

/// Where the copy of a store lies that was made before it was brought to the format `version`.
pub fn kept(path: &Path, version: i64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".before-{version}"));
    name.into()
}

fn climb(db: &mut Connection, steps: &[Step]) -> Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(damaged)?;
    // Asked once more inside: between the look and the lock somebody else may have done it.
    let found: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(damaged)?;
    let target = steps.len() as i64 + 1;
    for step in steps.iter().skip(usize::try_from(found - 1).unwrap_or(0)) {
        step(&tx).map_err(damaged)?;
    }
    tx.execute("INSERT OR REPLACE INTO meta VALUES('upgraded', x'01')", []).map_err(damaged)?;
    tx.pragma_update(None, "user_version", target).map_err(damaged)?;
    // A crash before this line: the old format, whole. After it: the new one, whole.
    tx.commit().map_err(damaged)
}

/// Format 1 stood for three forms while the first one grew: the matters that do something by
/// themselves and all that a restored backup leaves behind came later. Whichever is missing is
/// made; a log that never ended has epoch 1, and nothing was seen of any other.
fn from_1(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS watched(channel INTEGER NOT NULL, matter BLOB NOT NULL,
           PRIMARY KEY(channel, matter)) STRICT, WITHOUT ROWID;
         CREATE TABLE retained(matter BLOB PRIMARY KEY, until INTEGER NOT NULL, why TEXT NOT NULL,
           set_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS closing(number INTEGER PRIMARY KEY, log INTEGER NOT NULL,
           ended INTEGER NOT NULL, epoch INTEGER NOT NULL, kept INTEGER NOT NULL,
           root BLOB NOT NULL, held INTEGER NOT NULL, statement BLOB NOT NULL) STRICT;
         CREATE TABLE IF NOT EXISTS closed_leaf(log INTEGER NOT NULL, epoch INTEGER NOT NULL,
           place INTEGER NOT NULL, entry BLOB NOT NULL, own INTEGER,
           PRIMARY KEY(log, epoch, place)) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS closed_head(log INTEGER NOT NULL, epoch INTEGER NOT NULL,
           size INTEGER NOT NULL, bytes BLOB NOT NULL,
           PRIMARY KEY(log, epoch, size)) STRICT, WITHOUT ROWID;",
    )?;
    if has_column(tx, "channel", "peer_seen_epoch")? {
        return Ok(());
    }
    // SQLite adds a column that must have a value only with one; the table is small, and made anew
    // it is the same table that a new store has.
    tx.execute_batch(
        "ALTER TABLE channel RENAME TO channel_1;
         CREATE TABLE channel(number INTEGER PRIMARY KEY, channel BLOB NOT NULL UNIQUE,
           peer BLOB NOT NULL, drill INTEGER NOT NULL, epoch INTEGER NOT NULL,
           peer_epoch INTEGER NOT NULL, peer_held INTEGER NOT NULL, held INTEGER NOT NULL,
           peer_seen INTEGER NOT NULL, peer_seen_epoch INTEGER NOT NULL) STRICT;
         INSERT INTO channel SELECT number, channel, peer, drill, epoch, peer_epoch, peer_held,
           held, peer_seen, CASE WHEN peer_seen > 0 THEN epoch ELSE 0 END FROM channel_1;
         DROP TABLE channel_1;",
    )
}

/// What was cosigned of an epoch that ended stays beside its heads. What format 2 threw away of it
/// is gone: an act of such an epoch has no proof of its time beyond the node that holds it.
fn from_2(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch("ALTER TABLE closed_head ADD COLUMN cosigned BLOB")
}

fn has_column(tx: &Transaction<'_>, table: &str, column: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
    tx.query_row(sql, params![table, column], |row| row.get::<_, i64>(0)).map(|count| count > 0)
}

/// The format of a store, which may be newer than we are: read without writing anything.
pub fn found(path: &Path) -> Result<i64> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(damaged)?;
    db.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(damaged)
}

/// A copy of the store as it is, whole or absent; one from an upgrade that was interrupted gives
/// way.
fn keep_copy(from: &Path, to: &Path) -> Result<()> {
    let failed = |error: std::io::Error| Code::Io.at(format!("{}: {error}", to.display()));
    let draft = to.with_extension("draft");
    copy(from, &draft)?;
    File::open(&draft).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&draft, to).map_err(failed)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new("."))).and_then(|it| it.sync_all()).map_err(failed)
}

/// Copies the record in `from`, which another process may be writing to, as of one moment, into
/// the new file `to`. What was erased is in no page of the copy.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = |error: std::io::Error| Code::Io.at(format!("{}: {error}", to.display()));
    if !from.exists() {
        return Err(Code::FolderNotNode.at(from.display().to_string()));
    }
    let _ = fs::remove_file(to);
    // It is made by us, for us alone, before SQLite writes into it.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(failed)?;
    let path = to.to_str().ok_or_else(|| Code::ArgumentWrong.at("path: not UTF-8"))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(from, flags).map_err(damaged)?;
    db.busy_timeout(std::time::Duration::from_secs(10)).map_err(damaged)?;
    db.execute("VACUUM INTO ?1", params![path]).map(|_| ()).map_err(damaged)
}

/// A format that this program does not know.
pub fn other(found: i64) -> Fault {
    Code::StoreVersion.at(format!("record.db: format {found}, this program knows 1 to {VERSION}"))
}

/// Anything that SQLite reports, short of a full disk, means that we no longer know what is there.
pub fn damaged(error: rusqlite::Error) -> Fault {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => Code::Io.at("disk full"),
        Some(rusqlite::ErrorCode::DatabaseBusy) => Code::FolderLocked.at("record.db"),
        _ => Code::StoreDamaged.at(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(db: &Connection) -> Vec<String> {
        let sql = "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c
                   WHERE t.type = 'table' ORDER BY 1";
        let mut statement = db.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(|one| one.unwrap()).collect()
    }

    fn first_form() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
             CREATE TABLE channel(number INTEGER PRIMARY KEY, channel BLOB NOT NULL UNIQUE,
               peer BLOB NOT NULL, drill INTEGER NOT NULL, epoch INTEGER NOT NULL,
               peer_epoch INTEGER NOT NULL, peer_held INTEGER NOT NULL, held INTEGER NOT NULL,
               peer_seen INTEGER NOT NULL) STRICT;
             INSERT INTO channel VALUES(1, x'01', x'02', 0, 1, 1, 5, 6, 4);
             INSERT INTO channel VALUES(2, x'03', x'02', 1, 1, 1, 0, 0, 0);
             PRAGMA user_version=1;",
        )
        .unwrap();
        db
    }

    #[test]
    fn the_first_form_gets_what_came_later_and_keeps_its_rows() {
        let mut db = first_form();
        climb(&mut db, STEPS).unwrap();
        let found: Vec<String> = columns(&db);
        let later = ["watched.matter", "closing.statement", "closed_leaf.own"];
        for column in later.into_iter().chain(["closed_head.cosigned"]) {
            assert!(found.iter().any(|one| one == column), "{column}: {found:?}");
        }
        let seen = |number: i64| {
            let sql = "SELECT peer_held, peer_seen, peer_seen_epoch FROM channel WHERE number=?1";
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            db.query_row(sql, [number], read).unwrap()
        };
        assert_eq!(seen(1), (5, 4, 1));
        assert_eq!(seen(2), (0, 0, 0));
        // The second and the third form of format 1 have some of it already.
        let back = "PRAGMA user_version=1; DROP TABLE closing; DROP TABLE retained;
                    ALTER TABLE closed_head DROP COLUMN cosigned;";
        db.execute_batch(back).unwrap();
        climb(&mut db, STEPS).unwrap();
        assert_eq!(columns(&db), found);
    }

    #[test]
    fn a_step_that_fails_leaves_the_old_format_whole() {
        let mut db = first_form();
        let before = columns(&db);
        fn fails(tx: &Transaction<'_>) -> rusqlite::Result<()> {
            tx.execute_batch("CREATE TABLE half(a); SELECT nothing FROM nowhere;")
        }
        assert_eq!(climb(&mut db, &[from_1, from_2, fails]).unwrap_err().code, Code::StoreDamaged);
        assert_eq!(columns(&db), before);
        let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, 1);
    }
}
