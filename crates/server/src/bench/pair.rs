//! Two real nodes in two processes on this machine, enrolled with each other.

use crate::control::Call;
use crate::folder::{self, Config};
use crate::house::{self, House};
use crate::keyfile::{Cost, Lock, NodeSeeds};
use crate::seam::SystemRandom;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{Entry, PartyId};
use counterpart_record::party::{Accreditation, Control, Desk};
use counterpart_record::strict::json::Object;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(super) const PASSPHRASE: &str = "measured, not guarded";

/// One node.
pub struct Seat {
    /// Its folder.
    pub home: PathBuf,
    program: PathBuf,
    process: Child,
}

/// Both.
pub struct Pair {
    /// Who asks.
    pub a: Seat,
    /// Who is asked.
    pub b: Seat,
    /// The party that is asked.
    pub b_party: PartyId,
}

impl Pair {
    /// Founds, enrols and starts two nodes in a folder; `program` is the node's binary.
    pub fn start(folder: &Path, program: &Path) -> Result<Pair> {
        let mut first = found(folder, "arcadia")?;
        let mut second = found(folder, "borealis")?;
        let b_party = second.0.node.party();
        introduce(&mut first, &mut second)?;
        drop((first, second));
        let a = Seat::start(folder.join("arcadia"), program.to_owned())?;
        let b = Seat::start(folder.join("borealis"), program.to_owned())?;
        Ok(Pair { a, b, b_party })
    }
}

/// A house that nobody lives in yet, and where its root keys lie.
pub(super) type Founded = (House, PathBuf);

/// Founds a node that listens on a free port.
pub(super) fn found(folder: &Path, name: &str) -> Result<Founded> {
    let port = free_port()?;
    let config = Config {
        desk: Desk {
            names: vec![("en".into(), name.into())],
            endpoints: vec![format!("127.0.0.1:{port}")],
            ..Desk::default()
        },
        listen: format!("127.0.0.1:{port}").parse().ok(),
        ..Config::default()
    };
    let home = folder.join(name);
    let root = folder::root_beside(&home);
    let house = house::found(&home, &root, &config, PASSPHRASE, PASSPHRASE)?;
    // What is measured is not the price of a guess at the passphrase.
    let seeds = NodeSeeds::open(&house.folder.key_file(), PASSPHRASE)?;
    let lock = Lock { passphrase: PASSPHRASE, cost: Cost::LEAST, random: &SystemRandom };
    seeds.replace(&house.folder.key_file(), &lock)?;
    Ok((house, root))
}

/// Each accredits the other.
pub(super) fn introduce(first: &mut Founded, second: &mut Founded) -> Result<()> {
    let credential = |of: &mut Founded| of.0.node.credential_bytes().map(<[u8]>::to_vec);
    let (ours, theirs) = (credential(first)?, credential(second)?);
    for ((house, root), theirs) in [(first, theirs), (second, ours)] {
        let peer = house.node.import_credential(&theirs)?;
        let accreditation = Control::Accreditation(Accreditation {
            by: house.node.party(),
            peer: peer.credential.party,
            credential: Entry::of(&theirs),
            compared: "in-person".into(),
            issued_at: crate::seam::now(),
        });
        let keys = house::root_keys(root, PASSPHRASE)?;
        house.node.adopt(&accreditation.sign(&keys)?)?;
    }
    Ok(())
}

