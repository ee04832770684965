"""A programme built from an empty event: by keys with the script, on a phone without it, and from a file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from forumreg.adapters.schedule.writing_csv import programme_csv
from forumreg.rules.access import Role, Shell
from forumreg.rules.event import draft_of
from tests.builders import a_draft
from tests.journeys.axe import complaints
from tests.journeys.forms import bring, follow, heading, press
from tests.journeys.house import House, turin
from tests.journeys.windows import Windows

pytestmark = pytest.mark.browser
PLANNER = "planner@planning.example.org"


def programme(house: House, slug: str) -> str:
    """An event with nothing in it, and somebody who plans it; where its programme is."""
    house.store(a_draft(slug, rooms=()))
    house.hire(PLANNER, Role.ORGANIZER, slug, name="Paola Rossi")
    return f"/organize/{slug}/programme"


def make_room(page: Page, at: str, name: str, seats: str) -> None:
    page.goto(f"{at}/new/rooms")
    page.fill("#name-en", name)
    page.fill("#capacity", seats)
    press(page, "Save the room")


def make_session(page: Page, at: str, title: str, starts: str, ends: str, room: str) -> None:
    page.goto(f"{at}/new?day=2015-10-16")
    page.fill("#title-en", title)
    page.fill("#starts", starts)
    page.fill("#ends", ends)
    page.select_option("#room", label=room)
    page.check("input[name=visibility][value=public]")
    press(page, "Save the session")


def card(page: Page, title: str) -> str:
    """The words of a session's card."""
    return page.locator(".ses").filter(has_text=title).inner_text()


def room_of(page: Page, title: str) -> str | None:
    return page.locator(".plan-room").filter(has_text=title).get_attribute("aria-label")


def drag_across(page: Page, title: str, room: str) -> None:
    """Drag a session's card into another room, at the same hour."""
    found = page.locator(".ses").filter(has_text=title)
    found.hover()
    card_box, room_box = found.bounding_box(), page.get_by_role("region", name=room).bounding_box()
    assert card_box
    assert room_box
    page.mouse.down()
    page.mouse.move(room_box["x"] + room_box["width"] / 2, card_box["y"] + card_box["height"] / 2, steps=5)
    with page.expect_navigation():
        page.mouse.up()


def test_a_programme_is_built_by_keys(windows: Windows, house: House) -> None:
    at = programme(house, "by-keys")
    page = windows.staff(PLANNER)
    page.goto(at)
    follow(page.get_by_role("link", name="Make the first room"))
    found = [*complaints(page)]
    make_room(page, at, "Great Hall", "400")
    make_room(page, at, "Cellar", "60")
    make_session(page, at, "Opening", "09:00", "10:30", "Great Hall (400 seats)")
    make_session(page, at, "Markets", "11:00", "12:00", "Great Hall (400 seats)")

    for key in ("ArrowDown", "ArrowRight"):
        page.get_by_role("link", name="Markets").focus()
        with page.expect_navigation():
            page.keyboard.press(key)
        expect(page.get_by_role("link", name="Markets", exact=True)).to_be_focused()
    assert ("11:30–12:30" in card(page, "Markets"), room_of(page, "Markets")) == (True, "Cellar")
    press(page, "Undo")
    assert room_of(page, "Markets") == "Great Hall"

    for _half_hour in range(4):
        page.get_by_role("link", name="Markets", exact=True).focus()
        with page.expect_navigation():
            page.keyboard.press("ArrowUp")
    expect(page.locator(".ses[data-clash]")).to_have_count(2)
    expect(page.locator(".tabs .count")).to_have_text("1 clash")
    found += complaints(page)
    drag_across(page, "Markets", "Cellar")
    expect(page.locator(".ses[data-clash]")).to_have_count(0)
    assert ("09:30–10:30" in card(page, "Markets"), room_of(page, "Markets")) == (True, "Cellar")
    page.get_by_role("link", name="Markets", exact=True).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    found += complaints(page)
    assert found == []


def test_a_programme_is_built_on_a_phone_without_script(windows: Windows, house: House) -> None:
    at = programme(house, "by-hand")
    page = windows.staff(PLANNER, width=360, script=False)
    make_room(page, at, "Great Hall", "400")
    make_session(page, at, "Opening", "09:00", "10:30", "Great Hall (400 seats)")
    make_session(page, at, "Markets", "10:00", "11:00", "Great Hall (400 seats)")
    expect(page.get_by_text("It stays a draft until that is settled.")).to_be_visible()
    press(page, "Back to the form")
    page.fill("#ends", "11:30")
    page.fill("#starts", "10:30")
    press(page, "More rows for speakers")
    page.fill("#speaker-5-name", "Ana Mayor")
    press(page, "Save the session")
    press(page, "30 minutes later")
    assert "11:00–12:00" in card(page, "Markets")
    press(page, "Undo")
    assert "10:30–11:30" in card(page, "Markets")

    page.goto(f"{at}/list?q=mayor")
    follow(page.get_by_role("link", name="Markets", exact=True))
    follow(page.get_by_role("link", name="Remove the session"))
    press(page, "Remove it")
    expect(page.get_by_text("“Markets” is removed.")).to_be_visible()


def test_the_turin_programme_is_brought_in_on_a_phone_without_script(windows: Windows, house: House) -> None:
    whole = turin(slug="brought-in")
    house.store(replace(whole, rooms=(), tracks=(), sessions=()))
    house.hire(PLANNER, Role.ORGANIZER, "brought-in", name="Paola Rossi")
    page = windows.staff(PLANNER, width=360, script=False)
    at = "/organize/brought-in/programme/import"

    page.goto(at)
    bring(page, "broken.xml", b"<schedule>")
    expect(page.locator(".errsum")).to_be_visible()
    bring(page, "turin.csv", programme_csv(whole))
    assert heading(page) == "What the file would change"
    press(page, "Bring it in")
    expect(page.get_by_text("25 sessions added")).to_be_visible()

    page.goto(at)
    bring(page, "turin.csv", programme_csv(whole))
    expect(page.get_by_text("Bringing it in changes nothing.")).to_be_visible()
    with house.session() as session:
        brought = draft_of(session, Shell(), "brought-in")
    # No sheet says a room's or track's key or in which other languages it has a name.
    assert [replace(each, room=None, track=None, guid=None) for each in brought.sessions] == [
        replace(each, room=None, track=None, guid=None) for each in whole.sessions
    ]
