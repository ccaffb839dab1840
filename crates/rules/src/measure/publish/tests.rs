use super::*;
use crate::measure::{Counted, CutHead, End, Frame, Moment, Observation, Wait};
use counterpart_record::id::{ChannelId, PartyId};
use proptest::prelude::*;

fn figures(made: &[(&str, &str, &str, u64)]) -> Figures {
    let head = CutHead { size: 9, root: [7; 32], time: 5_000 };
    let frame = Frame {
        channel: ChannelId([1; 32]),
        drill: false,
        parties: [PartyId([2; 32]), PartyId([3; 32])],
        heads: [head; 2],
        as_of: 50_000_000,
        from: 0,
        to: 10_000,
    };
    let mut counted = Vec::new();
    for (stream, kind, outcome, many) in made {
        for at in 0..*many {
            let from = Moment { asking: 100, answering: 100 };
            let mut seen = Observation::new("request", "measure", kind, from);
            let outcome = OUTCOMES.iter().find(|name| *name == outcome).unwrap();
            seen.count(outcome, 1);
            seen.words.push(("urgency", "normal".into()));
            if *outcome == "refused" {
                seen.words.push(("ground", "own-law".into()));
            }
            let came = Moment { asking: 200, answering: 100 + 5_000 * (at + 1) };
            let end = if *outcome == "open" { End::Open } else { End::Reached(came) };
            seen.waits.push(Wait { name: "conclusion", from, end });
            counted.push(Counted { stream: (*stream).into(), by: 0, seen });
        }
    }
    Figures::of(frame, &counted)
}

fn row<'a>(value: &'a Value, stream: Option<&str>, kind: Option<&str>) -> &'a Object {
    let rows = value.as_object().unwrap().get("rows").unwrap().as_array().unwrap();
    let text = |row: &Object, name: &str| row.get(name).unwrap().as_str().map(str::to_owned);
    let fits = |row: &&Object| {
        text(row, "stream").as_deref() == stream && text(row, "kind").as_deref() == kind
    };
    rows.iter().filter_map(Value::as_object).find(fits).unwrap()
}

#[test]
fn small_counts_are_left_out_and_sums_do_not_give_them_back() {
    // FIG-11: two of content were refused, and nothing of preservation was.
    let figures = figures(&[
        ("cyber", "content", "answered", 40),
        ("cyber", "content", "refused", 2),
        ("cyber", "preservation", "answered", 30),
        ("fraud", "content", "answered", 20),
        ("fraud", "content", "open", 9),
    ]);
    let value = Published::of(&figures).to_value(&figures);
    let content = row(&value, Some("cyber"), Some("content"));
    assert_eq!(content.get("refused"), Some(&Value::Null));
    let ground = content.get("ground").unwrap().as_object().unwrap();
    assert_eq!(ground.get("own-law"), Some(&Value::Null));
    // 42 made and 40 answered would say it; one of the two is left out as well. FIG-12
    let shown = |name: &str| content.get(name).unwrap().as_int();
    assert!(shown("made").is_none() || shown("answered").is_none());
    // So would the same rows over all kinds, and over all streams.
    for (stream, kind) in [(Some("cyber"), None), (None, None)] {
        assert_eq!(row(&value, stream, kind).get("refused"), Some(&Value::Null));
    }
    // Enough is left: what was made in all, and how much of it was answered.
    let all = row(&value, None, None);
    assert_eq!((all.get("made"), all.get("answered")), (Some(&101u64.into()), Some(&90u64.into())));
}

#[test]
fn nothing_small_nothing_left_out() {
    let figures = figures(&[("cyber", "content", "answered", 40), ("cyber", "content", "open", 7)]);
    let table = Published::of(&figures);
    assert!(table.hidden.is_empty());
    let value = table.to_value(&figures);
    let all = row(&value, None, None);
    assert_eq!(all.get("made"), Some(&Value::Int(47)));
    let waits = all.get("waits").unwrap().as_object().unwrap();
    // A quarter of 47 by the twelfth, after 60,000 seconds: in whole hours.
    let quartiles = waits.get("conclusion").unwrap().as_array().unwrap();
    assert_eq!(quartiles[0], Value::Int(17));
}

#[test]
fn a_waiting_time_of_few_is_left_out() {
    for made in [
        &[("cyber", "content", "answered", 4)][..],
        &[("cyber", "content", "answered", 40), ("cyber", "content", "open", 2)],
    ] {
        let figures = figures(made);
        let value = Published::of(&figures).to_value(&figures);
        let waits = row(&value, None, None).get("waits").unwrap().as_object().unwrap();
        assert_eq!(waits.0, []);
    }
}

/// Every way in which whole numbers can stand for what is left out, tried one by one.
fn ways(table: &Published, most: u64) -> Vec<Vec<u64>> {
    let unknown: Vec<&Place> = table.hidden.iter().collect();
    let mut ways = Vec::new();
    let mut guess = vec![0; unknown.len()];
    loop {
        let value = |place: &Place| match unknown.binary_search(&place) {
            Ok(at) => guess[at],
            Err(_) => table.values[place],
        };
        let adds = |sum: &Vec<Place>| value(&sum[0]) == sum[1..].iter().map(value).sum::<u64>();
        if table.sums.iter().all(adds) {
            ways.push(guess.clone());
        }
        let Some(at) = guess.iter().position(|n| *n < most) else { return ways };
        guess[..at].fill(0);
        guess[at] += 1;
    }
}

#[test]
fn more_than_one_number_fits_each_count_that_is_left_out() {
    let figures = figures(&[("cyber", "content", "answered", 6), ("cyber", "content", "open", 2)]);
    let mut table = Published::of(&figures);
    // One row of the three, so that all ways can be tried.
    let keep = |place: &Place| place.0.kind.is_some();
    table.sums.retain(|sum| sum.iter().all(keep) && sum.len() > 2);
    table.hidden.retain(|place| table.sums.iter().any(|sum| sum.contains(place)));
    assert!((2..8).contains(&table.hidden.len()), "{:?}", table.hidden);
    let ways = ways(&table, 9);
    for at in 0..table.hidden.len() {
        let values: BTreeSet<u64> = ways.iter().map(|way| way[at]).collect();
        assert!(values.len() > 1, "{:?}", table.hidden.iter().nth(at));
    }
}

proptest! {
    #[test]
    fn no_sum_and_no_system_of_sums_gives_a_count_back(
        made in prop::collection::vec((0usize..2, 0usize..3, 0usize..5, 1u64..12), 1..14),
    ) {
        let (streams, kinds) = (["cyber", "fraud"], ["content", "preservation", "advice"]);
        let made: Vec<_> =
            made.iter().map(|(s, k, o, n)| (streams[*s], kinds[*k], OUTCOMES[*o], *n)).collect();
        let table = Published::of(&figures(&made));
        for (place, many) in &table.values {
            prop_assert!(table.hidden.contains(place) || !(1..SMALL).contains(many));
        }
        let total: u64 = table.values.values().sum();
        for sum in &table.sums {
            let hidden: Vec<_> = sum.iter().filter(|at| table.hidden.contains(at)).collect();
            let left = sum.iter().any(|at| !table.hidden.contains(at) && table.values[at] > 0);
            prop_assert!(hidden.len() != 1 || !left, "{:?}", sum);
        }
        prop_assert!(table.weak().is_none() && total > 0);
    }
}
