//! A look at the house: what would keep the node from working, or its operator from getting it
//! back. Each finding has a name, a place, and a remedy in both languages.

use crate::folder::Config;
use crate::quota::Limits;
use crate::{attach, durable, folder, house, register, seam};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use counterpart_rules::say::size;
use std::fs;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name: `doctor-<check>` is the phrase, `-bad` and `-do` what is wrong and what to do.
    pub check: &'static str,
    /// Whether it is as it should be.
    pub good: bool,
    /// Where, or how much. No personal data.
    pub at: String,
}

const DAY: u64 = 86_400;
/// A sync that takes longer makes every act slow.
const SLOW_SYNC: Duration = Duration::from_millis(200);
/// Less room than this, in KiB, and a busy week fills the disk.
const ROOM_KIB: u64 = 1024 * 1024;
/// For so many seconds it is said that what stays here was begun anew.
pub const ANEW: u64 = 30 * DAY;
/// For so many seconds it is said that somebody called with a key that nobody knows.
const KNOCKED: u64 = 3_600;
/// So many calls with one key say nothing yet.
const ONCE_OR_TWICE: u64 = 3;
/// A peer's clock and ours may differ by this many seconds.
const CLOCKS: u64 = 300;

fn finding(check: &'static str, good: bool, at: impl Into<String>) -> Finding {
    Finding { check, good, at: at.into() }
}

/// The folder of the node and what surrounds it.
pub fn house(home: &Path) -> Vec<Finding> {
    let mut findings = vec![rights(home), sync(home), room(home), age(home)];
    // Whoever has the machine would have the party.
    let root = folder::root_key(&folder::root_beside(home));
    findings.push(finding("root", !root.exists(), root.display().to_string()));
    findings.extend(token(home));
    let next = home.join("node.key.next");
    findings.push(finding("rotation", !next.exists(), next.display().to_string()));
    findings.push(attachments(home));
    findings
}

/// The token that holds the keys, if `config` names one. No PIN is spent on the look.
fn token(home: &Path) -> Option<Finding> {
    let config = Config::read(home).ok()?;
    let label = config.pkcs11_token.clone().unwrap_or_default();
    Some(match house::token_of(&config)?.look() {
        Ok(seen) if seen.last_try => finding("token", false, format!("{label}: PIN")),
        Ok(seen) if seen.tries_low => finding("pin", false, seen.name),
        Ok(seen) => finding("token", true, seen.name),
        Err(fault) => finding("token", false, fault.to_string()),
    })
}

/// Nobody but the owner reads keys and record.
fn rights(home: &Path) -> Finding {
    let files = [folder::KEY_FILE, folder::RECORD, folder::HOME_FILE].map(|name| home.join(name));
    // A home that is missing is made at the next start; a key or a record that is missing is not.
    let mut mine: Vec<_> = [home.to_owned()].into_iter().chain(files).collect();
    mine.retain(|path| !path.ends_with(folder::HOME_FILE) || path.exists());
    let open = mine.iter().find(|path| {
        fs::metadata(path).map_or(true, |data| data.permissions().mode() & 0o077 != 0)
    });
    finding("rights", open.is_none(), open.unwrap_or(&mine[0]).display().to_string())
}

/// One small file, written and synced: what every act waits for three times.
fn sync(home: &Path) -> Finding {
    let (path, begun) = (home.join(".doctor"), Instant::now());
    let written = durable::replace(&path, b"counterpart");
    let took = begun.elapsed();
    let _ = fs::remove_file(&path);
    let shown =
        written.map_or_else(|fault| fault.to_string(), |()| format!("{} ms", took.as_millis()));
    let good = took < SLOW_SYNC && !shown.starts_with("io");
    finding("sync", good, shown)
}

/// Free space. The standard library does not tell it; `df` is POSIX.
fn room(home: &Path) -> Finding {
    let output = Command::new("df").arg("-Pk").arg(home).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let free = text.ok().and_then(|text| {
        let line = text.lines().nth(1)?.to_owned();
        line.split_whitespace().nth(3)?.parse::<u64>().ok()
    });
    let shown = free.map_or("?".to_owned(), |free| format!("{} MiB", free / 1024));
    finding("room", free.is_some_and(|free| free > ROOM_KIB), shown)
}

