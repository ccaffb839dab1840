use crate::act::{Act, Half};
use crate::clock::{Limit, Sort, Timer, Verdict, instant};
use crate::flow::assistance::FLOW;
use crate::flow::assistance::case::{Case, DAY, HOUR, START, hold};
use crate::flow::{Past, Reader};
use crate::say::{Lang, known};
use crate::terms::{Sheet, Terms};
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::{Value, parse_object};

/// Each instrument and urgency starts its own clock, from receipt and not before. CLK-4.
#[test]
fn the_instrument_sets_the_clocks() {
    let held = START + 60;
    for (instrument, measure, urgency, id, due) in [
        ("directive-2023-977", "information", "emergency", "P-977-U1", held + 8 * HOUR),
        ("directive-2023-977", "information", "urgent", "P-977-U1", held + 8 * HOUR),
        ("directive-2023-977", "information", "normal", "P-977-N", START + 7 * DAY + DAY / 2 - 1),
        ("e-evidence", "content", "emergency", "P-EPO-8", held + 8 * HOUR),
        ("e-evidence", "content", "normal", "P-EPO-10", START + 10 * DAY + DAY / 2 - 1),
        ("points-2015", "information", "normal", "P-DTL-48", held + 48 * HOUR),
    ] {
        let mut case = Case::asked(instrument, measure, urgency, "");
        let timer = case.timer(id, START + HOUR).unwrap();
        assert_eq!((timer.started_at, timer.due), (held, due), "{id}");
        let running = case.state(Terms::usual(), START + HOUR).timers;
        // Beside the week that the law leaves there is the aim of a first answer.
        // An own reminder of the provider leaves an emergency without a term.
        let aim = |timer: &&Timer| ["P-SIENA", "P-EMERGENCY"].contains(&timer.profile);
        let aims = running.iter().filter(aim).count();
        let aimed = ["P-977-N", "P-EPO-8"].contains(&id);
        assert_eq!((running.len(), aims), (1 + aims, usize::from(aimed)), "{id}");
        case.asking[0].held_at = None;
        assert!(case.state(Terms::usual(), START + 9 * DAY).timers.is_empty(), "{id}");
    }
}

