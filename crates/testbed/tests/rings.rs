//! What rings at two nodes, with a link between them and without.

// Helpers of tests may fail by unwrap, as tests may.
#![allow(clippy::unwrap_used)]

use counterpart_engine::session::Pressure;
use counterpart_engine::tick::Tick;
use counterpart_engine::{Draft, Logged, Node, Target};
use counterpart_record::fault::Code;
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::keys::{Keys, Ring, SoftKeys};
use counterpart_record::limits;
use counterpart_record::party::{Control, Credential};
use counterpart_record::strict::json::parse_object;
use counterpart_rules::flow::{Post, line_review, opened_by};
use counterpart_store::Sqlite;
use counterpart_testbed::cast::{Party, START, TestClock, memory, request};
use counterpart_testbed::scratch::Scratch;
use std::sync::Arc;

const RING: Ring = Ring::Live;

struct Pair {
    a: Party,
    b: Party,
    at_a: Node,
    at_b: Node,
    clock: Arc<TestClock>,
}

fn pair() -> Pair {
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock.clone()).unwrap();
    let (at_a, at_b) = a.meets(&b, [memory().unwrap(), memory().unwrap()]).unwrap();
    Pair { a, b, at_a, at_b, clock }
}

impl Pair {
    /// Both ways until nobody has anything to say.
    fn sync(&mut self) {
        for _ in 0..3 {
            send(&mut self.at_a, &mut self.at_b);
            send(&mut self.at_b, &mut self.at_a);
        }
    }

