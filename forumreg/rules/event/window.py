"""Whether registration is open, and if not, why not and since when."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from forumreg.base.errors import Refused
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.seats import PoolState
from forumreg.tables.event import EventStatus


class Window(enum.StrEnum):
    """The state of registration as a page tells it."""

    NOT_YET = "not_yet"
    OPEN = "open"
    WAITLIST = "waitlist"  # open, but only the waiting list takes more
    FULL = "full"
    CLOSED = "closed"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class WindowState:
    """The state, the instant that it turns on (opening or closing), and the places left.

    ``at`` is ``None`` where somebody closed the registration before its time.
    """

    window: Window
    at: datetime | None
    left: int | None
    capacity: int | None

    @property
    def takes_forms(self) -> bool:
        """Whether a sent form is read at all."""
        return self.window in {Window.OPEN, Window.WAITLIST}

    @property
    def has_ended(self) -> bool:
        """Whether no form will be taken any more, as far as anybody knows now."""
        return self.window in {Window.CLOSED, Window.OVER, Window.CANCELLED}


def closes_at(event: EventFacts) -> datetime:
    """When registration ends: as set, but never after the last day is over."""
    return min(event.closes_at or event.over_at, event.over_at)


def is_open(event: EventFacts, now: datetime) -> bool:
    """Whether forms are taken and changes made now, full or not."""
    return _by_time(event, now) is Window.OPEN


def require_open(event: EventFacts, now: datetime) -> None:
    """Refuses when forms are not taken and changes not made.

    Raises:
        Refused: "not_yet", "closed", "over" or "cancelled".
    """
    window = _by_time(event, now)
    if window is not Window.OPEN:
        raise Refused(window.value)


def is_before_end(event: EventFacts, now: datetime) -> bool:
    """Whether the event takes place and is not over: until then people choose among its sessions."""
    return _by_time(event, now) not in {Window.CANCELLED, Window.OVER}


def require_before_end(event: EventFacts, now: datetime) -> None:
    """Refuses once nothing of the event is left to choose.

    Raises:
        Refused: "over" or "cancelled".
    """
    if not is_before_end(event, now):
        raise Refused(_by_time(event, now).value)


def window_of(event: EventFacts, pool: PoolState, now: datetime) -> WindowState:
    """The state of registration now, with the event's pool as just read."""
    window = _by_time(event, now)
    if window is Window.OPEN and pool.is_full:
        window = Window.WAITLIST if event.waitlist else Window.FULL
    return WindowState(window, _turning(event, window, now), pool.left, pool.capacity)


def same_until(event: EventFacts, now: datetime) -> datetime:
    """When time alone may change what is said of the event: its registration opens or ends, or a day begins there."""
    midnight = datetime.combine(now.astimezone(event.zone).date() + timedelta(days=1), time(), event.zone)
    turns = (event.opens_at, closes_at(event), event.over_at, midnight)
    return min(turn for turn in turns if turn is not None and turn > now)


def _turning(event: EventFacts, window: Window, now: datetime) -> datetime | None:
    if window is Window.NOT_YET:
        return event.opens_at
    return None if window is Window.CLOSED and now < closes_at(event) else closes_at(event)


def _by_time(event: EventFacts, now: datetime) -> Window:
    if event.status is EventStatus.CANCELLED:
        return Window.CANCELLED
    if now >= event.over_at:
        return Window.OVER
    if event.status is not EventStatus.PUBLISHED or now >= closes_at(event):
        return Window.CLOSED
    if event.opens_at is not None and now < event.opens_at:
        return Window.NOT_YET
    return Window.OPEN
