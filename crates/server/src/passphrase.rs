//! Where the passphrase comes from: a file, the environment, or a person at a terminal.

use crate::durable;
use counterpart_record::fault::{Code, Fault, Result};
use std::env::VarError;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use zeroize::Zeroizing;

/// The environment variable that is read when no file is named.
pub const VARIABLE: &str = "COUNTERPART_PASSPHRASE";

/// The environment variable of the passphrase that takes its place.
pub const NEW_VARIABLE: &str = "COUNTERPART_NEW_PASSPHRASE";

/// The environment variable of a token's PIN.
pub const PIN_VARIABLE: &str = "COUNTERPART_PIN";

/// Fewest characters of a new passphrase. Old ones are taken as they are.
pub const LEAST: usize = 12;

/// Longest passphrase in bytes.
const BYTES: usize = 1024;

/// The passphrase of keys that exist: from `file` if one is named, else from
/// `COUNTERPART_PASSPHRASE`, else typed at the terminal after `prompt`, without echo.
/// [`Code::PassphraseMissing`] if there is none of them.
pub fn obtain(file: Option<&Path>, prompt: &str) -> Result<Zeroizing<String>> {
    choose(file, variable, &mut |_| ask(prompt))
}

/// The passphrase of new keys, from the same places; typed twice at a terminal, after `prompt` and
/// `again`. [`Code::PassphraseUnfit`] if the two differ or it is shorter than [`LEAST`].
pub fn obtain_new(file: Option<&Path>, prompt: &str, again: &str) -> Result<Zeroizing<String>> {
    choose_new(file, variable, &mut |second| ask(if second { again } else { prompt }))
}

/// The passphrase that takes the place of `old`: from `file`, else from
/// `COUNTERPART_NEW_PASSPHRASE`, else typed twice. [`Code::PassphraseUnfit`] if it is the same.
pub fn obtain_next(
    file: Option<&Path>,
    old: &str,
    prompt: &str,
    again: &str,
) -> Result<Zeroizing<String>> {
    let variable = || read_variable(NEW_VARIABLE);
    choose_next(file, old, variable, &mut |second| ask(if second { again } else { prompt }))
}

/// The PIN of a token: from `file` if one is named, else from `COUNTERPART_PIN`, else typed at the
/// terminal. Never an argument: the list of processes shows those to everybody.
pub fn pin(file: Option<&Path>, prompt: &str) -> Result<Zeroizing<String>> {
    choose(file, || read_variable(PIN_VARIABLE), &mut |_| ask(prompt))
        .map_err(|fault| fault.within("PIN"))
}

type Ask<'a> = dyn FnMut(bool) -> Result<Zeroizing<String>> + 'a;

fn choose(
    file: Option<&Path>,
    variable: impl Fn() -> Result<Option<Zeroizing<String>>>,
    ask: &mut Ask<'_>,
) -> Result<Zeroizing<String>> {
    let found = match file {
        Some(file) => read(file)?,
        None => match variable()? {
            Some(text) => text,
            None => ask(false)?,
        },
    };
    if found.is_empty() {
        return Err(Code::PassphraseMissing.at("empty"));
    }
    Ok(found)
}

fn choose_new(
    file: Option<&Path>,
    variable: impl Fn() -> Result<Option<Zeroizing<String>>>,
    ask: &mut Ask<'_>,
) -> Result<Zeroizing<String>> {
    let mut asked = false;
    let found = choose(file, variable, &mut |second| {
        asked = true;
        ask(second)
    })?;
    if found.chars().count() < LEAST {
        let count = found.chars().count();
        return Err(Code::PassphraseUnfit.at(format!("{count} characters, at least {LEAST}")));
    }
    if asked && *ask(true)? != *found {
        return Err(
            Code::PassphraseUnfit.at("what was typed the second time is not what was typed first")
        );
    }
    Ok(found)
}

fn choose_next(
    file: Option<&Path>,
    old: &str,
    variable: impl Fn() -> Result<Option<Zeroizing<String>>>,
    ask: &mut Ask<'_>,
) -> Result<Zeroizing<String>> {
    let found = choose_new(file, variable, ask)?;
    if *found == old {
        return Err(Code::PassphraseUnfit.at("the new one is the old one"));
    }
    Ok(found)
}

/// The first and only line of a file; one line end after it is not part of it.
fn read(file: &Path) -> Result<Zeroizing<String>> {
    let place = file.display().to_string();
    let wrong = |why: &str| Code::ArgumentWrong.at(format!("passphrase file: {why}"));
    let bytes = durable::read(file, BYTES).map_err(|fault| match fault.code {
        Code::TooLarge => wrong("longer than 1024 bytes").within(&place),
        _ => Fault { code: Code::PassphraseMissing, ..fault },
    })?;
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong("not UTF-8").within(&place))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.contains(['\n', '\r']) {
        return Err(wrong("more than one line").within(&place));
    }
    Ok(Zeroizing::new(text.to_owned()))
}

