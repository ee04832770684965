"""The outbox: written once, claimed by one, settled by its owner, in the order of its writing."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from forumreg.rules.mail import (
    Item,
    Leased,
    claim,
    is_done,
    is_due,
    note_done,
    oldest_unsent,
    post,
    refuse,
    settle,
    try_later,
)
from forumreg.rules.mail.outbox import GIVE_UP_AFTER, LEASE, LONGEST_WAIT
from forumreg.store.engine import make_sessions
from forumreg.store.writing import writing
from forumreg.tables.mail import MailStatus, Message, OutboxMessage
from tests.builders import a_registration, an_event


def a_mail(session: Session, key: str, **facts: object) -> bool:
    values: dict[str, object] = {"recipient": "a@example.org", "language": "en", **facts}
    with writing(session):
        return post(session, Item(key, Message.STAFF, **values))  # type: ignore[arg-type]


def a_lease(session: Session, owner: str = "one") -> Leased:
    leased = claim(session, owner, moment=datetime.now(UTC))
    assert leased is not None
    return leased


def row_of(session: Session, key: str) -> OutboxMessage:
    session.rollback()
    return session.scalars(
        select(OutboxMessage).where(OutboxMessage.key == key).execution_options(populate_existing=True)
    ).one()


def test_one_cause_writes_one_mail(session: Session) -> None:
    written = [a_mail(session, "TUR-2345-6737, confirmed, 1") for _ in range(3)]

    assert written == [True, False, False]


def test_a_mail_is_claimed_once(session: Session) -> None:
    a_mail(session, "a")

    first = claim(session, "one", moment=datetime.now(UTC))
    second = claim(session, "two", moment=datetime.now(UTC))

    assert (first and first.key, second) == ("a", None)


def test_a_mail_whose_worker_died_is_claimed_again_when_the_lease_ends(session: Session) -> None:
    a_mail(session, "a")
    a_lease(session)

    before = claim(session, "two", moment=datetime.now(UTC) + LEASE - timedelta(seconds=5))
    after = claim(session, "two", moment=datetime.now(UTC) + LEASE + timedelta(seconds=5))

    assert (before, after and after.key, after and after.attempts) == (None, "a", 2)


def test_eight_workers_claim_each_of_thirty_mails_once(engine: Engine, session: Session) -> None:
    for number in range(30):
        a_mail(session, f"mail {number}")

    def work(owner: str) -> list[str]:
        claimed = []
        with make_sessions(engine)() as own:
            while (leased := claim(own, owner, moment=datetime.now(UTC))) is not None:
                claimed.append(leased.key)
                settle(own, leased, moment=datetime.now(UTC))
        return claimed

    with ThreadPoolExecutor(max_workers=8) as pool:
        claimed = Counter(key for keys in pool.map(work, map(str, range(8))) for key in keys)

    assert claimed == Counter({f"mail {number}": 1 for number in range(30)})


def test_only_the_owner_settles(session: Session) -> None:
    a_mail(session, "a")
    first = a_lease(session)
    second = claim(session, "two", moment=datetime.now(UTC) + LEASE * 2)
    assert second is not None

    settled = [settle(session, leased, moment=datetime.now(UTC)) for leased in (first, second)]

    assert settled == [False, True]


def test_a_settled_mail_keeps_no_payload_and_is_not_due(session: Session) -> None:
    a_mail(session, "a", payload={"text": "https://forum.example.org/reset/secret"})

    settle(session, a_lease(session), moment=datetime.now(UTC))

    row = row_of(session, "a")
    assert (row.status, row.payload) == (MailStatus.SENT, {})
    assert not is_due(session, moment=datetime.now(UTC))


def test_a_refused_mail_says_why_and_is_not_tried_again(session: Session) -> None:
    a_mail(session, "a")

    refuse(session, a_lease(session), "550 no such user", moment=datetime.now(UTC))

    row = row_of(session, "a")
    assert (row.status, row.last_error) == (MailStatus.REFUSED, "550 no such user")
    assert claim(session, "two", moment=datetime.now(UTC) + timedelta(days=3)) is None


def test_each_wait_is_longer_up_to_two_hours(session: Session) -> None:
    a_mail(session, "a")
    waits = []
    moment = datetime.now(UTC)
    for _ in range(14):
        leased = claim(session, "one", moment=moment)
        assert leased is not None
        try_later(session, leased, "421 busy", moment=moment)
        due_at = row_of(session, "a").due_at
        waits.append(due_at - moment)
        moment = due_at + timedelta(seconds=1)

    assert timedelta(seconds=22) <= waits[0] <= timedelta(seconds=38)
    assert all(later > earlier for earlier, later in pairwise(waits[:7]))
    assert max(waits) <= LONGEST_WAIT * 1.25


def test_after_two_days_it_is_given_up(session: Session) -> None:
    a_mail(session, "a")

    too_late = datetime.now(UTC) + GIVE_UP_AFTER + timedelta(hours=1)
    try_later(session, a_lease(session), "421 busy", moment=too_late)

    assert row_of(session, "a").status is MailStatus.REFUSED


def test_mails_about_one_registration_leave_in_order(session: Session) -> None:
    event = an_event(session)
    registration = a_registration(session, event)
    about = {
        "event_id": event.id,
        "registration_id": registration.id,
        "recipient": registration.email,
    }
    confirmed = a_lease(session)
    a_mail(session, "cancelled", **about)
    a_mail(session, "somebody else's")
    try_later(session, confirmed, "421 busy", moment=datetime.now(UTC))

    meanwhile = [claim(session, "two", moment=datetime.now(UTC)) for _ in range(2)]
    soon = datetime.now(UTC) + timedelta(minutes=1)
    again = claim(session, "two", moment=soon)
    assert again is not None
    settle(session, again, moment=soon)
    last = claim(session, "two", moment=soon)

    assert [leased and leased.key for leased in meanwhile] == ["somebody else's", None]
    assert (again.key, last and last.key) == (confirmed.key, "cancelled")


def test_a_dead_former_address_does_not_hold_up_the_new_one(session: Session) -> None:
    event = an_event(session)
    registration = a_registration(session, event)
    try_later(session, a_lease(session), "421 busy", moment=datetime.now(UTC))
    a_mail(session, "new", event_id=event.id, registration_id=registration.id, recipient="new@example.org")

    assert a_lease(session).key == "new"


def test_the_oldest_unsent_mail_is_known(session: Session) -> None:
    assert oldest_unsent(session) is None
    a_mail(session, "a")
    a_mail(session, "b")
    first = row_of(session, "a").created_at

    assert oldest_unsent(session) == first


@pytest.mark.parametrize("times", [1, 2])
def test_a_job_is_done_once_a_period(session: Session, times: int) -> None:
    for _ in range(times):
        note_done(session, "waitlists", "2015-10-14T09:30", moment=datetime.now(UTC))

    done = [is_done(session, "waitlists", period) for period in ("2015-10-14T09:30", "2015-10-14T09:35")]
    assert done == [True, False]
