"""A registrant's own days at the event: their seats, what they wait for, and what is open to everyone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from forumreg.rules.booking import SEATED, Seat
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.tables.booking import BookingStatus
from forumreg.tables.programme import Booking, SessionKind


@dataclass(frozen=True, slots=True)
class Item:
    """One session of somebody's programme; ``status`` is ``None`` where everyone may come without a seat.

    ``rank`` counts from 1 while they wait; ``clash`` is the session of theirs that a kept seat now clashes with.
    """

    session: SessionFacts
    status: BookingStatus | None
    rank: int | None
    clash: SessionFacts | None

    @property
    def is_invitation(self) -> bool:
        """Whether organizers gave the seat, and they alone take it back."""
        return self.session.booking is Booking.INVITATION

    @property
    def has_seat(self) -> bool:
        """Whether a place is theirs."""
        return self.status in SEATED


def itinerary(event: EventFacts, seats: Collection[Seat]) -> tuple[Item, ...]:
    """The sessions of a registrant and the open plenaries for which their seats leave them free, by start."""
    taken = [seat.session for seat in seats if seat.status in SEATED]
    mine = {seat.session.id for seat in seats}
    items = [
        *(Item(seat.session, seat.status, seat.rank, clash_of(seat, seats)) for seat in seats),
        *(
            Item(entry, None, None, None)
            for entry in event.sessions
            if _is_for_everyone(entry) and entry.id not in mine and not any(map(entry.overlaps, taken))
        ),
    ]
    return tuple(sorted(items, key=lambda item: (item.session.starts_at, item.session.ends_at, item.session.id)))


def _is_for_everyone(entry: SessionFacts) -> bool:
    return entry.kind is SessionKind.PLENARY and entry.booking is Booking.NONE


def clash_of(seat: Seat, seats: Collection[Seat]) -> SessionFacts | None:
    """The session of theirs with which a kept seat now clashes; ``None`` where it clashes with none."""
    if seat.status is not BookingStatus.CLASHING:
        return None
    others = (each.session for each in seats if each.status in SEATED and each.session.id != seat.session.id)
    return next((other for other in others if other.overlaps(seat.session)), None)
