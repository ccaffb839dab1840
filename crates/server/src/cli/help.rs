//! Help and usage errors in the language of the person: the tree that `clap` reads the command line
//! with, its texts looked up by their English ones, and what it says of a line that it cannot read.

use super::args::Line;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _, Error};
use counterpart_rules::say::{self, Lang, Say};
use std::ffi::OsString;

/// The tree with its texts in a language.
pub fn tree(lang: Lang) -> Command {
    match lang {
        Lang::En => Line::command(),
        Lang::ZhCn => translated(Line::command().disable_version_flag(true), lang, true),
    }
}

/// The language that a line asks for before it is read: `--lang`, wherever it stands.
pub fn asked_for(words: &[OsString]) -> Option<String> {
    let mut words = words.iter().map(|word| word.to_string_lossy()).take_while(|word| word != "--");
    while let Some(word) = words.next() {
        if word == "--lang" {
            return words.next().map(|tag| tag.into_owned());
        }
        if let Some(tag) = word.strip_prefix("--lang=") {
            return Some(tag.to_owned());
        }
    }
    None
}

/// Whether a line asks for JSON, before it is read.
pub fn wants_json(words: &[OsString]) -> bool {
    words.iter().take_while(|word| *word != "--").any(|word| word == "--json")
}

/// What is wrong with a line, in one sentence: the first paragraph of [`said`].
pub fn summed(lang: Lang, error: &Error) -> String {
    let said = said(lang, error);
    let first = said.lines().take_while(|line| !line.is_empty()).map(str::trim);
    let first = first.collect::<Vec<_>>().join(" ");
    first.trim_start_matches("error: ").trim_end_matches(['.', '。', ':', '：']).to_owned()
}

/// What is wrong with a line, for a person; help and version as `clap` prints them, whose texts are
/// those of [`tree`].
pub fn said(lang: Lang, error: &Error) -> String {
    let plain = || error.to_string();
    if lang == Lang::En {
        return plain();
    }
    if !error.use_stderr() {
        let [options, command] = ["usage-word-options", "usage-word-command"]
            .map(|key| say::render(lang, &Say::of(key)));
        return plain()
            .replace("[OPTIONS]", &options)
            .replace("[COMMAND]", &command)
            .replace("<COMMAND>", &command);
    }
    let of = |kind: ContextKind| error.get(kind).map(told).unwrap_or_default();
    let (arg, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let (key, what) = match error.kind() {
        ErrorKind::InvalidSubcommand => ("usage-subcommand", of(ContextKind::InvalidSubcommand)),
        ErrorKind::UnknownArgument => ("usage-unknown", arg),
        ErrorKind::MissingRequiredArgument => ("usage-missing", arg),
        ErrorKind::InvalidValue if value.is_empty() => ("usage-value-missing", arg),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => ("usage-value", arg),
        ErrorKind::ArgumentConflict => ("usage-conflict", arg),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            ("usage-subcommand-missing", of(ContextKind::InvalidSubcommand))
        }
        _ => ("usage-other", arg),
    };
    let say = |key: &str, what: &str, value: &str| {
        say::render(lang, &Say::of(key).with("what", what).with("value", value)) + "\n"
    };
    let mut out = say(key, &what, &value);
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg]
        .into_iter()
        .chain([ContextKind::SuggestedValue])
        .map(of)
        .find(|near| !near.is_empty());
    if let Some(near) = near {
        out += &say("usage-near", &near, "");
    }
    let valid = of(ContextKind::ValidValue);
    if !valid.is_empty() {
        out += &say("usage-valid", &valid, "");
    }
    out + &say("usage-help", "", "")
}

fn told(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(all) => all.join(", "),
        _ => String::new(),
    }
}

/// Longest key of a text, in bytes: what differs later than that is told apart by nobody.
const KEY: usize = 110;

/// The key of an English text.
fn key(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut key = words.fold("help".to_owned(), |key, word| key + "-" + &word.to_ascii_lowercase());
    key.truncate(KEY);
    key.trim_end_matches('-').to_owned()
}

fn look_up(lang: Lang, text: &str) -> String {
    let key = key(text);
    if say::known(lang, &key) { say::render(lang, &Say::of(key)) } else { text.to_owned() }
}

fn translated(command: Command, lang: Lang, top: bool) -> Command {
    let say = |key: &str| say::render(lang, &Say::of(key));
    let about = command.get_about().map(|about| look_up(lang, &about.to_string()));
    let long = command.get_long_about().map(|about| look_up(lang, &about.to_string()));
    let after = command.get_after_help().map(|after| {
        let parts: Vec<String> =
            after.to_string().split("\n\n").map(|part| look_up(lang, part)).collect();
        // An example is typed as it stands; the heading above it is not.
        parts.join("\n\n").replacen("Example:", &say("usage-example"), 1)
    });
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let mut out = command.mut_args(|arg| option(arg, lang));
    if let Some(about) = about {
        out = out.about(about);
    }
    if let Some(long) = long {
        out = out.long_about(long);
    }
    if let Some(after) = after {
        out = out.after_help(after);
    }
    for name in names {
        out = out.mut_subcommand(name, |inner| translated(inner, lang, false));
    }
    let parts = [
        ("{about-with-newline}\n", true),
        (&*format!("{}{{usage}}\n", say("usage-usage")), true),
        (&*format!("\n{}\n{{subcommands}}\n", say("usage-commands")), out.has_subcommands()),
        (&*format!("\n{}\n{{positionals}}\n", say("usage-arguments")), has(&out, true)),
        (&*format!("\n{}\n{{options}}\n", say("usage-options")), true),
        ("{after-help}", true),
    ];
    let template: String =
        parts.iter().filter(|(_, there)| *there).map(|(part, _)| *part).collect();
    let verifies = out.is_disable_help_flag_set();
    let out = out.help_template(template);
    if verifies {
        return out;
    }
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    let out = out.disable_help_flag(true).arg(help.help(say("usage-print-help")));
    if !top {
        return out;
    }
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    out.arg(version.help(say("usage-print-version")))
}

