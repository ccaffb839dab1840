//! Small files that are whole or absent, whatever moment the power fails at; readable by their
//! owner only.

use counterpart_record::fault::{Code, Fault, Result};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

/// A failure of the disk at `path`, as a fault.
pub fn io_at(path: &Path) -> impl Fn(io::Error) -> Fault + '_ {
    move |error| Code::Io.at(format!("{}: {error}", path.display()))
}

/// The same of a file that a person named: [`Code::FileAbsent`] where there is none.
pub fn absent_at(path: &Path) -> impl Fn(io::Error) -> Fault + '_ {
    move |error| match error.kind() {
        io::ErrorKind::NotFound => Code::FileAbsent.at(path.display().to_string()),
        _ => io_at(path)(error),
    }
}

/// Writes a new file with mode 0600. [`Code::FolderInUse`] if there is one of that name already,
/// which then stays as it is.
pub fn create(path: &Path, bytes: &[u8]) -> Result<()> {
    let taken = || Code::FolderInUse.at(path.display().to_string());
    if path.symlink_metadata().is_ok() {
        return Err(taken());
    }
    settle(&write_draft(path, bytes)?, path)
}

/// Gives a finished draft its name, which nobody may have yet. [`Code::FolderInUse`], and the draft
/// is gone.
pub fn settle(draft: &Path, path: &Path) -> Result<()> {
    let taken = || Code::FolderInUse.at(path.display().to_string());
    // A hard link, unlike a rename, never replaces what came there in the meantime. A crash
    // between the two leaves a second name for the same bytes, which the next draft removes.
    let linked = match fs::hard_link(draft, path) {
        Ok(()) => fs::remove_file(draft),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let _ = fs::remove_file(draft);
            return Err(taken());
        }
        // Removable media often know no hard links.
        Err(_) => fs::rename(draft, path),
    };
    linked.map_err(io_at(path))?;
    sync_folder(path)
}

/// Writes a file with mode 0600 in the place of the one that is there, if any: a reader sees the
/// old bytes or the new ones.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let draft = write_draft(path, bytes)?;
    fs::rename(&draft, path).map_err(io_at(path))?;
    sync_folder(path)
}

/// Like [`replace`], and the bytes that were there before are overwritten on the disk. On a flash
/// medium or a file system that copies on write older blocks may outlive that: what such a file
/// holds must be sealed besides. RET-2.
pub fn supersede(path: &Path, bytes: &[u8]) -> Result<()> {
    end_superseding(path)?;
    let draft = write_draft(path, bytes)?;
    let aside = aside(path);
    // A second name, so that the old bytes can still be found after a crash. Where the file system
    // knows no links, they are only within reach of this process.
    let held = OpenOptions::new().write(true).open(path);
    let linked = fs::hard_link(path, &aside).is_ok();
    // A crash before this line: the old file, whole. After it: the new one, and the old bytes
    // under their second name, which the next call or the next start overwrites.
    fs::rename(&draft, path).map_err(io_at(path))?;
    sync_folder(path)?;
    match held {
        Ok(file) => blank(&file).map_err(io_at(path))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(io_at(path)(error)),
    }
    if linked {
        fs::remove_file(&aside).map_err(io_at(&aside))?;
        sync_folder(path)?;
    }
    Ok(())
}

/// Ends a [`supersede`] that a crash interrupted. Whoever calls it has the folder for itself.
pub fn end_superseding(path: &Path) -> Result<()> {
    for draft in drafts_of(path)? {
        destroy(&draft)?;
    }
    let aside = aside(path);
    let Ok(old) = fs::metadata(&aside) else { return Ok(()) };
    // Before the rename both names are of the one file that is still in force.
    let same = fs::metadata(path).is_ok_and(|now| (now.dev(), now.ino()) == (old.dev(), old.ino()));
    if same {
        return fs::remove_file(&aside).map_err(io_at(&aside));
    }
    destroy(&aside)
}

/// Overwrites a file and removes it, with the reservation of [`supersede`]. A crash in between
/// leaves a file of zeros.
pub fn destroy(path: &Path) -> Result<()> {
    let file = OpenOptions::new().write(true).open(path).map_err(io_at(path))?;
    blank(&file).map_err(io_at(path))?;
    fs::remove_file(path).map_err(io_at(path))?;
    sync_folder(path)
}

/// Zeros over the whole length of a file, on the disk.
fn blank(mut file: &File) -> io::Result<()> {
    let length = file.metadata()?.len();
    io::copy(&mut io::repeat(0).take(length), &mut file)?;
    file.sync_all()
}

fn aside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.superseded"))
}

/// Reads a file of at most `limit` bytes. [`Code::TooLarge`] beyond.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(io_at(path))?;
    let length = file.metadata().map_err(io_at(path))?.len();
    // In one allocation: what is read may be secret, and growing would leave copies behind.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(limit).min(limit) + 1);
    let bound = limit as u64 + 1;
    file.take(bound).read_to_end(&mut bytes).map_err(io_at(path))?;
    if bytes.len() > limit {
        return Err(Code::TooLarge.at(format!("{}: over {limit} bytes", path.display())));
    }
    Ok(bytes)
}

/// Reads a file that a person named: [`Code::FileAbsent`] where there is none.
pub fn read_named(path: &Path, limit: usize) -> Result<Vec<u8>> {
    fs::metadata(path).map_err(absent_at(path))?;
    read(path, limit)
}

