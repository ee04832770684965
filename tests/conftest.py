"""Databases, sessions, applications: made once, handed to each test as good as new."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, delete, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from forumreg.app import create_app
from forumreg.base.clock import ShiftedClock
from forumreg.base.settings import Settings
from forumreg.rules.event.reading import forget_all as forget_events
from forumreg.store import schema
from forumreg.store.engine import make_engine, make_sessions
from forumreg.tables import Base
from forumreg.web import kept, limits
from forumreg.web.site import db
from tests import warm
from tests.groups import POSTGRES_URL

pytest_plugins = ["tests.groups"]
# Where main is guarded the same examples are tried each time; elsewhere they go on looking for new ones.
hypothesis_settings.register_profile("guard", derandomize=True)
if os.environ.get("CI"):
    hypothesis_settings.load_profile("guard")

MEMORY = Path("/dev/shm")  # noqa: S108 (where Linux has files in memory)
ROOM_BYTES = 2 * 1024**3
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:  # what SQLite writes there, it needs not wait for
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

warm.keep_templates()
warm.keep_addresses()
warm.keep_statements()

SECRET = "a-secret-of-the-tests-long-enough"
NOW = datetime(2015, 9, 1, 7, 0, tzinfo=UTC)  # the demo's first moment: 09:00 in Turin


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process still works on it when the others have nothing left.

    The journeys stay together: they share a browser and an installation.
    """
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in ("browser", "timeout")))


def pytest_collection_finish() -> None:
    """Look for garbage more seldom, and never among what is loaded by now: it took a fifth of the time of tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file that went through the migrations once."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        schema.upgrade(connection)
        connection.commit()
        connection.rollback()
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> Iterator[str]:
    """The address of a database of this test process alone, migrated."""
    name = f"forumreg_test_{worker_id}_{os.getpid()}"  # two runs on one machine do not meet
    url = make_url(POSTGRES_URL)
    server = make_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))  # no test cuts the power
    mine = url.set(database=name).render_as_string(hide_password=False)
    engine = make_engine(mine)
    with engine.connect() as connection:
        schema.upgrade(connection)
        connection.commit()
    engine.dispose()
    yield mine
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite database."""
    path = tmp_path / "forumreg.sqlite3"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty, migrated database: each test that asks runs on both kinds."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    url = str(request.getfixturevalue("postgres_url"))
    engine = make_engine(url)
    make_empty(engine)
    engine.dispose()
    return url


def make_empty(engine: Engine) -> None:
    """Empty every table of a PostgreSQL database, and begin to number anew.

    TRUNCATE would make each table a new file, which takes fifty times as long. The journal lets nobody delete.
    """
    deletes = [str(delete(table)) for table in reversed(Base.metadata.sorted_tables)]
    guard = "ALTER TABLE journal_entry {} TRIGGER USER"
    with engine.begin() as connection:
        connection.exec_driver_sql("; ".join([guard.format("DISABLE"), *deletes, guard.format("ENABLE")]))
        connection.exec_driver_sql(
            "SELECT setval(quote_ident(sequencename)::regclass, start_value, false)"
            " FROM pg_sequences WHERE last_value IS NOT NULL"
        )


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on an empty, migrated database of each kind."""
    forget_events()
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on an empty, migrated database of each kind."""
    with make_sessions(engine)() as opened:
        yield opened


def settings_for(url: str, instance: Path) -> Settings:
    """The settings of an installation on this database, with mails kept as files."""
    return Settings(
        database_url=url,
        secret_key=SECRET,
        base_url="http://127.0.0.1:8000",
        instance=instance,
        mail_from="no-reply@example.org",
    )


@pytest.fixture
def app_url(sqlite_url: str) -> str:
    """The address of the application's database; doors are tried on both kinds (`tests/doors/conftest.py`)."""
    return sqlite_url


@pytest.fixture
def app(app_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The whole application, its clock at 1 September 2015, 09:00 in Turin."""
    forget_events()
    limits.forget_all()
    kept.forget_all()
    made = create_app(settings_for(app_url, tmp_path), clock=ShiftedClock.starting_at(NOW))
    made.testing = False  # errors are answered as in production
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()
