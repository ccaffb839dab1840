//! The line between two duty desks. Three flows share a vocabulary and a ladder:
//!
//! - `call/1`: a call that rings until a named desk takes it, and that both sides close;
//! - `line/1`: a test of the line, answered by the machine and by a person;
//! - `surge/1`: a stream that both sides raise for a time.
//!
//! Nothing here is sent to make a telephone ring. Each node computes from the acts it holds what
//! rings at its own desks, so the ladder climbs on both sides even when the link between them is
//! cut. Spec: `docs/spec/call.md`.

pub mod call;
pub mod line;
pub mod surge;
mod review;
mod ladder;
mod code;

pub use code::call_code;
pub use line::scheduled as scheduled_test;
pub use review::{LineItem, line_review};
pub(super) use surge::LONGEST as LONGEST_SURGE;
