//! Sealed bytes on the disk: what is there holds, whatever moment the power failed at.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use counterpart_record::attachment::{CHUNK, Key, Layout, seal_all};
use counterpart_record::fault::Code;
use counterpart_record::hash::Hash;
use counterpart_store::{Blobs, Presence};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_secs(86_400);

struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("counterpart-blobs-{}-{number}", std::process::id());
        Place(std::env::temp_dir().join(name))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Three whole chunks and a part of one.
fn sealed() -> (Hash, u64, Vec<u8>) {
    let content: Vec<u8> = (0..3 * CHUNK + 9000).map(|i| (i % 249) as u8).collect();
    let (made, bytes) = seal_all(&Key::from_bytes([4; 32]), &content).unwrap();
    (made.root, bytes.len() as u64, bytes)
}

/// ATT-7.
#[test]
fn what_was_torn_is_cut_off_and_what_is_good_does_not_come_again() {
    let place = Place::new();
    let (root, size, bytes) = sealed();
    let layout = Layout::of_sealed(size).unwrap();
    let second = layout.chunk(1).end;
    let part = place.0.join(format!("{}.part", counterpart_record::id::hex(&root)));
    let blobs = Blobs::at(&place.0);
    {
        let mut taking = blobs.take(&root, size).unwrap().unwrap();
        assert_eq!((taking.have(), taking.next(1 << 20)), (0, layout.list()));
        // A list that is not whole says nothing yet.
        taking.push(&bytes[..layout.list() as usize - 1]).unwrap();
        assert_eq!(taking.have(), 0);
        taking.push(&bytes[..second as usize + 100]).unwrap();
        assert_eq!(taking.have(), second);
        assert!(!taking.finish().unwrap());
        // One at a time.
        assert!(blobs.take(&root, size).unwrap().is_none());
    }
    assert_eq!(blobs.presence(&root, size), Presence::Part(second));
    // The power fails: a byte of the second chunk is torn, and there is more behind it.
    let mut torn = bytes[..second as usize + 5000].to_vec();
    torn[layout.chunk(1).start as usize + 77] ^= 1;
    std::fs::write(&part, &torn).unwrap();
    let mut taking = blobs.take(&root, size).unwrap().unwrap();
    assert_eq!(taking.have(), layout.chunk(0).end);
    assert_eq!(std::fs::metadata(&part).unwrap().len(), layout.chunk(0).end);
    assert_eq!(taking.next(10), layout.chunk(1).end, "never less than a chunk");
    assert_eq!(taking.next(u64::from(u32::MAX)), size);
    let from = taking.have() as usize;
    taking.push(&bytes[from..]).unwrap();
    assert!(taking.finish().unwrap());
    drop(taking);
    assert_eq!(blobs.presence(&root, size), Presence::Whole);
    assert!(!part.exists());
    assert_eq!(std::fs::read(blobs.path(&root)).unwrap(), bytes);
    assert_eq!(blobs.list().unwrap(), [(root, size)]);
    // A crash between the last byte and the name: all of it is found and named.
    std::fs::rename(blobs.path(&root), &part).unwrap();
    let mut taking = blobs.take(&root, size).unwrap().unwrap();
    assert!(taking.have() == size && taking.finish().unwrap());
    // A torn list is no list.
    std::fs::remove_file(blobs.path(&root)).unwrap();
    drop(taking);
    std::fs::write(&part, vec![9; layout.list() as usize + 10]).unwrap();
    assert_eq!(blobs.take(&root, size).unwrap().unwrap().have(), 0);
}

/// ATT-4.
#[test]
fn what_does_not_hold_is_refused_and_what_came_before_it_is_kept() {
    let place = Place::new();
    let (root, size, bytes) = sealed();
    let layout = Layout::of_sealed(size).unwrap();
    let blobs = Blobs::at(&place.0);
    let mut taking = blobs.take(&root, size).unwrap().unwrap();
    let wrong = |outcome: counterpart_record::fault::Result<()>| {
        assert_eq!(outcome.unwrap_err().code, Code::AttachmentWrong);
    };
    let mut bad = bytes.clone();
    bad[3] ^= 1;
    wrong(taking.push(&bad));
    assert_eq!(taking.have(), 0);
    let mut bad = bytes.clone();
    bad[layout.chunk(1).start as usize] ^= 1;
    wrong(taking.push(&bad));
    assert_eq!(taking.have(), layout.chunk(0).end);
    // Behind the end there is nothing to take.
    let rest = bytes[taking.have() as usize..].to_vec();
    taking.push(&[&rest[..], &[1, 2, 3]].concat()).unwrap();
    assert_eq!(taking.have(), size);
    assert!(taking.finish().unwrap());
    assert_eq!(blobs.take(&root, size + 1).unwrap_err().code, Code::AttachmentWrong);
    let missing = blobs.read(&[0; 32], 0, 5).unwrap_err();
    assert_eq!(missing.code, Code::AttachmentMissing);
    assert_eq!(blobs.presence(&root, size + 48), Presence::None, "another size, another file");
}

/// ATT-10: what is erased while it comes in does not come back with its last piece.
#[test]
fn what_is_taken_away_while_it_comes_stays_away() {
    let place = Place::new();
    let (root, size, bytes) = sealed();
    let blobs = Blobs::at(&place.0);
    let mut taking = blobs.take(&root, size).unwrap().unwrap();
    taking.push(&bytes).unwrap();
    blobs.remove(&root).unwrap();
    assert_eq!(taking.finish().unwrap_err().code, Code::AttachmentMissing);
    assert_eq!(blobs.bytes().unwrap(), 0);
}

#[test]
fn what_no_act_names_is_swept_after_a_day_and_nothing_else() {
    let place = Place::new();
    let (root, size, bytes) = sealed();
    let blobs = Blobs::at(&place.0);
    let (draft, file) = blobs.draft().unwrap();
    let mut taking = blobs.take(&root, size).unwrap().unwrap();
    taking.push(&bytes).unwrap();
    taking.finish().unwrap();
    let stranger = place.0.join("notes.txt");
    std::fs::write(&stranger, b"mine").unwrap();
    let none = HashSet::new();
    assert_eq!(blobs.sweep(&none, DAY).unwrap(), 0, "somebody may be about to name it");
    let old = SystemTime::now() - Duration::from_secs(90_000);
    file.set_modified(old).unwrap();
    for path in [&blobs.path(&root), &stranger] {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(old).unwrap();
    }
    assert_eq!(blobs.sweep(&[root].into(), DAY).unwrap(), 1);
    assert!(!draft.exists() && blobs.path(&root).exists());
    assert_eq!(blobs.sweep(&none, DAY).unwrap(), 1);
    assert!(stranger.exists() && blobs.list().unwrap().is_empty());
}
