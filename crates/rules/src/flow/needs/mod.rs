//! `needs/1`: what a side needs in a request to it, published by an act, and the check of a
//! request against it before it is sent.
//!
//! Each side has one matter of this flow with a peer and publishes there; the newest publication
//! counts. It is an act and not a part of the credential, since what is needed changes more often
//! than root keys should be taken out of the safe, and may differ from peer to peer; and not a part
//! of the terms, since it is nobody's to agree to. Being an act, it is signed, receipted and dated
//! by both logs: "you never told us" has an answer. Decision 0009.
//!
//! ASK-6. It never decides whether a request is valid. A request that lacks something can be sent
//! all the same, at the price of a question or a refusal: at night the data comes first.

use super::assistance::MEASURE;
use super::{Fact, Flow, Past, Shown, State};
use crate::act::{Act, Half};
use crate::form::{self, Field, FieldFault, Kind, Sort, Who, Wrong, table};
use crate::instrument::{self, Instrument};
use crate::terms::{Basis, Terms};
use counterpart_record::strict::json::{Object, Value};

/// The flow.
pub static FLOW: Flow = Flow {
    name: "needs",
    version: 1,
    rules: "needs/1",
    kinds: KINDS,
    stages: &["needs-none", "needs-published"],
    voids: &[],
    order: |_, _| Ok(()),
    answers: |_, _, _, _| Vec::new(),
    fold,
    observe: super::unobserved,
    live: None,
};

/// The nonce of the one matter of each side.
pub const NONCE: [u8; 16] = *b"counterpart/need";

/// What is done on a request only once a formal one was made, and what is done ahead of it.
const FIRST: &str = "formal-first";
const FOLLOWS: &str = "formal-follows";

/// The word that stands for every instrument or every measure.
const ANY: &str = "any";

/// Most languages in a list.
const LANGUAGES: usize = 32;

table! {
    /// An instrument on which this side takes requests: since when it binds it, its central
    /// authority, what it reserved, and the languages in which it takes requests on this basis,
    /// where they are not those of all others.
    ACCEPTED {
        required "instrument": Choice(instrument::NAMES);
        optional "in_force_from": Date;
        optional "authority": Line(300);
        optional "reservations": Text(4_000);
        optional "languages": Languages(LANGUAGES);
    }

    /// A field that a request needs, for an instrument and a measure or for any.
    WANTED {
        required "on": Choice(INSTRUMENT_OR_ANY);
        required "for": Choice(MEASURE_OR_ANY);
        required "field": Choice(FIELDS);
    }

    /// A measure that this side does not carry out.
    DECLINED {
        required "on": Choice(INSTRUMENT_OR_ANY);
        required "for": Choice(MEASURE_OR_ANY);
    }

    PUBLISH_NEEDS {
        optional "formality": Choice(&[FIRST, FOLLOWS, "no-formal"]);
        required "languages": Languages(LANGUAGES);
        optional "accepted": Rows(ACCEPTED);
        optional "wanted": Rows(WANTED);
        optional "declined": Rows(DECLINED);
        optional "text": Text(20_000);
    }
}

const KINDS: &[Kind] =
    &[Kind { name: "publish-needs", who: Who::Asking, opens: true, fields: PUBLISH_NEEDS }];

/// The fields of a request that can be left out and that a side may need all the same.
const FIELDS: &[&str] = &[
    "extension_of",
    "capacity",
    "urgency_why",
    "reply_by",
    "reference",
    "consulted",
    "offence_text",
    "assurances",
    "data_category",
    "identifiers",
    "period",
    "custodian",
    "link",
    "evidence_use",
    "confidential",
    "partial_disclosure",
    "formal_follows",
    "formal_by",
    "lodged_on",
    "formal_reference",
    "contact",
    "attachments",
];

const INSTRUMENT_OR_ANY: &[&str] = &with_any::<{ instrument::NAMES.len() + 1 }>(instrument::NAMES);
const MEASURE_OR_ANY: &[&str] = &with_any::<{ MEASURE.len() + 1 }>(MEASURE);

