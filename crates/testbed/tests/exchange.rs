//! Two nodes and the parcels between them, by hand.

// Helpers of tests may fail by unwrap, as tests may.
#![allow(clippy::unwrap_used)]

use counterpart_engine::seam::Clock as _;
use counterpart_engine::session::Pressure;
use counterpart_engine::{Draft, Logged, Node, Notice, Verdict};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::ChannelId;
use counterpart_record::keys::{Keys as _, Ring};
use counterpart_record::limits;
use counterpart_record::parcel::{self, Address, Carried, Contents};
use counterpart_record::party::Control;
use counterpart_record::strict::json::parse_object;
use counterpart_rules::clock::Sort;
use counterpart_store::Sqlite;
use counterpart_testbed::cast::{Party, TestClock, further, memory, request};
use counterpart_testbed::disk::Disk;

const RING: Ring = Ring::Live;

struct Pair {
    a: Party,
    b: Party,
    at_a: Node,
    at_b: Node,
}

fn pair() -> Pair {
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock).unwrap();
    let (at_a, at_b) = a.meets(&b, [memory().unwrap(), memory().unwrap()]).unwrap();
    Pair { a, b, at_a, at_b }
}

fn act(node: &mut Node, draft: Draft) -> Result<Logged> {
    let ticket = node.submit(draft)?;
    let mut results = node.ledger().unwrap();
    assert_eq!(results.len(), 1);
    let (done, result) = results.pop().unwrap();
    assert_eq!(done, ticket);
    result
}

/// One round trip: from -> to -> from. Returns what both noticed.
fn sync(from: &mut Node, to: &mut Node, ring: Ring) -> Vec<Notice> {
    let (sender, recipient) = (from.party(), to.party());
    let Some(parcel) = from.outgoing(&recipient, ring, false).unwrap() else {
        return Vec::new();
    };
    let (incoming, reply) = to.respond(&parcel).unwrap();
    assert_eq!(incoming.peer, sender);
    let mut notices = incoming.notices;
    if let Some(reply) = reply {
        notices.extend(from.incoming(&reply).unwrap().notices);
    }
    notices
}

/// What brings nothing new is known as such, so that a peer that sends it all the time can be told
/// to wait; and a word that goes back is nothing new either.
#[test]
fn what_came_before_is_no_news() {
    let Pair { b, mut at_a, mut at_b, .. } = pair();
    act(&mut at_a, request(b.id, RING)).unwrap();
    let old = at_a.outgoing(&b.id, RING, false).unwrap().unwrap();
    let (first, reply) = at_b.respond(&old).unwrap();
    assert!(first.news);
    assert!(!at_b.respond(&old).unwrap().0.news);
    assert!(at_a.incoming(&reply.unwrap()).unwrap().news);
    act(&mut at_b, request(at_a.party(), RING)).unwrap();
    sync(&mut at_b, &mut at_a, RING);
    sync(&mut at_a, &mut at_b, RING);
    // The old parcel says that it holds less of ours than it does: taken, and no news.
    for _ in 0..2 {
        assert!(!at_b.respond(&old).unwrap().0.news);
        let newest = at_a.outgoing(&b.id, RING, true).unwrap().unwrap();
        assert!(!at_b.respond(&newest).unwrap().0.news);
    }
}

/// Its author's word that it holds less is old; that it holds what it cosigned is signed.
#[test]
fn an_old_parcel_takes_nothing_back_of_what_its_author_signed() {
    let Pair { a, mut at_a, mut at_b, .. } = pair();
    sync(&mut at_a, &mut at_b, RING);
    act(&mut at_a, request(at_b.party(), RING)).unwrap();
    let old = at_a.outgoing(&at_b.party(), RING, true).unwrap().unwrap();
    for _ in 0..5 {
        act(&mut at_b, request(a.id, RING)).unwrap();
    }
    for _ in 0..3 {
        sync(&mut at_b, &mut at_a, RING);
        sync(&mut at_a, &mut at_b, RING);
    }
    let shown = |node: &Node| {
        let standing = node.standing().remove(0);
        standing.own_size - standing.held_by_peer
    };
    assert_eq!(shown(&at_b), 0);
    at_b.incoming(&old).unwrap();
    assert!(at_b.held_by_peer(&a.id, RING).unwrap() < at_b.standing()[0].own_size);
    assert_eq!(shown(&at_b), 0);
    act(&mut at_b, request(a.id, RING)).unwrap();
    assert_eq!(shown(&at_b), 1);
}

