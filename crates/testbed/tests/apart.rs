//! One-sided logs under chance, and in the hands of those who would pass them off for more.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the verdict")]

use counterpart_engine::figures::{Cut, Period};
use counterpart_engine::{Draft, Logged, Node, Notice, Target};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{ChannelId, Entry, PartyId};
use counterpart_record::keys::{Keys as _, Ring};
use counterpart_record::parcel::{self, Address, Carried};
use counterpart_record::statement::{Unverified, Verified};
use counterpart_rules::apart::{Correspondent, ENTERED, Entered, HOW, RULES};
use counterpart_rules::flow::usual;
use counterpart_store::Store as _;
use counterpart_testbed::cast::{Party, START, TestClock, body, further, request};
use counterpart_testbed::disk::Disk;
use counterpart_testbed::forge::Forge;

const RING: Ring = Ring::Live;

fn cascadia() -> Correspondent {
    Correspondent { names: vec![("en".into(), "Cascadia".into())], ..Correspondent::default() }
}

/// The same act as if it had come by hand from the one it is addressed to.
fn entered(draft: Draft, received_at: u64, how: usize) -> Draft {
    let came = Entered {
        how: HOW[how % HOW.len()].to_owned(),
        received_at,
        rules: draft.rules,
        kind: draft.kind,
        fields: draft.body,
    };
    Draft { rules: RULES.into(), kind: ENTERED.into(), body: came.body(), ..draft }
}

fn act(node: &mut Node, draft: Draft) -> Result<Logged> {
    node.submit(draft)?;
    node.ledger()?.pop().unwrap().1
}

/// Every statement of one-sided matters on a disk.
fn statements(disk: &Disk) -> Vec<Vec<u8>> {
    let channels = disk.load().unwrap().channels;
    let rows = channels.iter().flat_map(|channel| {
        disk.acts(channel.number, 0, 10_000, usize::MAX, false).unwrap().into_iter()
    });
    rows.filter(|row| row.matter.is_some()).map(|row| row.statement).collect()
}

fn read(statement: &[u8]) -> Verified {
    Unverified::parse(statement).unwrap().reread(Vec::new()).unwrap()
}

/// COR-2, COR-3: whatever officers write and enter, in whatever order, the record that results
/// holds from its raw bytes, is the same after a restart, and has in it what was signed and by
/// whom.
#[test]
fn chance_writes_and_enters_and_the_record_holds() {
    let kinds: Vec<&str> = usual().kinds().iter().map(|kind| kind.name).collect();
    let (mut valid, mut refused) = (0, 0);
    for seed in 0..12 {
        let clock = TestClock::new();
        let a = Party::new("Arcadia", seed, clock.clone()).unwrap();
        let disk = Disk::new().unwrap();
        let mut node = a.found(Box::new(disk.clone())).unwrap();
        let who = node.add_correspondent(&cascadia()).unwrap();
        let mut matters = Vec::new();
        for step in 0..60 {
            clock.move_by(a.random.below(7_200) as i64);
            let by_hand = a.random.chance(50);
            let back = if a.random.chance(20) { a.random.below(200_000) } else { 0 };
            let mut draft = match matters.get(a.random.below(4) as usize) {
                Some(matter) => {
                    let kind = kinds[a.random.below(kinds.len() as u64) as usize];
                    let view = node.matter(matter).unwrap();
                    let may_come = view.may_come.iter().find(|(one, _)| one.name == kind);
                    let re = match may_come.filter(|_| by_hand) {
                        Some((_, answers)) => answers.clone(),
                        None => view.answers(kind),
                    };
                    Draft { re, ..further(who, RING, *matter, kind) }
                }
                None => request(who, RING),
            };
            assert_eq!(draft.body, body(&draft.kind));
            let opens = matches!(draft.target, Target::New { .. });
            if by_hand {
                draft = entered(draft, node.now(RING) - back, step);
            }
            match act(&mut node, draft) {
                Ok(logged) => {
                    valid += 1;
                    matters.extend(opens.then_some(logged.matter));
                }
                Err(fault) => {
                    assert!([Code::NotPermitted, Code::ArgumentWrong].contains(&fault.code));
                    refused += 1;
                }
            }
        }
        assert_eq!(node.fsck().unwrap().faults, [], "seed {seed}");
        assert_eq!(node.rebuild().unwrap().differed, 0, "seed {seed}");
        let seen = |node: &Node| format!("{:?}", node.matters(100).unwrap());
        let again = Node::load(Box::new(disk.clone()), a.seams()).unwrap();
        assert_eq!(seen(&node), seen(&again), "seed {seed}");
        assert_eq!(again.correspondent(&who), Some(&cascadia()));
        let mut count = 0;
        for view in node.matters(100).unwrap() {
            assert!(view.one_sided);
            count += view.acts.iter().filter(|act| act.came.is_some() != act.mine).count();
            assert_eq!(node.dossier(&view.matter).unwrap_err().code, Code::NotPermitted);
        }
        assert_eq!(count, statements(&disk).len(), "an act is ours or it came, and never both");
        never_of_two(&disk, &[a.id, who]);
    }
    assert!(valid > 100 && refused > 100, "{valid} valid, {refused} refused");
}

