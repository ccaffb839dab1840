//! `counterpart` alone: where one stands, and the next sensible step, ready to copy.

use super::desk::{Answer, Desk, Door};
use super::keep;
use super::page::table;
use super::party::next;
use super::ring;
use super::show::row;
use super::value::{Of, short};
use crate::doctor::{self, ANEW};
use crate::durable;
use crate::folder;
use crate::seam::now;
use counterpart_record::fault::Result;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use counterpart_rules::say;

/// How many matters are listed; the rest is counted.
const SHOWN: usize = 12;
/// From how many hundredths on a clock is shown here.
const PRESSING: u64 = 80;

/// Where one stands.
pub fn stand(desk: &Desk) -> Result<Answer> {
    if let Err(fault) = folder::recognise(&desk.home) {
        if desk.json || desk.home.exists() && !is_empty(desk) {
            return Err(fault);
        }
        let home = desk.home.display().to_string();
        let said = desk.say_with("cli-stand-no-node", &[("home", &home)]);
        return Ok(Answer::done(format!("{said}\n{}", next(desk, &["init --help", "init"]))));
    }
    let mut door = desk.door()?;
    let status = door.call("status", Object::default())?;
    if desk.json {
        return Ok(Answer::json(&status));
    }
    let matters = door.call("matter.list", Object::default().with("limit", SHOWN as u64))?;
    let status = Of::value(&status);
    let open: Vec<Of<'_>> = matters.as_array().unwrap_or_default().iter().map(Of::value).collect();
    let open: Vec<Of<'_>> = open.into_iter().filter(waits).collect();
    let name = desk.name(status.of("names"));
    let mut out = desk.say_with("cli-stand", &[("name", &name)]) + "\n";
    let runs = if door.is_running() { "cli-stand-running" } else { "cli-stand-not-running" };
    out.push_str(&format!("{}\n", desk.say(runs)));
    if status.flag("restored") {
        out.push_str(&format!("\n{}\n", desk.say("cli-stand-restored")));
        return Ok(Answer::done(out + &next(desk, &["restore"])));
    }
    let ringing = door.call("ringing", Object::default())?;
    out.push_str(&ring::first(desk, Of::value(&ringing)));
    out.push_str(&since(desk, &mut door, status)?);
    out.push_str(&peers(desk, status));
    out.push_str(&waiting(desk, status, &open));
    let (pressing, nearest) = pressing(desk, &mut door)?;
    out.push_str(&pressing);
    out.push_str(&at_home(desk, status.of("home")));
    out.push_str(&keep::first(desk, &mut door)?);
    if status.count("proofs") > 0 {
        let count = status.count("proofs").to_string();
        out.push_str(&format!("\n{}\n", desk.say_with("cli-stand-proofs", &[("count", &count)])));
    }
    // One that came ahead of its place cannot be shown yet.
    let rings = Of::value(&ringing).list("rings").iter().map(Of::value);
    let mut here = rings.filter(|ring| !ring.flag("ahead"));
    let (why, steps) = match here.next() {
        Some(ring) => {
            // A call is shown with its code and the number to call back.
            let show = if ring.text("why") == "ring-test" { "matter show" } else { "call show" };
            let step = format!("{show} {}", short(ring.text("matter")));
            (desk.say("cli-why-rings"), vec![step])
        }
        None => step(desk, status, (&open, nearest), door.is_running()),
    };
    out.push_str(&format!("\n{why}\n"));
    let look = look(status, door.is_running()).then_some("doctor");
    let steps: Vec<&str> = steps.iter().map(String::as_str).chain(look).collect();
    Ok(Answer::done(out + &next(desk, &steps)))
}

fn is_empty(desk: &Desk) -> bool {
    std::fs::read_dir(&desk.home).is_ok_and(|mut entries| entries.next().is_none())
}

