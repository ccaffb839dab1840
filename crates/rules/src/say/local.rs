//! What o'clock a time is for the two sides, in the zones that their terms name. Nothing is
//! guessed: of a side whose zone nobody named nothing is said, nor whether anybody is awake. CLK-16

use super::{Lang, Say, list, render};
use crate::clock::{self, Zone};

/// Where the two sides of a channel are, by their terms.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The zone of the reader's side.
    pub here: Option<Zone>,
    /// That of the other.
    pub there: Option<Zone>,
    /// The name of the other side as this reader reads it; empty where it stands beside anyway.
    pub peer: String,
}

impl Places {
    /// A time in UTC, and beside it what clocks of each side show then, where that is another.
    pub fn beside(&self, lang: Lang, seconds: u64) -> String {
        told(lang, &clock::shown(seconds), self.each(lang, seconds))
    }

    /// What clocks of each side show at a time, where that is not what they show in UTC.
    fn each(&self, lang: Lang, seconds: u64) -> Vec<String> {
        let time =
            |zone: &Option<Zone>| zone.as_ref().and_then(|zone| other_than_utc(zone, seconds));
        let (here, there) = (time(&self.here), time(&self.there));
        let say = |key: &str, at: (i8, String)| {
            let named = Say::of(key).with("time", of_day(lang, at)).with("peer", &*self.peer);
            render(lang, &named)
        };
        let (both, theirs) = match self.peer.is_empty() {
            true => ("local-both-unnamed", "local-there-unnamed"),
            false => ("local-both", "local-there"),
        };
        match (here, there) {
            (Some(here), Some(there)) if here == there => vec![say(both, here)],
            (here, there) => {
                let here = here.map(|at| say("local-here", at));
                here.into_iter().chain(there.map(|at| say(theirs, at))).collect()
            }
        }
    }
}

/// What o'clock it is now at all of these places, once for a page; `None` where no terms name a
/// zone in which clocks show anything else than UTC. A reader whose own zone is named otherwise
/// with one partner than with another is not told it.
pub fn now_at(lang: Lang, places: &[Places], now: u64) -> Option<String> {
    let name = |place: &Places| place.here.as_ref().map(|zone| zone.name().to_owned());
    let alike = places.windows(2).all(|two| name(&two[0]) == name(&two[1]));
    let here = places.first().and_then(|first| first.here.clone()).filter(|_| alike);
    let mut each: Vec<String> = Vec::new();
    for (at, place) in places.iter().enumerate() {
        let here = here.clone().filter(|_| at == 0);
        let place = Places { here, ..place.clone() };
        let more = place.each(lang, now).into_iter();
        each.extend(more.filter(|one| !each.contains(one)).collect::<Vec<_>>());
    }
    let now = told(lang, &clock::minute(now), each.clone());
    (!each.is_empty()).then(|| render(lang, &Say::of("local-now").with("at", now)))
}

fn told(lang: Lang, at: &str, each: Vec<String>) -> String {
    if each.is_empty() {
        return at.to_owned();
    }
    let local = list(lang, &each);
    // With the brackets of the language.
    if lang == Lang::ZhCn { format!("{at}（{local}）") } else { format!("{at} ({local})") }
}

/// The days by which the date there is another, and the time of the day.
fn other_than_utc(zone: &Zone, seconds: u64) -> Option<(i8, String)> {
    let there = zone.time_of_day(seconds)?;
    (Some(&there) != Zone::utc().time_of_day(seconds).as_ref()).then_some(there)
}

fn of_day(lang: Lang, (days, time): (i8, String)) -> String {
    let key = match days {
        1.. => "local-day-after",
        0 => return time,
        _ => "local-day-before",
    };
    render(lang, &Say::of(key).with("time", time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(here: &str, there: &str, peer: &str) -> Places {
        Places { here: Zone::named(here), there: Zone::named(there), peer: peer.to_owned() }
    }

    fn at(text: &str) -> u64 {
        clock::instant(text).unwrap()
    }

    /// CLK-16
    #[test]
    fn a_time_is_told_in_the_zones_that_were_agreed() {
        let time = at("2026-11-22T19:26:00Z");
        for (here, there, en, zh) in [
            (
                "Europe/Brussels",
                "Asia/Shanghai",
                " (20:26 here, 03:26 the next day at Borealis)",
                "（本方 20:26、Borealis当地 次日 03:26）",
            ),
            (
                "America/New_York",
                "Asia/Kathmandu",
                " (14:26 here, 01:11 the next day at Borealis)",
                "（本方 14:26、Borealis当地 次日 01:11）",
            ),
            (
                "UTC",
                "Asia/Shanghai",
                " (03:26 the next day at Borealis)",
                "（Borealis当地 次日 03:26）",
            ),
            ("Europe/Paris", "UTC", " (20:26 here)", "（本方 20:26）"),
            (
                "Europe/Paris",
                "Europe/Brussels",
                " (20:26 here and at Borealis)",
                "（本方与Borealis均为 20:26）",
            ),
            ("UTC", "Africa/Abidjan", "", ""),
            ("Mars/Olympus", "Mars/Olympus", "", ""),
        ] {
            let places = places(here, there, "Borealis");
            let told = |lang| places.beside(lang, time);
            assert_eq!(told(Lang::En), format!("2026-11-22 19:26:00 UTC{en}"));
            assert_eq!(told(Lang::ZhCn), format!("2026-11-22 19:26:00 UTC{zh}"));
        }
        // In summer another hour is it there, and a day before it elsewhere.
        let summer = places("Europe/Brussels", "America/Los_Angeles", "");
        assert_eq!(
            summer.beside(Lang::En, at("2026-07-01T02:00:00Z")),
            "2026-07-01 02:00:00 UTC (04:00 here, 19:00 the day before there)"
        );
        assert_eq!(Places::default().beside(Lang::En, 0), "1970-01-01 00:00:00 UTC");
        assert_eq!(summer.beside(Lang::En, u64::MAX), u64::MAX.to_string());
    }

    /// CLK-16
    #[test]
    fn a_page_says_once_what_o_clock_it_is() {
        let now = at("2026-11-22T19:26:40Z");
        let two = [
            places("Europe/Brussels", "Asia/Shanghai", "Borealis"),
            places("Europe/Brussels", "Asia/Shanghai", "Borealis"),
            places("Europe/Brussels", "America/New_York", "Cascadia"),
        ];
        let told = now_at(Lang::En, &two, now).unwrap();
        let expected = "It is now 2026-11-22 19:26 UTC (20:26 here, 03:26 the next day at \
                        Borealis, 14:26 at Cascadia).";
        assert_eq!(told, expected);
        let zh = now_at(Lang::ZhCn, &two[..1], now).unwrap();
        assert_eq!(zh, "现在是 2026-11-22 19:26 UTC（本方 20:26、Borealis当地 次日 03:26）。");
        assert_eq!(now_at(Lang::En, &[places("UTC", "UTC", "Borealis")], now), None);
        assert_eq!(now_at(Lang::En, &[], now), None);
        // Named otherwise with each of two: then it is not told.
        let mixed = [two[0].clone(), places("Asia/Tokyo", "Asia/Shanghai", "Cascadia")];
        let told = now_at(Lang::En, &mixed, now).unwrap();
        assert!(
            !told.contains("here") && told.contains("03:26 the next day at Cascadia"),
            "{told}"
        );
    }
}
