//! What a hostile peer costs the others: three real nodes, of which B floods A with acts, sends
//! what is malformed as fast as it can and opens connections that never say anything, while C
//! exchanges acts with A. C's times then, beside C's times before, of the same run.
//!
//! B is this program in a process of its own, at the lowest priority: in life it has a machine to
//! itself, and the processor time that it uses up here would be counted against A. What that does
//! to C's times is measured by itself: a control that uses as much, and knows nothing of A.

use super::exchange::request_to;
use super::figures::Figure;
use super::pair::{PASSPHRASE, Seat, cpu_seconds, found, introduce};
use super::{limit, opening};
use crate::control::Call;
use crate::folder::Folder;
use crate::house::{self, House};
use crate::peer::PeerLink;
use crate::tls::{Identity, reach};
use counterpart_engine::route::Route;
use counterpart_engine::{Draft, Target};
use counterpart_record::fault::{Code, Result};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::Object;
use counterpart_rules::flow::usual;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The parts that are B, which a person does not ask for: acts and silence; and what is malformed.
pub const FLOOD: &str = "hostile-flood";
/// All of it.
pub const ATTACK: &str = "hostile-all";
/// The control: the processor time of B, spent by nobody who knows A.
pub const BESIDE: &str = "hostile-beside";
/// Where B's node lies.
const VARIABLE: &str = "COUNTERPART_BENCH_HOSTILE";
/// Thousandths of one processor that the control spends.
const SPENT: &str = "COUNTERPART_BENCH_SPENT";
/// Acts that B has ready.
const BACKLOG: usize = 40_000;
/// Connections that never say anything, and those over which B sends.
const SILENT: usize = 1_000;
const SENDING: usize = 3;
/// How often C is measured in turn alone, with B, and beside the control; and for how long.
const ROUNDS: usize = 3;
const TIME: Duration = Duration::from_secs(6);
/// Where B calls from: in life it has an address of its own.
const FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// C's times in milliseconds: without B, with it, and beside its processor time.
#[derive(Default)]
struct Times {
    quiet: Vec<f64>,
    loud: Vec<f64>,
    beside: Vec<f64>,
}

/// All figures.
pub fn measure(folder: &Path, tell: &mut dyn FnMut(&str), out: &mut Vec<Figure>) -> Result<()> {
    tell("hostile: three nodes");
    let program = std::env::current_exe().map_err(|error| Code::Io.at(error.to_string()))?;
    let at = folder.join("hostile");
    std::fs::create_dir_all(&at).map_err(|error| Code::Io.at(error.to_string()))?;
    let mut a = found(&at, "arcadia")?;
    let (mut b, mut c) = (found(&at, "borealis")?, found(&at, "cascadia")?);
    introduce(&mut a, &mut b)?;
    introduce(&mut a, &mut c)?;
    let request = request_to(&a.0.node.party());
    drop((a, b, c));
    let start = |name: &str| Seat::start(at.join(name), program.clone());
    let (a, c) = (start("arcadia")?, start("cascadia")?);
    exchange(&c, &request, Duration::from_secs(2))?;
    // First what the quotas let through: good acts, as fast as A takes them. Then everything.
    for part in [FLOOD, ATTACK] {
        let mut times = Times::default();
        for round in 1..=ROUNDS {
            tell(&format!("{part}: round {round} of {ROUNDS}"));
            let stage = Stage { program: &program, at: &at, a: &a, c: &c, request: &request };
            one_round(&stage, part, &mut times, tell)?;
        }
        for of in [50, 99] {
            let [quiet, loud, beside] = [&mut times.quiet, &mut times.loud, &mut times.beside]
                .map(|times| hundredth(times, of));
            // What the node itself lets a hostile peer do to others, and what any other program
            // of the same machine would do to them.
            let limit = ("beside B's processor time", beside);
            out.push(Figure::cost(format!("{part}.p{of}"), "ms", loud, limit));
            let limit = ("the same, without anything beside", quiet);
            out.push(Figure::cost(format!("{part}.control.p{of}"), "ms", beside, limit));
        }
    }
    let most = ("512 MiB", 512.0);
    out.push(Figure::cost("hostile.memory", "MiB at the peak", a.peak_mib(), most));
    Ok(())
}

