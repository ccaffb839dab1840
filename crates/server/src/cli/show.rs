//! What the record holds, as pages: matters with both halves, logs, checks, pouches and dossiers.

use super::apart;
use super::args::{LogArgs, MatterCommand};
use super::attachment;
use super::by_hand;
use super::channel_args::PouchCommand;
use super::desk::{Answer, Desk, absolute, path_argument};
use super::due::places;
use super::home;
use super::page::{pad, side_by_side, table, terminal_width, wrap};
use super::party::next;
use super::ring;
use super::told;
use super::value::{Of, short};
use crate::durable;
use crate::problem;
use crate::speak::{self, Exit, plain};
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use counterpart_rules::flow::{Flow, agreeing, drafting, flow, publishing};
use counterpart_rules::say;
use std::path::{Path, PathBuf};

/// `matter`.
pub fn matter(desk: &Desk, what: &MatterCommand) -> Result<Answer> {
    match what {
        MatterCommand::List { limit } => {
            // One more than is shown, to know whether there are more.
            let args = Object::default().with("limit", u64::from(*limit).saturating_add(1));
            let value = desk.door()?.call("matter.list", args)?;
            let all = value.as_array().unwrap_or_default();
            let list = &all[..all.len().min(*limit as usize)];
            if desk.json {
                return Ok(Answer::json(&Value::Array(list.to_vec())));
            }
            if list.is_empty() {
                let none = desk.say("cli-matters-none");
                return Ok(Answer::done(format!("{none}\n{}", next(desk, &["request new PEER"]))));
            }
            let rows: Vec<_> = list.iter().map(|one| row(desk, Of::value(one))).collect();
            let mut out = table(&rows);
            if list.len() < all.len() {
                out.push_str(&more(desk, list.len(), "matter list", *limit));
            }
            Ok(Answer::done(out))
        }
        MatterCommand::Show { matter } => {
            let args = Object::default().with("matter", matter.as_str());
            desk.tell("matter.show", args, |matter| whole(desk, matter))
        }
    }
}

/// That a list goes on behind what is shown, and the command that shows more of it.
pub fn more(desk: &Desk, shown: usize, list: &str, limit: u32) -> String {
    let list = format!("{} {list} --limit {}", desk.me, limit.saturating_mul(2));
    let args = [("shown", &*shown.to_string()), ("list", &*list)];
    format!("{}\n", desk.say_with("cli-matters-more", &args))
}

/// One matter on one line.
pub fn row(desk: &Desk, matter: Of<'_>) -> Vec<String> {
    let due = matter.number("due").filter(|_| !matter.flag("closed"));
    let due = due.map_or(String::new(), |due| {
        let key = match (matter.flag("overdue"), matter.flag("due_ours")) {
            (true, true) => "cli-overdue-ours",
            (true, false) => "cli-overdue-theirs",
            (false, true) => "cli-due-by-us",
            (false, false) => "cli-due-by-them",
        };
        desk.say_with(key, &[("at", &clock::shown(due))])
    });
    // The words of the matter's own page: `State::lines`.
    let turns = [("our_turn", "state-turn-ours"), ("their_turn", "state-turn-theirs")];
    let turn = turns.into_iter().find(|(flag, _)| matter.flag(flag));
    let turn = turn.map_or(String::new(), |(_, key)| desk.say(key));
    let turn = match matter.of("turn_for").text(desk.lang.tag()) {
        "" => turn,
        what => format!("{turn} {}", plain(what)),
    };
    vec![
        short(matter.text("matter")).to_owned(),
        marks(desk, matter),
        desk.name(matter.of("peer_names")),
        subject(desk, matter),
        desk.say(matter.text("stage")),
        due,
        turn,
        plain(matter.text("owner")),
    ]
}

/// Whether it is an exercise, and whether it is our own word alone. COR-5.
pub fn marks(desk: &Desk, matter: Of<'_>) -> String {
    let marks = [("drill", "cli-drill"), ("one_sided", "one-sided-mark")];
    let set = marks.into_iter().filter(|(flag, _)| matter.flag(flag));
    say::list(desk.lang, &set.map(|(_, key)| desk.say(key)).collect::<Vec<_>>())
}

