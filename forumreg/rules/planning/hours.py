"""Local hours: some do not exist, some come twice."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def local_instants(zone: ZoneInfo, local: datetime) -> tuple[datetime, ...]:
    """The instants (UTC) at which clocks of the zone show this naive time: none, one or two, in order."""
    found = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(each for each in found if each.astimezone(zone).replace(tzinfo=None) == local))


def changes_clock(zone: ZoneInfo, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether clocks are set between the two instants."""
    return starts_at.astimezone(zone).utcoffset() != ends_at.astimezone(zone).utcoffset()
