//! Reading again what was verified before it was stored. What does not hold any more has changed on
//! the disk, and the fault says where.

use counterpart_record::disclose::Disclosure;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::Entry;
use counterpart_record::statement::{Unverified, Verified};
use counterpart_store::ActRow;

/// Reads a stored act, which was verified before it was stored.
pub fn reread(row: &ActRow) -> Result<Verified> {
    let read =
        || Unverified::parse(&row.statement)?.reread(Disclosure::parse_all(&row.disclosures)?);
    read().map_err(at_rest(row))
}

/// The same without what lies beside it, for folds: rules read coded fields only.
pub fn reread_coded(row: &ActRow) -> Result<Verified> {
    Unverified::parse(&row.statement).and_then(|act| act.reread(Vec::new())).map_err(at_rest(row))
}

/// An act that cannot be read any more has changed on the disk: nobody here wrote it so.
fn at_rest(row: &ActRow) -> impl FnOnce(Fault) -> Fault {
    let index = row.index;
    move |fault| Code::StoreDamaged.at(format!("leaf {index} of our log: {}", fault.code.name()))
}

/// A root-signed statement was checked before it was written: one that does not hold any more has
/// changed on the disk, and nobody can send it again.
pub fn in_store(place: &str, entry: &Entry) -> impl FnOnce(Fault) -> Fault {
    let place = format!("root-signed statement {entry}, {place}");
    move |fault| Code::StoreDamaged.at(format!("{place}: {}", fault.code.name()))
}
