//! What an act says that cannot be meant: a time to answer by that is over, data secured tomorrow,
//! an address that is none. ASK-11
//!
//! Looked at before an act is signed, where the time of the act is known, and said to its author
//! with the field's name. It never makes an act void: the clocks of two nodes differ, and what one
//! edition of this program doubts another may not. Whoever reads the act sees the doubt beside it.

use super::assistance::{held_to, idle_extension, least_reach, untrue};
use super::hotline::LONGEST_SURGE;
use super::{Flow, Past, usual};
use crate::act::{Act, Half};
use crate::clock::Calendar;
use crate::form::{FieldFault, Kind, Need, Sort, Wrong};
use crate::terms::Terms;
// The type alone, which reads addresses: nothing here knows a network.
use core::net::IpAddr;
use counterpart_record::strict::json::{Object, Value};

/// Where and when an act is made.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The time of the act, in seconds (UTC).
    pub now: u64,
    /// The terms of its matter.
    pub terms: &'a Terms,
    /// The half that writes it.
    pub half: Half,
    /// The valid acts of the matter before it, of both halves, each in its author's order.
    pub before: &'a [&'a Act],
}

/// Times that lie ahead when an act names them.
const AHEAD: &[&str] = &[
    "reply_by",
    "supplement_by",
    "accept_by",
    "needed_by",
    "surge_until",
    "expected_at",
    "until",
    "holds_until",
];
/// Days that are not over.
const DAYS_AHEAD: &[&str] = &["formal_by", "review_on"];
/// Times at which something was done.
const DONE: &[&str] = &["effected_at", "released_at"];
/// Days on which something was done.
const DAYS_DONE: &[&str] = &["lodged_on", "used_on"];
/// Pairs of which the second is after the first.
const ORDERED: &[(&str, &str)] = &[("effected_at", "holds_until"), ("surge_from", "surge_until")];

/// How far two clocks of one house may differ, in seconds.
const SLACK: u64 = 300;
const DAY: u64 = 86_400;

/// Everything in a form that cannot be meant, besides what its table says. `form` is as
/// [`crate::form::plain`] reads it; of an act that is signed, its body.
pub fn doubts(flow: &Flow, kind: &Kind, form: &Object, setting: &Setting<'_>) -> Vec<FieldFault> {
    let of = |half: Half| -> Vec<&Act> {
        setting.before.iter().copied().filter(|act| act.half == half).collect()
    };
    let (asking, answering) = (of(Half::Asking), of(Half::Answering));
    let past = Past { asking: &asking, answering: &answering };
    let mut out = Vec::new();
    times(kind, form, setting.now, &mut out);
    if std::ptr::eq(flow, usual()) {
        hold(form, past, setting, &mut out);
        release(kind, form, past, setting.terms, &mut out);
        extension(form, past, setting, &mut out);
        let wrong = untrue((past, setting.terms), (kind.name, form), setting.now);
        let wrong = wrong.filter(|wrong| out.iter().all(|one| one.field != wrong.field));
        out.extend(wrong);
    }
    if kind.field("identifiers").is_some() {
        identifiers(form, &mut out);
    }
    if kind.field("surge_until").is_some() {
        surge(form, setting.now, &mut out);
    }
    if kind.opens && std::ptr::eq(flow, usual()) {
        request(kind, form, &mut out);
    }
    let lacks = flow.live.and_then(|live| (live.lacks)(past, setting.half, kind.name, form));
    out.extend(lacks.map(|(field, _)| FieldFault::new(field, Wrong::Missing)));
    out
}

