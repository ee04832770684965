"""Programme sessions as rows of a page: everything a reader chooses by, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from flask import url_for
from flask_babel import format_number, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from forumreg.base.texts import language_of, read
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.web import language, translated
from forumreg.web.when import clock, language_list, language_within
from forumreg.web.words import kind_words

Counts = Mapping[int, tuple[int | None, int]]  # capacity and places taken, by pool id
MOST_NAMES = 6  # speakers named in a row; the session's page has them all


@dataclass(frozen=True, slots=True)
class Places:
    """Seats of a session that registrants book, those held for categories included; ``None``: no limit."""

    left: int | None
    capacity: int | None
    held: int  # of those left


@dataclass(frozen=True, slots=True)
class Row:
    """One session; ``lang`` where its title is in another language than the page."""

    is_break: bool
    time: str
    title: str
    lang: str | None
    url: str
    meta: str
    people: str
    seats: Markup


def places_of(entry: SessionFacts, counts: Counts) -> Places | None:
    """What is left in a session; ``None`` where registrants book nothing."""
    if not entry.is_bookable or entry.pool_id is None:
        return None
    capacity, taken = counts[entry.pool_id]
    if capacity is None:
        return Places(None, None, 0)
    left = max(0, capacity - taken)
    held = [counts[pool] for pool in entry.held.values()]
    held_left = sum(max(0, (places or 0) - taken) for places, taken in held)
    return Places(left + held_left, capacity + sum(places or 0 for places, _taken in held), held_left)


def by_pool(counts: Iterable[tuple[int, int | None, int]]) -> Counts:
    """The counts of pools by their id."""
    return {pool: (capacity, taken) for pool, capacity, taken in counts}


def seats_words(entry: SessionFacts, places: Places | None, reader: str) -> Markup:
    """How one gets a seat, and how many are left, in the reader's language."""
    if places is None:
        return _how(reader, entry.kind == "break", entry.pool_id is None)
    return _left(reader, places.left, places.capacity)


@lru_cache(maxsize=64)
def _how(_language: str, is_break: bool, is_for_all: bool) -> Markup:
    if is_break:
        return Markup("")
    if is_for_all:
        return Markup('<span class="soft">{}</span>').format(_("Open to everyone"))
    return Markup('<span class="pill">{}</span>').format(_("By invitation"))


@lru_cache(maxsize=4096)
def _left(_language: str, left: int | None, capacity: int | None) -> Markup:
    if capacity is None or left is None:
        return Markup('<span class="soft">{}</span>').format(_("Open to everyone"))
    if not left:
        return Markup('<span class="pill" data-tone="warn">{}</span>').format(_("Full, waiting list"))
    words = ngettext(
        "<b>%(left)s</b> of %(capacity)s seats left",
        "<b>%(left)s</b> of %(capacity)s seats left",
        left,
        left=format_number(left),
        capacity=format_number(capacity),
    )
    percent = round(100 * (capacity - left) / capacity)
    meter = '<svg class="meter" aria-hidden="true"><rect width="{}%" height="100%"/></svg>'
    return Markup('<span class="num">{}</span>').format(Markup(words)) + Markup(meter).format(percent)  # noqa: S704 (ours and formatted numbers)


def languages_words(entry: SessionFacts) -> str:
    """In what a session is held, and into what it is interpreted."""
    held_in = language_list(entry.languages)
    if not entry.interpreted:
        return held_in
    into = _("interpretation: %(languages)s", languages=", ".join(map(language_within, entry.interpreted)))
    return f"{held_in}; {into}" if held_in else into


class Rows:
    """Makes the rows of an event's sessions; what many of them share is said once."""

    def __init__(self, event: EventFacts, counts: Counts) -> None:
        self.event, self.counts = event, counts
        self.reader = language()  # asked once: a thousand rows ask for it several times each
        self.kinds = kind_words()
        self.prefix = url_for("participant.events.show", slug=event.slug) + "sessions/"
        self.rooms = {room.id: translated(room.name) for room in event.rooms}
        self.tongues: dict[tuple[Sequence[str], Sequence[str]], str] = {}
        self.clocks: dict[datetime, str] = {}

    def by_day(self, entries: Iterable[SessionFacts]) -> dict[date, list[Row]]:
        """Rows by day of the event's zone, in the order of the entries."""
        days: dict[date, list[Row]] = {}
        zone = self.event.zone
        for entry in entries:
            days.setdefault(entry.starts_at.astimezone(zone).date(), []).append(self.row(entry))
        return days

    def row(self, entry: SessionFacts) -> Row:
        """The row of one session."""
        languages = self.reader, self.event.language
        found = language_of(entry.title, *languages)
        return Row(
            is_break=entry.kind == "break",
            time=f"{self._clock(entry.starts_at)}–{self._clock(entry.ends_at)}",
            title=read(entry.title, *languages),
            lang=None if found == self.reader else found,
            url=self.prefix + entry.key,
            meta=self._meta(entry),
            people=_people(entry),
            seats=self._seats(entry),
        )

    def _seats(self, entry: SessionFacts) -> Markup:
        if self.event.status == "cancelled":
            return Markup("")  # nobody gets a seat in what does not take place
        return seats_words(entry, places_of(entry, self.counts), self.reader)

    def _meta(self, entry: SessionFacts) -> str:
        where = self.rooms.get(entry.room.id, "") if entry.room else ""
        what = ", ".join(filter(None, (self.kinds[entry.kind.value], where)))
        key = entry.languages, entry.interpreted
        if key not in self.tongues:
            self.tongues[key] = languages_words(entry)
        return ". ".join(filter(None, (what, self.tongues[key])))

    def _clock(self, at: datetime) -> str:
        if at not in self.clocks:
            self.clocks[at] = clock(at, self.event.zone)
        return self.clocks[at]


def _people(entry: SessionFacts) -> str:
    named = ", ".join(speaker.name for speaker in entry.speakers[:MOST_NAMES])
    more = len(entry.speakers) - MOST_NAMES
    return (
        ngettext("%(names)s and %(num)s more", "%(names)s and %(num)s more", more, names=named) if more > 0 else named
    )
