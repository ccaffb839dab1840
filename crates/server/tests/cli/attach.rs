//! Attachments at the command line, with the real program.

use crate::world::{World, text};
use counterpart_record::strict::json::{Object, Value};
use std::os::unix::fs::PermissionsExt as _;

const ORDER: &[u8] = b"Order of the court of Arcadia: the logs of 1 June shall be kept.";

/// Arcadia asks with an order beside it; gives the first digits of the matter.
fn asked(world: &World) -> String {
    std::fs::write(world.path("order.txt"), ORDER).unwrap();
    let args = ["request", "new", "--file", "request.json", "--attach", "order=order.txt"];
    let made = world.object("arcadia", &args);
    text(&made, "matter").to_owned()
}

pub fn attachments(world: &World, name: &str, matter: &str) -> Vec<Object> {
    let listed = world.object(name, &["attachment", "list", matter]);
    let listed = listed.get("attachments").and_then(Value::as_array).unwrap();
    listed.iter().map(|one| one.as_object().unwrap().clone()).collect()
}

pub fn sealed_files(world: &World, name: &str) -> usize {
    std::fs::read_dir(world.path(&format!("{name}/attachments"))).map_or(0, Iterator::count)
}

#[test]
fn a_file_goes_with_an_act_and_is_opened_into_a_new_file_alone() {
    let world = World::enrolled();
    let m = asked(&world);
    let listed = attachments(&world, "arcadia", &m);
    assert_eq!(listed.len(), 1);
    for (name, told) in [("what", "order"), ("state", "here"), ("name", "order.txt")] {
        assert_eq!(text(&listed[0], name), told);
    }
    let shown = world.run("arcadia", &["matter", "show", &m]).good().out;
    assert!(shown.contains("Attachment 1  order  order.txt  64 B  here"), "{shown}");
    let json = world.run("arcadia", &["matter", "show", &m, "--json"]).good().out;
    assert!(!json.contains("\"key\""), "what opens it is on no page: {json}");
    let shown = world.run("arcadia", &["matter", "show", &m, "--lang", "zh-CN"]).good().out;
    assert!(shown.contains("附件 1  法律文书"), "{shown}");
    let save = |file: &str| world.run("arcadia", &["attachment", "save", &m, "1", file, "--json"]);
    let out = save("out.txt");
    assert_eq!(out.code, 0, "{}", out.err);
    assert_eq!(std::fs::read(world.path("out.txt")).unwrap(), ORDER);
    let mode = std::fs::metadata(world.path("out.txt")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // It is the officer's name, and nothing is overwritten.
    assert_eq!(save("order.txt").fault(), "folder-in-use");
    let none = world.run("arcadia", &["attachment", "save", &m, "2", "two", "--json"]);
    assert_eq!(none.fault(), "argument-wrong");
    // Nobody sealed what the peer has named but not sent.
    world.carry("arcadia", "borealis", &[]);
    assert_eq!(text(&attachments(&world, "borealis", &m)[0], "state"), "waiting");
    let early = world.run("borealis", &["attachment", "save", &m, "1", "early", "--json"]);
    assert_eq!(early.fault(), "attachment-missing");
    assert!(!world.path("early").exists());
    // Nothing of the file is in any file of either node.
    for name in ["arcadia", "borealis"] {
        let files = std::fs::read_dir(world.path(name)).unwrap().map(|file| file.unwrap().path());
        for path in files.filter(|path| path.is_file()) {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(20).any(|part| part == &ORDER[..20]), "{}", path.display());
        }
    }
}

#[test]
fn what_cannot_be_attached_signs_nothing_and_leaves_nothing() {
    let world = World::enrolled();
    std::fs::write(world.path("empty"), b"").unwrap();
    std::fs::write(world.path("note"), b"a note").unwrap();
    let large = std::fs::File::create(world.path("large")).unwrap();
    large.set_len(50 * 1024 * 1024 + 1).unwrap();
    let refused = |attach: &[&str]| {
        let attach = attach.iter().flat_map(|one| ["--attach", one]).collect::<Vec<_>>();
        let args = [&["request", "new", "--file", "request.json", "--json"], &attach[..]].concat();
        let fault = world.run("arcadia", &args).fault();
        assert_eq!(sealed_files(&world, "arcadia"), 0, "{fault}");
        fault
    };
    assert_eq!(refused(&["order=empty"]), "attachment-unfit");
    assert_eq!(refused(&["order=note", "data=large"]), "attachment-unfit");
    assert_eq!(refused(&["order=note"; 17]), "attachment-unfit");
    assert_eq!(refused(&["order=none"]), "file-absent");
    assert_eq!(refused(&["program=note"]), "argument-wrong");
    assert_eq!(refused(&["order"]), "argument-wrong");
    // The form itself is wrong: the file that was sealed goes away again.
    let args = ["request", "new", "--field", "urgency=soon", "--attach", "order=note", "--json"];
    assert_eq!(world.run("arcadia", &args).fault(), "fields-wrong");
    assert_eq!(sealed_files(&world, "arcadia"), 0);
    // A root that is typed is not a file that was sealed.
    let typed = ["request", "new", "--file", "request.json", "--field", "attachments=x", "--json"];
    assert_eq!(world.run("arcadia", &typed).fault(), "fields-wrong");
    // An acknowledgement carries none.
    let m = asked(&world);
    world.carry("arcadia", "borealis", &[]);
    let args = ["acknowledge", &m, "--attach", "order=note", "--json"];
    assert_eq!(world.run("borealis", &args).fault(), "attachment-unfit");
    assert_eq!(sealed_files(&world, "borealis"), 0);
}

