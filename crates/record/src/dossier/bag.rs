//! The bag around a dossier: BagIt 1.0 (RFC 8493) with SHA-256 manifests, and nothing that no
//! manifest names.

use super::{Beside, attachment_file};
use crate::fault::{Code, Fault, Result};
use crate::hash::{Hash, Whole, sha256};
use crate::id::{ChannelId, hex, unhex_bytes};
use crate::limits;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
const TAG_FILES: [&str; 3] = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt"];
const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
const MANIFEST: &str = "manifest-sha256.txt";
/// Bytes of a file that are hashed at a time where it is not held.
const PART_BYTES: u64 = 256 * 1024;

/// Puts files (paths relative to `data/`) into a bag.
pub(super) fn pack(
    payload: BTreeMap<String, Vec<u8>>,
    beside: &[Beside],
    channel: &ChannelId,
    as_of: u64,
) -> Result<BTreeMap<String, Vec<u8>>> {
    if payload.len() + beside.len() > limits::DOSSIER_FILES {
        return Err(Code::TooLarge.at("files in the dossier"));
    }
    let (mut bytes_total, mut listed) = (0, BTreeMap::new());
    for Beside { root, size, sha256 } in beside {
        bytes_total += size;
        listed.insert(format!("data/{}", attachment_file(root)), *sha256);
    }
    let mut files = BTreeMap::new();
    for (path, bytes) in payload {
        check_path(&path)?;
        if bytes.len() as u64 > limits::DOSSIER_FILE_BYTES {
            return Err(Code::TooLarge.at(path));
        }
        bytes_total += bytes.len() as u64;
        let path = format!("data/{path}");
        listed.insert(path.clone(), sha256(&[&bytes]));
        files.insert(path, bytes);
    }
    let mut manifest = String::with_capacity(listed.len() * 110);
    for (path, hash) in &listed {
        let _ = writeln!(manifest, "{}  {path}", hex(hash));
    }
    let info = format!(
        "Bag-Software-Agent: counterpart\nBagging-Date: {}\nExternal-Identifier: \
         urn:counterpart:{channel}\nPayload-Oxum: {bytes_total}.{}\n",
        date(as_of),
        listed.len(),
    );
    let tags = [info.into_bytes(), DECLARATION.into(), manifest.into_bytes()];
    let mut tag_manifest = String::new();
    for (name, bytes) in TAG_FILES.iter().zip(&tags) {
        let _ = writeln!(tag_manifest, "{}  {name}", hex(&sha256(&[bytes])));
    }
    files.extend(TAG_FILES.iter().map(|name| (*name).to_owned()).zip(tags));
    files.insert(TAG_MANIFEST.to_owned(), tag_manifest.into_bytes());
    Ok(files)
}

/// The day, `YYYY-MM-DD` in UTC, of POSIX seconds.
fn date(seconds: u64) -> String {
    // Days since 0000-03-01, so that the leap day ends a year; 146,097 days are 400 years.
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + next)
}

/// Whether a path stays inside the bag and is plain everywhere. DOS-3, [`Code::PathOutside`].
pub fn check_path(path: &str) -> Result<()> {
    /// What a byte of a path may be: 0 no part of it, 1 not the first of a segment, 2 any place.
    const PLACE: [u8; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 128 {
            table[byte] = if (byte as u8).is_ascii_alphanumeric() { 2 } else { 0 };
            byte += 1;
        }
        (table[b'_' as usize], table[b'-' as usize]) = (2, 2);
        (table[b'.' as usize], table[b'/' as usize]) = (1, 1);
        table
    };
    let (mut good, mut first) = (path.len() <= 200, true);
    for byte in path.bytes() {
        good &= PLACE[usize::from(byte)] > u8::from(first);
        first = byte == b'/';
    }
    if good && !first {
        Ok(())
    } else {
        Err(Code::PathOutside.at(path.chars().take(200).collect::<String>()))
    }
}

/// Files of a bag that are too large to be held, and are read a part at a time: attachments.
/// DOS-23.
pub trait Far: std::fmt::Debug + Sync {
    /// How large each is, by its path relative to the bag's folder.
    fn sizes(&self) -> &BTreeMap<String, u64>;

    /// Fills `part` with what lies at `offset` of a file that [`Far::sizes`] names.
    fn read(&self, path: &str, offset: u64, part: &mut [u8]) -> Result<()>;
}

