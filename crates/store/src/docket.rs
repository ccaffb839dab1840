//! The queue as it is kept: hints about open matters. Nothing is lost with it, so its tables belong
//! to no version of the store: they are made where they are missing, and where a column is added
//! they get other names, and those of before go.

use crate::cell::{fixed, key};
use crate::verbs::{Batch, DocketMark, Docketed, OpenRow};
use counterpart_record::id::MatterId;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// The tables.
pub const TABLES: &str = "
DROP TABLE IF EXISTS docket;
DROP TABLE IF EXISTS open_matter;
CREATE TABLE IF NOT EXISTS queue(channel INTEGER PRIMARY KEY, program TEXT NOT NULL,
  epoch INTEGER NOT NULL, peer_epoch INTEGER NOT NULL, own INTEGER NOT NULL,
  peer INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS queued(channel INTEGER NOT NULL, matter BLOB NOT NULL,
  stream TEXT NOT NULL, due INTEGER, ours INTEGER, duty INTEGER, marks BLOB NOT NULL,
  moving INTEGER NOT NULL, closed INTEGER NOT NULL, turn INTEGER NOT NULL,
  presses INTEGER NOT NULL,
  PRIMARY KEY(channel, matter)) STRICT, WITHOUT ROWID;
";

/// Writes what has changed. Part of one commit.
pub fn write(db: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    let Some(Docketed { again, open, shut, mark }) = &batch.docket else { return Ok(()) };
    if *again {
        for table in ["queue", "queued"] {
            let sql = format!("DELETE FROM {table} WHERE channel = ?1");
            db.execute(&sql, params![batch.channel])?;
        }
    }
    let sql = "INSERT OR REPLACE INTO queued VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)";
    let mut insert = db.prepare_cached(sql)?;
    let time = |time: Option<u64>| time.map(|time| time as i64);
    for row in open {
        let marks: Vec<u8> = row.marks.iter().flat_map(|mark| mark.to_be_bytes()).collect();
        insert.execute(params![
            batch.channel,
            &row.matter.0[..],
            &row.stream,
            time(row.due),
            time(row.ours),
            time(row.duty),
            marks,
            row.moving,
            row.closed,
            row.turn,
            row.presses,
        ])?;
    }
    let mut delete = db.prepare_cached("DELETE FROM queued WHERE channel = ?1 AND matter = ?2")?;
    for matter in shut {
        delete.execute(params![batch.channel, &matter.0[..]])?;
    }
    let sql = "INSERT OR REPLACE INTO queue VALUES(?1,?2,?3,?4,?5,?6)";
    let (epoch, peer_epoch) = (mark.epochs.0 as i64, mark.epochs.1 as i64);
    db.prepare_cached(sql)?.execute(params![
        batch.channel,
        &mark.program,
        epoch,
        peer_epoch,
        mark.own as i64,
        mark.peer as i64,
    ])?;
    Ok(())
}

/// The queue of a channel.
pub fn read(db: &Connection, channel: u32) -> rusqlite::Result<Option<(DocketMark, Vec<OpenRow>)>> {
    let sql = "SELECT program, epoch, peer_epoch, own, peer FROM queue WHERE channel = ?1";
    let mark = db.prepare_cached(sql)?.query_row(params![channel], |row| {
        Ok(DocketMark {
            program: row.get(0)?,
            epochs: (row.get::<_, i64>(1)? as u64, row.get::<_, i64>(2)? as u64),
            own: row.get::<_, i64>(3)? as u64,
            peer: row.get::<_, i64>(4)? as u64,
        })
    });
    let Some(mark) = mark.optional()? else { return Ok(None) };
    let sql = "SELECT matter, stream, due, ours, duty, marks, moving, closed, turn, presses
               FROM queued WHERE channel = ?1 ORDER BY matter";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params![channel], line)?.collect::<rusqlite::Result<_>>()?;
    Ok(Some((mark, rows)))
}

fn line(row: &Row<'_>) -> rusqlite::Result<OpenRow> {
    let time = |column| row.get(column).map(|time: Option<i64>| time.map(|time| time as u64));
    let marks: Vec<u8> = row.get(5)?;
    let (marks, _) = marks.as_chunks::<8>();
    Ok(OpenRow {
        matter: MatterId(fixed(row, 0)?),
        stream: row.get(1)?,
        due: time(2)?,
        ours: time(3)?,
        duty: time(4)?,
        marks: marks.iter().map(|mark| u64::from_be_bytes(*mark)).collect(),
        moving: row.get(6)?,
        closed: row.get(7)?,
        turn: row.get(8)?,
        presses: row.get(9)?,
    })
}

/// The matters with acts from `own` on in our log, and those of our acts from `peer` on in the
/// peer's.
pub fn touched(
    db: &Connection,
    channel: u32,
    own: u64,
    peer: u64,
) -> rusqlite::Result<Vec<MatterId>> {
    let sql = "SELECT matter FROM act WHERE key >= ?1 AND key < ?3 AND matter8 IS NOT NULL
               UNION
               SELECT a.matter FROM mirror m JOIN act a ON a.key = m.own
               WHERE m.key >= ?2 AND m.key < ?3 AND a.mine > 0 AND a.matter8 IS NOT NULL";
    let range = params![key(channel, own), key(channel, peer), key(channel + 1, 0)];
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(range, |row| Ok(MatterId(fixed(row, 0)?)))?;
    rows.collect()
}
