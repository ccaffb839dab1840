//! The contract of a store, on SQLite in memory and on disk; and how little one act costs there.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use counterpart_record::fault::Code;
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};
use counterpart_store::{
    ActRow, Batch, ChannelRow, DocketMark, Docketed, HeadRow, MirrorRow, OpenRow, Owner, Place,
    Sqlite, Store,
};
use std::path::PathBuf;

fn channel(number: u32) -> ChannelRow {
    ChannelRow {
        number,
        channel: ChannelId([number as u8; 32]),
        peer: PartyId([9; 32]),
        drill: false,
        epoch: 1,
        peer_epoch: 1,
        peer_held: 0,
        held: 0,
        peer_seen: 0,
        peer_seen_epoch: 0,
    }
}

fn act(index: u64, mine: bool, matter: Option<u8>, size: usize) -> ActRow {
    let mut id = [matter.unwrap_or(0); 32];
    id[24..].copy_from_slice(&index.to_be_bytes());
    ActRow {
        index,
        entry: Entry(id),
        mine,
        regained: false,
        author_index: index,
        logged_at: 7,
        matter: matter.map(|byte| MatterId([byte; 16])),
        verdict: "valid".into(),
        statement: vec![1; size / 4],
        disclosures: "x".repeat(size - size / 4),
    }
}

fn file(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
    path
}

fn commit(store: &mut dyn Store, batch: &Batch, size: u64) {
    let mut sign = |read: &[Entry]| {
        let given: Vec<Entry> = batch.acts.iter().map(|act| act.entry).collect();
        assert_eq!(read, given, "what is signed is what was read back");
        Ok(HeadRow { owner: Owner::Own, size, bytes: vec![size as u8; 2600] })
    };
    store.commit(batch, &mut sign).unwrap();
}

fn contract(store: &mut dyn Store) {
    store.found(&PartyId([1; 32])).unwrap();
    for number in [1, 2] {
        store.open_channel(&channel(number)).unwrap();
    }
    let acts = vec![act(0, true, None, 40), act(1, true, Some(5), 40), act(2, false, Some(5), 40)];
    commit(store, &Batch { channel: 1, acts, ..Batch::default() }, 3);
    let mirror = vec![
        MirrorRow { index: 0, entry: Entry([8; 32]), place: Place::Own(2) },
        MirrorRow { index: 1, entry: Entry([7; 32]), place: Place::Missing },
        MirrorRow { index: 2, entry: Entry([6; 32]), place: Place::Refused },
    ];
    let row = ChannelRow { held: 1, peer_held: 3, peer_seen: 2, ..channel(1) };
    let batch = Batch {
        channel: 1,
        mirror: mirror.clone(),
        verdicts: vec![(2, "void-re".into())],
        row: Some(row.clone()),
        proofs: vec![vec![1, 2]],
        ..Batch::default()
    };
    commit(store, &batch, 0);
    let placed = vec![(1, Place::Own(1))];
    commit(store, &Batch { channel: 1, placed, ..Batch::default() }, 0);

    assert_eq!(store.load().unwrap().channels, [row, channel(2)]);
    assert_eq!((store.size(1, Owner::Own).unwrap(), store.size(1, Owner::Peer).unwrap()), (3, 3));
    assert_eq!((store.size(2, Owner::Own).unwrap(), store.size(2, Owner::Peer).unwrap()), (0, 0));
    assert_eq!(store.entries(1, Owner::Own, 1, 3).unwrap().len(), 2);
    assert_eq!(store.acts(1, 0, 3, 10_000, true).unwrap().len(), 2);
    assert_eq!(store.acts(1, 0, 3, 50, false).unwrap().len(), 1, "cut at the size, never empty");
    let matter = store.matter(1, &MatterId([5; 16])).unwrap();
    assert_eq!(matter[1].verdict, "void-re");
    assert!(store.matter(2, &MatterId([5; 16])).unwrap().is_empty());
    assert_eq!(store.matters(9).unwrap(), [(1, MatterId([5; 16]))]);
    assert_eq!(store.matters_between(0x0505 << 48, 0x0506 << 48).unwrap().len(), 1);
    assert_eq!(store.matters_between(0, u64::MAX).unwrap(), [(1, MatterId([5; 16]))]);
    assert!(store.matters_between(0x0506 << 48, u64::MAX).unwrap().is_empty());
    assert_eq!(store.controls_in(1).unwrap().len(), 1);
    assert_eq!(store.mirror(1, 1, 2).unwrap()[0].place, Place::Own(1));
    assert_eq!(store.mirrored_at(1, 1).unwrap(), Some(1));
    assert_eq!(store.mirrored_at(1, 0).unwrap(), None);
    assert!(store.in_flight(1).unwrap().is_empty(), "nothing of ours lies behind leaf 1");
    assert_eq!(
        store.head_over(1, Owner::Own, 2).unwrap(),
        store.head_at(1, Owner::Own, 3).unwrap()
    );
    assert_eq!(store.head_over(1, Owner::Own, 3).unwrap(), None);
    assert_eq!(store.head_newest(1, Owner::Peer).unwrap(), None);
    assert_eq!(store.proofs().unwrap(), [vec![1, 2]]);
    docket(store);
    store.check().unwrap();
}

