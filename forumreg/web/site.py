"""The installation as a request sees it: settings, secrets, clock, database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from forumreg.base.clock import Clock
from forumreg.base.references import Keys
from forumreg.base.settings import Settings
from forumreg.store.base import Base
from forumreg.store.engine import for_sessions, make_engine
from forumreg.store.writing import is_writing

NAME = "forumreg"


class Database(SQLAlchemy):
    """Flask-SQLAlchemy on our metadata and our engines: its part is the session of a request."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:  # noqa: ARG002 (its signature)
        """The engine that the rest of the program uses too, whichever bind is asked for."""
        return for_sessions(make_engine(options.pop("url"), **{k: v for k, v in options.items() if k == "poolclass"}))


db = Database(metadata=Base.metadata, session_options={"expire_on_commit": False})


def _only_in_writing(session: Session, *_: object) -> None:
    """Stop a change outside ``writing()``: PostgreSQL would take each of its statements for good at once."""
    if not is_writing(session):
        raise RuntimeError("changes are made in writing()")


event.listen(db.session, "before_flush", _only_in_writing)


def _silent() -> None:
    """The bell of an installation that has none."""


@dataclass(slots=True)
class Site:
    """What the factory put together."""

    settings: Settings
    clock: Clock
    keys: Keys
    ring: Callable[[], None] = field(default=_silent)  # tells the worker that there is mail


def site() -> Site:
    """The installation that answers this request."""
    found: Site = current_app.extensions[NAME]
    return found


def settings() -> Settings:
    """Its settings."""
    return site().settings


def sends_mail() -> bool:
    """Whether mails leave this server; without a mail server they are kept for organizers to read."""
    return bool(settings().smtp_url)


def keys() -> Keys:
    """Its secrets."""
    return site().keys


def now() -> datetime:
    """The instant that rules go by."""
    return site().clock.now()


def session() -> Session:
    """The database session of this request; ended with it."""
    return db.session()


def looking() -> Session | Engine:
    """Where a look is asked: in the session of this request where it has been opened, else past it.

    To open and to end a session costs more than the look.
    """
    return db.session() if db.session.registry.has() else db.engine
