//! A partner without a node: a request goes out as a page, the answer is entered by hand, clocks
//! run, and nothing of it is ever taken for an act that the partner signed.

use crate::world::{Ran, World, text};
use counterpart_record::fault::Code;
use counterpart_record::statement::Unverified;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const HOUR: u64 = 3_600;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A time as a person types it.
fn at(seconds: u64) -> String {
    clock::shown(seconds).replace(" UTC", "Z").replace(' ', "T")
}

fn founded() -> World {
    let world = World::enrolled();
    world.carry("arcadia", "borealis", &[]);
    world.carry("borealis", "arcadia", &[]);
    let add = ["correspondent", "add", "Cascadia", "--name-zh", "卡斯卡迪亚", "--language", "en"];
    let more = ["--callback", "+1 555 0177", "--address", "fax=+1 555 0178"];
    world.run("arcadia", &[&add[..], &more].concat()).good();
    world
}

fn requested(world: &World) -> String {
    let made = world.object("arcadia", &["request", "new", "Cascadia", "--file", "request.json"]);
    text(&made, "matter").to_owned()
}

fn shown(world: &World, matter: &str) -> Object {
    world.object("arcadia", &["matter", "show", matter])
}

fn acts(shown: &Object) -> Vec<Object> {
    let acts = shown.get("acts").and_then(Value::as_array).unwrap();
    acts.iter().map(|act| act.as_object().unwrap().clone()).collect()
}

fn verify(world: &World, args: &[&str]) -> Ran {
    // A process of its own, in a folder without a node.
    let mut command = world.command("nowhere", &[&["verify"], args].concat());
    Ran::of(&mut command)
}

/// COR-2, COR-3, COR-5.
#[test]
fn a_request_goes_out_as_a_page_and_the_answer_is_entered_by_hand() {
    let world = founded();
    let matter = requested(&world);
    world.run("arcadia", &["page", &matter, "to-cascadia"]).good();
    let page = std::fs::read_to_string(world.path("to-cascadia/page.txt")).unwrap();
    for words in ["Arcadia", "Cascadia", "卡斯卡迪亚", "Court of Arcadia", &matter] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let key = "to-cascadia/statement-key.pem";
    let beside = ["--disclosure", "to-cascadia/disclosures.txt"];
    let statement = ["statement", "to-cascadia/statement.cose", "--key", key];
    let good = verify(&world, &[&statement[..], &beside].concat());
    assert_eq!(good.code, 0, "{}{}", good.out, good.err);
    let receipt = [
        "receipt",
        "to-cascadia/receipt.cose",
        "--statement",
        "to-cascadia/statement.cose",
        "--log-key",
        "to-cascadia/log-key.pem",
        "--checkpoint",
        "to-cascadia/checkpoint.txt",
        "--vkey",
        "to-cascadia/log-ed25519.vkey",
        "--vkey",
        "to-cascadia/log-ml-dsa.vkey",
    ];
    assert_eq!(verify(&world, &receipt).code, 0);
    // The same clocks run.
    let due = world.json("arcadia", &["due"]);
    let row = due.as_array().unwrap().iter().filter_map(Value::as_object);
    let row = row.into_iter().find(|row| text(row, "matter") == matter).unwrap();
    assert_eq!(row.get("one_sided"), Some(&Value::Bool(true)));
    assert_eq!(row.get("ours"), Some(&Value::Bool(false)));
    // By telephone, noted at once; then the answer.
    let came = at(now());
    let how = ["--how", "phone", "--at", &came, "--by", "Inspector Lantern"];
    let taken = ["enter", "acknowledge", &matter, "--field", "desk=Cascadia duty desk"];
    world.run("arcadia", &[&taken[..], &how].concat()).good();
    let answer = ["enter", "answer", &matter, "--field", "extent=full", "--field", "final=yes"];
    let answered = ["--text", "Preserved until August."];
    world.run("arcadia", &[&answer[..], &answered, &how].concat()).good();
    let whole = shown(&world, &matter);
    assert_eq!(whole.get("one_sided"), Some(&Value::Bool(true)));
    assert_eq!(text(&whole, "stage"), "answered", "{whole:?}");
    let said = acts(&whole);
    let halves: Vec<_> = said.iter().map(|act| act.get("mine").cloned().unwrap()).collect();
    assert_eq!(halves, [true, false, false].map(Value::Bool));
    for act in &said[1..] {
        let entered = act.get("entered").and_then(Value::as_object).unwrap();
        assert_eq!(text(entered, "how"), "phone");
        assert_eq!(text(entered, "taken_by"), "Inspector Lantern");
        assert_eq!(entered.get("late_by"), Some(&Value::Int(0)));
    }
    for (lang, words) in [("en", "your own word"), ("zh-CN", "单方事项")] {
        let page = world.run("arcadia", &["matter", "show", &matter, "--lang", lang]).good().out;
        assert!(page.contains(words) && !page.contains("●"), "{page}");
    }
    let list = world.run("arcadia", &["matter", "list"]).good().out;
    assert!(list.contains("one-sided") && list.contains("Cascadia"), "{list}");
    let checked = world.object("arcadia", &["fsck"]);
    assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())));
    let rebuilt = world.object("arcadia", &["rebuild"]);
    assert_eq!(rebuilt.get("differed"), Some(&Value::Int(0)));
}

