"""One cell as text, and what keeps a spreadsheet from running it: docs/decisions/0007-harmless-cells.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from forumreg.adapters.sheets.sheet import Cell, Sheet
from forumreg.base.texts import read
from forumreg.rules.event.facts import SessionFacts

UNSEEN = "\u200b"  # zero width space: no program trims it, nobody sees it, our own importer drops it
JOINT = "; "
# What begins a formula, in the widths and heights that Unicode has for it: all that NFKC makes = + - or @.
_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫⁺⁼₊₌"
# Where a cell may begin: at the start, and after what a program set for another country takes as a separator.
_LIVE = re.compile(rf"(^|[;,|\t\r\n])([\s\"']*)(?=[{_SIGNS}])")
_BLANK_START = re.compile(r"^(?=[\t\r\n])")


def harmless(text: str) -> str:
    """The text as it reads, with an unseen sign before everything that a spreadsheet might run."""
    return _BLANK_START.sub(UNSEEN, _LIVE.sub(rf"\1\2{UNSEEN}", text))


def is_live(text: str) -> bool:
    """Whether a spreadsheet might run the text if it were typed into a cell."""
    found = _LIVE.search(text)
    return found is not None and found.start() == 0


def as_text(cell: Cell, sheet: Sheet) -> str:
    """A cell in a file that knows only text."""
    if isinstance(cell, tuple):
        return JOINT.join(names(cell, sheet))
    if isinstance(cell, datetime):
        return instant(cell, sheet)
    return _plain(cell)


def _plain(cell: str | float | bool | date | None) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"  # the words of the contract's answers, in every language
        case date():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
    return str(cell)


def instant(cell: datetime, sheet: Sheet) -> str:
    """ISO 8601 with the offset of the event's zone, to the second."""
    return cell.astimezone(sheet.zone).isoformat(timespec="seconds")


def names(cell: Sequence[str | SessionFacts], sheet: Sheet) -> list[str]:
    """The words of several answers, or the titles of sessions in the event's language."""
    return [each if isinstance(each, str) else title(each, sheet) for each in cell]


def title(session: SessionFacts, sheet: Sheet) -> str:
    """A session's title in the event's language, else in any, else its key."""
    return read(session.title, sheet.language) or session.key
