"""A long random walk through everything that moves a seat; after each step nothing that must hold is broken."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Invalid, Refused
from forumreg.rules import registration as registrations
from forumreg.rules.access import Anonymous, Participant, Worker
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import CategoryDraft, FieldDraft, OptionDraft
from forumreg.rules.registration import Choice, Submission
from forumreg.rules.registration.pools import pools_of
from forumreg.rules.registration.recount import recount
from forumreg.rules.seats import state_of
from forumreg.tables.booking import BookingStatus, Commitment, SessionBooking
from forumreg.tables.registration import Registration, Status
from tests.builders import NOW, a_session, a_submission, an_event, an_organizer

HOLDING = {Status.PENDING, Status.CONFIRMED}
SESSIONS = ("A", "B", "C", "D")
STEPS = {"sqlite": 200, "postgresql": 80}


def a_small_event(session: Session, capacity: int = 5) -> EventFacts:
    """Few places of every kind: at the event, in categories, in sessions of which two overlap, at a lunch."""
    return an_event(
        session,
        capacity=capacity,
        categories=(
            CategoryDraft("local", {"en": "Local"}, 4),
            CategoryDraft("press", {"en": "Press"}, 2, approval="manual"),
        ),
        sessions=(
            a_session("A", capacity=2),
            a_session("B", "2015-10-16T10:30", "2015-10-16T12:00", capacity=2),
            a_session("C", "2015-10-16T11:30", "2015-10-16T13:00", capacity=1),
            a_session("D", "2015-10-17T09:00", "2015-10-17T10:00", capacity=2),
        ),
        fields=(
            FieldDraft(
                "lunch", "choice", {"en": "Lunch"},
                options=(OptionDraft("early", {"en": "At noon"}, 2), OptionDraft("late", {"en": "At one"})),
            ),
        ),
    )  # fmt: skip


class Walk:
    """One walk: chooses steps by chance, and remembers them."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.chance = session, random.Random(seed)
        self.capacity, self.now, self.trail = 5, NOW, list[str]()
        self.event = a_small_event(session)
        self.organizer = an_organizer(self.event)

    def step(self) -> None:
        """Do one thing; refusals are answers like others."""
        self.now += timedelta(seconds=1)
        acts: Sequence[Callable[[], object]] = (
            self.submit, self.submit, self.change, self.change, self.cancel, self.confirm, self.promote,
            self.decline, self.wait, self.sweep, self.enlarge,
        )  # fmt: skip
        act = self.chance.choice(acts)
        self.trail.append(act.__name__)
        try:
            act()
        except (Refused, Invalid, Changed) as no:
            self.trail[-1] += f" ({no})"

    def someone(self) -> Registration:
        """Somebody who is registered, in whatever status."""
        found = self.session.scalars(select(Registration).order_by(Registration.id)).all()
        if not found:
            raise Refused("nobody")
        return self.chance.choice(found)

    def names(self, person: Registration) -> dict[str, str]:
        """Who somebody is."""
        return {name: getattr(person, name) for name in ("given_name", "family_name", "email")}

    def form(self, **facts: object) -> Submission:
        """A form with chosen sessions and answers."""
        keys = self.chance.sample(SESSIONS, self.chance.randint(0, 3))
        lunch = self.chance.choice(["early", "late", None])
        chosen = tuple(Choice(key, self.chance.random() < 0.7) for key in keys)
        return a_submission(**{"sessions": chosen, "answers": {"lunch": lunch}, **facts})

    def submit(self) -> None:
        """Somebody sends the form, now and then somebody who did so before."""
        again = self.chance.random() < 0.2 and self.session.scalar(select(func.count(Registration.id)))
        who = self.names(self.someone()) if again else {}
        category = self.chance.choice(["local", "local", "press"])
        form = self.form(category=category, accept_waitlist=self.chance.random() < 0.8, **who)
        registrations.submit(self.session, Anonymous(), self.event, form, now=self.now)

    def change(self) -> None:
        """A registrant changes sessions and answers."""
        mine = self.someone()
        form = self.form(**self.names(mine))
        own, reference, version = Participant(mine.id), mine.reference, mine.version
        registrations.change(self.session, own, reference, form, now=self.now, version=version)

    def cancel(self) -> None:
        """A registrant cancels."""
        mine = self.someone()
        registrations.cancel(self.session, Participant(mine.id), mine.reference, now=self.now)

    def confirm(self) -> None:
        """An organizer confirms."""
        registrations.confirm(self.session, self.organizer, self.someone().reference, now=self.now)

    def promote(self) -> None:
        """An organizer promotes."""
        registrations.promote(self.session, self.organizer, self.someone().reference, now=self.now)

    def decline(self) -> None:
        """An organizer declines."""
        registrations.decline(self.session, self.organizer, self.someone().reference, reason="No", now=self.now)

    def wait(self) -> None:
        """An organizer puts somebody on the waiting list."""
        registrations.waitlist(self.session, self.organizer, self.someone().reference, now=self.now)

    def sweep(self) -> None:
        """The worker's timed job runs."""
        registrations.sweep(self.session, Worker(), self.event.id, now=self.now)

    def enlarge(self) -> None:
        """The event gets a place more, and the job fills it."""
        self.capacity += 1
        self.event = a_small_event(self.session, self.capacity)
        self.sweep()

    # What must hold ---------------------------------------------------------------------------------------------

    def broken(self) -> list[str]:
        """Everything that does not hold now."""
        self.session.rollback()
        self.session.expire_all()
        return [
            *(f"{each}" for each in recount(self.session, self.event.id)),
            *self.overlaps(),
            *self.bookings_that_do_not_fit(),
            *self.waiting_beside_a_place(),
            *self.waiting_beside_a_seat(),
        ]

    def overlaps(self) -> list[str]:
        """People in two places at once."""
        rows = self.session.scalars(select(Commitment).order_by(Commitment.id)).all()
        return [
            f"{one.registration_id} is in two sessions"
            for one, other in combinations(rows, 2)
            if one.registration_id == other.registration_id
            and one.starts_at < other.ends_at
            and other.starts_at < one.ends_at
        ]

    def bookings_that_do_not_fit(self) -> list[str]:
        """Bookings that somebody of that status does not have, and seats that are in no calendar."""
        rows = self.session.execute(
            select(Registration.id, Registration.status, SessionBooking.status, Commitment.id)
            .join(SessionBooking, SessionBooking.registration_id == Registration.id)
            .outerjoin(Commitment, Commitment.booking_id == SessionBooking.id)
        )
        fitting = {
            Status.WAITLISTED: {BookingStatus.WISHED},
            **{status: {BookingStatus.BOOKED, BookingStatus.WAITLISTED} for status in HOLDING},
        }
        return [
            f"{number}, {status}: {booking}"
            for number, status, booking, commitment in rows
            if booking not in fitting.get(status, set()) or (booking == "booked") != (commitment is not None)
        ]

    def waiting_beside_a_place(self) -> list[str]:
        """People in line for the event while every pool they need has a place."""
        pools = {pool.id: pool for pool in state_of(self.session, self.event.id).values()}
        waiting = self.session.scalars(
            select(Registration).where(Registration.status == Status.WAITLISTED, Registration.is_held.is_(False))
        )
        return [
            f"{each.id} waits beside a place"
            for each in waiting
            if not any(pools[pool].is_full for pool in pools_of(self.event, each))
        ]

    def waiting_beside_a_seat(self) -> list[str]:
        """People in line for a session that has a seat while they are free."""
        pools = {pool.id: pool for pool in state_of(self.session, self.event.id).values()}
        rows = self.session.execute(
            select(SessionBooking.registration_id, SessionBooking.session_id).where(
                SessionBooking.status == BookingStatus.WAITLISTED
            )
        ).all()
        return [
            f"{number} waits beside a seat in {entry.key}"
            for number, entry in ((number, self.event.session(session_id)) for number, session_id in rows)
            if not pools[entry.pool_id or 0].is_full and not self.busy(number, entry.starts_at, entry.ends_at)
        ]

    def busy(self, number: int, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether somebody is elsewhere at that time."""
        return bool(
            self.session.scalar(
                select(func.count()).where(
                    Commitment.registration_id == number,
                    Commitment.starts_at < ends_at,
                    Commitment.ends_at > starts_at,
                )
            )
        )


@pytest.mark.parametrize("seed", [1, 3])
def test_whatever_happens_seats_add_up_and_nobody_waits_beside_a_free_one(session: Session, seed: int) -> None:
    walk = Walk(session, seed)

    for _ in range(STEPS[session.get_bind().dialect.name]):
        walk.step()

        assert walk.broken() == [], walk.trail[-3:]

    assert len({step for step in walk.trail if "(" not in step}) >= 8  # of nine kinds of steps that can succeed
