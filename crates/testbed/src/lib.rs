//! Parties in one process: a seeded world for the simulation, and the cast that whole-system tests
//! share. Dev only.
//!
//! Modules in reading order; a module uses only those below it.

pub mod cast;
