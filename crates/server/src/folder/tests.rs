use super::*;
use crate::scratch::Scratch;
use std::os::unix::fs::PermissionsExt as _;

fn config() -> Config {
    Config {
        desk: Desk {
            names: vec![("en".into(), "Arcadia".into()), ("zh-CN".into(), "阿卡迪亚".into())],
            callback: vec!["+00 1 234".into()],
            endpoints: vec!["node.example:7400".into(), "[2001:db8::1]:7400".into()],
            languages: vec!["en".into()],
            streams: vec!["cybercrime".into()],
        },
        listen: Some("0.0.0.0:7400".parse().unwrap()),
        metrics: Some("127.0.0.1:9100".parse().unwrap()),
        lang: Some(Lang::ZhCn),
        on_ring: Some("/usr/local/bin/ring the desk".into()),
        on_due: Some("/usr/local/bin/remind".into()),
        line_test_hours: Some(24),
        pkcs11: Some("/usr/lib/softhsm/libsofthsm2.so".into()),
        pkcs11_token: Some("arcadia".into()),
        pkcs11_pin_file: Some("/etc/counterpart/pin".into()),
        peer_acts_per_hour: Some(1_000),
        peer_mib_per_hour: Some(64),
        peer_attachments_gib: Some(16),
        peer_connections: Some(4),
        peer_handshakes_per_minute: Some(60),
        retain: vec![
            Period { stream: None, flow: None, may_days: 365, must_days: 730 },
            Period {
                stream: Some("cybercrime".into()),
                flow: Some("call".into()),
                may_days: 30,
                must_days: 30,
            },
        ],
    }
}

/// A folder as init leaves it, here with a key file that nobody opens.
fn node(path: &Path) -> Folder {
    let folder = Folder::create(path).unwrap();
    durable::create(&folder.key_file(), b"sealed").unwrap();
    durable::create(&path.join(RECORD), b"record").unwrap();
    folder.write_config(&config()).unwrap();
    folder
}

fn code<T>(result: Result<T>) -> Code {
    result.err().unwrap().code
}

#[test]
fn one_process_has_the_folder() {
    let scratch = Scratch::new("lock");
    let home = scratch.join("home");
    let first = node(&home);
    let second = Folder::open(&home).unwrap_err();
    assert_eq!(second.code, Code::FolderLocked);
    let pid = format!("process {}", std::process::id());
    assert!(second.at.ends_with(&pid), "{}", second.at);
    // Whoever does not have it can still read where to knock.
    assert_eq!(Config::read(&home).unwrap(), config());
    assert_eq!(control_socket(&home), first.control_socket());
    drop(first);
    assert_eq!(Folder::open(&home).unwrap().config().unwrap(), config());
}

#[test]
fn folders_that_are_no_node_are_named() {
    let scratch = Scratch::new("foreign");
    let missing = Folder::open(&scratch.join("none")).unwrap_err();
    assert_eq!(missing.code, Code::FolderNotNode);
    assert!(!scratch.join("none").exists(), "looking creates nothing");
    fs::write(scratch.join("file"), b"x").unwrap();
    assert_eq!(code(Folder::open(&scratch.join("file"))), Code::FolderNotNode);
    assert_eq!(code(Folder::create(&scratch.join("file"))), Code::FolderInUse);
    // The folder that holds `file` is somebody's, but not a node.
    assert_eq!(code(Folder::open(scratch.path())), Code::FolderNotNode);
    assert_eq!(code(Folder::create(scratch.path())), Code::FolderInUse);
    assert!(!scratch.join(LOCK).exists(), "refusing leaves nothing behind");

    let home = scratch.join("home");
    let folder = node(&home);
    assert_eq!(code(Folder::create(&home)), Code::FolderInUse);
    fs::remove_file(home.join(CONFIG)).unwrap();
    drop(folder);
    let half = Folder::open(&home).unwrap_err();
    assert_eq!(half, Code::FolderIncomplete.at(format!("{}: config", home.display())));
    fs::remove_file(home.join(RECORD)).unwrap();
    let half = Folder::open(&home).unwrap_err();
    assert_eq!(half, Code::FolderIncomplete.at(format!("{}: config, record.db", home.display())));
}

#[test]
fn a_folder_that_lost_a_part_is_damaged_and_not_new() {
    let scratch = Scratch::new("lost");
    for lost in [KEY_FILE, RECORD] {
        let home = scratch.join(lost);
        drop(node(&home));
        fs::remove_file(home.join(lost)).unwrap();
        let fault = Folder::open(&home).unwrap_err();
        assert!(fault.code == Code::StoreDamaged && fault.at.contains(lost), "{fault}");
    }
}

