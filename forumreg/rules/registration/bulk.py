"""One decision about several registrations that wait for one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Refused
from forumreg.rules.access import Action, Actor, require
from forumreg.rules.event import EventFacts
from forumreg.rules.registration.deciding import Decision, confirm, waitlist
from forumreg.tables.registration import Registration, Status

MOST = 200  # registrations of one list page

_DECISIONS: Mapping[str, Callable[..., Decision]] = {
    Status.CONFIRMED: confirm,
    Status.WAITLISTED: waitlist,
}


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of each: references that were decided, and those that were not, by the refusal's word."""

    status: Status
    done: tuple[str, ...]
    refused: Mapping[str, tuple[str, ...]]


def decide_pending(
    session: Session,
    actor: Actor,
    event: EventFacts,
    references: Iterable[str],
    status: str,
    *,
    now: datetime,
) -> Outcomes:
    """Confirm or waitlist those of the references that are pending, one transaction each; the others stay.

    Refusals: "unknown", "not_pending", "full", "changed".

    Raises:
        Forbidden: the actor does not organize the event.
        KeyError: a status that is not decided in bulk.
    """
    require(actor, Action.DECIDE, event.id)
    decide = _DECISIONS[status]
    wanted = list(dict.fromkeys(references))[:MOST]
    rows = session.execute(
        select(Registration.reference, Registration.status, Registration.version).where(
            Registration.event_id == event.id, Registration.reference.in_(wanted)
        )
    )
    found = {reference: (stands, version) for reference, stands, version in rows}
    done: list[str] = []
    refused: dict[str, tuple[str, ...]] = {}
    for reference in wanted:
        reason = _decide_one(session, actor, reference, found.get(reference), decide, now)
        if reason is None:
            done.append(reference)
        else:
            refused[reason] = (*refused.get(reason, ()), reference)
    return Outcomes(Status(status), tuple(done), refused)


def _decide_one(
    session: Session,
    actor: Actor,
    reference: str,
    found: tuple[Status, int] | None,
    decide: Callable[..., Decision],
    now: datetime,
) -> str | None:
    """Decide one; the word of the refusal, if any."""
    if found is None:
        return "unknown"
    stands, version = found
    if stands is not Status.PENDING:
        return "not_pending"
    try:
        decide(session, actor, reference, now=now, version=version)
    except Refused as refused:
        return refused.reason
    except Changed:
        return "changed"
    return None
