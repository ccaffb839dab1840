//! Both sides count what happened, each by itself, and see that they come to the same digits.

use super::stage::{Stage, Who, number, text};
use super::telling::{member, show};
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use counterpart_rules::say::{Say, render};

/// The counts that are told, of requests and of calls.
const TOLD: [(&str, &[&str]); 3] = [
    (
        "request",
        &[
            "made",
            "acknowledged",
            "answered",
            "refused",
            "withdrawn",
            "open",
            "overdue",
            "reminders",
        ],
    ),
    ("call", &["made", "taken", "rung_supervisor", "closed_by_both"]),
    ("line-test", &["made", "passed"]),
];

/// The figures of both, compared by acts and digit for digit; what a person reads of them. Both
/// lie in the folder as `figures-arcadia.json` and `figures-borealis.json`.
pub fn both(stage: &Stage) -> Result<Vec<String>> {
    let ours = stage.at(Who::Arcadia, &["figures", "--drill"])?;
    let as_of = number(member(&ours, "figures")?, "as_of");
    let as_of = clock::shown(u64::try_from(as_of).unwrap_or(0));
    let as_of = as_of.replace(" UTC", "Z").replace(' ', "T");
    let stated = stage.at(Who::Arcadia, &["figures", "--drill", "--agree"])?;
    let matter = text(&stated, "matter")?;
    // The other node compares by itself.
    stage.until("figures equal", || {
        let shown = show(stage, Who::Arcadia, &matter)?;
        Ok(text(&shown, "stage")? == "figures-equal")
    })?;
    let mut shown = Vec::new();
    stage.until("the same figures", || {
        shown.clear();
        for who in Who::ALL {
            match stage.at(who, &["figures", "--drill", "--as-of", &as_of]) {
                Ok(figures) => shown.push(figures),
                // The calendars of the two differ by a second.
                Err(fault) if fault.code == Code::ArgumentWrong => return Ok(false),
                Err(fault) => return Err(fault),
            }
        }
        Ok(member(&shown[0], "figures")? == member(&shown[1], "figures")?)
    })?;
    for (who, shown) in Who::ALL.into_iter().zip(&shown) {
        let place = stage.path(&format!("figures-{}.json", who.name().to_lowercase()));
        let text = member(shown, "figures")?.to_text() + "\n";
        std::fs::write(&place, text).map_err(|error| Code::Io.at(format!("{place}: {error}")))?;
    }
    let [ours, theirs] = &shown[..] else {
        return Err(Code::Internal.at("demo: two figures"));
    };
    let heads = [("ours", stage.name(Who::Arcadia)), ("theirs", stage.name(Who::Borealis))];
    let mut lines = vec![stage.say("figures-head", &heads)];
    for (sort, name) in TOLD.iter().flat_map(|(sort, names)| names.iter().map(move |n| (sort, n))) {
        let of = render(stage.lang, &Say::of(format!("figure-sort-{sort}")));
        let label = render(stage.lang, &Say::of(format!("figure-{name}")));
        let counts = [count(ours, sort, name)?, count(theirs, sort, name)?];
        if counts[0] == 0 && *name == "made" {
            return Err(Code::Internal.at(format!("demo: no {sort} was counted")));
        }
        let counts = counts.map(|count| format!("{count:>3}"));
        let args =
            [("of", &*of), ("name", &*label), ("ours", &*counts[0]), ("theirs", &*counts[1])];
        lines.push(stage.say("figure", &args));
    }
    let digests = [text(ours, "digest")?, text(theirs, "digest")?];
    for (who, digest) in Who::ALL.into_iter().zip(&digests) {
        lines.push(stage.say("figures-digest", &[("who", stage.name(who)), ("digest", digest)]));
    }
    if digests[0] != digests[1] {
        return Err(Code::Internal.at("demo: the figures differ"));
    }
    Ok(lines)
}

/// A count over all streams and kinds of what Arcadia asked for, or called about.
fn count(shown: &Value, sort: &str, name: &str) -> Result<i64> {
    let rows = member(member(shown, "figures")?, "rows")?.as_array().unwrap_or_default();
    let mut all = rows.iter().filter_map(Value::as_object);
    let sorted = |row: &Object| row.get("sort").and_then(Value::as_str) == Some(sort);
    let all = all.find(|row: &&Object| sorted(row) && row.get("stream") == Some(&Value::Null));
    let counts = all.and_then(|row| row.get("counts")).and_then(Value::as_object);
    Ok(counts.and_then(|counts| counts.get(name)?.as_int()).unwrap_or(0))
}