/// A file of the payload and the digest that the manifest gives for it.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    body: Body<'a>,
    /// SHA-256 as the manifest has it; [`Bag::check`] says whether it is true.
    pub hash: Hash,
}

#[derive(Clone, Copy, Debug)]
enum Body<'a> {
    Held(&'a [u8]),
    Far { whole: &'a dyn Far, path: &'a str, size: u64 },
}

impl<'a> File<'a> {
    /// The contents. [`Code::BagWrong`] if it is an attachment, which is not held.
    pub fn bytes(&self) -> Result<&'a [u8]> {
        match self.body {
            Body::Held(bytes) => Ok(bytes),
            Body::Far { path, .. } => Err(Code::BagWrong.at(format!("{path}: named in the index"))),
        }
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.body.size()
    }

    /// A part of the contents. [`Code::BagWrong`] if it has no such part.
    pub fn part(&self, range: Range<u64>) -> Result<Cow<'a, [u8]>> {
        self.body.part(range)
    }
}

impl<'a> Body<'a> {
    fn size(&self) -> u64 {
        match self {
            Body::Held(bytes) => bytes.len() as u64,
            Body::Far { size, .. } => *size,
        }
    }

    fn part(&self, range: Range<u64>) -> Result<Cow<'a, [u8]>> {
        let within = range.start <= range.end && range.end <= self.size();
        let places = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
        let Some((start, end)) = places.filter(|_| within) else {
            return Err(Code::BagWrong.at("shorter than it should be"));
        };
        match self {
            Body::Held(bytes) => Ok(Cow::Borrowed(&bytes[start..end])),
            Body::Far { whole, path, .. } => {
                let mut part = vec![0; end - start];
                whole.read(path, range.start, &mut part)?;
                Ok(Cow::Owned(part))
            }
        }
    }

    fn sha256(&self) -> Result<Hash> {
        if let Body::Held(bytes) = self {
            return Ok(sha256(&[bytes]));
        }
        let (mut hash, mut at) = (Whole::default(), 0);
        while at < self.size() {
            let end = self.size().min(at + PART_BYTES);
            hash.update(&self.part(at..end)?);
            at = end;
        }
        Ok(hash.finish())
    }
}

/// A bag whose tag files hold and whose manifest and files name each other one to one.
#[derive(Debug)]
pub struct Bag<'a> {
    /// Sorted by path, relative to `data/`.
    order: Vec<(&'a str, File<'a>)>,
    /// The tag files, whose digests are checked with those of the payload.
    tags: Vec<(&'static str, File<'a>)>,
}

impl<'a> Bag<'a> {
    /// Opens a bag from all of its files, paths relative to its folder: those that are held, and
    /// those that are read in parts. Every fault is listed: missing, strange and damaged files each
    /// with their path. The digests are left to [`Bag::check`]. DOS-1, DOS-2, DOS-3.
    pub fn open(
        files: &'a BTreeMap<String, Vec<u8>>,
        far: Option<&'a dyn Far>,
    ) -> std::result::Result<Bag<'a>, Vec<Fault>> {
        let more = far.map_or(0, |far| far.sizes().len());
        if files.len() + more > limits::DOSSIER_FILES {
            return Err(vec![Code::TooLarge.at("files in the dossier")]);
        }
        let (manifest, tags) = tag_files(files)?;
        let bag = Bag { order: Vec::new(), tags };
        match side_by_side(manifest, bodies(files, far)) {
            Ok(order) => Ok(Bag { order, ..bag }),
            // A manifest that was damaged is that first of all; what it then says is no matter.
            Err(faults) => {
                let damaged = bag.check(0..bag.digests());
                Err(if damaged.is_empty() { faults } else { damaged })
            }
        }
    }

    /// Number of files in the payload.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether the payload has no file.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many digests there are to check: those of the tag files and of the payload.
    pub fn digests(&self) -> usize {
        self.tags.len() + self.order.len()
    }

    /// Recomputes the digests of `range` below [`Bag::digests`], so that several threads share the
    /// work. Returns the faults: none if every byte is as the manifests say.
    pub fn check(&self, range: Range<usize>) -> Vec<Fault> {
        let tags = self.tags.iter().map(|(name, file)| ("", *name, file));
        let payload = self.order.iter().map(|(path, file)| ("data/", *path, file));
        let part = tags.chain(payload).skip(range.start).take(range.len());
        let mut faults = Vec::new();
        for (folder, path, file) in part {
            match file.body.sha256() {
                Ok(hash) if hash == file.hash => {}
                Ok(_) => faults.push(Code::BagWrong.at(format!("{folder}{path}: digest differs"))),
                Err(fault) => faults.push(fault),
            }
        }
        faults
    }

    /// Where in the manifest a file stands, by its path relative to `data/`. Looks right after
    /// `near` first, since files are mostly read in the order of the manifest.
    /// [`Code::FileMissing`].
    pub fn place_near(&self, path: &str, near: usize) -> Result<usize> {
        if self.order.get(near + 1).is_some_and(|(other, _)| *other == path) {
            return Ok(near + 1);
        }
        let place = self.order.binary_search_by(|(other, _)| (*other).cmp(path));
        place.map_err(|_| Code::FileMissing.at(format!("data/{path}")))
    }

    /// The path and the file at a place below [`Bag::len`].
    pub fn at(&self, place: usize) -> (&'a str, File<'a>) {
        self.order[place]
    }

    /// A file by its path relative to `data/`. [`Code::FileMissing`].
    pub fn file(&self, path: &str) -> Result<File<'a>> {
        Ok(self.order[self.place_near(path, 0)?].1)
    }
}

