//! `figures`: the same digits on both sides, for a person, a program or a page.

use super::channel_args::FiguresArgs;
use super::counted;
use super::desk::{Answer, Desk, absolute};
use super::page::{pad, width};
use super::party::next;
use super::value::{Of, short};
use crate::durable;
use crate::speak::plain;
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use counterpart_rules::say;
use std::fmt::Write as _;

/// The outcomes that share the bar, with the sign of each.
const OUTCOMES: [(&str, char); 7] = [
    ("answered", '█'),
    ("partly", '▓'),
    ("refused", '▒'),
    ("transferred", '»'),
    ("declined", '×'),
    ("withdrawn", '░'),
    ("open", '·'),
];

/// Counts in the order in which they are read; all others follow.
const FIRST: [&str; 12] = [
    "acknowledged",
    "taken_up",
    "recognised",
    "answered",
    "partly",
    "refused",
    "transferred",
    "declined",
    "withdrawn",
    "open",
    "overdue",
    "no_term",
];

/// What can come of a line test; the first is a line that was there.
const TESTS: [&str; 4] = ["passed", "answered_late", "machine_only", "missed"];

/// Columns of a bar, and of the name before it.
const BAR: u64 = 20;
const NAME: usize = 40;

/// `figures`.
pub fn figures(desk: &Desk, asked: &FiguresArgs) -> Result<Answer> {
    let mut args = Object::default();
    match &asked.peer[..] {
        [] => {}
        [peer] => args.set("peer", peer.as_str()),
        peers => args.set("peers", peers.to_vec()),
    }
    if asked.drill {
        args.set("drill", true);
    }
    for (name, given) in [("from", &asked.from), ("to", &asked.to), ("as_of", &asked.as_of)] {
        if let Some(text) = given {
            args.set(name, moment(name, text)?);
        }
    }
    if let Some(year) = asked.year.filter(|_| asked.agree) {
        args.set("year", u64::from(year));
    } else if let Some(year) = asked.year {
        let value = desk.door()?.call("figures.year", args.with("year", u64::from(year)))?;
        return Ok(Answer::json(&value));
    }
    if let Some(matter) = &asked.answer {
        let args = Object::default().with("matter", matter.as_str());
        return desk.tell("figures.answer", args, |made| {
            let matter = short(made.text("matter"));
            let done = !made.text("entry").is_empty();
            let key = if done { "cli-figures-answered" } else { "cli-figures-nothing" };
            said(desk, key, matter)
        });
    }
    if asked.by_hand {
        if asked.peer.len() > 1 || asked.as_of.is_some() {
            return Err(Code::ArgumentWrong.at("--by-hand: one --peer, and no --as-of"));
        }
        return desk.tell("figures.by_hand", args, |shown| counted::page(desk, shown));
    }
    if asked.peer.len() > 1 {
        let one = asked.csv || asked.svg.is_some() || asked.published || asked.agree;
        if one {
            return Err(Code::ArgumentWrong.at("--peer: one for this form"));
        }
        return desk.tell("figures", args, |shown| page(desk, shown));
    }
    if asked.agree {
        return desk.tell("figures.agree", args, |made| {
            said(desk, "cli-figures-stated", short(made.text("matter")))
        });
    }
    let form = [("csv", asked.csv), ("svg", asked.svg.is_some()), ("published", asked.published)];
    let Some((form, _)) = form.into_iter().find(|(_, wanted)| *wanted) else {
        return desk.tell("figures", args, |shown| page(desk, shown));
    };
    let value =
        desk.door()?.call("figures", args.with("as", form).with("lang", desk.lang.tag()))?;
    let made = Of::value(&value);
    if let Some(file) = &asked.svg {
        let file = absolute(file)?;
        durable::create(&file, made.text("text").as_bytes())?;
        let place = file.display().to_string();
        return Ok(match desk.json {
            true => Answer::json(&Object::default().with("file", place).into()),
            false => Answer::done(desk.say_with("cli-figures-drawn", &[("file", &place)]) + "\n"),
        });
    }
    Ok(match made.get("published") {
        Some(table) => Answer::json(table),
        None => Answer::done(made.text("text")),
    })
}

fn said(desk: &Desk, key: &str, matter: &str) -> String {
    let said = desk.say_with(key, &[("matter", matter)]);
    format!("{said}\n{}", next(desk, &[&format!("matter show {matter}")]))
}

/// A time with its offset, or a day, which begins at midnight UTC.
fn moment(name: &str, text: &str) -> Result<u64> {
    let day = clock::is_date(text).then(|| format!("{text}T00:00:00Z"));
    let found = clock::instant(day.as_deref().unwrap_or(text));
    found.ok_or_else(|| Code::ArgumentWrong.at(format!("--{}", name.replace('_', "-"))))
}