/// What attachments take, in a folder that nobody else can read.
fn attachments(home: &Path) -> Finding {
    let folder = home.join(attach::FOLDER);
    let open = fs::metadata(&folder).is_ok_and(|data| data.permissions().mode() & 0o077 != 0);
    match attach::blobs(home).bytes() {
        Ok(bytes) if !open => finding("attachments", true, size(bytes)),
        _ => finding("attachments", false, folder.display().to_string()),
    }
}

/// How old the newest backup is.
fn age(home: &Path) -> Finding {
    let Some(last) = register::last(home) else {
        return finding("backup-none", false, String::new());
    };
    let days = seam::now().saturating_sub(last) / DAY;
    finding("backup", days <= 7, days.to_string())
}

/// How old our keys are, out of the operation `credential.show`. A year is the least that NIST SP
/// 800-57 part 1 (5.3.6) names for a private key that signs.
pub fn credential(shown: &Object) -> Finding {
    let issued = shown.get("issued_at").and_then(Value::as_int).unwrap_or(0);
    let days = seam::now().saturating_sub(u64::try_from(issued).unwrap_or(0)) / DAY;
    finding("credential", days <= 365, days.to_string())
}

/// Whether we compute with the zone data that was agreed with a peer, out of the operation
/// `terms.show`; `None` where nothing is agreed. `peer` is that of the operation `status`.
pub fn zones(peer: &Object, terms: &Object) -> Option<Finding> {
    let agreed = text(terms.get("sheet")?.as_object()?, "tz");
    let ours = text(terms, "tz");
    Some(finding("zones", agreed == ours, format!("{}: {agreed}, {ours}", who(peer))))
}

/// Whether a restore was not brought to its end: then nothing is signed or sent. `status` is that
/// of the operation.
pub fn restored(status: &Object) -> Option<Finding> {
    let restored = status.get("restored").and_then(Value::as_bool) == Some(true);
    restored.then(|| finding("restored", false, ""))
}

/// What stays here, as the operation `status` tells of it: whether it can be read, and whether it
/// was begun anew within the last weeks.
pub fn at_home(home: Option<&Object>) -> Finding {
    let fault = home.map_or("", |home| text(home, "fault"));
    if !fault.is_empty() {
        return finding("home", false, fault);
    }
    let anew = home.and_then(|home| home.get("begun_anew_at")).and_then(Value::as_int);
    let anew = anew.and_then(|at| u64::try_from(at).ok());
    let shown = anew.map_or_else(|| folder::HOME_FILE.to_owned(), clock::shown);
    finding("home", anew.is_none_or(|at| at + ANEW < seam::now()), shown)
}

/// What the peers show of themselves: whether they can be reached, whether their clocks and ours
/// agree, and how old their credentials are. `peers` is that of the operation `status`.
pub fn peers(peers: &[Value]) -> Vec<Finding> {
    let now = seam::now();
    let mut findings = Vec::new();
    for peer in peers.iter().filter_map(Value::as_object) {
        let id = who(peer);
        let endpoints = peer.get("endpoints").and_then(Value::as_array).unwrap_or_default();
        let endpoints: Vec<&str> = endpoints.iter().filter_map(Value::as_str).collect();
        // A port that is open says nothing while the two do not know each other's keys.
        let keys = match text(peer, "keys") {
            "ours-unknown" => Some(finding("key-ours", false, id.clone())),
            "theirs-unknown" => Some(finding("key-theirs", false, id.clone())),
            _ => None,
        };
        if keys.is_some() {
            findings.extend(keys);
        } else if !endpoints.is_empty() {
            let reached = endpoints.iter().any(|endpoint| reach(endpoint));
            findings.push(finding("peer", reached, format!("{id}: {}", endpoints.join(", "))));
        }
        if peer.get("accredited").and_then(Value::as_bool) == Some(true) {
            let by_hand = peer.get("by_hand").and_then(Value::as_bool) == Some(true);
            findings.push(finding("carrier", !by_hand, id.clone()));
        }
        if let Some(until) = number(peer, "slowed_until") {
            findings.push(finding("slowed", false, format!("{id}, {}", clock::shown(until))));
        }
        let channels = peer.get("channels").and_then(Value::as_array).unwrap_or_default();
        let live = channels
            .iter()
            .filter_map(Value::as_object)
            .find(|channel| channel.get("drill").and_then(Value::as_bool) == Some(false));
        let heard = live.and_then(|live| number(live, "last_from_peer")).unwrap_or(0);
        // Of a clock that nobody has heard of nothing is known.
        if heard > 0 {
            findings.push(finding("clock", heard <= now + CLOCKS, id));
        }
    }
    findings
}