impl Seat {
    /// Starts the node in a folder.
    pub(super) fn start(home: PathBuf, program: PathBuf) -> Result<Seat> {
        let process = Command::new(&program)
            .args(["serve", "--home"])
            .arg(&home)
            .env(crate::passphrase::VARIABLE, PASSPHRASE)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| Code::Io.at(error.to_string()))?;
        let seat = Seat { home, program, process };
        seat.wait()?;
        Ok(seat)
    }

    /// Kills the process at once, as a power cut would, and starts it again.
    pub fn kill_and_restart(&mut self) -> Result<()> {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let fresh = Seat::start(self.home.clone(), self.program.clone())?;
        *self = fresh;
        Ok(())
    }

    /// The number of its process.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Until it answers.
    fn wait(&self) -> Result<()> {
        let began = Instant::now();
        loop {
            let answered = Call::connect(&self.socket())
                .and_then(|mut call| call.call("status", Object::default()));
            match answered {
                Ok(_) => return Ok(()),
                Err(fault) if began.elapsed() > Duration::from_secs(30) => return Err(fault),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Its control socket.
    pub fn socket(&self) -> PathBuf {
        folder::control_socket(&self.home)
    }

    /// CPU seconds that its process has used.
    pub fn cpu_seconds(&self) -> f64 {
        cpu_seconds(&self.process.id().to_string())
    }

    /// The most memory that it ever had, in MiB.
    pub fn peak_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or(0.0) / 1024.0
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// CPU seconds that a process has used: its number, or `self`.
pub fn cpu_seconds(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let fields: Vec<f64> =
        after.split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect();
    // Fields 14 and 15 of proc(5), in ticks of 10 ms.
    fields.get(11).zip(fields.get(12)).map_or(0.0, |(user, system)| (user + system) / 100.0)
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| Code::Io.at(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{self, Step};
    use crate::quota::{Answered, Guard, Limits, Pass};
    use crate::runner;
    use crate::scratch::Scratch;
    use counterpart_record::keys::Ring;
    use counterpart_record::strict::json::Value;
    use std::sync::Arc;

    /// An act may come in the answer to a parcel of ours that crossed it. Its author must not wait
    /// for our word until the line is idle.
    #[tokio::test]
    async fn acts_that_come_in_an_answer_are_acknowledged_at_once() {
        let scratch = Scratch::new("answered");
        let mut first = found(scratch.path(), "arcadia").unwrap();
        let mut second = found(scratch.path(), "borealis").unwrap();
        introduce(&mut first, &mut second).unwrap();
        let (mut at_a, at_b) = (first.0.node, second.0.node);
        let (a, b) = (at_a.party(), at_b.party());
        let asked = super::super::exchange::request_to(&b);
        app::run_alone(&mut at_a, "act", &asked).unwrap();
        let parcel = at_a.outgoing(&b, Ring::Live, true).unwrap().unwrap();
        let (ledger, _thread) = runner::start(at_b, Arc::new(Guard::new(Limits::default())));
        assert!(ledger.answer(a, parcel.clone()).await.unwrap(), "its author waits for our word");
        let word = ledger.outgoing(a, Ring::Live, true).await.unwrap().unwrap();
        assert!(!ledger.answer(a, parcel).await.unwrap(), "what is known needs none");
        at_a.incoming(&word).unwrap();
        // Credential, accreditation, request.
        assert_eq!(at_a.held_by_peer(&b, Ring::Live).unwrap(), 3);
    }

    /// ASK-5: somebody at another desk ended the draft a moment ago. The request is told with what
    /// kept the second act, and nobody sends it again.
    #[test]
    fn an_act_is_told_also_where_what_follows_from_it_fails() {
        let scratch = Scratch::new("followed");
        let mut first = found(scratch.path(), "arcadia").unwrap();
        let mut second = found(scratch.path(), "borealis").unwrap();
        introduce(&mut first, &mut second).unwrap();
        let (mut node, b) = (first.0.node, second.0.node.party());
        let text = |of: &Object, name: &str| of.get(name).unwrap().as_str().unwrap().to_owned();
        let asked = super::super::exchange::request_to(&b);
        let shown = asked.clone().with("kind", "show-draft");
        let shown = app::run_alone(&mut node, "act", &shown).unwrap();
        let draft = text(shown.as_object().unwrap(), "matter");
        let asked = asked.with("from", draft.as_str());
        let Step::Draft(asked, Some(then)) = app::run(&mut node, "act", &asked).unwrap() else {
            panic!("the draft is to end with it")
        };
        let gone = Object::default().with("dropped_for", "not-needed");
        let gone = Object::default().with("kind", "drop-draft").with("fields", gone);
        app::run_alone(&mut node, "act", &gone.with("matter", draft.as_str())).unwrap();
        node.submit(*asked).unwrap();
        let act = node.ledger().unwrap().pop().unwrap().1.unwrap();
        let told = app::logged_with(&mut node, &act, Some(then));
        let told = told.as_object().unwrap();
        assert_eq!(text(told, "entry"), act.entry.to_string());
        let then = told.get("then").and_then(Value::as_object).unwrap();
        assert_eq!(text(then, "matter"), draft);
        let fault = then.get("fault").and_then(Value::as_object).unwrap();
        assert_eq!(crate::problem::read(fault).unwrap().code, Code::NotPermitted);
        assert!(then.get("entry").is_none());
    }

    /// ASK-11: nothing of a call is said as it is, whoever asks for it and at whichever door.
    #[test]
    fn what_cannot_be_meant_is_never_said_in_a_call() {
        let scratch = Scratch::new("meant");
        let mut first = found(scratch.path(), "arcadia").unwrap();
        let mut second = found(scratch.path(), "borealis").unwrap();
        introduce(&mut first, &mut second).unwrap();
        let (mut node, b) = (first.0.node, second.0.node.party());
        let fields = Object::default().with("surge_until", "2999-01-01T00:00:00Z");
        let fields = fields.with("text", "A wave of frauds.");
        let args = Object::default().with("kind", "surge-propose").with("peer", b.to_string());
        let args = args.with("fields", fields).with("as_it_is", true);
        let fault = app::run_alone(&mut node, "act", &args).unwrap_err();
        assert_eq!((fault.code, &*fault.at), (Code::FieldsWrong, "surge_until (too-late)"));
    }

    /// What an answer brings goes to the same account as what is pushed; the word in it, by which
    /// people see that their act has come, is taken all the same.
    #[tokio::test]
    async fn of_a_peer_above_its_quota_an_answer_still_brings_its_word() {
        let scratch = Scratch::new("above");
        let mut first = found(scratch.path(), "arcadia").unwrap();
        let mut second = found(scratch.path(), "borealis").unwrap();
        introduce(&mut first, &mut second).unwrap();
        let (mut at_a, mut at_b) = (first.0.node, second.0.node);
        let (a, b) = (at_a.party(), at_b.party());
        let asked = super::super::exchange::request_to(&b);
        app::run_alone(&mut at_a, "act", &asked).unwrap();
        let parcel = at_a.outgoing(&b, Ring::Live, true).unwrap().unwrap();
        let asked = super::super::exchange::request_to(&a);
        app::run_alone(&mut at_b, "act", &asked).unwrap();
        let (_, answer) = at_b.respond(&parcel).unwrap();
        let (ledger, _thread) = runner::start(at_a, Arc::new(Guard::new(Limits::default())));
        let quotas = &ledger.guard.quotas;
        quotas.brought(b, Pass::Usual, (1 << 40, true), Instant::now());
        // Not even a small one, in which a call could be.
        while quotas.admit_answer(b, 0, Instant::now()) == Answered::All(Pass::Small) {}
        ledger.answer(b, answer.unwrap()).await.unwrap();
        let (held, acts) = ledger
            .look(b, move |node| {
                let acts = node.matters(10)?.iter().filter(|one| !one.mine).count();
                Ok((node.held_by_peer(&b, Ring::Live)?, acts))
            })
            .await
            .unwrap();
        assert_eq!((held, acts), (3, 0), "its word, and not its act");
        // What was left out is asked for by our next position.
        let word = ledger.outgoing(b, Ring::Live, true).await.unwrap().unwrap();
        at_b.lost(&a, Ring::Live).unwrap();
        at_b.incoming(&word).unwrap();
        let again = at_b.outgoing(&a, Ring::Live, true).unwrap().unwrap();
        ledger.parcel(b, (again, Pass::Usual)).await.unwrap();
        let acts = ledger.look(b, |node| Ok(node.matters(10)?.len())).await.unwrap();
        assert_eq!(acts, 2);
        // Answers that come to nothing, without end, are not even opened.
        let quotas = &ledger.guard.quotas;
        (0..200).for_each(|_| quotas.brought(b, Pass::Usual, (0, false), Instant::now()));
        let fault = ledger.answer(b, vec![1]).await.unwrap_err();
        assert_eq!(fault.code, Code::PeerUnreachable);
    }
}