fn peers(desk: &Desk, status: Of<'_>) -> String {
    let mut rows = Vec::new();
    for peer in status.list("peers") {
        let peer = Of::value(peer);
        let channels: Vec<Of<'_>> = peer.list("channels").iter().map(Of::value).collect();
        let standing = if !peer.flag("accredited") {
            "cli-peer-not-accredited"
        } else if channels.iter().any(|channel| channel.flag("mutual")) {
            "cli-peer-mutual"
        } else {
            "cli-peer-one-sided"
        };
        let live = channels.iter().find(|channel| !channel.flag("drill"));
        // Of both channels together: what waits in that of exercises waits, too.
        let held = match channels.iter().map(|one| lacks(*one)).sum::<u64>() {
            _ if live.is_none() => String::new(),
            0 => desk.say("cli-peer-holds-all"),
            left => desk.say_with("cli-peer-lacks", &[("count", &left.to_string())]),
        };
        let heard = live.and_then(|live| live.number("last_from_peer")).filter(|time| *time > 0);
        let heard = heard.map_or(String::new(), |time| {
            desk.say_with("cli-peer-heard", &[("at", &clock::shown(time))])
        });
        let (party, name) = (short(peer.text("party")), desk.name(peer.of("names")));
        rows.push(vec![format!("  {party}"), name, desk.say(standing), held, heard]);
    }
    if rows.is_empty() {
        return String::new();
    }
    let by_hand = status.list("peers").iter().map(Of::value).filter(|peer| peer.flag("by_hand"));
    let by_hand = by_hand.map(|peer| {
        let name = desk.name(peer.of("names"));
        desk.say_with("cli-stand-by-hand", &[("name", &name)]) + "\n"
    });
    let slow = status.list("peers").iter().map(Of::value).filter_map(|peer| {
        let until = peer.number("asks_to_wait").filter(|until| *until > 0)?;
        let (name, at) = (desk.name(peer.of("names")), clock::shown(until));
        Some(desk.say_with("cli-stand-slow", &[("name", &name), ("at", &at)]) + "\n")
    });
    let slowed = status.list("peers").iter().map(Of::value).filter_map(|peer| {
        let until = peer.number("slowed_until")?;
        let (name, at) = (desk.name(peer.of("names")), clock::shown(until));
        Some(desk.say_with("cli-stand-slowed", &[("name", &name), ("at", &at)]) + "\n")
    });
    let behind = behind(status).into_iter().map(|(peer, epoch)| {
        let (name, epoch) = (desk.name(peer.of("names")), epoch.to_string());
        desk.say_with("cli-stand-behind", &[("name", &name), ("epoch", &epoch)]) + "\n"
    });
    let cut =
        status.list("peers").iter().map(Of::value).filter(|peer| !peer.text("keys").is_empty());
    let cut = cut.map(|peer| {
        let name = desk.name(peer.of("names"));
        desk.say_with("cli-stand-cut", &[("name", &name)]) + "\n"
    });
    let told = behind.chain(by_hand).chain(slow).chain(slowed).chain(cut);
    let told: String = told.chain(knocks(desk, status)).collect();
    format!("\n{}{told}", table(&rows))
}

/// The peers with which nothing is signed, since they know more of our log than we do, and the
/// number that its next epoch has to exceed. REC-26, REC-48.
pub fn behind(status: Of<'_>) -> Vec<(Of<'_>, u64)> {
    let peers = status.list("peers").iter().map(Of::value);
    peers.filter_map(|peer| Some((peer, doctor::behind_epoch(peer.object()?)?))).collect()
}

/// Somebody called with a transport key that does not fit; what that means, `doctor` says.
fn knocks(desk: &Desk, status: Of<'_>) -> Option<String> {
    doctor::goes_on_knocking(status.object()?).then(|| desk.say("cli-stand-knocked") + "\n")
}

/// Whether a look at the house is due: a line is cut by keys that do not fit, or a node that runs
/// has not got through with what it has for a peer that it can call or that can call it.
fn look(status: Of<'_>, running: bool) -> bool {
    let mut peers = status.list("peers").iter().map(Of::value);
    let knocked = status.object().is_some_and(doctor::goes_on_knocking);
    knocked
        || peers.any(|peer| {
            let mut channels = peer.list("channels").iter();
            let waits = channels.any(|channel| lacks(Of::value(channel)) > 0);
            let asked = peer.count("asks_to_wait") > 0 || peer.flag("by_hand");
            !peer.text("keys").is_empty() || (running && waits && !asked)
        })
}

/// How many entries of ours the peer does not hold yet in a channel. That of exercises counts from
/// when it is used: until then nobody waits for its beginning.
fn lacks(channel: Of<'_>) -> u64 {
    let held = channel.count("held_by_peer");
    let unused = channel.flag("drill") && held == 0;
    if unused { 0 } else { channel.count("own_size").saturating_sub(held) }
}

