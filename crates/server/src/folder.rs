//! The node's folder: what lies where, who may have it, and the few settings that are not keys.
//!
//! ```text
//! HOME/node.key       seeds of both rings, sealed       HOME/lock          one process at a time
//! HOME/record.db      the record                        HOME/control.sock  the door of the CLI
//! HOME/config         `key = value` lines            HOME/home.db       what stays here
//! HOME-root/root.key  the root pair, off line; the node never looks there
//! ```

use crate::durable::{self, io_at};
use counterpart_engine::Period;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::limits;
use counterpart_record::party::Desk;
use counterpart_rules::flow::flows;
use counterpart_rules::form::is_language;
use counterpart_rules::say::Lang;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A node's folder that this process has for itself, until the value is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The kernel gives the lock back when the process ends, however it ends.
    _lock: File,
}

impl Folder {
    /// Makes a new folder, or takes an empty one. Key file and record come next and `config` last:
    /// a folder without it is not a node. [`Code::FolderInUse`] if anything lies there.
    pub fn create(path: &Path) -> Result<Folder> {
        refuse_foreign(path)?;
        durable::make_folder(path)?;
        let folder = Folder { path: path.to_owned(), _lock: lock(path)? };
        // Somebody may have been quicker between the look and the lock.
        refuse_foreign(path)?;
        Ok(folder)
    }

