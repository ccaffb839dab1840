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
    assert_eq!(refused(&["order=none"]), "io");
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
