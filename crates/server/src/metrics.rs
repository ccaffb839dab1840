//! Figures for a monitor, in the text format of Prometheus, on a listener of this machine alone.
//! Peers are named by the first digits of their id; there is no personal data, and nothing of any
//! matter.

use crate::attach;
use crate::haul;
use crate::register;
use crate::runner::Ledger;
use crate::seam::now;
use crate::tally::{Tally, What};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// A scraper that takes longer is let go.
const PATIENCE: Duration = Duration::from_secs(5);

/// Largest head of a request that is read to its end.
const REQUEST: usize = 16 * 1024;

/// Answers whoever asks, one after the other, until the task is ended.
pub async fn serve(listener: TcpListener, ledger: Ledger, home: PathBuf) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = timeout(PATIENCE, answer(stream, &ledger, &home)).await;
    }
}

async fn answer(mut stream: TcpStream, ledger: &Ledger, home: &Path) -> std::io::Result<()> {
    // Whatever is asked, there is one answer; the head of the request is read to its end, so that
    // nobody is cut off while he still speaks and loses the answer with it.
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < REQUEST {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&piece[..read]);
    }
    let status = ledger.operation("status".to_owned(), Object::default()).await;
    let (code, body) = match status {
        Ok(value) => ("200 OK", text(&value, home) + &counted(&ledger.guard.tally)),
        Err(fault) => ("503 Service Unavailable", format!("# {}\n", fault.code.name())),
    };
    let head = format!(
        "HTTP/1.1 {code}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

/// The first digits of a peer's id.
fn digits(peer: &Object) -> String {
    let id = peer.get("party").and_then(Value::as_str).unwrap_or_default();
    id.chars().take(8).collect()
}

/// The figures of one moment out of the operation `status`.
pub fn text(status: &Value, home: &Path) -> String {
    let mut out = String::new();
    let Some(status) = status.as_object() else { return out };
    let count = |object: &Object, name: &str| object.get(name).and_then(Value::as_int).unwrap_or(0);
    let mut one = |name: &str, help: &str, value: i64| {
        let _ = writeln!(out, "# HELP counterpart_{name} {help}\n# TYPE counterpart_{name} gauge");
        let _ = writeln!(out, "counterpart_{name} {value}");
    };
    one("proofs", "Proofs of inconsistency that are held.", count(status, "proofs"));
    let age = register::last(home).map_or(-1, |last| now().saturating_sub(last) as i64);
    one("backup_age_seconds", "Since the newest backup; -1 if there is none.", age);
    let held = attach::blobs(home).bytes().unwrap_or(0);
    let (sent, came) = haul::moved();
    one("attachment_bytes", "Sealed bytes of attachments on the disk.", held as i64);
    one("attachment_bytes_sent", "Sealed bytes given to peers since the start.", sent as i64);
    one("attachment_bytes_came", "Sealed bytes taken from peers since the start.", came as i64);
    for (name, member, help) in [
        ("matters_open", "open", "Matters that are open."),
        ("matters_overdue", "overdue", "Matters with a duty that is overdue, closed ones too."),
    ] {
        let _ = writeln!(out, "# HELP counterpart_{name} {help}\n# TYPE counterpart_{name} gauge");
        for ring in Ring::ALL {
            let ring = ring.name();
            let on_ring = status.get(ring).and_then(Value::as_object);
            let value = on_ring.map_or(0, |on_ring| count(on_ring, member));
            let _ = writeln!(out, "counterpart_{name}{{ring=\"{ring}\"}} {value}");
        }
    }
    let peers = status.get("peers").and_then(Value::as_array).unwrap_or_default();
    for (name, member, help) in [
        ("peer_attachment_bytes", "attachment_bytes", "Sealed bytes that the peer's acts name."),
        ("peer_attachment_limit_bytes", "attachment_limit", "Sealed bytes taken of the peer."),
    ] {
        let _ = writeln!(out, "# HELP counterpart_{name} {help}\n# TYPE counterpart_{name} gauge");
        for peer in peers.iter().filter_map(Value::as_object) {
            let value = count(peer, member);
            let _ = writeln!(out, "counterpart_{name}{{peer=\"{}\"}} {value}", digits(peer));
        }
    }
    let series = [
        ("log_size", "own_size", "Leaves of our log."),
        ("log_held_by_peer", "held_by_peer", "Leaves of our log that the peer holds."),
        ("log_cosigned", "cosigned_by_peer", "Leaves of our log that the peer cosigned."),
        ("peer_log_size", "peer_size", "Leaves of the peer's log."),
        ("peer_log_held", "held", "Leaves of the peer's log that we hold, statements and all."),
        ("peer_head_time_seconds", "last_from_peer", "Time of the peer's newest head."),
        ("log_behind_epoch", "behind_epoch", "Epoch by which our log fell behind itself; 0: none."),
    ];
    for (name, member, help) in series {
        let _ = writeln!(out, "# HELP counterpart_{name} {help}\n# TYPE counterpart_{name} gauge");
        for peer in peers.iter().filter_map(Value::as_object) {
            let id = digits(peer);
            let channels = peer.get("channels").and_then(Value::as_array).unwrap_or_default();
            for channel in channels.iter().filter_map(Value::as_object) {
                let drill = channel.get("drill").and_then(Value::as_bool).unwrap_or(false);
                let ring = if drill { "drill" } else { "live" };
                let value = count(channel, member);
                let _ =
                    writeln!(out, "counterpart_{name}{{peer=\"{id}\",ring=\"{ring}\"}} {value}");
            }
        }
    }
    out
}

/// What came to the door and what was turned away there.
pub fn counted(tally: &Tally) -> String {
    let name = "counterpart_door_total";
    let mut out = format!(
        "# HELP {name} What came to the door for peers, by what became of it.\n\
         # TYPE {name} counter\n"
    );
    let all = tally.all();
    // Callers that are nobody yet have one line for each word from the start, so that a rate over
    // them is never missing.
    for what in What::ALL {
        let nobody = all.iter().find(|(peer, other, _)| peer.is_none() && *other == what);
        let count = nobody.map_or(0, |(.., count)| *count);
        let _ = writeln!(out, "{name}{{peer=\"\",what=\"{}\"}} {count}", what.word());
    }
    for (peer, what, count) in all {
        let Some(peer) = peer else { continue };
        let id: String = peer.to_string().chars().take(8).collect();
        let _ = writeln!(out, "{name}{{peer=\"{id}\",what=\"{}\"}} {count}", what.word());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_record::strict::json;

    #[test]
    fn figures_name_peers_by_digits_and_nobody_by_name() {
        let status = br#"{"names":{"en":"Arcadia"},"open":5,"overdue":3,
            "live":{"open":3,"overdue":0},"drill":{"open":2,"overdue":3},"proofs":0,"peers":[
            {"party":"0f1e2d3c4b5a","names":{"en":"Borealis"},"attachment_bytes":700,
            "attachment_limit":68719476736,"channels":[
            {"drill":false,"own_size":9,"held_by_peer":7,"cosigned_by_peer":7,"peer_size":8,
             "held":8,"last_from_peer":1780272000,"behind_epoch":null}]}]}"#;
        let text = text(&json::parse(status).unwrap(), Path::new("/nowhere"));
        for line in [
            "counterpart_matters_open{ring=\"live\"} 3",
            "counterpart_matters_overdue{ring=\"live\"} 0",
            "counterpart_matters_overdue{ring=\"drill\"} 3",
            "counterpart_backup_age_seconds -1",
            "counterpart_peer_attachment_bytes{peer=\"0f1e2d3c\"} 700",
            "counterpart_peer_attachment_limit_bytes{peer=\"0f1e2d3c\"} 68719476736",
            "counterpart_log_held_by_peer{peer=\"0f1e2d3c\",ring=\"live\"} 7",
            "counterpart_peer_head_time_seconds{peer=\"0f1e2d3c\",ring=\"live\"} 1780272000",
            "counterpart_log_behind_epoch{peer=\"0f1e2d3c\",ring=\"live\"} 0",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
        assert!(!text.contains("Arcadia") && !text.contains("Borealis"));
        let plain = |line: &str| line.starts_with('#') || line.starts_with("counterpart_");
        assert!(text.lines().all(plain));
    }
}
