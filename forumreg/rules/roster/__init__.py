"""Lists of registrants in a scope. There is no second way to read registrants in bulk."""

from forumreg.rules.roster.announcing import Announced, announce, announced, announcement_problems
from forumreg.rules.roster.paging import Page, Row, page
from forumreg.rules.roster.reading import agreed_before, count, not_consenting, rows
from forumreg.rules.roster.scopes import (
    COLUMNS,
    PARTNER_COLUMNS,
    PARTNER_STATUSES,
    SESSION_COLUMNS,
    Question,
    Scope,
    instant_of,
    lead_scope,
    led_sessions,
    organizer_scope,
    partner_scope,
    session_scope,
)
from forumreg.rules.roster.shaping import Value
from forumreg.rules.roster.taking import Taken, TakenPage, Taking, take, taken

__all__ = [
    "COLUMNS",
    "PARTNER_COLUMNS",
    "PARTNER_STATUSES",
    "SESSION_COLUMNS",
    "Announced",
    "Page",
    "Question",
    "Row",
    "Scope",
    "Taken",
    "TakenPage",
    "Taking",
    "Value",
    "agreed_before",
    "announce",
    "announced",
    "announcement_problems",
    "count",
    "instant_of",
    "lead_scope",
    "led_sessions",
    "not_consenting",
    "organizer_scope",
    "page",
    "partner_scope",
    "rows",
    "session_scope",
    "take",
    "taken",
]
