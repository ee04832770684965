"""Timed jobs: a row says that one is done for a period, so workers may ask for it as often as they like."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from forumreg.store.writing import answering, writing
from forumreg.tables.mail import JobDone

KEPT = timedelta(days=30)  # longer than the longest period of a job


def is_done(session: Session, job: str, period: str) -> bool:
    """Whether the job is done for the period (``2015-10-14`` or ``2015-10-14T09:30``)."""
    with answering():
        found = session.scalar(select(JobDone.id).where(JobDone.job == job, JobDone.period == period))
        session.rollback()
        return found is not None


def note_done(session: Session, job: str, period: str, *, moment: datetime) -> None:
    """Note that the job is done for the period, and forget its notes of a month ago."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    with writing(session):
        session.execute(
            insert(JobDone)
            .values(job=job, period=period, done_at=moment)
            .on_conflict_do_nothing(index_elements=["job", "period"])
        )
        session.execute(delete(JobDone).where(JobDone.job == job, JobDone.done_at < moment - KEPT))
