"""Jobs by the clock: once a period whichever worker comes first, and no fault of one holds up another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from forumreg.base.clock import ShiftedClock
from forumreg.base.settings import Settings
from forumreg.doors.worker import every, fill_waitlists, jobs, run_due
from forumreg.web.bare import bare_app
from forumreg.web.site import db
from tests.builders import NOW

MOMENT = datetime(2026, 11, 23, 9, 31, 20, tzinfo=UTC)


@pytest.fixture
def worker_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    settings = Settings(database_url=database_url, secret_key="of-a-test", instance=tmp_path)
    made = bare_app(settings, clock=ShiftedClock.starting_at(NOW))
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """When the only job, of every five minutes, was called."""
    monkeypatch.setattr(jobs, "_jobs", {})
    times: list[datetime] = []

    @every(minutes=5, name="a job")
    def a_job(_session: Session, now: datetime) -> None:
        times.append(now)

    return times


def test_a_job_is_called_once_a_period(worker_app: Flask, called: list[datetime]) -> None:
    moments = [MOMENT, MOMENT + timedelta(minutes=1), MOMENT + timedelta(minutes=4), MOMENT + timedelta(minutes=5)]

    ran = [run_due(worker_app, moment=moment) for moment in moments]

    assert ran == [["a job"], [], ["a job"], []]
    assert len(called) == 2


def test_a_job_is_told_the_time_that_rules_go_by(worker_app: Flask, called: list[datetime]) -> None:
    run_due(worker_app, moment=MOMENT)

    assert abs(called[0] - NOW) < timedelta(minutes=1)


def test_a_job_that_fails_is_called_again_and_holds_up_no_other(worker_app: Flask, called: list[datetime]) -> None:
    @every(minutes=5, name="broken")
    def broken(_session: Session, _now: datetime) -> None:
        raise ZeroDivisionError

    @every(minutes=60, name="last")
    def last(_session: Session, _now: datetime) -> None:
        """Nothing to do."""

    ran = [run_due(worker_app, moment=MOMENT + timedelta(seconds=number)) for number in (0, 1)]

    assert ran == [["a job", "last"], []]
    assert len(called) == 1


def test_two_jobs_of_one_name_are_a_mistake(called: list[datetime]) -> None:
    with pytest.raises(ValueError, match="a job"):
        every(minutes=1, name="a job")(fill_waitlists)

    assert called == []
