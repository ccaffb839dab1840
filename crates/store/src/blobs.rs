//! Sealed bytes of attachments, as files of one folder. A file is named by its root and by nothing
//! that anybody chose; what is not whole yet has `.part` behind its name. What is there holds: a
//! file gets its name when all of it is on the disk, and never changes after.

use counterpart_record::attachment::{Chunks, Layout};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::{hex, unhex};
use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How much of an attachment is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// All of it.
    Whole,
    /// So many of its bytes, from the beginning.
    Part(u64),
    /// Nothing.
    None,
}

/// The folder. Cheap to clone; clones know which files are being written.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
    busy: Arc<Mutex<HashSet<Hash>>>,
}

impl Blobs {
    /// The folder, which is made with the first file.
    pub fn at(folder: impl Into<PathBuf>) -> Blobs {
        Blobs { folder: folder.into(), busy: Arc::default() }
    }

    /// Where the sealed bytes lie when they are whole.
    pub fn path(&self, root: &Hash) -> PathBuf {
        self.folder.join(hex(root))
    }

    fn part(&self, root: &Hash) -> PathBuf {
        self.folder.join(format!("{}.part", hex(root)))
    }

    /// How much is here of sealed bytes of this size. A file of another size is not they.
    pub fn presence(&self, root: &Hash, size: u64) -> Presence {
        let length = |path: &Path| {
            let data = path.symlink_metadata().ok().filter(fs::Metadata::is_file);
            data.map(|data| data.len())
        };
        if length(&self.path(root)) == Some(size) {
            return Presence::Whole;
        }
        match length(&self.part(root)) {
            None | Some(0) => Presence::None,
            Some(have) => Presence::Part(have.min(size)),
        }
    }

    /// Bytes `from..to` of a whole file. [`Code::AttachmentMissing`].
    pub fn read(&self, root: &Hash, from: u64, to: u64) -> Result<Vec<u8>> {
        let path = self.path(root);
        let missing = |_| Code::AttachmentMissing.at(short(root));
        let mut file = File::open(&path).map_err(missing)?;
        let mut bytes = vec![0; to.saturating_sub(from) as usize];
        let read = file.seek(SeekFrom::Start(from)).and_then(|_| file.read_exact(&mut bytes));
        read.map_err(io_at(&path))?;
        Ok(bytes)
    }

    /// A file to seal into, for us alone, under a name that no other process uses. [`Blobs::name`]
    /// gives it its own.
    pub fn draft(&self) -> Result<(PathBuf, File)> {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        self.make_folder()?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("{}-{number}.draft", std::process::id()));
        // Left by a process of the same number that died here.
        let _ = fs::remove_file(&path);
        let mut options = OpenOptions::new();
        let made = options.read(true).write(true).create_new(true).mode(0o600).open(&path);
        Ok((path.clone(), made.map_err(io_at(&path))?))
    }

    /// Gives a finished draft its name. It is on the disk when this returns; a crash before leaves
    /// a draft, which [`Blobs::sweep`] takes away. [`Code::AttachmentMissing`] if somebody took the
    /// draft away.
    pub fn name(&self, draft: &Path, file: &File, root: &Hash) -> Result<()> {
        file.sync_all().map_err(io_at(draft))?;
        match fs::rename(draft, self.path(root)) {
            // Erased while it was written. ATT-10.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Code::AttachmentMissing.at(short(root)))
            }
            outcome => outcome.map_err(io_at(draft)).and_then(|()| self.sync_folder()),
        }
    }

    /// Goes on where the last time ended, with what holds of what is there; `None` while somebody
    /// else in this process does. ATT-7.
    pub fn take(&self, root: &Hash, size: u64) -> Result<Option<Taking>> {
        let layout = Layout::of_sealed(size)?;
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if !busy.insert(*root) {
            return Ok(None);
        }
        drop(busy);
        let free = Free { busy: self.busy.clone(), root: *root };
        self.make_folder()?;
        let path = self.part(root);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(io_at(&path))?;
        let blobs = self.clone();
        let mut taking =
            Taking { blobs, root: *root, layout, path, file, list: None, have: 0, _free: free };
        taking.recover()?;
        Ok(Some(taking))
    }

    /// Takes the sealed bytes away, whole or not. Nothing is overwritten: without the key, which is
    /// in the record, they say nothing.
    pub fn remove(&self, root: &Hash) -> Result<()> {
        for path in [self.path(root), self.part(root)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(io_at(&path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The roots of all whole files with their sizes, in order.
    pub fn list(&self) -> Result<Vec<(Hash, u64)>> {
        let mut found = Vec::new();
        for (path, size) in self.files()? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            found.extend(unhex(name).ok().map(|root| (root, size)));
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Bytes that the folder holds.
    pub fn bytes(&self) -> Result<u64> {
        Ok(self.files()?.iter().map(|(_, size)| size).sum())
    }

    /// Takes away what no act names and nobody is writing: drafts and files of at least this age.
    /// Returns how many.
    pub fn sweep(&self, named: &HashSet<Hash>, age: Duration) -> Result<u64> {
        let mut count = 0;
        for (path, _) in self.files()? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let root = unhex(name.strip_suffix(".part").unwrap_or(name)).ok();
            let ours = root.is_some() || name.ends_with(".draft");
            let kept = root.is_some_and(|root| named.contains(&root));
            let written = path.metadata().and_then(|data| data.modified());
            let old = written.is_ok_and(|at| at.elapsed().is_ok_and(|since| since >= age));
            if ours && old && !kept {
                fs::remove_file(&path).map_err(io_at(&path))?;
                count += 1;
            }
        }
        Ok(count)
    }

    fn files(&self) -> Result<Vec<(PathBuf, u64)>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io_at(&self.folder)(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(io_at(&self.folder))?.path();
            // What goes away meanwhile is not there.
            if let Ok(data) = path.symlink_metadata()
                && data.is_file()
            {
                files.push((path, data.len()));
            }
        }
        Ok(files)
    }

    fn make_folder(&self) -> Result<()> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
        made.map_err(io_at(&self.folder))
    }

    fn sync_folder(&self) -> Result<()> {
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(io_at(&self.folder))
    }
}

/// One at a time writes a file; gone with the value.
#[derive(Debug)]
struct Free {
    busy: Arc<Mutex<HashSet<Hash>>>,
    root: Hash,
}

impl Drop for Free {
    fn drop(&mut self) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.root);
    }
}