/// Whether somebody waits: also after an answer, for a consent or for a hold to be prolonged.
fn waits(matter: &Of<'_>) -> bool {
    ["our_turn", "their_turn"].iter().any(|turn| matter.flag(turn)) || !matter.flag("closed")
}

/// Matters that wait for somebody, of which the first are shown: the operation gave those that wait
/// for us first. How many there are is counted over all.
fn waiting(desk: &Desk, status: Of<'_>, open: &[Of<'_>]) -> String {
    if open.is_empty() {
        return String::new();
    }
    let count = |name: &str| status.count(name).to_string();
    let (all, late, ours) = (count("open"), count("overdue"), count("our_turn"));
    let said = desk.say_with("cli-stand-open", &[("count", &all), ("overdue", &late)]);
    let rows = open.iter().map(|matter| {
        let mut row = row(desk, *matter);
        row[0] = format!("  {}", row[0]);
        row
    });
    let mut out = format!("\n{said}\n{}", table(&rows.collect::<Vec<_>>()));
    let shown = open.len().to_string();
    if shown != all {
        let list = format!("{} matter list --limit {all}", desk.me);
        let args = [("shown", &*shown), ("ours", &*ours), ("list", &*list)];
        out.push_str(&format!("  {}\n", desk.say_with("cli-stand-more", &args)));
    }
    out
}

/// Clocks and tasks that concern us and are nearly used up, or over; and the matter of the first.
fn pressing(desk: &Desk, door: &mut Door) -> Result<(String, Option<String>)> {
    let asked = Object::default().with("ours", true).with("limit", SHOWN as u64);
    let due = door.call("due", asked)?;
    let due = due.as_array().unwrap_or_default().iter().map(Of::value);
    let at_once = |due: &Of<'_>| due.of("length").text("unit") == "at-once";
    let presses = |due: &Of<'_>| due.count("level") >= PRESSING || at_once(due);
    let near = due.filter(|due| due.flag("overdue") || presses(due));
    let near: Vec<Of<'_>> = near.take(SHOWN).collect();
    let first = near.first().map(|due| short(due.text("matter")).to_owned());
    let rows: Vec<Vec<String>> = near.iter().map(|due| super::due::row(desk, *due)).collect();
    let indented = rows.into_iter().map(|mut row| {
        row[0] = format!("  {}", row[0]);
        row
    });
    let table = table(&indented.collect::<Vec<_>>());
    let said = format!("\n{}\n{table}", desk.say("cli-stand-due"));
    Ok((if table.is_empty() { table } else { said }, first))
}

/// What is wrong with what stays here: that it cannot be read, or was begun anew not long ago.
fn at_home(desk: &Desk, home: Of<'_>) -> String {
    if !home.text("fault").is_empty() {
        let at = say::placed(desk.lang, home.text("fault"));
        return format!("\n{}\n", desk.say_with("home-fault", &[("at", &at)]));
    }
    let anew = home.number("begun_anew_at").filter(|at| at + ANEW > now());
    anew.map_or(String::new(), |at| {
        format!("\n{}\n", desk.say_with("home-anew", &[("at", &clock::shown(at))]))
    })
}