/// COR-4: the time that counts is that of the coming, and what was noted late says so.
#[test]
fn clocks_count_from_when_it_came_and_late_entries_say_so() {
    let world = founded();
    let of = |hours: u64| at(now() - hours * HOUR);
    let came = of(100);
    let enter = ["enter", "request", "--from", "Cascadia", "--file", "request.json"];
    let how = ["--how", "fax", "--at", &came];
    let made = world.object("arcadia", &[&enter[..], &how].concat());
    let matter = text(&made, "matter");
    let whole = shown(&world, matter);
    assert_eq!(whole.get("mine"), Some(&Value::Bool(false)));
    assert_eq!(whole.get("our_turn"), Some(&Value::Bool(true)));
    let entered = acts(&whole)[0].get("entered").and_then(Value::as_object).cloned().unwrap();
    let late = entered.get("late_by").and_then(Value::as_int).unwrap();
    assert!((360_000..360_100).contains(&late), "{late}");
    let page = world.run("arcadia", &["matter", "show", matter]).good().out;
    assert!(page.contains("Late entry") && page.contains("by fax"), "{page}");
    let due = world.json("arcadia", &["due", "--ours"]);
    let rows = due.as_array().unwrap().iter().filter_map(Value::as_object);
    let rows: Vec<&Object> = rows.filter(|row| text(row, "matter") == matter).collect();
    let started = |row: &&Object| row.get("started_at").and_then(Value::as_int).unwrap() as u64;
    assert!(!rows.is_empty() && rows.iter().all(|row| started(row) <= now() - 99 * HOUR));
    // Ours is a signed act like any other, and its page goes out.
    world.run("arcadia", &["acknowledge", matter, "--field", "desk=Duty desk"]).good();
    world.run("arcadia", &["page", matter, "receipt-for-cascadia"]).good();
    let fields = ["--field", "extent=full", "--field", "final=yes", "--text", "Preserved."];
    world.run("arcadia", &[&["answer", matter][..], &fields].concat()).good();
    assert_eq!(text(&shown(&world, matter), "stage"), "answered");
    // What has not come yet, and what came before there was anything, is not entered.
    for wrong in [at(now() + HOUR), of(101)] {
        let closed = ["enter", "close-request", matter, "--how", "mail", "--at", &wrong, "--json"];
        assert_eq!(world.run("arcadia", &closed).fault(), "argument-wrong", "{wrong}");
    }
    assert_eq!(acts(&shown(&world, matter)).len(), 3, "nothing half done");
}

