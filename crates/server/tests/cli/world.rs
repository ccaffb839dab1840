//! Two authorities in a temporary folder, and what one call printed.

use counterpart_record::strict::json::{self, Object, Value};
use counterpart_server::keyfile::{Cost, Lock, NodeSeeds, RootSeeds};
use counterpart_server::seam::SystemRandom;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::UNIX_EPOCH;

pub const PASSPHRASE: &str = "tea before the storm";

/// A request that the rules accept.
pub const REQUEST: &str = r#"{"type": "new", "measure": "preservation", "instrument": "budapest",
    "urgency": "normal", "reply_by": "2099-06-14T12:00:00+08:00", "offence": "illegal-access",
    "max_penalty": "P5Y", "purpose": "investigation", "legal_basis": "Article 12",
    "authorising_body": "Court of Arcadia", "necessity": "Logs vanish after 30 days.",
    "persons": {"suspect": 1, "suspect_minors": 0}, "assured": "none",
    "facts": "Somebody entered the mail server of a hospital.",
    "link": "The address is the one that the intruder used.",
    "formal_follows": true, "formal_by": "2099-12-31",
    "identifiers": ["ip:192.0.2.7"]}"#;

/// A folder with nothing in it, gone with the value.
pub struct World {
    dir: PathBuf,
    /// What the program finds in its environment besides.
    pub env: Vec<(&'static str, PathBuf)>,
}

/// What one call printed and how it ended.
pub struct Ran {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl World {
    pub fn new() -> World {
        World::within(&std::env::temp_dir())
    }

    fn within(parent: &Path) -> World {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let dir = parent.join(format!("counterpart-cli-{}-{number}", std::process::id()));
            match std::fs::create_dir(&dir) {
                Ok(()) => return World { dir, env: Vec::new() },
                // A test that was killed left it, and its number went round.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => panic!("{}: {error}", dir.display()),
            }
        }
    }

    /// Two nodes that have accredited each other; the request lies in `request.json`.
    pub fn enrolled() -> World {
        let world = World::new();
        copy_all(&enrolled_once(), &world.dir);
        world
    }

    fn enrol(&self) {
        for name in ["arcadia", "borealis"] {
            let title = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
            self.run(name, &["init", "--name", &title]).good();
            self.unlock_quickly(name);
        }
        self.introduce();
        std::fs::write(self.path("request.json"), REQUEST).unwrap();
    }

    /// Nobody here guesses at a passphrase: each try costs the least that a key file may ask.
    fn unlock_quickly(&self, name: &str) {
        let lock = Lock { passphrase: PASSPHRASE, cost: Cost::LEAST, random: &SystemRandom };
        let (node, root) = (format!("{name}/node.key"), format!("{name}-root/root.key"));
        let (node, root) = (self.path(&node), self.path(&root));
        NodeSeeds::open(&node, PASSPHRASE).unwrap().replace(&node, &lock).unwrap();
        RootSeeds::open(&root, PASSPHRASE).unwrap().replace(&root, &lock).unwrap();
    }

    /// Two nodes that were founded accredit each other.
    pub fn introduce(&self) {
        let houses = [("arcadia", "Arcadia"), ("borealis", "Borealis")];
        for (name, _) in houses {
            self.run(name, &["credential", "export", &format!("{name}.credential")]).good();
        }
        for ((name, _), (peer, title)) in [(houses[0], houses[1]), (houses[1], houses[0])] {
            self.run(name, &["credential", "import", &format!("{peer}.credential")]).good();
            let print = self.fingerprint(peer);
            let args = ["accredit", title, "--compared", "voice", "--fingerprint", &print];
            self.run(name, &args).good();
        }
    }

