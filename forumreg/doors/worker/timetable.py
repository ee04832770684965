"""Which rules are called by the clock, and how often."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from forumreg.adapters import kept_files
from forumreg.doors.worker.jobs import every
from forumreg.rules.access import Worker
from forumreg.rules.registration import events_with_waiting, sweep
from forumreg.web import settings


@every(minutes=5, name="waitlists")
def fill_waitlists(session: Any, now: datetime) -> None:
    """Give away what a larger capacity or an import left free."""
    for event_id in events_with_waiting(session):
        sweep(session, Worker(), event_id, now=now)


@every(minutes=1, name="kept_files")
def drop_kept_files(_session: Any, _now: datetime) -> None:
    """Drop files that were brought a day ago and never decided about."""
    kept_files.sweep(settings().instance)