/// What the matter is about: the measure asked for, else the flow.
fn subject(desk: &Desk, matter: Of<'_>) -> String {
    match matter.text("measure") {
        "" => desk.say(&format!("flow-{}", matter.text("flow").split('/').next().unwrap_or(""))),
        measure => desk.say(&format!("choice-measure-{measure}")),
    }
}

/// The whole of a matter.
pub fn whole(desk: &Desk, matter: Of<'_>) -> String {
    let width = terminal_width();
    let peer = desk.name(matter.of("peer_names"));
    let mut out = desk.say_with("cli-matter", &[("matter", matter.text("matter"))]) + "\n";
    let opened = match (matter.get("measure").and_then(Value::as_str), matter.flag("mine")) {
        (Some(_), true) => "cli-matter-ours",
        (Some(_), false) => "cli-matter-theirs",
        // Nobody is asked for anything by a call, a test or a notice.
        (None, true) => "cli-matter-opened-ours",
        (None, false) => "cli-matter-opened-theirs",
    };
    let subject = subject(desk, matter);
    let stream = plain(&say::stream(desk.lang, matter.text("stream")));
    out.push_str(&desk.say_with(opened, &[("peer", &peer), ("subject", &subject)]));
    out.push('\n');
    out.push_str(&desk.say_with("cli-matter-stream", &[("stream", &stream)]));
    out.push('\n');
    for line in matter.of("face").texts(desk.lang.tag()) {
        out.push_str(&format!("{}\n", wrap(&plain(line), width).join("\n    ")));
    }
    if matter.flag("drill") {
        out.push_str(&format!("{}\n", desk.say("summary-drill")));
    }
    if matter.flag("one_sided") {
        let said = desk.say_with("one-sided-matter", &[("peer", &peer)]);
        out.push_str(&format!("{}\n", wrap(&said, width).join("\n")));
    }
    let places = places(matter, &peer);
    if let Some(now) = say::now_at(desk.lang, &[places], matter.count("as_of")) {
        out.push_str(&format!("{now}\n"));
    }
    out.push('\n');
    for line in matter.of("lines").texts(desk.lang.tag()) {
        out.push_str(&format!("  {}\n", plain(line)));
    }
    if matter.count("contested") > 0 {
        let count = matter.count("contested").to_string();
        let said = desk.say_with("cli-matter-contested", &[("count", &count)]);
        out.push_str(&format!("  {}\n", wrap(&said, width.saturating_sub(2)).join("\n  ")));
    }
    let about = matter.texts("about_it").into_iter().map(|id| short(id).to_owned());
    let about = say::list(desk.lang, &about.collect::<Vec<_>>());
    if !about.is_empty() {
        out.push_str(&format!("  {}\n", desk.say_with("cli-about-it", &[("matters", &about)])));
    }
    for taken in matter.list("erased_there") {
        for line in wrap(&erased_there(desk, &peer, Of::value(taken)), width.saturating_sub(2)) {
            out.push_str(&format!("  {line}\n"));
        }
    }
    out.push('\n');
    out.push_str(&halves(desk, matter, &peer, width));
    if !matter.flag("one_sided") {
        out.push_str(&format!("\n{}\n", desk.say("cli-ladder")));
    }
    out.push_str(&home::section(desk, matter.of("home")));
    out.push_str(&steps(desk, matter, width));
    out
}

/// What the peer says that it took away at its own place. RET-11.
fn erased_there(desk: &Desk, peer: &str, taken: Of<'_>) -> String {
    let (count, at) = (taken.count("count").to_string(), clock::shown(taken.count("at")));
    let act = short(taken.text("entry"));
    desk.say_with(
        "cli-erased-there",
        &[("peer", peer), ("count", &count), ("at", &at), ("act", act)],
    )
}

