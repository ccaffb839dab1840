//! Backups: one consistent copy of record, sealed keys and settings, sealed as a stream, and the
//! way back from it.
//!
//! ```text
//! FILE       counterpart-backup/1 <nonce>              the header, also the AAD of every piece
//!            pieces of at most 1 MiB: length, AES-256-GCM(piece); the last one is marked
//! FILE.key   the key of FILE, sealed like node.key     destroy it, and FILE says nothing any more
//! ```
//!
//! The plaintext is a row of parts, each a name, a length and its bytes: `config`, `node.key`
//! (sealed once more under the passphrase), `record.db`, `home.db` if it can be read (RET-3), and
//! `attachments/<root>` for each attachment.

use crate::attach;
use crate::durable::{self, io_at};
use crate::folder::{self, Config, Folder};
use crate::house::House;
use crate::keyfile::{BackupKey, Cost, Lock};
use crate::register::{self, Kept};
use crate::seam::{self, SystemRandom, now};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::{PartyId, hex, unhex};
use counterpart_record::key::Random as _;
use counterpart_record::keys::RootKeys;
use counterpart_record::party::{Control, Epoch, RootPublic};
use counterpart_store::{Home as _, HomeFile, Sqlite, Store as _};
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Bits of chance below the seconds in the number of an epoch.
const CHANCE: u32 = 20;
/// Beyond it not every reader of JSON knows a number from its neighbour (RFC 7493).
const LARGEST: u64 = 1 << 53;

/// Bytes of plaintext in one piece.
const PIECE: usize = 1024 * 1024;
const MAGIC: &str = "counterpart-backup/1";
/// Beside the root keys: the number of the newest epoch that they signed.
const EPOCH: &str = "epoch";

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its id, 16 hexadecimal digits: its file begins with it.
    pub id: String,
    /// Bytes of the record.
    pub record: u64,
    /// Bytes of attachments, sealed as they lie.
    pub attachments: u64,
    /// Bytes of the file.
    pub file: u64,
    /// Whether what stays here is in it. It is left out where it cannot be read: the record must
    /// never go without a backup for the sake of notes.
    pub home: bool,
}

/// The file that holds the key of a backup.
pub fn key_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

/// Backs up the node in `home`, whether it runs or not. `progress` is told how much of the record
/// is written, in bytes, and how much there is. A backup that fails takes away what it had written.
pub fn make(
    home: &Path,
    file: &Path,
    passphrase: &str,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Made> {
    folder::recognise(home)?;
    for path in [file, &key_of(file)] {
        if path.symlink_metadata().is_ok() {
            return Err(Code::FolderInUse.at(path.display().to_string()));
        }
    }
    // Whoever cannot open the keys can restore nothing either: said now and not on the bad day.
    crate::keyfile::NodeSeeds::open(&home.join(folder::KEY_FILE), passphrase)?;
    // A copy of what this program does not know would be one that it cannot restore.
    Config::read(home)?;
    counterpart_store::upgrade::known(&home.join(folder::RECORD))?;
    // Read before anything is written: a register that cannot be kept would lose sight of the key.
    register::list(home)?;
    let begun = now();
    let copies = [home.join(".record.backup"), home.join(".home.backup")];
    let made = Sqlite::copy(&home.join(folder::RECORD), &copies[0]).and_then(|()| {
        let with_home = Sqlite::copy(&home.join(folder::HOME_FILE), &copies[1]).is_ok();
        let parts = [(folder::RECORD, &*copies[0]), (folder::HOME_FILE, &*copies[1])];
        let parts = if with_home { &parts[..] } else { &parts[..1] };
        seal(home, parts, file, passphrase, progress)
    });
    copies.iter().for_each(|copy| drop(fs::remove_file(copy)));
    if made.is_err() {
        [file.to_owned(), key_of(file)].iter().for_each(|path| drop(fs::remove_file(path)));
    }
    let made = made?;
    register::note(home, kept(&made.id, begun, file))?;
    Ok(made)
}

fn kept(id: &str, made_at: u64, file: &Path) -> Kept {
    Kept { id: id.to_owned(), made_at, file: file.to_owned(), forgotten_at: None }
}

/// What became of the key of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// Which backup.
    pub id: String,
    /// The key files that were overwritten and removed; none if that was done elsewhere.
    pub keys: Vec<PathBuf>,
}

