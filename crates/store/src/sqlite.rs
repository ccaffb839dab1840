//! The store on SQLite: write-ahead log, `synchronous=FULL`, one writer, pages of 8 KiB.
//!
//! Rows of one channel lie together and in log order: the key is the channel's number in the upper
//! bits and the index in the lower 40, so that a commit appends at the end of each table.

use crate::attachment;
use crate::cell::{self, fixed, index, key, log};
use crate::closed;
use crate::docket;
use crate::notice;
use crate::stop;
use crate::upgrade::{self, VERSION, damaged};
use crate::verbs::{
    ActRow, AttachmentRow, Batch, ChannelRow, Closed, Control, CosignRow, DocketMark, HeadRow,
    Loaded, MirrorRow, OpenRow, Owner, Place, RetainRow, SignHead, Store,
};
use crate::word;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::HashSet;
use std::path::Path;

/// The tables of a new store. A change here is a new format: see [`crate::upgrade`].
const SCHEMA: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE control(number INTEGER PRIMARY KEY, entry BLOB NOT NULL UNIQUE,
  party BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE channel(number INTEGER PRIMARY KEY, channel BLOB NOT NULL UNIQUE,
  peer BLOB NOT NULL, drill INTEGER NOT NULL, epoch INTEGER NOT NULL,
  peer_epoch INTEGER NOT NULL, peer_held INTEGER NOT NULL, held INTEGER NOT NULL,
  peer_seen INTEGER NOT NULL, peer_seen_epoch INTEGER NOT NULL) STRICT;
CREATE TABLE act(key INTEGER PRIMARY KEY, entry BLOB NOT NULL, mine INTEGER NOT NULL,
  author_index INTEGER NOT NULL, logged_at INTEGER NOT NULL, matter8 INTEGER, matter BLOB,
  verdict TEXT NOT NULL, statement BLOB NOT NULL, disclosures TEXT NOT NULL) STRICT;
CREATE INDEX act_matter ON act(matter8) WHERE matter8 IS NOT NULL;
CREATE INDEX act_control ON act(key) WHERE matter8 IS NULL;
CREATE TABLE mirror(key INTEGER PRIMARY KEY, entry BLOB NOT NULL, own INTEGER) STRICT;
CREATE INDEX mirror_own ON mirror(own) WHERE own IS NOT NULL;
CREATE TABLE head(key INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE cosignature(key INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE peak(log INTEGER NOT NULL, level INTEGER NOT NULL, place INTEGER NOT NULL,
  hash BLOB NOT NULL, PRIMARY KEY(log, level, place)) STRICT, WITHOUT ROWID;
CREATE TABLE watched(channel INTEGER NOT NULL, matter BLOB NOT NULL,
  PRIMARY KEY(channel, matter)) STRICT, WITHOUT ROWID;
CREATE TABLE proof(number INTEGER PRIMARY KEY, bytes BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE retained(matter BLOB PRIMARY KEY, until INTEGER NOT NULL, why TEXT NOT NULL,
  set_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE closing(number INTEGER PRIMARY KEY, log INTEGER NOT NULL, ended INTEGER NOT NULL,
  epoch INTEGER NOT NULL, kept INTEGER NOT NULL, root BLOB NOT NULL,
  held INTEGER NOT NULL, statement BLOB NOT NULL) STRICT;
CREATE TABLE closed_leaf(log INTEGER NOT NULL, epoch INTEGER NOT NULL, place INTEGER NOT NULL,
  entry BLOB NOT NULL, own INTEGER, PRIMARY KEY(log, epoch, place)) STRICT, WITHOUT ROWID;
CREATE TABLE closed_head(log INTEGER NOT NULL, epoch INTEGER NOT NULL, size INTEGER NOT NULL,
  bytes BLOB NOT NULL, cosigned BLOB, PRIMARY KEY(log, epoch, size)) STRICT, WITHOUT ROWID;
";

/// In `act.mine`: an own act that the peer gave back after a restored backup had lost it. Elsewhere
/// 0 is foreign and 1 is ours.
const REGAINED: i64 = 2;

/// In `mirror.own`: the statement came and was refused.
const REFUSED: i64 = -1;

/// A store in one SQLite file.
pub struct Sqlite {
    db: Connection,
}

impl Sqlite {
    /// Opens a file, or makes it where `create` says so; a wrong path never starts a second record
    /// by itself. A store of an older format is brought up first. [`Code::FolderNotNode`],
    /// [`Code::StoreVersion`], [`Code::StoreDamaged`].
    pub fn open(path: &Path, create: bool) -> Result<Sqlite> {
        if path.exists() == create {
            let code = if create { Code::FolderInUse } else { Code::FolderNotNode };
            return Err(code.at(path.display().to_string()));
        }
        if !create {
            upgrade::bring_up(path)?;
        }
        Sqlite::start(Connection::open(path).map_err(damaged)?, create)
    }

    /// Copies the record in `from`, which another process may be writing to, as of one moment, into
    /// the new file `to`. What was erased is in no page of the copy.
    pub fn copy(from: &Path, to: &Path) -> Result<()> {
        upgrade::copy(from, to)
    }

    /// A store in memory, for the simulation.
    pub fn in_memory() -> Result<Sqlite> {
        Sqlite::start(Connection::open_in_memory().map_err(damaged)?, true)
    }

    fn start(db: Connection, create: bool) -> Result<Sqlite> {
        db.execute_batch(
            "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
             PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cache_size=-16000;
             PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;",
        )
        .map_err(damaged)?;
        db.set_prepared_statement_cache_capacity(64);
        // Without it a query over a partial index is planned anew for each value that is bound.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(damaged)?;
        if create {
            db.execute_batch(&format!("BEGIN; {SCHEMA} PRAGMA user_version={VERSION}; COMMIT;"))
                .map_err(damaged)?;
        }
        let version: i64 =
            db.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(damaged)?;
        if version != VERSION {
            return Err(upgrade::other(version));
        }
        db.execute_batch(docket::TABLES).map_err(damaged)?;
        db.execute_batch(attachment::TABLE).map_err(damaged)?;
        db.execute_batch(notice::INDEX).map_err(damaged)?;
        Ok(Sqlite { db })
    }

    /// Rows in all tables that grow with acts, for measuring.
    pub fn rows(&self) -> Result<u64> {
        let tables = ["act", "mirror", "head", "cosignature", "peak", "proof"];
        let counts = tables.iter().map(|table| {
            let sql = format!("SELECT count(*) FROM {table}");
            let count = self.one(&sql, [], |row| row.get::<_, i64>(0))?;
            Ok(count.unwrap_or(0) as u64)
        });
        counts.sum()
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        cell::all(&self.db, sql, values, read).map_err(damaged)
    }

    fn one<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.db.prepare_cached(sql).map_err(damaged)?;
        statement.query_row(values, read).optional().map_err(damaged)
    }
}

fn matter8(matter: &MatterId) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&matter.0[..8]);
    i64::from_be_bytes(first)
}

const ACT: &str = "key, entry, mine, author_index, logged_at, matter, verdict, statement, \
                   disclosures";

fn act(row: &Row<'_>) -> rusqlite::Result<ActRow> {
    let matter: Option<Vec<u8>> = row.get(5)?;
    Ok(ActRow {
        index: index(row.get(0)?),
        entry: Entry(fixed(row, 1)?),
        mine: row.get(2)?,
        regained: row.get::<_, i64>(2)? == REGAINED,
        author_index: row.get::<_, i64>(3)? as u64,
        logged_at: row.get::<_, i64>(4)? as u64,
        matter: matter.and_then(|bytes| bytes.try_into().ok()).map(MatterId),
        verdict: row.get(6)?,
        statement: row.get(7)?,
        disclosures: row.get(8)?,
    })
}

fn place(channel: u32, place: Place) -> Option<i64> {
    match place {
        Place::Missing => None,
        Place::Own(index) => Some(key(channel, index)),
        Place::Refused => Some(REFUSED),
    }
}

fn write_acts(db: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached("INSERT INTO act VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)")?;
    for row in &batch.acts {
        insert.execute(params![
            key(batch.channel, row.index),
            &row.entry.0[..],
            if row.regained { REGAINED } else { row.mine.into() },
            row.author_index as i64,
            row.logged_at as i64,
            row.matter.as_ref().map(matter8),
            row.matter.as_ref().map(|matter| &matter.0[..]),
            &row.verdict,
            &row.statement,
            &row.disclosures,
        ])?;
    }
    let mut update = db.prepare_cached("UPDATE act SET verdict=?2 WHERE key=?1")?;
    for (index, verdict) in &batch.verdicts {
        update.execute(params![key(batch.channel, *index), verdict])?;
    }
    Ok(())
}

fn write_mirror(db: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached("INSERT INTO mirror VALUES(?1,?2,?3)")?;
    for row in &batch.mirror {
        let own = place(batch.channel, row.place);
        insert.execute(params![key(batch.channel, row.index), &row.entry.0[..], own])?;
    }
    let mut update = db.prepare_cached("UPDATE mirror SET own=?2 WHERE key=?1")?;
    for (index, at) in &batch.placed {
        update.execute(params![key(batch.channel, *index), place(batch.channel, *at)])?;
    }
    Ok(())
}

fn write_rest(db: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    for head in &batch.peer_heads {
        write_head(db, batch.channel, head)?;
    }
    let mut insert = db.prepare_cached("INSERT OR REPLACE INTO cosignature VALUES(?1,?2)")?;
    for CosignRow { owner, size, bytes } in &batch.cosignatures {
        insert.execute(params![key(log(batch.channel, *owner), *size), bytes])?;
    }
    if batch.subtrees_again {
        let logs = [Owner::Own, Owner::Peer].map(|owner| log(batch.channel, owner));
        db.execute("DELETE FROM peak WHERE log IN (?1, ?2)", params![logs[0], logs[1]])?;
    }
    let mut insert = db.prepare_cached("INSERT INTO peak VALUES(?1,?2,?3,?4)")?;
    for peak in &batch.peaks {
        let log = log(batch.channel, peak.owner);
        insert.execute(params![log, peak.level, peak.index as i64, &peak.hash[..]])?;
    }
    write_controls(db, &batch.controls)?;
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO proof(bytes) VALUES(?1)")?;
    for proof in &batch.proofs {
        insert.execute(params![proof])?;
    }
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO watched VALUES(?1,?2)")?;
    for matter in &batch.watched {
        insert.execute(params![batch.channel, &matter.0[..]])?;
    }
    attachment::write(db, batch)?;
    stop::write(db, batch)?;
    let Some(row) = &batch.row else { return Ok(()) };
    let sql = "UPDATE channel SET epoch=?2, peer_epoch=?3, peer_held=?4, held=?5, peer_seen=?6,
               peer_seen_epoch=?7 WHERE number=?1";
    db.prepare_cached(sql)?.execute(params![
        row.number,
        row.epoch as i64,
        row.peer_epoch as i64,
        row.peer_held as i64,
        row.held as i64,
        row.peer_seen as i64,
        row.peer_seen_epoch as i64
    ])?;
    Ok(())
}

fn write_head(db: &Connection, channel: u32, head: &HeadRow) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached("INSERT INTO head VALUES(?1,?2)")?;
    insert.execute(params![key(log(channel, head.owner), head.size), &head.bytes])?;
    Ok(())
}

fn write_controls(db: &Connection, controls: &[Control]) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO control(entry, party, bytes) VALUES(?1,?2,?3)";
    let mut insert = db.prepare_cached(sql)?;
    for control in controls {
        insert.execute(params![&control.entry.0[..], &control.by.0[..], &control.bytes])?;
    }
    Ok(())
}