/// What may be done next: the commands that somebody waits for and those of every day, then all
/// others. Each works as it stands: without fields it asks for what it needs.
fn steps(desk: &Desk, matter: Of<'_>, width: usize) -> String {
    let id = short(matter.text("matter"));
    let (open, wanted) = (matter.texts("open_kinds"), matter.texts("answering_kinds"));
    // First what the other side waits for, then, while it is open, what is done daily.
    // On a line, whose acts have the same names, what is daily is what is waited for.
    let live = flow(matter.text("flow")).is_some_and(Flow::is_live);
    // A formal request that is to come stands among what is done next until it is lodged. ASK-21
    let formal = |kind: &str| kind == LODGED && !matter.text("formal_owed").is_empty();
    let named = |kind: &&str| NAMED.contains(kind) && !matter.flag("closed") && !live;
    let daily = |kind: &&str| named(kind) || formal(kind);
    let (daily, rest): (Vec<&str>, Vec<&str>) =
        open.iter().filter(|kind| !wanted.contains(kind)).partition(|kind| daily(kind));
    let first: Vec<&str> = wanted.iter().chain(&daily).copied().collect();
    // Where the turn is ours and nothing is daily, what we may do is what is waited for.
    let (first, rest) = match first.is_empty() && matter.flag("our_turn") {
        true => (rest, first),
        false => (first, rest),
    };
    let asks = first.iter().any(|kind| asks_for_something(matter.text("flow"), kind));
    let mut commands = owed(desk, matter);
    commands.extend(first.iter().map(|kind| to_write(desk, matter, kind)));
    // ASK-5: a draft is there for the request that comes of it.
    let drafted = flow(matter.text("flow")).is_some_and(|flow| std::ptr::eq(flow, drafting()));
    if drafted && matter.flag("mine") && !matter.flag("closed") {
        commands.insert(0, format!("request new {} --from {id}", peer_of(desk, matter)));
    }
    if matter.text("stage") == "transferred" && matter.flag("our_turn") {
        let (names, party) = (matter.of("goes_on_names"), matter.text("goes_on_with"));
        let there = match names.members() {
            // A transfer tells in words with whom it goes on, and need not name a party.
            [] => "PEER".to_owned(),
            _ => desk.channel(names, party, matter.flag("drill")),
        };
        commands.insert(0, format!("request new {there} --from {id}"));
    }
    let mut out = String::new();
    if matter.flag("one_sided") {
        out.push_str(&apart::may_come(desk, matter, width));
        commands.push(format!("page {id} page-{id}"));
    }
    if open.is_empty() {
        out.push_str(&format!("\n{}\n", desk.say("cli-matter-nothing-open")));
    }
    if commands.is_empty() {
        commands.push(format!("dossier {id} matter-{id}"));
    }
    if !rest.is_empty() {
        let rows = rest.iter().map(|kind| {
            let command = format!("  {} {}", desk.me, to_write(desk, matter, kind));
            // Behind the sign that a shell reads no further than: a line can be pasted whole.
            vec![command, format!("# {}", desk.say(&format!("kind-{kind}")))]
        });
        let rows = table(&rows.collect::<Vec<_>>());
        out.push_str(&format!("\n{}\n{rows}", desk.say("cli-matter-also")));
    }
    let acts = matter.list("acts").iter().map(Of::value).filter(|act| !act.flag("mine"));
    let mut here = acts.flat_map(|act| act.list("attachments")).map(Of::value);
    if let Some(one) = here.find(|one| one.text("state") == "here") {
        commands.push(attachment::to_save(id, one.count("number")));
    }
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    out.push_str(&next(desk, &commands));
    if asks {
        out.push_str(&format!("{}\n", desk.say("cli-next-asks")));
    }
    out
}

/// The commands that do what terms ask of us by the calendar. CLK-27
fn owed(desk: &Desk, matter: Of<'_>) -> Vec<String> {
    let (names, party, drill) =
        (matter.of("peer_names"), matter.text("peer"), matter.flag("drill"));
    let timers = matter.list("timers").iter().map(Of::value);
    let ours = timers.filter(|timer| {
        let half = if matter.flag("mine") { "asking" } else { "answering" };
        timer.text("who") == half && timer.number("stopped_at").is_none()
    });
    let commands = ours.filter_map(|timer| match (timer.text("profile"), timer.number("year")) {
        ("P-STAT", Some(year)) => {
            let with = desk.channel(names, party, drill);
            Some(format!("figures --agree --year {year} --peer {with}"))
        }
        ("P-PING", _) => Some(format!("line test {}", desk.channel(names, party, drill))),
        _ => None,
    });
    commands.collect()
}

