//! The review of a line over a time: how many calls, how soon they were taken, how far the ladder
//! had to climb, which tests passed, how much of the time the line was there. Both sides hold the
//! acts that it is counted from; each counts what it holds.

use super::line::Outcome;
use crate::flow::Post;
use counterpart_record::strict::json::{Object, Value};

/// What one matter of the line adds to a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineItem {
    /// A call.
    Call {
        /// A word of `choice-urgency-<word>`.
        urgency: &'static str,
        /// Seconds from when the other side held it to when a desk there took it; none if none did.
        taken_after: Option<u64>,
        /// Whether the other side held it.
        held: bool,
        /// The highest post rung: of the side that called, of the side that was called.
        reached: [Option<Post>; 2],
        /// How often it rang again.
        again: usize,
        /// Whether both have closed it.
        closed: bool,
    },
    /// A test.
    Test {
        /// What came of it; none while it can still pass.
        outcome: Option<Outcome>,
        /// Seconds until a person answered.
        person_after: Option<u64>,
    },
    /// A stream raised for a time, and whether both agreed to it.
    Surge {
        /// Whether both agreed.
        agreed: bool,
    },
}

/// The items of a line whose first act was logged within the time, each with whether we opened it.
pub fn line_review(items: &[(bool, LineItem)]) -> Object {
    let side = |ours: bool| -> Object {
        let own: Vec<&LineItem> =
            items.iter().filter(|(o, _)| *o == ours).map(|(_, i)| i).collect();
        let surges = own.iter().filter(|item| matches!(item, LineItem::Surge { .. })).count();
        let agreed = own.iter().filter(|item| matches!(item, LineItem::Surge { agreed: true }));
        Object::default()
            .with("calls", calls(&own))
            .with("tests", tests(&own))
            .with("surges", surges as u64)
            .with("surges_agreed", agreed.count() as u64)
    };
    Object::default().with("ours", side(true)).with("theirs", side(false))
}

fn calls(items: &[&LineItem]) -> Value {
    let urgencies = crate::flow::URGENCY.iter();
    let rows = urgencies.map(|wanted| Value::from(calls_of(items, wanted)));
    Value::Array(rows.collect())
}

fn calls_of(items: &[&LineItem], wanted: &str) -> Object {
    let (mut made, mut held_by_them, mut closed_by_both, mut rang_again) = (0_u64, 0, 0, 0);
    let mut after = Vec::new();
    let mut came_to = [[0_u64; 3]; 2];
    for item in items {
        let LineItem::Call { urgency, taken_after, held, reached, again, closed } = item else {
            continue;
        };
        if *urgency != wanted {
            continue;
        }
        made += 1;
        held_by_them += u64::from(*held);
        closed_by_both += u64::from(*closed);
        rang_again += u64::from(*again > 0);
        after.push(*taken_after);
        for (row, post) in came_to.iter_mut().zip(reached) {
            if let Some(cell) = post.and_then(|post| row.get_mut(post as usize)) {
                *cell += 1;
            }
        }
    }
    let posts = |row: [u64; 3]| {
        let each = Post::ALL.into_iter().zip(row);
        each.fold(Object::default(), |object, (post, count)| object.with(post.name(), count))
    };
    Object::default()
        .with("urgency", wanted)
        .with("made", made)
        .with("held", held_by_them)
        .with("taken", after.iter().flatten().count() as u64)
        .with("rang_again", rang_again)
        .with("closed", closed_by_both)
        .with("taken_after", spread(&after))
        .with("came_to_there", posts(came_to[1]))
        .with("came_to_home", posts(came_to[0]))
}

fn tests(items: &[&LineItem]) -> Object {
    let mut counts = [0_u64; Outcome::ALL.len()];
    let (mut made, mut after) = (0_u64, Vec::new());
    for item in items {
        let LineItem::Test { outcome, person_after } = item else { continue };
        made += 1;
        if let Some(outcome) = outcome {
            counts[*outcome as usize] += 1;
            after.push(*person_after);
        }
    }
    let decided: u64 = counts.iter().sum();
    let each = Outcome::ALL.into_iter().zip(counts);
    each.fold(Object::default().with("made", made), |object, (outcome, count)| {
        object.with(&outcome.name().replace('-', "_"), count)
    })
    .with("under_way", made - decided)
    .with("person_after", spread(&after))
    // CAL-14: a ratio of two counts, so that both sides write the same one.
    .with("available", counts[Outcome::Passed as usize])
    .with("of", decided)
}

