//! What follows from what was said: which act is permitted, where a matter stands, what is due,
//! and how to say it to a person in either language.
//!
//! In scope: flows (a folder each), their forms, terms, clocks, grounds, instruments, figures,
//! phrases.
//! Out of scope: signatures, logs, storage, the network, and every private policy. Nothing here
//! reads a clock or a disk: the time is an argument, and two nodes that hold the same acts
//! compute the same state.
//!
//! Rules read coded fields only. Text and personal data are disclosures beside the statement, so
//! erasing them never changes a state, a clock or a figure.
//!
//! A module uses only those listed after it.

pub mod summary;
pub mod apart;
pub mod owed;
pub mod flow;
pub mod terms;
pub mod form;
pub mod measure;
pub mod ground;
pub mod instrument;
pub mod say;
pub mod clock;
pub mod act;