fn asks_for_something(rules: &str, kind: &str) -> bool {
    let known = flow(rules).and_then(|flow| flow.kind(kind));
    known.is_some_and(|kind| kind.fields.iter().any(|field| field.required()))
}

/// The peer of a matter with its ring, as commands name them.
fn peer_of(desk: &Desk, matter: Of<'_>) -> String {
    desk.channel(matter.of("peer_names"), matter.text("peer"), matter.flag("drill"))
}

/// The command that writes an act of a kind.
fn to_write(desk: &Desk, matter: Of<'_>, kind: &str) -> String {
    let id = short(matter.text("matter"));
    if let Some(command) = ring::to_write(matter.text("flow"), kind, id) {
        return command;
    }
    let with = peer_of(desk, matter);
    let opens = |flow: &Flow| flow.kinds().iter().any(|one| one.opens && one.name == kind);
    match kind {
        "accept-terms" => format!("terms accept {with}"),
        "decline-terms" => format!("terms decline {with}"),
        _ if opens(agreeing()) => format!("terms show {with} --write terms.json"),
        _ if opens(publishing()) => format!("requirements publish {with}"),
        // With a correspondent there is no line that a call could ring on.
        "escalate" if !matter.flag("one_sided") => format!("escalate {id}"),
        _ if NAMED.contains(&kind) => format!("{kind} {id}"),
        _ => format!("act {kind} {id}"),
    }
}

/// The kind that says that a formal request was lodged.
const LODGED: &str = "lodge-formal";

/// The kinds that are commands of their own.
const NAMED: [&str; 8] =
    ["acknowledge", "ask", "supplement", "preserve", "answer", "refuse", "remind", "withdraw"];

/// Ours on the left, theirs on the right, in the order in which our log has them; on a narrow
/// terminal one under the other, with the author named.
fn halves(desk: &Desk, matter: Of<'_>, peer: &str, width: usize) -> String {
    let beside = width >= 100;
    let column = if beside { (width - 3) / 2 } else { width };
    let (ours, theirs) = (desk.say("cli-half-ours"), peer.to_owned());
    let mut blocks = Vec::new();
    let mut text = String::new();
    if beside {
        text.push_str(&format!("{} {theirs}\n", pad(&ours, column + 2)));
    }
    for act in matter.list("acts") {
        let act = Of::value(act);
        let author = if act.flag("mine") { &ours } else { &theirs };
        let title = if beside { String::new() } else { say::labelled(desk.lang, author, "") };
        let mut lines = told::block(desk, matter, act, &title, column);
        lines.push(String::new());
        blocks.push((!beside || act.flag("mine"), lines));
    }
    text + &side_by_side(&blocks, column)
}

/// `log`.
pub fn log(desk: &Desk, asked: &LogArgs) -> Result<Answer> {
    let mut args = Object::default().with("limit", u64::from(asked.limit));
    if let Some(peer) = &asked.peer {
        args.set("peer", peer.as_str());
    }
    if asked.drill {
        args.set("drill", true);
    }
    if let Some(file) = &asked.checkpoint {
        return checkpoint(desk, args.with("limit", 0u64), file);
    }
    desk.tell("log.show", args, |shown| {
        let mut out = String::new();
        for (side, key) in [("own", "cli-log-own"), ("peer", "cli-log-peer")] {
            let head = shown.of(side);
            out.push_str(&format!("{}\n", desk.say(key)));
            let numbers = |name: &str| head.count(name).to_string();
            let rows = [
                vec![desk.say("cli-log-origin"), head.text("origin").to_owned()],
                vec![desk.say("cli-log-size"), numbers("size")],
                vec![desk.say("cli-log-root"), head.text("root").to_owned()],
                vec![desk.say("cli-log-time"), moment(desk, head.count("time"))],
                vec![desk.say("cli-log-cosigned"), numbers("cosigned")],
            ];
            let rows = rows.map(|row| vec![format!("  {}", row[0]), row[1].clone()]);
            out.push_str(&table(&rows));
            out.push('\n');
        }
        let leaves = shown.list("leaves").iter().map(|leaf| {
            let leaf = Of::value(leaf);
            let author = if leaf.flag("mine") { "cli-half-ours" } else { "cli-half-theirs" };
            vec![
                format!("{:>6}", leaf.count("index")),
                short(leaf.text("entry")).to_owned(),
                clock::shown(leaf.count("logged_at")),
                desk.say(author),
                short(leaf.text("matter")).to_owned(),
                decided(desk, leaf),
            ]
        });
        out + &table(&leaves.collect::<Vec<_>>())
    })
}

