use super::*;
use crate::act::Half;
use crate::clock::{Clock, Verdict};
use counterpart_record::id::{ChannelId, PartyId};
use proptest::prelude::*;

fn frame() -> Frame {
    let head = CutHead { size: 9, root: [7; 32], time: 5_000 };
    Frame {
        channel: ChannelId([1; 32]),
        drill: false,
        parties: [PartyId([2; 32]), PartyId([3; 32])],
        heads: [head; 2],
        as_of: 5_000,
        from: 0,
        to: 10_000,
    }
}

fn at(asking: u64, answering: u64) -> Moment {
    Moment { asking, answering }
}

/// A request made at `begun`, answered after `wait` on the asking clock and half of it on the
/// other, or still open.
fn request(kind: &str, begun: u64, wait: Option<u64>) -> Counted {
    let from = at(begun, begun + 1);
    let mut seen = Observation::new("request", "measure", kind, from);
    let end = match wait {
        Some(wait) => {
            seen.count("answered", 1);
            let verdict = if wait > 100 { Verdict::Late(wait - 100) } else { Verdict::InTime };
            seen.terms.push(Term {
                profile: "P-ASKED",
                duty: Some(Half::Answering),
                name: "answered",
                met: Met::Done(verdict),
            });
            End::Reached(at(begun + wait, begun + 1 + wait / 2))
        }
        None => {
            seen.count("open", 1);
            let clock = Clock { limit: begun + 100, pauses: Vec::new() };
            seen.terms.push(Term {
                profile: "P-ASKED",
                duty: Some(Half::Answering),
                name: "open",
                met: Met::Owed(clock),
            });
            End::Open
        }
    };
    seen.waits.push(Wait { name: "answer", from, end });
    Counted { stream: "cybercrime".into(), by: 0, seen }
}

fn row<'a>(figures: &'a Figures, by: usize, kind: Option<&str>) -> &'a Cell {
    let found = figures.cells.iter().find(|(key, _)| {
        key.by == by
            && key.stream.is_some()
            && key.kind.as_ref().map(|(_, kind)| kind.as_str()) == kind
    });
    found.unwrap().1
}

#[test]
fn rows_count_kinds_streams_and_all() {
    let mut counted = vec![
        request("content", 10, Some(50)),
        request("content", 20, Some(400)),
        request("content", 4_950, None),
        request("preservation", 30, None),
    ];
    counted[3].stream = "fraud".into();
    counted.push(Counted { by: 1, ..request("content", 40, Some(60)) });
    let figures = Figures::of(frame(), &counted);
    // For the one direction: two kinds, two streams, all; for the other one of each.
    assert_eq!(figures.cells.len(), 8);
    let content = row(&figures, 0, Some("content"));
    assert_eq!((content.counts["made"], content.counts["answered"]), (3, 2));
    assert_eq!(content.counts["open"], 1);
    // The one that was made 50 seconds ago is open and not overdue.
    assert_eq!(content.counts.get("overdue"), None);
    assert_eq!(row(&figures, 0, Some("preservation")).counts["overdue"], 1);
    let timing = content.terms["P-ASKED"]["answered"];
    assert_eq!((timing.in_time, timing.late, timing.contested), (1, 1, 0));
    let [asking, answering] = &content.waits["answer"];
    // 50 of 3, then one cut off at 50, then 400 of 1. FIG-6
    assert_eq!(asking.quartiles(), [Some(50), Some(400), Some(400)]);
    assert_eq!(answering.quartiles(), [Some(25), Some(200), Some(200)]);
    let all = figures.cells.iter().find(|(key, _)| key.by == 0 && key.stream.is_none());
    assert_eq!(all.unwrap().1.counts["made"], 4);
}

/// FIG-14
#[test]
fn what_the_asking_side_owes_is_not_counted_against_the_other() {
    let mut one = request("content", 10, Some(50));
    let met = Met::Owed(Clock { limit: 100, pauses: Vec::new() });
    let duty = Some(Half::Asking);
    one.seen.terms.push(Term { profile: "P-FORMAL", duty, name: "open", met });
    let cell = row(&Figures::of(frame(), &[one]), 0, None).counts.clone();
    assert_eq!((cell.get("overdue"), cell["overdue_asking"]), (None, 1));
}

#[test]
fn the_period_is_read_on_the_clock_of_who_asked() {
    // FIG-3
    let counted = [request("content", 99, None), request("content", 100, None)];
    let frame = Frame { from: 100, ..frame() };
    assert_eq!(row(&Figures::of(frame.clone(), &counted), 0, None).counts["made"], 1);
    let none = Figures::of(Frame { to: 100, ..frame }, &counted);
    assert!(none.cells.is_empty());
}

#[test]
fn a_lapse_and_a_pause_are_read_at_the_time_of_the_figures() {
    let mut one = request("preservation", 10, None);
    one.seen.lapses.push(("held_in_vain", 4_000));
    one.seen.pauses = vec![(at(20, 21), Some(at(50, 40))), (at(4_900, 4_800), None)];
    let cell = Figures::of(frame(), std::slice::from_ref(&one));
    let cell = row(&cell, 0, None).clone();
    assert_eq!(cell.counts["held_in_vain"], 1);
    assert_eq!(cell.pauses, (2, 30 + 100, 19 + 200));
    let before = Figures::of(Frame { as_of: 3_999, ..frame() }, &[one]);
    assert_eq!(row(&before, 0, None).counts.get("held_in_vain"), None);
}

#[test]
fn what_two_sides_compare_is_bound_to_channel_cut_time_and_period() {
    let counted = [request("content", 10, Some(50))];
    let digest = Figures::of(frame(), &counted).digest();
    let mut frames = vec![Frame { drill: true, ..frame() }, Frame { to: 9_999, ..frame() }];
    frames.push(Frame { channel: ChannelId([9; 32]), ..frame() });
    frames.push(Frame { as_of: 4_999, ..frame() });
    let mut other = frame();
    other.heads[1].root = [8; 32];
    frames.push(other);
    for frame in frames {
        assert_ne!(Figures::of(frame, &counted).digest(), digest);
    }
    assert_ne!(Figures::of(frame(), &[request("content", 10, Some(51))]).digest(), digest);
}

proptest! {
    #[test]
    fn the_order_of_observations_does_not_matter(
        made in prop::collection::vec((0u64..4_000, prop::option::of(0u64..900), 0usize..3), 0..30),
    ) {
        // FIG-4
        let kinds = ["content", "preservation", "advice"];
        let counted = made.iter().map(|(begun, wait, kind)| request(kinds[*kind], *begun, *wait));
        let mut counted: Vec<Counted> = counted.collect();
        let figures = Figures::of(frame(), &counted);
        counted.reverse();
        let mid = counted.len() / 2;
        counted.rotate_left(mid);
        let again = Figures::of(frame(), &counted);
        prop_assert_eq!(figures.to_value().to_text(), again.to_value().to_text());
        prop_assert_eq!(figures.digest(), again.digest());
    }
}
