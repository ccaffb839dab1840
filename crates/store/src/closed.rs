//! What is kept of closed epochs: where a log ended, and the leaves and heads that the log of today
//! does not have. They are truth like acts and heads, and stand aside so that the log of today is
//! one run of indexes.

use crate::cell::{fixed, index, key, log};
use crate::verbs::{Batch, Closed, ClosedHead, ClosedLeaf, ClosingRow, Owner};
use counterpart_record::id::Entry;
use rusqlite::{Connection, params};

/// Writes a closing and what was given back. Part of one commit, before all else in it.
pub fn write(db: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    if let Some(closing) = &batch.closing {
        close(db, batch.channel, closing)?;
    }
    set_aside(db, batch)?;
    bring_back(db, batch)?;
    let mut insert = db.prepare_cached("INSERT INTO closed_leaf VALUES(?1,?2,?3,?4,?5)")?;
    for leaf in &batch.closed_leaves {
        let own = leaf.own.map(|own| key(batch.channel, own));
        let log = log(batch.channel, leaf.owner);
        let (epoch, place) = (leaf.epoch as i64, leaf.index as i64);
        insert.execute(params![log, epoch, place, &leaf.entry.0[..], own])?;
    }
    let mut insert = db.prepare_cached("INSERT INTO closed_head VALUES(?1,?2,?3,?4,?5)")?;
    for head in &batch.closed_heads {
        let log = log(batch.channel, head.owner);
        let (epoch, size) = (head.epoch as i64, head.size as i64);
        insert.execute(params![log, epoch, size, &head.bytes, &head.cosigned])?;
    }
    Ok(())
}

fn close(db: &Connection, channel: u32, closing: &ClosingRow) -> rusqlite::Result<()> {
    let number = log(channel, closing.owner);
    let (ended, kept) = (closing.ended as i64, closing.kept as i64);
    let epoch = closing.epoch as i64;
    let sql = "INSERT INTO closing(log, ended, epoch, kept, root, held, statement)
               VALUES(?1,?2,?3,?4,?5,?6,?7)";
    let held = closing.held as i64;
    let root = &closing.root[..];
    let row = params![number, ended, epoch, kept, root, held, &closing.statement];
    db.execute(sql, row).map(|_| ())
}

/// Leaves of the peer's log stand aside with what we cosigned there; the subtrees over them do not
/// belong to the log that goes on.
fn set_aside(db: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    let Some(first) = batch.aside.first() else { return Ok(()) };
    let (channel, number) = (batch.channel, log(batch.channel, Owner::Peer));
    for one in &batch.aside {
        let (from, to, epoch) = (one.from, one.to, one.epoch as i64);
        let sql = "INSERT INTO closed_leaf SELECT ?3, ?4, m.key & 1099511627775, m.entry, a.key
                   FROM mirror m LEFT JOIN act a ON a.key = m.own AND a.mine = 0
                   WHERE m.key >= ?1 AND m.key < ?2";
        db.execute(sql, params![key(channel, from), key(channel, to), number, epoch])?;
        let sql = "INSERT INTO closed_head
                   SELECT ?3, ?4, h.key & 1099511627775, h.bytes, c.bytes
                   FROM head h LEFT JOIN cosignature c ON c.key = h.key
                   WHERE h.key > ?1 AND h.key <= ?2";
        db.execute(sql, params![key(number, from), key(number, to), number, epoch])?;
    }
    let leaves = params![key(channel, first.from), key(channel + 1, 0)];
    db.execute("DELETE FROM mirror WHERE key >= ?1 AND key < ?2", leaves)?;
    for table in ["head", "cosignature"] {
        let sql = format!("DELETE FROM {table} WHERE key > ?1 AND key < ?2");
        db.execute(&sql, params![key(number, first.from), key(number + 1, 0)])?;
    }
    let sql = "DELETE FROM peak WHERE log = ?1 AND ((place + 1) << level) > ?2";
    db.execute(sql, params![number, first.from as i64]).map(|_| ())
}

/// Leaves that stand aside belong to the log again, with our word on the heads over them.
fn bring_back(db: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    let (channel, number) = (batch.channel, log(batch.channel, Owner::Peer));
    for one in &batch.again {
        let (from, to, epoch) = (one.from as i64, one.to as i64, one.epoch as i64);
        let leaves = params![number, epoch, from, to, key(channel, 0)];
        let sql = "INSERT INTO mirror SELECT ?5 + place, entry, own FROM closed_leaf
                   WHERE log = ?1 AND epoch = ?2 AND place >= ?3 AND place < ?4";
        db.execute(sql, leaves)?;
        let sql = "DELETE FROM closed_leaf
                   WHERE log = ?1 AND epoch = ?2 AND place >= ?3 AND place < ?4";
        db.execute(sql, params![number, epoch, from, to])?;
        for (table, column) in [("head", "bytes"), ("cosignature", "cosigned")] {
            let sql = format!(
                "INSERT INTO {table} SELECT ?5 + size, {column} FROM closed_head
                 WHERE log = ?1 AND epoch = ?2 AND size > ?3 AND size <= ?4
                 AND {column} IS NOT NULL"
            );
            db.execute(&sql, params![number, epoch, from, to, key(number, 0)])?;
        }
        let sql = "DELETE FROM closed_head
                   WHERE log = ?1 AND epoch = ?2 AND size > ?3 AND size <= ?4";
        db.execute(sql, params![number, epoch, from, to])?;
    }
    Ok(())
}

/// Everything that is kept of the closed epochs of one log.
pub fn read(db: &Connection, channel: u32, owner: Owner) -> rusqlite::Result<Closed> {
    let number = params![log(channel, owner)];
    let sql = "SELECT ended, epoch, kept, root, held, statement FROM closing WHERE log = ?1
               ORDER BY epoch";
    let mut statement = db.prepare_cached(sql)?;
    let closings = statement.query_map(number, |row| {
        Ok(ClosingRow {
            owner,
            ended: row.get::<_, i64>(0)? as u64,
            epoch: row.get::<_, i64>(1)? as u64,
            kept: row.get::<_, i64>(2)? as u64,
            root: fixed(row, 3)?,
            held: row.get::<_, i64>(4)? as u64,
            statement: row.get(5)?,
        })
    })?;
    let closings: Vec<ClosingRow> = closings.collect::<rusqlite::Result<_>>()?;
    if closings.is_empty() {
        return Ok(Closed::default());
    }
    let sql = "SELECT epoch, place, entry, own FROM closed_leaf WHERE log = ?1
               ORDER BY epoch, place";
    let mut statement = db.prepare_cached(sql)?;
    let leaves = statement.query_map(number, |row| {
        Ok(ClosedLeaf {
            owner,
            epoch: row.get::<_, i64>(0)? as u64,
            index: row.get::<_, i64>(1)? as u64,
            entry: Entry(fixed(row, 2)?),
            own: row.get::<_, Option<i64>>(3)?.map(index),
        })
    })?;
    let leaves = leaves.collect::<rusqlite::Result<_>>()?;
    let sql = "SELECT epoch, size, bytes, cosigned FROM closed_head WHERE log = ?1
               ORDER BY epoch, size";
    let mut statement = db.prepare_cached(sql)?;
    let heads = statement.query_map(number, |row| {
        let (epoch, size) = (row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64);
        Ok(ClosedHead { owner, epoch, size, bytes: row.get(2)?, cosigned: row.get(3)? })
    })?;
    let heads = heads.collect::<rusqlite::Result<_>>()?;
    Ok(Closed { closings, leaves, heads })
}