/// `log --checkpoint`: our newest head as a C2SP checkpoint, and the keys that verify it. DOS-24
fn checkpoint(desk: &Desk, args: Object, file: &Path) -> Result<Answer> {
    let shown = desk.door()?.call("log.show", args)?;
    let head = Of::value(&shown).of("own");
    let file = absolute(file)?;
    let mut keys = file.clone().into_os_string();
    keys.push(".vkeys");
    let keys = PathBuf::from(keys);
    durable::create(&file, head.text("note").as_bytes())?;
    let vkeys: String = head.texts("vkeys").iter().map(|key| format!("{key}\n")).collect();
    durable::create(&keys, vkeys.as_bytes())?;
    let [place, beside] = [&file, &keys].map(|path| path.display().to_string());
    if desk.json {
        let value = Object::default().with("file", place).with("vkeys", beside);
        return Ok(Answer::json(&value.into()));
    }
    let size = head.count("size").to_string();
    let said = [("file", &*place), ("keys", &*beside), ("size", &*size)];
    let said = desk.say_with("cli-log-written", &said);
    let [file, keys] = [super::party::file_word(&file)?, super::party::file_word(&keys)?];
    let verify = format!("verify checkpoint {file} --vkey {keys}");
    Ok(Answer::done(format!("{said}\n{}", next(desk, &[&verify]))))
}

/// What a leaf is, or what was decided of it, in words.
fn decided(desk: &Desk, leaf: Of<'_>) -> String {
    let verdict = leaf.text("verdict");
    if let Some(since) = leaf.number("since") {
        let since = clock::shown(since);
        let args = [("kid", short(leaf.text("kid"))), ("since", &*since)];
        return desk.say_with("log-revocation-of", &args);
    }
    let keys = [format!("log-{verdict}"), verdict.to_owned()];
    let known = keys.iter().find(|key| say::known(desk.lang, key));
    known.map_or_else(|| plain(verdict), |key| desk.say(key))
}

fn moment(desk: &Desk, seconds: u64) -> String {
    if seconds == 0 { desk.say("cli-never") } else { clock::shown(seconds) }
}

/// `fsck`. A record with faults ends the command as a matter for the operator.
pub fn fsck(desk: &Desk) -> Result<Answer> {
    let mut door = desk.door()?;
    let value = door.call("fsck", Object::default())?;
    let mut value = value.as_object().cloned().unwrap_or_default();
    // Sealed bytes are hashed here, and not where calls are answered.
    let (sealed, more) = by_hand::check(desk, &mut door)?;
    let mut faults = Of::value(&value.clone().into()).list("faults").to_vec();
    faults.extend(more.iter().map(|fault| Value::from(problem::object(fault))));
    value.set("attachments", sealed.count);
    value.set("faults", Value::Array(faults));
    let value = Value::from(value);
    let checked = Of::value(&value);
    let faults = checked.list("faults");
    let exit = if faults.is_empty() { Exit::Done } else { Exit::Operator };
    if desk.json {
        return Ok(Answer { exit, ..Answer::json(&value) });
    }
    let count = |name: &str| checked.count(name).to_string();
    let args = [count("leaves"), count("heads"), count("statements")];
    let args = [("leaves", &*args[0]), ("heads", &*args[1]), ("statements", &*args[2])];
    let mut text = desk.say_with("cli-fsck", &args) + "\n";
    if sealed.count > 0 {
        text.push_str(&carried(desk, "cli-fsck-attachments", &sealed, ""));
    }
    if faults.is_empty() {
        text.push_str(&format!("{}\n", desk.say("cli-fsck-good")));
    }
    for fault in faults.iter().filter_map(Value::as_object).filter_map(problem::read) {
        text.push_str(&format!("\n{}\n", speak::in_words(desk.lang, &fault)));
    }
    Ok(Answer { text, exit })
}