fn page(desk: &Desk, shown: Of<'_>) -> String {
    let figures = shown.of("figures");
    let peer = desk.name(shown.of("peer_names"));
    let mut out = desk.say_with("cli-figures", &[("peer", &peer)]) + "\n";
    if figures.flag("drill") {
        let _ = writeln!(out, "{}", desk.say("summary-drill"));
    }
    let _ = writeln!(out, "{}", period(desk, figures, "cli-figures-ever", "cli-figures-period"));
    let settled = match (shown.text("digest"), shown.flag("settled")) {
        ("", _) => "cli-figures-side",
        (_, true) => "cli-figures-settled",
        (_, false) => "cli-figures-moving",
    };
    let _ = writeln!(out, "{}", desk.say(settled));
    if let Some(Value::Str(digest)) = shown.get("digest") {
        let _ = writeln!(out, "{}", desk.say_with("cli-figures-digest", &[("digest", digest)]));
    }
    let rows: Vec<Of<'_>> = figures.list("rows").iter().map(Of::value).collect();
    if rows.is_empty() {
        let _ = writeln!(out, "\n{}", desk.say("cli-figures-none"));
    }
    for (ours, key) in [(true, "cli-figures-we-asked"), (false, "cli-figures-they-asked")] {
        let asked = |row: &&Of<'_>| (row.text("asked_by") == shown.text("own")) == ours;
        let asked: Vec<Of<'_>> = rows.iter().filter(asked).copied().collect();
        if !asked.is_empty() {
            let _ = writeln!(out, "\n{}", desk.say_with(key, &[("peer", &peer)]));
            asked.iter().for_each(|row| one(desk, &mut out, *row));
        }
    }
    if rows.iter().any(|row| row.text("sort") == "request") {
        let _ = writeln!(out, "\n{}", legend(desk));
    }
    for late in shown.list("undelivered").iter().map(Of::value) {
        let since = clock::shown(late.count("since"));
        let args = [("matter", short(late.text("matter"))), ("at", &*since)];
        let _ = writeln!(out, "{}", desk.say_with("cli-figures-undelivered", &args));
    }
    if shown.count("unknown") > 0 {
        let many = shown.count("unknown").to_string();
        let _ = writeln!(out, "{}", desk.say_with("cli-figures-unknown", &[("count", &many)]));
    }
    out
}

/// Of which time the figures are: all so far, or a period.
pub(super) fn period(desk: &Desk, figures: Of<'_>, ever: &str, period: &str) -> String {
    let at = |name| say::moment(desk.lang, figures.count(name));
    let times = [("from", &*at("from")), ("to", &*at("to")), ("at", &*at("as_of"))];
    let whole = figures.count("from") == 0 && figures.count("to") > figures.count("as_of");
    desk.say_with(if whole { ever } else { period }, &times)
}

/// The signs of the bars.
pub(super) fn legend(desk: &Desk) -> String {
    OUTCOMES.map(|(name, sign)| format!("{sign} {}", label(desk, name))).join("   ")
}

/// One row: a bar with the outcomes; for the row over all also what else there is to say.
pub(super) fn one(desk: &Desk, out: &mut String, row: Of<'_>) {
    let counts = row.of("counts");
    let kind = match (row.get("stream"), row.get("kind")) {
        (Some(Value::Str(_)), Some(Value::Str(kind))) => {
            format!("  {}", say::choice(desk.lang, row.text("kind_of"), kind))
        }
        (Some(Value::Str(stream)), _) => plain(&say::stream(desk.lang, stream)),
        _ => desk.say(&format!("figure-sort-{}", row.text("sort"))),
    };
    let made = counts.count("made").to_string();
    let line = format!("  {} {}  {}", pad(&kind, NAME), pad(&made, 5), bar(counts));
    let _ = writeln!(out, "{}", line.trim_end());
    if matches!(row.get("stream"), Some(Value::Null)) {
        whole(desk, out, row);
    }
}

