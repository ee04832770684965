"""Sign-in sheets: who has a seat in a session, with a line to sign on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from forumreg.adapters.pdf.printing import printed

_LONG_WORD = re.compile(r"\S{22}(?=\S)")
# Scripts that the fonts we bring cover, by the first word of a letter's Unicode name.
COVERED = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARABIC", "DEVANAGARI", "MODIFIER", "COMBINING"})


@dataclass(frozen=True, slots=True)
class SignIn:
    """The sheet of one session; ``people`` are names with their organisations, in order."""

    title: str
    where: str
    when: str
    people: tuple[tuple[str, str], ...]


def sign_in_sheets(
    sheets: Sequence[SignIn],
    *,
    event: str,
    words: Sequence[str],
    note: str,
    language: str,
    is_rtl: bool,
    instance: Path,
) -> bytes:
    """The sheets as one PDF (A4), each on pages of its own, numbered.

    ``words`` head the columns: number, name, organisation, signature. ``note`` stands at the foot of every page.

    Raises:
        NotPrinted: it could not be made.
    """
    data = {
        "event": event,
        "words": list(words),
        "note": note,
        "language": language.partition("-")[0],
        "dir": "rtl" if is_rtl else "ltr",
        "sheets": [
            {**asdict(sheet), "people": [[_breakable(name), _breakable(where)] for name, where in sheet.people]}
            for sheet in sheets
        ],
    }
    return printed("sign_in", data, instance=instance)


def _breakable(text: str) -> str:
    """The text with places to break in words that are longer than a column is wide."""
    return _LONG_WORD.sub(lambda found: f"{found[0]}\u200b", text)


def uncovered(sheets: Sequence[SignIn]) -> tuple[str, ...]:
    """The names with letters of scripts that our fonts do not cover: they print as boxes."""
    names = (name for sheet in sheets for name, _organisation in sheet.people)
    return tuple(name for name in dict.fromkeys(names) if any(not _is_covered(sign) for sign in name))


def _is_covered(sign: str) -> bool:
    if not sign.isalpha():
        return True
    return unicodedata.name(sign, "?").partition(" ")[0].partition("-")[0] in COVERED