/// What was kept last is what is read, and what was touched since is found from both logs.
fn docket(store: &mut dyn Store) {
    assert_eq!(store.docket(1).unwrap(), None);
    let five = MatterId([5; 16]);
    assert_eq!(store.touched(1, 0, 0).unwrap(), [five]);
    assert_eq!(store.touched(1, 2, 9).unwrap(), [five], "a foreign act in our log");
    assert_eq!(store.touched(1, 3, 1).unwrap(), [five], "an own act in the peer's");
    assert!(
        store.touched(1, 3, 2).unwrap().is_empty() && store.touched(2, 0, 0).unwrap().is_empty()
    );
    let line = |byte: u8, due| OpenRow {
        matter: MatterId([byte; 16]),
        stream: "cybercrime".into(),
        due,
        ours: None,
        duty: due,
        marks: vec![1, u64::from(byte)],
        moving: byte == 5,
        closed: false,
        turn: byte == 6,
        presses: byte == 7,
    };
    let mark = DocketMark { program: "one".into(), epochs: (1, 2), own: 3, peer: 3 };
    let mut keep = |again, open: &[OpenRow], shut: &[MatterId]| {
        let (open, shut, mark) = (open.to_vec(), shut.to_vec(), mark.clone());
        let docket = Some(Docketed { again, open, shut, mark });
        commit(store, &Batch { channel: 1, docket, ..Batch::default() }, 0);
        store.docket(1).unwrap().unwrap()
    };
    let (five, six) = (line(5, Some(9)), line(6, None));
    assert_eq!(
        keep(false, &[six.clone(), five.clone()], &[]),
        (mark.clone(), vec![five, six.clone()])
    );
    assert_eq!(keep(false, &[], &[MatterId([5; 16])]).1, [six]);
    let seven = line(7, Some(1));
    assert_eq!(keep(true, std::slice::from_ref(&seven), &[]).1, [seven]);
}

#[test]
fn the_contract_holds_in_memory() {
    contract(&mut Sqlite::in_memory().unwrap());
}

#[test]
fn the_contract_holds_on_disk_and_after_a_restart() {
    let path = file("contract.db");
    contract(&mut Sqlite::open(&path, true).unwrap());
    let store = Sqlite::open(&path, false).unwrap();
    assert_eq!(store.load().unwrap().party, Some(PartyId([1; 32])));
    assert_eq!(store.entries(1, Owner::Own, 0, 9).unwrap().len(), 3);
}

#[test]
fn a_refused_signature_leaves_nothing_behind() {
    let mut store = Sqlite::in_memory().unwrap();
    store.open_channel(&channel(1)).unwrap();
    let batch = Batch { channel: 1, acts: vec![act(0, true, Some(1), 40)], ..Batch::default() };
    let fault = store.commit(&batch, &mut |_| Err(Code::StoreDamaged.at("root"))).unwrap_err();
    assert_eq!(fault.code, Code::StoreDamaged);
    assert_eq!(store.size(1, Owner::Own).unwrap(), 0);
}

#[test]
fn a_wrong_path_starts_no_second_record_and_another_version_is_not_opened() {
    let path = file("version.db");
    assert_eq!(Sqlite::open(&path, false).err().unwrap().code, Code::FolderNotNode);
    drop(Sqlite::open(&path, true).unwrap());
    assert_eq!(Sqlite::open(&path, true).err().unwrap().code, Code::FolderInUse);
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA user_version=99").unwrap();
    drop(db);
    assert_eq!(Sqlite::open(&path, false).err().unwrap().code, Code::StoreVersion);
    std::fs::write(&path, vec![7; 9000]).unwrap();
    assert_eq!(Sqlite::open(&path, false).err().unwrap().code, Code::StoreDamaged);
}

