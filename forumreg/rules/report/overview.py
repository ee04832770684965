"""The overview of an event: numbers, breakdowns, the trend. Seven queries, however many people there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.base.texts import Texts
from forumreg.rules.access import Action, Actor, require
from forumreg.rules.event.facts import EventFacts, SessionFacts
from forumreg.rules.report import attention
from forumreg.rules.report.attention import CategoryCount, Concern
from forumreg.rules.report.home import COUNTED
from forumreg.rules.seats import PoolState, pools_of
from forumreg.tables.booking import BookingStatus, SessionBooking
from forumreg.tables.programme import ProgrammeSession
from forumreg.tables.registration import Registration, Status

SMALLEST_GROUP = 5  # people; fewer are not shown on their own (the design, section 5)
FULLEST = 5


@dataclass(frozen=True, slots=True)
class Group:
    """So many people share a category (its key and title) or a country (its code)."""

    key: str
    count: int
    title: Texts | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Groups from the largest; the ``few_groups`` of fewer than five people are only summed."""

    groups: tuple[Group, ...]
    few_people: int
    few_groups: int

    @property
    def total(self) -> int:
        """Everybody in it."""
        return sum(group.count for group in self.groups) + self.few_people


@dataclass(frozen=True, slots=True)
class SessionFill:
    """How full a programme session is, and how many wait for a seat in it."""

    session: SessionFacts
    taken: int
    capacity: int
    waiting: int


@dataclass(frozen=True, slots=True)
class DayCount:
    """A day in the event's zone: who came on it, and how many there were at its end."""

    day: date
    new: int
    total: int


@dataclass(frozen=True, slots=True)
class Overview:
    """An event at a glance. ``people`` are pending, waitlisted and confirmed; groups and days count them."""

    statuses: Mapping[str, int]  # each of the five
    people: int
    taken: int
    capacity: int | None
    countries: int
    since: datetime  # 24 hours ago
    since_yesterday: int  # received after it
    by_category: Breakdown
    by_country: Breakdown
    fullest: tuple[SessionFill, ...]
    sessions: int  # with places to book
    days: tuple[DayCount, ...]  # none left out, from the first registration to today
    attention: tuple[Concern, ...]  # worst first


def overview(session: Session, actor: Actor, event: EventFacts, *, now: datetime, moment: datetime) -> Overview:
    """The event's numbers as they stand; ``moment`` is the machine's time, by which mails are late.

    Raises:
        Forbidden: the actor does not organize the event.
    """
    require(actor, Action.SEE_EVENT, event.id)
    counts = _counts(session, event.id)
    countries = _countries(session, event.id)
    received = _received(session, event.id)
    pools = pools_of(session, event.id)
    waiting = _waiting(session, event.id)
    concerns = (
        *attention.about_mail(session, event.id, moment),
        *attention.about_waiting(event, counts, pools),
        *attention.about_pending(counts),
        *attention.about_doubles(session, event.id),
    )
    statuses = _by_status(counts)
    place, since = pools[event.pool_id], now - timedelta(days=1)
    return Overview(
        statuses=statuses,
        people=sum(statuses[status] for status in COUNTED),
        taken=place.taken,
        capacity=place.capacity,
        countries=len(countries),
        since=since,
        since_yesterday=sum(at > since for at in received),
        by_category=breakdown(_by_category(event, counts)),
        by_country=breakdown(Group(code, count) for code, count in countries.items()),
        fullest=_fullest(event, pools, waiting),
        sessions=len(event.bookable),
        days=_days(event, received, now),
        attention=concerns,
    )


def _counts(session: Session, event_id: int) -> Sequence[CategoryCount]:
    since = func.min(Registration.received_at, type_=Registration.received_at.type)
    rows = session.execute(
        select(Registration.status, Registration.category_id, func.count(), since)
        .where(Registration.event_id == event_id)
        .group_by(Registration.status, Registration.category_id)
    )
    return [CategoryCount(status, category_id, count, at) for status, category_id, count, at in rows]


def _countries(session: Session, event_id: int) -> Mapping[str, int]:
    rows = session.execute(
        select(Registration.country, func.count())
        .where(Registration.event_id == event_id, Registration.status.in_(COUNTED), Registration.country != "")
        .group_by(Registration.country)
    )
    return {row[0]: row[1] for row in rows}


def _received(session: Session, event_id: int) -> Sequence[datetime]:
    return session.scalars(
        select(Registration.received_at).where(Registration.event_id == event_id, Registration.status.in_(COUNTED))
    ).all()


def _waiting(session: Session, event_id: int) -> Mapping[int, int]:
    rows = session.execute(
        select(SessionBooking.session_id, func.count())
        .join(ProgrammeSession, ProgrammeSession.id == SessionBooking.session_id)
        .where(ProgrammeSession.event_id == event_id, SessionBooking.status == BookingStatus.WAITLISTED)
        .group_by(SessionBooking.session_id)
    )
    return {row[0]: row[1] for row in rows}


def _by_status(counts: Iterable[CategoryCount]) -> Mapping[str, int]:
    found: Counter[str] = Counter({status.value: 0 for status in Status})
    for each in counts:
        found[each.status] += each.count
    return dict(found)


def _by_category(event: EventFacts, counts: Iterable[CategoryCount]) -> Iterable[Group]:
    found: Counter[int | None] = Counter()
    for each in counts:
        if each.status in COUNTED:
            found[each.category_id] += each.count
    for category in event.categories:
        if found[category.id]:
            yield Group(category.key, found[category.id], category.title)


def breakdown(groups: Iterable[Group]) -> Breakdown:
    """Groups from the largest, then by key; those of fewer than five people only as a sum."""
    found = sorted(groups, key=lambda group: (-group.count, group.key))
    few = [group for group in found if group.count < SMALLEST_GROUP]
    shown = tuple(group for group in found if group.count >= SMALLEST_GROUP)
    return Breakdown(shown, sum(group.count for group in few), len(few))


def _fullest(event: EventFacts, pools: Mapping[int, PoolState], waiting: Mapping[int, int]) -> tuple[SessionFill, ...]:
    fills = [
        SessionFill(each, pool.taken, pool.capacity, waiting.get(each.id, 0))
        for each in event.bookable
        if each.pool_id is not None and (pool := pools[each.pool_id]).capacity
    ]
    fills.sort(key=lambda fill: (-fill.taken / fill.capacity, -fill.waiting, fill.session.starts_at))
    return tuple(fills[:FULLEST])


def _days(event: EventFacts, received: Iterable[datetime], now: datetime) -> tuple[DayCount, ...]:
    zone = event.zone
    new = Counter(at.astimezone(zone).date() for at in received)
    if not new:
        return ()
    first, last = min(new), max(*new, now.astimezone(zone).date())
    days, total = [], 0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        total += new[day]
        days.append(DayCount(day, new[day], total))
    return tuple(days)