/// Destroys the key of a backup, named by its file or by the first digits of its id: no copy of the
/// large file says anything any more. With `destroyed`, somebody has done it by hand.
/// [`Code::BackupKeyAway`] if the key is nowhere within reach. RET-4.
pub fn forget(home: &Path, which: &str, destroyed: bool) -> Result<Forgotten> {
    folder::recognise(home)?;
    let all = register::list(home)?;
    let named = std::path::absolute(which).map_err(io_at(Path::new(which)))?;
    let kept = if named.is_file() {
        let id = id_of(&named)?;
        let known = all.iter().find(|kept| kept.id == id).cloned();
        // Made by this node before it kept a register, or by one whose folder is gone.
        known.unwrap_or_else(|| kept(&id, 0, &named))
    } else {
        let fits =
            |kept: &&Kept| kept.file == named || (which.len() >= 4 && kept.id.starts_with(which));
        let mut found = all.iter().filter(fits);
        match (found.next(), found.next()) {
            (Some(one), None) => one.clone(),
            (None, _) => return Err(Code::BackupKeyAway.at(which)),
            _ => return Err(Code::Ambiguous.at(which)),
        }
    };
    let mut keys = vec![key_of(&named), key_of(&kept.file)];
    keys.dedup();
    keys.retain(|key| key.is_file());
    if keys.is_empty() && !destroyed && kept.forgotten_at.is_none() {
        return Err(Code::BackupKeyAway.at(key_of(&kept.file).display().to_string()));
    }
    for key in &keys {
        durable::destroy(key)?;
    }
    // A crash before this line: the key is gone, and the next try says that it is not there.
    let id = kept.id.clone();
    let forgotten_at = kept.forgotten_at.or(Some(now()));
    register::note(home, Kept { forgotten_at, ..kept })?;
    Ok(Forgotten { id, keys })
}

/// The id that a backup begins with.
fn id_of(file: &Path) -> Result<String> {
    let mut header = vec![0; MAGIC.len() + 18];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut header));
    read.map_err(|_| damaged("no header"))?;
    let header = String::from_utf8(header).map_err(|_| damaged("header"))?;
    let id = header.strip_prefix(MAGIC).and_then(|rest| rest.trim().split(' ').next_back());
    let id = id.filter(|id| id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    id.map(str::to_owned).ok_or_else(|| damaged("header"))
}

