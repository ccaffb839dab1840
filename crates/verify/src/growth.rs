//! Whether the heads of each log are of one tree: every head but the last is shown to grow into
//! the next, so that a cosignature on any of them stands for all before it.

use crate::heads::{Heads, Standing};
use crate::report::Finding;
use crate::shelf::Shelf;
use counterpart_record::dossier::extension::Extension;
use counterpart_record::dossier::index::{Index, ListedHead};
use counterpart_record::fault::{Code, Result};

/// Checks the proofs between heads. Returns what is wrong, and the places of the heads for which
/// neither they nor a later one of their log are cosigned. DOS-21.
pub(crate) fn check(
    heads: &Heads<'_>,
    index: &Index<'_>,
    shelf: &Shelf<'_>,
) -> (Vec<Finding>, Vec<usize>) {
    let mut order: Vec<usize> = (0..index.checkpoints.len()).collect();
    order.sort_by_key(|at| (&index.checkpoints[*at].origin, index.checkpoints[*at].size));
    let (mut findings, mut alone) = (Vec::new(), Vec::new());
    // From the last head of the last log down to the first of the first.
    let mut later: Option<usize> = None;
    let mut cosigned = false;
    let mut after: Option<usize> = None;
    for at in order.into_iter().rev() {
        let this = &index.checkpoints[at];
        let same_log = after.is_some_and(|after| index.checkpoints[after].origin == this.origin);
        if !same_log {
            (later, cosigned) = (None, false);
        } else if let Some(after) = after.filter(|at| index.checkpoints[*at].size > this.size) {
            later = Some(after);
        }
        after = Some(at);
        let standing = heads.standing[at].as_ref();
        let next = later.map(|later| heads.standing[later].as_ref());
        if let Err(fault) = grows(this, standing, next, shelf) {
            findings.push(fault.within(&this.file).into());
        }
        cosigned |= standing.is_some_and(Standing::cosigned);
        if standing.is_some() && !cosigned {
            alone.push(at);
        }
    }
    alone.sort_unstable();
    (findings, alone)
}

/// `next` is the head that follows in this log, and in it nothing if that head does not hold.
fn grows(
    listed: &ListedHead<'_>,
    standing: Option<&Standing>,
    next: Option<Option<&Standing>>,
    shelf: &Shelf<'_>,
) -> Result<()> {
    let (next, file) = match (next, &listed.extended) {
        (None, None) => return Ok(()),
        (None, Some(_)) => return Err(Code::ProofWrong.at("extended, and the last of its log")),
        (Some(_), None) => return Err(Code::ProofWrong.at("not shown to grow into the next head")),
        (Some(next), Some(file)) => (next, file),
    };
    let extension = Extension::parse(shelf.file(file)?.bytes()?).map_err(|f| f.within(file))?;
    // What is wrong with a head itself is told of the head.
    let (Some(this), Some(next)) = (standing, next) else { return Ok(()) };
    let of = |standing: &Standing| (standing.head.size, standing.head.root);
    if (extension.old, extension.new) != (of(this), of(next)) {
        return Err(Code::ProofWrong.at("of other heads").within(file));
    }
    extension.verify().map_err(|fault| fault.within(file))
}
