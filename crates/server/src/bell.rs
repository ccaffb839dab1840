//! The bell: the running node looks every second what rings, makes the acts that are for a machine,
//! and runs the program that the operator named. Text of a peer never reaches that program: it gets
//! words of closed lists and ids in hexadecimal digits, as arguments, without a shell. CAL-8.

use crate::folder::Config;
use crate::runner::Ledger;
use counterpart_engine::tick::Ringing;
use counterpart_record::fault::Code;
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_rules::flow::Post;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How often the node looks.
const EVERY: Duration = Duration::from_secs(1);
/// How long the program may take; whoever rings a telephone with it lets it go on by itself.
const PROGRAM: Duration = Duration::from_secs(20);

/// The program hears of one more ring of a peer only after so long: a hundred calls of one peer are
/// all there and all ring, the most pressing first, and do not drown those of another.
const RINGS: Duration = Duration::from_secs(10);

/// What the program was told.
#[derive(Default)]
struct Told {
    /// Last, by what rings.
    rings: BTreeMap<(MatterId, Entry), (Post, u64, [String; 7])>,
    /// When, by whose calls: a peer's, or ours to it.
    at: BTreeMap<(PartyId, bool), Instant>,
}

/// Looks until the ledger is gone.
pub async fn watch(ledger: Ledger, config: Config) {
    let test_every = config.line_test_hours.map(|hours| u64::from(hours) * 3_600);
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Told::default();
    loop {
        every.tick().await;
        match ledger.tick(test_every).await {
            Ok(tick) => {
                if let Some(program) = &config.on_ring {
                    for event in events(&mut told, &tick.rings, Instant::now()) {
                        run(program, &event).await;
                    }
                }
            }
            Err(fault) if fault.code == Code::NotRunning => return,
            // Busy, or a fault that the ledger tells by itself: the next second looks again.
            Err(_) => {}
        }
    }
}

/// What has changed: something rings, has climbed, rings again, or has stopped. CAL-8.
fn events(told: &mut Told, rings: &[Ringing], now: Instant) -> Vec<[String; 7]> {
    let mut out = Vec::new();
    let gone: Vec<(MatterId, Entry)> = told
        .rings
        .keys()
        .filter(|(matter, act)| !rings.iter().any(|r| r.matter == *matter && r.what.act == *act))
        .copied()
        .collect();
    for key in gone {
        if let Some((_, _, mut words)) = told.rings.remove(&key) {
            words[0] = "stops".to_owned();
            out.push(words);
        }
    }
    for ringing in rings {
        let (key, what) = ((ringing.matter, ringing.what.act), &ringing.what);
        let event = match told.rings.get(&key) {
            Some((post, since, _)) if (*post, *since) == (what.post, what.since) => continue,
            Some((post, ..)) if *post < what.post => "climbs",
            _ => "rings",
        };
        let caller = (ringing.peer, ringing.mine);
        if told.at.get(&caller).is_some_and(|at| now.duration_since(*at) < RINGS) {
            continue;
        }
        told.at.insert(caller, now);
        let words = words(event, ringing);
        told.rings.insert(key, (what.post, what.since, words.clone()));
        out.push(words);
    }
    out
}

/// The arguments of the program, in this order.
fn words(event: &str, ringing: &Ringing) -> [String; 7] {
    let what = &ringing.what;
    [
        event.to_owned(),
        ringing.ring.name().to_owned(),
        what.post.name().to_owned(),
        what.urgency.to_owned(),
        what.why.to_owned(),
        ringing.matter.to_string(),
        ringing.peer.to_string(),
    ]
}

