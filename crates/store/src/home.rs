//! The private part of a matter: notes, an owner, tasks at home. It lies in a file of its own, so
//! that no verb of the record can reach it: what is here is never logged and never sent, and the
//! record is whole without it. Spec: docs/spec/home.md.

use crate::cell::{self, fixed};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::MatterId;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

/// A note of ours about a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its number in this node.
    pub number: u64,
    /// When it was written, in seconds (UTC).
    pub at: u64,
    /// Who wrote it, if that was said.
    pub by: String,
    /// What it says.
    pub text: String,
}

/// A task of ours in a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its number in this node; never given twice.
    pub number: u64,
    /// In which matter.
    pub matter: MatterId,
    /// Whether the matter is an exercise, whose calendar then counts.
    pub drill: bool,
    /// What is to be done.
    pub text: String,
    /// When it was set, in seconds (UTC).
    pub made_at: u64,
    /// By when, in seconds (UTC).
    pub due: Option<u64>,
    /// When it was done.
    pub done_at: Option<u64>,
}

/// What is kept at home. Each verb is one transaction, durable when it returns.
pub trait Home: Send {
    /// Adds a note, and gives its number.
    fn add_note(&mut self, matter: &MatterId, at: u64, by: &str, text: &str) -> Result<u64>;
    /// The newest notes of a matter, oldest first, at most `limit`.
    fn notes(&self, matter: &MatterId, limit: usize) -> Result<Vec<Note>>;
    /// How many notes a matter has.
    fn count_notes(&self, matter: &MatterId) -> Result<u64>;
    /// Names who looks after a matter, or nobody.
    fn set_owner(&mut self, matter: &MatterId, name: Option<&str>) -> Result<()>;
    /// Who looks after a matter.
    fn owner(&self, matter: &MatterId) -> Result<Option<String>>;
    /// Who looks after which matter.
    fn owners(&self) -> Result<Vec<(MatterId, String)>>;
    /// Adds a task; its number is given, whatever `task` has there.
    fn add_task(&mut self, task: &Task) -> Result<u64>;
    /// Notes that a task is done; one that was done before stays as it was. `None` if there is no
    /// such task.
    fn finish_task(&mut self, number: u64, at: u64) -> Result<Option<Task>>;
    /// Tasks of one matter or of all, those that are due first at the front and those without a
    /// time behind them; with `done`, also those that are done.
    fn tasks(&self, matter: Option<&MatterId>, done: bool) -> Result<Vec<Task>>;
    /// Notes that two matters are about the same, however the two came. Doing it twice changes
    /// nothing.
    fn link(&mut self, one: &MatterId, other: &MatterId) -> Result<()>;
    /// The matters that are noted as the same as this one.
    fn same(&self, matter: &MatterId) -> Result<Vec<MatterId>>;
    /// The matters of which anything is kept.
    fn matters(&self) -> Result<Vec<MatterId>>;
    /// Takes away all that is kept of a matter and overwrites it; gives how many things that were.
    /// HOM-4.
    fn forget(&mut self, matter: &MatterId) -> Result<u64>;
    /// Up to where in our log of a channel all that was erased is gone from here, too; 0 before the
    /// first time.
    fn erased_to(&self, channel: u32) -> Result<u64>;
    /// Notes that.
    fn set_erased_to(&mut self, channel: u32, index: u64) -> Result<()>;
    /// Nothing is known of that any more: the file was put back beside another record.
    fn unset_erased(&mut self) -> Result<()>;
    /// When this file was made in the place of one that was missing, in seconds (UTC).
    fn begun_anew(&self) -> Result<Option<u64>>;
}

/// Version of the tables; a file of another version is not opened.
const VERSION: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE note(number INTEGER PRIMARY KEY AUTOINCREMENT, matter BLOB NOT NULL,
  at INTEGER NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL) STRICT;
