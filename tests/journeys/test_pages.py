"""Every page for everybody: axe-core finds nothing, nothing scrolls sideways, no page complains in its console."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from flask import g
from playwright.sync_api import Page

from forumreg.app import create_app
from forumreg.base.settings import load
from forumreg.doors.worker.rendering import draft_of
from forumreg.rules import registration as registrations
from forumreg.rules.access import Role, Shell
from forumreg.rules.account.guessing import FREE_TRIES
from forumreg.rules.event.drafts import RoomDraft, SpeakerDraft
from forumreg.rules.registration.letters import AnnouncementFacts
from forumreg.web.bare import bare_app
from forumreg.web.errors import plain
from tests.builders import NOW, a_draft, a_session
from tests.doors.account.browser import code_after
from tests.journeys.axe import WCAG, complaints, have_ready
from tests.journeys.forms import bring, choose_session, fill_in, follow, heading, press, send
from tests.journeys.gallery import ORGANIZER, PARTNER, Gallery, a_gallery
from tests.journeys.house import PASSWORD, House, turin
from tests.journeys.letters import opened
from tests.journeys.windows import Windows, sign_in
from tests.letters import a_letter
from tests.schedules import schedule_json, sessions_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def gallery(house: House) -> Gallery:
    house.store(turin(slug="turin"))
    return a_gallery(house)


class Look:
    """Looks at pages one after the other and keeps what is wrong with them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        have_ready(page)
        self.found: dict[str, list[str]] = {}

    def at(self, *addresses: str, status: int = 200) -> None:
        """Open these, each with this answer."""
        for address in addresses:
            answer = self.page.goto(address)
            assert answer
            assert (address, answer.status) == (address, status)
            self.here(address)

    def here(self, name: str, part: str = "html") -> None:
        """Look at the page as it is, or at a part of it."""
        said = complaints(self.page, part)
        if said:
            self.found[name] = said


def menus(page: Page) -> Iterable[str]:
    """Open each menu and fold, one after the other; its words."""
    for summary in page.locator("summary:visible").all():
        summary.click()
        yield summary.inner_text()
        summary.click()


@pytest.mark.usefixtures("gallery")
def test_the_public_pages_of_an_event(windows: Windows) -> None:
    look = Look(windows.open())
    look.at("/", "/events/turin/", "/events/turin/?day=2015-10-17", "/events/turin/programme", "/events/turin/privacy")
    look.at("/events/turin/find", "/events/turin/find/sent", "/events/turin/register?lang=fr")
    assert look.found == {}


@pytest.mark.usefixtures("gallery")
def test_the_programme_and_its_sessions(windows: Windows) -> None:
    look = Look(windows.open())
    programme, session = "/events/gallery/programme", "/events/gallery/sessions/"
    look.at(f"{programme}?kind=workshop&q=evening", f"{programme}?kind=plenary&q=zzz", f"{programme}?q=zzz")
    look.at(*(session + key for key in ("opening", "full", "evening")), "/events/nobody/programme")
    look.at(f"{session}nothing", status=404)
    look.at("/events/gallery/changes.atom?since=yesterday", status=400)
    assert look.found == {}


def test_the_programme_of_titles_without_a_blank(windows: Windows, gallery: Gallery) -> None:
    words = {"en": "Ж" * 300}
    speaker = SpeakerDraft("Ж" * 160, "Ж" * 200, "Ж" * 200)
    sessions = (a_session("a", title=words, speakers=(speaker,)), a_session("b", title={"he": "כותרת מימין לשמאל"}))
    gallery.house.store(a_draft("long", rooms=(RoomDraft("hall", words, 9),), sessions=sessions))
    look = Look(windows.open())
    look.at("/events/long/programme", "/events/long/sessions/a", "/events/long/sessions/b", "/events/long/")
    assert look.found == {}