const fn with_any<const N: usize>(words: &[&'static str]) -> [&'static str; N] {
    let mut out = [ANY; N];
    let mut at = 1;
    while at < N {
        out[at] = words[at - 1];
        at += 1;
    }
    out
}

fn fold(past: Past<'_>, _terms: &Terms, _as_of: u64) -> State {
    let newest = past.asking.last().copied();
    let word = newest.and_then(|act: &Act| act.word("formality")).map(Value::from);
    let formality =
        word.map(|value| Fact { name: "formality", value, shown: Shown::Choice("formality") });
    let count = past.asking.len() as u64;
    let count = (count > 0).then(|| Value::from(count));
    let count = count.map(|value| Fact { name: "publications", value, shown: Shown::Plain });
    State {
        closed: newest.is_some(),
        facts: formality.into_iter().chain(count).collect(),
        ..State::at(if newest.is_some() { "needs-published" } else { "needs-none" })
    }
}

/// Everything that a request lacks by the terms in force at `at`, by its instrument and by what the
/// receiver published, all at once; what its form lacks anyway is not repeated here. `given` is the
/// form as [`form::plain`] reads it, `published` the fields of the receiver's newest publication.
pub(super) fn lacks(
    given: &Object,
    published: &[(String, Value)],
    (terms, at): (&Terms, u64),
) -> Vec<FieldFault> {
    let word = |name| given.get(name).and_then(Value::as_str).unwrap_or_default();
    let (measure, basis) = (word("measure"), word("instrument"));
    let mut out = Vec::new();
    if let Some(instrument) = instrument::instrument(basis) {
        // ASK-7
        match terms.basis(basis, at) {
            Basis::Open | Basis::InForce => {}
            Basis::Unlisted => out.push(FieldFault::new("instrument", Wrong::NotAgreed)),
            Basis::Early(day) => out.push(FieldFault::new("instrument", Wrong::NotYet(day))),
        }
        by_instrument(given, instrument, measure, &mut out);
    }
    let today = terms.calendar(Half::Answering).day_of(at);
    by_receiver(given, (basis, measure), (published, today.as_deref()), &mut out);
    by_form(given, (basis, measure), published, &mut out);
    if BEHIND.contains(&measure) {
        addresses(given, &mut out);
    }
    out.dedup_by(|a, b| a.field == b.field);
    out
}

fn by_instrument(
    given: &Object,
    instrument: &Instrument,
    measure: &str,
    out: &mut Vec<FieldFault>,
) {
    if MEASURE.contains(&measure) && !instrument.offers(measure) {
        out.push(FieldFault::new("measure", Wrong::NotOffered(instrument.name.to_owned())));
    }
    for wanted in instrument.wants(measure).filter(|wanted| given.get(wanted.field).is_none()) {
        let by = format!("{} {}", instrument.name, wanted.cite.article);
        out.push(FieldFault::new(wanted.field, Wrong::Wanted(by)));
    }
}

/// Measures that ask who was behind an address.
const BEHIND: [&str; 4] =
    ["subscriber-data", "traffic-data", "expedited-disclosure", "emergency-disclosure"];

/// Behind one address there may be many at a time, and others an hour later; and behind none there
/// is nobody to be found. ASK-12
fn addresses(given: &Object, out: &mut Vec<FieldFault>) {
    let rows = given.get("identifiers").and_then(Value::as_array).unwrap_or_default();
    if rows.is_empty() && out.iter().all(|fault| fault.field != "identifiers") {
        out.push(FieldFault::new("identifiers", Wrong::Missing));
    }
    for (at, row) in rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.as_object()?))) {
        let one = text(row, "sort") == Some("ip") && text(row, "value").is_some_and(single);
        let lacks = row.get("port").is_none() || row.get("at").is_none();
        if one && lacks {
            out.push(FieldFault::new(format!("identifiers.{}", at + 1), Wrong::AddressAlone));
        }
    }
}

/// Whether it is one address and no range, also where it is written as a range of one.
fn single(value: &str) -> bool {
    let Some((address, bits)) = value.split_once('/') else { return true };
    let whole = if address.contains(':') { 128 } else { 32 };
    bits.trim().parse::<u8>() == Ok(whole)
}