/// COR-1: no statement of a one-sided log belongs on a channel of any two of these.
fn never_of_two(disk: &Disk, parties: &[PartyId]) {
    for statement in statements(disk) {
        let act = read(&statement);
        for (author, reader) in parties.iter().flat_map(|a| parties.iter().map(move |b| (a, b))) {
            for (drill, epoch) in [(false, 1), (true, 1), (false, 2)] {
                assert!(act.belongs(author, reader, drill, epoch).is_err());
            }
        }
        if act.payload.kind != ENTERED {
            continue;
        }
        assert!(counterpart_rules::flow::flow(&act.payload.rules).is_none());
    }
}

/// COR-2: whoever carries an entered act into a channel of two, its author or the one that it is
/// said to come from, is refused by the other, and nothing of it counts.
#[test]
fn an_entered_act_in_a_channel_of_two_counts_for_nothing() {
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock).unwrap();
    let disks = [Disk::new().unwrap(), Disk::new().unwrap()];
    let mut at_a = a.found(Box::new(disks[0].clone())).unwrap();
    let mut at_b = b.found(Box::new(disks[1].clone())).unwrap();
    a.enrol(&mut at_a, &b).unwrap();
    b.enrol(&mut at_b, &a).unwrap();
    for _ in 0..3 {
        exchange(&mut at_a, &mut at_b);
        exchange(&mut at_b, &mut at_a);
    }
    let who = at_a.add_correspondent(&cascadia()).unwrap();
    let now = at_a.now(RING);
    act(&mut at_a, entered(request(who, RING), now, 0)).unwrap();
    let statement = statements(&disks[0]).pop().unwrap();
    assert_eq!(read(&statement).payload.kind, ENTERED);
    let whole = disks[0].load().unwrap().channels.iter().find_map(|channel| {
        let rows = disks[0].acts(channel.number, 0, 100, usize::MAX, false).unwrap();
        rows.into_iter().find(|row| row.statement == statement)
    });
    let disclosures = whole.unwrap().disclosures;
    let carried = || Carried { statement: statement.clone(), disclosures: disclosures.clone() };
    let hands = [(&a, &b, 0, 1, Code::AudienceWrong), (&b, &a, 1, 0, Code::IssuerWrong)];
    for (hostile, victim, from, to, code) in hands {
        let mut forge = Forge::over(&disks[from], hostile, victim.id, RING).unwrap();
        forge.commit(vec![carried()], START + 60).unwrap();
        let bytes = forge.parcel(victim, &disks[to]).unwrap();
        let node = if to == 0 { &mut at_a } else { &mut at_b };
        let notices = node.incoming(&bytes).unwrap().notices;
        let refused =
            |notice: &Notice| matches!(notice, Notice::Refused { code: c, .. } if *c == code);
        assert!(notices.iter().any(refused), "{}: {notices:?}", hostile.name);
        let said = Entry::of(&statement);
        let taken = |notice: &Notice| matches!(notice, Notice::Act { entry, .. } if *entry == said);
        assert!(!notices.iter().any(taken), "{}: {notices:?}", hostile.name);
        assert_eq!(node.fsck().unwrap().faults, []);
    }
}

