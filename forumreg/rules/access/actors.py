"""Who acts. A door finds out; rules are told."""

from __future__ import annotations

from dataclasses import dataclass

from forumreg.tables.account import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at one event; ``organisation_id`` is set for a partner."""

    event_id: int
    role: Role
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Somebody on a public page."""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who holds the own link of a registration."""

    registration_id: int


@dataclass(frozen=True, slots=True)
class Staff:
    """A signed-in staff member with roles by event."""

    account_id: int
    is_admin: bool = False
    grants: tuple[Grant, ...] = ()

    def has(self, event_id: int | None, role: Role) -> bool:
        """Whether one of the grants gives the role at the event."""
        return any(grant.event_id == event_id and grant.role is role for grant in self.grants)

    def organisations(self, event_id: int) -> tuple[int, ...]:
        """The organisations this person acts for at the event."""
        return tuple(
            grant.organisation_id
            for grant in self.grants
            if grant.event_id == event_id and grant.organisation_id is not None
        )


@dataclass(frozen=True, slots=True)
class Worker:
    """The program itself: timed jobs and the sending of mail."""


@dataclass(frozen=True, slots=True)
class Shell:
    """Whoever may run commands on the machine."""


Actor = Anonymous | Participant | Staff | Worker | Shell