/// Sealed bytes that are coming. Only what holds is written: first the list, then whole chunks.
#[derive(Debug)]
pub struct Taking {
    blobs: Blobs,
    root: Hash,
    layout: Layout,
    path: PathBuf,
    file: File,
    list: Option<Chunks>,
    have: u64,
    _free: Free,
}

impl Taking {
    /// Bytes that are here and hold: where the next ones begin.
    pub fn have(&self) -> u64 {
        self.have
    }

    /// Bytes of all of it.
    pub fn size(&self) -> u64 {
        self.layout.sealed()
    }

    /// Where a piece of at most `most` bytes ends that begins where we stand and can be checked.
    pub fn next(&self, most: u64) -> u64 {
        if self.list.is_none() {
            return self.layout.list();
        }
        let (end, _) = self.layout.whole(self.have + most);
        // A piece smaller than a chunk would bring nothing that can be checked.
        let (_, done) = self.layout.whole(self.have);
        end.max(self.layout.chunk(done).end)
    }

    /// Takes the bytes behind those that are here. What cannot be checked yet is left out; what
    /// does not hold is refused, and nothing of it is kept. [`Code::AttachmentWrong`]. ATT-4.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<()> {
        if self.list.is_none() {
            let Some((list, rest)) = bytes.split_at_checked(self.layout.list() as usize) else {
                return Ok(());
            };
            let chunks = Chunks::parse(&self.root, self.layout, list)?;
            self.write(list)?;
            (self.list, bytes) = (Some(chunks), rest);
        }
        let Some(chunks) = &self.list else { return Ok(()) };
        let (_, first) = self.layout.whole(self.have);
        let (mut at, mut good) = (first, 0);
        let outcome = loop {
            let range = self.layout.chunk(at);
            let length = (range.end.saturating_sub(range.start)) as usize;
            match bytes.get(good..good + length) {
                Some(chunk) if at < self.layout.chunks() => {
                    if let Err(fault) = chunks.check(at, chunk) {
                        break Err(fault.within(&short(&self.root)));
                    }
                }
                _ => break Ok(()),
            }
            (at, good) = (at + 1, good + length);
        };
        // What came before a bad chunk is good, and need not come again.
        self.write(&bytes[..good])?;
        outcome
    }

    /// Whether all of it is here; then it has its name, and is on the disk. A crash before this
    /// line: the next time finds all of it and gives it its name.
    pub fn finish(&mut self) -> Result<bool> {
        if self.have < self.size() {
            return Ok(false);
        }
        self.blobs.name(&self.path, &self.file, &self.root)?;
        Ok(true)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let place = SeekFrom::Start(self.have);
        let written = self.file.seek(place).and_then(|_| self.file.write_all(bytes));
        written.map_err(io_at(&self.path))?;
        self.have += bytes.len() as u64;
        Ok(())
    }

    /// What was written before a crash may be torn: it is checked chunk by chunk, and what lies
    /// behind the first that does not hold is cut off.
    fn recover(&mut self) -> Result<()> {
        let length = self.file.metadata().map_err(io_at(&self.path))?.len();
        if length >= self.layout.list() {
            let mut list = vec![0; self.layout.list() as usize];
            self.file.read_exact(&mut list).map_err(io_at(&self.path))?;
            self.list = Chunks::parse(&self.root, self.layout, &list).ok();
        }
        if let Some(chunks) = &self.list {
            self.have = self.layout.list();
            let (_, there) = self.layout.whole(length);
            for at in 0..there {
                let range = self.layout.chunk(at);
                let mut chunk = vec![0; (range.end - range.start) as usize];
                self.file.read_exact(&mut chunk).map_err(io_at(&self.path))?;
                if chunks.check(at, &chunk).is_err() {
                    break;
                }
                self.have = range.end;
            }
        }
        self.file.set_len(self.have).map_err(io_at(&self.path))
    }
}

fn short(root: &Hash) -> String {
    hex(&root[..4])
}

fn io_at(path: &Path) -> impl Fn(io::Error) -> Fault + '_ {
    move |error| Code::Io.at(format!("{}: {error}", path.display()))
}
