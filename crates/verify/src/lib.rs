//! Checks a dossier, a page, a statement, a receipt, a checkpoint, a proof or a log, off line: for
//! a third person who has nothing but files and a fingerprint or two.
//!
//! Pure but for [`command`] and the folder it reads: the bytes, the keys and the fingerprints are
//! arguments, and so is the number of threads.
//! Every check ends in a [`report::Report`]: what holds, what could not be checked, and what is
//! wrong, where and with whom. `docs/spec/dossier.md` has the requirements (DOS-n).
//!
//! Modules in reading order; a module uses only those below it.

pub mod command;
pub mod dossier;
pub mod page;
pub mod inconsistency;
mod derived;
mod acts;
mod beside;
mod growth;
mod heads;
mod parties;
mod shelf;
mod folder;
pub mod single;
pub mod tlog;
pub mod report;
pub mod crew;
