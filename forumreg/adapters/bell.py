"""The worker's doorbell and clock, by huey. It carries no mail: a lost ring costs seconds, nothing else."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from forumreg.base.settings import Settings

QUEUE_FILE = "queue.sqlite3"
_POLL_S = 0.5  # how often the SQLite file is looked at, at most
_LISTEN_S = 1  # how long one wait for PostgreSQL's notification lasts: one may come before we listen
_SCHEDULE_S = 10  # how often the clock is looked at; it ticks every 60 s
_WAIT_S = 2  # a ring waits no longer for its database
_BETWEEN_S = 0.1  # rings of one process come no closer: who hears one finds all mail there is
_RESTS_S = 30.0  # how long the thread that rings waits for the next one
_log = logging.getLogger(__name__)


class _Names:
    """Writes a task as its name. Huey's own way is pickle, which runs what somebody put into the queue."""

    def serialize(self, message: Any) -> bytes:
        """The id and the name of the task; ours take nothing else."""
        return json.dumps([message.id, message.name]).encode()

    def deserialize(self, data: bytes) -> Any:
        """The task of this name."""
        task_id, name = json.loads(data)
        message = import_module("huey.registry").Message
        return message(id=task_id, name=name, retries=0, retry_delay=0, args=(), kwargs={})


def _nothing() -> None:
    """What a web process does when its own bell rings."""


@dataclass(slots=True)
class Listener:
    """A worker that hears the bell."""

    consumer: Any

    def check(self) -> None:
        """Replace a listening thread that died."""
        self.consumer.check_worker_health()

    def stop(self) -> None:
        """Stop listening; what runs is not waited for."""
        self.consumer.stop()


class Bell:
    """One bell of an installation: every web process rings it, every worker hears it."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; huey is loaded with the first ring."""
        self._settings = settings
        self._ring: Callable[[], object] | None = None
        self._huey: Any = None
        self._wanted = threading.Event()
        self._alone = threading.Lock()  # held to start and to end the thread that rings
        self._is_ringing = False

    def ring(self) -> None:
        """Say that there is mail. Whoever does so waits for nothing: a thread of its own rings.

        A ring that nobody heard yet is not repeated, one that fails is lost.
        """
        with self._alone:
            self._wanted.set()
            if not self._is_ringing:
                self._is_ringing = True
                threading.Thread(target=self._ring_while_wanted, name="forumreg-bell", daemon=True).start()

    def _ring_while_wanted(self) -> None:
        while self._is_wanted():
            self._wanted.clear()  # what is written from here on wants another ring
            self._ring_once()
            time.sleep(_BETWEEN_S)

    def _is_wanted(self) -> bool:
        """Wait for the next ring; not for ever, for this thread has a connection."""
        if self._wanted.wait(_RESTS_S):
            return True
        with self._alone:
            self._is_ringing = self._wanted.is_set()
            if not self._is_ringing and self._huey is not None:
                self._huey.storage.close()
            return self._is_ringing

    def _ring_once(self) -> None:
        try:
            if self._ring is None:
                self._huey = _huey(self._settings, makes_tables=False)
                self._ring = _add_tasks(self._huey, _nothing, _nothing)
            if not self._huey.pending_count():
                self._ring()
        except Exception as error:  # noqa: BLE001 (the mail is written; the worker's sweep finds it)
            _log.debug("A ring was lost: %s", type(error).__name__)

    def listen(self, *, on_ring: Callable[[], None], on_minute: Callable[[], None]) -> Listener:
        """Call back at each ring and every minute, from a thread of its own."""
        logging.getLogger("huey").setLevel(logging.WARNING)
        huey = _huey(self._settings, makes_tables=True)
        _add_tasks(huey, on_ring, on_minute)
        consumer = import_module("huey.consumer").Consumer(
            huey, workers=1, max_delay=_POLL_S, scheduler_interval=_SCHEDULE_S
        )
        consumer._set_signal_handlers = _nothing  # it may run beside the web, off the main thread
        consumer.start()
        return Listener(consumer)


def _add_tasks(huey: Any, on_ring: Callable[[], None], on_minute: Callable[[], None]) -> Callable[[], object]:
    """Both sides know the same two tasks; answers the function that asks for the first."""
    huey.periodic_task(import_module("huey").crontab(minute="*"), name="forumreg_minute")(_of_ours(on_minute))
    ring: Callable[[], object] = huey.task(name="forumreg_mail")(_of_ours(on_ring))
    return ring


def _of_ours(function: Callable[[], None]) -> Callable[[], None]:
    """The function under this module's name, which huey makes the task's."""

    def task() -> None:
        function()

    return task


def _huey(settings: Settings, *, makes_tables: bool) -> Any:
    library = _library(settings)
    common: dict[str, Any] = {"results": False, "serializer": _Names()}
    if settings.is_sqlite:
        return library.SqliteHuey(
            "forumreg",
            filename=str(settings.instance / QUEUE_FILE),
            cache_mb=1,
            fsync=False,
            timeout=_WAIT_S,
            **common,
        )
    return library.PostgresHuey(
        "forumreg",
        dsn=settings.database_url.replace("+psycopg", "", 1),
        create_tables=makes_tables,
        read_timeout=_LISTEN_S,
        connect_timeout=_WAIT_S,
        options="-c synchronous_commit=off -c lock_timeout=2s",
        **common,
    )


def load(settings: Settings) -> None:
    """Load the library ahead of the first ring."""
    _library(settings)


def _library(settings: Settings) -> ModuleType:
    """Huey; on SQLite without the PostgreSQL driver, which it loads wherever it finds one (14 MB, 2026)."""
    if settings.is_sqlite and "psycopg" not in sys.modules and "huey" not in sys.modules:
        sys.modules["psycopg"] = None  # type: ignore[assignment]  # the import system's word for "not there"
        try:
            return import_module("huey")
        finally:
            del sys.modules["psycopg"]
    library = import_module("huey")
    storage = import_module("huey.storage")
    if not settings.is_sqlite and storage.psycopg is None:
        storage.psycopg = import_module("psycopg")  # type: ignore[attr-defined]  # set for SQLite
    return library
