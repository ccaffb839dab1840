"""Date vectors from an independent computation: Python's zoneinfo on the pinned tzdata.

    dates.py FILE            computes every vector of FILE again and compares; exit 1 on a difference
    dates.py FILE --write    writes FILE anew (written once; a changed verdict is a changed format)

The end of a day is found by searching for the first second whose civil date is later, not by
resolving a civil midnight, so that both computations agree only if both are right.
"""

import json
import re
import sys
import zoneinfo
from datetime import date, datetime, timedelta, timezone

import tzdata

zoneinfo.reset_tzpath(to=())
HEADER = {
    "what": "Civil time: limits, days and times, each with its due time or null for must-reject",
    "who": "outside/dates.py, Python zoneinfo on tzdata",
    "tz": tzdata.IANA_VERSION,
}
WEEK = [1, 2, 3, 4, 5]
LAST = datetime(9999, 12, 30, tzinfo=timezone.utc)


# --- the computation ------------------------------------------------------------------------------

def utc(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


def text(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def zone(name):
    """Only exact names that the database lists: no path, no spelling, no POSIX string."""
    return zoneinfo.ZoneInfo(name) if name in zoneinfo.available_timezones() else None


def day(word):
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", word, re.ASCII):
        return None
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def last_second(of, place):
    """The last second before the first one whose civil date is later than `of`."""
    low = datetime(of.year, of.month, of.day, tzinfo=timezone.utc) - timedelta(days=2)
    high = low + timedelta(days=5)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if middle.astimezone(place).date() > of:
            high = middle
        else:
            low = middle
    return low


def calendar(vector):
    place, week = zone(vector["zone"]), vector.get("week", WEEK)
    lists = [[day(word) for word in vector.get(name, [])] for name in ("holidays", "worked")]
    good = place and week and len(set(week)) == len(week) and all(1 <= one <= 7 for one in week)
    for one in lists:
        good = good and None not in one and len(set(one)) == len(one)
    return (place, week, *lists) if good else None


def limit(vector):
    found = calendar(vector)
    if not found:
        return None
    place, week, holidays, worked = found
    works = lambda one: one in worked or (one.isoweekday() in week and one not in holidays)
    start = utc(vector["start"])
    ((unit, count),) = vector["limit"].items()
    if unit in ("hours", "minutes"):
        return text(start + timedelta(**{unit: count}))
    at = start.astimezone(place).date()
    if unit == "days":
        at += timedelta(days=count)
    elif unit == "working-days":
        while count:
            at += timedelta(days=1)
            count -= works(at)
    elif unit == "months":
        year, month = divmod(at.year * 12 + at.month - 1 + count, 12)
        at = min_day(year, month + 1, at.day)
    elif unit == "yearly":
        month, wanted = (int(part) for part in count.split("-"))
        ends = [min_day(year, month, wanted) for year in (at.year, at.year + 1)]
        at = next(end for end in ends if end > at)
    if vector.get("rolls"):
        while not works(at):
            at += timedelta(days=1)
    return text(last_second(at, place))


def extended(vector):
    """One more stretch from where the limit stands, as often as it was taken."""
    end = limit(vector)
    for _ in range(vector["times"]):
        end = end and limit({**vector, "start": end, "limit": vector["more"]})
    return end


def min_day(year, month, wanted):
    while True:
        try:
            return date(year, month, wanted)
        except ValueError:
            wanted -= 1


def day_end(vector):
    found, place = day(vector["day"]), zone(vector["zone"])
    return text(last_second(found, place)) if found and place else None


def day_of(vector):
    place = zone(vector["zone"])
    return utc(vector["at"]).astimezone(place).date().isoformat() if place else None


def instant(vector):
    """RFC 3339 with an offset and without a fraction; no leap second; from 1970 on."""
    shape = r"(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(Z|[+-]\d{2}:\d{2})"
    match = re.fullmatch(shape, vector["text"], re.ASCII)
    if not match:
        return None
    try:
        time = datetime.fromisoformat(vector["text"].replace("Z", "+00:00"))
    except ValueError:
        return None
    at = time.astimezone(timezone.utc)
    return text(at) if at.timestamp() >= 0 and at < LAST else None


def in_year(vector):
    found = calendar(vector)
    if not found:
        return None
    place, week, holidays, worked = found
    at = min_day(vector["year"], *(int(part) for part in vector["day"].split("-")))
    works = lambda one: one in worked or (one.isoweekday() in week and one not in holidays)
    while vector.get("rolls") and not works(at):
        at += timedelta(days=1)
    return text(last_second(at, place))


KINDS = {"limit": limit, "extended": extended, "in-year": in_year, "day-end": day_end,
         "day-of": day_of, "instant": instant}


# --- the cases ------------------------------------------------------------------------------------

def cases():
    def of(why, place, start, amount, **more):
        return {"is": "limit", "why": why, "zone": place, "start": start, "limit": amount, **more}

    changes = [  # zone, an evening before clocks change, which way
        ("Europe/Brussels", "2026-03-28T20:00:00Z", "clocks go on"),
        ("Europe/Brussels", "2026-10-24T20:00:00Z", "clocks go back"),
        ("America/New_York", "2026-03-08T01:30:00Z", "clocks go on"),
        ("America/New_York", "2026-11-01T01:30:00Z", "clocks go back"),
        ("Australia/Sydney", "2026-10-03T09:00:00Z", "clocks go on"),
        ("Australia/Sydney", "2026-04-04T09:00:00Z", "clocks go back"),
        ("Australia/Lord_Howe", "2026-10-03T09:00:00Z", "half an hour on"),
        ("Australia/Lord_Howe", "2026-04-04T09:00:00Z", "half an hour back"),
        ("America/Santiago", "2026-09-05T20:00:00Z", "midnight does not exist"),
        ("America/Santiago", "2026-04-04T20:00:00Z", "the last hour of a day comes twice"),
        ("Africa/Cairo", "2026-04-23T12:00:00Z", "midnight does not exist"),
        ("Africa/Cairo", "2026-10-29T12:00:00Z", "the last hour of a day comes twice"),
        ("Asia/Beirut", "2026-03-28T12:00:00Z", "midnight does not exist"),
        ("Asia/Beirut", "2026-10-24T12:00:00Z", "the last hour of a day comes twice"),
        ("America/Havana", "2026-03-07T20:00:00Z", "midnight does not exist"),
        ("America/Havana", "2026-10-31T20:00:00Z", "the first hour of a day comes twice"),
        ("Europe/Dublin", "2026-10-24T20:00:00Z", "winter is the other time"),
        ("Africa/Casablanca", "2027-02-06T20:00:00Z", "clocks go back for a month"),
        ("Antarctica/Troll", "2026-03-28T20:00:00Z", "two hours on"),
        ("Asia/Shanghai", "2026-03-28T20:00:00Z", "no change here, while others change"),
    ]
    for place, start, why in changes:
        for amount in ({"hours": 8}, {"days": 1}, {"days": 3}, {"working-days": 1}):
            yield of(why, place, start, amount)
    for place, start, why in changes[:4]:
        yield of(why, place, start, {"hours": 96})
        yield of(why, place, start, {"minutes": 90})
        yield of(why, place, start, {"months": 1})

    for start, why in [
        ("2028-02-28T12:00:00Z", "a leap day follows"),
        ("2028-02-29T12:00:00Z", "it starts on a leap day"),
        ("2027-02-28T12:00:00Z", "no leap day follows"),
        ("2100-02-28T12:00:00Z", "2100 has no leap day"),
        ("2000-02-28T12:00:00Z", "2000 had one"),
    ]:
        for amount in ({"days": 1}, {"months": 1}, {"months": 12}, {"hours": 24}):
            yield of(why, "Asia/Shanghai", start, amount)
    for start in ["2026-01-31", "2028-01-31", "2026-03-31", "2026-08-31", "2026-12-31", "2026-11-30"]:
        for count in (1, 2):
            yield of("month end", "Europe/Paris", start + "T10:00:00Z", {"months": count})

    for place, start, why in [
        ("Asia/Shanghai", "2026-06-13T16:00:00Z", "in the first second of a day"),
        ("Asia/Shanghai", "2026-06-13T15:59:59Z", "in the last second of a day"),
        ("America/Los_Angeles", "2026-06-14T06:59:59Z", "another day than in UTC"),
        ("Pacific/Kiritimati", "2026-06-14T10:00:00Z", "fourteen hours ahead"),
        ("Pacific/Pago_Pago", "2026-06-14T10:59:59Z", "eleven hours behind"),
        ("Asia/Kathmandu", "2026-06-13T18:14:59Z", "a quarter of an hour"),
        ("Asia/Kolkata", "2026-06-13T18:30:00Z", "half an hour"),
        ("America/St_Johns", "2026-06-14T02:29:59Z", "half an hour behind"),
        ("Pacific/Apia", "2011-12-29T12:00:00Z", "a day that never was follows"),
        ("UTC", "2026-06-14T00:00:00Z", "universal time"),
    ]:
        for amount in ({"days": 1}, {"days": 60}):
            yield of(why, place, start, amount)

    china = {
        "holidays": ["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"],
        "worked": ["2026-09-20", "2026-10-10"],
    }
    for start in ["2026-09-18T08:00:00Z", "2026-09-30T08:00:00Z", "2026-10-08T08:00:00Z"]:
        for count in (1, 2, 3, 10):
            yield of("holidays and days worked for them", "Asia/Shanghai", start,
                     {"working-days": count}, **china)
    gulf = {"week": [7, 1, 2, 3, 4], "holidays": ["2026-09-23"]}
    for start in ["2026-09-17T08:00:00Z", "2026-09-22T08:00:00Z", "2026-09-24T22:30:00Z"]:
        for count in (1, 2, 5):
            yield of("a week from Sunday to Thursday", "Asia/Riyadh", start,
                     {"working-days": count}, **gulf)
    yield of("one working day in a week", "UTC", "2026-06-14T12:00:00Z", {"working-days": 3},
             week=[3])
    winter = {"holidays": ["2026-12-25", "2027-01-01"]}
    for start in ["2026-12-24T18:00:00Z", "2026-12-31T23:30:00Z"]:
        for amount in ({"working-days": 1}, {"working-days": 5}, {"days": 1}, {"days": 7}):
            yield of("the turn of the year", "Europe/Berlin", start, amount, **winter)
    for start in ["2026-12-18T10:00:00Z", "2026-12-19T10:00:00Z", "2026-12-21T10:00:00Z"]:
        yield of("the last day is a holiday or a weekend and rolls", "Europe/Berlin", start,
                 {"days": 7}, rolls=True, **winter)
        yield of("the same without rolling", "Europe/Berlin", start, {"days": 7}, **winter)
    for start in ["2026-02-28T23:30:00Z", "2026-03-01T10:00:00Z", "2027-12-31T23:59:59Z"]:
        yield of("statistics by the first of March", "Europe/Brussels", start, {"yearly": "3-1"})
    yield of("no such day in most years", "UTC", "2026-06-01T00:00:00Z", {"yearly": "2-29"})
    # The same day of a year for both sides, each in its own zone, wherever it lies in the year.
    places = ("UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati",
              "Pacific/Pago_Pago", "America/Havana")
    for place in places:
        for year, one in [(2026, "3-1"), (2027, "1-1"), (2027, "12-31"), (2028, "2-29"),
                          (2029, "2-29"), (2026, "3-7")]:
            yield {"is": "in-year", "why": "the figures of the year before", "zone": place,
                   "year": year, "day": one}
    for place in places[:3]:
        yield {"is": "in-year", "why": "the figures of the year before, on a day off that rolls",
               "zone": place, "year": 2026, "day": "3-1", "rolls": True, "holidays": ["2026-03-02"]}
    for place, start, amount in [
        ("Asia/Shanghai", "2026-09-15T15:59:59Z", {"days": 30}),
        ("Asia/Shanghai", "2026-09-15T16:00:00Z", {"days": 30}),
        ("America/New_York", "2026-10-31T12:00:00Z", {"hours": 48}),
        ("America/New_York", "2026-10-31T12:00:00Z", {"days": 2}),
        ("Europe/Brussels", "2027-01-31T09:00:00Z", {"months": 1}),
        ("Europe/Brussels", "2027-02-28T09:00:00Z", {"months": 1}),
        ("Asia/Shanghai", "2026-09-30T08:00:00Z", {"working-days": 5}),
    ]:
        yield of("from one test of the line to the next", place, start, amount,
                 **(china if "working-days" in amount else {}))

    # An extension begins where the limit ends, which is the last second of a day or an hour of one.
    for place, start, amount, more in [
        ("Asia/Shanghai", "2026-06-14T01:00:00Z", {"days": 30}, {"days": 30}),
        ("America/New_York", "2026-10-01T01:00:00Z", {"days": 30}, {"days": 30}),
        ("Europe/Brussels", "2026-10-24T20:00:00Z", {"hours": 8}, {"days": 3}),
        ("Europe/Brussels", "2026-03-28T20:00:00Z", {"days": 1}, {"hours": 8}),
        ("Pacific/Apia", "2011-12-28T12:00:00Z", {"days": 1}, {"days": 1}),
        ("Europe/Paris", "2026-01-31T10:00:00Z", {"months": 1}, {"months": 1}),
        ("America/Santiago", "2026-09-04T20:00:00Z", {"days": 1}, {"minutes": 90}),
    ]:
        for times in (1, 2):
            yield {"is": "extended", "why": "prolonged", "zone": place, "start": start,
                   "limit": amount, "more": more, "times": times}
    for times in (1, 3):
        yield {"is": "extended", "why": "prolonged over holidays", "zone": "Asia/Shanghai",
               "start": "2026-09-28T08:00:00Z", "limit": {"working-days": 2},
               "more": {"working-days": 2}, "times": times, **china}
        yield {"is": "extended", "why": "prolonged, and each end rolls", "zone": "Europe/Berlin",
               "start": "2026-12-18T10:00:00Z", "limit": {"days": 7}, "more": {"days": 7},
               "times": times, "rolls": True, **winter}

    for place, one in [
        ("Pacific/Kiritimati", "2026-06-14"), ("Pacific/Pago_Pago", "2026-06-14"),
        ("Asia/Shanghai", "2026-06-14"), ("America/New_York", "2026-06-14"),
        ("America/Santiago", "2026-09-05"), ("America/Santiago", "2026-04-04"),
        ("Africa/Cairo", "2026-04-23"), ("Africa/Cairo", "2026-10-29"),
        ("Pacific/Apia", "2011-12-29"), ("Pacific/Apia", "2011-12-30"),
        ("Europe/London", "2028-02-29"), ("Asia/Tehran", "2022-03-21"),
    ]:
        yield {"is": "day-end", "why": "a day alone keeps its date", "zone": place, "day": one}
    for place, at in [
        ("Pacific/Kiritimati", "2026-06-13T10:00:00Z"), ("Pacific/Pago_Pago", "2026-06-14T10:59:59Z"),
        ("Asia/Shanghai", "2026-06-13T16:00:00Z"), ("America/New_York", "2026-11-01T03:59:59Z"),
        ("America/New_York", "2026-11-01T04:00:00Z"), ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ]:
        yield {"is": "day-of", "why": "which day it is there", "zone": place, "at": at}
    for one in [
        "2026-06-14T09:00:00+08:00", "2026-06-14T01:00:00Z", "2026-06-13T15:00:00-10:00",
        "2028-02-29T23:59:59+14:00", "1970-01-01T00:00:00Z", "2026-10-25T02:30:00+01:00",
        "2026-10-25T02:30:00+02:00", "2026-06-14T09:00:00-00:00", "2026-06-14T05:45:00+05:45",
    ]:
        yield {"is": "instant", "why": "a time with its offset", "text": one}

    yield from rejected(of)


def rejected(of):
    for one, why in [
        ("2026-06-14T09:00:00", "no offset"), ("2026-06-14", "no time"), ("soon", "a word"),
        ("2026-06-14T24:00:00Z", "hour 24"), ("2026-06-14T23:59:60Z", "second 60"),
        ("2016-12-31T23:59:60Z", "a leap second that was"), ("2026-02-29T00:00:00Z", "no such day"),
        ("2026-13-01T00:00:00Z", "month 13"), ("2026-00-10T00:00:00Z", "month 0"),
        ("2026-06-31T00:00:00Z", "day 31 of June"), ("2026-06-14T09:60:00Z", "minute 60"),
        ("2026-06-14T09:00:00.5Z", "a fraction"), ("1969-12-31T23:59:59Z", "before 1970"),
        ("1970-01-01T00:00:00+00:01", "before 1970 in UTC"), ("1781400000", "seconds"),
        ("2026-06-14T09:00:00+25:00", "offset of 25 hours"), ("", "nothing"),
        ("2026-06-14T09:00:00 +08:00", "a space"), ("2026-06-14T09:00:00CST", "a zone by letters"),
        ("2026-06-14T09:00:00+08:00[Asia/Shanghai]", "a zone in brackets"),
        ("+002026-06-14T09:00:00Z", "a year of six digits"), ("2026-W24-7T09:00:00Z", "a week"),
        ("14/06/2026 09:00", "another order"), ("2026-06-14T09:00:00Z;", "more behind it"),
        ("２０２６-06-14T09:00:00Z", "wide digits"), ("2026-06-14T9:00:00Z", "one digit"),
    ]:
        yield {"is": "instant", "why": why, "text": one}
    for one, why in [
        ("2026-02-29", "no such day"), ("2026-2-3", "one digit"), ("20260614", "no hyphens"),
        ("2026-06-14T00:00:00Z", "a time"), ("14.06.2026", "another order"), ("", "nothing"),
        ("2026-06-00", "day 0"), ("2100-02-29", "2100 has no leap day"), ("-2026-06-14", "a sign"),
        ("2026-06-14 ", "a space"),
    ]:
        yield {"is": "day-end", "why": why, "zone": "UTC", "day": one}
    for place, why in [
        ("Asia/Beijing", "no such zone"), ("asia/shanghai", "another spelling"),
        ("UTC+8", "no name"), ("CST-8", "a POSIX rule"), ("+08:00", "an offset"),
        ("../../etc/passwd", "a path"), ("/usr/share/zoneinfo/UTC", "a path"), ("", "nothing"),
        ("localtime", "the machine's own"), ("posix/Asia/Shanghai", "a folder"),
        ("Asia", "a folder"), ("Asia/Shanghai ", "a space"), ("Mars/Olympus", "no such zone"),
    ]:
        yield of(why, place, "2026-06-14T12:00:00Z", {"days": 1})
    start = ("2026-06-14T12:00:00Z", {"working-days": 1})
    for week in ([], [0], [8], [1, 1]):
        yield of("a week that cannot be", "UTC", *start, week=week)
    for lists in ({"holidays": ["2026-02-30"]}, {"holidays": ["2026-10-01", "2026-10-01"]},
                  {"worked": ["soon"]}, {"worked": ["2026-10-10T00:00:00Z"]}):
        yield of("days that cannot be", "UTC", *start, **lists)


def main():
    path, write = sys.argv[1], sys.argv[2:] == ["--write"]
    if write:
        vectors = [{**one, "due": KINDS[one["is"]](one)} for one in cases()]
        lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in vectors)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'{{"header": {json.dumps(HEADER)},\n"vectors": [\n{lines}\n]}}\n')
    with open(path, encoding="utf-8") as file:
        kept = json.load(file)
    if kept["header"]["tz"] != tzdata.IANA_VERSION:
        sys.exit(f"tzdata here is {tzdata.IANA_VERSION}, the vectors are of {kept['header']['tz']}")
    wrong = [one for one in kept["vectors"] if KINDS[one["is"]](one) != one["due"]]
    for one in wrong:
        print(json.dumps(one), "but computed", KINDS[one["is"]](one))
    refused = sum(one["due"] is None for one in kept["vectors"])
    print(f"{len(kept['vectors'])} vectors, {refused} of them must be refused, {len(wrong)} differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