/// What does not fit into one parcel goes out with the next at once, and not when the line is idle;
/// but a peer that takes nothing is not sent the same thing ever faster.
#[test]
fn a_backlog_goes_out_parcel_after_parcel() {
    let Pair { b, mut at_a, mut at_b, .. } = pair();
    sync(&mut at_a, &mut at_b, RING);
    let backlog = limits::PARCEL_ACTS + 76;
    for _ in 0..backlog {
        at_a.submit(request(b.id, RING)).unwrap();
    }
    assert!(at_a.ledger().unwrap().iter().all(|(_, result)| result.is_ok()));
    let pressure = |node: &Node| node.pressure(&b.id, RING).unwrap();
    assert_eq!(sync(&mut at_a, &mut at_b, RING).len(), limits::PARCEL_ACTS);
    assert_eq!(pressure(&at_a), Pressure::Acts);
    // Two that come to nothing.
    assert!(at_a.outgoing(&b.id, RING, false).unwrap().is_some());
    assert!(at_a.outgoing(&b.id, RING, false).unwrap().is_some());
    assert_eq!(pressure(&at_a), Pressure::Idle);
    assert_eq!(sync(&mut at_a, &mut at_b, RING).len(), 76);
    assert_eq!(at_a.held_by_peer(&b.id, RING).unwrap(), at_a.standing()[0].own_size);
    assert!(pressure(&at_a) < Pressure::Acts);
}

#[test]
fn one_asks_the_other_answers_and_both_hold_it() {
    let Pair { b, mut at_a, mut at_b, a, .. } = pair();
    let asked = act(&mut at_a, request(b.id, RING)).unwrap();
    assert_eq!(at_a.pressure(&b.id, RING).unwrap(), Pressure::Acts);
    let notices = sync(&mut at_a, &mut at_b, RING);
    let [Notice::Act { verdict: Verdict::Valid, matter, .. }] = &notices[..] else {
        panic!("{notices:?}");
    };
    assert_eq!(*matter, asked.matter);
    for kind in ["acknowledge", "ask"] {
        act(&mut at_b, further(a.id, RING, *matter, kind)).unwrap();
    }
    let notices = sync(&mut at_b, &mut at_a, RING);
    assert_eq!(notices.len(), 2, "{notices:?}");
    act(&mut at_b, further(a.id, RING, *matter, "answer")).unwrap();
    assert_eq!(sync(&mut at_b, &mut at_a, RING).len(), 1);
    let late = act(&mut at_a, further(b.id, RING, *matter, "remind")).unwrap_err();
    assert_eq!(late.code, Code::NotPermitted);
    for _ in 0..3 {
        sync(&mut at_a, &mut at_b, RING);
        sync(&mut at_b, &mut at_a, RING);
    }
    assert_eq!(at_a.pressure(&b.id, RING).unwrap(), Pressure::None);
    assert_eq!(at_b.pressure(&a.id, RING).unwrap(), Pressure::None);
}

#[test]
fn crossing_withdraw_and_answer_are_valid_on_both_sides() {
    let Pair { a, b, mut at_a, mut at_b } = pair();
    let asked = act(&mut at_a, request(b.id, RING)).unwrap();
    sync(&mut at_a, &mut at_b, RING);
    act(&mut at_a, further(b.id, RING, asked.matter, "withdraw")).unwrap();
    act(&mut at_b, further(a.id, RING, asked.matter, "answer")).unwrap();
    let notices = sync(&mut at_a, &mut at_b, RING);
    assert_eq!(notices.len(), 2);
    for notice in notices {
        assert!(matches!(notice, Notice::Act { verdict: Verdict::Valid, .. }), "{notice:?}");
    }
    let fault = act(&mut at_b, further(a.id, RING, asked.matter, "refuse")).unwrap_err();
    assert_eq!(fault.code, Code::NotPermitted);
}