/// Takes the text of a matter away. `secure_delete` is on, so that the pages are zeroed.
fn erase(db: &Connection, channel: u32, matter: &MatterId, before: u64) -> rusqlite::Result<()> {
    let sql = "UPDATE act SET disclosures = '' WHERE matter8 = ?1 AND matter = ?2
               AND key >= ?3 AND key < ?4";
    let of = params![matter8(matter), &matter.0[..], key(channel, 0), key(channel, before)];
    db.execute(sql, of)?;
    db.execute("DELETE FROM retained WHERE matter = ?1", params![&matter.0[..]])?;
    attachment::erase(db, (matter8(matter), matter), (channel, before))
}

impl Store for Sqlite {
    fn load(&self) -> Result<Loaded> {
        let party = self.one("SELECT value FROM meta WHERE name='party'", [], |r| fixed(r, 0))?;
        let sql = "SELECT entry, party, bytes FROM control ORDER BY number";
        let controls = self.all(sql, [], |row| {
            Ok(Control {
                entry: Entry(fixed(row, 0)?),
                by: PartyId(fixed(row, 1)?),
                bytes: row.get(2)?,
            })
        })?;
        let sql = "SELECT number, channel, peer, drill, epoch, peer_epoch, peer_held, held,
                   peer_seen, peer_seen_epoch FROM channel ORDER BY number";
        let channels = self.all(sql, [], |row| {
            Ok(ChannelRow {
                number: row.get(0)?,
                channel: ChannelId(fixed(row, 1)?),
                peer: PartyId(fixed(row, 2)?),
                drill: row.get(3)?,
                epoch: row.get::<_, i64>(4)? as u64,
                peer_epoch: row.get::<_, i64>(5)? as u64,
                peer_held: row.get::<_, i64>(6)? as u64,
                held: row.get::<_, i64>(7)? as u64,
                peer_seen: row.get::<_, i64>(8)? as u64,
                peer_seen_epoch: row.get::<_, i64>(9)? as u64,
            })
        })?;
        let sql = "SELECT 1 FROM meta WHERE name='restored'";
        let restored = self.one(sql, [], |_| Ok(()))?.is_some();
        let sql = "SELECT 1 FROM meta WHERE name='upgraded'";
        let upgraded = self.one(sql, [], |_| Ok(()))?.is_some();
        Ok(Loaded { party: party.map(PartyId), controls, channels, restored, upgraded })
    }

