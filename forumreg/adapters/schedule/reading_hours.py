"""Days and hours as files write them, to instants; an hour that does not exist or comes twice is asked about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from forumreg.adapters.schedule.reading_items import Place, problem
from forumreg.base.errors import Invalid
from forumreg.rules.planning import local_instants

# Across midnight is allowed; an end that would come more than this after its start is a slip, not a long night.
LONGEST_NIGHT = timedelta(hours=12)
_EXCEL_DAY_ZERO = date(1899, 12, 30)  # serial 1 is 1 January 1900, counting the day that never was
_SERIALS = (20_000, 80_000)  # 1954 to 2119
_HOUR = re.compile(r"(\d{1,2})\s*(?:[:.hH]\s*(\d{2})?)?(?::(\d{2})(?:\.\d+)?)?\s*([aApP])?\.?(?:[mM]\.?)?(?:\s*Uhr)?")
_DAY = re.compile(r"(\d{1,4})[./\- ](\d{1,2})[./\- ](\d{1,4})\.?")
_DURATION = re.compile(r"(?:P?T?)?(\d{1,3})(?::(\d{2})(?::(\d{2}))?)", re.IGNORECASE)
_ISO_DURATION = re.compile(r"PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,5})S)?", re.IGNORECASE)
_MINUTES = re.compile(r"(\d{1,4})\s*(?:m|min|mins|minutes?|minutos?|minuti|’|')?\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hours:
    """Reads hours in a zone; ``days`` are the event's, by which 10/11/2015 is understood."""

    zone: ZoneInfo
    days: tuple[date, ...] = ()

    def instant(self, value: datetime, place: Place) -> datetime:
        """The instant of a day and an hour, in UTC; without an offset it is the zone's.

        Raises:
            Invalid: the zone has no such hour, or has it twice.
        """
        try:
            if value.tzinfo is not None:
                return value.astimezone(UTC)
            found = local_instants(self.zone, value)
        except (OverflowError, ValueError):
            raise Invalid(problem(place, "bad_date", value=value.isoformat(" ", "minutes"))) from None
        said = value.isoformat(" ", "minutes")
        if not found:
            raise Invalid(problem(place, "hour_missing", value=said))
        if len(found) > 1:
            one, other = (each.astimezone(self.zone).isoformat(timespec="minutes") for each in found)
            raise Invalid(problem(place, "hour_twice", value=said, one=one, other=other))
        return found[0]

    def moment(self, text: str, place: Place) -> datetime:
        """A day and an hour in one text, as an instant."""
        try:
            return self.instant(datetime.fromisoformat(text), place)
        except ValueError:
            day, _blank, hour = text.replace("T", " ").strip().partition(" ")
        if not hour:
            raise Invalid(problem(place, "bad_hour", value=text))
        return self.instant(datetime.combine(self.day(day.rstrip(","), place), hour_of(hour, place)), place)

    def day(self, text: str, place: Place) -> date:
        """A day as people of several countries write it.

        Raises:
            Invalid: it is none, or may be two and neither lies in the event.
        """
        found = sorted(set(_days(text.strip())))
        fitting = [day for day in found if day in self.days] or found
        if not fitting:
            raise Invalid(problem(place, "bad_date", value=text))
        if len(fitting) > 1:
            one, other = (day.isoformat() for day in fitting[:2])
            raise Invalid(problem(place, "ambiguous_day", value=text, one=one, other=other))
        return fitting[0]


def end_of(starts_at: datetime, day: date, hour: time, hours: Hours, place: Place) -> datetime:
    """The instant of an end that is told as an hour: the next day's where that is a night.

    Raises:
        Invalid: it ends before it starts.
    """
    ends_at = hours.instant(datetime.combine(day, hour), place)
    if ends_at > starts_at:
        return ends_at
    next_day = hours.instant(datetime.combine(day + timedelta(days=1), hour), place)
    if next_day - starts_at > LONGEST_NIGHT:
        raise Invalid(problem(place, "ends_before_start"))
    return next_day


def _days(text: str) -> Iterator[date]:
    """The days that a text can be."""
    if text.isdecimal():
        if _SERIALS[0] <= int(text[:9]) <= _SERIALS[1]:
            yield _EXCEL_DAY_ZERO + timedelta(days=int(text))
        elif len(text) == 8:
            yield from _made(int(text[:4]), int(text[4:6]), int(text[6:]))
        return
    found = _DAY.fullmatch(text)
    if found is None:
        return
    first, second, third = (int(part) for part in found.groups())
    if len(found[1]) == 4:
        yield from _made(first, second, third)
    elif len(found[3]) in {2, 4}:
        year = third if len(found[3]) == 4 else 2000 + third
        yield from _made(year, second, first)
        if "." not in text:
            yield from _made(year, first, second)  # the United States


def _made(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year, month, day)
    except ValueError:
        return


def hour_of(text: str, place: Place) -> time:
    """An hour: 14:30, 14.30, 14h30, 2:30 PM.

    Raises:
        Invalid: it is none.
    """
    found = _HOUR.fullmatch(text.strip())
    if found is None or not (found[2] or found[4] or "h" in text.lower()):
        raise Invalid(problem(place, "bad_hour", value=text))
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[4] is not None and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found[4] in "pP" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        raise Invalid(problem(place, "bad_hour", value=text)) from None


def duration_of(text: str, place: Place) -> timedelta:
    """A duration: 1:30, PT90M, 90 minutes.

    Raises:
        Invalid: it is none, or none at all.
    """
    words = text.strip()
    clock, iso, minutes = _DURATION.fullmatch(words), _ISO_DURATION.fullmatch(words), _MINUTES.fullmatch(words)
    if clock is not None:
        hours, minute, seconds = (int(part or 0) for part in clock.groups())
    elif iso is not None:
        hours, minute, seconds = (int(part or 0) for part in iso.groups())
    elif minutes is not None:
        hours, minute, seconds = 0, int(minutes[1]), 0
    else:
        raise Invalid(problem(place, "bad_duration", value=text))
    made = timedelta(hours=hours, minutes=minute, seconds=seconds)
    if not made:
        raise Invalid(problem(place, "bad_duration", value=text))
    return made