#[test]
fn nothing_is_sent_to_a_stranger_and_nothing_is_taken_from_one() {
    let Pair { mut at_a, .. } = pair();
    let clock = TestClock::new();
    let c = Party::new("Caldera", 3, clock).unwrap();
    let mut at_c = c.in_memory().unwrap();
    assert_eq!(act(&mut at_a, request(c.id, RING)).unwrap_err().code, Code::PeerUnknown);
    at_a.import_credential(&c.credential).unwrap();
    assert_eq!(act(&mut at_a, request(c.id, RING)).unwrap_err().code, Code::NotAccredited);
    let d = Party::new("Delos", 4, TestClock::new()).unwrap();
    c.enrol(&mut at_c, &d).unwrap();
    let parcel = at_c.outgoing(&d.id, RING, true).unwrap().unwrap();
    assert_eq!(at_a.incoming(&parcel).unwrap_err().code, Code::ParcelNotForUs);
}

#[test]
fn a_matter_leaves_as_a_dossier_and_the_store_checks_out() {
    let Pair { a, b, mut at_a, mut at_b } = pair();
    let asked = act(&mut at_a, request(b.id, RING)).unwrap();
    sync(&mut at_a, &mut at_b, RING);
    act(&mut at_b, further(a.id, RING, asked.matter, "acknowledge")).unwrap();
    act(&mut at_b, further(a.id, RING, asked.matter, "refuse")).unwrap();
    sync(&mut at_b, &mut at_a, RING);
    sync(&mut at_a, &mut at_b, RING);
    for node in [&at_a, &at_b] {
        let checked = node.fsck().unwrap();
        assert_eq!(checked.faults, []);
        assert!(checked.statements >= 7 && checked.heads > 4, "{checked:?}");
        let view = node.matter(&asked.matter).unwrap();
        assert_eq!(view.acts.len(), 3);
        assert_eq!(view.state.unwrap().stage, "refused");
        let files = node.dossier(&asked.matter).unwrap().files().unwrap();
        let fingerprints = [a.id.fingerprint(), b.id.fingerprint()];
        let report = counterpart_verify::dossier::check(&files, &fingerprints, 1);
        assert!(report.is_valid(), "{}", report.to_text(counterpart_rules::say::Lang::En));
    }
}

#[test]
fn dos_21_heads_that_came_in_one_parcel_are_all_proven_in_a_dossier() {
    let Pair { a, b, mut at_a, mut at_b } = pair();
    let asked = act(&mut at_a, request(b.id, RING)).unwrap();
    // Four heads are on their way at once; the peer cosigns the last of them alone.
    for _ in 0..3 {
        act(&mut at_a, further(b.id, RING, asked.matter, "remind")).unwrap();
    }
    // The newest head rests on another matter, so no receipt of this one asks for it.
    act(&mut at_a, request(b.id, RING)).unwrap();
    sync(&mut at_a, &mut at_b, RING);
    act(&mut at_b, further(a.id, RING, asked.matter, "acknowledge")).unwrap();
    sync(&mut at_b, &mut at_a, RING);
    sync(&mut at_a, &mut at_b, RING);
    sync(&mut at_b, &mut at_a, RING);
    for node in [&at_a, &at_b] {
        let dossier = node.dossier(&asked.matter).unwrap();
        let bare = |note: &str| !note.contains("/cosign ");
        assert!(dossier.checkpoints.iter().filter(|head| bare(&head.note)).count() > 1);
        let fingerprints = [a.id.fingerprint(), b.id.fingerprint()];
        let files = dossier.files().unwrap();
        let report = counterpart_verify::dossier::check(&files, &fingerprints, 1);
        assert_eq!((report.findings.as_slice(), report.unchecked.as_slice()), (&[][..], &[][..]));
    }
}

