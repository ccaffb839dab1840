"""Reads a calendar with the `icalendar` package and prints, for each event, its UID, its time in
seconds, and whether an alarm comes before it. Exit 1 if the package refuses the file."""

import sys

from icalendar import Calendar


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    try:
        calendar = Calendar.from_ical(data)
        if calendar.name != "VCALENDAR" or calendar.errors:
            raise ValueError(calendar.errors)
        for event in calendar.walk("VEVENT"):
            if event.errors or "DTSTAMP" not in event:
                raise ValueError(event.errors)
            at = event["DTSTART"].dt
            alarms = [alarm["TRIGGER"].dt < at for alarm in event.walk("VALARM")]
            print(event["UID"], int(at.timestamp()), all(alarms) and len(alarms))
    except (ValueError, KeyError, AttributeError) as error:
        sys.exit(f"refused: {error}")


if __name__ == "__main__":
    main()
