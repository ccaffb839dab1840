//! The stage: two node folders, their processes, and the command line to each.

use crate::control::{self, Call};
use crate::durable;
use crate::folder;
use crate::problem;
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{self, Object, Value};
use counterpart_rules::say::{Lang, Say, render};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// One of the two authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Asks.
    Arcadia,
    /// Is asked.
    Borealis,
}

impl Who {
    /// Both.
    pub const ALL: [Who; 2] = [Who::Arcadia, Who::Borealis];

    /// Its name in English: also the name of its folder, in small letters.
    pub fn name(self) -> &'static str {
        if self == Who::Arcadia { "Arcadia" } else { "Borealis" }
    }

    /// Its name in Chinese.
    pub fn name_zh(self) -> &'static str {
        if self == Who::Arcadia { "阿卡迪亚" } else { "北境" }
    }

    /// The other one.
    pub fn other(self) -> Who {
        if self == Who::Arcadia { Who::Borealis } else { Who::Arcadia }
    }
}

/// The stage.
pub struct Stage {
    /// Where everything lies.
    pub folder: PathBuf,
    /// The language of the story.
    pub lang: Lang,
    /// The program that runs.
    pub program: PathBuf,
    processes: Vec<Child>,
}

/// The passphrase of both nodes; it lies beside them, since nothing here is secret.
const PASSPHRASE: &str = "an exercise, nothing secret";
/// How long the stage waits for something that should happen by itself.
const PATIENCE: Duration = Duration::from_secs(30);

impl Stage {
    /// Makes the folder, which is new or empty.
    pub fn set(folder: &Path, lang: Lang) -> Result<Stage> {
        let io = |error: std::io::Error| Code::Io.at(error.to_string());
        let used = std::fs::read_dir(folder).is_ok_and(|mut list| list.next().is_some());
        if used {
            return Err(Code::FolderInUse.at(folder.display().to_string()));
        }
        durable::make_folder(folder)?;
        let folder = std::path::absolute(folder).map_err(io)?;
        durable::create(&folder.join("passphrase"), PASSPHRASE.as_bytes())?;
        let program = std::env::current_exe().map_err(io)?;
        Ok(Stage { folder, lang, program, processes: Vec::new() })
    }

    /// A sentence of the story.
    pub fn say(&self, key: &str, args: &[(&str, &str)]) -> String {
        let say = args
            .iter()
            .fold(Say::of(format!("demo-{key}")), |say, (name, value)| say.with(name, *value));
        render(self.lang, &say)
    }

    /// A phrase that is not of the story alone.
    pub fn word(&self, key: &str) -> String {
        render(self.lang, &Say::of(key))
    }

    /// A new file on the stage with this text: its path.
    pub fn write(&self, name: &str, text: &str) -> Result<String> {
        durable::create(&self.folder.join(name), text.as_bytes())?;
        Ok(self.path(name))
    }

    /// The name of an authority in the language of the story.
    pub fn name(&self, who: Who) -> &'static str {
        if self.lang == Lang::ZhCn { who.name_zh() } else { who.name() }
    }

    /// A folder or file on the stage.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// The folder of a node.
    pub fn home(&self, who: Who) -> PathBuf {
        self.folder.join(who.name().to_lowercase())
    }

    /// Runs one command at a node and gives its JSON value; its fault if it refused.
    pub fn at(&self, who: Who, args: &[&str]) -> Result<Value> {
        let home = self.home(who).display().to_string();
        let (code, out, err) = self.program(&[&["--home", &home, "--json"], args].concat())?;
        if code == 0 {
            return json::parse_within(out.trim().as_bytes(), control::ANSWER_DEPTH);
        }
        let fault = json::parse_object(err.trim().as_bytes()).ok();
        let fault = fault.as_ref().and_then(|object| object.get("fault")?.as_object());
        let fault = fault.and_then(problem::read);
        Err(fault.unwrap_or_else(|| Code::Internal.at(format!("exit {code}: {}", err.trim()))))
    }

    /// Looks at a node through its control socket, as the command line does: cheap enough to wait
    /// with.
    pub fn look(&self, who: Who, operation: &str, args: Object) -> Result<Value> {
        let socket = folder::control_socket(&self.home(who));
        Call::connect(&socket).and_then(|mut call| call.call(operation, args))
    }

    /// Runs this program in a fresh process: exit code, output, error output.
    pub fn program(&self, args: &[&str]) -> Result<(i32, String, String)> {
        self.run(Command::new(&self.program).args(args))
    }

    /// Runs the verifier in a fresh process, as `counterpart verify`: a `counterpart-verify` that
    /// lies beside this program may be of another day.
    pub fn verifier(&self, args: &[&str]) -> Result<(i32, String, String)> {
        self.run(Command::new(&self.program).arg("verify").args(args))
    }

    fn run(&self, command: &mut Command) -> Result<(i32, String, String)> {
        let done = command
            .env("COUNTERPART_LANG", self.lang.tag())
            .env(crate::passphrase::VARIABLE, PASSPHRASE)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Code::Io.at(error.to_string()))?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok((done.status.code().unwrap_or(-1), text(done.stdout), text(done.stderr)))
    }

    /// Starts the process of a node and waits until it answers. Its number.
    pub fn start(&mut self, who: Who) -> Result<u32> {
        let child = Command::new(&self.program)
            .arg("--home")
            .arg(self.home(who))
            .arg("serve")
            .env(crate::passphrase::VARIABLE, PASSPHRASE)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Code::Io.at(error.to_string()))?;
        let number = child.id();
        self.processes.push(child);
        self.until("node", || Ok(self.look(who, "status", Object::default()).is_ok()))?;
        Ok(number)
    }

    /// Waits for something that should come by itself. [`Code::NotRunning`] if it does not.
    pub fn until(&self, what: &str, mut come: impl FnMut() -> Result<bool>) -> Result<()> {
        let began = Instant::now();
        while !come()? {
            if began.elapsed() > PATIENCE {
                return Err(Code::NotRunning.at(format!("waited in vain: {what}")));
            }
            std::thread::sleep(Duration::from_millis(15));
        }
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // SIGTERM would be kinder; a node must stand this too.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A port that is free at this moment.
pub fn free_port() -> Result<u16> {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).map_err(|error| Code::Io.at(error.to_string()))
}

/// A text member of a JSON value.
pub fn text(value: &Value, name: &str) -> Result<String> {
    let found = value.as_object().and_then(|object| object.get(name)).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| Code::Internal.at(format!("no {name} in the answer")))
}

/// A number member of a JSON value.
pub fn number(value: &Value, name: &str) -> i64 {
    let found = value.as_object().and_then(|object| object.get(name)).and_then(Value::as_int);
    found.unwrap_or(-1)
}

/// A yes-or-no member of a JSON value.
pub fn flag(value: &Value, name: &str) -> bool {
    let found = value.as_object().and_then(|object| object.get(name)).and_then(Value::as_bool);
    found.unwrap_or(false)
}
