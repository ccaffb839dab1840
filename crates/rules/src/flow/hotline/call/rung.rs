//! Where each ring of a call stands, at the side that is called and at home. A pure function of
//! acts, heads and a time; both nodes compute it alike.

use super::{attention, close, half, names, raise, sources};
use crate::act::{Act, Half};
use crate::flow::hotline::ladder::{self, Pace, Spell, Take, spells};
use crate::flow::{Past, Post, Ring};
use crate::terms::Terms;

/// One act that rings, at one of the two sides.
pub(super) struct Rung<'a> {
    source: &'a Act,
    /// Whether it rings at the side that wrote it, because nobody on the other takes it.
    pub(super) home: bool,
    pace: Pace,
    urgency: &'static str,
    needed_by: Option<u64>,
    /// Whether a desk of the side that is called has taken it.
    taken: bool,
    /// None if the side that is called does not hold it.
    spells: Option<Vec<Spell>>,
}

/// How a ring stands at the side that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not held there yet.
    OnItsWay,
    /// Nobody has taken it.
    Rings,
    /// Taken up, and something must follow.
    Taken,
    /// Taken up, and nothing followed in time.
    Again,
    /// Attended to for good.
    Done,
}

/// Every ring of a call, away and at home. CAL-2, CAL-5.
pub(super) fn rung<'a>(past: Past<'a>, terms: &Terms) -> Vec<Rung<'a>> {
    let Some(raise) = raise(past) else { return Vec::new() };
    let urgency = ladder::urgency(raise.word("urgency").unwrap_or_default());
    let pace = Pace::of(terms, urgency);
    // By that time the caller needs help; what rings later in the call has no such time.
    let needed = |source: &Act| raise.instant("needed_by").filter(|_| source.kind == "raise");
    let mut out = Vec::new();
    for source in sources(past) {
        for home in [false, true] {
            let start = if home { Some(source.logged_at) } else { held(past, source) };
            let takes = takes(past, source, home, pace.holds);
            out.push(Rung {
                source,
                home,
                pace,
                urgency,
                needed_by: needed(source),
                taken: !attention(past, source).is_empty(),
                spells: start.map(|start| spells(start, &takes)),
            });
        }
    }
    out
}

/// When the side that is called held an act. Whoever answers it held it, whatever the heads that
/// are known so far say.
fn held(past: Past<'_>, source: &Act) -> Option<u64> {
    let answer = || half(past, source.half.other()).iter().find(|act| names(act, source));
    source.held_at.or_else(|| answer().map(|act| act.logged_at))
}

/// What was done about a ring, on the clock of the side where it rings.
fn takes(past: Past<'_>, source: &Act, home: bool, holds: u64) -> Vec<Take> {
    // An act of another side counts at home from when it came. Whoever dates an acknowledgement
    // ahead does not hold our telephones longer by it.
    let known = |act: &Act, mine: bool| {
        let at = if mine { act.logged_at } else { act.held_at.unwrap_or(act.logged_at) };
        (at, act.logged_at.min(at))
    };
    let of = |act: &Act, mine: bool| {
        let (at, said) = known(act, mine);
        let lasts = act.kind == "acknowledge" || act.kind == "hand-over";
        Take { at, until: lasts.then(|| said.saturating_add(holds)) }
    };
    let mut out: Vec<Take> = attention(past, source).iter().map(|act| of(act, !home)).collect();
    if home {
        let own = half(past, source.half).iter();
        let own = own.filter(|act| act.kind == "acknowledge" && act.re.contains(&source.entry));
        out.extend(own.map(|act| of(act, true)));
    }
    // Whoever has closed wants nothing more.
    let given_up = close(past, source.half).map(|act| known(act, home).0);
    out.extend(given_up.map(|at| Take { at, until: None }));
    out.sort_by_key(|take| take.at);
    out
}

