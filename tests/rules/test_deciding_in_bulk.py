"""One decision about several registrations: what can be done is done, the rest is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from forumreg.base.errors import Forbidden
from forumreg.rules.access import Anonymous, Shell, Staff
from forumreg.rules.registration import bulk, cancel, confirm, submit, waitlist
from forumreg.rules.registration.bulk import Reason, decide_several
from forumreg.tables.seats import SeatPool
from tests.builders import NOW, a_registration, a_submission, an_event, an_organizer, statuses


def test_the_pending_are_decided_and_the_others_named(session: Session) -> None:
    event, other = an_event(session), an_event(session, "other")
    pending = [a_registration(session, event, category="press").reference for _number in range(2)]
    confirmed = a_registration(session, event).reference
    cancelled = a_registration(session, event, category="press").reference
    cancel(session, Shell(), cancelled, now=NOW)
    foreign = submit(session, Anonymous(), other, a_submission(category="press"), now=NOW).reference

    asked = [*pending, confirmed, cancelled, foreign, pending[0]]
    found = decide_several(session, an_organizer(event), event, asked, "confirmed", now=NOW)

    assert found.done == tuple(pending)
    assert found.refused == {Reason("not_pending"): (confirmed, cancelled), Reason("unknown"): (foreign,)}
    assert statuses(session, event) == {"confirmed": 3, "cancelled": 1}
    assert statuses(session, other) == {"pending": 1}


def test_waitlisting_frees_the_places(session: Session) -> None:
    event = an_event(session)
    references = [a_registration(session, event, category="press").reference for _number in range(3)]

    found = decide_several(session, an_organizer(event), event, references, "waitlisted", now=NOW)

    assert (len(found.done), statuses(session, event)) == (3, {"waitlisted": 3})


def test_a_free_place_goes_to_who_came_first_of_the_ticked(session: Session) -> None:
    event = an_event(session, capacity=1)
    confirmed = a_registration(session, event).reference
    first, second = (
        a_registration(session, event, NOW + timedelta(minutes=number), accept_waitlist=True).reference
        for number in (1, 2)
    )
    session.execute(update(SeatPool).values(capacity=2))
    session.commit()

    found = decide_several(session, an_organizer(event), event, [second, confirmed, first], "promoted", now=NOW)

    full = Reason("full", event.pool_id)
    assert (found.done, found.refused) == ((first,), {Reason("not_waitlisted"): (confirmed,), full: (second,)})
    assert statuses(session, event) == {"confirmed": 2, "waitlisted": 1}


def test_who_was_changed_meanwhile_is_named(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    event = an_event(session)
    reference = a_registration(session, event, category="press").reference

    def after_somebody_else(*args: object, **facts: object) -> object:
        waitlist(session, Shell(), reference, now=NOW)
        return confirm(*args, **facts)  # type: ignore[arg-type]

    act = replace(bulk._ACTS["confirmed"], decide=after_somebody_else)
    monkeypatch.setitem(bulk._ACTS, "confirmed", act)  # type: ignore[arg-type]
    found = decide_several(session, an_organizer(event), event, [reference], "confirmed", now=NOW)

    assert (found.done, found.refused) == ((), {Reason("changed"): (reference,)})
    assert statuses(session, event) == {"waitlisted": 1}


def test_only_organizers_decide(session: Session) -> None:
    event = an_event(session)
    reference = a_registration(session, event, category="press").reference

    with pytest.raises(Forbidden):
        decide_several(session, Staff(1), event, [reference], "confirmed", now=NOW)
    assert statuses(session, event) == {"pending": 1}


def test_a_decision_that_needs_a_reason_is_not_made_in_bulk(session: Session) -> None:
    event = an_event(session)

    with pytest.raises(KeyError):
        decide_several(session, an_organizer(event), event, [], "declined", now=NOW)
