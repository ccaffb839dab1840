//! What a row of a sheet makes of a profile, and what of it nobody could keep. FIELD: each of these
//! is for two sides to agree; what no clock can follow is named with its reason, is not proposed or
//! accepted by an honest node, and stands as if nothing were agreed about it. CLK-23, CLK-28

use super::{Extended, Override};
use crate::act::Half;
use crate::clock::{Expiry, Extension, Limit, PROGRESS, PauseRule, Profile, Sort, Start};
use crate::instrument::INSTRUMENTS;

/// A part of a row that cannot be followed, and why.
type Unfit = (&'static str, &'static str);

impl Override {
    /// The profile as agreed, with every part of the row that cannot be followed and why.
    pub fn applied(&self, shipped: &Profile) -> (Profile, Vec<String>) {
        let (mut profile, mut unfit) = (*shipped, Vec::new());
        if let Some(why) = idle(shipped) {
            return (profile, vec![format!("profile {} ({why})", self.id)]);
        }
        self.length(&mut profile, &mut unfit);
        self.sort(&mut profile, &mut unfit);
        self.pause(&mut profile, &mut unfit);
        self.extension(&mut profile, &mut unfit);
        let unfit = unfit.into_iter().map(|(part, why)| match part {
            "" => format!("profile {} ({why})", self.id),
            part => format!("profile {} ({part}: {why})", self.id),
        });
        (profile, unfit.collect())
    }

    fn length(&self, profile: &mut Profile, unfit: &mut Vec<Unfit>) {
        let Some((limit, rolls)) = self.length else { return };
        // CLK-25: what a year starts ends on a day of the next, and nothing else does.
        match (profile.start == Start::Year, matches!(limit, Limit::Yearly(..))) {
            (true, false) => unfit.push(("", "unit: yearly")),
            (false, true) => unfit.push(("", "not yearly")),
            _ if profile.is_by_act() => unfit.push(("unit", "an act names its end")),
            _ => (profile.limit, profile.rolls) = (limit, rolls),
        }
    }

    /// Its sort, and what its end does. A hold has a way of its own, which nothing else can take.
    fn sort(&self, profile: &mut Profile, unfit: &mut Vec<Unfit>) {
        let holds = profile.sort == Sort::MinimumHold;
        match self.sort {
            Some(sort) if holds != (sort == Sort::MinimumHold) => {
                let why = if holds { "what is kept stays a hold" } else { "nothing is kept by it" };
                unfit.push(("sort", why));
            }
            Some(sort) if sort != profile.sort => {
                (profile.sort, profile.expiry) = (sort, sort.expiry());
            }
            _ => {}
        }
        match self.expiry {
            Some(expiry @ (Expiry::HoldEnds | Expiry::UntilDecision)) if holds => {
                profile.expiry = expiry;
            }
            Some(expiry) if expiry != profile.expiry => {
                unfit.push(("expiry", "it follows from the sort"));
            }
            _ => {}
        }
    }

    fn pause(&self, profile: &mut Profile, unfit: &mut Vec<Unfit>) {
        match self.pause {
            Some(PauseRule::OpenQuestion) if !profile.can_stand_still() => {
                unfit.push(("pause", "no question can stop it"));
            }
            Some(pause) => profile.pause = pause,
            None => {}
        }
    }

    fn extension(&self, profile: &mut Profile, unfit: &mut Vec<Unfit>) {
        let Some(agreed) = &self.extension else { return };
        if profile.sort == Sort::MinimumHold {
            unfit.push(("extension", "a hold is prolonged by preserving anew"));
            return;
        }
        let Extended::By { by, asked_by, most, because } = agreed else {
            profile.extension = None;
            return;
        };
        // Only what is kept is renewed by who asked for it; of the rest the asking side has no act.
        let kept = profile.id == "P-EPO-PR";
        let because = because.as_ref().map(|word| PROGRESS.iter().find(|known| *known == word));
        let why = match because {
            _ if !is_of_instrument(profile.id) => Some("no act prolongs it"),
            _ if *asked_by == Half::Asking && !kept => Some("the asking side renews holds alone"),
            Some(_) if *asked_by == Half::Asking => Some("a renewal gives no reason"),
            Some(None) => Some("the reason is not known here"),
            _ => None,
        };
        if let Some(why) = why {
            unfit.push(("extension", why));
            return;
        }
        let because = because.flatten().map_or(&[][..], std::slice::from_ref);
        let extension = Extension { by: *by, asked_by: *asked_by, most: *most, because };
        profile.extension = Some(extension);
    }
}

/// Why no clock of a profile runs, where none does: what it starts or ends with is in no act.
fn idle(profile: &Profile) -> Option<&'static str> {
    match profile.start {
        _ if profile.runs => None,
        Start::Awareness => {
            Some("no clock of it runs: no act says when an entity became aware of an incident")
        }
        _ => Some("no clock of it runs: no act says that an incident was notified"),
    }
}

/// Whether a profile stands for the requests of an instrument: those alone are set, and prolonged,
/// by what acts say.
fn is_of_instrument(id: &str) -> bool {
    INSTRUMENTS.iter().any(|instrument| instrument.profiles.contains(&id))
}
