"""The programme: rooms, tracks, sessions, and what its organizers write to those who come."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forumreg.store.base import Base
from forumreg.store.types import Json, Utc, words


class SessionKind(enum.StrEnum):
    """What sort of programme session it is."""

    PLENARY = "plenary"
    PANEL = "panel"
    WORKSHOP = "workshop"
    SIDE_EVENT = "side-event"
    WORLD_CAFE = "world-cafe"
    SITE_VISIT = "site-visit"
    MEETING = "meeting"
    BREAK = "break"


class Booking(enum.StrEnum):
    """Whether participants take a seat in a programme session; by invitation, organizers give the seats."""

    OPEN = "open"
    INVITATION = "invitation"
    NONE = "none"


class SessionVisibility(enum.StrEnum):
    """Who sees a programme session: everybody, or its organizers."""

    PUBLIC = "public"
    DRAFT = "draft"


class Room(Base):
    """A room of the venue; ``capacity`` is what it holds, a session may take fewer."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("event_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # an older form is told of the change
    name: Mapped[dict[str, str]] = mapped_column(Json)
    capacity: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)


class Track(Base):
    """A line that runs through the programme."""

    __tablename__ = "track"
    __table_args__ = (UniqueConstraint("event_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    title: Mapped[dict[str, str]] = mapped_column(Json)
    position: Mapped[int] = mapped_column(default=0)


class ProgrammeSession(Base):
    """One item of the programme. Its seats are the pool ``session/<key>``, and one of each category held for."""

    __tablename__ = "programme_session"
    __table_args__ = (
        UniqueConstraint("event_id", "key"),
        UniqueConstraint("event_id", "guid"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    guid: Mapped[str] = mapped_column(String(36))  # a UUID by which programs know it; RFC 9562
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # an older form is told of the change
    title: Mapped[dict[str, str]] = mapped_column(Json)
    abstract: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    kind: Mapped[SessionKind] = mapped_column(words(SessionKind))
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    starts_at: Mapped[datetime] = mapped_column(Utc)
    ends_at: Mapped[datetime] = mapped_column(Utc)
    languages: Mapped[list[str]] = mapped_column(Json, default=list)  # spoken
    interpreted: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")  # into these
    speakers: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list, server_default="[]")  # name, title,
    #   organisation; people as they are announced
    booking: Mapped[Booking] = mapped_column(words(Booking), default=Booking.NONE)
    visibility: Mapped[SessionVisibility] = mapped_column(
        words(SessionVisibility), default=SessionVisibility.PUBLIC, server_default="public"
    )
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    capacity: Mapped[int | None]  # None: what the room holds; the pools have what counts
    held: Mapped[dict[str, int]] = mapped_column(Json, default=dict, server_default="{}")  # of it, by category key
    extra: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")  # of a schedule brought
    #   in, what has no column here
    proposed: Mapped[dict[str, Any] | None] = mapped_column(Json)  # a change that is not public yet
    position: Mapped[int] = mapped_column(default=0)
    sequence: Mapped[int] = mapped_column(default=0)  # SEQUENCE of its calendar entry; RFC 5545, 3.8.7.4


class Announcement(Base):
    """What an organizer wrote to those in a session, once; each of their mails names it."""

    __tablename__ = "announcement"
    __table_args__ = (Index("ix_announcement_event", "event_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    session_key: Mapped[str] = mapped_column(String(60))
    session_title: Mapped[dict[str, str]] = mapped_column(Json)
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    recipients: Mapped[int]
    written_at: Mapped[datetime] = mapped_column(Utc)
