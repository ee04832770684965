"""The sessions of a form as rows to choose from, with what is left of them and whom they are for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol

from flask_babel import format_number, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from forumreg.doors.participant.forms import WAIT
from forumreg.rules.booking import PlacesLeft, organisation_limit, places_left
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.rules.registration import Item
from forumreg.rules.seats import PoolState
from forumreg.web import language, number, translated
from forumreg.web.when import clock, day, language_list
from forumreg.web.words import counted_kind, kind_words

SESSION = "session-"  # before a session's key: the id of its input


class Counted(Protocol):
    """Places as they were read: a pool's, or a session's in all its pools."""

    @property
    def capacity(self) -> int | None:
        """How many there are."""

    @property
    def left(self) -> int | None:
        """How many are left."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the rows are for, as far as that is known: the category, the languages, what they chose and have.

    ``chosen`` are the values sent or kept, ``held`` the keys in which they have a seat, ``ranks`` their places in line
    by key, ``fixed`` the sessions that stay as they are, ``refused`` the keys in which they were refused a seat just
    now, ``clashes`` sentences by key.
    """

    chosen: frozenset[str] = frozenset()
    category: str | None = None  # None: not known yet; "": they have none
    known: frozenset[str] | None = None
    held: frozenset[str] = frozenset()
    ranks: Mapping[str, int] = field(default_factory=dict)
    fixed: tuple[Item, ...] = ()
    refused: frozenset[str] = frozenset()
    clashes: Mapping[str, str] = field(default_factory=dict)


class Numbers:
    """Says what is left in a session: in words, or as holes for pages that are kept."""

    def left(self, places: PlacesLeft, *, is_full: bool) -> Markup:
        """What is left, in words and as a meter."""
        return seats_left(places, is_full=is_full)

    def option(self, pool: PoolState, *, is_full: bool) -> Markup:
        """What is left of an answer whose places are counted."""
        return seats_left(pool, is_full=is_full)

    def kept(self, event: EventFacts, places: PlacesLeft) -> str:
        """For whom some of it is kept."""
        return kept_words(event, places)


def session_parts(
    event: EventFacts,
    pools: Mapping[int, PoolState],
    waiting: Mapping[int, int],
    person: Person,
    *,
    offered: Iterable[SessionFacts] | None = None,
    numbers: Numbers | None = None,
) -> list[dict[str, Any]]:
    """The sessions by day: groups of parallel ones to choose one of, then the others to choose any of.

    ``offered`` are those to choose from, all that may be booked if not said; ``waiting`` says how many wait by
    session id.
    """
    make = _RowMaker(event, pools, waiting, person, numbers or Numbers())
    hours: dict[tuple[datetime, datetime, int], list[SessionFacts]] = {}
    fixed = {item.session.id: item for item in person.fixed}
    for entry in event.bookable if offered is None else offered:
        if entry.id not in fixed:
            hours.setdefault((entry.starts_at, entry.ends_at, 0), []).append(entry)
    for item in person.fixed:
        hours[item.session.starts_at, item.session.ends_at, item.session.id] = [item.session]
    days: dict[date, list[dict[str, Any]]] = {}
    for (starts_at, _ends_at, is_fixed), parallel in sorted(hours.items(), key=lambda pair: pair[0]):
        made = make.fixed(fixed[is_fixed]) if is_fixed else make.slot(parallel)
        days.setdefault(starts_at.astimezone(event.zone).date(), []).append(made)
    return [{"title": day(date_), "sets": sets} for date_, sets in days.items()]


class _RowMaker:
    """Makes the rows of one form's sessions."""

    def __init__(
        self,
        event: EventFacts,
        pools: Mapping[int, PoolState],
        waiting: Mapping[int, int],
        person: Person,
        numbers: Numbers,
    ) -> None:
        self.event, self.pools, self.waiting = event, pools, waiting
        self.person, self.numbers, self.kinds = person, numbers, kind_words()

    def slot(self, entries: Sequence[SessionFacts]) -> dict[str, Any]:
        """The sessions that start and end together: a choice of one where there are several."""
        first = entries[0]
        rows = [self.row(entry) for entry in entries]
        # Where two kept seats clash both are theirs until they choose: a choice of one could not show that.
        is_choice = len(entries) > 1 and sum(row["checked"] for row in rows) < 2
        if is_choice:
            none = not any(row["checked"] for row in rows)
            rows.append({"value": "", "label": _("None of these"), "id": f"none-{first.key}", "checked": none})
        return {
            "id": f"slot-{first.id}",
            "name": f"slot-{first.id}" if is_choice else "sessions",
            "kind": "radio" if is_choice else "checkbox",
            "legend": self._hours(first),
            "note": _("in parallel, choose one") if is_choice else "",
            "rows": rows,
            "error": next((self.person.clashes[each.key] for each in entries if each.key in self.person.clashes), ""),
        }

    def fixed(self, item: Item) -> dict[str, Any]:
        """A session of theirs that the form shows and leaves as it is."""
        entry = item.session
        started, invited = (
            _("It has started: it stays as it is."),
            _("By invitation of the organizers: it stays yours."),
        )
        why = started if entry.is_bookable else invited
        row = self._row(entry, why) | {"value": entry.key, "checked": True, "disabled": True}
        return {
            "id": f"slot-{entry.id}",
            "name": "kept",  # a browser does not send what cannot be changed, and nobody reads this
            "kind": "checkbox",
            "legend": self._hours(entry),
            "note": "",
            "rows": [row],
        }

    def row(self, entry: SessionFacts) -> dict[str, Any]:
        """One session with what is left of it."""
        person, line = self.person, f"{WAIT}{entry.key}"
        places = places_left(entry, self.pools)
        has_seat = entry.key in person.held
        is_full = not has_seat and self._is_full(places)
        is_line = is_full or (entry.key in person.refused and not has_seat)
        # Who waits keeps the place in line, also while a seat is free that another session keeps them from.
        value = line if is_line or (line in person.chosen and not has_seat) else entry.key
        kept = self.numbers.kept(self.event, places) if entry.held and not places.is_full else ""
        return self._row(entry, kept, self._line(entry, is_line=is_line), self._warning(entry)) | {
            "value": value,
            "end": self.numbers.left(places, is_full=is_full),
            "clash": self._clash(is_full=is_full) if entry.key in person.clashes else "",
            "checked": bool({entry.key, line} & person.chosen),
        }

    @staticmethod
    def _clash(*, is_full: bool) -> str:
        """What is wrong with the row, in few words: its group says it in full."""
        return _("Full since you chose it") if is_full else _("At the same time as another session you chose")

    def _is_full(self, places: PlacesLeft) -> bool:
        category = self.person.category
        return places.is_full if category is None else places.is_full_for(category)

    def _row(self, entry: SessionFacts, *hints: str) -> dict[str, Any]:
        title = translated(entry.title)
        return {
            "label": title,
            "id": f"{SESSION}{entry.key}",
            "hint": " ".join(filter(None, (self._meta(entry), *hints))),
            "starts": int(entry.starts_at.timestamp() // 60),
            "ends": int(entry.ends_at.timestamp() // 60),
            "title": title,
        }

    def _hours(self, entry: SessionFacts) -> str:
        return f"{clock(entry.starts_at, self.event.zone)}–{clock(entry.ends_at, self.event.zone)}"

    def _meta(self, entry: SessionFacts) -> str:
        room = translated(entry.room.name) if entry.room else ""
        where = ", ".join(filter(None, (self.kinds[entry.kind.value], room)))
        return " ".join(f"{part}." for part in filter(None, (where, *languages_words(entry))))

    def _warning(self, entry: SessionFacts) -> str:
        known = self.person.known
        if known is None or entry.understood_by(known):
            return ""
        return _("In none of the languages that you told us.")

    def _line(self, entry: SessionFacts, *, is_line: bool) -> str:
        """Where they stand in line; else, where there is one to join, how many are before them."""
        if entry.key in self.person.ranks:
            rank = format_number(self.person.ranks[entry.key])
            return _("You wait for a seat, number %(rank)s in line.", rank=rank)
        if not is_line:
            return ""
        waiting = self.waiting.get(entry.id, 0)
        if not waiting:
            return _("Choose it to join its waiting list: you are the first.")
        return ngettext(
            "Choose it to join its waiting list: %(count)s person is before you.",
            "Choose it to join its waiting list: %(count)s people are before you.",
            waiting,
            count=format_number(waiting),
        )


def languages_words(entry: SessionFacts) -> list[str]:
    """The languages of a session: those spoken, then those it is interpreted into; no full stops."""
    spoken, into = language_list(entry.languages), language_list(entry.interpreted)
    return [*([spoken] if spoken else []), *([_("Interpretation into: %(languages)s", languages=into)] if into else [])]


def kept_words(event: EventFacts, places: PlacesLeft) -> str:
    """For whom some of a session's seats are kept, a sentence a category."""
    found = ((event.find_category(key), number) for key, number in places.kept)
    return " ".join(
        ngettext(
            "Of the seats left, %(num)s is kept for “%(category)s”.",
            "Of the seats left, %(num)s are kept for “%(category)s”.",
            number,
            category=translated(category.title),
        )
        for category, number in found
        if category is not None
    )


def limit_words(event: EventFacts, now: datetime) -> list[str]:
    """What one person and one organization may choose at most, a sentence each; it stands above the sessions."""
    here = {entry.kind.value for entry in event.bookable}
    sentences = [
        _("Choose at most %(sessions)s.", sessions=counted_kind(kind, most))
        for kind, most in event.most_per_kind.items()
        if kind in here
    ]
    most = organisation_limit(event, now)
    if most is not None and event.bookable:
        sentences.append(_organisation_words(event, most))
    return sentences


def _organisation_words(event: EventFacts, most: int) -> str:
    until = event.organisation_limit_until
    if until is None:
        return ngettext(
            "At most %(num)s person of one organization has a seat in a session.",
            "At most %(num)s people of one organization have a seat in a session.",
            most,
        )
    return ngettext(
        "Until %(day)s, at most %(num)s person of one organization has a seat in a session.",
        "Until %(day)s, at most %(num)s people of one organization have a seat in a session.",
        most,
        day=day(until, event.zone, form="MMMMd"),
    )


@dataclass(frozen=True, slots=True)
class Warned:
    """What a form warns of once, a sentence a session, and the keys that its next sending need not be warned of."""

    sentences: tuple[str, ...]
    keys: tuple[str, ...]


def warning(foreign: Iterable[SessionFacts], known: Collection[str]) -> Warned:
    """The warning of sessions that somebody may not follow; nothing is said again of those ``known`` by key."""
    entries = tuple(foreign)
    return Warned(
        tuple(_foreign(entry) for entry in entries if entry.key not in known), tuple(entry.key for entry in entries)
    )


def _foreign(entry: SessionFacts) -> str:
    return _("“%(title)s”: %(languages)s.", title=translated(entry.title), languages=". ".join(languages_words(entry)))


def clash_words() -> str:
    """The words of a clash hint; the script puts the other session's title in place of %s."""
    return str(_("Same time as “%(title)s”", title="%s"))


def clashes_of(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The sentences about sessions, by the session's key."""
    return {name.removeprefix(SESSION): sentence for name, sentence in said if name.startswith(SESSION)}


def seats_left(places: Counted, *, is_full: bool) -> Markup:
    """What is left, in words and as a meter."""
    return seats_words(language(), places.capacity, places.left, is_full)


@lru_cache(maxsize=2048)
def seats_words(reader: str, capacity: int | None, left: int | None, is_full: bool) -> Markup:
    """The same for somebody who reads this language, the page's own; fast, for forms with many sessions."""
    if is_full:
        return Markup('<span class="pill" data-tone="warn">{}</span>').format(_("Full"))
    if capacity is None or left is None:
        return Markup('<span class="soft">{}</span>').format(_("Open to everyone"))
    percent = round(100 * (capacity - left) / capacity) if capacity else 100
    words = ngettext(
        "<b>%(left)s</b> of %(capacity)s left",
        "<b>%(left)s</b> of %(capacity)s left",
        left,
        left=number(reader, left),
        capacity=number(reader, capacity),
    )
    meter = Markup('<svg class="meter" aria-hidden="true"><rect width="{}%" height="100%"/></svg>')
    return Markup(f'<span class="num">{words}</span>') + meter.format(percent)  # noqa: S704 (our words, numbers)
