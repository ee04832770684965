"""One change of an event's programme: its rows first, then the people in them, then one mail each.

Everything happens inside one transaction that holds the event's pool, so nobody books meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Invalid, NotFound, Problem, Refused
from forumreg.rules import booking, journal
from forumreg.rules.access import Action, Actor, require
from forumreg.rules.booking import SEATED
from forumreg.rules.event import EventFacts, SessionFacts, facts_by_id
from forumreg.rules.event.drafts import SessionDraft
from forumreg.rules.event.reading import touch
from forumreg.rules.event.sessions import Around, drop_pools, fill_row, set_pools, total_places
from forumreg.rules.event.telling import tell_changes
from forumreg.rules.planning.drafts import Choice, Touched
from forumreg.rules.planning.people import keep_bookable, over_capacity, touched_by_move
from forumreg.rules.registration import mailing, waiting
from forumreg.rules.seats import exchange, lock_event
from forumreg.store.writing import writing
from forumreg.tables.booking import BookingStatus, Commitment, SessionBooking
from forumreg.tables.event import Event
from forumreg.tables.mail import Message
from forumreg.tables.programme import Booking, ProgrammeSession, Room, Track
from forumreg.tables.registration import Registration

Part = TypeVar("Part", Room, Track)


@contextmanager
def act(session: Session, actor: Actor, slug: str, now: datetime, choice: Choice | None = None) -> Iterator[Act]:
    """A transaction in which the event's programme may be changed; what it does to people is settled at its end.

    Raises:
        NotFound: no event has this slug.
        Forbidden: the actor does not plan the event.
    """
    with writing(session):
        event_id = session.scalar(select(Event.id).where(Event.slug == slug))
        if event_id is None:
            raise NotFound("event")
        require(actor, Action.PLAN, event_id)
        lock_event(session, event_id)
        acting = Act(session, actor, facts_by_id(session, event_id), now, choice or Choice())
        yield acting
        acting.settle()


class Act:
    """A change as it is being made. ``told`` is known once it is settled."""

    def __init__(self, session: Session, actor: Actor, event: EventFacts, now: datetime, choice: Choice) -> None:
        self.session, self.actor, self.event = session, actor, event
        self.now, self.choice, self.told = now, choice, 0
        self._touched = Touched()
        self._news: dict[int, list[dict[str, Any]]] = defaultdict(list)  # by registration
        self._around: Around | None = None

    # Rows -------------------------------------------------------------------------------------------------------

    def row(self, key: str) -> ProgrammeSession:
        """The session's row.

        Raises:
            NotFound: there is none.
        """
        found = self.session.scalars(
            select(ProgrammeSession)
            .where(ProgrammeSession.event_id == self.event.id, ProgrammeSession.key == key)
            .execution_options(populate_existing=True)
        ).first()
        if found is None:
            raise NotFound("session")
        return found

    def rows(self) -> Mapping[str, ProgrammeSession]:
        """Every session's row by key."""
        found = self.session.scalars(
            select(ProgrammeSession)
            .where(ProgrammeSession.event_id == self.event.id)
            .execution_options(populate_existing=True)
        )
        return {row.key: row for row in found}

    def part(self, table: type[Part], key: str) -> Part:
        """The row of a room or track, counted as changed; a new one, after the others, where there is none."""
        row = self.session.scalars(
            select(table)
            .where(table.event_id == self.event.id, table.key == key)
            .execution_options(populate_existing=True)
        ).first()
        if row is not None:
            row.version += 1
            return row
        last = self.session.scalar(select(func.max(table.position)).where(table.event_id == self.event.id))
        row = table(event_id=self.event.id, key=key, position=(last or 0) + 1, version=1)
        self.session.add(row)
        return row

    @property
    def around(self) -> Around:
        """What a session may name, as the tables stand now."""
        if self._around is None:
            rooms = {row.key: row for row in self._all(Room)}
            tracks = {row.key: row for row in self._all(Track)}
            names = [(each.id, name) for each in self.event.organisations for name in (each.name, each.short_name)]
            self._around = Around(
                self.event.slug,
                {key: row.id for key, row in rooms.items()},
                {key: row.id for key, row in tracks.items()},
                {name: organisation_id for organisation_id, name in names if name},
                {key: row.capacity for key, row in rooms.items()},
            )
        return self._around

    def _all(self, table: type[Any]) -> Any:
        return self.session.scalars(select(table).where(table.event_id == self.event.id))

    def rooms_changed(self) -> None:
        """Look again at what sessions may name."""
        self.session.flush()
        self._around = None

    def write(self, row: ProgrammeSession, part: SessionDraft, *, keep_proposal: bool = False) -> bool:
        """Make the row and its pools what the draft says; whether that changed anything. Ends a proposed change.

        Raises:
            Refused: "has_bookings" with ``number``: people would lose what they have by a draft or a closed booking.
            Invalid: fewer places are held for a category than its people have taken.
        """
        entry = self.event.find_planned(part.id)
        if entry is not None:
            keep_bookable(self.session, entry, part)
            self._make_room(entry, part)
        changed = fill_row(row, part, self.around)
        row.proposed = row.proposed if keep_proposal else None
        self.session.add(row)
        self.session.flush()
        try:
            set_pools(self.session, self.event.id, part, total_places(part, self.around))
        except Refused as refused:
            raise Invalid(Problem("held", "below_taken", tuple(refused.facts.items()))) from refused
        if entry is not None and part.booking == Booking.NONE:
            drop_pools(self.session, self.event.id, part.id)
        return changed

    def _make_room(self, entry: SessionFacts, part: SessionDraft) -> None:
        """Let the latest go to the waiting list where the session becomes too small."""
        over = over_capacity(self.session, entry, part, total_places(part, self.around))
        if not over:
            return
        self._count(Touched(over=over))
        rows = self.session.scalars(
            select(SessionBooking)
            .where(SessionBooking.pool_id == entry.pool_id, SessionBooking.status.in_(SEATED))
            .order_by(SessionBooking.id.desc())
            .limit(over)
        ).all()
        for row in rows:
            self.session.execute(delete(Commitment).where(Commitment.booking_id == row.id))
            exchange(self.session, give=[row.pool_id] if row.pool_id is not None else [])
            row.status, row.pool_id = BookingStatus.WAITLISTED, None
            self._tell(row.registration_id, entry, entry, "waitlisted")
        self.session.flush()

    def remove(self, row: ProgrammeSession) -> None:
        """Take the session out of the programme; its people have no seat in it any more."""
        entry = self.event.session(row.id)
        people = self.session.scalars(select(SessionBooking).where(SessionBooking.session_id == row.id)).all()
        seats = [each for each in people if each.status in SEATED]
        waiting_ = sum(each.status is BookingStatus.WAITLISTED for each in people)
        self._count(Touched(booked=len(seats), waiting=waiting_))
        for each in people:
            if each.status is not BookingStatus.WISHED:
                self._tell(each.registration_id, entry, None, "freed" if each.status in SEATED else "waiting")
            if each.pool_id is not None:
                exchange(self.session, give=[each.pool_id])
            booking.leave(self.session, each.registration_id, self.event, [row.id], self.now)
        drop_pools(self.session, self.event.id, row.key)
        self.session.delete(row)
        self.session.flush()

    # People -----------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Move people's calendars with their sessions, fill what came free, write down and mail what happened.

        Raises:
            Refused: "touched" with ``touched``: people are touched, and the organizer has not decided about them.
        """
        touch(self.session, self.event.id)
        self.session.flush()
        after = facts_by_id(self.session, self.event.id)
        new = {entry.id: entry for entry in after.planned}
        moved = [
            (old, new[old.id])
            for old in self.event.planned
            if old.id in new and _when(old) + _where(old) != _when(new[old.id]) + _where(new[old.id])
        ]
        self._reseat(after, moved)
        if not self._touched.settled_by(self.choice):
            raise Refused("touched", touched=self._touched)
        tell_changes(self.session, self.actor, self.event, after, self.now)
        self._mail()
        waiting.fill_waited_for(self.session, after, self.now)

    def _reseat(self, after: EventFacts, moved: list[tuple[SessionFacts, SessionFacts]]) -> None:
        if not moved:
            return
        found = touched_by_move(self.session, moved)
        self._count(found)
        pairs = {old.id: (old, entry) for old, entry in moved}
        timed = [key for key, (old, entry) in pairs.items() if _when(old) != _when(entry)]
        rows = self.session.scalars(
            select(SessionBooking)
            .where(SessionBooking.session_id.in_(list(pairs)), SessionBooking.status != BookingStatus.WISHED)
            .order_by(SessionBooking.id)
        ).all()
        freed = [row.id for row in rows if row.session_id in timed]
        self.session.execute(delete(Commitment).where(Commitment.booking_id.in_(freed)))
        for row in rows:
            old, entry = pairs[row.session_id]
            seat = self._seat_after(row, entry, is_timed=row.session_id in timed)
            self._tell(row.registration_id, old, entry, seat)
            if seat == "freed":
                if row.pool_id is not None:
                    exchange(self.session, give=[row.pool_id])
                booking.leave(self.session, row.registration_id, after, [row.session_id], self.now)
        for registration_id in {row.registration_id for row in rows}:
            booking.settle_clashes(self.session, registration_id, after)

    def _seat_after(self, row: SessionBooking, entry: SessionFacts, *, is_timed: bool) -> str:
        """What becomes of one seat or place in line: the word that the mail explains."""
        if row.status is BookingStatus.WAITLISTED:
            return "waiting"
        if not is_timed:
            return "kept" if row.status is BookingStatus.BOOKED else "clashing"
        if booking.busy_with(self.session, row.registration_id, entry.starts_at, entry.ends_at) is None:
            booking.commit_to(self.session, row, entry)
            return "kept"
        if self.choice.clashing == "free":
            return "freed"
        row.status = BookingStatus.CLASHING
        self.session.flush()
        return "clashing"

    def _count(self, more: Touched) -> None:
        one = self._touched
        self._touched = Touched(
            one.booked + more.booked,
            one.clashing + more.clashing,
            one.waiting + more.waiting,
            one.over + more.over,
        )

    def _tell(self, registration_id: int, was: SessionFacts, now: SessionFacts | None, seat: str) -> None:
        """Keep what a person has to be told, one piece a session: the last word counts."""
        pieces = self._news[registration_id]
        known = next((piece for piece in pieces if piece["session"] == was.key), None)
        if known is not None and known["seat"] == "waitlisted" and seat == "waiting":
            seat = "waitlisted"
        piece = {
            "session": was.key,
            "title": dict((now or was).title),
            "was": _place_and_time(was),
            "now": _place_and_time(now) if now else None,
            "seat": seat,
        }
        if known is None:
            pieces.append(piece)
        else:
            known.update(piece)

    def _mail(self) -> None:
        for registration_id, changes in sorted(self._news.items()):
            registration = self.session.get_one(Registration, registration_id)
            mailing.changed(registration, self.now)
            journal.write(
                self.session, self.actor, "programme_changed", subject=("registration", registration_id),
                event_id=self.event.id, now=self.now, after={"sessions": [piece["session"] for piece in changes]},
            )  # fmt: skip
            mailing.post(self.session, registration, Message.MOVED, {"changes": changes})
            self.told += 1


def _when(entry: SessionFacts) -> tuple[datetime, datetime]:
    return entry.starts_at, entry.ends_at


def _where(entry: SessionFacts) -> tuple[str | None]:
    return (entry.room.key if entry.room else None,)


def _place_and_time(entry: SessionFacts) -> Mapping[str, Any]:
    return {
        "starts_at": entry.starts_at.isoformat(),
        "ends_at": entry.ends_at.isoformat(),
        "room": dict(entry.room.name) if entry.room else {},
    }
