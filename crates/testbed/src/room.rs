//! What stays at a party's place: a real file that outlives the process, fails on order, goes into
//! backups and comes back with them; and what should be in it. Spec: docs/spec/home.md.

use crate::scratch::Scratch;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::MatterId;
use counterpart_store::{Home, HomeFile, Note, Sqlite, Task};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Begins every word that must stay.
pub const MARK: &str = "stays-here:";

/// Whether there is anything that stays, and whether its file fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Private {
    /// Nodes without a home.
    Without,
    /// Nothing goes wrong with it.
    Quiet,
    /// Writes fail, and sometimes it cannot be read.
    Troubled,
}

/// What is kept of one matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaf {
    /// The texts of its notes, in order.
    pub notes: Vec<String>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// Its tasks by their texts: whether an exercise, by when, whether done.
    pub tasks: BTreeMap<String, (bool, Option<u64>, bool)>,
}

/// All that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// By matter; none that is empty.
    pub leaves: BTreeMap<MatterId, Leaf>,
    /// Matters that are the same, both ways.
    pub same: BTreeSet<(MatterId, MatterId)>,
}

impl Kept {
    /// Reads all that a home has.
    pub fn read(home: &dyn Home) -> Result<Kept> {
        let mut kept = Kept::default();
        for matter in home.matters()? {
            let task = |task: Task| (task.text, (task.drill, task.due, task.done_at.is_some()));
            let notes = home.notes(&matter, usize::MAX)?.into_iter().map(|note| note.text);
            let tasks = home.tasks(Some(&matter), true)?.into_iter().map(task);
            let leaf = Leaf {
                notes: notes.collect(),
                owner: home.owner(&matter)?,
                tasks: tasks.collect(),
            };
            kept.leaves.insert(matter, leaf);
            kept.same.extend(home.same(&matter)?.into_iter().map(|other| (matter, other)));
        }
        kept.leaves.retain(|_, leaf| *leaf != Leaf::default());
        Ok(kept)
    }

    /// Changes the leaf of a matter.
    #[must_use]
    pub fn with(&self, matter: &MatterId, change: impl FnOnce(&mut Leaf)) -> Kept {
        let mut kept = self.clone();
        let leaf = kept.leaves.entry(*matter).or_default();
        change(leaf);
        if *leaf == Leaf::default() {
            kept.leaves.remove(matter);
        }
        kept
    }

    /// Without all that is kept of these matters.
    #[must_use]
    pub fn without(&self, gone: &BTreeSet<MatterId>) -> Kept {
        let mut kept = self.clone();
        kept.leaves.retain(|matter, _| !gone.contains(matter));
        kept.same.retain(|(one, other)| !gone.contains(one) && !gone.contains(other));
        kept
    }
}

/// When the next write fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fails {
    /// Before anything was written.
    Before,
    /// After all of it was.
    After,
}

#[derive(Default)]
struct Fate {
    armed: Option<Fails>,
    fired: bool,
}

/// Where it lies.
#[derive(Default)]
pub struct Room {
    folder: Scratch,
    fate: Arc<Mutex<Fate>>,
    /// What should be in it.
    pub kept: Kept,
    /// Every word that was ever written there, by matter.
    pub written: Vec<(MatterId, String)>,
    /// A write failed since the process began.
    pub troubled: bool,
}

const FILE: &str = "home.db";

impl Room {
    /// The file as a node has it. One that is missing is made.
    pub fn open(&self) -> Result<Box<dyn Home>> {
        let path = self.folder.path().join(FILE);
        let file = if path.exists() {
            HomeFile::open(&path)?
        } else {
            self.folder.put_back(&[])?;
            HomeFile::create(&path, None)?
        };
        Ok(Box::new(Drawer { file, fate: self.fate.clone() }))
    }

    /// What is in it, whoever has it open.
    pub fn read(&self) -> Result<Kept> {
        Kept::read(&HomeFile::open(&self.folder.path().join(FILE))?)
    }

