"""The policy: one table of actions and the tests of which one must pass."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping

from forumreg.base.errors import Forbidden
from forumreg.rules.access.actors import Actor, Shell, Staff, Worker
from forumreg.tables.account import Role

Test = Callable[[Actor, int | None], bool]


class Action(enum.StrEnum):
    """What somebody may want to do. Public acts and acts under a registrant's own link need no row."""

    VISIT_STAFF = "visit_staff"  # any staff page, before an event is chosen
    SEE_EVENT = "see_event"  # overview and attendees of an event
    DECIDE = "decide"  # confirm, decline, waitlist, promote, cancel
    READ_ROSTER = "read_roster"  # every column of everybody
    READ_PARTNER_ROSTER = "read_partner_roster"  # who agreed to share with one's organisation
    READ_MAIL = "read_mail"  # the outbox of an event
    SET_SCOPES = "set_scopes"  # what co-organizers may see
    PLAN = "plan"  # sessions, rooms, tracks and who is seated in them
    PUT_EVENT = "put_event"  # import and change an event
    EXPORT_EVENT = "export_event"
    MANAGE_ACCOUNTS = "manage_accounts"
    RUN_JOBS = "run_jobs"


def admin(actor: Actor, _event_id: int | None) -> bool:
    """A staff member who may do everything."""
    return isinstance(actor, Staff) and actor.is_admin


def shell(actor: Actor, _event_id: int | None) -> bool:
    """Somebody at the machine."""
    return isinstance(actor, Shell)


def worker(actor: Actor, _event_id: int | None) -> bool:
    """The program itself."""
    return isinstance(actor, Worker)


def staff(actor: Actor, _event_id: int | None) -> bool:
    """Anybody who is signed in."""
    return isinstance(actor, Staff)


def organizer(actor: Actor, event_id: int | None) -> bool:
    """An organizer of the event."""
    return isinstance(actor, Staff) and actor.has(event_id, Role.ORGANIZER)


def co_organizer(actor: Actor, event_id: int | None) -> bool:
    """Somebody who acts for a co-organizer of the event."""
    return isinstance(actor, Staff) and actor.has(event_id, Role.PARTNER)


POLICY: Mapping[Action, tuple[Test, ...]] = {
    Action.VISIT_STAFF: (staff,),
    Action.SEE_EVENT: (organizer, admin, shell),
    Action.DECIDE: (organizer, admin, shell, worker),
    Action.READ_ROSTER: (organizer, admin, shell),
    Action.READ_PARTNER_ROSTER: (co_organizer, shell),
    Action.READ_MAIL: (organizer, admin),
    Action.SET_SCOPES: (organizer, admin),
    Action.PLAN: (organizer, admin, shell),
    Action.PUT_EVENT: (organizer, admin, shell),
    Action.EXPORT_EVENT: (organizer, admin, shell),
    Action.MANAGE_ACCOUNTS: (admin, shell),
    Action.RUN_JOBS: (worker, shell),
}


def allowed(actor: Actor, action: Action, event_id: int | None = None) -> bool:
    """Whether the actor may; an action without a row is a bug and raises ``KeyError``."""
    return any(test(actor, event_id) for test in POLICY[action])


def require(actor: Actor, action: Action, event_id: int | None = None) -> None:
    """Refuses what the policy does not allow.

    Raises:
        Forbidden: the actor may not.
    """
    if not allowed(actor, action, event_id):
        raise Forbidden(action)
