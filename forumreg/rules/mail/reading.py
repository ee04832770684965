"""The outbox as organizers read it: what was written to whom, and what became of it. Machine time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.base.errors import NotFound, Refused
from forumreg.rules import journal
from forumreg.rules.access import Action, Actor, require
from forumreg.store.writing import writing
from forumreg.tables.mail import MailStatus, Message, OutboxMessage
from forumreg.tables.registration import Registration

PAGE = 50  # mails


@dataclass(frozen=True, slots=True)
class MailFacts:
    """A mail of the outbox; ``key`` is its cause, ``reference`` that of the registration it is about."""

    id: int
    key: str
    message: Message
    recipient: str
    language: str
    status: MailStatus
    attempts: int
    error: str  # of the last attempt
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class MailPage:
    """Mails of one page, latest first; ``counts`` are those of the whole event by status."""

    rows: tuple[MailFacts, ...]
    counts: Mapping[str, int]
    older: int | None  # hand it in as ``before`` for the page after this one
    oldest_unsent: datetime | None


def mails_of_event(
    session: Session,
    actor: Actor,
    event_id: int,
    *,
    status: str = "",
    before: int | None = None,
) -> MailPage:
    """One page of an event's mails, of one status if a word says so; ``before`` is the ``older`` of the page before.

    Raises:
        Forbidden: the actor does not organize the event.
    """
    require(actor, Action.READ_MAIL, event_id)
    wanted = [OutboxMessage.event_id == event_id]
    if status:
        wanted.append(OutboxMessage.status.in_([each for each in MailStatus if each == status]))
    if before is not None:
        wanted.append(OutboxMessage.id < before)
    found = session.execute(_mails().where(*wanted).order_by(OutboxMessage.id.desc()).limit(PAGE + 1)).all()
    rows = tuple(_facts(mail, reference) for mail, reference in found[:PAGE])
    counts, oldest = _counts(session, event_id)
    return MailPage(rows, counts, rows[-1].id if len(found) > PAGE else None, oldest)


def mail(session: Session, actor: Actor, event_id: int, mail_id: int) -> MailFacts:
    """One mail of the event.

    Raises:
        Forbidden: the actor does not organize the event.
        NotFound: the event has no such mail.
    """
    require(actor, Action.READ_MAIL, event_id)
    found = session.execute(
        _mails().where(OutboxMessage.id == mail_id, OutboxMessage.event_id == event_id)
    ).one_or_none()
    if found is None:
        raise NotFound("mail")
    return _facts(*found)


def mails_of_registration(session: Session, registration_id: int) -> Sequence[MailFacts]:
    """What was written to a registrant, latest first. The caller has checked the actor."""
    rows = session.execute(
        _mails().where(OutboxMessage.registration_id == registration_id).order_by(OutboxMessage.id.desc())
    )
    return [_facts(mail, reference) for mail, reference in rows]


def retry(session: Session, actor: Actor, event_id: int, mail_id: int, *, now: datetime, moment: datetime) -> None:
    """Put a mail that was refused for good into the queue again, as if it had just been written.

    It keeps its key, so a server that did take it the first time sees the same Message-ID.

    Raises:
        Forbidden: the actor does not organize the event.
        NotFound: the event has no such mail.
        Refused: "not_refused": it is sent, or on its way.
    """
    with writing(session):
        require(actor, Action.READ_MAIL, event_id)
        row = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.id == mail_id, OutboxMessage.event_id == event_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
        if row is None:
            raise NotFound("mail")
        if row.status is not MailStatus.REFUSED:
            raise Refused("not_refused")
        row.status, row.settled_at, row.attempts, row.last_error = MailStatus.QUEUED, None, 0, ""
        row.created_at = row.due_at = moment
        row.owner = row.leased_until = None
        _note(session, actor, row, now)


def _note(session: Session, actor: Actor, row: OutboxMessage, now: datetime) -> None:
    subject = ("registration", row.registration_id) if row.registration_id else ("mail", row.id)
    journal.write(
        session,
        actor,
        "mail_retried",
        subject=subject,
        now=now,
        event_id=row.event_id,
        before={"status": MailStatus.REFUSED.value},
        after={"status": MailStatus.QUEUED.value, "message": row.message.value},
    )


def _mails() -> Any:
    return select(OutboxMessage, Registration.reference).outerjoin(
        Registration, Registration.id == OutboxMessage.registration_id
    )


def _facts(row: OutboxMessage, reference: str | None) -> MailFacts:
    return MailFacts(
        row.id, row.key, row.message, row.recipient, row.language, row.status, row.attempts, row.last_error,
        row.created_at, row.due_at, row.settled_at, reference,
    )  # fmt: skip


def _counts(session: Session, event_id: int) -> tuple[Mapping[str, int], datetime | None]:
    first = func.min(OutboxMessage.created_at, type_=OutboxMessage.created_at.type)
    rows = session.execute(
        select(OutboxMessage.status, func.count(), first)
        .where(OutboxMessage.event_id == event_id)
        .group_by(OutboxMessage.status)
    ).all()
    found = {status: count for status, count, _since in rows}
    oldest = next((since for status, _count, since in rows if status is MailStatus.QUEUED), None)
    return {status.value: found.get(status, 0) for status in MailStatus}, oldest
