//! Where a command stands: its settings, its voice, and the node it talks to.

use super::args::{Common, Root};
use super::value::{Of, short};
use crate::app;
use crate::control::Call;
use crate::folder::{self, Folder};
use crate::house::{self, House};
use crate::passphrase;
use crate::speak::{self, Exit, plain};
use counterpart_record::fault::{Code, Result};
use counterpart_record::keys::RootKeys;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::say::{self, Lang, Say};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What a command prints and how it ends.
pub struct Answer {
    /// On the standard output, with its line ends.
    pub text: String,
    /// How the program ends.
    pub exit: Exit,
}

impl Answer {
    /// Done.
    pub fn done(text: impl Into<String>) -> Answer {
        Answer { text: text.into(), exit: Exit::Done }
    }

    /// Done, with a JSON value.
    pub fn json(value: &Value) -> Answer {
        Answer::done(format!("{}\n", value.to_text()))
    }
}

/// The settings of one call.
pub struct Desk {
    /// The language.
    pub lang: Lang,
    /// JSON instead of sentences.
    pub json: bool,
    /// The node's folder.
    pub home: PathBuf,
    /// `counterpart`, with what a next command needs to reach the same node.
    pub me: String,
    passphrase_file: Option<PathBuf>,
}

impl Desk {
    /// From the command line and the environment.
    pub fn new(common: &Common) -> Result<Desk> {
        let home = match &common.home {
            Some(home) => home.clone(),
            None => std::env::home_dir().unwrap_or_default().join(".counterpart"),
        };
        // A folder that the environment names, or the usual one, needs no word in the next command.
        let named = common.home.as_ref().filter(|home| {
            std::env::var_os("COUNTERPART_HOME").is_none_or(|set| set != home.as_os_str())
        });
        let mut me = "counterpart".to_owned();
        let file = common.passphrase_file.as_ref();
        for (name, path) in [("--home", named), ("--passphrase-file", file)] {
            if let Some(path) = path {
                me.push_str(&format!(" {name} {}", quoted(&path.to_string_lossy())));
            }
        }
        Ok(Desk {
            lang: speak::language(common.lang.as_deref()),
            json: common.json,
            home: absolute(&home)?,
            me,
            passphrase_file: common.passphrase_file.clone(),
        })
    }

    /// A phrase.
    pub fn say(&self, key: &str) -> String {
        say::render(self.lang, &Say::of(key))
    }

    /// A phrase with variables. What a peer wrote cannot move the cursor.
    pub fn say_with(&self, key: &str, args: &[(&str, &str)]) -> String {
        let say = args.iter().fold(Say::of(key), |say, (name, value)| say.with(name, plain(value)));
        say::render(self.lang, &say)
    }

    /// A name by language, in ours if there is one.
    pub fn name(&self, names: Of<'_>) -> String {
        let own = names.text(self.lang.tag());
        let first = names.members().first().and_then(|(_, name)| name.as_str());
        plain(if own.is_empty() { first.unwrap_or_default() } else { own })
    }

    /// A party's name as an argument that can be typed: its name if that is one plain word.
    pub fn handle(&self, names: Of<'_>, party: &str) -> String {
        let name = names.members().first().and_then(|(_, name)| name.as_str()).unwrap_or_default();
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let fits = name.chars().all(bare) && name.starts_with(|c: char| c.is_ascii_alphabetic());
        if fits { name.to_owned() } else { short(party).to_owned() }
    }

    /// A channel as the arguments of a next command: the party, and that it is the one for
    /// exercises.
    pub fn channel(&self, names: Of<'_>, party: &str, drill: bool) -> String {
        self.handle(names, party) + if drill { " --drill" } else { "" }
    }

    /// A line typed at the terminal after a phrase that asks for it. Without a terminal, or with
    /// nothing typed, [`Code::ArgumentWrong`] names the option that would say it.
    pub fn typed(&self, phrase: &str, option: &str) -> Result<String> {
        let missing = || Code::ArgumentWrong.at(format!("{option}: missing"));
        let person = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if self.json || !person {
            return Err(missing());
        }
        let failed = |error: std::io::Error| Code::Io.at(error.to_string());
        let mut output = std::io::stderr();
        output.write_all(format!("{} ", self.say(phrase).trim_end()).as_bytes()).map_err(failed)?;
        output.flush().map_err(failed)?;
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
        let line = line.trim();
        if line.is_empty() { Err(missing()) } else { Ok(line.to_owned()) }
    }

    /// The passphrase of the node's keys.
    pub fn passphrase(&self) -> Result<Zeroizing<String>> {
        passphrase::obtain(self.passphrase_file.as_deref(), &self.say("cli-ask-passphrase"))
    }