/// COR-3: the same flow judges, and what it does not allow is not entered.
#[test]
fn the_same_rules_bind_what_is_entered() {
    let world = founded();
    let matter = requested(&world);
    let came = at(now());
    let how = ["--how", "phone", "--at", &came, "--json"];
    let enter = |what: &[&str]| world.run("arcadia", &[what, &how].concat());
    let supplement = enter(&["enter", "supplement", &matter, "--text", "Ours, not theirs."]);
    assert_eq!(supplement.fault(), "not-permitted");
    let empty = enter(&["enter", "answer", &matter]);
    assert_eq!(empty.fault(), "fields-wrong");
    let unknown = enter(&["enter", "sing", &matter]);
    assert_eq!(unknown.fault(), "argument-wrong");
    let nobody = enter(&["enter", "request", "--from", "Nobody", "--file", "request.json"]);
    assert_eq!(nobody.fault(), "peer-unknown");
    // A party signs for itself; a call, terms and figures take two.
    let two = world.object("arcadia", &["request", "new", "Borealis", "--file", "request.json"]);
    let two = text(&two, "matter");
    let forged = enter(&["enter", "acknowledge", two, "--field", "desk=Duty"]);
    assert_eq!(forged.fault(), "not-permitted");
    let call = ["call", "raise", "Cascadia", "--urgency", "flash", "--topic", "other"];
    let call = world.run("arcadia", &[&call[..], &["--text", "Hello?", "--json"]].concat());
    assert_eq!(call.fault(), "one-sided");
    for args in [
        &["pouch", "pack", "Cascadia", "file"][..],
        &["figures", "--peer", "Cascadia"],
        &["terms", "show", "Cascadia"],
        &["requirements", "show", "Cascadia"],
        &["instrument", "hanoi", "Cascadia"],
        &["dossier", &matter, "case"],
    ] {
        let ran = world.run("arcadia", &[args, &["--json"]].concat());
        assert_eq!(ran.fault(), Code::OneSided.name(), "{args:?}");
    }
    let said = world.run("arcadia", &["terms", "show", "Cascadia"]).err;
    assert!(said.contains("Cascadia has no node") && said.contains("correspondent show"), "{said}");
    let twice = world.run("arcadia", &["correspondent", "add", "Cascadia", "--json"]);
    assert_eq!(twice.fault(), "ambiguous");
    // The question that is open is answered without naming it.
    let ask = ["enter", "ask", &matter, "--field", "about=period", "--text", "Which zone?"];
    assert_eq!(enter(&ask).code, 0);
    world.run("arcadia", &["supplement", &matter, "--text", "UTC+8."]).good();
    let said = acts(&shown(&world, &matter));
    let asked = text(&said[1], "entry");
    assert_eq!(said[2].get("re"), Some(&Value::from(vec![asked])));
    // What is lifted above the desk is said in the matter alone: no call could ring there.
    let lifted = ["escalate", &matter, "--because", "other", "--text", "Silence."];
    let page = world.run("arcadia", &lifted).good().out;
    assert!(page.contains(&format!("counterpart page {}", &matter[..8])), "{page}");
    let last = acts(&shown(&world, &matter)).pop().unwrap();
    assert_eq!(text(&last, "kind"), "escalate");
}

/// COR-1, COR-2, COR-6: an entered act can never be taken for an act of a party.
#[test]
fn an_entered_act_is_nobodys_signature_but_ours_and_goes_nowhere() {
    let world = founded();
    let matter = requested(&world);
    let came = at(now());
    let secret = "The answer that came by telephone.";
    let answer = ["enter", "answer", &matter, "--field", "extent=full", "--field", "final=yes"];
    let how = ["--text", secret, "--how", "phone", "--at", &came];
    world.run("arcadia", &[&answer[..], &how].concat()).good();
    let said = acts(&shown(&world, &matter));
    // No page of theirs is handed out as if it were an act.
    let entry = &text(&said[1], "entry")[..8];
    let page = world.run("arcadia", &["page", &matter, "p", "--entry", entry, "--json"]);
    assert_eq!(page.fault(), "not-permitted");
    assert!(!world.path("p").exists());
    // What lies in the record names us as its author, `entered` as its kind, rules that no flow
    // has, and a channel that no two parties have.
    let statements = statements(&world);
    let entered: Vec<_> = statements
        .iter()
        .filter_map(|bytes| Unverified::parse(bytes).ok())
        .map(|one| one.reread(Vec::new()).unwrap())
        .filter(|act| act.payload.kind == "entered")
        .collect();
    let [act] = &entered[..] else { panic!("{}", entered.len()) };
    let me = text(&world.object("arcadia", &[]), "party").to_owned();
    assert_eq!(act.header.issuer.to_string(), me);
    assert_eq!(act.payload.rules, "apart/1");
    let (issuer, audience) = (act.header.issuer, act.header.audience);
    for drill in [false, true] {
        assert!(act.belongs(&audience, &issuer, drill, 1).is_err());
        assert!(act.belongs(&issuer, &audience, drill, 1).is_err());
    }
    act.belongs_apart(&issuer, &audience, false, 1).unwrap();
    // Nothing of it reaches a peer or a shared figure.
    world.carry("arcadia", "borealis", &[]);
    let theirs = world.json("borealis", &["matter", "list"]);
    assert!(theirs.as_array().unwrap().is_empty(), "{theirs:?}");
    let status = world.object("arcadia", &[]);
    assert_eq!(status.get("peers").and_then(Value::as_array).unwrap().len(), 1);
    assert_eq!(status.get("correspondents"), Some(&Value::Int(1)));
}

