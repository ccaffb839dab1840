use super::*;
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::Object;

fn act(kind: &str, number: u8, re: Option<u8>) -> Act {
    let half = if kind == "propose-terms" { Half::Asking } else { Half::Answering };
    let sheet = Sheet::draft([&PartyId([1; 32]), &PartyId([2; 32])]).with("tz", "2026e");
    let body = if half == Half::Asking {
        // Each proposal is another text.
        let streams = Object::default().with("name", format!("s{number}")).with("sharing", "none");
        Object::default().with("sheet", sheet.with("streams", vec![Value::from(streams)]))
    } else {
        Object::default()
    };
    Act {
        entry: Entry([number; 32]),
        half,
        kind: kind.into(),
        body,
        re: re.map(|number| Entry([number; 32])).into_iter().collect(),
        logged_at: u64::from(number),
        held_at: Some(u64::from(number)),
    }
}

fn state(asking: &[&Act], answering: &[&Act]) -> State {
    FLOW.state(Past { asking, answering }, Terms::usual(), 100)
}

#[test]
fn the_newest_proposal_is_decided_once() {
    let (first, second) = (act("propose-terms", 1, None), act("propose-terms", 2, None));
    let accept = |re| act("accept-terms", 9, Some(re));
    FLOW.permitted(&[], &[], &first).unwrap();
    assert_eq!(FLOW.permitted(&[], &[], &accept(1)).unwrap_err(), NO_PROPOSAL);
    FLOW.permitted(&[&first], &[], &accept(1)).unwrap();
    assert_eq!(FLOW.permitted(&[&first, &second], &[], &accept(1)).unwrap_err(), NO_PROPOSAL);
    let decided = act("decline-terms", 3, Some(1));
    assert_eq!(FLOW.permitted(&[&first], &[&decided], &accept(1)).unwrap_err(), DECIDED);
    FLOW.permitted(&[&first, &second], &[&decided], &accept(2)).unwrap();
    assert_eq!(state(&[&first], &[&decided]).stage, "terms-declined");
}

#[test]
fn an_acceptance_that_crosses_a_newer_proposal_stands() {
    let (first, second) = (act("propose-terms", 1, None), act("propose-terms", 2, None));
    let accept = act("accept-terms", 3, Some(1));
    let past = Past { asking: &[&first, &second], answering: &[&accept] };
    let agreed = accepted(past);
    assert_eq!(agreed.len(), 1);
    assert_eq!(agreed[0].0.entry, first.entry);
    let state = state(past.asking, past.answering);
    assert_eq!((state.stage, state.waiting_for), ("terms-proposed", Some(Half::Answering)));
    let id = hex(&sheet(&first).unwrap().id);
    assert_eq!(state.fact("terms_accepted"), Some(&Value::from(id)));
    let vague = act("accept-terms", 4, None);
    assert_eq!(FLOW.permitted(&[&first], &[], &vague).unwrap_err(), NO_PROPOSAL);
    let kinds = FLOW.open_kinds(Half::Answering, &[&first], &[]);
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
    assert_eq!(kinds, ["accept-terms", "decline-terms"]);
}

#[test]
fn a_sheet_of_another_shape_is_void() {
    let mut act = act("propose-terms", 1, None);
    act.body = Object::default().with("sheet", Object::default().with("v", 2_i64));
    assert_eq!(FLOW.permitted(&[], &[], &act).unwrap_err(), Void::BODY);
    act.body = Object::default().with("sheet", "none");
    assert_eq!(FLOW.permitted(&[], &[], &act).unwrap_err(), Void::BODY);
}
