"""The outbox: what is to be said to whom, written in the transaction that causes it."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forumreg.store.base import Base
from forumreg.store.types import Json, Utc, words


class Message(enum.StrEnum):
    """What a mail says; each has a text and an HTML template of its name."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    PROMOTED = "promoted"
    DECLINED = "declined"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    LINK_AGAIN = "link_again"
    ALREADY_REGISTERED = "already_registered"
    MOVED = "moved"  # the programme changed under the registrant's seats
    PASSED_OVER = "passed_over"  # a seat came free while another session kept the registrant from it
    ANNOUNCEMENT = "announcement"  # what organizers write to those in a session
    STAFF = "staff"  # of an account: its words come in the payload


class MailStatus(enum.StrEnum):
    """``queued`` until the server took it, or refused it for good."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"


class OutboxMessage(Base):
    """One mail. ``key`` makes it unique, so the same cause never writes two."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_due", "status", "due_at", "id"),
        Index("ix_outbox_event", "event_id", "id"),
        Index("ix_outbox_registration", "registration_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)  # "TUR-7K3M-9QXA, confirmed, 1"
    message: Mapped[Message] = mapped_column(words(Message))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    recipient: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(16))
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # emptied once sent
    status: Mapped[MailStatus] = mapped_column(words(MailStatus), default=MailStatus.QUEUED)
    created_at: Mapped[datetime] = mapped_column(Utc)  # by the machine's clock, as all times here
    due_at: Mapped[datetime] = mapped_column(Utc)
    attempts: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str | None] = mapped_column(String(60))  # the worker that holds the lease
    leased_until: Mapped[datetime | None] = mapped_column(Utc)
    last_error: Mapped[str] = mapped_column(Text, default="")
    settled_at: Mapped[datetime | None] = mapped_column(Utc)


class JobDone(Base):
    """Says that a timed job is done for a period, so that it may be called as often as wanted."""

    __tablename__ = "job_done"
    __table_args__ = (UniqueConstraint("job", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(60))
    period: Mapped[str] = mapped_column(String(30))
    done_at: Mapped[datetime] = mapped_column(Utc)
