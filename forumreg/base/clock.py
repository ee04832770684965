"""The one clock. Rules are told the time; only who stands at a door asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

DEMO_CITY, DEMO_ZONE = "Turin", ZoneInfo("Europe/Rome")  # how a shifted clock is told where no event says otherwise


class Clock(Protocol):
    """Tells the time that rules go by."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """A clock that runs at the usual speed, ``shift`` away from the machine's."""

    shift: timedelta

    @classmethod
    def starting_at(cls, start: datetime) -> ShiftedClock:
        """A clock that shows ``start`` (aware) at this moment."""
        return cls(start - datetime.now(UTC))

    def now(self) -> datetime:
        """The present instant of this clock, aware, in UTC."""
        return datetime.now(UTC) + self.shift
