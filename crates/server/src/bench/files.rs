//! Attachments from one process to another over TLS, on the disk and checked there when they count.

use super::exchange::request;
use super::figures::Figure;
use super::pair::Pair;
use crate::attach;
use crate::control::Call;
use crate::seam::SystemRandom;
use counterpart_record::attachment::{Key, Sealer};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::key::Random as _;
use counterpart_record::strict::json::Value;
use counterpart_rules::form::{Attached, Attachment};
use counterpart_store::{Blobs, Presence};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Files of one act, and MiB of each.
const FILES: usize = 8;
const EACH: usize = 25;
const MIB: usize = 1024 * 1024;
const LIMIT: &str = "sealing, hashing, writing and syncing the same bytes";

/// Measures what sealing costs, and the way from one node to the other.
pub fn measure(folder: &Path, tell: &mut dyn FnMut(&str), figures: &mut Vec<Figure>) -> Result<()> {
    tell(&format!("files: {FILES} of {EACH} MiB between two processes"));
    let folder = folder.join("files");
    fs::create_dir_all(&folder).map_err(io)?;
    let program = std::env::current_exe().map_err(io)?;
    let pair = Pair::start(&folder, &program)?;
    let sources = sources(&folder)?;
    let all = (FILES * EACH) as f64;
    let limit = all / bare(&folder, &sources)?;
    let (blobs, began) = (attach::blobs(&pair.a.home), Instant::now());
    let mut sealed: Vec<(Attachment, Attached)> = Vec::new();
    for source in &sources {
        sealed.push(attach::seal(&blobs, "data", source, &mut |_, _| ())?);
    }
    let rate = all / began.elapsed().as_secs_f64();
    figures.push(Figure::rate("files.seal", "MiB/s", rate, (LIMIT, limit)));
    let told = sealed.iter().map(|one| Value::from(attach::told(one)));
    let args = request(&pair).with("attachments", Value::Array(told.collect()));
    let began = Instant::now();
    Call::connect(&pair.a.socket())?.call("act", args)?;
    arrived(&attach::blobs(&pair.b.home), &sealed)?;
    let rate = all / began.elapsed().as_secs_f64();
    figures.push(Figure::rate("files", "MiB/s", rate, (LIMIT, limit)));
    let peak = pair.a.peak_mib().max(pair.b.peak_mib());
    let most = ("64 MiB", 64.0);
    figures.push(Figure::cost("files.memory", "MiB at the peak", peak, most));
    Ok(())
}

/// Files that nothing shortens.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    let mut bytes = vec![0; MIB];
    for number in 0..FILES {
        let path = folder.join(format!("source-{number}"));
        let mut file = File::create(&path).map_err(io)?;
        for _ in 0..EACH {
            SystemRandom.fill(&mut bytes);
            file.write_all(&bytes).map_err(io)?;
        }
        all.push(path);
    }
    Ok(all)
}

/// Seconds for the same bytes in a bare loop on one core: each is hashed as content and as sealed
/// bytes, sealed, written and synced once.
fn bare(folder: &Path, sources: &[PathBuf]) -> Result<f64> {
    let mut contents = Vec::new();
    for source in &sources[..2] {
        contents.push(fs::read(source).map_err(io)?);
    }
    let (path, began) = (folder.join("bare"), Instant::now());
    for at in 0..sources.len() {
        let content = &contents[at % contents.len()];
        let mut file = File::create(&path).map_err(io)?;
        let mut sealer = Sealer::new(&Key::fresh(&SystemRandom), content.len() as u64)?;
        let mut rest = &content[..];
        while let Some(count) = sealer.wants() {
            let (now, later) = rest.split_at(count);
            file.write_all(&sealer.seal(now.to_vec())?).map_err(io)?;
            rest = later;
        }
        sealer.finish()?;
        file.sync_all().map_err(io)?;
    }
    Ok(began.elapsed().as_secs_f64())
}

/// Until all of them have their names at the other side, and so are on its disk.
fn arrived(blobs: &Blobs, sealed: &[(Attachment, Attached)]) -> Result<()> {
    let began = Instant::now();
    let whole =
        |one: &(Attachment, Attached)| blobs.presence(&one.0.root, one.0.size) == Presence::Whole;
    while !sealed.iter().all(whole) {
        if began.elapsed() > Duration::from_secs(300) {
            return Err(Code::PeerUnreachable.at("attachments did not arrive in five minutes"));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

fn io(error: std::io::Error) -> Fault {
    Code::Io.at(error.to_string())
}