#[test]
fn four_digits_that_fit_two_matters_name_neither() {
    let Pair { b, mut at_a, .. } = pair();
    for _ in 0..800 {
        at_a.submit(request(b.id, RING)).unwrap();
    }
    let logged = at_a.ledger().unwrap();
    let mut ids: Vec<String> =
        logged.into_iter().map(|(_, act)| act.unwrap().matter.to_string()).collect();
    ids.sort();
    // Eight hundred of 65,536: some two share their first four digits, always the same two here.
    let twins = ids.windows(2).find(|pair| pair[0][..4] == pair[1][..4]).unwrap();
    assert_eq!(at_a.matter_id(&twins[0][..4]).unwrap_err().code, Code::Ambiguous);
    assert_eq!(at_a.matter_id(&twins[0]).unwrap().to_string(), twins[0]);
    assert_eq!(at_a.matter_id("abc").unwrap_err().code, Code::ArgumentWrong);
}

#[test]
fn a_statement_that_no_head_commits_to_refuses_the_parcel() {
    let Pair { a, b, mut at_a, mut at_b } = pair();
    sync(&mut at_a, &mut at_b, RING);
    let before = at_b.standing();
    let contents = Contents {
        epoch: 1,
        acts: vec![Carried { statement: vec![0xd2, 0x84], disclosures: String::new() }],
        ..Contents::default()
    };
    let channel = ChannelId::between(&a.id, &b.id, false);
    let address = Address { sender: a.id, recipient: b.id, channel };
    let parcel = parcel::seal(&address, b.keys.public(RING), &contents, a.random.as_ref()).unwrap();
    assert_eq!(at_b.incoming(&parcel).unwrap_err().code, Code::EntryNotInHead);
    assert_eq!(at_b.standing(), before);
}

#[test]
fn a_party_that_rotated_before_it_was_accredited_begins_its_log_with_the_newer_credential() {
    let clock = TestClock::new();
    let mut a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock.clone()).unwrap();
    let (mut at_a, mut at_b) = (a.in_memory().unwrap(), b.in_memory().unwrap());
    let fresh = Party::new("Arcadia", 77, clock).unwrap();
    let Control::Credential(mut credential) = Control::verify(&a.credential, None).unwrap() else {
        panic!("not a credential");
    };
    credential.version = 2;
    credential.live = fresh.keys.public(Ring::Live).clone();
    credential.drill = fresh.keys.public(Ring::Drill).clone();
    a.credential = Control::Credential(credential).sign(&a.root).unwrap();
    a.keys = fresh.keys.clone();
    at_a.rekey(a.keys.clone());
    at_a.adopt(&a.credential).unwrap();
    a.enrol(&mut at_a, &b).unwrap();
    b.enrol(&mut at_b, &a).unwrap();
    act(&mut at_a, request(b.id, RING)).unwrap();
    let notices = sync(&mut at_a, &mut at_b, RING);
    assert!(matches!(&notices[..], [Notice::Act { verdict: Verdict::Valid, .. }]), "{notices:?}");
    for node in [&at_a, &at_b] {
        assert_eq!(node.fsck().unwrap().faults, []);
    }
}

