"""A staff member adds a passkey, signs in with it and removes it; the browser's own dialog is played by Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from forumreg.rules.access import Role
from forumreg.rules.account import find
from forumreg.rules.account.passkeys import passkeys_of
from tests.doors.account.browser import code_after
from tests.journeys.axe import complaints
from tests.journeys.forms import follow, heading, press, send
from tests.journeys.house import TURIN, House, a_house, turin
from tests.journeys.windows import Windows, sign_in
from tests.mail_server import a_mail_server, free_port

pytestmark = pytest.mark.browser
ANNA, BERTA = "anna@example.org", "berta@example.org"


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation under a name: browsers make no passkeys for numbers."""
    folder = tmp_path_factory.mktemp("named")
    url = f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'forumreg.sqlite3')}"
    with a_mail_server() as mailbox, a_house(free_port(), url, folder, mailbox, name="localhost") as running:
        running.store(turin())
        running.hire(ANNA, Role.ORGANIZER, TURIN, name="Anna Bianchi")
        running.hire(BERTA, Role.ORGANIZER, TURIN, name="Berta Rossi")
        yield running


@pytest.fixture
def windows(browser: Browser, house: House) -> Iterator[Windows]:
    """Windows on this installation."""
    opened = Windows(browser, house.url)
    yield opened
    opened.close()
    assert opened.complaints == []


def device_of(page: Page, **changes: object) -> tuple[CDPSession, str]:
    """A phone that makes passkeys for this page and looks at its owner's face."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        **changes,
    }
    made = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return protocol, made["authenticatorId"]


def add_passkey(page: Page) -> None:
    """From the account's page, under the name "My phone"."""
    page.goto("/account/")
    follow(page.locator("text=Add a passkey"))
    page.fill("#name", "My phone")
    page.click("main button[type=submit]")
    page.wait_for_url("**/account/")


def sign_out(page: Page) -> None:
    """From the account's page."""
    page.goto("/account/")
    follow(page.locator("main button:text-is('Sign out')"))


def test_a_passkey_is_added_signs_in_alone_and_after_the_password_and_is_removed(
    windows: Windows, house: House
) -> None:
    page = windows.staff(ANNA, width=360)
    device_of(page)
    add_passkey(page)
    assert page.locator("main li:has-text('My phone')").count() == 1
    assert complaints(page) == []
    sign_out(page)

    page.click("text=Sign in with a passkey")
    page.wait_for_url("**/organize/")
    sign_out(page)

    sign_in(page, ANNA)
    page.wait_for_url("**/account/wan-signin**")
    assert complaints(page) == []
    page.click("text=Use your passkey")
    page.wait_for_url("**/organize/")

    page.goto("/account/")
    follow(page.locator("main li:has-text('My phone') >> text=Remove"))
    assert page.locator("main li:has-text('My phone')").count() == 0
    subjects = [str(each["Subject"]) for each in house.mails_to(ANNA, 2)]
    assert subjects == ["A passkey was added to your account", "A passkey was removed from your account"]
    with house.session() as session:
        account = find(session, email=ANNA)
        assert account
        assert passkeys_of(session, account.id) == ()


def test_who_has_a_passkey_and_an_app_chooses(windows: Windows) -> None:
    page = windows.staff(BERTA, width=360)
    device_of(page)
    add_passkey(page)
    page.goto("/account/tf-setup")
    press(page, "Set up an app")
    page.fill("#code", code_after(page.locator("bdi.key").inner_text()))
    send(page)
    sign_out(page)

    sign_in(page, BERTA)

    assert page.url.partition("?")[0].endswith("/account/tf-select")
    assert heading(page) == "Second factor"
    assert complaints(page) == []
    press(page, "Code from your app")
    assert heading(page) == "Code from your app"


def test_a_device_that_refuses_is_asked_again_on_a_press(windows: Windows) -> None:
    page = windows.staff(ANNA, width=360, color_scheme="dark")
    protocol, device = device_of(page)
    protocol.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto("/account/wan-register")
    assert complaints(page) == []
    page.fill("#name", "My phone")
    page.click("main button[type=submit]")
    page.wait_for_selector("text=That did not work, or took too long.")
    assert complaints(page) == []

    protocol.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.click("text=Try again")
    page.wait_for_url("**/account/")

    follow(page.locator("main li:has-text('My phone') >> text=Remove"))


def test_without_a_script_the_page_leads_to_the_password(windows: Windows) -> None:
    page = windows.open(width=360, script=False)
    page.goto("/account/login")
    follow(page.locator("text=Sign in with a passkey"))
    assert page.locator("main noscript, main").first.inner_text().count("Passkeys need JavaScript") == 1
    follow(page.locator("text=Sign in with your password >> nth=0"))
    sign_in(page, ANNA)
    assert page.url.endswith("/organize/")
