//! Attachments on their way between real processes: resumed, refused, offered, and given to nobody
//! else.

use crate::attach::attachments;
use crate::running::{Running, free, until};
use crate::world::{PASSPHRASE, World, text};
use counterpart_record::fault::Code;
use counterpart_record::id::unhex;
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use counterpart_server::house;
use counterpart_server::keyfile::{Cost, Lock, NodeSeeds};
use counterpart_server::peer::PeerLink;
use counterpart_server::seam::SystemRandom;
use counterpart_server::tls::Identity;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

/// Houses that know each other; those that are told an address can be called.
fn met(names: &[(&str, Option<&str>)]) -> World {
    let world = World::new();
    std::fs::write(world.path("request.json"), crate::world::REQUEST).unwrap();
    for (name, listen) in names {
        let title = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let listen = listen.iter().flat_map(|at| ["--listen", at]);
        let args: Vec<&str> = ["init", "--name", &title].into_iter().chain(listen).collect();
        world.run(name, &args).good();
        world.run(name, &["credential", "export", &format!("{name}.credential")]).good();
    }
    for (name, _) in names {
        for (peer, _) in names.iter().filter(|(peer, _)| peer != name) {
            world.run(name, &["credential", "import", &format!("{peer}.credential")]).good();
            let print = world.fingerprint(peer);
            let args = ["accredit", peer, "--compared", "voice", "--fingerprint", &print];
            world.run(name, &args).good();
        }
    }
    world
}

/// Bytes that no pattern shortens, the same every time.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..count.div_ceil(8)).flat_map(|_| next()).collect();
    bytes.truncate(count);
    bytes
}

/// Asks Borealis with a file beside it; gives the matter and the attachment as its author sees it.
fn asked(world: &World, content: &[u8]) -> (String, Object) {
    std::fs::write(world.path("data.bin"), content).unwrap();
    let args = ["request", "new", "Borealis", "--file", "request.json"];
    let made = world.object("arcadia", &[&args[..], &["--attach", "data=data.bin"]].concat());
    let m = text(&made, "matter").to_owned();
    let attached = attachments(world, "arcadia", &m).remove(0);
    (m, attached)
}

fn is_there(world: &World, name: &str, m: &str) -> bool {
    let listed = world.run(name, &["attachment", "list", m, "--json"]);
    listed.code == 0 && listed.out.contains("\"state\":\"here\"")
}

fn part(world: &World, name: &str, attached: &Object) -> PathBuf {
    world.path(&format!("{name}/attachments/{}.part", text(attached, "root")))
}

fn figure(address: &str, name: &str) -> u64 {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let line = answer.lines().find_map(|line| line.strip_prefix(&format!("counterpart_{name} ")));
    line.unwrap_or_else(|| panic!("{name}: {answer}")).parse().unwrap()
}

/// The most memory that a process had since the last time this was set back, in KiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// ATT-7.
#[test]
fn fifty_mib_travel_and_a_kill_in_the_middle_costs_a_piece_and_not_the_file() {
    let (here, there, figures) = (free(), free(), free());
    let world = met(&[("arcadia", Some(&here)), ("borealis", Some(&there))]);
    let config = world.path("arcadia/config");
    let text_of = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{text_of}metrics = {figures}\n")).unwrap();
    // What is measured is not the memory that a guess at the passphrase costs.
    for name in ["arcadia", "borealis"] {
        let file = world.path(&format!("{name}/node.key"));
        let lock = Lock { passphrase: PASSPHRASE, cost: Cost::LEAST, random: &SystemRandom };
        NodeSeeds::open(&file, PASSPHRASE).unwrap().replace(&file, &lock).unwrap();
    }
    let first = Running::start(&world, "arcadia");
    let second = Running::start(&world, "borealis");
    // From here on.
    let set_back = |process: u32| {
        std::fs::write(format!("/proc/{process}/clear_refs"), "5").unwrap();
        peak(process)
    };
    let before = set_back(first.id());
    let content = noise(50 * 1024 * 1024);
    let (m, attached) = asked(&world, &content);
    let size = attached.get("size").and_then(Value::as_int).unwrap() as u64;
    let part = part(&world, "borealis", &attached);
    let came = || std::fs::metadata(&part).map_or(0, |data| data.len());
    while came() < 8 * 1024 * 1024 {
        assert!(!is_whole(&world, &attached), "too fast to be interrupted");
        std::thread::sleep(Duration::from_millis(1));
    }
    // As a power cut would.
    drop(second);
    let kept = came();
    assert!((8 * 1024 * 1024..size).contains(&kept), "{kept}");
    let shown = world.run("borealis", &["matter", "show", &m]).good().out;
    assert!(shown.contains("have come"), "{shown}");
    let second = Running::start(&world, "borealis");
    let before_second = set_back(second.id());
    until("the file is there", || is_there(&world, "borealis", &m));
    // All of it once, and what was under way at the moment of the kill.
    let sent = figure(&figures, "attachment_bytes_sent");
    assert!((size..size + 4 * 1024 * 1024).contains(&sent), "{sent} of {size}, {kept} kept");
    let out = world.run("borealis", &["attachment", "save", &m, "1", "out.bin"]);
    assert!(out.good_with_progress().out.contains("SHA-256"));
    assert!(std::fs::read(world.path("out.bin")).unwrap() == content);
    until("its author knows", || {
        let list = attachments(&world, "arcadia", &m);
        list[0].get("taken") == Some(&Value::Bool(true))
    });
    for (process, before) in [(first.id(), before), (second.id(), before_second)] {
        let more = peak(process) - before.min(peak(process));
        println!("{more} KiB more than {before} KiB at rest");
        assert!(more < 32 * 1024, "{more} KiB more than at rest");
    }
    first.end();
    second.end();
}

