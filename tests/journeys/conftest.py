"""One installation and one browser for all journeys; each visitor has a window of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.groups import chromium
from tests.journeys.house import House, a_house
from tests.journeys.windows import Windows
from tests.mail_server import a_mail_server, free_port

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation that runs, with nothing in it; at its end the log tells of no failure and of nobody."""
    folder = tmp_path_factory.mktemp("house")
    database = shutil.copyfile(sqlite_template, folder / "forumreg.sqlite3")
    with a_mail_server() as mailbox, a_house(free_port(), f"sqlite:///{database}", folder, mailbox) as running:
        yield running
    assert running.failures_and_indiscretions() == []


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, without a window on the screen."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def windows(browser: Browser, house: House) -> Iterator[Windows]:
    """Windows of the browser; when the test ends, none of their pages may have complained."""
    opened = Windows(browser, house.url)
    yield opened
    opened.close()
    assert opened.complaints == []
