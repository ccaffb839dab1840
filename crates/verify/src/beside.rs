//! The attachments of an act, as far as the dossier has them: sealed bytes against the root that
//! was signed, content against what the disclosure promises. DOS-23, ATT-4, ATT-6.

use crate::report::Attachment;
use crate::shelf::Shelf;
use counterpart_record::attachment::{Chunks, Key, Layout, Opener};
use counterpart_record::dossier::attachment_file;
use counterpart_record::fault::{Code, Result};
use counterpart_record::payload::Payload;
use counterpart_record::strict::json::Value;
use counterpart_rules::flow::flow;
use counterpart_rules::form::{Attached, Attachment as Named};

/// What holds of each, in the order of the act. [`Code::AttachmentWrong`] with the file.
pub(crate) fn check(
    shelf: &Shelf<'_>,
    payload: &Payload,
    disclosed: &[(String, Value)],
) -> Result<Vec<Attachment>> {
    let kind = flow(&payload.rules).and_then(|flow| flow.kind(&payload.kind));
    let Some(kind) = kind else { return Ok(Vec::new()) };
    let disclosed = disclosed.iter().map(|(name, value)| (name.as_str(), value));
    let mut opening = kind.attached(disclosed).into_iter();
    let named = kind.attachments(&payload.body);
    named.iter().map(|named| one(shelf, named, opening.next())).collect()
}

fn one(shelf: &Shelf<'_>, named: &Named, opening: Option<Attached>) -> Result<Attachment> {
    let path = attachment_file(&named.root);
    let bytes = match shelf.file(&path) {
        Ok(file) => file.bytes,
        Err(fault) if fault.code == Code::FileMissing => return Ok(Attachment::Absent),
        Err(fault) => return Err(fault),
    };
    let wrong = |what: &str| Code::AttachmentWrong.at(format!("data/{path}: {what}"));
    if bytes.len() as u64 != named.size {
        return Err(wrong("size"));
    }
    let layout = Layout::of_sealed(named.size)?;
    let (list, _) = bytes.split_at(layout.list() as usize);
    let chunks = Chunks::parse(&named.root, layout, list).map_err(|fault| wrong(&fault.at))?;
    let part = |at: u64| {
        let range = layout.chunk(at);
        &bytes[range.start as usize..range.end as usize]
    };
    let Some(opening) = opening else {
        let whole = (0..layout.chunks()).try_for_each(|at| chunks.check(at, part(at)));
        whole.map_err(|fault| wrong(&fault.at))?;
        return Ok(Attachment::Sealed);
    };
    let key = Key::from_bytes(opening.key);
    let opener = Opener::new(&key, chunks, opening.bytes, opening.digest);
    // Nothing of the content stays: it is hashed, and let go.
    let opened = opener.and_then(|mut opener| {
        (0..layout.chunks()).try_for_each(|at| opener.open(part(at).to_vec()).map(drop))?;
        opener.finish()
    });
    opened.map(|()| Attachment::Opened).map_err(|fault| wrong(&fault.at))
}