fn is_whole(world: &World, attached: &Object) -> bool {
    world.path(&format!("borealis/attachments/{}", text(attached, "root"))).exists()
}

/// ATT-4.
#[test]
fn altered_bytes_are_refused_and_named_and_what_was_good_stays() {
    let (here, there) = (free(), free());
    let world = met(&[("arcadia", Some(&here)), ("borealis", Some(&there))]);
    let first = Running::start(&world, "arcadia");
    let (m, attached) = asked(&world, &noise(3 * 1024 * 1024));
    // Somebody changes one bit on the author's disk, two MiB in.
    let path = world.path(&format!("arcadia/attachments/{}", text(&attached, "root")));
    let good = std::fs::read(&path).unwrap();
    let mut bad = good.clone();
    bad[2 * 1024 * 1024] ^= 1;
    std::fs::write(&path, &bad).unwrap();
    let second = Running::start(&world, "borealis");
    let listed = || {
        let listed = world.run("borealis", &["attachment", "list", &m, "--json"]);
        (listed.code == 0).then(|| attachments(&world, "borealis", &m).remove(0))
    };
    until("it is refused", || {
        listed().is_some_and(|one| text(&one, "trouble") == Code::AttachmentWrong.name())
    });
    let shown = world.run("borealis", &["matter", "show", &m]).good().out;
    assert!(shown.contains("was refused"), "{shown}");
    assert!(!is_whole(&world, &attached));
    let kept = std::fs::metadata(part(&world, "borealis", &attached)).unwrap().len();
    assert!((1024 * 1024..2 * 1024 * 1024).contains(&kept), "{kept}");
    // Put right again: the rest comes.
    std::fs::write(&path, &good).unwrap();
    second.end();
    let second = Running::start(&world, "borealis");
    until("the file is there", || is_there(&world, "borealis", &m));
    first.end();
    second.end();
}

