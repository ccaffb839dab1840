//! Files become attachments and attachments become files, a chunk at a time: 50 MiB need no more
//! memory than 50 KiB. The content is on the node's disk sealed or not at all, and nothing here
//! looks into it: no type is guessed, nothing is previewed, unpacked or scanned.

use crate::durable::{self, absent_at, io_at};
use crate::seam::SystemRandom;
use counterpart_record::attachment::{CHUNK, Chunks, Key, Layout, Opener, Sealer};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::hash::{Hash, Whole};
use counterpart_record::id::{hex, unhex};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::form::{Attached, Attachment};
use counterpart_store::Blobs;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// In the folder of a node: sealed bytes of attachments.
pub const FOLDER: &str = "attachments";
/// Longest name that goes into an act, in characters.
const NAME: usize = 200;

/// Is told how many bytes are done, and of how many.
pub type Progress<'a> = dyn FnMut(u64, u64) + 'a;

/// Where the node in `home` keeps sealed bytes.
pub fn blobs(home: &Path) -> Blobs {
    Blobs::at(home.join(FOLDER))
}

/// Seals a file under a key of its own. When it returns, the sealed bytes are on the disk under
/// their own name; a failure leaves nothing. [`Code::AttachmentUnfit`].
pub fn seal(
    blobs: &Blobs,
    what: &str,
    path: &Path,
    progress: &mut Progress<'_>,
) -> Result<(Attachment, Attached)> {
    let shown = path.display().to_string();
    let data = fs::metadata(path).map_err(absent_at(path))?;
    if !data.is_file() {
        return Err(Code::AttachmentUnfit.at(format!("{shown}: not a file")));
    }
    let key = Key::fresh(&SystemRandom);
    let bytes = data.len();
    let sealer = Sealer::new(&key, bytes).map_err(|fault| fault.within(&shown))?;
    let size = sealer.layout().sealed();
    let source = File::open(path).map_err(io_at(path))?;
    let (draft, file) = blobs.draft()?;
    let sealed = pour(sealer, (source, path), (&file, &draft), bytes, progress)
        .and_then(|sealed| blobs.name(&draft, &file, &sealed.root).map(|()| sealed));
    let sealed = sealed.inspect_err(|_| drop(fs::remove_file(&draft)))?;
    let named = Attachment { what: what.to_owned(), size, root: sealed.root };
    let (key, digest) = (*key.bytes(), sealed.digest);
    Ok((named, Attached { key, digest, bytes, name: name_of(path), media: None }))
}

fn pour(
    mut sealer: Sealer,
    (mut source, path): (File, &Path),
    (mut file, draft): (&File, &Path),
    bytes: u64,
    progress: &mut Progress<'_>,
) -> Result<counterpart_record::attachment::Sealed> {
    let changed = || Code::AttachmentUnfit.at(format!("{}: it changes", path.display()));
    file.seek(SeekFrom::Start(sealer.layout().list())).map_err(io_at(draft))?;
    let mut done = 0;
    while let Some(count) = sealer.wants() {
        let mut content = Vec::with_capacity(CHUNK + 16);
        content.resize(count, 0);
        // Shorter than it was a moment ago.
        source.read_exact(&mut content).map_err(|_| changed())?;
        file.write_all(&sealer.seal(content)?).map_err(io_at(draft))?;
        done += count as u64;
        progress(done, bytes);
    }
    // Longer than it was a moment ago.
    if source.read(&mut [0]).map_err(io_at(path))? > 0 {
        return Err(changed());
    }
    let sealed = sealer.finish()?;
    let list = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&sealed.list));
    list.map_err(io_at(draft))?;
    Ok(sealed)
}

/// The name of a file for a person at the other end: one line, not too long.
pub fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let clean = |c: char| if c.is_control() { '?' } else { c };
    let name: String = name.chars().map(clean).take(NAME).collect();
    if name.trim().is_empty() { "?".to_owned() } else { name }
}

/// Opens an attachment into the new file `path`, which its owner alone can read. The file has its
/// name when all of it is right, and not before. [`Code::AttachmentMissing`],
/// [`Code::AttachmentDamaged`], [`Code::AttachmentWrong`], [`Code::FolderInUse`]. ATT-6.
pub fn open(
    blobs: &Blobs,
    (named, opening): (&Attachment, &Attached),
    path: &Path,
    progress: &mut Progress<'_>,
) -> Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(Code::FolderInUse.at(path.display().to_string()));
    }
    let chunks = chunks_of(blobs, named)?;
    let key = Key::from_bytes(opening.key);
    let mut opener = Opener::new(&key, chunks, opening.bytes, opening.digest)?;
    let layout = Layout::of_sealed(named.size)?;
    let draft = durable::draft_of(path);
    let _ = fs::remove_file(&draft);
    let mut options = OpenOptions::new();
    let made = options.write(true).create_new(true).mode(0o600).open(&draft);
    let mut file = made.map_err(io_at(&draft))?;
    let mut poured = || {
        let mut done = 0;
        for at in 0..layout.chunks() {
            let range = layout.chunk(at);
            let sealed = blobs.read(&named.root, range.start, range.end)?;
            let content = opener.open(sealed)?;
            file.write_all(&content).map_err(io_at(&draft))?;
            done += content.len() as u64;
            progress(done, opening.bytes);
        }
        Ok(())
    };
    let outcome = poured()
        .and_then(|()| opener.finish())
        .and_then(|()| file.sync_all().map_err(io_at(&draft)))
        .and_then(|()| durable::settle(&draft, path));
    outcome.inspect_err(|_| drop(fs::remove_file(&draft)))
}

