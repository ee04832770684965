"""English that was left in a French text, known by words which no English sentence does without and French lacks."""

from __future__ import annotations

import re
from html import unescape

# Each sentence of the mails has one of these; tests/doors/worker/test_rendering_french.py sees to it.
ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """
    about after again all and any are asked at because been before by can cancelled choose come dear entry
    events first for from had has have held if in into is it its kept may my need new now of once one open or
    organizers our out people registered registration same see set show somebody take that the there they this
    those to took until waiting was we were when where which who will with write you your
        """,
    )
)
HIDDEN = re.compile(r"<(style|script)\b.*?</\1>|<!--.*?-->", re.DOTALL)
NO_WORDS = re.compile(r"\S+@\S+|https?://\S+|%\(\w+\)s")


def english_in(text: str) -> set[str]:
    """The English words of a text, or of what an HTML page shows and says aloud."""
    spoken = re.findall(r'(?:alt|title|aria-label)="([^"]*)"', text)
    seen = re.sub(r"<[^>]+>", " ", HIDDEN.sub(" ", text))
    words = re.findall(r"[^\W\d_]+", NO_WORDS.sub(" ", unescape(" ".join((seen, *spoken)))).lower())
    return set(ENGLISH.intersection(words))