fn by_receiver(
    given: &Object,
    (basis, measure): (&str, &str),
    (published, today): (&[(String, Value)], Option<&str>),
    out: &mut Vec<FieldFault>,
) {
    let peer = || PEER.to_owned();
    in_force(basis, (published, today), out);
    let accepted: Vec<&str> =
        rows(published, "accepted").filter_map(|row| text(row, "instrument")).collect();
    let named = out.iter().any(|fault| fault.field == "instrument");
    if !named && !basis.is_empty() && !accepted.is_empty() && !accepted.contains(&basis) {
        out.push(FieldFault::new("instrument", Wrong::NotOffered(peer())));
    }
    let concerns = |row: &&Object| {
        let fits = |name, word: &str| text(row, name).is_some_and(|w| w == ANY || w == word);
        fits("on", basis) && fits("for", measure)
    };
    if !measure.is_empty() && rows(published, "declined").any(|row| concerns(&row)) {
        out.push(FieldFault::new("measure", Wrong::NotOffered(peer())));
    }
    for row in rows(published, "wanted").filter(concerns) {
        let field = text(row, "field").unwrap_or_default();
        if given.get(field).is_none() && out.iter().all(|fault| fault.field != field) {
            out.push(FieldFault::new(field, Wrong::Wanted(peer())));
        }
    }
    let tags = languages(published, basis);
    if !tags.is_empty() {
        let spoken = |tag: &str| tags.iter().any(|known| form::same_language(known, tag));
        let strange = texts(given).filter(|(_, tag)| !spoken(tag));
        let strange =
            strange.map(|(name, _)| FieldFault::new(name, Wrong::LanguageOf(tags.join("/"))));
        out.extend(strange);
    }
}

/// An instrument is taken from the day on from which its receiver says that it is in force for it,
/// in its own calendar. ASK-6
fn in_force(
    basis: &str,
    (published, today): (&[(String, Value)], Option<&str>),
    out: &mut Vec<FieldFault>,
) {
    let mut of = rows(published, "accepted").filter(|row| text(row, "instrument") == Some(basis));
    let from = of.find_map(|row| text(row, "in_force_from"));
    // Days of this form sort as they follow each other.
    let early = from.zip(today).filter(|(from, today)| today < from);
    if let (Some((from, _)), false) = (early, out.iter().any(|one| one.field == "instrument")) {
        out.push(FieldFault::new("instrument", Wrong::NotYet(from.to_owned())));
    }
}

/// How much form goes with a request for a measure on an instrument: as its receiver published it,
/// whose word it is; else as the instrument has it. None where nobody says, or that none is needed.
pub(super) fn formality<'a>(
    (basis, measure): (&'a str, &str),
    published: &'a [(String, Value)],
) -> Option<(&'a str, &'a str)> {
    let said = published.iter().find(|(field, _)| field == "formality");
    if let Some(word) = said.and_then(|(_, word)| word.as_str()) {
        return Some((word, PEER)).filter(|(word, _)| [FIRST, FOLLOWS].contains(word));
    }
    Some((instrument::instrument(basis)?.formal(measure)?, basis))
}

/// ASK-21: a request says of the formal one what its receiver waits for. In an emergency it is
/// enough that one follows: nobody's life waits for a central authority to open.
fn by_form(
    given: &Object,
    (basis, measure): (&str, &str),
    published: &[(String, Value)],
    out: &mut Vec<FieldFault>,
) {
    let Some((word, by)) = formality((basis, measure), published) else { return };
    let emergency = given.get("urgency").and_then(Value::as_str) == Some("emergency");
    let follows = given.get("formal_follows").and_then(Value::as_bool) == Some(true);
    let field = match word {
        FIRST if !emergency => "lodged_on",
        _ if follows => return,
        _ => "formal_follows",
    };
    let said = given.get("lodged_on").is_some() || out.iter().any(|fault| fault.field == field);
    if !said && !measure.is_empty() {
        out.push(FieldFault::new(field, Wrong::Wanted(by.to_owned())));
    }
}

