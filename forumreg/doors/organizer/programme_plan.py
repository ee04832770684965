"""A day of the programme as a grid: rooms across, hours down in rows of five minutes. Numbers only, no markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask_babel import format_number, ngettext
from flask_babel import gettext as _

from forumreg.doors.organizer.programme_words import hours, short_words
from forumreg.rules.event import EventFacts
from forumreg.rules.event.facts import RoomFacts
from forumreg.rules.planning import Planned
from forumreg.rules.seats import PoolState
from forumreg.web import translated

STEP_MIN = 5  # minutes a row
ROWS_AN_HOUR = 60 // STEP_MIN
SHORT_MIN = 30  # minutes; a shorter session gets taller rows
LEAST_HOURS = 8
MOST_LANES = 12  # beside each other in a room; those beyond lie on the first ones
MOST_LANGUAGES_NAMED = 4
FIRST_HOUR = 9  # of a day without sessions
DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class Fill:
    """How full a session is, in words and in percent; ``None`` where there is no limit."""

    words: str
    percent: int | None


@dataclass(frozen=True, slots=True)
class Card:
    """A session where it stands in the grid of a day: rows from midnight, and its lane among those beside it."""

    planned: Planned
    first: int
    last: int
    hours: str
    fill: Fill | None
    why: tuple[str, ...]
    from_before: bool
    goes_on: bool
    lane: int = 0
    lanes: int = 1
    top: int = 0  # the grid's first row

    @property
    def at(self) -> tuple[int, int]:
        """Hours and rows from the top of the grid."""
        return divmod(self.first - self.top, ROWS_AN_HOUR)

    @property
    def span(self) -> tuple[int, int]:
        """Hours and rows that it lasts."""
        return divmod(self.last - self.first, ROWS_AN_HOUR)

    @property
    def is_clash(self) -> bool:
        """Whether it cannot be as it stands."""
        return any(concern.is_clash for concern in self.planned.concerns)


@dataclass(frozen=True, slots=True)
class Column:
    """A room and its sessions of the day; without a room for those that have none."""

    room: RoomFacts | None
    detail: str
    cards: tuple[Card, ...]

    @property
    def lanes(self) -> int:
        """The most sessions beside each other."""
        return max((card.lanes for card in self.cards), default=1)


@dataclass(frozen=True, slots=True)
class Grid:
    """A day: its columns, and the hours from the first that is in use to the last."""

    day: date
    columns: tuple[Column, ...]
    first_hour: int
    hours: tuple[str, ...]
    is_fine: bool


def days_of(event: EventFacts, plan: Iterable[Planned]) -> tuple[date, ...]:
    """The event's days, and those outside on which something is planned."""
    found = set(event.days)
    for planned in plan:
        found.update(day for day, _first, _last in _stretches(event, planned))
    return tuple(sorted(found))


