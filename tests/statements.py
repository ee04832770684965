"""Statements that a database is sent, counted: a page costs the same for one row and for thirty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that the engine is sent meanwhile."""
    seen: list[str] = []

    def note(*heard: object) -> None:
        seen.append(str(heard[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
