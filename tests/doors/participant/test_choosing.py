"""Choosing sessions: limits said beforehand, places kept for others, languages warned of, and changes made later."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from limits import RateLimitItemPerHour
from sqlalchemy.orm import Session

from forumreg.rules.booking import of_registration
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import LimitsDraft
from forumreg.rules.registration.recount import recount
from forumreg.tables.registration import Registration
from forumreg.web import limits
from tests.builders import a_registration, a_session, an_event, seats_in
from tests.doors.participant.conftest import (
    FORM,
    an_answered_form,
    count_of,
    mails,
    own_address,
    the_registration,
)
from tests.pages import Visitor
from tests.seating import clashing, invited

CLOSED = datetime(2015, 10, 12, 8, tzinfo=UTC)
SESSIONS = (
    a_session("A", capacity=1),
    a_session("B", "2015-10-16T10:30", "2015-10-16T12:00"),
    a_session("C", "2015-10-17T09:00", "2015-10-17T10:00"),
)
ARABIC = a_session("AR", "2015-10-17T11:00", "2015-10-17T12:00", languages=("ar",), interpreted=("es",))


def in_sessions(store: Session, event: EventFacts, mine: Registration) -> dict[str, str]:
    store.rollback()
    return {seat.session.key: seat.status.value for seat in of_registration(store, event, mine.id)}


def sessions_page(mine: Registration) -> str:
    return own_address(mine) + "sessions"


# The form -------------------------------------------------------------------------------------------------------


def test_the_form_says_limits_languages_and_places_kept_before_anybody_runs_into_them(
    store: Session, visitor: Visitor
) -> None:
    an_event(
        store,
        sessions=(
            a_session("A", capacity=30, held={"press": 20}, kind="workshop"),
            a_session("I", booking="invitation", capacity=5),
            ARABIC,
        ),
        limits=LimitsDraft({"workshop": 2}, 5, datetime(2015, 10, 1, tzinfo=UTC)),
    )

    page = visitor.open(FORM)

    for said in (
        "Choose at most 2 workshops.",
        "Until 1 October, at most 5 people of one organization have a seat in a session.",
        "30 of 30 left",
        "Of the seats left, 20 are kept for “Press”.",
        "Arabic. Interpretation into: Spanish.",
    ):
        assert said in page.words
    assert "Session I" not in page.words


def test_too_many_of_a_kind_are_refused_with_kind_and_number(store: Session, visitor: Visitor) -> None:
    an_event(store, sessions=(*SESSIONS, ARABIC), limits=LimitsDraft({"panel": 1}))

    page = visitor.send(visitor.open(FORM), an_answered_form(sessions=["B", "C"]))

    assert (page.status, page.summary) == (422, ["session-C"])
    assert "Choose at most 1 panel. Leave one out." in page.words
    assert visitor.send(page, {"sessions": ["C"]}).status == 303


def test_places_left_for_others_are_offered_as_a_line(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=(a_session("A", capacity=2, held={"press": 1}),))
    a_registration(store, event, sessions=seats_in("A"))
    form = visitor.open(FORM)

    page = visitor.send(form, an_answered_form(sessions=["A"], job_title="Mayor"))
    sent = visitor.send(page)

    assert (form.form.answers.get("sessions"), page.status, page.summary) == (None, 422, ["session-A"])
    assert "The seats that are left in “Session A” are kept for others." in page.words
    assert (page.form.answers["sessions"], page.form.answers["job_title"]) == (["wait:A"], ["Mayor"])
    assert sent.status == 303
    assert recount(store, event.id) == ()


@pytest.mark.parametrize(
    ("until", "way_out"),
    [
        (
            datetime(2015, 10, 1, tzinfo=UTC),
            "Keep it chosen to join its waiting list: from 1 October seats that are left",
        ),
        (None, "Keep it chosen to join its waiting list, or choose another."),
    ],
)
def test_who_comes_from_an_organization_that_has_its_seats_may_wait(
    store: Session, visitor: Visitor, until: datetime | None, way_out: str
) -> None:
    event = an_event(store, sessions=SESSIONS, limits=LimitsDraft({}, 1, until))
    first = a_registration(store, event, organisation="City of Odienné", sessions=seats_in("C"))

    page = visitor.send(visitor.open(FORM), an_answered_form(sessions=["C"]))
    sent = visitor.send(page)

    assert (page.status, page.form.answers["sessions"], sent.status) == (422, ["wait:C"], 303)
    assert "1 person of your organization already has a seat in “Session C”." in page.words
    assert way_out in page.words
    assert in_sessions(store, event, first) == {"C": "booked"}
    assert count_of(store) == 2


def test_a_session_in_no_language_of_theirs_is_warned_of_once_and_then_booked(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=(*SESSIONS, ARABIC))

    warned = visitor.send(visitor.open(FORM), an_answered_form(sessions=["AR"], job_title="Mayor"))
    before = count_of(store)
    sent = visitor.send(warned)

    assert (warned.status, before, sent.status) == (200, 0, 303)
    assert "You may not be able to follow this session" in warned.words
    assert "“Session AR”: Arabic. Interpretation into: Spanish." in warned.words
    assert "In none of the languages that you told us." in warned.words
    assert (warned.form.answers["warned"], warned.form.answers["job_title"]) == (["AR"], ["Mayor"])
    assert in_sessions(store, event, the_registration(store)) == {"AR": "booked"}


def test_who_says_that_they_understand_it_is_not_warned(store: Session, visitor: Visitor) -> None:
    an_event(store, sessions=(*SESSIONS, ARABIC))

    sent = visitor.send(visitor.open(FORM), an_answered_form(sessions=["AR"], understands=["es", "made-up"]))

    assert sent.status == 303
    mine = the_registration(store)
    assert mine.understands == ["es"]
    assert "<dt>Languages you understand</dt><dd>Spanish</dd>" in visitor.open(own_address(mine)).html
    form = visitor.open(own_address(mine) + "change").form
    assert form.answers["understands"] == ["es"]


def test_a_change_is_warned_of_what_is_new_in_it_alone(store: Session, visitor: Visitor) -> None:
    event = an_event(
        store, sessions=(*SESSIONS, ARABIC, a_session("DE", "2015-10-17T14:00", "2015-10-17T15:00", languages=("de",)))
    )
    mine = a_registration(store, event, sessions=seats_in("AR"))
    form = visitor.open(own_address(mine) + "change")

    kept = visitor.send(form, {"job_title": "Mayor"})
    warned = visitor.send(visitor.open(own_address(mine) + "change"), {"sessions": ["AR", "DE"]})
    sent = visitor.send(warned)

    assert (kept.status, warned.status, sent.status) == (303, 200, 303)
    assert ("“Session DE”: German." in warned.words, "“Session AR”:" in warned.words) == (True, False)
    assert in_sessions(store, event, mine) == {"AR": "booked", "DE": "booked"}


# Later ----------------------------------------------------------------------------------------------------------


def test_sessions_are_changed_after_registration_has_closed(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None]
) -> None:
    event = an_event(store, sessions=SESSIONS)
    mine = a_registration(store, event, sessions=seats_in("A"))
    waits = a_registration(store, event, sessions=seats_in("A", waitlist=True))
    clock(CLOSED)
    own = visitor.open(own_address(mine))

    form = visitor.open(sessions_page(mine))
    answer = visitor.send(form, {"sessions": ["B", "C"]})

    assert (sessions_page(mine) in own.links, own_address(mine) + "change" in own.links) == (True, False)
    assert (form.form.answers["sessions"], answer.status) == (["A"], 303)
    assert "Saved." in visitor.open(answer.headers["Location"]).words
    assert in_sessions(store, event, mine) == {"B": "booked", "C": "booked"}
    assert in_sessions(store, event, waits) == {"A": "booked"}
    assert mails(store)[-2:] == [("changed", mine.email), ("changed", waits.email)]


def test_what_is_refused_comes_back_as_it_was_chosen(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=SESSIONS)
    a_registration(store, event, sessions=seats_in("A"))
    mine = a_registration(store, event, sessions=seats_in("C"))
    form = visitor.open(sessions_page(mine))

    full = visitor.send(form, {"sessions": ["A", "C"]})
    overlap = visitor.send(form, {"sessions": ["A", "B"]})
    expired = visitor.send(form, {"sessions": ["B"], "csrf_token": "old"})
    visitor.send(form, {"sessions": ["B"]})
    older = visitor.send(form, {"sessions": ["B", "C"]})  # C had been left by the other window

    assert [page.status for page in (full, overlap, expired, older)] == [422, 422, 422, 409]
    assert sorted(full.form.answers["sessions"]) == ["C", "wait:A"]
    assert sorted(overlap.form.answers["sessions"]) == ["B", "wait:A"]
    assert older.form.answers["sessions"] == ["B"]
    assert "Sessions: “Session B” was saved meanwhile, and the form shows it now." in older.words
    assert set(full.summary + overlap.summary + older.summary) <= set(full.ids)
    assert visitor.send(older).status == 303
    assert in_sessions(store, event, mine) == {"B": "booked"}


@pytest.mark.parametrize("place", ["sessions", "change"])
def test_who_waits_for_a_seat_reads_the_place_in_line(store: Session, visitor: Visitor, place: str) -> None:
    event = an_event(store, sessions=SESSIONS)
    full, first = (a_registration(store, event, sessions=seats_in("A", waitlist=True)) for _ in range(2))
    mine, other = (a_registration(store, event, sessions=seats_in(key, waitlist=True)) for key in ("A", "C"))
    told = {
        who.reference: re.findall(
            r"You wait for a seat, number \d in line|Choose it to join its waiting list: [^.]+",
            visitor.open(own_address(who) + place).words,
        )
        for who in (full, first, mine, other)
    }

    assert list(told.values()) == [
        [],
        ["You wait for a seat, number 1 in line"],
        ["You wait for a seat, number 2 in line"],
        ["Choose it to join its waiting list: 2 people are before you"],
    ]


def test_nobody_waits_where_one_would_be_the_first(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=SESSIONS)
    a_registration(store, event, sessions=seats_in("A"))

    assert "Choose it to join its waiting list: you are the first." in visitor.open(FORM).words


def test_what_another_window_chose_stays_beside_what_this_one_chooses(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=SESSIONS)
    full = a_registration(store, event, sessions=seats_in("A"))
    mine = a_registration(store, event, sessions=seats_in("A", waitlist=True))
    one, other = (visitor.open(sessions_page(mine)) for _ in range(2))
    visitor.send(one, {"sessions": ["wait:A", "C"]})
    visitor.send(visitor.open(own_address(full) + "cancel"))  # so that the place in line has become a seat

    page = visitor.send(other, {"sessions": []})  # leaves A

    assert (page.status, page.form.answers["sessions"]) == (409, ["C"])
    assert (
        "Sessions: “Session A, Session C” was saved meanwhile. The form shows your answer: “Session C”." in page.words
    )
    assert visitor.send(page).status == 303
    assert in_sessions(store, event, mine) == {"C": "booked"}


def test_a_session_that_has_started_is_shown_and_kept(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None]
) -> None:
    event = an_event(store, sessions=SESSIONS)
    mine = a_registration(store, event, sessions=seats_in("A"))
    clock(datetime(2015, 10, 16, 9, tzinfo=UTC))  # 11:00 in Turin

    form = visitor.open(sessions_page(mine))
    sent = visitor.send(form, {"sessions": ["C"]})

    assert "It has started: it stays as it is." in form.words
    assert ("session-A" in form.ids, "session-B" in form.ids, sent.status) == (True, False, 303)
    assert in_sessions(store, event, mine) == {"A": "booked", "C": "booked"}


def test_an_invitation_is_shown_and_neither_change_takes_it_away(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=(*SESSIONS, a_session("I", booking="invitation", capacity=5)))
    mine = a_registration(store, event, sessions=seats_in("C"))
    invited(store, event, mine, "I")

    pages = [visitor.open(own_address(mine) + page) for page in ("", "sessions", "change")]
    visitor.send(pages[2], {"job_title": "Mayor"})
    visitor.send(visitor.open(sessions_page(mine)), {"sessions": []})
    refused = visitor.send(visitor.open(sessions_page(mine)), {"sessions": ["A"]})

    assert "By invitation" in pages[0].words
    assert ["By invitation of the organizers: it stays yours." in page.words for page in pages[1:]] == [True, True]
    assert in_sessions(store, event, mine) == {"I": "booked"}
    assert (refused.status, refused.summary) == (422, ["session-A"])
    assert "“Session A” (09:30–11:00) and “Session I” (09:30–11:00) are at the same time." in refused.words


def test_a_seat_kept_beside_another_asks_to_choose_and_lets_other_answers_be_changed(
    store: Session, visitor: Visitor
) -> None:
    event = an_event(store, sessions=SESSIONS)
    mine = a_registration(store, event, sessions=seats_in("A"))
    clashing(store, event, mine, "B")

    own = visitor.open(own_address(mine))
    changed = visitor.send(visitor.open(own_address(mine) + "change"), {"job_title": "Mayor"})
    still = in_sessions(store, event, mine)
    chosen = visitor.send(visitor.open(sessions_page(mine)), {"sessions": ["B"]})

    assert "Kept although it now clashes with “Session A”: choose one." in own.words
    assert f"{sessions_page(mine)}#session-B" in own.links
    assert (changed.status, chosen.status) == (303, 303)
    assert still == {"A": "booked", "B": "clashing"}
    assert in_sessions(store, event, mine) == {"B": "booked"}


def test_nothing_is_chosen_once_the_event_is_over(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None]
) -> None:
    mine = a_registration(store, an_event(store, sessions=SESSIONS), sessions=seats_in("C"))
    form = visitor.open(sessions_page(mine))
    clock(datetime(2015, 10, 20, tzinfo=UTC))

    sent, opened = visitor.send(form, {"sessions": []}), visitor.open(sessions_page(mine))

    assert (sent.status, opened.status) == (422, 410)
    assert sessions_page(mine) not in visitor.open(own_address(mine)).links


def test_choosing_floods_no_mailbox(store: Session, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_ADDRESS", RateLimitItemPerHour(1))
    mine = a_registration(store, an_event(store, sessions=SESSIONS))
    visitor.send(visitor.open(sessions_page(mine)), {"sessions": ["B"]})

    page = visitor.send(visitor.open(sessions_page(mine)), {"sessions": ["C"]})

    assert (page.status, page.form.answers["sessions"]) == (429, ["C"])
    assert 3500 < int(page.headers["Retry-After"]) <= 3600