#[test]
fn an_old_copy_of_the_record_signs_nothing_once_a_peer_shows_what_was_signed() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("old-copy");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock).unwrap();
    let (live, copy) = (folder.join("record.db"), folder.join("copy.db"));
    let mut at_a = a.found(Box::new(Sqlite::open(&live, true).unwrap())).unwrap();
    let mut at_b = b.in_memory().unwrap();
    a.enrol(&mut at_a, &b).unwrap();
    b.enrol(&mut at_b, &a).unwrap();
    sync(&mut at_a, &mut at_b, RING);
    drop(at_a);
    std::fs::copy(&live, &copy).unwrap();
    let open = |path| Node::load(Box::new(Sqlite::open(path, false).unwrap()), a.seams()).unwrap();
    let mut at_a = open(&live);
    act(&mut at_a, request(b.id, RING)).unwrap();
    sync(&mut at_a, &mut at_b, RING);
    drop(at_a);
    let mut restored = open(&copy);
    // It says where it stands; the answer shows it that it had been further.
    let parcel = restored.outgoing(&b.id, RING, true).unwrap().unwrap();
    let (_, answer) = at_b.respond(&parcel).unwrap();
    let fault = restored.incoming(&answer.unwrap()).unwrap_err();
    assert_eq!(fault.code, Code::StoreBehind);
    assert_eq!(act(&mut restored, request(b.id, RING)).unwrap_err().code, Code::StoreBehind);
    // And so does every process after it.
    drop(restored);
    let mut restored = open(&copy);
    assert_eq!(act(&mut restored, request(b.id, RING)).unwrap_err().code, Code::StoreBehind);
    assert!(at_b.proofs().unwrap().is_empty(), "nobody honest is named");
}

/// A sheet between two parties, told apart by the name of a stream.
fn sheet(a: &Node, b: &Node, stream: &str) -> counterpart_record::strict::json::Object {
    use counterpart_record::strict::json::{Object, Value};
    let stream = Object::default().with("name", stream).with("sharing", "totals");
    let draft = counterpart_rules::terms::Sheet::draft([&a.party(), &b.party()]);
    draft.with("streams", vec![Value::from(stream)])
}

fn settle_both(at_a: &mut Node, at_b: &mut Node) {
    for _ in 0..3 {
        sync(at_a, at_b, RING);
        sync(at_b, at_a, RING);
    }
}

/// CLK-21, CLK-22.
#[test]
fn terms_are_in_force_once_both_have_said_so() {
    let Pair { a, b, mut at_a, mut at_b } = pair();
    let in_force = |node: &Node, peer| node.terms(peer, RING).unwrap().in_force;
    let fault = at_b.decide_terms(&a.id, RING, "accept-terms", true, vec![]).unwrap_err();
    assert_eq!(fault.code, Code::TermsNone);
    let first = sheet(&at_a, &at_b, "first");
    let wrong = first.clone().with("tz", "1999a").with("v", 1_i64);
    let fault = at_a.propose_terms(&b.id, RING, wrong, vec![]).unwrap_err();
    assert_eq!(fault.code, Code::TermsUnfit);
    let draft = at_a.propose_terms(&b.id, RING, first, vec![]).unwrap();
    let proposed = act(&mut at_a, draft).unwrap();
    settle_both(&mut at_a, &mut at_b);
    assert_eq!(in_force(&at_b, &a.id), [0; 32]);
    let draft = at_b.decide_terms(&a.id, RING, "accept-terms", true, vec![]).unwrap();
    assert_eq!(act(&mut at_b, draft).unwrap().matter, proposed.matter);
    assert_eq!(in_force(&at_a, &b.id), [0; 32], "nothing holds before the acceptance came");
    settle_both(&mut at_a, &mut at_b);
    let id = in_force(&at_a, &b.id);
    assert_ne!(id, [0; 32]);
    assert_eq!(id, in_force(&at_b, &a.id));
    // A second proposal goes on in the same matter, and changes nothing until it is decided.
    let second = sheet(&at_a, &at_b, "second");
    let draft = at_a.propose_terms(&b.id, RING, second, vec![]).unwrap();
    assert_eq!(act(&mut at_a, draft).unwrap().matter, proposed.matter);
    settle_both(&mut at_a, &mut at_b);
    let draft = at_b.decide_terms(&a.id, RING, "decline-terms", false, vec![]).unwrap();
    act(&mut at_b, draft).unwrap();
    settle_both(&mut at_a, &mut at_b);
    assert_eq!((in_force(&at_a, &b.id), in_force(&at_b, &a.id)), (id, id));
}

