"""A consistent copy of a database while others write, and the way back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, make_url

from forumreg.base.errors import Refused

PAGES_A_STEP = 1000  # progress is told so often: 4 MB of the usual pages
BUSY_TIMEOUT_S = 15
Progress = Callable[[int, int], object]  # done, of how many


def dump(url: str, path: Path, *, progress: Progress) -> None:
    """Write a copy of the database, as of one moment, to the path.

    Raises:
        Refused: "no_pg_dump" where PostgreSQL's tool is missing, "copy_failed" with its last words.
        OSError: the disk is full, or the path cannot be written.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with closing(_opened(_file_of(parsed))) as source, closing(sqlite3.connect(path)) as target:
            source.isolation_level = None
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master")  # from here on it sees one moment; nobody waits
            _copy(source, target, progress)
        return
    _run("pg_dump", parsed, "--format=custom", "--no-owner", "--no-privileges", f"--file={path}")


def load(url: str, path: Path, *, progress: Progress) -> None:
    """Make the database what the copy says, in one transaction; what it held before is gone.

    Raises:
        Refused: "copy_damaged", "no_pg_restore" or "copy_failed".
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with closing(_opened(path)) as source, closing(sqlite3.connect(_file_of(parsed))) as target:
            _check(source)
            target.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
            _copy(source, target, progress, pages=-1)
            target.execute("PRAGMA journal_mode=WAL")
        return
    _run(
        "pg_restore", parsed, "--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction",
        f"--dbname={parsed.database}", str(path),
    )  # fmt: skip


def _file_of(url: URL) -> Path:
    return Path(url.database or "")


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S)


def _check(source: sqlite3.Connection) -> None:
    try:
        found = source.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise Refused("copy_damaged") from error
    if found != ("ok",):
        raise Refused("copy_damaged")


def _copy(
    source: sqlite3.Connection, target: sqlite3.Connection, progress: Progress, *, pages: int = PAGES_A_STEP
) -> None:
    try:
        source.backup(target, pages=pages, progress=lambda _status, left, total: progress(total - left, total))
    except sqlite3.Error as error:
        raise Refused("copy_failed", words=str(error)) from error


def _run(program: str, url: URL, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise Refused(f"no_{program}")
    answer = subprocess.run(  # noqa: S603 (a fixed program; the address comes from the settings)
        [found, "--no-password", *arguments], env=_environment(url), capture_output=True, text=True, check=False
    )
    if answer.returncode:
        last = (answer.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Refused("copy_failed", words=last)


def _environment(url: URL) -> Mapping[str, str]:
    """The address by environment: a password on a command line is read by everybody on the machine."""
    parts = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    known = {name: str(value) for name, value in parts.items() if value is not None}
    options = {f"PG{name.upper()}": str(value) for name, value in url.query.items() if name.startswith("ssl")}
    return {**os.environ, **known, **options, "PGDATABASE": url.database or ""}
