"""What needs a person, worst first. Nothing is a concern that mends itself."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from forumreg.base.folding import ALIKE_SIGNS, DOUBLE
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.seats import PoolState
from forumreg.tables.mail import MailStatus, OutboxMessage
from forumreg.tables.registration import Registration, Status

UNSENT_TOO_LONG = timedelta(minutes=5)  # what /readyz and doctor go by, too


class Matter(enum.StrEnum):
    """What it is about, worst first."""

    MAIL_STUCK = "mail_stuck"
    MAIL_REFUSED = "mail_refused"
    WAITING_FOR_FREE_SEATS = "waiting_for_free_seats"
    PENDING = "pending"
    POSSIBLE_DOUBLES = "possible_doubles"


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to see to: how many, the oldest since when, the places that are free, the first to look at."""

    matter: Matter
    count: int
    since: datetime | None = None
    seats: int | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """How many of a category have a status; the earliest of them came at ``since``."""

    status: Status
    category_id: int | None
    count: int
    since: datetime


def about_mail(session: Session, event_id: int, moment: datetime) -> Iterator[Concern]:
    """Mails that wait for more than 5 minutes and mails that were refused; one query. Machine time."""
    rows = session.execute(
        select(
            OutboxMessage.status,
            func.count(),
            func.min(OutboxMessage.created_at, type_=OutboxMessage.created_at.type),
        )
        .where(OutboxMessage.event_id == event_id, OutboxMessage.status != MailStatus.SENT)
        .group_by(OutboxMessage.status)
    )
    found = {status: (count, since) for status, count, since in rows}
    count, since = found.get(MailStatus.QUEUED, (0, moment))
    if moment - since > UNSENT_TOO_LONG:
        yield Concern(Matter.MAIL_STUCK, count, since)
    if MailStatus.REFUSED in found:
        yield Concern(Matter.MAIL_REFUSED, found[MailStatus.REFUSED][0])


def about_waiting(
    event: EventFacts, counts: Sequence[CategoryCount], pools: Mapping[int, PoolState]
) -> Iterator[Concern]:
    """People who wait though the event and their category have places, and how many: no limit is ``None``.

    The worker gives free places within a minute; who stays was put on the list by an organizer.
    """
    waiting = [(each.count, _left(event, each, pools)) for each in counts if each.status is Status.WAITLISTED]
    able = sum(count for count, left in waiting if left != 0)
    if able and pools[event.pool_id].left != 0:
        own = [left for _count, left in waiting if left is not None]
        of_categories = sum(own) if len(own) == len(waiting) else None
        limits = [limit for limit in (pools[event.pool_id].left, of_categories) if limit is not None]
        yield Concern(Matter.WAITING_FOR_FREE_SEATS, able, seats=min(limits, default=None))


def _left(event: EventFacts, counted: CategoryCount, pools: Mapping[int, PoolState]) -> int | None:
    category = event.category(counted.category_id)
    return pools[category.pool_id].left if category else None


def about_pending(counts: Sequence[CategoryCount]) -> Iterator[Concern]:
    """Registrations that await a decision, and since when the oldest of them does."""
    pending = [each for each in counts if each.status is Status.PENDING]
    if pending:
        yield Concern(Matter.PENDING, sum(each.count for each in pending), min(each.since for each in pending))


def about_doubles(session: Session, event_id: int) -> Iterator[Concern]:
    """Registrations that a change gave the name and address of another; one query. None once one of the two is gone."""
    other = aliased(Registration)
    has_other = exists().where(
        other.event_id == event_id,
        other.id != Registration.id,
        other.status != Status.CANCELLED,
        func.substr(other.person_key, 1, ALIKE_SIGNS) == func.substr(Registration.person_key, 1, ALIKE_SIGNS),
    )
    references = session.scalars(
        select(Registration.reference)
        .where(
            Registration.event_id == event_id,
            Registration.status.not_in((Status.CANCELLED, Status.DECLINED)),
            Registration.person_key.contains(DOUBLE),
            has_other,
        )
        .order_by(Registration.id)
    ).all()
    if references:
        yield Concern(Matter.POSSIBLE_DOUBLES, len(references), reference=references[0])
