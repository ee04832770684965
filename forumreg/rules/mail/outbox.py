"""Mails written down, claimed with a lease, settled. Times here are the machine's, not the event's."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Column, Select, Table, Update, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from forumreg.store.bundles import Rows
from forumreg.store.types import Utc
from forumreg.store.writing import answering, writing
from forumreg.tables.mail import MailStatus, Message, OutboxMessage

LEASE = timedelta(seconds=120)  # longer than a mail may take (90 s), else a slow server doubles mails
GIVE_UP_AFTER = timedelta(hours=48)  # RFC 5321, 4.5.4.1 asks for days; a confirmation is stale after two
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Item:
    """A mail to write down. ``key`` names its cause: writing it twice writes one."""

    key: str
    message: Message
    recipient: str
    language: str
    event_id: int | None = None
    registration_id: int | None = None
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Leased:
    """A mail that one worker holds until it settles it or the lease ends."""

    id: int
    key: str
    message: Message
    event_id: int | None
    registration_id: int | None
    recipient: str
    language: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime
    owner: str


def post(session: Session, item: Item) -> bool:
    """Write a mail into the caller's transaction; False where its key is written already."""
    return session.scalar(_POST[session.get_bind().dialect.name], _row(item)) is not None


def row_of(item: Item, registration_id: object) -> Rows:
    """A mail whose key nobody can have written before, for a registration that is written with it."""
    return Rows(_TABLE, [{**_row(item), "registration_id": registration_id}])


def _row(item: Item) -> dict[str, Any]:
    moment = datetime.now(UTC)  # the worker's clock, whatever ``now`` the cause was told (docs/architecture.md, Clocks)
    return {
        "key": item.key,
        "message": item.message,
        "event_id": item.event_id,
        "registration_id": item.registration_id,
        "recipient": item.recipient,
        "language": item.language,
        "payload": dict(item.payload or {}),
        "status": MailStatus.QUEUED,
        "created_at": moment,
        "due_at": moment,
        "attempts": 0,
        "last_error": "",
    }


# Statements are written once: making them anew for each mail costs more than running them (measured, 2026-11).
_TABLE = cast("Table", OutboxMessage.__table__)
_POST = {
    name: make(_TABLE).on_conflict_do_nothing(index_elements=["key"]).returning(_TABLE.c.id)
    for name, make in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def is_due(session: Session, *, moment: datetime) -> bool:
    """Whether a mail waits for a worker; a plain read, so that idle workers lock nothing."""
    with answering():
        found = session.scalar(_IS_ANY_DUE, {"moment": moment})
        session.rollback()
        return bool(found)


def claim(session: Session, owner: str, *, moment: datetime) -> Leased | None:
    """Lease the mail that is due longest to this worker, alone among all workers; ``None`` where none is due.

    Mails about one registration to one address leave in the order they were written, so that nobody reads
    of a confirmation after the cancellation.
    """
    with writing(session):
        row = session.execute(_NEXT, {"moment": moment}).first()
        if row is None:
            return None
        leased = Leased(
            row.id, row.key, row.message, row.event_id, row.registration_id, row.recipient, row.language,
            dict(row.payload), row.attempts + 1, row.created_at, owner,
        )  # fmt: skip
        lease = {"leased": row.id, "holder": owner, "until": moment + LEASE, "attempt": leased.attempts}
        session.execute(_LEASE, lease)
        return leased


def _due(*columns: Column[Any]) -> Select[Any]:
    mail, before, moment = _TABLE.c, _TABLE.alias("before"), bindparam("moment", type_=Utc)
    return select(*columns or (mail.id,)).where(
        mail.status == MailStatus.QUEUED,
        mail.due_at <= moment,
        or_(mail.leased_until.is_(None), mail.leased_until < moment),
        ~exists().where(
            before.c.registration_id == mail.registration_id,
            before.c.recipient == mail.recipient,
            before.c.status == MailStatus.QUEUED,
            before.c.id < mail.id,
        ),
    )


_IS_ANY_DUE = select(_due().exists())
_NEXT = _due(*_TABLE.c).order_by(_TABLE.c.due_at, _TABLE.c.id).limit(1).with_for_update(skip_locked=True, of=_TABLE)
_LEASE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("leased"))
    .values(owner=bindparam("holder"), leased_until=bindparam("until"), attempts=bindparam("attempt"))
)


def settle(session: Session, leased: Leased, *, moment: datetime) -> bool:
    """Note that the server took it; False where the lease had passed to another worker."""
    return _settle(session, leased, MailStatus.SENT, "", moment)


def refuse(session: Session, leased: Leased, error: str, *, moment: datetime) -> bool:
    """Note that it will never be sent, and why; organizers see it."""
    return _settle(session, leased, MailStatus.REFUSED, error, moment)


def try_later(session: Session, leased: Leased, error: str, *, moment: datetime) -> bool:
    """Put it off, each time longer, with some chance in it; after 48 hours it is refused."""
    if moment - leased.created_at > GIVE_UP_AFTER:
        return refuse(session, leased, error, moment=moment)
    chance = random.uniform(0.75, 1.25)  # noqa: S311 (not a secret)
    wait = min(FIRST_WAIT * 2 ** min(leased.attempts - 1, 10), LONGEST_WAIT) * chance
    return _note(session, leased, _PUT_OFF, {"due": moment + wait, "error": error})


def _settle(session: Session, leased: Leased, status: MailStatus, error: str, moment: datetime) -> bool:
    """The last word on a mail. A payload that may hold a secret is forgotten; a refused one may be tried again."""
    forgotten = status is MailStatus.SENT or leased.message is Message.STAFF
    kept = {} if forgotten else dict(leased.payload)
    return _note(session, leased, _SETTLE, {"fate": status, "moment": moment, "kept": kept, "error": error})


def _held(**values: Any) -> Update:
    """A change of the mail that the caller holds: nothing where the lease has passed on."""
    mail = _TABLE.c
    return (
        update(_TABLE)
        .where(
            mail.id == bindparam("mail"),
            mail.owner == bindparam("holder"),
            mail.attempts == bindparam("attempt"),
            mail.status == MailStatus.QUEUED,
        )
        .values(last_error=bindparam("error"), leased_until=None, **values)
    )


_SETTLE = _held(status=bindparam("fate"), settled_at=bindparam("moment"), payload=bindparam("kept"))
_PUT_OFF = _held(due_at=bindparam("due"))


def _note(session: Session, leased: Leased, change: Update, values: Mapping[str, Any]) -> bool:
    held = {"mail": leased.id, "holder": leased.owner, "attempt": leased.attempts}
    with writing(session):
        done = session.execute(change, {**held, **values})
        return bool(done.rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def oldest_unsent(session: Session) -> datetime | None:
    """When the oldest mail that is still to be sent was written; ``None`` where all are settled."""
    return session.scalar(select(func.min(OutboxMessage.created_at)).where(OutboxMessage.status == MailStatus.QUEUED))
