//! Measures: what two sides did for each other, counted so that both come to the same digits.
//!
//! A flow tells what it saw of a matter as an [`Observation`]; everything here counts observations
//! and knows no flow. Figures are a pure function of the acts that both logs hold below a cut (a
//! head of each log, and a time), of a period, and of nothing else: neither of who computes, nor of
//! the order in which acts arrived. Spec: docs/spec/figures.md.
//!
//! Refusals are never added to answers, and what is still open is never left out of a waiting time.

mod by_hand;
mod compare;
mod csv;
mod draw;
mod figures;
mod observation;
mod publish;
mod side;
mod survival;
mod yearly;

pub use by_hand::{BY_HAND, ByHand};
pub use compare::{Brought, differing, named};
pub use csv::csv;
pub use draw::svg;
pub use figures::{Cell, Counted, CutHead, FORMAT, Figures, Frame, Key, Timing};
pub use observation::{End, Met, Moment, Observation, Term, Wait};
pub use publish::{PUBLISHED, Published};
pub use side::{SIDE, Side};
pub use survival::{Curve, Step};
pub use yearly::{YEARLY, Yearly, report};

#[cfg(test)]
mod tests;
