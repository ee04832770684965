"""Passkeys: what we keep of them, and that each answer of one is taken once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from forumreg.rules import journal
from forumreg.rules.access import Staff
from forumreg.store.writing import writing
from forumreg.tables.account import Passkey

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a device told of a passkey that it made."""

    name: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PasskeyFacts:
    """A passkey as pages show it and as the sign-in library checks it."""

    id: int
    account_id: int
    name: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None


def passkeys_of(session: Session, account_id: int) -> tuple[PasskeyFacts, ...]:
    """The passkeys of an account, oldest first. The caller shows them to their owner."""
    rows = session.scalars(_fresh().where(Passkey.account_id == account_id).order_by(Passkey.id))
    return tuple(_facts(row) for row in rows)


def find_passkey(session: Session, credential_id: bytes) -> PasskeyFacts | None:
    """The passkey that calls itself so."""
    row = session.scalar(_fresh().where(Passkey.credential_id == credential_id))
    return _facts(row) if row else None


def use_passkey(session: Session, passkey_id: int, sign_count: int, *, asked_at: datetime, now: datetime) -> bool:
    """Take the answer to a question that was asked then; False where this or a later one was taken before."""
    with writing(session):
        done = session.execute(
            update(Passkey)
            .where(Passkey.id == passkey_id, or_(Passkey.used_at.is_(None), Passkey.used_at < asked_at))
            .values(used_at=now, sign_count=sign_count)
            .execution_options(synchronize_session=False)
        )
        return bool(done.rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def add(session: Session, account_id: int, new: NewPasskey, *, now: datetime) -> None:
    """Keep a passkey and journal it, in the caller's transaction."""
    row = Passkey(
        account_id=account_id,
        name=new.name,
        credential_id=new.credential_id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        transports=list(new.transports),
        created_at=now,
    )
    session.add(row)
    session.flush()
    _note(session, account_id, "passkey_added", row.id, now)


def remove(session: Session, account_id: int, passkey_id: int, *, now: datetime) -> None:
    """Forget a passkey and journal it, in the caller's transaction; nothing happens where it is gone."""
    done = session.execute(delete(Passkey).where(Passkey.id == passkey_id, Passkey.account_id == account_id))
    if done.rowcount:  # type: ignore[attr-defined]  # a DELETE's result counts rows
        _note(session, account_id, "passkey_removed", passkey_id, now)


def _fresh() -> Select[Passkey]:
    return select(Passkey).execution_options(populate_existing=True)


def _note(session: Session, account_id: int, action: str, passkey_id: int, now: datetime) -> None:
    subject = ("account", account_id)
    journal.write(session, Staff(account_id), action, subject=subject, now=now, after={"passkey": passkey_id})


def _facts(row: Passkey) -> PasskeyFacts:
    return PasskeyFacts(
        row.id,
        row.account_id,
        row.name,
        row.credential_id,
        row.public_key,
        row.sign_count,
        tuple(row.transports),
        row.created_at,
        row.used_at,
    )