/// Copies sealed bytes that are here into a new file, as they are; gives the SHA-256 of the file.
pub fn copy_out(blobs: &Blobs, named: &Attachment, path: &Path) -> Result<Hash> {
    let chunks = chunks_of(blobs, named)?;
    let layout = Layout::of_sealed(named.size)?;
    let mut options = OpenOptions::new();
    let made = options.write(true).create_new(true).mode(0o600).open(path);
    let mut file = made.map_err(io_at(path))?;
    let mut whole = Whole::default();
    let list = blobs.read(&named.root, 0, layout.list())?;
    whole.update(&list);
    file.write_all(&list).map_err(io_at(path))?;
    for at in 0..layout.chunks() {
        let range = layout.chunk(at);
        let sealed = blobs.read(&named.root, range.start, range.end)?;
        chunks.check(at, &sealed).map_err(|_| damaged(blobs, named))?;
        whole.update(&sealed);
        file.write_all(&sealed).map_err(io_at(path))?;
    }
    file.sync_all().map_err(io_at(path))?;
    Ok(whole.finish())
}

/// Takes sealed bytes in from a file that somebody carried: all of them, checked, or none.
/// [`Code::AttachmentWrong`]. ATT-4.
pub fn take_in(blobs: &Blobs, named: &Attachment, path: &Path) -> Result<()> {
    let layout = Layout::of_sealed(named.size)?;
    let wrong = |fault: Fault| fault.within(&path.display().to_string());
    let mut source = File::open(path).map_err(io_at(path))?;
    let (draft, mut file) = blobs.draft()?;
    let mut taken = || {
        let mut list = vec![0; layout.list() as usize];
        source.read_exact(&mut list).map_err(|_| cut(path))?;
        let chunks = Chunks::parse(&named.root, layout, &list).map_err(wrong)?;
        file.write_all(&list).map_err(io_at(&draft))?;
        for at in 0..layout.chunks() {
            let range = layout.chunk(at);
            let mut sealed = vec![0; (range.end - range.start) as usize];
            source.read_exact(&mut sealed).map_err(|_| cut(path))?;
            chunks.check(at, &sealed).map_err(wrong)?;
            file.write_all(&sealed).map_err(io_at(&draft))?;
        }
        Ok(())
    };
    let outcome = taken().and_then(|()| blobs.name(&draft, &file, &named.root));
    outcome.inspect_err(|_| drop(fs::remove_file(&draft)))
}

fn cut(path: &Path) -> Fault {
    Code::AttachmentWrong.at(format!("{}: cut short", path.display()))
}

/// Hashes sealed bytes that should be here. [`Code::AttachmentMissing`],
/// [`Code::AttachmentDamaged`].
pub fn check(blobs: &Blobs, named: &Attachment) -> Result<()> {
    let chunks = chunks_of(blobs, named)?;
    let layout = Layout::of_sealed(named.size)?;
    for at in 0..layout.chunks() {
        let range = layout.chunk(at);
        let sealed = blobs.read(&named.root, range.start, range.end)?;
        chunks.check(at, &sealed).map_err(|_| damaged(blobs, named))?;
    }
    Ok(())
}

fn chunks_of(blobs: &Blobs, named: &Attachment) -> Result<Chunks> {
    let layout = Layout::of_sealed(named.size)?;
    let path = blobs.path(&named.root);
    let there = path.symlink_metadata().map_err(|_| missing(named))?;
    if there.len() != named.size {
        return Err(damaged(blobs, named));
    }
    let list = blobs.read(&named.root, 0, layout.list())?;
    Chunks::parse(&named.root, layout, &list).map_err(|_| damaged(blobs, named))
}

fn missing(named: &Attachment) -> Fault {
    Code::AttachmentMissing.at(hex(&named.root[..4]))
}

fn damaged(blobs: &Blobs, named: &Attachment) -> Fault {
    Code::AttachmentDamaged.at(blobs.path(&named.root).display().to_string())
}

/// A sealed file as an argument of an operation.
pub fn told((named, opening): &(Attachment, Attached)) -> Object {
    let out = Object::default()
        .with("what", named.what.as_str())
        .with("size", named.size)
        .with("root", hex(&named.root))
        .with("key", hex(&opening.key))
        .with("digest", hex(&opening.digest))
        .with("bytes", opening.bytes)
        .with("name", opening.name.as_str());
    match &opening.media {
        Some(media) => out.with("media", media.as_str()),
        None => out,
    }
}

/// What [`told`] wrote. [`Code::ArgumentWrong`].
pub fn heard(given: &Value) -> Result<(Attachment, Attached)> {
    let wrong = |name: &str| Code::ArgumentWrong.at(format!("attachments: {name}"));
    let given = given.as_object().ok_or_else(|| wrong("not an object"))?;
    let text = |name: &str| given.get(name).and_then(Value::as_str).ok_or_else(|| wrong(name));
    let number = |name: &str| {
        let number = given.get(name).and_then(Value::as_int).and_then(|n| u64::try_from(n).ok());
        number.ok_or_else(|| wrong(name))
    };
    let hash = |name: &str| unhex(text(name)?).map_err(|_| wrong(name));
    let named =
        Attachment { what: text("what")?.to_owned(), size: number("size")?, root: hash("root")? };
    let opening = Attached {
        key: hash("key")?,
        digest: hash("digest")?,
        bytes: number("bytes")?,
        name: text("name")?.to_owned(),
        media: text("media").ok().map(str::to_owned),
    };
    Ok((named, opening))
}

#[cfg(test)]
mod tests;
