//! Nodes that run in processes of their own.

use crate::world::World;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// A node that runs until the value is dropped.
pub struct Running(pub Child);

impl Running {
    pub fn start(world: &World, name: &str) -> Running {
        let mut command = world.command(name, &["serve"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("runs"), "{line}");
        Running(child)
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// As Ctrl-C or a service manager would.
    pub fn end(mut self) {
        let pid = self.id().to_string();
        assert!(std::process::Command::new("kill").arg(&pid).status().unwrap().success());
        let ended = self.0.wait().unwrap();
        assert!(ended.success(), "{ended}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two houses, `arcadia` and `borealis`, that know and can call each other; neither node runs yet.
pub fn acquainted() -> World {
    let world = World::new();
    let houses = [("arcadia", "Arcadia", "+1 555 0100"), ("borealis", "Borealis", "+1 555 0199")];
    for (name, title, number) in houses {
        let init = ["init", "--name", title, "--listen", &free(), "--callback", number];
        world.run(name, &init).good();
    }
    world.introduce();
    world
}

/// A port that nobody had a moment ago.
pub fn free() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[track_caller]
pub fn until(what: &str, mut held: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !held() {
        assert!(begun.elapsed() < Duration::from_secs(60), "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