/// Runs a program that the operator named with nothing of our environment but the search path: what
/// opens our keys lies there, too. Whether it ended well.
pub(crate) async fn run(program: &Path, words: &[String; 7]) -> bool {
    let mut command = Command::new(program);
    command.args(words).env_clear().stdin(Stdio::null()).stdout(Stdio::null());
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path))).kill_on_drop(true);
    let failed = match command.spawn() {
        Ok(mut child) => match timeout(PROGRAM, child.wait()).await {
            Ok(Ok(status)) => (!status.success()).then(|| status.to_string()),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("still running after {} s", PROGRAM.as_secs())),
        },
        Err(error) => Some(error.to_string()),
    };
    // What it was to tell is on the screen all the same; the operator reads why it was not told.
    if let Some(why) = &failed {
        eprintln!("counterpart: on_ring, on_due: {}: {why}", program.display());
    }
    failed.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_record::keys::Ring;
    use counterpart_rules::act::Half;
    use counterpart_rules::flow;

    fn ringing(post: Post, since: u64) -> Ringing {
        Ringing {
            matter: MatterId([1; 16]),
            peer: PartyId([2; 32]),
            ring: Ring::Live,
            mine: false,
            ahead: false,
            stream: "; rm -rf $HOME".to_owned(),
            what: flow::Ring {
                act: Entry([3; 32]),
                half: Half::Answering,
                post,
                since,
                next: None,
                why: "ring-raised",
                urgency: "flash",
            },
        }
    }

    /// CAL-8
    #[test]
    fn the_program_hears_each_change_once_and_no_word_of_a_peer() {
        let (mut told, mut now) = (Told::default(), Instant::now());
        let mut hear = |rings: &[Ringing]| {
            now += RINGS;
            events(&mut told, rings, now)
        };
        let first = hear(&[ringing(Post::Desk, 100)]);
        assert_eq!(first.len(), 1);
        assert_eq!(first[0][..5], ["rings", "live", "desk", "flash", "ring-raised"]);
        assert!(first[0].iter().all(|word| {
            word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        }));
        assert!(hear(&[ringing(Post::Desk, 100)]).is_empty());
        assert_eq!(
            hear(&[ringing(Post::Supervisor, 100)])[0][..3],
            ["climbs", "live", "supervisor"]
        );
        // Taken, and again after a while: it begins at the desk.
        assert_eq!(hear(&[])[0][0], "stops");
        assert_eq!(hear(&[ringing(Post::Desk, 900)])[0][..3], ["rings", "live", "desk"]);
        assert_eq!(hear(&[ringing(Post::Desk, 1_900)])[0][0], "rings");
    }

    /// CAL-8
    #[test]
    fn a_flood_of_one_peer_rings_like_one_and_does_not_drown_another() {
        let (mut told, begun) = (Told::default(), Instant::now());
        let mut flood: Vec<Ringing> = (0..100).map(|_| ringing(Post::Desk, 100)).collect();
        for (nth, one) in flood.iter_mut().enumerate() {
            one.what.act = Entry([nth as u8; 32]);
        }
        let mut at = |seconds: u64, rings: &[Ringing]| {
            events(&mut told, rings, begun + Duration::from_secs(seconds))
        };
        assert_eq!(at(0, &flood).len(), 1);
        assert_eq!(at(9, &flood).len(), 0);
        let mut other = ringing(Post::Desk, 100);
        (other.peer, other.what.act) = (PartyId([9; 32]), Entry([200; 32]));
        let rings = [&flood[..], &[other]].concat();
        let heard = at(9, &rings);
        assert_eq!((heard.len(), &heard[0][6]), (1, &PartyId([9; 32]).to_string()));
        // Nothing is forgotten: one more comes after a while, as long as it rings.
        assert_eq!(at(10, &rings).len(), 1);
        assert_eq!(at(20, &rings).len(), 1);
        // What was told is told to stop, and what was not is not.
        assert_eq!(at(21, &[]).len(), 4);
    }

    #[tokio::test]
    async fn the_program_gets_arguments_and_not_our_environment() {
        let scratch = crate::scratch::Scratch::new("bell");
        let (script, out) = (scratch.join("program"), scratch.join("out"));
        let text = format!("#!/bin/sh\n(printf '%s\\n' \"$@\"; env) > '{}'\n", out.display());
        std::fs::write(&script, text).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
        run(&script, &words("rings", &ringing(Post::Desk, 1))).await;
        let said = std::fs::read_to_string(out).unwrap();
        assert!(said.starts_with("rings\nlive\ndesk\nflash\nring-raised\n0101"), "{said}");
        // What cargo sets for every test is in our environment and not in the program's.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        assert!(!said.contains("CARGO_MANIFEST_DIR"), "{said}");
        // One that is not there is no reason to stop.
        run(Path::new("/nowhere/at/all"), &words("rings", &ringing(Post::Desk, 1))).await;
    }
}
