"""A house to measure: a fresh installation with the Turin forum, served by the shipped program.

Each house has a folder of its own below the system's temporary folder, and on PostgreSQL a database of its own;
both are gone when the block ends. Everything listens on 127.0.0.1 only.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from forumreg.adapters.event_file.reading import read
from forumreg.rules.access import Shell
from forumreg.rules.event import put
from forumreg.store import schema
from forumreg.store.engine import make_engine, make_sessions

HOST = "127.0.0.1"
EVENT = "led-forum-2015"
POSTGRES_URL = os.environ.get("FORUMREG_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
DATABASES = ("sqlite", "postgres")
PLENTY = 200  # times as many places as the forum had: a run of minutes takes more than there were
STARTS_WITHIN_S = 30
ENDS_WITHIN_S = 20
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass
class House:
    """An installation on a database of its own; ``processes`` are what `serving` started."""

    folder: Path
    database_url: str
    port: int
    smtp_port: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @property
    def environment(self) -> dict[str, str]:
        """What the program reads its settings from."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FORUMREG_")}
        url = self.database_url.replace("+psycopg", "", 1)
        return {
            **kept,
            "FORUMREG_INSTANCE": str(self.folder),
            "FORUMREG_DATABASE_URL": url,
            "FORUMREG_BASE_URL": f"http://{HOST}:{self.port}",
            "FORUMREG_SMTP_URL": f"smtp://{HOST}:{self.smtp_port}?tls=off" if self.smtp_port else "",
        }

    def engine(self) -> Engine:
        """An engine on its database."""
        return make_engine(self.database_url)


@contextmanager
def house(kind: str, *, smtp_port: int = 0) -> Iterator[House]:
    """An installation on ``sqlite`` or ``postgres`` with an empty schema, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="forumreg-benchmark-") as folder, _database(kind, Path(folder)) as url:
        engine = make_engine(url)
        with engine.connect() as connection:
            schema.upgrade(connection)
            connection.commit()
        engine.dispose()
        yield House(Path(folder), url, free_port(), smtp_port)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'forumreg.sqlite3'}"
        return
    url = make_url(POSTGRES_URL.replace("postgresql://", "postgresql+psycopg://", 1))
    name = f"forumreg_benchmark_{secrets.token_hex(4)}"
    server = make_engine(url.render_as_string(hide_password=False), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        server.dispose()


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


# The event ---------------------------------------------------------------------------------------------------------


def store_event(at: House, slug: str = EVENT, *, capacity: int | None = None) -> None:
    """Store the Turin forum with registration half over; so many places, else plenty."""
    content = json.loads(files("forumreg.demo").joinpath("events", f"{EVENT}.json").read_text(encoding="utf-8"))
    content = _shifted(content, _days_to_now(content["registration"]), ZoneInfo(content["timezone"]))
    content["slug"] = slug
    content["capacity"] = content["capacity"] * PLENTY if capacity is None else capacity
    for part in (*content["sessions"], *content["categories"]):
        if part.get("capacity"):
            part["capacity"] *= PLENTY
    engine = at.engine()
    with make_sessions(engine)() as session:
        put(session, Shell(), read(json.dumps(content).encode()), now=datetime.now(UTC))
    engine.dispose()


def _days_to_now(registration: dict[str, str]) -> int:
    """Whole weeks from the middle of registration to the present, so that weekdays stay."""
    opens_at, closes_at = (datetime.fromisoformat(registration[name]) for name in ("opens_at", "closes_at"))
    middle = opens_at + (closes_at - opens_at) / 2
    return (datetime.now(UTC) - middle) // timedelta(days=7) * 7


def _shifted(value: Any, days: int, zone: ZoneInfo) -> Any:
    """The value with every day and instant in it so many days later; hours stay what the clocks in the zone show."""
    if isinstance(value, dict):
        return {name: _shifted(part, days, zone) for name, part in value.items()}
    if isinstance(value, list):
        return [_shifted(part, days, zone) for part in value]
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        local = datetime.fromisoformat(value).astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
        return local.replace(tzinfo=zone).isoformat()
    if isinstance(value, str) and _DAY.fullmatch(value):
        return (date.fromisoformat(value) + timedelta(days=days)).isoformat()
    return value


# Its processes -----------------------------------------------------------------------------------------------------


@contextmanager
def serving(at: House, *, workers: int | None = 2, with_mail: bool = True) -> Iterator[House]:
    """Run `forumreg serve` (and on PostgreSQL `forumreg worker`) while the block runs; logs go to its folder."""
    serve = ["serve", "--bind", f"{HOST}:{at.port}", *(["--workers", str(workers)] if workers else [])]
    if not with_mail:
        serve.append("--no-worker")
    with (at.folder / "log").open("ab") as log:
        for arguments in (serve,) if at.is_sqlite or not with_mail else (serve, ["worker"]):
            at.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "forumreg", *arguments],
                    env=at.environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )
        try:
            wait_for(at.port)
            yield at
        finally:
            stop(at.processes)


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """End them as an administrator would, and for good if that does not help."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    processes.clear()


def wait_for(port: int) -> None:
    """Return when somebody listens on the port and answers.

    Raises:
        TimeoutError: nobody does.
    """
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=5) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            if connection.recv(16).startswith(b"HTTP/1.1 "):
                return
        time.sleep(0.1)
    raise TimeoutError("the server does not answer")