/// Makes a folder with mode 0700, and those above it that are missing; an existing one is closed
/// to others.
pub fn make_folder(path: &Path) -> Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|above| !above.exists()).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io_at(path))?;
    for made in missing.iter().rev().filter(|made| !made.as_os_str().is_empty()) {
        sync_folder(made)?;
    }
    close_folder(path)
}

/// Takes every right in a folder from everybody but its owner.
pub fn close_folder(path: &Path) -> Result<()> {
    let mode = fs::metadata(path).map_err(io_at(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(io_at(path))?;
    }
    Ok(())
}

/// Takes every right in a file from everybody but its owner; what SQLite puts beside a store has
/// the rights of the store.
pub fn close_file(path: &Path) -> Result<()> {
    fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(io_at(path))
}

/// A name beside `path` that no other process uses.
pub fn draft_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.draft", std::process::id()))
}

/// What dead processes prepared in the place of `path`. It may be secret, too.
fn drafts_of(path: &Path) -> Result<Vec<PathBuf>> {
    let Some(folder) = path.parent().filter(|folder| folder.is_dir()) else { return Ok(vec![]) };
    let name = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
    let is_draft = |other: &str| {
        let process = other.strip_prefix(&name).and_then(|rest| rest.strip_suffix(".draft"));
        process.is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut drafts = Vec::new();
    for entry in fs::read_dir(folder).map_err(io_at(folder))? {
        let entry = entry.map_err(io_at(folder))?;
        if entry.file_name().to_str().is_some_and(is_draft) {
            drafts.push(entry.path());
        }
    }
    Ok(drafts)
}

/// The bytes in a file beside `path`, on the disk, under a name that no other process uses.
fn write_draft(path: &Path, bytes: &[u8]) -> Result<PathBuf> {
    let draft = draft_of(path);
    // Left by a process of the same number that died here.
    let _ = fs::remove_file(&draft);
    let mut options = OpenOptions::new();
    let written = options.write(true).create_new(true).mode(0o600).open(&draft);
    let written = written.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written {
        let _ = fs::remove_file(&draft);
        return Err(io_at(path)(error));
    }
    Ok(draft)
}

/// A new name is durable only when its folder is.
fn sync_folder(path: &Path) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_at(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn creates_once_and_replaces_when_asked() {
        let scratch = Scratch::new("durable");
        let path = scratch.join("file");
        create(&path, b"one").unwrap();
        assert_eq!(create(&path, b"two").unwrap_err().code, Code::FolderInUse);
        assert_eq!(read(&path, 3).unwrap(), b"one");
        replace(&path, b"three").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"three");
        assert_eq!(read(&path, 4).unwrap_err().code, Code::TooLarge);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        // No draft is left behind.
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
    }

    /// RET-2.
    #[test]
    fn what_is_superseded_or_destroyed_is_overwritten_where_it_lay() {
        let scratch = Scratch::new("superseded");
        let path = scratch.join("file");
        // A second name of the same bytes shows what became of them.
        let witness = scratch.join("witness");
        replace(&path, b"secret").unwrap();
        fs::hard_link(&path, &witness).unwrap();
        supersede(&path, b"new").unwrap();
        assert_eq!(read(&path, 9).unwrap(), b"new");
        assert_eq!(read(&witness, 9).unwrap(), [0; 6]);
        fs::remove_file(&witness).unwrap();
        fs::hard_link(&path, &witness).unwrap();
        destroy(&path).unwrap();
        assert_eq!(read(&witness, 9).unwrap(), [0; 3]);
        assert!(!path.exists());
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
        // Into an empty place, too.
        supersede(&path, b"first").unwrap();
        assert_eq!(read(&path, 9).unwrap(), b"first");
    }

    #[test]
    fn a_superseding_that_was_interrupted_is_ended_and_never_takes_what_is_in_force() {
        let scratch = Scratch::new("interrupted");
        let (path, witness) = (scratch.join("file"), scratch.join("witness"));
        replace(&path, b"in force").unwrap();
        // Before the rename: both names, one file.
        fs::hard_link(&path, aside(&path)).unwrap();
        end_superseding(&path).unwrap();
        assert_eq!(read(&path, 9).unwrap(), b"in force");
        assert!(!aside(&path).exists());
        // After it: the old bytes still lie there.
        replace(&aside(&path), b"old").unwrap();
        fs::hard_link(aside(&path), &witness).unwrap();
        end_superseding(&path).unwrap();
        assert_eq!(read(&witness, 9).unwrap(), [0; 3]);
        assert_eq!(read(&path, 9).unwrap(), b"in force");
        assert!(!aside(&path).exists());
    }

    #[test]
    fn a_dangling_link_is_in_use() {
        let scratch = Scratch::new("link");
        let path = scratch.join("file");
        std::os::unix::fs::symlink(scratch.join("elsewhere"), &path).unwrap();
        assert_eq!(create(&path, b"one").unwrap_err().code, Code::FolderInUse);
        assert!(!scratch.join("elsewhere").exists());
    }

    #[test]
    fn no_folder_is_a_named_fault() {
        let scratch = Scratch::new("none");
        let path = scratch.join("missing/file");
        assert_eq!(create(&path, b"one").unwrap_err().code, Code::Io);
        assert_eq!(read(&path, 9).unwrap_err().code, Code::Io);
    }

    #[test]
    fn folders_are_closed_to_others() {
        let scratch = Scratch::new("mode");
        let path = scratch.join("a/b");
        make_folder(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&scratch.join("a"))), (0o700, 0o700));
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        make_folder(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
        // A file in the way is not a folder.
        create(&path.join("file"), b"x").unwrap();
        assert_eq!(make_folder(&path.join("file")).unwrap_err().code, Code::Io);
    }
}
