"""Seats that move: changes, cancellations, decisions, the waiting list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Forbidden, Refused
from forumreg.base.folding import person_key
from forumreg.rules import journal
from forumreg.rules import registration as registrations
from forumreg.rules.access import Anonymous, Grant, Participant, Staff, Worker
from forumreg.rules.booking import of_registration
from forumreg.rules.event import EventFacts, facts
from forumreg.rules.event.drafts import CategoryDraft
from forumreg.rules.registration.recount import recount
from forumreg.rules.seats import state_of
from forumreg.tables.account import Role
from forumreg.tables.mail import OutboxMessage
from forumreg.tables.registration import Registration
from tests.builders import (
    NOW,
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

LATER = NOW + timedelta(minutes=1)


def taken(session: Session, event: EventFacts) -> Mapping[str, int]:
    return {key or kind.value: pool.taken for (kind, key), pool in state_of(session, event.id).items()}


def in_sessions(session: Session, event: EventFacts, registration: Registration) -> Mapping[str, str]:
    return {seat.session.key: seat.status.value for seat in of_registration(session, event, registration.id)}


def changed(session: Session, registration: Registration, **facts_: object) -> tuple[str, ...]:
    form = a_submission(
        **{
            "given_name": registration.given_name,
            "family_name": registration.family_name,
            "email": registration.email,
            **facts_,
        }
    )
    outcome = registrations.change(
        session,
        Participant(registration.id),
        registration.reference,
        form,
        now=LATER,
        version=registration.version,
    )
    return outcome.changed


def test_who_cancels_gives_every_seat_to_the_next_in_line(session: Session) -> None:
    event = an_event(session, capacity=1, sessions=(a_session("A", capacity=1),))
    first = a_registration(session, event, sessions=seats_in("A"))
    second = a_registration(session, event, NOW + timedelta(seconds=1), accept_waitlist=True, sessions=seats_in("A"))
    third = a_registration(session, event, NOW + timedelta(seconds=2), accept_waitlist=True)

    registrations.cancel(session, Participant(first.id), first.reference, now=LATER)

    assert statuses(session, event) == {"cancelled": 1, "confirmed": 1, "waitlisted": 1}
    assert in_sessions(session, event, second) == {"A": "booked"}
    assert mails(session)[-2:] == [("cancelled", first.email), ("promoted", second.email)]
    assert journal.of_registration(session, second.id)[0].after["why"] == "next in line"
    assert registrations.read(session, Participant(third.id), third.reference).rank == 1
    assert recount(session, event.id) == ()


def test_a_full_category_does_not_hold_up_who_waits_for_another(session: Session) -> None:
    event = an_event(
        session,
        capacity=2,
        categories=(CategoryDraft("a", {"en": "A"}, 1), CategoryDraft("b", {"en": "B"})),
    )
    a_registration(session, event, category="a")
    leaves = a_registration(session, event, category="b")
    waits_for_a = a_registration(session, event, NOW + timedelta(seconds=1), category="a", accept_waitlist=True)
    waits_for_b = a_registration(session, event, NOW + timedelta(seconds=2), category="b", accept_waitlist=True)

    registrations.cancel(session, Participant(leaves.id), leaves.reference, now=LATER)

    session.refresh(waits_for_a)
    session.refresh(waits_for_b)
    assert (waits_for_a.status, waits_for_b.status) == ("waitlisted", "confirmed")


def test_a_freed_session_seat_goes_to_the_first_whose_calendar_is_free(session: Session) -> None:
    event = an_event(
        session, sessions=(a_session("A", capacity=1), a_session("B", "2015-10-16T10:00", "2015-10-16T12:00"))
    )
    leaves = a_registration(session, event, sessions=seats_in("A"))
    busy = a_registration(session, event, sessions=(*seats_in("A", waitlist=True), *seats_in("B")))
    free = a_registration(session, event, sessions=seats_in("A", waitlist=True))

    assert changed(session, leaves, sessions=()) == ("sessions",)

    assert in_sessions(session, event, busy) == {"A": "waitlisted", "B": "booked"}
    assert in_sessions(session, event, free) == {"A": "booked"}
    assert mails(session)[-3:] == [
        ("changed", leaves.email),
        ("changed", free.email),
        ("passed_over", busy.email),
    ]
    assert recount(session, event.id) == ()


def test_swapping_sessions_takes_and_gives_back_in_one_step(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A", capacity=1), a_session("B", capacity=1)))
    mine = a_registration(session, event, sessions=seats_in("A"))

    changed(session, mine, sessions=seats_in("B"))

    assert (in_sessions(session, event, mine), taken(session, event)["A"], taken(session, event)["B"]) == (
        {"B": "booked"},
        0,
        1,
    )
    payload = session.scalars(select(OutboxMessage.payload).order_by(OutboxMessage.id.desc())).first()
    ids = {entry.key: entry.id for entry in event.sessions}
    assert payload == {
        "left": [ids["A"]], "gained": [ids["B"]], "joined": [], "gave_up": [], "fields": ["sessions"],
    }  # fmt: skip


def test_a_change_that_is_refused_leaves_every_seat_as_it_was(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A", capacity=1), a_session("B", capacity=1)))
    a_registration(session, event, sessions=seats_in("B"))
    mine = a_registration(session, event, sessions=seats_in("A"))

    with pytest.raises(Refused, match="session_full"):
        changed(session, mine, sessions=seats_in("B"))

    assert in_sessions(session, event, mine) == {"A": "booked"}
    assert recount(session, event.id) == ()


def test_a_seat_kept_while_its_session_is_full_stays(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A", capacity=1),))
    mine = a_registration(session, event, sessions=seats_in("A"))

    assert changed(session, mine, sessions=seats_in("A"), job_title="Mayor") == ("job_title",)
    assert in_sessions(session, event, mine) == {"A": "booked"}


def test_a_form_as_before_changes_nothing_and_writes_no_mail(session: Session) -> None:
    event = an_event(session)
    mine = a_registration(session, event)

    assert changed(session, mine) == ()
    assert len(mails(session)) == 1


def test_a_counted_answer_moves_its_place(session: Session) -> None:
    event = an_event(session, fields=every_kind_of_question())
    mine = a_registration(session, event, answers={"visa": False, "lunch": "early"})

    changed(session, mine, answers={"visa": False, "lunch": "late"})

    assert taken(session, event)["lunch=early"] == 0


def test_a_new_address_is_told_at_both(session: Session) -> None:
    event = an_event(session)
    mine = a_registration(session, event, email="old@example.org")

    changed(session, mine, email="new@example.org")

    assert mails(session)[-2:] == [("changed", "new@example.org"), ("changed", "old@example.org")]


def test_an_older_form_is_told_of_the_change(session: Session) -> None:
    event = an_event(session)
    mine = a_registration(session, event)
    version = mine.version
    changed(session, mine, job_title="Mayor")

    with pytest.raises(Changed):
        registrations.change(session, Participant(mine.id), mine.reference, a_submission(), now=LATER, version=version)


AWA = {"given_name": "Awa", "family_name": "Koné", "email": "mairie@example.org"}


def acts(session: Session, registration: Registration) -> list[str]:
    return [entry.action for entry in journal.of_registration(session, registration.id)]


def keys(session: Session, *found: Registration) -> list[bool]:
    """Whether each has the key of its name and address, and not one of its own."""
    for each in found:
        session.refresh(each)
    return [each.person_key == person_key(each.given_name, each.family_name, each.email) for each in found]


def test_a_change_into_somebody_who_is_registered_is_answered_as_any_other(session: Session) -> None:
    event = an_event(session)
    known = a_registration(session, event, **AWA)
    mine, other = a_registration(session, event), a_registration(session, event)

    answers = [changed(session, mine, **AWA), changed(session, other, **{**AWA, "given_name": "Aya"})]

    assert answers == [("given_name", "family_name", "email")] * 2
    assert acts(session, mine) == ["possible_double", "changed", "submitted"]
    assert acts(session, other) == ["changed", "submitted"]
    assert acts(session, known) == ["submitted"]
    entry = journal.of_registration(session, mine.id)[0]
    assert (entry.before, entry.after) == ({}, {})
    assert keys(session, known, mine, other) == [True, False, True]


def test_a_possible_double_is_written_down_once(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, **AWA)
    mine, third = a_registration(session, event), a_registration(session, event)

    changed(session, mine, **AWA)
    changed(session, mine, **AWA, job_title="Mayor")
    changed(session, third, **AWA)

    assert acts(session, mine) == ["changed", "possible_double", "changed", "submitted"]
    assert acts(session, third) == ["possible_double", "changed", "submitted"]
    assert statuses(session, event) == {"confirmed": 3}


def test_a_possible_double_that_takes_another_name_is_none_any_more(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, **AWA)
    mine = a_registration(session, event)
    changed(session, mine, **AWA)

    changed(session, mine, given_name="Aya")

    assert keys(session, mine) == [True]


def test_a_possible_double_becomes_the_only_one_when_the_other_was_cancelled(session: Session) -> None:
    event = an_event(session)
    known, mine = a_registration(session, event, **AWA), a_registration(session, event)
    changed(session, mine, **AWA)
    registrations.cancel(session, Participant(known.id), known.reference, now=LATER)

    changed(session, mine, **AWA)
    again = registrations.submit(session, Anonymous(), event, a_submission(**AWA), now=LATER)

    assert keys(session, mine) == [True]
    assert registrations.read(session, Participant(mine.id), again.reference).id == mine.id
    with pytest.raises(Refused, match="registered_again"):
        registrations.confirm(session, an_organizer(event), known.reference, now=LATER)


def test_the_other_one_is_confirmed_again_beside_a_possible_double(session: Session) -> None:
    event = an_event(session)
    known, mine = a_registration(session, event, **AWA), a_registration(session, event)
    changed(session, mine, **AWA)
    registrations.cancel(session, Participant(known.id), known.reference, now=LATER)

    registrations.confirm(session, an_organizer(event), known.reference, now=LATER)

    assert (statuses(session, event), keys(session, known, mine)) == ({"confirmed": 2}, [True, False])


def test_nobody_acts_on_another_registration(session: Session) -> None:
    event = an_event(session)
    mine, other = a_registration(session, event), a_registration(session, event)
    elsewhere = Staff(1, grants=(Grant(event.id + 1, Role.ORGANIZER), Grant(event.id, Role.DESK)))

    for actor in (Participant(other.id), elsewhere, Anonymous()):
        with pytest.raises(Forbidden):
            registrations.cancel(session, actor, mine.reference, now=LATER)


def test_nobody_cancels_their_own_once_the_event_is_over(session: Session) -> None:
    event = an_event(session)
    mine = a_registration(session, event)
    own, last = Participant(mine.id), event.over_at - timedelta(seconds=1)

    with pytest.raises(Refused, match="over"):
        registrations.cancel(session, own, mine.reference, now=event.over_at)
    assert statuses(session, event) == {"confirmed": 1}

    registrations.cancel(session, own, mine.reference, now=last)
    late = a_registration(session, event)
    registrations.cancel(session, an_organizer(event), late.reference, now=event.over_at)
    assert statuses(session, event) == {"cancelled": 2}


def test_an_organizer_decides_and_the_registrant_is_told(session: Session) -> None:
    event = an_event(session)
    organizer = an_organizer(event)
    one = a_registration(session, event, category="press")
    other = a_registration(session, event, category="press")

    registrations.confirm(session, organizer, one.reference, now=LATER)
    registrations.decline(session, organizer, other.reference, reason="No press card", now=LATER)

    assert statuses(session, event) == {"confirmed": 1, "declined": 1}
    assert mails(session)[-2:] == [("confirmed", one.email), ("declined", other.email)]
    assert taken(session, event)["press"] == 1
    with pytest.raises(Refused, match="already"):
        registrations.confirm(session, organizer, one.reference, now=LATER)


def test_a_decline_needs_a_reason(session: Session) -> None:
    event = an_event(session)
    one = a_registration(session, event)

    with pytest.raises(Refused, match="reason_missing"):
        registrations.decline(session, an_organizer(event), one.reference, reason="  ", now=LATER)


def test_a_declined_person_does_not_get_round_the_decision(session: Session) -> None:
    event = an_event(session)
    form = {"given_name": "A", "family_name": "B", "email": "a@example.org"}
    one = a_registration(session, event, **form)
    registrations.decline(session, an_organizer(event), one.reference, reason="No", now=LATER)

    a_again = registrations.submit(session, Anonymous(), event, a_submission(**form), now=LATER)

    assert a_again.reference != one.reference
    assert statuses(session, event) == {"declined": 1}


def test_who_an_organizer_puts_on_the_list_stays_there_until_promoted(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A"),))
    organizer = an_organizer(event)
    one = a_registration(session, event, sessions=seats_in("A"))

    registrations.waitlist(session, organizer, one.reference, now=LATER)
    registrations.sweep(session, Worker(), event.id, now=LATER)

    assert (statuses(session, event), taken(session, event)["A"]) == ({"waitlisted": 1}, 0)
    registrations.promote(session, organizer, one.reference, now=LATER)
    assert (statuses(session, event), in_sessions(session, event, one)) == ({"confirmed": 1}, {"A": "booked"})


def test_who_an_organizer_holds_stands_in_nobodys_way(session: Session) -> None:
    event = an_event(session, capacity=2)
    a_registration(session, event)
    held = a_registration(session, event, NOW + timedelta(seconds=1))
    registrations.waitlist(session, an_organizer(event), held.reference, now=LATER)
    a_registration(session, event)
    first = a_registration(session, event, NOW + timedelta(seconds=2), accept_waitlist=True)
    second = a_registration(session, event, NOW + timedelta(seconds=3), accept_waitlist=True)
    people = (held, first, second)

    ranks = [registrations.read(session, Participant(each.id), each.reference).rank for each in people]
    places = [registrations.registration_letter(session, event, each.id).place for each in people]

    assert ranks == places == [None, 1, 2]


def test_a_full_event_refuses_to_promote(session: Session) -> None:
    event = an_event(session, capacity=1)
    a_registration(session, event)
    waiting = a_registration(session, event, accept_waitlist=True)

    with pytest.raises(Refused, match="full"):
        registrations.promote(session, an_organizer(event), waiting.reference, now=LATER)


def test_a_larger_capacity_is_filled_by_the_sweep(session: Session) -> None:
    event = an_event(session, capacity=1)
    a_registration(session, event)
    a_registration(session, event, accept_waitlist=True)
    an_event(session, capacity=2)

    assert registrations.events_with_waiting(session) == [event.id]
    registrations.sweep(session, Worker(), event.id, now=LATER)

    assert statuses(session, event) == {"confirmed": 2}
    assert recount(session, event.id) == ()


def test_a_promoted_person_of_a_category_decided_by_hand_awaits_the_decision(session: Session) -> None:
    event = an_event(session, capacity=1)
    first = a_registration(session, event)
    a_registration(session, event, category="press", accept_waitlist=True)

    registrations.cancel(session, Participant(first.id), first.reference, now=LATER)

    assert statuses(session, event) == {"cancelled": 1, "pending": 1}


def test_sharing_is_off_by_default_and_taken_back_at_any_time(session: Session) -> None:
    event = an_event(session)
    ilo, uclg = event.sharing[0].id, event.sharing[1].id
    mine = a_registration(session, event, sharing=frozenset({ilo, 999}))
    own = Participant(mine.id)

    registrations.share(session, own, mine.reference, {uclg}, now=LATER)

    found = registrations.read(session, own, mine.reference)
    assert found.sharing == frozenset({uclg})
    assert [(entry.organisation.short, entry.withdrawn_at is None) for entry in found.consents] == [
        ("ILO", False),
        ("UCLG", True),
    ]
    assert facts(session, "forum").sharing == event.sharing


def test_a_cancelled_registration_is_not_confirmed_beside_the_newer_one(session: Session) -> None:
    event = an_event(session)
    form = {"given_name": "Awa", "family_name": "Koné", "email": "awa@example.org"}
    old = a_registration(session, event, **form)
    registrations.cancel(session, Participant(old.id), old.reference, now=LATER)
    a_registration(session, event, **form)

    with pytest.raises(Refused, match="registered_again"):
        registrations.confirm(session, an_organizer(event), old.reference, now=LATER)

    assert statuses(session, event) == {"cancelled": 1, "confirmed": 1}
    assert recount(session, event.id) == ()


def test_the_mail_names_the_lines_that_were_joined_and_given_up(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A", capacity=1), a_session("B", capacity=1)))
    a_registration(session, event, sessions=seats_in("A"))
    a_registration(session, event, sessions=seats_in("B"))
    mine = a_registration(session, event, sessions=seats_in("A", waitlist=True))

    changed(session, mine, sessions=seats_in("B", waitlist=True))

    payload = session.scalars(select(OutboxMessage.payload).order_by(OutboxMessage.id.desc())).first() or {}
    ids = {entry.key: entry.id for entry in event.sessions}
    assert (payload["joined"], payload["gave_up"]) == ([ids["B"]], [ids["A"]])
    assert (payload["left"], payload["gained"]) == ([], [])