/// The languages in which a side takes requests on this basis: those that it named for the
/// instrument, else those that it named for all.
fn languages<'a>(published: &'a [(String, Value)], basis: &str) -> Vec<&'a str> {
    let of = |row: &&Object| text(row, "instrument") == Some(basis);
    let own = rows(published, "accepted").find(of).and_then(|row| row.get("languages"));
    let own = tags(own);
    if !own.is_empty() {
        return own;
    }
    let all = published.iter().find(|(field, _)| field == "languages");
    tags(all.map(|(_, value)| value))
}

/// The tags in a list. What names no language holds nothing up: nobody could write in it.
fn tags(list: Option<&Value>) -> Vec<&str> {
    let list = list.and_then(Value::as_array).unwrap_or_default();
    list.iter().filter_map(Value::as_str).filter(|tag| form::is_language(tag)).collect()
}

/// How a fault names the receiver.
const PEER: &str = "peer";

/// The fields of a request that hold text, with the language of each.
fn texts(given: &Object) -> impl Iterator<Item = (&str, &str)> {
    let kind = super::usual().kinds().iter().find(|kind| kind.opens);
    let fields: &[Field] = kind.map_or(&[], |kind| kind.fields);
    let texts = fields.iter().filter(|field| matches!(field.sort, Sort::Text(_)));
    texts.filter_map(|field| {
        let tag = given.get(field.name)?.as_object()?.get("lang")?.as_str()?;
        Some((field.name, tag))
    })
}

fn rows<'a>(published: &'a [(String, Value)], name: &str) -> impl Iterator<Item = &'a Object> {
    let found = published.iter().find(|(field, _)| field == name);
    let rows = found.and_then(|(_, value)| value.as_array()).unwrap_or_default();
    rows.iter().filter_map(Value::as_object)
}