fn whole(desk: &Desk, out: &mut String, row: Of<'_>) {
    let counts = row.of("counts");
    let say = |name: &str, many: u64| format!("{} {many}", label(desk, name));
    let first = FIRST.iter().copied().filter(|name| counts.count(name) > 0);
    let rest = counts.members().iter().map(|(name, _)| name.as_str());
    let rest = rest.filter(|name| !FIRST.contains(name) && *name != "made");
    lines(out, first.chain(rest).map(|name| say(name, counts.count(name))).collect());
    for (list, words) in row.of("words").members() {
        let words = Of::value(words);
        let name = desk.say(&format!("field-{list}"));
        let head = format!("{name} —");
        let each = words.members().iter().map(|(word, _)| {
            format!("{} {}", say::choice(desk.lang, list, word), words.count(word))
        });
        lines(out, std::iter::once(head).chain(each).collect());
    }
    for (profile, ends) in row.of("terms").members() {
        for (name, timing) in Of::value(ends).members() {
            let timing = Of::value(timing);
            let each = ["in_time", "late", "contested"].map(|how| say(how, timing.count(how)));
            let clock = desk.say(&format!("clock-{profile}"));
            let met = [("clock", &*clock), ("end", &*label(desk, name))];
            let head = format!("{} —", desk.say_with("cli-figures-term", &met));
            lines(out, std::iter::once(head).chain(each).collect());
        }
    }
    if row.text("sort") == "line-test" {
        let decided = TESTS.map(|name| counts.count(name));
        let (passed, all) = (decided[0].to_string(), decided.iter().sum::<u64>().to_string());
        let args = [("passed", &*passed), ("decided", &*all)];
        lines(out, vec![desk.say_with("cli-figures-line", &args)]);
    }
    let pauses = row.of("pauses");
    if pauses.count("count") > 0 {
        let length = length(desk, pauses.number("seconds_by_asked_clock"));
        let many = pauses.count("count").to_string();
        let args = [("count", &*many), ("length", &*length)];
        lines(out, vec![desk.say_with("figure-pauses", &args)]);
    }
    let waits: Vec<Of<'_>> = row.list("waits").iter().map(Of::value).collect();
    for asked in waits.iter().filter(|wait| wait.text("clock") == "asked") {
        let same = |wait: &&Of<'_>| wait.text("until") == asked.text("until");
        let asking = waits.iter().filter(same).find(|wait| wait.text("clock") == "asking");
        wait(desk, out, *asked, asking.copied());
    }
    out.push('\n');
}

/// A waiting time by the clock of the party that was asked; the other clock where it differs.
fn wait(desk: &Desk, out: &mut String, asked: Of<'_>, asking: Option<Of<'_>>) {
    let numbers = ["observed", "reached"].map(|name| asked.count(name).to_string());
    let [lower, median, upper] =
        ["lower_quartile", "median", "upper_quartile"].map(|name| length(desk, asked.number(name)));
    let label = desk.say(&format!("figure-wait-{}", asked.text("until")));
    let args = [
        ("what", &*label),
        ("reached", &*numbers[1]),
        ("observed", &*numbers[0]),
        ("lower", &*lower),
        ("median", &*median),
        ("upper", &*upper),
    ];
    let mut text = desk.say_with("figure-wait", &args);
    let other = asking.map(|asking| length(desk, asking.number("median")));
    if let Some(other) = other.filter(|other| *other != median) {
        text += " ";
        text += &desk.say_with("figure-wait-asking", &[("median", &other)]);
    }
    lines(out, vec![text]);
}

/// A length of time; none is one that the curve does not reach.
pub(super) fn length(desk: &Desk, seconds: Option<u64>) -> String {
    match seconds {
        None => desk.say("figure-not-reached"),
        Some(0..60) => desk.say("figure-brief"),
        Some(seconds) => say::duration(desk.lang, seconds),
    }
}

fn label(desk: &Desk, name: &str) -> String {
    desk.say(&format!("figure-{name}"))
}

/// Each outcome in its share of the columns; whoever is there at all has at least one.
fn bar(counts: Of<'_>) -> String {
    // A request withdrawn and answered at once has both shares.
    let all: u64 = OUTCOMES.iter().map(|(name, _)| counts.count(name)).sum();
    let (mut bar, mut so_far) = (String::new(), 0);
    for (name, sign) in OUTCOMES {
        let many = counts.count(name);
        let columns = (so_far + many) * BAR / all.max(1) - so_far * BAR / all.max(1);
        so_far += many;
        let columns = columns.max(u64::from(many > 0));
        bar.extend(std::iter::repeat_n(sign, columns as usize));
    }
    bar
}

/// Pieces on as few lines as fit, none broken.
fn lines(out: &mut String, pieces: Vec<String>) {
    let most = super::page::terminal_width().saturating_sub(4);
    let mut line = String::new();
    for piece in pieces {
        if !line.is_empty() && width(&line) + 3 + width(&piece) > most {
            let _ = writeln!(out, "    {}", line.trim_end());
            line.clear();
        }
        if !line.is_empty() {
            line = pad(&line, width(&line) + 3);
        }
        line += &piece;
    }
    for wrapped in super::page::wrap(&line, most) {
        let _ = writeln!(out, "    {wrapped}");
    }
}
