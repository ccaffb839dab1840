//! The command line as a person or a script meets it: the real program in folders of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

#[path = "cli/apart.rs"]
mod apart;
#[path = "cli/attach.rs"]
mod attach;
#[path = "cli/asking.rs"]
mod asking;
#[path = "cli/basis.rs"]
mod basis;
#[path = "cli/behind.rs"]
mod behind;
#[path = "cli/calls.rs"]
mod calls;
#[path = "cli/doors.rs"]
mod doors;
#[path = "cli/due.rs"]
mod due;
#[path = "cli/figures.rs"]
mod figures;
#[path = "cli/first_call.rs"]
mod first_call;
#[path = "cli/forms.rs"]
mod forms;
#[path = "cli/home.rs"]
mod home;
#[path = "cli/golden.rs"]
mod golden;
#[path = "cli/hours.rs"]
mod hours;
#[path = "cli/keeping.rs"]
mod keeping;
#[path = "cli/hauling.rs"]
mod hauling;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/life.rs"]
mod life;
#[path = "cli/meant.rs"]
mod meant;
#[path = "cli/monitor.rs"]
mod monitor;
#[path = "cli/network.rs"]
mod network;
#[path = "cli/pages.rs"]
mod pages;
#[path = "cli/proofs.rs"]
mod proofs;
#[path = "cli/pull.rs"]
mod pull;
#[path = "cli/remind.rs"]
mod remind;
#[path = "cli/terms.rs"]
mod terms;
#[path = "cli/typing.rs"]
mod typing;
#[path = "cli/face.rs"]
mod face;
#[path = "cli/rotation.rs"]
mod rotation;
#[path = "cli/running.rs"]
mod running;
#[path = "cli/operate.rs"]
mod operate;
#[path = "cli/owed.rs"]
mod owed;
#[path = "cli/remedies.rs"]
mod remedies;
#[path = "cli/rehearsal.rs"]
mod rehearsal;
#[path = "cli/service.rs"]
mod service;
#[path = "cli/token.rs"]
mod token;
#[path = "cli/wrong.rs"]
mod wrong;
#[path = "cli/world.rs"]
mod world;