/// Logs of ours that have fallen behind themselves, with the number that their next epoch has to
/// exceed. `peers` is that of the operation `status`. REC-26, REC-48.
pub fn behind(peers: &[Value]) -> Vec<Finding> {
    let peers = peers.iter().filter_map(Value::as_object);
    let found = peers.filter_map(|peer| {
        let shown = format!("{}, epoch {}", who(peer), behind_epoch(peer)?);
        Some(finding("behind", false, shown))
    });
    found.collect()
}

/// The number that the next epoch of our log with a peer has to exceed, where nothing is signed
/// with it since it knows more of that log than we do.
pub fn behind_epoch(peer: &Object) -> Option<u64> {
    let channels = peer.get("channels").and_then(Value::as_array).unwrap_or_default();
    let channels = channels.iter().filter_map(Value::as_object);
    channels.filter_map(|channel| number(channel, "behind_epoch")).max()
}

/// Transport keys with which somebody called and that no credential in force names: a peer that
/// rotated its keys and could not tell us, or nobody's. `status` is that of the operation.
pub fn knocked(status: &Object) -> Vec<Finding> {
    let peers = status.get("peers").and_then(Value::as_array).unwrap_or_default();
    let named = |party: &str| {
        let mut peers = peers.iter().filter_map(Value::as_object);
        peers.find(|peer| text(peer, "party") == party).map_or_else(|| digits(party), who)
    };
    let told = callers(status).map(|caller| {
        let (count, last) = (calls(caller), number(caller, "last").unwrap_or(0));
        let shown = format!("{}, {count} x, {}", digits(text(caller, "kid")), clock::shown(last));
        match text(caller, "party") {
            "" => Some(finding("key-strange", false, shown)),
            // Once or twice it is a call that was under way while we heard of the new ones.
            party => (count > ONCE_OR_TWICE)
                .then(|| finding("key-replaced", false, format!("{}: {shown}", named(party)))),
        }
    });
    told.flatten().collect()
}

/// Whether one of them goes on calling, as the node of a peer does: a single call is anybody's, and
/// nothing for a screen that everybody reads.
pub fn goes_on_knocking(status: &Object) -> bool {
    callers(status).any(|caller| calls(caller) > ONCE_OR_TWICE)
}

/// Those of the last hour.
fn callers(status: &Object) -> impl Iterator<Item = &Object> {
    let all = status.get("knocked").and_then(Value::as_array).unwrap_or_default();
    let all = all.iter().filter_map(Value::as_object);
    all.filter(|one| seam::now().saturating_sub(number(one, "last").unwrap_or(0)) < KNOCKED)
}

fn calls(caller: &Object) -> u64 {
    number(caller, "count").unwrap_or(0)
}

/// How much of what is taken of one peer its attachments name: of the peer with the most. Above it
/// nothing more of that peer is fetched. `peers` is that of the operation `status`. ATT-8.
pub fn attachment_use(peers: &[Value]) -> Option<Finding> {
    let count = |peer: &Object, name: &str| number(peer, name).unwrap_or(0);
    let each = peers.iter().filter_map(Value::as_object);
    let peer = each.max_by_key(|peer| count(peer, "attachment_bytes"))?;
    let (used, most) = (count(peer, "attachment_bytes"), count(peer, "attachment_limit"));
    let id = who(peer);
    let shown = format!("{id}: {} / {}", size(used), size(most));
    Some(finding("attachment-use", used <= most / 10 * 9, shown))
}

/// What is taken from each peer in an hour; told, so that nobody has to look for it.
pub fn quota(limits: Limits) -> Finding {
    let Limits { acts_per_hour, mib_per_hour, connections, handshakes_per_minute } = limits;
    let each = format!("{acts_per_hour}, {mib_per_hour}, {connections}, {handshakes_per_minute}");
    finding("quota", true, each)
}

