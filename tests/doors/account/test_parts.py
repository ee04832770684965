"""What an account's page says of the events that its owner has a part in; whoever the demo prints can sign in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from flask import Flask

from forumreg.demo.seeding import FORUM, store_events
from forumreg.demo.staff import ACCOUNTS, PARTNERS, hire
from forumreg.demo.times import START
from forumreg.rules import account as accounts
from forumreg.rules.access import Shell
from forumreg.tables.account import Role
from forumreg.web.site import db
from tests.builders import an_event
from tests.doors.account.browser import EMAIL, Browser

DESK_HAS_NO_PAGE = "Checking people in at the desk is not part of this version of forumreg"


def give(app: Flask, *parts: tuple[str, Role, str | None], status: str = "published") -> None:
    """Make these events, and give the account these roles at them."""
    with app.app_context():
        for slug in dict.fromkeys(slug for slug, _role, _name in parts):
            an_event(db.session(), slug, title={"en": f"Meeting {slug}", "fr": f"Rencontre {slug}"}, status=status)
        for slug, role, name in parts:
            accounts.grant(db.session(), Shell(), EMAIL, slug, role, name, now=datetime.now(UTC))
        db.session.remove()


def parts_on(page: str) -> Sequence[tuple[str, str, str]]:
    """The parts that the page lists: address, event, role."""
    rows = r"<li>\s*(?:<a href=\"([^\"]+)\">)?([^<]+?)(?:</a>)?\s*<br>\s*<span class=\"small soft\">([^<]+)</span>"
    return re.findall(rows, page)


def test_each_part_leads_to_its_page(app: Flask, browser: Browser) -> None:
    give(app, ("alba", Role.ORGANIZER, None), ("bra", Role.PARTNER, "UCLG"), ("cuneo", Role.DESK, None))
    browser.sign_in()

    page = browser.get("/account/").text

    assert sorted(parts_on(page)) == [
        ("/events/cuneo/", "Meeting cuneo", "Desk"),
        ("/organize/alba/", "Meeting alba", "Organizer"),
        ("/partners/bra/roster", "Meeting bra", "Co-organizer for United Cities and Local Governments"),
    ]
    assert {browser.get(address).status_code for address, _event, _role in parts_on(page)} == {200}
    assert DESK_HAS_NO_PAGE in page


def test_who_is_at_no_desk_reads_nothing_of_one(app: Flask, browser: Browser) -> None:
    give(app, ("alba", Role.ORGANIZER, None))
    browser.sign_in()

    page = browser.get("/account/").text

    assert [sentence in page for sentence in (DESK_HAS_NO_PAGE, "You have no part in an event yet")] == [False, False]


def test_the_desk_of_a_draft_has_no_link_that_leads_nowhere(app: Flask, browser: Browser) -> None:
    give(app, ("cuneo", Role.DESK, None), status="draft")
    browser.sign_in()

    assert parts_on(browser.get("/account/?lang=fr").text) == [("", "Rencontre cuneo", "Accueil")]


def test_where_the_desk_has_no_page_it_is_told_and_led_back(app: Flask, browser: Browser) -> None:
    give(app, ("cuneo", Role.DESK, None))
    browser.sign_in()
    answers = [
        browser.get(address) for address in ("/organize/cuneo/", "/organize/cuneo/attendees", "/partners/cuneo/roster")
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert all("You may not see this page" in answer.text for answer in answers)
    assert [re.findall(r'class="btn" href="([^"]+)"', answer.text) for answer in answers] == [["/account/start"]] * 3
    assert browser.get("/account/start").location == "/account/"


def test_each_sign_in_that_the_demo_prints_leads_to_a_page(app: Flask) -> None:
    with app.app_context():
        store_events(db.session())
        hire(db.session(), FORUM, now=START, moment=datetime.now(UTC))
        db.session.remove()

    found = {}
    for account in ACCOUNTS:
        browser = Browser(app)
        browser.sign_in(account.email, account.password)
        home = browser.get("/account/start").location
        found[account.what] = (home, browser.get(home).status_code)

    assert found == {
        "administrator": ("/organize/", 200),
        "organizer": ("/organize/", 200),
        "desk": ("/account/", 200),
        **{f"co-organizer {name}": ("/partners/", 200) for name in PARTNERS.values()},
    }