/// ATT-8.
#[test]
fn nobody_but_the_peer_of_the_act_is_given_anything() {
    let here = free();
    let world = met(&[("arcadia", Some(&here)), ("borealis", None), ("cascadia", None)]);
    let (_, attached) = asked(&world, &noise(100_000));
    let root = unhex(text(&attached, "root")).unwrap();
    let size = attached.get("size").and_then(Value::as_int).unwrap() as u64;
    let running = Running::start(&world, "arcadia");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let link = |name: &str| {
        let house = house::open(&world.path(name), PASSPHRASE).unwrap();
        let route = house.node.routes();
        let route = route.iter().find(|route| !route.endpoints.is_empty()).unwrap();
        let identity = Identity::new(house.keys.clone(), Ring::Live);
        PeerLink::new(identity.connector(&route.spki).unwrap(), here.clone())
    };
    let (mut peer, mut other) = (link("borealis"), link("cascadia"));
    runtime.block_on(async {
        assert_eq!(peer.piece(&root, 0, 64).await.unwrap().len(), 64);
        let missing = |outcome: counterpart_record::fault::Result<Vec<u8>>| {
            assert_eq!(outcome.unwrap_err().code, Code::AttachmentMissing);
        };
        // To Cascadia it is as if there were none; to Borealis another root is.
        missing(other.piece(&root, 0, 64).await);
        missing(peer.piece(&[0; 32], 0, 64).await);
        // What no act of its names is not taken, and a note of what it was not given is none.
        missing(other.offer(&root, 0, 1072, vec![0; 32]).await.map(|_| Vec::new()));
        missing(peer.offer(&[0; 32], 0, 1072, vec![0; 32]).await.map(|_| Vec::new()));
        // What is here already is left as it is, and the peer of the act is told so (ATT-11).
        assert_eq!(peer.offer(&root, 0, 1072, vec![0; 32]).await.unwrap(), size);
        missing(other.taken(&root).await.map(|()| Vec::new()));
        // Beyond the end, and more than a piece.
        assert!(peer.piece(&root, 1 << 40, (1 << 40) + 5).await.is_err());
        let large = peer.piece(&root, 0, 2 << 20).await.unwrap_err();
        assert_eq!(large.code, Code::TooLarge);
    });
    running.end();
}

#[test]
fn a_node_that_nobody_can_call_offers_and_fetches_on_its_own_connection() {
    let there = free();
    let world = met(&[("arcadia", None), ("borealis", Some(&there))]);
    let first = Running::start(&world, "arcadia");
    let (m, attached) = asked(&world, &noise(2_500_000));
    let second = Running::start(&world, "borealis");
    until("what Arcadia attached is there", || is_there(&world, "borealis", &m));
    until("Arcadia knows", || {
        let list = attachments(&world, "arcadia", &m);
        list[0].get("taken") == Some(&Value::Bool(true))
    });
    std::fs::write(world.path("answer.bin"), noise(70_000)).unwrap();
    let answer =
        ["answer", &m, "--field", "extent=full", "--field", "final=yes", "--text", "Here."];
    world.run("borealis", &[&answer[..], &["--attach", "evidence=answer.bin"]].concat()).good();
    until("what Borealis attached is there", || {
        let list = attachments(&world, "arcadia", &m);
        list.len() == 2 && text(&list[1], "state") == "here"
    });
    world.run("arcadia", &["attachment", "save", &m, "2", "out.bin"]).good();
    assert!(std::fs::read(world.path("out.bin")).unwrap() == noise(70_000));
    assert!(!part(&world, "borealis", &attached).exists());
    first.end();
    second.end();
}

/// ATT-11, REC-48.
#[test]
fn whichever_backup_is_put_back_the_files_come_back_from_the_peer() {
    let (here, there) = (free(), free());
    let world = met(&[("arcadia", Some(&here)), ("borealis", Some(&there))]);
    let (first, second) = (Running::start(&world, "arcadia"), Running::start(&world, "borealis"));
    let mut sent = Vec::new();
    for (nth, size) in [400_000, 70_000, 1_500_000].into_iter().enumerate() {
        world.run("arcadia", &["backup", &format!("backup-{nth}")]).good_with_progress();
        let (m, _) = asked(&world, &noise(size));
        until("its author knows", || {
            let list = attachments(&world, "arcadia", &m);
            list[0].get("taken") == Some(&Value::Bool(true))
        });
        sent.push((m, size));
    }
    first.end();
    // An older backup after a newer one, and back: none of them has the last file.
    for backup in ["backup-2", "backup-0", "backup-1"] {
        std::fs::remove_dir_all(world.path("arcadia")).unwrap();
        world.run("arcadia", &["restore", backup]).good();
        let first = Running::start(&world, "arcadia");
        for (nth, (m, size)) in sent.iter().enumerate() {
            until("the file is back", || is_there(&world, "arcadia", m));
            let out = format!("{backup}-{nth}.bin");
            world.run("arcadia", &["attachment", "save", m, "1", &out]).good_with_progress();
            assert!(std::fs::read(world.path(&out)).unwrap() == noise(*size), "{out}");
        }
        until("acts reach the peer again", || {
            world.run("arcadia", &["remind", &sent[0].0, "--json"]).code == 0
        });
        first.end();
    }
    second.end();
    for name in ["arcadia", "borealis"] {
        let checked = world.object(name, &["fsck"]);
        assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())), "{name}");
        assert_eq!(world.json(name, &["proofs"]), Value::Array(Vec::new()));
    }
}
