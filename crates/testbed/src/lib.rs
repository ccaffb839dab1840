//! Parties in one process: a seeded world for the simulation, and the cast that whole-system tests
//! share. Dev only.
//!
//! Modules in reading order; a module uses only those below it.

pub mod history;
mod line;
mod oracle;
mod play;
mod write;
mod apart;
pub mod private;
mod rot;
mod hostile;
mod papers;
mod haul;
mod mail;
mod rotation;
pub mod restore;
pub mod world;
pub mod table;
pub mod plot;
mod model;
pub mod exchange;
pub mod forge;
pub mod disk;
pub mod files;
pub mod room;
pub mod scratch;
pub mod trouble;
pub mod cast;
