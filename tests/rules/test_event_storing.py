"""An event file into the tables and out again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.adapters.event_file.reading import read
from forumreg.base.errors import Forbidden, Invalid
from forumreg.rules.access import Anonymous, Shell
from forumreg.rules.event import draft_of, facts, put
from forumreg.rules.event.drafts import (
    CategoryDraft,
    FieldDraft,
    OptionDraft,
    OrganisationDraft,
    RegistrationDraft,
    RoomDraft,
)
from forumreg.rules.event.reading import forget_all
from forumreg.rules.registration.recount import recount
from forumreg.tables.event import Event, PrivacyNotice
from forumreg.tables.journal import JournalEntry
from tests.builders import NOW, a_draft, a_receipt, a_session, an_event, every_kind_of_question, seats_in

DEMO_EVENTS = sorted((Path(__file__).parents[2] / "forumreg" / "demo" / "events").glob("*.json"))


@pytest.mark.parametrize("path", DEMO_EVENTS, ids=lambda path: path.stem)
def test_an_event_goes_in_and_comes_out_the_same_and_a_second_time_changes_nothing(
    session: Session, path: Path
) -> None:
    draft = read(path.read_bytes())

    first = put(session, Shell(), draft, now=NOW)
    version = facts(session, draft.slug).version
    second = put(session, Shell(), draft, now=NOW)

    assert (first.created, second.changed) == (True, False)
    assert facts(session, draft.slug).version == version
    out = draft_of(session, Shell(), draft.slug)
    assert put(session, Shell(), out, now=NOW).changed is False
    assert session.scalar(select(func.count(JournalEntry.id))) == 1


def test_a_file_with_problems_changes_nothing(session: Session) -> None:
    broken = a_draft(sessions=(a_session("A", "2015-10-16T11:00", "2015-10-16T09:00"),))

    with pytest.raises(Invalid) as refused:
        put(session, Shell(), broken, now=NOW)

    assert [problem.place for problem in refused.value.problems] == ["sessions[0].ends_at"]
    assert session.scalar(select(func.count(Event.id))) == 0


def test_only_who_organizes_stores_an_event(session: Session) -> None:
    with pytest.raises(Forbidden):
        put(session, Anonymous(), a_draft(), now=NOW)


def test_what_people_hold_is_not_taken_from_them(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A"), a_session("B", "2015-10-17T09:30", "2015-10-17T11:00")))
    a_receipt(session, event, sessions=seats_in("A", "B"), sharing=frozenset({event.sharing[0].id}))

    with pytest.raises(Invalid) as refused:
        put(
            session,
            Shell(),
            a_draft(
                capacity=0,
                categories=(CategoryDraft("press", {"en": "Press"}),),
                organisations=(),
                sessions=(a_session("A", "2015-10-16T10:30", "2015-10-16T12:00"),),
            ),
            now=NOW,
        )

    assert [(problem.place, problem.message) for problem in refused.value.problems] == [
        ("capacity", "below 1 place taken"),
        ("organisations", "International Labour Organization is left out, and 1 person agreed to share with it"),
        ("categories", "local is left out, and 1 person registered in it"),
        ("sessions[0].starts_at", "1 person booked A at another time"),
        ("sessions", "B is left out, and 1 person booked it"),
    ]
    assert facts(session, "forum").find_session("B") is not None


def test_seats_that_a_room_or_a_session_takes_away_are_told_where_the_file_says_so(session: Session) -> None:
    tuesday, wednesday = a_session("A"), a_session("B", "2015-10-17T09:30", "2015-10-17T11:00", capacity=5)
    event = an_event(session, sessions=(tuesday, wednesday))
    for _ in range(2):
        a_receipt(session, event, sessions=seats_in("A", "B"))
    small = (RoomDraft("foyer", {"en": "Foyer"}, 300), RoomDraft("hall", {"en": "Great Hall"}, 1))

    with pytest.raises(Invalid) as refused:
        an_event(session, rooms=small, sessions=(tuesday, replace(wednesday, capacity=0)))

    assert [(problem.place, problem.message) for problem in refused.value.problems] == [
        ("rooms[1].capacity", "below 2 places taken in A"),
        ("sessions[1].capacity", "below 2 places taken in B"),
    ]


def test_parts_that_are_left_out_go_where_nobody_holds_them(session: Session) -> None:
    an_event(session, sessions=(a_session("A"),), fields=every_kind_of_question())

    event = an_event(session, categories=(), organisations=())

    assert (event.sessions, event.fields, event.categories, event.organisations) == ((), (), (), ())


def test_a_limit_that_comes_later_counts_who_answered_before(session: Session) -> None:
    def lunch(capacity: int | None) -> tuple[FieldDraft, ...]:
        option = OptionDraft("early", {"en": "At noon"}, capacity)
        return (FieldDraft("lunch", "choice", {"en": "Lunch"}, options=(option,)),)

    event = an_event(session, fields=lunch(None))
    a_receipt(session, event, answers={"lunch": "early"})
    a_receipt(session, event, answers={"lunch": "early"})

    with pytest.raises(Invalid):
        an_event(session, fields=lunch(1))
    event = an_event(session, fields=lunch(2))

    assert recount(session, event.id) == ()
    with pytest.raises(Invalid):
        a_receipt(session, event, answers={"lunch": "early"})


def test_a_new_wording_of_the_notice_is_a_new_version(session: Session) -> None:
    an_event(session)
    an_event(session, capacity=10)
    event = an_event(session, privacy_notice={"en": "We keep it for two years."})

    assert event.notice_version == 2
    assert session.scalar(select(func.count(PrivacyNotice.id))) == 2


def test_a_session_without_a_capacity_takes_what_its_room_seats(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A"),))

    assert draft_of(session, Shell(), "forum").sessions[0].capacity is None
    assert event.find_session("A").pool_id is not None  # type: ignore[union-attr]  # it is there


def test_registration_without_dates_is_open_until_the_last_day_is_over(session: Session) -> None:
    event = an_event(session, registration=RegistrationDraft())

    assert event.over_at.astimezone(UTC) == datetime(2015, 10, 18, 22, 0, tzinfo=UTC)


def test_what_one_event_calls_an_organisation_changes_no_other(session: Session) -> None:
    ilo = OrganisationDraft("International Labour Organization", "organizer", "ILO", "CH")
    draft = a_draft(organisations=(ilo,), sessions=(a_session("A", lead="ILO"),))
    put(session, Shell(), draft, now=NOW)
    before = facts(session, "forum")

    other = an_event(session, "academy", organisations=(replace(ilo, short_name="ITC", country="IT"),))

    assert draft_of(session, Shell(), "forum").organisations == (ilo,)
    assert draft_of(session, Shell(), "forum").sessions[0].lead == "ILO"
    assert put(session, Shell(), draft, now=NOW).changed is False
    forget_all()
    assert facts(session, "forum") == before
    assert [(each.short_name, each.country) for each in other.organisations] == [("ITC", "IT")]
    assert [each.id for each in other.organisations] == [each.id for each in before.organisations]
