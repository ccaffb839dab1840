//! What people and peers see: the node's folder and keys, its doors, its words.
//!
//! The only package with a runtime, sockets and the environment. Modules in reading order; a
//! module uses only those below it.

pub mod cli;
pub mod demo;
pub mod bench;
pub mod serve;
pub mod metrics;
pub mod push;
mod pull;
pub mod haul;
mod carry;
mod hold;
mod remind;
pub mod bell;
pub mod runner;
mod lanes;
pub mod app;
pub mod speak;
pub mod peer;
pub mod tls;
pub mod control;
pub mod calls;
pub mod problem;
pub mod doctor;
pub mod backup;
pub mod register;
pub mod house;
pub mod quota;
pub mod knock;
mod bucket;
pub mod tally;
pub mod attach;
pub mod transport;
pub mod token;
pub mod folder;
pub mod passphrase;
pub mod keyfile;
pub mod seam;
pub mod durable;

pub mod scratch;