/// Every statement in the record of Arcadia.
fn statements(world: &World) -> Vec<Vec<u8>> {
    use counterpart_store::{Sqlite, Store as _};
    let store = Sqlite::open(&world.path("arcadia/record.db"), false).unwrap();
    let channels = store.load().unwrap().channels;
    let rows = channels
        .iter()
        .flat_map(|channel| store.acts(channel.number, 0, 1_000, usize::MAX, false).unwrap());
    rows.map(|row| row.statement).collect()
}

#[test]
fn one_request_that_came_by_two_roads_is_noted_as_the_same() {
    let world = founded();
    let one = requested(&world);
    let two = world.object("arcadia", &["request", "new", "Borealis", "--file", "request.json"]);
    let two = text(&two, "matter");
    world.run("arcadia", &["same", &one, two]).good();
    for (from, to) in [(one.as_str(), two), (two, one.as_str())] {
        let whole = shown(&world, from);
        let home = whole.get("home").and_then(Value::as_object).unwrap();
        assert_eq!(home.get("same_as"), Some(&Value::from(vec![to])));
        let page = world.run("arcadia", &["matter", "show", from]).good().out;
        assert!(page.contains(&format!("The same as: {}", &to[..8])), "{page}");
    }
    let fault = world.run("arcadia", &["same", &one, &one, "--json"]).fault();
    assert_eq!(fault, "argument-wrong");
}

/// A one-sided log survives a restart, new keys, a backup and an erasure like any other.
#[test]
fn a_one_sided_log_is_kept_rotated_restored_and_erased() {
    let world = founded();
    let matter = requested(&world);
    world.run("arcadia", &["rotate"]).good();
    let came = at(now());
    let refuse = ["enter", "refuse", &matter, "--field", "ground=no-reason-given"];
    world.run("arcadia", &[&refuse[..], &["--how", "mail", "--at", &came]].concat()).good();
    let good = |world: &World| {
        let checked = world.object("arcadia", &["fsck"]);
        assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())), "{checked:?}");
    };
    good(&world);
    world.run("arcadia", &["backup", "good"]).good_with_progress();
    std::fs::rename(world.path("arcadia"), world.path("old")).unwrap();
    let back = world.object("arcadia", &["restore", "good"]);
    assert_eq!(back.get("ended"), Some(&Value::Int(4)), "two of a party, two of a correspondent");
    assert_eq!(acts(&shown(&world, &matter)).len(), 2);
    // Nobody has to give anything back: it goes on at once, also in what was there before.
    let other = requested(&world);
    let withdraw = ["withdraw", &other, "--field", "reason=no-longer-needed"];
    world.run("arcadia", &withdraw).good();
    good(&world);
    let facts = crate::operate::FACTS;
    let whole = shown(&world, &matter);
    assert!(Value::from(acts(&whole)[0].clone()).to_text().contains(facts));
    world.run("arcadia", &["erase", &matter, "--yes"]).good();
    let after = shown(&world, &matter);
    assert!(!Value::from(acts(&after)[0].clone()).to_text().contains(facts));
    assert_eq!(text(&whole, "stage"), text(&after, "stage"));
    good(&world);
    let list = world.run("arcadia", &["correspondent", "show", "cascadia"]).good().out;
    assert!(list.contains("+1 555 0177") && list.contains("+1 555 0178"), "{list}");
    let change = ["correspondent", "change", "Cascadia", "Cascadia", "--callback", "+1 555 0180"];
    world.run("arcadia", &change).good();
    let list = world.run("arcadia", &["correspondent", "list"]).good().out;
    assert!(list.contains("+1 555 0180") && !list.contains("+1 555 0177"), "{list}");
    good(&world);
}

