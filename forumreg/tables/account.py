"""Staff accounts, what they may do at which event, and the sessions that are signed in."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from forumreg.store.base import Base
from forumreg.store.types import Json, Utc, words


class Role(enum.StrEnum):
    """What a staff member is to an event."""

    ORGANIZER = "organizer"
    DESK = "desk"
    PARTNER = "partner"


class Account(Base):
    """A staff member who signs in. Column names below the first block are the sign-in library's."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # folded
    name: Mapped[str] = mapped_column(String(160), default="")
    language: Mapped[str] = mapped_column(String(16), default="en")
    is_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Utc)

    password: Mapped[str | None] = mapped_column(String(255))  # argon2
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_last_counter: Mapped[int | None]  # ours: the step of the last code taken, so none is taken twice; RFC 6238, 5.2
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(Json)  # keyed hashes


class Passkey(Base):
    """The public half of a passkey; its owner's device keeps the other."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))  # 32 bits, no sign
    transports: Mapped[list[str]] = mapped_column(Json)
    name: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Utc)
    used_at: Mapped[datetime | None] = mapped_column(Utc)


class StaffRole(Base):
    """A role of an account at an event; a partner's names the organisation it acts for."""

    __tablename__ = "staff_role"
    __table_args__ = (
        UniqueConstraint("account_id", "event_id", "role", "organisation_id"),
        CheckConstraint("(role = 'partner') = (organisation_id IS NOT NULL)", name="partner_has_organisation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(words(Role))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))


class StaffSession(Base):
    """A signed-in browser. The cookie holds a random key, this row its hash; ending the row signs out."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_account", "account_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    agent: Mapped[str] = mapped_column(String(120), default="")  # browser and system, shortened
    created_at: Mapped[datetime] = mapped_column(Utc)
    seen_at: Mapped[datetime] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)


class SignInTry(Base):
    """Failed sign-ins, so that guessing gets slow on every process alike. Keys are hashes."""

    __tablename__ = "sign_in_try"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)  # hash of the address or the network
    failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[datetime | None] = mapped_column(Utc)
    last_at: Mapped[datetime] = mapped_column(Utc)