    fn found(&mut self, party: &PartyId) -> Result<()> {
        let sql = "INSERT INTO meta VALUES('party', ?1)";
        self.db.execute(sql, params![&party.0[..]]).map(|_| ()).map_err(damaged)
    }

    fn keep(&mut self, controls: &[Control]) -> Result<()> {
        let tx = self.db.transaction().map_err(damaged)?;
        write_controls(&tx, controls).map_err(damaged)?;
        tx.commit().map_err(damaged)
    }

    fn open_channel(&mut self, row: &ChannelRow) -> Result<()> {
        let sql = "INSERT INTO channel VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)";
        let values = params![
            row.number,
            &row.channel.0[..],
            &row.peer.0[..],
            row.drill,
            row.epoch as i64,
            row.peer_epoch as i64,
            row.peer_held as i64,
            row.held as i64,
            row.peer_seen as i64,
            row.peer_seen_epoch as i64
        ];
        self.db.execute(sql, values).map(|_| ()).map_err(damaged)
    }

    fn commit(&mut self, batch: &Batch, sign: &mut SignHead<'_>) -> Result<()> {
        let tx = self.db.transaction().map_err(damaged)?;
        closed::write(&tx, batch).map_err(damaged)?;
        write_acts(&tx, batch).map_err(damaged)?;
        if let (Some(first), Some(last)) = (batch.acts.first(), batch.acts.last()) {
            // What is signed is what the store holds, not what memory believes it gave it.
            let head = {
                let sql = "SELECT entry FROM act WHERE key BETWEEN ?1 AND ?2 ORDER BY key";
                let mut statement = tx.prepare_cached(sql).map_err(damaged)?;
                let (from, to) = (key(batch.channel, first.index), key(batch.channel, last.index));
                let rows = statement.query_map(params![from, to], |row| Ok(Entry(fixed(row, 0)?)));
                let entries: rusqlite::Result<Vec<Entry>> = rows.map_err(damaged)?.collect();
                sign(&entries.map_err(damaged)?)?
            };
            write_head(&tx, batch.channel, &head).map_err(damaged)?;
        }
        write_mirror(&tx, batch).map_err(damaged)?;
        write_rest(&tx, batch).map_err(damaged)?;
        docket::write(&tx, batch).map_err(damaged)?;
        for (matter, before) in &batch.erased {
            erase(&tx, batch.channel, matter, *before).map_err(damaged)?;
        }
        // A crash before this line: nothing of the batch is there. After it: all of it is.
        tx.commit().map_err(damaged)
    }

