"""The sheet of a programme: its columns, and how a cell holds what has parts. Both directions, without loss.

Lists are separated by ``;``, a speaker's parts by ``|``; before either in somebody's words, and before itself, stands
a backslash. What keeps a spreadsheet from running a cell (docs/decisions/0007-harmless-cells.md) is dropped in reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from forumreg.base.folding import clean_line, fold
from forumreg.base.texts import Texts, read
from forumreg.rules.event.drafts import SpeakerDraft
from forumreg.rules.event.facts import SpeakerFacts

TITLE, ABSTRACT = "title_", "abstract_"  # a column for each language: title_en, abstract_pt-BR
BEFORE_TEXTS = ("id", "guid")
AFTER_TEXTS = (
    "kind", "track", "room", "starts_at", "ends_at", "capacity", "languages", "interpreted", "speakers", "booking",
    "visibility", "lead", "held",
)  # fmt: skip

_JOINT, _PART, _ESCAPE = ";", "|", "\\"
_SPECIAL = re.compile(r"[\\;|]")


def columns_for(languages: Iterable[str]) -> tuple[str, ...]:
    """The header of a sheet whose texts are in these languages."""
    known = tuple(languages)
    titles, abstracts = (tuple(kind + code for code in known) for kind in (TITLE, ABSTRACT))
    return (*BEFORE_TEXTS, *titles, *abstracts, *AFTER_TEXTS)


def speakers_cell(speakers: Iterable[SpeakerFacts | SpeakerDraft]) -> str:
    """Speakers as ``Name | Title | Organisation; Name``: parts at the end that are empty are left out."""
    return "; ".join(" | ".join(_parts_of(speaker)) for speaker in speakers)


def speakers_of(cell: str) -> tuple[SpeakerDraft, ...]:
    """The speakers of such a cell; an entry without a name is none, parts beyond the third belong to the third."""
    split = (_split(entry, _PART) for entry in _split(cell, _JOINT))
    parts = ([_words(part) for part in entry] for entry in split)
    return tuple(
        SpeakerDraft(entry[0], entry[1], " | ".join(filter(None, entry[2:])))
        for entry in ([*found, "", ""] for found in parts)
        if entry[0]
    )


def list_cell(values: Iterable[str]) -> str:
    """Language tags as ``en; fr``."""
    return "; ".join(values)


def list_of(cell: str) -> tuple[str, ...]:
    """The values of such a cell, each once; commas separate, too."""
    found = (clean_line(part) for part in re.split(r"[;,]", cell))
    return tuple(dict.fromkeys(part for part in found if part))


def held_cell(held: Mapping[str, int]) -> str:
    """Places held for categories as ``press: 5; local: 3``."""
    return "; ".join(f"{category}: {places}" for category, places in held.items())


def held_of(cell: str) -> dict[str, int]:
    """The places of such a cell by category.

    Raises:
        ValueError: an entry is not a category and a number.
    """
    found = [clean_line(part) for part in cell.split(_JOINT)]
    return dict(_category_and_number(part) for part in found if part)


def name_cell(key: str, named: Mapping[str, Texts], language: str) -> str:
    """A room or track by its name in the language; by its key where the name would lead to another."""
    name = clean_line(read(named[key], language))
    return name if key_of(name, named) == key else key


def key_of(cell: str, named: Mapping[str, Texts]) -> str | None:
    """Which of the rooms or tracks a cell means, by key or by its name in any language; ``None``: none of them."""
    wanted = clean_line(cell)
    if wanted in named:
        return wanted
    folded = fold(wanted)
    return next((key for key, texts in named.items() if folded and folded in map(fold, texts.values())), None)


def _parts_of(speaker: SpeakerFacts | SpeakerDraft) -> Sequence[str]:
    parts = [_SPECIAL.sub(r"\\\g<0>", part) for part in (speaker.name, speaker.title, speaker.organisation)]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts


def _split(text: str, separator: str) -> Iterator[str]:
    """The text between separators that no backslash stands before; backslashes stay."""
    start = at = 0
    while at < len(text):
        if text[at] == _ESCAPE:
            at += 1
        elif text[at] == separator:
            yield text[start:at]
            start = at + 1
        at += 1
    yield text[start:]


def _words(part: str) -> str:
    return clean_line(re.sub(r"\\([\\;|])", r"\1", part))


def _category_and_number(part: str) -> tuple[str, int]:
    found = re.fullmatch(r"(\S+) *: *([0-9]{1,7})", part)
    if found is None:
        raise ValueError(f"not a category and a number: {part}")
    return found[1], int(found[2])
