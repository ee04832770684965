"""What organizers decide about a registration, and what a registrant does to her own: one way to change status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Forbidden, NotFound, Refused
from forumreg.base.folding import clean_text
from forumreg.rules import booking, journal
from forumreg.rules.access import Action, Actor, Participant, require
from forumreg.rules.event import EventFacts, facts_by_id
from forumreg.rules.registration import mailing, waiting
from forumreg.rules.registration.pools import HOLDING, pools_of
from forumreg.rules.seats import exchange, lock_event
from forumreg.store.writing import writing
from forumreg.tables.mail import Message
from forumreg.tables.registration import Registration, Status

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of it."""

    reference: str
    status: Status


def confirm(session: Session, actor: Actor, reference: str, *, now: datetime, version: int | None = None) -> Decision:
    """Confirm a registration, whatever it was; takes its places where it held none.

    Raises:
        NotFound: no registration has this reference.
        Forbidden: the actor does not organize the event.
        Refused: "already", or "full" with the ``pool`` that is.
        Changed: somebody changed it since ``version``.
    """

    def step(registration: Registration, event: EventFacts) -> Message:
        if registration.status is Status.CONFIRMED:
            raise Refused("already")
        waited = registration.status is Status.WAITLISTED
        if registration.status not in HOLDING:
            _take(session, event, registration)
        registration.status, registration.is_held, registration.reason = Status.CONFIRMED, False, ""
        waiting.seat_wishes(session, event, registration, now)
        return Message.PROMOTED if waited else Message.CONFIRMED

    return _decide(session, actor, reference, step, now, version, "confirmed")


def promote(session: Session, actor: Actor, reference: str, *, now: datetime, version: int | None = None) -> Decision:
    """Give a waitlisted registration its seats, ahead of the line, and queue the mail that says so.

    Raises:
        NotFound: no registration has this reference.
        Forbidden: the actor does not organize the event.
        Refused: "not_waitlisted", or "full" with the ``pool`` that is.
        Changed: somebody changed it since ``version``.
    """

    def step(registration: Registration, event: EventFacts) -> Message:
        if registration.status is not Status.WAITLISTED:
            raise Refused("not_waitlisted")
        _take(session, event, registration)
        registration.status, registration.is_held = Status.CONFIRMED, False
        waiting.seat_wishes(session, event, registration, now)
        return Message.PROMOTED

    return _decide(session, actor, reference, step, now, version, "promoted")


def decline(
    session: Session, actor: Actor, reference: str, *, reason: str, now: datetime, version: int | None = None
) -> Decision:
    """Decline a registration for a reason that the registrant reads; frees its seats.

    Raises:
        NotFound: no registration has this reference.
        Forbidden: the actor does not organize the event.
        Refused: "already" or "reason_missing".
        Changed: somebody changed it since ``version``.
    """

    def step(registration: Registration, event: EventFacts) -> Message:
        if registration.status in {Status.DECLINED, Status.CANCELLED}:
            raise Refused("already")
        if not clean_text(reason):
            raise Refused("reason_missing")
        _free(session, event, registration, now)
        registration.status, registration.reason = Status.DECLINED, clean_text(reason)[:LONGEST_REASON]
        return Message.DECLINED

    return _decide(session, actor, reference, step, now, version, "declined")


def waitlist(session: Session, actor: Actor, reference: str, *, now: datetime, version: int | None = None) -> Decision:
    """Put a registration on the waiting list; it stays there until an organizer promotes it.

    Raises:
        NotFound: no registration has this reference.
        Forbidden: the actor does not organize the event.
        Refused: "already".
        Changed: somebody changed it since ``version``.
    """

    def step(registration: Registration, event: EventFacts) -> Message:
        if registration.status is Status.WAITLISTED:
            raise Refused("already")
        _free(session, event, registration, now, keep_wishes=True)
        registration.status, registration.is_held, registration.reason = Status.WAITLISTED, True, ""
        return Message.WAITLISTED

    return _decide(session, actor, reference, step, now, version, "waitlisted")