    fn mark_restored(&mut self, restored: bool) -> Result<()> {
        let sql = if restored {
            "INSERT OR REPLACE INTO meta VALUES('restored', x'01')"
        } else {
            "DELETE FROM meta WHERE name='restored'"
        };
        self.db.execute(sql, []).map(|_| ()).map_err(damaged)
    }

    fn note_word(&mut self, channel: u32, word: &[u8]) -> Result<()> {
        word::write(&self.db, channel, word).map_err(damaged)
    }

    fn word(&self, channel: u32) -> Result<Vec<u8>> {
        word::read(&self.db, channel).map_err(damaged)
    }

    fn upgraded(&mut self) -> Result<()> {
        let sql = "DELETE FROM meta WHERE name='upgraded'";
        self.db.execute(sql, []).map(|_| ()).map_err(damaged)
    }

    fn scrub(&mut self, on: bool) -> Result<()> {
        let sql = if on { "PRAGMA secure_delete=ON" } else { "PRAGMA secure_delete=OFF" };
        self.db.execute_batch(sql).map_err(damaged)?;
        // The write-ahead log holds the pages as they were: it is emptied, not only reused. While a
        // backup reads, it cannot be; that is said before anything is deleted.
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy = self.db.query_row(sql, [], |row| row.get::<_, bool>(0)).map_err(damaged)?;
        if busy { Err(Code::FolderLocked.at("record.db")) } else { Ok(()) }
    }

