"""Jobs by the clock: rules called with the session and the time. Being called twice must do no harm."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from forumreg.base.errors import Unavailable
from forumreg.rules.mail import is_done, note_done
from forumreg.web import now, session

Task = Callable[[Any, datetime], object]  # the session, and the time that rules go by
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A rule to be called once in so many minutes of the machine's clock."""

    name: str
    minutes: int
    task: Task

    def period(self, moment: datetime) -> str:
        """The stretch of time that the moment lies in, by its first minute."""
        minute = int(moment.timestamp()) // 60
        first = datetime.fromtimestamp((minute - minute % self.minutes) * 60, UTC)
        return first.strftime("%Y-%m-%dT%H:%M")


_jobs: dict[str, Job] = {}


def every(*, minutes: int, name: str) -> Callable[[Task], Task]:
    """Have the rule called once in so many minutes, whichever worker comes first."""

    def register(task: Task) -> Task:
        if name in _jobs:
            raise ValueError(f"two jobs are called {name}")
        _jobs[name] = Job(name, minutes, task)
        return task

    return register


def run_due(app: Flask, *, moment: datetime | None = None) -> list[str]:
    """Call the jobs not yet done for this period; answers their names. One that fails waits a minute."""
    at = moment or datetime.now(UTC)
    return [job.name for job in _jobs.values() if _run(app, job, at)]


def _run(app: Flask, job: Job, moment: datetime) -> bool:
    period = job.period(moment)
    with app.app_context():
        try:
            if is_done(session(), job.name, period):
                return False
            job.task(session(), now())
            note_done(session(), job.name, period, moment=moment)
        except Unavailable:
            _log.warning("Job %s waits for the database", job.name)
        except Exception:  # noqa: BLE001 (a job's fault must not stop the others nor the mails)
            _log.exception("Job %s failed", job.name)
        else:
            return True
        return False
