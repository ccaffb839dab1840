//! What a hostile peer costs the others: three real nodes, of which B floods A with acts, sends
//! what is malformed as fast as it can and opens connections that never say anything, while C
//! exchanges acts with A. C's times then, beside C's times before, of the same run.
//!
//! B is this program in a process of its own, at the lowest priority: in life it has a machine to
//! itself, and the processor time that it uses up here would be counted against A.

use super::exchange::request_to;
use super::figures::Figure;
use super::pair::{PASSPHRASE, Seat, found, introduce};
use super::{limit, opening};
use crate::control::Call;
use crate::folder::Folder;
use crate::house::{self, House};
use crate::peer::PeerLink;
use crate::tls::Identity;
use counterpart_engine::node::Route;
use counterpart_engine::{Draft, Target};
use counterpart_record::fault::{Code, Result};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::Object;
use counterpart_rules::flow::usual;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The parts that are B, which a person does not ask for: acts and silence; and what is malformed.
pub const FLOOD: &str = "hostile-flood";
/// All of it.
pub const ATTACK: &str = "hostile-all";
/// Where B's node lies.
const VARIABLE: &str = "COUNTERPART_BENCH_HOSTILE";
/// Acts that B has ready.
const BACKLOG: usize = 40_000;
/// Connections that never say anything, and those over which B sends.
const SILENT: usize = 1_000;
const SENDING: usize = 3;
/// How long C is measured, each time.
const TIME: Duration = Duration::from_secs(15);

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
    tell("hostile: C alone with A");
    let mut quiet = exchange(&c, &request, TIME)?;
    // First what the quotas let through: good acts, as fast as A takes them. Then everything.
    for part in [FLOOD, ATTACK] {
        tell(&format!("{part}: B gets ready"));
        let mut attack = Attack::start(&program, part, &at.join("borealis"))?;
        std::thread::sleep(Duration::from_secs(1));
        tell(&format!("{part}: C with A, while B is at it"));
        let before = own_size(&a)?;
        let mut loud = exchange(&c, &request, TIME)?;
        let taken = own_size(&a)?.saturating_sub(before).saturating_sub(loud.len() as u64);
        let (lived, count) = (attack.is_running(), attack.end());
        if !lived || (part == FLOOD && taken == 0) {
            return Err(Code::Internal.at("nothing was flooded"));
        }
        tell(&format!(
            "{part}: C sent {} before and {} meanwhile; A took {taken} acts of B, B made {count} \
             requests",
            quiet.len(),
            loud.len()
        ));
        for of in [50, 99] {
            let limit = ("the same, without B", hundredth(&mut quiet, of));
            let name = format!("{part}.p{of}");
            out.push(Figure::cost(name, "ms", hundredth(&mut loud, of), limit));
        }
    }
    let most = ("512 MiB", 512.0);
    out.push(Figure::cost("hostile.memory", "MiB at the peak", a.peak_mib(), most));
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
    fn start(program: &Path, part: &str, home: &Path) -> Result<Attack> {
        let broken = |error: std::io::Error| Code::Io.at(error.to_string());
        let mut process = Command::new("nice")
            .args(["-n", "19"])
            .arg(program)
            .args(["bench", part])
            .env(VARIABLE, home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(broken)?;
        let said = process.stdout.take().ok_or_else(|| Code::Internal.at("stdout"))?;
        let mut attack = Attack { process, said: BufReader::new(said) };
        attack.said.read_line(&mut String::new()).map_err(broken)?;
        Ok(attack)
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
    for _ in 0..BACKLOG {
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
    let link = || Ok(PeerLink::new(identity.connector(&route.spki)?, endpoint.clone()));
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
                if let Ok(stream) = tokio::net::TcpStream::connect(&endpoint).await {
                    // Until the other side has had enough.
                    let _ = stream.readable().await;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
    }
    Ok(())
}