/// ATT-10.
#[test]
fn erasing_a_matter_takes_its_files_and_their_keys_and_no_others() {
    use counterpart_record::fault::Code;
    let world = World::enrolled();
    let (a, b) = ("arcadia", "borealis");
    let (m, other) = (asked(&world), asked(&world));
    world.carry(a, b, &[]);
    world.run(b, &["refuse", &m, "--field", "ground=no-reason-given"]).good();
    world.carry(b, a, &[]);
    assert_eq!(sealed_files(&world, a), 2);
    let erased = world.object(a, &["erase", &m, "--yes"]);
    assert_eq!(erased.get("attachments"), Some(&Value::Int(1)), "{erased:?}");
    assert_eq!(sealed_files(&world, a), 1);
    let gone = &attachments(&world, a, &m)[0];
    assert_eq!(text(gone, "state"), "erased");
    assert!(gone.get("name").is_none() && text(gone, "root").len() == 64);
    let save = world.run(a, &["attachment", "save", &m, "1", "out", "--json"]);
    assert_eq!(save.fault(), Code::AttachmentErased.name());
    world.run(a, &["attachment", "save", &other, "1", "out"]).good();
    let checked = world.object(a, &["fsck"]);
    assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())));
}

/// Arcadia's request with its order is at Borealis, carried on a stick.
fn carried(world: &World) -> String {
    let m = asked(world);
    world.run("arcadia", &["pouch", "pack", "Borealis", "stick", "--attachments"]).good();
    let taken = world.object("borealis", &["pouch", "unpack", "stick"]);
    let sealed = taken.get("attachments").and_then(Value::as_object).unwrap();
    assert_eq!(sealed.get("count"), Some(&Value::Int(1)), "{taken:?}");
    m
}

/// ATT-4.
#[test]
fn a_stick_carries_sealed_bytes_and_an_altered_file_is_named_and_not_taken() {
    let world = World::enrolled();
    let m = asked(&world);
    world.run("arcadia", &["pouch", "pack", "Borealis", "stick", "--attachments"]).good();
    let folder = world.path("stick.attachments");
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).collect();
    let good = std::fs::read(&files[0]).unwrap();
    assert!(files.len() == 1 && !good.windows(20).any(|part| part == &ORDER[..20]));
    // On the way one bit changes, and strange files come along.
    let mut bad = good.clone();
    bad[500] ^= 1;
    std::fs::write(&files[0], bad).unwrap();
    std::fs::write(folder.join("00".repeat(32)), b"something").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.join("11".repeat(32))).unwrap();
    let taken = world.run("borealis", &["pouch", "unpack", "stick", "--json"]);
    assert!(taken.code == 1 && taken.out.contains("attachment-wrong"), "{}", taken.out);
    // The acts are in all the same.
    assert_eq!(text(&attachments(&world, "borealis", &m)[0], "state"), "waiting");
    assert_eq!(sealed_files(&world, "borealis"), 0);
    std::fs::write(&files[0], good).unwrap();
    let taken = world.run("borealis", &["pouch", "unpack", "stick"]).good().out;
    assert!(taken.contains("Attachments taken in: 1"), "{taken}");
    world.run("borealis", &["attachment", "save", &m, "1", "out"]).good();
    assert_eq!(std::fs::read(world.path("out")).unwrap(), ORDER);
    let again = ["pouch", "pack", "Borealis", "stick2", "--attachments", "--json"];
    std::fs::create_dir(world.path("stick2.attachments")).unwrap();
    assert_eq!(world.run("arcadia", &again).fault(), "folder-in-use");
}