/// Who takes part.
struct Stage<'a> {
    program: &'a Path,
    at: &'a Path,
    a: &'a Seat,
    c: &'a Seat,
    request: &'a Object,
}

/// C alone, C while B is at it, C beside the processor time that B used.
fn one_round(
    stage: &Stage<'_>,
    part: &str,
    times: &mut Times,
    tell: &mut dyn FnMut(&str),
) -> Result<()> {
    let Stage { program, at, a, c, request } = *stage;
    times.quiet.extend(exchange(c, request, TIME)?);
    let mut attack = Attack::start(program, part, &[(VARIABLE, at.join("borealis").into())])?;
    std::thread::sleep(Duration::from_secs(1));
    let (before, spent) = (own_size(a)?, attack.cpu_seconds());
    let (begun, loud) = (Instant::now(), exchange(c, request, TIME)?);
    let spent = (attack.cpu_seconds() - spent) / begun.elapsed().as_secs_f64();
    let taken = own_size(a)?.saturating_sub(before).saturating_sub(loud.len() as u64);
    let (lived, count) = (attack.is_running(), attack.end());
    if !lived {
        return Err(Code::Internal.at("B has ended"));
    }
    let thousandths = format!("{:.0}", spent * 1e3);
    tell(&format!(
        "A took {taken} acts of B, B made {count} requests and used {thousandths} thousandths \
         of a processor"
    ));
    times.loud.extend(loud);
    drop(attack);
    let beside = Attack::start(program, BESIDE, &[(SPENT, thousandths.into())])?;
    times.beside.extend(exchange(c, request, TIME)?);
    drop(beside);
    Ok(())
}

