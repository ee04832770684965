"""One decision about several registrations that wait: for a decision, or for a place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Refused
from forumreg.rules.access import Action, Actor, require
from forumreg.rules.event import EventFacts
from forumreg.rules.registration.deciding import Decision, confirm, promote, waitlist
from forumreg.tables.registration import Registration, Status

MOST = 200  # registrations of one list page


@dataclass(frozen=True, slots=True)
class _Act:
    """What is done to each, and where a registration must stand for it."""

    decide: Callable[..., Decision]
    stands: Status
    otherwise: str  # the word of the refusal where it stands elsewhere


_ACTS: Mapping[str, _Act] = {
    "confirmed": _Act(confirm, Status.PENDING, "not_pending"),
    "waitlisted": _Act(waitlist, Status.PENDING, "not_pending"),
    "promoted": _Act(promote, Status.WAITLISTED, "not_waitlisted"),
}
IN_BULK = tuple(_ACTS)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some were not decided: a refusal's word, and for "full" the pool that is."""

    word: str
    pool: object = None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of each: references that were decided, and those that were not, by the reason."""

    act: str
    done: tuple[str, ...]
    refused: Mapping[Reason, tuple[str, ...]]


def decide_several(
    session: Session,
    actor: Actor,
    event: EventFacts,
    references: Iterable[str],
    act: str,
    *,
    now: datetime,
) -> Outcomes:
    """Confirm or waitlist those that are pending, or give places to those that wait, one transaction each.

    They are taken in the order in which they came, so that few places go to the first of them. The others stay.
    Refusals: "unknown", "not_pending", "not_waitlisted", "full", "changed".

    Raises:
        Forbidden: the actor does not organize the event.
        KeyError: an act that is not done in bulk.
    """
    require(actor, Action.DECIDE, event.id)
    chosen = _ACTS[act]
    wanted = list(dict.fromkeys(references))[:MOST]
    rows = session.execute(
        select(Registration.reference, Registration.status, Registration.version)
        .where(Registration.event_id == event.id, Registration.reference.in_(wanted))
        .order_by(Registration.received_at, Registration.id)
    )
    found = {reference: (stands, version) for reference, stands, version in rows}
    done: list[str] = []
    refused: dict[Reason, tuple[str, ...]] = {}
    for reference in (*found, *(each for each in wanted if each not in found)):
        reason = _decide_one(session, actor, reference, found.get(reference), chosen, now)
        if reason is None:
            done.append(reference)
        else:
            refused[reason] = (*refused.get(reason, ()), reference)
    return Outcomes(act, tuple(done), refused)


def _decide_one(
    session: Session,
    actor: Actor,
    reference: str,
    found: tuple[Status, int] | None,
    act: _Act,
    now: datetime,
) -> Reason | None:
    """Decide one; the reason of the refusal, if any."""
    if found is None:
        return Reason("unknown")
    stands, version = found
    if stands is not act.stands:
        return Reason(act.otherwise)
    try:
        act.decide(session, actor, reference, now=now, version=version)
    except Refused as refused:
        return Reason(refused.reason, refused.facts.get("pool"))
    except Changed:
        return Reason("changed")
    return None