/// Whether the clock goes on from where it was last believed; until it does, nothing becomes due to
/// be erased. `retention` is that of the operation. RET-9
pub fn leap(retention: &Object) -> Finding {
    let clock = retention.get("clock").and_then(Value::as_object);
    let vouched = clock.and_then(|clock| clock.get("vouched")).and_then(Value::as_int);
    let vouched = vouched.and_then(|at| u64::try_from(at).ok());
    finding("leap", clock.is_none(), vouched.map_or_else(String::new, clock::shown))
}

/// Whether the settings of the file `config` are those that peers have: what our credential says,
/// out of the operation `credential.show`.
pub fn settings(home: &Path, shown: &Object) -> Option<Finding> {
    let desk = Config::read(home).ok()?.desk;
    let texts = |name: &str| {
        let all = shown.get(name).and_then(Value::as_array).unwrap_or_default();
        all.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let names = shown.get("names").and_then(Value::as_object).map(|names| {
        let each = names.0.iter().filter_map(|(tag, name)| Some((tag.clone(), name.as_str()?)));
        each.map(|(tag, name)| (tag, name.to_owned())).collect::<Vec<_>>()
    });
    let differs = [
        ("name", names.unwrap_or_default() != desk.names),
        ("callback", texts("callback") != desk.callback),
        ("endpoint", texts("endpoints") != desk.endpoints),
        ("language", texts("languages") != desk.languages),
        ("stream", texts("streams") != desk.streams),
    ];
    let named: Vec<&str> = differs.iter().filter(|one| one.1).map(|one| one.0).collect();
    Some(finding("settings", named.is_empty(), named.join(", ")))
}

/// A peer by its name and the first digits of its id, which its name has behind it already where
/// another goes by the same.
fn who(peer: &Object) -> String {
    let id = digits(text(peer, "party"));
    let names = peer.get("names").and_then(Value::as_object);
    match names.and_then(|names| names.0.first()).and_then(|(_, name)| name.as_str()) {
        Some(name) if name.ends_with(&format!("({id})")) => name.to_owned(),
        Some(name) => format!("{name} ({id})"),
        None => id,
    }
}

fn digits(id: &str) -> String {
    id.chars().take(8).collect()
}

fn number(object: &Object, name: &str) -> Option<u64> {
    object.get(name).and_then(Value::as_int).and_then(|number| u64::try_from(number).ok())
}

fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whether anything listens there; nothing is said.
fn reach(endpoint: &str) -> bool {
    let Ok(addresses) = endpoint.to_socket_addrs() else { return false };
    let mut addresses = addresses.take(4);
    addresses.any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(3)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_older_than_a_year_are_to_be_rotated() {
        let issued = |days: u64| Object::default().with("issued_at", seam::now() - days * DAY);
        assert_eq!(credential(&issued(365)), finding("credential", true, "365"));
        assert_eq!(credential(&issued(366)), finding("credential", false, "366"));
    }

    /// ATT-8: the peer with the most, and what is left of its share.
    #[test]
    fn a_peer_that_nearly_used_up_its_share_of_attachments_is_named() {
        const GIB: u64 = 1 << 30;
        let peer = |id: &str, used: u64| {
            let peer = Object::default().with("party", id).with("attachment_bytes", used);
            Value::from(peer.with("attachment_limit", 64 * GIB))
        };
        let of = |used: u64| {
            let peers = [peer("00000000aa", 5), peer("0f1e2d3c4b5a", used)];
            attachment_use(&peers).unwrap()
        };
        assert_eq!(of(GIB), finding("attachment-use", true, "0f1e2d3c: 1.0 GiB / 64.0 GiB"));
        assert!(of(57 * GIB).good && !of(58 * GIB).good);
        assert_eq!(attachment_use(&[]), None);
    }

    /// WIRE-1: somebody else's key, and one that a peer goes on using after it replaced it.
    #[test]
    fn keys_that_nobody_knows_are_told_for_an_hour() {
        let of = |party: &str, count: u64, ago: u64| {
            let caller = Object::default().with("kid", "ab".repeat(32)).with("party", party);
            let caller = caller.with("count", count).with("last", seam::now() - ago);
            let found = knocked(&Object::default().with("knocked", vec![Value::from(caller)]));
            found.first().map(|finding| (finding.check, finding.at.contains("abababab, ")))
        };
        assert_eq!(of("", 1, 60), Some(("key-strange", true)));
        assert_eq!(of("", 9, 3_700), None);
        assert_eq!(of("0f1e2d3c4b5a", 3, 60), None);
        assert_eq!(of("0f1e2d3c4b5a", 4, 60), Some(("key-replaced", true)));
        assert_eq!(knocked(&Object::default()), []);
    }

    /// Whoever goes on is told to everybody who looks; one call of a stranger is not.
    #[test]
    fn one_call_of_a_stranger_is_nothing_for_the_start_screen() {
        let of = |count: u64, ago: u64| {
            let caller = Object::default().with("kid", "ab".repeat(32)).with("party", "");
            let caller = caller.with("count", count).with("last", seam::now() - ago);
            goes_on_knocking(&Object::default().with("knocked", vec![Value::from(caller)]))
        };
        assert_eq!([of(1, 0), of(3, 0), of(4, 0), of(4, 3_700)], [false, false, true, false]);
    }

    /// Every finding about a peer names it, and no name has its digits twice.
    #[test]
    fn a_peer_is_called_by_its_name_with_its_digits_once() {
        let id = "0f1e2d3c4b5a";
        let channel = Object::default().with("behind_epoch", 7u64);
        let peer = |name: &str| {
            let peer = Object::default().with("party", id);
            let peer = peer.with("channels", vec![Value::from(channel.clone())]);
            peer.with("names", Object::default().with("en", name))
        };
        for name in ["Borealis", "Borealis (0f1e2d3c)"] {
            let shown = "Borealis (0f1e2d3c)";
            let peer = peer(name);
            let told = behind(&[Value::from(peer.clone())]);
            assert_eq!(told, [finding("behind", false, format!("{shown}, epoch 7"))]);
            let sheet = Object::default().with("tz", "2026b");
            let terms = Object::default().with("tz", "2026c").with("sheet", sheet);
            let told = zones(&peer, &terms).unwrap();
            assert_eq!(told.at, format!("{shown}: 2026b, 2026c"));
            let caller = Object::default().with("kid", "ab".repeat(32)).with("party", id);
            let caller = caller.with("count", 9u64).with("last", seam::now());
            let status = Object::default().with("peers", vec![Value::from(peer)]);
            let told = knocked(&status.with("knocked", vec![Value::from(caller)]));
            assert!(told[0].at.starts_with(&format!("{shown}: abababab, 9 x")), "{told:?}");
        }
    }

    /// Nothing is said of the clock of a peer that has shown none.
    #[test]
    fn a_peer_that_was_never_heard_has_no_clock() {
        let heard = |time: u64| {
            let live = Object::default().with("drill", false).with("last_from_peer", time);
            let channels = vec![Value::from(live)];
            let peer = Object::default().with("party", "ab".repeat(32)).with("channels", channels);
            let found = peers(&[Value::from(peer)]);
            found.iter().find(|one| one.check == "clock").map(|one| one.good)
        };
        assert_eq!(heard(0), None);
        assert_eq!(heard(1_790_000_000), Some(true));
        assert_eq!(heard(seam::now() + CLOCKS + 600), Some(false));
    }

    /// RET-9
    #[test]
    fn a_clock_that_is_not_believed_is_named_with_the_time_that_is() {
        let clock = Object::default().with("shows", 1_790_000_000u64).with("vouched", 0u64);
        let found = leap(&Object::default().with("clock", clock));
        assert!(!found.good && found.at.starts_with("1970-01-01"), "{found:?}");
        assert!(leap(&Object::default().with("clock", Value::Null)).good);
    }

    #[test]
    fn zone_data_is_held_against_what_was_agreed() {
        let terms = |agreed: &str| {
            let sheet = Object::default().with("tz", agreed);
            Object::default().with("tz", "2026c").with("sheet", sheet)
        };
        let peer = &Object::default().with("party", "0f1e2d3c4b5a");
        assert!(zones(peer, &terms("2026c")).unwrap().good);
        let differs = finding("zones", false, "0f1e2d3c: 2026b, 2026c");
        assert_eq!(zones(peer, &terms("2026b")).unwrap(), differs);
        let none = Object::default().with("tz", "2026c").with("sheet", Value::Null);
        assert_eq!(zones(peer, &none), None);
    }
}
