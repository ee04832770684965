"""Sending the form."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Invalid, Refused
from forumreg.rules import registration as registrations
from forumreg.rules.access import Anonymous, Participant
from forumreg.rules.booking import of_registration
from forumreg.rules.event import facts
from forumreg.rules.event.drafts import CategoryDraft
from forumreg.rules.seats import state_of
from forumreg.tables.registration import Submission
from tests.builders import (
    NOW,
    a_draft,
    a_receipt,
    a_registration,
    a_session,
    a_submission,
    an_event,
    every_kind_of_question,
    mails,
    seats_in,
    statuses,
)


def words(error: Invalid) -> list[tuple[str, str]]:
    return [(problem.place, problem.message) for problem in error.problems]


def test_a_form_becomes_a_confirmed_registration_with_its_mail(session: Session) -> None:
    event = an_event(session)

    receipt = a_receipt(session, event, email="Amina@Example.org")

    assert statuses(session, event) == {"confirmed": 1}
    assert mails(session) == [("confirmed", "Amina@Example.org")]
    assert receipt.reference.startswith("TUR-")


def test_a_category_that_is_decided_by_hand_waits_for_the_decision(session: Session) -> None:
    event = an_event(session)

    a_receipt(session, event, category="press")

    assert statuses(session, event) == {"pending": 1}
    assert [message for message, _to in mails(session)] == ["received"]


def test_the_same_form_sent_ten_times_is_one_registration_and_one_answer(session: Session) -> None:
    event = an_event(session)
    submission = a_submission()

    answers = {registrations.submit(session, Anonymous(), event, submission, now=NOW).reference for _ in range(10)}

    assert len(answers) == 1
    assert statuses(session, event) == {"confirmed": 1}
    assert len(mails(session)) == 1


def test_the_same_person_is_answered_alike_and_told_by_mail(session: Session) -> None:
    event = an_event(session)
    first = a_receipt(session, event, given_name="José", family_name="García", email="town@example.org")

    again = a_receipt(session, event, given_name="garcia", family_name="JOSE", email="Town@EXAMPLE.org")

    assert first.reference != again.reference
    assert statuses(session, event) == {"confirmed": 1}
    assert [message for message, _to in mails(session)] == ["confirmed", "already_registered"]
    assert session.scalar(select(func.count(Submission.id))) == 2


def test_the_same_person_sent_often_gets_one_mail_an_hour(session: Session) -> None:
    event = an_event(session)
    for minute in range(5):
        a_receipt(
            session,
            event,
            now=NOW + timedelta(minutes=minute),
            given_name="A",
            family_name="B",
            email="a@example.org",
        )

    assert [message for message, _to in mails(session)] == ["confirmed", "already_registered"]


def test_one_mailbox_registers_two_people(session: Session) -> None:
    event = an_event(session)
    a_receipt(session, event, given_name="Awa", email="mairie@example.org")
    a_receipt(session, event, given_name="Ismaël", email="mairie@example.org")

    assert statuses(session, event) == {"confirmed": 2}


def test_a_cancelled_person_may_come_back(session: Session) -> None:
    event = an_event(session)
    form = {"given_name": "Awa", "family_name": "Koné", "email": "awa@example.org"}
    registration = a_registration(session, event, **form)
    registrations.cancel(session, Participant(registration.id), registration.reference, now=NOW)

    a_receipt(session, event, **form)

    assert statuses(session, event) == {"cancelled": 1, "confirmed": 1}


def test_every_problem_is_told_at_once_in_the_order_of_the_form(session: Session) -> None:
    event = an_event(session, fields=every_kind_of_question())

    with pytest.raises(Invalid) as refused:
        a_receipt(
            session, event, given_name="", family_name=" ", email="not an address", organisation="", country="XX",
            category="nobody", phone="abc", answers={"visa": True, "arrival": "tomorrow", "staff": "many"},
        )  # fmt: skip

    assert words(refused.value) == [
        ("given_name", "name_missing"),
        ("email", "not_an_address"),
        ("phone", "not_a_phone"),
        ("country", "unknown_choice"),
        ("organisation", "organisation_missing"),
        ("category", "unknown_choice"),
        ("q-passport", "answer_missing"),
        ("q-staff", "not_a_number"),
        ("q-arrival", "not_a_date"),
    ]
    assert statuses(session, event) == {}


def test_answers_to_questions_that_were_not_asked_are_not_kept(session: Session) -> None:
    event = an_event(session, fields=every_kind_of_question())

    registration = a_registration(
        session,
        event,
        answers={"visa": False, "passport": "X1234567", "themes": ["food"], "staff": "1 250,5"},
    )

    assert registration.answers == {"visa": False, "themes": ["food"], "staff": 1250.5}


def test_an_answer_with_one_place_is_given_once(session: Session) -> None:
    event = an_event(session, fields=every_kind_of_question())
    a_receipt(session, event, answers={"visa": False, "lunch": "early"})

    with pytest.raises(Invalid) as refused:
        a_receipt(session, event, answers={"visa": False, "lunch": "early"})

    assert words(refused.value) == [("q-lunch", "option_full")]
    assert state_of(session, event.id)["event", ""].taken == 1


def test_overlapping_sessions_are_refused_by_name(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A"), a_session("B", "2015-10-16T10:30", "2015-10-16T12:00")))

    with pytest.raises(Invalid) as refused:
        a_receipt(session, event, sessions=seats_in("A", "B"))

    problem = refused.value.problems[0]
    assert (problem.message, dict(problem.facts)) == (
        "overlap",
        {"session": event.find_session("B"), "other": event.find_session("A")},
    )


def test_sessions_that_touch_do_not_overlap(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A"), a_session("B", "2015-10-16T11:00", "2015-10-16T12:00")))

    registration = a_registration(session, event, sessions=seats_in("A", "B"))

    assert [seat.status for seat in of_registration(session, event, registration.id)] == ["booked", "booked"]


def test_a_full_session_is_refused_unless_its_line_is_accepted(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A", capacity=1),))
    a_receipt(session, event, sessions=seats_in("A"))

    with pytest.raises(Refused) as refused:
        a_receipt(session, event, sessions=seats_in("A"))
    waiting = a_registration(session, event, sessions=seats_in("A", waitlist=True))

    assert (refused.value.reason, refused.value.facts["session"].key) == ("session_full", "A")
    assert [(seat.status, seat.rank) for seat in of_registration(session, event, waiting.id)] == [("waitlisted", 1)]
    assert statuses(session, event) == {"confirmed": 2}


def test_the_last_place_gone_offers_the_waiting_list(session: Session) -> None:
    event = an_event(session, capacity=1, sessions=(a_session("A"),))
    a_receipt(session, event)

    with pytest.raises(Refused) as refused:
        a_receipt(session, event)
    waiting = a_registration(session, event, accept_waitlist=True, sessions=seats_in("A"))

    assert (refused.value.reason, refused.value.facts) == ("full_waitlist", {"pool": event.pool_id})
    assert [seat.status for seat in of_registration(session, event, waiting.id)] == ["wished"]
    assert [message for message, _to in mails(session)] == ["confirmed", "waitlisted"]


@pytest.mark.parametrize(("waitlist", "reason"), [(True, "full_waitlist"), (False, "full")])
def test_a_refusal_names_the_category_that_is_full(session: Session, waitlist: bool, reason: str) -> None:
    line = replace(a_draft().registration, waitlist=waitlist)
    event = an_event(session, categories=(CategoryDraft("local", {"en": "Local"}, capacity=1),), registration=line)
    a_receipt(session, event)

    with pytest.raises(Refused) as refused:
        a_receipt(session, event)

    assert (refused.value.reason, refused.value.facts) == (reason, {"pool": event.categories[0].pool_id})


@pytest.mark.parametrize(("days", "word"), [(-120, "not_yet"), (39, "closed"), (60, "over")])
def test_a_form_sent_when_registration_is_not_open_is_refused(session: Session, days: int, word: str) -> None:
    event = an_event(session)

    with pytest.raises(Refused) as refused:
        a_receipt(session, event, now=NOW + timedelta(days=days))

    assert refused.value.reason == word


def test_a_form_that_was_taken_is_answered_alike_after_the_close(session: Session) -> None:
    event = an_event(session)
    submission = a_submission()
    first = registrations.submit(session, Anonymous(), event, submission, now=NOW)

    again = registrations.submit(session, Anonymous(), event, submission, now=NOW + timedelta(days=39))

    assert again == first


def test_names_are_cleaned_of_what_cannot_be_seen(session: Session) -> None:
    event = an_event(session)

    registration = a_registration(session, event, given_name="\u202eAmi\u200bna\x00 ", family_name="می\u200cخواهم")

    assert (registration.given_name, registration.family_name) == ("Amina", "می\u200cخواهم")


def test_what_was_cached_of_an_event_is_read_again_after_a_change(session: Session) -> None:
    before = an_event(session)
    an_event(session, capacity=5)

    assert facts(session, "forum").version == before.version + 1