    /// Takes the folder of a node. [`Code::FolderNotNode`] if it is none, [`Code::FolderLocked`]
    /// at once if another process has it, [`Code::StoreVersion`] if a later program made it.
    pub fn open(path: &Path) -> Result<Folder> {
        recognise(path)?;
        // What a later program laid out is not touched; other faults of `config` are named by what
        // needs the settings.
        if let Err(fault) = Config::read(path)
            && fault.code == Code::StoreVersion
        {
            return Err(fault);
        }
        durable::close_folder(path)?;
        Ok(Folder { path: path.to_owned(), _lock: lock(path)? })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The node's sealed seeds.
    pub fn key_file(&self) -> PathBuf {
        self.path.join(KEY_FILE)
    }

    /// The record.
    pub fn record(&self) -> PathBuf {
        self.path.join(RECORD)
    }

    /// What stays here: notes, owners, tasks.
    pub fn home_file(&self) -> PathBuf {
        self.path.join(HOME_FILE)
    }

    /// The socket that the running node listens on.
    pub fn control_socket(&self) -> PathBuf {
        control_socket(&self.path)
    }

    /// Reads the settings. [`Code::ConfigWrong`] names the line.
    pub fn config(&self) -> Result<Config> {
        Config::read(&self.path)
    }

    /// Writes the settings in the place of those that are there.
    pub fn write_config(&self, config: &Config) -> Result<()> {
        let text = config.to_text();
        // What could not be read again is not written.
        Config::parse(&text)?;
        durable::replace(&self.path.join(CONFIG), text.as_bytes())
    }
}

/// The sealed seeds, in a node's folder.
pub const KEY_FILE: &str = "node.key";
/// The record.
pub const RECORD: &str = "record.db";
/// The private part of the matters.
pub const HOME_FILE: &str = "home.db";
const ROOT_FILE: &str = "root.key";
/// The settings.
pub const CONFIG: &str = "config";
const LOCK: &str = "lock";
/// The format of a folder whose `config` names none, too: the first ones did not.
const FORMAT: &str = "1";
/// Largest `config` in bytes.
const CONFIG_BYTES: usize = 64 * 1024;

/// Whether `path` holds a node: [`Code::FolderNotNode`] says what is wrong with it,
/// [`Code::FolderIncomplete`] that one was begun there or lost its settings, and
/// [`Code::StoreDamaged`] that a part of one was lost.
pub fn recognise(path: &Path) -> Result<()> {
    let not = |why: &str| Err(Code::FolderNotNode.at(format!("{}: {why}", path.display())));
    if !path.exists() {
        return not("no such folder");
    }
    if !path.is_dir() {
        return not("not a folder");
    }
    let there = [KEY_FILE, CONFIG, RECORD].map(|name| path.join(name).is_file());
    let lost = |name: &str| Err(Code::StoreDamaged.at(format!("{name} is not there")));
    match there {
        [true, true, true] => return Ok(()),
        [true, true, false] => return lost(RECORD),
        [false, _, true] => return lost(KEY_FILE),
        [true, false, record] => {
            // `config` comes last: what began to be a node, or one that lost it.
            let lacks = if record { "config" } else { "config, record.db" };
            return Err(Code::FolderIncomplete.at(format!("{}: {lacks}", path.display())));
        }
        _ => {}
    }
    if path.join(ROOT_FILE).is_file() {
        return not("root keys lie here; the node's folder is another one");
    }
    not("no node.key")
}

/// The socket of the node in `home`, for a process that does not have the folder.
pub fn control_socket(home: &Path) -> PathBuf {
    home.join("control.sock")
}

/// Where the root keys of the node in `home` lie unless another place is named: `HOME-root`.
pub fn root_beside(home: &Path) -> PathBuf {
    let mut name = home.file_name().unwrap_or_default().to_owned();
    name.push("-root");
    home.with_file_name(name)
}

/// The root key file in the folder `root`.
pub fn root_key(root: &Path) -> PathBuf {
    root.join(ROOT_FILE)
}

/// Makes the folder of the root keys, or takes an empty one: [`Code::FolderInUse`] otherwise.
pub fn create_root(root: &Path) -> Result<()> {
    refuse_foreign(root)?;
    durable::make_folder(root)
}

/// Nothing there, an empty folder, or one where init stopped before it wrote anything.
fn refuse_foreign(path: &Path) -> Result<()> {
    let taken = || Code::FolderInUse.at(path.display().to_string());
    if !path.exists() {
        return Ok(());
    }
    if !path.is_dir() {
        return Err(taken());
    }
    for entry in fs::read_dir(path).map_err(io_at(path))? {
        if entry.map_err(io_at(path))?.file_name() != LOCK {
            return Err(taken());
        }
    }
    Ok(())
}

/// Takes the lock and writes our process id into it, for whoever comes second.
fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let mut options = OpenOptions::new();
    // Not truncated: the number in it belongs to whoever has the lock.
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut file = options.open(&path).map_err(io_at(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = (&file).take(20).read_to_string(&mut holder);
            let holder = holder.trim().parse::<u32>().map_or("?".into(), |pid| pid.to_string());
            let place = folder.display();
            return Err(Code::FolderLocked.at(format!("{place}: process {holder}")));
        }
        Err(TryLockError::Error(error)) => return Err(io_at(&path)(error)),
    }
    let pid = format!("{}\n", std::process::id());
    file.set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| file.write_all(pid.as_bytes()))
        .map_err(io_at(&path))?;
    Ok(file)
}

