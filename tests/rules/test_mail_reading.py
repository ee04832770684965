"""The outbox as organizers read it, and a second try for what was refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forumreg.base.errors import Forbidden, NotFound, Refused
from forumreg.rules.access import Grant, Staff
from forumreg.rules.mail import claim, mail, mails_of_event, mails_of_registration, retry
from forumreg.tables.account import Role
from forumreg.tables.journal import JournalEntry
from forumreg.tables.mail import MailStatus, OutboxMessage
from tests.builders import NOW, a_registration, an_event, an_organizer

MOMENT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def refused(session: Session) -> int:
    """The last mail, refused for good two days after it was written; its number."""
    number = session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id.desc())).first()
    assert number is not None
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == number)
        .values(
            status=MailStatus.REFUSED,
            attempts=9,
            last_error="550 Unknown user",
            created_at=MOMENT - timedelta(days=2),
            settled_at=MOMENT,
        )
    )
    session.commit()
    return number


def test_a_page_holds_fifty_mails_and_tells_where_the_next_begins(session: Session) -> None:
    event = an_event(session)
    for _number in range(51):
        a_registration(session, event)
    organizer = an_organizer(event)

    first = mails_of_event(session, organizer, event.id)
    second = mails_of_event(session, organizer, event.id, before=first.older)

    assert (len(first.rows), len(second.rows), second.older) == (50, 1, None)
    assert {row.id for row in first.rows}.isdisjoint({row.id for row in second.rows})
    assert first.counts == second.counts == {"queued": 51, "sent": 0, "refused": 0}


def test_the_oldest_unsent_mail_is_told(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event)
    written = session.scalars(select(OutboxMessage.created_at)).one()

    assert mails_of_event(session, an_organizer(event), event.id).oldest_unsent == written


def test_mails_of_other_events_and_of_accounts_are_not_shown(session: Session) -> None:
    event, other = an_event(session), an_event(session, "other")
    a_registration(session, other)
    foreign = session.scalars(select(OutboxMessage.id)).one()

    assert mails_of_event(session, an_organizer(event), event.id).rows == ()
    with pytest.raises(NotFound):
        mail(session, an_organizer(event), event.id, foreign)


@pytest.mark.parametrize("role", [Role.DESK, Role.PARTNER])
def test_only_organizers_read_mails(session: Session, role: Role) -> None:
    event = an_event(session)
    a_registration(session, event)
    number = refused(session)
    somebody = Staff(1, grants=(Grant(event.id, role),))

    with pytest.raises(Forbidden):
        mails_of_event(session, somebody, event.id)
    with pytest.raises(Forbidden):
        mail(session, somebody, event.id, number)
    with pytest.raises(Forbidden):
        retry(session, somebody, event.id, number, now=NOW, moment=MOMENT)


def test_a_retried_mail_is_due_at_once_and_keeps_its_key(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event)
    number = refused(session)
    before = mail(session, an_organizer(event), event.id, number)

    retry(session, an_organizer(event), event.id, number, now=NOW, moment=MOMENT)

    leased = claim(session, "worker", moment=MOMENT)
    assert leased is not None
    assert (leased.id, leased.key, leased.attempts, leased.created_at) == (number, before.key, 1, MOMENT)


def test_a_retry_is_in_the_journal_of_the_registration(session: Session) -> None:
    event = an_event(session)
    registration = a_registration(session, event)
    retry(session, an_organizer(event), event.id, refused(session), now=NOW, moment=MOMENT)

    entry = session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject_id, entry.at, entry.after) == (
        "mail_retried",
        registration.id,
        NOW,
        {"status": "queued", "message": "confirmed"},
    )


def test_a_mail_that_is_queued_is_not_queued_again(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event)
    number = session.scalars(select(OutboxMessage.id)).one()

    with pytest.raises(Refused, match="not_refused"):
        retry(session, an_organizer(event), event.id, number, now=NOW, moment=MOMENT)


def test_a_mail_that_does_not_exist_is_not_found(session: Session) -> None:
    event = an_event(session)

    with pytest.raises(NotFound):
        retry(session, an_organizer(event), event.id, 99, now=NOW, moment=MOMENT)


def test_mails_of_a_registration_stand_the_latest_first(session: Session) -> None:
    event = an_event(session)
    registration = a_registration(session, event, category="press")
    a_registration(session, event)

    found = mails_of_registration(session, registration.id)

    assert [(row.message.value, row.reference) for row in found] == [("received", registration.reference)]
