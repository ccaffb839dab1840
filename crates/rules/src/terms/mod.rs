//! The terms of a channel: what the two sides agreed about clocks, zones, holidays, instruments,
//! streams and the sharing of figures. Folds and clocks read them; whether an act is valid never
//! depends on them.
//!
//! A [`Sheet`] is the text that one side proposed and the other accepted. [`Terms`] is what it
//! comes to in a matter, where one party asks and the other answers.

mod agreed;
mod sheet;
mod told;

pub use sheet::{Extended, InForce, Override, SHARING, Sheet, Side, Stream, shape};
pub use told::{differences, told};

use crate::act::Half;
use crate::clock::{self, Calendar, Limit, Profile, Zone};
use crate::instrument::instrument;
use counterpart_record::hash::Hash;
use counterpart_record::id::PartyId;
use std::sync::OnceLock;

/// The lines of work that there are where two sides agreed on none. They are names, never words of
/// a person.
pub const STREAMS: &[&str] = &[
    "cybercrime",
    "child-abuse-material",
    "ip-theft",
    "fraud",
    "terrorist-misuse",
    "arms-trade",
    "corruption",
    "drugs",
    "fugitives",
    "repatriation",
    "counter-terrorism",
];

/// What the terms say about an instrument on which one side asks the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Nothing: no instrument is agreed for either side, or this one binds nobody in law.
    Open,
    /// It is in force for both.
    InForce,
    /// It is not listed for both sides.
    Unlisted,
    /// It is in force for both from this day on only, `YYYY-MM-DD`.
    Early(String),
}

/// The terms that hold in a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The digest that the opening act names; zeros where nothing was agreed.
    pub id: Hash,
    tz: String,
    profiles: Vec<Profile>,
    /// The profiles that the sheet names, of those that this program knows.
    named: Vec<&'static str>,
    asking: Place,
    answering: Place,
    streams: Vec<Stream>,
}

/// How one side counts days, and what it is bound by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    calendar: Calendar,
    /// Whether a sheet named its zone, and this program knows it.
    zoned: bool,
    instruments: Vec<InForce>,
}

