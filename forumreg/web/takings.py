"""Files that were taken, as the pages of organizers and of co-organizers tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from forumreg.rules.event import EventFacts
from forumreg.rules.roster import Taken
from forumreg.web.languages import translated

SHOWN_LAST = 5  # beside other things; a page of its own has them all


@dataclass(frozen=True, slots=True)
class TakenLine:
    """A taking, and in words whom it held: everybody on the list, or who was left out by what."""

    facts: Taken
    whom: str


def taken_lines(event: EventFacts, rows: Sequence[Taken]) -> list[TakenLine]:
    """The takings of an event in the page's language."""
    return [TakenLine(row, ", ".join(_whom(event, row))) for row in rows]


def _whom(event: EventFacts, row: Taken) -> list[str]:
    chosen = {
        "status": _("of some statuses"),
        "category": _("of one category"),
        "country": _("of one country"),
        "search": _("found by a search"),
    }
    parts = [_("in “%(title)s”", title=_title(event, key)) for key in row.sessions or ()]
    parts += [word for key, word in chosen.items() if key in row.chosen_by]
    # Where the session was not noted yet, nobody knows that it was everybody.
    return parts or ([] if row.sessions is None else [_("Everybody")])


def _title(event: EventFacts, key: str) -> str:
    """The session's title, or its key where the programme has it no more."""
    found = event.find_planned(key)
    return translated(found.title) if found else key
