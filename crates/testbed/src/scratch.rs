//! Folders for sealed bytes, gone with the last handle on them.

use crate::cast::Seeded;
use counterpart_record::fault::{Code, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new one: in memory where the machine has such a place, since nothing in it has to outlive
    /// the process.
    pub fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        Scratch(place.join(format!("counterpart-testbed-{}-{number}", std::process::id())))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// All files that are in it, with their bytes.
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let Ok(entries) = fs::read_dir(&self.0) else { return Ok(Vec::new()) };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(io)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            files.push((name, fs::read(entry.path()).map_err(io)?));
        }
        // The order of a folder is chance, and a history has only one.
        files.sort();
        Ok(files)
    }

    /// What a crash leaves of a file that somebody was writing: another end, or another byte. Gives
    /// whether there was one.
    pub fn tear(&self, chance: &Seeded) -> Result<bool> {
        let mut torn = false;
        for (name, mut bytes) in self.files()? {
            if name.ends_with(".part") && !bytes.is_empty() {
                let at = chance.below(bytes.len() as u64) as usize;
                if chance.chance(50) {
                    bytes.truncate(at);
                } else {
                    bytes[at] ^= 1 << chance.below(8);
                }
                fs::write(self.0.join(name), bytes).map_err(io)?;
                torn = true;
            }
        }
        Ok(torn)
    }

    /// These files and no others.
    pub fn put_back(&self, files: &[(String, Vec<u8>)]) -> Result<()> {
        let _ = fs::remove_dir_all(&self.0);
        fs::create_dir_all(&self.0).map_err(io)?;
        let mut all = files.iter();
        all.try_for_each(|(name, bytes)| fs::write(self.0.join(name), bytes)).map_err(io)
    }
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch::new()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn io(error: std::io::Error) -> counterpart_record::fault::Fault {
    Code::Io.at(error.to_string())
}