impl Terms {
    /// What holds where nothing was agreed.
    pub fn usual() -> &'static Terms {
        static USUAL: OnceLock<Terms> = OnceLock::new();
        let place = || Place { calendar: Calendar::usual(), zoned: false, instruments: Vec::new() };
        USUAL.get_or_init(|| Terms {
            id: [0; 32],
            tz: clock::tz_version().to_owned(),
            profiles: clock::PROFILES.to_vec(),
            named: Vec::new(),
            asking: place(),
            answering: place(),
            streams: Vec::new(),
        })
    }

    /// What a sheet comes to in a matter that `opener` opened. What this program does not know (a
    /// zone, a profile) stands as if nothing were agreed about it; [`Sheet::doubts`] names it.
    pub fn of(sheet: &Sheet, opener: &PartyId) -> Terms {
        let place = |side: Option<&Side>| Place {
            calendar: side.and_then(Side::calendar).unwrap_or_else(Calendar::usual),
            zoned: side.and_then(Side::calendar).is_some(),
            instruments: side.map_or(Vec::new(), |side| side.instruments.clone()),
        };
        let mut profiles = clock::PROFILES.to_vec();
        let mut named = Vec::new();
        for agreed in &sheet.profiles {
            for profile in profiles.iter_mut().filter(|profile| profile.id == agreed.id) {
                *profile = agreed.applied(profile).0;
                named.push(profile.id);
            }
        }
        Terms {
            id: sheet.id,
            tz: sheet.tz.clone(),
            profiles,
            named,
            asking: place(sheet.sides.iter().find(|side| side.party == *opener)),
            answering: place(sheet.sides.iter().find(|side| side.party != *opener)),
            streams: sheet.streams.clone(),
        }
    }

    /// The profile of this name, as agreed.
    pub fn profile(&self, id: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.id == id)
    }

    /// Whether the sheet names this profile.
    pub fn names(&self, id: &str) -> bool {
        self.named.contains(&id)
    }

    /// The profiles that were agreed and whose clocks belong to the channel. They run nowhere else:
    /// what nobody named nobody owes. CLK-24.
    pub fn of_channel(&self) -> impl Iterator<Item = &Profile> {
        let named = |profile: &&Profile| self.named.contains(&profile.id);
        self.profiles.iter().filter(|profile| profile.is_of_channel()).filter(named)
    }

    /// How one side counts days.
    pub fn calendar(&self, half: Half) -> &Calendar {
        &self.place(half).calendar
    }

    /// The zone of one side; `None` if nothing was agreed about it. CLK-16
    pub fn zone(&self, half: Half) -> Option<&Zone> {
        let place = self.place(half);
        place.zoned.then(|| place.calendar.zone())
    }

    /// When a clock of this profile ends that started at `start`, both in seconds (UTC), by the
    /// calendar of the side that must act. `None` if the profile leaves the length to an agreement
    /// that was not made.
    pub fn limit(&self, profile: &Profile, who: Half, start: u64) -> Option<u64> {
        self.calendar(who).limit(start, profile.limit, profile.rolls)
    }

    /// The end of one more stretch behind a limit, as an extension adds it.
    pub fn extended(&self, profile: &Profile, who: Half, limit: u64, by: Limit) -> Option<u64> {
        self.calendar(who).limit(limit, by, profile.rolls)
    }

    /// From which day on one side is bound by an instrument, `YYYY-MM-DD`; `None` if the terms do
    /// not say that it is.
    pub fn bound_from(&self, half: Half, instrument: &str) -> Option<&str> {
        let mut all = self.place(half).instruments.iter();
        all.find(|one| one.name == instrument).map(|one| one.from.as_str())
    }

    /// Whether a request of `at`, in seconds (UTC), can rest on an instrument. The day is that of
    /// each side's own calendar. Both sides compute the same of the terms that an opening act
    /// names; whether the act is valid does not depend on it. ASK-7.
    pub fn basis(&self, name: &str, at: u64) -> Basis {
        let silent = self.asking.instruments.is_empty() && self.answering.instruments.is_empty();
        // Of a name that is not known here nobody can say that it binds, unless the terms list it.
        let listed = |half| self.bound_from(half, name).is_some();
        let named = || [Half::Asking, Half::Answering].into_iter().any(listed);
        let binds = instrument(name).map_or_else(named, |known| known.binds);
        if silent || !binds {
            return Basis::Open;
        }
        let days = [Half::Asking, Half::Answering].map(|half| (half, self.bound_from(half, name)));
        let [(_, Some(asking)), (_, Some(answering))] = days else {
            return Basis::Unlisted;
        };
        // Days of this form sort as they follow each other.
        let early = days.iter().any(|(half, from)| {
            let today = self.calendar(*half).day_of(at);
            from.zip(today.as_deref()).is_none_or(|(from, today)| today < from)
        });
        if early { Basis::Early(asking.max(answering).to_owned()) } else { Basis::InForce }
    }

    /// The lines of work that were agreed, in the order of the sheet.
    pub fn streams(&self) -> impl Iterator<Item = &str> {
        self.streams.iter().map(|stream| stream.name.as_str())
    }

    /// How far figures of a stream are shared: a word of [`SHARING`].
    pub fn sharing(&self, stream: &str) -> &'static str {
        let agreed = self.streams.iter().find(|one| one.name == stream);
        agreed.map_or(SHARING[0], |one| one.sharing)
    }

    /// Whether the terms rest on another release of the zone data than this program. Limits in days
    /// may then differ between the two sides by an hour or so, until new terms are agreed.
    pub fn tz_differs(&self) -> bool {
        self.tz != clock::tz_version()
    }

    fn place(&self, half: Half) -> &Place {
        if half == Half::Asking { &self.asking } else { &self.answering }
    }
}

#[cfg(test)]
mod tests;