/// CLK-22: both sides name the same one of two acceptances that crossed, and a later one replaces
/// it.
#[test]
fn acceptances_that_cross_leave_one_sheet_in_force() {
    let Pair { a, b, mut at_a, mut at_b } = pair();
    let (by_a, by_b) = (sheet(&at_a, &at_b, "by-a"), sheet(&at_a, &at_b, "by-b"));
    let draft = at_a.propose_terms(&b.id, RING, by_a, vec![]).unwrap();
    act(&mut at_a, draft).unwrap();
    let draft = at_b.propose_terms(&a.id, RING, by_b, vec![]).unwrap();
    act(&mut at_b, draft).unwrap();
    settle_both(&mut at_a, &mut at_b);
    for (node, peer) in [(&mut at_a, b.id), (&mut at_b, a.id)] {
        let draft = node.decide_terms(&peer, RING, "accept-terms", true, vec![]).unwrap();
        act(node, draft).unwrap();
    }
    settle_both(&mut at_a, &mut at_b);
    let of = |node: &Node, peer| node.terms(peer, RING).unwrap();
    let (one, other) = (of(&at_a, &b.id), of(&at_b, &a.id));
    assert_ne!(one.in_force, [0; 32]);
    assert_eq!((one.in_force, &one.sheet), (other.in_force, &other.sheet));
    let third = sheet(&at_a, &at_b, "third");
    let draft = at_b.propose_terms(&a.id, RING, third.clone(), vec![]).unwrap();
    act(&mut at_b, draft).unwrap();
    settle_both(&mut at_a, &mut at_b);
    let draft = at_a.decide_terms(&b.id, RING, "accept-terms", true, vec![]).unwrap();
    act(&mut at_a, draft).unwrap();
    settle_both(&mut at_a, &mut at_b);
    assert_eq!(of(&at_b, &a.id).sheet, Some(third));
    let draft = request(b.id, RING);
    let asked = act(&mut at_a, draft).unwrap();
    let matter = at_a.matter(&asked.matter).unwrap();
    assert_eq!(matter.terms, of(&at_a, &b.id).in_force);
}

/// CLK-4, CLK-30, CLK-31: no clock before delivery; then one queue on both sides, warnings by the
/// two times alone, and what is overdue stays in it.
#[test]
fn what_is_due_is_the_same_queue_on_both_sides() {
    let Pair { a, b, mut at_a, mut at_b } = pair();
    let mut draft = request(b.id, RING);
    let start = a.clock.now(RING);
    draft.body = draft.body.with("reply_by", start + 1_000);
    let asked = act(&mut at_a, draft).unwrap();
    assert!(at_a.due(false, 100).unwrap().is_empty(), "nothing runs before it is held");
    settle_both(&mut at_a, &mut at_b);
    let named = |node: &mut Node, end: u64| {
        let due = node.due(false, 100).unwrap();
        let named = due.into_iter().find(|due| due.timer.profile == "P-ASKED").unwrap();
        assert_eq!((named.matter, named.timer.due), (asked.matter, end));
        named
    };
    assert!(!named(&mut at_a, start + 1_000).concerns_us() && named(&mut at_b, start + 1_000).ours);
    a.clock.move_by(800);
    let four_fifths = named(&mut at_b, start + 1_000);
    assert_eq!((four_fifths.timer.level, four_fifths.left()), (80, 200));
    let marks = |node: &mut Node, since| -> Vec<u8> {
        let all = node.warnings(RING, since).unwrap().into_iter();
        all.filter(|one| one.due.timer.profile == "P-ASKED").map(|one| one.mark).collect()
    };
    assert_eq!(marks(&mut at_b, start), [50, 80]);
    assert_eq!(marks(&mut at_b, start), [50, 80], "asked again, the same");
    assert_eq!(marks(&mut at_b, start + 500), [80]);
    // CLK-34: while a question stops it, it has passed what it had passed, and nothing more.
    act(&mut at_b, further(a.id, RING, asked.matter, "ask")).unwrap();
    settle_both(&mut at_a, &mut at_b);
    a.clock.move_by(5_000);
    assert!(named(&mut at_b, start + 6_000).timer.paused);
    assert_eq!(marks(&mut at_b, 0), [50, 80]);
    let re = at_a.matter(&asked.matter).unwrap().answers("supplement");
    let answer = Draft { re, ..further(b.id, RING, asked.matter, "supplement") };
    act(&mut at_a, answer).unwrap();
    settle_both(&mut at_a, &mut at_b);
    assert!(!named(&mut at_b, start + 6_000).timer.paused);
    assert_eq!(marks(&mut at_b, 0), [50, 80]);
    a.clock.move_by(10_000);
    assert_eq!(marks(&mut at_a, start + 800), [95, 100]);
    assert!(named(&mut at_b, start + 6_000).timer.overdue);
    act(&mut at_b, further(a.id, RING, asked.matter, "refuse")).unwrap();
    settle_both(&mut at_a, &mut at_b);
    for node in [&mut at_a, &mut at_b] {
        assert!(node.due(false, 100).unwrap().iter().all(|due| due.timer.profile != "P-ASKED"));
        let state = node.matter(&asked.matter).unwrap().state.unwrap();
        assert!(state.late_by.is_some_and(|by| by > 9_000));
    }
}

