"""Lines: who stays in one, who leaves it with a seat, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from forumreg.base.errors import Invalid, Refused
from forumreg.rules import registration as registrations
from forumreg.rules.access import Participant, Worker
from forumreg.rules.booking import of_registration
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import CategoryDraft, RegistrationDraft
from forumreg.rules.registration import Choice
from forumreg.rules.registration.recount import recount
from forumreg.tables.registration import Registration
from tests.builders import (
    NOW,
    a_receipt,
    a_registration,
    a_session,
    a_submission,
    an_event,
    an_organizer,
    every_kind_of_question,
    mails,
    seats_in,
    statuses,
)
from tests.statements import statements

LATER = NOW + timedelta(minutes=1)
A_AND_B_OVERLAP = (a_session("A", capacity=1), a_session("B", "2015-10-16T10:30", "2015-10-16T12:00", capacity=1))
SECOND = timedelta(seconds=1)


def in_sessions(session: Session, event: EventFacts, registration: Registration) -> Mapping[str, str]:
    return {seat.session.key: seat.status.value for seat in of_registration(session, event, registration.id)}


def change(session: Session, mine: Registration, **facts: object) -> tuple[str, ...]:
    """Send the form of a registration with these answers changed."""
    names = ("given_name", "family_name", "email", "organisation", "country")
    form = a_submission(**{name: getattr(mine, name) for name in names} | facts)
    session.refresh(mine)
    own = Participant(mine.id)
    return registrations.change(session, own, mine.reference, form, now=LATER, version=mine.version).changed


def cancel(session: Session, mine: Registration) -> None:
    registrations.cancel(session, Participant(mine.id), mine.reference, now=LATER)


def test_of_two_lines_that_overlap_one_gives_a_seat_and_the_other_stays_a_line(session: Session) -> None:
    event = an_event(session, sessions=A_AND_B_OVERLAP)

    mine = a_registration(session, event, sessions=seats_in("A", "B", waitlist=True))  # both came free meanwhile

    assert in_sessions(session, event, mine) == {"A": "booked", "B": "waitlisted"}
    assert recount(session, event.id) == ()


def test_a_line_beside_a_seat_at_the_same_time_stays_a_line_when_a_seat_came_free(session: Session) -> None:
    event = an_event(session, sessions=A_AND_B_OVERLAP)

    mine = a_registration(session, event, sessions=(Choice("A", waitlist=True), Choice("B")))

    assert in_sessions(session, event, mine) == {"A": "waitlisted", "B": "booked"}


def test_who_is_passed_over_keeps_the_line_and_takes_the_seat_once_free(session: Session) -> None:
    event = an_event(session, sessions=A_AND_B_OVERLAP)
    leaves = a_registration(session, event, sessions=seats_in("A"))
    mine = a_registration(session, event, sessions=(Choice("A", waitlist=True), Choice("B")))
    cancel(session, leaves)
    passed_over = in_sessions(session, event, mine)

    changed = change(session, mine, sessions=(Choice("A", waitlist=True), Choice("B")), job_title="Mayor")
    still = in_sessions(session, event, mine)
    change(session, mine, sessions=(Choice("A", waitlist=True),), job_title="Mayor")

    assert (passed_over, changed, still) == (
        {"A": "waitlisted", "B": "booked"},
        ("job_title",),
        {"A": "waitlisted", "B": "booked"},
    )
    assert in_sessions(session, event, mine) == {"A": "booked"}
    assert recount(session, event.id) == ()


def test_a_seat_stays_a_seat_when_an_older_page_asks_for_the_line(session: Session) -> None:
    event = an_event(session, sessions=A_AND_B_OVERLAP)
    mine = a_registration(session, event, sessions=seats_in("A"))

    changed = change(session, mine, sessions=seats_in("A", waitlist=True))
    with pytest.raises(Invalid) as refused:
        change(session, mine, sessions=(Choice("A", waitlist=True), Choice("B")))

    assert (changed, in_sessions(session, event, mine)) == ((), {"A": "booked"})
    assert refused.value.problems[0].message == "overlap"


def test_who_waits_for_a_session_comes_before_who_just_got_a_place_at_the_event(session: Session) -> None:
    event = an_event(session, capacity=2, sessions=(a_session("A", capacity=1),))
    leaves = a_registration(session, event, sessions=seats_in("A"))
    waits_for_session = a_registration(session, event, NOW + SECOND, sessions=seats_in("A", waitlist=True))
    waits_for_event = a_registration(session, event, NOW + 2 * SECOND, accept_waitlist=True, sessions=seats_in("A"))

    cancel(session, leaves)

    assert in_sessions(session, event, waits_for_session) == {"A": "booked"}
    assert in_sessions(session, event, waits_for_event) == {"A": "waitlisted"}
    assert statuses(session, event) == {"cancelled": 1, "confirmed": 2}


def test_larger_rooms_are_filled_from_the_line_first(session: Session) -> None:
    event = an_event(session, capacity=2, sessions=(a_session("A", capacity=1),))
    a_registration(session, event, sessions=seats_in("A"))
    waits_for_session = a_registration(session, event, NOW + SECOND, sessions=seats_in("A", waitlist=True))
    waits_for_event = a_registration(session, event, NOW + 2 * SECOND, accept_waitlist=True, sessions=seats_in("A"))
    event = an_event(session, capacity=3, sessions=(a_session("A", capacity=2),))

    registrations.sweep(session, Worker(), event.id, now=LATER)

    assert in_sessions(session, event, waits_for_session) == {"A": "booked"}
    assert in_sessions(session, event, waits_for_event) == {"A": "waitlisted"}


def test_an_answer_given_back_lets_in_who_waited_for_it(session: Session) -> None:
    event = an_event(session, capacity=2, fields=every_kind_of_question())
    early = {"visa": False, "lunch": "early"}
    first = a_registration(session, event, answers=early)
    leaves = a_registration(session, event, NOW + SECOND, answers={"visa": False})
    a_registration(session, event, NOW + 2 * SECOND, answers=early, accept_waitlist=True)
    cancel(session, leaves)  # a place at the event, none at the early lunch
    held_up = statuses(session, event)

    change(session, first, answers={"visa": False, "lunch": "late"})

    assert held_up == {"cancelled": 1, "confirmed": 1, "waitlisted": 1}
    assert statuses(session, event) == {"cancelled": 1, "confirmed": 2}
    assert recount(session, event.id) == ()


def test_who_waits_and_gives_up_a_full_answer_gets_the_place(session: Session) -> None:
    event = an_event(session, capacity=2, fields=every_kind_of_question())
    early = {"visa": False, "lunch": "early"}
    a_registration(session, event, answers=early)
    leaves = a_registration(session, event, NOW + SECOND, answers={"visa": False})
    waits = a_registration(session, event, NOW + 2 * SECOND, answers=early, accept_waitlist=True)
    cancel(session, leaves)

    change(session, waits, answers={"visa": False, "lunch": "late"})

    assert statuses(session, event) == {"cancelled": 1, "confirmed": 2}
    assert mails(session)[-2:] == [("changed", waits.email), ("promoted", waits.email)]


@pytest.mark.parametrize("decide", [registrations.confirm, registrations.waitlist])
def test_a_cancelled_registration_is_not_revived_beside_the_new_one(session: Session, decide: object) -> None:
    event = an_event(session)
    form = {"given_name": "Awa", "family_name": "Koné", "email": "awa@example.org"}
    old = a_registration(session, event, **form)
    cancel(session, old)
    a_registration(session, event, **form)

    with pytest.raises(Refused, match="registered_again"):
        decide(session, an_organizer(event), old.reference, now=LATER)  # type: ignore[operator]

    assert statuses(session, event) == {"cancelled": 1, "confirmed": 1}
    assert recount(session, event.id) == ()


def status_of(session: Session, registration: Registration) -> str:
    session.refresh(registration)
    return registration.status.value


def test_places_that_are_added_go_to_the_line_before_newcomers(session: Session) -> None:
    event = an_event(session, capacity=1)
    a_registration(session, event)
    waits = a_registration(session, event, LATER, accept_waitlist=True)

    event = an_event(session, capacity=2)  # nobody swept yet
    newcomer = a_registration(session, event, LATER + SECOND, accept_waitlist=True)

    assert [status_of(session, each) for each in (waits, newcomer)] == ["confirmed", "waitlisted"]
    assert ("promoted", waits.email) in mails(session)
    assert recount(session, event.id) == ()


def test_a_newcomer_passes_those_who_are_held_or_whose_category_is_full(session: Session) -> None:
    full = (CategoryDraft("local", {"en": "Local"}), CategoryDraft("press", {"en": "Press"}, 1))
    event = an_event(session, categories=full)
    a_registration(session, event, category="press")
    reporter = a_registration(session, event, LATER, category="press", accept_waitlist=True)
    held = a_registration(session, event, LATER)
    registrations.waitlist(session, an_organizer(event), held.reference, now=LATER)

    newcomer = a_registration(session, event, LATER + SECOND)

    told = [status_of(session, each) for each in (reporter, held, newcomer)]
    assert told == ["waitlisted", "waitlisted", "confirmed"]


def test_a_newcomer_who_is_refused_leaves_the_line_as_it_was(session: Session) -> None:
    event = an_event(session, capacity=1)
    a_registration(session, event)
    waits = a_registration(session, event, LATER, accept_waitlist=True)
    event = an_event(session, capacity=2)

    with pytest.raises(Refused) as refused:
        a_registration(session, event, LATER + SECOND)

    assert (refused.value.reason, status_of(session, waits)) == ("full_waitlist", "waitlisted")
    assert recount(session, event.id) == ()


def test_looking_for_a_line_costs_no_query_of_its_own(session: Session, engine: Engine) -> None:
    asked = []
    for slug, has_line in (("without", False), ("with", True)):
        event = an_event(session, slug, registration=RegistrationDraft(waitlist=has_line))
        a_receipt(session, event)
        with statements(engine) as seen:
            a_receipt(session, event)
        asked.append(len(seen))

    assert asked[1] == asked[0]
