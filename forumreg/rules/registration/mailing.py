"""The mails that a change of a registration writes, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from forumreg.rules import mail
from forumreg.store.bundles import Rows
from forumreg.tables.mail import Message
from forumreg.tables.registration import Registration, Status

FOR_STATUS: Mapping[Status, Message] = {
    Status.PENDING: Message.RECEIVED,
    Status.CONFIRMED: Message.CONFIRMED,
    Status.WAITLISTED: Message.WAITLISTED,
    Status.DECLINED: Message.DECLINED,
    Status.CANCELLED: Message.CANCELLED,
}


def changed(registration: Registration, now: datetime) -> None:
    """Count one more change: older forms are told of it, and calendars take the newer file."""
    registration.version += 1
    registration.mail_sequence += 1
    registration.changed_at = now


def post(
    session: Session, registration: Registration, message: Message, payload: Mapping[str, Any] | None = None
) -> None:
    """Write the registrant the mail about this version of the registration, once."""
    _post(session, registration, message, str(registration.version), registration.email, payload)


def post_to(session: Session, registration: Registration, message: Message, address: str) -> None:
    """Write the same to another address: the one that the registrant has just given up."""
    _post(session, registration, message, f"{registration.version} to the former address", address, None)


def post_at_most_once(
    session: Session,
    registration: Registration,
    message: Message,
    period: str,
    payload: Mapping[str, Any] | None = None,
) -> bool:
    """Write the mail unless one like it was written in the same period; False where it was."""
    return _post(session, registration, message, period, registration.email, payload)


def first(registration_id: object, reference: str, status: Status, lines: Mapping[str, str], event_id: int) -> Rows:
    """The mail about a registration that is written with it."""
    message = FOR_STATUS[status]
    item = mail.Item(
        key=_key(reference, message, "1"),
        message=message,
        recipient=lines["email"],
        language=lines["language"],
        event_id=event_id,
    )
    return mail.row_of(item, registration_id)


def _key(reference: str, message: Message, number: str) -> str:
    return f"{reference}, {message.value}, {number}"


def _post(
    session: Session,
    registration: Registration,
    message: Message,
    number: str,
    address: str,
    payload: Mapping[str, Any] | None,
) -> bool:
    session.flush()
    return mail.post(
        session,
        mail.Item(
            key=_key(registration.reference, message, number),
            message=message,
            recipient=address,
            language=registration.language,
            event_id=registration.event_id,
            registration_id=registration.id,
            payload=payload,
        ),
    )