    fn retain(&mut self, matter: &MatterId, row: Option<&RetainRow>) -> Result<()> {
        let done = match row {
            None => {
                let sql = "DELETE FROM retained WHERE matter = ?1";
                self.db.execute(sql, params![&matter.0[..]])
            }
            Some(row) => {
                let sql = "INSERT OR REPLACE INTO retained VALUES(?1,?2,?3,?4)";
                let (until, set_at) = (row.until as i64, row.set_at as i64);
                self.db.execute(sql, params![&matter.0[..], until, &row.why, set_at])
            }
        };
        done.map(|_| ()).map_err(damaged)
    }

    fn retained(&self) -> Result<Vec<RetainRow>> {
        self.all("SELECT matter, until, why, set_at FROM retained ORDER BY until", [], |row| {
            let (until, set_at) = (row.get::<_, i64>(1)? as u64, row.get::<_, i64>(3)? as u64);
            Ok(RetainRow { matter: MatterId(fixed(row, 0)?), until, why: row.get(2)?, set_at })
        })
    }

    fn worded(&self, latest: u64) -> Result<Vec<(u32, MatterId)>> {
        let sql = "SELECT key >> 40, matter FROM act WHERE matter8 IS NOT NULL
                   GROUP BY key >> 40, matter
                   HAVING max(logged_at) <= ?1 AND max(disclosures <> '') = 1";
        let latest = i64::try_from(latest).unwrap_or(i64::MAX);
        self.all(sql, params![latest], |row| Ok((row.get(0)?, MatterId(fixed(row, 1)?))))
    }