/// What clocks have passed since somebody last looked here, those of exercises by the calendar of
/// exercises. CLK-34.
fn since(desk: &Desk, door: &mut Door, status: Of<'_>) -> Result<String> {
    let file = desk.home.join("looked");
    let last = durable::read(&file, 64).ok().and_then(|text| String::from_utf8(text).ok());
    let last: Vec<u64> =
        last.iter().flat_map(|text| text.lines()).filter_map(|line| line.parse().ok()).collect();
    let (mut seen, mut all) = (String::new(), Vec::new());
    for (at, drill) in [false, true].into_iter().enumerate() {
        let since = last.get(at).copied().unwrap_or(0);
        let asked = Object::default().with("since", since).with("drill", drill);
        let told = door.call("warnings", asked)?;
        let told = Of::value(&told);
        seen.push_str(&format!("{}\n", told.count("as_of")));
        all.extend(told.list("warnings").to_vec());
    }
    let rows = all.iter().take(SHOWN).map(|one| {
        let mut row = super::due::marked(desk, one);
        row[0] = format!("  {}", row[0]);
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    // What was on the screen was seen; a screen that could not be noted is shown once more.
    let _ = durable::replace(&file, seen.as_bytes());
    let revoked = revoked(desk, status, last.first().copied().unwrap_or(0));
    if rows.is_empty() {
        return Ok(revoked);
    }
    let count = all.len().to_string();
    let said = desk.say_with("cli-stand-since", &[("count", &count)]);
    Ok(format!("{revoked}\n{said}\n{}", table(&rows)))
}

/// The keys that peers revoked since somebody last looked here. DOS-18
fn revoked(desk: &Desk, status: Of<'_>, last: u64) -> String {
    let all = status.list("revoked").iter().map(Of::value);
    let new = all.filter(|one| one.count("held_at") >= last).map(|one| {
        let (name, since) = (desk.name(one.of("names")), clock::shown(one.count("since")));
        let args = [("name", &*name), ("kid", short(one.text("kid"))), ("since", &*since)];
        format!("\n{}\n", desk.say_with("cli-stand-revoked", &args))
    });
    new.collect()
}

/// Why, and the next commands.
fn step(
    desk: &Desk,
    status: Of<'_>,
    (open, nearest): (&[Of<'_>], Option<String>),
    running: bool,
) -> (String, Vec<String>) {
    let peers: Vec<Of<'_>> = status.list("peers").iter().map(Of::value).collect();
    let handle = |peer: &Of<'_>| desk.handle(peer.of("names"), peer.text("party"));
    if let Some(epoch) = behind(status).into_iter().map(|(_, epoch)| epoch).max() {
        // Where the root keys lie beside the node's folder, as init left them, nothing is to be
        // filled in.
        let beside = folder::root_key(&folder::root_beside(&desk.home)).is_file();
        let root = if beside { "" } else { " --root ROOT-FOLDER" };
        let restore = format!("restore{root} --after-epoch {epoch}");
        return (desk.say("cli-why-behind"), vec![restore]);
    }
    if let Some(matter) = open.iter().find(|matter| matter.flag("our_turn")) {
        let show = format!("matter show {}", short(matter.text("matter")));
        return (desk.say("cli-why-our-turn"), vec![show]);
    }
    if let Some(matter) = nearest {
        return (desk.say("cli-why-pressing"), vec![format!("matter show {matter}")]);
    }
    if peers.is_empty() {
        let steps = ["credential export own.credential", "credential import THEIR-FILE"];
        return (desk.say("cli-why-no-peers"), steps.map(str::to_owned).into());
    }
    if let Some(peer) = peers.iter().find(|peer| !peer.flag("accredited")) {
        let handle = handle(peer);
        let accredit = format!("accredit {handle} --compared voice");
        let steps = vec![format!("fingerprint {handle}"), accredit];
        return (desk.say("cli-why-not-accredited"), steps);
    }
    let one_sided = peers.iter().find(|peer| {
        !peer.list("channels").iter().map(Of::value).any(|channel| channel.flag("mutual"))
    });
    let unheld = |channel: &Value| lacks(Of::value(channel)) > 0;
    let waiting = peers.iter().find(|peer| peer.list("channels").iter().any(unheld));
    if let Some(peer) = one_sided.or(waiting).filter(|peer| !running || peer.flag("by_hand")) {
        // A pouch is of one channel: that of exercises, where nothing else is to be carried.
        let live = |one: &Value| !Of::value(one).flag("drill");
        let to = handle(peer);
        let mut waits = peer.list("channels").iter().filter(|one| unheld(one));
        let drill = if waits.clone().next().is_none() || waits.any(live) { "" } else { " --drill" };
        let mut steps = vec!["serve".to_owned(), format!("pouch pack {to} to-{to}{drill}")];
        if peer.flag("by_hand") {
            steps.remove(0);
        }
        return (desk.say("cli-why-carry"), steps);
    }
    let peer = handle(&peers[0]);
    let mut steps = vec![format!("request new {peer}"), format!("request new {peer} --drill")];
    if !running {
        steps.insert(0, "serve".to_owned());
    }
    (desk.say("cli-why-nothing-waits"), steps)
}
