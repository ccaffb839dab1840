//! `dossier`: a matter as a folder that anyone verifies off line.

use super::{Step, text};
use crate::durable;
use counterpart_engine::Node;
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::Object;
use std::path::Path;

/// Writes the bag into a new folder.
pub fn dossier(node: &mut Node, args: &Object) -> Result<Step> {
    let id = node.matter_id(text(args, "matter")?)?;
    let folder = Path::new(text(args, "dir")?);
    if folder.exists() {
        return Err(Code::FolderInUse.at(folder.display().to_string()));
    }
    let files = node.dossier(&id)?.files()?;
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
    std::fs::rename(&draft, folder).map_err(durable::io_at(folder))?;
    let bytes: usize = files.values().map(Vec::len).sum();
    let out = Object::default()
        .with("dir", folder.display().to_string())
        .with("files", files.len() as u64)
        .with("bytes", bytes as u64)
        .with("matter", id.to_string());
    Ok(Step::Done(out.into()))
}
