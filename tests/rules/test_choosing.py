"""Sessions chosen later, also after registration has closed; whom a session's languages leave out; what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Forbidden, Invalid, Refused
from forumreg.rules import journal
from forumreg.rules import registration as registrations
from forumreg.rules.access import Anonymous, Participant, Shell
from forumreg.rules.booking import of_registration, places_left
from forumreg.rules.event import EventFacts, facts, put
from forumreg.rules.event.drafts import LimitsDraft
from forumreg.rules.registration import Choice, registration_letter
from forumreg.rules.registration.recount import recount
from forumreg.rules.seats import state_of
from forumreg.tables.programme import SessionKind
from forumreg.tables.registration import Registration
from tests.builders import (
    NOW,
    a_draft,
    a_registration,
    a_session,
    a_submission,
    an_event,
    every_kind_of_question,
    mails,
    seats_in,
)
from tests.seating import clashing, invited, the_session

CLOSED = datetime(2015, 10, 12, 8, tzinfo=UTC)  # registration closed on the 9th, the first session is on the 16th
DURING = datetime(2015, 10, 16, 8, tzinfo=UTC)  # 10:00 in Turin: session A has begun
OVER = datetime(2015, 10, 18, 22, tzinfo=UTC)
SESSIONS = (
    a_session("A", capacity=1),
    a_session("B", "2015-10-16T10:30", "2015-10-16T12:00"),
    a_session("C", "2015-10-17T09:00", "2015-10-17T10:00", capacity=1),
)


def in_sessions(session: Session, event: EventFacts, registration: Registration) -> Mapping[str, str]:
    return {seat.session.key: seat.status.value for seat in of_registration(session, event, registration.id)}


def chosen(
    session: Session, registration: Registration, *choices: Choice, now: datetime = CLOSED, version: int | None = None
) -> tuple[str, ...]:
    session.refresh(registration)
    outcome = registrations.choose_sessions(
        session,
        Participant(registration.id),
        registration.reference,
        choices,
        now=now,
        version=registration.version if version is None else version,
    )
    return outcome.changed


# Choosing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", [NOW, CLOSED])
def test_sessions_are_chosen_and_left_while_registration_is_open_and_later(session: Session, now: datetime) -> None:
    event = an_event(session, sessions=SESSIONS, fields=every_kind_of_question())
    answers = {"visa": False, "lunch": "early"}
    mine = a_registration(session, event, sessions=seats_in("A"), answers=answers, sharing={event.sharing[0].id})
    waits = a_registration(session, event, sessions=seats_in("A", waitlist=True), answers={"visa": False})

    assert chosen(session, mine, *seats_in("B", "C"), now=now) == ("sessions",)

    assert in_sessions(session, event, mine) == {"B": "booked", "C": "booked"}
    assert in_sessions(session, event, waits) == {"A": "booked"}
    assert mails(session)[-2:] == [("changed", mine.email), ("changed", waits.email)]
    assert journal.of_registration(session, mine.id)[0].after == {"fields": ["sessions"]}
    session.refresh(mine)
    assert (mine.answers, mine.organisation_key is not None) == (answers, True)
    assert registrations.read(session, Participant(mine.id), mine.reference).sharing == {event.sharing[0].id}
    assert recount(session, event.id) == ()


def test_choosing_what_is_chosen_changes_nothing(session: Session) -> None:
    event = an_event(session, sessions=SESSIONS)
    mine = a_registration(session, event, sessions=seats_in("A"))

    assert chosen(session, mine, *seats_in("A")) == ()
    assert mails(session) == [("confirmed", mine.email)]


def test_a_session_that_has_started_stays_as_it_is(session: Session) -> None:
    event = an_event(session, sessions=SESSIONS)
    mine = a_registration(session, event, sessions=seats_in("A"))
    waits = a_registration(session, event, sessions=seats_in("A", waitlist=True))

    assert chosen(session, mine, *seats_in("C"), now=DURING) == ("sessions",)
    assert chosen(session, waits, *seats_in("A"), now=DURING) == ()

    assert in_sessions(session, event, mine) == {"A": "booked", "C": "booked"}
    assert in_sessions(session, event, waits) == {"A": "waitlisted"}
    with pytest.raises(Invalid) as late:
        chosen(session, a_registration(session, event), *seats_in("A", waitlist=True), now=DURING)
    assert [problem.message for problem in late.value.problems] == ["started"]
    with pytest.raises(Invalid) as overlap:
        chosen(session, mine, *seats_in("B", "C"), now=DURING)
    assert [problem.message for problem in overlap.value.problems] == ["overlap"]


def test_what_stands_in_the_way_is_said_and_nothing_changes(session: Session) -> None:
    event = an_event(session, sessions=SESSIONS)
    mine = a_registration(session, event, sessions=seats_in("B"))
    a_registration(session, event, sessions=seats_in("A", "C"))
    other = a_registration(session, event)

    with pytest.raises(Refused) as full:
        chosen(session, mine, *seats_in("B", "C"))
    with pytest.raises(Invalid):
        chosen(session, mine, *seats_in("A", "B"))
    with pytest.raises(Changed):
        chosen(session, mine, version=7)
    with pytest.raises(Forbidden):
        registrations.choose_sessions(session, Participant(other.id), mine.reference, (), now=CLOSED, version=1)
    with pytest.raises(Refused) as over:
        chosen(session, mine, now=OVER)

    assert (full.value.reason, full.value.facts["session"]) == ("session_full", the_session(event, "C"))
    assert over.value.reason == "over"
    assert in_sessions(session, event, mine) == {"B": "booked"}
    assert recount(session, event.id) == ()


@pytest.mark.parametrize("end", ["cancelled", "declined"])
def test_who_has_no_registration_any_more_chooses_nothing(session: Session, end: str) -> None:
    mine = a_registration(session, an_event(session, sessions=SESSIONS))
    if end == "cancelled":
        registrations.cancel(session, Participant(mine.id), mine.reference, now=NOW)
    else:
        registrations.decline(session, Shell(), mine.reference, reason="Full", now=NOW)

    with pytest.raises(Refused) as ended:
        chosen(session, mine, *seats_in("A"))

    assert ended.value.reason == "ended"


def test_who_waits_for_a_place_changes_wishes(session: Session) -> None:
    event = an_event(session, capacity=1, sessions=SESSIONS)
    a_registration(session, event)
    mine = a_registration(session, event, accept_waitlist=True, sessions=seats_in("A"))

    assert chosen(session, mine, *seats_in("C")) == ("sessions",)

    assert in_sessions(session, event, mine) == {"C": "wished"}


# Seats that organizers gave or moved ------------------------------------------------------------------------------


def test_a_seat_by_invitation_is_neither_left_nor_taken_by_the_registrant(session: Session) -> None:
    event = an_event(session, sessions=(*SESSIONS, a_session("I", capacity=5, booking="invitation")))
    mine, other = (a_registration(session, event) for _ in range(2))
    invited(session, event, mine, "I")

    assert chosen(session, mine, *seats_in("C")) == ("sessions",)
    with pytest.raises(Refused) as overlap:
        chosen(session, mine, *seats_in("A"))
    with pytest.raises(Invalid) as uninvited:
        chosen(session, other, *seats_in("I"))

    assert overlap.value.reason == "overlap"
    assert overlap.value.facts == {"session_id": the_session(event, "A").id, "other_id": the_session(event, "I").id}
    assert [problem.message for problem in uninvited.value.problems] == ["not_bookable"]
    assert in_sessions(session, event, mine) == {"I": "booked", "C": "booked"}
    assert recount(session, event.id) == ()


def test_a_kept_seat_that_clashes_holds_up_no_other_change_and_is_whole_once_the_other_is_left(
    session: Session,
) -> None:
    event = an_event(session, sessions=SESSIONS)
    mine = a_registration(session, event, sessions=seats_in("A"))
    clashing(session, event, mine, "B")
    programme = registrations.read(session, Participant(mine.id), mine.reference).programme

    assert chosen(session, mine, *seats_in("A", "B", "C")) == ("sessions",)
    assert in_sessions(session, event, mine) == {"A": "booked", "B": "clashing", "C": "booked"}
    assert chosen(session, mine, *seats_in("B", "C")) == ("sessions",)

    assert [(item.session.key, item.clash and item.clash.key) for item in programme] == [("A", None), ("B", "A")]
    assert in_sessions(session, event, mine) == {"B": "booked", "C": "booked"}
    assert recount(session, event.id) == ()


def test_a_limit_that_came_later_takes_nothing_away_and_allows_nothing_more(session: Session) -> None:
    sessions = tuple(
        a_session(key, f"2015-10-17T{hour}:00", f"2015-10-17T{hour}:50")
        for key, hour in zip("ABC", (10, 11, 12), strict=True)
    )
    event = an_event(session, sessions=sessions)
    mine = a_registration(session, event, sessions=seats_in("A", "B"))
    put(session, Shell(), replace(a_draft(sessions=sessions), limits=LimitsDraft(most_per_kind={"panel": 1})), now=NOW)

    assert chosen(session, mine, *seats_in("A", "B")) == ()
    with pytest.raises(Invalid) as many:
        chosen(session, mine, *seats_in("A", "B", "C"))

    [problem] = many.value.problems
    assert (problem.message, dict(problem.facts)["kind"], dict(problem.facts)["most"]) == (
        "too_many_of_kind",
        SessionKind.PANEL,
        1,
    )


# Languages ------------------------------------------------------------------------------------------------------


def test_a_form_is_warned_of_sessions_in_no_language_of_its_sender_and_never_refused(session: Session) -> None:
    event = an_event(
        session,
        sessions=(
            a_session("A", languages=("ar",), interpreted=("es",)),
            a_session("B", "2015-10-17T09:00", "2015-10-17T10:00", languages=("ar",), interpreted=("en",)),
            a_session("C", "2015-10-17T11:00", "2015-10-17T12:00", languages=()),
        ),
    )
    form = a_submission(language="fr-CI", sessions=seats_in("A", "B", "C"))

    def warned(**changes: object) -> list[str]:
        return [entry.key for entry in registrations.not_understood(event, replace(form, **changes))]

    assert warned() == ["A", "B"]
    assert warned(interpretation="en") == ["A"]
    assert warned(understands=("es", "ar")) == []
    assert [entry.key for entry in registrations.not_understood(event, form, leaving_out={"A"})] == ["B"]
    assert registrations.languages_of(event) == ("en", "fr", "ar", "es")
    receipt = registrations.submit(session, Anonymous(), event, replace(form, understands=("es", "xx")), now=NOW)
    found = registrations.read(session, Shell(), receipt.reference)
    assert (found.understands, found.known_languages) == (("es",), {"fr", "fr-CI", "es"})


# What is left, and what calendars are told ------------------------------------------------------------------------


def test_what_is_left_counts_places_kept_for_a_category(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A", capacity=3, held={"press": 2}),))
    entry = the_session(event, "A")

    def left() -> tuple[int | None, tuple[tuple[str, int], ...], bool, bool, bool]:
        found = places_left(entry, {pool.id: pool for pool in state_of(session, event.id).values()})
        return (found.left, found.kept, found.is_full, found.is_full_for("local"), found.is_full_for("press"))

    assert left() == (3, (("press", 2),), False, False, False)
    a_registration(session, event, sessions=seats_in("A"))
    assert left() == (2, (("press", 2),), False, True, False)
    with pytest.raises(Refused):
        a_registration(session, event, sessions=seats_in("A"))
    for _ in range(2):
        a_registration(session, event, category="press", sessions=seats_in("A"))
    assert left() == (0, (), True, True, True)


def test_a_letter_knows_the_seats_that_are_gone_until_they_are_taken_again(session: Session) -> None:
    event = an_event(session, sessions=SESSIONS)
    mine = a_registration(session, event, sessions=seats_in("A", "C"))

    def former() -> list[str]:
        return [each.key for each in registration_letter(session, facts(session, event.slug), mine.id).former]

    assert former() == []
    chosen(session, mine, *seats_in("C"), now=CLOSED - timedelta(minutes=2))
    assert former() == ["A"]
    registrations.cancel(session, Participant(mine.id), mine.reference, now=CLOSED)
    assert former() == ["A", "C"]


def test_the_own_programme_lists_open_plenaries_for_which_the_seats_leave_time(session: Session) -> None:
    open_to_all = {"kind": "plenary", "booking": "none"}
    event = an_event(
        session,
        sessions=(
            *SESSIONS,
            a_session("P", "2015-10-15T09:00", "2015-10-15T10:00", **open_to_all),
            a_session("Q", "2015-10-16T09:00", "2015-10-16T10:00", **open_to_all),  # while A takes place
            a_session("draft", "2015-10-15T11:00", "2015-10-15T12:00", visibility="draft", **open_to_all),
            a_session("X", "2015-10-15T13:00", "2015-10-15T14:00", kind="break", booking="none"),
        ),
    )
    mine = a_registration(session, event, sessions=seats_in("A"))

    found = registrations.read(session, Participant(mine.id), mine.reference)

    assert [(item.session.key, item.status and item.status.value) for item in found.programme] == [
        ("P", None),
        ("A", "booked"),
    ]