    fn raise(&mut self, urgency: &str) -> Logged {
        let body = format!(r#"{{"urgency":"{urgency}","topic":"danger-to-life"}}"#);
        let draft = draft(self.b.id, Target::New { stream: "cybercrime".into() }, "raise", &body);
        write(&mut self.at_a, draft)
    }
}

fn send(from: &mut Node, to: &mut Node) {
    let Some(parcel) = from.outgoing(&to.party(), RING, false).unwrap() else { return };
    let (_, reply) = to.respond(&parcel).unwrap();
    reply.into_iter().for_each(|reply| drop(from.incoming(&reply).unwrap()));
}

fn draft(peer: PartyId, target: Target, kind: &str, body: &str) -> Draft {
    Draft {
        peer,
        ring: RING,
        target,
        rules: opened_by("raise").unwrap().rules().into(),
        kind: kind.into(),
        body: parse_object(body.as_bytes()).unwrap(),
        disclosed: Vec::new(),
        re: Vec::new(),
    }
}

/// A further act that answers what such an act answers by itself.
fn further(node: &mut Node, peer: PartyId, matter: MatterId, kind: &str, body: &str) -> Logged {
    let re = node.matter(&matter).unwrap().answers(kind);
    write(node, Draft { re, ..draft(peer, Target::Matter(matter), kind, body) })
}

fn write(node: &mut Node, draft: Draft) -> Logged {
    node.submit(draft).unwrap();
    node.ledger().unwrap().pop().unwrap().1.unwrap()
}

fn heard(node: &mut Node) -> Vec<(Post, &'static str)> {
    node.tick(None).unwrap().rings.iter().map(|one| (one.what.post, one.what.why)).collect()
}

/// CAL-2, CAL-3
#[test]
fn a_call_rings_where_it_came_until_it_is_taken() {
    let mut pair = pair();
    pair.sync();
    let call = pair.raise("flash");
    assert_eq!((heard(&mut pair.at_a), heard(&mut pair.at_b)), (vec![], vec![]));
    pair.sync();
    assert_eq!(heard(&mut pair.at_b), [(Post::Desk, "ring-raised")]);
    let tick = pair.at_b.tick(None).unwrap();
    assert_eq!((tick.rings[0].matter, tick.rings[0].mine), (call.matter, false));
    pair.clock.move_by(400);
    assert_eq!(heard(&mut pair.at_b), [(Post::Supervisor, "ring-raised")]);
    further(&mut pair.at_b, pair.a.id, call.matter, "acknowledge", r#"{"post":"supervisor"}"#);
    assert_eq!(heard(&mut pair.at_b), []);
    // The caller hears it until the word has come.
    assert_eq!(heard(&mut pair.at_a), [(Post::Supervisor, "ring-not-taken")]);
    pair.sync();
    assert_eq!(heard(&mut pair.at_a), []);
    pair.clock.move_by(900);
    assert_eq!(heard(&mut pair.at_b), [(Post::Desk, "ring-again")]);
    further(&mut pair.at_b, pair.a.id, call.matter, "say", "{}");
    pair.sync();
    pair.clock.move_by(86_400);
    assert_eq!((heard(&mut pair.at_a), heard(&mut pair.at_b)), (vec![], vec![]));
}

/// CAL-5
#[test]
fn over_a_dead_link_the_ladder_climbs_at_home() {
    let mut pair = pair();
    pair.sync();
    pair.raise("flash");
    pair.clock.move_by(61);
    assert_eq!(heard(&mut pair.at_a), [(Post::Desk, "ring-not-held")]);
    pair.clock.move_by(600);
    assert_eq!(heard(&mut pair.at_a), [(Post::Principal, "ring-not-held")]);
    assert_eq!(heard(&mut pair.at_b), []);
}

/// The same acts, heads and time give the same state on both nodes.
#[test]
fn both_sides_compute_the_same_state() {
    let mut pair = pair();
    pair.sync();
    let call = pair.raise("immediate");
    for step in [0, 200, 700, 2_000, 4_000] {
        pair.clock.move_by(step);
        pair.sync();
        let state = |node: &Node| node.matter(&call.matter).unwrap().state.unwrap();
        let (one, two) = (state(&pair.at_a), state(&pair.at_b));
        assert_eq!(one, two);
    }
    let codes = [&pair.at_a, &pair.at_b].map(|node| node.spoken_code(&call.matter).unwrap());
    assert_eq!(codes[0], codes[1]);
    let asked = write(&mut pair.at_a, request(pair.b.id, RING));
    assert_eq!(pair.at_a.spoken_code(&asked.matter).unwrap_err().code, Code::NotPermitted);
}

/// CAL-11
#[test]
fn the_machine_answers_a_test_once_and_a_person_is_rung() {
    let mut pair = pair();
    pair.sync();
    let every = Some(86_400);
    let submit = |node: &mut Node, tick: Tick| {
        let made = tick.drafts.len();
        for draft in tick.drafts {
            node.submit(draft).unwrap();
        }
        for (_, result) in node.ledger().unwrap() {
            result.unwrap();
        }
        made
    };
    let tick = pair.at_a.tick(every).unwrap();
    assert_eq!(submit(&mut pair.at_a, tick), 1);
    // Not again before the day is over.
    assert_eq!(pair.at_a.tick(every).unwrap().drafts.len(), 0);
    pair.sync();
    let tick = pair.at_b.tick(None).unwrap();
    let matter = tick.rings[0].matter;
    assert_eq!(tick.rings[0].what.why, "ring-test");
    assert_eq!(submit(&mut pair.at_b, tick), 1);
    assert_eq!(pair.at_b.tick(None).unwrap().drafts.len(), 0);
    let rules = pair.at_b.matter(&matter).unwrap().flow.unwrap().rules();
    let answer = draft(pair.a.id, Target::Matter(matter), "person-answer", "{}");
    write(&mut pair.at_b, Draft { rules: rules.into(), ..answer });
    assert_eq!(heard(&mut pair.at_b), []);
    pair.sync();
    let state = pair.at_a.matter(&matter).unwrap().state.unwrap();
    assert_eq!((state.stage, state.closed), ("line-answered", true));
    let items = pair.at_a.line_items(&pair.b.id, RING, (START, START + 9)).unwrap();
    let text = line_review(&items);
    let tests = text.get("ours").unwrap().as_object().unwrap().get("tests").unwrap();
    let tests = tests.as_object().unwrap();
    assert_eq!(
        (tests.get("available"), tests.get("of")),
        (Some(&1_u64.into()), Some(&1_u64.into()))
    );
    pair.clock.move_by(86_400);
    assert_eq!(pair.at_a.tick(every).unwrap().drafts.len(), 1);
}

/// A peer that raises without end makes its own calls slow, and is heard all the same.
#[test]
fn a_flood_of_calls_is_read_in_pieces() {
    let mut pair = pair();
    pair.sync();
    for _ in 0..200 {
        pair.raise("routine");
    }
    pair.sync();
    let first = pair.at_b.tick(None).unwrap();
    assert!(first.unread > 0 && !first.rings.is_empty());
    let more = (0..9).map(|_| pair.at_b.tick(None).unwrap());
    let last = more.last().unwrap();
    assert_eq!((last.unread, last.rings.len()), (0, 200));
}

/// So many requests, committed and not sent.
fn backlog(node: &mut Node, peer: PartyId, count: usize) {
    for _ in 0..count {
        node.submit(request(peer, RING)).unwrap();
    }
    assert!(node.ledger().unwrap().iter().all(|(_, logged)| logged.is_ok()));
}

/// CAL-15
#[test]
fn a_flash_call_rings_before_the_backlog_that_it_lies_behind() {
    let mut pair = pair();
    pair.sync();
    let count = 2 * limits::PARCEL_ACTS + 7;
    backlog(&mut pair.at_a, pair.b.id, count);
    let call = pair.raise("flash");
    // One parcel, and no large one: heads, leaves, the call, a few of the others.
    let parcel = pair.at_a.outgoing(&pair.b.id, RING, false).unwrap().unwrap();
    assert!(parcel.len() < 192 * 1024, "{}", parcel.len());
    let (incoming, reply) = pair.at_b.respond(&parcel).unwrap();
    assert!(incoming.notices.len() < 100, "{}", incoming.notices.len());
    let tick = pair.at_b.tick(None).unwrap();
    let [ring] = &tick.rings[..] else { panic!("{:?}", tick.rings) };
    assert_eq!((ring.matter, ring.ahead, ring.what.post), (call.matter, true, Post::Desk));
    // It is not registered, so nothing else can be done with it; but it climbs.
    assert_eq!(pair.at_b.matter(&call.matter).unwrap_err().code, Code::MatterUnknown);
    pair.clock.move_by(400);
    assert_eq!(heard(&mut pair.at_b), [(Post::Supervisor, "ring-raised")]);
    // The same parcel again changes nothing.
    pair.at_b.respond(&parcel).unwrap();
    assert_eq!(heard(&mut pair.at_b).len(), 1);
    // The backlog follows in whole parcels, and the call with it, in its place.
    pair.at_a.incoming(&reply.unwrap()).unwrap();
    let mut parcels = 0;
    while pair.at_a.pressure(&pair.b.id, RING).unwrap() == Pressure::Acts {
        send(&mut pair.at_a, &mut pair.at_b);
        parcels += 1;
    }
    assert!(parcels <= 4, "{parcels}");
    let tick = pair.at_b.tick(None).unwrap();
    let [ring] = &tick.rings[..] else { panic!("{:?}", tick.rings) };
    assert_eq!((ring.matter, ring.ahead), (call.matter, false));
    further(&mut pair.at_b, pair.a.id, call.matter, "acknowledge", r#"{"post":"desk"}"#);
    assert_eq!(heard(&mut pair.at_b), []);
    pair.sync();
    assert!(pair.at_a.matter(&call.matter).is_ok() && pair.at_b.fsck().unwrap().faults.is_empty());
}

/// CAL-15
#[test]
fn what_rings_in_a_call_goes_before_a_backlog_whichever_side_called() {
    for called_by_a in [true, false] {
        let mut pair = pair();
        pair.sync();
        let call = if called_by_a {
            pair.raise("routine")
        } else {
            let body = r#"{"urgency":"routine","topic":"danger-to-life"}"#;
            let target = Target::New { stream: "cybercrime".into() };
            write(&mut pair.at_b, draft(pair.a.id, target, "raise", body))
        };
        pair.sync();
        let (a, b) = (pair.a.id, pair.b.id);
        let taker = if called_by_a { &mut pair.at_b } else { &mut pair.at_a };
        let other = if called_by_a { a } else { b };
        further(taker, other, call.matter, "say", r#"{"post":"desk"}"#);
        pair.sync();
        assert_eq!(heard(&mut pair.at_b), []);
        backlog(&mut pair.at_a, b, 2 * limits::PARCEL_ACTS);
        further(&mut pair.at_a, b, call.matter, "say", r#"{"ring":true}"#);
        let parcel = pair.at_a.outgoing(&b, RING, false).unwrap().unwrap();
        assert!(parcel.len() < 192 * 1024, "{}", parcel.len());
        let (_, reply) = pair.at_b.respond(&parcel).unwrap();
        let tick = pair.at_b.tick(None).unwrap();
        let [ring] = &tick.rings[..] else { panic!("{:?}", tick.rings) };
        assert_eq!((ring.matter, ring.ahead, ring.mine), (call.matter, true, !called_by_a));
        assert_eq!(ring.what.why, "ring-said");
        // It is not registered yet; when its place has come it rings once and not twice.
        let count = pair.at_b.matter(&call.matter).unwrap().acts.len();
        assert_eq!(count, 2);
        pair.at_a.incoming(&reply.unwrap()).unwrap();
        pair.sync();
        let tick = pair.at_b.tick(None).unwrap();
        let [ring] = &tick.rings[..] else { panic!("{:?}", tick.rings) };
        assert_eq!((ring.matter, ring.ahead), (call.matter, false));
        further(&mut pair.at_b, a, call.matter, "say", r#"{"post":"desk"}"#);
        assert_eq!(heard(&mut pair.at_b), []);
    }
}

/// CAL-15
#[test]
fn a_call_is_put_ahead_only_if_it_presses_and_again_only_if_it_was_lost() {
    let mut pair = pair();
    pair.sync();
    backlog(&mut pair.at_a, pair.b.id, limits::PARCEL_ACTS + 7);
    // A call that does not press waits like everything else.
    pair.raise("routine");
    let parcel = pair.at_a.outgoing(&pair.b.id, RING, false).unwrap().unwrap();
    let (incoming, _) = pair.at_b.respond(&parcel).unwrap();
    assert_eq!(incoming.notices.len(), limits::PARCEL_ACTS);
    assert_eq!(heard(&mut pair.at_b), []);
    // One that presses is put ahead once; when that parcel was lost, once more.
    pair.raise("flash");
    let small = |pair: &mut Pair| {
        let parcel = pair.at_a.outgoing(&pair.b.id, RING, false).unwrap().unwrap();
        parcel.len() < 192 * 1024
    };
    assert!(small(&mut pair) && !small(&mut pair));
    pair.at_a.lost(&pair.b.id, RING).unwrap();
    assert!(small(&mut pair));
}

/// A request whose text is as long as people write them.
fn long(peer: PartyId) -> Draft {
    let mut draft = request(peer, RING);
    draft.disclosed.retain(|(name, _)| name != "facts");
    draft.disclosed.push(("facts".to_owned(), "They wrote again. ".repeat(850).into()));
    draft
}

/// CAL-15: shorter than a parcel or longer, each act under a head of its own or many under one,
/// what presses goes out in parcels that a peer takes which has used up its patience.
#[test]
fn what_presses_fits_where_only_small_parcels_pass() {
    for (count, at_once) in [(3, 1), (40, 1), (40, 40), (90, 1), (600, 600), (1_500, 500)] {
        let mut pair = pair();
        pair.sync();
        let b = pair.b.id;
        for nth in 0..count {
            let draft = if count < 100 { long(b) } else { request(b, RING) };
            pair.at_a.submit(draft).unwrap();
            if (nth + 1) % at_once == 0 {
                assert!(pair.at_a.ledger().unwrap().iter().all(|(_, logged)| logged.is_ok()));
            }
        }
        let call = pair.raise("flash");
        // It has refused a large one.
        pair.at_a.slow(b, 600);
        let mut parcels = 0;
        while heard(&mut pair.at_b).is_empty() {
            let parcel = pair.at_a.outgoing(&b, RING, parcels > 0).unwrap().unwrap();
            assert!(parcel.len() <= limits::PRESSING_BYTES + 2_048, "{count}: {}", parcel.len());
            let (_, reply) = pair.at_b.respond(&parcel).unwrap();
            pair.at_a.incoming(&reply.unwrap()).unwrap();
            parcels += 1;
            assert!(parcels <= 8, "{count}, {at_once}");
        }
        // The next one is large and does not pass; the call goes ahead once more.
        let refused = pair.at_a.outgoing(&b, RING, true).unwrap().unwrap();
        assert!(count == 3 || refused.len() > limits::PRESSING_BYTES + 2_048);
        pair.at_a.lost(&b, RING).unwrap();
        let again = pair.at_a.outgoing(&b, RING, true).unwrap().unwrap();
        assert!(again.len() <= limits::PRESSING_BYTES + 2_048, "{count}: {}", again.len());
        pair.at_b.respond(&again).unwrap();
        assert_eq!(heard(&mut pair.at_b).len(), 1);
        // With patience again, all of it comes to its place.
        pair.at_a.lost(&b, RING).unwrap();
        pair.sync();
        pair.sync();
        assert!(pair.at_b.matter(&call.matter).is_ok(), "{count}");
        assert!(pair.at_b.fsck().unwrap().faults.is_empty());
    }
}

/// CAL-15: the keys that sign what presses may be behind the backlog, too.
#[test]
fn a_rotation_in_the_backlog_does_not_hold_a_call_back() {
    let mut pair = pair();
    pair.sync();
    let b = pair.b.id;
    for _ in 0..20 {
        write(&mut pair.at_a, long(b));
    }
    rotate(&mut pair);
    for _ in 0..20 {
        write(&mut pair.at_a, long(b));
    }
    pair.raise("flash");
    pair.at_a.slow(b, 600);
    for _ in 0..8 {
        let parcel = pair.at_a.outgoing(&b, RING, true).unwrap().unwrap();
        assert!(parcel.len() <= limits::PRESSING_BYTES + 2_048, "{}", parcel.len());
        let (_, reply) = pair.at_b.respond(&parcel).unwrap();
        pair.at_a.incoming(&reply.unwrap()).unwrap();
        if !heard(&mut pair.at_b).is_empty() {
            return;
        }
    }
    panic!("it does not ring");
}

/// A has new keys for everything but its root.
fn rotate(pair: &mut Pair) {
    let held = pair.at_a.credential().unwrap().clone();
    let seeds = SoftKeys::fresh_seeds(pair.a.random.as_ref());
    let keys: Arc<dyn Keys> = Arc::new(SoftKeys::new(&seeds, &pair.a.sealing).unwrap());
    let (desk, version) = (held.desk.clone(), held.version + 1);
    let next = Credential::new(&pair.a.root, keys.as_ref(), version, desk, held.issued_at);
    pair.at_a.rekey(keys);
    let next = Control::Credential(Box::new(next)).sign(&pair.a.root).unwrap();
    pair.at_a.adopt(&next).unwrap();
}

/// CAL-15: what is signed now is signed with keys that lie behind the call.
#[test]
fn nothing_goes_ahead_that_keys_behind_it_signed() {
    let mut pair = pair();
    pair.sync();
    let (a, b) = (pair.a.id, pair.b.id);
    for _ in 0..20 {
        write(&mut pair.at_a, long(b));
    }
    pair.raise("flash");
    rotate(&mut pair);
    write(&mut pair.at_b, long(a));
    let parcel = pair.at_b.outgoing(&a, RING, true).unwrap().unwrap();
    let (_, reply) = pair.at_a.respond(&parcel).unwrap();
    pair.at_b.incoming(&reply.unwrap()).unwrap();
    assert!(!heard(&mut pair.at_b).is_empty());
}

/// CAL-15
#[test]
fn a_call_still_goes_ahead_after_a_restart() {
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock.clone()).unwrap();
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path()).unwrap();
    let path = scratch.path().join("record.db");
    let mut at_a = a.found(Box::new(Sqlite::open(&path, true).unwrap())).unwrap();
    let mut at_b = b.in_memory().unwrap();
    a.enrol(&mut at_a, &b).unwrap();
    b.enrol(&mut at_b, &a).unwrap();
    let mut pair = Pair { a, b, at_a, at_b, clock };
    pair.sync();
    backlog(&mut pair.at_a, pair.b.id, limits::PARCEL_ACTS + 7);
    pair.raise("flash");
    let Pair { a, b, at_a, mut at_b, .. } = pair;
    drop(at_a);
    let store = Box::new(Sqlite::open(&path, false).unwrap());
    let mut at_a = Node::load(store, a.seams()).unwrap();
    let parcel = at_a.outgoing(&b.id, RING, false).unwrap().unwrap();
    at_b.respond(&parcel).unwrap();
    assert_eq!(heard(&mut at_b), [(Post::Desk, "ring-raised")]);
}