fn has(command: &Command, positional: bool) -> bool {
    command.get_arguments().any(|arg| arg.is_positional() == positional)
}

fn option(arg: Arg, lang: Lang) -> Arg {
    let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut help = look_up(lang, &text);
    if matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::Help | ArgAction::Version) {
        return arg.help(help);
    }
    let mut note = |key: &str, what: Vec<String>| {
        if !what.is_empty() {
            let said = say::render(lang, &Say::of(key).with("what", what.join(", ")));
            help += &format!(" {said}");
        }
    };
    let given = arg.get_default_values().iter().map(|one| one.to_string_lossy().into_owned());
    note("usage-default", given.collect());
    let possible = arg.get_possible_values();
    note("usage-possible", possible.iter().map(|one| one.get_name().to_owned()).collect());
    let variable = arg.get_env().map(|name| name.to_string_lossy().into_owned());
    note("usage-env", variable.into_iter().collect());
    arg.help(help).hide_default_value(true).hide_possible_values(true).hide_env(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(command: &Command, out: &mut Vec<String>) {
        out.extend(command.get_about().map(ToString::to_string));
        out.extend(command.get_long_about().map(ToString::to_string));
        out.extend(command.get_arguments().filter_map(|arg| Some(arg.get_help()?.to_string())));
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let parts = after.split("\n\n").filter(|part| !part.is_empty());
        out.extend(parts.filter(|part| !part.starts_with("Example:")).map(str::to_owned));
        command.get_subcommands().for_each(|inner| texts(inner, out));
    }

    /// Every text of the tree is in both phrase files, under its own words.
    #[test]
    fn every_text_of_the_tree_is_in_both_languages() {
        let mut all = Vec::new();
        texts(&Line::command(), &mut all);
        assert!(all.len() > 300, "{}", all.len());
        for text in all {
            let key = key(&text);
            assert!(say::known(Lang::ZhCn, &key), "{key} = {text}");
            assert_eq!(say::render(Lang::En, &Say::of(&key)), text.replace('\n', " "), "{key}");
        }
    }

    fn ran(words: &[&str]) -> String {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let error = tree(Lang::ZhCn).try_get_matches_from(words).unwrap_err();
        said(Lang::ZhCn, &error)
    }

    #[test]
    fn a_line_that_cannot_be_read_is_told_in_chinese() {
        for (words, part) in [
            (&["counterpart", "dance"][..], "dance"),
            (&["counterpart", "matter", "list", "--limt", "3"], "--limit"),
            (&["counterpart", "matter", "show"], "<MATTER>"),
            (&["counterpart", "log", "--limit", "few"], "few"),
            (&["counterpart", "--lang", "de"], "zh-CN"),
            (&["counterpart", "call", "ack", "1f0c", "--post", "nobody"], "supervisor"),
        ] {
            let said = ran(words);
            assert!(said.contains(part), "{words:?}: {said}");
            for english in ["error:", "Usage", "tip:", "For more", "possible values"] {
                assert!(!said.contains(english), "{words:?}: {said}");
            }
        }
    }

    #[test]
    fn help_is_chinese_where_the_language_is() {
        for words in [&["counterpart", "--help"][..], &["counterpart", "call", "say", "-h"]] {
            let said = ran(words);
            for english in ["Usage:", "Options:", "Commands:", "Print help", "[default", "[env"] {
                assert!(!said.contains(english), "{english}: {said}");
            }
            assert!(said.contains("--lang") && said.contains("-h, --help"), "{said}");
        }
        let words = ["counterpart", "--lang=zh-CN", "x"].map(OsString::from);
        assert_eq!(asked_for(&words).as_deref(), Some("zh-CN"));
        assert_eq!(asked_for(&["x", "--", "--lang", "en"].map(OsString::from)), None);
    }

    #[test]
    /// What help says, for whoever translates it:
    /// `cargo test -p counterpart-server --lib help -- --ignored --nocapture`.
    #[ignore = "a listing: it prints what a translator needs"]
    fn texts_for_the_translator() {
        let mut all = Vec::new();
        texts(&Line::command(), &mut all);
        all.sort();
        all.dedup();
        all.iter().for_each(|one| println!("HELP {} = {}", key(one), one.replace('\n', " ")));
    }
}
