//! What terms ask of both sides by the calendar and no matter asks: both compute the same of it,
//! from the acts alone, and whether or not a node was running when it began.

#![allow(clippy::unwrap_used)]

use counterpart_engine::due::Due;
use counterpart_engine::figures::{Cut, Period};
use counterpart_engine::{Draft, Node, Target};
use counterpart_record::id::MatterId;
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Value, parse_object};
use counterpart_rules::act::Half;
use counterpart_rules::clock::{Timer, Verdict, Year, instant};
use counterpart_rules::flow::scheduled_test;
use counterpart_rules::terms::Sheet;
use counterpart_testbed::cast::{Party, START, TestClock, memory};
use counterpart_testbed::disk::Disk;
use std::sync::Arc;

const RING: Ring = Ring::Live;
const DAY: i64 = 86_400;
const BOTH: &str = r#"[{"id":"P-STAT","unit":"yearly","count":301,"rolls":false},
    {"id":"P-PING","unit":"days","count":30,"rolls":false}]"#;

struct Pair {
    a: Party,
    b: Party,
    at_a: Node,
    at_b: Node,
    disk: Disk,
    clock: Arc<TestClock>,
}

fn pair() -> Pair {
    let clock = TestClock::new();
    let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
    let b = Party::new("Borealis", 2, clock.clone()).unwrap();
    let disk = Disk::new().unwrap();
    let (at_a, at_b) = a.meets(&b, [Box::new(disk.clone()), memory().unwrap()]).unwrap();
    Pair { a, b, at_a, at_b, disk, clock }
}

fn write(node: &mut Node, draft: Draft) -> MatterId {
    node.submit(draft).unwrap();
    node.ledger().unwrap().pop().unwrap().1.unwrap().matter
}

fn send(from: &mut Node, to: &mut Node) {
    let Some(parcel) = from.outgoing(&to.party(), RING, false).unwrap() else { return };
    let (_, reply) = to.respond(&parcel).unwrap();
    reply.into_iter().for_each(|reply| drop(from.incoming(&reply).unwrap()));
}

