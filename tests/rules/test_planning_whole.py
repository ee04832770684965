"""What bringing a whole programme in would do is known before, and looking leaves no trace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Forbidden, Invalid
from forumreg.rules import planning
from forumreg.rules.access import Anonymous, Shell
from forumreg.rules.event import EventFacts, facts
from forumreg.rules.event.drafts import RoomDraft
from forumreg.rules.planning import ProgrammeDraft, Touched
from forumreg.rules.registration.recount import recount
from forumreg.tables.journal import JournalEntry
from tests.builders import NOW, a_registration, a_session, an_event, mails, seats_in

HALL = RoomDraft("hall", {"en": "Great Hall"}, 100)


def an_event_with_people(session: Session) -> EventFacts:
    """Two sessions at different hours; one person is in both, one in the first."""
    later = a_session("b", start="2015-10-16T14:00", end="2015-10-16T15:00")
    event = an_event(session, sessions=(a_session("a"), later))
    a_registration(session, event, sessions=seats_in("a", "b"))
    a_registration(session, event, sessions=seats_in("a"))
    return event


def everything(session: Session, event: EventFacts) -> object:
    """What a look must not change."""
    session.rollback()
    entries = session.scalar(select(func.count()).select_from(JournalEntry))
    session.rollback()
    return facts(session, event.slug), entries, list(mails(session))


def test_a_look_counts_whom_it_would_touch_and_leaves_no_trace(session: Session) -> None:
    event = an_event_with_people(session)
    before = everything(session, event)
    moved = replace(planning.draft_of(event, "a"), starts_at=planning.draft_of(event, "b").starts_at)
    moved = replace(moved, ends_at=planning.draft_of(event, "b").ends_at)
    programme = ProgrammeDraft((HALL,), (), (moved,))

    found = planning.review_programme(session, Shell(), "forum", programme, now=NOW)

    assert found.touched == Touched(booked=2, clashing=1)
    assert dict(found.comparison.changed) == {"a": ("starts_at", "ends_at")}
    assert [(each.kind, {each.session_key, each.other_key}) for each in found.concerns] == [("room_taken", {"a", "b"})]
    assert everything(session, event) == before
    assert recount(session, event.id) == ()


def test_what_is_left_out_counts_only_where_it_would_go(session: Session) -> None:
    event = an_event_with_people(session)
    programme = ProgrammeDraft((HALL,), (), (planning.draft_of(event, "a"),))

    kept = planning.review_programme(session, Shell(), "forum", programme, now=NOW)
    gone = planning.review_programme(session, Shell(), "forum", programme, now=NOW, removing=True)

    assert (kept.touched, kept.comparison.removed) == (Touched(), ())
    assert (gone.touched, gone.comparison.removed) == (Touched(booked=1), ("b",))


def test_a_look_says_what_cannot_be_done(session: Session) -> None:
    event = an_event_with_people(session)
    hidden = replace(planning.draft_of(event, "a"), visibility="draft")

    found = planning.review_programme(session, Shell(), "forum", ProgrammeDraft((HALL,), (), (hidden,)), now=NOW)

    assert (found.refusal, found.facts) == ("has_bookings", {"number": 2})


def test_a_look_at_what_is_wrong_names_every_place(session: Session) -> None:
    event = an_event_with_people(session)
    backwards = replace(planning.draft_of(event, "a"), ends_at=planning.draft_of(event, "a").starts_at)

    with pytest.raises(Invalid) as refused:
        planning.review_programme(session, Shell(), "forum", ProgrammeDraft((HALL,), (), (backwards,)), now=NOW)

    assert [problem.place for problem in refused.value.problems] == ["sessions[0].ends_at"]


def test_only_who_plans_may_look(session: Session) -> None:
    an_event(session)

    with pytest.raises(Forbidden):
        planning.review_programme(session, Anonymous(), "forum", ProgrammeDraft(), now=NOW)
