//! `consultation/1`: a draft of a request is shown before it is sent, and the other side says what
//! it thinks of it (Budapest Art. 27(6) asks for such talks before a refusal; here they come
//! before the request).
//!
//! ASK-5. It is a flow of its own, so that no clock runs and no figure counts anything until a
//! request is submitted: that one opens a matter of its own and names this one in `consulted`. A
//! comment binds nobody.
//!
//! The opener writes `show-draft`, `redraft`, `drop-draft`; the other side `comment`. Anything may
//! be missing in a draft. After `drop-draft`, in the causal past, nothing more is permitted.

use super::assistance::DRAFT;
use super::{Fact, Flow, Past, Shown, State, Void};
use crate::act::{Act, Half};
use crate::form::{Kind, Who, table};
use crate::ground;
use crate::terms::Terms;
use counterpart_record::id::Entry;
use counterpart_record::strict::json::{Object, Value};

/// The flow.
pub static FLOW: Flow = Flow {
    name: "consultation",
    version: 1,
    rules: "consultation/1",
    kinds: KINDS,
    stages: &["draft-not-shown", "draft-waits", "draft-commented", "draft-dropped"],
    voids: &[SHOWN, NOT_SHOWN, DROPPED],
    order,
    answers,
    fold,
    // ASK-5: a draft is in no figure.
    observe: super::unobserved,
    live: None,
};

const SHOWN: Void = Void("void-draft-shown");
const NOT_SHOWN: Void = Void("void-draft-not-shown");
const DROPPED: Void = Void("void-draft-dropped");

table! {
    DROP_DRAFT {
        required "dropped_for": Choice(&["submitted", "not-needed", "hopeless"]);
        optional "text": Text(4_000);
    }

    /// What would become of it, without a promise.
    COMMENT {
        required "prospect": Choice(
            &["complete", "something-missing", "other-channel", "refusal-likely", "cannot-say"]
        );
        optional "ground": Choice(ground::NAMES);
        required "text": Text(20_000);
    }
}

const KINDS: &[Kind] = &[
    Kind { name: "show-draft", who: Who::Asking, opens: true, fields: DRAFT },
    Kind { name: "redraft", who: Who::Asking, opens: false, fields: DRAFT },
    Kind { name: "drop-draft", who: Who::Asking, opens: false, fields: DROP_DRAFT },
    Kind { name: "comment", who: Who::Answering, opens: false, fields: COMMENT },
];

/// What the author of a draft says of it once the request is logged. ASK-5
pub fn submitted() -> (&'static str, Object) {
    ("drop-draft", Object::default().with("dropped_for", "submitted"))
}

fn order(past: Past<'_>, next: &Act) -> Result<(), Void> {
    let dropped = past.asking.iter().any(|act| act.kind == "drop-draft");
    match (past.asking.is_empty(), next.kind == "show-draft") {
        (true, true) => Ok(()),
        (true, false) => Err(NOT_SHOWN),
        (false, true) => Err(SHOWN),
        (false, false) if dropped => Err(DROPPED),
        (false, false) => Ok(()),
    }
}

/// A comment is on the newest draft.
fn answers(past: Past<'_>, _terms: &Terms, _half: Half, kind: &str) -> Vec<Entry> {
    let newest = draft(past).filter(|_| kind == "comment");
    newest.map(|draft| draft.entry).into_iter().collect()
}

fn draft<'a>(past: Past<'a>) -> Option<&'a Act> {
    past.asking.iter().rev().find(|act| act.kind != "drop-draft").copied()
}