def grid_of(event: EventFacts, plan: Iterable[Planned], day: date, pools: Mapping[int, PoolState]) -> Grid:
    """The day's grid."""
    cards = [card for planned in plan for card in _cards(event, planned, day, pools)]
    first_hour, last_hour = _hours_in_use(cards)
    top = first_hour * ROWS_AN_HOUR
    rooms: list[RoomFacts | None] = [*event.rooms]
    if not rooms or any(card.planned.draft.room is None for card in cards):
        rooms.append(None)
    return Grid(
        day,
        tuple(_column(room, [replace(card, top=top) for card in cards]) for room in rooms),
        first_hour,
        tuple(f"{hour:02}:00" for hour in range(first_hour, last_hour)),
        any(card.last - card.first < SHORT_MIN // STEP_MIN for card in cards if card.planned.draft.kind != "break"),
    )


def fill_of(planned: Planned, pools: Mapping[int, PoolState]) -> Fill | None:
    """How full a session is; ``None`` where no seats are counted."""
    counted = [pools[each] for each in planned.session.pool_ids if each in pools]
    if not counted:
        return None
    taken = sum(pool.taken for pool in counted)
    if any(pool.capacity is None for pool in counted):
        return Fill(ngettext("%(num)s booked", "%(num)s booked", taken), None)
    capacity = sum(pool.capacity or 0 for pool in counted)
    said = _("%(taken)s of %(capacity)s", taken=format_number(taken), capacity=format_number(capacity))
    return Fill(said, min(100, round(100 * taken / capacity)) if capacity else 100)


def _stretches(event: EventFacts, planned: Planned) -> list[tuple[date, int, int]]:
    """The days on which a session runs, each with its first and last row from midnight."""
    starts_at, ends_at = (each.astimezone(event.zone) for each in (planned.draft.starts_at, planned.draft.ends_at))
    number = max(0, (ends_at.date() - starts_at.date()).days)
    found = []
    for offset in range(number + 1):
        day = starts_at.date() + timedelta(days=offset)
        first = _row(starts_at) if offset == 0 else 0
        last = _row(ends_at) if offset == number else DAY_MIN // STEP_MIN
        if offset == 0 or last > first:
            found.append((day, first, max(last, first + 1)))
    return found


def _row(local: datetime) -> int:
    return round((local.hour * 60 + local.minute) / STEP_MIN)


def _cards(event: EventFacts, planned: Planned, day: date, pools: Mapping[int, PoolState]) -> list[Card]:
    stretches = _stretches(event, planned)
    return [
        Card(
            planned,
            first,
            last,
            hours(event, planned.draft),
            fill_of(planned, pools),
            tuple(dict.fromkeys(short_words(concern) for concern in planned.concerns)),
            from_before=each != stretches[0][0],
            goes_on=each != stretches[-1][0],
        )
        for each, first, last in stretches
        if each == day
    ]


def _hours_in_use(cards: Sequence[Card]) -> tuple[int, int]:
    first = min((card.first for card in cards), default=FIRST_HOUR * ROWS_AN_HOUR) // ROWS_AN_HOUR
    last = -(-max((card.last for card in cards), default=0) // ROWS_AN_HOUR)
    last = min(24, max(last, first + LEAST_HOURS))
    return max(0, min(first, last - LEAST_HOURS)), last


def _column(room: RoomFacts | None, cards: Iterable[Card]) -> Column:
    key = room.key if room else None
    mine = [card for card in cards if card.planned.draft.room == key]
    return Column(room, _detail(room, mine), tuple(_in_lanes(mine)))


def _detail(room: RoomFacts | None, cards: Sequence[Card]) -> str:
    """What the room holds, and the languages heard in it that day."""
    drafts = [card.planned.draft for card in cards]
    codes = sorted({code for draft in drafts for code in (*draft.languages, *draft.interpreted)})
    said = []
    if room is not None and room.capacity is not None:
        said.append(ngettext("%(count)s seat", "%(count)s seats", room.capacity, count=format_number(room.capacity)))
    if len(codes) > MOST_LANGUAGES_NAMED:
        said.append(ngettext("%(num)s language", "%(num)s languages", len(codes)))
    elif codes:
        said.append(" ".join(code.upper() for code in codes))
    return ", ".join(said)


def _in_lanes(cards: Iterable[Card]) -> list[Card]:
    """The cards by start; those that run together get a lane each, as many as the fullest moment needs."""
    done: list[Card] = []
    together: list[Card] = []
    ends: list[int] = []  # by lane
    for card in sorted(cards, key=lambda each: (each.first, -each.last)):
        if together and card.first >= max(ends):
            done += _settled(together, len(ends))
            together, ends = [], []
        lane = next((number for number, end in enumerate(ends) if end <= card.first), len(ends))
        ends[lane : lane + 1] = [card.last]
        together.append(replace(card, lane=lane))
    return done + _settled(together, len(ends))


def _settled(cards: Sequence[Card], lanes: int) -> list[Card]:
    shown = min(lanes, MOST_LANES)
    return [replace(card, lane=card.lane % shown, lanes=shown) for card in cards]


def room_names(event: EventFacts) -> dict[str, str]:
    """The rooms in the reader's words, by key."""
    return {room.key: translated(room.name) for room in event.rooms}
