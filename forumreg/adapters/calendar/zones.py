"""The clock changes of a zone as VTIMEZONE; RFC 5545, 3.6.5.

icalendar can make one too, but misses some where there are four a year, as in Morocco (7.3, 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from forumreg.base.late import Late

if TYPE_CHECKING:
    from icalendar import TimezoneDaylight, TimezoneStandard

icalendar = Late("icalendar")  # 3.2 MB
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@lru_cache(maxsize=64)
def zone_rules(key: str, first_year: int, last_year: int) -> bytes:
    """Answer the zone as it is from the start of the first year to the end of the last, as it is written."""
    zone, start = ZoneInfo(key), datetime(first_year, 1, 1, tzinfo=UTC) - _DAY
    rules = icalendar.Timezone()
    rules.add("tzid", key)
    rules.add_component(_observance(zone, start, start))
    for change in _changes(zone, start, datetime(last_year + 1, 1, 1, tzinfo=UTC) + _DAY):
        rules.add_component(_observance(zone, change - _MINUTE, change))
    written: bytes = rules.to_ical()
    return written


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants at which the clocks are set, to the minute; no zone sets them twice in a day."""
    before = start
    while before < end:
        after = before + _DAY
        if _rule(zone, before) != _rule(zone, after):
            yield _first_with(zone, before, after)
        before = after


def _first_with(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    while after - before > _MINUTE:
        middle = before + timedelta(minutes=(after - before) // _MINUTE // 2)
        if _rule(zone, middle) == _rule(zone, before):
            before = middle
        else:
            after = middle
    return after


def _rule(zone: ZoneInfo, moment: datetime) -> tuple[timedelta | None, timedelta | None, str | None]:
    local = moment.astimezone(zone)
    return local.utcoffset(), local.dst(), local.tzname()


def _observance(zone: ZoneInfo, before: datetime, onset: datetime) -> TimezoneDaylight | TimezoneStandard:
    """What holds from the onset on; its start is told by the clock that went before."""
    offset_before, _, _ = _rule(zone, before)
    offset, saved, name = _rule(zone, onset)
    observance: TimezoneDaylight | TimezoneStandard = (
        icalendar.TimezoneDaylight() if saved else icalendar.TimezoneStandard()
    )
    observance.add("dtstart", (onset + (offset_before or timedelta())).replace(tzinfo=None))
    observance.add("tzoffsetfrom", offset_before)
    observance.add("tzoffsetto", offset)
    observance.add("tzname", name)
    return observance
