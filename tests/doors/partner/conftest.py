"""A signed-in co-organizer at a browser, and people who agreed or did not."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forumreg.rules.account import open_session
from forumreg.rules.event import EventFacts
from forumreg.store.engine import make_engine, make_sessions
from forumreg.tables.account import Role, StaffRole
from forumreg.tables.event import EventOrganisation
from forumreg.tables.registration import Registration
from forumreg.web.acting import STAFF_KEY
from tests.builders import a_registration, a_session, an_account, an_event, seats_in


@dataclass
class House:
    """A database with an event, and browsers of those who act for somebody at it."""

    app: Flask
    session: Session
    event: EventFacts

    def organisation(self, short_name: str) -> int:
        """The number of an organisation."""
        named = select(EventOrganisation.organisation_id).where(EventOrganisation.short_name == short_name)
        return self.session.scalars(named.distinct()).one()

    def somebody_of(self, *short_names: str, role: Role = Role.PARTNER, **facts_: Any) -> FlaskClient:
        """The browser of somebody who acts for the organisations; of other staff where none is named."""
        account = an_account(self.session, **facts_)
        for organisation_id in [self.organisation(name) for name in short_names] or [None]:
            an_account_role(self.session, account.id, self.event.id, role, organisation_id)
        return self.browser_of(account.id)

    def browser_of(self, account_id: int) -> FlaskClient:
        """A browser signed in to the account."""
        key = secrets.token_urlsafe(16)
        open_session(self.session, account_id, key, "Firefox", now=datetime.now(UTC))
        browser = self.app.test_client()
        with browser.session_transaction() as cookie:
            cookie[STAFF_KEY] = key
        return browser

    def register(self, name: str, *sharing: str, **facts_: Any) -> str:
        """Somebody registers and shares with these; the answer is the reference."""
        sent = {
            "family_name": name,
            "given_name": "",
            "email": f"{name.strip('=() 1').lower().replace(' ', '.')}@secret.example.org",
            "sessions": seats_in("opening"),
            "sharing": frozenset(self.organisation(each) for each in sharing),
            **facts_,
        }
        return a_registration(self.session, self.event, **sent).reference

    def become(self, reference: str, status: str) -> None:
        """The registration with this reference has this status now."""
        self.session.execute(update(Registration).where(Registration.reference == reference).values(status=status))
        self.session.commit()


def an_account_role(session: Session, account_id: int, event_id: int, role: Role, organisation_id: int | None) -> None:
    """One more role of an account."""
    session.add(StaffRole(account_id=account_id, event_id=event_id, role=role, organisation_id=organisation_id))
    session.commit()


@pytest.fixture
def house(app: Flask, app_url: str) -> Iterator[House]:
    """An event with one session, and nobody registered."""
    engine = make_engine(app_url)
    with make_sessions(engine)() as session:
        yield House(app, session, an_event(session, sessions=(a_session("opening"),)))
    engine.dispose()
