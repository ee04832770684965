"""The events that a staff member organizes, each with the two numbers that matter first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from forumreg.base.texts import Texts
from forumreg.rules.access import Action, Actor, Staff, require
from forumreg.tables.account import Role
from forumreg.tables.event import Event, EventStatus
from forumreg.tables.registration import Registration, Status

COUNTED = (Status.PENDING, Status.WAITLISTED, Status.CONFIRMED)
LONGEST_CHOICE = 50  # events in the menu of the bar


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """An event as its organizer's list shows it; ``people`` are pending, waitlisted and confirmed."""

    slug: str
    title: Texts
    starts_on: date
    ends_on: date
    city: str
    accent: str
    status: EventStatus
    language: str
    people: int
    pending: int
    is_over: bool


def own_events(session: Session, actor: Actor, *, now: datetime) -> Sequence[OwnEvent]:
    """The events that the actor organizes (an administrator: all), those to come first by day, then the past.

    Raises:
        Forbidden: nobody is signed in.
    """
    require(actor, Action.VISIT_STAFF)
    rows = session.execute(
        select(
            Event.slug, Event.title, Event.starts_on, Event.ends_on, Event.city, Event.accent, Event.status,
            Event.languages,
            func.count(Registration.id).filter(Registration.status.in_(COUNTED)).label("people"),
            func.count(Registration.id).filter(Registration.status == Status.PENDING).label("pending"),
        )
        .outerjoin(Registration, Registration.event_id == Event.id)
        .where(_organized_by(actor))
        .group_by(Event.id)
    )  # fmt: skip
    today = now.date()
    found = [_own(row, today) for row in rows]
    coming = sorted((each for each in found if not each.is_over), key=lambda each: (each.starts_on, each.slug))
    past = sorted((each for each in found if each.is_over), key=lambda each: (each.ends_on, each.slug), reverse=True)
    return [*coming, *past]


def _organized_by(actor: Actor) -> ColumnElement[bool]:
    if isinstance(actor, Staff) and not actor.is_admin:
        return Event.id.in_([grant.event_id for grant in actor.grants if grant.role is Role.ORGANIZER])
    return true()


def _own(row: Any, today: date) -> OwnEvent:
    return OwnEvent(
        slug=row.slug,
        title=row.title,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        city=row.city,
        accent=row.accent,
        status=row.status,
        language=row.languages[0] if row.languages else "en",
        people=row.people,
        pending=row.pending,
        is_over=row.ends_on < today,
    )


@dataclass(frozen=True, slots=True)
class EventChoice:
    """An event to change to."""

    slug: str
    title: Texts
    language: str


def event_choices(session: Session, actor: Actor) -> Sequence[EventChoice]:
    """The events that the actor organizes, latest first, at most 50; nobody who is not signed in has any."""
    if not isinstance(actor, Staff):
        return []
    rows = session.execute(
        select(Event.slug, Event.title, Event.languages)
        .where(_organized_by(actor))
        .order_by(Event.starts_on.desc(), Event.slug)
        .limit(LONGEST_CHOICE)
    )
    return [EventChoice(row.slug, row.title, row.languages[0] if row.languages else "en") for row in rows]
