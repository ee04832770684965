"""The programme's grid and list: what stands where, what is said of it, what it costs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from sqlalchemy import Engine

from forumreg.rules import planning
from forumreg.rules.access import Shell
from forumreg.rules.event.drafts import RoomDraft, SessionDraft, SpeakerDraft, TrackDraft
from forumreg.tables.account import Role
from forumreg.web.site import db
from tests.builders import NOW, a_session, an_event, seats_in
from tests.doors.organizer.conftest import Browser, Office
from tests.pages import Page
from tests.statements import statements

PROGRAMME = "/organize/forum/programme"
FRIDAY = f"{PROGRAMME}?day=2015-10-16"
TEN_IN_TURIN = datetime(2015, 10, 16, 8, tzinfo=UTC)
HOSTILE = '<script>alert("ט")</script>' + "é" * 270


def plan(office: Office, *sessions: SessionDraft, slug: str = "busy", **more: object) -> str:
    """Another event with these sessions, organized by the same person; where its programme is."""
    rooms = more.pop("rooms", (RoomDraft("hall", {"en": "Great Hall"}, 100), RoomDraft("cellar", {"en": "Cellar"}, 20)))
    office.event = an_event(office.session, slug, sessions=sessions, rooms=rooms, **more)
    return f"/organize/{slug}/programme"


def browser_for(office: Office) -> Browser:
    """An organizer of the event that was planned last."""
    return office.browser_of(Role.ORGANIZER, office.event)


def places(html: str) -> list[tuple[str, ...]]:
    """Each card's key, hours and rows from the top, hours and rows it lasts, its lane and how many there are."""
    found = re.findall(
        r'data-h="(\d+)" data-m="(\d+)" data-fh="(\d+)" data-fm="(\d+)" data-lane="(\d+)" data-lanes="(\d+)"'
        r'[^>]*data-key="([^"]+)"',
        html,
    )
    return [(key, *rest) for *rest, key in found]


def rooms_of(html: str) -> dict[str, list[str]]:
    """The keys of the sessions by room."""
    parts = re.findall(r'data-room="([^"]*)"(.*?)</section>', html, re.DOTALL)
    return {room: re.findall(r'data-key="([^"]+)"', part) for room, part in parts}


def read(html: str) -> str:
    """A page without its markup."""
    return re.sub(r"<[^>]+>", "", html)


def test_a_session_stands_in_its_room_at_its_hour(organizer: Browser) -> None:
    page = organizer.get(FRIDAY)

    assert page.status_code == 200
    assert rooms_of(page.text) == {"hall": ["opening"]}
    assert places(page.text) == [("opening", "0", "6", "1", "6", "0", "1")]  # 09:30 to 11:00 in a grid from 09:00
    assert "09:30–11:00, 0 of 100" in read(page.text)


def test_the_first_day_with_a_session_is_shown_unless_another_is_asked_for(organizer: Browser) -> None:
    def current(address: str) -> str:
        shown = re.search(r'<a href="[^"]*day=([\d-]+)" aria-current="true">', organizer.get(address).text)
        return shown[1] if shown else ""

    questions = ("", "?day=2015-10-18", "?day=nonsense", "?chosen=opening")
    assert [current(f"{PROGRAMME}{each}") for each in questions] == [
        "2015-10-16", "2015-10-18", "2015-10-16", "2015-10-16",
    ]  # fmt: skip


def test_any_minute_has_its_place_and_midnight_is_shown_on_both_days(office: Office) -> None:
    at = plan(
        office,
        a_session("odd", "2015-10-16T22:20", "2015-10-16T22:50"),
        a_session("night", "2015-10-16T23:00", "2015-10-17T01:10"),
    )
    browser = browser_for(office)

    friday, saturday = browser.get(f"{at}?day=2015-10-16").text, browser.get(f"{at}?day=2015-10-17").text

    assert places(friday) == [("odd", "6", "4", "0", "6", "0", "1"), ("night", "7", "0", "1", "0", "0", "1")]
    assert places(saturday) == [("night", "0", "0", "1", "2", "0", "1")]
    assert "23:00–01:10, Sat" in saturday
    assert "since the day before" in saturday


def test_clashes_are_named_on_top_and_stand_beside_each_other(office: Office) -> None:
    mayor = (SpeakerDraft("Ana Mayor"),)
    at = plan(
        office,
        a_session("one", speakers=mayor),
        a_session("two", "2015-10-16T10:00", "2015-10-16T12:00"),
        a_session("elsewhere", room="cellar", speakers=mayor),
    )

    page = browser_for(office).get(f"{at}?day=2015-10-16")

    text = unescape(page.text)
    assert "Great Hall is booked twice, Fri 16 Oct, 09:30" in text
    assert "Ana Mayor is in two sessions, Fri 16 Oct, 09:30" in text
    assert '<span class="count" data-tone="bad">2<span class="vh"> clashes</span></span>' in text
    assert {(key, lane, lanes) for key, *_, lane, lanes in places(text)} == {
        ("one", "0", "2"), ("two", "1", "2"), ("elsewhere", "0", "1"),
    }  # fmt: skip
    assert text.count("data-clash") == 3