#[test]
fn fsck_names_what_is_damaged_or_missing_of_ours_and_waits_for_what_is_not() {
    use counterpart_record::fault::Code;
    let world = World::enrolled();
    let m = asked(&world);
    world.carry("arcadia", "borealis", &[]);
    let faults = |name: &str| {
        let ran = world.run(name, &["fsck", "--json"]);
        let checked = counterpart_record::strict::json::parse_object(ran.out.trim().as_bytes());
        let faults = checked.unwrap().get("faults").and_then(Value::as_array).unwrap().to_vec();
        let codes = faults.iter().filter_map(Value::as_object);
        let codes: Vec<String> = codes.map(|one| text(one, "code").to_owned()).collect();
        assert_eq!(ran.code, if codes.is_empty() { 0 } else { 3 });
        codes
    };
    assert_eq!(faults("arcadia"), [""; 0]);
    assert_eq!(faults("borealis"), [""; 0], "what has not come yet is no fault");
    let root = text(&attachments(&world, "arcadia", &m)[0], "root").to_owned();
    let path = world.path(&format!("arcadia/attachments/{root}"));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[700] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(faults("arcadia"), [Code::AttachmentDamaged.urn()]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(faults("arcadia"), [Code::AttachmentMissing.urn()]);
    let said = world.run("arcadia", &["fsck", "--lang", "zh-CN"]);
    assert!(said.out.contains(&root[..8]), "{}", said.out);
}

#[test]
fn a_backup_carries_attachments_and_gives_them_back() {
    let world = World::enrolled();
    let m = carried(&world);
    world.run("borealis", &["backup", "safe"]).good_with_progress();
    let sealed = std::fs::read(world.path("safe")).unwrap();
    assert!(!sealed.windows(20).any(|part| part == &ORDER[..20]));
    std::fs::remove_dir_all(world.path("borealis")).unwrap();
    world.object("borealis", &["restore", "safe"]);
    world.run("borealis", &["attachment", "save", &m, "1", "out"]).good();
    assert_eq!(std::fs::read(world.path("out")).unwrap(), ORDER);
    let mode = std::fs::metadata(world.path("borealis/attachments")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    world.run("borealis", &["fsck"]).good();
}

/// DOS-23.
#[test]
fn a_dossier_shows_what_was_attached_and_a_third_person_checks_it() {
    let world = World::enrolled();
    let m = carried(&world);
    world.run("borealis", &["refuse", &m, "--field", "ground=no-reason-given"]).good();
    world.carry("borealis", "arcadia", &[]);
    let prints = [world.fingerprint("arcadia"), world.fingerprint("borealis")];
    let verify = |case: &str| {
        let prints = ["--fingerprint", &prints[0], "--fingerprint", &prints[1]];
        world.run("nowhere", &[&["verify", "dossier", case], &prints[..]].concat())
    };
    world.run("arcadia", &["dossier", &m, "case"]).good();
    let told = verify("case");
    assert!(told.code == 0 && told.out.contains("content is the one promised"), "{}", told.out);
    let summary = std::fs::read_to_string(world.path("case/data/summary.en.txt")).unwrap();
    assert!(summary.contains("Attachment: order") && !summary.contains("\"key\""), "{summary}");
    // Left out: the act still says that it was.
    world.run("arcadia", &["dossier", &m, "short", "--without-attachments"]).good();
    let told = verify("short");
    assert!(told.code == 0 && told.out.contains("not in this dossier"), "{}", told.out);
    assert!(told.out.contains("VALID in all that was checked"), "{}", told.out);
    // Other bytes under that name, and the manifest made to fit.
    let attached = attachments(&world, "arcadia", &m);
    let name = format!("data/attachments/{}", text(&attached[0], "root"));
    let path = world.path(&format!("case/{name}"));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[900] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert!(verify("case").out.contains("[bag-wrong]"));
    refit(&world.path("case"), &name, &bytes);
    let told = verify("case");
    assert!(told.code == 1 && told.out.contains("[attachment-wrong]"), "{}", told.out);
    // A strange one that no act names.
    world.run("arcadia", &["dossier", &m, "more"]).good();
    let strange = format!("data/attachments/{}", "ab".repeat(32));
    std::fs::write(world.path(&format!("more/{strange}")), b"x").unwrap();
    refit(&world.path("more"), &strange, b"x");
    assert!(verify("more").out.contains("[bag-wrong]"));
    // Erased: sealed bytes could be opened by nobody, and are not handed on.
    world.run("arcadia", &["erase", &m, "--yes"]).good();
    world.run("arcadia", &["dossier", &m, "bare"]).good();
    let told = verify("bare");
    assert!(told.code == 0 && told.out.contains("not in this dossier"), "{}", told.out);
}

/// Makes the manifests say what is there.
fn refit(bag: &std::path::Path, name: &str, bytes: &[u8]) {
    use counterpart_record::hash::sha256;
    use counterpart_record::id::hex;
    let line = |name: &str, bytes: &[u8]| format!("{}  {name}", hex(&sha256(&[bytes])));
    let put = |file: &str, name: &str, bytes: &[u8]| {
        let text = std::fs::read_to_string(bag.join(file)).unwrap();
        let rest = text.lines().filter(|line| !line.ends_with(&format!("  {name}")));
        let mut lines: Vec<String> = rest.map(str::to_owned).collect();
        lines.push(line(name, bytes));
        lines.sort_by(|a, b| a[66..].cmp(&b[66..]));
        let text = lines.join("\n") + "\n";
        std::fs::write(bag.join(file), &text).unwrap();
        text
    };
    let manifest = put("manifest-sha256.txt", name, bytes);
    put("tagmanifest-sha256.txt", "manifest-sha256.txt", manifest.as_bytes());
}