    fn behind(&self, channel: u32) -> Result<Option<u64>> {
        stop::read(&self.db, channel).map_err(damaged)
    }

    fn closed(&self, channel: u32, owner: Owner) -> Result<Closed> {
        closed::read(&self.db, channel, owner).map_err(damaged)
    }

    fn entries(&self, channel: u32, owner: Owner, from: u64, to: u64) -> Result<Vec<Entry>> {
        let sql = match owner {
            Owner::Own => "SELECT entry FROM act WHERE key >= ?1 AND key < ?2 ORDER BY key",
            Owner::Peer => "SELECT entry FROM mirror WHERE key >= ?1 AND key < ?2 ORDER BY key",
        };
        let range = params![key(channel, from), key(channel, to)];
        self.all(sql, range, |row| Ok(Entry(fixed(row, 0)?)))
    }

    fn mirror(&self, channel: u32, from: u64, to: u64) -> Result<Vec<MirrorRow>> {
        let sql = "SELECT key, entry, own FROM mirror WHERE key >= ?1 AND key < ?2 ORDER BY key";
        self.all(sql, params![key(channel, from), key(channel, to)], |row| {
            let place = match row.get::<_, Option<i64>>(2)? {
                None => Place::Missing,
                Some(REFUSED) => Place::Refused,
                Some(own) => Place::Own(index(own)),
            };
            Ok(MirrorRow { index: index(row.get(0)?), entry: Entry(fixed(row, 1)?), place })
        })
    }

    fn mirrored_at(&self, channel: u32, own: u64) -> Result<Option<u64>> {
        let sql = "SELECT key FROM mirror WHERE own = ?1 ORDER BY key LIMIT 1";
        self.one(sql, params![key(channel, own)], |row| Ok(index(row.get(0)?)))
    }

    fn size(&self, channel: u32, owner: Owner) -> Result<u64> {
        let sql = match owner {
            Owner::Own => "SELECT max(key) FROM act WHERE key >= ?1 AND key < ?2",
            Owner::Peer => "SELECT max(key) FROM mirror WHERE key >= ?1 AND key < ?2",
        };
        let range = params![key(channel, 0), key(channel + 1, 0)];
        let last = self.one(sql, range, |row| row.get::<_, Option<i64>>(0))?.flatten();
        Ok(last.map_or(0, |last| index(last) + 1))
    }

    fn acts(
        &self,
        channel: u32,
        from: u64,
        to: u64,
        bytes: usize,
        mine: bool,
    ) -> Result<Vec<ActRow>> {
        let sql = format!(
            "SELECT {ACT} FROM act WHERE key >= ?1 AND key < ?2 AND mine >= ?3 ORDER BY key"
        );
        let mut statement = self.db.prepare_cached(&sql).map_err(damaged)?;
        let range = params![key(channel, from), key(channel, to), mine];
        let mut rows = statement.query(range).map_err(damaged)?;
        let (mut found, mut total) = (Vec::new(), 0);
        while let Some(row) = rows.next().map_err(damaged)? {
            let row = act(row).map_err(damaged)?;
            total += row.statement.len() + row.disclosures.len();
            if total > bytes && !found.is_empty() {
                break;
            }
            found.push(row);
        }
        Ok(found)
    }

    fn controls_in(&self, channel: u32) -> Result<Vec<ActRow>> {
        let sql = format!(
            "SELECT {ACT} FROM act WHERE matter8 IS NULL AND key >= ?1 AND key < ?2 ORDER BY key"
        );
        self.all(&sql, params![key(channel, 0), key(channel + 1, 0)], act)
    }

