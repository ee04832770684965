"""Words that organizers wrote, stored by language, read with a fallback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Texts = Mapping[str, str]


def read(texts: Texts | None, *languages: str) -> str:
    """The text in the first of the languages that has one, else in any, else nothing."""
    if not texts:
        return ""
    for language in languages:
        if texts.get(language):
            return texts[language]
    return next((text for text in texts.values() if text), "")


def language_of(texts: Texts | None, *languages: str) -> str | None:
    """The language that ``read`` finds the text in, so that a page can mark it."""
    if not texts:
        return None
    found: Sequence[str] = [language for language in (*languages, *texts) if texts.get(language)]
    return found[0] if found else None
