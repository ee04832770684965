"""Rooms, tracks and the limits of booking at the organizers' pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from forumreg.rules.event import EventFacts, facts
from forumreg.rules.event.drafts import LimitsDraft, TrackDraft
from forumreg.tables.account import Role
from tests.builders import a_registration, a_session, an_event, mails, seats_in
from tests.doors.organizer.conftest import Browser, Office
from tests.pages import Page

AT = "/organize/plan/programme"
HALL, FOOD = f"{AT}/rooms/hall", f"{AT}/tracks/food"


@pytest.fixture
def browser(office: Office) -> Browser:
    """The browser of an organizer of an event with a session in a room and a track."""
    tracks = (TrackDraft("food", {"en": "Food"}),)
    event = an_event(office.session, "plan", sessions=(a_session("one", track="food"),), tracks=tracks)
    return office.browser_of(Role.ORGANIZER, event)


def event_of(office: Office) -> EventFacts:
    office.session.rollback()
    return facts(office.session, "plan")


def fill(browser: Browser, address: str, answers: Mapping[str, object]) -> Page:
    """Open a page and send its form with these answers."""
    form = Page(browser.get(address)).form
    typed = {name: str(value) for name, value in answers.items()}
    return Page(browser.client.post(form.action, data=form.filled(typed)))


def again(browser: Browser, page: Page, **answers: str) -> Page:
    """Send the form of a page that asks something."""
    return Page(browser.client.post(page.form.action, data=page.form.filled(answers)))


def test_rooms_and_tracks_are_listed_with_their_sessions(browser: Browser) -> None:
    page = browser.get(f"{AT}/rooms")

    rows = re.findall(r'(<th role="rowheader".*?)</tr>', page.text, re.DOTALL)
    words = [" ".join(re.sub(r"<[^>]+>", "", row).split()) for row in rows]
    assert (page.status_code, words) == (
        200, ["Great Hall Seats 100 Sessions 1 Remove Great Hall", "Food Sessions 1 Remove Food"],
    )  # fmt: skip


def test_a_room_and_a_track_are_made(office: Office, browser: Browser) -> None:
    room = fill(browser, f"{AT}/new/rooms", {"name-en": "Great  Hall", "name-fr": "Salle", "capacity": "60"})
    same = fill(browser, f"{AT}/new/rooms", {"name-en": "Great Hall"})
    track = fill(browser, f"{AT}/new/tracks", {"name-en": "Jobs"})

    event = event_of(office)
    assert [page.status for page in (room, same, track)] == [303] * 3
    assert [(each.key, each.name, each.capacity) for each in event.rooms[1:]] == [
        ("great-hall", {"en": "Great Hall", "fr": "Salle"}, 60), ("great-hall-2", {"en": "Great Hall"}, None),
    ]  # fmt: skip
    assert [each.key for each in event.tracks] == ["food", "jobs"]


def test_a_room_and_a_track_are_changed(office: Office, browser: Browser) -> None:
    fill(browser, HALL, {"name-en": "Small Hall", "capacity": ""})
    fill(browser, FOOD, {"name-en": "Markets"})

    event = event_of(office)
    assert (event.rooms[0].name, event.rooms[0].capacity) == ({"en": "Small Hall"}, None)
    assert event.tracks[0].title == {"en": "Markets"}


@pytest.mark.parametrize(
    ("address", "typed", "places"),
    [
        (HALL, {"name-en": " ", "capacity": "many"}, ["name-en", "capacity"]),
        (HALL, {"capacity": "0"}, ["capacity"]),
        (HALL, {"name-en": "x" * 301}, ["name-en"]),
        (FOOD, {"name-en": "", "name-fr": "Marchés"}, ["name-en"]),
    ],
)
def test_a_mistake_comes_back_with_what_was_typed(
    office: Office, browser: Browser, address: str, typed: dict[str, str], places: list[str]
) -> None:
    page = fill(browser, address, typed)

    kept = page.form.answers
    assert (page.status, page.summary) == (422, places)
    assert {name: kept[name] for name in typed} == {name: [text.strip()] for name, text in typed.items()}
    assert [each.version for each in (*event_of(office).rooms, *event_of(office).tracks)] == [1, 1]


def test_an_older_form_of_a_room_shows_both_and_is_saved_by_one_button(office: Office, browser: Browser) -> None:
    older = Page(browser.get(HALL)).form
    fill(browser, HALL, {"name-en": "Theirs"})

    page = Page(browser.client.post(older.action, data=older.filled({"name-en": "Mine"})))
    stored = event_of(office).rooms[0].name
    saved = again(browser, page)

    assert (page.status, stored, "Theirs" in page.words, "Mine" in page.words) == (409, {"en": "Theirs"}, True, True)
    assert (saved.status, event_of(office).rooms[0].name) == (303, {"en": "Mine"})


def test_a_smaller_room_asks_about_the_seats_that_are_too_many(office: Office, browser: Browser) -> None:
    for _number in range(3):
        a_registration(office.session, event_of(office), sessions=seats_in("one"))

    asked = fill(browser, HALL, {"capacity": "1"})
    refused = again(browser, asked)
    done = again(browser, asked, over="waitlist")

    assert (asked.status, "2 seats more are taken than there would be." in asked.words) == (200, True)
    assert (refused.status, refused.summary) == (422, ["over"])
    assert (done.status, event_of(office).rooms[0].capacity) == (303, 1)


def test_removing_a_room_is_asked_about_and_its_people_are_told(office: Office, browser: Browser) -> None:
    a_registration(office.session, event_of(office), sessions=seats_in("one"))
    before = len(mails(office.session))

    asked = Page(browser.get(f"{HALL}/remove"))
    page = again(browser, asked)

    event = event_of(office)
    assert "1 session is in it." in asked.words
    assert "1 seat or place in line is in these sessions." in asked.words
    assert (page.status, event.rooms, event.planned[0].room) == (303, (), None)
    assert [message for message, _who in mails(office.session)[before:]] == ["moved"]


def test_removing_a_room_that_was_booked_meanwhile_asks_again(office: Office, browser: Browser) -> None:
    asked = Page(browser.get(f"{HALL}/remove"))
    a_registration(office.session, event_of(office), sessions=seats_in("one"))

    page = again(browser, asked)

    assert (page.status, len(event_of(office).rooms)) == (409, 1)
    assert again(browser, page).status == 303


def test_removing_a_track_keeps_its_sessions(office: Office, browser: Browser) -> None:
    page = again(browser, Page(browser.get(f"{FOOD}/remove")))

    event = event_of(office)
    assert (page.status, event.tracks, event.planned[0].track) == (303, (), None)


def test_a_part_that_is_not_there_is_not_found(browser: Browser) -> None:
    pages = [
        browser.get(f"{AT}/{what}/nowhere{more}").status_code
        for what in ("rooms", "tracks")
        for more in ("", "/remove")
    ]
    forms = [browser.send(f"{AT}/rooms/nowhere{more}", {"version": "1"}).status_code for more in ("", "/remove")]

    assert (pages, forms) == ([404] * 4, [404] * 2)


def test_removing_without_a_version_is_no_request_of_ours(browser: Browser) -> None:
    assert browser.send(f"{HALL}/remove").status_code == 400


# Limits ----------------------------------------------------------------------------------------------------------


def test_limits_are_set_shown_and_taken_back(office: Office, browser: Browser) -> None:
    typed = {"most-panel": "2", "organisation": "5", "until": "2015-10-01"}
    saved = fill(browser, f"{AT}/limits", typed)
    event = event_of(office)

    shown = Page(browser.get(f"{AT}/limits")).form
    fill(browser, f"{AT}/limits", dict.fromkeys(typed, ""))
    after = event_of(office)

    assert (saved.status, event.most_per_kind, event.most_per_organisation) == (303, {"panel": 2}, 5)
    assert event.organisation_limit_until == datetime(2015, 10, 1, 22, tzinfo=UTC)
    assert shown.kept(typed) == {name: [value] for name, value in typed.items()}
    assert (after.most_per_kind, after.most_per_organisation, after.organisation_limit_until) == ({}, None, None)


def test_an_hour_that_a_file_set_outlives_the_form(office: Office) -> None:
    until = datetime(2015, 10, 1, 10, 30, tzinfo=UTC)
    event = an_event(office.session, "plan", limits=LimitsDraft({}, 5, until))
    browser = office.browser_of(Role.ORGANIZER, event)

    fill(browser, f"{AT}/limits", {"organisation": "6"})

    assert (event_of(office).most_per_organisation, event_of(office).organisation_limit_until) == (6, until)


@pytest.mark.parametrize(
    ("name", "typed"), [("most-panel", "-1"), ("most-workshop", "some"), ("organisation", "0"), ("until", "Friday")]
)
def test_a_limit_that_is_none_comes_back(office: Office, browser: Browser, name: str, typed: str) -> None:
    page = fill(browser, f"{AT}/limits", {"most-plenary": "3", name: typed})

    assert (page.status, page.summary) == (422, [name])
    assert (page.form.answers[name], page.form.answers["most-plenary"]) == ([typed], ["3"])
    assert event_of(office).most_per_kind == {}
