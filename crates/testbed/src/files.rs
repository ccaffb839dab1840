//! Files beside acts: sealed into a folder and named by a draft, and fetched by the other side on a
//! link that loses nothing. What is remembered of them to judge the end by.

use counterpart_engine::haul::{Ask, Begun, Fetch, Hand, Note, Patience, Reply};
use counterpart_engine::{Draft, Node};
use counterpart_record::attachment::{Key, seal_all};
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::PartyId;
use counterpart_record::key::Random;
use counterpart_record::strict::json::Object;
use counterpart_rules::flow;
use counterpart_rules::form::{Attached, Attachment};
use counterpart_store::Blobs;
use std::collections::BTreeMap;
use std::io::Write as _;

/// A file that somebody attached.
#[derive(Clone, Debug)]
pub struct Paper {
    /// As the act names it.
    pub named: Attachment,
    /// Who attached it, and to whom the act went.
    pub between: (usize, usize),
    /// What was sealed.
    pub content: Vec<u8>,
}

/// What a process has in hand while sealed bytes move; gone with it.
#[derive(Debug, Default)]
pub struct Porch {
    /// What is not asked for again at once.
    pub patience: Patience,
    /// What each peer has in hand at the door.
    pub hands: BTreeMap<PartyId, Hand>,
}

/// Seals content into a folder, as whoever attaches does before there is an act. ATT-5, ATT-9.
pub fn seal(
    blobs: &Blobs,
    random: &dyn Random,
    what: &str,
    content: &[u8],
) -> Result<(Attachment, Attached)> {
    let key = Key::fresh(random);
    let (sealed, bytes) = seal_all(&key, content)?;
    let (draft, mut file) = blobs.draft()?;
    file.write_all(&bytes).map_err(|error| Code::Io.at(error.to_string()))?;
    blobs.name(&draft, &file, &sealed.root)?;
    let size = bytes.len() as u64;
    let named = Attachment { what: what.to_owned(), size, root: sealed.root };
    let (key, bytes, name) = (*key.bytes(), content.len() as u64, "a page".to_owned());
    Ok((named, Attached { key, digest: sealed.digest, bytes, name, media: None }))
}

/// Names sealed files in a draft. Returns whether its kind carries any.
pub fn attach(draft: &mut Draft, all: &[(Attachment, Attached)]) -> bool {
    let kind = flow::flow(&draft.rules).and_then(|flow| flow.kind(&draft.kind));
    let Some(kind) = kind.filter(|kind| kind.carries()) else { return false };
    let mut form = Object::default();
    kind.attach(&mut form, all);
    for (name, value) in form.0 {
        if kind.field(&name).is_some_and(|field| field.disclosed()) {
            draft.disclosed.push((name, value));
        } else {
            draft.body.set(&name, value);
        }
    }
    true
}

/// Fetches all that one node awaits of another, piece by piece; gives the roots of what came.
/// [`Code::AttachmentMissing`] where the other has not got something.
pub fn fetch_all(taker: &mut Node, giver: &mut Node) -> Result<Vec<Hash>> {
    const PIECE: u64 = 70_000;
    let (from, to) = (giver.party(), taker.party());
    let folder = |node: &Node| {
        let kept = node.blobs().cloned();
        kept.ok_or_else(|| Code::AttachmentMissing.at("no folder"))
    };
    let (here, there) = (folder(taker)?, folder(giver)?);
    let (mut hand, mut came) = (Hand::default(), Vec::new());
    for (root, size) in taker.awaited(&from, true)? {
        let Begun::Comes(mut fetch) = Fetch::begin(&here, &root, size)? else { continue };
        while let Some((from, until)) = fetch.wants(PIECE) {
            let ask = Ask::Read { from, to: until };
            let size = giver.admit(&to, &root, &ask)?;
            if let Reply::Bytes { bytes, .. } = hand.answer(&there, &root, size, ask).reply? {
                fetch.came(&bytes)?;
            }
        }
        fetch.finish()?;
        taker.note_hauled(&from, &root, Note::Here)?;
        giver.note_hauled(&to, &root, Note::Taken)?;
        came.push(root);
    }
    Ok(came)
}
