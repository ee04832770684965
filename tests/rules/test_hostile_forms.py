"""Forms that come twice but are not the same, and events that change or end under people's hands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from forumreg.base.errors import Invalid
from forumreg.rules import registration as registrations
from forumreg.rules.access import Anonymous, Shell
from forumreg.rules.event import put
from forumreg.rules.event.drafts import FieldDraft, OptionDraft, RegistrationDraft
from forumreg.rules.registration.recount import recount
from tests.builders import (
    NOW,
    a_draft,
    a_receipt,
    a_registration,
    a_session,
    a_submission,
    an_event,
    an_organizer,
    mails,
    statuses,
)
from tests.statements import statements


def test_going_back_to_a_sent_form_registers_another_person(session: Session) -> None:
    event = an_event(session)
    sent = a_submission()
    registrations.submit(session, Anonymous(), event, sent, now=NOW)

    registrations.submit(session, Anonymous(), event, replace(sent, given_name="Somebody", family_name="Else"), now=NOW)

    assert statuses(session, event) == {"confirmed": 2}


def test_going_back_to_a_sent_form_and_changing_it_is_answered_by_mail(session: Session) -> None:
    event = an_event(session)
    sent = a_submission(number=1)
    registrations.submit(session, Anonymous(), event, sent, now=NOW)

    registrations.submit(session, Anonymous(), event, replace(sent, job_title="Mayor"), now=NOW)

    assert mails(session) == [("confirmed", "person1@example.org"), ("already_registered", "person1@example.org")]


def test_the_key_of_a_form_of_another_event_is_no_hindrance(session: Session) -> None:
    event, other = an_event(session), an_event(session, "other")
    sent = a_submission()
    registrations.submit(session, Anonymous(), event, sent, now=NOW)

    registrations.submit(session, Anonymous(), other, sent, now=NOW)

    assert (statuses(session, event), statuses(session, other)) == ({"confirmed": 1}, {"confirmed": 1})


@pytest.mark.parametrize("email", ["a@" + "ü." * 60 + "example", "\u0390" * 32 + "@" + "a." * 90 + "example"])
def test_an_address_that_is_too_long_once_it_is_folded_is_refused(session: Session, email: str) -> None:
    event = an_event(session)

    with pytest.raises(Invalid) as refused:
        a_receipt(session, event, email=email)

    assert [problem.message for problem in refused.value.problems] == ["not_an_address"]


def test_a_name_that_grows_when_it_is_folded_is_taken(session: Session) -> None:
    event = an_event(session)

    a_receipt(session, event, given_name="\ufdfa" * 80, family_name="\ufdfa" * 80, organisation="\ufdfa" * 200)

    assert statuses(session, event) == {"confirmed": 1}


def test_a_cancelled_event_promotes_nobody(session: Session) -> None:
    event = an_event(session, capacity=1)
    first = a_registration(session, event)
    a_receipt(session, event, accept_waitlist=True)
    put(session, Shell(), a_draft(capacity=1, status="cancelled"), now=NOW)

    registrations.cancel(session, an_organizer(event), first.reference, now=NOW)

    assert statuses(session, event) == {"cancelled": 1, "waitlisted": 1}


def test_who_waits_since_before_there_were_categories_is_promoted(session: Session) -> None:
    event = an_event(session, capacity=1, categories=())
    first = a_registration(session, event, category=None)
    a_receipt(session, event, category=None, accept_waitlist=True)
    put(session, Shell(), a_draft(capacity=1), now=NOW)

    registrations.cancel(session, an_organizer(event), first.reference, now=NOW)

    assert statuses(session, event) == {"cancelled": 1, "confirmed": 1}


def test_a_form_that_waited_while_its_event_changed_goes_by_the_new_event(session: Session) -> None:
    free = FieldDraft("lunch", "choice", {"en": "Lunch"}, options=(OptionDraft("early", {"en": "At noon"}),))
    few = replace(free, options=(replace(free.options[0], capacity=1),))
    before = an_event(session, fields=(free,))
    put(session, Shell(), a_draft(fields=(few,)), now=NOW)

    registrations.submit(session, Anonymous(), before, a_submission(answers={"lunch": "early"}), now=NOW)

    assert recount(session, before.id) == ()


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(1, 1, 1)])
def test_an_event_lies_within_the_years_that_can_be_counted(session: Session, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    window = RegistrationDraft(opens_at=moment, closes_at=moment.replace(hour=13))
    meeting = replace(a_session("A"), starts_at=moment, ends_at=moment.replace(hour=23))

    with pytest.raises(Invalid) as refused:
        an_event(session, starts_on=day, ends_on=day, registration=window, sessions=(meeting,))

    assert [problem.place for problem in refused.value.problems] == [
        "ends_on",
        "registration.closes_at",
        "registration.opens_at",
        "sessions[0].ends_at",
        "sessions[0].starts_at",
        "starts_on",
    ]


def test_a_capacity_beyond_the_numbers_of_the_database_is_refused(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        an_event(session, capacity=2**31)

    assert [problem.place for problem in refused.value.problems] == ["capacity"]


def test_a_reason_to_decline_goes_with_the_decline(session: Session) -> None:
    event = an_event(session)
    declined = a_registration(session, event)
    organizer = an_organizer(event)
    registrations.decline(session, organizer, declined.reference, reason="No card", now=NOW)

    registrations.waitlist(session, organizer, declined.reference, now=NOW)

    assert registrations.read(session, organizer, declined.reference).reason == ""


def test_a_long_line_for_a_full_answer_costs_no_writing(session: Session, engine: Engine) -> None:
    lunch = FieldDraft("lunch", "choice", {"en": "Lunch"}, options=(OptionDraft("early", {"en": "At noon"}, 1),))
    event = an_event(session, capacity=2, fields=(lunch,))
    a_receipt(session, event, answers={"lunch": "early"})
    other = a_registration(session, event)
    for _ in range(5):
        a_receipt(session, event, answers={"lunch": "early"}, accept_waitlist=True)

    with statements(engine) as seen:
        registrations.cancel(session, an_organizer(event), other.reference, now=NOW)

    moves = [each for each in seen if each.startswith("UPDATE seat_pool")]
    assert (statuses(session, event), len(moves)) == ({"confirmed": 1, "cancelled": 1, "waitlisted": 5}, 1)
