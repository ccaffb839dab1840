//! What is kept. [`Store`] is the contract: a dozen verbs, each exactly one transaction, and plain
//! reads. Acts and heads are the truth; the rest can be made again from them. Beside the record, in
//! a file of its own, lies what stays here: [`Home`]. The only package that knows SQL.
//!
//! Modules in reading order; a module uses only those below it.

pub mod home;
pub mod blobs;
pub mod sqlite;
pub mod upgrade;
mod closed;
mod docket;
mod attachment;
mod notice;
mod stop;
mod word;
mod cell;
pub mod verbs;

pub use blobs::{Blobs, Presence, Taking};
pub use home::{Home, HomeFile, Note, Task};
pub use sqlite::Sqlite;
pub use verbs::{
    ActRow, AttachmentRow, Batch, ChannelRow, Closed, ClosedHead, ClosedLeaf, ClosingRow, Control,
    CosignRow, DocketMark, Docketed, HeadRow, Loaded, MirrorRow, OpenRow, Owner, PeakRow, Place,
    RetainRow, Stop, Store, Stretch,
};
