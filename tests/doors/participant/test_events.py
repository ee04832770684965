"""The list of events, an event, its programme, its calendars."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from forumreg.rules.event.drafts import OrganisationDraft, RegistrationDraft
from tests.builders import NOW, a_receipt, a_session, an_event
from tests.doors.participant.conftest import FORM
from tests.pages import Page, Visitor
from tests.statements import statements

PUBLIC_PAGES = (
    "/",
    "/events/forum/",
    "/events/forum/programme",
    "/events/forum/privacy",
    "/events/forum/event.ics",
    "/events/forum/programme.ics",
    "/events/forum/find/sent",
    "/events/forum/schedule.xml",
    "/events/forum/schedule.json",
    "/events/forum/changes.atom",
)
FEEDS = tuple(  # a program keeps its own copy and asks whether it still holds
    f"/events/forum/{name}" for name in ("programme.ics", "schedule.xml", "schedule.json", "changes.atom")
)
CLOSED = {"registration": RegistrationDraft(closes_at=datetime(2015, 8, 1, 21, 59, tzinfo=UTC))}
NOT_YET = {"registration": RegistrationDraft(opens_at=datetime(2015, 9, 14, 7, 0, tzinfo=UTC))}
NO_LINE = {"registration": RegistrationDraft(waitlist=False)}
WRITE = "Write to forum@example.org with any question."


def plain(words: str) -> str:
    """The words without the days of the week."""
    return re.sub(r"\b[A-Z][a-z]+day,? ", "", words)


def hours(number: int) -> tuple[str, str]:
    """One of the half hours from 8:00 on 15 October."""
    start = datetime(2015, 10, 15, 8) + timedelta(minutes=15 * number)  # noqa: DTZ001 (Turin's wall clock)
    return start.isoformat(timespec="minutes"), (start + timedelta(minutes=15)).isoformat(timespec="minutes")


def test_the_list_holds_published_public_events_and_no_others(store: Session, visitor: Visitor) -> None:
    an_event(store, "forum", title={"en": "Forum"})
    an_event(store, "draft", title={"en": "Draft"}, status="draft")
    an_event(store, "hidden", title={"en": "Hidden"}, visibility="unlisted")
    an_event(store, "past", title={"en": "Past"}, starts_on=date(2014, 5, 1), ends_on=date(2014, 5, 2))

    page = visitor.open("/")

    assert [link for link in page.links if link.startswith("/events/")] == ["/events/forum/", "/events/past/"]
    assert "Draft" not in page.html
    assert "Hidden" not in page.html


@pytest.mark.parametrize("place", ["", "programme", "privacy", "register", "find", "event.ics", "programme.ics"])
def test_a_draft_is_not_there_and_an_unlisted_event_is(store: Session, visitor: Visitor, place: str) -> None:
    an_event(store, "draft", status="draft")
    an_event(store, "hidden", visibility="unlisted")

    answers = [visitor.open(f"/events/{slug}/{place}").status for slug in ("draft", "hidden", "nowhere")]

    assert answers == [404, 200, 404]


@pytest.mark.parametrize("contact", ["forum@example.org", ""])
@pytest.mark.parametrize(
    ("facts", "day", "code", "heading", "sentence", "asks"),
    [
        (
            CLOSED,
            0,
            410,
            "Registration is closed",
            "Registration closed on 1 August 2015, 23:59 (Turin time, UTC+02:00).",
            True,
        ),
        (
            NOT_YET,
            0,
            200,
            "Registration is not open yet",
            "Registration opens on 14 September 2015, 09:00 (Turin time, UTC+02:00).",
            False,
        ),
        ({}, 60, 410, "Over", "This event is over.", True),
        ({"status": "closed"}, 0, 410, "Registration is closed", "Registration is closed.", True),
        ({"status": "cancelled"}, 0, 410, "Cancelled", "This event is cancelled.", True),
        ({"capacity": 1, **NO_LINE}, 0, 200, "Full", "All places are taken.", True),
    ],
)
def test_where_there_is_no_form_the_page_says_why_and_whom_to_ask(
    store: Session,
    visitor: Visitor,
    clock: Callable[[datetime], None],
    facts: dict[str, Any],
    day: int,
    code: int,
    heading: str,
    sentence: str,
    asks: bool,
    contact: str,
) -> None:
    event = an_event(store, **facts, contact_email=contact)
    if facts.get("capacity"):
        a_receipt(store, event)
    clock(NOW + timedelta(days=day))

    shown, form = visitor.open("/events/forum/"), visitor.open(FORM)

    assert (form.status, form.heading, form.forms) == (code, heading, [])
    for page in (shown, form):
        assert (f"{sentence} {WRITE}" if asks and contact else sentence) in plain(page.words)
        assert ("with any question" in page.words) == (asks and bool(contact))
    assert FORM not in shown.links


def test_an_open_event_says_until_when_and_how_many_places_are_left(store: Session, visitor: Visitor) -> None:
    a_receipt(store, an_event(store, capacity=3))

    page = visitor.open("/events/forum/")

    told = "No account needed. Open until 10 October 2015, 00:00 (Turin time, UTC+02:00). 2 places left."
    assert told in plain(page.words)
    assert FORM in page.links


@pytest.mark.parametrize("closes_at", [None, datetime(2015, 12, 31, tzinfo=UTC)])
def test_an_event_that_closes_with_its_last_day_says_so(
    store: Session, visitor: Visitor, closes_at: datetime | None
) -> None:
    an_event(store, registration=RegistrationDraft(closes_at=closes_at))

    told = plain(visitor.open("/events/forum/").words)

    assert "No account needed. Open until the end of 18 October 2015." in told


def test_a_text_in_another_language_than_the_page_says_which(store: Session, visitor: Visitor) -> None:
    an_event(store, title={"en": "Forum"}, summary={"en": "Four days.", "fr": "Quatre jours."}, venue={"en": "Palace"})

    page = visitor.open("/events/forum/?lang=fr")

    assert '<h1 lang="en">Forum</h1>' in page.html
    assert '<p class="hero-by">Quatre jours.</p>' in page.html
    assert '<span lang="en">Palace</span>' in page.html


def test_an_event_without_a_place_has_no_row_for_it(store: Session, visitor: Visitor) -> None:
    an_event(store, venue={}, city="", country=None)

    assert "<dt>Where</dt>" not in visitor.open("/events/forum/").html


def test_the_demos_clock_is_told_in_turins_time_where_there_is_no_event(visitor: Visitor) -> None:
    assert "1 September 2015, 09:00 (Turin time, UTC+02:00)" in plain(visitor.open("/").words)


def test_a_full_event_with_a_line_offers_the_line(store: Session, visitor: Visitor) -> None:
    a_receipt(store, an_event(store, capacity=1))

    page = visitor.open(FORM)

    assert "Register to join the waiting list" in page.words
    assert page.form.answers["accept_waitlist"] == ["1"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", "morning"), ("?day=2015-10-17", "late"), ("?day=2015-01-01", "morning"), ("?day=%E2%80%AE", "morning")],
)
def test_the_day_that_is_asked_for_is_shown_else_the_first(
    store: Session, visitor: Visitor, query: str, shown: str
) -> None:
    an_event(store, sessions=(a_session("morning"), a_session("late", "2015-10-17T18:00", "2015-10-17T19:30")))

    page = visitor.open(f"/events/forum/{query}")

    assert [key for key in ("morning", "late") if f"Session {key}" in page.html] == [shown]


def test_the_programme_shows_today_while_the_event_lasts(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None]
) -> None:
    an_event(store, sessions=(a_session("first"), a_session("second", "2015-10-17T09:00", "2015-10-17T10:00")))
    clock(datetime(2015, 10, 16, 22, 30, tzinfo=UTC))  # half past midnight in Turin

    assert "Session second" in visitor.open("/events/forum/").html


def test_hours_are_those_of_the_place(store: Session, visitor: Visitor) -> None:
    evening = (a_session("A", "2015-10-16T02:00", "2015-10-16T03:00"),)
    an_event(store, sessions=evening, timezone="America/Bogota", city="Pasto", country="CO")

    page = visitor.open("/events/forum/programme")

    assert "Thursday 15 October" in page.words
    assert "19:00–20:00" in page.words
    assert "Times are Pasto time, UTC-05:00" in page.words


def test_pages_cost_the_same_with_one_session_and_with_thirty(
    store: Session, visitor: Visitor, app_engine: Engine
) -> None:
    costs = []
    for number in (1, 30):
        an_event(store, sessions=tuple(a_session(f"s{each}", *hours(each), capacity=5) for each in range(number)))
        for address in ("/events/forum/", "/events/forum/programme", FORM):
            visitor.open(address)  # an event's own words are read once a version
            with statements(app_engine) as seen:
                visitor.open(address)
            costs.append((address, len(seen)))

    assert costs[:3] == costs[3:]


def test_the_list_costs_the_same_for_one_event_and_for_thirty(
    store: Session, visitor: Visitor, app_engine: Engine
) -> None:
    costs = []
    for number in (1, 30):
        for each in range(number):
            an_event(store, f"forum-{each}")
        visitor.open("/")
        with statements(app_engine) as seen:
            visitor.open("/")
        costs.append(len(seen))

    assert costs[0] == costs[1]


def test_calendars_are_read_by_a_calendar(store: Session, visitor: Visitor) -> None:
    an_event(store, sessions=(a_session("A"), a_session("B", "2015-10-17T09:00", "2015-10-17T10:00")))

    event, programme = (visitor.open(f"/events/forum/{name}.ics") for name in ("event", "programme"))

    assert (event.headers["Content-Type"], event.headers["Content-Disposition"]) == (
        "text/calendar; charset=utf-8",
        'attachment; filename="forum.ics"',
    )
    assert len(Calendar.from_ical(event.html).walk("VEVENT")) == 1
    starts = [entry.decoded("DTSTART") for entry in Calendar.from_ical(programme.html).walk("VEVENT")]
    assert sorted(start.astimezone(UTC) for start in starts) == [
        datetime(2015, 10, 16, 7, 30, tzinfo=UTC),
        datetime(2015, 10, 17, 7, 0, tzinfo=UTC),
    ]


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_who_only_reads_gets_no_cookie(store: Session, visitor: Visitor, address: str) -> None:
    an_event(store)

    page = visitor.open(address)

    assert (page.status, page.headers.getlist("Set-Cookie")) == (200, [])


@pytest.mark.parametrize("address", [*PUBLIC_PAGES, FORM, "/events/forum/find", "/events/nowhere/", "/r/nothing/"])
def test_every_answer_is_protected(store: Session, visitor: Visitor, address: str) -> None:
    an_event(store)

    headers = visitor.open(address).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["Referrer-Policy"], headers["X-Content-Type-Options"], headers["Cache-Control"]) == (
        "no-referrer",
        "nosniff",
        "private, no-cache" if address in FEEDS else "private, no-store",
    )
    assert "Strict-Transport-Security" not in headers  # plain http here


def test_the_language_that_was_chosen_is_kept(store: Session, visitor: Visitor) -> None:
    an_event(store)

    visitor.open("/events/forum/?lang=fr")

    assert visitor.open("/events/forum/").heading == "Forum du développement local"


def test_the_page_says_where_it_is_and_who_invites(store: Session, visitor: Visitor) -> None:
    an_event(store)

    page = visitor.open("/events/forum/")

    assert "WhereRoyal PalaceTurin, Italy" in page.words
    invites = page.words.partition("Who invites you")[2].partition("Each organization")[0]
    names = ("ILO", "International Labour Organization", "UCLG", "United Cities and Local Governments", "City of Turin")
    assert [name for name in names if name not in invites] == []


INVITING = (
    OrganisationDraft("Association of Mayors", "partner", "AM", "IT"),
    OrganisationDraft("International Labour Organization", "co-organizer", "ILO", "CH"),
    OrganisationDraft("City of Turin", "organizer", "", "IT"),
    OrganisationDraft("Foundation of the Bank", "partner", "", "IT"),
)


@pytest.mark.parametrize(
    ("language", "roles"),
    [
        ("en", ("Organizer", "Co-organizer", "Partner")),
        ("fr", ("Organisateur", "Co-organisateur", "Partenaire")),
    ],
)
def test_each_organization_stands_with_its_role(
    store: Session, visitor: Visitor, language: str, roles: tuple[str, str, str]
) -> None:
    an_event(store, organisations=INVITING)

    organizer, co_organizer, partner = roles
    assert hosts_on(visitor.open(f"/events/forum/?lang={language}")) == [
        ["City of Turin", organizer],
        ["ILO", "International Labour Organization", co_organizer],
        ["AM", "Association of Mayors", partner],
        ["Foundation of the Bank", partner],
    ]


def hosts_on(page: Page) -> list[list[str]]:
    """Who invites, as the page lists it: short name, name, role."""
    listed = re.search(r'<ul class="hosts">(.*?)</ul>', page.html, re.DOTALL)
    rows = re.findall(r"<li>(.*?)</li>", listed[1]) if listed else []
    return [re.findall(r">([^<]+)<", row) for row in rows]


@pytest.mark.parametrize(
    ("roles", "asked", "not_asked"),
    [(("organizer", "partner"), True, True), (("co-organizer",), True, False), (("partner",), False, True)],
)
def test_the_page_says_who_sees_ones_details_and_who_never_does(
    store: Session, visitor: Visitor, roles: tuple[str, ...], asked: bool, not_asked: bool
) -> None:
    an_event(store, organisations=tuple(OrganisationDraft(f"City of {role}", role) for role in roles))

    words = visitor.open("/events/forum/").words

    assert ("Each organization sees your details only if you agree to it" in words) == asked
    assert ("Partners do not see your details." in words) == not_asked


def test_nobody_invites_where_no_organization_is_named(store: Session, visitor: Visitor) -> None:
    an_event(store, organisations=())

    assert "Who invites you" not in visitor.open("/events/forum/").words


def test_a_full_event_with_a_line_says_so_on_its_page_and_in_the_list(store: Session, visitor: Visitor) -> None:
    a_receipt(store, an_event(store, capacity=1))

    page, listed = visitor.open("/events/forum/"), visitor.open("/")

    assert "All places are taken. Register to join the waiting list" in page.words
    assert f"{FORM}" in page.links
    assert "Waiting list" in listed.words
    assert "15–18 October 2015, Turin" in listed.words
