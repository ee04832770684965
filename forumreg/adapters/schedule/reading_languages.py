"""Languages as people write them, to tags."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from forumreg.base.codes import LANGUAGES, is_language
from forumreg.base.folding import fold

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SPOKEN = ("en", "fr", "es", "it", "pt", "ar", "de")  # the languages whose names of languages are known


def language_of(word: str) -> str | None:
    """The tag that a tag or a language's name means: ``EN``, ``pt-br``, ``Français``."""
    text = word.strip().replace("_", "-")
    if _TAG.fullmatch(text) and is_language(text.partition("-")[0].lower()):
        return _regular(text)
    return _names().get(fold(text))


def _regular(tag: str) -> str:
    """The tag in the usual case: language small, script with a capital, region in capitals (RFC 5646, 2.1.1)."""
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(_part(part) for part in rest)])


def _part(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part.lower()


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for spoken in _SPOKEN:
        for code, name in Locale.parse(spoken).languages.items():
            if code in LANGUAGES:
                found.setdefault(fold(name), code)
    for code in _SPOKEN:
        found.setdefault(fold(Locale.parse(code).get_display_name(code) or code), code)
    return found
