"""One account a role. Their passwords stand here for everybody to read, so they exist in the demo alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from forumreg.adapters.passwords import hash_password
from forumreg.rules.access import Grant, Role, Shell, Staff
from forumreg.rules.account import create, grant
from forumreg.rules.event import EventFacts, facts

PASSWORD = "turin-demo-2015"  # noqa: S105 (printed on the terminal; the demo listens to this machine alone)
PARTNERS: Mapping[str, str] = {"ilo": "ILO", "uclg": "UCLG", "undp": "UNDP", "turin": "City of Turin"}


@dataclass(frozen=True, slots=True)
class Account:
    """A sign-in as it is printed."""

    what: str
    email: str
    password: str = PASSWORD


ACCOUNTS = (
    Account("administrator", "admin@example.org"),
    Account("organizer", "organizer@example.org"),
    Account("desk", "desk@example.org"),
    *(Account(f"co-organizer {name}", f"{local}@example.org") for local, name in PARTNERS.items()),
)


@dataclass(frozen=True, slots=True)
class Team:
    """Who decides: the organizer at the forum, the administrator elsewhere."""

    admin: Staff
    organizer: Staff

    def for_event(self, event: EventFacts) -> Staff:
        """Who decides at this event."""
        return self.organizer if self.organizer.has(event.id, Role.ORGANIZER) else self.admin


def hire(session: Session, slug: str, *, now: datetime, moment: datetime) -> Team:
    """Make the accounts and give them their roles at the forum."""
    hashed = hash_password(PASSWORD)
    made = [
        create(
            session,
            Shell(),
            account.email,
            password_hash=hashed,
            is_admin=number == 0,
            name=account.what,
            now=moment,
        )
        for number, account in enumerate(ACCOUNTS)
    ]
    grant(session, Shell(), ACCOUNTS[1].email, slug, Role.ORGANIZER, now=now)
    grant(session, Shell(), ACCOUNTS[2].email, slug, Role.DESK, now=now)
    for local, name in PARTNERS.items():
        grant(session, Shell(), f"{local}@example.org", slug, Role.PARTNER, name, now=now)
    event_id = facts(session, slug).id
    return Team(Staff(made[0].id, is_admin=True), Staff(made[1].id, grants=(Grant(event_id, Role.ORGANIZER),)))
