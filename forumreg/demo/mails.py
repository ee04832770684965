"""The mails of the weeks before: left to the worker, which writes them while the demo is looked at already."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forumreg.store.writing import writing
from forumreg.tables.mail import OutboxMessage

PACE = timedelta(milliseconds=30)  # twice what one takes (13 ms; measured, 2026-11), so no mail of a click waits long


def line_up(session: Session) -> None:
    """Let all mails come due one after the other, those of the latest registrations first.

    They say when they were written, which is now: what the demo's people did lies in 2015, their mails do not.
    """
    mail = OutboxMessage
    with writing(session):
        columns = (mail.id, mail.registration_id, mail.created_at)
        mails = session.execute(select(*columns).where(mail.registration_id.is_not(None)).order_by(mail.id)).all()
        latest = {row.registration_id: row.id for row in mails}
        # One registration's mails leave in the order they were written, whatever is due.
        line = sorted(mails, key=lambda row: (-latest[row.registration_id], row.id))
        if line:
            start = mails[-1].created_at
            session.execute(
                update(mail), [{"id": row.id, "due_at": start + PACE * place} for place, row in enumerate(line)]
            )