@pytest.mark.usefixtures("gallery")
def test_the_pages_of_an_event_that_takes_no_forms(windows: Windows) -> None:
    look = Look(windows.open())
    look.at("/events/not-yet/register", "/events/full/register")
    look.at(*(f"/events/{state}/register" for state in ("closed", "cancelled", "over")), status=410)
    look.at("/events/closed/", "/events/waiting/", "/events/waiting/register")
    assert look.found == {}


@pytest.mark.usefixtures("gallery")
def test_the_form_and_its_answers(windows: Windows) -> None:
    look = Look(page := windows.open())
    look.at("/events/gallery/register")
    fill_in(page, q__visa="yes", phone="never", q__staff="many")
    choose_session(page, "one")
    send(page)
    look.here("the form with mistakes")
    fill_in(page, given_name="Ana", email="ana@gallery.example.org", phone="", organisation="City", country="IT")
    fill_in(page, category="local", q__visa="no", q__staff="12")
    send(page)
    look.here("the form has arrived")
    page.goto("/events/gallery/find")
    send(page)
    look.here("no address to find")
    assert look.found == {}


def test_the_own_pages_of_a_registrant(windows: Windows, gallery: Gallery) -> None:
    look = Look(page := windows.open())
    names = ("confirmed", "arabic", "waits for a seat", "pending", "waitlisted", "declined", "cancelled", "over")
    look.at(*(gallery.link(name) for name in names))
    own = gallery.link("confirmed")
    look.at(f"{own}sharing", f"{own}cancel", f"{own}sessions", f"{own}programme", f"{own}programme?paper=a6")
    look.at(f"{own}change")
    fill_in(page, email="")
    send(page)
    look.here("a change with a mistake")
    fill_in(page, email="person@example.org", organisation="Another")
    send(page)
    look.here("a change that was made")
    assert look.found == {}


def test_the_pages_that_say_no(windows: Windows, gallery: Gallery) -> None:
    look = Look(page := windows.open())
    look.at("/nowhere", "/events/nowhere/", "/r/nobody/", "/events/gallery/received", status=404)
    look.at(gallery.link("long-over"), f"{gallery.link('over')}change", status=410)
    page.goto(f"{gallery.link('confirmed')}sharing")
    page.context.clear_cookies()
    send(page)
    look.here("a form whose key is gone")
    partner = Look(windows.staff(PARTNER))
    partner.at("/organize/gallery/", status=403)
    assert {**look.found, **partner.found} == {}


@pytest.mark.usefixtures("gallery")
def test_the_pages_that_say_no_whatever_the_page(windows: Windows, tmp_path: Path) -> None:
    look = Look(page := windows.open())
    page.goto("/healthz")  # what is put here is of this address, so it finds its styles
    app = create_app(load({"FORUMREG_INSTANCE": str(tmp_path)}))
    for code in (413, 415, 422, 429, 500, 503):
        with app.test_request_context("/events/gallery/"):
            g.request_id = "0123456789ab"
            page.set_content(plain(code).get_data(as_text=True))
        assert page.locator(".arch-num").inner_text() == str(code)
        assert page.evaluate("document.styleSheets[0].cssRules.length") > 100
        look.here(str(code))
    assert look.found == {}


@pytest.mark.usefixtures("gallery")
def test_the_organizers_lists(windows: Windows) -> None:
    look = Look(page := windows.staff(ORGANIZER))
    look.at("/organize/", "/organize/gallery/", "/organize/nobody/", "/organize/nobody/attendees")
    look.at("/organize/gallery/attendees?q=zzz&status=declined", "/organize/gallery/attendees?status=pending")
    for words in menus(page):
        look.here(f"the menu {words}", "details[open]")  # it covers what lies below
    page.locator("input[name=reference]").first.check()
    press(page, "Put on the waiting list")
    look.here("before places are given away")
    page.context.clear_cookies()
    page.locator("main button[type=submit]").click()
    look.here("signed out meanwhile")
    assert look.found == {}