/// COR-7: whoever has the folder and the fingerprint needs nothing else, and no word of the page,
/// no text and no receipt can be changed without being found.
#[test]
fn a_page_is_checked_by_its_folder_and_one_fingerprint() {
    let world = founded();
    let matter = requested(&world);
    world.run("arcadia", &["page", &matter, "to-cascadia"]).good();
    let again = world.run("arcadia", &["page", &matter, "to-cascadia", "--json"]);
    assert_eq!(again.fault(), "folder-in-use");
    let print = world.fingerprint("arcadia");
    let checked = |folder: &str, print: &str| {
        let ran = verify(&world, &["page", folder, "--fingerprint", print, "--json"]);
        let faults =
            ran.out.split("\"code\":\"").nth(1).map(|rest| rest.split('"').next().unwrap());
        (ran.code, faults.unwrap_or_default().to_owned())
    };
    assert_eq!(checked("to-cascadia", &print), (0, String::new()));
    for (lang, words) in [("en", "word for word"), ("zh-CN", "逐字一致")] {
        let args = ["page", "to-cascadia", "--fingerprint", &print, "--lang", lang];
        let good = verify(&world, &args);
        assert!(good.code == 0 && good.out.contains(words), "{}{}", good.out, good.err);
    }
    let other = world.fingerprint("borealis");
    assert_eq!(checked("to-cascadia", &other).1, "fingerprint-differs");
    assert_eq!(verify(&world, &["page", "to-cascadia", "--fingerprint", "1"]).code, 2);
    let files = std::fs::read_dir(world.path("to-cascadia")).unwrap();
    let files: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    // The keys beside it are for other tools; this check takes them from the credential.
    let idle = ["-key.pem", ".vkey"];
    let mut found = 0;
    for name in files.iter().filter(|name| !idle.iter().any(|end| name.ends_with(end))) {
        let path = world.path("to-cascadia").join(name);
        let good = std::fs::read(&path).unwrap();
        let mut altered = good.clone();
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        std::fs::write(&path, &altered).unwrap();
        assert_eq!(checked("to-cascadia", &print).0, 1, "{name}: altered");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(checked("to-cascadia", &print).0, 1, "{name}: missing");
        std::fs::write(&path, &good).unwrap();
        found += 1;
    }
    assert!(found >= 10, "{files:?}");
    let text = world.path("to-cascadia/page.txt");
    let page = std::fs::read_to_string(&text).unwrap();
    std::fs::write(&text, page.replace("Cascadia", "Borealis")).unwrap();
    assert_eq!(checked("to-cascadia", &print).1, Code::PageDiffers.name());
    std::fs::write(&text, page).unwrap();
    // A page of an act to a party, after new keys, and of a matter whose text was erased.
    world.run("arcadia", &["rotate"]).good();
    assert_eq!(checked("to-cascadia", &print), (0, String::new()));
    let two = world.object("arcadia", &["request", "new", "Borealis", "--file", "request.json"]);
    world.run("arcadia", &["page", text_of(&two), "to-borealis"]).good();
    assert_eq!(checked("to-borealis", &print), (0, String::new()));
    world.run("arcadia", &["remind", &matter]).good();
    world.run("arcadia", &["page", &matter, "reminder"]).good();
    assert_eq!(checked("reminder", &print), (0, String::new()));
}

fn text_of(made: &Object) -> &str {
    text(made, "matter")
}

/// CLK-1, COR-4: overdue stays open, and what comes late is late by when it came.
#[test]
fn a_clock_of_a_correspondent_runs_out_and_what_comes_later_is_late() {
    let world = founded();
    let reply_by = format!("reply_by={}", at(now() + 2 * HOUR));
    let request = ["request", "new", "Cascadia", "--drill", "--file", "request.json"];
    let made = world.object("arcadia", &[&request[..], &["--field", &reply_by]].concat());
    let matter = text(&made, "matter");
    let asked = |world: &World| {
        let due = world.json("arcadia", &["due"]);
        let rows = due.as_array().unwrap().iter().filter_map(Value::as_object);
        let row = rows.into_iter().find(|row| text(row, "profile") == "P-ASKED").unwrap();
        row.get("overdue").and_then(Value::as_bool).unwrap()
    };
    assert!(!asked(&world));
    world.run("arcadia", &["drill", "calendar", "--advance", "10800"]).good();
    assert!(asked(&world));
    let page = world.run("arcadia", &[]).good().out;
    assert!(page.contains("exercise, one-sided") && page.contains("overdue"), "{page}");
    let came = at(now() + 3 * HOUR);
    let answer = ["enter", "answer", matter, "--field", "extent=full", "--field", "final=yes"];
    let how = ["--text", "Preserved.", "--how", "other-network", "--at", &came];
    world.run("arcadia", &[&answer[..], &how].concat()).good();
    let whole = shown(&world, matter);
    let timers = whole.get("timers").and_then(Value::as_array).unwrap().iter();
    let timers = timers.filter_map(Value::as_object);
    let asked = timers.into_iter().find(|timer| text(timer, "profile") == "P-ASKED").unwrap();
    assert_eq!(text(asked, "verdict"), "late");
    let late = asked.get("late_by").and_then(Value::as_int).unwrap();
    assert!((3_500..3_700).contains(&late), "{late}");
}

