"""With no JavaScript: a mistake, the last place, the waiting list, a roster, and all that an organizer decides."""

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
ADA, BEN, CAI = "ada@example.org", "ben@example.org", "cai@example.org"
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


@pytest.fixture
def press_pass(house: House) -> str:
    """The reference of a journalist who waits for a decision, and who shares with the ILO."""
    meeting = house.store(a_draft("meeting", capacity=9))
    house.hire("organizer@meeting.example.org", Role.ORGANIZER, "meeting", name="Giulia Verdi")
    house.hire("ilo@meeting.example.org", Role.PARTNER, "meeting", "ILO", name="Sample Officer")
    return house.register(meeting, ("ILO",), given_name="Cai", family_name="Sample", email=CAI, category="press")


def test_without_javascript_an_organizer_decides_each_way(house: House, windows: Windows, press_pass: str) -> None:
    page = windows.staff("organizer@meeting.example.org", script=False)
    follow(page.locator("table tbody td").nth(1).get_by_role("link", name="1"))
    assert statuses(page) == {press_pass: "Pending"}
    follow(page.get_by_role("link", name="Sample, Cai"))

    assert decides(page, "Confirm") == ("Cai Sample is confirmed, and a mail says so.", "Confirmed")
    follow(page.get_by_role("link", name="Put on the waiting list"))
    assert heading(page) == "Put Cai Sample on the waiting list?"
    assert decides(page, "Put on the waiting list") == (
        "Cai Sample is on the waiting list, and a mail says so.",
        "Waiting list",
    )
    assert decides(page, "Give a place") == ("Cai Sample has a place, and a mail says so.", "Confirmed")
    declines(page)
    assert decides(page, "Confirm after all") == ("Cai Sample is confirmed, and a mail says so.", "Confirmed")
    assert on_the_roster(windows) == 1
    follow(page.get_by_role("link", name="Cancel this registration"))
    assert heading(page) == "Cancel the registration of Cai Sample?"
    assert decides(page, "Cancel the registration") == (
        "The registration of Cai Sample is cancelled, and a mail says so.",
        "Cancelled",
    )

    assert on_the_roster(windows) == 0
    letters = [opened(mail) for mail in house.mails_to(CAI, 7)]
    assert sorted(letter.subject.partition(":")[0] for letter in letters) == [
        "About your registration",
        "We have your registration",
        "You are on the waiting list",
        "You are registered",
        "You are registered",
        "You have a place",
        "Your registration is cancelled",
    ]
    assert ["The press room is full." in letter.text for letter in letters].count(True) == 1


def statuses(page: Page) -> dict[str, str]:
    """The status of each registrant in the list, by reference."""
    rows = page.locator("table.data tbody tr")
    addresses = [row.locator("th a").get_attribute("href") or "" for row in rows.all()]
    return dict(
        zip(
            [each.partition("?")[0].rpartition("/")[2] for each in addresses],
            rows.locator(".pill").all_inner_texts(),
            strict=True,
        )
    )


def decides(page: Page, button: str) -> tuple[str, str]:
    """What the page says once the button was pressed, and the status that it shows."""
    press(page, button)
    return page.get_by_role("status").inner_text(), page.locator(".page-head .pill").inner_text()


def declines(page: Page) -> None:
    """First with a reason that is empty, which the browser lets through, then with one."""
    page.get_by_text("Decline, with a reason").click()
    page.fill("#reason", " ")
    press(page, "Decline")
    assert page.locator(".errsum a").all_inner_texts() == ["Write a reason. The registrant reads it."]

    page.fill("#reason", "The press room is full.")
    assert decides(page, "Decline") == ("Cai Sample is declined, and a mail gives the reason.", "Declined")
    expect(page.get_by_text("Reason given: The press room is full.")).to_be_visible()


def on_the_roster(windows: Windows) -> int:
    """How many people the co-organizer may see."""
    page = windows.staff("ilo@meeting.example.org", script=False)
    follow(page.get_by_role("link", name="Roster for ILO"))
    return int(page.locator("dl.keys dd").first.inner_text())


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
