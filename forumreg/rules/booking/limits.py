"""What an organizer allows one person and one organisation: so many sessions of a kind, so many seats in one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.tables.booking import SEATED, SessionBooking
from forumreg.tables.programme import SessionKind
from forumreg.tables.registration import Registration


def too_many(event: EventFacts, chosen: Iterable[SessionFacts]) -> tuple[tuple[SessionKind, int], ...]:
    """The kinds of which more sessions are chosen than one person may have, with how many that is."""
    counted = Counter(entry.kind for entry in chosen)
    return tuple(
        (kind, event.most_per_kind[kind])
        for kind, number in counted.items()
        if number > event.most_per_kind.get(kind, number)
    )


def organisation_limit(event: EventFacts, now: datetime) -> int | None:
    """The most seats that one organisation may have in one session now; ``None``: any number."""
    until = event.organisation_limit_until
    return event.most_per_organisation if until is None or now < until else None


def crowded(
    session: Session, event: EventFacts, organisation_key: str, entries: Collection[SessionFacts], now: datetime
) -> frozenset[int]:
    """Those of the sessions (their ids) in which the organisation has as many seats as it may."""
    most = organisation_limit(event, now)
    if most is None or not entries or not organisation_key:
        return frozenset()
    rows = session.execute(
        select(SessionBooking.session_id, func.count())
        .join(Registration, Registration.id == SessionBooking.registration_id)
        .where(
            Registration.organisation_key == organisation_key,
            SessionBooking.session_id.in_([entry.id for entry in entries]),
            SessionBooking.status.in_(SEATED),
        )
        .group_by(SessionBooking.session_id)
    )
    return frozenset(session_id for session_id, number in rows if number >= most)


def seats_of_organisation(session_id: int) -> ColumnElement[int]:
    """How many seats in the session the organisation of a ``Registration`` in the query has."""
    colleague, seat = aliased(Registration), aliased(SessionBooking)
    return (
        select(func.count())
        .select_from(seat)
        .join(colleague, colleague.id == seat.registration_id)
        .where(
            colleague.organisation_key == Registration.organisation_key,
            seat.session_id == session_id,
            seat.status.in_(SEATED),
        )
        .correlate(Registration)
        .scalar_subquery()
    )
