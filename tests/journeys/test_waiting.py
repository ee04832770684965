"""With no JavaScript: a mistake, the last place, the waiting list, and a roster that shows who came to the place."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from forumreg.rules.access import Role
from tests.builders import a_draft, a_session
from tests.journeys.forms import choose_session, fill_in, follow, heading, press, send, typed
from tests.journeys.house import House
from tests.journeys.letters import opened
from tests.journeys.windows import Windows
from tests.journeys.workbooks import cells_of

pytestmark = [pytest.mark.browser, pytest.mark.smtp]
ADA, BEN = "ada@example.org", "ben@example.org"
FORM = "/events/workshop/register"


@pytest.fixture(scope="module")
def workshop(house: House) -> None:
    house.store(a_draft("workshop", capacity=1, sessions=(a_session("food"), a_session("jobs"))))
    house.hire("organizer@workshop.example.org", Role.ORGANIZER, "workshop", name="Giulia Verdi")
    house.hire("ilo@workshop.example.org", Role.PARTNER, "workshop", "ILO", name="Sample Officer")


@pytest.mark.usefixtures("workshop")
def test_without_javascript_a_place_that_comes_free_goes_to_who_waits(
    house: House, windows: Windows, tmp_path: Path
) -> None:
    ada, ben = windows.open(script=False), windows.open(script=False)
    writes(ben, "Ben", BEN)
    reference = registers_after_a_mistake(ada)
    confirmed = opened(house.mails_to(ADA)[0])
    assert (confirmed.subject, confirmed.code) == (
        "You are registered: Forum on Local Development",
        reference,
    )

    joins_the_line(ben)
    waiting = opened(house.mails_to(BEN)[0])
    assert waiting.subject == "You are on the waiting list: Forum on Local Development"
    assert "You are number 1 in line." in waiting.text

    changes_a_session(ada, confirmed.link)
    changed = opened(house.mails_to(ADA, 2)[1])
    assert changed.subject == "Your registration has changed: Forum on Local Development"
    cancels(ada)
    cancelled = opened(house.mails_to(ADA, 3)[2])
    assert (cancelled.method, cancelled.code) == ("CANCEL", "")
    assert {entry.uid for entry in confirmed.entries} & {entry.uid for entry in cancelled.entries}

    has_a_place(ben, house)
    sees_both(windows.staff("organizer@workshop.example.org", script=False))
    takes_a_roster_of_one(windows.staff("ilo@workshop.example.org", script=False), tmp_path)


def writes(page: Page, name: str, address: str) -> None:
    page.goto(FORM)
    fill_in(page, given_name=name, family_name="Sample", email=address, organisation="City of Samples", country="IT")
    fill_in(page, category="local")
    choose_session(page, "food")
    page.get_by_role("checkbox", name="Share with ILO").check()


def registers_after_a_mistake(page: Page) -> str:
    writes(page, "Ada", "ada@")
    before = typed(page)
    send(page)
    expect(page.locator(".errsum")).to_be_in_viewport()
    assert page.locator(".errsum a").all_inner_texts() == ["Enter an email address such as name@example.org."]
    assert page.title().startswith("Error: ")
    assert typed(page) == before

    fill_in(page, email=ADA)
    send(page)
    assert heading(page) == "Your form has arrived"
    return page.locator("bdi.key").inner_text()


def joins_the_line(page: Page) -> None:
    """The form was opened while there was a place; now there is none."""
    before = typed(page)
    send(page)
    assert page.locator(".errsum a").all_inner_texts() == [
        "The last place was taken while you wrote. Send the form once more to join the waiting list: "
        "a freed place goes to the next in line."
    ]
    assert typed(page) == sorted([*before, "accept_waitlist=1"])
    send(page)
    assert heading(page) == "Your form has arrived"


def changes_a_session(page: Page, link: str) -> None:
    page.goto(link)
    assert heading(page) == "You are registered, Ada"
    follow(page.get_by_role("link", name="Change sessions"))
    choose_session(page, "jobs")
    send(page)
    assert page.get_by_role("status").inner_text() == "Saved. We wrote to you what changed."
    assert page.locator(".agenda .slot-title").all_inner_texts() == ["Session jobs"]


def cancels(page: Page) -> None:
    follow(page.get_by_role("link", name="Cancel registration"))
    assert heading(page) == "Cancel this registration?"
    press(page, "Cancel registration")
    assert heading(page) == "This registration is cancelled, Ada"


def has_a_place(page: Page, house: House) -> None:
    letter = opened(house.mails_to(BEN, 2)[1])
    assert letter.subject == "You have a place: Forum on Local Development"
    page.goto(letter.link)
    assert heading(page) == "You are registered, Ben"
    assert page.locator(".agenda .slot-title").all_inner_texts() == ["Session food"]


def sees_both(page: Page) -> None:
    follow(page.get_by_role("link", name="Forum on Local Development").first)
    follow(page.get_by_role("link", name="Attendees", exact=True))
    rows = page.locator("table.data tbody tr")
    told = [(row.locator("th").inner_text(), row.locator(".pill").inner_text()) for row in rows.all()]
    assert told == [("Sample, Ada", "Cancelled"), ("Sample, Ben", "Confirmed")]

    follow(page.get_by_role("link", name="Sample, Ada"))
    history = page.get_by_role("region", name="History").locator("li > span")
    assert history.all_inner_texts() == [
        "Cancelled (the registrant)",
        "Changed: Sessions (the registrant)",
        "Registered: Confirmed (the registrant)",
    ]


def takes_a_roster_of_one(page: Page, folder: Path) -> None:
    follow(page.get_by_role("link", name="Roster for ILO"))
    with page.expect_download() as waiting:
        page.get_by_role("link", name="XLSX, 1 person").click()
    waiting.value.save_as(folder / "roster.xlsx")
    header, *rows = cells_of(folder / "roster.xlsx")["Roster"]
    assert [dict(zip(header, row, strict=True)) for row in rows] == [
        {
            "status": "confirmed",
            "category": "local",
            "honorific": None,
            "given_name": "Ben",
            "family_name": "Sample",
            "organisation": "City of Samples",
            "job_title": None,
            "country": "IT",
            "country_name": "Italy",
            "sessions": "Session food",
        }
    ]
