//! What an act says of its own matter that the matter does not show: that an answer is overdue
//! which is not, or that data was secured while a word on the danger of it is awaited. It is said
//! to its author, who can sign it as it is: a telephone may know more than the record. ASK-11

use super::between::Both;
use super::clocks::timers;
use crate::act::Half;
use crate::clock::{Sort, Timer};
use crate::flow::Past;
use crate::form::{FieldFault, Wrong};
use crate::ground;
use crate::terms::Terms;
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::{Object, Value};

/// Everything of that sort in an act of a kind that is made at `now`, in seconds (UTC), after
/// `past`. `form` is as [`crate::form::plain`] reads it.
pub(in crate::flow) fn untrue(
    (past, terms): (Past<'_>, &Terms),
    (kind, form): (&str, &Object),
    now: u64,
) -> Option<FieldFault> {
    let both = Both::fold(past);
    let word = |name: &str| form.get(name).and_then(Value::as_str).unwrap_or_default();
    let (field, wrong) = match kind {
        "escalate" if !is_so(&both, word("escalated_for"), &timers(&both, terms, now)) => {
            ("escalated_for", Wrong::NotSo)
        }
        // What was secured all the same has to be told: only its author can know.
        "preserve" if both.open_warnings().next().is_some() => ("effected_at", Wrong::Awaited),
        "release" if word("released_for") == "asked" && !asked_for(&both) => {
            ("released_for", Wrong::NotSo)
        }
        "transfer" if !word("party").is_empty() && PartyId::parse(word("party")).is_err() => {
            ("party", Wrong::Type("party"))
        }
        _ => return None,
    };
    Some(FieldFault::new(field, wrong))
}

/// Whether a matter shows what it is lifted for. A word for something that no record can show is
/// taken as it is.
fn is_so(both: &Both<'_>, why: &str, timers: &[Timer]) -> bool {
    let answered = &both.answered;
    let theirs = |timer: &&Timer| timer.who == Half::Answering && timer.runs();
    let mut theirs = timers.iter().filter(theirs);
    match why {
        "no-acknowledgement" => answered.silent(),
        "overdue" => theirs.any(|timer| timer.overdue),
        // From the first warning of its end on.
        "hold-ends-soon" => {
            theirs.any(|timer| timer.sort == Sort::MinimumHold && (timer.level > 0 || timer.lapsed))
        }
        "refused-without-reason" => answered.conclusion.is_some_and(|act| {
            act.kind == "refuse" && act.word("ground") == Some(ground::NO_REASON)
        }),
        "answer-of-no-use" => !answered.received.is_empty(),
        _ => true,
    }
}

/// Whether the opener has said that it no longer needs what is held.
fn asked_for(both: &Both<'_>) -> bool {
    let asked = &both.asked;
    asked.let_go.is_some() || asked.ended().is_some() || asked.closed.is_some()
}

#[cfg(test)]
mod tests {
    use super::super::FLOW;
    use super::super::tests::{Matter, refs};
    use crate::act::{Act, Half};
    use crate::flow::{Setting, doubts};
    use crate::form::{FieldFault, plain};
    use crate::terms::Terms;
    use counterpart_record::strict::json::parse_object;

    fn doubted(matter: &Matter, kind: &str, form: &str, now: u64) -> Vec<String> {
        let before: Vec<&Act> = [refs(&matter.asking), refs(&matter.answering)].concat();
        let kind = FLOW.kind(kind).unwrap();
        let half = if kind.who.includes(Half::Asking) { Half::Asking } else { Half::Answering };
        let form = plain(kind, &parse_object(form.as_bytes()).unwrap(), Some("en"));
        let setting = Setting { now, terms: Terms::usual(), half, before: &before };
        doubts(&FLOW, kind, &form, &setting).iter().map(FieldFault::brief).collect()
    }

    /// ASK-11: the request of these matters is to be answered by the second 1000.
    #[test]
    fn a_matter_is_lifted_for_what_it_shows() {
        let lifted = |labels: &[&str], why: &str, now: u64| {
            let form = format!(r#"{{"escalated_for":"{why}"}}"#);
            doubted(&Matter::of(labels), "escalate", &form, now)
        };
        let wrong = ["escalated_for (not-so)"];
        let none: [&str; 0] = [];
        for (labels, why, now, expected) in [
            (&["request"][..], "overdue", 1_001, &none[..]),
            (&["request"], "overdue", 999, &wrong),
            (&["request", "answer"], "overdue", 1_001, &wrong),
            (&["request"], "no-acknowledgement", 30, &none),
            (&["request", "acknowledge"], "no-acknowledgement", 30, &wrong),
            (&["request", "answer"], "no-acknowledgement", 30, &wrong),
            (&["request", "refuse"], "refused-without-reason", 30, &none),
            (&["request", "answer"], "refused-without-reason", 30, &wrong),
            (&["request"], "refused-without-reason", 30, &wrong),
            (&["request", "answer"], "answer-of-no-use", 30, &none),
            (&["request", "refuse"], "answer-of-no-use", 30, &wrong),
            (&["request", "preserve"], "hold-ends-soon", 200, &wrong),
            (&["request", "preserve"], "hold-ends-soon", 59 * 86_400, &none),
            (&["request", "preserve", "release"], "hold-ends-soon", 59 * 86_400, &wrong),
            (&["request"], "hold-ends-soon", 30, &wrong),
            (&["request", "answer"], "danger-to-life", 30, &none),
            (&["request", "answer"], "other", 30, &none),
        ] {
            assert_eq!(lifted(labels, why, now), expected, "{labels:?} {why} {now}");
        }
        let mut without = Matter::of(&["request", "refuse"]);
        without.answering[0].body.set("ground", "essential-interests");
        let form = r#"{"escalated_for":"refused-without-reason"}"#;
        assert_eq!(doubted(&without, "escalate", form, 30), wrong);
    }

    /// Budapest Art. 29(6): whoever asked decides whether it is worth the danger.
    #[test]
    fn what_is_secured_while_a_word_is_awaited_is_doubted() {
        let form = r#"{"effected_at":20,"holds_until":9000000,"custodian_class":"platform",
            "secured":"all","final":false}"#;
        let mut matter = Matter::of(&["request", "warn"]);
        assert_eq!(doubted(&matter, "preserve", form, 30), ["effected_at (awaited)"]);
        matter.write("preserve", false).unwrap();
        let mut matter = Matter::of(&["request", "warn"]);
        matter.write("go-on", false).unwrap();
        assert!(doubted(&matter, "preserve", form, 30).is_empty());
    }

    #[test]
    fn nothing_is_let_go_for_the_asking_that_nobody_asked_to_let_go() {
        let form = r#"{"released_at":"1970-01-01T00:01:40Z","released_for":"asked"}"#;
        let mut matter = Matter::of(&["request", "preserve, final"]);
        assert_eq!(doubted(&matter, "release", form, 100), ["released_for (not-so)"]);
        matter.write("let-go", false).unwrap();
        assert!(doubted(&matter, "release", form, 100).is_empty());
    }

    #[test]
    fn a_transfer_names_a_party_or_none() {
        let matter = Matter::of(&["request"]);
        let sent = |party: &str| {
            let form = format!(r#"{{"goes_on":"there","party":"{party}"}}"#);
            doubted(&matter, "transfer", &form, 30)
        };
        assert_eq!(sent("zzz"), ["party (type-party)"]);
        assert!(sent("").is_empty() && sent(&"1f".repeat(32)).is_empty());
    }
}
