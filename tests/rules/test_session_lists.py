"""Who is in a session: for organizers, for the organisation that leads it, for a mail to all of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Forbidden, Invalid, NotFound
from forumreg.rules import partner, roster
from forumreg.rules.access import Grant, Staff
from forumreg.rules.event import EventFacts, facts
from forumreg.rules.report import language_plan
from forumreg.rules.roster import Question, lead_scope, session_scope
from forumreg.tables.account import Role
from forumreg.tables.journal import JournalEntry
from tests.builders import NOW, a_registration, a_session, an_event, an_organizer, mails, seats_in
from tests.statements import statements


def a_led_event(session: Session) -> EventFacts:
    """The ILO leads the morning and was granted its list; nobody leads the afternoon."""
    late = a_session("late", "2015-10-16T14:00", "2015-10-16T15:00")
    event = an_event(session, sessions=(a_session("led", lead="ILO", capacity=3), late))
    partner.set_scope(
        session, an_organizer(event), event, event.sharing[0].id, extra_columns=(), purpose={}, now=NOW,
        sees_led_sessions=True,
    )  # fmt: skip
    return facts(session, "forum")


def somebody_of(event: EventFacts, number: int) -> Staff:
    """Somebody who acts for an organisation of the event."""
    return Staff(9, grants=(Grant(event.id, Role.PARTNER, event.sharing[number].id),))


def names(session: Session, actor: Staff, scope: roster.Scope) -> list[object]:
    place = scope.keys.index("family_name")
    return [row[place] for row in roster.rows(session, actor, scope, Question())]


def test_a_list_has_who_holds_a_seat_and_nobody_who_waits_or_is_elsewhere(session: Session) -> None:
    event = a_led_event(session)
    for number, name in enumerate(("First", "Second", "Third")):
        a_registration(session, event, NOW + timedelta(minutes=number), family_name=name, sessions=seats_in("led"))
    a_registration(
        session, event, NOW + timedelta(hours=1), family_name="Waits", sessions=seats_in("led", waitlist=True)
    )
    a_registration(session, event, family_name="Elsewhere", sessions=seats_in("late"))

    assert names(session, an_organizer(event), session_scope(event, "led")) == ["First", "Second", "Third"]


def test_the_leader_sees_of_its_session_only_who_agreed_to_share_with_it(session: Session) -> None:
    event = a_led_event(session)
    ilo = frozenset({event.sharing[0].id})
    a_registration(session, event, family_name="Agreed", sessions=seats_in("led"), sharing=ilo)
    a_registration(session, event, family_name="Silent", sessions=seats_in("led"))
    a_registration(session, event, family_name="Late", sessions=seats_in("late"), sharing=ilo)
    scope = lead_scope(event, event.sharing[0].id, "led")

    assert names(session, somebody_of(event, 0), scope) == ["Agreed"]
    assert roster.not_consenting(session, somebody_of(event, 0), scope) == 1
    with pytest.raises(Forbidden):
        names(session, somebody_of(event, 1), scope)
    with pytest.raises(Forbidden):
        names(session, somebody_of(event, 0), session_scope(event, "led"))


def test_what_an_organisation_does_not_lead_or_was_not_granted_is_not_there(session: Session) -> None:
    event = a_led_event(session)

    for number, key in ((0, "late"), (1, "led"), (0, "nowhere")):
        with pytest.raises(NotFound):
            lead_scope(event, event.sharing[number].id, key)
    partner.set_scope(session, an_organizer(event), event, event.sharing[0].id, extra_columns=(), purpose={}, now=NOW)
    with pytest.raises(NotFound):
        lead_scope(facts(session, "forum"), event.sharing[0].id, "led")


def test_a_mail_goes_to_each_who_has_a_seat_and_is_written_down(session: Session) -> None:
    event = a_led_event(session)
    mine = a_registration(session, event, sessions=seats_in("led"))
    a_registration(session, event, sessions=seats_in("late"))

    done = roster.announce(
        session, an_organizer(event), event, "led", subject=" Bring\r\nBcc: x ", body="Your badge.\n", now=NOW
    )

    entry = session.scalars(select(JournalEntry).where(JournalEntry.action == "announced")).one()
    assert (done.subject, done.recipients) == ("Bring Bcc: x", 1)
    assert mails(session)[-1] == ("announcement", mine.email)
    assert entry.after == {"session": "led", "recipients": 1}
    assert roster.announced(session, an_organizer(event), event, "led") == (done,)


@pytest.mark.parametrize(
    ("subject", "body", "found"),
    [
        (" ", "", [("subject", "subject_missing"), ("body", "body_missing")]),
        ("x" * 201, "y" * 10_001, [("subject", "too_long"), ("body", "too_long")]),
        ("Hello", "There", [("subject", "nobody")]),
    ],
)
def test_a_mail_that_cannot_be_sent_says_why(
    session: Session, subject: str, body: str, found: list[tuple[str, str]]
) -> None:
    event = a_led_event(session)

    with pytest.raises(Invalid) as refused:
        roster.announce(session, an_organizer(event), event, "led", subject=subject, body=body, now=NOW)

    assert [(each.place, each.message) for each in refused.value.problems] == found


def test_nobody_else_writes_to_a_session(session: Session) -> None:
    event = a_led_event(session)

    with pytest.raises(Forbidden):
        roster.announce(session, somebody_of(event, 0), event, "led", subject="a", body="b", now=NOW)


# Languages --------------------------------------------------------------------------------------------------------


def test_the_plan_says_who_is_lost_what_would_help_and_where_headsets_are_needed(
    session: Session, engine: Engine
) -> None:
    event = an_event(
        session,
        sessions=(
            a_session("open", languages=("en",), interpreted=("fr",)),
            a_session("late", "2015-10-16T14:00", "2015-10-16T16:00", languages=("it",)),
            a_session("silent", "2015-10-17T14:00", "2015-10-17T16:00", languages=()),
        ),
    )
    for language, more in (("en", ()), ("fr", ()), ("es", ("pt",)), ("es", ())):
        person = a_registration(session, event, language=language, sessions=seats_in("open", "late", "silent"))
        person.understands = list(more)
        session.commit()

    with statements(engine) as asked:
        plan = language_plan(session, an_organizer(event), event)

    found = {each.session.key: (each.seated, each.lost, each.headsets, each.best) for each in plan.sessions}
    assert found == {
        "late": (4, 4, 0, (("es", 2), ("en", 1), ("fr", 1), ("pt", 1))),
        "open": (4, 2, 1, (("es", 2), ("pt", 1))),
    }
    assert [(each.hour.isoformat(), each.number) for each in plan.headsets] == [
        ("2015-10-16T07:00:00+00:00", 1),
        ("2015-10-16T08:00:00+00:00", 1),
    ]
    assert (plan.most_at_once, sum(each.startswith("SELECT") for each in asked)) == (1, 1)
