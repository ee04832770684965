"""Participants at their browsers, without JavaScript, and the database behind the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from forumreg.base.clock import ShiftedClock
from forumreg.base.references import Keys, link_token
from forumreg.rules.event import EventFacts
from forumreg.tables import Base
from forumreg.tables.registration import Registration
from forumreg.web.site import NAME, db
from tests import builders
from tests.conftest import SECRET
from tests.pages import Visitor

FORM = "/events/forum/register"


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who has never been here."""
    return Visitor(app)


@pytest.fixture
def app_engine(app: Flask) -> Engine:
    """The engine that the application itself uses."""
    with app.app_context():
        return db.engine


@pytest.fixture
def clock(app: Flask) -> Callable[[datetime], None]:
    """Sets the application's clock."""

    def put(moment: datetime) -> None:
        app.extensions[NAME].clock = ShiftedClock.starting_at(moment)

    return put


def an_answered_form(number: int = 1, **answers: str | list[str]) -> Mapping[str, str | list[str]]:
    """What a person of their own types; ``__`` in a name stands for a hyphen."""
    typed = {name.replace("__", "-"): value for name, value in answers.items()}
    return {
        "given_name": f"Awa{number}",
        "family_name": f"Koné{number}",
        "email": f"awa{number}@example.org",
        "organisation": "City of Odienné",
        "country": "CI",
        "category": "local",
        **typed,
    }


def own_address(registration: Registration) -> str:
    """The address of the own page, as mails have it."""
    token = link_token(Keys((SECRET,)), registration.reference, registration.link_version)
    return f"/r/{token}/"


def the_registration(store: Session) -> Registration:
    """The only registration there is, as it stands now."""
    store.rollback()
    return store.scalars(select(Registration).execution_options(populate_existing=True)).one()


def rows_of_all_tables(store: Session) -> Mapping[str, list[tuple[object, ...]]]:
    """Everything that the database holds."""
    store.rollback()
    return {
        table.name: [tuple(row) for row in store.execute(select(table).order_by(*table.primary_key))]
        for table in Base.metadata.sorted_tables
    }


def statuses(store: Session, event: EventFacts) -> Mapping[str, int]:
    """How many registrations have each status by now."""
    store.rollback()
    return builders.statuses(store, event)


def mails(store: Session) -> Sequence[tuple[str, str]]:
    """The mails written by now."""
    store.rollback()
    return builders.mails(store)


def count_of(store: Session) -> int:
    """How many registrations there are."""
    store.rollback()
    return store.scalar(select(func.count(Registration.id))) or 0
