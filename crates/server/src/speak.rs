//! What a person reads on the terminal: the language, faults in pairs, and the exit code.

use crate::problem;
use counterpart_record::fault::{Blame, Code, Fault};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::say::{self, Lang};
use std::process::ExitCode;

/// The language of messages: `--lang`, else `COUNTERPART_LANG`, else the first of `LC_ALL`,
/// `LC_MESSAGES` and `LANG` that is set and not empty (POSIX), else English.
pub fn language(flag: Option<&str>) -> Lang {
    choose(flag, |name| std::env::var(name).ok())
}

fn choose(flag: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Lang {
    let names = ["COUNTERPART_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
    let set = || names.into_iter().filter_map(variable).find(|value| !value.is_empty());
    let tag = flag.map(str::to_owned).or_else(set);
    tag.map_or(Lang::En, |tag| Lang::from_tag(&tag))
}

/// How the program ends. Scripts rely on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// 0: done.
    Done = 0,
    /// 1: refused. The input, one's own or the peer's, has to change.
    Refused = 1,
    /// 2: the command line cannot be read.
    Usage = 2,
    /// 3: the operator has to act: folder, passphrase, keys, settings.
    Operator = 3,
    /// 4: the network, the disk or the load; later it may go through.
    World = 4,
    /// 5: a fault of this program.
    Bug = 5,
}

impl Exit {
    /// How a fault ends the program.
    pub fn of(code: Code) -> Exit {
        match code.blame() {
            Blame::Officer | Blame::Peer => Exit::Refused,
            Blame::Operator => Exit::Operator,
            Blame::World => Exit::World,
            Blame::Bug => Exit::Bug,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Prints a fault to the error output, as two sentences or as one line of JSON, and says how the
/// program ends.
pub fn complain(lang: Lang, as_json: bool, fault: &Fault) -> Exit {
    if as_json {
        eprintln!("{}", in_json(lang, fault));
    } else {
        eprintln!("{}", in_words(lang, fault));
    }
    Exit::of(fault.code)
}

/// Two lines: what happened, what to do. The place may hold foreign bytes, which must not move
/// the cursor or colour the screen.
pub fn in_words(lang: Lang, fault: &Fault) -> String {
    let (what, remedy) = say::fault(lang, fault);
    format!("{}\n{}", plain(&what), plain(&remedy))
}

/// `{"fault":{"code":...,"at":...,"what":...,"do":...}}`: the first two for programs, the other
/// two for whoever reads the log of one.
pub fn in_json(lang: Lang, fault: &Fault) -> String {
    let (what, remedy) = say::fault(lang, fault);
    let inner = problem::object(fault).with("what", what).with("do", remedy);
    Value::Object(Object::default().with("fault", inner)).to_text()
}

/// The text with a mark in the place of each control character.
pub fn plain(text: &str) -> String {
    // Directional overrides, too, can make one name look like another.
    let moves =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if moves(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_record::strict::json;

    #[test]
    fn the_nearest_setting_decides() {
        let of = |flag: Option<&str>, set: &[(&str, &str)]| {
            choose(flag, |name| {
                let found = set.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(None, &[]), Lang::En);
        assert_eq!(of(None, &[("LANG", "zh_CN.UTF-8")]), Lang::ZhCn);
        assert_eq!(of(None, &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")]), Lang::En);
        assert_eq!(of(None, &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")]), Lang::ZhCn);
        assert_eq!(of(None, &[("LC_MESSAGES", "zh_CN"), ("LANG", "en_GB")]), Lang::ZhCn);
        assert_eq!(of(None, &[("LC_ALL", "en_GB"), ("COUNTERPART_LANG", "zh-CN")]), Lang::ZhCn);
        assert_eq!(of(Some("en"), &[("COUNTERPART_LANG", "zh-CN")]), Lang::En);
        assert_eq!(of(Some("zh-CN"), &[("LANG", "C")]), Lang::ZhCn);
    }

    #[test]
    fn every_fault_is_a_pair_in_both_languages_with_an_exit_code() {
        for code in Code::ALL {
            let fault = code.at("here");
            let said: Vec<String> = Lang::ALL.map(|lang| in_words(lang, &fault)).into();
            for text in &said {
                assert_eq!(text.lines().count(), 2, "{text}");
                // A key instead of a sentence would mean that the phrase is missing.
                assert!(!text.contains(&format!("fault-{}", code.name())), "{text}");
            }
            assert_ne!(said[0], said[1]);
            assert!(matches!(Exit::of(*code) as u8, 1 | 3 | 4 | 5));
        }
        assert_eq!(Exit::of(Code::FieldsWrong), Exit::Refused);
        assert_eq!(Exit::of(Code::SealBroken), Exit::Refused);
        assert_eq!(Exit::of(Code::FolderLocked), Exit::Operator);
        assert_eq!(Exit::of(Code::Busy), Exit::World);
        assert_eq!(Exit::of(Code::Internal), Exit::Bug);
    }

    #[test]
    fn json_carries_code_place_and_both_sentences() {
        let fault = Code::ConfigWrong.at("line 3: \"x\"");
        let text = in_json(Lang::ZhCn, &fault);
        let object = json::parse_object(text.as_bytes()).unwrap();
        let inner = object.get("fault").and_then(Value::as_object).unwrap();
        assert_eq!(problem::read(inner).unwrap(), fault);
        let (what, remedy) = say::fault(Lang::ZhCn, &fault);
        assert_eq!(inner.get("what"), Some(&Value::from(what)));
        assert_eq!(inner.get("do"), Some(&Value::from(remedy)));
    }

    #[test]
    fn foreign_bytes_do_not_steer_the_terminal() {
        let fault = Code::FileMissing.at("a\u{1b}[2Jb\u{202e}c\r\nd");
        let text = in_words(Lang::En, &fault);
        assert!(text.contains("a\u{fffd}[2Jb\u{fffd}c\u{fffd}\u{fffd}d"), "{text:?}");
        assert_eq!(text.lines().count(), 2);
    }
}
