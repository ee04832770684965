"""What an organizer's overview counts, and what it says needs a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from forumreg.base.errors import Forbidden
from forumreg.rules.access import Anonymous, Grant, Participant, Shell, Staff
from forumreg.rules.event import EventFacts
from forumreg.rules.registration import cancel, change, confirm, decline, waitlist
from forumreg.rules.report import (
    Breakdown,
    Concern,
    DayCount,
    Group,
    Matter,
    Overview,
    event_choices,
    overview,
    own_events,
)
from forumreg.tables.account import Role
from forumreg.tables.mail import MailStatus, OutboxMessage
from forumreg.tables.registration import Registration
from forumreg.tables.seats import SeatPool
from tests.builders import NOW, a_registration, a_session, a_submission, an_event, an_organizer, seats_in
from tests.statements import statements

MOMENT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # of the machine


def seen(session: Session, event: EventFacts, now: datetime = NOW, moment: datetime | None = None) -> Overview:
    """The overview as an organizer asks for it."""
    return overview(session, an_organizer(event), event, now=now, moment=moment or datetime.now(UTC))


def test_every_status_is_counted_and_only_those_who_may_come_are_people(session: Session) -> None:
    event = an_event(session)
    for _number in range(3):
        a_registration(session, event)
    a_registration(session, event, category="press")
    decline(session, Shell(), a_registration(session, event).reference, reason="Full.", now=NOW)
    cancel(session, Shell(), a_registration(session, event).reference, now=NOW)
    waitlist(session, Shell(), a_registration(session, event).reference, now=NOW)

    found = seen(session, event)

    assert found.statuses == {"pending": 1, "waitlisted": 1, "confirmed": 3, "declined": 1, "cancelled": 1}
    assert (found.people, found.taken, found.capacity) == (5, 4, None)


def doubles(session: Session, event: EventFacts) -> list[Concern]:
    return [each for each in seen(session, event).attention if each.matter is Matter.POSSIBLE_DOUBLES]


def test_possible_doubles_need_a_person_until_one_of_the_two_is_gone(session: Session) -> None:
    event, elsewhere = an_event(session), an_event(session, "other")
    name = {"given_name": "Awa", "family_name": "Koné", "email": "awa@example.org"}
    known = a_registration(session, event, **name)
    a_registration(session, elsewhere, **name)
    copies = [a_registration(session, event) for _number in range(2)]
    assert doubles(session, event) == []

    for copy in copies:
        form = a_submission(**name)
        change(session, Participant(copy.id), copy.reference, form, now=NOW, version=copy.version)

    assert doubles(session, event) == [Concern(Matter.POSSIBLE_DOUBLES, 2, reference=copies[0].reference)]
    assert doubles(session, elsewhere) == []
    decline(session, Shell(), copies[0].reference, reason="Twice.", now=NOW)
    assert doubles(session, event) == [Concern(Matter.POSSIBLE_DOUBLES, 1, reference=copies[1].reference)]
    cancel(session, Shell(), known.reference, now=NOW)
    assert doubles(session, event) == [Concern(Matter.POSSIBLE_DOUBLES, 1, reference=copies[1].reference)]
    cancel(session, Shell(), copies[1].reference, now=NOW)
    assert doubles(session, event) == []


def test_groups_of_fewer_than_five_people_are_only_summed(session: Session) -> None:
    event = an_event(session)
    for country, people in {"CI": 6, "IT": 5, "FR": 4, "MA": 1}.items():
        for _number in range(people):
            a_registration(session, event, country=country)
    for _number in range(2):
        a_registration(session, event, country="IT", category="press")

    found = seen(session, event)

    assert found.by_country == Breakdown((Group("IT", 7), Group("CI", 6)), few_people=5, few_groups=2)
    assert found.by_category == Breakdown(
        (Group("local", 16, {"en": "Local government", "fr": "Collectivité locale"}),), few_people=2, few_groups=1
    )
    assert (found.countries, found.by_country.total) == (4, 18)


def test_who_is_cancelled_or_declined_is_in_no_group(session: Session) -> None:
    event = an_event(session)
    references = [a_registration(session, event, country="CI").reference for _number in range(5)]

    cancel(session, Shell(), references[0], now=NOW)

    assert seen(session, event).by_country == Breakdown((), few_people=4, few_groups=1)


def test_days_are_those_of_the_event_and_none_is_left_out(session: Session) -> None:
    event = an_event(session)
    for at in ("2015-08-29T21:59", "2015-08-29T22:01", "2015-09-01T06:00"):  # 22:00 in UTC is midnight in Turin
        a_registration(session, event, datetime.fromisoformat(at).replace(tzinfo=UTC))

    found = seen(session, event, now=datetime(2015, 9, 2, 7, 0, tzinfo=UTC))

    assert found.days == (
        DayCount(date(2015, 8, 29), 1, 1),
        DayCount(date(2015, 8, 30), 1, 2),
        DayCount(date(2015, 8, 31), 0, 2),
        DayCount(date(2015, 9, 1), 1, 3),
        DayCount(date(2015, 9, 2), 0, 3),
    )
    assert found.since_yesterday == 0


def test_an_event_without_registrations_has_an_overview_too(session: Session) -> None:
    event = an_event(session, capacity=10, sessions=(a_session("opening"),))

    found = seen(session, event)

    assert (found.people, found.capacity, found.days, found.attention) == (0, 10, (), ())
    assert [(fill.session.key, fill.taken, fill.capacity) for fill in found.fullest] == [("opening", 0, 100)]


def test_sessions_are_ordered_by_how_full_they_are(session: Session) -> None:
    event = an_event(
        session,
        sessions=(
            a_session("large", capacity=50),
            a_session("small", "2015-10-17T09:00", "2015-10-17T10:00", capacity=2),
            a_session("free", "2015-10-17T11:00", "2015-10-17T12:00", capacity=None, room=None),
        ),
    )
    for _number in range(3):
        a_registration(session, event, sessions=seats_in("large", "small", "free", waitlist=True))

    found = seen(session, event)

    assert [(fill.session.key, fill.taken, fill.capacity, fill.waiting) for fill in found.fullest] == [
        ("small", 2, 2, 1),
        ("large", 3, 50, 0),
    ]
    assert found.sessions == 3


def test_what_needs_a_person_stands_worst_first(session: Session) -> None:
    event = an_event(session, capacity=9)
    first, *_others = (
        a_registration(session, event, NOW + timedelta(hours=number), category="press") for number in range(3)
    )
    waitlist(session, Shell(), a_registration(session, event).reference, now=NOW)
    oldest, refused, *rest = session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id)).all()
    settled = {"status": MailStatus.SENT, "settled_at": MOMENT}
    session.execute(update(OutboxMessage).where(OutboxMessage.id.in_(rest)).values(settled))
    session.execute(
        update(OutboxMessage).where(OutboxMessage.id == refused).values({**settled, "status": MailStatus.REFUSED})
    )
    waits = MOMENT - timedelta(minutes=6)
    session.execute(update(OutboxMessage).where(OutboxMessage.id == oldest).values(created_at=waits))
    session.commit()

    found = seen(session, event, moment=MOMENT)

    assert found.attention == (
        Concern(Matter.MAIL_STUCK, 1, waits),
        Concern(Matter.MAIL_REFUSED, 1),
        Concern(Matter.WAITING_FOR_FREE_SEATS, 1, seats=6),
        Concern(Matter.PENDING, 3, first.received_at),
    )


def test_a_mail_of_five_minutes_is_no_concern_yet(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event)
    written = session.scalars(select(OutboxMessage.created_at)).one()

    assert seen(session, event, moment=written + timedelta(minutes=5)).attention == ()


def test_who_waits_for_a_full_category_is_no_concern(session: Session) -> None:
    event = an_event(session)
    local = event.find_category("local")
    assert local is not None
    session.execute(update(SeatPool).where(SeatPool.id == local.pool_id).values(capacity=1))
    session.commit()
    for _number in range(2):
        a_registration(session, event, accept_waitlist=True)

    found = seen(session, event)

    assert found.statuses["waitlisted"] == 1
    assert found.attention == ()


def test_the_overview_costs_the_same_for_one_registration_and_for_thirty(engine: Engine, session: Session) -> None:
    event = an_event(session, sessions=(a_session("opening"),))
    a_registration(session, event, sessions=seats_in("opening"))
    with statements(engine) as of_one:
        seen(session, event)
    for _number in range(29):
        a_registration(session, event, sessions=seats_in("opening"))

    with statements(engine) as of_thirty:
        seen(session, event)

    assert len(of_one) == len(of_thirty) == 7


@pytest.mark.parametrize("role", [Role.DESK, Role.PARTNER])
def test_only_organizers_see_the_overview(session: Session, role: Role) -> None:
    event = an_event(session)
    somebody = Staff(1, grants=(Grant(event.id, role), Grant(event.id + 1, Role.ORGANIZER)))

    with pytest.raises(Forbidden):
        overview(session, somebody, event, now=NOW, moment=MOMENT)


def test_own_events_are_those_that_one_organizes_the_next_first(session: Session) -> None:
    past = an_event(session, "past", starts_on=date(2014, 5, 1), ends_on=date(2014, 5, 2))
    later = an_event(session, "later", starts_on=date(2015, 12, 1), ends_on=date(2015, 12, 2))
    forum = an_event(session)
    foreign = an_event(session, "foreign")
    a_registration(session, forum)
    a_registration(session, forum, category="press")
    cancel(session, Shell(), a_registration(session, forum).reference, now=NOW)
    grants = [Grant(each.id, Role.ORGANIZER) for each in (past, later, forum)]
    organizer = Staff(1, grants=(*grants, Grant(foreign.id, Role.DESK)))

    found = own_events(session, organizer, now=NOW)

    assert [(each.slug, each.people, each.pending, each.is_over) for each in found] == [
        ("forum", 2, 1, False),
        ("later", 0, 0, False),
        ("past", 0, 0, True),
    ]
    assert [each.slug for each in event_choices(session, organizer)] == ["later", "forum", "past"]


def test_an_administrator_organizes_every_event(session: Session) -> None:
    an_event(session)

    assert [each.slug for each in own_events(session, Staff(1, is_admin=True), now=NOW)] == ["forum"]


def test_nobody_has_events_without_signing_in(session: Session) -> None:
    an_event(session)

    with pytest.raises(Forbidden):
        own_events(session, Anonymous(), now=NOW)
    assert event_choices(session, Anonymous()) == []


def test_confirming_takes_a_registration_off_the_list_of_concerns(session: Session) -> None:
    event = an_event(session)
    pending = a_registration(session, event, category="press")
    assert [each.matter for each in seen(session, event).attention] == [Matter.PENDING]

    confirm(session, Shell(), pending.reference, now=NOW)

    assert seen(session, event).attention == ()
    assert session.scalars(select(Registration.status)).one().value == "confirmed"
