//! What happens: a draft becomes a logged act, a parcel becomes registered acts, a matter becomes a
//! dossier. Synchronous and sans-IO: plain functions on one owned [`Node`]; the network is two
//! values, [`Node::outgoing`] and [`Node::incoming`]. Time, randomness, keys and the store are
//! seams.
//!
//! Modules in reading order; a module uses only those below it.

pub mod page;
pub mod export;
mod overtake;
pub mod tick;
pub mod due;
pub mod keep;
pub mod look;
pub mod haul;
pub mod attach;
mod by_hand;
mod doubt;
pub mod stood;
pub mod elsewhere;
pub mod view;
mod agree;
pub mod figures;
pub mod terms;
mod erase;
mod home;
pub mod rebuild;
pub mod fsck;
mod attest;
pub mod session;
mod receive;
mod behind;
mod heads;
mod epoch;
mod regain;
mod signers;
mod bundle;
mod check;
mod ledger;
pub mod apart;
mod settle;
pub mod keyring;
pub mod route;
pub mod node;
mod gather;
mod channel;
mod stored;
mod agreed;
mod deeds;
mod ahead;
mod entered;
mod watch;
mod docket;
mod matter;
mod line;
mod tree;
mod draft;
mod shelf;
pub mod hearth;
pub mod unmatched;
pub mod seam;
pub mod planted;

pub use draft::{Draft, Logged, Target, Ticket};
pub use epoch::Ending;
pub use erase::Erased;
pub use matter::Verdict;
pub use node::Node;
pub use receive::Notice;
pub use shelf::Period;
