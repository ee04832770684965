"""2,000 random steps of booking, leaving, moving, cancelling and resizing; after each, what must hold does."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Invalid, NotFound, Refused
from forumreg.rules import booking, planning
from forumreg.rules import registration as registrations
from forumreg.rules.access import Anonymous, Participant
from forumreg.rules.event import EventFacts, SessionFacts, facts
from forumreg.rules.event.drafts import LimitsDraft, RoomDraft
from forumreg.rules.event.reading import forget_all
from forumreg.rules.planning import Choice
from forumreg.rules.registration import Choice as Wish
from forumreg.rules.registration.recount import recount
from forumreg.rules.seats import state_of
from forumreg.store.engine import make_engine, make_sessions
from forumreg.tables.booking import SEATED, BookingStatus, Commitment, SessionBooking
from forumreg.tables.registration import Registration, Status
from tests.builders import NOW, a_session, a_submission, an_event, an_organizer
from tests.conftest import make_empty

KEYS = ("A", "B", "C", "D")
HOURS = (9, 10, 11, 14)  # starts of sessions of 90 minutes, so that neighbours overlap
STEPS_OF_A_WALK = 40
WALKS = {"sqlite": 50, "postgres": 12}  # 2,000 steps on SQLite, 480 on PostgreSQL

chosen = st.lists(st.tuples(st.sampled_from(KEYS), st.booleans()), max_size=3, unique_by=lambda each: each[0])
numbers = st.integers(0, 7)

Rows = Sequence[Row[Any]]
COMMITMENT = (Commitment.registration_id, Commitment.booking_id, Commitment.starts_at, Commitment.ends_at)
BOOKING = (SessionBooking.id, SessionBooking.registration_id, SessionBooking.session_id, SessionBooking.status)
REGISTRATION = (Registration.status.label("standing"), Registration.category_id, Registration.organisation_key)


class Walk(RuleBasedStateMachine):
    """An event of four sessions with few seats, some held for a category, and people who come and go."""

    opened: Callable[[], Session]

    def __init__(self) -> None:
        super().__init__()
        self.session = type(self).opened()
        self.now = NOW
        an_event(
            self.session,
            capacity=6,
            rooms=(RoomDraft("hall", {"en": "Hall"}, 3), RoomDraft("den", {"en": "Den"}, 2)),
            sessions=tuple(
                a_session(
                    key, f"2015-10-16T{hour:02}:00", f"2015-10-16T{hour + 1:02}:30",
                    room=None, capacity=2, held={"press": 1} if key == "A" else {},
                )
                for key, hour in zip(KEYS, HOURS, strict=True)
            ),
        )  # fmt: skip
        self.organizer = an_organizer(self.event)

    @property
    def event(self) -> EventFacts:
        return facts(self.session, "forum")

    def people(self) -> list[Registration]:
        self.session.rollback()
        self.session.expire_all()
        return list(self.session.scalars(select(Registration).order_by(Registration.id)))

    @contextmanager
    def trying(self) -> Iterator[None]:
        """A step; refusals are answers like others."""
        self.now += timedelta(seconds=1)
        try:
            yield
        except (Refused, Invalid, Changed, NotFound):
            self.session.rollback()

    def teardown(self) -> None:
        self.session.close()

    # Steps ------------------------------------------------------------------------------------------------------

    @rule(wishes=chosen, category=st.sampled_from(["local", "press"]), organisation=st.sampled_from(["X", "Y"]))
    def book(self, wishes: list[tuple[str, bool]], category: str, organisation: str) -> None:
        form = a_submission(
            sessions=tuple(Wish(*each) for each in wishes), category=category, organisation=organisation,
            accept_waitlist=True,
        )  # fmt: skip
        with self.trying():
            registrations.submit(self.session, Anonymous(), self.event, form, now=self.now)

    @rule(number=numbers, wishes=chosen)
    def change(self, number: int, wishes: list[tuple[str, bool]]) -> None:
        """Leaves some sessions, takes others."""
        for mine in self.people()[number : number + 1]:
            form = a_submission(
                sessions=tuple(Wish(*each) for each in wishes),
                **{name: getattr(mine, name) for name in ("given_name", "family_name", "email", "organisation")},
            )
            with self.trying():
                registrations.change(
                    self.session, Participant(mine.id), mine.reference, form, now=self.now, version=mine.version
                )

    @rule(number=numbers)
    def cancel(self, number: int) -> None:
        for mine in self.people()[number : number + 1]:
            with self.trying():
                registrations.cancel(self.session, Participant(mine.id), mine.reference, now=self.now)

    @rule(number=numbers)
    def confirm(self, number: int) -> None:
        for mine in self.people()[number : number + 1]:
            with self.trying():
                registrations.confirm(self.session, self.organizer, mine.reference, now=self.now)

    @rule(key=st.sampled_from(KEYS), hour=st.sampled_from(HOURS), clashing=st.sampled_from(["keep", "free"]))
    def move(self, key: str, hour: int, clashing: str) -> None:
        with self.trying():
            entry = planning.draft_of(self.event, key)
            at = entry.starts_at.replace(hour=hour - 2)
            planning.move(
                self.session, self.organizer, "forum", key, room=None, starts_at=at, version=self.version(key),
                now=self.now, choice=Choice(clashing, "waitlist", told=True),  # type: ignore[arg-type]
            )  # fmt: skip

    @rule(key=st.sampled_from(KEYS), capacity=st.integers(0, 4), held=st.integers(0, 2))
    def resize(self, key: str, capacity: int, held: int) -> None:
        with self.trying():
            draft = replace(planning.draft_of(self.event, key), capacity=capacity, held={"press": held} if held else {})
            planning.save(
                self.session, self.organizer, "forum", draft, version=self.version(key), now=self.now,
                choice=Choice("keep", "waitlist", told=True),
            )  # fmt: skip

    @rule(key=st.sampled_from(KEYS))
    def remove_and_make_anew(self, key: str) -> None:
        with self.trying():
            draft = planning.draft_of(self.event, key)
            planning.remove(
                self.session, self.organizer, "forum", key, version=self.version(key), now=self.now, told=True
            )
            planning.save(self.session, self.organizer, "forum", draft, version=None, now=self.now)

    @rule(most=st.sampled_from([None, 1, 2]))
    def limit(self, most: int | None) -> None:
        with self.trying():
            limits = LimitsDraft(most_per_organisation=most)
            planning.set_limits(self.session, self.organizer, "forum", limits, now=self.now)

    @rule(number=numbers, key=st.sampled_from(KEYS), takes=st.booleans())
    def by_hand(self, number: int, key: str, takes: bool) -> None:
        for mine in self.people()[number : number + 1]:
            with self.trying():
                (planning.unseat if takes else planning.seat)(
                    self.session, self.organizer, "forum", key, mine.reference, now=self.now
                )

    def version(self, key: str) -> int:
        entry = self.event.find_planned(key)
        return entry.version if entry else 0

    # What must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def what_must_hold_does(self) -> None:
        """All of it on one reading of the tables: read for each alone, the checks took as long as the steps."""
        self.session.rollback()
        self.session.expire_all()
        assert recount(self.session, self.event.id) == ()
        event = self.event
        commitments = self.session.execute(select(*COMMITMENT).order_by(Commitment.id)).all()
        seats = self.session.execute(
            select(*BOOKING, *REGISTRATION)
            .join(Registration, Registration.id == SessionBooking.registration_id)
            .order_by(SessionBooking.id)
        ).all()
        self.nobody_is_in_two_places(commitments)
        self.every_seat_is_in_its_holders_calendar_at_the_hours_of_its_session(event, seats, commitments)
        self.a_clash_that_was_kept_is_one(event, seats, commitments)
        self.nobody_waits_beside_a_free_seat(event, seats, commitments)
        self.whoever_has_no_place_at_the_event_has_no_seat(seats)

    def nobody_is_in_two_places(self, commitments: Rows) -> None:
        assert [
            (one.registration_id, one.starts_at)
            for one, other in combinations(commitments, 2)
            if one.registration_id == other.registration_id
            and one.starts_at < other.ends_at
            and other.starts_at < one.ends_at
        ] == []

    def every_seat_is_in_its_holders_calendar_at_the_hours_of_its_session(
        self, event: EventFacts, seats: Rows, commitments: Rows
    ) -> None:
        hours = {each.booking_id: (each.starts_at, each.ends_at) for each in commitments if each.booking_id}
        for seat in seats:
            if seat.status is not BookingStatus.BOOKED:
                assert seat.id not in hours
                continue
            entry = event.session(seat.session_id)
            assert hours[seat.id] == (entry.starts_at, entry.ends_at)

    def a_clash_that_was_kept_is_one(self, event: EventFacts, seats: Rows, commitments: Rows) -> None:
        for seat in seats:
            if seat.status is BookingStatus.CLASHING:
                assert is_busy(commitments, seat.registration_id, event.session(seat.session_id))

    def nobody_waits_beside_a_free_seat(self, event: EventFacts, seats: Rows, commitments: Rows) -> None:
        pools = {pool.id: pool for pool in state_of(self.session, event.id).values()}
        for wait in seats:
            if wait.status is not BookingStatus.WAITLISTED or wait.standing not in {Status.PENDING, Status.CONFIRMED}:
                continue
            entry, category = event.session(wait.session_id), event.category(wait.category_id)
            assert (
                all(pools[pool].is_full for pool in booking.pools_for(entry, category.key if category else None))
                or is_busy(commitments, wait.registration_id, entry)
                or entry.id in booking.crowded(self.session, event, wait.organisation_key, [entry], self.now)
            ), f"{wait.registration_id} waits for {entry.key}"

    def whoever_has_no_place_at_the_event_has_no_seat(self, seats: Rows) -> None:
        assert {seat.standing for seat in seats if seat.status in SEATED} <= {Status.PENDING, Status.CONFIRMED}


def is_busy(commitments: Rows, registration_id: int, entry: SessionFacts) -> bool:
    """Whether somebody is elsewhere at the hours of a session."""
    return any(
        each.registration_id == registration_id and each.starts_at < entry.ends_at and each.ends_at > entry.starts_at
        for each in commitments
    )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_seats_hold_whatever_is_planned(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if kind == "postgres":
        engine = make_engine(str(request.getfixturevalue("postgres_url")))

        def opened() -> Session:
            forget_all()
            make_empty(engine)
            return make_sessions(engine)()
    else:
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "walk.sqlite3"
        engine = make_engine(f"sqlite:///{path}")

        def opened() -> Session:
            forget_all()
            engine.dispose()
            for left in tmp_path.glob("walk.sqlite3*"):
                left.unlink()
            shutil.copyfile(template, path)
            return make_sessions(engine)()

    steps = settings(
        max_examples=WALKS[kind],
        stateful_step_count=STEPS_OF_A_WALK,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    run_state_machine_as_test(type("OnThis", (Walk,), {"opened": staticmethod(opened)}), settings=steps)
    engine.dispose()