def cancel(session: Session, actor: Actor, reference: str, *, now: datetime, version: int | None = None) -> Decision:
    """Cancel a registration: an organizer may, and its registrant until the event is over. Frees its seats.

    Raises:
        NotFound: no registration has this reference.
        Forbidden: neither its registrant nor an organizer of the event.
        Refused: "already"; "over" for the registrant.
        Changed: somebody changed it since ``version``.
    """

    def step(registration: Registration, event: EventFacts) -> Message:
        if registration.status in {Status.CANCELLED, Status.DECLINED}:
            raise Refused("already")
        if isinstance(actor, Participant) and now >= event.over_at:
            raise Refused("over")
        _free(session, event, registration, now)
        registration.status = Status.CANCELLED
        return Message.CANCELLED

    return _decide(session, actor, reference, step, now, version, "cancelled")


Step = Callable[[Registration, EventFacts], Message]


def _decide(  # noqa: PLR0917 (called in this file alone)
    session: Session,
    actor: Actor,
    reference: str,
    step: Step,
    now: datetime,
    version: int | None,
    action: str,
) -> Decision:
    """Find, require, check, move the seats, write, queue, answer; freed seats go to the next in line.

    Raises:
        Refused: "registered_again": the person has registered anew since this one was cancelled.
    """
    try:
        with writing(session):
            return _decided(session, actor, reference, step, now, version, action)
    except IntegrityError as error:
        raise Refused("registered_again") from error


def _decided(  # noqa: PLR0917 (the inside of the above)
    session: Session,
    actor: Actor,
    reference: str,
    step: Step,
    now: datetime,
    version: int | None,
    action: str,
) -> Decision:
    registration, event = found(session, actor, reference)
    before = registration.status
    if version is not None and registration.version != version:
        raise Changed
    left = sorted(booking.seats_of(session, registration.id))
    message = step(registration, event)
    if not isinstance(actor, Participant):
        registration.decided_at = now
    mailing.changed(registration, now)
    journal.write(
        session, actor, action, subject=("registration", registration.id), event_id=event.id, now=now,
        before={"status": before.value}, after={"status": registration.status.value},
    )  # fmt: skip
    payload = {"left": left} if registration.status not in HOLDING else None
    mailing.post(session, registration, message, payload)
    if before in HOLDING and registration.status not in HOLDING:
        waiting.fill_sessions(session, event, [event.session(entry) for entry in left], now)
        waiting.fill(session, event, now)
    return Decision(reference, registration.status)


def found(session: Session, actor: Actor, reference: str) -> tuple[Registration, EventFacts]:
    """The registration, locked with its event's seats, and the event; the actor is its own or an organizer.

    Raises:
        NotFound: no registration has this reference.
        Forbidden: the actor has no right to it.
    """
    event_id = session.scalar(select(Registration.event_id).where(Registration.reference == reference))
    if event_id is None:
        raise NotFound("registration")
    lock_event(session, event_id)
    event = facts_by_id(session, event_id)
    registration = session.scalars(
        select(Registration)
        .where(Registration.reference == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    require_right(actor, registration)
    return registration, event


def require_right(actor: Actor, registration: Registration) -> None:
    """Refuses who is neither the registrant nor an organizer.

    Raises:
        Forbidden: the actor has no right to this registration.
    """
    if isinstance(actor, Participant):
        if actor.registration_id != registration.id:
            raise Forbidden("registration")
        return
    require(actor, Action.DECIDE, registration.event_id)


def _take(session: Session, event: EventFacts, registration: Registration) -> None:
    full = exchange(session, take=pools_of(event, registration))
    if full is not None:
        raise Refused("full", pool=full)


def _free(
    session: Session, event: EventFacts, registration: Registration, now: datetime, *, keep_wishes: bool = False
) -> None:
    if registration.status in HOLDING:
        held = booking.seats_of(session, registration.id)
        exchange(session, give={*pools_of(event, registration), *held.values()})
    if keep_wishes:
        booking.wish(session, registration.id, event, now)
    else:
        booking.leave(session, registration.id, event, None, now)
