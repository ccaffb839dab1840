//! What epochs may cost the other side, counted and not timed. REC-57, CAL-15.

use super::order::story;
use super::stage::{RING, act, push, put_back, two, valid, whole};
use counterpart_engine::{Draft, Node, Target};
use counterpart_record::fault::Code;
use counterpart_record::hash::sha256;
use counterpart_record::id::Entry;
use counterpart_record::limits;
use counterpart_record::strict::json::parse_object;
use counterpart_rules::flow::opened_by;
use counterpart_store::{Batch, ClosedLeaf, Owner, Store as _};
use counterpart_testbed::cast::request;
use counterpart_testbed::forge::channel_row;

/// REC-57: whoever ends epochs again and again fills nobody's memory. Nothing of it is taken, what
/// was registered stays, and the newest backup, which leaves nothing aside, is followed.
#[test]
fn what_ended_epochs_leave_aside_has_an_end() {
    let mut two = two();
    let (matter, backups) = story(&mut two);
    put_back(&mut two.a, &backups[1]);
    two.quiet();
    let (a, b) = (two.a.party.id, two.b.party.id);
    let number = channel_row(&two.b.disk, &a, RING).unwrap().number;
    let aside = two.b.disk.closed(number, Owner::Peer).unwrap().leaves;
    let (epoch, behind) = aside.last().map(|last| (last.epoch, last.index + 1)).unwrap();
    // As if the peer had shown as many as there may be.
    let more = limits::LEAVES_ASIDE - aside.len() as u64;
    let leaf = |nth: u64| {
        let entry = Entry(sha256(&[&nth.to_be_bytes()]));
        ClosedLeaf { owner: Owner::Peer, epoch, index: behind + nth, entry, own: None }
    };
    let closed_leaves = (0..more).map(leaf).collect();
    let batch = Batch { channel: number, closed_leaves, ..Batch::default() };
    two.b.disk.commit(&batch, &mut |_| Err(Code::Internal.at("nothing is signed"))).unwrap();
    two.b.node = Node::load(Box::new(two.b.disk.clone()), two.b.party.seams()).unwrap();

    let said = act(&mut two.a.node, request(b, RING)).unwrap().matter;
    push(&mut two.a.node, &mut two.b.node);
    let newest = two.a.disk.journal();
    put_back(&mut two.a, &backups[1]);
    let begun =
        |two: &super::stage::Two| two.b.disk.closed(number, Owner::Peer).unwrap().closings.len();
    let before = begun(&two);
    let parcel = two.a.node.outgoing(&b, RING, true).unwrap().unwrap();
    let fault = two.b.node.incoming(&parcel).unwrap_err();
    let most = limits::LEAVES_ASIDE;
    assert_eq!(fault.code, Code::AsideFull, "{fault}");
    assert!(fault.at.ends_with(&format!(", {most}")), "{}", fault.at);
    assert_eq!(begun(&two), before);
    put_back(&mut two.a, &newest);
    push(&mut two.a.node, &mut two.b.node);
    assert_eq!(begun(&two), before + 1);
    let views = [&matter, &said].map(|one| two.b.node.matter(one).unwrap().acts);
    let kinds = views[1].iter().map(|act| (act.kind.clone(), act.verdict.text()));
    assert_eq!(kinds.collect::<Vec<_>>(), valid(&["request"]));
    assert!(views[0].iter().all(|act| act.verdict.text() == "valid"));
}

/// CAL-15: the statement that began the peer's newest epoch is put in last, and counts.
#[test]
fn what_presses_stays_small_beside_the_peers_newest_epoch() {
    // Acts come in steps; where a parcel begins to be too large has to lie between two of them.
    for words in [0, 70, 140] {
        let mut two = two();
        let backup = two.b.disk.journal();
        put_back(&mut two.b, &backup);
        two.quiet();
        let b = two.b.party.id;
        let body = r#"{"urgency":"flash","topic":"danger-to-life"}"#;
        let raise = Draft {
            rules: opened_by("raise").unwrap().rules().into(),
            kind: "raise".into(),
            target: Target::New { stream: "cybercrime".into() },
            body: parse_object(body.as_bytes()).unwrap(),
            disclosed: Vec::new(),
            ..request(b, RING)
        };
        act(&mut two.a.node, raise).unwrap();
        let mut first = request(b, RING);
        first.disclosed.retain(|(name, _)| name != "facts");
        let text = format!("They wrote. {}", "They wrote again. ".repeat(words));
        first.disclosed.push(("facts".to_owned(), text.into()));
        act(&mut two.a.node, first).unwrap();
        let mut all = 0;
        for _ in 0..16 {
            two.a.node.lost(&b, RING).unwrap();
            let parcel = two.a.node.outgoing(&b, RING, true).unwrap().unwrap();
            assert!(parcel.len() <= limits::PRESSING_BYTES + 2_048, "{words}: {}", parcel.len());
            all += parcel.len();
            act(&mut two.a.node, request(b, RING)).unwrap();
        }
        assert!(all > 0);
        two.quiet();
        whole(&mut two.a);
        whole(&mut two.b);
    }
}