/// Least, middle and most. What never came is later than everything that did, so a line on which
/// most calls are not taken has no middle instead of a flattering one (CAL-14).
fn spread(times: &[Option<u64>]) -> Object {
    let mut sorted: Vec<u64> = times.iter().map(|time| time.unwrap_or(u64::MAX)).collect();
    sorted.sort_unstable();
    let known =
        |at: Option<&u64>| at.filter(|at| **at != u64::MAX).map_or(Value::Null, |at| (*at).into());
    let middle = sorted.len().checked_sub(1).map(|last| last / 2);
    let most = sorted.iter().rev().find(|at| **at != u64::MAX);
    Object::default()
        .with("least", known(sorted.first()))
        .with("middle", known(middle.and_then(|at| sorted.get(at))))
        .with("most", known(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(taken_after: Option<u64>, reached: [Option<Post>; 2]) -> LineItem {
        let (urgency, held) = ("flash", true);
        LineItem::Call { urgency, taken_after, held, reached, again: 1, closed: false }
    }

    fn text(object: &Object, path: &[&str]) -> String {
        let mut at = Value::Object(object.clone());
        for name in path {
            at = match (&at, name.parse::<usize>()) {
                (Value::Array(list), Ok(place)) => list[place].clone(),
                (Value::Object(object), _) => object.get(name).unwrap().clone(),
                _ => panic!("{name}"),
            };
        }
        at.to_text()
    }

    /// CAL-14
    #[test]
    fn what_is_not_taken_counts_as_later_than_all_that_is() {
        let reached = [None, Some(Post::Supervisor)];
        let items = [30, 10, 20].map(|after| (true, call(Some(after), reached)));
        let review = line_review(&items);
        let after = |name| text(&review, &["ours", "calls", "0", "taken_after", name]);
        assert_eq!([after("least"), after("middle"), after("most")], ["10", "20", "30"]);
        let mut more = items.to_vec();
        more.extend([(true, call(None, [Some(Post::Principal); 2])); 4]);
        let review = line_review(&more);
        let after = |name| text(&review, &["ours", "calls", "0", "taken_after", name]);
        assert_eq!([after("least"), after("middle"), after("most")], ["10", "null", "30"]);
        let of = |path: &[&str]| text(&review, &[&["ours", "calls", "0"], path].concat());
        assert_eq!([of(&["made"]), of(&["taken"]), of(&["rang_again"])], ["7", "3", "7"]);
        assert_eq!(of(&["came_to_there", "supervisor"]), "3");
        assert_eq!(of(&["came_to_there", "principal"]), "4");
        assert_eq!(of(&["came_to_home", "principal"]), "4");
        assert_eq!(text(&review, &["theirs", "calls", "0", "made"]), "0");
    }

    #[test]
    fn a_line_is_available_as_often_as_its_tests_pass() {
        let test = |outcome| (false, LineItem::Test { outcome, person_after: None });
        let passed =
            (false, LineItem::Test { outcome: Some(Outcome::Passed), person_after: Some(9) });
        let items = [passed, passed, test(Some(Outcome::MachineOnly)), test(None)];
        let review = line_review(&items);
        let of = |name| text(&review, &["theirs", "tests", name]);
        assert_eq!([of("made"), of("available"), of("of"), of("under_way")], ["4", "2", "3", "1"]);
        assert_eq!([of("passed"), of("machine_only"), of("missed")], ["2", "1", "0"]);
        assert_eq!(text(&review, &["theirs", "tests", "person_after", "middle"]), "9");
        let empty = line_review(&[]);
        assert_eq!(text(&empty, &["ours", "tests", "person_after", "middle"]), "null");
        let surges =
            [(true, LineItem::Surge { agreed: true }), (true, LineItem::Surge { agreed: false })];
        let review = line_review(&surges);
        assert_eq!(text(&review, &["ours", "surges_agreed"]), "1");
    }
}