/// What an operator sets. The desk goes into the next credential; the rest stays here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// `name.<tag>`, `callback`, `endpoint`, `language`, `stream`; each but the name any number
    /// of times.
    pub desk: Desk,
    /// `listen`: the address and port that peers reach. None: a node that can only call out.
    pub listen: Option<SocketAddr>,
    /// `metrics`: address and port of this machine on which a monitor reads figures.
    pub metrics: Option<SocketAddr>,
    /// `lang`: the language of the node's own messages. None: that of the environment.
    pub lang: Option<Lang>,
    /// `on_ring`: a program that is run when something rings at our desks, climbs or stops.
    pub on_ring: Option<PathBuf>,
    /// `on_due`: a program that is run when a clock that concerns us passes a mark or its end.
    pub on_due: Option<PathBuf>,
    /// `line_test_hours`: every so many hours the node tests each line. None: it never does.
    pub line_test_hours: Option<u32>,
    /// `peer_acts_per_hour`: how many acts of one peer we register in an hour.
    pub peer_acts_per_hour: Option<u32>,
    /// `peer_mib_per_hour`: how many MiB we take from one peer in an hour.
    pub peer_mib_per_hour: Option<u32>,
    /// `peer_attachments_gib`: how many GiB of attachments we take from one peer. ATT-8.
    pub peer_attachments_gib: Option<u32>,
    /// `peer_connections`: how many connections one peer may have open.
    pub peer_connections: Option<u32>,
    /// `peer_handshakes_per_minute`: how many handshakes one peer or one address may begin.
    pub peer_handshakes_per_minute: Option<u32>,
    /// `pkcs11`: the module of the token on which the Ed25519 keys lie. None: they lie in the file.
    pub pkcs11: Option<PathBuf>,
    /// `pkcs11_token`: the label of that token.
    pub pkcs11_token: Option<String>,
    /// `pkcs11_pin_file`: a file whose first line is its PIN. None: the environment or a person.
    pub pkcs11_pin_file: Option<PathBuf>,
    /// `retain`, `retain.<stream>`, `retain.<stream>.<flow>` with `*` for any stream: days that the
    /// text of closed matters is kept, `365` or `365..730` (not before, and by then). RET-5.
    pub retain: Vec<Period>,
}

impl Config {
    /// Reads the settings of the node in `home`, which another process may have.
    pub fn read(home: &Path) -> Result<Config> {
        let bytes = durable::read(&home.join(CONFIG), CONFIG_BYTES)?;
        let text = String::from_utf8(bytes).map_err(|_| Code::ConfigWrong.at("not UTF-8"))?;
        Config::parse(&text)
    }