/// `proofs`.
pub fn proofs(desk: &Desk) -> Result<Answer> {
    let value = desk.door()?.call("proofs", Object::default())?;
    if desk.json {
        return Ok(Answer::json(&value));
    }
    let list = value.as_array().unwrap_or_default();
    if list.is_empty() {
        return Ok(Answer::done(format!("{}\n", desk.say("cli-proofs-none"))));
    }
    let mut text = format!("{}\n\n", desk.say("cli-proofs"));
    let rows = (1..).zip(list).map(|(number, proof): (usize, _)| {
        let proof = Of::value(proof);
        let what = desk.say(&format!("cli-proof-{}", proof.text("what")));
        let party = short(proof.text("party")).to_owned();
        vec![number.to_string(), party, what, proof.text("origin").to_owned()]
    });
    text.push_str(&table(&rows.collect::<Vec<_>>()));
    text.push_str(&next(desk, &["proofs export 1 FILE"]));
    Ok(Answer::done(text))
}

/// `pouch`.
pub fn pouch(desk: &Desk, what: &PouchCommand) -> Result<Answer> {
    match what {
        PouchCommand::Pack { peer, file, drill, attachments } => {
            let args = Object::default().with("peer", peer.as_str());
            let mut args = args.with("file", path_argument(file)?);
            if *drill {
                args.set("drill", true);
            }
            let mut door = desk.door()?;
            let mut beside = by_hand::Sum::default();
            if *attachments {
                beside = by_hand::pack(desk, &mut door, (peer, *drill), file)?;
            }
            let packed = door.call("pouch.pack", args)?;
            if desk.json {
                let packed = packed.as_object().cloned().unwrap_or_default();
                return Ok(Answer::json(&packed.with("attachments", beside.told(&[])).into()));
            }
            let packed = Of::value(&packed);
            let bytes = packed.count("bytes").to_string();
            let said = [("file", packed.text("file")), ("bytes", &*bytes)];
            let mut said = desk.say_with("cli-packed", &said) + "\n";
            if *attachments {
                let folder = by_hand::folder_of(file).display().to_string();
                said.push_str(&carried(desk, "cli-packed-attachments", &beside, &folder));
            }
            Ok(Answer::done(format!("{said}{}", next(desk, &["pouch unpack THEIR-FILE"]))))
        }
        PouchCommand::Unpack { file } => {
            let args = Object::default().with("file", path_argument(file)?);
            let mut door = desk.door()?;
            let taken = door.call("pouch.unpack", args)?;
            let who = Of::value(&taken).text("peer");
            let (beside, faults) = by_hand::unpack(desk, &mut door, who, file)?;
            let exit = if faults.is_empty() { Exit::Done } else { Exit::Refused };
            if desk.json {
                let taken = taken.as_object().cloned().unwrap_or_default();
                let taken = taken.with("attachments", beside.told(&faults));
                return Ok(Answer { exit, ..Answer::json(&taken.into()) });
            }
            let peer = door.call("credential.show", Object::default().with("peer", who))?;
            let mut text = unpacked(desk, Of::value(&taken), Of::value(&peer));
            if beside.count > 0 {
                text = carried(desk, "cli-unpacked-attachments", &beside, "") + &text;
            }
            for fault in &faults {
                text.push_str(&format!("\n{}\n", speak::in_words(desk.lang, fault)));
            }
            Ok(Answer { text, exit })
        }
    }
}

fn carried(desk: &Desk, key: &str, sum: &by_hand::Sum, folder: &str) -> String {
    let (count, size) = (sum.count.to_string(), say::size(sum.bytes));
    let args = [("count", &*count), ("size", &*size), ("folder", folder)];
    desk.say_with(key, &args) + "\n"
}