CREATE INDEX note_matter ON note(matter);
CREATE TABLE owner(matter BLOB PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE same(one BLOB NOT NULL, other BLOB NOT NULL, PRIMARY KEY(one, other))
  STRICT, WITHOUT ROWID;
CREATE TABLE task(number INTEGER PRIMARY KEY AUTOINCREMENT, matter BLOB NOT NULL,
  drill INTEGER NOT NULL, text TEXT NOT NULL, made_at INTEGER NOT NULL, due INTEGER,
  done_at INTEGER) STRICT;
CREATE INDEX task_matter ON task(matter);
CREATE INDEX task_open ON task(due) WHERE done_at IS NULL;
";

/// The home in one SQLite file beside the record.
pub struct HomeFile {
    db: Connection,
}

impl HomeFile {
    /// Opens the file that is there. [`Code::HomeUnreadable`], [`Code::StoreVersion`].
    pub fn open(path: &Path) -> Result<HomeFile> {
        // SQLite takes an empty file for a new one, and would make it one.
        if !std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0) {
            return Err(Code::HomeUnreadable.at(path.display().to_string()));
        }
        let home = HomeFile::start(path)?;
        let version: i64 =
            home.db.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(unreadable)?;
        if version != VERSION {
            let what = format!("home.db: {version}, this program writes {VERSION}");
            return Err(Code::StoreVersion.at(what));
        }
        // It is small, and a page that went bad should be met now and not when it is needed.
        let found = home.db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        match found.map_err(unreadable)?.as_str() {
            "ok" => Ok(home),
            found => Err(Code::HomeUnreadable.at(format!("home.db: {found}"))),
        }
    }

    /// Makes the file, for its owner alone. `anew` is the time at which it took the place of one
    /// that was missing, in seconds (UTC). A crash on the way leaves no file, or a whole one.
    pub fn create(path: &Path, anew: Option<u64>) -> Result<HomeFile> {
        let draft = path.with_extension("draft");
        let io = |error: std::io::Error| Code::Io.at(format!("{}: {error}", path.display()));
        let beside = ["-wal", "-shm"].map(|end| format!("{}{end}", draft.display()));
        [draft.display().to_string()].iter().chain(&beside).for_each(|left| {
            let _ = std::fs::remove_file(left);
        });
        // It is ours alone before SQLite writes into it; what SQLite puts beside it follows.
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600).open(&draft).map_err(io)?;
        let home = HomeFile::start(&draft)?;
        let anew = anew.map(|at| format!("INSERT INTO meta VALUES('anew', {at});"));
        home.db
            .execute_batch(&format!(
                "BEGIN; {SCHEMA} {} PRAGMA user_version={VERSION}; COMMIT;",
                anew.unwrap_or_default()
            ))
            .map_err(unreadable)?;
        // Closing empties the write-ahead log into the file, which can then change its name.
        home.db.close().map_err(|(_, error)| unreadable(error))?;
        std::fs::hard_link(&draft, path).or_else(|_| std::fs::rename(&draft, path)).map_err(io)?;
        let _ = std::fs::remove_file(&draft);
        HomeFile::open(path)
    }

    fn start(path: &Path) -> Result<HomeFile> {
        let db = Connection::open(path).map_err(unreadable)?;
        db.busy_timeout(Duration::from_secs(10)).map_err(unreadable)?;
        // Whatever is deleted or replaced here was private: its pages are always overwritten.
        db.execute_batch(
            "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
             PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON;",
        )
        .map_err(unreadable)?;
        Ok(HomeFile { db })
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        cell::all(&self.db, sql, values, read).map_err(unreadable)
    }
}

fn unreadable(error: rusqlite::Error) -> Fault {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => Code::Io.at("disk full"),
        Some(rusqlite::ErrorCode::DatabaseBusy) => Code::FolderLocked.at("home.db"),
        _ => Code::HomeUnreadable.at(format!("home.db: {error}")),
    }
}

const TASK: &str = "number, matter, drill, text, made_at, due, done_at";

fn task(row: &Row<'_>) -> rusqlite::Result<Task> {
    let time = |at: usize| row.get::<_, Option<i64>>(at).map(|time| time.map(|time| time as u64));
    Ok(Task {
        number: row.get::<_, i64>(0)? as u64,
        matter: MatterId(fixed(row, 1)?),
        drill: row.get(2)?,
        text: row.get(3)?,
        made_at: row.get::<_, i64>(4)? as u64,
        due: time(5)?,
        done_at: time(6)?,
    })
}

impl Home for HomeFile {
    fn add_note(&mut self, matter: &MatterId, at: u64, by: &str, text: &str) -> Result<u64> {
        let sql = "INSERT INTO note(matter, at, who, text) VALUES(?1,?2,?3,?4)";
        self.db.execute(sql, params![&matter.0[..], at as i64, by, text]).map_err(unreadable)?;
        Ok(self.db.last_insert_rowid() as u64)
    }

    fn notes(&self, matter: &MatterId, limit: usize) -> Result<Vec<Note>> {
        let sql = "SELECT number, at, who, text FROM note WHERE matter = ?1
                   ORDER BY number DESC LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut notes = self.all(sql, params![&matter.0[..], limit], |row| {
            Ok(Note {
                number: row.get::<_, i64>(0)? as u64,
                at: row.get::<_, i64>(1)? as u64,
                by: row.get(2)?,
                text: row.get(3)?,
            })
        })?;
        notes.reverse();
        Ok(notes)
    }

    fn count_notes(&self, matter: &MatterId) -> Result<u64> {
        let sql = "SELECT count(*) FROM note WHERE matter = ?1";
        let count = self.all(sql, params![&matter.0[..]], |row| row.get::<_, i64>(0))?;
        Ok(count.first().map_or(0, |count| *count as u64))
    }

    fn set_owner(&mut self, matter: &MatterId, name: Option<&str>) -> Result<()> {
        let done = match name {
            Some(name) => {
                let sql = "INSERT OR REPLACE INTO owner VALUES(?1,?2)";
                self.db.execute(sql, params![&matter.0[..], name])
            }
            None => self.db.execute("DELETE FROM owner WHERE matter=?1", params![&matter.0[..]]),
        };
        done.map(|_| ()).map_err(unreadable)
    }

    fn owner(&self, matter: &MatterId) -> Result<Option<String>> {
        let sql = "SELECT name FROM owner WHERE matter = ?1";
        let found = self.db.query_row(sql, params![&matter.0[..]], |row| row.get(0));
        found.optional().map_err(unreadable)
    }