    /// Reads `key = value` lines; empty ones and those that begin with `#` are left out. Unknown
    /// keys and doubled ones are refused: a typing error must not become a default.
    pub fn parse(text: &str) -> Result<Config> {
        let mut config = Config::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = format!("line {}", index + 1);
            let (key, value) = line.split_once('=').ok_or_else(|| wrong(&place, "no ="))?;
            config.set(key.trim(), value.trim()).map_err(|fault| fault.within(&place))?;
        }
        if config.desk.names.is_empty() {
            return Err(Code::ConfigWrong.at("no name.<language>"));
        }
        if config.pkcs11.is_some() != config.pkcs11_token.is_some() {
            return Err(Code::ConfigWrong.at("pkcs11 and pkcs11_token: only one of the two"));
        }
        Ok(config)
    }

    /// Whether settings that were given on the command line can be written and read again. There is
    /// no file yet that somebody could correct: [`Code::ArgumentWrong`] names the setting.
    pub fn is_given_well(&self) -> Result<()> {
        Config::parse(&self.to_text()).map(drop).map_err(|fault| {
            let said = fault.at.split_once(": ").map(|(_line, said)| said.to_owned());
            Code::ArgumentWrong.at(said.unwrap_or(fault.at))
        })
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        if value.is_empty() || value.chars().count() > 200 || value.chars().any(char::is_control) {
            return Err(wrong(key, "empty, longer than 200 characters, or not plain text"));
        }
        let text = value.to_owned();
        match key {
            "listen" => once(&mut self.listen, key, value.parse().ok(), "not address:port"),
            "metrics" => {
                let local = value.parse().ok().filter(|at: &SocketAddr| at.ip().is_loopback());
                once(&mut self.metrics, key, local, "not address:port of this machine alone")
            }
            // Of the whole folder: of its small files, which have no number of their own.
            "format" if value == FORMAT => Ok(()),
            "format" => {
                let what = format!("folder of format {value}, this program knows {FORMAT}");
                Err(Code::StoreVersion.at(what))
            }
            "lang" => {
                let lang = Lang::ALL.into_iter().find(|lang| lang.tag() == value);
                once(&mut self.lang, key, lang, "not en or zh-CN")
            }
            "on_ring" | "on_due" => {
                let path = Some(PathBuf::from(value)).filter(|path| path.is_absolute());
                let slot = if key == "on_ring" { &mut self.on_ring } else { &mut self.on_due };
                once(slot, key, path, "not an absolute path")
            }
            "pkcs11" | "pkcs11_pin_file" => {
                let path = Some(PathBuf::from(value)).filter(|path| path.is_absolute());
                let slot = match key {
                    "pkcs11" => &mut self.pkcs11,
                    _ => &mut self.pkcs11_pin_file,
                };
                once(slot, key, path, "not an absolute path")
            }
            "pkcs11_token" => once(&mut self.pkcs11_token, key, Some(text), ""),
            "line_test_hours" => {
                let hours = value.parse().ok().filter(|hours| (1..=8_784).contains(hours));
                once(&mut self.line_test_hours, key, hours, "not a number from 1 to 8784")
            }
            _ if key.starts_with("peer_") => self.set_limit(key, value),
            "callback" => add(&mut self.desk.callback, key, text),
            "endpoint" if is_endpoint(value) => add(&mut self.desk.endpoints, key, text),
            "endpoint" => Err(wrong(key, "not host:port")),
            "language" if is_language(value) => add(&mut self.desk.languages, key, text),
            "language" => Err(wrong(key, "not a language tag")),
            "stream" => add(&mut self.desk.streams, key, text),
            "retain" => self.keep(key, "*", None, value),
            _ if key.starts_with("retain.") => {
                let (stream, flow) = match key["retain.".len()..].split_once('.') {
                    Some((stream, flow)) => (stream, Some(flow)),
                    None => (&key["retain.".len()..], None),
                };
                self.keep(key, stream, flow, value)
            }
            _ => match key.strip_prefix("name.") {
                Some(tag) if self.desk.names.iter().any(|(other, _)| other == tag) => {
                    Err(wrong(key, "twice"))
                }
                Some(tag) if is_tag(tag) => {
                    self.desk.names.push((tag.to_owned(), text));
                    Ok(())
                }
                _ => Err(wrong(key, "unknown")),
            },
        }
    }

    /// What one peer may ask of us.
    fn set_limit(&mut self, key: &str, value: &str) -> Result<()> {
        let (slot, most) = match key {
            "peer_acts_per_hour" => (&mut self.peer_acts_per_hour, 1_000_000_000),
            "peer_mib_per_hour" => (&mut self.peer_mib_per_hour, 1_048_576),
            "peer_attachments_gib" => (&mut self.peer_attachments_gib, 1_048_576),
            "peer_connections" => (&mut self.peer_connections, 64),
            "peer_handshakes_per_minute" => (&mut self.peer_handshakes_per_minute, 60_000),
            _ => return Err(wrong(key, "unknown")),
        };
        number(slot, key, value, most)
    }

    fn keep(&mut self, key: &str, stream: &str, flow: Option<&str>, value: &str) -> Result<()> {
        let (may, must) = value.split_once("..").unwrap_or((value, value));
        // A century is long enough to be a slip of the finger.
        let days = |text: &str| text.trim().parse().ok().filter(|days| *days <= 36_525);
        let (Some(may_days), Some(must_days)) = (days(may), days(must)) else {
            return Err(wrong(key, "not a number of days, or two as 365..730"));
        };
        if must_days < may_days {
            return Err(wrong(key, "the second number of days is before the first"));
        }
        if flow.is_some_and(|name| flows().iter().all(|flow| flow.name() != name)) {
            let names: Vec<&str> = flows().iter().map(|flow| flow.name()).collect();
            return Err(wrong(key, &format!("not one of {}", names.join(", "))));
        }
        let stream = Some(stream.to_owned()).filter(|stream| stream != "*");
        let period = Period { stream, flow: flow.map(str::to_owned), may_days, must_days };
        let same = |one: &Period| (&one.stream, &one.flow) == (&period.stream, &period.flow);
        if self.retain.iter().any(same) {
            return Err(wrong(key, "twice"));
        }
        self.retain.push(period);
        Ok(())
    }

    /// How many sealed bytes of attachments are taken from one peer.
    pub fn attachment_quota(&self) -> u64 {
        let given = self.peer_attachments_gib;
        given.map_or(limits::ATTACHMENT_PEER_BYTES, |gib| u64::from(gib) * 1024 * 1024 * 1024)
    }

    /// The settings as a file.
    pub fn to_text(&self) -> String {
        let mut text = String::from("# Settings of this node: one `key = value` on a line.\n");
        let mut line = |key: &str, value: &str| {
            let _ = writeln!(text, "{key} = {value}");
        };
        line("format", FORMAT);
        for (tag, name) in &self.desk.names {
            line(&format!("name.{tag}"), name);
        }
        for (key, values) in [
            ("callback", &self.desk.callback),
            ("endpoint", &self.desk.endpoints),
            ("language", &self.desk.languages),
            ("stream", &self.desk.streams),
        ] {
            values.iter().for_each(|value| line(key, value));
        }
        if let Some(listen) = self.listen {
            line("listen", &listen.to_string());
        }
        if let Some(metrics) = self.metrics {
            line("metrics", &metrics.to_string());
        }
        if let Some(lang) = self.lang {
            line("lang", lang.tag());
        }
        for (key, program) in [("on_ring", &self.on_ring), ("on_due", &self.on_due)] {
            program.iter().for_each(|program| line(key, &program.to_string_lossy()));
        }
        if let Some(hours) = self.line_test_hours {
            line("line_test_hours", &hours.to_string());
        }
        for (key, value) in [
            ("peer_acts_per_hour", self.peer_acts_per_hour),
            ("peer_mib_per_hour", self.peer_mib_per_hour),
            ("peer_attachments_gib", self.peer_attachments_gib),
            ("peer_connections", self.peer_connections),
            ("peer_handshakes_per_minute", self.peer_handshakes_per_minute),
        ] {
            value.into_iter().for_each(|value| line(key, &value.to_string()));
        }
        for (key, path) in [("pkcs11", &self.pkcs11), ("pkcs11_pin_file", &self.pkcs11_pin_file)] {
            path.iter().for_each(|path| line(key, &path.to_string_lossy()));
        }
        self.pkcs11_token.iter().for_each(|label| line("pkcs11_token", label));
        for Period { stream, flow, may_days, must_days } in &self.retain {
            let parts = ["retain", stream.as_deref().unwrap_or("*")];
            let parts = parts.into_iter().chain(flow.as_deref());
            line(&parts.collect::<Vec<_>>().join("."), &format!("{may_days}..{must_days}"));
        }
        text
    }
}