/// Counts, not times: one row an act, and few bytes beyond its own.
#[test]
fn an_act_is_one_row_and_little_more_than_its_bytes() {
    const ACTS: u64 = 256;
    const BYTES: usize = 7000;
    let path = file("lean.db");
    let mut store = Sqlite::open(&path, true).unwrap();
    store.open_channel(&channel(1)).unwrap();
    let length =
        |end: &str| std::fs::metadata(format!("{}{end}", path.display())).map_or(0, |m| m.len());
    let before = length("-wal");
    let acts = (0..ACTS).map(|i| act(i, true, Some(i as u8), BYTES)).collect();
    commit(&mut store, &Batch { channel: 1, acts, ..Batch::default() }, ACTS);
    let written = length("-wal") - before;
    assert!(written < ACTS * BYTES as u64 * 5 / 4, "{written} bytes for {ACTS} acts");
    assert_eq!(store.rows().unwrap(), ACTS + 1, "one row for each act and one for the head");
}

#[test]
fn a_matter_is_watched_once_and_kept_with_its_channel() {
    let path = file("watched.db");
    let mut store = Sqlite::open(&path, true).unwrap();
    store.open_channel(&channel(1)).unwrap();
    for (index, matter) in [(0, 5), (1, 6), (2, 5)] {
        let batch = Batch {
            channel: 1,
            acts: vec![act(index, true, Some(matter), 40)],
            watched: vec![MatterId([matter; 16])],
            ..Batch::default()
        };
        commit(&mut store, &batch, index + 1);
    }
    drop(store);
    let watched = Sqlite::open(&path, false).unwrap().watched().unwrap();
    assert_eq!(watched, [(1, MatterId([5; 16])), (1, MatterId([6; 16]))]);
}

/// REC-44: while somebody reads the record as it was, what is to be erased would stay in the
/// write-ahead log; that is said before anything goes.
#[test]
fn nothing_is_erased_while_a_backup_reads_the_record() {
    let path = file("scrub.db");
    let mut store = Sqlite::open(&path, true).unwrap();
    store.open_channel(&channel(1)).unwrap();
    let reader = rusqlite::Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM act;").unwrap();
    let acts = vec![act(0, true, Some(5), 40)];
    commit(&mut store, &Batch { channel: 1, acts, ..Batch::default() }, 1);
    assert_eq!(store.scrub(true).unwrap_err().code, Code::FolderLocked);
    reader.execute_batch("COMMIT").unwrap();
    store.scrub(true).unwrap();
    store.scrub(false).unwrap();
    let wal = std::fs::metadata(format!("{}-wal", path.display())).unwrap();
    assert_eq!(wal.len(), 0);
}

/// RET-11: the index is over the acts that are there, also in a store from before it.
#[test]
fn acts_that_name_a_matter_as_erased_are_found_in_a_store_that_had_no_index() {
    let path = file("erased.db");
    let mut store = Sqlite::open(&path, true).unwrap();
    (1..3).for_each(|number| store.open_channel(&channel(number)).unwrap());
    let says = |index: u64, mine: bool, matter: u8| {
        let named = MatterId([matter; 16]);
        let statement = format!("{{\"erased_matter\": \"{named}\"}}").into_bytes();
        ActRow { statement, ..act(index, mine, Some(0x40 + index as u8), 40) }
    };
    let other =
        ActRow { statement: MatterId([5; 16]).to_string().into_bytes(), ..says(4, false, 5) };
    let acts =
        vec![says(0, true, 5), says(1, false, 5), says(2, false, 6), says(3, false, 5), other];
    commit(&mut store, &Batch { channel: 1, acts, ..Batch::default() }, 5);
    let found = |store: &Sqlite, channel| store.said_erased(channel, &MatterId([5; 16])).unwrap();
    let want = [MatterId([0x41; 16]), MatterId([0x43; 16])];
    assert_eq!((found(&store, 1), found(&store, 2)), (want.to_vec(), Vec::new()));
    let own = |store: &Sqlite, from| store.own_erasures(1, from).unwrap();
    assert_eq!((own(&store, 0), own(&store, 1)), (vec![0], Vec::new()));
    drop(store);
    let before = rusqlite::Connection::open(&path).unwrap();
    before.execute_batch("DROP INDEX act_notice").unwrap();
    drop(before);
    assert_eq!(found(&Sqlite::open(&path, false).unwrap(), 1), want);
}