/// ATT-9: a scan of what came lies here sealed, and the page says which file goes with it.
#[test]
fn a_scan_of_what_came_and_a_file_that_goes_out_are_attached() {
    let world = founded();
    std::fs::write(world.path("order.txt"), "The order of the court.").unwrap();
    std::fs::write(world.path("scan.txt"), "A scan of their letter.").unwrap();
    let request = ["request", "new", "Cascadia", "--file", "request.json"];
    let attach = ["--attach", "order=order.txt"];
    let made = world.object("arcadia", &[&request[..], &attach].concat());
    let matter = text(&made, "matter");
    world.run("arcadia", &["page", matter, "to-cascadia"]).good();
    let page = std::fs::read_to_string(world.path("to-cascadia/page.txt")).unwrap();
    let digest = counterpart_record::hash::sha256(&[b"The order of the court."]);
    assert!(page.contains(&counterpart_record::id::hex(&digest)), "{page}");
    let print = world.fingerprint("arcadia");
    assert_eq!(verify(&world, &["page", "to-cascadia", "--fingerprint", &print]).code, 0);
    let answer = ["enter", "answer", matter, "--field", "extent=full", "--field", "final=yes"];
    let came = at(now());
    let how = ["--text", "See the letter.", "--how", "mail", "--at", &came];
    let scan = ["--attach", "evidence=scan.txt"];
    world.run("arcadia", &[&answer[..], &how, &scan].concat()).good_with_progress();
    let listed = world.object("arcadia", &["attachment", "list", matter]);
    let listed = listed.get("attachments").and_then(Value::as_array).unwrap();
    let states: Vec<&str> =
        listed.iter().map(|one| text(one.as_object().unwrap(), "state")).collect();
    assert_eq!(states, ["here", "here"]);
    world.run("arcadia", &["attachment", "save", matter, "2", "back.txt"]).good_with_progress();
    let back = std::fs::read_to_string(world.path("back.txt")).unwrap();
    assert_eq!(back, "A scan of their letter.");
    let checked = world.object("arcadia", &["fsck"]);
    assert_eq!(checked.get("faults"), Some(&Value::Array(Vec::new())));
}

