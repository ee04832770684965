"""An installation of its own for each test, and the program run on it inside this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from forumreg.__main__ import main
from forumreg.rules.event.reading import forget_all as forget_events
from forumreg.store.engine import make_engine, make_sessions

Forumreg = Callable[..., Result]


@pytest.fixture
def instance(sqlite_url: str, tmp_path: Path) -> Path:
    """The folder of an installation with a migrated, empty SQLite database."""
    assert sqlite_url.endswith(str(tmp_path / "forumreg.sqlite3"))
    return tmp_path


@pytest.fixture
def environ(instance: Path) -> dict[str, str]:
    """What the program is told; nothing of the machine's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FORUMREG_")}
    return {**kept, "FORUMREG_INSTANCE": str(instance), "FORUMREG_DATABASE_URL": "", "FORUMREG_SMTP_URL": ""}


@pytest.fixture
def forumreg(environ: dict[str, str]) -> Iterator[Forumreg]:
    """Runs the program in this process: ``forumreg("event", "export", "forum")``."""
    forget_events()
    mask = os.umask(0)

    def run(*words: str, stdin: str = "", **more: str) -> Result:
        return CliRunner().invoke(main, words, input=stdin, env={**environ, **more}, prog_name="forumreg")

    yield run
    os.umask(mask)
    forget_events()


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    """A session on the installation's database."""
    engine = make_engine(sqlite_url)
    with make_sessions(engine)() as opened:
        yield opened
    engine.dispose()
