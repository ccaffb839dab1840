//! `counterpart-verify`: see [`counterpart_verify::command`].

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let (code, text) = counterpart_verify::command::run_words(&words.collect::<Vec<_>>());
    // Whoever reads may have gone away; the exit code still says what was found.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::from(code)
}