/// What a person at a terminal sees who types these lines.
pub fn typed(world: &World, args: &[&str], lines: &[&str]) -> Option<String> {
    let inner = world.command("arcadia", args);
    let words = [inner.get_program()].into_iter().chain(inner.get_args());
    let quoted = words.map(|word| format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''")));
    let line = quoted.collect::<Vec<_>>().join(" ");
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env_clear().current_dir(world.dir());
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", "/usr/bin:/bin").env("SHELL", "/bin/sh").env("TERM", "dumb");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else {
        println!("SKIPPED a_person_at_a_terminal_is_asked: script is not installed");
        return None;
    };
    let mut input = child.stdin.take().unwrap();
    for line in lines {
        writeln!(input, "{line}").unwrap();
    }
    // The input stays open: what asks for more than was typed would wait.
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it asks for more");
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What came by telephone at night is logged by somebody who does not know the words.
#[test]
fn a_person_at_a_terminal_is_asked_for_what_is_missing_and_a_pipe_never_is() {
    let world = founded();
    let matter = requested(&world);
    let enter = ["enter", "acknowledge", &matter, "--field", "desk=Duty desk"];
    // In a pipe all that is missing is named at once, and nobody waits.
    let piped = world.run("arcadia", &[&enter[..], &["--json"]].concat());
    assert_eq!(piped.fault(), "fields-wrong");
    assert!(piped.err.contains("how (missing)") && piped.err.contains("received_at (missing)"));
    let came = at(now());
    // A word that is none is asked for again at once, and what is wrong is said.
    let Some(seen) = typed(&world, &enter, &["pigeon", "1", &came, ""]) else { return };
    assert_eq!(seen.matches("How it came").count(), 2, "asked, and asked again: {seen}");
    assert_eq!(seen.matches("When it came").count(), 1, "{seen}");
    assert_eq!(text(&shown(&world, &matter), "stage"), "waiting-answer", "{seen}");
    // In the other language, with nothing given: how it came first, then the form.
    let ask = ["--lang", "zh-CN", "enter", "ask", &matter];
    let form = world.object("arcadia", &["form", "ask"]);
    let prompts = form.get("prompts").and_then(Value::as_array).unwrap();
    let mut lines = vec!["2", &*came, "Officer 7"];
    for prompt in prompts.iter().filter_map(Value::as_object) {
        let is_text = text(prompt, "field").contains("text");
        lines.push(if text(prompt, "field") == "about" { "1" } else { "" });
        if is_text {
            *lines.last_mut().unwrap() = "Which zone?";
        }
    }
    let seen = typed(&world, &ask, &lines).unwrap();
    assert!(seen.contains("收到方式") && seen.contains("接收人"), "{seen}");
    assert_eq!(acts(&shown(&world, &matter)).len(), 3, "{seen}");
}

/// COR-8: how many were asked by hand, how many answered and in what time, in both languages; and
/// none of it in a figure that two sides compare.
#[test]
fn what_was_done_by_hand_is_counted_at_home_and_nowhere_else() {
    let world = founded();
    let before = world.object("arcadia", &["figures", "--peer", "Borealis", "--as-of", &at(now())]);
    let none = world.run("arcadia", &["figures", "--by-hand"]).good().out;
    assert!(none.contains("Nothing was opened in this period."), "{none}");
    let (answered, open) = (requested(&world), requested(&world));
    let came = now();
    let enter = ["enter", "answer", &answered, "--how", "fax", "--at", &at(came)];
    let fields = ["--field", "extent=full", "--field", "final=yes", "--text", "Preserved."];
    world.run("arcadia", &[&enter[..], &fields].concat()).good();
    assert_ne!(answered, open);
    let counted = world.object("arcadia", &["figures", "--by-hand"]);
    let rows = counted.get("rows").and_then(Value::as_array).unwrap();
    let whole = rows.iter().filter_map(Value::as_object);
    let whole = whole.into_iter().find(|row| row.get("stream") == Some(&Value::Null)).unwrap();
    let counts = whole.get("counts").and_then(Value::as_object).unwrap();
    for (name, many) in [("made", 2), ("answered", 1), ("open", 1), ("entered", 1)] {
        assert_eq!(counts.get(name), Some(&Value::Int(many)), "{name}: {counts:?}");
    }
    let words = whole.get("words").and_then(Value::as_object).unwrap();
    let how = words.get("how").and_then(Value::as_object).unwrap();
    assert_eq!(how.get("fax"), Some(&Value::Int(1)));
    assert!(counted.get("digest").is_none() && counted.get("heads").is_none());
    let partners = counted.get("correspondents").and_then(Value::as_array).unwrap();
    assert_eq!(partners.len(), 1);
    let page = world.run("arcadia", &["figures", "--by-hand", "--peer", "Cascadia"]).good().out;
    for words in ["Your own word alone", "You asked", "Cascadia", "by fax 1", "under a minute"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let zh = world.run("arcadia", &["figures", "--by-hand", "--lang", "zh-CN"]).good().out;
    for words in ["卡斯卡迪亚", "本方提出", "半数答复用时", "通过传真 1"] {
        assert!(zh.contains(words), "{words}: {zh}");
    }
    assert!(!zh.contains("P-ASKED") && !zh.contains("Cascadia"), "{zh}");
    let drill = world.object("arcadia", &["figures", "--by-hand", "--drill"]);
    assert_eq!(drill.get("rows"), Some(&Value::Array(Vec::new())), "exercises are apart");
    let early = world.object("arcadia", &["figures", "--by-hand", "--to", "2020-01-01"]);
    assert_eq!(early.get("rows"), Some(&Value::Array(Vec::new())));
    let unknown = world.run("arcadia", &["figures", "--by-hand", "--peer", "Borealis", "--json"]);
    assert_eq!(unknown.fault(), "peer-unknown");
    let after = world.object("arcadia", &["figures", "--peer", "Borealis", "--as-of", &at(came)]);
    let rows =
        |of: &Object| of.get("figures").and_then(Value::as_object).unwrap().get("rows").cloned();
    assert_eq!(rows(&before), rows(&after));
}