fn times(kind: &Kind, form: &Object, now: u64, out: &mut Vec<FieldFault>) {
    let instant = |name: &str| form.get(name).and_then(seconds);
    let day = |name: &str| form.get(name).and_then(Value::as_str);
    // A day ends at another time in each zone: one day more is let pass on either side.
    let bound = |at: u64| Calendar::usual().day_of(at).unwrap_or_default();
    let (first, last) = (bound(now.saturating_sub(DAY)), bound(now.saturating_add(DAY)));
    let mut fault = |name: &str, wrong| out.push(FieldFault::new(name, wrong));
    for field in kind.fields {
        let name = field.name;
        let over = AHEAD.contains(&name) && instant(name).is_some_and(|at| at <= now)
            || DAYS_AHEAD.contains(&name) && day(name).is_some_and(|day| day < &*first);
        let to_come = DONE.contains(&name) && instant(name).is_some_and(|at| at > now + SLACK)
            || DAYS_DONE.contains(&name) && day(name).is_some_and(|day| day > &*last);
        if over {
            fault(name, Wrong::Past(now));
        } else if to_come {
            fault(name, Wrong::Ahead(now));
        }
    }
    for (from, to) in ORDERED {
        if instant(from).zip(instant(to)).is_some_and(|(from, to)| to <= from) {
            fault(to, Wrong::Backward);
        }
    }
    let assurances = form.get("assurances").and_then(Value::as_array).unwrap_or_default();
    for (at, row) in assurances.iter().enumerate() {
        let until = row.as_object().and_then(|row| row.get("until")).and_then(Value::as_str);
        if until.is_some_and(|day| day < &*first) {
            fault(&format!("assurances.{}.until", at + 1), Wrong::Past(now));
        }
    }
}

fn seconds(value: &Value) -> Option<u64> {
    value.as_int().and_then(|at| u64::try_from(at).ok())
}

/// What is held ends no earlier than was promised and than the terms say. CLK-6
fn hold(form: &Object, past: Past<'_>, setting: &Setting<'_>, out: &mut Vec<FieldFault>) {
    let instant = |name: &str| form.get(name).and_then(seconds);
    let (Some(from), Some(to)) = (instant("effected_at"), instant("holds_until")) else { return };
    let least = least_reach(past, setting.terms, from);
    if let Some(least) = least.filter(|least| to > setting.now && to < *least) {
        out.push(FieldFault::new("holds_until", Wrong::TooSoon(least)));
    }
}

/// Nobody lets go of something because a hold has ended that has not.
fn release(kind: &Kind, form: &Object, past: Past<'_>, terms: &Terms, out: &mut Vec<FieldFault>) {
    let word = form.get("released_for").and_then(Value::as_str);
    let released = form.get("released_at").and_then(seconds);
    let (Some("end-of-hold"), Some(released), "release") = (word, released, kind.name) else {
        return;
    };
    if let Some(end) = held_to(past, terms).filter(|end| released < *end) {
        out.push(FieldFault::new("released_for", Wrong::HeldUntil(end)));
    }
}

/// A surge that begins when it is agreed lasts no longer than one may. CAL-13
fn surge(form: &Object, now: u64, out: &mut Vec<FieldFault>) {
    let instant = |name: &str| form.get(name).and_then(seconds);
    let latest = now.saturating_add(LONGEST_SURGE);
    let over = instant("surge_until").filter(|until| *until > latest);
    if over.is_some() && instant("surge_from").is_none() {
        out.push(FieldFault::new("surge_until", Wrong::TooLate(latest)));
    }
}

/// An extension is taken only where a term of the request knows one that is not used up.
fn extension(form: &Object, past: Past<'_>, setting: &Setting<'_>, out: &mut Vec<FieldFault>) {
    if form.get("extends").and_then(Value::as_bool) != Some(true) {
        return;
    }
    let wrong = idle_extension(past, setting.terms, form, setting.now);
    out.extend(wrong.map(|(field, wrong)| FieldFault::new(field, wrong)));
}

/// Measures that may concern nobody.
const OF_NOBODY: &[&str] = &["advice", "malware-analysis", "take-down"];

fn request(kind: &Kind, form: &Object, out: &mut Vec<FieldFault>) {
    let word = |name: &str| form.get(name).and_then(Value::as_str);
    let urgency = word("urgency").filter(|urgency| *urgency != "emergency");
    if word("measure") == Some("emergency-disclosure") && urgency.is_some() {
        out.push(FieldFault::new("urgency", Wrong::NotAChoice(&["emergency"])));
    }
    // That a formal request will follow is said with the day until which, unless it came first.
    let follows = form.get("formal_follows").and_then(Value::as_bool) == Some(true);
    let lodged = form.get("lodged_on").is_some();
    if follows && !lodged && form.get("formal_by").is_none() {
        out.push(FieldFault::new("formal_by", Wrong::Missing));
    }
    if let Some(given) = form.get("persons").and_then(Value::as_object) {
        let nobody = given.0.iter().all(|(_, count)| count.as_int() == Some(0));
        let may_be = OF_NOBODY.contains(&word("measure").unwrap_or_default());
        if nobody && !given.0.is_empty() && !may_be {
            out.push(FieldFault::new("persons", Wrong::Nobody));
        }
        persons(kind, given, out);
    }
}