fn fold(past: Past<'_>, _terms: &Terms, _as_of: u64) -> State {
    let dropped = past.asking.iter().find(|act| act.kind == "drop-draft");
    let dropped = dropped.copied();
    let (draft, comment) = (draft(past), past.answering.last().copied());
    let read = |draft: &Act| past.answering.iter().any(|act| act.re.contains(&draft.entry));
    let fresh = draft.is_some_and(|draft| !read(draft));
    let stage = match (draft, dropped) {
        (None, _) => "draft-not-shown",
        (Some(_), Some(_)) => "draft-dropped",
        (Some(_), None) if fresh => "draft-waits",
        (Some(_), None) => "draft-commented",
    };
    let mut facts = Vec::new();
    let mut add = |name, act: Option<&Act>, field: &'static str| {
        let word = act.and_then(|act| act.word(field)).map(Value::from);
        facts.extend(word.map(|value| Fact { name, value, shown: Shown::Choice(field) }));
    };
    add("measure", draft, "measure");
    add("instrument", draft, "instrument");
    add("prospect", comment, "prospect");
    add("would_refuse_for", comment, "ground");
    add("dropped_for", dropped, "dropped_for");
    let waiting_for = match stage {
        "draft-waits" => Some(Half::Answering),
        "draft-commented" => Some(Half::Asking),
        _ => None,
    };
    State { waiting_for, closed: dropped.is_some(), facts, ..State::at(stage) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form;
    use counterpart_record::strict::json::parse_object;

    fn act(half: Half, kind: &str, body: &str, at: u64) -> Act {
        Act {
            entry: Entry([u8::try_from(at).unwrap(); 32]),
            half,
            kind: kind.into(),
            body: parse_object(body.as_bytes()).unwrap(),
            re: Vec::new(),
            logged_at: at,
            held_at: Some(at),
        }
    }

    fn state(asking: &[&Act], answering: &[&Act]) -> State {
        FLOW.state(Past { asking, answering }, Terms::usual(), 1_000_000_000)
    }

    /// ASK-5.
    #[test]
    fn a_draft_is_shown_commented_on_and_dropped_and_no_clock_ever_runs() {
        let shown = act(Half::Asking, "show-draft", r#"{"measure":"content"}"#, 1);
        assert_eq!(FLOW.permitted(&[], &[], &shown), Ok(()));
        assert_eq!(FLOW.permitted(&[&shown], &[], &shown), Err(SHOWN));
        assert_eq!(state(&[&shown], &[]).stage, "draft-waits");
        let comment = r#"{"prospect":"refusal-likely","ground":"dual-criminality"}"#;
        let mut comment = act(Half::Answering, "comment", comment, 2);
        comment.re = FLOW.answers(
            Past { asking: &[&shown], answering: &[] },
            Terms::usual(),
            Half::Answering,
            "comment",
        );
        assert_eq!(FLOW.permitted(&[], &[], &comment), Err(NOT_SHOWN));
        assert_eq!(FLOW.permitted(&[&shown], &[], &comment), Ok(()));
        let answered = state(&[&shown], &[&comment]);
        assert_eq!((answered.stage, answered.waiting_for), ("draft-commented", Some(Half::Asking)));
        let again = act(Half::Asking, "redraft", r#"{"reply_by":5}"#, 3);
        assert_eq!(FLOW.permitted(&[&shown], &[&comment], &again), Ok(()));
        let waits = state(&[&shown, &again], &[&comment]);
        assert_eq!(waits.stage, "draft-waits");
        assert!(waits.due.is_none() && waits.timers.is_empty() && !waits.overdue);
        let (kind, body) = submitted();
        assert!(form::check(FLOW.kind(kind).unwrap(), &body).is_ok());
        let dropped = act(Half::Asking, kind, &Value::from(body).to_text(), 4);
        let halves = [&shown, &again, &dropped];
        assert_eq!(FLOW.permitted(&halves[..2], &[&comment], &dropped), Ok(()));
        assert_eq!(FLOW.permitted(&halves, &[], &comment), Err(DROPPED));
        let over = state(&halves, &[&comment]);
        assert_eq!((over.stage, over.closed), ("draft-dropped", true));
        assert_eq!(state(&[], &[]).stage, "draft-not-shown");
    }

    #[test]
    fn anything_may_be_missing_in_a_draft_and_nothing_may_be_wrong() {
        let kind = FLOW.kind("show-draft").unwrap();
        let given = |text: &str| form::check(kind, &parse_object(text.as_bytes()).unwrap());
        assert!(given("{}").is_ok());
        assert!(given(r#"{"urgency": "emergency", "assured": "given"}"#).is_ok());
        assert_eq!(given(r#"{"urgency": "soon", "colour": "red"}"#).unwrap_err().len(), 2);
        // The same fields as a request, in the same order.
        let names = |fields: &[form::Field]| fields.iter().map(|f| f.name).collect::<Vec<_>>();
        let request = crate::flow::usual().kind("request").unwrap();
        assert_eq!(names(kind.fields), names(request.fields));
    }
}
