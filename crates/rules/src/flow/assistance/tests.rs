use super::*;
use crate::flow::{Reader, flow};
use crate::form;
use crate::say::{Lang, known};
use counterpart_record::id::Entry;
use counterpart_record::strict::json::{Object, Value, parse_object};
use proptest::prelude::*;

/// What an act of a test names in `re`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// What the flow proposes.
    Proposed,
    /// Nothing.
    Nothing,
    /// Something that is not of the matter.
    Strange,
}
use Names::{Nothing, Proposed, Strange};

/// Label, half, kind, coded body, and what `re` names.
pub(super) type Body = (&'static str, Half, &'static str, &'static str, Names);

const REQUEST: &str = r#"{"type":"new","measure":"preservation","instrument":"hanoi",
    "urgency":"urgent","reply_by":1000,"offence":"illegal-access","max_penalty":"P5Y",
    "purpose":"investigation","persons":{"suspect":1},"assured":"none"}"#;
const ASKING: Half = Half::Asking;
const ANSWERING: Half = Half::Answering;

/// The acts that the tests play, one per case that the rules tell apart.
pub(super) const BODIES: &[Body] = &[
    ("request", ASKING, "request", REQUEST, Proposed),
    ("supplement", ASKING, "supplement", "{}", Nothing),
    ("supplement to question", ASKING, "supplement", "{}", Proposed),
    ("supplement to nothing", ASKING, "supplement", "{}", Strange),
    ("go-on", ASKING, "go-on", "{}", Proposed),
    ("remind", ASKING, "remind", "{}", Proposed),
    ("renew", ASKING, "renew", r#"{"until":9000}"#, Proposed),
    ("let-go", ASKING, "let-go", r#"{"reason":"no-longer-needed"}"#, Proposed),
    ("lodge-formal", ASKING, "lodge-formal", r#"{"lodged_on":"2030-06-14"}"#, Proposed),
    ("accept-conditions", ASKING, "accept-conditions", "{}", Proposed),
    ("decline-conditions", ASKING, "decline-conditions", "{}", Proposed),
    ("account-for-use", ASKING, "account-for-use", r#"{"used":"lead"}"#, Proposed),
    ("escalate", ASKING, "escalate", r#"{"escalated_for":"overdue"}"#, Proposed),
    ("appraise", ASKING, "appraise", APPRAISAL, Proposed),
    ("ask-consent", ASKING, "ask-consent", r#"{"consent_for":"evidence"}"#, Proposed),
    ("withdraw", ASKING, "withdraw", r#"{"reason":"no-longer-needed"}"#, Proposed),
    ("close-request", ASKING, "close-request", "{}", Proposed),
    ("acknowledge", ANSWERING, "acknowledge", r#"{"expected_at":900}"#, Proposed),
    ("acknowledge, lacking", ANSWERING, "acknowledge", LACKING, Proposed),
    ("take-up", ANSWERING, "take-up", "{}", Proposed),
    ("recognise", ANSWERING, "recognise", r#"{"recognised":"whole"}"#, Proposed),
    ("ask", ANSWERING, "ask", r#"{"about":"period"}"#, Proposed),
    ("warn", ANSWERING, "warn", r#"{"danger":"would-alert"}"#, Proposed),
    ("examine", ANSWERING, "examine", "{}", Proposed),
    ("status", ANSWERING, "status", STATUS, Proposed),
    ("postpone", ANSWERING, "postpone", POSTPONED, Proposed),
    ("transfer, here", ANSWERING, "transfer", r#"{"goes_on":"here"}"#, Proposed),
    ("transfer, there", ANSWERING, "transfer", r#"{"goes_on":"there"}"#, Proposed),
    ("preserve", ANSWERING, "preserve", PRESERVED, Proposed),
    ("preserve, final", ANSWERING, "preserve", PRESERVED_ALL, Proposed),
    ("release", ANSWERING, "release", LET_GO, Proposed),
    ("intend-to-refuse", ANSWERING, "intend-to-refuse", INTENT, Proposed),
    ("refuse", ANSWERING, "refuse", REFUSAL, Proposed),
    ("offer", ANSWERING, "offer", OFFER, Proposed),
    ("answer in part", ANSWERING, "answer", r#"{"extent":"partial","final":false}"#, Proposed),
    ("answer", ANSWERING, "answer", r#"{"extent":"full","final":true}"#, Proposed),
    ("consent", ANSWERING, "consent", r#"{"consented":"given"}"#, Proposed),
    ("appraise-request", ANSWERING, "appraise-request", r#"{"quality":"vague"}"#, Proposed),
];
const LACKING: &str = r#"{"complete":false,"at_hand":false}"#;
const APPRAISAL: &str = r#"{"worth":"no-use","no_use_because":"too-late","timely":"late",
    "as_evidence":"not-known"}"#;
const STATUS: &str = r#"{"progress":"waiting-for-judge","extends":true}"#;
const POSTPONED: &str = r#"{"postponed_for":"own-investigation","review_on":"2030-06-14"}"#;
const PRESERVED: &str = r#"{"effected_at":100,"holds_until":5000,"custodian_class":"platform",
    "secured":"part","final":false}"#;
const PRESERVED_ALL: &str = r#"{"effected_at":100,"holds_until":5000,
    "custodian_class":"platform","secured":"all","final":true}"#;
/// The end of the sixtieth day after the first: the least by that instrument, whatever was said.
const SIXTY_DAYS: i64 = 61 * 86_400 - 1;
const LET_GO: &str = r#"{"released_at":6000,"released_for":"asked"}"#;
const INTENT: &str = r#"{"ground":"dual-criminality","supplement_by":700}"#;
const OFFER: &str = r#"{"extent":"full","condition":{"no_onward_transfer":true}}"#;
const REFUSAL: &str = r#"{"ground":"no-reason-given"}"#;

/// The valid acts of both halves, and a clock that each act moves by ten seconds.
#[derive(Clone, Default)]
pub(super) struct Matter {
    pub asking: Vec<Act>,
    pub answering: Vec<Act>,
}

impl Matter {
    pub fn state(&self) -> State {
        self.state_at(0)
    }

    fn state_at(&self, as_of: u64) -> State {
        FLOW.state(
            Past { asking: &refs(&self.asking), answering: &refs(&self.answering) },
            Terms::usual(),
            as_of,
        )
    }

    /// Writes the act of this label if it is valid, with everything before it seen. A request
    /// starts undelivered if `slow`.
    pub fn write(&mut self, label: &str, slow: bool) -> Result<(), Void> {
        let number = self.asking.len() + self.answering.len();
        let time = 10 * number as u64;
        let (asking, answering) = (refs(&self.asking), refs(&self.answering));
        let mut act = act(label, number, time, Past { asking: &asking, answering: &answering });
        act.held_at = (!slow || act.kind != "request").then_some(time);
        FLOW.permitted(&asking, &answering, &act)?;
        match act.half {
            Half::Asking => self.asking.push(act),
            Half::Answering => self.answering.push(act),
        }
        Ok(())
    }

    /// The same matter with everything held.
    pub fn held(&self) -> Matter {
        let mut next = self.clone();
        for act in next.asking.iter_mut().chain(&mut next.answering) {
            act.held_at = Some(act.logged_at);
        }
        next
    }

    pub fn of(labels: &[&str]) -> Matter {
        let mut matter = Matter::default();
        for label in labels {
            matter.write(label, false).unwrap_or_else(|void| panic!("{label}: {}", void.0));
        }
        matter
    }
}

pub(super) fn refs(acts: &[Act]) -> Vec<&Act> {
    acts.iter().collect()
}

fn act(label: &str, number: usize, time: u64, past: Past<'_>) -> Act {
    let (_, half, kind, body, names) = BODIES.iter().find(|body| body.0 == label).unwrap();
    let mut entry = [*half as u8; 32];
    entry[..8].copy_from_slice(&(number as u64).to_be_bytes());
    Act {
        entry: Entry(entry),
        half: *half,
        kind: (*kind).to_owned(),
        body: parse_object(body.as_bytes()).unwrap(),
        re: match names {
            Proposed => FLOW.answers(past, Terms::usual(), *half, kind),
            Nothing => Vec::new(),
            Strange => vec![Entry([0xff; 32])],
        },
        logged_at: time,
        held_at: Some(time),
    }
}

#[test]
fn a_request_is_taken_up_asked_back_and_answered() {
    let mut matter = Matter::default();
    for (label, stage, waiting_for) in [
        ("request", "waiting-acknowledgement", Some(Half::Answering)),
        ("acknowledge", "waiting-answer", Some(Half::Answering)),
        ("ask", "waiting-supplement", Some(Half::Asking)),
        ("supplement", "waiting-supplement", Some(Half::Asking)),
        ("supplement to question", "waiting-answer", Some(Half::Answering)),
        ("preserve", "waiting-answer", Some(Half::Answering)),
        ("answer in part", "waiting-rest", Some(Half::Answering)),
        ("answer", "answered", None),
    ] {
        matter.write(label, false).unwrap();
        let state = matter.state_at(100);
        assert_eq!((state.stage, state.waiting_for), (stage, waiting_for), "{label}");
    }
    let state = matter.state_at(100);
    assert!(state.closed && !state.overdue && state.late_by.is_none());
    assert_eq!(state.fact("holds_until"), Some(&Value::Int(SIXTY_DAYS)));
    assert_eq!(state.fact("questions"), Some(&Value::Int(1)));
    assert_eq!(state.fact("questions_open"), None);
}

#[test]
fn three_reminders_and_a_refusal_without_a_reason_are_counted() {
    let matter = Matter::of(&["request", "remind", "remind", "remind", "refuse"]);
    let state = matter.state_at(100);
    assert_eq!((state.stage, state.reminders), ("refused", 3));
    assert_eq!(state.fact("ground"), Some(&Value::from("no-reason-given")));
    assert_eq!(state.fact("reason_owed"), Some(&Value::Bool(true)));
    assert_eq!(state.fact("extent"), None);
}

#[test]
fn a_request_never_answered_stands_overdue() {
    let matter = Matter::of(&["request", "remind"]);
    assert!(!matter.state_at(1_000).overdue);
    let state = matter.state_at(1_001);
    assert!(state.overdue && !state.closed);
    assert_eq!((state.stage, state.due), ("waiting-acknowledgement", Some(1_000)));
    assert!(
        state.lines(Lang::En, Reader::Outside)[0]
            .starts_with("Overdue since 1970-01-01 00:16:40 UTC.")
    );
}

/// CLK-4.
#[test]
fn no_clock_runs_before_the_request_is_held() {
    let mut matter = Matter::default();
    matter.write("request", true).unwrap();
    let state = matter.state_at(5_000);
    assert_eq!((state.stage, state.overdue, state.waiting_for), ("waiting-delivery", false, None));
    matter.asking[0].held_at = Some(4_000);
    assert_eq!(matter.state_at(4_000).due, Some(4_000));
    assert!(!matter.state_at(4_000).overdue && matter.state_at(4_001).overdue);
}

#[test]
fn an_open_question_stops_the_clock() {
    let mut matter = Matter::of(&["request", "acknowledge", "ask"]);
    matter.answering[1].logged_at = 400;
    let state = matter.state_at(2_000);
    assert!(state.paused && !state.overdue);
    assert_eq!(state.due, Some(2_600));
    matter.write("supplement to question", false).unwrap();
    matter.asking[1].logged_at = 700;
    assert_eq!(matter.state_at(1_000).due, Some(1_300));
    assert!(!matter.state_at(1_300).overdue && matter.state_at(1_301).overdue);
}

#[test]
fn an_answer_over_an_open_question_fixes_the_due_time() {
    let mut matter = Matter::of(&["request", "ask", "answer"]);
    matter.answering[0].logged_at = 400;
    (matter.answering[1].logged_at, matter.answering[1].held_at) = (900, Some(900));
    for as_of in [900, 9_000] {
        let state = matter.state_at(as_of);
        assert_eq!((state.due, state.paused, state.late_by), (Some(1_500), false, None));
    }
}

#[test]
fn a_question_after_the_limit_does_not_heal_the_delay() {
    let mut matter = Matter::of(&["request", "ask"]);
    matter.answering[0].logged_at = 1_500;
    let state = matter.state_at(1_600);
    assert!(state.overdue && !state.paused);
    assert_eq!((state.stage, state.due), ("waiting-supplement", Some(1_000)));
}

#[test]
fn a_late_answer_is_late_and_a_disputed_one_contested() {
    let mut matter = Matter::of(&["request", "answer"]);
    let mut outcome = |logged, held| {
        (matter.answering[0].logged_at, matter.answering[0].held_at) = (logged, held);
        let state = matter.state_at(9_000);
        assert!(!state.overdue && state.closed);
        (state.late_by, state.contested)
    };
    assert_eq!(outcome(1_000, Some(1_000)), (None, false));
    assert_eq!(outcome(1_060, Some(1_070)), (Some(60), false));
    assert_eq!(outcome(990, Some(1_070)), (None, true));
    assert_eq!(outcome(1_060, None), (Some(60), false));
}

#[test]
fn crossing_acts_both_stand() {
    let seen = Matter::of(&["request"]);
    for (answer, stage) in
        [("answer", "withdrawn-and-answered"), ("refuse", "withdrawn-and-refused")]
    {
        let mut asking = seen.clone();
        asking.write("withdraw", false).unwrap();
        let mut answering = seen.clone();
        answering.write(answer, false).unwrap();
        let both = Matter { asking: asking.asking, answering: answering.answering };
        let state = both.state_at(5_000);
        assert_eq!((state.stage, state.closed, state.overdue), (stage, true, false));
        // Each has now seen the other, and nothing is carried out any more.
        let received = if answer == "answer" { OF_ANSWERS } else { &[] };
        assert_eq!(open(&both, Half::Asking), [received, &["close-request"]].concat());
        assert_eq!(open(&both, Half::Answering), ["appraise-request"]);
    }
}

#[test]
fn open_kinds_are_the_ones_that_are_permitted() {
    let empty = Matter::default();
    assert_eq!(open(&empty, Half::Asking), ["request"]);
    assert!(open(&empty, Half::Answering).is_empty());
    let taken = Matter::of(&["request", "acknowledge"]);
    let asking = ["supplement", "remind", "lodge-formal", "escalate", "withdraw"];
    assert_eq!(open(&taken, Half::Asking), asking);
    let withdrawn = Matter::of(&["request", "withdraw"]);
    assert_eq!(open(&withdrawn, Half::Answering), ["acknowledge", "appraise-request"]);
}

const OF_ANSWERS: &[&str] = &["account-for-use", "appraise", "ask-consent"];

fn open(matter: &Matter, half: Half) -> Vec<&'static str> {
    let open = FLOW.open_kinds(half, &refs(&matter.asking), &refs(&matter.answering));
    open.iter().map(|kind| kind.name).collect()
}

/// ASK-2.
#[test]
fn no_content_leaves_before_its_conditions_are_accepted() {
    let mut matter = Matter::of(&["request", "offer"]);
    assert_eq!(matter.state().stage, "waiting-acceptance");
    assert_eq!(matter.state().waiting_for, Some(Half::Asking));
    for content in ["answer", "answer in part"] {
        assert_eq!(matter.write(content, false), Err(CONDITIONS_OPEN), "{content}");
    }
    // A new offer takes the place of the first, and the first can no longer be accepted.
    let first = matter.answering[0].entry;
    matter.write("offer", false).unwrap();
    let (asking, answering) = (refs(&matter.asking), refs(&matter.answering));
    let past = Past { asking: &asking, answering: &answering };
    let late = Act { re: vec![first], ..act("accept-conditions", 9, 90, past) };
    assert_eq!(FLOW.permitted(&asking, &answering, &late), Err(NO_OFFER));
    matter.write("accept-conditions", false).unwrap();
    let state = matter.state();
    assert_eq!((state.stage, state.waiting_for), ("waiting-content", Some(Half::Answering)));
    assert_eq!(matter.write("accept-conditions", false), Err(NO_OFFER));
    matter.write("answer", false).unwrap();
    assert_eq!(matter.answering[2].re, [matter.answering[1].entry]);
    assert_eq!(matter.state().stage, "answered");
}

#[test]
fn an_acceptance_that_the_other_side_has_not_seen_opens_nothing() {
    let mut asking = Matter::of(&["request", "offer"]);
    let mut answering = asking.clone();
    asking.write("accept-conditions", false).unwrap();
    assert_eq!(answering.write("answer", false), Err(CONDITIONS_OPEN));
}

/// ASK-3.
#[test]
fn declined_conditions_end_the_matter_without_content() {
    let mut matter = Matter::of(&["request", "offer", "decline-conditions"]);
    let state = matter.state();
    assert_eq!((state.stage, state.closed, state.waiting_for), ("declined", true, None));
    for content in ["answer", "answer in part", "offer", "refuse"] {
        assert_eq!(matter.write(content, false), Err(DECLINED), "{content}");
    }
    assert_eq!(open(&matter, Half::Asking), ["lodge-formal", "escalate", "close-request"]);
    // A refusal that crossed is what came.
    let mut crossed = Matter::of(&["request", "offer", "refuse"]);
    crossed.asking = matter.asking;
    assert_eq!(crossed.state().stage, "refused");
    assert_eq!(crossed.state().fact("conditions_declined"), Some(&Value::Bool(true)));
}

#[test]
fn a_warning_waits_for_a_word() {
    let mut matter = Matter::of(&["request", "warn"]);
    assert_eq!(matter.write("supplement to nothing", false), Err(NO_QUESTION));
    let state = matter.state_at(100);
    assert_eq!((state.stage, state.waiting_for), ("waiting-go-on", Some(Half::Asking)));
    assert!(state.paused);
    matter.write("go-on", false).unwrap();
    assert_eq!(matter.state().stage, "waiting-acknowledgement");
    assert_eq!(matter.write("go-on", false), Err(NO_WARNING));
}

#[test]
fn a_preservation_lives_from_the_request_to_its_release() {
    let mut matter = Matter::of(&["request", "acknowledge", "preserve, final"]);
    assert!(matter.state().closed && matter.state().waiting_for.is_none());
    assert_eq!(matter.state().fact("holds_until"), Some(&Value::Int(SIXTY_DAYS)));
    matter.write("renew", false).unwrap();
    let state = matter.state();
    assert_eq!((state.waiting_for, state.closed), (Some(Half::Answering), true));
    assert_eq!(state.fact("renewal_until"), Some(&Value::Int(9000)));
    matter.write("preserve", false).unwrap();
    matter.answering.last_mut().unwrap().body.set("holds_until", 9_000_u64);
    assert_eq!(matter.state().fact("renewal_until"), None);
    matter.write("lodge-formal", false).unwrap();
    matter.write("release", false).unwrap();
    let state = matter.state();
    assert_eq!(state.fact("holds_until"), None);
    assert_eq!(state.fact("released_at"), Some(&Value::Int(6000)));
    assert_eq!(matter.write("renew", false), Err(RELEASED));
    assert_eq!(matter.write("release", false), Err(RELEASED));
    matter.write("close-request", false).unwrap();
    assert_eq!(matter.write("lodge-formal", false), Err(CLOSED));
}

#[test]
fn an_intended_refusal_can_still_be_averted() {
    let mut matter = Matter::of(&["request", "recognise", "intend-to-refuse"]);
    let state = matter.state();
    assert_eq!(state.stage, "waiting-supplement");
    assert_eq!(state.fact("would_refuse_for"), Some(&Value::from("dual-criminality")));
    matter.write("supplement to question", false).unwrap();
    assert_eq!(matter.state().fact("would_refuse_for"), None);
    matter.write("answer", false).unwrap();
    assert_eq!(matter.state().stage, "answered");
}

#[test]
fn a_postponement_ends_with_the_next_word_on_how_it_goes() {
    let mut matter = Matter::of(&["request", "acknowledge", "postpone"]);
    let state = matter.state();
    assert_eq!((state.stage, state.waiting_for), ("postponed", Some(Half::Answering)));
    assert_eq!(state.fact("review_on"), Some(&Value::from("2030-06-14")));
    matter.write("status", false).unwrap();
    assert_eq!(matter.state().stage, "waiting-answer");
    assert_eq!(matter.state().fact("review_on"), None);
}

/// ASK-4.
#[test]
fn after_an_answer_it_is_appraised_accounted_for_and_consented_to() {
    let mut matter = Matter::of(&["request", "answer", "appraise", "ask-consent"]);
    let state = matter.state();
    assert_eq!((state.stage, state.waiting_for), ("answered", Some(Half::Answering)));
    matter.write("consent", false).unwrap();
    matter.write("account-for-use", false).unwrap();
    matter.write("appraise-request", false).unwrap();
    let state = matter.state();
    assert_eq!((state.waiting_for, state.closed), (None, true));
    assert_eq!(state.fact("worth"), Some(&Value::from("no-use")));
    assert_eq!(state.fact("consented"), Some(&Value::from("given")));
    assert_eq!(matter.write("consent", false), Err(NO_CONSENT_ASKED));
    // Of a refusal there is nothing to appraise.
    let mut refused = Matter::of(&["request", "refuse"]);
    assert_eq!(refused.write("appraise", false), Err(NOTHING_RECEIVED));
    assert_eq!(refused.write("renew", false), Err(NO_HOLD));
}

#[test]
fn a_transfer_that_goes_on_elsewhere_ends_the_matter_here() {
    let here = Matter::of(&["request", "acknowledge", "transfer, here"]);
    assert_eq!(here.state().stage, "waiting-answer");
    let there = Matter::of(&["request", "transfer, there"]);
    assert_eq!((there.state().stage, there.state().closed), ("transferred", true));
    let mut withdrawn = Matter::of(&["request", "withdraw"]);
    withdrawn.answering = there.answering;
    assert_eq!(withdrawn.state().stage, "withdrawn");
}

#[test]
fn acts_of_the_wrong_half_kind_or_form_are_void() {
    let matter = Matter::of(&["request"]);
    let judge = |change: fn(&mut Act)| {
        let nothing = Past { asking: &[], answering: &[] };
        let mut next = act("refuse", 7, 70, nothing);
        change(&mut next);
        FLOW.permitted(&refs(&matter.asking), &refs(&matter.answering), &next)
    };
    assert_eq!(judge(|_| {}), Ok(()));
    assert_eq!(judge(|act| act.half = Half::Asking), Err(Void::HALF));
    assert_eq!(judge(|act| act.kind = "approve".into()), Err(Void::KIND));
    assert_eq!(judge(|act| act.body = Object::default()), Err(Void::BODY));
    assert_eq!(judge(|act| act.body.set("text", "in clear")), Err(Void::BODY));
}

#[test]
fn bodies_of_these_tests_follow_the_tables() {
    for (label, half, kind, body, _) in BODIES {
        let kind = flow("assistance/1").unwrap().kind(kind).unwrap();
        assert!(kind.who.includes(*half), "{label}");
        let body = parse_object(body.as_bytes()).unwrap();
        assert_eq!(form::check_coded(kind, &body), Ok(()), "{label}");
    }
}

#[test]
fn every_line_of_a_state_is_phrased() {
    let mut names = Vec::new();
    for labels in [
        &["request", "acknowledge", "ask", "supplement to question", "ask", "remind"][..],
        &["request", "take-up", "recognise", "examine", "warn", "go-on", "warn", "escalate"],
        &["request", "transfer, here", "postpone", "intend-to-refuse"],
        &["request", "status", "preserve", "renew", "lodge-formal", "offer"],
        &["request", "preserve", "release", "offer", "accept-conditions"],
        &["request", "offer", "decline-conditions"],
        &["request", "answer in part", "refuse"],
        &["request", "answer in part", "answer", "appraise", "ask-consent", "appraise-request"],
        &["request", "answer", "ask-consent", "consent", "account-for-use", "close-request"],
        &["request", "withdraw"],
        &["request", "preserve", "let-go"],
    ] {
        let state = Matter::of(labels).state_at(2_000);
        for lang in Lang::ALL {
            for line in state.lines(lang, Reader::Of(Half::Answering, 2_000)) {
                assert!(line.chars().count() > 3 && !line.contains(['{', '$']), "{line}");
                assert!(!line.contains("choice-") && !line.contains("fact-"), "{line}");
            }
        }
        names.extend(state.facts.iter().map(|fact| fact.name));
    }
    // An extension is told only where a term of the request knows one.
    let mut prolonged = Matter::of(&["request", "status"]);
    assert!(!names.contains(&"extended") && prolonged.state().fact("extended").is_none());
    prolonged.asking[0].body.set("instrument", "directive-2014-41");
    names.extend(prolonged.state().facts.iter().map(|fact| fact.name));
    names.extend(
        Matter::of(&["request", "preserve"]).state_at(u64::MAX).facts.iter().map(|f| f.name),
    );
    names.extend(
        Matter::of(&["request", "acknowledge, lacking"]).state().facts.iter().map(|f| f.name),
    );
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 56, "a fact that no story shows: {names:?}");
    for name in names {
        assert!(known(Lang::ZhCn, &format!("fact-{name}")), "{name}");
    }
    let mut late = Matter::of(&["request", "answer"]);
    (late.answering[0].logged_at, late.answering[0].held_at) = (90_000, Some(90_000));
    let state = late.state_at(99_999);
    let lines = state.lines(Lang::En, Reader::Of(Half::Asking, 99_999));
    assert_eq!(lines[0], "Answered.");
    let told = "Clock (duty of the other side): reply by the time asked for, until \
        1970-01-01 00:16:40 UTC: met 1 d 0 h 43 min late, at 1970-01-02 01:00:00 UTC";
    assert_eq!(lines[1], told);
    assert!(!lines.iter().any(|line| line.starts_with("Due by")), "{lines:?}");
}

/// One act of a script as it lies in its author's log: with the number of the peer's acts that the
/// author had seen. Valid and void acts alike are registered.
#[derive(Clone, Debug)]
struct Registered {
    act: Act,
    seen: usize,
}

/// Two logs. Each author writes what it likes, with a growing sight of the other.
fn logs(script: &[(bool, usize, usize, u64)]) -> [Vec<Registered>; 2] {
    let mut logs: [Vec<Registered>; 2] = [Vec::new(), Vec::new()];
    let opening = act("request", 0, 0, Past { asking: &[], answering: &[] });
    logs[0].push(Registered { act: opening, seen: 0 });
    for (i, (asking, pick, sight, time)) in script.iter().enumerate() {
        let half = usize::from(!asking);
        let other = &logs[1 - half];
        let before = logs[half].last().map_or(0, |last| last.seen);
        let seen = before + sight % (other.len() - before + 1);
        // What the flow would propose if all that is in sight were valid.
        let sight: Vec<&Act> = other[..seen].iter().map(|entry| &entry.act).collect();
        let own: Vec<&Act> = logs[half].iter().map(|entry| &entry.act).collect();
        let (own, sight) = (&own[..], &sight[..]);
        let (one, two) = if *asking { (own, sight) } else { (sight, own) };
        let author = if *asking { Half::Asking } else { Half::Answering };
        let mine: Vec<&Body> = BODIES.iter().filter(|body| body.1 == author).collect();
        let label = mine[pick % mine.len()].0;
        let next = act(label, i + 1, *time, Past { asking: one, answering: two });
        logs[half].push(Registered { act: next, seen });
    }
    logs
}

/// One replica: takes acts in the order of delivery, holds what lacks its causal past, judges the
/// rest in that past, and folds what is valid.
fn replay(logs: &[Vec<Registered>; 2], deliveries: &[bool], as_of: u64) -> (Vec<bool>, State) {
    let mut arrived = [0, 0];
    let mut verdicts: [Vec<bool>; 2] = [Vec::new(), Vec::new()];
    let rest = [false, true]
        .into_iter()
        .flat_map(|half| logs[usize::from(half)].iter().map(move |_| half));
    for delivery in deliveries.iter().copied().chain(rest) {
        let half = usize::from(delivery);
        arrived[half] = (arrived[half] + 1).min(logs[half].len());
        let mut moved = true;
        while std::mem::take(&mut moved) {
            for half in [0, 1] {
                let place = verdicts[half].len();
                let ready =
                    place < arrived[half] && logs[half][place].seen <= verdicts[1 - half].len();
                if ready {
                    let verdict = judge(logs, &verdicts, half, place);
                    verdicts[half].push(verdict);
                    moved = true;
                }
            }
        }
    }
    let all = [logs[0].len(), logs[1].len()];
    let (asking, answering) =
        (valid(logs, &verdicts, 0, all[0]), valid(logs, &verdicts, 1, all[1]));
    (
        verdicts.concat(),
        FLOW.state(Past { asking: &asking, answering: &answering }, Terms::usual(), as_of),
    )
}

fn judge(
    logs: &[Vec<Registered>; 2],
    verdicts: &[Vec<bool>; 2],
    half: usize,
    place: usize,
) -> bool {
    let next = &logs[half][place];
    let own = valid(logs, verdicts, half, place);
    let other = valid(logs, verdicts, 1 - half, next.seen);
    let (asking, answering) = if half == 0 { (own, other) } else { (other, own) };
    FLOW.permitted(&asking, &answering, &next.act).is_ok()
}

fn valid<'a>(
    logs: &'a [Vec<Registered>; 2],
    verdicts: &[Vec<bool>; 2],
    half: usize,
    upto: usize,
) -> Vec<&'a Act> {
    let judged = logs[half][..upto].iter().zip(&verdicts[half]);
    judged.filter(|(_, valid)| **valid).map(|(entry, _)| &entry.act).collect()
}

type Script = Vec<(bool, usize, usize, u64)>;

fn script() -> impl Strategy<Value = Script> {
    prop::collection::vec((any::<bool>(), 0usize..60, 0usize..60, 0u64..2_000), 0..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Deliveries in any order that keeps each author's own lead to the same verdicts and state.
    #[test]
    fn the_order_of_arrival_changes_nothing(
        script in script(),
        one in prop::collection::vec(any::<bool>(), 0..30),
        other in prop::collection::vec(any::<bool>(), 0..30),
        as_of in 0u64..3_000,
    ) {
        let logs = logs(&script);
        let a = replay(&logs, &one, as_of);
        prop_assert_eq!(a.0.len(), logs[0].len() + logs[1].len());
        prop_assert_eq!(a, replay(&logs, &other, as_of));
    }

    /// Verdicts do not depend on any clock.
    #[test]
    fn times_change_no_verdict(
        script in script(),
        shift in prop::collection::vec(0u64..9_999, 15),
    ) {
        let before = logs(&script);
        let mut after = before.clone();
        for (i, entry) in after.iter_mut().flatten().enumerate() {
            entry.act.logged_at = shift[i % shift.len()];
            entry.act.held_at = None;
        }
        prop_assert_eq!(replay(&before, &[], 0).0, replay(&after, &[], 0).0);
    }

    /// Each field has one author: what the opener wrote reads the same whatever the other side
    /// wrote, and the reverse.
    #[test]
    fn each_field_has_one_author(script in script(), as_of in 0u64..3_000) {
        let logs = logs(&script);
        let verdicts = [vec![true; logs[0].len()], vec![true; logs[1].len()]];
        let asking = valid(&logs, &verdicts, 0, logs[0].len());
        let answering = valid(&logs, &verdicts, 1, logs[1].len());
        let at = |asking, answering| {
            FLOW.state(Past { asking, answering }, Terms::usual(), as_of)
        };
        let (both, left) = (at(&asking, &answering), at(&asking, &[]));
        let right = at(&[], &answering);
        prop_assert_eq!(both.reminders, left.reminders);
        for name in ["measure", "instrument", "urgency", "supplements", "reason", "renewals",
            "formal_lodged_on", "escalations", "worth", "accounts", "consents", "closed_at"] {
            prop_assert_eq!(both.fact(name), left.fact(name));
            prop_assert_eq!(right.fact(name), None);
        }
        for name in ["questions", "parts", "ground", "extent", "acknowledged_at", "secured",
            "taken_up_at", "recognised", "warnings", "offers", "quality", "review_on", "progress"] {
            prop_assert_eq!(both.fact(name), right.fact(name));
            prop_assert_eq!(left.fact(name), None);
        }
        // What was promised holds, and what the instrument of the request adds to it. CLK-6
        let held = |state: &State| state.fact("holds_until").and_then(Value::as_int);
        let (promised, end) = (held(&right), held(&both));
        prop_assert!(promised.is_some() == end.is_some() && promised <= end);
        prop_assert_eq!(held(&left), None);
    }
}
