"""The filters of the programme page. They live in its address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import pgettext
from werkzeug.datastructures import MultiDict

from forumreg.base.folding import clean_line
from forumreg.rules.event import EventFacts, Wanted, days_of, found
from forumreg.web import translated
from forumreg.web.when import day, language_name
from forumreg.web.words import kind_words

LONGEST_SEARCH = 200
_ARGUMENTS = {"words": "q", "day": "day", "track": "track", "room": "room", "language": "in", "kind": "kind"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with its values, in words by what the address has."""

    name: str  # in the address
    label: str
    options: Mapping[str, str]
    chosen: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, in words; ``url`` is the page without it, where ``number`` sessions would be found."""

    name: str
    value: str
    url: str
    number: int


def wanted_of(arguments: MultiDict[str, str]) -> Wanted:
    """What an address asks for."""
    return Wanted(**{name: clean_line(arguments.get(key, ""))[:LONGEST_SEARCH] for name, key in _ARGUMENTS.items()})


def choices(event: EventFacts, wanted: Wanted) -> list[Choice]:
    """The filters that leave something to choose, or that are on."""
    labels, options = _labels(), _options(event)
    made = [Choice(_ARGUMENTS[name], labels[name], options[name], getattr(wanted, name)) for name in options]
    return [choice for choice in made if len(choice.options) > 1 or choice.chosen]


def chips(event: EventFacts, wanted: Wanted) -> Iterator[Chip]:
    """Each filter that is on."""
    labels, options = _labels(), _options(event)
    for name in wanted.active:
        value = getattr(wanted, name)
        rest = wanted.without(name)
        yield Chip(labels[name], options.get(name, {}).get(value, value), _url(rest), len(found(event, rest)))


def to_drop(found_chips: list[Chip]) -> Chip | None:
    """Where nothing is found: the filter without which most is found."""
    return max(found_chips, key=lambda chip: chip.number, default=None)


def _url(wanted: Wanted) -> str:
    asked = {key: getattr(wanted, name) for name, key in _ARGUMENTS.items() if getattr(wanted, name)}
    return f"?{urlencode(asked)}"


def _labels() -> dict[str, str]:
    return {
        "words": pgettext("filter", "Search"),
        "day": _("Day"),
        "track": _("Track"),
        "room": _("Room"),
        "language": _("Language"),
        "kind": _("Kind"),
    }


def _options(event: EventFacts) -> dict[str, dict[str, str]]:
    sessions = event.sessions
    codes = {code for entry in sessions for code in (*entry.languages, *entry.interpreted)}
    used_kinds = {entry.kind.value for entry in sessions}
    rooms = {entry.room.key for entry in sessions if entry.room}
    tracks = {entry.track.key for entry in sessions if entry.track}
    return {
        "day": {each.isoformat(): day(each) for each in days_of(event)},
        "kind": {key: word for key, word in kind_words().items() if key in used_kinds},
        "track": {each.key: translated(each.title) for each in event.tracks if each.key in tracks},
        "room": {each.key: translated(each.name) for each in event.rooms if each.key in rooms},
        "language": dict(sorted(((code, language_name(code)) for code in codes), key=lambda pair: pair[1])),
    }