fn text<'a>(row: &'a Object, name: &str) -> Option<&'a str> {
    row.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Void;
    use counterpart_record::strict::json::parse_object;

    fn object(text: &str) -> Object {
        parse_object(text.as_bytes()).unwrap()
    }

    fn published(text: &str) -> Vec<(String, Value)> {
        let checked = form::check(&KINDS[0], &object(text)).unwrap();
        checked.body.0.into_iter().chain(checked.disclosed).collect()
    }

    fn brief(given: &str, published: &[(String, Value)]) -> Vec<String> {
        let kind = crate::flow::usual().kind("request").unwrap();
        let plain = form::plain(kind, &object(given), None);
        let usual = (Terms::usual(), 0);
        lacks(&plain, published, usual).iter().map(FieldFault::brief).collect()
    }

    /// ASK-7: by the terms in force, at the time of signing.
    #[test]
    fn an_instrument_that_the_terms_do_not_list_for_both_is_lacking() {
        let side = |digit: &str, instruments: &str| {
            let party = digit.repeat(64);
            format!(
                r#"{{"party":"{party}","zone":"Asia/Shanghai","week":[1,2,3,4,5],"holidays":[],
                    "worked":[],"instruments":[{instruments}]}}"#
            )
        };
        let budapest = r#"{"name":"budapest","from":"2012-12-01"}"#;
        let both = format!(r#"{budapest},{{"name":"hanoi","from":"2030-06-15"}}"#);
        let (one, two) = (
            side("1", &both),
            side("2", &format!("{both},{}", budapest.replace("budapest", "e-evidence"))),
        );
        let terms = |one: &str, two: &str| {
            let text = format!(
                r#"{{"v":1,"tz":"2026e","sides":[{one},{two}],"profiles":[],"streams":[]}}"#
            );
            let sheet = crate::terms::Sheet::read(&object(&text)).unwrap();
            Terms::of(&sheet, &counterpart_record::id::PartyId([0x11; 32]))
        };
        let agreed = terms(&one, &two);
        let silent = terms(&side("1", ""), &side("2", ""));
        let kind = crate::flow::usual().kind("request").unwrap();
        let lacking = |terms: &Terms, instrument: &str, day: &str| -> Vec<String> {
            let given = format!(r#"{{"measure": "advice", "instrument": "{instrument}"}}"#);
            let plain = form::plain(kind, &object(&given), None);
            let at = crate::clock::instant(day).unwrap();
            let all = lacks(&plain, &[], (terms, at));
            all.iter().filter(|one| one.field == "instrument").map(FieldFault::brief).collect()
        };
        let before = "2030-06-14T15:59:59Z";
        assert!(lacking(&agreed, "budapest", before).is_empty());
        assert_eq!(lacking(&agreed, "hanoi", before), ["instrument (not-yet)"]);
        assert!(lacking(&agreed, "hanoi", "2030-06-14T16:00:00Z").is_empty(), "a day over there");
        for unlisted in ["e-evidence", "directive-2023-977"] {
            assert_eq!(lacking(&agreed, unlisted, before), ["instrument (not-agreed)"]);
        }
        for open in ["reciprocity", "points-2015"] {
            assert!(lacking(&agreed, open, before).is_empty(), "{open} binds nobody");
        }
        assert!(lacking(&silent, "hanoi", before).is_empty(), "nothing is agreed about any");
    }

    #[test]
    fn an_instrument_may_have_languages_of_its_own() {
        let needs = published(
            r#"{"languages": ["zh-CN"], "accepted": [{"instrument": "hanoi",
            "languages": "en, zh-CN"}, "reciprocity"]}"#,
        );
        let given = |instrument: &str| {
            let text = format!(
                r#"{{"measure": "advice", "instrument": "{instrument}", "lang": "en",
                    "facts": "Somebody entered."}}"#
            );
            brief(&text, &needs)
        };
        assert!(given("hanoi").is_empty());
        assert_eq!(given("reciprocity"), ["facts (language-of)"]);
    }

    /// ASK-6: tags of languages, each found; what names none is not signed, and holds nothing up.
    #[test]
    fn languages_are_written_by_their_tags() {
        let given =
            |text: &str| form::check(&KINDS[0], &object(text)).map(|checked| checked.disclosed);
        for good in ["en、zh-CN", "en, zh-CN", "en/zh-CN", "en zh-CN"] {
            let own = format!("hanoi; languages={good}");
            let form = format!(r#"{{"languages": "{good}", "accepted": "{own}"}}"#);
            let needs = given(&form).unwrap();
            assert_eq!(languages(&needs, "hanoi"), ["en", "zh-CN"], "{good}");
            assert_eq!(languages(&needs, "budapest"), ["en", "zh-CN"], "{good}");
        }
        for none in ["English", "cn", "No penalty of death is imposed.", "英文"] {
            for form in [
                format!(r#"{{"languages": "{none}"}}"#),
                format!(r#"{{"languages": ["en", "{none}"]}}"#),
                format!(r#"{{"languages": "en", "accepted": "hanoi; languages={none}"}}"#),
            ] {
                assert!(given(&form).is_err(), "{form}");
            }
        }
        let strange = |list: &str| {
            vec![("languages".to_owned(), object(&format!(r#"{{"x":{list}}}"#)).0[0].1.clone())]
        };
        let held = |published: &[(String, Value)]| {
            brief(r#"{"measure":"advice","lang":"en","facts":"Somebody entered."}"#, published)
        };
        assert!(held(&strange(r#"["English"]"#)).is_empty());
        assert_eq!(held(&strange(r#"["zh"]"#)), ["facts (language-of)"]);
        // What the form shows as an example can be signed as it stands.
        let fields = PUBLISH_NEEDS.iter().filter(|field| !matches!(field.sort, Sort::Choice(_)));
        let shown =
            fields.fold(Object::default(), |out, field| out.with(field.name, form::example(field)));
        assert_eq!(form::check_in(&KINDS[0], &shown, Some("en")).map(|_| ()), Ok(()));
    }

    /// ASK-6: what the receiver says itself of the day from which an instrument binds it.
    #[test]
    fn an_instrument_that_its_receiver_says_is_not_in_force_yet_is_lacking() {
        let needs =
            published(r#"{"languages": "en", "accepted": "hanoi; in_force_from=2035-01-01"}"#);
        let kind = crate::flow::usual().kind("request").unwrap();
        let given = object(r#"{"measure": "advice", "instrument": "hanoi"}"#);
        let plain = form::plain(kind, &given, None);
        let lacking = |day: &str| -> Vec<String> {
            let at = crate::clock::instant(day).unwrap();
            lacks(&plain, &needs, (Terms::usual(), at)).iter().map(FieldFault::brief).collect()
        };
        assert_eq!(lacking("2034-12-31T23:59:59Z"), ["instrument (not-yet)"]);
        assert!(lacking("2035-01-01T00:00:00Z").is_empty());
    }

    #[test]
    fn the_instrument_alone_says_what_is_lacking() {
        let given = r#"{"measure": "preservation", "instrument": "budapest"}"#;
        assert_eq!(brief(given, &[]), ["link (wanted)", "formal_follows (wanted)"]);
        let given = r#"{"measure": "take-down", "instrument": "budapest"}"#;
        assert_eq!(brief(given, &[]), ["measure (not-offered)"]);
        let given = r#"{"measure": "take-down", "instrument": "reciprocity"}"#;
        assert!(brief(given, &[]).is_empty());
    }

    #[test]
    fn the_receiver_says_everything_at_once() {
        let needs = published(
            r#"{"languages": ["zh-CN"], "accepted": ["hanoi", {"instrument": "points-2015",
            "in_force_from": "2015-09-25"}], "wanted": ["any:any:contact", "hanoi:content:period",
            "hanoi:content:identifiers"], "declined": ["any:real-time-traffic"]}"#,
        );
        let given = r#"{"measure": "content", "instrument": "hanoi", "lang": "en",
            "facts": "Somebody entered."}"#;
        let expected = [
            "identifiers (wanted)",
            "contact (wanted)",
            "period (wanted)",
            "facts (language-of)",
            "formal_follows (wanted)",
        ];
        assert_eq!(brief(given, &needs), expected);
        let given = r#"{"measure": "real-time-traffic", "instrument": "budapest", "lang": "zh",
            "facts": "有人侵入。", "contact": "+86 10 5550 0100"}"#;
        let expected =
            ["instrument (not-offered)", "measure (not-offered)", "formal_follows (wanted)"];
        assert_eq!(brief(given, &needs), expected);
    }

    /// ASK-21
    #[test]
    fn a_request_says_of_the_formal_one_what_its_receiver_waits_for() {
        let lacking = |given: &str, formality: &str| {
            let needs = match formality {
                "" => Vec::new(),
                word => published(&format!(r#"{{"languages": ["en"], "formality": "{word}"}}"#)),
            };
            brief(&format!(r#"{{"measure": "take-down", {given}}}"#), &needs)
        };
        let none: [&str; 0] = [];
        let basis = r#""instrument": "reciprocity""#;
        let follows = format!(r#"{basis}, "formal_follows": "yes""#);
        let lodged = format!(r#"{basis}, "lodged_on": "2026-06-01""#);
        let at_night = format!(r#"{follows}, "urgency": "emergency""#);
        for (given, formality, expected) in [
            (basis, "", &none[..]),
            (basis, "no-formal", &none),
            (basis, "formal-follows", &["formal_follows (wanted)"]),
            (&follows, "formal-follows", &none),
            (&lodged, "formal-follows", &none),
            (basis, "formal-first", &["lodged_on (wanted)"]),
            (&follows, "formal-first", &["lodged_on (wanted)"]),
            (&lodged, "formal-first", &none),
            (&at_night, "formal-first", &none),
        ] {
            assert_eq!(lacking(given, formality), expected, "{given} {formality}");
        }
        let not = format!(r#"{basis}, "formal_follows": "no""#);
        assert_eq!(lacking(&not, "formal-follows"), ["formal_follows (wanted)"]);
        // Where the receiver says nothing of it, the instrument does.
        let freeze = |more: &str, formality: &str| {
            let given = format!(r#""instrument": "hanoi", "measure": "freezing"{more}"#);
            let needs = published(&format!(r#"{{"languages": ["en"]{formality}}}"#));
            brief(&format!("{{{given}}}"), &needs)
        };
        assert_eq!(freeze("", ""), ["formal_follows (wanted)"]);
        assert!(freeze(r#", "lodged_on": "2026-06-01""#, "").is_empty());
        assert!(freeze("", r#", "formality": "no-formal""#).is_empty(), "the receiver waives it");
    }

    /// ASK-12
    #[test]
    fn an_address_alone_names_nobody() {
        let alone = |measure: &str, identifier: &str| {
            let given = format!(
                r#"{{"measure": "{measure}", "instrument": "reciprocity",
                    "identifiers": ["account:a-17", {identifier}]}}"#
            );
            brief(&given, &[])
        };
        let expected = ["identifiers.2 (address-alone)"];
        assert_eq!(alone("subscriber-data", r#""ip:192.0.2.7""#), expected);
        let timed = r#"{"sort": "ip", "value": "192.0.2.7", "at": 1780000000}"#;
        assert_eq!(alone("traffic-data", timed), expected);
        let whole = r#"{"sort": "ip", "value": "2001:db8::7", "port": 51514, "at": 1780000000}"#;
        assert!(alone("subscriber-data", whole).is_empty());
        // A range of one is one address.
        for one in ["192.0.2.7/32", "2001:db8::7/128"] {
            assert_eq!(alone("subscriber-data", &format!(r#""ip:{one}""#)), expected, "{one}");
        }
        for range in ["192.0.2.0/24", "2001:db8::/32"] {
            assert!(alone("subscriber-data", &format!(r#""ip:{range}""#)).is_empty(), "{range}");
        }
        assert!(alone("take-down", r#""ip:192.0.2.7""#).is_empty());
        // Without any identifier nobody is asked for at all.
        let none = r#"{"measure": "subscriber-data", "instrument": "reciprocity"}"#;
        assert_eq!(brief(none, &[]), ["identifiers (missing)"]);
    }

    #[test]
    fn a_publication_names_only_what_a_request_has() {
        let request = crate::flow::usual().kind("request").unwrap();
        for name in FIELDS {
            assert!(request.field(name).is_some_and(|field| !field.required()), "{name}");
        }
        // What opens an attachment comes with it.
        let optional = request.fields.iter().filter(|f| !f.required() && f.name != "attached");
        assert_eq!(optional.count(), FIELDS.len());
        let wrong = object(r#"{"languages": ["en"], "wanted": ["any:any:colour"]}"#);
        assert_eq!(form::check(&KINDS[0], &wrong).unwrap_err().len(), 1);
        assert_eq!((INSTRUMENT_OR_ANY[0], INSTRUMENT_OR_ANY[1]), ("any", "budapest"));
    }

    /// ASK-6.
    #[test]
    fn the_newest_publication_counts() {
        let act = |number: u8| Act {
            entry: counterpart_record::id::Entry([number; 32]),
            half: Half::Asking,
            kind: "publish-needs".into(),
            body: object(r#"{"formality": "no-formal"}"#),
            re: Vec::new(),
            logged_at: 1,
            held_at: None,
        };
        let (one, two) = (act(1), act(2));
        assert_eq!(FLOW.permitted(&[], &[], &one), Ok(()));
        assert_eq!(FLOW.permitted(&[&one], &[], &two), Ok(()));
        let state = FLOW.state(Past { asking: &[&one, &two], answering: &[] }, Terms::usual(), 9);
        assert_eq!((state.stage, state.closed), ("needs-published", true));
        assert_eq!(state.fact("publications"), Some(&Value::Int(2)));
        let none = FLOW.state(Past { asking: &[], answering: &[] }, Terms::usual(), 9);
        assert_eq!(none.stage, "needs-none");
        let answer = Act { half: Half::Answering, ..one };
        assert_eq!(FLOW.permitted(&[], &[], &answer), Err(Void::HALF));
    }
}