/// One act after the other, each until the peer holds it; their times in milliseconds.
fn exchange(seat: &Seat, request: &Object, time: Duration) -> Result<Vec<f64>> {
    let mut call = Call::connect(&seat.socket())?;
    let (begun, mut times) = (Instant::now(), Vec::new());
    while begun.elapsed() < time {
        let began = Instant::now();
        call.call("act", request.clone())?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}

fn hundredth(times: &mut [f64], of: usize) -> f64 {
    if of == 50 {
        return limit::median(times);
    }
    times.sort_by(f64::total_cmp);
    times.get((times.len() * of / 100).min(times.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

/// Leaves of all logs of a node.
fn own_size(seat: &Seat) -> Result<u64> {
    let status = Call::connect(&seat.socket())?.call("status", Object::default())?;
    let list = |object: &Object, name: &str| {
        let list = object.get(name).and_then(|list| list.as_array()).unwrap_or_default();
        list.iter().filter_map(|one| one.as_object().cloned()).collect::<Vec<Object>>()
    };
    let peers = status.as_object().map(|status| list(status, "peers")).unwrap_or_default();
    let sizes = peers.iter().flat_map(|peer| list(peer, "channels"));
    let size = |channel: Object| channel.get("own_size").and_then(|size| size.as_int());
    Ok(sizes.filter_map(size).filter_map(|size| u64::try_from(size).ok()).sum())
}

/// B, in a process of its own.
struct Attack {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Attack {
    /// Until it has made its acts and begins.
    fn start(program: &Path, part: &str, settings: &[(&str, OsString)]) -> Result<Attack> {
        let broken = |error: std::io::Error| Code::Io.at(error.to_string());
        let mut process = Command::new("nice")
            .args(["-n", "19"])
            .arg(program)
            .args(["bench", part])
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(broken)?;
        let said = process.stdout.take().ok_or_else(|| Code::Internal.at("stdout"))?;
        let mut attack = Attack { process, said: BufReader::new(said) };
        attack.said.read_line(&mut String::new()).map_err(broken)?;
        Ok(attack)
    }

    /// Processor time that it has used.
    fn cpu_seconds(&self) -> f64 {
        cpu_seconds(&self.process.id().to_string())
    }

    fn is_running(&mut self) -> bool {
        self.process.try_wait().is_ok_and(|ended| ended.is_none())
    }

    /// How many requests it made.
    fn end(&mut self) -> String {
        drop(self.process.stdin.take());
        let mut count = String::new();
        let _ = self.said.read_line(&mut count);
        count.trim().to_owned()
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// B: makes its acts, then floods the one peer it has until nobody listens to it any more.
pub fn attack(malformed: bool) -> Result<()> {
    let missing = || Code::ArgumentWrong.at(format!("{VARIABLE}: the folder of a node"));
    let home = PathBuf::from(std::env::var_os(VARIABLE).ok_or_else(missing)?);
    let mut house = house::enter(Folder::open(&home)?, PASSPHRASE)?;
    let route = house.node.routes().pop().ok_or_else(|| Code::PeerUnknown.at("nobody"))?;
    let (peer, ring) = (route.peer, Ring::Live);
    let waits = house.node.written().map(|(_, size)| size).max().unwrap_or(0);
    let waits = waits.saturating_sub(house.node.held_by_peer(&peer, ring)?) as usize;
    for _ in waits..BACKLOG {
        house.node.submit(draft(&route))?;
    }
    house.node.ledger()?;
    println!("ready");
    let made = Arc::new(AtomicU64::new(0));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let mut runtime = runtime.map_err(|error| Code::Io.at(error.to_string()))?;
    flood(&mut runtime, house, &route, (malformed, &made))?;
    // Until whoever measures has enough.
    let _ = std::io::stdin().read_line(&mut String::new());
    runtime.shutdown_background();
    println!("{}", made.load(Ordering::Relaxed));
    Ok(())
}

/// The control: so much processor time in short pieces, on two threads as B's, until whoever
/// measures has enough.
pub fn beside() -> Result<()> {
    let wrong = || Code::ArgumentWrong.at(format!("{SPENT}: thousandths of a processor"));
    let spent = std::env::var(SPENT).ok().and_then(|spent| spent.parse::<u32>().ok());
    let share = (f64::from(spent.ok_or_else(wrong)?) / 2e3).min(1.0);
    println!("ready");
    for _ in 0..2 {
        std::thread::spawn(move || {
            let piece = Duration::from_millis(2);
            loop {
                let begun = Instant::now();
                while begun.elapsed() < piece.mul_f64(share) {
                    std::hint::black_box(counterpart_record::hash::sha256(&[&[0; 1024]]));
                }
                std::thread::sleep(piece.saturating_sub(begun.elapsed()));
            }
        });
    }
    let _ = std::io::stdin().read_line(&mut String::new());
    println!("0");
    Ok(())
}

fn draft(route: &Route) -> Draft {
    Draft {
        peer: route.peer,
        ring: Ring::Live,
        target: Target::New { stream: "cybercrime".into() },
        rules: usual().rules().to_owned(),
        kind: "request".to_owned(),
        body: opening(),
        disclosed: Vec::new(),
        re: Vec::new(),
    }
}

fn flood(
    runtime: &mut tokio::runtime::Runtime,
    mut house: House,
    route: &Route,
    (malformed, made): (bool, &Arc<AtomicU64>),
) -> Result<()> {
    let identity = Identity::new(house.keys.clone(), Ring::Live);
    let endpoint = route.endpoints.first().cloned().ok_or_else(|| Code::PeerUnreachable.at(""))?;
    let link = || {
        let connector = identity.connector(&route.spki)?.calling_from(FROM);
        Ok(PeerLink::new(connector, endpoint.clone()))
    };
    let peer = route.peer;
    let mut broken = house.node.outgoing(&peer, Ring::Live, true)?.unwrap_or_default();
    if let Some(last) = broken.last_mut() {
        *last ^= 1;
    }
    // The address and the form are right and the seal is not: it has to be opened to be known.
    for _ in 0..if malformed { SENDING } else { 0 } {
        let (mut link, broken, made) = (link()?, broken.clone(), made.clone());
        runtime.spawn(async move {
            loop {
                let _ = link.send(broken.clone()).await;
                made.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let (mut link, made) = (link()?, made.clone());
    runtime.spawn(async move {
        loop {
            let Ok(Some(parcel)) = house.node.outgoing(&peer, Ring::Live, true) else { return };
            let answer = link.send(parcel).await;
            made.fetch_add(1, Ordering::Relaxed);
            match answer {
                Ok(answer) if !answer.is_empty() => drop(house.node.incoming(&answer)),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    });
    for _ in 0..SILENT {
        let endpoint = endpoint.clone();
        runtime.spawn(async move {
            loop {
                if let Ok(stream) = reach(&endpoint, Some(FROM)).await {
                    // Until the other side has had enough.
                    let _ = stream.readable().await;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
    }
    Ok(())
}
