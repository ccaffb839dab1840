//! Extensions: which of them a term took, and what a promise of one would come to. FIELD.md calls
//! them part of a profile; what no profile knows prolongs nothing, and is said before it is signed.
//! CLK-37.

use super::between::Both;
use super::clocks::Run;
use crate::act::{Act, Half};
use crate::clock::{Clock, Extension, Limit, PauseRule, Profile, Sort};
use crate::flow::Past;
use crate::form::Wrong;
use crate::terms::Terms;
use counterpart_record::strict::json::{Object, Value};

impl Run<'_> {
    /// A limit with the extensions that acts took, as far as the profile knows them.
    pub fn prolonged(&self, profile: &Profile, who: Half, limit: u64) -> u64 {
        self.taken(profile, who, limit).0
    }

    /// The limit, and how many extensions are in it.
    fn taken(&self, profile: &Profile, who: Half, limit: u64) -> (u64, u8) {
        let Some(extension) = profile.extension else { return (limit, 0) };
        let (mut limit, mut taken) = (limit, 0);
        for act in self.prolonging(&extension) {
            let clock = self.clock(profile, limit);
            if spent(&extension, taken) {
                break;
            }
            // What is said after the end heals nothing, as a question then does not. CLK-2
            if clock.overdue(act.logged_at) {
                continue;
            }
            let stood = clock.due(act.logged_at) - limit;
            let to = match extension.by {
                Limit::AsAgreed => act.instant("expected_at").map(|at| at.saturating_sub(stood)),
                by => self.terms.extended(profile, who, limit, by),
            };
            if let Some(to) = to.filter(|to| *to > limit) {
                (limit, taken) = (to, taken.saturating_add(1));
            }
        }
        (limit, taken)
    }

    fn clock(&self, profile: &Profile, limit: u64) -> Clock {
        let pauses = match profile.pause {
            PauseRule::OpenQuestion => self.stops.iter().map(|stop| stop.pause).collect(),
            PauseRule::Never => Vec::new(),
        };
        Clock { limit, pauses }
    }

    fn prolonging(&self, extension: &Extension) -> Vec<&Act> {
        match extension.asked_by {
            Half::Asking => self.both.asked.renewals.clone(),
            Half::Answering => {
                let statuses = self.both.answered.statuses.iter().copied();
                let fits =
                    |act: &&Act| act.flag("extends") && because(extension, act.word("progress"));
                statuses.filter(fits).collect()
            }
        }
    }

    /// The terms that the side that answers can prolong by itself, each with how it does.
    fn own(&self) -> impl Iterator<Item = (&Profile, Extension)> {
        self.profiles().filter_map(|profile| {
            let answering = profile.who.unwrap_or(Half::Answering) == Half::Answering;
            let known = profile.extension.filter(|one| one.asked_by == Half::Answering);
            known
                .filter(|_| answering && profile.sort != Sort::MinimumHold)
                .map(|extension| (profile, extension))
        })
    }

    /// Whether one more extension can be taken of a term: it runs, its end has not come, and not
    /// all of them are used up.
    fn open(&self, profile: &Profile, extension: &Extension, now: u64) -> bool {
        let Some(timer) = self.set(profile) else { return false };
        let limit = self.from(profile, timer.started_at);
        let taken = limit.map_or(0, |limit| self.taken(profile, timer.who, limit).1);
        timer.runs() && now <= timer.due && !spent(extension, taken)
    }

    fn from(&self, profile: &Profile, start: u64) -> Option<u64> {
        self.terms.limit(profile, profile.who.unwrap_or(Half::Answering), start)
    }

    /// Whether the side that answers has prolonged a term that runs or ran.
    fn has_prolonged(&self) -> bool {
        self.own().any(|(profile, _)| {
            let Some(timer) = self.set(profile) else { return false };
            let limit = self.from(profile, timer.started_at);
            limit.is_some_and(|limit| self.taken(profile, timer.who, limit).1 > 0)
        })
    }
}

/// Whether the side that answers has prolonged a term of the matter.
pub(super) fn extended(both: &Both<'_>, terms: &Terms) -> bool {
    Run::of(both, terms, 0).is_some_and(|run| run.has_prolonged())
}

fn because(extension: &Extension, progress: Option<&str>) -> bool {
    extension.because.is_empty() || progress.is_some_and(|why| extension.because.contains(&why))
}

fn spent(extension: &Extension, taken: u8) -> bool {
    extension.most > 0 && taken >= extension.most
}

/// What is wrong with a status that says that it prolongs a term, if it would prolong none: the
/// field, and why. `form` is the status, made at `now` (seconds, UTC) after `past`. ASK-11
pub(in crate::flow) fn idle_extension(
    past: Past<'_>,
    terms: &Terms,
    form: &Object,
    now: u64,
) -> Option<(&'static str, Wrong)> {
    let both = Both::fold(past);
    let named = both.asked.request.and_then(|act| act.word("instrument")).unwrap_or_default();
    let none = || Some(("extends", Wrong::NotOffered(named.to_owned())));
    let Some(run) = Run::of(&both, terms, now) else { return none() };
    let known: Vec<_> = run.own().collect();
    if known.is_empty() {
        return none();
    }
    let progress = form.get("progress").and_then(Value::as_str);
    let fit = |one: &&(&Profile, Extension)| because(&one.1, progress);
    if !known.iter().any(|one| fit(&one)) {
        return Some(("progress", Wrong::NotAChoice(known[0].1.because)));
    }
    let open = known.iter().filter(fit).find(|(profile, how)| run.open(profile, how, now));
    match open {
        None => Some(("extends", Wrong::Spent)),
        Some((_, how)) if how.by == Limit::AsAgreed && form.get("expected_at").is_none() => {
            Some(("expected_at", Wrong::Missing))
        }
        Some(_) => None,
    }
}
