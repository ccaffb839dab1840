//! Acts from one process to another over TLS, durable on both sides when they count.

use super::figures::Figure;
use super::pair::Pair;
use super::{limit, opening};
use crate::control::Line;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::{Object, Value};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// In flight, and acts measured.
const LOADS: [(usize, u64); 3] = [(1, 400), (16, 6_000), (256, 30_000)];
/// Disclosed fields and bytes in each: together 4 KiB.
const FIELDS: [&str; 10] = [
    "reference",
    "facts",
    "offence_text",
    "legal_basis",
    "authorising_body",
    "custodian",
    "necessity",
    "link",
    "contact",
    "urgency_why",
];
const FIELD_BYTES: usize = 410;
const CRYPTO: &str = "signing, verifying, hashing, sealing alone";
/// What an AS2 peer does with signed receipts, per second of one core (pyas2lib 1.4.4 over HTTP,
/// durable on both sides, 4 KiB), and its median time; measured on a machine like this one.
const AS2: (f64, f64) = (23.7, 87.0);

/// Measures all loads.
pub fn measure(folder: &Path, tell: &mut dyn FnMut(&str), figures: &mut Vec<Figure>) -> Result<()> {
    tell("exchange: two nodes in two processes");
    let program = std::env::current_exe().map_err(|error| Code::Io.at(error.to_string()))?;
    let pair = Pair::start(folder, &program)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Code::Io.at(error.to_string()))?;
    let args = Arc::new(request(&pair));
    runtime.block_on(load(&pair, &args, 16, 200))?;
    for (in_flight, acts) in LOADS {
        tell(&format!("exchange: {acts} acts, {in_flight} in flight"));
        let cpu = pair.a.cpu_seconds() + pair.b.cpu_seconds();
        let mut run = runtime.block_on(load(&pair, &args, in_flight, acts))?;
        let cpu = pair.a.cpu_seconds() + pair.b.cpu_seconds() - cpu;
        let rate = acts as f64 / run.seconds;
        let batch = if in_flight == 1 { 1 } else { in_flight / 2 };
        let crypto = limit::exchange(batch, 1400, FIELDS.len() * (FIELD_BYTES * 4 / 3 + 100))?;
        let name = |what: &str| format!("exchange.{in_flight}{what}");
        figures.push(Figure::rate(name(""), "acts/s", rate, (CRYPTO, crypto.per_second)));
        let core = acts as f64 / cpu;
        figures.push(Figure::rate(
            name(".core"),
            "acts per core-second",
            core,
            (CRYPTO, crypto.per_core),
        ));
        figures.push(Figure::rate(
            name(".core.as2"),
            "acts per core-second",
            core,
            ("AS2 with signed receipts", AS2.0),
        ));
        let median = limit::median(&mut run.times);
        if in_flight == 1 {
            let sync = limit::sync_ms(folder, 24 * 1024)?;
            let floor = 3.0 * sync + 1000.0 / crypto.per_core;
            let floor = ("three syncs and the cryptography", floor);
            figures.push(Figure::cost(name(".p50"), "ms", median, floor));
            figures.push(Figure::cost(name(".as2"), "ms", median, ("AS2", AS2.1)));
        } else {
            let syncs = 1000.0 / limit::sync_ms(folder, 24 * 1024)?;
            figures.push(Figure::rate(
                name(".sync"),
                "acts/s",
                rate,
                ("one sync for each act", syncs),
            ));
        }
    }
    let peak = pair.a.peak_mib().max(pair.b.peak_mib());
    figures.push(Figure::cost("exchange.memory", "MiB at the peak", peak, ("64 MiB", 64.0)));
    Ok(())
}

struct Run {
    seconds: f64,
    /// From the call to the peer's word that it holds the act, in milliseconds.
    times: Vec<f64>,
}

async fn load(pair: &Pair, args: &Arc<Object>, in_flight: usize, acts: u64) -> Result<Run> {
    let line = Arc::new(Line::connect(&pair.a.socket()).await?);
    let left = Arc::new(AtomicU64::new(acts));
    let began = Instant::now();
    let hands = (0..in_flight).map(|_| {
        let (line, left, args) = (line.clone(), left.clone(), args.clone());
        tokio::spawn(async move {
            let mut times = Vec::new();
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                .is_ok()
            {
                let began = Instant::now();
                line.call("act", (*args).clone()).await?;
                times.push(began.elapsed().as_secs_f64() * 1000.0);
            }
            Ok::<_, counterpart_record::fault::Fault>(times)
        })
    });
    let mut times = Vec::new();
    for hand in hands.collect::<Vec<_>>() {
        times.extend(hand.await.map_err(|_| Code::Internal.at("bench task"))??);
    }
    Ok(Run { seconds: began.elapsed().as_secs_f64(), times })
}

/// The request that is measured: the arguments of `act`, which waits until the peer holds it.
pub fn request(pair: &Pair) -> Object {
    request_to(&pair.b_party)
}

/// The same to another party.
pub(super) fn request_to(peer: &PartyId) -> Object {
    let mut fields = opening();
    for name in FIELDS {
        let bytes = if name == "reference" { 90 } else { FIELD_BYTES };
        fields.set(name, "x".repeat(bytes));
    }
    Object::default()
        .with("kind", "request")
        .with("peer", peer.to_string())
        .with("wait", "held")
        .with("fields", Value::Object(fields))
}