/// Who is a minor is said of each role in which there is somebody, and is no more than there are.
fn persons(kind: &Kind, given: &Object, out: &mut Vec<FieldFault>) {
    let Some(Sort::Group(members)) = kind.field("persons").map(|field| &field.sort) else { return };
    let count = |name: &str| given.get(name).and_then(Value::as_int);
    for member in *members {
        let Need::Beside(role) = member.need else { continue };
        let (all, minors) = (count(role).unwrap_or(0), count(member.name));
        let wrong = match minors {
            None if all > 0 => Wrong::Missing,
            Some(minors) if minors > all => Wrong::OutOfRange(0, all),
            _ => continue,
        };
        out.push(FieldFault::new(format!("persons.{}", member.name), wrong));
    }
}

fn identifiers(form: &Object, out: &mut Vec<FieldFault>) {
    let rows = form.get("identifiers").and_then(Value::as_array).unwrap_or_default();
    for (at, row) in rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.as_object()?))) {
        let text = |name: &str| row.get(name).and_then(Value::as_str);
        let (Some(sort), Some(value)) = (text("sort"), text("value")) else { continue };
        if !reads_as(sort, value) {
            let place = format!("identifiers.{}.value", at + 1);
            out.push(FieldFault::new(place, Wrong::NotOfSort(sort.to_owned())));
        }
    }
}

/// Whether a value can be what its sort says. Only what is plainly none is doubted: a wallet or a
/// device has too many spellings to judge.
fn reads_as(sort: &str, value: &str) -> bool {
    let value = value.trim();
    let blank = value.chars().any(char::is_whitespace);
    let host = |host: &str| {
        // The dots that a name in Chinese or Japanese may be typed with (UTS 46).
        let dot = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];
        let labels: Vec<&str> = host.trim_end_matches(dot).split(dot).collect();
        // A name may be internationalised: letters of any script, with the marks on them.
        let part = |c: char| c.is_alphanumeric() || "-_".contains(c) || !c.is_ascii();
        let fits = |label: &&str| !label.is_empty() && label.chars().all(part);
        !blank && labels.len() > 1 && labels.iter().all(fits)
    };
    match sort {
        "ip" => {
            let (address, bits) = value.split_once('/').unwrap_or((value, "0"));
            let most = |ip: IpAddr| if ip.is_ipv4() { 32 } else { 128 };
            let ip = address.parse::<IpAddr>().ok();
            ip.is_some_and(|ip| bits.parse::<u8>().is_ok_and(|bits| bits <= most(ip)))
        }
        "domain" => host(value),
        "url" => value.split_once("://").is_some_and(|(scheme, rest)| {
            // RFC 3986, section 3.1.
            let further = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
            let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
            !blank && !rest.is_empty() && named && scheme.chars().all(further)
        }),
        "email" => {
            let parts = value.rsplit_once('@');
            !blank && parts.is_some_and(|(name, at)| !name.is_empty() && !at.is_empty())
        }
        "phone" => is_phone(value),
        "file-digest" => !blank && is_digest(value),
        _ => true,
    }
}

/// Digits of any script with the signs between them, and perhaps an extension behind a word for it
/// in any language: `+1 555 0100 ext. 12`, `0351/4000#9`.
fn is_phone(value: &str) -> bool {
    let begins = value.find(char::is_alphabetic).unwrap_or(value.len());
    let (number, extension) = value.split_at(begins);
    let digits = number.chars().filter(|c| c.is_numeric()).count();
    let sign = |c: char| c.is_numeric() || "+-(). /#*,;:\u{a0}\u{2010}\u{2011}".contains(c);
    let behind = extension.trim_start_matches(char::is_alphabetic);
    let extended = extension.is_empty() || behind.chars().any(char::is_numeric);
    digits >= 3 && number.chars().all(sign) && extended && behind.chars().all(sign)
}

