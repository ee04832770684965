"""What a file holds and says of itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from forumreg.rules.event.facts import SessionFacts

Cell = str | int | float | bool | date | datetime | tuple[str, ...] | tuple[SessionFacts, ...] | None
Rows = Iterable[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of a workbook's second sheet; a door gives them in the reader's language."""

    roster: str = "Roster"
    about: str = "About"
    event: str = "Event"
    scope: str = "People and columns"
    chosen_by: str = "Chosen by"
    who: str = "Taken by"
    at: str = "Taken at"
    zone: str = "Time zone"
    count: str = "People in this file"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header of a file, and whose it is: texts in ``language``, instants in ``zone``."""

    columns: tuple[str, ...]
    slug: str
    event: str  # title
    language: str  # of the event, for the titles of sessions
    zone: ZoneInfo
    scope: str  # in words: whom and what it shows
    who: str  # the person or program that takes it
    at: datetime
    chosen_by: str = ""  # in words: what was searched and filtered
    labels: Labels = Labels()

    @property
    def taken_at(self) -> datetime:
        """When it was taken, in the event's zone, to the second."""
        return self.at.astimezone(self.zone).replace(microsecond=0)