    fn in_flight(&self, channel: u32) -> Result<Vec<(u64, Entry)>> {
        // The peer registers our acts in the order of our log, so they are all behind the last one
        // that it has, but for those it refused.
        let range = params![key(channel, 0), key(channel + 1, 0)];
        let sql = "SELECT m.own FROM mirror m JOIN act a ON a.key = m.own
                   WHERE m.own >= ?1 AND m.own < ?2 AND a.mine = 1 ORDER BY m.own DESC LIMIT 1";
        let last = self.one(sql, range, |row| row.get::<_, i64>(0))?;
        let after = last.unwrap_or_else(|| key(channel, 0) - 1);
        let sql = "SELECT key, entry FROM act WHERE mine > 0 AND key > ?1 AND key < ?2
                   AND NOT EXISTS (SELECT 1 FROM mirror WHERE own = act.key)";
        let range = params![after, key(channel + 1, 0)];
        self.all(sql, range, |row| Ok((index(row.get(0)?), Entry(fixed(row, 1)?))))
    }

    fn matter(&self, channel: u32, matter: &MatterId) -> Result<Vec<ActRow>> {
        let sql = format!(
            "SELECT {ACT} FROM act WHERE matter8 = ?1 AND matter = ?2 AND key >= ?3 AND key < ?4
             ORDER BY key"
        );
        let range = params![matter8(matter), &matter.0[..], key(channel, 0), key(channel + 1, 0)];
        self.all(&sql, range, act)
    }

    fn matters(&self, limit: usize) -> Result<Vec<(u32, MatterId)>> {
        // From the end of each channel backward, until there are enough: what is old is not read.
        let sql = "SELECT matter, logged_at FROM act WHERE key >= ?1 AND key < ?2
                   AND matter8 IS NOT NULL ORDER BY key DESC";
        let mut newest: Vec<(i64, u32, MatterId)> = Vec::new();
        for channel in self.all("SELECT number FROM channel", [], |row| row.get::<_, u32>(0))? {
            let mut statement = self.db.prepare_cached(sql).map_err(damaged)?;
            let range = params![key(channel, 0), key(channel + 1, 0)];
            let mut rows = statement.query(range).map_err(damaged)?;
            let mut met = HashSet::new();
            while met.len() < limit
                && let Some(row) = rows.next().map_err(damaged)?
            {
                let matter = MatterId(fixed(row, 0).map_err(damaged)?);
                if met.insert(matter) {
                    newest.push((row.get(1).map_err(damaged)?, channel, matter));
                }
            }
        }
        // Stable: acts of one second keep the order of their log.
        newest.sort_by_key(|(logged_at, ..)| std::cmp::Reverse(*logged_at));
        newest.truncate(limit);
        Ok(newest.into_iter().map(|(_, channel, matter)| (channel, matter)).collect())
    }

    fn watched(&self) -> Result<Vec<(u32, MatterId)>> {
        let sql = "SELECT channel, matter FROM watched ORDER BY channel, matter";
        self.all(sql, [], |row| Ok((row.get(0)?, MatterId(fixed(row, 1)?))))
    }

    fn docket(&self, channel: u32) -> Result<Option<(DocketMark, Vec<OpenRow>)>> {
        docket::read(&self.db, channel).map_err(damaged)
    }

    fn touched(&self, channel: u32, own: u64, peer: u64) -> Result<Vec<MatterId>> {
        docket::touched(&self.db, channel, own, peer).map_err(damaged)
    }

    fn attachments(&self, channel: u32) -> Result<Vec<AttachmentRow>> {
        attachment::of_channel(&self.db, channel).map_err(damaged)
    }

    fn attachment(&self, root: &Hash) -> Result<Vec<(u32, AttachmentRow)>> {
        attachment::of_root(&self.db, root).map_err(damaged)
    }

    fn note_taken(&mut self, channel: u32, root: &Hash) -> Result<()> {
        attachment::note_taken(&self.db, channel, root).map_err(damaged)
    }