fn unpacked(desk: &Desk, taken: Of<'_>, peer: Of<'_>) -> String {
    let name = desk.name(peer.of("names"));
    let mut out = desk.say_with("cli-unpacked", &[("peer", &name)]) + "\n";
    if taken.flag("gap") {
        out.push_str(&format!("{}\n", desk.say("cli-unpacked-gap")));
    }
    let mut matters: Vec<String> = Vec::new();
    for notice in taken.list("notices") {
        let notice = Of::value(notice);
        let matter = short(notice.text("matter"));
        let line = match notice.text("notice") {
            "act" => {
                let kind = desk.say(&format!("kind-{}", notice.text("kind")));
                let show = format!("matter show {matter}");
                if !matters.contains(&show) {
                    matters.push(show);
                }
                desk.say_with("cli-notice-act", &[("matter", matter), ("kind", &kind)])
            }
            "refused" => {
                let code = Code::ALL.iter().find(|code| code.name() == notice.text("code"));
                let why = code.map(|code| say::fault(desk.lang, &code.at(notice.text("code"))).0);
                let why = why.unwrap_or_else(|| notice.text("code").to_owned());
                let args = [("entry", short(notice.text("entry"))), ("code", &*why)];
                desk.say_with("cli-notice-refused", &args)
            }
            "revoked" => {
                let since = clock::shown(notice.count("since"));
                let args = [("kid", short(notice.text("kid"))), ("since", &*since)];
                desk.say_with("cli-notice-revoked", &args)
            }
            _ => desk.say("cli-notice-inconsistent"),
        };
        out.push_str(&format!("  {line}\n"));
    }
    if taken.list("notices").is_empty() && !taken.flag("gap") {
        out.push_str(&format!("{}\n", desk.say("cli-unpacked-nothing")));
    }
    let drill = if taken.flag("drill") { " --drill" } else { "" };
    let handle = desk.handle(peer.of("names"), peer.text("party"));
    matters.push(format!("pouch pack {handle} to-{handle}{drill}"));
    let steps: Vec<&str> = matters.iter().map(String::as_str).collect();
    out + &next(desk, &steps)
}

/// `dossier`.
pub fn dossier(desk: &Desk, matter: &str, dir: &Path, without: bool) -> Result<Answer> {
    let mut args = Object::default().with("matter", matter).with("dir", path_argument(dir)?);
    let named = super::party::file_word(&absolute(dir)?)?;
    let mut door = desk.door()?;
    let copied = match without {
        true => None,
        false => by_hand::beside(desk, &mut door, matter, &absolute(dir)?)?,
    };
    if let Some((folder, files)) = &copied {
        args.set("beside", path_argument(folder)?);
        args.set("attachments", files.clone());
    }
    let made = door.call("dossier", args);
    if let Some((folder, _)) = copied.filter(|_| made.is_err()) {
        let _ = std::fs::remove_dir_all(folder);
    }
    let made = made?;
    if desk.json {
        return Ok(Answer::json(&made));
    }
    let made = Of::value(&made);
    Ok(Answer::done({
        let files = made.count("files").to_string();
        let said = desk.say_with("cli-dossier", &[("dir", made.text("dir")), ("files", &files)]);
        let prints = [made.text("own_fingerprint"), made.text("peer_fingerprint")];
        let [own, peer] = prints.map(|print| format!("--fingerprint \"{print}\""));
        let verify = format!("verify dossier {named} {own} {peer}");
        format!("{said}\n{}", next(desk, &[&verify]))
    }))
}

/// `drill calendar`.
pub fn calendar(desk: &Desk, advance_seconds: Option<u32>) -> Result<Answer> {
    let mut args = Object::default();
    if let Some(seconds) = advance_seconds {
        args.set("seconds", u64::from(seconds));
    }
    desk.tell("drill.calendar", args, |shown| {
        let at = clock::shown(shown.count("drill_time"));
        desk.say_with("cli-drill-calendar", &[("at", &at)]) + "\n"
    })
}