    /// A new passphrase for the node's keys.
    pub fn new_passphrase(&self) -> Result<Zeroizing<String>> {
        let file = self.passphrase_file.as_deref();
        let prompt = self.say("cli-ask-new-passphrase");
        passphrase::obtain_new(file, &prompt, &self.say("cli-ask-again"))
    }

    /// The passphrase that takes the place of `old`, of the root keys or of the node's.
    pub fn next_passphrase(
        &self,
        file: Option<&Path>,
        old: &str,
        root: bool,
    ) -> Result<Zeroizing<String>> {
        let ask = if root { "cli-ask-new-root-passphrase" } else { "cli-ask-new-passphrase" };
        passphrase::obtain_next(file, old, &self.say(ask), &self.say("cli-ask-again"))
    }

    /// A new passphrase for the root keys.
    pub fn new_root_passphrase(&self, root: &Root) -> Result<Zeroizing<String>> {
        let file = root.root_passphrase_file.as_ref().or(self.passphrase_file.as_ref());
        let prompt = self.say("cli-ask-new-root-passphrase");
        passphrase::obtain_new(file.map(PathBuf::as_path), &prompt, &self.say("cli-ask-again"))
    }

    /// The folder of the root keys.
    pub fn root_folder(&self, root: &Root) -> Result<PathBuf> {
        absolute(root.root.as_ref().unwrap_or(&folder::root_beside(&self.home)))
    }

    /// The root keys themselves. [`Code::RootMissing`] before anybody is asked for a passphrase.
    pub fn root_keys(&self, root: &Root) -> Result<RootKeys> {
        let passphrase = self.root_passphrase(root)?;
        house::root_keys(&self.root_folder(root)?, &passphrase)
    }

    /// The passphrase of the root keys. [`Code::RootMissing`] before anybody is asked for it.
    pub fn root_passphrase(&self, root: &Root) -> Result<Zeroizing<String>> {
        let key = folder::root_key(&self.root_folder(root)?);
        if !key.is_file() {
            return Err(Code::RootMissing.at(key.display().to_string()));
        }
        let file = root.root_passphrase_file.as_ref().or(self.passphrase_file.as_ref());
        passphrase::obtain(file.map(PathBuf::as_path), &self.say("cli-ask-root-passphrase"))
    }

    /// Opens the node's folder in this process: for what cannot be done while the node runs.
    pub fn house(&self) -> Result<House> {
        // Whether it can be had at all comes before the passphrase.
        let folder = Folder::open(&self.home)?;
        house::enter(folder, &self.passphrase()?)
    }

    /// The door to the node: the running one, or one opened in this process.
    pub fn door(&self) -> Result<Door> {
        folder::recognise(&self.home)?;
        match Call::connect(&folder::control_socket(&self.home)) {
            Ok(call) => Ok(Door::Running(call)),
            Err(fault) if fault.code == Code::NotRunning => {
                Ok(Door::Alone(Box::new(self.house()?)))
            }
            Err(fault) => Err(fault),
        }
    }

    /// One operation, and how it is told to a person.
    pub fn tell(
        &self,
        op: &str,
        args: Object,
        words: impl FnOnce(Of<'_>) -> String,
    ) -> Result<Answer> {
        let value = self.door()?.call(op, args)?;
        if self.json {
            return Ok(Answer::json(&value));
        }
        Ok(Answer::done(words(Of::value(&value))))
    }
}

/// A node to talk to.
pub enum Door {
    /// Another process runs it.
    Running(Call),
    /// Nobody runs it: this process has it until it ends.
    Alone(Box<House>),
}

impl Door {
    /// Does an operation to its end.
    pub fn call(&mut self, op: &str, args: Object) -> Result<Value> {
        match self {
            Door::Running(call) => call.call(op, args),
            Door::Alone(house) => app::run_alone(&mut house.node, op, &args),
        }
    }

    /// Whether another process runs it.
    pub fn is_running(&self) -> bool {
        matches!(self, Door::Running(_))
    }
}

/// A path that means the same in another process.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    let wrong = |error: std::io::Error| Code::ArgumentWrong.at(format!("path: {error}"));
    std::path::absolute(path).map_err(wrong)
}

/// A path as a text argument. [`Code::ArgumentWrong`] if it is not UTF-8.
pub fn path_argument(path: &Path) -> Result<String> {
    let path = absolute(path)?;
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| Code::ArgumentWrong.at(format!("{}: not UTF-8", path.display())))
}

/// A word as a shell takes it.
pub fn quoted(word: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_./:+@%=".contains(c);
    if !word.is_empty() && word.chars().all(bare) {
        return word.to_owned();
    }
    format!("'{}'", plain(word).replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_command_is_safe_to_copy() {
        assert_eq!(quoted("a/b-1"), "a/b-1");
        assert_eq!(quoted("my node"), "'my node'");
        assert_eq!(quoted("it's; rm -r x"), r"'it'\''s; rm -r x'");
        assert_eq!(quoted(""), "''");
    }
}
