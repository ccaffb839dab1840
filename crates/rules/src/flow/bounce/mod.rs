//! `bounce/1`: what one node tells the other without a person. One act in a matter of its own:
//! `refused` names bytes that the peer's head commits to and that this node could not take, with
//! the fault code. It answers nothing and nothing answers it; the record shows that the entry was
//! there and why it does not count. `erased` says that the text of a matter is no longer held here.

use super::{Flow, Past, State, Void};
use crate::act::Act;
use crate::form::{Kind, Who, table};
use crate::terms::Terms;
use counterpart_record::fault::Code;
use counterpart_record::id::{Entry, MatterId};
use counterpart_record::strict::json::Object;

/// The flow.
pub static FLOW: Flow = Flow {
    name: "bounce",
    version: 1,
    rules: "bounce/1",
    kinds: KINDS,
    stages: &["bounced", "text-erased"],
    voids: &[NOTICED],
    order,
    answers: |_, _, _, _| Vec::new(),
    fold,
    observe: super::unobserved,
    live: None,
};

const NOTICED: Void = Void("void-noticed");

table! {
    REFUSED {
        required "entry": Token(64);
        required "code": Token(40);
    }
}

table! {
    ERASED {
        required "erased_matter": Token(32);
        required "count": Whole(0, 1_000_000);
    }
}

/// The kind that no act of an honest peer brings about.
pub(super) const AFTERMATH: &str = "refused";

const KINDS: &[Kind] = &[
    Kind { name: AFTERMATH, who: Who::Asking, opens: true, fields: REFUSED },
    Kind { name: "erased", who: Who::Asking, opens: true, fields: ERASED },
];

/// The act that tells a peer that bytes in its log could not be taken: rules, kind and body.
pub fn refused(entry: &Entry, code: Code) -> (&'static str, &'static str, Object) {
    let body = Object::default().with("entry", entry.to_string()).with("code", code.name());
    (FLOW.rules, KINDS[0].name, body)
}

/// The entry that an act of this flow says was refused, if it is such an act.
pub fn refused_entry((rules, kind): (&str, &str), body: &Object) -> Option<Entry> {
    let about = body.get("entry").and_then(|value| value.as_str());
    let about = about.filter(|_| rules == FLOW.rules && kind == KINDS[0].name);
    about.and_then(|entry| Entry::parse(entry).ok())
}

/// The act that tells a peer that the text of a matter was erased here: rules, kind and body.
pub fn erased(matter: &MatterId, count: u64) -> (&'static str, &'static str, Object) {
    let body = Object::default().with("erased_matter", matter.to_string()).with("count", count);
    (FLOW.rules, KINDS[1].name, body)
}

/// The matter whose text an act of this flow says was erased, if it is such an act.
pub fn erased_matter((rules, kind): (&str, &str), body: &Object) -> Option<MatterId> {
    let about = body.get("erased_matter").and_then(|value| value.as_str());
    let about = about.filter(|_| rules == FLOW.rules && kind == KINDS[1].name);
    about.and_then(|matter| MatterId::parse(matter).ok())
}

fn order(past: Past<'_>, _next: &Act) -> Result<(), Void> {
    if past.asking.is_empty() { Ok(()) } else { Err(NOTICED) }
}

fn fold(past: Past<'_>, _: &Terms, _as_of: u64) -> State {
    let erased = past.asking.first().is_some_and(|act| act.kind == KINDS[1].name);
    let stage = if erased { "text-erased" } else { "bounced" };
    State { closed: !past.asking.is_empty(), ..State::at(stage) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::Half;

    #[test]
    fn a_notice_stands_alone_and_names_entry_and_code() {
        let act = |body: Object| Act {
            entry: Entry([1; 32]),
            half: Half::Asking,
            kind: "refused".into(),
            body,
            re: Vec::new(),
            logged_at: 0,
            held_at: None,
        };
        let (rules, kind, body) = refused(&Entry([2; 32]), Code::DisclosureWrong);
        assert_eq!((rules, kind), ("bounce/1", "refused"));
        assert_eq!(refused_entry((rules, kind), &body), Some(Entry([2; 32])));
        assert_eq!(refused_entry((rules, "erased"), &body), None);
        let first = act(body.clone());
        FLOW.permitted(&[], &[], &first).unwrap();
        assert_eq!(FLOW.permitted(&[&first], &[], &act(body)).unwrap_err(), NOTICED);
        let empty = act(Object::default().with("code", "x"));
        assert_eq!(FLOW.permitted(&[], &[], &empty).unwrap_err(), Void::BODY);
        let state =
            |first: &Act| FLOW.state(Past { asking: &[first], answering: &[] }, Terms::usual(), 0);
        assert_eq!((state(&first).stage, state(&first).closed), ("bounced", true));
        let (_, kind, body) = erased(&MatterId([3; 16]), 2);
        let told = Act { kind: kind.into(), ..act(body) };
        assert_eq!((state(&told).stage, state(&told).closed), ("text-erased", true));
    }
}