/// COR-6: nothing is sealed for a correspondent, and nothing that names it is opened.
#[test]
fn nothing_is_sent_to_a_correspondent_and_nothing_comes_from_it() {
    let a = Party::new("Arcadia", 1, TestClock::new()).unwrap();
    let mut node = a.in_memory().unwrap();
    let who = node.add_correspondent(&cascadia()).unwrap();
    act(&mut node, request(who, RING)).unwrap();
    assert_eq!(node.outgoing(&who, RING, true).unwrap_err().code, Code::PeerUnknown);
    assert!(node.routes().is_empty() && node.standing().is_empty());
    assert!(node.channels().is_empty() && node.peers().is_empty());
    for channel in [ChannelId::apart(&a.id, &who, false), ChannelId::between(&a.id, &who, false)] {
        let address = Address { sender: who, recipient: a.id, channel };
        let contents = parcel::Contents { epoch: 1, ..parcel::Contents::default() };
        let keys = a.keys.public(RING);
        let bytes = parcel::seal(&address, keys, &contents, a.random.as_ref()).unwrap();
        let before = format!("{:?}", node.matters(9).unwrap());
        let code = node.incoming(&bytes).unwrap_err().code;
        assert!([Code::PeerUnknown, Code::ChannelWrong].contains(&code), "{code:?}");
        assert_eq!(before, format!("{:?}", node.matters(9).unwrap()));
    }
}

/// A crash between opening the log and its first leaf leaves nothing that anybody sees, and the
/// node works on.
#[test]
fn a_correspondent_is_there_whole_or_not_at_all() {
    let a = Party::new("Arcadia", 1, TestClock::new()).unwrap();
    let disk = Disk::new().unwrap();
    let mut node = a.found(Box::new(disk.clone())).unwrap();
    node.add_correspondent(&cascadia()).unwrap();
    let writes = disk.journal();
    for count in 2..=writes.len() {
        let disk = Disk::written(&writes[..count]).unwrap();
        let mut node = Node::load(Box::new(disk), a.seams()).unwrap();
        let known = node.correspondents().count();
        assert_eq!(known, usize::from(count == writes.len()), "after {count} writes");
        assert_eq!(node.fsck().unwrap().faults, [], "after {count} writes");
        let again = node.add_correspondent(&cascadia()).unwrap();
        act(&mut node, request(again, RING)).unwrap();
        assert_eq!(node.fsck().unwrap().faults, [], "after {count} writes");
    }
}

fn exchange(from: &mut Node, to: &mut Node) {
    let Some(parcel) = from.outgoing(&to.party(), RING, false).unwrap() else { return };
    let (_, reply) = to.respond(&parcel).unwrap();
    if let Some(reply) = reply {
        from.incoming(&reply).unwrap();
    }
}

/// COR-5: what is led with a correspondent is in no figure that two sides compare, and both still
/// come to the same digits.
#[test]
fn figures_of_two_know_nothing_of_a_third_without_a_node() {
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock.clone()).unwrap();
    let (mut at_a, mut at_b) = (a.in_memory().unwrap(), b.in_memory().unwrap());
    a.enrol(&mut at_a, &b).unwrap();
    b.enrol(&mut at_b, &a).unwrap();
    let sync = |at_a: &mut Node, at_b: &mut Node| {
        for _ in 0..4 {
            exchange(at_a, at_b);
            exchange(at_b, at_a);
        }
    };
    sync(&mut at_a, &mut at_b);
    act(&mut at_a, request(b.id, RING)).unwrap();
    sync(&mut at_a, &mut at_b);
    let cut = Cut::AsOf(at_a.now(RING));
    let all = Period { from: 0, to: u64::MAX };
    let digest = |node: &mut Node, peer: &PartyId| {
        let shown = node.figures(peer, RING, cut, all).unwrap();
        assert!(!shown.counted.is_empty());
        shown.figures.digest()
    };
    let before = digest(&mut at_a, &b.id);
    assert_eq!(before, digest(&mut at_b, &a.id));
    let who = at_a.add_correspondent(&cascadia()).unwrap();
    let now = at_a.now(RING);
    let ours = act(&mut at_a, request(who, RING)).unwrap().matter;
    let answer = further(who, RING, ours, "answer");
    act(&mut at_a, entered(answer, now, 1)).unwrap();
    act(&mut at_a, entered(request(who, RING), now, 2)).unwrap();
    sync(&mut at_a, &mut at_b);
    assert_eq!(digest(&mut at_a, &b.id), before, "counted from what was gathered");
    assert_eq!(digest(&mut at_b, &a.id), before);
    assert_eq!(at_a.figures(&who, RING, cut, all).unwrap_err().code, Code::PeerUnknown);
    assert_eq!(at_b.matters(9).unwrap().len(), 1, "nothing of it went over");
    assert_eq!(at_a.matters(9).unwrap().len(), 3);
}