/// CLK-40: only who has it knows whether it is at hand, and says so in time.
#[test]
fn what_is_urgent_is_due_in_eight_hours_unless_it_has_to_be_fetched() {
    for urgency in ["emergency", "urgent", "normal"] {
        let short = (urgency != "normal").then_some(START + 60 + 8 * HOUR);
        let long = (urgency != "normal").then_some(START + 3 * DAY + DAY / 2 - 1);
        for (said, at, expected) in [
            (None, 0, (short, None)),
            (Some(r#"{"at_hand":true}"#), START + HOUR, (short, None)),
            (Some(r#"{"at_hand":false}"#), START + HOUR, (None, long)),
            (Some(r#"{"at_hand":false}"#), START + 9 * HOUR, (short, None)),
        ] {
            for kind in ["acknowledge", "take-up"] {
                let mut case = Case::asked("directive-2023-977", "information", urgency, "");
                said.iter().for_each(|body| {
                    case.reply(kind, body, at);
                });
                let due = |id| case.timer(id, START + DAY).map(|timer| timer.due);
                assert_eq!((due("P-977-U1"), due("P-977-U2")), expected, "{urgency} {said:?}");
            }
        }
    }
}

/// An act of the answering side: its kind and its body.
type Said = (&'static str, &'static str);

const RECOGNISED: Said = ("recognise", r#"{"recognised":"whole"}"#);
const ACKNOWLEDGED: Said = ("acknowledge", "{}");
const INTENT: Said =
    ("intend-to-refuse", r#"{"ground":"press-freedom","supplement_by":1790000000}"#);
const ANSWER: Said = ("answer", r#"{"extent":"full","final":true}"#);
const PROVIDER: &str = r#","capacity":"provider""#;
const NOTIFIED: &str = r#","capacity":"notified""#;
const SECOND: &str = "budapest-2nd-protocol";
const ORDER: &str = "directive-2014-41";
const POLICE: &str = "directive-2023-977";
const TRAFFIC: &str = "traffic-data";
const BARE: &str = "";

/// A clock; the instrument, measure, urgency and more of a request by which it runs; how many
/// days or hours; whether it starts with the decision; and what ends it.
type Row = (&'static str, [&'static str; 4], (u64, u64), bool, Said);

const RUNS: &[Row] = &[
    ("P-BUD-35", ["budapest", "content", "emergency", BARE], (0, 0), false, ACKNOWLEDGED),
    ("P-SAP-7", [SECOND, "subscriber-data", "normal", PROVIDER], (30, 0), false, ANSWER),
    ("P-SAP-8", [SECOND, TRAFFIC, "normal", BARE], (45, 0), false, RECOGNISED),
    ("P-SAP-8-SUB", [SECOND, "subscriber-data", "normal", BARE], (20, 0), true, ANSWER),
    ("P-SAP-8-TRA", [SECOND, TRAFFIC, "normal", BARE], (45, 0), true, ANSWER),
    ("P-EPO-REF", ["e-evidence", "content", "normal", NOTIFIED], (10, 0), false, INTENT),
    ("P-EPO-REF", ["e-evidence", "content", "urgent", NOTIFIED], (10, 0), false, RECOGNISED),
    ("P-EPO-REF-8", ["e-evidence", TRAFFIC, "emergency", NOTIFIED], (0, 96), false, INTENT),
    ("P-EIO-ACK", [ORDER, "content", "normal", BARE], (7, 0), false, ACKNOWLEDGED),
    ("P-EIO-REC", [ORDER, "content", "normal", BARE], (30, 0), false, RECOGNISED),
    ("P-EIO-EXE", [ORDER, "content", "normal", BARE], (90, 0), true, ANSWER),
    ("P-SIENA", [POLICE, "information", "normal", BARE], (5, 0), false, ACKNOWLEDGED),
];

/// Every profile that this version runs for a request runs somewhere: who must act, from what
/// on, and what ends it.
#[test]
fn clocks_of_every_instrument_run_from_their_start_to_their_end() {
    for (id, [instrument, measure, urgency, more], (days, hours), decided, ending) in RUNS {
        let mut case = Case::asked(instrument, measure, urgency, more);
        if *decided {
            assert!(case.timer(id, START + HOUR).is_none(), "{id} before the decision");
            case.reply(RECOGNISED.0, RECOGNISED.1, START + 2 * HOUR);
        }
        let due = match (days, hours) {
            (0, hours) => START + 60 + hours * HOUR,
            (days, _) => START + days * DAY + DAY / 2 - 1,
        };
        let runs = case.timer(id, START + 3 * HOUR).unwrap_or_else(|| panic!("{id}"));
        assert_eq!((runs.who, runs.due), (Half::Answering, due), "{id}");
        assert!(runs.runs(), "{id}");
        case.reply(ending.0, ending.1, START + 4 * HOUR);
        let ended = case.timer(id, START + 100 * DAY).unwrap();
        assert_eq!(ended.stopped_at, Some(START + 4 * HOUR), "{id}");
    }
    // What a provider is asked itself is no matter of the authorities, and the reverse.
    let direct = Case::asked(SECOND, "subscriber-data", "normal", PROVIDER);
    assert!(direct.timer("P-SAP-8", START + HOUR).is_none());
    let notice = Case::asked("e-evidence", "content", "normal", NOTIFIED);
    assert!(notice.timer("P-EPO-10", START + HOUR).is_none());
}

/// CLK-8: what a person says first is a first answer, whatever it is.
#[test]
fn any_word_of_the_other_side_is_a_first_answer() {
    let hold = format!(
        r#"{{"effected_at":{START},"holds_until":{},"custodian_class":"platform",
            "secured":"all","final":false}}"#,
        START + 90 * DAY
    );
    let late = r#"{"postponed_for":"workload","review_on":"2026-06-30"}"#;
    let words: &[(&str, &str, bool)] = &[
        ("acknowledge", "{}", true),
        ("take-up", "{}", true),
        ("recognise", RECOGNISED.1, true),
        ("ask", r#"{"about":"period"}"#, true),
        ("warn", r#"{"danger":"would-alert"}"#, true),
        ("examine", "{}", true),
        ("status", r#"{"progress":"queued"}"#, true),
        ("postpone", late, true),
        ("preserve", &hold, true),
        ("intend-to-refuse", INTENT.1, true),
        ("offer", r#"{"extent":"full","condition":{"confidential":true}}"#, true),
        ("answer", r#"{"extent":"partial","final":false}"#, true),
        ("refuse", r#"{"ground":"not-available"}"#, true),
        ("transfer", r#"{"goes_on":"here"}"#, false),
        ("appraise-request", r#"{"quality":"wrong-channel"}"#, false),
    ];
    for (kind, body, has_it) in words {
        for (id, [instrument, measure, urgency], met) in [
            ("P-SIENA", [POLICE, "information", "normal"], true),
            ("P-BUD-35", ["budapest", "content", "emergency"], true),
            ("P-EIO-ACK", [ORDER, "content", "normal"], *has_it),
        ] {
            let mut case = Case::asked(instrument, measure, urgency, "");
            case.reply(kind, body, START + 4 * HOUR);
            case.reply("status", r#"{"progress":"queued"}"#, START + 9 * HOUR);
            let ended = case.timer(id, START + 100 * DAY).unwrap().stopped_at;
            let at = if met { 4 * HOUR } else { 9 * HOUR };
            assert_eq!(ended, Some(START + at), "{id}: {kind}");
        }
    }
}

/// CLK-7: help that is due at once is measured by how long it took, and never late.
#[test]
fn what_is_due_at_once_is_waited_for_and_never_late() {
    let mut case = Case::asked("budapest", "preservation", "emergency", "");
    let observed = |case: &Case| {
        let (asking, answering): (Vec<&Act>, Vec<&Act>) =
            (case.asking.iter().collect(), case.answering.iter().collect());
        FLOW.observe(Past { asking: &asking, answering: &answering }, Terms::usual()).remove(0)
    };
    let now = START + 3 * HOUR;
    let lines = |case: &Case, lang| {
        case.state(Terms::usual(), now).lines(lang, Reader::Of(Half::Answering, now)).join("\n")
    };
    let open = case.state(Terms::usual(), now);
    assert!(!open.overdue && open.timers.iter().all(|timer| !timer.overdue));
    assert!(lines(&case, Lang::En).contains("(at once), since "), "{}", lines(&case, Lang::En));
    let zh = lines(&case, Lang::ZhCn);
    assert!(zh.contains("（立即办理）") && !zh.contains("期限 立即"), "{zh}");
    assert!(observed(&case).terms.is_empty(), "neither met nor owed");
    case.reply("status", r#"{"progress":"queued"}"#, START + 2 * HOUR);
    let seen = observed(&case);
    assert!(seen.terms.is_empty());
    let wait = seen.waits.iter().find(|wait| wait.name == "first-word").unwrap();
    assert!(matches!(wait.end, crate::measure::End::Reached(_)));
    let said = lines(&case, Lang::En);
    assert!(said.contains("met after 1 h 59 min") && !said.contains("late"), "{said}");
    // Nobody waits for a first word where nothing is due at once.
    let usual = observed(&Case::asked("budapest", "preservation", "normal", ""));
    assert!(usual.waits.iter().all(|wait| wait.name != "first-word"));
}

/// ASK-6: from a name that is not known here nothing follows, as from none.
#[test]
fn an_instrument_of_another_edition_sets_no_clock() {
    let case = Case::asked("warsaw-2031", "preservation", "emergency", "");
    let state = case.state(Terms::usual(), START + DAY);
    let ids: Vec<&str> = state.timers.iter().map(|timer| timer.profile).collect();
    assert_eq!(ids, ["P-EMERGENCY"], "what an emergency sets where no instrument does");
    assert!(state.fact("basis_not_agreed").is_none());
    let lines = state.lines(Lang::En, Reader::Of(Half::Answering, START + DAY)).join("\n");
    assert!(lines.contains("warsaw-2031 (not known here)"), "{lines}");
}

/// Terms in which these rows differ from what is shipped.
fn agreed(rows: &str) -> Terms {
    let parties = [PartyId([1; 32]), PartyId([2; 32])];
    let mut json = String::new();
    Sheet::draft([&parties[0], &parties[1]]).write(&mut json);
    let json = json.replace(r#""profiles":[]"#, &format!(r#""profiles":[{rows}]"#));
    let sheet = Sheet::read(&parse_object(json.as_bytes()).unwrap()).unwrap();
    assert_eq!(sheet.doubts([&parties[0], &parties[1]]), Vec::<String>::new());
    Terms::of(&sheet, &parties[0])
}

fn by(case: &Case, terms: &Terms, id: &str, as_of: u64) -> Timer {
    let found = case.state(terms, as_of).timers.into_iter().find(|timer| timer.profile == id);
    found.unwrap()
}

/// CLK-28: a question stops a clock only as far as two sides have not agreed otherwise.
#[test]
fn agreed_pauses_extensions_and_sorts_are_what_the_clocks_keep() {
    let mut case = Case::asked("directive-2023-977", "information", "normal", "");
    let usual = by(&case, Terms::usual(), "P-977-N", START + DAY);
    case.reply("ask", r#"{"about":"period"}"#, START + DAY);
    let moved = by(&case, Terms::usual(), "P-977-N", START + 3 * DAY);
    assert_eq!(moved.due, usual.due + 2 * DAY);
    let never = agreed(r#"{"id":"P-977-N","pause":"never"}"#);
    let still = by(&case, &never, "P-977-N", START + 3 * DAY);
    assert_eq!((still.due, still.paused), (usual.due, false));

    // An extension that only these two know; each counts its days in its own calendar.
    let mut case = Case::asked("points-2015", "information", "normal", "");
    let more = r#"{"id":"P-DTL-48","sort":"service-goal","extension":{"asked_by":"answering",
        "unit":"days","count":2,"most":1,"because":"being-translated"}}"#;
    let terms = agreed(more);
    let before = by(&case, &terms, "P-DTL-48", START + HOUR);
    for (why, at) in [("queued", 1), ("being-translated", 2), ("being-translated", 3)] {
        let said = format!(r#"{{"progress":"{why}","extends":true}}"#);
        case.reply("status", &said, START + at * HOUR);
    }
    let after = by(&case, &terms, "P-DTL-48", START + 4 * HOUR);
    let end = terms.calendar(Half::Answering).limit(before.due, Limit::Days(2), false);
    assert_eq!((Some(after.due), after.sort), (end, Sort::ServiceGoal));
    assert_eq!(by(&case, Terms::usual(), "P-DTL-48", START + 4 * HOUR).due, before.due);
    // Nothing of it is a duty any more.
    assert_eq!(case.state(&terms, START + 90 * DAY).due, None);

    // A hold that is agreed to last until the formal request is decided does not end before.
    let mut case = Case::asked("hanoi", "preservation", "normal", "");
    let until = START + 70 * DAY;
    case.reply("preserve", &hold(START, until), START + HOUR);
    case.say(Half::Asking, "lodge-formal", r#"{"lodged_on":"2026-06-14"}"#, START + DAY, None);
    let goes_on = agreed(r#"{"id":"P-UN-42","expiry":"until-decision"}"#);
    assert!(by(&case, Terms::usual(), "P-UN-42", until + DAY).lapsed);
    assert!(!by(&case, &goes_on, "P-UN-42", until + DAY).lapsed);
}

/// FIELD: travel papers within thirty days of the identity check, on the basis that names it and,
/// where two sides agreed on it, on any.
#[test]
fn the_time_for_travel_papers_starts_when_the_identity_is_verified() {
    let verified = r#"{"progress":"identity-verified"}"#;
    let terms = agreed(r#"{"id":"P-LECD-30","unit":"days","count":20,"rolls":false}"#);
    for (instrument, terms, days) in [
        ("points-2015", Terms::usual(), Some(30)),
        ("points-2015", &terms, Some(20)),
        ("reciprocity", &terms, Some(20)),
        ("reciprocity", Terms::usual(), None),
    ] {
        let mut case = Case::asked(instrument, "travel-papers", "normal", "");
        let timers = |case: &Case| {
            let all = case.state(terms, START + 40 * DAY).timers.into_iter();
            all.filter(|timer| timer.profile == "P-LECD-30").collect::<Vec<_>>()
        };
        assert!(timers(&case).is_empty(), "nobody knows yet who it is");
        case.reply("status", verified, START + DAY);
        // What is verified once more starts nothing anew.
        case.reply("status", verified, START + 5 * DAY);
        let open = timers(&case);
        let end = days.map(|days| START + (days + 1) * DAY + DAY / 2 - 1);
        assert_eq!(open.first().map(|timer| timer.due), end, "{instrument}");
        assert!(open.iter().all(|timer| timer.overdue && timer.who == Half::Answering));
        case.reply("answer", r#"{"extent":"full","final":true}"#, START + 10 * DAY);
        let done = timers(&case);
        assert!(done.iter().all(|timer| timer.verdict == Some(Verdict::InTime)), "{done:?}");
        assert_eq!(done.len(), usize::from(days.is_some()));
    }
    let other = Case::asked("points-2015", "information", "normal", "");
    assert!(other.timer("P-LECD-30", START + DAY).is_none());
}

/// A name of a clock says what it is for; how long it is comes from the terms.
#[test]
fn a_clock_is_told_with_the_length_that_is_in_force() {
    let parties = [PartyId([1; 32]), PartyId([2; 32])];
    let mut json = String::new();
    Sheet::draft([&parties[0], &parties[1]]).write(&mut json);
    let minute = r#""profiles":[{"id":"P-977-U1","unit":"minutes","count":1,"rolls":false}]"#;
    let json = json.replace(r#""profiles":[]"#, minute);
    let sheet = Sheet::read(&parse_object(json.as_bytes()).unwrap()).unwrap();
    let agreed = Terms::of(&sheet, &parties[0]);
    let more = format!(r#","reply_by":{}"#, START + 30 * DAY);
    let case = Case::asked("directive-2023-977", "information", "emergency", &more);
    for (terms, en, zh) in
        [(Terms::usual(), "(8 h)", "期限 8 小时"), (&agreed, "(1 min)", "期限 1 分钟")]
    {
        let state = case.state(terms, START + 10);
        for (lang, length) in [(Lang::En, en), (Lang::ZhCn, zh)] {
            let lines = state.lines(lang, Reader::Of(Half::Answering, START + 10)).join("\n");
            assert_eq!(lines.matches(length).count(), 1, "{lines}");
        }
    }
}

#[test]
fn a_late_answer_is_late_on_each_clock_by_itself() {
    let more = format!(r#","reply_by":{}"#, START + 30 * DAY);
    let mut case = Case::asked("directive-2023-977", "information", "emergency", &more);
    case.reply("refuse", r#"{"ground":"not-available"}"#, START + 10 * HOUR);
    let state = case.state(Terms::usual(), START + 90 * DAY);
    let verdicts: Vec<_> =
        state.timers.iter().map(|timer| (timer.profile, timer.verdict)).collect();
    let late = Verdict::Late(2 * HOUR - 60);
    let expected = [("P-ASKED", Some(Verdict::InTime)), ("P-977-U1", Some(late))];
    assert_eq!(verdicts, expected);
    assert_eq!((state.late_by, state.overdue), (Some(2 * HOUR - 60), false));
}

/// CLK-6: a renewal counts when its holder notes it, and a hold near its end warns.
#[test]
fn a_hold_is_prolonged_by_one_side_and_noted_by_the_other() {
    let mut case = Case::asked("budapest", "preservation", "normal", "");
    let effected = START + HOUR;
    let hold = |until: u64| hold(effected, until);
    case.reply("preserve", &hold(START + 10 * DAY), effected);
    let due = |case: &Case, as_of| case.timer("P-BUD-29", as_of).unwrap().due;
    let sixty = START + 60 * DAY + DAY / 2 - 1;
    assert_eq!(due(&case, effected), sixty, "at least 60 days, whatever the act says");
    assert_eq!(case.timer("P-BUD-29", START + 58 * DAY).unwrap().level, 95);
    let until = START + 120 * DAY;
    let body = format!(r#"{{"until":{until}}}"#);
    let wish = case.say(Half::Asking, "renew", &body, START + 50 * DAY, None);
    assert_eq!(due(&case, START + 51 * DAY), sixty, "a wish moves nothing");
    case.say(Half::Answering, "preserve", &hold(until), START + 52 * DAY, Some(wish));
    assert_eq!(due(&case, START + 53 * DAY), until);
    assert!(case.timer("P-BUD-29", START + 119 * DAY).unwrap().runs());
    let over = case.timer("P-BUD-29", START + 121 * DAY).unwrap();
    assert_eq!((over.runs(), over.lapsed, over.overdue), (true, true, false));
    assert_eq!(over.verdict, None);
    case.say(Half::Asking, "lodge-formal", r#"{"lodged_on":"2026-09-01"}"#, until - DAY, None);
    let on = case.timer("P-BUD-29", START + 121 * DAY).unwrap();
    assert!(on.runs() && !on.lapsed, "until it is decided");
}

#[test]
fn questions_have_a_clock_of_the_opener_and_stop_that_of_the_other() {
    let more = format!(r#","reply_by":{}"#, START + 10 * DAY);
    let mut case = Case::asked("reciprocity", "information", "normal", &more);
    let by = START + 3 * DAY;
    let body = format!(r#"{{"about":"period","supplement_by":{by}}}"#);
    let question = case.reply("ask", &body, START + DAY);
    let reply = case.timer("P-REPLY", START + 2 * DAY).unwrap();
    assert_eq!((reply.who, reply.due, reply.started_at), (Half::Asking, by, START + DAY + 60));
    assert!(case.timer("P-ASKED", START + 2 * DAY).unwrap().paused);
    // Two duties, of either side one: no single time stands over both.
    let now = START + 2 * DAY;
    let lines = case.state(Terms::usual(), now).lines(Lang::En, Reader::Of(Half::Asking, now));
    assert!(!lines.iter().any(|line| line.starts_with("Due by")), "{lines:?}");
    let tells = |begin: &str, end: &str| {
        lines.iter().any(|line| line.starts_with(begin) && line.ends_with(end))
    };
    assert!(tells("Clock (your duty): answer the question", "1 d left"), "{lines:?}");
    assert!(tells("Clock (duty of the other side): reply by", "it stands still"), "{lines:?}");
    assert!(case.timer("P-REPLY", by + 1).unwrap().overdue);
    case.say(Half::Asking, "supplement", "{}", START + 4 * DAY, Some(question));
    let asked = case.timer("P-ASKED", START + 5 * DAY).unwrap();
    assert_eq!((asked.due, asked.paused), (START + 13 * DAY, false));
    assert_eq!(asked.stood, [(Half::Asking, 0), (Half::Answering, 3 * DAY)]);
    let reply = case.timer("P-REPLY", START + 5 * DAY).unwrap();
    assert_eq!(reply.verdict, Some(Verdict::Late(DAY)));
}

/// A question that nobody had to answer any more was not answered in time.
#[test]
fn a_reply_that_the_conclusion_made_needless_was_neither_met_nor_missed() {
    let more = format!(r#","reply_by":{}"#, START + 10 * DAY);
    let by = START + 3 * DAY;
    for (concluded, verdict) in [(by - DAY, None), (by + DAY, Some(Verdict::Late(DAY)))] {
        let mut case = Case::asked("reciprocity", "information", "normal", &more);
        let body = format!(r#"{{"about":"period","supplement_by":{by}}}"#);
        case.reply("ask", &body, START + DAY);
        case.reply("answer", r#"{"extent":"full","final":true}"#, concluded);
        let state = case.state(Terms::usual(), START + 9 * DAY);
        let reply = state.timers.iter().find(|timer| timer.profile == "P-REPLY").unwrap();
        assert_eq!((reply.runs(), reply.verdict), (false, verdict));
        let (asking, answering): (Vec<&Act>, Vec<&Act>) =
            (case.asking.iter().collect(), case.answering.iter().collect());
        let past = Past { asking: &asking, answering: &answering };
        let counted = FLOW.observe(past, Terms::usual());
        let replies = counted[0].terms.iter().filter(|term| term.profile == "P-REPLY").count();
        assert_eq!(replies, usize::from(verdict.is_some()), "neither met nor owed");
    }
}

/// CLK-14: a day alone ends where its own side's calendar says.
#[test]
fn a_day_alone_ends_in_the_zone_of_the_side_that_must_act() {
    let parties = [PartyId([1; 32]), PartyId([2; 32])];
    let text = Sheet::draft([&parties[0], &parties[1]]);
    let mut json = String::new();
    text.write(&mut json);
    let json = json.replacen("\"UTC\"", "\"Pacific/Kiritimati\"", 1);
    let json = json.replacen("\"UTC\"", "\"Pacific/Pago_Pago\"", 1);
    let sheet = Sheet::read(&parse_object(json.as_bytes()).unwrap()).unwrap();
    let terms = Terms::of(&sheet, &parties[0]);
    let more = r#","formal_follows":true,"formal_by":"2026-06-30""#;
    let mut case = Case::asked("reciprocity", "information", "normal", more);
    let body = r#"{"postponed_for":"workload","review_on":"2026-06-30"}"#;
    case.reply("postpone", body, START + DAY);
    let state = case.state(&terms, START + 2 * DAY);
    let due = |id: &str| state.timers.iter().find(|timer| timer.profile == id).unwrap().due;
    assert_eq!(Some(due("P-FORMAL")), instant("2026-06-30T09:59:59Z"));
    assert_eq!(Some(due("P-REVIEW")), instant("2026-07-01T10:59:59Z"));
}

/// ASK-7: what the terms that a request names say of its instrument, both sides read alike.
#[test]
fn an_instrument_that_does_not_bind_both_is_marked() {
    let parties = [PartyId([1; 32]), PartyId([2; 32])];
    let mut json = String::new();
    Sheet::draft([&parties[0], &parties[1]]).write(&mut json);
    let bound = r#""instruments":[{"name":"budapest","from":"2026-06-01"},
        {"name":"hanoi","from":"2026-06-02"}]"#;
    let json = json.replace(r#""instruments":[]"#, bound);
    let sheet = Sheet::read(&parse_object(json.as_bytes()).unwrap()).unwrap();
    let terms = Terms::of(&sheet, &parties[0]);
    for (instrument, marks) in [
        ("budapest", [None, None]),
        ("reciprocity", [None, None]),
        ("e-evidence", [Some("true"), None]),
        ("hanoi", [None, Some("\"2026-06-02\"")]),
    ] {
        let case = Case::asked(instrument, "preservation", "normal", "");
        let state = case.state(&terms, START + DAY);
        let read = ["basis_not_agreed", "basis_in_force_from"]
            .map(|name| state.fact(name).map(Value::to_text));
        assert_eq!(read.each_ref().map(Option::as_deref), marks, "{instrument}");
        for lang in Lang::ALL {
            for line in state.lines(lang, Reader::Of(Half::Answering, START + DAY)) {
                assert!(!line.contains("fact-"), "{line}");
            }
        }
        let usual = case.state(Terms::usual(), START + DAY);
        assert_eq!(usual.fact("basis_not_agreed"), None);
    }
}

#[test]
fn a_withdrawal_leaves_nothing_due_but_what_is_kept() {
    let more = format!(r#","reply_by":{}"#, START + 10 * DAY);
    let mut case = Case::asked("budapest", "preservation", "normal", &more);
    let body = format!(
        r#"{{"effected_at":{START},"holds_until":{},"custodian_class":"platform",
            "secured":"all","final":false}}"#,
        START + DAY
    );
    case.reply("preserve", &body, START + HOUR);
    case.say(Half::Asking, "withdraw", r#"{"reason":"replaced"}"#, START + DAY, None);
    let state = case.state(Terms::usual(), START + 2 * DAY);
    let ids: Vec<&str> = state.timers.iter().map(|timer| timer.profile).collect();
    assert_eq!(ids, ["P-BUD-29"]);
    assert_eq!((state.due, state.overdue), (None, false));
    let reader = Reader::Of(Half::Answering, START + 2 * DAY);
    for line in state.lines(Lang::En, reader) {
        assert!(!line.contains("timer-") && !known(Lang::En, &line), "{line}");
    }
}
