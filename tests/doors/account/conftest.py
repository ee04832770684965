"""Somebody at a browser, with an account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from forumreg.adapters.passwords import hash_password
from forumreg.rules import account as accounts
from forumreg.rules.access import Shell
from forumreg.web.site import db
from tests.doors.account.browser import EMAIL, PASSWORD, Browser


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser of somebody who has an account."""
    with app.app_context():
        accounts.create(
            db.session(),
            Shell(),
            EMAIL,
            password_hash=hash_password(PASSWORD),
            name="Anna",
            now=datetime.now(UTC),
        )
        db.session.remove()
    return Browser(app)