def test_the_organizers_pages_of_a_registrant(windows: Windows, gallery: Gallery) -> None:
    look = Look(page := windows.staff(ORGANIZER))
    at = "/organize/gallery/attendees/"
    references = gallery.references
    look.at(*(at + references[name] for name in ("confirmed", "arabic", "waitlisted", "declined", "cancelled")))
    look.at(
        f"{at}{references['confirmed']}/cancel", f"{at}{references['pending']}/waitlist", at + references["pending"]
    )
    page.get_by_text("Decline, with a reason").click()
    page.fill("#reason", " ")
    press(page, "Decline")
    look.here("declined without a reason")

    page.goto(at + references["contested"])
    with gallery.house.session() as session:
        registrations.confirm(session, Shell(), references["contested"], now=NOW)
    press(page, "Confirm")
    look.here("somebody was quicker")
    assert look.found == {}


@pytest.mark.usefixtures("gallery")
def test_the_organizers_programme(windows: Windows) -> None:
    look = Look(page := windows.staff(ORGANIZER))
    at = "/organize/gallery/programme"
    look.at(f"{at}?day=2015-10-16&chosen=one", f"{at}/list", f"{at}/rooms", f"{at}/new/rooms", f"{at}/limits")
    look.at(f"{at}/sessions/full/remove", f"{at}/languages", f"{at}/import")
    look.at(f"{at}/sessions/full/write", f"{at}/sessions/full/people")
    page.get_by_role("link", name="Take the seat back").first.click()
    look.here("before a seat is taken back")
    page.goto(f"{at}/sessions/full")
    page.fill("#starts", "09:00")
    page.fill("#speaker-0-title", "Mayor")
    press(page, "Save the session")
    look.here("a session with a mistake")
    page.fill("#speaker-0-name", "Ana Mayor")
    press(page, "Save the session")
    assert heading(page) == "Before “Session full” is saved"
    look.here("a look at whom a change touches")
    assert look.found == {}


@pytest.mark.usefixtures("gallery")
def test_the_pages_that_bring_a_programme_in(windows: Windows) -> None:
    look = Look(page := windows.staff(ORGANIZER))
    for name, content, told in (
        ("broken.xml", b"<schedule>", "Bring a programme in"),
        ("sheet.csv", b"title,starts\nTalk,2015-99-17\n", "The file needs another look"),
        ("schedule.json", schedule_json(sessions_of(4)), "What the file would change"),
    ):
        page.goto("/organize/gallery/programme/import")
        bring(page, name, content)
        assert heading(page) == told
        look.here(name)
    assert look.found == {}


@pytest.mark.usefixtures("gallery")
def test_the_organizers_mails_and_partners(windows: Windows) -> None:
    look = Look(page := windows.staff(ORGANIZER))
    look.at("/organize/gallery/messages", "/organize/nobody/messages", "/organize/nobody/partners")
    page.goto("/organize/gallery/messages")
    follow(page.locator("table tbody a").first)
    look.here("a mail")
    partner = Look(windows.staff(PARTNER))
    partner.at("/partners/", "/partners/nobody/roster", "/partners/gallery/roster?q=zzz")
    partner.at("/partners/gallery/sessions/evening")
    partner.page.goto("/partners/gallery/roster")
    with partner.page.expect_download():
        partner.page.get_by_role("link", name="JSON").click()
    partner.at("/partners/gallery/roster", "/partners/gallery/downloads")
    look.at("/organize/gallery/partners", "/organize/gallery/partners/downloads")
    assert {**look.found, **partner.found} == {}


@pytest.mark.usefixtures("gallery")
def test_the_pages_of_an_account(windows: Windows) -> None:
    look = Look(page := windows.open())
    look.at("/account/login", "/account/reset")
    page.goto("/account/login")
    page.fill("#email", ORGANIZER)
    page.fill("#password", "not the password")
    send(page)
    look.here("the sign-in, refused")
    page.fill("#email", ORGANIZER)
    page.fill("#password", PASSWORD)
    send(page)
    look.at("/account/", "/account/change", "/account/tf-setup", "/account/mf-recovery-codes", "/account/verify")
    page.goto("/account/tf-setup")
    press(page, "Set up an app")
    look.here("the key of an app")
    page.goto("/account/change")
    for field in page.locator("input[type=password]").all():
        field.fill("short")
    send(page)
    look.here("a new password, refused")
    assert look.found == {}