def test_a_session_without_a_room_has_a_column_of_its_own(office: Office) -> None:
    at = plan(office, a_session("homeless", room=None))

    assert rooms_of(browser_for(office).get(at).text) == {"hall": [], "cellar": [], "": ["homeless"]}


def test_drafts_and_proposed_changes_are_told_apart(office: Office) -> None:
    at = plan(
        office,
        a_session("one"),
        a_session("draft", room="cellar", visibility="draft"),
        a_session("other", "2015-10-16T14:00", "2015-10-16T15:00", room="cellar"),
    )
    planning.move(office.session, Shell(), "busy", "other", room="hall", starts_at=TEN_IN_TURIN, version=1, now=NOW)

    html = browser_for(office).get(f"{at}?day=2015-10-16").text

    assert len(re.findall(r"<li[^>]* data-unseen", html)) == 2
    assert (html.count("<span>Draft</span>"), html.count("<span>Change not public yet</span>")) == (1, 1)
    assert rooms_of(html) == {"hall": ["one", "other"], "cellar": ["draft"]}


def test_words_of_strangers_are_shown_as_words(office: Office) -> None:
    at = plan(office, a_session("evil", title={"en": HOSTILE}, speakers=(SpeakerDraft(HOSTILE[:100]),)))
    browser = browser_for(office)

    pages = [
        browser.get(f"{at}{rest}") for rest in ("", "/list", "/sessions/evil", "/sessions/evil/remove", "?chosen=evil")
    ]

    assert [page.status_code for page in pages] == [200] * 5
    assert [page.text.count("<script>alert") for page in pages] == [0] * 5
    assert "&lt;script&gt;" in pages[0].text


def test_a_rooms_seats_and_how_many_are_taken_are_said(office: Office, organizer: Browser) -> None:
    office.register(sessions=seats_in("opening"))

    html = organizer.get(FRIDAY).text

    assert "09:30–11:00, 1 of 100" in read(html)
    assert '<rect width="1%"' in html
    assert "100 seats, EN FR" in html


def test_an_empty_programme_says_what_to_do_first(office: Office) -> None:
    at = plan(office, slug="empty", rooms=())

    page = browser_for(office).get(at)

    assert (page.status_code, "First the rooms, then the sessions" in page.text) == (200, True)


def filled(office: Office, number: int) -> str:
    sessions = [
        a_session(
            f"s{each}", f"2015-10-16T{9 + each % 8:02}:00", f"2015-10-16T{9 + each % 8:02}:45", room=f"r{each // 8}"
        )
        for each in range(number)
    ]
    rooms = tuple(RoomDraft(f"r{each}", {"en": f"Room {each}"}, 50) for each in range(number // 8 + 1))
    return plan(office, *sessions, slug=f"of-{number}", rooms=rooms, tracks=(TrackDraft("food", {"en": "Food"}),))


@pytest.mark.parametrize(
    "page", ["?day=2015-10-16", "/list", "/list?state=clash&day=2015-10-16", "/rooms", "/sessions/s0"]
)
def test_a_page_costs_the_same_for_one_session_and_for_thirty(office: Office, page: str) -> None:
    counts = []
    for number in (1, 30):
        at = filled(office, number)
        browser = browser_for(office)
        browser.get(f"{at}{page}")
        with statements(pages_engine(office)) as seen:
            assert browser.get(f"{at}{page}").status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1]
    assert 0 < counts[0] < 12


def pages_engine(office: Office) -> Engine:
    """The engine that answers pages."""
    with office.app.app_context():
        return db.engine


def test_the_list_holds_everything_and_is_filtered(office: Office) -> None:
    at = plan(
        office,
        a_session("one", track="food"),
        a_session("two", "2015-10-17T09:00", "2015-10-17T10:00", room="cellar", kind="workshop"),
        a_session("three", room=None, visibility="draft", title={"en": "Öffentliche Märkte"}),
        tracks=(TrackDraft("food", {"en": "Food"}),),
    )
    browser = browser_for(office)

    def keys(question: str) -> set[str]:
        return set(re.findall(r"/sessions/([a-z]+)\"", browser.get(f"{at}/list{question}").text)) - {"new"}

    assert keys("") == {"one", "two", "three"}
    assert keys("?day=2015-10-17") == {"two"}
    assert keys("?room=cellar") == {"two"}
    assert keys("?room=-") == {"three"}
    assert keys("?track=food") == {"one"}
    assert keys("?kind=workshop") == {"two"}
    assert keys("?state=draft") == {"three"}
    assert keys("?q=oeffentliche") == set()
    assert keys("?q=MARKTE") == {"three"}
    assert keys("?room=nowhere") == set()


def test_each_page_has_each_id_once(organizer: Browser) -> None:
    for address in (
        f"{PROGRAMME}?chosen=opening",
        f"{PROGRAMME}/list",
        f"{PROGRAMME}/sessions/opening",
        f"{PROGRAMME}/new",
        f"{PROGRAMME}/rooms",
        f"{PROGRAMME}/rooms/hall",
        f"{PROGRAMME}/limits",
    ):
        ids = Page(organizer.get(address)).ids
        assert (address, sorted(set(ids))) == (address, sorted(ids))
