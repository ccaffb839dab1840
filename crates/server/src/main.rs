//! `counterpart`: the node of an authority, its command line and its demo.

use std::process::ExitCode;

/// An act is some two hundred small allocations; see docs/decisions/0006.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    counterpart_server::cli::main()
}