fn seal(
    home: &Path,
    parts: &[(&str, &Path)],
    file: &Path,
    passphrase: &str,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Made> {
    let key = BackupKey::fresh(&SystemRandom);
    let lock = Lock { passphrase, cost: Cost::STANDARD, random: &SystemRandom };
    key.create(&key_of(file), &lock)?;
    let mut options = OpenOptions::new();
    let made = options.write(true).create_new(true).mode(0o600).open(file).map_err(io_at(file))?;
    let mut out = Sealer::new(BufWriter::new(made), &key)?;
    // The calendar of exercises only goes on: one that fell back would part it from the peers'.
    let calendar = Some(seam::DRILL_CALENDAR).filter(|name| home.join(name).exists());
    for name in [folder::CONFIG, folder::KEY_FILE].into_iter().chain(calendar) {
        let bytes = durable::read(&home.join(name), 1024 * 1024)?;
        out.part(name, bytes.len() as u64)?;
        out.write(&bytes)?;
    }
    let length = |path: &Path| Ok(fs::metadata(path).map_err(io_at(path))?.len());
    let lengths: Vec<u64> = parts.iter().map(|(_, path)| length(path)).collect::<Result<_>>()?;
    let all = lengths.iter().sum();
    let mut done = 0;
    for ((name, path), length) in parts.iter().zip(&lengths) {
        out.part(name, *length)?;
        let mut source = BufReader::new(File::open(path).map_err(io_at(path))?);
        let mut buffer = vec![0; PIECE];
        loop {
            let count = source.read(&mut buffer).map_err(io_at(path))?;
            if count == 0 {
                break;
            }
            out.write(&buffer[..count])?;
            done += count as u64;
            progress(done, all);
        }
    }
    let attachments = sealed_bytes(home, &mut out)?;
    let id = out.id().to_owned();
    let file = out.finish().map_err(|fault| fault.within(&file.display().to_string()))?;
    let (record, home) = (lengths[0], parts.len() > 1);
    Ok(Made { id, record, attachments, file, home })
}

/// Every attachment that is whole, as a part of its own. What is erased meanwhile is left out: the
/// record in this backup may still have its key, and the backup ends by its own.
fn sealed_bytes(home: &Path, out: &mut Sealer<BufWriter<File>>) -> Result<u64> {
    let (blobs, mut sum) = (attach::blobs(home), 0);
    for (root, size) in blobs.list()? {
        let Ok(mut source) = File::open(blobs.path(&root)) else { continue };
        out.part(&format!("{}/{}", attach::FOLDER, hex(&root)), size)?;
        let (mut buffer, mut left) = (vec![0; PIECE], size);
        while left > 0 {
            let count = left.min(PIECE as u64) as usize;
            source.read_exact(&mut buffer[..count]).map_err(failed)?;
            out.write(&buffer[..count])?;
            left -= count as u64;
        }
        sum += size;
    }
    Ok(sum)
}

/// Puts a backup back into the new folder `home`. The node that results signs nothing until
/// [`finish`] has ended its logs: the copy is marked before anything makes it look like a node.
/// [`Code::RootMissing`] where the keys in `root` are another party's: they could not end them, and
/// the folder that resulted would be in the way of those that can.
pub fn unpack(
    file: &Path,
    home: &Path,
    passphrase: &str,
    (root, keys): (&Path, &RootKeys),
) -> Result<Folder> {
    let key = BackupKey::open(&key_of(file), passphrase)?;
    let folder = Folder::create(home)?;
    let unpacked = parts(file, &key, &folder).and_then(|config| {
        let mut store = Sqlite::open(&folder.record(), false)?;
        let party = store.load()?.party.ok_or_else(|| damaged("a record of nobody"))?;
        of_party(&party, root, keys)?;
        store.mark_restored(true)?;
        Ok(config)
    });
    match unpacked {
        Ok(config) => {
            // From here on it is a node, and one that knows that it was restored. REC-43.
            folder.write_config(&config)?;
            // The register itself is in no backup; the one that we came from is known.
            let made_at = fs::metadata(file).and_then(|data| data.modified());
            let made_at = made_at.map_or(0, seam::seconds);
            let file = std::path::absolute(file).map_err(io_at(file))?;
            register::note(home, kept(&id_of(&file)?, made_at, &file))?;
            Ok(folder)
        }
        Err(fault) => {
            let calendar = folder.path().join(seam::DRILL_CALENDAR);
            let files = [folder.key_file(), folder.record(), folder.home_file(), calendar];
            files.iter().for_each(|path| drop(fs::remove_file(path)));
            let _ = fs::remove_dir_all(folder.path().join(attach::FOLDER));
            Err(fault)
        }
    }
}

fn parts(file: &Path, key: &BackupKey, folder: &Folder) -> Result<Config> {
    let source = File::open(file).map_err(io_at(file))?;
    let mut opener = Opener::new(BufReader::new(source), key)?;
    let mut config = None;
    while let Some((name, length)) = opener.part()? {
        match name.as_str() {
            folder::CONFIG => {
                let bytes = opener.take(length.min(1024 * 1024) as usize)?;
                let text = String::from_utf8(bytes).map_err(|_| damaged("config"))?;
                config = Some(Config::parse(&text)?);
            }
            folder::KEY_FILE => {
                let bytes = opener.take(length.min(1024 * 1024) as usize)?;
                durable::create(&folder.key_file(), &bytes)?;
            }
            seam::DRILL_CALENDAR => {
                let bytes = opener.take(length.min(32) as usize)?;
                durable::create(&folder.path().join(seam::DRILL_CALENDAR), &bytes)?;
            }
            folder::RECORD => record(&mut opener, length, &folder.record())?,
            folder::HOME_FILE => record(&mut opener, length, &folder.home_file())?,
            other => {
                // The name is a root and nothing else: no path comes out of a backup.
                let root = other.strip_prefix(attach::FOLDER).and_then(|n| n.strip_prefix('/'));
                let root = root.and_then(|name| unhex(name).ok());
                let root = root.ok_or_else(|| damaged("a part of another version"))?;
                let blobs = attach::blobs(folder.path());
                durable::make_folder(&folder.path().join(attach::FOLDER))?;
                record(&mut opener, length, &blobs.path(&root))?;
            }
        }
    }
    let whole = folder.key_file().is_file() && folder.record().is_file();
    config.filter(|_| whole).ok_or_else(|| damaged("a part is missing"))
}

fn record(opener: &mut Opener, length: u64, path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    let made = options.write(true).create_new(true).mode(0o600).open(path).map_err(io_at(path))?;
    let mut out = BufWriter::new(made);
    let mut left = length;
    while left > 0 {
        let piece = opener.take(left.min(PIECE as u64) as usize)?;
        out.write_all(&piece).map_err(io_at(path))?;
        left -= piece.len() as u64;
    }
    let file = out.into_inner().map_err(|error| io_at(path)(error.into_error()))?;
    file.sync_all().map_err(io_at(path))
}

/// Puts back from a backup what stays here, and nothing else: the record goes on as it is. The file
/// that was begun anew, or cannot be read, is put aside; one that is whole is never replaced:
/// [`Code::FolderInUse`]. Gives the folder, and where the old file went. HOM-5.
pub fn unpack_home(
    file: &Path,
    home: &Path,
    passphrase: &str,
) -> Result<(Folder, Option<PathBuf>)> {
    let key = BackupKey::open(&key_of(file), passphrase)?;
    let folder = Folder::open(home)?;
    let draft = home.join(".home.restored");
    let _ = fs::remove_file(&draft);
    let source = File::open(file).map_err(io_at(file))?;
    let mut opener = Opener::new(BufReader::new(source), &key)?;
    while let Some((name, length)) = opener.part()? {
        if name == folder::HOME_FILE {
            record(&mut opener, length, &draft)?;
            continue;
        }
        let mut left = length;
        while left > 0 {
            left -= opener.take(left.min(PIECE as u64) as usize)?.len() as u64;
        }
    }
    if !draft.is_file() {
        return Err(damaged("home.db is not in it"));
    }
    // Which record its marks were about nobody knows: all that was erased goes. HOM-5.
    HomeFile::open(&draft)?.unset_erased()?;
    let place = folder.home_file();
    let aside = put_aside(&place);
    // A crash behind this line: the next start makes an empty one, and this is to be done again.
    let placed = aside.and_then(|aside| {
        fs::rename(&draft, &place).map_err(io_at(&place))?;
        Ok(aside)
    });
    if placed.is_err() {
        let _ = fs::remove_file(&draft);
    }
    Ok((folder, placed?))
}

/// What stays here under another name, with what SQLite has beside it; none if there was nothing.
fn put_aside(place: &Path) -> Result<Option<PathBuf>> {
    if place.symlink_metadata().is_err() {
        return Ok(None);
    }
    let whole = HomeFile::open(place).and_then(|home| home.begun_anew());
    let named = |name: &Path, end: &str| PathBuf::from(format!("{}{end}", name.display()));
    let aside = named(place, ".before");
    if whole.is_ok_and(|anew| anew.is_none()) || aside.symlink_metadata().is_ok() {
        return Err(Code::FolderInUse.at(place.display().to_string()));
    }
    for end in ["-wal", "-shm", ""] {
        let (from, to) = (named(place, end), named(&aside, end));
        if from.exists() {
            fs::rename(&from, &to).map_err(io_at(&from))?;
        }
    }
    Ok(Some(aside))
}

/// Whether [`finish`] can end the logs of this node with these keys under a number above `after`:
/// [`Code::RootMissing`] where they are another party's, [`Code::ArgumentWrong`] where there is no
/// such number.
pub fn may_end(house: &House, root: &Path, keys: &RootKeys, after: u64) -> Result<()> {
    of_party(&house.node.party(), root, keys)?;
    seconds_above(root, above(house, after)).map(|_| ())
}

/// Those of another party would sign what this one's peers refuse.
fn of_party(party: &PartyId, root: &Path, keys: &RootKeys) -> Result<()> {
    if RootPublic::of(keys).party() == *party {
        return Ok(());
    }
    Err(Code::RootMissing.at(format!("{}, {}", root.display(), party.short())))
}

/// What the record itself knows counts as well: the root keys may be the copy that never heard of
/// its newest epoch, nor of one that a peer has shown.
fn above(house: &House, after: u64) -> u64 {
    after.max(house.node.last_epoch())
}

/// Ends every log of a restored node and lets it go on: one root-signed epoch statement for each,
/// whose number is greater than `after` and than any that the record knows of. Interrupted, it is
/// begun again. Returns how many logs have ended. REC-41, REC-43.
pub fn finish(house: &mut House, root: &Path, keys: &RootKeys, after: u64) -> Result<usize> {
    let waiting = house.node.endings();
    if !house.node.is_restored() {
        return Err(Code::NotPermitted.at("this record was not restored"));
    }
    may_end(house, root, keys, after)?;
    let number = next_epoch(root, above(house, after))?;
    for ending in &waiting {
        let statement = Control::Epoch(Epoch {
            by: house.node.party(),
            old_origin: ending.log.origin(),
            kept: ending.size,
            root: ending.root,
            epoch: number,
            reason: "restored".to_owned(),
            issued_at: now(),
        });
        // A crash behind this line: the next run ends this log as well once more, from where it
        // ended now. Nothing is signed in the epoch that this statement began.
        house.node.adopt(&statement.sign(keys)?)?;
    }
    house.node.finish_restore()?;
    Ok(waiting.len())
}

/// A number that these root keys never signed, also where the clock goes back: it is on the disk
/// before it is used. The root folder lies in two copies, neither of which knows what the other
/// signed, so below the seconds there is chance. REC-48.
fn next_epoch(root: &Path, after: u64) -> Result<u64> {
    let mut chance = [0; 4];
    SystemRandom.fill(&mut chance);
    let chance = u64::from(u32::from_le_bytes(chance)) & ((1 << CHANCE) - 1);
    let number = seconds_above(root, after)? | chance;
    durable::replace(&root.join(EPOCH), format!("{number}\n").as_bytes())?;
    Ok(number)
}

/// The seconds of the next number, above those that these root keys signed and above `after`, with
/// room for the chance below them. [`Code::ArgumentWrong`] where there is no such number.
fn seconds_above(root: &Path, after: u64) -> Result<u64> {
    let path = root.join(EPOCH);
    let last = match durable::read(&path, 64) {
        Ok(bytes) => {
            let text = String::from_utf8(bytes).unwrap_or_default();
            text.trim().parse::<u64>().map_err(|_| damaged("epoch beside the root keys"))?
        }
        Err(_) if !path.exists() => 1,
        Err(fault) => return Err(fault),
    };
    let seconds = now().max((last.max(after) >> CHANCE) + 1);
    let number = seconds.checked_mul(1 << CHANCE).filter(|number| *number < LARGEST);
    number.ok_or_else(|| Code::ArgumentWrong.at(format!("epoch after {after}")))
}

fn damaged(what: &str) -> Fault {
    Code::BackupWrong.at(what)
}

/// Writes pieces. The nonce of each is its number, and the key is this file's own; the last piece
/// is marked, so that a file that was cut short is not taken for a whole one.
struct Sealer<W: Write> {
    out: W,
    key: LessSafeKey,
    header: String,
    buffer: Vec<u8>,
    count: u64,
    written: u64,
}

fn cipher(key: &BackupKey) -> Result<LessSafeKey> {
    let key = UnboundKey::new(&AES_256_GCM, key.bytes());
    Ok(LessSafeKey::new(key.map_err(|_| Code::Internal.at("AES-256-GCM key"))?))
}

fn nonce(count: u64, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[0] = last.into();
    nonce[4..].copy_from_slice(&count.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

impl<W: Write> Sealer<W> {
    fn new(mut out: W, key: &BackupKey) -> Result<Sealer<W>> {
        let mut id = [0; 8];
        SystemRandom.fill(&mut id);
        let header = format!("{MAGIC} {}\n", hex(&id));
        out.write_all(header.as_bytes()).map_err(failed)?;
        let written = header.len() as u64;
        Ok(Sealer { out, key: cipher(key)?, header, buffer: Vec::new(), count: 0, written })
    }

    fn id(&self) -> &str {
        self.header.trim_end().rsplit(' ').next().unwrap_or_default()
    }

    fn part(&mut self, name: &str, length: u64) -> Result<()> {
        self.write(&[name.len() as u8])?;
        self.write(name.as_bytes())?;
        self.write(&length.to_be_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        while self.buffer.len() > PIECE {
            let rest = self.buffer.split_off(PIECE);
            let piece = std::mem::replace(&mut self.buffer, rest);
            self.piece(piece, false)?;
        }
        Ok(())
    }

    fn piece(&mut self, mut piece: Vec<u8>, last: bool) -> Result<()> {
        let (nonce, aad) = (nonce(self.count, last), Aad::from(&self.header));
        self.count += 1;
        let sealed = self.key.seal_in_place_append_tag(nonce, aad, &mut piece);
        sealed.map_err(|_| Code::Internal.at("AES-256-GCM"))?;
        self.out.write_all(&(piece.len() as u32).to_be_bytes()).map_err(failed)?;
        self.out.write_all(&piece).map_err(failed)?;
        self.written += piece.len() as u64 + 4;
        Ok(())
    }
}

impl Sealer<BufWriter<File>> {
    fn finish(mut self) -> Result<u64> {
        let last = std::mem::take(&mut self.buffer);
        self.piece(last, true)?;
        let file = self.out.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        Ok(self.written)
    }
}

fn failed(error: std::io::Error) -> Fault {
    Code::Io.at(error.to_string())
}

struct Opener {
    source: BufReader<File>,
    key: LessSafeKey,
    header: String,
    plain: Vec<u8>,
    count: u64,
    ended: bool,
}

impl Opener {
    fn new(mut source: BufReader<File>, key: &BackupKey) -> Result<Opener> {
        let mut header = vec![0; MAGIC.len() + 18];
        source.read_exact(&mut header).map_err(|_| damaged("no header"))?;
        let header = String::from_utf8(header).map_err(|_| damaged("header"))?;
        let word = header.split(' ').next().unwrap_or_default();
        if word != MAGIC && word.starts_with("counterpart-backup/") {
            return Err(Code::StoreVersion.at(format!("{word}, this program knows {MAGIC}")));
        }
        if !header.starts_with(MAGIC) || !header.ends_with('\n') {
            return Err(damaged("header"));
        }
        let key = cipher(key)?;
        Ok(Opener { source, key, header, plain: Vec::new(), count: 0, ended: false })
    }

    /// The next part: its name and length. `None` at the end.
    fn part(&mut self) -> Result<Option<(String, u64)>> {
        while self.plain.is_empty() && !self.ended {
            self.piece()?;
        }
        if self.plain.is_empty() {
            return Ok(None);
        }
        let name = usize::from(self.take(1)?[0]);
        let name = String::from_utf8(self.take(name)?).map_err(|_| damaged("name"))?;
        let mut length = [0; 8];
        length.copy_from_slice(&self.take(8)?);
        Ok(Some((name, u64::from_be_bytes(length))))
    }

    fn take(&mut self, count: usize) -> Result<Vec<u8>> {
        while self.plain.len() < count {
            if self.ended {
                return Err(damaged("cut short"));
            }
            self.piece()?;
        }
        let rest = self.plain.split_off(count);
        Ok(std::mem::replace(&mut self.plain, rest))
    }

    fn piece(&mut self) -> Result<()> {
        let mut length = [0; 4];
        self.source.read_exact(&mut length).map_err(|_| damaged("cut short"))?;
        let length = u32::from_be_bytes(length) as usize;
        if length > PIECE + AES_256_GCM.tag_len() {
            return Err(damaged("piece"));
        }
        let mut piece = vec![0; length];
        self.source.read_exact(&mut piece).map_err(|_| damaged("cut short"))?;
        // Whether it is the last one is known from what is behind it, and sealed in its nonce.
        let last = self.source.buffer().is_empty() && {
            use std::io::BufRead as _;
            self.source.fill_buf().map_err(failed)?.is_empty()
        };
        let (nonce, aad) = (nonce(self.count, last), Aad::from(&self.header));
        self.count += 1;
        let plain = self.key.open_in_place(nonce, aad, &mut piece);
        self.plain.extend_from_slice(plain.map_err(|_| damaged("seal"))?);
        self.ended = last;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn sealed(path: &Path, key: &BackupKey, bytes: &[u8]) {
        let mut out = Sealer::new(BufWriter::new(File::create(path).unwrap()), key).unwrap();
        out.part("record.db", bytes.len() as u64).unwrap();
        bytes.chunks(300_000).for_each(|chunk| out.write(chunk).unwrap());
        out.finish().unwrap();
    }

    fn opened(path: &Path, key: &BackupKey) -> Result<Vec<u8>> {
        let mut opener = Opener::new(BufReader::new(File::open(path).unwrap()), key)?;
        let Some((name, length)) = opener.part()? else { return Err(damaged("empty")) };
        assert_eq!(name, "record.db");
        let bytes = opener.take(length as usize)?;
        assert_eq!(opener.part()?, None);
        Ok(bytes)
    }

    #[test]
    fn pieces_are_read_back_in_their_order_and_to_the_end_or_not_at_all() {
        let scratch = Scratch::new("pieces");
        let path = scratch.join("backup");
        let key = BackupKey::fresh(&SystemRandom);
        let mut bytes = vec![0; 2 * PIECE + 7];
        SystemRandom.fill(&mut bytes);
        sealed(&path, &key, &bytes);
        assert_eq!(opened(&path, &key).unwrap(), bytes);
        let good = fs::read(&path).unwrap();
        let other = BackupKey::fresh(&SystemRandom);
        assert_eq!(opened(&path, &other).unwrap_err().code, Code::BackupWrong);
        let head = MAGIC.len() + 18;
        let piece = PIECE + AES_256_GCM.tag_len() + 4;
        let (first, second) = (head..head + piece, head + piece..head + 2 * piece);
        let mut swapped = good[..head].to_vec();
        swapped.extend_from_slice(&good[second.clone()]);
        swapped.extend_from_slice(&good[first]);
        swapped.extend_from_slice(&good[second.end..]);
        let mut flipped = good.clone();
        flipped[head + 500] ^= 1;
        // Also cut where a piece ends.
        let cuts = [head - 1, head, second.start, second.end, good.len() - 1];
        let cut = cuts.map(|at| good[..at].to_vec());
        for bytes in cut.into_iter().chain([swapped, flipped]) {
            fs::write(&path, bytes).unwrap();
            assert_eq!(opened(&path, &key).unwrap_err().code, Code::BackupWrong);
        }
    }

    #[test]
    fn a_number_of_an_epoch_is_never_given_twice() {
        let scratch = Scratch::new("epoch");
        let next = |after| next_epoch(scratch.path(), after);
        let first = next(0).unwrap();
        let second = next(0).unwrap();
        assert!(second > first);
        // The other copy of the folder knows of neither, and the clock may say the same.
        let other = Scratch::new("epoch-other");
        let numbers = [(); 3].map(|()| next_epoch(other.path(), second).unwrap());
        assert!(numbers[0] > second && numbers[1] > numbers[0] && numbers[2] > numbers[1]);
        let far = LARGEST - (9 << CHANCE);
        durable::replace(&scratch.join(EPOCH), format!("{far}\n").as_bytes()).unwrap();
        assert!(next(0).unwrap() > far);
        assert_eq!(next(LARGEST).unwrap_err().code, Code::ArgumentWrong);
        durable::replace(&scratch.join(EPOCH), b"?").unwrap();
        assert_eq!(next(0).unwrap_err().code, Code::BackupWrong);
    }
}
