"""Events and what they are made of: organisations, categories, questions. The programme has a file of its own."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from forumreg.store.base import Base
from forumreg.store.types import Json, Utc, words


class EventKind(enum.StrEnum):
    """What sort of event it is."""

    FORUM = "forum"
    WORKSHOP = "workshop"
    TRAINING = "training"
    MEETING = "meeting"


class EventStatus(enum.StrEnum):
    """How far an event is; a draft is seen by its organizers only."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Visibility(enum.StrEnum):
    """Whether a thing is listed, or shown only to those who know its address."""

    PUBLIC = "public"
    UNLISTED = "unlisted"


class Approval(enum.StrEnum):
    """Whether a registration is confirmed at once or awaits an organizer."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class OrganisationRole(enum.StrEnum):
    """What an organisation is to an event."""

    ORGANIZER = "organizer"
    CO_ORGANIZER = "co-organizer"
    PARTNER = "partner"


class FieldKind(enum.StrEnum):
    """What sort of answer a question takes."""

    TEXT = "text"
    LONG_TEXT = "long-text"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes-no"
    NUMBER = "number"
    DATE = "date"
    COUNTRY = "country"


class Audience(enum.StrEnum):
    """Who may see the answers to a question."""

    ORGANIZERS = "organizers"
    CO_ORGANIZERS = "co-organizers"
    PUBLIC = "public"


class Event(Base):
    """One forum, workshop, training or meeting. ``version`` goes up with every change of it or its parts."""

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_not_before_start"),
        Index("ix_event_listed", "visibility", "status", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    reference_prefix: Mapped[str] = mapped_column(String(3))
    title: Mapped[dict[str, str]] = mapped_column(Json)
    summary: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    description: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    kind: Mapped[EventKind] = mapped_column(words(EventKind))
    starts_on: Mapped[date]  # in the event's zone
    ends_on: Mapped[date]
    timezone: Mapped[str] = mapped_column(String(64))  # IANA
    venue: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    city: Mapped[str] = mapped_column(String(120), default="")
    country: Mapped[str] = mapped_column(String(2), default="")  # ISO 3166-1
    status: Mapped[EventStatus] = mapped_column(words(EventStatus), default=EventStatus.PUBLISHED)
    visibility: Mapped[Visibility] = mapped_column(words(Visibility), default=Visibility.PUBLIC)
    accent: Mapped[str] = mapped_column(String(16), default="ochre")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    languages: Mapped[list[str]] = mapped_column(Json, default=list)  # the first is the event's own
    opens_at: Mapped[datetime | None] = mapped_column(Utc)
    closes_at: Mapped[datetime | None] = mapped_column(Utc)
    approval: Mapped[Approval] = mapped_column(words(Approval), default=Approval.AUTOMATIC)
    waitlist: Mapped[bool] = mapped_column(default=False)
    most_per_kind: Mapped[dict[str, int]] = mapped_column(Json, default=dict, server_default="{}")  # seats of a person
    most_per_organisation: Mapped[int | None]  # seats of one organisation in one session
    organisation_limit_until: Mapped[datetime | None] = mapped_column(Utc)  # None: it holds until the session


class PrivacyNotice(Base):
    """One wording of an event's privacy notice; registrations name the one they were shown."""

    __tablename__ = "privacy_notice"
    __table_args__ = (UniqueConstraint("event_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    version: Mapped[int]
    texts: Mapped[dict[str, str]] = mapped_column(Json)
    published_at: Mapped[datetime] = mapped_column(Utc)


class Organisation(Base):
    """An organisation, known by its name across events."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)


class EventOrganisation(Base):
    """An organisation's role in one event, and what that event calls it: another may call it otherwise."""

    __tablename__ = "event_organisation"
    __table_args__ = (UniqueConstraint("event_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[OrganisationRole] = mapped_column(words(OrganisationRole))
    short_name: Mapped[str] = mapped_column(String(60), default="", server_default=text("''"))
    country: Mapped[str] = mapped_column(String(2), default="", server_default=text("''"))  # ISO 3166-1
    position: Mapped[int] = mapped_column(default=0)


class Category(Base):
    """A category that participants register in. Its places are the pool ``category/<key>``."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("event_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    title: Mapped[dict[str, str]] = mapped_column(Json)
    approval: Mapped[Approval | None] = mapped_column(words(Approval))  # None: as the event
    visibility: Mapped[Visibility] = mapped_column(words(Visibility), default=Visibility.PUBLIC)
    position: Mapped[int] = mapped_column(default=0)


class Field(Base):
    """A question of the event's own. ``options`` are dicts with value, label (texts) and capacity."""

    __tablename__ = "field"
    __table_args__ = (UniqueConstraint("event_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    kind: Mapped[FieldKind] = mapped_column(words(FieldKind))
    label: Mapped[dict[str, str]] = mapped_column(Json)
    help: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    purpose: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    required: Mapped[bool] = mapped_column(default=False)
    options: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    show_if: Mapped[dict[str, Any] | None] = mapped_column(Json)  # {"field": key, "is": value}
    categories: Mapped[list[str]] = mapped_column(Json, default=list)  # keys; empty: all
    audience: Mapped[Audience] = mapped_column(words(Audience), default=Audience.ORGANIZERS)
    erase_after_days: Mapped[int | None]  # after the event's last day
    position: Mapped[int] = mapped_column(default=0)