/// Profile, year, due time, overdue, and whether it is the party with the lower letter that must
/// act: what must be the same on both sides.
type Row = (&'static str, Option<u16>, u64, bool, bool);

fn rows(due: Vec<Due>, lower: bool) -> Vec<Row> {
    let of = due.iter().filter(|due| ["P-STAT", "P-PING"].contains(&due.timer.profile));
    let row = |due: &Due| {
        let timer = &due.timer;
        (timer.profile, timer.year(), timer.due, timer.overdue, due.ours == lower)
    };
    let mut rows: Vec<Row> = of.map(row).collect();
    rows.sort_unstable();
    rows
}

impl Pair {
    fn pass(&self, days: i64) {
        self.clock.move_by(days * DAY);
    }

    fn until(&self, time: &str) {
        let now = self.at_a.now(RING);
        self.clock.move_by(i64::try_from(instant(time).unwrap()).unwrap() - now as i64);
    }

    fn sync(&mut self) {
        for _ in 0..3 {
            send(&mut self.at_a, &mut self.at_b);
            send(&mut self.at_b, &mut self.at_a);
        }
    }

    /// Borealis proposes, Arcadia accepts; Arcadia's zone is Shanghai's.
    fn agree(&mut self, profiles: &str) -> MatterId {
        let text = Sheet::draft([&self.a.id, &self.b.id]);
        let text = text.with("profiles", Value::Null);
        let text = Value::from(text)
            .to_text()
            .replace(r#""profiles":null"#, &format!(r#""profiles":{profiles}"#));
        let sheet = parse_object(text.replacen("\"UTC\"", "\"Asia/Shanghai\"", 1).as_bytes());
        let draft = self.at_b.propose_terms(&self.a.id, RING, sheet.unwrap(), Vec::new());
        write(&mut self.at_b, draft.unwrap());
        self.sync();
        let kind = "accept-terms";
        let draft = self.at_a.decide_terms(&self.b.id, RING, kind, true, Vec::new()).unwrap();
        let matter = write(&mut self.at_a, draft);
        self.sync();
        matter
    }

    /// What is owed, which both sides must say alike; and a node that starts now says the same.
    fn owed(&mut self) -> Vec<Row> {
        let ours = rows(self.at_a.due(false, usize::MAX).unwrap(), true);
        let theirs = rows(self.at_b.due(false, usize::MAX).unwrap(), false);
        assert_eq!(ours, theirs);
        let mut again = Node::load(Box::new(self.disk.copy().unwrap()), self.a.seams()).unwrap();
        assert_eq!(rows(again.due(false, usize::MAX).unwrap(), true), ours);
        assert_eq!(self.at_a.rebuild().unwrap().differed, 0);
        assert_eq!(rows(self.at_a.due(false, usize::MAX).unwrap(), true), ours);
        ours
    }

    fn state(&mut self, year: u16, by_us: bool) {
        let Year { from, to, .. } = Year::numbered(year).unwrap();
        let (node, peer) =
            if by_us { (&mut self.at_a, self.b.id) } else { (&mut self.at_b, self.a.id) };
        let cut = Cut::AsOf(node.now(RING));
        let draft = node.state_figures(&peer, RING, cut, Period { from, to }).unwrap();
        write(node, draft);
    }

    fn test(&mut self, by_us: bool) {
        let (rules, kind, body) = scheduled_test();
        let (node, peer) =
            if by_us { (&mut self.at_a, self.b.id) } else { (&mut self.at_b, self.a.id) };
        let draft = Draft {
            peer,
            ring: RING,
            target: Target::New { stream: "cybercrime".into() },
            rules: rules.into(),
            kind: kind.into(),
            body,
            disclosed: Vec::new(),
            re: Vec::new(),
        };
        write(node, draft);
    }

    fn timers(&self, matter: &MatterId) -> Vec<Timer> {
        let [ours, theirs] = [&self.at_a, &self.at_b].map(|node| {
            let state = node.matter(matter).unwrap().state.unwrap();
            assert!(state.closed, "the terms themselves wait for nobody");
            state.timers
        });
        assert_eq!(ours, theirs);
        ours
    }
}

/// CLK-24, CLK-25, CLK-27
#[test]
fn figures_of_a_year_are_owed_by_each_side_from_its_end_until_it_states_them() {
    let mut pair = pair();
    let matter = pair.agree(BOTH.replace("P-PING", "P-977-N").as_str());
    assert_eq!(pair.owed(), []);
    // Nothing is written when the year ends: the clock starts all the same, at both.
    pair.until("2026-12-31T23:59:59Z");
    assert_eq!(pair.owed(), []);
    pair.until("2027-01-01T00:00:00Z");
    let ends = ["2027-03-01T15:59:59Z", "2027-03-01T23:59:59Z"].map(|end| instant(end).unwrap());
    let [shanghai, utc] =
        [(ends[0], true), (ends[1], false)].map(|(end, us)| ("P-STAT", Some(2026), end, false, us));
    assert_eq!(pair.owed(), [shanghai, utc]);
    // CLK-31: marks fall as those of any clock, and concern who must act.
    pair.until("2027-03-01T18:00:00Z");
    let warnings = pair.at_a.warnings(RING, 0).unwrap();
    let ours: Vec<u8> =
        warnings.iter().filter(|one| one.due.concerns_us()).map(|one| one.mark).collect();
    assert_eq!(ours, [50, 80, 95, 100]);
    let owed = pair.owed();
    assert_eq!(owed.iter().map(|row| row.3).collect::<Vec<_>>(), [true, false]);
    assert_eq!(pair.at_a.waiting().unwrap().1, 1);
    // Stated and not delivered: both still say that it is owed. CLK-24
    pair.state(2026, true);
    assert_eq!(rows(pair.at_a.due(false, 9).unwrap(), true), owed);
    pair.sync();
    assert_eq!(pair.owed(), [utc]);
    pair.state(2026, false);
    pair.sync();
    assert_eq!(pair.owed(), []);
    let timers = pair.timers(&matter);
    let told: Vec<_> = timers.iter().map(|timer| (timer.who, timer.verdict)).collect();
    // Borealis opened the matter of the terms.
    let late = Verdict::Late(instant("2027-03-01T18:00:00Z").unwrap() - ends[0]);
    assert_eq!(told, [(Half::Asking, Some(Verdict::InTime)), (Half::Answering, Some(late))]);
    // The next year is another duty.
    pair.until("2028-01-02T00:00:00Z");
    assert_eq!(pair.owed().iter().map(|row| row.1).collect::<Vec<_>>(), [Some(2027); 2]);
}

/// CLK-26, CLK-27
#[test]
fn a_test_of_the_line_is_owed_by_both_until_either_sets_one() {
    let mut pair = pair();
    pair.test(true);
    pair.sync();
    pair.pass(3);
    let matter = pair.agree(BOTH);
    let begun = START + 3 * DAY as u64;
    let ends = |begun: u64| {
        // The day of the start does not count, and both begin at midnight UTC or at eight there.
        [begun + 31 * DAY as u64 - 28_801, begun + 31 * DAY as u64 - 1]
    };
    let row = |end: u64, over: bool, us: bool| ("P-PING", None, end, over, us);
    let [ours, theirs] = ends(begun);
    assert_eq!(pair.owed(), [row(ours, false, true), row(theirs, false, false)]);
    pair.pass(31);
    assert_eq!(pair.owed(), [row(ours, true, true), row(theirs, true, false)]);
    // Borealis tests; until it arrives both are late, and then neither is.
    pair.test(false);
    assert_eq!(rows(pair.at_b.due(false, 9).unwrap(), false).len(), 2);
    pair.sync();
    let [next, other] = ends(begun + 31 * DAY as u64);
    assert_eq!(pair.owed(), [row(next, false, true), row(other, false, false)]);
    let ended = pair.timers(&matter).into_iter().filter(|timer| !timer.runs());
    let verdicts: Vec<_> = ended.map(|timer| timer.verdict).collect();
    assert_eq!(verdicts, [Some(Verdict::Late(1)), Some(Verdict::Late(28_801))]);
    // Agreed anew by the other side, without it: nothing is owed any more.
    pair.pass(40);
    assert_eq!(pair.owed().len(), 2);
    let sheet = Sheet::draft([&pair.a.id, &pair.b.id]);
    let draft = pair.at_a.propose_terms(&pair.b.id, RING, sheet, Vec::new()).unwrap();
    let newer = write(&mut pair.at_a, draft);
    pair.sync();
    let draft = pair.at_b.decide_terms(&pair.a.id, RING, "accept-terms", true, Vec::new());
    write(&mut pair.at_b, draft.unwrap());
    // It is agreed once both hold it.
    assert_eq!(rows(pair.at_b.due(false, 9).unwrap(), false).len(), 2);
    pair.sync();
    assert_eq!(pair.owed(), []);
    assert_eq!(pair.timers(&newer), []);
    assert_eq!(pair.timers(&matter), []);
}
