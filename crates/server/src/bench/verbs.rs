//! What one commit writes: bytes on disk for each act, against the bytes of the act itself.

use super::figures::Figure;
use super::limit;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};
use counterpart_store::{ActRow, Batch, ChannelRow, HeadRow, Owner, Sqlite, Store};
use std::path::Path;
use std::time::Instant;

/// Acts in a commit, and commits.
const ACTS: u64 = 256;
const COMMITS: u64 = 16;
const STATEMENT: usize = 1400;
const DISCLOSED: usize = 6000;

/// Commits into a fresh store and looks at the write-ahead log.
pub fn measure(folder: &Path, figures: &mut Vec<Figure>) -> Result<()> {
    let path = folder.join("verbs.db");
    let mut store = Sqlite::open(&path, true)?;
    store.open_channel(&ChannelRow {
        number: 1,
        channel: ChannelId([1; 32]),
        peer: PartyId([2; 32]),
        drill: false,
        epoch: 1,
        peer_epoch: 1,
        peer_held: 0,
        held: 0,
        peer_seen: 0,
        peer_seen_epoch: 0,
    })?;
    let length = |end: &str| {
        let path = format!("{}{end}", path.display());
        std::fs::metadata(path).map_or(0, |metadata| metadata.len())
    };
    let (before, began) = (length("-wal"), Instant::now());
    for commit in 0..COMMITS {
        let batch = Batch { channel: 1, acts: acts(commit * ACTS), ..Batch::default() };
        let size = (commit + 1) * ACTS;
        let mut sign = |_: &[Entry]| Ok(HeadRow { owner: Owner::Own, size, bytes: vec![0; 2600] });
        store.commit(&batch, &mut sign)?;
    }
    let seconds = began.elapsed().as_secs_f64();
    let written = (length("-wal").max(length("")) - before) as f64 / (COMMITS * ACTS) as f64;
    let own = (STATEMENT + DISCLOSED) as f64;
    let bytes = ("the statement and its disclosures", own);
    figures.push(Figure::cost("verbs.bytes", "bytes written/act", written, bytes));
    let sync = limit::sync_ms(folder, (own * ACTS as f64) as usize)?;
    let limit = ("the same bytes and one sync", ACTS as f64 * 1000.0 / sync);
    let rate = (COMMITS * ACTS) as f64 / seconds;
    figures.push(Figure::rate("verbs.commit", "acts/s", rate, limit));
    let rows = store.rows()? as f64 / (COMMITS * ACTS) as f64;
    figures.push(Figure::cost("verbs.rows", "rows/act", rows, ("one row", 1.0)));
    drop(store);
    std::fs::remove_file(&path).map_err(|error| Code::Io.at(error.to_string()))
}

fn acts(from: u64) -> Vec<ActRow> {
    let act = |index: u64| {
        let mut id = [7; 32];
        id[..8].copy_from_slice(&index.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        let mut matter = [0; 16];
        matter.copy_from_slice(&id[..16]);
        ActRow {
            index,
            entry: Entry(id),
            mine: true,
            regained: false,
            author_index: index,
            logged_at: 1,
            matter: Some(MatterId(matter)),
            verdict: "valid".into(),
            statement: vec![1; STATEMENT],
            disclosures: "x".repeat(DISCLOSED),
        }
    };
    (from..from + ACTS).map(act).collect()
}
