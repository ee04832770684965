"""What the tests of several doors stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from forumreg.store.engine import make_engine, make_sessions


@pytest.fixture
def app_url(database_url: str) -> str:
    """The address of the application's database: each test runs on both kinds."""
    return database_url


@pytest.fixture
def store(app_url: str) -> Iterator[Session]:
    """A session of our own on the application's database."""
    engine = make_engine(app_url)
    with make_sessions(engine)() as session:
        yield session
    engine.dispose()