/// CLK-7, CLK-30, CLK-35: help that is due at once stands before all that is overdue for longer, on
/// both sides and however little of the queue is shown; and its people are told of it once.
#[test]
fn an_emergency_goes_before_what_has_been_overdue_for_long() {
    let Pair { a, b, mut at_a, mut at_b } = pair();
    let start = a.clock.now(RING);
    for number in 0..4 {
        let mut draft = request(b.id, RING);
        draft.body.set("reply_by", start + 1_000 + number);
        act(&mut at_a, draft).unwrap();
    }
    settle_both(&mut at_a, &mut at_b);
    a.clock.move_by(90 * 86_400);
    let since = a.clock.now(RING);
    let mut draft = request(b.id, RING);
    draft.body.set("instrument", "budapest");
    draft.body.set("measure", "content");
    draft.body.set("urgency", "emergency");
    let urgent = act(&mut at_a, draft).unwrap().matter;
    settle_both(&mut at_a, &mut at_b);
    a.clock.move_by(10);
    for node in [&mut at_a, &mut at_b] {
        let whole = node.due(false, usize::MAX).unwrap();
        for limit in 1..=3 {
            assert_eq!(node.due(false, limit).unwrap(), whole[..limit]);
        }
        let first = |due: &counterpart_engine::due::Due| due.matter == urgent;
        assert!(whole.iter().filter(|due| due.timer.at_once()).all(first));
        assert!(whole[..2].iter().all(|due| first(due) && due.timer.at_once()), "{whole:?}");
        assert!(whole[2..].iter().any(|due| due.timer.overdue), "{whole:?}");
    }
    let told = |node: &mut Node| -> Vec<(&str, u8)> {
        let all = node.warnings(RING, since).unwrap().into_iter();
        let of = all.filter(|one| one.due.matter == urgent);
        of.map(|one| (one.due.timer.profile, one.mark)).collect()
    };
    let once = [("P-EMERGENCY", 0)];
    assert_eq!(told(&mut at_b), once);
    // The first word meets one of its two aims, and nothing is told again for the other.
    act(&mut at_b, further(a.id, RING, urgent, "acknowledge")).unwrap();
    assert_eq!(told(&mut at_b), once);
}

