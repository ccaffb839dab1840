//! The text that two sides agree on. Its shape is part of the flow and judged alike by every
//! version of it; what its names mean is looked up, and never decides validity.

use crate::act::Half;
use crate::clock::{self, Calendar, Expiry, Limit, PauseRule, Sort, Zone, is_date};
use crate::instrument;
use counterpart_record::hash::{Hash, sha256};
use counterpart_record::id::PartyId;
use counterpart_record::strict::json::{Object, Value};

/// How far figures of a stream are shared, from nothing to all of them.
pub const SHARING: &[&str] = &["none", "totals", "per-kind", "full"];

/// Longest list in a sheet.
const LIST: usize = 800;
/// Largest number of units in a limit: a hundred years of days.
const COUNT: i64 = 36_500;

/// The unit of an extension that lasts until the time that its act names.
pub(super) const AS_STATED: &str = "as_stated";

/// What one side proposed and the other may accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its digest: SHA-256 of `counterpart/terms/v1`, a zero byte and its JSON text as it stands in
    /// the act.
    pub id: Hash,
    /// Release of the zone data.
    pub tz: String,
    /// Both sides, in any order.
    pub sides: [Side; 2],
    /// Profiles that differ from the ones shipped.
    pub profiles: Vec<Override>,
    /// Lines of work.
    pub streams: Vec<Stream>,
}

/// One side of the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Which party.
    pub party: PartyId,
    /// Its zone, by the name in the IANA database.
    pub zone: String,
    /// Its working days, 1 for Monday to 7 for Sunday.
    pub week: Vec<u8>,
    /// Its holidays, `YYYY-MM-DD`.
    pub holidays: Vec<String>,
    /// Days that it works all the same.
    pub worked: Vec<String>,
    /// What it is bound by.
    pub instruments: Vec<InForce>,
}

/// An instrument and since when it binds a side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Its name.
    pub name: String,
    /// From which day on, `YYYY-MM-DD`.
    pub from: String,
}

/// A profile that differs from the one shipped, in what is named here and in nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Override {
    /// Which profile.
    pub id: String,
    /// Its length, and whether a last day that is not worked moves to the next that is.
    pub length: Option<(Limit, bool)>,
    /// What it means.
    pub sort: Option<Sort>,
    /// When it stands still.
    pub pause: Option<PauseRule>,
    /// How it is prolonged.
    pub extension: Option<Extended>,
    /// What its end does.
    pub expiry: Option<Expiry>,
}

/// How a clock is prolonged, as two sides agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extended {
    /// Not at all.
    Never,
    /// As [`crate::clock::Extension`] says; the reason is a name that a program may not know.
    By {
        /// By how much; [`Limit::AsAgreed`] until the time that the act names.
        by: Limit,
        /// Who prolongs.
        asked_by: Half,
        /// How often at the most; 0 without an end.
        most: u8,
        /// For which reason alone.
        because: Option<String>,
    },
}

/// A line of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Its name.
    pub name: String,
    /// How far its figures are shared.
    pub sharing: &'static str,
}

/// What is wrong with the shape of a sheet: every place, and nothing if it is right. CLK-20.
pub fn shape(sheet: &Object) -> Vec<String> {
    let mut wrong = Vec::new();
    Reader { wrong: &mut wrong }.sheet(sheet);
    wrong
}

impl Sheet {
    /// Reads a sheet; `None` if its shape is wrong.
    pub fn read(sheet: &Object) -> Option<Sheet> {
        let mut wrong = Vec::new();
        let read = Reader { wrong: &mut wrong }.sheet(sheet);
        read.filter(|_| wrong.is_empty())
    }

    /// What this program cannot follow: names that it does not know, another release of the zone
    /// data, parties that are not these two. Empty for a sheet that may be proposed and accepted.
    pub fn doubts(&self, parties: [&PartyId; 2]) -> Vec<String> {
        let mut doubts = Vec::new();
        if self.tz != clock::tz_version() {
            doubts.push(format!("tz (not {})", clock::tz_version()));
        }
        for party in parties {
            if self.sides.iter().all(|side| side.party != *party) {
                doubts.push(format!("sides (not {})", party.short()));
            }
        }
        for side in &self.sides {
            if Zone::named(&side.zone).is_none() {
                doubts.push(format!("zone {}", side.zone));
            }
            let unknown = |one: &&InForce| !instrument::NAMES.contains(&one.name.as_str());
            let named = side.instruments.iter().filter(unknown);
            doubts.extend(named.map(|one| format!("instrument {}", one.name)));
        }
        let unknown = |one: &&Override| clock::profile(&one.id).is_none();
        doubts
            .extend(self.profiles.iter().filter(unknown).map(|one| format!("profile {}", one.id)));
        // CLK-23, CLK-28
        let known = self.profiles.iter().filter_map(|one| Some((one, clock::profile(&one.id)?)));
        doubts.extend(known.flat_map(|(one, shipped)| one.applied(shipped).1));
        doubts
    }

