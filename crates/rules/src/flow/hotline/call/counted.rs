//! What figures count of a call: how long until a desk took it, how far up the ladder had to climb,
//! whether it rang again. All of it on the side that is called. FIG-13

use super::rung::rung;
use super::{attention, is_closed, raise};
use crate::act::Half;
use crate::flow::hotline::ladder;
use crate::flow::{Past, Post};
use crate::measure::{End, Moment, Observation, Wait};
use crate::terms::Terms;

/// One observation for a call that was raised.
pub(super) fn observe(past: Past<'_>, terms: &Terms) -> Vec<Observation> {
    let Some(raise) = raise(past) else { return Vec::new() };
    let urgency = ladder::urgency(raise.word("urgency").unwrap_or_default());
    let begun = Moment::of(raise);
    let mut seen = Observation::new("call", "urgency", urgency, begun);
    let taken = attention(past, raise).first();
    // Whoever raised it and closes it before anybody took it wants nothing more.
    let left = past.asking.iter().find(|act| act.kind == "close");
    seen.count("taken", u64::from(taken.is_some()));
    seen.count("closed_by_both", u64::from(is_closed(past)));
    let end = match (taken, left) {
        (Some(act), _) => End::Reached(Moment::of(act)),
        (None, Some(act)) => End::Left(Moment::of(act)),
        (None, None) => End::Open,
    };
    seen.waits.push(Wait { name: "taken", from: begun, end });
    let rung = rung(past, terms);
    let away: Vec<_> = rung.iter().filter(|rung| rung.at() == Half::Answering).collect();
    for (post, name) in [(Post::Supervisor, "rung_supervisor"), (Post::Principal, "rung_principal")]
    {
        // Once for a call, however many things in it rang.
        let first = away.iter().filter_map(|rung| rung.first_at(post)).min();
        seen.lapses.extend(first.map(|at| (name, at)));
    }
    let again = away.iter().filter(|rung| !rung.home).flat_map(|rung| rung.begins_again());
    seen.lapses.extend(again.map(|at| ("rang_again", at)));
    vec![seen]
}
