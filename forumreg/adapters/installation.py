"""The installation as a command sees it: settings, database and clock, with no web application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from forumreg.base.clock import Clock, RealClock
from forumreg.base.errors import Refused
from forumreg.base.settings import Settings, SettingsError, load
from forumreg.store import revision
from forumreg.store.engine import make_engine, make_sessions
from forumreg.store.writing import answering


@dataclass(frozen=True, slots=True)
class Installation:
    """What a command works on."""

    settings: Settings
    engine: Engine
    clock: Clock

    def now(self) -> datetime:
        """The instant that rules go by."""
        return self.clock.now()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A database session for one act.

        Raises:
            Refused: "database_empty" or "database_behind", with the revisions ``current`` and ``head``.
            Unavailable: the database is locked or gone.
        """
        with answering():
            require_current(self.engine)
            with make_sessions(self.engine)() as session:
                yield session


def installation(environ: Mapping[str, str] | None = None) -> Installation:
    """The installation that the environment names. Opens no connection yet.

    Raises:
        SettingsError: a value that cannot be used, named.
    """
    settings = load(environ)
    try:
        return Installation(settings, make_engine(settings.database_url), RealClock())
    except ModuleNotFoundError as error:
        raise SettingsError("FORUMREG_DATABASE_URL: PostgreSQL needs pip install 'forumreg[postgres]'") from error
    except (ArgumentError, ValueError) as error:
        raise SettingsError("FORUMREG_DATABASE_URL: postgresql://user:password@host:5432/name") from error


def require_current(engine: Engine) -> None:
    """Turn away a database that has another schema than this program.

    Raises:
        Refused: "database_empty" or "database_behind", with the revisions ``current`` and ``head``.
    """
    current, head = None, revision.head()
    if is_made(engine):
        with engine.connect() as connection:
            current = revision.current(connection)
    if current != head:
        raise Refused("database_behind" if current else "database_empty", current=current, head=head)


def is_made(engine: Engine) -> bool:
    """Whether there is a database to connect to; asking makes no SQLite file."""
    return engine.dialect.name != "sqlite" or Path(engine.url.database or "").is_file()
