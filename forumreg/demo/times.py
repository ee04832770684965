"""When the demo plays, and where its clock goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.base.clock import DEMO_ZONE
from forumreg.tables.booking import SessionBooking
from forumreg.tables.journal import JournalEntry
from forumreg.tables.registration import Consent, Registration

START = datetime(2015, 9, 1, 9, tzinfo=DEMO_ZONE).astimezone(UTC)  # the forum takes forms then
ANNOUNCED_BEFORE = timedelta(days=30)  # an event is stored so long before its registration opens


def going_on(session: Session) -> datetime:
    """Where the clock of a kept demo goes on: at its start, or at the latest time of anything that happened.

    Entries of no event (who signed in) go by the machine's clock and say nothing.
    """
    newest = (
        select(func.max(Registration.changed_at)),
        select(func.max(Registration.received_at)),
        select(func.max(Consent.given_at)),
        select(func.max(Consent.withdrawn_at)),
        select(func.max(SessionBooking.received_at)),
        select(func.max(JournalEntry.at)).where(JournalEntry.event_id.is_not(None)),
    )
    return max([START, *(found for query in newest if (found := session.scalar(query)) is not None)])