/// From 2 on, since a peer that cannot be called needs two connections.
fn number(slot: &mut Option<u32>, key: &str, value: &str, most: u32) -> Result<()> {
    let number = value.parse().ok().filter(|number| (2..=most).contains(number));
    once(slot, key, number, &format!("not a number from 2 to {most}"))
}

fn once<T>(slot: &mut Option<T>, key: &str, value: Option<T>, why: &str) -> Result<()> {
    let value = value.ok_or_else(|| wrong(key, why))?;
    if slot.replace(value).is_some() { Err(wrong(key, "twice")) } else { Ok(()) }
}

fn add(list: &mut Vec<String>, key: &str, value: String) -> Result<()> {
    if list.contains(&value) {
        return Err(wrong(key, "twice"));
    }
    if list.len() == 32 {
        return Err(wrong(key, "more than 32"));
    }
    list.push(value);
    Ok(())
}

/// `host:port`, where a host in brackets is an IPv6 address.
fn is_endpoint(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let host_fits = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.chars().all(plain),
    };
    host_fits && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// A language tag in the letters of BCP 47; what it means is not looked up.
fn is_tag(text: &str) -> bool {
    let parts = || text.split('-');
    parts().all(|part| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }) && parts().next().is_some_and(|first| first.len() >= 2)
}

fn wrong(place: &str, why: &str) -> Fault {
    Code::ConfigWrong.at(format!("{place}: {why}"))
}

#[cfg(test)]
mod tests;
