//! The attachments of an act, as far as the dossier has them: sealed bytes against the root that
//! was signed, content against what the disclosure promises. DOS-23, ATT-4, ATT-6.

use crate::report::Attachment;
use crate::shelf::Shelf;
use counterpart_record::attachment::{Chunks, Key, Layout, Opener};
use counterpart_record::dossier::attachment_file;
use counterpart_record::fault::{Code, Fault, Result};
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
    let file = match shelf.file(&path) {
        Ok(file) => file,
        Err(fault) if fault.code == Code::FileMissing => return Ok(Attachment::Absent),
        Err(fault) => return Err(fault),
    };
    let wrong = |fault: Fault| match fault.code {
        // Whether it is wrong is not known.
        Code::Io => fault,
        _ => Code::AttachmentWrong.at(format!("data/{path}: {}", fault.at)),
    };
    if file.size() != named.size {
        return Err(wrong(Code::AttachmentWrong.at("size")));
    }
    let layout = Layout::of_sealed(named.size)?;
    let list = file.part(0..layout.list()).map_err(wrong)?;
    let chunks = Chunks::parse(&named.root, layout, &list).map_err(wrong)?;
    let part = |at: u64| file.part(layout.chunk(at));
    let Some(opening) = opening else {
        let whole = (0..layout.chunks()).try_for_each(|at| chunks.check(at, &part(at)?));
        whole.map_err(wrong)?;
        return Ok(Attachment::Sealed);
    };
    let key = Key::from_bytes(opening.key);
    let opener = Opener::new(&key, chunks, opening.bytes, opening.digest);
    // Nothing of the content stays: it is hashed, and let go.
    let opened = opener.and_then(|mut opener| {
        (0..layout.chunks()).try_for_each(|at| opener.open(part(at)?.into_owned()).map(drop))?;
        opener.finish()
    });
    opened.map(|()| Attachment::Opened).map_err(wrong)
}
