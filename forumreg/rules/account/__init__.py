"""Staff accounts: who may sign in, what they may do at which event, and where they are signed in."""

from forumreg.rules.account.accounts import (
    AccountFacts,
    Part,
    RoleAt,
    create,
    find,
    grant,
    home_of,
    make_admin,
    parts_of,
    remove_second_factor,
)
from forumreg.rules.account.sessions import (
    OpenSession,
    end_all_sessions,
    end_other_session,
    end_session,
    open_session,
    open_sessions,
    staff_of,
)

__all__ = [
    "AccountFacts",
    "OpenSession",
    "Part",
    "RoleAt",
    "create",
    "end_all_sessions",
    "end_other_session",
    "end_session",
    "find",
    "grant",
    "home_of",
    "make_admin",
    "open_session",
    "open_sessions",
    "parts_of",
    "remove_second_factor",
    "staff_of",
]
