"""Finding programme sessions, and reading how the programme changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from forumreg.base.errors import NotFound
from forumreg.rules.access import Shell
from forumreg.rules.event import EventFacts, Wanted, changes, days_of, facts, found, put
from forumreg.rules.event.drafts import EventDraft, RoomDraft, SpeakerDraft, TrackDraft
from forumreg.tables.event import EventStatus
from tests.builders import NOW, a_draft, a_registration, a_session, an_event

ROOMS = (RoomDraft("hall", {"en": "Great Hall"}, 100), RoomDraft("annex", {"en": "Annex", "fr": "Annexe"}))


def a_programme(session: Session) -> EventFacts:
    """Sessions that differ in everything that can be asked for."""
    return an_event(
        session,
        rooms=ROOMS,
        tracks=(TrackDraft("jobs", {"en": "Jobs"}),),
        sessions=(
            a_session("opening", "2015-10-15T09:00", "2015-10-15T10:00", kind="plenary", booking="none"),
            a_session("jobs", track="jobs", languages=("es",), interpreted=("ar",), title={"en": "Décent work"}),
            a_session("annex", room="annex", abstract={"fr": "L’économie sociale, ﬁn"}, speakers=(
                SpeakerDraft("Ñusta Quispe", "Alcaldesa", "Pasto"),)),
            a_session("night", "2015-10-17T00:30", "2015-10-17T01:30"),
            a_session("secret", visibility="draft", abstract={"fr": "économie"}),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({}, ["opening", "jobs", "annex", "night"]),
        ({"day": "2015-10-17"}, ["night"]),
        ({"day": "tomorrow"}, []),
        ({"track": "jobs"}, ["jobs"]),
        ({"room": "annex"}, ["annex"]),
        ({"language": "ar"}, ["jobs"]),
        ({"language": "es"}, ["jobs"]),
        ({"kind": "plenary"}, ["opening"]),
        ({"words": "DECENT"}, ["jobs"]),
        ({"words": "economie fin"}, ["annex"]),
        ({"words": "nusta pasto"}, ["annex"]),
        ({"words": "nusta opening"}, []),
        ({"words": " \u200b "}, ["opening", "jobs", "annex", "night"]),
        ({"words": "seance night", "room": "hall"}, ["night"]),
    ],
)
def test_what_is_asked_for_is_found_in_the_order_of_the_programme(
    session: Session, asked: dict[str, Any], keys: list[str]
) -> None:
    event = a_programme(session)

    assert [entry.key for entry in found(event, Wanted(**asked))] == keys


def test_days_are_those_on_which_public_sessions_start(session: Session) -> None:
    assert [day.isoformat() for day in days_of(a_programme(session))] == ["2015-10-15", "2015-10-16", "2015-10-17"]


def test_a_changed_programme_is_searched_anew(session: Session) -> None:
    event = a_programme(session)
    found(event, Wanted(words="decent"))

    an_event(session, sessions=(a_session("other", title={"en": "Decent again"}),))

    assert [entry.key for entry in found(facts(session, event.slug), Wanted(words="decent"))] == ["other"]


def stored(session: Session, draft: EventDraft, days: int) -> EventFacts:
    """The event as the draft says it, from that many days later on."""
    put(session, Shell(), draft, now=NOW + timedelta(days=days))
    return facts(session, draft.slug)


def a_history(session: Session) -> EventFacts:
    """A session published, moved, renamed and withdrawn, a day each, with a draft and a registration beside it."""
    secret, plain = a_session("secret", visibility="draft"), a_session("A")
    moved = a_session("A", "2015-10-16T14:00", "2015-10-16T15:00", room="annex")
    start = a_draft(rooms=ROOMS, sessions=(secret,))
    event = stored(session, start, 0)
    for day, sessions in enumerate(
        ((secret, plain), (secret, moved), (replace(secret, title={"en": "Still secret"}),), ()), 1
    ):
        event = stored(session, replace(start, sessions=sessions), day)
    a_registration(session, event)
    return event


def test_changes_are_told_newest_first_with_what_was_and_what_is(session: Session) -> None:
    told = changes(session, a_history(session))

    assert [(change.action, change.key, change.at - NOW) for change in told] == [
        ("session_withdrawn", "A", timedelta(days=3)),
        ("session_moved", "A", timedelta(days=2)),
        ("session_published", "A", timedelta(days=1)),
    ]
    gone, moved, new = told
    assert (gone.after, new.before) == (None, None)
    assert moved.before
    assert moved.after
    assert (moved.before.starts_at, moved.before.room) == (
        datetime(2015, 10, 16, 7, 30, tzinfo=UTC),
        {"en": "Great Hall"},
    )
    assert (moved.after.starts_at, moved.after.room["fr"]) == (datetime(2015, 10, 16, 12, 0, tzinfo=UTC), "Annexe")


def test_changes_are_told_since_an_instant(session: Session) -> None:
    event = a_history(session)

    told = [change.action for change in changes(session, event, since=NOW + timedelta(days=2))]

    assert told == ["session_withdrawn", "session_moved"]


def test_a_hundred_changes_are_told_at_most(session: Session) -> None:
    event = an_event(session, sessions=tuple(a_session(f"s{number}", room=None) for number in range(120)))

    told = changes(session, stored(session, a_draft(), 1))

    assert len(told) == 100
    assert event.sessions


def test_a_draft_event_tells_nothing(session: Session) -> None:
    event = replace(a_history(session), status=EventStatus.DRAFT)

    with pytest.raises(NotFound):
        changes(session, event)
