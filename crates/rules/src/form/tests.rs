use super::*;
use crate::flow::{flow, flows};
use crate::say::{Lang, known, render};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::{parse, parse_object};
use proptest::prelude::*;

fn kind(name: &str) -> &'static Kind {
    flow("assistance/1").unwrap().kind(name).unwrap()
}

fn object(text: &str) -> Object {
    parse_object(text.as_bytes()).unwrap()
}

/// A request as an officer writes it in a file.
fn request() -> Object {
    object(
        r#"{"lang": "en", "type": "new", "measure": "preservation", "instrument": "budapest",
        "urgency": "urgent", "urgency_why": "Logs are overwritten after seven days.",
        "reply_by": "2030-06-14T09:00:00+08:00", "offence": "computer-fraud",
        "max_penalty": "10 years", "purpose": "investigation",
        "legal_basis": "Article 29", "authorising_body": "District Court",
        "necessity": "No other trace is left.", "persons.suspect": "1",
        "persons.suspect_minors": 0,
        "assured": "none",
        "facts": "Invoices were redirected.\nThree firms paid.", "confidential": "yes",
        "identifiers": ["ip:192.0.2.7", {"sort": "account", "value": "a-17", "at": 1780000000}],
        "period": "2030-06-01T00:00:00Z/2030-06-02T00:00:00Z", "contact": ""}"#,
    )
}

fn brief(faults: &[FieldFault]) -> Vec<String> {
    let mut brief: Vec<String> = faults.iter().map(FieldFault::brief).collect();
    brief.sort();
    brief
}

#[test]
fn a_form_becomes_a_body_and_disclosures() {
    let checked = check(kind("request"), &request()).unwrap();
    assert_eq!(
        Value::Object(checked.body.clone()).to_text(),
        r#"{"instrument":"budapest","measure":"preservation","type":"new","urgency":"urgent","#
            .to_owned()
            + r#""reply_by":1907629200,"offence":"computer-fraud","max_penalty":"P10Y","#
            + r#""purpose":"investigation","persons":{"suspect":1,"suspect_minors":0},"#
            + r#""assured":"none","confidential":true}"#
    );
    let names: Vec<&str> = checked.disclosed.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "urgency_why",
        "legal_basis",
        "authorising_body",
        "necessity",
        "facts",
        "identifiers",
        "period",
    ];
    assert_eq!(names, expected);
    let rows = &checked.disclosed[5].1.to_text();
    assert_eq!(
        *rows,
        r#"[{"sort":"ip","value":"192.0.2.7"},{"sort":"account","value":"a-17","at":1780000000}]"#
    );
    assert_eq!(checked.disclosed[1].1.to_text(), r#"{"lang":"en","text":"Article 29"}"#);
}

#[test]
fn what_is_signed_passes_the_foreign_check_and_checks_again() {
    let checked = check(kind("request"), &request()).unwrap();
    assert_eq!(check_coded(kind("request"), &checked.body), Ok(()));
    assert_eq!(check_disclosed(kind("request"), &checked.disclosed), Ok(()));
    let mut whole = checked.body.clone();
    whole.0.extend(checked.disclosed.clone());
    assert_eq!(check(kind("request"), &whole).unwrap(), checked);
}

/// ASK-6: editions differ in the instruments that they know, and in no verdict.
#[test]
fn a_name_that_only_another_edition_knows_is_right_in_an_act_and_wrong_in_our_own_form() {
    let kind = kind("request");
    let strange = request().with("instrument", "warsaw-2031");
    assert_eq!(brief(&check(kind, &strange).unwrap_err()), ["instrument (choice)"]);
    let one = check_field(kind, "instrument", &"warsaw-2031".into(), None);
    assert_eq!(brief(&one.unwrap_err()), ["instrument (choice)"]);
    let body = check(kind, &request()).unwrap().body;
    let named = |name: &str| check_coded(kind, &body.clone().with("instrument", name));
    assert_eq!(named("warsaw-2031"), Ok(()));
    for none in ["", "two words", "a/b", &"a".repeat(65)] {
        assert_eq!(brief(&named(none).unwrap_err()), ["instrument (choice)"], "{none}");
    }
    // Other lists are closed: they belong to the version of the flow.
    let measure = body.clone().with("measure", "warsaw-2031");
    assert_eq!(brief(&check_coded(kind, &measure).unwrap_err()), ["measure (choice)"]);
}