/// All files but the tag files, sorted by path.
fn bodies<'a>(
    files: &'a BTreeMap<String, Vec<u8>>,
    far: Option<&'a dyn Far>,
) -> Vec<(&'a str, Body<'a>)> {
    let is_tag = |path: &str| path == TAG_MANIFEST || TAG_FILES.contains(&path);
    let held = files.iter().filter(|(path, _)| !is_tag(path));
    let mut all: Vec<_> = held.map(|(path, bytes)| (&**path, Body::Held(bytes))).collect();
    if let Some(whole) = far {
        let body = |path, size| (path, Body::Far { whole, path, size });
        all.extend(whole.sizes().iter().map(|(path, size)| body(&**path, *size)));
        all.sort_by_key(|(path, _)| *path);
    }
    all
}

/// The files of the payload with the digests of the manifest: both are sorted, and read side by
/// side.
fn side_by_side<'a>(
    manifest: &'a [u8],
    files: Vec<(&'a str, Body<'a>)>,
) -> std::result::Result<Vec<(&'a str, File<'a>)>, Vec<Fault>> {
    let listed = read_manifest(manifest, MANIFEST).map_err(|fault| vec![fault])?;
    let strange = |path: &str| Code::BagWrong.at(format!("{path}: not in the manifest"));
    let (mut order, mut faults) = (Vec::with_capacity(listed.len()), Vec::new());
    let mut there = files.into_iter();
    let mut next = there.next();
    for (path, hash) in listed {
        let Some(inner) = path.strip_prefix("data/") else {
            return Err(vec![Code::PathOutside.at(path)]);
        };
        let mut found = None;
        while let (None, Some((other, body))) = (found, next) {
            match other.cmp(path) {
                Ordering::Less => faults.push(strange(other)),
                Ordering::Equal => found = Some(body),
                Ordering::Greater => break,
            }
            next = there.next();
        }
        match found {
            None => faults.push(Code::FileMissing.at(path)),
            Some(body) if body.size() > limits::DOSSIER_FILE_BYTES => {
                faults.push(Code::TooLarge.at(path));
            }
            Some(body) => order.push((inner, File { body, hash })),
        }
    }
    faults.extend(next.into_iter().chain(there).map(|(path, _)| strange(path)));
    if faults.is_empty() { Ok(order) } else { Err(faults) }
}

/// The manifest of the payload, and the tag files with the digests that the tag manifest gives.
type Tags<'a> = (&'a [u8], Vec<(&'static str, File<'a>)>);

/// Reads the tag manifest and says what of it is wrong but the digests.
fn tag_files(files: &BTreeMap<String, Vec<u8>>) -> std::result::Result<Tags<'_>, Vec<Fault>> {
    let Some(list) = files.get(TAG_MANIFEST) else {
        return Err(vec![Code::FileMissing.at(TAG_MANIFEST)]);
    };
    let listed = read_manifest(list, TAG_MANIFEST).map_err(|fault| vec![fault])?;
    let (mut faults, mut tags) = (Vec::new(), Vec::new());
    for name in TAG_FILES {
        let hash = listed.iter().find(|(path, _)| *path == name);
        match (files.get(name), hash) {
            (None, _) => faults.push(Code::FileMissing.at(name)),
            (_, None) => {
                faults.push(Code::BagWrong.at(format!("{TAG_MANIFEST}: does not name {name}")));
            }
            (Some(bytes), Some((_, hash))) => {
                tags.push((name, File { body: Body::Held(bytes), hash: *hash }));
            }
        }
    }
    if listed.len() != TAG_FILES.len() {
        faults.push(Code::BagWrong.at(format!("{TAG_MANIFEST}: not three files")));
    }
    if files.get("bagit.txt").is_some_and(|bytes| bytes != DECLARATION.as_bytes()) {
        faults.push(Code::BagWrong.at("bagit.txt: not the declaration of BagIt 1.0"));
    }
    match files.get(MANIFEST) {
        Some(manifest) if faults.is_empty() => Ok((manifest, tags)),
        _ => Err(faults),
    }
}