#[test]
fn root_keys_lie_elsewhere() {
    let scratch = Scratch::new("root");
    let home = scratch.join("home");
    let root = root_beside(&home);
    assert_eq!(root, scratch.join("home-root"));
    create_root(&root).unwrap();
    durable::create(&root_key(&root), b"sealed").unwrap();
    assert_eq!(code(create_root(&root)), Code::FolderInUse);
    let fault = Folder::open(&root).unwrap_err();
    assert!(fault.code == Code::FolderNotNode && fault.at.contains("root keys"), "{fault}");
}

#[test]
fn the_folder_is_closed_to_others_each_time() {
    let scratch = Scratch::new("modes");
    let home = scratch.join("home");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    drop(node(&home));
    assert_eq!(mode(&home), 0o700);
    assert_eq!(mode(&home.join(CONFIG)), 0o600);
    assert_eq!(mode(&home.join(LOCK)), 0o600);
    fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).unwrap();
    drop(Folder::open(&home).unwrap());
    assert_eq!(mode(&home), 0o700);
}

#[test]
fn an_interrupted_creation_may_begin_again() {
    let scratch = Scratch::new("again");
    let home = scratch.join("home");
    drop(Folder::create(&home).unwrap());
    let second = Folder::create(&home).unwrap();
    assert_eq!(code(Folder::create(&home)), Code::FolderLocked);
    drop(second);
}

#[test]
fn settings_go_both_ways() {
    assert_eq!(Config::parse(&config().to_text()).unwrap(), config());
    let text = "\n# a comment\n  name.en=Borealis  \nlisten = [::1]:7400\n";
    let read = Config::parse(text).unwrap();
    assert_eq!(read.desk.names, [("en".to_owned(), "Borealis".to_owned())]);
    assert_eq!((read.listen.unwrap().port(), read.lang), (7400, None));
}

#[test]
fn wrong_settings_name_their_line() {
    for (line, what) in [
        ("listen", "no ="),
        ("listen = 7400", "not address:port"),
        ("listen = localhost:7400", "not address:port"),
        ("listen = 1.2.3.4:1\nlisten = 1.2.3.4:1", "line 3: listen: twice"),
        ("lang = fr", "not en or zh-CN"),
        ("name.en = Second", "twice"),
        ("name. = X", "unknown"),
        ("name = X", "unknown"),
        ("Listen = 1.2.3.4:1", "unknown"),
        ("stream =", "empty"),
        ("stream = a\nstream = a", "line 3: stream: twice"),
        ("callback = \u{1b}[2J", "not plain text"),
        ("endpoint = http://x:1", "not host:port"),
        ("endpoint = x:0", "not host:port"),
        ("endpoint = x", "not host:port"),
        ("endpoint = [1.2.3.4]:5", "not host:port"),
        ("language = e", "not a language tag"),
    ] {
        let fault = Config::parse(&format!("name.en = A\n{line}\n")).unwrap_err();
        assert_eq!(fault.code, Code::ConfigWrong, "{line}");
        assert!(fault.at.starts_with("line ") && fault.at.contains(what), "{line}: {fault}");
    }
    assert_eq!(code(Config::parse("stream = a\n")), Code::ConfigWrong);
    let many: String = (0..33).map(|i| format!("stream = {i}\n")).collect();
    assert!(Config::parse(&many).unwrap_err().at.contains("line 33: stream: more than 32"));
}

#[test]
fn settings_that_could_not_be_read_again_are_not_written() {
    let scratch = Scratch::new("settings");
    let folder = node(&scratch.join("home"));
    let mut broken = config();
    broken.desk.streams.push("a\nlisten = 1.2.3.4:5".into());
    assert_eq!(code(folder.write_config(&broken)), Code::ConfigWrong);
    assert_eq!(folder.config().unwrap(), config());
}

/// RET-5.
#[test]
fn periods_of_retention_are_read_strictly() {
    let parse = |line: &str| Config::parse(&format!("name.en = Arcadia\n{line}\n"));
    let kept = parse("retain.*.call = 30\nretain = 365 .. 730\nretain.fraud = 0").unwrap().retain;
    let kept: Vec<_> = kept
        .iter()
        .map(|one| (one.stream.as_deref(), one.flow.as_deref(), one.may_days, one.must_days))
        .collect();
    let expected =
        [(None, Some("call"), 30, 30), (None, None, 365, 730), (Some("fraud"), None, 0, 0)];
    assert_eq!(kept, expected);
    for wrong in [
        "retain = soon",
        "retain = 30..29",
        "retain = -1",
        "retain = 40000",
        "retain.fraud.telex = 30",
        "retain = 1\nretain.* = 2",
    ] {
        assert_eq!(code(parse(wrong)), Code::ConfigWrong, "{wrong}");
    }
}
