"""Who gets in, whatever the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs

import pytest
from flask import Flask
from sqlalchemy import delete

from forumreg.store.writing import writing
from forumreg.tables.account import Role, StaffSession
from tests.builders import an_event
from tests.doors.organizer.conftest import Browser, Office

HOME = "organizer.home.index"  # every staff member has one


def addresses(app: Flask, method: str) -> Iterator[str]:
    """The address of every page of one event, filled in."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("organizer.") and rule.endpoint != HOME and method in (rule.methods or ()):
            yield re.sub(
                r"<int(?:\([^)]*\))?:\w+>",
                "1",
                re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
                .replace("<slug:slug>", "forum")
                .replace("<reference>", "TUR-2222-2222")
                .replace("<key>", "opening"),
            )


def answers(app: Flask, browser: Browser) -> set[int]:
    """What the browser is answered everywhere."""
    pages = {browser.get(address).status_code for address in addresses(app, "GET")}
    forms = {browser.send(address).status_code for address in addresses(app, "POST")}
    return pages | forms


def test_there_are_doors_to_try(app: Flask) -> None:
    assert (len(list(addresses(app, "GET"))), len(list(addresses(app, "POST")))) == (31, 26)


@pytest.mark.parametrize("role", [Role.DESK, Role.PARTNER])
def test_other_roles_are_refused_everywhere(app: Flask, office: Office, role: Role) -> None:
    assert answers(app, office.browser_of(role)) == {403}


def test_an_organizer_of_another_event_is_refused_everywhere(app: Flask, office: Office) -> None:
    elsewhere = an_event(office.session, "elsewhere")

    assert answers(app, office.browser_of(Role.ORGANIZER, elsewhere)) == {403}


def test_who_is_not_signed_in_is_sent_to_sign_in(app: Flask, office: Office) -> None:
    stranger = office.browser_of(None)

    found = {stranger.get(address).location.partition("?")[0] for address in addresses(app, "GET")}

    assert found == {"/account/login"}


def test_an_event_that_does_not_exist_is_not_found(organizer: Browser) -> None:
    codes = {organizer.get(f"/organize/nowhere{page}").status_code for page in ("/", "/attendees", "/messages")}

    assert codes == {404}


def test_a_missing_page_of_staff_leads_back_to_their_pages(organizer: Browser) -> None:
    page = organizer.get("/organize/nowhere/").text

    assert ["Go to your pages" in page, "link to your registration" in page] == [True, False]


def test_a_form_without_its_key_changes_nothing(office: Office, organizer: Browser) -> None:
    reference = office.register(category="press")

    answer = organizer.client.post(f"/organize/forum/attendees/{reference}/confirm", data={"version": 1})

    assert (answer.status_code, office.status_of(reference)) == (400, "pending")


def test_home_shows_own_events_with_their_numbers(office: Office, organizer: Browser) -> None:
    an_event(office.session, "elsewhere", title={"en": "Somebody else’s"})
    office.register()
    office.register(category="press")

    page = organizer.get("/organize/")

    rows = re.findall(r"<td class=\"n\">\s*(?:<a [^>]+>)?(\d+)", page.text)
    assert (page.status_code, rows, "Somebody else" in page.text) == (200, ["2", "1"], False)
    counted = "status=pending&amp;status=waitlisted&amp;status=confirmed"
    assert f'href="/organize/forum/attendees?{counted}"' in page.text


@pytest.mark.parametrize("role", [Role.DESK, Role.PARTNER])
def test_home_of_somebody_who_organizes_nothing_says_whom_to_ask(office: Office, role: Role) -> None:
    page = office.browser_of(role).get("/organize/")

    assert (page.status_code, "You do not organize an event yet" in page.text) == (200, True)


@pytest.mark.parametrize(("act", "page"), [("confirm", ""), ("decline", ""), ("cancel", "/cancel")])
def test_who_was_signed_out_meanwhile_is_told_and_led_back(office: Office, act: str, page: str) -> None:
    reference = office.register(category="press")
    browser, at = office.browser_of(Role.ORGANIZER), f"/organize/forum/attendees/{reference}"
    form = browser.form_of(at, f"{at}/decline")
    view = "?status=pending&country=IT"

    with writing(office.session):
        office.session.execute(delete(StaffSession))
    ended_elsewhere = browser.client.post(f"{at}/{act}{view}", data={**form, "reason": "Too late."})
    told = browser.get(ended_elsewhere.location).text
    with browser.client.session_transaction() as cookie:
        cookie.clear()
    signed_out = browser.client.post(f"{at}/{act}{view}", data={**form, "reason": "Too late."})
    [link] = re.findall('href="(/account/login[^"]*)">Sign in</a>', signed_out.text)

    assert (ended_elsewhere.status_code, signed_out.status_code, office.status_of(reference)) == (303, 400, "pending")
    back = {"next": [f"{at}{page}{view}"]}
    assert [parse_qs(each.partition("?")[2]) for each in (ended_elsewhere.location, unescape(link))] == [back, back]
    assert "You are signed out, so nothing was done, and what you sent is not kept." in told
    assert "Nothing was done, and what you sent is not kept." in signed_out.text


def test_a_form_from_before_signing_in_again_leads_back_to_its_page(office: Office, organizer: Browser) -> None:
    reference = office.register(category="press")
    at = f"/organize/forum/attendees/{reference}"

    answer = organizer.client.post(f"{at}/confirm?country=IT", data={"csrf_token": "of another time", "version": 1})

    assert (answer.status_code, office.status_of(reference)) == (400, "pending")
    assert f'href="{at}?country=IT">Go on</a>' in answer.text
