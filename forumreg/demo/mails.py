"""The mails of the weeks before: said to be sent then, the last ones left for the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forumreg.rules.event import facts
from forumreg.store.writing import writing
from forumreg.tables.mail import MailStatus, OutboxMessage
from forumreg.tables.registration import Registration

LEFT = 40  # mails of the forum that the worker writes at its start, so that organizers have some to read


def settle_old(session: Session, slug: str, shift: timedelta) -> None:
    """Mark all mails as sent but the event's last 40.

    ``shift`` leads from the demo's clock to the machine's, which mails go by: a mail of last week, by the
    demo's clock, was sent last week.
    """
    event_id = facts(session, slug).id
    with writing(session):
        mails = session.execute(
            select(OutboxMessage.id, OutboxMessage.event_id, Registration.changed_at)
            .join(Registration, Registration.id == OutboxMessage.registration_id)
            .order_by(Registration.changed_at, OutboxMessage.id)
        ).all()
        last = {row.id for row in [row for row in mails if row.event_id == event_id][-LEFT:]}
        old = [_sent(row.id, row.changed_at + shift) for row in mails if row.id not in last]
        if old:
            session.execute(update(OutboxMessage), old)


def _sent(mail_id: int, at: datetime) -> dict[str, object]:
    times = dict.fromkeys(("created_at", "due_at", "settled_at"), at)
    return {"id": mail_id, "status": MailStatus.SENT, "payload": {}, "attempts": 1, **times}
