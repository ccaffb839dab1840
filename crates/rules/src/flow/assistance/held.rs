//! What is held: until when at the least, and what was let go before that. CLK-6
//!
//! A hold ends when its holder said that it would, or when the profile of its instrument lets it,
//! whichever comes later. Whoever says, shows, counts or doubts when it ends asks here.

use super::between::Both;
use super::meant::by_instrument;
use crate::act::{Act, Half};
use crate::clock::{Profile, Sort};
use crate::flow::Past;
use crate::instrument::instrument;
use crate::terms::Terms;

/// The profile by which data is held for a request: that of its instrument, else what the holder
/// says.
pub(super) fn hold_profile<'a>(request: &Act, terms: &'a Terms) -> Option<&'a Profile> {
    let named = request.word("instrument").and_then(instrument);
    let profiles = named.map_or(&[][..], |named| named.profiles).iter();
    let mut holds = profiles.filter_map(|id| terms.profile(id));
    holds.find(|profile| profile.sort == Sort::MinimumHold).or_else(|| terms.profile("P-HELD"))
}

/// Until when data that was secured at `from` is held at the least, in seconds (UTC); none where
/// nothing but the holder's word says so.
fn least(request: &Act, terms: &Terms, from: u64) -> Option<u64> {
    // What is kept by order is kept for so long from the receipt of the order.
    let ordered = terms.profile("P-EPO-PR").filter(|one| by_instrument(request, one.id));
    let ordered = ordered.zip(request.held_at);
    let ordered = ordered.and_then(|(one, held)| terms.limit(one, Half::Answering, held));
    ordered.or_else(|| terms.limit(hold_profile(request, terms)?, Half::Answering, from))
}

/// When the newest hold ends at the earliest, whether or not it was released; in seconds (UTC).
pub(super) fn hold_end(both: &Both<'_>, terms: &Terms) -> Option<u64> {
    let start = both.answered.holding().first()?.instant("effected_at")?;
    let least = both.asked.request.and_then(|request| least(request, terms, start));
    both.answered.promised().max(least)
}

/// The same while it is held: none once it was released.
pub(super) fn holds_until(both: &Both<'_>, terms: &Terms) -> Option<u64> {
    both.answered.hold().and_then(|_| hold_end(both, terms))
}

/// The release of something before its end, unless it was asked for or handed over: its asker has
/// to know, until it has named it or has no more use for what was held.
pub(super) fn unheeded_release<'a>(both: &Both<'a>, terms: &Terms) -> Option<&'a Act> {
    let over = both.asked.closed.is_some() || both.asked.ended().is_some();
    let release = both.answered.released.filter(|act| !over && !both.asked.heeded(act))?;
    let why = release.word("released_for").unwrap_or_default();
    let early = release.instant("released_at") < hold_end(both, terms);
    (early && ["end-of-hold", "law"].contains(&why)).then_some(release)
}

/// Until when what is held in a matter is held at the least, in seconds (UTC).
pub(in crate::flow) fn held_to(past: Past<'_>, terms: &Terms) -> Option<u64> {
    holds_until(&Both::fold(past), terms)
}

/// Until when a preservation has to reach that takes effect at `from`; both in seconds (UTC). It
/// goes on with what is held, or, if nothing is, begins a hold of its own.
pub(in crate::flow) fn least_reach(past: Past<'_>, terms: &Terms, from: u64) -> Option<u64> {
    let both = Both::fold(past);
    match both.answered.hold() {
        Some(_) => hold_end(&both, terms),
        None => least(both.asked.request?, terms, from),
    }
}
