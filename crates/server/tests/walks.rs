//! Walks: whole stories with real processes, one for each row of what the field asks for. Each is
//! meant to be read.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

#[path = "cli/running.rs"]
mod running;
#[path = "walks/s1_requests.rs"]
mod s1_requests;
#[path = "walks/s2_line.rs"]
mod s2_line;
#[allow(dead_code, reason = "shared with the tests of the command line")]
#[path = "cli/world.rs"]
mod world;