def test_the_pages_of_a_second_factor(windows: Windows, gallery: Gallery) -> None:
    anna = gallery.house.hire("anna@gallery.example.org", Role.DESK, "gallery", name="Anna")
    look = Look(page := windows.staff(anna))
    look.here("the account of the desk")
    page.goto("/account/tf-setup")
    press(page, "Set up an app")
    code = code_after(page.locator("bdi.key").inner_text())
    page.fill("#code", code)
    send(page)
    page.goto("/account/mf-recovery-codes")
    press(page, "Make new codes")
    look.here("recovery codes")
    look.at("/account/tf-setup", "/account/")
    page.context.clear_cookies()
    page.goto("/account/login")
    sign_in(page, anna)
    look.here("the code of an app")
    look.at("/account/mf-recovery")
    assert look.found == {}


def test_the_pages_of_a_lost_password(windows: Windows, gallery: Gallery) -> None:
    berta = gallery.house.hire("berta@gallery.example.org", Role.DESK, "gallery", name="Berta")
    look = Look(page := windows.open())
    page.goto("/account/reset")
    page.fill("#email", berta)
    send(page)
    look.here("a link for a new password")
    text = str(gallery.house.mails_to(berta)[0].get_body(("plain",)))
    look.at(link_in(text, gallery.house.url))
    for _try in range(FREE_TRIES + 1):
        page.goto("/account/login")
        page.fill("#email", berta)
        page.fill("#password", "not the password")
        send(page)
    assert heading(page) == "Too many tries"
    look.here("too many tries")
    assert look.found == {}


def link_in(text: str, url: str) -> str:
    """The link of a mail of ours."""
    found = re.search(rf"{re.escape(url)}/account/reset/\S+", text)
    assert found
    return found[0]


def test_the_mails(windows: Windows, gallery: Gallery) -> None:
    page, found = windows.open(), {}
    have_ready(page)
    page.goto("about:blank")
    for name in ("confirmed", "arabic", "pending", "waitlisted", "declined", "cancelled"):
        number = 2 if name in {"waitlisted", "declined", "cancelled"} else 1  # the first says what was before
        mail = opened(gallery.house.mails_to(f"{name}@gallery.example.org", number)[number - 1])
        page.set_content(mail.html)
        if said := complaints(page, rules=WCAG):
            found[mail.subject] = said
    assert found == {}


WAS = {"starts_at": "2015-10-15T07:00:00+00:00", "ends_at": "2015-10-15T08:00:00+00:00", "room": {"en": "Sala Po"}}
MOVE = {"session": "s1", "title": {"en": "Session 1"}, "was": WAS, "now": None, "seat": "freed"}
SAID: dict[str, dict[str, Any]] = {
    "changed": {"payload": {"fields": ["email", "organisation"], "left": [2], "gained": [1]}},
    "moved": {"payload": {"changes": [MOVE]}},
    "passed_over": {"payload": {"passed": [2]}},
    "announcement": {"announcement": AnnouncementFacts("Laptop", "Bring one.\n\nOr two.", {"en": "Jobs"})},
}
WRITTEN = ("promoted", "changed", "link_again", "already_registered", "moved", "passed_over", "announcement")


def test_the_mails_that_nobody_in_the_gallery_was_sent(windows: Windows, tmp_path: Path) -> None:
    page, found = windows.open(), {}
    page.goto("about:blank")
    with bare_app(load({"FORUMREG_INSTANCE": str(tmp_path)})).app_context():
        letters = {name: draft_of(a_letter(name, **SAID.get(name, {}))) for name in WRITTEN}
    for name, letter in letters.items():
        page.set_content(letter.html)
        if said := complaints(page, rules=WCAG):
            found[name] = said
    assert found == {}