    /// A copy for a backup, as the node makes it. HOM-2.
    pub fn copy(&self) -> Result<Vec<u8>> {
        let to = self.folder.path().join("copy");
        Sqlite::copy(&self.folder.path().join(FILE), &to)?;
        let bytes = std::fs::read(&to).map_err(|error| Code::Io.at(error.to_string()))?;
        std::fs::remove_file(&to).map_err(|error| Code::Io.at(error.to_string()))?;
        Ok(bytes)
    }

    /// The copy in the place of the file.
    pub fn put_back(&mut self, bytes: &[u8], kept: &Kept) -> Result<()> {
        self.kept = kept.clone();
        self.folder.put_back(&[(FILE.to_owned(), bytes.to_vec())])
    }

    /// All bytes that lie there.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        Ok(self.folder.files()?.into_iter().flat_map(|(_, bytes)| bytes).collect())
    }

    /// The next write fails.
    pub fn arm(&self, fails: Fails) {
        fate(&self.fate).armed = Some(fails);
    }

    /// No write fails any more; whether one did since this was asked last.
    pub fn calm(&mut self) -> bool {
        let mut fate = fate(&self.fate);
        fate.armed = None;
        self.troubled |= fate.fired;
        std::mem::take(&mut fate.fired)
    }
}

fn fate(fate: &Mutex<Fate>) -> MutexGuard<'_, Fate> {
    fate.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The file, with what its next write meets.
struct Drawer {
    file: HomeFile,
    fate: Arc<Mutex<Fate>>,
}

impl Drawer {
    fn write<T>(&mut self, write: impl FnOnce(&mut HomeFile) -> Result<T>) -> Result<T> {
        let mut fate = fate(&self.fate);
        let armed = fate.armed.take();
        fate.fired |= armed.is_some();
        if armed != Some(Fails::Before) {
            let done = write(&mut self.file)?;
            if armed.is_none() {
                return Ok(done);
            }
        }
        Err(Code::Io.at("home.db"))
    }
}

impl Home for Drawer {
    fn add_note(&mut self, matter: &MatterId, at: u64, by: &str, text: &str) -> Result<u64> {
        self.write(|file| file.add_note(matter, at, by, text))
    }

    fn notes(&self, matter: &MatterId, limit: usize) -> Result<Vec<Note>> {
        self.file.notes(matter, limit)
    }

    fn count_notes(&self, matter: &MatterId) -> Result<u64> {
        self.file.count_notes(matter)
    }

    fn set_owner(&mut self, matter: &MatterId, name: Option<&str>) -> Result<()> {
        self.write(|file| file.set_owner(matter, name))
    }

    fn owner(&self, matter: &MatterId) -> Result<Option<String>> {
        self.file.owner(matter)
    }

    fn owners(&self) -> Result<Vec<(MatterId, String)>> {
        self.file.owners()
    }

    fn add_task(&mut self, task: &Task) -> Result<u64> {
        self.write(|file| file.add_task(task))
    }

    fn finish_task(&mut self, number: u64, at: u64) -> Result<Option<Task>> {
        self.write(|file| file.finish_task(number, at))
    }

    fn tasks(&self, matter: Option<&MatterId>, done: bool) -> Result<Vec<Task>> {
        self.file.tasks(matter, done)
    }

    fn link(&mut self, one: &MatterId, other: &MatterId) -> Result<()> {
        self.write(|file| file.link(one, other))
    }

    fn same(&self, matter: &MatterId) -> Result<Vec<MatterId>> {
        self.file.same(matter)
    }

    fn matters(&self) -> Result<Vec<MatterId>> {
        self.file.matters()
    }

    fn forget(&mut self, matter: &MatterId) -> Result<u64> {
        self.write(|file| file.forget(matter))
    }

    fn erased_to(&self, channel: u32) -> Result<u64> {
        self.file.erased_to(channel)
    }

    fn set_erased_to(&mut self, channel: u32, index: u64) -> Result<()> {
        self.write(|file| file.set_erased_to(channel, index))
    }

    fn unset_erased(&mut self) -> Result<()> {
        self.write(HomeFile::unset_erased)
    }

    fn begun_anew(&self) -> Result<Option<u64>> {
        self.file.begun_anew()
    }
}