fn variable() -> Result<Option<Zeroizing<String>>> {
    read_variable(VARIABLE)
}

fn read_variable(name: &str) -> Result<Option<Zeroizing<String>>> {
    match std::env::var(name) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Code::ArgumentWrong.at(format!("{name}: not UTF-8"))),
    }
}

/// Asks at the terminal, even if input and output are redirected; not where nobody can answer.
fn ask(prompt: &str) -> Result<Zeroizing<String>> {
    if !io::stdin().is_terminal() {
        return Err(Code::PassphraseMissing.at(format!("no file, no {VARIABLE}, no terminal")));
    }
    let typed = rpassword::prompt_password(prompt);
    typed.map(Zeroizing::new).map_err(|error| Code::PassphraseMissing.at(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use counterpart_rules::say;

    const GOOD: &str = "twelve or more";

    fn text(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    fn never(_: bool) -> Result<Zeroizing<String>> {
        panic!("asked although it was given")
    }

    fn code(result: Result<Zeroizing<String>>) -> Code {
        result.unwrap_err().code
    }

    #[test]
    fn file_comes_before_variable_and_variable_before_person() {
        let scratch = Scratch::new("passphrase");
        let file = scratch.join("file");
        std::fs::write(&file, "from the file\r\n").unwrap();
        let variable = || Ok(Some(text("from the variable")));
        let found = choose(Some(&file), variable, &mut never).unwrap();
        assert_eq!(*found, "from the file");
        assert_eq!(*choose(None, variable, &mut never).unwrap(), "from the variable");
        let asked = choose(None, || Ok(None), &mut |_| Ok(text("typed"))).unwrap();
        assert_eq!(*asked, "typed");
    }

    #[test]
    fn none_and_empty_are_missing() {
        let scratch = Scratch::new("missing");
        let file = scratch.join("file");
        // A file that is named and not there does not fall back to something else.
        let variable = || Ok(Some(text(GOOD)));
        assert_eq!(code(choose(Some(&file), variable, &mut never)), Code::PassphraseMissing);
        std::fs::write(&file, "\n").unwrap();
        assert_eq!(code(choose(Some(&file), variable, &mut never)), Code::PassphraseMissing);
        assert_eq!(code(choose(None, || Ok(Some(text(""))), &mut never)), Code::PassphraseMissing);
    }

    #[test]
    fn odd_files_are_refused() {
        let scratch = Scratch::new("odd");
        let file = scratch.join("file");
        let long = vec![b'a'; BYTES + 1];
        for bytes in [&b"two\nlines\n"[..], b"\xff\xfe", &long] {
            std::fs::write(&file, bytes).unwrap();
            assert_eq!(code(choose(Some(&file), || Ok(None), &mut never)), Code::ArgumentWrong);
        }
        // Spaces belong to it.
        std::fs::write(&file, " a b \n").unwrap();
        assert_eq!(*choose(Some(&file), || Ok(None), &mut never).unwrap(), " a b ");
    }

    #[test]
    fn new_ones_are_long_and_typed_twice() {
        let mut same = |_| Ok(text(GOOD));
        assert_eq!(*choose_new(None, || Ok(None), &mut same).unwrap(), GOOD);
        let mut differ = |second| Ok(text(if second { "twelve or more!" } else { GOOD }));
        assert_eq!(code(choose_new(None, || Ok(None), &mut differ)), Code::PassphraseUnfit);
        let short = || Ok(Some(text("elevenchars")));
        let fault = choose_new(None, short, &mut never).unwrap_err();
        assert_eq!(fault, Code::PassphraseUnfit.at("11 characters, at least 12"));
        // The remedy says the length itself.
        for lang in say::Lang::ALL {
            assert!(say::fault(lang, &fault).1.contains(&LEAST.to_string()));
        }
        // One that is in use is no new one.
        let same = choose_next(None, GOOD, || Ok(Some(text(GOOD))), &mut never);
        assert_eq!(code(same), Code::PassphraseUnfit);
        let other = choose_next(None, "another one, old", || Ok(None), &mut |_| Ok(text(GOOD)));
        assert_eq!(*other.unwrap(), GOOD);
        // Twelve characters, not bytes, and from the variable only once.
        let chinese = "十二个汉字的口令也算数的";
        assert_eq!(chinese.chars().count(), 12);
        let variable = || Ok(Some(text(chinese)));
        assert_eq!(*choose_new(None, variable, &mut never).unwrap(), chinese);
    }
}