impl Rung<'_> {
    /// The side where it rings.
    pub(super) fn at(&self) -> Half {
        if self.home { self.source.half } else { self.source.half.other() }
    }

    /// How it stands.
    pub(super) fn standing(&self, as_of: u64) -> Standing {
        let Some(spells) = &self.spells else { return Standing::OnItsWay };
        match spells.last() {
            Some(Spell { from, to: None }) if *from > as_of && spells.len() == 1 => {
                // Before its own beginning: a clock of the other side that runs ahead.
                Standing::Rings
            }
            Some(Spell { from, to: None }) if *from > as_of => Standing::Taken,
            Some(Spell { to: None, .. }) if spells.len() > 1 => Standing::Again,
            Some(Spell { to: None, .. }) => Standing::Rings,
            _ => Standing::Done,
        }
    }

    /// What a person hears of it.
    pub(super) fn ring(&self, as_of: u64) -> Option<Ring> {
        let spells = self.spells.as_ref()?;
        let Spell { from, to: None } = spells.last()? else { return None };
        let post = self.pace.post(*from, as_of, self.home, self.needed_by)?;
        let why = match (self.home, self.source.held_at, spells.len() > 1) {
            (true, None, _) => "ring-not-held",
            (true, Some(_), _) if self.taken => "ring-lapsed",
            (true, Some(_), _) => "ring-not-taken",
            (false, _, true) => "ring-again",
            (false, ..) if self.source.kind == "raise" => "ring-raised",
            (false, ..) => "ring-said",
        };
        Some(Ring {
            act: self.source.entry,
            half: self.at(),
            post,
            since: *from,
            next: self.pace.next(*from, as_of, self.home, self.needed_by),
            why,
            urgency: self.urgency,
        })
    }

    /// The highest post that it came to.
    fn reached(&self, as_of: u64) -> Option<Post> {
        let each = self.spells.iter().flatten().filter_map(|spell| {
            // The second at which it was taken is not rung any more.
            let last = spell.to.map_or(as_of, |to| to.saturating_sub(1));
            self.pace.post(spell.from, last, self.home, self.needed_by)
        });
        each.max()
    }

    /// When it first came to a post, if what was done about it left it ringing so long; whether
    /// that time is over yet is for whoever asks.
    pub(super) fn first_at(&self, post: Post) -> Option<u64> {
        let spells = self.spells.iter().flatten();
        let each = spells.filter_map(|spell| {
            let at = self.pace.reached_at(post, spell.from, self.home, self.needed_by);
            spell.to.is_none_or(|to| at < to).then_some(at)
        });
        each.min()
    }

    /// When it rang, or will ring, again.
    pub(super) fn begins_again(&self) -> impl Iterator<Item = u64> {
        self.spells.iter().flatten().skip(1).map(|spell| spell.from)
    }

    /// How often it rang again.
    fn again(&self, as_of: u64) -> usize {
        let begun = self.spells.iter().flatten().filter(|spell| spell.from <= as_of);
        begun.count().saturating_sub(1)
    }
}

/// What a review and the figures count of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Observed {
    /// When the side that is called held it, in seconds (UTC).
    pub held_at: Option<u64>,
    /// When a desk there first attended to it, on the log of that side.
    pub taken_at: Option<u64>,
    /// The highest post rung: of the asking side, of the answering side.
    pub reached: [Option<Post>; 2],
    /// How often it rang again at the side that is called.
    pub again: usize,
}

/// Reads it off the rings.
pub(super) fn observe(past: Past<'_>, all: &[Rung<'_>], as_of: u64) -> Observed {
    let raise = raise(past);
    let taken = raise.and_then(|raise| attention(past, raise).first());
    let of = |half: Half| {
        all.iter().filter(|rung| rung.at() == half).filter_map(|rung| rung.reached(as_of)).max()
    };
    let away = all.iter().filter(|rung| !rung.home);
    Observed {
        held_at: raise.and_then(|raise| held(past, raise)),
        taken_at: taken.map(|act| act.logged_at),
        reached: [of(Half::Asking), of(Half::Answering)],
        again: away.map(|rung| rung.again(as_of)).sum(),
    }
}
