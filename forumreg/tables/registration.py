"""Registrations, what was answered, and with whom it may be shared."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from forumreg.store.base import Base
from forumreg.store.types import Json, Utc, active_unique, by_code_point, words


class Status(enum.StrEnum):
    """Where a registration stands. Pending and confirmed ones hold their seats."""

    PENDING = "pending"
    WAITLISTED = "waitlisted"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class Registration(Base):
    """One registrant's seat, or wish for one, at one event.

    A row changes ``status``; it is not deleted while the event is kept.
    """

    __tablename__ = "registration"
    __table_args__ = (
        # A declined person does not get round the decision by sending the form again.
        active_unique("uq_registration_person", "person_key", "event_id", where="status <> 'cancelled'"),
        Index("ix_registration_waitlist", "event_id", "status", "received_at", "id"),
        Index("ix_registration_by_name", "event_id", "sort_key", "id"),
        Index("ix_registration_address", "event_id", "address_key"),
        Index("ix_registration_organisation", "event_id", "organisation_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)  # never leaves the server
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"), index=True)
    reference: Mapped[str] = mapped_column(String(14), unique=True)  # on badge and mail; opens nothing
    status: Mapped[Status] = mapped_column(words(Status))
    version: Mapped[int] = mapped_column(default=1)  # of the record; an older form is told of the change
    link_version: Mapped[int] = mapped_column(default=1)  # replaces the link when it goes up
    mail_sequence: Mapped[int] = mapped_column(default=0)  # SEQUENCE of the calendar file

    honorific: Mapped[str] = mapped_column(String(40), default="")
    given_name: Mapped[str] = mapped_column(String(80), default="")
    family_name: Mapped[str] = mapped_column(String(80), default="")
    badge_name: Mapped[str] = mapped_column(String(160), default="")
    email: Mapped[str] = mapped_column(String(254))  # octets; RFC 5321, 4.5.3.1.3
    organisation: Mapped[str] = mapped_column(String(200), default="")
    job_title: Mapped[str] = mapped_column(String(200), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    language: Mapped[str] = mapped_column(String(16))  # the one they speak with us
    phone: Mapped[str] = mapped_column(String(40), default="")
    interpretation: Mapped[str] = mapped_column(String(16), default="")
    understands: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")  # beside the two above
    dietary: Mapped[list[str]] = mapped_column(Json, default=list)
    accessibility: Mapped[str] = mapped_column(Text, default="")
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # by the field's key

    # Folded name and address, for a mailbox may be shared; its own where a change made it one more of the same person.
    person_key: Mapped[str] = mapped_column(String(64))
    address_key: Mapped[str] = mapped_column(String(254))
    sort_key: Mapped[str] = mapped_column(by_code_point(170))  # folded family and given name
    search_key: Mapped[str] = mapped_column(Text)
    organisation_key: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))  # folded

    notice_version: Mapped[int] = mapped_column(default=0)  # of the privacy notice shown; 0: there was none
    received_at: Mapped[datetime] = mapped_column(Utc)
    changed_at: Mapped[datetime] = mapped_column(Utc)
    decided_at: Mapped[datetime | None] = mapped_column(Utc)
    is_held: Mapped[bool] = mapped_column(default=False)  # waits until an organizer promotes it
    reason: Mapped[str] = mapped_column(Text, default="")  # of a decline, as the registrant reads it
    checked_in_at: Mapped[datetime | None] = mapped_column(Utc)


class Submission(Base):
    """One sent form: its key makes sending again the same, its reference is what the page answered.

    A person who is registered already gets a reference like everybody else; it leads to the
    registration there is, so that no page tells who is known.
    """

    __tablename__ = "submission"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the form's key and words
    reference: Mapped[str] = mapped_column(String(14), unique=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    received_at: Mapped[datetime] = mapped_column(Utc)


class Consent(Base):
    """A registrant's leave to share with one organisation; taken back, it stays as a fact of the past.

    ``columns`` are those beyond the default ones, and the keys of the event's own questions, that were named when
    it was given. It gives leave for no other, whatever is granted later.
    """

    __tablename__ = "consent"
    __table_args__ = (
        active_unique("uq_consent_open", "registration_id", "organisation_id", where="withdrawn_at IS NULL"),
        Index("ix_consent_organisation", "organisation_id", "registration_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    columns: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    given_at: Mapped[datetime] = mapped_column(Utc)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Utc)