/// CLK-36, CLK-33: the end of a hold is its holder's turn wherever one looks, though nobody has
/// written since: also for a process that was not there, and that reads what was kept before.
#[test]
fn the_end_of_a_hold_is_noticed_where_nobody_writes() {
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock.clone()).unwrap();
    let disk = Disk::new().unwrap();
    let stores = [memory().unwrap(), Box::new(disk.clone())];
    let (mut at_a, mut at_b) = a.meets(&b, stores).unwrap();
    let start = clock.now(RING);
    let mut draft = request(b.id, RING);
    draft.body.set("instrument", "reciprocity");
    let matter = act(&mut at_a, draft).unwrap().matter;
    settle_both(&mut at_a, &mut at_b);
    let mut hold = further(a.id, RING, matter, "preserve");
    hold.body.set("effected_at", start);
    hold.body.set("holds_until", start + 1_000);
    hold.body.set("final", true);
    act(&mut at_b, hold).unwrap();
    settle_both(&mut at_a, &mut at_b);
    let counts = |node: &mut Node| (node.our_turns().unwrap(), node.waiting().unwrap().0);
    assert_eq!((counts(&mut at_a), counts(&mut at_b)), ((0, 0), (0, 0)));
    // What was read is kept with the next act, of another matter.
    act(&mut at_b, request(a.id, RING)).unwrap();
    settle_both(&mut at_a, &mut at_b);
    assert_eq!(counts(&mut at_b), (0, 1));
    clock.move_by(1_001);
    let mut again = Node::load(Box::new(disk.copy().unwrap()), b.seams()).unwrap();
    for node in [&mut at_b, &mut again] {
        assert_eq!(counts(node), (1, 2));
        let open = node.open_matters(1, |_, _, _| false).unwrap();
        assert_eq!(open[0].matter, matter);
    }
    assert_eq!(counts(&mut at_a), (1, 2), "the other request, and what it asked to be held");
    assert_eq!(at_b.rebuild().unwrap().differed, 0);
}

/// CLK-6, CLK-31: what was let go before its time is told to who asked for it, until it is heeded.
#[test]
fn an_early_release_is_a_mark_for_who_asked() {
    let Pair { a, b, mut at_a, mut at_b } = pair();
    let now = a.clock.now(RING);
    let mut draft = request(b.id, RING);
    draft.body = draft.body.with("measure", "preservation");
    let asked = act(&mut at_a, draft).unwrap();
    settle_both(&mut at_a, &mut at_b);
    let say = |at_b: &mut Node, kind: &str, body: &str| {
        let mut draft = further(a.id, RING, asked.matter, kind);
        draft.body = parse_object(body.as_bytes()).unwrap();
        act(at_b, draft).unwrap();
    };
    let until = now + 90 * 86_400;
    let hold = format!(
        r#"{{"effected_at":{now},"secured":"all","holds_until":{until},"custodian_class":"platform",
            "final":false}}"#
    );
    say(&mut at_b, "preserve", &hold);
    settle_both(&mut at_a, &mut at_b);
    a.clock.move_by(86_400);
    let since = a.clock.now(RING);
    let told = |node: &mut Node| -> Vec<(u8, bool, bool)> {
        let all = node.warnings(RING, since).unwrap().into_iter();
        let holds = all.filter(|one| one.due.timer.sort == Sort::MinimumHold);
        let ours = holds.filter(|one| one.due.concerns_us());
        ours.map(|one| (one.mark, one.due.held_for_us, one.due.timer.let_go)).collect()
    };
    assert_eq!(told(&mut at_a), []);
    let body = format!(r#"{{"released_at":{since},"released_for":"law"}}"#);
    say(&mut at_b, "release", &body);
    settle_both(&mut at_a, &mut at_b);
    a.clock.move_by(60);
    assert_eq!(told(&mut at_a).last(), Some(&(100, true, true)));
    assert_eq!(told(&mut at_b), []);
    let re = at_a.matter(&asked.matter).unwrap().answers("remind");
    assert_eq!(re.len(), 1);
    act(&mut at_a, Draft { re, ..further(b.id, RING, asked.matter, "remind") }).unwrap();
    settle_both(&mut at_a, &mut at_b);
    assert_eq!(told(&mut at_a), []);
}