/// A digest in hexadecimal digits, with the name of its algorithm or without; or one of those that
/// tell how alike two files are: TLSH (`T1` and hexadecimal digits), ssdeep (`96:...:...`).
fn is_digest(value: &str) -> bool {
    let hex = |digits: &str| digits.len() >= 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let sixty_four = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b))
    };
    let fuzzy = |value: &str| {
        let parts: Vec<&str> = value.split(':').collect();
        let [size, one, two] = parts[..] else { return false };
        size.parse::<u64>().is_ok() && sixty_four(one) && sixty_four(two)
    };
    let plain = |value: &str| {
        hex(value) || hex(value.strip_prefix("T1").unwrap_or_default()) || fuzzy(value)
    };
    plain(value) || value.split_once(':').is_some_and(|(_, digits)| plain(digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{flow, opened_by};
    use counterpart_record::id::Entry;
    use counterpart_record::strict::json::parse_object;

    /// Noon of 1 June 2026 in UTC.
    const NOW: u64 = 1_780_315_200;

    fn object(text: &str) -> Object {
        parse_object(text.as_bytes()).unwrap()
    }

    fn opening(instrument: &str) -> Act {
        let body = format!(r#"{{"instrument":"{instrument}","measure":"preservation"}}"#);
        Act {
            entry: Entry([1; 32]),
            half: Half::Asking,
            kind: "request".into(),
            body: object(&body),
            re: Vec::new(),
            logged_at: NOW - 900,
            held_at: Some(NOW - 800),
        }
    }

    fn brief(kind: &str, form: &str, before: &[&Act]) -> Vec<String> {
        let flow = opened_by(kind).unwrap_or(usual());
        let kind = flow.kind(kind).unwrap();
        let form = crate::form::plain(kind, &object(form), Some("en"));
        let half = if flow.kind(kind.name).unwrap().who.includes(Half::Asking) {
            Half::Asking
        } else {
            Half::Answering
        };
        let setting = Setting { now: NOW, terms: Terms::usual(), half, before };
        doubts(flow, kind, &form, &setting).iter().map(FieldFault::brief).collect()
    }

    /// ASK-11
    #[test]
    fn times_make_sense_where_they_are_named() {
        let asked = opening("reciprocity");
        let none: [&str; 0] = [];
        for (kind, form, expected) in [
            ("request", r#"{"reply_by": "2020-01-01T00:00:00Z"}"#, &["reply_by (past)"][..]),
            ("request", r#"{"reply_by": "2026-06-01T12:00:01Z"}"#, &none),
            ("request", r#"{"formal_by": "2001-01-01"}"#, &["formal_by (past)"]),
            ("request", r#"{"formal_by": "2026-06-01"}"#, &none),
            (
                "request",
                r#"{"assurances": ["who=A; text=B; until=2020-01-01"]}"#,
                &["assurances.1.until (past)"],
            ),
            ("raise", r#"{"needed_by": "2020-01-01T00:00:00Z"}"#, &["needed_by (past)"]),
            (
                "preserve",
                r#"{"effected_at": "2035-01-01T00:00:00Z",
                    "holds_until": "2020-01-01T00:00:00Z"}"#,
                &["effected_at (ahead)", "holds_until (past)", "holds_until (backward)"],
            ),
            ("lodge-formal", r#"{"lodged_on": "2027-01-01"}"#, &["lodged_on (ahead)"]),
            ("ask", r#"{"supplement_by": "2026-05-31T00:00:00Z"}"#, &["supplement_by (past)"]),
            ("postpone", r#"{"review_on": "2026-05-01"}"#, &["review_on (past)"]),
            (
                "surge-propose",
                r#"{"surge_until": "2026-05-01T00:00:00Z"}"#,
                &["surge_until (past)"],
            ),
        ] {
            assert_eq!(brief(kind, form, &[&asked]), expected, "{kind} {form}");
        }
    }

    /// A hold that is shorter than the instrument's least would have two ends. CLK-6
    #[test]
    fn a_hold_reaches_the_least_that_was_agreed() {
        let short = r#"{"effected_at": "2026-06-01T09:00:00Z",
            "holds_until": "2026-06-20T09:00:00Z"}"#;
        let long = r#"{"effected_at": "2026-06-01T09:00:00Z",
            "holds_until": "2026-08-02T00:00:00Z"}"#;
        let budapest = opening("budapest");
        assert_eq!(brief("preserve", short, &[&budapest]), ["holds_until (too-soon)"]);
        assert!(brief("preserve", long, &[&budapest]).is_empty());
        assert!(brief("preserve", short, &[&opening("reciprocity")]).is_empty());
    }

    /// CLK-6: what was promised is not taken back, and is not over before its time.
    #[test]
    fn a_hold_is_neither_shortened_nor_ended_before_its_time() {
        let act = |number: u8, kind: &str, body: &str| Act {
            entry: Entry([number; 32]),
            half: Half::Answering,
            kind: kind.into(),
            body: object(body),
            ..opening("")
        };
        let asked = opening("reciprocity");
        let until = NOW + 90 * DAY;
        let held = act(2, "preserve", &format!(r#"{{"effected_at":{NOW},"holds_until":{until}}}"#));
        let shorter = r#"{"effected_at": "2026-06-01T12:00:00Z",
            "holds_until": "2026-08-01T00:00:00Z"}"#;
        let before = [&asked, &held];
        assert_eq!(brief("preserve", shorter, &before), ["holds_until (too-soon)"]);
        let release = |why: &str| {
            format!(r#"{{"released_at": "2026-06-01T12:00:00Z", "released_for": "{why}"}}"#)
        };
        let early = ["released_for (held-until)"];
        assert_eq!(brief("release", &release("end-of-hold"), &before), early);
        assert!(brief("release", &release("law"), &before).is_empty());
        // The least of the instrument counts where a shorter time was said.
        let least = opening("budapest");
        let short = act(2, "preserve", &format!(r#"{{"effected_at":{NOW},"holds_until":{NOW}}}"#));
        assert_eq!(brief("release", &release("end-of-hold"), &[&least, &short]), early);
        assert!(brief("release", &release("end-of-hold"), &[&asked, &short]).is_empty());
        // The least is counted from when this hold began, and not from one that was released.
        let ago = NOW - 50 * DAY;
        let old = format!(r#"{{"effected_at":{ago},"holds_until":{NOW}}}"#);
        let old = act(2, "preserve", &old);
        let over = act(3, "release", r#"{"released_at":1,"released_for":"asked"}"#);
        let twenty = format!(r#"{{"effected_at":{NOW},"holds_until":{}}}"#, NOW + 20 * DAY);
        let anew = act(4, "preserve", &twenty);
        let twenty = r#"{"effected_at": "2026-06-01T12:00:00Z",
            "holds_until": "2026-06-21T12:00:00Z"}"#;
        let soon = ["holds_until (too-soon)"];
        assert_eq!(brief("preserve", twenty, &[&least, &old, &over]), soon);
        assert!(brief("preserve", twenty, &[&least, &old]).is_empty(), "the one that is held");
        assert_eq!(brief("preserve", twenty, &[&least, &old, &over, &anew]), soon);
        // What was let go binds nothing that is preserved later.
        let gone = act(3, "release", r#"{"released_at":1,"released_for":"law"}"#);
        assert!(brief("preserve", shorter, &[&asked, &held, &gone]).is_empty());
    }

    /// CAL-13
    #[test]
    fn a_surge_without_a_beginning_is_not_cut_in_silence() {
        let late = r#"{"surge_until": "2026-09-01T00:00:00Z"}"#;
        assert_eq!(brief("surge-propose", late, &[]), ["surge_until (too-late)"]);
        for fits in [
            r#"{"surge_until": "2026-08-30T12:00:00Z"}"#,
            r#"{"surge_until": "2026-09-01T00:00:00Z", "surge_from": "2026-08-01T00:00:00Z"}"#,
        ] {
            assert!(brief("surge-propose", fits, &[]).is_empty(), "{fits}");
        }
    }

    #[test]
    fn an_extension_is_taken_where_there_is_one() {
        let status = r#"{"progress": "queued", "extends": true}"#;
        let one = [&opening("reciprocity")];
        assert_eq!(brief("status", status, &one), ["extends (not-offered)"]);
        assert!(brief("status", status, &[&opening("directive-2014-41")]).is_empty());
        for (name, doubt) in [
            // Only whoever asked can prolong what is kept by its order.
            ("e-evidence", "extends (not-offered)"),
            // Nothing was ordered at home yet.
            ("budapest", "extends (spent)"),
        ] {
            assert_eq!(brief("status", status, &[&opening(name)]), [doubt], "{name}");
        }
    }

    #[test]
    fn a_request_names_persons_and_identifiers_that_can_be() {
        let of = |form: &str| brief("request", form, &[]);
        for (persons, expected) in [
            (r#""suspect": 1, "suspect_minors": 3"#, &["persons.suspect_minors (range)"][..]),
            (r#""suspect": 1, "suspect_minors": 0"#, &[]),
            (r#""suspect": 0, "victim": 2, "victim_minors": 2"#, &[]),
            // Minor or not is said by role.
            (r#""victim": 2"#, &["persons.victim_minors (missing)"]),
            (
                r#""suspect": 1, "victim_minors": 1"#,
                &["persons.suspect_minors (missing)", "persons.victim_minors (range)"],
            ),
            (r#""suspect": 0"#, &["persons (nobody)"]),
            (r#""suspect": 0, "victim": 0, "victim_minors": 0"#, &["persons (nobody)"]),
        ] {
            assert_eq!(of(&format!(r#"{{"persons": {{{persons}}}}}"#)), expected, "{persons}");
        }
        assert!(of(r#"{"persons": {"suspect": 0}, "measure": "take-down"}"#).is_empty());
        // That a formal request follows says until when.
        assert_eq!(of(r#"{"formal_follows": true}"#), ["formal_by (missing)"]);
        assert!(of(r#"{"formal_follows": false}"#).is_empty());
        assert!(of(r#"{"formal_follows": true, "lodged_on": "2026-05-01"}"#).is_empty());
        assert!(of(r#"{"formal_follows": true, "formal_by": "2026-09-01"}"#).is_empty());
        let urgent = r#"{"measure": "emergency-disclosure", "urgency": "normal"}"#;
        assert_eq!(of(urgent), ["urgency (choice)"]);
        for (value, fits) in [
            ("ip:999", false),
            ("ip:192.0.2.7", true),
            ("ip:192.0.2.0/24", true),
            ("ip:192.0.2.0/33", false),
            ("ip:2001:db8::7", true),
            ("domain:example.org", true),
            ("domain:例子.测试", true),
            ("domain:example", false),
            ("url:https://example.org/a?b", true),
            ("url:example.org", false),
            ("email:a@example.org", true),
            ("email:example.org", false),
            ("phone:+1 555 0100", true),
            ("url:git+ssh://example.org/a.git", true),
            ("url:1a://example.org", false),
            ("url:://example.org", false),
            ("domain:हिन्दी.भारत", true),
            ("domain:例子。测试", true),
            ("domain:two words.org", false),
            ("phone:call me", false),
            ("phone:+1 555 0100 ext. 12", true),
            ("phone:010-5550100转12", true),
            ("phone:*21*5550100#", true),
            ("phone:5550100 by day", false),
            ("file-digest:00112233445566778899aabbccddeeff", true),
            ("file-digest:md5:00112233445566778899aabbccddeeff", true),
            ("file-digest:0011", false),
            ("file-digest:3072:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C", true),
            ("file-digest:not:a:digest", false),
            ("account:whatever it is", true),
        ] {
            let form = format!(r#"{{"identifiers": ["{value}"]}}"#);
            assert_eq!(of(&form).is_empty(), fits, "{value}");
        }
        let tlsh = format!(r#"{{"identifiers": ["file-digest:T1{}"]}}"#, "0f".repeat(35));
        assert!(of(&tlsh).is_empty());
    }

    /// What a person and an identifier can be is asked of whatever flow has a place for them; a
    /// request alone is asked for its urgency.
    #[test]
    fn a_draft_is_doubted_where_its_request_would_be() {
        let form = r#"{"identifiers": ["ip:999"], "persons": {"suspect": 1, "suspect_minors": 3},
            "measure": "emergency-disclosure", "urgency": "normal"}"#;
        let request = ["urgency (choice)", "persons.suspect_minors (range)"];
        let address = "identifiers.1.value (not-of-sort)";
        assert_eq!(brief("request", form, &[]), [&[address], &request[..]].concat());
        assert_eq!(brief("show-draft", form, &[]), [address]);
        assert!(!std::ptr::eq(flow("consultation/1").unwrap(), usual()));
    }
}
