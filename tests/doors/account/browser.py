"""A browser without JavaScript, and what it leaves behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from flask import Flask
from passlib.totp import TOTP
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from forumreg.tables.journal import JournalEntry
from forumreg.tables.mail import OutboxMessage
from forumreg.web.site import db

Rows = TypeVar("Rows")
EMAIL, PASSWORD = "anna@example.org", "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


class Browser:
    """A browser without JavaScript that sends the forms of the pages it sees."""

    def __init__(self, app: Flask, network: str = "192.0.2.1") -> None:
        self.app = app
        self.client = app.test_client()
        self.environ = {"REMOTE_ADDR": network}
        self.token = ""

    def get(self, address: str) -> TestResponse:
        """Open a page."""
        return self._seen(self.client.get(address, environ_overrides=self.environ, headers={"User-Agent": FIREFOX}))

    def send(self, address: str, **fields: str) -> TestResponse:
        """Send a form, with the key of the page seen last."""
        return self._seen(
            self.client.post(
                address,
                data={"csrf_token": self.token, **fields},
                environ_overrides=self.environ,
                headers={"User-Agent": FIREFOX},
            )
        )

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD, **fields: str) -> TestResponse:
        """Open the page and send address and password."""
        self.get("/account/login")
        return self.send("/account/login", email=email, password=password, **fields)

    def is_signed_in(self) -> bool:
        """Whether the account's page opens."""
        return self.get("/account/").status_code == 200

    def _seen(self, response: TestResponse) -> TestResponse:
        found = re.search(r'name="csrf_token" value="([^"]+)"', response.text)
        self.token = found.group(1) if found else self.token
        return response


def said(response: TestResponse) -> list[str]:
    """The sentences of a page that stand in notices and error summaries."""
    notices = re.findall(r'<div class="notice".*?<p>(.*?)</p>', response.text, re.DOTALL)
    errors = re.findall(r'<li><a href="#[^"]+">(.*?)</a></li>', response.text)
    return [*notices, *errors]


def code_after(key: str, steps: int = 0) -> str:
    """The code that an app shows so many half minutes from now."""
    return TOTP(key=re.sub("[ -]", "", key)).generate(datetime.now(UTC).timestamp() + 30 * steps).token


def mail(app: Flask, number: int = -1) -> OutboxMessage:
    """A mail in the outbox, the latest unless said."""
    return _rows(app, lambda session: session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all())[number]


def mails(app: Flask) -> int:
    """How many mails there are."""
    return _rows(app, lambda session: len(session.scalars(select(OutboxMessage.id)).all()))


def acts(app: Flask) -> list[str]:
    """What the journal says, in order."""
    found = _rows(app, lambda session: session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)).all())
    return list(found)


def link_in(text: str) -> str:
    """The path that a mail links to."""
    found = re.search(r"http://127\.0\.0\.1:8000(/account/reset/\S+)", text)
    assert found
    return found.group(1)


def _rows(app: Flask, read: Callable[[Session], Rows]) -> Rows:
    with app.app_context():
        found = read(db.session())
        db.session.remove()
    return found