#[test]
fn every_fault_is_reported_at_once() {
    let mut given = request();
    given.0.retain(|(name, _)| !["facts", "urgency_why", "persons.suspect"].contains(&&**name));
    given.set("urgency", "emergency");
    given.set("measure", "everything");
    given.set("reply_by", "2030-06-14T09:00:00");
    given.set("max_penalty", "very long");
    given.set("necessity", "x".repeat(4_001));
    given.set("legal_basis", "a\u{7}b");
    given.set("persons.suspect_minors", -1_i64);
    given.set("persons.robot", 1_i64);
    given.set("period", "2030-06-02T00:00:00Z/2030-06-01T00:00:00Z");
    given.set("formal_by", "2030-02-30");
    given.set("custodian", object(r#"{"lang": "not a tag", "text": "x"}"#));
    given.set("identifiers", parse(br#"["somewhere", {"sort": "ip"}]"#).unwrap());
    given.set("colour", "blue");
    let faults = check(kind("request"), &given).unwrap_err();
    assert_eq!(
        brief(&faults),
        [
            "colour (unknown)",
            "custodian (language)",
            "facts (missing)",
            "formal_by (type-date)",
            "identifiers.1 (row)",
            "identifiers.2.value (missing)",
            "legal_basis (character)",
            "max_penalty (type-penalty)",
            "measure (choice)",
            "necessity (long)",
            "period (backward)",
            "persons (missing)",
            "persons.robot (unknown)",
            "persons.suspect_minors (range)",
            "reply_by (type-instant)",
            "urgency_why (missing)",
        ]
    );
    let fault = as_fault(&faults);
    assert_eq!(fault.code, Code::FieldsWrong);
    for entry in brief(&faults) {
        assert!(fault.at.contains(&entry), "{entry}");
    }
}

/// ASK-1.
#[test]
fn an_empty_right_is_not_signable() {
    for name in [
        "instrument",
        "legal_basis",
        "purpose",
        "authorising_body",
        "offence",
        "max_penalty",
        "necessity",
        "assured",
    ] {
        let mut given = request();
        given.set(name, "  ");
        let faults = check(kind("request"), &given).unwrap_err();
        assert_eq!(brief(&faults), [format!("{name} (missing)")]);
    }
    let mut given = request();
    given.0.retain(|(name, _)| !name.starts_with("persons"));
    given.set("persons", Object::default());
    assert_eq!(brief(&check(kind("request"), &given).unwrap_err()), ["persons (missing)"]);
    // Whoever they are, in some role they are.
    given.set("persons", object(r#"{"victim_minors": 3}"#));
    assert_eq!(brief(&check(kind("request"), &given).unwrap_err()), ["persons (missing)"]);
    let coded = check(kind("request"), &request()).unwrap().body;
    let coded = coded.with("persons", object(r#"{"victim_minors": 3}"#));
    assert_eq!(brief(&check_coded(kind("request"), &coded).unwrap_err()), ["persons (missing)"]);
}

/// ASK-2: conditions of which each says no are none.
#[test]
fn an_offer_has_a_condition() {
    let kind = kind("offer");
    let given = |condition: &str| {
        let form = object(r#"{"extent": "full", "conditions": "As named.", "lang": "en"}"#);
        form.with("condition", object(condition))
    };
    let none = r#"{"no_evidence": false, "confidential": false}"#;
    for none in ["{}", none, r#"{"no_evidence": "no"}"#] {
        assert_eq!(brief(&check(kind, &given(none)).unwrap_err()), ["condition (missing)"]);
    }
    let foreign = object(r#"{"extent": "full"}"#).with("condition", object(none));
    assert_eq!(brief(&check_coded(kind, &foreign).unwrap_err()), ["condition (missing)"]);
    let one = given(r#"{"no_evidence": "yes", "confidential": "no"}"#);
    assert!(check(kind, &one).is_ok());
}

#[test]
fn a_plain_text_needs_a_language() {
    let mut given = request();
    given.0.retain(|(name, _)| name != "lang");
    let faults = check(kind("request"), &given).unwrap_err();
    assert!(faults.iter().all(|fault| fault.wrong == Wrong::NoLanguage));
    assert_eq!(faults.len(), 5);
    let mut given = request();
    given.set("lang", "en_GB");
    assert_eq!(brief(&check(kind("request"), &given).unwrap_err()), ["lang (language)"]);
}

#[test]
fn one_field_given_twice_is_a_fault() {
    let given = object(r#"{"persons.suspect": 1, "persons": {"suspect": 2}, "lang": "en"}"#);
    let faults = check(kind("request"), &given).unwrap_err();
    assert!(brief(&faults).contains(&"persons (twice)".to_owned()), "{faults:?}");
}

#[test]
fn foreign_bodies_are_closed_and_hold_no_text() {
    let given = r#"{"ground": "own-law", "article": "Section 12(3)", "text": "It is so.",
        "lang": "en"}"#;
    let body = check(kind("refuse"), &object(given));
    let body = body.unwrap().body;
    assert_eq!(check_coded(kind("refuse"), &body), Ok(()));
    for (name, value, expected) in [
        ("text", r#"{"lang": "en", "text": "No."}"#, "text (unknown)"),
        ("article", r#""Section 12(3)""#, "article (unknown)"),
        ("ground", r#""bank-secrecy""#, "ground (choice)"),
        ("ground", "null", "ground (choice)"),
        ("note", "1", "note (unknown)"),
    ] {
        let mut foreign = body.clone();
        foreign.set(name, parse(value.as_bytes()).unwrap());
        assert_eq!(brief(&check_coded(kind("refuse"), &foreign).unwrap_err()), [expected]);
    }
    let faults = check_coded(kind("refuse"), &Object::default()).unwrap_err();
    assert_eq!(brief(&faults), ["ground (missing)"]);
    // A foreign body is read strictly: no help with spelling.
    let lenient = object(r#"{"extent": "full", "final": "yes"}"#);
    let faults = check_coded(kind("answer"), &lenient).unwrap_err();
    assert_eq!(brief(&faults), ["final (type-flag)"]);
}

#[test]
fn foreign_disclosures_are_known_once_and_of_their_type() {
    let text = parse(r#"{"lang": "zh-CN", "text": "不予协助。"}"#.as_bytes()).unwrap();
    let pair = |name: &str, value: &Value| (name.to_owned(), value.clone());
    assert_eq!(check_disclosed(kind("refuse"), &[]), Ok(()));
    assert_eq!(check_disclosed(kind("refuse"), &[pair("text", &text)]), Ok(()));
    let given = [
        pair("text", &text),
        pair("text", &text),
        pair("ground", &Value::from("own-law")),
        pair("would_help", &Value::from("plain")),
        pair("reference", &Value::from("two\nlines")),
    ];
    let faults = check_disclosed(kind("refuse"), &given).unwrap_err();
    assert_eq!(
        brief(&faults),
        ["ground (unknown)", "reference (character)", "text (twice)", "would_help (no-language)",]
    );
}

#[test]
fn a_tag_names_a_language_with_or_without_its_region() {
    for (one, other) in [("en", "en"), ("zh", "zh-CN"), ("ZH-cn", "zh"), ("zh-Hans-CN", "zh")] {
        assert!(same_language(one, other), "{one} {other}");
    }
    for (one, other) in [("zh-CN", "zh-TW"), ("en", "end"), ("en", "zh")] {
        assert!(!same_language(one, other), "{one} {other}");
    }
}

#[test]
fn penalties_have_one_spelling() {
    for good in ["fine", "life", "death", "P6M", "P10Y", "P999M"] {
        assert!(judge::is_penalty(good), "{good}");
    }
    for bad in ["", "P", "PY", "P0Y", "P01Y", "P1000M", "P1D", "10Y", "P+1Y", "P１Y", "Life"] {
        assert!(!judge::is_penalty(bad), "{bad}");
    }
}

#[test]
fn prompts_have_labels_and_their_answers_make_a_form() {
    for kind in flows().iter().flat_map(|flow| flow.kinds()) {
        for prompt in prompts(kind) {
            for lang in Lang::ALL {
                assert!(known(lang, &prompt.label.key), "{}", prompt.label.key);
                assert!(known(lang, &prompt.hint.key), "{}", prompt.hint.key);
                for word in prompt.choices {
                    assert!(known(lang, &prompt.choice(word).key), "{word}");
                }
            }
            // A name that a prompt asks for is never unknown to the form.
            let given = Object::default().with(&prompt.name, "x");
            let faults = check(kind, &given).err().unwrap_or_default();
            assert!(faults.iter().all(|f| f.wrong != Wrong::Unknown), "{}", prompt.name);
        }
    }
    let names: Vec<String> = prompts(kind("request")).into_iter().map(|p| p.name).collect();
    assert!(names.contains(&"persons.victim".to_owned()));
    // ASK-10
    assert_eq!(names[..2], ["instrument", "measure"]);
}

#[test]
fn conditions_name_a_choice_of_the_same_form() {
    for kind in flows().iter().flat_map(|flow| flow.kinds()) {
        for field in kind.fields {
            if let Need::When(other, words) = field.need {
                let Some(Sort::Choice(list)) = kind.field(other).map(|field| &field.sort) else {
                    panic!("{}: {other} is not a choice", field.name);
                };
                assert!(words.iter().all(|word| list.contains(word)), "{}", field.name);
            }
        }
    }
}

#[test]
fn the_schema_is_closed_and_names_what_is_needed() {
    let schema = schema(kind("request"));
    assert_eq!(schema.get("additionalProperties"), Some(&Value::Bool(false)));
    let required = schema.get("required").unwrap().as_array().unwrap();
    assert!(required.contains(&Value::from("persons")));
    assert!(!required.contains(&Value::from("urgency_why")));
    let text = Value::Object(schema.clone()).to_text();
    assert!(text.contains(r#""if":{"properties":{"urgency":{"enum":["emergency","urgent"]}}"#));
    // It is JSON that our own strict reader takes, and every field is in it.
    assert_eq!(parse(text.as_bytes()).unwrap(), Value::Object(schema.clone()));
    let properties = schema.get("properties").unwrap().as_object().unwrap();
    for field in kind("request").fields {
        let disclosed = properties.get(field.name).unwrap().as_object().unwrap().get("x-disclosed");
        assert_eq!(disclosed.is_some(), field.disclosed(), "{}", field.name);
    }
}

#[test]
fn field_faults_have_phrases() {
    let words: &[&str] = &["a", "b"];
    let mut wrongs = vec![
        Wrong::Missing,
        Wrong::Unknown,
        Wrong::Twice,
        Wrong::NotAChoice(words),
        Wrong::TooLong(7),
        Wrong::OutOfRange(1, 7),
        Wrong::Character,
        Wrong::Language,
        Wrong::NoLanguage,
        Wrong::Backward,
        Wrong::Wanted("hanoi 42".into()),
        Wrong::NotOffered("peer".into()),
        Wrong::Spent,
        Wrong::LanguageOf("en/zh-CN".into()),
        Wrong::Row("sort:value".into()),
        Wrong::SameLanguage("en".into()),
        Wrong::Past(1_780_315_200),
        Wrong::Ahead(1_780_315_200),
        Wrong::TooSoon(1_780_315_200),
        Wrong::HeldUntil(1_780_315_200),
        Wrong::NoLater(1_780_315_200),
        Wrong::TooLate(1_780_315_200),
        Wrong::NotOfSort("ip".into()),
        Wrong::AddressAlone,
        Wrong::NotSo,
        Wrong::Awaited,
        Wrong::Nobody,
    ];
    let types = [
        "flag",
        "whole",
        "instant",
        "date",
        "token",
        "penalty",
        "line",
        "text",
        "group",
        "span",
        "rows",
        "attachments",
        "party",
    ];
    wrongs.extend(types.map(Wrong::Type));
    for wrong in wrongs {
        let fault = FieldFault::new("facts", wrong);
        for lang in Lang::ALL {
            assert!(known(lang, &fault.say().key), "{}", fault.say().key);
            let text = render(lang, &fault.say());
            assert!(text.contains("facts") && !text.contains('{'), "{text}");
            let word = fault.word();
            assert!(word.starts_with("type-") || known(lang, &format!("wrong-{word}")), "{word}");
        }
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(|n| Value::Int(i64::from(n))),
        "[a-z]{0,6}|P[0-9]{1,3}Y|2030-0[1-9]-1[0-9]|ip:[0-9.]{1,9}".prop_map(Value::Str),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let name = prop_oneof!["lang", "text", "from", "to", "sort", "value", "suspect"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(name, inner, 0..3)
                .prop_map(|members| Value::Object(Object(members.into_iter().collect()))),
        ]
    })
}

proptest! {
    /// Whatever is given, the check ends, and what it lets through passes the strict checks.
    #[test]
    fn what_passes_is_strict(
        which in 0usize..8,
        picks in prop::collection::vec((0usize..30, any_value()), 0..12),
    ) {
        let kind = &flow("assistance/1").unwrap().kinds()[which];
        let mut given = Object::default().with("lang", "en");
        for (pick, value) in picks {
            given.set(kind.fields[pick % kind.fields.len()].name, value);
        }
        if let Ok(checked) = check(kind, &given) {
            prop_assert_eq!(check_coded(kind, &checked.body), Ok(()));
            prop_assert_eq!(check_disclosed(kind, &checked.disclosed), Ok(()));
        }
    }
}

#[test]
fn other_matters_are_named_whole_and_once() {
    let raise = crate::flow::opened_by("raise").unwrap().kind("raise").unwrap();
    let id = |n: u8| format!("{:032x}", n);
    let given = |matters: Value| {
        let words = Object::default().with("lang", "en").with("text", "Are you there?");
        let form = Object::default().with("urgency", "flash").with("topic", "other");
        let form = form.with("text", words).with("matters", matters);
        check(raise, &form).map(|checked| checked.body.get("matters").cloned())
    };
    let both = Value::from(vec![id(1), id(2)]);
    assert_eq!(given(both.clone()), Ok(Some(both.clone())));
    assert_eq!(given(Value::from(format!("{}, {}", id(1), id(2)))), Ok(Some(both)));
    let wrong = |matters: Value| given(matters).unwrap_err().remove(0).wrong;
    assert_eq!(wrong(vec![id(1), id(1)].into()), Wrong::Twice);
    assert_eq!(wrong(vec!["1f0c"].into()), Wrong::Type("matters"));
    assert_eq!(wrong(vec![id(1).to_uppercase().replace('0', "A")].into()), Wrong::Type("matters"));
    assert_eq!(wrong(Value::Array(vec![])), Wrong::Type("matters"));
    let many: Vec<String> = (0..21).map(id).collect();
    assert_eq!(wrong(many.into()), Wrong::TooLong(20));
}

/// Every field of every form can be typed: its own example passes its own check, alone and as the
/// answer to its question, and every field is asked for.
#[test]
fn every_field_of_every_kind_takes_its_own_example() {
    let mut seen = 0;
    for kind in flows().iter().flat_map(|flow| flow.kinds()) {
        let prompts = prompts(kind);
        for prompt in &prompts {
            let given = Value::from(example(prompt.field));
            let checked = check_field(kind, &prompt.name, &given, Some("en"));
            if matches!(prompt.field.sort, Sort::Sheet(_)) {
                // A sheet is read as JSON; what it must hold is for its own reader to say.
                let faults = checked.unwrap_err();
                assert!(faults.iter().all(|f| f.field.starts_with("sheet.")), "{faults:?}");
            } else {
                assert_eq!(checked, Ok(()), "{} {}: {given:?}", kind.name, prompt.name);
            }
            seen += 1;
        }
        for field in kind.fields.iter().filter(|field| !kind.is_attachment(field.name)) {
            let asked = |prompt: &Prompt| prompt.name.split('.').next() == Some(field.name);
            assert!(prompts.iter().any(asked), "{} {}", kind.name, field.name);
        }
    }
    assert!(seen > 150, "{seen}");
}

#[test]
fn a_row_is_one_line_with_every_member() {
    let read = |kind: &Kind, name: &str, line: &str| {
        let given = Object::default().with(name, line).with("lang", "en");
        let mut faults = Vec::new();
        let plain = read::plain(kind, &given, None, &mut faults);
        plain.get(name).map(Value::to_text).unwrap_or_default()
    };
    let request = kind("request");
    let both = "who=Ministry; of Justice; text=None; is used.; until=2031-06-14; scope=all";
    assert_eq!(
        read(request, "assurances", both),
        r#"[{"who":"Ministry; of Justice","text":{"lang":"en","text":"None; is used."},"#
            .to_owned()
            + r#""until":"2031-06-14","scope":{"lang":"en","text":"all"}}]"#
    );
    assert_eq!(
        read(request, "identifiers", "ip：192.0.2.7；port＝443; at=2030-06-14T09:00:00+08:00;"),
        r#"[{"sort":"ip","value":"192.0.2.7","port":443,"at":1907629200}]"#
    );
    let say = crate::flow::opened_by("raise").unwrap().kind("say").unwrap();
    assert_eq!(
        read(say, "translations", "human:正在核实。; lang=zh-CN"),
        r#"[{"translated_by":"human","text":{"lang":"zh-CN","text":"正在核实。"}}]"#
    );
    // What cannot be read stays as it is, and its fault says how it is written.
    for line in ["Ministry of Justice", "who=A; who=B; text=C", "; text=C"] {
        let given = Value::from(line);
        let faults = check_field(request, "assurances", &given, Some("en")).unwrap_err();
        assert!(faults.iter().any(|f| f.field.starts_with("assurances.1")), "{line}: {faults:?}");
    }
    let given = Value::from("Ministry of Justice");
    let fault = check_field(request, "assurances", &given, Some("en")).unwrap_err().remove(0);
    assert!(render(Lang::En, &fault.say()).contains("who=...; text=..."), "{:?}", fault.say());
}

/// CAL-7
#[test]
fn a_text_is_signed_in_its_own_language_and_translated_into_another() {
    let say = crate::flow::opened_by("raise").unwrap().kind("say").unwrap();
    let said = |given: &str, usual: &str| {
        let checked = check_in(say, &object(given), Some(usual))?;
        let text = checked.disclosed[0].1.as_object().and_then(|text| text.get("lang")).cloned();
        Ok::<_, Vec<FieldFault>>(text.unwrap())
    };
    let plain = r#"{"text": "正在核实。"}"#;
    assert_eq!(said(plain, "en"), Ok("zh".into()));
    assert_eq!(said(plain, "zh-CN"), Ok("zh-CN".into()));
    // What the author says of it is not doubted.
    assert_eq!(said(r#"{"text": "正在核实。", "lang": "zh-TW"}"#, "en"), Ok("zh-TW".into()));
    let translated = r#"{"text": "正在核实。", "translations": ["human:We check.; lang=en"]}"#;
    assert_eq!(said(translated, "en"), Ok("zh".into()));
    let same = r#"{"text": "We check.", "translations": ["human:We check.; lang=en-GB"]}"#;
    assert_eq!(brief(&said(same, "en").unwrap_err()), ["translations.1 (same-language)"]);
}