    fn owners(&self) -> Result<Vec<(MatterId, String)>> {
        let sql = "SELECT matter, name FROM owner ORDER BY matter";
        self.all(sql, [], |row| Ok((MatterId(fixed(row, 0)?), row.get(1)?)))
    }

    fn add_task(&mut self, task: &Task) -> Result<u64> {
        let sql = "INSERT INTO task(matter, drill, text, made_at, due, done_at)
                   VALUES(?1,?2,?3,?4,?5,NULL)";
        let due = task.due.map(|due| due as i64);
        let values = params![&task.matter.0[..], task.drill, task.text, task.made_at as i64, due];
        self.db.execute(sql, values).map_err(unreadable)?;
        Ok(self.db.last_insert_rowid() as u64)
    }

    fn finish_task(&mut self, number: u64, at: u64) -> Result<Option<Task>> {
        let Ok(number) = i64::try_from(number) else { return Ok(None) };
        let sql = "UPDATE task SET done_at = ?2 WHERE number = ?1 AND done_at IS NULL";
        self.db.execute(sql, params![number, at as i64]).map_err(unreadable)?;
        let sql = format!("SELECT {TASK} FROM task WHERE number = ?1");
        Ok(self.all(&sql, params![number], task)?.pop())
    }

    fn tasks(&self, matter: Option<&MatterId>, done: bool) -> Result<Vec<Task>> {
        let order = "ORDER BY done_at IS NOT NULL, due IS NULL, due, number";
        let open = if done { "1" } else { "done_at IS NULL" };
        match matter {
            Some(matter) => {
                let sql = format!("SELECT {TASK} FROM task WHERE matter = ?1 AND {open} {order}");
                self.all(&sql, params![&matter.0[..]], task)
            }
            None => self.all(&format!("SELECT {TASK} FROM task WHERE {open} {order}"), [], task),
        }
    }

    fn link(&mut self, one: &MatterId, other: &MatterId) -> Result<()> {
        let tx = self.db.transaction().map_err(unreadable)?;
        for (from, to) in [(one, other), (other, one)] {
            let sql = "INSERT OR IGNORE INTO same VALUES(?1,?2)";
            tx.execute(sql, params![&from.0[..], &to.0[..]]).map_err(unreadable)?;
        }
        tx.commit().map_err(unreadable)
    }

    fn same(&self, matter: &MatterId) -> Result<Vec<MatterId>> {
        let sql = "SELECT other FROM same WHERE one = ?1 ORDER BY other";
        self.all(sql, params![&matter.0[..]], |row| Ok(MatterId(fixed(row, 0)?)))
    }

    fn matters(&self) -> Result<Vec<MatterId>> {
        let sql = "SELECT matter FROM note UNION SELECT matter FROM owner
                   UNION SELECT matter FROM task UNION SELECT one FROM same ORDER BY 1";
        self.all(sql, [], |row| Ok(MatterId(fixed(row, 0)?)))
    }

    fn forget(&mut self, matter: &MatterId) -> Result<u64> {
        let tx = self.db.transaction().map_err(unreadable)?;
        let mut count = 0;
        for table in ["note", "owner", "task"] {
            let sql = format!("DELETE FROM {table} WHERE matter = ?1");
            count += tx.execute(&sql, params![&matter.0[..]]).map_err(unreadable)?;
        }
        let sql = "DELETE FROM same WHERE one = ?1 OR other = ?1";
        tx.execute(sql, params![&matter.0[..]]).map_err(unreadable)?;
        tx.commit().map_err(unreadable)?;
        // The write-ahead log still has the pages as they were: it is emptied, not only reused.
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy = self.db.query_row(sql, [], |row| row.get::<_, bool>(0)).map_err(unreadable)?;
        // A backup is reading it. What was deleted is gone from view and may still be in the file.
        if busy {
            return Err(Code::FolderLocked.at("home.db"));
        }
        Ok(count as u64)
    }

    fn erased_to(&self, channel: u32) -> Result<u64> {
        let sql = "SELECT value FROM meta WHERE name = ?1";
        let name = format!("erased-{channel}");
        let found = self.db.query_row(sql, params![name], |row| row.get::<_, i64>(0));
        Ok(found.optional().map_err(unreadable)?.unwrap_or(0).max(0) as u64)
    }

    fn set_erased_to(&mut self, channel: u32, index: u64) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO meta VALUES(?1,?2)";
        let values = params![format!("erased-{channel}"), index as i64];
        self.db.execute(sql, values).map(|_| ()).map_err(unreadable)
    }

    fn unset_erased(&mut self) -> Result<()> {
        let sql = "DELETE FROM meta WHERE name GLOB 'erased-*'";
        self.db.execute(sql, []).map(|_| ()).map_err(unreadable)
    }

    fn begun_anew(&self) -> Result<Option<u64>> {
        let sql = "SELECT value FROM meta WHERE name = 'anew'";
        let found = self.db.query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok(found.optional().map_err(unreadable)?.map(|at| at as u64))
    }
}
