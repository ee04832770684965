"""Statements that a database is sent, counted: a page costs the same for one row and for thirty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from forumreg.store import bundles, driver, engine, sending
from forumreg.store.looking import Look


@contextmanager
def statements(engine_: Engine) -> Iterator[list[str]]:
    """The statements that the engine is sent meanwhile."""
    seen: list[str] = []

    def note(*heard: object) -> None:
        seen.append(str(heard[2]))

    plainly = Look.at

    def at(self: Look, place: Session | Engine, **asked: int | str) -> Any:
        if isinstance(place, Engine) or not place.in_transaction():
            seen.append(str(self.statement))
        return plainly(self, place, **asked)

    sent = driver.send

    def send(connection: Connection, sql: str, values: Any = ()) -> Any:
        seen.append(sql)
        return sent(connection, sql, values)

    event.listen(engine_, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Look, "at", at)  # these are sent past the session, where no event tells of them
        for room in (bundles, engine, sending):
            patched.setattr(room, "send", send)
        try:
            yield seen
        finally:
            event.remove(engine_, "before_cursor_execute", note)