    fn said_erased(&self, channel: u32, matter: &MatterId) -> Result<Vec<MatterId>> {
        notice::naming(&self.db, channel, matter).map_err(damaged)
    }

    fn own_erasures(&self, channel: u32, from: u64) -> Result<Vec<u64>> {
        notice::own(&self.db, channel, from).map_err(damaged)
    }

    fn matters_between(&self, first: u64, last: u64) -> Result<Vec<(u32, MatterId)>> {
        // SQLite's integers have a sign; a range that crosses it is two.
        let (middle, signed) = (1 << 63, |edge: u64| edge as i64);
        let ranges = if first < middle && last >= middle {
            vec![(signed(first), i64::MAX), (i64::MIN, signed(last))]
        } else {
            vec![(signed(first), signed(last))]
        };
        let sql = "SELECT DISTINCT key >> 40, matter FROM act WHERE matter8 IS NOT NULL
                   AND matter8 BETWEEN ?1 AND ?2";
        let mut found = Vec::new();
        for (from, to) in ranges {
            found.extend(self.all(sql, params![from, to], |row| {
                Ok((row.get::<_, u32>(0)?, MatterId(fixed(row, 1)?)))
            })?);
        }
        Ok(found)
    }

    fn head_over(&self, channel: u32, owner: Owner, index: u64) -> Result<Option<Vec<u8>>> {
        Ok(self.heads_after(channel, owner, index, 1)?.pop())
    }

    fn head_at(&self, channel: u32, owner: Owner, size: u64) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT bytes FROM head WHERE key = ?1";
        self.one(sql, params![key(log(channel, owner), size)], |row| row.get(0))
    }

    fn head_newest(&self, channel: u32, owner: Owner) -> Result<Option<Vec<u8>>> {
        self.newest("head", channel, owner)
    }

    fn heads_after(
        &self,
        channel: u32,
        owner: Owner,
        size: u64,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>> {
        let sql = "SELECT bytes FROM head WHERE key > ?1 AND key < ?2 ORDER BY key LIMIT ?3";
        let log = log(channel, owner);
        let range = params![key(log, size), key(log + 1, 0), limit as i64];
        self.all(sql, range, |row| row.get(0))
    }

    fn cosigned_from(&self, channel: u32, owner: Owner, size: u64) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT bytes FROM cosignature WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT 1";
        let log = log(channel, owner);
        self.one(sql, params![key(log, size), key(log + 1, 0)], |row| row.get(0))
    }

    fn cosigned_newest(&self, channel: u32, owner: Owner) -> Result<Option<Vec<u8>>> {
        self.newest("cosignature", channel, owner)
    }

    fn peak(&self, channel: u32, owner: Owner, level: u8, index: u64) -> Result<Option<Hash>> {
        let sql = "SELECT hash FROM peak WHERE log = ?1 AND level = ?2 AND place = ?3";
        self.one(sql, params![log(channel, owner), level, index as i64], |row| fixed(row, 0))
    }

    fn proofs(&self) -> Result<Vec<Vec<u8>>> {
        self.all("SELECT bytes FROM proof ORDER BY number", [], |row| row.get(0))
    }

    fn check(&self) -> Result<()> {
        let found = self.one("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0))?;
        match found.as_deref() {
            Some("ok") => Ok(()),
            other => Err(Code::StoreDamaged.at(other.unwrap_or("no answer"))),
        }
    }
}

impl Sqlite {
    fn newest(&self, table: &str, channel: u32, owner: Owner) -> Result<Option<Vec<u8>>> {
        let sql = format!(
            "SELECT bytes FROM {table} WHERE key >= ?1 AND key < ?2 ORDER BY key DESC LIMIT 1"
        );
        let log = log(channel, owner);
        self.one(&sql, params![key(log, 0), key(log + 1, 0)], |row| row.get(0))
    }
}