    /// Terms to begin with: both sides as far as they are known, nothing else agreed.
    pub fn draft(parties: [&PartyId; 2]) -> Object {
        let side = |party: &PartyId| {
            Object::default()
                .with("party", party.to_string())
                .with("zone", "UTC")
                .with("week", Value::Array((1..=5).map(Value::Int).collect()))
                .with("holidays", Value::Array(Vec::new()))
                .with("worked", Value::Array(Vec::new()))
                .with("instruments", Value::Array(Vec::new()))
        };
        Object::default()
            .with("v", 1_i64)
            .with("tz", clock::tz_version())
            .with("sides", parties.map(|party| Value::from(side(party))).to_vec())
            .with("profiles", Value::Array(Vec::new()))
            .with("streams", Value::Array(Vec::new()))
    }
}

impl Side {
    /// How it counts days; `None` if this program does not know its zone.
    pub fn calendar(&self) -> Option<Calendar> {
        let holidays: Vec<&str> = self.holidays.iter().map(String::as_str).collect();
        let worked: Vec<&str> = self.worked.iter().map(String::as_str).collect();
        Calendar::new(&self.zone, &self.week, &holidays, &worked)
    }
}

/// A day of the year, written as a number: 301 is the first of March, 229 the last of February.
fn yearly(count: u32) -> Option<Limit> {
    let (month, day) = (count / 100, count % 100);
    let exists = is_date(&format!("2000-{month:02}-{day:02}"));
    exists.then_some(Limit::Yearly(u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}

/// A place of a sheet with what could stand there, and whether nothing does.
fn lacking(at: &str, value: Option<&Value>, words: &str) -> String {
    if value.is_none() { format!("{at} (missing: {words})") } else { format!("{at} ({words})") }
}

/// Reads and notes every place that is wrong, so that a person learns of all at once.
struct Reader<'a> {
    wrong: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn sheet(&mut self, sheet: &Object) -> Option<Sheet> {
        self.closed("", sheet, &["v", "tz", "sides", "profiles", "streams"]);
        self.check("v", sheet.get("v").and_then(Value::as_int) == Some(1));
        let tz = self.name("tz", sheet.get("tz"), "");
        let sides = self.rows("sides", sheet.get("sides"), Self::side);
        let profiles = self.rows("profiles", sheet.get("profiles"), Self::profile);
        let streams = self.rows("streams", sheet.get("streams"), Self::stream);
        self.once("profiles", profiles.iter().map(|one| &one.id));
        self.once("streams", streams.iter().map(|one| &one.name));
        let sides: Option<[Side; 2]> = sides.try_into().ok();
        let two = sides.as_ref().is_some_and(|sides| sides[0].party != sides[1].party);
        self.check("sides", two);
        let mut text = String::new();
        sheet.write(&mut text);
        let id = sha256(&[b"counterpart/terms/v1\0", text.as_bytes()]);
        Some(Sheet { id, tz, sides: sides?, profiles, streams })
    }

    fn side(&mut self, at: &str, side: &Object) -> Option<Side> {
        let names = ["party", "zone", "week", "holidays", "worked", "instruments"];
        self.closed(at, side, &names);
        let party = side.get("party").and_then(Value::as_str);
        let party = party.and_then(|text| PartyId::parse(text).ok());
        self.check(&format!("{at}.party"), party.is_some());
        let zone = self.name(&format!("{at}.zone"), side.get("zone"), "/_+");
        let week: Vec<u8> = self.list(&format!("{at}.week"), side.get("week"), |day| {
            day.as_int().filter(|day| (1..=7).contains(day)).and_then(|day| day.try_into().ok())
        });
        self.check(&format!("{at}.week"), !week.is_empty());
        self.once(&format!("{at}.week"), week.iter());
        let mut days = |name: &str| {
            let at = format!("{at}.{name}");
            let days = self.list(&at, side.get(name), |day| {
                day.as_str().filter(|day| is_date(day)).map(str::to_owned)
            });
            self.once(&at, days.iter());
            days
        };
        let (holidays, worked) = (days("holidays"), days("worked"));
        let at = format!("{at}.instruments");
        let instruments = self.rows(&at, side.get("instruments"), Self::in_force);
        self.once(&at, instruments.iter().map(|one| &one.name));
        Some(Side { party: party?, zone, week, holidays, worked, instruments })
    }

    fn in_force(&mut self, at: &str, one: &Object) -> Option<InForce> {
        self.closed(at, one, &["name", "from"]);
        let name = self.name(&format!("{at}.name"), one.get("name"), "");
        let from = one.get("from").and_then(Value::as_str).filter(|day| is_date(day));
        self.check(&format!("{at}.from"), from.is_some());
        Some(InForce { name, from: from?.to_owned() })
    }

    fn profile(&mut self, at: &str, one: &Object) -> Option<Override> {
        let also = ["unit", "count", "rolls", "sort", "pause", "extension", "expiry"];
        self.closed_but(at, one, &["id"], &also);
        let id = self.name(&format!("{at}.id"), one.get("id"), "");
        // A row that says nothing would be agreed for nothing.
        let says = |name: &&str| one.get(name).is_some();
        self.check(at, also.iter().any(says));
        let length = also[..3].iter().any(says).then(|| self.length(at, one));
        let place = |name: &str| format!("{at}.{name}");
        let sort = self.word(&place("sort"), one.get("sort"), &Sort::ALL, Sort::name);
        let pause = self.word(&place("pause"), one.get("pause"), &PauseRule::ALL, PauseRule::name);
        let extension = one.get("extension").map(|how| self.extended(&place("extension"), how));
        let expiry = self.word(&place("expiry"), one.get("expiry"), &Expiry::ALL, Expiry::name);
        // What is wrong in a part of it is noted, and the sheet is not read.
        let (length, extension) = (length.flatten(), extension.flatten());
        Some(Override { id, length, sort, pause, extension, expiry })
    }

    /// Unit, count and whether the last day rolls: all three, or none is said.
    fn length(&mut self, at: &str, one: &Object) -> Option<(Limit, bool)> {
        const UNITS: [&str; 6] = ["minutes", "hours", "days", "working_days", "months", "yearly"];
        let limit = self.limit(at, one, &UNITS);
        let rolls = one.get("rolls").and_then(Value::as_bool);
        self.check(
            &lacking(&format!("{at}.rolls"), one.get("rolls"), "true|false"),
            rolls.is_some(),
        );
        Some((limit?, rolls?))
    }

    fn limit(&mut self, at: &str, one: &Object, units: &[&str]) -> Option<Limit> {
        let unit = one.get("unit").and_then(Value::as_str).filter(|unit| units.contains(unit));
        // The words are few and not to be guessed.
        let words = lacking(&format!("{at}.unit"), one.get("unit"), &units.join("|"));
        self.check(&words, unit.is_some());
        let given = one.get("count");
        if unit == Some(AS_STATED) {
            self.check(&format!("{at}.count"), given.is_none());
            return Some(Limit::AsAgreed);
        }
        let count = given.and_then(Value::as_int).filter(|count| (1..=COUNT).contains(count));
        let count = count.and_then(|count| u32::try_from(count).ok());
        let day = count.and_then(yearly).filter(|_| unit == Some("yearly"));
        let count = count.filter(|_| day.is_some() || unit != Some("yearly"));
        let place = format!("{at}.count");
        let place = if given.is_none() { lacking(&place, None, "1-36500") } else { place };
        self.check(&place, count.is_some());
        Some(match unit? {
            "minutes" => Limit::Minutes(count?),
            "hours" => Limit::Hours(count?),
            "days" => Limit::Days(count?),
            "working_days" => Limit::WorkingDays(count?),
            "yearly" => day?,
            _ => Limit::Months(count?),
        })
    }

    fn extended(&mut self, at: &str, how: &Value) -> Option<Extended> {
        const UNITS: [&str; 6] = ["minutes", "hours", "days", "working_days", "months", AS_STATED];
        if how.as_str() == Some("none") {
            return Some(Extended::Never);
        }
        self.check(&format!("{at} (none|an object)"), how.as_object().is_some());
        let one = how.as_object()?;
        self.closed_but(at, one, &["asked_by", "unit", "most"], &["count", "because"]);
        let halves = [Half::Asking, Half::Answering];
        let asked_by =
            self.word(&format!("{at}.asked_by"), one.get("asked_by"), &halves, Half::name);
        let by = self.limit(at, one, &UNITS);
        let most = one.get("most").and_then(Value::as_int).and_then(|most| u8::try_from(most).ok());
        self.check(&lacking(&format!("{at}.most"), one.get("most"), "0-255"), most.is_some());
        let because = one.get("because");
        let because = because.map(|word| self.name(&format!("{at}.because"), Some(word), ""));
        Some(Extended::By { by: by?, asked_by: asked_by?, most: most?, because })
    }

    fn stream(&mut self, at: &str, one: &Object) -> Option<Stream> {
        self.closed(at, one, &["name", "sharing"]);
        let name = self.name(&format!("{at}.name"), one.get("name"), "");
        let word = one.get("sharing").and_then(Value::as_str);
        let sharing = SHARING.iter().find(|known| Some(**known) == word).copied();
        self.check(&format!("{at}.sharing"), sharing.is_some());
        Some(Stream { name, sharing: sharing? })
    }

    fn check(&mut self, at: &str, good: bool) {
        // What is missing is named as that, and once.
        let place = at.split(" (").next().unwrap_or(at);
        let missing = format!("{place} (missing");
        let named = |other: &String| other == at || other.starts_with(&missing);
        if !good && !self.wrong.iter().any(named) {
            self.wrong.push(at.to_owned());
        }
    }

    /// Exactly these members.
    fn closed(&mut self, at: &str, object: &Object, names: &[&str]) {
        self.closed_but(at, object, names, &[]);
    }

    /// These members, and no others than those that may be there as well.
    fn closed_but(&mut self, at: &str, object: &Object, names: &[&str], also: &[&str]) {
        let place =
            |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        for (name, _) in &object.0 {
            let known = names.contains(&name.as_str()) || also.contains(&name.as_str());
            self.check(&place(name), known);
        }
        for name in names {
            self.check(&format!("{} (missing)", place(name)), object.get(name).is_some());
        }
    }

    /// One of these words, if the member is there at all.
    fn word<T: Copy>(
        &mut self,
        at: &str,
        value: Option<&Value>,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let value = value?;
        let found = all.iter().copied().find(|one| value.as_str() == Some(name(*one)));
        let words: Vec<&str> = all.iter().map(|one| name(*one)).collect();
        self.check(&format!("{at} ({})", words.join("|")), found.is_some());
        found
    }

    /// A name: letters, digits, hyphens and what else it may hold; never words of a person.
    fn name(&mut self, at: &str, value: Option<&Value>, also: &str) -> String {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || also.contains(c);
        let name = value.and_then(Value::as_str);
        let name = name.filter(|name| (1..=64).contains(&name.len()) && name.chars().all(fits));
        self.check(at, name.is_some());
        name.unwrap_or_default().to_owned()
    }

    fn list<T>(
        &mut self,
        at: &str,
        value: Option<&Value>,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Vec<T> {
        let items = value.and_then(Value::as_array);
        self.check(at, items.is_some_and(|items| items.len() <= LIST));
        let mut out = Vec::new();
        for (i, item) in items.unwrap_or_default().iter().enumerate() {
            let one = read(item);
            self.check(&format!("{at}.{}", i + 1), one.is_some());
            out.extend(one);
        }
        out
    }

    fn rows<T>(
        &mut self,
        at: &str,
        value: Option<&Value>,
        read: fn(&mut Self, &str, &Object) -> Option<T>,
    ) -> Vec<T> {
        let items = value.and_then(Value::as_array);
        self.check(at, items.is_some_and(|items| items.len() <= LIST));
        let mut out = Vec::new();
        for (i, item) in items.unwrap_or_default().iter().enumerate() {
            let place = format!("{at}.{}", i + 1);
            let one = item.as_object();
            self.check(&place, one.is_some());
            out.extend(one.and_then(|one| read(self, &place, one)));
        }
        out
    }

    fn once<T: PartialEq>(&mut self, at: &str, all: impl Iterator<Item = T> + Clone) {
        let twice = all.clone().enumerate().any(|(i, one)| all.clone().take(i).any(|o| o == one));
        self.check(at, !twice);
    }
}
