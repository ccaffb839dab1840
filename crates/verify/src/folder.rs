//! The folder of a dossier or a page: what is small is held, attachments are read a part at a time
//! where they lie, so that memory does not grow with them. DOS-23.

use crate::crew;
use counterpart_record::dossier::bag::{Far, check_path};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::limits;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// Where attachments lie in a bag.
const ATTACHMENTS: &str = "data/attachments/";

/// Contents by path relative to the folder.
type Files = BTreeMap<String, Vec<u8>>;

/// Everything in a folder, by path relative to it.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// What is held.
    pub files: Files,
    sizes: BTreeMap<String, u64>,
}

impl Folder {
    /// Reads a folder on all `threads`, but for attachments. The outer error: it could not be read.
    /// The inner one: something lies in it that no dossier has (a link, a name that is not plain,
    /// too much of it). DOS-3.
    pub fn of_dossier(root: &Path, threads: usize) -> Result<std::result::Result<Folder, Fault>> {
        Folder::read(root, threads, |path| path.starts_with(ATTACHMENTS))
    }

    /// The same with everything held.
    pub fn held(root: &Path, threads: usize) -> Result<std::result::Result<Files, Fault>> {
        Ok(Folder::read(root, threads, |_| false)?.map(|folder| folder.files))
    }

    fn read(
        root: &Path,
        threads: usize,
        is_far: impl Fn(&str) -> bool,
    ) -> Result<std::result::Result<Folder, Fault>> {
        let found = match list(root)? {
            Ok(found) => found,
            Err(fault) => return Ok(Err(fault)),
        };
        let (far, held): (Vec<_>, Vec<_>) = found.into_iter().partition(|(path, _)| is_far(path));
        let contents = crew::spread(threads, held.len(), |range| {
            held[range].iter().map(|(_, path)| read(path)).collect()
        });
        let files = held.into_iter().zip(contents).map(|((path, _), bytes)| Ok((path, bytes?)));
        let sizes = far.into_iter().map(|(path, at)| {
            let size = std::fs::metadata(&at).map_err(|error| io(&at, &error))?.len();
            Ok((path, size))
        });
        Ok(Ok(Folder {
            root: root.to_owned(),
            files: files.collect::<Result<_>>()?,
            sizes: sizes.collect::<Result<_>>()?,
        }))
    }
}

impl Far for Folder {
    fn sizes(&self) -> &BTreeMap<String, u64> {
        &self.sizes
    }

    fn read(&self, path: &str, offset: u64, part: &mut [u8]) -> Result<()> {
        let path = self.root.join(path);
        let read = File::open(&path).and_then(|file| file.read_exact_at(part, offset));
        read.map_err(|error| io(&path, &error))
    }
}

/// Path in the folder, and path of the machine.
type Found = Vec<(String, PathBuf)>;

fn list(root: &Path) -> Result<std::result::Result<Found, Fault>> {
    let (mut found, mut folders) = (Found::new(), vec![(String::new(), root.to_owned())]);
    while let Some((prefix, folder)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| io(&folder, &error))? {
            let entry = entry.map_err(|error| io(&folder, &error))?;
            let kind = entry.file_type().map_err(|error| io(&entry.path(), &error))?;
            let name = entry.file_name();
            let path = format!("{prefix}{}", name.to_string_lossy());
            if let Err(fault) = check_path(&path) {
                return Ok(Err(fault));
            }
            if kind.is_dir() {
                folders.push((format!("{path}/"), entry.path()));
            } else if kind.is_file() {
                found.push((path, entry.path()));
            } else {
                return Ok(Err(Code::PathOutside.at(path)));
            }
            if found.len() + folders.len() > limits::DOSSIER_FILES {
                return Ok(Err(Code::TooLarge.at("files in the folder")));
            }
        }
    }
    Ok(Ok(found))
}

/// A file of at most [`limits::DOSSIER_FILE_BYTES`].
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path).map_err(|error| io(path, &error))?.len();
    if size > limits::DOSSIER_FILE_BYTES {
        return Err(Code::TooLarge.at(path.display().to_string()));
    }
    std::fs::read(path).map_err(|error| io(path, &error))
}

/// That a file or folder could not be read.
pub(crate) fn io(path: &Path, error: &std::io::Error) -> Fault {
    Code::Io.at(format!("{}: {error}", path.display()))
}
