//! Sealed bytes that the command line itself reads and writes, beside the node: with a pouch, into
//! a dossier, and when everything is checked again. The ledger is asked what there should be, and
//! goes on with its own work.

use super::attachment::progress;
use super::desk::{Desk, Door};
use super::value::Of;
use crate::attach;
use crate::durable::{self, io_at};
use crate::problem;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::{hex, unhex};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::form::Attachment;
use counterpart_store::Presence;
use std::fs;
use std::path::{Path, PathBuf};

/// Beside the file of a pouch: its attachments.
pub fn folder_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".attachments");
    name.into()
}

/// Sealed bytes as an operation names them.
fn named(one: &Value) -> Result<Attachment> {
    let one = Of::value(one);
    let root = unhex(one.text("root"));
    let root = root.map_err(|_| Code::Internal.at("root of an attachment"))?;
    Ok(Attachment { what: one.text("what").to_owned(), size: one.count("size"), root })
}

fn between(door: &mut Door, peer: &str, drill: bool, whose: &str) -> Result<Vec<Attachment>> {
    let mut args = Object::default().with("peer", peer);
    if drill {
        args.set("drill", true);
    }
    let value = door.call("attachment.between", args)?;
    Of::value(&value).list(whose).iter().map(named).collect()
}

/// Copies what the peer may lack of ours beside the file of a pouch. Returns how many and bytes.
pub fn pack(desk: &Desk, door: &mut Door, (peer, drill): (&str, bool), file: &Path) -> Result<Sum> {
    let (blobs, folder) = (attach::blobs(&desk.home), folder_of(file));
    if folder.symlink_metadata().is_ok() {
        return Err(Code::FolderInUse.at(folder.display().to_string()));
    }
    let mut ours = between(door, peer, drill, "ours")?;
    ours.retain(|named| blobs.presence(&named.root, named.size) == Presence::Whole);
    let mut sum = Sum::default();
    if ours.is_empty() {
        return Ok(sum);
    }
    durable::make_folder(&folder)?;
    let (all, mut tell) = (ours.iter().map(|named| named.size).sum(), progress(desk));
    for named in &ours {
        attach::copy_out(&blobs, named, &folder.join(hex(&named.root)))?;
        sum.add(named.size);
        tell(sum.bytes, all);
    }
    Ok(sum)
}

/// Takes in what lies beside the file of a pouch and was missing. A file that is not what its act
/// names is left where it is and named; it keeps no other back.
pub fn unpack(desk: &Desk, door: &mut Door, peer: &str, file: &Path) -> Result<(Sum, Vec<Fault>)> {
    let (blobs, folder) = (attach::blobs(&desk.home), folder_of(file));
    let (mut sum, mut faults) = (Sum::default(), Vec::new());
    if !folder.is_dir() {
        return Ok((sum, faults));
    }
    let awaited = between(door, peer, false, "theirs")?;
    let path = |named: &Attachment| folder.join(hex(&named.root));
    // No link is followed off the stick.
    let lies =
        |named: &&Attachment| path(named).symlink_metadata().is_ok_and(|data| data.is_file());
    let there: Vec<&Attachment> = awaited.iter().filter(lies).collect();
    let (all, mut tell) = (there.iter().map(|named| named.size).sum(), progress(desk));
    for named in there {
        match attach::take_in(&blobs, named, &path(named)) {
            Ok(()) => sum.add(named.size),
            Err(fault) if fault.code == Code::AttachmentWrong => faults.push(fault),
            Err(fault) => return Err(fault),
        }
        tell(sum.bytes, all);
    }
    Ok((sum, faults))
}

/// How many, and bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// Bytes of them, sealed.
    pub bytes: u64,
}

impl Sum {
    fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }

    /// As JSON.
    pub fn told(&self, faults: &[Fault]) -> Object {
        let out = Object::default().with("count", self.count).with("bytes", self.bytes);
        let faults = faults.iter().map(|fault| Value::from(problem::object(fault)));
        out.with("faults", Value::Array(faults.collect()))
    }
}

/// Hashes every sealed file that an act names. What a peer attached and has not come is no fault;
/// what we attached must be here. ATT-9.
pub fn check(desk: &Desk, door: &mut Door) -> Result<(Sum, Vec<Fault>)> {
    let blobs = attach::blobs(&desk.home);
    let (mut sum, mut faults, mut from) = (Sum::default(), Vec::new(), 0);
    loop {
        let page = door.call("attachment.named", Object::default().with("from", from))?;
        let list = Of::value(&page).list("attachments");
        for one in list {
            let (named, mine) = (named(one)?, Of::value(one).flag("mine"));
            match attach::check(&blobs, &named) {
                Ok(()) => sum.add(named.size),
                Err(fault) if fault.code == Code::AttachmentMissing && !mine => {}
                Err(fault) => faults.push(fault),
            }
        }
        from += list.len() as u64;
        if list.is_empty() {
            return Ok((sum, faults));
        }
    }
}

/// Copies the attachments of a matter that are here into a new folder beside `dir`; gives it with
/// what the manifest has to say of each file. None if there are none.
pub fn beside(
    desk: &Desk,
    door: &mut Door,
    matter: &str,
    dir: &Path,
) -> Result<Option<(PathBuf, Value)>> {
    let listed = door.call("attachment.list", Object::default().with("matter", matter))?;
    let here = Of::value(&listed).list("attachments").iter();
    let here = here.filter(|one| {
        // Erased, nobody could open it; its act still proves that it was.
        Of::value(one).text("state") == "here"
    });
    let here = here.map(named).collect::<Result<Vec<_>>>()?;
    if here.is_empty() {
        return Ok(None);
    }
    let (blobs, folder) = (attach::blobs(&desk.home), durable::draft_of(dir));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).map_err(io_at(&folder))?;
    let mut files = Vec::new();
    for named in here {
        let copied = attach::copy_out(&blobs, &named, &folder.join(hex(&named.root)));
        let sha256 = copied.inspect_err(|_| drop(fs::remove_dir_all(&folder)))?;
        let file = Object::default().with("root", hex(&named.root)).with("size", named.size);
        files.push(Value::from(file.with("sha256", hex(&sha256))));
    }
    Ok(Some((folder, Value::Array(files))))
}
