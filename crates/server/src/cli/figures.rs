//! `figures`: the same digits on both sides, for a person, a program or a page.

use super::args::FiguresArgs;
use super::desk::{Answer, Desk};
use super::page::{pad, width};
use super::value::{Of, short};
use crate::speak::plain;
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use counterpart_rules::say;
use std::fmt::Write as _;

/// The outcomes that share the bar, with the sign of each.
const OUTCOMES: [(&str, char); 5] =
    [("answered", '█'), ("partly", '▓'), ("refused", '▒'), ("withdrawn", '░'), ("open", '·')];

/// Columns of a bar.
const BAR: u64 = 20;

/// `figures`.
pub fn figures(desk: &Desk, asked: &FiguresArgs) -> Result<Answer> {
    let mut args = Object::default();
    if let Some(peer) = &asked.peer {
        args.set("peer", peer.as_str());
    }
    if asked.drill {
        args.set("drill", true);
    }
    for (name, given) in [("from", &asked.from), ("to", &asked.to), ("as_of", &asked.as_of)] {
        if let Some(text) = given {
            args.set(name, moment(name, text)?);
        }
    }
    desk.tell("figures", args, |shown| page(desk, shown))
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
    let at = |name| clock::shown(figures.count(name));
    let times = [("from", &*at("from")), ("to", &*at("to")), ("at", &*at("as_of"))];
    let _ = writeln!(out, "{}", desk.say_with("cli-figures-period", &times));
    let settled = if shown.flag("settled") { "cli-figures-settled" } else { "cli-figures-moving" };
    let _ = writeln!(out, "{}", desk.say(settled));
    let _ = writeln!(
        out,
        "{}",
        desk.say_with("cli-figures-digest", &[("digest", shown.text("digest"))])
    );
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
        let legend = OUTCOMES.map(|(name, sign)| format!("{sign} {}", label(desk, name)));
        let _ = writeln!(out, "\n{}", legend.join("   "));
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

/// One row: a bar with the outcomes, then what else there is to say, in words.
fn one(desk: &Desk, out: &mut String, row: Of<'_>) {
    let counts = row.of("counts");
    let kind = match (row.get("stream"), row.get("kind")) {
        (Some(Value::Str(_)), Some(Value::Str(kind))) => {
            desk.say(&format!("choice-{}-{kind}", row.text("kind_of")))
        }
        (Some(Value::Str(stream)), _) => plain(stream),
        _ => desk.say("figure-all"),
    };
    let sort = desk.say(&format!("figure-sort-{}", row.text("sort")));
    let _ = writeln!(out, "\n  {kind}, {sort}: {}  {}", counts.count("made"), bar(counts));
    let say = |name: &str, many: u64| format!("{} {many}", label(desk, name));
    let others = counts.members().iter().filter(|(name, _)| name != "made");
    let others: Vec<String> = others.map(|(name, _)| say(name, counts.count(name))).collect();
    lines(out, others);
    for (list, words) in row.of("words").members() {
        let words = Of::value(words);
        let each = words.members().iter().map(|(word, _)| {
            format!("{} {}", desk.say(&format!("choice-{list}-{word}")), words.count(word))
        });
        lines(out, std::iter::once(desk.say(&format!("field-{list}")) + ":").chain(each).collect());
    }
    for (profile, ends) in row.of("terms").members() {
        for (name, timing) in Of::value(ends).members() {
            let timing = Of::value(timing);
            let each = ["in_time", "late", "contested"].map(|how| say(how, timing.count(how)));
            let head = format!("{profile}, {}:", label(desk, name));
            lines(out, std::iter::once(head).chain(each).collect());
        }
    }
    let pauses = row.of("pauses");
    if pauses.count("count") > 0 {
        let length = say::duration(desk.lang, pauses.count("seconds_by_asked_clock"));
        let many = pauses.count("count").to_string();
        let args = [("count", &*many), ("length", &*length)];
        lines(out, vec![desk.say_with("figure-pauses", &args)]);
    }
    for (name, both) in row.of("waits").members() {
        wait(desk, out, name, Of::value(both));
    }
}

/// A waiting time by the clock of the party that was asked; the other clock where it differs.
fn wait(desk: &Desk, out: &mut String, name: &str, both: Of<'_>) {
    let (asked, asking) = (both.of("by_asked_clock"), both.of("by_asking_clock"));
    let length = |curve: Of<'_>, name| match curve.number(name) {
        Some(seconds) => say::duration(desk.lang, seconds),
        None => desk.say("figure-not-reached"),
    };
    let numbers = ["observed", "reached"].map(|name| asked.count(name).to_string());
    let [lower, median, upper] =
        ["lower_quartile", "median", "upper_quartile"].map(|name| length(asked, name));
    let label = desk.say(&format!("figure-wait-{name}"));
    let args = [
        ("what", &*label),
        ("reached", &*numbers[1]),
        ("observed", &*numbers[0]),
        ("lower", &*lower),
        ("median", &*median),
        ("upper", &*upper),
    ];
    let mut text = desk.say_with("figure-wait", &args);
    let other = length(asking, "median");
    if other != median {
        text += " ";
        text += &desk.say_with("figure-wait-asking", &[("median", &other)]);
    }
    lines(out, vec![text]);
}

fn label(desk: &Desk, name: &str) -> String {
    desk.say(&format!("figure-{name}"))
}

/// Each outcome in its share of the columns; whoever is there at all has at least one.
fn bar(counts: Of<'_>) -> String {
    let made = counts.count("made").max(1);
    let mut bar = String::new();
    for (name, sign) in OUTCOMES {
        let many = counts.count(name);
        let columns = (many * BAR).div_ceil(made).min(BAR);
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
