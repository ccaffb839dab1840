//! `dossier`: a matter as a folder that anyone verifies off line.

use super::{Step, optional, text};
use crate::durable;
use counterpart_engine::Node;
use counterpart_record::dossier::Beside;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::unhex;
use counterpart_record::strict::json::{Object, Value};
use std::path::Path;

/// Writes the bag into a new folder. [`Code::OneSided`]: a dossier is of two parties. COR-5
pub fn dossier(node: &mut Node, args: &Object) -> Result<Step> {
    let id = node.matter_id(text(args, "matter")?)?;
    let folder = Path::new(text(args, "dir")?);
    if folder.exists() {
        return Err(Code::FolderInUse.at(folder.display().to_string()));
    }
    let view = node.matter(&id)?;
    let peer = view.peer;
    if view.one_sided {
        return Err(Code::OneSided.at(node.name_of(&peer, "en")));
    }
    let mut dossier = node.dossier(&id)?;
    dossier.beside = beside(args)?;
    let files = dossier.files()?;
    // Written beside and renamed, so that there is no half bag under the name given.
    let draft = folder.with_extension("draft");
    if draft.exists() {
        std::fs::remove_dir_all(&draft).map_err(durable::io_at(&draft))?;
    }
    for (name, bytes) in &files {
        let path = draft.join(name);
        let parent = path.parent().unwrap_or(&draft);
        std::fs::create_dir_all(parent).map_err(durable::io_at(parent))?;
        std::fs::write(&path, bytes).map_err(durable::io_at(&path))?;
    }
    // Sealed bytes were copied by whoever asks, beside the ledger.
    if let Some(copied) = optional(args, "beside").filter(|_| !dossier.beside.is_empty()) {
        let place = draft.join("data/attachments");
        std::fs::rename(copied, &place).map_err(durable::io_at(&place))?;
    }
    std::fs::rename(&draft, folder).map_err(durable::io_at(folder))?;
    let bytes: usize = files.values().map(Vec::len).sum();
    let out = Object::default()
        .with("dir", folder.display().to_string())
        .with("files", (files.len() + dossier.beside.len()) as u64)
        .with("bytes", bytes as u64)
        .with("matter", id.to_string())
        .with("own_fingerprint", node.party().fingerprint())
        .with("peer_fingerprint", peer.fingerprint());
    Ok(Step::Done(out.into()))
}

/// The sealed bytes that go along: root, size and SHA-256 of each file.
fn beside(args: &Object) -> Result<Vec<Beside>> {
    let given = args.get("attachments").and_then(Value::as_array).unwrap_or_default();
    let each = given.iter().map(|one| {
        let one = one.as_object()?;
        let hash = |name: &str| unhex(one.get(name)?.as_str()?).ok();
        let size = u64::try_from(one.get("size")?.as_int()?).ok()?;
        Some(Beside { root: hash("root")?, size, sha256: hash("sha256")? })
    });
    let all: Option<Vec<Beside>> = each.collect();
    all.ok_or_else(|| Code::ArgumentWrong.at("attachments"))
}