    /// The same folder once more, so that what is tried there leaves this one as it is.
    pub fn copied(&self) -> World {
        let mut copy = World::new();
        copy.env.clone_from(&self.env);
        copy_all(&self.dir, &copy.dir);
        copy
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The program in this folder, with nothing from our environment but the passphrase.
    pub fn command(&self, name: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart"));
        command.current_dir(&self.dir).env_clear().env("COUNTERPART_PASSPHRASE", PASSPHRASE);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.env("COUNTERPART_HOME", name).args(args).stdin(Stdio::null());
        command
    }

    pub fn run(&self, name: &str, args: &[&str]) -> Ran {
        Ran::of(&mut self.command(name, args))
    }

    /// The JSON value that a command prints.
    pub fn json(&self, name: &str, args: &[&str]) -> Value {
        let ran = self.run(name, &[args, &["--json"]].concat()).good();
        assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
        json::parse(ran.out.trim_end().as_bytes()).unwrap()
    }

    pub fn object(&self, name: &str, args: &[&str]) -> Object {
        self.json(name, args).as_object().unwrap().clone()
    }

    pub fn fingerprint(&self, name: &str) -> String {
        text(&self.object(name, &["fingerprint"]), "fingerprint").to_owned()
    }

    /// From one to the other, as a file.
    pub fn carry(&self, from: &str, to: &str, more: &[&str]) -> Object {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let file = format!("pouch-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.run(from, &[&["pouch", "pack", to, &file], more].concat()).good();
        self.object(to, &["pouch", "unpack", &file])
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Ran {
    pub fn of(command: &mut Command) -> Ran {
        let output = command.output().unwrap();
        Ran {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap(),
        }
    }

    #[track_caller]
    pub fn good(self) -> Ran {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        assert_eq!(self.err, "");
        self
    }

    /// Done; how far it came was told on the side.
    #[track_caller]
    pub fn good_with_progress(self) -> Ran {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        assert!(self.err.lines().all(|line| line.ends_with('%')), "{}", self.err);
        self
    }

    /// The short name of the fault that was printed with `--json`.
    #[track_caller]
    pub fn fault(&self) -> String {
        let object = json::parse_object(self.err.trim_end().as_bytes());
        let object = object.unwrap_or_else(|_| panic!("{}{}", self.out, self.err));
        let fault = object.get("fault").and_then(Value::as_object).unwrap();
        assert!(!text(fault, "what").is_empty() && !text(fault, "do").is_empty());
        text(fault, "code").strip_prefix("urn:counterpart:fault:").unwrap().to_owned()
    }
}

#[track_caller]
pub fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name}: {object:?}"))
}

/// What [`World::enrolled`] copies: made by the program once for each build of it and each hour, by
/// whichever test is the first to ask.
fn enrolled_once() -> PathBuf {
    let since = |time: std::time::SystemTime| time.duration_since(UNIX_EPOCH).unwrap();
    let built = Path::new(env!("CARGO_BIN_EXE_counterpart")).metadata().unwrap();
    let hour = since(std::time::SystemTime::now()).as_secs() / 3_600;
    let shelf = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let ready = shelf.join(format!("{hour}-{}", since(built.modified().unwrap()).as_nanos()));
    if !ready.is_dir() {
        forget_before(shelf, hour - 1);
        let world = World::within(shelf);
        world.enrol();
        // Of two that began at once the first is taken.
        let taken = std::fs::rename(&world.dir, &ready);
        assert!(taken.is_ok() || ready.is_dir(), "{taken:?}");
    }
    ready
}

/// Takes away those of hours of which no test can be under way any more.
fn forget_before(shelf: &Path, hour: u64) {
    for entry in std::fs::read_dir(shelf).unwrap().flatten() {
        let name = entry.file_name();
        let of = name.to_str().and_then(|name| name.split_once('-')?.0.parse::<u64>().ok());
        if of.is_some_and(|of| of < hour) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn copy_all(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&place).unwrap();
            copy_all(&entry.path(), &place);
            let rights = entry.metadata().unwrap().permissions();
            std::fs::set_permissions(&place, rights).unwrap();
        } else {
            std::fs::copy(entry.path(), &place).unwrap();
        }
    }
}
