//! Measures: what two sides did for each other, counted so that both come to the same digits.
//!
//! A flow tells what it saw of a matter as an [`Observation`]; everything here counts observations
//! and knows no flow. Figures are a pure function of the acts that both logs hold below a cut (a
//! head of each log, and a time), of a period, and of nothing else: neither of who computes, nor of
//! the order in which acts arrived. Spec: docs/spec/figures.md.
//!
//! Refusals are never added to answers, and what is still open is never left out of a waiting time.

mod figures;
mod observation;
mod survival;

pub use figures::{Cell, Counted, CutHead, FORMAT, Figures, Frame, Key, Timing};
pub use observation::{End, Met, Moment, Observation, Term, Wait};
pub use survival::{Curve, Step};

#[cfg(test)]
mod tests;