/// Lines of `<64 hex>  <path>`, sorted by path, each path once.
fn read_manifest<'a>(bytes: &'a [u8], name: &str) -> Result<Vec<(&'a str, Hash)>> {
    let wrong = |line: usize| Code::BagWrong.at(format!("{name}: line {line}"));
    let text = std::str::from_utf8(bytes).map_err(|_| wrong(1))?;
    let Some(text) = text.strip_suffix('\n') else {
        return Err(Code::BagWrong.at(format!("{name}: cut short")));
    };
    let mut list: Vec<(&str, Hash)> = Vec::with_capacity(text.len() / 100);
    for (i, line) in text.split('\n').enumerate() {
        let (digest, path) = line.split_at_checked(64).ok_or_else(|| wrong(i + 1))?;
        let path = path.strip_prefix("  ").ok_or_else(|| wrong(i + 1))?;
        check_path(path)?;
        if list.last().is_some_and(|(before, _)| *before >= path) {
            return Err(Code::BagWrong.at(format!("{name}: line {}: not in order", i + 1)));
        }
        list.push((path, unhex_bytes(digest.as_bytes()).ok_or_else(|| wrong(i + 1))?));
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn packed() -> BTreeMap<String, Vec<u8>> {
        let payload = [("a/b.txt", "one"), ("c.txt", "two")];
        let payload = payload.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        pack(payload.into(), &[], &ChannelId([1; 32]), 951_782_400).unwrap()
    }

    fn faults(files: &BTreeMap<String, Vec<u8>>) -> Vec<Fault> {
        match Bag::open(files, None) {
            Ok(bag) => bag.check(0..bag.digests()),
            Err(faults) => faults,
        }
    }

    #[test]
    fn a_bag_is_read_back() {
        let files = packed();
        assert_eq!(faults(&files), []);
        let bag = Bag::open(&files, None).unwrap();
        assert_eq!(bag.file("a/b.txt").unwrap().bytes().unwrap(), b"one");
        assert_eq!(bag.file("b.txt").unwrap_err().code, Code::FileMissing);
        assert_eq!(bag.at(bag.place_near("c.txt", 0).unwrap()).0, "c.txt");
        assert_eq!(bag.place_near("a/b.txt", 1), Ok(0));
        let info = String::from_utf8(files["bag-info.txt"].clone()).unwrap();
        assert!(info.contains("Bagging-Date: 2000-02-29\n"), "{info}");
        assert!(info.contains("Payload-Oxum: 6.2\n"), "{info}");
    }

    #[test]
    fn dos_2_missing_strange_and_damaged_files_are_named() {
        let good = packed();
        for path in good.keys() {
            let mut missing = good.clone();
            missing.remove(path);
            let found = faults(&missing);
            assert!(found.iter().any(|f| f.code == Code::FileMissing && f.at == *path), "{path}");
            for at in 0..good[path].len() {
                let mut damaged = good.clone();
                damaged.get_mut(path).unwrap()[at] ^= 1;
                assert!(!faults(&damaged).is_empty(), "{path} byte {at}");
            }
            let mut cut = good.clone();
            cut.get_mut(path).unwrap().pop();
            assert!(!faults(&cut).is_empty(), "{path} cut");
        }
        for strange in ["data/x", "x.txt", "data/a/b"] {
            let mut more = good.clone();
            more.insert(strange.to_owned(), Vec::new());
            let found = faults(&more);
            assert_eq!((found.len(), found[0].code), (1, Code::BagWrong));
            assert!(found[0].at.starts_with(strange));
        }
    }

    /// Files that lie elsewhere, and the largest part that was ever asked for.
    #[derive(Debug)]
    struct Elsewhere {
        files: BTreeMap<String, Vec<u8>>,
        sizes: BTreeMap<String, u64>,
        largest: AtomicUsize,
    }

    impl Elsewhere {
        fn of(path: &str, bytes: Vec<u8>) -> Elsewhere {
            let sizes = [(path.to_owned(), bytes.len() as u64)].into();
            Elsewhere { files: [(path.to_owned(), bytes)].into(), sizes, largest: 0.into() }
        }
    }

    impl Far for Elsewhere {
        fn sizes(&self) -> &BTreeMap<String, u64> {
            &self.sizes
        }

        fn read(&self, path: &str, offset: u64, part: &mut [u8]) -> Result<()> {
            self.largest.fetch_max(part.len(), std::sync::atomic::Ordering::Relaxed);
            let from = &self.files[path][offset as usize..];
            let from = from.get(..part.len()).ok_or_else(|| Code::Io.at(path))?;
            part.copy_from_slice(from);
            Ok(())
        }
    }

    #[test]
    fn dos_23_attachments_are_read_in_parts_where_they_lie() {
        let root = [7; 32];
        let (path, bytes) = (format!("data/{}", attachment_file(&root)), vec![5; 1_000_000]);
        let beside = Beside { root, size: 1_000_000, sha256: sha256(&[&bytes]) };
        let payload = [("a.txt".to_owned(), b"one".to_vec()), ("z.txt".to_owned(), Vec::new())];
        let files = pack(payload.into(), &[beside], &ChannelId([1; 32]), 0).unwrap();
        let check = |far: &Elsewhere| match Bag::open(&files, Some(far)) {
            Ok(bag) => bag.check(0..bag.digests()),
            Err(faults) => faults,
        };
        let far = Elsewhere::of(&path, bytes.clone());
        assert_eq!(check(&far), []);
        assert_eq!(far.largest.load(std::sync::atomic::Ordering::Relaxed) as u64, PART_BYTES);
        let bag = Bag::open(&files, Some(&far)).unwrap();
        let file = bag.file(&attachment_file(&root)).unwrap();
        assert_eq!(file.part(10..20).unwrap(), &bytes[10..20]);
        assert_eq!(file.part(999_999..1_000_001).unwrap_err().code, Code::BagWrong);
        // It is no file that an index may name.
        assert_eq!(file.bytes().unwrap_err().code, Code::BagWrong);

        let mut damaged = bytes.clone();
        damaged[700_000] ^= 1;
        let found = check(&Elsewhere::of(&path, damaged));
        assert_eq!((found.len(), found[0].code), (1, Code::BagWrong));
        let strange = Elsewhere::of("data/attachments/ab", bytes.clone());
        let codes: Vec<Code> = check(&strange).iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [Code::FileMissing, Code::BagWrong]);
        // Too large is said before a byte is read, and what cannot be read is not called damaged.
        let mut far = Elsewhere::of(&path, bytes);
        far.sizes.insert(path.clone(), limits::DOSSIER_FILE_BYTES + 1);
        assert_eq!(check(&far)[0].code, Code::TooLarge);
        far.sizes.insert(path, 1_000_001);
        assert_eq!(check(&far)[0].code, Code::Io);
    }

    #[test]
    fn dos_3_no_path_leaves_the_bag() {
        for bad in
            ["", "/a", "../a", "a/../b", "a//b", "a/", "./a", "a\\b", "c:a", "a b", "a%2e", ".a"]
        {
            assert_eq!(check_path(bad).unwrap_err().code, Code::PathOutside, "{bad}");
        }
        check_path("data/statements/000001.cose").unwrap();
        let line = |path: &str| format!("{}  {path}\n", "00".repeat(32)).into_bytes();
        assert!(read_manifest(&line("data/a"), "m").is_ok());
        assert!(read_manifest(&line("data/../../a"), "m").is_err());
        for bad in ["00  data/a\n", "\n", "", &"0".repeat(66)] {
            assert_eq!(read_manifest(bad.as_bytes(), "m").unwrap_err().code, Code::BagWrong);
        }
        for (from, to) in [("00", "0A"), ("00", "0g"), ("  ", " *"), ("00", "\u{e9}")] {
            let bad = String::from_utf8(line("data/a")).unwrap().replacen(from, to, 1);
            assert!(read_manifest(bad.as_bytes(), "m").is_err(), "{bad}");
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (1_735_689_599, "2024-12-31"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(date(seconds), day);
        }
    }
}
