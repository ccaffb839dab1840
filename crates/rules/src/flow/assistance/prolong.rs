//! Extensions: which of them a term took, and what a promise of one would come to. What no profile
//! knows prolongs nothing, and is said before it is signed. CLK-37.

use super::between::Both;
use super::clocks::Run;
use crate::act::{Act, Half};
use crate::clock::{Clock, End, Extension, Limit, PauseRule, Profile, Sort};
use crate::flow::Past;
use crate::form::Wrong;
use crate::terms::Terms;
use counterpart_record::strict::json::{Object, Value};

impl Run<'_> {
    /// A limit with the extensions that acts took, as far as the profile knows them, and how many
    /// these are. `ended` is what ended the clock: nothing prolongs it after that.
    pub fn prolonged(
        &self,
        profile: &Profile,
        who: Half,
        limit: u64,
        ended: Option<End>,
    ) -> (u64, u8) {
        let Some(extension) = profile.extension else { return (limit, 0) };
        let (mut limit, mut taken) = (limit, 0);
        let ran = |act: &&&Act| ended.is_none_or(|end| act.logged_at <= end.logged_at);
        for act in self.prolonging(&extension).iter().filter(ran) {
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
                Limit::AsAgreed => {
                    let named = act.instant("expected_at").or(act.instant("until"));
                    named.map(|at| at.saturating_sub(stood))
                }
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

    /// When a term is due of which one more extension can be taken, in seconds (UTC): it runs, its
    /// end has not come, and not all of them are used up.
    fn open(&self, profile: &Profile, extension: &Extension, now: u64) -> Option<u64> {
        let (timer, taken) = self.extended(profile)?;
        let open = timer.runs() && now <= timer.due && !spent(extension, taken);
        open.then_some(timer.due)
    }
}

/// Whether the side that answers has prolonged a term of the matter that runs or ran.
pub(super) fn extended(both: &Both<'_>, terms: &Terms) -> bool {
    let Some(run) = Run::of(both, terms, 0) else { return false };
    run.own().any(|(profile, _)| run.extended(profile).is_some_and(|(_, taken)| taken > 0))
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
    let open = known.iter().filter(fit);
    let open: Vec<(u64, &Extension)> =
        open.filter_map(|(profile, how)| Some((run.open(profile, how, now)?, how))).collect();
    let told = form.get("expected_at").and_then(Value::as_int);
    let told = told.and_then(|at| u64::try_from(at).ok());
    let moved = |(due, how): &(u64, &Extension)| {
        how.by != Limit::AsAgreed || told.is_some_and(|to| to > *due)
    };
    match open.first() {
        None => Some(("extends", Wrong::Spent)),
        Some(_) if open.iter().any(moved) => None,
        Some(_) if told.is_none() => Some(("expected_at", Wrong::Missing)),
        Some((due, _)) => Some(("expected_at", Wrong::NoLater(*due))),
    }
}
