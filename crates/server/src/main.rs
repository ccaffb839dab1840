//! `counterpart`: the node of an authority, its command line and its demo.

use std::process::ExitCode;

fn main() -> ExitCode {
    counterpart_server::cli::main()
}
